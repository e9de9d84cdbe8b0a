"""How values and records compare and show themselves: as attrs would do it, by their fields. What counts as a number.

attrs writes and compiles these methods for each class. Written once, they save a fifth of the time that importing all
resources takes; hence `eq=False, repr=False` where attrs makes the rest.

Hand-written: edit codegen/runtime/_runtime/values.py.
"""

from math import isfinite
from reprlib import recursive_repr
from typing import Any, TypeGuard

from attrs import fields


class Record:
    """Compares and shows itself by its fields."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compared(self) == compared(other)

    @recursive_repr()
    def __repr__(self) -> str:
        cls: Any = type(self)
        shown = ", ".join(
            f"{field.name}={(field.repr if callable(field.repr) else repr)(getattr(self, field.name))}"
            for field in fields(cls)
            if field.repr
        )
        return f"{cls.__qualname__.rpartition('>.')[2]}({shown})"


class Value(Record):
    """The same, and it does not change, so it can be a key."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash((type(self), *compared(self)))


def compared(record: Any) -> list[Any]:
    """The values of the fields that count when records are compared, by their `eq` keys."""
    values = ((field, getattr(record, field.name)) for field in fields(type(record)) if field.eq)
    return [field.eq_key(value) if field.eq_key else value for field, value in values]


def is_integer(value: object) -> TypeGuard[int]:
    """Whether it is an integer; a bool is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a finite number; a bool is none."""
    try:
        return (is_integer(value) or isinstance(value, float)) and isfinite(value)
    except OverflowError:
        return False  # an integer that is greater than any float


def is_seconds(value: object) -> TypeGuard[int | float]:
    """Whether one can wait so many seconds: a finite number above 0."""
    return is_number(value) and value > 0
