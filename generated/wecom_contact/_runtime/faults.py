"""A fault and the path to it, one level added at a time on the way out.

Hand-written: edit codegen/runtime/_runtime/faults.py.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Self


class Fault(Enum):
    """What kind of fault it is, for programs; the words are for people."""

    MISSING = "missing"
    """A required value is not there."""
    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_VALUE = "unknown value"
    """A member of an enum or a variant of a union that the spec does not know."""
    LIMIT = "limit"
    """Too long, too short, too large or too small."""
    RELATION = "relation"
    """Fields that go with each other, or do not."""
    TYPE = "type"
    """Another kind of value."""


class AtPath(ValueError):
    """A value that cannot pass, and the path to it."""

    def __init__(self, what: str, path: str = "", fault: Fault = Fault.TYPE) -> None:
        super().__init__(what, path, fault)
        self.what = what
        """What is wrong with it."""
        self.path = path
        """Where it stands: `WelcomeSend.attachments[1].title`."""
        self.fault = fault

    def under(self, name: str) -> Self:
        """The same, one level further out."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        return type(self)(self.what, f"{name}{dot}{self.path}", self.fault)

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


class DecodeError(AtPath):
    """JSON data that does not fit the class: `CustomerGetResult.follow_user[0].userid: …`."""


def convert_items(convert: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Convert item by item; the path of a fault begins with the index of its item."""
    items: list[Any] = []
    try:
        for value in values:
            items.append(convert(value))
    except AtPath as error:
        raise error.under(f"[{len(items)}]") from None
    return items
