"""`doctor`: what is wrong is found, and said with what to do about it."""

import json
import ssl
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from serving import Reply, WeCom, certificate, says, serving
from wecom_contact import reference
from wecom_contact.cli import _doctor
from wecom_contact.cli._doctor import Check
from wecom_contact.testing import Simulator

from .conftest import Command

CORP_ID = "ww5e1f0a2b3c4d5e6f"
SECRET = "S" * 43


def asked(command: Command, *words: str) -> tuple[int, dict[str, Any]]:
    """The checks by their names."""
    done = command("doctor", "--json", *words)
    facts = done.json
    assert facts["ok"] == (done.status == 0)
    assert all(set(check) == {"name", "status", "message", "hint"} for check in facts["checks"])
    return done.status, {check["name"]: check for check in facts["checks"]}


@pytest.fixture
def wecom(command: Command, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A WeCom that says yes to everything, for whoever calls."""
    wecom = WeCom(strict=False)
    wecom.answers[wecom.GETTOKEN] = says(0, access_token="T", expires_in=7200)
    monkeypatch.setenv("WECOM_CORP_ID", CORP_ID)
    monkeypatch.setenv("WECOM_SECRET", SECRET)
    for name in _doctor.PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return wecom


@pytest.fixture
def url(wecom: WeCom, monkeypatch: pytest.MonkeyPatch) -> Any:
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        yield server.url


def test_a_set_up_that_works_is_well(command: Command, corp: Simulator) -> None:
    done = command("doctor")
    assert done.status == 0
    assert "✓ token: WeCom gives one" in done.out
    assert "✓ follow_user: follow_user.list answers, 2 × follow_user" in done.out
    assert "✓ callback key" in done.out
    # Nothing failed and nothing is odd: the simulator's secret has the shape of WeCom's.
    assert {line[0] for line in done.out.splitlines()} == {"✓", "-"}


def test_every_family_with_a_read_that_needs_nothing_is_asked() -> None:
    families = [call.resource for call, _ in _doctor.probes()]
    assert len(families) == len(set(families))
    assert {"follow_user", "group_chat", "contact_way", "corp_tag", "moment_strategy"} <= {
        *families
    }
    assert all(call.readonly for call, _ in _doctor.probes())


def test_only_what_every_app_may_call_is_asked() -> None:
    asked = {call.name for call, _ in _doctor.probes()}
    some = {call.name for call in reference.calls() if call.apps != "all"}
    assert some
    assert asked.isdisjoint(some)


def test_nobody_is_asked_offline(command: Command, wecom: WeCom, url: str) -> None:
    status, checks = asked(command, "--offline")
    assert status == 0
    assert checks["network"]["status"] == "skip"
    assert set(checks) == {"account", "network", "callback key"} - ({"callback key"} - set(checks))


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        ({}, "WECOM_CORP_ID and WECOM_SECRET are not set"),
        ({"WECOM_CORP_ID": CORP_ID}, "WECOM_SECRET is not set"),
        ({"WECOM_SECRET": SECRET}, "WECOM_CORP_ID is not set"),
    ],
)
def test_a_missing_caller_is_said(
    known: dict[str, str], missing: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    status, checks = asked(command)
    assert status == 1
    assert checks["account"]["message"].endswith(f"There is no profile, and {missing}")
    for way in ("WECOM_CORP_ID", "WECOM_SECRET", "profile add"):
        assert way in checks["account"]["hint"]


def test_shapes_that_cannot_be_right_are_told(
    command: Command, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_CORP_ID", "my-corp")
    monkeypatch.setenv("WECOM_SECRET", "too-short")
    monkeypatch.setenv("WECOM_CALLBACK_TOKEN", "T")
    status, checks = asked(command, "--offline")
    assert status == 1
    assert checks["corp id"]["status"] == checks["secret"]["status"] == "warn"
    assert "too-short" not in json.dumps(checks)
    assert checks["callback key"]["message"] == "callback_aes_key is missing"
    monkeypatch.setenv("WECOM_CALLBACK_AES_KEY", "short")
    _, checks = asked(command, "--offline")
    assert checks["callback key"]["status"] == "fail"
    assert "43 characters" in checks["callback key"]["hint"]
    monkeypatch.delenv("WECOM_CALLBACK_TOKEN")
    _, checks = asked(command, "--offline")
    assert checks["callback key"]["message"] == "callback_token is missing"


def test_a_wrong_secret_is_the_tokens_fault(command: Command, wecom: WeCom, url: str) -> None:
    wecom.answers[wecom.GETTOKEN] = says(40001, "invalid credential")
    status, checks = asked(command)
    assert status == 1
    assert checks["token"]["status"] == "fail"
    assert "40001" in checks["token"]["message"]
    assert "follow_user" not in checks


def test_an_ip_that_is_not_trusted_is_named_with_where_to_add_it(
    command: Command, wecom: WeCom, url: str
) -> None:
    first, _ = next(_doctor.probes())
    wecom.answers[first.path] = says(
        60020, "not allow to access from your ip, from ip: 203.0.113.9"
    )
    status, checks = asked(command)
    assert status == 1
    assert checks["token"]["status"] == "ok"
    assert "203.0.113.9" in checks["trusted ip"]["message"]
    for words in ("203.0.113.9", "企业可信IP", "work.weixin.qq.com", "可信域名"):
        assert words in checks["trusted ip"]["hint"]
    assert "follow_user" not in checks


def test_what_may_not_be_called_is_told_from_what_is_out_of_range(
    command: Command, wecom: WeCom, url: str
) -> None:
    path = "/cgi-bin/externalcontact"
    wecom.answers[f"{path}/get_follow_user_list"] = says(48002, "api forbidden")
    wecom.answers[f"{path}/list_contact_way"] = says(60011, "no privilege")
    wecom.answers[f"{path}/get_corp_tag_list"] = says(40058, "invalid")
    wecom.answers[f"{path}/groupchat/list"] = says(84074, "no external contact permission")
    status, checks = asked(command)
    assert status == 1
    assert checks["follow_user"]["status"] == "fail"
    assert "可调用接口的应用" in checks["follow_user"]["hint"]
    assert checks["contact_way"]["status"] == "warn"
    assert "可见范围" in checks["contact_way"]["hint"]
    assert checks["corp_tag"]["status"] == "fail"
    assert checks["group_chat"]["status"] == "warn"
    assert checks["customer_strategy"]["status"] == "ok"


def test_a_call_that_breaks_ends_the_questions(
    command: Command, wecom: WeCom, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    first, _ = next(_doctor.probes())
    wecom.answers[first.path] = Reply("<html>", 502)
    status, checks = asked(command)
    assert status == 1
    assert "502" in checks["wecom"]["message"]


@pytest.mark.parametrize(
    ("seconds", "status", "words"),
    [(0, "ok", "within 1 s"), (-600, "fail", "ahead of"), (600, "fail", "behind")],
)
def test_a_wrong_clock_is_told(
    seconds: float, status: str, words: str, command: Command, wecom: WeCom, url: str
) -> None:
    date = {"Date": formatdate(time.time() + seconds)}
    wecom.answers["/"] = lambda request: Reply("", headers=date)
    _, checks = asked(command)
    assert checks["clock"]["status"] == status
    assert words in checks["clock"]["message"]


def test_no_date_is_no_fault(command: Command, wecom: WeCom, url: str) -> None:
    assert asked(command)[1]["clock"]["status"] == "skip"


def test_a_name_that_nobody_knows_is_said(
    command: Command, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BASE_URL", "https://nowhere.invalid")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    status, checks = asked(command)
    assert status == 1
    assert checks["dns"]["status"] == "fail"
    assert checks["clock"]["status"] == "skip"
    assert checks["wecom"]["status"] == "fail"


def test_a_port_that_nobody_listens_on_is_said(
    command: Command, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert asked(command)[1]["connection"]["status"] == "fail"


def test_a_proxy_of_the_environment_is_said_to_be_ignored(
    command: Command, wecom: WeCom, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hidden@proxy:1")
    _, checks = asked(command)
    assert checks["proxy"]["status"] == "warn"
    assert "hidden" not in json.dumps(checks)


def test_calls_go_through_the_proxy_of_the_profile(
    command: Command, wecom: WeCom, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--corp-id", CORP_ID, "--base-url", "http://wecom.invalid", "--proxy", url]
    command("profile", "add", "main", *words, "--secret-stdin", "--no-keyring", stdin=SECRET)
    done = command("--profile", "main", "doctor")
    assert done.status == 0
    assert "✓ proxy: calls go through the proxy" in done.out


def answered(host: str, port: int) -> dict[str, Check]:
    return {check.name: check for check in _doctor.name_and_certificate(host, port, True)}


def test_a_certificate_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server_side, path = certificate(tmp_path)
    with serving(lambda request: Reply(), server_side) as server:
        found = answered("127.0.0.1", server.port)
        assert found["tls"].status == "fail"
        assert "ca_certs" in found["tls"].hint
        trusting = ssl.create_default_context(cafile=path)
        monkeypatch.setattr("ssl.create_default_context", lambda: trusting)
        found = answered("127.0.0.1", server.port)
        assert found["tls"].status in ("ok", "warn")
        assert "the certificate is trusted" in found["tls"].message


def test_a_callback_url_without_its_keys_is_a_check_that_failed(
    command: Command, wecom: WeCom, url: str
) -> None:
    status, checks = asked(command, "--callback-url", "http://127.0.0.1:1/")
    assert status == 1
    assert checks["token"]["status"] == "ok"
    assert "Token and EncodingAESKey" in checks["callback url"]["message"]
    assert "WECOM_CALLBACK_TOKEN" in checks["callback url"]["hint"]


def test_the_callback_url_is_asked_as_well(command: Command, corp: Simulator) -> None:
    done = command("doctor", "--callback-url", "http://127.0.0.1:1/")
    assert done.status == 1
    assert "✗ callback url" in done.out
