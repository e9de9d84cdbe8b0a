"""A gate lets some callers pass at a time and keeps the others in line, be they threads or tasks.

It waits for nobody itself: a turn that is not granted yet calls back when it is. One gate with room for one is a
lock; one that gets narrower when WeCom is busy is the cap on concurrency.

Hand-written: edit codegen/runtime/_gates.py.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock


class Turn:
    """A place in line at a gate."""

    __slots__ = ("_wake", "epoch", "gate", "granted")

    def __init__(self, gate: "Gate", epoch: int, granted: bool) -> None:
        self.gate = gate
        self._wake: Callable[[], None] | None = None
        self.epoch = epoch
        self.granted = granted

    def notify(self, wake: Callable[[], None]) -> None:
        """Have `wake` called as soon as it is this one's turn."""
        with self.gate._lock:
            self._wake = wake
            granted = self.granted
        if granted:
            wake()

    def leave(self) -> None:
        """Make room for the next; also for one who will not wait any longer."""
        self.gate._leave(self)


class Gate:
    """Room for `limit` at a time. With `most`, the limit moves: halved when busy, up to `most` when all is well."""

    __slots__ = ("_active", "_epoch", "_good", "_line", "_lock", "limit", "most")

    def __init__(self, limit: int, most: int | None = None) -> None:
        self.limit = limit
        self.most = most
        self._active = 0
        self._good = 0
        self._epoch = 0
        self._line: deque[Turn] = deque()
        self._lock = Lock()

    def enter(self) -> Turn:
        """A turn, granted at once if there is room."""
        with self._lock:
            turn = Turn(self, self._epoch, self._active < self.limit)
            if turn.granted:
                self._active += 1
            else:
                self._line.append(turn)
            return turn

    def enter_at_once(self) -> Turn | None:
        """A granted turn, or None."""
        with self._lock:
            if self._active >= self.limit:
                return None
            self._active += 1
            return Turn(self, self._epoch, True)

    def _leave(self, turn: Turn) -> None:
        with self._lock:
            if turn.granted:
                turn.granted = False
                self._active -= 1
            elif turn in self._line:
                self._line.remove(turn)
            woken = self._admit()
        for wake in woken:
            wake()

    def _admit(self) -> list[Callable[[], None]]:
        woken = []
        while self._line and self._active < self.limit:
            turn = self._line.popleft()
            turn.granted = True
            turn.epoch = self._epoch
            self._active += 1
            if turn._wake is not None:
                woken.append(turn._wake)
        return woken

    def slower(self, turn: Turn) -> None:
        """WeCom is busy: halve the room, once for all the calls that were under way together."""
        with self._lock:
            self._good = 0
            if self.most is not None and turn.epoch == self._epoch:
                self._epoch += 1
                self.limit = max(1, self.limit // 2)

    def faster(self) -> bool:
        """A call went well: room for one more after four rounds of those. True when nobody need wait."""
        with self._lock:
            if self.most is None:
                return False
            self._good += 1
            if self._good < 4 * self.limit:
                return False
            self._good = 0
            self.limit += 1
            woken = self._admit()
            open_again = self.limit >= self.most
        for wake in woken:
            wake()
        return open_again
