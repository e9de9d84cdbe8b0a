"""The documentation site: what it must hold, that its links lead somewhere, and that its examples do what they show."""

import html
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
import wecom_contact
from attrs import evolve
from conftest import FIXTURES
from wecom_contact import catalog, codec
from wecom_contact.cli import _call
from wecom_contact.cli._app import run
from wecom_contact.events import parse

from codegen import __main__, docs, examples, messages, python, reference, resolve, spec
from codegen.runtime.reference import Reference

ROOT = Path(__file__).parent.parent.parent
API = resolve.resolve(spec.load(ROOT / "spec"))
DATA = reference.data(API, FIXTURES)
ENGLISH = Reference(DATA)
CATALOGUE = messages.load(ROOT / "spec")
assert CATALOGUE is not None
CHINESE = Reference(DATA, "zh", CATALOGUE.texts(API))
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
CALLS = ENGLISH.calls()
EVENTS = ENGLISH.events()


# ---- the site


class Page:
    """A page as a browser has it."""

    def __init__(self, path: Path, place: str) -> None:
        self.place = place
        self.text = path.read_text("utf-8")

    @property
    def ids(self) -> set[str]:
        return set(re.findall(r'\bid="?([^"\s>]+)', self.text))

    @property
    def links(self) -> set[str]:
        return {html.unescape(each) for each in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', self.text)}

    @property
    def assets(self) -> set[str]:
        """What a browser asks for by itself."""
        found = re.findall(r'\b(?:src|srcset|poster|data)="([^"]*)"', self.text)
        found += re.findall(r'<link\b[^>]*\bhref="([^"]*)"', self.text)
        return {html.unescape(each) for each in found}

    def section(self, anchor: str) -> str:
        """The words from a heading to the next of its level."""
        found = re.search(
            rf'<h(\d)[^>]* id="?{re.escape(anchor)}"?>.*?(?=<h\1|<h1|</article>)', self.text, re.S
        )
        assert found, f"{self.place} has no section {anchor}"
        return words(found[0])


def words(markup: str) -> str:
    """What a reader sees, without differences in white space."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def seen(text: str) -> str:
    """A sentence as `words` has it."""
    return "".join(text.replace("`", "").split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it; both languages at once, as it does."""
    folder = tmp_path_factory.mktemp("docs") / "reference"
    assert __main__.main(["docs", "--out", str(folder)]) == 0
    tool = Path(sys.executable).with_name("zensical")
    builds = [
        subprocess.Popen(
            [tool, "build", "--strict", "-f", f"zensical.{language}.toml"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    for build in builds:
        told, _ = build.communicate(timeout=60)
        assert build.returncode == 0, told
    (folder / "site-zh").rename(folder / "site-en" / "zh")
    return folder / "site-en"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page by its address."""
    found = {}
    for path in site.rglob("*.html"):
        place = path.relative_to(site).as_posix()
        address = "/" + place.removesuffix("index.html")
        found[address] = Page(path, place)
    return found


def test_every_link_leads_to_a_page_and_a_place_on_it(site: Path, pages: dict[str, Page]) -> None:
    ids = {address: page.ids for address, page in pages.items()}
    broken = []
    for address, page in pages.items():
        for link in page.links:
            target = urlsplit(urljoin(f"//site{address}", link))
            if target.netloc != "site" or target.scheme:
                continue
            path, anchor = unquote(target.path), unquote(target.fragment)
            there = path in ids or (site / path.lstrip("/")).is_file()
            if not there or (anchor and path in ids and anchor not in ids[path]):
                broken.append(f"{address}: {link}")
    assert broken == []


def test_no_page_asks_another_host_for_anything(site: Path, pages: dict[str, Page]) -> None:
    foreign = {
        f"{address}: {each}"
        for address, page in pages.items()
        for each in page.assets
        if urlsplit(each).netloc
    }
    foreign |= {
        f"{path.name}: {each}"
        for path in site.rglob("*.css")
        for each in re.findall(r"(?:url\(|@import)\s*[\"']?(https?:)?//", path.read_text("utf-8"))
    }
    assert foreign == set()
    # The theme's script can fetch these from elsewhere, for pages that have such things.
    assert not [
        each for each, page in pages.items() if "mermaid" in page.text or "glightbox" in page.text
    ]
    assert not [each for each, page in pages.items() if "polyfill" in page.text]


def test_both_languages_have_the_same_pages_and_lead_to_each_other(pages: dict[str, Page]) -> None:
    chinese = {each.removeprefix("/zh") for each in pages if each.startswith("/zh/")}
    english = {each for each in pages if not each.startswith("/zh/")}
    assert chinese == english
    for address in english - {"/404.html"}:
        for here, there in ((address, f"/zh{address}"), (f"/zh{address}", address)):
            switch = re.findall(
                r'href="([^"]+)" hreflang="\w+" class="md-select__link"', pages[here].text
            )
            assert there in {urlsplit(urljoin(f"//site{here}", each)).path for each in switch}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_with_all_its_parameters_is_on_the_page_of_its_resource(
    pages: dict[str, Page], language: str
) -> None:
    known = LANGUAGES[language]
    for call in known.calls():
        section = pages[f"{prefix(language)}calls/{call.resource}/"].section(
            call.name.partition(".")[2]
        )
        for text in (call.name, call.title, call.path, call.doc, *call.notes, call.request_class):
            assert seen(text) in section, (call.name, text)
        for field in (*call.request, *call.reply):
            assert f"{field.name}{typed(field)}" in section, (call.name, field.name)
            assert seen(field.doc) in section, (call.name, field.name)
        for code in call.errors:
            error = known.error(code)
            for text in (str(code), error.cls, error.title, error.doc, error.advice):
                assert seen(text) in section, (call.name, code)
        reply = call.example.reply
        assert reply is None or seen(json.dumps(reply, ensure_ascii=False)) in section, call.name


def typed(field: Any) -> str:
    shown = docs.SCALARS[field.type][0] if field.type in docs.SCALARS else field.type
    return f"list[{shown}]" if field.many and not field.layers else "" if field.layers else shown


def prefix(language: str) -> str:
    return "/" if language == "en" else "/zh/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parameter_inside_another_stands_in_the_table_of_the_call(
    pages: dict[str, Page], language: str
) -> None:
    section = pages[f"{prefix(language)}calls/contact_way/"].section("add")
    conclusions = LANGUAGES[language].type("ContactWayConclusions")
    assert conclusions.kind == "record"
    for field in conclusions.fields:
        inner = LANGUAGES[language].type(field.type)
        assert inner.kind == "record"
        for each in inner.fields:
            assert f"conclusions.{field.name}.{each.name}" in section
            assert seen(each.doc) in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_stands_with_all_it_holds_where_its_links_lead(
    pages: dict[str, Page], language: str
) -> None:
    known = LANGUAGES[language]
    places = docs.Pages(known, python.english).places
    for type_ in known.types():
        place = places[type_.name]
        address = f"{prefix(language)}{place.page.removesuffix('.md')}/"
        section = pages[address].section(place.anchor)
        assert seen(type_.doc) in section
        if type_.kind == "record":
            for field in type_.fields:
                assert f"{field.name}{typed(field)}" in section, (type_.name, field.name)
                assert seen(field.doc) in section, (type_.name, field.name)
        elif type_.kind == "enum":
            for value in type_.values:
                shown = json.dumps(value.value, ensure_ascii=False)
                assert f"{shown}{type_.name}.{value.name.upper()}{seen(value.doc)}" in section
        elif type_.kind == "union":
            for variant in type_.variants:
                assert f"{variant.key or ''}{variant.type}" in section
        else:
            assert type_.base in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_a_page_with_its_fields_its_message_and_a_handler(
    pages: dict[str, Page], language: str
) -> None:
    for event in LANGUAGES[language].events():
        page = words(pages[f"{prefix(language)}events/{event.name}/"].text)
        for text in (
            event.name,
            event.title,
            event.doc,
            event.family,
            event.change or "",
            *event.notes,
        ):
            assert seen(text) in page, event.name
        for field in event.fields:
            assert f"{field.name}{typed(field)}" in page
            assert seen(field.doc) in page, (event.name, field.name)
        assert "".join(event.example.split()) in page
        assert "".join(examples.handler(event).split()) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_code_is_a_section_so_that_the_search_leads_to_it(
    pages: dict[str, Page], site: Path, language: str
) -> None:
    known = LANGUAGES[language]
    page = pages[f"{prefix(language)}errors/"]
    index = json.loads((site / prefix(language).strip("/") / "search.json").read_text("utf-8"))
    titles = {each["location"]: each["title"] for each in index["items"]}
    for error in known.errors():
        section = page.section(str(error.code))
        for text in (error.cls, error.title, error.doc, error.advice):
            assert seen(text) in section, error.code
        assert titles[f"errors/#{error.code}"].startswith(str(error.code))


# ---- the examples


class Sent(Exception):
    """The call that an example has made."""

    def __init__(self, call: Any) -> None:
        self.call = call


class Recorder:
    """A client, blocking or not, that only looks at what it is asked to do."""

    def __init__(self, **made_with: Any) -> None:
        self.made_with = made_with

    def __enter__(self) -> "Recorder":
        return self

    async def __aenter__(self) -> "Recorder":
        return self

    def __exit__(self, *error: object) -> None: ...

    async def __aexit__(self, *error: object) -> None: ...

    def __getattr__(self, resource: str) -> Any:
        return SimpleNamespace(
            **{
                name.partition(".")[2]: sender(entry)
                for name, entry in catalog.CALLS.items()
                if name.startswith(f"{resource}.")
            }
        )


def sender(entry: Any) -> Any:
    def send(**arguments: Any) -> Any:
        arguments.pop("to", None)
        raise Sent(entry.call(**arguments))

    return send


def sent_by(code: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the code of an example sends."""
    for name in ("Client", "AsyncClient"):
        monkeypatch.setitem(vars(wecom_contact), name, Recorder)
    with pytest.raises(Sent) as sent:
        exec(compile(code, "example", "exec"), {"__name__": "example"})
    return sent.value.call


@pytest.mark.parametrize("aio", [False, True], ids=["sync", "async"])
def test_the_python_of_every_call_sends_the_documented_example(
    monkeypatch: pytest.MonkeyPatch, aio: bool
) -> None:
    for call in CALLS:
        made = sent_by(examples.python(ENGLISH, call, aio), monkeypatch)
        assert made.endpoint.name == call.name
        data = codec.unstructure(made)
        if call.upload:
            assert getattr(made, call.upload) == data.pop(call.upload, examples.FILE)
        assert data == (call.example.request or {}), call.name


def in_a_shell(line: str) -> list[str]:
    """The words of a command, which may go on in the next line."""
    return shlex.split(line.replace(" \\\n  ", " "))


def test_curl_sends_the_documented_example() -> None:
    for call in CALLS:
        command, url, *rest = in_a_shell(examples.curl(ENGLISH, call))
        address = urlsplit(url)
        query = dict(parse_qsl(address.query))
        assert command == "curl"
        assert f"{address.scheme}://{address.netloc}" == ENGLISH.package.base_url
        assert address.path == call.path
        assert query.pop(call.token) == call.token.upper()
        given = call.example.request or {}
        if call.upload or call.method == "GET":
            assert query == {name: str(value) for name, value in given.items()}, call.name
            assert ("-F" in rest) == bool(call.upload)
        else:
            assert json.loads(rest[rest.index("-d") + 1]) == given, call.name


def test_the_command_line_of_every_call_sends_the_documented_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in CALLS:
        line, _, document = examples.command(ENGLISH, call).partition(" <<'JSON'\n")
        program, *given = in_a_shell(line)
        assert program == "wecom-contact"
        monkeypatch.setattr("sys.stdin", io.StringIO(document.removesuffix("JSON")))
        assert run([*given, "--dry-run"]) == 0, (call.name, capsys.readouterr().err)
        sent = json.loads(capsys.readouterr().out)
        assert (sent.get("json") or sent.get("query") or {}) == (call.example.request or {}), (
            call.name
        )


def test_the_names_that_the_command_keeps_for_itself_are_known_here() -> None:
    kinds = [evolve(call, readonly=False) for call in CALLS if call.paging or call.download]
    options = [
        *_call.common_options(),
        *(each for call in kinds for each in _call.options_of(call)),
    ]
    assert set(examples.OPTIONS) == {each.name for each in options} | {"help"}


def test_the_handler_of_every_event_takes_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wecom_contact.callback.Callback", lambda **given: given)
    monkeypatch.setattr("wecom_contact.callback.asgi", lambda *given: given)
    for event in EVENTS:
        scope: dict[str, Any] = {}
        exec(compile(examples.handler(event), event.name, "exec"), scope)
        arrived = parse(event.example)
        assert type(arrived).__name__ == event.name
        scope["handle"](arrived)
        shown = [str(getattr(arrived, field.name)) for field in event.fields]
        printed = capsys.readouterr().out.strip()
        assert printed
        assert not shown or any(each in printed for each in shown)
