"""Everything the spec says of calls, types, events and errors, at run time, in English or Chinese.

    reference.call("customer.get").request      # fields: type, limits, default, doc, …
    reference.call("customer.get", language="zh").doc
    reference.error(84061).advice
    reference.search("标签")                      # English and Chinese words, names, paths, codes; the best first

A name that is not there raises `UnknownName`, which says what was probably meant. `load(language)` gives the whole
`Reference`, read once from `reference.json`, whose format is described in docs/reference-format.md. No class of a call
is imported; `catalog.CALLS` has those.

Titles are WeCom's own, in Chinese. Docs, notes and advice are in the language asked for, and in English where there
is no translation.

Hand-written: edit codegen/runtime/reference.py.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import orjson
from attrs import frozen

from ._runtime.search import Index
from .errors import RefusedArgument

__all__ = [
    "Alias",
    "Call",
    "Enum",
    "ErrorCode",
    "Event",
    "Example",
    "Field",
    "Found",
    "Kind",
    "Language",
    "Package",
    "Paging",
    "Partial",
    "Record",
    "Reference",
    "Resource",
    "Type",
    "Union",
    "UnknownName",
    "Value",
    "Variant",
    "call",
    "calls",
    "error",
    "errors",
    "event",
    "events",
    "load",
    "resource",
    "resources",
    "search",
    "type",
    "types",
]

Language: TypeAlias = Literal["en", "zh"]
Kind: TypeAlias = Literal["call", "event", "type", "resource", "error"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
KINDS: tuple[Kind, ...] = get_args(Kind)
# Who looks for an error code gives its number.
WEIGHTS: Mapping[Kind, float] = {
    "call": 1,
    "event": 0.9,
    "resource": 0.8,
    "type": 0.6,
    "error": 0.6,
}

T = TypeVar("T")


class UnknownName(LookupError):
    """A call, type, event, error or resource that is not there: `no call 'custmer.get'; did you mean …?`."""

    def __init__(self, kind: str, name: str, close: tuple[str, ...] = ()) -> None:
        super().__init__(kind, name, close)
        self.kind = kind
        self.name = name
        self.close = close
        """The names that are like it, the likeliest first."""

    def __str__(self) -> str:
        *others, last = map(repr, self.close or ("",))
        hint = f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
        return f"no {self.kind} {self.name!r}{hint if self.close else ''}"


@frozen(kw_only=True)
class Field:
    """A field of a request, a reply, a record or an event."""

    name: str
    """What Python calls it."""
    wire: str
    """What WeCom calls it."""
    type: str
    """A scalar, or the name of a type: `reference.type(field.type)`."""
    kind: str
    """What a value is: a scalar (`str int float bool flag timestamp any file`), `enum`, `record` or `union`."""
    many: bool
    """Whether it is a list."""
    layers: tuple[str, ...]
    """Lists (`[]`) and maps (the type of their keys) around a value, the outermost first, in the list of `many`."""
    beside: bool
    """Whether it stands beside the payload that this record is, as its union has it in common."""
    flat: bool
    """Whether it is a union whose keys stand among those of the other fields."""
    choices: tuple[int | str, ...]
    """The tags that it can be, if it tells which variant of a union this record is."""
    optional: bool
    """Whether it may be absent."""
    limits: Mapping[str, int]
    """`max_items min_items max_bytes max_chars min_chars max min`; of its alias, too."""
    pattern: str | None
    """A regular expression that the whole text matches."""
    default: Any
    """What WeCom assumes when it is absent; None where nothing is known."""
    also: str | None
    """Another JSON type that WeCom sends now and then: `str` or `int`."""
    item: str | None
    """The XML element that an event's list repeats."""
    secret: bool
    """Whether it gives power and is to be hidden."""
    deprecated: str
    """What to use instead; empty when it is not deprecated."""
    example: Any
    """A value, in wire shape; None where the spec has none."""
    doc: str


@frozen(kw_only=True)
class Paging:
    """How a call is paged, by names of fields."""

    style: Literal["cursor", "offset", "page"]
    items: str
    """The reply field with the items."""
    cursor: str
    """The request field that leads on."""
    next: str | None = None
    """The reply field with the next cursor; without it an offset counts the items."""
    total: str | None = None
    """The reply field with the number of items."""
    until: str | None = None
    """The reply field that is true on the last page."""
    more: str | None = None
    """The reply field that is true on all pages but the last."""
    limit: str | None = None
    """The request field with the size of a page: a shorter one is the last, if nothing else tells."""


@frozen(kw_only=True)
class Partial:
    """Where a reply that says yes tells of items that failed."""

    items: str
    """The reply field with the items; dots reach inside."""
    code: str | None = None
    """The field of an item that is not 0 for a failure; None where every item is one."""


@frozen(kw_only=True)
class Example:
    """A documented example, in wire shape."""

    request: Any = None
    """The parameters, without the token; a file is left out. None where the spec has no example."""
    reply: Any = None
    """The reply with errcode and errmsg; None for a file."""


@frozen(kw_only=True)
class Call:
    """An endpoint."""

    name: str
    """Resource and call: `contact_way.add`."""
    resource: str
    title: str
    """The official Chinese title."""
    doc: str
    notes: tuple[str, ...]
    link: str
    """The address of the official page."""
    method: Literal["GET", "POST"]
    path: str
    token: str
    """`access_token`, `suite_access_token` or `provider_access_token`."""
    readonly: bool
    """Whether it may be sent again after a broken connection."""
    apps: Literal["all", "own", "providers"]
    """Whose apps may call it: all, the company's own (自建), or those that a service provider made."""
    serial: bool
    """Whether WeCom forbids parallel calls."""
    mass: bool
    """Whether one call may reach many customers with a message."""
    deprecated: str
    """What to use instead; empty when it is not deprecated."""
    request_class: str
    """Its class in `wecom_contact`: `ContactWayAdd`."""
    reply_class: str | None
    """The class of the reply; `Download` for a file, None when WeCom only says yes."""
    request: tuple[Field, ...]
    reply: tuple[Field, ...]
    """The fields of the reply, without errcode and errmsg."""
    any_of: tuple[tuple[str, ...], ...]
    """Groups of request fields; of each at least one is given."""
    one_of: tuple[tuple[str, ...], ...]
    """Groups of request fields; of each exactly one is given."""
    paging: Paging | None
    partial: tuple[Partial, ...]
    upload: str | None
    """The file field of a multipart call; its other fields go to the query."""
    download: bool
    """Whether the reply is a file."""
    errors: tuple[int, ...]
    """The codes to expect: `reference.error(code)`."""
    example: Example


@frozen(kw_only=True)
class Record:
    """A JSON object with known fields."""

    kind: Literal["record"] = "record"
    name: str
    module: str
    """The module of `wecom_contact` that defines it."""
    doc: str
    fields: tuple[Field, ...]
    any_of: tuple[tuple[str, ...], ...]
    one_of: tuple[tuple[str, ...], ...]


@frozen(kw_only=True)
class Value:
    """A value of an enum."""

    name: str
    """As in the spec; the member of the class is the same in capitals."""
    value: int | str
    """On the wire."""
    doc: str = ""


@frozen(kw_only=True)
class Enum:
    """Numbers or words with meanings. WeCom may add others."""

    kind: Literal["enum"] = "enum"
    name: str
    module: str
    doc: str
    values: tuple[Value, ...]


@frozen(kw_only=True)
class Alias:
    """A scalar with a name, and perhaps limits."""

    kind: Literal["alias"] = "alias"
    name: str
    module: str
    doc: str
    base: str
    limits: Mapping[str, int]
    pattern: str | None


@frozen(kw_only=True)
class Variant:
    """One shape of a union."""

    tag: int | str
    type: str
    """The record or the union that is the payload."""
    key: str | None = None
    """Where the payload stands; None where its fields stand beside the tag."""


@frozen(kw_only=True)
class Union:
    """An object whose tag tells which payload it carries."""

    kind: Literal["union"] = "union"
    name: str
    module: str
    doc: str
    tag: str
    """The key of the tag."""
    flat: bool
    """Whether the fields of the payloads stand beside the tag."""
    common: tuple[str, ...]
    """Wire names of fields that stand beside the payload; the records of the variants have them, too."""
    variants: tuple[Variant, ...]


Type: TypeAlias = Record | Enum | Alias | Union


@frozen(kw_only=True)
class Event:
    """Something WeCom pushes to a callback."""

    name: str
    """Its class in `wecom_contact.events`."""
    title: str
    doc: str
    notes: tuple[str, ...]
    link: str
    family: str
    """`Event` of the message, or `InfoType` where a suite is told."""
    change: str | None
    """`ChangeType` of the message."""
    fields: tuple[Field, ...]
    """What it says beyond the envelope."""
    example: str
    """A decrypted message, as XML; empty where there is none."""


@frozen(kw_only=True)
class ErrorCode:
    """What an errcode means."""

    code: int
    cls: str
    """The class in `wecom_contact.errors`: the consequence."""
    title: str
    """The official Chinese term."""
    doc: str
    advice: str
    """What helps."""
    retryable: bool
    """Whether the client tries such a call again."""
    renews: bool
    """Whether the client tries such a call again with a new token."""


@frozen(kw_only=True)
class Resource:
    """A group of calls: an attribute of the clients and a module of the package."""

    name: str
    title: str
    doc: str
    link: str
    calls: tuple[str, ...]
    """The names of its calls, in the order of the official pages."""


@frozen(kw_only=True)
class Package:
    """What is true of the whole API."""

    name: str
    """What Python imports."""
    distribution: str
    """What `pip install` calls it."""
    title: str
    """The official Chinese name of the API."""
    api: str
    """What it is called in English."""
    base_url: str


@frozen(kw_only=True)
class Found:
    """What a search found."""

    kind: Kind
    name: str
    """As its function takes it: `reference.call(found.name)`, `reference.error(found.name)`."""
    title: str
    """Empty for a type."""
    doc: str


class Section(Mapping[str, T]):
    """Entries of one kind by name, each made when it is asked for."""

    def __init__(self, raw: Mapping[str, Any], make: Callable[[str, Any], T]) -> None:
        self.raw = raw
        self.made: dict[str, T] = {}
        self.make = make

    def __getitem__(self, name: str) -> T:
        if name not in self.made:
            self.made[name] = self.make(name, self.raw[name])
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


class Reference:
    """The whole reference in one language; `load()` gives the one of this package.

    Args:
        data: What `reference.json` holds.
        language: `en` or `zh`.
        translations: Texts of the reference in that language, by the English ones.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        language: Language = "en",
        translations: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.language = language
        self.package = Package(**data["package"])
        self._translations = translations
        self._calls = Section(data["calls"], self._call)
        self._types = Section(data["types"], self._type)
        self._events = Section(data["events"], self._event)
        self._errors = Section(data["errors"], self._error)
        self._resources = Section(data["resources"], self._resource)
        self._sections: dict[Kind, Section[Any]] = {
            "call": self._calls,
            "event": self._events,
            "type": self._types,
            "resource": self._resources,
            "error": self._errors,
        }

    def call(self, name: str) -> Call:
        """The call of that name, `contact_way.add`; raises `UnknownName`."""
        return self._get("call", self._calls, name)

    def calls(self) -> tuple[Call, ...]:
        """Every call, in the order of `catalog.CALLS`."""
        return tuple(self._calls.values())

    def type(self, name: str) -> Type:
        """The record, enum, alias or union of that name; raises `UnknownName`."""
        return self._get("type", self._types, name)

    def types(self) -> tuple[Type, ...]:
        """Every type that a field may name, but scalars."""
        return tuple(self._types.values())

    def event(self, name: str) -> Event:
        """The event of that class, `CustomerAdded`; raises `UnknownName`."""
        return self._get("event", self._events, name)

    def events(self) -> tuple[Event, ...]:
        """Every event."""
        return tuple(self._events.values())

    def error(self, code: int | str) -> ErrorCode:
        """What a code means; raises `UnknownName`."""
        return self._get("error", self._errors, str(code))

    def errors(self) -> tuple[ErrorCode, ...]:
        """Every code that the spec knows, in order."""
        return tuple(self._errors.values())

    def resource(self, name: str) -> Resource:
        """The group of calls of that name, `contact_way`; raises `UnknownName`."""
        return self._get("resource", self._resources, name)

    def resources(self) -> tuple[Resource, ...]:
        """Every group of calls."""
        return tuple(self._resources.values())

    def search(
        self, query: str, *, kinds: Collection[Kind] = KINDS, limit: int = 20
    ) -> tuple[Found, ...]:
        """What fits some words, the best first.

        Args:
            query: English or Chinese words, a name of Python's or WeCom's, a class, a path, a code.
            kinds: What is looked for: `call event type resource error`; all by default.
            limit: How many are given at the most.
        """
        exact = self._names.get(query.strip().lower(), [])
        keys: dict[tuple[Kind, str], None] = dict.fromkeys([*exact, *self._index.find(query)])
        found = [(*key, self._sections[key[0]].raw[key[1]]) for key in keys if key[0] in kinds]
        return tuple(
            Found(kind=kind, name=name, title=raw.get("title", ""), doc=self.translated(raw["doc"]))
            for kind, name, raw in found[:limit]
        )

    def _get(self, kind: Kind, section: Mapping[str, T], name: str) -> T:
        try:
            return section[name]
        except KeyError:
            close = get_close_matches(str(name), section, n=3)
            if not close:
                # A path, a class, a title, or words.
                close = [found.name for found in self.search(str(name), kinds=[kind], limit=3)]
            # Codes that look alike have nothing in common.
            raise UnknownName(kind, str(name), tuple(close) if kind != "error" else ()) from None

    def translated(self, text: str) -> str:
        """A text of this package by its English in the language of this reference; as it is where it has none.

        Texts of the spec, and those by which the package's own programs speak to people.
        """
        return self._translations.get(text, text)

    # What is in the file, as the classes above

    def _fields(self, raw: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
        return tuple(
            Field(
                name=each["name"],
                wire=each.get("wire", each["name"]),
                type=each["type"],
                kind=self._kind(each["type"]),
                many=each.get("many", False),
                layers=tuple(each.get("layers", ())),
                beside=each.get("beside", False),
                flat=each.get("flat", False),
                choices=tuple(each.get("choices", ())),
                optional=each.get("optional", False),
                limits=each.get("limits", {}),
                pattern=each.get("pattern"),
                default=each.get("default"),
                also=each.get("also"),
                item=each.get("item"),
                secret=each.get("secret", False),
                deprecated=self.translated(each.get("deprecated", "")),
                example=each.get("example"),
                doc=self.translated(each["doc"]),
            )
            for each in raw
        )

    def _kind(self, name: str) -> str:
        named = self._types.raw.get(name)
        if named is None:
            return name  # a scalar
        kind: str = named["base"] if named["kind"] == "alias" else named["kind"]
        return kind

    def _call(self, name: str, raw: Mapping[str, Any]) -> Call:
        return Call(
            name=name,
            resource=name.partition(".")[0],
            title=raw["title"],
            doc=self.translated(raw["doc"]),
            notes=tuple(map(self.translated, raw.get("notes", ()))),
            link=raw["link"],
            method=raw["method"],
            path=raw["path"],
            token=raw.get("token", "access_token"),
            readonly=raw.get("readonly", False),
            apps=raw.get("apps", "all"),
            serial=raw.get("serial", False),
            mass=raw.get("mass", False),
            deprecated=self.translated(raw.get("deprecated", "")),
            request_class=raw["request_class"],
            reply_class=raw.get("reply_class"),
            request=self._fields(raw.get("request", ())),
            reply=self._fields(raw.get("reply", ())),
            any_of=groups(raw.get("any_of", ())),
            one_of=groups(raw.get("one_of", ())),
            paging=Paging(**raw["paging"]) if "paging" in raw else None,
            partial=tuple(Partial(**each) for each in raw.get("partial", ())),
            upload=raw.get("upload"),
            download=raw.get("download", False),
            errors=tuple(raw.get("errors", ())),
            example=Example(**raw.get("example", {})),
        )

    def _type(self, name: str, raw: Mapping[str, Any]) -> Type:
        head = {"name": name, "module": raw["module"], "doc": self.translated(raw["doc"])}
        if raw["kind"] == "record":
            return Record(
                **head,
                fields=self._fields(raw.get("fields", ())),
                any_of=groups(raw.get("any_of", ())),
                one_of=groups(raw.get("one_of", ())),
            )
        if raw["kind"] == "enum":
            values = (
                Value(
                    name=each["name"], value=each["value"], doc=self.translated(each.get("doc", ""))
                )
                for each in raw["values"]
            )
            return Enum(**head, values=tuple(values))
        if raw["kind"] == "alias":
            return Alias(
                **head, base=raw["base"], limits=raw.get("limits", {}), pattern=raw.get("pattern")
            )
        variants = tuple(Variant(**each) for each in raw["variants"])
        return Union(
            **head,
            tag=raw["tag"],
            flat=raw.get("flat", False),
            common=tuple(raw.get("common", ())),
            variants=variants,
        )

    def _event(self, name: str, raw: Mapping[str, Any]) -> Event:
        return Event(
            name=name,
            title=raw["title"],
            doc=self.translated(raw["doc"]),
            notes=tuple(map(self.translated, raw.get("notes", ()))),
            link=raw["link"],
            family=raw["match"]["Event"],
            change=raw["match"].get("ChangeType"),
            fields=self._fields(raw.get("fields", ())),
            example=raw.get("example", ""),
        )

    def _error(self, code: str, raw: Mapping[str, Any]) -> ErrorCode:
        return ErrorCode(
            code=int(code),
            cls=raw["class"],
            title=raw["title"],
            doc=self.translated(raw["doc"]),
            advice=self.translated(raw["advice"]),
            retryable=raw.get("retryable", False),
            renews=raw.get("renews", False),
        )

    def _resource(self, name: str, raw: Mapping[str, Any]) -> Resource:
        return Resource(
            name=name,
            title=raw["title"],
            doc=self.translated(raw["doc"]),
            link=raw["link"],
            calls=tuple(call for call in self._calls if call.partition(".")[0] == name),
        )

    # Searching

    @cached_property
    def _names(self) -> dict[str, list[tuple[Kind, str]]]:
        """What stands for one thing or a few, in small letters: names, classes, paths, codes."""
        found: dict[str, list[tuple[Kind, str]]] = {}
        for kind, section in self._sections.items():
            for name, raw in section.raw.items():
                words = [raw.get(word) for word in ("path", "request_class", "reply_class")]
                for each in (name, *words, *raw.get("match", {}).values()):
                    if each:
                        found.setdefault(each.lower(), []).append((kind, name))
        return found

    @cached_property
    def _index(self) -> Index[tuple[Kind, str]]:
        index: Index[tuple[Kind, str]] = Index()
        for kind, section in self._sections.items():
            for name, raw in section.raw.items():
                texts = self._searched(name, raw)
                index.add((kind, name), ((weight * WEIGHTS[kind], text) for weight, text in texts))
        return index

    def _searched(self, name: str, raw: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
        """The texts by which an entry is found, in both languages, and how much each says of it."""
        yield 8, name
        yield 8, raw.get("title", "")
        for word in (raw.get("path", ""), *raw.get("match", {}).values()):
            yield 5, word
        yield 3, raw.get("class", "")
        yield from self._both(4, raw["doc"])
        for text in (*raw.get("notes", ()), raw.get("advice", "")):
            yield from self._both(1.5, text)
        for code in raw.get("errors", ()):
            yield 1.5, str(code)
        for part in ("request", "reply", "fields", "values"):
            for each in raw.get(part, ()):
                yield 2, each["name"]
                yield from self._both(1, each.get("doc", ""))

    def _both(self, weight: float, text: str) -> Iterator[tuple[float, str]]:
        yield weight, text
        if text in self._translations:
            yield weight, self._translations[text]


def groups(raw: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, raw))


def read(name: str) -> Any:
    """A file of the package."""
    return orjson.loads(files(__name__.rpartition(".")[0]).joinpath(name).read_bytes())


@cache
def data() -> Any:
    """What `reference.json` holds: one copy for all languages."""
    return read("reference.json")


@cache
def load(language: Language = "en") -> Reference:
    """The reference of this package, read when it is first asked for; raises `RefusedArgument` for another language."""
    if language not in LANGUAGES:
        raise RefusedArgument(f"{language!r} is not one of {', '.join(LANGUAGES)}", "language")
    if language == "en":
        return Reference(data())
    try:
        translations = read(f"reference.{language}.json")
    except FileNotFoundError:  # a package generated without translations
        translations = {}
    return Reference(data(), language, translations)


def call(name: str, *, language: Language = "en") -> Call:
    """The call of that name, `contact_way.add`; raises `UnknownName`."""
    return load(language).call(name)


def calls(*, language: Language = "en") -> tuple[Call, ...]:
    """Every call, in the order of `catalog.CALLS`."""
    return load(language).calls()


def type(name: str, *, language: Language = "en") -> Type:
    """The record, enum, alias or union of that name; raises `UnknownName`."""
    return load(language).type(name)


def types(*, language: Language = "en") -> tuple[Type, ...]:
    """Every type that a field may name, but scalars."""
    return load(language).types()


def event(name: str, *, language: Language = "en") -> Event:
    """The event of that class, `CustomerAdded`; raises `UnknownName`."""
    return load(language).event(name)


def events(*, language: Language = "en") -> tuple[Event, ...]:
    """Every event."""
    return load(language).events()


def error(code: int | str, *, language: Language = "en") -> ErrorCode:
    """What a code means; raises `UnknownName`."""
    return load(language).error(code)


def errors(*, language: Language = "en") -> tuple[ErrorCode, ...]:
    """Every code that the spec knows, in order."""
    return load(language).errors()


def resource(name: str, *, language: Language = "en") -> Resource:
    """The group of calls of that name, `contact_way`; raises `UnknownName`."""
    return load(language).resource(name)


def resources(*, language: Language = "en") -> tuple[Resource, ...]:
    """Every group of calls."""
    return load(language).resources()


def search(
    query: str, *, kinds: Collection[Kind] = KINDS, limit: int = 20, language: Language = "en"
) -> tuple[Found, ...]:
    """What fits some words, English or Chinese, the best first; see `Reference.search`."""
    return load(language).search(query, kinds=kinds, limit=limit)
