"""The small changes that could be made to a source, for `mutants.py`: how people err when they write or mend it.

A comparison is turned round or moved by one, a condition decided beforehand, an operand left out, a statement dropped,
an argument swapped or forgotten, a value changed, a result lost, an exception let through or swallowed. Types and
docstrings are left alone, and what would raise a NameError, which any test notices.
"""

import ast
import difflib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple


class Change(NamedTuple):
    """Other text in the place of some of the source, which is bytes, as the positions of `ast` are."""

    begin: int
    end: int
    text: str
    kind: str
    around: tuple[ast.AST, ...]
    """The nodes that it is in, from the module inwards."""


class Mutant(NamedTuple):
    """A change to a file."""

    file: str
    change: Change
    source: bytes

    @property
    def mutated(self) -> bytes:
        """The file with the change."""
        change = self.change
        return self.source[: change.begin] + change.text.encode() + self.source[change.end :]

    def is_python(self) -> bool:
        """Whether it can be tried at all."""
        try:
            compile(self.mutated, "", "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True

    @property
    def title(self) -> str:
        """Where it is, for people."""
        line = self.source.count(b"\n", 0, self.change.begin) + 1
        return f"{self.file}:{line} ({self.change.kind})"

    def lines(self) -> tuple[str, str]:
        """The lines that it changes, before and after."""
        begin = self.source.rfind(b"\n", 0, self.change.begin) + 1
        end = self.source.find(b"\n", self.change.end)
        end = len(self.source) if end < 0 else end
        longer = len(self.mutated) - len(self.source)
        return self.source[begin:end].decode(), self.mutated[begin : end + longer].decode()

    def key(self) -> tuple[str, str, str, str]:
        """What it is known by in `equivalents.toml`, wherever its lines move to: file, function, and lines."""
        rooms = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        function = ".".join(node.name for node in self.change.around if isinstance(node, rooms))
        was, now = ("\n".join(line.strip() for line in x.splitlines()) for x in self.lines())
        return self.file, function, was, now

    def difference(self) -> str:
        """The change as a diff."""
        old, new = (x.decode().splitlines(keepends=True) for x in (self.source, self.mutated))
        return "".join([*difflib.unified_diff(old, new, n=2)][2:])


COMPARISONS: dict[type[ast.cmpop], tuple[str, Sequence[str]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Swapping the arguments of these raises at once, which any test notices, or changes nothing.
ORDERED = {"isinstance", "issubclass", "getattr", "hasattr", "min", "max"}
LOOSE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
"""What needs parentheses among others."""


def lines_of(node: ast.AST) -> range:
    """The lines of a node; of a statement with others inside, its head."""
    place: Any = node
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if isinstance(body, list) and body else place.end_lineno
    return range(place.lineno, max(place.lineno, last) + 1)


class Finder(ast.NodeVisitor):
    """Finds what can be changed in a source, in the order in which it stands there."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.found: list[Change] = []
        self._around: list[ast.AST] = []
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._rows = source.decode().splitlines()

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        place: Any = node
        return (
            self._starts[place.lineno - 1] + place.col_offset,
            self._starts[place.end_lineno - 1] + place.end_col_offset,
        )

    def text(self, node: ast.expr) -> str:
        """A node as it is written, fit to stand among others."""
        begin, end = self.span(node)
        text = self.source[begin:end].decode()
        return f"({text})" if isinstance(node, LOOSE) else text

    def replace(self, node: ast.AST, text: str, kind: str) -> None:
        self._add(*self.span(node), text, kind, node)

    def _add(self, begin: int, end: int, text: str, kind: str, node: ast.AST) -> None:
        around = self._around if node is self._around[-1] else [*self._around, node]
        self.found.append(Change(begin, end, text, kind, tuple(around)))

    def between(self, left: ast.AST, right: ast.AST, old: str, new: str, kind: str) -> None:
        """Change the sign between two nodes."""
        begin, end = self.span(left)[1], self.span(right)[0]
        pattern = rf"\b{old}\b" if old.isalpha() else re.escape(old).replace(r"\ ", r"\s+")
        found = re.search(pattern.encode(), self.source[begin:end])
        if found is not None:
            place = begin + found.start(), begin + found.end()
            self._add(*place, new, kind, left)

    # What is left alone: types, docstrings, names of the module's own, what no test can run.

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt) and any(
            "pragma: no cover" in self._rows[line - 1] for line in lines_of(node)
        ):
            return
        self._around.append(node)
        super().visit(node)
        self._around.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        if decorators & {"overload", "abstractmethod"}:
            return
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and "TypeAlias" not in ast.unparse(node.annotation):
            if not isinstance(node.target, ast.Name):
                self.replace(node, "pass", "statement")
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.replace(node, '""', "text")

    # What is changed.

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring, or …
        self.replace(node, "pass", "statement")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if names & {"__all__", "__slots__"}:
            return
        # Without a name nothing works; an attribute may have another value already.
        if not any(isinstance(target, (ast.Name, ast.Tuple)) for target in node.targets):
            self.replace(node, "pass", "statement")
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.replace(node, "pass", "statement")
        if type(node.op) in ARITHMETIC:
            old, new = ARITHMETIC[type(node.op)]
            self.between(node.target, node.value, f"{old}=", f"{new}=", "arithmetic")
        self.visit(node.value)

    def _drop(self, node: ast.stmt) -> None:
        self.replace(node, "pass", "statement")
        self.generic_visit(node)

    visit_Raise = visit_Delete = visit_Continue = visit_Break = _drop

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.replace(node, "pass", "statement")
        elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.replace(node.value, "None", "result")
        self.generic_visit(node)

    def _condition(self, test: ast.expr, *values: str) -> None:
        if not isinstance(test, ast.Constant):
            for value in values:
                self.replace(test, value, "condition")

    def visit_If(self, node: ast.If) -> None:
        words = ast.unparse(node.test)
        if "TYPE_CHECKING" in words:
            for statement in node.orelse if words == "TYPE_CHECKING" else node.body:
                self.visit(statement)
            return
        self._condition(node.test, "True", "False")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._condition(node.test, "True", "False")
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._condition(node.test, "False")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._condition(test, "True")
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if not isinstance(node.body[0], ast.Raise):
            first, last = self.span(node.body[0])[0], self.span(node.body[-1])[1]
            self._add(first, last, "raise", "handler", node.body[0])
        if isinstance(node.type, ast.Tuple):
            self._lose_items(node.type)
        for statement in node.body:
            self.visit(statement)

    def _lose_items(self, node: ast.Tuple | ast.Set | ast.List) -> None:
        for item in node.elts if len(node.elts) > 1 else ():
            others = ", ".join(self.text(other) for other in node.elts if other is not item)
            begin, end = {ast.Tuple: ("(", ",)"), ast.Set: ("{", "}"), ast.List: ("[", "]")}[
                type(node)
            ]
            self.replace(node, f"{begin}{others}{end}", "item")

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, node.comparators, strict=False):
            old, others = COMPARISONS[type(operator)]
            for new in others:
                self.between(left, right, old, new, "comparison")
            if old in ("in", "not in") and isinstance(right, (ast.Tuple, ast.Set, ast.List)):
                self._lose_items(right)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, old, new, "logic")
        for value in node.values:
            others = f" {old} ".join(self.text(x) for x in node.values if x is not value)
            self.replace(node, others, "operand")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.Not, ast.USub)):
            self.replace(node, self.text(node.operand), "sign")
        if not isinstance(node.operand, ast.Constant):
            self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in ARITHMETIC:
            self.between(node.left, node.right, *ARITHMETIC[type(node.op)], "arithmetic")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.replace(node, str(not value), "value")
        elif isinstance(value, int):
            self.replace(node, str(value + 1), "value")
        elif isinstance(value, float):
            self.replace(node, str(value * 2 or 1.0), "value")
        elif isinstance(value, (str, bytes)):
            kind = "b" * isinstance(value, bytes)
            self.replace(node, f'{kind}""' if value else f'{kind}"x"', "text")

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in TWINS:
            self.replace(node.func, TWINS[name], "function")
        if name in ("cast", "TypeVar", "NewType"):
            return
        arguments = [*map(self.text, node.args)]
        keywords = [self._keyword(keyword) for keyword in node.keywords]
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        if len(arguments) > 1 and not starred and name not in ORDERED:
            first, second, *rest = arguments
            self._call(node, [second, first, *rest, *keywords], "order")
        # What a class is made of must be there; what a function is told by name may often be left out.
        if node.keywords and not ast.unparse(node.func).rpartition(".")[2][0].isupper():
            for number, keyword in enumerate(node.keywords):
                if keyword.arg is not None:
                    others = keywords[:number] + keywords[number + 1 :]
                    self._call(node, arguments + others, "keyword")
        if name in ("isinstance", "issubclass") and isinstance(node.args[1], ast.Tuple):
            self._lose_items(node.args[1])
        self.generic_visit(node)

    def _keyword(self, keyword: ast.keyword) -> str:
        return (
            f"{keyword.arg}={self.text(keyword.value)}"
            if keyword.arg
            else f"**{self.text(keyword.value)}"
        )

    def _call(self, node: ast.Call, arguments: Sequence[str], kind: str) -> None:
        self.replace(node, f"{self.text(node.func)}({', '.join(arguments)})", kind)


def mutants_of(file: str, source: bytes) -> list[Mutant]:
    """Every mutant of a file. A few of them may not be Python."""
    finder = Finder(source)
    finder.visit(ast.parse(source))
    return [Mutant(file, change, source) for change in finder.found]
