"""`python -m codegen gen | check | lint | schema | diff`: the only file that prints."""

import argparse
import gc
import json
import sys
import tomllib
from pathlib import Path

from codegen import diff, emit, lint, resolve, spec, versions
from codegen.problems import SpecError

ROOT = Path(__file__).parent.parent

COMMANDS = {
    "gen": "Write generated/ from spec/ and say what changed.",
    "check": "Compare generated/ with what spec/ says.",
    "lint": "Look for mistakes in spec/.",
    "schema": "Print the JSON Schema of the spec format.",
    "diff": "Name what breaks, behaves differently, is added or worded differently between two "
    "versions of the spec and of the hand-written code. Exit status: 0 nothing breaks, "
    "1 something breaks, 2 the two cannot be compared.",
}


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line says; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m codegen")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    parsers = {
        name: commands.add_parser(name, help=text.split(". ")[0], description=text)
        for name, text in COMMANDS.items()
    }
    comparing = parsers["diff"]
    place = "a git revision, a folder of YAML files, or a checkout"
    comparing.add_argument("old", metavar="OLD", help=place)
    comparing.add_argument(
        "new", metavar="NEW", nargs="?", help=f"{place}; the working tree by default"
    )
    shape = comparing.add_mutually_exclusive_group()
    shape.add_argument("--changelog", action="store_true", help="print lines for CHANGELOG.md")
    shape.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(words)
    command = given.command
    if command == "diff":
        return compare(given, root)
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
    changed = emit.write(root, files)
    for name, what in changed.items():
        print(f"{what:8} {name}")
    if not changed:
        print("nothing changed")
    return 0


def compare(given: argparse.Namespace, root: Path) -> int:
    """Print what differs between two versions; 1 when something breaks."""
    try:
        version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
        found, whole = versions.compare(given.old, given.new or str(root), root)
    except versions.CannotCompare as error:
        print(error, file=sys.stderr)
        return 2
    coming = diff.next_version(version, found)
    if given.json:
        print(json.dumps(diff.report(found, version, coming), indent=2, ensure_ascii=False))
    elif given.changelog:
        print(diff.changelog(found))
    else:
        for change in found:
            print(change)
        print(f"version {version}, at least {coming} next" if found else "nothing differs")
    if not whole:
        message = "one side has no package: only the specs were compared"
        print(message, file=sys.stderr)
    return int(any(each.verdict is diff.Verdict.BREAKS for each in found))


if __name__ == "__main__":
    gc.disable()  # a short life; 10 %
    sys.exit(main())
