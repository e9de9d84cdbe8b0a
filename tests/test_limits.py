"""Limiters that wait instead of being refused: in process and over Redis, for both clients."""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from serving import OK, Aio, Server, Sync, WeCom, serving
from test_stores import Redis
from wecom_contact.errors import Timeout
from wecom_contact.limits import DOCUMENTED_ELSEWHERE, AsyncPyrateLimiter, PyrateLimiter

READ = ("GET", "/read")
FAST = ((5, 1),)


@pytest.mark.parametrize("make", [PyrateLimiter, AsyncPyrateLimiter])
def test_without_pyrate_limiter(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrate_limiter", None)
    with pytest.raises(
        ImportError, match=r'a limiter needs: pip install "wecom-contact\[limits\]"'
    ):
        make()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(WeCom()) as server:
        yield server


def limited(kind: str, redis: Redis) -> Any:
    """A limiter of each kind, and the client for it."""
    from pyrate_limiter import RedisBucket

    key = f"limit:{time.time_ns()}"
    if kind == "memory":
        return PyrateLimiter(FAST)
    if kind == "redis":
        import redis as library

        client = library.Redis.from_url(redis.url)
        limiter = PyrateLimiter(
            FAST, bucket=lambda name, rates: RedisBucket.init(rates, client, f"{key}:{name}")
        )
        limiter.close = client.close
        return limiter
    import redis.asyncio as alibrary

    aclient = alibrary.Redis.from_url(redis.url)
    alimiter: Any = AsyncPyrateLimiter(
        FAST, bucket=lambda name, rates: RedisBucket.init(rates, aclient, f"{key}:{name}")
    )
    alimiter.aclose = aclient.aclose
    return alimiter


@pytest.mark.parametrize(
    ("colour", "kind"),
    [(Sync, "memory"), (Aio, "memory"), (Sync, "redis"), (Aio, "redis"), (Aio, "async redis")],
)
def test_twelve_calls_at_five_a_second(
    colour: Any, kind: str, server: Server, redis: Redis
) -> None:
    limiter = limited(kind, redis)
    began = time.monotonic()
    with colour(server.url, limiter=limiter) as client:
        assert client.together("raw", [READ] * 12) == [OK] * 12
        # pyrate's RedisBucket goes by the clocks of its clients: a burst may be let through a little early.
        assert (1.9 if kind == "memory" else 0.9) < time.monotonic() - began < 4
        began = time.monotonic()
        assert client.raw("GET", "/other") == OK
        assert time.monotonic() - began < 0.5, "each call is counted for itself"
        if hasattr(limiter, "aclose"):
            client.run(limiter.aclose())
    if hasattr(limiter, "close"):
        limiter.close()


def test_who_would_wait_too_long_is_told(server: Server) -> None:
    limiter = PyrateLimiter(((1, 60),), longest=1)
    with Sync(server.url, limiter=limiter) as client:
        client.raw(*READ)
        with pytest.raises(Timeout, match="longer than 1 s") as caught:
            client.raw(*READ)
        assert not caught.value.sent
    assert len(server.asked("/read")) == 1


def test_calls_with_limits_of_their_own() -> None:
    from wecom_contact import catalog

    assert set(DOCUMENTED_ELSEWHERE) <= set(catalog.CALLS)
    limiter = PyrateLimiter()
    taken = [limiter.take("moment.add_task") for _ in range(11)]
    assert taken[:10] == [0.0] * 10
    assert 50 < taken[10] < 61
    assert limiter.take("contact_way.add") == 0.0


def test_an_async_limiter_over_plain_buckets() -> None:
    async def main() -> None:
        limiter = AsyncPyrateLimiter(FAST)
        taken = [await limiter.take("a") for _ in range(6)]
        assert taken[:5] == [0.0] * 5
        assert 0 < taken[5] < 1.1

    asyncio.run(main())
