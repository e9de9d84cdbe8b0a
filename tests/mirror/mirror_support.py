"""What a mirror must hold, read from the corp's own objects, and what it holds."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from wecom_contact import BEIJING, Client, Retry
from wecom_contact.mirror import Mirror
from wecom_contact.testing import Member, Simulator

PATIENT = Retry(tries=12, first=0.001, longest=0.01)
State = dict[str, dict[Any, Any]]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def visible(member: Member) -> bool:
    return member.customer_contact and member.active and not member.resigned


def expected(corp: Simulator) -> State:
    """The rows that must be there, by table and key."""
    state: State = {
        name: {}
        for name in (
            *("members", "customers", "follows", "customer_tags", "tags", "tag_groups"),
            *("group_chats", "group_members"),
        )
    }
    for member in filter(visible, corp.members.values()):
        state["members"][member.userid] = ()
        for follow in member.follows.values() if member.licensed else ():
            if follow.half:
                continue
            customer = follow.customer
            state["customers"][customer.external_userid] = (
                *(customer.name, customer.type, customer.gender, corp.unionid(customer)),
            )
            key = (member.userid, customer.external_userid)
            added = moment(follow.createtime)
            state["follows"][key] = (
                *(follow.remark, follow.description, added, added.astimezone(BEIJING).date()),
                *(follow.add_way, follow.state, follow.oper_userid or member.userid),
                *(list(follow.remark_mobiles) or None,),
            )
            for tag in follow.tags:
                state["customer_tags"][(*key, tag.id)] = ()
    for group in corp.tag_groups.values():
        if not group.deleted and group.strategy_id is None:
            created = moment(group.create_time)
            state["tag_groups"][group.id] = (group.name, group.order, created)
            for tag in group.tags:
                if not tag.deleted:
                    created = moment(tag.create_time)
                    state["tags"][tag.id] = (group.id, tag.name, tag.order, created)
    for chat in corp.group_chats.values():
        if chat.dismissed:
            continue
        created = moment(chat.create_time)
        state["group_chats"][chat.chat_id] = (
            *(chat.name, chat.owner, chat.status, chat.notice or None, chat.admins),
            *(corp.member_version(chat), created, created.astimezone(BEIJING).date()),
        )
        for person in chat.members:
            joined = moment(person.join_time)
            state["group_members"][chat.chat_id, person.userid] = (
                *(person.type, person.name, joined, joined.astimezone(BEIJING).date()),
                *(person.join_scene, person.state),
            )
    return state


COLUMNS = {
    "members": "",
    "customers": "name, type, gender, unionid",
    "follows": "remark, description, added_at, added_on, add_way, state, oper_userid, remark_mobiles",
    "customer_tags": "",
    "tags": "group_id, name, sort_order, created_at",
    "tag_groups": "name, sort_order, created_at",
    "group_chats": "name, owner, status, notice, admins, member_version, created_at, created_on",
    "group_members": "type, name, joined_at, joined_on, join_scene, state",
}


def found(mirror: Mirror) -> State:
    """The rows that are there and have not vanished."""
    from wecom_contact.mirror._tables import TABLES

    state: State = {}
    with mirror.engine.connect() as connection:
        for name, words in COLUMNS.items():
            table = TABLES[name]
            keys = list(table.primary_key)
            wanted = [*keys, *(table.c[word] for word in words.split(", ") if word)]
            query = table.select().where(table.c.vanished_at.is_(None)).with_only_columns(*wanted)
            rows = connection.execute(query).all()
            state[name] = {
                (row[0] if len(keys) == 1 else tuple(row[: len(keys)])): tuple(row[len(keys) :])
                for row in rows
            }
            assert len(state[name]) == len(rows)
    return state


def ask(mirror: Mirror, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with mirror.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def calls_of(corp: Simulator, work: Callable[[], Any]) -> int:
    """How many calls something makes, tokens not counted."""
    before = sum(corp.call_counts.values()) - corp.call_counts["gettoken"]
    work()
    return sum(corp.call_counts.values()) - corp.call_counts["gettoken"] - before


def fill(corp: Simulator, customers: int, *, members: int, groups: int = 0) -> list[Member]:
    """A corp with as many groups as you like, and a day on which some began at one in the morning."""
    corp.populate(customers, members=members)
    staff = list(corp.serving())
    night = int(datetime(2026, 11, 1, 1, tzinfo=BEIJING).timestamp())
    for number in range(groups):
        people = staff[number % len(staff)].customers[:2]
        corp.add_group_chat(f"群{number}", staff[number % len(staff)], people, when=night)
    corp.add_customer("夜里来的 🌙", follow=staff[0], when=night, mobiles=["13800000001"])
    return staff


def sync_and_die_whenever(db: str, corp_id: str, secret: str, base_url: str) -> None:
    """What a process does that is going to be killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with Client(corp_id, secret, base_url=base_url, retry=PATIENT) as wecom:
        Mirror(db, wecom, concurrency=3).sync()
    os._exit(0)
