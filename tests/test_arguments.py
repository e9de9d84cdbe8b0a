"""Whatever is wrong with an argument, it is a `RefusedArgument` with the path, and nothing is sent."""

import json
from collections import OrderedDict, UserDict, deque, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import orjson
import pytest
from attrs import NOTHING, define, field, fields
from serving import Aio, Server, WeCom, serving
from test_flow import FINE, READ, Played, engine, says, warm
from wecom_contact import Upload, catalog, codec
from wecom_contact._runtime.codec import dumps
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
from wecom_contact.codec import Shape, is_enum, is_model, tagged, wire_fields
from wecom_contact.contact_way import ContactWayAdd, ContactWayGet
from wecom_contact.credentials import Provider
from wecom_contact.customer import CustomerList
from wecom_contact.errors import RefusedArgument
from wecom_contact.media import MediaGet
from wecom_contact.types import ImageAttachment, LinkAttachment, MessageText
from wecom_contact.welcome import WelcomeSend

HALF = "\ud83d"
CHECKS = [True, False]


class Centre:
    """Tokens of every kind."""

    def token(self, kind: str, stale: object) -> str:
        return f"T-{kind}"


ENGINES = {check: engine(credential=Centre(), check=check) for check in CHECKS}


def refused(run: Callable[..., Any], *args: Any, **options: Any) -> RefusedArgument:
    """The refusal, which says itself without trouble."""
    with pytest.raises(RefusedArgument) as caught:
        run(*args, **options)
    str(caught.value).encode()
    return caught.value


def asked(call: Any, check: bool = True) -> RefusedArgument:
    """The refusal of a call, before it asks for anything to be done."""

    def run() -> None:
        # Only an upload is a flow before it is looked at; a step of it would be something to send.
        flow = ENGINES[check].call(call)
        step = next(flow)
        flow.close()
        raise AssertionError(step)

    return refused(run)


# Every spot of every call: a sample with something in each field, and the path to each value.


def sample(cls: type[Model]) -> Any:
    """A record with every field filled."""
    record = cls.__new__(cls)
    for attribute in fields(cls):
        setattr(record, attribute.name, None)
    for attribute, _, shape in wire_fields(cls):
        values = many(shape.inner)
        setattr(record, attribute.name, values if shape.many else values[0])
    record.extra["brand_new"] = {"deep": [0, {"text": "t", "number": 1}]}
    return record


def many(inner: Any) -> list[Any]:
    """A value or more: of a union each variant, and one that nobody knows."""
    union = tagged(inner)
    if union is not None:
        known = [sample(variant) for _, variant in union.variants.values()]
        return [*known, Unknown("new", {"text": "t", "number": 1}, {"also": ["t", 1]})]
    if is_model(inner):
        return [sample(inner)]
    if is_enum(inner):
        return [next(iter(inner))]
    plain: dict[Any, Any] = {
        str: "t",
        int: 1,
        float: 1.5,
        bool: True,
        datetime: datetime.fromtimestamp(1, BEIJING),
        Any: {"text": ["t"], "number": 1},
    }
    return [plain[inner], plain[inner]]


Spot = tuple[str, Callable[[Any], None], Any, Any]
"""A path, how to put another value there, what is there, and of which type the field is."""


def spots(value: Any, path: str, put: Callable[[Any], None], inner: Any = Any) -> Iterator[Spot]:
    if isinstance(value, Model):
        for attribute, _, shape in wire_fields(type(value)):

            def put_field(new: Any, owner: Any = value, name: str = attribute.name) -> None:
                setattr(owner, name, new)

            part = getattr(value, attribute.name)
            yield from spots(part, f"{path}.{attribute.name}", put_field, shape.inner)
        yield from spots(value.extra, f"{path}.extra", put)
    elif isinstance(value, Unknown):
        yield from spots(value.payload, f"{path}.payload", put)
        yield from spots(value.beside, f"{path}.beside", put)
    elif isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):

            def put_item(new: Any, owner: Any = value, key: Any = key) -> None:
                owner[key] = new

            name = f"[{key}]" if isinstance(value, list) else f".{key}"
            yield from spots(part, path + name, put_item, inner)
    else:
        yield path, put, value, inner


def built(endpoint: Endpoint[Any]) -> Any:
    call = sample(endpoint.call)
    if endpoint.upload:
        setattr(call, endpoint.upload, Upload(b"content", name="a.png"))
    return call


NAMES = list(catalog.CALLS)


def spots_of(call: Any, *kinds: type) -> list[Spot]:
    """The places in a call that hold a value of a kind; a bool is not an int here."""
    found = spots(call, type(call).__name__, lambda _: None)
    return [
        spot
        for spot in found
        if isinstance(spot[2], kinds) and (bool in kinds or spot[2].__class__ is not bool)
    ]


def goes_out(call: Any, check: bool) -> bool:
    """Whether nothing is wrong with a call; a sample may have too much, of which limits tell."""
    try:
        next(ENGINES[check].call(call))
    except RefusedArgument:
        return False
    return True


def checks(call: Any) -> list[bool]:
    return [check for check in CHECKS if goes_out(call, check)]


def test_enough_samples_keep_to_the_limits_and_all_go_out_without() -> None:
    ways = [checks(built(endpoint)) for endpoint in catalog.CALLS.values()]
    assert all(False in each for each in ways)
    assert len([each for each in ways if True in each]) > 80


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_anywhere_in_any_call_is_refused_where_it_stands(name: str) -> None:
    call = built(catalog.CALLS[name])
    for check in checks(call):
        for path, put, was, inner in spots_of(call, str):
            put(inner(HALF) if is_enum(inner) else f"a{HALF}b")
            error = asked(call, check)
            assert error.path == path
            assert "holds half of a character (U+D83D)" in error.what
            put(was)


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_more_than_64_bits_anywhere_in_any_call_is_refused(name: str) -> None:
    call = built(catalog.CALLS[name])
    for check in checks(call):
        for path, put, was, _ in spots_of(call, int):
            for number in (2**64, -(2**63) - 1, 10**4000):
                put(number)
                error = asked(call, check)
                assert error.path == path
                assert "has more than 64 bits" in error.what or error.fault is Fault.LIMIT
            put(was)


ODD: list[Any] = [
    {1}, b"x", bytearray(b"x"), Decimal(1), UUID(int=1), object(), date(2026, 1, 1), 1 + 1j, ..., int,
    float("nan"), float("inf"), datetime(2026, 1, 1), MappingProxyType({"a": 1}), range, {1: 2},
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_another_kind_of_value_anywhere_in_any_call_is_refused(name: str) -> None:
    call = built(catalog.CALLS[name])
    for check in checks(call):
        for path, put, was, inner in spots_of(call, str, int, float, datetime, bool):
            wrong = [*ODD]
            if is_enum(inner):
                wrong += [True, Other.ONE, Word.ONE, Scene.QR, Kind.A, 1.0]
                wrong += ["1"] if issubclass(inner, OpenInt) else [1]
            elif inner in (int, bool):
                wrong += ["1", 1.0, 1 if inner is bool else True]
            elif inner in (str, datetime):
                wrong += [1, True]
            for odd in wrong:
                put(odd)
                assert asked(call, check).path == path, odd
            put(was)


class Plain(str, Enum):  # noqa: UP042  (that is what is tried)
    """As one wrote it before Python 3.11; `str` shows the name of a member."""

    A = "zhangsan"


class Scene(IntEnum):
    QR = 2


class Kind(StrEnum):
    A = "zhangsan"


class Other(OpenInt):
    """Of a call that does not exist."""

    ONE = 1


class Word(OpenStr):
    """Of a call that does not exist."""

    ONE = "one"


def test_every_kind_of_spot_is_tried() -> None:
    every = [
        spot
        for endpoint in catalog.CALLS.values()
        for spot in spots_of(built(endpoint), object, bool)
    ]
    kinds = {spot[3].__mro__[1] if is_enum(spot[3]) else spot[3] for spot in every}
    assert kinds == {Any, str, int, bool, datetime, OpenInt, OpenStr}
    assert len(every) > 500


# What is no call.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": 1}, "call: a call such as ContactWayGet(…), not dict"),
        (None, "call: a call such as ContactWayGet(…), not NoneType"),
        ("contact_way.get", "call: a call such as ContactWayGet(…), not str"),
        (ImageAttachment(media_id="m"), "call: a call such as ContactWayGet(…), not ImageAttachment"),
        (ContactWayGet.endpoint, "call: a call such as ContactWayGet(…), not Endpoint"),
        (ContactWayGet, "call: ContactWayGet(…), not the class ContactWayGet"),
        (CustomerList, "call: CustomerList(…), not the class CustomerList"),
        (Call(), "call: a call such as ContactWayGet(…), not Call"),
        ([ContactWayGet(config_id="c")], "call: a call such as ContactWayGet(…), not list"),
    ],
)  # fmt: skip
def test_what_is_no_call_is_not_sent(given: Any, message: str) -> None:
    for check in CHECKS:
        made = ENGINES[check]
        for run in (made.call, made.download):
            assert str(refused(run, given)) == message


def test_each_way_of_sending_wants_its_own_calls(colour: Any, server: Server) -> None:
    with colour(server.url) as client:
        way = ContactWayGet(config_id="c")
        assert str(refused(client.client.pager, way)) == (
            "pager.call: a paged call such as CustomerBatchGet(…), not ContactWayGet"
        )
        assert str(refused(client.client.pager, CustomerList)) == (
            "call: CustomerList(…), not the class CustomerList"
        )
        assert refused(client.client.pager, None).path == "call"
        assert str(refused(client.download, way)) == (
            "download.call: a call whose reply is a file, such as MediaGet(…), not ContactWayGet"
        )
        assert refused(client.download, MediaGet).path == "call"
        assert refused(client.download, MediaGet(media_id=HALF)).path == "MediaGet.media_id"
        assert refused(client.send, {"a": 1}).path == "call"
        assert refused(client.raw, "FETCH", "/x").path == "raw.method"
        assert refused(client.raw, "POST", "/x", json={"a": [0, {1}]}).path == "raw.json.a[1]"
        assert refused(client.raw, "GET", "/x", query={"a": {}}).path == "raw.query.a"
        for check in (client.send,):
            assert refused(check, WelcomeSend(welcome_code=HALF)).path.startswith("WelcomeSend")
    assert server.requests == []


def methods(client: Any) -> dict[str, Callable[[], Any]]:
    """Wrong arguments of resource methods, by the path to them."""
    ways, welcome = client.contact_way, client.welcome
    image = ImageAttachment(media_id="m")
    link = LinkAttachment(title=f"a{HALF}", url="u")
    return {
        "ContactWayGet.config_id": lambda: ways.get(config_id=HALF),
        "ContactWayAdd.type": lambda: ways.add(type=Other.ONE, scene=2, user=["u"]),
        "ContactWayAdd.user": lambda: ways.add(type=1, scene=2, user="zhangsan"),
        "ContactWayAdd.user[1]": lambda: ways.add(type=1, scene=2, user=["u", 5]),
        "ContactWayAdd.state": lambda: ways.add(type=1, scene=2, user=["u"], state=7),
        "WelcomeSend.attachments[1].title": lambda: welcome.send(
            welcome_code="c", attachments=[image, link]
        ),
        "WelcomeSend.text.content": lambda: welcome.send(
            welcome_code="c", text=MessageText(content=HALF)
        ),
        "WelcomeSend.attachments[0]": lambda: welcome.send(
            welcome_code="c", attachments=[{"msgtype": "image"}]
        ),
    }


def test_a_resource_method_refuses_like_the_call_it_makes(colour: Any, server: Server) -> None:
    for check in CHECKS:
        with colour(server.url, check=check) as client:
            for path, run in methods(client.client).items():
                assert refused(finished, client, run).path == path
    assert server.requests == []


def finished(client: Any, run: Callable[[], Any]) -> Any:
    """The result; what the asynchronous client gives is awaited."""
    return client.run(run()) if isinstance(client, Aio) else run()


# Raw calls.

Pair = namedtuple("Pair", "a b")


@dataclass
class Data:
    a: int = 1


class Colour(Enum):
    RED = "red"


class Shown:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def circle() -> Any:
    whole: list[Any] = [{}]
    whole[0]["a"] = whole
    return whole


def deep(levels: int) -> Any:
    data: Any = 1
    for _ in range(levels):
        data = {"a": data}
    return data


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({1}, "{1} is not JSON data"),
        (b"x", "b'x' is not JSON data"),
        (Decimal("1.5"), "Decimal('1.5') is not JSON data"),
        (datetime(2026, 1, 1, tzinfo=UTC), "is not JSON data"),
        (date(2026, 1, 1), "is not JSON data"),
        (UUID(int=1), "is not JSON data"),
        (Data(), "Data(a=1) is not JSON data"),
        (Colour.RED, "is not JSON data"),
        (Shown(), "a Shown that cannot be shown is not JSON data"),
        (UserDict(a=1), "{'a': 1} is not JSON data"),
        (MappingProxyType({"a": 1}), "is not JSON data"),
        (deque([1]), "deque([1]) is not JSON data"),
        (range(3), "range(0, 3) is not JSON data"),
        (ImageAttachment(media_id="m"), "is a record; codec.unstructure(…) makes JSON data of it"),
        (Unknown("vote"), "is not JSON data"),
        (float("nan"), "nan is not a number that JSON has"),
        (float("-inf"), "-inf is not a number that JSON has"),
        (2**64, "has more than 64 bits"),
        (-(2**63) - 1, "has more than 64 bits"),
        (10**5000, "a int that cannot be shown has more than 64 bits"),
        ("x\udc00", "holds half of a character (U+DC00)"),
        ({1: 2}, "1 is not a string, as names in JSON are"),
        ({None: 2}, "None is not a string, as names in JSON are"),
        ({HALF: 2}, "the name '\\ud83d' holds half of a character"),
    ],
    ids=lambda each: None if isinstance(each, str) else type(each).__name__,
)
def test_what_is_not_json_data_is_named_with_its_place(odd: Any, words: str) -> None:
    made = ENGINES[True]
    for data, path in (
        ({"a": [0, odd]}, "raw.json.a[1]"),
        ([({"b": odd},)], "raw.json[0][0].b"),
        (odd, "raw.json"),
    ):
        error = refused(made.raw, "POST", "/x", json=data)
        assert error.path == path
        assert words in error.what
    for check in CHECKS:
        call = Try(any=[{"x": odd}])
        assert refused(codec.shared.body, call, check).path == "Try.any[0].x"
        extra = Try(any=1, inner=Part(name="n", extra={"new": odd}))
        assert refused(codec.shared.body, extra, check).path == "Try.inner.extra.new"
        unknown = WelcomeSend(
            welcome_code="c", attachments=[Unknown("vote", odd), Unknown("vote", 1, {"b": odd})]
        )
        path = "WelcomeSend.attachments[0].payload"
        assert refused(codec.shared.body, unknown, check).path == path
        del unknown.attachments[0]
        path = "WelcomeSend.attachments[0].beside.b"
        assert refused(codec.shared.body, unknown, check).path == path


@define(kw_only=True)
class Part(Model):
    """A record in a call."""

    name: str


@define(kw_only=True)
class Try(Call[None]):
    """A call with everything odd."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="a.try", method="POST", path="/a", title="", page=1, readonly=False, result=None
    )
    any: Any
    inner: Part | None = None
    price: float | None = None
    prices: list[float] | None = None
    flags: list[bool] | None = field(default=None, metadata=wire(flag=True))
    text: str | None = None
    texts: list[str] | None = None
    number: int | None = None
    numbers: list[int] | None = None
    moments: list[datetime] | None = None
    listed: list[Part] | None = None


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"price": float("nan")}, "price"),
        ({"price": float("inf")}, "price"),
        ({"price": True}, "price"),
        ({"price": "1"}, "price"),
        ({"price": 10**400}, "price"),
        ({"prices": [1, 2.5, float("nan")]}, "prices[2]"),
        ({"flags": [True, 1]}, "flags[1]"),
        ({"text": 1}, "text"),
        ({"text": None, "texts": ["a", None]}, "texts[1]"),
        ({"texts": ("a", HALF)}, "texts[1]"),
        ({"texts": deque(["a", HALF])}, "texts[1]"),
        ({"texts": {"a": 1}}, "texts"),
        ({"texts": {"a"}}, "texts"),
        ({"texts": (each for each in "ab")}, "texts"),
        ({"texts": "ab"}, "texts"),
        ({"number": 1.0}, "number"),
        ({"number": "1"}, "number"),
        ({"numbers": [1, True]}, "numbers[1]"),
        ({"numbers": range(2**64, 2**64 + 1)}, "numbers[0]"),
        ({"moments": [datetime.fromtimestamp(1, BEIJING), datetime(2026, 1, 1)]}, "moments[1]"),
        ({"moments": [date(2026, 1, 1)]}, "moments[0]"),
        ({"listed": [Part(name="n"), {"name": "n"}]}, "listed[1]"),
        ({"listed": [Part(name="n"), Part(name=HALF)]}, "listed[1].name"),
        ({"listed": [Part(name="n", extra={"a": {HALF: 1}})]}, "listed[0].extra.a"),
        ({"listed": [Part(name="n", extra=5)]}, "listed[0].extra"),
        ({"listed": [Part(name="n", extra=[("a", 1)])]}, "listed[0].extra"),
        ({"inner": Part}, "inner"),
        ({"any": Part(name="n")}, "any"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(given: Any, path: str, check: bool) -> None:
    error = asked(Try(**{"any": 1} | given), check)
    assert error.path == f"Try.{path}"


def test_a_fault_is_not_blamed_on_a_sequence_that_is_none() -> None:
    call = Try(any=1, texts=deque(["a"]), numbers=range(2), text=HALF)
    assert asked(call).path == "Try.text"
    moments = Try(any=1, moments=[datetime.fromtimestamp(1, BEIJING)], number=2**64)
    assert asked(moments).path == "Try.number"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("unknown", "path", "words"),
    [
        (Unknown(7, {"a": 1}), "", "the tag 7 is not a string"),
        (Unknown(None), "", "the tag None is not a string"),
        (Unknown(HALF), "", "holds half of a character"),
        (Unknown(2**64), "", "has more than 64 bits"),
        (Unknown([]), "", "the tag [] is not a string"),
        (Unknown("vote", 1, [1]), "", "[1] is not a dict"),
        (Unknown("vote", 1, {2: 1}), ".beside", "2 is not a string"),
    ],
)
def test_a_variant_that_nobody_knows_is_looked_at(
    unknown: Unknown, path: str, words: str, check: bool
) -> None:
    error = asked(WelcomeSend(welcome_code="c", attachments=[unknown]), check)
    assert error.path == f"WelcomeSend.attachments[0]{path}"
    assert words in error.what


@pytest.mark.parametrize("levels", [0, 255, 300, 990, 5000, 100_000], ids=str)
def test_what_is_nested_without_end_is_refused(levels: int) -> None:
    data = deep(levels) if levels else circle()
    error = refused(ENGINES[True].raw, "POST", "/x", json=data)
    assert error.what == "nested too deep, or in a circle"
    assert error.path in ("raw.json[0]", "raw.json.a")
    for check in CHECKS:
        assert asked(Try(any=data), check).path.startswith("Try.any")
        assert asked(Try(any=1, extra={"x": data}), check).path.startswith("Try.extra")
    undo(data)


def undo(data: Any) -> None:
    """Take it apart from the top: to free deep data at once takes a deep stack."""
    while isinstance(data, dict) and data:
        data = data.pop("a")


def test_data_as_deep_as_the_fast_writer_goes_is_sent() -> None:
    assert json.loads(dumps(deep(254), "x")) == deep(254)
    assert json.loads(codec.shared.body(Try(any=deep(253)))) == {"any": deep(253)}


@pytest.mark.parametrize(
    ("data", "wire"),
    [
        ({"a": Pair(1, "x")}, {"a": [1, "x"]}),
        ({Word.ONE: 1}, {"one": 1}),
        (OrderedDict(a=(1, 2)), {"a": [1, 2]}),
        ({"a": Other.ONE, "b": Word.ONE}, {"a": 1, "b": "one"}),
        ({"a": type("F", (float,), {})(1.5)}, {"a": 1.5}),
        ({"a": type("S", (str,), {"__str__": lambda self: "no"})("中")}, {"a": "中"}),
        ({"a": 2**64 - 1, "b": -(2**63)}, {"a": 2**64 - 1, "b": -(2**63)}),
        ([], []),
        (None, {}),
        (0, 0),
        (False, False),
        ("x", "x"),
    ],
    ids=str,
)
def test_whatever_stands_for_json_data_is_sent(data: Any, wire: Any) -> None:
    played = Played(ENGINES[True].raw("POST", "/x", json=data), says(0))
    assert json.loads(played.steps[-1].body) == wire
    if data is not None:
        assert json.loads(codec.shared.body(Try(any=data))) == {"any": wire}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"method": "FETCH"}, "raw.method: GET or POST, not 'FETCH'"),
        ({"method": "get"}, "raw.method: GET or POST, not 'get'"),
        ({"method": None}, "raw.method: GET or POST, not None"),
        ({"method": []}, "raw.method: GET or POST, not []"),
        ({"method": "GET /x HTTP/1.1\r\n"}, "raw.method: GET or POST, not 'GET"),
        ({"path": 5}, "raw.path: /cgi-bin/…, and parameters in query=, not 5"),
        ({"path": None}, "raw.path: "),
        ({"path": ""}, "raw.path: "),
        ({"path": b"/x"}, "raw.path: "),
        ({"path": "cgi-bin/x"}, "raw.path: "),
        ({"path": "/x?a=1"}, "raw.path: "),
        ({"path": f"/{HALF}"}, "raw.path: holds half of a character"),
        ({"query": 5}, "raw.query: a mapping, not int"),
        ({"query": "a=1"}, "raw.query: a mapping, not str"),
        ({"query": [("a", 1)]}, "raw.query: a mapping, not list"),
        ({"query": {"a": {"b": 1}}}, "raw.query.a: {'b': 1} does not fit into a query"),
        ({"query": {"a": [1, [2]]}}, "raw.query.a[1]: [2] does not fit into a query"),
        ({"query": {"a": None}}, "raw.query.a: None does not fit into a query"),
        ({"query": {"a": (1, None)}}, "raw.query.a[1]: None does not fit into a query"),
        ({"query": {"a": b"x"}}, "raw.query.a: b'x' is not JSON data"),
        ({"query": {"a": HALF}}, "raw.query.a: holds half of a character"),
        ({"query": {"a": float("nan")}}, "raw.query.a: nan is not a number"),
        ({"query": {"a": 2**64}}, "raw.query.a: 18446744073709551616 has more than 64 bits"),
        ({"query": {HALF: 1}}, "raw.query: the name '\\ud83d' holds half"),
        ({"query": {1: 1}}, "raw.query: 1 is not a string"),
        ({"query": MappingProxyType({"a": {1}})}, "raw.query.a: {1} is not JSON data"),
        ({"token": "acces_token"}, "raw.token: access_token, suite_access_token, provider_access_token"),
        ({"token": 5}, "raw.token: "),
        ({"token": []}, "raw.token: "),
        ({"token": ""}, "raw.token: "),
        ({"readonly": "yes"}, "raw.readonly: True, False or None, not 'yes'"),
        ({"readonly": []}, "raw.readonly: "),
    ],
)  # fmt: skip
def test_a_raw_call_is_looked_at_before_it_is_sent(given: Any, message: str) -> None:
    arguments = {"method": "GET", "path": "/x"} | given
    arguments["query_"] = arguments.pop("query", None)
    assert str(refused(lambda: ENGINES[True].raw(**arguments))).startswith(message)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"a": "x y", "b": "中"}, "a=x+y&b=%E4%B8%AD"),
        ({"a": True, "b": 5, "c": 1.5}, "a=true&b=5&c=1.5"),
        ({"a": [1, "x", False]}, "a=1%2Cx%2Cfalse"),
        ({"a": (1, "x")}, "a=1%2Cx"),
        ({"a": Other.ONE, "b": Word.ONE, "c": [Word.ONE]}, "a=1&b=one&c=one"),
        ({"a": Plain.A, "b": [Plain.A]}, "a=zhangsan&b=zhangsan"),
        ({"a": Enum("E", {"A": 7}, type=int).A}, "a=7"),
        (MappingProxyType({"a": 1}), "a=1"),
        ({}, ""),
        (None, ""),
    ],
    ids=str,
)
def test_whatever_fits_into_a_query_goes_there(query: Any, text: str) -> None:
    played = Played(ENGINES[True].raw("GET", "/x", query_=query), says(0))
    assert played.steps[-1]._query == (f"&{text}" if text else "")


# What is unusual and works.


@pytest.mark.parametrize("user", [Plain.A, Kind.A, type("S", (str,), {})("zhangsan")])
@pytest.mark.parametrize("check", CHECKS)
def test_texts_and_numbers_of_a_subclass_are_what_they_hold(user: Any, check: bool) -> None:
    call = Try(any=user, text=user, texts=[user], number=Scene.QR, numbers=[Scene.QR])
    assert orjson.loads(codec.shared.body(call, check)) == {
        "any": "zhangsan", "text": "zhangsan", "texts": ["zhangsan"], "number": 2, "numbers": [2],
    }  # fmt: skip
    assert codec.shared.query(CustomerList(userid=user), check) == "userid=zhangsan"
    assert type(codec.shared.encode(CustomerList(userid=user), check)["userid"]) is str


def test_a_plain_number_serves_as_an_enum_and_one_of_another_enum_does_not() -> None:
    sent = codec.shared.encode(ContactWayAdd(type=1, scene=2, user=["u"]))
    assert (sent["type"], sent["scene"]) == (1, 2)
    assert asked(ContactWayAdd(type=Scene.QR, scene=2, user=["u"])).path == "ContactWayAdd.type"


def test_what_was_read_is_given_back_whatever_it_is() -> None:
    """Only what is sent must be JSON: a reply that somebody reads and writes down may hold more."""
    data = {"name": "n", "new": [2**70, {"deep": deep(2000)}]}
    part = codec.structure(dict(data), Part)
    assert codec.unstructure(part)["new"] is data["new"]
    assert refused(codec.unstructure, Part(name=5)).path == "Part.name"
    error = refused(codec.unstructure, Part(name="n", extra=5))
    assert (error.path, error.what) == ("Part.extra", "5 is not a dict")


def test_a_call_for_which_there_is_no_credential_says_which_one_it_needs() -> None:
    made = engine()
    assert str(refused(made.raw, "POST", "/x", token="provider_access_token")) == (
        "Client.provider: /x needs a provider_access_token: give the client provider=Provider(...)"
    )
    error = refused(made.raw, "POST", "/x", token="suite_access_token")
    assert error.path == "Client.credential"
    alone = engine(credential=None, provider=Provider("wwP", "PROVIDER-SECRET"))
    error = refused(alone.call, READ)
    assert str(error) == (
        "Client.credential: toy.read needs an access_token: give the client corp_id and secret, or credential="
    )


def test_a_refused_call_leaves_the_client_as_good_as_new() -> None:
    made = warm()
    for _ in range(3):
        assert refused(made.call, Try(any=HALF)).path == "Try.any"
    assert Played(made.call(READ), FINE).asked == "c"
    assert Played(made.call(Try(any=1)), says(0)).error is None


def test_the_fields_of_the_samples_are_all_filled() -> None:
    for endpoint in catalog.CALLS.values():
        call = built(endpoint)
        empty = [
            each.name for each in fields(type(call)) if getattr(call, each.name) in (None, NOTHING)
        ]
        assert not empty, (endpoint.name, empty)
        assert all(isinstance(shape, Shape) for _, _, shape in wire_fields(type(call)))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(WeCom()) as server:
        yield server
