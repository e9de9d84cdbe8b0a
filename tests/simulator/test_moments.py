"""Moments, from the job to the comments."""

from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import MP4, PNG, Asker, HttpAsker
from simulator.rules import rule

TEXT = {"content": "上新了"}


@pytest.fixture
def corp(corp: Simulator) -> Simulator:
    corp.add_member("zhangsan")
    corp.add_member("lisi")
    corp.add_member("writer", customer_contact=False)
    tag = corp.add_tag("重要", "等级")
    corp.add_customer("甲", follow="zhangsan", tags=[tag])
    corp.add_customer("乙", follow="zhangsan")
    return corp


def made(ask: Asker, **words: Any) -> str:
    jobid = ask.good("moment.add_task", **{"text": TEXT, **words})["jobid"]
    statuses = [ask.good("moment.get_task_result", jobid=jobid) for _ in range(3)]
    assert [each["status"] for each in statuses] == [1, 2, 3]
    assert "result" not in statuses[1]
    return str(statuses[2]["result"]["moment_id"])


def test_a_job_makes_it(corp: Simulator, ask: Asker) -> None:
    jobid = ask.good("moment.add_task", text=TEXT)["jobid"]
    assert corp.moments == {}
    corp.clock.advance(minutes=1)
    assert len(corp.moments) == 1
    said = ask.good("moment.get_task_result", jobid=jobid)
    assert said["result"]["moment_id"] in corp.moments
    corp.clock.advance(hours=24)
    assert ask.code("moment.get_task_result", jobid=jobid) == 40088
    assert ask.code("moment.get_task_result", jobid="none") == 40088


def test_who_is_not_there_is_told_in_the_result(corp: Simulator, ask: Asker) -> None:
    senders = {"user_list": ["zhangsan", "writer", "nobody"], "department_list": [1, 9]}
    visible = {
        "sender_list": senders,
        "external_contact_list": {"tag_list": [corp.tag("重要").id, "etno"]},
    }
    moment_id = made(ask, visible_range=visible)
    assert set(corp.moments[moment_id].publications) == {"zhangsan", "lisi"}
    result = next(iter(corp.jobs.values())).result
    assert result["invalid_sender_list"] == {
        "user_list": ["writer", "nobody"],
        "department_list": [9],
    }
    assert result["invalid_external_contact_list"] == {"tag_list": ["etno"]}
    nobody = {"sender_list": {"user_list": ["nobody"]}}
    jobid = ask.good("moment.add_task", text=TEXT, visible_range=nobody)["jobid"]
    corp.clock.advance(minutes=1)
    said = ask.good("moment.get_task_result", jobid=jobid)["result"]
    assert (said["errcode"], "moment_id" in said) == (81013, False)


def test_a_moment_has_nine_images_or_one_of_another_kind(corp: Simulator, ask: Asker) -> None:
    def uploaded(kind: str) -> str:
        content = MP4 if kind == "video" else PNG
        said = ask.good("media.upload_attachment", content, media_type=kind, attachment_type=1)
        return str(said["media_id"])

    image = {"msgtype": "image", "image": {"media_id": uploaded("image")}}
    video = {"msgtype": "video", "video": {"media_id": uploaded("video")}}
    cover = uploaded("image")
    link = {
        "msgtype": "link",
        "link": {"title": "标题", "url": "https://a.example", "media_id": cover},
    }
    message = {"msgtype": "image", "image": {"media_id": corp.add_media(PNG).media_id}}
    album = {"msgtype": "image", "image": {"media_id": corp.add_media(PNG, use=2).media_id}}
    for attachments, code in (
        ([image] * 9, 0),
        ([video], 0),
        ([link], 0),
        ([image, video], 41065),
        ([video, video], 41064),
        ([message], 40007),
        ([album], 41072),
    ):
        assert ask.code("moment.add_task", attachments=attachments) == code
    assert ask.code("moment.add_task", text={"content": ""}, attachments=[]) == 41089
    corp.clock.advance(minutes=1)
    span = {"start_time": 1, "end_time": 2}
    assert ask.code("moment.list", **{**span, "end_time": 31 * 86400}) == 40058
    now = corp.clock.seconds()
    shown = ask.good("moment.list", start_time=now - 1000, end_time=now + 1)["moment_list"]
    assert sorted(key for each in shown for key in each if key in ("image", "video", "link")) == [
        "image",
        "link",
        "video",
    ]
    (linked,) = [each["link"] for each in shown if "link" in each]
    assert linked == {"title": "标题", "url": "https://a.example"}


def test_moments_are_listed_between_two_open_ends(corp: Simulator, ask: Asker) -> None:
    corp.clock.freeze()
    made(ask)
    now = corp.clock.seconds()
    corp.add_moment("个人的", creator="lisi", when=now - 10)
    span = {"start_time": now - 100, "end_time": now + 1}

    def texts(**words: Any) -> list[str]:
        found = ask.good("moment.list", **{**span, **words})["moment_list"]
        return [each["text"]["content"] for each in found]

    assert texts() == ["上新了", "个人的"]
    assert texts(end_time=now) == ["个人的"], "both ends are open"
    assert texts(filter_type=0) == ["上新了"]
    assert texts(filter_type=1) == ["个人的"]
    assert texts(creator="lisi") == ["个人的"]


@rule(
    "95094",
    "A moment for customers with some tags is asked of those who follow such customers; with "
    "`sender_list`, of the senders. Tags of strategies are no corp tags (96351).",
    "仅指定客户标签时，朋友圈任务推给这些客户的跟进人；同时指定 `sender_list` 时推给指定的执行者。规则组标签不是企业标签（96351）。",
)
def test_a_moment_by_tags_is_asked_of_their_followers(corp: Simulator) -> None:
    with corp:
        ask = HttpAsker(corp)
        tag = corp.tag("重要").id
        rare = corp.add_tag("少见", "等级").id
        strategy = corp.add_strategy("华东")
        own = corp.add_tag("规则", corp.add_tag_group("规则组", strategy=strategy)).id

        def asked(*tags: str, **senders: Any) -> dict[str, Any]:
            seen = {"external_contact_list": {"tag_list": list(tags)}, **senders}
            made = ask.good("moment.add_task", text={"content": "新"}, visible_range=seen)
            for _ in range(3):
                said = ask.good("moment.get_task_result", jobid=made["jobid"])
            result: dict[str, Any] = said["result"]
            return result

        def members(result: dict[str, Any]) -> list[str]:
            tasks = ask.good("moment.get_task", moment_id=result["moment_id"])["task_list"]
            return [task["userid"] for task in tasks]

        assert members(asked(tag)) == ["zhangsan"]
        assert asked(rare)["errcode"] == 81013, "nobody follows such a customer"
        senders = {"sender_list": {"user_list": ["lisi"]}}
        assert members(asked(tag, **senders)) == ["lisi"]
        mixed = asked(tag, own)
        assert mixed["invalid_external_contact_list"] == {"tag_list": [own]}
        assert members(mixed) == ["zhangsan"]
        assert asked(own)["errcode"] == 81013


def test_comments_come_after_the_member_publishes(corp: Simulator, ask: Asker) -> None:
    first, second = corp.customers
    tags = {"external_contact_list": {"tag_list": [corp.tag("重要").id]}}
    moment_id = made(ask, visible_range=tags)
    who = {"moment_id": moment_id, "userid": "zhangsan"}
    assert ask.code("moment.get_comments", **who) == 41062
    with pytest.raises(ValueError, match="not published"):
        corp.likes(moment_id, "zhangsan", first)
    corp.member_publishes(moment_id, "zhangsan")
    tasks = ask.good("moment.get_task", moment_id=moment_id)["task_list"]
    assert {task["userid"]: task["publish_status"] for task in tasks} == {"zhangsan": 1}
    assert ask.good("moment.get_customer_list", **who)["customer_list"] == [
        {"userid": "zhangsan", "external_userid": first}
    ]
    assert ask.good("moment.get_send_result", **who)["customer_list"] == [
        {"external_userid": first}
    ]
    corp.customer_deletes(first, "zhangsan")
    assert ask.good("moment.get_send_result", **who)["customer_list"] == []
    corp.comments(moment_id, "zhangsan", corp.customers[first])
    corp.comments(moment_id, "zhangsan", "lisi")
    corp.likes(moment_id, "zhangsan", first)
    with pytest.raises(ValueError, match="cannot see the moment"):
        corp.likes(moment_id, "zhangsan", second)
    said = ask.good("moment.get_comments", **who)
    assert [each.get("external_userid") for each in said["comment_list"]] == [first, None]
    assert said["comment_list"][1]["userid"] == "lisi"
    assert len(said["like_list"]) == 1
    assert ask.code("moment.get_comments", moment_id=moment_id, userid="writer") == 41061


def test_a_cancelled_moment_is_published_by_nobody_else(corp: Simulator, ask: Asker) -> None:
    moment_id = made(ask)
    corp.member_publishes(moment_id, "lisi")
    ask.good("moment.cancel_task", moment_id=moment_id)
    corp.member_publishes(moment_id)
    published = [p.userid for p in corp.moments[moment_id].publications.values() if p.published_at]
    assert published == ["lisi"]
    personal = corp.add_moment("个人的", creator="lisi", published=False).moment_id
    assert ask.code("moment.cancel_task", moment_id=personal) == 41067
    assert ask.code("moment.get_task", moment_id=personal) == 41067
    assert ask.code("moment.get_task", moment_id="none") == 41060


def test_too_many_jobs(corp: Simulator, ask: Asker) -> None:
    corp.limits.moment_jobs = 1
    ask.good("moment.add_task", text=TEXT)
    assert ask.code("moment.add_task", text=TEXT) == 41078
    corp.clock.advance(minutes=1)
    ask.good("moment.add_task", text=TEXT)


@rule(
    "93506",
    "A moment is for the WeChat customers that a member has when it is published; who comes later "
    "was not chosen, and who uses WeCom sees none.",
    "客户朋友圈面向发表时成员的微信客户；之后添加的客户不在可见范围内，企业微信用户看不到。",
)
def test_who_sees_a_moment_is_settled_when_it_is_published(corp: Simulator, ask: Asker) -> None:
    first, second = corp.customers
    corp.add_customer("李总", follow="zhangsan", corp_name="海川物流")
    corp.add_follow("lisi", first, half=True)
    moment_id = made(ask)
    corp.member_publishes(moment_id)
    corp.add_customer("后来的", follow="zhangsan")
    own = corp.add_moment("自己的", creator="zhangsan", published=False).moment_id

    def seen(call: str, moment_id: str, userid: str) -> list[str]:
        said = ask.good(f"moment.{call}", moment_id=moment_id, userid=userid)
        return [each["external_userid"] for each in said["customer_list"]]

    for call in ("get_customer_list", "get_send_result"):
        assert seen(call, moment_id, "zhangsan") == [first, second]
        assert seen(call, moment_id, "lisi") == []
    corp.member_deletes("zhangsan", first)
    assert seen("get_customer_list", moment_id, "zhangsan") == [first, second]
    assert seen("get_send_result", moment_id, "zhangsan") == [second]
    corp.likes(moment_id, "zhangsan", next(reversed(corp.customers)))
    with pytest.raises(ValueError, match="cannot see the moment"):
        corp.likes(moment_id, "lisi", second)
    corp.member_publishes(own)
    assert len(seen("get_customer_list", own, "zhangsan")) == 2, "those of that time"


def test_a_moment_by_tags_is_not_asked_of_who_follows_wecom_users_alone(
    corp: Simulator, ask: Asker
) -> None:
    tag = corp.tag("重要")
    corp.add_customer("李总", follow="lisi", corp_name="海川物流", tags=[tag])
    moment_id = made(ask, visible_range={"external_contact_list": {"tag_list": [tag.id]}})
    assert list(corp.moments[moment_id].publications) == ["zhangsan"]


@rule(
    "90313",
    "While a new moment is being dispatched its tasks are not there yet (41079).",
    "朋友圈正在派发时，成员任务尚不可查（41079）。",
    does=(
        "at once, unless `corp.manner.dispatch_polls` says how often",
        "默认立即可查；次数由 `corp.manner.dispatch_polls` 设定",
    ),
)
def test_the_tasks_of_a_moment_are_not_there_until_it_is_dispatched(
    corp: Simulator, ask: Asker
) -> None:
    corp.manner.dispatch_polls = 2
    moment_id = made(ask)
    codes = [ask.code("moment.get_task", moment_id=moment_id) for _ in range(3)]
    assert codes == [41079, 41079, 0]


@rule(
    "93333",
    "The media of what is read can be downloaded for three days from then on: old ids are over, "
    "new ones come with the next reading.",
    "读取记录时返回的 media_id 自读取起三天内可下载；过期后重新调用接口获取新的 media_id。",
)
def test_media_of_old_records_come_under_new_ids(corp: Simulator, ask: Asker) -> None:
    def uploaded(use: int) -> dict[str, Any]:
        media_id = corp.add_media(PNG, use=use).media_id
        return {"image": {"media_id": media_id}}

    made(ask, attachments=[{"msgtype": "image", **uploaded(1)}])
    message = {"sender": "zhangsan", "attachments": [{"msgtype": "image", **uploaded(0)}]}
    ask.good("group_msg.add_template", **message)
    product = {
        "description": "好东西",
        "price": 1,
        "attachments": [{"type": "image", **uploaded(2)}],
    }
    id = {"product_id": ask.good("product_album.add", **product)["product_id"]}
    film = corp.add_media(b"film", type="video", use=3).media_id
    template = ask.good("group_welcome_template.add", text=TEXT, video={"media_id": film})
    span = {"start_time": corp.clock.seconds() - 60, "end_time": corp.clock.seconds() + 60}

    def read() -> list[str]:
        (moment,) = ask.good("moment.list", **span)["moment_list"]
        (mass,) = ask.good("group_msg.list", **span, chat_type="single")["group_msg_list"]
        (listed,) = ask.good("product_album.list")["product_list"]
        album = ask.good("product_album.get", **id)["product"]["attachments"]
        assert listed["attachments"] == album
        welcome = ask.good("group_welcome_template.get", template_id=template["template_id"])
        pictures = [*moment["image"], mass["attachments"][0]["image"], album[0]["image"]]
        return [each["media_id"] for each in [*pictures, welcome["video"]]]

    def contents(ids: list[str]) -> list[bytes]:
        return [ask.reply("media.get", media_id=media_id).body for media_id in ids]

    first = read()
    assert first == read(), "the same while they live"
    for _ in range(2):
        corp.clock.advance(days=3)
        again = read()
        assert contents(again) == [PNG, PNG, PNG, b"film"]
        assert not set(first) & set(again)
        assert [ask.code("media.get", media_id=old) for old in first] == [40007] * 4
        assert again == read()
        first = again


@rule(
    "93338",
    "As a creator or a sender a userid that was never in the corp is refused.",
    "创建人或发送成员的 userid 不在企业内时被拒绝。",
    does=("40003; the pages name no code", "报 40003；页面未写明错误码"),
)
def test_who_was_never_there_created_nothing(corp: Simulator, ask: Asker) -> None:
    msgid = ask.good("group_msg.add_template", text=TEXT, sender="zhangsan")["msgid"]
    span = {"start_time": 1, "end_time": 2}
    corp.resign("lisi")
    for call, words, key in (
        ("moment.list", span, "creator"),
        ("group_msg.list", {**span, "chat_type": "single"}, "creator"),
        ("group_msg.get_send_result", {"msgid": msgid}, "userid"),
    ):
        assert ask.code(call, **words, **{key: "lisi"}) == 0
        assert ask.code(call, **words, **{key: "nobody"}) == 40003
