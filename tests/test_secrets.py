"""Nobody sees a token or a secret: every failure is driven with logging at DEBUG, and everything is searched."""

import asyncio
import base64
import html
import io
import itertools
import json
import logging
import re
import signal
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.traceback import Traceback
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
from wecom_contact._runtime.secrets import (
    NAMES,
    REDACTING,
    Redacting,
    Secret,
    clean,
    guard_logs,
    redact,
)
from wecom_contact.credentials import AuthorizedCorp, Provider, Suite
from wecom_contact.events import SuiteTicketPushed
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
def test_no_secret_is_shown_by_any_failure(name: str, colour: Any, records: Records) -> None:
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
def test_no_secret_is_shown_when_a_token_cannot_be_had(
    name: str, good: int, colour: Any, records: Records
) -> None:
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


def test_no_secret_is_shown_when_there_is_no_connection(
    colour: Any, records: Records, tmp_path: Path
) -> None:
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
def test_secrets_in_a_text_become_stars(text: str, clean_text: str) -> None:
    assert redact(text, Secret("mine"), Secret("")) == clean_text


STYLES: dict[str, Any] = {
    "query": lambda name, value: f"/x?{name}={quote(value, safe='')}&b=1",
    "form": lambda name, value: urlencode({"a": "1", name: value, "b": "2"}),
    "JSON": lambda name, value: json.dumps({"a": 1, name: value, "b": "kept"}),
    "tight JSON": lambda name, value: json.dumps({name: value}, separators=(",", ":")),
    "spaced JSON": lambda name, value: json.dumps({name: value}, indent=4).replace(":", " : \n"),
    "dict": lambda name, value: repr({"a": 1, name: value}),
    "bytes": lambda name, value: repr({name.encode(): value.encode()}),
    "tuple": lambda name, value: repr([("a", "b"), (name, value), ("c", "d")]),
    "tuple of bytes": lambda name, value: repr([(name.encode(), value.encode())]),
    "list": lambda name, value: json.dumps([["a", "b"], [name, value]]),
    "keyword": lambda name, value: f"f({name}={value!r}, b=1)",
    "hash": lambda name, value: f"{json.dumps(name)} => {json.dumps(value)}",
    "header": lambda name, value: f"A: b\r\n{name}: {value}\r\nC: d",
    "dashed header": lambda name, value: f"X-{name.replace('_', '-').title()}: {value}\r\n",
    "YAML": lambda name, value: f"a: b\n  {name}:   {value}\n",
    "element": lambda name, value: (
        f"<xml>\n<{name}>{html.escape(value)}</{name}>\n<b>kept</b></xml>"
    ),
    "CDATA": lambda name, value: f"<xml><{name}><![CDATA[{value}]]></{name}><b>kept</b></xml>",
    "event": lambda name, value: (
        f"<{name.title().replace('_', '')}>\n<![CDATA[{value}]]>\n</{name.title().replace('_', '')}>"
    ),
    "attribute": lambda name, value: f'<input name="a" {name}="{html.escape(value)}" />',
    "part": lambda name, value: (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b--'
    ),
    "typed part": lambda name, value: (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n--b--"
    ),
}
PLAIN_VALUES = ("header", "dashed header", "YAML")
"""Styles that have no way to write a quote or a space in a value."""
ESCAPES: dict[str, Any] = {
    "percent": lambda text: quote(text, safe=""),
    "plus": quote_plus,
    "lower": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "HTML": html.escape,
    "repr": repr,
    "JSON for HTML": lambda text: re.sub(
        "[<>&'\"=:]", lambda found: f"\\u{ord(found[0]):04x}", text
    ),
    "numbers": lambda text: re.sub("[<>&'\"=:]", lambda found: f"&#{ord(found[0])};", text),
}


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("<", ">"), ("&lt;", "&gt;"), ("%3C", "%3E"), ("%3c", "%3e"), ("&#60;", "&#62;")],
)
def test_what_follows_an_element_stays(opens: str, closes: str) -> None:
    text = "<xml><access_token>Zq7</access_token><b>kept</b></xml>"
    written = text.replace("<", "{o}").replace(">", "{c}").replace("{o}", opens)
    written = written.replace("{c}", closes)
    assert redact(written) == written.replace("Zq7", "***")


@pytest.mark.parametrize("ending", [r"\n", r"\r\n", "%0A", r"\u000a"])
def test_the_value_of_a_part_ends_at_a_line_and_not_at_one_that_it_spells(ending: str) -> None:
    for style in ("part", "typed part"):
        text = STYLES[style]("access_token", f"Zq7{ending}Zq7")
        assert "Zq7" not in redact(text)


@pytest.mark.parametrize("ending", ["%5D%5D%3E", "&#93;&#93;&gt;", r"\u005d\u005d\u003e"])
def test_the_value_of_a_cdata_section_ends_at_brackets_and_not_at_some_that_it_spells(
    ending: str,
) -> None:
    text = STYLES["CDATA"]("suite_ticket", f"Zq7{ending}Zq7")
    assert redact(text) == STYLES["CDATA"]("suite_ticket", "***")


@pytest.mark.parametrize("style", STYLES)
def test_no_value_survives_in_any_style_however_escaped(style: str) -> None:
    for name in NAMES:
        text = STYLES[style](name, "Zq7Zq7_-Zq7/+.~Zq7")
        assert redact(text) != text
        for times in range(4 if name == "suite_secret" else 3):
            for ways in itertools.product(ESCAPES, repeat=times):
                escaped = text
                for way in ways:
                    escaped = ESCAPES[way](escaped)
                assert "Zq7" not in redact(f"before {escaped} after"), (ways, escaped)
                assert redact(escaped).count("***") == 1


@given(
    style=st.sampled_from(sorted(STYLES.keys() - set(PLAIN_VALUES))),
    name=st.sampled_from(NAMES),
    before=st.text("Zq&\"'<>\\ %=:;,()[]{}\u4e2d\t", max_size=6),
    after=st.text("Zq&\"'<>\\ %=:;,()[]{}\u4e2d\t", max_size=6),
    ways=st.lists(st.sampled_from(["percent", "plus", "JSON", "HTML"]), max_size=3),
)
@settings(max_examples=600, deadline=None)
@example(style="tight JSON", name="access_token", before='"', after="", ways=["JSON", "percent"])
def test_no_value_with_signs_in_it_survives(
    style: str, name: str, before: str, after: str, ways: list[str]
) -> None:
    value = f"{before}Kx9{after}Kx9".replace("]]>", "")
    if style not in (
        "query",
        "form",
        "JSON",
        "tight JSON",
        "spaced JSON",
        "attribute",
        "CDATA",
        "element",
    ):
        value = value.replace("\\", "/")  # repr's doubling, escaped again, is not counted
    text = STYLES[style](name, value)
    for way in ways:
        text = ESCAPES[way](text)
    assert "Kx9" not in redact(text), text


@pytest.mark.parametrize(
    "text",
    [
        "invalid access_token",
        "access_token expired, hint: [1234], from ip: 1.2.3.4",
        "40001 invalid corpsecret (or access_token), more info at https://open.work/x",
        "access_token missing",
        "GET needs suite_access_token or provider_access_token",
        '"access_token" is missing',
        "'access_token', 'expires_in'",
        "unknown field permanent_code; did you mean auth_code?",
        "access_token=&b=1",
        '{"access_token": "", "b": 1}',
        "</suite_secret>\n<b>x</b>",
        "/suite_secret>kept<b>x</b>",
        "https://host/path?a=b",
        "%3C%2FSuiteTicket%3E%0A%3Cb%3E",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u=access_token%253DX%2526b%253D1", "u=access_token%253D***%2526b%253D1"),
        ("&quot;suite_secret&quot;:&quot;X&quot;,", "&quot;suite_secret&quot;:&quot;***&quot;,"),
        ("%22suite_secret%22%3A%22X%22%2C", "%22suite_secret%22%3A%22***%22%2C"),
        (r"{\\\"suite_secret\\\": \\\"X\\\"}", r"{\\\"suite_secret\\\": \\\"***\\\"}"),
        ('{"suite_secret": "cut off', '{"suite_secret": "***'),
        ("<SuiteTicket>cut off\nnext", "<SuiteTicket>***\nnext"),
        ("<SuiteTicket>\n", "<SuiteTicket>\n"),
        ('{"suite_secret": "\n', '{"suite_secret": "\n'),
        ("suite_secret: X\nb", "suite_secret: ***\nb"),
        ("//me:p@ss@host/", "//me:p@ss@host/"),
        ("http://me:p@ss@host/", "http://***@host/"),
        ("u={%22suite_secret%22:%22X%22,%22b%22:1}", "u={%22suite_secret%22:%22***%22,%22b%22:1}"),
        ("p=http%3A%2F%2Fme%3Apw%40host%2F", "p=http%3A%2F%2F***%40host%2F"),
    ],
)
def test_what_is_around_a_value_stays(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "access_token", 'access_token="', 'access_token="\\', 'access_token=\\"', "access_token\\", "\\",
        "(", "['", "access_token:", "access_token%25", "access_token%", "access_token&amp;", "&amp;", "%25",
        "%22access_token%22%3A%22", "<SuiteTicket>", "<SuiteTicket><![CDATA[", 'name="access_token"\r\n',
        "access_token\r\nContent-", "access_token ", "://", "%3A%2F%2F", "access_token=&quot;", "x",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_of_the_text_alone(piece: str) -> None:
    def took(length: int, start: str) -> float:
        text = start + piece * (length // len(piece))
        before = time.thread_time()
        redact(text)
        return time.thread_time() - before

    redact("access_token=X")  # compiles the pattern
    for start in ("", "access_token"):
        # Four times the length is sixteen times the work where it grows with the square, and there is much room.
        assert took(200_000, start) < 10 * max(took(50_000, start), 0.02)


def test_the_filter_cleans_messages_and_their_arguments() -> None:
    def record(message: Any, args: Any) -> logging.LogRecord:
        made = logging.LogRecord("urllib3.connectionpool", 10, "x", 1, message, None, None)
        made.args = args
        return made

    one = record('"%s %s" %d', ("GET", "/a?access_token=X", 200))
    assert Redacting().filter(one)
    assert one.getMessage() == '"GET /a?access_token=***" 200'
    two = record(
        "%(url)s %(n)d %(none)s",
        {"url": "/a?access_token=X", "n": 1, "none": None, "bytes": b"?corpsecret=X"},
    )
    assert Redacting().filter(two)
    assert two.getMessage() == "/a?access_token=*** 1 None"
    assert two.args["bytes"] == "b'?corpsecret=***'"
    assert Redacting().filter(record("nothing", None))
    three = record("/a?access_token=X", ())
    assert Redacting().filter(three)
    assert three.getMessage() == "/a?access_token=***"
    guard_logs()
    guard_logs()
    assert logging.getLogger("urllib3.connectionpool").filters.count(REDACTING) == 1


def test_cleaning_an_exception_takes_its_frames_and_secrets() -> None:
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


def test_the_server_of_these_tests_is_sent_the_secrets(colour: Any) -> None:
    """What the tests above search for is really on the wire."""
    with serving(WeCom()) as server, colour(server.url) as client:
        client.raw("GET", "/read")
        assert server.requests[0].query["corpsecret"] == SECRET
        assert "tOkEn-" in server.requests[1].query["access_token"]
        assert isinstance(server, Server)


def shown_with_locals(error: BaseException) -> str:
    """What programs print that show the variables of every frame: the standard library's, and rich."""
    standard = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    out = io.StringIO()
    made = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_string=None,
        locals_max_length=None,
    )
    Console(file=out, width=500).print(made)
    return standard + out.getvalue()


class Interrupted(BaseException):
    """What a signal handler raises."""


@pytest.mark.parametrize("path", ["/read", "/cgi-bin/gettoken", "/cgi-bin/media/get"])
@pytest.mark.parametrize("raised", [Interrupted, KeyboardInterrupt])
def test_a_raising_signal_handler_shows_no_secret(path: str, raised: Any) -> None:
    wecom = WeCom()
    reached = threading.Event()

    def hang(request: Request) -> Any:
        reached.set()
        return Hang(0.5)

    wecom.answers[path] = hang

    def handler(signum: int, frame: Any) -> None:
        raise raised("now")

    before = signal.signal(signal.SIGALRM, handler)

    def kick() -> None:
        assert reached.wait(5)
        time.sleep(0.02)
        signal.pthread_kill(main, signal.SIGALRM)

    main = threading.main_thread().ident
    assert main
    kicker = threading.Thread(target=kick)
    try:
        with serving(wecom) as server, Client(CORP, SECRET, base_url=server.url) as client:
            kicker.start()
            call: Any = lambda: client.raw("GET", "/read")  # noqa: E731  (typed, one of two)
            if path.endswith("media/get"):
                call = lambda: client.download(MediaGet(media_id="M"))  # noqa: E731  (typed, one of two)
            with pytest.raises(raised) as caught:
                call()
            kicker.join()
            search(visible(caught.value))
            search(shown_with_locals(caught.value))
            assert "_exchange" in shown_with_locals(caught.value)
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("path", ["/read", "/cgi-bin/gettoken", "/cgi-bin/media/get"])
@pytest.mark.parametrize("how", ["cancelled", "timed out"])
def test_a_cancellation_shows_no_secret(path: str, how: str) -> None:
    async def call(client: AsyncClient) -> None:
        if path.endswith("media/get"):
            await client.download(MediaGet(media_id="M"))
        else:
            await client.raw("GET", "/read")

    async def main() -> None:
        wecom = WeCom()
        wecom.answers[path] = Hang(0.5)
        with serving(wecom) as server:
            async with AsyncClient(CORP, SECRET, base_url=server.url) as client:

                async def limited() -> None:
                    async with asyncio.timeout(0.1 if how == "timed out" else None):
                        await call(client)

                task = asyncio.create_task(limited())
                if how == "cancelled":
                    asyncio.get_running_loop().call_later(0.1, task.cancel)
                with pytest.raises((asyncio.CancelledError, TimeoutError)) as caught:
                    await task
                assert server.asked(path)
                assert isinstance(caught.value, TimeoutError) == (how == "timed out")
                search(visible(caught.value))
                search(shown_with_locals(caught.value))

    asyncio.run(main())


@pytest.mark.parametrize("name", ["closed", "silence", "500", "200", "999", "42001", "bad gzip"])
def test_a_failed_call_shows_no_secret_in_any_variable(name: str, colour: Any) -> None:
    wecom = WeCom()
    quick = Timeouts(connect=1, read=0.2)
    with serving(wecom) as server:
        for path in ("/read", "/cgi-bin/gettoken"):
            wecom.answers[path] = FAILURES[name]
            with colour(server.url, timeout=quick, retry=Retry(tries=2, first=0)) as client:
                error = failing(lambda client=client: client.raw("GET", "/read"))
                assert error is not None
                search(shown_with_locals(error))
            del wecom.answers[path]


TICKET = "tIcKeT-1"


def test_an_event_whose_key_cannot_be_made_shows_no_secret() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("odd")

    event = SuiteTicketPushed(
        suite_id="ww1", time=datetime.now(UTC), suite_ticket=TICKET, extra={"a": Odd()}
    )
    with pytest.raises(RuntimeError, match="odd") as caught:
        event.key  # noqa: B018  (reading it is what is tried)
    shown = shown_with_locals(caught.value)
    assert "iterencode" in shown
    assert TICKET not in shown


def test_a_call_that_finds_its_connections_closed_shows_no_secret() -> None:
    with serving(WeCom()) as server, Client(CORP, SECRET, base_url=server.url) as client:
        client.raw("GET", "/read")
        client._connections.pool.close()
        error = failing(lambda: client.raw("GET", "/read"))
    assert isinstance(error, RuntimeError)
    for shown in chain(error):
        search(visible(shown))
        search(shown_with_locals(shown))


def test_the_traceback_of_what_the_caller_was_handling_stays(colour: Any) -> None:
    with serving(WeCom()) as server:
        address = server.url
    with colour(address, retry=None) as client:
        try:
            raise ValueError("mine")
        except ValueError as error:
            mine = error
            failed = failing(lambda: client.raw("GET", "/read"))
    assert failed is not None
    assert mine.__traceback__ is not None
    assert traceback.extract_tb(mine.__traceback__)[-1].line == 'raise ValueError("mine")'


def everything_of(value: Any, seen: set[int]) -> str:
    """The repr of a thing and of all that hangs on it, down to the last attribute."""
    if id(value) in seen or isinstance(value, (types.ModuleType, type, types.FunctionType)):
        return ""
    seen.add(id(value))
    inner: list[Any] = []
    if isinstance(value, dict):
        inner += [*value, *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner += value
    inner += vars(value).values() if hasattr(value, "__dict__") else []
    return "\n".join([repr(value), *(everything_of(each, seen) for each in inner)])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_password_of_a_proxy_shows_nowhere_in_a_client(scheme: str, colour: Any) -> None:
    hidden = [base64.b64encode(b"me:pAsSwOrD").decode(), "pAsSwOrD", SECRET]
    with colour(f"{scheme}://host", proxy="http://me:pAsSwOrD@proxy:3128") as client:
        shown = everything_of(client.client, set())
    for each in hidden:
        assert each not in shown
    found = everything_of(types.SimpleNamespace(a=[{"b": "pAsSwOrD"}]), set())
    assert "pAsSwOrD" in found, "what is searched for would be found"


@pytest.mark.parametrize(
    "name",
    ["urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry"]
    + ["aiohttp.client", "aiohttp.internal"],
)
def test_what_the_http_libraries_log_shows_no_secret(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    Client(CORP, SECRET).close()
    logging.getLogger(name).warning("GET %s", "/a?access_token=tOkEn-1")
    assert caplog.messages == ["GET /a?access_token=***"]
