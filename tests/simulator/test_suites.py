"""What the app of a provider is shown, and what only such an app may ask."""

import pytest
from wecom_contact.testing import Customer, Simulator

from simulator.asking import HttpAsker, suite_app
from simulator.rules import rule


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def suite(corp: Simulator, ask: HttpAsker) -> HttpAsker:
    return HttpAsker(corp, suite_app(corp))


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    corp.add_member("zhangsan")
    return corp.add_customer("王五", follow="zhangsan", mobiles=["13800000000"])


@rule(
    "92114",
    "A provider's app sees no avatar, unionid or phone numbers unless it was granted them.",
    "第三方应用看不到头像、unionid 和手机号，除非获得授权。",
    does=(
        "shows what is not in `corp.suite.hidden_fields`",
        "不在 `corp.suite.hidden_fields` 中的才返回",
    ),
)
def test_a_suite_sees_less(
    corp: Simulator, wang: Customer, ask: HttpAsker, suite: HttpAsker
) -> None:
    own = {"external_userid": wang.external_userid}
    chat = corp.add_group_chat("群", "zhangsan", [wang])

    def seen(asker: HttpAsker) -> set[str]:
        said = asker.good("customer.get", **own)
        (record,) = asker.good("customer.batch_get", userid_list=["zhangsan"])[
            "external_contact_list"
        ]
        group = asker.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
        assert record["external_contact"].keys() == said["external_contact"].keys()
        keys = {*said["external_contact"], *said["follow_user"][0], *group["member_list"][1]}
        return keys & {"avatar", "unionid", "remark_mobiles"}

    assert seen(ask) == {"avatar", "unionid", "remark_mobiles"}
    assert seen(suite) == set()
    corp.suite.hidden_fields = {"unionid"}
    assert seen(suite) == {"avatar", "remark_mobiles"}


@rule(
    "96516",
    "A provider's app is given the ids of its provider, and asks with them.",
    "第三方应用得到的是服务商的 external_userid，也用它调用。",
)
def test_a_suite_knows_customers_by_the_ids_of_its_provider(
    corp: Simulator, wang: Customer, ask: HttpAsker, suite: HttpAsker
) -> None:
    own = wang.external_userid
    (theirs,) = suite.good("customer.list", userid="zhangsan")["external_userid"]
    assert theirs != own
    assert ask.good("customer.list", userid="zhangsan")["external_userid"] == [own]
    assert ask.code("customer.get", external_userid=theirs) == 40096
    said = suite.good("customer.get", external_userid=theirs)
    assert said["external_contact"]["external_userid"] == theirs
    suite.good("customer.remark", userid="zhangsan", external_userid=theirs, remark="新")
    assert corp.follow("zhangsan", own).remark == "新"
    chat = corp.add_group_chat("群", "zhangsan", [wang])
    group = suite.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
    assert [each["userid"] for each in group["member_list"]] == ["zhangsan", theirs]
    converted = suite.good("id_convert.get_new_external_userid", external_userid_list=[own])
    assert converted["items"] == [{"external_userid": own, "new_external_userid": theirs}]
    assert suite.code("customer.get", external_userid=theirs[:-1] + "!") == 40096


@rule(
    "97107",
    "Until the provider finishes its migration both ids are taken, then only its own, and the old "
    "ones are not converted any more.",
    "设置迁移完成之前新旧 external_userid 都可用；之后只认服务商的，也不能再转换旧的。",
    does=(
        "the code of a late conversion, 48002, is a guess",
        "迁移完成后再转换报 48002，该错误码是推测",
    ),
)
def test_old_ids_are_taken_until_the_migration_is_finished(
    corp: Simulator, wang: Customer, suite: HttpAsker
) -> None:
    own = wang.external_userid
    (theirs,) = suite.good("customer.list", userid="zhangsan")["external_userid"]
    for id in (own, theirs):
        suite.good("customer.get", external_userid=id)
    suite.good("id_convert.finish_external_userid_migration", corpid=corp.corp_id)
    assert suite.code("customer.get", external_userid=own) == 40096
    suite.good("customer.get", external_userid=theirs)
    call = "id_convert.get_new_external_userid"
    assert suite.code(call, external_userid_list=[own]) == 48002


PROVIDERS = [
    "agent.get_permissions",
    "customer_acquisition.get_permit",
    "customer_acquisition_component.get_auth_info",
    "customer_acquisition_component.create_once_key",
    "id_convert.unionid_to_external_userid",
    "id_convert.idconvert_unionid_to_external_userid",
    "id_convert.batch_external_userid_to_pending_id",
    "id_convert.external_tagid",
    "id_convert.to_service_external_userid",
    "id_convert.chatid",
    "id_convert.get_new_external_userid",
    "id_convert.groupchat_get_new_external_userid",
    "id_convert.apply_to_upgrade_chatid",
]
"""What the pages list for third-party and provider-developed apps alone."""
OWN = ["customer.list_served", "id_convert.from_service_external_userid"]
"""What they list for the apps of the corp alone."""


@rule(
    "97107",
    "A call that is for apps of service providers is refused to the corp's own apps, and the other way round (48002).",
    "只给服务商应用使用的接口，自建应用不能调用；只给自建应用使用的接口，服务商应用不能调用（48002）。",
)
@pytest.mark.parametrize("name", PROVIDERS + OWN)
def test_a_call_is_refused_to_apps_that_it_is_not_for(
    name: str, corp: Simulator, suite: HttpAsker
) -> None:
    own = HttpAsker(corp, corp.app)
    refused, heard = (suite, own) if name in OWN else (own, suite)
    assert refused.code(name) == 48002
    assert heard.code(name) != 48002
