"""The command itself: its subcommands, loaded when they are asked for, and what happens when one fails.

Hand-written: edit codegen/surfaces/cli/_app.py.
"""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple, cast

import click
from click.shell_completion import CompletionItem

from ..errors import RefusedArgument, WeComError
from ._failures import INTERRUPTED, status_of, tell
from ._session import Language, Session, did_you_mean, language_of, say

NAME = "wecom-contact"


class Subcommand(NamedTuple):
    """Where a subcommand is, and what `--help` says of it without loading it."""

    home: str
    attribute: str
    help: str


SUBCOMMANDS = {
    "call": Subcommand("._call", "call", "Make a call."),
    "raw": Subcommand("._raw", "raw", "Make a call that this version does not know."),
    "calls": Subcommand("._explain", "calls", "Find calls by words, English or Chinese."),
    "explain": Subcommand("._explain", "explain", "Explain a code, a call, a type or an event."),
    "doctor": Subcommand("._doctor", "doctor", "Find out what is wrong with a set-up."),
    "callback": Subcommand("._callback", "callback", "Check, forge, decrypt and serve callbacks."),
    "simulator": Subcommand("._simulator", "simulator", "Run a simulated company."),
    "profile": Subcommand("._profiles", "profile", "Keep corp ids and secrets."),
    "mirror": Subcommand("..mirror.command", "mirror", "Copy the company into a database."),
    "mcp": Subcommand("._mcp", "mcp", "Serve AI agents over stdio."),
    "completion": Subcommand("._completion", "completion", "Print a script for your shell."),
}


class Subcommands(click.Group):
    """A group that loads a subcommand when it is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        home, attribute, _ = SUBCOMMANDS[cmd_name]
        return cast(click.Command, getattr(import_module(home, __package__), attribute))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # Nothing is loaded for it.
        offered = [
            CompletionItem(name, help=command.help)
            for name, command in SUBCOMMANDS.items()
            if name.startswith(incomplete)
        ]
        return offered or super().shell_complete(ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in SUBCOMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        suggest(ctx, args[0], list(SUBCOMMANDS))
        return super().resolve_command(ctx, args)


def suggest(ctx: click.Context, given: str, names: Sequence[str]) -> None:
    """Refuse a name that is unknown, and say which are like it."""
    if given in names or given.startswith("-"):
        return
    like = get_close_matches(given, names, 3, 0.5)
    words = say("there is no {name}.", name=repr(given))
    ctx.fail(f"{words} {did_you_mean(like)}".rstrip())


@click.command(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", metavar="NAME", help="Who is calling, in place of the environment.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    is_eager=True,  # for what is said of the other words
    expose_value=False,
    callback=lambda *said: speak(*said),
    help="The language of explanations and of what went wrong.",
)
@click.option(
    "--debug", is_flag=True, help="Log to stderr, and show tracebacks. No secret is in them."
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *said: version(*said),
    help="Show the version and exit.",
)
@click.pass_obj
def app(session: Session, profile: str | None, debug: bool) -> None:
    """WeCom's customer contact (企业微信客户联系) from the command line.

    Say who is calling by WECOM_CORP_ID and WECOM_SECRET, or keep it with `profile add`.
    """
    session.profile = profile or os.environ.get("WECOM_PROFILE") or None
    session.debug = debug
    if debug:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


def speak(ctx: click.Context, param: click.Parameter, language: Language | None) -> None:
    """Take the language that was asked for."""
    if language is not None:
        ctx.ensure_object(Session).language = language


def version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    """Print the version; a checkout on the path has none."""
    if wanted:
        import wecom_contact

        click.echo(f"{NAME} {getattr(wecom_contact, '__version__', '(a checkout)')}")
        ctx.exit()


def run(argv: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status."""
    session = Session(language=language_of(os.environ))
    try:
        done: Any = app.main(
            None if argv is None else list(argv), NAME, obj=session, standalone_mode=False
        )
        sys.stdout.flush()
        return done if isinstance(done, int) else 0
    except click.Abort:  # what click makes of Ctrl-C, and of a question that got a no
        return INTERRUPTED
    except BrokenPipeError:
        # `… | head` has read enough. Python would complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (click.ClickException, WeComError, RefusedArgument, OSError, ImportError) as error:
        if session.debug:
            traceback.print_exc()
        tell(session, error)
        return status_of(error)
