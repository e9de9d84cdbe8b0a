"""`python -m codegen drift`: what was seen and the spec lacks comes back as a patch, and the patch works."""

import asyncio
import importlib
import io
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from conftest import fixture_paths, read_fixture
from test_diff import git
from wecom_contact._pytest_plugin import wecom_corp as wecom_corp
from wecom_contact.drift import shape as shape_of
from wecom_contact.testing import Simulator

from codegen import __main__, drift, ir, resolve, spec, spec_edit
from codegen.vocabulary import SCALARS

ROOT = Path(__file__).parent.parent.parent
TOY = Path(__file__).parent / "toy/spec"
NAME = "wecom_of_yesterday"
# What the spec of yesterday did not have: a field, a list, a record, members, variants.
REMOVED = {
    "customer.yaml": [
        r"      state\?:            \{type: str, doc: State of the contact way.*\n",
        r"      remark_mobiles\?:   \{type: \[str\], doc: \"Phone numbers; withheld.*\n",
        r"      wechat_channels\?:  \{type: WeChatChannels.*\n",
        r"(?s)  WeChatChannels:\n.*?\n\n",
        r"(?s)  WeChatChannelsSource:\n.*?\n\n",
        r"      scan_qrcode: +.*value: 1\b.*\n",
        r"      1: \{key: web, type: WebAttribute\}\n",
        r"(?s)  WebAttribute:\n.*?\n\n",
    ],
}


def lacking(folder: Path) -> Path:
    """The spec without some of what it has."""
    shutil.copytree(ROOT / "spec", folder)
    package = (folder / "package.yaml").read_text("utf-8")
    package = re.sub(r"^(surfaces|readme): .*\n", "", package, flags=re.M)
    (folder / "package.yaml").write_text(package.replace("wecom_contact", NAME), "utf-8")
    for name, patterns in REMOVED.items():
        text = (folder / name).read_text("utf-8")
        for pattern in patterns:
            assert re.search(pattern, text), pattern
            text = re.sub(pattern, "", text)
        (folder / name).write_text(text, "utf-8")
    return folder


def command(*words: object) -> int:
    return __main__.main([str(word) for word in words])


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    forget()


def forget() -> None:
    for name in [each for each in sys.modules if each.startswith(NAME)]:
        del sys.modules[name]


def replies(package: Any) -> Iterator[tuple[Any, Any]]:
    """The class and the data of every reply in the fixtures."""
    for path in fixture_paths():
        fixture = read_fixture(path)
        result = package.catalog.CALLS[fixture["call"]].result
        for exchange in fixture["exchanges"] if is_model_of(package, result) else ():
            data = exchange["response"]["json"]
            if data.get("errcode") == 0:
                yield result, {key: data[key] for key in data.keys() - {"errcode", "errmsg"}}


def is_model_of(package: Any, result: Any) -> bool:
    return bool(package.codec.is_model(result))


def use(package: Any, corp: Simulator, **options: Any) -> None:
    """What a program does with a company: both clients, a callback's events, and every other reply."""
    options |= {"corp_id": corp.corp_id, "secret": corp.app.secret, "base_url": corp.url}
    with package.Client(**options) as wecom:
        (first, second) = wecom.customer.batch_get(userid_list=["zhangsan"])
        assert {first.external_contact.name, second.external_contact.name} == {"王五", "赵六"}

    async def read() -> None:
        async with package.AsyncClient(**options) as wecom:
            async for record in wecom.customer.batch_get(userid_list=["zhangsan"]):
                assert record.follow_info.userid == "zhangsan"

    asyncio.run(read())


def test_what_the_spec_lacks_is_seen_proposed_applied_and_known(
    tmp_path: Path,
    wecom_corp: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    forgotten: None,
) -> None:
    folder, lib, log = lacking(tmp_path / "spec"), tmp_path / "lib", tmp_path / "drift.jsonl"
    options = ("--spec", folder, "--out", lib)
    wecom_corp.add_member("zhangsan")
    wecom_corp.add_customer("王五", follow="zhangsan", state="poster", mobiles=["13800000001"])
    wecom_corp.add_customer("赵六", follow="zhangsan")
    assert command("gen", *options) == 0
    monkeypatch.syspath_prepend(lib)
    package = importlib.import_module(NAME)
    with pytest.raises(package.WeComError):
        use(package, wecom_corp, strict=True)

    # It is seen …
    seen = package.DriftLog(log)
    use(package, wecom_corp, on_drift=seen)
    telling = package.codec.Codec(on_drift=seen)
    for result, data in replies(package):
        telling.structure(data, result)
    assert "13800000001" not in log.read_text("utf-8")

    # … proposed, as a patch that changes nothing by itself …
    before = {path.name: path.read_text("utf-8") for path in folder.glob("*.yaml")}
    capsys.readouterr()
    assert command("drift", log, "--spec", folder) == 0
    patch = capsys.readouterr().out
    assert {path.name: path.read_text("utf-8") for path in folder.glob("*.yaml")} == before
    assert [line for line in patch.splitlines() if re.match(r"-(?!--)", line)] == []
    for line in (
        "+      state?: {type: str, doc: Undocumented; WeCom sends it.}",
        "+      remark_mobiles?: {type: [str], doc: Undocumented; WeCom sends it.}",
        "+      value_1: {value: 1, doc: Undocumented; WeCom sends it.}",
        "+      1: {key: web, type: ExternalAttributeWeb}",
    ):
        assert line in patch.splitlines()

    # … applied …
    assert command("drift", log, "--spec", folder, "--apply") == 0
    assert capsys.readouterr().out == patch
    assert command("drift", log, "--spec", folder) == 0
    assert capsys.readouterr().out == ""
    assert command("gen", *options) == 0

    # … and known.
    forget()
    package = importlib.import_module(NAME)
    use(package, wecom_corp, strict=True)
    strict = package.codec.Codec(strict=True)
    for result, data in replies(package):
        strict.structure(data, result)


# ---- where an entry goes


def mappings() -> list[tuple[str, tuple[str, ...]]]:
    """Every mapping of the spec that drift may add to."""
    proposer = drift.Proposer(resolve.resolve(spec.load(ROOT / "spec")))
    found = [(file, path) for file, path, _ in proposer.records.values()]
    found += [(file, ("types", name, "enum")) for name, (file, _) in proposer.enums.items()]
    return found + [(file, ("types", n, "variants")) for n, (file, _) in proposer.unions.items()]


def reach(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        data = data.setdefault(name, {})
    return data


@pytest.mark.parametrize("file", sorted({file for file, _ in mappings()}))
def test_an_entry_goes_anywhere_and_every_line_stays(file: str) -> None:
    text = (ROOT / "spec" / file).read_text("utf-8")
    expected, lines = yaml.safe_load(text), text.splitlines()
    paths = [path for each, path in mappings() if each == file]
    new = text
    for path in paths:
        new = spec_edit.with_entry(
            new, drift.Addition(file=file, path=path, name="new", value="{type: str}")
        )
        reach(expected, path)["new"] = {"type": "str"}
    block = drift.Addition(file=file, path=("types",), name="New", block=("doc: A.", "fields: {}"))
    new = spec_edit.with_entry(new, block)
    reach(expected, ("types",))["New"] = {"doc": "A.", "fields": {}}
    assert yaml.safe_load(new) == expected
    # Lines in braces are longer than they were; all others are as they were, in their order.
    left = iter(new.splitlines())
    for line in lines:
        assert any(
            now == line or (now.startswith(line.rstrip("} ")) and "new:" in now) for now in left
        ), line


TEXTS = {
    "a block with a comment on its last line": (
        "a:\n  b: 1  # one\n\n  # of c\nc: 2\n", ("a",), "a:\n  b: 1  # one\n  x: 9\n\n  # of c\nc: 2\n",
    ),
    "braces": ("a: {b: 1}  # one\n", ("a",), "a: {b: 1, x: 9}  # one\n"),
    "empty braces": ("a: {}\n", ("a",), "a: {x: 9}\n"),
    "braces with a last comma": ("a: {b: 1, }\n", ("a",), "a: {b: 1, x: 9}\n"),
    "braces on lines": ("a: {\n  b: 1\n}\nc: 2\n", ("a",), "a: {\n  b: 1, x: 9}\nc: 2\n"),
    "nothing there yet": ("a:\n  b: 1\n", ("a", "d"), "a:\n  b: 1\n  d:\n    x: 9\n"),
    "nothing there yet in braces": ("a: {b: 1}\n", ("a", "d"), "a: {b: 1, d: {x: 9}}\n"),
    "nothing at all there yet": ("a: 1\n", ("d",), "a: 1\n\nd:\n  x: 9\n"),
    "no last line break": ("a:\n  b: 1", ("a",), "a:\n  b: 1\n  x: 9\n"),
    "CRLF": ("a:\r\n  b: 1\r\n", ("a",), "a:\r\n  b: 1\r\n  x: 9\r\n"),
    "a long text": ("a:\n  b: |\n    one\n    two\nc: 1\n", ("a",), "a:\n  b: |\n    one\n    two\n  x: 9\nc: 1\n"),
    "a list": ("a:\n  b:\n    - 1\n    - 2\n", ("a",), "a:\n  b:\n    - 1\n    - 2\n  x: 9\n"),
    "wide characters in braces": ("a: {标题: '客户'}\n", ("a",), "a: {标题: '客户', x: 9}\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_an_entry_is_put_in_as_the_mapping_is_written(case: str) -> None:
    old, path, new = TEXTS[case]
    addition = drift.Addition(file="a.yaml", path=path, name="x", value="9")
    assert spec_edit.with_entry(old, addition) == new


def test_a_block_does_not_go_into_braces() -> None:
    addition = drift.Addition(file="a.yaml", path=("types",), name="X", block=("doc: A.",))
    with pytest.raises(spec_edit.ScaffoldError, match=r"a.yaml:2: this stands in \{ \}"):
        spec_edit.with_entry("a: 1\ntypes: {Y: 1}\n", addition)


# ---- what is proposed


TOYS = resolve.resolve(spec.load(TOY))


def told(*entries: dict[str, Any]) -> drift.Proposer:
    proposer = drift.Proposer(TOYS)
    proposer.propose(entries)
    return proposer


def unknown(owner: str, name: str, *shapes: Any) -> list[dict[str, Any]]:
    return [
        {"where": owner, "field": name, "what": "unknown field", "shape": shape} for shape in shapes
    ]


DOC = ", doc: Undocumented; WeCom sends it.}"


@pytest.mark.parametrize(
    ("name", "shapes", "written"),
    [
        ("thing", ["str"], "thing?: {type: str"),
        ("thing", ["null", "str"], "thing?: {type: str"),
        ("thing", ["null"], "thing?: {type: any"),
        ("thing", ["int", "timestamp"], "thing?: {type: int"),
        ("thing", ["timestamp"], "thing?: {type: int"),
        ("end_time", ["timestamp"], "end_time?: {type: timestamp"),
        ("end_time", ["timestamp", "int"], "end_time?: {type: int"),
        ("thing", ["int", "float"], "thing?: {type: float"),
        ("thing", ["bool"], "thing?: {type: bool"),
        ("thing", ["int", "str"], "thing?: {type: str, also: int"),
        ("thing", [["int", "str"]], "thing?: {type: [any]"),
        ("thing", ["bool", "int"], "thing?: {type: any"),
        ("thing", ["object"], "thing?: {type: any"),
        ("thing", ["str", {"a": "int"}], "thing?: {type: any"),
        ("thing", [[]], "thing?: {type: [any]"),
        ("thing", [[], ["str"]], "thing?: {type: [str]"),
        ("thing", [[["str"]]], "thing?: {type: [any]"),
        ("ThingList", [["str"]], "thing_list?: {type: [str], wire: ThingList"),
        ("class", ["str"], "class_?: {type: str, wire: class"),
        ("failures", ["str"], "failures_?: {type: str, wire: failures"),
        ("total", ["int"], ""),
        # As fields of this name are elsewhere.
        ("shop_id", ["str"], "shop_id?: {type: ShopId"),
        ("shop_id", ["null"], "shop_id?: {type: ShopId"),
        ("shop_id", ["int"], "shop_id?: {type: int"),
        ("shop_id", [["str"]], "shop_id?: {type: [str]"),
        ("kind", ["int"], "kind?: {type: ShopKind"),
    ],
)
def test_the_type_of_a_field_follows_from_what_was_seen(
    name: str, shapes: list[Any], written: str
) -> None:
    found = told(*unknown("ShopCountResult", name, *shapes))
    assert [f"{each.name}: {each.value}" for each in found.additions] == (
        [f"{written}{DOC}"] if written else []
    )
    assert {each.path for each in found.additions} <= {("calls", "count", "response")}


VALUES: dict[str, list[Any]] = {
    "str": ["a", "5"],
    "int": [0, 1, 1_700_000_000],
    "timestamp": [0, 5, 1_700_000_000],
    "flag": [0, 1],
    "bool": [True, False],
    "float": [1, 1.5, 1_700_000_000],
}


@pytest.mark.parametrize("base", VALUES)
def test_a_type_takes_the_values_that_it_is_for_and_none_of_others(base: str) -> None:
    ref = ir.Ref(name=base, many=False, target=None)
    for other, values in VALUES.items():
        for value in values:
            seen = drift.Seen()
            seen.add(shape_of(value))
            json = SCALARS[base].json
            takes = isinstance(value, json) and (bool in json or not isinstance(value, bool))
            if base != "flag" or other == "flag":
                assert drift.fits(ref, seen, False) == takes, (other, value)
            assert drift.fits(ref, seen, True), "in XML all is text"


def test_what_was_seen_of_an_object_is_a_record_and_records_stand_above_those_inside() -> None:
    one = {"title": "str", "rows": [{"n": "int"}]}
    found = told(*unknown("ShopCountResult", "boxes", [one, {"size": "int"}], [{"title": "null"}]))
    assert [(each.name, each.path) for each in found.additions] == [
        ("ShopCountBox", ("types",)),
        ("ShopCountBoxRow", ("types",)),
        ("boxes?", ("calls", "count", "response")),
    ]
    assert found.additions[0].block == (
        "doc: What `boxes` of ShopCountResult holds. Undocumented; WeCom sends it.",
        "fields:",
        f"  title?: {{type: str{DOC}",
        f"  rows?: {{type: [ShopCountBoxRow]{DOC}",
        f"  size?: {{type: int{DOC}",
    )
    # A name that is taken is not taken twice.
    found = told(*unknown("Shop", "a", {}), *unknown("Shop", "A", {"x": "int"}))
    assert [each.name for each in found.additions] == ["ShopA", "a?", "ShopA2", "a_?"]
    assert found.additions[0].block[1] == "fields: {}"
    # Nor is that of a type, of a request, of its reply or of an event.
    for owner, name, taken in (
        ("Menu", "entry", "MenuEntry"),
        ("Shop", "open", "ShopOpen"),
        ("Shop", "open_result", "ShopOpenResult"),
        ("Shop", "opened", "ShopOpened"),
    ):
        found = told(*unknown(owner, name, {}))
        assert [each.name for each in found.additions] == [f"{taken}2", f"{name}?"]
        assert {each.file for each in found.additions} == {
            "market.yaml" if owner == "Menu" else "shop.yaml"
        }


API = resolve.resolve(spec.load(ROOT / "spec"))


@pytest.mark.parametrize(
    ("name", "shape", "written"),
    [
        # A record that is known by this name is taken, if it has all of this, and this all that it must have.
        ("wechat_channels", {"nickname": "str"}, "WeChatChannels"),
        ("wechat_channels", {"nickname": "str", "new": "int"}, "FollowUserListWechatChannels"),
        ("wechat_channels", {"nickname": "int"}, "FollowUserListWechatChannels"),
        ("wechat_channels", {"nickname": ["str"]}, "FollowUserListWechatChannels"),
        ("remark", {"text": "str"}, "FollowUserListRemark"),
        ("external_contact", {"name": "str"}, "FollowUserListExternalContact"),
        # Of several types that fit, that which most fields of this name have.
        ("userid", "str", "UserId"),
        # An enum is taken where fields of this name are never anything else: the log has no values.
        ("add_way", "int", "AddWay"),
        ("type", "int", "int"),
    ],
)
def test_a_known_type_is_taken_where_it_surely_fits(name: str, shape: Any, written: str) -> None:
    proposer = drift.Proposer(API)
    owner = "CustomerListResult" if written in ("AddWay", "WeChatChannels", "int") else "FollowUserListResult"  # fmt: skip
    proposer.propose(unknown(owner, name, shape))
    value = proposer.additions[-1].value
    assert value == f"{{type: {written}{DOC}"


def test_what_a_record_must_have_was_in_every_object() -> None:
    whole, part = {"title": "str", "url": "str"}, {"title": "str", "url": "null"}
    record = ir.Record(
        at=API.modules[0].at, name="Card", doc="A.",
        fields=tuple(each for each in link_fields() if each.wire in whole),
    )  # fmt: skip
    ref = ir.Ref(name="Card", many=False, target=record)
    for shapes, fit in (
        ([whole, whole], True),
        ([whole, part], False),
        ([part, whole], False),
        ([{"title": "str"}], False),
        ([whole, "str"], False),
    ):
        seen = drift.Seen()
        for shape in shapes:
            seen.add(shape)
        assert drift.fits(ref, seen, in_xml=False) == fit


@pytest.mark.parametrize(
    ("shapes", "fit"),
    [([{}], True), ([{"title": "str"}], True), (["null"], False), (["str"], False), ([], False)],
)
def test_a_record_that_may_be_empty_fits_what_was_an_object(shapes: list[Any], fit: bool) -> None:
    fields = tuple(attrs.evolve(each, optional=True) for each in link_fields())
    record = ir.Record(at=API.modules[0].at, name="Card", doc="A.", fields=fields)
    seen = drift.Seen()
    for shape in shapes:
        seen.add(shape)
    ref = ir.Ref(name="Card", many=False, target=record)
    assert drift.fits(ref, seen, in_xml=False) == fit


@pytest.mark.parametrize("shapes", [["null"], ["str"], ["int"], [{}], [{"t": "str"}], []])
def test_no_union_is_taken_for_a_field_that_is_new(shapes: list[Any]) -> None:
    union = next(each for _, _, each in holders())
    seen = drift.Seen()
    for shape in shapes:
        seen.add(shape)
    assert not drift.fits(ir.Ref(name=union.name, many=False, target=union), seen, in_xml=False)


def link_fields() -> Iterator[ir.Field]:
    """The fields of a link, whose title and address are required."""
    (link,) = (each for _, each in API.types if each.name == "LinkAttachment")
    assert isinstance(link, ir.Record)
    yield from link.fields


def test_a_field_of_an_event_has_the_form_of_events() -> None:
    entries = unknown("ShopOpened", "NewCnt", "str")
    entries += unknown("ShopOpened", "GuestList", {"Item": ["str"]}, {"Item": "str"})
    entries += unknown("ShopOpened", "key", "str")
    additions = told(*entries).additions
    assert {(each.file, each.path) for each in additions} == {
        ("events.yaml", ("events", "ShopOpened", "fields"))
    }
    assert [f"{each.name}: {each.value}" for each in additions] == [
        f"new_cnt?: {{type: str, wire: NewCnt{DOC}",
        f"guest_list?: {{type: [str], wire: GuestList, item: Item{DOC}",
        f"key_?: {{type: str, wire: key{DOC}",
    ]


def test_members_and_variants_are_added_once_and_by_free_names() -> None:
    def member(enum: str, value: Any) -> dict[str, Any]:
        return {"where": "Shop", "field": "kind", "what": "unknown member", "enum": enum, "value": value}  # fmt: skip

    known = next(each for _, each in TOYS.types if isinstance(each, ir.Enum) and each.numeric)
    words = next(each for _, each in TOYS.types if isinstance(each, ir.Enum) and not each.numeric)
    found = told(
        member(known.name, 907), member(known.name, 907), member(known.name, -5), member(known.name, 0),
        member(known.name, known.values[0].value),
        member(words.name, "Big_Word"), member(words.name, "true"), member("Gone", 1),
    )  # fmt: skip
    assert [f"{each.name}: {each.value}" for each in found.additions] == [
        f"value_907: {{value: 907{DOC}",
        f"value_minus_5: {{value: -5{DOC}",
        f"value_0: {{value: 0{DOC}",
        f"big_word: {{value: Big_Word{DOC}",
        f'true: {{value: "true"{DOC}',
    ]
    assert found.notes == ["1: the spec has no enum Gone"]


def tag(owner: str, field: str, tag: Any, shape: Any) -> dict[str, Any]:
    return {"where": owner, "field": field, "what": "unknown tag", "key": "t", "tag": tag, "shape": shape}  # fmt: skip


def holders() -> Iterator[tuple[str, str, ir.Union]]:
    """Fields of records that hold a union."""
    for name, (_, _, fields) in drift.Proposer(TOYS).records.items():
        for each in fields:
            if isinstance(each.ref.target, ir.Union):
                yield name, each.name, each.ref.target


def test_an_unknown_tag_becomes_a_variant_with_a_record_for_its_payload() -> None:
    owner, name, union = next(holders())
    first = union.variants[0]
    found = told(
        tag(owner, name, "vote", {"vote": {"title": "str"}, "other": {"a": "int"}}),
        tag(owner, name, 99, {"gift": {"title": "str"}}),
        tag(owner, name, 97, {"note": "str", "prize": {"title": "str"}}),
        tag(owner, name, 96, {"rows": [{"a": "int"}], "cup": {"title": "str"}}),
        tag(owner, name, 95, {"mixed": {"a": "int"}, "cap": {"title": "str"}}),
        tag(owner, name, 95, {"mixed": "str", "cap": {"title": "str"}}),
        tag(owner, name, first.tag, {first.key: {}}),
        tag(owner, name, 98, {"one": {"a": "int"}, "two": {"a": "int"}}),
        tag(owner, name, "bare", "object"),
        tag(owner, "nothing", "vote", {}),
        tag("Gone", name, "vote", {}),
    )
    assert [(each.name, each.value) for each in found.additions if each.value] == [
        ("vote", f"{union.name}Vote"),
        ("99", f"{{key: gift, type: {union.name}Gift}}"),
        ("97", f"{{key: prize, type: {union.name}Prize}}"),
        ("96", f"{{key: cup, type: {union.name}Cup}}"),
        ("95", f"{{key: cap, type: {union.name}Cap}}"),
    ]
    assert [each.name for each in found.additions if each.block] == [
        f"{union.name}Vote",
        f"{union.name}Gift",
        f"{union.name}Prize",
        f"{union.name}Cup",
        f"{union.name}Cap",
    ]
    assert found.notes == [
        f"{owner}.nothing: the spec has no union there",
        f"Gone.{name}: the spec has no union there",
        f"{union.name}: no payload was seen beside {union.tag} 98",
        f"{union.name}: no payload was seen beside {union.tag} 'bare'",
    ]


@pytest.mark.parametrize("beside", ["id", "stall", "both"])
def test_what_variants_have_in_common_is_no_payload(beside: str) -> None:
    both = {"id": {"a": "int"}, "stall": {"a": "int"}}
    there = both if beside == "both" else {beside: both[beside]}
    found = told(tag("MarketNewsResult", "news", "won", {**there, "gift": {"title": "str"}}))
    assert [(each.name, each.value) for each in found.additions if each.value] == [
        ("won", "{key: gift, type: NewsGift}")
    ]
    assert found.notes == []


@pytest.mark.parametrize(
    ("owner", "written"),
    [
        ("ShopCountResult", "ShopKind"),
        ("Link", "int"),
        ("MarketChartResult", "int"),
        ("MarketMoved", "int"),
    ],
)
def test_a_known_type_is_taken_in_its_file_alone(owner: str, written: str) -> None:
    """A file that needs another one's types might be needed by it."""
    (addition,) = told(*unknown(owner, "kind", "int")).additions
    assert addition.value == f"{{type: {written}{DOC}"


def test_a_type_of_all_files_is_taken_in_any() -> None:
    for owner in ("ShopCountResult", "MarketChartResult", "MarketMoved"):
        (addition,) = told(*unknown(owner, "shop_id", "str")).additions
        assert addition.value == f"{{type: ShopId{DOC}"


def test_what_a_person_must_look_at_is_a_note() -> None:
    found = told(
        *unknown("Gone", "x", "str"),
        {"where": "Shop", "field": "a", "what": "beside the payload", "name": "b", "shape": "int"},
        {"where": "Shop", "field": "a", "what": "missing"},
        {"where": "Shop", "field": None, "what": "unknown field", "shape": "int"},
        {"where": "Shop", "field": "kind", "what": "unknown member", "enum": "ShopKind", "value": None},
        {"something": "else"},
    )  # fmt: skip
    assert found.additions == []
    assert found.notes == [
        "Gone.x: the spec has no Gone",
        "Shop.a: b stands beside the payload of the union",
        "Shop.a: missing",
        "Shop.…: unknown field",
        "Shop.kind: unknown member",
    ]


# ---- the command


def test_a_log_without_news_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "drift.jsonl"
    log.write_bytes(b'\xff\nnot JSON\n[1]\n{"where": "Gone", "field": "a", "what": "missing"}\n')
    assert command("drift", log) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "look at: Gone.a: missing",
        "the spec lacks nothing that is in the log",
    ]


def test_a_patch_is_one_that_git_applies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    (entry,) = unknown("ShopCountResult", "thing", "str")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(entry).encode())))
    assert __main__.main(["drift", "-"], tmp_path) == 0
    git(tmp_path, "init", "-q")
    (tmp_path / "patch").write_text(capsys.readouterr().out, "utf-8")
    git(tmp_path, "apply", "patch")
    assert "thing?: {type: str" in (tmp_path / "spec/shop.yaml").read_text("utf-8")


def test_what_cannot_be_read_or_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("drift", tmp_path / "nothing.jsonl") == 2
    assert capsys.readouterr().err == (
        f"nothing written: {tmp_path}/nothing.jsonl: No such file or directory\n"
    )
    log, folder = tmp_path / "drift.jsonl", tmp_path / "spec"
    shutil.copytree(TOY, folder)
    log.write_text(json.dumps(unknown("ShopCountResult", "thing", {"a": "int"})[0]), "utf-8")
    text = (folder / "shop.yaml").read_text("utf-8")
    head, _, types = text.partition("\ntypes:\n")
    inner = yaml.load(types, yaml.CSafeLoader)
    flow = re.sub(r'"(\d+)":', r"\1:", json.dumps(inner, ensure_ascii=False))
    (folder / "shop.yaml").write_text(f"{head}\ntypes: {flow}\n", "utf-8")
    assert command("drift", log, "--spec", folder, "--apply") == 2
    assert "this stands in { }; write it as a block" in capsys.readouterr().err
    assert (folder / "shop.yaml").read_text("utf-8") == f"{head}\ntypes: {flow}\n"
    (folder / "shop.yaml").write_text("title: 1\n", "utf-8")
    assert command("drift", log, "--spec", folder) == 2
    assert "shop.yaml:1: 1 is not text" in capsys.readouterr().err
