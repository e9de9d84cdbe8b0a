"""`make mutants`: which changes it makes, which tests it asks, and what it makes of their answer."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tools import mutants, running
from tools.changing import all_functions, change
from tools.mutants import Runs, Selector, Trials, equivalents, sample, try_all, within
from tools.mutations import Mutant, mutants_of
from tools.running import Forks

ROOT = Path(__file__).parent.parent.parent


def made(source: str) -> list[str]:
    """What becomes of a source, in order."""
    found = [mutant for mutant in mutants_of("a.py", source.encode()) if mutant.is_python()]
    return [mutant.mutated.decode() for mutant in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["pass", "a <= b", "a >= b"]),
        ("a >= b", ["pass", "a > b", "a < b"]),
        ("a == b", ["pass", "a != b"]),
        ("a is not b", ["pass", "a is b"]),
        ("a not  in b", ["pass", "a in b"]),
        ("(a) < (b) < c", ["pass", "(a) <= (b) < c", "(a) >= (b) < c", "(a) < (b) <= c", "(a) < (b) >= c"]),
        ("a in {b, c}", ["pass", "a not in {b, c}", "a in {c}", "a in {b}"]),
        ("a and b", ["pass", "a or b", "b", "a"]),
        ("a or (b and c)", ["pass", "a and (b and c)", "(b and c)", "a", "a or (b or c)", "a or (c)", "a or (b)"]),
        ("not a", ["pass", "a"]),
        ("-a", ["pass", "a"]),
        ("a + b", ["pass", "a - b"]),
        ("a << b", ["pass", "a >> b"]),
        ("a // 2", ["pass", "a * 2", "a // 3"]),
        ("a += b", ["pass", "a -= b"]),
        ("a |= b", ["pass"]),
        ("a = True", ["a = False"]),
        ("a = 0.5", ["a = 1.0"]),
        ("a = 0.0", ["a = 1.0"]),
        ("a = 'b'", ['a = ""']),
        ("a = ''", ['a = "x"']),
        ("a = b'b'", ['a = b""']),
        ("a = f'{b + 1}c'", ['a = ""']),
        ("a.b = c", ["pass"]),
        ("a[b] = c", ["pass"]),
        ("del a", ["pass"]),
        ("raise a", ["pass"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("def f():\n    return", ["def f():\n    pass"]),
        ("def f():\n    return None", []),
        ("def f(a=1, *, b=True): ...", ["def f(a=2, *, b=True): ...", "def f(a=1, *, b=False): ..."]),
        ("while a:\n    break", ["while False:\n    break", "while a:\n    pass"]),
        ("for a in b:\n    continue", ["for a in b:\n    pass"]),
        ("if a:\n    ...", ["if True:\n    ...", "if False:\n    ..."]),
        ("a = b if c else d", ["a = b if True else d", "a = b if False else d"]),
        ("a = [b for b in c if d]", ["a = [b for b in c if True]"]),
        ("a(b, c)", ["pass", "a(c, b)"]),
        ("a(b, *c)", ["pass"]),
        ("a(b, c=d)", ["pass", "a(b)"]),
        ("a(b, c=d, **e)", ["pass", "a(b, **e)"]),
        ("A(b, c=d)", ["pass"]),
        ("min(a, b)", ["pass", "max(a, b)"]),
        ("any(a)", ["pass", "all(a)"]),
        ("isinstance(a, (b, c))", ["pass", "isinstance(a, (c,))", "isinstance(a, (b,))"]),
        ("try: ...\nexcept A: ...", ["try: ...\nexcept A: raise"]),
        ("try: ...\nexcept A: raise", ["try: ...\nexcept A: pass"]),
        ("try: ...\nexcept (A, B): raise", ["try: ...\nexcept (B,): raise", "try: ...\nexcept (A,): raise", "try: ...\nexcept (A, B): pass"]),
        ("'客户' + a; b < c", ["pass; b < c", "'客户' - a; b < c", '"" + a; b < c', "'客户' + a; pass", "'客户' + a; b <= c", "'客户' + a; b >= c"]),
        ("a(\n    b,  # a and b\n    c,\n)", ["pass", "a(c, b)"]),
    ],
)  # fmt: skip
def test_each_way_to_err_is_tried(source: str, expected: list[str]) -> None:
    assert made(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A module."""',
        'class A:\n    """A class."""\n    b: int\n    """An attribute."""',
        "def f(a: 'int' = ...) -> 'A | None': ...",
        "@overload\ndef f(a=1): return 2",
        "class A:\n    @abstractmethod\n    def f(self): return 2",
        "if TYPE_CHECKING:\n    a = 1",
        "if a:  # pragma: no cover  (a reason)\n    b = 1",
        "if (\n    a\n):  # pragma: no cover\n    b = 1",
        "__all__ = ['a', 'b']",
        "class A:\n    __slots__ = ('a', 'b')",
        "A: TypeAlias = 'B'",
        "T = TypeVar('T', bound='A')",
        "a = b",
        "a, b = c",
        "import a",
    ],
)
def test_what_no_test_can_notice_or_any_does_is_left_alone(source: str) -> None:
    assert made(source) == []


def test_what_is_there_without_a_type_checker_is_changed() -> None:
    assert made("if not TYPE_CHECKING:\n    a = 1") == ["if not TYPE_CHECKING:\n    a = 2"]
    assert made("if TYPE_CHECKING:\n    a = 1\nelse:\n    a = 2") == [
        "if TYPE_CHECKING:\n    a = 1\nelse:\n    a = 3"
    ]


SOURCE = b'''"""Limits."""

MOST = 10
SHORT = MOST - 1


class Gate:
    room = 1

    def enter(self, most=MOST + 2):
        if self.room < most:
            return f(
                self,
                1,
            )
        return None


def f(gate, number):
    return SHORT + gate.room
'''


def mutant(now: str, source: bytes = SOURCE) -> Mutant:
    """The first mutant with this line."""
    return next(x for x in mutants_of("a.py", source) if now in x.mutated.decode())


def test_a_mutant_is_shown_with_its_place_and_its_difference() -> None:
    found = mutant("self.room <= most")
    assert found.title == "a.py:11 (comparison)"
    assert found.difference().splitlines() == [
        "@@ -9,5 +9,5 @@",
        " ",
        "     def enter(self, most=MOST + 2):",
        "-        if self.room < most:",
        "+        if self.room <= most:",
        "             return f(",
        "                 self,",
    ]


def test_a_mutant_is_known_by_its_lines_wherever_they_are() -> None:
    moved = mutant("self.room <= most", b"import os\n\n" + SOURCE.replace(b"    ", b"  "))
    key = ("a.py", "Gate.enter", "if self.room < most:", "if self.room <= most:")
    assert mutant("self.room <= most").key() == moved.key() == key
    several = mutant("                2,")
    assert several.key() == ("a.py", "Gate.enter", "1,", "2,")
    assert mutant("MOST = 11").key() == ("a.py", "", "MOST = 10", "MOST = 11")


RUNS = Runs(
    {"a.py": {11: ["one"], 12: ["two"], 14: ["three"], 16: ["four"], 20: ["five", "red"]}},
    {"one": 3.0, "two": 2.0, "three": 1.0, "four": 0.5, "five": 4.0},
    frozenset({"red"}),
)


@pytest.mark.parametrize(
    ("now", "tests"),
    [
        ("self.room <= most", ["one"]),
        ("                2,", ["three"]),
        ("return None\n        return None", ["three", "two"]),
        ("most=MOST + 3", ["four", "three", "two", "one"]),
        ("SHORT - gate", ["five"]),
        ("SHORT = MOST - 2", ["five"]),
        ("MOST = 11", ["five"]),
        ("room = 2", ["one", "five"]),
    ],
)
def test_a_mutant_meets_the_tests_that_run_its_line_or_use_its_name_the_quickest_first(
    now: str, tests: list[str]
) -> None:
    assert sum(Selector(RUNS, {"a.py": SOURCE}, {}).of(mutant(now)), []) == tests


def test_a_test_that_only_looks_at_a_constant_meets_what_is_made_of_it() -> None:
    """It runs no line of the file, so coverage does not know of it."""
    tests = b"import a\n\n\nclass Test:\n    def looks(self):\n        assert a.SHORT == 9\n\n    def no(self):\n        pass\n"
    looks = "t.py::Test::looks[1]"
    seconds = {**RUNS.seconds, looks: 0.1, "t.py::Test::no": 0.1}
    selector = Selector(RUNS._replace(seconds=seconds), {"a.py": SOURCE}, {"t.py": tests})
    assert sum(selector.of(mutant("SHORT = MOST - 2")), []) == [looks, "five"]
    assert sum(selector.of(mutant("self.room <= most")), []) == ["one"]


def test_two_tests_of_each_function_come_before_many_of_one() -> None:
    many = [f"t.py::many[{number}]" for number in range(9)]
    seconds = {**dict.fromkeys(many, 0.1), "t.py::slow": 2.0}
    runs = Runs({"a.py": {20: [*many, "t.py::slow"]}}, seconds, frozenset())
    found, *rest = Selector(runs, {"a.py": SOURCE}, {}).of(mutant("SHORT - gate"))
    assert found == [*many[:2], "t.py::slow", *many[2:]]
    assert rest == [[], [], []]


def test_those_that_meet_the_unusual_case_come_first() -> None:
    usual = [f"t.py::usual_{number:02}" for number in range(20)]
    seconds = {**dict.fromkeys(usual, 0.1), "t.py::rare": 1.0, "t.py::slow": 6.0}
    lines = {11: [*usual, "t.py::rare", "t.py::slow"], 12: ["t.py::rare", "t.py::slow"]}
    found, *_ = Selector(Runs({"a.py": lines}, seconds, frozenset()), {"a.py": SOURCE}, {}).of(
        mutant("self.room <= most")
    )
    assert found == ["t.py::rare", *usual]


def test_tests_of_files_that_are_about_a_line_come_first() -> None:
    seconds = {f"about::{number}": 1.0 for number in range(7)}
    seconds |= {f"also::{number}": 0.5 for number in range(2)}
    seconds |= {f"other::{number}": 0.1 for number in range(99)}
    asked = [*(test for test in seconds if "other" not in test), "other::5"]
    runs = Runs({"a.py": {20: asked}}, seconds, frozenset())
    first, more, others, rest = Selector(runs, {"a.py": SOURCE}, {}).of(mutant("SHORT - gate"))
    assert first == ["also::0", "also::1", *(f"about::{number}" for number in range(4))]
    assert more == ["about::4", "about::5", "about::6"]
    assert others == ["other::5"]
    assert rest == []


def test_tests_are_run_file_by_file_as_long_as_there_is_time() -> None:
    seconds = {"a::1": 1.0, "b::1": 2.0, "a::2": 3.0, "b::2": 9.0, "c::1": 4.0}
    assert within(10, list(seconds), seconds) == ["a::1", "a::2", "b::1", "c::1"]
    assert within(0.5, list(seconds), seconds) == ["a::1"]


def test_a_sample_is_the_same_for_the_same_seed_wherever_lines_move_and_is_python() -> None:
    source = b"def f(a):\n    return a < 1 and a > -9 or a in (1, 2)\n"
    everything = mutants_of("a.py", source)
    assert sample(everything, 5, 1) == sample(everything, 5, 1)
    assert len(sample(everything, 5, 1)) == 5
    assert sample(everything, 5, 1) != sample(everything, 5, 2)
    ahead = mutants_of("a.py", b"import b\n\nc = b.d\n" + source)
    assert [x.key() for x in sample(ahead, 5, 1)] == [x.key() for x in sample(everything, 5, 1)]
    broken = [x._replace(change=x.change._replace(text="(")) for x in everything]
    assert sample([*broken, *everything], 999, 1) != []
    assert all(x.is_python() for x in sample([*broken, *everything], 999, 1))


TEST = """
from thing import last


def test_it():
    assert last([1, 2]) == 2


def test_that_fails_without_it():
    assert last([]) is None


def test_that_is_not_asked():
    assert False
"""
THING = b"""def last(items):
    found = None
    while items:
        found, *items = items
        seen = True
    return found
"""


@pytest.mark.parametrize("way", ["a process", "a fork"])
@pytest.mark.parametrize(
    ("line", "now", "survives", "patience"),
    [
        ("seen = True", "seen = False", True, "PATIENCE"),
        ("return found", "return None", False, "PATIENCE"),
        ("found, *items = items", "pass", False, "PATIENCE"),  # for ever
        ("found, *items = items", "pass", False, "TEST_PATIENCE"),
    ],
)
def test_a_mutant_survives_if_no_test_fails_and_the_tree_is_as_before(
    line: str,
    now: str,
    survives: bool,
    patience: str,
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "test_thing.py").write_text(TEST)
    thing = tmp_path / "thing.py"
    thing.write_bytes(THING)
    before = thing.stat().st_mtime_ns
    asked = ["test_thing.py::test_it", "test_thing.py::test_that_fails_without_it"]
    lines = dict.fromkeys(range(1, 7), asked)
    runs = Runs({"thing.py": lines}, dict.fromkeys(asked, 0.1), frozenset())
    begin = THING.index(line.encode())
    (first, *_) = mutants_of("thing.py", THING)
    changed = first._replace(
        change=first.change._replace(begin=begin, end=begin + len(line), text=now)
    )
    forks = {tmp_path: Forks(tmp_path)} if way == "a fork" else {}
    trials = Trials(runs, Selector(runs, {"thing.py": THING}, {}), float("inf"), forks)
    assert trials.hold(changed, tmp_path)
    monkeypatch.setattr(running, patience, 1.0 if now == "pass" else 60.0)
    for all_tests in (False, True):
        assert trials.survives(changed, tmp_path, all_tests) == survives
        assert (thing.read_bytes(), thing.stat().st_mtime_ns) == (THING, before)
    for process in forks.values():
        process.close()


def test_a_fork_is_as_if_nothing_had_been_run_before(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "thing.py").write_text("def one():\n    return 1\n")
    (tmp_path / "test_thing.py").write_text(
        "import thing\n\n\ndef test_once():\n    assert thing.one() == 1\n"
        "    assert not hasattr(thing, 'met')\n    thing.met = True\n"
    )
    was, seconds = (tmp_path / "thing.py").read_bytes(), {"test_thing.py::test_once": 0.1}
    forks = Forks(tmp_path)
    assert [forks.passes("thing.py", was, seconds) for _ in range(2)] == [True, True]
    (tmp_path / "thing.py").write_text("def one():\n    return 2\n")
    assert forks.passes("thing.py", was, seconds) is False
    (tmp_path / "thing.py").write_text("two = 2\n\n\ndef one():\n    return 1\n")
    assert forks.passes("thing.py", was, seconds) is None
    forks._process.kill()
    assert forks.passes("thing.py", was, seconds) is None
    forks.close()


CHANGED = """
ONE = 1


def plain(a=1):
    return a


class Thing:
    two = 2

    def method(self):
        return [x for x in (1, 2)]

    @property
    def both(self):
        return 3

    @both.setter
    def both(self, value):
        self.two = value


def maker(a):
    def inside():
        return a

    return inside


made = maker(4)
"""


@pytest.mark.parametrize(
    ("was", "now", "expression", "value"),
    [
        ("return a\n\n\nclass", "return a + 5\n\n\nclass", "plain()", 6),
        ("return a\n\n\nclass", "\n    return a\n\n\nclass", "plain()", 1),
        ("for x in (1, 2)", "for x in (1,)", "Thing().method()", [1]),
        ("return 3", "return 6", "Thing().both", 6),
        (
            "self.two = value",
            "self.two = 7",
            "setattr(thing := Thing(), 'both', 1) or thing.two",
            7,
        ),
        ("        return a\n", "        return -a\n", "(made(), maker(5)())", (-4, -5)),
        ("ONE = 1", "ONE = 2", "", None),
        ("a=1", "a=2", "", None),
        ("two = 2", "two = 3", "", None),
        ("        return a\n", "        return 1\n", "", None),
        ("[x for x in (1, 2)]", "[1]", "", None),
        ("    def method", "    @property\n    def method", "", None),
    ],
)
def test_what_is_inside_of_functions_can_be_changed_and_nothing_else(
    was: str, now: str, expression: str, value: object, tmp_path: Path
) -> None:
    path = tmp_path / "thing.py"
    names: dict[str, Any] = {}
    exec(compile(CHANGED, str(path), "exec"), names)
    assert was in CHANGED
    path.write_text(CHANGED.replace(was, now))
    assert change(path, CHANGED.encode(), all_functions()) == (value is not None)
    assert value is None or eval(expression, names) == value


def test_a_function_that_is_not_there_yet_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "thing.py"
    path.write_text(CHANGED.replace("return 3", "return 6"))
    assert not change(path, CHANGED.encode(), all_functions())


def test_tests_that_fail_anyhow_are_found_out(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "test_a.py").write_text("def test_one():\n    assert False\n")
    runs = Runs({"a.py": {11: ["test_a.py::test_one"]}}, {"test_a.py::test_one": 0.1}, frozenset())
    trials = Trials(runs, Selector(runs, {"a.py": SOURCE}, {}), float("inf"))
    assert not trials.hold(mutant("self.room <= most"), tmp_path)


@pytest.mark.parametrize(("now", "survives"), [("return []", True), ("return None", False)])
def test_a_change_that_types_refuse_is_noticed(now: str, survives: bool, tmp_path: Path) -> None:
    source = b"def last(items: list[int]) -> list[int]:\n    return items\n"
    (tmp_path / "a.py").write_bytes(source)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\nfiles = a.py\n")
    runs = Runs({}, {}, frozenset())
    trials = Trials(runs, Selector(runs, {"a.py": source}, {}), float("inf"))
    (first,) = mutants_of("a.py", source)
    begin = source.index(b"return")
    changed = first._replace(change=first.change._replace(begin=begin, text=now))
    assert trials.hold(changed, tmp_path)
    assert trials.survives(changed, tmp_path) == survives


def test_what_there_is_no_time_for_is_not_tried(tmp_path: Path) -> None:
    runs = Runs({"a.py": {11: ["one"]}}, {"one": 3.0}, frozenset())
    late = Trials(runs, Selector(runs, {"a.py": SOURCE}, {}), time.monotonic())
    assert late.survives(mutant("self.room <= most"), tmp_path) is None


def test_what_was_tried_is_counted_and_who_survived_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    everything = mutants_of("a.py", SOURCE)
    answers: list[bool | None] = [True, False, None, False, False]
    waiting = iter(answers)
    trees = [Path("one"), Path("two")]
    used: set[Path] = set()

    def survives(mutant: Mutant, tree: Path) -> bool | None:
        used.add(tree)
        return next(waiting)

    tried, survivors = try_all(everything[:5], trees, survives)
    assert (len(tried), len(survivors)) == (4, 1)
    assert used <= set(trees)
    assert survivors[0].title in capsys.readouterr().out


def test_all_other_tests_are_asked_about_who_is_not_noticed_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {**{f"t.py::t{number}": 60.0 for number in range(5)}, "t.py::quick": 1.0}
    runs = Runs({"a.py": {11: [*seconds]}}, seconds, frozenset())
    asked: list[list[str]] = []

    class Recording(Trials):
        def _pass(self, tests: Sequence[str], tree: Path) -> bool:
            asked.append([test.removeprefix("t.py::") for test in tests])
            return "t4" not in asked[-1]

    trials = Recording(runs, Selector(runs, {"a.py": SOURCE}, {}), float("inf"))
    (tmp_path / "a.py").write_bytes(SOURCE)
    assert trials.survives(mutant("self.room <= most"), tmp_path)
    assert asked == [["quick"], ["t0"], []]
    asked.clear()
    assert trials.survives(mutant("self.room <= most"), tmp_path, all_tests=True) is False
    assert asked == [["quick"], ["t0"], ["t1"], ["t2"], ["t3"], ["t4"]]
    asked.clear()
    monkeypatch.setattr(trials, "until", time.monotonic() + 0.05)
    monkeypatch.setattr(Recording, "_pass", lambda *_: time.sleep(0.1) or True)
    assert trials.survives(mutant("self.room <= most"), tmp_path, all_tests=True) is True


def test_every_file_that_decides_is_there_and_those_of_the_runtime_where_they_run() -> None:
    for file in mutants.DECIDING:
        assert (ROOT / file).read_bytes() == (ROOT / mutants.copied(file)).read_bytes()


def test_every_equivalent_mutant_is_of_a_file_that_decides_and_says_why() -> None:
    known = equivalents(ROOT / "tools" / "equivalents.toml")
    assert {file for file, *_ in known} <= set(mutants.DECIDING)
    assert all(why.endswith(".") for why in known.values())
