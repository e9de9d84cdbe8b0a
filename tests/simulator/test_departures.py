"""Who leaves while something is under way, and what an arranged thing has that a made one has."""

from collections.abc import Callable

import pytest
from wecom_contact.testing import Customer, Simulator

from simulator.asking import HttpAsker
from simulator.rules import rule

PAIR = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    for userid in ("zhangsan", "lisi", "wangwu"):
        corp.add_member(userid)
    return corp.add_customer("王五", follow="zhangsan")


@rule(
    "92125",
    "A customer is not handed to a member who leaves within the 24 hours.",
    "接替成员在 24 小时内离职的，客户不会转接给该成员。",
    does=(
        "answers status 4 and tells nothing, which is a guess",
        "返回状态 4，不推送事件，此为推测",
    ),
)
@pytest.mark.parametrize("call", ["transfer", "resigned_transfer"])
def test_nobody_is_handed_to_a_member_who_has_left(
    call: str, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    if call == "resigned_transfer":
        corp.resign("zhangsan")
    waiting = ask.good("resigned_transfer.list_unassigned")["info"]
    ask.good(f"{call}.customer", **PAIR, external_userid=[wang.external_userid])
    assert ask.good("resigned_transfer.list_unassigned")["info"] == []
    corp.resign("lisi")
    corp.clock.advance(hours=25)
    (shown,) = ask.good(f"{call}.result", **PAIR)["customer"]
    assert (shown["status"], shown["takeover_time"]) == (4, 0)
    assert [member.userid for member in wang.members] == ["zhangsan"]
    assert list(corp.callbacks.events) == []
    assert ask.good("resigned_transfer.list_unassigned")["info"] == waiting
    again = {**PAIR, "takeover_userid": "wangwu"}
    ask.good(f"{call}.customer", **again, external_userid=[wang.external_userid])
    corp.clock.advance(hours=25)
    assert [member.userid for member in wang.members] == ["wangwu"]


@rule(
    "92124",
    "Who has found another member is no longer waiting, and neither is who was never a customer.",
    "已被接替的客户不再待分配；成员未通过的好友申请也不在待分配列表中。",
)
def test_only_customers_who_wait_are_listed(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.customer_adds("zhangsan", half=True)
    other = corp.add_customer("赵六", follow="zhangsan")
    ask.good("transfer.customer", **PAIR, external_userid=[wang.external_userid])
    corp.resign("zhangsan")
    corp.clock.advance(hours=25)
    assert [member.userid for member in wang.members] == ["lisi"]
    listed = ask.good("resigned_transfer.list_unassigned")["info"]
    assert [each["external_userid"] for each in listed] == [other.external_userid]


def test_who_has_left_invites_owns_and_likes_nothing(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    chat = corp.add_group_chat("群", "lisi", ["zhangsan"])
    moment = corp.add_moment("新", creator="lisi")
    corp.resign("zhangsan")
    shown = ask.good("group_chat.get", chat_id=chat.chat_id)
    acts: list[Callable[[], object]] = [
        lambda: corp.customer_joins(chat, invitor="zhangsan"),
        lambda: corp.group_owner_changed(chat, "zhangsan"),
        lambda: corp.likes(moment, "lisi", "zhangsan"),
        lambda: corp.comments(moment, "lisi", "zhangsan"),
    ]
    for act in acts:
        with pytest.raises(ValueError, match="zhangsan has left the corp"):
            act()
    assert ask.good("group_chat.get", chat_id=chat.chat_id) == shown
    assert (list(corp.callbacks.events), list(corp.customers)) == ([], [wang.external_userid])
    words = {"moment_id": moment.moment_id, "userid": "lisi"}
    said = ask.good("moment.get_comments", **words)
    assert (said["like_list"], said["comment_list"]) == ([], [])


@pytest.mark.parametrize("kind", ["customer", "moment"])
def test_an_arranged_strategy_has_the_privileges_of_one_that_was_made(
    kind: str, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    nodes = [{"type": 1, "userid": "lisi"}]
    words = {"strategy_name": "x", "admin_list": ["lisi"], "range": nodes}
    off = {"customer": "share_customer", "moment": "send_moment"}[kind]
    plain = ask.good(f"{kind}_strategy.create", **words)["strategy_id"]
    less = ask.good(f"{kind}_strategy.create", **words, privilege={off: False})["strategy_id"]

    def privilege(id: int) -> dict[str, bool]:
        strategy = ask.good(f"{kind}_strategy.get", strategy_id=id)["strategy"]
        rights: dict[str, bool] = strategy["privilege"]
        return rights

    assert privilege(plain)[off]
    assert not privilege(less)[off]
    arranged = corp.add_strategy("y", kind=kind, members=["lisi"])
    assert privilege(arranged.id) == privilege(plain)
    below = corp.add_strategy("z", kind=kind, members=["lisi"], parent=less)
    assert privilege(below.id) == privilege(less)
