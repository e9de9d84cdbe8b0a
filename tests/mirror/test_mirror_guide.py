"""`docs/mirror.md`, followed to the letter in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wecom_contact
from wecom_contact.mirror._tables import INTERNAL, TABLES, VIEWS
from wecom_contact.testing import Simulator

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "mirror.md").read_text("utf-8")
COMMANDS = re.compile(r"^python -m wecom_contact\.mirror (?:[^\n\"]|\"[^\"]*\")*", re.M)
INSTALLED = re.compile(r"wecom-contact\[([\w,]+)\]")


def shell(command: str, folder: Path, corp: Simulator) -> str:
    done = subprocess.run(
        ["bash", "-c", command.replace("python ", f"{sys.executable} ", 1)],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(wecom_contact.__file__).parent.parent),
            "PYTHONUTF8": "1",
            "WECOM_CORP_ID": corp.corp_id,
            "WECOM_SECRET": corp.secret,
            "WECOM_BASE_URL": corp.url,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, command + done.stderr
    return done.stdout


def test_every_command_of_the_guide_works(corp: Simulator, tmp_path: Path) -> None:
    corp.populate(1000)
    commands = COMMANDS.findall(GUIDE)
    assert len(commands) == 7
    said = [shell(command, tmp_path, corp) for command in commands]
    assert "missing: " in said[0]
    assert re.search(r"customers +1000 +0", said[1])
    shown = re.search(r"```\nchannel(.*?)…\n```", GUIDE, re.S)
    assert shown is not None
    # The table of the guide is the one that comes out.
    for line in shown[1].splitlines()[1:]:
        assert line in said[2], said[2]
    assert (tmp_path / "new_customers.csv").read_bytes().startswith(b"\xef\xbb\xbfday,channel")
    assert said[4].startswith("missing: nothing\nchanged: nothing\ngone: nothing\n")
    assert (tmp_path / "follows.parquet").stat().st_size
    assert (tmp_path / "today.jsonl").stat().st_size
    assert "simulated-secret-of-a-corp-that-is-not-real" in GUIDE
    assert corp.secret == "simulated-secret-of-a-corp-that-is-not-real"
    assert corp.corp_id in GUIDE


def test_the_guide_installs_what_the_package_offers() -> None:
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = {extra for found in INSTALLED.findall(GUIDE) for extra in found.split(",")}
    assert extras == {"mirror", "cli", "testing", "export"}
    for extra in extras - {"cli"}:
        assert f"\n{extra} = [" in metadata


def test_the_picture_has_every_table_and_column() -> None:
    drawn = dict(re.findall(r"^    (\w+) \{\n(.*?)^    \}", GUIDE, re.M | re.S))
    everywhere = {"extra", "read_at", "vanished_at", "vanished_on", *INTERNAL}
    assert drawn.keys() == TABLES.keys()
    for name, table in TABLES.items():
        found = {line.split()[1]: line.split()[2:3] == ["PK"] for line in drawn[name].splitlines()}
        wanted = {
            column.name: column.primary_key for column in table.c if column.name not in everywhere
        }
        assert found == wanted, name


def test_the_guide_knows_every_view() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \|$", GUIDE, re.M)) == VIEWS.keys()


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", GUIDE, re.S))
def test_what_the_guide_shows_in_python_is_python(block: str) -> None:
    compile(block, "mirror.md", "exec")
    for name in re.findall(r"mirror\.(\w+)\(", block):
        assert hasattr(wecom_contact.mirror.Mirror, name)
