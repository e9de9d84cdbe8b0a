"""Measures contestants side by side and says what came of it. Knows nothing about any of them.

Each script states one question, its contestants and its targets. A question is asked in several processes, and in
each of them in rounds in which every contestant has one turn, with the garbage collector off. What counts is CPU
time; a ratio is the median of the ratios in the rounds, so a neighbour who is noisy for a while hurts both sides.
"""

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

OURS = "wecom-contact"
BENCH = Path(__file__).parent

Turn = Callable[[], object]
Rounds = dict[str, list[float]]
"""What every contestant took, round by round."""


@dataclass
class Target:
    """What the table must show: `ours` costs at most `at_most` times `other`, or `other` `at_least` times `ours`."""

    other: str
    at_most: float | None = None
    at_least: float | None = None
    ours: str = OURS
    fixed: float | None = None
    """A limit that is no ratio, in the unit of the table."""


@dataclass
class Outcome:
    """The answer to one question."""

    question: str
    unit: str
    reference: str
    values: dict[str, float]
    ratios: dict[str, float]
    targets: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)


def rounds_of(
    turns: Mapping[str, Turn],
    rounds: int,
    repeat: int,
    calls: int = 1,
    warm: int = 10,
    clock: Callable[[], float] = time.process_time,
) -> Rounds:
    """One process's rounds: CPU microseconds of one go, the mean of `repeat` turns of `calls` goes each."""
    taken: Rounds = {name: [] for name in turns}
    for turn in turns.values():
        for _ in range(warm):
            turn()
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for name, turn in turns.items():
            start = clock()
            for _ in range(repeat):
                turn()
            taken[name].append((clock() - start) / (repeat * calls) * 1e6)
    gc.enable()
    return taken


def outcome(
    question: str,
    unit: str,
    reference: str,
    taken: Rounds,
    targets: Sequence[Target],
    notes: Mapping[str, str] | None = None,
) -> Outcome:
    """Medians, ratios and whether the targets are met."""

    def ratio(one: str, other: str) -> float:
        return median(a / b for a, b in zip(taken[one], taken[other], strict=True))

    verdicts = []
    for each in targets:
        if each.other not in taken or each.ours not in taken:
            continue
        if each.fixed is not None:
            got, met = median(taken[each.ours]), median(taken[each.ours]) <= each.fixed
            words = f"{each.ours}: at most {each.fixed:g} {unit}"
        elif each.at_most is not None:
            got = ratio(each.ours, each.other)
            met = got <= each.at_most
            words = f"{each.ours} ≤ {each.at_most:g} × {each.other}"
        else:
            assert each.at_least is not None
            got = ratio(each.other, each.ours)
            met = got >= each.at_least
            words = f"{each.ours} ≥ {each.at_least:g} × faster than {each.other}"
        verdicts.append({"target": words, "measured": round(got, 3), "met": met})
    return Outcome(
        question,
        unit,
        reference,
        {name: round(median(each), 2) for name, each in taken.items()},
        {name: round(ratio(name, reference), 3) for name in taken},
        verdicts,
        dict(notes or {}),
    )


def ask(
    question: str,
    make: Callable[[], Mapping[str, Turn]],
    reference: str,
    targets: Sequence[Target],
    *,
    rounds: int = 40,
    repeat: int = 5,
    calls: int = 1,
    warm: int = 10,
    processes: int = 5,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Ask a question in several processes and print the answer; the script itself is what they run."""
    if "--once" in sys.argv:
        print(json.dumps(rounds_of(make(), rounds, repeat, calls, warm)))
        return
    together: Rounds = {}
    for _ in range(processes):
        command = [sys.executable, *sys.argv, "--once"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        for name, each in json.loads(done.stdout).items():
            together.setdefault(name, []).extend(each)
    tell(outcome(question, "µs CPU", reference, together, targets, notes))


def run_cpu(command: Sequence[str], cwd: Path | None = None, env: Any = None) -> float:
    """The CPU seconds that a command and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tell(answer: Outcome) -> None:
    """Print the table, or the JSON when the report asks for it."""
    if "--json" in sys.argv:
        print(json.dumps(asdict(answer), ensure_ascii=False))
        return
    print(answer.question)
    for name, value in answer.values.items():
        note = answer.notes.get(name, "")
        print(f"  {name:32} {value:12,.1f} {answer.unit:8} {answer.ratios[name]:7.2f} ×  {note}")
    for each in answer.targets:
        print(f"  {'met   ' if each['met'] else 'MISSED'} {each['target']}: {each['measured']:g}")
