"""The guides and the README: their Python runs, their links lead somewhere, and the Chinese says the same as the English.

A guide is a file of `docs/`; its Chinese is the file of that name in `docs/zh/`. Nothing here knows a guide by name
except those that a test of their own follows to the letter, so a new guide is held by all of this once it is there.

Each block of Python runs in the order of its guide, in one namespace, against a simulated corp of that guide's own:
`corp` is the `Simulator`, `wecom` a `Client` of it, and `corp_id`, `secret`, `token`, `aes_key` are strings that work;
these six are there again for each block, whatever the one before has made of them.
`Client(corp_id="ww…", secret="…")` reaches the simulator as well, and so does `Client.from_env()`; `await` may stand
at the top level. The working directory is empty. What a block needs besides, and what cannot be run, is said in a
comment of the Markdown before it:

    <!-- before: rows = [] -->
    <!-- not run: needs a broker -->
"""

import ast
import asyncio
import gc
import inspect
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from wecom_contact import AsyncClient, Client
from wecom_contact.testing import Simulator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
GUIDES = [README, *sorted(DOCS.glob("*.md"))]
FOLLOWED = {
    "testing.md": "tests/test_testing_guide.py",
    "mirror.md": "tests/mirror/test_mirror_guide.py",
}
"""Guides that another test follows, and it alone runs their Python."""
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

FENCE = re.compile(r" {0,3}(```+|~~~+)\s*([\w-]*)")
HEADING = re.compile(r"(#{1,6}) +(.*?)[ #]*$")
LINK = re.compile(r"\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
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
    rows: int
    """Rows of tables."""

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
    lines = text.splitlines()
    page = Page(path, [], [], [], sum(line.lstrip().startswith("|") for line in lines))
    prose: list[str] = []
    place, comment = 0, ""
    while place < len(lines):
        line = lines[place]
        begin = place
        place += 1
        if fence := FENCE.match(line):
            while lines[place].strip() != fence[1]:
                place += 1
            page.blocks.append(block(fence[2], lines, begin + 1, place, comment))
            place += 1
            comment = ""
        elif line.startswith("    ") and not lines[begin - 1].strip():
            while place < len(lines) and lines[place].startswith("    "):
                place += 1
            page.blocks.append(block("", lines, begin, place, ""))
        elif line.startswith("<!--"):
            while "-->" not in lines[place - 1]:
                place += 1
            comment = "\n".join(lines[begin:place])[4:].partition("-->")[0].strip()
        elif line.strip():
            comment = ""
            if heading := HEADING.match(line):
                page.headings.append((len(heading[1]), heading[2]))
            prose.append(line)
    page.links.extend(LINK.findall(re.sub(r"`[^`]*`", "``", "\n".join(prose))))
    return page


def block(language: str, lines: list[str], begin: int, end: int, comment: str) -> Block:
    inside = lines[begin:end]
    margin = min((len(line) - len(line.lstrip()) for line in inside if line.strip()), default=0)
    return Block(language, begin + 1, "\n".join(line[margin:] for line in inside).rstrip(), comment)


def chinese(path: Path) -> Path:
    """Where the Chinese of a guide is."""
    return ROOT / "README.zh-CN.md" if path == README else path.parent / "zh" / path.name


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


PAIRS = [pytest.param(path, chinese(path), id=path.name) for path in GUIDES]
TRANSLATED = [pair for pair in PAIRS if pair.values[1].exists()]


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
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with corp.client() as wecom, warnings.catch_warnings():
        # A guide shows how a client is made, and not each time how it is closed.
        warnings.simplefilter("ignore", ResourceWarning)
        given = {
            "corp": corp,
            "wecom": wecom,
            "corp_id": corp.corp_id,
            "secret": corp.secret,
            "token": TOKEN,
            "aes_key": AES_KEY,
        }
        yield given
        gc.collect()


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
        if path.name not in FOLLOWED and any(not reason(each) for each in python_of(path))
    ],
)
def test_the_python_of_a_guide_runs(path: Path, given: dict[str, Any]) -> None:
    names = {"__name__": "guide"}
    with asyncio.Runner() as runner:
        for found in python_of(path):
            if reason(found):
                continue
            names.update(given)
            before = found.comment.removeprefix("before:") if found.comment else ""
            for line, text in (found.line - 2, inspect.cleandoc(before)), (found.line, found.text):
                # The lines of a traceback are those of the Markdown.
                code = compile(
                    "\n" * max(line - 1, 0) + text,
                    path,
                    "exec",
                    ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                    dont_inherit=True,
                )
                result = eval(code, names)
                if inspect.iscoroutine(result):
                    runner.run(result)


def test_what_is_not_run_is_little_and_says_why() -> None:
    blocks = [found for path in GUIDES if path.name not in FOLLOWED for found in python_of(path)]
    reasons = [reason(found).split() for found in blocks if reason(found)]
    assert all(len(words) > 2 for words in reasons), reasons
    assert len(reasons) * 6 <= len(blocks), f"{len(reasons)} of {len(blocks)} are not run"


def test_a_comment_before_a_block_is_one_that_is_understood() -> None:
    for path in GUIDES:
        for found in python_of(path):
            assert re.match(r"(before|not run):\s|$", found.comment), f"{path}:{found.line}"


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_guide_that_is_not_run_here_has_a_test_of_its_own(name: str) -> None:
    text = (ROOT / FOLLOWED[name]).read_text("utf-8")
    assert f'"docs" / "{name}"' in text
    assert python_of(DOCS / name)


# The Chinese.


def same_tree(english: Any, translated: Any) -> bool:
    """Whether two pieces of a syntax tree differ in Chinese texts only."""
    if type(english) is not type(translated):
        return False
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
    name = name_of(file).replace("docs/zh/", "docs/").replace(".zh-CN.md", ".md")
    if not anchor:
        return name
    anchors = read(file).anchors()
    assert anchor in anchors, f"{name_of(page.path)}: {link}"
    return f"{name}#{anchors.index(anchor)}"


@pytest.mark.parametrize(("english", "translated"), PAIRS)
def test_links_lead_somewhere(english: Path, translated: Path) -> None:
    for path in (english, translated):
        if path.exists():
            for link in read(path).links:
                assert target(read(path), link)


@pytest.mark.parametrize(("english", "translated"), TRANSLATED)
def test_the_chinese_of_a_guide_has_the_same_parts(english: Path, translated: Path) -> None:
    one, other = read(english), read(translated)
    assert [level for level, _ in other.headings] == [level for level, _ in one.headings]
    assert other.rows == one.rows
    assert sorted(target(other, link) for link in other.links) == sorted(
        target(one, link) for link in one.links
    )


@pytest.mark.parametrize(("english", "translated"), TRANSLATED)
def test_the_chinese_of_a_guide_has_the_same_code(english: Path, translated: Path) -> None:
    blocks = read(english).blocks, read(translated).blocks
    assert len(blocks[0]) == len(blocks[1])
    for one, other in zip(*blocks, strict=True):
        assert same_code(one, other), f"{name_of(translated)}:{other.line}\n{other.text}"
