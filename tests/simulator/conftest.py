"""The fixtures of the plugin, as users have them, and some of our own."""

from collections.abc import Iterator

import pytest
from wecom_contact import Client
from wecom_contact._pytest_plugin import async_wecom as async_wecom
from wecom_contact._pytest_plugin import wecom as wecom
from wecom_contact._pytest_plugin import wecom_corp as wecom_corp
from wecom_contact.testing import Member, Simulator

from simulator.asking import Asker


@pytest.fixture
def corp() -> Iterator[Simulator]:
    """A corp that nobody serves; it is asked directly."""
    corp = Simulator()
    yield corp
    corp.stop()


@pytest.fixture
def ask(corp: Simulator) -> Asker:
    return Asker(corp)


@pytest.fixture
def zhang(corp: Simulator) -> Member:
    return corp.add_member("zhangsan", "张三")


@pytest.fixture
def strict(wecom_corp: Simulator) -> Iterator[Client]:
    """A client that refuses replies with anything the spec does not have."""
    with wecom_corp.client(strict=True, retry=None) as client:
        yield client
