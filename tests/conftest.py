"""What every test may use: a corp's fixed token, the fixtures, and a server that plays them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Aio, Server, Sync, WeCom, serving

FIXTURES = Path(__file__).parent / "fixtures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept the generator's output")


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


def read_fixture(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def fixture_paths() -> list[Path]:
    """Every recorded conversation of a call; events have fixtures of their own kind."""
    return [path for path in sorted(FIXTURES.glob("*/*.json")) if path.parent.name != "events"]
