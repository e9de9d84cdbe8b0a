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
from errno import EEXIST
from pathlib import Path

from attrs import frozen

from codegen import ir, python, reference
from codegen.messages import Catalogue
from codegen.problems import Problem, SpecError, Where
from codegen.python import Say
from codegen.render import CLOSED, Planner
from codegen.spec import json_schema

WRITTEN_FOR = {
    "name": "wecom_contact",
    "distribution": "wecom-contact",
    "link": "https://developer.work.weixin.qq.com/document/path/{page}",
    "base_url": "https://qyapi.weixin.qq.com",
}
"""Whose name and addresses stand in the hand-written files, which are ordinary Python."""
MADE = "`make gen`"
"""Stands in the head of every generated module, in any language."""
README_MARK = re.compile(r"(<!-- calls: generated -->\n).*?(<!-- end -->)", re.S)


@frozen(kw_only=True)
class Plan:
    """Every file that follows from a spec, by its path from the root of the checkout."""

    package: str
    """The folder of the package."""
    files: Mapping[str, str]

    def only_the_package(self) -> "Plan":
        """The same without what lies outside the package."""
        inside = {
            name: text for name, text in self.files.items() if name.startswith(f"{self.package}/")
        }
        return Plan(package=self.package, files=inside)


def plan(
    api: ir.Api,
    sources: Iterable[Path] = (),
    readme: str = "",
    out: str = "generated",
    schema: str = "",
    recorded: Path | None = None,
    chinese: Catalogue | None = None,
    say: Say = python.english,
) -> Plan:
    """Render what a spec says and copy `sources` into a plan for the folder `out`; nothing is written.

    `readme` is the text of the document with the table of calls, `schema` the path of the JSON Schema.
    `recorded` is the folder of recorded conversations, from which the examples of the reference are. With `chinese`,
    the package holds its texts in that language as well; docstrings are what `say` says.
    """
    planner = Planner(api, say)
    own = planner.own
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
    package["reference.json"] = reference.text(api, recorded)
    if chinese:
        package["API.zh-CN.md"] = planner.api_md(chinese)
        texts = json.dumps(chinese.texts(api), ensure_ascii=False, sort_keys=True, indent=0)
        package["reference.zh.json"] = f"{texts}\n"
    package["py.typed"] = ""
    exported: dict[str, list[str]] = {}
    for source in sources:
        for path in sorted(source.rglob("*.py")):
            name = path.relative_to(source)
            if source.name == "surfaces" and name.parts[0].removesuffix(".py") not in own.surfaces:
                continue
            package[name.as_posix()] = adopted(path.read_text("utf-8"), own)
            if name.parent == Path() and not name.stem.startswith("_") and name.stem not in CLOSED:
                exported[name.stem] = python.public_names(path)
    package["__init__.py"] = planner.package(exported)
    folder = f"{out}/{own.name}"
    files = {f"{folder}/{name}": text for name, text in sorted(package.items())}
    if schema:
        files[schema] = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if readme:
        files[own.readme], found = README_MARK.subn(
            lambda found: f"{found[1]}{planner.coverage()}{found[2]}", readme
        )
        if not found:
            what = "the marks of the table of calls are gone: `<!-- calls: generated -->` and "
            raise SpecError([Problem(Where(own.readme, 1), f"{what}`<!-- end -->`, a line each")])
    return Plan(package=folder, files=files)


def adopted(text: str, package: ir.Package) -> str:
    """A hand-written file with the names and addresses of a package, in messages, logs and docs."""
    for name, old in WRITTEN_FOR.items():
        new = getattr(package, name)
        if old != new:
            text = str(new).join(re.split(rf"(?<!\w){re.escape(old)}(?!\w)", text))
    return text


def changes(root: Path, plan: Plan) -> dict[str, str]:
    """What differs between a plan and the disk: path and `new`, `changed` or `gone`."""
    found = {}
    for name, text in plan.files.items():
        path = root / name
        if not path.exists():
            found[name] = "new"
        elif path.read_bytes() != text.encode():
            found[name] = "changed"
    package = root / plan.package
    for path in sorted(package.rglob("*")) if package.exists() else ():
        name = f"{plan.package}/{path.relative_to(package).as_posix()}"
        if path.is_file() and name not in plan.files and "__pycache__" not in path.parts:
            found[name] = "gone"
    return dict(sorted(found.items()))


def differences(root: Path, plan: Plan) -> str:
    """The same as a unified diff."""
    text: list[str] = []
    for name in changes(root, plan):
        path = root / name
        old = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        new = plan.files.get(name, "").splitlines(keepends=True)
        text += unified_diff(old, new, f"{name} (on disk)", f"{name} (from the spec)")
    return "".join(text)


def write(root: Path, plan: Plan) -> dict[str, str]:
    """Bring the disk to the plan; the package's folder is replaced in one go."""
    found = changes(root, plan)
    prefix = f"{plan.package}/"
    if any(name.startswith(prefix) for name in found):
        files = {
            name.removeprefix(prefix): text
            for name, text in plan.files.items()
            if name.startswith(prefix)
        }
        changed = {name.removeprefix(prefix) for name in found if name.startswith(prefix)}
        replace_package(root / plan.package, files, changed)
    for name in found:
        if not name.startswith(prefix):
            path = root / name
            beside = path.with_name(f".{path.name}.new")
            beside.write_bytes(plan.files[name].encode())
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
        if path.name in changed and MADE in path.read_text("utf-8")
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


def refuse_to_replace(root: Path, plan: Plan) -> None:
    """Raise `FileExistsError` where another package, or something else, is in the way of one that goes elsewhere."""
    old = root / plan.package
    own = root / "generated" / WRITTEN_FOR["name"]
    if old.resolve() == own.resolve():
        raise FileExistsError(EEXIST, "this one stays as it is; choose another folder", str(old))
    start = old / "__init__.py"
    if old.exists() and not (start.is_file() and MADE in start.read_text("utf-8")):
        raise FileExistsError(EEXIST, "this is not a package of ours, and stays", str(old))


def replace_package(package: Path, files: Mapping[str, str], changed: Collection[str]) -> None:
    """Put the new package in the place of the old one, if what changed can be imported."""
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / package.name
        write_all(fresh, files)
        try_import(fresh, changed)
        put_in_place(fresh, package)


def replace_folder(folder: Path, files: Mapping[str, str], mark: str) -> None:
    """Put a folder in the place of the old one; raises `FileExistsError` where that has no file of the name `mark`."""
    if folder.exists() and not (folder / mark).is_file():
        raise FileExistsError(EEXIST, f"there is no {mark} in it, and it stays", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / folder.name
        write_all(fresh, files)
        put_in_place(fresh, folder)


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def put_in_place(fresh: Path, folder: Path) -> None:
    """Give a new folder, which lies in a scratch folder beside, the place of an old one."""
    old = fresh.parent / "old"
    if folder.exists():
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)
