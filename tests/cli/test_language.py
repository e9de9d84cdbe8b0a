"""The language of what the command says: one way to say it, and in Chinese all of it is Chinese."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import WeCom, says, serving
from wecom_contact import cli, reference
from wecom_contact.cli import _flags
from wecom_contact.cli._explain import about
from wecom_contact.cli._session import Session
from wecom_contact.testing import Simulator

from codegen import messages, resolve, spec
from codegen.runtime._runtime.field_limits import FIELD_LIMITS

from .conftest import Command

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "codegen/surfaces/cli").glob("*.py"))
ENGLISH = re.compile(r"(?<![\w`./'\"-])[a-z]{2,}(?: [a-z]{2,}){2,}", re.IGNORECASE)
"""Three words in a row, which no name is."""
QUOTED = re.compile(r"`[^`]*`|“[^”]*”")
TELLS = {"Failure", "Check", "BadParameter", "UsageError", "echo", "confirm", "prompt", "fail"}
"""What is handed to these is read by people."""


def english_in(text: str) -> list[str]:
    """The English sentences in a text; commands and what WeCom says word for word are none."""
    return ENGLISH.findall(QUOTED.sub("``", text))


def calls_in(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a file, by the last word of its name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield name, node


def test_every_sentence_that_is_said_is_in_the_catalogue_as_it_is_written() -> None:
    api = resolve.resolve(spec.load(ROOT / "spec"))
    known = messages.program_sources(api)
    said = [
        (path.name, ast.literal_eval(call.args[0]))
        for path in SOURCES
        for name, call in calls_in(path)
        if name == "say" and not isinstance(call.args[0], ast.Name)
    ]
    assert len(said) > 150
    assert [each for each in said if each[1] not in known] == []
    catalogue = messages.load(ROOT / "spec")
    assert catalogue is not None
    assert [text for text in known if not catalogue.entries[text].ready] == []
    assert known.keys() <= catalogue.texts(api).keys()


def test_nothing_is_told_to_people_but_by_say() -> None:
    bare = [
        (path.name, call.lineno, text)
        for path in SOURCES
        for name, call in calls_in(path)
        if name in TELLS
        for argument in call.args
        for text in plain(argument)
        if english_in(text)
    ]
    assert bare == []


def plain(argument: ast.expr) -> Iterator[str]:
    """The texts that stand in an argument itself, not in a call within it."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, (ast.JoinedStr, ast.BinOp, ast.IfExp, ast.BoolOp)):
        for inner in ast.iter_child_nodes(argument):
            if isinstance(inner, ast.expr):
                yield from plain(inner)


def test_every_limit_of_the_format_has_its_words() -> None:
    for name in FIELD_LIMITS:
        (words,) = _flags.limits({name: 1_234})
        assert "1,234" in words
        assert words.startswith("at most" if name.startswith("max") else "at least")


def everything(book: reference.Reference) -> Iterator[object]:
    for section in (book.calls, book.events, book.types, book.errors, book.resources):
        yield from section()


def test_everything_that_is_explained_in_chinese_is_chinese(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = reference.load("zh")
    monkeypatch.setattr("wecom_contact.cli._session.Session", lambda: Session(language="zh"))
    count = 0
    for found in everything(book):
        for line in about(found, book):
            count += 1
            if "--input -" not in line:  # an example, in the words of the page
                assert english_in(line) == []
    assert count > 3_000


@pytest.mark.parametrize("what", ["contact_way.add", "CustomerAdded", "84061", "UserId", "AddWay"])
def test_what_is_explained_says_the_same_in_both_languages(what: str, command: Command) -> None:
    english, chinese = command("explain", what), command("--lang", "zh", "explain", what)
    assert len(english.lines) == len(chinese.lines)
    assert english_in(english.out)
    assert english_in("\n".join(line for line in chinese.lines if "--input" not in line)) == []


def test_limits_and_duties_are_told_in_the_readers_language(command: Command) -> None:
    page = command("--lang", "zh", "call", "customer.remark", "--help").out
    for words in ("[必填]", "[最多 20 个字符]", "[可重复]"):
        assert words in " ".join(page.split())
    assert "required" not in page
    page = command("call", "customer.remark", "--help").out
    for words in ("[required]", "[at most 20 characters]", "[may be repeated]"):
        assert words in " ".join(page.split())


def chinese_checks(command: Command, *words: str) -> list[dict[str, str]]:
    """The checks of the doctor, after a look at whether a person reads Chinese alone."""
    drawn = command("--lang", "zh", "doctor", *words)
    for line in drawn.lines:
        # The words of the system and of Python are theirs.
        assert english_in(re.sub(r"\[Errno.*|\[SSL.*|Callback\.\w+: .*", "", line)) == []
    told: list[dict[str, str]] = json.loads(
        command("--lang", "zh", "doctor", "--json", *words).out
    )["checks"]
    english = json.loads(command("doctor", "--json", *words).out)["checks"]
    assert [(check["name"], check["status"]) for check in told] == [
        (check["name"], check["status"]) for check in english
    ]
    return told


def test_the_doctor_speaks_chinese_when_all_is_well(command: Command, corp: Simulator) -> None:
    told = chinese_checks(command, "--callback-url", "http://127.0.0.1:1/")
    assert {"name": "token", "status": "ok", "message": "企业微信已签发", "hint": ""} in told
    drawn = command("--lang", "zh", "doctor").out
    assert "✓ 凭证 token: 企业微信已签发" in drawn
    assert "follow_user: follow_user.list 调用成功, 2 × follow_user" in drawn


@pytest.mark.parametrize("code", [40001, 42001, 48002, 60011, 60020, 45009, 84074, 40058, -7])
def test_the_doctor_says_in_chinese_what_wecom_refused(
    code: int, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = WeCom(strict=False)
    wecom.answers[wecom.GETTOKEN] = says(0, access_token="T", expires_in=7200)
    words = "not allow to access from your ip, from ip: 203.0.113.9" if code == 60020 else "no"
    for call in reference.calls():
        wecom.answers[call.path] = says(code, words)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_CORP_ID", "my-corp")
        monkeypatch.setenv("WECOM_SECRET", "short")
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        monkeypatch.setenv("WECOM_CALLBACK_TOKEN", "T")
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
        told = chinese_checks(command)
    assert len(told) > 5
    if code > 0:
        fact = reference.error(code, language="zh")
        assert code == 60020 or any(fact.doc.rstrip("。") in check["message"] for check in told)


def test_the_doctor_says_in_chinese_that_nobody_calls_and_that_nothing_is_there(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = chinese_checks(command)
    assert check["message"].startswith("以谁的身份调用？")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("WECOM_CORP_ID", "ww5e1f0a2b3c4d5e6f")
    monkeypatch.setenv("WECOM_SECRET", "S" * 43)
    for url in ("http://127.0.0.1:1", "https://nowhere.invalid"):
        monkeypatch.setenv("WECOM_BASE_URL", url)
        command("--lang", "zh", "doctor")
    chinese_checks(command, "--offline")


@pytest.mark.parametrize(
    "words",
    [
        ["call", "contact_way.ad"],
        ["explain", "CustomerAded"],
        ["calls", "天气预报怎么样"],
        ["docter"],
        ["call", "follow_user.list"],
        ["--profile", "x", "call", "follow_user.list"],
        ["profile", "use", "x"],
        ["profile", "add", "x"],
        ["raw", "GET", "/x", "--query", "b"],
        ["raw", "POST", "/x"],
        ["callback", "forge", "X", "http://127.0.0.1:1/"],
        ["call", "customer.list", "--input", "-"],
    ],
    ids=" ".join,
)
def test_what_goes_wrong_is_told_in_the_language_that_was_asked_for(
    words: list[str], command: Command
) -> None:
    told = command("--lang", "zh", *words)
    assert told.status == command(*words).status != 0
    assert told.err.startswith("错误：")
    # click's own words for the name of an option are before it.
    assert english_in(told.err.replace("Invalid value for", "")) == []
    assert re.search("[\u4e00-\u9fff]", told.err.removeprefix("错误："))


def test_what_wecom_refuses_is_told_in_the_language_that_was_asked_for(
    command: Command, corp: Simulator
) -> None:
    words = ["call", "customer.list", "--userid", "nobody"]
    fact = reference.error(40003, language="zh")
    told = command("--lang", "zh", *words).err
    assert fact.doc.rstrip("。") in told
    assert f"（{fact.title}）" in told
    assert reference.error(40003).doc.rstrip(".") in command(*words).err


def test_the_command_has_no_other_home_for_chinese() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    english = {
        text
        for text in messages.program_sources(resolve.resolve(spec.load(ROOT / "spec")))
        if han.search(text)
    }
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        strange = [text for text in texts if han.search(text) and text not in english]
        # The page of help names the API as WeCom does.
        assert [text for text in strange if "企业微信客户联系" not in text] == []
    assert Path(cli.__file__).parent.name == "cli"
