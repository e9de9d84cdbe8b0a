"""The contract: every recorded conversation, played in order by a real server to both clients."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import wecom_contact
from conftest import FIXTURES, FixedToken, fixture_paths, read_fixture
from pytest_httpserver import HTTPServer
from replaying import Replay
from wecom_contact import AsyncClient, Client, catalog, codec, errors

NAMES = [path.relative_to(FIXTURES).with_suffix("").as_posix() for path in fixture_paths()]
REPLAY = Replay(wecom_contact, FIXTURES)


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_client(name: str, player: HTTPServer) -> None:
    REPLAY(name, player)


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_async_client(name: str, player: HTTPServer) -> None:
    REPLAY.async_(name, player)


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


def test_first_is_the_whole_reply(player: HTTPServer) -> None:
    """What stands beside the items of a page is there, and a page's failures, too."""
    path = "/cgi-bin/externalcontact"
    customer = {"external_userid": "wo1", "name": "李四", "type": 1, "avatar": ""}
    player.expect_request(f"{path}/get").respond_with_json(
        {"errcode": 0, "errmsg": "ok", "external_contact": customer, "follow_user": []}
    )
    failed = {"unlicensed_userid_list": ["lisi"]}
    player.expect_request(f"{path}/batch/get_by_user").respond_with_json(
        {"errcode": 0, "external_contact_list": [], "next_cursor": "", "fail_info": failed}
    )
    url = player.url_for("/")

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


def test_a_file_comes_through_send_as_well(player: HTTPServer) -> None:
    player.expect_request("/cgi-bin/media/get").respond_with_data(
        b"\xff\xd8", content_type="image/jpeg"
    )
    call = catalog.CALLS["media.get"].call(media_id="m")
    with Client(credential=FixedToken(), base_url=player.url_for("/")) as wecom:
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
