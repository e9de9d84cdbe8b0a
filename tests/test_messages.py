"""Calls as messages: nothing is lost on the way through a queue, and nothing is guessed at its end."""

import json
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from attrs import define
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu import serialization
from models import models
from wecom_contact import catalog, codec
from wecom_contact._runtime.model import BESIDE, Call, Endpoint, Unknown
from wecom_contact._runtime.secrets import NAMES
from wecom_contact.codec import DecodeError, Fault, wire_fields
from wecom_contact.contact_way import ContactWayAdd, ContactWayType
from wecom_contact.customer import CustomerBatchGet, CustomerGet
from wecom_contact.errors import RefusedArgument
from wecom_contact.group_msg import GroupMsgAddTemplate
from wecom_contact.statistics import StatisticsGroupChat
from wecom_contact.types import LinkAttachment
from wecom_contact.welcome import WelcomeSend

CALLS = {name: endpoint for name, endpoint in catalog.CALLS.items() if not endpoint.upload}
UPLOADS = {name: endpoint for name, endpoint in catalog.CALLS.items() if endpoint.upload}


def every_call(name: str) -> st.SearchStrategy[Call[Any]]:
    """Calls of an endpoint, with unknown fields, tags and values now and then, whatever the limits."""
    return models(CALLS[name].call)


def refusal_of(act: Callable[[], object]) -> str:
    """Why it is refused; nothing if it is not."""
    try:
        act()
    except RefusedArgument as error:
        return str(error)
    return ""


def is_plain(data: Any) -> bool:
    """Whether it is what a JSON reader makes, and no subclass of it."""
    if type(data) is dict:
        return all(type(key) is str and is_plain(value) for key, value in data.items())
    if type(data) is list:
        return all(map(is_plain, data))
    return data is None or type(data) in (str, int, float, bool)


@pytest.mark.parametrize("name", CALLS)
def test_every_call_comes_back_from_json_as_it_was(name: str) -> None:
    @settings(
        max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(every_call(name))
    def round_trip(call: Call[Any]) -> None:
        message = codec.dump_call(call, check=False)
        assert is_plain(message)
        assert codec.load_call(json.loads(json.dumps(message)), check=False) == call
        assert pickle.loads(pickle.dumps(call)) == call

    round_trip()


def test_only_uploads_are_not_carried() -> None:
    assert set(UPLOADS) == {"media.upload", "media.upload_image", "media.upload_attachment"}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_checked_on_the_way_in_is_checked_as_in_a_client(name: str) -> None:
    @settings(
        max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(every_call(name))
    def same_answer(call: Call[Any]) -> None:
        message = codec.dump_call(call, check=False)
        refusal = refusal_of(lambda: codec.shared.encode(call))
        assert refusal_of(lambda: codec.dump_call(call)) == refusal
        assert refusal_of(lambda: codec.load_call(message)) == refusal
        if not refusal:
            assert codec.dump_call(call) == message
            assert codec.load_call(message) == call

    same_answer()


def find_required_fields() -> Iterator[tuple[str, str]]:
    """Each field that a call must have."""
    for name, endpoint in CALLS.items():
        for _, key, shape in wire_fields(endpoint.call):
            if not shape.optional:
                yield name, key


REQUIRED = list(find_required_fields())


def test_there_are_calls_with_required_fields() -> None:
    assert len(REQUIRED) > 80


@pytest.mark.parametrize(("name", "key"), REQUIRED)
def test_a_required_field_that_is_missing_is_an_error_with_its_path(name: str, key: str) -> None:
    cls = CALLS[name].call

    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(every_call(name), st.booleans())
    def refused(call: Call[Any], null: bool) -> None:
        message = codec.dump_call(call, check=False)
        del message["data"][key]
        if null:
            message["data"][key] = None
        with pytest.raises(DecodeError) as refusal:
            codec.load_call(message)
        assert refusal.value.path == f"{cls.__name__}.{key}"
        assert refusal.value.fault is Fault.MISSING
        assert refusal.value.what == "is required"

    refused()


@pytest.mark.parametrize("name", CALLS)
def test_a_field_of_another_type_or_an_unknown_one_is_an_error_with_its_path(name: str) -> None:
    cls = CALLS[name].call
    fields = list(wire_fields(cls))

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(every_call(name))
    def refused(call: Call[Any]) -> None:
        message = codec.dump_call(call, check=False)
        for _, key, shape in fields:
            if shape.inner is Any:
                continue
            wrong: Any = {"a": 1} if shape.many or shape.inner in (str, int, bool) else [[1]]
            damaged = {**message, "data": {**message["data"], key: wrong}}
            with pytest.raises(DecodeError, match="is not a|is neither true nor false") as refusal:
                codec.load_call(damaged, check=False)
            assert refusal.value.path.startswith(f"{cls.__name__}.{key}")
            assert refusal.value.fault is Fault.TYPE
        with pytest.raises(DecodeError, match="unknown field") as refusal:
            codec.load_call({**message, "data": {**message["data"], "no_such_field": 1}})
        assert refusal.value.path == f"{cls.__name__}.no_such_field"
        assert refusal.value.fault is Fault.UNKNOWN_FIELD

    refused()


LINK = {"title": "t", "url": "https://example.com"}
MESSAGE = {"external_userid": ["wm1"], "sender": "zhangsan"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            '{"call": "follow_user.list"}',
            """message: '{"call": "follow_user.list"}' is not an object""",
        ),
        (None, "message: None is not an object"),
        ({}, "message.call: is required"),
        ({"call": None, "data": {}}, "message.call: is required"),
        ({"call": "customer.get"}, "message.data: is required"),
        ({"call": "customer.get", "args": {}}, "message.args: unknown field"),
        ({"calls": "customer.get"}, "message.calls: unknown field; did you mean 'call'?"),
        ({"call": 5, "data": {}}, "message.call: 5 is not a string"),
        (
            {"call": "customer.batchget", "data": {}},
            "message.call: unknown call 'customer.batchget'; did you mean 'customer.batch_get'?",
        ),
        ({"call": "os.system", "data": {}}, "message.call: unknown call 'os.system'"),
        ({"call": "customer.get", "data": []}, "CustomerGet: [] is not an object"),
        ({"call": "customer.get", "data": {}}, "CustomerGet.external_userid: is required"),
        (
            {"call": "customer.get", "data": {"external_userid": 5}},
            "CustomerGet.external_userid: a number instead of a string: 5",
        ),
        (
            {"call": "customer.get", "data": {"external_userid": "wm", "cursr": "c"}},
            "CustomerGet.cursr: unknown field; did you mean 'cursor'?",
        ),
        (
            {"call": "customer.batch_get", "data": {"userid_list": ["u"], "limit": "10"}},
            "CustomerBatchGet.limit: not an integer: '10'",
        ),
        (
            {"call": "customer.batch_get", "data": {"userid_list": ["u"], "limit": 10.0}},
            "CustomerBatchGet.limit: not an integer: 10.0",
        ),
        (
            {"call": "customer.batch_get", "data": {"userid_list": "u"}},
            "CustomerBatchGet.userid_list: 'u' is not a list",
        ),
        (
            {"call": "customer.batch_get", "data": {"userid_list": ["u", None]}},
            "CustomerBatchGet.userid_list[1]: None is not a string",
        ),
        (
            {"call": "contact_way.add", "data": {"type": 1.0, "scene": 1}},
            "ContactWayAdd.type: not an integer: 1.0",
        ),
        (
            {"call": "contact_way.add", "data": {"type": 1, "scene": 9}},
            "ContactWayAdd.scene: unknown Scene 9",
        ),
        (
            {"call": "group_msg.add_template", "data": {"chat_type": "singel"}},
            "GroupMsgAddTemplate.chat_type: unknown GroupMsgChatType 'singel'; did you mean 'single'?",
        ),
        (
            {"call": "group_msg.add_template", "data": {"attachments": [{"msgtype": "lnk"}]}},
            "GroupMsgAddTemplate.attachments[0]: unknown tag 'lnk'; did you mean 'link'?",
        ),
        (
            {
                "call": "group_msg.add_template",
                "data": {"attachments": [{"msgtype": "link", "link": LINK, "lnk": 1}]},
            },
            "GroupMsgAddTemplate.attachments[0].lnk: unknown field",
        ),
        (
            {
                "call": "group_msg.add_template",
                "data": {"attachments": [{"msgtype": "link", "link": {**LINK, "titel": "t"}}]},
            },
            "GroupMsgAddTemplate.attachments[0].link.titel: unknown field; did you mean 'title'?",
        ),
        (
            {
                "call": "group_msg.add_template",
                "data": {"attachments": [{"msgtype": "link", "link": {"title": "t"}}]},
            },
            "GroupMsgAddTemplate.attachments[0].link.url: is required",
        ),
        (
            {"call": "group_msg.add_template", "data": {"attachments": [{"msgtype": "link"}]}},
            "GroupMsgAddTemplate.attachments[0]: no link beside msgtype 'link': "
            "{'msgtype': 'link'}",
        ),
        (
            {"call": "statistics.group_chat", "data": {"day_begin_time": "1700000000"}},
            "StatisticsGroupChat.day_begin_time: not an integer: '1700000000'",
        ),
        (
            {"call": "follow_user.list", "data": {}, "unknown": "FollowUserList.x"},
            "message.unknown: 'FollowUserList.x' is not a list of paths",
        ),
        (
            {"call": "follow_user.list", "data": {}, "unknown": [5]},
            "message.unknown: [5] is not a list of paths",
        ),
    ],
)
def test_a_message_that_is_not_a_call_says_where_and_why(message: Any, words: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        codec.load_call(message)
    assert str(refusal.value) == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            {"call": "customer.batch_get", "data": {"userid_list": ["u"] * 101}},
            "CustomerBatchGet.userid_list: 101 items, WeCom takes at most 100",
        ),
        (
            {
                "call": "welcome.send",
                "data": {
                    "welcome_code": "c",
                    "attachments": [{"msgtype": "link", "link": {**LINK, "title": "長" * 43}}],
                },
            },
            "WelcomeSend.attachments[0].title: 129 bytes, WeCom takes at most 128",
        ),
    ],
)
def test_a_message_beyond_a_limit_is_refused_unless_nobody_checks(
    message: dict[str, Any], words: str
) -> None:
    with pytest.raises(RefusedArgument) as refusal:
        codec.load_call(message)
    assert str(refusal.value) == words
    call = codec.load_call(message, check=False)
    assert codec.dump_call(call, check=False) == message
    with pytest.raises(RefusedArgument) as refusal:
        codec.dump_call(call)
    assert str(refusal.value) == words


def test_a_message_reads_as_what_wecom_is_sent() -> None:
    assert codec.dump_call(CustomerBatchGet(userid_list=("zhangsan",), limit=100)) == {
        "call": "customer.batch_get",
        "data": {"userid_list": ["zhangsan"], "limit": 100},
    }


def test_what_is_not_in_the_spec_travels_if_the_sender_means_it() -> None:
    call = GroupMsgAddTemplate(
        sender="zhangsan",
        attachments=[
            LinkAttachment(**LINK, extra={"color": "red", BESIDE: {"shadow": 1}}),
            Unknown("vote", {"options": 2}),
        ],
        extra={"hurry": True},
    )
    message = codec.dump_call(call)
    assert message["data"]["attachments"][1] == {"msgtype": "vote", "vote": {"options": 2}}
    assert message["unknown"] == [
        "GroupMsgAddTemplate.hurry",
        "GroupMsgAddTemplate.attachments[0].shadow",
        "GroupMsgAddTemplate.attachments[0].link.color",
        "GroupMsgAddTemplate.attachments[1]",
    ]
    assert codec.load_call(message) == call
    for path in message["unknown"]:
        others = [other for other in message["unknown"] if other != path]
        with pytest.raises(DecodeError) as refusal:
            codec.load_call({**message, "unknown": others})
        assert refusal.value.path == path


@pytest.mark.parametrize("beside", [5, None, [1], {"shadow": 1}])
def test_whatever_is_kept_under_the_name_of_what_stands_beside_travels(beside: Any) -> None:
    extra = {BESIDE: beside}
    plain = CustomerGet(external_userid="wm", extra=extra)
    assert codec.load_call(codec.dump_call(plain)) == plain
    call = WelcomeSend(welcome_code="c", attachments=[LinkAttachment(**LINK, extra=extra)])
    message = codec.dump_call(call)
    assert codec.dump_call(codec.load_call(message)) == message
    assert message["unknown"] == [
        f"WelcomeSend.attachments[0].{'shadow' if isinstance(beside, dict) else BESIDE}"
    ]


def test_a_reader_that_knows_more_than_the_sender_takes_the_message() -> None:
    message = {"call": "customer.get", "data": {"external_userid": "wm", "cursor": "c"}}
    call = codec.load_call({**message, "unknown": ["CustomerGet.cursor"]})
    assert call == CustomerGet(external_userid="wm", cursor="c")


def test_a_value_of_next_year_travels_as_it_can_be_sent() -> None:
    message = codec.dump_call(ContactWayAdd(type=ContactWayType(7), scene=2))  # type: ignore[arg-type]  # a bare number, as people write it
    assert message["unknown"] == ["ContactWayAdd.type"]
    assert codec.shared.encode(codec.load_call(message))["type"] == 7


def test_a_time_of_zero_is_still_there_at_the_end() -> None:
    call = StatisticsGroupChat(
        day_begin_time=datetime.fromtimestamp(0, UTC), day_end_time=datetime.fromtimestamp(0, UTC)
    )
    message = codec.dump_call(call, check=False)
    assert codec.dump_call(codec.load_call(message, check=False), check=False) == message
    assert message["data"]["day_end_time"] == 0


@pytest.mark.parametrize("name", UPLOADS)
def test_a_file_does_not_travel(name: str) -> None:
    cls = UPLOADS[name].call
    given = {
        attribute.name: shape.inner(1) if issubclass(shape.inner, int) else next(iter(shape.inner))
        for attribute, _, shape in wire_fields(cls)
        if not shape.optional
    }
    call = cls(**given, media=b"content")
    with pytest.raises(RefusedArgument, match="a file does not travel") as refusal:
        codec.dump_call(call)
    assert refusal.value.path == f"{cls.__name__}.media"
    with pytest.raises(DecodeError, match="a file does not travel") as not_loaded:
        codec.load_call({"call": name, "data": {"type": "image", "media": "/etc/passwd"}})
    assert not_loaded.value.path == f"{cls.__name__}.media"
    assert pickle.loads(pickle.dumps(call)) == call


def test_what_json_cannot_hold_is_refused_by_the_sender() -> None:
    with pytest.raises(RefusedArgument, match=r"CustomerGet\.external_userid: .*surrogate|half"):
        codec.dump_call(CustomerGet(external_userid="\ud800"))
    with pytest.raises(RefusedArgument, match="is not of type str"):
        codec.dump_call(CustomerGet(external_userid=5))  # type: ignore[arg-type]  # refused
    with pytest.raises(RefusedArgument, match="not CustomerGet|not the class"):
        codec.dump_call(CustomerGet)  # type: ignore[arg-type]  # the class, refused


def test_what_could_not_be_read_again_is_refused_by_the_sender() -> None:
    far = datetime(9999, 1, 1, tzinfo=UTC)  # WeCom would read it as milliseconds
    with pytest.raises(RefusedArgument, match="milliseconds instead of seconds") as refusal:
        codec.dump_call(StatisticsGroupChat(day_begin_time=far), check=False)
    assert refusal.value.path == "StatisticsGroupChat.day_begin_time"


@define(kw_only=True, eq=False, repr=False)
class Post(Call[None]):
    """Post anything."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="a.post", method="POST", path="/a", title="", page=1, readonly=False, result=None
    )
    anything: Any


def test_what_is_missing_is_refused_as_missing_by_the_sender_who_does_not_check_too() -> None:
    for check in (True, False):
        with pytest.raises(RefusedArgument, match=r"^Post\.anything: is required") as refusal:
            codec.dump_call(Post(anything=None), check=check)
        assert refusal.value.fault is Fault.MISSING


def test_no_call_has_a_field_for_a_credential_of_the_client() -> None:
    carried = {key for each in CALLS.values() for _, key, _ in wire_fields(each.call)}
    assert carried.isdisjoint(NAMES)
    assert "welcome_code" in carried


@pytest.mark.parametrize("serializer", ["json", "pickle"])
def test_a_message_is_an_argument_of_a_task_as_it_is(serializer: str) -> None:
    call = WelcomeSend(welcome_code="c", attachments=[LinkAttachment(**LINK)])
    kind, encoding, text = serialization.dumps(codec.dump_call(call), serializer)
    message = serialization.loads(text, kind, encoding, accept=[kind])
    assert codec.load_call(message) == call
