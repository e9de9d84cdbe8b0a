"""From the IR to `reference.json`: everything the spec says, as plain data, and an example of each call and event.

The format is described in docs/reference-format.md; `wecom_contact.reference` reads it. What is empty or usual is left
out. Examples are the word `example` of a call, else its recorded conversation.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from codegen import ir
from codegen.runtime import errors

Data: TypeAlias = dict[str, Any]

FORMAT = 1
"""Rises when a reader of the old format would be wrong."""


def text(api: ir.Api, recorded: Path | None = None) -> str:
    """The file: compact, an entry a line, so that a change of the spec is a readable diff."""
    whole = data(api, recorded)
    sections = ",\n".join(f"{dumps(name)}:{section(part)}" for name, part in whole.items())
    return f"{{\n{sections}\n}}\n"


def section(part: Any) -> str:
    if not isinstance(part, dict):
        return dumps(part)
    entries = ",\n".join(f"{dumps(name)}:{dumps(entry)}" for name, entry in part.items())
    return f"{{\n{entries}\n}}" if entries else "{}"


# Faster than `json.dumps`, which makes an encoder for each call with arguments.
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def data(api: ir.Api, recorded: Path | None = None) -> Data:
    """The same as plain data; `recorded` is the folder of recorded conversations, if there is one."""
    shared = beside(api)
    own = api.package
    assert own is not None, "a package needs a package.yaml"
    return {
        "format": FORMAT,
        "package": {
            "name": own.name,
            "distribution": own.distribution,
            "title": own.title,
            "api": own.api,
            "base_url": own.base_url,
        },
        "resources": {module.name: resource(module, own) for module in api.modules if module.calls},
        "calls": {each.full_name: call(each, own, recorded) for each in api.calls},
        "types": {each.name: type_(module, each, shared) for module, each in api.types},
        "events": {each.name: event(each, own, recorded) for each in api.events},
        "errors": {
            str(each.code): error(each) for each in sorted(api.errors, key=lambda each: each.code)
        },
    }


def said(**facts: Any) -> Data:
    """The facts that say something; a trailing underscore is for words that Python keeps for itself."""
    return {
        name.rstrip("_"): value
        for name, value in facts.items()
        if value is not None and value is not False and value != "" and value != () and value != {}
    }


def resource(module: ir.Module, package: ir.Package) -> Data:
    return said(title=module.title, doc=module.doc, link=package.page(module.page))


def beside(api: ir.Api) -> Mapping[str, set[str]]:
    """Of each payload, the fields that it has in common with others, which stand beside it on the wire."""
    found: dict[str, set[str]] = {}
    for _, each in api.types:
        if isinstance(each, ir.Union):
            for record in each.records:
                found.setdefault(record.name, set()).update(each.common)
    return found


def fields(fields: Iterable[ir.Field], beside: Collection[str] = ()) -> Sequence[Data]:
    return [field(each, each.wire in beside) for each in fields] or ()


def field(field: ir.Field, beside: bool) -> Data:
    found: Data = {"name": field.name}
    wire = field.wire.lstrip("#")  # see `ir.apart`
    if wire != field.name:
        found["wire"] = wire
    found["type"] = field.ref.name
    if field.ref.many:
        found["many"] = True
    if field.ref.layers:
        found["layers"] = field.ref.layers
    if beside:
        found["beside"] = True
    if field.flat:
        found["flat"] = True
    if field.choices:
        found["choices"] = field.choices
    if field.optional:
        found["optional"] = True
    if field.limits:
        found["limits"] = dict(field.limits)
    if field.pattern:
        found["pattern"] = field.pattern
    # A default of 0, false or "" says something.
    if field.default is not None:
        found["default"] = field.default
    if field.also:
        found["also"] = field.also
    if field.item:
        found["item"] = field.item
    if field.secret:
        found["secret"] = True
    if field.deprecated:
        found["deprecated"] = field.deprecated
    if field.example is not None:
        found["example"] = field.example
    found["doc"] = field.doc
    return found


def call(call: ir.Call, package: ir.Package, recorded: Path | None) -> Data:
    paging = call.paging
    reply = "Download" if call.download else call.response.name if call.response else ""
    return said(
        title=call.title,
        doc=call.doc,
        notes=call.notes,
        link=package.page(call.page),
        method=call.method,
        path=call.path,
        token="" if call.token == "access_token" else call.token,
        readonly=call.readonly,
        apps="" if call.apps == "all" else call.apps,
        serial=call.serial,
        mass=call.mass,
        deprecated=call.deprecated,
        request_class=call.cls,
        reply_class=reply,
        request=fields(call.request.fields),
        any_of=call.request.any_of,
        one_of=call.request.one_of,
        reply=fields(call.response.fields) if call.response else (),
        paging=said(
            style=paging.style,
            items=paging.items,
            cursor=paging.cursor,
            next="" if paging.style == "page" else paging.next,
            total=paging.total,
            until=paging.until,
            more=paging.more,
            limit=paging.limit,
        )
        if paging
        else None,
        partial=[said(items=each.items, code=each.code) for each in call.partial] or (),
        upload=call.upload.name if call.upload else "",
        download=call.download,
        errors=call.errors,
        example=call_example(call, recorded),
    )


def call_example(call: ir.Call, recorded: Path | None) -> Data:
    """Request and reply in wire shape: the spec's own words, else those of the recorded conversation."""
    conversation = read(recorded, call.resource, call.name)
    request, reply = call.example_request, call.example_response
    if request is None:
        request = conversation.get("args")
    if reply is not None:
        reply = {"errcode": 0, "errmsg": "ok", **reply}
    elif conversation:
        # A file has no JSON.
        reply = conversation["exchanges"][0]["response"].get("json")
    return said(request=request, reply=reply)


def read(recorded: Path | None, folder: str, name: str) -> Mapping[str, Any]:
    """A recorded conversation; nothing where there is none."""
    try:
        content = (recorded / folder / f"{name}.json").read_bytes() if recorded else b"{}"
    except FileNotFoundError:
        return {}
    found: Mapping[str, Any] = json.loads(content)
    return found


def type_(module: ir.Module, each: ir.Type, beside: Mapping[str, set[str]]) -> Data:
    head: Data = {"kind": type(each).__name__.lower(), "module": module.name, "doc": each.doc}
    if isinstance(each, ir.Record):
        told = fields(each.fields, beside.get(each.name, ()))
        return head | said(fields=told, any_of=each.any_of, one_of=each.one_of)
    if isinstance(each, ir.Enum):
        values = [
            {"name": value.name, "value": value.value} | said(doc=value.doc)
            for value in each.values
        ]
        return head | {"values": values}
    if isinstance(each, ir.Alias):
        return head | {"base": each.base} | said(limits=dict(each.limits), pattern=each.pattern)
    common = tuple(key.lstrip("#") for key in each.common)
    variants = [
        {"tag": variant.tag, **said(key=variant.key), "type": variant.record.name}
        for variant in each.variants
    ]
    return head | {"tag": each.tag} | said(flat=each.flat, common=common) | {"variants": variants}


def event(event: ir.Event, package: ir.Package, recorded: Path | None) -> Data:
    message = read(recorded, "events", event.name)
    return said(
        title=event.title,
        doc=event.doc,
        notes=event.notes,
        link=package.page(event.page),
        match=said(Event=event.family, ChangeType=event.change),
        fields=fields(event.fields),
        example=message.get("app") or message.get("suite"),
    )


def error(error: ir.ErrorCode) -> Data:
    consequence = getattr(errors, error.cls)
    return said(
        class_=error.cls,
        title=error.title,
        doc=error.doc,
        advice=error.advice,
        retryable=consequence.retryable,
        renews=consequence.renews,
    )
