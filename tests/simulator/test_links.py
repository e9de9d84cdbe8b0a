"""Acquisition links: whom they prefer, what they count, what a provider pays for."""

from typing import Any

import pytest
from wecom_contact.testing import AcquisitionLink, Simulator

from simulator.asking import Asker, suite_app
from simulator.rules import rule

DAY = 86_400
COMPONENT = "customer_acquisition_component."


@pytest.fixture
def corp(corp: Simulator) -> Simulator:
    corp.clock.freeze()
    for userid in ("zhangsan", "lisi", "wangwu"):
        corp.add_member(userid)
    return corp


@pytest.fixture
def suite(corp: Simulator) -> Asker:
    return Asker(corp, suite_app(corp))


def link(corp: Simulator, ask: Asker, **words: Any) -> AcquisitionLink:
    new = {"link_name": "春季", "range": {"user_list": ["zhangsan", "lisi"]}, **words}
    made = ask.good("customer_acquisition.create_link", **new)
    return corp.acquisition_links[made["link"]["link_id"]]


def told(corp: Simulator) -> list[str]:
    return [type(event).__name__ for event in corp.callbacks.events]


@rule(
    "97297",
    "A preference for listed members (`priority_type` 2) lists some, who are there.",
    "`priority_type` 为 2 时必须填写 `priority_userid_list`，且成员存在。",
)
def test_a_preference_for_listed_members_lists_some(corp: Simulator, ask: Asker) -> None:
    def codes(**option: Any) -> set[int]:
        new = {"link_name": "夏季", "range": {"user_list": ["lisi"]}, "priority_option": option}
        old = {"link_id": made.link_id, "link_name": "秋季", "priority_option": option}
        return {
            ask.code("customer_acquisition.create_link", **new),
            ask.code("customer_acquisition.update_link", **old),
        }

    made = link(corp, ask)
    assert codes(priority_type=2) == {40058}
    assert codes(priority_type=2, priority_userid_list=[]) == {40058}
    assert codes(priority_type=3) == {40058}
    assert codes(priority_type=2, priority_userid_list=["lisi", "nobody"]) == {60111}
    assert codes(priority_type=2, priority_userid_list=["lisi"] * 1001) == {40058}
    assert (made.name, made.priority) == ("春季", None), "nothing is changed by halves"
    assert codes(priority_type=1) == {0}
    assert codes(priority_type=2, priority_userid_list=["lisi"]) == {0}


@rule(
    "97297",
    "With a `priority_option` a customer who has one of the preferred members comes to that member.",
    "设置 `priority_option` 后，已有好友关系的客户优先分配给该成员。",
)
@pytest.mark.parametrize(
    ("option", "userids"),
    [
        (None, {"zhangsan", "lisi"}),
        ({"priority_type": 1}, {"wangwu"}),
        ({"priority_type": 2, "priority_userid_list": ["wangwu"]}, {"wangwu"}),
        ({"priority_type": 2, "priority_userid_list": ["lisi"]}, {"zhangsan", "lisi"}),
    ],
)
def test_a_customer_comes_to_a_preferred_member(
    corp: Simulator, ask: Asker, option: dict[str, Any] | None, userids: set[str]
) -> None:
    made = link(corp, ask, **({} if option is None else {"priority_option": option}))
    came = set()
    for _ in range(2):
        known = corp.add_customer("老客户", follow="wangwu")
        follow = corp.customer_clicks(made, known)
        assert follow is not None
        came.add(follow.member.userid)
    assert came == userids
    lost = corp.add_customer("走了", follow="wangwu")
    corp.customer_deletes(lost, "wangwu")
    follow = corp.customer_clicks(made, lost)
    assert follow is not None
    assert follow.member.userid != "wangwu", "who deleted a member has that member no more"


@rule(
    "97298",
    "Who has the member already is not brought by the link: no friend request, no use of the quota.",
    "已是成员客户的人再次打开链接，不算由链接添加：没有好友请求事件，也不消耗额度。",
)
def test_a_friend_is_not_brought_again(corp: Simulator, ask: Asker) -> None:
    made = link(corp, ask, range={"user_list": ["zhangsan"]})
    friend = corp.add_customer("老客户", follow="zhangsan", state="poster")
    follow = corp.customer_clicks(made, friend, state="s1")
    assert follow is corp.follow("zhangsan", friend)
    assert told(corp) == ["AcquisitionProfileOpened"]
    assert (follow.state, follow.link_id) == ("poster", None)
    id = {"link_id": made.link_id}
    assert ask.good("customer_acquisition.list_customers", **id)["customer_list"] == []
    assert ask.good("customer_acquisition.quota")["total"] == 0
    corp.customer_clicks(made, state="s1")
    assert told(corp)[1:] == [
        "AcquisitionProfileOpened",
        "AcquisitionFriendRequested",
        "CustomerAdded",
    ]
    assert ask.good("customer_acquisition.quota")["total"] == 1
    brought = corp.customers[list(corp.customers)[-1]]
    corp.customer_deletes(brought, "zhangsan")
    again = corp.customer_clicks(made, brought)
    assert again is not None
    assert not again.deleted
    assert ask.good("customer_acquisition.quota")["total"] == 1, "brought once"


@rule(
    "97299",
    "Only of WeChat users it is told that they opened a link or asked to be added.",
    "打开链接、发起好友请求的事件只针对微信客户。",
)
def test_what_wecom_users_do_with_a_link_is_told_when_they_are_added(
    corp: Simulator, ask: Asker
) -> None:
    made = link(corp, ask)
    business = corp.add_customer("李总", corp_name="海川物流")
    assert corp.customer_clicks(made, business, adds=False) is None
    assert told(corp) == []
    assert corp.customer_clicks(made, business, state="s1") is not None
    assert told(corp) == ["CustomerAdded"]


@rule(
    "97375",
    "`click_link_customer_cnt` counts customers, not clicks.",
    "`click_link_customer_cnt` 统计的是点击链接的客户数，不是点击次数。",
)
def test_customers_who_click_twice_count_once(corp: Simulator, ask: Asker) -> None:
    made = link(corp, ask, range={"user_list": ["zhangsan"]})
    today = corp.today()
    wang = corp.add_customer("王五")

    def clicked(begin: int, end: int) -> tuple[int, int]:
        words = {"link_id": made.link_id, "start_time": begin, "end_time": end}
        said = ask.good("customer_acquisition.statistic", **words)
        return said["click_link_customer_cnt"], said["new_customer_cnt"]

    corp.customer_clicks(made, wang, adds=False)
    corp.customer_clicks(made, wang)
    corp.customer_clicks(made, adds=False)
    corp.customer_clicks(made, adds=False)
    assert clicked(today, today) == (3, 1), "each stranger is one"
    corp.clock.advance(days=1)
    corp.customer_clicks(made, wang)
    assert clicked(today + DAY, today + DAY) == (1, 0)
    assert clicked(today, today + DAY) == (3, 1)


def test_a_component_is_told_how_it_was_authorised(corp: Simulator, suite: Asker) -> None:
    said = suite.good(f"{COMPONENT}get_auth_info")
    assert (said["pay_mode"], "price" in said) == (0, False)
    corp.manner.provider_pays = True
    corp.limits.provider_price = 250
    crm = corp.add_app("crm")
    said = suite.good(f"{COMPONENT}get_auth_info")
    assert (said["pay_mode"], said["price"], said["link_auth_mode"]) == (1, 250, 1)
    assert {"agentid": crm.agent_id} in said["auth_apps"]


@rule(
    "99602",
    "Bills go back any time, 31 days at once; each is one customer for whom the provider paid.",
    "代付流水按时间查询，跨度不超过 31 天；每条对应一位由服务商付费的客户。",
)
def test_a_provider_is_billed_for_each_customer(corp: Simulator, ask: Asker, suite: Asker) -> None:
    corp.manner.provider_pays = True
    made, gone = link(corp, ask), link(corp, ask)
    begin = corp.clock.seconds()

    def bills(first: int, last: int, **words: Any) -> dict[str, Any]:
        span = {"auth_corpid": corp.corp_id, "begin_time": first, "end_time": last}
        return suite(f"{COMPONENT}list_bills", **{**span, **words})

    def comes(by: AcquisitionLink, **words: Any) -> None:
        key = suite.good(f"{COMPONENT}create_once_key", link_id=by.link_id, key_num=1)["keys"][0]
        corp.customer_clicks(by, once_key=key, **words)

    comes(made, state="s1")
    corp.clock.advance(hours=1)
    comes(gone)
    corp.customer_clicks(made)
    corp.admin_deletes_link(gone)
    listed = [
        {"timestamp": begin, "price": 100, "link_id": made.link_id, "state": "s1"},
        {"timestamp": begin + 3600, "price": 100},
    ]
    said = bills(begin, begin + 3600)
    assert (said["bill_list"], "next_cursor" in said) == (listed, False)
    first = bills(begin, begin + 3600, limit=1)
    rest = bills(begin, begin + 3600, limit=1, cursor=first["next_cursor"])
    assert [*first["bill_list"], *rest["bill_list"]] == listed
    assert bills(begin + 1, begin + 3599)["bill_list"] == []
    assert bills(begin, begin + 31 * DAY)["errcode"] == 0
    assert bills(begin, begin + 31 * DAY + 1)["errcode"] == 40058
    assert bills(begin, begin - 1)["errcode"] == 40058
    assert bills(begin, begin, auth_corpid="wwother")["errcode"] == 40013


@rule(
    "98959",
    "A provider's app may use acquisition links after an admin has confirmed it a second time "
    "(48002 until then).",
    "第三方、代开发应用的获客助手权限须经企业管理员二次确认后才能调用（否则 48002）。",
    does=(
        'confirmed, unless `corp.suite.denied = {"customer_acquisition"}`',
        '默认已确认；`corp.suite.denied = {"customer_acquisition"}` 为未确认',
    ),
)
def test_an_admin_confirms_a_provider_app_a_second_time(
    corp: Simulator, ask: Asker, suite: Asker
) -> None:
    suite.good("customer_acquisition.quota")
    corp.suite.denied = {"customer_acquisition"}
    assert suite.code("customer_acquisition.quota") == 48002
    assert suite.code("customer_acquisition.get_link", link_id="x") == 48002
    suite.good("follow_user.list")
    ask.good("customer_acquisition.quota")


@rule(
    "97298",
    "Whom a link brought stays on its list and in its numbers when the relation is over.",
    "由链接添加的客户，之后关系解除或被分配给他人，仍在链接的客户列表和统计中。",
    does=("which the pages do not say", "页面未写明"),
)
def test_whom_a_link_brought_stays_so(corp: Simulator, ask: Asker) -> None:
    made = link(corp, ask, range={"user_list": ["zhangsan"]})
    follows = []
    for _ in range(3):
        follow = corp.customer_clicks(made)
        assert follow is not None
        follows.append(follow)
        corp.clock.advance(seconds=1)
    first, second, third = (follow.customer.external_userid for follow in follows)
    today = corp.today()
    corp.member_deletes("zhangsan", first)
    handed = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    ask.good("transfer.customer", **handed, external_userid=[second])
    corp.clock.advance(days=1)
    listed = ask.good("customer_acquisition.list_customers", link_id=made.link_id)["customer_list"]
    assert [(each["external_userid"], each["userid"]) for each in listed] == [
        (first, "zhangsan"),
        (second, "zhangsan"),
        (third, "zhangsan"),
    ]
    words = {"link_id": made.link_id, "start_time": today, "end_time": today}
    assert ask.good("customer_acquisition.statistic", **words)["new_customer_cnt"] == 3
