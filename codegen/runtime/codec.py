"""Moves records between plain JSON data and our classes: forgiving on the way in, strict on the way out.

    codec.structure({"title": "…", "url": "…"}, LinkAttachment)    # JSON data → record
    codec.unstructure(record)                                      # record → JSON data
    codec.converter                                                # the cattrs Converter behind both

For every class one function is compiled that builds (or takes apart) a record without looking at types
again; cattrs finds it. Decoding forgives what WeCom may change: absent or null gives the zero value, "1"
serves for 1, an unknown enum value an open member, an unknown union tag an `Unknown`, an unknown key goes
to `.extra`. A strict `Codec` raises `DecodeError` instead. Limits are checked when a call is encoded.

Hand-written: edit codegen/runtime/codec.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    NoReturn,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    overload,
)

import orjson
from attrs import Attribute, fields, resolve_types
from cattrs import Converter

from ._model import BEIJING, Call, Model, OpenInt, OpenStr, SequenceNotStr, Tagged, Unknown, Wire
from ._paths import AtPath
from .errors import RefusedArgument

__all__ = ["Codec", "DecodeError", "Drift", "converter", "shared", "structure", "unstructure"]

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], Any]
Writer: TypeAlias = Callable[[Any], Any]

PLAIN = Wire()
DEPTH = 3
"""How many records deep one function reads."""
EPOCH = datetime.fromtimestamp(0, BEIJING)


class DecodeError(AtPath):
    """JSON data that does not fit the class: `CustomerGetResult.follow_user[0].userid: …`."""


class Drift(NamedTuple):
    """Something in a reply that this version does not know: told once each to `on_drift`."""

    where: str
    """Class and field: `FollowInfo.new_field`."""
    what: str
    value: Any


class Policy:
    """What to do with the unexpected: raise (strict), or make the best of it and tell `on_drift`."""

    def __init__(self, strict: bool, on_drift: Callable[[Drift], None] | None) -> None:
        self.strict = strict
        self.on_drift = on_drift
        self.told: set[tuple[str, str]] = set()

    def drift(self, where: str, what: str, value: Any) -> None:
        if self.strict:
            raise DecodeError(f"{what}: {brief(value)}")
        if self.on_drift is not None and (where, what) not in self.told and len(self.told) < 10_000:
            self.told.add((where, what))
            self.on_drift(Drift(where, what, value))

    def unknown_keys(self, data: dict[str, Any], known: frozenset[str], name: str) -> Any:
        extra = {key: value for key, value in data.items() if key not in known}
        for key, value in extra.items():
            try:
                self.drift(f"{name}.{key}", "unknown field", value)
            except DecodeError as error:
                raise error.under(key) from None
        return extra or None

    def absent(self, where: str) -> None:
        self.drift(where, "missing", None)

    def text(self, value: Any, where: str, also: bool) -> str:
        if value.__class__ is str:
            return str(value)
        if value.__class__ in (int, float):
            if not also:
                self.drift(where, "a number instead of a string", value)
            return str(value)
        raise DecodeError(f"{brief(value)} is no string")

    def integer(self, value: Any, where: str, also: bool) -> int:
        if value.__class__ is int:
            return int(value)
        number: int
        try:
            number = int(value)
            fits = value.__class__ is str or number == value
        except (TypeError, ValueError, OverflowError):
            fits = value.__class__ is str and not value
            number = 0
        if not fits:
            raise DecodeError(f"{brief(value)} is no integer") from None
        if not also:
            self.drift(where, "not an integer", value)
        return number

    def number(self, value: Any, where: str, also: bool) -> float:
        if value.__class__ in (float, int):
            return float(value)
        try:
            number = float(value or 0)
        except (TypeError, ValueError):
            raise DecodeError(f"{brief(value)} is no number") from None
        if not also:
            self.drift(where, "not a number", value)
        return number

    def truth(self, value: Any, where: str, flag: bool) -> bool:
        expected = value.__class__ is int if flag else value.__class__ is bool
        if expected and value in (0, 1):
            return bool(value)
        words = {"0": False, "1": True, "false": False, "true": True, "": False}
        if value.__class__ is str and value.lower() in words:
            self.drift(where, "a string instead of yes or no", value)
            return words[value.lower()]
        if value.__class__ in (bool, int):
            self.drift(where, "a number instead of true or false", value)
            return bool(value)
        raise DecodeError(f"{brief(value)} is neither true nor false")

    def moment(self, value: Any, where: str, also: bool) -> datetime:
        seconds = value if value.__class__ is int else self.integer(value, where, also)
        try:
            return datetime.fromtimestamp(seconds, BEIJING)
        except (OverflowError, ValueError, OSError):
            raise DecodeError(f"{brief(value)} is no Unix time") from None

    def code(self, cls: type[OpenInt], value: Any, where: str, also: bool) -> OpenInt:
        number = self.integer(value, where, also) if value.__class__ is not int else value
        member = cls(number)
        if member.name.startswith("UNKNOWN_"):
            self.drift(where, f"unknown {cls.__name__} {number}", number)
        return member

    def word(self, cls: type[OpenStr], value: Any, where: str, also: bool) -> OpenStr:
        member = cls(self.text(value, where, also))
        if member.name.startswith("UNKNOWN_"):
            self.drift(where, f"unknown {cls.__name__} {member.value!r}", member.value)
        return member


def brief(value: Any) -> str:
    """A value for a message: short enough to read."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Shape(NamedTuple):
    """A field's type, taken apart once."""

    inner: Any
    """The type of a value, or of an item."""
    many: bool
    optional: bool
    wire: Wire

    @classmethod
    def of(cls, annotation: Any, wire: Wire = PLAIN) -> "Shape":
        optional = many = False
        if get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
            optional = True
            inner = tuple(each for each in get_args(annotation) if each is not NoneType)
            annotation = Union[inner]  # noqa: UP007  (the members are known at run time only)
        if get_origin(annotation) in (list, Sequence, SequenceNotStr):
            many = True
            (annotation,) = get_args(annotation)
        return cls(annotation, many, optional, wire)


def tagged(annotation: Any) -> Tagged | None:
    """The union behind an annotation, if it is one."""
    marks = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, Tagged)), None)


def is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, (OpenInt, OpenStr))


def is_scalar(annotation: Any) -> bool:
    """Whether we decode it ourselves though it is no record."""
    return is_enum(annotation) or annotation is datetime or tagged(annotation) is not None


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Model)


def wire_fields(cls: type[Model]) -> Iterator[tuple["Attribute[Any]", str, Shape]]:
    """The fields of a class that travel: attribute, wire name, shape."""
    if any(isinstance(each.type, str) for each in fields(cls)):
        resolve_types(cls, include_extras=True)
    upload = cls.endpoint.upload if issubclass(cls, Call) and hasattr(cls, "endpoint") else None
    for each in fields(cls):
        if each.name not in ("_extra", upload):
            wire = each.metadata.get("wire", PLAIN)
            yield each, wire.name or each.name, Shape.of(each.type, wire)


class Source:
    """Lines of a function being written, and the objects it refers to."""

    def __init__(self, parameter: str) -> None:
        self.parameter = parameter
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.scope: dict[str, Any] = {}

    def add(self, *lines: str) -> None:
        self.lines += [f"    {line}" for line in lines]

    def ref(self, value: Any) -> str:
        """A name for an object in the function."""
        if id(value) not in self.names:
            self.names[id(value)] = name = f"_{len(self.names)}"
            self.scope[name] = value
        return self.names[id(value)]

    def function(self, title: str) -> Callable[..., Any]:
        """The function. cattrs gives it a second argument; the objects are defaults, so local to it: 3 % of a page."""
        local = "".join(f", {name}={name}" for name in self.scope)
        lines = "\n".join([f"def f({self.parameter}, _=None{local}):", *self.lines])
        scope = dict(self.scope)
        exec(compile(lines, f"<codec {title}>", "exec"), scope)
        built: Callable[..., Any] = scope["f"]
        return built


class Place(NamedTuple):
    """A field of the record that a function being written makes."""

    shape: Shape
    key: str
    where: str
    """Class and field: `FollowInfo.userid`."""
    here: str
    """The field in the function: `o.userid`."""
    slow: str
    """The name of the function for what is unusual."""
    level: str
    """Tells records inside others apart."""


def read_many(read: Reader, value: Any) -> list[Any]:
    """A list of anything, item by item."""
    if value.__class__ is not list:
        raise DecodeError(f"{brief(value)} is no list")
    items: list[Any] = []
    try:
        for each in value:
            items.append(read(each))
    except DecodeError as error:
        raise error.under(f"[{len(items)}]") from None
    return items


def same(key: str) -> str:
    """The key as orjson hands it out: it has one object for each, and a dict finds that by identity. 5 %."""
    (found,) = orjson.loads(orjson.dumps({key: None}))
    return str(found)


def write_many(write: Writer, value: Any) -> list[Any]:
    """A list for the wire; a string is no list, whatever Python thinks."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise RefusedArgument(f"{brief(value)} is no list")
    written: list[Any] = []
    try:
        for each in value:
            written.append(write(each))
    except RefusedArgument as error:
        raise error.under(f"[{len(written)}]") from None
    return written


class Decoding:
    """Compiles the functions that build records from JSON data."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.models: dict[type[Model], Reader] = {}

    def reader(self, shape: Shape, where: str) -> Reader:
        """A function for one value of a type; never called with None."""
        inner, policy, also = shape.inner, self.policy, shape.wire.also is not None
        union = tagged(inner)
        if union is not None:
            return self.union(union, where)
        if is_model(inner):
            return lambda value: self.model(inner)(value)
        if is_enum(inner):
            table = {member.value: member for member in inner}
            slow: Callable[..., Any] = policy.code if issubclass(inner, OpenInt) else policy.word

            def read_enum(value: Any) -> Any:
                if value.__class__ is not bool:
                    try:
                        return table[value]
                    except (KeyError, TypeError):
                        pass
                return slow(inner, value, where, also)

            return read_enum
        if inner is bool:
            flag = shape.wire.flag
            return lambda value: policy.truth(value, where, flag)
        scalars: dict[Any, Callable[[Any, str, bool], Any]] = {
            str: policy.text,
            int: policy.integer,
            float: policy.number,
            datetime: policy.moment,
        }
        if inner in scalars:
            read = scalars[inner]
            if inner is datetime and shape.optional and not shape.many:
                # WeCom writes "never" as 0.
                return lambda value: read(value, where, also) if value and value != "0" else None
            return lambda value: read(value, where, also)
        if inner is Any:
            return lambda value: value
        raise TypeError(f"{where}: no way to decode {inner!r}")

    def zero(self, shape: Shape) -> Callable[[], Any]:
        """What an absent required field is."""
        inner = shape.inner
        if shape.many:
            return list
        if tagged(inner) is not None:
            return lambda: Unknown("")
        if is_model(inner):
            return lambda: self.model(inner)({})
        if is_enum(inner):
            blank = inner(0 if issubclass(inner, OpenInt) else "")
            return lambda: blank
        if inner is datetime:
            return lambda: EPOCH
        return lambda: None if inner is Any else inner()

    def slow(self, shape: Shape, key: str, where: str) -> Reader:
        """A function for whatever a field may hold, None included; it knows the path."""
        read, policy = self.reader(shape, where), self.policy
        optional, zero = shape.optional, self.zero(shape)

        def fill(value: Any) -> Any:
            if value is not None:
                return read_many(read, value) if shape.many else read(value)
            if optional:
                return None
            policy.absent(where)
            return zero()

        def slow(value: Any) -> Any:
            try:
                return fill(value)
            except DecodeError as error:
                raise error.under(key) from None

        return slow

    def model(self, cls: type[Model]) -> Reader:
        if cls not in self.models:
            self.models[cls] = self.compile(cls)
        return self.models[cls]

    def compile(self, cls: type[Model]) -> Reader:
        """Write and compile the function for one class. For a text, an optional number and a record it reads:

            def f(d, _=None):
                if d.__class__ is not dict: check(d)
                o = new(cls)
                n = 3
                try:
                    o.name = v = d['name']
                except KeyError:
                    n -= 1; v = None
                if v.__class__ is not str: o.name = slow(v)
                if 'type' in d:
                    v = d['type']
                    if v.__class__ is int:
                        try: o.type = table[v]
                        except KeyError: o.type = slow(v)
                    else: o.type = slow(v)
                else:
                    n -= 1; o.type = None
                ...
                o._extra = None if len(d) == n else unknown_keys(d, …)
                return o

        What comes as expected is read in place, and `slow` does the rest. Measured with a page of customers
        (bench/decode.py): `cls(…)` would add 40 % to building a record; `get` instead of `in`, `[]` and `try`
        adds 10 % to a page. `n` counts the known keys that are there, so that a comparison with `len(d)` tells
        whether there are others; it takes 4 %.
        """
        source = Source("d")
        source.add(f"if d.__class__ is not {source.ref(dict)}:")
        source.add(f"    {source.ref(an_object)}(d)")
        source.add(*self.body(source, cls, ""), "return o")
        return source.function(cls.__name__)

    def body(self, source: Source, cls: type[Model], level: str) -> list[str]:
        """The lines that make a record `o` of the object `d`."""
        o, d, n = f"o{level}", f"d{level}", f"n{level}"
        name, policy, shaped = cls.__name__, self.policy, list(wire_fields(cls))
        whole = [f"{o} = {source.ref(cls.__new__)}({source.ref(cls)})", f"{n} = {len(shaped)}"]
        for attribute, key, shape in shaped:
            where, here = f"{name}.{attribute.name}", f"{o}.{attribute.name}"
            slow = source.ref(self.slow(shape, key, where))
            take, lines = self.convert(source, Place(shape, key, where, here, slow, level))
            field = source.ref(same(key))
            if shape.optional:
                whole += [
                    f"if {field} in {d}:",
                    f"    {take} = {d}[{field}]",
                    *(f"    {line}" for line in lines),
                    "else:",
                    f"    {n} -= 1; {here} = None",
                ]
            else:
                whole += [
                    "try:",
                    f"    {take} = {d}[{field}]",
                    "except KeyError:",
                    f"    {n} -= 1; {take} = None",
                    *lines,
                ]
        unknown, known = source.ref(policy.unknown_keys), frozenset(key for _, key, _ in shaped)
        others = f"{unknown}({d}, {source.ref(known)}, {name!r})"
        return [*whole, f"{o}._extra = None if {source.ref(len)}({d}) == {n} else {others}"]

    def convert(self, source: Source, place: Place) -> tuple[str, list[str]]:
        """What the JSON value is assigned to, `v` among it, and the lines that put what it means into the field."""
        shape, inner, here, slow = place.shape, place.shape.inner, place.here, place.slow
        if inner in (str, int, float, Any) or (inner is bool and not shape.wire.flag):
            # Taken over as it is, a list too, unless it is strange.
            return f"{here} = v", self.strange(source, shape, f"{here} = {slow}(v)")
        if shape.many or is_model(inner) or tagged(inner) is not None:
            return "v", self.nested(source, place)
        if inner is datetime:
            moment, calendar = source.ref(datetime.fromtimestamp), source.ref(BEIJING)
            return "v", [
                f"if v.__class__ is {source.ref(int)} and v:",
                f"    try: {here} = {moment}(v, {calendar})",
                f"    except (OverflowError, ValueError, OSError): {here} = {slow}(v)",
                f"else: {here} = {slow}(v)",
            ]
        if inner is bool:
            table = {0: False, 1: True}
        else:
            table = {member.value: member for member in inner}
        kind = source.ref(str if issubclass(inner, OpenStr) else int)
        return "v", [
            f"if v.__class__ is {kind}:",
            f"    try: {here} = {source.ref(table)}[v]",
            f"    except KeyError: {here} = {slow}(v)",
            f"else: {here} = {slow}(v)",
        ]

    def strange(self, source: Source, shape: Shape, otherwise: str) -> list[str]:
        """The lines that do something else if `v` is not what JSON has for the type."""
        inner = shape.inner
        if not shape.many and inner is Any:
            return [] if shape.optional else [f"if v is None: {otherwise}"]
        kind = source.ref(inner)
        if not shape.many:
            return [f"if v.__class__ is not {kind}: {otherwise}"]
        whole = [f"if v.__class__ is not {source.ref(list)}: {otherwise}"]
        if inner is str:
            # `join` looks at every item in C.
            whole += ["else:", "    try: ''.join(v)", f"    except TypeError: {otherwise}"]
        elif inner is not Any:
            whole += [
                "else:",
                "    for x in v:",
                f"        if x.__class__ is not {kind}: {otherwise}; break",
            ]
        return whole

    def nested(self, source: Source, place: Place) -> list[str]:
        """The same for records, and for lists of anything but plain values."""
        shape, key, where, here, slow, level = place
        error, deeper, items = source.ref(DecodeError), f"{level}_", f"items{level}"
        each = f"d{deeper}"
        if is_model(shape.inner) and len(level) < DEPTH:
            # Written out where it is needed, without a call: 5 %.
            made = f"o{deeper}"
            read = [
                f"if {each}.__class__ is not {source.ref(dict)}: {source.ref(an_object)}({each})",
                *self.body(source, shape.inner, deeper),
            ]
        else:
            made, read = f"{source.ref(self.reader(shape, where))}({each})", []
        if shape.many:
            return [
                f"if v.__class__ is not {source.ref(list)}: {here} = {slow}(v)",
                "else:",
                f"    {here} = {items} = []",
                "    try:",
                f"        for {each} in v:",
                *(f"            {line}" for line in read),
                f"            {items}.append({made})",
                f"    except {error} as e:",
                f"        raise e.under(f'[{{{source.ref(len)}({items})}}]').under({key!r}) from None",
            ]
        return [
            f"if v is None: {here} = {slow}(v)",
            "else:",
            "    try:",
            f"        {each} = v",
            *(f"        {line}" for line in read),
            f"        {here} = {made}",
            f"    except {error} as e:",
            f"        raise e.under({key!r}) from None",
        ]

    def union(self, union: Tagged, where: str) -> Reader:
        """A function for the variants of a union, told apart by the tag."""
        tag_key, common, policy = union.tag, union.common, self.policy
        table = {
            tag: (key, self.model(variant), {union.tag, key, *union.common})
            for tag, (key, variant) in union.variants.items()
        }

        def read(data: Any) -> Any:
            if data.__class__ is not dict:
                not_an_object(data)
            tag = data.get(tag_key)
            if (tag.__class__ is not str and tag.__class__ is not int) or tag not in table:
                policy.drift(where, f"unknown {tag_key} {tag!r}", data)
                rest = {key: value for key, value in data.items() if key != tag_key}
                payload = rest.pop(tag, None) if isinstance(tag, str) else None
                return Unknown("" if tag is None else tag, payload, rest)
            key, variant, known = table[tag]
            payload = data.get(key)
            if payload is None:
                policy.drift(where, f"no {key} beside {tag_key} {tag!r}", data)
                payload = {}
            if len(data) > 2:
                for other in data.keys() - known:
                    policy.drift(where, f"unknown field {other!r} in the union", data[other])
            if common and payload.__class__ is dict:
                payload = payload.copy()
                for name in common:
                    if name in data:
                        payload[name] = data[name]
            try:
                return variant(payload)
            except DecodeError as error:
                raise error.under(key) from None

        return read


def an_object(value: Any) -> None:
    if not isinstance(value, Mapping):
        not_an_object(value)


def not_an_object(value: Any) -> NoReturn:
    raise DecodeError(f"{brief(value)} is no object")


class Encoding:
    """Compiles the functions that take records apart; with `check`, limits are enforced."""

    def __init__(self, check: bool) -> None:
        self.check = check
        self.models: dict[type[Model], Writer] = {}
        self.unions: dict[Tagged, dict[type[Model], Writer]] = {}

    def writer(self, shape: Shape) -> Writer:
        """A function for one value of a type; never called with None."""
        inner = shape.inner
        union = tagged(inner)
        if union is not None:
            return self.union(union)
        if is_model(inner):
            write = self.model(inner)

            def write_model(value: Any) -> Any:
                if not isinstance(value, inner):
                    raise RefusedArgument(f"{brief(value)} is no {inner.__name__}")
                return write(value)

            return write_model
        if is_enum(inner):
            return lambda value: write_enum(inner, value)
        if inner is datetime:
            return write_moment
        if inner is bool:
            return write_flag if shape.wire.flag else write_bool
        if inner is Any:
            return lambda value: value
        return lambda value: write_scalar(inner, value)

    def model(self, cls: type[Model]) -> Writer:
        if cls not in self.models:
            self.models[cls] = self.compile(cls)
        return self.models[cls]

    def slow(self, shape: Shape, name: str) -> Writer:
        """A function for whatever a field may hold, checks included; it knows the path."""
        write, check, wire = self.writer(shape), self.check, shape.wire

        def slow(value: Any) -> Any:
            try:
                if value is None and check:
                    raise RefusedArgument("is required")
                if not shape.many:
                    written = write(value)
                    if check:
                        check_limits(wire, written)
                    return written
                written = write_many(write, value)
                if check:
                    check_items(wire, written)
                return written
            except RefusedArgument as error:
                raise error.under(name) from None

        return slow

    def compile(
        self, cls: type[Model], under: tuple[Tagged, str | int, str] | None = None
    ) -> Writer:
        """Write and compile the function for one class. For an optional text of 128 bytes and a number it reads:

            def f(o, _=None):
                d = {}
                v = o.title
                if v is not None:
                    d['title'] = v if v.__class__ is str and len(v) <= 32 else slow(v)
                v = o.scene
                d['scene'] = v._value_ if v.__class__ is Scene else slow(v)
                if o._extra: …
                return d

        As in decoding, `slow` does all that is unusual, and knows the exact limits: a call for each field would
        take three times as long.
        """
        source = Source("o")
        refused = source.ref(RefusedArgument)
        source.add("d = {}")
        for attribute, key, shape in wire_fields(cls):
            source.add(f"v = o.{attribute.name}")
            lines = self.convert(source, shape, key, attribute.name)
            if shape.optional:
                source.add("if v is not None:", *(f"    {line}" for line in lines))
            else:
                source.add(*lines)
        if self.check:
            for names in getattr(cls, "__any_of__", ()):
                none = " and ".join(f"o.{name} is None" for name in names)
                what = f"give at least one of {', '.join(names)}"
                source.add(f"if {none}: raise {refused}({what!r})")
            for names in getattr(cls, "__one_of__", ()):
                given = " + ".join(f"(o.{name} is not None)" for name in names)
                what = f"give exactly one of {', '.join(names)}"
                source.add(f"if {given} != 1: raise {refused}({what!r})")
        source.add("if o._extra:")
        source.add("    for k, v in o._extra.items():")
        source.add("        d.setdefault(k, v)")
        if under is None:
            source.add("return d")
        else:
            union, tag, payload = under
            source.add(f"w = {{{union.tag!r}: {tag!r}, {payload!r}: d}}")
            for name in union.common:
                source.add(f"if {name!r} in d: w[{name!r}] = d.pop({name!r})")
            source.add("return w")
        return source.function(cls.__name__)

    def convert(self, source: Source, shape: Shape, key: str, name: str) -> list[str]:
        """The lines that put what the field holds, `v`, into the wire data."""
        wire, inner = shape.wire, shape.inner
        slow = source.ref(self.slow(shape, name))
        if shape.many:
            return [*self.items(source, shape, slow), f"d[{key!r}] = v"]
        if inner in (str, int):
            strange = f"v.__class__ is not {inner.__name__}{self.suspicious('v', one=wire)}"
            return [f"d[{key!r}] = {slow}(v) if {strange} else v"]
        if is_enum(inner):
            kind = source.ref(inner)
            return [f"d[{key!r}] = v._value_ if v.__class__ is {kind} else {slow}(v)"]
        if is_model(inner):
            write, kind = source.ref(self.model(inner)), source.ref(inner)
            return [
                "try:",
                f"    d[{key!r}] = {write}(v) if v.__class__ is {kind} else {slow}(v)",
                f"except {source.ref(RefusedArgument)}:",
                f"    {slow}(v)  # says where",
            ]
        return [f"d[{key!r}] = {slow}(v)"]

    def items(self, source: Source, shape: Shape, slow: str) -> list[str]:
        """The lines that make `v`, a list, one for the wire."""
        wire, inner = shape.wire, shape.inner
        start = [
            f"if v.__class__ is not list{self.suspicious('v', items=wire)}: v = {slow}(v)",
            "else:",
        ]
        each = self.suspicious("x", one=wire)
        if inner is str and not each:
            # `join` looks at every item in C: 6 % of a message to ten customers, more of one to thousands.
            return [
                *start,
                "    try: ''.join(v)",
                f"    except TypeError: v = {slow}(v)",
                "    else: v = [*v]",
            ]
        if inner in (str, int):
            return [
                *start,
                "    for x in v:",
                f"        if x.__class__ is not {inner.__name__}{each}:",
                f"            v = {slow}(v); break",
                "    else: v = [*v]",
            ]
        union = tagged(inner)
        if union is not None:
            writers = source.ref(self.variants(union))
        elif is_model(inner):
            writers = source.ref({inner: self.model(shape.inner)})
        else:
            return [f"v = {slow}(v)"]
        return [
            *start,
            f"    try: v = [{writers}[x.__class__](x) for x in v]",
            f"    except (KeyError, {source.ref(RefusedArgument)}): v = {slow}(v)  # says where",
        ]

    def suspicious(self, v: str, *, one: Wire = PLAIN, items: Wire = PLAIN) -> str:
        """What makes a value worth a slow look. A character takes at most four bytes."""
        if not self.check:
            return ""
        tests = [
            (f"len({v}) > {one.max_bytes and one.max_bytes // 4}", one.max_bytes),
            (f"len({v}) > {one.max_chars}", one.max_chars),
            (f"len({v}) < {one.min_chars}", one.min_chars),
            (f"{v} > {one.max}", one.max),
            (f"{v} < {one.min}", one.min),
            (f"len({v}) > {items.max_items}", items.max_items),
            (f"len({v}) < {items.min_items}", items.min_items),
        ]
        return "".join(f" or {test}" for test, limit in tests if limit is not None)

    def union(self, union: Tagged) -> Writer:
        """A function for the variants of a union, told apart by their class."""
        tag_key, table = union.tag, self.variants(union)

        def write(value: Any) -> Any:
            if value.__class__ is Unknown:
                whole: dict[Any, Any] = {tag_key: value.tag, **value.beside}
                if value.payload is not None:
                    whole[value.tag] = value.payload
                return whole
            if value.__class__ not in table:
                names = ", ".join(each.__name__ for each in table)
                raise RefusedArgument(f"{brief(value)} is none of {names}")
            return table[value.__class__](value)

        return write

    def variants(self, union: Tagged) -> dict[type[Model], Writer]:
        """For each class of a union the function that writes its payload with the tag: one call, not two, 7 %."""
        if union not in self.unions:
            self.unions[union] = {
                variant: self.compile(variant, (union, tag, key))
                for tag, (key, variant) in union.variants.items()
            }
        return self.unions[union]


def write_enum(cls: type[OpenInt] | type[OpenStr], value: Any) -> Any:
    if value.__class__ is not cls:
        try:
            value = cls(value)
        except ValueError:
            raise RefusedArgument(f"{brief(value)} is no {cls.__name__}") from None
    return value._value_


def write_moment(value: Any) -> int:
    if not isinstance(value, datetime):
        raise RefusedArgument(f"{brief(value)} is no datetime")
    if value.tzinfo is None:
        raise RefusedArgument(f"{value} has no time zone; give an aware datetime")
    return int(value.timestamp())


def write_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise RefusedArgument(f"{brief(value)} is neither True nor False")
    return value


def write_flag(value: Any) -> int:
    return int(write_bool(value))


def write_scalar(cls: type, value: Any) -> Any:
    """A str, int or float; a bool is no number, an int serves as a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float) if cls is float else cls):
        raise RefusedArgument(f"{brief(value)} is no {cls.__name__}")
    return cls(value)


def check_items(wire: Wire, value: list[Any]) -> None:
    if wire.max_items is not None and len(value) > wire.max_items:
        raise RefusedArgument(f"{len(value)} items, WeCom takes at most {wire.max_items}")
    if wire.min_items is not None and len(value) < wire.min_items:
        raise RefusedArgument(f"{len(value)} items, WeCom takes at least {wire.min_items}")
    for index, each in enumerate(value):
        try:
            check_limits(wire, each)
        except RefusedArgument as error:
            raise error.under(f"[{index}]") from None


def check_limits(wire: Wire, value: Any) -> None:
    if wire.max_bytes is not None and (size := len(value.encode())) > wire.max_bytes:
        raise RefusedArgument(f"{size} bytes, WeCom takes at most {wire.max_bytes}")
    if wire.max_chars is not None and len(value) > wire.max_chars:
        raise RefusedArgument(f"{len(value)} characters, WeCom takes at most {wire.max_chars}")
    if wire.min_chars is not None and len(value) < wire.min_chars:
        raise RefusedArgument(f"{len(value)} characters, WeCom takes at least {wire.min_chars}")
    if wire.max is not None and value > wire.max:
        raise RefusedArgument(f"{value}, WeCom takes at most {wire.max}")
    if wire.min is not None and value < wire.min:
        raise RefusedArgument(f"{value}, WeCom takes at least {wire.min}")


class Codec:
    """A way of decoding and encoding; a client has one."""

    def __init__(
        self, *, strict: bool = False, on_drift: Callable[[Drift], None] | None = None
    ) -> None:
        decoding = Decoding(Policy(strict, on_drift))
        plain = Encoding(check=False)
        self._plain = plain
        self._checked = Encoding(check=True)
        self.converter = ours = Converter()

        @cache
        def decode(annotation: Any) -> Callable[[Any, Any], Any]:
            read = decoding.reader(Shape.of(annotation), getattr(annotation, "__name__", "union"))
            return lambda data, _: read(data)

        def encode(annotation: Any) -> Writer:
            return plain.writer(Shape.of(annotation))

        def record(annotation: Any) -> Callable[[Any, Any], Any]:
            # What is compiled takes the second argument that cattrs gives, so nothing lies between.
            read: Callable[..., Any] = decoding.model(annotation)
            return read

        ours.register_structure_hook_factory(is_scalar, decode)
        for base in (OpenInt, OpenStr):
            # cattrs has a hook for Enum, and asks for classes before it asks predicates.
            ours.register_structure_hook(base, lambda value, cls: decode(cls)(value, cls))
        ours.register_structure_hook_factory(is_model, record)
        ours.register_unstructure_hook_factory(is_scalar, encode)
        ours.register_unstructure_hook_factory(is_model, plain.model)

    def structure(self, data: Any, cls: Any) -> Any:
        """Build a `cls` from JSON data; raises `DecodeError` with the path to what does not fit."""
        try:
            return self.converter.structure(data, cls)
        except DecodeError as error:
            raise error.under(getattr(cls, "__name__", "union")) from None

    def unstructure(self, value: Any) -> Any:
        """Turn a record into JSON data, unknown fields included; limits are not checked."""
        return self.converter.unstructure(value)

    def encode(self, call: Call[Any], check: bool = True) -> dict[str, Any]:
        """Turn a call into its wire parameters; raises `RefusedArgument` with the path to what WeCom would refuse."""
        encoding = self._checked if check else self._plain
        write = encoding.models.get(call.__class__) or encoding.model(call.__class__)
        try:
            wire: dict[str, Any] = write(call)
        except RefusedArgument as error:
            raise error.under(type(call).__name__) from None
        return wire


shared = Codec()
"""The forgiving codec every client uses unless told otherwise."""

converter = shared.converter
"""The cattrs converter behind `structure` and `unstructure`."""


@overload
def structure(data: Any, cls: type[T]) -> T: ...
@overload
def structure(data: Any, cls: Any) -> Any: ...
def structure(data: Any, cls: Any) -> Any:
    """Build a `cls` from JSON data, forgiving what this version does not know."""
    return shared.structure(data, cls)


def unstructure(value: Any) -> Any:
    """Turn a record into JSON data, unknown fields included."""
    return shared.unstructure(value)
