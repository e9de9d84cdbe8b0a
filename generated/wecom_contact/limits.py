"""Limiters: for those who would rather wait than be refused with 45009.

    Client(corp_id, secret, limiter=MemoryLimiter())             # one process; AsyncClient, too
    Client(corp_id, secret, limiter=RedisLimiter("redis://…"))   # machines; extra [limits]
    AsyncClient(corp_id, secret, limiter=AsyncRedisLimiter("redis://…"))

WeCom counts per company and endpoint, and per address and endpoint; some endpoints have limits of
their own. All that is documented stands in the tables below. One limiter serves any number of
clients and corps, and counts each corp for itself.

A call waits for as long as it takes, and `on_retry` is told; with `max_wait` it fails with
`Throttled`, unsent, when it would wait longer. What WeCom refuses nevertheless closes the endpoint
for everybody who shares the limiter.

Hand-written: edit codegen/runtime/limits.py.
"""

import copy
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
)
from weakref import WeakKeyDictionary, WeakSet

from ._runtime.redis_client import Library, connecting
from ._runtime.telemetry import LOG
from ._runtime.values import is_integer, is_number, is_seconds
from ._runtime.windows import CLOSE, TAKE, Counted, Ledger, Place, Rule, rule
from .errors import APIError, RateLimited, RefusedArgument

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
else:
    Redis = AsyncRedis = object

__all__ = [
    "DOCUMENTED",
    "DOCUMENTED_ELSEWHERE",
    "DOCUMENTED_PER_IP",
    "DOCUMENTED_PER_PROVIDER_IP",
    "AsyncRedisLimiter",
    "CallKey",
    "Limit",
    "Limiter",
    "MemoryLimiter",
    "RedisLimiter",
]

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
MONTH = 30 * DAY

C = TypeVar("C")
Scope: TypeAlias = Literal["corp", "app", "provider", "ip"]


class Limit(NamedTuple):
    """So many calls of an endpoint in so many seconds."""

    calls: int
    seconds: float
    per: Scope = "corp"
    """What is counted for itself: each corp, each app of a corp, provider, or address."""


DOCUMENTED: Sequence[Limit] = (Limit(10_000, MINUTE), Limit(150_000, HOUR))
"""What WeCom allows a company for each endpoint (page 90312)."""

DOCUMENTED_PER_IP: Sequence[Limit] = (Limit(20_000, MINUTE, "ip"), Limit(600_000, HOUR, "ip"))
"""What it allows an address for each endpoint, beside that."""

DOCUMENTED_PER_PROVIDER_IP: Sequence[Limit] = (
    Limit(40_000, MINUTE, "ip"),
    Limit(1_200_000, HOUR, "ip"),
)
"""The same for the suites of a service provider."""

DOCUMENTED_ELSEWHERE: Mapping[str, Sequence[Limit]] = {
    "/cgi-bin/externalcontact/add_moment_task": (Limit(10, MINUTE), Limit(100_000, MONTH)),
    "/cgi-bin/service/externalcontact/unionid_to_external_userid_3rd": (
        Limit(10_000, MINUTE, "provider"),
        Limit(50_000, HOUR, "provider"),
        Limit(240_000, DAY, "provider"),
    ),
    # Per provider if the mini program is the provider's, per corp if it is the corp's. The path does
    # not tell, so both hold.
    "/cgi-bin/idconvert/unionid_to_external_userid": (
        Limit(10_000, MINUTE),
        Limit(100_000, HOUR),
        Limit(480_000, DAY),
        Limit(7_500_000, MONTH),
        Limit(100_000, HOUR, "provider"),
        Limit(480_000, DAY, "provider"),
        Limit(7_500_000, MONTH, "provider"),
    ),
    "/cgi-bin/corpgroup/unionid_to_external_userid": (
        Limit(10_000, MINUTE),
        Limit(20_000, HOUR),
        Limit(240_000, DAY),
    ),
    "/cgi-bin/media/uploadimg": (
        *DOCUMENTED,
        Limit(1000, DAY),
        Limit(3000, MONTH),
    ),
    # Not calls of this package; `raw` reaches them.
    "/cgi-bin/get_jsapi_ticket": (Limit(400, HOUR), Limit(100, HOUR, "app")),
    "/cgi-bin/ticket/get": (Limit(100, HOUR, "app"),),
}
"""Endpoints whose own page allows less, by path: all their limits but those per address."""


class CallKey(str):
    """A call as a limiter knows it: its name (`contact_way.add`), and whose it is."""

    path: str
    """The path of the endpoint, by which WeCom counts."""
    corp: str
    """The corp it speaks for; empty if the client does not know, or if it speaks for a suite."""
    app: str
    """The suite, or a mark of the app's secret; empty if the client does not know."""
    provider: str
    """The service provider: its corp id if the client has a `provider=`, else the suite.

    Empty for a company's own app.
    """

    def __new__(
        cls, name: str, path: str = "", *, corp: str = "", app: str = "", provider: str = ""
    ) -> Self:
        key = super().__new__(cls, name)
        key.path = path or name
        key.corp = corp
        key.app = app
        key.provider = provider
        return key


class Limiter(Protocol):
    """Decides when a call may be sent. Any object with a method `take` will do.

    What else it may have, and the client looks for:

    - `max_wait`: seconds after which a call that is still kept waiting fails with `Throttled`,
      unsent; None, or no such attribute, to wait for as long as it takes. (`longest`, its former
      name, is understood.)
    - `refused(call, error)`: is told by an APIError what WeCom refused as too many calls, 45009 and
      45033. A call refused with 45009 then goes again after the wait that `take` says. May be a
      coroutine function for an AsyncClient.
    - `blocking`: true if `take` waits for a network: an AsyncClient then asks it in a thread.
    """

    def take(self, call: CallKey, /) -> float | Awaitable[float]:
        """Take leave for one sending of a call: 0 to go, or seconds to wait before asking again.

        May be a coroutine function for an AsyncClient. Should not wait itself: the call has a
        connection already.
        """
        ...


OUTAGE = 5.0
"""Seconds for which a Redis that failed is not asked."""
BREATHERS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds for which nobody calls an endpoint after 45033; the next if it comes again at once."""


Rules: TypeAlias = tuple[tuple[Scope, str, Rule], ...]


def checked(given: object, where: str) -> Limit:
    """A limit, or a tuple that stands for one; refuses what is neither."""
    words = f"a Limit(calls, seconds), not {given!r}"
    if not isinstance(given, tuple) or not 2 <= len(given) <= 3:
        raise RefusedArgument(words, where)
    limit = Limit(*given)
    if not is_integer(limit.calls) or limit.calls < 1:
        words = f"a whole number, 1 or more, not {limit.calls!r}"
        raise RefusedArgument(words, f"{where}.calls")
    if not is_seconds(limit.seconds):
        words = f"seconds, more than 0, not {limit.seconds!r}"
        raise RefusedArgument(words, f"{where}.seconds")
    if limit.per not in ("corp", "app", "provider", "ip"):
        words = f"corp, app, provider or ip, not {limit.per!r}"
        raise RefusedArgument(words, f"{where}.per")
    return limit


def beside(own: Rules, addresses: tuple[Rules, Rules]) -> tuple[Rules, Rules]:
    """An endpoint's rules with those per address, unless it has some itself.

    For a company, and for a provider.
    """
    if any(per == "ip" for per, *_ in own):
        return own, own
    of_company, of_provider = addresses
    return own + of_company, own + of_provider


class _Counting:
    """What all our limiters have in common: the rules, and what this process has counted."""

    blocking = False

    def __init__(
        self,
        limits: Sequence[Limit] = DOCUMENTED,
        *,
        others: Mapping[str, Sequence[Limit]] | None = None,
        per_ip: Sequence[Limit] | None = None,
        share: float = 0.97,
        margin: float | None = None,
        max_wait: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = type(self).__name__
        if not is_number(share) or not 0 < share <= 1:
            raise RefusedArgument(
                f"a number, more than 0, at most 1, not {share!r}", f"{self._name}.share"
            )
        self._share = share
        self._margin = self._pause(margin, "margin")
        self.max_wait = self._pause(max_wait, "max_wait")
        self._address = ""
        self._clock = clock
        if per_ip is None:
            addresses = (
                self._rules(DOCUMENTED_PER_IP, "per_ip"),
                self._rules(DOCUMENTED_PER_PROVIDER_IP, "per_ip"),
            )
        else:
            given = self._rules(per_ip, "per_ip", "ip")
            addresses = given, given
        self._general = beside(self._rules(limits, "limits"), addresses)
        self._others = {
            key: beside(self._rules(value, f"others[{key!r}]"), addresses)
            for key, value in {**DOCUMENTED_ELSEWHERE, **(others or {})}.items()
        }
        self._ledger = Ledger()
        FORKED.add(self._ledger)

    def with_max_wait(self, max_wait: float | None) -> Self:
        """The same limiter, with the same counts, for calls with less time to wait, or more."""
        other = copy.copy(self)
        other.max_wait = self._pause(max_wait, "max_wait")
        return other

    def _pause(self, value: float | None, path: str) -> float | None:
        if value is not None and value != 0 and not is_seconds(value):
            words = f"seconds, 0 or more, or None, not {value!r}"
            raise RefusedArgument(words, f"{self._name}.{path}")
        return value

    def _rules(self, limits: Sequence[Limit], path: str, per: Scope | None = None) -> Rules:
        """Limits as they are counted: of several for one window, the least."""
        least: dict[tuple[Scope, float], int] = {}
        for number, given in enumerate(limits):
            limit = checked(given, f"{self._name}.{path}[{number}]")
            window = per or limit.per, limit.seconds
            least[window] = min(limit.calls, least.get(window, limit.calls))
        return tuple(
            (scope, f"{seconds:g}", rule(calls, seconds, self._share, self._margin))
            for (scope, seconds), calls in least.items()
        )

    def _standing(self, call: CallKey) -> tuple[Place, list[Counted]]:
        """Whose endpoint it is, and the windows that a call counts in."""
        if not isinstance(call, CallKey):
            call = CallKey(call)
        path = call.path
        corp = call.corp or call.app
        rules = self._others.get(call) or self._others.get(path) or self._general
        counted: list[Counted] = []
        for per, seconds, counts in rules[bool(call.provider)]:
            if per == "corp":
                owner = corp
            elif per == "ip":
                owner = self._address
            elif per == "app":
                owner = f"{call.corp} {call.app}"
            else:
                owner = call.provider or corp
            counted.append(((per, owner, path, seconds), counts))
        return (corp, path), counted

    def _closing(self, call: CallKey, error: APIError) -> tuple[Place, float, tuple[float, ...]]:
        """What WeCom has closed, for how long, and for how long if that proves too short."""
        place, counted = self._standing(call)
        if not isinstance(error, RateLimited):
            return place, BREATHERS[0], BREATHERS
        # The code does not say which window was exceeded. WeCom's message may; else it was the
        # shortest one.
        windows = sorted({counts.seconds for (per, *_), counts in counted if per != "ip"})
        said = error.window.total_seconds()
        if said == DAY:  # until midnight in Beijing
            said -= (time.time() + 8 * HOUR) % DAY
        return place, said if said > MINUTE else windows[0], tuple(windows)


class MemoryLimiter(_Counting):
    """Counts in this process, for both clients. Processes that share a corp take a `RedisLimiter`.

    Args:
        limits: What a corp may call of each endpoint. WeCom's documented limits by default.
        others: Endpoints with other limits in place of those, by name (`customer.get`) or path;
            the documented ones need not be repeated.
        per_ip: What an address may call of each endpoint, beside those. `()` for no such limits.
        share: How much of each limit is used. The rest is for what else calls for the same corp.
        margin: Seconds added to each window, because calls take a while to arrive. 1 by default,
            but at most a 25th of the window.
        max_wait: Seconds after which a call that is still kept waiting fails with `Throttled`.
            None waits as long as it takes.
        clock: Tells seconds; another one for tests.
    """

    def take(self, call: CallKey, /) -> float:
        """See `Limiter`."""
        place, counted = self._standing(call)
        return self._ledger.take(self._clock(), place, counted, False)

    def refused(self, call: CallKey, error: APIError, /) -> None:
        """Close the endpoint for everybody: until the window ends, or a moment after 45033."""
        self._ledger.close(self._clock(), *self._closing(call, error))


class Sharing:
    """What the copies of a limiter know together of their Redis."""

    def __init__(self) -> None:
        self.scripts: tuple[Any, Any, Any] | None = None
        """The client, and what takes and closes."""
        self.loops: WeakKeyDictionary[Any, tuple[Any, Any, Any]] = WeakKeyDictionary()
        """The same for each event loop."""
        self._down = False
        self._again_at = 0.0

    def away(self) -> bool:
        """Whether Redis failed a moment ago."""
        return self._down and time.monotonic() < self._again_at

    def failed(self, error: Exception) -> None:
        """Redis did not answer."""
        self._again_at = time.monotonic() + OUTAGE
        if not self._down:
            self._down = True
            LOG.warning(
                "the limiter's Redis is down (%s); each process counts for itself until it is back",
                type(error).__name__,
            )

    def answered(self) -> None:
        """Redis has answered."""
        if self._down:
            self._down = False
            LOG.info("the limiter's Redis is back")

    def after_fork(self) -> None:
        """For a forked child: leave the connections of the parent's event loops alone."""
        ABANDONED.append(self.loops)
        self.loops = WeakKeyDictionary()


class _Sharing(_Counting, Generic[C]):
    """Counts in Redis, and beside it in this process, should Redis be away."""

    _library: Library

    def __init__(
        self,
        redis: "str | C",
        limits: Sequence[Limit] = DOCUMENTED,
        *,
        others: Mapping[str, Sequence[Limit]] | None = None,
        per_ip: Sequence[Limit] | None = None,
        address: str = "",
        share: float = 0.97,
        margin: float | None = None,
        max_wait: float | None = None,
        prefix: str = "{wecom:limit}:",
    ) -> None:
        super().__init__(
            limits,
            others=others,
            per_ip=per_ip,
            share=share,
            margin=margin,
            max_wait=max_wait,
        )
        self._address = address
        self._prefix = prefix
        self._connect = connecting(
            self._name,
            redis,
            prefix,
            library=self._library,
            extra="limits",
            needs=("register_script",),
        )
        self._state = Sharing()
        FORKED.add(self._state)

    def _locally(self, place: Place, counted: Sequence[Counted]) -> float | None:
        """What can be said without Redis: to wait, or, if Redis is away, to go. None to ask it."""
        away = self._state.away()
        if away:
            return self._ledger.take(self._clock(), place, counted, True)
        # What this process alone has used up is used up for all.
        return self._ledger.wait(self._clock(), place, counted, False) or None

    def _question(self, place: Place, counted: Sequence[Counted]) -> tuple[list[str], list[Any]]:
        """Keys and arguments of the script."""
        keys = [f"{self._prefix}began", self._closed(place)]
        keys += [f"{self._prefix}{':'.join(key)}" for key, _ in counted]
        arguments: list[Any] = []
        known = self._ledger.known(self._clock(), counted)
        for (_, counts), known_of in zip(counted, known, strict=True):
            arguments += (*counts, *known_of)
        return keys, arguments

    def _closed(self, place: Place) -> str:
        return f"{self._prefix}closed:{':'.join(place)}"

    def _answered(self, counted: Sequence[Counted], answer: Any) -> float:
        """What Redis has said of a call."""
        wait, began, totals = answer
        self._state.answered()
        self._ledger.heard(self._clock(), counted, began, totals, float(wait) == 0)
        return float(wait)

    def _failed(self, error: Exception, place: Place, counted: Sequence[Counted]) -> float:
        """What to do with a call that Redis says nothing of."""
        self._state.failed(error)
        return self._ledger.take(self._clock(), place, counted, True)


class RedisLimiter(_Sharing[Redis]):
    """Counts in Redis for all processes and machines together.

    It counts by Redis's clock, in one question for a call. While Redis is away, one warning is
    logged, and each process keeps to the part of the calls that it had before. A Redis that comes
    back empty is told what was counted. An AsyncClient asks it in a thread; `AsyncRedisLimiter` does
    without. `close()` closes the connections.

    Args:
        redis: A URL, or a client.
        limits, others, per_ip, share, margin, max_wait: See `MemoryLimiter`.
        address: A name for the address that this machine calls from, where there are several.
        prefix: What all its keys begin with. The braces keep them together in a Redis Cluster.
    """

    blocking = True
    _library = "redis"

    @property
    def _scripts(self) -> tuple[Any, Any, Any]:
        """The client and both scripts, which are sent again to a Redis that has lost them."""
        state = self._state
        if state.scripts is None:
            client = self._connect()
            state.scripts = client, client.register_script(TAKE), client.register_script(CLOSE)
        return state.scripts

    def take(self, call: CallKey, /) -> float:
        """See `Limiter`."""
        place, counted = self._standing(call)
        said = self._locally(place, counted)
        if said is not None:
            return said
        try:
            answer = self._scripts[1](*self._question(place, counted))
        except Exception as error:
            return self._failed(error, place, counted)
        return self._answered(counted, answer)

    def refused(self, call: CallKey, error: APIError, /) -> None:
        """Close the endpoint for everybody: until the window ends, or a moment after 45033."""
        place, seconds, longer = self._closing(call, error)
        self._ledger.close(self._clock(), place, seconds, longer)
        if not self._state.away():
            try:
                self._scripts[2]([self._closed(place)], [seconds, *longer])
            except Exception as trouble:
                self._state.failed(trouble)

    def close(self) -> None:
        """Close the connections to Redis. A later call opens new ones."""
        self._scripts[0].close()


class AsyncRedisLimiter(_Sharing[AsyncRedis]):
    """The same for an AsyncClient, over `redis.asyncio`.

    Given a URL, it keeps connections of its own for each event loop; `await limiter.aclose()`
    closes those of the running one.
    """

    _library = "redis.asyncio"

    @property
    def _scripts(self) -> tuple[Any, Any, Any]:
        """The client of this event loop, and both scripts."""
        import asyncio  # not for those who use a Client alone

        loop = asyncio.get_running_loop()
        found = self._state.loops.get(loop)
        if found is None:
            # A client holds on to its loop, so neither would ever be forgotten.
            for ended in [each for each in self._state.loops if each.is_closed()]:
                del self._state.loops[ended]
            client = self._connect()
            found = client, client.register_script(TAKE), client.register_script(CLOSE)
            self._state.loops[loop] = found
        return found

    async def take(self, call: CallKey, /) -> float:
        """See `Limiter`."""
        place, counted = self._standing(call)
        said = self._locally(place, counted)
        if said is not None:
            return said
        try:
            answer = await self._scripts[1](*self._question(place, counted))
        except Exception as error:
            return self._failed(error, place, counted)
        return self._answered(counted, answer)

    async def refused(self, call: CallKey, error: APIError, /) -> None:
        """Close the endpoint for everybody: until the window ends, or a moment after 45033."""
        place, seconds, longer = self._closing(call, error)
        self._ledger.close(self._clock(), place, seconds, longer)
        if not self._state.away():
            try:
                await self._scripts[2]([self._closed(place)], [seconds, *longer])
            except Exception as trouble:
                self._state.failed(trouble)

    async def aclose(self) -> None:
        """Close the connections of this event loop. A later call opens new ones."""
        await self._scripts[0].aclose()


# Processes.


class Forked(Protocol):
    """What has something to do after a fork."""

    def after_fork(self) -> None: ...


FORKED: "WeakSet[Forked]" = WeakSet()
ABANDONED: list[Any] = []
"""Connections of a process that forked this one, kept for ever.

To take them down would be felt by the parent's loop.
"""


def after_fork() -> None:
    """In a child: locks and connections belong to the parent, whose threads go on with them."""
    for part in list(FORKED):
        part.after_fork()


# Windows has no fork.
register_at_fork = getattr(os, "register_at_fork", None)
if register_at_fork is not None:
    register_at_fork(after_in_child=after_fork)
