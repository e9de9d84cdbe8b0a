"""What a callback URL does with a request: verify, decrypt, read, remember. `wecom_contact.callback` hands in the events.

Nothing is parsed before the signature is known to be right. No exception takes the token, the key, the signature we
expected or what was decrypted along, in the local variables of its traceback either.

Hand-written: edit codegen/runtime/_runtime/callback.py.
"""

import binascii
import hashlib
import hmac
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    NoReturn,
    ParamSpec,
    TypeAlias,
    TypeVar,
)
from urllib.parse import parse_qsl

import orjson

from ..errors import CallbackRejected, RefusedArgument
from .codec import Codec, shared
from .events import (
    CONTROL,
    Event,
    Table,
    UnknownEvent,
    loads,
    read_event,
    read_plain,
    wire_data,
    write_event,
)
from .faults import DecodeError
from .keywords import known_as
from .policy import Drift
from .secrets import Secret, hide_locals
from .seen import MemorySeen, RedisSeen, Seen, SeenWithHas
from .values import is_integer, is_seconds

if TYPE_CHECKING:
    from .callback_web import AsgiApp, Handler, Key, WsgiApp

__all__ = [
    "CallbackBase",
    "CallbackRejected",
    "Event",
    "Forged",
    "MemorySeen",
    "Message",
    "RedisSeen",
    "Seen",
    "UnknownEvent",
    "asgi",
    "customer_or_chat",
    "wsgi",
]

P = ParamSpec("P")
T = TypeVar("T")

Query: TypeAlias = (
    Mapping[str, str]
    | Mapping[str, Sequence[str]]
    | Mapping[bytes, bytes]
    | Mapping[bytes, Sequence[bytes]]
    | str
    | bytes
)
"""A query string, or its parameters already decoded, alone or in lists as `parse_qs` gives them."""

PARAMETERS = {
    "msg_signature": b"msg_signature",
    "timestamp": b"timestamp",
    "nonce": b"nonce",
    "echostr": b"echostr",
}
"""What we need of a query, as text and as ASGI servers have it."""

BLOCK = 32
"""WeCom pads to 32 bytes, not to the 16 of AES."""

MAX_DELAY = 3600
"""Seconds by which an event may be older than its request may be: WeCom pushes late when it is busy."""

# The envelope of which only `Encrypt` counts, with what WeCom or a gateway may put around that.
# No blank can be matched in two ways, or an envelope of blanks would take hours.
OPENING = re.compile(r"(?:<\?xml[^<>]*\?>)?\s*<xml>")
OUTER = re.compile(
    r"\s*<([A-Za-z]+)(?:\s*/>"
    rf"|>(?:\s*<!\[CDATA\[([^\]{CONTROL}]*)\]\]>\s*|([^<&\]{CONTROL}]*))</\1>)"
)


class Forged(NamedTuple):
    """A request as WeCom would send it: `callback.read(*callback.forge(event))`."""

    query: dict[str, str]
    body: bytes


class Message(NamedTuple):
    """What was in a request, and which of the callback's `receive_ids` it was for."""

    content: bytes
    receiver: str


def hides_locals(method: Callable[P, T]) -> Callable[P, T]:
    """Let no exception take local variables along: key, token, signature and message are among them."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            hide_locals(error)
            del args, kwargs
            raise

    return call


@known_as("Callback")
class CallbackBase(ABC):
    """One callback URL: its token, its key, and the ids it takes messages for.

    `receive_ids` are the ids that stand at the end of a decrypted message: the corp id for a corp's own
    app, the suite id for a suite's command URL, the id of each authorised company for its data URL. The
    console checks a suite's URLs in the name of the service provider, so list that corp id too.
    `max_age` is how many seconds a request may be old (or ahead), None for any age; the event in it may be
    an hour older, because WeCom pushes late at times. `seen` remembers requests, so that a copied one is
    refused; None lets it pass. Several processes share a `RedisSeen`. `on_drift` is told once of each thing in
    events that the spec does not know.

    It is neither pickled nor copied, because it holds a key: build it in each process.
    """

    @hides_locals
    def __init__(
        self,
        token: str,
        aes_key: str,
        receive_ids: str | Iterable[str],
        *,
        max_age: float | None = 300,
        seen: Seen | Literal["memory"] | None = "memory",
        max_bytes: int = 256 * 1024,
        on_drift: Callable[[Drift], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        except ImportError as error:
            raise ImportError(
                "callbacks need cryptography: pip install 'wecom-contact[callback]'"
            ) from error
        check_token(token)
        key = read_key(aes_key)
        ids = read_ids(receive_ids)
        if max_age is not None and not (is_seconds(max_age)):
            what = f"seconds, more than 0, or None for any age, not {max_age!r}"
            raise RefusedArgument(what, "Callback.max_age")
        if not (seen is None or seen == "memory" or is_seen(seen)):
            what = 'is neither "memory" nor None, nor has it `add` and `discard`'
            raise RefusedArgument(what, "Callback.seen")
        if not is_integer(max_bytes) or max_bytes < 1:
            raise RefusedArgument(f"bytes, more than 0, not {max_bytes!r}", "Callback.max_bytes")
        if on_drift is not None and not callable(on_drift):
            what = f"is not a function of one argument, but {type(on_drift).__name__}"
            raise RefusedArgument(what, "Callback.on_drift")
        if not callable(clock):
            raise RefusedArgument("is not a function without arguments", "Callback.clock")
        self.receive_ids = ids
        self.max_age = max_age
        self.max_bytes = max_bytes
        self.seen = MemorySeen() if seen == "memory" else seen
        self._token = Secret(token)
        self._events = self._table()
        self._codec = shared if on_drift is None else Codec(on_drift=on_drift)
        self._clock = clock
        self._random: Callable[[int], bytes] = secrets.token_bytes
        # The initialisation vector is the same for every message, so the cipher is made once.
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    @abstractmethod
    def _table(self) -> Table:
        """The events that the spec knows, by the words that tell them."""

    @hides_locals
    def verify_url(self, query: Query) -> str:
        """Check the GET request that the console sends, and return the text to answer with, unquoted."""
        words = read_query(query)
        # Some servers read a plus sign in a query as a space; base64 has no spaces.
        encrypted = words.get("echostr", "").replace(" ", "+")
        if len(encrypted) > self.max_bytes:
            raise CallbackRejected("too large", f"more than {self.max_bytes} bytes")
        self._verify(words, encrypted)
        try:
            return self._decrypt(encrypted).content.decode()
        except UnicodeDecodeError:
            raise CallbackRejected("format", "the echo is not UTF-8") from None

    def read(self, query: Query, body: bytes | str) -> Event:
        """Verify, decrypt and read a POST request; the envelope may be XML or JSON.

        What WeCom has signed is an event, an `UnknownEvent` at worst; only a message that is empty, too deep or has
        a DOCTYPE is refused.

        A request that was read before is refused as `replayed`: answer 200 then, as for any other that
        you took. If you answer with an error so that WeCom tries again, call `forget` first.
        """
        words = read_query(query)
        try:
            event = self._event(words, body)
            new = self.seen is None or self.seen.add(request_key(words), self._memory_span)
            if not new:
                raise CallbackRejected("replayed", "this very request was read before")
            return event
        except BaseException as error:
            # What `hides_locals` does, without another call on the way of every event.
            hide_locals(error)
            raise

    @hides_locals
    def peek(self, query: Query, body: bytes | str) -> Event:
        """Verify, decrypt and read a POST request as `read` does, and remember nothing.

        For who must lose no event: peek, and if the event is not known (`knows`), put it in safe hands; then
        `remember` it, and answer. Whatever stops the process on the way, WeCom's next try is taken.
        """
        return self._event(read_query(query), body)

    @hides_locals
    def knows(self, query: Query, event: Event) -> bool:
        """Whether a request or its event is remembered. The memory must have a method `has`."""
        check_event(event, "Callback.knows.event")
        seen = self.seen
        if seen is None:
            return False
        if not isinstance(seen, SeenWithHas):
            raise RefusedArgument(f"{type(seen).__name__} has no method `has`", "Callback.seen")
        return seen.has(f"event:{event.key}") or seen.has(request_key(read_query(query)))

    @hides_locals
    def remember(self, query: Query, event: Event) -> None:
        """Remember a request and its event: for one that was peeked at, and is in safe hands now."""
        check_event(event, "Callback.remember.event")
        if self.seen is not None:
            self.seen.add(request_key(read_query(query)), self._memory_span)
            self.seen.add(f"event:{event.key}", self._memory_span)

    @hides_locals
    def decrypt(self, query: Query, body: bytes | str) -> Message:
        """Verify and decrypt a POST request without reading the message, nor remembering it."""
        return self._open(read_query(query), body)

    @hides_locals
    def is_new(self, event: Event) -> bool:
        """Whether this is the first time that this delivery comes; WeCom tries three times if not heard."""
        check_event(event, "Callback.is_new.event")
        return self.seen is None or self.seen.add(f"event:{event.key}", self._memory_span)

    @hides_locals
    def forget(self, query: Query, event: Event) -> None:
        """Let a request and its event come again: for one that was read but could not be taken."""
        check_event(event, "Callback.forget.event")
        if self.seen is not None:
            self.seen.discard(request_key(read_query(query)))
            self.seen.discard(f"event:{event.key}")

    @hides_locals
    def reply(
        self,
        message: str,
        *,
        receiver: str | None = None,
        timestamp: int | None = None,
        nonce: str | None = None,
        json: bool = False,
    ) -> str:
        """Encrypt and sign a passive reply. Customer contact needs none: answer `success`."""
        receiver = self.receive_ids[0] if receiver is None else receiver
        content = utf_8(message, "Callback.reply.message")
        check_words("Callback.reply", receiver, timestamp, nonce)
        encrypted = self._encrypt(content, receiver)
        words = self._sign(encrypted, timestamp, nonce)
        signature, stamp, nonce = words["msg_signature"], words["timestamp"], words["nonce"]
        if json:
            return orjson.dumps(
                {
                    "encrypt": encrypted,
                    "msgsignature": signature,
                    "timestamp": int(stamp),
                    "nonce": nonce,
                }
            ).decode()
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    @hides_locals
    def forge(
        self,
        event: Event,
        *,
        receiver: str | None = None,
        agent_id: int | None = None,
        timestamp: int | None = None,
        nonce: str | None = None,
        json: bool = False,
    ) -> Forged:
        """Make the request that WeCom would push for an event: for tests and development.

        The event's `time` counts as that of a real one does: `read` refuses one of long ago.
        """

        check_event(event, "Callback.forge.event")
        check_words("Callback.forge", receiver, timestamp, nonce)
        if not (agent_id is None or is_integer(agent_id)):
            what = f"a whole number, not {type(agent_id).__name__}"
            raise RefusedArgument(what, "Callback.forge.agent_id")
        try:
            if json:
                message = orjson.dumps(wire_data(event, self._events))
            else:
                message = write_event(event, self._events).encode()
        except RefusedArgument as error:
            raise error.under("Callback.forge.event") from None
        except (TypeError, ValueError) as error:
            # A lone surrogate, or what JSON has no word for.
            raise RefusedArgument(f"cannot be written: {error}", "Callback.forge.event") from None
        if receiver is None:
            ids = (event.receiver, event.suite_id, event.corp_id)
            receiver = next((name for name in ids if name in self.receive_ids), self.receive_ids[0])
        encrypted = self._encrypt(message, receiver or "")
        query = self._sign(encrypted, timestamp, nonce)
        agent = "" if agent_id is None else str(agent_id)
        if json:
            outer = {"tousername": receiver, "encrypt": encrypted, "agentid": agent}
            return Forged(query, orjson.dumps(outer))
        body = (
            f"<xml><ToUserName><![CDATA[{receiver}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<AgentID><![CDATA[{agent}]]></AgentID></xml>"
        )
        return Forged(query, body.encode())

    @hides_locals
    def forge_url(self, echo: str, *, timestamp: int | None = None) -> dict[str, str]:
        """Make the query of the GET request that WeCom sends when the URL is saved in the console."""
        content = utf_8(echo, "Callback.forge_url.echo")
        check_words("Callback.forge_url", None, timestamp, None)
        encrypted = self._encrypt(content, self.receive_ids[0])
        return {**self._sign(encrypted, timestamp, None), "echostr": encrypted}

    def _event(self, words: Mapping[str, str], body: bytes | str) -> Event:
        message, receiver = self._open(words, body)
        try:
            event = read_event(message, self._events, self._codec)
        except DecodeError as error:
            raise CallbackRejected("format", str(error)) from None
        event.receiver = receiver
        if self.max_age is not None:
            self._check_age(event, self.max_age)
        return event

    @property
    def _memory_span(self) -> float:
        # A request may be ahead of our clock by max_age, and is fresh until it is as much behind. The signature
        # sorts what it signs, so digits can move between timestamp and nonce, and an old request looks fresh
        # again; until its event is too old, it is known by its signature.
        return MAX_DELAY if self.max_age is None else 2 * self.max_age + MAX_DELAY

    def _signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = "".join(sorted((self._token.reveal(), timestamp, nonce, encrypted)))
        return hashlib.sha1(parts.encode("utf-8", "replace")).hexdigest()

    def _sign(self, encrypted: str, timestamp: int | None, nonce: str | None) -> dict[str, str]:
        stamp = str(int(self._clock()) if timestamp is None else timestamp)
        nonce = str(secrets.randbelow(10**10)) if nonce is None else nonce
        signature = self._signature(stamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}

    def _open(self, words: Mapping[str, str], body: Any) -> Message:
        if body.__class__ is not bytes:
            body = read_body(body)
        if len(body) > self.max_bytes:
            raise CallbackRejected("too large", f"more than {self.max_bytes} bytes")
        encrypted = read_envelope(body)
        self._verify(words, encrypted)
        return self._decrypt(encrypted)

    def _verify(self, words: Mapping[str, str], encrypted: str) -> None:
        """Refuse what the owner of the token did not sign, and what was signed too long ago."""
        stamp = words.get("timestamp", "")
        theirs = words.get("msg_signature", "").encode("utf-8", "replace")
        ours = self._signature(stamp, words.get("nonce", ""), encrypted).encode()
        if not hmac.compare_digest(ours, theirs):
            raise CallbackRejected("signature", "msg_signature does not fit")
        if self.max_age is None:
            return
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
            raise CallbackRejected("format", "the timestamp is not a number")
        age = self._clock() - int(stamp)
        if abs(age) > self.max_age:
            where = "old" if age > 0 else "ahead of our clock"
            raise CallbackRejected("too old", f"the request is {abs(age):.0f} seconds {where}")

    def _check_age(self, event: Event, max_age: float) -> None:
        """Refuse an event that happened too long ago; one that does not say when may pass."""
        when = event.time.timestamp()
        age = self._clock() - when
        if when > 0 and age > max_age + MAX_DELAY:
            raise CallbackRejected("too old", f"the event is {age:.0f} seconds old")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Callback holds a key and is not pickled or copied: build it in each process"
        )

    def _decrypt(self, encrypted: str) -> Message:
        """The message and whom it is for: 16 random bytes, a length, the message, the receiver, padding."""
        try:
            blocks = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:
            raise CallbackRejected("format", f"not base64: {error}") from None
        if not blocks or len(blocks) % 16:
            raise CallbackRejected(
                "format", f"{len(blocks)} bytes are not a whole number of blocks"
            )
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(blocks) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise CallbackRejected("padding", "is the EncodingAESKey the right one?")
        end = 20 + int.from_bytes(plain[16:20], "big")
        if end > len(plain) - pad:
            raise CallbackRejected("format", "the length field is longer than the message")
        receiver = plain[end : len(plain) - pad].decode("utf-8", "replace")
        if receiver not in self.receive_ids:
            ids = ", ".join(map(repr, self.receive_ids))
            raise CallbackRejected("receiver", f"{receiver[:64]!r} is none of {ids}")
        return Message(plain[20:end], receiver)

    def _encrypt(self, message: bytes, receiver: str) -> str:
        plain = self._random(16) + len(message).to_bytes(4, "big") + message + receiver.encode()
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        blocks = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return binascii.b2a_base64(blocks, newline=False).decode()


def check_token(token: str) -> None:
    if not isinstance(token, str):
        raise RefusedArgument(f"is not text but {type(token).__name__}", "Callback.token")
    if not token:
        raise RefusedArgument("is empty; anybody could sign", "Callback.token")
    if token != token.strip():
        raise RefusedArgument("has blanks around it", "Callback.token")


def read_key(aes_key: str) -> bytes:
    """The key behind an EncodingAESKey, which is base64 without its last sign."""
    if not isinstance(aes_key, str):
        raise RefusedArgument(f"is not text but {type(aes_key).__name__}", "Callback.aes_key")
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}", aes_key):
        blanks = ", and no blanks around them" if aes_key != aes_key.strip() else ""
        what = f"an EncodingAESKey has 43 letters and digits{blanks}"
        raise RefusedArgument(what, "Callback.aes_key")
    return binascii.a2b_base64(aes_key + "=")


def read_ids(receive_ids: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(receive_ids, str):
        receive_ids = (receive_ids,)
    if isinstance(receive_ids, bytes) or not isinstance(receive_ids, Iterable):
        what = f"an id or several, not {type(receive_ids).__name__}"
        raise RefusedArgument(what, "Callback.receive_ids")
    ids = tuple(receive_ids)
    if not ids:
        raise RefusedArgument("give at least one id", "Callback.receive_ids")
    for index, receive_id in enumerate(ids):
        path = f"Callback.receive_ids[{index}]"
        utf_8(receive_id, path)
        if receive_id != receive_id.strip():
            raise RefusedArgument("has blanks around it", path)
    return ids


def is_seen(value: object) -> bool:
    return callable(getattr(value, "add", None)) and callable(getattr(value, "discard", None))


def utf_8(text: str, path: str) -> bytes:
    """The bytes of an argument that must be text."""
    if not isinstance(text, str):
        raise RefusedArgument(f"is not text but {type(text).__name__}", path)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise RefusedArgument("has half of a surrogate pair", path) from None


def check_event(event: Event, path: str) -> None:
    if not isinstance(event, Event):
        raise RefusedArgument(f"an event, not {type(event).__name__}", path)


def check_words(path: str, receiver: str | None, timestamp: int | None, nonce: str | None) -> None:
    """Refuse what cannot stand in a request or a reply."""
    if receiver is not None:
        utf_8(receiver, f"{path}.receiver")
    if nonce is not None:
        utf_8(nonce, f"{path}.nonce")
    if not (timestamp is None or is_integer(timestamp)):
        what = f"a whole number of seconds, not {type(timestamp).__name__}"
        raise RefusedArgument(what, f"{path}.timestamp")


def read_query(query: Query) -> Mapping[str, str]:
    if isinstance(query, (bytes, bytearray, memoryview)):
        query = bytes(query).decode("latin-1")
    if not isinstance(query, str):
        return read_parameters(query)
    try:
        return dict(parse_qsl(query.removeprefix("?"), max_num_fields=50))
    except ValueError:
        raise CallbackRejected("format", "too many parameters") from None


def read_body(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    what = f"the bytes of the request, not {type(body).__name__}"
    raise RefusedArgument(what, "Callback.body")


def read_parameters(query: Any) -> Mapping[str, str]:
    """The parameters we need: frameworks have mappings of many kinds, and some give lists, or bytes."""
    get = getattr(query, "get", None)
    if not callable(get):
        what = f"a query string or its parameters, not {type(query).__name__}"
        raise RefusedArgument(what, "Callback.query")
    found = {}
    for name, raw in PARAMETERS.items():
        value = get(name)
        if value.__class__ is str:
            found[name] = value
            continue
        if value is None:
            try:
                value = get(raw)
            except TypeError:
                pass  # a mapping that knows nothing but text, as aiohttp's does
        if isinstance(value, (list, tuple)):
            value = value[-1] if value else None
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            found[name] = value
    return found


def request_key(words: Mapping[str, str]) -> str:
    # Timestamp, nonce and message are all in the signature. The nonce alone has too few digits for that.
    return f"request:{words.get('msg_signature', '')}"


def read_envelope(body: bytes) -> str:
    """The text of `Encrypt`, the only part of the outer envelope that is signed, and so the only one used.

    Anybody can send one, so no XML parser sees it: it is flat, and its elements stand as WeCom writes them.
    """
    inside = body.strip()
    if not inside.startswith(b"<xml>"):
        inside = inside.removeprefix(b"\xef\xbb\xbf").strip()
        if inside[:1] in (b"{", b"["):
            return read_json_envelope(inside)
    xml = inside.decode("utf-8", "replace")
    outer = read_plain(xml) or read_outer(xml)
    if outer is None:
        raise CallbackRejected("format", "neither WeCom's XML nor its JSON")
    encrypted = outer.get("Encrypt")
    if not isinstance(encrypted, str):
        raise CallbackRejected("format", "no Encrypt in the XML envelope")
    return encrypted.strip()


def read_json_envelope(body: bytes) -> str:
    try:
        envelope = loads(body)
    except DecodeError as error:
        raise CallbackRejected("format", error.what) from None
    if envelope is None:
        raise CallbackRejected("format", "not JSON")
    if isinstance(envelope, list) and len(envelope) == 1:
        envelope = envelope[0]
    found = envelope if isinstance(envelope, dict) else {}
    encrypted = found.get("encrypt", found.get("Encrypt"))
    if not isinstance(encrypted, str):
        raise CallbackRejected("format", "no encrypt in the JSON envelope")
    return encrypted


def read_outer(xml: str) -> dict[str, str] | None:
    """The elements of an envelope with a declaration, empty elements or blanks around CDATA; None for others."""
    begin = OPENING.match(xml)
    if begin is None:
        return None
    outer: dict[str, str] = {}
    at = begin.end()
    while found := OUTER.match(xml, at):
        name, quoted, bare = found.groups()
        if name in outer:
            return None
        outer[name] = quoted or bare or ""
        at = found.end()
    return outer if xml[at:].strip() == "</xml>" else None


def customer_or_chat(event: Event) -> tuple[str, str] | None:
    """The customer or group chat that an event is about, with the company; None for any other.

    As `key` of `asgi` and `wsgi` it keeps the events of each in order.
    """
    name = getattr(event, "external_userid", None) or getattr(event, "chat_id", None)
    return (event.corp_id, name) if name else None


def asgi(
    callback: CallbackBase,
    handler: "Handler | None" = None,
    *,
    before_answer: "Handler | None" = None,
    key: "Key | None" = None,
    workers: int = 32,
    queue: int = 1_000,
) -> "AsgiApp":
    """An ASGI app for a callback URL: answers at once, then hands new events to the handler.

    The handler is a function or a coroutine function; a function runs in a thread. An event that was read is
    handed on whatever becomes of its request: a client that has gone or a request that is cancelled costs none.
    `await app.aclose()`, and the end of the server's lifespan, wait for the handlers; from then on the answer is
    503, and WeCom tries again.

    Args:
        callback: Token, key and memory of the URL.
        handler: Has each event after the answer, while this process lives: for a welcome, which has 20 seconds.
        before_answer: Has each event before the answer: for what must not be lost, such as putting it into a queue.
            WeCom waits five seconds. If it raises, the answer is 500 and WeCom tries again, as it does if the
            process dies; then it may have the same event twice, so what it feeds should bear that. At the same
            time as another try of the event it does not run, in one process.
        key: Makes of an event what it keeps its order with, or None: such as `customer_or_chat`. Events with an equal
            key are handled one after the other in the order in which they were taken by this process.
        workers: Events that are handled at a time.
        queue: Events that wait for that in memory; when it is full the answer is 503, and WeCom tries again.
    """
    from .callback_web import AsgiApp, duties

    counts = {"workers": (workers, 1), "queue": (queue, 0)}
    given = duties("asgi", callback, handler, before_answer, key, counts)
    return AsgiApp(given, workers, queue)


def wsgi(
    callback: CallbackBase,
    handler: "Handler | None" = None,
    *,
    before_answer: "Handler | None" = None,
    key: "Key | None" = None,
    workers: int = 4,
    queue: int = 1_000,
) -> "WsgiApp":
    """A WSGI app for a callback URL: answers at once, and hands new events to the handler in a thread.

    `app.close()` waits for the handlers; from then on the answer is 503, and WeCom tries again.

    Args:
        callback: Token, key and memory of the URL.
        handler: Has each event after the answer, while this process lives: for a welcome, which has 20 seconds.
        before_answer: Has each event before the answer, in the server's thread; `asgi` tells more.
        key: Makes of an event what it keeps its order with, or None: such as `customer_or_chat`.
        workers: Threads, and so the events that are handled at a time.
        queue: Events that wait for that in memory; when it is full the answer is 503, and WeCom tries again.
    """
    from .callback_web import WsgiApp, duties

    counts = {"workers": (workers, 1), "queue": (queue, 0)}
    given = duties("wsgi", callback, handler, before_answer, key, counts)
    return WsgiApp(given, workers, queue)
