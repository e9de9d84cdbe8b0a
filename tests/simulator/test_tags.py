"""The tag library, and whose tags are whose."""

from wecom_contact.testing import Simulator

from simulator.asking import Asker
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


def test_tags_of_others_are_not_edited_or_deleted(corp: Simulator, ask: Asker) -> None:
    admins = corp.add_tag_group("管理员的", ["甲"])
    others = Asker(corp, corp.add_app("other")).good(
        "corp_tag.add", group_name="别人的", tag=[{"name": "乙"}]
    )["tag_group"]
    for id in (admins.id, admins.tags[0].id, others["group_id"], others["tag"][0]["id"]):
        assert ask.code("corp_tag.edit", id=id, name="x") == 60011
    assert ask.code("corp_tag.delete", group_id=[admins.id]) == 60011
    assert ask.code("corp_tag.delete", tag_id=[others["tag"][0]["id"]]) == 60011
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
    assert made["strategy_id"] == strategy.id
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
