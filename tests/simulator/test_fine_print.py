"""The fine print of the official pages, asked over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import fields
from wecom_contact import events
from wecom_contact.testing import Lifetimes, Member, Simulator

from simulator.asking import PNG, HttpAsker, other_token
from simulator.rules import rule

DAY = 86_400
OTHER_TOKENS = {
    "suite_access_token": "/cgi-bin/service/customer_acquisition/get_bill_list",
    "provider_access_token": "/cgi-bin/service/externalcontact/finish_external_userid_migration",
}


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def lisi(corp: Simulator, zhang: Member) -> Member:
    return corp.add_member("lisi", "李四")


def way(ask: HttpAsker, type: int, **words: Any) -> dict[str, Any]:
    return ask("contact_way.add", **{"type": type, "scene": 2, **words})


class TestContactWays:
    """What is for one member only, and what for several."""

    @rule(
        "92228",
        "A contact way for one member has no departments: `party` changes nothing.",
        "单人「联系我」没有使用部门：`party` 不起作用。",
    )
    def test_departments_given_to_a_single_way_change_nothing(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        id = {"config_id": way(ask, 1, user=["zhangsan"])["config_id"]}
        ask.good("contact_way.update", **id, party=[1])
        assert ask.good("contact_way.get", **id)["contact_way"]["party"] == []
        corp.add_member("wangwu")
        assert {corp.customer_scans(id["config_id"]).member.userid for _ in range(3)} == {
            "zhangsan"
        }
        several = {"config_id": way(ask, 2, user=["zhangsan"])["config_id"]}
        ask.good("contact_way.update", **several, party=[1])
        assert ask.good("contact_way.get", **several)["contact_way"]["party"] == [1]

    @rule(
        "92228",
        "A temporary chat is with one member: several, or a department, are refused.",
        "临时会话仅支持单人：多名成员或部门会被拒绝。",
    )
    def test_a_temporary_chat_is_with_one_member(self, lisi: Member, ask: HttpAsker) -> None:
        for several in ({"user": ["zhangsan", "lisi"]}, {"user": ["zhangsan"], "party": [1]}):
            assert way(ask, 2, is_temp=True, **several)["errcode"] == 40058
            assert way(ask, 2, is_temp=False, **several)["errcode"] == 0
        made = way(ask, 1, is_temp=True, user=["zhangsan"])
        id = {"config_id": made["config_id"]}
        assert ask.code("contact_way.update", **id, user=["zhangsan", "lisi"]) == 40058
        ask.good("contact_way.update", **id, user=["lisi"])

    @rule(
        "92228",
        "A temporary chat ends by itself, `chat_expires_in` after the adding, and says its farewell.",
        "临时会话在添加好友后 `chat_expires_in` 秒自动结束，并发送结束语。",
    )
    @pytest.mark.parametrize("lives", [None, 600])
    def test_a_temporary_chat_ends_by_itself(
        self, lives: int | None, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        corp.clock.freeze()
        words = {} if lives is None else {"chat_expires_in": lives}
        farewell = {"text": {"content": "再见"}}

        def scan(whom: str | None = None) -> dict[str, str]:
            made = way(ask, 1, is_temp=True, user=["zhangsan"], conclusions=farewell, **words)
            follow = corp.customer_scans(made["config_id"], whom)
            return {"userid": "zhangsan", "external_userid": follow.customer.external_userid}

        def said(who: dict[str, str]) -> list[tuple[str, str | None]]:
            return [(each.kind, each.text) for each in corp.messages_to(who["external_userid"])]

        left, closed = scan(), scan()
        corp.clock.advance(seconds=(lives or DAY) - 1)
        ask.good("contact_way.close_temp_chat", **closed)
        assert (said(left), said(closed)) == ([], [("conclusion", "再见")])
        corp.clock.advance(seconds=1)
        assert said(left) == said(closed) == [("conclusion", "再见")]
        for who in (left, closed):
            assert ask.code("contact_way.close_temp_chat", **who) == 40058
        # Who is no friend any more hears nothing.
        for part in (corp.customer_deletes, lambda whom, who: corp.member_deletes(who, whom)):
            gone = scan()
            part(gone["external_userid"], "zhangsan")
            corp.clock.advance(seconds=lives or DAY)
            assert said(gone) == []
        # Who is a friend already opens no temporary chat.
        known = corp.add_customer("王五", follow="zhangsan").external_userid
        assert ask.code("contact_way.close_temp_chat", **scan(known)) == 40058

    @rule(
        "92228",
        "Buttons for several members have styles 1 and 2, those for one also 3.",
        "多人的小程序按钮只有样式 1 和 2，单人的还有样式 3。",
    )
    def test_the_third_style_is_for_one_member(self, lisi: Member, ask: HttpAsker) -> None:
        both = ["zhangsan", "lisi"]
        assert way(ask, 1, scene=1, style=3, user=["zhangsan"])["errcode"] == 0
        assert way(ask, 2, scene=1, style=3, user=both)["errcode"] == 41042
        made = way(ask, 2, scene=1, style=2, user=both)
        id = {"config_id": made["config_id"]}
        assert ask.code("contact_way.update", **id, style=3) == 41042
        ask.good("contact_way.update", **id, style=1)


class TestTags:
    """How many, and whose."""

    @rule(
        "92118",
        "A customer has at most 3,000 tags of one member.",
        "每个成员对同一客户最多打 3000 个标签。",
    )
    def test_a_customer_has_at_most_3000_tags_of_a_member(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        wang = corp.add_customer("王五", follow=["zhangsan", "lisi"])
        group = corp.add_tag_group("g", [f"t{number}" for number in range(3001)])
        *most, last = [tag.id for tag in group.tags]
        whom = {"external_userid": wang.external_userid}
        zhangsan = {**whom, "userid": "zhangsan"}
        assert ask.code("customer_tag.mark", **zhangsan, add_tag=[*most, last]) == 40058
        assert not corp.follow("zhangsan", wang).tags
        ask.good("customer_tag.mark", **zhangsan, add_tag=most)
        assert ask.code("customer_tag.mark", **zhangsan, add_tag=[last]) == 40058
        ask.good("customer_tag.mark", **zhangsan, add_tag=[last], remove_tag=most[:1])
        ask.good("customer_tag.mark", **whom, userid="lisi", add_tag=[last])

    @rule(
        "94882",
        "A tag of a strategy is put on by members in the range of the strategy alone.",
        "规则组标签仅可被该规则组管理范围内的成员使用。",
    )
    def test_a_strategy_tag_is_for_members_in_its_range(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        sales = corp.add_department("销售部")
        corp.add_member("wangwu", department=corp.add_department("一组", parent=sales))
        li = corp.add_customer("李总", follow=["zhangsan", "lisi", "wangwu"])
        strategy = corp.add_strategy("华东", members=["zhangsan"], departments=[sales.id])
        (tag,) = corp.add_tag_group("规则", ["甲"], strategy=strategy, app=corp.app).tags
        codes = [
            ask.code(
                "customer_tag.mark",
                userid=userid,
                external_userid=li.external_userid,
                add_tag=[tag.id],
            )
            for userid in ("zhangsan", "wangwu", "lisi")
        ]
        assert codes == [0, 0, 40068]
        strategy.range.clear()
        whom = {"userid": "zhangsan", "external_userid": li.external_userid}
        ask.good("customer_tag.mark", **whom, remove_tag=[tag.id])


class TestCustomersOfMembersWithoutPermission:
    """Members without 客户联系 have no customers, whomever they added."""

    @rule(
        "92114",
        "Members without the customer-contact feature are no followers of a customer.",
        "未配置客户联系功能的成员不会作为客户的跟进人返回。",
    )
    def test_they_are_not_shown_as_followers(self, corp: Simulator, lisi: Member) -> None:
        ask = HttpAsker(corp.start())
        wang = corp.add_customer("王五", follow=["zhangsan", "lisi"])
        whom = {"external_userid": wang.external_userid}
        lisi.customer_contact = False
        shown = ask.good("customer.get", **whom)["follow_user"]
        assert [follower["userid"] for follower in shown] == ["zhangsan"]
        corp.members["zhangsan"].customer_contact = False
        assert ask.code("customer.get", **whom) == 84061

    @rule(
        "92994",
        "Members without the customer-contact feature are left out of batch_get; if all are, it is "
        "refused.",
        "批量获取客户详情时跳过未配置客户联系功能的成员；全部未配置则报错。",
    )
    def test_batch_get_passes_them_over(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        corp.add_customer("王五", follow=["zhangsan", "lisi"])
        lisi.customer_contact = False
        for userids in (["zhangsan", "lisi"], ["lisi", "zhangsan"]):
            said = ask.good("customer.batch_get", userid_list=userids)
            shown = [each["follow_info"]["userid"] for each in said["external_contact_list"]]
            assert shown == ["zhangsan"]
        assert ask.code("customer.batch_get", userid_list=["lisi"]) == 84074

    @rule(
        "92115",
        "Calls about a customer of a member without the customer-contact feature are refused.",
        "成员未配置客户联系功能时，不能修改其客户的备注和标签。",
    )
    def test_nothing_is_noted_for_them(self, corp: Simulator, lisi: Member, ask: HttpAsker) -> None:
        wang = corp.add_customer("王五", follow="lisi")
        lisi.customer_contact = False
        whom = {"userid": "lisi", "external_userid": wang.external_userid}
        assert ask.code("customer.remark", **whom, remark="x") == 84074
        (tag,) = corp.add_tag_group("g", ["t"]).tags
        assert ask.code("customer_tag.mark", **whom, add_tag=[tag.id]) == 84074

    @rule(
        "92130",
        "Nothing is told of whom members without the customer-contact feature add, edit or lose.",
        "未配置客户联系功能的成员添加、编辑或失去外部联系人，都没有回调。",
    )
    def test_nothing_is_told_of_them(self, corp: Simulator, lisi: Member) -> None:
        lisi.customer_contact = False
        for half in (False, True):
            follow = corp.customer_adds(lisi, half=half)
            if half:
                corp.member_accepts(lisi, follow.customer)
            corp.member_edits(lisi, follow.customer, remark="x")
            corp.customer_deletes(follow.customer, lisi)
            corp.member_deletes(lisi, follow.customer)
        assert corp.callbacks.events == []
        corp.customer_adds("zhangsan")
        assert len(corp.callbacks.events) == 1


def hand_over(corp: Simulator, ask: HttpAsker, whom: str, old: str, new: str) -> None:
    said = ask.good(
        "transfer.customer", handover_userid=old, takeover_userid=new, external_userid=[whom]
    )
    assert [each["errcode"] for each in said["customer"]] == [0]
    corp.clock.advance(hours=24)


@rule(
    "96325",
    "A customer who is handed on and back brings no `CustomerAdded` to the first member.",
    "客户被分配出去后又分配回原成员时，不会回调添加客户事件（`CustomerAdded`）。",
)
def test_a_customer_who_comes_back_by_handover_is_not_told_as_added(
    corp: Simulator, lisi: Member, ask: HttpAsker
) -> None:
    wang = corp.add_customer("王五", follow="zhangsan").external_userid
    hand_over(corp, ask, wang, "zhangsan", "lisi")
    hand_over(corp, ask, wang, "lisi", "zhangsan")
    told = [(type(each), getattr(each, "userid", "")) for each in corp.callbacks.events]
    assert told == [
        (events.CustomerDeleted, "zhangsan"),
        (events.CustomerAdded, "lisi"),
        (events.CustomerDeleted, "lisi"),
    ]
    assert ask.good("customer.list", userid="zhangsan")["external_userid"] == [wang]


class TestGroups:
    """Who is in a group, and how they came."""

    @rule(
        "92122",
        "Nobody is in a group twice; who is in it and scans again is not told.",
        "同一个人不会重复入群；已在群里的人再次扫码不会产生回调。",
    )
    def test_nobody_joins_a_group_twice(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        chat = corp.add_group_chat("群", "zhangsan", ["zhangsan", "lisi", "lisi"])
        door = corp.add_join_way([chat])
        wang = corp.add_customer("王五")
        corp.customer_joins(door, wang)
        told = len(corp.callbacks.events)
        version = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["member_version"]
        for group in (door, chat):
            for who in (wang, wang.external_userid, lisi):
                assert corp.customer_joins(group, who) is chat
        shown = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
        userids = [each["userid"] for each in shown["member_list"]]
        assert userids == ["zhangsan", "lisi", wang.external_userid]
        assert (shown["member_version"], len(corp.callbacks.events)) == (version, told)
        corp.customer_leaves(chat, wang)
        corp.customer_joins(door, wang)
        assert len(corp.callbacks.events) == told + 2, "who left may come again"

    @rule(
        "92122",
        "`invitor` is the member who invited somebody, a colleague too; there is none where a "
        "customer "
        "invited, or a QR code was scanned.",
        "`invitor` 是邀请人，同事被邀请时也有；由客户邀请或扫码入群时没有。",
    )
    def test_the_invitor_is_a_member_of_the_corp(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> None:
        wang = corp.add_customer("王五")
        chat = corp.add_group_chat("群", "zhangsan", [wang, lisi])
        corp.customer_joins(chat, name="甲")
        corp.customer_joins(chat, name="乙", invitor="lisi")
        corp.customer_joins(chat, name="丙", invitor=wang)
        corp.customer_joins(chat, corp.add_member("wangwu", "丁"), invitor=lisi)
        corp.customer_joins(corp.add_join_way([chat]), name="戊")
        shown = ask.good("group_chat.get", chat_id=chat.chat_id, need_name=1)["group_chat"]
        invitors = {each["name"]: each.get("invitor") for each in shown["member_list"]}
        zhangsan, lisi_ = {"userid": "zhangsan"}, {"userid": "lisi"}
        assert invitors == {
            "张三": None,
            "王五": zhangsan,
            "李四": zhangsan,
            "甲": zhangsan,
            "乙": lisi_,
            "丙": None,
            "丁": lisi_,
            "戊": None,
        }
        with pytest.raises(KeyError):
            corp.customer_joins(chat, name="己", invitor="nobody")

    @rule(
        "94822",
        "An opengid that is not one of a customer group of the corp gets 90511.",
        "不属于本企业客户群的 opengid 报 90511。",
    )
    def test_an_unknown_opengid_has_its_own_code(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        chat = corp.add_group_chat("群", zhang)
        call = "group_chat.opengid_to_chatid"
        assert ask.good(call, opengid=chat.opengid)["chat_id"] == chat.chat_id
        assert ask.code(call, opengid="ogno") == 90511
        corp.group_dismissed(chat)
        assert ask.code(call, opengid=chat.opengid) == 90511

    @rule(
        "92366",
        "%NICKNAME% in a group welcome becomes the name of whoever joined.",
        "入群欢迎语中的 %NICKNAME% 会替换为入群者的昵称。",
    )
    def test_the_nickname_in_a_group_welcome_is_that_of_the_newcomer(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        text = "欢迎%NICKNAME%，%NICKNAME%你好，%nickname%"
        made = ask.good("group_welcome_template.add", text={"content": text})
        id = {"template_id": made["template_id"]}
        chat = corp.add_group_chat("群", zhang)
        corp.customer_joins(chat, name="王五", welcome=made["template_id"])
        (message,) = corp.messages_to(chat)
        assert message.text == "欢迎王五，王五你好，%nickname%", "the letters' case counts"
        assert ask.good("group_welcome_template.get", **id)["text"] == {"content": text}


class TestPictures:
    """An image is an upload, or the address of one."""

    @pytest.fixture(params=["mass", "welcome", "group_welcome"])
    def send(self, request: pytest.FixtureRequest, corp: Simulator, zhang: Member) -> Any:
        """Sends an image the one way or the other: the errcode, and what arrived."""
        ask = HttpAsker(corp.start())

        def mass(image: dict[str, str | None]) -> tuple[int, Any]:
            whom = corp.add_customer("王五", follow=zhang).external_userid
            attachments = [{"msgtype": "image", "image": image}]
            said = ask("group_msg.add_template", external_userid=[whom], attachments=attachments)
            if said["errcode"]:
                return int(said["errcode"]), None
            corp.member_sends(said["msgid"])
            now = corp.clock.seconds()
            listed = ask.good(
                "group_msg.list", chat_type="single", start_time=now - 60, end_time=now + 60
            )["group_msg_list"][0]
            (attachment,) = listed["attachments"]
            (arrived,) = corp.messages_to(whom)[0].attachments
            assert attachment == arrived
            return 0, arrived["image"]

        def welcome(image: dict[str, str | None]) -> tuple[int, Any]:
            whom = corp.customer_adds(zhang).customer
            event = corp.callbacks.events[-1]
            assert isinstance(event, events.CustomerAdded)
            attachments = [{"msgtype": "image", "image": image}]
            code = ask.code(
                "welcome.send", welcome_code=event.welcome_code, attachments=attachments
            )
            arrived = [each.attachments[0]["image"] for each in corp.messages_to(whom)]
            return code, arrived[0] if arrived else None

        def group_welcome(image: dict[str, str | None]) -> tuple[int, Any]:
            said = ask("group_welcome_template.add", image=image)
            if said["errcode"]:
                return int(said["errcode"]), None
            chat = corp.add_group_chat("群", zhang)
            corp.customer_joins(chat, welcome=said["template_id"])
            shown = ask.good("group_welcome_template.get", template_id=said["template_id"])
            assert shown["image"].keys() == {"pic_url"}
            (arrived,) = corp.messages_to(chat)[0].attachments
            assert ("pic_url" in arrived["image"]) == (
                shown["image"]["pic_url"] == arrived["image"].get("pic_url")
            ), "the address given back is that of the picture which counts"
            return 0, arrived["image"]

        ways = {"mass": mass, "welcome": welcome, "group_welcome": group_welcome}
        return ways[request.param]

    @rule(
        "92135",
        "Where an image has both `media_id` and `pic_url`, `media_id` counts.",
        "图片同时填写 `media_id` 和 `pic_url` 时使用 `media_id`。",
    )
    def test_the_media_id_counts_where_there_is_an_address_too(
        self, corp: Simulator, send: Any, ask: HttpAsker
    ) -> None:
        media_id = ask.good("media.upload", PNG, type="image")["media_id"]
        pic_url = ask.good("media.upload_image", PNG)["url"]
        assert send({"media_id": media_id, "pic_url": pic_url}) == (0, {"media_id": media_id})
        assert send({"media_id": "none", "pic_url": pic_url}) == (40007, None)
        assert send({"media_id": media_id, "pic_url": None}) == (0, {"media_id": media_id})
        assert send({"media_id": None, "pic_url": pic_url}) == (0, {"pic_url": pic_url})

    @rule(
        "92135",
        "A `pic_url` is an address that `media.upload_image` gave; no other is taken.",
        "`pic_url` 仅可使用上传图片接口（`media.upload_image`）得到的链接。",
    )
    def test_only_addresses_of_uploaded_pictures_are_taken(
        self, corp: Simulator, send: Any, ask: HttpAsker
    ) -> None:
        pic_url = ask.good("media.upload_image", PNG)["url"]
        for address in ("https://example.com/a.png", f"{pic_url}?x=1", pic_url[:-1]):
            assert send({"pic_url": address}) == (40058, None)
        assert send({"pic_url": pic_url}) == (0, {"pic_url": pic_url})


@rule(
    "97298",
    "The customer_channel of an acquisition link is cut after 64 bytes, not within a character.",
    "获客链接的 customer_channel 超过 64 字节会被截断（不会截断半个字符）。",
)
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a" * 64, "a" * 64),
        ("a" * 65, "a" * 64),
        ("渠" * 22, "渠" * 21),
        ("渠" * 21 + "道道", "渠" * 21),
        ("渠" * 21 + "ab", "渠" * 21 + "a"),
        ("😀" * 17, "😀" * 16),
    ],
)
def test_a_channel_of_more_than_64_bytes_is_cut(
    given: str, kept: str, corp: Simulator, zhang: Member, ask: HttpAsker
) -> None:
    link = corp.add_acquisition_link("链接", [zhang])
    follow = corp.customer_clicks(link, state=given)
    assert follow is not None
    whom = {"external_userid": follow.customer.external_userid}
    assert ask.good("customer.get", **whom)["follow_user"][0]["state"] == kept
    (listed,) = ask.good("customer_acquisition.list_customers", link_id=link.link_id)[
        "customer_list"
    ]
    assert listed["state"] == kept
    states = [each.state for each in corp.callbacks.events if hasattr(each, "state")]
    assert states == [kept] * 3


class TestStatistics:
    """Thirty days apart is not more than thirty days."""

    @pytest.mark.parametrize("apart", [30, 31])
    @rule(
        "92132",
        "The first and the last day of statistics are at most 30 days apart.",
        "统计数据起止日期的跨度最大为 30 天。",
    )
    def test_days_at_most_thirty_apart(
        self, apart: int, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        corp.clock.freeze()
        last = corp.today() - DAY
        first = last - apart * DAY
        code = 0 if apart == 30 else 40058
        link = {"link_id": corp.add_acquisition_link("链接", [zhang]).link_id}
        span = {"start_time": first, "end_time": last}
        said = ask("statistics.user_behavior", userid=["zhangsan"], **span)
        assert said["errcode"] == code
        assert ask.code("customer_acquisition.statistic", **link, **span) == code
        for call in ("statistics.group_chat", "statistics.group_chat_by_day"):
            assert ask.code(call, day_begin_time=first, day_end_time=last) == code
        if not code:
            assert [day["stat_time"] for day in said["behavior_data"]][::apart] == [first, last]


class TestTokensOfSuites:
    """Each thing that is wrong or missing has its code."""

    @rule(
        "90313",
        "A suite's token: 40083 for a wrong suite_id, 40080 for a wrong secret, 40085 for a wrong "
        "ticket; "
        "41021, 41024 and 41023 where they are missing.",
        "第三方应用凭证：suite_id 错误报 40083，secret 错误报 40080，ticket 错误报 40085；缺少时分别报 41021、41024、41023。",
    )
    @pytest.mark.parametrize(
        ("key", "wrong", "missing"),
        [
            ("suite_id", 40083, 41021),
            ("suite_secret", 40080, 41024),
            ("suite_ticket", 40085, 41023),
        ],
    )
    def test_of_a_suite(
        self, key: str, wrong: int, missing: int, corp: Simulator, ask: HttpAsker
    ) -> None:
        suite = corp.suite
        right = {
            "suite_id": suite.suite_id,
            "suite_secret": suite.secret,
            "suite_ticket": suite.ticket,
        }
        assert post(ask, "get_suite_token", right) == 0
        assert post(ask, "get_suite_token", {**right, key: "wrong"}) == wrong
        assert post(ask, "get_suite_token", {**right, key: ""}) == missing
        del right[key]
        assert post(ask, "get_suite_token", right) == missing

    @rule(
        "90313",
        "A corp's token: 40013 for a wrong auth_corpid, 40084 for a wrong permanent_code; "
        "41002 and 41025 where they are missing.",
        "授权企业凭证：auth_corpid 错误报 40013，permanent_code 错误报 40084；缺少时分别报 41002、41025。",
    )
    @pytest.mark.parametrize(
        ("key", "wrong", "missing"),
        [("auth_corpid", 40013, 41002), ("permanent_code", 40084, 41025)],
    )
    def test_of_an_authorised_corp(
        self, key: str, wrong: int, missing: int, corp: Simulator, ask: HttpAsker
    ) -> None:
        right = {"auth_corpid": corp.corp_id, "permanent_code": corp.suite.permanent_code}
        token = {"suite_access_token": other_token(corp, "suite_access_token")}
        assert post(ask, "get_corp_token", right, token) == 0
        assert post(ask, "get_corp_token", {**right, key: "wrong"}, token) == wrong
        del right[key]
        assert post(ask, "get_corp_token", right, token) == missing

    @rule(
        "90313",
        "A provider's token: 40013 for a wrong corpid, 40001 for a wrong secret; "
        "41002 and 41004 where they are missing.",
        "服务商凭证：corpid 错误报 40013，secret 错误报 40001；缺少时分别报 41002、41004。",
    )
    @pytest.mark.parametrize(
        ("key", "wrong", "missing"), [("corpid", 40013, 41002), ("provider_secret", 40001, 41004)]
    )
    def test_of_a_provider(
        self, key: str, wrong: int, missing: int, corp: Simulator, ask: HttpAsker
    ) -> None:
        right = {
            "corpid": corp.suite.provider_id,
            "provider_secret": corp.suite.provider_secret,
        }
        assert post(ask, "get_provider_token", right) == 0
        assert post(ask, "get_provider_token", {**right, key: "wrong"}) == wrong
        del right[key]
        assert post(ask, "get_provider_token", right) == missing

    def test_wrong_secrets_of_a_suite_ban_the_address_too(
        self, corp: Simulator, ask: HttpAsker
    ) -> None:
        corp.limits.wrong_secrets_an_hour = 2
        suite = corp.suite
        body = {"suite_id": suite.suite_id, "suite_secret": "x", "suite_ticket": suite.ticket}
        assert [post(ask, "get_suite_token", body) for _ in range(3)] == [40080, 40080, 45009]


class TestLifetimes:
    """Each of them ends something, at its second."""

    @pytest.fixture
    def things(
        self, corp: Simulator, lisi: Member, ask: HttpAsker
    ) -> dict[str, Callable[[], bool]]:
        """Begins everything that ends; each function tells whether it still is."""
        corp.clock.freeze()
        corp.manner.job_polls = 100
        wang = corp.add_customer("王五", follow="zhangsan", unionid="o1")
        corp.customer_adds("zhangsan", name="新")
        added = corp.callbacks.events[-1]
        assert isinstance(added, events.CustomerAdded)
        link = corp.add_acquisition_link("链接", ["zhangsan"])
        follow = corp.customer_clicks(link)
        assert follow is not None
        key = corp.customer_writes("zhangsan", follow.customer, times=3)
        media_id = ask.good("media.upload", PNG, type="image")["media_id"]
        posted = ask.good("moment.add_task", text={"content": "x"})["jobid"]
        fetched = ask.good(
            "media.upload_by_url", scene=1, type="file", filename="a", url="https://a.cn/a", md5="0"
        )["jobid"]
        person = {"unionid": "o1", "openid": "oDOGms" + wang.external_userid[10:]}
        ask.good("id_convert.unionid_to_pending_id", **person)
        handed = {"handover_userid": "zhangsan", "takeover_userid": "lisi"}
        ask.good("transfer.customer", **handed, external_userid=[wang.external_userid])
        corp.customer_adds("zhangsan", name="更新")
        raced = corp.callbacks.events[-1]
        assert isinstance(raced, events.CustomerAdded)
        assert raced.welcome_code is not None
        corp.welcome_codes[raced.welcome_code].created_at += DAY
        welcome = {"welcome_code": raced.welcome_code, "text": {"content": "您好"}}
        ask.good("welcome.send", **welcome)
        other = HttpAsker(corp, corp.add_app("other"))
        gone = corp.add_member("gone")
        chat = corp.add_group_chat("群", gone)
        full = corp.add_group_chat("满", gone)
        full.full = True
        corp.resign(gone)
        ask.good("resigned_transfer.group_chat", chat_id_list=[chat.chat_id], new_owner="lisi")
        lagging = corp.add_group_chat("旧名", "zhangsan")
        corp.group_renamed(lagging, "新名")
        corp.manner.provider_pays = True
        call = "customer_acquisition_component.create_once_key"
        once_key = ask.good(call, link_id=link.link_id)["keys"][0]

        def pays() -> bool:
            try:
                corp.customer_clicks(link, adds=False, once_key=once_key)
            except ValueError:
                return False
            return True

        corp.add_member("wangwu", last_login=corp.clock.seconds())
        given = {"handover_userid": "lisi", "takeover_userid": "wangwu", "external_userid": ["wm"]}
        tokens = {kind: other_token(corp, kind) for kind in OTHER_TOKENS}
        token, ticket = ask.token, corp.suite.ticket
        cursor = ask.good("customer.list_served", limit=1)["next_cursor"]
        shown = self.second_page(ask, cursor)

        def with_token(kind: str, value: str, path: str) -> bool:
            reply = ask.send("POST", path, {kind: value}, b"{}")
            return json.loads(reply.body)["errcode"] not in (42001, 42009)

        def takes(ticket: str) -> bool:
            suite = corp.suite
            body = {"suite_id": suite.suite_id, "suite_secret": suite.secret}
            return post(ask, "get_suite_token", {**body, "suite_ticket": ticket}) == 0

        def refused(chat_id: str) -> int:
            moved = {"chat_id_list": [chat_id], "new_owner": "lisi"}
            said = ask.good("resigned_transfer.group_chat", **moved)
            return int(said["failed_chat_list"][0]["errcode"])

        pending = "id_convert.batch_external_userid_to_pending_id"
        return {
            "token": lambda: (
                with_token("access_token", token, "/cgi-bin/externalcontact/get_corp_tag_list")
                and all(with_token(kind, tokens[kind], OTHER_TOKENS[kind]) for kind in tokens)
            ),
            "welcome_code": lambda: (
                ask.code("welcome.send", welcome_code=added.welcome_code, text={"content": ""})
                != 41050
            ),
            "media": lambda: ask.reply("media.get", media_id=media_id).body == PNG,
            "job": lambda: ask.code("moment.get_task_result", jobid=posted) == 0,
            "upload_job": lambda: ask.code("media.get_upload_by_url_result", jobid=fetched) == 0,
            "takeover": lambda: ask.good("transfer.result", **handed)["customer"][0]["status"] == 2,
            "departed": lambda: refused(full.chat_id) == 90503,
            "tmp_openid": lambda: self.second_page(ask, cursor) == shown,
            "chat_key": lambda: ask.code("customer_acquisition.get_chat_info", chat_key=key) == 0,
            "pending_id": lambda: (
                ask.good(pending, external_userid=[wang.external_userid])["result"] != []
            ),
            "suite_ticket": lambda: takes(ticket),
            "cursor": lambda: ask.code("customer.list_served", limit=1, cursor=cursor) == 0,
            "welcome_sending": lambda: other.code("welcome.send", **welcome) == 41096,
            "once_key": pays,
            "group_takeover": lambda: chat.status == 2,
            "group_lag": lambda: (
                ask.good("group_chat.get", chat_id=lagging.chat_id)["group_chat"]["name"] == "旧名"
            ),
            "login": lambda: ask.code("transfer.customer", **given) != 40205,
        }

    def second_page(self, ask: HttpAsker, cursor: str) -> list[str]:
        said = json.loads(ask.reply("customer.list_served", limit=1, cursor=cursor).body)
        return [each["tmp_openid"] for each in said.get("info_list", ())]

    @rule(
        "90313",
        "What has an end ends at its second: tokens, tickets, welcome codes, media, jobs, keys, "
        "ids, cursors.",
        "有有效期的，到点即失效：凭证、ticket、欢迎语 code、素材、任务、key、临时 ID 和 cursor。",
    )
    @pytest.mark.parametrize("name", [attribute.name for attribute in fields(Lifetimes)])
    @pytest.mark.parametrize("life", [None, 100])
    def test_it_ends_at_its_second(
        self, name: str, life: int | None, corp: Simulator, request: pytest.FixtureRequest
    ) -> None:
        if life is not None:
            setattr(corp.lifetimes, name, life)
        alive = request.getfixturevalue("things")[name]
        # A welcome code is good for 20 seconds, the twentieth included.
        last = getattr(corp.lifetimes, name) - (name != "welcome_code")
        if last >= 0:  # what lasts no time is over at once
            corp.clock.advance(seconds=last)
            assert alive()
            corp.clock.advance(seconds=1)
        assert not alive()


def post(
    ask: HttpAsker, name: str, body: dict[str, str], query: dict[str, str] | None = None
) -> int:
    reply = ask.send("POST", f"/cgi-bin/service/{name}", query or {}, json.dumps(body).encode())
    code: int = json.loads(reply.body)["errcode"]
    return code
