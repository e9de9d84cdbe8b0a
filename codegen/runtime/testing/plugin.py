"""Fixtures for pytest: a fresh corp for each test, and clients of it.

    def test_welcome(wecom_corp, wecom):
        zhang = wecom_corp.add_member("zhangsan")
        …

The package registers them by itself. `wecom_corp` is a running `Simulator`, `wecom` a `Client` and `async_wecom` an
`AsyncClient` of it; the last is closed with the test's event loop still open only if your test closes it itself, so
use it in an `async with`, or let a plugin for asynchronous tests run it.

Hand-written: edit codegen/runtime/testing/plugin.py.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .._async_client import AsyncClient
    from .._client import Client
    from ._simulator import Simulator


@pytest.fixture
def wecom_corp() -> "Iterator[Simulator]":
    """A running corp with nobody in it yet."""
    # Imported here, so that a pytest run that never asks for it does not load the simulator.
    from ._simulator import Simulator

    with Simulator() as corp:
        yield corp


@pytest.fixture
def wecom(wecom_corp: "Simulator") -> "Iterator[Client]":
    """A client of the corp."""
    with wecom_corp.client() as client:
        yield client


@pytest.fixture
def async_wecom(wecom_corp: "Simulator") -> "AsyncClient":
    """An asynchronous client of the corp: `async with async_wecom as wecom: …`"""
    return wecom_corp.async_client()
