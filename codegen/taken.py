"""Names that a spec cannot use, because generated code or the runtime has them: read from their own files.

Lists of such names would be forgotten when a template or a class of the runtime changes.
"""

import builtins
import keyword
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from codegen import python
from codegen.render import CLOSED, EXPORTED, HERE, MODULES

FLOORS = [HERE / "runtime", HERE / "surfaces"]

CLASS = re.compile(r"^class (\w+)(?:\(([^)]*)\))?[^\n]*:\n((?:(?: .*)?\n)*)", re.MULTILINE)
"""A class of the runtime: its name, its bases, its body."""
MEMBER = re.compile(
    r"^    (?:(?:async )?def )?([a-z]\w*)(?:\(|:)|\bself\.([a-z]\w*)(?:: [^=\n]+)? = ", re.M
)
WIRE = re.compile(r"metadata=wire\(\"(\w+)\"")
OWN = re.compile(r"^(?:class |def )?([A-Za-z]\w*)(?:\(|:| =)", re.MULTILINE)
"""What a template defines beside the API."""


@cache
def template(name: str) -> str:
    return (HERE / "templates" / name).read_text("utf-8")


@cache
def classes(file: str) -> dict[str, tuple[str, str]]:
    """The classes of a runtime file: bases and body."""
    text = (FLOORS[0] / file).read_text("utf-8")
    return {name: (bases or "", body) for name, bases, body in CLASS.findall(text)}


def members(file: str, *names: str) -> set[str]:
    """The public attributes of classes of the runtime."""
    bodies = [classes(file)[name][1] for name in names]
    return {name for body in bodies for pair in MEMBER.findall(body) for name in pair if name}


@cache
def in_records() -> frozenset[str]:
    # `self` is what attrs calls the record in the `__init__` it writes.
    return frozenset({"self", *members("_runtime/model.py", "Model")})


@cache
def in_calls() -> frozenset[str]:
    """Names that a request has beside its parameters."""
    body = template("module.py.j2").partition("{{ call.head }}")[2].partition("{% for side")[0]
    own = {name for pair in MEMBER.findall(body) for name in pair if name}
    return in_records() | own | members("_runtime/model.py", "Call", "PagedCall")


@cache
def in_replies() -> frozenset[str]:
    """Names that a reply has beside its fields."""
    body = template("module.py.j2").partition("{{ call.head }}")[0]
    return in_records() | {name for pair in MEMBER.findall(body) for name in pair if name}


@cache
def in_events() -> frozenset[str]:
    return in_records() | members("_runtime/events.py", "Event")


@cache
def elements_of_events() -> frozenset[str]:
    """The elements of the envelope."""
    found = classes("_runtime/events.py")
    return frozenset(WIRE.findall(found["Event"][1] + found["UnknownEvent"][1]))


@cache
def surfaces() -> frozenset[str]:
    """What stands on generated code, by the names of its files."""
    return frozenset(path.stem for path in FLOORS[1].iterdir() if path.name != "__pycache__")


@cache
def error_classes() -> frozenset[str]:
    """The classes that a code of WeCom can have."""
    found = {"APIError"}
    for name, (bases, _) in classes("errors.py").items():
        if bases in found:
            found.add(name)
    return frozenset(found)


@cache
def class_names() -> dict[str, str]:
    """Names that no class of the API can have, and whose they are."""
    taken = dict.fromkeys(python.KNOWN, "generated code")
    for path in sorted((HERE / "templates").glob("*.py.j2")):
        taken |= dict.fromkeys(OWN.findall(template(path.name)), "generated code")
    taken |= dict.fromkeys(exported(), "the package")
    taken |= dict.fromkeys(classes("errors.py"), "the package")
    taken |= dict.fromkeys((*dir(builtins), *keyword.kwlist), "Python")
    return taken


@cache
def exported() -> frozenset[str]:
    """What can be imported from the package and is not of the API."""
    found = {name for names in EXPORTED.values() for name in names}
    for path in top_level():
        if path.suffix == ".py" and path.stem not in CLOSED:
            found.update(python.public_names(path))
    return frozenset(found)


@cache
def resource_names() -> dict[str, str]:
    """Names that no resource can have, and whose they are."""
    taken = dict.fromkeys(keyword.kwlist, "Python")
    for color in ("sync", "async"):
        of_client = members(f"_runtime/{color}_driver.py", f"{color.capitalize()}Driver")
        taken |= dict.fromkeys(of_client, "the client")
    modules = {path.stem for path in top_level()} | {*MODULES}
    return taken | dict.fromkeys(modules | exported(), "the package")


def top_level() -> Iterator[Path]:
    """The public modules of the package that are written by hand."""
    return (path for floor in FLOORS for path in sorted(floor.iterdir()) if path.name[0] != "_")
