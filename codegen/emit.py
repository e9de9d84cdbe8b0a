"""The plan of everything generated, made in memory; and the one moment in which it replaces the old.

Nothing is written before everything is rendered. Besides the package, `write` puts into the tree what is derived from
the spec and read elsewhere: the JSON Schema beside the spec, where editors look for it, and README's table of calls.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from pathlib import Path

from codegen import ir, python
from codegen.render import CLOSED, Planner
from codegen.spec import json_schema

PACKAGE = "generated/wecom_contact"
README_MARK = re.compile(r"(<!-- calls: generated -->\n).*?(<!-- end -->)", re.S)


def plan(api: ir.Api, sources: Iterable[Path] = (), readme: str = "") -> dict[str, str]:
    """Every file of the package by its path, rendered or copied from `sources`, but not written."""
    planner = Planner(api)
    package = {
        f"{module.name}.py": planner.module(module)
        for module in api.modules
        if module.name != "events"
    }
    package["events.py"] = planner.events()
    package["callback.py"] = planner.callback()
    package["_client.py"] = planner.client(aio=False)
    package["_async_client.py"] = planner.client(aio=True)
    package["_errcodes.py"] = planner.errcodes()
    package["catalog.py"] = planner.catalog()
    package["API.md"] = planner.api_md()
    package["py.typed"] = ""
    exported: dict[str, list[str]] = {}
    for source in sources:
        for path in sorted(source.rglob("*.py")):
            name = path.relative_to(source)
            package[name.as_posix()] = path.read_text("utf-8")
            if name.parent == Path() and not name.stem.startswith("_") and name.stem not in CLOSED:
                exported[name.stem] = python.public_names(path)
    package["__init__.py"] = planner.package(exported)
    files = {f"{PACKAGE}/{name}": text for name, text in sorted(package.items())}
    files["spec/spec.schema.json"] = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if readme:
        files["README.md"] = README_MARK.sub(
            lambda found: f"{found[1]}{planner.coverage()}{found[2]}", readme
        )
    return files


def changes(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """What differs between a plan and the disk: path and `new`, `changed` or `gone`."""
    found = {}
    for name, text in files.items():
        path = root / name
        if not path.exists():
            found[name] = "new"
        elif path.read_bytes() != text.encode():
            found[name] = "changed"
    package = root / PACKAGE
    for path in sorted(package.rglob("*")) if package.exists() else ():
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in files and "__pycache__" not in path.parts:
            found[name] = "gone"
    return dict(sorted(found.items()))


def differences(root: Path, files: Mapping[str, str]) -> str:
    """The same as a unified diff."""
    text: list[str] = []
    for name in changes(root, files):
        path = root / name
        old = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        new = files.get(name, "").splitlines(keepends=True)
        text += unified_diff(old, new, f"{name} (on disk)", f"{name} (from the spec)")
    return "".join(text)


def write(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Bring the disk to the plan; the package's folder is replaced in one go."""
    found = changes(root, files)
    if any(name.startswith(f"{PACKAGE}/") for name in found):
        replace_package(root / PACKAGE, files)
    for name in found:
        if not name.startswith(f"{PACKAGE}/"):
            path = root / name
            beside = path.with_name(f".{path.name}.new")
            beside.write_bytes(files[name].encode())
            os.replace(beside, path)
    return found


def replace_package(package: Path, files: Mapping[str, str]) -> None:
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / "fresh"
        for name, text in files.items():
            if name.startswith(f"{PACKAGE}/"):
                path = fresh / name.removeprefix(f"{PACKAGE}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
        if package.exists():
            os.rename(package, Path(scratch) / "old")
        os.rename(fresh, package)
        shutil.rmtree(Path(scratch) / "old", ignore_errors=True)
