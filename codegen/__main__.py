"""`python -m codegen gen | check | lint | schema | reference | …`: the only file that prints."""

import argparse
import gc
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from codegen import emit, ir, lint, reference, resolve, spec
from codegen.problems import SpecError

ROOT = Path(__file__).parent.parent
FLOORS = ("runtime", "surfaces")
"""The hand-written halves of the package: what generated code stands on, and what stands on it."""
RECORDED = "tests/fixtures"
"""Recorded conversations, one of each call and event or none: the examples of the reference are from there."""


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line says; 0 when all is well."""
    asked = command_line().parse_args(words)
    run: Callable[[argparse.Namespace, Path], int] = asked.run
    return run(asked, root)


def command_line() -> argparse.ArgumentParser:
    """The commands and what they take."""
    parser = argparse.ArgumentParser(prog="python -m codegen")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: Callable[[argparse.Namespace, Path], int], text: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text.split(". ")[0], description=text)
        made.set_defaults(run=run)
        return made

    command("gen", gen, "Write generated/ from spec/ and say what changed.")
    command("check", check, "Compare generated/ with what spec/ says.")
    command("lint", look, "Look for mistakes in spec/.")
    command("schema", schema, "Print the JSON Schema of the spec format.")
    command("reference", refer, "Print reference.json: everything the spec says, as data.")

    describing = command(
        "openapi",
        describe,
        "Print the API as OpenAPI 3.1, callbacks as webhooks; see docs/openapi.md.",
    )
    describing.add_argument(
        "--record",
        metavar="NAME",
        help="only JSON Schema of one class: a request, a reply, a type or an event",
    )
    describing.add_argument("--out", metavar="FILE", type=Path, help="write it there")
    describing.add_argument("--lang", choices=["en", "zh"], default="en", help="en by default")

    comparing = command(
        "diff",
        compare,
        "Name what breaks, behaves differently, is added or worded differently between two "
        "versions of the spec and of the hand-written code. Exit status: 0 nothing breaks, "
        "1 something breaks, 2 the two cannot be compared.",
    )
    place = "a git revision, a folder of YAML files, or a checkout"
    comparing.add_argument("old", metavar="OLD", help=place)
    comparing.add_argument(
        "new", metavar="NEW", nargs="?", help=f"{place}; the working tree by default"
    )
    shape = comparing.add_mutually_exclusive_group()
    shape.add_argument("--changelog", action="store_true", help="print lines for CHANGELOG.md")
    shape.add_argument("--json", action="store_true", help="print one JSON object")

    drafting = command(
        "scaffold",
        draft,
        "Draft a call, and the fixture of its example, from the text of its official page: copy "
        "the page in the browser, from its title to the end of its tables.",
    )
    drafting.add_argument("file", nargs="?", default="-", help="the text; standard input without")
    drafting.add_argument("--resource", default="", help="the file of spec/: kf for spec/kf.yaml")
    drafting.add_argument("--call", default="", help="the name of the call, if the guess is wrong")
    drafting.add_argument("--page", type=int, help="number of the page, where the text has none")
    existing = drafting.add_mutually_exclusive_group()
    existing.add_argument("--merge", action="store_true", help="add the call to a file that exists")
    existing.add_argument("--force", action="store_true", help="replace files that exist")
    return parser


def read(root: Path) -> ir.Api | None:
    """The API that a spec without findings describes; None after saying what is wrong."""
    try:
        api = resolve.resolve(spec.load(root / "spec"))
        findings = lint.lint(api)
        if findings:
            raise SpecError(findings)
    except SpecError as error:
        print(error, file=sys.stderr)
        return None
    return api


def plan(api: ir.Api, root: Path) -> dict[str, str]:
    """Every file that follows from the spec."""
    readme = root / "README.md"
    sources = [root / "codegen" / floor for floor in FLOORS]
    words = readme.read_text("utf-8") if readme.exists() else ""
    return emit.plan(api, sources, words, root / RECORDED)


def gen(asked: argparse.Namespace, root: Path) -> int:
    """Bring the disk to what the spec says."""
    api = read(root)
    if api is None:
        return 1
    try:
        changed = emit.write(root, plan(api, root))
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    for name, what in changed.items():
        print(f"{what:8} {name}")
    if not changed:
        print("nothing changed")
    return 0


def check(asked: argparse.Namespace, root: Path) -> int:
    """Say whether the disk is what the spec says."""
    api = read(root)
    if api is None:
        return 1
    try:
        difference = emit.differences(root, plan(api, root))
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    if difference:
        print(difference, end="")
        print("generated/ is not what spec/ says: run `make gen`", file=sys.stderr)
        return 1
    return 0


def look(asked: argparse.Namespace, root: Path) -> int:
    """Say what is wrong with the spec."""
    api = read(root)
    if api is None:
        return 1
    print(f"{len(list(api.calls))} calls, {len(list(api.events))} events: no findings")
    return 0


def schema(asked: argparse.Namespace, root: Path) -> int:
    """Print the JSON Schema."""
    print(json.dumps(spec.json_schema(), indent=2, ensure_ascii=False))
    return 0


def refer(asked: argparse.Namespace, root: Path) -> int:
    """Print the reference."""
    api = read(root)
    if api is None:
        return 1
    print(reference.text(api, Path(emit.PACKAGE).name, root / RECORDED), end="")
    return 0


def describe(asked: argparse.Namespace, root: Path) -> int:
    """Print or write the API as OpenAPI, or JSON Schema of a record; 2 where that cannot be."""
    from codegen import openapi  # 40 ms, which the other commands need not pay
    from codegen.runtime.reference import Reference

    api = read(root)
    if api is None:
        return 1
    translations = {}
    if asked.lang != "en":
        texts = root / emit.PACKAGE / f"reference.{asked.lang}.json"
        if not texts.exists():
            print(f"there is no such file: {texts}", file=sys.stderr)
            return 2
        translations = json.loads(texts.read_text("utf-8"))
    facts = reference.data(api, Path(emit.PACKAGE).name, root / RECORDED)
    found = Reference(facts, asked.lang, translations)
    try:
        if asked.record:
            whole = openapi.record(openapi.definitions(found), asked.record)
        else:
            whole = openapi.document(found, version(root))
    except openapi.UnknownSchema as error:
        print(error, file=sys.stderr)
        return 2
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    if asked.out is None:
        print(text)
        return 0
    try:
        asked.out.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        print(f"nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def version(root: Path) -> str:
    """The version of the package."""
    found: str = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def compare(asked: argparse.Namespace, root: Path) -> int:
    """Print what differs between two versions; 1 when something breaks."""
    from codegen import diff, versions  # 20 ms, which the other commands need not pay

    try:
        current = version(root)
        found, whole = versions.compare(asked.old, asked.new or str(root), root)
    except versions.CannotCompare as error:
        print(error, file=sys.stderr)
        return 2
    coming = diff.next_version(current, found)
    if asked.json:
        print(json.dumps(diff.report(found, current, coming), indent=2, ensure_ascii=False))
    elif asked.changelog:
        print(diff.changelog(found))
    else:
        for change in found:
            print(change)
        print(f"version {current}, at least {coming} next" if found else "nothing differs")
    if not whole:
        message = "one side has no package: only the specs were compared"
        print(message, file=sys.stderr)
    return int(any(change.verdict is diff.Verdict.BREAKS for change in found))


def draft(asked: argparse.Namespace, root: Path) -> int:
    """Draft a call from the text of its official page; 2 and nothing written where that cannot be."""
    from codegen import page, scaffold, spec_edit  # 20 ms, which the other commands need not pay

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
