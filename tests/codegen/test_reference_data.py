"""`reference.json` of a spec: where its examples are from, and what is left out."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from codegen import __main__, ir, reference, resolve, spec
from codegen.problems import Where

ROOT = Path(__file__).parent.parent.parent
TOY = Path(__file__).parent / "toy" / "spec"


def made(recorded: Path | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reference.text(resolve.resolve(spec.load(TOY)), recorded))
    return found


def record(folder: Path, name: str, conversation: dict[str, Any]) -> None:
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(conversation, ensure_ascii=False), "utf-8")


def said(args: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
    return {"args": args, "exchanges": [{"response": {"json": reply}}, {"response": {"json": {}}}]}


def test_a_spec_without_recorded_conversations_has_the_examples_of_its_own(tmp_path: Path) -> None:
    nothing, calls = made(), made(tmp_path)["calls"]
    assert nothing["calls"] == calls
    shown = {name for name, call in calls.items() if "example" in call}
    assert shown >= {"market.chart", "market.tell", "shop.open"}
    assert "shop.close" not in shown
    assert calls["shop.open"]["example"]["request"]["owner"] == "anna"
    assert calls["shop.open"]["example"]["reply"] == {
        "errcode": 0, "errmsg": "ok", "shop_id": "S1",
    }  # fmt: skip
    assert all("example" not in event for event in nothing["events"].values())


def test_examples_are_the_first_exchange_of_the_recorded_conversation(tmp_path: Path) -> None:
    record(tmp_path, "shop/list", said({"cursor": "c"}, {"errcode": 0, "shops": []}))
    record(tmp_path, "shop/list.pages", said({"cursor": "d"}, {"errcode": 0}))
    record(tmp_path, "shop/open", said({"owner": "berta"}, {"errcode": 0, "shop_id": "S2"}))
    record(tmp_path, "shop/read_sign", {"args": {"shop_id": "S"}, "exchanges": [
        {"response": {"content_base64": "bXk="}}]})  # fmt: skip
    calls = made(tmp_path)["calls"]
    assert calls["shop.list"]["example"] == {
        "request": {"cursor": "c"}, "reply": {"errcode": 0, "shops": []},
    }  # fmt: skip
    assert calls["shop.open"]["example"]["request"]["owner"] == "anna", "the spec's own word wins"
    assert calls["shop.read_sign"]["example"] == {"request": {"shop_id": "S"}}


def test_the_example_of_an_event_is_its_message(tmp_path: Path) -> None:
    name, *others = made()["events"]
    record(tmp_path, f"events/{name}", {"app": "<xml>1</xml>", "suite": "<xml>2</xml>"})
    record(tmp_path, f"events/{others[0]}", {"suite": "<xml>2</xml>"})
    events = made(tmp_path)["events"]
    assert events[name]["example"] == "<xml>1</xml>"
    assert events[others[0]]["example"] == "<xml>2</xml>"


def test_a_default_that_is_nothing_and_an_example_of_a_field_are_kept() -> None:
    quiet, note = made()["calls"]["shop.open"]["request"][4], made()["types"]["Shop"]["fields"][3]
    assert (quiet["name"], quiet["default"]) == ("quiet", False)
    assert (note["name"], note["example"]) == ("note", {"a": 1})
    assert note["deprecated"] == "Nobody writes it."


def test_what_stands_beside_a_payload_is_marked_and_has_the_name_on_the_wire() -> None:
    types = made()["types"]
    fields = {each["name"]: each for each in types["Moved"]["fields"]}
    assert {name: each.get("beside", False) for name, each in fields.items()} == {
        "event": False, "id": True, "stall": True, "moved_stall": False,
    }  # fmt: skip
    assert fields["event"]["choices"] == ["moved", "closed"]
    assert "wire" not in fields["stall"]
    assert fields["moved_stall"]["wire"] == "stall"
    assert types["News"]["common"] == ["id", "stall"]
    assert types["EventNews"]["flat"] is True
    assert types["EventNews"]["variants"][0] == {"tag": "opened", "type": "Opened"}
    (what,) = (each for each in made()["calls"]["market.tell"]["request"] if "flat" in each)
    assert (what["name"], what["type"]) == ("what", "Attachment")


def test_what_is_around_a_type_is_told_from_outside() -> None:
    chart = made()["calls"]["market.chart"]
    rows, names = chart["request"]
    assert (rows["many"], rows["layers"]) == (True, ["[]"])
    assert (names.get("many"), names["layers"]) == (None, ["MarketTag", "[]"])


def test_every_style_of_paging_is_told() -> None:
    calls = made()["calls"]
    assert calls["market.stalls"]["paging"]["more"] == "has_more"
    assert calls["market.baskets"]["paging"] == {
        "style": "offset", "items": "baskets", "cursor": "offset", "limit": "limit",
    }  # fmt: skip


def test_the_address_of_the_page_of_a_resource_is_there() -> None:
    assert made()["resources"]["shop"]["link"].endswith("/document/path/1")


TOLD: dict[type, set[str]] = {
    ir.Ref: {"name", "many", "target", "layers"},
    ir.Field: {
        "name", "wire", "item", "ref", "optional", "doc", "limits", "default", "deprecated",
        "secret", "example", "also", "choices", "flat", "pattern",
    },
    ir.Record: {"name", "doc", "fields", "any_of", "one_of"},
    ir.Value: {"name", "value", "doc"},
    ir.Enum: {"name", "doc", "values"},
    ir.Alias: {"name", "doc", "base", "limits", "pattern"},
    ir.Variant: {"tag", "key", "record"},
    ir.Union: {"name", "doc", "tag", "common", "variants", "flat"},
    ir.Paging: {"style", "items", "cursor", "next", "total", "until", "more", "limit"},
    ir.Partial: {"items", "code"},
    ir.Call: {
        "resource", "name", "cls", "title", "doc", "notes", "page", "method", "path", "readonly",
        "token", "apps", "serial", "mass", "paging", "partial", "request", "response", "download", "errors",
        "deprecated", "example_request", "example_response",
    },
    ir.Event: {"name", "title", "doc", "notes", "page", "family", "change", "fields"},
    ir.ErrorCode: {"code", "cls", "title", "doc", "advice"},
    ir.Module: {"name", "title", "doc", "page", "types", "calls", "events"},
    ir.Package: {"name", "title", "api", "link", "base_url", "example"},
    ir.Api: {"modules", "errors", "package"},
}  # fmt: skip
"""What the reference tells of the IR."""
UNTOLD = {"apart", "at", "explicit_readonly", "tokens", "surfaces", "readme"}
"""What is about the YAML or about Python, not the API; so is the example of a package."""


@pytest.mark.parametrize("cls", TOLD, ids=lambda cls: cls.__name__)
def test_a_new_fact_of_the_ir_is_told_by_the_reference_too(cls: type[Any]) -> None:
    assert {each.name for each in attrs.fields(cls)} - UNTOLD == TOLD[cls]


def test_no_part_of_the_ir_is_forgotten() -> None:
    assert {each for each in vars(ir).values() if isinstance(each, type) and attrs.has(each)} - {
        Where
    } == TOLD.keys()


def test_a_change_of_one_call_is_a_change_of_one_line() -> None:
    api = resolve.resolve(spec.load(ROOT / "spec"))
    text = reference.text(api)
    assert len([line for line in text.splitlines() if line.startswith('"welcome.send":')]) == 1
    assert json.loads(text) == json.loads(json.dumps(reference.data(api)))
    assert max(map(len, text.splitlines())) < 20_000


def test_a_spec_of_nothing_has_a_reference() -> None:
    package = resolve.resolve(spec.load(TOY)).package
    found = json.loads(reference.text(ir.Api(modules=(), errors=(), package=package)))
    assert found["calls"] == found["errors"] == {}


def test_the_command_prints_what_gen_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["reference"]) == 0
    kept = (ROOT / "generated/wecom_contact/reference.json").read_text("utf-8")
    assert capsys.readouterr().out == kept


def test_the_command_refuses_a_spec_with_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/shop.yaml").write_text("title: 1\n")
    assert __main__.main(["reference"], tmp_path) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "shop.yaml:1: 1 is not text" in shown.err
