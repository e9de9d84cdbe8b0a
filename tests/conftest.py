"""What every test may use: a corp's fixed token, the fixtures, and a server that plays them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from serving import Aio, Server, Sync, WeCom, serving

FIXTURES = Path(__file__).parent / "fixtures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept what is generated")


class FixedToken:
    """A token centre whose token never changes."""

    def token(self, kind: str, stale: object) -> str:
        return f"TOKEN-{kind}"


@pytest.fixture(params=[Sync, Aio], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Any:
    """Each client, made and called in the same words."""
    return request.param


@pytest.fixture
def server(wecom: WeCom) -> Iterator[Server]:
    """A server that answers as the WeCom of the test's file."""
    with serving(wecom) as server:
        yield server


@pytest.fixture(scope="module")
def listening() -> Iterator[HTTPServer]:
    """A server of pytest-httpserver that listens for a whole file of tests."""
    with HTTPServer() as server:
        socket = server.server
        yield server
    # pytest-httpserver leaves its socket to the garbage collector.
    assert socket is not None
    socket.server_close()


@pytest.fixture
def player(listening: HTTPServer) -> Iterator[HTTPServer]:
    """A server that plays recorded conversations, and is asked at the end whether all was said."""
    listening.clear()
    yield listening
    listening.check()


def read_fixture(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def fixture_paths() -> list[Path]:
    """Every recorded conversation of a call; events have fixtures of their own kind."""
    return [path for path in sorted(FIXTURES.glob("*/*.json")) if path.parent.name != "events"]
