"""Requests are checked against the spec of their call, and refused with the code WeCom has for it."""

import json
from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import MULTIPART, PNG, Asker, multipart, send
from simulator.rules import rule

LIST = "/cgi-bin/externalcontact/get_follow_user_list"
MARK = "/cgi-bin/externalcontact/mark_tag"


@pytest.fixture
def ask(corp: Simulator) -> Asker:
    corp.add_member("zhangsan")
    corp.add_customer("李四", follow="zhangsan", external_userid="wm1")
    return Asker(corp)


def raw(ask: Asker, method: str, path: str, body: bytes = b"", **query: str) -> Any:
    return json.loads(send(ask.corp, method, path, {"access_token": ask.token, **query}, body).body)


def test_a_path_nobody_knows(ask: Asker) -> None:
    answer = raw(ask, "POST", "/cgi-bin/externalcontact/brand_new")
    assert answer["errcode"] == 40066
    assert ask.corp.calls[-1].name == "/cgi-bin/externalcontact/brand_new"


def test_the_wrong_method(ask: Asker) -> None:
    assert raw(ask, "GET", MARK)["errcode"] == 40058
    assert raw(ask, "POST", LIST)["errcode"] == 40058
    assert raw(ask, "GET", LIST)["errcode"] == 0


@rule(
    "90313",
    "A body is JSON in plain UTF-8; escapes such as \\u4f60 are refused (40033).",
    "请求体是 UTF-8 的 JSON；\\u4f60 这样的转义会被拒绝（40033）。",
)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{not json", 40058),
        (b"[1]", 40058),
        (b'{"userid": "\\u5f20"}', 40033),
        (b'{"userid": "\\\\u5f20"}', 41035),
        (b"", 41009),
        (b"{}", 41009),
        (b'{"userid": null}', 41009),
    ],
)
def test_a_body_is_a_json_object_in_utf8(body: bytes, code: int, ask: Asker) -> None:
    assert raw(ask, "POST", MARK, body)["errcode"] == code


PAIR = {"userid": "zhangsan", "external_userid": "wm1"}


@pytest.mark.parametrize(
    ("name", "data", "code", "word"),
    [
        ("customer.get", {}, 41035, "external_userid"),
        ("customer.list", {"userid": ""}, 41009, "userid"),
        ("customer.list", {}, 41009, "userid"),
        ("customer.batch_get", {"userid_list": ["u"] * 101}, 40032, "101 items"),
        ("customer.batch_get", {"userid_list": "u"}, 40058, "not a list"),
        ("customer.remark", PAIR, 40058, "at least one of"),
        ("customer.remark", {**PAIR, "remark": "x" * 21}, 40058, "21 characters"),
        ("customer.remark", {**PAIR, "remrk": "x"}, 40058, "unknown field remrk"),
        ("customer_tag.mark", PAIR, 40058, "add_tag"),
        ("contact_way.add", {"scene": 2}, 41037, "type"),
        ("contact_way.add", {"type": 1}, 41038, "scene"),
        ("contact_way.add", {"type": 9, "scene": 2}, 41039, "9"),
        ("contact_way.add", {"type": 1, "scene": 9}, 41040, "9"),
        ("contact_way.add", {"type": 2, "scene": 2, "user": ["u"] * 101}, 41041, "101"),
        ("contact_way.get", {}, 41043, "config_id"),
        ("contact_way.get", {"config_id": ""}, 41043, "config_id"),
        ("group_join_way.add", {"scene": 2, "chat_id_list": ["a"] * 6}, 41091, "6"),
        ("group_join_way.add", {"scene": 7, "chat_id_list": []}, 41040, "7"),
        ("corp_tag.add", {"group_name": "g", "tag": [{"name": "x" * 31}]}, 40072, "tag[0].name"),
        ("corp_tag.add", {"group_name": "g", "tag": [{"name": ""}]}, 40072, "0 char"),
        ("corp_tag.add", {"group_name": "x" * 31, "tag": [{"name": "x"}]}, 40072, "31"),
        ("corp_tag.add", {"tag": [{"name": "x"}]}, 40058, "group_name"),
        ("group_chat.list", {}, 40058, "limit"),
        ("group_chat.list", {"limit": 1001}, 40058, "1001"),
        ("group_chat.list", {"limit": 0}, 40058, "limit"),
        (
            "group_chat.list",
            {"limit": 1, "owner_filter": {"userid_list": ["u"] * 101}},
            81017,
            "101",
        ),
        ("group_msg.get_task", {}, 41046, "msgid"),
        ("group_msg.list", {"chat_type": "x", "start_time": 1, "end_time": 2}, 86214, "x"),
        ("group_msg.add_template", {"text": {"content": "字" * 1334}}, 45002, "4002 bytes"),
        (
            "group_msg.add_template",
            {"attachments": [{"msgtype": "poll", "poll": {}}]},
            41065,
            "poll",
        ),
        ("welcome.send", {"text": {"content": "x"}}, 41049, "welcome_code"),
        (
            "welcome.send",
            {
                "welcome_code": "c",
                "attachments": [{"msgtype": "file", "file": {"media_id": "m"}}] * 10,
            },
            41064,
            "10 items",
        ),
        (
            "welcome.send",
            {
                "welcome_code": "c",
                "attachments": [{"msgtype": "link", "link": {"title": "t" * 129, "url": "u"}}],
            },
            40058,
            "attachments[0].title: 129 bytes",
        ),
        ("moment.add_task", {}, 41089, "at least one of"),
        ("moment.get_task", {}, 41059, "moment_id"),
        ("moment.get_task_result", {}, 40058, "jobid"),
        ("media.get", {}, 41006, "media_id"),
        ("media.upload", {"file": PNG}, 40005, "type"),
        ("media.upload", {"file": PNG, "type": "poem"}, 40005, "poem"),
        ("product_album.add", {"description": "d", "price": 1}, 41088, "attachments"),
        (
            "product_album.add",
            {"description": "d", "price": 1, "attachments": []},
            41088,
            "0 items",
        ),
        ("product_album.update", {"product_id": "p", "price": -1}, 41086, "-1"),
        ("product_album.update", {"product_id": "p", "description": "d" * 301}, 41073, "301"),
        ("product_album.update", {"product_id": "p", "product_sn": "d" * 129}, 41085, "129"),
        ("intercept_rule.update", {"rule_id": "r", "word_list": ["w"] * 301}, 41068, "301"),
        ("intercept_rule.update", {"rule_id": "r", "word_list": ["w" * 33]}, 41083, "33"),
        (
            "intercept_rule.update",
            {"rule_id": "r", "add_applicable_range": {"user_list": ["u"] * 1001}},
            41076,
            "1001",
        ),
        (
            "intercept_rule.update",
            {"rule_id": "r", "extra_rule": {"semantics_list": [9]}},
            41084,
            "9",
        ),
        ("customer_strategy.get", {"strategy_id": "one"}, 40058, "integer"),
    ],
)
def test_what_is_wrong(name: str, data: dict[str, Any], code: int, word: str, ask: Asker) -> None:
    answer = ask(name, **data)
    assert (answer["errcode"], word in answer["errmsg"]) == (code, True), answer


def test_unknown_fields_may_pass(ask: Asker) -> None:
    ask.corp.manner.unknown_fields_refused = False
    ask.good("customer.remark", **PAIR, remark="老李", surprise=1)


def test_an_upload_is_kept_as_it_was_sent_or_refused(ask: Asker) -> None:
    assert ask.code("media.upload", type="image") == 44001
    assert ask.code("media.upload", PNG[:5], type="image") == 40006
    assert ask.code("media.upload", b"", type="image") == 44001
    assert ask.code("media.upload", b"GIF89a...", type="image") == 40123
    path = "/cgi-bin/media/upload"
    query = {"access_token": ask.token, "type": "file"}
    body = multipart(b"content", "报价单.pdf", "application/pdf")
    answer = json.loads(send(ask.corp, "POST", path, query, body, MULTIPART).body)
    media = ask.corp.media[answer["media_id"]]
    assert (media.name, media.content_type, media.content) == (
        "报价单.pdf",
        "application/pdf",
        b"content",
    )
    body = multipart(b"content", part="other")
    answer = json.loads(send(ask.corp, "POST", path, query, body, MULTIPART).body)
    assert answer["errcode"] == 44001
