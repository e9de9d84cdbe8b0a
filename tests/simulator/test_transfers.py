"""Handovers of customers and groups."""

from typing import Any

import pytest
from wecom_contact import events
from wecom_contact.testing import Customer, Member, Simulator

from simulator.asking import Asker, HttpAsker
from simulator.rules import rule

PAIR = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}


@pytest.fixture
def corp(corp: Simulator) -> Simulator:
    for userid in ("zhangsan", "lisi"):
        corp.add_member(userid)
    return corp


@pytest.fixture
def zhang(corp: Simulator) -> Member:
    return corp.members["zhangsan"]


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    return corp.add_customer(
        "王五", follow="zhangsan", state="poster", tags=[corp.add_tag("t", "g")]
    )


def hand_over(
    ask: Asker, *customers: Customer | str, call: str = "transfer", **words: Any
) -> list[int]:
    ids = [each if isinstance(each, str) else each.external_userid for each in customers]
    said = ask.good(f"{call}.customer", **{**PAIR, "external_userid": ids, **words})
    assert [each["external_userid"] for each in said["customer"]] == ids
    return [each["errcode"] for each in said["customer"]]


def statuses(ask: Asker, call: str = "transfer") -> list[tuple[int, bool]]:
    found = ask.good(f"{call}.result", **PAIR)["customer"]
    return [(each["status"], each["takeover_time"] > 0) for each in found]


def test_it_takes_a_day(corp: Simulator, zhang: Member, wang: Customer, ask: Asker) -> None:
    assert hand_over(ask, wang, "wmno", transfer_success_msg="您好") == [0, 40096]
    assert hand_over(ask, wang) == [40129]
    assert statuses(ask) == [(2, True)]
    assert wang.members == [zhang]
    corp.clock.advance(hours=25)
    assert statuses(ask) == [(1, True)]
    (follow,) = wang.follows
    assert (follow.member.userid, follow.add_way, follow.oper_userid) == ("lisi", 202, "zhangsan")
    assert (follow.tag_names, follow.remark) == (["t"], "王五")
    assert [m.kind for m in corp.messages_to(wang)] == ["transfer"]
    gone, came = corp.callbacks.events
    assert isinstance(gone, events.CustomerDeleted)
    assert gone.source == events.DeletionSource.TRANSFER
    assert isinstance(came, events.CustomerAdded)
    assert (came.userid, came.welcome_code) == ("lisi", None)
    assert hand_over(ask, wang) == [40131], "zhangsan follows no longer"


def test_a_customer_may_refuse_while_being_handed_over(
    corp: Simulator, zhang: Member, wang: Customer, ask: Asker
) -> None:
    with pytest.raises(ValueError, match="not being handed over"):
        corp.customer_refuses(wang)
    hand_over(ask, wang)
    with pytest.raises(ValueError, match="not being handed over"):
        corp.customer_refuses(wang, "zhangsan")
    corp.customer_refuses(wang, "lisi")
    assert statuses(ask) == [(3, False)]
    corp.clock.advance(hours=25)
    assert wang.members == [zhang]
    (event,) = corp.callbacks.events
    assert isinstance(event, events.CustomerTransferFailed)
    assert event.fail_reason == "customer_refused"


def test_a_full_member(corp: Simulator, wang: Customer, ask: Asker) -> None:
    other = corp.add_customer("赵六", follow="zhangsan")
    corp.members["lisi"].customer_limit = 1
    assert hand_over(ask, wang, other) == [0, 0]
    corp.clock.advance(hours=24)
    assert [status for status, _ in statuses(ask)] == [1, 4]
    third = corp.add_customer("孙七", follow="zhangsan")
    assert hand_over(ask, third) == [40099]


def test_not_too_often(corp: Simulator, wang: Customer, ask: Asker) -> None:
    back = {"handover_userid": "lisi", "takeover_userid": "zhangsan"}
    for words in ({}, back):
        assert hand_over(ask, wang, **words) == [0]
        corp.clock.advance(hours=25)
    assert hand_over(ask, wang) == [40128]
    corp.clock.advance(days=90)
    assert hand_over(ask, wang) == [0]


def test_when_both_know_the_customer(corp: Simulator, wang: Customer, ask: Asker) -> None:
    corp.add_follow("lisi", wang, remark="我的")
    hand_over(ask, wang)
    corp.clock.advance(hours=24)
    assert [follow.remark for follow in wang.follows] == ["我的"]
    assert [type(event) for event in corp.callbacks.events] == [events.CustomerDeleted]


def test_when_the_first_has_lost_the_customer_meanwhile(
    corp: Simulator, wang: Customer, ask: Asker
) -> None:
    hand_over(ask, wang)
    corp.member_deletes("zhangsan", wang)
    corp.clock.advance(hours=24)
    assert [follow.member.userid for follow in wang.follows] == ["lisi"]


def test_who_may_not(corp: Simulator, wang: Customer, ask: Asker) -> None:
    corp.add_member("writer", customer_contact=False)
    corp.add_member("new", active=False)
    corp.add_member("nameless", verified=False)
    ids = [wang.external_userid]
    for call, pair, code in (
        ("transfer", ("zhangsan", "zhangsan"), 40130),
        ("transfer", ("nobody", "lisi"), 60111),
        ("transfer", ("zhangsan", "nobody"), 60111),
        ("transfer", ("zhangsan", "writer"), 84074),
        ("transfer", ("zhangsan", "new"), 41054),
        ("transfer", ("zhangsan", "nameless"), 40098),
        ("resigned_transfer", ("zhangsan", "lisi"), 40097),
    ):
        words = dict(zip(PAIR, pair, strict=True))
        assert ask.code(f"{call}.customer", **words, external_userid=ids) == code
    corp.resign("zhangsan")
    assert ask.code("transfer.customer", **PAIR, external_userid=ids) == 60111


def test_of_a_member_who_left(corp: Simulator, zhang: Member, wang: Customer, ask: Asker) -> None:
    corp.member_resigns("zhangsan")
    assert zhang.resigned
    (waiting,) = ask.good("resigned_transfer.list_unassigned")["info"]
    assert waiting == {
        "handover_userid": "zhangsan",
        "external_userid": wang.external_userid,
        "dimission_time": zhang.resigned_at,
    }
    assert hand_over(ask, wang, call="resigned_transfer") == [0]
    assert ask.good("resigned_transfer.list_unassigned")["info"] == []
    corp.clock.advance(hours=24)
    assert statuses(ask, "resigned_transfer") == [(1, True)]
    assert statuses(ask) == []
    assert [type(event) for event in corp.callbacks.events] == [events.CustomerAdded]


@rule(
    "92124",
    "The unassigned come with the latest departure first; `next_cursor` is empty on the last page, "
    "and absent with `page_id`.",
    "待分配客户按离职时间倒序返回；最后一页的 `next_cursor` 为空，使用 `page_id` 时不返回。",
)
def test_the_unassigned_come_newest_first(corp: Simulator) -> None:
    with corp:
        ask = HttpAsker(corp)
        call = "resigned_transfer.list_unassigned"
        for userid in ("zhangsan", "lisi"):
            for number in range(3):
                corp.add_customer(f"{userid}{number}", follow=userid)
            corp.member_resigns(userid)
            corp.clock.advance(hours=1)
        whole = ask.good(call)
        left = [each["dimission_time"] for each in whole["info"]]
        assert left == sorted(left, reverse=True)
        assert [each["handover_userid"] for each in whole["info"]] == ["lisi"] * 3 + [
            "zhangsan"
        ] * 3
        assert (whole["is_last"], whole["next_cursor"]) == (True, "")
        by_page = ask.good(call, page_id=1, page_size=3)
        assert by_page["info"] == whole["info"][3:]
        assert (by_page["is_last"], "next_cursor" in by_page) == (True, False)
        first = ask.good(call, page_size=4)
        last = ask.good(call, page_size=4, cursor=first["next_cursor"])
        assert first["info"] + last["info"] == whole["info"]
        assert (last["is_last"], last["next_cursor"]) == (True, "")


def test_the_unassigned_by_page_and_by_cursor(corp: Simulator, ask: Asker) -> None:
    for number in range(5):
        corp.add_customer(f"c{number}", follow="zhangsan")
    corp.resign("zhangsan")

    def page(**words: Any) -> tuple[int, bool, bool]:
        said = ask.good("resigned_transfer.list_unassigned", page_size=2, **words)
        return len(said["info"]), said["is_last"], bool(said.get("next_cursor"))

    assert [page(page_id=number) for number in range(3)] == [
        (2, False, False),
        (2, False, False),
        (1, True, False),
    ]
    first = ask.good("resigned_transfer.list_unassigned", page_size=2)
    second = ask.good("resigned_transfer.list_unassigned", page_size=2, cursor=first["next_cursor"])
    assert (len(second["info"]), second["is_last"]) == (2, False)
    assert page(cursor=second["next_cursor"]) == (1, True, False)
    call = "resigned_transfer.list_unassigned"
    assert ask.code(call, page_id=1, cursor=first["next_cursor"]) == 40058
    assert ask.code(call, page_id=50, page_size=1000) == 40058


class TestGroups:
    """Groups change their owner at once."""

    def move(
        self, ask: Asker, *chats: str, call: str = "transfer", owner: str = "lisi"
    ) -> dict[str, int]:
        said = ask.good(f"{call}.group_chat", chat_id_list=list(chats), new_owner=owner)
        return {each["chat_id"]: each["errcode"] for each in said["failed_chat_list"]}

    def test_of_a_member_who_stays(self, corp: Simulator, ask: Asker) -> None:
        chat = corp.add_group_chat("群", "zhangsan")
        full = corp.add_group_chat("满", "zhangsan")
        full.full = True
        id = chat.chat_id
        assert self.move(ask, id, "wrno", full.chat_id) == {"wrno": 90501, full.chat_id: 90503}
        assert (chat.owner, chat.has("lisi"), chat.status) == ("lisi", True, 0)
        assert self.move(ask, id) == {id: 90504}
        assert self.move(ask, id, owner="zhangsan") == {}
        assert self.move(ask, id) == {id: 40128}
        assert self.move(ask, id, call="resigned_transfer", owner="lisi") == {id: 90500}

    def test_of_a_member_who_left(self, corp: Simulator, ask: Asker) -> None:
        chat = corp.add_group_chat("群", "zhangsan")
        id = chat.chat_id
        corp.resign("zhangsan")
        assert chat.status == 1
        assert self.move(ask, id) == {id: 90502}
        assert self.move(ask, id, call="resigned_transfer") == {}
        assert (chat.owner, chat.status) == ("lisi", 3)
        assert self.move(ask, id, call="resigned_transfer") == {id: 90508}

    def test_not_too_many_a_day(self, corp: Simulator, ask: Asker) -> None:
        corp.limits.group_transfers_a_day = 1
        first, second = (corp.add_group_chat(name, "zhangsan").chat_id for name in "ab")
        assert self.move(ask, first, second) == {second: 45009}
        corp.clock.advance(days=1)
        assert self.move(ask, second) == {}
        assert ask.code("transfer.group_chat", chat_id_list=[first], new_owner="nobody") == 60111
