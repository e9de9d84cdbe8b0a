"""Acquisition links (获客助手), and the component that a provider pays for.

Hand-written: edit codegen/surfaces/testing/_calls/acquisition.py.
"""

from .._answers import Ask, answers
from .._corp import midnight
from .._ids import digest
from .._limits import DAY
from .._pages import paged
from .._refusals import Refusal
from .._things import AcquisitionLink, Bill, Data, Follow
from .statistics import days

BILLED = 31 * DAY
"""How far apart the ends of a query of bills may be."""


def live_link(ask: Ask) -> AcquisitionLink:
    """The link a call means, whichever app made it."""
    link = ask.corp.acquisition_links.get(ask["link_id"])
    if link is None or link.deleted:
        raise Refusal(40058, "invalid link_id")
    return link


def link_of(ask: Ask) -> AcquisitionLink:
    """The link a call means; an app knows only its own."""
    link = live_link(ask)
    if link.app != ask.app:
        raise Refusal(40058, "invalid link_id")
    return link


def check_priority(ask: Ask, option: Data) -> None:
    """Refuse a preference for listed members that lists none, or members who are not there."""
    if option["priority_type"] != 2:
        return
    if not option.get("priority_userid_list"):
        raise Refusal(40058, "priority_userid_list is empty")
    for userid in option["priority_userid_list"]:
        ask.corp.member_of(userid)


def fill(ask: Ask, link: AcquisitionLink) -> None:
    corp = ask.corp
    if ask.get("priority_option") is not None:
        check_priority(ask, ask["priority_option"])
    if ask.get("range") is not None:
        users = ask["range"].get("user_list") or []
        parties = ask["range"].get("department_list") or []
        if not users and not parties:
            raise Refusal(40058, "user_list and department_list are both empty")
        for each in users:
            corp.member_of(each)
        corp.check_departments(parties)
        everybody = {member.userid for member in corp.within(parties)} | set(users)
        if corp.limits.quotas and len(everybody) > corp.limits.acquisition_members:
            raise Refusal(40058, f"range: {len(everybody)} members")
        link.users, link.parties = list(users), list(parties)
    link.name = ask.get("link_name", link.name)
    # True by default, even when a link is changed.
    link.skip_verify = ask.get("skip_verify", True)
    link.mark_source = ask.get("mark_source", True)
    link.priority = ask.get("priority_option", link.priority)


@answers("customer_acquisition.list_links")
def list_links(ask: Ask) -> Data:
    own = [
        link.link_id
        for link in ask.corp.acquisition_links.values()
        if link.app == ask.app and not link.deleted
    ]
    shown, end = paged(ask.name, ask.data, own, lambda link_id: link_id)
    return {"link_id_list": shown, **end}


@answers("customer_acquisition.get_link")
def get_link(ask: Ask) -> Data:
    link = link_of(ask)
    reply: Data = {
        "link": {
            "link_name": link.name,
            "url": link.url,
            "create_time": link.create_time,
            "skip_verify": link.skip_verify,
            "mark_source": link.mark_source,
        },
        "range": {"user_list": link.users, "department_list": link.parties},
    }
    if link.priority is not None:
        reply["priority_option"] = link.priority
    return reply


@answers("customer_acquisition.create_link")
def create_link(ask: Ask) -> Data:
    corp = ask.corp
    there = sum(not each.deleted for each in corp.acquisition_links.values())
    if corp.limits.quotas and there >= corp.limits.acquisition_links:
        raise Refusal(41095)
    link = AcquisitionLink(
        f"caw{corp.ids.body('link', 29)}", ask.app, corp.clock.seconds(), "", [], []
    )
    fill(ask, link)
    corp.acquisition_links[link.link_id] = link
    return {
        "link": {
            "link_id": link.link_id,
            "link_name": link.name,
            "url": link.url,
            "create_time": link.create_time,
        }
    }


@answers("customer_acquisition.update_link")
def update_link(ask: Ask) -> None:
    fill(ask, link_of(ask))


@answers("customer_acquisition.delete_link")
def delete_link(ask: Ask) -> None:
    link = link_of(ask)
    if ask.corp.manner.link_deletion_told:
        ask.corp.admin_deletes_link(link)
    link.deleted = True


def brought(ask: Ask, link: AcquisitionLink) -> list[Follow]:
    """The relations that a link made, those that are over by now, too; the first comes first."""
    there = (f for member in ask.corp.members.values() for f in member.follows.values())
    found = [f for f in (*there, *ask.corp.ended) if f.link_id == link.link_id]
    return sorted(found, key=lambda follow: follow.createtime)


@answers("customer_acquisition.list_customers")
def list_customers(ask: Ask) -> Data:
    link = link_of(ask)

    def show(follow: Follow) -> Data:
        shown: Data = {
            "external_userid": follow.customer.external_userid,
            "userid": follow.member.userid,
            "chat_status": min(follow.messages, 1),
        }
        return {**shown, "state": follow.state} if follow.state else shown

    shown, end = paged(ask.name, ask.data, brought(ask, link), show, query=link.link_id)
    return {"customer_list": shown, **end}


@answers("customer_acquisition.quota")
def quota(ask: Ask) -> Data:
    corp = ask.corp
    packages = [(each.expires_at, each.left) for each in corp.live_quotas()]
    plain = corp.plain_balance()
    if plain:
        packages.append((corp.today() + 365 * DAY, plain))
    return {
        "total": corp.acquisition_used,
        "balance": corp.acquisition_left(),
        "quota_list": [{"expire_date": end, "balance": left} for end, left in sorted(packages)],
    }


@answers("customer_acquisition.statistic")
def statistic(ask: Ask) -> Data:
    link = link_of(ask)
    span = days(ask, ask["start_time"], ask["end_time"], ask.corp.today())
    # Customers are counted, not clicks; each stranger is one.
    opened = zip(link.clicks, link.visitors, strict=True)
    visitors = {who or n for n, (when, who) in enumerate(opened) if midnight(when) in span}
    return {
        "click_link_customer_cnt": len(visitors),
        "new_customer_cnt": sum(midnight(f.createtime) in span for f in brought(ask, link)),
    }


@answers("customer_acquisition.get_chat_info")
def get_chat_info(ask: Ask) -> Data:
    corp = ask.corp
    follow, since = corp.chat_keys.get(ask["chat_key"], (None, 0.0))
    if follow is None or corp.clock.time() >= since + corp.lifetimes.chat_key:
        raise Refusal(40058, "invalid chat_key")
    chat: Data = {"recv_msg_cnt": follow.messages, "link_id": follow.link_id}
    if follow.state:
        chat["state"] = follow.state
    return {
        "userid": follow.member.userid,
        "external_userid": follow.customer.external_userid,
        "chat_info": chat,
    }


@answers("customer_acquisition.get_permit")
def get_permit(ask: Ask) -> Data:
    users = [each.userid for each in ask.corp.serving() if ask.sees(each.userid)]
    parties = ask.corp.departments if ask.sight is None else ask.sight.departments
    return {"user_list": users, "department_list": sorted(parties), "tag_list": []}


@answers("customer_acquisition_component.get_auth_info")
def get_auth_info(ask: Ask) -> Data:
    corp = ask.corp
    # The component is authorised for the links of all the corp's apps.
    shown: Data = {
        "pay_mode": int(corp.manner.provider_pays),
        "link_auth_mode": 1,
        "auth_apps": [{"agentid": app.agent_id} for app in corp.apps.values()],
    }
    return {**shown, "price": corp.limits.provider_price} if corp.manner.provider_pays else shown


@answers("customer_acquisition_component.create_once_key")
def create_once_key(ask: Ask) -> Data:
    corp = ask.corp
    link = live_link(ask)
    if not corp.manner.provider_pays:
        raise Refusal(41099)
    first = corp.ids.body("once_key", 30)
    keys = [digest(first, each, length=32) for each in range(ask.get("key_num", 100))]
    corp.once_keys |= dict.fromkeys(keys, (link.link_id, corp.clock.time()))
    return {"keys": keys}


@answers("customer_acquisition_component.list_bills")
def list_bills(ask: Ask) -> Data:
    corp = ask.corp
    if ask["auth_corpid"] != corp.corp_id:
        raise Refusal(40013)
    begin, end = ask["begin_time"], ask["end_time"]
    if not 0 <= end - begin <= BILLED:
        raise Refusal(40058, "the time span is more than 31 days, or less than nothing")

    def show(bill: Bill) -> Data:
        shown: Data = {"timestamp": bill.time, "price": bill.price}
        # The bill stays when its link is gone, and names it no more.
        if not corp.acquisition_links[bill.link_id].deleted:
            shown["link_id"] = bill.link_id
        return {**shown, "state": bill.state} if bill.state else shown

    found = [bill for bill in corp.bills if begin <= bill.time <= end]
    query = (begin, end)
    shown, next_ = paged(ask.name, ask.data, found, show, query=query, missing_at_end=True)
    return {"bill_list": shown, **next_}
