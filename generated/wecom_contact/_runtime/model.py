"""What models and calls are made of: records, open enums, unions, endpoints. No I/O, no JSON.

Hand-written: edit codegen/runtime/_runtime/model.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta, timezone
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    Self,
    TypeVar,
)

from attrs import Factory, define, field, frozen

from .values import Record, Value

BEIJING = timezone(timedelta(hours=8))
"""WeCom's time zone: days of statistics begin at midnight in Beijing."""

BESIDE = "#beside"
"""Where a variant of a union keeps in `.extra` what stood beside its payload; no field can have this name."""

DOCUMENT = "https://developer.work.weixin.qq.com/document/path/{page}"

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")
Item = TypeVar("Item", covariant=True)


class SequenceNotStr(Protocol[Item]):
    """A list, a tuple, any sequence of items but a text: `user="zhangsan"` is a mistake that type checkers see.

    To them `str` is a `Sequence[str]`, too. It differs in `__contains__`, which takes nothing but a text.
    """

    # `index` shuts out dicts; with its parameters written down, mypy would no longer look at the items of a list.

    def __getitem__(self, index: int, /) -> Item: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Item]: ...
    def __reversed__(self) -> Iterator[Item]: ...
    @property
    def index(self) -> object: ...


@define(kw_only=True, eq=False, repr=False)
class Model(Record):
    """A record of WeCom's API: its fields, and in `.extra` the wire fields this version does not know."""

    _extra: dict[str, Any] | None = field(
        default=None, alias="extra", repr=False, eq=lambda extra: extra or None
    )

    @property
    def extra(self) -> dict[str, Any]:
        """Wire fields without a Python name, as plain JSON data; sent back when the record is encoded."""
        if self._extra is None:
            self._extra = {}
        return self._extra


class OpenInt(IntEnum):
    """A number WeCom gives a meaning to. A value added next year is a member too, named `UNKNOWN_<n>`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        # bool is an int to Python, but `true` is not a code to WeCom.
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class OpenStr(StrEnum):
    """A word WeCom gives a meaning to. A value added next year is a member too, named `UNKNOWN_<word>`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


@frozen(eq=False, repr=False)
class Unknown(Value):
    """A variant this version does not know: its tag, its payload and the keys beside them, as sent."""

    tag: str | int
    payload: Any = None
    beside: Mapping[str, Any] = Factory(dict)


class Tagged:
    """How a union looks on the wire: the key of the tag, and for each tag its class and the payload's key.

    `Tagged("msgtype", image=Image)` is `{"msgtype": "image", "image": {...}}`. With `common`, the named
    fields of every variant stand beside the payload: `{"type": 0, "name": "…", "text": {...}}`.
    """

    __slots__ = ("common", "tag", "variants")

    def __init__(
        self,
        tag: str,
        variants: Mapping[str | int, tuple[str, type[Model]]],
        common: Sequence[str] = (),
    ) -> None:
        self.tag = tag
        self.variants = dict(variants)
        self.common = tuple(common)

    def __repr__(self) -> str:
        names = ", ".join(f"{tag!r}: {cls.__name__}" for tag, (_, cls) in self.variants.items())
        return f"Tagged({self.tag!r}, {{{names}}})"


class Wire(NamedTuple):
    """What a field is on the wire, where its Python name and type do not say it all."""

    name: str | None = None
    flag: bool = False
    """A bool that WeCom writes as 0 or 1."""
    also: type | None = None
    """Another JSON type that WeCom sends now and then: `int` for an id that is sometimes a number."""
    item: str | None = None
    """The XML element that an event's list repeats."""
    limits: Mapping[str, int] = MappingProxyType({})
    """What bounds the field, by the names of `FIELD_LIMITS`: `max_bytes`, `min_items`, …"""


def wire(
    name: str | None = None,
    *,
    flag: bool = False,
    also: type | None = None,
    item: str | None = None,
    **limits: int,
) -> dict[str, Wire]:
    """Field metadata: `field(metadata=wire(max_bytes=128))`. The limits count when a call is encoded."""
    return {"wire": Wire(name, flag, also, item, limits)}


class Paginate(NamedTuple):
    """How an endpoint is paged: by cursor, by offset up to a total, or by page number until a flag."""

    items: str
    cursor: str
    next: str | None = None
    total: str | None = None
    until: str | None = None


@define(kw_only=True, eq=False)
class Endpoint(Generic[R]):
    """What there is to know about one endpoint. `catalog.CALLS` has them all."""

    name: str
    """Resource and call: `contact_way.add`."""
    method: Literal["GET", "POST"]
    path: str
    title: str
    """The official Chinese title."""
    page: int
    """The number of the official page."""
    readonly: bool
    """May be sent again after a broken connection."""
    result: type[R] | None
    """The class of the reply; None when WeCom only says yes."""
    token: Literal["access_token", "suite_access_token", "provider_access_token"] = "access_token"
    paginate: Paginate | None = None
    errors: tuple[int, ...] = ()
    """Error codes the official page speaks of."""
    serial: bool = False
    """WeCom refuses parallel calls of this endpoint."""
    upload: str | None = None
    """The name of the file field of a multipart call; its other fields go to the query."""
    download: bool = False
    """The reply is a file."""
    call: "type[Call[R]]" = field(init=False)
    """The class of the request."""

    def __set_name__(self, owner: "type[Call[R]]", name: str) -> None:
        # Runs again when attrs rebuilds the class with slots, so the last owner is the real one.
        self.call = owner

    @property
    def doc(self) -> str:
        """What the call does, in a sentence."""
        return " ".join((self.call.__doc__ or "").partition("\n\n")[0].split())

    @property
    def link(self) -> str:
        """The address of the official page."""
        return DOCUMENT.replace("{page}", str(self.page))


@define(kw_only=True, eq=False, repr=False)
class Call(Model, Generic[R]):
    """A request as a value: build it here, `client.send` it there."""

    endpoint: ClassVar[Endpoint[Any]]


@define(kw_only=True, eq=False, repr=False)
class PagedCall(Call[P], ABC, Generic[P, T]):
    """A request for one page, which knows the page's items and the request after it."""

    @abstractmethod
    def items_of(self, page: P) -> list[T]:
        """The items of a page."""

    @abstractmethod
    def after(self, page: P) -> Self | None:
        """The request for the next page, or None when this was the last."""
