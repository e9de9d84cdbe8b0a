"""What other people's tools collect about a program that uses the client: all they need, and no secret."""

import asyncio
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sentry_sdk
from opentelemetry import context, trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider, export
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import rpc_attributes
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from serving import CORP, SECRET, Aio, Hang, Reply, Server, Sync, WeCom, says
from wecom_contact import AsyncClient, Client, observe
from wecom_contact.errors import APIError, NotFound
from wecom_contact.retry import Retry

ROOT = Path(__file__).parent.parent
HIDDEN = [SECRET, "tOkEn-"]


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


def search(text: str) -> None:
    for hidden in HIDDEN:
        assert hidden not in text, text[max(0, text.index(hidden) - 300) : text.index(hidden) + 60]


class Telemetry:
    """OpenTelemetry with the instrumentation of both HTTP libraries, as an application sets it up."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("test")
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader], shutdown_on_exit=False)

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def everything(self) -> str:
        spans = [span.to_json() for span in self.exporter.get_finished_spans()]
        data = self.reader.get_metrics_data()
        return "\n".join([*spans, "" if data is None else data.to_json()])


@pytest.fixture
def telemetry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telemetry]:
    made = Telemetry()
    monkeypatch.setattr(trace, "get_tracer", made.provider.get_tracer)
    options = {"tracer_provider": made.provider, "meter_provider": made.meters}
    both: list[Any] = [URLLib3Instrumentor(), AioHttpClientInstrumentor()]
    for each in both:
        each.instrument(**options)
    # Other tests abandon flows half-way, out of order, which no client does.
    clean = context.attach(context.Context())
    yield made
    context.detach(clean)
    for each in both:
        each.uninstrument()


def below(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def id_of(span: ReadableSpan) -> int:
    return span.get_span_context().span_id


def test_instrumented_libraries_do_record_urls(telemetry: Telemetry, server: Server) -> None:
    """What the tests below search for would be there."""
    import aiohttp
    import urllib3

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{server.url}/mine?access_token=tOkEn-async")

    urllib3.request("GET", f"{server.url}/mine?access_token=tOkEn-sync")
    asyncio.run(ask())
    assert "tOkEn-sync" in telemetry.everything()
    assert "tOkEn-async" in telemetry.everything()


def test_a_call_is_one_span_below_the_callers_and_shows_no_secret(
    telemetry: Telemetry, colour: Any, wecom: WeCom, server: Server
) -> None:
    wecom.answers["/refused"] = says(84061)
    wecom.answers["/broken"] = [
        says(-1, "?access_token=tOkEn-1"),
        Reply(b"<html>?access_token=tOkEn-1", 502),
        Reply({"errcode": 0}),
    ]
    with colour(server.url, retry=Retry(tries=3, first=0)) as client:
        with telemetry.tracer.start_as_current_span("sync parent") as parent:
            if colour is Sync:
                client.raw("GET", "/read")
                with pytest.raises(NotFound):
                    client.raw("POST", "/refused")
                client.raw("GET", "/broken")
            else:

                async def work() -> None:
                    with telemetry.tracer.start_as_current_span("parent"):
                        await client.client.raw("GET", "/read")
                        with pytest.raises(NotFound):
                            await client.client.raw("POST", "/refused")
                        await client.client.raw("GET", "/broken")

                client.run(work())
            assert trace.get_current_span() is parent
    spans = telemetry.spans()
    expected = {"GET /read", "POST /refused", "GET /broken", "sync parent"}
    assert set(spans) == expected | ({"parent"} if colour is Aio else set())
    assert len(telemetry.exporter.get_finished_spans()) == len(spans), "no other spans"
    owner = spans["sync parent" if colour is Sync else "parent"]
    for name in ("GET /read", "POST /refused", "GET /broken"):
        assert below(spans[name]) == id_of(owner)
        assert spans[name].kind is trace.SpanKind.CLIENT
        assert owner.start_time <= spans[name].start_time <= spans[name].end_time <= owner.end_time
    common = {
        rpc_attributes.RPC_SYSTEM_NAME: "wecom",
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        server_attributes.SERVER_PORT: server.port,
    }
    assert spans["GET /read"].attributes == {
        **common,
        rpc_attributes.RPC_METHOD: "GET /read",
        rpc_attributes.RPC_RESPONSE_STATUS_CODE: "0",
        "wecom.tries": 1,
    }
    assert spans["POST /refused"].attributes == {
        **common,
        rpc_attributes.RPC_METHOD: "POST /refused",
        rpc_attributes.RPC_RESPONSE_STATUS_CODE: "84061",
        error_attributes.ERROR_TYPE: "NotFound",
        "wecom.tries": 1,
    }
    assert spans["GET /read"].status.status_code is trace.StatusCode.UNSET
    assert spans["POST /refused"].status.status_code is trace.StatusCode.ERROR
    assert (spans["GET /broken"].attributes or {})["wecom.tries"] == 3
    search(telemetry.everything())


def test_what_hooks_trace_stands_below_the_call_and_is_not_hushed(
    telemetry: Telemetry, colour: Any, wecom: WeCom, server: Server
) -> None:
    import urllib3

    def hook(name: str) -> Any:
        def run(told: object) -> None:
            with telemetry.tracer.start_as_current_span(name):
                urllib3.request("GET", f"{server.url}/{name}")

        return run

    wecom.answers["/again"] = [says(-1), Reply({"errcode": 0})]
    options = {"on_retry": hook("retry"), "on_call": hook("told"), "retry": Retry(first=0)}
    with colour(server.url, **options) as client:
        client.raw("GET", "/again")
    urllib3.request("GET", f"{server.url}/afterwards")
    spans = telemetry.exporter.get_finished_spans()
    assert [span.name for span in spans] == ["GET", "retry", "GET", "told", "GET /again", "GET"]
    call = spans[4]
    assert below(spans[0]) == id_of(spans[1])
    assert below(spans[1]) == below(spans[3]) == id_of(call)
    assert below(spans[5]) is None
    search(telemetry.everything())


def test_threads_and_tasks_keep_their_spans_apart(
    telemetry: Telemetry, wecom: WeCom, server: Server
) -> None:
    wecom.answers["/slow"] = Hang(0.05)

    def one(client: Client, number: int) -> None:
        with telemetry.tracer.start_as_current_span(f"parent {number}"):
            client.raw("GET", "/slow", query={"n": number})

    with Client(CORP, SECRET, base_url=server.url) as client:
        threads = [threading.Thread(target=one, args=(client, number)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    async def another(client: AsyncClient, number: int) -> None:
        with telemetry.tracer.start_as_current_span(f"parent {number}"):
            await client.raw("GET", "/slow", query={"n": number})

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
            await asyncio.gather(*(another(client, number) for number in range(5, 10)))

    asyncio.run(main())
    spans = telemetry.exporter.get_finished_spans()
    calls = [span for span in spans if span.name == "GET /slow"]
    parents = {id_of(span) for span in spans if span.name.startswith("parent")}
    assert len(calls) == len(parents) == 10
    assert {below(call) for call in calls} == parents
    search(telemetry.everything())


def test_a_cancelled_call_ends_its_span_and_leaves_nothing_hushed(
    telemetry: Telemetry, wecom: WeCom, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.answers["/slow"] = Hang(1)

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
            await client.raw("GET", "/read")
            with telemetry.tracer.start_as_current_span("parent") as parent:
                before = context.get_current()
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await client.raw("GET", "/slow")
                assert trace.get_current_span() is parent
                assert context.get_current() is before

    asyncio.run(main())
    spans = telemetry.spans()
    assert below(spans["GET /slow"]) == id_of(spans["parent"])
    assert spans["GET /slow"].attributes == {
        rpc_attributes.RPC_SYSTEM_NAME: "wecom",
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        server_attributes.SERVER_PORT: server.port,
        rpc_attributes.RPC_METHOD: "GET /slow",
        error_attributes.ERROR_TYPE: "CancelledError",
        "wecom.tries": 1,
    }, "WeCom gave no code"
    assert "detach" not in caplog.text
    search(telemetry.everything())


def test_a_hook_that_breaks_off_still_ends_the_span(telemetry: Telemetry, server: Server) -> None:
    def stop(told: object) -> None:
        raise KeyboardInterrupt

    before = context.get_current()
    with (
        Client(CORP, SECRET, base_url=server.url, on_call=stop) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.raw("GET", "/read")
    assert context.get_current() is before
    assert set(telemetry.spans()) == {"GET /read"}


@pytest.mark.parametrize(("url", "port"), [("https://[::1]/x", 443), ("http://host", 80)])
def test_the_address_of_the_server_is_told_with_its_port(
    url: str, port: int, telemetry: Telemetry
) -> None:
    with Client(CORP, SECRET, base_url=url) as client:
        tracing = client._engine.telemetry.tracing
        assert tracing
        tracing.end(tracing.begin("a.b"), observe_record("a.b"))
    attributes = telemetry.spans()["a.b"].attributes or {}
    assert attributes["server.port"] == port
    assert attributes["server.address"] in ("::1", "host")


def observe_record(name: str) -> Any:
    from wecom_contact import CallRecord

    return CallRecord(name, "ok", 0, 1, 1.0)


def test_who_does_not_trace_pays_nothing(
    colour: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    with colour(server.url) as client:
        assert client.client._engine.telemetry.tracing is None
        assert not client.client._engine.telemetry.active
        client.raw("GET", "/read")
    assert not any(name.startswith("opentelemetry") for name in sys.modules)


class Envelopes(Transport):
    """Keeps what would be sent to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.texts.append(envelope.serialize().decode())


@contextmanager
def sentry(**options: Any) -> Iterator[Envelopes]:
    transport = Envelopes()
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=transport,
        traces_sample_rate=1.0,
        **options,
    )
    try:
        yield transport
        sentry_sdk.flush()
    finally:
        sentry_sdk.init()


SCRUBBED: dict[str, Any] = {
    "before_send": observe.scrub,
    "before_send_transaction": observe.scrub,
    "before_breadcrumb": observe.scrub,
}


def report(colour: Any, server: Server, wecom: WeCom) -> None:
    """An application that reports a failed call, with the answer and its own variables."""
    wecom.answers["/refused"] = lambda request: says(84061, f"failed: {request.target}")
    secret = SECRET
    url = f"https://host/x?corpsecret={secret}"
    with sentry_sdk.start_transaction(name="work"):
        with colour(server.url) as client:
            client.raw("GET", "/read")
            logging.getLogger("app").warning("asked %s", url)
            try:
                client.raw("POST", "/refused")
            except APIError:
                sentry_sdk.capture_exception()
    assert url


def test_sentry_sees_no_secret(colour: Any, server: Server, wecom: WeCom) -> None:
    with sentry() as open_transport:
        report(colour, server, wecom)
    seen = "\n".join(open_transport.texts)
    assert SECRET in seen, "what is searched for would be there"
    assert "tOkEn-" in seen
    with sentry(**SCRUBBED) as transport:
        report(colour, server, wecom)
    found = "\n".join(transport.texts)
    assert len(transport.texts) == len(open_transport.texts) == 2
    search(found)
    assert "NotFound" in found
    assert "/refused" in found
    assert "access_token=***" in found


def test_scrub_copies_an_event_and_hides_secrets_at_any_depth() -> None:
    event: dict[str, Any] = {
        "request": {
            "url": "https://host/x?access_token=V1",
            "query_string": [("access_token", "V2"), (b"corpsecret", b"V3"), ["secret", "V12"]],
            "data": b'{"suite_secret": "V4"}',
            "headers": {"Proxy-Authorization": "Basic V5"},
        },
        "exception": {
            "frames": [
                {"vars": {"secret": "'V6'", "aes_key": "V7", "aeskey": "V7", "n": 3, "ok": True}}
            ]
        },
        "tags": {"access_token": "", "x": None, "f": 1.5, 7: "seven", "set": {"?corpsecret=V8"}},
        "?access_token=V9": frozenset({"kept", "?corpsecret=V13"}),
        "named": Named("?corpsecret=V14", "kept", "too"),
        "object": Url("https://host/?access_token=V10"),
        "plain": Url("nothing"),
        "kept": b"\xff\x00",
        "array": bytearray(b"?corpsecret=V11&x=1"),
    }
    before = repr(event)
    found = observe.scrub(event, {})
    assert repr(event) == before
    assert not re.search(r"V\d", repr(found))
    assert found["request"]["query_string"] == [
        ("access_token", "***"),
        (b"corpsecret", "***"),
        ["secret", "***"],
    ]
    assert found["request"]["data"] == b'{"suite_secret": "***"}'
    variables = found["exception"]["frames"][0]["vars"]
    assert variables == {
        "secret": "***",
        "aes_key": "***",
        "aeskey": "***",
        "n": 3,
        "ok": True,
    }
    assert found["tags"] == {
        "access_token": "",
        "x": None,
        "f": 1.5,
        7: "seven",
        "set": {"?corpsecret=***"},
    }
    assert found["?access_token=***"] == frozenset({"kept", "?corpsecret=***"})
    assert found["named"] == ("?corpsecret=***", "kept", "too")
    assert found["plain"] is event["plain"]
    assert found["object"] == "Url(https://host/?access_token=***"
    assert (found["kept"], found["array"]) == (b"\xff\x00", b"?corpsecret=***&x=1")


class Named(NamedTuple):
    url: str
    one: str
    other: str


class Url:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Url({self.text})"


def test_scrub_ends_on_circles_and_on_what_is_deep_or_met_often_and_never_raises() -> None:
    circle: dict[str, Any] = {"url": "?access_token=V1"}
    circle["again"] = [circle, (circle,)]
    found = observe.scrub(circle)
    assert found["again"][0] is found
    assert found["again"][1] == (found,)
    assert found["url"] == "?access_token=***"
    around: Any = ([],)
    around[0].append(around)
    assert type(observe.scrub(around)[0][0]) is tuple, "a tuple stays one"
    deep: Any = "?access_token=V1"
    for _ in range(200):
        deep = [deep, 1]
    found = observe.scrub(deep)
    for _ in range(observe.MAX_DEPTH + 1):
        found = found[0]
    assert found == "***"
    ring: list[Any] = ["?access_token=V1"]
    ring.append(ring)
    found = observe.scrub(ring)
    assert found[1] is found
    assert found[0] == "?access_token=***"

    deep: Any = "?access_token=V1"
    for _ in range(100_000):
        deep = [deep]
    assert observe.scrub({"deep": deep})
    levels = 0
    inner: Any = observe.scrub(deep)
    while isinstance(inner, list):
        inner, levels = inner[0], levels + 1
    assert (inner, levels) == ("***", 101)

    nested: Any = "?access_token=V1"
    for _ in range(200):
        nested = {"in": nested}
    levels, inner = 0, observe.scrub(nested)
    while isinstance(inner, dict):
        inner, levels = inner["in"], levels + 1
    assert (inner, levels) == ("***", 101)

    many: Any = ("?access_token=V1",)
    for _ in range(60):
        many = (many, many, many)
    met = observe.scrub(many)
    for _ in range(60):
        met = met[2]
    assert met == ("?access_token=***",)

    class Broken(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("no")

        __repr__ = __str__ = items

    class Unprintable:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert observe.scrub({"a": Broken(a=1), "b": Unprintable(), "c": "kept"}) == {
        "a": "***",
        "b": "***",
        "c": "kept",
    }
    assert observe.scrub(None) is None
    for clean in (b"nothing at all", bytearray(b"nothing")):
        assert observe.scrub(clean) is clean
    assert observe.scrub("?access_token=V1") == "?access_token=***"


def example(word: str) -> str:
    text = (ROOT / "docs" / "production.md").read_text("utf-8")
    (code,) = [each for each in re.findall(r"```python\n(.*?)```", text, re.S) if word in each]
    return str(code)


def test_the_example_for_sentry_in_the_docs_works(server: Server, wecom: WeCom) -> None:
    code = example("sentry_sdk.init")
    transport = Envelopes()
    names: dict[str, Any] = {}
    try:
        with pytest.MonkeyPatch.context() as patch:
            real = sentry_sdk.init
            patch.setattr(
                sentry_sdk,
                "init",
                lambda **options: real(
                    **{**options, "dsn": "https://key@sentry.invalid/1"}, transport=transport
                ),
            )
            exec(code, names)
            report(Sync, server, wecom)
            sentry_sdk.flush()
    finally:
        sentry_sdk.init()
    assert any("NotFound" in text for text in transport.texts)
    search("\n".join(transport.texts))


def test_the_example_for_opentelemetry_in_the_docs_works(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = example("URLLib3Instrumentor")
    providers: list[TracerProvider] = []

    def install(provider: TracerProvider) -> None:
        providers.append(provider)
        monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)

    monkeypatch.setattr(trace, "set_tracer_provider", install)
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(export, "ConsoleSpanExporter", lambda: exporter)
    real = Client.__init__
    monkeypatch.setattr(
        Client,
        "__init__",
        lambda self, *, corp_id, secret: real(self, CORP, SECRET, base_url=server.url),
    )
    try:
        exec(code, {})
    finally:
        URLLib3Instrumentor().uninstrument()
        providers[0].shutdown()
    assert [span.name for span in exporter.get_finished_spans()] == [
        "server.api_ips",
        "nightly job",
    ]
    search("".join(span.to_json() for span in exporter.get_finished_spans()))
