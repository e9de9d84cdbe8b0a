"""What the mirror's database looks like: tables, views, and the version that says so.

Every table has `read_at`, when the reading began that its row comes from: of two readings the later wins, whichever is
written first. What has vanished keeps its row and gets a `vanished_at`.

Hand-written: edit codegen/surfaces/mirror/_tables.py.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    case,
    cast,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from ..customer import AddWay
from ..group_chat import GroupChatStatus

VERSION = 1
"""The version of the tables and views below."""

TRIES = 5
"""How often the tables are made when others make them at the same time."""

UPGRADES: Mapping[int, Sequence[str]] = {}
"""What brings a database of a version to the next one; the views are made anew anyway."""


class Instant(TypeDecorator[datetime]):
    """A moment: `timestamptz` where there is one, elsewhere UTC; to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """MySQL would round to seconds."""
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What is stored has no zone where the type has none."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What is read is aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """A text; PostgreSQL cannot store the character 0, so it becomes U+FFFD everywhere."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        return value.replace("\0", "\ufffd") if value and "\0" in value else value


class MirrorError(Exception):
    """The database and this version of the mirror do not fit, or something was asked that it cannot do."""


metadata = MetaData()

OPTIONS: dict[str, Any] = {
    # WeCom's ids differ in case alone, and names hold emoji.
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mysql_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
}


def key(name: str) -> Column[str]:
    """A part of a primary key. Three of them are the most that InnoDB can index."""
    return Column(name, String(255), primary_key=True)


def details() -> Column[Any]:
    """JSON; NULL where there is nothing."""
    return Column("extra", JSON(none_as_null=True))


def read() -> list[Column[Any]]:
    """When the row was read, and since when there is nothing to be read any more."""
    return [Column("read_at", Instant, nullable=False), Column("vanished_at", Instant)]


def table(name: str, *columns: Column[Any] | Index) -> Table:
    """A table with the options that all have."""
    made: Table = Table(name, metadata, *columns, **OPTIONS)
    return made


members = table(
    "members",
    key("userid"),
    Column("licensed", Boolean),
    *read(),
)
customers = table(
    "customers",
    key("external_userid"),
    Column("name", Words),
    Column("type", Integer),
    Column("gender", Integer),
    Column("avatar", Words),
    Column("unionid", Words),
    Column("position", Words),
    Column("corp_name", Words),
    Column("corp_full_name", Words),
    Column("external_profile", JSON(none_as_null=True)),
    details(),
    Column("digest", String(32)),
    *read(),
)
follows = table(
    "follows",
    key("userid"),
    key("external_userid"),
    Column("remark", Words),
    Column("description", Words),
    Column("added_at", Instant),
    Column("added_on", Date),
    Column("add_way", Integer),
    Column("state", Words),
    Column("oper_userid", Words),
    Column("remark_corp_name", Words),
    Column("remark_mobiles", JSON(none_as_null=True)),
    Column("wechat_channels", JSON(none_as_null=True)),
    Column("left_at", Instant),
    Column("left_on", Date),
    Column("standing_at", Instant),
    details(),
    Column("digest", String(32)),
    *read(),
    Column("vanished_on", Date),
    Index("follows_external_userid", "external_userid"),
    Index("follows_added_on", "added_on"),
)
customer_tags = table(
    "customer_tags",
    key("userid"),
    key("external_userid"),
    key("tag_id"),
    *read(),
    Index("customer_tags_tag_id", "tag_id"),
)
tag_groups = table(
    "tag_groups",
    key("group_id"),
    Column("name", Words),
    Column("sort_order", BigInteger),
    Column("created_at", Instant),
    details(),
    Column("digest", String(32)),
    *read(),
)
tags = table(
    "tags",
    key("tag_id"),
    Column("group_id", String(255)),
    Column("name", Words),
    Column("sort_order", BigInteger),
    Column("created_at", Instant),
    details(),
    Column("digest", String(32)),
    *read(),
)
group_chats = table(
    "group_chats",
    key("chat_id"),
    Column("name", Words),
    Column("owner", String(255)),
    Column("status", Integer),
    Column("notice", Words),
    Column("admins", JSON(none_as_null=True)),
    Column("member_version", Words),
    Column("created_at", Instant),
    Column("created_on", Date),
    details(),
    Column("digest", String(32)),
    *read(),
    Column("vanished_on", Date),
)
group_members = table(
    "group_members",
    key("chat_id"),
    key("userid"),
    Column("type", Integer),
    Column("name", Words),
    Column("group_nickname", Words),
    Column("unionid", Words),
    Column("joined_at", Instant),
    Column("joined_on", Date),
    Column("join_scene", Integer),
    Column("invitor", Words),
    Column("state", Words),
    details(),
    *read(),
    Column("vanished_on", Date),
    Index("group_members_userid", "userid"),
)
runs = table(
    "runs",
    Column("id", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("counts", JSON, nullable=False),
)
shards = table(
    "shards",
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", JSON, nullable=False),
    Column("cursor", Text),
    Column("pages", Integer, nullable=False),
    Column("records", Integer, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("done_at", Instant),
    Index("shards_run_id", "run_id"),
)
state = table(
    "mirror_state",
    Column("name", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("read_at", Instant, nullable=False),
)
"""`schema`: the version of the tables. `members`, `tags`: when they were last read as a whole."""

TABLES: Mapping[str, Table] = {
    str(table.name): table
    for table in (
        members,
        customers,
        follows,
        customer_tags,
        tags,
        tag_groups,
        group_chats,
        group_members,
    )
}
"""What is mirrored; the other tables are the mirror's own."""

INTERNAL = ("digest", "standing_at")
"""Columns that mean nothing to readers."""


# Views: what people ask daily.


def views() -> "dict[str, Select[*tuple[Any, ...]]]":
    """The views by name."""
    way = case(
        {int(member): member.name.lower() for member in AddWay},
        value=follows.c.add_way,
        else_=literal("way ") + cast(follows.c.add_way, String(11)),
    )
    # A customer who came by a contact way or link has its state, any other a way.
    channel = case((func.coalesce(follows.c.state, "") != "", follows.c.state), else_=way)
    here = follows.c.vanished_at.is_(None)
    with_customer = follows.join(
        customers, customers.c.external_userid == follows.c.external_userid
    )
    live_tag = customer_tags.c.vanished_at.is_(None)
    waiting = (GroupChatStatus.OWNER_RESIGNED, GroupChatStatus.TRANSFERRING)
    owner_is_there = (
        select(literal(1))
        .where(members.c.userid == group_chats.c.owner, members.c.vanished_at.is_(None))
        .exists()
    )
    tagged = (
        select(literal(1))
        .where(
            customer_tags.c.userid == follows.c.userid,
            customer_tags.c.external_userid == follows.c.external_userid,
            live_tag,
        )
        .exists()
    )
    return {
        "current_customers": select(
            follows.c.userid,
            follows.c.external_userid,
            customers.c.name,
            follows.c.remark,
            customers.c.type,
            customers.c.gender,
            customers.c.corp_name,
            customers.c.unionid,
            channel.label("channel"),
            follows.c.added_at,
            follows.c.added_on,
            follows.c.left_on,
        )
        .select_from(with_customer)
        .where(here),
        "new_customers": select(
            follows.c.added_on.label("day"),
            channel.label("channel"),
            func.count(follows.c.external_userid.distinct()).label("customers"),
            func.count(case((here, follows.c.external_userid)).distinct()).label("still_there"),
        )
        .where(follows.c.added_on.is_not(None))
        .group_by(follows.c.added_on, channel),
        "customers_per_tag": select(
            tag_groups.c.name.label("tag_group"),
            tags.c.name.label("tag"),
            tags.c.tag_id,
            func.count(customer_tags.c.external_userid.distinct()).label("customers"),
        )
        .select_from(
            tags.outerjoin(tag_groups, tag_groups.c.group_id == tags.c.group_id).outerjoin(
                customer_tags, and_(customer_tags.c.tag_id == tags.c.tag_id, live_tag)
            )
        )
        .where(tags.c.vanished_at.is_(None))
        .group_by(tag_groups.c.name, tags.c.name, tags.c.tag_id),
        "follows_without_tag": select(
            follows.c.userid,
            follows.c.external_userid,
            customers.c.name,
            follows.c.remark,
            follows.c.added_on,
        )
        .select_from(with_customer)
        .where(here, ~tagged),
        "groups_without_owner": select(
            group_chats.c.chat_id,
            group_chats.c.name,
            group_chats.c.owner,
            group_chats.c.status,
            group_chats.c.created_on,
        ).where(
            group_chats.c.vanished_at.is_(None),
            or_(group_chats.c.status.in_([int(status) for status in waiting]), ~owner_is_there),
        ),
    }


VIEWS = views()


def make_views(connection: Connection) -> None:
    """Make all views, in place of those that are there."""
    for name, query in VIEWS.items():
        words = query.compile(connection, compile_kwargs={"literal_binds": True})
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {str(words).replace('%', '%%')}")


def prepare(engine: Engine) -> None:
    """Make the tables, or bring them to this version; `MirrorError` says what to do where that cannot be."""
    tries = 1
    while True:
        try:
            with engine.begin() as connection:
                if stored_version(connection) != VERSION:
                    upgrade(connection)
            return
        except DBAPIError:
            # Another process is just making them.
            if tries == TRIES:
                raise
        tries += 1


def stored_version(connection: Connection) -> int | None:
    """The version of the tables that are there; 0 while they are being made, None where there are none."""
    there = set(inspect(connection).get_table_names())
    if state.name in there:
        found = connection.scalar(select(state.c.version).where(state.c.name == "schema"))
        return found or 0
    if taken := sorted(there & metadata.tables.keys()):
        raise MirrorError(
            f"this database has a table {taken[0]} that is not the mirror's: "
            "give the mirror a database of its own"
        )
    return None


def upgrade(connection: Connection) -> None:
    """Bring the tables from the version that is there to this one."""
    version = stored_version(connection)
    if version is not None and version > VERSION:
        raise MirrorError(
            f"the database was made by a newer mirror (version {version}, this one knows "
            f'{VERSION}): pip install --upgrade "wecom-contact[mirror]"'
        )
    if not version:
        # First the table that says whose the others are: where DDL is committed at once, a kill leaves some of them.
        state.create(connection, checkfirst=True)
        metadata.create_all(connection)
    for number in range(version or VERSION, VERSION):
        for statement in UPGRADES[number]:
            connection.execute(text(statement))
    make_views(connection)
    row = {"version": VERSION, "read_at": datetime.now(UTC)}
    if version:
        connection.execute(update(state).where(state.c.name == "schema").values(row))
    else:
        connection.execute(insert(state).values(name="schema", **row))
