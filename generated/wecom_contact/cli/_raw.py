"""Calls that this version of the spec does not know.

Hand-written: edit codegen/surfaces/cli/_raw.py.
"""

import click

from ..credentials import TokenKind
from ._output import Format, chosen, output_option, print_one
from ._session import Session, say, take
from ._words import read_data

TOKENS: tuple[TokenKind, ...] = (
    "access_token",
    "suite_access_token",
    "provider_access_token",
)


@click.command()
@click.argument("method", type=click.Choice(["GET", "POST"], case_sensitive=False))
@click.argument("path")
@click.option("--json", "body", metavar="DATA", help="The body: JSON, @file, or - for stdin.")
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@click.option("--token", type=click.Choice(TOKENS), default=TOKENS[0], help="Whose token is sent.")
@click.option("--readonly", is_flag=True, help="It changes nothing: do not ask, and try it again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@take
def raw(
    session: Session,
    method: str,
    path: str,
    body: str | None,
    query: tuple[str, ...],
    token: TokenKind,
    readonly: bool,
    yes: bool,
    output: Format | None,
) -> None:
    """Send METHOD PATH with the same token, patience and errors as a known call."""
    form = chosen(output)
    session.as_json = output in ("json", "ndjson")
    data = None if body is None else read_data(body, "--json")
    parameters = {}
    for word in query:
        name, equals, value = word.partition("=")
        if not equals:
            words = say("{word} is not NAME=VALUE", word=repr(word))
            raise click.BadParameter(words, param_hint="--query")
        parameters[name] = value
    if method.upper() == "POST" and not readonly:
        session.confirm(say("Send POST {path}?", path=path), yes)
    with session.client() as client:
        reply = client.raw(
            method.upper(),
            path,
            json=data,
            query=parameters or None,
            token=token,
            readonly=readonly or None,
        )
    print_one(reply, form)
