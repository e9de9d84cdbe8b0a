"""Adds a drafted call to spec/ and to the fixtures, or what drift proposes: a new file, or lines put into one that exists.

A file that exists is edited as text: the lines are put where they belong and every other byte stays as it was,
comments and columns included.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from codegen import ir, resolve, spec
from codegen.drift import Addition
from codegen.scaffold import Draft, ScaffoldError, indented


def new_file(draft: Draft) -> str:
    """A resource file with one call."""
    lines = [*draft.head, "", "calls:", f"  {draft.name}:", *indented(draft.call, 4)]
    if draft.types:
        lines += ["", "types:", *indented(draft.types, 2)]
    return "\n".join(lines) + "\n"


def merged(text: str, draft: Draft, file: str) -> str:
    """The text of a resource file with the call and its types added at the end of `calls` and of `types`."""
    end_of_line = "\r" if "\r\n" in text else ""
    text = text if text.endswith("\n") else f"{text}{end_of_line}\n"
    lines = text.split("\n")
    sections = block_mappings(text, file)
    if "calls" not in sections:
        raise ScaffoldError(f"{file} has no calls")
    for section, names in (("calls", [draft.name]), ("types", names_of(draft.types))):
        for name in names:
            if name in sections.get(section, {}):
                line = sections[section][name][0] + 1
                raise ScaffoldError(
                    f"{file}:{line}: {name} exists already; remove it, or give another name with --call"
                )
    added: list[tuple[int, list[str]]] = []
    end, column = end_of(sections["calls"], lines)
    call = ["", *indented([f"{draft.name}:", *indented(draft.call, 2)], column)]
    # Where both go to one place, the types go in first, so that the call comes to stand above them.
    if draft.types and "types" in sections:
        below, inside = end_of(sections["types"], lines)
        added.append((below, ["", *indented(draft.types, inside)]))
    elif draft.types:
        added.append((end, ["", "types:", *indented(draft.types, 2)]))
    added.append((end, call))
    for end, new in sorted(added, key=lambda each: each[0], reverse=True):
        lines[end:end] = [f"{line}{end_of_line}" for line in new]
    return "\n".join(lines)


def names_of(types: Sequence[str]) -> list[str]:
    return [line.rstrip(":") for line in types if line and not line.startswith(" ")]


def block_mappings(text: str, file: str) -> dict[str, dict[str, tuple[int, int]]]:
    """The sections of a file: the line and the column of each of their names."""
    try:
        root = yaml.compose(text, Loader=spec.Loader)
    except yaml.YAMLError as error:
        raise ScaffoldError(f"{file} is not YAML: {error}") from None
    found: dict[str, dict[str, tuple[int, int]]] = {}
    if not isinstance(root, yaml.MappingNode):
        raise ScaffoldError(f"{file} is not a resource file")
    for key, value in root.value:
        if isinstance(value, yaml.MappingNode):
            if value.flow_style and key.value in ("calls", "types"):
                line = value.start_mark.line + 1
                raise ScaffoldError(
                    f"{file}:{line}: {key.value} stands in {{ }}; write it as a block"
                )
            found[key.value] = {
                name.value: (name.start_mark.line, name.start_mark.column)
                for name, _ in value.value
            }
            found[key.value][""] = (value.end_mark.line, value.end_mark.column)
    return found


def end_of(section: Mapping[str, tuple[int, int]], lines: Sequence[str]) -> tuple[int, int]:
    """The line below the last one of a section, and the column of its names."""
    end, end_column = section[""]
    end = min(end + (1 if end_column else 0), len(lines))
    column = min(place[1] for name, place in section.items() if name)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end, column


def fixture_text(fixture: Mapping[str, Any]) -> str:
    return json.dumps(fixture, ensure_ascii=False, indent=2) + "\n"


def plan(root: Path, draft: Draft, merge: bool, force: bool) -> dict[str, str]:
    """The files to write, by path; raises `ScaffoldError` where one would be lost or would not load."""
    if not re.fullmatch(spec.NAME, draft.resource):
        raise ScaffoldError(f"{draft.resource!r} is not a name for a resource")
    file = f"spec/{draft.resource}.yaml"
    path = root / file
    fixture = f"tests/fixtures/{draft.resource}/{draft.name}.json"
    if merge:
        if not path.exists():
            raise ScaffoldError(f"{file} does not exist; leave --merge out to make it")
        text = merged(path.read_bytes().decode("utf-8"), draft, file)
    else:
        if path.exists() and not force:
            raise ScaffoldError(
                f"{file} exists; --merge adds the call to it, --force replaces the file, "
                "--resource gives another name"
            )
        text = new_file(draft)
    if (root / fixture).exists() and not force:
        raise ScaffoldError(f"{fixture} exists; remove it first, or replace it with --force")
    loads(root / "spec", {f"{draft.resource}.yaml": text})
    return {file: text, fixture: fixture_text(draft.fixture)}


def loads(folder: Path, texts: Mapping[str, str]) -> ir.Api:
    """Make sure that the spec can be read with these files in it; raises `SpecError` otherwise."""
    # Beside the folder, so that a path in package.yaml leads where it leads there.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".spec-") as scratch:
        for path in folder.glob("*.yaml"):
            shutil.copy(path, scratch)
        for name, text in texts.items():
            Path(scratch, name).write_bytes(text.encode())
        return resolve.resolve(spec.load(Path(scratch)))


def proposed(folder: Path, additions: Sequence[Addition]) -> dict[str, tuple[str, str]]:
    """The files that additions change, by name: the text as it is, and with them."""
    found: dict[str, tuple[str, str]] = {}
    for addition in additions:
        path = folder / addition.file
        old, new = found.get(addition.file) or (path.read_bytes().decode("utf-8"),) * 2
        found[addition.file] = old, with_entry(new, addition)
    return found


def with_entry(text: str, addition: Addition) -> str:
    """The text of a file with one more entry; every other byte stays."""
    end_of_line = "\r" if "\r\n" in text else ""
    text = text if text.endswith("\n") else f"{text}{end_of_line}\n"
    lines = text.split("\n")
    node, missing = descend(yaml.compose(text, Loader=spec.Loader), addition.path)
    if node.flow_style:
        return in_braces(lines, node, missing, addition)
    if addition.block:
        entry = ["", f"{addition.name}:", *indented(addition.block, 2)]
    else:
        entry = [f"{addition.name}: {addition.value}"]
    column = node.value[0][0].start_mark.column
    for name in reversed(missing):
        entry = [f"{name}:", *indented([line for line in entry if line], 2)]
    below = last_line(node) + 1
    if not addition.path[: len(addition.path) - len(missing)]:
        entry = ["", *entry]
    lines[below:below] = [f"{line}{end_of_line}" for line in indented(entry, column)]
    return "\n".join(lines)


def descend(node: yaml.Node | None, path: Sequence[str]) -> tuple[yaml.MappingNode, Sequence[str]]:
    """The innermost mapping on a path, and what of the path there is not yet."""
    assert isinstance(node, yaml.MappingNode)
    for depth, name in enumerate(path):
        inner = next((value for key, value in node.value if key.value == name), None)
        if not isinstance(inner, yaml.MappingNode):
            return node, path[depth:]
        node = inner
    return node, ()


def last_line(node: yaml.Node) -> int:
    """The last line that a node stands on; the end that YAML knows is beyond comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return last_line(last[1] if isinstance(last, tuple) else last)
    end: yaml.Mark = node.end_mark
    return int(end.line if end.column else end.line - 1)


def in_braces(
    lines: list[str], node: yaml.MappingNode, missing: Sequence[str], addition: Addition
) -> str:
    """The entry before the closing brace."""
    if addition.block:
        line = node.start_mark.line + 1
        raise ScaffoldError(f"{addition.file}:{line}: this stands in {{ }}; write it as a block")
    entry = f"{addition.name}: {addition.value}"
    for name in reversed(missing):
        entry = f"{name}: {{{entry}}}"
    row, column = node.end_mark.line, node.end_mark.column - 1
    before = "\n".join([*lines[:row], lines[row][:column]])
    space = "" if before.rstrip().endswith("{") else " " if before.rstrip().endswith(",") else ", "
    return "\n".join([f"{before.rstrip()}{space}{entry}{lines[row][column:]}", *lines[row + 1 :]])


def write(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Write the files, all or none; says what each one is: `new` or `changed`."""
    done = {name: "changed" if (root / name).exists() else "new" for name in files}
    beside = {name: (root / name).with_name(f".{Path(name).name}.new") for name in files}
    for name in files:
        beside[name].parent.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        beside[name].write_bytes(text.encode())
    for name in files:
        os.replace(beside[name], root / name)
    return done
