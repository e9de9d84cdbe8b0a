"""The mirror's own state: runs, their shards, and how far they are.

Hand-written: edit codegen/surfaces/mirror/_runs.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from attrs import define, field, frozen
from sqlalchemy import Connection, case, func, insert, select, update

from ._database import Counts, Database, add_counts, chunks, made_id
from ._rows import Row
from ._tables import MirrorError, runs, shards

GROUPS = 20
"""How many groups a shard has."""
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


def shard_of(row: Mapping[Any, Any]) -> Shard:
    """A row of `shards`."""
    values = {name: row[name] for name in SHARD}
    return Shard(**values, done=row["done_at"] is not None)


class Runs(Database):
    """The runs and shards in a database."""

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
            self.is_latest(connection, "plan", self.now())
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

    def put_list(
        self, shard: Shard, groups: Sequence[tuple[str, int]], cursor: str | None
    ) -> list[Shard]:
        """Plan the details of a page of groups, and note where the next one begins."""

        def work(connection: Connection) -> list[Shard]:
            planned = self._plan(connection, shard.run_id, "groups", chunks(groups, GROUPS))
            self.advance(connection, shard, cursor, 0, {}, self.now())
            return planned

        return self.write(work)

    def split(
        self, shard: Shard, subjects: Sequence[list[str]], notes: dict[str, int]
    ) -> list[Shard]:
        """Put other shards in the place of one, or none."""

        def work(connection: Connection) -> list[Shard]:
            planned = self._plan(connection, shard.run_id, shard.kind, subjects)
            merged = {**shard.notes, **notes}
            self.advance(connection, shard, None, 0, {}, self.now(), merged)
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
        self.write(lambda connection: self.step(connection, shard, {}, self.now(), notes))

    def advance(
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

    def step(
        self,
        connection: Connection,
        shard: Shard,
        counts: Counts,
        at: datetime,
        notes: dict[str, int] | None = None,
    ) -> None:
        """Move a shard to the next thing of its subject, whose place is the number of pages."""
        last = shard.pages + 1 == len(shard.subject)
        self.advance(connection, shard, None if last else "", 0, counts, at, notes)

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

    def run(self, run_id: int) -> tuple[datetime, Counts]:
        """When a run began, and what was different then."""
        query = select(runs.c.started_at, runs.c.counts).where(runs.c.id == run_id)
        with self.reading() as connection:
            row = connection.execute(query).one()
        return row.started_at, row.counts

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

    def synced(self) -> bool:
        """Whether a run was ever finished."""
        with self.reading() as connection:
            query = select(func.count()).where(runs.c.finished_at.is_not(None))
            return bool(connection.scalar(query.select_from(runs)))
