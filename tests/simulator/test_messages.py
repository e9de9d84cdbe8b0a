"""Mass messages, from the order to what reached whom."""

from datetime import datetime, timedelta, timezone
from typing import Any, Literal

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import PNG, Asker, HttpAsker
from simulator.rules import rule

TEXT = {"content": "上新了"}


@pytest.fixture
def corp(corp: Simulator) -> Simulator:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    corp.add_member("writer", customer_contact=False)
    corp.add_tag_group("等级", ["重要", "一般"])
    corp.add_tag_group("来源", ["官网"])
    corp.add_customer("甲", follow="zhangsan", tags=["重要", "官网"], when=1)
    corp.add_customer("乙", follow=["zhangsan", "lisi"], tags=["一般"], when=2)
    corp.add_customer("丙", follow="lisi", when=3)
    return corp


def names(corp: Simulator, ids: list[str]) -> set[str]:
    return {corp.customers[each].name for each in ids}


def targets(corp: Simulator, msgid: str) -> dict[str, set[str]]:
    tasks = corp.mass_messages[msgid].tasks
    return {userid: names(corp, task.targets) for userid, task in tasks.items()}


def test_a_message_goes_to_those_its_filters_leave(corp: Simulator, ask: Asker) -> None:
    first, second, third = corp.customers

    def sent(**words: Any) -> dict[str, set[str]]:
        return targets(corp, ask.good("group_msg.add_template", text=TEXT, **words)["msgid"])

    def by_tags(*groups: list[str]) -> dict[str, Any]:
        ids = [{"tag_list": [corp.tag(name).id for name in group]} for group in groups]
        return {"tag_filter": {"group_list": ids}}

    assert sent(sender="zhangsan") == {"zhangsan": {"甲", "乙"}}
    assert sent(external_userid=[first, third]) == {"zhangsan": {"甲"}, "lisi": {"丙"}}
    assert sent(external_userid=[second], sender="lisi") == {"lisi": {"乙"}}
    corp.customer_writes("zhangsan", second, times=3)
    corp.customer_writes("lisi", second)
    assert sent(external_userid=[second]) == {"lisi": {"乙"}}, "who talked last is asked"
    corp.customer_writes("zhangsan", second)
    assert sent(external_userid=[second]) == {"zhangsan": {"乙"}}
    corp.customer_writes("lisi", second)
    assert sent(**by_tags(["重要", "一般"])) == {"zhangsan": {"甲"}, "lisi": {"乙"}}
    assert sent(**by_tags(["重要", "一般"], ["官网"])) == {"zhangsan": {"甲"}}
    assert sent(**by_tags(["一般"]), sender="zhangsan") == {"zhangsan": {"乙"}}
    assert sent(**by_tags(["重要"]), external_userid=[third]) == {"lisi": {"丙"}}


@rule(
    "92135",
    "A mass message names in `fail_list` who cannot be reached, and goes to the others.",
    "客户群发在 `fail_list` 中列出无法送达的客户，其余照发。",
)
def test_who_cannot_be_reached_is_in_the_fail_list(corp: Simulator, ask: Asker) -> None:
    first, _, third = corp.customers
    said = ask.good("group_msg.add_template", text=TEXT, external_userid=[first, "wmno"])
    assert said["fail_list"] == ["wmno"]
    said = ask.good(
        "group_msg.add_template", text=TEXT, external_userid=[first, third], sender="lisi"
    )
    assert said["fail_list"] == [first]
    corp.follow("zhangsan", first).deleted = True
    for words, code in (
        ({"external_userid": ["wmno"]}, 41048),
        ({"external_userid": [first]}, 41048),
        ({}, 40058),
        ({"sender": "nobody"}, 60111),
        ({"sender": "writer"}, 84074),
        ({"sender": "zhangsan", "text": {"content": ""}}, 40058),
        (
            {"sender": "zhangsan", "attachments": [{"msgtype": "file", "file": {"media_id": "x"}}]},
            40007,
        ),
    ):
        assert ask.code("group_msg.add_template", **{"text": TEXT, **words}) == code


def test_it_is_sent_when_the_member_confirms(corp: Simulator, ask: Asker) -> None:
    first, second, _ = corp.customers
    picture = ask.good("media.upload", PNG, type="image")["media_id"]
    attachments = [{"msgtype": "image", "image": {"media_id": picture}}]
    msgid = ask.good(
        "group_msg.add_template", text=TEXT, attachments=attachments, sender="zhangsan"
    )["msgid"]
    id = {"msgid": msgid}
    assert ask.good("group_msg.get_task", **id)["task_list"] == [
        {"userid": "zhangsan", "status": 0}
    ]
    sends = ask.good("group_msg.get_send_result", **id, userid="zhangsan")["send_list"]
    assert [send["status"] for send in sends] == [0, 0]
    assert corp.sent_messages == []
    corp.customer_deletes(second, "zhangsan")
    assert corp.member_sends(msgid, "zhangsan") == 1
    assert corp.member_sends(msgid) == 0, "only once"
    (message,) = corp.messages_to(corp.customers[first])
    assert (message.kind, message.text, message.attachments) == ("mass", "上新了", attachments)
    (task,) = ask.good("group_msg.get_task", **id)["task_list"]
    assert (task["status"], task["send_time"]) == (2, message.time)
    sends = ask.good("group_msg.get_send_result", **id, userid="zhangsan")["send_list"]
    assert [send["status"] for send in sends] == [1, 2]
    assert [send.get("send_time") for send in sends] == [message.time, None]
    assert ask.good("group_msg.get_send_result", **id, userid="lisi")["send_list"] == []


@rule(
    "92135",
    "In a month of the calendar nobody gets more mass messages than the month has days.",
    "每个自然月内，同一客户收到的群发条数不超过当月天数。",
)
@pytest.mark.parametrize(("month", "days"), [(2, 28), (11, 30), (12, 31)])
def test_in_a_month_there_are_as_many_messages_as_days(month: int, days: int) -> None:
    now = datetime(2026, month, days, 23, 59, tzinfo=timezone(timedelta(hours=8)))
    with Simulator(now=now) as corp:
        corp.clock.freeze()
        corp.add_member("zhangsan")
        customer = corp.add_customer("甲", follow="zhangsan")
        ask = HttpAsker(corp)

        def sent() -> int:
            msgid = ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]
            return corp.member_sends(msgid)

        assert [sent() for _ in range(days + 1)] == [1] * days + [0]
        assert len(corp.messages_to(customer)) == days
        corp.clock.advance(minutes=1)
        assert sent() == 1, "in the next month"


def test_nobody_gets_more_than_enough(corp: Simulator, ask: Asker) -> None:
    corp.limits.messages = 1
    for statuses in ([1, 1], [3, 3]):
        msgid = ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]
        corp.member_sends(msgid)
        assert list(corp.mass_messages[msgid].tasks["zhangsan"].results.values()) == statuses
    corp.limits.quotas = False
    msgid = ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]
    assert corp.member_sends(msgid) == 2


def test_a_message_to_groups_goes_to_those_of_its_sender(corp: Simulator, ask: Asker) -> None:
    chats = [corp.add_group_chat(name, "zhangsan").chat_id for name in "一二三"]
    foreign = corp.add_group_chat("别人的", "lisi").chat_id
    group = {"chat_type": "group", "text": TEXT}
    assert ask.code("group_msg.add_template", **group) == 40058
    assert ask.code("group_msg.add_template", **group, external_userid=["wm1"]) == 40058
    assert (
        ask.code("group_msg.add_template", **group, sender="zhangsan", chat_id_list=[foreign])
        == 41048
    )
    said = ask.good(
        "group_msg.add_template", **group, sender="zhangsan", chat_id_list=[*chats[:2], foreign]
    )
    assert said["fail_list"] == [foreign]
    result = {"msgid": said["msgid"], "userid": "zhangsan"}
    assert ask.good("group_msg.get_send_result", **result)["send_list"] == []
    corp.group_dismissed(chats[0])
    assert corp.member_sends(said["msgid"]) == 1
    (sent,) = ask.good("group_msg.get_send_result", **result)["send_list"]
    assert sent["chat_id"] == chats[1]
    everywhere = ask.good("group_msg.add_template", **group, sender="zhangsan")["msgid"]
    assert len(corp.mass_messages[everywhere].tasks["zhangsan"].targets) == 2


def test_remind_and_cancel(corp: Simulator, ask: Asker) -> None:
    id = {"msgid": ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]}
    codes = [ask.code("group_msg.remind_send", **id) for _ in range(4)]
    assert codes == [0, 0, 0, 41094]
    corp.clock.advance(hours=24)
    ask.good("group_msg.remind_send", **id)
    ask.good("group_msg.cancel_send", **id)
    assert ask.code("group_msg.remind_send", **id) == 41093
    assert ask.code("group_msg.cancel_send", **id) == 41093
    assert corp.member_sends(id["msgid"]) == 0
    assert ask.code("group_msg.remind_send", msgid="none") == 41047


def test_a_task_is_not_there_until_it_is_dispatched(corp: Simulator, ask: Asker) -> None:
    corp.manner.dispatch_polls = 2
    id = {"msgid": ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]}
    codes = [ask.code("group_msg.get_task", **id) for _ in range(3)]
    assert codes == [41063, 41063, 0]


def test_messages_are_listed_newest_first_by_filter(corp: Simulator, ask: Asker) -> None:
    now = corp.clock.seconds()
    ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")
    corp.add_mass_message("个人的", creator="zhangsan", when=now - 100)
    corp.add_mass_message(
        "给一个人", creator="lisi", to=[next(iter(corp.customers))], when=now - 200
    )
    span = {"chat_type": "single", "start_time": now - 1000, "end_time": now + 1000}

    def texts(**words: Any) -> list[str]:
        found = ask.good("group_msg.list", **{**span, **words})["group_msg_list"]
        return [each["text"]["content"] for each in found]

    assert texts() == ["上新了", "个人的", "给一个人"]
    assert texts(filter_type=0) == ["上新了"]
    assert texts(filter_type=1) == ["个人的", "给一个人"]
    assert texts(creator="lisi") == ["给一个人"]
    assert texts(chat_type="group") == []
    assert ask.code("group_msg.list", **{**span, "start_time": now - 32 * 86400}) == 40058
    picture = corp.add_media(PNG).media_id
    attachments = [{"msgtype": "image", "image": {"media_id": picture}}]
    ask.good("group_msg.add_template", attachments=attachments, sender="zhangsan")
    (first, *_) = ask.good("group_msg.list", **span)["group_msg_list"]
    assert ("text" in first, first["create_type"], "creator" in first) == (False, 0, False)


@rule(
    "97611",
    "Only mass messages of the company are to be reminded of or stopped; one that a member made "
    "is none of them.",
    "只有企业群发可以提醒或停止，成员个人创建的群发不行。",
    does=("41047; the pages name no code", "报 41047；页面未写明错误码"),
)
@pytest.mark.parametrize("call", ["group_msg.remind_send", "group_msg.cancel_send"])
def test_what_a_member_made_is_not_reminded_of_or_stopped(
    corp: Simulator, ask: Asker, call: str
) -> None:
    odd = {"msgtype": "image", "image": {"media_id": "unknown"}}
    own = corp.add_mass_message("自己的", creator="zhangsan", attachments=[odd])
    span = {"start_time": own.create_time, "end_time": own.create_time}
    (shown,) = ask.good("group_msg.list", chat_type="single", **span)["group_msg_list"]
    assert shown["attachments"] == [odd], "what was arranged by hand is shown as it is"
    assert ask.code(call, msgid=own.msgid) == 41047
    assert ask.good("group_msg.get_task", msgid=own.msgid)["task_list"]
    corp.member_sends(own)
    assert len(corp.sent_messages) == 2


@rule(
    "92135",
    "An admin may choose seven mass messages a week or one a day (群发规则) instead of the month's.",
    "管理员可将群发规则改为每周七条或每天一条。",
    does=("`corp.limits.messages_per`", "由 `corp.limits.messages_per` 设定"),
)
@pytest.mark.parametrize(("period", "most", "days"), [("week", 7, 7), ("day", 1, 1)])
def test_an_admin_may_choose_another_period(
    period: Literal["week", "day"], most: int, days: int
) -> None:
    sunday = datetime(2026, 3, 1, 23, 59, tzinfo=timezone(timedelta(hours=8)))
    with Simulator(now=sunday - timedelta(days=days - 1)) as corp:
        corp.clock.freeze()
        corp.limits.messages_per = period
        corp.add_member("zhangsan")
        corp.add_customer("甲", follow="zhangsan")
        ask = HttpAsker(corp)

        def sent() -> int:
            msgid = ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]
            return corp.member_sends(msgid)

        assert [sent() for _ in range(most + 1)] == [1] * most + [0]
        corp.clock.advance(days=days - 1)
        assert sent() == 0, "still the same week, or the same day"
        corp.clock.advance(minutes=1)
        assert sent() == 1, "in the next"
        corp.limits.messages = 0
        assert sent() == 0
