"""A callback URL as an ASGI and as a WSGI app; both only carry what `take` decides.

Hand-written: edit codegen/runtime/_callback_web.py.
"""

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeAlias

from ._events import Event
from ._seen import MemorySeen
from .callback import Callback, CallbackRejected

Handler: TypeAlias = Callable[[Event], Any]
"""Takes an event: a function, or a coroutine function."""

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger("wecom_contact.callback")

STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
}
PLAIN = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What to say, and the event to hand on after it was said."""

    status: int
    text: str
    event: Event | None = None


def take(callback: Callback, method: str, query: bytes | str, body: bytes) -> Answer:
    """Decide about a request."""
    try:
        if method == "GET":
            return Answer(200, callback.verify_url(query))
        if method != "POST":
            return Answer(405, "GET or POST")
        event = callback.read(query, body)
    except CallbackRejected as error:
        if error.reason == "replayed":
            return Answer(200, "success")
        log.warning("rejected: %s", error)
        return Answer(error.status, error.reason)
    return Answer(200, "success", event if callback.is_new(event) else None)


def failed(event: Event) -> None:
    # Events hold credentials (welcome codes, tickets), so only the key is told.
    log.exception("the handler failed: %s", event.key)


class AsgiApp:
    """An ASGI app: `uvicorn module:app`, or a `Route` of Starlette and FastAPI."""

    def __init__(self, callback: Callback, handler: Handler) -> None:
        self._callback = callback
        self._handler = handler
        self._blocks = not isinstance(callback.seen, MemorySeen | None)
        call = type(handler).__call__
        self._async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"a callback URL takes http, not {scope['type']}")
        body = await self._body(receive)
        if body is None:
            return
        arguments = (self._callback, scope["method"], scope["query_string"], body)
        answer = await asyncio.to_thread(take, *arguments) if self._blocks else take(*arguments)
        text = answer.text.encode()
        headers = [
            (b"content-type", PLAIN.encode()),
            (b"content-length", str(len(text)).encode()),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": text})
        if answer.event is not None:
            await self._handle(answer.event)

    async def _body(self, receive: Receive) -> bytes | None:
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
            failed(event)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


class WsgiApp:
    """A WSGI app: `gunicorn module:app`, or what a view of Flask returns."""

    def __init__(self, callback: Callback, handler: Handler, workers: int) -> None:
        self._callback = callback
        self._handler = handler
        # Threads begin with the first event, so a server may fork before.
        self._pool = ThreadPoolExecutor(workers, "wecom-callback")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        answer = take(
            self._callback,
            environ["REQUEST_METHOD"],
            environ.get("QUERY_STRING", ""),
            self._body(environ),
        )
        if answer.event is not None:
            self._pool.submit(self._handle, answer.event)
        text = answer.text.encode()
        headers = [("Content-Type", PLAIN), ("Content-Length", str(len(text)))]
        start_response(STATUS[answer.status], headers)
        return [text]

    def close(self) -> None:
        """Wait until the handler is done with everything it was given."""
        self._pool.shutdown()

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
            failed(event)


async def finish(result: Awaitable[Any]) -> None:
    await result
