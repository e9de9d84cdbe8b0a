"""Both drivers on a real socket: what breaks, what is sent how often, and what is left behind."""

import asyncio
import gc
import gzip
import importlib.util
import inspect
import logging
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
import warnings
import weakref
from pathlib import Path
from typing import Any

import pytest
from serving import (
    CORP,
    OK,
    QUICK,
    SECRET,
    Cut,
    Hang,
    Proxy,
    Reply,
    Server,
    WeCom,
    certificate,
    deaf,
    says,
    serving,
    unused,
)
from wecom_contact import AsyncClient, Client
from wecom_contact._runtime.steps import Invoke, Send
from wecom_contact.callback import asgi, wsgi
from wecom_contact.customer import CustomerBatchGet, CustomerBatchGetResult
from wecom_contact.errors import (
    APIError,
    Forbidden,
    InvalidCredential,
    PaginationStalled,
    ProtocolError,
    RefusedArgument,
    StaleToken,
    Timeout,
    TransportError,
    WeComError,
)
from wecom_contact.follow_user import FollowUserList
from wecom_contact.retry import Retry, Timeouts

READ = ("GET", "/read")
WRITE = ("POST", "/write")


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


GOOD = Reply({**OK, "x": "y" * 2000})

# What happens on the wire, and whether something may have been done by then.
BREAKS: dict[str, tuple[Any, type[WeComError]]] = {
    "closed without an answer": (Cut(), TransportError),
    "reset without an answer": (Cut(reset=True), TransportError),
    "cut in the headers": (Cut(30, GOOD), WeComError),
    "cut in the body": (Cut(500, GOOD), TransportError),
    "reset in the body": (Cut(500, GOOD, reset=True), TransportError),
    "cut, of unknown length": (
        Cut(500, Reply(GOOD.body, headers={"Content-Length": "", "Connection": "close"})),
        WeComError,
    ),
    "silence": (Hang(2.0), Timeout),
    "broken gzip": (
        Reply(b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
        TransportError,
    ),
    "no HTTP": (Cut(9, Reply(b"")), TransportError),
    "500": (Reply(b"<h1>oops</h1>", 500), ProtocolError),
    "a login page": (Reply(b"<h1>log in</h1>"), ProtocolError),
    "busy": (says(-1), APIError),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_goes_again_if_it_may(
    name: str, colour: Any, wecom: WeCom, server: Server
) -> None:
    action, expected = BREAKS[name]
    wecom.answers = {"/read": [action, GOOD], "/write": [action, GOOD]}
    with colour(server.url, timeout=Timeouts(connect=5, read=0.3)) as client:
        assert client.raw(*READ)["x"]
        assert len(server.asked("/read")) == 2
        if name == "busy":
            assert client.raw(*WRITE)["x"]
            return
        with pytest.raises(expected) as caught:
            client.raw(*WRITE)
        assert len(server.asked("/write")) == 1, "a write that broke went twice"
        assert getattr(caught.value, "sent", True)
        assert isinstance(caught.value, Timeout) == (name == "silence"), "only silence takes long"
        assert client.raw(*WRITE)["x"], "the client is as good as new"


def test_a_get_that_is_not_readonly_goes_once_when_its_connection_is_lost(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    """Whatever the HTTP library makes of its method, and of a connection that was idle."""
    wecom.answers["/write"] = [Reply(OK), Cut()]
    with colour(server.url) as client:
        client.raw("GET", "/write", readonly=False)
        with pytest.raises(TransportError):
            client.raw("GET", "/write", readonly=False)
    assert len(server.asked("/write")) == 2


def test_a_refused_connection_was_not_sent(colour: Any, wecom: WeCom) -> None:
    with colour(unused()) as client, pytest.raises(TransportError, match="could not connect") as no:
        client.raw(*WRITE)
    assert type(no.value) is TransportError
    assert not no.value.sent


def test_no_such_host(colour: Any) -> None:
    with colour("http://nobody.invalid") as client, pytest.raises(TransportError) as caught:
        client.raw(*WRITE)
    assert not caught.value.sent


def test_no_connection_in_time(colour: Any) -> None:
    timeout = Timeouts(connect=0.2, read=9)
    with (
        deaf() as url,
        colour(url, timeout=timeout, retry=None) as client,
        pytest.raises(Timeout) as no,
    ):
        client.raw(*WRITE)
    assert not no.value.sent


def test_a_write_goes_again_when_nothing_was_sent(
    colour: Any, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at first; by the second try there is a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    started: list[Server] = []
    create = socket.create_server
    monkeypatch.setattr(socket, "create_server", lambda *a, **k: create(("127.0.0.1", port)))

    def start(what: Any) -> None:
        if not started:
            started.append(Server(wecom))

    try:
        with colour(f"http://127.0.0.1:{port}", on_retry=start) as client:
            client.raw(*WRITE)
        assert len(started[0].asked("/write")) == 1
    finally:
        for each in started:
            each.close()


def test_a_certificate_is_trusted_or_said_not_to_be(
    colour: Any, wecom: WeCom, tls: tuple[ssl.SSLContext, str]
) -> None:
    context, trusted = tls
    with serving(wecom, context) as server:
        with colour(server.url, ca_certs=trusted) as client:
            client.raw(*READ)
        mine = ssl.create_default_context(cafile=trusted)
        with colour(server.url, ssl_context=mine) as client:
            client.raw(*READ)
        tried = server.connections
        with colour(server.url) as client, pytest.raises(TransportError, match="not trusted") as no:
            client.raw(*READ)
        assert not no.value.sent
        assert server.connections == tried + 1, "trying again would not help"


def test_a_tls_handshake_that_fails_goes_again(
    colour: Any, wecom: WeCom, server: Server, tls: tuple[ssl.SSLContext, str]
) -> None:
    told: list[Any] = []
    url = server.url.replace("http:", "https:")
    with (
        colour(url, ca_certs=tls[1], on_retry=told.append) as client,
        pytest.raises(TransportError) as no,
    ):
        client.raw(*WRITE)
    assert not no.value.sent
    assert len(told) == 3


def test_a_tls_connection_that_breaks(
    colour: Any, wecom: WeCom, tls: tuple[ssl.SSLContext, str]
) -> None:
    wecom.answers = {"/write": Cut(500, GOOD)}
    with (
        serving(wecom, tls[0]) as server,
        colour(server.url, ca_certs=tls[1]) as client,
        pytest.raises(TransportError) as no,
    ):
        client.raw(*WRITE)
    assert no.value.sent


@pytest.mark.parametrize("user", ["", "me:p4ssw0rd"])
def test_a_proxy_carries_plain_and_encrypted_requests(
    user: str, colour: Any, wecom: WeCom, server: Server, tls: tuple[ssl.SSLContext, str]
) -> None:
    proxy = Proxy(user)
    try:
        with colour(f"{server.url}/prefix", proxy=proxy.url) as client:
            wecom.strict = False
            wecom.answers["/prefix/cgi-bin/gettoken"] = says(0, access_token="T", expires_in=9)
            assert client.raw(*READ) == OK
        assert all(line.split()[1].startswith(server.url) for line in proxy.lines)
        assert server.requests[-1].path == "/prefix/read"
        with serving(wecom, tls[0]) as safe:
            with colour(safe.url, proxy=proxy.url, ca_certs=tls[1]) as client:
                assert client.raw(*READ) == OK
            assert proxy.lines[-1].startswith("CONNECT ")
            if user:
                stranger = proxy.url.replace("p4ssw0rd", "wrong")
                with (
                    colour(safe.url, proxy=stranger, ca_certs=tls[1]) as client,
                    pytest.raises(TransportError) as no,
                ):
                    client.raw(*WRITE)
                assert not no.value.sent
                assert "wrong" not in repr(no.value.__cause__)
    finally:
        proxy.close()


def test_no_proxy_there(colour: Any, server: Server) -> None:
    with colour(server.url, proxy=unused()) as client, pytest.raises(TransportError) as no:
        client.raw(*WRITE)
    assert not no.value.sent


def test_a_redirect_is_not_followed(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = Reply(b"", 302, {"Location": f"{server.url}/elsewhere"})
    with colour(server.url) as client, pytest.raises(ProtocolError, match="302"):
        client.raw(*READ)
    assert not server.asked("/elsewhere")


def test_a_compressed_answer_is_read(colour: Any, wecom: WeCom, server: Server) -> None:
    body = gzip.compress(b'{"errcode":0,"names":"many"}')
    wecom.answers["/read"] = Reply(body, headers={"Content-Encoding": "gzip"})
    with colour(server.url) as client:
        assert client.raw(*READ)["names"] == "many"
    assert "gzip" in server.requests[-1].headers["accept-encoding"]


def test_what_is_sent(colour: Any, wecom: WeCom, server: Server) -> None:
    with colour(server.url) as client:
        client.raw(*READ, query={"名": "值&="})
        client.raw(*WRITE, json={"text": "你好"})
        client.raw(*WRITE)
    read, write, empty = server.requests[1:]
    assert read.query == {"access_token": wecom.issued[0][0], "名": "值&="}
    assert (read.method, read.body) == ("GET", b"")
    assert "content-type" not in read.headers
    assert write.body == '{"text":"你好"}'.encode()
    assert write.headers["content-type"] == "application/json"
    assert empty.body == b"{}"


def test_the_words_of_a_refusal(colour: Any, wecom: WeCom, server: Server) -> None:
    words = (
        "not allow to access from your ip, hint: [1583733942372650], from ip: 203.0.113.7, "
        "more info at https://open.work.weixin.qq.com/devtool/query?e=60020"
    )
    wecom.answers["/read"] = says(60020, words)
    with colour(server.url) as client, pytest.raises(Forbidden) as caught:
        client.raw(*READ)
    error = caught.value
    assert (error.code, error.hint, error.from_ip) == (60020, "1583733942372650", "203.0.113.7")
    assert error.path == "/read"
    assert error.advice
    assert error.title
    assert error.doc
    assert str(error).startswith("/read: 60020 ")
    assert words in str(error)


def test_an_idle_connection_that_was_closed(colour: Any, wecom: WeCom, server: Server) -> None:
    with colour(server.url) as client:
        client.raw(*WRITE)
        server.hang_up()
        client.sleep(0.1)
        client.raw(*WRITE)
    assert len(server.asked("/write")) == 2


def test_one_token_for_all_who_wait(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[wecom.GETTOKEN] = lambda _: Hang(
        0.2, says(0, access_token=wecom.token(), expires_in=7200)
    )
    with colour(server.url) as client:
        assert client.together("raw", [READ] * 20) == [OK] * 20
    assert len(server.asked(wecom.GETTOKEN)) == 1


def test_one_renewal_for_all_who_were_refused(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = lambda _: Hang(0.05)
    with colour(server.url, pool_size=20) as client:
        client.raw(*READ)
        wecom.expire()
        assert client.together("raw", [READ] * 20) == [OK] * 20
    assert len(server.asked(wecom.GETTOKEN)) == 2


def test_one_failure_for_all_who_wait(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[wecom.GETTOKEN] = Hang(0.2, Reply(b"", 500))
    with colour(server.url, retry=None) as client:
        found = client.together("raw", [READ] * 20)
    assert {type(each) for each in found} == {ProtocolError}
    assert len(server.asked(wecom.GETTOKEN)) == 1


def test_a_wrong_secret_stops_at_once(colour: Any, wecom: WeCom, server: Server) -> None:
    with colour(server.url, secret="wrong") as client:
        for _ in range(20):
            with pytest.raises(InvalidCredential, match=f"corp {CORP}, secret #"):
                client.raw(*READ)
        found = client.together("raw", [READ] * 20)
        assert {type(each) for each in found} == {InvalidCredential}
    assert len(server.requests) == 1


def test_a_permanent_40014(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = says(40014)
    with colour(server.url) as client:
        for _ in range(50):
            with pytest.raises(StaleToken):
                client.raw(*READ)
    assert len(server.asked(wecom.GETTOKEN)) == 2


def test_never_more_connections_than_said(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = lambda _: Hang(0.01)
    with colour(server.url, pool_size=3) as client:
        assert client.together("raw", [READ] * 40) == [OK] * 40
    assert server.most <= 3


def test_serial_calls_do_not_overlap(colour: Any, wecom: WeCom, server: Server) -> None:
    from test_flow import Serial

    busy: list[int] = []
    lock = threading.Lock()
    most = 0

    def answer(_: Any) -> Any:
        nonlocal most
        with lock:
            busy.append(1)
            most = max(most, len(busy))
        time.sleep(0.005)
        with lock:
            busy.pop()
        return Reply(OK)

    wecom.answers["/cgi-bin/toy/serial"] = answer
    with colour(server.url) as client:
        assert client.together("send", [(Serial(),)] * 20) == [None] * 20
    assert most == 1


def test_concurrency_gives_way(colour: Any, wecom: WeCom, server: Server) -> None:
    """WeCom bears two at a time; twenty come at once and all get through."""
    active = 0
    refused = 0
    lock = threading.Lock()

    def answer(_: Any) -> Any:
        nonlocal active, refused
        with lock:
            active += 1
            crowded = active > 2
            refused += crowded
        time.sleep(0.01)
        with lock:
            active -= 1
        return says(45033) if crowded else Reply(OK)

    wecom.answers["/write"] = answer
    patient = Retry(tries=30, first=0.01, longest=0.05, total=30)
    with colour(server.url, pool_size=16, retry=patient) as client:
        assert client.together("raw", [WRITE] * 60) == [OK] * 60
    assert 0 < refused < 120


def page(number: int, last: int = 3) -> dict[str, Any]:
    records = [
        {"external_contact": {"external_userid": f"wm{number}-{n}"}, "follow_info": {"userid": "z"}}
        for n in range(2)
    ]
    if number == 2:
        records = []
    found: dict[str, Any] = {**OK, "external_contact_list": records}
    return found | ({"next_cursor": f"c{number + 1}"} if number < last else {})


def paged(request: Any) -> Reply:
    return Reply(page(int((request.json.get("cursor") or "c0")[1:])))


BATCH = "/cgi-bin/externalcontact/batch/get_by_user"
WALK = CustomerBatchGet(userid_list=["z"])
ALL = [f"wm{number}-{n}" for number in (0, 1, 3) for n in range(2)]


def names(records: list[Any]) -> list[str]:
    return [record.external_contact.external_userid for record in records]


def test_pages_are_walked_one_at_a_time_and_once(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[BATCH] = paged
    with colour(server.url) as client:
        pager = client.client.pager(WALK)
        assert not server.requests
        assert names(client.items(pager)) == ALL
        assert (pager.call, pager.cursor) == (None, None)
        assert client.items(pager) == []
        pages = client.pages(client.client.pager(WALK))
        assert [type(each) for each in pages] == [CustomerBatchGetResult] * 4
        first = client.send(WALK)
        assert first.next_cursor == "c1"
        generated = client.client.customer.batch_get(userid_list=["z"])
        assert names(client.items(generated)) == ALL


def test_a_walk_goes_on_where_it_stood(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[BATCH] = [lambda r: paged(r), lambda r: paged(r), says(84061), lambda r: paged(r)]
    with colour(server.url) as client:
        pager = client.client.pager(WALK)
        assert names(client.items(pager, most=3)) == ALL[:3]
        assert pager.cursor == "c1", "the page that was not taken to its end"
        assert pager.call == CustomerBatchGet(userid_list=["z"], cursor="c1")
        with pytest.raises(APIError):
            client.items(pager)
        assert names(client.items(client.client.pager(pager.call))) == ALL[2:]
        assert names(client.items(pager)) == ALL[2:]


def test_the_same_cursor_twice(colour: Any, wecom: WeCom, server: Server) -> None:
    circle = Reply({**page(0), "next_cursor": "c1"})
    wecom.answers[BATCH] = circle
    with colour(server.url) as client:
        with pytest.raises(PaginationStalled, match=r"customer\.batch_get.*'c1'"):
            client.items(client.client.pager(WALK))
        assert len(server.asked(BATCH)) == 2
        with pytest.raises(PaginationStalled):
            client.pages(client.client.pager(WALK))


def test_a_closed_client_refuses_calls(colour: Any, server: Server) -> None:
    with colour(server.url) as client:
        client.raw(*READ)
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.raw(*READ)


def test_closing_while_calls_are_under_way(wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = Hang(0.3)
    client = Client(CORP, SECRET, base_url=server.url, retry=QUICK)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(client.raw(*READ)))
    thread.start()
    time.sleep(0.15)
    client.close()
    client.close()
    thread.join()
    assert found == [OK]


@pytest.mark.parametrize("url", ["qyapi.weixin.qq.com", "ftp://x", "https://", ""])
def test_base_urls_that_are_none(url: str) -> None:
    for make in (Client, AsyncClient):
        with pytest.raises(ValueError, match="base_url"):
            make(CORP, SECRET, base_url=url)


def test_who_is_calling() -> None:
    from wecom_contact.credentials import Corp, Provider

    for make in (Client, AsyncClient):
        for arguments in [
            {},
            {"corp_id": CORP},
            {"secret": SECRET},
            {"corp_id": CORP, "secret": SECRET, "credential": Corp(CORP, SECRET)},
            {"corp_id": CORP, "provider": Provider(CORP, SECRET)},
        ]:
            with pytest.raises(RefusedArgument):
                make(**arguments)


def waits(client: Any) -> tuple[float, float, float]:
    """Seconds to connect, for each piece of an answer, and for an attempt as a whole."""
    timeout = client._timeout
    if isinstance(client, AsyncClient):
        return timeout.connect, timeout.sock_read, client._total
    return timeout.connect_timeout, timeout.read_timeout, timeout.connect_timeout.total


def test_one_number_for_all_timeouts() -> None:
    assert Timeouts.of(3) == Timeouts(connect=3, read=3)
    with Client(CORP, SECRET, timeout=3) as client:
        assert waits(client) == (3, 3, 120)
    assert waits(AsyncClient(CORP, SECRET, timeout=3)) == (3, 3, 120)
    with pytest.raises(ValueError, match="read"):
        Timeouts(read=0)

    wrong: Any
    for wrong in ("10", float("nan"), True, None, 0):
        for name in ("connect", "read", "total"):
            with pytest.raises(RefusedArgument, match=f"^Timeouts.{name}: seconds, more than 0"):
                Timeouts(**{name: wrong})


def test_an_attempt_is_given_the_time_its_parts_may_take() -> None:
    assert Timeouts().total == Timeouts.of(30).total == 120
    assert Timeouts(read=600).total == 605
    assert Timeouts(read=600, total=60).total == 60


def test_retries_are_counted_in_whole_numbers() -> None:
    wrong: Any
    for name, values in {
        "tries": (0, "3", 2.5, None, True, float("nan")),
        "first": (-1, "1", None, float("nan"), float("inf"), True),
        "longest": (-1, "1"),
        "total": (-1, "1"),
    }.items():
        for wrong in values:
            with pytest.raises(RefusedArgument, match=f"^Retry.{name}: .*, not "):
                Retry(**{name: wrong})
    assert Retry(first=0, longest=0, total=0).pause(1, 0, 0) == 0


class AsyncStore:
    """For asyncio, whatever `blocking` says."""

    blocking = False

    async def get(self, key: str, /) -> Any: ...

    async def replace(self, key: str, old: Any, new: Any, /) -> Any: ...

    async def lock(self, key: str, owner: str, seconds: float, /) -> Any: ...

    async def unlock(self, key: str, owner: str, /) -> Any: ...


class Words:
    """For asyncio."""

    longest = 1.0

    async def take(self, name: str) -> float:
        return 0.0


async def later(_: object) -> None: ...


HIDDEN = "s3cr3t-pass"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"retry": 3}, r"retry: a Retry, .* or None, not 3"),
    ({"token_store": f"redis://:{HIDDEN}@host"}, r"token_store: .*, unlock, .*not str$"),
    ({"token_store": AsyncStore}, r"token_store: .*not the class AsyncStore$"),
    ({"timeout": "10"}, r"timeout: seconds, more than 0, .* not '10'"),
    ({"timeout": None}, r"timeout: .*, not None"),
    ({"timeout": 0}, r"timeout: .*, not 0"),
    ({"timeout": -1.5}, r"timeout: .*, not -1.5"),
    ({"timeout": float("inf")}, r"timeout: .*, not inf"),
    ({"timeout": 10**400}, r"timeout: .*, not 1000"),
    ({"timeout": True}, r"timeout: .*, not True"),
    *[
        ({"base_url": wrong}, r"base_url: https://host, perhaps with a path")
        for wrong in (
            None,
            5,
            b"https://host",
            "",
            "qyapi.weixin.qq.com",
            "ftp://host",
            "https://",
            "https://host:port",
            "https://host:0",
            "https://host:99999",
            "https://[::1",
            "https://a..b",
            "https://host/\udc80",
            f"https://host/?corpsecret={HIDDEN}",
            f"https://me:{HIDDEN}@host",
            "https://host/#part",
        )
    ],
    *[
        ({"proxy": wrong}, r"proxy: http://host:port, perhaps with user:password@")
        for wrong in (
            {"https": f"http://me:{HIDDEN}@host"},
            5,
            b"http://host",
            "",
            f"me:{HIDDEN}@host:3128",
            f"socks5://me:{HIDDEN}@host",
            f"http://me:{HIDDEN}@host:port",
            f"http://me:{HIDDEN}@",
        )
    ],
    *[
        ({"pool_size": wrong}, r"pool_size: a whole number, 1 or more, not ")
        for wrong in (0, -1, "10", 2.5, None, True)
    ],
    *[
        ({"limiter": wrong}, r"limiter: a Limiter, such as MemoryLimiter\(\)")
        for wrong in (5, "5/s", Words, lambda name: 0)
    ],
    *[
        ({hook: wrong}, rf"{hook}: a ")
        for hook in ("on_call", "on_retry", "on_drift")
        for wrong in (5, "log", [], later)
    ],
    (
        {"ca_certs": "/no/such/ca.pem"},
        r"ca_certs: the path of a file of certificates \(PEM\): No such file or directory: '/no/such/ca.pem'$",
    ),
    ({"ca_certs": __file__}, r"ca_certs: the path of a file of certificates"),
    ({"ca_certs": "a\0b"}, r"ca_certs: the path of a file of certificates"),
    ({"ca_certs": 5}, r"ca_certs: the path of a file of certificates \(PEM\), not int"),
    ({"ssl_context": True}, r"ssl_context: an ssl.SSLContext, not bool"),
    ({"ssl_context": ssl.create_default_context(), "ca_certs": "x"}, r"ca_certs: either this or"),
    ({"provider": HIDDEN}, r"provider: a Provider\(corp_id, secret\), not str"),
    ({"provider": ("ww", HIDDEN)}, r"provider: a Provider\(corp_id, secret\), not tuple"),
    *[
        ({"corp_id": None, "secret": None, "credential": wrong}, r"credential: Corp\(…\), .*, not ")
        for wrong in (HIDDEN, {"secret": HIDDEN}, 5, type("Token", (), {}))
    ],
    ({"credential": HIDDEN}, r"credential: either this, or corp_id and secret, not both"),
    ({"credential": HIDDEN, "corp_id": None}, r"credential: either this, or corp_id and secret"),
    ({"credential": HIDDEN, "secret": None}, r"credential: either this, or corp_id and secret"),
    ({"corp_id": None}, r"who is calling\? corp_id and secret, or credential="),
    ({"secret": None}, r"who is calling\? corp_id and secret, or credential="),
]


@pytest.mark.parametrize(("options", "words"), REFUSED)
def test_an_argument_that_cannot_work_is_refused_with_its_path(options: Any, words: str) -> None:
    for make in (Client, AsyncClient):
        with pytest.raises(RefusedArgument, match=rf"^{make.__name__}[.:] ?{words}") as caught:
            make(**{"corp_id": CORP, "secret": HIDDEN, **options})
        seen = "".join(traceback.format_exception(caught.value))
        assert HIDDEN not in str(caught.value)
        assert HIDDEN not in repr(caught.value)
        assert not [line for line in seen.splitlines() if HIDDEN in line and "HIDDEN" not in line]


def test_a_limiter_for_asyncio() -> None:
    with pytest.raises(RefusedArgument, match="limiter: .* is for asyncio: use AsyncClient"):
        Client(CORP, SECRET, limiter=Words())
    AsyncClient(CORP, SECRET, limiter=Words())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"corp_id": ""}, r"corp_id: a string that is not empty"),
        ({"secret": " "}, r"secret: a string that is not empty"),
        ({"secret": b"s3cr3t"}, r"secret: a string, not bytes"),
    ],
)
def test_credentials_that_are_none(options: Any, words: str) -> None:
    for make in (Client, AsyncClient):
        with pytest.raises((TypeError, ValueError), match=words) as caught:
            make(**{"corp_id": CORP, "secret": SECRET, **options})
        assert "s3cr3t" not in str(caught.value)


def test_credentials_that_are_empty() -> None:
    from wecom_contact.credentials import AuthorizedCorp, Corp, Provider, Suite

    suite = Suite("ws", "s", "ticket")
    makers: list[tuple[Any, str, str]] = [
        (Corp, "corp_id", "secret"),
        (Provider, "corp_id", "secret"),
        (lambda one, two: Suite(one, two, "ticket"), "suite_id", "secret"),
        (lambda one, two: AuthorizedCorp(suite, one, two), "corp_id", "permanent_code"),
    ]
    for make, one, two in makers:
        with pytest.raises(ValueError, match=f"{one}: a string that is not empty"):
            make("", "s")
        with pytest.raises(ValueError, match=f"{two}: a string that is not empty"):
            make("w", "")
        with pytest.raises(ValueError, match=f"{one}: a string, not NoneType"):
            make(None, "s")


def test_a_store_for_asyncio() -> None:
    from wecom_contact.stores import AsyncRedisStore

    stores: list[Any] = [AsyncStore(), AsyncRedisStore("redis://localhost")]
    for store in stores:
        with pytest.raises(RefusedArgument, match=r"token_store: .* is for asyncio"):
            Client(CORP, SECRET, token_store=store)
        assert AsyncClient(CORP, SECRET, token_store=store)._engine.store


def test_the_defaults_are_wecoms_address_and_our_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    with Client(CORP, SECRET) as client:
        pool: Any = client._connections.pool
        assert (pool.host, pool.port, pool.scheme) == ("qyapi.weixin.qq.com", None, "https")
        assert waits(client) == (5, 30, 120)


@pytest.mark.parametrize("folder", ["docs", "docs/zh"])
def test_the_guides_state_the_defaults(folder: str) -> None:
    guides = Path(__file__).parent.parent / folder
    text = (guides / "production.md").read_text("utf-8")
    stated = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", text, re.M))
    for client in (Client, AsyncClient):
        defaults = {
            name: each.default
            for name, each in inspect.signature(client.__init__).parameters.items()
        }
        assert stated["pool_size"] == str(defaults["pool_size"])
        assert stated["base_url"] == f"`{defaults['base_url']}`"
        assert stated["check"] in ("true", "真")
        assert stated["strict"] in ("false", "假")
        assert (defaults["check"], defaults["strict"]) == (True, False)
        timeouts = [
            defaults["timeout"].connect,
            defaults["timeout"].read,
            defaults["timeout"].total,
        ]
        assert [float(found) for found in re.findall(r"\d+", stated["timeout"])] == timeouts
    callbacks = (guides / "callbacks.md").read_text("utf-8")
    (line,) = [line for line in callbacks.splitlines() if "`workers`" in line]
    for app in (asgi, wsgi):
        defaults = {name: each.default for name, each in inspect.signature(app).parameters.items()}
        workers = f"{defaults['workers']} with `{app.__name__}`"
        assert workers in line or f"`{app.__name__}` 为 {defaults['workers']}" in line
        assert re.search(rf"`queue`.*[(（]{defaults['queue']}[)）]", line)


def test_a_proxy_that_speaks_tls_takes_the_one_default_context() -> None:
    from wecom_contact._runtime.setup import default_context

    with Client(CORP, SECRET, proxy="https://127.0.0.1:3128") as client:
        pool: Any = client._connections.pool
        assert pool.proxy_config.ssl_context is default_context()


def test_coroutines_are_for_the_async_client(server: Server) -> None:
    class Centre:
        async def token(self, kind: str, stale: object) -> str:
            return "T"

    with (
        Client(credential=Centre(), base_url=server.url) as client,
        pytest.raises(RefusedArgument, match="AsyncClient"),
    ):
        client.raw(*READ)

    class Later:
        def __await__(self) -> Any: ...

    with (
        Client(CORP, SECRET, base_url=server.url, limiter=limiter_of(Later())) as client,
        pytest.raises(RefusedArgument, match="AsyncClient"),
    ):
        client.raw(*READ)


def test_other_awaitables_are_refused_too(server: Server) -> None:
    class Later:
        def __await__(self) -> Any: ...

    class Centre:
        def token(self, kind: str, stale: object) -> Any:
            return Later()

    with (
        Client(credential=Centre(), base_url=server.url) as client,
        pytest.raises(RefusedArgument, match="AsyncClient"),
    ):
        client.raw(*READ)


def test_without_a_table_of_errors(wecom: WeCom, server: Server) -> None:
    from wecom_contact._runtime.async_driver import AsyncDriver as Aio
    from wecom_contact._runtime.sync_driver import SyncDriver

    wecom.answers["/read"] = says(48002)
    with SyncDriver(CORP, SECRET, base_url=server.url) as client:
        with pytest.raises(APIError) as caught:
            client.raw(*READ)
        assert type(caught.value) is APIError

    async def main() -> None:
        async with Aio(CORP, SECRET, base_url=server.url) as client:
            with pytest.raises(APIError) as caught:
                await client.raw(*READ)
            assert type(caught.value) is APIError

    asyncio.run(main())


def test_drift_is_told(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers["/cgi-bin/externalcontact/get_follow_user_list"] = Reply(
        {**OK, "follow_user": [], "new": 1}
    )
    told: list[Any] = []
    with colour(server.url, on_drift=told.append) as client:
        client.send(FollowUserList())
    assert [each.where for each in told] == ["FollowUserListResult.new"]
    with colour(server.url, strict=True) as client, pytest.raises(ProtocolError, match="new"):
        client.send(FollowUserList())


def limiter_of(answer: Any) -> Any:
    class Limiter:
        longest = 1.0

        def take(self, name: str) -> Any:
            return answer

    return Limiter()


# What is special about asyncio.


def test_two_loops_in_a_row(wecom: WeCom, server: Server) -> None:
    client = AsyncClient(CORP, SECRET, base_url=server.url, retry=QUICK)

    async def use() -> None:
        assert await asyncio.gather(*[client.raw(*READ) for _ in range(20)]) == [OK] * 20

    async def close() -> None:
        await use()
        await client.aclose()
        await client.close()

    with warnings.catch_warnings():
        # The sockets of a loop that is gone: nobody can close them properly any more.
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(use())
        wecom.expire()
        asyncio.run(use())
        asyncio.run(close())
        gc.collect()


def test_a_second_loop_has_one_session(server: Server) -> None:
    client = AsyncClient(CORP, SECRET, base_url=server.url)

    async def use() -> set[Any]:
        first = client._connections.session
        task = asyncio.create_task(client.raw(*READ))
        assert await client.raw(*READ) == await task == OK
        return {first, client._connections.session}

    with warnings.catch_warnings():
        # The sockets of a loop that is gone: nobody can close them properly any more.
        warnings.simplefilter("ignore", ResourceWarning)
        made = asyncio.run(use()) | asyncio.run(use())
        asyncio.run(client.aclose())
        assert len(made - {None}) == 2
        assert all(each.closed for each in made - {None})
        del made
        gc.collect()


def test_two_loops_at_once_are_refused(wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = Hang(0.5)

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
            task = asyncio.create_task(client.raw(*READ))
            await asyncio.sleep(0.2)

            def other() -> None:
                with pytest.raises(RuntimeError, match="another event loop"):
                    asyncio.run(client.raw(*READ))

            await asyncio.to_thread(other)
            assert await task == OK

    asyncio.run(main())


def test_an_unclosed_client_warns(server: Server) -> None:
    async def main() -> None:
        client = AsyncClient(CORP, SECRET, base_url=server.url)
        await client.raw(*READ)
        session = client._connections.session
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            del client
            gc.collect()
        assert "an AsyncClient was not closed" in str(found[0].message)
        assert found[0].category is ResourceWarning
        assert found[0].filename == __file__, "where it was let go"
        assert isinstance(found[0].source, AsyncClient), "tracemalloc knows where it was made"
        assert session is not None
        await session.close()

    asyncio.run(main())
    AsyncClient(CORP, SECRET)  # one that was never used has nothing to close


def test_what_a_closed_client_held_is_freed_at_once(server: Server) -> None:
    gc.collect()
    gc.disable()
    try:
        client = Client(CORP, SECRET, base_url=server.url)
        assert client.raw(*READ) == OK
        (connection,) = client._connections.pool.pool._connections
        gone = weakref.ref(connection)
        client.close()
        del client, connection
        assert gone() is None, "no cycle keeps a connection and its socket"
    finally:
        gc.enable()


def test_cancellation_at_any_moment(wecom: WeCom, server: Server) -> None:
    """Cancel a crowd of calls after ever longer times; the client is as good as new each time."""
    wecom.answers["/cgi-bin/toy/serial"] = lambda _: Hang(0.002)
    wecom.answers[wecom.GETTOKEN] = lambda _: Hang(
        0.005, says(0, access_token=wecom.token(), expires_in=7200)
    )

    async def main() -> None:
        from test_flow import Serial

        async with AsyncClient(
            CORP, SECRET, base_url=server.url, retry=QUICK, pool_size=4
        ) as client:
            for step in range(40):
                wecom.expire()
                tasks = [asyncio.create_task(client.send(Serial())) for _ in range(4)]
                tasks += [asyncio.create_task(client.raw(*READ)) for _ in range(4)]
                await asyncio.sleep(step * 0.0008)
                for task in tasks[step % 2 :: 2]:
                    task.cancel()
                found = await asyncio.gather(*tasks, return_exceptions=True)
                for each in found:
                    assert each in (None, OK) or isinstance(each, asyncio.CancelledError), each
                async with asyncio.timeout(5):
                    assert await client.raw(*READ) == OK
                    await client.send(Serial())
            gates = [client._engine.token_states["access_token"].gate]
            gates += [plan.gate for plan in client._engine._plans.values() if plan.gate]
            assert [gate.active for gate in gates] == [0, 0]

    asyncio.run(main())


def test_a_timeout_of_the_caller(wecom: WeCom, server: Server) -> None:
    wecom.answers["/read"] = [Hang(5), Reply(OK)]

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url, pool_size=1) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.raw(*READ)
            async with asyncio.timeout(2):
                assert await client.raw(*READ) == OK

    asyncio.run(main())


def test_an_interrupt_leaves_the_client_usable(wecom: WeCom, server: Server) -> None:
    with Client(CORP, SECRET, base_url=server.url, pool_size=1) as client:
        exchange, asked = client._exchange, []

        def interrupted(send: Send) -> Any:
            asked.append(send.plan.name)
            if len(asked) == 2:
                raise KeyboardInterrupt
            return exchange(send)

        client._exchange = interrupted
        with pytest.raises(KeyboardInterrupt):
            client.raw(*READ)
        assert client.raw(*READ) == OK


# What is loaded, and what is said.


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(sys.modules["wecom_contact"].__file__ or "").parents[1])},
    )
    return done.stdout.strip()


def test_the_sync_client_loads_no_asyncio_library() -> None:
    heavy = [
        "aiohttp",
        "asyncio",
        "redis",
        "cryptography",
        "opentelemetry",
        "ssl_match",
    ]
    code = f"import wecom_contact._runtime.sync_driver, sys; print([x for x in {heavy} if x in sys.modules])"
    assert run(code) == "[]"


def test_the_async_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "import wecom_contact\n"
        "try: wecom_contact.AsyncClient('ww', 's')\n"
        "except ImportError as error: print(error)\n"
    )
    assert 'pip install "wecom-contact[async]"' in run(code)
    from wecom_contact._runtime import async_driver as _aio

    monkeypatch.setitem(sys.modules, "aiohttp", None)
    spec = importlib.util.spec_from_file_location("wecom_contact._again", _aio.__file__)
    assert spec
    assert spec.loader
    with pytest.raises(ImportError, match=r"wecom-contact\[async\]"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_one_log_record_for_each_call(
    colour: Any, wecom: WeCom, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.answers["/cgi-bin/externalcontact/get_follow_user_list"] = [
        says(-1),
        Reply({**OK, "follow_user": []}),
        says(84061),
    ]
    caplog.set_level(logging.DEBUG, "wecom_contact")
    with colour(server.url) as client:
        client.send(FollowUserList())
        with pytest.raises(APIError):
            client.send(FollowUserList())
        caplog.set_level(logging.INFO, "wecom_contact")
        client.raw(*READ)
    records: list[Any] = [each for each in caplog.records if each.name == "wecom_contact"]
    assert [each.levelname for each in records] == ["DEBUG", "INFO"]
    well, badly = records
    assert well.getMessage().startswith("follow_user.list: ok, tries: 2, ")
    assert badly.getMessage().startswith("follow_user.list: NotFound 84061, tries: 1, ")
    assert (badly.wecom_call, badly.wecom_outcome) == ("follow_user.list", "NotFound")
    assert (badly.wecom_code, badly.wecom_tries) == (84061, 1)
    assert badly.wecom_ms > 0


def test_steps_do_not_show_what_they_carry() -> None:
    assert repr(Invoke(test_two_loops_in_a_row)) == "Invoke(test_two_loops_in_a_row)"
