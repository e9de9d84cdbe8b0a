"""A callback URL as an ASGI and as a WSGI app; both only carry what `take` decides.

An event is remembered when it is read, so that of two deliveries at a time only one is handled. What was
remembered must reach the handler, or be forgotten so that WeCom's next try is taken: nothing in between.

Hand-written: edit codegen/runtime/_runtime/callback_web.py.
"""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import Any, NamedTuple, TypeAlias

from ..errors import RefusedArgument
from .callback import CallbackBase, CallbackRejected, Query
from .events import Event
from .seen import MemorySeen
from .telemetry import LOG
from .values import is_integer

Handler: TypeAlias = Callable[[Event], Any]
"""Takes an event: a function, or a coroutine function."""

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
    503: "503 Service Unavailable",
}
TEXT = "text/plain; charset=utf-8"
METHODS = "GET, HEAD, POST"


class Response(NamedTuple):
    """What to say, and the event to hand on after it was said."""

    status: int
    text: str
    event: Event | None = None

    def headers(self) -> list[tuple[str, str]]:
        """The headers of the answer; the length is the body's, also where HEAD gets none."""
        found = [("Content-Type", TEXT), ("Content-Length", str(len(self.text.encode())))]
        return [*found, ("Allow", METHODS)] if self.status == 405 else found

    def body(self, method: str) -> bytes:
        """The body of the answer; HEAD gets none."""
        return b"" if method == "HEAD" else self.text.encode()


# WeCom tries again.
CLOSED = Response(503, "closed")
FULL = Response(503, "busy")


def take(callback: CallbackBase, method: str, query: Query, body: bytes) -> Response:
    """Decide about a request. The event of the answer is remembered as seen: hand it on, or forget it."""
    try:
        if method in ("GET", "HEAD"):
            return Response(200, callback.verify_url(query))
        if method != "POST":
            return Response(405, "GET or POST")
        event = callback.read(query, body)
    except CallbackRejected as error:
        if error.reason == "replayed":
            return Response(200, "success")
        log.warning("rejected: %s", error)
        return Response(error.status, error.reason)
    try:
        new = callback.is_new(event)
    except BaseException:
        callback.forget(query, event)
        raise
    return Response(200, "success", event if new else None)


def check(name: str, callback: CallbackBase, handler: Handler) -> None:
    if not isinstance(callback, CallbackBase):
        raise RefusedArgument(f"a Callback, not {type(callback).__name__}", f"{name}.callback")
    if not callable(handler):
        what = f"a function that takes an event, not {type(handler).__name__}"
        raise RefusedArgument(what, f"{name}.handler")


def log_failure(event: Event) -> None:
    # Events hold credentials (welcome codes, tickets), so only the key is told.
    log.exception("the handler failed: %s", event.key)


class AsgiApp:
    """An ASGI app: `uvicorn module:app`, or a `Route` of Starlette and FastAPI."""

    def __init__(self, callback: CallbackBase, handler: Handler) -> None:
        check("asgi", callback, handler)
        self._callback = callback
        self._handler = handler
        self._blocks = not isinstance(callback.seen, MemorySeen | None)
        call = type(handler).__call__
        self._async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)
        self._closed = False
        self._open: set[asyncio.Future[Any]] = set()
        """Requests that are being taken, and handlers at work."""

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
                job = self._start(query, answer.event)
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

    close = aclose

    async def _take(self, method: str, query: bytes, body: bytes) -> Response:
        if self._closed:
            return CLOSED
        if not self._blocks:
            return take(self._callback, method, query, body)
        arguments = (self._callback, method, query, body)
        taking = asyncio.get_running_loop().run_in_executor(None, take, *arguments)
        self._keep(taking)
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The thread goes on, and remembers the event that it finds.
            taking.add_done_callback(lambda taken: self._start_late(query, taken))
            raise

    def _start_late(self, query: bytes, taken: "asyncio.Future[Response]") -> None:
        if not taken.cancelled() and taken.exception() is None:
            self._start(query, taken.result().event)

    async def _answer(self, send: AsgiSend, method: str, answer: Response) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body(method)})

    def _start(self, query: bytes, event: Event | None) -> "asyncio.Future[None] | None":
        """Hand an event on; a handler that is cancelled, as at the end of a loop, has not had it."""
        if event is None:
            return None
        job = asyncio.get_running_loop().create_task(self._handle(event))

        def ended(_: object) -> None:
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
            if self._async:
                await self._handler(event)
            else:
                result = await asyncio.to_thread(self._handler, event)
                if inspect.isawaitable(result):
                    await result
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


class WsgiApp:
    """A WSGI app: `gunicorn module:app`, or what a view of Flask returns."""

    def __init__(self, callback: CallbackBase, handler: Handler, workers: int, queue: int) -> None:
        check("wsgi", callback, handler)
        for name, value, least in (("workers", workers, 1), ("queue", queue, 0)):
            if not is_integer(value) or value < least:
                what = f"a whole number, at least {least}, not {value!r}"
                raise RefusedArgument(what, f"wsgi.{name}")
        self._callback = callback
        self._handler = handler
        self._closed = False
        self._places = Semaphore(workers + queue)
        # Threads begin with the first event, so a server may fork before.
        self._pool = ThreadPoolExecutor(workers, "wecom-callback")

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
        if method != "POST":
            return take(self._callback, method, query, body)
        if not self._places.acquire(blocking=False):
            log.warning("the queue is full: answered 503")
            return FULL
        submitted = False
        try:
            answer = take(self._callback, method, query, body)
            if answer.event is None:
                return answer
            submitted = self._submit(query, answer.event)
            return answer if submitted else CLOSED
        finally:
            if not submitted:
                self._places.release()

    def _submit(self, query: str, event: Event) -> bool:
        """Hand an event on; False, and it is forgotten, if the pool takes none any more."""
        try:
            self._pool.submit(self._handle, event)
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
            result = self._handler(event)
            if inspect.isawaitable(result):
                asyncio.run(finish(result))
        except Exception:
            log_failure(event)
        finally:
            self._places.release()


async def finish(result: Awaitable[Any]) -> None:
    await result
