"""Who is calling: the environment, a profile, and what is wrong with either."""

import os
import stat
import sys
from types import ModuleType
from typing import Any

import pytest
from wecom_contact import Client
from wecom_contact.cli._profiles import config_file
from wecom_contact.testing import Simulator

from .conftest import Command

SECRET = "s3cret-Of-The-App"


class Ring:
    """A keyring that keeps things in memory."""

    def __init__(self, priority: float = 1) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.priority = priority

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module: Any = ModuleType("keyring")
        module.get_keyring = lambda: self
        module.set_password = lambda *words: self.kept.update({words[:2]: words[2]})
        module.get_password = lambda *words: self.kept.get(words)
        module.delete_password = lambda *words: self.kept.pop(words)
        monkeypatch.setitem(sys.modules, "keyring", module)


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def add(command: Command, name: str, *words: str, secret: str = SECRET) -> Any:
    given = ["--corp-id", "ww1", "--secret-stdin", *words]
    return command("profile", "add", name, *given, stdin=f"{secret}\n")


def written() -> str:
    return config_file().read_text("utf-8")


@pytest.mark.usefixtures("no_keyring")
def test_a_profile_is_kept_where_only_its_owner_reads_it(command: Command) -> None:
    done = add(command, "main", "--base-url", "http://127.0.0.1:1", "--callback-token", "T")
    assert done.status == 0
    assert SECRET not in done.out + done.err
    assert stat.S_IMODE(config_file().stat().st_mode) == 0o600
    assert SECRET in written()
    assert os.listdir(config_file().parent) == ["config.toml"]
    assert command("profile", "list").out == "* main  ww1  http://127.0.0.1:1\n"


@pytest.mark.usefixtures("no_keyring")
def test_a_person_is_asked_for_what_is_missing(command: Command) -> None:
    assert command("profile", "add", "main", stdin="").status == 2
    done = command("profile", "add", "main", "--corp-id", "ww1")
    assert "secret: nobody is there to ask; give --secret-stdin or --secret-cmd" in done.err
    assert "is empty" in add(command, "main", secret="").err
    assert not config_file().exists()


@pytest.mark.usefixtures("no_keyring")
def test_profiles_are_used_and_removed_by_name_and_comments_stay(command: Command) -> None:
    add(command, "main")
    config_file().write_text("# ours\n" + written(), "utf-8")
    add(command, "shop")
    assert command("profile", "use", "shop").status == 0
    assert command("profile", "list").lines == ["  main  ww1", "* shop  ww1"]
    add(command, "other")
    for name in ("other", "shop"):
        assert command("profile", "remove", name).status == 0
    assert command("profile", "list").lines == ["  main  ww1"]
    assert written().startswith("# ours\n")
    done = command("profile", "use", "shop")
    assert done.status == 2
    assert "there is no profile 'shop'" in done.err
    assert "there are: main" in done.err


def test_no_profile_says_how_to_make_one(command: Command) -> None:
    for words in (["call", "follow_user.list"], ["--profile", "x", "call", "follow_user.list"]):
        done = command(*words)
        assert done.status == 2
        assert "profile add NAME" in done.err
    assert "profile add NAME" in command("profile", "remove", "x").err


def test_the_environment_counts_more_than_the_profile_in_use_and_less_than_one_asked_for(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    words = ["--corp-id", corp.corp_id, "--secret-stdin", "--base-url", corp.url]
    command("profile", "add", "wrong", *words, stdin="not-the-secret\n")
    command("profile", "add", "right", *words, stdin=f"{corp.secret}\n")
    assert command("call", "follow_user.list").status == 0
    assert command("--profile", "wrong", "call", "follow_user.list").status == 3
    monkeypatch.delenv("WECOM_SECRET")
    assert command("call", "follow_user.list").status == 3
    monkeypatch.setenv("WECOM_PROFILE", "right")
    assert command("call", "follow_user.list").status == 0
    monkeypatch.delenv("WECOM_PROFILE")
    # Where WeCom is may be said alone.
    command("profile", "use", "right")
    monkeypatch.setenv("WECOM_BASE_URL", "http://127.0.0.1:1")
    assert command("call", "follow_user.list").status == 10


def test_the_secret_is_what_a_command_prints(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WECOM_CORP_ID", "WECOM_SECRET", "WECOM_BASE_URL"):
        monkeypatch.delenv(name)
    words = ["--corp-id", corp.corp_id, "--base-url", corp.url]
    command("profile", "add", "main", *words, "--secret-cmd", f"echo {corp.secret}")
    assert command("call", "follow_user.list").status == 0
    command("profile", "add", "main", *words, "--secret-cmd", "echo locked >&2; exit 3")
    done = command("call", "follow_user.list")
    assert done.status == 2
    assert "secret_cmd failed with status 3" in done.err
    assert "locked" in done.err


def test_the_secret_is_in_the_keyring_if_there_is_one_that_works(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    ring.install(monkeypatch)
    for name in ("WECOM_CORP_ID", "WECOM_SECRET", "WECOM_BASE_URL"):
        monkeypatch.delenv(name)
    words = ["--corp-id", corp.corp_id, "--base-url", corp.url, "--secret-stdin"]
    done = command("profile", "add", "main", *words, stdin=corp.secret)
    assert "its secret is in the keyring" in done.out
    assert corp.secret not in written()
    assert command("call", "follow_user.list").status == 0
    ring.priority = 0
    done = command("call", "follow_user.list")
    assert done.status == 2
    assert "the keyring, which does not work here" in done.err
    done = command("profile", "add", "main", *words, "--keyring", stdin=corp.secret)
    assert "there is no keyring that works here" in done.err
    ring.priority = 1
    assert command("profile", "remove", "main").status == 0
    assert not ring.kept
    command("profile", "add", "main", *words, "--no-keyring", stdin=corp.secret)
    assert corp.secret in written()


def test_a_secret_that_the_keyring_has_lost_is_missing(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    ring.install(monkeypatch)
    add(command, "main")
    ring.kept.clear()
    assert "profile main: secret is missing" in command("call", "follow_user.list").err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[profiles", "config.toml: "),
        ("profiles = 1", "profiles: is not a table"),
        ("[profiles]\na = 1", "profiles.a: is not a table"),
        ("[profiles.a]\nsecrt = 'x-secret'", "profiles.a.secrt: is none of corp_id, secret"),
        ("[profiles.a]\nsecret = 1", "profiles.a.secret: is of a wrong type"),
        ("use = 'b'\n[profiles.a]", "use: there is no profile 'b'"),
        ("use = 'a'\n[profiles.a]\nsecret = 'x-secret'", "profile a: corp_id is missing"),
    ],
)
def test_a_wrong_file_says_where(text: str, message: str, command: Command) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(text, "utf-8")
    config_file().chmod(0o600)
    done = command("call", "follow_user.list")
    assert done.status == 2
    assert message in done.err
    assert "x-secret" not in done.err


def test_a_file_that_others_may_read_is_told(command: Command) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text("", "utf-8")
    config_file().chmod(0o644)
    assert "others may read it" in command("profile", "list").err


@pytest.mark.usefixtures("no_keyring")
def test_a_file_that_cannot_be_written_stays_as_it_was(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(command, "main")
    before = written()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = add(command, "shop")
    assert done.status == 1
    assert "No space left" in done.err
    assert written() == before
    assert os.listdir(config_file().parent) == ["config.toml"]


def test_writing_profiles_without_its_library_says_what_to_install(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tomlkit", None)
    assert 'pip install "wecom-contact[cli]"' in command("profile", "remove", "x").err


def test_a_client_reads_the_same_environment(corp: Simulator) -> None:
    with Client.from_env() as wecom:
        assert wecom.follow_user.list().follow_user == ["zhangsan", "lisi"]
