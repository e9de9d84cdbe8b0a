"""What a callback has seen: in memory for one process, in Redis for many.

Hand-written: edit codegen/runtime/_seen.py.
"""

import time
import warnings
from collections.abc import Callable
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from redis import Redis


class Seen(Protocol):
    """Remembers keys for a while. All workers that serve one callback URL must share it."""

    def add(self, key: str, seconds: float) -> bool:
        """Remember a key; False when it is remembered already. Must be atomic."""

    def discard(self, key: str) -> None:
        """Forget a key."""


class MemorySeen:
    """Remembers in this process; beyond `limit` keys the oldest are forgotten."""

    def __init__(self, limit: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._lock = Lock()

    def add(self, key: str, seconds: float) -> bool:
        """Remember a key; False when it is remembered already."""
        now = self._clock()
        with self._lock:
            if self._ends.get(key, now) > now:
                return False
            self._ends.pop(key, None)
            self._ends[key] = now + seconds
            # A dict keeps its order, so the oldest come first. Two go where one comes: it shrinks again.
            for old in list(islice(self._ends, 2)):
                if self._ends[old] <= now or len(self._ends) > self._limit:
                    del self._ends[old]
        return True

    def discard(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._ends.pop(key, None)


class RedisSeen:
    """Remembers in Redis, for many processes. A broken Redis is replaced by memory, with one warning."""

    def __init__(self, redis: "Redis", prefix: str = "wecom:seen:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._memory = MemorySeen()
        self._warned = False

    def add(self, key: str, seconds: float) -> bool:
        """Remember a key; False when it is remembered already."""
        from redis.exceptions import RedisError

        try:
            new = self._redis.set(self._prefix + key, b"1", nx=True, px=int(seconds * 1000))
        except RedisError as error:
            self._warn(error)
            return self._memory.add(key, seconds)
        # What memory took while Redis was away is still known.
        return bool(new) and self._memory.add(key, seconds)

    def discard(self, key: str) -> None:
        """Forget a key."""
        from redis.exceptions import RedisError

        self._memory.discard(key)
        try:
            self._redis.delete(self._prefix + key)
        except RedisError as error:
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"Redis is out of reach ({type(error).__name__}): callbacks seen by other "
                "processes are not known",
                RuntimeWarning,
                stacklevel=3,
            )
