"""What a person sees: tables, progress, questions, what is completed."""

import csv
import io
from typing import Any

import pytest
from attrs import evolve
from click.shell_completion import get_completion_class
from wecom_contact import reference
from wecom_contact.cli import _call
from wecom_contact.cli._app import NAME, app
from wecom_contact.cli._completion import VARIABLE
from wecom_contact.cli._flags import hints, single
from wecom_contact.cli._output import print_rows, reach
from wecom_contact.errors import Forbidden
from wecom_contact.testing import Simulator

from .conftest import Command

FIELD = reference.call("customer_tag.mark").request[0]


def offered(*words: str) -> list[str]:
    """What a shell offers for the last word."""
    shell = get_completion_class("bash")
    assert shell is not None
    *args, incomplete = words
    found = shell(app, {}, NAME, VARIABLE).get_completions(args, incomplete)
    return [item.value for item in found]


def test_names_flags_and_members_of_enums_are_completed() -> None:
    assert offered("cal") == ["call", "calls", "callback"]
    assert "--lang" in offered("--la")
    assert "contact_way.add" in offered("call", "contact_w")
    assert "--help" in offered("call", "--h")
    assert "--skip_verify" in offered("call", "contact_way.add", "--sk")
    assert offered("call", "contact_way.add", "--scene", "q") == ["qr_code"]
    assert offered("completion", "z") == ["zsh"]


def test_a_person_sees_how_many_items_have_come(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_call, "MEANWHILE", 0.0)
    words = ["call", "customer.batch_get", "--userid_list", "zhangsan", "--all", "-o", "json"]
    assert "\r3 items\n" in command(*words, typed="").err
    assert command(*words).err == ""


def test_ctrl_c_says_where_to_go_on(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _call.print_rows

    def interrupted(rows: Any, *words: Any) -> None:
        for _ in range(3):
            next(rows)
        raise KeyboardInterrupt

    monkeypatch.setattr(_call, "print_rows", interrupted)
    words = ["call", "customer.batch_get", "--userid_list", "zhangsan", "--limit", "2"]
    done = command(*words, "--all")
    assert done.status == 130
    assert "go on with --cursor" in done.err
    monkeypatch.setattr(_call, "print_rows", whole)
    cursor = done.err.split()[-1]
    assert len(command(*words, "--all", "--cursor", cursor).json) == 1
    assert "Traceback" not in done.err

    def at_once(rows: Any, *words: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_call, "print_rows", at_once)
    assert "go on" not in command(*words, "--all").err


def test_a_secret_is_asked_for_without_showing_it(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: corp.secret)
    done = command("profile", "add", "main", "--no-keyring", typed=f"{corp.corp_id}\n")
    assert done.status == 0
    assert corp.secret not in done.out + done.err


def test_csv_in_a_terminal_has_no_mark_for_spreadsheets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"a": -1, "b": "-1", "c": "-x"}]
    print_rows(rows, "csv", columns=["a", "b", "c"])
    assert capsys.readouterr().out == "\ufeffa,b,c\n-1,-1,'-x\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_rows(rows, "csv", columns=["a", "b", "c"])
    assert capsys.readouterr().out.startswith("a,b,c")


def test_a_path_reaches_into_lists(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"tags": [{"name": "a"}, {}, {"name": "b"}]}
    assert reach(value, "tags.name") == ["a", "b"]
    assert reach(value, "tags.name.x") == []
    assert reach(value, "nothing.here") is None
    print_rows([value], "csv", ["tags.name"])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1] == ["a; b"]
    print_rows([], "json")
    assert capsys.readouterr().out == "[]\n"


def test_a_number_with_a_point_and_a_field_that_goes_are_known() -> None:
    number = evolve(FIELD, kind="float", deprecated="Use another.")
    assert single(reference.load(), number, "1.5", "--x") == 1.5
    assert "Deprecated: Use another." in list(hints(number))


def test_an_address_is_named_to_who_is_refused_for_it(command: Command) -> None:
    from wecom_contact.cli._failures import hint_of
    from wecom_contact.cli._session import Session

    error = Forbidden(60020, "not allow", from_ip="203.0.113.9")
    assert "203.0.113.9" in hint_of(Session(), error)
