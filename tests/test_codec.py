"""The codec: forgiving in, strict out, and nothing lost on the way through."""

import copy
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
import pytest
from attrs import define, evolve, field
from cattrs import Converter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from models import classes, models
from wecom_contact import codec
from wecom_contact._runtime import policy
from wecom_contact._runtime.faults import Fault
from wecom_contact._runtime.model import (
    BEIJING,
    Call,
    Endpoint,
    Model,
    OpenInt,
    OpenStr,
    Unknown,
    wire,
)
from wecom_contact.codec import Codec, DecodeError, Drift
from wecom_contact.customer import (
    AddWay,
    Customer,
    CustomerBatchGetResult,
    CustomerRemark,
    CustomerType,
    ExternalAttribute,
    FollowInfo,
    TextAttribute,
)
from wecom_contact.group_msg import GroupMsgAddTemplate
from wecom_contact.types import (
    Attachment,
    FileAttachment,
    ImageAttachment,
    LinkAttachment,
    MessageText,
)
from wecom_contact.welcome import WelcomeSend

STRICT = Codec(strict=True)


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_every_model_comes_back_as_it_was_written(cls: type[Model]) -> None:
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(models(cls))
    def round_trip(model: Any) -> None:
        data = codec.unstructure(model)
        assert codec.structure(orjson.loads(orjson.dumps(data)), cls) == model

    round_trip()


class Color(OpenInt):
    """A number with a meaning."""

    RED = 1


class Size(OpenStr):
    """A word with a meaning."""

    SMALL = "small"


@define(kw_only=True)
class Inner(Model):
    """A record in a record."""

    name: str


@define(kw_only=True)
class Thing(Model):
    """One of each."""

    text: str
    whole: int
    real: float
    truth: bool
    flag: bool = field(metadata=wire(flag=True))
    moment: datetime
    color: Color
    size: Size
    inner: Inner
    attachment: Attachment
    words: list[str]
    inners: list[Inner]
    anything: Any
    things: list[Any]
    either: str | None = field(default=None, metadata=wire(also=int))
    later: datetime | None = None
    others: list[Any] | None = None


FULL: dict[str, Any] = {
    "text": "a", "whole": 1, "real": 1.5, "truth": True, "flag": 1, "moment": 1525779812, "color": 1,
    "size": "small", "inner": {"name": "b"}, "attachment": {"msgtype": "image", "image": {"media_id": "m"}},
    "words": ["c"], "inners": [{"name": "d"}], "anything": {"e": [None]},
    "things": [1, None, {}],
}  # fmt: skip


def test_full_record_strictly() -> None:
    thing = STRICT.structure(FULL, Thing)
    assert thing.moment == datetime(2018, 5, 8, 19, 43, 32, tzinfo=BEIJING)
    assert thing.moment.utcoffset() == timedelta(hours=8)
    assert thing.flag is True
    assert thing.attachment == ImageAttachment(media_id="m")
    assert codec.unstructure(thing) == FULL


def test_times_are_seconds_from_before_the_epoch_to_the_year_5138() -> None:
    assert STRICT.structure(FULL | {"moment": -1}, Thing).moment.year == 1970
    assert STRICT.structure(FULL | {"moment": 10**11}, Thing).moment.year == 5138


def test_absent_and_null_give_zero_values() -> None:
    for data in ({}, dict.fromkeys(FULL)):
        thing = codec.structure(data, Thing)
        zero = Thing(
            text="", whole=0, real=0.0, truth=False, flag=False, moment=datetime.fromtimestamp(0, BEIJING),
            color=Color(0), size=Size(""), inner=Inner(name=""), attachment=Unknown(""), words=[],
            inners=[], anything=None, things=[],
        )  # fmt: skip
        assert thing == zero
        assert thing.extra == {}
        assert codec.unstructure(thing)["anything"] is None


@pytest.mark.parametrize("name", list(FULL))
def test_strict_wants_what_is_required(name: str) -> None:
    data = {key: value for key, value in FULL.items() if key != name}
    with pytest.raises(DecodeError, match=rf"^Thing\.{name}: missing"):
        STRICT.structure(data, Thing)


@pytest.mark.parametrize("name", ["words", "inners", "things", "others"])
@pytest.mark.parametrize("value", ["x", {"a": 1}, 5, True])
def test_what_is_not_a_list_is_not_taken_for_one(name: str, value: Any) -> None:
    with pytest.raises(DecodeError, match=rf"^Thing\.{name}: .* is not a list"):
        STRICT.structure(FULL | {name: value}, Thing)


@pytest.mark.parametrize(
    ("name", "given", "got", "what"),
    [
        ("text", 5, "5", "a number instead of a string"),
        ("text", 1.5, "1.5", "a number instead of a string"),
        ("whole", "7", 7, "not an integer"),
        ("whole", "", 0, "not an integer"),
        ("whole", 7.0, 7, "not an integer"),
        ("whole", True, 1, "not an integer"),
        ("real", "2.5", 2.5, "not a number"),
        ("real", "", 0.0, "not a number"),
        ("real", True, 1.0, "not a number"),
        ("truth", 1, True, "a number instead of true or false"),
        ("truth", "false", False, "a string instead of yes or no"),
        ("truth", "TRUE", True, "a string instead of yes or no"),
        ("truth", "", False, "a string instead of yes or no"),
        ("flag", True, True, "a number instead of true or false"),
        ("flag", "0", False, "a string instead of yes or no"),
        ("flag", 2, True, "a number instead of true or false"),
        ("moment", "1525779812", datetime(2018, 5, 8, 19, 43, 32, tzinfo=BEIJING), "not an integer"),
        ("moment", "100000000000", datetime.fromtimestamp(10**11, BEIJING), "not an integer"),
        ("moment", 10**11 + 1, datetime.fromtimestamp(10**8, BEIJING), "milliseconds instead of seconds"),
        ("color", "1", Color.RED, "not an integer"),
        ("color", 9, Color(9), "unknown Color 9"),
        ("size", "huge", Size("huge"), "unknown Size 'huge'"),
        ("words", [1, "x"], ["1", "x"], "a number instead of a string"),
        ("attachment", {"msgtype": "vote", "vote": {"a": 1}}, Unknown("vote", {"a": 1}), "unknown msgtype 'vote'"),
        ("attachment", {"msgtype": "image"}, ImageAttachment(), "no image beside msgtype 'image'"),
    ],
)  # fmt: skip
def test_forgiven_and_told_once_but_not_when_strict(
    name: str, given: Any, got: Any, what: str
) -> None:
    told: list[Drift] = []
    telling = Codec(on_drift=told.append)
    for _ in range(2):
        assert getattr(telling.structure(FULL | {name: given}, Thing), name) == got
    ((where, said, _),) = told
    assert (where, said) == (f"Thing.{name}", what)
    assert getattr(codec.structure(FULL | {name: given}, Thing), name) == got
    with pytest.raises(DecodeError, match=rf"^Thing\.{name}.*: {what}"):
        STRICT.structure(FULL | {name: given}, Thing)


@pytest.mark.parametrize("value", [0, 1, -5, 0.0, 1.5, 1e300])
def test_a_number_is_a_number_and_nothing_is_told(value: float) -> None:
    read = policy.Policy(strict=True, on_drift=None).number(value, "A.a", also=False)
    assert (read, type(read)) == (float(value), float)


def test_so_much_is_told_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MAX_REPORTED", 3)
    told: list[Drift] = []
    telling = Codec(on_drift=told.append)
    for number in range(5):
        telling.structure(FULL | {f"new_{number}": 1}, Thing)
    assert [each.where for each in told] == [f"Thing.new_{number}" for number in range(3)]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("text", {}, "Thing.text: {} is not a string"),
        ("text", [1] * 50, "Thing.text: [1, 1, 1, 1"),
        ("whole", "x", "Thing.whole: 'x' is not an integer"),
        ("whole", 1.5, "Thing.whole: 1.5 is not an integer"),
        ("whole", [], "Thing.whole: [] is not an integer"),
        ("whole", float("inf"), "Thing.whole: inf is not an integer"),
        ("real", "x", "Thing.real: 'x' is not a number"),
        ("truth", "maybe", "Thing.truth: 'maybe' is neither true nor false"),
        ("truth", {}, "Thing.truth: {} is neither true nor false"),
        ("moment", "xxxx", "Thing.moment: 'xxxx' is not an integer"),
        ("moment", 10**18, "Thing.moment: milliseconds instead of seconds: 1000000000000000000"),
        ("moment", -(10**18), "Thing.moment: -1000000000000000000 is not a Unix time"),
        ("color", {}, "Thing.color: {} is not an integer"),
        ("color", "red", "Thing.color: 'red' is not an integer"),
        ("size", [], "Thing.size: [] is not a string"),
        ("inner", [], "Thing.inner: [] is not an object"),
        ("inner", "x", "Thing.inner: 'x' is not an object"),
        ("inner", {"name": []}, "Thing.inner.name: [] is not a string"),
        ("attachment", [], "Thing.attachment: [] is not an object"),
        ("attachment", {"msgtype": "image", "image": {"media_id": {}}},
         "Thing.attachment.image.media_id: {} is not a string"),
        ("words", "abc", "Thing.words: 'abc' is not a list"),
        ("things", "abc", "Thing.things: 'abc' is not a list"),
        ("words", [{}], "Thing.words"),
        ("inners", {}, "Thing.inners: {} is not a list"),
        ("inners", [{"name": "a"}, {"name": {}}], "Thing.inners[1].name: {} is not a string"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_path_when_strict(name: str, given: Any, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        STRICT.structure(FULL | {name: given}, Thing)
    assert str(caught.value).startswith(message)


def test_a_reply_that_is_not_an_object_is_refused() -> None:
    for data in (None, [], "x", 1):
        with pytest.raises(DecodeError, match=r"^Thing: .* is not an object"):
            codec.structure(data, Thing)


def test_unknown_fields_are_kept_and_given_back() -> None:
    data = FULL | {"new": {"deep": [1]}, "inner": {"name": "b", "also": 2}}
    told: list[Drift] = []
    thing = Codec(on_drift=told.append).structure(data, Thing)
    assert thing.extra == {"new": {"deep": [1]}}
    assert thing.inner.extra == {"also": 2}
    assert codec.unstructure(thing) == data
    assert sorted(told) == [
        Drift("Inner.also", "unknown field", 2),
        Drift("Thing.new", "unknown field", {"deep": [1]}),
    ]
    with pytest.raises(DecodeError, match=r"^Thing\.new: unknown field"):
        STRICT.structure(FULL | {"new": 1}, Thing)


def test_extra_is_part_of_the_record() -> None:
    thing = codec.structure(FULL | {"new": 1}, Thing)
    assert thing != codec.structure(FULL, Thing)
    for twin in (evolve(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
        assert twin == thing
        assert twin.extra == {"new": 1}
    plain = Inner(name="a")
    assert plain.extra == {}
    assert plain == Inner(name="a")
    plain.extra["b"] = 1
    plain.extra["name"] = "never wins"
    assert codec.unstructure(plain) == {"name": "a", "b": 1}


def test_another_type_where_the_spec_knows_of_it() -> None:
    assert STRICT.structure(FULL | {"either": 5}, Thing).either == "5"
    assert STRICT.structure(FULL | {"either": "5"}, Thing).either == "5"


@pytest.mark.parametrize("never", [0, "0", None])
def test_a_time_of_zero_is_never(never: Any) -> None:
    assert codec.structure(FULL | {"later": never}, Thing).later is None


def test_unknown_enum_values_are_members() -> None:
    stranger = codec.structure(99, AddWay)
    assert stranger == 99
    assert isinstance(stranger, AddWay)
    assert stranger.name == "UNKNOWN_99"
    assert str(stranger) == f"{stranger}" == "99"
    assert stranger == AddWay(99)
    assert hash(stranger) == hash(AddWay(99))
    assert pickle.loads(pickle.dumps(stranger)) == stranger
    assert copy.deepcopy(stranger) == stranger
    assert codec.structure("huge", Size) == "huge" == str(Size("huge"))
    match stranger:
        case AddWay.SCAN_QRCODE:
            raise AssertionError
        case _:
            pass
    assert codec.structure("1", AddWay) is AddWay.SCAN_QRCODE
    for nonsense in ("x", None, 1.5):
        with pytest.raises(ValueError, match="AddWay"):
            AddWay(nonsense)
    with pytest.raises(ValueError, match="Size"):
        Size(1)


def test_union_of_payloads_under_the_tag() -> None:
    assert codec.structure({"msgtype": "vote", "vote": {}}, Attachment) == Unknown("vote", {})
    file = {"msgtype": "file", "file": {"media_id": "m"}}
    assert codec.structure(file, Attachment) == FileAttachment(media_id="m")
    stranger = {"msgtype": "vote", "vote": {"a": 1}, "beside": 2}
    kept = codec.structure(stranger, Attachment)
    assert kept == Unknown("vote", {"a": 1}, {"beside": 2})
    call = WelcomeSend(welcome_code="c", attachments=[kept])
    assert codec.shared.encode(call)["attachments"] == [stranger]


def test_a_payload_that_is_no_object_is_refused_with_its_path_when_strict() -> None:
    for odd in (5, "x", [], [{}]):
        with pytest.raises(DecodeError, match=r"^Thing\.attachment\.image: .* is not an object$"):
            STRICT.structure(FULL | {"attachment": {"msgtype": "image", "image": odd}}, Thing)


def test_the_kinds_of_faults_are_named_by_their_words() -> None:
    assert {fault.value: fault.name for fault in Fault} == {
        fault.name.lower().replace("_", " "): fault.name for fault in Fault
    }


@pytest.mark.parametrize(("name", "what"), [("real", "not a number"), ("whole", "not an integer")])
def test_an_empty_text_stands_for_the_number_0(name: str, what: str) -> None:
    told: list[Drift] = []
    assert getattr(Codec(on_drift=told.append).structure(FULL | {name: ""}, Thing), name) == 0
    assert [drift.what for drift in told] == [what]


def test_union_with_a_number_tag_and_common_fields() -> None:
    data = {"type": 0, "name": "电话", "text": {"value": "1"}}
    attribute = STRICT.structure(data, ExternalAttribute)
    assert attribute == TextAttribute(name="电话", value="1")
    stranger = {"type": 7, "name": "n", "odd": {"a": 1}}
    assert codec.structure(stranger, ExternalAttribute) == Unknown(
        7, None, {"name": "n", "odd": {"a": 1}}
    )
    with pytest.raises(DecodeError, match="unknown type 7"):
        STRICT.structure(stranger, ExternalAttribute)
    with pytest.raises(DecodeError, match="unknown field 'odd'"):
        STRICT.structure(data | {"odd": 1}, ExternalAttribute)


@pytest.mark.parametrize("data", [{}, {"msgtype": None}, {"msgtype": []}, {"msgtype": True}])
def test_union_without_a_usable_tag(data: Any) -> None:
    assert isinstance(codec.structure(data, Attachment), Unknown)


def test_the_converter_is_an_ordinary_one() -> None:
    assert isinstance(codec.converter, Converter)
    assert codec.converter.structure([{"name": "a"}], list[Inner]) == [Inner(name="a")]
    assert codec.converter.structure(None, Inner | None) is None
    assert codec.converter.unstructure([Inner(name="a")]) == [{"name": "a"}]
    assert codec.converter.structure({"x": 1}, dict[str, Color]) == {"x": Color.RED}
    assert codec.converter.unstructure({"x": Color.RED}) == {"x": 1}
    assert codec.unstructure(datetime(2018, 5, 8, 11, 43, 32, tzinfo=UTC)) == 1525779812


@define(kw_only=True)
class Try(Call[None]):
    """Every limit there is."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="a.try", method="POST", path="/a", title="", page=1, readonly=False, result=None
    )
    __any_of__: ClassVar = (("text", "words"),)
    __one_of__: ClassVar = (("whole", "real"),)
    text: str | None = field(default=None, metadata=wire(max_bytes=4))
    words: Sequence[str] | None = field(
        default=None, metadata=wire(max_items=2, min_items=1, max_chars=3, min_chars=2)
    )
    numbers: Sequence[int] | None = field(default=None, metadata=wire(max=5))
    whole: int | None = field(default=None, metadata=wire(min=1, max=5))
    real: float | None = field(default=None, metadata=wire(min=1))
    truth: bool | None = None
    flag: bool | None = field(default=None, metadata=wire(flag=True))
    moment: datetime | None = None
    color: Color | None = None
    inner: Inner | None = None
    attachment: Attachment | None = None
    attachments: Sequence[Attachment] | None = None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": "12345"}, "Try.text: 5 bytes, WeCom takes at most 4"),
        ({"text": "中文"}, "Try.text: 6 bytes, WeCom takes at most 4"),
        ({"text": 5}, "Try.text: 5 is not of type str"),
        ({"text": b"x"}, "Try.text: b'x' is not of type str"),
        ({"words": "abc"}, "Try.words: 'abc' is not a list"),
        ({"words": {"abc"}}, "Try.words: {'abc'} is not a list"),
        ({"words": []}, "Try.words: 0 items, WeCom takes at least 1"),
        ({"words": ["ab"] * 3}, "Try.words: 3 items, WeCom takes at most 2"),
        ({"words": ["ab", "a"]}, "Try.words[1]: 1 characters, WeCom takes at least 2"),
        ({"words": ["ab", "abcd"]}, "Try.words[1]: 4 characters, WeCom takes at most 3"),
        ({"words": ["ab", 5]}, "Try.words[1]: 5 is not of type str"),
        ({"numbers": [1, 6]}, "Try.numbers[1]: 6, WeCom takes at most 5"),
        ({"whole": 0}, "Try.whole: 0, WeCom takes at least 1"),
        ({"whole": 6}, "Try.whole: 6, WeCom takes at most 5"),
        ({"whole": True}, "Try.whole: True is not of type int"),
        ({"whole": 1.0}, "Try.whole: 1.0 is not of type int"),
        ({"real": 0.5, "whole": None}, "Try.real: 0.5, WeCom takes at least 1"),
        ({"truth": 1}, "Try.truth: 1 is neither True nor False"),
        ({"flag": 1}, "Try.flag: 1 is neither True nor False"),
        ({"moment": 5}, "Try.moment: 5 is not a datetime"),
        ({"moment": datetime(2020, 1, 1)}, "Try.moment: 2020-01-01 00:00:00 has no time zone"),
        ({"color": "red"}, "Try.color: 'red' is not a Color"),
        ({"inner": {"name": "a"}}, "Try.inner: {'name': 'a'} is not a Inner"),
        ({"inner": Inner(name=None)}, "Try.inner.name: is required"),
        ({"attachment": Inner(name="a")}, "Try.attachment: Inner(name='a') is none of ImageAttachment"),
        ({"attachment": ImageAttachment()}, "Try.attachment: give at least one of media_id, pic_url"),
        ({"attachments": [ImageAttachment(media_id="m"), LinkAttachment(title="t" * 129, url="u")]},
         "Try.attachments[1].title: 129 bytes, WeCom takes at most 128"),
        ({"text": None}, "Try: give at least one of text, words"),
        ({"real": 1.5}, "Try: give exactly one of whole, real"),
        ({"whole": None}, "Try: give exactly one of whole, real"),
    ],
)  # fmt: skip
def test_refused_with_a_path_before_anything_is_sent(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="Try") as caught:
        codec.shared.encode(Try(**{"text": "a", "whole": 1} | given))
    assert str(caught.value).startswith(message)


def test_what_wecom_takes_goes_out() -> None:
    call = Try(
        text="中a", words=("ab", "abc"), numbers=[5], whole=1, truth=False, flag=True, color=1,
        moment=datetime(2018, 5, 8, 11, 43, 32, tzinfo=UTC), inner=Inner(name=""),
        attachment=ImageAttachment(pic_url="u"),
    )  # fmt: skip
    assert codec.shared.encode(call) == {
        "text": "中a", "words": ["ab", "abc"], "numbers": [5], "whole": 1, "truth": False, "flag": 1,
        "moment": 1525779812, "color": 1, "inner": {"name": ""},
        "attachment": {"msgtype": "image", "image": {"pic_url": "u"}},
    }  # fmt: skip
    assert codec.shared.encode(Try(text="", real=2)) == {"text": "", "real": 2.0}


def test_unchecked_lets_limits_pass() -> None:
    call = Try(text="12345")
    assert codec.shared.encode(call, check=False) == {"text": "12345"}
    with pytest.raises(ValueError, match=r"^Try\.moment"):
        codec.shared.encode(Try(moment=datetime(2020, 1, 1)), check=False)


def test_none_is_not_sent_and_empty_is() -> None:
    call = CustomerRemark(userid="u", external_userid="e", remark="", remark_mobiles=[""])
    assert codec.shared.encode(call) == {
        "userid": "u", "external_userid": "e", "remark": "", "remark_mobiles": [""],
    }  # fmt: skip


@given(st.text(max_size=60), st.integers(1, 60))
@settings(deadline=None, database=None)
def test_bytes_are_counted_as_wecom_counts_them(text: str, most: int) -> None:
    """The quick test by characters never hides what the slow one by bytes would find."""

    @define(kw_only=True)
    class Limited(Call[None]):
        endpoint: ClassVar[Endpoint[None]] = Try.endpoint
        text: str = field(metadata=wire(max_bytes=most))

    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return
    call = Limited(text=text)
    if size <= most:
        assert codec.shared.encode(call) == {"text": text}
    else:
        with pytest.raises(ValueError, match=f"{size} bytes"):
            codec.shared.encode(call)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from([*FULL, "x"]), inner, max_size=5)))  # fmt: skip
@settings(max_examples=300, deadline=None, database=None)
def test_any_json_decodes_or_says_where_it_does_not(data: Any) -> None:
    for each in (codec.shared, STRICT):
        try:
            thing = each.structure(data, Thing)
        except DecodeError as error:
            assert str(error).startswith("Thing")  # noqa: PT017  (it may or may not raise)
        else:
            codec.unstructure(thing)


def test_string_annotations_of_other_peoples_classes() -> None:
    @define(kw_only=True)
    class Quoted(Model):
        name: "str"
        color: "Color | None" = None

    data = {"name": "a", "color": 1}
    assert codec.structure(data, Quoted) == Quoted(name="a", color=Color.RED)


def test_a_type_without_a_way_is_named() -> None:
    @define(kw_only=True)
    class Odd(Model):
        odd: complex

    for _ in range(2):  # it is told each time
        with pytest.raises(TypeError, match=r"Odd\.odd: no way to decode"):
            codec.structure({}, Odd)


def test_a_mass_message_on_the_wire() -> None:
    call = GroupMsgAddTemplate(
        external_userid=["woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"],
        sender="zhangsan",
        text=MessageText(content="文本消息内容"),
        attachments=[
            ImageAttachment(media_id="MEDIA_ID"),
            LinkAttachment(title="消息标题", url="https://example.link.com/path"),
        ],
    )
    assert codec.shared.encode(call) == {
        "external_userid": ["woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"],
        "sender": "zhangsan",
        "text": {"content": "文本消息内容"},
        "attachments": [
            {"msgtype": "image", "image": {"media_id": "MEDIA_ID"}},
            {
                "msgtype": "link",
                "link": {"title": "消息标题", "url": "https://example.link.com/path"},
            },
        ],
    }


def test_a_customer_by_hand() -> None:
    page = STRICT.structure(
        {
            "external_contact_list": [
                {
                    "external_contact": {
                        "external_userid": "wo1",
                        "name": "李四",
                        "type": 1,
                        "avatar": "a",
                    },
                    "follow_info": {
                        "userid": "u",
                        "createtime": 1525779812,
                        "tag_id": ["et1"],
                        "add_way": 2,
                        "remark": "",
                        "description": "",
                    },  # fmt: skip
                }
            ],
            "next_cursor": "",
        },
        CustomerBatchGetResult,
    )
    (record,) = page.external_contact_list
    assert isinstance(record.external_contact, Customer)
    assert record.external_contact.type is CustomerType.WECHAT
    assert isinstance(record.follow_info, FollowInfo)
    assert record.follow_info.tag_id == ["et1"]
    assert record.follow_info.createtime.isoformat() == "2018-05-08T19:43:32+08:00"


class Five(OpenStr):
    """A word that looks like a number."""

    FIVE = "5"


@define(kw_only=True)
class Odds(Model):
    """What is rare in WeCom's API, but allowed by the format."""

    numbers: list[int] | None = None
    truths: list[bool] | None = None
    word: Five | None = None
    price: float | None = field(default=None, metadata=wire(also=str))


def test_rare_shapes_are_read_and_told() -> None:
    told: list[Drift] = []
    odds = Codec(on_drift=told.append).structure(
        {"numbers": [1, "2"], "truths": [True, False, "true"], "word": 5, "price": "1.5"}, Odds
    )
    assert odds == Odds(numbers=[1, 2], truths=[True, False, True], word=Five.FIVE, price=1.5)
    assert {each.where for each in told} == {"Odds.numbers", "Odds.truths", "Odds.word"}
    assert codec.unstructure(odds) == {
        "numbers": [1, 2], "truths": [True, False, True], "word": "5", "price": 1.5,
    }  # fmt: skip
    with pytest.raises(DecodeError, match=r"^Odds\.price: 'x' is not a number"):
        STRICT.structure({"price": "x"}, Odds)
    assert codec.structure(True, AddWay) == 1
    nameless = codec.structure({"type": 0, "text": {"value": "1"}}, ExternalAttribute)
    assert nameless == TextAttribute(name="", value="1")
    assert codec.structure(MappingProxyType({"name": "a"}), Inner) == Inner(name="a")
