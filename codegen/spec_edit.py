"""Adds a drafted call to spec/ and to the fixtures: a new file, or lines put into one that exists.

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

from codegen import resolve, spec
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
    loads(root / "spec", f"{draft.resource}.yaml", text)
    return {file: text, fixture: fixture_text(draft.fixture)}


def loads(folder: Path, name: str, text: str) -> None:
    """Make sure that the spec can be read with a draft in it; raises `SpecError` otherwise."""
    with tempfile.TemporaryDirectory() as scratch:
        for path in folder.glob("*.yaml"):
            shutil.copy(path, scratch)
        Path(scratch, name).write_bytes(text.encode())
        resolve.resolve(spec.load(Path(scratch)))


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
