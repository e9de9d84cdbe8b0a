"""Keeps tokens and secrets out of sight: in reprs, in log records, in foreign exceptions.

WeCom wants them in the query string, so whoever shows a URL shows a secret. Here are the wrapper in which
ours travel, the words that a URL must not show, and the filter that cleans urllib3's and aiohttp's logs.

Hand-written: edit codegen/runtime/_runtime/secrets.py.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
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
    "auth_code",
    "encoding_aes_key",
)
"""Query, body and event keys whose values nobody may see."""

HIDDEN = "***"


SEMICOLON = "(?:;|%(?:25)*3B)"
AMPERSAND = (
    r"(?:&|%(?:25)*26|(?:\\|%(?:25)*5C){1,7}u0026)"
    rf"(?:(?:amp|(?:#|%(?:25)*23)(?:38|x26)){SEMICOLON})*"
)


def encoded(char: str, entity: str = "") -> str:
    """A pattern for a character: plain, percent-encoded or HTML-escaped (any number of times), or `\\u00…`."""
    number = rf"(?:#|%(?:25)*23)(?:0*{ord(char)}|x0*{ord(char):x})"
    ways = [
        re.escape(char),
        rf"%(?:25)*{ord(char):02X}",
        rf"(?:\\|%(?:25)*5C){{1,7}}u{ord(char):04x}",
        f"{AMPERSAND}(?:{entity or 'x'}|{number}){SEMICOLON}",
    ]
    return f"(?:{'|'.join(ways)})"


# How text that was written by whatever program says `name: value`. Each repetition has an end, so that the
# time taken grows with the length of the text and not with its square.
NAME = "|".join(sorted({name.replace("_", "[_-]?") for name in NAMES}, key=len, reverse=True))
BACKSLASH = encoded("\\")
QUOTE = f"(?:{encoded(chr(34), 'quot')}|{encoded(chr(39), 'apos')})"
NEWLINE = rf"(?:{BACKSLASH}{{1,9}}[rn]|{encoded(chr(13))}|{encoded(chr(10))})"
SPACE = rf"(?:[ \t\r\n+]|{BACKSLASH}{{1,9}}[nrt]|%(?:25)*(?:20|09|0A|0D|2B))"
CLOSE = f"(?:{BACKSLASH}{{0,63}}{QUOTE})?"
LESS, MORE = encoded("<", "lt"), encoded(">", "gt")
OPEN = rf"(?:[RrBbUu]{{0,2}}(?P<escapes>{BACKSLASH}{{0,63}})(?P<quote>{QUOTE}))?"
PAIR = f"(?:{encoded('(')}|{encoded('[')})(?:{SPACE}|[RrBbUu]){{0,8}}{BACKSLASH}{{0,63}}{QUOTE}"
CDATA = f"{LESS}{encoded('!')}{encoded('[')}CDATA{encoded('[')}"
HEADERS = f"(?:{NEWLINE}{{1,2}}+Content-(?:(?!{NEWLINE}).){{1,120}}+){{0,2}}+"
SIGN = f"(?:{encoded('=')}|{encoded(':', 'colon')}){MORE}?"
BEFORE_VALUE = (
    # ('access_token', 'V'): a bracket before it, for a comma alone may belong to a sentence or a list of names.
    rf"(?P<pair>{PAIR})?(?:{NAME})(?:"
    # <SuiteTicket>V, <SuiteTicket><![CDATA[V
    rf"(?P<tag>{MORE})(?:{SPACE}{{0,9}}(?P<cdata>{CDATA}))?"
    # name="access_token", perhaps other headers, an empty line, V
    rf"|{CLOSE}{HEADERS}(?P<part>{NEWLINE}{{2,4}})"
    # access_token=V, "access_token": "V", 'access_token' => 'V', access_token: V
    rf"|{CLOSE}{SPACE}{{0,20}}(?P<sign>{SIGN}|(?(pair){encoded(',')}|(?!))){SPACE}{{0,20}}{OPEN})"
)
"""Compiled at its first use, which takes longer than to import all the rest."""
WORD = re.compile(NAME, re.IGNORECASE)
PERCENT = re.compile("%((?:25)*)")
BARE = re.compile(r"[^&\s\"'<>\\]+")
LINE = re.compile(r"[^\r\n]+")

PASSWORD = re.compile(r"(://)[^/\s\"'<>]*@")
"""Name and password in the URL of a proxy."""
QUOTED_PASSWORD = re.compile(
    r"(%(?:25)*3A(?:%(?:25)*2F){2})(?:(?!%(?:25)*2F)[^/\s\"'<>&])*(%(?:25)*40)", re.IGNORECASE
)

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


NO_SECRET = Secret("")


def redact(text: str, *secrets: Secret) -> str:
    """A text without the values of the words above, and without the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal(), HIDDEN).replace(secret.quoted().reveal(), HIDDEN)
    text = QUOTED_PASSWORD.sub(rf"\1{HIDDEN}\2", PASSWORD.sub(rf"\1{HIDDEN}@", text))
    kept, at = [], 0
    for begin, end in values(text):
        kept += [text[at:begin], HIDDEN]
        at = end
    return "".join([*kept, text[at:]]) if kept else text


def visible(text: str) -> bool:
    """Whether a text shows the value of one of the words, or a password."""
    return redact(text) != text


def values(text: str) -> Iterator[tuple[int, int]]:
    """Where the values of the words above stand in a text."""
    if WORD.search(text) is None:
        return
    before_value = re.compile(BEFORE_VALUE, re.IGNORECASE)
    at = 0
    while found := before_value.search(text, at):
        begin = found.end()
        at = end = max(begin, value_end(text, found))
        # What closes an element looks like what opens one, and is followed by nothing or by the layout.
        if text[begin:end].strip():
            yield begin, end


def value_end(text: str, found: re.Match[str]) -> int:
    """Where the value ends that begins behind a match; at the end of the line if its closing sign is missing."""
    begin = found.end()
    if found["tag"] is not None:
        before = text[max(0, found.start() - 20) : found.start()]
        if re.search(f"{encoded('/')}$", before, re.IGNORECASE):
            return begin
        if found["cdata"] is None:
            after = re.escape(opening_of(found["tag"]))
        else:
            after = (r"\]" if found["cdata"].endswith("[") else encoded("]")) * 2 + MORE
        closing = re.compile(after, re.IGNORECASE).search(text, begin)
    elif found["part"] is not None:
        after = r"[\r\n]" if found["part"][-1] in "\r\n" else NEWLINE
        closing = re.compile(after, re.IGNORECASE).search(text, begin)
    elif found["quote"] is not None and not of_value(found["sign"], found["quote"]):
        end = closing_quote(text, begin, found["escapes"], found["quote"])
        if end is not None:
            return end
        closing = None
    else:
        bare = BARE.match(text, begin)
        end = bare.end() if bare is not None else begin
        if level := PERCENT.match(found["sign"]):
            # In a URL within a URL the value ends where the next parameter begins.
            after = f"%{level[1]}(?:26|22|27|20|0A|0D)"
            closing = re.compile(after, re.IGNORECASE).search(text, begin, end)
            end = closing.start() if closing is not None else end
        return end
    if closing is not None:
        return closing.start()
    line = LINE.match(text, begin)
    return line.end() if line is not None else begin


def of_value(sign: str, quote: str) -> bool:
    """Whether a quote belongs to the value: in a query, signs of the value are encoded once more than the `=`."""
    outer, inner = PERCENT.match(sign), PERCENT.match(quote)
    query = re.match("=|%(?:25)*3D", sign, re.IGNORECASE) is not None
    return query and inner is not None and (outer is None or outer[1] != inner[1])


def opening_of(more: str) -> str:
    """The `<` that is written as this `>` is."""
    for old, new in ((">", "<"), ("gt", "lt"), ("3E", "3C"), ("3e", "3c")):
        if old in more:
            return more.replace(old, new)
    return more.replace("62", "60")


def closing_quote(text: str, begin: int, escapes: str, quote: str) -> int | None:
    """Where the quote closes that was opened behind as many backslashes; None if it never does."""
    level = PERCENT.match(quote)
    backslash = "\\" if level is None else f"%{level[1]}5C"
    depth = len(escapes) // len(backslash)
    at = begin
    while (at := text.find(quote, at)) >= 0:
        first = at
        while text[max(begin, first - len(backslash)) : first].upper() == backslash:
            first -= len(backslash)
        # A quote within the value stands behind more backslashes. One that closes may do so as well, if the value
        # ends in a backslash: then too much is hidden. Behind fewer, all that the value stands in is closed.
        if (at - first) // len(backslash) <= depth:
            return first
        at += len(quote)
    return None


class Hidden(str):
    """A text for a library that shows what it holds, such as a header with a password: its repr hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{HIDDEN}'"


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, down to the first; a circle is gone round once."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def is_ours(frame: FrameType) -> bool:
    """Whether a frame is of this package."""
    package = str(frame.f_globals.get("__package__"))
    return package.partition(".")[0] == __name__.partition(".")[0]


def hide_locals(error: BaseException) -> None:
    """Empty the local variables of all frames that the exception has left, in its causes of ours as well.

    The lines stay to be seen. The frame that calls this is not left yet, and keeps its variables. What the caller was
    handling already is the caller's: its frames are left alone.
    """
    for link in chain(error):
        trace = link.__traceback__
        if trace is not None and is_ours(trace.tb_frame):
            traceback.clear_frames(trace)


def clean(error: BaseException) -> BaseException:
    """A foreign exception, fit to be the cause of ours.

    Its traceback is dropped, because the frames of an HTTP library hold the URL; so are those of its own causes.
    If its words or attributes still show a secret, an exception of the same name and cleaned words stands in.
    """
    drop_frames(error)
    if not any(shows(link) for link in chain(error)):
        return error
    return RuntimeError(redact(f"{type(error).__module__}.{type(error).__qualname__}: {error}"))


def drop_frames(error: BaseException) -> BaseException:
    """Take from an exception the frames it came through, and those of what it came from.

    Also for what only passes through an HTTP library: a cancellation, a timeout of the caller's, what a signal
    handler raised. Its way from here on outwards is added as it goes on.
    """
    error.__traceback__ = None
    for link in chain(error):
        trace = link.__traceback__
        # What begins in a frame that still runs is our caller's: it called us while it handled it.
        if trace is not None and not running(trace.tb_frame):
            link.__traceback__ = None
    return error


def running(frame: FrameType) -> bool:
    """Whether a frame is among those that led here."""
    current: FrameType | None = sys._getframe()
    while current is not None and current is not frame:
        current = current.f_back
    return current is not None


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
    text = str(value)
    return redact(text) if visible(text) else value


REDACTING = Redacting()


def guard_logs() -> None:
    """Put the filter on the loggers of the HTTP libraries; putting it there twice does no harm."""
    for name in LOGGERS:
        # A filter works only on the logger that was called, not on those above it: hence one by one.
        logging.getLogger(name).addFilter(REDACTING)
