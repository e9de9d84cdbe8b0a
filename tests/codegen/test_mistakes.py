"""Whatever is wrong with a spec is said, in one helpful line with its place, before anything is written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from making import problems, run, understood
from mistakes import MISTAKES
from wecom_contact import codec

from codegen import __main__, emit, spec

GOOD = {path.stem: path.read_text("utf-8") for path in Path(__file__).parent.glob("good/*.yaml")}


class Mistake(NamedTuple):
    file: str
    text: str
    says: str
    line: int
    others: int


def mistake(
    file: str, place: str, written: str, says: str, at: str = "", others: int = 0
) -> Mistake:
    before, _, rest = place.partition("«")
    replaced, _, after = rest.partition("»")
    good = GOOD[file]
    assert before + replaced + after in good, place
    text = good.replace(before + replaced + after, before + written + after, 1)
    if at:
        line = next(n for n, row in enumerate(text.split("\n"), 1) if row.strip() == at)
    else:
        line = len(os.path.commonprefix([good, text]).split("\n"))
    return Mistake(file, text, says, line, others)


TABLE = {
    f"{file}-{place.strip()}-{row[0]}".replace("\n", "⏎"): mistake(file, place, *row)
    for file, place, rows in MISTAKES
    for row in rows
}


def put(folder: Path, **texts: str) -> None:
    for name, text in {**GOOD, **texts}.items():
        (folder / f"{name}.yaml").write_bytes(text.encode())


def test_the_spec_without_mistakes_is_accepted(tmp_path: Path) -> None:
    put(tmp_path)
    assert problems(tmp_path) == []


@pytest.mark.parametrize("made", TABLE.values(), ids=TABLE)
def test_a_mistake_is_said_where_it_is(made: Mistake, tmp_path: Path) -> None:
    put(tmp_path, **{made.file: made.text})
    found = problems(tmp_path)
    named = [each for each in found if each.where == spec.Where(f"{made.file}.yaml", made.line)]
    assert any(made.says in each.text for each in named), [str(each) for each in found]
    assert len(found) == 1 + made.others, [str(each) for each in found]


def test_a_word_needs_no_hint_at_digits(tmp_path: Path) -> None:
    put(tmp_path, shop=GOOD["shop"].replace("max_bytes: 30", "max_bytes: thirty", 1))
    assert problems(tmp_path)[0].text == "'thirty' is not a whole number"


@pytest.mark.parametrize(
    ("was", "is_", "says"),
    [
        ("title: 商店\n", "title: ''\n", "'' is not text"),
        (
            "link: 102\n",
            "link: 102\n    class_name: shop\n",
            "'shop' is not a name such as ShopGet",
        ),
        ("shop_id: {type: ShopId", "shop_id: {type: Busy", "unknown type 'Busy'"),
        (
            "name:      {type: str",
            "名称:      {type: str",
            "'名称' is not a name for one of the fields: "
            "lower-case letters, digits and _, and a ? where it may be absent",
        ),
        (
            "name:      {type: str",
            "a.name:      {type: str",
            "'a.name' is not a name for one of the fields: "
            "lower-case letters, digits and _, and a ? where it may be absent; write a_name",
        ),
        (
            "      0: {key: text",
            "      '0': {key: text",
            "'0' is not a name for one of the variants: "
            "lower-case letters, digits and _ or a number without quotes",
        ),
    ],
)
def test_what_is_simply_wrong_has_no_hint(was: str, is_: str, says: str, tmp_path: Path) -> None:
    put(tmp_path, shop=GOOD["shop"].replace(was, is_, 1))
    assert [each.text for each in problems(tmp_path)] == [says]


def doc(cls: Any) -> str:
    return " ".join((cls.__doc__ or "").split())


GET = "    title: 查商店\n    doc: Read a shop.\n"
ENUM = "    enum:\n      food: 1\n      books: {value: 2, doc: New and old.}\n"
SIGN = """    common:
      name: {type: str, doc: Caption.}
    variants:
      0: {key: text, type: TextSign}
      1: {key: web, type: WebSign}
"""
GUESTS = "      guests:  {type: [str], doc: Who came.}\n"

WORKS: dict[str, tuple[str, str, str, Callable[[Any], bool]]] = {
    "a tab after a colon": (
        "shop", GET, GET.replace("doc: ", "doc:\t"),
        lambda made: doc(made.shop.ShopGet) == "Read a shop."),
    "a doc over two lines": (
        "shop", GET, GET.replace("a shop", "\n      a shop"),
        lambda made: doc(made.shop.ShopGet) == "Read a shop."),
    "a folded doc": (
        "shop", GET, GET.replace("Read", ">-\n      Read\n     "),
        lambda made: doc(made.shop.ShopGet) == "Read a shop."),
    "quotes and backslashes in a doc": (
        "shop", GET, GET.replace("Read a shop.", "'Read \"\"\"a\\b\"\"\" \\ shop.'"),
        lambda made: doc(made.shop.ShopGet) == "Read '''a\\b''' \\ shop."),
    "quotes at the end of a title": (
        "shop", GET, GET.replace("查商店", "查「商店」"),
        lambda made: made.shop.ShopGet.endpoint.title == "查「商店」"),
    "quotes at the beginning of a title": (
        "shop", GET, GET.replace("查商店", "“查”商店"),
        lambda made: made.shop.ShopGet.endpoint.title == "“查”商店"),
    "a # that is part of a word": (
        "shop", GET, GET.replace("a shop", "a#1"),
        lambda made: doc(made.shop.ShopGet) == "Read a#1."),
    "a title with quotes, backslash and braces": (
        "shop", GET, GET.replace("查商店", "'查\"{{ x }}\\'"),
        lambda made: made.shop.ShopGet.endpoint.title == '查"{{ x }}\\'),
    "the start of a document": (
        "shop", "title: 商店\ndoc: Shops", "---\ntitle: 商店\ndoc: Shops",
        lambda made: "ShopGet" in dir(made.shop)),
    "the end of a document": (
        "shop", "doc: The address.}}}\n", "doc: The address.}}}\n...\n",
        lambda made: "WebSign" in dir(made.shop)),
    "a directive": (
        "shop", "title: 商店\ndoc: Shops", "%YAML 1.2\n---\ntitle: 商店\ndoc: Shops",
        lambda made: "ShopGet" in dir(made.shop)),
    "keys in quotes": (
        "shop", "{type: ShopId, doc: The shop.}\n    response",
        '{"type": "ShopId", "doc": "The shop."}\n    response',
        lambda made: made.shop.ShopGet(shop_id="a").shop_id == "a"),
    "a comma after the last key": (
        "shop", "doc: The shop.}\n    response", "doc: The shop.,}\n    response",
        lambda made: made.shop.ShopGet(shop_id="a").shop_id == "a"),
    "words that YAML 1.1 takes for truth": (
        "shop", ENUM, "    enum: {yes: yes, no: no, on: off}\n",
        lambda made: made.shop.ShopKind.YES.value == "yes" and made.shop.ShopKind.ON.value == "off"),
    "quotes and line breaks in the values of an enum": (
        "shop", ENUM, "    enum: {a: 'x\"y', b: \"p\\n\\\\q\"}\n",
        lambda made: [each.value for each in made.shop.ShopKind] == ['x"y', "p\n\\q"]),
    "an empty text in quotes among the values of an enum": (
        "shop", ENUM, "    enum: {none: '', food: food}\n",
        lambda made: [each.value for each in made.shop.ShopKind] == ["", "food"]),
    "members called as Python's own": (
        "shop", ENUM, "    enum: {none: 1, class: 2, name: 3, value: 4, mro: 5}\n",
        lambda made: [each.value for each in made.shop.ShopKind] == [1, 2, 3, 4, 5]),
    "numbers below zero": (
        "shop", ENUM, "    enum: {lost: -1, food: 1}\n",
        lambda made: made.shop.ShopKind.LOST == -1),
    "a name on the wire in Chinese": (
        "shop", GUESTS, GUESTS.replace("[str]", "[str], wire: 客人"),
        lambda made: codec.structure({"客人": ["a"]}, made.shop.ShopGuestsResult).guests == ["a"]),
    "a list whose items are sometimes numbers": (
        "shop", GUESTS, GUESTS.replace("[str]", "[str], also: int"),
        lambda made: codec.structure({"guests": [1]}, made.shop.ShopGuestsResult).guests == ["1"]),
    "words of the match of an event with quotes": (
        "events", "{Event: change_shop, ChangeType: open}", "{Event: 'a\"b', ChangeType: 'c\\d'}",
        lambda made: ('a"b', "c\\d") in made.events.TABLE),
    "quotes in the words of an error": (
        "errors", "title: 系统繁忙", "title: '系\"\\统'",
        lambda made: made._errcodes.ERRORS[-1].title == '系"\\统'),
    "the name of the tag within a payload that stands under a key of its own": (
        "types", "      title: {type: str, max_chars: 20, doc: Headline.}\n",
        "      title: {type: str, doc: Headline.}\n      msgtype: {type: str, doc: A.}\n",
        lambda made: made.types.Link(title="a", msgtype="b").msgtype == "b"),
    "a class named as those of a file with calls, where there are none": (
        "events", "  ShopClosed:", "  EventsCalls:",
        lambda made: made.events.EventsCalls.__name__ == "EventsCalls"),
    "a size of pages without a default, where a number tells the end": (
        "shop", "next: next_offset, total: total}\n    request:\n",
        "next: next_offset, total: total, limit: size}\n    request:\n"
        "      size?: {type: int, doc: A.}\n",
        lambda made: made.shop.ShopCount(size=5).size == 5),
    "limits that leave one value": (
        "shop", "{type: int, min: 1, max: 5, default: 3, doc",
        "{type: int, min: 3, max: 3, default: 3, doc",
        lambda made: made.shop.ShopOpen(name="a", kind=1, owner="b", stars=3).stars == 3),
    "a record with a list of its own kind": (
        "shop", "note?:   {type: any, doc", "inside:  {type: [Shop], doc",
        lambda made: made.shop.Shop(shop_id="a", kind=1, signs=[], inside=[]).inside == []),
    "a record with a map of its own kind": (
        "shop", "note?:   {type: any, doc", "inside:  {type: {str: Shop}, doc",
        lambda made: made.shop.Shop(shop_id="a", kind=1, signs=[], inside={}).inside == {}),
    "a flat field called as a key of its union": (
        "shop", "note?:   {type: any, doc", "image?:  {type: Card, flat: true, doc",
        lambda made: made.shop.Shop(shop_id="a", kind=1, signs=[]).image is None),
    "an example that is one item of a list": (
        "shop", "{type: [str], max_items: 9, doc", "{type: [str], max_items: 9, example: anna, doc",
        lambda made: made.shop.ShopOpen(name="a", kind=1, owners=["anna"]).owners == ["anna"]),
    "an example that is a list": (
        "shop", "{type: [str], max_items: 9, doc", "{type: [str], max_items: 9, example: [anna], doc",
        lambda made: made.shop.ShopOpen(name="a", kind=1, owners=["anna"]).owners == ["anna"]),
    "an example without the file": (
        "shop", "    call: POST /cgi-bin/shop/hang_sign\n",
        "    call: POST /cgi-bin/shop/hang_sign\n    example: {request: {size: large}}\n",
        lambda made: made.shop.ShopHangSign.endpoint.name == "shop.hang_sign"),
    "a flat union with fields in common": (
        "shop", SIGN, SIGN.replace("common:", "flat: true\n    common:")
        .replace("{key: text, type: TextSign}", "TextSign").replace("{key: web, type: WebSign}", "WebSign"),
        lambda made: codec.unstructure(
            made.shop.Shop(shop_id="a", kind=1, signs=[made.shop.TextSign(name="n", value="v")])
        )["signs"] == [{"type": 0, "name": "n", "value": "v"}]),
    "a class_name that says nothing new": (
        "shop", "    link: 102\n", "    link: 102\n    class_name: ShopGet\n",
        lambda made: made.shop.ShopGet.endpoint.name == "shop.get"),
}  # fmt: skip
"""What may look like a mistake and is none: file, text, what stands there instead, and what holds then."""


@pytest.mark.parametrize("what", WORKS)
def test_what_is_no_mistake_works(what: str, tmp_path: Path) -> None:
    file, old, new, holds = WORKS[what]
    assert old in GOOD[file]
    text = GOOD[file].replace(old, new, 1)
    if "Chinese" in what:
        text = text.replace("{guests: [anna]", "{客人: [anna]")
    if "also" in new:
        text = text.replace("[anna]", "[1]")
    put(tmp_path, **{file: text})
    assert holds(run(understood(tmp_path)))


def test_line_ends_and_a_byte_order_mark_are_no_mistakes(tmp_path: Path) -> None:
    put(tmp_path)
    plain = run(understood(tmp_path)).text
    for content in (
        GOOD["shop"].replace("\n", "\r\n").encode(),
        GOOD["shop"].replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + GOOD["shop"].encode(),
        GOOD["shop"].rstrip("\n").encode(),
    ):
        (tmp_path / "shop.yaml").write_bytes(content)
        assert run(understood(tmp_path)).text == plain


def test_a_broken_line_is_found_whatever_ends_the_lines(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        text = GOOD["shop"].replace("doc: Read a shop.", "doc: Read: a shop.").replace("\n", end)
        put(tmp_path, shop=text)
        assert [str(each.where) for each in problems(tmp_path)] == ["shop.yaml:8"]


FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "saved in another encoding": (
        lambda spec: (spec / "shop.yaml").write_bytes(
            GOOD["shop"].encode().replace("查商店".encode(), "查商店".encode("gbk"))),
        "shop.yaml:7: not UTF-8: invalid start byte; save the file as UTF-8"),
    "saved in another encoding, after an empty line": (
        lambda spec: (spec / "shop.yaml").write_bytes(b"\n" + "title: 查".encode("gbk")),
        "shop.yaml:2: not UTF-8"),
    "saved in UTF-16": (
        lambda spec: (spec / "shop.yaml").write_text(GOOD["shop"], "utf-16"),
        "shop.yaml:1: not UTF-8"),
    "a byte that is no text": (
        lambda spec: (spec / "shop.yaml").write_text(GOOD["shop"].replace("Read", "Re\0ad")),
        "shop.yaml:8: not YAML: control characters are not allowed"),
    "empty": (
        lambda spec: (spec / "shop.yaml").write_text(""),
        "shop.yaml:1: the file is empty"),
    "nothing but comments": (
        lambda spec: (spec / "shop.yaml").write_text("# shops\n\n# to come\n"),
        "shop.yaml:1: the file is empty"),
    "a list": (
        lambda spec: (spec / "shop.yaml").write_text("- title: x\n"),
        "shop.yaml:1: this is not a mapping with title, doc, link, calls, types"),
    "a word": (
        lambda spec: (spec / "shop.yaml").write_text("shop\n"),
        "shop.yaml:1: 'shop' is not a mapping with title, doc, link, calls, types"),
    "a mapping without anything": (
        lambda spec: (spec / "shop.yaml").write_text("{}\n"),
        "shop.yaml:1: a resource needs 'title'"),
    "the other ending": (
        lambda spec: (spec / "shop.yaml").rename(spec / "shop.yml"),
        "shop.yml:1: call it shop.yaml; other files are not read"),
    "an ending in capitals": (
        lambda spec: (spec / "shop.yaml").rename(spec / "shop.YAML"),
        "shop.YAML:1: call it shop.yaml; other files are not read"),
    "in a folder": (
        lambda spec: ((spec / "sub").mkdir(), (spec / "shop.yaml").rename(spec / "sub/shop.yaml")),
        "sub/shop.yaml:1: files in folders are not read"),
    "a folder": (
        lambda spec: ((spec / "shop.yaml").unlink(), (spec / "shop.yaml").mkdir()),
        "shop.yaml:1: this is a folder, not a file"),
    "a link that leads nowhere": (
        lambda spec: (spec / "kiosk.yaml").symlink_to("nowhere"),
        "kiosk.yaml:1: this is a link that leads nowhere, not a file"),
    "a name in capitals": (
        lambda spec: (spec / "shop.yaml").rename(spec / "Shop.yaml"),
        "Shop.yaml:1: 'Shop' is not a name for a resource: lower-case letters, digits and _"),
    "a name with a dash": (
        lambda spec: (spec / "shop.yaml").rename(spec / "my-shop.yaml"),
        "my-shop.yaml:1: 'my-shop' is not a name for a resource"),
    "a name with a digit in front": (
        lambda spec: (spec / "shop.yaml").rename(spec / "7shops.yaml"),
        "7shops.yaml:1: '7shops' is not a name for a resource"),
    "a name in Chinese": (
        lambda spec: (spec / "shop.yaml").rename(spec / "商店.yaml"),
        "商店.yaml:1: '商店' is not a name for a resource"),
    "a copy": (
        lambda spec: (spec / "shop copy.yaml").write_text(GOOD["shop"]),
        "shop copy.yaml:1: 'shop copy' is not a name for a resource"),
    "a keyword": (
        lambda spec: (spec / "shop.yaml").rename(spec / "import.yaml"),
        "import.yaml:1: 'import' is a name of Python; call the resource otherwise"),
    "error for errors": (
        lambda spec: (spec / "errors.yaml").rename(spec / "error.yaml"),
        "error.yaml:1: this is read as a resource; for errors, call it errors.yaml"),
    "event for events": (
        lambda spec: (spec / "events.yaml").rename(spec / "event.yaml"),
        "event.yaml:1: this is read as a resource; for events, call it events.yaml"),
    "no errors.yaml": (
        lambda spec: (spec / "errors.yaml").unlink(),
        "shop.yaml:6: shop.get: error 50001 is not in errors.yaml"),
    "no types.yaml": (
        lambda spec: (spec / "types.yaml").unlink(),
        "shop.yaml:14: unknown type 'ShopId'"),
}  # fmt: skip
"""Files that are no part of a spec: what happens to one, and what is said."""


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_part_of_a_spec_is_named(what: str, tmp_path: Path) -> None:
    put(tmp_path)
    happen, says = FILES[what]
    happen(tmp_path)
    found = [str(each) for each in problems(tmp_path)]
    assert any(each.startswith(says) for each in found), found


def test_hidden_files_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / ".#shop.yaml").symlink_to("somebody@somewhere")
    (tmp_path / ".shop.yaml").write_text("half of it: [")
    assert problems(tmp_path) == []


def test_a_lost_mark_in_the_readme_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec").mkdir()
    put(tmp_path / "spec")
    with (tmp_path / "spec/package.yaml").open("a") as file:
        file.write("readme: README.md\n")
    (tmp_path / "codegen/runtime").mkdir(parents=True)
    (tmp_path / "README.md").write_text("# Shops\n<!-- calls: generated -->\n")
    for command in ("gen", "check"):
        assert __main__.main([command], tmp_path) == 1
        assert "README.md:1: the marks of the table of calls" in capsys.readouterr().err
    assert not (tmp_path / "generated").exists()


def test_a_title_is_one_cell_of_the_readme(tmp_path: Path) -> None:
    shop = GOOD["shop"].replace("title: 查商店", "title: 查|商店")
    put(tmp_path, shop=shop, package=GOOD["package"] + "readme: README.md\n")
    readme = "<!-- calls: generated -->\n<!-- end -->\n"
    made = emit.plan(understood(tmp_path), readme=readme).files["README.md"]
    assert "| `shop.get` | 查\\|商店 |" in made


@pytest.mark.parametrize(
    "text", ["doc: *", "doc: *bold* text", "doc: &x *", "doc: {b: *, c: 1}", "*: 1", "a: [*, 1]"]
)
def test_a_text_that_yaml_takes_for_an_anchor_is_to_be_quoted(text: str, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(f"{text}\n", "utf-8")
    (problem,) = problems(tmp_path)
    assert "is quoted as a whole" in problem.text


@pytest.mark.parametrize(
    ("link", "mark"),
    [
        ("[&a 1]", "&a: anchors"),
        ("[1,&a 2]", "&a: anchors"),
        ("[1, &a 2]", "&a: anchors"),
        ("{&a x: 1}", "&a: anchors"),
        ("{x: 1,&a y: 2}", "&a: anchors"),
        ("\n- &a 1", "&a: anchors"),
        ("[!!str 1]", "tags"),
        ("[1,!!str 2]", "tags"),
        ("{!!str x: 1}", "tags"),
    ],
)
def test_an_anchor_or_a_tag_inside_of_something_is_found(
    link: str, mark: str, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(f"link: {link}\n", "utf-8")
    assert [problem.text.partition(" are")[0] for problem in problems(tmp_path)] in (
        [f"{mark} and aliases"],
        [mark],
    )


def test_only_a_field_is_told_that_it_may_have_another_name_on_the_wire(tmp_path: Path) -> None:
    call = "  {name}: {{title: A, request: {{{field}: {{type: str, doc: A.}}}}}}\n"
    (tmp_path / "shop.yaml").write_text("calls:\n" + call.format(name="Get", field="Name"), "utf-8")
    texts = [problem.text for problem in problems(tmp_path) if "is not a name for" in problem.text]
    assert [text for text in texts if text.startswith("'Get'")]
    assert not [text for text in texts if text.startswith("'Get'") and "wire" in text]
    (tmp_path / "shop.yaml").write_text("calls:\n" + call.format(name="get", field="Name"), "utf-8")
    texts = [problem.text for problem in problems(tmp_path) if "is not a name for" in problem.text]
    assert [text for text in texts if text.endswith("write name: {wire: Name, …}")]


@pytest.mark.parametrize("number", ["1,000", "1,500"])
def test_a_number_with_a_comma_is_told_to_have_none(number: str, tmp_path: Path) -> None:
    types = GOOD["types"] + f"  Long: {{alias: str, doc: A text., max_bytes: {number}}}\n"
    put(tmp_path, types=types)
    assert any("a number has no commas" in problem.text for problem in problems(tmp_path))
