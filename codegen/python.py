"""From the IR to Python words: identifiers, annotations, defaults, prose, imports. No templates here."""

import builtins
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from codegen import ir
from codegen.vocabulary import LIMITS, SCALARS, Measure

WIDTH = 100


class Say(Protocol):
    """Says a sentence in the language of the docstrings; values fill its `{names}`."""

    def __call__(self, text: str, /, **values: str) -> str: ...


def english(text: str, /, **values: str) -> str:
    """Sentences are written in English."""
    return text.format(**values) if values else text


sentence = str
"""Marks a sentence that is said later, for `messages.py` to find it."""


def width(text: str) -> int:
    """Columns on a screen: Chinese characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


CLAUSE = re.compile(r"[，。；：！？、]*[^，。；：！？、]+[，。；：！？、）”」]*|.+")
CHARACTER = re.compile(
    r"(?:[（“「]*[\u4e00-\u9fff]|[^\u4e00-\u9fff（“「]+|.)[，。；：！？、）”」]*"
)


def pieces(word: str) -> list[str]:
    """The parts of a word after which a line may end: Chinese has no spaces, so its "words" are whole sentences.

    They end after punctuation, where it does least harm that some tools make a space of a line's end; a clause
    of more than half a line is parted between any two characters.
    """
    if word.isascii():
        return [word]
    return [
        piece
        for clause in CLAUSE.findall(word)
        for piece in (CHARACTER.findall(clause) if width(clause) > WIDTH / 2 else [clause])
    ]


def wrap(text: str, indent: int, hanging: int = 0) -> str:
    """Prose in lines of at most 100 columns; the first line is not indented."""
    if len(text) <= WIDTH - indent and text.isascii():
        return " ".join(text.split())  # what nearly all of it is
    lines: list[str] = []
    line: list[str] = []
    used, room = 0, WIDTH - indent
    for word in text.split():
        space = " " if line else ""
        for piece in pieces(word):
            size = len(space) + width(piece)
            if line and used + size > room:
                lines.append("".join(line))
                line, used, room = [], 0, WIDTH - indent - hanging
                space, size = "", width(piece)
            line += [space, piece]
            used += size
            space = ""
    lines.append("".join(line))
    return ("\n" + " " * (indent + hanging)).join(lines)


def docstring(paragraphs: Sequence[str], indent: int) -> str:
    """A docstring; paragraphs may hold lines of their own."""
    whole = "\n\n".join(each.strip("\n") for each in paragraphs if each.strip())
    whole = whole.replace("\\", "\\\\").replace('"""', "'''")
    pad = " " * indent
    lines = whole.split("\n")
    first = wrap(lines[0], indent + (6 if len(lines) == 1 else 3))
    if len(lines) == 1 and "\n" not in first:
        return f'"""{first}"""'
    body = [re.sub(r"\n +", f"\n{pad}", first)]
    for line in lines[1:]:
        stripped = line.lstrip()
        inner = indent + len(line) - len(stripped)
        hanging = 4 if re.match(r"[a-z_]+: ", stripped) else 2 if stripped.startswith("- ") else 0
        body.append(" " * inner + wrap(stripped, inner, hanging) if stripped else "")
    return '"""' + "\n".join(body) + f'\n{pad}"""'


def literal(value: Any) -> str:
    """A value as Python writes it, with the formatter's quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        inner = ", ".join(literal(each) for each in value)
        return f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def rows(indent: int, head: str, values: Sequence[Any]) -> str:
    """`head(value, value)`: a tuple on a line, or a value a line."""
    flat = f"{head}{literal(tuple(values))}"
    if width(flat) + indent <= WIDTH:
        return flat
    return fit(indent, f"{head}(", [literal(each) for each in values], ")")


def fit(indent: int, head: str, parts: Sequence[str], tail: str) -> str:
    """`head(part, part)tail` on a line if it fits, else a part a line: the formatter's own rule."""
    flat = f"{head}{', '.join(parts)}{tail}"
    if width(flat) + indent <= WIDTH and "\n" not in flat:
        return flat
    pad = " " * (indent + 4)
    body = "".join(f"{pad}{part},\n" for part in parts)
    return f"{head}\n{body}{' ' * indent}{tail}"


def type_name(ref: ir.Ref, sent: bool = False, quoted: bool = False) -> str:
    """What Python calls a value of a type, or an item of a list."""
    name = SCALARS[ref.name].annotation if ref.name in SCALARS else ref.name
    name = f'"{name}"' if quoted else name
    for layer in reversed(ref.layers):
        name = list_of(name, sent) if layer == ir.LIST else map_of(layer, name, sent)
    return name


def list_of(item: str, sent: bool) -> str:
    """The type of a list: what is only sent takes any sequence but a text."""
    return f"{'SequenceNotStr' if sent else 'list'}[{item}]"


def map_of(key: str, value: str, sent: bool) -> str:
    """The type of a map: what is only sent takes any mapping."""
    return f"{'Mapping' if sent else 'dict'}[{key}, {value}]"


def literal_type(choices: Sequence[int | str]) -> str:
    """The type of what is one of a few values."""
    return f"Literal[{', '.join(map(literal, choices))}]"


def annotation(field: ir.Field, sent: bool, later: Collection[str] = ()) -> str:
    """The type of a field; what is only sent takes any sequence but a text; what comes later is quoted."""
    quoted = field.ref.name in later
    if quoted and not field.ref.whole:
        return f'"{field.ref.name} | None"' if field.optional else f'"{field.ref.name}"'
    inner = literal_type(field.choices) if field.choices else type_name(field.ref, sent, quoted)
    if field.ref.many:
        inner = list_of(inner, sent)
    return f"{inner} | None" if field.optional else inner


def metadata(field: ir.Field, event: bool) -> str:
    """`wire(…)` where the name and the type do not say it all."""
    parts = []
    if field.wire != field.name:
        parts.append(f'"{field.wire}"')
    if field.ref.name == "flag":
        parts.append("flag=True")
    also = field.also or ("str" if event and field.ref.base in ("int", "timestamp") else "")
    if not also and event and isinstance(field.ref.target, ir.Enum) and field.ref.target.numeric:
        also = "str"
    if also:
        parts.append(f"also={also}")
    if field.flat:
        parts.append("flat=True")
    if field.item:
        parts.append(f'item="{field.item}"')
    parts += [f"{name}={field.limits[name]}" for name in LIMITS if name in field.limits]
    parts += [f"pattern={literal(field.pattern)}"] if field.pattern else []
    return f"wire({', '.join(parts)})" if parts else ""


def definition(
    field: ir.Field,
    sent: bool,
    event: bool = False,
    hidden: Collection[str] = (),
    later: Collection[str] = (),
) -> str:
    """The line of a class that defines a field; `hidden` are words that mean another field there."""
    head = f"{field.name}: {unhidden(annotation(field, sent, later), hidden)}"
    if field.choices:
        start = f"{field.name}: {unhidden('Literal', hidden)}["
        head = fit(4, start, [literal(each) for each in field.choices], "]")
    facts = unhidden(metadata(field, event), hidden)
    maker = unhidden("field", hidden)
    parts = ["default=None"] if field.optional else []
    parts += ["repr=False"] if field.secret else []
    parts += [f"metadata={facts}"] if facts else []
    if parts in ([], ["default=None"]):
        return f"{head} = None" if field.optional else head
    joined = ", ".join(parts)
    flat = f"{head} = {maker}({joined})"
    if width(flat) + 4 <= WIDTH:
        return flat
    if len(joined) + 8 <= WIDTH:
        return f"{head} = {maker}(\n        {joined}\n    )"
    return f"{head} = {maker}(\n" + "".join(f"        {part},\n" for part in parts) + "    )"


def parameter(field: ir.Field, hidden: Collection[str] = ()) -> str:
    """The parameter of a method; `hidden` are words that mean another method of its class."""
    kind = unhidden(annotation(field, sent=True), hidden)
    return f"{field.name}: {kind}{' = None' if field.optional else ''}"


LIMITED = {
    Measure.ITEMS: {
        "between": sentence("{least} to {most} items."),
        "most": sentence("At most {most} items."),
        "most one": sentence("At most 1 item."),
        "least": sentence("At least {least} items."),
        "least one": sentence("At least 1 item."),
    },
    Measure.BYTES: {
        "between": sentence("{least} to {most} bytes."),
        "most": sentence("At most {most} bytes."),
        "most one": sentence("At most 1 byte."),
        "least": sentence("At least {least} bytes."),
        "least one": sentence("At least 1 byte."),
    },
    Measure.CHARS: {
        "between": sentence("{least} to {most} characters."),
        "most": sentence("At most {most} characters."),
        "most one": sentence("At most 1 character."),
        "least": sentence("At least {least} characters."),
        "least one": sentence("At least 1 character."),
    },
    Measure.NUMBER: {
        "between": sentence("{least} to {most}."),
        "most": sentence("At most {most}."),
        "least": sentence("At least {least}."),
    },
}
"""Whole sentences, because another language has another order."""


def limits(known: Mapping[str, int], say: Say = english) -> str:
    """The limits of a field, in words."""
    return " ".join(each for measure in Measure if (each := limit(known, measure, say)))


def limit(known: Mapping[str, int], measure: Measure, say: Say) -> str:
    """How many items, bytes or characters, or how great a number; nothing where all will do."""
    bounds = {
        LIMITS[name].most: bound for name, bound in known.items() if LIMITS[name].measure is measure
    }
    if not bounds:
        return ""
    kind = "between" if len(bounds) == 2 else "most" if True in bounds else "least"
    if list(bounds.values()) == [1] and measure.noun:
        kind += " one"
    amounts = {("most" if most else "least"): f"{bound:,}" for most, bound in bounds.items()}
    return say(LIMITED[measure][kind], **amounts)


def about(field: ir.Field, say: Say = english) -> str:
    """Everything there is to say about a field, as prose."""
    default = "" if field.default is None else repr(field.default).replace("'", '"')
    said = [
        say(field.doc),
        limits(field.limits, say),
        say("Matches `{pattern}`.", pattern=field.pattern) if field.pattern else "",
        say("{value} by default.", value=default) if default else "",
        say("Deprecated: {why}", why=say(field.deprecated)) if field.deprecated else "",
    ]
    # Chinese has no space between sentences.
    return " ".join(each for each in said if each).replace("。 ", "。")


def call_docstring(
    call: ir.Call,
    errors: Mapping[int, ir.ErrorCode],
    package: ir.Package,
    say: Say = english,
) -> list[str]:
    """What an editor shows for a method. Tools know the words `Args` and `Raises` in English only."""
    link = package.page(call.page)
    paragraphs = [say(call.doc), say("{title}: {link}", title=call.title, link=link)]
    if call.deprecated:
        paragraphs.append(say("Deprecated: {why}", why=say(call.deprecated)))
    if call.notes:
        paragraphs.append("\n".join(f"- {say(note)}" for note in call.notes))
    fields = ordered(call.request)
    if fields or call.download:
        rows = [f"    {field.name}: {about(field, say)}" for field in fields]
        if call.download:
            rows.append(f"    to: {say(TARGET_DOC)}")
        paragraphs.append("Args:\n" + "\n".join(rows))
    if call.errors:
        kinds: dict[str, list[str]] = {}
        for code in call.errors:
            kinds.setdefault(errors[code].cls, []).append(str(code))
        rows = [f"    {cls}: {', '.join(codes)}." for cls, codes in sorted(kinds.items())]
        paragraphs.append("Raises:\n" + "\n".join(rows))
    return paragraphs


TARGET_DOC = sentence(
    "A path, a folder or a binary file to write to; None for bytes in the result."
)


def ordered(record: ir.Record) -> list[ir.Field]:
    """Required fields first, each kind in the page's order."""
    return sorted(record.fields, key=lambda field: field.optional)


def next_page(call: ir.Call) -> list[str]:
    """The body of `after`: the lines that lead to the next page."""
    paging = call.paging
    assert paging is not None
    lines = [f"if not page.{paging.more}:", "    return None"] if paging.more else []
    if paging.style == "cursor":
        if paging.more:
            # Without a cursor the same page is asked for, which stops the walk with an error.
            step = f"page.{paging.next} or self.{paging.cursor}"
            return [*lines, f"return evolve(self, {paging.cursor}={step})"]
        step = f"evolve(self, {paging.cursor}=page.{paging.next}) if page.{paging.next} else None"
        return [f"return {step}"]
    if paging.style == "offset":
        return [*lines, *next_offset(call.request, paging)]
    if paging.until:
        lines += [f"if page.{paging.until}:", "    return None"]
    reply = {field.name for field in call.response.fields} if call.response else set()
    if paging.next in reply and any(field.name == "cursor" for field in call.request.fields):
        # WeCom changes from page numbers to a cursor when there is much.
        lines += [
            f"if page.{paging.next}:",
            f"    return evolve(self, cursor=page.{paging.next}, {paging.cursor}=None)",
            "if self.cursor:",
            "    return None",
        ]
    number = next(field for field in call.request.fields if field.name == paging.cursor)
    return [*lines, f"return evolve(self, {paging.cursor}={start(number)} + 1)"]


def next_offset(request: ir.Record, paging: ir.Paging) -> list[str]:
    """The lines that lead to the next page by an offset, which is told or counts the items."""
    fields = {field.name: field for field in request.fields}
    at = f"page.{paging.next}" if paging.next else f"{start(fields[paging.cursor])} + count"
    lines = []
    if not paging.next or not (paging.total or paging.more):
        lines.append("count = len(self.items_of(page))")
    if paging.total:
        lines += [f"if {at} >= page.{paging.total}:", "    return None"]
    elif not paging.more:
        size = fields[paging.limit]
        most = f"(self.{size.name} or {size.default})" if size.optional else f"self.{size.name}"
        lines += [f"if count < {most}:", "    return None"]
    return [*lines, f"return evolve(self, {paging.cursor}={at})"]


def start(cursor: ir.Field) -> str:
    """The number of the page or the item that a request begins with."""
    return f"(self.{cursor.name} or {cursor.default or 0})"


def failures(call: ir.Call) -> list[str]:
    """The body of `failures`: the lines that gather the items that failed."""
    found = []
    for partial in call.partial:
        path, record, guards = "self", call.response, []
        for part in partial.items.split("."):
            field = next(each for each in record.fields if each.name == part) if record else None
            assert field is not None
            path = f"{path}.{part}"
            guards += [path] if field.optional else []
            record = field.ref.target if isinstance(field.ref.target, ir.Record) else None
        chosen = f"[each for each in {path} if each.{partial.code}]" if partial.code else path
        found.append((chosen, guards))
    if len(found) == 1 and not found[0][1]:
        chosen = found[0][0]
        return [f"return {chosen if chosen.startswith('[') else f'list({chosen})'}"]
    lines = [f"failed: {failure_type(call.partial, call)} = []"]
    for chosen, guards in found:
        if guards:
            flat = f"if {' and '.join(guards)}:"
            split = "\n            and ".join(guards)
            fits = len(flat) + 8 <= WIDTH
            lines.append(flat if fits else f"if (\n            {split}\n        ):")
        lines.append(f"{'    ' if guards else ''}failed += {chosen}")
    return [*lines, "return failed"]


def failure_type(partials: Sequence[ir.Partial], call: ir.Call) -> str:
    kinds = []
    for partial in partials:
        record: ir.Type | None = call.response
        for part in partial.items.split("."):
            assert isinstance(record, ir.Record)
            field = next(each for each in record.fields if each.name == part)
            record = field.ref.target
        kind = type_name(field.ref)
        kinds += [kind] if kind not in kinds else []
    return f"list[{' | '.join(kinds)}]"


def rules(record: ir.Record) -> list[str]:
    """The relations between the fields of a record, as class variables."""
    lines = []
    for name, groups in (("any_of", record.any_of), ("one_of", record.one_of)):
        if groups:
            flat = f"__{name}__: ClassVar = {literal(groups)}"
            inner = "".join(f"        {rows(8, '', group)},\n" for group in groups)
            fits = len(flat) + 4 <= WIDTH
            lines.append(flat if fits else f"__{name}__: ClassVar = (\n{inner}    )")
    return lines


def class_head(name: str, base: str) -> str:
    flat = f"class {name}({base}):"
    return flat if len(flat) <= WIDTH else f"class {name}(\n    {base}\n):"


KNOWN: dict[str, str] = {
    "Mapping": "collections.abc",
    "datetime": "datetime",
    "cached_property": "functools",
    **dict.fromkeys(
        ("Annotated", "Any", "ClassVar", "Literal", "Self", "TypeAlias", "TYPE_CHECKING"),
        "typing",
    ),
    "warn": "warnings",
    **dict.fromkeys(("define", "evolve", "field"), "attrs"),
    **dict.fromkeys(("SyncDriver", "Pager"), "._runtime.sync_driver"),
    **dict.fromkeys(("AsyncDriver", "AsyncPager"), "._runtime.async_driver"),
    "CallTable": "._runtime.call_table",
    **dict.fromkeys(("Event", "UnknownEvent", "dump_event", "read_event"), "._runtime.events"),
    **dict.fromkeys(("Download", "FileContent", "Destination"), "._runtime.media"),
    **dict.fromkeys(
        ("Call", "Endpoint", "Model", "OpenInt", "OpenStr", "PagedCall", "Paginate",
         "SequenceNotStr", "Tagged", "Unknown", "wire"), "._runtime.model"
    ),
    **dict.fromkeys(("ErrorFact", "raise_partial"), ".errors"),
}  # fmt: skip
"""Where the names are from that templates use and the API does not define."""


NAME = re.compile(r"[A-Za-z_]\w*")
STRING = r'"(?:[^"\\\n]++|\\.)*+"'
USED = re.compile(
    STRING + r"|#.*+|(?:def|class) \w++|=[a-z]\w*+(?=[,)])|([.A-Za-z_][\w.]*+)(?!=|: )"
)
"""A dotted name. Passed over are strings, comments, what is defined, and keywords of calls with their parameters."""
BARE = re.compile(STRING + r"|([.A-Za-z_][\w.]*+)(?!=)")
"""A dotted name in an annotation or a default; strings and keywords are passed over."""
QUOTED = re.compile(r'(?::(?<=\w:)|->) "([^"\n]*)"')
"""An annotation in quotes."""
OWN = re.compile(r"^(?: *from \S+ import (.+)|(?:class|def|async def) (\w+))", re.MULTILINE)
"""What a body imports or defines itself."""
PUBLIC = re.compile(r"^__all__ = \[([^]]*)\]", re.MULTILINE)


WORDS = {*dir(builtins), *KNOWN}
"""What generated code calls by its bare name."""


def hidden_by(names: Iterable[str]) -> set[str]:
    """The words that mean something else among fields or methods of these names, such as `list`."""
    return WORDS.intersection(names)


def unhidden(code: str, hidden: Collection[str]) -> str:
    """Code for a place where words are hidden: `_list[str]`, and the import says what `_list` is."""

    def spell(found: re.Match[str]) -> str:
        first = (found[1] or "").partition(".")[0]
        return f"_{found[0]}" if first in hidden else found[0]

    return BARE.sub(spell, code) if hidden else code


def used_names(body: str) -> tuple[set[str], set[str]]:
    """Names a module needs from others, and those that stand in quoted annotations only.

    Rendered code is regular enough for patterns, which are six times as fast as parsing it: a quarter of the
    whole run. ruff tells if a name is missing or too much.
    """
    code = "".join(body.split('"""')[::2])
    used = {name.partition(".")[0] for name in set(USED.findall(code))}
    public = names_in(*PUBLIC.findall(code))
    own = names_in(*(name for found in OWN.findall(code) for name in found))
    direct = (used | public) - own
    return direct, names_in(*QUOTED.findall(code)) - direct


def names_in(*texts: str) -> set[str]:
    return set(NAME.findall(" ".join(texts)))


def imports(body: str, homes: Mapping[str, str], own: str) -> str:
    """Exactly the imports that a module body needs, sorted as ruff sorts them.

    What stands in quoted annotations only is imported for type checkers only.
    """
    direct, quoted = used_names(body)
    now: dict[str, set[str]] = {}
    later: dict[str, set[str]] = {}
    for names, where in ((direct, now), (quoted, later)):
        for name in names:
            home, entry = f".{homes[name]}" if name in homes else KNOWN.get(name), name
            if home is None and name[1:] in WORDS and name[0] == "_":
                home, entry = KNOWN.get(name[1:], "builtins"), f"{name[1:]} as {name}"
            if home is not None and home != f".{own}":
                where.setdefault(home, set()).add(entry)
    if later:
        now.setdefault("typing", set()).add("TYPE_CHECKING")
    text = blocks(now, 0)
    return f"{text}\n\nif TYPE_CHECKING:\n{blocks(later, 4)}" if later else text


def blocks(modules: Mapping[str, Iterable[str]], indent: int) -> str:
    """Import lines in ruff's three sections."""
    found = [
        "\n".join(import_lines({m: names for m, names in modules.items() if section(m) == each}))
        for each in range(3)
    ]
    text = "\n\n".join(block for block in found if block)
    return "\n".join(f"{' ' * indent}{line}" if line else "" for line in text.split("\n"))


def section(module: str) -> int:
    """Standard library, third party, own."""
    return 2 if module.startswith(".") else 1 if module == "attrs" else 0


def import_lines(modules: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for module in sorted(modules):
        names = sorted(modules[module], key=name_order)
        plain = [name for name in names if " as " not in name]
        if plain:
            yield fit_import(module, plain)
        yield from (f"from {module} import {name}" for name in names if " as " in name)


def name_order(name: str) -> tuple[int, str, str]:
    """isort's order: constants, classes, the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


def fit_import(module: str, names: Sequence[str], indent: int = 0) -> str:
    flat = f"from {module} import {', '.join(names)}"
    if len(flat) + indent <= WIDTH:
        return flat
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def public_names(path: Path) -> list[str]:
    """The `__all__` of a runtime module, or its public classes, read without importing it."""
    text = path.read_text("utf-8")
    if found := PUBLIC.search(text):
        return NAME.findall(found[1])
    return re.findall(r"^class ([A-Za-z]\w*)", text, re.MULTILINE)
