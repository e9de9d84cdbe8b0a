"""`python -m codegen gen | check | lint | schema | scaffold`: the only file that prints."""

import argparse
import gc
import json
import sys
from pathlib import Path

from codegen import emit, lint, resolve, spec
from codegen.problems import SpecError

ROOT = Path(__file__).parent.parent
FLOORS = ("runtime", "surfaces")
"""The hand-written halves of the package: what generated code stands on, and what stands on it."""


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line says; 0 when all is well."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["scaffold"]:
        return draft(words[1:], root)
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument(
        "command",
        choices=["gen", "check", "lint", "schema", "scaffold"],
        help="gen: write generated/ from spec/. check: compare them. lint: look for mistakes in "
        "spec/. schema: print the JSON Schema of the spec format. scaffold: draft a call from the "
        "text of its page; see `scaffold --help`.",
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
    sources = [root / "codegen" / floor for floor in FLOORS]
    files = emit.plan(api, sources, readme.read_text("utf-8") if readme.exists() else "")
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


def draft(words: list[str], root: Path) -> int:
    """Draft a call from the text of its official page; 2 and nothing written where that cannot be."""
    from codegen import page, scaffold, spec_edit  # 20 ms, which the other commands need not pay

    parser = argparse.ArgumentParser(
        prog="python -m codegen scaffold",
        description="Draft a call, and the fixture of its example, from the text of its official "
        "page: copy the page in the browser, from its title to the end of its tables.",
    )
    parser.add_argument("file", nargs="?", default="-", help="the text; standard input without it")
    parser.add_argument("--resource", default="", help="the file of spec/: kf for spec/kf.yaml")
    parser.add_argument("--call", default="", help="the name of the call, where the guess is wrong")
    parser.add_argument("--page", type=int, help="number of the page, where the text has none")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--merge", action="store_true", help="add the call to a file that exists")
    existing.add_argument("--force", action="store_true", help="replace files that exist")
    asked = parser.parse_args(words)
    try:
        raw = sys.stdin.buffer.read() if asked.file == "-" else Path(asked.file).read_bytes()
        told = page.read(raw.decode("utf-8-sig"))
        told.number = asked.page or told.number
        if not told.number:
            raise page.PageError("the text has no number of the page; add --page 92109")
        api = resolve.resolve(spec.load(root / "spec"))
        drafted = scaffold.draft(told, api, asked.resource, asked.call, asked.force)
        files = spec_edit.plan(root, drafted, merge=asked.merge, force=asked.force)
        written = spec_edit.write(root, files)
    except (page.PageError, scaffold.ScaffoldError, SpecError) as error:
        print(f"nothing written: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except UnicodeDecodeError:
        print(f"nothing written: {asked.file} is not text in UTF-8", file=sys.stderr)
        return 2
    for name, what in written.items():
        print(f"{what:8} {name}")
    for hint in drafted.hints:
        print(f"look at: {hint}")
    count = sum(text.count("TODO") for text in files.values())
    print(f"{drafted.resource}.{drafted.name}: {count} TODOs; mend them, then `make gen`")
    return 0


if __name__ == "__main__":
    gc.disable()  # a short life; 10 %
    sys.exit(main())
