"""The words of the format that several rooms share: scalars, and the limits that a field can have.

A new scalar is a row here and a reader and a writer in the runtime's codec; a new limit is a row of `FIELD_LIMITS`. The
keys of the format, the JSON Schema, lint, annotations and docs follow from them.
"""

from typing import NamedTuple

from codegen.runtime._runtime.field_limits import FIELD_LIMITS, FieldLimit, Measure

__all__ = ["LIMITS", "SCALARS", "TEXT", "FieldLimit", "Measure", "Scalar", "limits_of"]

LIMITS = FIELD_LIMITS
TEXT = (Measure.BYTES, Measure.CHARS)
NUMBER = (Measure.NUMBER,)


class Scalar(NamedTuple):
    """A value that is not made of others."""

    annotation: str
    """What Python calls it."""
    json: tuple[type, ...] = ()
    """What JSON has for it; nothing where anything will do."""
    measures: tuple[Measure, ...] = ()
    """What of it can be limited."""
    also: tuple[str, ...] = ()
    """The other JSON types that WeCom may send in its place."""


SCALARS = {
    "str": Scalar("str", (str,), TEXT, ("int",)),
    "int": Scalar("int", (int,), NUMBER, ("str",)),
    "float": Scalar("float", (int, float), NUMBER, ("str",)),
    "bool": Scalar("bool", (bool,)),
    "flag": Scalar("bool", (int,)),
    "timestamp": Scalar("datetime", (int,), (), ("str",)),
    "any": Scalar("Any"),
    "file": Scalar("FileContent"),
}


def limits_of(*measures: Measure) -> dict[str, FieldLimit]:
    """The limits that count one of these."""
    return {name: each for name, each in LIMITS.items() if each.measure in measures}
