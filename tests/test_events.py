"""Events: every fixture in both envelopes, the way back, and what a hostile or surprising message does."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

import attrs
import defusedxml.common
import defusedxml.ElementTree
import pytest
from callback_support import CORP, FIXTURES, SUITE, Case, any_event, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from wecom_contact import catalog, codec, events
from wecom_contact._runtime.events import (
    NOT_XML,
    Event,
    UnknownEvent,
    read_any,
    read_event,
    read_loose,
    read_plain,
    wire_data,
    write_event,
    write_xml,
)
from wecom_contact.codec import Codec, DecodeError, shared
from wecom_contact.errors import RefusedArgument
from wecom_contact.events import (
    TABLE,
    AuthCreated,
    CustomerAdded,
    GroupChatUpdated,
    JoinScene,
    TagUpdated,
    UpdateDetail,
    dump,
    parse,
)

STRICT = Codec(strict=True)
HEAD = (
    f"<ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName>"
    "<CreateTime>1403610513</CreateTime><MsgType>event</MsgType>"
)


def message(family: str, change: str, *elements: str) -> str:
    names = f"<Event>{family}</Event><ChangeType>{change}</ChangeType>"
    return f"<xml>{HEAD}{names}{''.join(elements)}</xml>"


def added(**fields: Any) -> CustomerAdded:
    known = {"corp_id": CORP, "userid": "zhangsan", "external_userid": "wm1"}
    return CustomerAdded(**{"time": datetime(2014, 6, 24, tzinfo=UTC), **known, **fields})


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in cases()])
def test_every_fixture_becomes_its_event(case: Case) -> None:
    drift = case.data.get("drift")
    if drift:
        with pytest.raises(DecodeError, match=drift):
            read_event(case.xml, TABLE, STRICT)
    event = read_event(case.xml, TABLE, shared if drift else STRICT)
    assert type(event).__name__ == case.data["event"]
    assert (event.corp_id, event.suite_id) == (case.data["corp_id"], case.suite_id)
    assert event.time.timestamp() == case.data["time"]
    assert event.time.utcoffset() == timedelta(hours=8)
    envelope = {"corp_id", "suite_id", "time", "receiver", "extra"}
    fields = {each.alias: each for each in attrs.fields(type(event)) if each.alias not in envelope}
    said = {name: getattr(event, each.name) for name, each in fields.items()}
    plain = {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in said.items()
        if value is not None
    }
    assert plain == case.data["fields"]
    assert event.extra == {}
    assert parse(case.xml) == parse(case.xml.encode()) == event
    assert parse(write_event(event, TABLE)) == event
    assert parse(json.dumps(wire_data(event, TABLE))) == event


def test_every_event_has_a_fixture_with_a_source() -> None:
    found = [json.loads(path.read_text("utf-8")) for path in FIXTURES.glob("*.json")]
    assert {each["event"] for each in found} == {cls.__name__ for cls in TABLE.values()}
    assert all(each["source"] for each in found)


def test_both_envelopes_have_a_fixture_where_both_exist() -> None:
    """`only` in a fixture says that WeCom sends the event in one envelope, by the page that is its source."""
    found: dict[str, set[str]] = {}
    expected: dict[str, set[str]] = {}
    for path in FIXTURES.glob("*.json"):
        data = json.loads(path.read_text("utf-8"))
        name = data["event"]
        found.setdefault(name, set()).update(data.keys() & {"app", "suite"})
        only = {data["only"]} if "only" in data else {"app", "suite"}
        assert expected.setdefault(name, only) == only, f"the fixtures of {name} differ"
    assert found == expected


def test_codes_and_tickets_that_give_power_are_not_shown() -> None:
    powers = {"welcome_code", "auth_code", "suite_ticket", "chat_key", "once_key"}
    seen = set()
    for case in cases():
        event = parse(case.xml)
        for name in powers & {each for each, value in case.data["fields"].items() if value}:
            assert getattr(event, name) == case.data["fields"][name]
            assert case.data["fields"][name] not in repr(event), case.name
            seen.add((type(event).__name__, name))
    assert {name for _, name in seen} == powers
    assert ("PermanentCodeReset", "auth_code") in seen


def test_the_catalog_has_the_table() -> None:
    assert dict(catalog.EVENTS) == TABLE


def test_both_envelopes_say_the_same() -> None:
    by_name = {each.name: parse(each.xml) for each in cases()}
    for name, event in by_name.items():
        other = by_name.get(name.replace("-app", "-suite"))
        if name.endswith("-app") and other is not None:
            assert attrs.evolve(event, suite_id=other.suite_id) == other


@settings(max_examples=300, deadline=None)
@given(any_event)
def test_every_event_comes_back_as_it_was_written(event: Event) -> None:
    assert parse(write_event(event, TABLE)) == event


@settings(max_examples=300, deadline=None)
@given(any_event)
def test_round_trip_in_json(event: Event) -> None:
    assert parse(json.dumps(wire_data(event, TABLE))) == event


@given(any_event)
@settings(deadline=None)
def test_events_survive_a_queue(event: Event) -> None:
    assert codec.structure(codec.unstructure(event), type(event)) == event


@given(any_event, st.none() | st.text(min_size=1))
@settings(deadline=None)
def test_an_event_travels_whole_through_a_queue_of_text(event: Event, receiver: str | None) -> None:
    event.receiver = receiver
    back = parse(dump(event))
    assert (back, back.receiver, back.key) == (event, receiver, event.key)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_every_recorded_event_travels_whole(case: Case) -> None:
    assert parse(dump(parse(case.xml))) == parse(case.xml)


@pytest.mark.parametrize("broken", ["no XML at all", "<xml><Event>a</Event><Event>b</Event></xml>"])
def test_a_broken_message_travels_as_it_could_be_read(broken: str) -> None:
    event = parse(broken)
    assert (parse(dump(event)), parse(dump(event)).key) == (event, event.key)


def test_only_an_event_is_dumped() -> None:
    with pytest.raises(RefusedArgument, match="event: an event, not dict"):
        dump({})  # type: ignore[arg-type]  # refused


def test_match_gives_the_types_one_expects() -> None:
    event = parse(message("change_external_contact", "add_external_contact",
                          "<UserID>zhangsan</UserID><WelcomeCode>CODE</WelcomeCode>"))  # fmt: skip
    assert_type(event, Event)
    match event:
        case CustomerAdded(welcome_code=str(code), userid=userid):
            assert_type(code, str)
            assert_type(userid, str)
            assert (code, userid) == ("CODE", "zhangsan")
        case CustomerAdded(state=state):
            assert_type(state, str | None)
            pytest.fail("it has a code")
        case GroupChatUpdated(update_detail=UpdateDetail.ADD_MEMBER, members=[*members]):
            assert_type(members, list[str])
            pytest.fail("another event")
        case UnknownEvent(family=family, change=change, data=data):
            assert_type(family, str)
            assert_type(change, str | None)
            assert_type(data, dict[str, Any])
            pytest.fail("it is known")
        case _:
            pytest.fail("no match")


def test_unknown_events_are_passed_on() -> None:
    event = parse(message("change_external_contact", "of_next_year", "<New>1</New>",
                          "<List><Item>a</Item><Item>b</Item></List>"))  # fmt: skip
    assert event == UnknownEvent(
        corp_id=CORP,
        time=datetime.fromtimestamp(1403610513, UTC),
        family="change_external_contact",
        change="of_next_year",
        extra={"New": "1", "List": {"Item": ["a", "b"]}},
    )
    assert isinstance(event, UnknownEvent)
    assert event.data == event.extra


def test_messages_that_are_no_events_are_passed_on() -> None:
    event = parse(
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>lisi</FromUserName>"
        "<CreateTime>1403610513</CreateTime><MsgType>text</MsgType><Content>hi</Content></xml>"
    )
    assert isinstance(event, UnknownEvent)
    assert (event.family, event.change) == ("", None)
    assert event.data == {"FromUserName": "lisi", "MsgType": "text", "Content": "hi"}
    assert parse(write_event(event, TABLE)) == event


def test_unknown_fields_are_kept() -> None:
    xml = message("change_external_contact", "add_external_contact", "<UserID>a</UserID>",
                  "<ExternalUserID>b</ExternalUserID><New><Deep>1</Deep></New>")  # fmt: skip
    event = parse(xml)
    assert isinstance(event, CustomerAdded)
    assert event.extra == {"New": {"Deep": "1"}}
    assert parse(write_event(event, TABLE)) == event
    with pytest.raises(DecodeError, match="New: unknown field"):
        read_event(xml, TABLE, STRICT)


@pytest.mark.parametrize(
    "element",
    [
        "<MemChangeCnt>many</MemChangeCnt>",
        "<ChatId><Deep>1</Deep></ChatId>",
        "<ChatId>1</ChatId><ChatId>2</ChatId>",
        "<MemChangeList><Item><Id>1</Id></Item></MemChangeList>",
    ],
)
def test_a_field_that_does_not_fit_does_not_cost_the_event(element: str) -> None:
    xml = message("change_external_chat", "update", element)
    event = parse(xml)
    assert isinstance(event, GroupChatUpdated)
    assert event.extra, "what came is kept"
    assert parse(write_event(event, TABLE)) == event
    with pytest.raises(DecodeError):
        read_event(xml, TABLE, STRICT)


def test_enums_are_open() -> None:
    event = parse(message("change_external_chat", "update", "<ChatId>c</ChatId>",
                          "<UpdateDetail>change_colour</UpdateDetail><JoinScene>9</JoinScene>"))  # fmt: skip
    assert isinstance(event, GroupChatUpdated)
    assert event.update_detail == "change_colour"
    assert event.update_detail.name == "UNKNOWN_change_colour"
    assert event.join_scene is not None
    assert event.join_scene == 9
    assert JoinScene(3) is JoinScene.QR_CODE


@pytest.mark.parametrize(
    ("written", "members"),
    [
        ("<MemChangeList><Item>a</Item><Item>b</Item></MemChangeList>", ["a", "b"]),
        ("<MemChangeList><Item>a</Item></MemChangeList>", ["a"]),
        ("<MemChangeList><Item></Item></MemChangeList>", [""]),
        ("<MemChangeList>a</MemChangeList>", ["a"]),
        ("<MemChangeList/>", []),
        ("<MemChangeList> </MemChangeList>", []),
        ("<MemChangeList><Other>a</Other></MemChangeList>", []),
        ("", None),
    ],
)
def test_a_list_is_a_list(written: str, members: list[str] | None) -> None:
    event = parse(message("change_external_chat", "update", written))
    assert isinstance(event, GroupChatUpdated)
    assert event.members == members


@pytest.mark.parametrize("written", ['["a"]', '{"Item": ["a"]}', '{"Item": "a"}', "null"])
def test_a_list_in_json_is_a_list(written: str) -> None:
    event = parse(
        '{"ToUserName": "c", "CreateTime": 1, "Event": "change_external_chat", '
        f'"ChangeType": "update", "MemChangeList": {written}}}'
    )
    assert isinstance(event, GroupChatUpdated)
    assert event.members == (None if written == "null" else ["a"])


def test_nested_elements_and_repeated_ones() -> None:
    event = parse(
        "<xml><InfoType>create_auth</InfoType><AuthCode>code</AuthCode><A>1</A><A>2</A><A>3</A>"
        "<ExtraInfo> <B> <C>1</C> </B> </ExtraInfo></xml>"
    )
    assert isinstance(event, AuthCreated)
    assert event.extra_info == {"B": {"C": "1"}}
    assert event.extra == {"A": ["1", "2", "3"]}
    assert event.time.timestamp() == 0


@pytest.mark.parametrize(
    ("written", "family", "kept"),
    [
        ("<Event>a</Event><Event>b</Event>", "a", ["a", "b"]),
        ("<Event>a</Event><Event>a</Event>", "a", None),
        ("<Event><A>1</A></Event>", "", {"A": "1"}),
    ],
)
def test_an_event_that_is_not_a_single_word(written: str, family: str, kept: Any) -> None:
    event = parse(f"<xml>{HEAD}{written}</xml>")
    assert isinstance(event, UnknownEvent)
    assert (event.family, event.data.get("Event")) == (family, kept)
    assert (event.corp_id, event.time.timestamp()) == (CORP, 1403610513)
    assert parse(write_event(event, TABLE)) == event


def test_a_list_of_no_events_in_json_is_an_unknown_event() -> None:
    event = parse('{"Event": [], "ToUserName": "c", "CreateTime": 1}')
    assert isinstance(event, UnknownEvent)
    assert (event.family, event.corp_id, event.data) == ("", "c", {"Event": []})


def test_blanks_around_the_words_that_tell_an_event_do_not_count() -> None:
    for word in ("Event", "ChangeType"):
        xml = message("change_external_chat", "update").replace(f"<{word}>", f"<{word}> ")
        assert isinstance(parse(xml), GroupChatUpdated)


def test_a_message_with_the_words_of_both_envelopes_loses_neither() -> None:
    xml = message("change_external_chat", "update", "<InfoType>x</InfoType>")
    event = parse(xml)
    assert isinstance(event, GroupChatUpdated)
    assert event.extra == {"InfoType": "x"}
    event = parse(xml.replace("Event>", "Kind>").replace(">x<", ">change_external_chat<"))
    assert isinstance(event, GroupChatUpdated)
    assert (event.corp_id, event.suite_id, event.time.timestamp()) == (CORP, "", 1403610513)


@pytest.mark.parametrize("name", ["ToUserName", "SuiteId", "ChangeType"])
@pytest.mark.parametrize("values", [("a", "b"), ("<B>1</B>",)])
def test_a_word_of_the_envelope_in_another_form(name: str, values: tuple[str, ...]) -> None:
    elements = "".join(f"<{name}>{each}</{name}>" for each in values)
    event = parse(f"<xml><Event>x</Event><CreateTime>1</CreateTime>{elements}</xml>")
    assert isinstance(event, UnknownEvent)
    found = {"ToUserName": event.corp_id, "SuiteId": event.suite_id, "ChangeType": event.change}
    assert found[name] == ("a" if len(values) == 2 else "" if name == "ToUserName" else None)
    assert event.data == {name: ["a", "b"] if len(values) == 2 else {"B": "1"}}
    assert parse(write_event(event, TABLE)) == event


@pytest.mark.parametrize(
    "written",
    ["<ChangeType/>", "<ChangeType></ChangeType>", "<ChangeType><![CDATA[]]></ChangeType>"],
)
def test_an_empty_change_is_none(written: str) -> None:
    names = {name: cls for (name, change), cls in TABLE.items() if change is None}
    assert names
    for name, cls in names.items():
        bare = f"<xml><SuiteId>s</SuiteId><InfoType>{name}</InfoType><TimeStamp>1</TimeStamp>"
        assert isinstance(parse(f"{bare}{written}</xml>"), cls)
        assert parse(f"{bare}{written}</xml>") == parse(f"{bare}</xml>")


# Hostile messages: one kind of exception, whatever is wrong.

LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{"&" + a + ";" * 1}{("&" + a + ";") * 9}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><xml><A>&i;</A></xml>"
)  # fmt: skip
DOCTYPES = {
    "laughs": LAUGHS,
    "file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><A>&f;</A></xml>',
    "remote": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><xml><A>1</A></xml>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><xml><A>1</A></xml>',
    "empty": "<!DOCTYPE x><xml><A>1</A></xml>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("name", DOCTYPES)
def test_a_doctype_is_refused_in_every_encoding(name: str, encoding: str) -> None:
    with pytest.raises(DecodeError, match="DOCTYPE|no XML"):
        parse(DOCTYPES[name].encode(encoding))
    with pytest.raises(DecodeError, match="DOCTYPE"):
        parse(DOCTYPES[name])


@pytest.mark.parametrize("name", DOCTYPES)
def test_defusedxml_refuses_the_same_doctypes(name: str) -> None:
    with pytest.raises(defusedxml.common.DTDForbidden):
        defusedxml.ElementTree.fromstring(DOCTYPES[name], forbid_dtd=True)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "gbk"])
def test_other_encodings_are_read(encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><xml><Event>x</Event><A>é</A></xml>'
    written = xml.encode(encoding, "replace")
    if encoding == "gbk":
        # It has no é: a question mark.
        xml = xml.replace("é", "中")
        assert parse(xml.encode(encoding)).extra == {"A": "中"}
    else:
        assert parse(written).extra == {"A": "é"}


@pytest.mark.parametrize(
    "nothing", ["", "<xml>", "<xml/>", "<xml></xml>", " \n", b"\xff\xfe", "\ufeff<xml />"]
)
def test_a_message_that_holds_nothing_is_refused(nothing: str | bytes) -> None:
    with pytest.raises(DecodeError, match="an empty message"):
        parse(nothing)


@pytest.mark.parametrize(
    "message",
    ["<a>" * 9, "<a>" * 100_000, '{"a": ' * 9 + "1" + "}" * 9, '{"a": ' + "[" * 200_000],
    ids=range(4),
)
def test_a_message_too_deep_is_refused(message: str) -> None:
    with pytest.raises(DecodeError, match="more than 8 levels deep"):
        parse(message)


@pytest.mark.parametrize("dirt", ["\x00", "&nbsp;", "<b>", "</i>", "<", "&", "\ud800"])
def test_a_doctype_is_refused_behind_any_dirt(dirt: str) -> None:
    for doctype in ("<!DOCTYPE x>", "<!doctype x>"):
        with pytest.raises(DecodeError, match="DOCTYPE"):
            parse(f"<xml>{dirt}{doctype}<A>1</A></xml>")


def test_the_wrong_kind_of_message_is_a_refused_argument() -> None:
    wrong: Any = None
    with pytest.raises(RefusedArgument, match="parse.message: text or bytes, not NoneType"):
        parse(wrong)


@pytest.mark.parametrize(
    "written",
    [
        "text",
        "<xml>text</xml>",
        "{",
        "[1]",
        "[]",
        "null",
        '{"a"',
        '[{"Event": "x"}, {"Event": "y"}]',
        "{}",
        "<" * 9,
        "&#xD800;",
        " text\n",
        "\ufffd",
        "<!-- a -->",
    ],
)
def test_a_message_without_elements_is_handed_on_as_it_is(written: str) -> None:
    event = parse(written)
    assert event == UnknownEvent(time=datetime.fromtimestamp(0, UTC), extra={"#text": written})
    assert parse(write_event(event, TABLE)) == event
    assert parse(json.dumps(wire_data(event, TABLE))) == event


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("<A>&undefined;</A>", {"A": "&undefined;"}),
        ("<A>a & b</A>", {"A": "a & b"}),
        ("<A>&bad; &lt;&#65;&#x42;&#xD800;&#1114112;</A>", {"A": "&bad; <AB\ufffd\ufffd"}),
        ("<A>\x00</A>", {"A": "\ufffd"}),
        ("<A><![CDATA[\x1b]]></A>", {"A": "\ufffd"}),
        ("<A>\ud83d\ude00\ud83d</A>", {"A": "😀\ufffd"}),
        ("<A>1 < 2</A>", {"A": "1 < 2"}),
        ("<A>1</B><C>2</C>", {"A": "1", "C": "2"}),
        ("<L><I>1</L><C>2</C>", {"L": {"I": "1"}, "C": "2"}),
        ("</B><A>1</A></B>", {"A": "1"}),
        ("<A>1</A></xml><xml>", {"A": "1"}),
        ("<A/><B>&<!-- <C> --><?p <C>?></B>", {"A": "", "B": "&"}),
        ("<A>1</A><B><![CDATA[2", {"A": "1", "B": "2</xml>"}),
        ("<A>1</A><B>2</B", {"A": "1", "B": "2"}),
        ("<A b='1>2</A>", {"A": "2"}),
        ("<A>1\r2\r\n3</A><B>&</B>", {"A": "1\n2\n3", "B": "&"}),
    ],
)  # fmt: skip
def test_what_is_no_proper_xml_is_read_as_far_as_it_goes(body: str, data: dict[str, Any]) -> None:
    xml = f"<xml><Event>x</Event>{body}</xml>"
    event = parse(xml)
    assert isinstance(event, UnknownEvent)
    # What a reader cannot be sure of is kept as it came, too.
    proper = "#text" not in event.data
    assert proper or event.data.pop("#text") == xml
    assert proper == is_proper(xml)
    assert (event.family, event.data) == ("x", data)


def is_proper(xml: str) -> bool:
    try:
        defusedxml.ElementTree.fromstring(NOT_XML.sub("\ufffd", xml))
    except defusedxml.ElementTree.ParseError:
        return False
    return True


def test_a_broken_message_can_be_written_as_it_came() -> None:
    event = parse("<xml><Event>x</Event><A>1<b>2</A></xml> and more")
    assert isinstance(event, UnknownEvent)
    assert event.data == {
        "A": {"b": "2"},
        "#text": "<xml><Event>x</Event><A>1<b>2</A></xml> and more",
    }
    assert parse(write_event(event, TABLE)) == parse(json.dumps(wire_data(event, TABLE))) == event


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("\n<![CDATA[a]]>\n", "a"),
        (" \t\r\n <![CDATA[ a\n]]>", " a\n"),
        ("<![CDATA[a]]><![CDATA[b]]>", "ab"),
        ("<![CDATA[a]]>\n<![CDATA[b]]>", "ab"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("\n<![CDATA[]]>\n", ""),
        ("\n", ""),
        ("\n a b \n", "a b"),
        (" a ", " a "),
        ("<!-- c -->\n<![CDATA[a]]><?p i?>", "a"),
        ("a &amp; <![CDATA[b]]> c", "a & b c"),
    ],
)  # fmt: skip
def test_blanks_around_cdata_are_layout(written: str, value: str) -> None:
    xml = message(
        "change_external_chat", "update", f"<ChatId>{written}</ChatId>",
        f"\n<MemChangeList>\n<Item>{written}</Item>\n</MemChangeList>",
    )  # fmt: skip
    event = parse(xml)
    assert isinstance(event, GroupChatUpdated)
    assert (event.chat_id, event.members) == (value, [value])


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1403610513", 1403610513),
        ("1403610513000", 1403610513),
        ("<![CDATA[ 1403610513 ]]>", 1403610513),
        ("100000000000", 10**11),
        ("100000000001", 10**8),
        ("soon", None),
        ("-1", None),
        ("0", 0),
        ("9" * 15, None),
        ("100000000000000", 10**11),
        ("000001403610513", 1403610513),
        ("0000001403610513", None),
        ("9" * 5_000, None),
        ("１２３", None),
        ("<A>1</A>", None),
        ("", 0),
    ],
)
@pytest.mark.parametrize("form", ["app", "suite"])
def test_a_time_of_any_form_costs_no_event(form: str, written: str, seconds: int | None) -> None:
    if form == "app":
        xml = f"<xml><ToUserName>c</ToUserName><CreateTime>{written}</CreateTime><Event>change_external_contact</Event>"
    else:
        xml = f"<xml><AuthCorpId>c</AuthCorpId><TimeStamp>{written}</TimeStamp><InfoType>change_external_contact</InfoType>"
    for change, cls in (("add_external_contact", CustomerAdded), ("of_next_year", UnknownEvent)):
        event = parse(f"{xml}<ChangeType>{change}</ChangeType></xml>")
        assert isinstance(event, cls)
        assert (event.corp_id, event.time.timestamp()) == ("c", seconds or 0)
        assert ("CreateTime" in event.extra) == (seconds is None)
        assert parse(write_event(event, TABLE)) == event


def test_events_at_unreadable_times_are_told_apart() -> None:
    xml = message("change_external_chat", "update", "<ChatId>1</ChatId>")
    keys = {parse(xml.replace("1403610513", when)).key for when in ("soon", "later")}
    assert len(keys) == 2


@pytest.mark.parametrize(
    "written",
    [
        '\ufeff{"Event": "x", "A": "1"}',
        '[{"Event": "x", "A": "1"}]',
        '\n{"Event": "x",\n"A": "1"}',
        ' {"Event": "x", "A": "1"}',
        '\ufffd{"Event": "x", "A": "1"}\x00',
    ],
)
def test_json_may_have_something_around(written: str) -> None:
    for form in (written, written.encode()):
        event = parse(form)
        assert isinstance(event, UnknownEvent)
        assert (event.family, event.data) == ("x", {"A": "1"})


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b'"a\x08b\n"', "a\ufffdb\n"),
        (b'"\\ud83d\\ude00 \\ud83d"', "😀 \ufffd"),
        (b'{"\\ud83d": "\\ude00"}', {"\ufffd": "\ufffd"}),
        (b'"\xed\xa0\xbd\xed\xb8\x80"', "😀"),
        (b'"\xe4\xb8"', "\ufffd"),
        (b"[NaN, Infinity, 1e400]", ["NaN", "Infinity", "Infinity"]),
        (b'[1.5, 2, 1e3, "\n"]', [1.5, 2, 1000.0, "\n"]),
        (b"[%s, 7]" % (b"9" * 5000), ["9" * 5000, 7]),
        (b"null", None),
    ],
)
def test_json_that_is_not_quite_right_is_read(written: bytes, value: Any) -> None:
    event = parse(b'{"Event": "x", "CreateTime": 1, "A": ' + written + b"}")
    assert isinstance(event, UnknownEvent)
    assert event.data == {"A": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"\xe4\xb8", "\ufffd"),
        (b"a\xffb", "a\ufffdb"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "😀"),
        (b"\xed\xa0\xbd\xed\xb8\x80\xff", "😀\ufffd"),
    ],
)
def test_broken_utf_8_is_read(written: bytes, value: str) -> None:
    assert parse(b"<xml><Event>x</Event><A>" + written + b"</A></xml>").extra == {"A": value}


# Dirt that touches no value, and dirt that may.

Dirt = Callable[[str, int], str]


def between(text: str, at: int, more: str) -> str:
    """Put something between two elements."""
    places = [found.end() for found in re.finditer(r"<xml>|</\w+>(?=\s*<)(?!.{0,3}\Z)", text)]
    places = [place for place in places if "</xml>" in text[place:]]
    place = places[at % len(places)] if places else 0
    return text[:place] + more + text[place:]


def split(text: str, at: int) -> str:
    """Split one CDATA in two."""
    found = list(re.finditer(r"<!\[CDATA\[([^\]]*)\]\]>", text))
    if not found:
        return text
    one = found[at % len(found)]
    place = one.start(1) + at % (len(one[1]) + 1)
    return f"{text[:place]}]]><![CDATA[{text[place:]}"


def with_attribute(text: str, at: int) -> str:
    names = list(re.finditer(r"<[A-Za-z]+(?=>)", text))
    place = names[at % len(names)].end() if names else 0
    return (
        f'{text[:place]} type="a>b"{text[place:]}'
        if at % 2
        else f'{text[:place]} a=""{text[place:]}'
    )


def twice(text: str, at: int) -> str:
    """Repeat an element of the envelope."""
    found = list(
        re.finditer(
            r"<(Event|InfoType|ChangeType|CreateTime|TimeStamp|ToUserName|SuiteId)\b[^>]*>(?:(?!<!\[)[^<]|<!\[CDATA\[[^\]]*\]\]>)*</\1>",
            text,
        )
    )
    return between(text, 0, found[at % len(found)][0]) if found else text


def milliseconds(text: str, at: int) -> str:
    return re.sub(r"\b1403610513\b", "1403610513000", text)


def put_before(more: str) -> Dirt:
    return lambda text, at: text if "<?xml" in text else more + text


HARMLESS: list[Dirt] = [
    *(put_before(f'<?xml version="1.0" encoding="{name}"?>\n') for name in ("UTF-8", "utf-16", "none")),
    lambda text, at: between(text, at, "<!-- a <b> &c; -->"),
    lambda text, at: between(text, at, "<?php echo 1 ?>"),
    lambda text, at: between(text, at, "\r\n\t "),
    lambda text, at: between(text, at, "\x00\x08\ufffe"),
    lambda text, at: between(text, at, "&nbsp;"),
    lambda text, at: re.sub(r"(?<!\])(<!\[CDATA\[[^\]]*\]\]>)", "\n\t\\1\r\n", text),
    lambda text, at: text.replace("<![CDATA[", " <![CDATA[").replace("]]></", "]]>\n</"),
    split,
    with_attribute,
    twice,
    milliseconds,
    lambda text, at: f"\ufeff{text.removeprefix(chr(0xFEFF))}\n\x00",
]  # fmt: skip


def cut(text: str, at: int) -> str:
    place = at % len(text)
    return text[:place] + text[place + 1 + at % 7 :]


def put_in(more: str) -> Dirt:
    return lambda text, at: text[: at % len(text)] + more + text[at % len(text) :]


HARMFUL: list[Dirt] = [
    cut,
    *map(put_in, ("\x00", "\x1b", "\ud83d", "\ude00", "&", "&bad;", "<", ">", "]]>", "<![CDATA[")),
    *map(put_in, ("<!--", "<?", "<A>", "</A>", "<Event>x</Event>", "&#xD800;", "{", "\ufeff", "中")),
    lambda text, at: text.replace("1403610513", ["soon", "-1", "9" * 40, "", "1e9", "<A>1</A>"][at % 6]),
]  # fmt: skip

XML_CASES = list(cases())
dirt = st.lists(st.tuples(st.sampled_from(HARMLESS), st.integers(0, 999)), max_size=5)


def soiled(text: str, changes: list[tuple[Dirt, int]]) -> str:
    for change, at in changes:
        text = change(text, at)
    return text


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(XML_CASES), dirt, st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_dirt_that_touches_no_value_changes_no_event(
    case: Case, changes: list[tuple[Dirt, int]], encoding: str
) -> None:
    text = soiled(case.xml, changes)
    assert parse(text) == parse(text.encode(encoding)) == parse(case.xml)


def strings(value: Any) -> Iterator[str]:
    """Every string in JSON data."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def outcome(message: str | bytes) -> Event | str:
    try:
        return parse(message)
    except DecodeError as error:
        return error.what


anything = st.lists(
    st.tuples(st.sampled_from(HARMLESS + HARMFUL), st.integers(0, 9_999)), max_size=6
)


@settings(max_examples=1_000, deadline=None)
@given(
    st.sampled_from(XML_CASES),
    anything,
    st.binary(max_size=4),
    st.integers(0, 9_999),
    st.booleans(),
)
def test_no_dirt_costs_an_event(
    case: Case, changes: list[tuple[Dirt, int]], noise: bytes, at: int, in_json: bool
) -> None:
    if in_json:
        text = soiled(
            json.dumps(wire_data(parse(case.xml), TABLE)),
            [each for each in changes if each[0] in HARMFUL],
        )
    else:
        text = soiled(case.xml, changes)
    written = text.encode("utf-8", "surrogatepass")
    place = at % (len(written) + 1)
    for message in (text, written[:place] + noise + written[place:]):
        event = outcome(message)
        if event == "more than 8 levels deep":
            continue
        assert isinstance(event, Event), event
        assert event.key
        for each in strings(codec.unstructure(event)):
            each.encode()


def test_json_may_lie_as_deep_as_xml() -> None:
    deep = '{"Event": "x", "a": ' + '{"a": ' * 6 + "[1]" + "}" * 7
    assert isinstance(parse(deep), UnknownEvent)


letters = st.text("abé 中\t\n\r&;<>]![CDATA", max_size=12)
shapes = st.sampled_from(["<{0}>{1}</{0}>", "<{0}><![CDATA[{1}]]></{0}>", " <{0}>{1}</{0}>\n"])
pieces = st.builds(str.format, shapes, st.sampled_from("ABC"), letters)


@settings(max_examples=2_000, deadline=None)
@given(st.lists(pieces, max_size=4))
def test_the_short_way_reads_what_expat_reads(parts: list[str]) -> None:
    for xml in (f"<xml>{''.join(parts)}</xml>", f"<xml>\n<L> {''.join(parts)}\n</L></xml>"):
        plain = read_plain(xml)
        if plain:
            assert read_any(xml) == read_loose(xml) == plain


proper = st.recursive(
    st.builds(str.format, shapes, st.sampled_from("ABC"), st.text("abé 中\t\n;![DATA", max_size=12)),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda each: f"<L>{''.join(each)}</L>"),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(proper, min_size=1, max_size=4))
def test_what_reads_anything_reads_proper_xml_as_expat_does(parts: list[str]) -> None:
    xml = f"<?xml version='1.0'?><xml>{'<!-- a -->'.join(parts)}&amp;</xml>"
    assert read_loose(xml) == read_any(xml)


def test_what_has_more_to_it_goes_the_long_way() -> None:
    assert read_plain("<xml><A>1</A></xml>\n") == {"A": "1"}
    for xml in ("<?xml?><xml/>", "<xml><A>1</A><A>2</A></xml>", "<xml><A>1</A>", "<xml><A/></xml>"):
        assert read_plain(xml) is None


# Keys, times, and the way back.


def test_repeats_have_the_same_key() -> None:
    for case in cases():
        assert parse(case.xml).key == parse(case.xml).key
        assert parse(case.xml).key == parse(write_event(parse(case.xml), TABLE)).key


def test_other_events_have_other_keys() -> None:
    keys = {parse(case.xml).key for case in cases()}
    assert len(keys) == sum(1 for _ in cases())
    # One operation on several tags gives several events in the same second.
    tags = {
        parse(message("change_external_tag", "update", f"<Id>{tag}</Id><TagType>tag</TagType>")).key
        for tag in range(100)
    }
    assert len(tags) == 100
    event = added()
    different = [
        attrs.evolve(event, corp_id="ww2"),
        attrs.evolve(event, suite_id=SUITE),
        attrs.evolve(event, suite_id=""),
        attrs.evolve(event, time=event.time + timedelta(seconds=1)),
        attrs.evolve(event, state=""),
        attrs.evolve(event, extra={"New": "1"}),
    ]
    assert len({each.key for each in (event, *different)}) == 7


def test_the_receiver_is_no_part_of_an_event() -> None:
    event = added()
    same = attrs.evolve(event, receiver=CORP)
    assert (same, same.key, write_event(same, TABLE)) == (
        event,
        event.key,
        write_event(event, TABLE),
    )


@given(any_event)
@settings(deadline=None)
def test_any_event_has_a_key(event: Event) -> None:
    assert event.key == parse(write_event(event, TABLE)).key


def test_a_number_of_any_size_has_a_key() -> None:
    event = parse(
        message("change_external_chat", "update", f"<MemChangeCnt>{'9' * 99}</MemChangeCnt>")
    )
    assert event.key


def test_a_welcome_has_twenty_seconds() -> None:
    event = added(welcome_code="CODE")
    assert event.welcome_deadline == event.time + timedelta(seconds=20)
    assert added().welcome_deadline is None
    assert added(welcome_code="").welcome_deadline is None
    assert TagUpdated(time=event.time, id="t", tag_type=events.TagType.TAG).welcome_deadline is None


def test_times_are_whole_seconds_in_beijing() -> None:
    event = added(time=datetime(2026, 1, 1, 0, 0, 0, 999, tzinfo=UTC))
    assert event.time.isoformat() == "2026-01-01T08:00:00+08:00"
    with pytest.raises(ValueError, match="^CustomerAdded.time: .* has no time zone"):
        added(time=datetime(2026, 1, 1))
    for wrong in (None, 5, "2026-01-01"):
        with pytest.raises(RefusedArgument, match="CustomerAdded.time: an aware datetime, not"):
            added(time=wrong)


def test_what_is_written_looks_like_wecoms() -> None:
    event = added(time=datetime.fromtimestamp(1403610513, UTC), state="<&")
    assert write_event(event, TABLE) == (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        "<FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1403610513</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event>"
        "<ChangeType><![CDATA[add_external_contact]]></ChangeType>"
        "<UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[wm1]]></ExternalUserID>"
        "<State><![CDATA[<&]]></State></xml>"
    )
    assert write_event(attrs.evolve(event, suite_id=SUITE, state=None), TABLE) == (
        f"<xml><SuiteId><![CDATA[{SUITE}]]></SuiteId><AuthCorpId><![CDATA[{CORP}]]></AuthCorpId>"
        "<InfoType><![CDATA[change_external_contact]]></InfoType><TimeStamp>1403610513</TimeStamp>"
        "<ChangeType><![CDATA[add_external_contact]]></ChangeType>"
        "<UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[wm1]]></ExternalUserID></xml>"
    )
    pushed = events.SuiteTicketPushed(suite_id=SUITE, time=event.time, suite_ticket="t")
    assert write_event(pushed, TABLE) == (
        f"<xml><SuiteId><![CDATA[{SUITE}]]></SuiteId><InfoType><![CDATA[suite_ticket]]></InfoType>"
        "<TimeStamp>1403610513</TimeStamp><SuiteTicket><![CDATA[t]]></SuiteTicket></xml>"
    )


def test_what_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="a character that XML cannot hold"):
        write_event(added(state="\x00"), TABLE)
    for name in ("a b", "", "1a", "-a", "a<", "a:b"):
        with pytest.raises(ValueError, match="not the name of an XML element"):
            write_xml({name: "1"})
    with pytest.raises(RefusedArgument, match="Event is not in the table") as caught:
        write_event(Event(time=datetime.now(UTC)), TABLE)
    assert caught.value.path == "event"
    nameless = UnknownEvent(corp_id=CORP, time=datetime.fromtimestamp(1, UTC), family="")
    assert "Event" not in write_event(nameless, TABLE), "what it does not have is not written"
    assert "SuiteId" not in write_event(attrs.evolve(nameless, suite_id=""), TABLE)


def test_json_values_can_be_written_as_xml() -> None:
    event = parse('{"Event": "x", "CreateTime": 1, "A": null, "B": 1.5, "C": [1, "2"]}')
    assert parse(write_event(event, TABLE)).extra == {"A": "", "B": "1.5", "C": ["1", "2"]}
