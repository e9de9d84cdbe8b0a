"""Whatever a reply holds, a client that is not strict reads it, and nothing of it is lost."""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from wecom_contact import catalog, codec
from wecom_contact._runtime.model import BEIJING, Model
from wecom_contact.codec import Codec, DecodeError, Drift, is_enum, is_model, tagged, wire_fields
from wecom_contact.customer import (
    CustomerBatchGetResult,
    CustomerGetResult,
    ExternalAttribute,
    FollowInfo,
    TextAttribute,
)
from wecom_contact.types import Attachment, ImageAttachment

STRICT = Codec(strict=True)

# What PHP, JavaScript and tired programmers write in the place of something else.
ODD: list[Any] = [
    None, "", [], {}, 0, False, True, 1.5, -1, 2**63, "x", "7", [None], [[]], [{}], ["a"], [1, 2],
    ["a", {"b": None}], [{"x": 1}, {"y": 2}], {"x": {"y": []}}, "2026-11-25", 1_700_000_000_123,
]  # fmt: skip


def results() -> list[type[Model]]:
    return [endpoint.result for endpoint in catalog.CALLS.values() if is_model(endpoint.result)]


def everything(cls: type[Model]) -> list[type[Model]]:
    """The class and every class inside."""
    found = [cls]
    for each in found:
        for _, _, shape in wire_fields(each):
            union = tagged(shape.inner)
            inner = [variant for _, variant in union.variants.values()] if union else [shape.inner]
            found += [one for one in inner if is_model(one) and one not in found]
    return found


RECEIVED = sorted(
    {each for result in results() for each in everything(result)}, key=lambda cls: cls.__name__
)


def leaves(data: Any) -> Iterator[Any]:
    """The scalars that say something."""
    if isinstance(data, dict):
        for value in data.values():
            yield from leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value)
    elif data not in (None, "", 0, False):
        yield data


def same(one: Any, other: Any) -> bool:
    """Whether two scalars say the same: 1, "1", True and 1.0 do, seconds and their milliseconds, 2 and yes."""
    if str(one).lower() == str(other).lower():
        return True
    if isinstance(one, int) and one not in (0, 1) and other in (True, 1):
        return True
    try:
        a, b = float(one), float(other)
    except (TypeError, ValueError):
        return False
    return a == b or int(a / 1000) == b


def kept(data: Any, record: Any) -> bool:
    """Whether every scalar that says something is somewhere in what is encoded again, or in an `.extra`."""
    again = list(leaves(codec.unstructure(record)))
    return all(any(same(leaf, other) for other in again) for leaf in leaves(data))


@pytest.mark.parametrize("cls", RECEIVED, ids=lambda cls: cls.__name__)
def test_no_value_in_any_field_costs_the_record_or_is_lost(cls: type[Model]) -> None:
    blank = codec.unstructure(codec.structure({}, cls))
    for attribute, key, _ in wire_fields(cls):
        for odd in ODD:
            data = {**blank, key: odd, "other": "kept"}
            record = codec.structure(orjson.loads(orjson.dumps(data)), cls)
            assert type(record) is cls
            assert record.extra["other"] == "kept"
            assert kept(data, record), (attribute.name, odd, record)
            assert codec.structure(codec.unstructure(record), cls) == record, (attribute.name, odd)


def read_strictly(data: Any, cls: type[Model]) -> Any:
    try:
        return STRICT.structure(copy.deepcopy(data), cls)
    except DecodeError:
        return None


def test_what_strict_refuses_is_what_drifts() -> None:
    told: list[Drift] = []
    telling = Codec(on_drift=told.append)
    for cls in RECEIVED:
        blank = codec.unstructure(codec.structure({}, cls))
        for _, key, _ in wire_fields(cls):
            for odd in ODD:
                told.clear()
                telling.policy.reported.clear()
                data = {**blank, key: odd}
                forgiven = telling.structure(copy.deepcopy(data), cls)
                assert (read_strictly(data, cls) != forgiven) == bool(told), (cls, key, odd)


def sample(cls: type[Model]) -> dict[str, Any]:
    """A record with something in every field."""
    data = {}
    for _, key, shape in wire_fields(cls):
        union = tagged(shape.inner)
        value: Any
        if union is not None:
            tag, (payload, variant) = next(iter(union.variants.items()))
            inside = sample(variant)
            value = {union.tag: tag, **{name: inside.pop(name) for name in union.common}}
            value[payload] = inside
        elif is_model(shape.inner):
            value = sample(shape.inner)
        elif shape.inner in (str, Any) or (is_enum(shape.inner) and issubclass(shape.inner, str)):
            value = f"a {key}"
        else:
            value = 1
        data[key] = [value] if shape.many else value
    return data


def spots(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in JSON data, as container and key."""
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(value, (dict, list)):
            yield from spots(value)


@pytest.mark.parametrize("result", results(), ids=lambda cls: cls.__name__)
def test_a_reply_with_an_odd_value_at_any_depth_is_read(result: type[Model]) -> None:
    for odd in ("", [], {"x": {"y": "z"}}, "odd", 1.5, [None, {"x": "z"}]):
        data = sample(result)
        for where, key in spots(data):
            was, where[key] = where[key], odd
            record = codec.structure(orjson.loads(orjson.dumps(data)), result)
            assert type(record) is result
            assert kept(data, record), (key, odd)
            where[key] = was


@pytest.mark.parametrize(
    ("field", "given", "got"),
    [
        ("tag_id", "t1", ["t1"]),
        ("tag_id", "", []),
        ("tag_id", {}, []),
        ("tag_id", [None], []),
        ("tag_id", ["t1", {"odd": 1}, "t2"], ["t1", "t2"]),
        ("createtime", 1_700_000_000_000, datetime.fromtimestamp(1_700_000_000, BEIJING)),
        ("createtime", 100_000_000_001, datetime.fromtimestamp(100_000_000, BEIJING)),
        ("createtime", "1700000000", datetime.fromtimestamp(1_700_000_000, BEIJING)),
        ("userid", ["zhangsan"], "zhangsan"),
        ("wechat_channels", [], None),
        ("wechat_channels", "", None),
        ("description", {}, ""),
    ],
)
def test_what_can_be_understood_is(field: str, given: Any, got: Any) -> None:
    follow = codec.structure(
        {"userid": "u", "createtime": 1, "add_way": 1, field: given}, FollowInfo
    )
    assert getattr(follow, field) == got


@pytest.mark.parametrize(
    ("field", "given", "zero"),
    [
        ("userid", {"id": "zhangsan"}, ""),
        ("add_way", 1.5, 0),
        ("add_way", "unknown", 0),
        ("createtime", "yesterday", datetime.fromtimestamp(0, BEIJING)),
        ("createtime", -(10**15), datetime.fromtimestamp(0, BEIJING)),
        ("wechat_channels", "Wang's channel", None),
        ("tag_id", ["t1", {"odd": 1}], ["t1"]),
        ("tag_id", {"0": {"a": 1}}, []),
    ],
)
def test_what_cannot_is_zero_and_stays_as_it_came(field: str, given: Any, zero: Any) -> None:
    told: list[Drift] = []
    data = {"userid": "u", "createtime": 1, "add_way": 1, field: given}
    follow = Codec(on_drift=told.append).structure(data, FollowInfo)
    assert getattr(follow, field) == zero
    assert follow.extra[field] == given
    assert f"FollowInfo.{field}" in {drift.where for drift in told}
    assert codec.unstructure(follow)[field] == given, "it goes back"
    setattr(
        follow, field, getattr(codec.structure({"userid": "v", "tag_id": ["n"]}, FollowInfo), field)
    )
    if getattr(follow, field) != zero:
        assert codec.unstructure(follow)[field] != given, "what was set meanwhile wins"


def test_one_odd_customer_does_not_cost_the_page() -> None:
    good = {"external_contact": {"external_userid": "wm1", "name": "a", "type": 1},
            "follow_info": {"userid": "u", "createtime": 1, "add_way": 1}}  # fmt: skip
    odd = {"external_contact": "gone", "follow_info": [good["follow_info"]], "new": 1}
    page = codec.structure(
        {"external_contact_list": [good, odd, 5, good], "next_cursor": "c"}, CustomerBatchGetResult
    )
    assert [each.external_contact.name for each in page.external_contact_list] == ["a", "", "a"]
    assert page.external_contact_list[1].extra == {"external_contact": "gone", "new": 1}
    assert page.external_contact_list[1].follow_info.userid == "u"
    assert page.next_cursor == "c"
    assert page.extra["external_contact_list"][2] == 5


def test_a_list_of_one_and_a_record_stand_for_each_other() -> None:
    way = {"config_id": "c", "type": 1, "scene": 2}
    from wecom_contact.contact_way import ContactWayGetResult

    assert codec.structure({"contact_way": [way]}, ContactWayGetResult) == codec.structure(
        {"contact_way": way}, ContactWayGetResult
    )
    follower = {"userid": "u", "createtime": 1, "add_way": 1}
    customer = {"external_userid": "wm1", "name": "a", "type": 1}
    one = codec.structure(
        {"external_contact": customer, "follow_user": follower}, CustomerGetResult
    )
    assert [each.userid for each in one.follow_user] == ["u"]


def test_what_stands_beside_a_payload_goes_back_there() -> None:
    data = {"msgtype": "image", "image": {"media_id": "m"}, "new": {"a": 1}}
    image = codec.structure(data, Attachment)
    assert isinstance(image, ImageAttachment)
    assert codec.converter.unstructure(image, Attachment) == data


@pytest.mark.parametrize(
    ("data", "union", "read"),
    [
        ({"msgtype": "image", "image": [{"media_id": "m"}]}, Attachment, ImageAttachment(media_id="m")),
        ({"msgtype": "image", "image": []}, Attachment, ImageAttachment()),
        ({"msgtype": "image", "image": ""}, Attachment, ImageAttachment()),
        ({"type": "0", "name": "n", "text": {"value": "v"}}, ExternalAttribute, TextAttribute(name="n", value="v")),
        ({"type": "0", "name": "n", "text": [{"value": "v"}]}, ExternalAttribute, TextAttribute(name="n", value="v")),
    ],
)  # fmt: skip
def test_a_union_is_understood_by_what_stands_for_its_parts(
    data: Any, union: Any, read: Any
) -> None:
    told: list[Drift] = []
    assert Codec(on_drift=told.append).structure(copy.deepcopy(data), union) == read
    assert told
    with pytest.raises(DecodeError):
        STRICT.structure(data, union)


@pytest.mark.parametrize(
    "data",
    [
        {"msgtype": "image", "image": "m"},
        {"msgtype": "image", "image": [{"media_id": "m"}, 2]},
        {"msgtype": ["image"], "image": {"media_id": "m"}},
        {"msgtype": {"a": 1}},
        {"msgtype": 7, "7": {}},
        {"image": {"media_id": "m"}},
    ],
)
def test_a_union_that_cannot_be_told_is_kept_whole(data: Any) -> None:
    record = codec.structure(data, Attachment)
    assert codec.converter.unstructure(record, Attachment) == data
    with pytest.raises(DecodeError):
        STRICT.structure(data, Attachment)


def test_a_hook_for_drift_that_raises_does_not_cost_the_reply() -> None:
    def hook(drift: Drift) -> None:
        raise RuntimeError(drift.where)

    follow = Codec(on_drift=hook).structure({"userid": 5, "new": 1}, FollowInfo)
    assert (follow.userid, follow.extra) == ("5", {"new": 1})


def test_deep_nesting_in_an_unknown_field_is_kept() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    reply = orjson.loads(json.dumps({"userid": "u", "new": deep}))
    assert codec.structure(reply, FollowInfo).extra["new"] == deep


def test_every_class_of_a_reply_is_tried() -> None:
    assert sum(len(list(wire_fields(cls))) for cls in RECEIVED) > 490
