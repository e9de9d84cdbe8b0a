"""Everything has an end: answers that drip, answers without bound, proxies that are silent, clients that are closed."""

import asyncio
import gzip
import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from serving import (
    CORP,
    OK,
    SECRET,
    Proxy,
    Reply,
    Request,
    Server,
    Sync,
    Talk,
    WeCom,
    certificate,
    drip,
    serving,
    unused,
)
from wecom_contact import AsyncClient, Client
from wecom_contact._runtime import async_driver as _aio
from wecom_contact._runtime import sync_driver as _sync
from wecom_contact.errors import ProtocolError, Timeout, TransportError
from wecom_contact.media import MediaGet, MediaType, MediaUpload
from wecom_contact.retry import Timeouts

READ = ("GET", "/read")
WRITE = ("POST", "/write")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


def until(true: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


# Time.

DRIPS = {
    "a body": drip(HEAD, b" "),
    "a head": drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a chunked body": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a body of unknown length": drip(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "100 Continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "silence after a piece": drip(HEAD, b"", pause=0.2, drops=100),
}


@pytest.mark.parametrize("name", DRIPS)
def test_an_answer_that_drips_is_a_timeout(
    name: str, colour: Any, wecom: WeCom, server: Server
) -> None:
    wecom.answers["/write"] = DRIPS[name]
    with colour(server.url, timeout=Timeouts(connect=10, read=10, total=0.3)) as client:
        begun = time.monotonic()
        with pytest.raises(Timeout) as caught:
            client.raw(*WRITE)
        assert caught.value.sent
        assert time.monotonic() - begun < 9
        wecom.answers["/write"] = Reply(OK)
        assert client.raw(*WRITE) == OK, "the client is as good as new"


def test_each_try_has_its_own_time(colour: Any, wecom: WeCom, server: Server) -> None:
    slow = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"", pause=0.15, drops=1)

    def answer(connection: socket.socket) -> None:
        slow.talk(connection)
        connection.sendall(b"{}")

    wecom.answers["/read"] = [*[DRIPS["a body"]] * 2, Talk(answer)]
    with colour(server.url, timeout=Timeouts(connect=10, read=10, total=0.6)) as client:
        assert client.raw(*READ) == {}


def test_a_download_may_drip_as_long_as_it_likes(colour: Any, wecom: WeCom, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 30\r\n\r\n"
    wecom.answers["/cgi-bin/media/get"] = drip(head, b"x", drops=30)
    with colour(server.url, timeout=Timeouts(connect=10, read=10, total=0.3)) as client:
        assert client.download(MediaGet(media_id="m")).content == b"x" * 30


def test_a_download_that_does_not_begin_is_a_timeout(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    wecom.answers["/cgi-bin/media/get"] = DRIPS["a head"]
    with (
        colour(server.url, timeout=Timeouts(connect=10, read=10, total=0.3), retry=None) as client,
        pytest.raises(Timeout),
    ):
        client.download(MediaGet(media_id="m"))


class Slow(io.BytesIO):
    """A file on a slow disk."""

    name = "slow.bin"

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(0.1)
        return super().read(size)


def test_an_upload_may_take_as_long_as_it_likes(colour: Any, wecom: WeCom, server: Server) -> None:
    path = "/cgi-bin/media/upload"
    wecom.answers[path] = [Reply({**OK, "media_id": "m"}), DRIPS["a body"]]
    with colour(server.url, timeout=Timeouts(connect=10, read=10, total=0.4)) as client:

        def upload() -> Any:
            return client.send(MediaUpload(type=MediaType.FILE, media=Slow(b"x" * 1_100_000)))

        assert upload().media_id == "m"
        with pytest.raises(Timeout):
            upload()


def test_the_time_of_one_request_does_not_end_another(wecom: WeCom, server: Server) -> None:
    """One timer serves them all: it ends the first, goes on with the second, and is there for the third."""
    wecom.answers["/write"] = DRIPS["a body"]

    async def main() -> None:
        timeout = Timeouts(connect=10, read=10, total=0.4)
        async with AsyncClient(CORP, SECRET, base_url=server.url, timeout=timeout) as client:
            await client.raw(*READ)
            first = asyncio.create_task(client.raw(*WRITE))
            await asyncio.sleep(0.2)
            second = asyncio.create_task(client.raw(*WRITE))
            with pytest.raises(Timeout):
                await first
            assert not second.done()
            assert await client.raw(*READ) == OK
            with pytest.raises(Timeout):
                await second
            await asyncio.sleep(0.5)
            with pytest.raises(Timeout):
                await client.raw(*WRITE)

    asyncio.run(main())


def test_a_cancellation_is_not_taken_for_the_end_of_time(wecom: WeCom, server: Server) -> None:
    """Both at once: time is over, and the caller's own timeout, too."""
    wecom.answers["/write"] = DRIPS["a body"]

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
            await client.raw(*READ)
            task = asyncio.create_task(client.raw(*WRITE))
            await asyncio.sleep(0.1)
            (attempt,) = client._connections.attempts.running
            attempt.until = 0
            client._connections.attempts.watch()
            client._connections.attempts.watch()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelling() == 1
            assert await client.raw(*READ) == OK

    asyncio.run(main())


# Size.

BIG = 5 << 20
BOMBS = {
    "gzip": Reply(gzip.compress(b" " * BIG), headers={"Content-Encoding": "gzip"}),
    "as it is": Reply(b" " * BIG),
    "without end": drip(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536, pause=0),
    "in chunks": drip(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"10000\r\n" + b" " * 65536 + b"\r\n",
        pause=0,
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_answer_without_bound_is_not_read_to_its_end(
    name: str, colour: Any, wecom: WeCom, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for driver in (_sync, _aio):
        monkeypatch.setattr(driver, "LARGEST", 1 << 20)
    wecom.answers["/read"] = [BOMBS[name], Reply(OK)]
    with colour(server.url) as client:
        with pytest.raises(ProtocolError, match="^/read: an answer of more than 64 MiB$"):
            client.raw(*READ)
        assert len(server.asked("/read")) == 1, "another try would bring as much"
        assert client.raw(*READ) == OK


def test_an_answer_as_large_as_it_may_be(
    colour: Any, wecom: WeCom, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"errcode":0,"x":"' + b"x" * 100_000 + b'"}'
    packed = Reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    for driver in (_sync, _aio):
        monkeypatch.setattr(driver, "LARGEST", len(body))
    wecom.answers["/read"] = [packed, Reply(body)]
    with colour(server.url) as client:
        assert len(client.raw(*READ)["x"]) == len(client.raw(*READ)["x"]) == 100_000
        assert server.connections == 1, "the connection is kept"


def test_an_endless_error_page_is_known_by_its_beginning(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    head = b"HTTP/1.1 403 No\r\nContent-Type: text/html\r\n\r\n<h1>go away</h1>"
    wecom.answers["/read"] = wecom.answers["/cgi-bin/media/get"] = drip(head, b"-" * 65536, 0.001)
    with colour(server.url) as client:
        with pytest.raises(ProtocolError, match="HTTP status 403 .*go away"):
            client.raw(*READ)
        with pytest.raises(ProtocolError, match="HTTP status 403 .*go away"):
            client.download(MediaGet(media_id="m"))


# Proxies.


@contextmanager
def proxying(talk: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that reads a request and says what `talk` says."""
    heads: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            heads.append(connection.recv(65536))
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                talk(connection)
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", heads
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def said(text: str) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text.encode())


@pytest.mark.parametrize(
    "talk",
    [lambda _: time.sleep(3), DRIPS["a head"].talk],
    ids=["silence", "drip"],
)
def test_a_proxy_that_does_not_connect_us_is_a_timeout(talk: Any, colour: Any) -> None:
    timeout = Timeouts(connect=0.3, read=20)
    with (
        proxying(talk) as (proxy, _),
        colour("https://wecom.invalid", proxy=proxy, timeout=timeout, retry=None) as client,
    ):
        begun = time.monotonic()
        with pytest.raises(Timeout, match=f"through the proxy {proxy[7:]}") as no:
            client.raw(*WRITE)
        assert not no.value.sent
        assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize(
    "error",
    [
        urllib3.exceptions.HTTPError("x"),
        http.client.HTTPException("x"),
        OSError("x"),
        ValueError("x"),
    ],
    ids=repr,
)
def test_whatever_breaks_while_connecting_has_sent_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """urllib3 raises all of these: of host names, of proxies' answers, of certificates, of sockets."""

    def connect(_: object) -> None:
        raise error

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "connect", connect)
    with (
        Sync("http://127.0.0.1:9", retry=None) as client,
        pytest.raises(TransportError, match="could not connect") as no,
    ):
        client.raw(*WRITE)
    assert not no.value.sent


@pytest.mark.parametrize("base_url", ["http://wecom.invalid", "https://wecom.invalid"])
@pytest.mark.parametrize(
    "proxy",
    ["", "http://nobody.invalid:3128", "http://nobody.invalid"],
    ids=["refused", "unknown", "without a port"],
)
def test_a_proxy_that_is_not_there_is_named(base_url: str, proxy: str, colour: Any) -> None:
    proxy = proxy or unused()
    with_password = proxy.replace("//", "//me:p4ssw0rd@")
    with (
        colour(base_url, proxy=with_password, retry=None) as client,
        pytest.raises(TransportError, match=rf"\(the proxy {proxy[7:]}, ") as no,
    ):
        client.raw(*WRITE)
    assert not no.value.sent
    assert "wecom.invalid" not in str(no.value)
    assert "p4ssw0rd" not in str(no.value)


@pytest.mark.parametrize(
    ("status", "times"),
    [("407 Who are you", 1), ("403 Never", 1), ("500 Oh", 4), ("502 Bad Gateway", 4)],
)
def test_a_proxy_that_refuses_is_named_with_its_status(
    status: str, times: int, colour: Any
) -> None:
    refusal = said(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
    with (
        proxying(refusal) as (proxy, heads),
        colour("https://wecom.invalid", proxy=proxy) as client,
        pytest.raises(
            TransportError, match=rf"\(the proxy {proxy[7:]}, HTTP status {status[:3]}"
        ) as no,
    ):
        client.raw(*WRITE)
    assert not no.value.sent
    assert len(heads) == times


def test_a_proxy_that_wants_a_password_for_http_is_named(colour: Any, server: Server) -> None:
    proxy = Proxy("me:p4ssw0rd")
    try:
        wrong = proxy.url.replace("p4ssw0rd", "wrong")
        place = proxy.url.rpartition("@")[2]
        with (
            colour(server.url, proxy=wrong) as client,
            pytest.raises(ProtocolError, match=f"HTTP status 407 from the proxy {place}"),
        ):
            client.raw(*READ)
    finally:
        proxy.close()


def test_a_host_that_fails_behind_a_proxy_is_named_with_it(
    colour: Any, wecom: WeCom, tmp_path: Any
) -> None:
    proxy = Proxy()
    try:
        with (
            serving(wecom, certificate(tmp_path)[0]) as safe,
            colour(safe.url, proxy=proxy.url) as client,
            pytest.raises(
                TransportError, match=f"{safe.url[8:]} through the proxy {proxy.url[7:]}"
            ),
        ):
            client.raw(*READ)
    finally:
        proxy.close()


# Closing.


def test_closing_tells_the_threads_that_wait_and_lets_a_request_finish(
    wecom: WeCom, server: Server
) -> None:
    answered = threading.Event()

    def slowly(_: Request) -> Reply:
        answered.wait(20)
        return Reply(OK)

    wecom.answers["/read"] = slowly
    client = Client(CORP, SECRET, base_url=server.url, pool_size=1)
    found: dict[str, Any] = {}

    def call(name: str) -> None:
        try:
            found[name] = client.raw(*READ)
        except Exception as error:
            found[name] = error

    threads = {name: threading.Thread(target=call, args=(name,)) for name in ("first", "b", "c")}
    threads["first"].start()
    until(lambda: server.asked("/read"))
    threads["b"].start()
    threads["c"].start()
    until(lambda: len(client._engine.pool_gate._line) == 2)
    client.close()
    for name in ("b", "c"):
        threads[name].join(20)
        assert (type(found[name]), str(found[name])) == (RuntimeError, "the client is closed")
    assert "first" not in found
    answered.set()
    threads["first"].join(20)
    assert found["first"] == OK
    until(lambda: server.open == 0)
    with pytest.raises(RuntimeError, match="the client is closed"):
        client.raw(*READ)
    assert len(server.asked("/read")) == 1


def test_closing_tells_the_tasks_that_wait_and_lets_a_request_finish(
    wecom: WeCom, server: Server
) -> None:
    answered = threading.Event()

    def slowly(_: Request) -> Reply:
        answered.wait(20)
        return Reply(OK)

    wecom.answers["/read"] = slowly

    async def main() -> None:
        client = AsyncClient(CORP, SECRET, base_url=server.url, pool_size=1)
        first = asyncio.create_task(client.raw(*READ))
        while not server.asked("/read"):
            await asyncio.sleep(0.002)
        waiting = [asyncio.create_task(client.raw(*READ)) for _ in range(2)]
        await asyncio.sleep(0.01)
        await client.aclose()
        for each in await asyncio.gather(*waiting, return_exceptions=True):
            assert (type(each), str(each)) == (RuntimeError, "the client is closed")
        assert not first.done()
        answered.set()
        assert await first == OK
        assert client._connections.session is None, "the last one has closed the connections"
        with pytest.raises(RuntimeError, match="the client is closed"):
            await client.raw(*READ)

    asyncio.run(main())
    until(lambda: server.open == 0)
    assert len(server.asked("/read")) == 1


def test_closing_tells_those_who_wait_for_a_token(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    """All but the one who fetches it; that one is told when it wants to send."""
    engines: list[Any] = []

    def close_meanwhile(_: Request) -> Reply:
        engines[0].close()
        return Reply({**OK, "access_token": wecom.token(), "expires_in": 7200})

    wecom.answers[wecom.GETTOKEN] = close_meanwhile
    with colour(server.url) as client:
        engines.append(client.client._engine)
        found = client.together("raw", [READ] * 8)
    assert {(type(each), str(each)) for each in found} == {(RuntimeError, "the client is closed")}
    assert len(server.requests) == 1


def test_a_call_that_was_to_go_again_is_told_that_the_client_is_closed(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    wecom.answers["/read"] = Reply(b"", 502)
    engines: list[Any] = []
    with colour(server.url, on_retry=lambda _: engines[0].close()) as client:
        engines.append(client.client._engine)
        with pytest.raises(RuntimeError, match="the client is closed"):
            client.raw(*READ)
    assert len(server.asked("/read")) == 1


def test_closing_between_two_steps_says_so_too(server: Server) -> None:
    with Client(CORP, SECRET, base_url=server.url) as client:
        client.raw(*READ)
        client._connections.pool.close()
        with pytest.raises(RuntimeError, match="the client is closed"):
            client.raw(*READ)


def test_closing_what_was_never_used() -> None:
    async def main() -> None:
        async with AsyncClient(CORP, SECRET) as client:
            await client.aclose()
        assert client._connections.session is None

    asyncio.run(main())


def test_an_end_of_time_that_became_another_error_is_not_left_behind() -> None:
    async def main() -> None:
        task = asyncio.current_task()
        assert task
        attempts = _aio.Attempts(asyncio.get_running_loop())
        attempt = attempts.begin(10, endless=False)
        attempt.until = 0
        attempts.watch()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
        attempt.end()
        assert task.cancelling() == 0
        assert not attempts.running

    asyncio.run(main())


def test_no_timer_is_set_for_a_time_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        times: list[float] = []
        call_at = loop.call_at

        def watched(when: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
            times.append(when)
            return call_at(when, *args, **options)

        monkeypatch.setattr(loop, "call_at", watched)
        attempts = _aio.Attempts(loop)
        upload = attempts.begin(10, endless=True)
        assert times == [], "other loops than asyncio's own take no infinity"
        upload.start_clock()
        assert times == [upload.until]
        later = attempts.begin(20, endless=False)
        sooner = attempts.begin(5, endless=False)
        assert times == [upload.until, sooner.until]
        for attempt in (upload, later, sooner):
            attempt.end()
        attempts.watch()
        assert len(times) == 2, "nothing is under way"

    asyncio.run(main())


def test_no_time_is_left_for_another_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        connection: Any = SimpleNamespace(until=time.monotonic() + 5, ended=False)
        deadline = _sync.Deadline(connection, ours)
        theirs.send(b"xy")
        assert deadline.readinto(bytearray(1)) == 1
        monkeypatch.setattr(_sync.time, "monotonic", lambda: connection.until)
        with pytest.raises(TimeoutError, match="took too long as a whole"):
            deadline.readinto(bytearray(1))
        deadline.close()
