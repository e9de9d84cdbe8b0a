"""Nobody sees a token or a secret: every failure is driven with logging at DEBUG, and everything is searched."""

import asyncio
import logging
import sys
import traceback
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import (
    CORP,
    SECRET,
    Aio,
    Cut,
    Hang,
    Proxy,
    Reply,
    Request,
    Server,
    Sync,
    WeCom,
    certificate,
    says,
    serving,
    unused,
)
from wecom_contact import AsyncClient, Client, Upload
from wecom_contact._secrets import REDACTING, Redacting, Secret, clean, guard_logs, redact
from wecom_contact.credentials import AuthorizedCorp, Provider, Suite
from wecom_contact.media import MediaGet, MediaUploadImage
from wecom_contact.retry import Retry, Timeouts
from wecom_contact.stores import AsyncRedisStore, RedisStore

HIDDEN = [
    SECRET,
    "tOkEn-",
    "sUiTe-sEcReT",
    "tIcKeT",
    "pErMaNeNt",
    "pRoViDeR-sEcReT",
    "sUiTe-tOkEn",
    "pAsSwOrD",
]
OURS = Path(sys.modules["wecom_contact"].__file__ or "").parent


@pytest.fixture(params=[Sync, Aio], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Any:
    return request.param


class Records(logging.Handler):
    """Keeps every record of every logger, and all that a formatter could make of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.name}: {record.getMessage()} {vars(record)}")
        if record.exc_info:
            self.texts.append("".join(traceback.format_exception(*record.exc_info)))


@pytest.fixture
def records() -> Iterator[Records]:
    handler = Records()
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is not None and each not in found:
            found.append(each)
            todo += [each.__cause__, each.__context__]
    return found


def visible(error: BaseException) -> str:
    """All that a person, a log handler or a debugger's first look shows of an exception."""
    shown = []
    for each in chain(error):
        shown += [str(each), repr(each), repr(each.args), repr(vars(each))]
        shown += [str(value) for value in vars(each).values()]
        for frame, line in traceback.walk_tb(each.__traceback__):
            name = frame.f_code.co_filename
            ours = Path(name).is_relative_to(OURS)
            # Foreign frames must not be there at all, but for our callers'.
            assert ours or "/tests/" in name or "asyncio" in name, f"{name}:{line}"
            if ours:
                for key, value in frame.f_locals.items():
                    shown += [f"{key} = {value!r}", f"{key} = {value!s}"]
                    if not isinstance(value, (types.ModuleType, type)) and hasattr(
                        value, "__dict__"
                    ):
                        shown.append(repr(vars(value)))
    summary = traceback.TracebackException.from_exception(error, capture_locals=False)
    return "\n".join([*shown, *summary.format()])


def search(text: str) -> None:
    for hidden in HIDDEN:
        assert hidden not in text, text[max(0, text.index(hidden) - 300) : text.index(hidden) + 60]


def echo(status: int) -> Any:
    """An answer that repeats the whole request, as error pages do."""
    return lambda request: Reply(
        f"<h1>{request.target}</h1> {request.body.decode('utf-8', 'replace')}".encode(), status
    )


def echo_code(code: int) -> Any:
    return lambda request: says(code, f"failed: {request.target} {request.body.decode()}")


FAILURES: dict[str, Any] = {
    "closed": Cut(),
    "reset": Cut(reset=True),
    "cut": Cut(150, Reply(b"x" * 500)),
    "silence": Hang(0.6),
    "bad gzip": Reply(b"\x1f\x8b?", headers={"Content-Encoding": "gzip"}),
    "bad chunks": Reply(b"zz", headers={"Transfer-Encoding": "chunked"}),
    "500": echo(500),
    "404": echo(404),
    "302": Reply(b"", 302, {"Location": "https://elsewhere/?access_token=tOkEn-0"}),
    "200": echo(200),
    "cut JSON": Reply(b'{"errcode": 0, "access_token": "tOkEn-9'),
    "list": Reply(b'["tOkEn-9"]'),
    "no number": Reply(b'{"errcode": "x"}'),
    **{
        str(code): echo_code(code)
        for code in (-1, 6000, 45033, 45009, 40014, 42001, 40001, 48002, 999)
    },
}


def failing(work: Any) -> BaseException | None:
    try:
        work()
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure(name: str, colour: Any, records: Records) -> None:
    wecom = WeCom()
    told: list[Any] = []
    quick = Timeouts(connect=1, read=0.2)
    retry = Retry(tries=2, first=0)
    with serving(wecom) as server, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        options = {
            "timeout": quick,
            "retry": retry,
            "on_call": told.append,
            "on_retry": told.append,
        }
        with colour(server.url, **options) as client:
            for path in ("/read", "/write", "/cgi-bin/media/get", "/cgi-bin/media/uploadimg"):
                wecom.answers[path] = FAILURES[name]
            errors = [
                failing(lambda: client.raw("GET", "/read")),
                failing(lambda: client.raw("POST", "/write", json={"a": 1})),
                failing(lambda: client.download(MediaGet(media_id="M"))),
                failing(lambda: client.send(MediaUploadImage(media=Upload(b"123456", "a")))),
            ]
            assert errors[0] is not None
        wecom.answers[wecom.GETTOKEN] = FAILURES[name]
        with colour(server.url, **options) as client:
            errors.append(failing(lambda: client.raw("GET", "/read")))
            assert errors[-1] is not None
    for error in errors:
        if error is not None:
            search(visible(error))
    search("\n".join(records.texts))
    assert any(text.startswith("wecom_contact") for text in records.texts)
    if colour is Sync:
        assert any("=***" in text for text in records.texts), "urllib3 does log"
    search(repr(told) + "".join(f"{each.error}" for each in told if hasattr(each, "error")))
    search(" ".join(str(each.message) for each in warned))


class Suites(WeCom):
    """Every other token endpoint, failing in one way."""

    def __init__(self, failure: Any, good: int) -> None:
        super().__init__()
        order = ["get_suite_token", "get_corp_token", "get_provider_token"]
        fine = [
            says(0, suite_access_token="sUiTe-tOkEn", expires_in=7200),
            says(0, access_token="tOkEn-1", expires_in=7200),
            says(0, provider_access_token="tOkEn-2", expires_in=7200),
        ]
        for place, path in enumerate(order):
            answer = fine[place] if place < good else failure
            self.answers[f"/cgi-bin/service/{path}"] = answer
        self.answers["/read"] = failure


@pytest.mark.parametrize("good", [0, 1, 2])
@pytest.mark.parametrize("name", ["closed", "cut", "500", "200", "-1", "40014", "999", "list"])
def test_every_credential(name: str, good: int, colour: Any, records: Records) -> None:
    credential = AuthorizedCorp(Suite("ws1", "sUiTe-sEcReT", lambda: "tIcKeT"), "ww2", "pErMaNeNt")
    provider = Provider("wwP", "pRoViDeR-sEcReT")
    if colour is Aio:

        async def ticket() -> str:
            return "tIcKeT"

        credential.suite.ticket = ticket
    options = {"credential": credential, "provider": provider, "retry": Retry(tries=2, first=0)}
    with serving(Suites(FAILURES[name], good)) as server:
        with colour(server.url, **options) as client:
            for kind in ("access_token", "suite_access_token", "provider_access_token"):
                error = failing(lambda kind=kind: client.raw("POST", "/read", token=kind))
                assert error is not None
                search(visible(error))
            search(repr(client.client) + repr(vars(client.client)))
            search(repr(vars(client.client._engine)))
    search("\n".join(records.texts))


def test_no_connection(colour: Any, records: Records, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    with serving(WeCom(), context) as safe, serving(WeCom()) as plain:
        proxy = Proxy("me:right")
        bad = proxy.url.replace("right", "pAsSwOrD")
        quick = Timeouts(connect=0.3, read=0.3)
        for url, options in (
            (unused(), {}),
            ("http://nobody.invalid", {}),
            (safe.url, {}),
            (plain.url.replace("http", "https"), {"timeout": quick}),
            (plain.url, {"proxy": unused().replace("//", "//me:pAsSwOrD@")}),
            (plain.url, {"proxy": bad}),
            (safe.url, {"proxy": bad, "ca_certs": trusted}),
        ):
            with colour(url, retry=Retry(tries=2, first=0), **options) as client:
                error = failing(lambda client=client: client.raw("GET", "/read"))
                assert error is not None
                search(visible(error))
        proxy.close()
    search("\n".join(records.texts))


def test_wrong_arguments_do_not_show_a_secret() -> None:
    for make in (Client, AsyncClient):
        for options in (
            {"base_url": "nonsense"},
            {"credential": 3},
            {"timeout": -1},
            {"ca_certs": "/no/such/file"},
            {"proxy": "http://me:pAsSwOrD@[nonsense"},
            {"proxy": "ftp://me:pAsSwOrD@host"},
        ):
            error = failing(lambda make=make, options=options: make(CORP, SECRET, **options))
            assert error is not None
            search(visible_ours(error))


def visible_ours(error: BaseException) -> str:
    """The same, foreign frames allowed."""
    shown = []
    for each in chain(error):
        shown += [str(each), repr(each)]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if Path(frame.f_code.co_filename).is_relative_to(OURS):
                shown += [f"{key} = {value!r}" for key, value in frame.f_locals.items()]
    return "\n".join(shown)


def test_a_store_that_fails_does_not_tell(colour: Any, records: Records) -> None:
    url = unused().replace("http://", "redis://:pAsSwOrD@")
    stores = [RedisStore(url), *([AsyncRedisStore(url)] if colour is Aio else [])]
    with serving(WeCom()) as server:
        for store in stores:
            with colour(server.url, token_store=store) as client:
                client.raw("GET", "/read")
            search(repr(store) + repr(vars(store)))
    assert any("the token store is down" in text for text in records.texts)
    search("\n".join(records.texts))


def test_a_cancelled_call_shows_nothing_of_ours(records: Records) -> None:
    async def main() -> None:
        wecom = WeCom()
        wecom.answers["/read"] = Hang(0.5)
        with serving(wecom) as server:
            async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
                task = asyncio.create_task(client.raw("GET", "/read"))
                await asyncio.sleep(0.1)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError as error:
                    search(visible_ours(error))

    asyncio.run(main())
    search("\n".join(records.texts))


@pytest.mark.parametrize(
    ("text", "clean_text"),
    [
        ("/a?access_token=X&b=1", "/a?access_token=***&b=1"),
        ("?suite_access_token=X", "?suite_access_token=***"),
        ("provider_access_token=X y", "provider_access_token=*** y"),
        ("corpid=ww1&corpsecret=X", "corpid=ww1&corpsecret=***"),
        ("u=access_token%3DX", "u=access_token%3D***"),
        (
            '{"suite_secret": "X", "suite_ticket":"Y"}',
            '{"suite_secret": "***", "suite_ticket":"***"}',
        ),
        (r"{\"permanent_code\": \"X\"}", r"{\"permanent_code\": \"***\"}"),
        ("{'provider_secret': 'X'}", "{'provider_secret': '***'}"),
        ("http://me:X@host/", "http://***@host/"),
        ("nothing at all", "nothing at all"),
        ("a mine of words", "a *** of words"),
    ],
)
def test_redaction(text: str, clean_text: str) -> None:
    assert redact(text, Secret("mine"), Secret("")) == clean_text


def test_the_filter() -> None:
    def record(message: Any, args: Any) -> logging.LogRecord:
        made = logging.LogRecord("urllib3.connectionpool", 10, "x", 1, message, None, None)
        made.args = args
        return made

    one = record('"%s %s" %d', ("GET", "/a?access_token=X", 200))
    assert Redacting().filter(one)
    assert one.getMessage() == '"GET /a?access_token=***" 200'
    two = record("%(url)s %(n)d %(none)s", {"url": Request, "n": 1, "none": None})
    assert Redacting().filter(two)
    assert Redacting().filter(record("nothing", None))
    three = record("/a?access_token=X", ())
    assert Redacting().filter(three)
    assert three.getMessage() == "/a?access_token=***"
    guard_logs()
    guard_logs()
    assert logging.getLogger("urllib3.connectionpool").filters.count(REDACTING) == 1


def test_foreign_exceptions() -> None:
    plain = OSError("cable")
    with pytest.raises(OSError, match="cable"):
        raise plain
    assert plain.__traceback__
    assert clean(plain) is plain
    assert plain.__traceback__ is None
    inner = ValueError("/x?access_token=X")
    outer = OSError("cable")
    outer.__cause__ = inner
    inner.__context__ = outer  # a circle
    assert repr(clean(outer)) == "RuntimeError('builtins.OSError: cable')"
    kept = OSError("cable")
    kept.url = "/x?access_token=X"
    assert clean(kept) is not kept
    info = OSError("cable")
    info.request_info = object()
    assert clean(info) is not info


def test_fixture_server(colour: Any) -> None:
    """What the tests above search for is really on the wire."""
    with serving(WeCom()) as server, colour(server.url) as client:
        client.raw("GET", "/read")
        assert server.requests[0].query["corpsecret"] == SECRET
        assert "tOkEn-" in server.requests[1].query["access_token"]
        assert isinstance(server, Server)
