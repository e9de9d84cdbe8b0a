"""The blocking driver: does what the flows of `_flow.py` ask for, over urllib3. It decides nothing.

Hand-written: edit codegen/runtime/_sync.py.
"""

import inspect
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager, Timeout, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry as Urllib3Retry
from urllib3.util import parse_url

from . import codec
from ._flow import Engine, Paging
from ._media import CHUNK, Download, Sink
from ._model import Call, PagedCall
from ._observe import CallRecord
from ._secrets import Hidden, Secret, bare, guard_logs
from ._setup import (
    BASE_URL,
    RETRY,
    TIMEOUTS,
    check_proxy,
    check_retry,
    check_store,
    codec_of,
    context_of,
    credential_of,
    refused_await,
    timeouts_of,
    untrusted,
)
from ._steps import Answer, Ask, Break, Broken, Flow, Send, Sleep, Wait, broken
from .credentials import Credential, Provider, TokenKind
from .errors import ErrorFact
from .limits import Limiter
from .retry import Retry, Retrying, Timeouts
from .stores import TokenStore

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")

NO_RETRIES = Urllib3Retry(False)
"""The flow decides."""


class SyncClient:
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
        pool_size: int = 10,
        token_store: TokenStore | None = None,
        retry: Retry | None = RETRY,
        limiter: Limiter | None = None,
        check: bool = True,
        strict: bool = False,
        on_call: Callable[[CallRecord], None] | None = None,
        on_retry: Callable[[Retrying], None] | None = None,
        on_drift: Callable[[codec.Drift], None] | None = None,
    ) -> None:
        # Out of sight before anything can go wrong: tracebacks show parameters, too.
        secret = None if secret is None else Secret(secret)
        proxy = None if proxy is None else Secret(proxy)
        guard_logs()
        check_proxy(proxy)
        check_retry(retry)
        check_store(token_store, awaits=False)
        url = parse_url(base_url)
        self._engine = Engine(
            errors=self._error_table,
            credential=credential_of(corp_id, secret, credential, provider),
            provider=provider,
            base_url=base_url,
            whole_url=proxy is not None and url.scheme == "http",
            store=token_store,
            retry=retry,
            codec=codec_of(strict, on_drift),
            check=check,
            limiter=limiter,
            room=pool_size,
            on_call=on_call,
            on_retry=on_retry,
        )
        self._pool = pool(
            base_url, proxy, timeouts_of(timeout), context_of(ssl_context, ca_certs), pool_size
        )

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

        A directory gets the file under the name WeCom gives it (made harmless, and never over another file); a path
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

        Without `readonly`, a GET may be sent again after a broken connection, and nothing else.
        """
        return self._run(
            self._engine.raw(method, path, json=json, query_=query, token=token, readonly=readonly)
        )

    def close(self) -> None:
        """Close the connections. Closing twice is no harm."""
        self._engine.closed = True
        self._pool.close()

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

    def _do(self, step: Sleep | Ask | Wait) -> Any:
        if isinstance(step, Sleep):
            return time.sleep(step.seconds)
        if isinstance(step, Ask):
            result = step.function(*step.args)
            if inspect.isawaitable(result):
                raise refused_await(result)
            return result
        woken = threading.Event()
        step.turn.notify(woken.set)
        return woken.wait()

    def _exchange(self, send: Send) -> Answer | Broken:
        try:
            if send.sink is not None:
                return self._stream(send, send.sink)
            # Positional, for speed: the pool's retries, no redirects, any host (a proxy wants whole URLs).
            response = self._pool.urlopen(
                send.plan.method, send.target(), send.body, send.headers, None, False, False
            )
            return Answer(response.status, response.headers, response.data)
        except Unsent as unsent:
            cause = unsent.__cause__ or unsent
            if untrusted(cause):
                return broken(Break.UNTRUSTED, cause)
            late = isinstance(cause, (ConnectTimeoutError, TimeoutError))
            # A refused connection counts as a timeout for urllib3.
            late = late and not isinstance(cause, NewConnectionError)
            return broken(Break.NO_CONNECTION if late else Break.UNREACHABLE, cause)
        except HTTPError as error:
            late = isinstance(error, (ReadTimeoutError, ConnectTimeoutError))
            return broken(Break.SLOW if late else Break.LOST, error)
        except BaseException as error:
            raise bare(error)  # noqa: B904  (the same one, without the frames that hold the URL)

    def _stream(self, send: Send, sink: Sink) -> Answer:
        response = self._pool.urlopen(
            send.plan.method,
            send.target(),
            send.body,
            send.headers,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )
        try:
            sink.start(response.status, response.headers)
            for piece in response.stream(CHUNK):
                sink.write(piece)
        finally:
            response.close()
            response.release_conn()
        return Answer(response.status, response.headers, b"")


class Unsent(Exception):
    """There is no connection, so nothing was sent; the cause says why."""


class PlainConnection(HTTPConnection):
    """A connection that tells failing to connect from all that may fail later."""

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            raise Unsent from error


class SafeConnection(HTTPSConnection):
    """The same with TLS, whose handshake is part of connecting."""

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            raise Unsent from error


def pool(
    base_url: str,
    proxy: Secret | None,
    timeouts: Timeouts,
    context: ssl.SSLContext | None,
    size: int,
) -> HTTPConnectionPool:
    """The one pool of connections: a pool manager would look for it again on each call, at a fifth of the cost."""
    url = parse_url(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"base_url: https://host, perhaps with a path, not {base_url!r}")
    options: dict[str, Any] = {
        "maxsize": size,
        "block": True,
        "timeout": Timeout(connect=timeouts.connect, read=timeouts.read),
        "retries": NO_RETRIES,
    }
    if context is not None and (url.scheme == "https" or proxy is not None):
        options["ssl_context"] = context
    made: HTTPConnectionPool
    if proxy is not None:
        # The pool keeps the URL, and needs the password in the header alone.
        address = parse_url(proxy.reveal())._replace(auth=None).url
        manager = ProxyManager(address, proxy_headers=password(proxy), **options)
        made = manager.connection_from_host(url.host, url.port, url.scheme)
    elif url.scheme == "https":
        made = HTTPSConnectionPool(url.host, url.port, **options)
    else:
        made = HTTPConnectionPool(url.host, url.port, **options)
    # Any, because urllib3's own connections do not fit the annotations of its own pools.
    untyped: Any = made
    safe = isinstance(made, HTTPSConnectionPool)
    untyped.ConnectionCls = SafeConnection if safe else PlainConnection
    return made


def password(proxy: Secret) -> dict[str, str] | None:
    """The header that a proxy with a password wants."""
    auth = parse_url(proxy.reveal()).auth
    if not auth:
        return None
    return {key: Hidden(value) for key, value in make_headers(proxy_basic_auth=auth).items()}


class Pager(Paging[P, T], Generic[P, T]):
    """The items of all pages, fetched as they are reached; `pages()` for WeCom's replies.

    It may be iterated again, from where it stands: after an error, say. `call` and `cursor` tell where that is.
    It has no length, no index and no truth value, as only WeCom knows what is there: `list(pager)` has all items.
    """

    def __init__(self, client: SyncClient, call: PagedCall[P, T]) -> None:
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
