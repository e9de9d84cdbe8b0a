"""Everything that can go wrong, named by what the caller can do about it.

    WeComError
    ├── TransportError          the call broke on the way; `.sent` says whether WeCom may have got it
    │   └── Timeout             it took too long
    │       └── Throttled       the limiter keeps it waiting: unsent
    ├── ProtocolError           an answer came, and it is not WeCom's: no JSON, an HTTP error, a wrong shape
    ├── APIError                WeCom refused, with a code
    │   ├── InvalidCredential   corp id, secret, ticket or permanent code is wrong: a person must act
    │   ├── StaleToken          the token is not good any more: renewed once by the client
    │   ├── Busy                WeCom asks to try again: the client does
    │   ├── RateLimited         too many calls in a while: wait for the window to pass
    │   ├── Forbidden           not allowed: rights, visibility, IP, licences
    │   ├── NotFound            the id means nothing (any more)
    │   ├── InvalidArgument     the request is wrong
    │   ├── Conflict            the state of things is against it
    │   └── QuotaExceeded       a limit in number is reached
    ├── PartialFailure          WeCom did some of it; raised only by `raise_for_failures()`
    ├── PaginationStalled       a page leads back to a page already read
    └── CallbackRejected        a callback that did not come from WeCom, or not to us

A code that the spec does not know is a plain `APIError`. No message, repr or traceback of ours holds a
token, a secret or a URL with one. A refused argument is no `WeComError`: it never left this machine, and
is a `ValueError` with a path, a `RefusedArgument`.

Hand-written: edit codegen/runtime/errors.py.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from ._runtime.faults import AtPath

HINT = re.compile(r"hint:\s*\[([^\]]*)\]")
ADDRESS = re.compile(r"from ip:\s*([0-9A-Fa-f.:]+[0-9A-Fa-f])")


class RefusedArgument(AtPath):
    """An argument that was refused before anything was sent: `WelcomeSend.attachments[1].title: 129 bytes, …`."""


class WeComError(Exception):
    """Anything that went wrong between this client and WeCom."""


class TransportError(WeComError):
    """The call broke: no connection, a lost one, no answer in time."""

    def __init__(
        self, message: str, path: str = "", sent: bool = True, transient: bool = True
    ) -> None:
        super().__init__(message, path, sent, transient)
        self.message = message
        self.path = path
        self.sent = sent
        """Whether anything of the call may have left this machine. If so, WeCom may have done it."""
        self.transient = transient
        """Whether it may be better next time."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Timeout(TransportError):
    """The call broke because it took too long."""


class Throttled(Timeout):
    """The limiter keeps the call waiting. Nothing was sent; raised if it would wait longer than `max_wait`."""

    def __init__(self, message: str, path: str = "", seconds: float = 0.0) -> None:
        super().__init__(message, path, sent=False)
        self.args = (message, path, seconds)
        self.seconds = seconds
        """How long it is to wait."""


class ProtocolError(WeComError):
    """An answer that is not WeCom's: an error page, no JSON, JSON of a wrong shape."""

    sent: ClassVar[bool] = True
    """The call reached somebody, so WeCom may have done it."""

    def __init__(
        self, message: str, path: str = "", status: int = 200, transient: bool = False
    ) -> None:
        super().__init__(message, path, status, transient)
        self.message = message
        self.path = path
        self.status = status
        """The HTTP status."""
        self.transient = transient
        """Whether it may be better next time: a gateway's error, or an answer that was cut off."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class APIError(WeComError):
    """WeCom refused the call. Subclasses say what can be done; an unknown code is an APIError itself."""

    retryable: ClassVar[bool] = False
    """Whether the client tries such a call again: refused is refused, nothing has happened."""
    renews: ClassVar[bool] = False
    """Whether the client tries such a call again with a new token."""

    def __init__(
        self,
        code: int,
        message: str,
        path: str = "",
        hint: str | None = None,
        from_ip: str | None = None,
        advice: str = "",
        title: str = "",
        doc: str = "",
    ) -> None:
        super().__init__(code, message, path, hint, from_ip, advice, title, doc)
        self.code = code
        """WeCom's errcode."""
        self.message = message
        """WeCom's errmsg, for people only."""
        self.path = path
        """The path of the endpoint, or the name of the credential when no token could be had."""
        self.hint = hint
        """The number that WeCom's support asks for."""
        self.from_ip = from_ip
        """The address WeCom saw the call come from, where it says so (60020: add it in the console)."""
        self.advice = advice
        """What helps, if the spec knows."""
        self.title = title
        """The official Chinese term."""
        self.doc = doc
        """What the code means, in a sentence."""

    def __str__(self) -> str:
        meaning = f" {self.doc.rstrip('.')}" if self.doc else ""
        title = f" ({self.title})" if self.title else ""
        where = f"{self.path}: " if self.path else ""
        advice = f" [{self.advice}]" if self.advice else ""
        return f"{where}{self.code}{meaning}{title}: {self.message}{advice}"


class InvalidCredential(APIError):
    """Corp id, secret, suite ticket or permanent code is wrong. Trying again gets the IP banned."""


class StaleToken(APIError):
    """WeCom does not take the token. The client has renewed it once already, where that is possible."""

    renews = True


class Busy(APIError):
    """WeCom asks to try again, and the client has done so until its patience ended."""

    retryable = True


class RateLimited(APIError):
    """Too many calls in a while. WeCom blocks the API about as long as the window that was exceeded."""

    @property
    def window(self) -> timedelta:
        """How long WeCom blocks: a minute, unless its message names the hour, the day or the month.

        The code does not say which of the limits was exceeded. If calls are still refused after a minute,
        it was the hour's (then an hour), or the day's (until midnight in Beijing).
        """
        words = self.message.lower()
        for word, window in WINDOWS.items():
            if word in words:
                return window
        return timedelta(minutes=1)


WINDOWS = {
    "month": timedelta(days=30),
    "daily": timedelta(days=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
}


class Forbidden(APIError):
    """Not allowed: missing rights, a member out of sight, an IP not trusted, no licence."""


class NotFound(APIError):
    """The id means nothing, or nothing any more."""


class InvalidArgument(APIError):
    """The request is wrong; sending it again will not help."""


class Conflict(APIError):
    """The state of things is against it: done already, under way, or not yet possible."""


class QuotaExceeded(APIError):
    """A limit in number is reached; somebody must make room."""


class PartialFailure(WeComError):
    """WeCom did some of it. `.result` is the whole reply, `.failures` what it did not do."""

    def __init__(self, message: str, path: str, result: Any, failures: list[Any]) -> None:
        super().__init__(message, path, result, failures)
        self.message = message
        self.path = path
        """The name of the call: `transfer.customer`."""
        self.result = result
        self.failures = failures

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class PaginationStalled(WeComError):
    """A page leads back to a page that was read before; going on would never end."""


Reason: TypeAlias = Literal[
    "signature", "receiver", "padding", "format", "too large", "too old", "replayed"
]


class CallbackRejected(WeComError):
    """A callback that WeCom did not send, or not to us, or not now; `.reason` says which."""

    def __init__(self, reason: Reason, message: str = "") -> None:
        super().__init__(reason, message)
        self.reason: Reason = reason
        """`signature`, `receiver`, `padding`, `format`, `too large`, `too old` or `replayed`."""
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status to answer with. What was taken before is acknowledged, or WeCom sends it again."""
        statuses = {"replayed": 200, "too large": 413, "format": 400, "padding": 400}
        return statuses.get(self.reason, 403)

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.message else self.reason


class ErrorFact(NamedTuple):
    """What the spec knows about one code."""

    cls: type[APIError]
    title: str
    doc: str
    advice: str


def api_error(
    code: int, message: str, path: str, table: Mapping[int, ErrorFact], advice: str = ""
) -> APIError:
    """The exception for a code, with what WeCom's words and the spec's table tell about it."""
    fact = table.get(code)
    cls, title, doc, known = fact if fact is not None else (APIError, "", "", "")
    hint = HINT.search(message)
    address = ADDRESS.search(message)
    return cls(
        code,
        message,
        path,
        hint[1] if hint else None,
        address[1] if address else None,
        advice or known,
        title,
        doc,
    )


def raise_partial(call_name: str, result: object, failures: Sequence[object]) -> None:
    """Raise `PartialFailure` if there are failures; the message counts them and names the first few."""
    if failures:
        few = ", ".join(summary(item) for item in failures[:3])
        more = ", …" if len(failures) > 3 else ""
        count = f"{len(failures)} {'item' if len(failures) == 1 else 'items'} failed"
        raise PartialFailure(f"{count}: {few}{more}", call_name, result, list(failures))


def summary(item: object) -> str:
    """A failed item in a word: its id, and its code if it has one."""
    if isinstance(item, (str, int)):
        return str(item)
    names = [name for name in dir(item) if name.endswith("id") and name[0] != "_"]
    word = next((str(getattr(item, name)) for name in names if getattr(item, name)), "?")
    code = getattr(item, "errcode", None)
    return f"{word} ({code})" if code is not None else word


def brief(value: Any) -> str:
    """A value for a message: its repr, 60 characters at most."""
    try:
        text = repr(value)
    except Exception:  # nested too deep, thousands of digits, or somebody's own
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 60 else f"{text[:57]}..."
