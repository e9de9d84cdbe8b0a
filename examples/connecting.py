"""Clients of the corp that the environment names: `WECOM_CORP_ID`, `WECOM_SECRET`, and perhaps `WECOM_BASE_URL`."""

import os

from wecom_contact import AsyncClient, Client

ADDRESS = "https://qyapi.weixin.qq.com"


def connect() -> Client:
    """A client that blocks."""
    words = os.environ
    return Client(
        words["WECOM_CORP_ID"],
        words["WECOM_SECRET"],
        base_url=words.get("WECOM_BASE_URL", ADDRESS),
    )


def connect_async() -> AsyncClient:
    """A client for asyncio."""
    words = os.environ
    return AsyncClient(
        words["WECOM_CORP_ID"],
        words["WECOM_SECRET"],
        base_url=words.get("WECOM_BASE_URL", ADDRESS),
    )
