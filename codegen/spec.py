"""The spec format, defined once: these classes load the YAML, name every mistake and print the JSON Schema.

Knows YAML and nothing of Python code or of what the API means; `resolve` looks names up.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import yaml
from attrs import NOTHING, Factory, field, fields, frozen

from codegen.hints import Stop, explain, key_hint, spelled, type_hint
from codegen.problems import Problem, SpecError, Where
from codegen.vocabulary import LIMITS, SCALARS, TEXT, FieldLimit, Measure, limits_of

T = TypeVar("T")


# The C parser is six times faster, where there is one. It need not guess types, because `scalar` decides.
Loader: Any = type(
    "Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"resolve": lambda *_: ""}
)


class Reading:
    """One file being read: gathers problems instead of stopping at the first."""

    def __init__(self, file: str, rows: Sequence[str] = ()) -> None:
        self.file = file
        self.rows = dict(enumerate(rows))
        self.problems: list[Problem] = []

    def where(self, node: yaml.Node) -> Where:
        return Where(self.file, node.start_mark.line + 1)

    def wrong(self, node: yaml.Node, text: str) -> None:
        self.problems.append(Problem(self.where(node), text))

    def is_cut(self, node: yaml.Node) -> bool:
        """Whether a comment follows on the same line."""
        row = self.rows.get(node.end_mark.line)
        return row is not None and row[node.end_mark.column :].lstrip().startswith("#")


NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(\.[0-9]+)?")
NOTHING_SAID = ("", "null", "~")
QUOTES = ("'", '"', "|", ">")


def scalar(node: yaml.ScalarNode) -> Any:
    """A scalar by YAML 1.2's few rules: `no`, `12:30` and `010` stay what they look like."""
    text: str = node.value
    if node.style in QUOTES:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in NOTHING_SAID:
        return None
    if number := NUMBER.fullmatch(text):
        return float(text) if number[1] else int(text)
    return text


def shown(node: yaml.Node) -> str:
    """A value as a message shows it."""
    if not isinstance(node, yaml.ScalarNode):
        return "this"
    text: str = node.value
    return repr(text) if isinstance(scalar(node), str) else text


def is_plain(node: yaml.Node) -> bool:
    """Whether it is a scalar without quotes."""
    return isinstance(node, yaml.ScalarNode) and node.style not in QUOTES


def entries(node: yaml.MappingNode, reading: Reading) -> Iterator[tuple[Any, yaml.Node, yaml.Node]]:
    """The pairs of a mapping; a second equal key is a mistake."""
    seen: dict[tuple[type, Any], int] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            reading.wrong(key_node, "a key is a word; a text that begins with [ or { is quoted")
            continue
        key = scalar(key_node)
        told = type(key), key  # true is no 1
        if told in seen:
            reading.wrong(key_node, f"duplicate key {key!r}; it is also on line {seen[told]}")
            continue
        seen[told] = key_node.start_mark.line + 1
        yield key, key_node, value_node


class Kind(ABC, Generic[T]):
    """What may stand somewhere in a spec."""

    says = ""

    @property
    def brief(self) -> str:
        """The same in few words."""
        return self.says

    @abstractmethod
    def read(self, node: yaml.Node, reading: Reading) -> T | None:
        """The value, or None after saying what is wrong."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""


class Text(Kind[str]):
    """Words on one line, unless `lines` are wanted; with `among`, one of a few."""

    says = "text"

    def __init__(
        self,
        among: Sequence[str] = (),
        pattern: str = "",
        says: str = "",
        lines: bool = False,
    ) -> None:
        self.among = among
        self.lines = lines
        self.pattern = pattern
        self.says = says or (f"one of {', '.join(among)}" if among else self.says)

    def read(self, node: yaml.Node, reading: Reading) -> str | None:
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if not isinstance(value, str) or not value.strip():
            reading.wrong(node, f"{shown(node)} is not {self.says}{self.hint(node)}")
        elif self.among and value not in self.among:
            reading.wrong(node, f"{value!r} is not {self.says}")
        elif self.pattern and re.fullmatch(self.pattern, value) is None:
            reading.wrong(node, f"{value!r} is not {self.says}{self.why(value)}")
        elif self.lines:
            return value
        elif "\n" in value or "  " in value or value != value.strip():
            reading.wrong(node, f"{value!r} is not one line with single spaces")
        elif value[0] in "“‘「" and value[-1] in "”’」":
            reading.wrong(node, f"{value!r} has typographic quotes around it; write it without")
        else:
            return value
        return None

    def hint(self, node: yaml.Node) -> str:
        """What would be right in the place of something that is not a text."""
        if isinstance(node, yaml.ScalarNode):
            return "; a text that reads like a number, true or null is quoted" if node.value else ""
        return "; a text that holds a colon, or begins with [ or {, is quoted"

    def why(self, value: str) -> str:
        """What is wrong with a text that does not fit."""
        return ""

    def schema(self) -> dict[str, Any]:
        whole: dict[str, Any] = {"type": "string"}
        if self.among:
            whole["enum"] = list(self.among)
        if self.pattern:
            whole["pattern"] = f"^(?:{self.pattern})$"
        return whole


class Sentence(Text):
    """Prose: what YAML would take for a comment is a mistake in it."""

    says = "a sentence"

    def read(self, node: yaml.Node, reading: Reading) -> str | None:
        if reading.is_cut(node) and is_plain(node):
            what = "what follows # is a comment, and lost"
            reading.wrong(node, f"{what}; quote a text that holds it, or move the comment")
            return None
        return super().read(node, reading)


class Address(Text):
    """Method and path of a call."""

    says = "GET or POST and a path"

    def __init__(self) -> None:
        super().__init__(pattern=r"(?:GET|POST) (?:/[A-Za-z0-9_-]+)+")

    def why(self, value: str) -> str:
        if "?" in value:
            return "; parameters are fields of `request`, and the token is never written"
        if "://" in value:
            return "; the host is never written"
        return "; as in `POST /cgi-bin/shop/open`"


class Integer(Kind[int]):
    """A whole number, perhaps not below some."""

    says = "a whole number"

    def __init__(self, least: int | None = None, says: str = "") -> None:
        self.least = least
        self.says = says or self.says

    def read(self, node: yaml.Node, reading: Reading) -> int | None:
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int):
            digits = isinstance(node, yaml.ScalarNode) and re.search(r"\d", node.value)
            hint = ": digits only, without quotes and leading zeros" if digits else ""
            reading.wrong(node, f"{shown(node)} is not {self.says}{hint}")
        elif self.least is not None and value < self.least:
            reading.wrong(node, f"{value} is less than {self.least}")
        else:
            return value
        return None

    def schema(self) -> dict[str, Any]:
        bound = {} if self.least is None else {"minimum": self.least}
        return {"type": "integer", **bound}


class Boolean(Kind[bool]):
    """true or false."""

    says = "true or false"

    def read(self, node: yaml.Node, reading: Reading) -> bool | None:
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if not isinstance(value, bool):
            reading.wrong(node, f"{shown(node)} is not true or false")
            return None
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Data(Kind[Any]):
    """Any JSON data: an example or a default."""

    says = "data"

    def read(self, node: yaml.Node, reading: Reading) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {str(key): self.read(value, reading) for key, _, value in entries(node, reading)}
        if isinstance(node, yaml.SequenceNode):
            return [self.read(each, reading) for each in node.value]
        return scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def schema(self) -> dict[str, Any]:
        return {}


class NumberOrWord(Kind[Any]):
    """A value of an enum."""

    says = "a whole number or a word"

    def read(self, node: yaml.Node, reading: Reading) -> int | str | None:
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            reading.wrong(node, f"{shown(node)} is not {self.says}; a word like true is quoted")
            return None
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["integer", "string"]}


class ListOf(Kind[tuple[Any, ...]]):
    """A list; with `or_single`, a single one may stand without brackets."""

    def __init__(self, inner: Kind[Any], or_single: bool = False) -> None:
        self.inner = inner
        self.or_single = or_single
        self.says = f"a list of {inner.says}"

    def read(self, node: yaml.Node, reading: Reading) -> tuple[Any, ...] | None:
        if isinstance(node, yaml.SequenceNode):
            found = (self.inner.read(each, reading) for each in node.value)
            return tuple(each for each in found if each is not None)
        if self.or_single:
            single = self.inner.read(node, reading)
            return () if single is None else (single,)
        reading.wrong(node, f"{shown(node)} is not a list; a list is [a, b], or a line with - each")
        return None

    def schema(self) -> dict[str, Any]:
        many = {"type": "array", "items": self.inner.schema()}
        return {"anyOf": [many, self.inner.schema()]} if self.or_single else many


class Groups(Kind[tuple[tuple[str, ...], ...]]):
    """A list of names, or several such lists."""

    says = "a list of field names, or a list of such lists"

    def read(self, node: yaml.Node, reading: Reading) -> tuple[tuple[str, ...], ...] | None:
        names: ListOf = ListOf(Text())
        if isinstance(node, yaml.SequenceNode) and node.value:
            if all(isinstance(each, yaml.SequenceNode) and each.value for each in node.value):
                return tuple(names.read(each, reading) or () for each in node.value)
            found = names.read(node, reading)
            return (found,) if found else None
        reading.wrong(node, f"this is not {self.says}")
        return None

    def schema(self) -> dict[str, Any]:
        names = ListOf(Text()).schema()
        return {"anyOf": [names, {"type": "array", "items": names}]}


class Name(NamedTuple):
    """How things of a sort are called."""

    pattern: str
    form: str


NAME = "[a-z][a-z0-9_]*"
PLAIN_NAME = Name(NAME, "lower-case letters, digits and _")
FIELD_NAME = Name(rf"{NAME}\??", f"{PLAIN_NAME.form}, and a ? where it may be absent")
CLASS_NAME = Name("[A-Z][A-Za-z0-9]*", "letters and digits, as in ShopKind")
NO_NAME = "(?!)"


class MapOf(Kind[dict[str, Any]]):
    """A mapping from names to things that carry their name."""

    def __init__(
        self, inner: Kind[Any], name: "Name | None", says: str, numbers: bool = False
    ) -> None:
        self.inner = inner
        self.name = name.pattern if name else NO_NAME
        self.says = says
        self.numbers = numbers
        forms = [name.form] if name else []
        self.form = " or ".join(forms + ["a number without quotes"] * numbers)

    def read(self, node: yaml.Node, reading: Reading) -> dict[str, Any] | None:
        if not isinstance(node, yaml.MappingNode):
            reading.wrong(node, f"{shown(node)} is not a mapping of {self.says}")
            return None
        found: dict[Any, Any] = {}
        lines: dict[str, int] = {}
        for key, key_node, value_node in entries(node, reading):
            if self.numbers and isinstance(key, int) and not isinstance(key, bool):
                pass
            elif not isinstance(key, str) or not re.fullmatch(self.name, key):
                reading.wrong(key_node, self.misnamed(key_node.value))
                continue
            elif (name := key.removesuffix("?")) in lines:
                reading.wrong(key_node, f"{name!r} is also on line {lines[name]}, but for the ?")
                continue
            else:
                lines[name] = key_node.start_mark.line + 1
            if value_node.value in NOTHING_SAID and is_plain(value_node):
                reading.wrong(key_node, f"{key!r} is empty; {self.inner.brief} belongs there")
                continue
            if isinstance(self.inner, Record):
                value = self.inner.read(value_node, reading, key_node)
            else:
                value = self.inner.read(value_node, reading)
            if value is not None:
                found[key] = value
        return found

    def misnamed(self, key: str) -> str:
        """What to say of a name that does not fit."""
        fitting = spelled(key, self.name)
        hint = f"; write {fitting}" if fitting else ""
        if fitting == key:
            hint = f"; quote it: {key!r}"
        elif fitting and self.says == "fields" and re.fullmatch(r"\w[\w-]*[?？]?", key):
            hint += f": {{wire: {key.rstrip('?？')}, …}}"
        elif key.isdigit() and not self.numbers:
            hint = "; the name comes first, as in `food: 1`"
        return f"{key!r} is not a name for one of the {self.says}: {self.form}{hint}"

    def schema(self) -> dict[str, Any]:
        names = f"(?:{self.name})|-?[0-9]+" if self.numbers else self.name
        return {
            "type": "object",
            "patternProperties": {f"^(?:{names})$": self.inner.schema()},
            "additionalProperties": False,
        }


class Key(NamedTuple):
    """One key of a mapping."""

    kind: Kind[Any]
    doc: str
    """The hover text."""
    required: bool
    home: str
    """The attribute it goes to; keys that share one become a mapping there."""
    shared: bool


class Record(Kind[Any]):
    """A mapping with known keys, read into an attrs class; `short` reads the one-word forms."""

    def __init__(self, cls: type[Any], *short: "tuple[Kind[Any], str]") -> None:
        self.cls = cls
        self.known = keys(cls)
        self.short = short
        self.says = f"a mapping with {', '.join(self.known)}"
        word = (cls.__doc__ or "").split()[0].strip(":.").lower()
        self.title = f"{'an' if word[0] in 'aeiou' else 'a'} {word}"

    @property
    def brief(self) -> str:
        return self.short[-1][0].says if self.short else self.title

    def read(self, node: yaml.Node, reading: Reading, named: yaml.Node | None = None) -> Any:
        # A named thing stands at its name, not at its first key.
        at = reading.where(named or node)
        if isinstance(node, yaml.MappingNode):
            return self.read_mapping(node, reading, at)
        for kind, key in self.short:
            if isinstance(kind, ListOf) == isinstance(node, yaml.SequenceNode):
                value = kind.read(node, reading)
                if value is None:
                    return None
                return self.cls(at=at, **{key: value})
        reading.wrong(node, f"{shown(node)} is not {self.says}")
        return None

    def read_mapping(self, node: yaml.MappingNode, reading: Reading, at: Where) -> Any:
        known = self.known
        found: dict[str, Any] = {}
        broken = False
        for key, key_node, value_node in entries(node, reading):
            if key not in known:
                hint = key_hint(key, known)
                words = f"unknown key {key!r}; {hint}{self.title} has {', '.join(known)}"
                reading.wrong(key_node, words)
                broken = True
                continue
            if value_node.value in NOTHING_SAID and is_plain(value_node):
                reading.wrong(key_node, f"{key!r} is empty; fill it in or leave it out")
                broken = True
                continue
            _, _, _, home, shared = known[key]
            value = known[key].kind.read(value_node, reading)
            if value is None:
                broken = True
            elif shared:
                found.setdefault(home, {})[key] = value
            else:
                found[home] = value
        missing = [name for name, each in known.items() if each.required and name not in found]
        if missing and not broken:
            needs = " ".join(f"{name!r}: {known[name].doc}" for name in missing)
            reading.problems.append(Problem(at, f"{self.title} needs {needs}"))
            broken = True
        return None if broken else self.cls(at=at, **found)

    def schema(self) -> dict[str, Any]:
        own = {"$ref": f"#/definitions/{self.cls.__name__}"}
        return {"anyOf": [*(kind.schema() for kind, _ in self.short), own]} if self.short else own


def keys(cls: type[Any]) -> dict[str, Key]:
    """The keys of a mapping that is read into a class."""
    found: dict[str, Key] = {}
    for each in fields(cls):
        if "kind" in each.metadata:
            required = each.default is NOTHING
            kind, doc = each.metadata["kind"], each.metadata["doc"]
            found[each.name] = Key(kind, doc, required, each.name, shared=False)
        for name, limit in each.metadata.get("limits", {}).items():
            # A length counts from 1; a number may be anything.
            kind = Integer(None if limit.measure is Measure.NUMBER else 1)
            found[name] = Key(kind, limit.doc, False, each.name, shared=True)
    return found


def key(kind: Kind[Any], doc: str) -> dict[str, Any]:
    """Metadata of a key: what may stand there, and the hover text."""
    return {"kind": kind, "doc": doc}


def limit_keys(limits: Mapping[str, FieldLimit]) -> dict[str, Any]:
    """Metadata of an attribute that gathers limits, each of which is a key of its own."""
    return {"limits": limits}


CODE = Integer()
PAGE = Integer(1, "the number of a page")
SENTENCE = Sentence()
PATTERN = Text(says="a regular expression in quotes")
MAP_KEY = f"str|{CLASS_NAME.pattern}"


class TypeName(Text):
    """A type by its name; whether it exists is seen later."""

    says = "a type"

    def __init__(self) -> None:
        super().__init__(pattern=f"{CLASS_NAME.pattern}|{'|'.join(SCALARS)}")

    def hint(self, node: yaml.Node) -> str:
        return f"; a type is Name or one of {', '.join(SCALARS)}, a list of it is [Name]"

    def why(self, value: str) -> str:
        hint = type_hint(value, SCALARS)
        return f"; {hint}" if hint else f"; a type is Name or one of {', '.join(SCALARS)}"


TYPE_NAME = TypeName()


@frozen(kw_only=True)
class FieldSpec:
    """Field of a record, a request or a reply."""

    at: Where
    type: Any = field(metadata=key(Data(), "`Name`, `[Name]` for a list, `{str: Name}` for a map."))
    doc: str = field(default="", metadata=key(SENTENCE, "What it is, in a sentence."))
    wire: str = field(default="", metadata=key(Text(), "Name on the wire where Python's differs."))
    item: str = field(default="", metadata=key(Text(), "Element repeated in an event's list."))
    limits: Mapping[str, int] = field(default=Factory(dict), metadata=limit_keys(LIMITS))
    pattern: str = field(default="", metadata=key(PATTERN, "What the whole text matches."))
    default: Any = field(default=None, metadata=key(Data(), "What WeCom assumes without it."))
    deprecated: str = field(default="", metadata=key(SENTENCE, "What to use instead."))
    secret: bool = field(default=False, metadata=key(Boolean(), "Gives power; no repr shows it."))
    example: Any = field(default=None, metadata=key(Data(), "A value, in wire shape."))
    also: str = field(
        default="",
        metadata=key(Text(("str", "int")), "Another JSON type WeCom sends now and then."),
    )
    flat: bool = field(
        default=False,
        metadata=key(Boolean(), "A union whose keys stand among those of the other fields."),
    )


FIELDS = MapOf(
    Record(FieldSpec, (ListOf(TYPE_NAME), "type"), (TYPE_NAME, "type")), FIELD_NAME, "fields"
)


@frozen(kw_only=True)
class PaginateSpec:
    """Paging of a call."""

    at: Where
    items: str = field(metadata=key(Text(), "Reply field that holds the items."))
    cursor: str = field(default="cursor", metadata=key(Text(), "Request field to go on with."))
    next: str = field(default="", metadata=key(Text(), "Reply field with the next cursor."))
    total: str = field(default="", metadata=key(Text(), "Reply field with the number of items."))
    until: str = field(
        default="", metadata=key(Text(), "Reply field that is true on the last page.")
    )
    more: str = field(
        default="", metadata=key(Text(), "Reply field that is true while more follows.")
    )
    limit: str = field(
        default="",
        metadata=key(Text(), "Request field with the size of a page; the cursor counts items."),
    )


@frozen(kw_only=True)
class PartialSpec:
    """Partial failure of a call that says errcode 0."""

    at: Where
    items: str = field(metadata=key(Text(), "Reply field with the items; dots reach inside."))
    code: str = field(default="", metadata=key(Text(), "Item field that is not 0 for a failure."))


@frozen(kw_only=True)
class ExampleSpec:
    """Example of a call in wire shape."""

    at: Where
    request: Any = field(default=None, metadata=key(Data(), "What is sent."))
    response: Any = field(default=None, metadata=key(Data(), "What comes back."))


class Response(Kind[Any]):
    """The fields of a reply, or the word file."""

    says = "a mapping of fields, or the word file"

    def read(self, node: yaml.Node, reading: Reading) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if node.value == "file":
                return "file"
            reading.wrong(node, f"{shown(node)} is not {self.says}")
            return None
        return FIELDS.read(node, reading)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"const": "file"}, FIELDS.schema()]}


@frozen(kw_only=True)
class CallSpec:
    """Call of the API."""

    at: Where
    title: str = field(metadata=key(Text(), "The official Chinese title."))
    doc: str = field(metadata=key(SENTENCE, "What it does, in one sentence."))
    notes: tuple[str, ...] = field(
        default=(), metadata=key(ListOf(SENTENCE), "What a caller must know besides.")
    )
    link: int = field(metadata=key(PAGE, "Number of the official page."))
    call: str = field(metadata=key(Address(), "`GET /cgi-bin/…` or `POST /cgi-bin/…`."))
    class_name: str = field(
        default="",
        metadata=key(
            Text(pattern=CLASS_NAME.pattern, says="a name such as ShopGet"),
            "Request class, where Resource+Call is taken.",
        ),
    )
    readonly: bool | None = field(
        default=None, metadata=key(Boolean(), "May be sent again after a broken connection.")
    )
    token: str = field(
        default="", metadata=key(Text(("suite", "provider")), "Another token than the corp's.")
    )
    apps: str = field(
        default="all",
        metadata=key(Text(("own", "providers")), "Whose apps may call it, where not all may."),
    )
    serial: bool = field(default=False, metadata=key(Boolean(), "WeCom forbids parallel calls."))
    mass: bool = field(
        default=False, metadata=key(Boolean(), "One call may reach many customers with a message.")
    )
    paginate: PaginateSpec | None = field(
        default=None, metadata=key(Record(PaginateSpec), "How it is paged.")
    )
    any_of: tuple[tuple[str, ...], ...] = field(
        default=(), metadata=key(Groups(), "Optional fields; at least one is given.")
    )
    one_of: tuple[tuple[str, ...], ...] = field(
        default=(), metadata=key(Groups(), "Optional fields; exactly one is given.")
    )
    partial: tuple[PartialSpec, ...] = field(
        default=(),
        metadata=key(ListOf(Record(PartialSpec), or_single=True), "errcode 0, but items failed."),
    )
    request: dict[str, FieldSpec] = field(
        default=Factory(dict), metadata=key(FIELDS, "What is sent; `name?` may be absent.")
    )
    response: Any = field(default=None, metadata=key(Response(), "What comes back."))
    errors: tuple[int, ...] = field(
        default=(), metadata=key(ListOf(CODE), "Codes of errors.yaml to expect.")
    )
    deprecated: str = field(default="", metadata=key(SENTENCE, "What to use instead."))
    example: ExampleSpec | None = field(
        default=None, metadata=key(Record(ExampleSpec), "The official example.")
    )


@frozen(kw_only=True)
class ValueSpec:
    """Value of an enum."""

    at: Where
    value: Any = field(metadata=key(NumberOrWord(), "Number or word on the wire."))
    doc: str = field(default="", metadata=key(SENTENCE, "What it means."))


@frozen(kw_only=True)
class VariantSpec:
    """Variant of a union."""

    at: Where
    type: str = field(metadata=key(TYPE_NAME, "Record that is the payload, or a union of them."))
    key: str = field(default="", metadata=key(Text(), "Where the payload stands; else the tag."))


@frozen(kw_only=True)
class TypeSpec:
    """Type: a record, an enum, an alias or a union."""

    at: Where
    doc: str = field(default="", metadata=key(SENTENCE, "What it is, in a sentence."))
    fields: dict[str, FieldSpec] | None = field(
        default=None, metadata=key(FIELDS, "Fields of a record; `name?` may be absent.")
    )
    any_of: tuple[tuple[str, ...], ...] = field(
        default=(), metadata=key(Groups(), "Optional fields; at least one is given.")
    )
    one_of: tuple[tuple[str, ...], ...] = field(
        default=(), metadata=key(Groups(), "Optional fields; exactly one is given.")
    )
    enum: dict[str, ValueSpec] | None = field(
        default=None,
        metadata=key(
            MapOf(Record(ValueSpec, (NumberOrWord(), "value")), PLAIN_NAME, "values"),
            "Names and wire values.",
        ),
    )
    alias: str = field(default="", metadata=key(Text(("str", "int")), "Another name for a scalar."))
    limits: Mapping[str, int] = field(default=Factory(dict), metadata=limit_keys(limits_of(*TEXT)))
    pattern: str = field(default="", metadata=key(PATTERN, "What the whole text matches."))
    union: str = field(default="", metadata=key(Text(), "Key that tells the variants apart."))
    flat: bool = field(
        default=False,
        metadata=key(Boolean(), "The payload's fields stand beside the tag, not under a key."),
    )
    common: dict[str, FieldSpec] = field(
        default=Factory(dict), metadata=key(FIELDS, "Fields that every variant has.")
    )
    variants: dict[str, VariantSpec] | None = field(
        default=None,
        metadata=key(
            MapOf(Record(VariantSpec, (TYPE_NAME, "type")), PLAIN_NAME, "variants", numbers=True),
            "Tag and record.",
        ),
    )


CALLS = MapOf(Record(CallSpec), PLAIN_NAME, "calls")
TYPES = MapOf(Record(TypeSpec), CLASS_NAME, "types")


@frozen(kw_only=True)
class MatchSpec:
    """Match of an event: the words in the message that tell it."""

    at: Where
    Event: str = field(metadata=key(Text(), "The family."))
    ChangeType: str = field(default="", metadata=key(Text(), "What happened in the family."))


@frozen(kw_only=True)
class EventSpec:
    """Event that WeCom pushes."""

    at: Where
    title: str = field(metadata=key(Text(), "The official Chinese title."))
    doc: str = field(metadata=key(SENTENCE, "What happened, in one sentence."))
    notes: tuple[str, ...] = field(
        default=(), metadata=key(ListOf(SENTENCE), "What a receiver must know besides.")
    )
    link: int = field(metadata=key(PAGE, "Number of the official page."))
    match: MatchSpec = field(metadata=key(Record(MatchSpec), "The words that tell it."))
    fields: dict[str, FieldSpec] = field(
        default=Factory(dict), metadata=key(FIELDS, "What it says beyond the envelope.")
    )


@frozen(kw_only=True)
class ResourceSpec:
    """Resource file: calls and their types."""

    at: Where
    title: str = field(metadata=key(Text(), "The official Chinese title of the section."))
    doc: str = field(metadata=key(SENTENCE, "What the resource is, in a sentence."))
    link: int = field(metadata=key(PAGE, "Number of the official page."))
    calls: dict[str, CallSpec] = field(metadata=key(CALLS, "Calls, in the page's order."))
    types: dict[str, TypeSpec] = field(
        default=Factory(dict), metadata=key(TYPES, "Records, enums, unions, aliases.")
    )


@frozen(kw_only=True)
class SharedSpec:
    """File of shared types."""

    at: Where
    doc: str = field(metadata=key(SENTENCE, "What stands here."))
    types: dict[str, TypeSpec] = field(metadata=key(TYPES, "Records, enums, unions, aliases."))


@frozen(kw_only=True)
class EventsSpec:
    """File of events."""

    at: Where
    title: str = field(metadata=key(Text(), "The official Chinese title of the section."))
    doc: str = field(metadata=key(SENTENCE, "What stands here."))
    link: int = field(metadata=key(PAGE, "Number of the official page."))
    events: dict[str, EventSpec] = field(
        metadata=key(MapOf(Record(EventSpec), CLASS_NAME, "events"), "What happened.")
    )
    types: dict[str, TypeSpec] = field(
        default=Factory(dict), metadata=key(TYPES, "Records, enums, unions, aliases.")
    )


@frozen(kw_only=True)
class ErrorSpec:
    """Error code."""

    at: Where
    title: str = field(metadata=key(Text(), "The official Chinese term."))
    doc: str = field(metadata=key(SENTENCE, "What it means."))
    advice: str = field(metadata=key(SENTENCE, "What to do about it."))


ERRORS = MapOf(MapOf(Record(ErrorSpec), None, "codes", numbers=True), CLASS_NAME, "error classes")


WORDS = Text(pattern=r'[^"\\\n]+', says="words on a line, without quotes")
TOKENS = {
    "corp": "access_token",
    "suite": "suite_access_token",
    "provider": "provider_access_token",
}


@frozen(kw_only=True)
class PackageSpec:
    """Package file: what the generated package is called, and what it stands on."""

    at: Where
    name: str = field(metadata=key(Text(pattern=NAME, says="a name to import"), "To import it."))
    title: str = field(metadata=key(WORDS, "The official Chinese name of the API."))
    api: str = field(metadata=key(WORDS, "What it is called in English: customer-contact API."))
    link: str = field(
        metadata=key(
            Text(pattern=r"https://[^{}\s]*\{page\}[^{}\s]*", says="an address with {page} in it"),
            "The address of an official page, {page} for its number.",
        )
    )
    base_url: str = field(
        default="https://qyapi.weixin.qq.com",
        metadata=key(
            Text(pattern=r"https?://[^\s?#@]+", says="the address of a host"), "The host."
        ),
    )
    tokens: Mapping[str, str] = field(
        default=Factory(TOKENS.copy),
        metadata=key(
            MapOf(Text(), Name("|".join(TOKENS), " or ".join(TOKENS)), "kinds of tokens"),
            "Kind, as calls name it, and parameter of the query; the first is the usual one.",
        ),
    )
    surfaces: tuple[str, ...] = field(
        default=(),
        metadata=key(ListOf(Text()), "What of codegen/surfaces/ goes with it."),
    )
    errors: str = field(
        default="",
        metadata=key(
            Text(pattern=r"(?:.*/)?errors\.yaml", says="the path of an errors.yaml"),
            "Another errors.yaml, from this file; its codes are this package's, too.",
        ),
    )
    readme: str = field(
        default="", metadata=key(Text(), "The document with the table of calls, from the root.")
    )
    example: str = field(
        default="", metadata=key(Text(lines=True), "Python: what to do with a client called wecom.")
    )


@frozen(kw_only=True)
class Spec:
    """All files of a spec, read but not yet understood."""

    package: PackageSpec | None
    resources: Mapping[str, ResourceSpec]
    shared: Mapping[str, SharedSpec]
    events: EventsSpec | None
    errors: Mapping[str, Mapping[int, ErrorSpec]]
    where: Mapping[str, Where]


FILES: dict[str, Kind[Any]] = {
    "package": Record(PackageSpec),
    "types": Record(SharedSpec),
    "events": Record(EventsSpec),
    "errors": ERRORS,
}
RESOURCE = Record(ResourceSpec)


def parse(text: str, file: str) -> tuple[Any, list[Problem]]:
    """Read one file; what is wrong with it comes back beside what could be read."""
    rows = text.splitlines()
    reading = Reading(file, rows)
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        line, what = explain(rows, stop(error))
        return None, [Problem(Where(file, line + 1), f"not YAML: {what}")]
    except yaml.reader.ReaderError as error:
        # The position is in bytes or in characters, as the parser likes.
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, odd.start() if odd else 0) + 1
        return None, [Problem(Where(file, line), f"not YAML: {error.reason}")]
    if node is None:
        return None, [Problem(Where(file, 1), "the file is empty; see docs/spec-format.md")]
    marked = [Problem(Where(file, line), what) for line, what in marks(text)]
    if marked:
        return None, marked
    kind = FILES.get(Path(file).stem, RESOURCE)
    return kind.read(node, reading), reading.problems


def stop(error: yaml.MarkedYAMLError) -> Stop:
    """Where the parser stopped, in plain words."""
    at = error.problem_mark or error.context_mark
    since = error.context_mark or at
    line, column = (at.line, at.column) if at else (0, 0)
    since_line, since_column = (since.line, since.column) if since else (line, column)
    problem, context = error.problem or "", error.context or ""
    return Stop(problem, context, line, column, since_line, since_column)


MARK = re.compile(r"[!&*](?<![^\s\[{,].)\S")
"""What may be an anchor, an alias or a tag."""


def marks(text: str) -> Iterator[tuple[int, str]]:
    """Anchors, aliases and tags, each with its line. YAML takes them for none of the text."""
    if not MARK.search(text):
        return
    for event in yaml.parse(text, Loader=Loader):
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if anchor:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            what = f"{sign}{anchor}: anchors and aliases are not used here"
            yield line, f"{what}; a text that begins with & or * is quoted"
        elif tag:
            yield line, "tags are not used here; a text that begins with ! is quoted"


def files_of(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The files of a spec, and those that look as if they were."""
    paths, problems = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith(".") or path.suffix.lower() not in (".yaml", ".yml"):
            continue
        if path.parent != folder:
            problems.append(Problem(Where(name, 1), "files in folders are not read"))
        elif path.suffix != ".yaml":
            what = f"call it {path.stem}.yaml; other files are not read"
            problems.append(Problem(Where(name, 1), what))
        else:
            paths.append(path)
    if not paths and not problems:
        problems.append(Problem(Where(str(folder), 1), "no .yaml file here"))
    return paths, problems


def load(folder: Path) -> Spec:
    """Read a folder of YAML files; raises `SpecError` with every problem of every file."""
    paths, problems = files_of(folder)
    read: dict[str, Any] = {}
    for path in paths:
        if not path.is_file():
            what = "a folder" if path.is_dir() else "a link that leads nowhere"
            problems.append(Problem(Where(path.name, 1), f"this is {what}, not a file"))
            continue
        content = path.read_bytes()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            where = Where(path.name, content.count(b"\n", 0, error.start) + 1)
            problems.append(Problem(where, f"not UTF-8: {error.reason}; save the file as UTF-8"))
            continue
        value, wrong = parse(text, path.name)
        meant = get_close_matches(path.stem, FILES, cutoff=0.8)
        if wrong and meant and path.stem not in FILES:
            what = f"this is read as a resource; for {meant[0]}, call it {meant[0]}.yaml"
            problems.append(Problem(Where(path.name, 1), what))
        problems += wrong
        if not re.fullmatch(NAME, path.stem):
            words = f"{path.stem!r} is not a name for a resource: {PLAIN_NAME.form}"
            problems.append(Problem(Where(path.name, 1), words))
        read[path.stem] = value
    package: PackageSpec | None = read.get("package")
    errors: dict[str, dict[int, ErrorSpec]] = read.get("errors") or {}
    if package is not None and package.errors:
        errors, wrong = with_shared_errors(errors, folder, package)
        problems += wrong
    if problems:
        raise SpecError(problems)
    return Spec(
        package=package,
        resources={k: v for k, v in read.items() if k not in FILES},
        shared={k: v for k, v in read.items() if k == "types"},
        events=read.get("events"),
        errors=errors,
        where={name: Where(f"{name}.yaml", 1) for name in read},
    )


def with_shared_errors(
    own: Mapping[str, Mapping[int, ErrorSpec]], folder: Path, package: PackageSpec
) -> tuple[dict[str, dict[int, ErrorSpec]], list[Problem]]:
    """The codes of a package and those of the file it shares; its own words come first."""
    try:
        text = (folder / package.errors).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"not UTF-8: {error.reason}"
        return {}, [Problem(package.at, f"errors: {package.errors}: {why}")]
    shared, problems = parse(text, package.errors)
    known = {code for codes in own.values() for code in codes}
    whole = {cls: dict(codes) for cls, codes in own.items()}
    for cls, codes in (shared or {}).items():
        more = {code: error for code, error in codes.items() if code not in known}
        whole.setdefault(cls, {}).update(more)
    return whole, problems


def json_schema() -> dict[str, Any]:
    """The format as a JSON Schema, draft 7, which editors read."""
    classes = [
        ResourceSpec, SharedSpec, EventsSpec, CallSpec, TypeSpec, FieldSpec, PaginateSpec,
        PartialSpec, ExampleSpec, ValueSpec, VariantSpec, EventSpec, MatchSpec, ErrorSpec,
        PackageSpec,
    ]  # fmt: skip
    definitions = {cls.__name__: class_schema(cls) for cls in classes}
    one = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    inside = {"$ref": "#/definitions/Type"}
    definitions["Type"] = {
        "description": "`Name`, `[Name]` for a list, `{str: Name}` for a map.",
        "anyOf": [
            TYPE_NAME.schema(),
            {"type": "array", "items": inside, "minItems": 1, "maxItems": 1},
            {"type": "object", "patternProperties": {f"^(?:{MAP_KEY})$": inside}, **one},
        ],
    }
    definitions["FieldSpec"]["properties"]["type"] = inside
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A file of spec/",
        "anyOf": [kind.schema() for kind in (RESOURCE, *FILES.values())],
        "definitions": definitions,
    }


def class_schema(cls: type[Any]) -> dict[str, Any]:
    known = keys(cls)
    return {
        "type": "object",
        "description": (cls.__doc__ or "").partition("\n")[0],
        "properties": {
            name: {"description": each.doc, **each.kind.schema()} for name, each in known.items()
        },
        "required": [name for name, each in known.items() if each.required],
        "additionalProperties": False,
    }
