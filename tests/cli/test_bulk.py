"""`call NAME --each`: many rows, several at once, none of them twice."""

import _thread
import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from serving import OK, Cut, Reply, Request, WeCom, says, serving
from wecom_contact.testing import Simulator

from .conftest import Command

MARK = "/cgi-bin/externalcontact/mark_tag"


class Marked(WeCom):
    """A company that takes every mark, and counts them by customer."""

    def __init__(self) -> None:
        super().__init__(strict=False)
        self.seen: Counter[str] = Counter()
        self.refused: dict[str, Any] = {}
        self.answers[MARK] = self.mark
        self.answers[self.GETTOKEN] = lambda _: says(0, access_token="T", expires_in=7200)

    def mark(self, request: Request) -> Any:
        if len(request.body) < int(request.headers["content-length"]):
            return Cut()  # whoever was killed while sending has not asked
        customer = request.json["external_userid"]
        self.seen[customer] += 1
        return self.refused.get(customer) or Reply(OK)


@pytest.fixture
def rows(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty customers to be tagged."""
    monkeypatch.setenv("WECOM_CORP_ID", "ww0000000000000000")
    monkeypatch.setenv("WECOM_SECRET", "app-secret")
    path = tmp_path / "rows.csv"
    lines = [f"zhangsan,wm{number},a;b" for number in range(30)]
    path.write_text("\n".join(["userid,external_userid,add_tag", *lines, ""]), "utf-8-sig")
    return path


def each(command: Command, path: Path, *words: str) -> Any:
    return command("call", "customer_tag.mark", "--each", str(path), "--yes", *words)


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def test_every_row_is_one_call(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows, "--remove_tag", "c")
        asked = [request.json for request in server.asked(MARK)]
    assert done.status == 0
    assert "30 rows: 30 done" in done.err
    assert wecom.seen == {f"wm{number}": 1 for number in range(30)}
    assert all(data["add_tag"] == ["a", "b"] for data in asked)
    assert all(data["remove_tag"] == ["c"] for data in asked)
    assert not beside(rows, ".failed.csv").exists()


def test_what_failed_is_in_a_file_that_can_be_sent_again(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    wecom.refused = {"wm3": says(84061, "not external contact"), "wm7": says(40068, "invalid tag")}
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows)
        assert done.status == 11
        assert "28 done, 2 refused" in done.err
        failed = beside(rows, ".failed.csv")
        bad = list(csv.DictReader(failed.read_text("utf-8-sig").splitlines()))
        assert [(row["external_userid"], row["#row"], row["#state"]) for row in bad] == [
            ("wm3", "4", "failed"),
            ("wm7", "8", "failed"),
        ]
        assert "84061" in bad[0]["#error"]
        wecom.refused = {}
        assert each(command, failed).status == 0
        # What was refused may be sent again by the first file, too, and all else is left out.
        journal = beside(rows, ".resume.jsonl")
        assert each(command, rows, "--resume", str(journal)).status == 0
    expected = Counter({f"wm{number}": 1 for number in range(30)})
    expected.update({"wm3": 2, "wm7": 2})
    assert wecom.seen == expected
    assert not failed.exists()


@pytest.mark.parametrize("broken", [Cut(), Reply("<html>", 502)])
def test_a_row_whose_outcome_nobody_knows_is_not_sent_again(
    broken: Any, rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    wecom.refused = {"wm5": broken}
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows)
        assert done.status == 11
        assert "29 done, 1 with an unknown outcome" in done.err
        wecom.refused = {}
        again = each(command, rows, "--resume", str(beside(rows, ".resume.jsonl")))
        assert again.status == 11
    assert wecom.seen["wm5"] == 1
    (bad,) = csv.DictReader(beside(rows, ".failed.csv").read_text("utf-8-sig").splitlines())
    assert (bad["external_userid"], bad["#state"]) == ("wm5", "unknown")


def test_what_was_begun_before_is_not_begun_again_by_accident(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        assert each(command, rows).status == 0
        done = each(command, rows)
        assert done.status == 2
        assert "this was begun before" in done.err
        journal = str(beside(rows, ".resume.jsonl"))
        rows.write_text(rows.read_text("utf-8-sig").replace("wm9,", "wm99,"), "utf-8")
        assert "row 10 is not what it was" in each(command, rows, "--resume", journal).err
        other = rows.with_name("remarks.jsonl")
        other.write_text('{"userid": "a", "external_userid": "b", "remark": "c"}', "utf-8")
        words = ["--each", str(other), "--yes", "--resume", journal]
        done = command("call", "customer.remark", *words)
        assert "is of customer_tag.mark, not of customer.remark" in done.err
    assert max(wecom.seen.values()) == 1


def test_a_wrong_secret_stops_at_once(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    wecom.answers[wecom.GETTOKEN] = says(40001, "invalid credential")
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows, "--concurrency", "2")
        assert done.status == 3
        assert len(server.asked(wecom.GETTOKEN)) <= 2
    assert not wecom.seen


def test_rows_are_json_lines_or_come_from_standard_input(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = '{"external_userid": "wm1", "add_tag": ["a"]}\n\n{"external_userid": "wm2", "add_tag": ["b"]}\n'
    words = ["call", "customer_tag.mark", "--userid", "zhangsan", "--each", "-"]
    done = command(*words, "--dry-run", stdin=lines)
    assert [json.loads(line)["json"] for line in done.lines] == [
        {"userid": "zhangsan", "external_userid": "wm1", "add_tag": ["a"]},
        {"userid": "zhangsan", "external_userid": "wm2", "add_tag": ["b"]},
    ]
    wecom = Marked()
    wecom.refused = {"wm1": says(40068, "invalid tag")}
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        assert command(*words, "--yes", stdin=lines).status == 11
    (bad,) = csv.DictReader((tmp_path / "stdin.failed.csv").read_text("utf-8-sig").splitlines())
    assert (bad["external_userid"], bad["add_tag"]) == ("wm1", '["a"]')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("userid,wrong\na,b\n", "the call has no flag for the column 'wrong'"),
        ("userid,external_userid\na\n", "row 1: CustomerTagMark.external_userid: is required"),
        ("userid,external_userid\na,b,c\n", "row 1: has more cells than there are columns"),
        ('userid,external_userid\n"a"b,c\n', "line 2: "),
        ("{}\n{\n", "row 2: is not JSON"),
        ('{"userid": 1}\n', "row 1: CustomerTagMark.userid"),
        ("{}\n[]\n", "row 2: is not a JSON object"),
        ("userid,external_userid,add_tag\na,b,[\n", "row 1: Invalid value for --add_tag"),
    ],
)
def test_all_rows_are_checked_before_the_first_is_sent(
    text: str, message: str, rows: Path, command: Command
) -> None:
    rows.write_text(text, "utf-8")
    done = each(command, rows)
    assert done.status == 2
    assert message in done.err
    assert not beside(rows, ".resume.jsonl").exists()


def test_a_file_that_cannot_be_read_is_said(command: Command, tmp_path: Path) -> None:
    done = each(command, tmp_path / "nowhere.csv")
    assert done.status == 2
    assert "nowhere.csv: No such file" in done.err


def test_a_person_is_asked_once_for_all_rows(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        words = ["call", "customer_tag.mark", "--each", str(rows)]
        done = command(*words, typed="n\n")
        assert done.status == 130
        assert "30 times" in done.err
        assert command(*words, typed="y\n").status == 0
    assert sum(wecom.seen.values()) == 30


def start(rows: Path, url: str, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "wecom_contact", "call", "customer_tag.mark", "--each"]
    return subprocess.Popen(
        [*command, str(rows), "--yes", "--concurrency", "3", *words],
        env={**os.environ, "WECOM_BASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_broken_off_goes_on_and_does_nothing_twice(
    how: signal.Signals, rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    begun = threading.Event()

    def slow(request: Request) -> Any:
        if sum(wecom.seen.values()) >= 9:
            begun.set()
            time.sleep(0.3)
        return wecom.mark(request)

    wecom.answers[MARK] = slow
    journal = beside(rows, ".resume.jsonl")
    with serving(wecom) as server:
        process = start(rows, server.url)
        assert begun.wait(20)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
        assert sum(wecom.seen.values()) < 30
        if how is signal.SIGINT:
            assert process.returncode == 130
            assert f"go on with --resume {journal}" in said
            assert "Traceback" not in said
        wecom.answers[MARK] = wecom.mark
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows, "--resume", str(journal))
    assert max(wecom.seen.values()) == 1
    lost = 30 - len(wecom.seen)
    if how is signal.SIGINT:
        assert (done.status, lost) == (0, 0)
    else:
        # Whoever was on the way is named and not sent again.
        unknown = csv.DictReader(beside(rows, ".failed.csv").read_text("utf-8-sig").splitlines())
        names = {row["external_userid"] for row in unknown}
        assert done.status == 11
        assert 1 <= len(names) <= 3
        assert set(wecom.seen) | names == {f"wm{number}" for number in range(30)}


def test_three_hundred_customers_of_a_company_are_tagged(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Simulator() as corp:
        zhang = corp.add_member("zhangsan")
        (tag,) = corp.add_tag_group("等级", ["重要"]).tags
        customers = [corp.add_customer(f"客户{number}", follow=zhang) for number in range(300)]
        monkeypatch.setenv("WECOM_CORP_ID", corp.corp_id)
        monkeypatch.setenv("WECOM_SECRET", corp.secret)
        monkeypatch.setenv("WECOM_BASE_URL", corp.url)
        rows = tmp_path / "rows.csv"
        lines = [f"{customer.external_userid},{tag.id}" for customer in customers]
        rows.write_text("\n".join(["external_userid,add_tag", *lines]), "utf-8")
        done = each(command, rows, "--userid", "zhangsan")
        assert done.status == 0
        assert all(corp.follow(zhang, customer).tags == (tag,) for customer in customers)


def test_ctrl_c_waits_for_what_was_begun_and_begins_nothing_more(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    interrupted = threading.Event()

    def interrupting(request: Request) -> Any:
        if sum(wecom.seen.values()) >= 5 and not interrupted.is_set():
            interrupted.set()
            _thread.interrupt_main()
        time.sleep(0.02)
        return wecom.mark(request)

    wecom.answers[MARK] = interrupting
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = each(command, rows, "--concurrency", "2")
        sent = sum(wecom.seen.values())
        assert done.status == 130
        assert "waiting for the calls that were begun" in done.err
        assert f"{sent} done, {30 - sent} not begun" in done.err
        wecom.answers[MARK] = wecom.mark
        journal = beside(rows, ".resume.jsonl")
        journal.write_text(journal.read_text("utf-8") + '{"row": 30, "st', "utf-8")
        assert each(command, rows, "--resume", str(journal)).status == 0
    assert wecom.seen == {f"wm{number}": 1 for number in range(30)}


def test_a_row_that_wecom_did_in_part_has_failed(
    command: Command, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    failed = {"external_userid": "wm1", "errcode": 40096}
    wecom.answers["/cgi-bin/externalcontact/transfer_customer"] = says(0, "ok", customer=[failed])
    rows.write_text('{"external_userid": ["wm1"]}\n', "utf-8")
    words = ["--handover_userid", "a", "--takeover_userid", "b", "--each", str(rows), "--yes"]
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = command("call", "transfer.customer", *words)
    assert done.status == 11
    assert "wm1 (40096)" in beside(rows, ".failed.csv").read_text("utf-8-sig")


def test_reads_ask_nobody_and_are_shown_as_they_go(
    rows: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = Marked()
    wecom.answers["/cgi-bin/externalcontact/list"] = says(0, "ok", external_userid=["wm1"])
    rows.write_text("userid\nzhangsan\nlisi\n", "utf-8")
    with serving(wecom) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = command("call", "customer.list", "--each", str(rows), typed="")
    assert done.status == 0
    assert "\r2 of 2" in done.err
