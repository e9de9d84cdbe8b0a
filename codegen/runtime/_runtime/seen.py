"""What a callback has seen: in memory for one process, in Redis for many.

Hand-written: edit codegen/runtime/_runtime/seen.py.
"""

import time
import warnings
from collections.abc import Callable
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..errors import RefusedArgument
from .redis_client import connecting
from .values import is_integer

if TYPE_CHECKING:
    from redis import Redis


class Seen(Protocol):
    """Remembers keys for a while. All workers that serve one callback URL must share it.

    `before_answer` of the apps and `Callback.knows` want a third method, `has(key: str) -> bool`: whether a key is
    remembered.
    """

    def add(self, key: str, seconds: float) -> bool:
        """Remember a key; False when it is remembered already. Must be atomic."""
        ...

    def discard(self, key: str) -> None:
        """Forget a key."""
        ...


@runtime_checkable
class SeenWithHas(Seen, Protocol):
    """One that can be asked."""

    def has(self, key: str) -> bool:
        """Whether a key is remembered."""
        ...


class MemorySeen:
    """Remembers in this process; beyond `limit` keys the oldest are forgotten."""

    def __init__(self, limit: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        if not is_integer(limit) or limit < 1:
            raise RefusedArgument(f"keys, at least 1, not {limit!r}", "MemorySeen.limit")
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

    def has(self, key: str) -> bool:
        """Whether a key is remembered."""
        now = self._clock()
        with self._lock:
            return self._ends.get(key, now) > now

    def discard(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._ends.pop(key, None)


class RedisSeen:
    """Remembers in Redis, for many processes: `RedisSeen("redis://host/0")`, or with a client of your own.

    While Redis is out of reach, memory takes its place. After a failure Redis is left alone for `pause` seconds:
    WeCom waits five, and a client of your own may try for longer.
    """

    def __init__(
        self,
        redis: "str | Redis",
        prefix: str = "wecom:seen:",
        *,
        pause: float = 30,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        connect = connecting("RedisSeen", redis, prefix, needs=("set", "get", "delete"))
        if not isinstance(pause, (int, float)) or isinstance(pause, bool) or not pause >= 0:
            raise RefusedArgument(f"seconds, at least 0, not {pause!r}", "RedisSeen.pause")
        self._redis = connect()
        self._prefix = prefix
        self._pause = pause
        self._clock = clock
        self._away_until = clock()
        self._memory = MemorySeen()
        self._warned = False

    def add(self, key: str, seconds: float) -> bool:
        """Remember a key; False when it is remembered already."""
        new = self._ask("set", self._prefix + key, b"1", nx=True, px=int(seconds * 1000))
        # Memory is asked even so: it knows what came while Redis was away.
        return new is not None and self._memory.add(key, seconds)

    def has(self, key: str) -> bool:
        """Whether a key is remembered."""
        return self._memory.has(key) or bool(self._ask("get", self._prefix + key, away=None))

    def discard(self, key: str) -> None:
        """Forget a key."""
        self._memory.discard(key)
        self._ask("delete", self._prefix + key)

    def _ask(self, command: str, *words: Any, away: Any = True, **options: Any) -> Any:
        """What Redis says; `away` when it cannot be asked."""
        from redis.exceptions import RedisError

        if self._clock() < self._away_until:
            return away
        try:
            return getattr(self._redis, command)(*words, **options)
        except RedisError as error:
            self._away_until = self._clock() + self._pause
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"Redis is out of reach ({type(error).__name__}): callbacks seen by other "
                    "processes are not known",
                    RuntimeWarning,
                    stacklevel=3,
                )
            return away
