"""Every mistake in a spec is one helpful line: each file of bad/ begins with the line it expects."""

import contextlib
import shutil
from pathlib import Path

import pytest
from mistakes import MISTAKES

from codegen import __main__, emit, ir, lint, resolve, spec
from codegen.problems import SpecError

BAD = Path(__file__).parent / "bad"
ROOT = Path(__file__).parent.parent.parent


def complaints(folder: Path) -> list[str]:
    try:
        api = resolve.resolve(spec.load(folder))
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return [str(problem) for problem in lint.lint(api)]


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_bad_spec_is_refused_in_its_words(path: Path, tmp_path: Path) -> None:
    expected = path.read_text("utf-8").partition("\n")[0].removeprefix("# expect: ")
    shutil.copy(path, tmp_path / "shop.yaml")
    found = complaints(tmp_path)
    assert any(expected in each for each in found), found


def test_what_is_common_twice_is_said_once(tmp_path: Path) -> None:
    shutil.copy(BAD / "common_twice_flat.yaml", tmp_path / "shop.yaml")
    assert len(complaints(tmp_path)) == 1


def test_every_rule_is_tested() -> None:
    """A rule nobody has seen fire may be one that never does."""
    expected = "".join(path.read_text("utf-8").partition("\n")[0] for path in BAD.glob("*.yaml"))
    expected += "".join(row[1] for _, _, rows in MISTAKES for row in rows)
    elsewhere = {"files_need_no_circle", "package_is_sound"}
    rules = {rule.__name__ for rule in lint.RULES} - elsewhere
    assert [name for name in rules if f"[{name.replace('_', '-')}]" not in expected] == []


def test_the_spec_itself() -> None:
    assert complaints(ROOT / "spec") == []


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")


SHOP = """title: 商店
doc: Shops.
link: 1
calls:
  get:
    title: 查
    doc: Read a shop.
    link: 2
    call: GET /cgi-bin/{name}/get
    response: {{a: {{type: {needs}, doc: A.}}}}
types:
  {has}: {{doc: A., fields: {{a: {{type: {inner}, doc: A.}}}}}}
"""


def test_all_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    write(tmp_path, one="title: 1\n", two="", three="- x\n")
    found = complaints(tmp_path)
    assert len(found) == 3
    assert [each.partition(":")[0] for each in found] == ["one.yaml", "three.yaml", "two.yaml"]


def circles(folder: Path) -> list[str]:
    return [each for each in complaints(folder) if each.endswith("[files-need-no-circle]")]


ROUND = "one.yaml:1: files need each other in a circle: one → two → one [files-need-no-circle]"


@pytest.mark.parametrize("part", ["request", "response", "type"])
def test_files_in_a_circle(part: str, tmp_path: Path) -> None:
    def file(name: str, own: str, other: str) -> str:
        needs, inner = (own, f"[{other}]") if part == "type" else (other, "str")
        text = SHOP.format(name=name, needs=needs, has=own, inner=inner)
        return text.replace("response:", "request:") if part == "request" else text

    # What needs a circle is not in it.
    above = SHOP.format(name="above", needs="A", has="C", inner="str")
    write(tmp_path, above=above, one=file("one", "A", "B"), two=file("two", "B", "A"))
    assert circles(tmp_path) == [ROUND]
    write(tmp_path, two=SHOP.format(name="two", needs="B", has="B", inner="str"))
    assert circles(tmp_path) == []


def test_files_in_a_long_circle(tmp_path: Path) -> None:
    for name, needs, has in (("one", "B", "A"), ("three", "A", "C"), ("two", "C", "B")):
        write(tmp_path, **{name: SHOP.format(name=name, needs=needs, has=has, inner="str")})
    assert circles(tmp_path) == [ROUND.replace("→ two →", "→ two → three →")]


def test_events_in_a_circle_with_a_resource(tmp_path: Path) -> None:
    mood = "types:\n  Mood: {doc: A., enum: {good: 1}}\n"
    events = EVENTS.replace("{type: [str]", "{type: A") + mood
    write(tmp_path, events=events, one=SHOP.format(name="one", needs="Mood", has="A", inner="str"))
    assert circles(tmp_path) == [ROUND.replace("two", "events")]
    write(tmp_path, events=events.replace("{type: A", "{type: Mood"))
    assert circles(tmp_path) == []


def test_type_in_two_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        one=SHOP.format(name="one", needs="A", has="A", inner="str"),
        two=SHOP.format(name="two", needs="A", has="A", inner="str"),
    )
    assert complaints(tmp_path) == ["two.yaml:12: type A is also at one.yaml:12"]


EVENTS = """title: 事件
doc: What shops tell.
link: 1
events:
  ShopOpened:
    title: 开
    doc: A shop opened.
    link: 2
    match: {Event: shop, ChangeType: open}
    fields: {a: {type: [str], doc: A.}}
  ShopMade:
    title: 开
    doc: A shop opened.
    link: 2
    match: {Event: shop, ChangeType: open}
"""


def test_an_event_has_no_list_of_lists_and_no_map(tmp_path: Path) -> None:
    for written, item in (("[[str]]", ", item: Item"), ("{str: int}", "")):
        text = EVENTS.replace("{a: {type: [str]", f"{{a: {{type: {written}{item}")
        write(tmp_path, events=text.replace('ChangeType: open}\n"', "x"))
        assert f"events.yaml:10: ShopOpened.a: XML has no {written} [event-is-sound]" in complaints(
            tmp_path
        )


def test_events_are_held_to_the_rules_of_their_fields(tmp_path: Path) -> None:
    write(tmp_path, events=EVENTS)
    assert complaints(tmp_path) == [
        "events.yaml:10: ShopOpened.a: a list, and only a list, names its item [event-is-sound]",
        "events.yaml:11: ShopMade matches what ShopOpened matches [event-is-sound]",
    ]


def test_error_code_in_two_classes(tmp_path: Path) -> None:
    entry = "{title: 错, doc: Wrong., advice: Mend it.}"
    write(tmp_path, errors=f"Busy:\n  1: {entry}\nConflict:\n  1: {entry}\n  x: {entry}\n")
    assert complaints(tmp_path) == [
        "errors.yaml:5: 'x' is not a name for one of the codes: a number without quotes"
    ]
    write(tmp_path, errors=f"Busy:\n  1: {entry}\nConflict:\n  1: {entry}\n")
    assert complaints(tmp_path) == ["errors.yaml:4: code 1 is also at errors.yaml:2 [errors-exist]"]


def test_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "Bad-Name.yaml").write_text(SHOP.format(name="x", needs="A", has="A", inner="str"))
    (tmp_path / "control.yaml").write_bytes(b"title: \x01\n")
    (tmp_path / "other.yml").write_text("title: x\n")
    found = complaints(tmp_path)
    assert "shop.yaml:1: not UTF-8: invalid start byte; save the file as UTF-8" in found
    assert "other.yml:1: call it other.yaml; other files are not read" in found
    assert any(each.startswith("Bad-Name.yaml:1: 'Bad-Name' is not a name for") for each in found)
    assert any(each.startswith("control.yaml:1: not YAML:") for each in found)


def test_a_resource_has_no_name_of_the_client(tmp_path: Path) -> None:
    write(tmp_path, close=SHOP.format(name="x", needs="A", has="A", inner="str"))
    assert complaints(tmp_path) == [
        "close.yaml:1: 'close' is a name of the client; call the resource otherwise [names-are-free]"
    ]


def test_a_folder_without_a_spec_is_said(tmp_path: Path) -> None:
    assert "no .yaml file here" in complaints(tmp_path)[0]


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_generated_stays_untouched(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "codegen/runtime").mkdir(parents=True)
    (tmp_path / "generated/wecom_contact").mkdir(parents=True)
    kept = tmp_path / "generated/wecom_contact/kept.py"
    kept.write_text("yesterday")
    shutil.copy(path, tmp_path / "spec/shop.yaml")
    assert __main__.main(["gen"], tmp_path) == 1
    assert capsys.readouterr().err.startswith("shop.yaml:")
    assert kept.read_text() == "yesterday"


def test_broken_template_leaves_the_old_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    shutil.copytree(ROOT / "codegen/runtime", tmp_path / "codegen/runtime")
    assert __main__.main(["gen"], tmp_path) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "generated").rglob("*.py")}
    (tmp_path / "spec/welcome.yaml").unlink()
    monkeypatch.setattr("codegen.render.Planner.api_md", lambda self: 1 / 0)
    with contextlib.suppress(ZeroDivisionError):
        __main__.main(["gen"], tmp_path)
    assert {path: path.read_bytes() for path in (tmp_path / "generated").rglob("*.py")} == before


def test_a_package_that_does_not_import_leaves_the_old_tree(
    tmp_path: Path,
) -> None:
    package = tmp_path / "generated/wecom_contact"
    package.mkdir(parents=True)
    (package / "kept.py").write_text("yesterday")
    for text, words in (
        ("def", "SyntaxError"),
        ("x: Missing", "NameError"),
        ("from . import nowhere", "ImportError"),
    ):
        files = {
            "generated/wecom_contact/__init__.py": "",
            "generated/wecom_contact/shop.py": f'"""Generated from spec/shop.yaml by `make gen`."""\n{text}\n',
        }
        with pytest.raises(SpecError, match=f"^shop.yaml:1: .*the old one stays: {words}"):
            emit.write(tmp_path, emit.Plan(package="generated/wecom_contact", files=files))
        assert [path.name for path in package.parent.rglob("*.py")] == ["kept.py"]


def test_a_package_whose_extra_is_absent_is_written(tmp_path: Path) -> None:
    text = '"""Generated from spec/shop.yaml by `make gen`."""\nimport no_such_extra\n'
    package = "generated/wecom_contact"
    files = {f"{package}/__init__.py": "", f"{package}/shop.py": text}
    emit.write(tmp_path, emit.Plan(package=package, files=files))
    assert (tmp_path / "generated/wecom_contact/shop.py").read_text("utf-8") == text


def test_what_only_looks_like_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert complaints(tmp_path) == [
        "gone.yaml:1: this is a link that leads nowhere, not a file",
        "shop.yaml:1: this is a folder, not a file",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "[[a, b]]",
        "[[]]",
        "{a: str}",
        "[{a: str}]",
        "{int: str}",
        "{str: 1}",
        "{str: str, B: str}",
        "{str: [1]}",
        "[1]",
        "true",
        "{}",
    ],
)
def test_a_type_that_is_not_a_word_is_named(tmp_path: Path, written: str) -> None:
    write(tmp_path, shop=SHOP.format(name="one", needs="A", has="A", inner=written))
    found = complaints(tmp_path)
    assert any(each.startswith("shop.yaml:12: ") and "is not a type" in each for each in found)


PAYLOADS = """title: 商店
doc: Shops.
link: 1
calls:
  get:
    title: 查
    doc: Read a shop.
    link: 2
    call: GET /cgi-bin/shop/get
    response:
      a: {{type: U, doc: A.}}
      b: {{type: {plain}, doc: B.}}
types:
  P: {{doc: A., fields: {{x: {{type: str, doc: X.}}}}}}
  Q: {{doc: A., fields: {{x: {{type: str, doc: X.}}}}}}
  U:
    doc: A.
    union: kind
    common: {{id: {{type: str, doc: An id.}}}}
    variants:
      p: P
      q: {second}
"""


@pytest.mark.parametrize(
    ("tag", "name", "keys", "choices", "base"),
    [
        ("kind", "kind", ("p: P", "q: P"), ("p", "q"), "str"),
        ("ofKind", "of_kind", ("p: P", "q: P"), ("p", "q"), "str"),
        ("class", "class_", ("p: P", "q: P"), ("p", "q"), "str"),
        ("kind", "kind", ("1: {key: p, type: P}", "2: {key: q, type: P}"), (1, 2), "int"),
    ],
)
def test_a_payload_of_several_tags_tells_its_tag(
    tag: str,
    name: str,
    keys: tuple[str, str],
    choices: tuple[int | str, ...],
    base: str,
    tmp_path: Path,
) -> None:
    text = PAYLOADS.format(plain="Q", second="P").replace("union: kind", f"union: {tag}")
    write(tmp_path, shop=text.replace("p: P", keys[0]).replace("q: P", keys[1]))
    assert complaints(tmp_path) == []
    types = {each.name: each for _, each in resolve.resolve(spec.load(tmp_path)).types}
    record = types["P"]
    assert isinstance(record, ir.Record)
    assert [field.name for field in record.fields] == [name, "id", "x"]
    first = record.fields[0]
    assert (first.wire, first.choices, first.ref.base) == (tag, choices, base)


PAGES = """title: 商店
doc: Shops.
link: 1
calls:
  get:
    title: 查
    doc: Read a shop.
    link: 2
    call: GET /cgi-bin/shop/get
    paginate: {{items: a, {words}}}
    request:
      day: {{type: {other}, doc: D.}}
      cursor?: {{type: {cursor}, doc: C.}}
      size?: {{type: int, default: 9, doc: S.}}
    response:
      a: {{type: [str], doc: A.}}
      n: {{type: {cursor}, doc: N.}}
      t: {{type: int, doc: T.}}
      b: {{type: bool, doc: B.}}
      next_cursor: {{type: {cursor}, doc: N.}}
"""


@pytest.mark.parametrize(
    ("cursor", "words", "style", "following"),
    [
        ("str", "", "cursor", "next_cursor"),
        ("str", "next: n", "cursor", "n"),
        ("str", "more: b", "cursor", "next_cursor"),
        ("str", "more: b, next: n", "cursor", "n"),
        ("int", "total: t", "offset", ""),
        ("int", "total: t, next: n", "offset", "n"),
        ("int", "limit: size", "offset", ""),
        ("int", "more: b, next: n", "offset", "n"),
        ("int", "more: b, limit: size", "offset", ""),
        ("int", "more: b", "page", "next_cursor"),
        ("int", "until: b", "page", "next_cursor"),
    ],
)
def test_how_a_call_is_paged_follows_from_its_words(
    cursor: str, words: str, style: str, following: str, tmp_path: Path
) -> None:
    other = "int" if cursor == "str" else "str"
    write(tmp_path, shop=PAGES.format(cursor=cursor, other=other, words=words))
    assert complaints(tmp_path) == []
    (call,) = resolve.resolve(spec.load(tmp_path)).calls
    assert call.paging is not None
    assert (call.paging.style, call.paging.next) == (style, following)


@pytest.mark.parametrize("words", ["", "next: n"])
def test_a_number_alone_does_not_make_pages(words: str, tmp_path: Path) -> None:
    write(tmp_path, shop=PAGES.format(cursor="int", other="str", words=words))
    assert complaints(tmp_path) == [
        "shop.yaml:10: shop.get: cursor must be an optional str [paginate-names-fields]",
        f"shop.yaml:10: shop.get: paginate.next names no str response field '{words[6:] or 'next_cursor'}';"
        " there are a, n, t, b, next_cursor [paginate-names-fields]",
    ]


def test_a_payload_with_common_fields_is_not_used_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, shop=PAYLOADS.format(plain="P", second="Q"))
    assert "shop.yaml:12: P is a payload of U" in complaints(tmp_path)[0]


def test_a_payload_above_its_union_carries_the_common_fields(tmp_path: Path) -> None:
    write(tmp_path, shop=PAYLOADS.format(plain="str", second="Q"))
    types = {each.name: each for _, each in resolve.resolve(spec.load(tmp_path)).types}
    for name in ("P", "Q"):
        record = types[name]
        assert isinstance(record, ir.Record)
        assert [field.name for field in record.fields] == ["id", "x"]


@pytest.mark.parametrize(
    ("example", "count"), [("{b: x}", 0), ("{b: x, kind: p, p: {x: y}}", 0), ("{b: x, kind: r}", 1)]
)
def test_an_example_may_lack_a_flat_union_that_is_optional(
    example: str, count: int, tmp_path: Path
) -> None:
    text = PAYLOADS.format(plain="str", second="Q")
    text = text.replace("    common: {id: {type: str, doc: An id.}}\n", "")
    text = text.replace("a: {type: U, doc", "a?: {type: U, flat: true, doc")
    example = f"    example: {{response: {example}}}\n    response:"
    write(tmp_path, shop=text.replace("    response:", example))
    assert len(complaints(tmp_path)) == count


@pytest.mark.parametrize(
    ("example", "count"),
    [
        ("{id: i, kind: p, p: {x: y}}", 0),
        ("{kind: p, p: {x: y}}", 1),
        ("{id: 5, kind: p, p: {x: y}}", 1),
        ("{id: i, kind: p, p: {}}", 1),
    ],
)
def test_an_example_of_a_union_has_what_its_payloads_have_in_common(
    example: str, count: int, tmp_path: Path
) -> None:
    text = PAYLOADS.format(plain="str", second="Q")
    example = f"    example: {{response: {{a: {example}, b: x}}}}\n    response:"
    write(tmp_path, shop=text.replace("    response:", example))
    assert len(complaints(tmp_path)) == count


def test_an_error_class_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write(tmp_path, errors="Bussy:\n  1: {title: 错, doc: Wrong., advice: Mend it.}\n")
    assert (
        "errors.yaml:2: 'Bussy' is not a class of the runtime's errors.py that a code"
        in complaints(tmp_path)[0]
    )
    assert "did you mean Busy?" in complaints(tmp_path)[0]


@pytest.mark.parametrize("name", ["Timeout", "WeComError", "RefusedArgument", "HINT"])
def test_an_error_class_that_no_code_can_have_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, errors=f"{name}:\n  1: {{title: 错, doc: Wrong., advice: Mend it.}}\n")
    assert (
        f"errors.yaml:2: '{name}' is not a class of the runtime's errors.py that a code"
        in complaints(tmp_path)[0]
    )


@pytest.mark.parametrize("name", ["time", "key", "receiver", "corp_id", "suite_id"])
def test_a_name_that_every_event_has_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, events=EVENTS.replace("{a: {type: [str]", f"{{{name}: {{type: str"))
    assert any(f"events.yaml:10: ShopOpened: '{name}' is" in x for x in complaints(tmp_path))


@pytest.mark.parametrize("name", ["credentials", "limits", "retry", "stores"])
def test_a_resource_named_as_a_file_of_the_runtime_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{name: SHOP.format(name="x", needs="A", has="A", inner="str")})
    assert any(
        x.startswith(f"{name}.yaml:1: '{name}' is a name of the package")
        for x in complaints(tmp_path)
    )
