"""The contract: every recorded conversation, played in order by a real server to both clients."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest
from attrs import fields
from conftest import FIXTURES, FixedToken, fixture_paths, read_fixture
from pytest_httpserver import HTTPServer
from wecom_contact import AsyncClient, Client, Upload, catalog, codec, errors
from wecom_contact._runtime.model import PagedCall
from werkzeug import Request, Response

STRICT = codec.Codec(strict=True)
NAMES = [path.relative_to(FIXTURES).with_suffix("").as_posix() for path in fixture_paths()]
ENVELOPE = {"errcode", "errmsg"}


@pytest.fixture(scope="module")
def listening() -> Iterator[HTTPServer]:
    with HTTPServer() as server:
        socket = server.server
        yield server
    # pytest-httpserver leaves its socket to the garbage collector.
    assert socket is not None
    socket.server_close()


@pytest.fixture
def server(listening: HTTPServer) -> Iterator[HTTPServer]:
    listening.clear()
    yield listening
    listening.check()


def play(server: HTTPServer, fixture: dict[str, Any]) -> None:
    """Expect the requests of a fixture in their order; each is compared to the letter."""
    endpoint = catalog.CALLS[fixture["call"]]
    for exchange in fixture["exchanges"]:
        expected, answer = exchange["request"], exchange["response"]

        def respond(request: Request, expected: Any = expected, answer: Any = answer) -> Response:
            query = dict(request.args)
            assert query.pop(endpoint.token) == f"TOKEN-{endpoint.token}"
            assert query == expected.get("query", {})
            if "json" in expected:
                assert request.content_type == "application/json"
                assert json.loads(request.get_data()) == expected["json"]
                assert rb"\u" not in request.get_data(), "WeCom refuses escapes"
            elif expected.get("multipart"):
                check_multipart(request, fixture["file"])
            else:
                assert request.get_data() == b""
            body = (
                base64.b64decode(answer["content_base64"])
                if "content_base64" in answer
                else json.dumps(answer["json"])
            )
            headers = answer.get("headers", {"Content-Type": "application/json; charset=UTF-8"})
            return Response(body, answer["status"], headers)

        server.expect_ordered_request(
            expected["path"], method=expected["method"]
        ).respond_with_handler(respond)


def check_multipart(request: Request, file: dict[str, Any]) -> None:
    """The bytes on the wire: one part named media, its file name in raw UTF-8."""
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
    body = request.get_data()
    assert f'filename="{file["name"]}"'.encode() in body
    (part,) = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
    assert part.get_param("name", header="content-disposition") == "media"
    assert part.get_content_type() == file["content_type"]
    assert part.get_payload(decode=True) == base64.b64decode(file["content_base64"])


def build(fixture: dict[str, Any]) -> Any:
    """The call of a fixture, from its arguments in wire shape; so the codec is tested, too."""
    endpoint = catalog.CALLS[fixture["call"]]
    call = STRICT.structure(fixture["args"], endpoint.call)
    if endpoint.upload:
        file = fixture["file"]
        content = base64.b64decode(file["content_base64"])
        setattr(call, endpoint.upload, Upload(content, file["name"], file["content_type"]))
    return call


def ask(wecom: Any, call: Any) -> Any:
    """Call the flat method, as people do, with the fields of the call as its arguments."""
    resource, _, name = call.endpoint.name.partition(".")
    given = {each.name: getattr(call, each.name) for each in fields(type(call))}
    given = {name: value for name, value in given.items() if value is not None}
    return getattr(getattr(wecom, resource), name)(**given)


def expected_items(fixture: dict[str, Any]) -> list[Any]:
    if "result" in fixture:
        items: list[Any] = fixture["result"]
        return items
    paginate = catalog.CALLS[fixture["call"]].paginate
    assert paginate is not None
    return [
        item
        for exchange in fixture["exchanges"]
        for item in exchange["response"]["json"].get(paginate.items, [])
    ]


def expected_result(fixture: dict[str, Any]) -> Any:
    reply = fixture["exchanges"][-1]["response"]["json"]
    return fixture.get("result", {k: v for k, v in reply.items() if k not in ENVELOPE})


def check(fixture: dict[str, Any], got: Any) -> None:
    """What the caller got is what was said, and encodes to the same again."""
    endpoint = catalog.CALLS[fixture["call"]]
    if endpoint.paginate:
        assert codec.unstructure(got) == expected_items(fixture)
    elif endpoint.download:
        answer = fixture["exchanges"][-1]["response"]
        assert got.content == base64.b64decode(answer["content_base64"])
    elif endpoint.result is None:
        assert got is None
        assert expected_result(fixture) == {}
    else:
        assert type(got) is endpoint.result
        assert codec.unstructure(got) == expected_result(fixture)
        if hasattr(got, "failures"):
            check_failures(got)


def check_failures(got: Any) -> None:
    """Failed items are raised on demand, and none raise nothing."""
    if got.failures:
        with pytest.raises(errors.PartialFailure) as caught:
            got.raise_for_failures()
        assert caught.value.failures == got.failures
        assert caught.value.result is got
    else:
        got.raise_for_failures()


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_client(name: str, server: HTTPServer) -> None:
    fixture = read_fixture(FIXTURES / f"{name}.json")
    play(server, fixture)
    call = build(fixture)
    with Client(
        credential=FixedToken(), base_url=server.url_for("/"), strict=True, retry=None
    ) as wecom:

        def run() -> Any:
            answer = ask(wecom, call)
            return list(answer) if isinstance(call, PagedCall) else answer

        if "raises" in fixture:
            with pytest.raises(getattr(errors, fixture["raises"]["type"])) as caught:
                run()
            check_error(fixture, caught.value)
        else:
            check(fixture, run())


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_async_client(name: str, server: HTTPServer) -> None:
    fixture = read_fixture(FIXTURES / f"{name}.json")
    play(server, fixture)

    async def run() -> Any:
        call = build(fixture)
        async with AsyncClient(
            credential=FixedToken(), base_url=server.url_for("/"), strict=True, retry=None
        ) as wecom:
            answer = ask(wecom, call)
            if isinstance(call, PagedCall):
                return [item async for item in answer]
            return await answer

    if "raises" in fixture:
        with pytest.raises(getattr(errors, fixture["raises"]["type"])) as caught:
            asyncio.run(run())
        check_error(fixture, caught.value)
    else:
        check(fixture, asyncio.run(run()))


def check_error(fixture: dict[str, Any], error: Any) -> None:
    assert type(error).__name__ == fixture["raises"]["type"]
    assert error.code == fixture["raises"]["code"]
    assert error.path == catalog.CALLS[fixture["call"]].path
    assert error.doc
    assert error.advice


def test_every_call_has_a_fixture() -> None:
    recorded = {read_fixture(path)["call"] for path in fixture_paths()}
    assert recorded == set(catalog.CALLS)


def test_every_paged_call_has_several_pages() -> None:
    pages: dict[str, int] = {}
    for path in fixture_paths():
        fixture = read_fixture(path)
        pages[fixture["call"]] = max(pages.get(fixture["call"], 0), len(fixture["exchanges"]))
    paged = [name for name, endpoint in catalog.CALLS.items() if endpoint.paginate]
    assert paged
    assert [name for name in paged if pages[name] < 2] == []


def test_fixtures_lie_where_they_belong_and_name_their_source() -> None:
    for path in fixture_paths():
        fixture = read_fixture(path)
        resource, _, call = fixture["call"].partition(".")
        assert path.parent.name == resource, path
        assert path.name.split(".")[0] == call, path
        assert re.match(
            r"(made after )?official page \d+|recorded \d{4}-\d\d-\d\d", fixture["source"]
        ), path


def test_fixtures_hold_nothing_real() -> None:
    suspicious = re.compile(r"\bww(?!0{16})[0-9a-f]{16}\b|\b1[3-9]\d{9}\b|secret[\"':= ]+\w{20,}")
    allowed = {"13800000001", "13800000002", "13000000002"}
    for path in Path(FIXTURES).rglob("*.*"):
        found = set(suspicious.findall(path.read_text("utf-8"))) - allowed
        assert found == set(), path


def test_first_is_the_whole_reply(server: HTTPServer) -> None:
    """What stands beside the items of a page is there, and a page's failures, too."""
    path = "/cgi-bin/externalcontact"
    customer = {"external_userid": "wo1", "name": "李四", "type": 1, "avatar": ""}
    server.expect_request(f"{path}/get").respond_with_json(
        {"errcode": 0, "errmsg": "ok", "external_contact": customer, "follow_user": []}
    )
    failed = {"unlicensed_userid_list": ["lisi"]}
    server.expect_request(f"{path}/batch/get_by_user").respond_with_json(
        {"errcode": 0, "external_contact_list": [], "next_cursor": "", "fail_info": failed}
    )
    url = server.url_for("/")

    async def ask_later() -> tuple[Any, Any]:
        async with AsyncClient(credential=FixedToken(), base_url=url) as wecom:
            one = await wecom.customer.get(external_userid="wo1").first()
            return one, await wecom.customer.batch_get(userid_list=["lisi"]).first()

    with Client(credential=FixedToken(), base_url=url) as wecom:
        one = wecom.customer.get(external_userid="wo1").first()
        page = wecom.customer.batch_get(userid_list=["lisi"]).first()
        assert one.external_contact.name == "李四"
        assert page.failures == ["lisi"]
        with pytest.raises(errors.PartialFailure, match="lisi"):
            page.raise_for_failures()
        assert (one, page) == asyncio.run(ask_later())
        whole = wecom.customer.get(external_userid="wo1")
        assert list(whole) == []
        assert whole.first() == one
        with pytest.raises(StopIteration):
            next(whole.pages())


def test_a_file_comes_through_send_as_well(server: HTTPServer) -> None:
    server.expect_request("/cgi-bin/media/get").respond_with_data(
        b"\xff\xd8", content_type="image/jpeg"
    )
    call = catalog.CALLS["media.get"].call(media_id="m")
    with Client(credential=FixedToken(), base_url=server.url_for("/")) as wecom:
        assert wecom.send(call).content == b"\xff\xd8"


def test_no_list_of_failures_is_no_failure() -> None:
    for name, data in (
        ("id_convert.external_tagid", {"items": []}),
        ("id_convert.convert_tmp_external_userid", {"results": []}),
        ("id_convert.chatid", {"items": []}),
    ):
        result = catalog.CALLS[name].result
        assert result is not None
        reply: Any = codec.structure(data, result)
        assert reply.failures == []
        reply.raise_for_failures()
