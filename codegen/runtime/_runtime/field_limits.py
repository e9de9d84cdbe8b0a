"""The limits that a field can have: one list, from which the spec's keys, lint, docs and the codec's checks follow.

It imports nothing of ours, for the generator reads it, too.

Hand-written: edit codegen/runtime/_runtime/field_limits.py.
"""

from enum import Enum
from typing import NamedTuple


class Measure(Enum):
    """What a limit counts."""

    ITEMS = "item"
    BYTES = "byte"
    CHARS = "character"
    NUMBER = ""

    @property
    def noun(self) -> str:
        """What is counted, in a word; a number counts nothing but itself."""
        return self.value


class FieldLimit(NamedTuple):
    """One key of the spec, and one keyword of `wire(…)`."""

    measure: Measure
    most: bool
    """Whether it is the greatest that WeCom takes; else the smallest."""
    doc: str


FIELD_LIMITS = {
    "max_items": FieldLimit(Measure.ITEMS, True, "Longest list."),
    "min_items": FieldLimit(Measure.ITEMS, False, "Shortest list."),
    "max_bytes": FieldLimit(Measure.BYTES, True, "Most UTF-8 bytes."),
    "max_chars": FieldLimit(Measure.CHARS, True, "Most characters."),
    "min_chars": FieldLimit(Measure.CHARS, False, "Fewest characters."),
    "max": FieldLimit(Measure.NUMBER, True, "Greatest number."),
    "min": FieldLimit(Measure.NUMBER, False, "Smallest number."),
}
