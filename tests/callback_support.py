"""What the tests of callbacks share: keys, fixtures, a way to sign anything, and any event there can be."""

import base64
import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

import attrs
from hypothesis import strategies as st
from servers_support import redis_program
from wecom_contact._runtime.events import Event, UnknownEvent
from wecom_contact._runtime.model import BEIJING, OpenInt, OpenStr
from wecom_contact.callback import Callback, Forged
from wecom_contact.events import TABLE

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures" / "events"

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wxf8b4f85f3a794e77"
SUITE = "ww4asffe99e54c0f4c"
NOW = 1_403_610_520


def callback(**options: Any) -> Callback:
    """A callback for a corp and a suite, whose clock stands still."""
    return Callback(TOKEN, AES_KEY, [CORP, SUITE], **{"clock": lambda: NOW, **options})


def deaf(**options: Any) -> Callback:
    """A callback that remembers nothing, so that the same request can be read again."""
    return callback(**{"seen": None, **options})


def seal(wecom: Callback, plain: bytes) -> str:
    """Encrypt what may not be a proper message; whole blocks only."""
    encryptor = wecom._cipher.encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def signed(wecom: Callback, encrypted: str, **words: Any) -> Forged:
    """A request with a good signature, whatever it holds."""
    query = wecom._sign(encrypted, words.get("timestamp"), words.get("nonce"))
    return Forged(query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode())


def sent(wecom: Callback, message: str | bytes, receiver: str = CORP) -> Forged:
    """A request with a good signature around any message."""
    content = message.encode() if isinstance(message, str) else message
    return signed(wecom, wecom._encrypt(content, receiver))


class Case(NamedTuple):
    """A fixture in one of its envelopes."""

    name: str
    data: dict[str, Any]
    xml: str
    suite_id: str | None


def cases() -> Iterator[Case]:
    """Every fixture in every envelope it has."""
    for path in sorted(FIXTURES.glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        if "app" in data:
            yield Case(f"{path.stem}-app", data, data["app"], None)
        if "suite" in data:
            yield Case(f"{path.stem}-suite", data, data["suite"], data["suite_id"])


# Any event there can be. Text is what XML can hold; the words of the envelope have no spaces around them.

text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\r\n]>&<"),
    max_size=20,
)
word = text.map(str.strip)
element = st.from_regex("X[A-Za-z]{1,8}", fullmatch=True)
nested = st.recursive(
    text,
    lambda inner: st.dictionaries(element, inner, min_size=1, max_size=3),
    max_leaves=4,
)
several = st.lists(nested, min_size=2, max_size=3)
extra = st.dictionaries(element, nested | several, max_size=3)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    if get_origin(kind) in (Union, UnionType):
        inner = [each for each in get_args(kind) if each is not NoneType]
        return st.none() | st.one_of([values(each) for each in inner])
    if get_origin(kind) is list:
        return st.lists(values(get_args(kind)[0]), max_size=3)
    if kind is str:
        return text
    if kind is int:
        return st.integers(-(10**12), 10**12)
    if kind is datetime:
        return st.integers(1, 4 * 10**9).map(lambda when: datetime.fromtimestamp(when, BEIJING))
    if kind is Any:
        return nested
    if issubclass(kind, OpenInt):
        return st.integers(0, 10).map(kind)
    assert issubclass(kind, OpenStr)
    return st.sampled_from([*kind, kind("of_next_year")])


def instances(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Events of a class."""
    hints = get_type_hints(cls, include_extras=True)
    fields = {
        each.alias: values(hints[each.name])
        for each in attrs.fields(cls)
        if each.name not in ("_extra", "receiver")
    }
    if cls is UnknownEvent:
        # Not one of the table's.
        fields["family"] = word.map(lambda family: f"x{family}") | st.just("")
        fields["change"] = st.none() | word
    return st.builds(cls, **fields, extra=extra)


any_event = st.sampled_from([*TABLE.values(), UnknownEvent]).flatmap(instances)


class Reply(NamedTuple):
    """What a server answered."""

    status: int
    text: str
    kind: str


def request(address: str, query: dict[str, str], body: bytes | None = None) -> Reply:
    """A real request, as WeCom sends it."""
    asked = urllib.request.Request(f"{address}?{urlencode(query)}", body)
    asked.add_header("Content-Type", "text/xml")
    try:
        with urllib.request.urlopen(asked, timeout=10) as reply:
            return Reply(reply.status, reply.read().decode(), reply.headers["Content-Type"])
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read().decode(), error.headers["Content-Type"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(ready: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis_server(port: int | None = None) -> Iterator[int]:
    """A Redis of our own; its port."""
    port = port or free_port()
    command = [redis_program(), "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(port))
            yield port
        finally:
            process.terminate()


@contextmanager
def running(command: list[str], port: int, env: dict[str, str]) -> Iterator[list[str]]:
    """A program that serves a port; the lines it prints."""
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as process:
        assert process.stdout is not None

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.strip())

        reader = threading.Thread(target=read)
        reader.start()
        try:
            wait_for(lambda: listens(port) or process.poll() is not None)
            assert process.poll() is None, lines
            yield lines
        finally:
            process.terminate()
            reader.join()
