"""An act that cannot be is refused before anything is told or kept, whatever it is about."""

from collections.abc import Callable

import pytest
from wecom_contact.testing import Customer, Simulator

from simulator.asking import HttpAsker
from simulator.rules import rule


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    corp.add_member("zhangsan")
    corp.add_member("gone")
    return corp.add_customer("王五", follow=["zhangsan", "gone"])


def refused(corp: Simulator, ask: HttpAsker, *acts: Callable[[], object]) -> None:
    """Each act is refused, tells nothing, and makes nobody a customer or a member of a group."""

    def kept() -> object:
        chats = ask.good("group_chat.list", limit=1000)["group_chat_list"]
        groups = [ask.good("group_chat.get", chat_id=each["chat_id"]) for each in chats]
        quota = ask.good("customer_acquisition.quota")["total"]
        return len(corp.callbacks.events), list(corp.customers), groups, quota

    before = kept()
    for act in acts:
        with pytest.raises(ValueError, match="deleted|left|expired|used|unionid|nobody|room|full"):
            act()
        assert kept() == before


def test_who_cannot_come_is_no_customer(corp: Simulator, wang: Customer, ask: HttpAsker) -> None:
    alone, both = corp.add_contact_way(["gone"]), corp.add_contact_way(["zhangsan", "gone"])
    link = corp.add_acquisition_link("x", ["zhangsan", "gone"])
    words = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
    used, late, other = (
        ask.good("contact_way.add", **words, **more)["config_id"]
        for more in ({}, {"expires_in": 60}, {"unionid": "oother"})
    )
    corp.customer_scans(used)
    full = corp.add_group_chat("群", "zhangsan")
    full.full = True
    way = corp.add_join_way([full], auto_create_room=False)
    removed = corp.add_join_way([full])
    ask.good("group_join_way.delete", config_id=removed.config_id)
    corp.member_resigns("gone")
    corp.clock.advance(seconds=60)
    refused(
        corp,
        ask,
        lambda: corp.customer_scans(alone),
        lambda: corp.customer_scans(both, member="gone"),
        lambda: corp.customer_clicks(link, member="gone"),
        lambda: corp.customer_clicks(link, member="gone", adds=False, state="x"),
        lambda: corp.customer_adds("gone"),
        lambda: corp.customer_scans(used),
        lambda: corp.customer_scans(late),
        lambda: corp.customer_scans(other, wang),
        lambda: corp.customer_joins(full),
        lambda: corp.customer_joins(way),
        lambda: corp.customer_joins(removed),
        lambda: corp.member_resigns("gone"),
    )
    assert link.clicks == []


@rule(
    "92366",
    "A deleted group welcome template greets nobody.",
    "入群欢迎语素材删除后，不再发送欢迎语。",
)
def test_a_deleted_template_greets_nobody(corp: Simulator, wang: Customer, ask: HttpAsker) -> None:
    chat, template = corp.add_group_chat("群", "zhangsan"), corp.add_welcome_template("欢迎")
    corp.customer_joins(chat, wang, welcome=template)
    ask.good("group_welcome_template.delete", template_id=template.template_id)
    refused(corp, ask, lambda: corp.customer_joins(chat, welcome=template))
    assert [message.text for message in corp.messages_to(chat)] == ["欢迎"]


@rule(
    "92117",
    "Nobody edits, deletes or puts on a tag that was deleted.",
    "已删除的标签不能再编辑、删除或打给客户。",
)
def test_a_deleted_tag_is_put_on_nobody(corp: Simulator, wang: Customer, ask: HttpAsker) -> None:
    group = corp.add_tag_group("等级", ["VIP", "普通"], app=corp.app)
    tag = group.tag("VIP")
    ask.good("corp_tag.delete", tag_id=[tag.id])
    refused(
        corp,
        ask,
        lambda: corp.member_edits("zhangsan", wang, add_tags=[tag]),
        lambda: corp.add_customer("赵六", follow="zhangsan", tags=[tag]),
        lambda: corp.add_follow("zhangsan", wang, tags=[tag]),
        lambda: corp.admin_edits_tag(tag, name="x"),
        lambda: corp.admin_deletes_tag(tag),
    )
    assert (
        ask.good("customer.get", external_userid=wang.external_userid)["follow_user"][0]["tags"]
        == []
    )
    ask.good("corp_tag.delete", group_id=[group.id])
    refused(
        corp,
        ask,
        lambda: corp.admin_edits_tag(group, name="x"),
        lambda: corp.admin_deletes_tag(group),
        lambda: corp.admin_reorders_tags(group, []),
        lambda: corp.admin_adds_tag("x", group),
    )
    assert ask.good("corp_tag.list")["tag_group"] == []


def test_nothing_happens_to_a_deleted_moment_or_link(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    moment = corp.add_moment("hi", creator="zhangsan")
    corp.member_deletes_moment(moment)
    link = corp.add_acquisition_link("x", ["zhangsan"])
    ask.good("customer_acquisition.delete_link", link_id=link.link_id)
    refused(
        corp,
        ask,
        lambda: corp.comments(moment, "zhangsan", wang),
        lambda: corp.likes(moment, "zhangsan", wang),
        lambda: corp.member_publishes(moment),
        lambda: corp.member_deletes_moment(moment),
        lambda: corp.admin_deletes_link(link),
        lambda: corp.link_unavailable(link),
    )


def test_a_unionid_tells_who_somebody_is_without_a_developer_account(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    words = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
    way = ask.good("contact_way.add", **words, unionid=corp.unionid(wang))["config_id"]
    corp.developer_account = False
    assert corp.customer_scans(way, wang).customer is wang


@rule(
    "92114",
    "Of a customer whom a colleague or an admin handed to the member, oper_userid is no customer.",
    "由内部成员共享或管理员分配的客户，oper_userid 不是客户本人。",
)
@pytest.mark.parametrize("add_way", [201, 202])
def test_a_customer_who_was_handed_on_did_not_begin_it(
    add_way: int, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    for way in (add_way, 2):
        id = corp.customer_adds("zhangsan", add_way=way).customer.external_userid
        (told,) = ask.good("customer.get", external_userid=id)["follow_user"]
        assert told["oper_userid"] == (id if way == 2 else "zhangsan")
