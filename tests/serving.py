"""A fast loopback server that plays WeCom, and breaks in every way a network can. Threads and raw sockets."""

import asyncio
import base64
import datetime
import ipaddress
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from wecom_contact import AsyncClient, Client
from wecom_contact._runtime.media import Download
from wecom_contact.retry import Retry

CORP, SECRET = "ww0123456789abcdef", "s3cr3t-Of-The-App-0123456789"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def target(self) -> str:
        return self.path + "?" + "&".join(f"{key}={value}" for key, value in self.query.items())


@dataclass
class Reply:
    body: bytes | str | dict[str, Any] | list[Any] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def wire(self) -> bytes:
        body = self.body
        kind = "application/json; charset=UTF-8"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **self.headers}
        head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        return f"HTTP/1.1 {self.status} OK\r\n{head}\r\n".encode() + body


OK = {"errcode": 0, "errmsg": "ok"}


def says(code: int, message: str = "no", **more: Any) -> Reply:
    return Reply({"errcode": code, "errmsg": message, **more})


@dataclass
class Cut:
    """Read the request and hang up; `keep` bytes of an answer come first."""

    keep: int = 0
    reply: Reply = field(default_factory=Reply)
    reset: bool = False


@dataclass
class Hang:
    """Read the request and say nothing for a while."""

    seconds: float
    reply: Reply = field(default_factory=lambda: Reply(OK))


@dataclass
class Talk:
    """Read the request, and say what `talk` says until it ends or the client has hung up."""

    talk: Callable[[socket.socket], None]


def drip(head: bytes, drop: bytes, pause: float = 0.02, drops: int = 1000) -> Talk:
    """Begin, and then let an answer drip: byte by byte, say, and never to its end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(drops):
            connection.sendall(drop)
            time.sleep(pause)

    return Talk(talk)


Action = Reply | Cut | Hang | Talk
Handler = Callable[[Request], Action]


class Server:
    """Answers with what `handler` returns, and remembers what was asked."""

    def __init__(self, handler: Handler, context: Any = None) -> None:
        self.handler = handler
        self.context = context
        self.requests: list[Request] = []
        self.connections = 0
        self.open = 0
        self.most = 0
        self.lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self._closing = False
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open += 1
                self.most = max(self.most, self.open)
                self._sockets.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.context is not None:
                raw = connection
                connection = self.context.wrap_socket(raw, server_side=True)
                with self.lock:
                    self._sockets.discard(raw)
                    self._sockets.add(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            while request := self._read(stream):
                self.requests.append(request)
                action = self.handler(request)
                if isinstance(action, Hang):
                    time.sleep(action.seconds)
                    action = action.reply
                if isinstance(action, Talk):
                    action.talk(connection)
                    break
                if isinstance(action, Cut):
                    if action.keep:
                        connection.sendall(action.reply.wire()[: action.keep])
                    if action.reset:
                        # Linger 0: the peer gets a reset and no end of stream.
                        linger = struct.pack("ii", 1, 0)
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    break
                connection.sendall(action.wire())
        except OSError:
            pass
        finally:
            with self.lock:
                self.open -= 1
                self._sockets.discard(connection)
            try:
                # The read end keeps a file object's reference alive; say goodbye for it.
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            stream = None
            connection.close()

    @staticmethod
    def _read(stream: Any) -> Request | None:
        line = stream.readline()
        if not line.startswith((b"GET ", b"POST ")):
            return None  # the end, or no HTTP
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            key, _, value = line.decode("latin-1").partition(":")
            headers[key.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        if target.startswith("http://"):  # as a proxy passes it on
            target = "/" + target.split("/", 3)[3]
        path, _, query = target.partition("?")
        return Request(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, body)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [each for each in self.requests if each.path == path]

    def hang_up(self) -> None:
        """Close every connection, as an idle timeout would."""
        with self.lock:
            sockets = list(self._sockets)
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.hang_up()


@contextmanager
def serving(handler: Handler, context: Any = None) -> Iterator[Server]:
    server = Server(handler, context)
    try:
        yield server
    finally:
        server.close()


class WeCom:
    """Tokens as WeCom gives them, and whatever else the test puts into `answers`.

    `answers[path]` is an Action, a function of the request, or a list of these, taken one by one (the last stays).
    """

    GETTOKEN = "/cgi-bin/gettoken"

    def __init__(self, life: float = 7200, strict: bool = True) -> None:
        self.life = life
        self.strict = strict
        self.issued: list[tuple[str, float]] = []
        self.dead: set[str] = set()
        self.answers: dict[str, Any] = {}
        self.lock = threading.Lock()

    def token(self) -> str:
        """A new token."""
        with self.lock:
            value = f"tOkEn-{len(self.issued)}-{'x' * 24}"
            self.issued.append((value, time.time()))
            return value

    def good(self, token: str | None) -> bool:
        for value, born in reversed(self.issued):
            if value == token:
                return token not in self.dead and time.time() < born + self.life
        return False

    def expire(self) -> None:
        """Every token given so far is no good any more."""
        self.dead.update(value for value, _ in self.issued)

    def __call__(self, request: Request) -> Action:
        tokenless = request.path == self.GETTOKEN or "/service/get_" in request.path
        if self.strict and not tokenless and not self.good(request.query.get("access_token")):
            return says(
                42001, f"access_token expired, hint: [1], from ip: 1.2.3.4 {request.target}"
            )
        found = self.answers.get(request.path)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if found is None and request.path == self.GETTOKEN:
            if request.query.get("corpsecret") != SECRET:
                return says(40001, "invalid credential")
            return says(0, "ok", access_token=self.token(), expires_in=self.life)
        if callable(found):
            found = found(request)
        return found if found is not None else Reply(OK)


QUICK = Retry(first=0.001, longest=0.002)


class Sync:
    """The blocking client, for tests that are written once for both."""

    name = "sync"

    def __init__(self, url: str, **options: Any) -> None:
        if "credential" not in options:
            options = {"corp_id": CORP, "secret": SECRET, **options}
        self.client: Any = Client(base_url=url, **{"retry": QUICK, **options})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.client.close()

    def close(self) -> None:
        self.client.close()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def send(self, call: Any) -> Any:
        return self.client.send(call)

    def raw(self, *args: Any, **options: Any) -> Any:
        return self.client.raw(*args, **options)

    def download(self, call: Any, to: Any = None) -> Download:
        found: Download = self.client.download(call, to)
        return found

    def items(self, pager: Any, most: int = 1_000_000) -> list[Any]:
        found = []
        for item in pager:
            found.append(item)
            if len(found) == most:
                break
        return found

    def pages(self, pager: Any) -> list[Any]:
        return list(pager.pages())

    def together(self, function: str, calls: list[Any]) -> list[Any]:
        """Run calls at once, in threads; results or exceptions."""
        results: list[Any] = [None] * len(calls)

        def run(place: int, call: Any) -> None:
            try:
                results[place] = getattr(self.client, function)(*call)
            except Exception as error:
                results[place] = error

        threads = [
            threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


class Aio(Sync):
    """The asyncio client in the same clothes."""

    name = "async"

    def __init__(self, url: str, **options: Any) -> None:
        if "credential" not in options:
            options = {"corp_id": CORP, "secret": SECRET, **options}
        self.client = AsyncClient(base_url=url, **{"retry": QUICK, **options})
        self.runner = asyncio.Runner()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()

    def close(self) -> None:
        self.run(self.client.aclose())

    def sleep(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def send(self, call: Any) -> Any:
        return self.run(self.client.send(call))

    def raw(self, *args: Any, **options: Any) -> Any:
        return self.run(self.client.raw(*args, **options))

    def download(self, call: Any, to: Any = None) -> Download:
        found: Download = self.run(self.client.download(call, to))
        return found

    def items(self, pager: Any, most: int = 1_000_000) -> list[Any]:
        async def walk() -> list[Any]:
            found = []
            async for item in pager:
                found.append(item)
                if len(found) == most:
                    break
            return found

        found: list[Any] = self.run(walk())
        return found

    def pages(self, pager: Any) -> list[Any]:
        async def walk() -> list[Any]:
            return [page async for page in pager.pages()]

        found: list[Any] = self.run(walk())
        return found

    def together(self, function: str, calls: list[Any]) -> list[Any]:
        async def all_of_them() -> list[Any]:
            work = [getattr(self.client, function)(*call) for call in calls]
            return await asyncio.gather(*work, return_exceptions=True)

        found: list[Any] = self.run(all_of_them())
        return found


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context for 127.0.0.1, and the file that makes it trusted."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted = folder / "ca.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, str(trusted)


class Proxy:
    """A forward proxy: whole URLs for http, CONNECT for https. With a password, if `user` is given."""

    def __init__(self, user: str = "") -> None:
        self.user = user
        self.lines: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://{user + '@' if user else ''}127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                client.close()
                return
            head += piece
        line, _, rest = head.partition(b"\r\n")
        self.lines.append(line.decode())
        expected = base64.b64encode(self.user.encode())
        if self.user and expected not in rest:
            client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        method, target, version = line.split(b" ")
        if method == b"CONNECT":
            host = target
        else:
            host, _, path = target.removeprefix(b"http://").partition(b"/")
        name, _, port = host.partition(b":")
        upstream = socket.create_connection((name.decode(), int(port)))
        if method == b"CONNECT":
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            upstream.sendall(b"%s /%s %s\r\n%s" % (method, path, version, rest))
        back = threading.Thread(target=self._pipe, args=(upstream, client), daemon=True)
        back.start()
        self._pipe(client, upstream)
        back.join()
        client.close()
        upstream.close()

    @staticmethod
    def _pipe(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()


@contextmanager
def deaf() -> Iterator[str]:
    """An address where a connection is neither made nor refused: a listener whose queue is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    queue = []
    for _ in range(4):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(address)
        queue.append(waiting)
    time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{address[1]}"
    finally:
        for each in (*queue, listener):
            each.close()


def unused() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
