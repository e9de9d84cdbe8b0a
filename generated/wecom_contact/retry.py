"""How patient a client is: how long it waits for an answer, and how often it tries again.

Hand-written: edit codegen/runtime/retry.py.
"""

from typing import Any, NamedTuple

from attrs import Factory, field, frozen

from ._runtime.values import Value, is_integer, is_seconds
from .errors import RefusedArgument, WeComError

__all__ = ["Retry", "Retrying", "Timeouts"]

TOTAL = 120.0
"""Seconds for an attempt as a whole: WeCom answers within one or two."""


def check_seconds(timeouts: "Timeouts", field: Any, value: object) -> None:
    """Refuse what one cannot wait for."""
    if not is_seconds(value):
        raise RefusedArgument(f"seconds, more than 0, not {value!r}", f"Timeouts.{field.name}")


def long_enough(timeouts: "Timeouts") -> float:
    """A whole attempt's time, where nobody says: no shorter than what its parts may take."""
    parts = timeouts.connect, timeouts.read
    return max(TOTAL, sum(parts)) if all(is_seconds(part) for part in parts) else TOTAL


def check_count(retry: "Retry", field: Any, value: object) -> None:
    """Refuse what is not a number of tries."""
    if not is_integer(value) or value < 1:
        raise RefusedArgument(f"a whole number, 1 or more, not {value!r}", f"Retry.{field.name}")


def check_pause(retry: "Retry", field: Any, value: object) -> None:
    """Refuse what is not a pause; 0 is one."""
    if value != 0 and not is_seconds(value):
        raise RefusedArgument(f"seconds, 0 or more, not {value!r}", f"Retry.{field.name}")


@frozen(kw_only=True, eq=False, repr=False)
class Timeouts(Value):
    """Seconds to wait: for a connection, for each piece of the answer, and for an attempt as a whole.

    `total` ends an answer that comes byte by byte without end. It is 120 s, or `connect` and `read` together if
    that is more. A file on its way up or down is exempt: it takes as long as it takes, piece by piece.
    """

    connect: float = field(default=5.0, validator=check_seconds)
    read: float = field(default=30.0, validator=check_seconds)
    total: float = field(default=Factory(long_enough, takes_self=True), validator=check_seconds)

    @classmethod
    def of(cls, value: "float | Timeouts") -> "Timeouts":
        """What `timeout=` may be: one number for both, or both."""
        return value if isinstance(value, Timeouts) else cls(connect=value, read=value)


@frozen(kw_only=True, eq=False, repr=False)
class Retry(Value):
    """When to try again: how often, after which pauses, and how long in all.

    The n-th pause is `first` doubled n times, at most `longest`, and shortened by chance by up to a half, so
    that many clients do not come back at once. All pauses of one call, those for its token included, stay
    within `total`. WeCom asks to repeat at most three times, hence four tries. What is tried again
    is not for this class to say; see the table in `_runtime/flow.py`.
    """

    tries: int = field(default=4, validator=check_count)
    first: float = field(default=0.5, validator=check_pause)
    longest: float = field(default=8.0, validator=check_pause)
    total: float = field(default=30.0, validator=check_pause)

    def pause(self, tried: int, slept: float, chance: float) -> float | None:
        """How long to wait after `tried` tries and `slept` seconds of waiting; None to give up."""
        if tried >= self.tries:
            return None
        # 2.0 ** 1024 is an OverflowError; no pause is doubled that often and still under `longest`.
        pause = min(self.longest, self.first * 2.0 ** min(tried - 1, 60)) * (1 - chance / 2)
        return pause if slept + pause <= self.total else None


class Retrying(NamedTuple):
    """What `on_retry` is given before a call is tried again.

    And when the limiter has a call wait for a second or more.
    """

    call: str
    """Resource and call: `contact_way.add`."""
    tries: int
    """How often it has been tried."""
    error: WeComError
    """Why it did not work; `Throttled` if it was not sent yet."""
    pause: float
    """Seconds until it is tried again; 0 after a renewal of the token."""
