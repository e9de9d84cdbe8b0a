"""A database as the mirror uses it: transactions that are tried again, one clock, rows that never become older.

A write of what was read earlier never undoes what was read later: rows carry `read_at`, and a row that says "gone" is
kept for that. All writes may be done twice, and in any order.

Hand-written: edit codegen/surfaces/mirror/_database.py.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from random import random
from threading import RLock
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Table,
    and_,
    create_engine,
    event,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from ._rows import Key, Row, day
from ._tables import MirrorError, prepare, state

R = TypeVar("R")

Counts: TypeAlias = dict[str, dict[str, int]]
"""By table: how many rows were `missing`, `changed` and `gone`."""
TRIES = 8
"""How often a transaction is tried that others are in the way of."""
DEADLOCKS = ("40001", "40P01")
"""What PostgreSQL says when two transactions were in each other's way."""
LOCKED = (1020, 1205, 1213)
"""The same of MySQL and MariaDB."""
CLOCK_AGE = 300.0
"""Seconds after which the difference to the database's clock is measured again."""
CHUNK = 500
"""How many keys a statement names."""
DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb")
URLS = (
    "sqlite:///crm.db, postgresql+psycopg://user:password@host/db "
    "or mysql+pymysql://user:password@host/db"
)
DRIVERS = {"psycopg": "psycopg[binary]", "pymysql": "PyMySQL"}
"""What to install for a driver that is missing."""


def dumps(value: Any) -> str:
    """JSON in which Chinese stays legible."""
    return orjson.dumps(value).decode()


def open_engine(db: str | URL | Engine) -> Engine:
    """An engine for a URL; `ImportError` says what to install, `MirrorError` what is wrong."""
    if isinstance(db, Engine):
        return known_dialect(db)
    options: dict[str, Any] = {"json_serializer": dumps, "json_deserializer": orjson.loads}
    try:
        url = make_url(db)
    except ArgumentError:
        raise MirrorError(f"not the URL of a database: {URLS}") from None
    try:
        name = url.get_backend_name()
        if name not in DIALECTS:
            raise MirrorError(f"{name} is not a database the mirror knows: {URLS}")
        if name == "sqlite":
            options["connect_args"] = {"timeout": 60}
            if not url.database or url.database == ":memory:":
                options["poolclass"] = StaticPool
                options["connect_args"]["check_same_thread"] = False
        else:
            options |= {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
        engine = create_engine(url, **options)
    except ModuleNotFoundError as error:
        driver = str(error.name).lower()
        what = f"{url.drivername}: pip install {DRIVERS.get(driver, driver)!r}"
        raise ImportError(f"the driver {driver} is missing for {what}") from None
    except (NoSuchModuleError, ValueError):
        # Without the words of the error: they may hold the URL, and so a password.
        raise MirrorError(f"not the URL of a database: {URLS}") from None
    if name == "sqlite":
        event.listen(engine, "connect", quick)
    return engine


def known_dialect(engine: Engine) -> Engine:
    """An engine, if the mirror knows its database."""
    if engine.dialect.name not in DIALECTS:
        raise MirrorError(f"{engine.dialect.name} is not a database the mirror knows: {URLS}")
    return engine


def quick(connection: Any, record: object) -> None:
    """Let SQLite write without keeping readers out, and without waiting for the disk at each page."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def in_the_way(error: DBAPIError) -> bool:
    """Whether a transaction failed for others' sake, so that it may succeed when it is tried again."""
    origin: Any = error.orig
    code = origin.args[0] if origin.args else None
    return (
        # Two who make the same row at once: the second finds it when it tries again.
        isinstance(error, IntegrityError)
        or error.connection_invalidated
        or getattr(origin, "sqlstate", None) in DEADLOCKS
        or code in LOCKED
        or (isinstance(code, str) and ("is locked" in code or "is busy" in code))
    )


def chunks(items: Iterable[R], size: int = CHUNK) -> Iterator[list[R]]:
    """Lists of at most so many items."""
    rest = list(items)
    for begin in range(0, len(rest), size):
        yield rest[begin : begin + size]


def key_of(table: Table, row: Mapping[str, Any]) -> Key:
    """The primary key of a row."""
    return tuple(row[column.name] for column in table.primary_key)


def among(columns: Sequence[Column[Any]], keys: Collection[Key]) -> ColumnElement[bool]:
    """Whether a row is one of these."""
    if len(columns) == 1:
        return columns[0].in_([name for (name,) in keys])
    # SQLite finds no index for pairs, so each part is named, too.
    parts = zip(columns, zip(*keys, strict=True), strict=True)
    singly = [column.in_(sorted(set(names))) for column, names in parts]
    return and_(*singly, tuple_(*columns).in_(list(keys)))


def add_counts(*many: Counts) -> Counts:
    """The sum of counts, without what is 0."""
    total: dict[str, Counter[str]] = {}
    for counts in many:
        for table, numbers in counts.items():
            total.setdefault(table, Counter()).update(numbers)
    return {table: dict(numbers) for table, numbers in total.items() if numbers.total()}


def made_id(result: CursorResult[Any]) -> int:
    """The number that a new row got."""
    key: Any = result.inserted_primary_key
    return int(key[0])


class Database:
    """A database with the tables of the mirror."""

    def __init__(self, db: str | URL | Engine) -> None:
        self.engine = open_engine(db)
        self.dialect = self.engine.dialect.name
        # SQLite has one writer; threads that wait for it here need not ask it again and again.
        lock: AbstractContextManager[Any] = RLock() if self.dialect == "sqlite" else nullcontext()
        self._writing = lock
        # A database in memory has one connection for all.
        self._reading = lock if isinstance(self.engine.pool, StaticPool) else nullcontext()
        self._ahead = 0.0
        self._measured: float | None = None
        self._owned = not isinstance(db, Engine)
        try:
            prepare(self.engine)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections; an engine that was given stays open."""
        if self._owned:
            self.engine.dispose()

    # Transactions and time.

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to look at things."""
        with self._reading, self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], R]) -> R:
        """Do something in one transaction; again, if others were in the way."""
        tries = 1
        while True:
            try:
                with self._writing, self.engine.connect() as connection:
                    if self.dialect == "sqlite":
                        # Or a transaction that begins with looking could not go on to write.
                        connection.exec_driver_sql("BEGIN IMMEDIATE")
                    done = work(connection)
                    connection.commit()
                    return done
            except DBAPIError as error:
                if tries == TRIES or not in_the_way(error):
                    raise
            time.sleep(random() * 0.01 * 2**tries)
            tries += 1

    def now(self) -> datetime:
        """The time of the database's clock, so that all machines mean the same."""
        if self.dialect != "sqlite":
            moment = time.monotonic()
            if self._measured is None or moment - self._measured > CLOCK_AGE:
                clock: Any = func.utc_timestamp(6)
                if self.dialect == "postgresql":
                    clock = func.clock_timestamp()
                with self.reading() as connection:
                    there: datetime = connection.scalars(select(clock)).one()
                if there.tzinfo is None:
                    there = there.replace(tzinfo=UTC)
                self._ahead = there.timestamp() - time.time()
                self._measured = moment
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    # Rows.

    def upsert(self, connection: Connection, table: Table, rows: Collection[Row]) -> None:
        """Write rows, each unless what is there was read later. They all have the same columns."""
        if not rows:
            return
        # Everybody locks rows in the same order, so that few transactions are in each other's way.
        ordered = sorted(rows, key=lambda row: key_of(table, row))
        keys = {column.name for column in table.primary_key}
        names = [name for name in ordered[0] if name not in keys and name != "read_at"]
        names.append("read_at")
        if self.dialect in ("mysql", "mariadb"):
            mine = mysql.insert(table)
            new = mine.inserted
            # Assignments are made from left to right, so read_at, which decides, comes last.
            newer = new["read_at"] >= table.c.read_at
            pairs = [(name, func.if_(newer, new[name], table.c[name])) for name in names]
            statement: Any = mine.on_duplicate_key_update(pairs)
        else:
            make = sqlite.insert if self.dialect == "sqlite" else postgresql.insert
            ours = make(table)
            statement = ours.on_conflict_do_update(
                index_elements=list(table.primary_key),
                set_={name: ours.excluded[name] for name in names},
                where=ours.excluded["read_at"] >= table.c.read_at,
            )
        connection.execute(statement, ordered)

    def known(
        self, connection: Connection, table: Table, keys: Collection[Key]
    ) -> dict[Key, tuple[str | None, bool]]:
        """What is there: the digest of a row, and whether it has vanished."""
        found: dict[Key, tuple[str | None, bool]] = {}
        columns = list(table.primary_key)
        query = select(*columns, table.c.digest, table.c.vanished_at.is_not(None))
        for some in chunks(keys):
            for row in connection.execute(query.where(among(columns, some))):
                values: list[Any] = list(row)
                *its_key, digest, vanished = values
                found[tuple(its_key)] = (digest, bool(vanished))
        return found

    def compared(self, connection: Connection, table: Table, rows: Iterable[Row]) -> dict[str, int]:
        """How many of these rows are missing in the table, and how many say something else there."""
        wanted = {key_of(table, row): row["digest"] for row in rows}
        found = self.known(connection, table, wanted)
        numbers = Counter[str]()
        for its_key, digest in wanted.items():
            there, vanished = found.get(its_key, (None, True))
            if vanished:
                numbers["missing"] += 1
            elif there != digest:
                numbers["changed"] += 1
        return dict(numbers)

    def vanish(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        read_at: datetime,
        at: datetime,
    ) -> int:
        """Mark the rows of which there is nothing to be read any more, unless they were read later."""
        values: Row = {"vanished_at": at, "read_at": read_at}
        if "vanished_on" in table.c:
            values["vanished_on"] = day(at)
        gone = connection.execute(
            update(table)
            .where(where, table.c.vanished_at.is_(None), table.c.read_at <= read_at)
            .values(values)
        )
        return gone.rowcount

    def bury(
        self, connection: Connection, table: Table, key: Row, read_at: datetime, at: datetime
    ) -> None:
        """Keep that a row is gone, for what was read earlier may still be on its way to be written."""
        this = among(list(table.primary_key), [key_of(table, key)])
        if self.known(connection, table, [key_of(table, key)]):
            connection.execute(
                update(table)
                .where(this, table.c.vanished_at.is_not(None), table.c.read_at < read_at)
                .values(read_at=read_at)
            )
        else:
            stone = {"read_at": read_at, "vanished_at": at, "vanished_on": day(at)}
            self.upsert(connection, table, [{**key, **stone}])

    def is_latest(self, connection: Connection, name: str, read_at: datetime) -> bool:
        """Whether something that is read as a whole was not read later already; notes it."""
        row = {"read_at": read_at, "version": 0}
        there = connection.scalar(
            select(state.c.read_at).where(state.c.name == name).with_for_update()
        )
        if there is None:
            connection.execute(insert(state).values(name=name, **row))
            return True
        if there > read_at:
            return False
        connection.execute(update(state).where(state.c.name == name).values(row))
        return True
