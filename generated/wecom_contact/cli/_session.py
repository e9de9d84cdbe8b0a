"""What all commands of one run share: who is calling, the language, and how to talk.

Hand-written: edit codegen/surfaces/cli/_session.py.
"""

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import define

if TYPE_CHECKING:
    from .. import Client
    from ..reference import Reference
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
            raise Failure("this changes something, and nobody is there to ask", "say --yes", USAGE)
        click.confirm(question, abort=True, err=True)


take = click.make_pass_decorator(Session)
"""Gives a command its session."""


def language_of(environment: "os._Environ[str]") -> Language:
    """The language that the environment asks for."""
    said = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)),
        "",
    )
    return "zh" if said.lower().startswith("zh") else "en"
