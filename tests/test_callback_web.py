"""The ASGI and the WSGI app, called and served, and the examples with real requests."""

import asyncio
import functools
import io
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest
import uvicorn
from callback_support import (
    AES_KEY,
    CORP,
    ROOT,
    SUITE,
    TOKEN,
    Reply,
    callback,
    deaf,
    free_port,
    listens,
    redis_server,
    request,
    running,
    sent,
    wait_for,
)
from fastapi import FastAPI
from flask import Flask
from redis import Redis
from starlette.applications import Starlette
from starlette.routing import Route
from wecom_contact._runtime.callback_web import AsgiApp, Threads, WsgiApp
from wecom_contact._runtime.events import Event, UnknownEvent
from wecom_contact.callback import Callback, MemorySeen, RedisSeen, asgi, wsgi
from wecom_contact.events import CustomerAdded, GroupChatUpdated, UpdateDetail
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import EnvironBuilder, run_wsgi_app

EVENT = CustomerAdded(
    corp_id=CORP,
    time=datetime.now(UTC),
    userid="zhangsan",
    external_userid="wm1",
    welcome_code="CODE",
)


class Recorder:
    """A handler of every kind there is."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.threads: set[int] = set()

    def sync(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.get_ident())

    async def coroutine(self, event: Event) -> None:
        await asyncio.sleep(0)
        self.sync(event)

    def lazy(self, event: Event) -> Any:
        return self.coroutine(event)

    async def __call__(self, event: Event) -> None:
        await self.coroutine(event)

    def kinds(self) -> dict[str, Any]:
        return {
            "sync": self.sync,
            "coroutine": self.coroutine,
            "partial": functools.partial(self.coroutine),
            "lazy": self.lazy,
            "callable": self,
        }


KINDS = list(Recorder().kinds())


def call_asgi(
    app: AsgiApp, method: str, query: dict[str, str], *chunks: bytes, gone: bool = False
) -> tuple[Reply | None, int]:
    """Call the app as a server does; the answer, and how often it asked for more."""
    messages: list[MutableMapping[str, Any]] = []
    asked = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        asked += 1
        if asked > len(chunks):
            assert gone or not chunks
            return {"type": "http.disconnect" if gone else "http.request"}
        more = gone or asked < len(chunks)
        return {"type": "http.request", "body": chunks[asked - 1], "more_body": more}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    scope = {"type": "http", "method": method, "query_string": urlencode(query).encode()}
    asyncio.run(app(scope, receive, send))
    if not messages:
        return None, asked
    start, body = messages
    headers = dict(start["headers"])
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    return Reply(start["status"], body["body"].decode(), headers[b"content-type"].decode()), asked


def call_wsgi(
    app: WsgiApp, method: str, query: dict[str, str], body: bytes = b"", **environ: Any
) -> tuple[Reply, int]:
    """Call the app as a server does; the answer, and how much of the body it read."""
    told: list[Any] = []
    stream = io.BytesIO(body)
    known = {
        "REQUEST_METHOD": method,
        "QUERY_STRING": urlencode(query),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": stream,
    }
    answer = b"".join(app({**known, **environ}, lambda *words: told.extend(words)))
    status, headers = told
    headers = dict(headers)
    assert headers["Content-Length"] == str(len(answer))
    return Reply(int(status.split()[0]), answer.decode(), headers["Content-Type"]), stream.tell()


def unused(event: Event) -> None:
    pytest.fail("no event came")


PLAIN = "text/plain; charset=utf-8"
SUCCESS = Reply(200, "success", PLAIN)


@pytest.fixture(params=["asgi", "wsgi"])
def call(request: pytest.FixtureRequest) -> Any:
    """Either app, called in the same way."""

    def ask(wecom: Callback, handler: Any, method: str, query: Any, body: bytes = b"") -> Reply:
        if request.param == "asgi":
            reply, _ = call_asgi(asgi(wecom, handler), method, query, body)
            assert reply is not None
            return reply
        app = wsgi(wecom, handler)
        reply, _ = call_wsgi(app, method, query, body)
        app.close()
        return reply

    return ask


def test_the_echo_is_bare(call: Any) -> None:
    wecom = callback()
    reply = call(wecom, unused, "GET", wecom.forge_url("1616140317555161061"))
    assert reply == Reply(200, "1616140317555161061", PLAIN)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_is_handed_on(call: Any, kind: str) -> None:
    wecom, recorder = callback(), Recorder()
    assert call(wecom, recorder.kinds()[kind], "POST", *wecom.forge(EVENT)) == SUCCESS
    assert recorder.events == [EVENT]


def test_repeats_are_acknowledged_and_dropped(call: Any) -> None:
    wecom, recorder = callback(), Recorder()
    same = wecom.forge(EVENT)
    for forged in (same, same, wecom.forge(EVENT)):
        assert call(wecom, recorder.sync, "POST", *forged) == SUCCESS
    assert recorder.events == [EVENT]


def test_unknown_events_are_handed_on(call: Any) -> None:
    wecom, recorder = callback(), Recorder()
    unknown = UnknownEvent(corp_id=CORP, time=EVENT.time, family="of_next_year")
    assert call(wecom, recorder.sync, "POST", *wecom.forge(unknown)) == SUCCESS
    assert recorder.events == [unknown]


def test_what_is_refused(call: Any, caplog: pytest.LogCaptureFixture) -> None:
    wecom = callback()
    query, body = wecom.forge(EVENT)
    bad = {**query, "nonce": "1"}
    assert call(wecom, unused, "POST", bad, body) == Reply(403, "signature", PLAIN)
    assert call(wecom, unused, "GET", query) == Reply(403, "signature", PLAIN)
    assert call(wecom, unused, "POST", query, b"") == Reply(400, "format", PLAIN)
    assert call(wecom, unused, "POST", query, b"x" * 300_000) == Reply(413, "too large", PLAIN)
    assert call(wecom, unused, "PUT", query, body) == Reply(405, "GET or POST", PLAIN)
    assert call(wecom, unused, "POST", *sent(wecom, "<xml/>")) == Reply(400, "format", PLAIN)
    assert "rejected: signature: msg_signature does not fit" in caplog.text
    assert TOKEN not in caplog.text


def test_a_handler_that_fails_is_logged(call: Any, caplog: pytest.LogCaptureFixture) -> None:
    def handler(event: Event) -> None:
        raise RuntimeError("database away")

    wecom = callback()
    assert call(wecom, handler, "POST", *wecom.forge(EVENT)) == SUCCESS
    record = next(each for each in caplog.records if each.levelno == logging.ERROR)
    assert record.getMessage() == f"the handler failed: {EVENT.key}"
    assert "database away" in caplog.text
    assert "CODE" not in caplog.text


def test_asgi_reads_no_more_than_it_must() -> None:
    wecom = callback()
    chunk = b"x" * 65_536
    reply, asked = call_asgi(
        asgi(wecom, unused), "POST", wecom.forge(EVENT).query, *[chunk] * 1_600
    )
    assert (reply, asked) == (Reply(413, "too large", PLAIN), 5)


def test_asgi_puts_a_body_together() -> None:
    wecom, recorder = callback(), Recorder()
    query, body = wecom.forge(EVENT)
    reply, _ = call_asgi(asgi(wecom, recorder.sync), "POST", query, body[:9], b"", body[9:])
    assert (reply, recorder.events) == (SUCCESS, [EVENT])


def test_asgi_gives_up_when_the_client_has_gone() -> None:
    wecom, recorder = callback(), Recorder()
    query, body = wecom.forge(EVENT)
    reply, _ = call_asgi(asgi(wecom, recorder.sync), "POST", query, body[:9], gone=True)
    assert (reply, recorder.events) == (None, [])


def test_asgi_runs_a_function_in_a_thread() -> None:
    wecom, recorder = callback(), Recorder()
    call_asgi(asgi(wecom, recorder.sync), "POST", *wecom.forge(EVENT))
    assert threading.get_ident() not in recorder.threads
    call_asgi(asgi(deaf(), recorder.coroutine), "POST", *wecom.forge(EVENT))
    assert threading.get_ident() in recorder.threads


def test_asgi_answers_before_it_hands_on() -> None:
    wecom, order = callback(), []

    async def handler(event: Event) -> None:
        order.append("handled")

    async def send(message: MutableMapping[str, Any]) -> None:
        order.append(message["type"])

    query, body = wecom.forge(EVENT)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {"type": "http", "method": "POST", "query_string": urlencode(query).encode()}
    asyncio.run(asgi(wecom, handler)(scope, receive, send))
    assert order == ["http.response.start", "http.response.body", "handled"]


def test_asgi_takes_only_http() -> None:
    with pytest.raises(ValueError, match="takes http, not websocket"):
        asyncio.run(asgi(callback(), unused)({"type": "websocket"}, None, None))


def test_asgi_asks_redis_in_a_thread() -> None:
    recorder = Recorder()
    with redis_server() as port, Redis(port=port) as redis:
        wecom = callback(seen=RedisSeen(redis))
        forged = wecom.forge(EVENT)
        for _ in range(2):
            reply, _ = call_asgi(asgi(wecom, recorder.coroutine), "POST", *forged)
            assert reply == SUCCESS
    assert recorder.events == [EVENT]


def test_wsgi_reads_no_more_than_it_must() -> None:
    wecom = callback()
    query = wecom.forge(EVENT).query
    app = wsgi(wecom, unused)
    reply, read = call_wsgi(app, "POST", query, b"x" * 1_000_000)
    assert (reply.status, read) == (413, wecom.max_bytes + 1)
    for length in ("", "-1", "many", "9" * 5_000):
        reply, read = call_wsgi(app, "POST", query, b"x" * 100, CONTENT_LENGTH=length)
        assert (reply.status, read) == (400, 0)
    reply, _ = call_wsgi(app, "POST", *wecom.forge(EVENT), CONTENT_LENGTH="99999999")
    assert reply == SUCCESS


def test_wsgi_reads_a_chunked_body_where_the_server_can() -> None:
    wecom, recorder = callback(), Recorder()
    app = wsgi(wecom, recorder.sync)
    extra: Any = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    reply, _ = call_wsgi(app, "POST", *wecom.forge(EVENT), **extra)
    app.close()
    assert (reply, recorder.events) == (SUCCESS, [EVENT])


def test_wsgi_does_not_wait_for_the_handler() -> None:
    wecom, done = callback(), threading.Event()
    app = wsgi(wecom, lambda event: done.wait(10), workers=1)
    reply, _ = call_wsgi(app, "POST", *wecom.forge(EVENT))
    assert reply == SUCCESS
    done.set()
    app.close()


# What does not arrive does not get lost.


class Wire:
    """A request to the ASGI app whose answer may be held up, or break."""

    def __init__(self, wecom: Callback, event: Event = EVENT, path: str = "/wecom") -> None:
        query, self.body = wecom.forge(event)
        self.scope = {
            "type": "http", "method": "POST", "query_string": urlencode(query).encode(),
            "path": path, "root_path": "", "headers": [],
        }  # fmt: skip
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": self.body}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    async def broken(self, message: MutableMapping[str, Any]) -> None:
        raise ConnectionResetError("the client has gone")

    async def stuck(self, message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(60)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status


async def until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not ready():
            await asyncio.sleep(0.001)


def test_asgi_hands_on_an_event_whose_answer_did_not_arrive() -> None:
    async def scene() -> None:
        wecom, recorder = callback(), Recorder()
        app = asgi(wecom, recorder.coroutine)
        first = Wire(wecom)
        with pytest.raises(ConnectionResetError):
            await app(first.scope, first.receive, first.broken)
        await app.aclose()
        assert recorder.events == [EVENT]
        again = Wire(wecom)
        await asgi(wecom, unused)(again.scope, again.receive, again.send)
        assert again.status == 200

    asyncio.run(scene())


@pytest.mark.parametrize("held", ["stuck", "send"])
def test_a_cancelled_request_does_not_cancel_the_handler(held: str) -> None:
    async def scene() -> None:
        wecom, recorder, go = callback(), Recorder(), asyncio.Event()

        async def handler(event: Event) -> None:
            await go.wait()
            recorder.sync(event)

        app, wire = asgi(wecom, handler), Wire(wecom)
        task = asyncio.create_task(app(wire.scope, wire.receive, getattr(wire, held)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The request has ended at once, and the handler is still at work.
        assert recorder.events == []
        go.set()
        await app.aclose()
        assert recorder.events == [EVENT]

    asyncio.run(scene())


class Distant:
    """A memory that must be asked in a thread, because it may take long; or may break."""

    def __init__(self) -> None:
        self.memory = MemorySeen()
        self.asked = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.broken = ""

    def add(self, key: str, seconds: float) -> bool:
        new = self.memory.add(key, seconds)
        self.asked.set()
        self.go.wait(20)
        if self.broken and key.startswith(self.broken):
            raise OSError("out of order")
        return new

    def has(self, key: str) -> bool:
        return self.memory.has(key)

    def discard(self, key: str) -> None:
        self.memory.discard(key)


def test_a_request_cancelled_while_its_event_is_taken_costs_no_event() -> None:
    async def scene() -> None:
        seen, recorder = Distant(), Recorder()
        seen.go.clear()
        wecom = callback(seen=seen)
        app, wire = asgi(wecom, recorder.coroutine), Wire(wecom)
        task = asyncio.create_task(app(wire.scope, wire.receive, wire.send))
        await until(seen.asked.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        closing = asyncio.create_task(app.aclose())
        seen.go.set()
        await closing
        assert (recorder.events, wire.sent) == ([EVENT], [])

    asyncio.run(scene())


@pytest.mark.parametrize("refused", ["broken", "repeated"])
def test_a_request_cancelled_while_its_event_is_refused_costs_nothing(refused: str) -> None:
    """Not the place of the next event either; and it makes no second place."""

    async def scene() -> None:
        seen, recorder, go = Distant(), Recorder(), asyncio.Event()
        wecom = callback(seen=seen)

        async def handler(event: Event) -> None:
            recorder.sync(event)
            if len(recorder.events) > (refused == "repeated"):
                await go.wait()

        app, wire = asgi(wecom, handler, workers=1, queue=0), Wire(wecom)
        if refused == "repeated":
            await app(wire.scope, wire.receive, wire.send)
            seen.asked.clear()
        else:
            seen.broken = "request:"
        seen.go.clear()
        task = asyncio.create_task(app(wire.scope, wire.receive, wire.send))
        await until(seen.asked.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        seen.go.set()
        await until(lambda: not app._open)
        seen.broken = ""
        others = [
            Wire(wecom, UnknownEvent(corp_id=CORP, time=EVENT.time, family=name)) for name in "xy"
        ]
        tasks = [asyncio.create_task(app(each.scope, each.receive, each.send)) for each in others]
        await until(lambda: all(each.sent for each in others))
        assert sorted(each.status for each in others) == [200, 503]
        go.set()
        await asyncio.gather(*tasks)
        await app.aclose()

    asyncio.run(scene())


def test_a_memory_that_breaks_between_request_and_event_costs_no_event(call: Any) -> None:
    seen, recorder = Distant(), Recorder()
    wecom = callback(seen=seen)
    request = wecom.forge(EVENT)
    seen.broken = "event:"
    with pytest.raises(OSError, match="out of order"):
        call(wecom, unused, "POST", *request)
    seen.broken = ""
    assert call(wecom, recorder.sync, "POST", *request) == SUCCESS
    assert recorder.events == [EVENT]


def test_asgi_waits_for_its_handlers_and_takes_no_more() -> None:
    async def scene() -> None:
        wecom, recorder = callback(), Recorder()
        app, wire, late = asgi(wecom, recorder.coroutine), Wire(wecom), Wire(wecom)
        task = asyncio.create_task(app(wire.scope, wire.receive, wire.send))
        await asyncio.sleep(0)
        await app.aclose()
        assert recorder.events == [EVENT]
        await task
        other = Wire(wecom, UnknownEvent(corp_id=CORP, time=EVENT.time, family="x"))
        await app(other.scope, other.receive, other.send)
        assert (other.status, other.sent[1]["body"]) == (503, b"closed")
        # It was not taken, so WeCom's next try is, by whoever serves then.
        await asgi(wecom, recorder.coroutine)(other.scope, other.receive, late.send)
        assert [type(each) for each in recorder.events] == [CustomerAdded, UnknownEvent]

    asyncio.run(scene())


def test_the_end_of_the_servers_life_waits_for_the_handlers() -> None:
    async def scene() -> None:
        wecom, recorder, order = callback(), Recorder(), []
        app = asgi(wecom, recorder.coroutine)

        async def live(kind: str) -> None:
            messages = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

            async def receive() -> MutableMapping[str, Any]:
                message = messages.pop()
                if message["type"] == "lifespan.shutdown":
                    wire = Wire(wecom, UnknownEvent(corp_id=CORP, time=EVENT.time, family=kind))
                    work = asyncio.create_task(app(wire.scope, wire.receive, wire.send))
                    works.append(work)
                    await asyncio.sleep(0)
                return message

            async def send(message: MutableMapping[str, Any]) -> None:
                order.append((message["type"], len(recorder.events)))

            works: list[Any] = []
            await app({"type": "lifespan"}, receive, send)
            await asyncio.gather(*works)

        # A second life, as with two test clients, begins anew.
        await live("a")
        await live("b")
        assert order == [
            ("lifespan.startup.complete", 0), ("lifespan.shutdown.complete", 1),
            ("lifespan.startup.complete", 1), ("lifespan.shutdown.complete", 2),
        ]  # fmt: skip

    asyncio.run(scene())


def test_a_handler_that_is_cancelled_has_not_had_the_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wecom, recorder = callback(), Recorder()

    async def scene() -> None:
        async def handler(event: Event) -> None:
            await asyncio.sleep(60)

        app, wire = asgi(wecom, handler), Wire(wecom)
        task = asyncio.create_task(app(wire.scope, wire.receive, wire.broken))
        with pytest.raises(ConnectionResetError):
            await task

    # The loop ends, and cancels what is left.
    asyncio.run(scene())
    assert f"the handler was cancelled: {EVENT.key}" in caplog.text
    call_asgi(asgi(wecom, recorder.coroutine), "POST", *wecom.forge(EVENT))
    assert recorder.events == [EVENT]


def test_an_event_that_was_not_taken_before_the_answer_is_answered_500() -> None:
    def lost(event: Event) -> None:
        raise ConnectionError

    failed = Reply(500, "failed", PLAIN)
    wecom = callback()
    app = wsgi(wecom, before_answer=lost)
    assert call_wsgi(app, "POST", *wecom.forge(EVENT))[0] == failed
    app.close()
    assert call_asgi(asgi(wecom, before_answer=lost), "POST", *wecom.forge(EVENT))[0] == failed


def test_a_closed_wsgi_app_answers_503_and_the_next_try_is_taken() -> None:
    for close in (lambda app: app.close(), lambda app: app._pool.shutdown()):
        wecom, recorder = callback(), Recorder()
        app, request = wsgi(wecom, unused), wecom.forge(EVENT)
        close(app)
        assert call_wsgi(app, "POST", *request)[0] == Reply(503, "closed", PLAIN)
        other = wsgi(wecom, recorder.sync)
        assert call_wsgi(other, "POST", *request)[0] == SUCCESS
        other.close()
        assert recorder.events == [EVENT]


def test_an_interrupt_before_the_event_is_handed_on_lets_it_come_again() -> None:
    wecom, recorder = callback(), Recorder()
    app, request = wsgi(wecom, recorder.sync, workers=1, queue=0), wecom.forge(EVENT)
    submit = app._pool.submit

    def interrupted(*_: object) -> Any:
        raise KeyboardInterrupt

    app._pool.submit = interrupted  # type: ignore[method-assign]  # for a moment
    with pytest.raises(KeyboardInterrupt):
        call_wsgi(app, "POST", *request)
    app._pool.submit = submit  # type: ignore[method-assign]  # back again
    assert call_wsgi(app, "POST", *request)[0] == SUCCESS
    app.close()
    assert recorder.events == [EVENT]


def test_a_full_queue_answers_503_and_the_next_try_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wecom, recorder, go = callback(), Recorder(), threading.Event()

    def handler(event: Event) -> None:
        go.wait(20)
        recorder.sync(event)

    app = wsgi(wecom, handler, workers=1, queue=2)
    events = [
        UnknownEvent(corp_id=CORP, time=EVENT.time, family="x", change=str(number))
        for number in range(5)
    ]
    requests = [wecom.forge(each) for each in events]
    replies = [call_wsgi(app, "POST", *each)[0] for each in requests]
    assert replies == [SUCCESS] * 3 + [Reply(503, "busy", PLAIN)] * 2
    assert "the queue is full" in caplog.text
    # What is not an event needs no place.
    url = wecom.forge_url("echo")
    assert call_wsgi(app, "GET", url)[0] == Reply(200, "echo", PLAIN)
    go.set()
    for each in requests[3:]:
        wait_for(lambda each=each: call_wsgi(app, "POST", *each)[0].status == 200)
    app.close()
    assert recorder.events == events


def test_what_is_refused_or_repeated_takes_no_place_for_good() -> None:
    wecom, recorder = callback(), Recorder()
    app, request = wsgi(wecom, recorder.sync, workers=1, queue=0), wecom.forge(EVENT)
    for _ in range(3):
        assert call_wsgi(app, "POST", request.query, b"")[0].status == 400
    assert call_wsgi(app, "POST", *request)[0] == SUCCESS
    wait_for(lambda: recorder.events)
    for _ in range(3):
        wait_for(lambda: call_wsgi(app, "POST", *request)[0] == SUCCESS)
    app.close()
    assert recorder.events == [EVENT]


@pytest.mark.parametrize("distant", [False, True], ids=["memory", "elsewhere"])
@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_deliveries_at_the_same_time_are_handled_once(kind: str, distant: bool) -> None:
    wecom, recorder = callback(seen=Distant() if distant else "memory"), Recorder()
    same = wecom.forge(EVENT)
    requests = [same if number % 2 else wecom.forge(EVENT) for number in range(16)]
    if kind == "wsgi":
        app = wsgi(wecom, recorder.sync)
        with ThreadPoolExecutor(8) as pool:
            statuses = list(
                pool.map(lambda each: call_wsgi(app, "POST", *each)[0].status, requests)
            )
        app.close()
    else:

        async def scene() -> list[int]:
            app, wires = asgi(wecom, recorder.coroutine), []
            for query, body in requests:
                wires.append(wire := Wire(wecom))
                wire.body, wire.scope["query_string"] = body, urlencode(query).encode()
            await asyncio.gather(*(app(each.scope, each.receive, each.send) for each in wires))
            return [each.status for each in wires]

        statuses = asyncio.run(scene())
    assert statuses == [200] * 16
    assert recorder.events == [EVENT]


# Methods, and frameworks around.


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "FOO"])
def test_any_other_method_is_refused_with_what_is_allowed(kind: str, method: str) -> None:
    wecom = callback()
    query = wecom.forge_url("1616140317555161061")
    told: list[Any] = []
    body: bytes
    if kind == "asgi":
        wire = Wire(wecom)
        wire.scope |= {"method": method, "query_string": urlencode(query).encode()}
        asyncio.run(asgi(wecom, unused)(wire.scope, wire.receive, wire.send))
        start, end = wire.sent
        status, body = start["status"], end["body"]
        headers = {name.decode().title(): value.decode() for name, value in start["headers"]}
    else:
        environ = {
            "REQUEST_METHOD": method,
            "QUERY_STRING": urlencode(query),
            "wsgi.input": io.BytesIO(),
        }
        app = wsgi(wecom, unused)
        body = b"".join(app(environ, lambda *words: told.extend(words)))
        status, headers = int(told[0].split()[0]), dict(told[1])
    if method == "HEAD":
        assert (status, body, headers["Content-Length"]) == (200, b"", "19")
        assert "Allow" not in headers
    else:
        assert (status, body, headers["Content-Length"]) == (405, b"GET or POST", "11")
        assert headers["Allow"] == "GET, HEAD, POST"


def routed(app: Any, wecom: Callback, path: str) -> int:
    wire = Wire(wecom, path=path)
    asyncio.run(app(wire.scope, wire.receive, wire.send))
    return wire.status


@pytest.mark.parametrize("framework", [FastAPI, Starlette])
def test_routes_of_starlette_take_both_forms_of_the_path(framework: Any) -> None:
    wecom, recorder = callback(), Recorder()
    receiver, app = asgi(wecom, recorder.coroutine), framework()
    app.router.routes.extend(Route(path, receiver) for path in ("/wecom", "/wecom/"))
    assert [routed(app, wecom, path) for path in ("/wecom", "/wecom/")] == [200, 200]
    assert recorder.events == [EVENT]


@pytest.mark.parametrize("framework", [FastAPI, Starlette])
def test_a_mounted_app_is_at_the_path_with_a_slash(framework: Any) -> None:
    wecom, recorder = callback(), Recorder()
    app = framework()
    app.mount("/wecom", asgi(wecom, recorder.coroutine))
    # Starlette answers 307 for the path without, before anybody else is asked; WeCom does not follow.
    assert [routed(app, wecom, path) for path in ("/wecom", "/wecom/")] == [307, 200]
    assert recorder.events == [EVENT]


def test_wsgi_below_a_path_of_a_dispatcher() -> None:
    wecom, recorder = callback(), Recorder()
    receiver = wsgi(wecom, recorder.sync)
    whole = validator(DispatcherMiddleware(Flask("app"), {"/wecom": receiver}))
    for path in ("/wecom", "/wecom/"):
        query, body = wecom.forge(EVENT)
        for method in ("HEAD", "POST"):
            environ = EnvironBuilder(
                path, method=method, query_string=query, data=body
            ).get_environ()
            reply = run_wsgi_app(whole, environ, buffered=True)
            assert reply[1].startswith("200" if method == "POST" else "403")
    receiver.close()
    assert recorder.events == [EVENT]


# Served.


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(params=["uvicorn", "wsgiref"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Callback, str, Recorder, float]]:
    """Either app, on a port, with a handler that takes its time."""
    wecom, recorder, port = Callback(TOKEN, AES_KEY, [CORP, SUITE]), Recorder(), free_port()
    slow = 1.0

    def handler(event: Event) -> None:
        time.sleep(slow)
        recorder.sync(event)

    if request.param == "uvicorn":
        config = uvicorn.Config(asgi(wecom, handler), port=port, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_for(lambda: server.started)
        yield wecom, f"http://127.0.0.1:{port}", recorder, slow
        server.should_exit = True
        thread.join()
    else:
        app = wsgi(wecom, handler)
        with make_server("127.0.0.1", port, app, handler_class=Quiet) as simple:
            thread = threading.Thread(target=simple.serve_forever)
            thread.start()
            yield wecom, f"http://127.0.0.1:{port}", recorder, slow
            simple.shutdown()
            thread.join()
        app.close()
    assert not listens(port)


def test_the_apps_answer_real_requests(served: tuple[Callback, str, Recorder, float]) -> None:
    wecom, address, recorder, slow = served
    reply = request(address, wecom.forge_url("1616140317555161061"))
    assert (reply.status, reply.text) == (200, "1616140317555161061")
    begun = time.monotonic()
    assert request(address, *wecom.forge(EVENT))[:2] == (200, "success")
    assert request(address, *wecom.forge(EVENT, json=True))[:2] == (200, "success")
    assert time.monotonic() - begun < slow
    query, body = wecom.forge(EVENT)
    assert request(address, {**query, "nonce": "1"}, body)[:2] == (403, "signature")
    assert request(address, query, b"x" * 300_000)[:2] == (413, "too large")
    wait_for(lambda: recorder.events)
    assert recorder.events == [EVENT]


# The examples.


@pytest.mark.parametrize("name", ["fastapi", "flask", "django"])
def test_the_examples_answer_real_requests(name: str) -> None:
    port = free_port()
    env = {
        **os.environ,
        "PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        "WECOM_CORP_ID": CORP,
    }
    wecom = Callback(TOKEN, AES_KEY, CORP)
    address = f"http://127.0.0.1:{port}/wecom"
    group = GroupChatUpdated(
        corp_id=CORP, time=EVENT.time, chat_id="wr1", update_detail=UpdateDetail.ADD_MEMBER,
        members=["lisi"],
    )  # fmt: skip
    unknown = UnknownEvent(corp_id=CORP, time=EVENT.time, family="new", change="thing")
    command = [sys.executable, str(ROOT / "examples" / f"callback_{name}.py")]
    with running(command, port, env) as lines:
        reply = request(address, wecom.forge_url("1616140317555161061"))
        assert reply.status == 200
        assert reply.text == "1616140317555161061"
        assert reply.kind.startswith("text/plain")
        for event in (EVENT, EVENT, group, unknown):
            assert request(address, *wecom.forge(event))[:2] == (200, "success")
        query, body = wecom.forge(EVENT)
        assert request(address, {**query, "nonce": "1"}, body)[:2] == (403, "signature")
        assert request(address, query, b"junk")[:2] == (400, "format")
        wait_for(lambda: any("not known yet" in line for line in lines))
    # Handlers print from several threads, so two lines may have become one.
    told = "\n".join(lines)
    for line in (
        f"greet wm1 with CODE until {EVENT.welcome_deadline:%H:%M:%S}",
        "group wr1: add_member ['lisi']",
        "not known yet: new thing",
    ):
        assert told.count(line) == 1, told


def test_threads_that_have_ended_begin_anew_with_the_next_work() -> None:
    async def main() -> None:
        threads = Threads(1, "a")
        for _ in range(2):
            assert await threads.run(lambda: 5) == 5
            threads.end()

    asyncio.run(main())


def test_threads_are_not_waited_for_when_they_are_told_to_end() -> None:
    go = threading.Event()

    async def main() -> None:
        threads = Threads(1, "a")
        work = threads.run(go.wait, 20)
        threads.end()
        go.set()
        assert await work, "it was still at work"

    asyncio.run(main())


def test_a_closed_app_leaves_no_thread() -> None:
    names = {"wecom-callback", "wecom-callback-answer"}
    others = set(threading.enumerate())

    def at_work() -> set[str]:
        new = set(threading.enumerate()) - others
        return {thread.name.rpartition("_")[0] for thread in new} & names

    wecom, recorder = callback(), Recorder()
    app, wire = asgi(wecom, recorder.sync, before_answer=recorder.sync), Wire(wecom)

    async def main() -> None:
        await app(wire.scope, wire.receive, wire.send)
        assert at_work() == names
        await app.aclose()

    asyncio.run(main())
    wait_for(lambda: not at_work())
    assert app is not None, "or its threads would end with it"
