"""The command as a whole: its pages of help, its language, its errors and exit statuses, how fast it starts."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from serving import Reply, WeCom, says, serving
from wecom_contact import errors, reference
from wecom_contact.cli import main
from wecom_contact.cli._app import SUBCOMMANDS, run
from wecom_contact.cli._failures import STATUSES
from wecom_contact.testing import Simulator

from .conftest import Command

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_every_subcommand_has_a_page_of_help_and_one_line_in_the_first(command: Command) -> None:
    first = command("--help")
    for name, (_, _, line) in SUBCOMMANDS.items():
        assert re.search(rf"  {name} +{re.escape(line[:20])}", first.out)
        if name != "simulator":
            assert command(name, "--help").out.startswith("Usage: ")


def test_the_simulators_own_help_is_shown(command: Command, capsys: Any) -> None:
    with pytest.raises(SystemExit) as left:
        run(["simulator", "--help"])
    assert left.value.code == 0
    assert "--customers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "status"),
    [(40001, 3), (48002, 4), (84061, 5), (40058, 6), (45035, 8), (45009, 8), (41054, 4), (-7, 1)],
)
def test_the_exit_status_tells_the_class_of_error(
    code: int, status: int, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = WeCom(strict=False)
    wecom.answers["/cgi-bin/externalcontact/list"] = says(code, "no")
    wecom.answers[wecom.GETTOKEN] = says(0, access_token="T", expires_in=7200)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving(wecom) as server:
        for name, value in {"CORP_ID": "ww1", "SECRET": "s", "BASE_URL": server.url}.items():
            monkeypatch.setenv(f"WECOM_{name}", value)
        words = ["call", "customer.list", "--userid", "zhangsan"]
        done = command(*words)
        assert done.status == status
        assert str(code) in done.err
        told = json.loads(command(*words, "-o", "json").err)
    assert (told["ok"], told["code"], told["errmsg"]) == (False, code, "no")


def test_every_error_class_has_a_status_that_the_docs_tell() -> None:
    table = {
        name: int(status)
        for status, names in re.findall(r"^\| (\d+) \| (.*) \|$", DOCS.read_text("utf-8"), re.M)
        for name in re.findall(r"`(\w+)`", names)
    }
    told = {cls.__name__: status for cls, status in STATUSES}
    assert table == {name: told[name] for name in table}
    for name, cls in vars(errors).items():
        if isinstance(cls, type) and issubclass(cls, errors.WeComError):
            found = next(status for known, status in STATUSES if issubclass(cls, known))
            assert found == table.get(name, found)


def test_advice_is_in_the_language_of_the_reader(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = reference.error(40003).advice
    chinese = reference.error(40003, language="zh").advice
    words = ["call", "customer.list", "--userid", "nobody"]
    assert english in command(*words).err
    assert chinese in command("--lang", "zh", *words).err
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert chinese in command(*words).err
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert english in command(*words).err


def test_no_secret_is_printed_in_debug_either(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    done = command("--debug", "call", "customer.list", "--userid", "nobody")
    assert "Traceback" in done.err
    assert corp.secret not in done.out + done.err
    assert "access_token=" not in done.out + done.err


def start(*words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_and_completion_import_no_resource_and_no_table() -> None:
    code = """
import sys
from wecom_contact.cli._app import run
run(sys.argv[1:])
heavy = {"rich", "wecom_contact.customer", "wecom_contact.catalog", "urllib3"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    for words in (["--help"], ["call", "contact_way.add", "--help"], ["call", "--help"]):
        assert start("-c", code, *words).stderr.strip() == "[]"


def test_a_shell_is_answered() -> None:
    words = {"COMP_WORDS": "wecom-contact call contact_w", "COMP_CWORD": "2"}
    done = start("-m", "wecom_contact", _WECOM_CONTACT_COMPLETE="bash_complete", **words)
    assert "plain,contact_way.add" in done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str, command: Command) -> None:
    assert "_WECOM_CONTACT_COMPLETE" in command("completion", shell).out


def test_a_reader_that_has_read_enough_hears_no_complaint(corp: Simulator) -> None:
    line = f"{sys.executable} -m wecom_contact calls -o ndjson | head -1"
    done = subprocess.run(
        ["bash", "-c", line],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)


def test_what_is_left_to_print_is_thrown_away_when_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def nobody(*words: Any, **options: Any) -> None:
        raise BrokenPipeError

    turned: list[tuple[int, int]] = []
    monkeypatch.setattr("wecom_contact.cli._app.app.main", nobody)
    monkeypatch.setattr("os.dup2", lambda *words: turned.append(words))
    assert run(["calls"]) == 0
    ((devnull, stdout),) = turned
    os.close(devnull)
    assert stdout == sys.stdout.fileno()


def test_without_click_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wecom_contact.cli._app")
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(SystemExit) as left:
        main([])
    assert 'pip install "wecom-contact[cli]"' in str(left.value.code)


def test_another_missing_module_is_no_matter_of_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wecom_contact.cli._app", raising=False)
    monkeypatch.setitem(sys.modules, "wecom_contact.cli._failures", None)
    with pytest.raises(ModuleNotFoundError):
        main([])


def test_it_leaves_with_the_status_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert start("-m", "wecom_contact", "nothing").returncode == 2


def test_raw_sends_what_the_spec_does_not_know(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = WeCom(strict=False)
    wecom.answers["/cgi-bin/new"] = Reply({"errcode": 0, "errmsg": "ok", "fresh": [1]})
    wecom.answers[wecom.GETTOKEN] = says(0, access_token="T", expires_in=7200)
    with serving(wecom) as server:
        for name, value in {"CORP_ID": "ww1", "SECRET": "s", "BASE_URL": server.url}.items():
            monkeypatch.setenv(f"WECOM_{name}", value)
        done = command("raw", "post", "/cgi-bin/new", "--json", '{"a": 1}', "--yes")
        assert done.json["fresh"] == [1]
        assert command("raw", "GET", "/cgi-bin/new", "--query", "b=2=3").status == 0
        assert command("raw", "POST", "/cgi-bin/new", "--readonly").status == 0
        first, second, _ = server.asked("/cgi-bin/new")
    assert first.json == {"a": 1}
    assert second.query["b"] == "2=3"
    assert "say `--yes`" in command("raw", "POST", "/cgi-bin/new").err
    assert "'b' is not NAME=VALUE" in command("raw", "GET", "/cgi-bin/new", "--query", "b").err


def test_calls_are_found_by_words_of_both_languages(command: Command) -> None:
    assert len(command("calls").json) == len(reference.calls())
    for words in (["标签"], ["mark", "tag"], ["mark_tag"]):
        assert "customer_tag.mark" in [row["call"] for row in command("calls", *words).json]
    done = command("calls", "天气预报怎么样")
    assert done.status == 5
    assert "no call fits" in done.err


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("84061", ["84061 不存在外部联系人的关系", "customer_tag.mark"]),
        ("45035", ["tries again by itself"]),
        ("42001", ["gets a new token by itself"]),
        ("customer_tag.mark", ["POST /cgi-bin/externalcontact/mark_tag", "add_tag?", "--input -"]),
        ("media.get", ["a file"]),
        ("media.upload", ["POST /cgi-bin/media/upload", "created_at"]),
        ("follow_user.list", ["Reply"]),
        ("CustomerAdded", ["change_external_contact add_external_contact", "welcome_code?"]),
        ("AddWay", ["scan_qrcode"]),
        ("InterceptWord", ["at most 32 characters"]),
        ("Attachment", ["msgtype=image: image: ImageAttachment"]),
        ("ImageAttachment", ["media_id?"]),
        ("contact_way", ["contact_way.add"]),
    ],
)
def test_everything_with_a_name_is_explained(what: str, words: list[str], command: Command) -> None:
    done = command("explain", what)
    assert done.status == 0
    for word in words:
        assert word in done.out
    assert "请求参数" not in done.out


def test_what_is_not_there_is_not_explained(command: Command) -> None:
    done = command("explain", "CustomerAded")
    assert done.status == 5
    assert "Did you mean CustomerAdded" in done.err
    assert "请求参数" in command("--lang", "zh", "explain", "customer.list").out


def test_the_package_runs_as_the_command() -> None:
    entry = importlib.import_module("wecom_contact.__main__")
    assert entry.main is main
