"""Trouble on command: refusals, broken answers, lost connections, slowness; one by one, or mixed by chance.

Hand-written: edit codegen/surfaces/testing/_trouble.py.
"""

import random
from collections import deque
from collections.abc import Iterable
from difflib import get_close_matches
from threading import Lock

from attrs import define, frozen

from .. import catalog
from ._check import FORMS
from ._tokens import PATHS

KINDS = ("busy", "cut", "truncated", "status")
"""What `mix` does to answers."""
BUSY = (-1, 45033, 6000)


@frozen(kw_only=True)
class Trouble:
    """What is done to one answer."""

    errcode: int | None = None
    """WeCom refuses with this code, and does nothing."""
    errmsg: str | None = None
    status: int | None = None
    """An HTTP status instead of 200, and a page instead of JSON."""
    cut: bool = False
    """The connection is cut without an answer."""
    truncated: bool = False
    """The answer breaks off in the middle."""
    latency: float = 0.0
    """Seconds the answer comes later."""
    done: bool = False
    """What was asked is done all the same; only the answer is lost."""

    def __str__(self) -> str:
        """What the log shows of it beside the answer: `slow, HTTP 503` …"""
        words = []
        if self.latency:
            words.append("slow")
        if self.cut:
            words.append("cut")
        if self.truncated:
            words.append("truncated")
        if self.status is not None:
            words.append(f"HTTP {self.status}")
        return ", ".join(words)


def check_name(name: str) -> None:
    """Refuse a name under which no call will come. A path that WeCom has and the catalog has not is one."""
    if name == "*" or name in catalog.CALLS or name in PATHS.values():
        return
    known = FORMS.find(name)
    meant = [known.name] if known is not None else [PATHS[name]] if name in PATHS else []
    if not meant and name.startswith("/"):
        return
    meant = meant or get_close_matches(name, [*catalog.CALLS, *PATHS.values()], 1)
    hint = f"; did you mean {meant[0]!r}?" if meant else ""
    raise ValueError(
        f"name: a call, such as 'customer.list', 'gettoken' or '*', not {name!r}{hint}"
    )


@define
class Order:
    """Trouble that waits for its calls."""

    trouble: Trouble
    times: int | None


class Troubles:
    """The trouble a corp makes. `corp.trouble.next("customer.batch_get", errcode=45033, times=3)`"""

    def __init__(self) -> None:
        self._orders: dict[str, deque[Order]] = {}
        self._lock = Lock()
        self._rate = 0.0
        self._chance = random.Random(0)
        self._kinds: tuple[str, ...] = KINDS
        self._break_writes = False
        self._latency = 0.0
        self.made = 0
        """How many answers were troubled."""

    def next(
        self,
        name: str,
        *,
        errcode: int | None = None,
        errmsg: str | None = None,
        status: int | None = None,
        cut: bool = False,
        truncated: bool = False,
        latency: float = 0.0,
        done: bool = False,
        times: int | None = 1,
    ) -> None:
        """Trouble the next calls of a name: `customer.get`, `gettoken`, or `*` for all calls.

        `errcode` refuses, `status` answers with an HTTP error, `cut` closes the connection without an answer,
        `truncated` breaks the answer off, `latency` delays it by seconds. With `done` the work is done before the
        trouble, as when only the answer is lost; a truncated or delayed answer means that anyway. Orders for the same
        name are served one after the other; `times=None` is for ever, until `clear`.
        """
        trouble = Trouble(
            errcode=errcode,
            errmsg=errmsg,
            status=status,
            cut=cut,
            truncated=truncated,
            latency=latency,
            done=done,
        )
        if trouble == Trouble(done=done):
            raise ValueError("say which trouble: errcode, status, cut, truncated or latency")
        check_name(name)
        with self._lock:
            self._orders.setdefault(name, deque()).append(Order(trouble, times))

    def mix(
        self,
        rate: float,
        *,
        seed: int = 0,
        kinds: Iterable[str] = KINDS,
        break_writes: bool = False,
        latency: float = 0.0,
    ) -> None:
        """Trouble a share of all calls by chance, the same for the same seed and the same calls in the same order.

        Kinds are `busy` (-1, 45033, 6000), `cut`, `truncated` and `status` (HTTP 502). Calls that change something
        are only refused as busy, for a client must not send them again when the answer is lost; with
        `break_writes` their answers get lost, too, after the work is done. `latency` is the most seconds that any
        call takes longer.
        """
        if not 0 <= rate <= 1:
            raise ValueError(f"rate: a share from 0 to 1, not {rate!r}")
        kinds = tuple(kinds)
        if not kinds or not set(kinds) <= set(KINDS):
            raise ValueError(f"kinds: some of {', '.join(KINDS)}")
        with self._lock:
            self._rate = rate
            self._chance = random.Random(seed)
            self._kinds = kinds
            self._break_writes = break_writes
            self._latency = latency

    def clear(self) -> None:
        """No more trouble."""
        with self._lock:
            self._orders.clear()
            self._rate = self._latency = 0.0

    def take(self, name: str, readonly: bool) -> Trouble | None:
        """The trouble for a call that has just come, if any."""
        if not self._orders and not self._rate and not self._latency:
            return None
        with self._lock:
            trouble = self._ordered(name) or self._ordered("*") or self._by_chance(readonly)
            if trouble is not None:
                self.made += 1
            return trouble

    def _ordered(self, name: str) -> Trouble | None:
        waiting = self._orders.get(name)
        if not waiting:
            return None
        order = waiting[0]
        if order.times is not None:
            order.times -= 1
            if order.times <= 0:
                waiting.popleft()
        return order.trouble

    def _by_chance(self, readonly: bool) -> Trouble | None:
        chance = self._chance
        latency = chance.uniform(0, self._latency) if self._latency else 0.0
        if chance.random() >= self._rate:
            return Trouble(latency=latency) if latency else None
        kind = chance.choice(self._kinds)
        if kind == "busy" or not (readonly or self._break_writes):
            return Trouble(errcode=chance.choice(BUSY), latency=latency)
        return Trouble(
            cut=kind == "cut",
            truncated=kind == "truncated",
            status=502 if kind == "status" else None,
            latency=latency,
            done=True,
        )
