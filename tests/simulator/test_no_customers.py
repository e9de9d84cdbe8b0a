"""Whom a member has not added back, or knows without the customer-contact feature, is no customer yet."""

from typing import Any

import pytest
from wecom_contact import events
from wecom_contact.testing import Customer, Simulator

from simulator.asking import HttpAsker
from simulator.rules import rule

PAIR = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture(params=["not added back", "without the feature"])
def stranger(request: pytest.FixtureRequest, corp: Simulator) -> Customer:
    """Somebody whom zhangsan knows, and who is nobody's customer."""
    half = request.param == "not added back"
    corp.add_member("zhangsan", customer_contact=half)
    corp.add_member("lisi")
    stranger = corp.add_customer("王小二")
    corp.add_follow("zhangsan", stranger, half=half)
    return stranger


def served(ask: HttpAsker) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask.good("customer.list_served")["info_list"]
    return found


@rule(
    "99434",
    "Only customers are served under their external_userid; others have a masked name, by member and by group.",
    "已服务的外部联系人中，只有客户返回 external_userid；其他人只有打码的名字，并注明成员和群名。",
)
def test_others_are_served_under_a_masked_name(
    corp: Simulator, stranger: Customer, ask: HttpAsker
) -> None:
    chat = corp.add_group_chat("外联群", "lisi", [stranger])
    follow = corp.follow("zhangsan", stranger)
    masked = {"is_customer": False, "name": "***二"}
    by_member, by_group = served(ask)
    assert by_member.pop("tmp_openid") == by_group.pop("tmp_openid")
    assert by_member == {**masked, "follow_userid": "zhangsan", "add_time": follow.createtime}
    joined = chat.members[1].join_time
    assert by_group == {
        **masked,
        "follow_userid": "lisi",
        "chat_name": "外联群",
        "add_time": joined,
    }
    corp.add_follow("lisi", stranger)
    assert [each["is_customer"] for each in served(ask)] == [False, True, True]
    assert served(ask)[2]["chat_id"] == chat.chat_id


@rule(
    "92125",
    "Only customers are handed over: of others the member is no follower (40131).",
    "只能转接成员的客户：尚未互为好友的，或没有客户联系功能的成员认识的人，报 40131。",
)
def test_others_are_not_handed_over(stranger: Customer, ask: HttpAsker) -> None:
    words = {**PAIR, "external_userid": [stranger.external_userid]}
    (said,) = ask.good("transfer.customer", **words)["customer"]
    assert said["errcode"] == 40131


@rule(
    "92124",
    "Those who were no customers of a departed member do not wait for another.",
    "不是离职成员的客户的人，不在待分配列表中，也不能分配。",
)
def test_others_do_not_wait_for_another_member(
    corp: Simulator, stranger: Customer, ask: HttpAsker
) -> None:
    wang = corp.add_customer("王五", follow="lisi")
    for userid in ("zhangsan", "lisi"):
        corp.member_resigns(userid)
    (waiting,) = ask.good("resigned_transfer.list_unassigned")["info"]
    assert waiting["external_userid"] == wang.external_userid
    corp.add_member("wangwu")
    words = {**PAIR, "takeover_userid": "wangwu", "external_userid": [stranger.external_userid]}
    (said,) = ask.good("resigned_transfer.customer", **words)["customer"]
    assert said["errcode"] == 40131


def test_who_takes_over_whom_they_had_not_added_back_gets_a_new_customer(
    corp: Simulator, ask: HttpAsker
) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow="zhangsan")
    corp.add_follow("lisi", wang, half=True)
    ask.good("transfer.customer", **PAIR, external_userid=[wang.external_userid])
    corp.clock.advance(hours=24)
    _, came = corp.callbacks.events
    assert isinstance(came, events.CustomerAdded)
    assert ask.good("customer.list", userid="lisi")["external_userid"] == [wang.external_userid]


@rule(
    "92122",
    "A group made by a member without the customer-contact feature is no customer group: no call knows it "
    "(40050), it is not handed over (90501), and nothing is told of it.",
    "未配置客户联系功能的成员创建的群不是客户群：所有接口都查不到（40050），不能转接（90501），也没有回调。",
)
def test_the_group_of_a_member_without_the_feature_is_none_of_customers(
    corp: Simulator, ask: HttpAsker
) -> None:
    corp.add_member("zhangsan")
    wu = corp.add_member("wu", customer_contact=False)
    wang = corp.add_customer("王五", follow="zhangsan")
    theirs = corp.member_creates_group(wu, "同事群", [wang])
    ours = corp.member_creates_group("zhangsan", "客户群", [wang])
    corp.customer_joins(theirs, corp.add_customer("李四", follow="zhangsan"))
    corp.group_renamed(theirs, "旧同事")
    assert [each.chat_id for each in corp.callbacks.events] == [ours.chat_id]
    (listed,) = ask.good("group_chat.list", limit=10)["group_chat_list"]
    assert listed["chat_id"] == ours.chat_id
    assert ask.code("group_chat.get", chat_id=theirs.chat_id) == 40050
    assert ask.code("group_chat.opengid_to_chatid", opengid=theirs.opengid) == 90511
    assert ask.good("group_chat.opengid_to_chatid", opengid=ours.opengid)["chat_id"] == ours.chat_id
    way = {"scene": 2, "chat_id_list": [theirs.chat_id]}
    assert ask.code("group_join_way.add", **way) == 40050
    moved = {"chat_id_list": [theirs.chat_id], "new_owner": "zhangsan"}
    (failed,) = ask.good("transfer.group_chat", **moved)["failed_chat_list"]
    assert (failed["chat_id"], failed["errcode"]) == (theirs.chat_id, 90501)
    names = [each.get("chat_name") for each in served(ask)]
    assert names.count("旧同事") == 2
    wu.customer_contact = True
    assert ask.code("group_chat.get", chat_id=theirs.chat_id) == 40050, "it was made before"
    later = corp.member_creates_group(wu, "客户群二")
    assert ask.code("group_chat.get", chat_id=later.chat_id) == 0
