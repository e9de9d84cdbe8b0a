"""From a page to a draft in the format of spec/, and to the fixture of its example.

Everything a page shows is written down; what only a person can say, the English sentences and the names of enum
members, is marked `TODO`, which lint refuses. A guess is made where the page is silent, and always the one that a
person notices when it is wrong.
"""

import json
import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import Factory, define, evolve, frozen

from codegen import ir
from codegen.page import TOKEN_NAMES, Page, Row

TODO = "TODO"


class ScaffoldError(ValueError):
    """A draft that cannot be written; the message says why and what to do."""


@frozen(kw_only=True)
class Draft:
    """A call and its types, ready to be written."""

    resource: str
    name: str
    call: list[str]
    types: list[str]
    head: list[str]
    """What stands above the calls of a new file."""
    fixture: dict[str, Any]
    hints: list[str]
    """What a person had better look at, besides the TODOs."""


def draft(
    page: Page, api: ir.Api, resource: str = "", name: str = "", replace: bool = False
) -> Draft:
    """Draft a call from its page, with the names and types that the spec has already.

    With `replace` those of the resource's own file do not count; they will be gone.
    """
    return Drafter(page, api, resource, name, replace).draft()


# ---- what the page shows, as a tree


@define(eq=False)
class Node:
    """A field as examples and tables show it."""

    name: str
    values: list[Any] = Factory(list)
    """The values that examples have for it; of lists, their items."""
    many: bool = False
    shown: int = 0
    """How often an example has it."""
    absent: bool = False
    """Whether an example of what it is in lacks it."""
    objects: list[Mapping[str, Any]] = Factory(list)
    """The objects that examples have for it."""
    children: "dict[str, Node]" = Factory(dict)
    row: Row | None = None

    @property
    def says(self) -> str:
        return self.row.says if self.row else ""

    @property
    def type(self) -> str:
        return self.row.type.lower() if self.row else ""

    def grow(self, value: Any) -> None:
        """Learn from one more example."""
        if value is None:
            self.absent = True
            return
        self.shown += 1
        if isinstance(value, list):
            self.many = True
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                self.grow_object(each)
            elif each is not None:
                self.values.append(each)

    def grow_object(self, value: Mapping[str, Any]) -> None:
        first = not self.objects
        self.objects.append(value)
        for name, child in self.children.items():
            child.absent = child.absent or name not in value
        for name, each in value.items():
            if name not in self.children:
                self.children[name] = Node(name, absent=not first)
            self.children[name].grow(each)

    def walk(self, path: tuple[str, ...] = ()) -> "Iterable[tuple[tuple[str, ...], Node]]":
        """Every node below, with its path, in the order of the example."""
        for name, child in self.children.items():
            yield (*path, name), child
            yield from child.walk((*path, name))


def tree(examples: Sequence[Any], rows: Sequence[Row]) -> Node:
    """What a request or a reply consists of."""
    root = Node("")
    for each in examples:
        if isinstance(each, list):
            continue
        home = root
        if root.children and not each.keys() & root.children.keys():
            # A part of the whole, shown by itself: it belongs where most of its names are known.
            inside = [node for _, node in root.walk() if node.children.keys() & each.keys()]
            home = max(
                inside, key=lambda node: len(node.children.keys() & each.keys()), default=root
            )
        home.grow_object(each)
    rows = [row for row in rows if row.name not in TOKEN_NAMES]
    # A table shows what is inside of what by dots, by indentation, or not at all.
    style = "indented" if len({row.indent for row in rows}) > 1 else "flat"
    style = "dotted" if any(re.search(r"\.|->", row.name) for row in rows) else style
    above: list[tuple[int, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for row in rows:
        while above and above[-1][0] >= row.indent:
            above.pop()
        parent = above[-1][1] if above else None
        before = place(root, row, before, parent, style)
        above.append((row.indent, before))
    return root


def place(
    root: Node, row: Row, before: tuple[str, ...], parent: tuple[str, ...] | None, style: str
) -> tuple[str, ...]:
    """Find the field that a row of a table is about, and remember the row there."""
    parts = tuple(row.name.replace("[]", "").replace("->", ".").split("."))
    known = dict(root.walk())
    found = [path for path in known if path[-len(parts) :] == parts]
    inside = parent if parent in known and is_object(known[parent]) else ()
    options: list[tuple[str, ...]] = []
    if style == "dotted":
        options.append(parts)
    elif style == "indented":
        options.append((*inside, *parts))
    # Without a sign, a row is about something near the row above, as in the example.
    nearby = [before[:size] for size in range(len(before), -1, -1)]
    options += [(*base, *parts) for base in nearby]
    options = [path for path in options if path in known]
    options += found
    if options:
        where = next((path for path in options if known[path].row is None), options[0])
    elif style == "flat":
        where = (*before[:-1], *parts)
    else:
        homes = [path for path in known if len(parts) > 1 and path[-len(parts) + 1 :] == parts[:-1]]
        where = (*homes[0], parts[-1]) if homes else (*inside, *parts)
    node = root
    for part in where:
        if part not in node.children:
            node.children[part] = Node(part, absent=True)
        node = node.children[part]
    if node.row is None:
        node.row = row
    for index, part in enumerate(row.name.split(".")):
        if part.endswith("[]"):
            at = root
            for step in where[: len(where) - len(parts) + index + 1]:
                at = at.children[step]
            at.many = True
    return where


def is_object(node: Node) -> bool:
    return bool(node.children) or bool(re.search(r"obj|json|对象|array|list|\[\]|数组", node.type))


# ---- what the prose says


MEANING = re.compile(
    r"(?<![\w.])(-?\d{1,4})\s*(?:[-–—:：=、]|[.](?!\d)|表示|代表)\s*(?=[^\s\d~～])", re.A
)
WORD_MEANING = re.compile(
    r"(?<![\w.])([A-Za-z]\w*)\s*(?:[-–—:：=(（]|[，,]?\s*(?:表示|代表))\s*(?=[一-鿿「“])", re.A
)
WORD = r"[A-Za-z]\w*"
WORDS = re.compile(
    rf"(?:可选|取值|枚举值|分为|支持)[^A-Za-z。；]{{0,6}}({WORD}(?:\s*(?:[、,，/]|或者?|和|以及)\s*{WORD})+)",
    re.A,
)
AMOUNT = r"(\d[\d,]*)\s*(万|[kK](?![A-Za-z]))?"
AT_MOST = (
    r"(?:最长|最多|最大|至多|不超过|不多于|不大于|不能超过|不得超过|不可超过|上限|支持|少于等于"
    r"|长度(?:限制|范围|上限)?|限制)"
)
BETWEEN = re.compile(r"(\d+)\s*个?\s*(?:[~～]|[-–—](?!\s*[一-鿿])|至|到)\s*" + AMOUNT)
BYTES = r"\s*个?\s*(?:字节|bytes?\b)"
CHARS = r"\s*个?\s*(?:utf-?8)?\s*(?:编码)?的?(?:字符|汉字|文字|字(?!节|段))"
UNITS = (("bytes", BYTES), ("chars", CHARS))


def number(found: "re.Match[str]", group: int) -> int:
    """An amount: 100, 50,000, 1万."""
    scale = {"万": 10_000, "k": 1000, "K": 1000}.get(found[group + 1] or "", 1)
    return int(found[group].replace(",", "")) * scale


def limits_of(says: str, base: str, many: bool) -> dict[str, int]:
    """The limits that a sentence states, by the words of the format."""
    told: dict[str, int] = {}
    cut = "截断" in says
    if base == "str" and not cut:
        for unit, words in UNITS:
            found = re.search(BETWEEN.pattern + words, says, re.I)
            if found:
                if unit == "chars" and int(found[1]):
                    told["min_chars"] = int(found[1])
                told[f"max_{unit}"] = number(found, 2)
                break
            found = re.search(AT_MOST + r"[^\d，。；;\n]{0,8}" + AMOUNT + words, says, re.I)
            found = found or re.search(AMOUNT + words + "(?:以内|以下|之内)", says, re.I)
            if found:
                told[f"max_{unit}"] = number(found, 1)
                break
    if many:
        rest = re.sub(rf"{AMOUNT}(?:{BYTES}|{CHARS})", "", says, flags=re.I)
        found = re.search(r"(?:取值范围|数量|长度|个数|范围)\D{0,6}" + BETWEEN.pattern, rest)
        if found:
            if int(found[1]):
                told["min_items"] = int(found[1])
            told["max_items"] = number(found, 2)
        elif (found := re.search(AT_MOST + r"[^\d，。；;\n]{0,8}?" + AMOUNT, rest)) or (
            found := re.search(AMOUNT + r"\s*[个条人项](?:以内|以下|之内)", rest)
        ):
            told["max_items"] = number(found, 1)
    elif base in ("int", "float"):
        says = in_seconds(says)
        half_open = re.search(r"\[\s*(\d+)\s*[,，]\s*2\^(\d+)\s*\)", says)
        if half_open:
            return {"min": int(half_open[1]), "max": 2 ** int(half_open[2]) - 1}
        found = re.search(r"(?:取值|范围|限制|可选)\D{0,8}" + BETWEEN.pattern, says)
        if found:
            told |= {"min": int(found[1]), "max": number(found, 2)}
        elif found := re.search(
            r"(?:最大值?|最多|不超过|不大于|不能超过|上限)[^\d，。；;\n]{0,10}?"
            + AMOUNT
            + r"(?![\d,]|\s*[天小分年月]|\.\d)",
            says,
        ):
            told["max"] = number(found, 1)
        if "min" not in told and (
            found := re.search(r"(?:最小值?|最少|不小于|至少)\D{0,6}?(\d+)", says)
        ):
            told["min"] = int(found[1])
    return told


def in_seconds(says: str) -> str:
    """A sentence about seconds, with its days and hours told in seconds."""
    if not re.search(r"秒", says):
        return says
    scale = {"天": 86400, "小时": 3600, "分钟": 60}
    return re.sub(r"(\d+)\s*(天|小时|分钟)", lambda each: str(int(each[1]) * scale[each[2]]), says)


def meanings_of(says: str) -> dict[int | str, str]:
    """The values that a sentence gives a meaning: `0-no；1-yes`, `1:…`, `image: …`."""
    for pattern in (MEANING, WORD_MEANING):
        found = list(pattern.finditer(says))
        told: dict[int | str, str] = {}
        for each, after in zip(found, [*found[1:], None], strict=False):
            text = says[each.end() : after.start() if after else len(says)]
            text = re.split(r"[；;。\n]|默认|(?<=[一-鿿）)])[,，](?=\D{6})", text)[0].strip(
                " \t,，、/|"
            )
            value = int(each[1]) if pattern is MEANING else each[1]
            if text and value not in told:
                told[value] = text
        if len(told) > 1 and "http" not in told:
            return told
    listed = WORDS.search(says)
    return {each: each for each in re.findall(WORD, listed[1], re.A)} if listed else {}


def default_of(says: str, base: str, allowed: Iterable[int | str] = ()) -> Any:
    """What WeCom assumes, where the sentence says it."""
    found = re.search(
        r"(?:默认|缺省)(?:值(?!和))?(?:都)?[为是:：]?\s*[\"“]?(-?\d+(?![\d.]|\s*[天小分年月个])|[A-Za-z]\w*)",
        in_seconds(says),
        re.A,
    )
    if not found:
        return None
    word = found[1]
    if base in ("bool", "flag"):
        return {"true": True, "1": True, "false": False, "0": False}.get(word.lower())
    value = int(word) if re.fullmatch(r"-?\d+", word) else word
    if allowed:
        return value if value in allowed else None
    return value if base == "int" and isinstance(value, int) else None


# A file that a fixture sends or gets.
FILE = "YQ=="
HEADERS = {
    "Content-Type": "text/plain",
    "Content-Disposition": 'attachment; filename="file.txt"',
}
READS = re.compile(
    r"(?:^|_)(?:get|list|batch_get|batchget|query|search|sync|count|check|statistic)"
)
READ_TITLE = re.compile("获取|查询|拉取|读取|批量获取")
WRITE_TITLE = re.compile("创建|生成|添加|新增|设置|修改|更新|删除|发送|上传")
MAYBE = re.compile("仅|才返回|时返回|时才|可能|不返回|有此字段|不可获取|如果|若|为空|没有更多")
NOT_NEEDED = re.compile("选填|可选|非必填|可不填|不必填|不填|可以不传|不传|默认|缺省")
SECRET = re.compile(
    r"(?:^|_)(?:secret|ticket|password|(?:auth|welcome|permanent|pre_auth|once)_code|aes_key)$"
)
FAILED = re.compile(r"^(?:fail|invalid|unlicensed|illegal|error|not_exist)")
VERBS = {"del": "delete", "mod": "edit", "batchget": "batch_get"}
PATTERN = re.compile(r"正则(?:表达式)?\s*[)）]?\s*[:：为是]\s*([\^\[(\\][^\s，。；;、]*)")
PAGE_NUMBERS = ("page_id", "page", "page_no", "offset")
PLAIN = re.compile(r"[A-Za-z一-鿿][\w一-鿿「」（）/、-]*")


def snake(wire: str) -> str:
    """The Python name of a field."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire).lower()
    name = re.sub(r"[^a-z0-9_]+", "_", name).strip("_")
    name = name if re.match("[a-z]", name) else f"field_{name}"
    taken = keyword.iskeyword(name) or name in ("self", "extra", "endpoint", "after")
    return f"{name}_" if taken else name


def indented(lines: Iterable[str], by: int) -> list[str]:
    return [f"{' ' * by}{line}" if line else "" for line in lines]


def quoted(text: str) -> str:
    """A sentence as YAML takes it, quoted only where it must be."""
    plain = PLAIN.fullmatch(text) and text not in ("true", "false", "null")
    return text if plain else json.dumps(text, ensure_ascii=False)


def todo(text: str) -> str:
    """What a person must write, and the page's words for it."""
    words = " ".join(text.split()).replace('"', "'")
    return json.dumps(f"{TODO}: {words}" if words else TODO, ensure_ascii=False)


def subject(node: Node) -> str:
    """What a type is, by the first words of the field that has it."""
    first = re.split(r"[。；;\n]", node.says.strip())[0]
    found = MEANING.search(first) or WORD_MEANING.search(first)
    cut = (first[: found.start()] if found else first).rstrip(" ,，:：、")
    return cut or f"what {node.name} is"


def singular(name: str) -> str:
    name = re.sub(r"_?list$", "", name) or name
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("xes", "sses", "shes", "ches")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) else name


class Drafter:
    """Writes one call down."""

    def __init__(self, page: Page, api: ir.Api, resource: str, name: str, replace: bool) -> None:
        self.page = page
        self.resource = resource or self.guess_resource()
        kept = tuple(each for each in api.modules if not replace or each.name != self.resource)
        self.api = api = evolve(api, modules=kept)
        self.name = name or self.guess_name()
        self.cls = ir.camel(self.resource, self.name)
        self.taken = {each.name for _, each in api.types} | {each.name for each in api.events}
        for call in api.calls:
            self.taken |= {call.cls, f"{call.cls}Result"}
        for module in [*(each.name for each in api.modules), self.resource]:
            self.taken |= {f"{ir.camel(module)}Calls", f"Async{ir.camel(module)}Calls"}
        self.taken |= {self.cls, f"{self.cls}Result"}
        near = [each for each in api.modules if each.name in ("types", self.resource)]
        self.near = [each for module in near for each in module.types]
        self.aliases = self.known_aliases()
        self.types: dict[str, list[str]] = {}
        self.enums: dict[str, list[int | str]] = {}
        self.shapes: dict[Any, str] = {}
        self.hints: list[str] = []
        self.optional: dict[int, bool] = {}
        self.kinds: dict[int, str] = {}

    # -- names

    def segments(self) -> list[str]:
        return [each for each in self.page.path.split("/")[2:] if each]

    def guess_resource(self) -> str:
        *folders, verb = self.segments()
        noun = [part for part in snake(verb).split("_") if not READS.match(part)]
        noun = [
            part
            for part in noun
            if part not in ("add", "del", "update", "edit", "delete", "create", "send")
        ]
        folders = [each for each in folders if each != "externalcontact"] or ["_".join(noun)]
        return snake("_".join(each for each in folders if each) or verb)

    def guess_name(self) -> str:
        parts = self.resource.split("_")
        own = {*parts, *map(singular, parts), self.resource.replace("_", ""), "externalcontact"}
        *folders, verb = [snake(each).rstrip("_") for each in self.segments()]
        words = [each for each in verb.split("_") if singular(each) not in own] or verb.split("_")
        if words[0] == "get" and words[-1] == "list":
            words = ["list", *words[1:-1]]
        name = "_".join(VERBS.get(each, each) for each in words)
        beside = folders[-1] if folders else ""
        if "_" not in verb and beside and not ({beside, *beside.split("_")} & own):
            name = f"{beside}_{name}" if beside == "batch" else f"{name}_{beside}"
        return f"{name}_" if keyword.iskeyword(name) else name

    def free(self, *words: str) -> str:
        """A name for a type that nothing has yet: the shortest of some."""
        for name in words:
            if name not in self.taken:
                self.taken.add(name)
                return name
        base = words[-1]
        count = next(n for n in range(2, 1000) if f"{base}{n}" not in self.taken)
        self.taken.add(f"{base}{count}")
        return f"{base}{count}"

    def known_aliases(self) -> dict[str, ir.Alias]:
        """Aliases by the wire names that they stand for."""
        found: dict[str, ir.Alias] = {}
        for _, each in self.api.types:
            if isinstance(each, ir.Alias):
                found.setdefault(each.name.lower(), each)
                for word in re.findall(r"\(([a-z_]+)\)", each.doc):
                    found.setdefault(word.replace("_", ""), each)
        return found

    def alias(self, node: Node, base: str) -> str:
        """The alias that a field is known by."""
        name = singular(node.name).lower().replace("_", "")
        if re.search("tmp|open|pending|parent|student", name):
            return ""
        options = [name, name.removeprefix("new"), name.removeprefix("invalid")]
        if name.endswith("externaluserid"):
            options.append("externaluserid")
        elif name.endswith("userid"):
            options.append("userid")
        if name.endswith("mediaid"):
            options.append("mediaid")
        says = node.says.lower()
        people = re.search(
            r"(?:成员|群主|员工|人员|用户|使用者|创建人).{0,6}id|(?<![a-z_])userid", says
        )
        if people and not re.search("客户|外部|external|微信|家长|学生", says[: people.end()]):
            options.append("userid")
        if re.search("部门.{0,2}id", says):
            options.append("departmentid")
        for each in options:
            found = self.aliases.get(each)
            if found and found.base == base:
                return found.name
        return ""

    # -- types

    def base(self, node: Node) -> str:
        """The scalar that a field is, `record`, or `any`."""
        if node.children:
            return "any" if node.values else "record"
        kinds = {type(each) for each in node.values}
        declared = node.type
        base = ""
        for pattern, word in (
            ("bool|布尔", "bool"),
            ("float|double", "float"),
            ("int|number|long|整|数字", "int"),
            ("str|字符", "str"),
        ):
            if re.search(pattern, declared):
                base = word
                break
        shown = "any"
        if len(kinds) == 1 or kinds == {int, float}:
            shown = {str: "str", int: "int", bool: "bool", float: "float"}.get(
                float if len(kinds) > 1 else kinds.pop(), "any"
            )
        if shown == "str" and base != "str":
            dated = re.search("time$", node.name) and "时间" in node.says
            if dated and not any(re.search(r"\d", each) for each in node.values):
                return "int"  # a placeholder stands for the number
            if "时间戳" in node.says and all(each.isdigit() for each in node.values):
                return "int"
        if not node.values:
            if base:
                return base
            if re.search("obj|json|对象|array|list|数组", declared) or not node.row:
                return "any"
            if meanings_of(self.told(node)):
                return "int" if isinstance(next(iter(meanings_of(self.told(node)))), int) else "str"
            return (
                "int"
                if re.search(r"时间戳|_time$|数$|数量|部门的?id", f"{node.says}\n{node.name}")
                else "str"
            )
        if base in ("bool", "float", "str") and shown == "int":
            fits = set(node.values) <= {0, 1}
            return base if base != "bool" or not fits else "flag"
        if base and shown in ("int", "str") and base != "bool":
            return base
        return shown

    def many(self, node: Node) -> bool:
        if node.shown:
            return node.many
        told = node.type or node.says
        return node.many or bool(re.search(r"\[\]|array|list$|数组|列表", told))

    def told(self, node: Node) -> str:
        """What the table says of a field, with the table of values that it points to."""
        says = node.says
        for heading, values in self.page.meanings.items():
            if len(heading) > 1 and heading in says:
                says += f"\n{values}"
        return says

    def is_optional(self, node: Node, reply: bool) -> bool:
        if node.row is None:
            return node.absent or not reply
        lacking = node.absent and node.shown > 0
        if not reply and node.row.must is not None:
            return not node.row.must or lacking
        if not reply:
            return lacking or NOT_NEEDED.search(node.says) is not None
        return node.absent or node.name == "next_cursor" or MAYBE.search(node.says) is not None

    def fields(
        self,
        nodes: Iterable[Node],
        owner: str,
        reply: bool,
        forced: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> list[str]:
        """The lines of some fields, which have different names in Python."""
        lines: list[str] = []
        taken: set[str] = set()
        for node in nodes:
            python = snake(node.name)
            while python in taken:
                python += "_"
            taken.add(python)
            lines.append(self.field(node, python, owner, reply, forced.get(node.name, {})))
        return lines

    def field(
        self, node: Node, python: str, owner: str, reply: bool, forced: Mapping[str, Any]
    ) -> str:
        """A line of the draft."""
        base, many = self.base(node), self.many(node)
        says = self.told(node)
        facts: dict[str, Any] = {}
        optional = forced.get("optional", self.is_optional(node, reply))
        name = base
        if base == "record":
            name = self.record(node, owner, reply)
        elif "base" in forced:
            name = base = forced["base"]
        elif base in ("int", "str", "flag"):
            name = self.scalar(node, base, owner, many)
        kinds = {type(each) for each in node.values}
        if base == "str" and int in kinds and not self.allowed(name):
            facts["also"] = "int"
        if base == "int" and str in kinds and name in ("int", "timestamp"):
            facts["also"] = "str"
        if not reply and name not in ("flag", "timestamp", "bool"):
            facts |= limits_of(node.says, base, many)
            pattern = PATTERN.search(node.says)
            if base == "str" and pattern:
                facts["pattern"] = json.dumps(pattern[1])
        allowed = self.allowed(name)
        if allowed:  # the members say what is allowed
            facts = {key: each for key, each in facts.items() if key not in ("min", "max")}
        if optional and not reply and not many and (allowed or name in ("int", "flag", "bool")):
            default = default_of(says, name if name in ("flag", "bool") else base, allowed)
            if default is not None:
                facts["default"] = default
        if SECRET.search(node.name):
            facts["secret"] = True
        self.optional[id(node)] = optional
        self.kinds[id(node)] = name if base != "record" else "record"
        parts = [f"type: [{name}]" if many else f"type: {name}"]
        if python != node.name:
            parts.append(f"wire: {quoted(node.name)}")
        parts += [
            f"{key}: {json.dumps(value) if not isinstance(value, str) else value}"
            for key, value in facts.items()
        ]
        parts.append(f"doc: {todo(node.says or 'not in the table of the page')}")
        return f"{python}{'?' if optional else ''}: {{{', '.join(parts)}}}"

    def scalar(self, node: Node, base: str, owner: str, many: bool) -> str:
        if node.name == "errcode":
            return base  # of an item; errors.yaml knows its values
        says = self.told(node)
        if base in ("int", "flag"):
            flags = set(node.values) <= {0, 1}
            meanings = meanings_of(says)
            yes_no = set(meanings) == {0, 1} and re.search("是否|否|不", says)
            if flags and (
                base == "flag"
                or yes_no
                or (not meanings and node.values and says.startswith("是否"))
            ):
                return "flag"
            timed = re.search("时间戳|unix *时间", says, re.I)
            late = all(int(each) > 10**9 for each in node.values if re.fullmatch(r"\d+", str(each)))
            named = re.search(r"(?:^|_)(?:time|timestamp|date)$|time$", node.name)
            if timed and late or (late and node.values and (named or "时间" in says)):
                return "timestamp"
        known = self.alias(node, base)
        if known:
            return known
        meanings = meanings_of(says)
        kind = int if base == "int" else str
        if len(meanings) > 1 and all(isinstance(each, kind) for each in meanings):
            for each in node.values:
                if isinstance(each, kind) and not isinstance(each, bool):
                    meanings.setdefault(each, "in the example, but not in the table")
            return self.enum(node, meanings, owner)
        return base

    def enum(self, node: Node, meanings: Mapping[int | str, str], owner: str) -> str:
        for each in self.near:
            if not isinstance(each, ir.Enum):
                continue
            same = {value.value for value in each.values} == set(meanings)
            if same and each.name.lower().endswith(singular(node.name).replace("_", "")):
                return each.name
        shape = ("enum", node.name, tuple(sorted(map(str, meanings))))
        if shape in self.shapes:
            return self.shapes[shape]
        last_words = ir.camel(snake(singular(node.name)).rstrip("_"))
        outside = owner in (self.cls, f"{self.cls}Result")
        near = ir.camel(self.resource) if outside else owner
        name = self.free(f"{near}{last_words}", f"{owner}{last_words}", f"{self.cls}{last_words}")
        self.shapes[shape] = name
        lines = [f"doc: {todo(subject(node))}", "enum:"]
        members: set[str] = set()
        for value, meaning in meanings.items():
            member = (
                snake(value) if isinstance(value, str) else f"value_{value}".replace("-", "minus_")
            )
            member = member if member not in members else f"{member}_{len(members)}"
            members.add(member)
            shown = value if isinstance(value, int) else quoted(value)
            told = f"a name, and a sentence: {meaning}" if isinstance(value, int) else meaning
            lines.append(f"  {member}: {{value: {shown}, doc: {todo(told)}}}")
        self.types[name] = lines
        self.enums[name] = [*meanings]
        return name

    def record(self, node: Node, owner: str, reply: bool, own: bool = False) -> str:
        """The type of an object: one that is known, or a new one; with `own` always a new one."""
        known = "" if own else self.known_record(node, reply)
        if known:
            return known
        shape = [(name, each.many, self.base(each)) for name, each in node.children.items()]
        key = (singular(node.name), tuple(shape))
        if key in self.shapes and not own:
            return self.shapes[key]
        words = ir.camel(snake(singular(node.name)).rstrip("_"))
        prefix = ir.camel(self.resource)
        short = words if words.startswith(prefix) else f"{prefix}{words}"
        short = prefix if prefix.endswith(words) else short
        name = self.free(short, f"{owner}{words}", f"{self.cls}{words}")
        self.shapes[key] = name
        tag, payloads = self.union(node)
        doc = f"doc: {todo(subject(node))}"
        self.types[name] = lines = [doc]
        if not tag:
            lines.append("fields:")
            lines += indented(self.fields(node.children.values(), name, reply), 2)
            return name
        lines.append(f"union: {quoted(tag)}")
        common = [
            each
            for each in node.children.values()
            if each.name != tag and each.name not in payloads.values()
        ]
        if common:
            lines.append("common:")
            lines += indented(self.fields(common, name, reply), 2)
        lines.append("variants:")
        for value, child in payloads.items():
            # Fields in common go into the payload's class, which so belongs to this union alone.
            payload = self.record(node.children[child], name, reply, own=bool(common))
            shown = value if isinstance(value, int) else quoted(value)
            lines.append(
                f"  {shown}: {payload}"
                if str(value) == child
                else f"  {shown}: {{key: {quoted(child)}, type: {payload}}}"
            )
            self.optional[id(node.children[child])] = True
        return name

    def union(self, node: Node) -> tuple[str, dict[int | str, str]]:
        """The tag that tells the payloads of an object apart, and each payload's key by its tag."""
        objects = {name for name, each in node.children.items() if each.children and not each.many}
        for tag in ("msgtype", "type", "media_type", "tag_type"):
            child = node.children.get(tag)
            if child is None or child.children or child.many:
                continue
            words = {each for each in child.values if isinstance(each, str)} & objects
            if words:
                words |= {each for each in meanings_of(self.told(child)) if each in objects}
                return tag, {each: each for each in node.children if each in words}
            # A number tells the payload, which stands under a name of its own.
            pairs = {(each.get(tag), key) for each in node.objects for key in objects & each.keys()}
            found: dict[int | str, str] = {}
            found |= {value: key for value, key in sorted(pairs, key=str) if type(value) is int}
            if len(found) > 1 and len(found) == len(pairs) == len(set(found.values())):
                return tag, found
        return "", {}

    def known_record(self, node: Node, reply: bool) -> str:
        """A type of this file or of types.yaml that an object is."""
        words = ir.camel(snake(singular(node.name)).rstrip("_"))
        for each in self.near:
            if isinstance(each, ir.Union) and words in each.name:
                keys = {variant.key for variant in each.variants} | {each.tag, *each.common}
                if each.tag in node.children and node.children.keys() <= keys:
                    for child in node.children.values():
                        self.settle(child, reply)
                    return each.name
            if (
                isinstance(each, ir.Record)
                and words in each.name
                and self.is_like(node, each, reply)
            ):
                self.settle(node, reply)
                return each.name
        return ""

    def is_like(self, node: Node, record: ir.Record, reply: bool) -> bool:
        fields = {each.wire: each for each in record.fields}
        if not node.children.keys() <= fields.keys() or 2 * len(node.children) <= len(fields):
            return False
        needed = {wire for wire, each in fields.items() if not each.optional}
        if not needed <= {
            name for name, child in node.children.items() if not (child.absent and child.shown)
        }:
            return False
        for name, child in node.children.items():
            field = fields[name]
            told = {} if reply else limits_of(child.says, self.base(child), self.many(child))
            same_shape = (self.base(child) == "record") == isinstance(
                field.ref.target, (ir.Record, ir.Union)
            )
            if field.ref.many != self.many(child) or not same_shape:
                return False
            if not reply and dict(field.limits) != told:
                return False  # the page knows another limit, or none
        return True

    def settle(self, node: Node, reply: bool) -> None:
        """Fields of a known type need nothing but what their example shows."""
        for _, each in node.walk():
            self.optional[id(each)] = True

    # -- the call

    def draft(self) -> Draft:
        page = self.page
        for call in self.api.calls:
            same = (call.method, call.path) == (page.method, page.path)
            if same and call.resource != self.resource:
                raise ScaffoldError(f"{page.path} is {call.full_name} already, at {call.at}")
        asked = tree(page.requests, page.request_rows)
        if page.method == "GET" or page.multipart:
            for name in page.query:
                asked.children.setdefault(name, Node(name))
        for name in TOKEN_NAMES:
            asked.children.pop(name, None)
        answered = tree(page.replies, page.reply_rows)
        for name in ("errcode", "errmsg"):
            answered.children.pop(name, None)
        paginate = {} if page.download else self.paging(asked, answered)
        forced: dict[str, dict[str, Any]] = {}
        if paginate:
            cursor = paginate.get("cursor", "cursor")
            forced[cursor] = {"optional": True}
            numbered = cursor in PAGE_NUMBERS
            forced[cursor]["base"] = "int" if numbered else "str"
        request = self.fields(asked.children.values(), self.cls, False, forced)
        if page.multipart:
            request.append(f"media: {{type: file, doc: {todo('the file')}}}")
        told = {}
        end = paginate.get("more") or paginate.get("until")
        if end and self.base(answered.children[end]) != "bool":
            told[end] = {"base": "flag"}
        response = self.fields(answered.children.values(), f"{self.cls}Result", True, told)
        return Draft(
            resource=self.resource,
            name=self.name,
            call=self.call(request, response, paginate, self.partial(answered)),
            types=[
                line
                for name, lines in self.types.items()
                for line in ("", f"{name}:", *indented(lines, 2))
            ][1:],
            head=[
                "# yaml-language-server: $schema=spec.schema.json",
                f"title: {quoted(page.title or self.resource)}",
                f"doc: {todo('what the resource is, in a sentence')}",
                f"link: {page.number}",
            ],
            fixture=self.fixture(asked, answered, paginate),
            hints=self.hints,
        )  # fmt: skip

    def call(
        self, request: list[str], response: list[str], paginate: Mapping[str, str], partial: str
    ) -> list[str]:
        page = self.page
        lines = [f"title: {quoted(page.title or self.name)}", f"doc: {todo('what the call does')}"]
        if page.remarks:
            lines.append("# What the page says besides; what a caller must know goes to notes.")
            lines += [f"#   {each}" for each in page.remarks]
        lines += [f"link: {page.number}", f"call: {page.method} {page.path}"]
        verb = self.segments()[-1]
        if page.method == "POST":
            named = READS.search(self.name) or READS.match(verb)
            reads = READ_TITLE.match(page.title) or not WRITE_TITLE.search(page.title)
            if named or READ_TITLE.match(page.title):
                lines.append(f"readonly: {json.dumps(bool(reads))}")
        token = next((each for each in page.query if each in TOKEN_NAMES), "access_token")
        if token != "access_token":
            lines.append(f"token: {token.removesuffix('_access_token')}")
        if paginate:
            lines.append(
                f"paginate: {{{', '.join(f'{key}: {snake(value)}' for key, value in paginate.items())}}}"
            )
        if partial:
            lines.append(f"partial: {partial}")
        groups = self.groups(request)
        if groups:
            lines.append(f"any_of: {groups}")
        if request:
            lines += ["request:", *(f"  {each}" for each in request)]
        if page.download:
            lines.append("response: file")
        elif response:
            lines += ["response:", *(f"  {each}" for each in response)]
        known = {error.code for error in self.api.errors}
        errors = sorted(code for code in page.codes if code in known)
        if errors:
            lines.append(f"errors: [{', '.join(map(str, errors))}]")
        unknown = sorted(set(page.codes) - known)
        if unknown:
            told = ", ".join(map(str, unknown))
            self.hints.append(
                f"the page speaks of {told}, unknown to errors.yaml; add what are error codes"
            )
        return lines

    def groups(self, request: Sequence[str]) -> str:
        """Fields of which the page says that they may not all be empty."""
        optional = [each.partition("?")[0] for each in request if re.match(r"\w+\?:", each)]
        found = []
        for remark in self.page.remarks:
            for told in re.findall(
                r"([^。；;]*?)(?:四者|三者|两者|二者|都)?(?:不能|不可|不得)(?:全部?|同时|都)为空",
                remark,
            ):
                names = re.findall(r"[A-Za-z_]\w*", told, re.A)
                if len(names) > 1 and set(names) <= set(optional):
                    found.append(f"[{', '.join(names)}]")
        for row in self.page.request_rows:
            told = re.search(
                r"(?:不能|不可|不得)[与和]([A-Za-z_]\w*)(?:同时|都)为空", row.says, re.A
            )
            if told and {row.name, told[1]} <= set(optional):
                found.append(f"[{row.name}, {told[1]}]")
        return found[0] if len(found) == 1 else f"[{', '.join(found)}]" if found else ""

    def paging(self, asked: Node, answered: Node) -> dict[str, str]:
        """How the call is paged, if it is: the words of `paginate`, with names on the wire."""
        lists = [name for name, each in answered.children.items() if self.many(each)]
        paged = {"cursor", "next_key", "offset", "page", "page_id"} & asked.children.keys()
        more = {"has_more", "ending", "next_cursor", "next_key"} & answered.children.keys()
        found = (
            self.paging_over(max(lists, key=self.weight(answered)), asked, answered)
            if lists
            else {}
        )
        if paged | more and not found:
            told = ", ".join(sorted(paged | more))
            self.hints.append(f"{told} may tell of more pages: see Paging in docs/spec-format.md")
        return found

    def weight(self, answered: Node) -> Callable[[str], tuple[bool, int]]:
        """What makes a list of a reply look like its items: objects inside, then an early place."""
        names = [*answered.children]
        return lambda name: (bool(answered.children[name].children), -names.index(name))

    def paging_over(self, items: str, asked: Node, answered: Node) -> dict[str, str]:
        names = answered.children.keys()
        for cursor, node in asked.children.items():
            after = next((each for each in (f"next_{cursor}", cursor) if each in names), "")
            moves = after != cursor or cursor.startswith("next_")
            if after and moves and self.base(node) != "int":
                ends = {"more": "has_more"} if "has_more" in names else {}
                if cursor == "cursor":
                    return {"items": items, **ends}
                return {"items": items, "cursor": cursor, "next": after, **ends}
        last_page = next((each for each in ("is_last", "is_end", "is_finish") if each in names), "")
        number = next((each for each in PAGE_NUMBERS if each in asked.children), "")
        if last_page and number:
            return {"items": items, "cursor": number, "until": last_page}
        if "has_more" in names and number not in ("", "offset"):
            return {"items": items, "cursor": number, "more": "has_more"}
        total = next((each for each in ("total", "total_count") if each in names), "")
        if "offset" in asked.children:
            found = {"items": items, "cursor": "offset"}
            found |= {"next": "next_offset"} if "next_offset" in names else {}
            size = next((each for each in ("limit", "size") if each in asked.children), "")
            if "has_more" in names and (size or "next" in found):
                return found | ({"limit": size} if size else {}) | {"more": "has_more"}
            if total:
                return found | {"total": total}
            if size:
                return found | {"limit": size}
        return {}

    def partial(self, answered: Node) -> str:
        """Where the reply tells of items that failed."""
        found = []
        for path, node in answered.walk():
            if (
                len(path) > 2
                or not self.many(node)
                or (len(path) == 2 and answered.children[path[0]].many)
            ):
                continue
            items = ".".join(map(snake, path))
            code = node.children.get("errcode")
            if code and self.base(node) == "record" and self.base(code) == "int":
                found.append(f"{{items: {items}, code: errcode}}")
            elif FAILED.match(node.name):
                found.append(f"{{items: {items}}}")
        return found[0] if len(found) == 1 else f"[{', '.join(found)}]" if found else ""

    # -- the fixture

    def fixture(self, asked: Node, answered: Node, paginate: Mapping[str, str]) -> dict[str, Any]:
        page = self.page
        self.made = False
        example = next((each for each in page.requests if isinstance(each, dict)), {})
        if not (example.keys() & asked.children.keys()):
            example = {}
        for name, value in page.query.items():
            if name in asked.children and name not in example:
                example = {**example, name: value or name.upper()}
        sent = self.sample(asked, example)
        reply = next(
            (each for each in page.replies if isinstance(each, dict) and "errcode" in each), None
        )
        if reply is None:
            reply = next((each for each in page.replies if isinstance(each, dict)), {})
            reply = {"errcode": 0, "errmsg": "ok", **reply}
        envelope = {"errcode": 0, "errmsg": "ok"}
        answer = {
            **envelope,
            **self.sample(answered, {k: v for k, v in reply.items() if k not in envelope}),
        }
        request: dict[str, Any] = {"method": page.method, "path": page.path}
        fixture: dict[str, Any] = {"call": f"{self.resource}.{self.name}", "args": sent}
        exchanges = [self.exchange(request, sent, answer)]
        if page.download:
            exchanges[0]["response"] = {"status": 200, "headers": HEADERS, "content_base64": FILE}
        if paginate:
            exchanges = self.pages(request, sent, answer, paginate, answered)
        fixture["exchanges"] = exchanges
        result = None if page.download else self.result(answered, exchanges, paginate)
        if result is not None:
            fixture["result"] = result
        fixture["source"] = f"{'made after ' if self.made else ''}official page {page.number}"
        if paginate:
            fixture["note"] = "The second exchange ends the paging that the sample leaves open."
        if page.multipart:
            content = {"name": "file.txt", "content_type": "text/plain", "content_base64": FILE}
            fixture["file"] = content
        clean = anonymous(json.dumps(fixture, ensure_ascii=False))
        done: dict[str, Any] = json.loads(clean)
        return done

    def result(self, answered: Node, exchanges: Sequence[Any], paginate: Mapping[str, str]) -> Any:
        """What the client makes of the replies, where that is not what they say."""
        replies = [each["response"]["json"] for each in exchanges]
        if paginate:
            node = answered.children[paginate["items"]]
            items = [item for reply in replies for item in reply.get(node.name, [])]
            seen = [self.unwrapped(node, self.decoded(node, item)) for item in items]
            return None if seen == items else seen
        reply = {name: each for name, each in replies[-1].items() if name in answered.children}
        told = self.decoded(answered, reply)
        return None if told == reply else told

    def exchange(
        self, request: Mapping[str, Any], sent: Mapping[str, Any], answer: Any
    ) -> dict[str, Any]:
        whole = dict(request)
        if self.page.method == "GET" or self.page.multipart:
            if sent:
                whole["query"] = {name: in_query(value) for name, value in sent.items()}
            if self.page.multipart:
                whole["multipart"] = True
        else:
            whole["json"] = dict(sent)
        return {"request": whole, "response": {"status": 200, "json": answer}}

    def pages(
        self,
        request: Mapping[str, Any],
        sent: dict[str, Any],
        answer: dict[str, Any],
        paginate: Mapping[str, str],
        answered: Node,
    ) -> list[Any]:
        """Two pages, the second empty."""
        items, cursor = paginate["items"], paginate.get("cursor", "cursor")
        empty = {**answer, items: []}
        step: int | str
        at = sent.get(cursor)
        start = at if isinstance(at, int) else 0
        if cursor in PAGE_NUMBERS and (cursor != "offset" or "until" in paginate):
            first = dict(answer)
            step = start + 1
        elif cursor == "offset":
            size = len(answer.get(items, []))
            step = start + size
            first = dict(answer)
            if "total" in paginate:
                first[paginate["total"]] = step + 1
                empty[paginate["total"]] = step
            elif "more" not in paginate:
                sent[paginate["limit"]] = size  # so that the first page is not a short one
            if "next" in paginate:
                first[paginate["next"]] = step
                empty.pop(paginate["next"], None)
        else:
            after = paginate.get("next", "next_cursor")
            step = answer.get(after) or "NEXT_CURSOR"
            if step == sent.get(cursor):
                step = f"{step}_2"
            first = {**answer, after: step}
            empty[after] = ""
        for word in {"until", "more"} & paginate.keys():
            end = paginate[word]
            flag = self.kinds.get(id(answered.children[end])) == "flag"
            for page, goes_on in ((first, True), (empty, False)):
                said = goes_on == (word == "more")
                page[end] = int(said) if flag else said
        self.made = self.made or first != answer
        return [
            self.exchange(request, sent, first),
            self.exchange(request, {**sent, cursor: step}, empty),
        ]

    def sample(self, node: Node, value: Any) -> Any:
        """An example that fits the draft: what is required is there, and of its type."""
        if isinstance(value, list):
            return [self.sample(node, each) for each in value]
        if not node.children or node.values:
            return self.fitting(node, value)
        found = {}
        for name, each in value.items():
            if name in node.children and each is not None:
                found[name] = self.sample(node.children[name], each)
        for name, child in node.children.items():
            if name not in found and not self.optional.get(id(child), True):
                self.made = True
                found[name] = self.placeholder(child)
        return found

    def placeholder(self, node: Node) -> Any:
        """A value where the example has none."""
        if node.children:
            value = self.sample(node, {})
        else:
            kind = self.kinds.get(id(node), "str")
            allowed = self.allowed(kind)
            simple = {"int": 1, "flag": 1, "bool": True, "float": 1.5, "timestamp": 1700000000}
            value = allowed[0] if allowed else simple.get(self.scalar_of(kind), node.name.upper())
        return [value] if self.many(node) else value

    def fitting(self, node: Node, value: Any) -> Any:
        """The value of an example, or one in its place that has the type it should have."""
        kind = self.kinds.get(id(node), "")
        allowed = self.allowed(kind)
        number = self.scalar_of(kind) in ("int", "flag", "bool", "timestamp")
        if isinstance(value, str) and number and re.fullmatch(r"-?\d+", value):
            value = int(value) if self.page.method == "GET" else value
        elif (isinstance(value, str) and number) or (allowed and value not in allowed):
            self.made = True  # a word that stands for a value
            made = self.placeholder(node)
            return made[0] if self.many(node) else made
        return value

    def allowed(self, kind: str) -> Sequence[int | str]:
        """The values of an enum."""
        if kind in self.enums:
            return self.enums[kind]
        found = next((each for each in self.near if each.name == kind), None)
        return [each.value for each in found.values] if isinstance(found, ir.Enum) else []

    def scalar_of(self, kind: str) -> str:
        """The scalar behind a type, where there is one."""
        for known in self.aliases.values():
            if known.name == kind:
                return known.base
        return kind

    def decoded(self, node: Node, value: Any) -> Any:
        """A reply as it comes out of the client, encoded again: numbers that came as words are numbers."""
        if isinstance(value, list):
            return [self.decoded(node, each) for each in value]
        if isinstance(value, dict) and node.children:
            return {
                name: self.decoded(node.children[name], each) if name in node.children else each
                for name, each in value.items()
            }
        number = self.scalar_of(self.kinds.get(id(node), "")) in ("int", "timestamp")
        return int(value) if isinstance(value, str) and number else value

    def unwrapped(self, node: Node, item: Any) -> Any:
        """An item of a page that is a union: its payload, with the fields in common."""
        tag, payloads = self.union(node)
        if not tag or not isinstance(item, dict):
            return item
        inside = [name for name in payloads.values() if name in item]
        flat = {name: each for name, each in item.items() if name not in (tag, *inside)}
        return flat | {name: each for inner in inside for name, each in item[inner].items()}


def in_query(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def anonymous(text: str) -> str:
    """A text without the phone numbers and corp ids that an example may show."""
    text = re.sub(r"(?<!\d)1[3-9]\d{9}(?!\d)", "13800000001", text)
    return re.sub(r"\bww[0-9a-f]{16}\b", f"ww{'0' * 16}", text)
