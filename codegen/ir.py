"""What the API is, as plain facts: no YAML, no Python words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from codegen.problems import Where

LIST = "[]"


@frozen(kw_only=True)
class Ref:
    """A type as a field uses it."""

    name: str
    many: bool
    target: "Type | None" = field(eq=False, repr=False)
    """None for a scalar. A record may be inside itself, so nothing follows it without end."""
    layers: tuple[str, ...] = ()
    """Lists (`LIST`) and maps (the type of their keys) around it, the outermost first; `many` is one more outside."""

    @property
    def base(self) -> str:
        """The scalar behind it, or the name of the type."""
        return self.target.base if isinstance(self.target, Alias) else self.name

    @property
    def whole(self) -> tuple[str, ...]:
        """All that is around it."""
        return (LIST, *self.layers) if self.many else self.layers

    def written(self, name: str) -> str:
        """As it stands in the spec, by another name."""
        for layer in reversed(self.whole):
            name = f"[{name}]" if layer == LIST else f"{{{layer}: {name}}}"
        return name


@frozen(kw_only=True)
class Field:
    """A field of a record, a request, a reply or an event."""

    at: Where
    name: str
    wire: str
    item: str
    ref: Ref
    optional: bool
    doc: str
    limits: Mapping[str, int]
    default: Any
    deprecated: str
    secret: bool
    example: Any
    also: str
    choices: tuple[int | str, ...] = ()
    """The tags that it can be, if it tells which variant of a union a record is."""
    flat: bool = False
    """Whether it is a union whose keys stand among those of the other fields."""
    pattern: str = ""
    """What the whole text matches."""
    apart: bool = False
    """Whether its key is told from another of the record by a `#` before it; see `Union.common`."""


@frozen(kw_only=True)
class Record:
    """A JSON object with known fields."""

    at: Where
    name: str
    doc: str
    fields: tuple[Field, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    """Groups of optional fields; of each at least one is given."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of optional fields; of each exactly one is given."""


@frozen(kw_only=True)
class Value:
    """A member of an enum."""

    at: Where
    name: str
    value: int | str
    doc: str


@frozen(kw_only=True)
class Enum:
    """A set of numbers or words with meanings, open for more."""

    at: Where
    name: str
    doc: str
    values: tuple[Value, ...]

    @property
    def numeric(self) -> bool:
        return all(isinstance(each.value, int) for each in self.values)


@frozen(kw_only=True)
class Alias:
    """A scalar with a name and perhaps a limit."""

    at: Where
    name: str
    doc: str
    base: str
    limits: Mapping[str, int]
    """By the names of `vocabulary.LIMITS`."""
    pattern: str = ""


@frozen(kw_only=True)
class Variant:
    """One shape of a union."""

    tag: int | str
    key: str
    """Nothing where the fields stand beside the tag."""
    record: "Record | Union"
    """The payload."""


@frozen(kw_only=True)
class Union:
    """An object whose tag tells which payload it carries."""

    at: Where
    name: str
    doc: str
    tag: str
    common: tuple[str, ...]
    """The keys of the fields in common, as the records of the payloads have them.

    A `#` before the name on the wire keeps a key apart from one of the payload; see `apart`.
    """
    variants: tuple[Variant, ...]
    flat: bool = False

    @property
    def payloads(self) -> "list[Record | Union]":
        """Each once, though several tags may have it."""
        return list({each.record.name: each.record for each in self.variants}.values())

    @property
    def keys(self) -> set[str]:
        """Every key that an object of this kind may have."""
        found = {self.tag, *(key.lstrip("#") for key in self.common)}
        for variant in self.variants:
            if not self.flat:
                found.add(variant.key)
            elif isinstance(variant.record, Union):
                found |= variant.record.keys
            else:
                found |= {field.wire for field in variant.record.fields}
        return found

    @property
    def records(self) -> "list[Record]":
        """The records that are payloads, those of unions inside too."""
        found: list[Record] = []
        for each in self.payloads:
            found += [each] if isinstance(each, Record) else each.records
        return found


Type: TypeAlias = Record | Enum | Alias | Union


@frozen(kw_only=True)
class Paging:
    """How a call is paged."""

    at: Where
    style: Literal["cursor", "offset", "page"]
    items: str
    cursor: str
    next: str
    total: str
    until: str
    more: str = ""
    limit: str = ""


@frozen(kw_only=True)
class Partial:
    """Where a reply tells of items that failed."""

    at: Where
    items: str
    code: str


@frozen(kw_only=True)
class Call:
    """An endpoint."""

    at: Where
    resource: str
    name: str
    cls: str
    """Name of the request class; the reply's ends in Result."""
    title: str
    doc: str
    notes: tuple[str, ...]
    page: int
    method: Literal["GET", "POST"]
    path: str
    readonly: bool
    explicit_readonly: bool
    token: str
    apps: str
    """Whose apps may call it: all, own, providers."""
    serial: bool
    mass: bool
    paging: Paging | None
    partial: tuple[Partial, ...]
    request: Record
    response: Record | None
    download: bool
    errors: tuple[int, ...]
    deprecated: str
    example_request: Any
    example_response: Any

    @property
    def full_name(self) -> str:
        return f"{self.resource}.{self.name}"

    @property
    def upload(self) -> Field | None:
        """The file field of a multipart call."""
        return next((each for each in self.request.fields if each.ref.name == "file"), None)


def camel(*words: str) -> str:
    """Names in one: `contact_way`, `add` → `ContactWayAdd`."""
    return "".join(part.capitalize() for word in words for part in word.split("_"))


@frozen(kw_only=True)
class Event:
    """Something WeCom tells of."""

    at: Where
    name: str
    title: str
    doc: str
    notes: tuple[str, ...]
    page: int
    family: str
    change: str
    fields: tuple[Field, ...]


@frozen(kw_only=True)
class ErrorCode:
    """A code, by the consequence it has."""

    at: Where
    code: int
    cls: str
    title: str
    doc: str
    advice: str


@frozen(kw_only=True)
class Module:
    """A file of the spec: a resource, or the shared types, or the events."""

    at: Where
    name: str
    title: str
    doc: str
    page: int
    types: tuple[Type, ...]
    """In an order in which each comes after what it needs."""
    calls: tuple[Call, ...] = ()
    events: tuple[Event, ...] = ()


@frozen(kw_only=True)
class Package:
    """What the generated package is called, and what it stands on."""

    at: Where
    name: str
    title: str
    """The official Chinese name of the API."""
    api: str
    """What it is called in English: `customer-contact API`."""
    link: str
    """The address of an official page, with `{page}` for its number."""
    base_url: str
    tokens: Mapping[str, str]
    """The kinds of tokens: how calls name them, and the parameter of the query."""
    surfaces: tuple[str, ...]
    """The applications of `codegen/surfaces/` that go with it."""
    readme: str
    """The document that has the table of calls, from the root of the checkout."""
    example: str
    """What to do with a client called `wecom`."""

    @property
    def distribution(self) -> str:
        """What `pip install` calls it."""
        return self.name.replace("_", "-")

    def page(self, number: int) -> str:
        """The address of a page."""
        return self.link.replace("{page}", str(number))


@frozen(kw_only=True)
class Api:
    """The whole API as the spec describes it."""

    modules: tuple[Module, ...]
    errors: tuple[ErrorCode, ...]
    package: Package | None = None
    """None without `package.yaml`, which a package cannot be made without."""

    @property
    def calls(self) -> Iterator[Call]:
        return (call for module in self.modules for call in module.calls)

    @property
    def events(self) -> Iterator[Event]:
        return (event for module in self.modules for event in module.events)

    @property
    def types(self) -> Iterator[tuple[Module, Type]]:
        return ((module, each) for module in self.modules for each in module.types)


def apart(wire: str, taken: Collection[str]) -> str:
    """A key for a field that no record has yet."""
    while wire in taken:
        wire = f"#{wire}"
    return wire


def needs(each: Type) -> Iterator[Type]:
    """The types that a type is made of."""
    if isinstance(each, Record):
        yield from (field.ref.target for field in each.fields if field.ref.target)
    if isinstance(each, Union):
        yield from each.payloads


def reach(whole: Type) -> dict[str, Type]:
    """Every type inside a record or a union, by name."""
    found: dict[str, Type] = {}
    stack: list[Type] = [whole]
    while stack:
        for each in needs(stack.pop()):
            if each.name not in found:
                found[each.name] = each
                stack.append(each)
    return found


def groups_of_fields(api: Api) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """The fields that stand together, with the name of what they belong to."""
    for _, each in api.types:
        if isinstance(each, Record):
            yield each.name, each.fields
    for call in api.calls:
        for record in (call.request, call.response):
            if record:
                yield call.full_name, record.fields
    for event in api.events:
        yield event.name, event.fields


def walk_fields(api: Api) -> Iterator[tuple[str, Field]]:
    """Every field with the name of what it belongs to."""
    for owner, fields in groups_of_fields(api):
        yield from ((owner, field) for field in fields)
