"""Compiles the functions that take records apart; with `check`, limits are enforced. Strict: what WeCom would refuse
or cannot be written is a `RefusedArgument` with its path.

Hand-written: edit codegen/runtime/_runtime/writing.py.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from math import isfinite
from threading import local
from typing import Any, NamedTuple, TypeAlias

from ..errors import RefusedArgument, brief
from .faults import Fault, convert_items
from .field_limits import FIELD_LIMITS, Measure
from .model import Model, OpenInt, OpenStr, Tagged, Unknown
from .reading import Decoding, beside_key, compiling
from .shapes import Shape, contents, is_enum, is_model, tagged, tags_of, wire_fields
from .source import Source

Writer: TypeAlias = Callable[[Any], Any]

SURROGATE_HALF = range(0xD800, 0xE000)
GREATEST = 2**64
"""Beyond it no JSON reader of WeCom's follows."""
LEAST = -(2**63)
DEEPEST = 254
"""How far down the fast writer goes; a call of WeCom's has five levels."""


class Encoding:
    """The functions for one way of checking, by class."""

    def __init__(self, check: bool, sends: bool, decoding: Decoding) -> None:
        self.check = check
        self.sends = sends
        """Whether it is for a call, so that what JSON cannot hold is refused; else whatever was read goes back."""
        self.decoding = decoding
        """A lenient one: what it could not understand is in `.extra`, and goes back."""
        self.models: dict[type[Model], Writer] = {}
        self.unions: dict[Tagged, dict[type[Model], Writer]] = {}
        self.compiling = local()
        """What this thread is about to compile."""

    def writer(self, shape: Shape) -> Writer:
        """A function for one value of a type; never called with None."""
        inner = shape.inner
        held = contents(inner, shape.wire)
        if held is not None:
            kind, item = held
            write = self.writer(item)
            write = partial(write_many, write) if item.many else write
            return partial(write_map if kind is dict else write_many, write)
        union = tagged(inner)
        if union is not None:
            return self.union(union)
        if is_model(inner):
            write = self.model(inner)

            def write_model(value: Any) -> Any:
                if not isinstance(value, inner):
                    raise RefusedArgument(f"{brief(value)} is not a {inner.__name__}")
                return write(value)

            return write_model
        if is_enum(inner):
            return lambda value: write_enum(inner, value)
        if inner is datetime:
            return write_time
        if inner is bool:
            return write_flag if shape.wire.flag else write_bool
        if inner is Any:
            return write_any if self.sends else lambda value: value
        return lambda value: write_scalar(inner, value)

    def model(self, cls: type[Model]) -> Writer:
        """The function for a class; compiled when it is first asked for."""
        if cls not in self.models:
            with compiling(self.compiling, cls) as inside_itself:
                if inside_itself:
                    return lambda value: self.model(cls)(value)
                self.models[cls] = self.compile(cls)
        return self.models[cls]

    def careful(self, shape: Shape, name: str) -> Writer:
        """A function for whatever a field may hold, checks included; it knows the path."""
        write, check, limits = self.writer(shape), self.check, shape.wire.limits
        # \d and \w mean what they mean to WeCom: ASCII.
        pattern = re.compile(shape.wire.pattern, re.ASCII) if shape.wire.pattern else None

        deep = shape.many or contents(shape.inner) is not None
        bounded = any(FIELD_LIMITS[name].measure is not Measure.ITEMS for name in limits)

        def check_one(written: Any) -> None:
            check_limits(limits, written)
            if pattern:
                check_pattern(pattern, written)

        def careful(value: Any) -> Any:
            try:
                if value is None and check:
                    raise RefusedArgument("is required", fault=Fault.MISSING)
                written = write_many(write, value) if shape.many else write(value)
                if check and deep:
                    check_limits(limits, written, Measure.ITEMS)
                    if bounded or pattern:
                        check_inside(check_one, written)
                elif check:
                    check_one(written)
                return written
            except RefusedArgument as error:
                raise error.under(name) from None

        return careful

    def compile(self, cls: type[Model], under: Sequence["Level"] = ()) -> Writer:
        """Write and compile the function for one class. For an optional text of 128 bytes and a number it reads:

            def f(o, _=None):
                d = {}
                v = o.title
                if v is not None:
                    d['title'] = v if v.__class__ is str and len(v) <= 32 else careful(v)
                v = o.scene
                d['scene'] = v._value_ if v.__class__ is Scene else careful(v)
                if o._extra: …
                return d

        As in decoding, `careful` does all that is unusual, and knows the exact limits: a call for each field would
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
            relation = source.ref(Fault.RELATION, "relation")
            for names in getattr(cls, "__any_of__", ()):
                none = " and ".join(f"o.{name} is None" for name in names)
                what = f"give at least one of {', '.join(names)}"
                source.add(f"if {none}: raise {refused}({what!r}, fault={relation})")
            for names in getattr(cls, "__one_of__", ()):
                given = " + ".join(f"(o.{name} is not None)" for name in names)
                what = f"give exactly one of {', '.join(names)}"
                source.add(f"if {given} != 1: raise {refused}({what!r}, fault={relation})")
        source.add("if o._extra:", f"    {source.ref(self.put_back)}(o, d)")
        whole = "d"
        for level in under:
            source.add(*self.wrap(source, level, whole))
            whole = "w"
        source.add(f"return {whole}")
        return source.function(cls.__name__)

    def wrap(self, source: Source, level: "Level", whole: str) -> list[str]:
        """The lines that make `w` of a payload, which puts the tag above or beside it; `d` is the record itself."""
        tag_key, lines = level.union.tag, []
        if len(level.tags) == 1:
            ((tag, key),) = level.tags.items()
            tag, key = repr(tag), repr(key)
        else:
            # The record knows which it is.
            tags = source.ref(level.tags, f"tags_{tag_key}")
            check = source.ref(check_tag)
            lines.append(f"t = {check}({tags}, {tag_key!r}, d.pop({tag_key!r}, None))")
            tag, key = "t", f"{tags}[t]"
        if None in level.tags.values():
            return [*lines, f"w = {whole}; w[{tag_key!r}] = {tag}"]
        lines.append(f"w = {{{tag_key!r}: {tag}, {key}: {whole}}}")
        for place in level.union.common:
            lines.append(f"if {place!r} in d: w[{place.lstrip('#')!r}] = d.pop({place!r})")
        # Only what was read there is a dict.
        lines += [
            f"if {level.beside!r} in d:",
            f"    b = d.pop({level.beside!r})",
            f"    w.update(b if b.__class__ is {source.ref(dict)} else {{{level.beside!r}: b}})",
        ]
        return lines

    def put_back(self, record: Model, written: dict[str, Any]) -> None:
        """Add what is in `.extra`; in place of a field, if that still holds what reading the original gave it."""
        extra: Any = record.extra
        try:
            if not isinstance(extra, dict):
                raise RefusedArgument(f"{brief(extra)} is not a dict")
            if self.sends:
                refuse(extra)
        except RefusedArgument as error:
            raise error.under("extra") from None
        shapes = {
            key: (attribute, shape)
            for attribute, key, shape in wire_fields(type(record))
            if not shape.wire.flat
        }
        for key, original in extra.items():
            if key in shapes:
                attribute, shape = shapes[key]
                read = self.decoding.fill(shape, original, attribute.name)[0]
                if read == getattr(record, attribute.name):
                    written[key] = original
            else:
                written.setdefault(key, original)

    def convert(self, source: Source, shape: Shape, key: str, name: str) -> list[str]:
        """The lines that put what the field holds, `v`, into the wire data."""
        inner = shape.inner
        careful = source.ref(self.careful(shape, name), f"careful_{name}")
        if shape.wire.flat:
            return [f"d = {{**{careful}(v), **d}}"]
        if shape.many:
            return [*self.items(source, shape, careful), f"d[{key!r}] = v"]
        if inner in (str, int) and not shape.wire.pattern:
            unusual = f"v.__class__ is not {inner.__name__}{self.needs_care('v', shape)}"
            return [f"d[{key!r}] = {careful}(v) if {unusual} else v"]
        if is_enum(inner):
            kind = source.ref(inner)
            return [f"d[{key!r}] = v._value_ if v.__class__ is {kind} else {careful}(v)"]
        if is_model(inner):
            write, kind = (
                source.ref(self.model(inner), f"write_{inner.__name__}"),
                source.ref(inner),
            )
            return [
                "try:",
                f"    d[{key!r}] = {write}(v) if v.__class__ is {kind} else {careful}(v)",
                f"except {source.ref(RefusedArgument)}:",
                f"    {careful}(v)  # says where",
            ]
        return [f"d[{key!r}] = {careful}(v)"]

    def items(self, source: Source, shape: Shape, careful: str) -> list[str]:
        """The lines that make `v`, a list, one for the wire."""
        inner = shape.inner
        if shape.wire.pattern:
            return [f"v = {careful}(v)"]
        long = self.needs_care("v", shape, Measure.ITEMS)
        start = [f"if v.__class__ is not list{long}: v = {careful}(v)", "else:"]
        unusual = self.needs_care("x", shape)
        if inner is str and not unusual:
            # `join` looks at every item in C: 6 % of a message to ten customers, more of one to thousands.
            return [
                *start,
                "    try: ''.join(v)",
                f"    except TypeError: v = {careful}(v)",
                "    else: v = [*v]",
            ]
        if inner in (str, int):
            return [
                *start,
                "    for x in v:",
                f"        if x.__class__ is not {inner.__name__}{unusual}:",
                f"            v = {careful}(v); break",
                "    else: v = [*v]",
            ]
        union = tagged(inner)
        if union is not None:
            variants = self.variants(union)
            if variants is None:
                return [f"v = {careful}(v)"]
            writers = source.ref(variants, "variants")
        elif is_model(inner):
            writers = source.ref({inner: self.model(inner)}, "variants")
        else:
            return [f"v = {careful}(v)"]
        return [
            *start,
            f"    try: v = [{writers}[x.__class__](x) for x in v]",
            f"    except (KeyError, {source.ref(RefusedArgument)}): v = {careful}(v)  # says where",
        ]

    def needs_care(self, v: str, shape: Shape, *measures: Measure) -> str:
        """What makes a value worth a careful look. A character takes at most four bytes."""
        if not self.check:
            return ""
        tests = []
        for name, bound in shape.wire.limits.items():
            measure, most, _ = FIELD_LIMITS[name]
            if (measure in measures) if measures else (measure is not Measure.ITEMS):
                size = v if measure is Measure.NUMBER else f"len({v})"
                sure = bound // 4 if measure is Measure.BYTES else bound
                tests.append(f" or {size} {'>' if most else '<'} {sure}")
        return "".join(tests)

    def union(self, union: Tagged) -> Writer:
        """A function for the variants of a union, told apart by their class."""
        tag_key, known, sends = union.tag, self.variants(union), self.sends

        def write(value: Any) -> Any:
            table = known or self.variants(union) or {}
            if value.__class__ is Unknown:
                if sends:
                    refuse(value, plain=False)
                # What came without a tag goes without one.
                data: dict[Any, Any] = {tag_key: value.tag} if value.tag != "" else {}
                data |= value.beside
                if value.payload is not None:
                    data[value.tag] = value.payload
                return data
            if value.__class__ not in table:
                names = ", ".join(variant.__name__ for variant in table)
                raise RefusedArgument(f"{brief(value)} is none of {names}")
            return table[value.__class__](value)

        return write

    def variants(self, union: Tagged) -> dict[type[Model], Writer] | None:
        """For each class of a union the function that writes its payload with the tag: one call, not two, 7 %.

        None while they are being compiled: a variant may have the union inside.
        """
        if union not in self.unions:
            with compiling(self.compiling, union) as inside_itself:
                if inside_itself:
                    return None
                self.unions[union] = {
                    variant: self.compile(variant, levels) for variant, levels in places(union)
                }
        return self.unions[union]


class Level(NamedTuple):
    """A union that a record is in."""

    union: Tagged
    tags: Mapping[str | int, str | None]
    """The tags of the record, or of the union inside that it is in, and the payload's key for each."""
    beside: str
    """Where in `.extra` is what stood beside the payload."""


def places(
    union: Tagged, above: tuple[Tagged, ...] = ()
) -> Iterator[tuple[type[Model], tuple[Level, ...]]]:
    """Every class of a union, with the unions that it is in, the innermost first."""
    for payload, tags in tags_of(union).items():
        level = Level(union, tags, beside_key(above))
        inner = tagged(payload)
        if inner is None:
            yield payload, (level,)
        else:
            for cls, levels in places(inner, (*above, union)):
                yield cls, (*levels, level)


def check_tag(tags: Collection[str | int], tag_key: str, tag: Any) -> Any:
    """The tag of a record, if it can be one."""
    if tag not in tags:
        names = ", ".join(map(str, tags))
        raise RefusedArgument(f"{brief(tag)} is none of {names}", tag_key, Fault.TYPE)
    return tag


def write_many(write: Writer, value: Any) -> list[Any]:
    """A list for the wire; a string is not a list, whatever Python thinks."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise RefusedArgument(f"{brief(value)} is not a list")
    return convert_items(write, value)


def write_map(write: Writer, value: Any) -> dict[str, Any]:
    """A map for the wire."""
    if not isinstance(value, Mapping):
        raise RefusedArgument(f"{brief(value)} is not a mapping")
    written = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise RefusedArgument(f"{brief(key)} is not a string, as names in JSON are")
        try:
            written[str.__str__(key)] = write(item)
        except RefusedArgument as error:
            raise error.under(key) from None
    return written


def write_enum(cls: type[OpenInt] | type[OpenStr], value: Any) -> Any:
    """The value of a member; a plain number or word will do, a member of another enum will not."""
    if value.__class__ is not cls:
        # Enum compares, so it would take 1.0 and Decimal(1) for 1.
        plain = isinstance(value, (int, str)) and not isinstance(value, (Enum, bool))
        try:
            if not plain:
                raise ValueError
            value = cls(value)
        except ValueError:
            raise RefusedArgument(f"{brief(value)} is not a {cls.__name__}") from None
    return value._value_


def write_time(value: Any) -> int:
    """Turn an aware datetime into Unix seconds."""
    if not isinstance(value, datetime):
        raise RefusedArgument(f"{brief(value)} is not a datetime")
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
    """A str, int or float; a bool is not a number, an int serves as a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float) if cls is float else cls):
        raise RefusedArgument(f"{brief(value)} is not of type {cls.__name__}")
    # A text of a subclass may say something else to `str`: an Enum does.
    try:
        written: Any = str.__str__(value) if cls is str else cls(value)
    except OverflowError:
        raise RefusedArgument(f"{brief(value)} is too great for a float") from None
    if cls is float and not isfinite(written):
        raise RefusedArgument(f"{value} is not a number that JSON has")
    return written


def write_any(value: Any) -> Any:
    """JSON data as it is."""
    refuse(value)
    return value


def check_inside(check: Callable[[Any], None], value: Any) -> None:
    """Check what is in lists and maps; what has limits is never an object itself."""
    if isinstance(value, list):
        convert_items(partial(check_inside, check), value)
    elif isinstance(value, dict):
        for key, item in value.items():
            try:
                check_inside(check, item)
            except RefusedArgument as error:
                raise error.under(key) from None
    else:
        check(value)


def check_limits(limits: Mapping[str, int], value: Any, *measures: Measure) -> None:
    """Compare a value with its limits: those on lists if asked for, else all others."""
    for name, bound in limits.items():
        measure, most, _ = FIELD_LIMITS[name]
        if (measure in measures) if measures else (measure is not Measure.ITEMS):
            size = MEASURED[measure](value)
            if size > bound if most else size < bound:
                amount = f"{size} {measure.noun}s" if measure.noun else str(size)
                words = f"{amount}, WeCom takes at {'most' if most else 'least'} {bound}"
                raise RefusedArgument(words, fault=Fault.LIMIT)


def check_pattern(pattern: re.Pattern[str], value: str) -> None:
    """Compare a text with its pattern; it is not shown, as it may be a secret."""
    if not pattern.fullmatch(value):
        raise RefusedArgument(f"does not match {pattern.pattern}", fault=Fault.LIMIT)


MEASURED: Mapping[Measure, Callable[[Any], Any]] = {
    Measure.ITEMS: len,
    Measure.BYTES: lambda value: len(value.encode("utf-8", "surrogatepass")),
    Measure.CHARS: len,
    Measure.NUMBER: lambda value: value,
}


# What JSON cannot hold. The fast writer says that there is something; these find it.


def refuse(value: Any, plain: bool = True) -> None:
    """Raise `RefusedArgument` with the path to the first thing that cannot be sent, if there is any."""
    fault = refusal(value, plain)
    if fault is not None:
        raise fault


def refusal(value: Any, plain: bool = True) -> RefusedArgument | None:
    """The first thing that cannot be sent, if there is any.

    `plain` is JSON data; else a record may be there, and what its fields may hold.
    """
    waiting: list[tuple[tuple[str, ...], Any, bool]] = [((), value, plain)]
    while waiting:
        trail, value, plain = waiting.pop()
        what = unsendable(value, plain)
        if len(trail) > DEEPEST:
            trail, what = trail[:1], "nested too deep, or in a circle"
        if what:
            fault = RefusedArgument(what)
            for name in reversed(trail):
                fault = fault.under(name)
            return fault
        inside = [((*trail, name), part, bare) for name, part, bare in parts(value, plain)]
        waiting += reversed(inside)
    return None


def parts(value: Any, plain: bool) -> Iterator[tuple[str, Any, bool]]:
    """What a value is made of: name, value, and whether that is plain JSON data."""
    if isinstance(value, Model):
        for attribute, _, shape in wire_fields(type(value)):
            yield attribute.name, getattr(value, attribute.name), shape.inner is Any
        yield "extra", value.extra, True
    elif isinstance(value, Unknown):
        yield "payload", value.payload, True
        yield "beside", value.beside, True
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key, item, plain
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield f"[{index}]", item, plain


def unsendable(value: Any, plain: bool) -> str:
    """What is wrong with a value, its parts aside; nothing if it can be sent."""
    if value is None or isinstance(value, (list, tuple)):
        return ""
    if isinstance(value, str):
        half = next((char for char in value if ord(char) in SURROGATE_HALF), "")
        if half:
            return f"holds half of a character (U+{ord(half):X}), as text does that was cut inside an emoji"
        return ""
    if isinstance(value, float):
        return "" if isfinite(value) else f"{value} is not a number that JSON has"
    if isinstance(value, int):
        return "" if LEAST <= value < GREATEST else f"{brief(value)} has more than 64 bits"
    if isinstance(value, dict) or (isinstance(value, Mapping) and not plain):
        for key in value:
            if not isinstance(key, str):
                return f"{brief(key)} is not a string, as names in JSON are"
            if what := unsendable(key, True):
                return f"the name {brief(key)} {what}"
        return ""
    if isinstance(value, Model) and plain:
        return f"{brief(value)} is a record; codec.unstructure(…) makes JSON data of it"
    if isinstance(value, Unknown) and not plain:
        if not isinstance(value.beside, Mapping):
            return f"{brief(value.beside)} is not a dict, as `beside` is"
        tag = value.tag
        if isinstance(tag, str) or (isinstance(tag, int) and value.payload is None):
            return unsendable(tag, True)
        return f"the tag {brief(tag)} is not a string"
    if not plain and isinstance(value, (Model, datetime, Sequence)):
        return ""
    return f"{brief(value)} is not JSON data"
