"""The Chinese of the spec: a gettext catalogue beside it, `spec/locale/zh_CN.po`.

`python -m codegen messages` merges every sentence of the spec, of the generator and of the package's programs into it;
lint says what is missing or no longer fits. A spec without a catalogue is a spec in English. Only this file knows Babel, and only
where a catalogue is read that was not read before.

The sentences of the generator and of programs are written where they are used, as `say("At most {most} items.")`, or
`sentence("…")` where they are said later.
"""

import hashlib
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attrs import frozen

from codegen import ir, lint
from codegen.problems import Problem, SpecError, Where

HERE = Path(__file__).parent
SURFACES = HERE / "surfaces"
CATALOGUE = "locale/zh_CN.po"
HEADER = r"""# The texts of spec/, of the generator and of programs in Chinese. The terms are in glossary.md.
msgid ""
msgstr ""
"Language: zh_CN\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

SAID = re.compile(r'\b(?:say|sentence)\(\s*((?:"(?:[^"\\\n]|\\.)*"\s*)+)')
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
HAN = "\u4e00-\u9fff"
CHINESE = re.compile(rf"[{HAN}\u3000-\u303f\uff01-\uff65]")
NAME = re.compile(r"`[^`]+`|\b[A-Za-z]\w*_\w+", re.ASCII)
"""In backticks, or of several words."""
URL = re.compile(r"https?://[\w./?=&%#-]*[\w/]", re.ASCII)
PLACEHOLDER = re.compile(r"\{\w*\}")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})(?= \d{{4}})")
HALF_WIDTH = re.compile(rf"[{HAN}`][,;:!?](?![\w`])|[{HAN}][,;:!?.()]|[()][{HAN}]")
NO_SPACE = re.compile(rf"[{HAN}][A-Za-z0-9`{{]|[A-Za-z0-9`}}%][{HAN}]")


class Source(NamedTuple):
    """A sentence in English: where it stands first, and what it is about."""

    at: Where
    file: str
    """As the catalogue names it: from the root of the project."""
    about: str


class Entry(NamedTuple):
    """A sentence in Chinese, as the catalogue has it."""

    chinese: str
    line: int
    fuzzy: bool
    """The English has changed since, and nobody has looked yet."""
    faults: Sequence[str]
    """Where the two do not say the same."""

    @property
    def ready(self) -> bool:
        return bool(self.chinese) and not self.fuzzy and not self.faults


@frozen
class Catalogue:
    """English and Chinese."""

    entries: Mapping[str, Entry]

    def __call__(self, text: str, /, **values: str) -> str:
        """Say it in Chinese; what has none yet, or a wrong one, in English."""
        entry = self.entries.get(text)
        if entry and entry.ready:
            text = entry.chinese
        return text.format(**values) if values else text

    def texts(self, api: ir.Api) -> dict[str, str]:
        """The sentences that the package has use for, and that have Chinese: of the spec and of its programs."""
        known = sources(api) | program_sources(api)
        return {
            english: entry.chinese
            for english, entry in self.entries.items()
            if entry.ready and english in known
        }


def sources(api: ir.Api) -> dict[str, Source]:
    """Every sentence of the spec, in the order of the files."""
    found: dict[str, Source] = {}
    for at, about, text in sorted(lint.prose(api), key=lambda each: (each[0].file, each[0].line)):
        if text and text not in found:
            found[text] = Source(at, f"spec/{at.file}", about)
    return found


def own_sources() -> dict[str, Source]:
    """The generator's own sentences."""
    paths = sorted([*HERE.glob("*.py"), *HERE.glob("templates/*.j2")])
    return said_in(path for path in paths if path != Path(__file__))


def program_sources(api: ir.Api) -> dict[str, Source]:
    """The sentences of the programs that come with the package, such as its command."""
    programs = api.package.surfaces if api.package is not None else ()
    return said_in(path for name in programs for path in sorted((SURFACES / name).rglob("*.py")))


def said_in(paths: Iterable[Path]) -> dict[str, Source]:
    """The sentences that some files of ours say."""
    found: dict[str, Source] = {}
    for path in paths:
        whole = path.read_text("utf-8")
        if not ("say(" in whole or "sentence(" in whole):
            continue
        name = path.relative_to(HERE.parent).as_posix()
        for said in SAID.finditer(whole):
            text = json.loads('"' + "".join(LITERAL.findall(said[1])) + '"')
            line = whole.count("\n", 0, said.start()) + 1
            found.setdefault(text, Source(Where(name, line), name, ""))
    return found


def every(api: ir.Api) -> dict[str, Source]:
    """Every sentence that is to be said in Chinese: of the spec first, then of the generator, then of programs."""
    found = sources(api)
    for text, source in (own_sources() | program_sources(api)).items():
        found.setdefault(text, source)
    return found


def load(spec: Path) -> Catalogue | None:
    """The catalogue beside a spec; None where there is none. Raises `SpecError` where it cannot be read."""
    try:
        content = (spec / CATALOGUE).read_bytes()
    except FileNotFoundError:
        return None
    # Reading takes half as long as all the rest of lint. What was read stays where compiled modules do.
    kept = HERE / "__pycache__" / "messages.json"
    code = str(Path(__file__).stat().st_mtime_ns).encode()
    digest = hashlib.sha256(code + content).hexdigest()
    try:
        cached = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        cached = {}
    if cached.get("digest") == digest:
        rows = cached["entries"]
    else:
        rows = list(read(content))
        if os.access(HERE, os.W_OK) and not sys.dont_write_bytecode:
            kept.parent.mkdir(exist_ok=True)
            beside = kept.with_name(f".{kept.name}.{os.getpid()}")
            beside.write_text(json.dumps({"digest": digest, "entries": rows}), "utf-8")
            os.replace(beside, kept)
    return Catalogue({english: Entry(*row) for english, *row in rows})


def read(content: bytes) -> Iterator[tuple[str, str, int, bool, list[str]]]:
    """English and the parts of its entry, of every sentence in the catalogue."""
    from babel.messages import pofile

    try:
        text = content.decode("utf-8")
        catalogue = pofile.read_po(io.StringIO(text), abort_invalid=True)
    except UnicodeDecodeError as error:
        raise SpecError([Problem(Where(CATALOGUE, 1), f"not UTF-8: {error.reason}")]) from None
    except pofile.PoFileError as error:
        line = (error.lineno or 0) + 1
        raise SpecError([Problem(Where(CATALOGUE, line), f"not gettext: {error}")]) from None
    seen: set[str] = set()
    for number, row in enumerate(text.splitlines(), 1):
        if row.startswith("msgid ") and row != 'msgid ""':
            if row in seen:
                raise SpecError([Problem(Where(CATALOGUE, number), f"a second time: {row}")])
            seen.add(row)
    for message in catalogue:
        if message.id:
            english, chinese = str(message.id), str(message.string)
            faults = list(differences(english, chinese)) if chinese else []
            yield english, chinese, message.lineno or 1, message.fuzzy, faults


def differences(english: str, chinese: str) -> Iterator[str]:
    """Where the Chinese does not say what the English says, or is not written as Chinese is."""
    both = []
    for text in (english, chinese):
        urls = URL.findall(text)
        # A name that is not in backticks has an s in English where there are several.
        names = [name.removesuffix("s") for name in NAME.findall(text)]
        rest = URL.sub(" ", NAME.sub(" ", text))
        holes = PLACEHOLDER.findall(text)
        rest = MONTH.sub(lambda found: str(MONTHS.index(found[1]) + 1), rest)
        numbers = [each.replace(",", "") for each in NUMBER.findall(rest)]
        both.append(Counter([*names, *urls, *holes, *numbers]))
    for one, other, words in (
        (both[0], both[1], "stands in the English and not in the Chinese"),
        (both[1], both[0], "stands in the Chinese and not in the English"),
    ):
        for what in one - other:
            yield f"{what} {words}"
    if not CHINESE.search(chinese):
        yield "the Chinese is not Chinese"
    if (english[-1] in ".!?") != (chinese[-1] in "。！？"):
        yield "a sentence ends with a full stop, in both languages"
    plain = re.sub(r"`[^`]+`", "``", chinese)
    if found := HALF_WIDTH.search(plain):
        yield f"{found[0]!r}: punctuation in Chinese is full-width"
    if found := NO_SPACE.search(plain):
        yield f"{found[0]!r}: a space stands between Chinese and other letters, digits and names"


def missing(known: Mapping[str, Source], catalogue: Catalogue) -> list[Problem]:
    """What has no Chinese. It is still to be done, and no mistake: it is said in English meanwhile."""
    found: list[Problem] = []
    for english, source in known.items():
        entry = catalogue.entries.get(english)
        if entry is None:
            found.append(problem(source, f"{short(english)} is not in {CATALOGUE}; {MERGE}"))
        elif not entry.chinese:
            found.append(problem(source, f"{short(english)} has no Chinese, {place(entry)}"))
    return found


def findings(known: Mapping[str, Source], catalogue: Catalogue) -> list[Problem]:
    """Where English and Chinese do not say the same, or perhaps not, and Chinese without English."""
    found: list[Problem] = []
    for english, entry in catalogue.entries.items():
        if english not in known:
            at = Where(CATALOGUE, entry.line)
            found.append(
                problem(Source(at, "", ""), f"nothing says {short(english)} any more; {MERGE}")
            )
        elif entry.fuzzy:
            text = (
                f"{short(english)} was changed; see whether its Chinese still fits, {place(entry)}"
            )
            found.append(problem(known[english], f"{text}, and take out the word fuzzy"))
        else:
            for each in entry.faults:
                found.append(problem(known[english], f"{each}, {place(entry)}"))
    return sorted(found, key=lambda each: (each.where.file, each.where.line))


def problem(source: Source, text: str) -> Problem:
    about = f"{source.about}: " if source.about else ""
    return Problem(source.at, f"{about}{text} [chinese]")


def short(text: str) -> str:
    return f'"{text}"' if len(text) < 60 else f'"{text[:56]}…"'


def place(entry: Entry) -> str:
    return f"{CATALOGUE}:{entry.line}"


MERGE = "run `python -m codegen messages`"


def merge(api: ir.Api, spec: Path) -> tuple[str, Counter[str]]:
    """The catalogue with every sentence and no other, and how many are `new`, `fuzzy`, `gone`.

    What is new and close to a sentence that is gone takes over its Chinese and is fuzzy, as gettext does.
    """
    from babel.messages import Catalog, pofile

    known = every(api)
    path = spec / CATALOGUE
    old = Catalog(charset="utf-8")
    if path.exists():
        load(spec)  # says what is wrong with it
        old = pofile.read_po(io.StringIO(path.read_text("utf-8")))
    had = {str(message.id) for message in old if message.id}
    template, new, gone = (Catalog(charset="utf-8") for _ in range(3))
    for english, source in known.items():
        comments = [source.about] if source.about else []
        for each in (template, new) if english not in had else (template,):
            each.add(english, locations=[(source.file, 0)], auto_comments=comments)
    for message in old:
        if message.id and str(message.id) not in known:
            gone[message.id] = message
    gone.update(new)
    old.update(template, no_fuzzy_matching=True)
    old.obsolete.clear()
    for english in known.keys() - had:
        taken, fresh = gone.get(english), old.get(english)
        if taken and fresh and taken.fuzzy:
            fresh.string = taken.string
            fresh.flags.add("fuzzy")
    text = io.BytesIO()
    pofile.write_po(text, old, width=0, omit_header=True, include_lineno=False)
    counts = Counter(
        {
            "new": len(known.keys() - had),
            "fuzzy": sum(message.fuzzy for message in old if message.id),
            "gone": len(had - known.keys()),
        }
    )
    return HEADER + text.getvalue().decode(), counts
