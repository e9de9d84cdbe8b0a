"""Ids of one world turned into those of another. All ids of a person share a part, so nothing has to be kept.

Hand-written: edit codegen/surfaces/testing/_calls/ids.py.
"""

from .._answers import Ask, answers
from .._ids import CORP_PART, SERVICE_PART, openid_of, pending_id_of, service_id_of
from .._refusals import Refusal
from .._things import Customer, Data


def stranger_or_customer(ask: Ask) -> Customer | None:
    """Who has a unionid and an openid; None for somebody who is no customer."""
    if not ask["openid"].startswith("o"):
        raise Refusal(40073)
    customer = ask.corp.customer_by_unionid(ask["unionid"])
    if customer is None and not ask["unionid"].startswith("o"):
        raise Refusal(845003)
    if customer is not None and ask["openid"] != openid_of(customer.external_userid):
        raise Refusal(40073)
    return customer


def known(ask: Ask, external_userid: str) -> Customer:
    """The customer of an id, as the corp or as the provider knows it."""
    own = ask.corp.customer_of_provider(external_userid) or external_userid
    customer = ask.corp.customers.get(own)
    if customer is None:
        raise Refusal(40096)
    return customer


@answers("id_convert.unionid_to_external_userid")
def unionid_to_external_userid(ask: Ask) -> Data:
    customer = stranger_or_customer(ask)
    if customer is None:
        raise Refusal(40096)
    return {"external_userid": service_id_of(customer.external_userid)}


def of_corp(ask: Ask) -> Data:
    """The corps in which somebody is a customer; there is one corp here."""
    customer = stranger_or_customer(ask)
    if customer is None or ask.get("corpid", ask.corp.corp_id) != ask.corp.corp_id:
        return {"external_userid_info": []}
    external_userid = service_id_of(customer.external_userid)
    return {
        "external_userid_info": [{"corpid": ask.corp.corp_id, "external_userid": external_userid}]
    }


answers("id_convert.unionid_to_external_userid_3rd")(of_corp)
answers("id_convert.corpgroup_unionid_to_external_userid")(of_corp)


def pend(ask: Ask, customer: Customer | None) -> str:
    """A pending_id for a person, remembered if they are a customer."""
    if customer is None:
        return pending_id_of(f"stranger {ask['unionid']}")
    ask.corp.pending_ids[customer.external_userid] = ask.corp.clock.time()
    return pending_id_of(customer.external_userid)


@answers("id_convert.idconvert_unionid_to_external_userid")
def idconvert_unionid(ask: Ask) -> Data:
    customer = stranger_or_customer(ask)
    pending_id = pend(ask, customer)
    if customer is None or not customer.follows:
        return {"pending_id": pending_id}
    return {"external_userid": service_id_of(customer.external_userid)}


@answers("id_convert.unionid_to_pending_id")
def unionid_to_pending_id(ask: Ask) -> Data:
    return {"pending_id": pend(ask, stranger_or_customer(ask))}


def pending_ids(ask: Ask) -> Data:
    """Those whose unionid was converted in the last 90 days; with a group, those of them who are in it."""
    corp = ask.corp
    chat = None
    if ask.get("chat_id"):
        chat = corp.group_chats.get(ask["chat_id"])
        if chat is None:
            raise Refusal(40050)
    found = []
    for each in ask["external_userid"]:
        try:
            own = known(ask, each).external_userid
        except Refusal:
            continue
        since = corp.pending_ids.get(own)
        if since is None or corp.clock.time() >= since + corp.lifetimes.pending_id:
            continue
        if chat is None or chat.has(own):
            found.append({"external_userid": each, "pending_id": pending_id_of(own)})
    return {"result": found}


answers("id_convert.batch_external_userid_to_pending_id")(pending_ids)
answers("id_convert.corpgroup_batch_external_userid_to_pending_id")(pending_ids)


@answers("id_convert.external_tagid")
def external_tagid(ask: Ask) -> Data:
    corp = ask.corp
    items, invalid = [], []
    for each in ask["external_tagid_list"]:
        own = f"et{each[2:].replace(SERVICE_PART, CORP_PART, 1)}"
        if own in corp.tags or own in corp.tag_groups:
            items.append({"external_tagid": each, "open_external_tagid": service_id_of(own)})
        else:
            invalid.append(each)
    return {"items": items, "invalid_external_tagid_list": invalid}


@answers("id_convert.convert_tmp_external_userid")
def convert_tmp(ask: Ask) -> Data:
    corp = ask.corp
    results, invalid = [], []
    for each in ask["tmp_external_userid_list"]:
        customer = corp.customer_by_unionid(f"ozynqs{each[10:]}") if each[:2] == "tm" else None
        if customer is None or ask["user_type"] != 1:
            invalid.append(each)
        else:
            results.append(
                {"tmp_external_userid": each, "external_userid": customer.external_userid}
            )
    if not results:
        raise Refusal(710006)
    return {"results": results, "invalid_tmp_external_userid_list": invalid}


@answers("id_convert.convert_to_openid")
def convert_to_openid(ask: Ask) -> Data:
    customer = known(ask, ask["external_userid"])
    if customer.type != 1:
        raise Refusal(40096)
    return {"openid": openid_of(customer.external_userid)}


@answers("id_convert.to_service_external_userid")
def to_service(ask: Ask) -> Data:
    return {"external_userid": service_id_of(known(ask, ask["external_userid"]).external_userid)}


@answers("id_convert.from_service_external_userid")
def from_service(ask: Ask) -> Data:
    if ask["source_agentid"] not in {app.agent_id for app in ask.corp.apps.values()}:
        raise Refusal(40056)
    return {"external_userid": known(ask, ask["external_userid"]).external_userid}


def upgraded(ask: Ask, ids: list[str]) -> Data:
    if ask.corp.migrated:
        raise Refusal(48002, "the migration is finished")
    items = []
    for each in ids:
        own = known(ask, each).external_userid
        items.append({"external_userid": each, "new_external_userid": service_id_of(own)})
    return {"items": items}


@answers("id_convert.get_new_external_userid")
def get_new(ask: Ask) -> Data:
    return upgraded(ask, ask["external_userid_list"])


@answers("id_convert.groupchat_get_new_external_userid")
def get_new_of_group(ask: Ask) -> Data:
    chat = ask.corp.group_chats.get(ask["chat_id"])
    if chat is None:
        raise Refusal(40050)
    return upgraded(ask, [each for each in ask["external_userid_list"] if chat.has(each)])


@answers("id_convert.finish_external_userid_migration")
def finish_migration(ask: Ask) -> None:
    if ask["corpid"] != ask.corp.corp_id:
        raise Refusal(40013)
    ask.corp.migrated = True


@answers("id_convert.apply_to_upgrade_chatid")
def apply_to_upgrade_chatid(ask: Ask) -> None:
    corp = ask.corp
    at = corp.chatid_upgrade_at
    if at is not None and corp.clock.time() >= at:
        raise Refusal(40165)
    if ask["upgrade_time"] <= corp.clock.time():
        raise Refusal(40167)
    corp.chatid_upgrade_at = ask["upgrade_time"]


@answers("id_convert.chatid")
def chatid(ask: Ask) -> Data:
    corp = ask.corp
    if corp.chatid_upgrade_at is None:
        raise Refusal(40166)
    if corp.clock.time() >= corp.chatid_upgrade_at:
        raise Refusal(40165)
    items, invalid = [], []
    for each in ask["chat_id_list"]:
        own = f"wr{each[2:].replace(SERVICE_PART, CORP_PART, 1)}"
        if own in corp.group_chats:
            items.append({"chat_id": each, "new_chat_id": service_id_of(own)})
        else:
            invalid.append(each)
    return {"items": items, "invalid_chat_id_list": invalid}
