"""Customers: list, get, batch_get, remark, list_served, and the tags put on them.

Hand-written: edit codegen/surfaces/testing/_calls/customers.py.
"""

from collections.abc import Iterator
from itertools import islice
from math import inf

from .._answers import Ask, answers
from .._corp import Corp
from .._pages import cursor_for, offset_of, page_size, paged
from .._refusals import Refusal
from .._things import Customer, Data, Follow, GroupChat, GroupMember, Tag
from .strategies import covered

FOLLOWERS = 500
"""A page of customer.get."""


def show_customer(corp: Corp, customer: Customer) -> Data:
    """A customer as WeCom shows it."""
    shown: Data = {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "avatar": f"http://p.qlogo.cn/bizmail/{customer.external_userid}/0",
        "type": customer.type,
        "gender": customer.gender,
    }
    unionid = corp.unionid(customer)
    if unionid is not None:
        shown["unionid"] = unionid
    if customer.type == 2:
        shown["corp_name"] = shown["corp_full_name"] = customer.corp_name or ""
        shown["position"] = customer.position or ""
    if customer.external_profile is not None:
        shown["external_profile"] = customer.external_profile
    return {key: value for key, value in shown.items() if key not in customer.hidden_fields}


def show_follow(follow: Follow) -> Data:
    """What get and batch_get both say about a relation."""
    shown: Data = {
        "userid": follow.member.userid,
        "remark": follow.remark,
        "description": follow.description,
        "createtime": follow.createtime,
        "remark_mobiles": list(follow.remark_mobiles),
        "oper_userid": follow.oper_userid,
        "add_way": follow.add_way,
    }
    if follow.remark_company:
        shown["remark_corp_name"] = follow.remark_company
    if follow.add_way == 10:
        shown["wechat_channels"] = {"nickname": "视频号", "source": 1}
    if follow.state:
        shown["state"] = follow.state
    return shown


def seen_tags(ask: Ask, follow: Follow) -> list[Tag]:
    """The tags with ids that an app sees: those of strategies are for the app 客户联系."""
    all_seen = ask.app == ask.corp.app.name
    return [tag for tag in follow.tags if all_seen or tag.group.strategy_id is None]


def show_tags(ask: Ask, follow: Follow) -> list[Data]:
    """Tags with their names, as get has them."""
    shown: list[Data] = [
        {
            "group_name": tag.group.name,
            "tag_name": tag.name,
            "tag_id": tag.id,
            "type": 1 if tag.group.strategy_id is None else 3,
        }
        for tag in seen_tags(ask, follow)
    ]
    return shown + [
        {"group_name": "", "tag_name": name, "type": 2} for name in follow.personal_tags
    ]


@answers("customer.list")
def list_(ask: Ask) -> Data:
    member = ask.member(code=40003)
    if not member.customer_contact:
        raise Refusal(84074)
    ids = [each for each, follow in member.follows.items() if not follow.half]
    if not ids and ask.corp.manner.empty_list_refused:
        raise Refusal(84061)
    return {"external_userid": ids}


@answers("customer.get")
def get(ask: Ask) -> Data:
    customer = ask.corp.customers.get(ask["external_userid"])
    if customer is None:
        raise Refusal(40096)
    follows = [each for each in customer.follows if each.is_customer and not each.member.resigned]
    if follows and not any(ask.sees(each.member.userid) for each in follows):
        raise Refusal(40096, "no follower is in the visible range")
    follows = [each for each in follows if ask.sees(each.member.userid)]
    if not follows:
        raise Refusal(84061)
    shown, end = paged(
        ask.name,
        ask.data,
        follows,
        lambda follow: {**show_follow(follow), "tags": show_tags(ask, follow)},
        size=FOLLOWERS,
        query=customer.external_userid,
    )
    end = {key: cursor for key, cursor in end.items() if cursor}
    return {
        "external_contact": show_customer(ask.corp, customer),
        "follow_user": shown,
        **end,
    }


@answers("customer.batch_get")
def batch_get(ask: Ask) -> Data:
    corp = ask.corp
    userids = list(dict.fromkeys(ask["userid_list"]))
    members = [corp.member_of(each) for each in userids]
    # Who has not the customer-contact feature has no customers.
    members = [each for each in members if each.customer_contact]
    if not members:
        raise Refusal(84074)
    unlicensed = [each.userid for each in members if not each.licensed]
    if len(unlicensed) == len(members):
        raise Refusal(701008)
    query = (ask.name, userids)
    offset = offset_of(query, ask["cursor"]) if ask.get("cursor") else 0
    size = page_size(ask.name, ask.get("limit"))
    # Half relations are left out of a page after it was cut, so a page may be short, as WeCom's may.
    records: list[Data] = []
    skip, left = offset, size
    whole = 0
    for member in members:
        if not member.licensed:
            continue
        count = len(member.follows)
        whole += count
        if skip >= count:
            skip -= count
        elif left:
            for follow in islice(member.follows.values(), skip, skip + left):
                left -= 1
                if not follow.half:
                    info = show_follow(follow)
                    info["tag_id"] = [tag.id for tag in seen_tags(ask, follow)]
                    records.append(
                        {
                            "external_contact": show_customer(corp, follow.customer),
                            "follow_info": info,
                        }
                    )
            skip = 0
    if not whole and corp.manner.empty_list_refused:
        raise Refusal(84061)
    reply: Data = {
        "external_contact_list": records,
        "next_cursor": cursor_for(query, offset + size) if offset + size < whole else "",
    }
    if unlicensed:
        reply["fail_info"] = {"unlicensed_userid_list": unlicensed}
    return reply


@answers("customer.remark")
def remark(ask: Ask) -> None:
    follow = ask.corp.follow_of(ask["userid"], ask["external_userid"])
    if ask.get("remark_pic_mediaid"):
        follow.remark_picture = ask.corp.media_of(ask["remark_pic_mediaid"], kind="image").media_id
    if ask.get("remark") is not None:
        follow.remark = ask["remark"]
    if ask.get("description") is not None:
        follow.description = ask["description"]
    if ask.get("remark_company") is not None and follow.customer.type == 1:
        follow.remark_company = ask["remark_company"]
    # An empty list changes nothing; a list with an empty number clears.
    if ask.get("remark_mobiles"):
        follow.remark_mobiles = tuple(each for each in ask["remark_mobiles"] if each)


def served(ask: Ask) -> Iterator[Follow | tuple[GroupChat, GroupMember]]:
    """Everybody outside the corp whom it serves, by relation and by group."""
    for member in ask.corp.members.values():
        if ask.sees(member.userid):
            yield from member.follows.values()
    for chat in ask.corp.group_chats.values():
        if ask.corp.is_customer_group(chat) and ask.sees(chat.owner):
            for person in chat.members:
                if person.type == 2:
                    yield chat, person


def show_served(corp: Corp, contact: Follow | tuple[GroupChat, GroupMember]) -> Data:
    """A customer by id, anybody else by a masked name; with the member, or the group."""
    if isinstance(contact, Follow):
        person, name = contact.customer.external_userid, contact.customer.name
        is_customer, add_time = contact.is_customer, contact.createtime
        where = {"follow_userid": contact.member.userid}
    else:
        chat, joined = contact
        person, name, add_time = joined.userid, joined.name, joined.join_time
        is_customer = person in corp.customers and corp.customers[person].is_customer
        where = {"chat_id": chat.chat_id}
        if not is_customer:
            where = {"follow_userid": chat.owner, "chat_name": chat.name}
    who = {"external_userid": person} if is_customer else {"name": f"***{name[-1:]}"}
    return {
        "is_customer": is_customer,
        "tmp_openid": corp.tmp_openid(person),
        "add_time": add_time,
        **who,
        **where,
    }


@answers("customer.list_served")
def list_served(ask: Ask) -> Data:
    corp = ask.corp
    query = (ask.name, ask.app)
    now, cursor = corp.clock.time(), ask.get("cursor")
    if cursor and now >= corp.cursors.get(cursor, -inf) + corp.lifetimes.cursor:
        raise Refusal(50100)
    offset = offset_of(query, cursor) if cursor else 0
    size = page_size(ask.name, ask.get("limit"))
    found = list(islice(served(ask), offset, offset + size + 1))
    shown = [show_served(corp, each) for each in found[:size]]
    if len(found) <= size:
        return {"info_list": shown, "next_cursor": ""}
    cursor = cursor_for(query, offset + size)
    corp.cursors[cursor] = now
    return {"info_list": shown, "next_cursor": cursor}


def tag_for(ask: Ask, tag_id: str, userid: str | None = None) -> Tag:
    """A tag that may be put on a customer, by a member; without one, taken off."""
    tag = ask.corp.tags.get(tag_id)
    if tag is None or tag.deleted:
        raise Refusal(40068, f"tagid: {tag_id}")
    if tag.group.strategy_id is not None:
        strategy = ask.corp.strategies.get(("customer", tag.group.strategy_id))
        if strategy is None or strategy.app != ask.app:
            raise Refusal(40068, f"tagid: {tag_id}")
        if userid is not None and userid not in covered(ask, strategy.range):
            raise Refusal(40068, f"tagid: {tag_id}, the member is not in the strategy's range")
    return tag


@answers("customer_tag.mark")
def mark(ask: Ask) -> None:
    more, less = ask.get("add_tag", []), ask.get("remove_tag", [])
    if not more and not less:
        raise Refusal(40058, "add_tag and remove_tag are both empty")
    follow = ask.corp.follow_of(ask["userid"], ask["external_userid"])
    # All of them are looked up before anything changes: one unknown tag refuses the whole call.
    added = [tag_for(ask, each, follow.member.userid) for each in more]
    removed = {tag_for(ask, each).id for each in less}
    kept = {tag.id: tag for tag in (*follow.tags, *added) if tag.id not in removed}
    if ask.corp.limits.quotas and len(kept) > ask.corp.limits.tags_of_customer:
        raise Refusal(40058, f"{len(kept)} tags of one member on one customer")
    follow.tags = tuple(kept.values())
