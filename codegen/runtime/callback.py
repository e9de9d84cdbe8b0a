"""Callbacks: verify, decrypt and read what WeCom pushes. No I/O except to remember what was seen.

    callback = Callback(token, aes_key, receive_ids)

    callback.verify_url(query)                # GET: the text to answer with, bare
    event = callback.read(query, body)        # POST: one of `wecom_contact.events`
    if callback.is_new(event): ...            # WeCom repeats what it thinks was not heard

    asgi(callback, handler)  wsgi(callback, handler)    # all of that as an app

Whatever is wrong with a request is a `CallbackRejected` that says what, and nothing is parsed before the
signature is known to be right. Needs `pip install wecom-contact[callback]`.

Hand-written: edit codegen/runtime/callback.py.
"""

import binascii
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

import orjson

from ._events import Event, UnknownEvent, read_plain, wire_data, write_xml
from ._seen import MemorySeen, RedisSeen, Seen
from .codec import DecodeError
from .errors import CallbackRejected

if TYPE_CHECKING:
    from ._callback_web import AsgiApp, Handler, WsgiApp

__all__ = [
    "Callback",
    "CallbackRejected",
    "Event",
    "Forged",
    "MemorySeen",
    "Message",
    "RedisSeen",
    "Seen",
    "UnknownEvent",
    "asgi",
    "wsgi",
]

Query: TypeAlias = Mapping[str, str] | str | bytes
"""A query string, or its parameters already decoded."""

PARAMETERS = ("msg_signature", "timestamp", "nonce", "echostr")

BLOCK = 32
"""WeCom pads to 32 bytes, not to the 16 of AES."""


class Forged(NamedTuple):
    """A request as WeCom would send it: `callback.read(*callback.forge(event))`."""

    query: dict[str, str]
    body: bytes


class Message(NamedTuple):
    """What was in a request, and which of the callback's `receive_ids` it was for."""

    content: bytes
    receiver: str


class Callback:
    """One callback URL: its token, its key, and the ids it takes messages for.

    `receive_ids` are the ids that stand at the end of a decrypted message: the corp id for a corp's own
    app, the suite id for a suite's command URL, the id of each authorised company for its data URL. The
    console checks a suite's URLs in the name of the service provider, so list that corp id too.
    `max_age` is how many seconds a request may be old (or ahead), None for any age. `seen` remembers
    requests, so that a copied one is refused; None lets it pass. Several processes share a `RedisSeen`.
    """

    def __init__(
        self,
        token: str,
        aes_key: str,
        receive_ids: str | Iterable[str],
        *,
        max_age: float | None = 300,
        seen: Seen | Literal["memory"] | None = "memory",
        max_bytes: int = 256 * 1024,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        except ImportError as error:
            raise ImportError(
                "callbacks need cryptography: pip install 'wecom-contact[callback]'"
            ) from error
        if not token:
            raise ValueError("Callback.token: is empty; anybody could sign")
        ids = (receive_ids,) if isinstance(receive_ids, str) else tuple(receive_ids)
        if not ids:
            raise ValueError("Callback.receive_ids: give at least one id")
        self.receive_ids = ids
        self.max_age = max_age
        self.max_bytes = max_bytes
        self.seen = MemorySeen() if seen == "memory" else seen
        self._token = token
        self._clock = clock
        self._random: Callable[[int], bytes] = secrets.token_bytes
        key = read_key(aes_key)
        # The initialisation vector is the same for every message, so the cipher is made once.
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

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
            raise CallbackRejected("format", "the echo is no UTF-8") from None

    def read(self, query: Query, body: bytes | str) -> Event:
        """Verify, decrypt and read a POST request; the envelope may be XML or JSON.

        A request that was read before is refused as `replayed`: answer 200 then, as for any other that
        you took. If you answer with an error so that WeCom tries again, call `forget` first.
        """
        words = read_query(query)
        message, receiver = self._open(words, body)
        try:
            event = parse(message)
        except DecodeError as error:
            raise CallbackRejected("format", str(error)) from None
        event.receiver = receiver
        new = self.seen is None or self.seen.add(request_key(words), self._memory_span)
        if not new:
            raise CallbackRejected("replayed", "this very request was read before")
        return event

    def decrypt(self, query: Query, body: bytes | str) -> Message:
        """Verify and decrypt a POST request without reading the message, nor remembering it."""
        return self._open(read_query(query), body)

    def is_new(self, event: Event) -> bool:
        """Whether this is the first time that this delivery comes; WeCom tries three times if not heard."""
        return self.seen is None or self.seen.add(f"event:{event.key}", self._memory_span)

    def forget(self, query: Query, event: Event) -> None:
        """Let a request and its event come again: for one that was read but could not be taken."""
        if self.seen is not None:
            self.seen.discard(request_key(read_query(query)))
            self.seen.discard(f"event:{event.key}")

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
        encrypted = self._encrypt(message.encode(), receiver)
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
        """Make the request that WeCom would push for an event: for tests and development."""
        from . import events

        data = wire_data(event, events.TABLE)
        message = orjson.dumps(data) if json else write_xml(data).encode()
        if receiver is None:
            ids = (event.receiver, event.suite_id, event.corp_id)
            receiver = next((each for each in ids if each in self.receive_ids), self.receive_ids[0])
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

    def forge_url(self, echo: str, *, timestamp: int | None = None) -> dict[str, str]:
        """Make the query of the GET request that WeCom sends when the URL is saved in the console."""
        encrypted = self._encrypt(echo.encode(), self.receive_ids[0])
        return {**self._sign(encrypted, timestamp, None), "echostr": encrypted}

    @property
    def _memory_span(self) -> float:
        # A request may be ahead of our clock by max_age, and is fresh until it is as much behind.
        return 3600 if self.max_age is None else 2 * self.max_age

    def _signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(parts.encode("utf-8", "replace")).hexdigest()

    def _sign(self, encrypted: str, timestamp: int | None, nonce: str | None) -> dict[str, str]:
        stamp = str(int(self._clock()) if timestamp is None else timestamp)
        nonce = str(secrets.randbelow(10**10)) if nonce is None else nonce
        signature = self._signature(stamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}

    def _open(self, words: Mapping[str, str], body: bytes | str) -> Message:
        body = body.encode("utf-8", "replace") if isinstance(body, str) else body
        if len(body) > self.max_bytes:
            raise CallbackRejected("too large", f"more than {self.max_bytes} bytes")
        encrypted = read_envelope(body)
        self._verify(words, encrypted)
        return self._decrypt(encrypted)

    def _verify(self, words: Mapping[str, str], encrypted: str) -> None:
        """Refuse what the owner of the token did not sign, and what was signed too long ago."""
        stamp = words.get("timestamp", "")
        ours = self._signature(stamp, words.get("nonce", ""), encrypted)
        theirs = words.get("msg_signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(ours.encode(), theirs):
            raise CallbackRejected("signature", "msg_signature does not fit")
        if self.max_age is None:
            return
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
            raise CallbackRejected("format", "the timestamp is no number")
        age = self._clock() - int(stamp)
        if abs(age) > self.max_age:
            where = "old" if age > 0 else "ahead of our clock"
            raise CallbackRejected("too old", f"the request is {abs(age):.0f} seconds {where}")

    def _decrypt(self, encrypted: str) -> Message:
        """The message and whom it is for: 16 random bytes, a length, the message, the receiver, padding."""
        try:
            sealed = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:
            raise CallbackRejected("format", f"no base64: {error}") from None
        if not sealed or len(sealed) % 16:
            raise CallbackRejected("format", f"{len(sealed)} bytes are no whole number of blocks")
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
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
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return binascii.b2a_base64(sealed, newline=False).decode()


def read_key(aes_key: str) -> bytes:
    """The key behind an EncodingAESKey, which is base64 without its last sign."""
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}", aes_key):
        raise CallbackRejected("key", "an EncodingAESKey has 43 letters and digits")
    return binascii.a2b_base64(aes_key + "=")


def read_query(query: Query) -> Mapping[str, str]:
    if isinstance(query, bytes):
        query = query.decode("latin-1")
    if not isinstance(query, str):
        # Frameworks have mappings of many kinds, and some give lists.
        found = ((name, query.get(name)) for name in PARAMETERS)
        return {name: value for name, value in found if isinstance(value, str)}
    try:
        return dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise CallbackRejected("format", "too many parameters") from None


def request_key(words: Mapping[str, str]) -> str:
    # Timestamp, nonce and message are all in the signature. The nonce alone has too few digits for that.
    return f"request:{words.get('msg_signature', '')}"


def read_envelope(body: bytes) -> str:
    """The text of `Encrypt`, the only part of the outer envelope that is signed, and so the only one used.

    Anybody can send one, so no XML parser sees it: it is flat, and its elements stand as WeCom writes them.
    """
    inside = body.strip()
    if inside.startswith(b"{"):
        try:
            whole: dict[str, Any] = orjson.loads(inside)
        except ValueError as error:
            raise CallbackRejected("format", f"no JSON: {error}") from None
        encrypted = whole.get("encrypt", whole.get("Encrypt"))
        if not isinstance(encrypted, str):
            raise CallbackRejected("format", "no encrypt in the JSON envelope")
        return encrypted
    outer = read_plain(inside.decode("utf-8", "replace"))
    if outer is None:
        raise CallbackRejected("format", "neither WeCom's XML nor its JSON")
    if "Encrypt" not in outer:
        raise CallbackRejected("format", "no Encrypt in the XML envelope")
    text: str = outer["Encrypt"]
    return text.strip()


def parse(message: bytes) -> Event:
    # The one place where the runtime needs something generated: the table of events.
    from . import events

    return events.parse(message)


def asgi(callback: Callback, handler: "Handler") -> "AsgiApp":
    """An ASGI app for a callback URL: answers at once, then hands new events to the handler.

    The handler is a function or a coroutine function; a function runs in a thread.
    """
    from ._callback_web import AsgiApp

    return AsgiApp(callback, handler)


def wsgi(callback: Callback, handler: "Handler", *, workers: int = 4) -> "WsgiApp":
    """A WSGI app for a callback URL: answers at once, and hands new events to the handler in a thread."""
    from ._callback_web import WsgiApp

    return WsgiApp(callback, handler, workers)
