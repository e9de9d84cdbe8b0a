"""Statistics: days of Beijing, thirty apart at most."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import Asker
from simulator.rules import rule

DAY = 86_400
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 31, 15, tzinfo=CHINA)
TODAY = int(datetime(2026, 3, 31, tzinfo=CHINA).timestamp())


@pytest.fixture
def corp() -> Simulator:
    corp = Simulator(now=NOW)
    corp.add_member("zhangsan", department=corp.add_department("销售部"))
    corp.add_member("lisi", department=2)
    return corp


def days(ask: Asker, **words: Any) -> list[dict[str, Any]]:
    data = {"userid": ["zhangsan"], "start_time": TODAY - DAY, "end_time": TODAY, **words}
    found: list[dict[str, Any]] = ask.good("statistics.user_behavior", **data)["behavior_data"]
    return found


@rule(
    "92133",
    "Statistics go back 180 days; those of groups end with yesterday.",
    "统计数据最多追溯 180 天；群聊统计最晚到昨天。",
)
def test_thirty_days_apart_and_no_more(ask: Asker) -> None:
    whole = {"userid": ["zhangsan"], "end_time": TODAY + 3600}
    call = "statistics.user_behavior"
    assert len(ask.good(call, **whole, start_time=TODAY - 30 * DAY)["behavior_data"]) == 31
    assert ask.code(call, **whole, start_time=TODAY - 31 * DAY) == 40058
    assert ask.code(call, **whole, start_time=TODAY + 2 * DAY) == 40058
    old = TODAY - 181 * DAY
    assert ask.code(call, userid=["zhangsan"], start_time=old, end_time=old) == 40058
    later = TODAY + DAY
    assert ask.code(call, userid=["zhangsan"], start_time=later, end_time=later) == 40058
    group = "statistics.group_chat_by_day"
    assert ask.code(group, day_begin_time=TODAY) == 40058, "yesterday is the last day"
    assert (
        len(ask.good(group, day_begin_time=TODAY - 30 * DAY, day_end_time=TODAY - DAY)["items"])
        == 30
    )


@rule(
    "92132",
    "Times are rounded down to midnight in Beijing.",
    "传入的时间会向下取整到北京时间零点。",
)
def test_times_are_rounded_down(ask: Asker) -> None:
    found = days(ask, start_time=TODAY - DAY + 1234, end_time=TODAY + 5)
    assert [each["stat_time"] for each in found] == [TODAY - DAY, TODAY]


@rule(
    "92132",
    "Several members are one record a day.",
    "传入多个成员时，返回他们每天的总和。",
)
def test_members_are_added_up(corp: Simulator, ask: Asker) -> None:
    day = NOW.date()
    corp.set_behavior(
        "zhangsan", day, chat_cnt=2, message_cnt=9, reply_percentage=80.0, avg_reply_time=3
    )
    corp.set_behavior(
        "lisi", day, chat_cnt=1, new_contact_cnt=5, reply_percentage=90.0, avg_reply_time=6
    )
    for who in ({"userid": ["zhangsan", "lisi"]}, {"userid": [], "partyid": [2]}):
        yesterday, today = days(ask, **who)
        assert (today["chat_cnt"], today["message_cnt"], today["new_contact_cnt"]) == (3, 9, 5)
        assert (today["reply_percentage"], today["avg_reply_time"]) == (85.0, 4)
        assert "reply_percentage" not in yesterday
    call = "statistics.user_behavior"
    span = {"start_time": TODAY, "end_time": TODAY}
    assert ask.code(call, **span, userid=[]) == 40058
    assert ask.code(call, **span, userid=["nobody"]) == 60111
    assert ask.code(call, **span, partyid=[99]) == 60123


def test_what_the_corp_knows_is_counted_and_the_rest_invented(corp: Simulator, ask: Asker) -> None:
    for number in range(9):
        corp.add_customer(f"c{number}", follow="zhangsan", when=TODAY - DAY + number)
    found = days(ask, start_time=TODAY - 29 * DAY)
    assert [each["new_contact_cnt"] for each in found] == [0] * 28 + [9, 0]
    assert sum(each["message_cnt"] for each in found) > 0
    assert days(ask, start_time=TODAY - 29 * DAY) == found, "the same every time"
    assert any("avg_reply_time" in each for each in found)
    corp.manner.invent_statistics = False
    assert sum(each["message_cnt"] for each in days(ask, start_time=TODAY - 29 * DAY)) == 0


def test_group_statistics_add_up_by_owner_and_by_day(corp: Simulator, ask: Asker) -> None:
    wang = corp.add_customer("王五")
    corp.add_group_chat("旧", "zhangsan", [wang], when=TODAY - 20 * DAY)
    corp.add_group_chat("新", "lisi", [wang], when=TODAY - DAY + 5)
    corp.add_group_chat("更旧", "lisi", when=TODAY - 50 * DAY)
    owners = ask.good("statistics.group_chat", day_begin_time=TODAY - DAY)
    assert (owners["total"], owners["next_offset"]) == (2, 2)
    first, second = owners["items"]
    assert (first["owner"], second["owner"]) == ("lisi", "zhangsan")
    assert (first["data"]["new_chat_cnt"], first["data"]["chat_total"]) == (1, 2)
    assert (first["data"]["new_member_cnt"], first["data"]["member_total"]) == (1, 3)
    rest = ask.good("statistics.group_chat", day_begin_time=TODAY - DAY, offset=1, limit=1)
    assert (rest["next_offset"], len(rest["items"])) == (2, 1)
    beyond = ask.good("statistics.group_chat", day_begin_time=TODAY - DAY, offset=7)
    assert (beyond["next_offset"], beyond["items"]) == (2, []), "the end is the total"
    turned = ask.good("statistics.group_chat", day_begin_time=TODAY - DAY, order_by=2, order_asc=1)
    assert [each["owner"] for each in turned["items"]] == ["zhangsan", "lisi"]
    span = {"day_begin_time": TODAY - 21 * DAY, "day_end_time": TODAY - DAY}
    totals = [
        d["data"]["chat_total"] for d in ask.good("statistics.group_chat_by_day", **span)["items"]
    ]
    assert totals == [1] + [2] * 19 + [3]
    corp.manner.invent_statistics = False
    (day,) = ask.good("statistics.group_chat_by_day", day_begin_time=TODAY - DAY)["items"]
    assert (day["data"]["chat_has_msg"], day["data"]["msg_total"]) == (0, 0)


@rule(
    "92132",
    "`new_apply_cnt` counts the requests that members sent, `new_contact_cnt` all new customers, "
    "`negative_feedback_cnt` the customers who deleted a member; what is over by now still counts.",
    "`new_apply_cnt` 是成员主动发起的申请数，`new_contact_cnt` 是新增客户数，`negative_feedback_cnt` "
    "是删除成员的客户数；之后关系解除也照样计入。",
)
def test_requests_customers_and_losses_are_counted_apart(corp: Simulator, ask: Asker) -> None:
    corp.clock.freeze()
    corp.manner.invent_statistics = False

    def counts(**words: Any) -> tuple[int, int, int]:
        (day,) = days(ask, start_time=TODAY, **words)
        return day["new_apply_cnt"], day["new_contact_cnt"], day["negative_feedback_cnt"]

    came = corp.customer_scans(corp.add_contact_way(["zhangsan"])).customer
    corp.add_customer("手机号", follow="zhangsan", add_way=2)
    corp.add_customer("昨天的", follow="zhangsan", when=TODAY - DAY)
    corp.add_follow("zhangsan", corp.add_customer("单向"), half=True)
    corp.add_customer("别人的", follow="lisi", add_way=2)
    assert counts() == (1, 2, 0)
    corp.customer_deletes(came, "zhangsan")
    corp.customer_deletes(corp.add_customer("也是别人的", follow="lisi"), "lisi")
    assert counts() == (1, 2, 1)
    corp.member_deletes("zhangsan", came)
    assert counts() == (1, 2, 1)
    assert counts(userid=["zhangsan", "lisi"]) == (2, 4, 2)
    corp.set_behavior("zhangsan", NOW.date(), negative_feedback_cnt=7)
    assert counts() == (1, 2, 7)
