"""What an app may do and see: its addresses, its calls, its visible range.

Which fields of a request name members, departments and groups, the reference says.

Hand-written: edit codegen/surfaces/testing/_sight.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .. import reference
from ..catalog import Endpoint
from ..events import Event
from ._ids import service_id_of
from ._refusals import Refusal
from ._things import Caller, Data, Department, Member

if TYPE_CHECKING:
    from ._corp import Corp

CUSTOMER_CONTACT = "/cgi-bin/externalcontact/"
"""Only apps under 可调用接口的应用 may call what lies here, and whatever else names 48002 in the spec."""
USERID = 64
"""Bytes of a userid."""
NAMED = ("UserId", "DepartmentId", "ChatId")
"""The types of ids that a visible range is about."""

ANSWERED: Mapping[str, str] = {
    r"follow_user\.check:.*": "the answer itself",
    r"moment\.add_task:.*": "left out in silence, and told in the result of the job",
    r"(moment|group_msg)\.list:creator": "a filter, which then finds nothing",
    r"(resigned_)?transfer\.group_chat:chat_id_list": "told for each group",
    r"group_msg\.add_template:chat_id_list": "the same",
}
"""Fields that may name what is out of range, and why; all others are refused (60011)."""


@frozen
class Sight:
    """The visible range of an app, with all that lies below it."""

    userids: frozenset[str]
    departments: frozenset[int]

    @classmethod
    def of(cls, corp: "Corp", caller: Caller) -> "Sight | None":
        """That of an app; None if it sees everybody."""
        if caller.visible is None:
            return None
        wanted = {each.id if isinstance(each, Department) else each for each in caller.visible}
        userids = {each.userid if isinstance(each, Member) else each for each in wanted}
        departments = corp.below(each for each in wanted if isinstance(each, int))
        # Who has left is still known by the department that they left from.
        userids |= {
            member.userid
            for member in corp.members.values()
            if not departments.isdisjoint(member.departments)
        }
        return cls(
            frozenset(each for each in userids if isinstance(each, str)), frozenset(departments)
        )


def told(corp: "Corp", caller: Caller, suite_id: str | None, event: Event) -> Event | None:
    """What an app is told of an event; None if nothing.

    A suite is told in its own envelope, and knows customers by the ids of its provider.
    """
    if event.suite_id is not None:
        return event if event.suite_id == suite_id else None
    sight = Sight.of(corp, caller)
    member = corp.members.get(getattr(event, "userid", ""))
    chat = corp.group_chats.get(getattr(event, "chat_id", ""))
    if not caller.listed or (
        sight is not None
        and (
            (member is not None and member.userid not in sight.userids)
            or (chat is not None and chat.owner not in sight.userids)
        )
    ):
        return None
    if caller is corp.app:
        return event
    # Only the app 客户联系 is told of rule groups.
    changes: dict[str, Any] = {"strategy_id": None}
    if suite_id is not None:
        changes["suite_id"] = suite_id
        if (customer := getattr(event, "external_userid", None)) is not None:
            changes["external_userid"] = known_to_provider(corp, customer)
        if (people := getattr(event, "members", None)) is not None:
            changes["members"] = [known_to_provider(corp, each) for each in people]
    its_own = copy(event)
    for name, value in changes.items():
        if hasattr(its_own, name):
            setattr(its_own, name, value)
    return its_own


def known_to_provider(corp: "Corp", userid: str) -> str:
    """The id by which the provider of the suite knows somebody."""
    return service_id_of(userid) if userid in corp.customers else userid


def from_provider(corp: "Corp", data: Any) -> Any:
    """What a suite asked, with the ids by which the corp knows its customers.

    Those of the corp are taken, too, until the provider has declared that it uses its own.
    """
    if isinstance(data, dict):
        return {key: from_provider(corp, value) for key, value in data.items()}
    if isinstance(data, list):
        return [from_provider(corp, value) for value in data]
    if not isinstance(data, str):
        return data
    if corp.migrated and data in corp.customers:
        raise Refusal(40096)
    return corp.customer_of_provider(data) or data


def to_provider(corp: "Corp", data: Any) -> Any:
    """What a suite is answered, with the ids by which its provider knows the customers."""
    if isinstance(data, dict):
        # The gender is there, but never known.
        return {key: 0 if key == "gender" else to_provider(corp, data[key]) for key in data}
    if isinstance(data, list):
        return [to_provider(corp, value) for value in data]
    return service_id_of(data) if isinstance(data, str) and data in corp.customers else data


def check_address(caller: Caller, address: str) -> None:
    """Refuse a call from an address that is not trusted."""
    if caller.trusted_ips is not None and not any(
        ip_address(address) in ip_network(each) for each in caller.trusted_ips
    ):
        raise Refusal(60020)


def check_permitted(caller: Caller, endpoint: Endpoint[Any], *, own: bool) -> None:
    """Refuse a call that an app may not make: for whose it is, its place in the console, or want of permission."""
    call = reference.call(endpoint.name)
    contact = endpoint.path.startswith(CUSTOMER_CONTACT) or 48002 in endpoint.errors
    if contact and not caller.listed:
        raise Refusal(48002)
    if call.apps == ("providers" if own else "own"):
        raise Refusal(48002)
    if call.name in caller.denied or call.resource in caller.denied:
        raise Refusal(48002)


def check_userids(name: str, data: Data) -> None:
    """Refuse a userid that is longer than any member's."""
    for path, kind, ids in named(reference.call(name).request, data, ""):
        if kind == "UserId" and any(len(each.encode()) > USERID for each in ids):
            raise Refusal(40058, f"{path}: a userid has at most {USERID} bytes")


def check_sight(corp: "Corp", sight: Sight, name: str, data: Data) -> None:
    """Refuse a call that names a member, a department or the group of a member out of range."""
    for path, kind, ids in named(reference.call(name).request, data, f"{name}:"):
        if any(re.fullmatch(pattern, path) for pattern in ANSWERED):
            continue
        for each in ids:
            if kind == "ChatId":
                chat = corp.group_chats.get(each)
                seen = chat is None or chat.owner in sight.userids
            elif kind == "UserId":
                # Who is not there at all is refused for that.
                seen = each not in corp.members or each in sight.userids
            else:
                seen = each not in corp.departments or each in sight.departments
            if not seen:
                raise Refusal(60011, f"{path.partition(':')[2]}: {each}")


def named(
    fields: Sequence[reference.Field], data: Data, path: str
) -> Iterator[tuple[str, str, list[Any]]]:
    """The ids in some data: where, of which type, and those that stand there."""
    for field in fields:
        value = data.get(field.wire)
        if value is None:
            continue
        values = value if field.many else [value]
        where = f"{path}{field.wire}"
        if field.type in NAMED:
            yield where, field.type, values
        elif field.kind == "record":
            record = reference.type(field.type)
            assert isinstance(record, reference.Record)
            for each in values:
                yield from named(record.fields, each, f"{where}.")
