"""Flags of a call, made from what the reference says of its fields, and the data that they give.

Hand-written: edit codegen/surfaces/cli/_flags.py.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import click
from attrs import frozen

from ._session import say
from ._words import boolean, member, read_data, seconds, text_of

if TYPE_CHECKING:
    from ..reference import Enum, Field, Record, Reference

DEPTH = 3
"""How deep flags reach into objects: `--conclusions.text.content`. What is deeper is given as JSON."""
METAVARS = {
    "str": "TEXT",
    "int": "NUMBER",
    "float": "NUMBER",
    "bool": "true|false",
    "flag": "true|false",
    "timestamp": "TIME",
    "file": "FILE",
}


@frozen
class Place:
    """A field that a flag gives: the way to it by Python's names for the flag, by WeCom's for the data."""

    field: "Field"
    names: tuple[str, ...]
    wires: tuple[str, ...]

    @property
    def flag(self) -> str:
        return f"--{'.'.join(self.names)}"


def places(book: "Reference", fields: Sequence["Field"]) -> list[Place]:
    """Every field that a flag can give: those of the call, and those of objects in it."""
    return list(walk(book, fields, (), (), ()))


def walk(
    book: "Reference",
    fields: Sequence["Field"],
    names: tuple[str, ...],
    wires: tuple[str, ...],
    types: tuple[str, ...],
) -> Iterator[Place]:
    """The fields from here on; `types` are those above, which may not come again."""
    for field in fields:
        place = Place(field, (*names, field.name), (*wires, field.wire))
        yield place
        if not field.many and len(place.names) < DEPTH and field.type not in types:
            yield from walk(
                book, inside(book, field), place.names, place.wires, (*types, field.type)
            )


def inside(book: "Reference", field: "Field") -> Sequence["Field"]:
    """The fields of an object; a union's are given as JSON."""
    if field.kind != "record":
        return ()
    return cast("Record", book.type(field.type)).fields


def members(book: "Reference", field: "Field") -> "Enum":
    """The enum that a field takes."""
    return cast("Enum", book.type(field.type))


def option(book: "Reference", place: Place, taken: frozenset[str]) -> click.Option:
    """The flag of a field."""
    field = place.field
    flag = place.flag if place.flag not in taken else f"--field.{place.flag[2:]}"
    words = [field.doc, *hints(field, inside=len(place.names) > 1)]
    return click.Option(
        [flag, dest(place)],
        multiple=field.many,
        metavar=metavar(book, field),
        help=" ".join(word for word in words if word),
        shell_complete=completer(book, field),
    )


def dest(place: Place) -> str:
    """What click calls the value: an identifier, which `/` and `.` are not."""
    return "field_" + "__".join(place.names)


def metavar(book: "Reference", field: "Field") -> str:
    """What stands for the value in `--help`."""
    if field.kind == "enum":
        names = [value.name for value in members(book, field).values]
        return "|".join(names) if len(names) <= 8 else "|".join([*names[:7], "…"])
    return METAVARS.get(field.kind, "JSON")


def limits(known: Mapping[str, int]) -> Iterator[str]:
    """The limits of a value, in words."""
    sentences = {
        "max_items": say("at most {limit} items"),
        "min_items": say("at least {limit} items"),
        "max_bytes": say("at most {limit} bytes"),
        "max_chars": say("at most {limit} characters"),
        "min_chars": say("at least {limit} characters"),
        "max": say("at most {limit}"),
        "min": say("at least {limit}"),
    }
    for name, limit in known.items():
        yield sentences[name].format(limit=f"{limit:,}")


def hints(field: "Field", inside: bool = False) -> Iterator[str]:
    """What else is to be known of a field: some of it in brackets."""
    said = [*limits(field.limits)]
    if field.default is not None:
        default = json.dumps(field.default, ensure_ascii=False)
        said.append(say("default {default}", default=default))
    if field.many:
        said.append(say("may be repeated"))
    if not field.optional:
        said.append(say("required there") if inside else say("required"))
    yield from (f"[{what}]" for what in said)
    if field.deprecated:
        yield say("Deprecated: {instead}", instead=field.deprecated)


def completer(book: "Reference", field: "Field") -> Any:
    """What a shell offers for the value: the members of an enum."""
    if field.kind != "enum":
        return None
    names = [value.name for value in members(book, field).values]

    def offer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return offer


def gather(book: "Reference", known: Sequence[Place], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a call, in wire shape, out of the flags that were given."""
    data: dict[str, Any] = {}
    for place in known:
        words = given.get(dest(place))
        if words is None or words == ():
            continue
        try:
            value = value_of(book, place.field, words, place.flag)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=place.flag) from None
        put(data, place, value)
    return data


def put(data: dict[str, Any], place: Place, value: Any) -> None:
    """Put a value at its place; an object given as JSON takes more fields by flags."""
    here = data
    for wire in place.wires[:-1]:
        here = here.setdefault(wire, {})
        if not isinstance(here, dict):
            words = say("its object was given as something else")
            raise click.BadParameter(words, param_hint=place.flag)
    here[place.wires[-1]] = value


def value_of(book: "Reference", field: "Field", words: Any, flag: str) -> Any:
    """The value of a field; a list is a flag repeated, a JSON list, or the lines of a file."""
    if not field.many:
        return single(book, field, words, flag)
    items: list[Any] = []
    for word in words:
        text = text_of(word, flag)
        if text.lstrip().startswith("["):
            listed = read_data(text if text != word else word, flag)
            items += [converted(book, field, item, flag) for item in listed]
        elif text != word and field.kind in METAVARS:
            lines = [line.strip() for line in text.splitlines()]
            items += [single(book, field, line, flag) for line in lines if line]
        else:
            items.append(single(book, field, word, flag))
    return items


def converted(book: "Reference", field: "Field", item: Any, flag: str) -> Any:
    """An item of a JSON list: words are read as flags are, all else is data already."""
    return (
        single(book, field, item, flag) if isinstance(item, str) and field.kind != "str" else item
    )


def single(book: "Reference", field: "Field", word: str, flag: str) -> Any:
    """One value out of one word."""
    if field.kind == "file":
        return word
    if field.kind not in METAVARS and field.kind != "enum":
        return read_data(word, flag)
    text = text_of(word, flag)
    match field.kind:
        case "str":
            return text
        case "enum":
            return member(members(book, field), text.strip())
        case "int":
            return whole(text)
        case "float":
            return float(text)
        case "timestamp":
            return seconds(text.strip())
        case "flag":
            return int(boolean(text.strip()))
        case _:
            return boolean(text.strip())


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(say("{word} is not a whole number", word=repr(text))) from None


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two sets of data in one; what is above counts, objects are merged."""
    whole: dict[str, Any] = dict(below)
    for key, value in above.items():
        old = whole.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = merged(old, value)
        whole[key] = value
    return whole
