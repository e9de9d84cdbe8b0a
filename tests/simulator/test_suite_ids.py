"""A provider's app is given the ids of its provider in every reply, and can use every one of them."""

import json

import pytest
from wecom_contact import catalog, reference
from wecom_contact.testing import Customer, Simulator

from simulator.asking import HttpAsker, suite_app
from simulator.rules import rule


@pytest.fixture
def suite(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start(), suite_app(corp))


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    return corp.add_customer(
        "王五", follow=["zhangsan", "lisi"], gender=1, corp_name="公司", position="经理"
    )


def test_every_id_that_a_suite_is_given_can_be_used(
    corp: Simulator, wang: Customer, suite: HttpAsker
) -> None:
    corp.add_customer("乙", follow="zhangsan")
    corp.add_customer("丙", follow="zhangsan", external_userid="wmGIVENBYHAND")
    ids = suite.good("customer.list", userid="zhangsan")["external_userid"]
    assert len({*ids, *corp.customers}) == 6
    for id, own in zip(ids, corp.customers, strict=True):
        said = suite.good("customer.get", external_userid=id)
        assert said["external_contact"]["external_userid"] == id
        assert said["external_contact"]["name"] == corp.customers[own].name
        words = {"external_userid": id, "source_agentid": corp.app.agent_id}
        back = HttpAsker(corp).good("id_convert.from_service_external_userid", **words)
        assert back["external_userid"] == own


def test_no_reply_to_a_suite_names_a_customer_as_the_corp_does(
    corp: Simulator, wang: Customer, suite: HttpAsker
) -> None:
    (theirs,) = suite.good("customer.list", userid="zhangsan")["external_userid"]
    link = corp.add_acquisition_link("x", ["zhangsan"])
    link.app = "suite"
    corp.customer_clicks(link, state="x")
    chat = corp.add_group_chat("群", "zhangsan", [wang])
    text = {"content": "新"}
    message = suite.good("group_msg.add_template", text=text, external_userid=[theirs])["msgid"]
    corp.member_sends(message)
    moment = corp.add_moment("新", creator="zhangsan")
    corp.likes(moment, "zhangsan", wang)
    pair = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    suite.good("transfer.customer", **pair, external_userid=[theirs])
    corp.resign("lisi")
    given = {
        **pair,
        "chat_id": chat.chat_id,
        "external_userid": theirs,
        "limit": 10,
        "link_id": link.link_id,
        "moment_id": moment.moment_id,
        "msgid": message,
        "userid": "zhangsan",
        "userid_list": ["zhangsan"],
    }
    named = set()
    for name, endpoint in catalog.CALLS.items():
        asked = {field.wire for field in reference.call(name).request}
        words = {key: value for key, value in given.items() if key in asked}
        if not endpoint.readonly or endpoint.token != "access_token" or "id_convert" in name:
            continue
        if endpoint.download:
            continue
        body = suite.reply(name, **words).body
        assert not [each for each in corp.customers if each.encode() in body], name
        if b"SVCPROVA" in body and json.loads(body)["errcode"] == 0:
            named.add(name)
    assert named >= {
        "customer.batch_get",
        "customer.get",
        "customer.list",
        "customer_acquisition.list_customers",
        "group_chat.get",
        "group_msg.get_send_result",
        "moment.get_comments",
        "moment.get_customer_list",
        "resigned_transfer.list_unassigned",
        "transfer.result",
    }


@rule(
    "96315",
    "To a provider's app every customer's gender is unknown, and no company has its full name.",
    "第三方应用得到的客户性别始终为未知，也没有企业全称。",
)
def test_a_suite_is_told_no_gender_and_no_full_name(
    corp: Simulator, wang: Customer, suite: HttpAsker
) -> None:
    (id,) = suite.good("customer.list", userid="zhangsan")["external_userid"]
    (record,) = suite.good("customer.batch_get", userid_list=["zhangsan"])["external_contact_list"]
    own = HttpAsker(corp).good("customer.get", external_userid=wang.external_userid)
    assert own["external_contact"]["gender"] == 1
    for shown in (
        suite.good("customer.get", external_userid=id)["external_contact"],
        record["external_contact"],
    ):
        assert shown.keys() ^ own["external_contact"].keys() == {"avatar", "corp_full_name"}
        assert (shown["gender"], shown["corp_name"]) == (0, "公司")


def person_of(corp: Simulator, customer: Customer) -> dict[str, str]:
    """A customer, as a mini program knows them."""
    openid = HttpAsker(corp).good(
        "id_convert.convert_to_openid", external_userid=customer.external_userid
    )["openid"]
    return {"unionid": str(corp.unionid(customer)), "openid": str(openid)}


@rule(
    "93274",
    "A unionid leads to a customer of whom a follower or the group owner is visible to the app (40096).",
    "unionid 换 external_userid：跟进人或客户群群主须在应用可见范围内，否则报 40096。",
    does=("40096; the page names no code", "返回 40096；官方页面没有写明错误码"),
)
def test_a_unionid_leads_to_whom_the_app_sees(corp: Simulator, suite: HttpAsker) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow="lisi")
    person = person_of(corp, wang)
    call = "id_convert.unionid_to_external_userid"
    theirs = suite.good(call, **person)["external_userid"]
    corp.suite.visible = ["zhangsan"]
    assert suite.code(call, **person) == 40096
    corp.add_group_chat("群", "zhangsan", [wang])
    assert suite.good(call, **person)["external_userid"] == theirs


@rule(
    "97108",
    "Who is nobody's customer, or of whom neither follower nor group owner is visible, gets a pending_id.",
    "尚不是客户，或跟进人、群主都不在应用可见范围内的，返回 pending_id。",
)
def test_whom_the_app_does_not_see_gets_a_pending_id(corp: Simulator, suite: HttpAsker) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow="lisi")
    person, call = person_of(corp, wang), "id_convert.idconvert_unionid_to_external_userid"
    pending = "id_convert.batch_external_userid_to_pending_id"
    (theirs,) = suite.good("customer.list", userid="lisi")["external_userid"]
    follow = corp.follow("lisi", wang)
    assert "external_userid" in suite.good(call, **person)
    assert len(suite.good(pending, external_userid=[theirs])["result"]) == 1
    follow.half = True
    assert "external_userid" not in suite.good(call, **person)
    follow.half = False
    corp.suite.visible = ["zhangsan"]
    assert "external_userid" not in suite.good(call, **person)
    assert suite.good(pending, external_userid=[theirs])["result"] == []
    chat = corp.add_group_chat("群", "zhangsan", [wang])
    assert "external_userid" in suite.good(call, **person)
    assert suite.good(pending, external_userid=[theirs])["result"] == []
    (found,) = suite.good(pending, external_userid=[theirs], chat_id=chat.chat_id)["result"]
    assert found["external_userid"] == theirs


@rule(
    "95878",
    "A provider that does not say the corp finds nobody who is only in customer groups.",
    "服务商查询仅在客户群中的人时，必须指定 corpid。",
)
def test_a_provider_finds_who_is_in_groups_by_the_corp(corp: Simulator, suite: HttpAsker) -> None:
    corp.add_member("zhangsan")
    wang = corp.add_customer("王五", follow="zhangsan")
    person, call = person_of(corp, wang), "id_convert.unionid_to_external_userid_3rd"
    assert len(suite.good(call, **person)["external_userid_info"]) == 1
    corp.add_group_chat("群", "zhangsan", [wang])
    corp.member_deletes("zhangsan", wang)
    assert suite.good(call, **person)["external_userid_info"] == []
    (found,) = suite.good(call, **person, corpid=corp.corp_id)["external_userid_info"]
    assert found["corpid"] == corp.corp_id


@rule(
    "95884",
    "An id of a provider's app is converted for an app that sees a follower or the group owner (40096).",
    "第三方 external_userid 转换为自建应用的：跟进人或群主须在应用可见范围内，否则报 40096。",
    does=("40096; the page names no code", "返回 40096；官方页面没有写明错误码"),
)
def test_an_own_app_converts_whom_it_sees(corp: Simulator, suite: HttpAsker) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow="lisi")
    (theirs,) = suite.good("customer.list", userid="lisi")["external_userid"]
    own = HttpAsker(corp, corp.add_app("crm", visible=["zhangsan"]))
    words = {"external_userid": theirs, "source_agentid": corp.app.agent_id}
    call = "id_convert.from_service_external_userid"
    assert own.code(call, **words) == 40096
    openid = {"external_userid": wang.external_userid}
    assert own.code("id_convert.convert_to_openid", **openid) == 40096
    corp.add_group_chat("群", "zhangsan", [wang])
    assert own.good(call, **words)["external_userid"] == wang.external_userid
    assert own.code("id_convert.convert_to_openid", **openid) == 40096, "of customers alone"


@rule(
    "97107",
    "New ids are given to an app that sees a member whose customer it is; who is only in a group has their own "
    "call.",
    "转换客户 external_userid：跟进人须在应用可见范围内；仅在客户群中的人用群成员转换接口。",
    does=("others are 40096; the page names no code", "其他人报 40096；官方页面没有写明错误码"),
)
def test_new_ids_are_of_whom_the_app_sees(corp: Simulator, suite: HttpAsker) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    wang = corp.add_customer("王五", follow="lisi")
    words = {"external_userid_list": [wang.external_userid]}
    (item,) = suite.good("id_convert.get_new_external_userid", **words)["items"]
    corp.suite.visible = ["zhangsan"]
    assert suite.code("id_convert.get_new_external_userid", **words) == 40096
    chat = corp.add_group_chat("群", "zhangsan", [wang])
    assert suite.code("id_convert.get_new_external_userid", **words) == 40096
    group = {"chat_id": chat.chat_id, **words}
    assert suite.good("id_convert.groupchat_get_new_external_userid", **group)["items"] == [item]


@rule(
    "99601",
    "The upgrade of chat ids is asked for at most seven days ahead (40167).",
    "群 ID 升级时间最晚为 7 天后，否则报 40167。",
)
def test_chat_ids_are_upgraded_within_seven_days(corp: Simulator, suite: HttpAsker) -> None:
    latest = corp.clock.seconds() + 7 * 86_400
    call = "id_convert.apply_to_upgrade_chatid"
    assert suite.code(call, upgrade_time=latest + 60) == 40167
    assert suite.code(call, upgrade_time=latest) == 0
