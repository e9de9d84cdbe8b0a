"""Changes the code at random places and sees whether a test fails: `make mutants`, or `make mutants SEED="2 3"`.

Of all small changes that could be made to the files that decide (a comparison turned round, a statement dropped, a
number off by one …) it takes a sample, the same for the same seed. Each is tried in a copy of the tree with the tests
that run its line, as coverage has recorded, the quickest first, and with mypy. A change that neither notices has
survived; it is shown, and asks for a test, or for a line in `equivalents.toml` that says why no test can notice it.

Neither mutmut nor cosmic-ray: the one rewrites functions in a way that tests of frames and call counts see, the other
runs one command for every mutant, and ours takes minutes.
"""

import ast
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tools.mutations import Mutant, lines_of, mutants_of
from tools.running import NOTES, Forks, file_of, passes, run_pytest

ROOT = Path(__file__).parent.parent
GOAL = 0.97
"""The part of the mutants that must be noticed, of those that can be."""
SAMPLE = 400
BUDGET = 30 * 60.0
"""Seconds for a sample."""
QUICK, TRIAL = 5.0, 40.0
"""Seconds of tests for one mutant, as they took under coverage, which is slow: of a few, of all about its file, of others."""
FEW = 10
"""As many tests as run a line that is not often run."""

RUNTIME = "codegen/runtime"
DECIDING = (
    *(
        f"{RUNTIME}/_runtime/{name}.py"
        for name in (
            "async_driver", "callback", "callback_web", "codec", "events", "faults", "field_limits",
            "flow", "forgiving", "gates", "media", "messages", "model", "policy", "reading",
            "secrets", "seen", "setup", "shapes", "steps", "sync_driver", "telemetry",
            "token_state", "tokens", "values", "windows", "writing",
        )
    ),
    *(
        f"{RUNTIME}/{name}.py"
        for name in ("credentials", "drift", "errors", "limits", "observe", "retry", "stores")
    ),
    *(f"codegen/{name}.py" for name in ("diff", "drift", "lint", "resolve", "spec", "versions", "vocabulary")),
)  # fmt: skip
"""The files whose lines decide something. Those of the runtime run where they are copied to."""


def copied(file: str) -> str:
    """Where a file runs."""
    return file.replace(RUNTIME, "generated/wecom_contact", 1)


# Which tests run a line.


class Runs(NamedTuple):
    """What a run of all tests has shown."""

    tests: Mapping[str, Mapping[int, Sequence[str]]]
    """By file and line, the tests that run it."""
    seconds: Mapping[str, float]
    failed: frozenset[str]


class Selector:
    """Finds the tests that may notice a mutant."""

    def __init__(
        self, runs: Runs, sources: Mapping[str, bytes], tests: Mapping[str, bytes]
    ) -> None:
        self._runs = runs
        self._uses: dict[str, list[tuple[str, ast.stmt, bool]]] = defaultdict(list)
        for file, source in sources.items():
            for statement, inside in statements(ast.parse(source)):
                for name in used(statement):
                    self._uses[name].append((file, statement, inside))
        self._sizes = Counter(map(file_of, runs.seconds))
        self._readers = readers(runs.seconds, tests)

    def of(self, mutant: Mutant) -> tuple[list[str], ...]:
        """The tests to run first, those to run then, and all others; the quickest of each function first."""
        around = mutant.change.around
        functions = [x for x in around if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef))]
        found: set[str] = set()
        rare: set[str] = set()
        if functions and any(statement in around for statement in functions[-1].body):
            statement = [x for x in around if isinstance(x, ast.stmt)][-1]
            for lines in (lines_of(around[-1]), lines_of(statement)):
                found = found or self._running(mutant.file, lines)
            rare = self._running_rarely(mutant.file, functions[-1])
        elif functions:
            whole: Any = functions[-1]
            inside = range(whole.body[0].lineno, whole.end_lineno + 1)
            found = self._running(mutant.file, inside)
        else:
            found = self._using(around)
        # A function that is called while modules are imported is met by who uses what it gave.
        found = found or self._using(around) or self._running(mutant.file, None)
        tests = self._ordered(found)
        tests.sort(key=lambda test: test not in rare)
        # Of most lines the tests are in many files, which take long to read, and in one or two that are about them.
        counts = Counter(map(file_of, tests))
        near = sorted(counts, key=lambda file: -counts[file] / self._sizes[file])[:2]
        about = [test for test in tests if file_of(test) in near]
        first = within(QUICK, about, self._runs.seconds)
        more = [test for test in about if test not in set(first)]
        others = [test for test in tests if file_of(test) not in near]
        soon = [within(TRIAL, rest, self._runs.seconds) for rest in (more, others)]
        asked = {*first, *soon[0], *soon[1]}
        return first, *soon, [test for test in tests if test not in asked]

    def _running(self, file: str, lines: Iterable[int] | None) -> set[str]:
        known = self._runs.tests.get(file, {})
        return {
            test for line in (known if lines is None else lines) for test in known.get(line, ())
        }

    def _running_rarely(self, file: str, function: ast.AST) -> set[str]:
        """The tests that run a line of a function that few others run: they meet the unusual case."""
        known = self._runs.tests.get(file, {})
        place: Any = function
        running = (known.get(line, ()) for line in range(place.lineno, place.end_lineno + 1))
        found = {test for tests in running if len(tests) <= FEW for test in tests}
        return {test for test in found if self._runs.seconds.get(test, 0.0) <= QUICK}

    def _using(self, around: Sequence[ast.AST]) -> set[str]:
        """The tests that run a line with a name that is made while the module is imported."""
        names = {name for node in around for name in made(node)}
        done: set[str] = set()
        found: set[str] = set()
        while names - done:
            name = (names - done).pop()
            done.add(name)
            found |= self._readers.get(name, set())
            for file, statement, inside in self._uses[name]:
                if inside:
                    found |= self._running(file, lines_of(statement))
                else:
                    names |= set(made(statement))
        return found

    def _ordered(self, tests: Iterable[str]) -> list[str]:
        seconds = self._runs.seconds
        turns: dict[str, int] = defaultdict(int)
        keys = {}
        for test in sorted(
            set(tests) - self._runs.failed, key=lambda test: (seconds.get(test, 0.0), test)
        ):
            function = test.partition("[")[0]
            keys[test] = turns[function] > 1, seconds.get(test, 0.0) + turns[function] / 100
            turns[function] += 1
        return sorted(keys, key=lambda test: keys[test])


def readers(tests: Iterable[str], sources: Mapping[str, bytes]) -> dict[str, set[str]]:
    """By name, the tests that name it: who only looks at a constant runs none of its lines."""
    named = {
        file: {
            node.name: {name for inner in ast.walk(node) for name in words_of(inner)}
            for node in ast.walk(ast.parse(source))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        for file, source in sources.items()
    }
    found: dict[str, set[str]] = defaultdict(set)
    for test in tests:
        function = test.partition("[")[0].rpartition("::")[2]
        for name in named.get(file_of(test), {}).get(function, ()):
            found[name].add(test)
    return found


def words_of(node: ast.AST) -> set[str]:
    """The names that a node itself says."""
    return {x for x in (getattr(node, "id", None), getattr(node, "attr", None)) if x}


def within(most: float, tests: Sequence[str], seconds: Mapping[str, float]) -> list[str]:
    """The first tests that take so many seconds together, file by file."""
    chosen: list[str] = []
    whole = 0.0
    for test in tests:
        took = seconds.get(test, 0.0)
        if whole + took <= most or not chosen:
            chosen.append(test)
            whole += took
    # File by file, as what a file shares is costly to make; that with the quickest test first.
    files = list(dict.fromkeys(map(file_of, chosen)))
    return sorted(chosen, key=lambda test: files.index(file_of(test)))


def chunks(tests: Sequence[str], seconds: Mapping[str, float]) -> Iterator[list[str]]:
    """The same tests in portions that take so many seconds."""
    left = list(tests)
    while left:
        chosen = within(TRIAL, left, seconds)
        yield chosen
        left = [test for test in left if test not in set(chosen)]


def made(node: ast.AST) -> Iterator[str]:
    """The names that a statement makes."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (x.id for x in ast.walk(target) if isinstance(x, ast.Name))
    elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        yield node.name


def used(statement: ast.stmt) -> set[str]:
    """The names that stand in a statement, those of statements inside of it aside."""
    names = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        names |= words_of(node)
        waiting += [x for x in ast.iter_child_nodes(node) if not isinstance(x, ast.stmt)]
    return names


def statements(tree: ast.AST, inside: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """All statements, and whether each is inside of a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node, inside
        deeper = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from statements(node, inside or deeper)


# Running them.


def copy_tree(folder: Path) -> Path:
    """A copy of the tree, without what is hidden or made."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*_cache", "node_modules", "dist")
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


def copy_again(tree: Path, folder: Path) -> Path:
    """A copy of a copy, with what Python has compiled there."""
    return Path(shutil.copytree(tree, folder, ignore=shutil.ignore_patterns(".*")))


def record(tree: Path, cores: int) -> Runs:
    """Run all tests once, and see which run which line. What Python compiles for it stays, for all runs after."""
    from coverage import CoverageData

    data, notes, config = (tree / name for name in (".lines", ".notes", ".covered.ini"))
    files = "\n".join(f"    {copied(file)}" for file in DECIDING)
    config.write_text(
        f"[run]\nparallel = true\nrelative_files = true\ndata_file = {data}\ninclude =\n{files}\n"
    )
    covered = ("--cov", f"--cov-config={config}", "--cov-context=test", "--cov-report=")
    variables = {NOTES: str(notes), "PYTHONDONTWRITEBYTECODE": ""}
    run_pytest(tree, ["-n", str(cores), *covered], BUDGET, **variables)
    seconds, failed = json.loads(notes.read_text())
    found = CoverageData(str(data))
    found.read()
    tests = {}
    for file in DECIDING:
        lines = found.contexts_by_lineno(copied(file))
        tests[file] = {
            line: sorted({context.rpartition("|")[0] for context in contexts} - {""})
            for line, contexts in lines.items()
        }
    return Runs(tests, seconds, frozenset(failed))


class Trials:
    """Tries mutants in copies of the tree, one at a time in each."""

    def __init__(
        self,
        runs: Runs,
        selector: Selector,
        until: float,
        forks: Mapping[Path, Forks] = MappingProxyType({}),
    ) -> None:
        self._runs = runs
        self._selector = selector
        self.until = until
        self._forks = forks
        self._count = 0
        self._lock = threading.Lock()

    def hold(self, mutant: Mutant, tree: Path) -> bool:
        """Whether types and the first tests for a mutant pass without it; else everything would seem to be noticed."""
        first = self._selector.of(mutant)[0]
        return self._pass_quickly(first, mutant, tree) and self._pass(first, tree) and fits(tree)

    def survives(self, mutant: Mutant, tree: Path, all_tests: bool = False) -> bool | None:
        """Whether nothing notices it: types, and the tests that are most likely to, or all; None if there is no time left.

        Those that are most likely to are asked in a fork, where that is possible.
        """
        if time.monotonic() > self.until:
            return None
        with self._lock:
            self._count += 1
            moment = 1_000_000_000 + self._count
        # Both, or the test that they are the same would notice any mutant.
        paths = {tree / mutant.file, tree / copied(mutant.file)}
        before = {path: path.stat() for path in paths}
        try:
            for path in paths:
                path.write_bytes(mutant.mutated)
                # Of a time of its own, or what Python has compiled of another one would do.
                os.utime(path, (moment, moment))
            first, *soon, others = self._selector.of(mutant)
            if not all_tests:
                return (
                    self._pass_quickly(first, mutant, tree)
                    and fits(tree)
                    and all(self._pass_quickly(tests, mutant, tree) for tests in soon)
                )
            for tests in chunks([*first, *chain(*soon), *others], self._runs.seconds):
                if time.monotonic() > self.until:
                    break
                if not self._pass(tests, tree):
                    return False
            return True
        finally:
            for path in paths:
                path.write_bytes(mutant.source)
                os.utime(path, ns=(before[path].st_atime_ns, before[path].st_mtime_ns))

    def _pass_quickly(self, tests: Sequence[str], mutant: Mutant, tree: Path) -> bool:
        if tests and (forks := self._forks.get(tree)) is not None:
            passed = forks.passes(copied(mutant.file), mutant.source, self._seconds(tests))
            if passed is not None:
                return passed
        return self._pass(tests, tree)

    def _pass(self, tests: Sequence[str], tree: Path) -> bool:
        return not tests or passes(tree, self._seconds(tests))

    def _seconds(self, tests: Sequence[str]) -> dict[str, float]:
        return {test: self._runs.seconds.get(test, 0.0) for test in tests}


def fits(tree: Path) -> bool:
    """Whether the types of a tree fit together, as `make check` asks."""
    words = [sys.executable, "-m", "mypy", "--cache-dir", ".mypy_cache"]
    return subprocess.run(words, cwd=tree, capture_output=True, check=False).returncode != 1


def equivalents(path: Path) -> dict[tuple[str, str, str, str], str]:
    """The mutants that no test can notice, and why."""
    listed = tomllib.loads(path.read_text("utf-8"))["mutant"]
    return {tuple(entry[x] for x in ("file", "in", "was", "now")): entry["why"] for entry in listed}


def sample(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Some of the mutants, in an order that depends on the seed and their own words alone.

    So a change somewhere else in the code does not make it another sample.
    """

    def place(mutant: Mutant) -> bytes:
        return blake2b(repr((seed, mutant.change.kind, mutant.key())).encode()).digest()

    placed = sorted(mutants, key=place)
    return list(islice((mutant for mutant in placed if mutant.is_python()), count))


def try_all(
    chosen: Sequence[Mutant], trees: Sequence[Path], survives: Callable[[Mutant, Path], bool | None]
) -> tuple[list[Mutant], list[Mutant]]:
    """Those that were tried, and those of them that survived."""
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in chosen:
        waiting.put(mutant)
    tried: list[Mutant] = []
    survivors: list[Mutant] = []

    def work(tree: Path) -> None:
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            outcome = survives(mutant, tree)
            if outcome is None:
                continue
            tried.append(mutant)
            if outcome:
                survivors.append(mutant)
                print(f"not noticed yet: {mutant.title}", flush=True)

    threads = [threading.Thread(target=work, args=(tree,), daemon=True) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tried, survivors


def try_seed(seed: int, mutants: Sequence[Mutant], trees: Sequence[Path], trials: Trials) -> bool:
    """Try a sample and say what survived; whether enough of it was noticed."""
    chosen = sample(mutants, SAMPLE, seed)
    if not all(trials.hold(chosen[0], tree) for tree in trees):
        print("tests fail in a copy of the tree without any change")
        return False
    tried, doubtful = try_all(chosen, trees, trials.survives)
    # What time is left goes to all the tests that run their lines.
    looked, still = try_all(doubtful, trees, partial(trials.survives, all_tests=True))
    survivors = [x for x in doubtful if x in still or x not in looked]
    for survivor in survivors:
        print(f"survived: {survivor.title}\n{survivor.difference()}")
    score = 1 - len(survivors) / len(tried) if tried else 0.0
    counts = f"{len(tried)} of {len(chosen)} tried, {len(survivors)} survived"
    print(f"seed {seed}: {counts}: {score:.1%}", flush=True)
    return score >= GOAL


def main(words: Sequence[str] | None = None) -> int:
    """Try a sample for each seed; 0 when enough of each was noticed."""
    seeds = [int(word) for word in (sys.argv[1:] if words is None else words)]
    until = time.monotonic() + BUDGET
    sources = {file: (ROOT / file).read_bytes() for file in DECIDING}
    everything = [mutant for file, source in sources.items() for mutant in mutants_of(file, source)]
    known = equivalents(Path(__file__).with_name("equivalents.toml"))
    keys = {mutant.key() for mutant in everything}
    for stale in [key for key in known if key not in keys]:
        print(f"equivalents.toml: no mutant any more: {stale}", flush=True)
    print(f"{len(everything)} mutants, {SAMPLE} of them for each seed", flush=True)
    others = [mutant for mutant in everything if mutant.key() not in known]
    good = True
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)
        cores = os.cpu_count() or 1
        first = copy_tree(Path(folder) / "0")
        runs = record(first, cores)
        trees = [first, *(copy_again(first, Path(folder) / str(n)) for n in range(1, cores))]
        tests = {file: (first / file).read_bytes() for file in set(map(file_of, runs.seconds))}
        selector = Selector(runs, sources, tests)
        forks = {tree: stack.enter_context(closing(Forks(tree))) for tree in trees}
        trials = Trials(runs, selector, until, forks)
        for seed in seeds:
            good = try_seed(seed, others, trees, trials) and good
            trials.until = time.monotonic() + BUDGET
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
