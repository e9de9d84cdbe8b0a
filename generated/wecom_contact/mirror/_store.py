"""What the mirror knows of a company, each time written in one transaction: a page and its cursor, a customer, a group.

Hand-written: edit codegen/surfaces/mirror/_store.py.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from ._database import Counts, add_counts, among, chunks, key_of
from ._rows import Key, Read, Row, day
from ._runs import Runs, Shard
from ._tables import (
    customer_tags,
    customers,
    follows,
    group_chats,
    group_members,
    members,
    runs,
    tag_groups,
    tags,
)


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


class Store(Runs):
    """A database, and all that the mirror does with it."""

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
                self.advance(connection, shard, cursor, records, counts, at, merged)
            return counts

        return self.write(work)

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

    def forget(self, userid: str, external_userids: Collection[str], read_at: datetime) -> Counts:
        """Mark that a member does not follow some customers any more."""
        pairs = [(userid, external_userid) for external_userid in external_userids]
        return self.write(
            lambda connection: self.forget_follows(connection, pairs, read_at, self.now())
        )

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
            if not self.is_latest(connection, "members", read_at):
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
            if not self.is_latest(connection, "tags", read_at):
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
                self.step(connection, shard, counts, at)
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
                self.step(connection, shard, counts, at)
            return counts

        return self.write(work)

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

    # What is there.

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

    def expected(self) -> tuple[int, int]:
        """How many follows and groups are there."""

        def count(connection: Connection, table: Table) -> int:
            query = select(func.count()).select_from(table).where(table.c.vanished_at.is_(None))
            return connection.scalars(query).one()

        with self.reading() as connection:
            return count(connection, follows), count(connection, group_chats)
