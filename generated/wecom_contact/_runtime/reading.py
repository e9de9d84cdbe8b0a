"""Compiles the functions that build records from JSON data.

A function reads in place what comes as expected; `careful` functions do the rest, and raise `DecodeError` for what
they cannot understand. A strict codec lets that through. A lenient one then reads the record once more, field by field,
and puts a zero value in the place of what it cannot understand; the original goes to `.extra`.

Hand-written: edit codegen/runtime/_runtime/reading.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from threading import local
from typing import Any, NamedTuple, NoReturn, TypeAlias

import orjson

from ..errors import brief
from .faults import DecodeError, Fault, convert_items
from .model import BEIJING, BESIDE, Model, OpenInt, OpenStr, Tagged, Unknown
from .policy import MAX_SECONDS, Policy
from .shapes import Shape, contents, is_enum, is_model, tagged, tags_of, wire_fields
from .source import Source

Reader: TypeAlias = Callable[[Any], Any]

INLINE_DEPTH = 3
"""How many records deep one function reads."""
EPOCH = datetime.fromtimestamp(0, BEIJING)


class Target(NamedTuple):
    """The field that a function being written fills."""

    shape: Shape
    key: str
    where: str
    """Class and field: `FollowInfo.userid`."""
    field: str
    """The field in the function: `o.userid`."""
    careful: str
    """The name of the function for what is unusual."""
    level: str
    """Tells records inside others apart."""


class Decoding:
    """The functions of one codec, by class."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.models: dict[type[Model], Reader] = {}
        self.compiling = local()
        """What this thread is about to compile."""

    def model(self, cls: type[Model]) -> Reader:
        """The function for a class; compiled when it is first asked for."""
        if cls not in self.models:
            with compiling(self.compiling, cls) as inside_itself:
                if inside_itself:
                    return lambda data: self.model(cls)(data)
                self.models[cls] = self.compile(cls)
        return self.models[cls]

    # One value.

    def reader(self, shape: Shape, where: str) -> Reader:
        """A function for one value of a type. It refuses None, unless anything will do."""
        inner, policy, also = shape.inner, self.policy, shape.wire.also is not None
        held = contents(inner, shape.wire)
        if held is not None:
            kind, item = held
            return partial(read_map if kind is dict else read_many, self.whole(item, where))
        union = tagged(inner)
        if union is not None:
            return self.union(union, where)
        if is_model(inner):
            return lambda value: self.model(inner)(value)
        if is_enum(inner):
            table = {member.value: member for member in inner}
            careful: Callable[..., Any] = (
                policy.int_enum if issubclass(inner, OpenInt) else policy.str_enum
            )

            kind = int if issubclass(inner, OpenInt) else str

            def read_enum(value: Any) -> Any:
                # A dict finds 1 by True and by 1.0, too.
                if value.__class__ is kind and value in table:
                    return table[value]
                return careful(inner, value, where, also)

            return read_enum
        if inner is bool:
            flag = shape.wire.flag
            return lambda value: policy.boolean(value, where, flag)
        scalars: dict[Any, Callable[[Any, str, bool], Any]] = {
            str: policy.text,
            int: policy.integer,
            float: policy.number,
            datetime: policy.time,
        }
        if inner in scalars:
            read = scalars[inner]
            if inner is datetime and shape.optional and not shape.many and policy.zero_is_never:
                # WeCom writes "never" as 0.
                return lambda value: read(value, where, also) if value and value != "0" else None
            return lambda value: read(value, where, also)
        if inner is Any:
            return lambda value: value
        raise TypeError(f"{where}: no way to decode {inner!r}")

    def whole(self, shape: Shape, where: str) -> Reader:
        """A function for a value of a type, which may be a list."""
        read = self.reader(shape, where)
        return partial(read_many, read) if shape.many else read

    def zero(self, shape: Shape) -> Callable[[], Any]:
        """What an absent required field is."""
        inner = shape.inner
        if shape.many:
            return list
        if contents(inner) is not None:
            return dict
        if tagged(inner) is not None:
            return lambda: Unknown("")
        if is_model(inner):
            return lambda: self.model(inner)({})
        if is_enum(inner):
            blank = inner(0) if issubclass(inner, OpenInt) else inner("")
            return lambda: blank
        if inner is datetime:
            return lambda: EPOCH
        return lambda: None if inner is Any else inner()

    def careful(self, shape: Shape, key: str, where: str) -> Reader:
        """A function for whatever a field may hold, None included; it knows the path."""
        read, policy = self.reader(shape, where), self.policy
        optional, zero = shape.optional, self.zero(shape)

        def fill(value: Any) -> Any:
            if value is not None:
                return read_many(read, value) if shape.many else read(value)
            if optional:
                return None
            policy.drift(where, "missing", None, Fault.MISSING)
            return zero()

        def careful(value: Any) -> Any:
            try:
                return fill(value)
            except DecodeError as error:
                raise error.under(key) from None

        return careful

    # A record that holds something odd.

    def salvage(self, cls: type[Model], data: Mapping[str, Any]) -> Model:
        """Read a record field by field; what cannot be understood is zero, and stays in `.extra` as it came."""
        record = cls.__new__(cls)
        shaped = list(wire_fields(cls))
        known = {key for _, key, _ in shaped}
        rest = rest_of(shaped)(data) if has_flat(shaped) else None
        known |= rest.keys() if rest else set()
        extra = self.policy.unknown_keys(dict(data), frozenset(known), cls.__name__) or {}
        for attribute, key, shape in shaped:
            where = f"{cls.__name__}.{attribute.name}"
            given = rest if shape.wire.flat else data.get(key)
            value, understood = self.fill(shape, given, where)
            setattr(record, attribute.name, value)
            if not understood:
                self.policy.drift(where, f"not understood: {brief(given)}", given)
                extra[key] = given
        record._extra = extra or None
        return record

    def fill(self, shape: Shape, value: Any, where: str) -> tuple[Any, bool]:
        """What a field makes of a value of whatever kind, and whether that is all there was to it."""
        if value is None:
            # Absent or null; `careful` tells of what is required.
            return self.careful(shape, "", where)(None), True
        inner, read = shape.inner, self.reader(shape, where)
        held = contents(inner, shape.wire)
        if not shape.many and held is not None and value.__class__ is dict:
            return self.fill_map(self.whole(held[1], where), value)
        if not shape.many:
            return self.fill_one(shape, read, value, where)
        if value.__class__ is list:
            items, complete = [], True
            for item in value:
                try:
                    items.append(read(item))
                except DecodeError:
                    complete = False
            return items, complete
        if not value:
            self.policy.drift(where, "something empty instead of a list", value)
            return [], True
        try:
            item = read(value)
        except DecodeError:
            return [], False
        self.policy.drift(where, "one item instead of a list", value)
        return [item], True

    def fill_map(self, read: Reader, value: dict[str, Any]) -> tuple[Any, bool]:
        """The same for a map."""
        found = {}
        for key, item in value.items():
            try:
                found[key] = read(item)
            except DecodeError:
                continue
        return found, len(found) == len(value)

    def fill_one(self, shape: Shape, read: Reader, value: Any, where: str) -> tuple[Any, bool]:
        """The same for a field that is not a list."""
        single = value[0] if value.__class__ is list and len(value) == 1 else NOTHING
        for candidate, what in ((value, ""), (single, "a list of one")):
            try:
                found = read(candidate)
            except DecodeError:
                continue
            if what:
                self.policy.drift(where, what, value)
            return found, True
        if not value:
            self.policy.drift(where, "something empty of another kind", value)
        blank = None if shape.optional else self.zero(shape)()
        return blank, not value

    # Compiled functions.

    def compile(self, cls: type[Model]) -> Reader:
        """Write and compile the function for one class. For a text, an optional number and a record it reads:

            def f(d, _=None):
                if d.__class__ is not dict: check_object(d)
                o = new(cls)
                n = 3
                try:
                    o.name = v = d['name']
                except KeyError:
                    n -= 1; v = None
                if v.__class__ is not str: o.name = careful(v)
                if 'type' in d:
                    v = d['type']
                    if v.__class__ is int:
                        try: o.type = table[v]
                        except KeyError: o.type = careful(v)
                    else: o.type = careful(v)
                else:
                    n -= 1; o.type = None
                ...
                o._extra = None if len(d) == n else unknown_keys(d, …)
                return o

        What comes as expected is read in place, and `careful` does the rest. Measured with a page of customers
        (bench/decode.py): `cls(…)` would add 40 % to building a record; `get` instead of `in`, `[]` and `try`
        adds 10 % to a page. `n` counts the known keys that are there, so that a comparison with `len(d)` tells
        whether there are others; it takes 4 %. Records inside are read in the same function: a call for each
        would add 10 to 20 %.
        """
        source = Source("d")
        source.add(f"if d.__class__ is not {source.ref(dict)}:")
        source.add(f"    {source.ref(check_object)}(d)")
        body = [*self.body(source, cls, ""), "return o"]
        if not self.policy.strict:
            salvage, own = source.ref(self.salvage), source.ref(cls)
            body = [
                "try:",
                *(f"    {line}" for line in body),
                f"except {source.ref(DecodeError)}:",
                f"    return {salvage}({own}, d)",
            ]
        source.add(*body)
        return source.function(cls.__name__)

    def body(self, source: Source, cls: type[Model], level: str) -> list[str]:
        """The lines that make a record `o` of the object `d`."""
        o, d, n = f"o{level}", f"d{level}", f"n{level}"
        name, policy, shaped = cls.__name__, self.policy, list(wire_fields(cls))
        new = source.ref(cls.__new__, f"new_{name}")
        lines = [f"{o} = {new}({source.ref(cls)})", f"{n} = {len(shaped)}"]
        for attribute, key, shape in shaped:
            where, field = f"{name}.{attribute.name}", f"{o}.{attribute.name}"
            careful = source.ref(self.careful(shape, key, where), f"careful_{attribute.name}")
            target = Target(shape, key, where, field, careful, level)
            take, assign = self.convert(source, target)
            wire = source.ref(interned(key), f"k_{key}")
            if shape.wire.flat:
                rest = source.ref(rest_of(shaped), "rest_of")
                size = source.ref(len)
                lines += [
                    f"{take} = {rest}({d})",
                    f"{n} += ({size}(v) if v else 0) - 1",
                    *assign,
                ]
            elif shape.optional:
                lines += [
                    f"if {wire} in {d}:",
                    f"    {take} = {d}[{wire}]",
                    *(f"    {line}" for line in assign),
                    "else:",
                    f"    {n} -= 1; {field} = None",
                ]
            else:
                lines += [
                    "try:",
                    f"    {take} = {d}[{wire}]",
                    "except KeyError:",
                    f"    {n} -= 1; {take} = None",
                    *assign,
                ]
        known = source.ref(frozenset(key for _, key, _ in shaped), f"known_{name}")
        others = f"{source.ref(policy.unknown_keys)}({d}, {known}, {name!r})"
        return [*lines, f"{o}._extra = None if {source.ref(len)}({d}) == {n} else {others}"]

    def convert(self, source: Source, target: Target) -> tuple[str, list[str]]:
        """What the JSON value is assigned to, `v` among it, and the lines that put what it means into the field."""
        shape, inner = target.shape, target.shape.inner
        field, careful = target.field, target.careful
        if inner in (str, int, float, Any) or (inner is bool and not shape.wire.flag):
            # Taken over as it is, a list too, unless it is of another type.
            return f"{field} = v", self.type_check(source, shape, f"{field} = {careful}(v)")
        if shape.many or is_model(inner) or tagged(inner) is not None or contents(inner):
            return "v", self.nested(source, target)
        if inner is datetime:
            from_timestamp = source.ref(datetime.fromtimestamp)
            return "v", [
                f"if v.__class__ is {source.ref(int)} and v and v <= {MAX_SECONDS}:",
                f"    try: {field} = {from_timestamp}(v, {source.ref(BEIJING, 'BEIJING')})",
                f"    except (OverflowError, ValueError, OSError): {field} = {careful}(v)",
                f"else: {field} = {careful}(v)",
            ]
        if inner is bool:
            table = {0: False, 1: True}
        else:
            table = {member.value: member for member in inner}
        kind = source.ref(str if issubclass(inner, OpenStr) else int)
        members = source.ref(table, f"members_{inner.__name__}")
        return "v", [
            f"if v.__class__ is {kind}:",
            f"    try: {field} = {members}[v]",
            f"    except KeyError: {field} = {careful}(v)",
            f"else: {field} = {careful}(v)",
        ]

    def type_check(self, source: Source, shape: Shape, otherwise: str) -> list[str]:
        """The lines that do something else if `v` is not what JSON has for the type."""
        inner = shape.inner
        if not shape.many and inner is Any:
            return [] if shape.optional else [f"if v is None: {otherwise}"]
        kind = source.ref(inner)
        if not shape.many:
            return [f"if v.__class__ is not {kind}: {otherwise}"]
        lines = [f"if v.__class__ is not {source.ref(list)}: {otherwise}"]
        if inner is str:
            # `join` looks at every item in C.
            lines += ["else:", "    try: ''.join(v)", f"    except TypeError: {otherwise}"]
        elif inner is not Any:
            lines += [
                "else:",
                "    for x in v:",
                f"        if x.__class__ is not {kind}: {otherwise}; break",
            ]
        return lines

    def nested(self, source: Source, target: Target) -> list[str]:
        """The same for records, and for lists of anything but plain values."""
        shape, key, where, field, careful, level = target
        if shape.wire.flat:
            # Its keys have no level of their own, in the paths of faults neither.
            reader = source.ref(self.reader(shape, where))
            return [f"{field} = {careful}(v) if v is None else {reader}(v)"]
        error, deeper, items = source.ref(DecodeError), f"{level}_", f"items{level}"
        item = f"d{deeper}"
        if is_model(shape.inner) and len(level) < INLINE_DEPTH:
            made = f"o{deeper}"
            read = [
                f"if {item}.__class__ is not {source.ref(dict)}: {source.ref(check_object)}({item})",
                *self.body(source, shape.inner, deeper),
            ]
        else:
            reader = source.ref(self.reader(shape, where), f"read_{key}")
            made, read = f"{reader}({item})", []
        if shape.many:
            return [
                f"if v.__class__ is not {source.ref(list)}: {field} = {careful}(v)",
                "else:",
                f"    {field} = {items} = []",
                "    try:",
                f"        for {item} in v:",
                *(f"            {line}" for line in read),
                f"            {items}.append({made})",
                f"    except {error} as e:",
                f"        raise e.under(f'[{{{source.ref(len)}({items})}}]').under({key!r}) from None",
            ]
        return [
            f"if v is None: {field} = {careful}(v)",
            "else:",
            "    try:",
            f"        {item} = v",
            *(f"        {line}" for line in read),
            f"        {field} = {made}",
            f"    except {error} as e:",
            f"        raise e.under({key!r}) from None",
        ]

    def union(self, union: Tagged, where: str, above: tuple[Tagged, ...] = ()) -> Reader:
        """A function for the variants of a union, told apart by the tag.

        `above` are the unions whose payload it is; what they have in common stands in the data already.
        """
        tag_key, policy, beside = union.tag, self.policy, beside_key(above)
        common = [(place.lstrip("#"), place) for place in union.common]
        common += [(place, place) for outer in above for place in outer.common]
        tags = tags_of(union)
        table: dict[str | int, tuple[Any, Reader, set[str | None], list[tuple[str, str]]]] = {}
        for tag, (key, variant) in union.variants.items():
            inner = tagged(variant)
            reader = (
                self.model(variant) if inner is None else self.union(inner, where, (*above, union))
            )
            # What moves from beside the payload into it; a record of several tags keeps its tag.
            moves = [(tag_key, tag_key)] if len(tags[variant]) > 1 else []
            moves += common if key is not None else []
            table[tag] = key, reader, {tag_key, key, *(name for name, _ in common)}, moves

        def unknown(data: dict[str, Any], tag: Any) -> Unknown:
            if above:
                raise UnknownInside
            rest = {key: value for key, value in data.items() if key != tag_key}
            if tag.__class__ is not str and tag.__class__ is not int:
                # Not a tag at all; it stays where it was.
                return Unknown("", None, data.copy() if tag is not None else rest)
            payload = rest.pop(tag, None) if isinstance(tag, str) else None
            return Unknown(tag, payload, rest)

        def flat(data: dict[str, Any], variant: Reader, tagless: bool) -> Any:
            payload = data.copy()
            if tagless:
                del payload[tag_key]
            try:
                return variant(payload)
            except UnknownInside:
                return unknown(data, data[tag_key])

        def read(data: Any) -> Any:
            if data.__class__ is not dict:
                not_an_object(data)
            tag = data.get(tag_key)
            if tag.__class__ is str and tag not in table and len(tag) < 20 and tag.isdecimal():
                policy.drift(where, f"{tag_key} is a string instead of a number", tag)
                tag = int(tag)
            if (tag.__class__ is not str and tag.__class__ is not int) or tag not in table:
                policy.drift(where, f"unknown {tag_key} {brief(tag)}", data, Fault.UNKNOWN_VALUE)
                return unknown(data, data.get(tag_key))
            key, variant, known, moves = table[tag]
            payload = data.get(key)
            if payload is None:
                if key is None:
                    return flat(data, variant, not moves)
                policy.drift(where, f"no {key} beside {tag_key} {tag!r}", data)
                payload = {}
            if payload.__class__ is not dict:
                if policy.strict:
                    raise DecodeError(f"{brief(payload)} is not an object", key)
                policy.drift(where, f"{key} is not an object", payload)
                if (
                    payload.__class__ is not list
                    or len(payload) != 1
                    or payload[0].__class__ is not dict
                ):
                    if payload:
                        return unknown(data, data.get(tag_key))
                    payload = [{}]
                payload = payload[0]
            if moves:
                payload = payload.copy()
                for name, place in moves:
                    if name in data:
                        payload[place] = data[name]
            try:
                record = variant(payload)
            except DecodeError as error:
                raise error.under(key) from None
            except UnknownInside:
                return unknown(data, data.get(tag_key))
            # Nearly always there are the tag and the payload, and nothing else.
            if (len(data) > 2 or key not in data) and (others := data.keys() - known):
                for other in others:
                    what = f"unknown field {other!r} in the union"
                    policy.drift(where, what, data[other], Fault.UNKNOWN_FIELD)
                record.extra[beside] = {other: data[other] for other in data if other in others}
            return record

        return read


Shaped: TypeAlias = Sequence[tuple[Any, str, Shape]]


def has_flat(shaped: Shaped) -> bool:
    """Whether a record has a union whose keys stand among its own."""
    return any(shape.wire.flat for _, _, shape in shaped)


def rest_of(shaped: Shaped) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
    """A function for what belongs to the flat union of a record: what no field has; None without a tag."""
    own = {key for _, key, shape in shaped if not shape.wire.flat}
    (tag_key,) = (key for _, key, shape in shaped if shape.wire.flat)

    def rest(data: Mapping[str, Any]) -> dict[str, Any] | None:
        if tag_key not in data:
            return None
        return {key: value for key, value in data.items() if key not in own}

    return rest


@contextmanager
def compiling(thread: local, what: Any) -> Iterator[bool]:
    """Whether this thread is compiling the same already, as a record may be inside itself.

    Other threads may be at it, too. They wait for nobody: a lock could be held while the process forks.
    """
    under_way = thread.__dict__
    inside_itself = what in under_way
    under_way[what] = True
    try:
        yield inside_itself
    finally:
        if not inside_itself:
            del under_way[what]


def beside_key(above: Sequence[object]) -> str:
    """Where a variant keeps in `.extra` what stood beside a payload: a place for each union around it."""
    return f"{BESIDE}{len(above) or ''}"


class UnknownInside(Exception):
    """A union inside does not know a tag. The outermost keeps it, as that is which writes it."""


def read_many(read: Reader, value: Any) -> list[Any]:
    """A list of anything, item by item."""
    if value.__class__ is not list:
        raise DecodeError(f"{brief(value)} is not a list")
    return convert_items(read, value)


def read_map(read: Reader, value: Any) -> dict[str, Any]:
    """A map of anything, value by value."""
    if value.__class__ is not dict:
        not_an_object(value)
    found = {}
    for key, item in value.items():
        try:
            found[key] = read(item)
        except DecodeError as error:
            raise error.under(key) from None
    return found


def interned(key: str) -> str:
    """The key as orjson hands it out: it has one object for each, and a dict finds that by identity. 5 %."""
    (found,) = orjson.loads(orjson.dumps({key: None}))
    return str(found)


def check_object(value: Any) -> None:
    """Refuse what is not a mapping."""
    if not isinstance(value, Mapping):
        not_an_object(value)


def not_an_object(value: Any) -> NoReturn:
    raise DecodeError(f"{brief(value)} is not an object")


NOTHING = object()
"""In the place of a value that is not there: no reader understands it."""
