"""The asyncio driver: does what the flows of `_flow.py` ask for, over aiohttp. It decides nothing.

Hand-written: edit codegen/runtime/_aio.py.
"""

import asyncio
import inspect
import os
import ssl
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

try:
    import aiohttp
    from yarl import URL
except ImportError as error:
    raise ImportError('AsyncClient needs aiohttp: pip install "wecom-contact[async]"') from error

from . import codec
from ._flow import HEADERS, Engine, Paging
from ._media import CHUNK, Download, Multipart
from ._model import Call, PagedCall
from ._observe import CallRecord
from ._secrets import Secret, bare, guard_logs
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
    timeouts_of,
    untrusted,
)
from ._steps import Answer, Ask, Break, Broken, Flow, Send, Sleep, Wait, broken
from .credentials import Credential, Provider, TokenKind
from .errors import ErrorFact
from .limits import Limiter
from .retry import Retry, Retrying, Timeouts
from .stores import AsyncTokenStore, TokenStore

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")


class AsyncClient:
    """Sends calls and awaits them. Tasks may share one; `aclose` it, or use it in an `async with`.

    It lives in one event loop at a time, and starts anew in the next: two `asyncio.run` in a row are fine.
    """

    _session: aiohttp.ClientSession | None = None

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
        token_store: TokenStore | AsyncTokenStore | None = None,
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
        self._proxy = None if proxy is None else Secret(proxy)
        proxy = None
        guard_logs()
        check_proxy(self._proxy)
        check_retry(retry)
        check_store(token_store, awaits=True)
        url = urlsplit(base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"base_url: https://host, perhaps with a path, not {base_url!r}")
        self._engine = Engine(
            errors=self._error_table,
            credential=credential_of(corp_id, secret, credential, provider),
            provider=provider,
            base_url=base_url,
            whole_url=True,
            headers={},  # the session has them
            store=token_store,
            retry=retry,
            codec=codec_of(strict, on_drift),
            check=check,
            limiter=limiter,
            room=pool_size,
            on_call=on_call,
            on_retry=on_retry,
        )
        self._timeouts = timeouts_of(timeout)
        self._context = context_of(ssl_context, ca_certs)
        self._pool_size = pool_size
        self._loop: asyncio.AbstractEventLoop | None = None

    def _error_table(self) -> Mapping[int, ErrorFact]:
        """What the spec knows about error codes."""
        return {}

    def __repr__(self) -> str:
        engine = getattr(self, "_engine", None)  # a constructor that failed has made none
        return super().__repr__() if engine is None else engine.show(self)

    async def send(self, call: Call[R]) -> R:
        """Send a call and return WeCom's reply; None when it only says yes."""
        return await self._run(self._engine.call(call))

    def pager(self, call: PagedCall[P, T]) -> "AsyncPager[P, T]":
        """Walk the pages of a call from where it stands. Nothing is sent yet."""
        return AsyncPager(self, call)

    async def download(
        self, call: Call[Download], to: "str | os.PathLike[str] | BinaryIO | None" = None
    ) -> Download:
        """Send a call whose reply is a file, and put it where you say.

        A directory gets the file under the name WeCom gives it (made harmless, and never over another file); a path
        is written beside and replaced when all is there; a binary file object is written to; without a place,
        the bytes come back.
        """
        return await self._run(self._engine.download(call, to))

    async def raw(
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
        return await self._run(
            self._engine.raw(method, path, json=json, query_=query, token=token, readonly=readonly)
        )

    async def aclose(self) -> None:
        """Close the connections. Closing twice is no harm."""
        self._engine.closed = True
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    close = aclose

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if self._session is not None:
            warnings.warn(
                "an AsyncClient was not closed: `async with`, or `await client.aclose()`",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session of this event loop."""
        if self._session is not None and self._loop is not None:
            if self._loop.is_running():
                raise RuntimeError("this AsyncClient is in use in another event loop")
            session, self._session = self._session, None
            await session.close()
        self._loop = loop
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._pool_size,
                ssl=True if self._context is None else self._context,
            ),
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._timeouts.connect,
                sock_read=self._timeouts.read,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            skip_auto_headers=("Content-Type",),
        )
        return self._session

    async def _run(self, flow: Flow[R]) -> R:
        try:
            step = next(flow)
            while True:
                try:
                    if isinstance(step, Send):
                        outcome = await self._exchange(step)
                    else:
                        outcome = await self._do(step)
                except BaseException as error:
                    # The flow puts things back before it lets go.
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as done:
            result: R = done.value
            return result

    async def _do(self, step: Sleep | Ask | Wait) -> Any:
        if isinstance(step, Sleep):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Ask):
            if step.blocking:
                return await threaded(step)
            result = step.function(*step.args)
            return await result if inspect.isawaitable(result) else result
        woken = asyncio.Event()
        step.turn.notify(woken.set)
        return await woken.wait()

    async def _exchange(self, send: Send) -> Answer | Broken:
        loop = asyncio.get_running_loop()
        session = self._session
        if session is None or loop is not self._loop:
            session = await self._connect(loop)
        body = send.body
        try:
            async with session.request(
                send.plan.method,
                URL(send.target(), encoded=True),
                data=body.pieces() if isinstance(body, Multipart) else body,
                headers=send.headers,
                allow_redirects=False,
                proxy=None if self._proxy is None else self._proxy.reveal(),
            ) as response:
                if send.sink is None:
                    return Answer(response.status, response.headers, await response.read())
                send.sink.start(response.status, response.headers)
                async for piece in response.content.iter_chunked(CHUNK):
                    send.sink.write(piece)
                return Answer(response.status, response.headers, b"")
        except aiohttp.ConnectionTimeoutError as error:
            return broken(Break.NO_CONNECTION, error)
        except aiohttp.ClientConnectorError as error:
            return broken(Break.UNTRUSTED if untrusted(error) else Break.UNREACHABLE, error)
        except aiohttp.ClientHttpProxyError as error:
            return broken(Break.UNREACHABLE, error)
        except TimeoutError as error:
            return broken(Break.SLOW, error)
        except (aiohttp.ClientError, OSError) as error:
            return broken(Break.LOST, error)
        except BaseException as error:
            raise bare(error)  # noqa: B904  (the same one, without the frames that hold the URL)


async def threaded(step: Ask) -> Any:
    """Call something that blocks, off the event loop. It is never left half-way: a lock may be at stake."""
    work = asyncio.get_running_loop().run_in_executor(None, step.function, *step.args)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


class AsyncPager(Paging[P, T], Generic[P, T]):
    """The items of all pages, fetched as they are reached; `pages()` for WeCom's replies.

    It may be iterated again, from where it stands: after an error, say. `call` and `cursor` tell where that is.
    It has no length, no index and no truth value, as only WeCom knows what is there: `[item async for item in pager]`
    has all items.
    """

    _LOOP = "async for item in pager"
    _FIRST = "await anext(aiter(pager), None)"
    _WHOLE = "[item async for item in pager]"
    _REPLY = "(await pager.first())"

    def __init__(self, client: AsyncClient, call: PagedCall[P, T]) -> None:
        super().__init__(client._engine, call)
        self._client = client

    async def first(self) -> P:
        """The reply to the first page alone, whole: what comes beside the items is there, too."""
        return await self._client.send(self._first)

    async def pages(self) -> AsyncIterator[P]:
        """The replies, page by page."""
        while (call := self._call) is not None:
            page = await self._client.send(call)
            yield page
            self._advance(call, page)

    async def __aiter__(self) -> AsyncIterator[T]:
        while (call := self._call) is not None:
            page = await self._client.send(call)
            for item in call.items_of(page):
                yield item
            self._advance(call, page)

    # As in `Paging`.
    if not TYPE_CHECKING:

        def __iter__(self) -> NoReturn:
            self._refuse("is for asyncio", self._LOOP)

        def __await__(self) -> NoReturn:
            self._refuse("is not awaited", f"{self._LOOP}, or {self._REPLY}")

        def __anext__(self) -> NoReturn:
            self._refuse("is not an iterator", self._FIRST)
