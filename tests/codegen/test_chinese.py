"""The Chinese of the spec: all there, kept in step with the English, and in the package where it is asked for."""

import ast
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codegen import __main__, emit, ir, messages, python, resolve, spec
from codegen.vocabulary import Measure

ROOT = Path(__file__).parent.parent.parent
SPEC = ROOT / "spec"
GENERATED = ROOT / "generated/wecom_contact"

SHOP = """title: 商店
doc: Shops.
link: 1
calls:
  get:
    title: 查询商店
    doc: Read a shop by its `shop_id`.
    link: 2
    call: GET /cgi-bin/shop/get
    notes: ["A shop closes at 22:30 and has at most 1,000 goods."]
    request: {shop_id: {type: str, doc: The shop., max_bytes: 64}}
    response: {name: {type: str, doc: "Its name; see https://example.org/a?b=1."}}
"""
PACKAGE = """name: wecom_contact
title: 客户联系
api: customer-contact API
link: https://developer.work.weixin.qq.com/document/path/{page}
"""
ERRORS = """Busy:
  -1: {title: 系统繁忙, doc: Busy., advice: Call again.}
StaleToken:
  42001: {title: 凭证已过期, doc: The token has ended., advice: Nothing.}
"""
NEW_CALL = """  check:
    title: 核对
    doc: Check a shop.
    link: 2
    call: GET /cgi-bin/shop/check
  get:"""
CHINESE = {
    "Shops.": "商店。",
    "Read a shop by its `shop_id`.": "按 `shop_id` 查询商店。",
    "A shop closes at 22:30 and has at most 1,000 goods.": "商店 22:30 关门，最多有 1000 件商品。",
    "The shop.": "商店的标识。",
    "Its name; see https://example.org/a?b=1.": "名称；见 https://example.org/a?b=1。",
    "Busy.": "系统繁忙。",
    "Call again.": "请重试。",
    "The token has ended.": "凭证已过期。",
    "Nothing.": "无需处理。",
}


def promised() -> list[Path]:
    """The files of the spec that the project answers for: a resource that someone adds may be in English."""
    survey = (ROOT / "tests/endpoints.txt").read_text("utf-8")
    paths = set(re.findall(r"^[A-Z]+ (\S+)", survey, re.MULTILINE))
    calls = {
        file: set(re.findall(r"^    call: +\S+ (\S+)", file.read_text("utf-8"), re.MULTILINE))
        for file in SPEC.glob("*.yaml")
    }
    return [file for file, own in calls.items() if not own or own & paths]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> ir.Api:
    folder = tmp_path_factory.mktemp("promised")
    for file in promised():
        shutil.copy(file, folder)
    return resolve.resolve(spec.load(folder))


@pytest.fixture(scope="module")
def chinese() -> messages.Catalogue:
    found = messages.load(SPEC)
    assert found is not None
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project with its Chinese, complete."""
    folder = tmp_path / "spec"
    (folder / "locale").mkdir(parents=True)
    for name, words in {"shop": SHOP, "package": PACKAGE, "errors": ERRORS}.items():
        (folder / f"{name}.yaml").write_text(words, "utf-8")
    kept = messages.load(SPEC)
    assert kept is not None
    own = {text: kept.entries[text].chinese for text in messages.own_sources()}
    text = "".join(
        f"msgid {quoted(english)}\nmsgstr {quoted(said)}\n\n"
        for english, said in (CHINESE | own).items()
    )
    (folder / messages.CATALOGUE).write_text(messages.HEADER + text, "utf-8")
    assert findings(folder) == []
    return folder


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def findings(folder: Path) -> list[str]:
    catalogue = messages.load(folder)
    assert catalogue is not None
    said = messages.every(resolve.resolve(spec.load(folder)))
    found = messages.missing(said, catalogue) + messages.findings(said, catalogue)
    return [str(each) for each in found]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# The catalogue that is in the repository


def written(value: Any) -> Iterator[str]:
    """Every sentence in a file of the spec, found by the words of the format and nothing of ours."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("doc", "advice", "deprecated") and isinstance(inner, str):
                yield inner
            elif key == "notes":
                yield from inner
            elif key != "example":
                yield from written(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from written(inner)


def test_every_sentence_of_the_spec_has_chinese_in_the_package() -> None:
    texts = json.loads((GENERATED / "reference.zh.json").read_text("utf-8"))
    said = {
        text
        for path in promised()
        for text in written(yaml.load(path.read_text("utf-8"), yaml.BaseLoader))
    }
    assert len(said) > 1700
    assert said - texts.keys() == set()
    read = resolve.resolve(spec.load(SPEC))
    assert texts.keys() <= messages.sources(read).keys() | messages.program_sources(read).keys()
    assert [text for text in texts.values() if not re.search("[\u4e00-\u9fff。（]", text)] == []


def test_every_sentence_of_the_generator_has_chinese(chinese: messages.Catalogue) -> None:
    own = messages.own_sources()
    assert "At most {most} items." in own
    assert "Raise `PartialFailure` if there are failures." in own
    assert [text for text in own if not chinese.entries[text].ready] == []
    for text, source in own.items():
        line = (ROOT / source.at.file).read_text("utf-8").split("\n")[source.at.line - 1]
        assert re.search(r"\b(say|sentence)\(", line), (text, line)


def test_what_programs_say_is_in_the_catalogue_of_a_package_that_has_them(
    shop: Path, chinese: messages.Catalogue
) -> None:
    said = "the certificate is trusted, and good for {days} days"
    read = resolve.resolve(spec.load(shop))
    assert messages.program_sources(read) == {}
    assert said not in messages.every(read)
    edit(shop / "package.yaml", "title: ", "surfaces: [cli]\ntitle: ")
    read = resolve.resolve(spec.load(shop))
    source = messages.every(read)[said]
    assert source.file == "codegen/surfaces/cli/_doctor.py"
    line = (ROOT / source.file).read_text("utf-8").split("\n")[source.at.line - 1]
    assert 'say("the certificate is trusted' in line
    assert chinese.texts(read)[said] == chinese.entries[said].chinese
    assert any(f'"{said}" is not in' in each for each in findings(shop))
    new = messages.program_sources(read).keys() - messages.own_sources().keys()
    assert messages.merge(read, shop)[1]["new"] == len(new)


def test_lint_finds_nothing_in_the_catalogue(api: ir.Api, chinese: messages.Catalogue) -> None:
    said = messages.every(api)
    assert messages.missing(said, chinese) == []
    assert messages.findings(said, chinese) == []


def test_the_catalogue_on_disk_is_as_merging_writes_it() -> None:
    text, counts = messages.merge(resolve.resolve(spec.load(SPEC)), SPEC)
    assert (counts["fuzzy"], counts["gone"]) == (0, 0)
    kept = (SPEC / messages.CATALOGUE).read_text("utf-8")
    assert text == kept or counts["new"]


def test_every_term_of_the_glossary_is_used() -> None:
    glossary = (SPEC / "locale/glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", glossary, re.MULTILINE)[2:]
    assert len(rows) > 40
    used = (SPEC / messages.CATALOGUE).read_text("utf-8")
    assert [
        row for row in rows if not any(term in used for term in row[1].strip().split("、"))
    ] == []


# What lint says


WRONG = [
    # what is done to the catalogue, what lint says of it
    ("按 `shop_id` 查询商店。", "", 'shop.yaml:5: shop.get: "Read a shop by its `shop_id`." has no Chinese, '),
    ("按 `shop_id` 查询商店。", "查询商店。", "shop.yaml:5: shop.get: `shop_id` stands in the English and not in"),
    ("按 `shop_id` 查询商店。", "按 `shop` 查询商店。", "shop.get: `shop` stands in the Chinese and not in"),
    ("最多有 1000 件", "最多有 100 件", "shop.yaml:5: shop.get: 1000 stands in the English and not in the Chinese"),
    ("22:30 关门", "21:30 关门", "22:30 stands in the English and not in the Chinese"),
    ("商店的标识。", "The shop。a", "shop.yaml:11: shop.get.shop_id: a sentence ends with a full stop"),
    ("商店的标识。", "商店的标识", "shop.get.shop_id: a sentence ends with a full stop"),
    ("商店的标识。", "商店,标识。", "shop.get.shop_id: '店,': punctuation in Chinese is full-width"),
    ("商店的标识。", "商店id。", "shop.get.shop_id: '店i': a space stands between Chinese and other letters"),
    ("商店的标识。", "3个商店。", "shop.get.shop_id: '3个': a space stands between"),
    ("最多 {most} 项。", "最多 {least} 项。", "{least} stands in the Chinese and not in the English"),
    ("最多 {most} 项。", "最多 {least} 项。", "{most} stands in the English and not in the Chinese"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_chinese_that_does_not_say_the_same_is_found(
    old: str, new: str, expected: str, shop: Path
) -> None:
    rows = (shop / messages.CATALOGUE).read_text("utf-8").split("\n")
    line = next(
        number for number, row in enumerate(rows) if row.startswith("msgstr") and old in row
    )
    edit(shop / messages.CATALOGUE, old, new)
    found = [each for each in findings(shop) if expected in each]
    assert len(found) == 1
    assert f"{messages.CATALOGUE}:{line}" in found[0]


def test_english_in_the_place_of_chinese_is_found(shop: Path) -> None:
    edit(shop / messages.CATALOGUE, 'msgstr "商店。"', 'msgstr "Shops."')
    assert any("shop.yaml:1: shop: the Chinese is not Chinese" in each for each in findings(shop))


def test_a_url_that_differs_is_found(shop: Path) -> None:
    edit(
        shop / messages.CATALOGUE,
        "名称；见 https://example.org/a?b=1",
        "名称；见 https://example.org/a",
    )
    assert [each.partition(": ")[2] for each in findings(shop)] == [
        f"shop.get.name: https://example.org/a{rest}, locale/zh_CN.po:21 [chinese]"
        for rest in (
            "?b=1 stands in the English and not in the Chinese",
            " stands in the Chinese and not in the English",
        )
    ]


@pytest.mark.parametrize(
    ("english", "chinese", "well"),
    [
        ("Since 1 May 2024.", "2024 年 5 月 1 日起。", True),
        ("Since 1 May 2024.", "2024 年 6 月 1 日起。", False),
        ("You may send 3.", "可发送 3 个。", True),
        ("Their external_userids.", "他们的 external_userid。", True),
        ("Their external_userids.", "他们的 userid。", False),
        ("3 of 3 failed.", "3 个中有 3 个失败。", True),
        ("3 of 3 failed.", "3 个失败。", False),
        ("Use `a`, `b`.", "使用 `a`、`b`。", True),
        ("Use `a`, `b`.", "使用 `a`, `b`。", False),
        ("Text (note).", "文本（备注）。", True),
        ("Text (note).", "文本(备注)。", False),
        ("Every call", "全部接口", True),
        ("Every call", "全部接口。", False),
        ("PDF.", "PDF。", True),
    ],
)
def test_what_may_differ_between_the_languages(english: str, chinese: str, well: bool) -> None:
    assert (list(messages.differences(english, chinese)) == []) is well


def test_changed_english_is_found_where_it_stands(shop: Path) -> None:
    edit(shop / "shop.yaml", "The shop.", "The shop by its id.")
    found = findings(shop)
    assert found[1].startswith('locale/zh_CN.po:18: nothing says "The shop." any more; run `python')
    assert found[0].startswith('shop.yaml:11: shop.get.shop_id: "The shop by its id." is not in')


def test_long_english_is_shortened_in_findings(shop: Path) -> None:
    edit(shop / "shop.yaml", "The shop.", f"The shop {'x' * 80}.")
    assert f'"The shop {"x" * 47}…" is not in' in "".join(findings(shop))


# Merging


def test_merging_marks_what_changed_and_keeps_the_rest(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert __main__.main(["messages"], shop.parent) == 0
    capsys.readouterr()
    edit(shop / "shop.yaml", "The shop.", "The shop by id.")
    edit(shop / "shop.yaml", "Shops.", "Where goods are sold.")
    assert __main__.main(["messages"], shop.parent) == 0
    assert capsys.readouterr().out == "2 new, 1 fuzzy, 2 gone\n"
    text = (shop / messages.CATALOGUE).read_text("utf-8")
    assert '#, fuzzy\nmsgid "The shop by id."\nmsgstr "商店的标识。"\n' in text
    assert '#. shop\n#: spec/shop.yaml\nmsgid "Where goods are sold."\nmsgstr ""\n' in text
    assert '"Shops."' not in text
    assert 'msgstr "按 `shop_id` 查询商店。"' in text
    found = findings(shop)
    assert len(found) == 2
    assert (
        '"The shop by id." was changed; see whether its Chinese still fits, locale/zh_CN.po:'
        in found[1]
    )
    assert '"Where goods are sold." has no Chinese, locale/zh_CN.po:' in found[0]
    assert __main__.main(["messages"], shop.parent) == 0
    assert (shop / messages.CATALOGUE).read_text("utf-8") == text


def test_what_is_new_and_only_like_another_sentence_is_empty(shop: Path) -> None:
    edit(shop / "shop.yaml", "  get:", NEW_CALL.replace("Check a shop.", "The shops."))
    text, counts = messages.merge(resolve.resolve(spec.load(shop)), shop)
    assert counts == {"new": 1, "fuzzy": 0, "gone": 0}
    assert 'msgid "The shops."\nmsgstr ""\n' in text


def test_a_translators_comment_survives_merging(shop: Path) -> None:
    edit(shop / messages.CATALOGUE, 'msgid "Shops."', '# 官方叫门店\nmsgid "Shops."')
    read = resolve.resolve(spec.load(shop))
    assert "# 官方叫门店\n" in messages.merge(read, shop)[0]


def test_a_spec_gets_its_first_catalogue(shop: Path) -> None:
    shutil.rmtree(shop / "locale")
    assert __main__.main(["messages"], shop.parent) == 0
    text = (shop / messages.CATALOGUE).read_text("utf-8")
    assert text.startswith(messages.HEADER)
    assert text.count('msgstr ""\n') == len(CHINESE) + len(messages.own_sources()) + 1


def test_merging_a_spec_with_mistakes_writes_nothing(shop: Path) -> None:
    before = (shop / messages.CATALOGUE).read_bytes()
    edit(shop / "shop.yaml", "link: 1", "link: x")
    assert __main__.main(["messages"], shop.parent) == 1
    assert (shop / messages.CATALOGUE).read_bytes() == before


# Reading


@pytest.mark.parametrize("command", ["gen", "check", "lint", "messages"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'msgid "a"\nmsgstr "\xff"\n', "locale/zh_CN.po:1: not UTF-8: invalid start byte"),
        (b'msgid "a"\nmsgstr "b"\nhello\n', "locale/zh_CN.po:3: not gettext: "),
        ("msgid \"a\"\nmsgstr \"一\"\n\nmsgid \"a\"\nmsgstr \"二\"\n".encode(),
         'locale/zh_CN.po:4: a second time: msgid "a"'),
    ],
)  # fmt: skip
def test_a_damaged_catalogue_is_named_with_its_line(
    content: bytes, expected: str, command: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / messages.CATALOGUE).write_bytes(content)
    assert __main__.main([command], shop.parent) == 1
    assert expected in capsys.readouterr().err
    assert not (shop.parent / "generated").exists()
    assert (shop / messages.CATALOGUE).read_bytes() == content


def test_a_spec_without_chinese_needs_no_babel(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(shop / "locale")
    for name in ("babel", "babel.messages", "babel.messages.pofile"):
        monkeypatch.setitem(sys.modules, name, None)
    assert messages.load(shop) is None
    assert __main__.main(["lint"], shop.parent) == 0
    files = emit.plan(resolve.resolve(spec.load(shop))).files
    assert not [name for name in files if "zh" in name]
    capsys.readouterr()
    assert __main__.main(["gen", "--lang", "zh", "--out", str(shop)], shop.parent) == 1
    assert capsys.readouterr().err == "there is no Chinese: no file spec/locale/zh_CN.po\n"


@pytest.mark.parametrize(
    ("unwanted", "writable", "kept"), [(False, True, 1), (True, True, 0), (False, False, 0)]
)
def test_what_was_read_is_kept_where_bytecode_may_be(
    unwanted: bool, writable: bool, kept: int, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shop.parent / "codegen"
    home.mkdir()
    monkeypatch.setattr(sys, "dont_write_bytecode", unwanted)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    monkeypatch.setattr(messages, "HERE", home)
    read = messages.read
    reads = []
    monkeypatch.setattr(messages, "read", lambda content: reads.append(1) or read(content))
    first, again = messages.load(shop), messages.load(shop)
    assert first == again
    assert len(reads) == 2 - kept
    assert len(list(home.glob("__pycache__/*"))) == kept
    edit(shop / messages.CATALOGUE, 'msgstr "商店。"', 'msgstr "店铺。"')
    changed = messages.load(shop)
    assert changed is not None
    assert changed("Shops.") == "店铺。"


def test_a_damaged_cache_is_read_anew(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = shop.parent / "codegen"
    (home / "__pycache__").mkdir(parents=True)
    (home / "__pycache__/messages.json").write_text('{"digest"')
    monkeypatch.setattr(messages, "HERE", home)
    found = messages.load(shop)
    assert found is not None
    assert found("Shops.") == "商店。"


# Saying


def test_every_kind_of_limit_has_its_sentences() -> None:
    assert python.LIMITED.keys() == set(Measure)


def test_what_is_not_ready_is_said_in_english(shop: Path) -> None:
    edit(shop / messages.CATALOGUE, 'msgid "Shops."', '#, fuzzy\nmsgid "Shops."')
    edit(shop / messages.CATALOGUE, "按 `shop_id` 查询商店。", "按 `shop` 查询商店。")
    edit(shop / messages.CATALOGUE, "商店的标识。", "")
    edit(shop / messages.CATALOGUE, "最多 {most} 字节。", "最多 {least} 字节。")
    say = messages.load(shop)
    assert say is not None
    read = resolve.resolve(spec.load(shop))
    for text in ("Shops.", "Read a shop by its `shop_id`.", "The shop.", "Unknown."):
        assert say(text) == text
        assert text not in say.texts(read)
    assert say("At most {most} bytes.", most="3") == "At most 3 bytes."
    assert say("At most {most} items.", most="3") == "最多 3 项。"
    assert set(say.texts(read)) == set(list(CHINESE)[2:]) - {"The shop."}


@pytest.mark.parametrize(
    ("kind", "limits", "english", "chinese"),
    [
        ("[str]", "max_items: 3", "At most 3 items.", "最多 3 项。"),
        ("[str]", "max_items: 1", "At most 1 item.", "最多 1 项。"),
        ("[str]", "min_items: 2", "At least 2 items.", "至少 2 项。"),
        ("[str]", "min_items: 1", "At least 1 item.", "至少 1 项。"),
        ("[str]", "min_items: 1, max_items: 1", "1 to 1 items.", "1 到 1 项。"),
        ("[str]", "min_items: 1, max_items: 9, max_chars: 4", "1 to 9 items. At most 4 characters.",
         "1 到 9 项。最多 4 个字符。"),
        ("str", "max_bytes: 1024", "At most 1,024 bytes.", "最多 1,024 字节。"),
        ("str", "max_bytes: 1", "At most 1 byte.", "最多 1 字节。"),
        ("str", "min_chars: 1", "At least 1 character.", "至少 1 个字符。"),
        ("str", "min_chars: 2, max_chars: 8", "2 to 8 characters.", "2 到 8 个字符。"),
        ("int", "max: 1", "At most 1.", "最大 1。"),
        ("int", "min: 1", "At least 1.", "最小 1。"),
        ("int", "min: 0, max: 100", "0 to 100.", "范围 0 到 100。"),
        ("int", "max: 100, default: 50", "At most 100. 50 by default.", "最大 100。默认为 50。"),
        ("str", "default: a", '"a" by default.', '默认为 "a"。'),
    ],
)  # fmt: skip
def test_limits_and_defaults_are_whole_sentences(
    kind: str, limits: str, english: str, chinese: str, shop: Path
) -> None:
    edit(
        shop / "shop.yaml",
        "type: str, doc: The shop., max_bytes: 64",
        f"type: {kind}, doc: The shop., {limits}",
    )
    field = next(resolve.resolve(spec.load(shop)).calls).request.fields[0]
    say = messages.load(shop)
    assert say is not None
    assert python.about(field) == f"The shop. {english}"
    assert python.about(field, say) == f"商店的标识。{chinese}"


CLAUSES = st.lists(
    st.text("客户联系，。；：！？、（）“” `a1\u3000", max_size=30)
    | st.text("客，。a", min_size=60, max_size=90),
    max_size=8,
).map(" ".join)


@given(CLAUSES)
def test_wrapped_prose_loses_nothing_and_fits(text: str) -> None:
    lines = python.wrap(text, 8, 4).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines[1:]:
        assert line.startswith(" " * 12)
        if line.strip()[:1] in "，。；：！？、":  # only where a space stood before it
            assert re.search(rf"\s{line.strip()[:1]}", text)
    for line in lines:
        # A word without Chinese, and brackets or punctuation in a row, cannot be parted.
        longest = max(map(python.width, re.split("[\u4e00-\u9fff\\s]", line)), default=0)
        assert python.width(line) <= python.WIDTH or longest > 40


# The package in Chinese


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("chinese")
    assert __main__.main(["gen", "--lang", "zh", "--out", str(out)]) == 0
    return out / "wecom_contact"


def docstrings(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], ast.Expr]]:
    """Every text that stands as a statement, and the body it stands in."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for each in body if isinstance(body, list) else ():
            constant = each.value if isinstance(each, ast.Expr) else None
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                yield body, each


def made(folder: Path) -> list[Path]:
    """The modules that the generator writes rather than copies."""
    found = [path for path in sorted(folder.glob("*.py")) if emit.MADE in path.read_text("utf-8")]
    assert len(found) > 30
    return found


def test_the_chinese_package_has_the_same_files_and_the_same_code(package: Path) -> None:
    def names(folder: Path) -> list[str]:
        return sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )

    assert names(package) == names(GENERATED)
    differing = 0
    for path in made(package):
        trees = [
            ast.parse((folder / path.name).read_text("utf-8")) for folder in (package, GENERATED)
        ]
        found = [list(docstrings(tree)) for tree in trees]
        assert len(found[0]) == len(found[1])
        for texts in found:
            for body, each in texts:
                body.remove(each)
        assert ast.dump(trees[0]) == ast.dump(trees[1]), path.name
        differing += path.read_bytes() != (GENERATED / path.name).read_bytes()
    assert differing == len(made(package))
    for name in set(names(package)) - {path.name for path in made(package)}:
        assert (package / name).read_bytes() == (GENERATED / name).read_bytes(), name


@pytest.fixture(scope="module")
def said(api: ir.Api, chinese: messages.Catalogue) -> list[tuple[str, str]]:
    """Every docstring in Chinese, with the file it stands in."""
    found = [
        (name, str(each.value.value))
        for name, text in emit.plan(api, say=chinese).files.items()
        if name.endswith(".py")
        for _, each in docstrings(ast.parse(text))
        if isinstance(each.value, ast.Constant)
    ]
    assert len(found) > 1500
    return found


def test_no_english_sentence_is_left_in_the_chinese_docstrings(said: list[tuple[str, str]]) -> None:
    quoted_or_code = re.compile(r"`[^`]*`|“[^”]*”|https?://\S+")
    english = re.compile(r"[A-Za-z']{2,}(?:[,;:]? [A-Za-z']+){2,}|[A-Za-z]\.(?:\s|$)")
    left = [(name, text) for name, text in said if not re.search("[\u4e00-\u9fff。]", text)]
    for name, text in said:
        for line in text.split("\n"):
            # Of an example in a docstring only the comments are words.
            code = re.match(r" +.*[()]", line) and line.isascii()
            prose = line.partition("#")[2] if code else line
            prose = re.sub(r"^ +[A-Za-z]+: [\d, -]+\.$|^ *(Args|Raises):$", "", prose)
            if english.search(quoted_or_code.sub("", prose)):
                left.append((name, line))
    assert left == []


def test_lines_of_chinese_docstrings_fit(said: list[tuple[str, str]]) -> None:
    wide = [
        (name, line)
        for name, text in said
        for line in text.split("\n")
        if python.width(line) > python.WIDTH
    ]
    assert wide == []


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["--lang", "zh"], 2, "--lang needs --out"),
        (["--lang", "zh", "--out", "{root}/generated"], 1,
         "generated/wecom_contact: this one stays as it is"),
        (["--lang", "zh", "--out", "{root}/other"], 1,
         "other/wecom_contact: this is not a package of ours, and stays"),
        (["--lang", "zh", "--out", "{root}/spec/shop.yaml"], 1, "shop.yaml: "),
    ],
)  # fmt: skip
def test_what_the_chinese_package_may_not_replace_stays(
    words: list[str], status: int, expected: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shop.parent
    for folder in ("generated", "other"):
        (root / folder / "wecom_contact").mkdir(parents=True)
        (root / folder / "wecom_contact/mine.py").write_text("mine")
    given = [word.format(root=root) for word in words]
    assert __main__.main(["gen", *given], root) == status
    shown = capsys.readouterr()
    assert expected in shown.err
    assert shown.out == ""
    for folder in ("generated", "other"):
        assert os.listdir(root / folder / "wecom_contact") == ["mine.py"]


@pytest.mark.parametrize(
    ("edits", "status", "said", "printed"),
    [
        # What is new is to be done; what is there and does not fit is a mistake.
        ([("shop.yaml", "  get:", NEW_CALL)], 0, 'shop.yaml:5: shop.check: "Check a shop." is not in',
         "2 calls, 0 events: no findings; without Chinese: 1"),
        ([(messages.CATALOGUE, "商店的标识。", "")], 0, 'shop.yaml:11: shop.get.shop_id: "The shop." has no',
         "no findings; without Chinese: 1"),
        ([("shop.yaml", "The shop.", "The shop by its id.")], 1, 'nothing says "The shop." any more', ""),
        ([(messages.CATALOGUE, "商店的标识。", "商店的标识")], 1, "ends with a full stop", ""),
    ],
)  # fmt: skip
def test_lint_says_what_is_to_be_done_and_refuses_what_does_not_fit(
    edits: list[tuple[str, str, str]],
    status: int,
    said: str,
    printed: str,
    shop: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for file, old, new in edits:
        edit(shop / file, old, new)
    assert __main__.main(["lint"], shop.parent) == status
    shown = capsys.readouterr()
    assert said in shown.err
    assert printed in shown.out
    assert bool(shown.out) is (status == 0)


def test_gen_goes_on_and_says_how_much_chinese_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SPEC, tmp_path / "spec")
    for floor in __main__.FLOORS:
        shutil.copytree(ROOT / "codegen" / floor, tmp_path / "codegen" / floor)
    edit(tmp_path / "spec/welcome.yaml", "Greet a new customer", "Welcome a new customer")
    assert __main__.main(["gen"], tmp_path) == 0
    assert "not all is in Chinese: see `python -m codegen lint`" in capsys.readouterr().err
    texts = json.loads((tmp_path / "generated/wecom_contact/reference.zh.json").read_text("utf-8"))
    kept = json.loads((GENERATED / "reference.zh.json").read_text("utf-8"))
    assert len(texts) == len(kept) - 1
