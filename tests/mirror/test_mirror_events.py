"""In step by events: whatever is told, in any order and however often, the mirror equals the corp."""

import asyncio
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from wecom_contact import BEIJING, events
from wecom_contact.callback import Callback, UnknownEvent, asgi, wsgi
from wecom_contact.mirror import AsyncMirror, Mirror
from wecom_contact.testing import Simulator

from .mirror_support import PATIENT, ask, calls_of, expected, fill, found

Make = Callable[..., Mirror]
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
NOW = datetime(2026, 11, 26, 12, tzinfo=BEIJING)


def a_day(corp: Simulator) -> None:
    """Everything that can happen, and is told."""
    zhang, li, *_ = corp.serving()
    first, second, third, fourth = zhang.customers[:4]
    way = corp.add_contact_way([li], state="poster")
    new = corp.customer_scans(way, name="扫码来的").customer
    corp.customer_adds(zhang, new)
    half = corp.customer_adds(zhang, name="半个客户", half=True).customer
    corp.member_accepts(zhang, half)
    corp.customer_adds(li, name="还没通过", half=True)
    corp.member_edits(zhang, first, remark="老朋友", add_tags=["意向/高意向"])
    corp.member_deletes(zhang, second)
    corp.customer_deletes(third, zhang)
    corp.customer_deletes(fourth, zhang)
    corp.clock.advance(seconds=2)
    corp.customer_adds(zhang, fourth)
    corp.admin_adds_tag("会员日", "活动")
    corp.admin_adds_tag_group("新组", ["甲", "乙"])
    corp.admin_edits_tag("意向/高意向", name="很想要")
    corp.admin_deletes_tag("来源/展会")
    corp.admin_deletes_tag(corp.tag("客户等级/重要").group)
    corp.admin_reorders_tags(corp.tag("甲").group, ["乙", "甲"])
    chat = corp.member_creates_group(zhang, "新群", [first, li])
    corp.customer_joins(chat, third)
    corp.customer_leaves(chat, first)
    corp.group_renamed(chat, "改名群")
    corp.group_notice_changed(chat, "公告")
    corp.group_owner_changed(chat, li)
    corp.group_dismissed(next(iter(corp.group_chats.values())))


def left(mirror: Mirror) -> set[tuple[Any, ...]]:
    return set(
        ask(
            mirror,
            "SELECT userid, external_userid FROM follows"
            " WHERE left_at IS NOT NULL AND vanished_at IS NULL",
        )
    )


def deleted(corp: Simulator) -> set[tuple[str, str]]:
    return {
        (member.userid, external_userid)
        for member in corp.members.values()
        for external_userid, follow in member.follows.items()
        if follow.deleted
    }


def test_events_of_every_kind_keep_the_mirror_in_step(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 60, members=4, groups=3)
    mirror = make(db)
    mirror.sync()
    corp.callbacks.listen(mirror.apply)
    a_day(corp)
    corp.callbacks.wait()
    assert found(mirror) == expected(corp)
    assert left(mirror) == deleted(corp)
    # What callbacks said, nobody need say again.
    report = mirror.reconcile(deep=True)
    assert not report.differs, str(report)


@pytest.mark.parametrize("seed", range(3))
def test_events_may_come_in_any_order_and_however_often(
    seed: int, corp: Simulator, db: str, make: Make
) -> None:
    if seed and not db.startswith("sqlite"):
        seed += 100
    fill(corp, 40, members=4, groups=3)
    mirror = make(db)
    mirror.sync()
    a_day(corp)
    told = [*corp.callbacks.events, *corp.callbacks.events]
    random.Random(seed).shuffle(told)
    for event in told:
        assert mirror.apply(event)
    assert found(mirror) == expected(corp)
    assert left(mirror) == deleted(corp)
    before = ask(mirror, "SELECT userid, external_userid, vanished_at FROM follows ORDER BY 1, 2")
    for event in told:
        mirror.apply(event)
    after = ask(mirror, "SELECT userid, external_userid, vanished_at FROM follows ORDER BY 1, 2")
    assert after == before


def test_events_fill_an_empty_mirror(corp: Simulator, file: str, make: Make) -> None:
    zhang = corp.add_member("zhangsan")
    mirror = make(file)
    corp.callbacks.listen(mirror.apply)
    customer = corp.customer_adds(zhang, name="李四").customer
    corp.member_creates_group(zhang, "群", [customer])
    corp.callbacks.wait()
    assert set(found(mirror)["follows"]) == set(expected(corp)["follows"])
    assert found(mirror)["group_chats"] == expected(corp)["group_chats"]
    corp.member_deletes(zhang, customer)
    corp.callbacks.wait()
    assert found(mirror)["customers"] == {}
    ((name, vanished),) = ask(mirror, "SELECT name, vanished_at FROM customers")
    assert name == "李四"
    assert vanished is not None


def test_a_handover_is_followed(corp: Simulator, file: str, make: Make) -> None:
    staff = fill(corp, 20, members=4)
    mirror = make(file)
    mirror.sync()
    corp.callbacks.listen(mirror.apply)
    with corp.client() as wecom:
        ids = [customer.external_userid for customer in staff[0].customers[:2]]
        wecom.transfer.customer(
            handover_userid=staff[0].userid,
            takeover_userid=staff[1].userid,
            external_userid=ids,
        )
        corp.customer_refuses(ids[1])
        corp.clock.advance(hours=25)
    corp.callbacks.wait()
    assert found(mirror) == expected(corp)
    kinds = {type(event).__name__ for event in corp.callbacks.events}
    assert "CustomerTransferFailed" in kinds


def test_the_deletion_of_a_group_of_tags_takes_them_from_customers(
    corp: Simulator, db: str, make: Make
) -> None:
    staff = fill(corp, 40, members=3)
    mirror = make(db)
    mirror.sync()
    group = corp.tag("客户等级/重要").group
    count = sum(
        tag.group is group
        for member in staff
        for follow in member.follows.values()
        for tag in follow.tags
    )
    assert count
    corp.admin_deletes_tag(group)
    calls = calls_of(corp, lambda: mirror.apply(corp.callbacks.events[-1]))
    assert calls == 1
    assert found(mirror) == expected(corp)


def test_a_group_that_is_shown_as_it_was_is_read_again(
    corp: Simulator, file: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhang = corp.add_member("zhangsan")
    chat = corp.add_group_chat("群", zhang)
    mirror = make(file)
    paused: list[float] = []

    def pause(seconds: float) -> None:
        """WeCom shows the new state at last."""
        paused.append(seconds)
        if len(paused) == 2:
            corp.join(chat, corp.add_customer("迟到的人"))
            chat.version += 1

    monkeypatch.setattr("wecom_contact.mirror._mirror.time.sleep", pause)
    words = {"chat_id": chat.chat_id, "update_detail": events.UpdateDetail.ADD_MEMBER}
    before = corp.member_version(chat)
    event = events.GroupChatUpdated(time=NOW, **words, last_version=before, current_version="new")
    assert mirror.apply(event)
    assert paused == [2.0, 2.0]
    assert found(mirror)["group_chats"] == expected(corp)["group_chats"]
    assert found(mirror)["group_members"] == expected(corp)["group_members"]
    # It is not waited for longer than that, nor where the members did not change.
    paused.clear()
    before = corp.member_version(chat)
    event = events.GroupChatUpdated(time=NOW, **words, last_version=before, current_version="new")
    monkeypatch.setattr("wecom_contact.mirror._mirror.time.sleep", paused.append)
    mirror.apply(event)
    assert paused == [2.0, 2.0]
    mirror.apply(events.GroupChatUpdated(time=NOW, **words))
    mirror.apply(
        events.GroupChatUpdated(time=NOW, **words, last_version=before, current_version=before)
    )
    assert len(paused) == 2


def test_the_last_word_counts_on_who_has_left_whom(corp: Simulator, db: str, make: Make) -> None:
    zhang = corp.add_member("zhangsan")
    li = corp.add_customer("李四", follow=zhang, when=int(NOW.timestamp()) - 86400)
    mirror = make(db)
    mirror.sync()
    pair = {"userid": "zhangsan", "external_userid": li.external_userid}
    gone = events.FollowerDeleted(time=NOW, **pair)
    back = events.CustomerAdded(time=NOW + timedelta(seconds=60), **pair)
    gone_again = events.FollowerDeleted(time=NOW + timedelta(seconds=120), **pair)
    for order, lost in (
        ([gone], True),
        ([back, gone], False),
        ([gone, back], False),
        ([gone_again, back, gone], True),
    ):
        for event in order:
            mirror.apply(event)
        assert bool(left(mirror)) is lost
    ((day,),) = ask(mirror, "SELECT left_on FROM follows")
    assert str(day) == "2026-11-26"
    # Of two in the same second the second is known, for who begins is added first.
    mirror.apply(events.CustomerAdded(time=gone_again.time, **pair))
    mirror.apply(gone_again)
    assert not left(mirror)
    wang = corp.add_customer("王五", follow=zhang, when=int(NOW.timestamp()))
    pair = {"userid": "zhangsan", "external_userid": wang.external_userid}
    came = events.CustomerAdded(time=NOW, **pair)
    went = events.FollowerDeleted(time=NOW, **pair)
    for order in ([came, went], [went, came]):
        for event in order:
            mirror.apply(event)
        assert left(mirror) == {("zhangsan", wang.external_userid)}


@pytest.mark.parametrize(
    ("family", "change", "data"),
    [
        ("change_external_contact", "new_kind", {"ExternalUserID": "CUSTOMER"}),
        ("change_external_chat", "new_kind", {"ChatId": "CHAT"}),
        ("change_external_tag", "new_kind", {}),
        ("change_contact", "delete_user", {"UserID": "lisi"}),
    ],
)
def test_events_without_a_class_are_followed_where_it_is_plain_what_they_are_about(
    family: str, change: str, data: dict[str, str], corp: Simulator, file: str, make: Make
) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi")
    customer = corp.add_customer("李四", follow=[zhang, li])
    chat = corp.add_group_chat("群", zhang)
    mirror = make(file)
    mirror.sync()
    if family == "change_external_contact":
        corp.follow(zhang, customer).remark = "改了"
    elif family == "change_external_chat":
        chat.name = "改了"
    elif family == "change_external_tag":
        corp.add_tag_group("组", ["标签"])
    else:
        corp.resign(li)
    ids = {"CUSTOMER": customer.external_userid, "CHAT": chat.chat_id}
    extra = {name: ids.get(value, value) for name, value in data.items()}
    event = UnknownEvent(time=NOW, family=family, change=change, extra=extra)
    assert mirror.apply(event)
    assert found(mirror) == expected(corp)


@pytest.mark.parametrize(
    "event",
    [
        events.SuiteTicketPushed(time=NOW, suite_ticket="ticket"),
        UnknownEvent(time=NOW, family="something_else"),
        UnknownEvent(time=NOW, family="change_external_contact", change="odd"),
        UnknownEvent(time=NOW, family="change_external_chat", extra={"ChatId": ["odd"]}),
    ],
)
def test_events_of_other_things_ask_for_nothing(
    event: Any, corp: Simulator, file: str, make: Make
) -> None:
    mirror = make(file)
    assert calls_of(corp, lambda: mirror.apply(event)) == 0
    assert not mirror.apply(event)


def test_events_of_acquisition_are_followed(corp: Simulator, file: str, make: Make) -> None:
    zhang = corp.add_member("zhangsan")
    link = corp.add_acquisition_link("广告", [zhang])
    mirror = make(file)
    corp.callbacks.listen(mirror.apply)
    follow = corp.customer_clicks(link, state="ad")
    assert follow is not None
    corp.customer_deletes(follow.customer, zhang)
    corp.callbacks.wait()
    assert left(mirror) == deleted(corp)
    # The component is not always told whom it is about.
    assert mirror.apply(events.AcquisitionFollowerDeleted(time=NOW))
    assert mirror.apply(
        events.CustomerAdded(time=NOW, userid="", external_userid=follow.customer.external_userid)
    )
    assert set(found(mirror)["follows"]) == {("zhangsan", follow.customer.external_userid)}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_it_is_the_handler_of_a_callback_app(corp: Simulator, file: str, make: Make) -> None:
    fill(corp, 30, members=4, groups=2)
    mirror = make(file)
    mirror.sync()
    app = wsgi(Callback(TOKEN, AES_KEY, corp.corp_id, seen=None), mirror.apply)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        corp.callback_to(f"http://127.0.0.1:{server.server_port}/", token=TOKEN, aes_key=AES_KEY)
        a_day(corp)
        corp.callbacks.wait()
        server.shutdown()
        thread.join()
        app.close()
    assert found(mirror) == expected(corp)


def test_the_async_mirror_waits_for_a_group_that_is_shown_as_it_was(
    corp: Simulator, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = corp.add_group_chat("群", corp.add_member("zhangsan"))
    monkeypatch.setattr("wecom_contact.mirror._flow.STALE", 0)
    event = events.GroupChatUpdated(
        time=NOW,
        chat_id=chat.chat_id,
        update_detail=events.UpdateDetail.ADD_MEMBER,
        last_version=corp.member_version(chat),
        current_version="new",
    )

    async def apply() -> None:
        async with corp.async_client(retry=PATIENT) as wecom, AsyncMirror(file, wecom) as mirror:
            assert await mirror.apply(event)

    assert calls_of(corp, lambda: asyncio.run(apply())) == 3


def test_it_is_the_handler_of_an_async_callback_app(corp: Simulator, file: str) -> None:
    fill(corp, 30, members=4)

    async def serve() -> None:
        async with corp.async_client(retry=PATIENT) as wecom, AsyncMirror(file, wecom) as mirror:
            callback = Callback(TOKEN, AES_KEY, corp.corp_id, seen=None)
            app = asgi(callback, mirror.apply)
            customer = corp.customer_adds("zhangsan", name="新来的").customer
            query, body = callback.forge(corp.callbacks.events[-1])
            scope = {
                "type": "http",
                "method": "POST",
                "query_string": "&".join(f"{k}={v}" for k, v in query.items()).encode(),
            }

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Any) -> None:
                pass

            await app(scope, receive, send)
            await app.aclose()
            found_ids = {row[0] for row in ask_async(mirror)}
            assert customer.external_userid in found_ids

    asyncio.run(serve())


def ask_async(mirror: AsyncMirror) -> list[tuple[Any, ...]]:
    with mirror.engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql("SELECT external_userid FROM customers")
        ]
