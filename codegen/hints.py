"""What a person probably meant: words of other formats, and lines at which a YAML parser stops.

A parser says where it could not go on, which is seldom where the mistake is, and never what would be right.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

KEY = r"[A-Za-z_][\w-]*[?？]?"
START = rf"^\s*(?:- +)?{KEY}: +"
"""The key of a line, up to its text."""
INSIDE = rf"[{{,]\s*{KEY}: +"
"""The same inside { }."""
PROSE = r"(?:doc|title|advice|deprecated): +"

CONFLICT = r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)"

QUOTED_INSIDE = 'inside { } a text that holds one of , : # [ ] { } is quoted: {doc: "…"}'
QUOTED_WHOLE = "a text that begins with one of \" ' [ { ` @ % & * ! | > is quoted as a whole: '…'"
A_LIST = "a list is [Name]: [str]"
MAYBE = "what may be absent has a ? after its name: `name?: str`"
A_MAPPING = "a mapping is a type with `fields`, or {str: Name} where the keys are free"

LINES = [
    (r"\t", "a tab; YAML is indented with spaces"),
    (r"^ *[\u00a0\u2000-\u200b\u3000\ufeff]", "a full-width or invisible space; it must be a plain one"),
    (rf"{KEY}:[\u00a0\u2000-\u200b\u3000]", "a full-width or invisible space; it must be a plain one"),
    (rf"(?:^\s*(?:- +)?|[{{,，]\s*){KEY}\s*：", "a full-width colon `：`; a key is followed by `: `"),
    (rf"[{{\[].*，\s*{KEY}\s*[:：]", "a full-width comma `，`; keys are separated by `, `"),
    (rf"[{{\[].*[；;]\s*{KEY}\s*:", "a semicolon; keys are separated by `, `"),
    (r"[:：]\s*[｛［【]|[｝］】]\s*$", "full-width brackets; they are `{ }` and `[ ]`"),
    (r": *Optional\[", MAYBE),
    (r": *(?:[Dd]ict|[Mm]ap|Mapping)\[", A_MAPPING),
    (r": *(?:Union|Literal)\[", "several types are a union or an enum, a type of its own under `types`"),
    (r": *\[?\w+\[", A_LIST),
    (rf"^\s*{KEY}\s*=", "a key is followed by `: `, not by ="),
    (rf"(?:^\s*(?:- +)?|[{{,]\s*){KEY}:(?=[^\s/])", "a space is missing after the colon"),
    (rf"{INSIDE}[^\s,\"'{{\[\]}}]+ (?:type|doc|wire|max_\w+|min_\w+): ", "a comma is missing between two keys"),
    (r",\s*,|[{\[]\s*,", "a comma too many"),
    (rf"{INSIDE}[^\"'{{\[,}}\]]*(?::| #)(?: |$)", QUOTED_INSIDE),
    (rf"{{.*{PROSE}[^\"'{{\[,}}\]]*[{{\[\]]", QUOTED_INSIDE),
    (rf"{START}(?:[`@%*|>&!]|\"[^\"]*\" *[^\s,}}\]#]|'[^']*' *[^\s,}}\]#'])", QUOTED_WHOLE),
    (r"^\s*- +[`@%*|>&!]", QUOTED_WHOLE),
    (rf"{START}(?:\[[^\]]*\]|{{[^}}]*}}) *[^\s#,\]}}]", QUOTED_WHOLE),
    (rf"{START}[^\s\"'{{\[].*:(?: |$)", 'a text with a colon in it is quoted: doc: "…"'),
    (r"\"[^\"]*\\", "inside \" \" a backslash begins an escape; write \\\\, or quote with ' '"),
    (r"^(?:---|\.\.\.)", "a file is one document; it has no --- or ... in it"),
    (r"^%", "directives such as %YAML are not used here"),
]  # fmt: skip
"""Patterns of lines that no YAML parser takes, and what to say of them; the first that fits is meant.

They are compiled when they are needed, as most runs find no mistake.
"""
OPENED = rf"(?:{KEY}:|^\s*-) +([\"'])(?:(?!\1).)*$"
"""A quote that is not closed on its line."""
STRINGS = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'"


class Stop(NamedTuple):
    """Where a parser stopped; lines and columns count from 0."""

    problem: str
    context: str
    """What it was reading."""
    line: int
    column: int
    since: int
    """The line on which that began."""
    since_column: int


def explain(rows: Sequence[str], stop: Stop) -> tuple[int, str]:
    """The line that is probably wrong, from 0, and what is wrong with it."""
    for number, row in enumerate(rows):
        if re.match(CONFLICT, row):
            return number, "a marker of a merge conflict; keep one of the two versions"
    last = len(rows) - 1  # a parser may stop behind it
    stop = stop._replace(line=min(stop.line, last), since=min(stop.since, last))
    above = next((n for n in range(stop.line - 1, -1, -1) if rows[n].strip()), stop.line)
    if "quoted scalar" in stop.context and "escape" not in stop.problem:
        return stop.since, "a quote is opened here and closed nowhere"
    in_brackets = "flow" in stop.context
    for number in (stop.line, stop.since if in_brackets else above, above):
        for pattern, hint in LINES:
            if re.search(pattern, rows[number]):
                return number, hint
    for number in dict.fromkeys((stop.since if in_brackets else stop.line, stop.line, above)):
        left_open = unclosed(rows[number])
        if left_open > 0:
            return number, "a bracket is opened here and not closed"
        if left_open < 0:
            return number, "a closing bracket too many"
    opened = [n for n, text in enumerate(rows[: stop.line + 1]) if re.search(OPENED, text)]
    if opened:
        return opened[0], f"a quote is opened here and not closed before line {stop.line + 1}"
    if in_brackets:
        return stop.line, "a comma or a bracket is missing on this line or the line above"
    if "anchor" in stop.context or "alias" in stop.problem + stop.context:
        return stop.line, QUOTED_WHOLE
    if ":" not in rows[stop.line] and rows[stop.line].strip():
        return (
            stop.line,
            "no colon after the key; a text that goes on is indented deeper than its key",
        )
    if "block" in stop.context and stop.column != stop.since_column:
        return stop.line, (
            f"indented by {stop.column}, where the lines since line {stop.since + 1} are indented by "
            f"{stop.since_column}; mend this line or the line above"
        )
    return stop.line, (
        "the indentation of this line or the line above is wrong, or a text with a colon is not quoted"
    )


def unclosed(row: str) -> int:
    """How many brackets a line opens more than it closes."""
    bare = re.sub(STRINGS, "", row)
    return sum((char in "{[") - (char in "}]") for char in bare)


KEYS = {
    **dict.fromkeys(
        ("description", "desc", "comment", "summary", "explain", "help", "meaning"), "doc"
    ),
    **dict.fromkeys(("params", "parameters", "param", "args", "body", "query", "input"), "request"),
    **dict.fromkeys(("returns", "return", "result", "reply", "output", "resp"), "response"),
    **dict.fromkeys(("method", "path", "url", "endpoint"), "call"),
    **dict.fromkeys(("page", "doc_id", "href", "document"), "link"),
    **dict.fromkeys(("pagination", "paging", "pager"), "paginate"),
    **dict.fromkeys(("errcodes", "codes", "errcode"), "errors"),
    **dict.fromkeys(("maxlength", "max_length", "maxlen", "length"), "max_chars"),
    **dict.fromkeys(("minlength", "min_length", "minlen"), "min_chars"),
    **dict.fromkeys(("maxitems", "max_count"), "max_items"),
    **dict.fromkeys(("maximum", "max_value", "maxvalue"), "max"),
    **dict.fromkeys(("minimum", "min_value", "minvalue"), "min"),
    **dict.fromkeys(("properties", "members"), "fields"),
    **dict.fromkeys(("values", "choices"), "enum"),
    **dict.fromkeys(("oneof", "xor"), "one_of"),
    **dict.fromkeys(("hint", "fix", "solution"), "advice"),
    "note": "notes",
    "discriminator": "union",
    "wire_name": "wire",
    "class": "class_name",
}
"""What other formats call it, and what it is here."""

NOT_KEYS = {
    **dict.fromkeys(("required", "optional", "nullable"), f"a field is required; {MAYBE}"),
    **dict.fromkeys(
        ("enum", "values", "fields", "properties", "union"),
        "an enum, a record or a union is a type of its own under `types`",
    ),
    "<<": "nothing is merged from elsewhere",
}
"""What is no key here, and what to do instead."""


def key_hint(key: object, known: Iterable[str]) -> str:
    """What to say of a key that nothing has."""
    word, known = str(key), list(known)
    for sign in "：:=":
        if sign in word:
            return "a key is followed by `: `; "
    if " " in word or "，" in word or "," in word:
        return "a text with a comma or a colon is quoted inside { }; "
    if word.isdigit():  # 1,500 gives a number, 1,000 a word
        return "a number has no commas; "
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower().replace("-", "_").strip()
    for meant in (plain, KEYS.get(plain.replace("_", "")), KEYS.get(plain)):
        if meant in known:
            return f"did you mean {meant!r}? "
    if plain in NOT_KEYS:
        return f"{NOT_KEYS[plain]}; "
    close = get_close_matches(plain, known, n=1)
    return f"did you mean {close[0]!r}? " if close else ""


TYPES = {
    **dict.fromkeys(("string", "text", "char", "varchar", "bytes", "字符串"), "write str"),
    **dict.fromkeys(
        ("integer", "number", "long", "short", "int32", "int64", "uint32", "uint64", "整数"),
        "write int",
    ),
    **dict.fromkeys(("double", "decimal"), "write float"),
    "boolean": "write bool, or flag where it is 0 or 1 on the wire",
    **dict.fromkeys(
        ("datetime", "date", "time", "unixtime"),
        "write timestamp for Unix seconds, str for other dates",
    ),
    **dict.fromkeys(
        ("list", "array", "sequence", "set", "tuple", "vector", "iterable", "数组"), A_LIST
    ),
    **dict.fromkeys(("dict", "map", "mapping", "object", "json", "struct", "对象"), A_MAPPING),
    "optional": MAYBE,
    **dict.fromkeys(("null", "none", "nil"), MAYBE),
    **dict.fromkeys(("enum", "union", "literal", "枚举"), "it is a type of its own under `types`"),
    "binary": "write file",
}
"""Words that other languages have for types."""


def type_hint(written: str, known: Iterable[str]) -> str:
    """What to write for a type that does not exist; nothing if nobody knows."""
    word = written.strip()
    if word.endswith("[]") or re.fullmatch(r"[\[【［].*[\]】］]", word):
        return A_LIST
    if word.endswith(("?", "？")) or re.search(r"\bNone\b|\bnull\b", word):
        return MAYBE
    if "|" in word:
        return "several types are a union, a type of its own under `types`"
    head = re.match(r"\w*", word)
    foreign = TYPES.get(head[0].lower() if head else "")
    names = list(known)
    if foreign:
        return foreign
    if word.lower() in names:
        return f"write {word.lower()}"
    plain = word.rpartition(".")[2].replace("_", "")
    same = [name for name in names if name.lower() == plain.lower()]
    close = same or get_close_matches(plain, names, n=1)
    return f"did you mean {close[0]}?" if close else ""


def spelled(word: str, pattern: str) -> str:
    """The word as a name that fits a pattern: `shopName` → `shop_name`, `shop_kind` → `ShopKind`; else nothing."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", word)
    maybe = "?" if word.endswith(("?", "？")) else ""
    snake = "_".join(part.lower() for part in parts)
    for candidate in (snake + maybe, snake, "".join(part.capitalize() for part in parts)):
        if candidate and re.fullmatch(pattern, candidate):
            return candidate
    return ""
