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
