"""Mass messages: made by the app, confirmed by members, followed by the app.

Hand-written: edit codegen/surfaces/testing/_calls/messages.py.
"""

from collections.abc import Iterable

from .._answers import Ask, answers, text
from .._limits import DAY
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, Follow, MassMessage, MassTask, Member

MONTH = 31 * DAY


def reachable(follow: Follow) -> bool:
    return not follow.half and not follow.deleted and not follow.member.resigned


def sender_of(follows: Iterable[Follow]) -> Follow | None:
    """The member who talked to a customer last is asked to send."""
    able = [each for each in follows if reachable(each) and each.member.customer_contact]
    return max(able, key=lambda each: (each.last_message, each.createtime), default=None)


def seen(ask: Ask, follows: Iterable[Follow]) -> list[Follow]:
    """Those of members whom the app sees."""
    return [each for each in follows if ask.sees(each.member.userid)]


def chosen(ask: Ask, sender: Member | None) -> tuple[dict[str, list[str]], list[str]]:
    """Customers by the member who is to send to them, and those who cannot be reached."""
    corp = ask.corp
    tasks: dict[str, list[str]] = {}
    failed: list[str] = []
    if ask.get("external_userid"):
        for each in dict.fromkeys(ask["external_userid"]):
            customer = corp.customers.get(each)
            follows = [] if customer is None else seen(ask, customer.follows)
            if sender is not None:
                follows = [follow for follow in follows if follow.member is sender]
            follow = sender_of(follows)
            if follow is None:
                failed.append(each)
            else:
                tasks.setdefault(follow.member.userid, []).append(each)
        return tasks, failed
    groups = (ask.get("tag_filter") or {}).get("group_list", [])
    wanted = [set(group["tag_list"]) for group in groups]
    if sender is None and not wanted:
        raise Refusal(40058, "external_userid, sender and tag_filter are all empty")
    # Tags of one group mean any of them, groups mean all of them.
    for customer in corp.customers.values() if sender is None else sender.customers:
        fitting = [
            follow
            for follow in seen(ask, customer.follows)
            if (sender is None or follow.member is sender)
            and all(any(tag.id in tags for tag in follow.tags) for tags in wanted)
        ]
        follow = sender_of(fitting)
        if follow is not None:
            tasks.setdefault(follow.member.userid, []).append(customer.external_userid)
    return tasks, failed


def groups_of(ask: Ask, sender: Member) -> tuple[dict[str, list[str]], list[str]]:
    """The groups of the sender, and those asked for that are not."""
    own = {
        chat.chat_id
        for chat in ask.corp.group_chats.values()
        if chat.owner == sender.userid and ask.corp.is_customer_group(chat)
    }
    asked = ask.get("chat_id_list") or sorted(own)
    found = [each for each in asked if each in own]
    return ({sender.userid: found} if found else {}), [each for each in asked if each not in own]


@answers("group_msg.add_template")
def add_template(ask: Ask) -> Data:
    corp = ask.corp
    kind = ask.get("chat_type", "single")
    attachments = ask.get("attachments", [])
    if not text(ask.data) and not attachments:
        raise Refusal(40058, "text and attachments are both empty")
    attachments = corp.checked(attachments)
    sender = ask.member("sender") if ask.get("sender") else None
    if sender is not None and not sender.customer_contact:
        raise Refusal(84074)
    if kind == "group":
        if sender is None:
            raise Refusal(40058, "a mass message to groups needs a sender")
        tasks, failed = groups_of(ask, sender)
    else:
        tasks, failed = chosen(ask, sender)
    if not tasks:
        raise Refusal(41048)
    message = MassMessage(
        f"msg{corp.ids.body('msg', 25)}",
        ask.app,
        corp.clock.seconds(),
        kind,
        text(ask.data),
        attachments,
        tasks={userid: MassTask(userid, targets) for userid, targets in tasks.items()},
    )
    corp.mass_messages[message.msgid] = message
    return {"fail_list": failed, "msgid": message.msgid}


def message_of(ask: Ask) -> MassMessage:
    message = ask.corp.mass_messages.get(ask["msgid"])
    if message is None:
        raise Refusal(41047)
    return message


def dispatched(ask: Ask) -> MassMessage:
    """The message, once it is dispatched."""
    message = message_of(ask)
    if message.asked < ask.corp.manner.dispatch_polls:
        message.asked += 1
        raise Refusal(41063)
    return message


def of_corp(ask: Ask) -> MassMessage:
    """The message a call means; those of members are nothing to remind them of, or to take back."""
    message = message_of(ask)
    if message.creator is not None:
        raise Refusal(41047)
    return message


@answers("group_msg.remind_send")
def remind(ask: Ask) -> None:
    message = of_corp(ask)
    if message.cancelled:
        raise Refusal(41093)
    now = ask.corp.clock.seconds()
    recent = [each for each in message.reminders if each > now - DAY]
    if ask.corp.limits.quotas and len(recent) >= ask.corp.limits.reminders_a_day:
        raise Refusal(41094)
    message.reminders.append(now)


@answers("group_msg.cancel_send")
def cancel(ask: Ask) -> None:
    message = of_corp(ask)
    if message.cancelled and ask.corp.manner.second_cancel_refused:
        raise Refusal(41093)
    message.cancelled = True


def show_message(message: MassMessage) -> Data:
    shown: Data = {
        "msgid": message.msgid,
        "create_time": message.create_time,
        "create_type": 0 if message.creator is None else 1,
        "attachments": message.attachments,
    }
    if message.creator is not None:
        shown["creator"] = message.creator
    if message.text is not None:
        shown["text"] = {"content": message.text}
    return shown


@answers("group_msg.list")
def list_(ask: Ask) -> Data:
    begin, end = ask["start_time"], ask["end_time"]
    if not 0 <= end - begin <= MONTH:
        raise Refusal(40058, "the time span is more than a month, or less than nothing")
    kinds = {0: (True,), 1: (False,)}.get(ask.get("filter_type", 2), (True, False))
    creator = ask.get("creator")
    ask.corp.check_known([creator] if creator else [])
    found = [
        message
        for message in reversed(ask.corp.mass_messages.values())
        if message.chat_type == ask["chat_type"]
        and begin <= message.create_time <= end
        and (message.creator is None) in kinds
        and creator in (None, "", message.creator)
        and (message.creator is None or ask.sees(message.creator))
    ]
    found.sort(key=lambda message: -message.create_time)
    query = (ask["chat_type"], begin, end, creator, kinds)
    shown, end_ = paged(ask.name, ask.data, found, show_message, query=query)
    return {"group_msg_list": ask.corp.with_live_media(shown), **end_}


def show_task(task: MassTask) -> Data:
    if task.sent_at is None:
        return {"userid": task.userid, "status": 0}
    return {"userid": task.userid, "status": 2, "send_time": task.sent_at}


@answers("group_msg.get_task")
def get_task(ask: Ask) -> Data:
    message = dispatched(ask)
    tasks = [each for each in message.tasks.values() if ask.sees(each.userid)]
    shown, end = paged(ask.name, ask.data, tasks, show_task, query=message.msgid)
    return {"task_list": shown, **end}


@answers("group_msg.get_send_result")
def get_send_result(ask: Ask) -> Data:
    message = dispatched(ask)
    ask.corp.check_known([ask["userid"]])
    task = message.tasks.get(ask["userid"])
    targets = [] if task is None else task.targets
    key = "external_userid" if message.chat_type == "single" else "chat_id"
    sent_at = None if task is None else task.sent_at
    results = {} if task is None else task.results
    if key == "chat_id":
        targets = [each for each in targets if results.get(each) == 1]

    def show(target: str) -> Data:
        status = results.get(target, 0)
        shown = {key: target, "userid": ask["userid"], "status": status}
        return {**shown, "send_time": sent_at} if status == 1 else shown

    query = (message.msgid, ask["userid"])
    shown, end = paged(ask.name, ask.data, targets, show, query=query)
    return {"send_list": shown, **end}
