"""Statistics: what the corp itself knows, and the rest invented, always the same for the same day.

Hand-written: edit codegen/surfaces/testing/_calls/statistics.py.
"""

from collections import Counter
from collections.abc import Iterable
from random import Random

from attrs import fields

from .._answers import Ask, answers
from .._corp import Corp, day_of, midnight
from .._limits import DAY
from .._pages import page_size
from .._refusals import Refusal
from .._things import Behavior, Data, GroupBehavior, GroupChat, Member
from .groups import owned

SPAN = 30
BACK = 180
ORDERS = ("new_chat_cnt", "chat_total", "new_member_cnt", "member_total")


def days(ask: Ask, begin: int, end: int, latest: int) -> range:
    """The days asked for, by their midnights; refused if they are too many, too old or not over."""
    first, last = midnight(begin), midnight(end)
    if last < first:
        raise Refusal(40058, "the end lies before the beginning")
    if (last - first) // DAY > SPAN:
        raise Refusal(40058, f"more than {SPAN} days apart")
    if first < ask.corp.today() - BACK * DAY:
        raise Refusal(40058, f"more than {BACK} days ago")
    if last > latest:
        raise Refusal(40058, "a day that has no numbers yet")
    return range(first, last + 1, DAY)


def counted_days(corp: Corp, span: range) -> range:
    """The days whose numbers are there: in the small hours yesterday's are not."""
    yesterday = corp.today() - DAY
    if corp.clock.now().hour >= corp.manner.statistics_hour or yesterday not in span:
        return span
    return range(span.start, yesterday, DAY)


def behavior_of(corp: Corp, member: Member, day: int, begun: int) -> Behavior:
    """What a member did on a day: as arranged, or invented."""
    known = corp.behavior.get((member.userid, day_of(day)))
    if known is not None:
        return known
    if not corp.manner.invent_statistics or not member.follows:
        return Behavior()
    chance = Random(f"{corp.seed} {member.userid} {day}")
    chats = min(len(member.follows), chance.randint(0, 12) + begun)
    return Behavior(
        chat_cnt=chats,
        message_cnt=sum(chance.randint(2, 20) for _ in range(chats)),
        reply_percentage=round(chance.uniform(80, 100), 2) if chats else None,
        avg_reply_time=chance.randint(1, 30) if chats else None,
    )


@answers("statistics.user_behavior")
def user_behavior(ask: Ask) -> Data:
    corp = ask.corp
    userids, parties = ask.get("userid", []), ask.get("partyid", [])
    if not userids and not parties:
        raise Refusal(40058, "userid and partyid are both empty")
    corp.check_departments(parties)
    members = {each: corp.member_of(each) for each in userids}
    members |= {each.userid: each for each in corp.within(parties)}
    span = days(ask, ask["start_time"], ask["end_time"], corp.today())
    begun, asked, lost = ({userid: Counter[int]() for userid in members} for _ in range(3))
    # What is over by now has happened all the same.
    over = (each for each in corp.ended if each.member.userid in members)
    for follow in (*(f for m in members.values() for f in m.follows.values()), *over):
        if not follow.is_customer:
            continue  # nobody's customer yet
        userid, when = follow.member.userid, midnight(follow.createtime)
        begun[userid][when] += 1
        asked[userid][when] += follow.oper_userid == userid
    for userid, time in corp.deletions:
        if userid in members:
            lost[userid][midnight(time)] += 1
    counts = {"negative_feedback_cnt": lost, "new_apply_cnt": asked, "new_contact_cnt": begun}
    shown = []
    counted = counted_days(corp, span)
    for day in span:
        those = members.values() if day in counted else ()
        each = [behavior_of(corp, m, day, begun[m.userid][day]) for m in those]
        item: Data = {
            "stat_time": day,
            "chat_cnt": sum(one.chat_cnt for one in each),
            "message_cnt": sum(one.message_cnt for one in each),
        }
        for name, real in counts.items():
            said = (getattr(one, name) for one in each)
            item[name] = total(said, [real[m.userid][day] for m in those])
        # Days without chats have neither of these; several members are one record.
        replies = [one.reply_percentage for one in each if one.reply_percentage is not None]
        times = [one.avg_reply_time for one in each if one.avg_reply_time is not None]
        if replies:
            item["reply_percentage"] = round(sum(replies) / len(replies), 2)
        if times:
            item["avg_reply_time"] = round(sum(times) / len(times))
        shown.append(item)
    return {"behavior_data": shown}


def total(said: Iterable[int | None], counted: Iterable[int]) -> int:
    return sum(real if one is None else one for one, real in zip(said, counted, strict=True))


def group_numbers(corp: Corp, chats: list[GroupChat], span: range) -> Data:
    """The numbers of some groups at the end of some days."""
    counted = counted_days(corp, span)
    # Where no day is counted yet, nothing is old enough to count.
    begin, end = span[0], counted[-1] + DAY if counted else 0
    there = [chat for chat in chats if chat.create_time < end]
    people = [person for chat in there for person in chat.members if person.join_time < end]
    customers = [person for person in people if person.type == 2]
    chance = Random(f"{corp.seed} {begin} {end} {[chat.chat_id for chat in there]}")
    invent = corp.manner.invent_statistics
    active = chance.randint(0, len(there)) if invent else 0
    writing = chance.randint(0, len(people)) if active else 0
    return {
        "new_chat_cnt": sum(chat.create_time >= begin for chat in there),
        "chat_total": len(there),
        "chat_has_msg": active,
        "new_member_cnt": sum(person.join_time >= begin for person in customers),
        "member_total": len(people),
        "member_has_msg": writing,
        "msg_total": sum(chance.randint(1, 9) for _ in range(writing)),
    }


ADDED_UP = ("new_chat_cnt", "new_member_cnt", "migrate_trainee_chat_cnt")
"""Numbers that are of one day each; of the others the last day counts."""


def numbers_of(corp: Corp, owner: str, chats: list[GroupChat], span: range) -> Data:
    """The numbers of an owner's groups: as arranged, or counted and invented."""
    shown = group_numbers(corp, chats, span)
    given = {day: corp.group_behavior.get((owner, day_of(day))) for day in span}
    for name in (each.name for each in fields(GroupBehavior)):
        said = {day: None if one is None else getattr(one, name) for day, one in given.items()}
        if name not in ADDED_UP:
            last = said[span[-1]]
            shown |= {} if last is None else {name: last}
        elif any(value is not None for value in said.values()):
            shown[name] = sum(
                group_numbers(corp, chats, range(day, day + 1, DAY)).get(name, 0)
                if value is None
                else value
                for day, value in said.items()
            )
    return shown


def by_owner(ask: Ask, span: range) -> dict[str, list[GroupChat]]:
    """The groups of the owners that are asked for, and owners of whom there are numbers."""
    found: dict[str, list[GroupChat]] = {}
    for chat in owned(ask, ask.corp.limits.owners_unfiltered):
        found.setdefault(chat.owner, []).append(chat)
    wanted = (ask.get("owner_filter") or {}).get("userid_list")
    dates = {day_of(day) for day in span}
    for owner, day in ask.corp.group_behavior:
        if day in dates and (not wanted or owner in wanted) and ask.sees(owner):
            found.setdefault(owner, [])
    return found


def asked_days(ask: Ask) -> range:
    begin = ask["day_begin_time"]
    return days(ask, begin, ask.get("day_end_time") or begin, ask.corp.today() - DAY)


@answers("statistics.group_chat")
def group_chat(ask: Ask) -> Data:
    span = asked_days(ask)
    items: list[Data] = [
        {"owner": owner, "data": numbers_of(ask.corp, owner, chats, span)}
        for owner, chats in by_owner(ask, span).items()
    ]
    order = ORDERS[ask.get("order_by", 1) - 1]
    items.sort(
        key=lambda item: (item["data"][order], item["owner"]), reverse=not ask.get("order_asc", 0)
    )
    offset = ask.get("offset", 0)
    shown = items[offset : offset + page_size(ask.name, ask.get("limit"))]
    following = min(offset + len(shown), len(items))
    return {"total": len(items), "next_offset": following, "items": shown}


@answers("statistics.group_chat_by_day")
def group_chat_by_day(ask: Ask) -> Data:
    span = asked_days(ask)
    owners = by_owner(ask, span)
    items: list[Data] = []
    for midnight_of_day in span:
        day = range(midnight_of_day, midnight_of_day + 1, DAY)
        total = Counter(group_numbers(ask.corp, [], day))
        for owner, chats in owners.items():
            total.update(numbers_of(ask.corp, owner, chats, day))
        items.append({"stat_time": midnight_of_day, "data": dict(total)})
    return {"items": items}
