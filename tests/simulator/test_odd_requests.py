"""Whatever any program asks, over plain HTTP: what WeCom refuses is refused, and nothing is an error of the simulator."""

import itertools
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from wecom_contact import catalog
from wecom_contact.codec import is_enum, is_model, tagged, wire_fields
from wecom_contact.testing import Simulator, _calls
from wecom_contact.testing._answers import ANSWERS

from simulator.asking import MULTIPART, PNG, HttpAsker, multipart, other_token
from simulator.rules import rule
from simulator.test_every_call import full, only, prepared


class Spot(NamedTuple):
    """A place in a request, and a value for the whole field at the top of it."""

    path: tuple[str | int, ...]
    field: Any
    inner: Any
    optional: bool
    limited: bool

    @property
    def name(self) -> str:
        return ".".join(str(each) for each in self.path)

    def filled(self, value: Any) -> dict[str, Any]:
        """The field, with `value` in this place."""
        data, at = self._open()
        at[self.path[-1]] = value
        return data

    def left_out(self) -> dict[str, Any]:
        """The field, without what stands in this place."""
        data, at = self._open()
        del at[self.path[-1]]
        return data

    def _open(self) -> tuple[dict[str, Any], Any]:
        data = {str(self.path[0]): deepcopy(self.field)}
        at: Any = data
        for step in self.path[:-1]:
            at = at[step]
        return data, at


def sample(inner: Any) -> Any:
    """A value of a kind; records have all their required fields."""
    union = tagged(inner)
    if union is not None:
        tag, (key, variant) = next(iter(union.variants.items()))
        return {union.tag: tag, key: sample(variant)}
    if is_model(inner):
        return {
            key: [sample(shape.inner)] if shape.many else sample(shape.inner)
            for _, key, shape in wire_fields(inner)
            if not shape.optional
        }
    if is_enum(inner):
        return next(iter(inner)).value
    return {str: "x", bool: True}.get(inner, 1)


def spots(cls: type, path: tuple[str | int, ...] = (), root: Any = None) -> Iterator[Spot]:
    """Every field of a request at any depth, lists and their items each for themselves."""
    for _, key, shape in wire_fields(cls):
        union = tagged(shape.inner)
        variants: list[tuple[Any, tuple[str | int, ...], Any]] = []
        if union is not None:
            for tag, (part, variant) in union.variants.items():
                variants.append(({union.tag: tag, part: sample(variant)}, (part,), variant))
        else:
            inner = shape.inner if is_model(shape.inner) else None
            variants.append((sample(shape.inner), (), inner))
        for value, below, model in variants:
            here = (*path, key)
            mine: dict[str, Any] = deepcopy(root) if root is not None else {}
            at: Any = mine
            for step in path:
                at = at[step]
            at[key] = [value] if shape.many else value
            field = mine[str(here[0])]
            limited = "min_chars" in shape.wire.limits
            yield Spot(here, field, list if shape.many else shape.inner, shape.optional, limited)
            if shape.many:
                here = (*here, 0)
                yield Spot(here, field, shape.inner, False, limited)
            if model is not None:
                yield from spots(model, (*here, *below), mine)


_calls.load()  # the table of answers fills when it is first needed
SPOTS = {name: list(spots(endpoint.call)) for name, endpoint in catalog.CALLS.items()}


@pytest.fixture
def ask(wecom_corp: Simulator) -> HttpAsker:
    return HttpAsker(full(wecom_corp))


def is_text(spot: Spot) -> bool:
    return spot.inner is str


MAY_BE_EMPTY = {
    # It clears the numbers.
    "customer.remark remark_mobiles.0",
}


def may_be_empty(name: str, spot: Spot) -> bool:
    # No page asks for the text of a message.
    return spot.name.endswith("text.content") or f"{name} {spot.name}" in MAY_BE_EMPTY


CODES = {
    "config_id": 41043,
    "external_userid": 41035,
    "media_id": 41006,
    "moment_id": 41059,
    "msgid": 41046,
    "userid": 41009,
    "welcome_code": 41049,
}
"""The codes of ids that a call cannot be without."""


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_a_required_string_is_not_empty(name: str, ask: HttpAsker) -> None:
    data = prepared(name, ask.corp, ask)
    for spot in SPOTS[name]:
        if not is_text(spot) or spot.optional or may_be_empty(name, spot):
            continue
        said = ask(name, **{**data, **spot.filled("")})
        codes = {CODES.get(spot.name, 40063)} if not spot.limited else {40058, 40072, 41083}
        assert said["errcode"] in codes, (spot.name, said)


@rule(
    "90313",
    "A list that is required has something in it: of customers, groups, administrators, ids (40063, or a code of its own).",
    "必填的列表不能为空：客户、客户群、管理员、各种 ID 等（40063，或该参数自己的错误码）。",
    does=(
        "refuses them all; the pages say only that the lists are required",
        "一律拒绝；官方页面只写明为必填",
    ),
)
def test_a_required_list_is_not_empty(ask: HttpAsker) -> None:
    refused = dict[str, int]()
    for name, found in SPOTS.items():
        for spot in found:
            if spot.inner is list and not spot.optional and len(spot.path) == 1:
                said = ask(name, **{**prepared(name, ask.corp, ask), **spot.filled([])})
                refused[f"{name} {spot.name}"] = said["errcode"]
    assert len(refused) > 20
    assert [place for place, code in refused.items() if code == 0] == []
    assert refused["transfer.customer external_userid"] == 41035
    assert refused["group_join_way.update chat_id_list"] == 40063
    assert refused["customer.batch_get userid_list"] == 40031


# An empty string that means something else than the field left out.
OF_ITS_OWN = {
    "corp_tag.add group_id": 40058,
    "corp_tag.edit name": 40072,
    "customer_acquisition.update_link link_name": 40058,
    "customer_strategy.edit strategy_name": 40058,
    "intercept_rule.update rule_name": 40058,
    "moment_strategy.edit strategy_name": 40058,
    "product_album.update description": 41087,
    "strategy_tag.add group_id": 40058,
    "strategy_tag.edit name": 40072,
    # It clears the remark; left out, nothing would be asked for.
    "customer.remark remark": 0,
}
OF_ITS_OWN |= {
    f"{name} {where}.media_id": 40058
    for name, where in (
        ("group_msg.add_template", "attachments.0.image"),
        ("welcome.send", "attachments.0.image"),
        ("group_welcome_template.add", "image"),
        ("group_welcome_template.edit", "image"),
    )
}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_any_other_empty_string_is_as_good_as_nothing(name: str, ask: HttpAsker) -> None:
    for spot in SPOTS[name]:
        if not is_text(spot) or not spot.optional:
            continue
        said = ask(name, **{**prepared(name, ask.corp, ask), **spot.filled("")})
        code = OF_ITS_OWN.get(f"{name} {spot.name}")
        if code is None:
            data = prepared(name, ask.corp, ask)
            data.pop(str(spot.path[0]), None)
            code = ask.code(name, **data, **spot.left_out())
        assert said["errcode"] == code, (spot.name, said)


def test_the_exceptions_are_fields_of_calls() -> None:
    known = {f"{name} {spot.name}" for name, found in SPOTS.items() for spot in found}
    assert MAY_BE_EMPTY | OF_ITS_OWN.keys() <= known


def test_a_message_says_something(ask: HttpAsker) -> None:
    """Text may be empty beside something else; alone it may not, nor may a group be without a name."""
    nothing = {"content": ""}
    link = {"title": "t", "url": "https://example.com"}
    attached = [{"msgtype": "link", "link": link}]
    for name, beside in (
        ("group_msg.add_template", {"attachments": attached}),
        ("welcome.send", {"attachments": attached}),
        ("group_welcome_template.add", {"link": link}),
        ("group_welcome_template.edit", {"link": link}),
    ):
        data = {**prepared(name, ask.corp, ask), "text": nothing}
        assert ask.code(name, **data) == 40058, name
        ask.good(name, **data, **beside)
    assert ask.code("moment.add_task", text=nothing) == 41089
    way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
    assert ask.code("contact_way.add", **way, conclusions={"text": nothing}) == 40058
    ask.good("contact_way.add", **way, conclusions={"text": nothing, "link": link})


def test_an_empty_farewell_is_taken_away(ask: HttpAsker) -> None:
    way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
    made = ask.good("contact_way.add", **way, conclusions={"text": {"content": "再见"}})
    config_id = made["config_id"]
    ask.good("contact_way.update", config_id=config_id, conclusions={"text": {"content": ""}})
    assert ask.corp.contact_ways[config_id].conclusions == {}


def test_a_group_of_tags_has_a_name(ask: HttpAsker) -> None:
    group, tags = only(ask.corp.tag_groups), [{"name": "新"}]
    assert ask.code("corp_tag.add", group_name="", tag=tags) == 40058
    assert ask.code("strategy_tag.add", strategy_id=1, group_name="", tag=tags) == 40058
    assert ask.code("corp_tag.add", group_id="", group_name="新组", tag=tags) == 40058
    ask.good("corp_tag.add", group_id=group, group_name="", tag=tags)  # the name is ignored


def test_an_image_is_somewhere(ask: HttpAsker) -> None:
    text = {"content": "你好"}
    welcome = prepared("welcome.send", ask.corp, ask)
    for image in ({}, {"pic_url": ""}):
        for name in ("group_welcome_template.add", "group_welcome_template.edit"):
            data = prepared(name, ask.corp, ask)
            assert ask.code(name, **{**data, "image": image}) == 40058
        attached = [{"msgtype": "image", "image": image}]
        said = ask("group_msg.add_template", sender="zhangsan", text=text, attachments=attached)
        assert said["errcode"] == 40058
        assert ask.code("welcome.send", **{**welcome, "attachments": attached}) == 40058


def test_an_upload_has_a_file_name(ask: HttpAsker) -> None:
    for name, query in (
        ("media.upload", {"type": "file"}),
        ("media.upload_attachment", {"media_type": "image", "attachment_type": "1"}),
        ("media.upload_image", {}),
    ):
        endpoint = catalog.CALLS[name]
        part = str(endpoint.upload)
        named = multipart(PNG, "a.png", part=part)
        for body in (
            multipart(PNG, "", part=part),
            named.replace(b'; filename="a.png"', b""),
        ):
            said = ask.send(
                "POST", endpoint.path, {"access_token": ask.token, **query}, body, MULTIPART
            )
            assert json.loads(said.body)["errcode"] == 44001, body
        said = ask.send(
            "POST", endpoint.path, {"access_token": ask.token, **query}, named, MULTIPART
        )
        assert json.loads(said.body)["errcode"] == 0


ODD: tuple[Any, ...] = (
    "",
    "none",
    "-1",
    "2026-11-26",
    "١٢",
    "9" * 30,
    "\0",
    "张" * 5000,
    0,
    -1,
    1.5,
    -62_135_596_801,
    253_402_300_800,
    2**31,
    -(2**63),
    2**63,
    2**64,
    10**40,
    1e300,
    float("nan"),
    True,
    None,
    [],
    [None],
    [[]],
    [0],
    [""],
    ["none"] * 2000,
    {},
    {"": {}},
    [{}],
)


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_whatever_stands_anywhere_there_is_an_answer(name: str, ask: HttpAsker) -> None:
    """Each field at any depth is odd in turn; the answer is one of WeCom's, not HTTP 500."""
    data = prepared(name, ask.corp, ask)
    for spot in SPOTS[name]:
        for odd in ODD:
            reply = ask.reply(name, **{**data, **spot.filled(odd)})
            assert reply.status == 200, (spot.name, odd, reply.body)


TIMES = {name: [spot for spot in found if spot.inner is datetime] for name, found in SPOTS.items()}


@pytest.mark.parametrize("name", [name for name, found in TIMES.items() if found])
def test_whatever_time_it_is_there_is_an_answer(name: str, ask: HttpAsker) -> None:
    """All times of a call at once."""
    data = prepared(name, ask.corp, ask)
    times = [odd for odd in ODD if not isinstance(odd, (list, dict))]
    times += [ask.corp.clock.seconds() + days * 86_400 for days in (-(10**5), -200, -31, 1, 10**6)]
    spots = TIMES[name]
    for odd in itertools.product(times, repeat=len(spots)):
        asked = {**data}
        for spot, value in zip(spots, odd, strict=True):
            asked |= spot.filled(value)
        reply = ask.reply(name, **asked)
        assert reply.status == 200, (odd, reply.body)


def test_there_are_times() -> None:
    assert sum(map(len, TIMES.values())) > 10


TOKEN_BODIES = {
    "get_suite_token": ("suite_id", "suite_secret", "suite_ticket"),
    "get_corp_token": ("auth_corpid", "permanent_code"),
    "get_provider_token": ("corpid", "provider_secret"),
}


@pytest.mark.parametrize("name", TOKEN_BODIES)
def test_whatever_asks_for_a_token_is_answered(name: str, ask: HttpAsker) -> None:
    suite = ask.corp.suite
    right = {
        "suite_id": suite.suite_id,
        "suite_secret": suite.secret,
        "suite_ticket": suite.ticket,
        "auth_corpid": ask.corp.corp_id,
        "permanent_code": suite.permanent_code,
        "corpid": suite.provider_id,
        "provider_secret": suite.provider_secret,
    }
    body = {key: right[key] for key in TOKEN_BODIES[name]}
    path = f"/cgi-bin/service/{name}"
    query = {"suite_access_token": other_token(ask.corp, "suite_access_token")}
    for key, odd in itertools.product(body, ODD):
        reply = ask.send("POST", path, query, json.dumps({**body, key: odd}).encode())
        assert reply.status == 200, (key, odd, reply.body)
        assert json.loads(reply.body)["errcode"] != 0, (key, odd)
    reply = ask.send("POST", path, query, json.dumps(body).encode())
    assert json.loads(reply.body)["errcode"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"1",
        b"\xff",
        b"NaN",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xef\xbb\xbf{}",
        b'{"userid": "\xed\xa0\x80"}',
        b'{"userid": "a", "userid": "b"}',
    ],
)
def test_whatever_the_body_is_there_is_an_answer(body: bytes, ask: HttpAsker) -> None:
    for path in (catalog.CALLS["customer.batch_get"].path, "/cgi-bin/service/get_suite_token"):
        reply = ask.send("POST", path, {"access_token": ask.token}, body)
        assert reply.status == 200
        assert json.loads(reply.body)["errcode"] != 0


WHOLE = multipart(b"content content")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        *((WHOLE, kind) for kind in ("", "x", "multipart/form-data", "application/json")),
        (WHOLE, "multipart/form-data; boundary="),
        (WHOLE, f"multipart/form-data; boundary={'a' * 300}"),
        (WHOLE, "multipart/form-data; boundary*=utf-99''simple"),
        *(
            (body, MULTIPART["content-type"])
            for body in (
                WHOLE[:30],
                WHOLE[:-10],
                WHOLE * 50,
                WHOLE.replace(b"\r\n", b"\n"),
                WHOLE.replace(b"a.png", b"\xff\xfe"),
                WHOLE.replace(b'filename="a.png"', b"filename*=utf-99''x"),
                WHOLE.replace(b'filename="a.png"', b"filename*=utf-8''%ff%00"),
                WHOLE.replace(b"image/png", "图片".encode()),
                WHOLE.replace(b"image/png", b""),
            )
        ),
    ],
)
def test_whatever_is_uploaded_there_is_an_answer(body: bytes, kind: str, ask: HttpAsker) -> None:
    query = {"access_token": ask.token, "type": "file"}
    reply = ask.send("POST", "/cgi-bin/media/upload", query, body, {"content-type": kind})
    assert reply.status == 200
    media_id = json.loads(reply.body).get("media_id")
    if media_id is not None:
        assert ask.reply("media.get", media_id=media_id).status == 200


@pytest.mark.parametrize("odd", ["图片", "a\r\nX-Other: y", "cut \ud83d", "\0", "\u2028"])
def test_a_file_of_any_name_and_type_is_given_back(odd: str, ask: HttpAsker) -> None:
    media = ask.corp.add_media(b"content", odd, content_type=odd)
    reply = ask.reply("media.get", media_id=media.media_id)
    assert (reply.status, reply.body) == (200, b"content")
    url = f"/cgi-bin/media/get?access_token={ask.token}&media_id={media.media_id}"
    assert "X-Other" not in ask.pool.urlopen("GET", url, retries=False).headers


def test_an_answer_may_have_any_status(ask: HttpAsker) -> None:
    ask.corp.trouble.next("follow_user.list", status=599)
    assert ask.reply("follow_user.list").status == 599


NO_TIMES: tuple[Any, ...] = ("", "2026-11-26", "1795657182", -1, 2**63, 10**40, 1.5, True, [], {})


@pytest.mark.parametrize("when", NO_TIMES, ids=repr)
def test_what_is_arranged_has_a_time(when: Any, ask: HttpAsker) -> None:
    corp = ask.corp
    before = (len(corp.customers), len(corp.group_chats), len(corp.mass_messages))
    wang = only(corp.customers)
    for arrange in (
        lambda: corp.add_customer("新", follow="zhangsan", when=when),
        lambda: corp.add_follow("lisi", corp.add_customer("新"), when=when),
        lambda: corp.add_group_chat("新", "zhangsan", when=when),
        lambda: corp.join(corp.group_chats[only(corp.group_chats)], wang, when=when),
        lambda: corp.add_mass_message("新", creator="zhangsan", when=when),
        lambda: corp.add_moment("新", creator="zhangsan", when=when),
        lambda: corp.load({"customers": [{"name": "新", "follow": "zhangsan", "when": when}]}),
    ):
        with pytest.raises(ValueError, match="when: Unix time in whole seconds, not "):
            arrange()
    # One customer was there before the follow was refused.
    after = (len(corp.customers) - 1, len(corp.group_chats), len(corp.mass_messages))
    assert after == before
    ask.good("customer.batch_get", userid_list=["zhangsan", "lisi"])
