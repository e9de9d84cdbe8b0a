"""The documented example of a call in Python, for curl and as a command line, from the reference; and what handles an event.

Every example holds the same data as the recorded conversation. A file, which no JSON holds, is called `photo.png`.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import field, frozen

from codegen.python import width
from codegen.runtime._runtime.codec import query as as_query
from codegen.runtime.reference import Call, Event, Field, Record, Reference, Union

WIDTH = 80
FILE = "photo.png"
BEIJING = timezone(timedelta(hours=8))
LIST = "[]"

OPTIONS = (
    "all", "concurrency", "dry_run", "each", "failures", "help", "input", "max_items", "output", "pages", "resume",
    "select", "to", "yes",
)  # fmt: skip
"""What the command `call` takes itself: a field of such a name has the flag `--field.NAME`."""


@frozen
class Group:
    """Something in brackets: laid out in one line, or in one for each item."""

    opening: str
    items: "Sequence[tuple[str, Tree]]"
    """Each with the words before it: `name=`, `"key": `."""
    closing: str


Tree: TypeAlias = str | Group


def laid_out(tree: Tree, indent: int = 0, before: int = 0, after: int = 0) -> str:
    """Python as a formatter would have it; `before` and `after` is what else stands in its line."""
    flat = in_one_line(tree)
    if isinstance(tree, str) or not tree.items or indent + before + width(flat) + after <= WIDTH:
        return flat
    inner = in_one_line(Group("", tree.items, ""))
    if tree.opening.endswith("(") and indent + 4 + width(inner) <= WIDTH:
        return f"{tree.opening}\n{' ' * (indent + 4)}{inner}\n{' ' * indent}{tree.closing}"
    rows = [
        f"{' ' * (indent + 4)}{label}{laid_out(item, indent + 4, width(label), 1)},\n"
        for label, item in tree.items
    ]
    return f"{tree.opening}\n{''.join(rows)}{' ' * indent}{tree.closing}"


def in_one_line(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    inner = ", ".join(f"{label}{in_one_line(item)}" for label, item in tree.items)
    return f"{tree.opening}{inner}{tree.closing}"


@frozen
class Writer:
    """Turns data in wire shape into Python, and remembers what has to be imported."""

    reference: Reference
    names: set[str] = field(factory=set)

    def arguments(
        self, fields: Sequence[Field], data: Mapping[str, Any], around: Mapping[str, Any]
    ) -> list[tuple[str, Tree]]:
        """What a call or a record is made with; `around` is what the unions that it stands in have in common."""
        found: list[tuple[str, Tree]] = []
        for each in fields:
            source = around if each.beside or each.choices else data
            if each.flat:
                if self.union(each.type).tag in data:
                    found.append((f"{each.name}=", self.payload(each.type, data)))
            elif each.kind == "file":
                found.append((f"{each.name}=", literal(FILE)))
            elif each.wire in source:
                found.append((f"{each.name}=", self.value(each, source[each.wire])))
        return found

    def value(self, of: Field, data: Any) -> Tree:
        layers = [LIST, *of.layers] if of.many else list(of.layers)
        return self.layered(of, layers, data)

    def layered(self, of: Field, layers: Sequence[str], data: Any) -> Tree:
        if not layers:
            return self.single(of, data)
        if layers[0] == LIST:
            return Group("[", [("", self.layered(of, layers[1:], item)) for item in data], "]")
        rows = [
            (f"{literal(key)}: ", self.layered(of, layers[1:], item)) for key, item in data.items()
        ]
        return Group("{", rows, "}")

    def single(self, of: Field, data: Any) -> Tree:
        match of.kind:
            case "record":
                return self.record(of.type, data, {})
            case "union":
                return self.payload(of.type, data)
            case "enum":
                return self.member(of.type, data)
            case "timestamp":
                return self.moment(int(data))
            case "flag":
                return str(bool(data))
            case "int":
                return str(int(data))
            case _:
                return literal(data)

    def record(self, name: str, data: Mapping[str, Any], around: Mapping[str, Any]) -> Tree:
        record = self.reference.type(name)
        assert isinstance(record, Record)
        self.names.add(name)
        return Group(f"{name}(", self.arguments(record.fields, data, around), ")")

    def union(self, name: str) -> Union:
        found = self.reference.type(name)
        assert isinstance(found, Union)
        return found

    def payload(
        self, name: str, data: Mapping[str, Any], around: Mapping[str, Any] = MappingProxyType({})
    ) -> Tree:
        """Of a union, the class that the tag tells; it holds what the unions around it have in common, too."""
        union = self.union(name)
        variant = next(each for each in union.variants if each.tag == data[union.tag])
        common = {key: data[key] for key in (*union.common, union.tag) if key in data}
        inner = data if variant.key is None else data[variant.key]
        make = self.payload if isinstance(self.reference.type(variant.type), Union) else self.record
        return make(variant.type, inner, {**common, **around})

    def member(self, name: str, data: Any) -> Tree:
        enum = self.reference.type(name)
        assert enum.kind == "enum"
        known = {value.value: value.name for value in enum.values}
        if data not in known:
            return literal(data)
        self.names.add(name)
        return f"{name}.{known[data].upper()}"

    def moment(self, seconds: int) -> Tree:
        self.names.update(["BEIJING", "datetime"])
        when = datetime.fromtimestamp(seconds, BEIJING)
        parts = [when.year, when.month, when.day, when.hour, when.minute, when.second]
        while len(parts) > 3 and not parts[-1]:
            parts.pop()
        return f"datetime({', '.join(map(str, parts))}, tzinfo=BEIJING)"

    def imports(self, *more: str) -> str:
        names = sorted({*self.names, *more} - {"datetime"})
        constants = [each for each in names if each.isupper()]
        rest = [each for each in names if not each.isupper()]
        package = self.reference.package.name
        flat = f"from {package} import {', '.join([*constants, *rest])}"
        if len(flat) > WIDTH:
            inner = "".join(f"    {each},\n" for each in [*constants, *rest])
            flat = f"from {package} import (\n{inner})"
        return f"from datetime import datetime\n\n{flat}" if "datetime" in self.names else flat


def literal(data: Any) -> str:
    """JSON data as Python writes it."""
    if isinstance(data, dict):
        return (
            "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in data.items()) + "}"
        )
    if isinstance(data, list):
        return "[" + ", ".join(map(literal, data)) + "]"
    return json.dumps(data, ensure_ascii=False) if isinstance(data, str) else repr(data)


CLIENTS: Mapping[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "access_token": ("", (), ['corp_id="ww…"', 'secret="…"']),
    "suite_access_token": (
        'suite = Suite("dk…", "SUITE_SECRET", ticket="SUITE_TICKET")\n',
        ("Suite",),
        ["credential=suite"],
    ),
    "provider_access_token": (
        'provider = Provider("ww…", "PROVIDER_SECRET")\n',
        ("Provider",),
        ['corp_id="ww…"', 'secret="…"', "provider=provider"],
    ),
}
"""How a client that has such a token is made: the line before, what it imports, the arguments."""


def python(reference: Reference, call: Call, aio: bool = False) -> str:
    """The call with `Client`, or `AsyncClient`: a whole program."""
    writer = Writer(reference)
    given = call.example.request or {}
    arguments = writer.arguments(call.request, given, {})
    if call.download:
        arguments.append(("to=", literal(".")))
    head, names, made = CLIENTS[call.token]
    client = "AsyncClient" if aio else "Client"
    indent = 8 if aio else 4
    target = Group(f"wecom.{call.name}(", arguments, ")")
    wait = "await " if aio else ""
    pad = " " * indent
    if call.paging:
        loop = "async for" if aio else "for"
        start = f"{loop} item in "
        body = f"{pad}{start}{laid_out(target, indent, len(start), 1)}:\n{pad}    print(item)\n"
    elif call.reply_class:
        start = f"result = {wait}"
        body = f"{pad}{start}{laid_out(target, indent, len(start))}\n{pad}print(result)\n"
    else:
        body = f"{pad}{wait}{laid_out(target, indent, len(wait))}\n"
    imports = writer.imports(client, *names)
    client_made = Group(f"{client}(", [("", each) for each in made], ")")
    start = "async with " if aio else "with "
    opening = f"{start}{laid_out(client_made, indent - 4, len(start), len(' as wecom:'))} as wecom:"
    if not aio:
        return f"{imports}\n\n{head}{opening}\n{body}"
    gap = "" if imports.startswith("from datetime") else "\n"
    head = f"{head}\n" if head else ""
    return (
        f"import asyncio\n{gap}{imports}\n\n{head}\n"
        f"async def main() -> None:\n    {opening}\n{body}\n\nasyncio.run(main())\n"
    )


def as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def curl(reference: Reference, call: Call) -> str:
    """The call as HTTP, without this package."""
    given = dict(call.example.request or {})
    in_query = call.method == "GET" or call.upload
    query = f"{call.token}={call.token.upper()}"
    if in_query and given:
        query += f"&{as_query(given)}"
    parts = [f"curl {shlex.quote(f'{reference.package.base_url}{call.path}?{query}')}"]
    if call.upload:
        parts.append(f"-F {call.upload}=@{FILE}")
    elif not in_query:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(as_json(given))}"]
    if call.download:
        parts.append(f"-o {FILE}")
    return " \\\n  ".join(parts)


def command(reference: Reference, call: Call) -> str:
    """The call by the command `wecom-contact`."""
    name = f"{reference.package.distribution} call {call.name}"
    end = " --to ." if call.download else ""
    given = call.example.request or {}
    if any(each.flat for each in call.request) or any(map(is_special, given.values())):
        return f"{name} --input - <<'JSON'\n{as_json(given)}\nJSON"
    flags = [flag for each in call.request for flag in flags_of(reference, each, given)]
    flat = " ".join([name, *flags]) + end
    return flat if width(flat) <= WIDTH else " \\\n  ".join([name, *flags]) + end


def is_special(value: Any) -> bool:
    """Whether a flag would take it for something else: a file, standard input, a list."""
    values = value if isinstance(value, list) else [value]
    return value == [] or any(
        isinstance(each, str) and each.startswith(("@", "[", "-")) for each in values
    )


def flags_of(reference: Reference, of: Field, given: Mapping[str, Any]) -> Iterator[str]:
    flag = f"--field.{of.name}" if of.name in OPTIONS else f"--{of.name}"
    if of.kind == "file":
        yield f"{flag} {FILE}"
    if of.wire not in given:
        return
    value = given[of.wire]
    for each in value if of.many else [value]:
        yield f"{flag} {shlex.quote(word(reference, of, each))}"


def word(reference: Reference, of: Field, value: Any) -> str:
    """A value as a flag takes it."""
    if of.kind == "enum":
        enum = reference.type(of.type)
        assert enum.kind == "enum"
        return {each.value: each.name for each in enum.values}.get(value, str(value))
    if of.kind in ("bool", "flag"):
        return "true" if value else "false"
    if of.kind == "timestamp":
        when = datetime.fromtimestamp(int(value), BEIJING)
        return f"{when:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


SHOWN = 4
"""How many fields of an event its handler takes apart."""


def handler(reference: Reference, event: Event) -> str:
    """What takes the event."""
    names = [each.name for each in event.fields if not each.optional]
    names += [each.name for each in event.fields if each.optional and not each.deprecated]
    names = names[:SHOWN]
    pattern = laid_out(
        Group(f"{event.name}(", [(f"{each}=", each) for each in names], ")"), 8, 5, 1
    )
    printed = ", ".join(names) or "event.time"
    package = reference.package.name
    return f"""from {package}.callback import Callback, Event, asgi
from {package}.events import {event.name}


def handle(event: Event) -> None:
    match event:
        case {pattern}:
            print({printed})


callback = Callback(token="…", aes_key="…", receive_ids=["ww…"])
app = asgi(callback, handle)
"""
