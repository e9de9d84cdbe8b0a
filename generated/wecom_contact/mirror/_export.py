"""A table or view as a file: Parquet, CSV that opens right in Excel, or JSON Lines.

Hand-written: edit codegen/surfaces/mirror/_export.py.
"""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Boolean, Date, FromClause, Integer, select
from sqlalchemy.sql.elements import KeyedColumnElement

from .. import BEIJING
from ._store import Store
from ._tables import INTERNAL, TABLES, VIEWS, Instant, MirrorError

BATCH = 5000
"""Rows in memory at a time."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins to calculate, and customers choose their names."""


def export(store: Store, to: str | os.PathLike[str], table: str | None) -> int:
    """Write a table or view into a file; what was there stays until the new one is whole."""
    path = Path(to)
    writer = WRITERS.get(path.suffix)
    if writer is None:
        raise MirrorError(f"{path.name}: a name that ends with {', '.join(WRITERS)}")
    columns = columns_of(table or path.stem)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with store.reading() as connection:
            rows = connection.execution_options(yield_per=BATCH).execute(select(*columns))
            count = writer(beside, columns, rows.partitions(BATCH))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return count


def columns_of(name: str) -> list[KeyedColumnElement[Any]]:
    """The columns of a table or view."""
    found: FromClause
    if name in TABLES:
        found = TABLES[name]
    elif name in VIEWS:
        found = VIEWS[name].subquery(name)
    else:
        raise MirrorError(f"{name}: one of {', '.join([*TABLES, *VIEWS])}")
    return [column for column in found.c if column.name not in INTERNAL]


Batches = Iterable[Sequence[Sequence[Any]]]


def write_csv(path: Path, columns: Sequence[KeyedColumnElement[Any]], batches: Batches) -> int:
    """With a mark at the beginning by which Excel knows UTF-8; times are those of Beijing."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for batch in batches:
            writer.writerows([cell(value) for value in row] for row in batch)
            count += len(batch)
    return count


def cell(value: Any) -> Any:
    """A value as a spreadsheet shows it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def write_jsonl(path: Path, columns: Sequence[KeyedColumnElement[Any]], batches: Batches) -> int:
    """One object a line."""
    count = 0
    names = [str(column.name) for column in columns]
    with path.open("wb") as file:
        for batch in batches:
            for row in batch:
                file.write(orjson.dumps(dict(zip(names, map(beijing, row), strict=True))) + b"\n")
            count += len(batch)
    return count


def beijing(value: Any) -> Any:
    """A moment as WeCom's people read it."""
    return value.astimezone(BEIJING) if isinstance(value, datetime) else value


def write_parquet(path: Path, columns: Sequence[KeyedColumnElement[Any]], batches: Batches) -> int:
    """Typed columns; moments are of the zone Asia/Shanghai, JSON is text."""
    try:
        # They have no types.
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise ImportError('Parquet needs: pip install "wecom-contact[export]"') from None

    def kind(column: KeyedColumnElement[Any]) -> Any:
        if isinstance(column.type, Instant):
            return pyarrow.timestamp("us", tz="Asia/Shanghai")
        for cls, found in (
            (Date, pyarrow.date32()),
            (Boolean, pyarrow.bool_()),
            ((Integer, BigInteger), pyarrow.int64()),
        ):
            if isinstance(column.type, cls):
                return found
        return pyarrow.string()

    schema = pyarrow.schema([(column.name, kind(column)) for column in columns])
    texts = [isinstance(column.type, JSON) for column in columns]
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in batches:
            arrays = [
                [None if value is None else orjson.dumps(value).decode() for value in values]
                if text
                else list(values)
                for text, values in zip(texts, zip(*batch, strict=True), strict=True)
            ]
            writer.write_table(pyarrow.table(dict(zip(schema.names, arrays, strict=True)), schema))
            count += len(batch)
    return count


WRITERS: Mapping[str, Callable[[Path, Sequence[KeyedColumnElement[Any]], Batches], int]] = {
    ".parquet": write_parquet,
    ".csv": write_csv,
    ".jsonl": write_jsonl,
}
