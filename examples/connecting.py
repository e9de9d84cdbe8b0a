"""Clients of the corp that the environment names: `WECOM_CORP_ID`, `WECOM_SECRET`, and perhaps `WECOM_BASE_URL`."""

import os

from wecom_contact import AsyncClient, Client

ADDRESS = "https://qyapi.weixin.qq.com"


def connect() -> Client:
    """A client that blocks."""
    return Client(
        os.environ["WECOM_CORP_ID"],
        os.environ["WECOM_SECRET"],
        base_url=os.environ.get("WECOM_BASE_URL", ADDRESS),
    )


def connect_async() -> AsyncClient:
    """A client for asyncio."""
    return AsyncClient(
        os.environ["WECOM_CORP_ID"],
        os.environ["WECOM_SECRET"],
        base_url=os.environ.get("WECOM_BASE_URL", ADDRESS),
    )
