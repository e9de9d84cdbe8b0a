"""The corp's own time: it runs like ours, and can be moved ahead.

Hand-written: edit codegen/surfaces/testing/_clock.py.
"""

import heapq
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from .. import BEIJING

LAST = int(datetime(9999, 12, 31, tzinfo=BEIJING).timestamp())
"""The last day that has a date."""


class Clock:
    """What time it is in the corp: `corp.clock.advance(hours=2)`, and tokens have expired."""

    def __init__(self, now: datetime | None, lock: RLock) -> None:
        if now is not None and now.tzinfo is None:
            raise ValueError(f"{now} has no time zone; give an aware datetime")
        self._ahead = 0.0 if now is None else now.timestamp() - time.time()
        self._frozen: float | None = None
        self._lock = lock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = count()

    def time(self) -> float:
        """Unix time."""
        return time.time() + self._ahead if self._frozen is None else self._frozen

    def seconds(self) -> int:
        """Unix time in whole seconds."""
        return int(self.time())

    def since(self, when: int | None) -> int:
        """A Unix time that was given, or now; `ValueError` for what is no time."""
        if when is None:
            return self.seconds()
        if not isinstance(when, int) or isinstance(when, bool) or not 0 <= when <= LAST:
            raise ValueError(f"when: Unix time in whole seconds, not {when!r}")
        return when

    def now(self) -> datetime:
        """The same as a datetime at UTC+8."""
        return datetime.fromtimestamp(self.time(), BEIJING)

    def freeze(self) -> None:
        """Let time stand still, but for `advance`."""
        with self._lock:
            self._frozen = self.time()

    def run(self) -> None:
        """Let time run again after `freeze`."""
        with self._lock:
            if self._frozen is not None:
                self._ahead = self._frozen - time.time()
                self._frozen = None

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Move time ahead; what was to happen until then happens, in its order and at its time."""
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
        if span < 0:
            raise ValueError("time does not run backwards")
        with self._lock:
            end = self.time() + span
            frozen = self._frozen is not None
            while self._due and self._due[0][0] <= end:
                when, _, action = heapq.heappop(self._due)
                self._frozen = max(when, self.time())
                action()
            self._frozen = end
            if not frozen:
                self.run()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Have something happen at a Unix time."""
        heapq.heappush(self._due, (when, next(self._count), action))

    def settle(self) -> None:
        """Do what is due. The lock is held."""
        while self._due and self._due[0][0] <= self.time():
            heapq.heappop(self._due)[2]()
