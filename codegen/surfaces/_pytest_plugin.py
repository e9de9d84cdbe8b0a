"""Fixtures for pytest: a fresh corp for each test, and clients of it.

    def test_it(wecom_corp: Simulator, wecom: Client) -> None:
        zhang = wecom_corp.add_member("zhangsan")
        wecom_corp.add_customer("李四", follow=zhang)
        assert len(wecom.customer.list(userid="zhangsan").external_userid) == 1

The package registers them by itself. `wecom_corp` is a running `Simulator`; `wecom` is a `Client` of it, closed after
the test; `async_wecom` an `AsyncClient`, which the test itself closes, in the event loop it was used in:
`async with async_wecom as wecom: …`. Both try again without the pauses a real WeCom would want.

Hand-written: edit codegen/surfaces/_pytest_plugin.py.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import AsyncClient, Client, Retry
    from .testing import Simulator


@pytest.fixture
def wecom_corp() -> "Iterator[Simulator]":
    """A running corp with nobody in it yet."""
    # Imported here, so that a pytest run that never asks for it does not load the simulator.
    from .testing import Simulator

    with Simulator() as corp:
        yield corp


@pytest.fixture
def wecom(wecom_corp: "Simulator") -> "Iterator[Client]":
    """A client of the corp."""
    with wecom_corp.client(retry=impatient()) as client:
        yield client


@pytest.fixture
def async_wecom(wecom_corp: "Simulator") -> "AsyncClient":
    """An asynchronous client of the corp: `async with async_wecom as wecom: …`"""
    return wecom_corp.async_client(retry=impatient())


def impatient() -> "Retry":
    """The tries of an ordinary client, without its pauses."""
    from . import Retry

    return Retry(first=0)
