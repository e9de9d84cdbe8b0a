"""Contact ways, join ways, welcome messages, welcome templates."""

from typing import Any

import pytest
from wecom_contact.testing import Member, Simulator

from simulator.asking import PNG, Asker
from simulator.rules import rule

LINK = {"title": "标题", "url": "https://example.com"}


@rule(
    "92228",
    "`contact_way.list` gives contact ways of the last 90 days, unless asked for others; one that "
    "was deleted is unknown (41044).",
    "`contact_way.list` 默认只返回最近 90 天内的「联系我」；已删除的报 41044。",
)
def test_a_contact_way_lives(corp: Simulator, zhang: Member, ask: Asker) -> None:
    made = ask.good(
        "contact_way.add", type=1, scene=2, user=["zhangsan"], state="poster", mark_source=True
    )
    way = corp.contact_ways[made["config_id"]]
    assert made["qr_code"] == way.qr_code
    id = {"config_id": made["config_id"]}
    shown = ask.good("contact_way.get", **id)["contact_way"]
    assert (shown["state"], shown["user"], shown["party"], shown["is_temp"]) == (
        "poster",
        ["zhangsan"],
        [],
        False,
    )
    assert "style" not in shown
    corp.add_member("lisi")
    ask.good("contact_way.update", **id, user=["lisi"], remark="新")
    assert (way.users, way.remark, way.state) == (["lisi"], "新", "poster")
    assert ask.code("contact_way.update", **id, user=["lisi", "zhangsan"]) == 40058
    assert ask.good("contact_way.list")["contact_way"] == [id]
    corp.clock.advance(days=91)
    assert ask.good("contact_way.list")["contact_way"] == []
    assert ask.good("contact_way.list", start_time=way.create_time)["contact_way"] == [id]
    ask.good("contact_way.delete", **id)
    for call in ("get", "update", "delete"):
        assert ask.code(f"contact_way.{call}", **id) == 41044
    with pytest.raises(KeyError):
        corp.customer_scans(made["config_id"])
    with pytest.raises(ValueError, match="deleted"):
        corp.customer_scans(way)


@rule(
    "92228",
    "Only the app that made a contact way changes its `mark_source`.",
    "`mark_source` 只能由创建该「联系我」的应用更新。",
    does=("40058; the page names no code", "返回 40058；官方页面没有写明错误码"),
)
def test_another_app_does_not_set_the_source_of_a_contact_way(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    made = ask.good("contact_way.add", type=1, scene=2, user=["zhangsan"], mark_source=True)
    id = {"config_id": made["config_id"]}
    other = Asker(corp, corp.add_app("other"))
    assert other.code("contact_way.update", **id, mark_source=False, remark="新") == 40058
    assert corp.contact_ways[made["config_id"]].mark_source is True
    assert other.code("contact_way.update", **id, remark="新") == 0
    assert ask.code("contact_way.update", **id, mark_source=False) == 0


def test_buttons_have_a_style(zhang: Member, ask: Asker) -> None:
    made = ask.good("contact_way.add", type=1, scene=1, user=["zhangsan"])
    assert "qr_code" not in made
    id = {"config_id": made["config_id"]}
    shown = ask.good("contact_way.get", **id)["contact_way"]
    assert (shown["style"], "qr_code" in shown) == (1, False)
    ask.good("contact_way.update", **id, style=3)
    assert ask.code("contact_way.update", **id, style=4) == 41042
    assert ask.code("contact_way.add", type=1, scene=1, user=["zhangsan"], style=9) == 41042


@rule(
    "92228",
    "The members of a contact way are activated and verified by real name (41054), have the "
    "customer-contact feature (60011), and are not too many (41041).",
    "「联系我」的使用成员须已激活且已实名（41054）、配置了客户联系功能（60011），且不超过人数上限（41041）。",
)
def test_a_contact_way_is_for_members_who_may_serve(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    corp.add_member("writer", customer_contact=False)
    corp.add_member("new", active=False)
    corp.add_member("nameless", verified=False)

    def code(type: int, **words: Any) -> int:
        return ask.code("contact_way.add", type=type, scene=2, **words)

    assert code(1, user=["zhangsan", "zhangsan"]) == 40058
    assert code(1, user=["zhangsan"], party=[1]) == 40058
    assert code(2) == 40058
    assert code(2, user=["nobody"]) == 60011
    assert code(2, user=["writer"]) == 60011
    assert code(2, user=["new"]) == 41054
    assert code(2, user=["nameless"]) == 41054
    assert code(2, party=[99]) == 60011
    assert code(2, party=[1]) == 0
    config_id = list(corp.contact_ways)[-1]
    assert ask.code("contact_way.update", config_id=config_id, party=[]) == 40058
    corp.limits.contact_way_members = 2
    assert code(2, party=[1]) == 41041
    corp.resign("zhangsan")
    assert code(1, user=["zhangsan"]) == 60011


@rule(
    "92228",
    "Contact ways and join ways are counted together (41045); temporary ones by the day.",
    "「联系我」与「加入群聊」共用数量上限（41045）；临时会话按天计。",
)
def test_there_are_only_so_many_contact_ways(corp: Simulator, zhang: Member, ask: Asker) -> None:
    corp.limits.contact_ways = 2
    corp.limits.temporary_ways_a_day = 1
    one: dict[str, Any] = {"type": 1, "scene": 2, "user": ["zhangsan"]}
    chat = corp.add_group_chat("群", zhang)
    assert [ask.code("contact_way.add", **one) for _ in range(2)] == [0, 0]
    assert ask.code("contact_way.add", **one) == 41045
    assert ask.code("group_join_way.add", scene=2, chat_id_list=[chat.chat_id]) == 41045
    assert [ask.code("contact_way.add", **one, is_temp=True) for _ in range(2)] == [0, 41045]
    corp.limits.quotas = False
    assert ask.code("contact_way.add", **one) == 0
    assert ask.code("contact_way.add", **one, is_temp=True) == 0


@rule(
    "92228",
    "A temporary chat ends with its farewell; of an image, a link and a mini program the first "
    "counts.",
    "结束临时会话时自动发送结束语；图片、图文、小程序同填时取第一个。",
)
def test_a_temporary_chat(corp: Simulator, zhang: Member, ask: Asker) -> None:
    picture = ask.good("media.upload", PNG, type="image")["media_id"]
    farewell = {"text": {"content": "再见"}, "image": {"media_id": picture}, "link": LINK}
    made = ask.good(
        "contact_way.add",
        type=1,
        scene=2,
        user=["zhangsan"],
        is_temp=True,
        unionid="o1",
        conclusions=farewell,
    )
    id = {"config_id": made["config_id"]}
    shown = ask.good("contact_way.get", **id)["contact_way"]
    assert shown["conclusions"]["image"]["pic_url"].endswith(picture)
    assert "link" not in shown["conclusions"], "the image wins"
    assert (shown["expires_in"], shown["chat_expires_in"]) == (7 * 86400, 86400)
    assert ask.good("contact_way.list")["contact_way"] == []
    ask.good(
        "contact_way.update", **id, chat_expires_in=3600, conclusions={"text": {"content": "拜"}}
    )
    follow = corp.customer_scans(made["config_id"])
    who = {"userid": "zhangsan", "external_userid": follow.customer.external_userid}
    ask.good("contact_way.close_temp_chat", **who)
    (message,) = corp.messages_to(follow.customer)
    assert (message.kind, message.text, message.attachments) == ("conclusion", "拜", [])
    assert ask.code("contact_way.close_temp_chat", **who) == 40058
    corp.clock.advance(days=7)
    assert ask.code("contact_way.update", **id, remark="x") == 41044


@rule(
    "92228",
    "A temporary contact way that was used is edited no more (41044).",
    "临时会话二维码使用后即失效，不能再编辑（41044）。",
)
def test_a_used_temporary_way_is_edited_no_more(corp: Simulator, zhang: Member, ask: Asker) -> None:
    made = ask.good("contact_way.add", type=1, scene=2, user=["zhangsan"], is_temp=True)
    ask.good("contact_way.update", config_id=made["config_id"], remark="x")
    corp.customer_scans(made["config_id"])
    assert ask.code("contact_way.update", config_id=made["config_id"], remark="y") == 41044
    assert ask.good("contact_way.get", config_id=made["config_id"])["contact_way"]["remark"] == "x"


@rule(
    "92228",
    "Temporary chats are for corps of the medical industry; of others they are refused.",
    "仅医疗行业企业可以创建临时会话；其他企业会被拒绝。",
    does=("48002; the page names no code", "返回 48002；官方页面没有写明错误码"),
)
def test_temporary_chats_are_for_the_medical_industry(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    corp.medical = False
    one: dict[str, Any] = {"type": 1, "scene": 2, "user": ["zhangsan"]}
    assert ask.code("contact_way.add", **one, is_temp=True) == 48002
    assert ask.code("contact_way.add", **one) == 0


@rule(
    "92228",
    "Where members confirm who adds them (`skip_verify` is false), a customer who scans is nobody's, "
    "and nothing is told, before the member accepts; then it is told with state and welcome code.",
    "`skip_verify` 为 false 时，客户扫码后须成员确认：确认前不算客户，也没有回调；确认后回调带 state 和欢迎语 code。",
)
def test_members_confirm_who_adds_them(corp: Simulator, zhang: Member, ask: Asker) -> None:
    way = {"type": 1, "scene": 2, "user": ["zhangsan"]}
    made = ask.good("contact_way.add", **way, skip_verify=False, state="poster")
    whom = corp.customer_scans(made["config_id"]).customer
    assert corp.callbacks.events == []
    assert ask.code("customer.get", external_userid=whom.external_userid) == 84061
    assert ask.code("customer.list", userid="zhangsan") == 84061
    corp.clock.advance(hours=1)
    corp.member_accepts(zhang, whom)
    (told,) = corp.callbacks.events
    assert (type(told).__name__, told.state) == ("CustomerAdded", "poster")
    ask.good("welcome.send", welcome_code=told.welcome_code, text={"content": "你好"})
    (noted,) = ask.good("customer.get", external_userid=whom.external_userid)["follow_user"]
    assert (noted["state"], noted["remark"]) == ("poster", whom.name)
    assert noted["createtime"] == int(corp.clock.time())
    corp.customer_scans(made["config_id"], whom)
    assert len(corp.callbacks.events) == 1, "they have each other"
    with pytest.raises(ValueError, match="already"):
        corp.member_accepts(zhang, whom)
    asked = corp.customer_scans(corp.add_contact_way([zhang], skip_verify=False)).customer
    corp.member_deletes(zhang, asked)
    with pytest.raises(KeyError):
        corp.member_accepts(zhang, asked)


def test_a_temporary_chat_begins_when_the_member_accepts(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True, "skip_verify": False}
    made = ask.good("contact_way.add", **way, chat_expires_in=3600)
    whom = corp.customer_scans(made["config_id"]).customer
    pair = {"userid": "zhangsan", "external_userid": whom.external_userid}
    assert ask.code("contact_way.close_temp_chat", **pair) == 84061
    corp.clock.advance(hours=2)
    corp.member_accepts(zhang, whom)
    assert ask.code("contact_way.close_temp_chat", **pair) == 0


@rule(
    "97297",
    "Where members confirm who comes by an acquisition link, it counts when they accept.",
    "获客链接需要成员验证时，成员确认后才算添加成功，并消耗使用量。",
)
def test_a_link_counts_when_the_member_accepts(corp: Simulator, zhang: Member, ask: Asker) -> None:
    link = corp.add_acquisition_link("春季", [zhang])
    link.skip_verify = False
    before = ask.good("customer_acquisition.quota")["balance"]
    follow = corp.customer_clicks(link, state="s1")
    assert follow is not None
    assert [type(each).__name__ for each in corp.callbacks.events] == [
        "AcquisitionProfileOpened",
        "AcquisitionFriendRequested",
    ]
    assert ask.good("customer_acquisition.quota")["balance"] == before
    corp.member_accepts(zhang, follow.customer)
    told = corp.callbacks.events[-1]
    assert (type(told).__name__, told.state) == ("CustomerAdded", "s1")
    assert ask.good("customer_acquisition.quota")["balance"] == before - 1
    corp.customer_deletes(follow.customer, zhang)
    assert corp.customer_clicks(link, follow.customer) is follow
    assert not follow.deleted, "the member has the customer still, and need not accept again"
    assert ask.good("customer_acquisition.quota")["balance"] == before - 1, "counted once"


def test_farewells_with_media_and_none(corp: Simulator, zhang: Member, ask: Asker) -> None:
    one: dict[str, Any] = {"type": 1, "scene": 2, "user": ["zhangsan"]}
    plain = ask.good("contact_way.add", **one, is_temp=True)
    linked = ask.good("contact_way.add", **one, is_temp=True, conclusions={"link": LINK})
    permanent = ask.good("contact_way.add", **one, conclusions={"link": LINK}, expires_in=60)
    assert corp.contact_ways[permanent["config_id"]].conclusions is None
    ask.good("contact_way.update", config_id=permanent["config_id"], conclusions={"link": LINK})
    assert (
        ask.code("contact_way.add", **one, is_temp=True, conclusions={"image": {"media_id": "x"}})
        == 40007
    )
    for made, messages in ((plain, 0), (linked, 1)):
        follow = corp.customer_scans(made["config_id"])
        who = {"userid": "zhangsan", "external_userid": follow.customer.external_userid}
        ask.good("contact_way.close_temp_chat", **who)
        assert len(corp.messages_to(follow.customer)) == messages
    shown = ask.good("contact_way.get", config_id=linked["config_id"])["contact_way"]
    assert shown["conclusions"] == {"link": LINK}
    assert corp.sent_messages[0].attachments == [{"msgtype": "link", "link": LINK}]
    late = ask.good("contact_way.add", **one, is_temp=True)
    ended = corp.customer_scans(late["config_id"])
    corp.clock.advance(days=1)
    who = {"userid": "zhangsan", "external_userid": ended.customer.external_userid}
    assert ask.code("contact_way.close_temp_chat", **who) == 40058


@rule(
    "92229",
    "Updating a join way resets what is left out; a remark is cut after 30 characters; other apps "
    "do not know it (41044).",
    "更新「加入群聊」是覆盖式的，未填的字段会被重置；备注超过 30 个字符会被截断；其他应用的配置报 41044。",
)
def test_a_join_way_lives_with_its_remark_cut(corp: Simulator, zhang: Member, ask: Asker) -> None:
    chat = corp.add_group_chat("群", zhang)
    chats = [chat.chat_id]
    made = ask.good(
        "group_join_way.add",
        scene=2,
        chat_id_list=chats,
        remark="注" * 40,
        state="door",
        room_base_name="群",
    )
    way = corp.join_ways[made["config_id"]]
    assert way.remark == "注" * 30, "cut, not refused"
    id = {"config_id": made["config_id"]}
    shown = ask.good("group_join_way.get", **id)["join_way"]
    assert (shown["qr_code"], shown["auto_create_room"]) == (way.qr_code, 1)
    ask.good("group_join_way.update", **id, scene=1, chat_id_list=chats, auto_create_room=0)
    shown = ask.good("group_join_way.get", **id)["join_way"]
    assert shown == {
        **id,
        "scene": 1,
        "remark": "",
        "auto_create_room": 0,
        "chat_id_list": chats,
        "state": "",
    }
    named = {"room_base_name": "客户群", "room_base_id": 3}
    ask.good("group_join_way.update", **id, scene=2, chat_id_list=chats, **named)
    shown = ask.good("group_join_way.get", **id)["join_way"]
    assert {key: shown[key] for key in named} == named
    less = {"auto_create_room": 0, **named}
    ask.good("group_join_way.update", **id, scene=2, chat_id_list=chats, **less)
    assert not named.keys() & ask.good("group_join_way.get", **id)["join_way"].keys()
    assert ask.code("group_join_way.add", scene=2, chat_id_list=["wrno"]) == 40050
    corp.group_dismissed(chat)
    assert ask.code("group_join_way.update", **id, scene=2, chat_id_list=chats) == 40050
    other = Asker(corp, corp.add_app("other"))
    assert other.code("group_join_way.get", **id) == 41044
    ask.good("group_join_way.delete", **id)
    assert ask.code("group_join_way.delete", **id) == 41044


class TestWelcome:
    """A code lives 20 seconds and greets once."""

    @pytest.fixture
    def code(self, corp: Simulator, zhang: Member) -> str:
        corp.customer_adds(zhang, name="王五")
        return next(iter(corp.welcome_codes))

    @rule(
        "92137",
        "A welcome is sent once; the next call gets 41051.",
        "新客户欢迎语只能发送一次，再次调用报 41051。",
    )
    def test_a_welcome_is_sent_once(self, corp: Simulator, code: str, ask: Asker) -> None:
        picture = ask.good("media.upload", PNG, type="image")["media_id"]
        attachments = [{"msgtype": "image", "image": {"media_id": picture}}]
        hello: dict[str, Any] = {"text": {"content": "你好"}, "attachments": attachments}
        ask.good("welcome.send", welcome_code=code, **hello)
        (message,) = corp.sent_messages
        assert (message.kind, message.member, message.text, message.attachments) == (
            "welcome",
            "zhangsan",
            "你好",
            attachments,
        )
        assert ask.code("welcome.send", welcome_code=code, **hello) == 41051

    @rule(
        "92137",
        "A welcome code is good for 20 seconds (41050).",
        "欢迎语 code 有效期 20 秒，过期报 41050。",
    )
    def test_a_welcome_is_not_sent_late(self, corp: Simulator, code: str, ask: Asker) -> None:
        corp.clock.freeze()
        corp.clock.advance(seconds=21)
        assert ask.code("welcome.send", welcome_code=code, text={"content": "x"}) == 41050
        assert ask.code("welcome.send", welcome_code="made up", text={"content": "x"}) == 41050

    @rule(
        "92137",
        "A welcome is for whom the member has just added: not after one has deleted the other, nor of "
        "a member who has left.",
        "欢迎语发给刚添加成员的客户：任一方已删除对方，或成员已离职，都不能再发送。",
        does=("84061; the page names no code", "返回 84061；官方页面没有写明错误码"),
    )
    @pytest.mark.parametrize("act", ["customer_deletes", "member_deletes", "member_resigns"])
    def test_a_welcome_is_for_friends(
        self, corp: Simulator, code: str, ask: Asker, zhang: Member, act: str
    ) -> None:
        (whom,) = corp.customers.values()
        if act == "customer_deletes":
            corp.customer_deletes(whom, zhang)
        elif act == "member_deletes":
            corp.member_deletes(zhang, whom)
        else:
            corp.member_resigns(zhang)
        assert ask.code("welcome.send", welcome_code=code, text={"content": "x"}) == 84061
        assert corp.sent_messages == []

    @rule(
        "92137",
        "There is no welcome once the two are chatting (41051).",
        "客户与成员已开始聊天后不能再发欢迎语（41051）。",
    )
    def test_not_after_the_customer_wrote(self, corp: Simulator, code: str, ask: Asker) -> None:
        corp.customer_writes("zhangsan", corp.members["zhangsan"].customers[0])
        assert ask.code("welcome.send", welcome_code=code, text={"content": "x"}) == 41051

    def test_a_welcome_says_something(self, code: str, ask: Asker) -> None:
        assert ask.code("welcome.send", welcome_code=code, text={"content": ""}) == 40058

    @rule(
        "95098",
        "Messages take media of `media.upload`, not of `media.upload_attachment` (40007).",
        "消息使用「上传临时素材」（`media.upload`）得到的 media_id，不能用「上传附件资源」"
        "（`media.upload_attachment`）的（40007）。",
    )
    def test_with_media_of_the_right_upload(self, corp: Simulator, code: str, ask: Asker) -> None:
        media = corp.add_media(PNG, use=1)
        card = {"title": "t", "pic_media_id": media.media_id, "appid": "wx1", "page": "p"}
        attachments = [{"msgtype": "miniprogram", "miniprogram": card}]
        assert ask.code("welcome.send", welcome_code=code, attachments=attachments) == 40007
        media.use = 0
        ask.good("welcome.send", welcome_code=code, attachments=attachments)


@rule(
    "92366",
    "Of the media of a group welcome the first of image, link, mini program, file and video "
    "counts; only the app that made it may change it (41058).",
    "入群欢迎语的附件按图片、图文、小程序、文件、视频的顺序取第一个；只有创建它的应用能编辑和删除（41058）。",
)
def test_a_welcome_template_lives_and_bad_ones_are_refused(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    picture = ask.good("media.upload", PNG, type="image")["media_id"]
    fetched = corp.add_media(b"film", type="video", use=3)
    made = ask.good(
        "group_welcome_template.add",
        text={"content": "欢迎%NICKNAME%"},
        link=LINK,
        image={"media_id": picture},
    )
    id = {"template_id": made["template_id"]}
    shown = ask.good("group_welcome_template.get", **id)
    assert shown["image"]["pic_url"].endswith(picture)
    assert "link" not in shown
    ask.good("group_welcome_template.edit", **id, video={"media_id": fetched.media_id})
    assert ask.good("group_welcome_template.get", **id)["video"] == {"media_id": fetched.media_id}
    assert ask.code("group_welcome_template.edit", **id, video={"media_id": "none"}) == 40007
    address = {"pic_url": ask.good("media.upload_image", PNG)["url"]}
    ask.good("group_welcome_template.edit", **id, image=address)
    assert ask.good("group_welcome_template.get", **id)["image"] == address
    ask.good("group_welcome_template.edit", **id, video={"media_id": fetched.media_id})
    assert ask.code("group_welcome_template.edit", **id) == 40058
    chat = corp.add_group_chat("群", zhang)
    corp.customer_joins(chat, welcome=made["template_id"])
    corp.customer_joins(chat, welcome=corp.add_welcome_template("大家好"))
    first, second = corp.messages_to(chat.chat_id)
    assert corp.messages_to(chat) == [first, second]
    assert (first.kind, first.text, len(first.attachments)) == ("group_welcome", None, 1)
    assert (second.text, second.attachments) == ("大家好", [])
    other = Asker(corp, corp.add_app("other"))
    assert other.code("group_welcome_template.edit", **id, text={"content": "x"}) == 41058
    assert other.code("group_welcome_template.delete", **id) == 41058
    ask.good("group_welcome_template.delete", **id)
    assert ask.code("group_welcome_template.get", **id) == 40058
    corp.limits.welcome_templates = 1
    assert ask.code("group_welcome_template.add", text={"content": "x"}) == 41055
