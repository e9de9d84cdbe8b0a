"""A damaged spec is refused with file and line, or makes a package that imports: never anything else."""

import random
import re
from pathlib import Path

import pytest
from making import problems, run

from codegen import resolve, spec

HERE = Path(__file__).parent
SPECS = [
    {path.name: path.read_text("utf-8") for path in (HERE / folder).glob("*.yaml")}
    for folder in ("good", "toy/spec")
]
STRAY = " \t\n:,#-?!&*|>'\"%@`[]{}()=<>\\/~.：，。（）“”、　\u200b\ufeff0aA_é中😀"
ROUNDS = 40


def damage(text: str, chance: random.Random) -> str:
    """One thing that happens while typing, copying or merging."""
    rows = text.split("\n")
    at = chance.randrange(len(rows))
    what = chance.choice(
        [
            "drop",
            "repeat",
            "swap",
            "deeper",
            "flatter",
            "word",
            "word",
            "word",
            "stray",
            "stray",
            "cut",
            "join",
            "key",
        ]
    )
    words = re.findall(r"[\w?]+", text)
    if what == "drop":
        del rows[at]
    elif what == "repeat":
        rows.insert(chance.randrange(len(rows)), rows[at])
    elif what == "swap":
        other = chance.randrange(len(rows))
        rows[at], rows[other] = rows[other], rows[at]
    elif what == "deeper":
        rows[at] = " " * chance.randint(1, 4) + rows[at]
    elif what == "flatter":
        rows[at] = rows[at].removeprefix(" " * chance.randint(1, 4))
    elif what == "word":
        found = list(re.finditer(r"[\w?]+", rows[at]))
        if found:
            old = chance.choice(found)
            rows[at] = rows[at][: old.start()] + chance.choice(words) + rows[at][old.end() :]
    elif what == "stray":
        place = chance.randint(0, len(rows[at]))
        rows[at] = rows[at][:place] + chance.choice(STRAY) + rows[at][place:]
    elif what == "cut":
        rows[at] = rows[at][: chance.randint(0, len(rows[at]))]
    elif what == "join" and at + 1 < len(rows):
        rows[at] += rows.pop(at + 1)
    elif what == "key":
        rows[at] = re.sub(r": .*", ":", rows[at])
    return "\n".join(rows)


def judge(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    texts = dict(chance.choice(SPECS))
    for _ in range(chance.choice((1, 1, 2, 4))):
        name = chance.choice(sorted(texts))
        texts[name] = damage(texts[name], chance)
    for path in folder.iterdir():
        path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    found = problems(folder)
    for problem in found:
        rows = texts[problem.where.file].splitlines()
        assert 1 <= problem.where.line <= max(len(rows), 1), problem
        assert problem.text, problem
    if not found:
        run(resolve.resolve(spec.load(folder)))


@pytest.mark.parametrize("part", range(4))
def test_damage_is_refused_or_does_no_harm(part: int, tmp_path: Path) -> None:
    for seed in range(part * ROUNDS, (part + 1) * ROUNDS):
        judge(tmp_path, seed)
