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


@rule(
    "92124",
    "A customer of a departed member who was not taken over waits for another again.",
    "离职成员的客户未被接替（客户拒绝，或接替成员的客户已满）时，重新进入待分配列表。",
    does=(
        "the pages do not say; people report that they are back in the pool",
        "官方页面没有写明；有人反馈客户会退回待分配列表",
    ),
)
@pytest.mark.parametrize("why", ["refused", "full"])
def test_who_was_not_taken_over_waits_again(
    why: str, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.resign("zhangsan")
    waiting = ask.good("resigned_transfer.list_unassigned")["info"]
    words = {"external_userid": [wang.external_userid]}
    ask.good("resigned_transfer.customer", **PAIR, **words)
    if why == "refused":
        corp.customer_refuses(wang)
    else:
        corp.members["lisi"].customer_limit = 0
    corp.clock.advance(hours=24)
    (shown,) = ask.good("resigned_transfer.result", **PAIR)["customer"]
    assert shown["status"] == {"refused": 3, "full": 4}[why]
    assert ask.good("resigned_transfer.list_unassigned")["info"] == waiting
    ask.good("resigned_transfer.customer", **{**PAIR, "takeover_userid": "wangwu"}, **words)
    corp.clock.advance(hours=24)
    assert [member.userid for member in wang.members] == ["wangwu"]
    assert ask.good("resigned_transfer.list_unassigned")["info"] == []


def test_a_customer_who_stays_with_somebody_waits_for_nobody(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    ask.good("transfer.customer", **PAIR, external_userid=[wang.external_userid])
    corp.customer_refuses(wang)
    assert ask.good("resigned_transfer.list_unassigned")["info"] == []
    corp.resign("zhangsan")
    ask.good("resigned_transfer.customer", **PAIR, external_userid=[wang.external_userid])
    corp.part(corp.follow("zhangsan", wang))
    corp.customer_refuses(wang)
    assert ask.good("resigned_transfer.list_unassigned")["info"] == [], "no customer any more"


@rule(
    "92127",
    "What a member left more than a year ago is not handed on any more: customers and groups stay (40205).",
    "离职超过一年的成员，其客户和客户群不能再分配（40205）。",
    does=("40205; the pages name no code", "返回 40205；官方页面没有写明错误码"),
)
def test_after_a_year_nothing_is_handed_on(corp: Simulator, wang: Customer, ask: HttpAsker) -> None:
    corp.clock.freeze()
    chat = corp.add_group_chat("群", "zhangsan")
    other = corp.add_group_chat("另一个群", "zhangsan")
    corp.resign("zhangsan")
    customer = {**PAIR, "external_userid": [wang.external_userid]}
    group = {"chat_id_list": [chat.chat_id], "new_owner": "lisi"}
    corp.clock.advance(seconds=365 * 86_400 - 1)
    ask.good("resigned_transfer.customer", **customer)
    assert ask.good("resigned_transfer.group_chat", **group)["failed_chat_list"] == []
    corp.clock.advance(seconds=1)
    assert ask.code("resigned_transfer.customer", **customer) == 40205
    group["chat_id_list"] = [other.chat_id]
    (failed,) = ask.good("resigned_transfer.group_chat", **group)["failed_chat_list"]
    assert failed["errcode"] == 40205


@rule(
    "92127",
    "The group of a departed owner that was handed over is done, whoever asks again (90508).",
    "离职群主的客户群已继承后，再分配给任何人都报 90508。",
)
@pytest.mark.parametrize("owner", ["lisi", "wangwu"])
def test_a_group_that_was_handed_over_is_done(
    owner: str, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    chat_id = corp.add_group_chat("群", "zhangsan").chat_id
    corp.resign("zhangsan")
    call = "resigned_transfer.group_chat"
    ask.good(call, chat_id_list=[chat_id], new_owner="lisi")
    (failed,) = ask.good(call, chat_id_list=[chat_id], new_owner=owner)["failed_chat_list"]
    assert failed["errcode"] == 90508


@rule(
    "94088",
    "Who asks how handovers went names members who are there, or were.",
    "查询客户接替状态时，原跟进成员和接替成员必须在职或曾经在职。",
    does=("60111; the pages name no code", "返回 60111；官方页面没有写明错误码"),
)
@pytest.mark.parametrize("call", ["transfer.result", "resigned_transfer.result"])
def test_the_result_of_a_handover_is_about_members(
    call: str, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.resign("zhangsan")
    assert ask.good(call, **PAIR)["customer"] == []
    for key in PAIR:
        assert ask.code(call, **{**PAIR, key: "nobody"}) == 60111


@rule(
    "92125",
    "Whom the taking member has already needs no room with them.",
    "接替成员已有的客户，不受其客户数上限影响。",
)
def test_a_full_member_takes_over_whom_they_have(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.add_follow("lisi", wang)
    corp.members["lisi"].customer_limit = 1
    (said,) = ask.good("transfer.customer", **PAIR, external_userid=[wang.external_userid])[
        "customer"
    ]
    assert said["errcode"] == 0
    corp.clock.advance(hours=24)
    (shown,) = ask.good("transfer.result", **PAIR)["customer"]
    assert shown["status"] == 1


@rule(
    "92125",
    "A customer who was handed over by a member who stays is told so: in your words, or in WeCom's.",
    "在职继承完成后会给客户发消息：`transfer_success_msg`，不填则为企业微信的默认文案。",
)
@pytest.mark.parametrize("words", [{}, {"transfer_success_msg": "我是李四"}])
def test_a_customer_is_told_of_the_handover(
    words: dict[str, str], corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.members["lisi"].name = "李四"
    ask.good("transfer.customer", **PAIR, **words, external_userid=[wang.external_userid])
    assert corp.messages_to(wang) == []
    corp.clock.advance(hours=24)
    (message,) = corp.messages_to(wang)
    assert message.kind == "transfer"
    assert message.text is not None
    assert "李四" in message.text
    assert ("接替" in message.text) == (not words)
    corp.resign("lisi")
    again = {"handover_userid": "lisi", "takeover_userid": "wangwu"}
    ask.good("resigned_transfer.customer", **again, external_userid=[wang.external_userid])
    corp.clock.advance(hours=24)
    assert corp.messages_to(wang) == [message], "of those who have left, the page knows no message"
