"""Clients of the corp that the environment names: `WECOM_CORP_ID`, `WECOM_SECRET`, and perhaps `WECOM_BASE_URL`."""

from wecom_contact import AsyncClient, Client


def connect() -> Client:
    """A client that blocks."""
    return Client.from_env()


def connect_async() -> AsyncClient:
    """A client for asyncio."""
    return AsyncClient.from_env()
