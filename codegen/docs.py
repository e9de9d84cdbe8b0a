"""From the reference to the pages of the documentation site, in one language, and the site's configuration.

The pages are plain Markdown, a folder for each language with the same pages in both: the reference is made here, guides,
examples and the changelog are taken as they are, but for their links. Zensical makes HTML of them; `make docs` calls it.
Knows nothing of the spec or the IR. What is not in the reference of `reference.json` is not in the documentation either.
"""

import json
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from codegen import examples, python
from codegen.python import Say, sentence
from codegen.render import HERE, environment
from codegen.runtime import limits, reference
from codegen.runtime.reference import Call, Field, Language, Record, Reference, Union

Words: TypeAlias = dict[str, Any]

GUIDES = (
    "before-you-start",
    "quickstart",
    "callbacks",
    "results",
    "cookbook",
    "production",
    "testing",
    "scale",
    "mirror",
    "cli",
    "agents",
    "migrating",
    "openapi",
    "reference-format",
    "add-an-endpoint",
    "spec-format",
    "architecture",
)
"""The order of the guides; one that is not named here comes after these."""

LIST = "[]"
SCALARS = {
    "str": ("str", sentence("Text.")),
    "int": ("int", sentence("A whole number.")),
    "float": ("float", sentence("A number.")),
    "bool": ("bool", sentence("Yes or no.")),
    "flag": ("bool", sentence("Yes or no; 1 or 0 in JSON.")),
    "timestamp": ("datetime", sentence("A moment, always with a time zone; Unix seconds in JSON.")),
    "any": ("Any", sentence("JSON data of any shape.")),
    "file": (
        "FileContent",
        sentence("A path, a binary file that has a name, or `Upload(content, name=…)`."),
    ),
}
"""What Python calls a scalar, and what it is."""

MAX_SHOWN = 12
"""Enums with more members are not told where they are used, but at their own place."""

WINDOWS = {
    limits.MINUTE: sentence("{count} a minute"),
    limits.HOUR: sentence("{count} an hour"),
    limits.DAY: sentence("{count} a day"),
    limits.MONTH: sentence("{count} a month"),
}

MISSING = {
    "en": sentence("This guide is not in English yet."),
    "zh": sentence("This guide is not in Chinese yet."),
}

CODE = re.compile(r"`([^`]+)`")
NAMES = re.compile(r"[A-Z]\w*|\w+\.\w+|-?\d+")
"""What in a sentence can only be a type, an event, a call or a code; a bare word may be a field as well as a resource."""
BLANKS = re.compile(r"^ *(```)\w+$.*?^ *```$|\n{3,}", re.M | re.S)
"""Empty lines, of which a template may leave several; those in code are meant."""
SPECIAL = re.compile(r"[\\*{}\[\]|]|(?<![^\W_])_|_(?![^\W_])|^[#+>-]")


@frozen
class Place:
    """A page, and where on it."""

    page: str
    anchor: str = ""

    def seen_from(self, page: str) -> str:
        """As a link on another page has it."""
        path = posixpath.relpath(self.page, posixpath.dirname(page) or ".")
        anchor = f"#{self.anchor}" if self.anchor else ""
        return anchor if self.page == page and anchor else f"{path}{anchor}"


def page_of(resource: str) -> str:
    return f"calls/{resource}.md"


class Pages:
    """The pages of the reference in one language."""

    def __init__(self, reference: Reference, say: Say) -> None:
        self.reference = reference
        self.say = say
        self.jinja = environment()
        self.jinja.globals["say"] = say
        self.jinja.filters["cell"] = lambda text: text.replace("\n", "<br>")
        self.resources = {each.name for each in reference.resources()}
        self.places = dict(self.homes())
        self.sent = self.reached(field for call in reference.calls() for field in call.request)

    def homes(self) -> Iterator[tuple[str, Place]]:
        """Where everything that has a name is told."""
        for name in SCALARS:
            yield name, Place("types.md", name)
        for type_ in self.reference.types():
            if type_.kind == "enum":
                yield type_.name, Place("enums.md", type_.name)
            elif type_.kind == "alias" or type_.module not in self.resources:
                yield type_.name, Place("types.md", type_.name)
            else:
                yield type_.name, Place(page_of(type_.module), type_.name)
        for event in self.reference.events():
            yield event.name, Place(f"events/{event.name}.md")
        for resource in self.reference.resources():
            yield resource.name, Place(page_of(resource.name))
        for call in self.reference.calls():
            page = page_of(call.resource)
            yield call.request_class, Place(page, call.name.partition(".")[2])
            yield call.name, Place(page, call.name.partition(".")[2])
        for error in self.reference.errors():
            yield str(error.code), Place("errors.md", str(error.code))

    def reached(self, fields: Iterable[Field]) -> set[str]:
        """The types of some fields, and all that is in them."""
        found: set[str] = set()
        stack = [each.type for each in fields]
        while stack:
            name = stack.pop()
            if name in found or name in SCALARS:
                continue
            found.add(name)
            type_ = self.reference.type(name)
            if isinstance(type_, Record):
                stack += [each.type for each in type_.fields]
            elif isinstance(type_, Union):
                stack += [each.type for each in type_.variants]
        return found

    def all(self) -> dict[str, str]:
        """Every page by its path."""
        found = {
            "calls/index.md": self.render("calls", "calls/index.md", resources=self.overview()),
            "types.md": self.render("types", "types.md", **self.shared()),
            "enums.md": self.render("enums", "enums.md", enums=self.enums()),
            "errors.md": self.render("errors", "errors.md", errors=self.errors()),
            "events/index.md": self.render(
                "events", "events/index.md", events=self.reference.events()
            ),
        }
        for resource in self.reference.resources():
            page = page_of(resource.name)
            found[page] = self.render("resource", page, **self.resource(resource, page))
        for event in self.reference.events():
            page = f"events/{event.name}.md"
            found[page] = self.render("event", page, **self.event(event, page))
        return found

    def render(self, template: str, page: str, **words: Any) -> str:
        whole = self.jinja.get_template(f"docs_{template}.md.j2").render(
            link=lambda name: self.link(name, page),
            prose=lambda text: self.prose(text, page),
            **words,
        )
        return BLANKS.sub(lambda found: found[0] if found[1] else "\n\n", whole).strip("\n") + "\n"

    # Words

    def link(self, name: str, page: str, shown: str = "") -> str:
        """A name that leads to where it is told."""
        return f"[`{shown or name}`]({self.places[name].seen_from(page)})"

    def prose(self, text: str, page: str) -> str:
        """A sentence as Markdown, safe in a table; names in backticks lead to where they are told."""
        parts = CODE.split(text)
        for index, part in enumerate(parts):
            if index % 2 == 0:
                parts[index] = escaped(part)
            elif part in self.places and NAMES.fullmatch(part):
                parts[index] = self.link(part, page)
            else:
                parts[index] = f"`{part}`"
        return "".join(parts)

    def listed(self, words: Iterable[str]) -> str:
        return ("、" if self.reference.language == "zh" else ", ").join(words)

    def joined(self, said: Iterable[str]) -> str:
        # Chinese has no space between sentences.
        return " ".join(each for each in said if each).replace("。 ", "。")

    def type(self, of: Field, page: str) -> str:
        """The type of a field as Python writes it; every name is a link."""
        shown = SCALARS[of.type][0] if of.type in SCALARS else of.type
        found = self.link(of.type, page, shown)
        for layer in reversed([LIST, *of.layers] if of.many else of.layers):
            if layer == LIST:
                found = f"list\\[{found}\\]"
            else:
                found = f"dict\\[{self.link(layer, page)}, {found}\\]"
        return found

    def about(self, of: Field, page: str) -> str:
        """Everything there is to say about a field."""
        say = self.say
        default = "" if of.default is None else repr(of.default).replace("'", '"')
        found = self.joined(
            [
                self.prose(of.doc, page),
                python.limits(of.limits, say),
                say("Matches `{pattern}`.", pattern=of.pattern) if of.pattern else "",
                say("{value} by default.", value=f"`{default}`") if default else "",
                self.wire(of, page) if of.wire != of.name else "",
                say("Its keys stand among those of the other fields.") if of.flat else "",
                say("Secret.") if of.secret else "",
                self.prose(say("Deprecated: {why}", why=of.deprecated), page)
                if of.deprecated
                else "",
            ]
        )
        more = list(self.members(of, page))
        return "\n".join([found, *more]) if found else "\n".join(more)

    def wire(self, of: Field, page: str) -> str:
        """What WeCom calls it."""
        if page.startswith("events/"):
            return self.say("`{name}` in XML.", name=of.wire)
        return self.say("WeCom's name: `{name}`.", name=of.wire)

    def members(self, of: Field, page: str) -> Iterator[str]:
        """What a field may be, a line each: members of its enum, variants of its union, its tags."""
        type_ = self.reference.type(of.type) if of.type not in SCALARS else None
        if isinstance(type_, reference.Enum) and len(type_.values) <= MAX_SHOWN:
            for value in type_.values:
                name = f"`{as_json(value.value)}` `{value.name.upper()}`"
                yield f"{name} {self.prose(value.doc, page)}".rstrip()
        if isinstance(type_, Union):
            for variant in type_.variants:
                yield f"`{type_.tag}` `{as_json(variant.tag)}`: {self.link(variant.type, page)}"
        if of.choices:
            yield self.listed(f"`{as_json(choice)}`" for choice in of.choices)

    def row(self, of: Field, page: str, name: str, depth: int) -> Words:
        return {
            "name": breakable(name),
            "type": self.type(of, page),
            "optional": of.optional,
            "about": self.about(of, page),
            "depth": depth,
        }

    def rows(
        self, fields: Sequence[Field], page: str, path: str = "", above: tuple[str, ...] = ()
    ) -> Iterator[Words]:
        """Fields and those inside them, each by the way to it; what is inside itself is told once."""
        for each in fields:
            name = f"{path}{each.name}"
            yield self.row(each, page, name, len(above))
            layers = [LIST, *each.layers] if each.many else each.layers
            marks = "".join(LIST if layer == LIST else "{}" for layer in layers)
            inner = self.inside(each, above)
            yield from self.rows(inner, page, f"{name}{marks}.", (*above, each.type))

    def tree(
        self, fields: Sequence[Field], page: str, above: tuple[str, ...] = ()
    ) -> Iterator[Words]:
        """The same by their names alone, for a list in a list."""
        for each in fields:
            yield self.row(each, page, each.name, len(above))
            yield from self.tree(self.inside(each, above), page, (*above, each.type))

    def inside(self, of: Field, above: Collection[str]) -> Sequence[Field]:
        """The fields of an object, if it is not one of those around it."""
        if of.kind != "record" or of.type in above:
            return ()
        record = self.reference.type(of.type)
        assert isinstance(record, Record)
        return record.fields

    def types(self) -> list[reference.Type]:
        """In the order in which one looks for a name."""
        return sorted(self.reference.types(), key=lambda each: each.name)

    # Pages

    def overview(self) -> list[Words]:
        return [
            {
                "name": each.name,
                "title": each.title,
                "doc": each.doc,
                "calls": [self.reference.call(name) for name in each.calls],
            }
            for each in self.reference.resources()
        ]

    def resource(self, resource: reference.Resource, page: str) -> Words:
        types = [
            self.told(each, page)
            for each in self.types()
            if each.module == resource.name and self.places[each.name].page == page
        ]
        return {
            "resource": resource,
            "calls": [self.call(self.reference.call(name), page) for name in resource.calls],
            "types": types,
        }

    def call(self, call: Call, page: str) -> Words:
        ways = [
            ("Python", "python", examples.python(self.reference, call)),
            (self.say("Async"), "python", examples.python(self.reference, call, aio=True)),
            ("curl", "sh", examples.curl(self.reference, call)),
            (self.say("Command line"), "sh", examples.command(self.reference, call)),
        ]
        if call.example.request is not None:
            ways.append(("JSON", "json", examples.as_json(call.example.request)))
        reply = call.example.reply
        return {
            "call": call,
            "anchor": call.name.partition(".")[2],
            "parameters": list(self.rows(call.request, page)),
            "rules": self.rules(call),
            "reply": list(self.tree(call.reply, page)),
            "ways": [(name, lexer, indented(text)) for name, lexer, text in ways],
            "shown": "" if reply is None else examples.as_json(reply),
            "rates": self.rates(call),
            "errors": [self.reference.error(code) for code in call.errors],
        }

    def rules(self, of: Call | Record) -> list[str]:
        """Which fields must be given."""
        texts = (
            (sentence("Give at least one of {names}."), of.any_of),
            (sentence("Give exactly one of {names}."), of.one_of),
        )
        return [
            self.say(text, names=self.listed(f"`{name}`" for name in group))
            for text, groups in texts
            for group in groups
        ]

    def rates(self, call: Call) -> list[str]:
        """How often it may be called, where its own page says so."""
        per = {
            "corp": sentence("At most {rates} for each company."),
            "provider": sentence("At most {rates} for each service provider."),
        }
        known = limits.DOCUMENTED_ELSEWHERE.get(call.path, ())
        found = []
        for scope, text in per.items():
            own = [each for each in known if each.per == scope]
            if own:
                windows = (
                    self.say(WINDOWS[int(each.seconds)], count=f"{each.calls:,}") for each in own
                )
                found.append(self.say(text, rates=self.listed(windows)))
        return found

    def told(self, type_: reference.Type, page: str) -> Words:
        """A record, a union or an alias."""
        words: Words = {"type": type_, "rows": (), "rules": (), "variants": (), "limits": ""}
        if isinstance(type_, Record):
            words["rows"] = [self.row(each, page, each.name, 0) for each in type_.fields]
            words["sent"] = type_.name in self.sent
            words["rules"] = self.rules(type_)
        elif isinstance(type_, Union):
            words["variants"] = [
                {
                    "tag": as_json(each.tag),
                    "key": each.key,
                    "type": self.link(each.type, page),
                    "doc": self.prose(self.reference.type(each.type).doc, page),
                }
                for each in type_.variants
            ]
        else:
            assert isinstance(type_, reference.Alias)
            words["limits"] = python.limits(type_.limits, self.say)
        words["users"] = self.users(type_.name, page)
        return words

    def users(self, name: str, page: str) -> str:
        """The calls and types and events that name a type."""
        found: list[str] = []
        for call in self.reference.calls():
            if any(each.type == name for each in (*call.request, *call.reply)):
                found.append(call.name)
        for type_ in self.reference.types():
            if isinstance(type_, Record) and any(each.type == name for each in type_.fields):
                found.append(type_.name)
            if isinstance(type_, Union) and any(each.type == name for each in type_.variants):
                found.append(type_.name)
        for event in self.reference.events():
            if any(each.type == name for each in event.fields):
                found.append(event.name)
        return self.listed(self.link(each, page) for each in found)

    def shared(self) -> Words:
        here = "types.md"
        types = [
            self.told(each, here) for each in self.types() if self.places[each.name].page == here
        ]
        scalars = [(name, shown, self.say(text)) for name, (shown, text) in SCALARS.items()]
        return {"scalars": scalars, "types": types}

    def enums(self) -> list[Words]:
        return [
            {
                "type": each,
                "values": [(as_json(value.value), value) for value in each.values],
                "users": self.users(each.name, "enums.md"),
            }
            for each in self.types()
            if isinstance(each, reference.Enum)
        ]

    def errors(self) -> list[Words]:
        raised: dict[int, list[str]] = {}
        for call in self.reference.calls():
            for code in call.errors:
                raised.setdefault(code, []).append(self.link(call.name, "errors.md"))
        return [
            {"error": each, "calls": self.listed(raised.get(each.code, ()))}
            for each in self.reference.errors()
        ]

    def event(self, event: reference.Event, page: str) -> Words:
        return {
            "event": event,
            "fields": list(self.rows(event.fields, page)),
            "handler": examples.handler(self.reference, event),
            "example": event.example.replace("\t", "  "),
        }


def escaped(text: str) -> str:
    """Words as Markdown that shows them as they are."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = SPECIAL.sub(lambda found: f"\\{found[0]}", text)
    return re.sub(r"^(\d+)\.", r"\1\.", text)


def breakable(name: str) -> str:
    """A name of several parts as code, which a narrow column may break after its dots."""
    return f"<code>{name.replace('.', '.<wbr>')}</code>"


def as_json(value: int | str) -> str:
    """A tag or a member's value as JSON has it."""
    return json.dumps(value, ensure_ascii=False)


def indented(text: str) -> str:
    """Text inside a tab."""
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))


# ---- what others have written


LINK = re.compile(
    r"""
    ^(?P<fence>```|~~~).*?^(?P=fence)[ \t]*$
    | (?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`)
    | (?<!!)\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]*)\)
    """,
    re.M | re.S | re.X,
)
"""A link, or code, in which there is none."""


def language_of(path: str) -> Language:
    """Of a file of the checkout."""
    return "zh" if path.startswith("docs/zh/") else "en"


@frozen
class Library:
    """What is taken as it is: guides in both languages, examples, the changelog, all by their paths in the checkout."""

    files: Mapping[str, str]

    @classmethod
    def read(cls, root: Path) -> "Library":
        paths = [
            *root.glob("docs/*.md"),
            *root.glob("docs/zh/*.md"),
            *root.glob("docs/*.json"),
            *root.glob("examples/*.py"),
            *root.glob("CHANGELOG.md"),
        ]
        return cls(
            {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(paths)}
        )

    def guides(self) -> list[str]:
        """The names of the guides, in their order."""
        found = {
            Path(path).stem for path in self.files if re.fullmatch(r"docs/(zh/)?[^/]+\.md", path)
        }
        return [name for name in GUIDES if name in found] + sorted(found - {*GUIDES})

    def examples(self) -> list[str]:
        return [Path(path).stem for path in self.files if path.startswith("examples/")]

    def source(self, guide: str, language: Language) -> str:
        """The file of a guide; the other language's where this one has none."""
        ways = [f"docs/{guide}.md", f"docs/zh/{guide}.md"]
        ways = ways[::-1] if language == "zh" else ways
        return next(each for each in ways if each in self.files)

    def pages(self, language: Language, say: Say) -> dict[str, str]:
        """Every page by its path in the documentation."""
        found = {}
        for name in self.guides():
            source = self.source(name, language)
            page = f"guides/{name}.md"
            text = self.linked(source, page, language)
            if language_of(source) != language:
                title, _, rest = text.partition("\n")
                text = f"{title}\n\n*{say(MISSING[language])}*\n{rest}"
            found[page] = text
        if "CHANGELOG.md" in self.files:
            found["changelog.md"] = self.linked("CHANGELOG.md", "changelog.md", language)
        for name in self.examples():
            text = self.files[f"examples/{name}.py"]
            found[f"examples/{name}.md"] = f"# {name}.py\n\n```python\n{text}```\n"
        for path, text in self.files.items():
            if path.endswith(".json"):
                found[posixpath.basename(path)] = text
        return found

    def linked(self, source: str, page: str, language: Language) -> str:
        """A text with its links as they are in the documentation; what is not there is named only.

        An anchor stays where the page it is on is in the language of the text: they are words of headings.
        """

        def replace(found: re.Match[str]) -> str:
            words, target = found["words"], found["target"]
            if words is None or re.match(r"[a-z]+:|#", target):
                return found[0]
            path, _, anchor = target.partition("#")
            place = self.place(posixpath.normpath(posixpath.join(posixpath.dirname(source), path)))
            if not place:
                return words
            folder, _, name = place.removesuffix(".md").partition("/")
            if folder != "guides" or language_of(self.source(name, language)) != language_of(
                source
            ):
                anchor = ""
            return f"[{words}]({Place(place, anchor).seen_from(page)})"

        return LINK.sub(replace, self.files[source])

    def place(self, path: str) -> str:
        """Where a file of the checkout is in the documentation; nothing for what is not in it."""
        name = posixpath.basename(path)
        stem = name.partition(".")[0]
        if re.match(r"README\b", path):
            return "index.md"
        if path == "CHANGELOG.md":
            return "changelog.md"
        if re.search(r"/API(\.zh-CN)?\.md$", path):
            return "calls/index.md"
        if re.fullmatch(r"docs/(zh/)?[^/]+\.md", path):
            return f"guides/{name}" if stem in self.guides() else ""
        if path == "examples":
            return "examples/index.md"
        if path.startswith("examples/"):
            return f"examples/{stem}.md" if path in self.files else ""
        return name if path in self.files else ""


# ---- the site


def site(reference: Reference, say: Say, library: Library, example: str = "") -> dict[str, str]:
    """The whole documentation in one language by paths from its folder, and its configuration.

    `example` is what to do with a client called `wecom`, for the first page.
    """
    language = reference.language
    pages = Pages(reference, say)
    found = {**pages.all(), **library.pages(language, say)}
    guides = [(name, heading(found[f"guides/{name}.md"]) or name) for name in library.guides()]
    samples = [(name, summary(library.files[f"examples/{name}.py"])) for name in library.examples()]
    found["examples/index.md"] = pages.render("examples", "examples/index.md", samples=samples)
    found["index.md"] = pages.render(
        "home", "index.md", package=reference.package, example=example, guides=guides
    )
    found["assets/docs.css"] = (HERE / "templates" / "docs.css").read_text("utf-8")
    return {f"{language}/{path}": text for path, text in found.items()} | {
        f"zensical.{language}.toml": configuration(pages, library, found),
        "theme/partials/alternate.html": (HERE / "templates" / "docs_alternate.html").read_text(
            "utf-8"
        ),
    }


def heading(text: str) -> str:
    """The title of a page."""
    found = re.search(r"^# (.+)$", text, re.M)
    return found[1] if found else ""


def summary(code: str) -> str:
    """The first line of a module's docstring."""
    found = re.match(r'"""(.+?)(?:"""|\n)', code)
    return found[1] if found else ""


def configuration(pages: Pages, library: Library, files: Mapping[str, str]) -> str:
    """What Zensical reads: the names of the sections, and the pages in their order."""
    say = pages.say
    known = pages.reference
    nav = [
        {say("Home"): "index.md"},
        {say("Guides"): [f"guides/{name}.md" for name in library.guides()]},
        {
            say("Calls"): [
                "calls/index.md",
                *(page_of(each.name) for each in known.resources()),
            ]
        },
        {
            say("Events"): [
                "events/index.md",
                *(f"events/{each.name}.md" for each in known.events()),
            ]
        },
        {say("Types and codes"): ["types.md", "enums.md", "errors.md"]},
        {
            say("Examples"): [
                "examples/index.md",
                *(f"examples/{name}.md" for name in library.examples()),
            ]
        },
        *([{say("Changelog"): "changelog.md"}] if "changelog.md" in files else []),
    ]
    return pages.jinja.get_template("docs_zensical.toml.j2").render(
        language=known.language,
        name=known.package.distribution,
        nav=toml(nav),
    )


def toml(value: Any) -> str:
    """Data as TOML writes it in a line: JSON, but for the signs after keys."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
