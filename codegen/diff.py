"""What changes for users between two versions of the API: what breaks, behaves otherwise, is added, or is only said.

Direction decides. A field that is sent and becomes required breaks its callers; one that is received and becomes
optional breaks its readers. A type that is reached from both sides takes both rules. Knows the IR alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import IntEnum
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from codegen import ir
from codegen.problems import Where
from codegen.vocabulary import LIMITS

T = TypeVar("T", ir.Call, ir.Type, ir.Event, ir.ErrorCode, ir.Field)


class Verdict(IntEnum):
    """What a change means for who uses the package; the least harmful first."""

    SAYS = 0
    """Only words change."""
    ADDS = 1
    """There is more, and what there was is as before."""
    BEHAVES = 2
    """The same code does something else."""
    BREAKS = 3
    """Code that was right is refused, by Python, a type checker or our own checks."""

    @property
    def word(self) -> str:
        """As it is printed."""
        return self.name.lower()


@frozen
class Change:
    """One thing that is not as it was."""

    verdict: Verdict
    where: Where
    what: str
    """What it concerns: `customer.get.userid`, `FollowInfo.remark`."""
    text: str
    gone: bool = False
    """Whether it is gone; then `where` is a place in the old version."""

    def __str__(self) -> str:
        place = f"{self.where} (old)" if self.gone else str(self.where)
        return f"{place}: {self.verdict.word}: {self.what} {self.text}"


Changes: TypeAlias = Iterator[Change]


@frozen
class Direction:
    """Which way a record travels."""

    sent: bool
    received: bool


SENT = Direction(sent=True, received=False)
RECEIVED = Direction(sent=False, received=True)
BOTH = Direction(sent=True, received=True)


def changes(old: ir.Api, new: ir.Api) -> list[Change]:
    """Everything that differs, the worst first."""
    return ordered(
        [
            *calls(old, new),
            *types(old, new),
            *events(old, new),
            *errors(old, new),
            *modules(old, new),
            *package(old, new),
        ]
    )


def ordered(found: Collection[Change]) -> list[Change]:
    """The worst first, then as the files go."""
    return sorted(
        found,
        key=lambda each: (
            -each.verdict,
            each.where.file,
            each.where.line,
            each.what,
            each.text,
        ),
    )


def gone(kind: str, old: Mapping[str, T], new: Mapping[str, T], verdict: Verdict) -> Changes:
    for name in old.keys() - new.keys():
        yield Change(verdict, old[name].at, name, f"is gone ({kind})", gone=True)


def added(kind: str, old: Mapping[str, T], new: Mapping[str, T]) -> Changes:
    for name in new.keys() - old.keys():
        yield Change(Verdict.ADDS, new[name].at, name, f"is new ({kind})")


def differing(
    verdict: Verdict, names: Collection[str], before: Any, after: Any, what: str
) -> Changes:
    """The plain facts that are not as they were."""
    for name in names:
        was, is_ = getattr(before, name), getattr(after, name)
        if was != is_:
            text = "is worded differently" if verdict is Verdict.SAYS else turned(was, is_)
            yield Change(verdict, after.at, what, f"{name} {text}")


def turned(was: object, is_: object) -> str:
    return f"was {shown(was)} and is {shown(is_)}"


def shown(value: object) -> str:
    return "not there" if value in ("", None) else str(value)


def calls(old: ir.Api, new: ir.Api) -> Changes:
    before = {call.full_name: call for call in old.calls}
    after = {call.full_name: call for call in new.calls}
    yield from gone("call", before, after, Verdict.BREAKS)
    yield from added("call", before, after)
    for name in before.keys() & after.keys():
        yield from call(name, before[name], after[name])


def call(name: str, before: ir.Call, after: ir.Call) -> Changes:
    yield from differing(Verdict.BREAKS, ["cls"], before, after, name)
    facts = ["path", "method", "token", "apps", "readonly", "serial", "mass", "deprecated"]
    yield from differing(Verdict.BEHAVES, facts, before, after, name)
    words = ["title", "doc", "notes", "page", "errors", "example_request", "example_response"]
    yield from differing(Verdict.SAYS, words, before, after, name)
    yield from paging(name, before, after)
    yield from partial(name, before, after)
    yield from groups(name, before.request, after.request)
    yield from fields(name, before.request, after.request, SENT)
    was, is_ = reply(before), reply(after)
    if was != is_:
        verdict = Verdict.ADDS if was == "nothing" else Verdict.BREAKS
        yield Change(verdict, after.at, name, f"returned {was} and returns {is_}")
    elif before.response and after.response:
        yield from fields(after.response.name, before.response, after.response, RECEIVED)


def reply(call: ir.Call) -> str:
    return "a file" if call.download else "a reply" if call.response else "nothing"


def paging(name: str, before: ir.Call, after: ir.Call) -> Changes:
    was, is_ = before.paging, after.paging
    if was and is_:
        words = ("style", "items", "cursor", "next", "total", "until", "more", "limit")
        yield from differing(Verdict.BREAKS, words, was, is_, f"{name}.paginate")
    elif was or is_:
        text = "was paged and is not" if was else "was not paged and is"
        yield Change(Verdict.BREAKS, after.at, name, text)


def partial(name: str, before: ir.Call, after: ir.Call) -> Changes:
    was, is_ = (
        ", ".join(sorted(f"{each.items} by {each.code}" for each in call.partial))
        for call in (before, after)
    )
    if was != is_:
        # `failures` appears with the first; after that its items change.
        verdict = Verdict.BREAKS if was else Verdict.ADDS
        yield Change(verdict, after.at, name, f"partial {turned(was, is_)}")


def groups(name: str, before: ir.Record, after: ir.Record) -> Changes:
    """Relations between the fields of what is sent."""
    was, is_ = (
        {(word, frozenset(each)) for word in ("any_of", "one_of") for each in getattr(record, word)}
        for record in (before, after)
    )
    known = {field.name: field for field in before.fields}
    for word, group in is_ - was:
        old = [known[each] for each in group if each in known]
        always = any(not each.optional for each in old)
        if word == "any_of":
            free = always or any(each <= group for _, each in was)
        else:
            free = always and len(old) == 1
        verdict = Verdict.ADDS if free else Verdict.BREAKS
        yield Change(verdict, after.at, name, f"needs {word} {', '.join(sorted(group))}")
    for word, group in was - is_:
        if not any(group <= each or each <= group for _, each in is_):
            text = f"no longer needs {word} {', '.join(sorted(group))}"
            yield Change(Verdict.ADDS, after.at, name, text)


def types(old: ir.Api, new: ir.Api) -> Changes:
    before = {each.name: each for _, each in old.types}
    after = {each.name: each for _, each in new.types}
    homes = {each.name: module.name for module, each in old.types}
    yield from gone("type", before, after, Verdict.BREAKS)
    yield from added("type", before, after)
    sent, received = travels(old, new)
    for module, is_ in new.types:
        name = is_.name
        if name not in before:
            continue
        was = before[name]
        if homes[name] != module.name:
            moved = turned(f"in {homes[name]}", f"in {module.name}")
            yield Change(Verdict.BREAKS, is_.at, name, moved)
        if type(was) is not type(is_):
            kinds = turned(
                *(f"a type of kind {type(each).__name__.lower()}" for each in (was, is_))
            )
            yield Change(Verdict.BREAKS, is_.at, name, kinds)
        yield from differing(Verdict.SAYS, ["doc"], was, is_, name)
        way = Direction(name in sent, name in received)
        # A type that nothing uses can still be imported and built.
        yield from one_type(was, is_, way if way.sent or way.received else BOTH)


def travels(*versions: ir.Api) -> tuple[set[str], set[str]]:
    """The types that are sent, and those that are received."""
    sent: set[str] = set()
    received: set[str] = set()
    for api in versions:
        for call in api.calls:
            sent |= ir.reach(call.request).keys()
            received |= ir.reach(call.response).keys() if call.response else set()
        for event in api.events:
            received |= ir.reach(record(event)).keys()
    return sent, received


def record(event: ir.Event) -> ir.Record:
    return ir.Record(at=event.at, name=event.name, doc=event.doc, fields=event.fields)


def one_type(was: ir.Type, is_: ir.Type, way: Direction) -> Changes:
    name = is_.name
    if isinstance(was, ir.Record) and isinstance(is_, ir.Record):
        if way.sent:
            yield from groups(name, was, is_)
        yield from fields(name, was, is_, way)
    if isinstance(was, ir.Enum) and isinstance(is_, ir.Enum):
        yield from members(name, was, is_)
    if isinstance(was, ir.Union) and isinstance(is_, ir.Union):
        # Common fields are told with the records that carry them.
        yield from differing(Verdict.BEHAVES, ["tag", "flat"], was, is_, name)
        yield from variants(name, was, is_)
    if isinstance(was, ir.Alias) and isinstance(is_, ir.Alias):
        yield from differing(Verdict.BREAKS, ["base"], was, is_, name)
        yield from limits(name, was.limits, is_.limits, is_.at, way)
        yield from pattern(name, was.pattern, is_.pattern, is_.at, way)


def members(name: str, was: ir.Enum, is_: ir.Enum) -> Changes:
    before = {f"{name}.{each.name.upper()}": each for each in was.values}
    after = {f"{name}.{each.name.upper()}": each for each in is_.values}
    for what in before.keys() - after.keys():
        yield Change(Verdict.BREAKS, was.at, what, "is gone (enum member)", gone=True)
    for what in after.keys() - before.keys():
        yield Change(Verdict.ADDS, is_.at, what, "is new (enum member)")
    for what in before.keys() & after.keys():
        old, new = before[what], after[what]
        if old.value != new.value:
            yield Change(Verdict.BEHAVES, is_.at, what, f"value {turned(old.value, new.value)}")
        if old.doc != new.doc:
            yield Change(Verdict.SAYS, is_.at, what, "doc is worded differently")


def variants(name: str, was: ir.Union, is_: ir.Union) -> Changes:
    before = {each.tag: each for each in was.variants}
    after = {each.tag: each for each in is_.variants}
    for tag in before.keys() - after.keys():
        yield Change(Verdict.BREAKS, was.at, f"{name}.{tag}", "is gone (variant)", gone=True)
    for tag in after.keys() - before.keys():
        yield Change(Verdict.ADDS, is_.at, f"{name}.{tag}", "is new (variant)")
    for tag in before.keys() & after.keys():
        old, new = before[tag], after[tag]
        if old.record.name != new.record.name:
            text = f"type {turned(old.record.name, new.record.name)}"
            yield Change(Verdict.BREAKS, is_.at, f"{name}.{tag}", text)
        if old.key != new.key:
            yield Change(
                Verdict.BEHAVES, is_.at, f"{name}.{tag}", f"key {turned(old.key, new.key)}"
            )


def fields(name: str, was: ir.Record, is_: ir.Record, way: Direction) -> Changes:
    before = {f"{name}.{each.name}": each for each in was.fields}
    after = {f"{name}.{each.name}": each for each in is_.fields}
    yield from gone("field", before, after, Verdict.BREAKS)
    for what in after.keys() - before.keys():
        needed = way.sent and not after[what].optional
        verdict = Verdict.BREAKS if needed else Verdict.ADDS
        text = "is new (field) and required" if needed else "is new (field)"
        yield Change(verdict, after[what].at, what, text)
    for what in before.keys() & after.keys():
        yield from one_field(what, before[what], after[what], way)


def one_field(what: str, was: ir.Field, is_: ir.Field, way: Direction) -> Changes:
    old, new = kind(was), kind(is_)
    # A named type that changes is told once, where it stands.
    same_type = was.ref.name == is_.ref.name and was.ref.whole == is_.ref.whole
    if old != new and not same_type:
        # Both are `bool` in Python; only the wire differs.
        verdict = Verdict.BREAKS
        if {was.ref.base, is_.ref.base} == {"bool", "flag"} and was.ref.whole == is_.ref.whole:
            verdict = Verdict.BEHAVES
        yield Change(verdict, is_.at, what, f"type {turned(old, new)}")
    if was.optional != is_.optional:
        harms = way.sent if was.optional else way.received
        text = "was optional and is required" if was.optional else "was required and is optional"
        yield Change(Verdict.BREAKS if harms else Verdict.ADDS, is_.at, what, text)
    # The sign that keeps a key apart in a record does not stand on the wire.
    wires = was.wire.lstrip("#"), is_.wire.lstrip("#")
    if wires[0] != wires[1]:
        yield Change(Verdict.BEHAVES, is_.at, what, f"wire {turned(*wires)}")
    facts = ["item", "secret", "also", "flat", "deprecated"]
    yield from differing(Verdict.BEHAVES, facts, was, is_, what)
    yield from differing(Verdict.SAYS, ["doc", "default", "example"], was, is_, what)
    yield from limits(what, *own_limits(was, is_), is_.at, way)
    if was.ref.name != is_.ref.name or own_pattern(was) or own_pattern(is_):
        yield from pattern(what, was.pattern, is_.pattern, is_.at, way)


def kind(field: ir.Field) -> str:
    """The type as Python sees it: an alias is its scalar."""
    return field.ref.written(field.ref.base)


def own_limits(was: ir.Field, is_: ir.Field) -> tuple[dict[str, Any], dict[str, Any]]:
    """Without what both have from one alias: that is told once, where the alias stands."""
    if was.ref.name != is_.ref.name:
        return dict(was.limits), dict(is_.limits)
    sides = []
    for field in (was, is_):
        target = field.ref.target
        inherited = target.limits if isinstance(target, ir.Alias) else {}
        sides.append({k: v for k, v in field.limits.items() if inherited.get(k) != v})
    return sides[0], sides[1]


def own_pattern(field: ir.Field) -> str:
    """Without that of an alias, which is told where the alias stands."""
    inherited = field.ref.target.pattern if isinstance(field.ref.target, ir.Alias) else ""
    return field.pattern if field.pattern != inherited else ""


def pattern(what: str, was: str, is_: str, where: Where, way: Direction) -> Changes:
    """Another pattern may refuse what was sent before; of replies it is words."""
    if was != is_:
        verdict = Verdict.SAYS if not way.sent else Verdict.BREAKS if is_ else Verdict.ADDS
        yield Change(verdict, where, what, f"pattern {turned(was, is_)}")


def limits(
    what: str, was: Mapping[str, Any], is_: Mapping[str, Any], where: Where, way: Direction
) -> Changes:
    """Tighter limits refuse what was sent before; of replies they are words."""
    for name in was.keys() | is_.keys():
        old, new = was.get(name), is_.get(name)
        if old == new:
            continue
        tighter = new is not None and (
            old is None or (new < old if LIMITS[name].most else new > old)
        )
        verdict = Verdict.SAYS if not way.sent else Verdict.BREAKS if tighter else Verdict.ADDS
        yield Change(verdict, where, what, f"{name} {turned(old, new)}")


def events(old: ir.Api, new: ir.Api) -> Changes:
    before = {event.name: event for event in old.events}
    after = {event.name: event for event in new.events}
    yield from gone("event", before, after, Verdict.BREAKS)
    yield from added("event", before, after)
    for name in before.keys() & after.keys():
        was, is_ = before[name], after[name]
        yield from differing(Verdict.BEHAVES, ["family", "change"], was, is_, name)
        yield from differing(Verdict.SAYS, ["title", "doc", "notes", "page"], was, is_, name)
        yield from fields(name, record(was), record(is_), RECEIVED)


def errors(old: ir.Api, new: ir.Api) -> Changes:
    before = {str(error.code): error for error in old.errors}
    after = {str(error.code): error for error in new.errors}
    # A code that is not known raises the base class.
    yield from gone("error code", before, after, Verdict.BEHAVES)
    yield from added("error code", before, after)
    for name in before.keys() & after.keys():
        was, is_ = before[name], after[name]
        yield from differing(Verdict.BEHAVES, ["cls"], was, is_, name)
        yield from differing(Verdict.SAYS, ["title", "doc", "advice"], was, is_, name)


def package(old: ir.Api, new: ir.Api) -> Changes:
    """What the package is called, and what it stands on."""
    was, is_ = old.package, new.package
    if was is None or is_ is None:  # before there was a package.yaml
        return
    yield from differing(Verdict.BREAKS, ("name",), was, is_, "package")
    yield from differing(Verdict.BEHAVES, ("base_url",), was, is_, "package")
    yield from differing(Verdict.SAYS, ("title", "api", "link", "example"), was, is_, "package")
    for surface in set(was.surfaces) - set(is_.surfaces):
        text = "is gone (surface)"
        yield Change(Verdict.BREAKS, was.at, f"{was.name}.{surface}", text, gone=True)
    for surface in set(is_.surfaces) - set(was.surfaces):
        yield Change(Verdict.ADDS, is_.at, f"{is_.name}.{surface}", "is new (surface)")


def modules(old: ir.Api, new: ir.Api) -> Changes:
    """Only their words; what is in them is told by name."""
    before = {module.name: module for module in old.modules}
    for is_ in new.modules:
        if is_.name in before:
            words = ["title", "doc", "page"]
            yield from differing(Verdict.SAYS, words, before[is_.name], is_, is_.name)


def next_version(version: str, found: Collection[Change]) -> str:
    """The least version that may follow: before 1.0 the minor number stands for the major one."""
    major, minor, patch = (int(part) for part in version.split("."))
    if not found:
        return version
    worst = {each.verdict for each in found}
    if Verdict.BREAKS in worst and major:
        return f"{major + 1}.0.0"
    if worst & {Verdict.BREAKS, Verdict.ADDS} or (Verdict.BEHAVES in worst and major):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


HEADINGS: Mapping[Verdict, str] = {
    Verdict.BREAKS: "Breaks",
    Verdict.BEHAVES: "Behaves differently",
    Verdict.ADDS: "Adds",
}


def changelog(found: Collection[Change]) -> str:
    """Lines for CHANGELOG.md; what is only worded differently is no news."""
    parts = []
    for verdict, heading in HEADINGS.items():
        lines = [f"- `{each.what}` {each.text}." for each in found if each.verdict is verdict]
        if lines:
            parts.append("\n".join([f"### {heading}", "", *dict.fromkeys(lines)]))
    return "\n\n".join(parts)


def report(found: Collection[Change], version: str, coming: str) -> dict[str, Any]:
    """For machines: `version`, `next` and a list `changes`."""
    return {
        "version": version,
        "next": coming,
        "changes": [
            {
                "class": each.verdict.word,
                "file": each.where.file,
                "line": each.where.line,
                "in": "old" if each.gone else "new",
                "what": each.what,
                "text": each.text,
            }
            for each in found
        ],
    }


def unreleased(text: str) -> str:
    """What stands under Unreleased in a CHANGELOG."""
    found = re.search(r"^## Unreleased[ ]*\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found[1] if found else ""


def untold(found: Collection[Change], text: str) -> list[Change]:
    """The changes that break and whose names do not stand under Unreleased, in backticks."""
    told = unreleased(text)
    return [
        each for each in found if each.verdict is Verdict.BREAKS and f"`{each.what}`" not in told
    ]
