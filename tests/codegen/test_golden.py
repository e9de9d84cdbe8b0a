"""The generator on a toy spec with one of each construct, compared byte for byte."""

from pathlib import Path

import pytest

from codegen import emit, lint, resolve, spec

TOY = Path(__file__).parent / "toy"
EXPECTED = TOY / "expected"


def toy() -> dict[str, str]:
    api = resolve.resolve(spec.load(TOY / "spec"))
    assert lint.lint(api) == []
    files = emit.plan(api, runtime=None, readme="")
    return {
        name.removeprefix(f"{emit.PACKAGE}/"): text
        for name, text in files.items()
        if name.startswith(emit.PACKAGE)
    }


def test_golden(request: pytest.FixtureRequest) -> None:
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
