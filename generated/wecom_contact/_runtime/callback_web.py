"""A callback URL as an ASGI and as a WSGI app; both only carry what `take` decides.

Without `before_answer`, an event is remembered when it is read, so that of two deliveries at a time only one is
handled; what was remembered must reach the handler, or be forgotten so that WeCom's next try is taken. With it, an
event is remembered when it is in good hands, and not before: a process that is killed on the way there has said
nothing and remembers nothing, wherever its memory is, so the next try is taken.

Hand-written: edit codegen/runtime/_runtime/callback_web.py.
"""

import asyncio
import contextvars
import inspect
import re
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Hashable, Iterable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock, Semaphore
from typing import Any, NamedTuple, TypeAlias

from ..errors import RefusedArgument
from .callback import CallbackBase, CallbackRejected, Query
from .events import Event
from .seen import MemorySeen
from .telemetry import LOG
from .values import is_integer

Handler: TypeAlias = Callable[[Event], Any]
"""Takes an event: a function, or a coroutine function."""

Key: TypeAlias = Callable[[Event], Hashable]
"""Events with an equal key are handled one after the other; None stands for no order."""

AsgiScope: TypeAlias = MutableMapping[str, Any]
AsgiReceive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
AsgiSend: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = LOG.getChild("callback")

STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}
TEXT = "text/plain; charset=utf-8"
METHODS = "GET, HEAD, POST"
ANSWERING = 32
"""Threads that ask a distant memory and run `before_answer`. Handlers have others, so that no answer waits for them."""


class Response(NamedTuple):
    """What to say, and the event to hand on after it was said."""

    status: int
    text: str
    event: Event | None = None
    key: Hashable = None
    """With what the event keeps an order."""

    def alone(self) -> "Response":
        """The same for another delivery of the event, which has nothing to hand on."""
        return Response(self.status, self.text)

    def headers(self) -> list[tuple[str, str]]:
        """The headers of the answer; the length is the body's, also where HEAD gets none."""
        found = [("Content-Type", TEXT), ("Content-Length", str(len(self.text.encode())))]
        return [*found, ("Allow", METHODS)] if self.status == 405 else found

    def body(self, method: str) -> bytes:
        """The body of the answer; HEAD gets none."""
        return b"" if method == "HEAD" else self.text.encode()


SUCCESS = Response(200, "success")
# WeCom tries again.
CLOSED = Response(503, "closed")
FULL = Response(503, "busy")
FAILED = Response(500, "failed")

Taking: TypeAlias = Generator[Event, None, Response]
"""Yields an event when nobody else may have it, and again when `before_answer` is to have it, and is thrown what that
raised; in the end there is a response."""


def nothing(event: Event) -> None:
    """In the place of a function that was not given."""


class Duties(NamedTuple):
    """What an app was given to do."""

    callback: CallbackBase
    handler: Handler
    before_answer: Handler
    key: Key

    def take(self, method: str, query: Query, body: bytes) -> Taking:
        """Decide about a request. The event of the response is remembered as seen: hand it on, or forget it."""
        try:
            if method in ("GET", "HEAD"):
                return Response(200, self.callback.verify_url(query))
            if method != "POST":
                return Response(405, "GET or POST")
            if self.before_answer is nothing:
                return self.remembered(query, self.callback.read(query, body))
            event = self.callback.peek(query, body)
        except CallbackRejected as error:
            if error.reason == "replayed":
                return SUCCESS
            log.warning("rejected: %s", error)
            return Response(error.status, error.reason)
        yield event
        if self.callback.knows(query, event):
            return SUCCESS
        try:
            key = self.key_of(event)
            yield event
        except Exception:
            log.exception("could not be taken, so WeCom tries again: %s", event.key)
            return FAILED
        try:
            self.callback.remember(query, event)
        except Exception:
            # It is in good hands. To say otherwise would bring it for certain a second time.
            log.exception("taken, but not remembered: %s", event.key)
        return self.response(event, key)

    def remembered(self, query: Query, event: Event) -> Response:
        """What to say about an event whose request is remembered, when the event is as well."""
        try:
            if not self.callback.is_new(event):
                return SUCCESS
            return self.response(event, self.key_of(event))
        except BaseException:
            self.callback.forget(query, event)
            raise

    def response(self, event: Event, key: Hashable) -> Response:
        return SUCCESS if self.handler is nothing else Response(200, "success", event, key)

    def key_of(self, event: Event) -> Hashable:
        """With what an event keeps an order; raises TypeError for what cannot be looked up."""
        key = self.key(event)
        hash(key)
        return key


def advance(taking: Taking, raised: Exception | None = None) -> Event | Response:
    """Go on with a request: its event, if there is something to do with it, or the response."""
    try:
        return next(taking) if raised is None else taking.throw(raised)
    except StopIteration as done:
        response: Response = done.value
        return response


def answered(found: Event | Response) -> Response:
    """The response, where there cannot be an event."""
    assert isinstance(found, Response)
    return found


def duties(
    app: str,
    callback: CallbackBase,
    handler: Handler | None,
    before_answer: Handler | None,
    key: Key | None,
    counts: dict[str, tuple[int, int]],
) -> Duties:
    """Refuse what an app cannot work with; `counts` are numbers and the least that each may be."""
    if not isinstance(callback, CallbackBase):
        raise RefusedArgument(f"a Callback, not {type(callback).__name__}", f"{app}.callback")
    if handler is None and before_answer is None:
        what = "give a function that takes an event, or before_answer=, or both"
        raise RefusedArgument(what, f"{app}.handler")
    for name, function in (("handler", handler), ("before_answer", before_answer), ("key", key)):
        if function is not None and not callable(function):
            what = f"a function that takes an event, not {type(function).__name__}"
            raise RefusedArgument(what, f"{app}.{name}")
    if key is not None and handler is None:
        raise RefusedArgument("gives handlers their order, and there is no handler", f"{app}.key")
    seen = callback.seen
    if before_answer is not None and seen is not None and not hasattr(seen, "has"):
        what = (
            f"asks the callback's memory for a key, and {type(seen).__name__} has no method `has`"
        )
        raise RefusedArgument(what, f"{app}.before_answer")
    for name, (value, least) in counts.items():
        if not is_integer(value) or value < least:
            what = f"a whole number, at least {least}, not {value!r}"
            raise RefusedArgument(what, f"{app}.{name}")
    return Duties(callback, handler or nothing, before_answer or nothing, key or nothing)


def log_failure(event: Event) -> None:
    # Events hold credentials (welcome codes, tickets), so only the key is told.
    log.exception("the handler failed: %s", event.key)


class Threads:
    """Threads of an app's own, that begin with the first work, also after they were told to end."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._executor: ThreadPoolExecutor | None = None

    def run(self, function: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """Call a function in a thread, in the context of who calls this."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._count, self._name)
        work = partial(contextvars.copy_context().run, function, *args)
        return asyncio.get_running_loop().run_in_executor(self._executor, work)

    def caller(self, function: Handler) -> Callable[[Event], Awaitable[Any]]:
        """What has a function, or a coroutine function, do something with an event."""
        if inspect.iscoroutinefunction(function):
            return function

        async def in_thread(event: Event) -> None:
            result = await self.run(function, event)
            if inspect.isawaitable(result):
                await result

        return in_thread

    def end(self) -> None:
        """End the threads when they are done."""
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None


class Line:
    """Who may work in one event loop: so many at a time, and one of each key."""

    def __init__(self, loop: asyncio.AbstractEventLoop, workers: int) -> None:
        self.loop = loop
        self._workers = asyncio.Semaphore(workers)
        self._last: dict[Hashable, asyncio.Future[None]] = {}

    def work(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        """Begin something when it is its turn."""
        before = None if key is None else self._last.get(key)
        task = self.loop.create_task(self._turn(before, work))
        if key is not None:
            self._last[key] = task

            def ended(_: object) -> None:
                if self._last.get(key) is task:
                    del self._last[key]

            task.add_done_callback(ended)
        return task

    async def _turn(
        self, before: "asyncio.Future[None] | None", work: Callable[[], Awaitable[None]]
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        async with self._workers:
            await work()


class AsgiApp:
    """An ASGI app: `uvicorn module:app`, or a `Route` of Starlette and FastAPI."""

    def __init__(self, duties: Duties, workers: int, queue: int) -> None:
        self._duties = duties
        self._callback = duties.callback
        self._blocks = not isinstance(duties.callback.seen, MemorySeen | None)
        self._workers = workers
        self._places = workers + queue
        self._held = 0
        """Events that are being taken, wait or are handled."""
        self._answering = Threads(ANSWERING, "wecom-callback-answer")
        self._handling = Threads(workers, "wecom-callback")
        self._before_answer = self._answering.caller(duties.before_answer)
        self._handler = self._handling.caller(duties.handler)
        self._line: Line | None = None
        self._closed = False
        self._open: set[asyncio.Future[Any]] = set()
        """Requests that are being taken, and handlers at work."""
        self._taking: dict[str, asyncio.Future[Response]] = {}
        """Events that `before_answer` has at the moment, by their keys."""

    async def __call__(self, scope: AsgiScope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"a callback URL takes http, not {scope['type']}")
        body = await self._body(receive)
        if body is None:
            return
        method, query = scope["method"], scope["query_string"]
        serving = asyncio.get_running_loop().create_future()
        self._keep(serving)
        try:
            answer = await self._take(method, query, body)
            try:
                await self._answer(send, method, answer)
            finally:
                # Whether the answer arrived or not: the event is here, and remembered.
                job = self._start(query, answer)
        finally:
            serving.set_result(None)
        if job is not None:
            # Whoever cancels the request does not cancel the handler.
            await asyncio.wait([job])

    async def aclose(self) -> None:
        """Wait until the handler is done with everything it was given; from now on the answer is 503."""
        self._closed = True
        while self._open:
            await asyncio.wait(self._open)
        self._answering.end()
        self._handling.end()

    close = aclose

    async def _take(self, method: str, query: bytes, body: bytes) -> Response:
        if self._closed:
            return CLOSED
        taking = self._duties.take(method, query, body)
        if method != "POST":
            return answered(advance(taking))
        if self._held >= self._places:
            log.warning("the queue is full: answered 503")
            return FULL
        self._held += 1
        try:
            if self._blocks or self._duties.before_answer is not nothing:
                answer = await self._aside(query, taking)
            else:
                answer = answered(advance(taking))
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._held -= 1
            raise
        if answer.event is None:
            self._held -= 1
        return answer

    async def _aside(self, query: bytes, taking: Taking) -> Response:
        """Take what takes its time. It goes on when the request is cancelled, and the event that it finds is handed on."""
        task = asyncio.get_running_loop().create_task(self._taken(taking))
        self._keep(task)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(partial(self._start_late, query))
            raise

    async def _taken(self, taking: Taking) -> Response:
        found = await self._advance(taking)
        if isinstance(found, Response):
            return found
        event = found
        if (other := self._taking.get(event.key)) is not None:
            taking.close()
            await asyncio.wait([other])
            return other.result()
        self._taking[event.key] = said = asyncio.get_running_loop().create_future()
        answer = FAILED
        try:
            if not isinstance(found := await self._advance(taking), Response):
                raised = await self._prepare(event)
                found = await self._advance(taking, raised)
            answer = answered(found)
            return answer
        finally:
            del self._taking[event.key]
            said.set_result(answer.alone())

    async def _prepare(self, event: Event) -> Exception | None:
        """Do what is to be done before the answer; what it raised, if it failed."""
        try:
            await self._before_answer(event)
        except Exception as error:
            return error
        return None

    async def _advance(self, taking: Taking, raised: Exception | None = None) -> Event | Response:
        if not self._blocks:
            return advance(taking, raised)
        found: Event | Response = await self._answering.run(advance, taking, raised)
        return found

    def _start_late(self, query: bytes, taken: "asyncio.Future[Response]") -> None:
        if taken.cancelled() or taken.exception() is not None or taken.result().event is None:
            self._held -= 1
        else:
            self._start(query, taken.result())

    async def _answer(self, send: AsgiSend, method: str, answer: Response) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body(method)})

    def _start(self, query: bytes, answer: Response) -> "asyncio.Future[None] | None":
        """Hand an event on; a handler that is cancelled, as at the end of a loop, has not had it."""
        event = answer.event
        if event is None:
            return None
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            self._line = Line(loop, self._workers)
        job = self._line.work(answer.key, partial(self._handle, event))

        def ended(_: object) -> None:
            self._held -= 1
            if job.cancelled():
                log.error("the handler was cancelled: %s", event.key)
                self._callback.forget(query, event)

        job.add_done_callback(ended)
        self._keep(job)
        return job

    def _keep(self, work: "asyncio.Future[Any]") -> None:
        self._open.add(work)
        work.add_done_callback(self._open.discard)

    async def _body(self, receive: AsgiReceive) -> bytes | None:
        """The body, or enough of it to be refused; None when the client has gone."""
        body = bytearray()
        while len(body) <= self._callback.max_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        return bytes(body)

    async def _handle(self, event: Event) -> None:
        try:
            await self._handler(event)
        except Exception:
            log_failure(event)

    async def _lifespan(self, receive: AsgiReceive, send: AsgiSend) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._closed = False
            else:
                await self.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


class Lanes:
    """Threads, and for each key a lane in which one thing is done at a time."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._lock = Lock()
        self._lanes: dict[Hashable, deque[Callable[[], None]]] = {}

    def work(self, key: Hashable, work: Callable[[], None]) -> None:
        """Do something when it is its turn; raises RuntimeError when the threads take nothing any more."""
        if key is None:
            self._pool.submit(work)
            return
        with self._lock:
            if key in self._lanes:
                self._lanes[key].append(work)
                return
            self._pool.submit(self._follow, key)
            self._lanes[key] = deque([work])

    def _follow(self, key: Hashable) -> None:
        """Do all there is of a key."""
        while True:
            with self._lock:
                lane = self._lanes[key]
                if not lane:
                    del self._lanes[key]
                    return
                work = lane.popleft()
            work()


class WsgiApp:
    """A WSGI app: `gunicorn module:app`, or what a view of Flask returns."""

    def __init__(self, duties: Duties, workers: int, queue: int) -> None:
        self._duties = duties
        self._callback = duties.callback
        self._closed = False
        self._places = Semaphore(workers + queue)
        # Threads begin with the first event, so a server may fork before.
        self._pool = ThreadPoolExecutor(workers, "wecom-callback")
        self._lanes = Lanes(self._pool)
        self._lock = Lock()
        self._taking: dict[str, Future[Response]] = {}
        """Events that `before_answer` has at the moment, by their keys."""

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        answer = self._take(method, query, self._body(environ))
        start_response(STATUS[answer.status], answer.headers())
        return [answer.body(method)]

    def close(self) -> None:
        """Wait until the handler is done with everything it was given; from now on the answer is 503."""
        self._closed = True
        self._pool.shutdown()

    def _take(self, method: str, query: str, body: bytes) -> Response:
        if self._closed:
            return CLOSED
        taking = self._duties.take(method, query, body)
        if method != "POST":
            return answered(advance(taking))
        if not self._places.acquire(blocking=False):
            log.warning("the queue is full: answered 503")
            return FULL
        submitted = False
        try:
            answer = self._taken(taking)
            if answer.event is None:
                return answer
            submitted = self._submit(query, answer.event, answer.key)
            return answer if submitted else CLOSED
        finally:
            if not submitted:
                self._places.release()

    def _taken(self, taking: Taking) -> Response:
        found = advance(taking)
        if isinstance(found, Response):
            return found
        event = found
        said: Future[Response] = Future()
        with self._lock:
            other = self._taking.setdefault(event.key, said)
        if other is not said:
            taking.close()
            return other.result()
        answer = FAILED
        try:
            if not isinstance(found := advance(taking), Response):
                found = advance(taking, self._prepare(event))
            answer = answered(found)
            return answer
        finally:
            with self._lock:
                del self._taking[event.key]
            said.set_result(answer.alone())

    def _prepare(self, event: Event) -> Exception | None:
        """Do what is to be done before the answer; what it raised, if it failed."""
        try:
            call(self._duties.before_answer, event)
        except Exception as error:
            return error
        return None

    def _submit(self, query: str, event: Event, key: Hashable) -> bool:
        """Hand an event on; False, and it is forgotten, if the threads take none any more."""
        try:
            self._lanes.work(key, partial(self._handle, event))
        except BaseException as error:
            self._callback.forget(query, event)
            if not isinstance(error, RuntimeError):
                raise
            return False
        return True

    def _body(self, environ: dict[str, Any]) -> bytes:
        """The body, or enough of it to be refused."""
        most = self._callback.max_bytes + 1
        length = environ.get("CONTENT_LENGTH") or "0"
        if environ.get("wsgi.input_terminated"):
            size = most
        else:
            # Reading beyond the end would block.
            size = min(int(length), most) if re.fullmatch("[0-9]{1,18}", length) else 0
        body: bytes = environ["wsgi.input"].read(size)
        return body

    def _handle(self, event: Event) -> None:
        try:
            call(self._duties.handler, event)
        except Exception:
            log_failure(event)
        finally:
            self._places.release()


def call(function: Handler, event: Event) -> None:
    """Have a function, or a coroutine function, do something with an event."""
    result = function(event)
    if inspect.isawaitable(result):
        asyncio.run(finish(result))


async def finish(result: Awaitable[Any]) -> None:
    await result
