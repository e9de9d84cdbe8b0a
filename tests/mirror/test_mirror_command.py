"""The mirror on the command line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from wecom_contact.mirror import Mirror, command
from wecom_contact.testing import Simulator

from .mirror_support import expected, fill, found

Run = Callable[..., Result]


@pytest.fixture
def run(corp: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a folder and with the corp of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
    monkeypatch.setenv("WECOM_SECRET", corp.secret)
    monkeypatch.setenv("WECOM_BASE_URL", corp.url)

    def run(*words: str) -> Result:
        return CliRunner().invoke(command.mirror, words, catch_exceptions=False)

    return run


def test_a_company_is_copied_and_asked_about(corp: Simulator, run: Run, tmp_path: Path) -> None:
    fill(corp, 50, members=4, groups=2)
    done = run("sync", "--db", "sqlite:///other.db", "--concurrency", "2")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("missing: ")
    assert done.stderr == ""
    with Mirror(f"sqlite:///{tmp_path}/other.db") as mirror:
        assert found(mirror) == expected(corp)
    # The options may stand before the command, too; without them it is crm.db.
    assert run("--db", "sqlite:///other.db", "status").stdout.splitlines()[3].split() == [
        *("customers", "51", "0"),
    ]
    assert "never synced" in run("status").stdout
    report = json.loads(run("sync", "--json").stdout)
    assert report["run"] == 1
    assert report["missing"]["customers"] == 51
    status = json.loads(run("status", "--json").stdout)
    assert status["rows"]["customers"] == 51
    assert status["open_run"] is None
    text = run("status").stdout
    assert "synced 20" in text
    assert "(Beijing)" in text


def test_reconcile_tells_by_its_exit_status(corp: Simulator, run: Run) -> None:
    staff = fill(corp, 20, members=3)
    assert run("sync").exit_code == 0
    done = run("reconcile")
    assert done.exit_code == 0
    assert "missing: nothing" in done.stdout
    corp.add_customer("没人知道", follow=staff[0])
    done = run("reconcile", "--ids")
    assert done.exit_code == 1
    assert "missing: 1 customers, 1 follows" in done.stdout
    corp.follow(staff[0], staff[0].customers[0]).remark = "改了"
    assert run("reconcile", "--ids").exit_code == 0
    done = run("reconcile", "--deep", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["changed"] == {"follows": 1}
    corp.trouble.next("customer.batch_get", errcode=40058)
    done = run("reconcile")
    assert done.exit_code == 2
    assert "40058" in done.stderr
    assert "a sync is not finished: " in run("status").stdout
    assert json.loads(run("status", "--json").stdout)["open_run"]["shards"] >= 1


def test_sql_shows_rows(corp: Simulator, run: Run) -> None:
    zhang = corp.add_member("zhangsan")
    corp.add_customer("李四", follow=zhang, state="poster")
    corp.add_customer("Ann", follow=zhang)
    run("sync")
    query = "SELECT name, length(name) AS n, unionid AS u FROM customers ORDER BY 2"
    done = run("sql", query.replace("unionid", "NULL"))
    assert done.stdout == (
        "name  n  u\n"
        "────  ─  ─\n"
        "李四  2\n"
        "Ann   3\n"
    )  # fmt: skip
    assert json.loads(run("sql", query, "--json").stdout)[0]["name"] == "李四"
    assert run("sql", "SELECT name FROM customers WHERE 1 = 0").stdout == "name\n────\n"
    assert "%" in run("sql", "SELECT '100%' AS x").stdout
    for words in ("DELETE FROM customers", "drop table customers", ""):
        done = run("sql", words)
        assert done.exit_code == 2
        assert "nothing was changed" in done.stderr
    assert run("sql", "SELECT count(*) FROM customers").stdout.endswith("2\n")
    done = run("sql", "SELECT x FROM nowhere")
    assert done.exit_code == 2
    assert done.stderr == "Error: the database says: no such table: nowhere\n"


def test_export_writes_a_file(corp: Simulator, run: Run, tmp_path: Path) -> None:
    fill(corp, 10, members=3)
    run("sync")
    done = run("export", "--to", "customers.csv")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "11 rows in customers.csv\n"
    assert run("export", "--to", "out.jsonl", "--table", "members").exit_code == 0
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
    assert run("export", "--to", "x.csv").exit_code == 2
    assert run("export", "--to", "nowhere/customers.csv").exit_code == 2


def test_what_is_wrong_is_said_in_a_sentence(
    corp: Simulator, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("sync", "--db", "crm.db").stderr.startswith("Error: not the URL of a database: ")
    done = run("status", "--db", "postgresql+psycopg://u:hunter2@127.0.0.1:1/x")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: the database says: ")
    assert "hunter2" not in done.stderr
    corp.add_member("zhangsan")
    monkeypatch.setattr(command, "MemoryLimiter", lambda: None)
    corp.trouble.next("follow_user.list", errcode=45009)
    done = run("sync")
    assert "goes on where it was, in 0:01:00" in done.stderr
    monkeypatch.setenv("WECOM_SECRET", "")
    done = run("sync")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "WECOM_SECRET is not set" in done.stderr


def test_other_faults_of_sqlalchemy_are_told_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    def broken(mirror: Mirror) -> None:
        raise SQLAlchemyError("QueuePool limit reached")

    monkeypatch.setattr(Mirror, "status", broken)
    assert run("status").stderr == "Error: QueuePool limit reached\n"


def test_the_command_wecom_contact_says_who_is_calling(
    corp: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from wecom_contact.cli._app import run as whole

    corp.add_member("zhangsan")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
    monkeypatch.setenv("WECOM_SECRET", corp.secret)
    monkeypatch.setenv("WECOM_BASE_URL", corp.url)
    db = f"sqlite:///{tmp_path}/crm.db"
    assert whole(["mirror", "sync", "--db", db]) == 0
    monkeypatch.delenv("WECOM_SECRET")
    assert whole(["mirror", "sync", "--db", db]) == 2


def test_progress_is_one_line_on_a_screen_and_rare_elsewhere(
    corp: Simulator, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(corp, 250, members=3)
    monkeypatch.setattr("wecom_contact.mirror._flow.REPORT_EVERY", 0)
    assert run("sync").stderr == ""
    monkeypatch.setattr(command, "SELDOM", 0)
    lines = run("sync").stderr.splitlines()
    assert len(lines) > 3
    assert all("shards" in line for line in lines)

    class Screen:
        def isatty(self) -> bool:
            return True

    said: list[str] = []
    monkeypatch.setattr(command.sys, "stderr", Screen())
    monkeypatch.setattr(
        command.click, "echo", lambda text, err=False, nl=True: said.append(f"{text}{nl}")
    )
    with command.telling() as tell:
        with Mirror("sqlite:///crm.db") as mirror:
            mirror._store.begin(["zhangsan"], [], {})
            progress = mirror.status().open_run
        assert progress is not None
        tell(progress)
    assert said == [f"\r\033[K{progress}False", "\r\033[KFalse"]


def test_it_runs_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wecom_contact.mirror", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: python -m wecom_contact.mirror [OPTIONS] COMMAND" in done.stdout
    assert all(word in done.stdout for word in ("sync", "reconcile", "export", "status", "sql"))
    from wecom_contact.mirror import __main__ as module

    monkeypatch.setattr(sys, "argv", ["mirror", "--help"])
    with pytest.raises(SystemExit):
        module.main()


@pytest.mark.parametrize("missing", ["click", "orjson"])
def test_without_click_it_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "wecom_contact.mirror.command")
    monkeypatch.setitem(sys.modules, missing, None)
    from wecom_contact.mirror import __main__ as module

    wanted: Any = SystemExit if missing == "click" else ModuleNotFoundError
    with pytest.raises(wanted) as caught:
        module.main()
    if missing == "click":
        assert 'pip install "wecom-contact[mirror,cli]"' in str(caught.value)


def test_without_sqlalchemy_the_command_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy.exc", None)
    done = run("status")
    assert done.exit_code == 2
    assert 'pip install "wecom-contact[mirror]"' in done.stderr


def test_the_group_can_be_mounted_elsewhere(corp: Simulator, run: Run) -> None:
    @click.group()
    def outer() -> None:
        pass

    outer.add_command(command.mirror)
    corp.add_member("zhangsan")
    done = CliRunner().invoke(outer, ["mirror", "sync"], catch_exceptions=False)
    assert done.exit_code == 0
