"""What went wrong, as a sentence and what to do about it, and the exit status that tells it to a script.

Hand-written: edit codegen/surfaces/cli/_failures.py.
"""

import json
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
from ._session import Session

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


def in_words(session: Session, error: BaseException) -> str:
    """An error in a sentence."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, APIError):
        # Without the advice, which is the hint.
        fact = session.fact(error.code)
        meaning = fact.doc.rstrip(".。") if fact is not None else error.message
        title = session.say(" ({title})", title=error.title) if error.title else ""
        # Nor the numbers for WeCom's support.
        said = error.message.partition(", hint:")[0]
        words = f": {said}" if fact is not None else ""
        return f"{error.path}: {error.code} {meaning}{title}{words}"
    return str(error) or type(error).__name__


def hint_of(session: Session, error: BaseException) -> str:
    """What to do about an error."""
    if isinstance(error, Failure):
        return error.hint
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return session.say("see `{command} --help`", command=error.ctx.command_path)
    if not isinstance(error, APIError):
        return ""
    fact = session.fact(error.code)
    hints = [fact.advice if fact is not None else error.advice]
    if error.from_ip and isinstance(error, Forbidden):
        hints.append(session.say("WeCom saw the call come from {address}.", address=error.from_ip))
    if error.hint:
        hints.append(session.say("WeCom's support asks for the hint {hint}.", hint=error.hint))
    return "\n".join(hint for hint in hints if hint)


def tell(session: Session, error: BaseException) -> None:
    """Say on stderr what went wrong."""
    words, hint = in_words(session, error), hint_of(session, error)
    if session.as_json:
        facts: dict[str, Any] = {"error": type(error).__name__, "message": words, "hint": hint}
        if isinstance(error, APIError):
            facts |= {"code": error.code, "errmsg": error.message, "title": error.title}
        click.echo(json.dumps({"ok": False, **facts}, ensure_ascii=False), err=True)
        return
    click.echo(click.style(session.say("Error: "), fg="red", bold=True) + words, err=True)
    if hint:
        click.echo(hint, err=True)
