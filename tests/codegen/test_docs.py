"""The documentation site: what it must hold, that its links lead somewhere, and that its examples do what they show."""

import fcntl
import html
import io
import json
import os
import posixpath
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
import wecom_contact
from attrs import evolve
from conftest import FIXTURES, read_fixture
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown import Markdown
from packages import generate
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


def flat(tables: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Markdown extensions by their whole names; TOML takes their dots for tables."""
    found: dict[str, Any] = {}
    for name, inner in tables.items():
        if name == "pymdownx":
            found |= flat(inner, "pymdownx.")
        elif name != "toc":
            found[f"{before}{name}"] = inner
    return found


PAGES = docs.Pages(ENGLISH, python.english)
EXTENSIONS = flat(
    tomllib.loads(docs.configuration(PAGES, docs.Library({}), {}))["project"]["markdown_extensions"]
)


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
    """The site as `make docs` builds it. Several processes of tests build it once."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    built = shared / "docs" / "site-en"
    with (shared / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (built / "zh").exists():
            build(built.parent)
    return built


def build(folder: Path) -> None:
    """Both languages at once, as `make docs` does."""
    assert __main__.main(["docs", "--out", str(folder)]) == 0
    tool = Path(sys.executable).with_name("zensical")
    builds = [
        subprocess.Popen(
            [tool, "build", "--strict", "-f", f"zensical.{language}.toml"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    for each in builds:
        told, _ = each.communicate(timeout=120)
        assert each.returncode == 0, re.sub(r"\x1b\[[\d;]*m", "", told)  # in colour, always
    (folder / "site-zh").rename(folder / "site-en" / "zh")


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


REQUIRED = {"en": "required", "zh": "必填"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parameter_is_told_with_all_that_is_known_of_it(
    pages: dict[str, Page], language: str
) -> None:
    known = LANGUAGES[language]
    for call in known.calls():
        page = pages[f"{prefix(language)}calls/{call.resource}/"]
        section = page.section(call.name.partition(".")[2])
        for field in call.request:
            must = "" if field.optional else REQUIRED[language]
            head = f"{field.name}{typed(field)}{must}{seen(field.doc)}"
            assert head in section, (call.name, field.name)
            row = section[section.index(head) + len(head) :][:600]
            facts = [f"{limit:,}" for limit in field.limits.values() if limit != 1]
            facts += [] if field.default is None else [repr(field.default).replace("'", '"')]
            facts += [] if field.wire == field.name else [field.wire]
            type_ = known.type(field.type) if field.type not in docs.SCALARS else None
            if type_ and type_.kind == "enum" and len(type_.values) <= docs.MAX_SHOWN:
                facts += [f"{value.name.upper()}{seen(value.doc)}" for value in type_.values]
            if type_ and type_.kind == "union":
                facts += [variant.type for variant in type_.variants]
            for fact in facts:
                assert fact in row, (call.name, field.name, fact)
        for group in (*call.any_of, *call.one_of):
            assert ("、" if language == "zh" else ",").join(group) in section, call.name


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
        assert "".join(examples.handler(ENGLISH, event).split()) in page


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

    calls = catalog.CALLS

    def __init__(self, *, credential: Any = None, provider: Any = None, **corp: str) -> None:
        assert credential is not None or set(corp) == {"corp_id", "secret"}

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
                for name, entry in self.calls.items()
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


def test_the_python_of_examples_looks_as_a_formatter_would_have_it(tmp_path: Path) -> None:
    for call in CALLS:
        (tmp_path / f"{call.name}.py").write_text(examples.python(ENGLISH, call), "utf-8")
        (tmp_path / f"{call.name}.async.py").write_text(
            examples.python(ENGLISH, call, True), "utf-8"
        )
    for event in EVENTS:
        (tmp_path / f"{event.name}.py").write_text(examples.handler(ENGLISH, event), "utf-8")
    ruff = [Path(sys.executable).with_name("ruff")]
    width = ["--isolated", "--no-cache", "--line-length", str(examples.WIDTH), str(tmp_path)]
    for words in (["format", "--check"], ["check", "--select", "F,I"]):
        done = subprocess.run([*ruff, *words, *width], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


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


def test_curl_writes_a_query_as_the_client_does() -> None:
    call = ENGLISH.call("customer.list")
    call = evolve(
        call, example=evolve(call.example, request={"userid": ["a b", "c"], "is_new": True})
    )
    address = urlsplit(in_a_shell(examples.curl(ENGLISH, call))[1])
    assert dict(parse_qsl(address.query)) == {
        "access_token": "ACCESS_TOKEN", "userid": "a b,c", "is_new": "true",
    }  # fmt: skip


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
        exec(compile(examples.handler(ENGLISH, event), event.name, "exec"), scope)
        arrived = parse(event.example)
        assert type(arrived).__name__ == event.name
        scope["handle"](arrived)
        shown = [str(getattr(arrived, field.name)) for field in event.fields]
        printed = capsys.readouterr().out.strip()
        assert printed
        assert not shown or any(each in printed for each in shown)


# ---- other APIs


TOY = Path(__file__).parent / "toy" / "spec"
KF = Path(__file__).parent / "kf"


def of_spec(folder: Path, recorded: Path | None = None) -> Reference:
    return Reference(reference.data(resolve.resolve(spec.load(folder)), recorded))


@pytest.mark.parametrize("folder", [TOY, KF / "spec"], ids=["toy", "kf"])
def test_the_pages_of_any_api_lead_to_each_other(folder: Path) -> None:
    made = docs.site(of_spec(folder), python.english, docs.Library({}))
    pages = {path: text for path, text in made.items() if path.endswith(".md")}
    ids = {path: set(re.findall(r"\{: #(\S+) \}", text)) for path, text in pages.items()}
    ids["en/types.md"] |= set(re.findall(r"`\{: #(\w+) \}", pages["en/types.md"]))
    for path, text in pages.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            if not target.startswith("https:"):
                page, _, anchor = target.partition("#")
                there = (
                    posixpath.normpath(posixpath.join(posixpath.dirname(path), page))
                    if page
                    else path
                )
                assert there in pages, f"{path}: {target}"
                assert not anchor or anchor in ids[there], f"{path}: {target}"


def test_examples_of_another_package_are_in_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kf = generate(KF / "spec", tmp_path, "wecom_kf")
    known = of_spec(KF / "spec", KF / "fixtures")
    monkeypatch.setattr(Recorder, "calls", kf.catalog.CALLS)
    monkeypatch.setitem(vars(kf), "Client", Recorder)
    for call in known.calls():
        code = examples.python(known, call)
        with pytest.raises(Sent) as sent:
            exec(compile(code, call.name, "exec"), {})
        assert kf.codec.unstructure(sent.value.call) == (call.example.request or {}), call.name
        assert examples.command(known, call).startswith(f"wecom-kf call {call.name}")
    for event in known.events():
        assert "from wecom_kf.events import" in examples.handler(known, event)


def test_any_data_becomes_the_python_that_makes_the_same_of_it(tmp_path: Path) -> None:
    kf = generate(KF / "spec", tmp_path, "wecom_kf")
    known = of_spec(KF / "spec", KF / "fixtures")
    names = {**{each.name: getattr(kf, each.name) for each in known.types()}, "BEIJING": kf.BEIJING}
    count = 0
    for path in (KF / "fixtures/message").glob("sync*.json"):
        for exchange in read_fixture(path)["exchanges"]:
            for data in exchange["response"]["json"].get("msg_list", ()):
                code = examples.laid_out(examples.Writer(known).payload("Message", data))
                made = eval(code, {**names, "datetime": datetime})
                assert kf.codec.unstructure(made) == kf.codec.unstructure(
                    kf.codec.structure(data, kf.Message)
                )
                count += 1
    assert count > 20


def test_what_a_call_wants_is_said_in_words() -> None:
    pages = docs.site(of_spec(TOY), python.english, docs.Library({}))
    shop, market = (pages[f"en/calls/{name}.md"] for name in ("shop", "market"))
    close, open_ = (section(shop, name) for name in ("close", "open"))
    assert '!!! warning "Deprecated"\n\n    Use `sell`.' in close.replace(
        "[`sell`](#sell)", "`sell`"
    )
    assert "WeCom forbids parallel calls of it." in open_
    assert "Needs the token `suite_access_token`." in open_
    assert "list\\[list\\[[`int`](../types.md#int)\\]\\]" in section(market, "chart")
    assert (
        "dict\\[[`MarketTag`](../types.md#MarketTag), list\\[[`str`](../types.md#str)\\]\\]"
        in section(market, "chart")
    )
    assert "Its keys stand among those of the other fields." in section(market, "tell")
    assert "`page` counts the pages." in section(market, "days")
    assert "`limit` is the size of a page." in section(market, "baskets")
    assert "An item of `goods` failed if its `errcode` is not 0." in section(shop, "sell")
    assert "Every item of `rest.names` failed." in section(shop, "sell")


def test_names_in_a_sentence_lead_to_where_they_are_told() -> None:
    pages = docs.Pages(ENGLISH, python.english)
    told = pages.prose("See `welcome.send`, `Scene`, `CustomerAdded`, `60111`.", "calls/welcome.md")
    assert told == (
        "See [`welcome.send`](#send), [`Scene`](../enums.md#Scene), "
        "[`CustomerAdded`](../events/CustomerAdded.md), [`60111`](../errors.md#60111)."
    )
    # Fields, though there is a resource and a value of that name, and what Markdown would take for its own.
    assert pages.prose("`customer`, `int`, `a|b`", "types.md") == "`customer`, `int`, `a|b`"
    assert pages.prose(r"a*b [c](d) <e> | \ f_g", "types.md") == (r"a\*b \[c\](d) &lt;e> \| \\ f_g")


SIGNS = st.sampled_from("ab1 _*~^\\|[](){}<>&#-+.!:=/\"'@$%") | st.characters(
    codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="`"
)
PARTS = st.text(SIGNS, min_size=1, max_size=12).filter(lambda text: text == text.strip())
CODES = st.text("ab1_|*<&{}.\\", min_size=1, max_size=6).map(lambda text: f"`{text}`")


@given(st.lists(PARTS | CODES, min_size=1, max_size=4).map(" ".join))
@example("__0__ *a* **b**")
@example("1. `a|b`")
@example("# <b>&amp;")
@settings(max_examples=60, deadline=None)
def test_a_sentence_is_shown_as_it_is_written(text: str) -> None:
    told = PAGES.prose(text, "types.md")
    made = Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSIONS)
    shown = made.convert(f"{told}\n\n| a | b |\n| --- | --- |\n| {told} | c |\n")
    paragraph, table = shown.split("<table>")
    assert words(paragraph) == seen(text)
    assert words(table) == f"ab{seen(text)}c"


def section(page: str, anchor: str) -> str:
    found = re.search(rf"^## [^\n]*\{{: #{anchor} \}}\n.*?(?=^## |\Z)", page, re.M | re.S)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"user": ["@zhangsan"]}, True),
        ({"remark": "-"}, True),
        ({"remark": "[1]"}, True),
        ({"user": []}, True),
        ({"remark": "", "user": ["zhangsan"], "type": 1}, False),
    ],
)
def test_a_value_that_a_flag_takes_for_something_else_is_given_as_json(
    value: dict[str, Any], shown: bool
) -> None:
    call = evolve(
        ENGLISH.call("contact_way.add"),
        example=evolve(ENGLISH.call("contact_way.add").example, request=value),
    )
    assert ("--input -" in examples.command(ENGLISH, call)) == shown


def test_a_field_named_as_an_option_of_the_command_has_a_flag_of_its_own() -> None:
    call = ENGLISH.call("contact_way.add")
    field = evolve(call.request[3], name="to", wire="to")
    call = evolve(call, request=(field,), example=evolve(call.example, request={"to": "anna"}))
    assert examples.command(ENGLISH, call) == "wecom-contact call contact_way.add --field.to anna"


def test_a_value_that_an_enum_does_not_know_is_shown_as_it_is() -> None:
    call = ENGLISH.call("contact_way.add")
    call = evolve(call, example=evolve(call.example, request={"type": 9}))
    assert "contact_way.add(type=9)" in examples.python(ENGLISH, call)
    assert "--type 9" in examples.command(ENGLISH, call)


def test_a_long_argument_of_any_json_is_written_as_python() -> None:
    assert examples.literal({"a": [None, True, 1.5, "x"]}) == '{"a": [None, True, 1.5, "x"]}'


# ---- guides


def library(**files: str) -> docs.Library:
    return docs.Library(
        {
            name.replace("__", "/").replace("_md", ".md").replace("_py", ".py"): text
            for name, text in files.items()
        }
    )


def test_guides_have_an_order_and_those_without_a_place_come_last() -> None:
    found = library(
        docs__zoo_md="# Zoo",
        docs__testing_md="# T",
        docs__quickstart_md="# Q",
        docs__zh__aha_md="# A",
    )
    assert found.guides() == ["quickstart", "testing", "aha", "zoo"]


def test_the_order_names_each_guide_once() -> None:
    assert len(set(docs.GUIDES)) == len(docs.GUIDES)


def test_a_guide_that_is_only_in_one_language_is_in_both_and_says_so() -> None:
    found = library(
        docs__a_md="# A\n\nSee [b](b.md#there).\n",
        docs__b_md="# B\n\n[a](a.md#x)\n",
        docs__zh__b_md="# 乙\n\n[a](a.md#x)\n",
        docs__zh__c_md="# 丙\n\n见[乙](b.md#那里)。\n",
    )
    english, chinese = found.pages("en", python.english), found.pages("zh", python.english)
    assert english["guides/a.md"] == "# A\n\nSee [b](b.md#there).\n"
    assert (
        chinese["guides/a.md"] == "# A\n\n*This guide is not in Chinese yet.*\n\nSee [b](b.md).\n"
    )
    assert english["guides/b.md"] == "# B\n\n[a](a.md#x)\n"
    assert chinese["guides/b.md"] == "# 乙\n\n[a](a.md)\n"
    assert (
        english["guides/c.md"] == "# 丙\n\n*This guide is not in English yet.*\n\n见[乙](b.md)。\n"
    )
    assert english.keys() == chinese.keys()


@pytest.mark.parametrize(
    ("source", "link", "there"),
    [
        ("docs/a.md", "[b](b.md)", "[b](b.md)"),
        ("docs/a.md", "[b](b.md#x)", "[b](b.md#x)"),
        ("docs/zh/b.md", "[b](../a.md#x)", "[b](a.md)"),
        ("docs/a.md", "[b](#x)", "[b](#x)"),
        ("docs/a.md", "[b](https://b.md)", "[b](https://b.md)"),
        ("docs/a.md", "[b](mailto:b@b.md)", "[b](mailto:b@b.md)"),
        ("docs/a.md", "[b](zh/b.md)", "[b](b.md)"),
        ("docs/zh/b.md", "[b](../a.md)", "[b](a.md)"),
        ("docs/a.md", "[b](../README.md#x)", "[b](../index.md)"),
        ("docs/zh/b.md", "[b](../../README.zh-CN.md)", "[b](../index.md)"),
        ("docs/a.md", "[b](../CHANGELOG.md)", "[b](../changelog.md)"),
        ("docs/a.md", "[b](../generated/wecom_contact/API.md)", "[b](../calls/index.md)"),
        ("docs/a.md", "[b](../examples/)", "[b](../examples/index.md)"),
        ("docs/a.md", "[`b`](../examples/day.py)", "[`b`](../examples/day.md)"),
        ("docs/a.md", "[b](../examples/none.py)", "b"),
        ("docs/a.md", "[b](none.md)", "b"),
        ("docs/a.md", "[b](../spec/locale/glossary.md)", "b"),
        ("docs/a.md", "[b](x.json)", "[b](../x.json)"),
        ("docs/a.md", "![b](b.md)", "![b](b.md)"),
        ("docs/a.md", "`list[b](none.md)`", "`list[b](none.md)`"),
        ("docs/a.md", "\n```\n[b](none.md)\n```\n", "\n```\n[b](none.md)\n```\n"),
        ("CHANGELOG.md", "[b](docs/a.md)", "[b](guides/a.md)"),
    ],
)
def test_a_link_of_a_guide_leads_to_where_that_is_in_the_documentation(
    source: str, link: str, there: str
) -> None:
    files = {
        "docs/a.md": "",
        "docs/b.md": "",
        "docs/zh/b.md": "",
        "CHANGELOG.md": "",
        "examples/day.py": "",
        "docs/x.json": "",
    }
    found = docs.Library({**files, source: f"See {link}, [a](none.md)"})
    page = "changelog.md" if source == "CHANGELOG.md" else f"guides/{Path(source).name}"
    language = "zh" if "/zh/" in source else "en"
    assert found.linked(source, page, language) == f"See {there}, a"


def test_no_changelog_is_no_fault() -> None:
    assert "changelog" not in docs.site(of_spec(TOY), python.english, library())["zensical.en.toml"]


# ---- the command


def project(folder: Path) -> Path:
    """A checkout of nothing but a spec."""
    shutil.copytree(TOY, folder / "spec")
    return folder


def test_a_project_without_chinese_has_pages_in_english_only(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert __main__.main(["docs"], root) == 0
    made = root / "docs/reference"
    assert sorted(path.name for path in made.iterdir()) == ["en", "theme", "zensical.en.toml"]


def test_what_is_no_longer_said_is_gone_from_the_pages(tmp_path: Path) -> None:
    root = project(tmp_path)
    old = root / "docs/reference/en/guides/old.md"
    assert __main__.main(["docs"], root) == 0
    old.parent.mkdir()
    old.write_text("# Old")
    assert __main__.main(["docs"], root) == 0
    assert not old.exists()


def test_a_folder_of_something_else_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path)
    other = root / "docs/reference"
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("mine")
    assert __main__.main(["docs"], root) == 1
    assert "nothing written" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    assert list(other.parent.iterdir()) == [other]


def test_a_wrong_spec_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path)
    (root / "spec/shop.yaml").write_text("title: 店\n")
    assert __main__.main(["docs"], root) == 1
    assert "shop.yaml:1" in capsys.readouterr().err
    assert not (root / "docs").exists()
