"""What the README promises, done to the letter in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import servers_support
from packaging.requirements import Requirement
from wecom_contact import BEIJING, codec
from wecom_contact.customer import CustomerRecord

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SKIPPED = shutil.ignore_patterns(".*", "__pycache__", "*_cache")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT, tmp_path / "copy", ignore=SKIPPED)
    return tmp_path / "copy"


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


def pytest_of(folder: Path, *words: str) -> str:
    return run(folder, "-m", "pytest", "-p", "no:cacheprovider", *words)


def files_to_write() -> dict[str, str]:
    """What a reader of "Add an endpoint" writes: path and content."""
    section = README.split("## Add an endpoint")[1]
    files = {}
    for name in re.findall(r"`((?:spec|tests)/[\w/]+\.(?:yaml|json))`", section):
        kind = name.rpartition(".")[2]
        (files[name],) = re.findall(rf"```{kind}\n(.*?)```", section, re.S)
    return files


def test_adding_an_endpoint(copy: Path) -> None:
    files = files_to_write()
    assert len(files) == 2
    # Whoever has done it in the tree under test must not find the test red.
    for name in files:
        (copy / name).unlink(missing_ok=True)
    run(copy, "-m", "codegen", "gen")
    assert "school" not in (copy / "README.md").read_text("utf-8").split("## Every call")[1]

    for name, content in files.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(content, "utf-8")
    said = run(copy, "-m", "codegen", "gen")
    assert "new      generated/wecom_contact/school.py" in said
    assert "nothing changed" in run(copy, "-m", "codegen", "gen")

    # What `make test` does, as far as it can be touched by this.
    run(copy, "-m", "codegen", "lint")
    run(copy, "-m", "codegen", "check")
    run(copy, "-m", "ruff", "check", "--no-cache", ".")
    run(copy, "-m", "ruff", "format", "--check", "--no-cache", ".")
    assert "passed" in pytest_of(copy, "tests/test_replay.py", "-k", "school", "-rp")
    assert "passed" in pytest_of(copy, "tests/test_catalog.py", "-rp")
    for name in ("README.md", "generated/wecom_contact/API.md"):
        assert "`school.get_subscribe_mode`" in (copy / name).read_text("utf-8")
    both = (
        "from wecom_contact import Client, AsyncClient as A, catalog; "
        "Client('ww', 's').school.get_subscribe_mode, A('ww', 's').school.get_subscribe_mode, "
        "catalog.CALLS['school.get_subscribe_mode']"
    )
    run(copy, "-c", both)


def test_commands_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`?make ([a-z]+)", README):
        assert f"\n{target}:" in makefile, target


def test_a_refused_argument_looks_as_the_readme_shows_it() -> None:
    (shown,) = re.findall(r"^    (wecom_contact\.errors\.\w+: .*)$", README, re.M)
    program = (
        "from wecom_contact import Client, ImageAttachment, LinkAttachment\n"
        "links = [ImageAttachment(media_id='m'), LinkAttachment(title='t' * 129, url='u')]\n"
        "Client('ww1', 's').welcome.send(welcome_code='c', attachments=links)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": "generated"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == shown


def test_times_are_in_the_zone_that_the_readme_names() -> None:
    assert "at UTC+8 (`wecom_contact.BEIJING`)" in README
    assert BEIJING.utcoffset(None) == timedelta(hours=8)
    reply = {"follow_info": {"createtime": 1_767_200_400}}
    record = codec.structure(reply, CustomerRecord)
    assert record.follow_info.createtime == datetime(2026, 1, 1, 1, tzinfo=BEIJING)
    assert record.follow_info.createtime.tzinfo is BEIJING


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_source_distribution_holds_the_package_and_what_goes_with_it(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as content:
        names = {name.partition("/")[2] for name in content.getnames()}
    beside = {name for name in names if not name.startswith("generated/wecom_contact/")}
    assert beside == {
        ".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"
    }  # fmt: skip


def metadata(built: Path) -> Any:
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith("/METADATA"))
        return wheel.read(name).decode()


def test_an_index_shows_no_link_that_leads_nowhere(built: Path) -> None:
    text = metadata(built)
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) > 100
    assert [link for link in links if not link.startswith("https://")] == []
    assert "is one table in docs/production.md" in text  # the words stay


def test_the_extra_all_has_all_extras(built: Path) -> None:
    needs: dict[str, set[str]] = {}
    for line in metadata(built).splitlines():
        if line.startswith("Requires-Dist: "):
            need = Requirement(line.partition(": ")[2])
            assert need.specifier, need
            (extra,) = re.findall(r"extra == [\"'](\w+)", str(need.marker)) or [""]
            needs.setdefault(extra, set()).add(f"{need.name}{need.specifier}")
    core, everything = needs.pop(""), needs.pop("all")
    assert {need.partition(">")[0].partition("<")[0] for need in core} == {
        "attrs", "cattrs", "orjson", "urllib3"
    }  # fmt: skip
    assert everything == set().union(*needs.values())
    readme = README.split("## Install")[1].split("## ")[0]
    assert set(re.findall(r"\[(\w+)\]", readme)) == {*needs, "all"}


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


@pytest.mark.parametrize(
    ("kind", "name", "package"),
    [
        (servers_support.REDIS, "redis-server", "redis-server"),
        (servers_support.REDIS, "valkey-server", "redis-server"),
        (servers_support.INITDB, "initdb", "postgresql"),
        (servers_support.MARIADB, "mariadbd", "mariadb-server"),
        (servers_support.MARIADB, "mysqld", "mariadb-server"),
    ],
)
def test_a_server_is_found_wherever_it_is(
    kind: servers_support.Kind,
    name: str,
    package: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(kind.variable, raising=False)
    monkeypatch.setattr(servers_support, "PLACES", (str(tmp_path / "sbin"),))
    monkeypatch.setattr(servers_support, "POSTGRES", str(tmp_path / "lib"))
    with pytest.raises(LookupError, match=f"apt-get install {package}"):
        servers_support.program(kind)
    beside = program(tmp_path / "sbin" / name)
    assert servers_support.program(kind) == str(beside)
    on_path = program(tmp_path / "bin" / name)
    assert servers_support.program(kind) == str(on_path)
    named = program(tmp_path / "own" / "server")
    monkeypatch.setenv(kind.variable, str(named))
    assert servers_support.program(kind) == str(named)
    monkeypatch.setenv(kind.variable, str(tmp_path / "gone"))
    with pytest.raises(LookupError, match=f"{kind.variable} is .*gone', which is no program"):
        servers_support.program(kind)


def test_the_newest_postgresql_of_debian_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("INITDB", raising=False)
    monkeypatch.setattr(servers_support, "PLACES", ())
    monkeypatch.setattr(servers_support, "POSTGRES", str(tmp_path))
    program(tmp_path / "9" / "bin" / "initdb")
    newest = program(tmp_path / "17" / "bin" / "initdb")
    program(tmp_path / "15" / "bin" / "initdb")
    assert servers_support.program(servers_support.INITDB) == str(newest)


def test_make_test_says_what_to_install_where_servers_are_missing(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    program(venv / ".ready")
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=SKIPPED)
    (tmp_path / "requirements.txt").touch()
    os.utime(tmp_path / "requirements.txt", (0, 0))
    no_apt = program(tmp_path / "bin" / "apt-get")
    no_apt.write_text("#!/bin/sh\nexit 1\n")
    done = subprocess.run(
        ["make", "servers", "PYTHON=python3", "REDIS_SERVER=/nowhere/redis-server", "INITDB=/no"],
        cwd=tmp_path,
        env={"PATH": f"{no_apt.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "REDIS_SERVER is '/nowhere/redis-server', which is no program" in done.stderr
    assert "INITDB is '/no', which is no program" in done.stderr
