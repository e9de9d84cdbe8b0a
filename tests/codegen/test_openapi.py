"""OpenAPI and JSON Schema say of the API what was recorded of it, and refuse what it refuses."""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import FIXTURES, fixture_paths, read_fixture
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from codegen import __main__, openapi, reference, resolve, spec
from codegen.runtime.reference import Reference

ROOT = Path(__file__).parent.parent.parent
API = resolve.resolve(spec.load(ROOT / "spec"))
REFERENCE = Reference(reference.data(API, FIXTURES))
DEFINITIONS = openapi.definitions(REFERENCE)
DOCUMENT = openapi.document(REFERENCE, "1.2.3")
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
REGISTRY: Any = Registry().with_resource("urn:it", Resource(DOCUMENT, DRAFT202012))
METHODS = ("get", "post")


@cache
def validator(*path: str) -> Draft202012Validator:
    """A validator of the schema that lies there in the document."""
    parts = (part.replace("~", "~0").replace("/", "~1") for part in path)
    return Draft202012Validator({"$ref": f"urn:it#/{'/'.join(parts)}"}, registry=REGISTRY)


def component(name: str) -> Draft202012Validator:
    return validator("components", "schemas", name)


def problems(schema: Draft202012Validator, data: Any) -> list[str]:
    return [f"{list(each.absolute_path)}: {each.message}" for each in schema.iter_errors(data)]


def operation(path: str, method: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    where = ("paths", path, method.lower())
    return where, DOCUMENT["paths"][path][method.lower()]


def words(data: Any, within: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every key of a document with what it stands in."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield within, key, value
            if key not in ("example", "examples"):
                yield from words(value, key)
    elif isinstance(data, list):
        for each in data:
            yield from words(each, within)


# ---- the document


def test_the_document_is_openapi() -> None:
    validate(json.loads(json.dumps(DOCUMENT)))


def test_the_document_of_a_small_api_is_openapi(tmp_path: Path) -> None:
    toy = resolve.resolve(spec.load(Path(__file__).parent / "toy" / "spec"))
    made = openapi.document(Reference(reference.data(toy, tmp_path)), "0")
    validate(json.loads(json.dumps(made)))
    close, open_ = (made["paths"][f"/cgi-bin/shop/{each}"]["post"] for each in ("close", "open"))
    assert close["deprecated"] is True
    assert "Deprecated: Use `sell`." in close["description"]
    assert open_["x-serial"] is True
    assert open_["security"] == [{"suite_access_token": []}]
    schemas = made["components"]["schemas"]
    kind = schemas["Shop"]["properties"]["note"]
    assert (kind["deprecated"], kind["examples"]) == (True, [{"a": 1}])
    assert kind["description"] == "A note. Deprecated: Nobody writes it."
    assert schemas["Shop"]["properties"]["shop_id"]["type"] == ["string", "integer"]
    assert schemas["ShopOpen"]["properties"]["class"] == {
        "type": "integer", "minimum": 1, "maximum": 5, "description": "Number of stars.",
    }  # fmt: skip
    sell = made["paths"]["/cgi-bin/shop/sell"]["post"]
    assert sell["x-partial"] == [{"items": "goods", "code": "errcode"}, {"items": "rest.names"}]
    wide = next(
        each
        for each in made["paths"]["/cgi-bin/shop/walks"]["post"]["requestBody"]["content"].values()
    )
    assert wide["schema"] == {"$ref": "#/components/schemas/ShopWalks"}
    text = schemas["ShopWalks"]["properties"]["another_long_name_on_the_wire"]
    assert (text["minLength"], text["maxLength"], text["x-max-bytes"]) == (1, 40, 100)
    assert text["x-secret"] is True


PACKAGE = """
name: shop
title: 店
api: shop API
link: https://shop/{page}
"""
ODD = """
title: 店
doc: Shops.
link: 1
calls:
  find:
    title: 找
    doc: Find shops.
    link: 2
    call: GET /cgi-bin/shop/find
    request:
      kinds?: {type: [str], max_items: 3, doc: "What they sell.", deprecated: "Use `find_all`."}
    response:
      open?: {type: flag, doc: Whether one is open.}
      more?: {type: any, doc: Anything.}
"""


def test_what_no_call_of_today_has_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(ODD, "utf-8")
    (tmp_path / "package.yaml").write_text(PACKAGE, "utf-8")
    api = resolve.resolve(spec.load(tmp_path))
    made = openapi.document(Reference(reference.data(api)), "0")
    validate(json.loads(json.dumps(made)))
    assert made["paths"]["/cgi-bin/shop/find"]["get"]["parameters"] == [
        {
            "name": "kinds", "in": "query", "deprecated": True, "style": "form", "explode": False,
            "description": "What they sell. Deprecated: Use `find_all`.",
            "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        }
    ]  # fmt: skip
    reply = Draft202012Validator(made["components"]["schemas"]["ShopFindResult"])
    done = {"errcode": 0, "errmsg": "ok"}
    for value, fits in ((0, True), (1, True), (None, True), (2, False), (True, False), ("", False)):
        assert reply.is_valid({**done, "open": value}) == fits
    assert all(reply.is_valid({**done, "more": value}) for value in (None, 1, "", [], {}))


def test_every_call_is_an_operation_and_every_event_a_webhook() -> None:
    found = {
        each["x-call"]: (method, path)
        for path, methods in DOCUMENT["paths"].items()
        for method, each in methods.items()
    }
    assert found == {each.name: (each.method.lower(), each.path) for each in REFERENCE.calls()}
    assert list(DOCUMENT["webhooks"]) == [each.name for each in REFERENCE.events()]
    ids = [each[2] for each in words(DOCUMENT) if each[1] == "operationId"]
    assert len(ids) == len(set(ids)) == len(REFERENCE.calls()) + len(REFERENCE.events())
    assert [each["name"] for each in DOCUMENT["tags"]] == [
        each.name for each in REFERENCE.resources()
    ]
    assert DOCUMENT["info"]["version"] == "1.2.3"
    assert DOCUMENT["components"]["securitySchemes"].keys() == {
        each.token for each in REFERENCE.calls()
    }
    assert DOCUMENT["servers"] == [{"url": "https://qyapi.weixin.qq.com"}]


@pytest.mark.parametrize("call", REFERENCE.calls(), ids=lambda each: each.name)
def test_an_operation_says_what_the_call_is(call: Any) -> None:
    _, found = operation(call.path, call.method)
    assert found["summary"] == call.title
    assert found["description"].startswith(call.doc)
    assert all(note in found["description"] for note in call.notes)
    assert found["externalDocs"] == {"url": call.link}
    assert found["tags"] == [call.resource]
    assert found["security"] == [{call.token: []}]
    assert found["x-readonly"] is call.readonly
    assert found.get("x-serial", False) is call.serial
    assert found.get("deprecated", False) is bool(call.deprecated)
    assert found.get("x-errors", []) == list(call.errors)
    assert all(str(code) in DOCUMENT["x-errors"] for code in call.errors)
    assert len(found.get("x-partial", [])) == len(call.partial)
    assert ("x-paging" in found) == (call.paging is not None)
    if call.paging:
        sent = {each.wire for each in call.request}
        received = SCHEMAS[call.reply_class]["properties"].keys()
        words = dict(found["x-paging"])
        assert words.pop("style") == call.paging.style
        assert words.pop("cursor") in sent
        assert words.pop("limit", None) in {*sent, None}
        assert set(words.values()) <= received
    for each in found.get("x-partial", []):
        head, *_ = each["items"].split(".")
        assert head in SCHEMAS[call.reply_class]["properties"]


def test_every_word_of_ours_is_described_and_no_other() -> None:
    used = {key for _, key, _ in words(DOCUMENT) if key.startswith("x-")}
    text = (ROOT / "docs/openapi.md").read_text("utf-8")
    described = set(re.findall(r"^\| `(x-[A-Za-z-]+)`", text, re.M))
    assert used | {"x-one-of", "x-serial"} == described


def test_every_reference_leads_somewhere_and_nothing_lies_about_unused() -> None:
    inside = {
        value.removeprefix("#/components/schemas/")
        for _, key, value in words(DOCUMENT)
        if key in ("$ref", "x-encrypted")
    }
    assert inside == SCHEMAS.keys()


# ---- what was recorded


def coerced(text: str, schema: dict[str, Any]) -> Any:
    """A parameter of a query as the value that it stands for."""
    kind = schema.get("type")
    if "$ref" in schema:
        kind = SCHEMAS[schema["$ref"].rpartition("/")[2]]["type"]
    return int(text) if kind == "integer" else text


def test_every_recorded_request_and_reply_is_as_the_document_says() -> None:
    wrong: list[str] = []
    requests = replies = refusals = 0
    for path in fixture_paths():
        fixture = read_fixture(path)
        for exchange in fixture["exchanges"]:
            asked, answer = exchange["request"], exchange["response"]
            where, found = operation(asked["path"], asked["method"])
            if "json" in asked:
                schema = validator(*where, "requestBody", "content", "application/json", "schema")
                wrong += [f"{path}: {each}" for each in problems(schema, asked["json"])]
            if asked.get("multipart"):
                assert "multipart/form-data" in found["requestBody"]["content"]
            parameters = {each["name"]: each for each in found.get("parameters", [])}
            query = asked.get("query", {})
            assert query.keys() <= parameters.keys(), path
            needed = {name for name, each in parameters.items() if each.get("required")}
            assert needed <= query.keys(), path
            for at, each in enumerate(found.get("parameters", [])):
                if each["name"] in query:
                    value = coerced(query[each["name"]], each["schema"])
                    schema = validator(*where, "parameters", str(at), "schema")
                    wrong += [f"{path}: {problem}" for problem in problems(schema, value)]
            requests += 1
            if "json" in answer:
                content = (*where, "responses", "200", "content", "application/json", "schema")
                wrong += [
                    f"{path}: {each}" for each in problems(validator(*content), answer["json"])
                ]
                refused = answer["json"]["errcode"] != 0
                assert component("Refusal").is_valid(answer["json"]) == refused, path
                refusals += refused
                replies += 1
    assert wrong == []
    assert requests >= 300
    assert replies - refusals > 200
    assert refusals > 50


def test_every_example_is_as_its_schema_says() -> None:
    count = 0
    for path, methods in DOCUMENT["paths"].items():
        for method, found in methods.items():
            body = found.get("requestBody", {}).get("content", {})
            answer = found["responses"]["200"]["content"]
            for where, media in (("requestBody",), body), (("responses", "200"), answer):
                for kind, each in media.items():
                    if "example" in each:
                        schema = validator("paths", path, method, *where, "content", kind, "schema")
                        assert problems(schema, each["example"]) == [], path
                        count += 1
    assert count > 200


def message(element: Any, schema: dict[str, Any]) -> Any:
    """An XML element as the data that its schema and `xml` say it is."""
    if "anyOf" in schema:  # or null
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds:
        assert schema["xml"] == {"wrapped": True}
        assert {each.tag for each in element} <= {schema["items"]["xml"]["name"]}
        return [message(each, schema["items"]) for each in element]
    if "object" in kinds:
        return {each.tag: message(each, schema["properties"].get(each.tag, {})) for each in element}
    text = element.text or ""
    if "string" in kinds or "integer" not in kinds:
        return text
    return int(text) if text else None  # an empty element says nothing


def test_every_recorded_message_is_as_its_webhook_says() -> None:
    count = 0
    for path in sorted(FIXTURES.glob("events/*.json")):
        fixture = read_fixture(path)
        match = DOCUMENT["webhooks"][fixture["event"]]["post"]["x-match"]
        for form in ("app", "suite"):
            if form in fixture:
                data = message(ElementTree.fromstring(fixture[form]), SCHEMAS[fixture["event"]])
                # Layout around CDATA is no part of a word.
                data = {k: v.strip() if isinstance(v, str) else v for k, v in data.items()}
                told = (data.get("Event") or data["InfoType"], data.get("ChangeType"))
                assert told == (match["Event"], match.get("ChangeType"))
                wrong = problems(component(fixture["event"]), data)
                # An enum is closed here; one message has a value that no page knows.
                assert len(wrong) == ("drift" in fixture), (path, wrong)
                count += 1
    assert count > 80
    deleted = {"Event": "change_external_contact", "ChangeType": "del_external_contact"}
    assert not component("CustomerAdded").is_valid(
        {**deleted, "UserID": "z", "ExternalUserID": "w"}
    )


# ---- what is refused


def broken(data: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """An object with one fault each: something missing, something of another kind."""
    for name in schema.get("required", []):
        yield f"without {name}", {key: value for key, value in data.items() if key != name}
    for group in schema.get("x-any-of", []):
        kept = {key: value for key, value in data.items() if key not in group}
        yield f"without any of {group}", kept
    for group in schema.get("x-one-of", []):
        yield f"with all of {group}", {**data, **dict.fromkeys(group, "x")}
    for name in data:
        if schema["properties"].get(name):
            yield f"{name} of another kind", {**data, name: [[]]}


@pytest.mark.parametrize(
    "call", [each for each in REFERENCE.calls() if each.method == "POST" and not each.upload],
    ids=lambda each: each.name,
)  # fmt: skip
def test_a_request_with_a_fault_is_refused(call: Any) -> None:
    schema = component(call.request_class)
    data = call.example.request or {}
    assert schema.is_valid(data)
    for what, wrong in broken(data, SCHEMAS[call.request_class]):
        assert not schema.is_valid(wrong), what
    for field in call.request:
        assert not schema.is_valid({**data, field.wire: None}) or field.kind == "any", field.name


@pytest.mark.parametrize(
    "call", [each for each in REFERENCE.calls() if each.reply], ids=lambda each: each.name
)
def test_a_reply_with_a_fault_is_refused_and_null_is_nothing(call: Any) -> None:
    schema = component(call.reply_class)
    data = call.example.reply
    assert schema.is_valid(data)
    for what, wrong in broken(data, SCHEMAS[call.reply_class]):
        assert not schema.is_valid(wrong), what
    assert not schema.is_valid({**data, "errcode": 40001})
    for field in call.reply:
        assert schema.is_valid({**data, field.wire: None}) == (
            field.optional or field.kind == "any"
        ), field.name


def limited() -> Iterator[Any]:
    for call in REFERENCE.calls():
        for field in call.request:
            for name in field.limits:
                yield pytest.param(call, field, name, id=f"{call.name}.{field.name}.{name}")


@pytest.mark.parametrize(("call", "field", "limit"), list(limited()))
def test_what_is_one_beyond_a_limit_is_refused(call: Any, field: Any, limit: str) -> None:
    bound = field.limits[limit]
    beyond = bound + 1 if limit.startswith("max") else bound - 1
    if call.method == "GET" or call.upload:
        _, found = operation(call.path, call.method)
        schema = next(each["schema"] for each in found["parameters"] if each["name"] == field.wire)
    else:
        schema = SCHEMAS[call.request_class]["properties"][field.wire]
    if limit.endswith("_items"):
        word = {"max_items": "maxItems", "min_items": "minItems"}[limit]
        assert schema[word] == bound
        return
    inner = schema["items"] if field.many else schema
    own = Draft202012Validator(inner)
    if limit in ("max", "min"):
        assert own.is_valid(bound)
        assert not own.is_valid(beyond)
    else:
        assert own.is_valid("a" * max(bound, field.limits.get("min_chars", 0)))
        assert not own.is_valid("a" * beyond)
        if limit == "max_bytes":
            assert inner["x-max-bytes"] == bound


def test_limits_of_what_is_only_received_are_not_demanded() -> None:
    words = SCHEMAS["InterceptRuleDetail"]["properties"]["word_list"]
    assert "maxLength" not in json.dumps(words)
    assert SCHEMAS["InterceptRuleAdd"]["properties"]["word_list"]["items"]["maxLength"] == 32


def test_a_union_is_its_tag_its_common_fields_and_its_payload() -> None:
    attachment, attribute = component("Attachment"), component("ExternalAttribute")
    link = {"msgtype": "link", "link": {"title": "Hi", "url": "https://x"}}
    assert attachment.is_valid(link)
    assert not attachment.is_valid({**link, "msgtype": "image"})
    assert not attachment.is_valid({"msgtype": "link"})
    text = {"type": 0, "name": "Caption", "text": {"value": "Words"}}
    assert attribute.is_valid(text)
    assert not attribute.is_valid({"type": 0, "text": {"value": "Words", "name": "Caption"}})
    assert not attribute.is_valid({**text, "type": 1})
    assert SCHEMAS["Attachment"]["discriminator"]["mapping"]["link"].endswith("/Attachment_link")
    assert "discriminator" not in SCHEMAS["ExternalAttribute"]
    assert "name" not in SCHEMAS["TextAttribute"]["properties"]


def test_a_rule_of_exactly_one_is_kept() -> None:
    node = component("StrategyNode")
    assert node.is_valid({"type": 1, "userid": "z"})
    assert not node.is_valid({"type": 1, "userid": "z", "partyid": 1})
    assert not node.is_valid({"type": 1})
    assert "Give exactly one of `userid`, `partyid`." in SCHEMAS["StrategyNode"]["description"]


def test_an_enum_tells_its_names_and_meanings() -> None:
    for kind in REFERENCE.types():
        if kind.kind == "enum":
            found = SCHEMAS[kind.name]
            assert found["enum"] == [each.value for each in kind.values]
            assert found["x-enum-varnames"] == [each.name for each in kind.values]
            assert found["x-enum-descriptions"] == [each.doc for each in kind.values]
            assert all(
                f"`{each.value}` {each.name}" in found["description"] for each in kind.values
            )


def test_files_are_files() -> None:
    _, upload = operation("/cgi-bin/media/upload", "POST")
    body = upload["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert body["required"] == ["media"]
    assert body["properties"]["media"]["format"] == "binary"
    assert [each["name"] for each in upload["parameters"]] == ["type"]
    _, download = operation("/cgi-bin/media/get", "GET")
    content = download["responses"]["200"]["content"]
    assert content["application/octet-stream"]["schema"]["format"] == "binary"
    assert content["application/json"]["schema"]["$ref"].endswith("/Refusal")


# ---- one record


def test_the_schema_of_a_record_stands_alone() -> None:
    requests = {each.request_class for each in REFERENCE.calls()}
    assert DEFINITIONS.keys() == SCHEMAS.keys() | requests
    for name in DEFINITIONS:
        schema = json.loads(json.dumps(openapi.record(DEFINITIONS, name)))
        Draft202012Validator.check_schema(schema)
        assert schema["title"] == name
        refs = {value for _, key, value in words(schema) if key == "$ref"}
        inside = {f"#/$defs/{each}" for each in schema.get("$defs", {})}
        assert inside <= refs <= inside | {f"#/$defs/{name}"}
        used = {key for within, key, _ in words(schema) if within != "properties"}
        assert not {key for key in used if key.startswith("x-")}
        assert not {"discriminator", "xml"} & used


def test_the_schema_of_a_record_says_the_same_as_the_document() -> None:
    for call in REFERENCE.calls():
        for name, data in (
            (call.request_class, call.example.request or {}),
            (call.reply_class, call.example.reply),
        ):
            if name in DEFINITIONS and data is not None:
                own = Draft202012Validator(openapi.record(DEFINITIONS, name))
                assert problems(own, data) == []
                for what, wrong in broken(copy.deepcopy(data), DEFINITIONS[name]):
                    assert not own.is_valid(wrong), (name, what)


# ---- Chinese


class Translated(dict[str, str]):
    """A translation of anything."""

    def get(self, text: str, default: Any = None) -> Any:
        return f"中（{len(text)}）" if text else ""


def test_every_sentence_is_in_the_language_asked_for() -> None:
    facts = reference.data(API, FIXTURES)
    made = openapi.document(Reference(facts, "zh", Translated()), "1.2.3")
    validate(json.loads(json.dumps(made)))
    english = {
        value
        for within, key, value in words(made)
        if (key in ("description", "doc", "advice") and within != "properties")
        and isinstance(value, str)
        and not re.search("[一-鿿]", value)
    }
    assert english == set()
    used = json.dumps(made, ensure_ascii=False)
    for chinese in openapi.CHINESE.values():
        assert all(part in used for part in re.split(r"\{.*?\}", chinese)), chinese

    def shape(data: Any) -> Any:
        """What is no prose."""
        if isinstance(data, dict):
            return {
                key: shape(value)
                for key, value in data.items()
                if key not in ("description", "doc", "advice") or not isinstance(value, str)
            }
        return [shape(each) for each in data] if isinstance(data, list) else data

    plain = shape(made)
    for schema in plain["components"]["schemas"].values():
        schema.pop("x-enum-descriptions", None)
    assert plain["info"].pop("title") == "企业微信客户联系"
    expected = shape(DOCUMENT)
    assert expected["info"].pop("title") == "WeCom customer-contact API"
    for schema in expected["components"]["schemas"].values():
        schema.pop("x-enum-descriptions", None)
    assert plain == expected


# ---- the command


def test_the_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["openapi"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {**DOCUMENT, "info": shown["info"]}
    assert f'version = "{shown["info"]["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_the_command_writes_a_file_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert __main__.main(["openapi", "--out", str(tmp_path / "a.json")]) == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["openapi"] == "3.1.0"
    assert capsys.readouterr().out == ""
    assert __main__.main(["openapi", "--out", str(tmp_path / "no" / "a.json")]) == 2
    assert capsys.readouterr().err.startswith("nothing written: ")


def test_the_command_prints_one_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["openapi", "--record", "WelcomeSend"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "WelcomeSend"
    assert __main__.main(["openapi", "--record", "WelcomSend"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("there is no 'WelcomSend'; did you mean WelcomeSend")
    assert __main__.main(["openapi", "--record", "?"]) == 2
    assert capsys.readouterr().err == "there is no '?'\n"


def test_the_command_speaks_chinese_where_there_is_any(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec").symlink_to(ROOT / "spec")
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    assert __main__.main(["openapi", "--lang", "zh"], tmp_path) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.rstrip().endswith("generated/wecom_contact/reference.zh.json")
    texts = tmp_path / "generated/wecom_contact/reference.zh.json"
    texts.parent.mkdir(parents=True)
    doc = REFERENCE.call("welcome.send").doc
    texts.write_text(json.dumps({doc: "问候新客户。"}), "utf-8")
    assert __main__.main(["openapi", "--lang", "zh", "--record", "WelcomeSend"], tmp_path) == 0
    assert json.loads(capsys.readouterr().out)["description"].startswith("问候新客户。")


def test_the_command_tells_of_another_spec(capsys: pytest.CaptureFixture[str]) -> None:
    toy = str(Path(__file__).parent / "toy" / "spec")
    assert __main__.main(["openapi", "--spec", toy]) == 0
    assert "/cgi-bin/shop/open" in json.loads(capsys.readouterr().out)["paths"]
    assert __main__.main(["reference", "--spec", toy]) == 0
    assert "shop.open" in json.loads(capsys.readouterr().out)["calls"]


def test_the_command_refuses_a_spec_with_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/shop.yaml").write_text("title: 1\n")
    assert __main__.main(["openapi"], tmp_path) == 1
    assert "shop.yaml:1: 1 is not text" in capsys.readouterr().err
