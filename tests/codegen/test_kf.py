"""Another family of WeCom's, 微信客服, written from its pages: a package and not a line of Python."""

from pathlib import Path
from typing import Any

import pytest
from conftest import FixedToken, read_fixture
from packages import generate
from pytest_httpserver import HTTPServer
from replaying import Replay

KF = Path(__file__).parent / "kf"
FIXTURES = KF / "fixtures"
NAMES = [
    path.relative_to(FIXTURES).with_suffix("").as_posix() for path in sorted(FIXTURES.glob("*/*"))
]


@pytest.fixture(scope="module")
def kf(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package that is made of the spec."""
    return generate(KF / "spec", tmp_path_factory.mktemp("kf"), "wecom_kf")


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_client(
    name: str, player: HTTPServer, kf: Any
) -> None:
    Replay(kf, FIXTURES)(name, player)


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_sent_and_read_by_the_async_client(
    name: str, player: HTTPServer, kf: Any
) -> None:
    Replay(kf, FIXTURES).async_(name, player)


def test_every_call_has_a_fixture_and_every_paged_one_several_pages(kf: Any) -> None:
    pages: dict[str, int] = {}
    for name in NAMES:
        fixture = read_fixture(FIXTURES / f"{name}.json")
        pages[fixture["call"]] = max(pages.get(fixture["call"], 0), len(fixture["exchanges"]))
    assert pages.keys() == set(kf.catalog.CALLS)
    assert all(pages[name] > 1 for name, each in kf.catalog.CALLS.items() if each.paginate)


def test_every_variant_of_every_union_has_a_fixture(kf: Any) -> None:
    told = "".join((FIXTURES / f"{name}.json").read_text("utf-8") for name in NAMES)
    unions = {"msgtype": kf.Message, "event_type": kf.KfEvent, "type": kf.MenuItem}
    for key, union in [*unions.items(), ("msgtype", kf.Outgoing), ("msgtype", kf.OutgoingOnEvent)]:
        tagged = kf.codec.tagged(union)
        assert tagged.tag == key
        assert [tag for tag in tagged.variants if f'"{key}": "{tag}"' not in told] == []


def test_a_message_is_one_object_that_tells_what_it_is(kf: Any, player: HTTPServer) -> None:
    fixture = read_fixture(FIXTURES / "message/sync.events.json")
    replay = Replay(kf, FIXTURES)
    replay.play(player, fixture)
    call = replay.build(fixture)
    url = player.url_for("/")
    with kf.Client(credential=FixedToken(), base_url=url, strict=True, retry=None) as wecom:
        cursors = [page.next_cursor for page in replay.ask(wecom, call).pages()]
    assert cursors == ["c1", "c2", "c3"]
    entered, *others = (
        kf.codec.converter.structure(each, kf.Message) for each in replay.expected_items(fixture)
    )
    match entered:
        case kf.EnterSession(msgid=msgid, event_kfid=kfid, open_kfid=None, welcome_code=code):
            assert (msgid, code) == ("from_msgid_20", "aaaaaa")
            assert kfid.startswith("wk")
        case _:
            raise AssertionError(entered)
    recalls = [each for each in others if isinstance(each, kf.Recall)]
    assert [each.event_type for each in recalls] == [
        "user_recall_msg", "servicer_recall_msg", "user_recall_msg",
    ]  # fmt: skip
    assert recalls[-1].open_kfid == recalls[-1].event_kfid
    assert "welcome_code" not in repr(entered)


def test_what_the_pages_limit_is_refused_before_it_is_sent(kf: Any) -> None:
    def refused(call: Any) -> str:
        with pytest.raises(kf.errors.RefusedArgument) as caught:
            kf.codec.shared.encode(call)
        return str(caught.value)

    text = kf.OutgoingText(content="x")
    long = kf.OutgoingText(content="中" * 683)
    menu = kf.OutgoingMenu(list=[kf.MenuClick(content="")])
    media = kf.OutgoingMedia(msgtype="sticker", media_id="m")
    send = kf.MessageSend
    assert refused(send(touser="wm", open_kfid="wk", message=long)).startswith(
        "MessageSend.message.content: 2049 bytes"
    )
    assert refused(send(touser="wm", open_kfid="wk", message=menu)).startswith(
        "MessageSend.message.list[0].content: 0 characters"
    )
    assert refused(send(touser="wm", open_kfid="wk", message=text, msgid="a b")) == (
        "MessageSend.msgid: does not match [0-9a-zA-Z_-]*"
    )
    assert refused(send(touser="wm", open_kfid="wk", message=media)).startswith(
        "MessageSend.message.msgtype: 'sticker' is none of image, voice, video, file"
    )
    assert refused(kf.ContactWayAdd(open_kfid="wk", scene="中")).startswith("ContactWayAdd.scene")
    assert refused(kf.AccountUpdate(open_kfid="wk")).startswith("AccountUpdate: give at least one")


def test_an_event_says_that_there_are_messages(kf: Any) -> None:
    event = kf.events.parse(
        "<xml><ToUserName><![CDATA[ww12345678910]]></ToUserName><CreateTime>1348831860</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
        "<Token><![CDATA[ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR]]></Token>"
        "<OpenKfId><![CDATA[wkxxxxxxx]]></OpenKfId></xml>"
    )
    assert isinstance(event, kf.MessageArrived)
    assert event.open_kfid == "wkxxxxxxx"
    assert "ENCA" not in repr(event)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("message/send")])
def test_a_call_with_a_flat_union_travels_as_a_message(name: str, kf: Any) -> None:
    call = Replay(kf, FIXTURES).build(read_fixture(FIXTURES / f"{name}.json"))
    message = kf.codec.dump_call(call, check=False)
    assert "unknown" not in message
    assert kf.codec.load_call(message, check=False) == call
    message["data"]["colour"] = "red"
    with pytest.raises(kf.codec.DecodeError, match=r"colour: unknown field"):
        kf.codec.load_call(message, check=False)
