"""Questions about the API, answered from the reference: `calls WORDS`, `explain WHAT`.

Hand-written: edit codegen/surfaces/cli/_explain.py.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import singledispatch
from typing import Any

import click

from ..reference import (
    Alias,
    Call,
    Enum,
    ErrorCode,
    Event,
    Field,
    Record,
    Reference,
    Union,
    UnknownName,
)
from ._failures import Failure
from ._flags import hints, limits
from ._output import Format, chosen, output_option, print_rows
from ._session import Session, did_you_mean, say, take

NOT_FOUND = 5


@click.command()
@click.argument("words", nargs=-1)
@output_option
@take
def calls(session: Session, words: tuple[str, ...], output: Format | None) -> None:
    """List the calls, or those that WORDS find: English or Chinese, names, paths, codes."""
    session.as_json = output in ("json", "ndjson")
    book = session.book
    if words:
        found = book.search(" ".join(words), kinds=["call"])
        names = [call.name for call in found]
        if not names:
            failure = say("no call fits {words}", words=repr(" ".join(words)))
            raise Failure(failure, say("`wecom-contact calls` lists all of them"), NOT_FOUND)
    else:
        names = [call.name for call in book.calls()]
    known = [book.call(name) for name in names]
    rows = ({"call": call.name, "title": call.title, "does": call.doc} for call in known)
    print_rows(rows, chosen(output), columns=["call", "title", "does"])


@click.command()
@click.argument("what")
@take
def explain(session: Session, what: str) -> None:
    """Explain WHAT: an error code, a call, a type, an event, a group of calls."""
    book = session.book
    close: list[str] = []
    for look in (book.error, book.call, book.event, book.type, book.resource):
        try:
            found = look(what)
        except UnknownName as error:
            close += error.close
        else:
            click.echo("\n".join(about(found, book)))
            return
    likest = get_close_matches(what, dict.fromkeys(close), 3, 0)
    words = say("there is no code, call, event, type or group {name}", name=repr(what))
    raise Failure(words, did_you_mean(likest), NOT_FOUND)


@singledispatch
def about(found: Any, book: Reference) -> Iterator[str]:
    """What the reference says, in lines: here of a group of calls, below of all else."""
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield found.doc
    yield found.link
    known = (book.call(name) for name in found.calls)
    yield from section(say("Calls"), (f"  {call.name} {call.title}: {call.doc}" for call in known))


@about.register
def _(found: ErrorCode, book: Reference) -> Iterator[str]:
    yield click.style(f"{found.code} {found.title}", bold=True) + f"  {found.cls}"
    yield found.doc
    yield say("What helps: {advice}", advice=found.advice)
    if found.retryable:
        yield say("The client tries again by itself.")
    if found.renews:
        yield say("The client gets a new token by itself.")
    raised = [call.name for call in book.calls() if found.code in call.errors]
    if raised:
        yield say("Calls: {names}", names=", ".join(raised))


@about.register
def _(found: Call, book: Reference) -> Iterator[str]:
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield f"{found.method} {found.path}"
    yield found.link
    yield ""
    yield found.doc
    yield from (f"- {note}" for note in found.notes)
    yield from section(say("Parameters"), listed(found.request))
    reply = list(listed(found.reply))
    nothing = say("a file") if found.download else say("nothing but yes")
    yield from section(say("Reply"), reply or [f"  {nothing}"])
    codes = [book.error(code) for code in found.errors]
    yield from section(say("Errors"), (f"  {code.code} {code.title}: {code.doc}" for code in codes))
    yield from section(say("Example"), example(found))


def example(found: Call) -> Iterator[str]:
    """The documented example as a command line."""
    import json
    import shlex

    if found.example.request is not None and found.upload is None:
        data = json.dumps(found.example.request, ensure_ascii=False)
        yield f"  echo {shlex.quote(data)} | wecom-contact call {found.name} --input -"


@about.register
def _(found: Event, book: Reference) -> Iterator[str]:
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield f"{found.family} {found.change or ''}".rstrip()
    yield found.link
    yield ""
    yield found.doc
    yield from (f"- {note}" for note in found.notes)
    yield from section(say("Fields"), listed(found.fields))


@about.register
def _(found: Record, book: Reference) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    yield from section(say("Fields"), listed(found.fields))


@about.register
def _(found: Enum, book: Reference) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    values = (f"  {value.value}  {value.name}  {value.doc}".rstrip() for value in found.values)
    yield from section(say("Its values"), values)


@about.register
def _(found: Alias, book: Reference) -> Iterator[str]:
    yield click.style(found.name, bold=True) + f"  {found.base}"
    yield found.doc
    yield from (f"  {limit}" for limit in limits(found.limits))


@about.register
def _(found: Union, book: Reference) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    variants = (
        f"  {found.tag}={variant.tag}: {variant.key}: {variant.type}" for variant in found.variants
    )
    yield from section(say("Variants"), variants)


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A headed list, if there is anything in it."""
    whole = list(lines)
    if whole:
        yield ""
        yield click.style(title, bold=True)
        yield from whole


def listed(fields: Iterable[Field]) -> Iterator[str]:
    """Fields, a line each."""
    for field in fields:
        name = field.name + ("?" if field.optional else "")
        kind = f"[{field.type}]" if field.many else field.type
        words = " ".join([field.doc, *hints(field)])
        yield f"  {click.style(name, fg='cyan')} {kind}  {words}"
