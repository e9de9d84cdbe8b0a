"""Customer groups."""

from datetime import timedelta
from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import Asker
from simulator.rules import rule


@rule(
    "92120",
    "Too many owners in sight are refused without an `owner_filter` (81017).",
    "可见的群主过多又不填 `owner_filter` 时报 81017。",
)
def test_groups_are_listed_newest_first_by_status_and_owner(corp: Simulator, ask: Asker) -> None:
    zhang, gone = corp.add_member("zhangsan"), corp.add_member("gone")
    first = corp.add_group_chat("一", zhang, when=100)
    second = corp.add_group_chat("二", gone, when=200)
    corp.group_dismissed(corp.add_group_chat("三", zhang))
    corp.resign(gone)
    third = corp.add_group_chat("四", zhang, when=300)
    chats = ask.good("group_chat.list", limit=10)["group_chat_list"]
    assert chats == [{"chat_id": chat.chat_id, "status": 0} for chat in (third, first)]
    both = {"owner_filter": {"userid_list": ["zhangsan", "gone"]}, "limit": 10}
    assert [each["chat_id"] for each in ask.good("group_chat.list", **both)["group_chat_list"]] == [
        third.chat_id,
        second.chat_id,
        first.chat_id,
    ]
    waiting = ask.good("group_chat.list", **both, status_filter=1)["group_chat_list"]
    assert waiting == [{"chat_id": second.chat_id, "status": 1}]
    own = {"owner_filter": {"userid_list": ["zhangsan"]}, "limit": 10}
    assert len(ask.good("group_chat.list", **own)["group_chat_list"]) == 2
    corp.add_member("lisi")
    corp.limits.owners_unfiltered = 1
    assert ask.code("group_chat.list", limit=10) == 81017
    ask.good("group_chat.list", **own)


@rule(
    "93414",
    "Groups of owners who have left are listed only if `owner_filter` names those owners.",
    "群主已离职的客户群，只有在 `owner_filter` 中指定该群主时才会列出。",
)
def test_groups_of_departed_owners_are_listed_by_their_owners_alone(
    corp: Simulator, ask: Asker
) -> None:
    gone = corp.add_member("gone")
    chat = corp.add_group_chat("群", gone)
    whole: dict[str, Any] = {"limit": 10}
    listed = [{"chat_id": chat.chat_id, "status": 0}]
    assert ask.good("group_chat.list", **whole)["group_chat_list"] == listed
    corp.member_resigns(gone)
    for status in (0, 1):
        said = ask.good("group_chat.list", **whole, status_filter=status)
        assert said["group_chat_list"] == []
    by_owner = {**whole, "owner_filter": {"userid_list": ["gone"]}}
    assert ask.good("group_chat.list", **by_owner)["group_chat_list"] == [
        {"chat_id": chat.chat_id, "status": 1}
    ]


@rule(
    "92122",
    "Names come with `need_name=1` alone; the `state` of a join way stays with whoever came by it.",
    "仅当 `need_name=1` 时返回成员名字；经「加入群聊」进群的人带有其 `state`。",
)
def test_a_group_shows_its_owner_admins_and_members(corp: Simulator, ask: Asker) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi", "李四")
    wang = corp.add_customer("王五")
    chat = corp.add_group_chat("群", zhang, [wang.external_userid, "lisi"], admins=[li])
    corp.customer_joins(corp.add_join_way([chat], state="door"), name="赵六")
    shown = ask.good("group_chat.get", chat_id=chat.chat_id, need_name=1)["group_chat"]
    assert shown["admin_list"] == [{"userid": "lisi"}]
    owner, first, second, third = shown["member_list"]
    assert (owner["userid"], owner["type"]) == ("zhangsan", 1)
    assert (first["name"], first["invitor"], first["type"]) == ("王五", {"userid": "zhangsan"}, 2)
    assert first["unionid"] == corp.unionid(wang)
    assert (second["userid"], second["invitor"]) == ("lisi", {"userid": "zhangsan"})
    assert "invitor" not in owner
    assert (third["join_scene"], third["state"], "invitor" in third) == (3, "door", False)
    plain = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
    assert "name" not in plain["member_list"][0]
    assert "notice" not in plain
    assert ask.code("group_chat.get", chat_id="wrno") == 40050
    assert ask.good("group_chat.opengid_to_chatid", opengid=chat.opengid)["chat_id"] == chat.chat_id
    assert ask.code("group_chat.opengid_to_chatid", opengid="ogno") == 90511
    corp.group_dismissed(chat)
    assert ask.code("group_chat.get", chat_id=chat.chat_id) == 40050


@rule(
    "90313",
    "A userid that was never in the corp is refused as a filter, too.",
    "过滤条件中的 userid 不在企业内时同样被拒绝。",
    does=("40003; the pages name no code", "报 40003；页面未写明错误码"),
)
@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("group_chat.list", {"limit": 10}),
        ("statistics.group_chat", {"day_begin_time": None}),
        ("statistics.group_chat_by_day", {"day_begin_time": None}),
    ],
)
def test_who_was_never_there_owns_no_groups(
    corp: Simulator, ask: Asker, call: str, words: dict[str, Any]
) -> None:
    gone = corp.add_member("gone")
    corp.resign(gone)
    words = {key: value or corp.today() - 86400 for key, value in words.items()}
    ask.good(call, **words, owner_filter={"userid_list": ["gone"]})
    assert ask.code(call, **words, owner_filter={"userid_list": ["gone", "nobody"]}) == 40003
    corp.manner.unknown_userid = 60111
    assert ask.code(call, **words, owner_filter={"userid_list": ["nobody"]}) == 60111


@rule(
    "92122",
    "A group counts as a customer group while its owner has the customer-contact feature; others "
    "are neither listed nor told of.",
    "客户群是由具有客户群使用权限的成员创建的外部群；群主没有客户联系功能的群不会列出，也不会回调。",
    does=(
        "what names such a group is refused as if it were not there (40050, 90511, 90501)",
        "指定这样的群时按不存在处理（40050、90511、90501）",
    ),
)
def test_a_group_of_an_owner_without_the_feature_is_no_customer_group(
    corp: Simulator, ask: Asker
) -> None:
    writer = corp.add_member("writer", customer_contact=False)
    corp.add_member("lisi")
    chat = corp.member_creates_group(writer, "群", [corp.add_customer("王")])
    corp.customer_joins(chat, name="赵")
    assert corp.callbacks.events == []
    assert ask.good("group_chat.list", limit=10)["group_chat_list"] == []
    assert ask.code("group_chat.get", chat_id=chat.chat_id) == 40050
    assert ask.code("group_chat.opengid_to_chatid", opengid=chat.opengid) == 90511
    said = ask.good("transfer.group_chat", chat_id_list=[chat.chat_id], new_owner="lisi")
    assert [each["errcode"] for each in said["failed_chat_list"]] == [90501]
    served = ask.good("customer.list_served")["info_list"]
    assert [each["chat_name"] for each in served] == ["群", "群"]
    day = corp.today() - 86400
    assert ask.good("statistics.group_chat", day_begin_time=day)["total"] == 0
    writer.customer_contact = True
    assert ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["name"] == "群"
    corp.group_renamed(chat, "新名")
    assert len(corp.callbacks.events) == 1


@rule(
    "92127",
    "Groups are handed over within a year of their owner's departure.",
    "群主离职超过一年的客户群不能再分配。",
    does=("40205 afterwards; the pages name no code", "之后报 40205；页面未写明错误码"),
)
@pytest.mark.parametrize(("wait", "codes"), [(-1, []), (0, [40205])])
def test_the_groups_of_the_departed_wait_for_a_year(
    corp: Simulator, ask: Asker, wait: int, codes: list[int]
) -> None:
    corp.clock.freeze()
    gone = corp.add_member("gone")
    corp.add_member("lisi")
    chat = corp.add_group_chat("群", gone)
    corp.member_resigns(gone)
    corp.clock.advance(seconds=timedelta(days=365).total_seconds() + wait)
    ids = [chat.chat_id]
    said = ask.good("resigned_transfer.group_chat", chat_id_list=ids, new_owner="lisi")
    assert [each["errcode"] for each in said["failed_chat_list"]] == codes


@rule(
    "92122",
    "A change of a group is told at once, but what is read of it may be old for a while; the versions of the "
    "member list tell.",
    "群信息变动会立即回调，但部分信息为异步处理，稍后调用才能得到最新结果；可比较成员列表的版本号。",
    does=(
        "read as it is; `corp.lifetimes.group_lag = 60` shows the old state for so many seconds",
        "默认立即可见；`corp.lifetimes.group_lag = 60` 使变动在若干秒后才可见",
    ),
)
def test_a_group_may_be_read_as_it_was(corp: Simulator, ask: Asker) -> None:
    corp.clock.freeze()
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow=corp.add_member("zhangsan"))
    chat = corp.add_group_chat("群", "zhangsan", ["lisi"])
    corp.lifetimes.group_lag = 60

    def read() -> dict[str, Any]:
        shown: dict[str, Any] = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
        return shown

    before = read()
    corp.customer_joins(chat, wang)
    corp.clock.advance(seconds=30)
    corp.group_renamed(chat, "新名")
    corp.group_notice_changed(chat, "通知")
    corp.group_owner_changed(chat, "lisi")
    assert read() == before
    told = corp.callbacks.events[0]
    assert before["member_version"] == told.last_version
    corp.clock.advance(seconds=30)
    after = read()
    assert after["member_version"] == told.current_version
    assert (after["name"], after["notice"], after["owner"]) == ("新名", "通知", "lisi")
    corp.customer_leaves(chat, wang)
    assert read() == after
    corp.clock.advance(seconds=60)
    assert len(read()["member_list"]) == 2


def test_who_has_left_a_group_administers_it_no_more(corp: Simulator, ask: Asker) -> None:
    lisi = corp.add_member("lisi")
    chat = corp.add_group_chat("群", corp.add_member("zhangsan"), [lisi], admins=[lisi])
    corp.customer_leaves(chat, lisi)
    shown = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
    assert (shown["admin_list"], len(shown["member_list"])) == ([], 1)
