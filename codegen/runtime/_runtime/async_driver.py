"""The asyncio driver: does what the flows of `flow.py` ask for, over aiohttp. It decides nothing.

Hand-written: edit codegen/runtime/_runtime/async_driver.py.
"""

import asyncio
import inspect
import os
import ssl
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from math import inf
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Generic,
    NoReturn,
    Self,
    TypedDict,
    TypeVar,
    Unpack,
)

try:
    import aiohttp
    from yarl import URL
except ImportError as error:
    raise ImportError('AsyncClient needs aiohttp: pip install "wecom-contact[async]"') from error

from ..credentials import Credential, Provider, TokenKind
from ..errors import ErrorFact, RefusedArgument
from ..limits import Limiter
from ..retry import Retry, Retrying, Timeouts
from ..stores import AsyncRedisStore, AsyncTokenStore, TokenStore
from .codec import codec_of
from .flow import HEADERS, Engine, Paging
from .keywords import known_as
from .media import CHUNK, Download, Multipart
from .model import Call, PagedCall
from .policy import Drift
from .secrets import Secret, drop_frames, guard_logs
from .setup import (
    BASE_URL,
    CLIENTS,
    POOL_SIZE,
    RETRY,
    TIMEOUTS,
    UNCHANGED,
    Unchanged,
    changes,
    from_environment,
    kept,
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


CONNECTED: "ContextVar[list[bool]]" = ContextVar("CONNECTED")
"""Whether the request that is being sent has had its connection."""

ABANDONED: list[aiohttp.ClientSession] = []
"""Sessions of a process that forked this one, kept for ever: to take one down would be felt by the parent's loop."""


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
    token_store: TokenStore | AsyncTokenStore | None
    retry: Retry | None
    limiter: Limiter | None
    check: bool
    strict: bool
    on_call: Callable[[CallRecord], None] | None
    on_retry: Callable[[Retrying], None] | None
    on_drift: Callable[[Drift], None] | None


@known_as("AsyncClient")
class AsyncDriver:
    """Sends calls and awaits them. Tasks may share one; `aclose` it, or use it in an `async with`.

    It lives in one event loop at a time, and starts anew in the next: two `asyncio.run` in a row are fine.
    """

    _origin: "AsyncDriver | None" = None
    """The client that this one was made from, and whose connections it uses."""

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
        token_store: TokenStore | AsyncTokenStore | None = None,
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
        self._proxy = None if proxy is None else Secret(proxy)
        proxy = None
        guard_logs()
        made = setup(
            type(self).__name__,
            corp_id=corp_id,
            secret=secret,
            credential=credential,
            provider=provider,
            base_url=base_url,
            timeout=timeout,
            proxy=self._proxy,
            ssl_context=ssl_context,
            ca_certs=ca_certs,
            pool_size=pool_size,
            token_store=token_store,
            retry=retry,
            limiter=limiter,
            hooks={"on_call": on_call, "on_retry": on_retry, "on_drift": on_drift},
            awaits=True,
        )
        self._engine = Engine(
            errors=self._error_table,
            credential=made.credential,
            provider=provider,
            base_url=base_url,
            proxy=made.proxy,
            absolute_urls=True,
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
        where = None if self._proxy is None else URL(self._proxy.reveal())
        self._proxy_place = None if where is None else (where.host, where.port)
        self._use_timeouts(made.timeouts)
        self._connections = Connections(made.context)
        self._store = token_store
        CLIENTS.add(self)

    def _use_timeouts(self, timeouts: Timeouts) -> None:
        self._total = timeouts.total
        self._timeout = aiohttp.ClientTimeout(
            total=None,  # `_exchange` sees to it
            connect=timeouts.connect,
            sock_connect=timeouts.connect,
            sock_read=timeouts.read,
        )

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
        """Make a client that does some things differently: `wecom.with_options(timeout=3)`.

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
        changed = changes(type(self).__name__, True, given)
        made = self._light(self._engine.with_options(changed))
        if "timeout" in changed:
            made._use_timeouts(changed["timeout"])
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

        A directory gets the file under the name WeCom gives it (made safe, and never over another file); a path
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

        `method` is GET or POST. Without `readonly`, a GET may be sent again after a broken connection, and nothing else.
        """
        return await self._run(
            self._engine.raw(method, path, json=json, query_=query, token=token, readonly=readonly)
        )

    async def aclose(self) -> None:
        """Begin nothing new, and close the connections. Closing twice does no harm.

        Calls that wait for a connection are told at once, as those that come later are, by a RuntimeError; requests
        under way get their answers, and the last of them closes the connections. `aclose` waits for none of them. One that
        was made by `with_options` or `for_corp` ends alone.
        """
        self._engine.close()
        if self._origin is None:
            await self._connections.close()
            if isinstance(self._store, AsyncRedisStore):
                await self._store.aclose()

    close = aclose

    def _after_fork(self) -> None:
        """In a child of `os.fork`: leave the parent's connections alone, its event loop's above all."""
        self._engine.after_fork()
        self._connections.abandon()

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
        connections = getattr(self, "_connections", None)  # a constructor that failed has made none
        if connections is not None and connections.session is not None and self._origin is None:
            warnings.warn(
                "an AsyncClient was not closed: `async with`, or `await client.aclose()`",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

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
        finally:
            flow.close()

    async def _do(self, step: Sleep | Invoke | Wait) -> Any:
        if isinstance(step, Sleep):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Invoke):
            if step.blocking:
                return await threaded(step)
            result = step.function(*step.args)
            return await result if inspect.isawaitable(result) else result
        woken = asyncio.Event()
        step.turn.notify(woken.set)
        return await woken.wait()

    async def _exchange(self, send: Send) -> Answer | Broken:
        connections = self._connections
        loop = asyncio.get_running_loop()
        session = connections.session
        if session is None or loop is not connections.loop:
            session = await connections.connect(loop)
        attempts = connections.attempts
        body = send.body
        CONNECTED.set([])
        attempt = attempts.begin(self._total, isinstance(body, Multipart))
        try:
            async with session.request(
                send.plan.method,
                URL(send.target(), encoded=True),
                data=uploaded(body, attempt) if isinstance(body, Multipart) else body,
                headers=send.headers,
                allow_redirects=False,
                proxy=None if self._proxy is None else self._proxy.reveal(),
                timeout=self._timeout,
            ) as response:
                sink = send.sink
                if sink is not None:
                    sink.start(response.status, response.headers)
                if sink is None or response.status != 200:
                    answer = await read_answer(response)
                    if sink is not None:
                        sink.write(answer.body)
                    return answer
                # A file may take longer than an answer.
                attempt.until = inf
                async for piece in response.content.iter_chunked(CHUNK):
                    sink.write(piece)
                return Answer(response.status, response.headers, b"")
        except asyncio.CancelledError as error:
            if not attempt.timed_out():
                raise drop_frames(error)  # noqa: B904  (the same one, without the frames that hold the URL)
            return broken(Break.SLOW, TimeoutError().with_traceback(error.__traceback__))
        except TooLarge:
            return TOO_LARGE
        except aiohttp.ConnectionTimeoutError as error:
            return broken(Break.NO_CONNECTION, error)
        except aiohttp.ClientConnectorError as error:
            how = Break.UNTRUSTED if untrusted(error) else Break.UNREACHABLE
            return broken(how, error, (error.host, error.port) == self._proxy_place)
        except aiohttp.ClientHttpProxyError as error:
            return proxy_said(error.status, error)
        except TimeoutError as error:
            return broken(Break.SLOW, error)
        except (aiohttp.ClientError, OSError) as error:
            return broken(Break.LOST, error)
        except BaseException as error:
            raise drop_frames(error)  # noqa: B904  (as above)
        finally:
            attempt.end()
            if self._engine.family.closed and not attempts.running:
                await connections.disconnect()


class Connections:
    """The session of a client and of all that were made from it: one event loop's at a time."""

    __slots__ = ("_context", "attempts", "loop", "session")

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self.session: aiohttp.ClientSession | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.attempts: Attempts
        """The requests under way in this session."""

    async def connect(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session of this event loop."""
        old = self.session
        if old is not None and self.loop is not None and self.loop.is_running():
            raise RuntimeError("this AsyncClient is in use in another event loop")
        self.loop = loop
        self.attempts = Attempts(loop)
        session = self.session = aiohttp.ClientSession(
            connector=Connector(
                limit=0,  # the flow says how many
                # aiohttp keeps a context for all of its own.
                ssl=True if self._context is None else self._context,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            skip_auto_headers=("Content-Type",),
        )
        # Last, for another task may come while it waits.
        if old is not None:
            await old.close()
        return session

    async def close(self) -> None:
        """Disconnect, unless requests are under way; then the last of them does."""
        if self.session and self.attempts.running and self.loop and self.loop.is_running():
            return
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close the session, if there is one."""
        if self.session is not None:
            session, self.session = self.session, None
            await session.close()

    def abandon(self) -> None:
        """Leave the session to the process that this one was forked from."""
        if self.session is not None:
            ABANDONED.append(self.session)
            self.session = None
        self.loop = None


class Attempt:
    """A request under way, and when its time ends."""

    __slots__ = ("_attempts", "_cancelling", "_total", "expired", "task", "until")

    def __init__(
        self, attempts: "Attempts", task: "asyncio.Task[Any]", total: float, until: float
    ) -> None:
        self._attempts = attempts
        self._total = total
        self.task = task
        self._cancelling = task.cancelling()
        self.until = until
        self.expired = False

    def start_clock(self) -> None:
        """Let the time count from now on: the file was sent."""
        self.until = self._attempts.now() + self._total
        self._attempts.watch()

    def timed_out(self) -> bool:
        """Whether it was cancelled because its time was over, and for nothing else."""
        if not self.expired:
            return False
        self.expired = False
        return self.task.uncancel() <= self._cancelling

    def end(self) -> None:
        """Stop watching the request: it is over."""
        if self.expired:
            self.task.uncancel()
        self._attempts.running.discard(self)


class Attempts:
    """Requests under way in one event loop. One timer ends them all: a timer per request would be felt in every call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.running: set[Attempt] = set()
        self.now = loop.time
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, total: float, endless: bool) -> Attempt:
        """A request begins that has so many seconds; the time of an endless one does not count yet."""
        task: Any = asyncio.current_task()
        attempt = Attempt(self, task, total, inf if endless else self.now() + total)
        self.running.add(attempt)
        if self._timer is None or attempt.until < self._timer.when():
            self.watch()
        return attempt

    def watch(self) -> None:
        """Cancel what has run out of time, and look again when the next may have."""
        now = self.now()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for attempt in self.running:
            if attempt.until <= now and not attempt.expired:
                attempt.expired = True
                attempt.task.cancel()
        lasting = (attempt.until for attempt in self.running if not attempt.expired)
        soonest = min(lasting, default=inf)
        if soonest < inf:
            self._timer = self._loop.call_at(soonest, self.watch)


class Connector(aiohttp.TCPConnector):
    """Connects once for each request that the flow wants sent.

    aiohttp sends a GET, PUT or DELETE a second time by itself if its connection was lost, which is for the flow to decide:
    not all of WeCom's GETs are readonly. Whatever else it does for that, it must ask for another connection.
    """

    def connect(self, *args: Any, **options: Any) -> Any:
        """A connection, but not a second one."""
        connected = CONNECTED.get()
        if connected:
            raise aiohttp.ServerDisconnectedError
        connected.append(True)
        return super().connect(*args, **options)


async def uploaded(body: Multipart, attempt: Attempt) -> AsyncIterator[bytes]:
    """The pieces of a body. The time of its answer begins when all of them are gone."""
    async for piece in body.pieces():
        yield piece
    attempt.start_clock()


async def read_answer(response: aiohttp.ClientResponse) -> Answer:
    """All of an answer, unless it is larger than any of WeCom's; of one with an HTTP error, the beginning."""
    most = LARGEST if response.status == 200 else ENOUGH
    pieces = []
    size = 0
    while size <= most and (piece := await response.content.readany()):
        pieces.append(piece)
        size += len(piece)
    if size <= most:
        return Answer(response.status, response.headers, b"".join(pieces))
    response.close()
    if response.status == 200:
        raise TooLarge
    return Answer(response.status, response.headers, b"".join(pieces)[:ENOUGH])


class TooLarge(Exception):
    """An answer larger than any of WeCom's."""


async def threaded(step: Invoke) -> Any:
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

    def __init__(self, client: AsyncDriver, call: PagedCall[P, T]) -> None:
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
