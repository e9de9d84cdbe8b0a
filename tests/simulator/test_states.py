"""States of a corp that a test can arrange in a line or two, asked over HTTP and told by events."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from wecom_contact import BEIJING, events
from wecom_contact.testing import Customer, GroupChat, Member, Simulator

from simulator.asking import PNG, HttpAsker
from simulator.rules import rule

DAY = 86_400


@pytest.fixture
def corp() -> Iterator[Simulator]:
    with Simulator(now=datetime(2026, 3, 10, 12, tzinfo=BEIJING)) as corp:
        corp.clock.freeze()
        yield corp


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp)


@pytest.fixture
def lisi(corp: Simulator) -> Member:
    return corp.add_member("lisi", "李四")


def told(corp: Simulator) -> Any:
    """What was told last."""
    return corp.callbacks.events[-1]


def names(corp: Simulator) -> list[str]:
    return [type(event).__name__ for event in corp.callbacks.events]


class TestACorpWithoutDeveloperAccount:
    """It knows no unionid."""

    @rule(
        "92114",
        "Without a WeChat developer account there are no unionids, and naming one in a contact way is refused (41057).",
        "未绑定微信开发者账号时没有 unionid，「联系我」中指定 unionid 会被拒绝（41057）。",
    )
    def test_it_has_no_unionids(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
        wang = corp.add_customer("王五", follow=zhang, unionid="o1")
        chat = corp.add_group_chat("群", zhang, [wang])
        way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}

        def unionids() -> list[str | None]:
            shown = ask.good("customer.get", external_userid=wang.external_userid)
            people = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["member_list"]
            records = ask.good("customer.batch_get", userid_list=["zhangsan"])
            return [
                shown["external_contact"].get("unionid"),
                people[1].get("unionid"),
                records["external_contact_list"][0]["external_contact"].get("unionid"),
            ]

        assert unionids() == ["o1"] * 3
        made = ask.good("contact_way.add", **way, unionid="o1")["config_id"]
        corp.developer_account = False
        assert unionids() == [None] * 3
        assert ask.code("contact_way.add", **way, unionid="o1") == 41057
        assert ask.code("contact_way.update", config_id=made, unionid="o1") == 41057
        ask.good("contact_way.add", **way)
        ask.good("contact_way.update", config_id=made, remark="r")
        # Where it is no temporary chat, a unionid is passed over.
        ask.good("contact_way.add", **{**way, "is_temp": False}, unionid="o1")


class TestCustomersWhoUseWeCom:
    """They show more of themselves, or hide it."""

    PROFILE = {
        "external_attr": [
            {"type": 0, "name": "工号", "text": {"value": "007"}},
            {"type": 1, "name": "官网", "web": {"url": "https://a.cn", "title": "官网"}},
            {
                "type": 2,
                "name": "商城",
                "miniprogram": {"appid": "wx1", "pagepath": "index", "title": "商城"},
            },
        ]
    }

    @rule(
        "92114",
        "A customer who uses WeCom shows an external_profile, and no position if that is hidden.",
        "企业微信客户返回 external_profile；隐藏职位时不返回 position。",
    )
    def test_what_they_show_and_hide(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
        words = {"follow": zhang, "corp_name": "海川物流", "position": "经理"}
        plain = corp.add_customer("甲", **words)
        shown = corp.add_customer("乙", **words, external_profile=self.PROFILE)
        hiding = corp.add_customer("丙", **words, hidden_fields={"position"})

        def contact(customer: Customer) -> dict[str, Any]:
            said = ask.good("customer.get", external_userid=customer.external_userid)
            found: dict[str, Any] = said["external_contact"]
            return found

        assert contact(shown)["external_profile"] == self.PROFILE
        assert "external_profile" not in contact(plain)
        assert (contact(plain)["position"], "position" in contact(hiding)) == ("经理", False)
        records = ask.good("customer.batch_get", userid_list=["zhangsan"])["external_contact_list"]
        assert [record["external_contact"] for record in records] == [
            contact(each) for each in (plain, shown, hiding)
        ]
        with corp.client(strict=True) as wecom:
            profile = wecom.customer.get(external_userid=shown.external_userid).first()
            assert profile.external_contact.external_profile is not None

    def test_only_they_have_a_profile(self, corp: Simulator) -> None:
        with pytest.raises(ValueError, match="external_profile: only those who use WeCom"):
            corp.add_customer("甲", external_profile={})
        with pytest.raises(ValueError, match="no reply has an optional field 'post'"):
            corp.add_customer("甲", corp_name="乙", hidden_fields={"post"})
        assert corp.customers == {}

    @rule(
        "92228",
        "With is_exclusive, customers of one company come to the same member if possible.",
        "开启 is_exclusive 后，同一外部企业的客户优先添加到同一成员。",
    )
    def test_an_exclusive_way_leads_to_one_member(
        self, corp: Simulator, zhang: Member, lisi: Member, ask: HttpAsker
    ) -> None:
        corp.add_member("wangwu")
        way = {"type": 2, "scene": 2, "user": ["zhangsan", "lisi"]}
        made = ask.good("contact_way.add", **way, is_exclusive=True)["config_id"]
        usual = ask.good("contact_way.add", **way)["config_id"]

        def comes(config_id: str, corp_name: str | None = "海川物流") -> str:
            customer = corp.add_customer("某", corp_name=corp_name)
            return corp.customer_scans(config_id, customer).member.userid

        corp.add_customer("旧", follow="wangwu", corp_name="海川物流")
        assert [comes(made) for _ in range(3)] == ["zhangsan"] * 3
        assert comes(made, "绿野餐饮") == "lisi", "another company, the next in turn"
        assert [comes(made, None) for _ in range(2)] == ["zhangsan", "lisi"], "WeChat users"
        assert [comes(usual) for _ in range(2)] == ["zhangsan", "lisi"]
        arranged = corp.add_contact_way([lisi, zhang], is_exclusive=True)
        assert [comes(arranged.config_id, "星河科技") for _ in range(2)] == ["lisi"] * 2


class TestGroups:
    """Full ones, those who come together, and how they came."""

    @rule(
        "92229",
        "When all groups of a join way are full, it opens another one, named by room_base_name and room_base_id.",
        "「加入群聊」的群都满员时自动新建群，群名由 room_base_name 与 room_base_id 依次组成。",
        does=(
            "does the same; without a name it takes that of the last group, which is a guess",
            "照做；未设群名时沿用最后一个群的名字，这是推测",
        ),
    )
    def test_a_join_way_opens_another_group_when_all_are_full(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        chats = [corp.add_group_chat(name, zhang) for name in ("甲", "乙")]
        ids = [chat.chat_id for chat in chats]
        words = {"scene": 2, "chat_id_list": ids, "state": "door"}
        room = {"auto_create_room": 1, "room_base_name": "客服群", "room_base_id": 10}
        made = ask.good("group_join_way.add", **words, **room)["config_id"]
        assert [corp.customer_joins(made).chat_id for _ in range(4)] == ids * 2, "in turn"
        chats[0].full = True
        assert [corp.customer_joins(made).chat_id for _ in range(2)] == [ids[1]] * 2
        corp.limits.group_members = 5
        opened = corp.customer_joins(made)
        assert (opened.name, opened.owner, opened.chat_id in ids) == ("客服群10", "zhangsan", False)
        assert names(corp)[-2:] == ["GroupChatCreated", "GroupChatUpdated"]
        assert corp.callbacks.events[-2].chat_id == told(corp).chat_id == opened.chat_id
        shown = ask.good("group_chat.get", chat_id=opened.chat_id)["group_chat"]
        assert (shown["member_list"][1]["join_scene"], shown["member_list"][1]["state"]) == (
            3,
            "door",
        )
        assert corp.customer_joins(made, [corp.add_customer(name) for name in "丙丁戊"]) is opened
        assert corp.customer_joins(made).name == "客服群11"
        listed = ask.good("group_join_way.get", config_id=made)["join_way"]["chat_id_list"]
        assert listed[:3] == [*ids, opened.chat_id]

    def test_without_names_it_counts_from_the_last_group(
        self, corp: Simulator, zhang: Member
    ) -> None:
        corp.add_member("lisi")
        first, chat = corp.add_group_chat("售前群", "lisi"), corp.add_group_chat("售后群", zhang)
        first.full = chat.full = True
        opened = corp.customer_joins(corp.add_join_way([first, chat]))
        assert (opened.name, opened.owner) == ("售后群1", "zhangsan")
        arranged = corp.add_join_way([chat], room_base_name="客服群", room_base_id=7)
        assert corp.customer_joins(arranged).name == "客服群7"

    @rule(
        "92229",
        "Without auto_create_room nobody can join when the groups are full.",
        "未开启自动建群时，群满后无人可以加入。",
    )
    def test_a_full_group_takes_nobody(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        wang = corp.add_customer("王五")
        chat = corp.add_group_chat("甲", zhang, [wang])
        words = {"scene": 2, "chat_id_list": [chat.chat_id], "auto_create_room": 0}
        made = ask.good("group_join_way.add", **words)["config_id"]
        chat.full = True
        with pytest.raises(ValueError, match="all groups of the join way are full"):
            corp.customer_joins(made)
        with pytest.raises(ValueError, match="^the group is full$"):
            corp.customer_joins(chat)
        assert corp.customer_joins(made, wang) is chat, "who is in it already"
        assert (corp.callbacks.events, list(corp.customers)) == ([], [wang.external_userid])
        corp.add_member("lisi")
        failed = ask.good("transfer.group_chat", chat_id_list=[chat.chat_id], new_owner="lisi")
        assert failed["failed_chat_list"][0]["errcode"] == 90503
        chat.full, corp.limits.group_members = False, 2
        with pytest.raises(ValueError, match="^the group is full$"):
            corp.customer_joins(chat)
        corp.limits.group_members = 3
        with pytest.raises(ValueError, match="^the group is full$"):
            corp.customer_joins(chat, [corp.add_customer("甲"), corp.add_customer("乙")])
        corp.customer_joins(chat)
        corp.limits.quotas = False
        corp.customer_joins(chat)

    @rule(
        "92130",
        "Several people who join or leave a group at once are one event, with their number and ids.",
        "多人同时入群或退群只推送一个事件，带人数与成员列表。",
    )
    def test_several_come_and_go_in_one_event(
        self, corp: Simulator, zhang: Member, lisi: Member, ask: HttpAsker
    ) -> None:
        chat = corp.add_group_chat("群", zhang)
        wang, zhao = corp.add_customer("王五"), corp.add_customer("赵六")
        template = corp.add_welcome_template("%NICKNAME%好")
        people = [wang, zhao.external_userid, lisi, "zhangsan", zhao]
        corp.customer_joins(chat, people, welcome=template)
        ids = [wang.external_userid, zhao.external_userid, "lisi"]
        event = told(corp)
        assert (event.update_detail, event.change_count, event.members) == ("add_member", 3, ids)
        assert [each.text for each in corp.messages_to(chat)] == ["王五好", "赵六好", "李四好"]
        shown = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
        assert [each["userid"] for each in shown["member_list"]] == ["zhangsan", *ids]
        assert shown["member_version"] == event.current_version
        before = event.current_version
        with pytest.raises(ValueError, match="nobody is not in the group"):
            corp.customer_leaves(chat, [wang, "nobody"])
        corp.customer_leaves(chat, [wang, "lisi", lisi], removed=True)
        event = told(corp)
        assert (event.update_detail, event.quit_scene) == ("del_member", 1)
        assert (event.change_count, event.members) == (2, [wang.external_userid, "lisi"])
        assert event.last_version == before
        assert names(corp) == ["GroupChatUpdated"] * 2
        left = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["member_list"]
        assert [each["userid"] for each in left] == ["zhangsan", zhao.external_userid]

    @rule(
        "92122",
        "Who comes by an invitation link has join_scene 2 and an invitor; the event's JoinScene is 0 for every invitation.",
        "通过邀请链接入群者 join_scene 为 2，并有 invitor；事件中的 JoinScene 对所有邀请都是 0。",
    )
    def test_an_invitation_link(
        self, corp: Simulator, zhang: Member, lisi: Member, ask: HttpAsker
    ) -> None:
        chat = corp.add_group_chat("群", zhang, [lisi])
        corp.customer_joins(chat, name="甲", by_link=True, invitor=lisi)
        assert told(corp).join_scene == 0
        corp.customer_joins(chat, name="乙")
        people = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]["member_list"]
        assert [
            (each["join_scene"], each["invitor"]["userid"]) for each in people[2:]
        ] == [(2, "lisi"), (1, "zhangsan")]  # fmt: skip


class TestMembersWhoAreAway:
    """Who has not logged in for a year."""

    @pytest.fixture
    def away(self, corp: Simulator) -> Member:
        return corp.add_member("away", last_login=corp.clock.seconds() - 365 * DAY)

    @rule(
        "92125",
        "Members who have not logged in for a year neither give nor take customers and groups (40205).",
        "一年内未登录的成员不能转出或接替客户与客户群（40205）。",
        does=(
            "40205; the pages name no code",
            "返回 40205；官方页面没有写明错误码",
        ),
    )
    def test_they_take_nothing_over(
        self, corp: Simulator, zhang: Member, away: Member, ask: HttpAsker
    ) -> None:
        wang = corp.add_customer("王五", follow=[zhang, away]).external_userid
        chats = [corp.add_group_chat(owner.userid, owner).chat_id for owner in (zhang, away)]

        def hand(give: str, take: str) -> int:
            words = {"handover_userid": give, "takeover_userid": take, "external_userid": [wang]}
            return ask.code("transfer.customer", **words)

        def group_codes(owner: str) -> list[int]:
            said = ask.good("transfer.group_chat", chat_id_list=chats, new_owner=owner)
            return [each["errcode"] for each in said["failed_chat_list"]]

        corp.add_member("lisi")
        words = {"chat_id_list": chats, "new_owner": "away"}
        assert (hand("zhangsan", "away"), hand("away", "lisi")) == (40205, 40205)
        assert ask.code("transfer.group_chat", **words) == 40205
        assert group_codes("lisi") == [40205]
        away.last_login = corp.clock.seconds() - 365 * DAY + 1
        assert hand("away", "lisi") == 0
        assert group_codes("lisi") == [90504], "the first has gone over already"
        listed = ask.good("group_chat.list", limit=10)["group_chat_list"]
        assert [each["status"] for each in listed] == [0, 0]

    def test_of_who_has_left_the_year_before_leaving_counts(
        self, corp: Simulator, zhang: Member, away: Member, ask: HttpAsker
    ) -> None:
        left = corp.add_member("left", last_login=corp.clock.seconds() - 364 * DAY)
        for member in (left, away):
            corp.add_customer(member.userid, follow=member)
            corp.add_group_chat(member.userid, member)
            corp.resign(member)
        corp.clock.advance(days=300)

        def codes(member: Member) -> tuple[int, list[int]]:
            (customer,) = member.customers
            words = {"handover_userid": member.userid, "takeover_userid": "zhangsan"}
            one = ask.code(
                "resigned_transfer.customer", **words, external_userid=[customer.external_userid]
            )
            ids = [each.chat_id for each in corp.group_chats.values() if each.name == member.userid]
            said = ask.good("resigned_transfer.group_chat", chat_id_list=ids, new_owner="zhangsan")
            return one, [each["errcode"] for each in said["failed_chat_list"]]

        assert codes(left) == (0, [])
        assert codes(away) == (40205, [40205])

    @rule(
        "92137",
        "A member who has not logged in for a year cannot greet (40205).",
        "长期未登录的成员无法发送欢迎语（40205）。",
        does=("after a year; `corp.lifetimes.login`", "以一年计；由 `corp.lifetimes.login` 设定"),
    )
    def test_they_greet_nobody(self, corp: Simulator, away: Member, ask: HttpAsker) -> None:
        corp.customer_adds(away)
        words = {"welcome_code": told(corp).welcome_code, "text": {"content": "您好"}}
        assert ask.code("welcome.send", **words) == 40205
        away.last_login = None
        ask.good("welcome.send", **words)

    @rule(
        "",
        "Where nobody of the corp logged in for a year, opengids are not turned into chat_ids (90510).",
        "企业一年内无人登录时，opengid 不能转换为 chat_id（90510）。",
        does=(
            "for this call alone; the pages do not say which",
            "仅限此接口；官方页面没有写明是哪些接口",
        ),
    )
    def test_nobody_is_there(self, corp: Simulator, away: Member, ask: HttpAsker) -> None:
        opengid = corp.add_group_chat("群", away).opengid
        assert ask.code("group_chat.opengid_to_chatid", opengid=opengid) == 90510
        corp.add_member("zhangsan")
        ask.good("group_chat.opengid_to_chatid", opengid=opengid)
        corp.resign("zhangsan")
        assert ask.code("group_chat.opengid_to_chatid", opengid=opengid) == 90510


@rule(
    "92127",
    "While the group of a departed owner gets its new one, its status is 2, and asking again is refused (90507).",
    "离职群继承期间状态为 2，再次分配返回 90507。",
    does=(
        "at once, unless `corp.lifetimes.group_takeover` says how long",
        "立即完成；由 `corp.lifetimes.group_takeover` 设定时长",
    ),
)
def test_a_group_is_being_handed_over_for_a_while(
    corp: Simulator, zhang: Member, lisi: Member, ask: HttpAsker
) -> None:
    corp.lifetimes.group_takeover = 3600
    chat = corp.add_group_chat("群", zhang)
    corp.member_resigns(zhang)

    def hand() -> list[int]:
        words = {"chat_id_list": [chat.chat_id], "new_owner": "lisi"}
        said = ask.good("resigned_transfer.group_chat", **words)
        return [each["errcode"] for each in said["failed_chat_list"]]

    def status(owner: str) -> list[int]:
        owners = {"userid_list": [owner]}
        said = ask.good("group_chat.list", owner_filter=owners, limit=10)
        return [each["status"] for each in said["group_chat_list"]]

    assert status("zhangsan") == [1]
    assert hand() == []
    corp.clock.advance(seconds=3599)
    assert (status("zhangsan"), status("lisi"), hand()) == ([2], [], [90507])
    corp.clock.advance(seconds=1)
    assert (status("zhangsan"), status("lisi"), hand()) == ([], [3], [90508])
    assert chat.has("lisi")


class TestWhatMembersMakeThemselves:
    """Mass messages and moments of members, with media."""

    @rule(
        "93338",
        "A member's own mass message to groups is listed with its creator and media, and its results by chat_id.",
        "成员自己群发到客户群的记录带创建者与素材，结果按 chat_id 返回。",
    )
    def test_a_mass_message_to_groups(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
        chats = [corp.add_group_chat(name, zhang) for name in ("甲", "乙")]
        video = corp.add_media(b"film", "a.mp4", type="video", content_type="video/mp4")
        link = {"msgtype": "link", "link": {"title": "官网", "url": "https://a.cn"}}
        message = corp.add_mass_message(
            "看看", creator=zhang, groups=chats[:1], attachments=[video, link]
        )
        now = corp.clock.seconds()
        span = {"start_time": now - DAY, "end_time": now}
        assert ask.good("group_msg.list", chat_type="single", **span)["group_msg_list"] == []
        (shown,) = ask.good("group_msg.list", chat_type="group", **span)["group_msg_list"]
        assert (shown["creator"], shown["create_type"]) == ("zhangsan", 1)
        film = {"msgtype": "video", "video": {"media_id": video.media_id}}
        assert shown["attachments"] == [film, link]
        assert ask.reply("media.get", media_id=video.media_id).body == b"film"
        assert corp.member_sends(message) == 1
        (sent,) = corp.messages_to(chats[0])
        assert (sent.text, sent.attachments) == ("看看", [film, link])
        words = {"msgid": message.msgid, "userid": "zhangsan"}
        results = ask.good("group_msg.get_send_result", **words)["send_list"]
        assert [(each["chat_id"], each["status"]) for each in results] == [(chats[0].chat_id, 1)]

    def test_customers_and_groups_exclude_each_other(self, corp: Simulator, zhang: Member) -> None:
        with pytest.raises(ValueError, match="to and groups exclude each other"):
            corp.add_mass_message("x", creator=zhang, to=[], groups=[])
        nobody = corp.add_mass_message("x", creator=zhang, to=[])
        assert (nobody.chat_type, nobody.tasks["zhangsan"].targets) == ("single", [])

    @pytest.mark.parametrize(
        "wrong", [{"link": {}}, {"msgtype": "link"}, {"msgtype": "link", "link": "https://a.cn"}]
    )
    def test_an_attachment_is_as_wecom_writes_it(
        self, corp: Simulator, zhang: Member, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match="attachments: {'msgtype': 'link', 'link': {…}}, not"):
            corp.add_moment("x", creator=zhang, attachments=[wrong])
        with pytest.raises(ValueError, match="attachments: "):
            corp.add_mass_message("x", creator=zhang, attachments=[wrong])
        assert (corp.moments, corp.mass_messages) == ({}, {})

    @rule(
        "93333",
        "A member's own moment has its pictures, video, link and place; their media can be downloaded.",
        "成员个人朋友圈返回图片、视频、链接与位置，素材可以下载。",
    )
    def test_a_moment_with_media(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
        when = corp.clock.seconds() - 60
        pictures = [corp.add_media(PNG, f"{number}.png") for number in range(2)]
        place = {"latitude": "23.10647", "longitude": "113.32446", "name": "广州塔"}
        film = corp.add_media(b"film", "a.mp4", type="video", content_type="video/mp4")
        link = {"msgtype": "link", "link": {"title": "官网", "url": "https://a.cn"}}
        corp.add_moment("图", creator=zhang, attachments=pictures, location=place, when=when)
        corp.add_moment(None, creator=zhang, attachments=[film], when=when + 1)
        corp.add_moment(None, creator=zhang, attachments=[link], when=when + 2)
        span = {"start_time": when - 1, "end_time": when + 60}
        shown = ask.good("moment.list", **span, filter_type=1)["moment_list"]
        assert [(each.get("link"), each.get("video"), each.get("image")) for each in shown] == [
            (link["link"], None, None),
            (None, {"media_id": film.media_id}, None),
            (None, None, [{"media_id": each.media_id} for each in pictures]),
        ]
        assert [each.get("location") for each in shown] == [None, None, place]
        assert ask.reply("media.get", media_id=pictures[0].media_id).body == PNG
        with corp.client(strict=True) as wecom:
            start, end = (datetime.fromtimestamp(each, BEIJING) for each in span.values())
            assert len(list(wecom.moment.list(start_time=start, end_time=end))) == 3

    @rule(
        "93333",
        "A deleted moment is not listed, and nothing more can be asked about it (41060).",
        "已删除的朋友圈不再列出，也不能再查询（41060）。",
    )
    def test_a_deleted_moment_is_gone(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
        when = corp.clock.seconds() - 60
        kept, gone = (corp.add_moment(text, creator=zhang, when=when) for text in ("留", "删"))
        corp.likes(gone, zhang, corp.add_customer("王五", follow=zhang))
        corp.member_deletes_moment(gone.moment_id)
        span = {"start_time": when - 1, "end_time": when + 60}
        listed = ask.good("moment.list", **span)["moment_list"]
        assert [each["moment_id"] for each in listed] == [kept.moment_id]
        for moment, code in ((kept, 0), (gone, 41060)):
            words = {"moment_id": moment.moment_id, "userid": "zhangsan"}
            for call in ("get_comments", "get_send_result", "get_customer_list"):
                assert ask.code(f"moment.{call}", **words) == code
        assert corp.callbacks.events == []


class TestAcquisition:
    """Links that stop working, and what is left of their uses."""

    @pytest.fixture
    def quota(self, ask: HttpAsker) -> Any:
        def asked() -> tuple[int, int, list[tuple[int, int]]]:
            said = ask.good("customer_acquisition.quota")
            packages = [(each["expire_date"], each["balance"]) for each in said["quota_list"]]
            return said["total"], said["balance"], packages

        return asked

    @rule(
        "97299",
        "A link that stops working is told, and brings nobody any more.",
        "获客链接异常时推送事件，之后不再带来客户。",
    )
    def test_an_unavailable_link_leads_nowhere(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        link = corp.add_acquisition_link("春季", [zhang])
        assert corp.customer_clicks(link) is not None
        corp.link_unavailable(link.link_id)
        event = told(corp)
        assert isinstance(event, events.AcquisitionLinkUnavailable)
        assert event.link_id == link.link_id
        count = len(corp.callbacks.events)
        assert corp.customer_clicks(link) is None
        assert (len(zhang.customers), len(corp.callbacks.events)) == (1, count)
        ask.good("customer_acquisition.get_link", link_id=link.link_id)

    @rule(
        "97375",
        "Uses that were bought are listed by the day they end; those that end first are used first.",
        "已购使用量按到期日列出，先到期的先用。",
    )
    def test_packages_are_used_in_the_order_they_end(
        self, corp: Simulator, zhang: Member, quota: Any
    ) -> None:
        corp.limits.acquisition_balance = 1
        link = corp.add_acquisition_link("春季", [zhang])
        today = corp.today()
        corp.add_acquisition_quota(2, days=30)
        corp.add_acquisition_quota(1, days=5)
        year = today + 365 * DAY
        early, late = today + 5 * DAY, today + 30 * DAY
        assert quota() == (0, 4, [(early, 1), (late, 2), (year, 1)])
        corp.customer_clicks(link)
        assert quota() == (1, 3, [(late, 2), (year, 1)])
        corp.customer_clicks(link)
        assert quota() == (2, 2, [(late, 1), (year, 1)])
        corp.clock.advance(days=30)
        assert quota() == (2, 1, [(corp.today() + 365 * DAY, 1)]), "what ends is lost"
        corp.customer_clicks(link)
        assert quota() == (3, 0, [])
        assert names(corp)[-1] == "AcquisitionBalanceExhausted"
        assert corp.customer_clicks(link) is None, "none is left"
        assert len(corp.customers) == 3
        corp.limits.quotas = False
        assert corp.customer_clicks(link) is not None, "nothing is counted"

    @rule(
        "97299",
        "More uses are told where none had been left, and the end of uses 14, 7, 3, 2 and 1 days before.",
        "使用量由零变为非零时推送事件；到期前 14、7、3、2、1 天推送即将过期事件。",
    )
    def test_more_uses_and_their_end_are_told(
        self, corp: Simulator, zhang: Member, quota: Any
    ) -> None:
        corp.admin_buys_quota(5)
        assert corp.callbacks.events == [], "some were left"
        corp.limits.acquisition_balance = 0
        link = corp.add_acquisition_link("春季", [zhang])
        for _ in range(5):
            corp.customer_clicks(link)
        assert names(corp)[-1] == "AcquisitionBalanceExhausted"
        corp.admin_buys_quota(3, days=10)
        assert isinstance(told(corp), events.AcquisitionBalanceIncreased)
        end = datetime.fromtimestamp(corp.today() + 10 * DAY, BEIJING)
        corp.customer_clicks(link)
        count = len(corp.callbacks.events)
        corp.clock.advance(days=9, hours=11)
        ending: list[Any] = corp.callbacks.events[count:]
        assert {type(event) for event in ending} == {events.AcquisitionQuotaExpiring}
        assert [(end - event.time) // timedelta(days=1) for event in ending] == [7, 3, 2, 1]
        assert {(event.expire_time, event.expire_count) for event in ending} == {(end, 2)}
        assert quota()[:2] == (6, 2)
        corp.clock.advance(days=1)
        assert quota()[:2] == (6, 0)

    def test_what_is_used_up_has_no_end(self, corp: Simulator, zhang: Member) -> None:
        corp.add_acquisition_quota(1, days=15)
        corp.clock.advance(days=2)
        assert names(corp) == ["AcquisitionQuotaExpiring"], "fourteen days before"
        corp.customer_clicks(corp.add_acquisition_link("春季", [zhang]))
        count = len(corp.callbacks.events)
        corp.clock.advance(days=20)
        assert len(corp.callbacks.events) == count


@rule(
    "92005",
    "Where chats are archived, nobody is greeted before they agree (41053); that event brings a new code.",
    "开启会话存档时，客户同意前不能发送欢迎语（41053）；同意事件带来新的欢迎语 code。",
)
def test_a_welcome_waits_until_the_customer_agrees(corp: Simulator, ask: HttpAsker) -> None:
    zhang = corp.add_member("zhangsan", archived=True)
    follow = corp.customer_adds(zhang)
    first = told(corp).welcome_code
    text = {"content": "您好"}
    assert ask.code("welcome.send", welcome_code=first, text=text) == 41053
    corp.clock.advance(minutes=5)
    corp.customer_agrees(follow.customer, zhang)
    event = told(corp)
    assert isinstance(event, events.ChatArchiveApproved)
    assert (event.userid, event.external_userid) == ("zhangsan", follow.customer.external_userid)
    assert event.welcome_code not in (None, first)
    ask.good("welcome.send", welcome_code=event.welcome_code, text=text)
    assert len(corp.messages_to(follow.customer)) == 1
    other = corp.customer_adds(zhang)
    corp.customer_agrees(other.customer.external_userid, "zhangsan")
    happened = len(corp.callbacks.events)
    with pytest.raises(ValueError, match="has agreed already"):
        corp.customer_agrees(other.customer, "zhangsan")
    lisi = corp.add_member("lisi")
    with pytest.raises(ValueError, match="the chats of lisi are not archived"):
        corp.customer_agrees(corp.add_customer("赵", follow=lisi), lisi)
    assert len(corp.callbacks.events) == happened
    assert told(corp).welcome_code is None, "no welcome had to wait"


class TestGivenStatisticsOfGroups:
    """Numbers that the test knows."""

    YESTERDAY = date(2026, 3, 9)

    @pytest.fixture
    def chat(self, corp: Simulator, zhang: Member) -> GroupChat:
        corp.manner.invent_statistics = False
        begun = corp.today() - DAY
        return corp.add_group_chat("群", zhang, [corp.add_customer("王五")], when=begun)

    def numbers(self, ask: HttpAsker, call: str, days: int = 1, **words: Any) -> Any:
        end = ask.corp.today() - DAY
        begin = end - (days - 1) * DAY
        said = ask.good(f"statistics.{call}", day_begin_time=begin, day_end_time=end, **words)
        return said["items"]

    @rule(
        "92133",
        "Numbers of groups by owner and by day agree: new ones add up, of the others the last day counts.",
        "按群主与按日的客户群统计一致：新增数累加，其余取最后一天。",
    )
    def test_given_numbers_by_owner_and_by_day(
        self, corp: Simulator, chat: GroupChat, ask: HttpAsker
    ) -> None:
        corp.add_group_chat("旧", corp.add_member("lisi"), when=corp.today() - 9 * DAY)
        before = self.YESTERDAY - timedelta(days=1)
        corp.set_group_behavior("zhangsan", before, new_chat_cnt=5, msg_total=7, chat_has_msg=3)
        corp.set_group_behavior("zhangsan", self.YESTERDAY, msg_total=40)
        (zhang,) = self.numbers(ask, "group_chat", owner_filter={"userid_list": ["zhangsan"]})
        counted = {"new_chat_cnt": 1, "chat_total": 1, "new_member_cnt": 1, "member_total": 2}
        silent = {"chat_has_msg": 0, "member_has_msg": 0}
        assert zhang == {"owner": "zhangsan", "data": {**counted, **silent, "msg_total": 40}}
        (both,) = self.numbers(ask, "group_chat", 2, owner_filter={"userid_list": ["zhangsan"]})
        assert both["data"] == {**counted, **silent, "msg_total": 40, "new_chat_cnt": 6}
        first, second = self.numbers(ask, "group_chat_by_day", 2)
        assert (first["data"]["new_chat_cnt"], first["data"]["msg_total"]) == (5, 7)
        assert (first["data"]["chat_has_msg"], first["data"]["chat_total"]) == (3, 1)
        assert (second["data"]["new_chat_cnt"], second["data"]["msg_total"]) == (1, 40)
        assert second["data"]["chat_total"] == 2
        owners = self.numbers(ask, "group_chat", 2)
        assert [each["owner"] for each in owners] == ["zhangsan", "lisi"]
        assert "migrate_trainee_chat_cnt" not in owners[0]["data"]

    def test_an_owner_without_groups_may_have_numbers(
        self, corp: Simulator, chat: GroupChat, ask: HttpAsker
    ) -> None:
        lisi, _ = corp.add_member("lisi"), corp.add_member("wangwu")
        corp.set_group_behavior(lisi, self.YESTERDAY, chat_total=9, migrate_trainee_chat_cnt=2)
        corp.set_group_behavior("wangwu", date(2026, 3, 1), chat_total=9)
        owners = self.numbers(ask, "group_chat", 3, order_by=2)
        assert [each["owner"] for each in owners] == ["lisi", "zhangsan"]
        assert owners[0]["data"]["migrate_trainee_chat_cnt"] == 2
        (day,) = self.numbers(ask, "group_chat_by_day")
        assert (day["data"]["chat_total"], day["data"]["migrate_trainee_chat_cnt"]) == (10, 2)
        chosen = {"userid_list": ["zhangsan"]}
        (only,) = self.numbers(ask, "group_chat", owner_filter=chosen)
        assert only["owner"] == "zhangsan"
        with pytest.raises(TypeError, match="chats"):
            corp.set_group_behavior(lisi, self.YESTERDAY, chats=1)
        crm = HttpAsker(corp, corp.add_app("crm", visible=["zhangsan"]))
        (seen,) = self.numbers(crm, "group_chat")
        assert seen["owner"] == "zhangsan"
