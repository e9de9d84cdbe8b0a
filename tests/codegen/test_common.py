"""Payloads of unions with common fields: each class has what its union needs, wherever it stands, or it is said."""

from itertools import permutations
from pathlib import Path

import attrs
import pytest
from making import problems, run, understood
from wecom_contact import codec

TYPES = {
    "Text": "  Text: {doc: Words., fields: {value: {type: str, doc: The words.}}}\n",
    "Web": "  Web: {doc: A link., fields: {url: {type: str, doc: The address.}}}\n",
    "Sign": (
        "  Sign:\n    doc: What hangs outside.\n    union: type\n"
        "    common: {name: {type: str, doc: Caption.}}\n"
        "    variants: {0: {key: text, type: Text}, 1: {key: web, type: Web}}\n"
    ),
    "Shop": "  Shop: {doc: A shop., fields: {signs: {type: [Sign], doc: Signs.}}}\n",
}
HEAD = "title: 商店\ndoc: Shops.\nlink: 1\n"
CALL = """calls:
  get:
    title: 查
    doc: Read a shop.
    link: 2
    call: POST /cgi-bin/shop/get
    readonly: true
    request:
      kind?: {type: str, doc: A kind.}
    response:
      shop: {type: Shop, doc: The shop.}
"""
WIRE = {"signs": [{"type": 0, "name": "n", "text": {"value": "v"}},
                  {"type": 1, "name": "m", "web": {"url": "u"}}]}  # fmt: skip


def write(
    folder: Path, types: dict[str, str], call: str = CALL, shared: tuple[str, ...] = ()
) -> None:
    own = "".join(text for name, text in types.items() if name not in shared)
    (folder / "shop.yaml").write_text(f"{HEAD}{call}types:\n{own}", "utf-8")
    if shared:
        text = "".join(types[name] for name in types if name in shared)
        (folder / "types.yaml").write_text(f"doc: Shared.\ntypes:\n{text}", "utf-8")


@pytest.mark.parametrize("shared", [(), ("Text",), ("Text", "Web"), ("Text", "Web", "Sign")])
def test_the_order_of_types_does_not_matter(shared: tuple[str, ...], tmp_path: Path) -> None:
    for order in permutations(TYPES):
        write(tmp_path, {name: TYPES[name] for name in order}, shared=shared)
        made = run(understood(tmp_path))
        shop = codec.structure(WIRE, made.shop.Shop)
        text, web = shop.signs
        assert [each.name for each in attrs.fields(type(text))] == ["_extra", "name", "value"]
        assert (text.name, text.value, web.name, web.url) == ("n", "v", "m", "u")
        assert codec.unstructure(shop) == WIRE


OTHER = "  Other: {{doc: A., union: kind, {common}variants: {{a: {{key: text, type: Text}}}}}}\n"
COMMON = "common: {size: {type: int, doc: A size.}}, "
KIND = "kind?: {type: str, doc: A kind.}"
USES = {
    "in a record": ("doc: A shop., fields: {", "doc: A shop., fields: {text: {type: Text, doc: A.}, "),
    "in a list": ("doc: A shop., fields: {", "doc: A shop., fields: {text: {type: [Text], doc: A.}, "),
    "in a request": (KIND, f"{KIND}\n      text: {{type: Text, doc: A.}}"),
    "in a reply": ("      shop: {", "      text: {type: Text, doc: A.}\n      shop: {"),
    "in another payload": ("doc: A link., fields: {", "doc: A link., fields: {text: {type: Text, doc: A.}, "),
    "among common fields": ("common: {", "common: {text: {type: Text, doc: A.}, "),
    "in a union without common fields": (
        "  Shop: {doc: A shop., fields: {",
        OTHER.format(common="") + "  Shop: {doc: A shop., fields: {other: {type: Other, doc: A.}, "),
    "in a union with other common fields": (
        "  Shop: {doc: A shop., fields: {",
        OTHER.format(common=COMMON) + "  Shop: {doc: A shop., fields: {other: {type: Other, doc: A.}, "),
}  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_a_payload_with_common_fields_is_used_nowhere_else(use: str, tmp_path: Path) -> None:
    old, new = USES[use]
    for order in permutations(TYPES):
        write(tmp_path, {name: TYPES[name] for name in order})
        path = tmp_path / "shop.yaml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        found = problems(tmp_path)
        assert found
        rows = path.read_text("utf-8").splitlines()
        for problem in found:
            assert "payload of" in problem.text
            assert "Text" in rows[problem.where.line - 1]
