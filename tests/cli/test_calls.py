"""`call`: every call of the API, its flags, what is printed, and what is refused."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import wecom_contact
from conftest import FIXTURES, fixture_paths, read_fixture
from replaying import Replay, expected_result
from serving import Reply, Request, serving
from wecom_contact import BEIJING, catalog, reference
from wecom_contact.cli._call import common_options, options_of
from wecom_contact.cli._flags import places
from wecom_contact.testing import Simulator

from .conftest import Command

NAMES = [
    path.relative_to(FIXTURES).with_suffix("").as_posix()
    for path in fixture_paths()
    if "raises" not in read_fixture(path)
]
REPLAY = Replay(wecom_contact, FIXTURES)
SUITE = {
    "WECOM_SUITE_ID": "ww0000000000000001",
    "WECOM_SUITE_SECRET": "suite-secret",
    "WECOM_SUITE_TICKET": "suite-ticket",
}
CALLER = {
    "WECOM_CORP_ID": "ww0000000000000000",
    "WECOM_SECRET": "app-secret",
    "WECOM_PROVIDER_CORP_ID": "ww0000000000000002",
    "WECOM_PROVIDER_SECRET": "provider-secret",
}


class Recorded:
    """WeCom that plays a recorded conversation, and keeps what it was asked."""

    def __init__(self, fixture: dict[str, Any]) -> None:
        self.answers: Iterator[Any] = (exchange["response"] for exchange in fixture["exchanges"])
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        kind = request.path.rpartition("/")[2].removeprefix("get_")
        if "token" in kind:
            field = "access_token" if kind in ("gettoken", "corp_token") else kind
            field = {
                "provider_token": "provider_access_token",
                "suite_token": "suite_access_token",
            }.get(field, field)
            return Reply({"errcode": 0, field: "TOKEN", "expires_in": 7200})
        self.asked.append(request)
        answer = next(self.answers)
        if "content_base64" in answer:
            return Reply(base64.b64decode(answer["content_base64"]), headers=answer["headers"])
        return Reply(answer["json"], answer["status"])


def flags_of(name: str, data: dict[str, Any]) -> list[str]:
    """The data of a call as flags, a word for each value."""
    wires = {field.wire: field for field in reference.call(name).request}
    words = []
    for wire, value in data.items():
        field = wires[wire]
        for item in (value or [[]]) if field.many else [value]:
            text = item if isinstance(item, str) else json.dumps(item)
            words += [f"--{field.name}", "@" + text if text.startswith("@") else text]
    return words


@pytest.mark.parametrize("how", ["flags", "input"])
@pytest.mark.parametrize("name", NAMES)
def test_every_call_is_made_with_its_documented_example(
    name: str, how: str, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fixture = read_fixture(FIXTURES / f"{name}.json")
    call = reference.call(fixture["call"])
    for key, value in (CALLER | (SUITE if call.token == "suite_access_token" else {})).items():
        monkeypatch.setenv(key, value)
    words = ["call", call.name, "-o", "json"]
    words += flags_of(call.name, fixture["args"]) if how == "flags" else ["--input", "-"]
    if call.upload is not None:
        file = tmp_path / fixture["file"]["name"]
        file.write_bytes(base64.b64decode(fixture["file"]["content_base64"]))
        words += [f"--{call.upload}", str(file)]
    if not call.readonly:
        words.append("--yes")
    if call.paging is not None:
        words.append("--all")
    if call.download:
        words += ["--to", str(tmp_path / "got")]
    recorded = Recorded(fixture)
    with serving(recorded) as server:
        monkeypatch.setenv("WECOM_BASE_URL", server.url)
        done = command(*words, stdin=json.dumps(fixture["args"]))

    expected = [exchange["request"] for exchange in fixture["exchanges"]]
    assert [request.path for request in recorded.asked] == [each["path"] for each in expected]
    for request, each in zip(recorded.asked, expected, strict=True):
        query = {key: value for key, value in request.query.items() if not key.endswith("_token")}
        assert query == each.get("query", {})
        if "json" in each:
            assert request.json == each["json"]
    if call.download:
        content = fixture["exchanges"][0]["response"]["content_base64"]
        assert (tmp_path / "got").read_bytes() == base64.b64decode(content)
    elif call.paging is not None:
        assert done.json == fixture.get("result", REPLAY.expected_items(fixture))
    else:
        assert done.json == expected_result(fixture)
    assert done.status in (0, 11)
    assert (done.status == 11) == ("PartialFailure" in done.err)


def test_every_call_has_a_page_of_help(command: Command) -> None:
    for name in catalog.CALLS:
        done = command("call", name, "--help")
        assert done.status == 0
        for field in reference.call(name).request:
            assert f"--{field.name} " in done.out or f"--field.{field.name} " in done.out


def test_no_flag_of_a_call_is_one_of_the_command() -> None:
    book = reference.load()
    for call in book.calls():
        own = {name for each in (*common_options(), *options_of(call)) for name in each.opts}
        flags = [place.flag for place in places(book, call.request)]
        assert own.isdisjoint(flags), call.name
        assert len(flags) == len(set(flags)), call.name


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["--type", "single", "--scene", "QR_CODE"], {"type": 1, "scene": 2}),
        (["--type", "1", "--scene", "2"], {"type": 1, "scene": 2}),
        (["--skip-verify", "no"], {"skip_verify": False}),
        (["--skip_verify", "true"], {"skip_verify": True}),
        (["--expires-in", "60"], {"expires_in": 60}),
        (["--user", "a", "--user", "b"], {"user": ["a", "b"]}),
        (["--user", '["a", "b"]', "--user", "c"], {"user": ["a", "b", "c"]}),
        (["--party", "[1, 2]"], {"party": [1, 2]}),
        (["--remark", "@@home"], {"remark": "@home"}),
        (["--remark", "-"], {"remark": "from stdin"}),
        (["--conclusions.text.content", "再见"], {"conclusions": {"text": {"content": "再见"}}}),
        (
            ["--conclusions", '{"text": {"content": "a"}}', "--conclusions.image.media-id", "M"],
            {"conclusions": {"text": {"content": "a"}, "image": {"media_id": "M"}}},
        ),
    ],
)
def test_a_flag_becomes_what_wecom_is_sent(
    words: list[str], sent: dict[str, Any], command: Command
) -> None:
    base = ["--input", "-"] if "-" not in words else ["--type", "1", "--scene", "2"]
    stdin = '{"type": 1, "scene": 2}' if "-" not in words else "from stdin"
    done = command("call", "contact_way.add", *base, *words, "--dry-run", stdin=stdin)
    assert done.json == {
        "method": "POST",
        "path": "/cgi-bin/externalcontact/add_contact_way",
        "json": {"type": 1, "scene": 2, **sent},
    }


def test_a_list_comes_out_of_a_file_line_by_line_or_as_json(
    command: Command, tmp_path: Path
) -> None:
    lines, listed = tmp_path / "members.txt", tmp_path / "members.json"
    lines.write_text("a\n\nb\n", "utf-8-sig")
    listed.write_text('["c"]', "utf-8")
    words = ["--userid_list", f"@{lines}", "--userid_list", f"@{listed}"]
    done = command("call", "customer.batch_get", *words, "--dry-run")
    assert done.json["json"] == {"userid_list": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("2026-11-01 01:00", 1793466000),
        ("2026-11-01", 1793462400),
        ("2026-11-01T01:00+09:00", 1793462400),
        ("1793466000", 1793466000),
    ],
)
def test_a_time_without_a_zone_is_beijings(word: str, seconds: int, command: Command) -> None:
    words = ["--start_time", word, "--end_time", "2026-11-30", "--userid", "zhangsan"]
    done = command("call", "statistics.user_behavior", *words, "--dry-run")
    assert done.json["json"]["start_time"] == seconds


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scene", "qr_cod"], "--scene: 'qr_cod' is none of mini_program, qr_code"),
        (["--type", "1", "--scene", "9"], "ContactWayAdd.scene: unknown Scene 9"),
        (["--skip_verify", "maybe"], "--skip_verify: 'maybe' is neither true nor false"),
        (["--expires_in", "soon"], "--expires_in: 'soon' is not a whole number"),
        (["--party", "a"], "--party: 'a' is not a whole number"),
        (["--conclusions", "{"], "--conclusions: is not JSON"),
        (["--remark", "@/nowhere/note"], "/nowhere/note: No such file"),
        (
            ["--type", "1", "--scene", "2", "--remark", "x" * 31],
            "ContactWayAdd.remark: 31 characters",
        ),
        (["--usr", "a"], "No such option '--usr'. (Did you mean one of: '--user'"),
        (["--input", "-"], "--input: is not a JSON object"),
        (["--conclusions", "[]", "--conclusions.text.content", "a"], "given as something else"),
        ([], "ContactWayAdd.type: is required"),
    ],
)
def test_a_wrong_flag_is_refused_before_anything_is_sent(
    words: list[str], message: str, command: Command
) -> None:
    # There is nobody to send it to.
    done = command("call", "contact_way.add", *words, "--yes", stdin="[]")
    assert done.status == 2
    assert message in done.err
    assert done.out == ""
    assert "wecom-contact call contact_way.add --help" in done.err


def test_a_misspelt_field_of_input_is_refused_with_its_path(command: Command) -> None:
    data = '{"type": 1, "scene": 2, "conclusions": {"text": {"content": "a", "contnt": "a"}}}'
    done = command("call", "contact_way.add", "--input", "-", "--yes", stdin=data)
    assert done.status == 2
    assert "ContactWayAdd.conclusions.text.contnt" in done.err


def test_a_wrong_name_says_which_are_like_it(command: Command) -> None:
    done = command("call", "contact_way.ad")
    assert done.status == 2
    assert "Did you mean contact_way.add" in done.err
    assert "Did you mean call" in command("cal").err


def test_a_time_that_is_none_says_how_times_are_written(command: Command) -> None:
    done = command("call", "statistics.user_behavior", "--start_time", "yesterday")
    assert "'yesterday' is not a time such as 2026-11-25 10:00 (Beijing)" in done.err


@pytest.mark.parametrize("wrong", ['{"type": "image", "what": 1}', "{}"])
def test_an_upload_is_checked_as_other_calls_are(wrong: str, command: Command) -> None:
    done = command("call", "media.upload", "--input", "-", "--media", "a.png", stdin=wrong)
    assert done.status == 2
    assert "MediaUpload." in done.err


def test_an_upload_can_be_looked_at_before_it_is_sent(command: Command) -> None:
    words = ["--type", "image", "--media", "a.png", "--dry-run"]
    assert command("call", "media.upload", *words).json == {
        "method": "POST",
        "path": "/cgi-bin/media/upload",
        "file": "a.png",
        "query": {"type": "image"},
    }


def test_a_change_asks_a_person(command: Command, corp: Simulator) -> None:
    words = ["call", "corp_tag.add", "--group_name", "来源", "--tag", '{"name": "官网"}']
    assert command(*words, typed="n\n").status == 130
    assert [group.name for group in corp.tag_groups.values()] == ["等级"]
    done = command(*words, typed="y\n")
    assert done.status == 0
    assert [group.name for group in corp.tag_groups.values()] == ["等级", "来源"]
    assert corp.corp_id in done.err


def test_a_change_is_refused_where_nobody_can_answer(command: Command, corp: Simulator) -> None:
    done = command("call", "corp_tag.delete", "--group_id", next(iter(corp.tag_groups)))
    assert done.status == 2
    assert "nobody is there to ask" in done.err
    assert "--yes" in done.err
    assert corp.tag_groups


def walk(command: Command, *words: str) -> Any:
    return command("call", "customer.batch_get", "--userid_list", "zhangsan", *words)


def test_a_page_says_how_to_go_on(command: Command, corp: Simulator) -> None:
    done = walk(command, "--limit", "2", "-o", "csv")
    assert len(done.lines) == 3
    cursor = done.err.rpartition(" ")[2].strip()
    assert "more: --all, or --cursor" in done.err
    rest = walk(command, "--limit", "2", "--cursor", cursor, "-o", "csv")
    assert len(rest.lines) == 2
    assert "more" not in rest.err


def test_all_pages_come_as_items_or_as_replies(command: Command, corp: Simulator) -> None:
    assert len(walk(command, "--limit", "2", "--all").json) == 3
    assert len(walk(command, "--limit", "2", "--max-items", "2").json) == 2
    pages = walk(command, "--limit", "2", "--pages").json
    assert [len(page["external_contact_list"]) for page in pages] == [2, 1]
    assert command("call", "customer.batch_get", "--userid_list", "lisi", "--all").json


def test_fields_are_selected_by_paths(command: Command, corp: Simulator) -> None:
    done = walk(
        command, "--all", "--select", "external_contact.name,follow_info.userid", "-o", "ndjson"
    )
    assert [json.loads(line) for line in done.lines] == [
        {"external_contact.name": name, "follow_info.userid": "zhangsan"}
        for name in ("王五", "赵六", "=1+1")
    ]


def test_csv_has_a_column_for_every_field_and_runs_nothing(
    command: Command, corp: Simulator
) -> None:
    done = walk(command, "--all", "-o", "csv")
    assert done.out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff"))))
    assert [row["external_contact.name"] for row in rows] == ["王五", "赵六", "'=1+1"]
    assert {"follow_info.remark", "external_contact.external_profile.external_attr"} <= set(rows[0])
    assert [row["external_contact.gender"] for row in rows] == ["0", "0", "0"]


def test_a_table_is_as_wide_as_the_terminal_and_names_what_is_left_out(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    done = walk(command, "--all", "-o", "table")
    assert "王五" in done.out
    assert "not shown: " in done.err
    assert "follow_info.createtime" in done.err


def test_a_table_shows_no_control_characters(command: Command, corp: Simulator) -> None:
    corp.add_customer("\x1b[31mred\x07", follow=corp.members["zhangsan"])
    done = walk(command, "--all", "-o", "table", "--select", "external_contact.name")
    assert "\x1b[31mred" not in done.out
    assert "\x07" not in done.out


def test_a_table_has_times_of_beijing_and_names_of_enums(
    command: Command, corp: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    follow = corp.follow("zhangsan", next(iter(corp.customers)))
    when = f"{datetime.fromtimestamp(follow.createtime, BEIJING):%Y-%m-%d %H:%M}"
    done = walk(command, "--all", "-o", "table")
    assert when in done.out
    assert "wechat" in done.out
    assert str(follow.createtime) not in done.out
    first = walk(command, "-o", "table")
    assert first.out == done.out
    pages = walk(command, "--pages", "-o", "table")
    assert when in pages.out
    assert (
        walk(command, "--all", "-o", "json").json[0]["follow_info"]["createtime"]
        == follow.createtime
    )


def test_one_answer_is_drawn_field_by_field(command: Command, corp: Simulator) -> None:
    external_userid = next(iter(corp.customers))
    words = ["customer.get", "--external_userid", external_userid]
    done = command("call", *words, "-o", "ndjson")
    assert done.json["external_contact"]["name"] == "王五"
    assert command("call", "follow_user.list", "-o", "table").out.split() == [
        "value",
        "zhangsan",
        "lisi",
    ]
    way = corp.add_contact_way([corp.members["zhangsan"]], state="poster")
    done = command("call", "contact_way.get", "--config_id", way.config_id, "-o", "table")
    assert "contact_way.state" in done.out
    assert "poster" in done.out
    done = command("call", "contact_way.get", "--config_id", way.config_id, "-o", "csv")
    assert "contact_way.state" in done.out


def test_an_answer_without_words_is_said_to_be_done(command: Command, corp: Simulator) -> None:
    way = corp.add_contact_way([corp.members["zhangsan"]])
    words = ["contact_way.delete", "--config_id", way.config_id, "--yes", "-o", "table"]
    done = command("call", *words)
    assert (done.status, done.out, done.err) == (0, "", "done\n")
    done = command("call", "contact_way.list", "-o", "table")
    assert done.err == "nothing\n"


def test_the_input_is_a_file_and_flags_count_more(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "call.json"
    file.write_text('{"type": 1, "scene": 1, "conclusions": {"text": {"content": "a"}}}', "utf-8")
    words = ["--input", str(file), "--scene", "qr_code", "--conclusions.text.content", "b"]
    done = command("call", "contact_way.add", *words, "--dry-run")
    assert done.json["json"] == {"type": 1, "scene": 2, "conclusions": {"text": {"content": "b"}}}
