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
