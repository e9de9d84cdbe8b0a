"""The rarer shapes of the format: what the generator writes for them, and what the codec makes of it."""

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import orjson
import pytest
from attrs import define, field
from hypothesis import HealthCheck, given, settings
from models import single
from wecom_contact import codec
from wecom_contact._runtime import messages
from wecom_contact._runtime.model import Call, Endpoint, Model, Paginate, Tagged, Unknown, wire
from wecom_contact.codec import Codec, DecodeError, Drift
from wecom_contact.errors import RefusedArgument
from wecom_contact.testing._answers import example_of, sparse
from wecom_contact.testing._check import Form, Strings
from wecom_contact.types import Attachment, LinkAttachment

STRICT = Codec(strict=True)


def post(name: str, result: Any = None, **more: Any) -> Endpoint[Any]:
    """An endpoint; each class of a call has its own."""
    return Endpoint(
        name=name, method="POST", path="/a", title="", page=1, readonly=True, result=result, **more
    )


# A union that has fields in common, one record for two tags, and a flat union inside, which has that, too.


@define(kw_only=True, eq=False, repr=False)
class TextNews(Model):
    """Words."""

    id: str
    stall: str | None = field(default=None, metadata=wire("#stall"))
    content: str


@define(kw_only=True, eq=False, repr=False)
class MediaNews(Model):
    """A picture, or a sound."""

    kind: Literal["image", "sound"]
    id: str
    stall: str | None = field(default=None, metadata=wire("#stall"))
    media_id: str


@define(kw_only=True, eq=False, repr=False)
class Opened(Model):
    """A stall opened."""

    id: str
    stall: str | None = field(default=None, metadata=wire("#stall"))
    opened_stall: str = field(metadata=wire("stall"))
    at: datetime | None = None


@define(kw_only=True, eq=False, repr=False)
class Moved(Model):
    """A stall moved, or closed."""

    id: str
    stall: str | None = field(default=None, metadata=wire("#stall"))
    event: Literal["moved", "closed"]
    moved_stall: str = field(metadata=wire("stall"))


EventNews: TypeAlias = Annotated[
    Opened | Moved | Unknown,
    Tagged("event", {"opened": (None, Opened), "moved": (None, Moved), "closed": (None, Moved)}),
]

News: TypeAlias = Annotated[
    TextNews | MediaNews | EventNews | Unknown,
    Tagged(
        "kind",
        {
            "text": ("text", TextNews),
            "image": ("image", MediaNews),
            "sound": ("sound", MediaNews),
            "event": ("event", EventNews),
        },
        ("id", "#stall"),
    ),
]


# A union in a union in a union, each with a payload under a key and something in common.


@define(kw_only=True, eq=False, repr=False)
class Deep(Model):
    """The record at the bottom."""

    outer: str = field(metadata=wire("##name"))
    middle: str = field(metadata=wire("#name"))
    name: str


Inner: TypeAlias = Annotated[Deep | Unknown, Tagged("c", {1: ("deep", Deep)})]
Middle: TypeAlias = Annotated[Inner | Unknown, Tagged("b", {"x": ("inner", Inner)}, ("#name",))]
Outer: TypeAlias = Annotated[Middle | Unknown, Tagged("a", {"y": ("middle", Middle)}, ("##name",))]


# Flat in flat, and a payload under a key in flat.


@define(kw_only=True, eq=False, repr=False)
class Bare(Model):
    """Nothing but its tags."""


@define(kw_only=True, eq=False, repr=False)
class Keyed(Model):
    """Under a key."""

    size: int


FlatInner: TypeAlias = Annotated[Bare | Unknown, Tagged("shape", {"bare": (None, Bare)})]
KeyedInner: TypeAlias = Annotated[Keyed | Unknown, Tagged("form", {"keyed": ("keyed", Keyed)})]
Flat: TypeAlias = Annotated[
    FlatInner | KeyedInner | Unknown,
    Tagged("type", {1: (None, FlatInner), 2: (None, KeyedInner)}),
]


@define(kw_only=True, eq=False, repr=False)
class Paper(Model):
    """All of them."""

    news: list[News]
    lead: News | None = None
    events: list[EventNews]
    outer: Outer
    flat: list[Flat]


# A request that is a union, and a reply that may be one.


@define(kw_only=True, eq=False, repr=False)
class Tell(Call[None]):
    """Tell somebody something."""

    endpoint: ClassVar[Endpoint[None]] = post("a.tell")
    to: str
    what: Attachment = field(metadata=wire(flat=True))
    safe: bool | None = field(default=None, metadata=wire(flag=True))


@define(kw_only=True, eq=False, repr=False)
class Told(Model):
    """What was told."""

    id: str
    echo: Flat | None = field(default=None, metadata=wire(flat=True))


TEXT_NEWS = {"kind": "text", "id": "1", "stall": "s", "text": {"content": "c"}}
IMAGE_NEWS = {"kind": "image", "id": "2", "image": {"media_id": "m"}}
OPENED = {
    "kind": "event", "id": "3", "stall": "teller",
    "event": {"event": "opened", "stall": "opener", "at": 1525779812},
}  # fmt: skip
CLOSED = {"kind": "event", "id": "4", "event": {"event": "closed", "stall": "gone"}}
DEEP = {
    "a": "y", "name": "1",
    "middle": {"b": "x", "name": "2", "inner": {"c": 1, "deep": {"name": "3"}}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "record"),
    [
        (News, TEXT_NEWS, TextNews(id="1", stall="s", content="c")),
        (News, IMAGE_NEWS, MediaNews(kind="image", id="2", media_id="m")),
        (
            News,
            {"kind": "sound", "id": "2", "sound": {"media_id": "m"}},
            MediaNews(kind="sound", id="2", media_id="m"),
        ),
        (News, CLOSED, Moved(event="closed", id="4", moved_stall="gone")),
        (Outer, DEEP, Deep(outer="1", middle="2", name="3")),
        (Flat, {"type": 1, "shape": "bare"}, Bare()),
        (Flat, {"type": 2, "form": "keyed", "keyed": {"size": 7}}, Keyed(size=7)),
    ],
)
def test_a_variant_is_one_object_whatever_stands_around_it(
    kind: Any, data: dict[str, Any], record: Any
) -> None:
    found = STRICT.structure(copy.deepcopy(data), kind)
    assert found == record
    assert codec.converter.unstructure(found, kind) == data


def test_a_field_of_the_payload_and_one_in_common_keep_apart() -> None:
    opened = STRICT.structure(OPENED, News)
    assert isinstance(opened, Opened)
    assert (opened.stall, opened.opened_stall) == ("teller", "opener")
    assert codec.converter.unstructure(opened, News) == OPENED
    without = {key: value for key, value in OPENED.items() if key != "stall"}
    assert STRICT.structure(without, News).stall is None
    assert codec.converter.unstructure(STRICT.structure(without, News), News) == without


def test_one_record_of_several_tags_tells_its_tag_and_no_other() -> None:
    paper = {"news": [IMAGE_NEWS], "events": [], "outer": DEEP, "flat": []}
    read = STRICT.structure(paper, Paper)
    (image,) = read.news
    image.kind = "sound"
    assert codec.unstructure(read)["news"] == [
        {"kind": "sound", "id": "2", "sound": {"media_id": "m"}}
    ]
    image.kind = "text"
    with pytest.raises(
        RefusedArgument, match=r"^Paper\.news\[0\]\.kind: 'text' is none of image, sound"
    ):
        codec.unstructure(read)
    image.kind = None
    with pytest.raises(RefusedArgument, match=r"^Paper\.news\[0\]\.kind"):
        codec.unstructure(read)


STRANGERS = [
    (News, {"kind": "vote", "id": "1", "vote": {"a": 1}}, Unknown("vote", {"a": 1}, {"id": "1"})),
    (
        News,
        {"kind": "event", "id": "1", "stall": "s", "event": {"event": "flood", "stall": "t"}},
        Unknown("event", {"event": "flood", "stall": "t"}, {"id": "1", "stall": "s"}),
    ),
    (
        News,
        {"kind": "event", "id": "1", "event": {"stall": "t"}},
        Unknown("event", {"stall": "t"}, {"id": "1"}),
    ),
    (EventNews, {"event": "flood", "stall": "t"}, Unknown("flood", None, {"stall": "t"})),
    (Flat, {"type": 1, "shape": "odd", "x": 1}, Unknown(1, None, {"shape": "odd", "x": 1})),
    (Flat, {"type": 9, "x": 1}, Unknown(9, None, {"x": 1})),
    (
        Outer,
        {"a": "y", "name": "1", "middle": {"b": "x", "name": "2", "inner": {"c": 9}}},
        Unknown("y", None, {"name": "1", "middle": {"b": "x", "name": "2", "inner": {"c": 9}}}),
    ),
]


@pytest.mark.parametrize(("kind", "data", "unknown"), STRANGERS)
def test_an_unknown_tag_at_any_depth_is_kept_whole_and_told(
    kind: Any, data: dict[str, Any], unknown: Unknown
) -> None:
    told: list[Drift] = []
    found = Codec(on_drift=told.append).structure(copy.deepcopy(data), kind)
    assert found == unknown
    assert len(told) == 1
    assert codec.converter.unstructure(found, kind) == data
    with pytest.raises(DecodeError, match="unknown (kind|event|shape|type|c)"):
        STRICT.structure(data, kind)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (News, OPENED | {"new": 1}),
        (News, {**OPENED, "event": {**OPENED["event"], "new": 1}}),  # type: ignore[dict-item]  # rows of two kinds
        (News, {**OPENED, "new": 0, "event": {**OPENED["event"], "new": 1}}),  # type: ignore[dict-item]  # rows of two kinds
        (News, {**OPENED, "": 0, "event": {**OPENED["event"], "": 1}}),  # type: ignore[dict-item]  # rows of two kinds
        (
            Outer,
            {"a": "y", "name": "1", "new": 1,
             "middle": {"b": "x", "name": "2", "new": 2,
                        "inner": {"c": 1, "new": 3, "deep": {"name": "3", "new": 4}}}},
        ),
        (Flat, {"type": 2, "form": "keyed", "new": 1, "keyed": {"size": 7, "new": 2}}),
        (Flat, {"type": 1, "shape": "bare", "new": 1}),
    ],
)  # fmt: skip
def test_unknown_fields_go_back_to_the_level_that_they_came_from(
    kind: Any, data: dict[str, Any]
) -> None:
    found = codec.structure(copy.deepcopy(data), kind)
    assert not isinstance(found, Unknown)
    assert codec.converter.unstructure(found, kind) == data
    with pytest.raises(DecodeError, match="unknown field"):
        STRICT.structure(data, kind)


@pytest.mark.parametrize(
    "payload", [{}, {"image": None}, {"image": {}}, {"image": {"media_id": "M"}}]
)
@pytest.mark.parametrize("others", [{}, {"new": 1}, {"new": 1, "newer": [2]}])
def test_what_stands_beside_a_payload_is_kept_whether_that_is_there_or_not(
    payload: dict[str, Any], others: dict[str, Any]
) -> None:
    told: list[Drift] = []
    attached: Any = Codec(on_drift=told.append).structure(
        {"msgtype": "image", **payload, **others}, Attachment
    )
    whole = {"msgtype": "image", "image": payload.get("image") or {}, **others}
    assert codec.converter.unstructure(attached, Attachment) == whole
    told_of = {drift.what for drift in told if drift.what.startswith("unknown")}
    assert told_of == {f"unknown field {name!r} in the union" for name in others}


@pytest.mark.parametrize(
    ("data", "record", "what"),
    [
        ({"kind": "event", "id": 3, "event": {"event": "closed"}}, Moved(event="closed", id="3", moved_stall=""), "a number instead of a string"),
        ({"kind": "text", "id": None, "text": None}, TextNews(id="", content=""), "no text beside kind 'text'"),
        ({"kind": "event", "event": [{"event": "moved", "stall": "a"}]}, Moved(event="moved", id="", moved_stall="a"), "event is not an object"),
        ({"kind": "event", "id": "1", "event": {}}, Unknown("event", {}, {"id": "1"}), "unknown event None"),
        ({"kind": "event", "id": "1", "event": 5}, Unknown("event", 5, {"id": "1"}), "event is not an object"),
    ],
)  # fmt: skip
def test_odd_variants_are_forgiven_and_refused_when_strict(
    data: dict[str, Any], record: Any, what: str
) -> None:
    told: list[Drift] = []
    assert Codec(on_drift=told.append).structure(copy.deepcopy(data), News) == record
    assert what in [drift.what for drift in told]
    with pytest.raises(DecodeError):
        STRICT.structure(data, News)


@pytest.mark.parametrize(
    ("tag", "record", "what"),
    [
        ("1", Bare(), "type is a string instead of a number"),
        ("9", Unknown("9", None, {"shape": "bare"}), "unknown type 9"),
        ("-1", Unknown("-1", None, {"shape": "bare"}), "unknown type '-1'"),
        ("0" * 18 + "1", Bare(), "type is a string instead of a number"),
        ("0" * 19 + "1", Unknown("0" * 19 + "1", None, {"shape": "bare"}), "unknown type"),
    ],
)
def test_a_tag_that_is_digits_is_the_number_that_is_meant(tag: str, record: Any, what: str) -> None:
    told: list[Drift] = []
    assert Codec(on_drift=told.append).structure({"type": tag, "shape": "bare"}, Flat) == record
    assert told[-1].what.startswith(what)


def test_a_class_of_another_union_is_refused_by_name() -> None:
    paper = Paper(news=[Keyed(size=1)], events=[], outer=Unknown(""), flat=[])
    with pytest.raises(RefusedArgument, match="is none of TextNews, MediaNews, Opened, Moved"):
        codec.unstructure(paper)


def test_a_union_shows_what_it_is_made_of() -> None:
    (tagged,) = (mark for mark in News.__metadata__ if isinstance(mark, Tagged))
    assert repr(tagged) == (
        "Tagged('kind', {'text': TextNews, 'image': MediaNews, 'sound': MediaNews, 'event': a union})"
    )


LINK = {"title": "t", "url": "u"}


def test_a_request_that_is_a_union_is_sent_as_one_object() -> None:
    call = Tell(to="anna", what=LinkAttachment(title="t", url="u"), safe=True)
    data = {"to": "anna", "msgtype": "link", "link": LINK, "safe": 1}
    assert codec.shared.encode(call) == data
    assert STRICT.structure(copy.deepcopy(data), Tell) == call
    stranger = Tell(to="anna", what=Unknown("vote", {"a": 1}, {"to": "eve", "also": 2}))
    assert codec.shared.encode(stranger) == {
        "to": "anna", "msgtype": "vote", "vote": {"a": 1}, "also": 2,
    }  # fmt: skip
    with pytest.raises(RefusedArgument, match=r"^Tell\.what\.title: 129 bytes"):
        codec.shared.encode(Tell(to="a", what=LinkAttachment(title="t" * 129, url="u")))
    with pytest.raises(RefusedArgument, match=r"^Tell\.what: is required"):
        codec.shared.encode(Tell(to="a", what=None))  # type: ignore[arg-type]  # refused


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"to": "a"}, r"Tell\.msgtype: missing"),
        (
            {"to": "a", "msgtype": "link", "link": LINK, "new": 1},
            "unknown field 'new' in the union",
        ),
        (
            {"to": "a", "msgtype": "link", "link": {"title": {}, "url": "u"}},
            r"Tell\.link\.title: {}",
        ),
        ({"to": "a", "msgtype": "vote", "vote": {}}, "unknown msgtype 'vote'"),
    ],
)
def test_what_stands_flat_has_no_level_of_its_own_in_a_path(
    data: dict[str, Any], path: str
) -> None:
    with pytest.raises(DecodeError, match=path):
        STRICT.structure(copy.deepcopy(data), Tell)
    call = codec.structure(copy.deepcopy(data), Tell)
    assert codec.structure(codec.unstructure(call), Tell) == call
    assert "new" not in data or codec.unstructure(call) == data


@pytest.mark.parametrize(
    "data",
    [
        {"id": "1"},
        {"id": "1", "type": 1, "shape": "bare"},
        {"id": "1", "type": 2, "form": "keyed", "keyed": {"size": 3}},
    ],
)
def test_a_flat_union_may_be_absent(data: dict[str, Any]) -> None:
    told = STRICT.structure(copy.deepcopy(data), Told)
    assert (told.echo is None) is ("type" not in data)
    assert codec.unstructure(told) == data


@pytest.mark.parametrize(
    "data",
    [
        {"id": "1", "new": 2},
        {"id": {"a": 1}, "new": 2},
        {"id": {"a": 1}, "type": 9, "new": 2},
        {"id": {"a": 1}, "type": 2, "form": "keyed", "keyed": {"size": {"b": 1}, "x": 1}, "new": 2},
        {"id": "1", "type": None, "new": 2},
        {"id": "1", "type": {"a": 1}, "new": 2},
    ],
)
def test_nothing_around_a_flat_union_is_lost(data: dict[str, Any]) -> None:
    told = codec.structure(copy.deepcopy(data), Told)
    assert codec.unstructure(told) == {
        key: value for key, value in data.items() if value is not None
    }
    with pytest.raises(DecodeError):
        STRICT.structure(data, Told)


@define(kw_only=True, eq=False, repr=False)
class Named(Call[None]):
    """What is named by a pattern."""

    endpoint: ClassVar[Endpoint[None]] = post("a.named")
    name: str = field(metadata=wire(pattern=r"\w*", max_chars=4))
    names: list[str] | None = field(default=None, metadata=wire(pattern="[a-z]|[0-9]+"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "a-b"}, r"Named.name: does not match \w*"),
        ({"name": "中"}, r"Named.name: does not match \w*"),
        ({"name": "１"}, r"Named.name: does not match \w*"),
        ({"name": "a\n"}, r"Named.name: does not match \w*"),
        ({"name": "abcde"}, "Named.name: 5 characters, WeCom takes at most 4"),
        ({"name": 5}, "Named.name: 5 is not of type str"),
        ({"name": "", "names": ["a", "12", "ab"]}, "Named.names[2]: does not match [a-z]|[0-9]+"),
        ({"name": "", "names": "ab"}, "Named.names: 'ab' is not a list"),
    ],
)
def test_a_text_that_does_not_match_is_refused_with_its_path(
    given: dict[str, Any], message: str
) -> None:
    call = Named(**given)
    with pytest.raises(RefusedArgument) as caught:
        codec.shared.encode(call)
    assert str(caught.value) == message
    # A reply may break a request's rule, and a client may be told not to look.
    if "is not" not in message:
        assert STRICT.structure(copy.deepcopy(given), Named) == call
        assert codec.shared.encode(call, check=False) == given


def test_a_text_that_matches_goes_out() -> None:
    given = {"name": "a_B1", "names": ["a", "0123"]}
    assert codec.shared.encode(Named(**given)) == given  # type: ignore[arg-type]  # data, whose types are in the table
    assert codec.shared.encode(Named(name="")) == {"name": ""}


# Lists in lists, and maps.


@define(kw_only=True, eq=False, repr=False)
class Chart(Call[None]):
    """Numbers and names."""

    endpoint: ClassVar[Endpoint[None]] = post("a.chart")
    rows: Sequence[Sequence[int]] = field(metadata=wire(max=9, max_items=2))
    peaks: Mapping[str, Keyed]
    names: dict[str, list[str]] | None = field(
        default=None, metadata=wire(max_chars=3, max_items=2)
    )
    days: list[dict[str, datetime]] | None = None
    news: dict[str, list[Flat]] | None = None
    anything: dict[str, Any] | None = None
    flags: list[list[bool]] | None = field(default=None, metadata=wire(flag=True))
    codes: dict[str, str] | None = field(default=None, metadata=wire(pattern="[a-z]+"))
    cube: list[list[list[Keyed]]] | None = None


CHART: dict[str, Any] = {
    "rows": [[1, 2], []], "peaks": {"monday": {"size": 1}}, "names": {"fish": ["a", "b"]},
    "days": [{"x": 1525779812}, {}], "news": {"n": [{"type": 1, "shape": "bare"}]},
    "anything": {"a": [None, {"b": 1}]}, "flags": [[1, 0]], "codes": {"k": "ab"},
    "cube": [[[{"size": 1}], []], []],
}  # fmt: skip


@pytest.mark.parametrize("odd", [{1, 2}, float("nan"), b"bytes"], ids=repr)
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"one": 0}, "one"),
        ({"several": [1, 0]}, "several[1]"),
        ({"named": {"a": 1, "b": 0}}, "named.b"),
        ({"deep": [[1], [1, 0]]}, "deep[1][1]"),
    ],
)
def test_what_may_be_anything_is_given_back_as_it_is_and_sent_if_json_can_say_it(
    given: dict[str, Any], path: str, odd: Any
) -> None:
    @define(kw_only=True)
    class Own(Call[Any]):
        endpoint: ClassVar[Endpoint[Any]] = post("own.any")
        one: Any = field(default=1, metadata=wire("one"))
        several: list[Any] | None = field(default=None, metadata=wire("several"))
        named: dict[str, Any] | None = field(default=None, metadata=wire("named"))
        deep: list[list[Any]] | None = field(default=None, metadata=wire("deep"))

    def put(value: Any) -> Any:
        """The odd value where there is a zero."""
        if isinstance(value, list):
            return [put(item) for item in value]
        if isinstance(value, dict):
            return {name: put(item) for name, item in value.items()}
        return odd if value == 0 else value

    own = Own(**put(given))
    assert codec.unstructure(own) == {"one": 1, **put(given)}
    for check in (True, False):
        with pytest.raises(RefusedArgument) as refused:
            Codec().encode(own, check)
        assert refused.value.path == f"Own.{path}"
    assert Codec().encode(Own(**given)) == {"one": 1, **given}


def test_a_strict_codec_gives_back_what_a_lenient_one_has_read() -> None:
    data = {
        "msgtype": "link",
        "link": {"title": {"x": 1}, "url": "u", "new": {"a": 1}},
        "beside": 2,
    }
    lenient: Any = Codec().converter.structure(data, Attachment)
    assert STRICT.converter.unstructure(lenient, Attachment) == data


def test_a_time_of_zero_in_a_list_is_a_time() -> None:
    """Alone it says never; one of several has a place to keep."""

    @define(kw_only=True)
    class Times(Model):
        alone: datetime | None = field(default=None, metadata=wire("alone"))
        several: list[datetime] | None = field(default=None, metadata=wire("several"))

    for zero in (0, "0"):
        found = codec.structure({"alone": zero, "several": [zero, 5]}, Times)
        assert found.alone is None
        assert found.several is not None
        assert [moment.timestamp() for moment in found.several] == [0, 5]


def test_a_call_of_ones_own_without_an_endpoint_is_a_record_like_others() -> None:
    @define(kw_only=True)
    class Own(Call[Any]):
        name: str = field(metadata=wire("Name"))

    assert codec.unstructure(Own(name="a")) == {"Name": "a"}
    assert codec.structure({"Name": "a"}, Own) == Own(name="a")


def test_lists_of_lists_and_maps_are_read_and_written() -> None:
    chart = STRICT.structure(copy.deepcopy(CHART), Chart)
    assert chart.rows == [[1, 2], []]
    assert chart.peaks == {"monday": Keyed(size=1)}
    assert chart.days[0]["x"].year == 2018
    assert chart.flags == [[True, False]]
    assert codec.shared.encode(chart) == CHART
    given = Chart(rows=((1,), (2,)), peaks=MappingProxyType({"m": Keyed(size=1)}))
    assert codec.shared.encode(given) == {"rows": [[1], [2]], "peaks": {"m": {"size": 1}}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rows": [[1, 10]]}, "Chart.rows[0][1]: 10, WeCom takes at most 9"),
        ({"rows": [[1], [2], [3]]}, "Chart.rows: 3 items, WeCom takes at most 2"),
        ({"rows": [1]}, "Chart.rows[0]: 1 is not a list"),
        ({"rows": ["12"]}, "Chart.rows[0]: '12' is not a list"),
        ({"rows": [["x"]]}, "Chart.rows[0][0]: 'x' is not of type int"),
        ({"peaks": {"m": 1}}, "Chart.peaks.m: 1 is not a Keyed"),
        ({"peaks": {"m": Keyed(size="x")}}, "Chart.peaks.m.size: 'x' is not of type int"),  # type: ignore[arg-type]  # refused
        ({"peaks": {1: Keyed(size=1)}}, "Chart.peaks: 1 is not a string, as names in JSON are"),
        ({"peaks": [Keyed(size=1)]}, "Chart.peaks: [Keyed(size=1)] is not a mapping"),
        ({"peaks": None}, "Chart.peaks: is required"),
        ({"names": {"f": ["a", "long"]}}, "Chart.names.f[1]: 4 characters, WeCom takes at most 3"),
        ({"names": {"a": [], "b": [], "c": []}}, "Chart.names: 3 items, WeCom takes at most 2"),
        ({"names": {"f": "abc"}}, "Chart.names.f: 'abc' is not a list"),
        ({"codes": {"k": "1"}}, "Chart.codes.k: does not match [a-z]+"),
        ({"anything": {"k": {1}}}, "Chart.anything.k: {1} is not JSON data"),
    ],
)
def test_what_is_wrong_in_lists_and_maps_is_refused_with_its_path(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(RefusedArgument) as caught:
        codec.shared.body(Chart(**{"rows": [], "peaks": {}} | given))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "given",
    [
        {"rows": [[2**64]]},
        {"names": {"f": ["\ud800"]}},
        {"peaks": {"\ud800": Keyed(size=1)}},
        {"peaks": {"m": Keyed(size=2**64)}},
        {"cube": [[[Keyed(size=2**64)]]]},
    ],
)
def test_what_json_cannot_hold_in_lists_and_maps_is_found(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(RefusedArgument, match=rf"^Chart\.{name}"):
        codec.shared.body(Chart(**{"rows": [], "peaks": {}} | given), check=False)


@pytest.mark.parametrize(
    ("name", "given", "got"),
    [
        ("rows", [["1", 2]], [[1, 2]]),
        ("rows", None, []),
        ("rows", [[1], "x", [2]], [[1], [2]]),
        ("rows", [[1, {}], [2]], [[2]]),
        ("peaks", [], {}),
        ("peaks", None, {}),
        ("peaks", "x", {}),
        ("peaks", {"a": {"size": "3"}, "b": 5, "c": None}, {"a": Keyed(size=3)}),
        ("names", {"f": ["a", {}], "g": ["b"]}, {"g": ["b"]}),
        ("names", [{"f": ["a"]}], {"f": ["a"]}),
        ("days", [{"x": 1525779812000}], None),
        ("flags", [[True, 0]], [[True, False]]),
        ("cube", [[[{"size": 1}, 5]], [[{"size": 2}]]], [[[Keyed(size=2)]]]),
    ],
)
def test_odd_lists_and_maps_are_forgiven_and_nothing_is_lost(
    name: str, given: Any, got: Any
) -> None:
    told: list[Drift] = []
    data = {"rows": [], "peaks": {}, name: given}
    chart = Codec(on_drift=told.append).structure(copy.deepcopy(data), Chart)
    assert told
    if got is not None:
        assert getattr(chart, name) == got
    with pytest.raises(DecodeError, match=rf"^Chart\.{name}"):
        STRICT.structure(copy.deepcopy(data), Chart)
    # What could not be understood is in `.extra` and goes back; what could is written as it is meant.
    written = codec.shared.encode(chart, check=False)[name]
    assert written == given if name in chart.extra else getattr(chart, name) is not None


# Records that contain themselves: directly, in lists and maps, through a union, through another record.


@define(kw_only=True, eq=False, repr=False)
class Hall(Model):
    """A hall with halls."""

    name: str
    halls: list["Hall"] | None = None
    best: "Hall | None" = None
    doors: dict[str, "Hall"] | None = None


@define(kw_only=True, eq=False, repr=False)
class Node(Model):
    """A list of its kind, which must be there."""

    nodes: list["Node"]


@define(kw_only=True, eq=False, repr=False)
class Menu(Model):
    """Something to choose from."""

    entries: "list[MenuEntry]"
    first: "MenuEntry | None" = None


@define(kw_only=True, eq=False, repr=False)
class Dish(Model):
    """A dish."""

    price: int
    on: Menu | None = None


MenuEntry: TypeAlias = Annotated[
    Dish | Menu | Unknown, Tagged("kind", {"dish": ("dish", Dish), "menu": ("menu", Menu)})
]


@define(kw_only=True, eq=False, repr=False)
class Draw(Call[None]):
    """All of it."""

    endpoint: ClassVar[Endpoint[None]] = post("a.draw")
    hall: Hall
    menu: Menu | None = None


HALL: dict[str, Any] = {
    "name": "a", "halls": [{"name": "b", "halls": [{"name": "c", "halls": [{"name": "d", "halls": [
        {"name": "e", "best": {"name": "f"}}]}]}]}], "doors": {"n": {"name": "g", "halls": []}},
}  # fmt: skip
MENU: dict[str, Any] = {
    "entries": [
        {"kind": "dish", "dish": {"price": 1, "on": {"entries": [{"kind": "menu", "menu": {"entries": []}}]}}},
        {"kind": "menu", "menu": {"entries": [{"kind": "dish", "dish": {"price": 2}}]}},
    ],
    "first": {"kind": "menu", "menu": {"entries": []}},
}  # fmt: skip


def test_records_inside_themselves_are_read_and_written() -> None:
    for strict in (True, False):
        fresh = Codec(strict=strict)
        draw = fresh.structure({"hall": copy.deepcopy(HALL), "menu": copy.deepcopy(MENU)}, Draw)
        assert draw.hall.halls[0].halls[0].halls[0].halls[0].best == Hall(name="f")
        assert draw.menu.entries[1] == Menu(entries=[Dish(price=2)])
        assert fresh.encode(draw) == {"hall": HALL, "menu": MENU}
    dish = codec.converter.structure({"kind": "dish", "dish": {"price": 1}}, MenuEntry)
    assert codec.converter.unstructure(dish, MenuEntry) == {"kind": "dish", "dish": {"price": 1}}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"name": "a", "halls": [{"name": "b", "halls": [{"name": "c", "halls": [{"name": "d", "halls": [{"name": {}}]}]}]}]},
         "Hall.halls[0].halls[0].halls[0].halls[0].name: {} is not a string"),
        ({"name": "a", "best": {"name": "b", "new": 1}}, "Hall.best.new: unknown field: 1"),
        ({"name": "a", "doors": {"n": {"name": []}}}, "Hall.doors.n.name: [] is not a string"),
    ],
)  # fmt: skip
def test_a_fault_deep_inside_has_its_path(data: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        STRICT.structure(copy.deepcopy(data), Hall)
    assert str(caught.value) == path
    assert codec.unstructure(codec.structure(copy.deepcopy(data), Hall)) != {}


def test_what_is_wrong_deep_inside_is_refused_with_its_path() -> None:
    menu = Menu(entries=[Dish(price=1, on=Menu(entries=[Menu(entries=[Dish(price="x")])]))])  # type: ignore[arg-type]  # refused
    with pytest.raises(RefusedArgument) as caught:
        codec.shared.encode(Draw(hall=Hall(name="a"), menu=menu))
    path = "Draw.menu.entries[0].on.entries[0].entries[0].price"
    assert str(caught.value) == f"{path}: 'x' is not of type int"


def test_a_record_in_a_circle_is_refused() -> None:
    hall = Hall(name="a")
    hall.halls = [Hall(name="b", best=hall)]
    with pytest.raises(RefusedArgument, match=r"^Draw: nested too deep, or in a circle"):
        codec.shared.encode(Draw(hall=hall))
    with pytest.raises(RefusedArgument, match="nested too deep, or in a circle"):
        codec.shared.body(Draw(hall=hall))


def test_what_is_nested_deeper_than_anyone_does_costs_an_error_with_a_name() -> None:
    deep: dict[str, Any] = {"name": "a"}
    for _ in range(100_000):
        deep = {"name": "a", "best": deep}
    with pytest.raises(DecodeError, match="^Hall: nested too deep"):
        codec.structure(deep, Hall)
    while deep:
        deep = deep.pop("best", {})  # one by one, as Python may not free so many at once
    some: dict[str, Any] = {"name": "a"}
    for _ in range(250):
        some = {"name": "a", "best": some}
    assert codec.unstructure(codec.structure(orjson.loads(orjson.dumps(some)), Hall)) == some


def test_threads_that_read_a_record_inside_itself_for_the_first_time_do_not_meet() -> None:
    for _ in range(20):
        fresh = Codec()
        barrier = Barrier(4)

        def read(fresh: Codec = fresh, barrier: Barrier = barrier) -> Any:
            barrier.wait()
            draw = fresh.structure({"hall": copy.deepcopy(HALL), "menu": copy.deepcopy(MENU)}, Draw)
            return fresh.encode(draw)

        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(read) for _ in range(4)]
            assert [each.result() for each in found] == [{"hall": HALL, "menu": MENU}] * 4


# The simulator, which answers a call of tomorrow after its class.


@pytest.mark.parametrize("cls", [Paper, Told, Chart, Hall, Draw, Menu, Node, Tell])
def test_the_simulator_makes_an_example_of_every_shape(cls: type[Model]) -> None:
    example = example_of(post("a.b", cls))
    found = STRICT.structure(copy.deepcopy(example), cls)
    assert codec.unstructure(found) == example


@pytest.mark.parametrize(
    ("paginate", "example"),
    [
        (Paginate(items="items", cursor="c", more="more"), {"items": ["ITEMS"], "more": False}),
        (Paginate(items="items", cursor="c", more="flag"), {"items": ["ITEMS"], "more": True}),
        (Paginate(items="items", cursor="c", limit="l"), {"items": [], "more": True}),
    ],
)
def test_the_simulator_answers_such_a_call_with_one_page(
    paginate: Paginate, example: dict[str, Any]
) -> None:
    @define(kw_only=True, eq=False, repr=False)
    class Page(Model):
        items: list[str]
        more: bool
        flag: bool = field(metadata=wire(flag=True))

    assert example_of(post("a.b", Page, paginate=paginate)) == {**example, "flag": 0}


EMPTY: list[tuple[type[Model], dict[str, Any], list[tuple[str, bool]]]] = [
    (Tell, {"to": "", "msgtype": "link", "link": {"title": "", "desc": "", "url": "u"}},
     [("link.title", True), ("link.desc", False), ("to", True)]),
    (Tell, {"to": "a", "msgtype": [], "link": {"title": ""}}, []),
    (Told, {"id": "", "type": 2, "form": "keyed", "keyed": {"size": ""}}, [("id", True)]),
    (Paper, {"news": [{"kind": "text", "text": {"content": ""}},
                      {"kind": "event", "event": {"event": "moved", "stall": ""}}],
             "events": [{"event": "closed", "stall": ""}],
             "outer": {"a": "y", "middle": {"b": "x", "inner": {"c": 1, "deep": {"name": ""}}}}},
     [("news[0].text.content", True), ("news[1].event.stall", True), ("events[0].stall", True),
      ("outer.middle.inner.deep.name", True)]),
    (Draw, {"hall": {"name": "a", "halls": [{"name": ""}], "best": {"name": "b", "best": {"name": ""}}}},
     [("hall.halls[0].name", True), ("hall.best.best.name", True)]),
    (Chart, {"names": {"a": [""]}, "codes": {"k": ""}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "data", "found"), EMPTY)
def test_the_simulator_finds_empty_strings_in_every_shape(
    cls: type[Model], data: dict[str, Any], found: list[tuple[str, bool]]
) -> None:
    assert list(Strings.of(cls).empty(data)) == found


def test_the_simulator_lets_unknown_keys_of_a_flat_union_pass() -> None:
    form = Form(Tell.endpoint, lenient=True)
    data = {"to": "a", "msgtype": "link", "link": LINK}
    assert form.read(data) == data


def test_a_sparse_reply_keeps_a_flat_union_whole() -> None:
    data = {"to": "a", "safe": 1, "msgtype": "link", "link": LINK}
    assert sparse(post("a.b", Tell), data) == {"to": "a", "msgtype": "link", "link": LINK}


def round_trips(annotation: Any) -> None:
    """Whatever a record of this type holds, both codecs read what was written of it."""

    @settings(
        max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(single(annotation))
    def check(value: Any) -> None:
        data = orjson.loads(orjson.dumps(codec.converter.unstructure(value, annotation)))
        again = orjson.loads(orjson.dumps(data))
        assert codec.structure(data, annotation) == value
        try:
            assert STRICT.structure(again, annotation) == value
        except DecodeError as error:
            assert error.what.startswith("unknown "), error  # noqa: PT017  (it may or may not raise)

    check()


@pytest.mark.parametrize(
    "annotation", [News, EventNews, Outer, Flat, Paper, Tell, Told, Chart, Hall, Draw, MenuEntry]
)
def test_every_variant_comes_back_as_it_was_written(annotation: Any) -> None:
    round_trips(annotation)


@define(kw_only=True, eq=False, repr=False)
class Print(Call[None]):
    """Print papers."""

    endpoint: ClassVar[Endpoint[None]] = post("a.print")
    news: list[News]
    outer: Outer | None = None
    flat: list[list[Flat]]
    boxes: Mapping[str, Sequence[News]]
    what: Attachment | None = field(default=None, metadata=wire(flat=True))


def printed() -> dict[str, Any]:
    """What is sent for a call that holds something unknown wherever that can be."""
    return {
        "news": [
            {**IMAGE_NEWS, "a": 1, "image": {"media_id": "m", "b": 1}},
            {**CLOSED, "c": 1, "event": {"event": "closed", "stall": "gone", "d": 1}},
            {"kind": "sound", "id": "5", "sound": {"media_id": "m", "o": 1}},
        ],
        "outer": {
            "a": "y", "name": "o", "e": 1,
            "middle": {
                "b": "x", "name": "m", "f": 1,
                "inner": {"c": 1, "g": 1, "deep": {"name": "d", "h": 1}},
            },
        },
        "flat": [[{"type": 1, "shape": "bare", "i": 1}, {"type": 2, "form": "keyed", "keyed": {"size": 1, "j": 1}}]],
        "boxes": {"k": [{"kind": "text", "id": "1", "text": {"content": "c", "l": 1}}, {"kind": "m"}]},
        "msgtype": "image", "image": {"media_id": "m", "n": 1},
    }  # fmt: skip


def test_a_message_names_all_that_is_unknown_in_lists_maps_and_unions() -> None:
    message = {"call": "a.print", "data": printed()}
    paths = [
        "Print.news[0].a", "Print.news[0].image.b",
        "Print.news[1].c", "Print.news[1].event.d", "Print.news[2].sound.o",
        "Print.outer.e", "Print.outer.middle.f", "Print.outer.middle.inner.g",
        "Print.outer.middle.inner.deep.h",
        "Print.flat[0][0].i", "Print.flat[0][1].keyed.j",
        "Print.boxes.k[0].text.l", "Print.boxes.k[1]",
        "Print.image.n",
    ]  # fmt: skip
    calls = {"a.print": Print.endpoint}
    call = messages.load_call({**message, "unknown": paths}, calls, True)
    sent = codec.dump_call(call)
    assert sorted(sent["unknown"]) == sorted(paths)
    assert sent["data"] == printed()
    for path in paths:
        vouched = [other for other in paths if other != path]
        with pytest.raises(DecodeError) as refusal:
            messages.load_call({**message, "unknown": vouched}, calls, True)
        assert refusal.value.path == path


@define(kw_only=True, eq=False, repr=False)
class Nest(Model):
    """Something that may have the like inside."""

    nest: "Nest | None" = None


@define(kw_only=True, eq=False, repr=False)
class Build(Call[None]):
    """Build a nest."""

    endpoint: ClassVar[Endpoint[None]] = post("a.build")
    nest: Nest


def test_a_message_that_is_nested_too_deep_is_an_error_of_its_own() -> None:
    data: dict[str, Any] = {}
    for _ in range(5000):
        data = {"nest": data}
    with pytest.raises(DecodeError, match="Build: nested too deep"):
        messages.load_call({"call": "a.build", "data": data}, {"a.build": Build.endpoint}, True)


def test_only_a_union_with_none_may_be_absent() -> None:
    assert codec.Shape.of(int | str | None).optional
    assert not codec.Shape.of(int | str).optional
