"""`call NAME`: a command for each call, made from the reference.

Hand-written: edit codegen/surfaces/cli/_call.py.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from attrs import frozen
from click.shell_completion import CompletionItem

from ..errors import RefusedArgument
from ..reference import UnknownName
from ._failures import USAGE, Failure
from ._flags import gather, inside, members, merged, option, places
from ._output import FORMATS, Format, chosen, print_one, print_rows
from ._session import Session, did_you_mean, say
from ._words import read_data

if TYPE_CHECKING:
    from .. import Client
    from ..reference import Call, Field, Record, Reference
    from ._flags import Place

T = TypeVar("T")

MEANWHILE = 0.2
"""Seconds between two words on how far it is."""


class Calls(click.Group):
    """The calls of the reference as subcommands."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        book = session_of(ctx).book
        try:
            return command(book, book.call(cmd_name))
        except UnknownName as error:
            words = say("there is no call {name}.", name=repr(cmd_name))
            raise click.UsageError(f"{words} {did_you_mean(error.close)}".rstrip(), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        known = session_of(ctx).book.calls()
        for resource, calls in groupby(known, lambda call: call.resource):
            with formatter.section(resource):
                formatter.write_dl([(call.name, call.doc) for call in calls])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # No command is made for it.
        offered = [
            CompletionItem(call.name, help=call.title)
            for call in session_of(ctx).book.calls()
            if call.name.startswith(incomplete)
        ]
        return offered or super().shell_complete(ctx, incomplete)


def session_of(ctx: click.Context) -> Session:
    """The session of a context; completion begins without one."""
    return ctx.ensure_object(Session)


@click.group(cls=Calls, subcommand_metavar="NAME [FLAGS]...")
def call() -> None:
    """Make the call NAME; `call NAME --help` tells its flags.

    A value is a word, @FILE for what is in a file (@@ for a word that begins with @), or - for standard input. Objects
    are JSON, or flags with dots. Times are 2026-11-25 10:00 in Beijing.
    """


@frozen(kw_only=True)
class Asked:
    """How a call is to be made and shown."""

    input: str | None
    output: Format | None
    select: str | None
    dry_run: bool
    yes: bool = True
    all: bool = False
    pages: bool = False
    max_items: int | None = None
    to: str | None = None
    each: str | None = None
    concurrency: int = 5
    resume: str | None = None
    failures: str | None = None

    @property
    def paths(self) -> Sequence[str]:
        return [path for path in (self.select or "").split(",") if path]


def command(book: "Reference", known: "Call") -> click.Command:
    """The command that makes one call."""
    own = [*common_options(), *options_of(known)]
    taken = frozenset(name for each in own for name in each.opts)
    flags = places(book, known.request)
    fields = [option(book, place, taken) for place in flags]

    @click.pass_context
    def run(ctx: click.Context, /, **given: Any) -> int:
        asked = Asked(
            **{key: value for key, value in given.items() if not key.startswith("field_")}
        )
        return make(session_of(ctx), known, flags, asked, given)

    about = f"{known.doc}\n\n{known.title}: {known.link}"
    notes = "".join(f"\n\n- {note}" for note in known.notes)
    return click.Command(
        known.name,
        callback=run,
        params=[*fields, *own],
        help=about + notes,
        short_help=known.doc,
        deprecated=known.deprecated or False,
        context_settings={
            "help_option_names": ["-h", "--help"],
            # `--userid-list` is as good as `--userid_list`.
            "token_normalize_func": lambda name: name.replace("-", "_"),
        },
    )


def common_options() -> list[click.Option]:
    """The options that every call has."""
    return [
        click.Option(
            ["--input"],
            metavar="FILE",
            help=say("The call's data as JSON; flags count more. - is standard input."),
        ),
        click.Option(
            ["-o", "--output"],
            type=click.Choice(FORMATS),
            help=say("How to print: a table in a terminal, JSON elsewhere, unless said."),
        ),
        click.Option(
            ["--select"],
            metavar="PATH,…",
            help=say("Only these fields, such as follow_info.remark."),
        ),
        click.Option(
            ["--dry-run"], is_flag=True, help=say("Print what would be sent, and send nothing.")
        ),
        click.Option(
            ["--each"],
            metavar="FILE",
            help=say("One call for each row: CSV with the flags as columns, or JSON lines."),
        ),
        click.Option(
            ["--concurrency"],
            type=click.IntRange(1),
            default=5,
            show_default=True,
            help=say("Calls at once, of --each."),
        ),
        click.Option(
            ["--resume"],
            metavar="FILE",
            help=say(
                "What --each has done already, so that nothing is done twice; beside the rows unless said."
            ),
        ),
        click.Option(
            ["--failures"],
            metavar="FILE",
            help=say("The rows of --each that failed; beside the rows unless said."),
        ),
    ]


def options_of(known: "Call") -> Iterator[click.Option]:
    """The options that only some calls have."""
    if known.paging is not None:
        yield click.Option(
            ["--all"], is_flag=True, help=say("The items of all pages, as they come.")
        )
        yield click.Option(
            ["--pages"], is_flag=True, help=say("The replies of all pages, whole, as JSON.")
        )
        yield click.Option(
            ["--max-items"], type=click.IntRange(1), help=say("Stop after so many items.")
        )
    if not known.readonly:
        yield click.Option(["--yes"], is_flag=True, help=say("Do not ask."))
    if known.download:
        yield click.Option(
            ["--to"], metavar="PATH", required=True, help=say("A file or a folder for what comes.")
        )


def make(
    session: Session,
    known: "Call",
    flags: Sequence["Place"],
    asked: Asked,
    given: Mapping[str, Any],
) -> int:
    """Make a call, or one for each row."""
    session.as_json = asked.output in ("json", "ndjson")
    data = gather(session.book, flags, given)
    if asked.input is not None:
        below = read_data(asked.input if asked.input == "-" else f"@{asked.input}", "--input")
        if not isinstance(below, dict):
            raise click.BadParameter(say("is not a JSON object"), param_hint="--input")
        data = merged(below, data)
    if asked.each is not None:
        from ._bulk import run_each

        return run_each(session, known, flags, asked, data)
    message = loaded(known, data)
    if asked.dry_run:
        print_one(plan(known, message), chosen(asked.output))
        return 0
    if not known.readonly:
        question = say(
            "{does} ({call}, {corp_id})?",
            does=known.doc.rstrip(".。"),
            call=known.name,
            corp_id=session.account().corp_id,
        )
        session.confirm(question, asked.yes)
    with session.client() as client:
        show(client, session.book, known, message, asked)
    return 0


def loaded(known: "Call", data: Mapping[str, Any]) -> Any:
    """The call itself, out of its data: complete, of the right types and within the limits."""
    from .. import codec

    try:
        if known.upload is None:
            return codec.load_call({"call": known.name, "data": data})
        return with_file(known, data)
    except (codec.DecodeError, RefusedArgument) as error:
        hint = say("`wecom-contact call {call} --help` tells its flags", call=known.name)
        raise Failure(str(error), hint, USAGE) from None


def with_file(known: "Call", data: Mapping[str, Any]) -> Any:
    """The call of an upload: a file does not travel in messages, so the class is made by hand."""
    from .. import catalog, codec

    fields = {field.wire: field for field in known.request}
    cls = catalog.CALLS[known.name].call
    for wire in data:
        if wire not in fields:
            raise RefusedArgument("unknown field", f"{cls.__name__}.{wire}")
    for field in known.request:
        if not field.optional and field.wire not in data:
            raise RefusedArgument("is required", f"{cls.__name__}.{field.wire}")
    call = cls(**{fields[wire].name: value for wire, value in data.items()})
    codec.shared.encode(call)
    return call


def plan(known: "Call", message: Any) -> dict[str, Any]:
    """What would be sent."""
    from .. import codec

    facts: dict[str, Any] = {"method": known.method, "path": known.path}
    data = codec.unstructure(message)
    if known.upload is not None:
        facts["file"] = str(data.pop(known.upload, getattr(message, known.upload)))
    where = "query" if known.method == "GET" or known.upload is not None else "json"
    return facts | {where: data}


def show(client: "Client", book: "Reference", known: "Call", message: Any, asked: Asked) -> None:
    """Send a call, and print what comes."""
    from .. import codec

    form = chosen(asked.output)
    if known.download:
        got = client.download(message, to=asked.to)
        facts = {"path": str(got.path), "size": got.size, "content_type": got.content_type}
        print_one(facts, form)
        return
    if known.paging is not None and (asked.all or asked.pages or asked.max_items):
        walk(client, book, known, message, asked, form)
        return
    result: Any = client.send(message)
    reply = codec.unstructure(result) or {}
    if form == "table":
        reply = readable(book, known.reply, reply)
    if known.paging is not None and form in ("table", "csv"):
        print_rows(reply[wire_of(known)], form, asked.paths, columns(book, known))
        more(known, reply)
    elif reply:
        print_one(reply, form, asked.paths)
    elif form == "table":
        click.echo(say("done"), err=True)
    else:
        print_one(reply, form)
    if known.partial:
        result.raise_for_failures()


def wire_of(known: "Call") -> str:
    """What the field with the items is called in a reply."""
    assert known.paging is not None
    return known.paging.items


def more(known: "Call", reply: Mapping[str, Any]) -> None:
    """Say that there are more pages, if so."""
    paging = known.paging
    assert paging is not None
    if paging.next is not None and reply.get(paging.next):
        way = f"--{paging.cursor} {reply[paging.next]}"
        click.echo(say("more: --all, or {way}", way=way), err=True)


def walk(
    client: "Client", book: "Reference", known: "Call", message: Any, asked: Asked, form: Format
) -> None:
    """Print the pages of a call as they come."""
    from .. import codec

    pager = client.pager(message)
    whole = asked.pages and form in ("json", "ndjson")  # a table has no place for a reply in a row
    words = say("{count} pages") if whole else say("{count} items")
    found = pager.pages() if whole else iter(pager)
    try:
        stream = counted(islice(found, asked.max_items), words)
        rows = (codec.unstructure(item) for item in stream)
        if form == "table":
            fields = inside(book, items_of(known))
            rows = (readable(book, fields, row) for row in rows)
        print_rows(rows, form, asked.paths, columns(book, known))
    except KeyboardInterrupt:
        if pager.cursor and known.paging is not None:
            way = f"--{known.paging.cursor} {pager.cursor}"
            click.echo("\n" + say("stopped; go on with {way}", way=way), err=True)
        raise


def counted(items: Iterable[T], words: str) -> Iterator[T]:
    """The same items; a person is told on stderr how many came, while they go elsewhere."""
    import time

    told = 0.0
    count = 0
    quiet = not sys.stderr.isatty() or sys.stdout.isatty()
    for item in items:
        count += 1
        if not quiet and time.monotonic() > told + MEANWHILE:
            told = time.monotonic()
            click.echo(f"\r{words.format(count=count)}", nl=False, err=True)
        yield item
    if not quiet:
        click.echo(f"\r{words.format(count=count)}", err=True)


def columns(book: "Reference", known: "Call") -> list[str]:
    """The columns of CSV: what an item may hold, as the reference has it."""
    return list(cells(book, items_of(known), ())) or ["value"]


def items_of(known: "Call") -> "Field":
    """The field of a reply that lists the items."""
    assert known.paging is not None
    return next(field for field in known.reply if field.wire == known.paging.items)


def readable(book: "Reference", fields: Sequence["Field"], value: Any) -> Any:
    """The same for people: times as they are in Beijing, members of enums by their names."""
    if not isinstance(value, dict):
        return value
    kinds = {field.wire: field for field in fields}
    return {
        key: spoken(book, kinds[key], item) if key in kinds else item for key, item in value.items()
    }


def spoken(book: "Reference", field: "Field", value: Any) -> Any:
    """A value for people."""
    if isinstance(value, list):
        return [spoken(book, field, item) for item in value]
    if field.kind == "timestamp" and isinstance(value, int) and value:
        from .. import BEIJING

        return f"{datetime.fromtimestamp(value, BEIJING):%Y-%m-%d %H:%M}"
    if field.kind == "enum":
        names = {member.value: member.name for member in members(book, field).values}
        return names.get(value, value)
    return readable(book, inside(book, field), value)


def cells(book: "Reference", field: "Field", above: tuple[str, ...]) -> Iterator[str]:
    """The paths to the values in an object."""
    if field.kind != "record" or field.type in above:
        return
    for inner in cast("Record", book.type(field.type)).fields:
        deeper = (
            []
            if inner.many
            else [f"{inner.wire}.{path}" for path in cells(book, inner, (*above, field.type))]
        )
        yield from deeper or [inner.wire]
