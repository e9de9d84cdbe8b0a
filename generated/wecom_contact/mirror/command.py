"""The mirror on the command line: `python -m wecom_contact.mirror sync --db sqlite:///crm.db`.

What is found goes to stdout, how far it is to stderr. Exit status: 0, 1 if `reconcile` found something to be different, 2
if it failed.

Hand-written: edit codegen/surfaces/mirror/command.py.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click
import orjson
from attrs import asdict, define

from .. import BEIJING, Client, MemoryLimiter
from ..errors import RateLimited, RefusedArgument, WeComError

if TYPE_CHECKING:
    from . import Mirror, Progress, Report

QUESTIONS = ("SELECT", "WITH", "VALUES", "EXPLAIN", "SHOW")
SELDOM = 10.0
"""Seconds between two lines on progress where nobody looks at a screen."""


class Failed(click.ClickException):
    """What ends a command; 1 has a meaning of its own."""

    exit_code = 2


@define
class Asked:
    """What the options of the group say."""

    db: str
    concurrency: int


def connect() -> Client:
    """A client of who is calling, to whom `wecom-contact` has a way, or whom the environment names."""
    caller = getattr(click.get_current_context().find_root().obj, "client", None)
    if caller is not None:
        client: Client = caller(limiter=MemoryLimiter())
        return client
    try:
        return Client.from_env(limiter=MemoryLimiter())
    except RefusedArgument as error:
        raise Failed(str(error)) from None


@contextmanager
def opened(asked: Asked, wecom: Client | None = None) -> Iterator["Mirror"]:
    """The mirror of a command; what goes wrong is told in a sentence."""
    try:
        # Imported here: SQLAlchemy takes longer than all the rest, and `--help` does not need it.
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        from . import Mirror, MirrorError
    except ModuleNotFoundError as error:
        raise Failed(f'{error}: pip install "wecom-contact[mirror]"') from None
    try:
        with Mirror(asked.db, wecom, concurrency=asked.concurrency) as mirror:
            yield mirror
    except RateLimited as error:
        words = f"{error}\nthe same command goes on where it was, in {error.window}"
        raise Failed(words) from None
    except (WeComError, MirrorError, ImportError, OSError) as error:
        raise Failed(str(error)) from None
    except DBAPIError as error:
        # Without the statement and its parameters, which are people's data.
        raise Failed(f"the database says: {error.orig}") from None
    except SQLAlchemyError as error:
        raise Failed(str(error)) from None


@contextmanager
def asking(asked: Asked) -> Iterator["Mirror"]:
    """A mirror that may ask WeCom."""
    with connect() as wecom, opened(asked, wecom) as mirror:
        yield mirror


@contextmanager
def telling() -> Iterator[Callable[["Progress"], None]]:
    """Say on stderr how far it is: one line that changes on a screen, a few lines elsewhere."""
    live = sys.stderr.isatty()
    told = time.monotonic() if not live else 0.0

    def tell(progress: "Progress") -> None:
        nonlocal told
        if live:
            click.echo(f"\r\033[K{progress}", err=True, nl=False)
        elif time.monotonic() - told >= SELDOM:
            told = time.monotonic()
            click.echo(str(progress), err=True)

    try:
        yield tell
    finally:
        if live:
            click.echo("\r\033[K", err=True, nl=False)


def show(report: "Report", as_json: bool) -> None:
    """Print what came of it."""
    click.echo(dumps(asdict(report)) if as_json else str(report))


def dumps(value: Any) -> str:
    """JSON for people and programs."""
    return orjson.dumps(value, default=str).decode()


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
@click.option(
    "--db",
    envvar="WECOM_MIRROR_DB",
    default="sqlite:///crm.db",
    show_default=True,
    help="The URL of the database; or WECOM_MIRROR_DB.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="How many calls are under way at a time.",
)
@click.pass_context
def mirror(context: click.Context, db: str, concurrency: int) -> None:
    """Keep a company's customers in a database of your own.

    WECOM_CORP_ID and WECOM_SECRET say whose; WECOM_BASE_URL leads elsewhere than to WeCom.
    """
    context.obj = Asked(db, concurrency)


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Take the options of the group behind the name of the command, too: `sync --db …`."""

    def merged(*args: Any, db: str | None, concurrency: int | None, **options: Any) -> None:
        asked = click.get_current_context().find_object(Asked)
        assert asked is not None
        asked = Asked(db or asked.db, concurrency or asked.concurrency)
        command(asked, *args, **options)

    merged.__doc__ = command.__doc__
    merged.__name__ = command.__name__
    merged.__dict__.update(command.__dict__)
    for option in (
        click.option("--db", help="The URL of the database."),
        click.option("--concurrency", type=click.IntRange(1), help="Calls at a time."),
    ):
        merged = option(merged)
    return merged


@mirror.command()
@with_options
@as_json
def sync(asked: Asked, as_json: bool) -> None:
    """Copy everything, and mark what has vanished.

    Broken off, even by `kill -9`, it goes on where it was.
    """
    with asking(asked) as mirror, telling() as tell:
        report = mirror.sync(tell)
    show(report, as_json)


@mirror.command()
@with_options
@click.option("--deep/--ids", default=None, help="Read everything, or only what ids tell apart.")
@as_json
def reconcile(asked: Asked, deep: bool | None, as_json: bool) -> None:
    """Find what lost callbacks missed, and put it right.

    Exit status 1 if something was different.
    """
    with asking(asked) as mirror, telling() as tell:
        report = mirror.reconcile(deep=deep, progress=tell)
    show(report, as_json)
    if report.differs:
        click.get_current_context().exit(1)


@mirror.command()
@with_options
@as_json
def status(asked: Asked, as_json: bool) -> None:
    """Show what is in the database, and how far a sync is."""
    with opened(asked) as mirror:
        found = mirror.status()
    if as_json:
        click.echo(dumps(asdict(found)))
        return
    rows = [(name, found.rows[name], found.vanished[name]) for name in found.rows]
    click.echo(drawn(["table", "rows", "vanished"], rows))
    at = found.synced_at
    click.echo(
        "never synced"
        if at is None
        else f"synced {at.astimezone(BEIJING):%Y-%m-%d %H:%M} (Beijing)"
    )
    if found.open_run is not None:
        click.echo(f"a sync is not finished: {found.open_run}")


@mirror.command()
@with_options
@click.argument("query")
@as_json
def sql(asked: Asked, query: str, as_json: bool) -> None:
    """Ask the database: `sql "SELECT * FROM new_customers"`. Nothing is changed."""
    from sqlalchemy import text

    with opened(asked) as mirror, mirror.engine.connect() as connection:
        # Some databases commit by themselves what changes a table, so nothing else gets there.
        if not query.lstrip().upper().startswith(QUESTIONS):
            raise Failed(f"a question that begins with {', '.join(QUESTIONS)}; nothing was changed")
        result = connection.execute(text(query))
        names = list(map(str, result.keys()))
        rows = [list(row) for row in result]
    if as_json:
        click.echo(dumps([dict(zip(names, row, strict=True)) for row in rows]))
    else:
        click.echo(drawn(names, rows))


@mirror.command()
@with_options
@click.option("--to", required=True, help="A file, .parquet, .csv or .jsonl.")
@click.option("--table", help="A table or view; without it, the one the file is named after.")
def export(asked: Asked, to: str, table: str | None) -> None:
    """Write a table or view into a file."""
    with opened(asked) as mirror:
        count = mirror.export(to, table)
    click.echo(f"{count:,} rows in {to}", err=True)


def drawn(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as a table; Chinese is two columns wide, and numbers stand on the right."""
    texts = [[("" if value is None else str(value)) for value in row] for row in rows]
    columns = list(zip(*texts, strict=True)) or [() for _ in names]
    widths = [max(map(width, (name, *some))) for name, some in zip(names, columns, strict=True)]
    numbers = [
        bool(rows) and all(isinstance(row[place], (int, float)) for row in rows)
        for place in range(len(names))
    ]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for cell, wide, number in zip(cells, widths, numbers, strict=True):
            space = " " * (wide - width(cell))
            padded.append(space + cell if number else cell + space)
        return "  ".join(padded).rstrip()

    return "\n".join(line(cells) for cells in (names, ["─" * wide for wide in widths], *texts))


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
