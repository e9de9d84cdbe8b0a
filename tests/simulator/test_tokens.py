"""Tokens in the query, and what WeCom says when they are wrong."""

import json
from typing import Any

import pytest
from wecom_contact import Client
from wecom_contact.testing import Simulator

from simulator.asking import PNG, Asker, other_token, send, token_of
from simulator.rules import rule

PATH = "/cgi-bin/externalcontact/get_follow_user_list"


def said(corp: Simulator, method: str, path: str, query: Any = None, body: Any = None) -> Any:
    return json.loads(
        send(corp, method, path, query, json.dumps(body).encode() if body else b"").body
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 41002),
        ({"corpid": "right"}, 41004),
        ({"corpid": "wrong", "corpsecret": "right"}, 40013),
        ({"corpid": "right", "corpsecret": "wrong"}, 40001),
        ({"corpid": "right", "corpsecret": "right"}, 0),
        ({"corpid": "right", "corpsecret": "permanent"}, 0),
    ],
)
def test_gettoken_says_what_is_missing_or_wrong(
    query: dict[str, str], code: int, corp: Simulator
) -> None:
    right = {"corpid": corp.corp_id, "corpsecret": corp.secret}
    words = {key: right[key] if value == "right" else value for key, value in query.items()}
    if words.get("corpsecret") == "permanent":
        words["corpsecret"] = corp.suite.permanent_code
    answer = said(corp, "GET", "/cgi-bin/gettoken", words)
    assert answer["errcode"] == code
    if code:
        assert f"devtool/query?e={code}" in answer["errmsg"]
        assert "from ip: 127.0.0.1" in answer["errmsg"]
    else:
        assert answer["expires_in"] in (7199, 7200)


def test_a_token_stays_the_same_while_it_lives(corp: Simulator) -> None:
    first = token_of(corp)
    assert token_of(corp) == first
    corp.clock.advance(hours=2)
    assert token_of(corp) != first


def test_each_app_has_its_own(corp: Simulator) -> None:
    other = corp.add_app("other")
    assert other.agent_id != corp.app.agent_id
    assert token_of(corp, other) != token_of(corp)
    Asker(corp, other).good("follow_user.list")
    assert corp.calls[-1].app == "other"


@rule(
    "90313",
    "A token that is missing gets 41001, a wrong one 40014, one that is over 42001; WeCom may end "
    "it early.",
    "缺少 token 报 41001，错误报 40014，过期报 42001；企业微信可能提前使其失效。",
)
def test_missing_wrong_and_over(corp: Simulator) -> None:
    token = token_of(corp)
    assert said(corp, "GET", PATH)["errcode"] == 41001
    assert said(corp, "GET", PATH, {"access_token": "made up"})["errcode"] == 40014
    corp.clock.advance(hours=2)
    assert said(corp, "GET", PATH, {"access_token": token})["errcode"] == 42001
    token = token_of(corp)
    corp.expire_tokens()
    assert said(corp, "GET", PATH, {"access_token": token})["errcode"] == 42001


def test_tokens_of_suite_and_provider(corp: Simulator) -> None:
    suite = other_token(corp, "suite_access_token")
    provider = other_token(corp, "provider_access_token")
    path = "/cgi-bin/service/externalcontact/finish_external_userid_migration"
    assert said(corp, "POST", path, {"provider_access_token": suite}, {})["errcode"] == 40014
    ask = {"corpid": corp.corp_id}
    assert said(corp, "POST", path, {"provider_access_token": provider}, ask)["errcode"] == 0
    assert corp.migrated
    assert (
        said(corp, "POST", path, {"provider_access_token": provider}, {"corpid": "x"})["errcode"]
        == 40013
    )
    bills = "/cgi-bin/service/customer_acquisition/get_bill_list"
    assert said(corp, "POST", bills, {}, {})["errcode"] == 41022
    assert said(corp, "POST", bills, {"suite_access_token": "x"}, {})["errcode"] == 40082
    corp.clock.advance(hours=3)
    assert said(corp, "POST", bills, {"suite_access_token": suite}, {})["errcode"] == 42009


def test_what_the_suite_gets_wrong(corp: Simulator) -> None:
    suite = corp.suite
    right = {"suite_id": suite.suite_id, "suite_secret": suite.secret, "suite_ticket": suite.ticket}
    path = "/cgi-bin/service/get_suite_token"
    for key, code in (("suite_id", 40083), ("suite_secret", 40080), ("suite_ticket", 40085)):
        assert said(corp, "POST", path, {}, {**right, key: "wrong"})["errcode"] == code
    path = "/cgi-bin/service/get_provider_token"
    ask = {"corpid": suite.provider_id, "provider_secret": "wrong"}
    assert said(corp, "POST", path, {}, ask)["errcode"] == 40001
    assert said(corp, "POST", path, {}, {**ask, "corpid": "wrong"})["errcode"] == 40013
    token = other_token(corp, "suite_access_token")
    path = "/cgi-bin/service/get_corp_token"
    ask = {"auth_corpid": corp.corp_id, "permanent_code": suite.permanent_code}
    assert said(corp, "POST", path, {"suite_access_token": token}, ask)["errcode"] == 0
    for key, code in (("auth_corpid", 40013), ("permanent_code", 40084)):
        answer = said(corp, "POST", path, {"suite_access_token": token}, {**ask, key: "wrong"})
        assert answer["errcode"] == code


@rule(
    "90313",
    "Too many refused token requests ban the address for an hour (45009).",
    "一小时内凭证请求失败过多，该 IP 会被封禁一小时（45009）。",
)
def test_too_many_wrong_secrets_ban_the_address_for_an_hour(corp: Simulator) -> None:
    corp.limits.wrong_secrets_an_hour = 3
    wrong = {"corpid": corp.corp_id, "corpsecret": "wrong"}
    right = {"corpid": corp.corp_id, "corpsecret": corp.secret}
    codes = [said(corp, "GET", "/cgi-bin/gettoken", wrong)["errcode"] for _ in range(4)]
    assert codes == [40001, 40001, 40001, 45009]
    assert said(corp, "GET", "/cgi-bin/gettoken", right)["errcode"] == 45009
    corp.clock.advance(hours=1)
    assert said(corp, "GET", "/cgi-bin/gettoken", right)["errcode"] == 0
    assert said(corp, "GET", "/cgi-bin/gettoken", wrong)["errcode"] == 40001


def test_no_secret_is_kept(corp: Simulator) -> None:
    token = token_of(corp)
    said(corp, "GET", PATH, {"access_token": token})
    other_token(corp, "suite_access_token")
    other_token(corp, "provider_access_token")
    kept = repr(list(corp.calls)) + repr(corp.suite) + repr(corp.app)
    secrets = (corp.secret, token, corp.suite.secret, corp.suite.ticket, corp.suite.provider_secret)
    assert not [secret for secret in secrets if secret in kept]


def test_clients_for_every_credential(wecom_corp: Simulator) -> None:
    with wecom_corp.client(
        credential=wecom_corp.authorized, provider=wecom_corp.provider, retry=None
    ) as wecom:
        wecom.follow_user.list()
        wecom.id_convert.finish_external_userid_migration(corpid=wecom_corp.corp_id)
        bills = wecom.customer_acquisition_component.list_bills(
            auth_corpid=wecom_corp.corp_id,
            begin_time=wecom_corp.clock.now(),
            end_time=wecom_corp.clock.now(),
        )
        assert list(bills) == []
    assert wecom_corp.calls_of("follow_user.list")[0].app == "suite"


def test_a_client_gets_over_a_token_that_ended(wecom_corp: Simulator, wecom: Client) -> None:
    wecom.follow_user.list()
    wecom_corp.expire_tokens()
    wecom.follow_user.list()
    assert wecom_corp.call_counts["gettoken"] == 2
    assert [call.errcode for call in wecom_corp.calls_of("follow_user.list")] == [0, 42001, 0]


@rule(
    "90628",
    "There is a new suite ticket every ten minutes; each is good for half an hour.",
    "suite_ticket 每十分钟推送一次，有效期半小时。",
)
@pytest.mark.parametrize("begun", [0, 599])
@pytest.mark.parametrize("lifetime", [1800, 1500, 60])
def test_a_suite_ticket_serves_until_its_lifetime_ends(
    lifetime: int, begun: int, corp: Simulator
) -> None:
    suite = corp.suite
    corp.clock.freeze()
    corp.clock.advance(seconds=600 - corp.clock.seconds() % 600 + begun)
    corp.lifetimes.suite_ticket = lifetime
    ticket = suite.ticket

    def code() -> int:
        body = {"suite_id": suite.suite_id, "suite_secret": suite.secret, "suite_ticket": ticket}
        return int(said(corp, "POST", "/cgi-bin/service/get_suite_token", {}, body)["errcode"])

    corp.clock.advance(seconds=lifetime - 1)
    assert code() == 0
    assert (suite.ticket != ticket) == (lifetime > 600), "another one every ten minutes"
    corp.clock.advance(seconds=1)
    assert code() == 40085
    ticket = suite.ticket
    assert code() == 0, "there is always one that serves"


@rule(
    "90600",
    "Secrets and tickets are taken from the body alone, the suite's token from the address alone.",
    "secret、ticket 等只从请求体读取，suite_access_token 只从 URL 读取。",
)
def test_what_belongs_in_the_body_counts_nowhere_else(corp: Simulator) -> None:
    service, suite = "/cgi-bin/service/", corp.suite
    ticket = {
        "suite_id": suite.suite_id,
        "suite_secret": suite.secret,
        "suite_ticket": suite.ticket,
    }
    provider = {"corpid": suite.provider_id, "provider_secret": suite.provider_secret}
    own = {"corpid": corp.corp_id, "corpsecret": corp.secret}
    granted = {"auth_corpid": corp.corp_id, "permanent_code": suite.permanent_code}
    token = {"suite_access_token": other_token(corp, "suite_access_token")}
    for method, path, query, body, code in (
        ("POST", service + "get_suite_token", {}, ticket, 0),
        ("POST", service + "get_suite_token", ticket, {}, 41021),
        ("GET", service + "get_suite_token", {}, ticket, 40058),
        ("POST", service + "get_provider_token", {}, provider, 0),
        ("POST", service + "get_provider_token", provider, {}, 41002),
        ("POST", service + "get_corp_token", token, granted, 0),
        ("POST", service + "get_corp_token", {}, token | granted, 41022),
        ("POST", service + "get_corp_token", token | granted, {}, 41002),
        ("GET", "/cgi-bin/gettoken", own, {}, 0),
        ("POST", "/cgi-bin/gettoken", own, {}, 40058),
    ):
        assert said(corp, method, path, query, body)["errcode"] == code, (method, path, code)


@rule(
    "95098",
    "Uploading attachments and by URL is for apps under 可调用接口的应用 (48002); `media.upload` is "
    "for all.",
    "上传附件资源和异步上传仅限「可调用接口的应用」（48002）；`media.upload` 所有应用都可调用。",
)
def test_some_uploads_belong_to_customer_contact(corp: Simulator) -> None:
    ask = Asker(corp)
    corp.app.listed = False
    attachment = {"media_type": "image", "attachment_type": 1}
    assert ask.code("media.upload_attachment", PNG, **attachment) == 48002
    remote = {"scene": 1, "type": "file", "filename": "a", "url": "https://a.cn", "md5": "0"}
    assert ask.code("media.upload_by_url", **remote) == 48002
    media_id = ask.good("media.upload", PNG, type="image")["media_id"]
    ask.good("media.upload_image", PNG)
    assert ask.reply("media.get", media_id=media_id).body == PNG


@rule(
    "90313",
    "A userid of more than 64 bytes is refused (40058), wherever it stands.",
    "userid 超过 64 字节时报 40058。",
)
@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("customer.list", {"userid": None}),
        ("statistics.user_behavior", {"userid": [None], "start_time": 0, "end_time": 0}),
        ("transfer.group_chat", {"chat_id_list": ["wr"], "new_owner": None}),
        ("group_chat.list", {"owner_filter": {"userid_list": ["zhangsan", None]}, "limit": 1}),
        ("group_msg.add_template", {"sender": None, "text": {"content": "t"}}),
        ("moment.list", {"creator": None, "start_time": 1, "end_time": 2}),
    ],
)
def test_a_userid_has_at_most_64_bytes(corp: Simulator, call: str, words: dict[str, Any]) -> None:
    corp.add_member("zhangsan")

    def filled(value: Any, userid: str) -> Any:
        if isinstance(value, dict):
            return {key: filled(each, userid) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each, userid) for each in value]
        return userid if value is None else value

    ask = Asker(corp)
    assert ask.code(call, **filled(words, "u" * 65)) == 40058
    assert ask.code(call, **filled(words, "用" * 22)) == 40058
    assert "64 bytes" in ask(call, **filled(words, "u" * 65))["errmsg"]
    assert "64 bytes" not in ask(call, **filled(words, "u" * 64))["errmsg"]
