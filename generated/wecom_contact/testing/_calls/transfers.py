"""Handovers: of customers, which take a day, and of groups, which do not.

Hand-written: edit codegen/surfaces/testing/_calls/transfers.py.
"""

from functools import partial

from .._answers import Ask, answers
from .._corp import Corp
from .._limits import DAY
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, Member, Transfer, Unassigned

PAGE = 1000
"""Customers on a page of a result."""
HANDED_OVER = "您好，您的服务已升级，后续将由我的同事{}接替我的工作，继续为您服务。"
"""What WeCom says to a customer of a member who stays, if the application does not say it."""


def takeover_of(ask: Ask, key: str = "takeover_userid") -> Member:
    """A member who can take customers and groups over."""
    member = ask.member(key)
    if not member.customer_contact:
        raise Refusal(84074)
    if not member.active:
        raise Refusal(41054)
    if not member.verified:
        raise Refusal(40098)
    check_login(ask, member)
    return member


def check_login(ask: Ask, member: Member) -> None:
    """Refuse a member who has not logged in for a year, or left more than a year ago."""
    if not ask.corp.lately_in(member):
        raise Refusal(40205, f"userid: {member.userid}")


def problem(corp: Corp, whom: str, old: Member, new: Member, resigned: bool) -> int:
    """Why a customer cannot be handed over; 0 if they can."""
    customer = corp.customers.get(whom)
    if customer is None:
        return 40096
    follow = old.follows.get(whom)
    if follow is None or not follow.is_customer:
        return 40131
    mine = [each for each in corp.transfers if each.customer is customer]
    if any(each.status == 2 for each in mine):
        return 40129
    if whom not in new.follows and len(new.follows) >= new.customer_limit:
        return 40099
    since = corp.clock.time() - 90 * DAY
    recent = sum(not t.resigned and t.status == 1 and t.takeover_time > since for t in mine)
    if not resigned and corp.limits.quotas and recent >= corp.limits.transfers_in_90_days:
        return 40128
    return 0


def hand_over(ask: Ask, resigned: bool) -> Data:
    corp = ask.corp
    old = corp.members.get(ask["handover_userid"])
    if old is None:
        raise corp.no_member(ask["handover_userid"])
    if old.userid == ask["takeover_userid"]:
        raise Refusal(40130)
    if resigned and not old.resigned:
        raise Refusal(40097)
    if not resigned and old.resigned:
        raise corp.no_member(old.userid)
    check_login(ask, old)
    new = takeover_of(ask)
    shown: list[Data] = []
    for whom in ask["external_userid"]:
        code = problem(corp, whom, old, new, resigned)
        shown.append({"external_userid": whom, "errcode": code})
        if code:
            continue
        when = corp.clock.seconds() + corp.lifetimes.takeover
        message = ask.get("transfer_success_msg") or HANDED_OVER.format(new.name)
        transfer = Transfer(
            corp.customers[whom], old, new, when, resigned, message=None if resigned else message
        )
        corp.transfers.append(transfer)
        corp.assigned(old.userid, whom)
        corp.clock.at(when, partial(corp.finish_transfer, transfer))
    return {"customer": shown}


@answers("transfer.customer")
def transfer_customer(ask: Ask) -> Data:
    return hand_over(ask, resigned=False)


@answers("resigned_transfer.customer")
def transfer_resigned_customer(ask: Ask) -> Data:
    return hand_over(ask, resigned=True)


def result(ask: Ask, resigned: bool) -> Data:
    pair = (ask["handover_userid"], ask["takeover_userid"])
    for userid in pair:
        # Who has left since is known, who was never there is not.
        if userid not in ask.corp.members:
            raise ask.corp.no_member(userid)
    found = [
        each
        for each in ask.corp.transfers
        if (each.handover.userid, each.takeover.userid) == pair and each.resigned == resigned
    ]
    shown, end = paged(
        ask.name,
        ask.data,
        found,
        lambda each: {
            "external_userid": each.customer.external_userid,
            "status": each.status,
            "takeover_time": each.takeover_time,
        },
        size=PAGE,
        query=pair,
    )
    return {"customer": shown, **end}


@answers("transfer.result")
def transfer_result(ask: Ask) -> Data:
    return result(ask, resigned=False)


@answers("resigned_transfer.result")
def resigned_result(ask: Ask) -> Data:
    return result(ask, resigned=True)


@answers("resigned_transfer.list_unassigned")
def list_unassigned(ask: Ask) -> Data:
    corp = ask.corp

    def show(each: Unassigned) -> Data:
        return {
            "handover_userid": each.handover_userid,
            "external_userid": each.external_userid,
            "dimission_time": each.dimission_time,
        }

    waiting = sorted(corp.unassigned, key=lambda each: -each.dimission_time)
    size = ask.get("page_size", PAGE) or PAGE
    if ask.get("cursor"):
        if ask.get("page_id") is not None:
            raise Refusal(40058, "page_id and cursor exclude each other")
        shown, end = paged(ask.name, ask.data, waiting, show, size=size)
        return {"info": shown, "is_last": not end["next_cursor"], **end}
    first = ask.get("page_id", 0) * size
    if first >= 50_000:
        raise Refusal(40058, "page_id * page_size reaches 50000; go on with a cursor")
    shown = [show(each) for each in waiting[first : first + size]]
    is_last = first + size >= len(waiting)
    reply: Data = {"info": shown, "is_last": is_last}
    if ask.get("page_id") is None:
        # Who gives no page_id may go on either way.
        _, end = paged(ask.name, {}, waiting, show, size=size)
        reply |= end
    return reply


def move_problem(ask: Ask, chat_id: str, new: Member, resigned: bool) -> int:
    """Why a group stays with its owner; 0 if it does not."""
    corp = ask.corp
    chat = corp.customer_group(chat_id)
    if chat is None:
        return 90501
    if not ask.sees(chat.owner):
        return 60011
    owner = corp.members[chat.owner]
    if resigned and not owner.resigned and chat.status == 3:
        return 90508  # done already, whoever asks for it
    if owner is new:
        return 90504
    if resigned and not owner.resigned:
        return 90500
    if not resigned and owner.resigned:
        return 90502
    if chat.status == 2:
        return 90507
    long_gone = owner.resigned_at is not None and (
        corp.clock.time() - owner.resigned_at >= corp.lifetimes.departed
    )
    if long_gone or not corp.lately_in(owner):
        return 40205
    if not chat.has(new.userid) and not corp.has_room(chat):
        return 90503
    now = corp.clock.time()
    today = sum(old == owner.userid and when > now - DAY for _, old, when in corp.group_moves)
    if corp.limits.quotas and today >= corp.limits.group_transfers_a_day:
        return 45009
    recent = sum(each == chat_id and when > now - 90 * DAY for each, _, when in corp.group_moves)
    if not resigned and corp.limits.quotas and recent >= corp.limits.transfers_in_90_days:
        return 40128
    return 0


def move(ask: Ask, resigned: bool) -> Data:
    corp = ask.corp
    new = takeover_of(ask, "new_owner")
    failed: list[Data] = []
    for chat_id in ask["chat_id_list"]:
        code = move_problem(ask, chat_id, new, resigned)
        if code:
            words = Refusal(code).words
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": words})
            continue
        chat = corp.group_chats[chat_id]
        corp.group_moves.append((chat_id, chat.owner, corp.clock.seconds()))
        if not resigned:
            corp.finish_group_transfer(chat, new, chat.status)
        elif corp.lifetimes.group_takeover:
            chat.status = 2
            when = corp.clock.seconds() + corp.lifetimes.group_takeover
            corp.clock.at(when, partial(corp.finish_group_transfer, chat, new))
        else:
            corp.finish_group_transfer(chat, new)
    return {"failed_chat_list": failed}


@answers("transfer.group_chat")
def transfer_groups(ask: Ask) -> Data:
    return move(ask, resigned=False)


@answers("resigned_transfer.group_chat")
def transfer_resigned_groups(ask: Ask) -> Data:
    return move(ask, resigned=True)
