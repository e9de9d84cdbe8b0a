"""What the README promises, done to the letter in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PARTS = ("spec", "codegen", "generated", "tests", "README.md", "pyproject.toml", "docs")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__", "*_cache")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignore)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "generated", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_adding_an_endpoint(copy: Path) -> None:
    section = README.split("## Add an endpoint")[1]
    for name in re.findall(r"`((?:spec|tests)/[\w/]+\.(?:yaml|json))`", section):
        kind = name.rpartition(".")[2]
        (block,) = re.findall(rf"```{kind}\n(.*?)```", section, re.S)
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(block, "utf-8")
    said = run(copy, "-m", "codegen", "gen")
    assert "new      generated/wecom_contact/school.py" in said
    run(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_replay.py", "-k", "school"
    )
    run(
        copy,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_catalog.py",
        "-k",
        "school or every",
    )
    assert "`school.get_subscribe_mode`" in (copy / "README.md").read_text("utf-8")
    assert "nothing changed" in run(copy, "-m", "codegen", "gen")


def test_commands_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`?make ([a-z]+)", README):
        assert f"\n{target}:" in makefile, target


def test_links_lead_somewhere() -> None:
    for path in [
        ROOT / "README.md",
        ROOT / "README.zh-CN.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ]:
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
