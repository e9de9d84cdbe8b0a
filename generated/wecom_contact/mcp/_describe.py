"""What an agent is told of a call, a type or an error code: what is in the reference, without what is empty.

Hand-written: edit codegen/surfaces/mcp/_describe.py.
"""

from collections.abc import Iterable
from typing import Any

from ..reference import Alias, Call, Enum, ErrorCode, Field, Record, Reference, Type, UnknownName

NO_FILES = "Transfers a file, which this server does not; `wecom-contact call` does."


def describe(book: Reference, name: str) -> dict[str, Any]:
    """A call, a type or an error code; raises `UnknownName` with the calls that are like it."""
    if name.lstrip("-").isdecimal():
        return about_error(book.error(name))
    try:
        known = book.call(name)
    except UnknownName:
        try:
            found = book.type(name)
        except UnknownName:
            pass
        else:
            fields = fields_of(found)
            return {"name": name, **about_type(found), **types(book, fields, without=name)}
        raise
    return about_call(book, known)


def about_call(book: Reference, known: Call) -> dict[str, Any]:
    """A call: what it takes, what it gives, what may go wrong, an example."""
    facts = {
        "name": known.name,
        "title": known.title,
        "tool": "read" if known.readonly else "write",
        "doc": known.doc,
        "warnings": warnings(known),
        "notes": list(known.notes),
        "link": known.link,
        "data": [about_field(field) for field in known.request],
        "at_least_one_of": [list(group) for group in known.any_of],
        "exactly_one_of": [list(group) for group in known.one_of],
        "reply": [about_field(field) for field in known.reply],
        "items": items_field(known),
        "errors": [about_error(book.error(code)) for code in known.errors],
        "example": filled(
            {"data": known.example.request, "reply": known.example.reply},
        ),
    }
    return filled(facts) | types(book, known.request)


def warnings(known: Call) -> list[str]:
    """What to know before the call is made."""
    told: list[str] = []
    if known.mass:
        told.append(
            "May reach many customers with one message. Be sure of the audience and the text."
        )
    if known.deprecated:
        told.append(f"Deprecated: {known.deprecated}")
    if known.serial:
        told.append("WeCom forbids making this call in parallel.")
    if known.upload is not None or known.download:
        told.append(NO_FILES)
    if known.token != "access_token":
        told.append(f"Needs a service provider's {known.token}.")
    return told


def items_field(known: Call) -> str | None:
    """The field of the reply that `read` gives in pieces: what WeCom pages, or the only list there is."""
    if known.paging is not None:
        return known.paging.items
    lists = [field.wire for field in known.reply if field.many]
    return lists[0] if len(lists) == 1 else None


def about_field(field: Field) -> dict[str, Any]:
    """A field, by the name it has on the wire."""
    kind = f"[{field.type}]" if field.many else field.type
    facts = {
        "type": kind + (" (Unix seconds)" if field.kind == "timestamp" else ""),
        "optional": field.optional,
        "limits": dict(field.limits),
        "deprecated": field.deprecated,
        "doc": field.doc,
    }
    default = {} if field.default is None else {"default": field.default}
    return {"name": field.wire} | filled(facts) | default


def about_type(found: Type) -> dict[str, Any]:
    """A type without its name."""
    facts: dict[str, Any] = {"kind": found.kind, "doc": found.doc}
    if isinstance(found, Enum):
        facts["values"] = [
            {"value": value.value} | filled({"name": value.name, "doc": value.doc})
            for value in found.values
        ]
    elif isinstance(found, Alias):
        facts |= {"base": found.base, "limits": dict(found.limits)}
    elif isinstance(found, Record):
        facts |= {
            "fields": [about_field(field) for field in found.fields],
            "at_least_one_of": [list(group) for group in found.any_of],
            "exactly_one_of": [list(group) for group in found.one_of],
        }
    else:
        facts |= {
            "tag": found.tag,
            "beside_the_tag": list(found.common),
            "variants": [
                {found.tag: variant.tag, "payload_in": variant.key, "type": variant.type}
                for variant in found.variants
            ],
        }
    return filled(facts)


def about_error(code: ErrorCode) -> dict[str, Any]:
    """What an error code means and what helps."""
    facts = {"title": code.title, "doc": code.doc, "advice": code.advice}
    return {"code": code.code} | filled(facts)


def fields_of(found: Type) -> list[str]:
    """The names of types that a type is made of."""
    if isinstance(found, Record):
        return [field.type for field in found.fields]
    if isinstance(found, (Enum, Alias)):
        return []
    return [variant.type for variant in found.variants]


def types(
    book: Reference, begin: Iterable[Field | str], without: str = ""
) -> dict[str, dict[str, Any]]:
    """Every type that some fields lead to, under `types`, unless there is none."""
    found: dict[str, Any] = {}
    waiting = [name if isinstance(name, str) else name.type for name in begin]
    while waiting:
        name = waiting.pop(0)
        if name in found or name == without:
            continue
        try:
            kind = book.type(name)
        except UnknownName:  # a scalar
            continue
        found[name] = about_type(kind)
        waiting += fields_of(kind)
    return {"types": found} if found else {}


def filled(facts: dict[str, Any]) -> dict[str, Any]:
    """The same without what is empty."""
    return {name: value for name, value in facts.items() if value not in (None, "", False, [], {})}
