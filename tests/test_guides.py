"""The guides and the README: their Python runs, their links lead somewhere, and the Chinese says the same as the English.

A guide is a file of `docs/`; its Chinese is the file of that name in `docs/zh/`. Nothing here knows a guide by name
except those that a test of their own follows to the letter, so a new guide is held by all of this once it is there.

Each block of Python runs in the order of its guide, in one namespace, against a simulated corp of that guide's own:
`corp` is the `Simulator`, `wecom` a `Client` of it, and `corp_id`, `secret`, `token`, `aes_key` are strings that work;
these six are there again for each block, whatever the one before has made of them.
`Client(corp_id="ww…", secret="…")` reaches the simulator as well, and so does `Client.from_env()`; `await` may stand
at the top level. The working directory is empty. A guide closes the `AsyncClient`s with which it calls. What a block
needs besides, and what cannot be run, is said in a comment of the Markdown before it:

    <!-- before: rows = [] -->
    <!-- not run: needs a broker -->
"""

import ast
import asyncio
import inspect
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import unicodedata
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
import wecom_contact
from aiohttp.test_utils import TestClient, TestServer
from django.test import RequestFactory
from markdown_it import MarkdownIt
from wecom_contact import AsyncClient, CallbackRejected, Client, reference
from wecom_contact.testing import Simulator
from yarl import URL

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
GUIDES = [README, *sorted(DOCS.glob("*.md"))]
FOLLOWED = {
    "testing.md": "tests/test_testing_guide.py",
    "mirror.md": "tests/mirror/test_mirror_guide.py",
}
"""Guides that another test follows, and it alone runs their Python."""
INSTALLED = any(
    found.value == "wecom_contact._pytest_plugin" for found in entry_points(group="pytest11")
)
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

MARKDOWN = MarkdownIt("commonmark").enable("table")
MARKDOWN.normalizeLink = str  # as it is written, in Chinese too
CALLS = re.compile(r"<!-- calls: generated -->\n.*?<!-- end -->\n", re.S)
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# What a quoted text may say in another language: anything.
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
REMARK = re.compile(r"(?:^|\s+)(?:#|//|<!--).*$")


class Block(NamedTuple):
    """Code in a page: its language ("" if it says none), where it begins, and the comment before it."""

    language: str
    line: int
    text: str
    comment: str


class Page(NamedTuple):
    """What is not prose in a page of Markdown."""

    path: Path
    headings: list[tuple[int, str]]
    blocks: list[Block]
    links: list[str]
    rows: list[str]
    """Of each row of a table, the name with which it begins, if it does."""
    paragraphs: list[int]
    """How many there are before the first heading and below each, items of lists included."""

    def anchors(self) -> list[str]:
        """What a link to each heading has after its `#`, as GitHub makes it."""
        seen: Counter[str] = Counter()
        found = []
        for _, heading in self.headings:
            words = "".join(
                letter
                for letter in re.sub(r"[`*]|\]\([^)]*\)", "", heading).lower()
                if letter in " -_" or unicodedata.category(letter)[0] in "LN"
            )
            anchor = words.replace(" ", "-")
            found.append(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
        return found


@cache
def read(path: Path) -> Page:
    """Take a page apart, the generated table of calls aside."""
    # As many lines as before, so that a line's number is right.
    text = CALLS.sub(lambda found: "\n" * found[0].count("\n"), path.read_text("utf-8"))
    tokens = MARKDOWN.parse(text)
    page = Page(path, [], [], [], [], [0])
    comment = ""
    for place, token in enumerate(tokens):
        if token.type == "html_block":
            comment = token.content.partition("<!--")[2].partition("-->")[0].strip()
            continue
        if token.type in ("fence", "code_block"):
            assert token.map is not None
            first = token.map[0] + (2 if token.type == "fence" else 1)
            text = token.content.rstrip()
            page.blocks.append(Block(token.info.strip(), first, text, comment))
        elif token.type == "heading_open":
            page.headings.append((int(token.tag[1]), tokens[place + 1].content))
            page.paragraphs.append(0)
        elif token.type == "paragraph_open":
            page.paragraphs[-1] += 1
        elif token.type == "tr_open":
            cell = tokens[place + 2].children or ()
            page.rows.append(cell[0].content if cell and cell[0].type == "code_inline" else "")
        elif token.type == "inline":
            page.links.extend(
                str(child.attrs["href"])
                for child in token.children or ()
                if child.type == "link_open"
            )
        comment = ""
    return page


def chinese(path: Path) -> Path:
    """Where the Chinese of a guide is."""
    return ROOT / "README.zh-CN.md" if path == README else path.parent / "zh" / path.name


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


PAIRS = [pytest.param(path, chinese(path), id=path.name) for path in GUIDES]


# The Python of the guides.


@pytest.fixture
def corp() -> Iterator[Simulator]:
    """A small corp with the placeholders of the guides for its corp id and secret."""
    with Simulator("ww…", "…") as corp:
        corp.populate(30)
        yield corp


@pytest.fixture
def given(
    corp: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What the Python of a guide finds there."""
    for kind in (Client, AsyncClient):
        monkeypatch.setitem(kind.__init__.__kwdefaults__, "base_url", corp.url)
    monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
    monkeypatch.setenv("WECOM_SECRET", corp.secret)
    monkeypatch.setenv("WECOM_BASE_URL", corp.url)
    monkeypatch.setenv("WECOM_CALLBACK_TOKEN", TOKEN)
    monkeypatch.setenv("WECOM_CALLBACK_AES_KEY", AES_KEY)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")  # where nobody answers
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with corp.client() as wecom:
        yield {
            "corp": corp,
            "wecom": wecom,
            "corp_id": corp.corp_id,
            "secret": corp.secret,
            "token": TOKEN,
            "aes_key": AES_KEY,
        }


def python_of(path: Path) -> list[Block]:
    return [found for found in read(path).blocks if found.language == "python"]


def reason(found: Block) -> str:
    """Why a block is not run; nothing if it is."""
    return found.comment.removeprefix("not run:") if found.comment.startswith("not run:") else ""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.name)
        for path in GUIDES
        if path.name not in FOLLOWED and any(not reason(found) for found in python_of(path))
    ],
)
def test_the_python_of_a_guide_runs(path: Path, given: dict[str, Any]) -> None:
    names = {"__name__": "guide"}
    with asyncio.Runner() as runner:
        for found in python_of(path):
            if not reason(found):
                names.update(given)
                execute(found, path, names, runner)


def execute(found: Block, path: Path, names: dict[str, Any], runner: asyncio.Runner) -> None:
    """Run a block, and what its comment says before it."""
    before = inspect.cleandoc(found.comment.removeprefix("before:"))
    for line, text in (found.line - 2, before), (found.line, found.text):
        # The lines of a traceback are those of the Markdown.
        whole = "\n" * max(line - 1, 0) + text
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        result = eval(compile(whole, path, "exec", flags, dont_inherit=True), names)
        if inspect.iscoroutine(result):
            runner.run(result)


def test_what_is_not_run_is_little_and_says_why() -> None:
    blocks = [found for path in GUIDES if path.name not in FOLLOWED for found in python_of(path)]
    reasons = [reason(found).split() for found in blocks if reason(found)]
    assert all(len(words) > 2 for words in reasons), reasons
    assert len(reasons) * 4 <= len(blocks), f"{len(reasons)} of {len(blocks)} are not run"


def test_a_comment_before_a_block_is_one_that_is_understood() -> None:
    for path in GUIDES:
        for found in python_of(path):
            assert re.match(r"(before|not run):\s|$", found.comment), f"{path}:{found.line}"


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_guide_that_is_not_run_here_has_a_test_of_its_own(name: str) -> None:
    text = (ROOT / FOLLOWED[name]).read_text("utf-8")
    assert f'"docs" / "{name}"' in text
    assert python_of(DOCS / name)


# What the guides say of errors.


@pytest.mark.parametrize(
    "path", [DOCS / "before-you-start.md", DOCS / "zh" / "before-you-start.md"]
)
def test_the_errors_of_the_first_day_have_the_class_that_is_said(path: Path) -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", path.read_text("utf-8"), re.M)
    assert {"60020", "48002", "60011", "84061"} < dict(rows).keys()
    for code, name in rows:
        assert reference.error(int(code)).cls == name, code


@pytest.mark.parametrize("path", [DOCS / "callbacks.md", DOCS / "zh" / "callbacks.md"])
def test_what_callbacks_are_refused_for_has_the_status_that_is_said(path: Path) -> None:
    rows = re.findall(r"^\| `([\w ]+)` \| (\d+) \|", path.read_text("utf-8"), re.M)
    assert [why for why, _ in rows] == [
        "signature", "receiver", "too old", "padding", "format", "too large", "replayed",
    ]  # fmt: skip
    for why, status in rows:
        assert CallbackRejected(why).status == int(status)


# The frameworks of the guide to callbacks.


async def ask_asgi(app: Any, method: str, query: str, body: bytes) -> tuple[int, str]:
    """Serve a request by an ASGI app, and wait for what it does afterwards."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "headers": [],
        "path": "/wecom", "raw_path": b"/wecom", "root_path": "", "query_string": query.encode(),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent).decode()


async def ask_aiohttp(app: Any, method: str, query: str, body: bytes) -> tuple[int, str]:
    async with TestClient(TestServer(app)) as client:
        async with client.request(method, URL(f"/wecom?{query}", encoded=True), data=body) as reply:
            return reply.status, await reply.text()


def ask_flask(app: Any, method: str, query: str, body: bytes) -> tuple[int, str]:
    reply = app.test_client().open("/wecom", method=method, query_string=query, data=body)
    return reply.status_code, reply.text


def ask_django(view: Any, method: str, query: str, body: bytes) -> tuple[int, str]:
    reply = view(RequestFactory().generic(method, "/wecom", body, QUERY_STRING=query))
    return reply.status_code, reply.content.decode()


def test_every_framework_of_the_guide_answers_wecom(given: dict[str, Any], corp: Simulator) -> None:
    path = DOCS / "callbacks.md"
    # What a block makes under which name, and what asks it.
    asking = {
        "fastapi": ("app", ask_asgi),
        "flask": ("app", ask_flask),
        "django.http": ("receive", ask_django),
        "aiohttp": ("web_app", ask_aiohttp),
    }
    names = {"__name__": "guide", **given}
    queued: list[Any] = []
    poster = corp.add_contact_way(["zhangsan"], state="poster")
    with asyncio.Runner() as runner:
        for found in python_of(path):
            imported = re.findall(r"^from ([\w.]+) import", found.text, re.M)
            execute(found, path, names, runner)
            names["enqueue"] = queued.append  # the guide's would print
            for framework in asking.keys() & set(imported):
                name, ask = asking.pop(framework)
                callback = names["callback"]
                before = len(queued) + len(corp.sent_messages)
                corp.customer_scans(poster)
                query, body = callback.forge(corp.callbacks.events[-1])
                echo = urlencode(callback.forge_url("1616"))
                for method, words, content, answer in (
                    ("GET", echo, b"", (200, "1616")),
                    ("POST", urlencode({**query, "nonce": "1"}), body, (403, "signature")),
                    ("POST", urlencode(query), body, (200, "success")),
                    ("POST", urlencode(query), body, (200, "success")),
                ):
                    said = ask(names[name], method, words, content)
                    assert (runner.run(said) if inspect.iscoroutine(said) else said) == answer
                end = time.monotonic() + 20
                while len(queued) + len(corp.sent_messages) == before:
                    assert time.monotonic() < end
                    time.sleep(0.01)
                assert len(queued) + len(corp.sent_messages) == before + 1, framework
        runner.run(names["async_wecom"].aclose())
    assert asking == {}


# The quickstart, to the letter.


class Terminal:
    """Runs the commands of a guide in a folder, on ports that nobody else has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, socket.socket] = {}
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(Path(wecom_contact.__file__).parent.parent),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def here(self, text: str) -> str:
        """A text of the guide with the ports of this machine."""
        for port in re.findall(r"(?:127\.0\.0\.1(?::|\", )|--port )(\d+)", text):
            if port not in self.ports:
                # Bound and not listening, it is given to nobody but to who asks for it by its number.
                self.ports[port] = held = socket.socket()
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.bind(("127.0.0.1", 0))
            text = text.replace(port, str(self.ports[port].getsockname()[1]))
        return text

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self.here(text), "utf-8")

    def words(self, command: str) -> list[str]:
        program, *words = shlex.split(self.here(command))
        modules = {"wecom-contact": ["-m", "wecom_contact"], "python": []}
        return [sys.executable, *modules[program], *words]

    def run(self, command: str) -> str:
        done = subprocess.run(
            self.words(command),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, command + done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, command: str, says: str) -> None:
        """Start a program that goes on, instead of the one of that name; wait until it says something."""
        self.stop(name)
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.words(command), cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        self.wait(name, says)

    def wait(self, name: str, says: str) -> None:
        end = time.monotonic() + 60
        while says not in (said := (self.folder / f"{name}.log").read_text("utf-8")):
            assert self.running[name].poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.02)

    def reach(self, name: str, url: str) -> None:
        """Wait until a program answers, whatever it says."""
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.here(url), timeout=5).close()
            except urllib.error.HTTPError as answer:
                answer.close()
                return
            except OSError:
                assert self.running[name].poll() is None
                assert time.monotonic() < end
                time.sleep(0.02)
            else:
                return

    def stop(self, name: str) -> None:
        if name in self.running:
            self.running[name].terminate()
            self.running.pop(name).wait()

    def close(self) -> None:
        for name in list(self.running):
            self.stop(name)
        for held in self.ports.values():
            held.close()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def test_a_newcomer_gets_to_a_running_callback(terminal: Terminal) -> None:
    text, own_company = (DOCS / "quickstart.md").read_text("utf-8").split("## To your own company")
    files = re.findall(r"`(\w+\.py)`[^\n]*:\n\n(?:<!--[^\n]*\n)?```python\n(.*?)```", text, re.S)
    assert [name for name, _ in files] == ["first.py", "app.py", "test_app.py"]
    for name, content in files:
        terminal.write(name, content)
    app = "http://127.0.0.1:8080/wecom"
    said = {}
    for command in "".join(re.findall(r"```sh\n(.*?)```", text, re.S)).splitlines():
        match command.split():
            case ["export", *settings]:
                pairs = (terminal.here(setting).split("=", 1) for setting in settings)
                terminal.environment.update(pairs)
            case ["wecom-contact", "simulator", *_]:
                quick = command.replace("--busy 5", "--busy 0.1")
                assert (quick != command) == ("app" in terminal.running)
                terminal.start("simulator", quick, "base_url")
            case ["python", "app.py"]:
                terminal.start("app", command, "")  # it says nothing before somebody asks it
                terminal.reach("app", app)
            case ["wecom-contact" | "python", *_]:
                said[command] = terminal.run(command)
            case ["pytest", *words]:
                load = () if INSTALLED else ("-p", "wecom_contact._pytest_plugin")
                quiet = ("-p", "no:cacheprovider", *load)
                said["pytest"] = terminal.run(
                    shlex.join(("python", "-m", "pytest", *words, *quiet))
                )
            case _:
                assert re.match(r"(python3 -m venv |\. venv/|pip install )", command), command
    marks = re.findall(r"^[✓!✗-]", said["wecom-contact doctor"], re.M)
    assert "✓" in marks
    assert not {"!", "✗"} & set(marks)
    assert "customer_tag.mark" in said["wecom-contact calls 标签"]
    assert "zhangsan" in said["wecom-contact call follow_user.list"]
    assert re.search(r"since \d+-.*QR code.*\n\d+: ", said["python first.py"], re.S)
    assert "✓" in said[f"wecom-contact callback check {app}"]
    assert "1 passed" in said["pytest"]
    terminal.wait("app", "happened: CustomerDeleted")
    terminal.wait("app", "greeted wm")
    assert "wecom-contact doctor" in own_company


# The Chinese.


def same_tree(english: Any, translated: Any) -> bool:
    """Whether two pieces of a syntax tree differ in Chinese texts only."""
    if type(english) is not type(translated):
        return False
    if isinstance(translated, ast.JoinedStr) and CHINESE.search(ast.unparse(translated)):
        # Another language has another order.
        return values_of(english) == values_of(translated)
    if isinstance(english, ast.AST):
        return all(
            same_tree(getattr(english, name, None), getattr(translated, name, None))
            for name in english._fields
        )
    if isinstance(english, list):
        return len(english) == len(translated) and all(map(same_tree, english, translated))
    return english == translated or (
        isinstance(translated, str) and CHINESE.search(translated) is not None
    )


def values_of(text: ast.JoinedStr) -> list[str]:
    """What an f-string takes in."""
    return sorted(ast.dump(part) for part in text.values if isinstance(part, ast.FormattedValue))


def same_line(english: str, translated: str) -> bool:
    """Whether two lines of code or of output differ in remarks and Chinese texts only."""
    english, translated = REMARK.sub("", english), REMARK.sub("", translated)
    if english == translated:
        return True
    if not CHINESE.search(translated):
        return False
    rest = QUOTED.sub("", translated)
    # Outside of quotes, only a line of output is in Chinese.
    return CHINESE.search(rest) is not None or rest == QUOTED.sub("", english)


def same_code(english: Block, translated: Block) -> bool:
    if english.language != translated.language:
        return False
    if english.language == "python":
        return same_tree(ast.parse(english.text), ast.parse(translated.text))
    lines = english.text.splitlines(), translated.text.splitlines()
    return len(lines[0]) == len(lines[1]) and all(map(same_line, *lines))


@pytest.mark.parametrize(
    ("language", "english", "translated", "same"),
    [
        ("python", 'say("Hello")  # to all', 'say("你好")  # 对所有人', True),
        ("python", '"""Greet."""\nx = 1', '"""问候。"""\nx = 1', True),
        ("python", 'say(f"Hi {name}")', 'say(f"你好 {name}")', True),
        ("python", 'say(f"{who} greets {name}")', 'say(f"{name}受到{who}的问候")', True),
        ("python", 'say(f"Hi {name}")', 'say(f"你好 {other}")', False),
        ("python", 'say(f"Hi {name}")', 'say(f"Hello {name}")', False),
        ("python", 'say("Hello")', 'say("Goodbye")', False),
        ("python", 'say("Hello")', 'say("你好", 1)', False),
        ("python", "say(timeout=10)", "say(timeout=30)  # 秒", False),
        ("sh", "pip install x   # first", "pip install x   # 先安装", True),
        ("sh", "pip install x", "pip install y", False),
        ("sh", "note --text 'hello' --to x", "note --text '你好' --to x", True),
        ("sh", "note --text 'hello' --to x", "note --text '你好' --to y", False),
        ("text", "3 rows", "3 行", True),
        ("text", "3 rows\nend", "3 行", False),
    ],
)
def test_code_is_the_same_but_for_remarks_and_chinese(
    language: str, english: str, translated: str, same: bool
) -> None:
    one, other = Block(language, 1, english, ""), Block(language, 1, translated, "")
    assert same_code(one, other) == same
    assert not same_code(one, other._replace(language="yaml"))


def target(page: Page, link: str) -> str:
    """Where a link leads, in words that are equal for both languages: a path, and the number of a heading."""
    if ":" in link:
        return link
    path, _, anchor = link.partition("#")
    file = (page.path.parent / path).resolve() if path else page.path
    assert file.exists(), f"{name_of(page.path)}: {link}"
    if page.path == chinese(README) or page.path.parent.name == "zh":
        assert not (file in GUIDES and file != README and chinese(file).exists()), (
            f"{name_of(page.path)}: {link} is there in Chinese, too"
        )
    name = name_of(file).replace("docs/zh/", "docs/").replace(".zh-CN.md", ".md")
    if not anchor:
        return name
    anchors = read(file).anchors()
    assert anchor in anchors, f"{name_of(page.path)}: {link}"
    return f"{name}#{anchors.index(anchor)}"


@pytest.mark.parametrize(("english", "translated"), PAIRS)
def test_links_lead_somewhere(english: Path, translated: Path) -> None:
    for path in (english, translated):
        for link in read(path).links:
            assert target(read(path), link)


def test_whoever_is_told_to_install_is_told_where_the_package_comes_from() -> None:
    install = re.compile(r'^(?:    |1\. .*`)?pip install "wecom-contact\[', re.MULTILINE)
    telling = [
        [path for path in (guide, chinese(guide)) if install.search(path.read_text("utf-8"))]
        for guide in DOCS.glob("*.md")
        if guide.name != "quickstart.md"
    ]
    assert sum(len(pair) == 2 for pair in telling) >= 7
    for path in (path for pair in telling for path in pair):
        assert re.search(r"\]\(quickstart\.md#(install|安装)\)", path.read_text("utf-8")), path


def test_every_guide_is_there_in_both_languages() -> None:
    assert {chinese(path).name for path in GUIDES if path != README} == {
        path.name for path in (DOCS / "zh").glob("*.md")
    }


@pytest.mark.parametrize(("english", "translated"), PAIRS)
def test_the_chinese_of_a_guide_has_the_same_parts(english: Path, translated: Path) -> None:
    one, other = read(english), read(translated)
    assert [level for level, _ in other.headings] == [level for level, _ in one.headings]
    assert len(other.rows) == len(one.rows)
    for names in zip(one.rows, other.rows, strict=True):
        if all(names) and not CHINESE.search(names[1]):
            assert names[0] == names[1], "the rows are in one order"
    assert other.paragraphs == one.paragraphs
    assert sorted(target(other, link) for link in other.links) == sorted(
        target(one, link) for link in one.links
    )


@pytest.mark.parametrize(("english", "translated"), PAIRS)
def test_the_chinese_of_a_guide_has_the_same_code(english: Path, translated: Path) -> None:
    blocks = read(english).blocks, read(translated).blocks
    assert len(blocks[0]) == len(blocks[1])
    for one, other in zip(*blocks, strict=True):
        assert same_code(one, other), f"{name_of(translated)}:{other.line}\n{other.text}"
