"""The generator on a toy spec with one of each construct, compared byte for byte."""

import os
import sys
from pathlib import Path

import pytest

from codegen import emit, lint, render, resolve, spec

TOY = Path(__file__).parent / "toy"
EXPECTED = TOY / "expected"


def toy() -> dict[str, str]:
    api = resolve.resolve(spec.load(TOY / "spec"))
    assert lint.lint(api) == []
    plan = emit.plan(api)
    return {name.removeprefix(f"{plan.package}/"): text for name, text in plan.files.items()}


def test_the_toy_spec_becomes_what_was_reviewed(request: pytest.FixtureRequest) -> None:
    made = toy()
    if request.config.getoption("--update-golden"):
        EXPECTED.mkdir(exist_ok=True)
        for path in EXPECTED.iterdir():
            path.unlink()
        for name, text in made.items():
            # Not .py, so that no tool takes these for code of the project.
            (EXPECTED / f"{name}.txt").write_bytes(text.encode())
    kept = {path.name.removesuffix(".txt"): path.read_text("utf-8") for path in EXPECTED.iterdir()}
    assert made == kept


def test_same_bytes_twice() -> None:
    assert toy() == toy()


@pytest.mark.parametrize(
    ("unwanted", "writable", "kept"), [(False, True, 1), (True, True, 0), (False, False, 0)]
)
def test_compiled_templates_are_kept_where_bytecode_may_be(
    unwanted: bool,
    writable: bool,
    kept: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", unwanted)
    # root may write anywhere, so the answer is given here.
    monkeypatch.setattr(os, "access", lambda *_: writable)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.j2").write_text("{{ 1 + 1 }}")
    monkeypatch.setattr(render, "HERE", tmp_path)
    for _ in range(2):
        assert render.environment().get_template("a.j2").render() == "2"
    assert len(list(tmp_path.glob("__pycache__/*"))) == kept
    (tmp_path / "templates" / "a.j2").write_text("{{ 2 + 1 }}")
    assert render.environment().get_template("a.j2").render() == "3"
