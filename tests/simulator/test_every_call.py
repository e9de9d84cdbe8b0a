"""Every call of the catalog answers, in the shape the spec has for it; most with real state."""

import asyncio
import base64
import json
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import pytest
from conftest import fixture_paths, read_fixture
from wecom_contact import catalog, codec, testing
from wecom_contact.corp_tag import NewTag
from wecom_contact.testing import Simulator, _calls
from wecom_contact.testing._answers import ANSWERS, EXAMPLES, example_of
from wecom_contact.testing._check import MISSING, NOTHING
from wecom_contact.testing._pages import SIZES
from wecom_contact.testing._things import Media

from simulator.asking import PNG, Asker, HttpAsker
from simulator.rules import rule

STRICT = codec.Codec(strict=True)
WITH_EXAMPLES = {
    # WeCom's own addresses.
    "server.api_ips",
    "server.callback_ips",
    # What an administrator grants in WeCom's own console.
    "agent.get_permissions",
    # A switch for corps that do not exist yet.
    "id_convert.upgrade_chatid_for_new_corp",
}

# A call that the spec gains later is answered after its reply class, until somebody gives it state.
SURVEY = (Path(__file__).parent.parent / "endpoints.txt").read_text("utf-8")
SURVEYED = {name for name, endpoint in catalog.CALLS.items() if f" {endpoint.path} " in SURVEY}

Case = Callable[[Simulator, Asker], dict[str, Any]]


def test_which_calls_have_real_state(corp: Simulator) -> None:
    assert set(EXAMPLES) == WITH_EXAMPLES
    assert ANSWERS.keys() & SURVEYED == SURVEYED - WITH_EXAMPLES


def test_page_sizes_are_said_for_all_paged_calls() -> None:
    fixed = {"customer.get", "transfer.result", "resigned_transfer.result"}
    paged = {name for name in SURVEYED if catalog.CALLS[name].paginate}
    assert paged == (SIZES.keys() & SURVEYED) | fixed


def test_page_sizes_are_those_of_the_spec() -> None:
    for name, size in SIZES.items():
        for _, key, shape in codec.wire_fields(catalog.CALLS[name].call):
            if key in ("limit", "page_size"):
                assert shape.wire.limits.get("max") in (size.most, None), name


def test_the_tables_name_calls_that_exist(corp: Simulator) -> None:
    named = {key.partition(":")[0] for key in (*MISSING, *NOTHING) if "." in key}
    named |= set(corp.limits.per_call)
    assert named <= catalog.CALLS.keys()


def now(corp: Simulator) -> int:
    return corp.clock.seconds()


def full(corp: Simulator) -> Simulator:
    """A corp with one of everything."""
    zhang = corp.add_member("zhangsan", "张三")
    li = corp.add_member("lisi", "李四")
    gone = corp.add_member("gone", "老陈")
    corp.add_tag_group("客户等级", ["重要", "一般"], app=corp.app)
    corp.add_strategy("华东", members=[zhang, li], admins=[li])
    corp.add_strategy("华东", kind="moment", departments=[1])
    corp.add_tag_group("规则", ["甲"], app=corp.app, strategy=corp.strategies["customer", 1])
    wang = corp.add_customer(
        "王五", follow=[zhang, li], state="poster", tags=["重要"], mobiles=["1"]
    )
    corp.add_customer("赵六", follow=gone, corp_name="海川物流")
    corp.add_contact_way([zhang], state="poster")
    chat = corp.add_group_chat("客户群", zhang, [li, wang], notice="文明沟通", admins=[li])
    corp.add_group_chat("旧群", gone)
    corp.add_join_way([chat], state="door")
    corp.add_welcome_template("欢迎")
    corp.add_acquisition_link("春季", [zhang])
    corp.add_product("好东西", 100, product_sn="A1")
    corp.add_intercept_rule("红包", ["红包"])
    corp.add_moment("你好", creator=zhang)
    corp.add_mass_message("你好", creator=zhang)
    corp.resign(gone)
    return corp


def only(things: Any) -> Any:
    return next(iter(things))


def documented(name: str) -> dict[str, Any]:
    """What the call's own fixture asks; every call has one."""
    resource, _, call = name.partition(".")
    paths = [path for path in fixture_paths() if path.parent.name == resource]
    fixtures = [read_fixture(path) for path in paths if path.name.split(".")[0] == call]
    fixture = next(each for each in fixtures if "raises" not in each)
    file = fixture.get("file")
    content = {"file": base64.b64decode(file["content_base64"])} if file else {}
    return {**fixture["args"], **content}


def prepared(name: str, corp: Simulator, ask: Asker) -> dict[str, Any]:
    """What to ask of a full corp so that the call succeeds.

    A call with state needs a line here, as its arguments name what there is; the others are asked what is documented.
    """
    if name not in ANSWERS:
        return documented(name)
    customers = list(corp.customers)
    group, tag = only(corp.tag_groups), only(corp.tags)
    strategy_group, strategy_tag = list(corp.tag_groups)[1], list(corp.tags)[2]
    wang, chat = customers[0], only(corp.group_chats)
    pair = {"userid": "zhangsan", "external_userid": wang}
    span = {"start_time": now(corp) - 86_400, "end_time": now(corp) + 10}
    text = {"content": "你好"}
    both = {"unionid": corp.unionid(corp.customers[wang]), "openid": "oDOGms" + wang[10:]}
    range_ = [{"type": 1, "userid": "zhangsan"}]
    person = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
    left = {"handover_userid": "gone", "takeover_userid": "lisi"}
    picture = corp.add_media(PNG, use=2).media_id

    def mass() -> str:
        said = ask.good("group_msg.add_template", sender="zhangsan", text=text)
        return str(said["msgid"])

    def moment() -> str:
        jobid = ask.good("moment.add_task", text=text)["jobid"]
        corp.clock.advance(minutes=2)
        said = ask.good("moment.get_task_result", jobid=jobid)
        corp.member_publishes(said["result"]["moment_id"])
        return str(said["result"]["moment_id"])

    def welcome() -> str:
        corp.customer_adds("zhangsan")
        return str(corp.callbacks.events[-1].welcome_code)

    def temporary() -> dict[str, Any]:
        way = ask.good("contact_way.add", type=1, scene=2, user=["zhangsan"], is_temp=True)
        corp.customer_scans(way["config_id"], corp.add_customer("临时"))
        return {"userid": "zhangsan", "external_userid": list(corp.customers)[-1]}

    def chat_key() -> str:
        follow = corp.customer_clicks(only(corp.acquisition_links), state="s")
        assert follow is not None
        return str(corp.customer_writes("zhangsan", follow.customer, 3))

    def pay() -> str:
        corp.manner.provider_pays = True
        return str(only(corp.acquisition_links))

    def upgrading() -> list[str]:
        corp.chatid_upgrade_at = now(corp) + 3600
        return [chat, "wrno"]

    rule = {
        "rule_name": "新规则",
        "word_list": ["返现"],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["zhangsan"]},
    }
    join_way, link = only(corp.join_ways), only(corp.acquisition_links)
    cases: dict[str, Callable[[], dict[str, Any]]] = {
        "contact_way.add": lambda: {"type": 1, "scene": 2, "user": ["zhangsan"]},
        "contact_way.get": lambda: {"config_id": only(corp.contact_ways)},
        "contact_way.update": lambda: {"config_id": only(corp.contact_ways), "remark": "x"},
        "contact_way.delete": lambda: {"config_id": only(corp.contact_ways)},
        "contact_way.close_temp_chat": temporary,
        "corp_tag.add": lambda: {"group_name": "新组", "tag": [{"name": "新"}]},
        "corp_tag.edit": lambda: {"id": tag, "name": "很重要"},
        "corp_tag.delete": lambda: {"group_id": [group]},
        "customer.list": lambda: {"userid": "zhangsan"},
        "customer.get": lambda: {"external_userid": wang},
        "customer.batch_get": lambda: {"userid_list": ["zhangsan", "lisi"]},
        "customer.remark": lambda: {**pair, "remark": "老王"},
        "customer_acquisition.get_link": lambda: {"link_id": link},
        "customer_acquisition.create_link": lambda: {
            "link_name": "夏季",
            "range": {"user_list": ["lisi"]},
        },
        "customer_acquisition.update_link": lambda: {"link_id": link, "link_name": "夏季"},
        "customer_acquisition.delete_link": lambda: {"link_id": link},
        "customer_acquisition.list_customers": lambda: {"link_id": link},
        "customer_acquisition.statistic": lambda: {"link_id": link, **span},
        "customer_acquisition.get_chat_info": lambda: {"chat_key": chat_key()},
        "customer_acquisition_component.create_once_key": lambda: {"link_id": pay()},
        "customer_acquisition_component.list_bills": lambda: {
            "auth_corpid": corp.corp_id,
            "begin_time": now(corp) - 86400,
            "end_time": now(corp),
        },
        "customer_strategy.get": lambda: {"strategy_id": 1},
        "customer_strategy.get_range": lambda: {"strategy_id": 1},
        "customer_strategy.create": lambda: {
            "strategy_name": "华南",
            "admin_list": ["lisi"],
            "range": range_,
            "privilege": {"contact_me": True},
        },
        "customer_strategy.edit": lambda: {"strategy_id": 1, "strategy_name": "华北"},
        "customer_strategy.delete": lambda: {"strategy_id": 1},
        "customer_tag.mark": lambda: {**pair, "add_tag": [tag]},
        "group_chat.list": lambda: {"limit": 10},
        "group_chat.get": lambda: {"chat_id": chat, "need_name": 1},
        "group_chat.opengid_to_chatid": lambda: {"opengid": corp.group_chats[chat].opengid},
        "group_join_way.add": lambda: {"scene": 2, "chat_id_list": [chat]},
        "group_join_way.get": lambda: {"config_id": join_way},
        "group_join_way.update": lambda: {
            "config_id": join_way,
            "scene": 2,
            "chat_id_list": [chat],
        },
        "group_join_way.delete": lambda: {"config_id": join_way},
        "group_msg.add_template": lambda: {"sender": "zhangsan", "text": text},
        "group_msg.remind_send": lambda: {"msgid": mass()},
        "group_msg.cancel_send": lambda: {"msgid": mass()},
        "group_msg.list": lambda: {"chat_type": "single", **span},
        "group_msg.get_task": lambda: {"msgid": mass()},
        "group_msg.get_send_result": lambda: {"msgid": mass(), "userid": "zhangsan"},
        "group_welcome_template.add": lambda: {"text": text, "notify": 0},
        "group_welcome_template.edit": lambda: {
            "template_id": only(corp.welcome_templates),
            "text": text,
        },
        "group_welcome_template.get": lambda: {"template_id": only(corp.welcome_templates)},
        "group_welcome_template.delete": lambda: {"template_id": only(corp.welcome_templates)},
        "id_convert.unionid_to_external_userid": lambda: both,
        "id_convert.unionid_to_external_userid_3rd": lambda: both,
        "id_convert.idconvert_unionid_to_external_userid": lambda: both,
        "id_convert.corpgroup_unionid_to_external_userid": lambda: both,
        "id_convert.unionid_to_pending_id": lambda: both,
        "id_convert.batch_external_userid_to_pending_id": lambda: {"external_userid": [wang]},
        "id_convert.corpgroup_batch_external_userid_to_pending_id": lambda: {
            "external_userid": [wang]
        },
        "id_convert.external_tagid": lambda: {"external_tagid_list": [tag, group, "etno"]},
        "id_convert.convert_tmp_external_userid": lambda: {
            "business_type": 1,
            "user_type": 1,
            "tmp_external_userid_list": ["tm" + wang[2:], "tmno"],
        },
        "id_convert.convert_to_openid": lambda: {"external_userid": wang},
        "id_convert.to_service_external_userid": lambda: {"external_userid": wang},
        "id_convert.from_service_external_userid": lambda: {
            "external_userid": wang,
            "source_agentid": corp.app.agent_id,
        },
        "id_convert.get_new_external_userid": lambda: {"external_userid_list": [wang]},
        "id_convert.groupchat_get_new_external_userid": lambda: {
            "chat_id": chat,
            "external_userid_list": [wang],
        },
        "id_convert.finish_external_userid_migration": lambda: {"corpid": corp.corp_id},
        "id_convert.apply_to_upgrade_chatid": lambda: {"upgrade_time": now(corp) + 3600},
        "id_convert.chatid": lambda: {"chat_id_list": upgrading()},
        "intercept_rule.add": lambda: rule,
        "intercept_rule.get": lambda: {"rule_id": only(corp.intercept_rules)},
        "intercept_rule.update": lambda: {
            "rule_id": only(corp.intercept_rules),
            "rule_name": "别的",
        },
        "intercept_rule.delete": lambda: {"rule_id": only(corp.intercept_rules)},
        "media.upload": lambda: {"type": "image", "file": PNG},
        "media.upload_image": lambda: {"file": PNG},
        "media.upload_attachment": lambda: {
            "media_type": "image",
            "attachment_type": 1,
            "file": PNG,
        },
        "media.get": lambda: {"media_id": only(corp.media)},
        "media.upload_by_url": lambda: {
            "scene": 1,
            "type": "file",
            "filename": "a",
            "url": "https://example.com/a",
            "md5": "0" * 32,
        },
        "media.get_upload_by_url_result": lambda: {
            "jobid": ask.good("media.upload_by_url", **prepared("media.upload_by_url", corp, ask))[
                "jobid"
            ]
        },
        "moment.add_task": lambda: {"text": text},
        "moment.get_task_result": lambda: {
            "jobid": ask.good("moment.add_task", text=text)["jobid"]
        },
        "moment.cancel_task": lambda: {"moment_id": moment()},
        "moment.list": lambda: span,
        "moment.get_task": lambda: {"moment_id": moment()},
        "moment.get_customer_list": lambda: {"moment_id": moment(), "userid": "zhangsan"},
        "moment.get_send_result": lambda: {"moment_id": moment(), "userid": "zhangsan"},
        "moment.get_comments": lambda: {"moment_id": moment(), "userid": "zhangsan"},
        "moment_strategy.get": lambda: {"strategy_id": 1},
        "moment_strategy.get_range": lambda: {"strategy_id": 1},
        "moment_strategy.create": lambda: {
            "strategy_name": "华南",
            "admin_list": ["lisi"],
            "range": range_,
        },
        "moment_strategy.edit": lambda: {"strategy_id": 1, "range_add": range_},
        "moment_strategy.delete": lambda: {"strategy_id": 1},
        "product_album.add": lambda: {
            "description": "新品",
            "price": 1,
            "attachments": [{"type": "image", "image": {"media_id": picture}}],
        },
        "product_album.get": lambda: {"product_id": only(corp.products)},
        "product_album.update": lambda: {"product_id": only(corp.products), "price": 2},
        "product_album.delete": lambda: {"product_id": only(corp.products)},
        "resigned_transfer.customer": lambda: {**left, "external_userid": customers[1:2]},
        "resigned_transfer.result": lambda: left,
        "resigned_transfer.group_chat": lambda: {
            "chat_id_list": [list(corp.group_chats)[1]],
            "new_owner": "lisi",
        },
        "statistics.user_behavior": lambda: {"userid": ["zhangsan"], **span},
        "statistics.group_chat": lambda: {"day_begin_time": span["start_time"]},
        "statistics.group_chat_by_day": lambda: {"day_begin_time": span["start_time"]},
        "strategy_tag.add": lambda: {
            "strategy_id": 1,
            "group_name": "新组",
            "tag": [{"name": "新"}],
        },
        "strategy_tag.edit": lambda: {"id": strategy_tag, "name": "乙"},
        "strategy_tag.delete": lambda: {"group_id": [strategy_group]},
        "transfer.customer": lambda: {**person, "external_userid": [wang]},
        "transfer.result": lambda: person,
        "transfer.group_chat": lambda: {"chat_id_list": [chat], "new_owner": "lisi"},
        "welcome.send": lambda: {"welcome_code": welcome(), "text": text},
    }
    return cases.get(name, dict)()


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_every_call_is_answered_well_with_a_result_of_its_shape(name: str, corp: Simulator) -> None:
    ask = Asker(full(corp))
    endpoint = catalog.CALLS[name]
    data = prepared(name, corp, ask)
    reply = ask.reply(name, **data)
    if endpoint.download:
        file = corp.media[data["media_id"]] if name in ANSWERS else example_of(endpoint)
        assert isinstance(file, Media)
        assert reply.body == file.content
        return
    said = json.loads(reply.body)
    assert (said.pop("errcode"), said.pop("errmsg")) == (0, "ok"), said
    if endpoint.result is None:
        assert said == {}
    else:
        # Strict: an unknown field, a missing one or one of another type fails.
        record = STRICT.structure(said, endpoint.result)
        assert STRICT.unstructure(record).keys() <= said.keys()
    assert (corp.calls[-1].name, corp.calls[-1].errcode) == (name, 0)


ODD: tuple[Any, ...] = (
    "",
    "none",
    "wmnone",
    0,
    -1,
    99,
    [],
    ["none"],
    [""],
    {},
    None,
    True,
    1.5,
    "张" * 5000,
)


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_whatever_is_asked_there_is_an_answer(name: str, corp: Simulator) -> None:
    """Each field in turn is odd or missing; the answer is WeCom's, not an exception."""
    ask = Asker(full(corp))
    data = prepared(name, corp, ask)
    for key in data.keys() - {"file"}:
        rest = {k: v for k, v in data.items() if k != key}
        for asked in (rest, *({**data, key: odd} for odd in ODD)):
            reply = ask.reply(name, **asked)
            a_file = not reply.content_type.startswith("application/json")
            assert a_file or isinstance(json.loads(reply.body)["errcode"], int)
            assert catalog.CALLS[name].download or not a_file


@rule(
    "",
    "A refused read has its lists all the same, empty.",
    "读取被拒绝时，应答仍带空列表。",
)
@pytest.mark.parametrize("name", ["customer.list", "customer.batch_get", "group_chat.list"])
def test_a_refused_read_has_its_lists_empty(name: str, corp: Simulator) -> None:
    with corp:
        ask = HttpAsker(corp)
        corp.add_member("zhangsan")
        corp.add_member("lisi")
        corp.limits.owners_unfiltered = 1
        key, words = {
            "customer.list": ("external_userid", {"userid": "zhangsan"}),
            "customer.batch_get": ("external_contact_list", {"userid_list": ["zhangsan"]}),
            "group_chat.list": ("group_chat_list", {"limit": 10}),
        }[name]
        said = ask(name, **words)
        assert said.keys() == {"errcode", "errmsg", key}
        assert said["errcode"] in (84061, 81017)
        assert said[key] == []
        # What is refused before anybody looks at the call has none, and neither has a write.
        path = catalog.CALLS[name].path
        refused = json.loads(ask.send("POST", path, {"access_token": "x"}).body)
        assert refused.keys() == {"errcode", "errmsg"}
        assert ask("customer.remark", userid="zhangsan", external_userid="wm1").keys() == {
            "errcode",
            "errmsg",
        }


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_tomorrows_calls_answer_after_their_class(name: str) -> None:
    endpoint = catalog.CALLS[name]
    example = example_of(endpoint)
    if endpoint.download:
        assert isinstance(example, Media)
        assert example.content
    elif endpoint.result is not None:
        STRICT.structure(example, endpoint.result)
    else:
        assert example == {}


def test_both_clients_walk_the_same_pages(wecom_corp: Simulator) -> None:
    full(wecom_corp)

    async def run() -> list[str]:
        async with wecom_corp.async_client(strict=True) as wecom:
            records = wecom.customer.batch_get(userid_list=["zhangsan", "lisi"])
            return [record.external_contact.name async for record in records]

    with wecom_corp.client(strict=True) as wecom:
        records = wecom.customer.batch_get(userid_list=["zhangsan", "lisi"])
        assert [record.external_contact.name for record in records] == ["王五", "王五"]
    assert asyncio.run(run()) == ["王五", "王五"]


def test_many_at_once_while_the_corp_changes(wecom_corp: Simulator) -> None:
    """Threads call while others arrange and things happen; nobody trips over anybody."""
    wecom_corp.add_member("zhangsan")
    wecom_corp.add_customer("王五", follow="zhangsan")
    failed: list[BaseException] = []
    ended = threading.Event()

    def calling() -> None:
        try:
            with wecom_corp.client(strict=True, retry=None) as wecom:
                while not ended.is_set():
                    list(wecom.customer.batch_get(userid_list=["zhangsan"]))
                    list(wecom.customer.list_served())
                    wecom.corp_tag.add(group_name="g", tag=[NewTag(name=uuid4().hex[:30])])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=calling) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(300):
        wecom_corp.add_customer(f"c{number}", follow="zhangsan")
        wecom_corp.customer_adds("zhangsan")
        wecom_corp.add_member(f"m{number}")
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []


def test_every_setting_is_read_by_somebody() -> None:
    here = Path(str(testing.__file__)).parent
    text = "\n".join(path.read_text("utf-8") for path in here.rglob("*.py"))
    for kind in (testing.Lifetimes, testing.Limits, testing.Manner):
        for field in attrs.fields(kind):
            read = rf"\b{kind.__name__.lower()}\.{field.name}\b"
            assert re.search(read, text), f"{kind.__name__}.{field.name}"


def test_a_family_of_calls_is_found_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tomorrow.py").write_text("FOUND = True\n", "utf-8")
    monkeypatch.setattr(_calls, "__path__", [*_calls.__path__, str(tmp_path)])
    name = f"{_calls.__name__}.tomorrow"
    try:
        _calls.load()
        assert sys.modules[name].FOUND
    finally:
        sys.modules.pop(name, None)
        vars(_calls).pop("tomorrow", None)
