"""`python -m codegen gen | check | lint | messages | reference | …`: the only file that prints."""

import argparse
import gc
import json
import sys
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from codegen import emit, ir, lint, messages, python, reference, resolve, spec
from codegen.problems import Problem, SpecError, Where

ROOT = Path(__file__).parent.parent
FLOORS = ("runtime", "surfaces")
"""The hand-written halves of the package: what generated code stands on, and what stands on it."""
RECORDED = "tests/fixtures"
"""Recorded conversations, one of each call and event or none: the examples of the reference are from there."""


def main(words: list[str] | None = None, root: Path = ROOT) -> int:
    """Do what the command line says; 0 when all is well."""
    asked = command_line().parse_args(words)
    run: Callable[[argparse.Namespace, Path], int] = asked.run
    try:
        return run(asked, root)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1


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

    def elsewhere(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        """Let a command read another spec."""
        text = "the YAML files of the package; spec/ by default"
        made.add_argument("--spec", type=Path, metavar="DIR", help=text)
        return made

    def placed(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        """Let a command work for another package; all take the same two options."""
        elsewhere(made)
        text = "where the folder of the package is, which package.yaml names; generated/ by default"
        made.add_argument("--out", type=Path, metavar="DIR", help=text)
        return made

    making = placed(command("gen", gen, "Write generated/ from spec/ and say what changed."))
    making.add_argument("--lang", choices=["zh"], help="docstrings in Chinese; needs --out")
    placed(command("check", check, "Compare generated/ with what spec/ says."))
    placed(command("lint", look, "Look for mistakes in spec/."))
    placed(command("schema", schema, "Print the JSON Schema of the spec format, as of any spec."))
    elsewhere(command("reference", refer, "Print reference.json: what the spec says, as data."))

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
    elsewhere(describing)
    describing.add_argument("--out", metavar="FILE", type=Path, help="write it there")
    describing.add_argument("--lang", choices=["en", "zh"], default="en", help="en by default")
    documenting = command(
        "docs",
        document,
        "Write the pages of the documentation site in English and Chinese; see `make docs`.",
    )
    documenting.add_argument(
        "--out", metavar="DIR", type=Path, help="where to; docs/reference by default"
    )
    elsewhere(
        command(
            "messages",
            merge,
            "Bring spec/locale/zh_CN.po to what the spec says: what is new is empty, what is worded "
            "differently keeps its Chinese and is marked fuzzy, what is gone is taken out.",
        )
    )

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
    placed(comparing)
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

    drifting = command(
        "drift",
        propose,
        "Print a patch with what the spec lacks, by a file that `DriftLog` has written: fields, members "
        "of enums, variants of unions. What a person must look at goes to standard error.",
    )
    drifting.add_argument("file", help="the log, drift.jsonl; - for standard input")
    drifting.add_argument("--apply", action="store_true", help="change the files, too")
    drifting.add_argument(
        "--spec", type=Path, metavar="DIR", help="the YAML files of the package; spec/ by default"
    )
    return parser


def read(folder: Path) -> ir.Api | None:
    """The API that a spec without findings describes; None after saying what is wrong."""
    try:
        api = resolve.resolve(spec.load(folder))
        findings = lint.lint(api)
        if api.package is None:
            what = "there is no such file, and it names the package; see docs/spec-format.md"
            findings.append(Problem(Where("package.yaml", 1), what))
        if findings:
            raise SpecError(findings)
    except SpecError as error:
        print(error, file=sys.stderr)
        return None
    return api


def home(asked: argparse.Namespace, root: Path) -> Path:
    """The folder of the spec."""
    return root / "spec" if asked.spec is None else Path(asked.spec)


def is_own(asked: argparse.Namespace, root: Path) -> bool:
    """Whether it is about the project's own spec."""
    return home(asked, root).resolve() == (root / "spec").resolve()


def inside(path: Path, root: Path) -> str:
    """A path from the root of the checkout; a whole one where it is outside."""
    path = path.resolve()
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def plan(
    api: ir.Api,
    asked: argparse.Namespace,
    root: Path,
    chinese: messages.Catalogue | None = None,
    say: python.Say = python.english,
) -> emit.Plan:
    """Every file that follows from the spec."""
    sources = [root / "codegen" / floor for floor in FLOORS]
    text = ""
    if api.package is not None and api.package.readme:
        readme = root / api.package.readme
        text = readme.read_text("utf-8") if readme.exists() else ""
    return emit.plan(
        api,
        sources,
        text,
        out="generated" if asked.out is None else inside(asked.out, root.resolve()),
        # Beside the spec, where editors look for it; other specs point to the same.
        schema="spec/spec.schema.json" if is_own(asked, root) else "",
        recorded=recorded(asked, root),
        chinese=chinese,
        say=say,
    )


def recorded(asked: argparse.Namespace, root: Path) -> Path | None:
    """The folder of recorded conversations; another spec has none."""
    return root / RECORDED if is_own(asked, root) else None


def gen(asked: argparse.Namespace, root: Path) -> int:
    """Bring the disk to what the spec says."""
    if asked.lang and asked.out is None:
        print("--lang needs --out", file=sys.stderr)
        return 2
    api = read(home(asked, root))
    if api is None:
        return 1
    chinese = messages.load(home(asked, root))
    if asked.lang and chinese is None:
        print(f"there is no Chinese: no file spec/{messages.CATALOGUE}", file=sys.stderr)
        return 1
    try:
        whole = plan(
            api, asked, root, chinese, chinese if asked.lang and chinese else python.english
        )
        if asked.out is not None:
            emit.refuse_to_replace(root, whole)
        if asked.lang:
            whole = whole.only_the_package()
        changed = emit.write(root, whole)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    for name, what in changed.items():
        print(f"{what:8} {name}")
    if not changed:
        print("nothing changed")
    if chinese:
        said = messages.every(api)
        if messages.missing(said, chinese) or messages.findings(said, chinese):
            print("not all is in Chinese: see `python -m codegen lint`", file=sys.stderr)
    return 0


def check(asked: argparse.Namespace, root: Path) -> int:
    """Say whether the disk is what the spec says."""
    api = read(home(asked, root))
    if api is None:
        return 1
    try:
        whole = plan(api, asked, root, messages.load(home(asked, root)))
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    difference = emit.differences(root, whole)
    if difference:
        print(difference, end="")
        own = is_own(asked, root) and asked.out is None
        words = "`make gen`" if own else "`gen` with the same options"
        print(f"{whole.package} is not what the spec says: run {words}", file=sys.stderr)
        return 1
    return 0


def look(asked: argparse.Namespace, root: Path) -> int:
    """Say what is wrong with the spec."""
    api = read(home(asked, root))
    if api is None:
        return 1
    chinese = messages.load(home(asked, root))
    missing = []
    if chinese:
        said = messages.every(api)
        missing = messages.missing(said, chinese)
        print(*missing, sep="\n", end="\n" * bool(missing), file=sys.stderr)
        if findings := messages.findings(said, chinese):
            raise SpecError(findings)
    count = f"; without Chinese: {len(missing)}" if missing else ""
    print(f"{len(list(api.calls))} calls, {len(list(api.events))} events: no findings{count}")
    return 0


def schema(asked: argparse.Namespace, root: Path) -> int:
    """Print the JSON Schema."""
    print(json.dumps(spec.json_schema(), indent=2, ensure_ascii=False))
    return 0


def refer(asked: argparse.Namespace, root: Path) -> int:
    """Print the reference."""
    api = read(home(asked, root))
    if api is None:
        return 1
    print(reference.text(api, recorded(asked, root)), end="")
    return 0


def describe(asked: argparse.Namespace, root: Path) -> int:
    """Print or write the API as OpenAPI, or JSON Schema of a record; 2 where that cannot be."""
    from codegen import openapi  # 40 ms, which the other commands need not pay
    from codegen.runtime.reference import Reference

    api = read(home(asked, root))
    if api is None or api.package is None:
        return 1
    translations = {}
    if asked.lang != "en":
        texts = root / "generated" / api.package.name / f"reference.{asked.lang}.json"
        if not texts.exists():
            print(f"there is no such file: {texts}", file=sys.stderr)
            return 2
        translations = json.loads(texts.read_text("utf-8"))
    facts = reference.data(api, recorded(asked, root))
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


def document(asked: argparse.Namespace, root: Path) -> int:
    """Write the pages of the documentation site, a folder for each language."""
    from codegen import docs  # 60 ms, which the other commands need not pay
    from codegen.runtime.reference import Reference

    folder = root / "spec"
    api = read(folder)
    if api is None or api.package is None:
        return 1
    facts = reference.data(api, root / RECORDED)
    library = docs.Library.read(root)
    example = api.package.example
    files = docs.site(Reference(facts), python.english, library, example)
    chinese = messages.load(folder)
    if chinese is not None:
        files |= docs.site(Reference(facts, "zh", chinese.texts(api)), chinese, library, example)
    out = root / "docs/reference" if asked.out is None else asked.out
    try:
        emit.replace_folder(out, files, "zensical.en.toml")
    except OSError as error:
        print(f"nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{len(files)} files in {inside(out, root.resolve())}")
    return 0


def version(root: Path) -> str:
    """The version of the package."""
    import tomllib  # 6 ms that `gen` need not spend

    found: str = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def merge(asked: argparse.Namespace, root: Path) -> int:
    """Bring the catalogue to what the spec says."""
    api = read(home(asked, root))
    if api is None:
        return 1
    text, counts = messages.merge(api, home(asked, root))
    path = home(asked, root) / messages.CATALOGUE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 0


def compare(asked: argparse.Namespace, root: Path) -> int:
    """Print what differs between two versions; 1 when something breaks."""
    from codegen import diff, versions  # 20 ms, which the other commands need not pay

    try:
        current = version(root)
        places = versions.Places(
            inside(home(asked, root), root.resolve()),
            "generated" if asked.out is None else inside(asked.out, root.resolve()),
        )
        # A spec that lies elsewhere is what there is of its checkout.
        new = asked.new or str(places.spec if Path(places.spec).is_absolute() else root)
        found, whole = versions.compare(asked.old, new, root, places)
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


def propose(asked: argparse.Namespace, root: Path) -> int:
    """Print what drift means for the spec, as a patch; 2 and nothing written where that cannot be."""
    from codegen import drift, scaffold, spec_edit  # 20 ms, which the other commands need not pay

    folder = home(asked, root)
    try:
        raw = sys.stdin.buffer.read() if asked.file == "-" else Path(asked.file).read_bytes()
        api = resolve.resolve(spec.load(folder))
        proposer = drift.Proposer(api)
        proposer.propose(drift.read(raw.decode("utf-8", "replace")))
        texts = spec_edit.proposed(folder, proposer.additions)
        whole = spec_edit.loads(folder, {name: new for name, (_, new) in texts.items()})
        if asked.apply:
            spec_edit.write(folder, {name: new for name, (_, new) in texts.items()})
    except (scaffold.ScaffoldError, SpecError) as error:
        print(f"nothing written: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for name, (old, new) in sorted(texts.items()):
        path = inside(folder / name, root.resolve()).lstrip("/")
        rows = (old.splitlines(keepends=True), new.splitlines(keepends=True))
        print("".join(unified_diff(*rows, f"a/{path}", f"b/{path}")), end="")
    for note in dict.fromkeys([*proposer.notes, *map(str, lint.lint(whole))]):
        print(f"look at: {note}", file=sys.stderr)
    if not texts:
        print("the spec lacks nothing that is in the log", file=sys.stderr)
    return 0


if __name__ == "__main__":
    gc.disable()  # a short life; 10 %
    sys.exit(main())
