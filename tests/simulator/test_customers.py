"""Customers and their tags: what members and apps do to them, and who may."""

from typing import Any

import pytest
from wecom_contact.testing import Customer, Member, Simulator

from simulator.asking import PNG, Asker, HttpAsker
from simulator.rules import rule


@pytest.fixture
def wang(corp: Simulator, zhang: Member) -> Customer:
    return corp.add_customer("王五", follow=zhang, state="poster", gender=1)


def pair(customer: Customer) -> dict[str, Any]:
    return {"userid": "zhangsan", "external_userid": customer.external_userid}


@rule(
    "92114",
    "`oper_userid` is the customer where the customer began it, else the member, or whoever shared.",
    "`oper_userid`：客户主动添加时为客户的 external_userid，成员主动添加时为该成员，分享或分配时为操作者。",
)
def test_who_began_a_relation(corp: Simulator, zhang: Member) -> None:
    with corp:
        ask = HttpAsker(corp)
        corp.add_member("lisi")
        way = corp.add_contact_way(["zhangsan"])
        link = corp.add_acquisition_link("链接", ["zhangsan"])
        scanned, added, clicked = (
            corp.customer_scans(way),
            corp.customer_adds(zhang),
            corp.customer_clicks(link),
        )
        assert clicked is not None
        kept = [corp.add_customer("丙", follow=zhang, add_way=way) for way in (1, 2, 10, 16, 201)]

        def began(customer: Customer) -> str:
            said = ask.good("customer.get", external_userid=customer.external_userid)
            (follow,) = said["follow_user"]
            return str(follow["oper_userid"])

        for follow in (scanned, added, clicked):
            assert began(follow.customer) == follow.customer.external_userid
        of_customers = [began(each) == each.external_userid for each in kept]
        assert of_customers == [True, False, True, True, False]
        assert began(kept[1]) == began(kept[4]) == "zhangsan"
        corp.follow(zhang, kept[4]).oper_userid = "lisi"
        assert began(kept[4]) == "lisi"


def test_ids_have_wecoms_shapes(corp: Simulator, wang: Customer) -> None:
    business = corp.add_customer("李总", corp_name="海川物流")
    assert (wang.external_userid[:2], len(wang.external_userid)) == ("wm", 32)
    assert (business.external_userid[:2], len(business.external_userid)) == ("wo", 32)
    with pytest.raises(ValueError, match="there already"):
        corp.add_customer("王五", external_userid=wang.external_userid)
    with pytest.raises(ValueError, match="there already"):
        corp.add_member("zhangsan")


def test_the_same_seed_gives_the_same_ids() -> None:
    first, second, other = (Simulator(seed=seed).add_customer("x") for seed in (1, 1, 2))
    assert first.external_userid == second.external_userid != other.external_userid


def test_a_customer_is_shown_with_followers_and_their_tags(
    corp: Simulator, zhang: Member, wang: Customer, ask: Asker
) -> None:
    tag = corp.add_tag("重要", "等级")
    follow = corp.follow(zhang, wang)
    follow.tags, follow.personal_tags = (tag,), ("老乡",)
    follow.remark_company, follow.add_way = "王记", 10
    said = ask.good("customer.get", external_userid=wang.external_userid)
    assert said["external_contact"]["name"] == "王五"
    assert said["external_contact"]["unionid"] == corp.unionid(wang)
    (follower,) = said["follow_user"]
    assert follower["tags"] == [
        {"group_name": "等级", "tag_name": "重要", "tag_id": tag.id, "type": 1},
        {"group_name": "", "tag_name": "老乡", "type": 2},
    ]
    assert follower["remark_corp_name"] == "王记"
    assert follower["wechat_channels"]["source"] == 1
    assert follower["state"] == "poster"
    assert wang.tags == ["重要", "老乡"]
    assert wang.members == [zhang]


def test_people_of_other_companies_show_their_company_and_no_unionid(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    li = corp.add_customer("李总", follow="zhangsan", corp_name="海川物流", position="经理")
    said = ask.good("customer.get", external_userid=li.external_userid)["external_contact"]
    assert (said["type"], said["corp_name"], said["position"]) == (2, "海川物流", "经理")
    assert "unionid" not in said
    ask.good("customer.remark", **pair(li), remark_company="新公司")
    assert corp.follow("zhangsan", li).remark_company == ""


def test_who_is_not_there_or_not_followed_has_its_code(
    corp: Simulator, zhang: Member, wang: Customer, ask: Asker
) -> None:
    assert ask.code("customer.get", external_userid="wmnobody") == 40096
    corp.part(corp.follow(zhang, wang))
    assert ask.code("customer.get", external_userid=wang.external_userid) == 84061
    assert ask.code("customer.list", userid="nobody") == 40003
    assert ask.code("customer.list", userid="zhangsan") == 84061
    assert ask.code("customer.batch_get", userid_list=["zhangsan"]) == 84061
    corp.manner.empty_list_refused = False
    assert ask.good("customer.list", userid="zhangsan")["external_userid"] == []
    assert ask.good("customer.batch_get", userid_list=["zhangsan"])["external_contact_list"] == []
    corp.add_member("writer", customer_contact=False)
    assert ask.code("customer.list", userid="writer") == 84074
    assert ask.code("customer.batch_get", userid_list=["nobody"]) == 60111
    assert ask.code("customer.batch_get", userid_list=[]) == 40031
    corp.resign("zhangsan")
    assert ask.code("customer.batch_get", userid_list=["zhangsan"]) == 60111


@rule(
    "92114",
    "A customer who added a member is nobody's before the member adds back (84061).",
    "外部联系人单向添加成员、成员尚未加回时，不算客户（84061）。",
)
def test_a_half_relation_is_none_yet(corp: Simulator, zhang: Member, ask: Asker) -> None:
    half = corp.add_customer("半个")
    corp.add_follow(zhang, half, half=True)
    assert ask.code("customer.get", external_userid=half.external_userid) == 84061
    assert ask.code("customer.list", userid="zhangsan") == 84061
    assert ask.code("customer.remark", **pair(half), remark="x") == 84061
    assert corp.add_follow(zhang, half, tags=[corp.add_tag("t", "g")]).half is False
    assert ask.good("customer.list", userid="zhangsan")["external_userid"]


@rule(
    "92994",
    "Members without a licence are named in `fail_info`; if all are without, the call is refused "
    "(701008).",
    "没有互通许可的成员列在 `fail_info` 中；全部没有则报 701008。",
)
def test_members_without_a_licence_are_told_or_refused(
    corp: Simulator, wang: Customer, ask: Asker
) -> None:
    corp.add_member("without", licensed=False)
    assert ask.code("customer.batch_get", userid_list=["without"]) == 701008
    said = ask.good("customer.batch_get", userid_list=["without", "zhangsan"])
    assert said["fail_info"] == {"unlicensed_userid_list": ["without"]}
    assert len(said["external_contact_list"]) == 1


@rule(
    "92115",
    "A list with an empty number clears the phone numbers; an empty list changes nothing, and with nothing else "
    "there is nothing to remark (40058).",
    "备注手机号传含空字符串的列表即清空，传空列表不变；只传空列表等于各项都为空，报 40058。",
)
def test_a_remark_changes_only_what_it_says(corp: Simulator, wang: Customer, ask: Asker) -> None:
    follow = corp.follow("zhangsan", wang)
    picture = ask.good("media.upload", PNG, type="image")["media_id"]
    ask.good(
        "customer.remark",
        **pair(wang),
        remark="老王",
        description="爱喝茶",
        remark_company="王记",
        remark_mobiles=["13800000001", "13800000002"],
        remark_pic_mediaid=picture,
    )
    assert (follow.remark, follow.description, follow.remark_company) == ("老王", "爱喝茶", "王记")
    assert follow.remark_picture == picture
    ask.good("customer.remark", **pair(wang), remark_mobiles=[], remark="王")
    assert ask.code("customer.remark", **pair(wang), remark_mobiles=[]) == 40058
    assert len(follow.remark_mobiles) == 2
    ask.good("customer.remark", **pair(wang), remark_mobiles=[""])
    assert list(follow.remark_mobiles) == []
    assert ask.code("customer.remark", **pair(wang), remark_pic_mediaid="none") == 40007
    assert not corp.callbacks.events


@rule(
    "92118",
    "One unknown tag refuses the whole call (40068).",
    "只要有一个标签不存在，整个请求都被拒绝（40068）。",
)
def test_marking_puts_and_takes_tags_all_or_nothing(
    corp: Simulator, wang: Customer, ask: Asker
) -> None:
    group = corp.add_tag_group("等级", ["重要", "一般"], app=corp.app)
    first, second = (tag.id for tag in group.tags)
    ask.good("customer_tag.mark", **pair(wang), add_tag=[first, second])
    assert wang.tags == ["重要", "一般"]
    ask.good("customer_tag.mark", **pair(wang), add_tag=[first], remove_tag=[second])
    assert wang.tags == ["重要"]
    assert ask.code("customer_tag.mark", **pair(wang), add_tag=[second, "etno"]) == 40068
    assert wang.tags == ["重要"], "one unknown tag refuses the whole call"
    assert ask.code("customer_tag.mark", **pair(wang), add_tag=[], remove_tag=[]) == 40058
    assert (
        ask.code("customer_tag.mark", userid="nobody", external_userid="x", add_tag=[first])
        == 40003
    )
    stranger = corp.add_customer("路人")
    assert ask.code("customer_tag.mark", **pair(stranger), add_tag=[first]) == 84061
    ask.good("corp_tag.delete", tag_id=[first])
    assert wang.tags == []
    assert ask.code("customer_tag.mark", **pair(wang), add_tag=[first]) == 40068


def test_a_tag_of_a_strategy_is_marked_by_its_app_alone(
    corp: Simulator, wang: Customer, ask: Asker
) -> None:
    strategy = corp.add_strategy("华东", members=["zhangsan"])
    tag = corp.add_tag_group("规则", ["甲"], strategy=strategy, app=corp.app).tags[0]
    ask.good("customer_tag.mark", **pair(wang), add_tag=[tag.id])
    said = ask.good("customer.get", external_userid=wang.external_userid)
    assert said["follow_user"][0]["tags"][0]["type"] == 3
    other = Asker(corp, corp.add_app("other"))
    assert other.code("customer_tag.mark", **pair(wang), add_tag=[tag.id]) == 40068
    ask.good("customer_strategy.delete", strategy_id=strategy.id)
    assert ask.code("customer_tag.mark", **pair(wang), remove_tag=[tag.id]) == 40068


def test_a_tag_is_found_by_name_and_by_group_and_name(corp: Simulator, wang: Customer) -> None:
    corp.add_tag("重要", "等级")
    corp.add_tag("重要", "别的")
    assert corp.tag("别的/重要").group.name == "别的"
    assert corp.tag("重要").group.name == "等级"
    for missing in ("无", "等级/无"):
        with pytest.raises(KeyError):
            corp.tag(missing)
    with pytest.raises(KeyError):
        corp.tag("重要").group.tag("无")
    assert corp.customer(wang.external_userid) is wang
    assert repr(corp) == "<Simulator ww5e1f0a2b3c4d5e6f: 1 members, 1 customers>"
