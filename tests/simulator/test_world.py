"""The outside world acts and is told by callback; the API tells nobody."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from wecom_contact import Client, events
from wecom_contact.callback import Callback, wsgi
from wecom_contact.testing import Member, Simulator
from wecom_contact.types import MessageText

from simulator.asking import Asker

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def told(corp: Simulator) -> Any:
    """What was told last."""
    return corp.callbacks.events[-1]


class TestCustomers:
    """They come and go."""

    def test_who_scans_is_added_by_the_members_in_turn(
        self, corp: Simulator, zhang: Member
    ) -> None:
        corp.add_member("lisi", department=corp.add_department("销售部"))
        way = corp.add_contact_way([zhang, "lisi"], state="poster")
        first = corp.customer_scans(way, name="王五")
        second = corp.customer_scans(way.config_id)
        assert (first.member.userid, second.member.userid) == ("zhangsan", "lisi"), "in turn"
        event = corp.callbacks.events[0]
        assert isinstance(event, events.CustomerAdded)
        assert (event.userid, event.external_userid) == ("zhangsan", first.customer.external_userid)
        assert (event.state, event.corp_id) == ("poster", corp.corp_id)
        assert event.welcome_code in corp.welcome_codes
        assert (first.state, first.remark, way.scans) == ("poster", "王五", 2)
        assert corp.customer_scans(way, first.customer, member=zhang) is first
        assert len(corp.callbacks.events) == 2, "they know each other"
        by_department = corp.add_contact_way([zhang])
        by_department.users, by_department.parties = [], [2]
        assert corp.customer_scans(by_department).member.userid == "lisi"

    def test_no_welcome_code_where_the_console_or_nobody_greets(self, corp: Simulator) -> None:
        corp.add_member("greeted", console_welcome=True)
        corp.customer_adds("greeted")
        assert told(corp).welcome_code is None
        corp.add_member("zhangsan")
        corp.customer_adds("zhangsan", corp.add_customer("李总", corp_name="海川物流"))
        assert told(corp).welcome_code is None

    def test_a_half_added_customer_is_added_when_the_member_accepts(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        follow = corp.customer_adds(zhang, half=True)
        assert isinstance(told(corp), events.CustomerHalfAdded)
        code = told(corp).welcome_code
        ask.good("welcome.send", welcome_code=code, text={"content": "你好"})
        corp.member_accepts(zhang, follow.customer)
        assert isinstance(told(corp), events.CustomerAdded)
        assert told(corp).welcome_code is None, "the code of the half event was used"
        other = corp.customer_adds(zhang, half=True)
        corp.member_accepts(zhang, other.customer)
        assert told(corp).welcome_code is not None

    def test_each_side_may_delete_the_other(self, corp: Simulator, zhang: Member) -> None:
        follow = corp.customer_adds(zhang)
        customer = follow.customer
        corp.customer_deletes(customer, zhang)
        assert isinstance(told(corp), events.FollowerDeleted)
        assert follow.deleted
        with pytest.raises(ValueError, match="has deleted the member"):
            corp.customer_deletes(customer, zhang)
        with pytest.raises(ValueError, match="has deleted the member"):
            corp.customer_writes(zhang, customer)
        assert zhang.customers == [customer], "the member goes on seeing the customer"
        corp.customer_adds(zhang, customer)
        assert (follow.deleted, told(corp).welcome_code) == (False, None)
        corp.member_deletes(zhang, customer)
        assert isinstance(told(corp), events.CustomerDeleted)
        assert (told(corp).source, zhang.customers, customer.follows) == (None, [], [])

    def test_only_what_wecom_tells_of_is_told(self, corp: Simulator, zhang: Member) -> None:
        follow = corp.customer_adds(zhang)
        old, new = corp.add_tag("旧", "g"), corp.add_tag("新", "g")
        follow.tags = (old,)
        corp.member_edits(zhang, follow.customer, mobiles=["1"])
        assert isinstance(told(corp), events.CustomerAdded), "nobody is told of numbers"
        corp.member_edits(
            zhang,
            follow.customer,
            remark="老王",
            description="d",
            add_tags=["新"],
            remove_tags=[old],
        )
        assert isinstance(told(corp), events.CustomerEdited)
        assert (follow.remark, follow.description, follow.tags) == ("老王", "d", (new,))
        corp.member_edits(zhang, follow.customer, add_tags=[new])
        assert follow.tags == (new,)


class TestGroups:
    """What is said of groups."""

    def test_who_joins_and_leaves_is_told_with_versions(
        self, corp: Simulator, zhang: Member
    ) -> None:
        chat = corp.member_creates_group(zhang, "群")
        assert isinstance(told(corp), events.GroupChatCreated)
        before = corp.member_version(chat)
        corp.customer_joins(chat.chat_id, name="王五")
        event = told(corp)
        assert (event.update_detail, event.join_scene, event.change_count) == ("add_member", 0, 1)
        assert (event.last_version, event.current_version) == (before, corp.member_version(chat))
        assert event.members == [chat.members[-1].userid]
        way = corp.add_join_way([chat], state="door")
        corp.customer_joins(way.config_id)
        assert told(corp).join_scene == 3
        lisi = corp.add_member("lisi")
        corp.customer_joins(chat, lisi)
        corp.customer_leaves(chat, lisi, removed=True)
        assert (told(corp).update_detail, told(corp).quit_scene) == ("del_member", 1)
        gone = chat.members[-1].userid
        corp.customer_leaves(chat, corp.customers[gone])
        assert told(corp).quit_scene == 0
        with pytest.raises(ValueError, match="not in the group"):
            corp.customer_leaves(chat, gone)

    def test_names_notices_owners_and_the_end_are_told(
        self, corp: Simulator, zhang: Member
    ) -> None:
        chat = corp.member_creates_group(zhang, "群", [corp.add_customer("王五")])
        lisi = corp.add_member("lisi")
        with pytest.raises(ValueError, match="lisi is not in the group"):
            corp.group_owner_changed(chat, lisi)
        corp.join(chat, lisi)
        for act, detail in (
            (partial(corp.group_renamed, chat, "新"), "change_name"),
            (partial(corp.group_notice_changed, chat, "文明"), "change_notice"),
            (partial(corp.group_owner_changed, chat.chat_id, "lisi"), "change_owner"),
        ):
            act()
            assert told(corp).update_detail == detail
        assert (chat.name, chat.notice, chat.owner) == ("新", "文明", "lisi")
        corp.group_dismissed(chat)
        assert isinstance(told(corp), events.GroupChatDismissed)


def test_admins_and_tags(corp: Simulator, ask: Asker) -> None:
    tag = corp.admin_adds_tag("重要", "等级")
    assert [event.tag_type for event in corp.callbacks.events] == ["tag_group", "tag"]
    second = corp.admin_adds_tag("一般", tag.group)
    assert len(corp.callbacks.events) == 3
    corp.admin_edits_tag("重要", name="重点", order=3)
    assert isinstance(told(corp), events.TagUpdated)
    assert (tag.name, tag.order) == ("重点", 3)
    corp.admin_edits_tag(tag.group, name="客户等级")
    assert told(corp).tag_type == "tag_group"
    corp.admin_reorders_tags(tag.group, ["一般", "重点"])
    assert isinstance(told(corp), events.TagShuffled)
    shown = ask.good("corp_tag.list")["tag_group"][0]["tag"]
    assert [each["name"] for each in shown] == ["一般", "重点"]
    corp.admin_deletes_tag("重点")
    assert (told(corp).id, tag.deleted) == (tag.id, True)
    count = len(corp.callbacks.events)
    corp.admin_deletes_tag(tag.group)
    assert (len(corp.callbacks.events) - count, told(corp).id, second.deleted) == (
        1,
        tag.group.id,
        True,
    )
    strategy = corp.add_strategy("华东")
    corp.admin_adds_tag("甲", corp.add_tag_group("规则", strategy=strategy))
    assert told(corp).strategy_id == str(strategy.id)


def test_an_admin_makes_a_group_of_tags(corp: Simulator, ask: Asker) -> None:
    group = corp.admin_adds_tag_group("等级", ["VIP", "普通"])
    told = [(type(each), each.tag_type, each.id) for each in corp.callbacks.events]
    assert told == [
        (events.TagCreated, "tag_group", group.id),
        *((events.TagCreated, "tag", tag.id) for tag in group.tags),
    ]
    shown = ask.good("corp_tag.list")["tag_group"]
    assert [each["group_name"] for each in shown] == ["等级"]
    assert [each["name"] for each in shown[0]["tag"]] == ["VIP", "普通"]
    # What an admin made is no app's to edit.
    assert ask.code("corp_tag.edit", id=group.id, name="别的") == 81011


def test_the_api_tells_nobody(corp: Simulator, zhang: Member, ask: Asker) -> None:
    made = ask.good("corp_tag.add", group_name="g", tag=[{"name": "t"}])["tag_group"]
    customer = corp.add_customer("王五", follow=zhang)
    who = {"userid": "zhangsan", "external_userid": customer.external_userid}
    ask.good("customer_tag.mark", **who, add_tag=[made["tag"][0]["id"]])
    ask.good("customer.remark", **who, remark="x")
    ask.good("corp_tag.delete", group_id=[made["group_id"]])
    assert corp.callbacks.deliveries == []


# An application that listens.


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class App:
    """An application with one callback URL, whose answers can be spoilt."""

    def __init__(self, corp_id: str) -> None:
        self.events: list[Any] = []
        self.statuses: list[str] = []
        self.pause = 0.0
        good = wsgi(Callback(TOKEN, AES_KEY, corp_id), self.events.append)

        def app(environ: Any, start_response: Any) -> Any:
            if self.pause:
                pause, self.pause = self.pause, 0.0
                time.sleep(pause)
            if self.statuses:
                start_response(self.statuses.pop(0), [("Content-Length", "0")])
                return [b""]
            return good(environ, start_response)

        self.server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def app(corp: Simulator) -> Iterator[App]:
    app = App(corp.corp_id)
    yield app
    app.close()


class TestPushing:
    """Signed, encrypted, and repeated when not heard."""

    @pytest.fixture
    def told(self, corp: Simulator, app: App, zhang: Member) -> Callable[[], Any]:
        corp.callback_to(app.url, token=TOKEN, aes_key=AES_KEY, timeout=1.0, verify=True)

        def act() -> Any:
            corp.customer_adds(zhang)
            corp.callbacks.wait()
            return corp.callbacks.deliveries[-1]

        return act

    def test_a_delivery_that_is_heard_is_delivered_once(
        self, app: App, told: Callable[[], Any]
    ) -> None:
        delivery = told()
        assert (delivery.outcome, delivery.tries, delivery.status) == ("delivered", 1, 200)
        assert delivery.answer == "success"
        assert app.events == [delivery.event]

    def test_heard_at_the_third_try(self, app: App, told: Callable[[], Any]) -> None:
        app.statuses = ["500 Broken", "404 Gone"]
        delivery = told()
        assert (delivery.outcome, delivery.tries) == ("delivered", 3)
        assert len(app.events) == 1

    def test_a_delivery_nobody_takes_is_tried_three_times(
        self, app: App, told: Callable[[], Any]
    ) -> None:
        app.statuses = ["500 Broken"] * 3
        delivery = told()
        assert (delivery.outcome, delivery.tries, delivery.status) == ("failed", 3, 500)

    def test_a_late_answer_is_tried_again(self, app: App, told: Callable[[], Any]) -> None:
        app.pause = 1.3
        delivery = told()
        assert (delivery.outcome, delivery.tries) == ("delivered", 2)

    def test_lost_and_repeated(self, corp: Simulator, app: App, told: Callable[[], Any]) -> None:
        corp.callbacks.lose(2)
        assert [told().outcome, told().outcome] == ["lost", "lost"]
        assert app.events == []
        corp.callbacks.repeat()
        assert told().tries == 2
        assert len(app.events) == 1, "the application knows a repeat"

    def test_one_after_the_other(self, corp: Simulator, app: App, told: Callable[[], Any]) -> None:
        told()
        corp.callbacks.listen(lambda event: None)
        told()
        assert [each.outcome for each in corp.callbacks.deliveries] == ["delivered"] * 2
        app.statuses = ["200 OK", *["500 Broken"] * 3]
        corp.callbacks.repeat()
        assert told().outcome == "delivered", "once is enough"

    def test_every_try_is_told(self, corp: Simulator, app: App, told: Callable[[], Any]) -> None:
        seen: list[tuple[Any, int, int | None, str]] = []
        corp.callbacks.on_push = lambda push: seen.append(
            (push.event, push.tries, push.status, push.outcome)
        )
        app.statuses = ["500 Broken"]
        event = told().event
        assert seen == [(event, 1, 500, "waiting"), (event, 2, 200, "delivered")]
        seen.clear()
        app.pause = 1.3
        event = told().event
        assert seen == [(event, 1, None, "waiting"), (event, 2, 200, "delivered")]

    def test_whoever_is_told_of_a_try_may_fail(
        self, corp: Simulator, app: App, told: Callable[[], Any]
    ) -> None:
        def fail(push: Any) -> None:
            raise LookupError("no such thing")

        corp.callbacks.on_push = fail
        with pytest.raises(LookupError):
            told()
        corp.callbacks.on_push = None
        assert told().outcome == "delivered"
        assert len(app.events) == 2

    def test_after_stopping_it_can_go_on(
        self, corp: Simulator, app: App, told: Callable[[], Any]
    ) -> None:
        told()
        corp.stop()
        assert told().outcome == "delivered"


def test_a_url_proves_itself_with_its_key(corp: Simulator, app: App) -> None:
    with pytest.raises(ValueError, match="no URL yet"):
        corp.callbacks.verify()
    other_key = AES_KEY[::-1]
    with pytest.raises(ValueError, match="did not answer the verification"):
        corp.callback_to(app.url, token=TOKEN, aes_key=other_key, verify=True)
    corp.callback_to("http://127.0.0.1:1/", token=TOKEN, aes_key=AES_KEY)
    assert not corp.callbacks.verify()


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (
            "307 Temporary Redirect",
            [("Location", "https://example.com/wecom/?msg_signature=x")],
            b"",
            r"HTTP 307 to https://example\.com/wecom/, '' instead of the decrypted echostr$",
        ),
        ("404 Not Found", [], b"<h1>Not Found</h1>", "HTTP 404, '<h1>Not Found</h1>' instead"),
        ("200 OK", [], b"\xff" * 1000, "HTTP 200, '\ufffd{100}' instead"),
        # Spaces, quotes and line breaks around it are the usual mistakes.
        (
            "200 OK",
            [],
            b'"1616140317555161061"\n',
            r"""HTTP 200, '"1616140317555161061"\\n' instead""",
        ),
    ],
)
def test_a_failed_verification_says_what_was_answered(
    status: str, headers: list[tuple[str, str]], body: bytes, words: str, corp: Simulator
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response(status, [("Content-Length", str(len(body))), *headers])
        return [body]

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            with pytest.raises(ValueError, match=words) as caught:
                corp.callback_to(url, token=TOKEN, aes_key=AES_KEY, verify=True)
        finally:
            server.shutdown()
            thread.join()
    assert str(caught.value).startswith(f"{url} did not answer the verification as WeCom wants it:")


def test_a_failed_verification_says_that_nobody_answered(corp: Simulator) -> None:
    with pytest.raises(ValueError, match="wants it: no answer within a second: .*refused"):
        corp.callback_to("http://127.0.0.1:1/", token=TOKEN, aes_key=AES_KEY, verify=True)


def test_a_url_that_does_not_prove_itself_is_not_taken(
    corp: Simulator, app: App, zhang: Member
) -> None:
    corp.callback_to(app.url, token=TOKEN, aes_key=AES_KEY)
    with pytest.raises(ValueError, match="did not answer"):
        corp.callback_to("http://127.0.0.1:1/", token=TOKEN, aes_key=AES_KEY, verify=True)
    corp.customer_adds(zhang)
    corp.callbacks.wait()
    assert app.events == corp.callbacks.events


def test_a_listener_may_call_back(wecom_corp: Simulator, wecom: Client) -> None:
    """No URL, no encryption: a function of the test's own."""

    def greet(event: Any) -> None:
        wecom.welcome.send(welcome_code=event.welcome_code, text=MessageText(content="你好"))

    wecom_corp.callbacks.listen(greet)
    wecom_corp.add_member("zhangsan")
    follow = wecom_corp.customer_adds("zhangsan")
    wecom_corp.callbacks.wait()
    assert wecom_corp.callbacks.deliveries[0].outcome == "delivered"
    assert [message.text for message in wecom_corp.messages_to(follow.customer)] == ["你好"]


def test_a_listener_may_fail(corp: Simulator, zhang: Member) -> None:
    def fail(event: Any) -> None:
        raise LookupError("no such thing")

    corp.callbacks.listen(fail)
    corp.customer_adds(zhang)
    with pytest.raises(LookupError):
        corp.callbacks.wait()
    corp.callbacks.wait()


def test_waiting_has_an_end(corp: Simulator, zhang: Member) -> None:
    ended = threading.Event()
    corp.callbacks.listen(lambda event: ended.wait(10))
    corp.customer_adds(zhang)
    with pytest.raises(TimeoutError, match="1 callbacks"):
        corp.callbacks.wait(0.05)
    ended.set()
    corp.callbacks.wait()


def test_events_are_kept_though_nobody_listens(corp: Simulator, zhang: Member) -> None:
    corp.customer_adds(zhang)
    assert corp.callbacks.deliveries[0].outcome == "nobody"
    corp.callbacks.wait()
    corp.tell(corp.callbacks.events[0])
    assert len(corp.callbacks.events) == 2


def test_the_async_fixture_asks_the_same_corp(wecom_corp: Simulator, async_wecom: Any) -> None:
    wecom_corp.add_member("zhangsan")

    async def run() -> list[str]:
        async with async_wecom as wecom:
            return list((await wecom.follow_user.list()).follow_user)

    assert asyncio.run(run()) == ["zhangsan"]
