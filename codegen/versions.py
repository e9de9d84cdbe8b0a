"""Two versions of the project side by side: where they come from, and what differs.

Knows git and folders; what a change in the spec means is `diff`'s business.
"""

import io
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from codegen import diff, ir, resolve, spec
from codegen.problems import SpecError, Where

RUNTIME = "codegen/runtime"
SURFACES = "codegen/surfaces"
CLIENTS = ("__init__.py", "_client.py", "_async_client.py", "callback.py", "codec.py")
"""Generated, but their text is written by hand in templates."""


class Places(NamedTuple):
    """Where things are, from the root of a checkout."""

    spec: str = "spec"
    out: str = "generated"
    """The folder with the package in it."""


PLACES = Places()


class CannotCompare(Exception):
    """Says in one sentence why two versions cannot be compared."""


def git(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True)
    except FileNotFoundError as error:
        raise CannotCompare("git is not installed; give a folder instead of a revision") from error
    if done.returncode:
        raise CannotCompare(done.stderr.decode(errors="replace").strip() or "git found nothing")
    return done.stdout


def last_release(root: Path) -> str | None:
    """The newest tag `v*`; None without one, or where there is no repository."""
    if not (root / ".git").exists():
        return None
    tags = git(root, "tag", "--list", "v[0-9]*", "--sort=-v:refname").decode().split()
    return tags[0] if tags else None


@contextmanager
def tree(version: str, root: Path, places: Places) -> Iterator[Path]:
    """A folder that holds a version: a folder as it is, a git revision in a temporary one."""
    if Path(version).is_dir():
        yield Path(version)
        return
    try:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{version}^{{commit}}")
        commit = git(root, *words).decode().strip()
    except CannotCompare as error:
        if str(error) != "git found nothing":
            raise
        message = f"{version!r} is neither a folder nor a git revision here"
        raise CannotCompare(message) from error
    for place in places:
        if Path(place).is_absolute():
            message = f"{place} is outside of the repository; give a folder instead of a revision"
            raise CannotCompare(message)
    wanted = (places.spec, RUNTIME, SURFACES, places.out)
    there = git(root, "ls-tree", "--name-only", commit, "--", *wanted).decode().splitlines()
    if places.spec not in there:
        raise CannotCompare(f"revision {version!r} has no folder {places.spec}")
    with tempfile.TemporaryDirectory() as made:
        with tarfile.open(fileobj=io.BytesIO(git(root, "archive", commit, "--", *there))) as tar:
            tar.extractall(made, filter="data")
        yield Path(made)


def read(folder: Path, version: str, places: Places) -> ir.Api:
    """The API of a checkout, or of a folder of YAML files."""
    place = Path(places.spec)
    inside = not place.is_absolute() and (folder / place).is_dir()
    here = folder / place if inside else folder
    try:
        return resolve.resolve(spec.load(here))
    except SpecError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        raise CannotCompare(
            f"the spec of {version} cannot be read: {error.problems[0]}{more}"
        ) from error


def compare(
    old: str, new: str, root: Path, places: Places = PLACES
) -> tuple[list[diff.Change], bool]:
    """Everything that differs, and whether the hand-written code could be compared too."""
    with tree(old, root, places) as before, tree(new, root, places) as after:
        was, now = read(before, old, places), read(after, new, places)
        found = diff.changes(was, now)
        package = Path(places.out) / (now.package.name if now.package else "")
        both = all(
            now.package and (each / RUNTIME).is_dir() and (each / package).is_dir()
            for each in (before, after)
        )
        if both:
            resources = {module.name for module in was.modules}
            found += surface(before, after, package, resources)
        return diff.ordered(found), both


def surface(old: Path, new: Path, generated: Path, resources: set[str]) -> Iterator[diff.Change]:
    """What breaks in the public part of the hand-written code; nothing is imported or run.

    `generated` is the folder of the package in both.
    """
    try:
        import griffe
    except ImportError as error:
        message = "comparing hand-written code needs griffe: pip install griffelib==2.4.0"
        raise CannotCompare(message) from error
    homes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as made:
        sides = []
        for name, side in (("old", old), ("new", new)):
            package = Path(made, name, generated.name)
            ignored = shutil.ignore_patterns("__pycache__")
            for floor in (RUNTIME, SURFACES):
                if (side / floor).is_dir():
                    shutil.copytree(side / floor, package, ignore=ignored, dirs_exist_ok=True)
                    homes |= {path.name: floor for path in (side / floor).iterdir()}
            for client in CLIENTS:
                if (side / generated / client).exists():
                    shutil.copy(side / generated / client, package)
                    homes[client] = generated.as_posix()
            loader = griffe.GriffeLoader(
                search_paths=[Path(made, name)],
                allow_inspection=False,
                modules_collection=griffe.ModulesCollection(),
            )
            sides.append((package, public(loader.load(generated.name))))
        (old_package, was), (new_package, now) = sides
        for path, thing in was.items():
            if path not in now:
                kind = thing.kind.value
                place = at(thing, old_package, homes)
                yield diff.Change(diff.Verdict.BREAKS, place, path, f"is gone ({kind})", gone=True)
                continue
            for each in griffe.find_breaking_changes(thing, now[path]):
                # Resources of a client follow from the spec, which tells of them.
                if Path(str(each.obj.filepath)).name in CLIENTS and each.obj.name in resources:
                    continue
                # Where users import it from, and else without the rooms that are private.
                what = each.obj.path.replace(thing.path, path, 1)
                what = re.sub(r"\._\w+(?=\.)", "", what)
                yield breakage(each, what, old_package, new_package, homes)


def public(package: Any) -> dict[str, Any]:
    """Modules without an underscore, and what the package exports from the others."""
    found = {
        f"{package.name}.{name}": member
        for name, member in package.members.items()
        if not member.is_alias and member.is_module and not name.startswith("_")
    }
    for name, member in package.members.items():
        # `pkg._client.Client`, `pkg._runtime.sync_driver.Pager`; the rest is in a public module, or generated.
        first, *rooms, last = member.target_path.split(".") if member.is_alias else [""] * 2
        if first == package.name and rooms and rooms[0].startswith("_"):
            home = package
            for room in rooms:
                home = home.members.get(room) if home is not None else None
            if home is not None and last in home.members:
                found[f"{package.name}.{name}"] = home.members[last]
    return found


def at(thing: Any, package: Path, homes: Mapping[str, str]) -> Where:
    """Where a thing is written: `homes` says which folder a file or folder of the package is from."""
    file = Path(thing.filepath).relative_to(package)
    return Where(f"{homes[file.parts[0]]}/{file.as_posix()}", thing.lineno or 1)


def breakage(each: Any, what: str, old: Path, new: Path, homes: Mapping[str, str]) -> diff.Change:
    """One finding of griffe's, about this, as a change."""
    kind = each.kind.name
    # A value or a default that is another one is still accepted everywhere.
    behaves = kind in ("ATTRIBUTE_CHANGED_VALUE", "PARAMETER_CHANGED_DEFAULT")
    verdict = diff.Verdict.BEHAVES if behaves else diff.Verdict.BREAKS
    gone = Path(each.obj.filepath).is_relative_to(old)
    parameter = each.new_value or each.old_value
    if kind.startswith("PARAMETER"):
        what += f"({parameter.name})"
    if kind == "OBJECT_REMOVED":
        text = f"is gone ({each.obj.kind.value})"
    else:
        text = each.kind.value[0].lower() + each.kind.value[1:]
    return diff.Change(verdict, at(each.obj, old if gone else new, homes), what, text, gone=gone)
