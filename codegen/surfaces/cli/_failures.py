"""What went wrong, as a sentence and what to do about it, and the exit status that tells it to a script.

Hand-written: edit codegen/surfaces/cli/_failures.py.
"""

import json
from collections.abc import Callable
from typing import Any

import click

from ..errors import (
    APIError,
    Busy,
    CallbackRejected,
    Conflict,
    Forbidden,
    InvalidArgument,
    InvalidCredential,
    NotFound,
    PartialFailure,
    ProtocolError,
    QuotaExceeded,
    RateLimited,
    RefusedArgument,
    StaleToken,
    TransportError,
    WeComError,
)

USAGE = 2
INTERRUPTED = 130

# In docs/cli.md, too; a test compares the two.
STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (InvalidCredential, 3),
    (StaleToken, 3),
    (Forbidden, 4),
    (NotFound, 5),
    (InvalidArgument, 6),
    (Conflict, 7),
    (Busy, 8),
    (RateLimited, 8),
    (QuotaExceeded, 9),
    (TransportError, 10),
    (ProtocolError, 10),
    (PartialFailure, 11),
    (CallbackRejected, 12),
    (WeComError, 1),
    (RefusedArgument, USAGE),
)
"""The first class that fits tells the exit status."""

Advise = Callable[[int], str]
"""What helps against an error code, in the reader's language."""


class Failure(click.ClickException):
    """Something that this command itself has to say, with its own status."""

    def __init__(self, message: str, hint: str = "", status: int = 1) -> None:
        super().__init__(message)
        self.hint = hint
        self.status = status


def status_of(error: BaseException) -> int:
    """The exit status for an error."""
    if isinstance(error, Failure):
        return error.status
    if isinstance(error, click.ClickException):
        return error.exit_code
    return next((status for cls, status in STATUSES if isinstance(error, cls)), 1)


def hint_of(error: BaseException, advise: Advise) -> str:
    """What to do about an error."""
    if isinstance(error, Failure):
        return error.hint
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"see `{error.ctx.command_path} --help`"
    if not isinstance(error, APIError):
        return ""
    hints = [advise(error.code) or error.advice]
    if error.from_ip and isinstance(error, Forbidden):
        hints.append(f"WeCom saw the call come from {error.from_ip}.")
    if error.hint:
        hints.append(f"WeCom's support asks for the hint {error.hint}.")
    return " ".join(hint for hint in hints if hint)


def sentence(error: BaseException) -> str:
    """An error in a sentence."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, APIError):
        # Without the advice, which is the hint.
        meaning = error.doc.rstrip(".") or error.message
        title = f" ({error.title})" if error.title else ""
        # Nor the numbers for WeCom's support.
        said = error.message.partition(", hint:")[0]
        words = f": {said}" if error.doc else ""
        return f"{error.path}: {error.code} {meaning}{title}{words}"
    return str(error) or type(error).__name__


def tell(error: BaseException, *, as_json: bool, advise: Advise) -> None:
    """Say on stderr what went wrong."""
    hint = hint_of(error, advise)
    if as_json:
        facts: dict[str, Any] = {
            "error": type(error).__name__,
            "message": sentence(error),
            "hint": hint,
        }
        if isinstance(error, APIError):
            facts |= {"code": error.code, "errmsg": error.message, "title": error.title}
        click.echo(json.dumps({"ok": False, **facts}, ensure_ascii=False), err=True)
        return
    click.echo(click.style("Error: ", fg="red", bold=True) + sentence(error), err=True)
    if hint:
        click.echo(hint, err=True)
