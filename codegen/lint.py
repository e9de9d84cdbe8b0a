"""Rules over the IR that nobody should have to remember: one small function each, all findings shown."""

import keyword
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeAlias

from codegen import ir, taken
from codegen.ir import groups_of_fields, walk_fields
from codegen.problems import Problem, Where
from codegen.vocabulary import LIMITS, SCALARS, Measure, Scalar

Findings: TypeAlias = Iterator[tuple[Where, str]]
Rule: TypeAlias = Callable[[ir.Api], Findings]

RULES: list[Rule] = []

# WeCom's codes in a text, and the numbers of pages, which look alike.
CODE = re.compile(r"(?<![\d,.])(?:[4-9]\d{4}|[3-9]\d{5})(?!,?\d)")
TODO = re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b")
NO_WORD = re.compile(r"[\s\"'\\#]")
PAGES = re.compile(r"[Pp]ages? \d+(?:(?:, | and )\d+)*")

ENVELOPE = {"errcode", "errmsg"}
TOKENS = {"access_token", "suite_access_token", "provider_access_token"}


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def lint(api: ir.Api) -> list[Problem]:
    """Every finding of every rule, in the order of the files."""
    found = [
        Problem(where, f"{text} [{each.__name__.replace('_', '-')}]")
        for each in RULES
        for where, text in each(api)
    ]
    return sorted(found, key=lambda problem: (problem.where.file, problem.where.line))


@rule
def unused_type(api: ir.Api) -> Findings:
    used = {name for _, field in walk_fields(api) for name in (field.ref.name, *field.ref.layers)}
    for _, each in api.types:
        if isinstance(each, ir.Union):
            used |= {payload.name for payload in each.payloads}
    for _, each in api.types:
        if each.name not in used:
            yield each.at, f"type {each.name} is used nowhere"


@rule
def same_path(api: ir.Api) -> Findings:
    seen: dict[tuple[str, str], ir.Call] = {}
    for call in api.calls:
        first = seen.setdefault((call.method, call.path), call)
        if first is not call:
            yield call.at, f"{call.full_name}: {call.path} is also called by {first.full_name}"


def made_classes(api: ir.Api) -> Iterator[tuple[str, Where, str]]:
    """The classes that are generated: name, place, and what they are made of."""
    yield from ((each.name, each.at, f"type {each.name}") for _, each in api.types)
    yield from ((event.name, event.at, f"event {event.name}") for event in api.events)
    for call in api.calls:
        yield call.cls, call.at, call.full_name
        if call.response:
            yield call.response.name, call.at, f"the reply of {call.full_name}"
    for module in api.modules:
        if module.calls:
            calls = f"{ir.camel(module.name)}Calls"
            yield from ((name, module.at, module.name) for name in (calls, f"Async{calls}"))


@rule
def same_class(api: ir.Api) -> Findings:
    seen: dict[str, tuple[Where, str]] = {}
    for name, where, what in made_classes(api):
        if name in seen:
            other_where, other = seen[name]
            yield where, f"{what} makes a class {name}, and so does {other} at {other_where}"
        elif whose := taken.class_names().get(name):
            yield where, f"{what} makes a class {name}, a name of {whose}; call it otherwise"
        seen.setdefault(name, (where, what))


@rule
def paginate_names_fields(api: ir.Api) -> Findings:
    for call in api.calls:
        paging = call.paging
        if paging is None:
            continue
        request = {field.name: field for field in call.request.fields}
        reply = {field.name: field for field in (call.response.fields if call.response else ())}
        items = reply.get(paging.items)
        if items is None:
            yield (
                paging.at,
                (
                    f"{call.full_name}: paginate.items names no response field {paging.items!r}; "
                    f"there are {', '.join(reply) or 'none'}"
                ),
            )
        elif not items.ref.many:
            yield (
                paging.at,
                f"{call.full_name}: paginate.items names {items.name}, which is not a list",
            )
        cursor = request.get(paging.cursor)
        kind = "str" if paging.style == "cursor" else "int"
        if cursor is None:
            yield (
                paging.at,
                (
                    f"{call.full_name}: paginate.cursor names no request field {paging.cursor!r}; "
                    f"there are {', '.join(request) or 'none'}"
                ),
            )
        elif cursor.ref.base != kind or not cursor.optional:
            yield paging.at, f"{call.full_name}: {cursor.name} must be an optional {kind}"
        truths = ("bool", "flag")
        words = {
            "total": (paging.total, ("int",)),
            "until": (paging.until, truths),
            "more": (paging.more, truths),
        }
        if paging.style != "page":
            words["next"] = (paging.next, (kind,))
        for word, (name, bases) in words.items():
            if name and (name not in reply or reply[name].ref.base not in bases):
                yield (
                    paging.at,
                    (
                        f"{call.full_name}: paginate.{word} names no {bases[0]} response field {name!r}; "
                        f"there are {', '.join(reply) or 'none'}"
                    ),
                )
        ends = [word for word, (name, _) in words.items() if name and word != "next"]
        if len(ends) > 1:
            yield paging.at, f"{call.full_name}: paginate says the end twice: {' and '.join(ends)}"
        if paging.limit:
            limit = request.get(paging.limit)
            if limit is None or limit.ref.base != "int":
                yield (
                    paging.at,
                    f"{call.full_name}: paginate.limit names no int request field "
                    f"{paging.limit!r}; there are {', '.join(request) or 'none'}",
                )
            elif not ends and limit.optional and not limit.default:
                yield (
                    limit.at,
                    f"{call.full_name}: a page shorter than {limit.name} is the last, "
                    "so its default must be said",
                )


@rule
def paginate_words_are_single(api: ir.Api) -> Findings:
    for call in api.calls:
        if call.paging and call.response:
            paging = call.paging
            words = {paging.next, paging.total, paging.until, paging.more}
            found = [field for field in call.response.fields if field.name in words]
            words = {paging.cursor, paging.limit}
            found += [field for field in call.request.fields if field.name in words]
            for field in found:
                if field.ref.whole:
                    yield (
                        call.paging.at,
                        f"{call.full_name}: {field.name} is a list; paginate needs one value",
                    )


@rule
def cursor_without_paginate(api: ir.Api) -> Findings:
    for call in api.calls:
        reply = call.response.fields if call.response else ()
        if call.paging is None and any(field.name == "next_cursor" for field in reply):
            yield call.at, f"{call.full_name} has next_cursor but no paginate"


@rule
def relations_name_optional_fields(api: ir.Api) -> Findings:
    records = [(call.full_name, call.request) for call in api.calls]
    records += [(each.name, each) for _, each in api.types if isinstance(each, ir.Record)]
    for title, record in records:
        fields = {field.name: field for field in record.fields}
        groups = [("any_of", names) for names in record.any_of]
        groups += [("one_of", names) for names in record.one_of]
        for word, names in groups:
            for name in names:
                if name not in fields:
                    yield record.at, f"{title}: {word} names no field {name!r}"
                elif not fields[name].optional:
                    yield fields[name].at, f"{title}: {word} names {name}, which is required"
            if len(set(names)) == 1:
                yield record.at, f"{title}: {word} with one name says nothing; drop its ?"


@rule
def union_is_sound(api: ir.Api) -> Findings:
    for _, each in api.types:
        if isinstance(each, ir.Union):
            if not each.variants:
                yield each.at, f"union {each.name} needs variants"
            records = [record.name for record in each.records]
            for name in {name for name in records if records.count(name) > 1}:
                yield each.at, f"{each.name}: {name} stands in it twice; its class must tell where"
            names = [x.record.name for x in each.variants if isinstance(x.record, ir.Union)]
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield (
                    each.at,
                    f"{each.name}: {name} is a union and is of one variant, not of several",
                )
            if len({type(variant.tag) for variant in each.variants}) > 1:
                yield each.at, f"union {each.name}: all tags are numbers or all are words"
            common = [key.lstrip("#") for key in each.common]
            if each.tag in common:
                yield each.at, f"{each.name}: {each.tag!r} is the tag; leave it out of common"
            for variant in each.variants:
                if variant.key == str(variant.tag) and isinstance(variant.tag, int):
                    yield (
                        each.at,
                        f"{each.name}: variant {variant.tag} needs the key of its payload",
                    )
                if variant.key in (each.tag, *common):
                    yield each.at, f"{each.name}: {variant.key!r} cannot hold the payload, too"
            for record in each.records:
                inside = {x.wire for x in record.fields if not x.choices} - set(each.common)
                kept = any(x.choices for x in record.fields)
                if (each.common or each.flat or kept) and each.tag in inside:
                    yield each.at, f"{each.name}: {record.name} has the tag {each.tag!r}"
                names = [field.name for field in record.fields]
                for name in sorted({name for name in names if names.count(name) > 1}):
                    yield (
                        each.at,
                        f"{record.name}: {name} is also common; give one of them another name and wire:",
                    )


@rule
def record_has_an_end(api: ir.Api) -> Findings:
    """What must be in it must not need another one of the kind, and so on."""
    for _, each in api.types:
        paths: list[tuple[ir.Type, tuple[str, ...]]] = [(each, (each.name,))]
        seen: set[str] = set()
        while paths:
            record, path = paths.pop()
            for field in record.fields if isinstance(record, ir.Record) else ():
                inner = field.ref.target
                if field.optional or field.ref.whole or not isinstance(inner, ir.Record):
                    continue
                if inner.name == each.name:
                    circle = " → ".join((*path, inner.name))
                    yield each.at, f"type {each.name} is made of itself: {circle}"
                elif inner.name not in seen:
                    seen.add(inner.name)
                    paths.append((inner, (*path, inner.name)))


@rule
def enum_is_sound(api: ir.Api) -> Findings:
    for _, each in api.types:
        if isinstance(each, ir.Enum):
            values = [value.value for value in each.values]
            kinds = {type(value) for value in values}
            if not values:
                yield each.at, f"enum {each.name} needs values"
            elif kinds not in ({int}, {str}):
                yield each.at, f"enum {each.name}: all numbers or all words"
            for double in {value for value in values if values.count(value) > 1}:
                yield each.at, f"enum {each.name}: {double!r} has two names"


@rule
def limit_fits_type(api: ir.Api) -> Findings:
    for title, field in walk_fields(api):
        base = field.ref.base
        scalar = SCALARS.get(base, Scalar(base))
        for name in field.limits:
            measure = LIMITS[name].measure
            if measure is Measure.ITEMS:
                if not field.ref.whole:
                    yield field.at, f"{title}.{field.name}: {name} limits lists, not {base}"
            elif measure not in scalar.measures:
                fitting = " and ".join(
                    word for word, each in SCALARS.items() if measure in each.measures
                )
                yield field.at, f"{title}.{field.name}: {name} limits {fitting}, not {base}"
        if field.also and field.also not in scalar.also:
            yield field.at, f"{title}.{field.name}: also {field.also} does not fit {base}"
        for measure in Measure:
            bounds = {
                LIMITS[name].most: name for name in field.limits if LIMITS[name].measure is measure
            }
            if len(bounds) == 2 and field.limits[bounds[False]] > field.limits[bounds[True]]:
                yield field.at, f"{title}.{field.name}: {bounds[False]} is more than {bounds[True]}"


@rule
def default_fits(api: ir.Api) -> Findings:
    for title, field in walk_fields(api):
        default, name = field.default, f"{title}.{field.name}"
        if default is None:
            continue
        if not field.optional:
            yield (
                field.at,
                f"{name}: a required field has no default; write {field.name}? or drop it",
            )
        elif field.ref.many != isinstance(default, list):
            yield field.at, f"{name}: the default {default!r} is {'not ' * field.ref.many}a list"
        elif field.ref.name != "flag" or not isinstance(default, bool):
            for text in deep_misfits(default, field.ref.whole, field, "default"):
                yield field.at, f"{name}: {text}"
            for limit, bound in field.limits.items():
                _, most, _ = LIMITS[limit]
                size = measured(default, LIMITS[limit].measure)
                if size is not None and (size > bound if most else size < bound):
                    yield field.at, f"{name}: the default {default!r} breaks {limit}"


def measured(value: Any, measure: Measure) -> Any:
    """What a limit counts of a value; None where it does not fit."""
    if measure is Measure.NUMBER:
        return value if isinstance(value, (int, float)) else None
    if measure is Measure.ITEMS:
        return len(value) if isinstance(value, (list, dict)) else None
    if not isinstance(value, str):
        return None
    return len(value.encode()) if measure is Measure.BYTES else len(value)


@rule
def envelope_is_not_written(api: ir.Api) -> Findings:
    for call in api.calls:
        for field in call.request.fields:
            if field.wire in TOKENS:
                yield field.at, f"{call.full_name}: {field.wire} is sent anyway; leave it out"
        for field in call.response.fields if call.response else ():
            if field.wire in ENVELOPE:
                yield field.at, f"{call.full_name}: {field.wire} is in every reply; leave it out"


@rule
def wire_names_are_words(api: ir.Api) -> Findings:
    """Quotes would end the text they stand in, and # begins names that the runtime keeps for itself."""
    said = [(field.at, f"{title}.{field.name}", word)
            for title, field in walk_fields(api)
            for word in (field.wire.lstrip("#") if field.apart else field.wire, field.item)]  # fmt: skip
    for _, each in api.types:
        if isinstance(each, ir.Union):
            words = [each.tag, *(str(w) for v in each.variants for w in (v.tag, v.key))]
            said += [(each.at, each.name, word) for word in dict.fromkeys(words)]
    for where, title, word in said:
        if NO_WORD.search(word):
            what = "is not a name on the wire: no spaces, quotes, backslashes or # in it"
            yield where, f"{title}: {word!r} {what}"


@rule
def wire_names_differ(api: ir.Api) -> Findings:
    for owner, fields in groups_of_fields(api):
        seen: dict[str, str] = {}
        for field in fields:
            # What a payload and its union both call so, or a payload as the tag, is another rule's.
            if field.wire in seen and field.name != seen[field.wire]:
                other = seen[field.wire]
                yield (
                    field.at,
                    f"{owner}: {field.name} is {field.wire!r} on the wire, as {other} is",
                )
            seen[field.wire] = field.name


@rule
def pattern_is_one(api: ir.Api) -> Findings:
    found = [(field.at, f"{title}.{field.name}", field.ref.base, field.pattern)
             for title, field in walk_fields(api)]  # fmt: skip
    found += [(each.at, each.name, each.base, each.pattern)
              for _, each in api.types if isinstance(each, ir.Alias)]  # fmt: skip
    for where, title, base, pattern in found:
        if pattern and base != "str":
            yield where, f"{title}: pattern limits str, not {base}"
        try:
            re.compile(pattern)
        except re.error as error:
            yield where, f"{title}: {pattern!r} is not a regular expression: {error}"


@rule
def readonly_is_said(api: ir.Api) -> Findings:
    for call in api.calls:
        verb = call.path.rpartition("/")[2]
        reads = call.name.startswith(("get", "list", "batch_get"))
        reads = reads or verb.startswith(("get", "list", "batch_get"))
        if call.method == "POST" and reads and not call.explicit_readonly:
            yield call.at, f"{call.full_name} looks like a read: say readonly: true or false"


@rule
def token_tells_the_app(api: ir.Api) -> Findings:
    for call in api.calls:
        if call.apps != "all" and call.token != "access_token":
            yield call.at, f"{call.full_name}: its token says whose apps may call it; drop apps"


@rule
def mass_sending_is_no_read(api: ir.Api) -> Findings:
    for call in api.calls:
        if call.mass and call.readonly:
            yield call.at, f"{call.full_name} sends to many, so it cannot be readonly"


INSTALLED = frozenset({"attrs", "attr", "cattrs", "orjson", "urllib3"})
"""What every package of ours imports."""


@rule
def package_is_sound(api: ir.Api) -> Findings:
    package = api.package
    if package is None:
        return
    name = package.name
    if keyword.iskeyword(name) or name in sys.stdlib_module_names or name in INSTALLED:
        yield package.at, f"{name!r} is a word or a module of Python's; call the package otherwise"
    for kind, token in package.tokens.items():
        if token not in TOKENS:
            known = ", ".join(sorted(TOKENS))
            yield package.at, f"tokens.{kind}: the runtime cannot ask for {token!r}, only {known}"
    if not package.tokens:
        yield package.at, "tokens: every call needs one"
    for surface in package.surfaces:
        if surface not in taken.surfaces():
            known = ", ".join(sorted(taken.surfaces()))
            yield package.at, f"surfaces: codegen/surfaces/ has no {surface!r}, only {known}"
    # Without these codes a token that has ended is not renewed, and what is busy is not asked again.
    classes_there = {error.cls for error in api.errors}
    for cls in ("StaleToken", "Busy"):
        if any(api.calls) and cls not in classes_there:
            yield package.at, f"errors.yaml has no code of class {cls}; see `errors` in this file"


@rule
def errors_exist(api: ir.Api) -> Findings:
    known = {error.code for error in api.errors}
    for call in api.calls:
        for code in dict.fromkeys(call.errors):
            if call.errors.count(code) > 1:
                yield call.at, f"{call.full_name}: error {code} is written twice"
            if code not in known:
                yield call.at, f"{call.full_name}: error {code} is not in errors.yaml"
    seen: dict[int, ir.ErrorCode] = {}
    for error in api.errors:
        first = seen.setdefault(error.code, error)
        if first is not error:
            yield error.at, f"code {error.code} is also at {first.at}"
        if error.code == 0:
            yield error.at, "code 0 says that all is well"
        if error.cls not in taken.error_classes():
            close = get_close_matches(error.cls, taken.error_classes())
            hint = f"; did you mean {close[0]}?" if close else ""
            what = "is not a class of the runtime's errors.py that a code can have"
            yield error.at, f"{error.cls!r} {what}{hint}"


@rule
def codes_in_prose_exist(api: ir.Api) -> Findings:
    """Whoever reads of a code looks it up. Other numbers of this size have commas, or follow "page"."""
    known = {error.code for error in api.errors}
    for where, title, text in prose(api):
        for found in CODE.findall(PAGES.sub("", text)):
            if int(found) not in known:
                yield where, f"{title}: {found} looks like an error code and is not in errors.yaml"


@rule
def names_are_free(api: ir.Api) -> Findings:
    """Python, generated code and the runtime have names of their own; most words are no trouble as fields."""
    groups = [
        (each.name, each.fields, taken.in_records(), "every record")
        for _, each in api.types
        if isinstance(each, ir.Record)
    ]
    groups += [(event.name, event.fields, taken.in_events(), "every event") for event in api.events]
    for call in api.calls:
        title, download = call.full_name, {"to"} if call.download else set()
        groups.append((title, call.request.fields, taken.in_calls() | download, "every such call"))
        if call.response:
            groups.append((title, call.response.fields, taken.in_replies(), "every reply"))
        if keyword.iskeyword(call.name):
            yield call.at, f"{title}: {call.name!r} is a Python keyword; call it {call.name}_"
    for title, fields, reserved, whose in groups:
        for field in fields:
            if keyword.iskeyword(field.name) or field.name in reserved:
                what = (
                    "a Python keyword" if keyword.iskeyword(field.name) else f"a name {whose} has"
                )
                yield (
                    field.at,
                    f"{title}: {field.name!r} is {what}; "
                    f"write {field.name}_: {{wire: {field.wire}, …}}",
                )
    for event in api.events:
        for field in event.fields:
            if field.wire in taken.elements_of_events():
                yield field.at, f"{event.name}: every event has {field.wire} anyway; leave it out"
    for module in api.modules:
        whose_name = taken.resource_names().get(module.name)
        if module.calls and whose_name:
            what = f"{module.name!r} is a name of {whose_name}"
            yield module.at, f"{what}; call the resource otherwise"


@rule
def partial_names_fields(api: ir.Api) -> Findings:
    for call in api.calls:
        for partial in call.partial:
            found = find(call.response, partial.items)
            if found is None:
                yield (
                    partial.at,
                    f"{call.full_name}: partial.items {partial.items!r} is not a field",
                )
            elif found.ref.whole != (ir.LIST,):
                yield partial.at, f"{call.full_name}: partial.items {partial.items!r} is not a list"
            elif partial.code:
                code = find(found.ref.target, partial.code)
                if code is None or code.ref.base not in ("int",):
                    yield (
                        partial.at,
                        f"{call.full_name}: partial.code {partial.code!r} is not an int",
                    )


def find(record: "ir.Type | None", path: str) -> ir.Field | None:
    """The field at a dotted path."""
    name, _, rest = path.partition(".")
    fields = record.fields if isinstance(record, ir.Record) else ()
    field = next((each for each in fields if each.name == name), None)
    if field is None or not rest:
        return field
    return find(field.ref.target, rest)


@rule
def transport_fits(api: ir.Api) -> Findings:
    for title, field in walk_fields(api):
        if field.ref.name == "file" and not any(call.upload is field for call in api.calls):
            yield field.at, f"{title}.{field.name}: a file is a field of a request, one each"
    for call in api.calls:
        if call.upload and call.upload.optional:
            yield call.upload.at, f"{call.full_name}: a file is never absent; drop the ?"
        if call.upload and call.method != "POST":
            yield call.at, f"{call.full_name}: a file goes with POST"
        if call.upload or call.method == "GET":
            for field in call.request.fields:
                compound = isinstance(field.ref.target, (ir.Record, ir.Union))
                if field.ref.whole or compound or field.ref.name == "any":
                    yield field.at, f"{call.full_name}: {field.name} does not fit into a query"


@rule
def flat_field_is_a_union(api: ir.Api) -> Findings:
    for title, fields in groups_of_fields(api):
        flat = [field for field in fields if field.flat]
        for field in flat[1:]:
            yield field.at, f"{title}: {flat[0].name} is flat already; one field of a record can be"
        for field in flat:
            union = field.ref.target
            if not isinstance(union, ir.Union) or field.ref.whole:
                what = field.ref.written(field.ref.name)
                yield field.at, f"{title}.{field.name}: a union can be flat, not {what}"
                continue
            others = {each.wire for each in fields if not each.flat}
            for key in sorted(others & union.keys):
                yield (
                    field.at,
                    f"{title}.{field.name}: {union.name} has {key!r}, and so has {title}",
                )


@rule
def event_is_sound(api: ir.Api) -> Findings:
    of_events = {id(field) for event in api.events for field in event.fields}
    for title, field in walk_fields(api):
        if field.item and id(field) not in of_events:
            yield field.at, f"{title}.{field.name}: item is for lists of events"
    seen: dict[tuple[str, str], ir.Event] = {}
    for event in api.events:
        first = seen.setdefault((event.family, event.change), event)
        if first is not event:
            yield event.at, f"{event.name} matches what {first.name} matches"
        for field in event.fields:
            if field.ref.many != bool(field.item):
                yield (
                    field.at,
                    f"{event.name}.{field.name}: a list, and only a list, names its item",
                )
            if field.ref.layers:
                what = field.ref.written(field.ref.name)
                yield field.at, f"{event.name}.{field.name}: XML has no {what}"


@rule
def files_need_no_circle(api: ir.Api) -> Findings:
    home = {each.name: module.name for module, each in api.types}
    edges: dict[str, set[str]] = {module.name: set() for module in api.modules}
    for module in api.modules:
        roots: list[ir.Type] = list(module.types)
        for call in module.calls:
            roots += [record for record in (call.request, call.response) if record]
        for root in roots:
            edges[module.name] |= {home[each.name] for each in ir.needs(root)}
        for event in module.events:
            targets = (field.ref.target for field in event.fields)
            edges[module.name] |= {home[each.name] for each in targets if each}
        edges[module.name].discard(module.name)
    places = {module.name: module.at for module in api.modules}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if name in path:
            yield (*path[path.index(name) :], name)
            return
        if name not in done:
            for other in sorted(edges[name]):
                yield from visit(other, (*path, name))
            done.add(name)

    for module in api.modules:
        for circle in visit(module.name, ()):
            yield places[circle[0]], f"files need each other in a circle: {' → '.join(circle)}"


def prose(api: ir.Api) -> list[tuple[Where, str, str]]:
    """Every sentence of the spec, with where it stands and what it is about."""
    said: list[tuple[Where, str, str]] = [(each.at, each.name, each.doc) for each in api.modules]
    said += [(each.at, each.name, each.doc) for _, each in api.types]
    for title, field in walk_fields(api):
        texts = [field.doc] + [field.deprecated] * bool(field.deprecated)
        said += [(field.at, f"{title}.{field.name}", text) for text in texts]
    said += [(event.at, event.name, event.doc) for event in api.events]
    for _, each in api.types:
        if isinstance(each, ir.Enum):
            said += [(v.at, f"{each.name}.{v.name}", v.doc) for v in each.values if v.doc]
    for call in api.calls:
        texts = [call.doc, *call.notes] + [call.deprecated] * bool(call.deprecated)
        said += [(call.at, call.full_name, text) for text in texts]
    said += [(event.at, event.name, text) for event in api.events for text in event.notes]
    for error in api.errors:
        said += [(error.at, str(error.code), text) for text in (error.doc, error.advice)]
    return said


@rule
def todo(api: ir.Api) -> Findings:
    said = prose(api)
    said += [(module.at, module.name, module.title) for module in api.modules]
    said += [(event.at, event.name, event.title) for event in api.events]
    said += [(call.at, call.full_name, call.title) for call in api.calls]
    said += [(error.at, str(error.code), error.title) for error in api.errors]
    for where, title, text in said:
        if TODO.search(text):
            yield where, f"{title}: this is to be written: {text}"


@rule
def docs_are_sentences(api: ir.Api) -> Findings:
    for where, title, text in prose(api):
        if TODO.search(text):
            continue
        if not text:
            yield where, f"{title} has no doc"
        elif not text.endswith((".", "。", "!", "?")):
            yield where, f"{title}: a doc is a sentence and ends with a full stop: {text!r}"


@rule
def example_fits(api: ir.Api) -> Findings:
    for call in api.calls:
        for word, data, record in (
            ("request", call.example_request, call.request),
            ("response", call.example_response, call.response),
        ):
            if data is not None:
                if record is None:
                    yield call.at, f"{call.full_name}: example.{word}, but there is no {word}"
                    continue
                for text in misfits(data, record, f"example.{word}"):
                    yield call.at, f"{call.full_name}: {text}"
    for title, field in walk_fields(api):
        if field.example is not None:
            ref = field.ref
            whole = not ref.many or isinstance(field.example, list)
            layers = ref.whole if whole else ref.layers
            for text in deep_misfits(field.example, layers, field, "example"):
                yield field.at, f"{title}.{field.name}: {text}"


def misfits(data: Any, record: ir.Record, path: str) -> Iterator[str]:
    """Where JSON data is not what a record says."""
    if not isinstance(data, dict):
        yield f"{path} is not a mapping"
        return
    known = {field.wire: field for field in record.fields if not field.flat}
    others = {key: data[key] for key in sorted(data.keys() - known.keys() - ENVELOPE)}
    for field in record.fields:
        if field.flat and isinstance(field.ref.target, ir.Union):
            if others or not field.optional:
                yield from union_misfits(others, field.ref.target, path)
            others = {}
    for key in others:
        yield f"{path} has an unknown field {key!r}"
    for key, field in known.items():
        if key not in data:
            if not field.optional and field.ref.name != "file":
                yield f"{path} lacks {key!r}"
            continue
        yield from deep_misfits(data[key], field.ref.whole, field, f"{path}.{key}")


def deep_misfits(value: Any, layers: Sequence[str], field: ir.Field, path: str) -> Iterator[str]:
    """The same for what may be in lists and maps."""
    if not layers:
        yield from value_misfits(value, field.ref, field, path)
        return
    kind, what = (list, "list") if layers[0] == ir.LIST else (dict, "mapping")
    if not isinstance(value, kind):
        yield f"{path} is not a {what}"
        return
    for each in value.values() if isinstance(value, dict) else value:
        yield from deep_misfits(each, layers[1:], field, path)


def value_misfits(value: Any, ref: ir.Ref, field: ir.Field, path: str) -> Iterator[str]:
    target = ref.target
    if isinstance(target, ir.Record):
        yield from misfits(value, target, path)
    elif isinstance(target, ir.Enum):
        allowed: Collection[Any] = [each.value for each in target.values]
        if value not in allowed:
            yield f"{path}: {value!r} is not a value of {target.name}"
    elif isinstance(target, ir.Union):
        yield from union_misfits(value, target, path)
    elif kinds := SCALARS[ref.base].json:
        kinds += SCALARS[field.also].json if field.also else ()
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            yield f"{path}: {value!r} is not of type {ref.base}"


def union_misfits(
    value: Any, union: ir.Union, path: str, carried: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[str]:
    """The same for a union; `carried` is what unions around it have in common."""
    tag = value.get(union.tag) if isinstance(value, dict) else None
    variant = next((each for each in union.variants if each.tag == tag), None)
    if variant is None:
        yield f"{path}: {union.tag} {tag!r} is not a variant of {union.name}"
        return
    if union.flat:
        inside = {key: each for key, each in value.items() if key != union.tag}
    else:
        inside, path = value.get(variant.key, {}), f"{path}.{variant.key}"
    if not isinstance(inside, dict):
        yield f"{path} is not a mapping"
        return
    carried = {**carried, **{
        key: value[name] for key in union.common if (name := key.lstrip("#")) in value
    }}  # fmt: skip
    if isinstance(variant.record, ir.Union):
        yield from union_misfits(inside, variant.record, path, carried)
        return
    if any(field.choices for field in variant.record.fields):
        carried[union.tag] = tag
    yield from misfits({**inside, **carried}, variant.record, path)
