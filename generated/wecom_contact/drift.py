"""Writes down what WeCom sends and this version does not know, for whoever keeps the spec. No customer data.

    with Client(corp_id, secret, on_drift=DriftLog("drift.jsonl")) as wecom: ...

    python -m codegen drift drift.jsonl       # in a checkout of the SDK: the lines that the spec lacks, as a patch

Each line of the file is one thing, as JSON: where it was, what about it is not known, and its shape. Names of fields,
unknown members of enums and unknown tags of unions are written; of all other values only the type is.

Hand-written: edit codegen/runtime/drift.py.
"""

import os
import re
import threading
import time
from typing import Any

import orjson

from ._runtime.policy import Drift
from ._runtime.telemetry import LOG
from .errors import RefusedArgument

__all__ = ["DriftLog"]

MAX_BYTES = 1_000_000
"""Of the file. WeCom will not invent more than this, and whoever does must not fill the disk."""
MAX_LINE = 4_000
MAX_DEPTH = 6
MAX_KEYS = 60
"""Of an object; one with more is a table of something."""
PAUSE = 60.0
"""Seconds for which a file that cannot be written is left alone."""
PATIENCE = 1.0
"""Seconds to wait for a thread that is writing; after a fork there may be none."""
LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000
"""What lies between them may be a time."""

NAME = r"[a-z_]{1,40}[0-9]{0,2}|[a-z]{1,20}[0-9]{1,2}_[a-z_]{1,20}|[A-Za-z]{1,24}[0-9]{0,2}"
FIELD = re.compile(NAME)
"""What the names of WeCom's fields look like: `add_way`, `h5_url`, `ChatId`. Its ids are longer, or have digits inside."""
BESIDE = re.compile("unknown field .(.*). in the union", re.DOTALL)
MEMBER = re.compile(rf"{NAME}|[A-Z_]{{1,32}}[0-9]{{0,2}}")
"""What its words for members of enums and variants look like."""
GREATEST_MEMBER = 100_000

PLAIN = frozenset(
    {
        "missing",
        "a number instead of a string",
        "not an integer",
        "not a number",
        "a string instead of yes or no",
        "a number instead of true or false",
        "milliseconds instead of seconds",
        "something empty instead of a list",
        "one item instead of a list",
        "a list of one",
        "something empty of another kind",
        "JSON with faults",
    }
)
"""What is said without a value in it."""


class DriftLog:
    """A file that collects drift: `Client(on_drift=DriftLog("drift.jsonl"))`, `Callback(on_drift=…)` likewise.

    The file is added to, each thing once, and holds at most a megabyte. Clients, threads and processes may share one.
    A file that cannot be written costs a warning a minute in the log, and no call.

    Args:
        path: Where the file is; it need not exist, its folder must.
    """

    every = True
    """Ask to be told of every value, not of the first in a place alone."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, (str, os.PathLike)):
            what = f"the path of a file, not {type(path).__name__}"
            raise RefusedArgument(what, "DriftLog.path")
        self.path = os.fspath(path)
        self._written: set[bytes] | None = None
        self._full = False
        self._pause_ends = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"DriftLog({self.path!r})"

    def __call__(self, drift: Drift) -> None:
        """Write one thing down, unless it is there."""
        if self._full or time.monotonic() < self._pause_ends:
            return
        line = orjson.dumps(entry(drift))
        if len(line) > MAX_LINE or not self._lock.acquire(timeout=PATIENCE):
            return
        try:
            self._add(line)
        except OSError as error:
            self._pause_ends = time.monotonic() + PAUSE
            LOG.warning("drift is not written to %s: %s", self.path, error.strerror)
        finally:
            self._lock.release()

    def _add(self, line: bytes) -> None:
        if self._written is None:
            self._written = self._read()
        if line in self._written:
            return
        # One write, so that lines of other processes do not come in between.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._full = os.fstat(descriptor).st_size + len(line) >= MAX_BYTES
            if not self._full:
                os.write(descriptor, line + b"\n")
                self._written.add(line)
        finally:
            os.close(descriptor)

    def _read(self) -> set[bytes]:
        """What former runs have written."""
        try:
            with open(self.path, "rb") as file:
                return set(file.read(MAX_BYTES).splitlines())
        except FileNotFoundError:
            return set()


def entry(drift: Drift) -> dict[str, Any]:
    """What is written of a drift: names, types and shapes."""
    where, _, field = drift.where.partition(".")
    found: dict[str, Any] = {"where": where, "field": field if FIELD.fullmatch(field) else None}
    head, _, rest = drift.what.partition(" ")
    if drift.what == "unknown field":
        return {**found, "what": "unknown field", "shape": shape(drift.value)}
    if name := BESIDE.fullmatch(drift.what):
        beside = name[1] if FIELD.fullmatch(name[1]) else None
        return {**found, "what": "beside the payload", "name": beside, "shape": shape(drift.value)}
    if head == "unknown" and isinstance(drift.value, dict):
        key = rest.partition(" ")[0]
        others = {name: value for name, value in drift.value.items() if name != key}
        tag = member(drift.value.get(key))
        return {**found, "what": "unknown tag", "key": key, "tag": tag, "shape": shape(others)}
    if head == "unknown":
        enum, value = rest.partition(" ")[0], member(drift.value)
        return {**found, "what": "unknown member", "enum": enum, "value": value}
    return {**found, "what": drift.what if drift.what in PLAIN else "not understood"}


def member(value: Any) -> int | str | None:
    """A member of an enum, or a tag; None for what may be something else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < GREATEST_MEMBER else None
    return value if isinstance(value, str) and MEMBER.fullmatch(value) else None


def shape(value: Any, depth: int = 0) -> Any:
    """What a value is made of: a word for a scalar, a list of what is in a list, an object of shapes."""
    if isinstance(value, list):
        found: list[Any] = []
        for item in value[:MAX_KEYS]:
            one = shape(item, depth + 1)
            found += [one] if one not in found else []
        return found
    if isinstance(value, dict):
        names = all(isinstance(name, str) and FIELD.fullmatch(name) for name in value)
        if not names or len(value) > MAX_KEYS or depth > MAX_DEPTH:
            return "object"
        return {name: shape(item, depth + 1) for name, item in value.items()}
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "bool"
    if isinstance(value, int):
        return "timestamp" if LONG_AGO < value < FAR_AHEAD else "int"
    return "float" if isinstance(value, float) else "str"
