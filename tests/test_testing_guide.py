"""`docs/testing.md`, followed to the letter in an empty folder."""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import wecom_contact
from wecom_contact import reference
from wecom_contact.testing import Simulator
from wecom_contact.testing._answers import EXAMPLES

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "testing.md").read_text("utf-8")
FILES = re.compile(r"`([\w.]+\.(?:py|json))`[^\n]*:\n\n```(?:python|json)\n(.*?)```", re.S)
COMMANDS = re.compile(r"```sh\n(.*?)\n```", re.S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of the guide, and nothing else."""
    for name, text in FILES.findall(GUIDE):
        assert not (tmp_path / name).exists(), name
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    # Where the package is installed, nobody needs this path.
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(Path(wecom_contact.__file__).parent.parent),
    }


def python(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_is_used() -> None:
    assert len(re.findall(r"^```\w", GUIDE, re.M)) == len(FILES.findall(GUIDE)) + len(
        COMMANDS.findall(GUIDE)
    )


def test_the_guide_installs_what_the_package_offers() -> None:
    install, test, *_ = COMMANDS.findall(GUIDE)
    extras = re.search(r"\[([\w,]+)\]", install)
    assert extras is not None
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    for extra in extras[1].split(","):
        assert f"\n{extra} = [" in metadata
    assert "[project.entry-points.pytest11]" in metadata
    assert test == "pytest"


def test_the_tests_of_the_guide_pass(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("test_*.py"))
    assert names == [
        "test_app.py",
        "test_async.py",
        "test_callback.py",
        "test_clock.py",
        "test_environment.py",
        "test_permissions.py",
        "test_states.py",
        "test_tags.py",
        "test_trouble.py",
    ]
    plugin = "wecom_contact._pytest_plugin"
    installed = any(each.value == plugin for each in entry_points(group="pytest11"))
    load = () if installed else ("-p", plugin)
    said = python(folder, "-m", "pytest", *load, "-p", "no:cacheprovider", "-W", "error")
    count = sum(len(re.findall(r"^def test_", (folder / name).read_text(), re.M)) for name in names)
    assert f"{count} passed" in said


def test_the_application_is_as_short_as_it_says(folder: Path) -> None:
    lines = (folder / "app.py").read_text("utf-8").splitlines()
    assert sum(bool(line.strip()) for line in lines) <= 15


def test_the_tests_of_the_guide_satisfy_mypy(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.py"))
    config = folder / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\nfollow_imports = silent\n")
    python(
        folder,
        "-m",
        "mypy",
        "--config-file",
        str(config),
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "guide"),
        *names,
    )


@contextmanager
def alone(folder: Path, command: str) -> Iterator[str]:
    """The stand-alone simulator as the guide starts it, but on any free port; gives its address."""
    program, *words = shlex.split(command.replace("--port 8000", ""))
    assert program == "python"
    process = subprocess.Popen(
        [sys.executable, *words, "--port", "0"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "base_url" in line:
                yield line.split()[1]
                break
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def test_on_its_own(folder: Path) -> None:
    start, curl, start_with_file = COMMANDS.findall(GUIDE)[2:]
    query = re.search(r"8000(/[^']+)", curl)
    assert query is not None
    with alone(folder, start) as url:
        with urllib.request.urlopen(url + query[1], timeout=10) as answer:
            reply = json.load(answer)
        assert reply["errcode"] == 0
        assert reply["access_token"]
    with alone(folder, start_with_file) as url:
        with wecom_contact.Client(
            "ww5e1f0a2b3c4d5e6f", "simulated-secret-of-a-corp-that-is-not-real", base_url=url
        ) as wecom:
            (record,) = wecom.customer.batch_get(userid_list=["zhangsan"])
            assert record.external_contact.name == "李四"
            assert len(wecom.corp_tag.list().tag_group) > 1


def test_file_for_tests(folder: Path) -> None:
    corp = Simulator()
    corp.load(folder / "corp.json")
    assert corp.members["zhangsan"].customers[0].tags == ["VIP"]
    assert len(corp.customers) == 101


def test_options_are_those_of_the_command(folder: Path) -> None:
    said = python(folder, "-m", "wecom_contact.testing", "--help")
    section = GUIDE.split("## On its own")[1].split("## ")[0]
    named = set(re.findall(r"--[a-z][a-z-]+", section))
    assert named == set(re.findall(r"--[a-z][a-z-]+", said)) - {"--help"}


def test_names_are_those_of_the_simulator() -> None:
    corp = Simulator()
    families = {call.resource for call in reference.calls()}
    for name in re.findall(r"`((?:add|customer|member|admin|group)_[a-z_]+)`", GUIDE):
        assert name in families or callable(getattr(corp, name, None)), name
    for path in re.findall(r"`corp\.([a-z_.]+)(?<!json)\b", GUIDE):
        thing: object = corp
        for name in path.split("."):
            thing = getattr(thing, name)


def test_calls_without_state_are_named() -> None:
    section = GUIDE.split("## What it is not")[1]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", section)) == set(EXAMPLES)
