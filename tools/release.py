"""Make a release on this machine: `make release`, or `make release VERSION=1.2.3`. Nothing is uploaded.

Refuses a tree with changes, sets the version, moves what is Unreleased in CHANGELOG.md under it, builds sdist and
wheel, tries the wheel in an empty environment, commits and tags. Whatever fails, the tree is as before.
"""

import datetime
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from codegen import diff, versions

ROOT = Path(__file__).parent.parent
TRIAL = """
from wecom_contact.testing import Simulator
with Simulator() as wecom, wecom.client() as client:
    client.follow_user.list()
"""


class CannotRelease(Exception):
    """Says in one sentence why not."""


def run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise CannotRelease(f"{' '.join(words[:4])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def number(version: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise CannotRelease(f"{version!r} is not a version such as 1.2.3")
    return tuple(map(int, version.split(".")))


def choose(root: Path, asked: str) -> str:
    """The version asked for, if it is high enough; else the least that may follow."""
    now: str = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    last = versions.last_release(root)
    least = now
    if last is not None:
        found, _ = versions.compare(last, str(root), root)
        text = (root / "CHANGELOG.md").read_text("utf-8")
        missing = diff.untold(found, text)
        if missing:
            names = ", ".join(each.what for each in missing)
            raise CannotRelease(f"CHANGELOG.md does not name what breaks: {names}")
        least = diff.next_version(last.removeprefix("v"), found)
        if least == last.removeprefix("v") and not asked:
            raise CannotRelease(f"nothing in the API differs from {last}; give VERSION=")
    chosen = asked or max(least, now, key=number)
    if number(chosen) < number(least):
        raise CannotRelease(f"{chosen} is too low; at least {least}")
    if f"v{chosen}" in run("git", "tag", "--list", cwd=root).split():
        raise CannotRelease(f"v{chosen} is released already")
    return chosen


def prepare(root: Path, version: str, today: str) -> None:
    """Write the version and the CHANGELOG's heading."""
    changelog, project = root / "CHANGELOG.md", root / "pyproject.toml"
    text = changelog.read_text("utf-8")
    if not diff.unreleased(text).strip():
        raise CannotRelease("nothing stands under Unreleased in CHANGELOG.md")
    heading = f"## Unreleased\n\n## {version} - {today}\n"
    changelog.write_text(re.sub(r"^## Unreleased *\n", heading, text, count=1, flags=re.M), "utf-8")
    line = re.compile(r'^version = ".*"$', re.M)
    project.write_text(line.sub(f'version = "{version}"', project.read_text("utf-8"), 1), "utf-8")


def build(root: Path, version: str) -> None:
    """Build sdist and wheel into dist/, and try the wheel in an empty environment."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", cwd=root)
    (wheel,) = (root / "dist").glob(f"*-{version}-*.whl")
    with tempfile.TemporaryDirectory() as made:
        venv.create(made, with_pip=True)
        python = str(Path(made, "bin", "python"))
        run(python, "-m", "pip", "install", "-q", f"{wheel}[testing]", cwd=Path(made))
        run(python, "-I", "-c", TRIAL, cwd=Path(made))


def release(root: Path, asked: str, today: str) -> str:
    """Do it all; returns the version."""
    if run("git", "status", "--porcelain", cwd=root):
        raise CannotRelease("there are changes that are not committed")
    version = choose(root, asked)
    try:
        prepare(root, version, today)
        build(root, version)
        run("git", "commit", "-am", f"Release {version}", cwd=root)
    except BaseException:
        run("git", "checkout", "HEAD", "--", "pyproject.toml", "CHANGELOG.md", cwd=root)
        raise
    run("git", "tag", "-a", f"v{version}", "-m", f"Release {version}", cwd=root)
    return version


def main() -> int:
    """Say what was done, or why not."""
    try:
        version = release(ROOT, "".join(sys.argv[1:]), datetime.date.today().isoformat())
    except (CannotRelease, versions.CannotCompare) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"v{version} is committed and tagged here, its files are in dist/; nothing was uploaded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
