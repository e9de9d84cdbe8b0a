"""The plan of everything generated, made in memory; and the one moment in which it replaces the old.

Nothing is written before everything is rendered. Besides the package, `write` puts into the tree what is derived from
the spec and read elsewhere: the JSON Schema beside the spec, where editors look for it, and README's table of calls.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from difflib import unified_diff
from pathlib import Path

from codegen import ir, python, reference
from codegen.problems import Problem, SpecError, Where
from codegen.render import CLOSED, Planner
from codegen.spec import json_schema

PACKAGE = "generated/wecom_contact"
README_MARK = re.compile(r"(<!-- calls: generated -->\n).*?(<!-- end -->)", re.S)


def plan(
    api: ir.Api, sources: Iterable[Path] = (), readme: str = "", recorded: Path | None = None
) -> dict[str, str]:
    """Every file of the package by its path, rendered or copied from `sources`, but not written.

    `recorded` is the folder of recorded conversations, from which the examples of the reference are.
    """
    planner = Planner(api)
    package = {
        f"{module.name}.py": planner.module(module)
        for module in api.modules
        if module.name != "events"
    }
    package["events.py"] = planner.events()
    package["callback.py"] = planner.callback()
    package["codec.py"] = planner.codec()
    package["_client.py"] = planner.client(aio=False)
    package["_async_client.py"] = planner.client(aio=True)
    package["_errcodes.py"] = planner.errcodes()
    package["catalog.py"] = planner.catalog()
    package["API.md"] = planner.api_md()
    package["reference.json"] = reference.text(api, Path(PACKAGE).name, recorded)
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
        files["README.md"], found = README_MARK.subn(
            lambda found: f"{found[1]}{planner.coverage()}{found[2]}", readme
        )
        if not found:
            what = "the marks of the table of calls are gone: `<!-- calls: generated -->` and "
            raise SpecError([Problem(Where("README.md", 1), f"{what}`<!-- end -->`, a line each")])
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
    inside = {name.removeprefix(f"{PACKAGE}/") for name in found if name.startswith(f"{PACKAGE}/")}
    if inside:
        replace_package(root / PACKAGE, files, inside)
    for name in found:
        if not name.startswith(f"{PACKAGE}/"):
            path = root / name
            beside = path.with_name(f".{path.name}.new")
            beside.write_bytes(files[name].encode())
            os.replace(beside, path)
    return found


# Prints the file and the words of the first failure. What needs an absent extra is passed over.
TRY_IMPORT = """
import importlib, json, sys, traceback
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        root = error.__cause__ or error
        own = name.partition(".")[0]
        if isinstance(root, ModuleNotFoundError) and root.name.partition(".")[0] != own:
            continue
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        files += [error.filename] if isinstance(error, SyntaxError) else []
        inside = [file for file in files if file and file.startswith(sys.argv[1])]
        print(json.dumps([inside[-1] if inside else name, f"{type(error).__name__}: {error}"]))
        break
"""


def try_import(package: Path, changed: Collection[str]) -> None:
    """Import what was generated anew, in another process; raises `SpecError` where that fails."""
    names = [
        f"{package.name}.{path.stem}"
        for path in sorted(package.glob("*.py"))
        if path.name in changed and "Generated from spec/" in path.read_text("utf-8")
    ]
    done = subprocess.run(
        [sys.executable, "-B", "-c", TRY_IMPORT, str(package.parent), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and not done.stdout:
        return
    file, words = json.loads(done.stdout) if done.stdout else (package.name, done.stderr.strip())
    stem = Path(file).stem
    home = Where("errors.yaml" if stem == "_errcodes" else f"{stem}.yaml", 1)
    raise SpecError(
        [Problem(home, f"the package made of this does not import, the old one stays: {words}")]
    )


def replace_package(package: Path, files: Mapping[str, str], changed: Collection[str]) -> None:
    """Put the new package in the place of the old one, if what changed can be imported."""
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / package.name
        for name, text in files.items():
            if name.startswith(f"{PACKAGE}/"):
                path = fresh / name.removeprefix(f"{PACKAGE}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
        try_import(fresh, changed)
        if package.exists():
            os.rename(package, Path(scratch) / "old")
        os.rename(fresh, package)
        shutil.rmtree(Path(scratch) / "old", ignore_errors=True)
