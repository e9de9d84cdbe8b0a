"""Questions about the API, answered from the reference: `calls WORDS`, `explain WHAT`.

Hand-written: edit codegen/surfaces/cli/_explain.py.
"""

from collections.abc import Iterable, Iterator, Mapping
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
from ._flags import hints
from ._output import Format, chosen, output_option, print_rows
from ._session import Language, Session, take

NOT_FOUND = 5

LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "request": "Parameters",
        "reply": "Reply",
        "errors": "Errors",
        "fields": "Fields",
        "values": "Values",
        "variants": "Variants",
        "calls": "Calls",
        "advice": "What helps",
        "retried": "The client tries again by itself.",
        "renewed": "The client gets a new token by itself.",
        "example": "Example",
        "nothing": "nothing but yes",
        "file": "a file",
    },
    "zh": {
        "request": "请求参数",
        "reply": "返回结果",
        "errors": "错误码",
        "fields": "字段",
        "values": "取值",
        "variants": "类型",
        "calls": "接口",
        "advice": "处理建议",
        "retried": "客户端会自动重试。",
        "renewed": "客户端会自动重新获取凭证。",
        "example": "示例",
        "nothing": "仅返回成功与否",
        "file": "文件",
    },
}


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
            hint = "`wecom-contact calls` lists all of them"
            raise Failure(f"no call fits {' '.join(words)!r}", hint, NOT_FOUND)
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
            click.echo("\n".join(about(found, book, LABELS[session.language])))
            return
    likest = get_close_matches(what, dict.fromkeys(close), 3, 0)
    like = f"did you mean {', '.join(likest)}?" if likest else ""
    raise Failure(f"there is no code, call, event, type or group {what!r}", like, NOT_FOUND)


Labels = Mapping[str, str]


@singledispatch
def about(found: Any, book: Reference, labels: Labels) -> Iterator[str]:
    """What the reference says, in lines: here of a group of calls, below of all else."""
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield found.doc
    yield found.link
    known = (book.call(name) for name in found.calls)
    yield from section(
        labels["calls"], (f"  {call.name} {call.title}: {call.doc}" for call in known)
    )


@about.register
def _(found: ErrorCode, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(f"{found.code} {found.title}", bold=True) + f"  {found.cls}"
    yield found.doc
    yield f"{labels['advice']}: {found.advice}"
    if found.retryable:
        yield labels["retried"]
    if found.renews:
        yield labels["renewed"]
    raised = [call.name for call in book.calls() if found.code in call.errors]
    if raised:
        yield f"{labels['calls']}: {', '.join(raised)}"


@about.register
def _(found: Call, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield f"{found.method} {found.path}"
    yield found.link
    yield ""
    yield found.doc
    yield from (f"- {note}" for note in found.notes)
    yield from section(labels["request"], listed(found.request))
    reply = list(listed(found.reply))
    nothing = labels["file" if found.download else "nothing"]
    yield from section(labels["reply"], reply or [f"  {nothing}"])
    codes = [book.error(code) for code in found.errors]
    yield from section(
        labels["errors"], (f"  {code.code} {code.title}: {code.doc}" for code in codes)
    )
    yield from section(labels["example"], example(found))


def example(found: Call) -> Iterator[str]:
    """The documented example as a command line."""
    import json
    import shlex

    if found.example.request is not None and found.upload is None:
        data = json.dumps(found.example.request, ensure_ascii=False)
        yield f"  echo {shlex.quote(data)} | wecom-contact call {found.name} --input -"


@about.register
def _(found: Event, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(f"{found.name} {found.title}", bold=True)
    yield f"{found.family} {found.change or ''}".rstrip()
    yield found.link
    yield ""
    yield found.doc
    yield from (f"- {note}" for note in found.notes)
    yield from section(labels["fields"], listed(found.fields))


@about.register
def _(found: Record, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    yield from section(labels["fields"], listed(found.fields))


@about.register
def _(found: Enum, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    values = (f"  {value.value}  {value.name}  {value.doc}".rstrip() for value in found.values)
    yield from section(labels["values"], values)


@about.register
def _(found: Alias, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(found.name, bold=True) + f"  {found.base}"
    yield found.doc
    yield from (f"  {name}: {limit:,}" for name, limit in found.limits.items())


@about.register
def _(found: Union, book: Reference, labels: Labels) -> Iterator[str]:
    yield click.style(found.name, bold=True)
    yield found.doc
    variants = (
        f"  {found.tag}={variant.tag}: {variant.key}: {variant.type}" for variant in found.variants
    )
    yield from section(labels["variants"], variants)


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
