"""Keeps tokens and secrets out of sight: in reprs, in log records, in foreign exceptions.

WeCom wants them in the query string, so whoever shows a URL shows a secret. Here are the wrapper in which
ours travel, the words that a URL must not show, and the filter that cleans urllib3's and aiohttp's logs.

Hand-written: edit codegen/runtime/_secrets.py.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any, SupportsIndex
from urllib.parse import quote

NAMES = (
    "access_token",
    "suite_access_token",
    "provider_access_token",
    "corpsecret",
    "suite_secret",
    "provider_secret",
    "suite_ticket",
    "permanent_code",
)
"""Query and body keys whose values nobody may see."""

HIDDEN = "***"

# `access_token=…` in a URL, `"suite_secret": "…"` in JSON, and both percent-encoded or escaped once.
SIGHT = re.compile(
    rf"((?:{'|'.join(NAMES)})(?:=|%3D|\\?[\"']\s*:\s*\\?[\"']))[^&\s\"'<>\\]+", re.IGNORECASE
)

PASSWORD = re.compile(r"(://)[^/@\s\"']+@")
"""Name and password in the URL of a proxy."""

LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.response",
    "urllib3.util.retry",
    "aiohttp.client",
    "aiohttp.internal",
)


class Secret:
    """A string that shows itself only to those who ask: `secret.reveal()`."""

    __slots__ = ("_value",)

    def __init__(self, value: "str | Secret") -> None:
        self._value: str = value._value if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """The string itself. Do not keep it in a variable."""
        return self._value

    def quoted(self) -> "Secret":
        """The same, fit for a query string."""
        return Secret(quote(self._value, safe=""))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        raise TypeError(
            "a secret is not pickled, so that no queue, cache or file holds it in plain text; "
            "make the credential or the client where it is used"
        )

    def __repr__(self) -> str:
        return f"Secret('{HIDDEN}')"

    def __str__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def redact(text: str, *secrets: Secret) -> str:
    """A text without the values of the words above, and without the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal(), HIDDEN).replace(secret.quoted().reveal(), HIDDEN)
    return PASSWORD.sub(rf"\1{HIDDEN}@", SIGHT.sub(rf"\1{HIDDEN}", text))


def visible(text: str) -> bool:
    """Whether a text shows the value of one of the words, or a password."""
    return SIGHT.search(text) is not None or PASSWORD.search(text) is not None


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, down to the first; a circle is gone round once."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def hide_locals(error: BaseException) -> None:
    """Empty the local variables of all frames that the exception has left, in its causes of ours as well.

    The lines stay to be seen. The frame that calls this is not left yet, and keeps its variables. What the caller was
    handling already is the caller's: its frames are left alone.
    """
    for each in chain(error):
        trace = each.__traceback__
        if trace is not None and trace.tb_frame.f_globals.get("__package__") == __package__:
            traceback.clear_frames(trace)


def clean(error: BaseException) -> BaseException:
    """A foreign exception, fit to be the cause of ours.

    Its traceback is dropped, because the frames of an HTTP library hold the URL; so are those of its own causes.
    If its words or attributes still show a secret, an exception of the same name and cleaned words stands in.
    """
    dirty = False
    for each in chain(error):
        each.__traceback__ = None
        dirty = dirty or shows(each)
    if not dirty:
        return error
    return RuntimeError(redact(f"{type(error).__module__}.{type(error).__qualname__}: {error}"))


def shows(error: BaseException) -> bool:
    """Whether anybody who prints the exception, its arguments or its attributes sees a secret."""
    # aiohttp's request_info holds URL and headers, those for a proxy included.
    if getattr(error, "request_info", None) is not None:
        return True
    parts = [str(error), repr(error.args), *(repr(value) for value in vars(error).values())]
    return any(visible(part) for part in parts)


class Redacting(logging.Filter):
    """Rewrites a log record that shows a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(redacted(value) for value in record.args)
        elif record.args:
            record.args = {key: redacted(value) for key, value in record.args.items()}
        record.msg = redacted(record.msg)
        return True


def redacted(value: Any) -> Any:
    """The value, or its cleaned text where the text shows a secret."""
    if isinstance(value, (int, float)) or value is None:
        return value
    text = str(value)
    return redact(text) if visible(text) else value


REDACTING = Redacting()


def guard_logs() -> None:
    """Put the filter on the loggers of the HTTP libraries; putting it there twice is no harm."""
    for name in LOGGERS:
        # A filter works only on the logger that was called, not on those above it: hence each by name.
        logging.getLogger(name).addFilter(REDACTING)
