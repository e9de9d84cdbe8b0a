"""The ASGI and the WSGI app, called and served, and the examples with real requests."""

import asyncio
import functools
import io
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

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
from redis import Redis
from wecom_contact._callback_web import AsgiApp, WsgiApp
from wecom_contact._events import Event, UnknownEvent
from wecom_contact.callback import Callback, RedisSeen, asgi, wsgi
from wecom_contact.events import CustomerAdded, GroupChatUpdated, UpdateDetail

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


def test_real_requests(served: tuple[Callback, str, Recorder, float]) -> None:
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
def test_example(name: str) -> None:
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
    told = [line for line in lines if line.startswith(("greet", "group", "not known"))]
    assert sorted(told) == [
        f"greet wm1 with CODE until {EVENT.welcome_deadline:%H:%M:%S}",
        "group wr1: add_member ['lisi']",
        "not known yet: new thing",
    ]
