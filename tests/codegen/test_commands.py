"""`python -m codegen`: what it prints, what it returns, what it leaves on the disk."""

import json
import shutil
from pathlib import Path

import pytest

from codegen import __main__, emit, spec

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    for floor in __main__.FLOORS:
        shutil.copytree(
            ROOT / "codegen" / floor,
            tmp_path / "codegen" / floor,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    (tmp_path / "README.md").write_text("# x\n<!-- calls: generated -->\nold\n<!-- end -->\n")
    return tmp_path


def test_generated_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["check"]) == 0, capsys.readouterr().out


def test_gen_from_nothing_gives_the_same_bytes(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / __main__.RECORDED, copy / __main__.RECORDED)
    assert __main__.main(["gen"], copy) == 0
    assert "new      generated/wecom_contact/contact_way.py" in capsys.readouterr().out
    made = {
        path.relative_to(copy / "generated").as_posix(): path.read_bytes()
        for path in (copy / "generated").rglob("*")
        if path.is_file()
    }
    kept = {
        path.relative_to(ROOT / "generated").as_posix(): path.read_bytes()
        for path in (ROOT / "generated").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert made == kept
    assert "| `contact_way.add` |" in (copy / "README.md").read_text("utf-8")
    assert __main__.main(["gen"], copy) == 0
    assert capsys.readouterr().out == "nothing changed\n"


def test_check_shows_the_difference(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    __main__.main(["gen"], copy)
    capsys.readouterr()
    assert __main__.main(["check"], copy) == 0
    edited = copy / "generated/wecom_contact/welcome.py"
    types = copy / "generated/wecom_contact/types.py"
    gone = [*types.read_text("utf-8").splitlines(), *edited.read_text("utf-8").splitlines()]
    edited.write_text("edited\n")
    (copy / "generated/wecom_contact/stray.py").write_text("stray\n")
    types.unlink()
    assert __main__.main(["check"], copy) == 1
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert "-edited" in lines
    assert "-stray" in lines
    added = [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]
    assert added == gone
    assert "run `make gen`" in shown.err
    assert __main__.main(["gen"], copy) == 0
    assert capsys.readouterr().out.split() == [
        "gone", "generated/wecom_contact/stray.py",
        "new", "generated/wecom_contact/types.py",
        "changed", "generated/wecom_contact/welcome.py",
    ]  # fmt: skip
    assert __main__.main(["check"], copy) == 0


def test_lint_without_findings_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["lint"]) == 0
    assert "no findings" in capsys.readouterr().out


def test_schema_is_the_one_on_disk(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["schema"]) == 0
    shown = capsys.readouterr().out
    assert shown == (ROOT / "spec/spec.schema.json").read_text("utf-8")
    assert json.loads(shown)["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_schema_accepts_the_spec_and_refuses_mistakes() -> None:
    """An independent reader of JSON Schema agrees with the loader."""
    import yaml
    from jsonschema import Draft7Validator

    schema = spec.json_schema()
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)

    def plain(value: object) -> object:
        """Keys as JSON has them."""
        if isinstance(value, dict):
            return {str(key): plain(each) for key, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, list) else value

    for path in sorted((ROOT / "spec").glob("*.yaml")):
        data = plain(yaml.safe_load(path.read_text("utf-8")))
        assert [error.message for error in validator.iter_errors(data)] == [], path.name
    data = plain(yaml.safe_load((ROOT / "spec/welcome.yaml").read_text("utf-8")))
    assert isinstance(data, dict)
    data["calls"]["send"]["summry"] = "x"
    assert not validator.is_valid(data)


def test_planning_writes_nothing(tmp_path: Path) -> None:
    package = "generated/wecom_contact"
    plan = emit.Plan(package=package, files={f"{package}/x.py": ""})
    assert emit.changes(tmp_path, plan) == {f"{package}/x.py": "new"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["gen", "check", "lint"])
def test_a_spec_with_mistakes_is_refused_and_nothing_is_written(
    command: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "spec/welcome.yaml").write_text("title: 1\n")
    assert __main__.main([command], copy) == 1
    assert "welcome.yaml:1: 1 is not text" in capsys.readouterr().err
    assert not (copy / "generated").exists()


def test_a_package_that_does_not_import_is_refused_and_the_old_one_stays(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert __main__.main(["gen"], copy) == 0
    old = (copy / "generated/wecom_contact/welcome.py").read_bytes()
    monkeypatch.setattr("codegen.render.Planner.errcodes", lambda self: HEAD + "1 / 0\n")
    (copy / "spec/welcome.yaml").write_text(
        (copy / "spec/welcome.yaml").read_text().replace("Greet", "Welcome")
    )
    assert __main__.main(["gen"], copy) == 1
    assert "errors.yaml:1: the package made of this does not import" in capsys.readouterr().err
    assert (copy / "generated/wecom_contact/welcome.py").read_bytes() == old


HEAD = '"""Broken.\n\nGenerated from spec/errors.yaml by `make gen`. Do not edit.\n"""\n\n'
