"""`python -m codegen scaffold`: what a page says is in the draft, and the draft works once its TODOs are mended."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codegen import __main__, ir, page, resolve, scaffold, spec, spec_edit

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((Path(__file__).parent / "pages").glob("*.txt"))
TODO = re.compile(r'"TODO[^"]*"')
SETTINGS = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def read_spec(folder: Path) -> ir.Api:
    """The spec in a folder, without the files that describe what the sample pages do.

    Whoever adds one of these calls must not find the tests red.
    """
    paths = "|".join(re.escape(page.read(path.read_text("utf-8")).path) for path in PAGES)
    described = re.compile(rf"call: \w+ (?:{paths})\s")
    for path in folder.glob("*.yaml"):
        if described.search(path.read_text("utf-8")):
            path.unlink()
    return resolve.resolve(spec.load(folder))


with tempfile.TemporaryDirectory() as scratch:
    API = read_spec(Path(shutil.copytree(ROOT / "spec", scratch, dirs_exist_ok=True)))


@pytest.fixture(scope="module")
def api() -> ir.Api:
    return API


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with the parts that the generator reads."""
    read_spec(Path(shutil.copytree(ROOT / "spec", tmp_path / "spec")))
    (tmp_path / "codegen").symlink_to(ROOT / "codegen")
    (tmp_path / "tests").mkdir()
    return tmp_path


def run(root: Path, *words: object) -> int:
    return __main__.main(["scaffold", *map(str, words)], root)


def text_of(name: str) -> str:
    return (Path(__file__).parent / f"pages/{name}.txt").read_text("utf-8")


def drafted(name: str, api: ir.Api) -> str:
    return spec_edit.new_file(scaffold.draft(page.read(text_of(name)), api, f"my_{name}"))


def page_of(
    *rows: str,
    request: Any = None,
    reply: Any = None,
    told: str = "",
    path: str = "shop/add",
    query: str = "access_token=ACCESS_TOKEN",
    method: str = "POST",
    title: str = "添加商店",
) -> str:
    """A page with these rows of its request table: name, 是 or 否, type, meaning, between tabs."""
    shown = "" if request is None else json.dumps(request, ensure_ascii=False)
    answer = json.dumps({"errcode": 0, "errmsg": "ok", **(reply or {})}, ensure_ascii=False)
    return "\n".join(
        [title, "https://developer.work.weixin.qq.com/document/path/90001",
         f"请求方式：{method}（HTTPS）",
         f"请求地址：https://qyapi.weixin.qq.com/cgi-bin/{path}?{query}", "请求示例：", shown,
         "参数说明：", "参数\t必须\t类型\t说明", "access_token\t是\tstring\t凭证", *rows, "",
         "返回结果：", answer, "", told]
    )  # fmt: skip


def call_of(text: str, api: ir.Api, resource: str = "shop", name: str = "") -> dict[str, Any]:
    """The drafted call, and its types, as YAML has them."""
    draft = scaffold.draft(page.read(text), api, resource, name)
    whole = yaml.safe_load(spec_edit.new_file(draft))
    (call,) = whole["calls"].values()
    return {**call, "name": draft.name, "types": whole.get("types", {}), "fixture": draft.fixture,
            "hints": draft.hints}  # fmt: skip


# ---- whole pages


EXPECTED = {
    "kf_account_add": [
        "title: 添加客服账号",
        "link: 94662",
        "call: POST /cgi-bin/kf/account/add",
        'name: {type: str, max_chars: 16, doc: "TODO: 账号的名称 不多于16个字符"}',
        "media_id: {type: MediaId, max_bytes: 128,",
        'open_kfid: {type: str, doc: "TODO: 新账号的ID"}',
    ],
    "kf_account_list": [
        "readonly: true",
        "offset?: {type: int, default: 0,",
        "limit?: {type: int, min: 1, max: 100, default: 100,",
        "account_list: {type: [MyKfAccountListAccount],",
        "manage_privilege?: {type: bool,",
    ],
    "kf_sync_msg": [
        "paginate: {items: msg_list}",
        "cursor?: {type: str, max_bytes: 64,",
        "token?: {type: str, max_bytes: 128,",
        "limit?: {type: int, max: 1000,",
        "voice_format?: {type: MyKfSyncMsgVoiceFormat, default: 0,",
        "has_more: {type: flag,",
        "union: msgtype",
        "send_time: {type: timestamp,",
        "text: MyKfSyncMsgText",
        "location: MyKfSyncMsgLocation",
        "menu_id?: {type: str,",
        "latitude: {type: float,",
        'value_3: {value: 3, doc: "TODO: a name, and a sentence: 客户"}',
    ],
    "kf_send_msg": [
        "touser: {type: str,",
        "msgid?: {type: str, max_bytes: 32,",
        "text?: {type: MyKfSendMsgText,",
        "image?: {type: MyKfSendMsgImage,",
        "content: {type: str, max_bytes: 2048,",
    ],
    "kf_servicer_add": [
        "partial: {items: result_list, code: errcode}",
        "userid_list?: {type: [UserId], min_items: 1, max_items: 100,",
        "department_id_list?: {type: [DepartmentId], max_items: 20,",
        "userid?: {type: UserId,",
        "errcode: {type: int,",
    ],
    "department_list": [
        "call: GET /cgi-bin/department/list",
        "id?: {type: DepartmentId,",
        "department: {type: [MyDepartmentListDepartment],",
        "department_leader: {type: [UserId],",
        'order: {type: int, doc: "TODO: 次序，值的范围是[0, 2^32)"}',
    ],
    "tag_create": [
        "tagname: {type: str, min_chars: 1, max_chars: 32,",
        "tagid?: {type: int,",
        "userlist?: {type: [UserId], max_items: 1000,",
        "partial: {items: invalidlist}",
        "invalidlist?: {type: [str],",
        "errors: [40068]",
    ],
    "living_create": [
        "anchor_userid: {type: UserId,",
        "theme: {type: str, max_bytes: 60,",
        "living_start: {type: timestamp,",
        "living_duration: {type: int, max: 86400,",
        "type?: {type: MyLivingCreateType, default: 0,",
        "remind_time?: {type: int,",
        "screen_mode?: {type: MyLivingCreateScreenMode,",
        "is_private?: {type: flag, default: false,",
        'landscape: {value: landscape, doc: "TODO: 横屏"}',
        "description?: {type: str, max_chars: 300,",
        "image_list?: {type: [str], max_items: 6,",
    ],
    "meetingroom_list": [
        "paginate: {items: meetingroom_list, cursor: page_id, until: is_last}",
        "city?: {type: str,",
        "equipment?: {type: [MyMeetingroomListEquipment],",
        'value_3: {value: 3, doc: "TODO: a name, and a sentence: 投影"}',
        "is_last: {type: bool,",
        "capacity: {type: int, also: str,",
        "need_approval: {type: flag,",
        'longitude: {type: str, doc: "TODO: 经度"}',
    ],
    "wedoc_image_upload": [
        "type: {type: MyWedocImageUploadType,",
        "media: {type: file,",
        'video: {value: video, doc: "TODO: video"}',
        "created_at: {type: timestamp, also: str,",
    ],
    "wedrive_file_download": [
        "call: GET /cgi-bin/wedrive/file_download",
        "fileid: {type: str,",
        "response: file",
        "errors: [40058]",
    ],
    "checkin_list": [
        "token: suite",
        "from_: {type: timestamp, wire: from,",
        "open_checkin_data_type: {type: MyCheckinListOpenCheckinDataType, wire: openCheckinDataType,",
        "useridlist: {type: [UserId], max_items: 100,",
        "limit?: {type: int, max: 1000, min: 1,",
        "checkin_time: {type: timestamp,",
        "mediaids?: {type: [MediaId],",
        "lat: {type: int,",
        "wifi?: {type: str,",
    ],
    "school_message": [
        "any_of: [to_external_user, to_parent_userid]",
        "partial: [{items: invalid_external_user}, {items: invalid_parent_userid}]",
        "recv_scope?: {type: MySchoolMessageRecvScope, default: 0,",
        "to_parent_userid?: {type: [str], max_items: 1000,",
        "attachments?: {type: [Attachment], max_items: 9,",
        "text?: {type: MessageText,",
        "enable_id_trans?: {type: flag, default: false,",
        "duplicate_check_interval?: {type: int, max: 14400, default: 1800,",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_page_says_is_in_its_draft(name: str, api: ir.Api) -> None:
    found = drafted(name, api)
    lines = [line.strip() for line in found.splitlines()]
    assert [each for each in EXPECTED[name] if not any(x.startswith(each) for x in lines)] == []


def test_every_sample_page_is_expected() -> None:
    assert [path.stem for path in PAGES] == sorted(EXPECTED)


def test_drafts_with_their_todos_mended_make_calls_that_work(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lint is content, the package is generated, and both clients play every fixture."""
    for path in PAGES:
        assert run(root, path, "--resource", f"my_{path.stem}") == 0
    drafts = sorted((root / "spec").glob("my_*.yaml"))
    assert len(drafts) == len(PAGES)
    assert __main__.main(["lint"], root) == 1
    assert "[todo]" in capsys.readouterr().err
    for path in drafts:
        path.write_text(TODO.sub('"A sentence."', path.read_text("utf-8")), "utf-8")
    assert __main__.main(["lint"], root) == 0, capsys.readouterr().err
    assert __main__.main(["gen"], root) == 0
    for path in ROOT.glob("tests/*.py"):
        shutil.copy(path, root / "tests")
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "every_fixture or hold",
    ]
    done = subprocess.run(
        [sys.executable, *words, "tests/test_replay.py"],
        cwd=root, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(["generated", "tests"])}, timeout=120,
    )  # fmt: skip
    assert f"{2 * len(PAGES) + 1} passed" in done.stdout, done.stdout


# ---- tables


NAMES = st.from_regex(r"[a-z][a-z_]{1,8}", fullmatch=True).filter(
    lambda name: name not in {"string", "int", "obj", "bool", "access_token"}
)
SAYS = st.from_regex(r"[甲乙丙丁][甲乙丙丁，。]{0,9}", fullmatch=True)
TABLES = st.lists(
    st.tuples(NAMES, st.sampled_from("是否"), st.sampled_from(["string", "int[]", "bool"]), SAYS),
    min_size=1, max_size=6, unique_by=lambda row: row[0],
)  # fmt: skip
HEAD = ("参数", "是否必须", "类型", "说明")
FORMS = {
    "tabs": lambda rows: ["\t".join(row) for row in rows],
    "several tabs": lambda rows: ["\t" + "\t\t".join(row) for row in rows],
    "pipes": lambda rows: [f"| {' | '.join(row)} |" for row in rows],
    "pipes at the end": lambda rows: [f"{' | '.join(row)} |" for row in rows],
    "columns": lambda rows: ["".join(f"{cell:14}" for cell in row) for row in rows],
    "single spaces": lambda rows: [" ".join(row) for row in rows],
    "lines": lambda rows: [cell for row in rows for cell in row],
    "lines with gaps": lambda rows: [cell for row in rows for each in row for cell in (each, "")],
    "nothing": lambda rows: ["".join(row) for row in rows],
}


@pytest.mark.parametrize("form", FORMS)
@SETTINGS
@given(rows=TABLES)
def test_a_table_is_read_however_it_was_copied(form: str, rows: list[tuple[str, ...]]) -> None:
    head, *body = FORMS[form]([HEAD, *rows])
    if form.startswith("lines"):
        head, body = "", FORMS[form]([HEAD, *rows])
    text = page_of(request={row[0]: 1 for row in rows}).split("参数\t")[0]
    found = page.read("\n".join([text, head, *body, "", "权限说明：", "都可以调用这个接口。"]))
    assert [(row.name, row.must, row.type, row.says) for row in found.request_rows] == [
        (name, must == "是", kind, says) for name, must, kind, says in rows
    ]


def test_a_meaning_of_several_lines_is_one_cell(api: ir.Api) -> None:
    rows = [
        "state\t否\tint\t状态。",
        "\t\t\t0 - 全部",
        "\t\t\t1 - 开着",
        "",
        "默认为1",
        "name\t是\tstring\t名称",
    ]
    found = call_of(page_of(*rows, request={"state": 0, "name": "a"}), api)
    assert found["request"]["state?"]["default"] == 1
    assert [each["value"] for each in found["types"]["ShopState"]["enum"].values()] == [0, 1]
    assert found["request"]["name"]["doc"] == "TODO: 名称"


@pytest.mark.parametrize(
    "words", ["接口不支持这个参数", "权限说明", "注意：", "仅用于：", "第三方不能用该参数"]
)
def test_a_line_like_a_heading_is_of_the_cell_when_rows_follow(words: str, api: ir.Api) -> None:
    rows = ["a\t是\tint\t甲", "", words, "b\t是\tint\t乙"]
    found = page.read(page_of(*rows, request={"a": 1, "b": 1})).request_rows
    assert [(row.name, row.says) for row in found[1:]] == [("a", f"甲\n{words}"), ("b", "乙")]


def test_what_stands_below_a_table_is_not_of_its_last_cell(api: ir.Api) -> None:
    text = page_of(
        "name\t是\tstring\t名称",
        "",
        "此接口每天最多只能调用1000次，请注意。",
        request={"name": "a"},
    )
    assert page.read(text).request_rows[-1].says == "名称"
    assert page.read(text).remarks == ["此接口每天最多只能调用1000次，请注意。"]


@pytest.mark.parametrize("mark", ["> ", "└ ", "- ", "    ", "\t", "— "])
def test_fields_inside_are_told_by_marks(mark: str, api: ir.Api) -> None:
    """With no example to tell what is inside of what."""
    rows = ["box\t是\tobject\t盒子", f"{mark}name\t是\tstring\t名称", "size\t否\tint\t大小"]
    found = call_of(page_of(*rows), api)
    assert list(found["request"]) == ["box", "size?"]
    assert list(found["types"]["ShopBox"]["fields"]) == ["name"]


@pytest.mark.parametrize("name", ["boxes[].name", "boxes.name", "boxes->name", "`boxes[].name`"])
def test_fields_inside_are_told_by_dots(name: str, api: ir.Api) -> None:
    found = call_of(page_of("boxes\t是\tobj[]\t盒子", f"{name}\t是\tstring\t名称"), api)
    assert found["request"]["boxes"]["type"] == ["ShopBox"]
    assert list(found["types"]["ShopBox"]["fields"]) == ["name"]


def test_a_list_inside_is_told_by_brackets(api: ir.Api) -> None:
    found = call_of(page_of("box.items[].name\t是\tstring\t名称"), api)
    assert found["types"]["ShopBox"]["fields"]["items?"]["type"] == ["ShopItem"]


def test_a_flat_table_follows_the_example(api: ir.Api) -> None:
    """Where names stand without what they are in, the example tells."""
    reply = {"shop": {"id": "1", "owner": {"id": "2", "name": "a"}}, "name": "b"}
    rows = "参数\t说明\nshop\t商店\nid\t商店编号\nowner\t主人\nid\t主人编号\nname\t主人名称\nname\t总名称"
    found = call_of(page_of(reply=reply, told=rows), api)
    shop, owner = (found["types"][name]["fields"] for name in ("Shop", "ShopOwner"))
    assert shop["id"]["doc"] == "TODO: 商店编号"
    assert owner["id"]["doc"] == "TODO: 主人编号"
    assert owner["name"]["doc"] == "TODO: 主人名称"
    assert found["response"]["name"]["doc"] == "TODO: 总名称"


def test_a_part_shown_by_itself_joins_the_whole(api: ir.Api) -> None:
    text = page_of("box\t是\tobj\t盒子", request={"box": {"kind": "a", "size": 1}}).replace(
        "返回结果：", '请求的盒子：\n{"kind": "b", "lid": true}\n返回结果：'
    )
    found = call_of(text, api)
    assert list(found["request"]) == ["box"]
    assert list(found["types"]["ShopBox"]["fields"]) == ["kind?", "size?", "lid?"]


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        ("参数 必须 说明", "userid 是 成员的 名字", ("userid", True, "", "成员的 名字")),
        ("参数 类型 说明", "userid string 成员", ("userid", None, "string", "成员")),
        ("参数 说明", "userid 成员", ("userid", None, "", "成员")),
        ("| 参数 | 说明 |", "| userid | a|b |", ("userid", None, "", "a|b")),
        ("参数\t类型\t默认值\t说明", "userid\tint\t5\t成员", ("userid", None, "int", "默认为5。成员")),
        ("参数\t类型\t默认值\t说明", "userid\tint\t无\t成员", ("userid", None, "int", "成员")),
        ("参数\t类型\t示例值\t说明", "userid\tint\t5\t成员", ("userid", None, "int", "成员")),
        ("参数\t必填\t说明", "userid\t看情况\t成员", ("userid", None, "", "成员")),
        ("参数类型说明", "useridstring成员", ("userid", None, "string", "成员")),
        ("参数类型说明", "newuint32新的", ("new", None, "uint32", "新的")),
        ("参数必须说明", "userid成员", ("userid", None, "", "成员")),
        ("参数必须说明", "userid是否成员", ("userid", None, "", "是否成员")),
        ("参数说明", "userid成员", ("userid", None, "", "成员")),
        ("参数必须说明", "newbox是新的", ("newbox", True, "", "新的")),
        ("参数类型示例值说明", "useridstring成员", ("userid", None, "string", "成员")),
    ],
)  # fmt: skip
def test_columns_may_be_few_or_strange(head: str, row: str, told: tuple[Any, ...]) -> None:
    text = page_of(request={"userid": 1}).split("参数\t")[0]
    (found,) = page.read(f"{text}\n{head}\n{row}\n\n权限说明：\n").request_rows
    assert (found.name, found.must, found.type, found.says) == told


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("参数 必须 说明", "userid 和 别的 都要"),
        ("参数 类型 说明", "userid 和 别的"),
        ("参数 说明", "userid"),
        ("参数\t必须\t说明", "userid"),
        ("| 参数 | 说明 |", "userid"),
        ("参数\n必须\n说明", "userid\n和别的\n都要"),
        ("参数\n类型\n说明", "userid\n和别的\n都要"),
        ("参数\n说明", "another\n成员"),
        ("参数说明", "https://example.com"),
        ("参数说明", "userid"),
        ("参数说明", "成员"),
        ("参数", "userid"),
        ("参数表格", "userid"),
    ],
)  # fmt: skip
def test_prose_is_not_taken_for_a_row(head: str, row: str) -> None:
    text = page_of(request={"userid": 1}).split("参数\t")[0]
    assert page.read(f"{text}\n{head}\n{row}\n\n权限说明：\n").request_rows == []


def test_an_empty_cell_of_a_line_of_its_own_is_seen(api: ir.Api) -> None:
    text = page_of(request={"one": 1, "two": 2}).split("参数\t")[0]
    rows = page.read(f"{text}\n参数\n必须\n说明\none\n是\n\ntwo\n否\n二\n").request_rows
    assert [(row.name, row.must, row.says) for row in rows] == [
        ("one", True, ""),
        ("two", False, "二"),
    ]


def test_a_value_table_ends_where_prose_begins() -> None:
    told = "种类\n| 值 | 含义 |\n| --- | --- |\n| 1 | 甲 |\n| all | 乙 |\n接下来是别的。"
    assert page.read(page_of(request={"a": 1}, told=told)).meanings == {"种类": "1-甲；all-乙"}


def test_a_text_may_end_anywhere() -> None:
    text = page_of("a\t是\tint\t甲")
    assert page.read(f"{text}种类\n值\t含义\n1\t甲").meanings == {"种类": "1-甲"}
    for end in ("参数\n说明", "参数\t说明", "参数", "值\t含义", "参数\n必须\n说明\nb"):
        assert len(page.read(text + end).request_rows) == 2


def test_a_title_may_stand_below_what_leads_to_it() -> None:
    text = page_of(request={"a": 1})
    assert (
        page.read(
            "服务端\n客户\n" + text.replace("\nhttps", "\n最后更新：2025/01/01\nhttps", 1)
        ).title
        == "添加商店"
    )
    assert page.read(text.removeprefix("添加商店\n")).title == ""


def test_the_method_is_guessed_where_the_page_is_silent() -> None:
    text = page_of(request={"a": 1}).replace("请求方式：POST（HTTPS）\n", "")
    assert page.read(text).method == "POST"
    text = page_of("a\t是\tint\t甲", query="access_token=ACCESS_TOKEN&a=A").replace(
        "请求方式：POST（HTTPS）\n", ""
    )
    assert page.read(text).method == "GET"
    assert page.read(text.replace("请求地址：", "GET (HTTPS) ")).method == "GET"


def test_an_address_in_the_prose_is_not_another_call() -> None:
    told = "另见 https://qyapi.weixin.qq.com/cgi-bin/shop/get 。"
    assert page.read(page_of(request={"a": 1}, told=told)).path == "/cgi-bin/shop/add"
    bare = page_of(request={"a": 1}, query="debug=1&=2&x")
    assert page.read(bare).query == {"debug": "1", "x": ""}


def test_numbers_of_older_addresses_are_read() -> None:
    text = page_of(request={"a": 1})
    for address in (
        "work.weixin.qq.com/api/doc/90000/90135/90002",
        "developer.work.weixin.qq.com/document/90002",
    ):
        assert (
            page.read(
                text.replace("developer.work.weixin.qq.com/document/path/90001", address)
            ).number
            == 90002
        )


# ---- examples


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**12)
    | st.text('甲a，："“{}[]#/.\\ ', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(
    st.from_regex(r"[a-z]{1,6}", fullmatch=True), DATA, min_size=1, max_size=4
)


def loose(value: Any, comma: str, colon: str, note: str) -> str:
    """JSON as a page prints it."""
    if isinstance(value, dict):
        inside = "".join(
            f"{note}\n  {json.dumps(name)} {colon} {loose(each, comma, colon, note)}{comma}"
            for name, each in value.items()
        )
        return f"{{{inside}{note}\n}}"
    if isinstance(value, list):
        return f"[{''.join(loose(each, comma, colon, note) + comma for each in value)}]"
    return json.dumps(value, ensure_ascii=False)


@SETTINGS
@given(
    OBJECTS,
    st.sampled_from([",", "，", ", ...,", " ", ","]),
    st.sampled_from([":", "："]),
    st.sampled_from(["", " // 注释", " /* 注释 */", " # 注释", "\n  ……"]),
)
def test_an_example_is_read_however_it_is_printed(
    data: dict[str, Any], comma: str, colon: str, note: str
) -> None:
    assert page.Lenient(loose(data, comma, colon, note), 0).example() == data


@pytest.mark.parametrize(
    ("shown", "data"),
    [
        ("{“a”: “甲”, ”b”: ”乙”}", {"a": "甲", "b": "乙"}),
        ("{'a': 'it'}", {"a": "it"}),
        ('{"a ": 1}', {"a": 1}),
        ("{a: TOKEN, b: 1.5}", {"a": "TOKEN", "b": 1.5}),
        ('{"a": "x\n, "b": 1}', {"a": "x", "b": 1}),
        ('{"a": "\\d"}', {"a": "\\d"}),
        ('"part": {"a": 1}', {"part": {"a": 1}}),
        ('[{"a": 1}]', [{"a": 1}]),
        ('{"a": True, "b": None}', {"a": True, "b": None}),
    ],
)  # fmt: skip
def test_an_example_need_not_be_json_to_the_letter(shown: str, data: Any) -> None:
    assert page.Lenient(shown, 0).example() == data


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ('{"a": 1', "has no end"),
        ('{"a" 1}', "no colon after 'a'"),
        ('{"a": }', "cannot be read: '}'"),
        ('{"a": ！}', "cannot be read: '！'"),
    ],
)
def test_an_example_that_makes_no_sense_is_named(shown: str, told: str) -> None:
    with pytest.raises(page.PageError, match=re.escape(told)):
        page.Lenient(shown, 0).example()


# ---- prose


@pytest.mark.parametrize(
    ("says", "base", "many", "limits"),
    [
        ("最长为4000字节", "str", False, {"max_bytes": 4000}),
        ("最多4000个字节", "str", False, {"max_bytes": 4000}),
        ("不多于128字节", "str", False, {"max_bytes": 128}),
        ("至多 64 bytes", "str", False, {"max_bytes": 64}),
        ("长度不超过2048字节", "str", False, {"max_bytes": 2048}),
        ("512字节以内", "str", False, {"max_bytes": 512}),
        ("不超过30个字符", "str", False, {"max_chars": 30}),
        ("最长40个utf8字符", "str", False, {"max_chars": 40}),
        ("不超过30个UTF-8字符", "str", False, {"max_chars": 30}),
        ("最多20个汉字", "str", False, {"max_chars": 20}),
        ("长度限制为1~32个字符", "str", False, {"min_chars": 1, "max_chars": 32}),
        ("长度为0-64个字节", "str", False, {"max_bytes": 64}),
        ("1至8个字", "str", False, {"min_chars": 1, "max_chars": 8}),
        ("超过30个字符将被截断", "str", False, {}),
        ("20秒内有效", "str", False, {}),
        ("最多100个", "str", True, {"max_items": 100}),
        ("最多支持100个", "str", True, {"max_items": 100}),
        ("最多可传入1万个客户", "str", True, {"max_items": 10_000}),
        ("最多1k个", "str", True, {"max_items": 1000}),
        ("每次最多1,000个", "str", True, {"max_items": 1000}),
        ("支持5个", "str", True, {"max_items": 5}),
        ("50个以内", "str", True, {"max_items": 50}),
        ("取值范围： 1 ~ 100", "str", True, {"min_items": 1, "max_items": 100}),
        ("数量为0～9", "str", True, {"max_items": 9}),
        ("最多9个，每个最长64字节", "str", True, {"max_bytes": 64, "max_items": 9}),
        ("取值范围 1 ~ 1000", "int", False, {"min": 1, "max": 1000}),
        ("最大值100，默认值50", "int", False, {"max": 100}),
        ("默认值和最大值都为1000", "int", False, {"max": 1000}),
        ("最多支持1000条", "int", False, {"max": 1000}),
        ("最大值为100，最小值为10", "int", False, {"max": 100, "min": 10}),
        ("以秒为单位，最多为14天", "int", False, {"max": 1_209_600}),
        ("最多为14天", "int", False, {}),
        ("有效的值范围是[0, 2^32)", "int", False, {"min": 0, "max": 2**32 - 1}),
        ("最多4个", "bool", False, {}),
    ],
)  # fmt: skip
def test_limits_are_read_from_the_prose(
    says: str, base: str, many: bool, limits: dict[str, int]
) -> None:
    assert scaffold.limits_of(says, base, many) == limits


@pytest.mark.parametrize(
    ("says", "meanings"),
    [
        ("类型,1-单人, 2-多人", {1: "单人", 2: "多人"}),
        ("0：企业 1：个人", {0: "企业", 1: "个人"}),
        ("0-否；1-是。默认为1", {0: "否", 1: "是"}),
        ("状态\n0 - 全部(不过滤)\n1 - 离职", {0: "全部(不过滤)", 1: "离职"}),
        ("1表示微信用户，2表示企业用户", {1: "微信用户", 2: "企业用户"}),
        ("1=男 2=女", {1: "男", 2: "女"}),
        ("0、未知 1、已知", {0: "未知", 1: "已知"}),
        ("-1: 没有；0: 有", {-1: "没有", 0: "有"}),
        ("image：图片，video：视频", {"image": "图片", "video": "视频"}),
        ("默认为single，表示单个，group表示一群", {"single": "单个", "group": "一群"}),
        ("类型，可选image、link或者video", {"image": "image", "link": "link", "video": "video"}),
        ("1-甲 1-乙 2-丙", {1: "甲", 2: "丙"}),
        ("需要2.7.5及以上版本", {}),
        ("取值范围 1 ~ 100", {}),
        ("在type为1时必填", {}),
        ("2023-12-01之后", {}),
        ("名称", {}),
    ],
)  # fmt: skip
def test_meanings_are_read_from_the_prose(says: str, meanings: dict[Any, str]) -> None:
    assert scaffold.meanings_of(says) == meanings


@pytest.mark.parametrize(
    ("says", "base", "allowed", "default"),
    [
        ("默认为50", "int", (), 50),
        ("默认值50，最大值100", "int", (), 50),
        ("默认值和最大值都为1000", "int", (), None),
        ("默认7天，以秒为单位", "int", (), 604_800),
        ("默认为90天前", "int", (), None),
        ("默认为true", "bool", (), True),
        ("默认0", "flag", (), False),
        ("默认为1", "flag", (), True),
        ("默认为single，表示单个", "str", ("single", "group"), "single"),
        ("默认为other", "str", ("single", "group"), None),
        ("默认为2", "int", (0, 1), None),
        ("没有", "int", (), None),
    ],
)  # fmt: skip
def test_defaults_are_read_from_the_prose(says: str, base: str, allowed: Any, default: Any) -> None:
    assert scaffold.default_of(says, base, allowed) == default


# ---- names and types


@pytest.mark.parametrize(
    ("path", "resource", "name", "guess"),
    [
        ("externalcontact/add_contact_way", "", "", "contact_way.add"),
        ("externalcontact/del_contact_way", "", "", "contact_way.delete"),
        ("externalcontact/get_corp_tag_list", "", "", "corp_tag.list"),
        ("externalcontact/groupchat/get_join_way", "group_join_way", "", "group_join_way.get"),
        ("externalcontact/groupchat/get", "group_chat", "", "group_chat.get"),
        ("externalcontact/list", "", "", "list.list"),
        ("externalcontact/batch/get_by_user", "customer", "", "customer.get_by_user"),
        ("kf/account/add", "", "", "kf_account.add"),
        ("kf/account/add", "kf", "", "kf.add_account"),
        ("kf/servicer/del", "kf", "", "kf.delete_servicer"),
        ("kf/send_msg", "", "", "kf.send_msg"),
        ("kf/account/add", "kf", "open", "kf.open"),
        ("user/import", "", "", "user.import_"),
        ("externalcontact/batch/get", "customer", "", "customer.batch_get"),
        ("oa/getDialRecord", "", "", "oa.get_dial_record"),
    ],
)  # fmt: skip
def test_names_come_from_the_path(path: str, resource: str, name: str, guess: str) -> None:
    told = page.read(page_of("a\t是\tint\t甲", path=path))
    draft = scaffold.draft(told, evolve(API, modules=()), resource, name)
    assert f"{draft.resource}.{draft.name}" == guess


@pytest.mark.parametrize(
    ("title", "path", "readonly"),
    [
        ("获取商店", "shop/get", True),
        ("获取商店", "shop/fetch_it", True),
        ("获取发送结果", "shop/get_result", True),
        ("商店列表", "shop/list", True),
        ("生成链接", "shop/get_link", False),
        ("添加商店", "shop/add", None),
    ],
)
def test_reads_are_told_by_name_and_title(
    title: str, path: str, readonly: bool | None, api: ir.Api
) -> None:
    found = call_of(page_of("a\t是\tint\t甲", path=path, title=title), api)
    assert found.get("readonly") is readonly


@pytest.mark.parametrize(
    ("row", "value", "line"),
    [
        ("userid\t是\tstring\t成员", "a", "userid: UserId"),
        ("user_ids\t是\tarray\t成员", ["a"], "user_ids: [UserId]"),
        ("handover_userid\t是\tstring\t原来的成员", "a", "handover_userid: UserId"),
        ("owner\t是\tstring\t群主ID", "a", "owner: UserId"),
        ("organizer\t是\tstring\t组织者userid", "a", "organizer: UserId"),
        ("creator\t是\tstring\t客户的userid", "a", "creator: str"),
        ("tmp_external_userid\t是\tstring\t临时的", "a", "tmp_external_userid: str"),
        ("external_userid_list\t是\tarray\t客户", ["a"], "external_userid_list: [ExternalUserId]"),
        ("party\t是\tarray\t部门id列表", [1], "party: [DepartmentId]"),
        ("pic_mediaid\t是\tstring\t图", "a", "pic_mediaid: MediaId"),
        ("chat_id\t是\tint\t群", 1, "chat_id: int"),
        ("a\t是\t\t创建时间", 1_700_000_000, "a: timestamp"),
        ("send_time\t是\t\t时间", "xxxx", "send_time: timestamp"),
        ("a\t是\t\t数量", 2_000_000_000, "a: int"),
        ("a\t是\t\t是否打开", 1, "a: flag"),
        ("a\t是\tbool\t是否打开", True, "a: bool"),
        ("a\t是\tbool\t是否打开", 1, "a: flag"),
        ("a\t是\tdouble\t价格", 1.5, "a: float"),
        ("a\t是\t\t价格", [1, 2.5], "a: [float]"),
        ("a\t是\t\t随意", [1, "b"], "a: [any]"),
        ("a\t是\tobject\t随意", {}, "a: any"),
        ("a\t是\t\t随意", [], "a: [str]"),
        ("a\t是\tstring[]\t随意", None, "a: [str]"),
    ],
)  # fmt: skip
def test_types_come_from_table_example_and_prose(
    row: str, value: Any, line: str, api: ir.Api
) -> None:
    name = row.partition("\t")[0]
    found = call_of(page_of(row, request={name: value, "other": 1}), api)
    key, _, wanted = line.partition(": ")
    assert found["request"][key]["type"] == yaml.safe_load(wanted)


def test_one_type_for_what_looks_the_same(api: ir.Api) -> None:
    shop = {"kind": 1, "id": "1"}
    told = "参数\t说明\nold\t旧的\nold.kind\t1-甲 2-乙\nshops\t全部\nshops.kind\t1-甲 2-乙"
    found = call_of(page_of(reply={"shops": [shop], "shop": shop}, told=told), api)
    assert found["response"]["shops"]["type"] == [found["response"]["shop"]["type"]]


def test_a_name_that_is_taken_is_not_used_again(api: ir.Api) -> None:
    """`Customer` is a type and `CustomerGet` a call already."""
    told = "参数\t说明\nr\t甲\nr.get\t1-甲 2-乙"
    reply = {"get": {"a": 1}, "r": {"get": 3}}
    found = call_of(page_of(reply=reply, told=told), api, "customer", "open")
    taken = {each.name for _, each in api.types} | {call.cls for call in api.calls}
    assert not taken & set(found["types"])
    assert len(found["types"]) == 3
    draft = scaffold.Drafter(page.read(page_of("a\t是\tint\t甲")), api, "customer", "open", False)
    assert [draft.free("Customer"), draft.free("Customer")] == ["Customer2", "Customer3"]


def test_an_enum_of_the_same_file_is_used(api: ir.Api) -> None:
    found = call_of(
        page_of("gender\t否\tint\t0-未知 1-男 2-女", request={"gender": 1}), api, "customer", "open"
    )
    assert found["request"]["gender?"]["type"] == "Gender"


def test_a_payload_under_another_name_is_told_by_a_number(api: ir.Api) -> None:
    attrs = [
        {"type": 0, "name": "a", "text": {"value": "b"}},
        {"type": 1, "name": "a", "web": {"url": "c"}},
    ]
    found = call_of(page_of(reply={"attrs": attrs}), api)
    assert found["types"]["ShopAttr"]["union"] == "type"
    assert list(found["types"]["ShopAttr"]["common"]) == ["name"]
    assert found["types"]["ShopAttr"]["variants"] == {
        0: {"key": "text", "type": "ShopText"},
        1: {"key": "web", "type": "ShopWeb"},
    }


def test_payloads_with_fields_in_common_belong_to_their_union(api: ir.Api) -> None:
    """Their class gets the fields in common, so neither a known nor another union's class may be taken."""
    item = {"msgtype": "image", "id": "1", "image": {"media_id": "a", "pic_url": "b"}}
    found = call_of(page_of(reply={"sent": [item], "got": [{**item, "more": 1}]}), api)
    unions = [each for each in found["types"].values() if "union" in each]
    payloads = [each["variants"]["image"] for each in unions]
    assert len(set(payloads)) == 2
    assert "ImageAttachment" not in payloads


def test_a_union_needs_nothing_in_common(api: ir.Api) -> None:
    item = {"msgtype": "poem", "poem": {"verse": "a"}}
    found = call_of(page_of(reply={"sent": [item]}), api)
    assert found["types"]["ShopSent"].keys() == {"doc", "union", "variants"}


@pytest.mark.parametrize(
    "objects",
    [
        [{"type": 0, "a": {"x": 1}}],
        [{"type": 0, "a": {"x": 1}}, {"type": 0, "b": {"x": 1}}],
        [{"type": 0, "a": {"x": 1}}, {"type": 1, "a": {"x": 1}}],
        [{"type": "k", "a": {"x": 1}}, {"type": "m", "b": {"x": 1}}],
        [{"type": [1], "a": {"x": 1}}],
        [{"kind": 1, "a": {"x": 1}}, {"kind": 2, "b": {"x": 1}}],
    ],
)
def test_a_tag_that_does_not_tell_makes_no_union(objects: list[Any], api: ir.Api) -> None:
    found = call_of(page_of(reply={"parts": objects}), api)
    assert "fields" in found["types"]["ShopPart"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ({"content": "a"}, True),
        ({"content": ["a"]}, False),
        ({"content": {"a": 1}}, False),
        ({"content": "a", "other": 1}, False),
        ({"other": 1}, False),
    ],
)
def test_a_known_type_is_taken_where_it_fits(text: Any, known: bool, api: ir.Api) -> None:
    found = call_of(page_of(reply={"text": text}), api)
    assert (found["response"]["text"]["type"] == "MessageText") is known


@pytest.mark.parametrize(("limit", "known"), [("4000", True), ("3000", False)])
def test_a_known_type_with_another_limit_is_not_taken(limit: str, known: bool, api: ir.Api) -> None:
    rows = ["text\t是\tobj\t文本", f"text.content\t是\tstring\t最长{limit}字节"]
    found = call_of(page_of(*rows, request={"text": {"content": "a"}}), api)
    assert (found["request"]["text"]["type"] == "MessageText") is known


def test_a_field_that_an_example_lacks_keeps_a_known_type_away(api: ir.Api) -> None:
    links = [{"title": "a", "url": "b", "desc": "c"}, {"title": "a", "desc": "c"}]
    found = call_of(page_of(reply={"links": links}), api)
    assert found["response"]["links"]["type"] == ["ShopLink"]


@pytest.mark.parametrize(
    ("field", "type_name"),
    [("categories", "ShopCategory"), ("boxes", "ShopBox"), ("status", "ShopStatus"), ("bill_list", "ShopBill"),
     ("list", "ShopList")],
)  # fmt: skip
def test_types_are_singular(field: str, type_name: str, api: ir.Api) -> None:
    found = call_of(page_of(reply={field: [{"a": 1}]}), api)
    assert list(found["types"]) == [type_name]


def test_names_that_meet_in_python_stay_apart(api: ir.Api) -> None:
    found = call_of(page_of(request={"userName": 1, "user_name": 2, "1st": 3, "self": 4}), api)
    told = {name: each.get("wire", "") for name, each in found["request"].items()}
    assert told == {
        "user_name?": "userName", "user_name_?": "user_name", "field_1st?": "1st", "self_?": "self",
    }  # fmt: skip


def test_a_word_that_is_sent_as_a_number_too_is_said(api: ir.Api) -> None:
    found = call_of(page_of("a\t是\tstring\t甲", request={"a": 1}), api)
    assert found["request"]["a"] == {"type": "str", "also": "int", "doc": "TODO: 甲"}


def test_titles_that_yaml_would_misread_are_quoted(api: ir.Api) -> None:
    for title in ("true", "查: 商店", "#商店 甲", "null", "'甲'"):
        told = page.read(page_of(request={"a": 1}))
        told.title = title
        draft = scaffold.draft(told, api)
        assert yaml.safe_load(spec_edit.new_file(draft))["title"] == title


def test_fields_that_may_not_all_be_empty_are_a_group(api: ir.Api) -> None:
    rows = [
        "a\t否\tint\t甲",
        "b\t否\tint\t乙，不可与c同时为空",
        "c\t否\tint\t丙",
        "d\t是\tint\t丁，不能与a同时为空",
    ]
    told = "a和b不能同时为空，请注意这一点；a、d不可全部为空；名字不能为空。"
    found = call_of(page_of(*rows, request={"a": 1, "b": 1, "c": 1, "d": 1}, told=told), api)
    assert found["any_of"] == [["a", "b"], ["b", "c"]]


def test_a_reply_without_its_envelope_gets_one(api: ir.Api) -> None:
    text = page_of(request={"a": 1}).replace('{"errcode": 0, "errmsg": "ok"}', '{"b": 1}')
    answer = call_of(text, api)["fixture"]["exchanges"][0]["response"]["json"]
    assert answer == {"errcode": 0, "errmsg": "ok", "b": 1}
    text = page_of(request={"a": 1}).replace('{"errcode": 0, "errmsg": "ok"}', '[{"b": 1}]')
    assert call_of(text, api)["fixture"]["exchanges"][0]["response"]["json"] == {
        "errcode": 0,
        "errmsg": "ok",
    }


def test_an_example_of_a_refusal_is_not_the_reply(api: ir.Api) -> None:
    told = '失败的例子：\n{"errcode": 41063, "errmsg": "no", "hint": "a"}'
    found = call_of(page_of(request={"a": 1}, reply={"b": 1}, told=told), api)
    assert list(found["response"]) == ["b"]
    assert found["errors"] == [41063]


def test_a_get_without_arguments_has_no_query(api: ir.Api) -> None:
    fixture = call_of(page_of(reply={"a": 1}, method="GET"), api)["fixture"]
    assert fixture["args"] == {}
    assert "query" not in fixture["exchanges"][0]["request"]


def test_nothing_in_the_page_can_break_the_yaml(api: ir.Api) -> None:
    """Quotes, control characters and line breaks of other scripts."""
    says = '一 "引号" \\ #井 {括号}: \x07\x00甲\x7f，\u2028乙\x85丙'
    found = call_of(page_of(f"a\t是\tstring\t{says}", request={"a": "b"}), api)
    assert found["request"]["a"]["doc"] == "TODO: 一 '引号' \\ #井 {括号}: 甲， 乙 丙"


def test_a_value_that_only_the_example_has_is_a_member(api: ir.Api) -> None:
    found = call_of(page_of("kind\t是\tint\t1-甲 2-乙", request={"kind": 7}), api)
    assert [each["value"] for each in found["types"]["ShopKind"]["enum"].values()] == [1, 2, 7]


def test_words_do_not_make_room_for_numbers(api: ir.Api) -> None:
    found = call_of(page_of("kind\t是\tstring\timage：图，video：影", request={"kind": 3}), api)
    assert found["request"]["kind"] == {"type": "ShopKind", "doc": "TODO: image：图，video：影"}
    assert found["fixture"]["args"] == {"kind": "image"}


def test_what_is_now_an_object_and_now_not_is_anything(api: ir.Api) -> None:
    found = call_of(page_of(request={"a": [{"b": 1}, 2], "c": [None, 1]}), api)
    assert found["request"]["a?"]["type"] == ["any"]
    assert found["request"]["c?"]["type"] == ["int"]
    assert found["fixture"]["args"]["a"] == [{"b": 1}, 2]


@pytest.mark.parametrize(
    ("row", "optional"),
    [
        ("a\t否\tint\t甲", True),
        ("a\t是\tint\t甲", False),
        ("a\t\tint\t甲", False),
        ("a\t\tint\t甲，可不填", True),
        ("a\t条件\tint\t甲，默认为1", True),
    ],
)
def test_what_may_be_left_out_is_told_by_the_table(row: str, optional: bool, api: ir.Api) -> None:
    found = call_of(page_of(row, request={"a": 1}), api)
    assert list(found["request"]) == ["a?" if optional else "a"]


@pytest.mark.parametrize(
    ("says", "optional"),
    [
        ("甲", False),
        ("甲，仅在b为1时返回", True),
        ("甲，第三方不可获取", True),
        ("甲，组件应用不返回此字段", True),
        ("甲，如果没有则为空", True),
    ],
)
def test_what_a_reply_may_lack_is_told_by_the_prose(says: str, optional: bool, api: ir.Api) -> None:
    found = call_of(page_of(reply={"a": 1}, told=f"参数\t说明\na\t{says}"), api)
    assert list(found["response"]) == ["a?" if optional else "a"]


def test_the_code_of_an_item_is_a_number(api: ir.Api) -> None:
    told = "参数\t说明\nall.errcode\t1-坏了 2-没了"
    found = call_of(page_of(reply={"all": [{"errcode": 1}]}, told=told), api)
    assert found["partial"] == {"items": "all", "code": "errcode"}
    assert found["types"]["ShopAll"]["fields"]["errcode"]["type"] == "int"


def test_a_secret_is_marked(api: ir.Api) -> None:
    found = call_of(page_of("welcome_code\t是\tstring\t凭证", request={"welcome_code": "a"}), api)
    assert found["request"]["welcome_code"]["secret"] is True


def test_a_code_that_nobody_knows_is_a_hint(api: ir.Api) -> None:
    told = "错误码\t说明\n41063\t甲\n99999\t乙\n"
    found = call_of(page_of("a\t是\tint\t甲", told=told), api)
    assert found["errors"] == [41063]
    assert "99999" in found["hints"][0]


# ---- fixtures


def test_a_fixture_is_the_documented_example(api: ir.Api) -> None:
    request, reply = {"name": "a"}, {"shop_id": "1"}
    told = "参数\t说明\nshop_id\t编号"
    fixture = call_of(
        page_of("name\t是\tstring\t名称", request=request, reply=reply, told=told), api
    )["fixture"]
    assert fixture == {
        "call": "shop.add",
        "args": {"name": "a"},
        "exchanges": [
            {
                "request": {"method": "POST", "path": "/cgi-bin/shop/add", "json": {"name": "a"}},
                "response": {"status": 200, "json": {"errcode": 0, "errmsg": "ok", "shop_id": "1"}},
            }
        ],
        "source": "official page 90001",
    }


def test_what_a_fixture_needs_beyond_the_example_is_said(api: ir.Api) -> None:
    rows = ["name\t是\tstring\t名称", "kind\t是\tint\t1-甲 2-乙", "size\t是\tint\t大小", "at\t是\tint\t时间戳",
            "box\t是\tobj\t盒子", "box.lid\t是\tbool\t盖子", "ids\t是\tint[]\t编号"]  # fmt: skip
    fixture = call_of(page_of(*rows, request={"name": "a", "size": "SIZE"}), api)["fixture"]
    assert fixture["args"] == {
        "name": "a", "size": 1, "kind": 1, "at": 1_700_000_000, "box": {"lid": True}, "ids": [1],
    }  # fmt: skip
    assert fixture["source"] == "made after official page 90001"


def test_a_fixture_holds_no_phone_number_and_no_corp_id(api: ir.Api) -> None:
    request = {"phone": "13912345678", "corpid": "ww0123456789abcdef"}
    fixture = call_of(page_of(request=request), api)["fixture"]
    assert fixture["args"] == {"phone": "13800000001", "corpid": "ww0000000000000000"}


def test_arguments_of_a_get_are_words_on_the_wire(api: ir.Api) -> None:
    rows = ["id\t是\tint\t编号", "on\t是\tbool\t是否打开"]
    query = "access_token=ACCESS_TOKEN&id=12&on=ON"
    fixture = call_of(page_of(*rows, query=query, method="GET"), api)["fixture"]
    assert fixture["args"] == {"id": 12, "on": True}
    assert fixture["exchanges"][0]["request"]["query"] == {"id": "12", "on": "true"}


def test_a_paged_fixture_has_an_end(api: ir.Api) -> None:
    rows = ["cursor\t否\tstring\t游标", "limit\t否\tint\t大小"]
    for answer, step in ({"next_cursor": "b"}, "b"), ({"next_cursor": ""}, "NEXT_CURSOR"), (
        {"next_cursor": "a"}, "a_2",
    ):  # fmt: skip
        text = page_of(*rows, request={"cursor": "a"}, reply={"ids": ["1"], **answer})
        found = call_of(text, api)
        first, second = found["fixture"]["exchanges"]
        assert found["paginate"] == {"items": "ids"}
        assert first["response"]["json"]["next_cursor"] == step
        assert second["request"]["json"]["cursor"] == step
        assert second["response"]["json"]["ids"] == []
        assert second["response"]["json"]["next_cursor"] == ""


def test_paging_by_other_words(api: ir.Api) -> None:
    text = page_of(
        "page_key\t否\tstring\t页",
        request={"page_key": "a"},
        reply={"ids": [1], "next_page_key": "b"},
    )
    assert call_of(text, api)["paginate"] == {
        "items": "ids",
        "cursor": "page_key",
        "next": "next_page_key",
    }
    text = page_of(
        "offset\t否\tint\t页",
        request={"offset": 0},
        reply={"ids": [1, 2], "total": 5, "next_offset": 2},
    )
    found = call_of(text, api)
    assert found["paginate"] == {
        "items": "ids",
        "cursor": "offset",
        "next": "next_offset",
        "total": "total",
    }
    first, second = (each["response"]["json"] for each in found["fixture"]["exchanges"])
    assert (first["next_offset"], first["total"], second["total"]) == (2, 3, 2)
    assert "next_offset" not in second


@pytest.mark.parametrize(
    ("request_", "reply", "paginate"),
    [
        ({"next_key": "a"}, {"next_key": "b", "ids": [1]}, {"items": "ids", "cursor": "next_key", "next": "next_key"}),
        ({"cursor": "a"}, {"next_cursor": "b", "ids": [1], "all": [{"a": 1}]}, {"items": "all"}),
        ({"cursor": "a"}, {"next_cursor": "b", "has_more": 1, "ids": [1]}, {"items": "ids"}),
        ({"name": "a"}, {"name": "b", "ids": [1]}, None),
        ({"next_key": "a"}, {"next_key": "b", "info": {"ids": [1]}}, None),
        ({"cursor": 1}, {"next_cursor": 2, "ids": [1]}, None),
        ({"offset": 1}, {"ids": [1]}, None),
        ({"offset": 1}, {"total": 3, "ids": [1]}, None),
        ({"page": 1}, {"is_last": 1, "ids": [1]}, None),
        ({"page": 1}, {"is_last": True, "ids": [1]}, {"items": "ids", "cursor": "page", "until": "is_last"}),
    ],
)  # fmt: skip
def test_paging_that_is_not_understood_is_a_hint(
    request_: Any, reply: Any, paginate: Any, api: ir.Api
) -> None:
    found = call_of(page_of(request=request_, reply=reply), api)
    assert found.get("paginate") == paginate
    paged = "name" not in request_
    assert bool(found["hints"]) is (paged and (paginate is None or "has_more" in reply))


# ---- what cannot be drafted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no text"),
        (" \n\u200b\n", "there is no text"),
        ("<html><body><div><p>请求地址</p></div></body></html>", "this is HTML"),
        ("添加商店\n请求示例\n{}", "no address that begins with https://qyapi"),
        ("<xml><Event>a</Event></xml>", "an event"),
        (page_of("a\t是\tint\t甲") + page_of("a\t是\tint\t甲", path="shop/del"), "2 calls: /cgi-bin/shop/add (line 4), /cgi-bin/shop/del"),
        ("https://qyapi.weixin.qq.com/cgi-bin/a/b?access_token=ACCESS_TOKEN", "neither an example"),
        (page_of("a\t是\tint\t甲", method="PUT"), "the method PUT"),
        (page_of("a\t是\tint\t甲").replace("https://developer.work.weixin.qq.com/document/path/90001", ""), "--page"),
        (page_of("a\t是\tint\t甲").replace('"errmsg": "ok"}', '"errmsg": "ok"'), "line 13: the example that begins here has no end"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_page_is_refused(
    text: str, told: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(root.rglob("*"))
    (root / "page.txt").write_text(text, "utf-8")
    assert run(root, root / "page.txt", "--resource", "shop") == 2
    (root / "page.txt").unlink()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("nothing written: ")
    assert told in shown.err
    assert sorted(root.rglob("*")) == before


def test_files_that_cannot_be_read_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, root / "none.txt") == 2
    assert "none.txt: No such file" in capsys.readouterr().err
    (root / "page.txt").write_bytes(b"\xff\xfe\xfa")
    assert run(root, root / "page.txt") == 2
    assert "not text in UTF-8" in capsys.readouterr().err
    assert run(root, PAGES[0], "--resource", "No-name") == 2
    assert "'No-name' is not a name for a resource" in capsys.readouterr().err
    (root / "spec/kf.yaml").write_text("title: [\n")
    assert run(root, PAGES[0]) == 2
    assert "kf.yaml:1: not YAML" in capsys.readouterr().err


CHANGES = st.tuples(
    st.sampled_from(["drop", "repeat", "swap", "cut", "put"]),
    st.integers(0, 200),
    st.integers(0, 200),
    st.sampled_from(['"', "{", "}", "，", "\t", "是", "9", "|", "。", "a.b"]),
)


@example(PAGES[[path.stem for path in PAGES].index("meetingroom_list")], [("put", 10, 15, '"')])
@SETTINGS
@given(st.sampled_from(PAGES), st.lists(CHANGES, min_size=1, max_size=4))
def test_a_damaged_page_is_drafted_or_refused(
    path: Path, changes: list[tuple[str, int, int, str]]
) -> None:
    """Whatever is wrong with a paste, a person gets a draft that loads, or a sentence."""
    lines = path.read_text("utf-8").split("\n")
    for what, first, second, put in changes:
        one, two = first % len(lines), second % len(lines)
        if what == "drop":
            lines[one] = ""
        elif what == "repeat":
            lines.insert(one, lines[two])
        elif what == "swap":
            lines[one], lines[two] = lines[two], lines[one]
        elif what == "cut":
            lines = lines[: max(one, 1)]
        else:
            at = second % (len(lines[one]) + 1)
            lines[one] = lines[one][:at] + put + lines[one][at:]
    try:
        told = page.read("\n".join(lines))
    except page.PageError:
        return
    told.number = 1
    draft = scaffold.draft(told, API, "zoo", "feed")
    assert spec.parse(spec_edit.new_file(draft), "zoo.yaml")[1] == []
    json.dumps(draft.fixture)


# ---- files


def test_what_was_written_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, PAGES[2]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "new      spec/kf_account.yaml",
        "new      tests/fixtures/kf_account/add.json",
        "kf_account.add: 5 TODOs; mend them, then `make gen`",
    ]
    assert [path.name for path in root.rglob(".*.new")] == []


def test_a_file_that_cannot_be_written_leaves_none(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "tests/fixtures").write_text("in the way")
    before = sorted(root.rglob("*"))
    assert run(root, PAGES[2]) == 2
    assert "nothing written: " in capsys.readouterr().err
    assert sorted(root.rglob("*")) == before


def test_a_page_comes_from_standard_input_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page_of("a\t是\tint\t甲").replace("path/90001", "path/")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8-sig"))))
    assert run(root, "--page", "90002") == 0
    made = (root / "spec/shop.yaml").read_text("utf-8")
    assert made.count("link: 90002") == 2
    assert "page 90002" in (root / "tests/fixtures/shop/add.json").read_text("utf-8")


def test_nothing_that_exists_is_replaced_without_force(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, PAGES[2]) == 0
    made, fixture = root / "spec/kf_account.yaml", root / "tests/fixtures/kf_account/add.json"
    made.write_text(made.read_text("utf-8") + "# mine\n", "utf-8")
    kept = made.read_bytes(), fixture.read_bytes()
    capsys.readouterr()
    assert run(root, PAGES[2]) == 2
    assert "spec/kf_account.yaml exists; --merge adds the call to it" in capsys.readouterr().err
    assert run(root, PAGES[2], "--merge") == 2
    assert "spec/kf_account.yaml:7: add exists already" in capsys.readouterr().err
    assert run(root, PAGES[3], "--merge", "--resource", "none") == 2
    assert "spec/none.yaml does not exist" in capsys.readouterr().err
    made.unlink()
    assert run(root, PAGES[2]) == 2
    assert "tests/fixtures/kf_account/add.json exists" in capsys.readouterr().err
    assert not made.exists()
    made.write_bytes(kept[0])
    assert (made.read_bytes(), fixture.read_bytes()) == kept
    assert run(root, PAGES[2], "--force") == 0
    assert "changed  spec/kf_account.yaml" in capsys.readouterr().out
    assert "# mine" not in made.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--resource", "../up"], "'../up' is not a name for a resource"),
        (["--call", "not-a-name"], "'not-a-name' is not a name for one of the calls"),
    ],
)
def test_names_that_cannot_be_are_refused(
    words: list[str], told: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(root.rglob("*"))
    assert run(root, PAGES[2], *words) == 2
    assert told in capsys.readouterr().err
    assert sorted(root.rglob("*")) == before


def test_a_call_that_the_spec_has_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page_of("a\t是\tint\t甲", path="externalcontact/add_contact_way")
    (root / "page.txt").write_text(text, "utf-8")
    assert run(root, root / "page.txt", "--resource", "shop") == 2
    assert (
        "add_contact_way is contact_way.add already, at contact_way.yaml:"
        in capsys.readouterr().err
    )


@pytest.fixture(scope="module")
def draft(api: ir.Api) -> scaffold.Draft:
    """A call with types."""
    return scaffold.draft(page.read(text_of("living_create")), api, "zoo", "feed")


def check_merged(old: str, draft: scaffold.Draft) -> str:
    """Merged, every old line is there, in its order, and YAML reads the old and the new."""
    new = spec_edit.merged(old, draft, "spec/x.yaml")
    end = "" if old.endswith("\n") else "\r\n" if "\r" in old else "\n"
    for tag, i1, i2, _, _ in SequenceMatcher(
        None, (old + end).splitlines(keepends=True), new.splitlines(keepends=True), autojunk=False
    ).get_opcodes():
        assert tag in ("equal", "insert"), old[i1:i2]
    before, after = yaml.safe_load(old), yaml.safe_load(new)
    added = yaml.safe_load(spec_edit.new_file(draft))
    for section in ("calls", "types"):
        assert after.pop(section) == {**before.pop(section, {}), **added[section]}
    assert after == before
    return new


@pytest.mark.parametrize("path", sorted(ROOT.glob("spec/*.yaml")), ids=lambda path: path.stem)
def test_merging_leaves_every_line_of_a_file_alone(path: Path, draft: scaffold.Draft) -> None:
    old = path.read_text("utf-8")
    if path.stem in ("errors", "events", "package", "types"):
        with pytest.raises(scaffold.ScaffoldError, match="has no calls"):
            spec_edit.merged(old, draft, path.name)
        return
    new = check_merged(old, draft)
    assert "\n\n\n" not in new


OLD = """# top
title: 商店
doc: Shops.
link: 1

calls:
  get:    # a call
    title: 查
    doc:   Read a shop.
    link: 2
    call: GET /cgi-bin/shop/get
    response: {a: {type: A,   doc: "A."}}
    # the end of the calls
"""
TYPES = """
# about types
types:
  A: {alias: str, doc: A.}
"""


@pytest.mark.parametrize(
    "old",
    [
        OLD,
        OLD + TYPES,
        (OLD + TYPES).rstrip("\n"),
        OLD.rstrip("\n"),
        (OLD + TYPES).replace("\n", "\r\n"),
        (OLD + TYPES).replace("\n", "\r\n").rstrip(),
        OLD + TYPES + "  # the end of the types\n",
        OLD + TYPES + "\n\n# the end of the file\n",
        (OLD + TYPES).replace("\n  ", "\n    "),
        OLD.partition("calls:")[0] + TYPES.lstrip("\n") + "\n" + OLD[OLD.index("calls:") :],
    ],
    ids=["no types", "types", "no last line break", "neither", "CRLF", "CRLF but no last line break", "comment below", "comment at the end", "four spaces", "types first"],
)  # fmt: skip
def test_merging_keeps_comments_and_layout(old: str, draft: scaffold.Draft) -> None:
    new = check_merged(old, draft)
    assert new.count("\r\n") in (0, new.count("\n"))
    assert new.endswith("\n")
    calls, types = new[new.index("calls:") :], new[new.index("types:") :]
    assert calls.index("# the end of the calls") < calls.index("feed:")
    assert "# about types\ntypes:" in new.replace("\r", "") or "# about types" not in old
    if "# the end of the types" in old:
        assert types.index("# the end of the types") < types.index("ZooType:")


def test_merging_leaves_mixed_line_ends_alone(draft: scaffold.Draft) -> None:
    check_merged((OLD + TYPES).replace("\n", "\r\n", 4), draft)


def test_a_call_without_types_adds_none(api: ir.Api) -> None:
    lone = scaffold.draft(page.read(text_of("kf_account_add")), api, "zoo", "feed")
    new = spec_edit.merged(OLD + TYPES, lone, "spec/x.yaml")
    assert list(yaml.safe_load(new)["calls"]) == ["get", "feed"]
    assert list(yaml.safe_load(new)["types"]) == ["A"]


@pytest.mark.parametrize(
    ("old", "told"),
    [
        (OLD.replace("get:", "feed:"), "spec/x.yaml:7: feed exists already"),
        (OLD + TYPES.replace("  A:", "  ZooType:"), "spec/x.yaml:17: ZooType exists already"),
        ("calls: {get: {}}\n", "spec/x.yaml:1: calls stands in { }"),
        ("- a\n", "not a resource file"),
        ("a: [\n", "not YAML"),
        ("doc: A.\n", "has no calls"),
    ],
)
def test_a_file_that_cannot_be_merged_into_is_refused(
    old: str, told: str, draft: scaffold.Draft
) -> None:
    with pytest.raises(scaffold.ScaffoldError, match=re.escape(told)):
        spec_edit.merged(old, draft, "spec/x.yaml")


def test_a_second_call_joins_its_resource(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, PAGES[2]) == 0
    assert run(root, PAGES[3], "--merge") == 0
    assert "changed  spec/kf_account.yaml" in capsys.readouterr().out
    made = yaml.safe_load((root / "spec/kf_account.yaml").read_text("utf-8"))
    assert list(made["calls"]) == ["add", "list"]
    assert list(made["types"]) == ["KfAccount"]
