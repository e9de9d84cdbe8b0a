"""A command line that runs in this process, and a simulated company that it calls."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wecom_contact.cli._app import run
from wecom_contact.testing import Simulator

TOKEN, AES_KEY = "callbackToken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@dataclass
class Done:
    """What came of a command line."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Done]


class Terminal(io.StringIO):
    """Standard input with a person at it, who types what it holds."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Runs a command line; `stdin` is piped into it, `typed` comes from a person."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "WECOM_PROFILE", "WECOM_CORP_ID", "WECOM_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def command(*argv: str, stdin: str = "", typed: str | None = None) -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin) if typed is None else Terminal(typed))
        capsys.readouterr()
        monkeypatch.setattr("sys.stderr.isatty", lambda: typed is not None)
        status = run(argv)
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return command


@pytest.fixture
def corp(command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A company with two members, three customers and two tags, whom the environment calls."""
    with Simulator() as corp:
        zhang, li = corp.add_member("zhangsan", "张三"), corp.add_member("lisi", "李四")
        corp.add_tag_group("等级", ["重要", "普通"])
        for name in ("王五", "赵六", "=1+1"):
            corp.add_customer(name, follow=[zhang, li])
        calls_as(monkeypatch, corp)
        yield corp


def calls_as(monkeypatch: pytest.MonkeyPatch, corp: Simulator) -> None:
    """Let the environment say who is calling."""
    monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
    monkeypatch.setenv("WECOM_SECRET", corp.secret)
    monkeypatch.setenv("WECOM_BASE_URL", corp.url)
    monkeypatch.setenv("WECOM_CALLBACK_TOKEN", TOKEN)
    monkeypatch.setenv("WECOM_CALLBACK_AES_KEY", AES_KEY)
