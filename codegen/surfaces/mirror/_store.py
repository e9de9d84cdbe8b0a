"""What is written to the database, each time in one transaction: a page and its cursor, a customer, a group.

A write of what was read earlier never undoes what was read later: rows carry `read_at`, and a row that says "gone" is
kept for that. All writes may be done twice, and in any order.

Hand-written: edit codegen/surfaces/mirror/_store.py.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from random import random
from threading import RLock
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, TypeVar

import orjson
from attrs import define, field, frozen
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Table,
    and_,
    case,
    create_engine,
    event,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from ._rows import Key, Read, Row, day
from ._tables import (
    MirrorError,
    customer_tags,
    customers,
    follows,
    group_chats,
    group_members,
    members,
    prepare,
    runs,
    shards,
    state,
    tag_groups,
    tags,
)

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
GROUPS = 20
"""How many groups a shard has."""
DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb")
URLS = (
    "sqlite:///crm.db, postgresql+psycopg://user:password@host/db "
    "or mysql+pymysql://user:password@host/db"
)
DRIVERS = {"psycopg": "psycopg[binary]", "pymysql": "PyMySQL"}
"""What to install for a driver that is missing."""


SHARD = ("id", "run_id", "kind", "subject", "cursor", "pages", "records", "notes", "counts")
"""The columns that a `Shard` has."""


class MovedOn(Exception):
    """Somebody else has walked this shard on."""


@frozen(kw_only=True)
class Shard:
    """A part of a full sync that can be walked alone: `mirror.walk(shard.id)`, on any machine."""

    id: int
    run_id: int
    kind: str
    """`customers` of some members, `chats` for a list of groups, `groups` for their details."""
    subject: list[Any]
    """The members, the owners of the groups (none: of all), or the groups, each with its status."""
    cursor: str | None = field(default=None, repr=False)
    """Where the next page begins."""
    pages: int = 0
    """How many replies were dealt with."""
    records: int = 0
    """How many customers they had."""
    notes: dict[str, int] = field(factory=dict)
    """Who or what was dropped, and WeCom's code for it."""
    counts: Counts = field(factory=dict, repr=False)
    done: bool = False


class Standing(NamedTuple):
    """How far the shards of a kind are."""

    shards: int
    done: int
    pages: int
    records: int
    records_of_done: int


@define
class Progress:
    """How far a run is."""

    shards: int
    shards_done: int
    pages: int
    """Replies that were written; a group is one."""
    customers: int
    """Rows of customers that were read."""
    customers_per_second: float
    seconds_left: float | None
    """About how long it will take; None while nobody knows."""

    def __str__(self) -> str:
        left = self.seconds_left
        about = "" if left is None else f", about {timedelta(seconds=round(left))} left"
        return (
            f"{self.shards_done} of {self.shards} shards, {self.pages:,} pages, "
            f"{self.customers:,} customers, {self.customers_per_second:,.0f}/s{about}"
        )


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


def tag_is_gone() -> ColumnElement[bool]:
    """Whether a tag of a customer is not in the library any more; of other tags the library says nothing."""
    return (
        select(literal(1))
        .where(
            tags.c.tag_id == customer_tags.c.tag_id,
            tags.c.vanished_at.is_not(None),
            tags.c.read_at >= customer_tags.c.read_at,
        )
        .exists()
    )


def shard_of(row: Mapping[Any, Any]) -> Shard:
    """A row of `shards`."""
    values = {name: row[name] for name in SHARD}
    return Shard(**values, done=row["done_at"] is not None)


class Store:
    """A database, and all that the mirror does with it."""

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

    # Customers.

    def put_customers(
        self, connection: Connection, read: Read, read_at: datetime, at: datetime
    ) -> Counts:
        """Write customers with those who follow them and their tags."""
        counts = {
            "customers": self.compared(connection, customers, read.customers.values()),
            "follows": self.compared(connection, follows, read.follows.values()),
            "customer_tags": self._compared_tags(connection, read),
        }
        live: Row = {"read_at": read_at, "vanished_at": None}
        self.upsert(connection, customers, [{**row, **live} for row in read.customers.values()])
        here = {**live, "vanished_on": None}
        self.upsert(connection, follows, [{**row, **here} for row in read.follows.values()])
        self.upsert(connection, customer_tags, [{**row, **live} for row in read.tags])
        self._settle_tags(connection, read.follows, at)
        self._settle_customers(connection, read.customers, at)
        return counts

    def _compared_tags(self, connection: Connection, read: Read) -> dict[str, int]:
        """How many tags have come to these follows, and how many have gone."""
        there: set[Key] = set()
        columns = list(customer_tags.primary_key)
        for some in chunks(read.follows):
            these = among(columns[:2], some)
            query = select(*columns).where(these, customer_tags.c.vanished_at.is_(None))
            there.update(tuple(row) for row in connection.execute(query))
        now = {key_of(customer_tags, row) for row in read.tags}
        return {"missing": len(now - there), "gone": len(there - now)}

    def _settle_tags(
        self, connection: Connection, keys: Iterable[tuple[str, str]], at: datetime
    ) -> None:
        """A tag is gone if it was not there when its follow was read last, or is not in the library any more."""
        follow_is_newer = (
            select(literal(1))
            .where(
                follows.c.userid == customer_tags.c.userid,
                follows.c.external_userid == customer_tags.c.external_userid,
                or_(
                    follows.c.read_at > customer_tags.c.read_at, follows.c.vanished_at.is_not(None)
                ),
            )
            .exists()
        )
        for some in chunks(keys):
            connection.execute(
                update(customer_tags)
                .where(
                    among(list(customer_tags.primary_key)[:2], some),
                    customer_tags.c.vanished_at.is_(None),
                    or_(follow_is_newer, tag_is_gone()),
                )
                .values(vanished_at=at)
            )

    def _settle_customers(
        self, connection: Connection, external_userids: Iterable[str], at: datetime
    ) -> int:
        """A customer is gone when nobody follows them any more."""
        followed = (
            select(literal(1))
            .where(
                follows.c.external_userid == customers.c.external_userid,
                follows.c.vanished_at.is_(None),
            )
            .exists()
        )
        gone = 0
        for some in chunks(external_userids):
            these = customers.c.external_userid.in_(some)
            gone += connection.execute(
                update(customers)
                .where(these, customers.c.vanished_at.is_(None), ~followed)
                .values(vanished_at=at)
            ).rowcount
        return gone

    def put_customer(
        self, read: Read, asked: tuple[str, str] | None, external_userid: str, read_at: datetime
    ) -> Counts:
        """Write one customer as a whole: whoever is not among the followers follows no longer.

        `asked` is the pair an event spoke of. If it is not there, that is kept, for a page may be under way that
        still has it.
        """

        def work(connection: Connection) -> Counts:
            at = self.now()
            counts = self.put_customers(connection, read, read_at, at)
            if asked is not None and asked not in read.follows:
                self.bury(
                    connection,
                    follows,
                    {"userid": asked[0], "external_userid": asked[1]},
                    read_at,
                    at,
                )
            gone = self.known_follows(connection, external_userid) - read.follows.keys()
            return add_counts(counts, self.forget_follows(connection, gone, read_at, at))

        return self.write(work)

    def known_follows(self, connection: Connection, external_userid: str) -> set[tuple[str, str]]:
        """Who follows a customer."""
        rows = connection.execute(
            select(follows.c.userid, follows.c.external_userid).where(
                follows.c.external_userid == external_userid, follows.c.vanished_at.is_(None)
            )
        )
        return {(row.userid, row.external_userid) for row in rows}

    def forget_follows(
        self,
        connection: Connection,
        pairs: Collection[tuple[str, str]],
        read_at: datetime,
        at: datetime,
    ) -> Counts:
        """Mark that members do not follow customers any more."""
        gone = 0
        for some in chunks(pairs):
            gone += self.vanish(
                connection, follows, among(list(follows.primary_key), some), read_at, at
            )
        self._settle_tags(connection, pairs, at)
        lost = self._settle_customers(connection, {pair[1] for pair in pairs}, at)
        return {"follows": {"gone": gone}, "customers": {"gone": lost}}

    def customer_left(self, pair: tuple[str, str], when: datetime, left: bool) -> None:
        """Note that a customer deleted a member, or added them once more: the later of the two counts.

        Events are dated to the second. Within the one in which a relation began, the customer was added first.
        """

        def work(connection: Connection) -> None:
            begun = follows.c.added_at >= when - timedelta(seconds=1)
            connection.execute(
                update(follows)
                .where(
                    follows.c.userid == pair[0],
                    follows.c.external_userid == pair[1],
                    or_(
                        follows.c.standing_at.is_(None),
                        follows.c.standing_at < when,
                        and_(follows.c.standing_at == when, begun if left else ~begun),
                    ),
                )
                .values(
                    standing_at=when,
                    left_at=when if left else null(),
                    left_on=day(when) if left else null(),
                )
            )

        self.write(work)

    # Members, tags, groups.

    def put_members(self, userids: Collection[str], read_at: datetime) -> Counts:
        """Write who serves customers; whoever does not any more follows nobody."""

        def work(connection: Connection) -> Counts:
            at = self.now()
            there = set(
                connection.scalars(select(members.c.userid).where(members.c.vanished_at.is_(None)))
            )
            if not self._is_latest(connection, "members", read_at):
                return {}
            row = {"read_at": read_at, "vanished_at": None}
            self.upsert(connection, members, [{"userid": userid, **row} for userid in userids])
            gone = self.vanish(connection, members, members.c.read_at < read_at, read_at, at)
            numbers = {"missing": len(set(userids) - there), "gone": gone}
            return add_counts({"members": numbers}, self._forget_members(connection, read_at, at))

        return self.write(work)

    def _forget_members(self, connection: Connection, read_at: datetime, at: datetime) -> Counts:
        """Mark the follows of members who are not there."""
        present = (
            select(literal(1))
            .where(members.c.userid == follows.c.userid, members.c.vanished_at.is_(None))
            .exists()
        )
        rows = connection.execute(
            select(follows.c.userid, follows.c.external_userid).where(
                follows.c.vanished_at.is_(None), ~present
            )
        )
        pairs = {(row.userid, row.external_userid) for row in rows}
        return self.forget_follows(connection, pairs, read_at, at)

    def put_library(
        self, group_rows: Sequence[Row], tag_rows: Sequence[Row], read_at: datetime
    ) -> Counts:
        """Write the tag library as a whole; a tag that is not in it is on no customer any more."""

        def work(connection: Connection) -> Counts:
            at = self.now()
            counts: Counts = {}
            if not self._is_latest(connection, "tags", read_at):
                return counts
            for table, rows in ((tag_groups, group_rows), (tags, tag_rows)):
                numbers = self.compared(connection, table, rows)
                live = {"read_at": read_at, "vanished_at": None}
                self.upsert(connection, table, [{**row, **live} for row in rows])
                older = table.c.read_at < read_at
                numbers["gone"] = self.vanish(connection, table, older, read_at, at)
                counts[str(table.name)] = numbers
            connection.execute(
                update(customer_tags)
                .where(customer_tags.c.vanished_at.is_(None), tag_is_gone())
                .values(vanished_at=at)
            )
            return counts

        return self.write(work)

    def _is_latest(self, connection: Connection, name: str, read_at: datetime) -> bool:
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

    def put_group(
        self,
        group: Row,
        people: Sequence[Row],
        status: int | None,
        read_at: datetime,
        shard: Shard | None = None,
    ) -> Counts:
        """Write a group and who is in it. The status is known from lists only; None leaves what is there."""

        def work(connection: Connection) -> Counts:
            at = self.now()
            numbers = self.compared(connection, group_chats, [group])
            same = group_chats.c.chat_id == group["chat_id"]
            before = connection.scalar(select(group_chats.c.status).where(same))
            if not numbers and status not in (None, before):
                numbers = {"changed": 1}
            row = {**group, "read_at": read_at, "vanished_at": None, "vanished_on": None}
            if status is not None or before is None:
                # Who tells of a group that no list has had yet is its owner.
                row["status"] = status or 0
            self.upsert(connection, group_chats, [row])
            live = {"read_at": read_at, "vanished_at": None, "vanished_on": None}
            self.upsert(connection, group_members, [{**person, **live} for person in people])
            self._settle_group(connection, group["chat_id"], at)
            counts = {"group_chats": numbers}
            if shard is not None:
                self._step(connection, shard, counts, at)
            return counts

        return self.write(work)

    def _settle_group(self, connection: Connection, chat_id: str, at: datetime) -> None:
        """Who was not in the group when it was read last is gone."""
        group_is_newer = (
            select(literal(1))
            .where(
                group_chats.c.chat_id == group_members.c.chat_id,
                or_(
                    group_chats.c.read_at > group_members.c.read_at,
                    group_chats.c.vanished_at.is_not(None),
                ),
            )
            .exists()
        )
        connection.execute(
            update(group_members)
            .where(
                group_members.c.chat_id == chat_id,
                group_members.c.vanished_at.is_(None),
                group_is_newer,
            )
            .values(vanished_at=at, vanished_on=day(at))
        )

    def forget_group(self, chat_id: str, read_at: datetime, shard: Shard | None = None) -> Counts:
        """Mark that a group is not there any more."""

        def work(connection: Connection) -> Counts:
            at = self.now()
            gone = self.vanish(
                connection, group_chats, group_chats.c.chat_id == chat_id, read_at, at
            )
            self.bury(connection, group_chats, {"chat_id": chat_id}, read_at, at)
            self._settle_group(connection, chat_id, at)
            counts: Counts = {"group_chats": {"gone": gone}}
            if shard is not None:
                self._step(connection, shard, counts, at)
            return counts

        return self.write(work)

    # Runs and shards.

    def open_run(self) -> int | None:
        """The run that is not finished."""
        with self.reading() as connection:
            return connection.scalar(
                select(runs.c.id).where(runs.c.finished_at.is_(None)).order_by(runs.c.id.desc())
            )

    def begin(self, userids: Sequence[str], former: Sequence[str], counts: Counts) -> int:
        """Plan a run: 100 members each, the groups of all, and those of owners who have left."""

        def work(connection: Connection) -> int:
            # Two who begin at once get the same run.
            self._is_latest(connection, "plan", self.now())
            open_run = connection.scalar(select(runs.c.id).where(runs.c.finished_at.is_(None)))
            if open_run is not None:
                return int(open_run)
            made = connection.execute(insert(runs).values(started_at=self.now(), counts=counts))
            run_id = made_id(made)
            self._plan(connection, run_id, "customers", chunks(userids, 100))
            self._plan(connection, run_id, "chats", [[], *chunks(former, 100)])
            return run_id

        return self.write(work)

    def _plan(
        self, connection: Connection, run_id: int, kind: str, subjects: Iterable[list[Any]]
    ) -> list[Shard]:
        planned = []
        for subject in subjects:
            row: Row = {"run_id": run_id, "kind": kind, "subject": subject}
            empty: Row = {"pages": 0, "records": 0, "notes": {}, "counts": {}}
            made = connection.execute(insert(shards).values(**row, **empty))
            planned.append(Shard(id=made_id(made), run_id=run_id, kind=kind, subject=subject))
        return planned

    def plan_more(self, run_id: int, kind: str, subjects: Iterable[list[str]]) -> list[Shard]:
        """Add shards to a run."""
        return self.write(lambda connection: self._plan(connection, run_id, kind, subjects))

    def shards_of(self, run_id: int, *, undone: bool = False) -> list[Shard]:
        """The shards of a run."""
        query = select(shards).where(shards.c.run_id == run_id).order_by(shards.c.id)
        if undone:
            query = query.where(shards.c.done_at.is_(None))
        with self.reading() as connection:
            return [shard_of(row) for row in connection.execute(query).mappings()]

    def shard(self, shard_id: int) -> Shard:
        """A shard as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(shards).where(shards.c.id == shard_id)).mappings()
            found = row.first()
        if found is None:
            raise MirrorError(f"there is no shard {shard_id}")
        return shard_of(found)

    def put_page(
        self,
        read: Read,
        read_at: datetime,
        shard: Shard | None = None,
        cursor: str | None = None,
        notes: Mapping[str, int] = MappingProxyType({}),
    ) -> Counts:
        """Write a page of customers, and where the next one of its shard begins."""

        def work(connection: Connection) -> Counts:
            at = self.now()
            counts = self.put_customers(connection, read, read_at, at)
            if shard is not None:
                records, merged = len(read.follows), {**shard.notes, **notes}
                self._advance(connection, shard, cursor, records, counts, at, merged)
            return counts

        return self.write(work)

    def put_list(
        self, shard: Shard, groups: Sequence[tuple[str, int]], cursor: str | None
    ) -> list[Shard]:
        """Plan the details of a page of groups, and note where the next one begins."""

        def work(connection: Connection) -> list[Shard]:
            planned = self._plan(connection, shard.run_id, "groups", chunks(groups, GROUPS))
            self._advance(connection, shard, cursor, 0, {}, self.now())
            return planned

        return self.write(work)

    def split(
        self, shard: Shard, subjects: Sequence[list[str]], notes: dict[str, int]
    ) -> list[Shard]:
        """Put other shards in the place of one, or none."""

        def work(connection: Connection) -> list[Shard]:
            planned = self._plan(connection, shard.run_id, shard.kind, subjects)
            merged = {**shard.notes, **notes}
            self._advance(connection, shard, None, 0, {}, self.now(), merged)
            return planned

        return self.write(work)

    def restart(self, shard: Shard, subject: list[Any], notes: dict[str, int]) -> None:
        """Begin a shard again, perhaps with fewer members: a cursor is good for one list of them only."""

        def work(connection: Connection) -> None:
            values = {"subject": subject, "cursor": None, "notes": {**shard.notes, **notes}}
            self._move(connection, shard, values)

        self.write(work)

    def skip(self, shard: Shard, name: str, code: int) -> None:
        """Go on behind something in a shard that cannot be read."""
        notes = {**shard.notes, name: code}
        self.write(lambda connection: self._step(connection, shard, {}, self.now(), notes))

    def _advance(
        self,
        connection: Connection,
        shard: Shard,
        cursor: str | None,
        records: int,
        counts: Counts,
        at: datetime,
        notes: dict[str, int] | None = None,
    ) -> None:
        """Move a shard to its next page; without a cursor that was the last."""
        values = {
            "cursor": cursor,
            "records": shard.records + records,
            "counts": add_counts(shard.counts, counts),
            "notes": shard.notes if notes is None else notes,
            "done_at": at if cursor is None else None,
        }
        self._move(connection, shard, values)

    def _step(
        self,
        connection: Connection,
        shard: Shard,
        counts: Counts,
        at: datetime,
        notes: dict[str, int] | None = None,
    ) -> None:
        """Move a shard to the next thing of its subject, whose place is the number of pages."""
        last = shard.pages + 1 == len(shard.subject)
        self._advance(connection, shard, None if last else "", 0, counts, at, notes)

    def _move(self, connection: Connection, shard: Shard, values: Mapping[str, Any]) -> None:
        """Change a shard; `MovedOn` if it is not as it was when we looked, and then nothing is written."""
        moved = connection.execute(
            update(shards)
            .where(
                shards.c.id == shard.id,
                shards.c.pages == shard.pages,
                shards.c.done_at.is_(None),
            )
            .values({"pages": shard.pages + 1, **values})
        )
        if moved.rowcount != 1:
            raise MovedOn

    # What is still to be done at the end of a run, and what is there.

    def run(self, run_id: int) -> tuple[datetime, Counts]:
        """When a run began, and what was different then."""
        query = select(runs.c.started_at, runs.c.counts).where(runs.c.id == run_id)
        with self.reading() as connection:
            row = connection.execute(query).one()
        return row.started_at, row.counts

    def unsettled_members(self, since: datetime) -> list[str]:
        """Members who are there, and of whose customers some were not read since then or have gone since then."""
        query = (
            select(follows.c.userid)
            .distinct()
            .join(members, members.c.userid == follows.c.userid)
            .where(
                members.c.vanished_at.is_(None),
                or_(
                    and_(follows.c.vanished_at.is_(None), follows.c.read_at < since),
                    follows.c.vanished_at >= since,
                ),
            )
            .order_by(follows.c.userid)
        )
        with self.reading() as connection:
            return list(connection.scalars(query))

    def unseen_customers(self, userid: str, since: datetime) -> set[str]:
        """Those of a member's customers who were not read since then."""
        query = select(follows.c.external_userid).where(
            follows.c.userid == userid, follows.c.vanished_at.is_(None), follows.c.read_at < since
        )
        with self.reading() as connection:
            return set(connection.scalars(query))

    def unseen_groups(self, since: datetime) -> list[str]:
        """Groups that were not read since then."""
        query = (
            select(group_chats.c.chat_id)
            .where(group_chats.c.vanished_at.is_(None), group_chats.c.read_at < since)
            .order_by(group_chats.c.chat_id)
        )
        with self.reading() as connection:
            return list(connection.scalars(query))

    def former_owners(self) -> list[str]:
        """Owners of groups who serve no customers any more: lists do not have their groups unless asked."""
        present = select(members.c.userid).where(members.c.vanished_at.is_(None))
        query = (
            select(group_chats.c.owner)
            .distinct()
            .where(
                group_chats.c.vanished_at.is_(None),
                group_chats.c.owner != "",
                group_chats.c.owner.not_in(present),
            )
            .order_by(group_chats.c.owner)
        )
        with self.reading() as connection:
            return [str(owner) for owner in connection.scalars(query)]

    def members(self) -> list[str]:
        """Who serves customers."""
        query = select(members.c.userid).where(members.c.vanished_at.is_(None))
        with self.reading() as connection:
            return list(connection.scalars(query.order_by(members.c.userid)))

    def customers_of(self, userid: str) -> set[str]:
        """Whom a member follows."""
        query = select(follows.c.external_userid).where(
            follows.c.userid == userid, follows.c.vanished_at.is_(None)
        )
        with self.reading() as connection:
            return set(connection.scalars(query))

    def statuses(self) -> dict[str, int | None]:
        """The groups that are there, and what became of their owners."""
        query = select(group_chats.c.chat_id, group_chats.c.status).where(
            group_chats.c.vanished_at.is_(None)
        )
        with self.reading() as connection:
            return {row.chat_id: row.status for row in connection.execute(query)}

    def forget(self, userid: str, external_userids: Collection[str], read_at: datetime) -> Counts:
        """Mark that a member does not follow some customers any more."""
        pairs = [(userid, external_userid) for external_userid in external_userids]
        return self.write(
            lambda connection: self.forget_follows(connection, pairs, read_at, self.now())
        )

    def finish(self, run_id: int, counts: Counts, unlicensed: Collection[str]) -> None:
        """End a run. Members without a licence (互通账号) are noted: WeCom does not show their customers."""

        def work(connection: Connection) -> None:
            there = members.c.vanished_at.is_(None)
            connection.execute(update(members).where(there).values(licensed=True))
            for some in chunks(unlicensed):
                without = members.c.userid.in_(some)
                connection.execute(update(members).where(without).values(licensed=False))
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(finished_at=self.now(), counts=counts)
            )

        self.write(work)

    def standing(self, run_id: int) -> dict[str, Standing]:
        """How far a run is, by kind of shard."""
        query = (
            select(
                shards.c.kind,
                func.count(),
                func.count(shards.c.done_at),
                func.sum(shards.c.pages),
                func.sum(shards.c.records),
                func.sum(case((shards.c.done_at.is_not(None), shards.c.records), else_=0)),
            )
            .where(shards.c.run_id == run_id)
            .group_by(shards.c.kind)
        )
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return {row[0]: Standing(*(int(number) for number in row[1:])) for row in rows}

    def expected(self) -> tuple[int, int]:
        """How many follows and groups are there."""

        def count(connection: Connection, table: Table) -> int:
            query = select(func.count()).select_from(table).where(table.c.vanished_at.is_(None))
            return connection.scalars(query).one()

        with self.reading() as connection:
            return count(connection, follows), count(connection, group_chats)

    def synced(self) -> bool:
        """Whether a run was ever finished."""
        with self.reading() as connection:
            query = select(func.count()).where(runs.c.finished_at.is_not(None))
            return bool(connection.scalar(query.select_from(runs)))
