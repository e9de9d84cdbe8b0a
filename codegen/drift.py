"""What a log of drift means for the spec: the fields, enum members and variants that it lacks. Writes nothing.

The log is what `wecom_contact.DriftLog` has written: names and shapes. A guess errs on the side that decodes: every new
field is optional, and what was seen in several kinds is `any`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from codegen import ir, taken
from codegen.scaffold import quoted, singular, snake

UNDOCUMENTED = "Undocumented; WeCom sends it."
"""The doc of what was seen and is on no page: true, and easy to find."""
TEXT_IN_XML = {"str", "int", "timestamp", "float", "bool", "flag"}
FITTING = {
    "str": {"str"},
    "int": {"int", "timestamp"},
    "timestamp": {"int", "timestamp"},
    "flag": {"int"},
    "bool": {"bool"},
    "float": {"int", "float", "timestamp"},
}
"""The kinds of values that a scalar takes."""


@frozen(kw_only=True)
class Addition:
    """An entry for a mapping of a file."""

    file: str
    path: tuple[str, ...]
    """The keys that lead to the mapping: `types`, `FollowInfo`, `fields`."""
    name: str
    value: str = ""
    """What stands behind the name, on a line."""
    block: tuple[str, ...] = ()
    """What stands below the name instead, line by line."""


@define
class Seen:
    """What was seen in a place, from all lines of the log."""

    kinds: set[str] = field(factory=set)
    """Words for scalars; `list` for lists of lists."""
    many: bool = False
    objects: bool = False
    members: "dict[str, Seen]" = field(factory=dict)
    always: set[str] | None = None
    """Members that all objects have."""

    def add(self, shape: Any) -> None:
        """Take one more shape into account."""
        if isinstance(shape, list):
            self.many = True
            for each in shape:
                self.add("list" if isinstance(each, list) else each)
        elif isinstance(shape, Mapping):
            self.objects = True
            there = {str(name) for name, each in shape.items() if each != "null"}
            self.always = there if self.always is None else self.always & there
            for name, each in shape.items():
                self.members.setdefault(str(name), Seen()).add(each)
        elif shape != "null":
            self.kinds.add(str(shape))


class Proposer:
    """Turns the lines of a log into additions, and into notes where a person must look."""

    def __init__(self, api: ir.Api) -> None:
        self.api = api
        self.additions: list[Addition] = []
        self.notes: list[str] = []
        self.records: dict[str, tuple[str, tuple[str, ...], Sequence[ir.Field]]] = {}
        """By class: file, path of its fields, and the fields."""
        self.enums: dict[str, tuple[str, ir.Enum]] = {}
        self.unions: dict[str, tuple[str, ir.Union]] = {}
        self.taken = set[str]()
        """Names of classes."""
        self.names: dict[tuple[str, ...], set[str]] = {}
        """What has been added to a mapping."""
        for module, each in api.types:
            file = f"{module.name}.yaml"
            self.taken.add(each.name)
            if isinstance(each, ir.Record):
                self.records[each.name] = file, ("types", each.name, "fields"), each.fields
            elif isinstance(each, ir.Enum):
                self.enums[each.name] = file, each
            elif isinstance(each, ir.Union):
                self.unions[each.name] = file, each
        for call in api.calls:
            self.taken |= {call.cls, f"{call.cls}Result"}
            if call.response:
                path = ("calls", call.name, "response")
                fields = call.response.fields
                self.records[call.response.name] = f"{call.resource}.yaml", path, fields
        for event in api.events:
            self.taken.add(event.name)
            self.records[event.name] = "events.yaml", ("events", event.name, "fields"), event.fields

    def propose(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Look at every line of a log; what the spec has meanwhile says nothing."""
        fields: dict[tuple[str, str], Seen] = {}
        tags: dict[tuple[str, int | str], Seen] = {}
        for entry in entries:
            where = f"{entry.get('where')}.{entry.get('field') or '…'}"
            match entry:
                case {"what": "unknown field", "where": str(owner), "field": str(name)}:
                    if owner in self.records:
                        fields.setdefault((owner, name), Seen()).add(entry.get("shape"))
                    else:
                        self.notes.append(f"{where}: the spec has no {owner}")
                case {"what": "unknown member", "enum": str(enum), "value": int() | str() as value}:
                    self.member(enum, value)
                case {"what": "unknown tag", "tag": int() | str() as tag}:
                    union = self.union_at(str(entry["where"]), str(entry["field"]))
                    if union is None:
                        self.notes.append(f"{where}: the spec has no union there")
                    else:
                        tags.setdefault((union, tag), Seen()).add(entry.get("shape"))
                case {"what": "beside the payload", "name": str(name)}:
                    self.notes.append(f"{where}: {name} stands beside the payload of the union")
                case {"what": str(what)}:
                    self.notes.append(f"{where}: {what}")
        for (owner, name), seen in fields.items():
            self.field(owner, name, seen)
        for (union, tag), seen in tags.items():
            self.variant(union, tag, seen)

    def add(self, file: str, path: tuple[str, ...], name: str, value: str) -> None:
        self.additions.append(Addition(file=file, path=path, name=name, value=value))

    def free(self, path: tuple[str, ...], name: str, there: Iterable[str]) -> str:
        """The name, or one like it that the mapping does not have."""
        names = self.names.setdefault(path, set())
        while name in names or name in there:
            name += "_"
        names.add(name)
        return name

    # Fields.

    def field(self, owner: str, wire: str, seen: Seen) -> None:
        """Add a field to a record."""
        file, path, there = self.records[owner]
        if any(each.wire == wire for each in there):
            return
        reserved = taken.in_events() if path[0] == "events" else taken.in_replies()
        name = self.free(path, snake(wire), {*(each.name for each in there), *reserved})
        self.add(file, path, f"{name}?", self.definition(file, owner, name, wire, seen))

    def definition(self, file: str, owner: str, name: str, wire: str, seen: Seen) -> str:
        """What stands behind the name of a field."""
        words = {} if name == wire else {"wire": wire}
        item = seen.members.get("Item")
        if file == "events.yaml" and item is not None and len(seen.members) == 1:
            seen = Seen(kinds=item.kinds, many=True, objects=item.objects, members=item.members)
            words["item"] = "Item"
        kind = self.known(file, wire, seen)
        if not kind:
            kind, more = self.kind(file, owner, wire, seen)
            words |= more
        return in_flow(type=f"[{kind}]" if seen.many else kind, **words, doc=UNDOCUMENTED)

    def known(self, file: str, wire: str, seen: Seen) -> str:
        """The type that most fields of this name have, if it fits what was seen and can be used in the file."""
        found: Counter[str] = Counter()
        refs: dict[str, ir.Ref] = {}
        for _, each in ir.walk_fields(self.api):
            same = each.wire == wire and each.ref.many == seen.many
            if same and fits(each.ref, seen, file == "events.yaml"):
                found[each.ref.name] += 1
                refs[each.ref.name] = each.ref
        if not found:
            return ""
        ((best, _),) = found.most_common(1)
        target = refs[best].target
        # A file that needs another one's types might be needed by it.
        near = target is None or target.at.file in (file, "types.yaml")
        # Values are not in the log, so of several enums none can be told.
        told = not isinstance(target, ir.Enum) or len(found) == 1
        return best if near and told else ""

    def kind(self, file: str, owner: str, wire: str, seen: Seen) -> tuple[str, dict[str, str]]:
        """The type for what was seen, and further words about the field."""
        if seen.objects and not seen.kinds:
            return self.record(file, owner, wire, seen), {}
        timely = wire.lower().endswith(("time", "_at", "date")) and not seen.objects
        match sorted(seen.kinds):
            case ["timestamp"] if timely:
                return "timestamp", {}
            case ["int"] | ["timestamp"] | ["int", "timestamp"] if not seen.objects:
                return "int", {}
            case ["str"] | ["bool"] if not seen.objects:
                return next(iter(seen.kinds)), {}
            case ["int", "str"] if not seen.objects and not seen.many:
                return "str", {"also": "int"}
            case kinds if kinds and set(kinds) <= FITTING["float"] and not seen.objects:
                return "float", {}
        return "any", {}

    def record(self, file: str, owner: str, wire: str, seen: Seen) -> str:
        """A new record for what an object holds."""
        word = singular(snake(wire)) if seen.many else snake(wire)
        name = base = f"{owner.removesuffix('Result')}{ir.camel(word)}"
        number = 2
        while name in self.taken:
            name, number = f"{base}{number}", number + 1
        self.taken.add(name)
        lines = [f"doc: What `{wire}` of {owner} holds. {UNDOCUMENTED}"]
        lines.append("fields:" if seen.members else "fields: {}")
        path = ("types", name, "fields")
        above = len(self.additions)  # a record stands above those inside
        for key, inner in seen.members.items():
            field_name = self.free(path, snake(key), taken.in_replies())
            text = self.definition(file, name, field_name, key, inner)
            lines.append(f"  {field_name}?: {text}")
        addition = Addition(file=file, path=("types",), name=name, block=tuple(lines))
        self.additions.insert(above, addition)
        return name

    # Enums and unions.

    def member(self, enum: str, value: int | str) -> None:
        """Add a member to an enum."""
        if enum not in self.enums:
            self.notes.append(f"{value}: the spec has no enum {enum}")
            return
        file, there = self.enums[enum]
        if any(each.value == value for each in there.values):
            return
        if isinstance(value, str):
            name = snake(value)
        else:
            name = f"value_{value}" if value >= 0 else f"value_minus_{-value}"
        path = ("types", enum, "enum")
        if f"{enum}={value!r}" in self.names.setdefault((), set()):
            return
        self.names[()].add(f"{enum}={value!r}")
        name = self.free(path, name, {each.name for each in there.values})
        written = quoted(value) if isinstance(value, str) else str(value)
        self.add(file, path, name, in_flow(value=written, doc=UNDOCUMENTED))

    def union_at(self, owner: str, name: str) -> str | None:
        """The union that a field holds."""
        _, _, fields = self.records.get(owner, ("", (), ()))
        for each in fields:
            if each.name == name and isinstance(each.ref.target, ir.Union):
                return each.ref.target.name
        return None

    def variant(self, union: str, tag: int | str, seen: Seen) -> None:
        """Add a variant, and the record of its payload."""
        file, there = self.unions[union]
        if any(each.tag == tag for each in there.variants):
            return
        common = {key.lstrip("#") for key in there.common}
        objects = [
            name
            for name, each in seen.members.items()
            if each.objects and not each.kinds and not each.many and name not in common
        ]
        key = tag if tag in objects else objects[0] if len(objects) == 1 else None
        if not isinstance(key, str):
            self.notes.append(f"{union}: no payload was seen beside {there.tag} {tag!r}")
            return
        record = self.record(file, union, key, seen.members[key])
        value = record if key == tag else in_flow(key=key, type=record)
        self.add(file, ("types", union, "variants"), str(tag), value)


def in_flow(**words: str) -> str:
    """A mapping on a line."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in words.items()) + "}"


def fits(ref: ir.Ref, seen: Seen, in_xml: bool) -> bool:
    """Whether a type takes all that was seen."""
    target = ref.target
    if isinstance(target, ir.Record):
        fields = {each.wire: each for each in target.fields}
        needed = {each.wire for each in target.fields if not each.optional}
        if not seen.objects or seen.kinds or not needed <= (seen.always or set()):
            return False
        return all(
            name in fields
            and fields[name].ref.many == inner.many
            and fits(fields[name].ref, inner, in_xml)
            for name, inner in seen.members.items()
        )
    if isinstance(target, ir.Union) or seen.objects:
        return False
    base = ref.base
    if isinstance(target, ir.Enum):
        base = "int" if target.numeric else "str"
    return (in_xml and base in TEXT_IN_XML) or seen.kinds <= FITTING.get(base, set())


def read(text: str) -> Iterator[dict[str, Any]]:
    """The lines of a log; what is none of ours is passed over."""
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry
