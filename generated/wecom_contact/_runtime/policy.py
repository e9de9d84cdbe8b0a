"""What a codec does with the unexpected: make the best of it and report it, or, if it is strict, raise.

Hand-written: edit codegen/runtime/_runtime/policy.py.
"""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from ..errors import brief
from .faults import DecodeError, Fault
from .model import BEIJING, OpenInt, OpenStr
from .telemetry import call_hook

MAX_REPORTED = 10_000
"""How many drifts are remembered, so that each is reported once; WeCom will not invent more than this."""
MAX_SECONDS = 100_000_000_000
"""A later time is milliseconds: in seconds it would be the year 5138."""
BOOLEAN_WORDS = {"0": False, "1": True, "false": False, "true": True, "": False}


class Drift(NamedTuple):
    """Something in a reply that this version does not know: reported to `on_drift` once."""

    where: str
    """Class and field: `FollowInfo.new_field`; of a whole reply, the call."""
    what: str
    value: Any


class Policy:
    """Turns JSON values into ours; `strict` raises `DecodeError` for what it else reports to `on_drift`.

    What cannot be turned at all raises in any case: the reader of the record puts something in its place.
    """

    zero_is_never = True
    """Whether an optional time that is 0 is none."""

    def __init__(self, strict: bool, on_drift: Callable[[Drift], None] | None) -> None:
        self.strict = strict
        self.on_drift = on_drift
        self.reported: set[tuple[str, str]] = set()
        # A `DriftLog` looks at every value, for a field may hold a number here and an object there.
        self.once = not getattr(on_drift, "every", False)

    def drift(self, where: str, what: str, value: Any, fault: Fault = Fault.TYPE) -> None:
        """Say that something is not as the spec has it."""
        if self.strict:
            raise DecodeError(f"{what}: {brief(value)}", fault=fault)
        if self.on_drift is None:
            return
        if self.once:
            if (where, what) in self.reported or len(self.reported) >= MAX_REPORTED:
                return
            self.reported.add((where, what))
        call_hook(self.on_drift, Drift(where, what, value))

    def unknown_keys(
        self, data: dict[str, Any], known: frozenset[str], name: str
    ) -> dict[str, Any] | None:
        """What goes to `.extra`."""
        extra = {key: value for key, value in data.items() if key not in known}
        for key, value in extra.items():
            try:
                self.drift(f"{name}.{key}", "unknown field", value, Fault.UNKNOWN_FIELD)
            except DecodeError as error:
                raise error.under(key) from None
        return extra or None

    def text(self, value: Any, where: str, also: bool) -> str:
        """A string; a number will do."""
        if value.__class__ is str:
            return str(value)
        if value.__class__ in (int, float):
            if not also:
                self.drift(where, "a number instead of a string", value)
            return str(value)
        raise DecodeError(f"{brief(value)} is not a string")

    def integer(self, value: Any, where: str, also: bool) -> int:
        """A whole number, in digits or not."""
        if value.__class__ is int:
            return int(value)
        number = to_integer(value)
        if number is None:
            raise DecodeError(f"{brief(value)} is not an integer")
        if not also:
            self.drift(where, "not an integer", value)
        return number

    def number(self, value: Any, where: str, also: bool) -> float:
        """Any number."""
        try:
            number = float(value or 0)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if value.__class__ not in (float, int, str, bool) or not isfinite(number):
            raise DecodeError(f"{brief(value)} is not a number")
        if value.__class__ in (str, bool) and not also:
            self.drift(where, "not a number", value)
        return number

    def boolean(self, value: Any, where: str, flag: bool) -> bool:
        """True or false, or what stands for it."""
        expected = value.__class__ is int if flag else value.__class__ is bool
        if expected and value in (0, 1):
            return bool(value)
        if value.__class__ is str and value.lower() in BOOLEAN_WORDS:
            self.drift(where, "a string instead of yes or no", value)
            return BOOLEAN_WORDS[value.lower()]
        if value.__class__ in (bool, int):
            self.drift(where, "a number instead of true or false", value)
            return bool(value)
        raise DecodeError(f"{brief(value)} is neither true nor false")

    def time(self, value: Any, where: str, also: bool) -> datetime:
        """A time in Unix seconds; in milliseconds, too, as some systems have it."""
        seconds = self.integer(value, where, also)
        if seconds > MAX_SECONDS:
            self.drift(where, "milliseconds instead of seconds", value)
            seconds //= 1000
        try:
            return datetime.fromtimestamp(seconds, BEIJING)
        except (OverflowError, ValueError, OSError):
            raise DecodeError(f"{brief(value)} is not a Unix time") from None

    def int_enum(self, cls: type[OpenInt], value: Any, where: str, also: bool) -> OpenInt:
        """A member of an enum of numbers."""
        number = self.integer(value, where, also) if value.__class__ is not int else value
        member = cls(number)
        if member.name.startswith("UNKNOWN_"):
            self.drift(where, f"unknown {cls.__name__} {number}", number, Fault.UNKNOWN_VALUE)
        return member

    def str_enum(self, cls: type[OpenStr], value: Any, where: str, also: bool) -> OpenStr:
        """A member of an enum of words."""
        member = cls(self.text(value, where, also))
        if member.name.startswith("UNKNOWN_"):
            what = f"unknown {cls.__name__} {member.value!r}"
            self.drift(where, what, member.value, Fault.UNKNOWN_VALUE)
        return member


def to_integer(value: Any) -> int | None:
    """The integer that a value stands for; an empty string stands for 0."""
    if value == "":
        return 0
    if not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value) if isinstance(value, str) and "." in value else value
        found = int(number)
    except (ValueError, OverflowError):
        return None
    return found if isinstance(number, str) or found == number else None
