"""Pages: sizes, cursors that nobody can read or reuse, and limits beyond the maximum."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wecom_contact.testing import Simulator
from wecom_contact.testing._pages import cursor_for, offset_of, page_size
from wecom_contact.testing._refusals import Refusal

from simulator.asking import Asker
from simulator.rules import rule


@given(st.text(), st.integers(0, 10**9))
def test_a_cursor_leads_where_it_came_from(query: str, offset: int) -> None:
    assert offset_of(query, cursor_for(query, offset)) == offset


@given(st.text())
def test_a_cursor_cannot_be_made_up(cursor: str) -> None:
    with pytest.raises(Refusal, match="50100"):
        offset_of("query", cursor)


def test_a_negative_offset_is_none() -> None:
    with pytest.raises(Refusal, match="50100"):
        offset_of("query", cursor_for("query", -1))


@pytest.mark.parametrize(
    ("name", "asked", "size"),
    [
        ("customer.batch_get", None, 50),
        ("customer.batch_get", 7, 7),
        ("customer.batch_get", 1000, 100),
        ("moment.list", 1000, 20),
        ("group_msg.get_task", 1001, 500),
        ("product_album.list", 101, 50),
        ("moment.get_task", 0, 500),
        ("moment.get_task", -3, 500),
    ],
)
def test_a_page_has_at_most_what_wecom_gives(name: str, asked: int | None, size: int) -> None:
    assert page_size(name, asked) == size


@pytest.fixture
def crowd(corp: Simulator) -> Simulator:
    for userid in ("a", "b"):
        corp.add_member(userid)
        for number in range(130):
            corp.add_customer(f"{userid}{number}", follow=userid)
    return corp


@rule(
    "92994",
    "A page of batch_get has 100 customers at most, whatever is asked for.",
    "批量获取客户详情每页最多 100 个客户，`limit` 再大也一样。",
)
def test_batch_get_gives_everybody_once_by_pages(crowd: Simulator, ask: Asker) -> None:
    names: list[str] = []
    cursor = ""
    sizes = []
    while True:
        page = ask.good("customer.batch_get", userid_list=["a", "b"], limit=1000, cursor=cursor)
        sizes.append(len(page["external_contact_list"]))
        names += [each["external_contact"]["name"] for each in page["external_contact_list"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sizes == [100, 100, 60]
    assert names == [f"{userid}{number}" for userid in ("a", "b") for number in range(130)]


@rule(
    "92994",
    "A page may be short, or empty, and still not be the last.",
    "一页可能不满甚至为空，但仍有下一页。",
)
def test_a_page_may_be_short_and_still_have_a_next(crowd: Simulator, ask: Asker) -> None:
    crowd.follow("a", crowd.members["a"].customers[0]).half = True
    page = ask.good("customer.batch_get", userid_list=["a"], limit=1)
    assert page["external_contact_list"] == []
    assert page["next_cursor"]


@rule(
    "90313",
    "A cursor is opaque, and good for its own query alone (50100).",
    "cursor 不可解读，只能用于原来的查询（50100）。",
)
def test_a_cursor_fits_its_query_alone(crowd: Simulator, ask: Asker) -> None:
    cursor = ask.good("customer.batch_get", userid_list=["a"])["next_cursor"]
    assert ask.code("customer.batch_get", userid_list=["a"], cursor=cursor) == 0
    assert ask.code("customer.batch_get", userid_list=["b"], cursor=cursor) == 50100
    assert ask.code("customer.list_served", cursor=cursor) == 50100
    changed = base64.urlsafe_b64encode(b"123456789" + b"50").decode()
    assert ask.code("customer.batch_get", userid_list=["a"], cursor=changed) == 50100


def test_list_served_gives_each_contact_once(crowd: Simulator, ask: Asker) -> None:
    people = [crowd.add_customer("路人甲"), crowd.members["b"].customers[0]]
    chat = crowd.add_group_chat("群", "a", people)
    crowd.group_chats["wrgone"] = crowd.add_group_chat("旧群", "a", [crowd.add_customer("谁")])
    crowd.group_chats["wrgone"].dismissed = True
    seen = []
    cursor = ""
    while True:
        page = ask.good("customer.list_served", limit=100, cursor=cursor)
        seen += page["info_list"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == 262
    stranger, known = seen[260:]
    assert (stranger["is_customer"], stranger["name"], stranger["chat_id"]) == (
        False,
        "***甲",
        chat.chat_id,
    )
    assert known["is_customer"]
    assert known["tmp_openid"] in {each["tmp_openid"] for each in seen[:260]}, "the same person"


@rule(
    "99434",
    "A `tmp_openid` tells who is the same within one walk; each first page begins another, with other ids and "
    "other cursors.",
    "外部联系人临时 ID 只在一轮查询中可用于去重；每次请求首个分页，临时 ID 和 cursor 都会变化。",
)
def test_each_walk_has_ids_of_its_own(crowd: Simulator, ask: Asker) -> None:
    def page(cursor: str = "") -> tuple[set[str], str]:
        found = ask.good("customer.list_served", limit=100, cursor=cursor)
        return {each["tmp_openid"] for each in found["info_list"]}, found["next_cursor"]

    whom = crowd.members["a"].customers[0]
    crowd.add_follow("b", whom)
    begun = page()
    other = page()
    assert not begun[0] & other[0]
    assert begun[1] != other[1]
    walks = []
    for ids, cursor in (begun, other):
        again = page(cursor)[0]
        assert page(cursor)[0] == again, "asked twice"
        walks.append(ids | again | page(page(cursor)[1])[0])
    assert not walks[0] & walks[1]
    assert len(walks[0]) == len(walks[1]) == len(crowd.customers) < 261, "one was met twice"


@pytest.mark.parametrize("lifetime", [4 * 3600, 1, 0])
def test_a_tmp_openid_stays_the_same_for_its_lifetime(
    lifetime: int, crowd: Simulator, ask: Asker
) -> None:
    def shown() -> set[str]:
        found = ask.good("customer.list_served", limit=100, cursor=cursor)["info_list"]
        return {each["tmp_openid"] for each in found}

    crowd.clock.freeze()
    crowd.lifetimes.cursor = 9 * 3600
    crowd.lifetimes.tmp_openid = lifetime
    # Just before an hour begins, when ids of fixed windows would change.
    crowd.clock.advance(seconds=4 * 3600 - 1 - crowd.clock.seconds() % (4 * 3600))
    cursor = ask.good("customer.list_served", limit=100)["next_cursor"]
    first = shown()
    crowd.clock.advance(seconds=max(lifetime - 1, 0))
    assert (shown() == first) == (lifetime > 0)
    crowd.clock.advance(seconds=1)
    assert not shown() & first


@rule(
    "94883",
    "Lists of strategies leave `next_cursor` out at the end.",
    "规则组列表的最后一页不返回 `next_cursor`。",
)
def test_strategies_leave_the_cursor_out_at_the_end(corp: Simulator, ask: Asker) -> None:
    for number in range(3):
        corp.add_strategy(f"s{number}")
    page = ask.good("customer_strategy.list", limit=2)
    last = ask.good("customer_strategy.list", limit=2, cursor=page["next_cursor"])
    assert len(last["strategy"]) == 1
    assert "next_cursor" not in last


@rule(
    "92114",
    "Followers of a customer come by 500.",
    "客户的跟进人超过 500 个时分页返回。",
)
def test_followers_come_by_five_hundred(corp: Simulator, ask: Asker) -> None:
    members = [corp.add_member(f"m{number}") for number in range(501)]
    customer = corp.add_customer("大客户", follow=members)
    page = ask.good("customer.get", external_userid=customer.external_userid)
    assert len(page["follow_user"]) == 500
    last = ask.good(
        "customer.get", external_userid=customer.external_userid, cursor=page["next_cursor"]
    )
    assert len(last["follow_user"]) == 1
    assert "next_cursor" not in last
