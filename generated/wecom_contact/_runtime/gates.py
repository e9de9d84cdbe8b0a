"""A gate lets some callers pass at a time and keeps the others in line, be they threads or tasks.

It waits for nobody itself: a turn that is not granted yet calls back when it is. One gate with room for one is a
lock; one that gets narrower when WeCom is busy is the cap on concurrency; one as wide as the pool keeps callers
in line for a connection.

    turn = Turn(gate)
    try:
        turn.enter()
        if not turn.granted:
            …                      # `notify`, and wait
        …
    finally:
        turn.over = True
        turn.leave()

Signal handlers raise between any two steps of the blocking client: Ctrl-C, a task queue's time limit. So a turn exists
before it takes room, is given back by an assignment, which nothing can interrupt, and room is what the turns
inside leave that are not over. If `leave` is interrupted, room is not lost: who comes or asks again finds it.

Hand-written: edit codegen/runtime/_runtime/gates.py.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock


class Turn:
    """A place at a gate: in line, then inside, then over."""

    __slots__ = ("_wake", "epoch", "gate", "granted", "over")

    def __init__(self, gate: "Gate") -> None:
        self.gate = gate
        self._wake: Callable[[], None] | None = None
        self.epoch = 0
        self.granted = False
        """Whether it may pass."""
        self.over = False

    def enter(self) -> None:
        """Pass if there is room, get in line if not."""
        gate = self.gate
        with gate._lock:
            # Spelled out, for speed: each call passes a gate.
            if not gate._line and (len(gate._inside) < gate.limit or gate._has_room()):
                self.epoch = gate._epoch
                gate._inside.add(self)
                self.granted = True
            else:
                gate._line.append(self)

    def enter_at_once(self) -> bool:
        """Pass if there is room."""
        gate = self.gate
        with gate._lock:
            if gate._has_room():
                gate._let_in(self)
            return self.granted

    def notify(self, wake: Callable[[], None]) -> None:
        """Have `wake` called as soon as it is this one's turn; it may be called more than once."""
        with self.gate._lock:
            self._wake = wake
            granted = self.granted
        if granted:
            wake()

    def leave(self) -> None:
        """Make room for the next; also for one who will not wait any longer."""
        self.over = True
        gate = self.gate
        with gate._lock:
            gate._inside.discard(self)
            if not gate._line:
                return
        gate.admit()


class Gate:
    """Room for `limit` at a time. With `most`, the limit moves: halved when busy, up to `most` when all is well."""

    __slots__ = ("_epoch", "_good", "_inside", "_line", "_lock", "limit", "most")

    def __init__(self, limit: int, most: int | None = None) -> None:
        self.limit = limit
        self.most = most
        self._good = 0
        self._epoch = 0
        self._inside: set[Turn] = set()
        self._line: deque[Turn] = deque()
        self._lock = Lock()

    @property
    def active(self) -> int:
        """How many are inside."""
        return sum(not turn.over for turn in list(self._inside))

    def clear(self) -> None:
        """Nobody is here any more: for a process that was just forked, whose other threads are gone."""
        self._inside = set()
        self._line = deque()
        self._lock = Lock()

    def admit(self) -> None:
        """Let in whom there is room for. Who waits may ask for it: a wake-up is lost if it is interrupted."""
        with self._lock:
            woken = self._admit()
        for wake in woken:
            wake()

    def open(self) -> None:
        """Let in everybody, from now on: there is nothing left to wait for."""
        with self._lock:
            self.limit = 1 << 62
            self.most = None
        self.admit()

    def _has_room(self) -> bool:
        inside = self._inside
        if len(inside) < self.limit:
            return True
        for turn in [turn for turn in inside if turn.over]:
            inside.discard(turn)
        return len(inside) < self.limit

    def _let_in(self, turn: Turn) -> None:
        turn.epoch = self._epoch
        self._inside.add(turn)
        turn.granted = True

    def _admit(self) -> list[Callable[[], None]]:
        woken = []
        line = self._line
        while line:
            turn = line[0]
            if not turn.over:
                # It may be inside already, if an interrupt struck when it was let in.
                if turn not in self._inside and not self._has_room():
                    break
                self._let_in(turn)
                if turn._wake is not None:
                    woken.append(turn._wake)
            line.popleft()
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
            open_again = self.limit >= self.most
        self.admit()
        return open_again
