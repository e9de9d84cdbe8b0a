"""Customer groups.

Hand-written: edit codegen/surfaces/testing/_calls/groups.py.
"""

from .._answers import Ask, answers
from .._corp import Corp
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, GroupChat, GroupMember


def owned(ask: Ask, most: int) -> list[GroupChat]:
    """The groups of the owners that are asked for; else of all who have not left, if the app does not see too many."""
    corp = ask.corp
    owners = (ask.get("owner_filter") or {}).get("userid_list")
    corp.check_known(owners or ())
    if not owners and corp.limits.quotas and sum(ask.sees(m.userid) for m in corp.serving()) > most:
        raise Refusal(81017)
    return sorted(
        (
            chat
            for chat in corp.group_chats.values()
            if corp.is_customer_group(chat)
            and (chat.owner in owners if owners else not corp.members[chat.owner].resigned)
            and ask.sees(chat.owner)
        ),
        key=lambda chat: -chat.create_time,
    )


@answers("group_chat.list")
def list_(ask: Ask) -> Data:
    status = ask.get("status_filter", 0)
    found = [
        chat
        for chat in owned(ask, ask.corp.limits.owners_unfiltered)
        if status == 0 or chat.status == status
    ]
    shown, end = paged(
        ask.name,
        ask.data,
        found,
        lambda chat: {"chat_id": chat.chat_id, "status": chat.status},
        query=(status, ask.get("owner_filter")),
    )
    return {"group_chat_list": shown, **end}


def show_member(corp: Corp, person: GroupMember, need_name: bool) -> Data:
    shown: Data = {
        "userid": person.userid,
        "type": person.type,
        "join_time": person.join_time,
        "join_scene": person.join_scene,
        "group_nickname": person.nickname,
    }
    # Only members of the corp are named as those who invited somebody.
    if person.invitor in corp.members:
        shown["invitor"] = {"userid": person.invitor}
    customer = corp.customers.get(person.userid)
    unionid = None if customer is None else corp.unionid(customer)
    if unionid is not None:
        shown["unionid"] = unionid
    if need_name:
        shown["name"] = person.name
    if person.state is not None:
        shown["state"] = person.state
    return shown


@answers("group_chat.get")
def get(ask: Ask) -> Data:
    corp = ask.corp
    chat = corp.customer_group(ask["chat_id"])
    if chat is None:
        raise Refusal(40050)
    chat = corp.as_read(chat)
    need_name = bool(ask.get("need_name", 0))
    shown: Data = {
        "chat_id": chat.chat_id,
        "name": chat.name,
        "owner": chat.owner,
        "create_time": chat.create_time,
        "member_list": [show_member(corp, each, need_name) for each in chat.members],
        "admin_list": [{"userid": each} for each in chat.admins],
        "member_version": corp.member_version(chat),
    }
    if chat.notice:
        shown["notice"] = chat.notice
    return {"group_chat": shown}


@answers("group_chat.opengid_to_chatid")
def opengid_to_chatid(ask: Ask) -> Data:
    members = [each for each in ask.corp.members.values() if not each.resigned]
    if members and not any(ask.corp.lately_in(each) for each in members):
        raise Refusal(90510)
    for chat in ask.corp.group_chats.values():
        known = chat.opengid == ask["opengid"] and ask.corp.is_customer_group(chat)
        if known and ask.sees(chat.owner):
            return {"chat_id": chat.chat_id}
    raise Refusal(90511)
