"""Limiters: for those who would rather wait than be refused with 45009. Opt in with `Client(limiter=…)`.

    from wecom_contact.limits import PyrateLimiter

    Client(corp_id, secret, limiter=PyrateLimiter())          # WeCom's documented limits, in this process

What a limiter keeps waiting fails with `Timeout`, unsent, when it would wait longer than `longest` seconds. Over
Redis the counting goes by the clocks of all its clients: leave WeCom's limits some room.

WeCom counts per company and endpoint: 10,000 calls a minute and 150,000 an hour; a few endpoints allow less. The
counting is pyrate-limiter's (`pip install pyrate-limiter`); with its RedisBucket it is shared between processes.

Hand-written: edit codegen/runtime/limits.py.
"""

import inspect
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Protocol

__all__ = ["DOCUMENTED", "DOCUMENTED_ELSEWHERE", "AsyncPyrateLimiter", "Limiter", "PyrateLimiter"]

MINUTE = 60
HOUR = 3600

DOCUMENTED: Sequence[tuple[int, int]] = ((10_000, MINUTE), (150_000, HOUR))
"""Calls and seconds: what WeCom allows a company for each endpoint (page 90312)."""

DOCUMENTED_ELSEWHERE: Mapping[str, Sequence[tuple[int, int]]] = {
    "moment.add_task": ((10, MINUTE),),
    "id_convert.unionid_to_external_userid_3rd": ((50_000, HOUR), (240_000, 24 * HOUR)),
}
"""Endpoints whose own page allows less."""


class Limiter(Protocol):
    """Decides when a call may be sent. Any object with these two will do."""

    longest: float
    """Seconds after which a call that is still kept waiting fails with `Timeout`, unsent."""

    def take(self, name: str, /) -> float | Awaitable[float]:
        """Take leave for one sending of a call (`contact_way.add`): 0 to go, or seconds to wait before asking again.

        May be a coroutine function for an AsyncClient. Must not block.
        """
        ...


class _Buckets:
    """A bucket of pyrate-limiter for each call."""

    def __init__(
        self,
        rates: Sequence[tuple[int, int]] = DOCUMENTED,
        *,
        others: Mapping[str, Sequence[tuple[int, int]]] = DOCUMENTED_ELSEWHERE,
        bucket: Callable[[str, list[Any]], Any] | None = None,
        longest: float = 60.0,
    ) -> None:
        try:
            import pyrate_limiter
        except ImportError:
            raise ImportError('a limiter needs: pip install "wecom-contact[limits]"') from None
        self.longest = longest
        self._pyrate: Any = pyrate_limiter
        self._rates = rates
        self._others = others
        self._make = bucket or (lambda name, rates: self._pyrate.InMemoryBucket(rates))
        self._buckets: dict[str, Any] = {}
        self._tidy_at: dict[str, float] = {}
        self._lock = Lock()

    def _new(self, name: str) -> Any:
        # pyrate counts in milliseconds.
        return self._make(
            name,
            [
                self._pyrate.Rate(calls, seconds * 1000)
                for calls, seconds in self._others.get(name, self._rates)
            ],
        )

    def _leak_due(self, name: str) -> bool:
        """Whether it is time to throw away what was counted long ago; pyrate's own way is a thread."""
        now = time.monotonic()
        if now < self._tidy_at.get(name, 0.0):
            return False
        self._tidy_at[name] = now + 10
        return True


class PyrateLimiter(_Buckets):
    """A limiter that counts with pyrate-limiter, each call for itself, for both clients.

    `rates` are (calls, seconds), `others` those of single calls. `bucket` makes the bucket for a call from its name
    and pyrate's rates; without it, an InMemoryBucket. For all processes together:
    `bucket=lambda name, rates: RedisBucket.init(rates, redis, f"wecom:{corp_id}:{name}")`.
    """

    def take(self, name: str, /) -> float:
        """See `Limiter`."""
        with self._lock:
            bucket = self._buckets.get(name)
            if bucket is None:
                bucket = self._buckets[name] = self._new(name)
        now = bucket.now()
        if self._leak_due(name):
            bucket.leak(now)
        item = self._pyrate.RateItem(name, now)
        return 0.0 if bucket.put(item) else pause(bucket.waiting(item))


class AsyncPyrateLimiter(_Buckets):
    """The same for an AsyncClient, with buckets that are awaited: a RedisBucket over `redis.asyncio`."""

    async def take(self, name: str, /) -> float:
        """See `Limiter`."""
        bucket = self._buckets.get(name)
        if bucket is None:
            # Two tasks may both make one; they count under the same key.
            bucket = self._buckets[name] = await awaited(self._new(name))
        now = await awaited(bucket.now())
        if self._leak_due(name):
            await awaited(bucket.leak(now))
        item = self._pyrate.RateItem(name, now)
        if await awaited(bucket.put(item)):
            return 0.0
        return pause(await awaited(bucket.waiting(item)))


async def awaited(value: Any) -> Any:
    """The value, awaited if need be."""
    return await value if inspect.isawaitable(value) else value


def pause(milliseconds: int) -> float:
    """Seconds to wait; a little at least, lest asking again becomes a busy loop."""
    return max(0.001, milliseconds / 1000)
