"""Packages that the generator makes of other specs than ours, to be imported beside `wecom_contact`."""

import importlib
import sys
from pathlib import Path
from typing import Any

from codegen import emit, lint, resolve, spec

ROOT = Path(__file__).parent.parent


def generate(source: Path, folder: Path, name: str) -> Any:
    """Make a package of a folder of YAML files, and import it by a name of its own."""
    api = resolve.resolve(spec.load(source))
    assert [str(each) for each in lint.lint(api)] == []
    plan = emit.plan(api, [ROOT / "codegen/runtime"]).only_the_package()
    for path, text in plan.files.items():
        file = folder / name / path.removeprefix(f"{plan.package}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()
    return importlib.import_module(name)
