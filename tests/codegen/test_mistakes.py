"""Whatever is wrong with a spec is said, in one helpful line with its place, before anything is written."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from mistakes import MISTAKES

from codegen import lint, resolve, spec
from codegen.problems import Problem, SpecError

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


def problems(folder: Path) -> list[Problem]:
    try:
        return lint.lint(resolve.resolve(spec.load(folder)))
    except SpecError as error:
        return list(error.problems)


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
