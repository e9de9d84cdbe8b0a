"""Values and records compare and show themselves as attrs would have them do."""

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import attrs
import pytest
from attrs import define, field, frozen
from wecom_contact._runtime.values import Record, Value

FIELDS: dict[str, Any] = {
    "secret": field(default="", repr=False),
    "seen": field(default=0, eq=False),
    "extra": field(default=None, eq=lambda extra: extra or None),
}


def make(decorate: Callable[[type], Any], *bases: type) -> Any:
    """A class with one field of each kind."""
    space = {
        "__annotations__": {"name": str, "secret": str, "seen": int, "extra": Any},
        "__qualname__": "Thing",
        **FIELDS,
    }
    return decorate(type("Thing", bases, space))


PAIRS = [
    (
        make(define(kw_only=True, eq=False, repr=False), Record),
        make(define(kw_only=True)),
    ),
    (
        make(frozen(kw_only=True, eq=False, repr=False), Value),
        make(frozen(kw_only=True)),
    ),
]
VALUES: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "b"},
    {"name": "a", "secret": "s"},
    {"name": "a", "seen": 1},
    {"name": "a", "extra": ()},
    {"name": "a", "extra": ("k",)},
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_as_attrs_does_it(ours: Any, theirs: Any) -> None:
    for one in VALUES:
        assert repr(ours(**one)) == repr(theirs(**one))
        for other in VALUES:
            assert (ours(**one) == ours(**other)) is (theirs(**one) == theirs(**other))
            assert (ours(**one) != ours(**other)) is (theirs(**one) != theirs(**other))
        assert ours(**one) != one
        assert ours(**one) != make(attrs.define(kw_only=True), ours)(**one)
        # What compares itself with everything may do so.
        assert ours(**one) == ANY
        assert ours(**one).__eq__(5) is NotImplemented


def test_a_local_class_and_a_circle_as_attrs_shows_them() -> None:
    for ours, theirs in PAIRS:
        shown = []
        for each in (ours, theirs):
            each.__qualname__ = "function.<locals>.Thing"
            circle: list[Any] = []
            circle.append(each(name=circle))
            shown.append(repr(circle[0]))
        assert shown[0] == shown[1]
        assert shown[0].startswith("Thing(name=[...")


def test_values_can_be_keys_and_records_cannot() -> None:
    (record, _), (value, theirs) = PAIRS
    assert len({value(**each) for each in VALUES}) == len({theirs(**each) for each in VALUES}) == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(record(name="a"))
