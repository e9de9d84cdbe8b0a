"""The tag library, and whose tags are whose."""

from collections.abc import Callable

import pytest
from wecom_contact import events
from wecom_contact.testing import Simulator

from simulator.asking import Asker, HttpAsker, suite_app
from simulator.rules import rule


@rule(
    "92117",
    "Tags for a group that is there already are added to it; a name twice is one tag, a name that "
    "is taken is refused (40071).",
    "标签组已存在时在其下新建；同名标签只建一个，与已有标签重名报 40071。",
)
def test_add_and_list(corp: Simulator, ask: Asker) -> None:
    made = ask.good(
        "corp_tag.add",
        group_name="等级",
        order=5,
        tag=[{"name": "一般"}, {"name": "重要", "order": 4294967295}, {"name": "一般"}],
    )["tag_group"]
    assert [tag["name"] for tag in made["tag"]] == ["重要", "一般"], "twice is once, by order"
    again = ask.good("corp_tag.add", group_name="等级", tag=[{"name": "普通"}])["tag_group"]
    assert again["group_id"] == made["group_id"]
    into = ask.good("corp_tag.add", group_id=made["group_id"], tag=[{"name": "VIP"}])["tag_group"]
    assert into["order"] == 5
    assert ask.code("corp_tag.add", group_name="等级", tag=[{"name": "重要"}]) == 40071
    assert ask.code("corp_tag.add", group_id="etno", tag=[{"name": "x"}]) == 40068
    (whole,) = ask.good("corp_tag.list")["tag_group"]
    assert [tag["name"] for tag in whole["tag"]] == ["重要", "一般", "普通", "VIP"]
    assert "deleted" not in whole


@rule(
    "92117",
    "Only a filter by id shows deleted tags; beside group_id, tag_id is ignored; a group goes "
    "with its last tag.",
    "只有按 id 查询才返回已删除的标签；同时传 group_id 与 tag_id 时忽略后者；标签全部删除后标签组也被删除。",
)
def test_filters_show_what_is_deleted(corp: Simulator, ask: Asker) -> None:
    group = corp.add_tag_group("等级", ["重要", "一般"], app=corp.app)
    other = corp.add_tag_group("来源", ["官网"], app=corp.app)
    gone, left = group.tags
    ask.good("corp_tag.delete", tag_id=[gone.id])
    (shown,) = ask.good("corp_tag.list", tag_id=[gone.id])["tag_group"]
    assert shown["tag"] == [
        {
            "id": gone.id,
            "name": "重要",
            "create_time": gone.create_time,
            "order": 0,
            "deleted": True,
        }
    ]
    (shown,) = ask.good("corp_tag.list", group_id=[group.id], tag_id=[other.tags[0].id])[
        "tag_group"
    ]
    assert [tag["deleted"] for tag in shown["tag"]] == [True, False]
    assert ask.code("corp_tag.list", tag_id=["etno"]) == 40068
    assert ask.code("corp_tag.list", group_id=["etno"]) == 40068
    ask.good("corp_tag.delete", tag_id=[left.id])
    assert group.deleted, "a group goes with its last tag"
    assert [each["group_name"] for each in ask.good("corp_tag.list")["tag_group"]] == ["来源"]
    assert ask.code("corp_tag.add", group_id=group.id, tag=[{"name": "x"}]) == 40068
    assert (
        ask.good("corp_tag.add", group_name="等级", tag=[{"name": "新"}])["tag_group"]["group_id"]
        != group.id
    )


@rule(
    "92117",
    "A tag has no name of another of its group, a group none of another group (40071).",
    "标签不能与同组标签重名，标签组不能与已有标签组重名（40071）。",
)
def test_tags_and_groups_are_renamed_to_free_names(corp: Simulator, ask: Asker) -> None:
    group = corp.add_tag_group("等级", ["重要", "一般"], app=corp.app)
    corp.add_tag_group("来源", ["官网"], app=corp.app)
    tag = group.tags[0]
    ask.good("corp_tag.edit", id=tag.id, name="重点", order=3)
    assert (tag.name, tag.order) == ("重点", 3)
    ask.good("corp_tag.edit", id=tag.id, name="重点")
    assert ask.code("corp_tag.edit", id=tag.id, name="一般") == 40071
    assert ask.code("corp_tag.edit", id=group.id, name="来源") == 40071
    ask.good("corp_tag.edit", id=group.id, name="客户等级")
    assert group.name == "客户等级"
    assert ask.code("corp_tag.edit", id="etno", name="x") == 40068


@rule(
    "",
    "A tag that another app or an admin made is not edited or deleted (81011).",
    "其他应用或管理员创建的标签不能编辑或删除（81011）。",
)
def test_tags_of_others_are_not_edited_or_deleted(corp: Simulator, ask: Asker) -> None:
    admins = corp.add_tag_group("管理员的", ["甲"])
    others = Asker(corp, corp.add_app("other")).good(
        "corp_tag.add", group_name="别人的", tag=[{"name": "乙"}]
    )["tag_group"]
    for id in (admins.id, admins.tags[0].id, others["group_id"], others["tag"][0]["id"]):
        assert ask.code("corp_tag.edit", id=id, name="x") == 81011
    assert ask.code("corp_tag.delete", group_id=[admins.id]) == 81011
    assert ask.code("corp_tag.delete", tag_id=[others["tag"][0]["id"]]) == 81011
    # Adding to the group of somebody else is allowed, and what was added is ours.
    mine = ask.good("corp_tag.add", group_id=admins.id, tag=[{"name": "丙"}])["tag_group"]["tag"][0]
    ask.good("corp_tag.edit", id=mine["id"], name="丁")


@rule(
    "92117",
    "Deleted tags are taken from customers, too.",
    "删除标签后，客户身上的也随之移除。",
)
def test_a_deleted_group_takes_its_tags_from_customers(corp: Simulator, ask: Asker) -> None:
    group = corp.add_tag_group("等级", ["重要", "一般"], app=corp.app)
    zhang = corp.add_member("zhangsan")
    customer = corp.add_customer("王五", follow=zhang, tags=["重要", "一般"])
    assert ask.code("corp_tag.delete", tag_id=[]) == 40068
    assert ask.code("corp_tag.delete", tag_id=["etno"]) == 40068
    ask.good("corp_tag.delete", group_id=[group.id])
    assert customer.tags == []
    assert ask.code("corp_tag.delete", group_id=[group.id]) == 40068


@rule(
    "92117",
    "A corp has only so many tags (40126).",
    "企业的标签数量有上限（40126）。",
)
def test_there_are_only_so_many_tags(corp: Simulator, ask: Asker) -> None:
    corp.limits.tags = 2
    assert ask.code("corp_tag.add", group_name="g", tag=[{"name": n} for n in "abc"]) == 40126
    ask.good("corp_tag.add", group_name="g", tag=[{"name": n} for n in "ab"])
    assert ask.code("corp_tag.add", group_name="g", tag=[{"name": "c"}]) == 40126
    corp.limits.quotas = False
    ask.good("corp_tag.add", group_name="g", tag=[{"name": "c"}])


@rule(
    "94882",
    "Only a strategy of the first level has tags; other apps do not see it (60030).",
    "仅可在一级规则组下添加标签；其他应用看不到（60030）。",
)
def test_tags_of_strategies(corp: Simulator, ask: Asker) -> None:
    strategy, second = corp.add_strategy("华东"), corp.add_strategy("华南")
    child = corp.add_strategy("上海", parent=strategy.id)
    foreign = corp.add_strategy("别人的", app=corp.add_app("other"))
    tags = [{"name": "甲"}]
    made = ask.good("strategy_tag.add", strategy_id=strategy.id, group_name="g", tag=tags)[
        "tag_group"
    ]
    ask.good("strategy_tag.add", strategy_id=second.id, group_name="g", tag=tags)
    for bad in (child.id, foreign.id, 99):
        assert ask.code("strategy_tag.add", strategy_id=bad, group_name="g", tag=tags) == 60030
    assert len(ask.good("strategy_tag.list")["tag_group"]) == 2
    assert len(ask.good("strategy_tag.list", strategy_id=strategy.id)["tag_group"]) == 1
    assert ask.code("strategy_tag.list", strategy_id=99) == 60030
    tag_id = made["tag"][0]["id"]
    assert ask.code("corp_tag.edit", id=tag_id, name="x") == 40068
    ask.good("strategy_tag.edit", id=tag_id, name="乙")
    assert ask.code("strategy_tag.edit", id="etno", name="x") == 40068
    other = Asker(corp, corp.apps["other"])
    assert other.code("strategy_tag.edit", id=tag_id, name="x") == 60030
    assert other.code("strategy_tag.delete", tag_id=[tag_id]) == 60030
    assert len(ask.good("strategy_tag.list", group_id=[made["group_id"]])["tag_group"]) == 1
    ask.good("strategy_tag.delete", tag_id=[tag_id])
    assert ask.good("strategy_tag.list", group_id=[made["group_id"]])["tag_group"] == []
    assert ask.good("strategy_tag.list", tag_id=[tag_id])["tag_group"] == []


@rule(
    "92117",
    "Whether a group was deleted is told where tags are asked for by tag_id; of tags also by group_id; else neither.",
    "标签组的 `deleted` 只在按 tag_id 查询时返回，标签的在按 tag_id 或 group_id 查询时返回，其余情况都不返回。",
)
def test_what_is_told_of_deletions(corp: Simulator) -> None:
    group = corp.add_tag_group("等级", ["重要", "一般"], app=corp.app)
    corp.admin_deletes_tag(group.tags[0])
    ask = HttpAsker(corp.start())

    def told(**words: list[str]) -> tuple[bool, set[bool]]:
        (shown,) = ask.good("corp_tag.list", **words)["tag_group"]
        return "deleted" in shown, {"deleted" in tag for tag in shown["tag"]}

    by_tag, by_group = [tag.id for tag in group.tags], [group.id]
    assert told(tag_id=by_tag) == (True, {True})
    assert told(group_id=by_group) == told(group_id=by_group, tag_id=by_tag) == (False, {True})
    assert told() == (False, {False})


@rule(
    "94882",
    "Lists of strategy tags name the strategy; the answer to adding them does not.",
    "查询规则组标签时返回 `strategy_id`，添加时不返回。",
)
def test_where_a_strategy_is_named(corp: Simulator) -> None:
    strategy = corp.add_strategy("华东")
    ask = HttpAsker(corp.start())
    words = {"strategy_id": strategy.id, "group_name": "g", "tag": [{"name": "甲"}]}
    made = ask.good("strategy_tag.add", **words)["tag_group"]
    assert "strategy_id" not in made
    for chosen in ({}, {"group_id": [made["group_id"]]}, {"tag_id": [made["tag"][0]["id"]]}):
        (shown,) = ask.good("strategy_tag.list", **chosen)["tag_group"]
        assert shown == {**made, "strategy_id": strategy.id}


@rule(
    "92117",
    "A group with tags that another app put into it is not deleted (81011), for they would go with it.",
    "标签组内有其他应用创建的标签时，不能删除该标签组（81011），因为它们会一同被删除。",
    does=(
        "refuses it; the page says only that an app deletes the tags it made",
        "拒绝删除；官方页面只写明应用仅能删除本应用创建的标签",
    ),
)
def test_a_group_does_not_take_along_the_tags_of_others(corp: Simulator) -> None:
    ask = HttpAsker(corp.start())
    other = HttpAsker(corp, corp.add_app("other"))
    made = ask.good("corp_tag.add", group_name="等级", tag=[{"name": "重要"}])["tag_group"]
    id = {"group_id": made["group_id"]}
    theirs = other.good("corp_tag.add", **id, tag=[{"name": "一般"}])["tag_group"]["tag"][0]["id"]
    assert ask.code("corp_tag.delete", group_id=[made["group_id"]]) == 81011
    (shown,) = ask.good("corp_tag.list")["tag_group"]
    assert [tag["name"] for tag in shown["tag"]] == ["重要", "一般"], "nothing is gone"
    other.good("corp_tag.delete", tag_id=[theirs])
    ask.good("corp_tag.delete", group_id=[made["group_id"]])
    assert ask.good("corp_tag.list")["tag_group"] == []


@rule(
    "92114",
    "Tags of strategies are shown to the app 客户联系 alone, by `customer.get` and `customer.batch_get`.",
    "规则组标签仅「客户联系」应用可以获取，其他应用的客户详情中没有。",
    does=(
        "shows them to `corp.app`, and to no other app",
        "只返回给 `corp.app`，不返回给其他应用",
    ),
)
def test_who_sees_the_tags_of_strategies(corp: Simulator) -> None:
    corp.add_member("zhangsan")
    tags = corp.add_tag_group("规则", ["甲"], strategy=corp.add_strategy("华东")).tags
    tags += corp.add_tag_group("等级", ["重要"]).tags
    corp.add_customer("王五", follow="zhangsan", tags=tags)
    corp.start()

    def seen(ask: HttpAsker) -> tuple[list[str], int]:
        (record,) = ask.good("customer.batch_get", userid_list=["zhangsan"])[
            "external_contact_list"
        ]
        id = record["external_contact"]["external_userid"]
        (follow,) = ask.good("customer.get", external_userid=id)["follow_user"]
        return [tag["tag_name"] for tag in follow["tags"]], len(record["follow_info"]["tag_id"])

    assert seen(HttpAsker(corp)) == (["甲", "重要"], 2)
    for app in (corp.add_app("crm"), suite_app(corp)):
        assert seen(HttpAsker(corp, app)) == (["重要"], 1)


class TestWhatAdminsDo:
    """It is told, and cannot be what WeCom does not have."""

    @rule(
        "92130",
        "Groups of tags in another order are told without an `Id`, tags of a group with that of the group.",
        "标签组之间重排时，事件的 `Id` 为空；标签组内重排时为该标签组的 id。",
    )
    def test_groups_and_tags_are_put_in_order(self, corp: Simulator) -> None:
        first, second = (corp.add_tag_group(name, ["a", "b"]) for name in ("甲", "乙"))
        ask = HttpAsker(corp.start())
        for order in ("乙甲", "甲乙"):
            corp.admin_reorders_tag_groups(order)
            listed = ask.good("corp_tag.list")["tag_group"]
            assert [group["group_name"] for group in listed] == list(order)
        corp.admin_reorders_tags(second, "ba")
        told = [
            event.id for event in corp.callbacks.events if isinstance(event, events.TagShuffled)
        ]
        assert told == [None, None, second.id]
        first.deleted = True
        with pytest.raises(KeyError, match="甲"):
            corp.admin_reorders_tag_groups("甲")

    @pytest.mark.parametrize("strategy", [False, True])
    def test_no_name_is_taken_twice(self, strategy: bool, corp: Simulator) -> None:
        of = corp.add_strategy("华东") if strategy else None
        group = corp.add_tag_group("甲", ["a", "b"], strategy=of)
        other = corp.add_tag_group("乙", ["a"], strategy=of)
        acts: list[Callable[[], object]] = [
            lambda: corp.admin_edits_tag(group.tags[0], name="b"),
            lambda: corp.admin_edits_tag(group, name="乙"),
            lambda: corp.admin_adds_tag("a", group),
            lambda: corp.admin_adds_tag("a", "甲"),
        ]
        if not strategy:
            acts.append(lambda: corp.admin_adds_tag_group("甲"))
        for act in acts:
            with pytest.raises(ValueError, match="already"):
                act()
        assert corp.callbacks.events == []
        corp.admin_edits_tag(group, name="甲", order=3)
        corp.admin_deletes_tag(other)
        corp.admin_edits_tag(group, name="乙")
        corp.admin_deletes_tag(group.tags[1])
        corp.admin_edits_tag(group.tags[0], name="b")
