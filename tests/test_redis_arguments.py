"""Whatever keeps something in Redis takes the same, a URL or a client of its kind, and refuses the same."""

import asyncio
import importlib
import inspect
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis as library
import redis.asyncio as async_library
import wecom_contact
from wecom_contact._runtime import redis_client
from wecom_contact.callback import RedisSeen
from wecom_contact.celery import RedisCheckpoints
from wecom_contact.errors import RefusedArgument
from wecom_contact.limits import AsyncRedisLimiter, RedisLimiter
from wecom_contact.stores import AsyncRedisStore, RedisStore

Make = Callable[..., Any]

BLOCKING: tuple[Make, ...] = (RedisStore, RedisLimiter, RedisSeen, RedisCheckpoints)
AWAITED: tuple[Make, ...] = (AsyncRedisStore, AsyncRedisLimiter)
ALL = BLOCKING + AWAITED


class Half:
    """Something with a part of what a client has."""

    def get(self, key: str) -> None: ...


# These connect when they are asked, and nobody asks.
CLIENT, ASYNC_CLIENT = library.Redis(), async_library.Redis()
NEITHER = (None, b"redis://localhost", 6379, Half(), library.Redis, [])
WRONG_URLS = (
    "",
    "localhost:6379",
    "http://localhost",
    "redis://host:port",
    "redis://:pass/word@host",
    "redis://[::1",
    "redis://host/0?socket_timeout=soon",
)
EXTRAS = {"RedisLimiter": "limits", "AsyncRedisLimiter": "limits"}


def test_every_public_class_that_takes_a_redis_is_here() -> None:
    package = Path(wecom_contact.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        if "redis: " not in path.read_text("utf-8"):
            continue
        module = path.relative_to(package.parent).with_suffix("")
        values = vars(importlib.import_module(".".join(module.parts))).values()
        classes = [value for value in values if isinstance(value, type)]
        found |= {cls for cls in classes if "redis" in inspect.signature(cls.__init__).parameters}
    assert {cls for cls in found if not cls.__name__.startswith("_")} == set(ALL)


@pytest.mark.parametrize("make", ALL)
def test_a_url_and_a_client_of_its_kind_are_taken(make: Make) -> None:
    own = CLIENT if make in BLOCKING else ASYNC_CLIENT
    for given in ("redis://localhost", "rediss://:pass%2Fword@host:6380/3", "unix:///run/r", own):
        make(given)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    "given", [*NEITHER, "of the other kind"], ids=lambda given: type(given).__name__
)
def test_what_is_neither_is_refused(given: Any, make: Make) -> None:
    if given == "of the other kind":
        given = ASYNC_CLIENT if make in BLOCKING else CLIENT
    name = make.__name__
    kind = "redis" if make in BLOCKING else "redis.asyncio"
    with pytest.raises(RefusedArgument) as caught:
        make(given)
    what = f"{name}.redis: a URL, or a client of {kind}, not {type(given).__name__}"
    assert str(caught.value) == what


@pytest.mark.parametrize(
    ("make", "needs"), [(RedisStore, ["eval"]), (RedisSeen, ["set", "get", "delete"])]
)
def test_a_client_of_a_users_own_has_all_that_is_asked_of_it(make: Make, needs: list[str]) -> None:
    make(SimpleNamespace(**dict.fromkeys(needs, print)))
    for missing in needs:
        others = {name: print for name in needs if name != missing}
        for client in (SimpleNamespace(**others), SimpleNamespace(**others, **{missing: 5})):
            with pytest.raises(RefusedArgument, match="a URL, or a client of redis"):
                make(client)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_wrong_url_is_refused_at_once_and_not_shown(url: str, make: Make) -> None:
    with pytest.raises(RefusedArgument) as caught:
        make(url)
    assert str(caught.value).startswith(f"{make.__name__}.redis: is not a URL that redis takes")
    shown = "".join(traceback.format_exception(caught.value))
    assert "Port could not be cast" not in shown, "which shows the beginning of the password"
    assert not url or url not in shown


@pytest.mark.parametrize("make", ALL)
def test_a_prefix_that_is_not_text_is_refused(make: Make) -> None:
    for prefix in (None, b"wecom:", 1):
        with pytest.raises(RefusedArgument) as caught:
            make("redis://localhost", prefix=prefix)
        assert str(caught.value) == f"{make.__name__}.prefix: text, not {type(prefix).__name__}"


@pytest.mark.parametrize("make", [make for make in ALL if make is not RedisCheckpoints])
def test_without_the_library_it_says_what_to_install(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    extra = EXTRAS.get(make.__name__, "redis")
    with pytest.raises(ImportError) as caught:
        make("redis://localhost")
    assert f'pip install "wecom-contact[{extra}]"' in str(caught.value)


# How long a Redis that is silent, and a connection that was closed, may cost.


class Silent:
    """A server that takes connections, and says nothing or hangs up."""

    def __init__(self, hang_up: bool) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.socket.getsockname()[1]}"
        self.hang_up = hang_up
        self.taken: list[socket.socket] = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.taken.append(connection)
            if self.hang_up:
                connection.close()

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for connection in self.taken:
            connection.close()


@pytest.mark.parametrize(("hang_up", "connections"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("make", [RedisStore, AsyncRedisStore, RedisSeen])
def test_a_silent_redis_is_waited_for_once_and_a_broken_connection_made_again(
    make: Make, hang_up: bool, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "PATIENCE", 0.05)
    server = Silent(hang_up)
    try:
        if make is RedisSeen:
            with pytest.warns(RuntimeWarning, match="out of reach"):
                make(server.url).add("key", 60)
        elif make is RedisStore:
            with pytest.raises(library.RedisError):
                make(server.url).get("key")
        else:

            async def ask() -> None:
                store = make(server.url)
                try:
                    await store.get("key")
                finally:
                    await store.aclose()

            with pytest.raises(library.RedisError):
                asyncio.run(ask())
    finally:
        server.close()
    assert len(server.taken) == connections
