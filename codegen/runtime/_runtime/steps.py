"""The words that flows and drivers exchange: what a flow asks for, and what it is answered.

Hand-written: edit codegen/runtime/_runtime/steps.py.
"""

from collections.abc import Callable, Generator, Mapping
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from ..credentials import Token
from ..limits import CallKey
from .gates import Gate, Turn
from .media import Multipart, Sink
from .secrets import Secret, chain, clean
from .token_state import TokenState

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

NO_SECRET = Secret("")

LARGEST = 64 * 1024 * 1024
"""Bytes of a decoded answer. WeCom's largest pages have a few million; a download has no such limit."""
ENOUGH = 64 * 1024
"""Bytes that are read of an answer with an HTTP error: nobody wants its end."""


class Plan(Generic[R]):
    """What is known about an endpoint before any call of it: prepared once for each client."""

    __slots__ = (
        "token_state",
        "download",
        "gate",
        "headers",
        "in_query",
        "joint",
        "key",
        "method",
        "name",
        "read",
        "readonly",
        "target",
        "upload",
        "where",
    )

    def __init__(
        self,
        *,
        name: str,
        key: CallKey,
        method: str,
        target: str,
        where: str,
        headers: Mapping[str, str],
        token_state: TokenState | None,
        readonly: bool,
        in_query: bool,
        joint: str,
        gate: Gate | None,
        read: Callable[[dict[str, Any]], R],
        upload: str,
        download: bool,
    ) -> None:
        self.name = name
        self.key = key
        """How a limiter calls it."""
        self.method = method
        self.target = target
        """The URL, or its path, as far as the value of the token."""
        self.where = where
        """How an exception calls it: its path."""
        self.headers = headers
        self.token_state = token_state
        """The state of the token it needs, or None."""
        self.readonly = readonly
        self.in_query = in_query
        """Whether the parameters go to the query."""
        self.joint = joint
        """What stands between the target, token and all, and a query."""
        self.gate = gate
        self.read = read
        self.upload = upload
        """The field that holds the file of a multipart call."""
        self.download = download
        """Whether the reply is a file."""


class Send:
    """Wants a request sent, and an `Answer` or `Broken` for it."""

    __slots__ = ("_query", "_token", "body", "headers", "plan", "sink")

    def __init__(
        self,
        plan: Plan[Any],
        token: Secret,
        query: str,
        headers: Mapping[str, str],
        body: bytes | Multipart | None,
        sink: Sink | None,
    ) -> None:
        self.plan = plan
        self._token = token
        self._query = query
        self.headers = headers
        self.body = body
        self.sink = sink

    def target(self) -> str:
        """The URL, or its path, token and all. Use it in the call expression; do not keep it."""
        return f"{self.plan.target}{self._token._value}{self._query}"

    def __repr__(self) -> str:
        return f"Send({self.plan.method} {self.plan.where})"


class Wait(NamedTuple):
    """Wants this turn at a gate."""

    turn: Turn


class Sleep(NamedTuple):
    """Wants time to pass."""

    seconds: float


class Invoke(NamedTuple):
    """Wants the result of a function of the user's, a store's or a limiter's, awaited if need be."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    blocking: bool = False
    """Whether it may take long without being a coroutine: off the event loop with it."""

    def __repr__(self) -> str:
        return f"Invoke({getattr(self.function, '__qualname__', '?')})"


Step: TypeAlias = Send | Wait | Sleep | Invoke
Flow: TypeAlias = Generator[Step, Any, R_co]
"""A call in the making: yields steps, is sent their outcomes, and returns the result."""


class Answer:
    """A complete HTTP answer."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class Break(Enum):
    """How a call can break, as far as the drivers can tell."""

    UNREACHABLE = "could not connect", False, False, True
    UNTRUSTED = "the server's certificate is not trusted", False, False, False
    NO_CONNECTION = "could not connect in time", False, True, True
    SLOW = "no answer in time", True, True, True
    LOST = "the connection broke before the answer was complete", True, False, True
    REFUSED_BY_PROXY = "the proxy refuses to connect", False, False, False
    TOO_LARGE = f"an answer of more than {LARGEST >> 20} MiB", True, False, False

    def __init__(self, words: str, sent: bool, timed_out: bool, transient: bool) -> None:
        self.words = words
        self.sent = sent
        """Whether anything may have left this machine."""
        self.timed_out = timed_out
        self.transient = transient
        """Whether it may be better next time."""


class Broken(NamedTuple):
    """No complete answer, and why not."""

    how: Break
    reason: str
    """What the foreign exception is called, down to where it began, and what the system says of it."""
    cause: BaseException | None
    """That exception, cleaned."""
    at_proxy: bool = False
    """Whether it was the proxy that could not be reached, or would not connect us."""


def broken(how: Break, error: BaseException, at_proxy: bool = False) -> Broken:
    """What a driver makes of an exception of its HTTP library."""
    *_, first = chain(error)
    words = getattr(first, "verify_message", None) or getattr(first, "strerror", None)
    name = type(first).__name__
    reason = f"{name}: {words}" if isinstance(words, str) else name
    return Broken(how, reason, clean(error), at_proxy)


def proxy_said(status: int, error: BaseException) -> Broken:
    """What a driver makes of a proxy that answers CONNECT with a status: 407 for a wrong password, 502, …"""
    how = Break.UNREACHABLE if status >= 500 else Break.REFUSED_BY_PROXY
    return Broken(how, f"HTTP status {status}", clean(error), at_proxy=True)


TOO_LARGE = Broken(Break.TOO_LARGE, "", None)


class Effort:
    """What a call has cost so far, and what it has been through. Most calls go through little, so it begins empty."""

    slept = 0.0
    tries = 0
    """How often it was sent."""
    asked = 0.0
    """When the last request was sent."""
    turn: Turn | None = None
    """Its turn at the gate of its endpoint, in the last try."""
    line: Turn | None = None
    """Its turn in the line for the limiter."""
    waited = 0.0
    """Seconds for which the limiter has kept it waiting, since it was sent last."""
    failed = 0
    """How many tries were followed by a pause."""
    garbled = 0
    """How many answers were not JSON."""
    held: Token | None = None
    """The token of the last try."""
    refused: tuple[Token, ...] = ()
    """The tokens it was refused with."""
    given: Token | None = None
    """The token it was given for those."""
    adoptions = 0
    """How often it took up a token that somebody had renewed."""
    renewed = False
    """Whether WeCom gave a new token for it."""
    early = False
    """Whether a token was renewed before its end after the first try."""
    spent = False
    """Whether it has had the one renewal that a call may have."""

    def __init__(self, started: float) -> None:
        self.started = started
