"""Every name that Python, the runtime or generated code uses itself works in a spec, or is refused there."""

import ast
import builtins
import datetime
import inspect
import keyword
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import wecom_contact
from making import problems, run, understood
from wecom_contact import AsyncClient, Client, codec, events
from wecom_contact._runtime.model import Call, Model, PagedCall, SequenceNotStr

from codegen import python, spec

ROOT = Path(__file__).parent.parent.parent
SOURCES = [
    *(ROOT / "codegen/templates").glob("*.py.j2"),
    ROOT / "codegen/runtime/_runtime/model.py",
    ROOT / "codegen/runtime/_runtime/values.py",
    ROOT / "codegen/runtime/_runtime/source.py",
]
TEXT = "".join(path.read_text("utf-8") for path in SOURCES)
EVERY = {*re.findall(r"\w+", TEXT), *dir(builtins), *keyword.kwlist, *python.KNOWN}
EVERY |= {*dir(wecom_contact), *dir(Client), *dir(AsyncClient), *dir(events.Event)}
WORDS = sorted(word for word in EVERY if re.fullmatch(spec.NAME, word))
CLASSES = sorted(word for word in EVERY if re.fullmatch(spec.CLASS_NAME.pattern, word))

KINDS: dict[str, tuple[Any, Any]] = {
    "str": (str, "a"),
    "int": (int, 1),
    "float": (float, 1.5),
    "bool": (bool, True),
    "flag": (bool, 1),
    "timestamp": (datetime.datetime, 1),
    "any": (Any, {"a": 1}),
    "[str]": (list[str], ["a"]),
    "[timestamp]": (list[datetime.datetime], [1]),
}
"""Types of fields, what they are in Python, and a value on the wire."""

SHOP = """title: 商店
doc: Shops.
link: 1
calls:
{calls}types:
{types}"""
CALL = """  {name}:
    title: 查
    doc: Read a shop.
    link: 2
    call: POST /cgi-bin/shop/{path}
    readonly: true
{more}"""
EVENTS = """title: 事件
doc: What shops tell.
link: 1
events:
  ShopOpened:
    title: 开
    doc: A shop opened.
    link: 2
    match: {{Event: shop}}
    fields:
{fields}"""


def fields(names: list[str], indent: int = 6) -> str:
    """Fields of all kinds in turn; every other one may be absent."""
    kinds = list(KINDS)
    return "".join(
        f"{' ' * indent}'{name}{'?' * (number % 2)}': {{type: {kind}, wire: w{number}, doc: A.}}\n"
        for number, name in enumerate(names)
        for kind in [kinds[number % len(kinds)]]
    )


def of_record(names: list[str]) -> str:
    record = f"  Shop:\n    doc: A.\n    fields:\n{fields(names)}"
    more = "    response: {shop: {type: Shop, doc: A.}}\n"
    return SHOP.format(calls=CALL.format(name="get", path="get", more=more), types=record)


def of_what_is_sent(names: list[str]) -> str:
    return of_record(names).replace("response: {shop", "request: {shop")


def of_request(names: list[str]) -> str:
    more = f"    deprecated: Do not.\n    request:\n{fields(names)}"
    call = CALL.format(name="get", path="get", more=more)
    return SHOP.format(calls=call, types="").replace("types:\n", "")


def of_pages(names: list[str]) -> str:
    more = (
        f"    paginate: {{items: some_items}}\n    request:\n{fields(names)}"
        "      cursor?: {type: str, doc: A.}\n"
        "    response:\n      some_items: {type: [str], doc: A.}\n"
        "      next_cursor?: {type: str, doc: A.}\n"
    )
    call = CALL.format(name="get", path="get", more=more)
    return SHOP.format(calls=call, types="").replace("types:\n", "")


def of_reply(names: list[str]) -> str:
    more = (
        "    partial: {items: some_items}\n"
        f"    response:\n{fields(names)}      some_items: {{type: [str], doc: A.}}\n"
    )
    call = CALL.format(name="get", path="get", more=more)
    return SHOP.format(calls=call, types="").replace("types:\n", "")


def of_common(names: list[str]) -> str:
    union = (
        f"  Shop:\n    doc: A.\n    union: kind\n    common:\n{fields(names)}"
        "    variants: {a: Only}\n  Only: {doc: A., fields: {only_x: {type: str, doc: A.}}}\n"
    )
    more = "    response: {shop: {type: Shop, doc: A.}}\n"
    return SHOP.format(calls=CALL.format(name="get", path="get", more=more), types=union)


PLACES = {
    "a record that is received": (of_record, "Shop", {"extra"}),
    "a record that is sent": (of_what_is_sent, "Shop", {"extra"}),
    "a request": (of_request, "ShopGet", {"extra", "endpoint", "items_of", "after"}),
    "a paged request": (of_pages, "ShopGet", {"extra", "endpoint", "items_of", "after"}),
    "a reply": (of_reply, "ShopGetResult", {"extra", "failures", "raise_for_failures"}),
    "what variants have in common": (of_common, "Only", {"extra"}),
}


def refused(folder: Path) -> set[str]:
    """The names that are complained of; nothing else may be."""
    found = set()
    for problem in problems(folder):
        named = re.search(r": '(\w+)' is a ", problem.text)
        assert named, problem
        found.add(named[1])
    return found


def write(folder: Path, text: str, name: str = "shop") -> None:
    (folder / f"{name}.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("place", PLACES)
def test_every_field_name_works_or_is_refused(place: str, tmp_path: Path) -> None:
    make, owner, expected = PLACES[place]
    own = {"cursor", "some_items", "next_cursor", "only_x"}
    names = [word for word in WORDS if word not in own]
    write(tmp_path, make(names))
    taken = refused(tmp_path)
    assert taken == {word for word in names if keyword.iskeyword(word)} | expected | {"self"}
    # Both ways, as a default hides a word that a mere annotation leaves alone.
    for good in (
        [x for x in names if x not in taken],
        [x for x in reversed(names) if x not in taken],
    ):
        write(tmp_path, make(good))
        made = run(understood(tmp_path))
        cls = getattr(made.shop, owner)
        sent = place.endswith(("request", "sent"))
        wire = check_fields(cls, good, sent)
        wire |= {"some_items": ["a"]} if "reply" in place else {}
        wire |= {"only_x": "x"} if "common" in place else {}
        assert codec.unstructure(codec.structure(wire, cls)) == wire
        nothing_hidden(made.text["shop"])


def check_fields(cls: Any, names: list[str], sent: bool) -> dict[str, Any]:
    """Compare the types of a class with what the spec said; the answer is a record on the wire."""
    found = attrs.fields_dict(cls)
    wire = {}
    for number, name in enumerate(names):
        kind, value = list(KINDS.values())[number % len(KINDS)]
        if sent and typing.get_origin(kind) is list:
            kind = SequenceNotStr[typing.get_args(kind)]
        assert found[name].type == (kind | None if number % 2 else kind), name
        wire[f"w{number}"] = value
    return wire


def test_every_field_name_of_an_event_works_or_is_refused(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind[0] != "["]

    def text(names: list[str]) -> str:
        rows = fields(names)
        rows = re.sub(r"type: (\[\w+\])", r"type: \1, item: Item", rows)
        return EVENTS.format(fields=rows)

    write(tmp_path, text(WORDS), "events")
    taken = refused(tmp_path)
    own = {name for name in dir(events.Event) if not name.startswith("_")} & set(WORDS)
    assert taken == {word for word in WORDS if keyword.iskeyword(word)} | own | {"self"}
    good = [word for word in WORDS if word not in taken]
    write(tmp_path, text(good), "events")
    made = run(understood(tmp_path))
    check_fields(made.events.ShopOpened, good, sent=False)
    nothing_hidden(made.text["events"])
    assert len(kinds) < len(good)


class Sender:
    """In the place of a client: gives back what it is to send."""

    def send(self, call: Any) -> Any:
        return call


def test_every_name_of_a_call_works_or_is_refused(tmp_path: Path) -> None:
    names = [word for word in WORDS if not re.search("[0-9]", word)]
    rows = "".join(
        f"      f{number}: {{type: {kind}, doc: A.}}\n" for number, kind in enumerate(KINDS)
    )

    def text(words: list[str]) -> str:
        more = f"    request:\n{rows}"
        calls = "".join(CALL.format(name=f"'{x}'", path=x, more=more) for x in words)
        return SHOP.format(calls=calls, types="").replace("types:\n", "")

    some = [word for word in names if word in python.WORDS or keyword.iskeyword(word)]
    write(tmp_path, text(some))
    taken = refused(tmp_path)
    assert taken == {word for word in some if keyword.iskeyword(word)}
    good = [word for word in some if word not in taken]
    write(tmp_path, text(good))
    made = run(understood(tmp_path))
    nothing_hidden(made.text["shop"])
    calls = made.shop.ShopCalls(Sender())
    given = {f"f{number}": value for number, (_, value) in enumerate(KINDS.values())}
    for name in good:
        method = getattr(calls, name)
        for number, (kind, _) in enumerate(KINDS.values()):
            if typing.get_origin(kind) is list:
                kind = SequenceNotStr[typing.get_args(kind)]
            assert inspect.signature(method).parameters[f"f{number}"].annotation == kind, name
        assert method(**given).endpoint.name == f"shop.{name}"


def test_every_name_of_a_class_works_or_is_refused(tmp_path: Path) -> None:
    public = {name for name in dir(wecom_contact) if not name.startswith("_")}
    ours = {each for home in spec_classes() for each in home}

    def text(words: list[str]) -> str:
        types = "".join(
            f"  {x}: {{doc: A., fields: {{a: {{type: str, doc: A.}}}}}}\n" for x in words
        )
        rows = "".join(f"      a{n}?: {{type: {x}, doc: A.}}\n" for n, x in enumerate(words))
        more = f"    response:\n{rows}"
        return SHOP.format(calls=CALL.format(name="get", path="get", more=more), types=types)

    write(tmp_path, text(CLASSES))
    taken = set()
    for problem in problems(tmp_path):
        named = re.search(
            r"^type (\w+) makes a class \1, a name of (Python|the package|gener)", problem.text
        )
        assert named, problem
        taken.add(named[1])
    must = {*dir(builtins), *keyword.kwlist, *python.KNOWN, *(public - ours)} & set(CLASSES)
    assert must <= taken
    good = [word for word in CLASSES if word not in taken]
    assert len(good) > 20
    write(tmp_path, text(good))
    made = run(understood(tmp_path))
    for name in good:
        assert issubclass(getattr(made.shop, name), Model)
        assert getattr(made.shop, name)(a="x").a == "x"
    homes = re.findall(r'    "\.\w[\w.]*": "(.*)"', made.text["__init__"])
    exported = [name for home in homes for name in home.split()]
    assert len(exported) == len(set(exported))


def spec_classes() -> Iterator[list[str]]:
    """The names that the package has from its own spec, by their module."""
    for path in (ROOT / "spec").glob("*.yaml"):
        module = ROOT / f"generated/wecom_contact/{path.stem}.py"
        if path.stem not in ("errors", "package"):
            yield re.findall(r"^(?:class )?(\w+)[(:]", module.read_text("utf-8"), re.MULTILINE)


def test_no_resource_has_a_name_of_the_client_or_the_package(tmp_path: Path) -> None:
    ours = {path.stem for path in (ROOT / "spec").glob("*.yaml")} - {"types", "events", "errors"}
    names = {*dir(Client), *dir(AsyncClient), *wecom_contact.__all__}
    folder = ROOT / "generated/wecom_contact"
    names |= {path.stem for path in folder.iterdir() if path.suffix in ("", ".py")}
    names = {name for name in names if re.fullmatch(spec.NAME, name)} - ours
    call = CALL.format(name="get", path="get", more="")
    for name in sorted(names - {"types", "events", "errors"}):
        write(tmp_path, SHOP.format(calls=call, types="").replace("types:\n", ""), name)
    found = {
        each.where.file: each.text for each in problems(tmp_path) if "is a name of" in each.text
    }
    assert {name.removesuffix(".yaml") for name in found} == names - {"types", "events", "errors"}


def test_attributes_of_the_runtime_are_known() -> None:
    from codegen import taken

    def public(cls: type) -> set[str]:
        return {name for name in dir(cls) if not name.startswith("_")}

    assert public(Model) <= taken.in_records()
    assert public(Call) | public(PagedCall) <= taken.in_calls()
    assert public(events.Event) <= taken.in_events()


def nothing_hidden(text: str) -> None:
    """No class uses a word in its body that is one of its own fields or methods; type checkers mind, too."""
    for cls in ast.walk(ast.parse(text)):
        if isinstance(cls, ast.ClassDef):
            bound, used = set(), set()
            for node in cls.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    bound.add(node.target.id)
                    used |= names_in(node.annotation, node.value)
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    bound.add(node.name)
                    parts = [node.returns, *node.decorator_list]
                    parts += [each.annotation for each in (*node.args.args, *node.args.kwonlyargs)]
                    used |= names_in(*parts)
            assert bound & used == set(), cls.name


def names_in(*nodes: ast.AST | None) -> set[str]:
    found = set()
    for node in nodes:
        for each in ast.walk(node) if node else ():
            if isinstance(each, ast.Name):
                found.add(each.id)
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and "[" in each.value:
                found |= names_in(ast.parse(each.value, mode="eval"))
    return found
