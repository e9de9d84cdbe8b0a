"""The reference says what the spec says, in the same words as the classes and the catalog, in two languages."""

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import wecom_contact
from attrs import evolve, fields
from attrs.exceptions import FrozenInstanceError
from jsonschema import Draft202012Validator
from wecom_contact import catalog, codec, events, reference
from wecom_contact._errcodes import ERRORS
from wecom_contact._runtime.field_limits import FIELD_LIMITS
from wecom_contact._runtime.setup import BASE_URL
from wecom_contact.codec import is_enum, is_model, tagged, wire_fields
from wecom_contact.errors import RefusedArgument
from wecom_contact.reference import Reference, UnknownName

ROOT = Path(__file__).parent.parent
PACKAGE = Path(wecom_contact.__file__).parent
DATA: dict[str, Any] = json.loads((PACKAGE / "reference.json").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/reference.schema.json").read_text("utf-8"))
SCALARS = {"str": str, "int": int, "float": float, "bool": bool, "timestamp": datetime, "any": Any}
STRICT = codec.Codec(strict=True)


# ---- the file


def test_the_file_is_what_its_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    problems = Draft202012Validator(SCHEMA).iter_errors(DATA)
    assert [(list(each.absolute_path), each.message) for each in problems] == []


def test_the_schema_refuses_what_is_not_in_it() -> None:
    validator = Draft202012Validator(SCHEMA)

    def refused(**change: Any) -> bool:
        return not validator.is_valid({**DATA, **change})

    call = DATA["calls"]["welcome.send"]
    assert refused(calls={"welcome.send": {**call, "colour": "red"}})
    assert refused(calls={"welcome.send": {**call, "readonly": False}})
    assert refused(calls={"welcome": call})
    assert refused(types={"A": {"kind": "enum", "module": "x", "doc": "A.", "base": "str"}})
    assert refused(colours={})


def test_the_schema_and_the_format_know_the_same_limits() -> None:
    limits = SCHEMA["$defs"]["field"]["properties"]["limits"]["properties"]
    assert limits.keys() == FIELD_LIMITS.keys()


def test_every_word_of_the_schema_is_explained() -> None:
    text = (ROOT / "docs/reference-format.md").read_text("utf-8")
    explained = set(re.findall(r"`([A-Za-z_]+)`", text))
    parts = [SCHEMA, *SCHEMA["$defs"].values(), *SCHEMA["$defs"]["type"]["oneOf"]]
    words = {word for part in parts for word in part.get("properties", {})}
    assert words - explained == set()


def test_nothing_empty_is_written() -> None:
    def empty(value: Any) -> bool:
        if isinstance(value, dict):
            # An example shows what WeCom sends, and a default may be an empty text.
            parts = [part for name, part in value.items() if name not in ("example", "default")]
            return value == {} or any(map(empty, parts))
        return (
            value in ("", [], None, False)
            and value != 0
            or (isinstance(value, list) and any(map(empty, value)))
        )

    assert [name for name, part in DATA["calls"].items() if empty(part)] == []
    assert [name for name, part in DATA["events"].items() if empty(part)] == []
    assert [name for name, part in DATA["types"].items() if empty(part)] == []


# ---- calls, types and events, beside the classes


def same(field: reference.Field, wire: str, shape: codec.Shape, event: bool = False) -> None:
    """A field of the reference and the field of a class agree in everything that both know."""
    assert (field.wire, field.many, field.optional) == (wire, shape.many, shape.optional), field
    assert dict(field.limits) == dict(shape.wire.limits), field
    assert shape.wire.item == field.item
    assert shape.wire.flag == (field.kind == "flag")
    also = shape.wire.also.__name__ if shape.wire.also else None
    # Of an event's number the class says what is true of all of XML: it may be a text.
    numeric = field.kind in ("int", "timestamp") or (
        is_enum(shape.inner) and issubclass(shape.inner, int)
    )
    assert also == (field.also or ("str" if event and numeric else None)), field
    union = tagged(shape.inner)
    if union:
        kind = reference.type(field.type)
        assert isinstance(kind, reference.Union)
        assert (union.tag, union.common) == (kind.tag, kind.common)
        assert {variant.tag: (variant.key, variant.type) for variant in kind.variants} == {
            tag: (key, cls.__name__) for tag, (key, cls) in union.variants.items()
        }
        assert field.kind == "union"
    elif is_model(shape.inner):
        assert (field.kind, field.type) == ("record", shape.inner.__name__)
    elif is_enum(shape.inner):
        assert (field.kind, field.type) == ("enum", shape.inner.__name__)
    else:
        assert shape.inner is {**SCALARS, "flag": bool}[field.kind], field


def same_fields(found: tuple[reference.Field, ...], cls: Any, event: bool = False) -> None:
    inherited = {attribute.name for attribute in fields(events.Event)} if event else set()
    own = {a.name: (a, wire, shape) for a, wire, shape in wire_fields(cls)}
    own = {name: each for name, each in own.items() if name not in inherited}
    assert [field.name for field in found] == list(own)
    for field in found:
        attribute, wire, shape = own[field.name]
        same(field, wire, shape, event)
        assert attribute.repr == (not field.secret)


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_a_call_of_the_reference_is_the_call_of_the_catalog(name: str) -> None:
    entry, found = catalog.CALLS[name], reference.call(name)
    for word in [
        "name",
        "method",
        "path",
        "title",
        "link",
        "readonly",
        "token",
        "serial",
        "upload",
        "download",
        "errors",
    ]:
        assert getattr(found, word) == getattr(entry, word), word
    assert found.doc == entry.doc
    assert found.resource == name.partition(".")[0]
    assert found.request_class == entry.call.__name__
    assert found.reply_class == (entry.result.__name__ if entry.result else None)
    request = tuple(each for each in found.request if each.name != found.upload)
    same_fields(request, entry.call)
    assert [each.kind for each in found.request if each.name == found.upload] == (
        ["file"] if found.upload else []
    )
    if entry.result and not entry.download:
        same_fields(found.reply, entry.result)
    else:
        assert found.reply == ()
    assert found.any_of == getattr(entry.call, "__any_of__", ())
    assert found.one_of == getattr(entry.call, "__one_of__", ())
    assert bool(found.partial) == hasattr(entry.result, "raise_for_failures")
    paging = entry.paginate
    assert (found.paging is None) == (paging is None)
    if found.paging and paging:
        for word in ("items", "cursor", "next", "total", "until"):
            assert getattr(found.paging, word) == getattr(paging, word), word
        style = "offset" if paging.total else "page" if paging.until else "cursor"
        assert found.paging.style == style
    resource = getattr(wecom_contact, found.resource)
    text = getattr(resource, f"{wecom_contact.reference.call(name).request_class}").__doc__
    assert " ".join(text.split()) == found.doc


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_the_example_of_a_call_is_one_that_its_classes_read(name: str) -> None:
    entry, example = catalog.CALLS[name], reference.call(name).example
    call = STRICT.structure(example.request or {}, entry.call)
    if not entry.upload:
        assert codec.shared.encode(call) == (example.request or {})
    if entry.download:
        assert example.reply is None
        return
    assert example.reply["errcode"] == 0
    if entry.result is not None:
        reply = {
            key: part for key, part in example.reply.items() if key not in ("errcode", "errmsg")
        }
        assert STRICT.structure(reply, entry.result) is not None


def test_every_call_with_parameters_has_an_example() -> None:
    bare = [each.name for each in reference.calls() if each.request and not each.example.request]
    # Their only parameters are a file, or may be left out.
    assert {name: catalog.CALLS[name].upload for name in bare if catalog.CALLS[name].upload} == {
        "media.upload_image": "media"
    }
    optional = [name for name in bare if not catalog.CALLS[name].upload]
    assert all(field.optional for name in optional for field in reference.call(name).request)


def test_the_reference_has_what_the_catalog_has() -> None:
    assert [each.name for each in reference.calls()] == list(catalog.CALLS)
    assert {(each.family, each.change): each.name for each in reference.events()} == {
        match: cls.__name__ for match, cls in catalog.EVENTS.items()
    }
    assert {each.code for each in reference.errors()} == set(ERRORS)
    listed = [name for resource in reference.resources() for name in resource.calls]
    assert sorted(listed) == sorted(catalog.CALLS)
    assert reference.load().package == reference.Package(
        name="wecom_contact", distribution="wecom-contact", title="客户联系",
        api="customer-contact API", base_url=BASE_URL,
    )  # fmt: skip


@pytest.mark.parametrize("found", reference.resources(), ids=lambda each: each.name)
def test_a_resource_is_a_module_that_says_the_same(found: reference.Resource) -> None:
    module = getattr(wecom_contact, found.name)
    head = " ".join(module.__doc__.partition("\n\nGenerated")[0].split())
    assert head == f"{found.title}: {found.doc}"
    assert re.fullmatch(r"https://developer\.work\.weixin\.qq\.com/document/path/\d+", found.link)


@pytest.mark.parametrize("found", reference.types(), ids=lambda each: each.name)
def test_a_type_of_the_reference_is_the_class_of_the_package(found: reference.Type) -> None:
    module = getattr(wecom_contact, found.module)
    cls = getattr(module, found.name)
    if isinstance(found, reference.Record):
        same_fields(found.fields, cls, event=found.module == "events")
        assert found.any_of == getattr(cls, "__any_of__", ())
        assert found.one_of == getattr(cls, "__one_of__", ())
        assert " ".join(cls.__doc__.split()) == found.doc
    elif isinstance(found, reference.Enum):
        assert [(each.name.upper(), each.value) for each in found.values] == [
            (member.name, member.value) for member in cls
        ]
        assert " ".join(cls.__doc__.split()) == found.doc
    elif isinstance(found, reference.Alias):
        assert cls is SCALARS[found.base]
    else:
        assert tagged(cls) is not None
    assert found.kind == type(found).__name__.lower()


@pytest.mark.parametrize("found", reference.events(), ids=lambda each: each.name)
def test_an_event_of_the_reference_is_the_class_of_the_package(found: reference.Event) -> None:
    cls = getattr(events, found.name)
    same_fields(found.fields, cls, event=True)
    text = " ".join(cls.__doc__.split())
    parts = [found.doc, f"{found.title}: {found.link}", *(f"- {note}" for note in found.notes)]
    assert text == " ".join(parts)
    assert type(events.parse(found.example)) is cls


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_of_the_reference_is_what_the_client_raises(code: int) -> None:
    fact, found = ERRORS[code], reference.error(code)
    assert reference.error(str(code)) == found
    assert (found.code, found.cls) == (code, fact.cls.__name__)
    assert (found.title, found.doc, found.advice) == (fact.title, fact.doc, fact.advice)
    assert (found.retryable, found.renews) == (fact.cls.retryable, fact.cls.renews)


def test_notes_are_in_the_docstrings_of_the_methods() -> None:
    for found in reference.calls():
        cls = getattr(
            getattr(wecom_contact, found.resource),
            f"{''.join(map(str.capitalize, found.resource.split('_')))}Calls",
        )
        text = " ".join(getattr(cls, found.name.partition(".")[2]).__doc__.split())
        for note in (*found.notes, *(each.doc for each in found.request)):
            assert note.replace("\\", "\\\\") in text or note in text, found.name


# ---- the reader


def test_entries_cannot_be_changed() -> None:
    found = reference.call("welcome.send")
    with pytest.raises(FrozenInstanceError):
        found.doc = "Something else."  # type: ignore[misc]  # frozen
    assert evolve(found, doc="Else.").doc == "Else."
    assert reference.call("welcome.send") is found


@pytest.mark.parametrize(
    ("ask", "name", "says"),
    [
        (reference.call, "custmer.get", "no call 'custmer.get'; did you mean 'customer.get'"),
        (reference.call, "/cgi-bin/externalcontact/add_contact_way", "mean 'contact_way.add'"),
        (reference.call, "ContactWayAdd", "did you mean 'contact_way.add'"),
        (reference.call, "发送新客户欢迎语", "did you mean 'welcome.send'"),
        (reference.type, "AddWays", "no type 'AddWays'; did you mean 'AddWay'?"),
        (reference.event, "add_external_contact", "no event 'add_external_contact'; did you mean 'CustomerAdded'"),
        (reference.resource, "customers", "did you mean 'customer'"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_the_right_one(ask: Any, name: str, says: str) -> None:
    with pytest.raises(UnknownName, match=re.escape(says)) as caught:
        ask(name)
    assert isinstance(caught.value, LookupError)
    assert caught.value.name == name
    assert caught.value.close[0] in str(caught.value)


@pytest.mark.parametrize("code", [84062, "84062", "not a code"])
def test_an_unknown_code_has_no_likeness_to_others(code: int | str) -> None:
    with pytest.raises(UnknownName) as caught:
        reference.error(code)
    assert str(caught.value) == f"no error {str(code)!r}"


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    with pytest.raises(UnknownName) as caught:
        reference.call("zzzzq")
    assert str(caught.value) == "no call 'zzzzq'"


@pytest.mark.parametrize("language", ["fr", "ZH", "", None])
def test_another_language_is_refused(language: Any) -> None:
    with pytest.raises(RefusedArgument, match=f"language: {language!r} is not one of en, zh"):
        reference.call("welcome.send", language=language)


def test_the_file_is_read_once_and_only_when_asked_for() -> None:
    program = """
import sys, wecom_contact
assert "wecom_contact.reference" not in sys.modules
from wecom_contact import reference
assert reference.data.cache_info().currsize == 0
reference.load("en"); reference.load("zh"); reference.call("welcome.send")
assert reference.data.cache_info().misses == 1
resources = [name for name in wecom_contact.catalog.CALLS]
loaded = {name.partition(".")[0] for name in wecom_contact.catalog.CALLS}
print(sorted(f"wecom_contact.{name}" for name in loaded if f"wecom_contact.{name}" in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=PACKAGE.parent,
    )  # fmt: skip
    assert done.stdout == "[]\n"


# ---- languages


def translated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, texts: dict[str, str]) -> None:
    """A package whose Chinese is these texts."""
    (tmp_path / "reference.json").write_bytes((PACKAGE / "reference.json").read_bytes())
    (tmp_path / "reference.zh.json").write_text(json.dumps(texts), "utf-8")
    monkeypatch.setattr(reference, "files", lambda package: tmp_path)
    reference.load.cache_clear()


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    reference.load.cache_clear()


def test_every_kind_of_prose_is_in_the_language_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    english = [
        text
        for part in (*reference.calls(), *reference.types(), *reference.events(),
                     *reference.errors(), *reference.resources())
        for text in prose(part)
    ]  # fmt: skip
    assert len(set(english)) > 1500
    translated(monkeypatch, tmp_path, {text: f"中{number}" for number, text in enumerate(english)})
    chinese = [
        text
        for part in (*reference.calls(language="zh"), *reference.types(language="zh"),
                     *reference.events(language="zh"), *reference.errors(language="zh"),
                     *reference.resources(language="zh"))
        for text in prose(part)
    ]  # fmt: skip
    assert len(chinese) == len(english)
    assert [text for text in chinese if not text.startswith("中")] == []
    assert reference.call("welcome.send").doc in english
    assert reference.load("zh").language == "zh"
    title = reference.call("welcome.send", language="zh").title
    assert title == reference.call("welcome.send").title


def prose(part: Any) -> list[str]:
    """Every sentence of an entry."""
    found = [part.doc, *getattr(part, "notes", ())]
    found += [getattr(part, word) for word in ("advice", "deprecated") if getattr(part, word, "")]
    for word in ("request", "reply", "fields", "values"):
        for each in getattr(part, word, ()):
            found += [each.doc, getattr(each, "deprecated", "")]
    return [text for text in found if text]


def test_what_is_not_translated_is_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = reference.call("welcome.send")
    translated(monkeypatch, tmp_path, {found.doc: "给新客户发送欢迎语。"})
    chinese = reference.call("welcome.send", language="zh")
    assert chinese.doc == "给新客户发送欢迎语。"
    assert chinese.notes == found.notes


def test_a_package_without_translations_is_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = reference.call("welcome.send")
    translated(monkeypatch, tmp_path, {})
    (tmp_path / "reference.zh.json").unlink()
    assert reference.call("welcome.send", language="zh") == found


# ---- search


def first(query: str, count: int = 1, **asked: Any) -> list[str]:
    return [f"{each.kind} {each.name}" for each in reference.search(query, limit=count, **asked)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("contact_way.add", "call contact_way.add"),
        ("CONTACT_WAY.ADD ", "call contact_way.add"),
        ("add_contact_way", "call contact_way.add"),
        ("/cgi-bin/externalcontact/add_contact_way", "call contact_way.add"),
        ("ContactWayAddResult", "call contact_way.add"),
        ("60111", "error 60111"),
        ("-1", "error -1"),
        ("AddWay", "type AddWay"),
        ("add_external_contact", "event CustomerAdded"),
        ("发送新客户欢迎语", "call welcome.send"),
        ("编辑客户企业标签", "call customer_tag.mark"),
        ("tag a customer", "call customer_tag.mark"),
        ("upload images", "call media.upload_image"),
        ("customer acquisition quota", "call customer_acquisition.quota"),
        ("contct way configuration", "call contact_way.add"),
        ("group_chat", "resource group_chat"),
    ],
)
def test_search_shows_first_what_was_meant(query: str, best: str) -> None:
    assert first(query) == [best]


def test_a_chinese_word_finds_every_call_with_it_in_the_title() -> None:
    found = set(first("标签", 100))
    titled = {f"call {each.name}" for each in reference.calls() if "标签" in each.title}
    assert len(titled) >= 10
    assert titled <= found
    assert set(first("欢迎语", 5)) == {
        "call welcome.send", *(f"call group_welcome_template.{each}" for each in ("add", "edit", "get", "delete"))
    }  # fmt: skip


def test_a_code_finds_the_calls_that_speak_of_it() -> None:
    found = reference.search("84061", limit=100)
    assert found[0].kind == "error"
    speaking = {each.name for each in reference.calls() if 84061 in each.errors}
    assert speaking <= {each.name for each in found if each.kind == "call"}


def test_search_keeps_to_the_kinds_and_the_number_asked_for() -> None:
    assert {each.kind for each in reference.search("customer", kinds=["event"], limit=99)} == {
        "event"
    }
    assert len(reference.search("customer", limit=3)) == 3
    assert len(reference.search("customer")) == 20
    assert reference.search("customer", kinds=[]) == ()
    assert reference.search("") == reference.search("?!") == reference.search("qqqq") == ()


def test_what_is_found_can_be_asked_for() -> None:
    for found in reference.search("customer 标签 40058", limit=1000):
        entry = getattr(reference, found.kind)(found.name)
        assert entry.doc == found.doc
        assert getattr(entry, "title", "") == found.title


def test_chinese_prose_is_found_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    doc = reference.call("welcome.send").doc
    translated(monkeypatch, tmp_path, {doc: "二十秒之内问候新朋友。"})
    (found,) = reference.search("问候新朋友", language="zh")
    assert (found.name, found.doc) == ("welcome.send", "二十秒之内问候新朋友。")
    assert reference.search("问候新朋友") == ()
    assert reference.search("Greet a new customer", language="zh", limit=1)[0].doc == found.doc


def test_a_reference_can_be_made_of_any_data() -> None:
    own = Reference(
        {"package": {"name": "shop", "distribution": "shop", "title": "店", "api": "shop API",
                     "base_url": "https://shop"}, "calls": {}, "types": {},
         "events": {}, "errors": {}, "resources": {}}
    )  # fmt: skip
    assert own.calls() == own.types() == own.events() == own.errors() == own.resources() == ()
    assert own.search("anything") == ()
    assert own.package.name == "shop"
