"""What all commands of one run share: who is calling, the language, and how to talk.

Hand-written: edit codegen/surfaces/cli/_session.py.
"""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import define

if TYPE_CHECKING:
    from .. import Client
    from ..reference import ErrorCode, Reference
    from ._profiles import Account

Language = Literal["en", "zh"]


@define
class Session:
    """One run of the command."""

    profile: str | None = None
    language: Language = "en"
    debug: bool = False
    as_json: bool = False
    """Whether errors are told as JSON."""

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def book(self) -> "Reference":
        """The reference in the reader's language."""
        from .. import reference

        return reference.load(self.language)

    def say(self, text: str, /, **values: object) -> str:
        """A sentence of the command's own in the reader's language; `spec/locale` has its Chinese."""
        if self.language != "en":
            text = self.book.translated(text)
        return text.format(**values) if values else text

    def fact(self, code: int) -> "ErrorCode | None":
        """What an error code means, in the reader's language."""
        from ..reference import UnknownName

        try:
            return self.book.error(code)
        except UnknownName:
            return None

    def account(self) -> "Account":
        """Who is calling."""
        from ._profiles import account

        return account(self.profile)

    def client(self, **options: Any) -> "Client":
        """A client for who is calling; the caller closes it."""
        from .. import Client

        return Client(**self.account().options(), **options)

    def confirm(self, question: str, yes: bool) -> None:
        """Go on if this is wanted: `--yes` says so, or a person does."""
        from ._failures import USAGE, Failure

        if yes:
            return
        if not self.can_ask:
            words = say("this changes something, and nobody is there to ask")
            raise Failure(words, say("say `--yes`"), USAGE)
        click.confirm(question, abort=True, err=True)


take = click.make_pass_decorator(Session)
"""Gives a command its session."""


def say(text: str, /, **values: object) -> str:
    """The same for the session of the command that runs in this thread; English where none does."""
    context = click.get_current_context(silent=True)
    session = None if context is None else context.find_object(Session)
    return (session or Session()).say(text, **values)


def did_you_mean(names: Sequence[str]) -> str:
    """A question about names that are like one that is not there; nothing if there are none."""
    return say("Did you mean {names}?", names=", ".join(names)) if names else ""


def language_of(environment: "os._Environ[str]") -> Language:
    """The language that the environment asks for."""
    said = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)),
        "",
    )
    return "zh" if said.lower().startswith("zh") else "en"
