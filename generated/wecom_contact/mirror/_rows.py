"""From what WeCom says to rows: instants in UTC and days in Beijing, and unknown fields kept as JSON.

Hand-written: edit codegen/surfaces/mirror/_rows.py.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

import orjson

from .. import BEIJING, codec
from ..corp_tag import CorpTagGroup
from ..customer import Customer, CustomerGetResult, CustomerRecord, Follower, FollowInfo
from ..group_chat import GroupChatDetail

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]


class Read(NamedTuple):
    """Rows of customers, of those who follow them, and of their tags."""

    customers: dict[str, Row]
    """By external_userid."""
    follows: dict[tuple[str, str], Row]
    """By userid and external_userid."""
    tags: list[Row]


def day(moment: datetime) -> date:
    """The day of WeCom's calendar: 2026-11-01 01:00 in Beijing is not yet November in UTC."""
    return moment.astimezone(BEIJING).date()


def digest(*rows: Row) -> str:
    """What tells whether rows say the same as others."""
    return blake2b(orjson.dumps(rows, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def plain(record: Any) -> Any:
    """A record inside a record as JSON data."""
    return None if record is None else codec.unstructure(record)


def unknown(record: Any, **inside: Iterable[Any]) -> Row | None:
    """What this version does not know of a record, and of the records inside it that have no column."""
    found = dict(record.extra)
    for name, records in inside.items():
        if kept := [plain(other) for other in records if other.extra]:
            found[name] = kept
    return found or None


def customer_row(customer: Customer) -> Row:
    """A row of `customers`."""
    row: Row = {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "type": int(customer.type),
        "gender": None if customer.gender is None else int(customer.gender),
        "avatar": customer.avatar,
        "unionid": customer.unionid,
        "position": customer.position,
        "corp_name": customer.corp_name,
        "corp_full_name": customer.corp_full_name,
        "external_profile": plain(customer.external_profile),
        "extra": unknown(customer),
    }
    row["digest"] = digest(row)
    return row


def follow_row(external_userid: str, follow: FollowInfo | Follower, extra: Row | None) -> Row:
    """A row of `follows`."""
    added_at = follow.createtime.astimezone(UTC)
    row: Row = {
        "userid": follow.userid,
        "external_userid": external_userid,
        "remark": follow.remark,
        "description": follow.description,
        "added_at": added_at,
        "added_on": day(added_at),
        "add_way": int(follow.add_way),
        "state": follow.state,
        "oper_userid": follow.oper_userid,
        "remark_corp_name": follow.remark_corp_name,
        "remark_mobiles": follow.remark_mobiles or None,
        "wechat_channels": plain(follow.wechat_channels),
        "extra": extra,
    }
    row["digest"] = digest(row)
    return row


def add(
    read: Read,
    customer: Row,
    follow: FollowInfo | Follower,
    tags: Iterable[str],
    extra: Row | None,
) -> None:
    """Put one member's customer into the rows."""
    external_userid = customer["external_userid"]
    ids = list(dict.fromkeys(tags))
    read.customers[external_userid] = customer
    read.follows[follow.userid, external_userid] = follow_row(external_userid, follow, extra)
    read.tags.extend(
        {"userid": follow.userid, "external_userid": external_userid, "tag_id": tag_id}
        for tag_id in ids
    )


def rows_of_page(records: Iterable[CustomerRecord]) -> Read:
    """The rows of a page of `customer.batch_get`."""
    read = Read({}, {}, [])
    for record in records:
        customer = customer_row(record.external_contact)
        follow = record.follow_info
        extra = unknown(follow) if not record.extra else {**record.extra, **follow.extra}
        add(read, customer, follow, follow.tag_id or (), extra)
    return read


def rows_of_customer(pages: Iterable[CustomerGetResult]) -> Read:
    """The rows of one customer and all members who follow them."""
    read = Read({}, {}, [])
    for page in pages:
        customer = customer_row(page.external_contact)
        for follow in page.follow_user:
            # Personal tags have no id; batch_get does not tell of them at all.
            tags = follow.tags or []
            ids = (tag.tag_id for tag in tags if tag.tag_id)
            add(read, customer, follow, ids, unknown(follow, tags=tags))
    return read


def rows_of_library(groups: Iterable[CorpTagGroup]) -> tuple[list[Row], list[Row]]:
    """The rows of `tag_groups` and of `tags`."""
    group_rows: list[Row] = []
    tag_rows: list[Row] = []
    for group in groups:
        row: Row = {
            "group_id": group.group_id,
            "name": group.group_name,
            "sort_order": group.order,
            "created_at": group.create_time.astimezone(UTC),
            "extra": unknown(group),
        }
        group_rows.append({**row, "digest": digest(row)})
        for tag in group.tag:
            row = {
                "tag_id": tag.id,
                "group_id": group.group_id,
                "name": tag.name,
                "sort_order": tag.order,
                "created_at": tag.create_time.astimezone(UTC),
                "extra": unknown(tag),
            }
            tag_rows.append({**row, "digest": digest(row)})
    return group_rows, tag_rows


def rows_of_group(group: GroupChatDetail) -> tuple[Row, list[Row]]:
    """The row of `group_chats`, and those of `group_members`."""
    created_at = group.create_time.astimezone(UTC)
    row: Row = {
        "chat_id": group.chat_id,
        "name": group.name,
        "owner": group.owner,
        "notice": group.notice,
        "admins": [admin.userid for admin in group.admin_list],
        "member_version": group.member_version,
        "created_at": created_at,
        "created_on": day(created_at),
        "extra": unknown(group, admin_list=group.admin_list),
    }
    people: dict[str, Row] = {}
    for person in group.member_list:
        joined_at = person.join_time.astimezone(UTC)
        people[person.userid] = {
            "chat_id": group.chat_id,
            "userid": person.userid,
            "type": int(person.type),
            "name": person.name,
            "group_nickname": person.group_nickname,
            "unionid": person.unionid,
            "joined_at": joined_at,
            "joined_on": day(joined_at),
            "join_scene": int(person.join_scene),
            "invitor": None if person.invitor is None else person.invitor.userid,
            "state": person.state,
            "extra": unknown(person, invitor=[person.invitor] if person.invitor else []),
        }
    # The order in which members come says nothing.
    row["digest"] = digest(row, *(people[userid] for userid in sorted(people)))
    return row, list(people.values())
