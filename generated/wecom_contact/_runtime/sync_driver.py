"""The blocking driver: does what the flows of `flow.py` ask for, over urllib3. It decides nothing.

Hand-written: edit codegen/runtime/_runtime/sync_driver.py.
"""

import inspect
import io
import os
import queue
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.client import HTTPException, HTTPResponse
from math import inf
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypedDict, TypeVar, Unpack

from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    ProxyManager,
    Timeout,
    make_headers,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry as Urllib3Retry
from urllib3.util import parse_url

from ..credentials import Credential, Provider, TokenKind
from ..errors import ErrorFact, RefusedArgument
from ..limits import Limiter
from ..retry import Retry, Retrying, Timeouts
from ..stores import TokenStore
from .codec import codec_of
from .flow import Engine, Paging
from .gates import Turn
from .keywords import known_as
from .media import CHUNK, Download, Multipart, Sink
from .model import Call, PagedCall
from .policy import Drift
from .secrets import Hidden, Secret, drop_frames, guard_logs
from .setup import (
    BASE_URL,
    CLIENTS,
    POOL_SIZE,
    RETRY,
    TIMEOUTS,
    UNCHANGED,
    Unchanged,
    changes,
    default_context,
    from_environment,
    kept,
    refused_await,
    setup,
    untrusted,
)
from .steps import (
    ENOUGH,
    LARGEST,
    TOO_LARGE,
    Answer,
    Break,
    Broken,
    Flow,
    Invoke,
    Send,
    Sleep,
    Wait,
    broken,
    proxy_said,
)
from .telemetry import CallRecord

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")

NO_RETRIES = Urllib3Retry(False)
"""The flow decides."""


RECHECK = 0.1
"""Seconds after which one who waits in line looks for room again, should an interrupt have cost a wake-up."""
REFUSAL = re.compile(r"Tunnel connection failed: (\d+)")
"""How http.client says that a proxy does not connect us."""


class Options(TypedDict, total=False):
    """What a client may be given by name."""

    corp_id: str | None
    secret: str | Secret | None
    credential: Credential | None
    provider: Provider | None
    base_url: str
    timeout: float | Timeouts
    proxy: str | Secret | None
    ssl_context: ssl.SSLContext | None
    ca_certs: str | None
    pool_size: int
    token_store: TokenStore | None
    retry: Retry | None
    limiter: Limiter | None
    check: bool
    strict: bool
    on_call: Callable[[CallRecord], None] | None
    on_retry: Callable[[Retrying], None] | None
    on_drift: Callable[[Drift], None] | None


@known_as("Client")
class SyncDriver:
    """Sends calls and waits for them. Threads may share one; `close` it, or use it in a `with`."""

    def __init__(
        self,
        corp_id: str | None = None,
        secret: str | Secret | None = None,
        *,
        credential: Credential | None = None,
        provider: Provider | None = None,
        base_url: str = BASE_URL,
        timeout: float | Timeouts = TIMEOUTS,
        proxy: str | Secret | None = None,
        ssl_context: ssl.SSLContext | None = None,
        ca_certs: str | None = None,
        pool_size: int = POOL_SIZE,
        token_store: TokenStore | None = None,
        retry: Retry | None = RETRY,
        limiter: Limiter | None = None,
        check: bool = True,
        strict: bool = False,
        on_call: Callable[[CallRecord], None] | None = None,
        on_retry: Callable[[Retrying], None] | None = None,
        on_drift: Callable[[Drift], None] | None = None,
    ) -> None:
        # Out of sight before anything can go wrong: tracebacks show parameters, too.
        secret = None if secret is None else Secret(secret)
        proxy = None if proxy is None else Secret(proxy)
        guard_logs()
        made = setup(
            type(self).__name__,
            corp_id=corp_id,
            secret=secret,
            credential=credential,
            provider=provider,
            base_url=base_url,
            timeout=timeout,
            proxy=proxy,
            ssl_context=ssl_context,
            ca_certs=ca_certs,
            pool_size=pool_size,
            token_store=token_store,
            retry=retry,
            limiter=limiter,
            hooks={"on_call": on_call, "on_retry": on_retry, "on_drift": on_drift},
            awaits=False,
        )
        self._engine = Engine(
            errors=self._error_table,
            credential=made.credential,
            provider=provider,
            base_url=base_url,
            proxy=made.proxy,
            absolute_urls=proxy is not None and parse_url(base_url).scheme == "http",
            store=token_store,
            retry=retry,
            codec=codec_of(strict, on_drift),
            check=check,
            limiter=limiter,
            room=pool_size,
            on_call=on_call,
            on_retry=on_retry,
        )
        self._connections = Connections(partial(pool, base_url, proxy, made.context, pool_size))
        self._timeout = patience(made.timeouts)
        self._origin: SyncDriver | None = None
        """The client that this one was made from, and whose connections it uses."""
        CLIENTS.add(self)

    @classmethod
    def from_env(cls, **options: Unpack[Options]) -> Self:
        """Make a client of what the environment says: `WECOM_CORP_ID`, `WECOM_SECRET`, and `WECOM_BASE_URL` if it is set.

        Options are those of the client, and count more. Raises `RefusedArgument` for a variable that is not set.
        """
        return cls(**from_environment(cls.__name__, options))

    def with_options(
        self,
        *,
        timeout: float | Timeouts | Unchanged = UNCHANGED,
        retry: Retry | None | Unchanged = UNCHANGED,
        check: bool | Unchanged = UNCHANGED,
        strict: bool | Unchanged = UNCHANGED,
        limiter: Limiter | None | Unchanged = UNCHANGED,
        on_call: Callable[[CallRecord], None] | None | Unchanged = UNCHANGED,
    ) -> Self:
        """Make a client that does some things differently: `wecom.with_options(timeout=3).welcome.send(…)`.

        It costs microseconds, and shares connections, their number, tokens and what is known of limits with this one. Closing it
        closes nothing else; it ends with the client that was there first, which must be closed as ever.
        """
        given = {
            "timeout": timeout,
            "retry": retry,
            "check": check,
            "strict": strict,
            "limiter": limiter,
            "on_call": on_call,
        }
        changed = changes(type(self).__name__, False, given)
        made = self._light(self._engine.with_options(changed))
        if "timeout" in changed:
            made._timeout = patience(changed["timeout"])
        return made

    def for_corp(self, corp_id: str, permanent_code: str | Secret) -> Self:
        """Make a client that speaks for another company, which has authorised the suite or the provider's app.

        Of a client with a `Suite` or an `AuthorizedCorp` it is an `AuthorizedCorp` of the same suite (第三方), of any other a
        `Corp` (代开发). It shares connections, their number, the store, the limiter and the suite's token with this one; asked for
        again, it knows the company's token. Closing it closes nothing else; it ends with the client that was there first.
        """
        permanent_code = Secret(permanent_code)
        try:
            engine = self._engine.for_corp(corp_id, permanent_code)
        except RefusedArgument as error:
            raise error.under(f"{type(self).__name__}.for_corp") from None
        return self._light(engine)

    @property
    def limiter(self) -> Limiter | None:
        """The limiter that its calls ask, if it has one."""
        return self._engine.limiter

    def _light(self, engine: Engine) -> Self:
        """Another one with the connections of this one."""
        made = type(self).__new__(type(self))
        vars(made).update(kept(self))
        made._engine = engine
        made._origin = self._origin or self
        return made

    def _error_table(self) -> Mapping[int, ErrorFact]:
        """What the spec knows about error codes."""
        return {}

    def __repr__(self) -> str:
        engine = getattr(self, "_engine", None)  # a constructor that failed has made none
        return super().__repr__() if engine is None else engine.show(self)

    def send(self, call: Call[R]) -> R:
        """Send a call and return WeCom's reply; None when it only says yes."""
        return self._run(self._engine.call(call))

    def pager(self, call: PagedCall[P, T]) -> "Pager[P, T]":
        """Walk the pages of a call from where it stands. Nothing is sent yet."""
        return Pager(self, call)

    def download(
        self, call: Call[Download], to: "str | os.PathLike[str] | BinaryIO | None" = None
    ) -> Download:
        """Send a call whose reply is a file, and put it where you say.

        A directory gets the file under the name WeCom gives it (made safe, and never over another file); a path
        is written beside and replaced when all is there; a binary file object is written to; without a place,
        the bytes come back.
        """
        return self._run(self._engine.download(call, to))

    def raw(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, object] | None = None,
        token: TokenKind | None = "access_token",
        readonly: bool | None = None,
    ) -> dict[str, Any]:
        """Send what the spec does not know yet: same token, same patience, same errors.

        `method` is GET or POST. Without `readonly`, a GET may be sent again after a broken connection, and nothing else.
        """
        return self._run(
            self._engine.raw(method, path, json=json, query_=query, token=token, readonly=readonly)
        )

    def close(self) -> None:
        """Begin nothing new, and close the connections. Closing twice does no harm.

        Calls that wait for a connection are told at once, as those that come later are, by a RuntimeError; requests
        under way get their answers, and their connections are closed after that. `close` waits for nobody. One that was
        made by `with_options` or `for_corp` ends alone.
        """
        self._engine.close()
        if self._origin is None:
            self._connections.pool.close()

    def _after_fork(self) -> None:
        """In a child of `os.fork`: leave the parent's connections alone."""
        # The old pool closes this process's copies of its sockets, and says nothing on them.
        self._engine.after_fork()
        self._connections.renew()
        if self._engine.closed:
            self._connections.pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, flow: Flow[R]) -> R:
        try:
            step = next(flow)
            while True:
                try:
                    outcome = self._exchange(step) if isinstance(step, Send) else self._do(step)
                except BaseException as error:
                    # The flow puts things back before it lets go.
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as done:
            result: R = done.value
            return result
        finally:
            # A signal handler may have raised right here, where the flow does not see it.
            flow.close()

    def _do(self, step: Sleep | Invoke | Wait) -> Any:
        if isinstance(step, Sleep):
            return time.sleep(step.seconds)
        if isinstance(step, Invoke):
            result = step.function(*step.args)
            if inspect.isawaitable(result):
                raise refused_await(result)
            return result
        return wait(step.turn)

    def _exchange(self, send: Send) -> Answer | Broken:
        try:
            # Positional, for speed: the pool's retries, no redirects, any host (a proxy wants whole URLs).
            response = self._connections.pool.urlopen(
                send.plan.method,
                send.target(),
                send.body,
                send.headers,
                None,
                False,
                False,
                self._timeout,
                preload_content=False,
            )
            if send.sink is not None or response.status != 200:
                return read_in_pieces(response, send.sink)
            # Unless its length is known, and nothing packed: reading up to a limit takes twice as many steps.
            if response.length_remaining is None or "content-encoding" in response.headers:
                content = response.read(LARGEST + 1)
            elif response.length_remaining <= LARGEST:
                content = response.read()
            else:
                content = None
            if content is None or len(content) > LARGEST:
                response.close()
                return TOO_LARGE
            return Answer(200, response.headers, content)
        except Unsent as unsent:
            cause = unsent.__cause__ or unsent
            if untrusted(cause):
                return broken(Break.UNTRUSTED, cause, unsent.at_proxy)
            if refusal := REFUSAL.match(str(cause)):
                return proxy_said(int(refusal[1]), cause)
            timed_out = isinstance(cause, (ConnectTimeoutError, TimeoutError))
            # A refused connection counts as a timeout for urllib3.
            timed_out = timed_out and not isinstance(cause, NewConnectionError)
            how = Break.NO_CONNECTION if timed_out else Break.UNREACHABLE
            return broken(how, cause, unsent.at_proxy)
        except ClosedPoolError as error:
            drop_frames(error)
            raise self._engine.refusal() from None
        except HTTPError as error:
            timed_out = isinstance(error, ReadTimeoutError)
            return broken(Break.SLOW if timed_out else Break.LOST, error)
        except BaseException as error:
            raise drop_frames(error)  # noqa: B904  (the same one, without the frames that hold the URL)


def wait(turn: Turn) -> None:
    """Wait in line."""
    # A bare lock: a signal handler that raises in the middle of an Event or a Condition leaves it broken.
    bell = threading.Lock()
    bell.acquire()

    def ring() -> None:
        try:
            bell.release()
        except RuntimeError:
            pass  # rung twice

    turn.notify(ring)
    while not bell.acquire(timeout=RECHECK) and not turn.granted:
        turn.gate.admit()


def read_in_pieces(response: BaseHTTPResponse, sink: Sink | None) -> Answer:
    """An answer piece by piece into a file, or the beginning of an error page."""
    try:
        if sink is None:
            return Answer(response.status, response.headers, response.read(ENOUGH))
        sink.start(response.status, response.headers)
        if response.status != 200:
            sink.write(response.read(ENOUGH))
        else:
            # A file may take longer than an answer.
            connection: Any = response.connection
            connection.until = inf
            for piece in response.stream(CHUNK):
                sink.write(piece)
        return Answer(response.status, response.headers, b"")
    finally:
        response.close()


class Connections:
    """The pool of a client and of all that were made from it."""

    __slots__ = ("_new", "pool")

    def __init__(self, new: "Callable[[], HTTPConnectionPool]") -> None:
        self._new = new
        self.pool = new()

    def renew(self) -> None:
        """Begin with new connections."""
        self.pool = self._new()


class Unsent(Exception):
    """There is no connection, so nothing was sent; the cause says why."""

    at_proxy = False
    """Whether the proxy is why."""


class Deadline(io.RawIOBase):
    """A connection's socket as an answer is read from it: up to a time, however slowly the bytes drop in."""

    def __init__(self, connection: "PlainConnection", sock: Any) -> None:
        self._connection = connection
        self._sock = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._read_timeout: float = sock.gettimeout()

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Say yes: http.client only reads."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is, as long as there is time."""
        left = self._connection.until - time.monotonic()
        if left < self._read_timeout:
            if left <= 0:
                raise TimeoutError("the answer took too long as a whole")
            self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        if not count:
            self._connection.ended = True
        return count

    def close(self) -> None:
        """Let go of the socket."""
        super().close()
        self._raw.close()


def timed(connection: "PlainConnection", sock: Any, **options: Any) -> HTTPResponse:
    """An answer that is read as long as the connection has time, and no longer."""
    deadline: Any = Deadline(connection, sock)
    return HTTPResponse(deadline, **options)


class Patience(float):
    """Seconds to connect. urllib3 tells a connection no more than this number, so all that counts for a request is on it."""

    total: float
    """Seconds for an attempt as a whole."""


def patience(timeouts: Timeouts) -> Timeout:
    """The timeouts of a request."""
    connect = Patience(timeouts.connect)
    connect.total = timeouts.total
    return Timeout(connect=connect, read=timeouts.read)


class PlainConnection(HTTPConnection):
    """A connection that tells failing to connect from all that may fail later, and does not read for ever."""

    until = 0.0
    """When the time of this attempt ends, by the monotonic clock."""
    ended = False
    """Whether the other side has hung up."""
    timeout: Any

    def connect(self) -> None:
        """Connect, or be Unsent."""
        # A proxy's answer to CONNECT has no more time than a connection.
        self.until = time.monotonic() + self.timeout
        try:
            untyped: Any = self
            untyped.response_class = partial(timed, self)
            super().connect()
        # No wider: a signal handler may raise here.
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            unsent = Unsent()
            unsent.at_proxy = bool(self.proxy) and not self.has_connected_to_proxy
            raise unsent from error
        self.until = time.monotonic() + self.timeout.total

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request. A file takes as long as it takes, and the answer's time begins after it."""
        total = self.timeout.total
        self.until = time.monotonic() + total
        super().request(*args, **options)
        if isinstance(options.get("body"), Multipart):
            self.until = time.monotonic() + total

    def getresponse(self) -> Any:
        """Read the head of the answer."""
        untyped: Any = self
        untyped.response_class = partial(timed, self)
        self.ended = False
        response = super().getresponse()
        if self.ended:
            # http.client takes the end of the stream for the end of the head, and an empty body for a file.
            raise HTTPException("the answer was cut off in its head")
        # Or the connection would keep itself alive when it is lost.
        untyped.response_class = HTTPResponse
        return response


class SafeConnection(PlainConnection, HTTPSConnection):
    """The same with TLS, whose handshake is part of connecting."""

    def connect(self) -> None:
        """Connect, or be Unsent."""
        if self.ssl_context is None:
            self.ssl_context = default_context()
        super().connect()


class Idle:
    """Connections at rest, in place of urllib3's queue: the last one put is the first one got.

    It never waits, and it has no lock that an interrupt could leave shut: how many may be in use is for the flow's gate
    to say.
    """

    def __init__(self, size: int) -> None:
        self._connections: list[Any] = []

    def put(self, connection: Any, block: bool = False) -> None:
        """Keep a connection. There is always room, and None, which keeps a place in a queue, is not needed."""
        if connection is not None:
            self._connections.append(connection)

    def get(self, block: bool = False, timeout: float | None = None) -> Any:
        """The last connection; `queue.Empty` when there is none, and the pool makes one."""
        try:
            return self._connections.pop()
        except IndexError:
            raise queue.Empty from None


class PlainPool(HTTPConnectionPool):
    """A pool whose connections at rest are in an `Idle`."""

    QueueCls: Any = Idle


class SafePool(HTTPSConnectionPool):
    """The same with TLS."""

    QueueCls: Any = Idle


def pool(
    base_url: str,
    proxy: Secret | None,
    context: ssl.SSLContext | None,
    size: int,
) -> HTTPConnectionPool:
    """The one pool of connections: a pool manager would look for it again on each call, at a fifth of the cost."""
    url = parse_url(base_url)
    options: dict[str, Any] = {"maxsize": size, "retries": NO_RETRIES}
    if context is not None and (url.scheme == "https" or proxy is not None):
        options["ssl_context"] = context
    made: HTTPConnectionPool
    if proxy is not None:
        # The pool keeps the URL, and needs the password in the header alone.
        address = parse_url(proxy.reveal())._replace(auth=None)
        if address.scheme == "https":
            options["proxy_ssl_context"] = default_context()
        manager = ProxyManager(address.url, proxy_headers=password(proxy), **options)
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SafePool}
        made = manager.connection_from_host(url.host, url.port, url.scheme)
    elif url.scheme == "https":
        made = SafePool(str(url.host), url.port, **options)
    else:
        made = PlainPool(str(url.host), url.port, **options)
    # Any, because urllib3's own connections do not fit the annotations of its own pools.
    untyped: Any = made
    untyped.ConnectionCls = (
        SafeConnection if isinstance(made, HTTPSConnectionPool) else PlainConnection
    )
    return made


def password(proxy: Secret) -> dict[str, str]:
    """The header that a proxy with a password wants."""
    headers = make_headers(proxy_basic_auth=parse_url(proxy.reveal()).auth)
    return {key: Hidden(value) for key, value in headers.items()}


class Pager(Paging[P, T], Generic[P, T]):
    """The items of all pages, fetched as they are reached; `pages()` for WeCom's replies.

    It may be iterated again, from where it stands: after an error, say. `call` and `cursor` tell where that is.
    It has no length, no index and no truth value, as only WeCom knows what is there: `list(pager)` has all items.
    """

    def __init__(self, client: SyncDriver, call: PagedCall[P, T]) -> None:
        super().__init__(client._engine, call)
        self._client = client

    def first(self) -> P:
        """The reply to the first page alone, whole: what comes beside the items is there, too."""
        return self._client.send(self._first)

    def pages(self) -> Iterator[P]:
        """The replies, page by page."""
        while (call := self._call) is not None:
            page = self._client.send(call)
            yield page
            self._advance(call, page)

    def __iter__(self) -> Iterator[T]:
        while (call := self._call) is not None:
            page = self._client.send(call)
            yield from call.items_of(page)
            self._advance(call, page)
