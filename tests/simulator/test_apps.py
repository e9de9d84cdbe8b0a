"""What an app may do and see: its visible range, its permission, its addresses, hidden fields."""

import json
from typing import Any

import pytest
from wecom_contact import Forbidden
from wecom_contact.testing import App, Customer, Department, Member, Request, Simulator

from simulator.asking import PNG, Asker, HttpAsker, suite_app, token_of
from simulator.rules import rule


@pytest.fixture
def sales(corp: Simulator) -> Department:
    return corp.add_department("销售部")


@pytest.fixture
def zhang(corp: Simulator, sales: Department) -> Member:
    return corp.add_member("zhangsan", department=corp.add_department("一组", parent=sales))


@pytest.fixture
def lisi(corp: Simulator, zhang: Member) -> Member:
    return corp.add_member("lisi", department=corp.add_department("财务部"))


@pytest.fixture
def crm(corp: Simulator, sales: Department, zhang: Member) -> App:
    """An app that sees the sales department."""
    return corp.add_app("crm", visible=[sales])


@pytest.fixture
def crm_ask(corp: Simulator, crm: App) -> Asker:
    return Asker(corp, crm)


@rule(
    "92571",
    "An app lists only members of its visible range.",
    "应用只能列出可见范围内的成员。",
)
def test_an_app_lists_the_members_it_sees(
    corp: Simulator, zhang: Member, lisi: Member, crm: App, ask: Asker, crm_ask: Asker
) -> None:
    assert ask.good("follow_user.list")["follow_user"] == ["zhangsan", "lisi"]
    assert crm_ask.good("follow_user.list")["follow_user"] == ["zhangsan"]
    crm.visible = [lisi, "wangwu"]
    corp.add_member("wangwu")
    assert crm_ask.good("follow_user.list")["follow_user"] == ["lisi", "wangwu"]
    checked = crm_ask.good("follow_user.check", userid=["zhangsan", "lisi"])
    assert checked["authorized"]["userid"] == ["lisi"]
    suite = Asker(corp, suite_app(corp))
    permit = suite.good("customer_acquisition.get_permit")
    assert (permit["user_list"], permit["department_list"]) == (
        ["zhangsan", "lisi", "wangwu"],
        sorted(corp.departments),
    )
    corp.suite.visible = [lisi]
    permit = suite.good("customer_acquisition.get_permit")
    assert (permit["user_list"], permit["department_list"]) == (["lisi"], [])


@rule(
    "92113",
    "Naming a member, a department or a group outside the visible range is refused (60011).",
    "指定可见范围之外的成员、部门或客户群会被拒绝（60011）。",
    does=(
        "60011 throughout; the pages name no code",
        "一律 60011；官方页面没有写明错误码",
    ),
)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer.list", {"userid": "lisi"}),
        ("customer.batch_get", {"userid_list": ["zhangsan", "lisi"]}),
        ("customer.remark", {"userid": "lisi", "external_userid": "wmLI", "remark": "r"}),
        ("contact_way.add", {"type": 2, "scene": 2, "user": ["zhangsan", "lisi"]}),
        ("contact_way.add", {"type": 2, "scene": 2, "party": [4]}),
        ("group_msg.add_template", {"sender": "lisi", "text": {"content": "t"}}),
        ("group_chat.list", {"owner_filter": {"userid_list": ["lisi"]}, "limit": 10}),
        ("group_chat.get", {"chat_id": "wrLI"}),
        ("group_join_way.add", {"scene": 2, "chat_id_list": ["wrLI"]}),
        ("transfer.group_chat", {"chat_id_list": [], "new_owner": "lisi"}),
        ("statistics.user_behavior", {"partyid": [4], "start_time": 1, "end_time": 1}),
        (
            "intercept_rule.add",
            {
                "rule_name": "r",
                "word_list": ["w"],
                "intercept_type": 1,
                "applicable_range": {"user_list": ["lisi"]},
            },
        ),
        (
            "customer_strategy.create",
            {
                "strategy_name": "s",
                "admin_list": ["zhangsan"],
                "range": [{"type": 1, "userid": "lisi"}],
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_is_out_of_range_cannot_be_named(
    corp: Simulator, lisi: Member, crm_ask: Asker, ask: Asker, name: str, words: dict[str, Any]
) -> None:
    assert lisi.departments == (4,)
    corp.add_customer("李", external_userid="wmLI", follow=lisi)
    corp.group_chats["wrLI"] = corp.add_group_chat("群", lisi)
    if "chat_id_list" in words:
        words = {**words, "chat_id_list": ["wrLI"]}
    assert crm_ask.code(name, **words) == 60011
    assert ask.code(name, **words) != 60011, "who sees everybody"


def test_who_is_in_range_can_be_named(corp: Simulator, zhang: Member, crm_ask: Asker) -> None:
    customer = corp.add_customer("王", follow=zhang)
    who = {"userid": "zhangsan", "external_userid": customer.external_userid}
    crm_ask.good("customer.list", userid="zhangsan")
    crm_ask.good("customer.remark", **who, remark="老王")
    crm_ask.good("contact_way.add", type=2, scene=2, user=["zhangsan"], party=[2, 3])
    chat = corp.add_group_chat("群", zhang)
    crm_ask.good("group_chat.get", chat_id=chat.chat_id)
    assert crm_ask.code("customer.list", userid="nobody") == 40003, "who is not there at all"
    span = {"start_time": 1, "end_time": 1}
    assert crm_ask.code("statistics.user_behavior", partyid=[9], **span) == 60123, "the same"


@rule(
    "92114",
    "A customer is shown with the followers in the visible range; without any, 40096.",
    "客户详情只含可见范围内的跟进人；一个都没有时返回 40096。",
    does=("40096; the pages name no code", "返回 40096；官方页面没有写明错误码"),
)
def test_a_customer_is_shown_with_the_followers_in_range(
    corp: Simulator, zhang: Member, lisi: Member, ask: Asker, crm_ask: Asker
) -> None:
    both = corp.add_customer("王", follow=[zhang, lisi]).external_userid
    other = corp.add_customer("赵", follow=lisi).external_userid

    def followers(asker: Asker) -> list[str]:
        shown = asker.good("customer.get", external_userid=both)["follow_user"]
        return [follow["userid"] for follow in shown]

    assert (followers(ask), followers(crm_ask)) == (["zhangsan", "lisi"], ["zhangsan"])
    assert crm_ask.code("customer.get", external_userid=other) == 40096
    served = crm_ask.good("customer.list_served")["info_list"]
    assert [each["external_userid"] for each in served] == [both]


@rule(
    "92120",
    "An app sees only the groups whose owner is in its visible range.",
    "应用只能看到群主在可见范围内的客户群。",
)
def test_an_app_sees_the_groups_of_its_owners(
    corp: Simulator, zhang: Member, lisi: Member, ask: Asker, crm_ask: Asker
) -> None:
    mine, other = corp.add_group_chat("甲", zhang), corp.add_group_chat("乙", lisi)

    def listed(asker: Asker) -> set[str]:
        shown = asker.good("group_chat.list", limit=10)["group_chat_list"]
        return {chat["chat_id"] for chat in shown}

    assert listed(ask) == {mine.chat_id, other.chat_id}
    assert listed(crm_ask) == {mine.chat_id}
    ids = [mine.chat_id, other.chat_id]
    corp.add_member("wangwu", department=2)
    failed = crm_ask.good("transfer.group_chat", chat_id_list=ids, new_owner="wangwu")
    assert [(each["chat_id"], each["errcode"]) for each in failed["failed_chat_list"]] == [
        (other.chat_id, 60011)
    ]
    assert crm_ask.code("group_chat.opengid_to_chatid", opengid=other.opengid) != 0
    crm_ask.good("group_chat.opengid_to_chatid", opengid=mine.opengid)
    for chat in (mine, other):
        corp.join(chat, corp.add_customer("王"))
    served = crm_ask.good("customer.list_served")["info_list"]
    assert [person["chat_id"] for person in served] == [mine.chat_id]
    said = crm_ask.good(
        "group_msg.add_template",
        chat_type="group",
        sender="wangwu",
        chat_id_list=ids,
        text={"content": "t"},
    )
    assert said["fail_list"] == [other.chat_id]
    corp.limits.owners_unfiltered = 2
    assert (ask.code("group_chat.list", limit=10), crm_ask.code("group_chat.list", limit=10)) == (
        81017,
        0,
    )


@rule(
    "92135",
    "A mass message goes out by members in the visible range only.",
    "客户群发只由可见范围内的成员发送。",
)
def test_a_mass_message_is_sent_by_members_in_range(
    corp: Simulator, zhang: Member, lisi: Member, crm_ask: Asker
) -> None:
    both = corp.add_customer("王", follow=[zhang, lisi])
    other = corp.add_customer("赵", follow=lisi)
    tag = corp.add_tag("VIP", "等级")
    for customer in (both, other):
        for follow in customer.follows:
            follow.tags = (tag,)
    ids = [both.external_userid, other.external_userid]
    said = crm_ask.good("group_msg.add_template", external_userid=ids, text={"content": "t"})
    assert said["fail_list"] == [other.external_userid]
    message = corp.mass_messages[said["msgid"]]
    assert {task.userid: task.targets for task in message.tasks.values()} == {"zhangsan": ids[:1]}
    tags = {"group_list": [{"tag_list": [tag.id]}]}
    said = crm_ask.good("group_msg.add_template", tag_filter=tags, text={"content": "t"})
    assert list(corp.mass_messages[said["msgid"]].tasks) == ["zhangsan"]
    corp.add_mass_message("自己的", creator=lisi)
    corp.add_mass_message("自己的", creator=zhang)
    now = corp.clock.seconds()
    span = {"start_time": now - 100, "end_time": now + 100}
    listed = crm_ask.good("group_msg.list", chat_type="single", **span)["group_msg_list"]
    assert [each.get("creator") for each in listed] == ["zhangsan", None, None]


@rule(
    "95094",
    "Members outside the visible range are left out of a moment in silence, and told in its result.",
    "可见范围之外的成员不会收到朋友圈任务，也不报错，只在任务结果中列出。",
)
def test_a_moment_is_published_by_members_in_range(
    corp: Simulator, zhang: Member, lisi: Member, crm_ask: Asker
) -> None:
    corp.manner.job_polls = 0
    senders = {"user_list": ["zhangsan", "lisi"], "department_list": [3, 4]}

    def made(**words: Any) -> tuple[list[str], dict[str, Any]]:
        job = crm_ask.good("moment.add_task", text={"content": "t"}, **words)["jobid"]
        result = crm_ask.good("moment.get_task_result", jobid=job)["result"]
        return list(corp.moments[result["moment_id"]].publications), result

    users, result = made(visible_range={"sender_list": senders})
    assert users == ["zhangsan"]
    assert result["invalid_sender_list"] == {"user_list": ["lisi"], "department_list": [4]}
    assert made()[0] == ["zhangsan"], "everybody whom the app sees"
    corp.add_moment("自己的", creator=lisi, when=corp.clock.seconds() - 9)
    own = corp.add_moment("自己的", creator=zhang, when=corp.clock.seconds() - 9)
    now = corp.clock.seconds()
    span = {"start_time": now - 100, "end_time": now + 100}
    listed = crm_ask.good("moment.list", **span, filter_type=1)["moment_list"]
    assert [each["moment_id"] for each in listed] == [own.moment_id]


@rule(
    "92137",
    "A welcome is for members in the visible range of the app.",
    "只能为可见范围内的成员发送欢迎语。",
)
def test_a_welcome_is_for_members_in_range(
    corp: Simulator, zhang: Member, lisi: Member, crm_ask: Asker
) -> None:
    for member, code in ((zhang, 0), (lisi, 60011)):
        corp.customer_adds(member)
        event: Any = corp.callbacks.events[-1]
        words = {"welcome_code": event.welcome_code, "text": {"content": "您好"}}
        assert crm_ask.code("welcome.send", **words) == code


def test_who_has_left_is_seen_where_they_were(
    corp: Simulator, zhang: Member, lisi: Member, crm_ask: Asker
) -> None:
    chats = [corp.add_group_chat("甲", zhang), corp.add_group_chat("乙", lisi)]
    corp.add_member("wangwu", department=2)
    corp.resign(zhang)
    corp.resign(lisi)
    ids = [chat.chat_id for chat in chats]
    failed = crm_ask.good("resigned_transfer.group_chat", chat_id_list=ids, new_owner="wangwu")
    assert [each["chat_id"] for each in failed["failed_chat_list"]] == ids[1:]


@rule(
    "92109",
    "Without a place under 可调用接口的应用 an app may not call customer contact (48002).",
    "未配置到「可调用接口的应用」的应用不能调用客户联系接口（48002）。",
)
def test_an_app_that_is_not_listed_may_not_call(corp: Simulator, zhang: Member) -> None:
    other = corp.add_app("other", listed=False)
    asker = Asker(corp, other)
    for name in ("follow_user.list", "corp_tag.list"):
        assert asker.code(name) == 48002
    asker.good("media.upload", file=PNG, type="image")
    asker.good("server.api_ips")
    other.listed = True
    asker.good("follow_user.list")
    corp.suite.listed = False
    with corp, corp.client(credential=corp.authorized, retry=None) as wecom:
        with pytest.raises(Forbidden) as caught:
            wecom.follow_user.list()
        assert caught.value.code == 48002


@rule(
    "",
    "A call from an address that is not trusted is refused (60020); a token is given all the same.",
    "来自非可信 IP 的调用会被拒绝（60020）；获取 token 不受限制。",
)
def test_an_address_must_be_trusted(corp: Simulator, zhang: Member) -> None:
    corp.app.trusted_ips = ["203.0.113.7", "10.1.0.0/16", "2001:db8::/32"]
    with corp:
        asker = HttpAsker(corp)
        said = asker("follow_user.list")
        assert said["errcode"] == 60020
        assert "not allow to access from your ip" in said["errmsg"]
        assert "from ip: 127.0.0.1" in said["errmsg"]
        assert asker.code("server.api_ips") == 60020
        corp.app.trusted_ips = [*corp.app.trusted_ips, "127.0.0.1"]
        asker.good("follow_user.list")
    query = f"access_token={token_of(corp)}"
    path = "/cgi-bin/externalcontact/get_follow_user_list"
    codes = {
        address: json.loads(corp.answer(Request("GET", path, query, {}, b"", address)).body)
        for address in ("203.0.113.7", "203.0.113.8", "10.1.9.9", "10.2.0.1", "2001:db8::1", "::1")
    }
    assert [said["errcode"] for said in codes.values()] == [0, 60020, 0, 60020, 0, 60020]


def test_hidden_fields_are_left_out_at_any_depth(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    customer: Customer = corp.add_customer("王", follow=zhang, mobiles=["1"], state="poster")
    chat = corp.add_group_chat("群", zhang, [customer])
    corp.app.hidden_fields = {"unionid", "avatar", "remark_mobiles"}
    shown = ask.good("customer.get", external_userid=customer.external_userid)
    assert not {"unionid", "avatar"} & shown["external_contact"].keys()
    assert shown["external_contact"]["name"] == "王"
    assert "remark_mobiles" not in shown["follow_user"][0]
    assert shown["follow_user"][0]["state"] == "poster"
    record = ask.good("customer.batch_get", userid_list=["zhangsan"])["external_contact_list"][0]
    assert "unionid" not in record["external_contact"]
    assert "remark_mobiles" not in record["follow_info"]
    people = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["member_list"]
    assert [("unionid" in person, person["userid"]) for person in people] == [
        (False, "zhangsan"),
        (False, customer.external_userid),
    ]
    corp.app.hidden_fields = ()
    assert (
        "unionid"
        in ask.good("customer.get", external_userid=customer.external_userid)["external_contact"]
    )


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"hidden_fields": ["unionId"]}, "no reply has an optional field 'unionId'; did you mean 'unionid'?"),
        ({"hidden_fields": ["nothing at all"]}, "no reply has an optional field 'nothing at all'$"),
        ({"hidden_fields": "unionid"}, "a set of names, not 'unionid'"),
        ({"denied": ["group_message"]}, "no resource and no call 'group_message'; did you mean"),
        ({"denied": ["moment.add"]}, "no resource and no call 'moment.add'; did you mean"),
        ({"denied": "moment"}, "denied: a set of names, not 'moment'"),
        ({"trusted_ips": "127.0.0.1"}, "a list of addresses, not '127.0.0.1'"),
        ({"trusted_ips": ["localhost"]}, "'localhost' does not appear to be"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_in_what_an_app_may_do_is_refused_at_once(
    corp: Simulator, words: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        corp.add_app("crm", **words)
    assert "crm" not in corp.apps
    for taken in (corp.app.name, "suite", "provider"):
        with pytest.raises(ValueError, match=f"{taken} is there already"):
            corp.add_app(taken)
    (name, value), *_ = words.items()
    with pytest.raises(ValueError, match=what):
        setattr(corp.app, name, value)


@rule(
    "93338",
    "Of a mass message and of a moment an app is shown the tasks of the members it sees.",
    "群发和朋友圈的成员任务列表，只返回应用可见范围内的成员。",
)
def test_an_app_is_shown_the_tasks_of_the_members_it_sees(
    corp: Simulator, zhang: Member, lisi: Member, ask: Asker, crm_ask: Asker
) -> None:
    people = (corp.add_customer("王", follow=zhang), corp.add_customer("赵", follow=lisi))
    ids = [customer.external_userid for customer in people]
    text = {"content": "t"}
    msgid = ask.good("group_msg.add_template", text=text, external_userid=ids)["msgid"]
    jobid = ask.good("moment.add_task", text=text)["jobid"]
    corp.clock.advance(minutes=1)
    moment_id = ask.good("moment.get_task_result", jobid=jobid)["result"]["moment_id"]
    for call, words in (
        ("group_msg.get_task", {"msgid": msgid}),
        ("moment.get_task", {"moment_id": moment_id}),
    ):
        asked = {each["userid"] for each in ask.good(call, **words)["task_list"]}
        assert asked == {"zhangsan", "lisi"}
        (task,) = crm_ask.good(call, **words)["task_list"]
        assert task["userid"] == "zhangsan"
    assert crm_ask.code("group_msg.get_send_result", msgid=msgid, userid="lisi") == 60011
    assert crm_ask.code("moment.get_comments", moment_id=moment_id, userid="lisi") == 60011


@rule(
    "95097",
    "The range of an intercept rule shows only the members and departments an app sees.",
    "敏感词规则的适用范围，只返回应用可见范围内的成员和部门。",
)
def test_an_app_is_shown_the_part_of_a_range_it_sees(
    corp: Simulator, sales: Department, zhang: Member, lisi: Member, ask: Asker, crm_ask: Asker
) -> None:
    whole = {"user_list": ["zhangsan", "lisi"], "department_list": [1, sales.id]}
    made = ask.good(
        "intercept_rule.add",
        rule_name="返现",
        word_list=["返现"],
        intercept_type=1,
        applicable_range=whole,
    )
    id = {"rule_id": made["rule_id"]}
    assert ask.good("intercept_rule.get", **id)["rule"]["applicable_range"] == whole
    assert crm_ask.good("intercept_rule.get", **id)["rule"]["applicable_range"] == {
        "user_list": ["zhangsan"],
        "department_list": [sales.id],
    }


@rule(
    "90313",
    "An app calls only what it has a permission for (48002).",
    "应用没有相应权限的接口不能调用（48002）。",
    does=(
        "everything, unless `denied` names resources or calls",
        "默认都可调用；`denied` 列出不可调用的资源或接口",
    ),
)
def test_an_app_calls_what_it_has_a_permission_for(corp: Simulator, zhang: Member) -> None:
    crm = corp.add_app("crm", denied={"intercept_rule", "group_chat.get"})
    ask, other = Asker(corp, crm), Asker(corp)
    chat = {"chat_id": corp.add_group_chat("群", zhang).chat_id}
    assert ask.code("intercept_rule.list") == 48002
    assert ask.code("intercept_rule.get", rule_id="x") == 48002
    assert ask.code("group_chat.get", **chat) == 48002
    ask.good("group_chat.list", limit=1)
    other.good("group_chat.get", **chat)
    crm.denied = ()
    ask.good("group_chat.get", **chat)
