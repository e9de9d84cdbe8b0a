"""`python -m codegen gen | check | lint | schema`: the only file that prints."""

import argparse
import gc
import json
import sys
from pathlib import Path

from codegen import emit, lint, resolve, spec
from codegen.problems import SpecError

ROOT = Path(__file__).parent.parent


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line says; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument(
        "command",
        choices=["gen", "check", "lint", "schema"],
        help="gen: write generated/ from spec/. check: compare them. lint: look for mistakes in "
        "spec/. schema: print the JSON Schema of the spec format.",
    )
    command = parser.parse_args(words).command
    if command == "schema":
        print(json.dumps(spec.json_schema(), indent=2, ensure_ascii=False))
        return 0
    try:
        api = resolve.resolve(spec.load(root / "spec"))
        findings = lint.lint(api)
        if findings:
            raise SpecError(findings)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    if command == "lint":
        print(f"{len(list(api.calls))} calls, {len(list(api.events))} events: no findings")
        return 0
    readme = root / "README.md"
    files = emit.plan(
        api, root / "codegen" / "runtime", readme.read_text("utf-8") if readme.exists() else ""
    )
    if command == "check":
        difference = emit.differences(root, files)
        if difference:
            print(difference, end="")
            print("generated/ is not what spec/ says: run `make gen`", file=sys.stderr)
            return 1
        return 0
    try:
        changed = emit.write(root, files)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    for name, what in changed.items():
        print(f"{what:8} {name}")
    if not changed:
        print("nothing changed")
    return 0


if __name__ == "__main__":
    gc.disable()  # a short life; 10 %
    sys.exit(main())
