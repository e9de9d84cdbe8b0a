"""The text of an official page as a person copies it: the address, the examples, the tables.

Knows how WeCom writes its pages, and nothing of the spec. Pages are written by hand and copied in many ways, so
what is read here is forgiving: a table may come with tabs, pipes, spaces, one cell per line or nothing at all
between its cells, and an example need not be JSON to the letter.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import Factory, define, frozen


class PageError(ValueError):
    """A text that no call can be drafted from; the message says why and what to do."""


@frozen(kw_only=True)
class Row:
    """A row of a table of parameters."""

    name: str
    """As printed; dots reach inside, `[]` marks a list."""
    indent: int = 0
    """How deep it is nested, where the page shows that by indentation or by marks."""
    must: bool | None = None
    """None where the table does not say."""
    type: str = ""
    says: str = ""


@define(kw_only=True)
class Page:
    """What a page says about one call."""

    title: str = ""
    number: int | None = None
    method: str = ""
    path: str = ""
    query: dict[str, str] = Factory(dict)
    """Parameters in the address, the token among them, with the placeholders printed there."""
    requests: list[Any] = Factory(list)
    replies: list[Any] = Factory(list)
    request_rows: list[Row] = Factory(list)
    reply_rows: list[Row] = Factory(list)
    meanings: dict[str, str] = Factory(dict)
    """Tables of values that stand apart, by the heading above them, as `0-…；1-…`."""
    codes: list[int] = Factory(list)
    remarks: list[str] = Factory(list)
    multipart: bool = False
    download: bool = False
    """Whether the reply is a file."""


# The words that head the columns of a table.
COLUMNS = {
    "name": ("参数名称", "参数名", "参数", "字段名", "字段", "名称", "键"),
    "must": ("是否必须", "是否必填", "是否必选", "是否必需", "必须", "必填", "必选", "必需"),
    "type": ("参数类型", "数据类型", "字段类型", "类型"),
    "says": ("参数说明", "说明", "描述", "含义", "备注"),
    "default": ("默认值",),
    "other": ("示例值", "示例", "取值范围"),
}
KIND = {word: kind for kind, words in COLUMNS.items() for word in words}
YES = ("是", "必须", "必填", "必选", "必需", "yes", "Yes", "YES", "Y", "true", "√")
NO = ("否", "可选", "选填", "非必须", "非必填", "no", "No", "NO", "N", "false", "×")
TYPE = (
    r"(?:u?int(?:8|16|32|64)?|integer|long|number|string|str|bool(?:ean)?|float|double"
    r"|obj(?:ect)?|array|list|json|file|字符串|整型|整数|数字|布尔|数组|对象|列表)"
)
TYPES = re.compile(rf"(?:\[\])?{TYPE}(?:\s*[<(\[（]\s*{TYPE}?\s*[>)\]）])*(?:\[\])*", re.I)
NAME = re.compile(r"[A-Za-z_]\w*(?:\[\])?(?:(?:\.|->)\w+(?:\[\])?)*", re.A)
NESTING = re.compile(r"^[\s>\-—–└├│─∟|·•.]*")

TOKEN_NAMES = ("access_token", "suite_access_token", "provider_access_token")
ADDRESS = re.compile(
    r"https?://qyapi\.weixin\.qq\.com(/cgi-bin/[\w/-]+)(\?[^\s\"'<>）)，。；]*)?", re.A
)
NUMBERS = (
    re.compile(r"developer\.work\.weixin\.qq\.com/document/(?:path/)?(\d+)"),
    re.compile(r"work\.weixin\.qq\.com/api/doc/\d+/\d+/(\d+)"),
)
CODE = re.compile(r"(?<![\d,.])(?:[4-9]\d{4}|[3-9]\d{5})(?![\d,.])")
LABEL = re.compile(
    r"[#*\s]*(?:(?:请求|返回|响应|应答|参数|权限|错误|注意|提示|更多|附录|接口|补充)[^\s。，,；|]{0,8}[:：]?"
    r"|[^\s。，,；|]{1,12}[:：])[*\s]*"
)
REPLY = re.compile("返回|响应|应答|回包|RETURN", re.I)
ASK = re.compile("请求|入参|消息类型")
DOWNLOAD = re.compile(r"content-disposition:\s*attachment", re.I)
HTML = re.compile(r"<(?:!doctype|html|head|body|div|table|tr|td|p|span|pre)\b[^>]*>", re.I)
CONTROL = dict.fromkeys([*range(9), *range(11, 32), 127])
BLANKS: dict[int, str | None] = {
    **CONTROL,
    0x85: "\n",
    0x2028: "\n",
    0xA0: " ",
    0x3000: " ",
    0x200B: None,
    0x200C: None,
    0x200D: None,
    0xFEFF: None,
}


def read(text: str) -> Page:
    """Read the text of a page; raises `PageError` where no call can be found in it."""
    text = text.translate(BLANKS)
    if not text.strip():
        raise PageError("there is no text; copy the page from its title to the end of its tables")
    if len(HTML.findall(text)) > 2:
        raise PageError("this is HTML; copy the text as the browser shows it, not its source")
    # What Markdown escapes and emphasizes.
    text = re.sub(r"\\([_\[\]*|~-])", r"\1", text).replace("**", "")
    page = Page()
    address(page, text)
    head(page, text)
    body(page, text)
    page.codes = list(dict.fromkeys([*page.codes, *codes(text)]))
    if "multipart/form-data" in text:
        page.multipart, page.method = True, "POST"
    page.download = not page.replies and bool(DOWNLOAD.search(text))
    if not (page.requests or page.replies or page.request_rows or page.reply_rows):
        raise PageError(
            "there is neither an example in JSON nor a table of parameters; "
            "copy the page from its title to the end of its tables"
        )
    return page


def address(page: Page, text: str) -> None:
    """Method, path and parameters of the URL."""
    found = [
        (text.count("\n", 0, each.start()) + 1, each[1].rstrip("/"), each[2] or "")
        for each in ADDRESS.finditer(text)
    ]
    if not found:
        if "<xml>" in text:
            raise PageError("this page shows XML: an event; write it into events.yaml by hand")
        raise PageError(
            "no address that begins with https://qyapi.weixin.qq.com/cgi-bin/; "
            "copy the line 请求地址, too"
        )
    # Prose may name the addresses of other calls; the page's own has a token to fill in.
    own = [each for each in found if any(f"{name}=" in each[2] for name in TOKEN_NAMES)] or found
    paths = {path: line for line, path, _ in reversed(own)}
    if len(paths) > 1:
        told = ", ".join(f"{path} (line {line})" for path, line in reversed(paths.items()))
        raise PageError(f"these are {len(paths)} calls: {told}; paste one at a time")
    page.path = own[0][1]
    for _, _, query in own:
        for pair in query.lstrip("?").split("&"):
            name, _, value = pair.partition("=")
            if re.fullmatch(r"[A-Za-z_]\w*", name, re.A):
                page.query.setdefault(name, value)
    method = re.search(r"请求方式[^A-Za-z\n]{0,8}([A-Za-z]+)", text)
    method = method or re.search(r"\b(GET|POST)\b\s*[（(]?\s*HTTPS?", text)
    page.method = method[1].upper() if method else ""
    if page.method in ("", "HTTP", "HTTPS"):
        page.method = (
            "POST"
            if re.search(r"^\s*[{“\"]", text, re.M) and set(page.query) <= set(TOKEN_NAMES)
            else "GET"
        )
    if page.method not in ("GET", "POST"):
        raise PageError(f"the method {page.method} is neither GET nor POST")


def head(page: Page, text: str) -> None:
    """Title and number."""
    before: list[str] = []
    for line in ADDRESS.split(text)[0].splitlines():
        if line.lstrip().startswith(("{", "请求方式")):
            break
        words = line.strip().strip("#*= ")
        if words.startswith("最后更新"):
            before = before[-1:]
            break
        if words and "http" not in words:
            before.append(words)
    if before:
        page.title = re.split(r"\s*最后更新", before[0])[0][:60]
    for pattern in NUMBERS:
        for number in pattern.findall(text):
            page.number = page.number or int(number)


def codes(text: str) -> list[int]:
    """Numbers that are told as error codes."""
    found: dict[int, None] = {}
    table = False
    for line in text.splitlines():
        if re.match(r"\s*\|?\s*(?:错误码|返回码)\s*[\t| ]\s*\S", line):
            table = True
        elif LABEL.fullmatch(line):
            table = False
        told = re.search("错误码|报错|错误：|会返回|errcode", line)
        if told or (table and re.match(r"[\s|]*\d{5,6}\b", line)):
            bare = re.sub(r"https?://\S+", "", line)
            found |= dict.fromkeys(int(each) for each in CODE.findall(bare))
    return list(found)


def body(page: Page, text: str) -> None:
    """Examples and tables, in their order; what stands above tells requests from replies."""
    lines, examples = cut_examples(text)
    at = 0
    reply = False
    heading = ""
    while at < len(lines):
        line = lines[at]
        if line in examples:
            data = examples[line]
            code = data.get("errcode") if isinstance(data, dict) else None
            reply = reply or code is not None
            if isinstance(code, int) and code:
                page.codes.append(code)  # what comes instead of the reply
            else:
                (page.replies if reply else page.requests).append(data)
            at += 1
            continue
        columns = header(lines, at)
        if columns is not None:
            rows, at = columns.rows(lines, [*page.requests, *page.replies])
            names = {row.name for row in rows}
            if "errcode" in names:
                reply = True
            elif "must" in columns.kinds or "access_token" in names:
                reply = False
            (page.reply_rows if reply else page.request_rows).extend(rows)
            continue
        values = value_table(lines, at)
        if values is not None:
            told, at = values
            page.meanings[heading] = told
            continue
        words = line.strip().strip("#*=•· ")
        if words:
            if len(words) <= 24:
                heading = words.rstrip(":：")
                if REPLY.search(words):
                    reply = True
                elif ASK.search(words):
                    reply = False
            plain = (
                not re.match(r"请求方式|请求地址|最后更新", words) and "weixin.qq.com" not in words
            )
            if len(words) > 12 and plain:
                page.remarks.append(words)
        at += 1


# ---- tables


@frozen(kw_only=True)
class Columns:
    """A table's head: what each column holds, and how its cells are kept apart."""

    kinds: tuple[str, ...]
    style: str
    """`pipes`, `tabs`, `spaces`, `lines` (one cell per line) or `glued`."""
    begin: int
    """The first line below the head."""

    def rows(self, lines: Sequence[str], examples: Sequence[Any]) -> tuple[list[Row], int]:
        """The rows, and the line after them."""
        known = names_in(examples)
        found: list[dict[str, Any]] = []
        pending: list[str] = []
        at = self.begin
        end = at
        while at < len(lines):
            line = lines[at]
            if line.startswith("\0") or header(lines, at) or value_table(lines, at):
                break
            if not line.strip():
                at += 1
                continue
            if self.style == "pipes" and set(line) <= set("|-: \t"):
                at += 1
                end = at
                continue
            cells, taken = self.cells(lines, at, known)
            if cells is not None:
                if found and pending:
                    found[-1]["says"] += "\n" + "\n".join(pending)
                pending = []
                found.append(cells)
                at += taken
                end = at
                continue
            if LABEL.fullmatch(line) and not self.goes_on(lines, at + 1, known):
                break
            words = line.strip().strip("|").strip()
            if found and at == end:  # goes on without a gap
                found[-1]["says"] += f"\n{words}"
                end = at + 1
            else:
                pending.append(words)  # part of the cell if more rows follow, else not of the table
            at += 1
        rows = [Row(**each) for each in found]
        return rows, max(end, self.begin)

    def goes_on(self, lines: Sequence[str], at: int, known: set[str]) -> bool:
        """Whether the next line that is not empty is a row, so that the one before is of a cell."""
        below = next((index for index in range(at, len(lines)) if lines[index].strip()), None)
        return below is not None and self.cells(lines, below, known)[0] is not None

    def cells(
        self, lines: Sequence[str], at: int, known: set[str]
    ) -> tuple[dict[str, Any] | None, int]:
        """The row that begins at a line, or None; and how many lines it takes."""
        if self.style == "lines":
            return self.cells_of_lines(lines, at, known)
        line = lines[at]
        if self.style == "glued":
            return self.glued_cells(line, known), 1
        width = len(self.kinds)
        if self.style == "pipes":
            if "|" not in line:
                return None, 1
            bare = line.strip()
            cells = re.split(r"(?<!\\)\|", bare.removeprefix("|").removesuffix("|"))
            if len(cells) > width:  # a bar inside the last cell
                cells[width - 1 :] = ["|".join(cells[width - 1 :])]
            first = cells[0].removeprefix(" ") if bare.startswith("|") else cells[0]
        elif self.style == "tabs":
            stripped = line.strip(" \n").lstrip("\t")
            if "\t" not in stripped:
                return None, 1
            cells = stripped.split("\t")
            if len(cells) > width:
                cells = re.split(r"\t+", stripped)
                cells[width - 1 :] = [" ".join(cells[width - 1 :])]
            first = line[: len(line) - len(line.lstrip())] + cells[0]
        else:
            cells = re.split(r"\s{2,}", line.strip(), maxsplit=width - 1)
            if len(cells) < width:
                cells = line.split(None, width - 1)
            first = line[: len(line) - len(line.lstrip())] + cells[0]
        name, indent = unnest(first)
        if not NAME.fullmatch(name):
            return None, 1
        if self.style == "spaces" and not self.fits(cells):
            return None, 1
        return self.row(name, indent, [each.strip() for each in cells[1:]]), 1

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether words between spaces are cells; prose has spaces, too."""
        told = dict(zip(self.kinds, cells, strict=False))
        if "must" in self.kinds:
            return told.get("must") in YES + NO
        if "type" in self.kinds:
            return TYPES.fullmatch(told.get("type", "")) is not None
        return len(cells) > 1

    def row(self, name: str, indent: int, rest: Sequence[str]) -> dict[str, Any]:
        told: dict[str, Any] = {"name": name, "indent": indent, "says": "", "type": ""}
        for kind, cell in zip(self.kinds[1:], rest, strict=False):
            if kind == "must":
                told["must"] = True if cell in YES else False if cell in NO else None
            elif kind == "default" and cell not in ("", "-", "无"):
                told["says"] += f"默认为{cell}。"
            elif kind in ("says", "type"):
                told[kind] += cell
        return told

    def cells_of_lines(
        self, lines: Sequence[str], at: int, known: set[str]
    ) -> tuple[dict[str, Any] | None, int]:
        name, indent = unnest(lines[at])
        if not NAME.fullmatch(name):
            return None, 1
        taken = at + 1
        rest = []
        for kind in self.kinds[1:]:
            while taken < len(lines) and not lines[taken].strip():
                taken += 1
            cell = lines[taken].strip() if taken < len(lines) else ""
            if kind == "must" and cell not in YES + NO:
                return None, 1
            if kind == "type" and not TYPES.fullmatch(cell):
                return None, 1
            if kind == "says" and (cell.startswith("\0") or unnest(cell)[0] in known):
                rest.append("")  # an empty cell
                continue
            rest.append(cell)
            taken += 1
        if {"must", "type"}.isdisjoint(self.kinds) and known and last(name) not in known:
            return None, 1
        return self.row(name, indent, rest), taken - at

    def glued_cells(self, line: str, known: set[str]) -> dict[str, Any] | None:
        words = line.strip()
        found = NAME.match(words)
        if found is None or "://" in words[: len(found[0]) + 3]:
            return None
        name = found[0]
        if last(name) not in known | {"access_token", "errcode", "errmsg"}:
            # A type may be glued to the name, as in errcodeint32. What an example has is the name.
            typed = "type" in self.kinds and "must" not in self.kinds
            for size in range(len(name) - 1, 0, -1):
                fits = not typed or TYPES.match(words[size:])
                if fits and last(name[:size]) in known | {"errcode", "errmsg"}:
                    name = name[:size]
                    break
            else:
                if typed and (found := re.fullmatch(rf"(\w+?)({TYPE}(?:\[\])?)", name)):
                    name = found[1]
        rest = words[len(name) :]
        told: list[str] = []
        for kind in self.kinds[1:]:
            cell = ""
            if kind == "must":
                cell = next((each for each in YES + NO if rest.startswith(each)), "")
                cell = "" if rest.startswith("是否") else cell
            elif kind == "type":
                matched = TYPES.match(rest)
                cell = matched[0] if matched else ""
            elif kind == "says":
                cell = rest
            told.append(cell)
            rest = rest[len(cell) :]
        return self.row(name, 0, told) if told[-1] else None


def header(lines: Sequence[str], at: int) -> Columns | None:
    """The head of a table of parameters at a line, if there is one."""
    line = lines[at].strip()
    if not line or not line.lstrip("| ").startswith(COLUMNS["name"]):
        return None
    for style, cells in (
        ("pipes", [each.strip() for each in line.strip("|").split("|")] if "|" in line else []),
        ("tabs", [each.strip() for each in re.split(r"\t+", line)] if "\t" in line else []),
        ("spaces", line.split()),
    ):
        kinds = tuple(KIND.get(each, "") for each in cells)
        if len(kinds) > 1 and kinds[0] == "name" and "" not in kinds:
            return Columns(kinds=kinds, style=style, begin=at + 1)
    if line in COLUMNS["name"]:
        found = ["name"]
        begin = at + 1
        for index, below in enumerate(lines[begin:], begin):
            kind = KIND.get(below.strip(), "name")
            if below.strip() and kind == "name":
                break
            if below.strip():
                found.append(kind)
                begin = index + 1
        if len(found) > 1:
            return Columns(kinds=tuple(found), style="lines", begin=begin)
    whole = "|".join(rf"(?P<{kind}>{'|'.join(words)})" for kind, words in COLUMNS.items())
    parts = [str(each.lastgroup) for each in re.finditer(whole, line)]
    if len(parts) > 1 and re.sub(whole, "", line) == "" and parts[0] == "name":
        return Columns(kinds=tuple(parts), style="glued", begin=at + 1)
    return None


def value_table(lines: Sequence[str], at: int) -> tuple[str, int] | None:
    """A table of values and meanings that stands apart from the table of parameters."""
    if not re.fullmatch(r"[\s|]*(?:值|取值|枚举值)[\s|]+(?:含义|说明|描述)[\s|]*", lines[at]):
        return None
    told = []
    at += 1
    while at < len(lines) and not lines[at].startswith("\0"):
        found = re.fullmatch(r"[\s|]*(-?\d+|[A-Za-z_]\w*)[\s|]+(\S.*?)[\s|]*", lines[at], re.A)
        if found:
            told.append(f"{found[1]}-{found[2]}")
        elif lines[at].strip("|-: \t"):
            break
        at += 1
    return "；".join(told), at


def unnest(cell: str) -> tuple[str, int]:
    """A name without what shows its depth, and the depth."""
    cell = cell.rstrip().replace("`", "")
    marks = NESTING.match(cell)
    prefix = marks[0] if marks else ""
    return cell[len(prefix) :].strip(), len(prefix.expandtabs(4))


def last(name: str) -> str:
    return re.split(r"\.|->", name)[-1].removesuffix("[]")


def names_in(examples: Iterable[Any]) -> set[str]:
    """Every key of some examples."""
    found: set[str] = set()
    stack = list(examples)
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            found |= each.keys()
            stack += each.values()
        elif isinstance(each, list):
            stack += each
    return found


# ---- examples


BEGIN = re.compile(
    r"^[ \t>]*(?:[^\s{}\[\]|\"]{1,20}[:：]\s*)?(?=[{]|\[\s*[{\"\]\n]|[\"“]\w+[\"”]\s*[:：])", re.M
)


def cut_examples(text: str) -> tuple[list[str], dict[str, Any]]:
    """The lines, with a mark in place of each example; and the examples by mark."""
    text = re.sub(r"^\s*(?:```|~~~).*$", "", text, flags=re.M)
    examples: dict[str, Any] = {}
    kept = ""
    at = 0
    while found := BEGIN.search(text, at):
        line = text.count("\n", 0, found.end()) + 1
        reader = Lenient(text, found.end())
        try:
            data = reader.example()
        except PageError as error:
            raise PageError(f"line {line}: the example that begins here {error}") from None
        mark = f"\0{len(examples)}"
        examples[mark] = data
        kept += f"{text[at : found.end()].rstrip(' ')}\n{mark}\n"
        at = reader.at
    return (kept + text[at:]).split("\n"), examples


TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|[“”][^“”"\n]*[“”"]|'(?:\\.|[^'\\\n])*')
       |(?P<open>"[^"\n]*)
       |(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*|\.{2,}|…+|[;；])
       |(?P<mark>[{}\[\],:，：])
       |(?P<number>-?\d+(?:\.\d+)?(?![\w.]))
       |(?P<word>[\w.@/%<>$-]+)""",
    re.X | re.S,
)
CLOSED = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}


class Lenient:
    """A reader of JSON as pages print it: comments, dots for more, missing or full-width punctuation."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def peek(self) -> tuple[str, str]:
        """The next token that matters, without going past it."""
        while found := TOKEN.match(self.text, self.at):
            kind = str(found.lastgroup)
            if kind != "skip":
                return kind, found[0].replace("，", ",").replace(
                    "：", ":"
                ) if kind == "mark" else found[0]
            self.at = found.end()
        if self.at >= len(self.text):
            raise PageError("has no end")
        line = self.text.count("\n", 0, self.at) + 1
        raise PageError(f"cannot be read: {self.text[self.at]!r} in line {line}")

    def take(self) -> tuple[str, str]:
        kind, word = self.peek()
        self.at += len(word)
        return kind, word

    def example(self) -> Any:
        kind, _ = self.peek()
        if kind == "mark":
            return self.value()
        name = str(self.value())  # a field without the object around it
        self.take()
        return {name: self.value()}

    def value(self) -> Any:
        kind, word = self.take()
        if word == "{":
            return self.members()
        if word == "[":
            return self.items()
        if kind == "text":
            inner = word[1:-1]
            try:
                return json.loads(f'"{inner}"', strict=False)
            except ValueError:
                return inner
        if kind == "open":  # the closing quote is missing
            return word[1:].rstrip(" ,，")
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "word":
            return CLOSED.get(word, word)
        line = self.text.count("\n", 0, self.at) + 1
        raise PageError(f"cannot be read: {word!r} in line {line}")

    def members(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            _, word = self.peek()
            if word == "}":
                self.take()
                return found
            if word == ",":
                self.take()
                continue
            name = self.value()
            _, word = self.peek()
            if word != ":":
                line = self.text.count("\n", 0, self.at) + 1
                raise PageError(f"cannot be read: no colon after {name!r} in line {line}")
            self.take()
            found[str(name).strip()] = self.value()

    def items(self) -> list[Any]:
        found: list[Any] = []
        while True:
            _, word = self.peek()
            if word == "]":
                self.take()
                return found
            if word == ",":
                self.take()
            else:
                found.append(self.value())
