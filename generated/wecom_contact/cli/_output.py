"""Answers on stdout: a table for people, JSON for programs, CSV for spreadsheets.

Hand-written: edit codegen/surfaces/cli/_output.py.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

import click

from ._session import say

F = TypeVar("F", bound=Callable[..., Any])
Format: TypeAlias = Literal["table", "json", "ndjson", "csv"]
Row: TypeAlias = Mapping[str, Any]

FORMATS: tuple[Format, ...] = ("table", "json", "ndjson", "csv")
EMPTY: tuple[object, ...] = ("", None, [], {})
"""A column with nothing else in it is not drawn."""


def output_option(command: F) -> F:
    """The option `-o`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(FORMATS),
        help="How to print: a table in a terminal, JSON elsewhere, unless said.",
    )(command)


def chosen(output: Format | None) -> Format:
    """The format asked for, or the one that fits where it goes."""
    return output or ("table" if sys.stdout.isatty() else "json")


def reach(value: Any, path: str) -> Any:
    """What stands at a path such as `follow_info.remark`; None if there is nothing."""
    for name in path.split("."):
        if isinstance(value, list):
            value = [found for item in value if (found := reach(item, name)) is not None]
        elif isinstance(value, Mapping):
            value = value.get(name)
        else:
            return None
    return value


def select(value: Any, paths: Sequence[str]) -> Any:
    """Only what was asked for, as flat rows."""
    return {path: reach(value, path) for path in paths} if paths else value


def flat(value: Any, under: str = "") -> dict[str, Any]:
    """A row of cells out of nested objects; lists stay as they are."""
    if not isinstance(value, Mapping):
        return {under or "value": value}
    cells: dict[str, Any] = {}
    for name, item in value.items():
        path = f"{under}.{name}" if under else name
        cells |= flat(item, path) if isinstance(item, Mapping) and item else {path: item}
    return cells


def cell(value: Any) -> str:
    """A value in a cell."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, (str, int)) for item in value):
        return "; ".join(str(item) for item in value)
    return value if isinstance(value, str) else compact(value)


def compact(value: Any) -> str:
    """JSON in one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def print_one(value: Any, form: Format, paths: Sequence[str] = ()) -> None:
    """Print one answer."""
    value = select(value, paths)
    if form == "json":
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
    elif form == "ndjson":
        click.echo(compact(value))
    elif form == "csv":
        print_rows([value], "csv", columns=list(flat(value)))
    elif isinstance(value, Mapping) and (rows := only_rows(value)):
        draw_table([flat(row) for row in rows])
    else:
        draw_pairs(value)


def only_rows(value: Row) -> Sequence[Any]:
    """The rows of an answer that is one list of objects, or the list of words that it is."""
    items = next(iter(value.values())) if len(value) == 1 else ()
    return items if isinstance(items, list) else ()


def print_rows(
    rows: Iterable[Any], form: Format, paths: Sequence[str] = (), columns: Sequence[str] = ()
) -> None:
    """Print many answers as they come; a table alone waits for the last, to know its widths.

    `columns` are those of CSV, which cannot wait to see what there is.
    """
    chosen_rows = (select(row, paths) for row in rows)
    if form == "ndjson":
        for row in chosen_rows:
            click.echo(compact(row))
    elif form == "json":
        print_list(chosen_rows)
    elif form == "csv":
        print_csv(chosen_rows, list(paths or columns))
    else:
        draw_table([flat(row) for row in chosen_rows])


def print_list(rows: Iterator[Any]) -> None:
    """A JSON list, an item at a time."""
    first = True
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, indent=2).replace("\n", "\n  ")
        click.echo(("[\n  " if first else ",\n  ") + text, nl=False)
        first = False
    click.echo("[]" if first else "\n]")


def print_csv(rows: Iterator[Any], columns: Sequence[str]) -> None:
    """CSV; a mark at its beginning tells a spreadsheet that it is UTF-8, where it goes into a file."""
    out = sys.stdout
    if not out.isatty():
        out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = flat(row)
        writer.writerow([defused(cell(cells.get(name, reach(row, name)))) for name in columns])
        out.flush()


def defused(text: str) -> str:
    """A cell that a spreadsheet does not run: customers choose their own names."""
    return (
        f"'{text}"
        if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not number(text)
        else text
    )


def number(text: str) -> bool:
    """Whether this is a number, such as -1."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def shown(text: str) -> str:
    """Text for a terminal: no sequence in a customer's name may command it."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def draw_pairs(value: Any) -> None:
    """One answer, a line for each field."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, item in flat(value).items():
        table.add_row(Text(name, "bold"), Text(shown(cell(item))))
    console().print(table)


def draw_table(rows: Sequence[Row]) -> None:
    """Many answers; columns with nothing in them are left out, and those that do not fit are named."""
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    names = list(dict.fromkeys(name for row in rows for name in row))
    names = [name for name in names if any(row.get(name) not in EMPTY for row in rows)]
    if not names:
        click.echo(say("nothing"), err=True)
        return
    out = console()
    widths = {
        name: max(cell_len(name), min(WIDEST, max(cell_len(cell(row.get(name))) for row in rows)))
        for name in names
    }
    fitting: list[str] = []
    room = out.width
    for name in names:
        room -= widths[name] + 2
        if fitting and room < 0:
            break
        fitting.append(name)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in fitting:
        width = min(widths[name], out.width)
        table.add_column(name, no_wrap=True, overflow="ellipsis", width=width)
    for row in rows:
        table.add_row(*(Text(shown(cell(row.get(name)))) for name in fitting))
    out.print(table)
    if left := names[len(fitting) :]:
        words = say("not shown: {columns} (--select, or -o json)", columns=", ".join(left))
        click.echo(words, err=True)


WIDEST = 36
"""Characters a column has if it wants them: an external_userid fits."""


def console() -> Any:
    """Where tables are drawn; a pipe gets them without colours, and wide unless COLUMNS says how wide."""
    from rich.console import Console

    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if known else 200)
