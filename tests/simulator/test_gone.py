"""What is deleted, over or gone brings nobody any more, and tells nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from wecom_contact import events
from wecom_contact.testing import Customer, Member, Simulator

from simulator.asking import HttpAsker
from simulator.rules import rule

DAY = 86_400
HOUR = 3600


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    corp.clock.freeze()
    return HttpAsker(corp.start())


@pytest.fixture
def gone(corp: Simulator, zhang: Member) -> Member:
    return corp.add_member("gone")


def told(corp: Simulator) -> list[type]:
    return [type(event) for event in corp.callbacks.events]


class TestLinks:
    """Acquisition links."""

    @rule(
        "97297",
        "A deleted acquisition link brings nobody, and neither does one whose members have left.",
        "获客链接删除后，或其使用成员都已离职后，不再带来客户。",
    )
    def test_a_link_that_is_gone_brings_nobody(
        self, corp: Simulator, gone: Member, ask: HttpAsker
    ) -> None:
        made = [
            ask.good("customer_acquisition.create_link", link_name=name, range={"user_list": users})
            for name, users in (
                ("一", ["zhangsan"]),
                ("二", ["gone"]),
                ("三", ["gone", "zhangsan"]),
            )
        ]
        deleted, left, mixed = (each["link"]["link_id"] for each in made)
        for link in (deleted, left, mixed):
            assert corp.customer_clicks(link) is not None
        ask.good("customer_acquisition.delete_link", link_id=deleted)
        corp.member_resigns(gone)
        before = len(corp.callbacks.events)
        assert corp.customer_clicks(deleted) is None
        assert corp.customer_clicks(left) is None
        assert len(corp.callbacks.events) == before
        found = {corp.customer_clicks(mixed) for _ in range(3)}
        assert {follow and follow.member.userid for follow in found} == {"zhangsan"}
        assert ask.good("customer_acquisition.quota")["total"] == 6


class TestContactWays:
    """Temporary ones are for one use, one person and a while."""

    def made(self, ask: HttpAsker, **words: Any) -> str:
        words = {"type": 1, "scene": 2, "user": ["zhangsan"], **words}
        return str(ask.good("contact_way.add", **words)["config_id"])

    @rule(
        "92228",
        "The QR code of a temporary chat is good for one use, and until it expires.",
        "临时会话的二维码添加好友后即失效，过期也失效。",
    )
    @pytest.mark.parametrize("life", [None, HOUR])
    def test_a_temporary_way_is_for_one_use_and_a_while(
        self, life: int | None, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        words = {"is_temp": True} if life is None else {"is_temp": True, "expires_in": life}
        used, late, last = (self.made(ask, **words) for _ in range(3))
        corp.customer_scans(used)
        with pytest.raises(ValueError, match="was used"):
            corp.customer_scans(used)
        corp.clock.advance(seconds=(life or 7 * DAY) - 1)
        corp.customer_scans(last)
        corp.clock.advance(seconds=1)
        with pytest.raises(ValueError, match="has expired"):
            corp.customer_scans(late)
        assert told(corp) == [events.CustomerAdded] * 2
        plain = self.made(ask)
        corp.clock.advance(days=100)
        for _ in range(2):
            corp.customer_scans(plain)

    @rule(
        "92228",
        "A temporary chat with a `unionid` is for that person alone.",
        "指定 `unionid` 的临时会话，仅该客户可以进入。",
    )
    def test_a_way_for_a_unionid_is_for_nobody_else(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        known = corp.add_customer("王五")
        other = corp.add_customer("赵六", unionid="oother")
        for unionid in (corp.unionid(known), "ostranger"):
            words: dict[str, Any] = {"is_temp": True, "unionid": unionid}
            with pytest.raises(ValueError, match="another unionid"):
                corp.customer_scans(self.made(ask, **words), other)
            customer = corp.customer_scans(self.made(ask, **words)).customer
            assert corp.unionid(customer) == unionid
            assert (customer is known) == (unionid == corp.unionid(known))
        assert told(corp) == [events.CustomerAdded] * 2
        again = self.made(ask, is_temp=True, unionid=corp.unionid(known))
        assert corp.customer_scans(again, known).customer is known

    @rule(
        "92228",
        "A contact way brings customers to those of its members who are there.",
        "「联系我」只把客户带给仍在职且可添加的成员。",
    )
    def test_a_way_leads_to_members_who_are_there(
        self, corp: Simulator, gone: Member, ask: HttpAsker
    ) -> None:
        closed = corp.add_member("closed")
        ids = ["gone", "closed", "zhangsan"]
        several, party = (
            self.made(ask, type=2, user=ids),
            self.made(ask, type=2, user=[], party=[1]),
        )
        alone = self.made(ask, user=["gone"])
        assert {corp.customer_scans(several).member.userid for _ in range(3)} == set(ids)
        corp.member_resigns(gone)
        closed.customer_contact = False
        for way in (several, party):
            assert {corp.customer_scans(way).member.userid for _ in range(4)} == {"zhangsan"}
        before = len(corp.callbacks.events)
        with pytest.raises(ValueError, match="nobody of the contact way"):
            corp.customer_scans(alone)
        with pytest.raises(ValueError, match="gone has left the corp"):
            corp.customer_scans(several, member="gone")
        assert len(corp.callbacks.events) == before


class TestGroups:
    """Join ways that were deleted, and groups that were dissolved."""

    @rule(
        "92229",
        "A deleted join way brings nobody, and one with several groups never into a dissolved one.",
        "「加入群聊」删除后不再带来客户；已解散的群不再有人加入。",
    )
    def test_a_join_way_that_is_gone_brings_nobody(
        self, corp: Simulator, zhang: Member, ask: HttpAsker
    ) -> None:
        chats = [corp.add_group_chat(name, zhang) for name in "一二"]
        made = {"scene": 2, "chat_id_list": [chat.chat_id for chat in chats]}
        way = ask.good("group_join_way.add", **made)["config_id"]
        kept = corp.join_ways[way]
        assert {corp.customer_joins(way).chat_id for _ in range(2)} == set(made["chat_id_list"])
        corp.group_dismissed(chats[0])
        assert {corp.customer_joins(way).chat_id for _ in range(3)} == {chats[1].chat_id}
        corp.group_dismissed(chats[1])
        before = len(corp.callbacks.events)
        with pytest.raises(ValueError, match="were dissolved"):
            corp.customer_joins(way)
        ask.good("group_join_way.delete", config_id=way)
        with pytest.raises(ValueError, match="was deleted"):
            corp.customer_joins(kept)
        assert len(corp.callbacks.events) == before

    @rule(
        "92130",
        "Nothing happens in a dissolved group any more.",
        "已解散的客户群不再产生任何事件。",
    )
    def test_nothing_happens_in_a_dissolved_group(self, corp: Simulator, zhang: Member) -> None:
        customer = corp.add_customer("王五", follow=zhang)
        chat = corp.add_group_chat("群", zhang, [customer])
        corp.group_dismissed(chat)
        before = len(corp.callbacks.events)
        acts: list[Callable[[], object]] = [
            lambda: corp.customer_joins(chat),
            lambda: corp.customer_leaves(chat, customer),
            lambda: corp.group_renamed(chat, "新"),
            lambda: corp.group_notice_changed(chat, "新"),
            lambda: corp.group_owner_changed(chat, zhang),
            lambda: corp.group_dismissed(chat.chat_id),
        ]
        for act in acts:
            with pytest.raises(ValueError, match="the group was dissolved"):
                act()
        assert len(corp.callbacks.events) == before


@rule(
    "92125",
    "Members who have left do nothing any more, and nobody can add them.",
    "已离职成员不再有任何操作，客户也无法添加他们。",
)
def test_who_has_left_does_nothing_any_more(
    corp: Simulator, zhang: Member, gone: Member, ask: HttpAsker
) -> None:
    customer = corp.add_customer("王五", follow=[zhang, gone])
    half = corp.customer_adds(zhang, half=True).customer
    corp.add_follow(gone, half, half=True)
    asked = {"text": {"content": "新"}, "sender": "gone"}
    message = ask.good("group_msg.add_template", **asked)["msgid"]
    job = {"jobid": ask.good("moment.add_task", text={"content": "新"})["jobid"]}
    corp.clock.advance(minutes=1)
    moment = ask.good("moment.get_task_result", **job)["result"]["moment_id"]
    corp.member_resigns(gone)
    before = len(corp.callbacks.events)

    def acts(who: Member, whom: Customer) -> list[Callable[[], object]]:
        return [
            lambda: corp.customer_adds(who),
            lambda: corp.customer_writes(who, whom),
            lambda: corp.customer_agrees(whom, who),
            lambda: corp.member_accepts(who, half),
            lambda: corp.customer_deletes(whom, who),
            lambda: corp.member_edits(who, whom, remark="新"),
            lambda: corp.member_deletes(who, whom),
            lambda: corp.member_creates_group(who, "群"),
            lambda: corp.customer_joins(corp.add_group_chat("群", zhang), who),
            lambda: corp.member_sends(message, who),
            lambda: corp.member_publishes(moment, who),
        ]

    for act in acts(gone, customer):
        with pytest.raises(ValueError, match="gone has left the corp"):
            act()
    assert len(corp.callbacks.events) == before
    # Nor are they among all who are asked.
    assert corp.member_sends(message) == 0
    corp.member_publishes(moment)
    tasks = ask.good("moment.get_task", moment_id=moment)["task_list"]
    assert {task["userid"]: task["publish_status"] for task in tasks} == {"zhangsan": 1, "gone": 0}
    # Somebody who is there can do all of it.
    zhang.archived = True
    for act in acts(zhang, customer)[:-2]:
        act()
