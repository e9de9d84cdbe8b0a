"""What `callback check`, `doctor` and `forge` say of an answer goes by the answer, and is true of who gave it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

import pytest
from serving import Hang, Reply, Request, certificate, serving
from wecom_contact.callback import Callback, asgi, wsgi
from wecom_contact.cli._callback import Quiet
from wecom_contact.errors import CallbackRejected
from wecom_contact.testing import Simulator

from .conftest import AES_KEY, TOKEN, Command

CORP_ID = "ww5e1f0a2b3c4d5e6f"
OTHER_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

PATH = "Nobody serves this path"
REFUSED = "A login, a gateway or a firewall"
METHOD = "takes no"
FAILED = "The application failed"
GATEWAY = "A gateway answers"
REDIRECT = "follows no redirect"
REQUEST = "does not take the request"
STATUS = "wants the status 200"
ALL = (PATH, REFUSED, METHOD, FAILED, GATEWAY, REDIRECT, REQUEST, STATUS)
GENERAL = {2: STATUS, 3: REDIRECT, 4: REQUEST, 5: FAILED}
SPECIAL = {
    401: REFUSED, 403: REFUSED, 407: REFUSED, 404: PATH, 410: PATH, 405: METHOD,
    502: GATEWAY, 503: GATEWAY, 504: GATEWAY,
}  # fmt: skip
STATUSES = [*(status.value for status in HTTPStatus if status > 200), 418, 499, 520, 599]


@pytest.fixture(autouse=True)
def keys(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command knows of the application."""
    monkeypatch.setenv("WECOM_CORP_ID", CORP_ID)
    monkeypatch.setenv("WECOM_SECRET", "secret")
    monkeypatch.setenv("WECOM_CALLBACK_TOKEN", TOKEN)
    monkeypatch.setenv("WECOM_CALLBACK_AES_KEY", AES_KEY)


@pytest.mark.parametrize("status", sorted({*STATUSES}))
def test_a_status_is_told_by_what_it_means_and_by_nothing_else(
    status: int, command: Command
) -> None:
    headers = {"Location": "/elsewhere/?a=1"} if 300 <= status < 400 else {}
    with serving(lambda request: Reply("no", status, headers)) as server:
        url = f"{server.url}/wecom"
        checked = command("callback", "check", url)
        forged = command("callback", "forge", "TagCreated", url)
    assert checked.status == forged.status == 1
    for done in (checked, forged):
        assert f"HTTP status {status}" in done.out
        assert [words for words in ALL if words in done.out] == [
            SPECIAL.get(status, GENERAL[status // 100])
        ]
    if status == 405:
        assert "takes no GET" in checked.out
        assert "takes no POST" in forged.out
    if headers:
        assert "this leads to, /elsewhere/." in checked.out


# The SDK's own doors


@contextmanager
def wsgi_door(callback: Callback) -> Iterator[str]:
    app = wsgi(callback, lambda event: None)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/wecom"
        finally:
            server.shutdown()
            thread.join()
            app.close()


@contextmanager
def asgi_door(callback: Callback) -> Iterator[str]:
    app = asgi(callback, lambda event: None)

    async def served(request: Request) -> Reply:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        query = urlsplit(request.target).query.encode()
        scope = {"type": "http", "method": request.method, "query_string": query}
        await app(scope, receive, send)
        return Reply(sent[1]["body"].decode(), sent[0]["status"])

    with serving(lambda request: asyncio.run(served(request))) as server:
        yield f"{server.url}/wecom"


Door = Callable[[Callback], Any]
DOORS: dict[str, Door] = {"wsgi": wsgi_door, "asgi": asgi_door}
WRONG: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("another", AES_KEY, CORP_ID), {}, "another Token"),
    ((TOKEN, OTHER_KEY, CORP_ID), {}, "another EncodingAESKey"),
    ((TOKEN, AES_KEY, "ww0000000000000000"), {}, "messages for another id"),
    ((TOKEN, AES_KEY, CORP_ID), {"clock": lambda: 1_700_000_000.0}, "clocks here and there"),
    ((TOKEN, AES_KEY, CORP_ID), {"max_bytes": 9}, "`max_bytes` is too small"),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("keys_there", "options", "words"), WRONG)
def test_our_own_apps_are_told_what_is_wrong_with_them(
    keys_there: tuple[Any, ...],
    options: dict[str, Any],
    words: str,
    door: str,
    command: Command,
) -> None:
    with DOORS[door](Callback(*keys_there, **options)) as url:
        for done in (
            command("callback", "check", url),
            command("callback", "forge", "TagCreated", url),
        ):
            assert done.status == 1
            assert words in done.out
            assert not any(general in done.out for general in ALL)


@pytest.mark.parametrize("door", DOORS)
def test_our_own_apps_are_right_with_the_same_keys(door: str, command: Command) -> None:
    with DOORS[door](Callback(TOKEN, AES_KEY, CORP_ID)) as url:
        assert command("callback", "check", url).status == 0
        assert command("callback", "forge", "TagCreated", url).status == 0


@pytest.mark.parametrize(("text", "words"), [("closed", "is ending"), ("busy", "a full queue")])
def test_an_app_of_ours_that_is_closed_or_full_is_told_from_a_gateway(
    text: str, words: str, command: Command
) -> None:
    with serving(lambda request: Reply(text, 503)) as server:
        done = command("callback", "check", server.url)
    assert words in done.out
    assert GATEWAY not in done.out


def test_each_reason_of_a_rejection_has_words_of_its_own(command: Command) -> None:
    for reason in ("signature", "receiver", "padding", "format", "too large", "too old"):
        status = CallbackRejected(reason).status  # type: ignore[arg-type]  # a list of them
        with serving(lambda request: Reply(reason, status)) as server:  # noqa: B023  (at once)
            done = command("callback", "check", server.url)
        assert not any(general in done.out for general in ALL)


def test_a_company_in_the_place_of_an_application_is_told(command: Command) -> None:
    with Simulator() as corp:
        for path in ("", "/", "/wecom", "/cgi-bin/gettoken"):
            done = command("callback", "check", f"{corp.url}{path}")
            assert done.status == 1
            assert "WeCom or its simulator" in done.out


def test_a_page_of_a_web_site_is_told(command: Command) -> None:
    page = "<!DOCTYPE html><HTML><body>Log in</body></HTML>"
    with serving(lambda request: Reply(page)) as server:
        assert "a page of a web site" in command("callback", "check", server.url).out


# No answer


def raw(reply: bytes) -> Iterator[str]:
    """A server that is none of HTTP."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(9999)
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def both(command: Command, url: str) -> list[tuple[int, str]]:
    """What is said of a URL that is checked, and of one that is told of an event."""
    checked = command("callback", "check", url)
    forged = command("callback", "forge", "TagCreated", url)
    return [(checked.status, checked.out), (forged.status, forged.err)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", ["nobody listens there", "is this its port?"]),
        ("http://nowhere.invalid/", ["the host has no address", "in the DNS?"]),
        *[
            (url, ["is not a URL", "such as https://example.com/wecom"])
            for url in ("example.com/wecom", "/wecom", "http://", "ftp://h/x", "http://[::1", "")
        ],
        *[(f"http://{rest}", ["is not a URL"]) for rest in ("h:port/", "a b/", "127.0.0.1:99999/")],
    ],
)
def test_why_there_is_no_answer_is_told(url: str, words: list[str], command: Command) -> None:
    for status, said in both(command, url):
        assert status == 1
        assert all(word in said for word in words)


def test_no_answer_in_time_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wecom_contact.cli._callback.PUSH_SLOW", 0.05)
    with serving(lambda request: Hang(1, Reply())) as server:
        for status, said in both(command, server.url):
            assert status == 1
            assert "no answer in time" in said
            assert "Answer first" in said


def test_no_connection_in_time_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib3.exceptions import ConnectTimeoutError

    def never(*words: Any, **options: Any) -> None:
        raise ConnectTimeoutError("slow")

    monkeypatch.setattr("urllib3.request", never)
    for status, said in both(command, "http://192.0.2.1/"):
        assert status == 1
        assert "no connection in time" in said
        assert "server.callback_ips" in said


def test_what_is_wrong_with_tls_is_told(command: Command, tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with serving(lambda request: Reply(), context) as server:
        for _, said in both(command, f"https://127.0.0.1:{server.port}/"):
            assert "the certificate is not trusted" in said
            assert "of a known authority" in said
        for _, said in both(command, f"http://127.0.0.1:{server.port}/"):
            assert "the connection broke" in said
            assert "does it want https?" in said
    with serving(lambda request: Reply()) as server:
        for _, said in both(command, f"https://127.0.0.1:{server.port}/"):
            assert "no TLS there" in said
            assert "Is it http" in said


@pytest.mark.parametrize(
    "reply", [b"", b"220 ftp ready\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na"]
)
def test_a_broken_answer_is_told(reply: bytes, command: Command) -> None:
    for url in raw(reply):
        done = command("callback", "check", url)
        assert done.status == 1
        assert "the connection broke" in done.out


def test_doctor_says_the_same_as_check(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with Simulator() as corp, serving(lambda request: Reply("no", 404)) as server:
        monkeypatch.setenv("WECOM_BASE_URL", corp.url)
        monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
        monkeypatch.setenv("WECOM_SECRET", corp.secret)
        checked = command("callback", "check", server.url).out
        assert PATH in checked
        assert command("doctor", "--callback-url", server.url).out.endswith(checked)
