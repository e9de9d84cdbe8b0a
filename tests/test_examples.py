"""The eight working days, each in a quiet corp and in one that troubles a tenth of all answers: the end is the same."""

import ast
import asyncio
import csv
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.etree import ElementTree

import pytest
from wecom_contact import Client, Retry
from wecom_contact.callback import Callback, wsgi
from wecom_contact.errors import InvalidArgument, TransportError
from wecom_contact.group_msg import GroupMsgDeliveryStatus
from wecom_contact.testing import CallMade, Customer, Member, Simulator
from wecom_contact.transfer import TransferStatus

from examples import (
    day1_sync_customers,
    day2_tag_from_csv,
    day3_channels,
    day4_mass_message,
    day5_hand_over,
    day6_moment,
    day7_statistics,
    day8_mirror,
)

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PATIENT = Retry(tries=12, first=0.001, longest=0.01)
SEED = 149
"""Of those whose trouble begins at once, so that short examples get some, too."""
PICTURE = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture(params=["quiet", "troubled"])
def corp(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A corp in which all goes well, and one in which a tenth of the answers are broken or busy."""
    with Simulator() as corp:
        if request.param == "troubled":
            corp.trouble.mix(0.1, seed=SEED)
        yield corp
        assert bool(corp.trouble.made) == (request.param == "troubled")


@pytest.fixture
def wecom(corp: Simulator) -> Iterator[Client]:
    with corp.client(retry=PATIENT, strict=True) as client:
        yield client


def run(corp: Simulator, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Do something asynchronous with a client of the corp."""

    async def inside() -> Any:
        async with corp.async_client(retry=PATIENT, strict=True) as wecom:
            return await work(wecom, *args, **options)

    return asyncio.run(inside())


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        pass


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def served(
    corp: Simulator, handler: Callable[[Any], Any], seen: Literal["memory"] | None = "memory"
) -> Iterator[None]:
    """Take the corp's callbacks; at the end everything is handled."""
    app = wsgi(Callback(TOKEN, AES_KEY, corp.corp_id, seen=seen), handler)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/wecom"
        corp.callback_to(url, token=TOKEN, aes_key=AES_KEY)
        until(corp.callbacks.verify)
        try:
            yield
            corp.callbacks.wait()
        finally:
            server.shutdown()
            thread.join()
            app.close()


def follows(corp: Simulator) -> dict[tuple[str, str], tuple[str, str, list[str], str | None]]:
    """What a copy of the corp must hold."""
    return {
        (member.userid, customer): (
            follow.customer.name,
            follow.remark,
            sorted(f"{tag.group.name}/{tag.name}" for tag in follow.tags),
            follow.state,
        )
        for member in corp.members.values()
        for customer, follow in member.follows.items()
        if not follow.half and not member.resigned
    }


def count(corp: Simulator, name: str) -> int:
    return corp.call_counts[name]


# Day 1.


def copied(path: str) -> dict[tuple[str, str], tuple[str, str, list[str], str | None]]:
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT userid, external_userid, name, remark, tags, state FROM customer")
        return {row[:2]: (*row[2:4], sorted(json.loads(row[4])), row[5]) for row in rows}


class Stopped(Exception):
    """Somebody pulled the plug."""


def test_a_stopped_sync_goes_on_where_it_was(
    corp: Simulator, wecom: Client, tmp_path: Path
) -> None:
    corp.populate(900)
    path = str(tmp_path / "customers.db")
    pages: list[int] = []

    def stop(rows: int) -> None:
        pages.append(rows)
        if len(pages) == 4:
            raise Stopped

    with pytest.raises(Stopped):
        day1_sync_customers.main(wecom, path, stop)
    assert 0 < len(copied(path)) < len(follows(corp))
    done = day1_sync_customers.main(wecom, path)
    assert done.pages == -(-len(follows(corp)) // 100) - 3  # the page it stopped at comes again
    assert copied(path) == follows(corp)

    # The next day.
    zhang, li = list(corp.serving())[:2]
    corp.member_deletes(zhang, zhang.customers[0])
    corp.member_edits(zhang, zhang.customers[1], remark="老朋友", add_tags=["意向/高意向"])
    corp.add_customer("赵六", follow=[zhang, li], state="poster")
    assert day1_sync_customers.main(wecom, path).removed == 1
    assert copied(path) == follows(corp)


def test_sync_of_nobody(corp: Simulator, wecom: Client, tmp_path: Path) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi", licensed=False)
    path = str(tmp_path / "customers.db")
    assert day1_sync_customers.main(wecom, path).rows == 0
    corp.add_customer("王五", follow=["zhangsan", "lisi"])
    done = day1_sync_customers.main(wecom, path)
    assert (done.rows, done.unlicensed) == (1, ["lisi"])


def test_sync_begins_again(corp: Simulator, wecom: Client, tmp_path: Path) -> None:
    corp.populate(500)
    path = str(tmp_path / "customers.db")
    pages: list[int] = []

    def stop(rows: int) -> None:
        pages.append(rows)
        if len(pages) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        day1_sync_customers.main(wecom, path, stop)
    corp.member_resigns(next(corp.serving()))
    day1_sync_customers.main(wecom, path)
    assert copied(path) == follows(corp)


def test_sync_removes_nobody_whom_it_only_missed(tmp_path: Path) -> None:
    with Simulator() as corp, corp.client() as wecom:
        corp.populate(300, members=2)
        (zhang,) = corp.serving()
        path = str(tmp_path / "customers.db")
        day1_sync_customers.main(wecom, path)

        def meanwhile(rows: int) -> None:
            corp.member_deletes(zhang, zhang.customers[0])

        done = day1_sync_customers.main(wecom, path, meanwhile)
        # Those who were deleted had been read already; their turn comes tomorrow.
        assert done.removed == 0
        assert copied(path).keys() > follows(corp).keys()
        assert day1_sync_customers.main(wecom, path).removed == 3
        assert copied(path) == follows(corp)


def test_sync_does_not_hide_refusals(wecom_alone: Client, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument):
        day1_sync_customers.main(wecom_alone, str(tmp_path / "customers.db"))


@pytest.fixture
def wecom_alone() -> Iterator[Client]:
    """A client whose calls are refused."""
    with Simulator() as corp, corp.client() as client:
        corp.add_member("zhangsan")
        corp.trouble.next("customer.batch_get", errcode=40058)
        yield client


# Day 2.


def write_csv(path: Path, rows: list[tuple[str, str, str]]) -> str:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("userid", "external_userid", "tags"), *rows])
    return str(path)


def test_tags_from_csv(corp: Simulator, tmp_path: Path) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi")
    corp.add_member("wangwu", customer_contact=False)
    corp.add_tag_group("等级", ["VIP", "普通"])
    people = [corp.add_customer(f"客户{n}", follow=zhang) for n in range(160)]
    known = corp.add_customer("老客户", follow=li, tags=["等级/VIP"])
    rows = [("zhangsan", each.external_userid, "等级/VIP; 活动/双十一") for each in people]
    rows += [
        ("lisi", known.external_userid, "等级/VIP"),
        ("lisi", people[0].external_userid, "等级/VIP"),
        ("wangwu", known.external_userid, "等级/VIP"),
        ("zhangsan", people[0].external_userid, "VIP"),
    ]
    path = write_csv(tmp_path / "tags.csv", rows)

    report = run(corp, day2_tag_from_csv.main, path)
    assert len(report.plan.changes) == 160
    assert report.plan.new_tags == ["活动/双十一"]
    assert report.plan.done == 1
    assert [each.split(":")[0] for each in report.plan.problems] == [
        "line 163",
        "line 164",
        "line 165",
    ]
    assert not any(each.tags for each in people)
    assert count(corp, "corp_tag.add") == count(corp, "customer_tag.mark") == 0

    report = run(corp, day2_tag_from_csv.main, path, apply=True)
    assert (report.tagged, report.failed) == (160, [])
    assert all(each.tags == ["VIP", "双十一"] for each in people)
    assert len([tag for tag in corp.tags.values() if tag.name == "双十一"]) == 1

    before = count(corp, "customer_tag.mark")
    report = run(corp, day2_tag_from_csv.main, path, apply=True)
    assert (report.plan.done, report.tagged) == (161, 0)
    assert count(corp, "customer_tag.mark") == before


def test_tags_that_fail_are_done_the_next_time(tmp_path: Path) -> None:
    with Simulator() as corp:
        zhang = corp.add_member("zhangsan")
        corp.add_tag_group("等级", ["VIP"])
        people = [corp.add_customer(f"客户{n}", follow=zhang) for n in range(5)]
        path = write_csv(
            tmp_path / "tags.csv", [("zhangsan", c.external_userid, "等级/VIP") for c in people]
        )
        # Once the answer gets lost after the work was done, once WeCom says no.
        corp.trouble.next("customer_tag.mark", cut=True, done=True)
        corp.trouble.next("customer_tag.mark", errcode=40058)
        report = run(corp, day2_tag_from_csv.main, path, apply=True)
        assert (report.tagged, len(report.failed)) == (3, 2)
        report = run(corp, day2_tag_from_csv.main, path, apply=True)
        assert (report.plan.done, report.tagged) == (4, 1)
        assert all(each.tags == ["VIP"] for each in people)


def test_tags_of_members_without_customers(tmp_path: Path) -> None:
    with Simulator() as corp:
        corp.add_member("zhangsan")
        path = write_csv(tmp_path / "tags.csv", [("zhangsan", "wmNOBODY", "等级/VIP")])
        report = run(corp, day2_tag_from_csv.main, path, apply=True)
        assert report.plan.problems == ["line 2: wmNOBODY is not a customer of zhangsan"]


# Day 3.


def test_channels_are_made_once_and_greet_and_tag(corp: Simulator, wecom: Client) -> None:
    corp.add_member("zhangsan")
    corp.add_member("lisi", console_welcome=True)
    corp.add_tag_group("渠道", ["海报"], app=corp.app)
    codes, handle = day3_channels.main(wecom, ["zhangsan", "lisi"])
    assert sorted(codes) == ["fair", "poster", "store"]
    assert day3_channels.main(wecom, ["zhangsan", "lisi"])[0] == codes
    assert len(corp.contact_ways) == 3
    assert len([tag for tag in corp.tags.values() if tag.group.name == "渠道"]) == 3

    ways = {way.state: way for way in corp.contact_ways.values()}
    other = corp.add_contact_way(["zhangsan"], state="not ours")
    with served(corp, handle):
        poster = corp.customer_scans(ways["poster"], name="甲", member="zhangsan").customer
        store = corp.customer_scans(ways["store"], name="乙", member="zhangsan").customer
        # The console greets for her, so there is no code; the tag is ours all the same.
        quiet = corp.customer_scans(ways["fair"], name="丙", member="lisi").customer
        stranger = corp.customer_scans(other, name="丁").customer
        half = corp.customer_adds("zhangsan", name="戊", state="fair", half=True).customer
        corp.callbacks.repeat()
        twice = corp.customer_scans(ways["fair"], name="己", member="zhangsan").customer
    corp.clock.advance(seconds=5)
    with served(corp, handle):
        corp.member_accepts("zhangsan", half)

    said = {each.to: each.text for each in corp.sent_messages}
    greetings = {state: channel.greeting for state, channel in day3_channels.CHANNELS.items()}
    assert said == {
        poster.external_userid: greetings["poster"],
        store.external_userid: greetings["store"],
        half.external_userid: greetings["fair"],
        twice.external_userid: greetings["fair"],
    }
    assert len(corp.sent_messages) == 4
    tags = [each.tags for each in (poster, store, quiet, stranger, half, twice)]
    assert tags == [["海报"], ["门店"], ["展会"], [], ["展会"], ["展会"]]


def test_late_welcome_is_given_up(corp: Simulator, wecom: Client) -> None:
    corp.add_member("zhangsan")
    _, handle = day3_channels.main(wecom, ["zhangsan"])
    corp.lifetimes.welcome_code = 0
    way = next(iter(corp.contact_ways.values()))
    with served(corp, handle):
        customer = corp.customer_scans(way).customer
    assert corp.sent_messages == []
    assert customer.tags == ["海报"]


# Day 4.


def staff(corp: Simulator, customers: int = 20) -> dict[str, tuple[Member, list[Customer]]]:
    made = {}
    for userid in ("zhangsan", "lisi", "wangwu"):
        member = corp.add_member(userid)
        made[userid] = (
            member,
            [corp.add_customer(f"{userid}的客户{n}", follow=member) for n in range(customers)],
        )
    return made


def test_a_mass_message_is_followed_to_its_end(
    corp: Simulator, wecom: Client, tmp_path: Path
) -> None:
    people = staff(corp)
    corp.manner.dispatch_polls = 1
    everybody = [each.external_userid for _, some in people.values() for each in some]
    waited: list[float] = []

    def wait(seconds: float) -> None:
        """Zhang sends soon, Li after a reminder, Wang never."""
        waited.append(seconds)
        corp.clock.advance(seconds=seconds)
        (message,) = corp.mass_messages.values()
        if len(waited) == 3:
            corp.customer_deletes(people["lisi"][1][0], "lisi")
            corp.member_sends(message, "zhangsan")
        if message.reminders:
            corp.member_sends(message, "lisi")

    memory = tmp_path / "friday.msgid"
    ids = [*everybody, "wmNOBODY"]
    outcome = day4_mass_message.main(wecom, memory, "周五全场八折", ids, wait)
    assert outcome.unreachable == ["wmNOBODY"]
    assert outcome.forgotten == ["wangwu"]
    assert outcome.reminders == 3
    assert outcome.deliveries == Counter(
        {
            GroupMsgDeliveryStatus.SENT: 39,
            GroupMsgDeliveryStatus.NOT_FRIEND: 1,
            GroupMsgDeliveryStatus.UNSENT: 20,
        }
    )
    assert sum(waited) < timedelta(hours=25).total_seconds()
    (message,) = corp.mass_messages.values()
    assert message.cancelled
    assert {each.text for each in corp.sent_messages} == {"周五全场八折"}
    reached = [each.to for each in corp.sent_messages]
    assert len(reached) == len(set(reached)) == 39

    # Run again, it only looks.
    again = day4_mass_message.main(wecom, memory, "周五全场八折", ids, wait)
    assert (again.msgid, again.unreachable) == (outcome.msgid, ["wmNOBODY"])
    assert (again.deliveries, again.forgotten) == (outcome.deliveries, ["wangwu"])
    assert len(corp.mass_messages) == 1


def test_message_is_not_sent_twice_when_the_answer_is_lost(tmp_path: Path) -> None:
    for trouble in ({"cut": True}, {"truncated": True}, {"status": 502}):
        with Simulator() as corp, corp.client(retry=PATIENT) as wecom:
            zhang = corp.add_member("zhangsan")
            customer = corp.add_customer("李四", follow=zhang)
            corp.add_mass_message("别的事", creator=zhang)
            corp.trouble.next("group_msg.add_template", done=True, **trouble)
            day4_mass_message.main(
                wecom,
                tmp_path / str(trouble),
                "你好",
                [customer.external_userid],
                lambda seconds: [corp.member_sends(m) for m in corp.mass_messages.values()],
            )
            assert count(corp, "group_msg.add_template") == 1
            assert [each.text for each in corp.messages_to(customer)].count("你好") == 1


def test_message_that_never_arrived_is_an_error(tmp_path: Path) -> None:
    with Simulator() as corp, corp.client() as wecom:
        customer = corp.add_customer("李四", follow=corp.add_member("zhangsan"))
        corp.trouble.next("group_msg.add_template", cut=True)
        with pytest.raises(TransportError):
            day4_mass_message.main(
                wecom, tmp_path / "memory", "你好", [customer.external_userid], time.sleep
            )
        assert not (tmp_path / "memory").exists()
        assert corp.mass_messages == {}


# Day 5.


def test_everything_of_a_member_who_leaves_is_handed_over(corp: Simulator, wecom: Client) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi")
    wang = corp.add_member("wangwu", customer_limit=120)
    corp.add_member("zhaoliu")
    corp.add_tag_group("等级", ["VIP"])
    people = [corp.add_customer(f"客户{n}", follow=zhang, tags=["等级/VIP"]) for n in range(250)]
    elsewhere = corp.add_customer("别人的客户", follow="zhaoliu")
    chats = [corp.add_group_chat(f"群{n}", zhang, people[:3]) for n in range(3)]
    corp.member_resigns(zhang)
    corp.member_resigns("zhaoliu")
    waits = 0

    def wait(seconds: float) -> None:
        nonlocal waits
        waits += 1
        if waits == 1:
            corp.customer_refuses(people[7])
            for n in range(110):
                corp.add_customer(f"新客户{n}", follow=wang)
        corp.clock.advance(seconds=seconds)

    done = day5_hand_over.main(wecom, "zhangsan", ["lisi", "wangwu"], wait)
    # A hundred go to Li, a hundred to Wang, who meanwhile has no room but for ten, and fifty to Li.
    assert done.customers == Counter(
        {TransferStatus.DONE: 159, TransferStatus.REFUSED: 1, TransferStatus.TAKEOVER_FULL: 90}
    )
    assert len(done.refused) == 91
    assert people[7].external_userid in done.refused
    assert (done.groups, done.groups_left, done.not_started) == (3, {}, {})
    assert 24 <= waits <= 26
    assert [chat.owner for chat in chats] == ["lisi", "wangwu", "lisi"]
    assert len(li.follows) == 149
    assert len(wang.follows) == 120
    assert all(follow.tag_names == ["VIP"] for follow in li.follows.values())
    assert corp.unassigned[0].external_userid == elsewhere.external_userid

    # Run again, it hands on those who were not taken, and then has nothing left to do.
    for _ in range(2):
        again = day5_hand_over.main(wecom, "zhangsan", ["lisi", "wangwu"], wait)
        assert again.customers == Counter({TransferStatus.DONE: 250})
        assert (again.refused, again.groups) == ([], 0)
    assert [each.external_userid for each in corp.unassigned] == [elsewhere.external_userid]


def test_hand_over_that_does_not_start(corp: Simulator, wecom: Client) -> None:
    zhang = corp.add_member("zhangsan")
    corp.add_member("lisi", customer_limit=0)
    corp.add_member("wangwu")
    people = [corp.add_customer(f"客户{n}", follow=zhang) for n in range(5)]
    corp.add_group_chat("满员群", zhang).full = True
    corp.member_resigns(zhang)
    done = day5_hand_over.main(wecom, "zhangsan", ["lisi"], time.sleep)
    assert done.not_started == {each.external_userid: 40099 for each in people}
    assert (len(done.groups_left), done.groups) == (1, 0)
    done = day5_hand_over.main(
        wecom, "zhangsan", ["wangwu"], lambda seconds: corp.clock.advance(seconds=seconds)
    )
    assert done.customers == {TransferStatus.DONE: 5}
    assert corp.members["wangwu"].customers == people


# Day 6.


def test_a_moment_is_followed_over_nights_and_stops(corp: Simulator, tmp_path: Path) -> None:
    people = staff(corp)
    picture = tmp_path / "海报.png"
    picture.write_bytes(PICTURE)
    waited = 0.0

    async def stop(seconds: float) -> None:
        raise Stopped

    async def sleep(seconds: float) -> None:
        """Zhang publishes soon, Li the next morning, Wang never."""
        nonlocal waited
        waited += seconds
        corp.clock.advance(seconds=seconds)
        for moment in corp.moments.values():
            if waited >= 3600 and moment.publications["zhangsan"].published_at is None:
                corp.member_publishes(moment, "zhangsan")
                corp.likes(moment, "zhangsan", people["zhangsan"][1][0])
                corp.comments(moment, "zhangsan", people["zhangsan"][1][1])
                corp.comments(moment, "zhangsan", "lisi")
            if waited >= 10 * 3600:
                corp.member_publishes(moment, "lisi")

    userids = ["zhangsan", "lisi", "wangwu", "nobody"]
    memory = tmp_path / "spring.jobid"
    with pytest.raises(Stopped):
        run(corp, day6_moment.main, memory, "新品上市", picture, userids, stop)
    published = run(corp, day6_moment.main, memory, "新品上市", picture, userids, sleep)
    assert published.left_out == ["nobody"]
    assert published.not_published == ["wangwu"]
    echoes = {echo.userid: echo for echo in published.echoes}
    assert sorted(echoes) == ["lisi", "zhangsan"]
    assert echoes["zhangsan"] == day6_moment.Echo(
        "zhangsan", 20, [people["zhangsan"][1][1].external_userid, "lisi"],
        [people["zhangsan"][1][0].external_userid],
    )  # fmt: skip
    assert echoes["lisi"] == day6_moment.Echo("lisi", 20, [], [])
    assert 24 * 3600 <= waited < 25 * 3600
    (moment,) = corp.moments.values()
    assert (moment.moment_id, moment.text) == (published.moment_id, "新品上市")
    media = corp.media[moment.attachments[0]["image"]["media_id"]]
    assert (media.name, media.content) == ("海报.png", PICTURE)


def test_moment_for_nobody(tmp_path: Path) -> None:
    picture = tmp_path / "poster.png"
    picture.write_bytes(PICTURE)

    async def sleep(seconds: float) -> None:
        corp.clock.advance(seconds=seconds)

    with Simulator() as corp:
        corp.add_member("zhangsan")
        with pytest.raises(RuntimeError, match="81013"):
            run(corp, day6_moment.main, tmp_path / "job", "新品", picture, ["nobody"], sleep)
        assert corp.moments == {}


# Day 7.


def test_a_month_of_statistics_adds_up(corp: Simulator, tmp_path: Path) -> None:
    corp.manner.invent_statistics = False
    corp.manner.statistics_hour = 0  # whatever time of the night it is
    last = corp.clock.now().date() - timedelta(days=1)
    first = last - timedelta(days=30)
    for number, userid in enumerate(("zhangsan", "lisi", "wangwu"), 1):
        member = corp.add_member(userid)
        for n in range(-2, 33):  # some more than is asked for
            corp.set_behavior(
                member, first + timedelta(days=n),
                chat_cnt=n % 2 * number, message_cnt=n % 2 * number * 10, new_contact_cnt=1,
                reply_percentage=90.0 if n % 2 else None, avg_reply_time=5 if n % 2 else None,
            )  # fmt: skip
    month = run(corp, day7_statistics.main, first, last, tmp_path)
    rows = month.members
    assert [row.userid for row in rows] == ["wangwu", "lisi", "zhangsan"]
    assert [row.chats for row in rows] == [45, 30, 15]
    assert [row.messages for row in rows] == [450, 300, 150]
    assert all(row.new_customers == 31 for row in rows)
    assert all((row.replied, row.minutes) == (90.0, 5.0) for row in rows)
    # A month of 31 days takes two windows.
    spans = {
        (call.data["end_time"] - call.data["start_time"]) // 86400 + 1
        for call in corp.calls_of("statistics.user_behavior")
        if call.data  # those that are refused on purpose are not read
    }
    assert spans == {30, 1}
    table = list(csv.DictReader((tmp_path / "statistics.csv").read_text("utf-8-sig").splitlines()))
    assert [row["messages"] for row in table] == ["450", "300", "150"]
    chart = ElementTree.parse(tmp_path / "statistics.svg").getroot()
    titles = [each.text or "" for each in chart.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 31
    assert titles[:2] == [f"{first}: 0", f"{first + timedelta(days=1)}: 60"]


def test_a_span_is_asked_in_windows_of_thirty_days() -> None:
    def spans(first: date, last: date) -> list[int]:
        return [(end - begin).days + 1 for begin, end in day7_statistics.windows(first, last)]

    assert spans(date(2026, 10, 1), date(2026, 10, 31)) == [30, 1]
    assert spans(date(2026, 11, 1), date(2026, 11, 30)) == [30]
    assert spans(date(2026, 5, 1), date(2026, 5, 1)) == [1]
    assert sum(spans(date(2026, 5, 1), date(2026, 10, 27))) == 180


# Day 8.


def mirrored(path: str) -> dict[tuple[str, str], tuple[str, str, list[str], str | None]]:
    with closing(sqlite3.connect(path)) as db:
        tags: dict[tuple[str, str], list[str]] = {}
        for userid, customer, group, tag in db.execute(
            "SELECT c.userid, c.external_userid, g.name, t.name FROM customer_tags c"
            " JOIN tags t USING (tag_id) JOIN tag_groups g USING (group_id)"
            " WHERE c.vanished_at IS NULL"
        ):
            tags.setdefault((userid, customer), []).append(f"{group}/{tag}")
        rows = db.execute(
            "SELECT userid, external_userid, name, remark, state"
            " FROM follows f JOIN customers USING (external_userid) WHERE f.vanished_at IS NULL"
        )
        return {row[:2]: (*row[2:4], sorted(tags.get(row[:2], [])), row[4]) for row in rows}


def test_the_mirror_follows_the_events(corp: Simulator, wecom: Client, tmp_path: Path) -> None:
    corp.populate(400)
    path = str(tmp_path / "mirror.db")
    mirror = day8_mirror.main(wecom, f"sqlite:///{path}")
    assert mirrored(path) == follows(corp)
    zhang, li = sorted(corp.serving(), key=lambda member: -len(member.follows))[:2]
    first, second, third, fourth = zhang.customers[:4]
    way = corp.add_contact_way([li], state="poster")

    with served(corp, mirror.apply, seen=None):
        new = corp.customer_scans(way, name="新客户").customer
        corp.customer_adds(zhang, name="半个客户", half=True)
        corp.member_edits(zhang, first, remark="老朋友", add_tags=["意向/高意向"])
        corp.member_deletes(zhang, second)
        corp.customer_deletes(third, zhang)
        corp.admin_adds_tag("会员日", "活动")
        corp.admin_edits_tag("意向/高意向", name="很想要")
        corp.admin_deletes_tag(corp.tag("来源/官网").group)
        corp.callbacks.repeat(2)
        corp.member_edits(zhang, first, remark="很老的朋友", remove_tags=["意向/很想要"])
        corp.customer_adds(zhang, new)
    assert mirrored(path) == follows(corp)
    assert (zhang.userid, second.external_userid) not in mirrored(path)
    left = "SELECT external_userid FROM follows WHERE left_at IS NOT NULL"
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(left).fetchall() == [(third.external_userid,)]
    # What callbacks said, nobody need say again.
    assert not mirror.reconcile().differs

    with served(corp, mirror.apply, seen=None):
        corp.callbacks.lose(4)
        corp.customer_scans(way, name="没人知道的客户")
        corp.member_edits(zhang, fourth, remark="没人知道的备注")
        corp.member_deletes(zhang, first)
        corp.admin_adds_tag("周年庆", "活动")
        corp.member_deletes(li, new)
    assert mirrored(path) != follows(corp)
    report = mirror.reconcile()
    assert (report.missing["follows"], report.changed, report.gone["follows"]) == (
        1,
        {"follows": 1},
        1,
    )
    assert report.missing["tags"] == 1
    assert mirrored(path) == follows(corp)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(left).fetchall() == [(third.external_userid,)]
    mirror.close()


def test_mirror_of_nobody(corp: Simulator, wecom: Client, tmp_path: Path) -> None:
    zhang = corp.add_member("zhangsan")
    path = str(tmp_path / "mirror.db")
    with day8_mirror.main(wecom, f"sqlite:///{path}") as mirror:
        with served(corp, mirror.apply, seen=None):
            customer = corp.customer_adds(zhang).customer
            corp.member_deletes(zhang, customer)
    assert mirrored(path) == {}


def test_mirror_is_reconciled_while_callbacks_come(tmp_path: Path) -> None:
    def meanwhile(made: CallMade) -> None:
        if reconciling and made.name == "customer.batch_get":
            first, *_, last = zhang.customers
            corp.member_deletes(zhang, first)
            corp.member_edits(zhang, last, remark=f"第{len(zhang.follows)}次")
            corp.customer_adds(zhang, name="同时来的客户")

    reconciling = False
    path = str(tmp_path / "mirror.db")
    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        corp.populate(600)
        zhang = max(corp.serving(), key=lambda member: len(member.follows))
        with day8_mirror.main(wecom, f"sqlite:///{path}") as mirror:
            reconciling = True
            with served(corp, mirror.apply, seen=None):
                mirror.reconcile()
            assert len(corp.callbacks.events) >= 18
            assert mirrored(path) == follows(corp)


def test_whoever_waits_says_for_what(tmp_path: Path) -> None:
    said: list[str] = []
    with Simulator() as corp, corp.client(retry=PATIENT) as wecom:
        people = staff(corp, 3)
        corp.manner.dispatch_polls = 1
        everybody = [each.external_userid for _, some in people.values() for each in some]

        def wait(seconds: float) -> None:
            corp.clock.advance(seconds=seconds)
            if len(said) == 3:
                corp.member_sends(only_one(corp.mass_messages), "zhangsan")

        day4_mass_message.main(wecom, tmp_path / "msgid", "你好", everybody, wait, said.append)
        assert said[:4] == [
            "WeCom is still dispatching it; asking again in 10 seconds",
            "3 of 3 members have not confirmed it (zhangsan, lisi, wangwu); looking again in 30 minutes",
            "3 of 3 members have not confirmed it (zhangsan, lisi, wangwu); looking again in 30 minutes",
            "2 of 3 members have not confirmed it (lisi, wangwu); looking again in 30 minutes",
        ]
        assert said.count("reminder 1 is sent") == 1

        said.clear()
        corp.member_resigns("zhangsan")
        day5_hand_over.main(
            wecom,
            "zhangsan",
            ["lisi"],
            lambda seconds: corp.clock.advance(seconds=seconds),
            say=said.append,
        )
        assert said[0] == "3 customers are being handed over; asking again in an hour"
        assert len(said) in (24, 25)

        said.clear()
        picture = tmp_path / "poster.png"
        picture.write_bytes(PICTURE)

        async def sleep(seconds: float) -> None:
            corp.clock.advance(seconds=seconds)
            if len(said) == 5:
                corp.member_publishes(only_one(corp.moments))

        memory = tmp_path / "job"
        users = ["lisi", "wangwu"]
        run(corp, day6_moment.main, memory, "新品", picture, users, sleep, said.append)
        assert said == [
            "WeCom is making the moment; asking again in 15 seconds",
            "WeCom is making the moment; asking again in 15 seconds",
            "WeCom is still dispatching it; asking again in 15 seconds",
            "2 of 2 members have not published it (lisi, wangwu); looking again in 30 minutes",
            "2 of 2 members have not published it (lisi, wangwu); looking again in 30 minutes",
        ]


def only_one(things: dict[str, Any]) -> Any:
    (thing,) = things.values()
    return thing


# As they stand on the command line.


def environment(corp: Simulator, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "generated"),
        "PYTHONWARNINGS": "error",
        "PYTHONUTF8": "1",
        "WECOM_CORP_ID": corp.corp_id,
        "WECOM_SECRET": corp.secret,
        "WECOM_BASE_URL": corp.url,
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        **more,
    }


def call(corp: Simulator, folder: Path, name: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *words],
        cwd=folder,
        env=environment(corp),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def at_once(corp: Simulator, name: str) -> None:
    """Members do at once what they are asked for."""
    if name == "group_msg.add_template":
        for message in corp.mass_messages.values():
            corp.member_sends(message)
    elif name == "moment.get_task_result":
        for moment in corp.moments.values():
            corp.member_publishes(moment)


def test_on_the_command_line(tmp_path: Path) -> None:
    with Simulator(on_call=lambda made: at_once(corp, made.name)) as corp:
        people = staff(corp, 3)
        corp.lifetimes.takeover = 0
        corp.manner.job_polls = 0
        said = call(corp, tmp_path, "day1_sync_customers.py", "my.db")
        assert said == "9 customers on 1 pages, 0 removed\n"
        assert len(copied(str(tmp_path / "my.db"))) == 9

        zhang, his = people["zhangsan"]
        path = write_csv(tmp_path / "tags.csv", [("zhangsan", his[0].external_userid, "等级/VIP")])
        said = call(corp, tmp_path, "day2_tag_from_csv.py", path)
        assert said.endswith("nothing is changed yet; --apply does it\n")
        said = call(corp, tmp_path, "day2_tag_from_csv.py", path, "--apply")
        assert said.endswith("1 tagged, 0 failed\n")
        assert his[0].tags == ["VIP"]

        (tmp_path / "customers.txt").write_text("\n".join(c.external_userid for c in his))
        said = call(corp, tmp_path, "day4_mass_message.py", "msgid", "你好", "customers.txt")
        assert said == "sent: 3\nnot reachable: 0; reminders: 0\n"

        (tmp_path / "poster.png").write_bytes(PICTURE)
        said = call(
            corp, tmp_path, "day6_moment.py", "job", "新品", "poster.png", "zhangsan", "lisi"
        )
        assert "lisi: 3 customers see it, 0 comments, 0 likes\n" in said

        yesterday = str(corp.clock.now().date() - timedelta(days=1))
        said = call(corp, tmp_path, "day7_statistics.py", yesterday, yesterday)
        assert said.endswith("written to statistics.csv and statistics.svg\n")

        corp.member_resigns(zhang)
        said = call(corp, tmp_path, "day5_hand_over.py", "zhangsan", "lisi")
        assert "done: 3 customers\n" in said
        assert len(corp.members["lisi"].follows) == 6

        said = call(corp, tmp_path, "day8_mirror.py", "sqlite:///mirror.db", "--reconcile")
        assert said.startswith("missing: nothing\nchanged: nothing\ngone: nothing\n")
        assert mirrored(str(tmp_path / "mirror.db")) == follows(corp)


def test_nobody_has_left(tmp_path: Path) -> None:
    with Simulator() as corp:
        staff(corp, 3)
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "day5_hand_over.py"), "zhangsan", "lisi"],
            cwd=tmp_path,
            env=environment(corp),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("zhangsan has left nobody to hand over: ")


COMMAND = re.compile(r"^    ((?:WECOM_\w+=\S+ )+)python (day\d_\w+\.py) ?([^#\n]*)", re.M)
NEEDED = re.compile(r'os\.environ\["(\w+)"\]')
DOCUMENTED = [
    pytest.param(path.name, shlex.split(words), id=f"{path.stem} {words}")
    for path in sorted(EXAMPLES.glob("day*.py"))
    for _, _, words in COMMAND.findall(ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
]


def test_every_day_says_how_it_is_run() -> None:
    assert len({each.values[0] for each in DOCUMENTED}) == 8
    for path in EXAMPLES.glob("day*.py"):
        source = path.read_text("utf-8")
        found = COMMAND.findall(source)
        said = {word for settings, _, _ in found for word in re.findall(r"\w+(?==)", settings)}
        connecting = (EXAMPLES / "connecting.py").read_text("utf-8")
        needed = {"WECOM_CORP_ID", "WECOM_SECRET"} if "from_env()" in connecting else set()
        assert said == needed | set(NEEDED.findall(source)), path.name
        assert {name for _, name, _ in found} == {path.name}
        assert source.count(f"python {path.name}") == len(found)


@pytest.mark.parametrize(("name", "words"), DOCUMENTED)
def test_the_documented_commands_do_their_work(name: str, words: list[str], tmp_path: Path) -> None:
    """Each command line as it stands, for a corp such as the simulator invents when it runs alone."""
    # The one with dates is run when they are not long ago.
    now = datetime(2026, 11, 26, tzinfo=UTC) if name.startswith("day7") else None
    with Simulator(now=now, on_call=lambda made: at_once(corp, made.name)) as corp:
        corp.populate(100)
        corp.lifetimes.takeover = 0
        corp.manner.job_polls = 0
        zhang = corp.members["zhangsan"]
        his = [each.external_userid for each in zhang.customers]
        (tmp_path / "customers.txt").write_text("\n".join(his))
        (tmp_path / "poster.png").write_bytes(PICTURE)
        write_csv(tmp_path / "tags.csv", [("zhangsan", his[0], "等级/VIP;活动/双十一")])
        if name.startswith("day5"):
            corp.member_resigns(zhang)
        if name.startswith("day3") or (name.startswith("day8") and "--reconcile" not in words):
            with serving(corp, tmp_path, name, *words):
                new = corp.customer_adds("lisi").customer.external_userid
                corp.callbacks.wait()
                if name.startswith("day8"):
                    until(lambda: ("lisi", new) in mirrored(str(tmp_path / "mirror.db")))
        else:
            call(corp, tmp_path, name, *words)
        left = {
            "day1": lambda: (tmp_path / "customers.db").exists(),
            "day2": lambda: ("VIP" in zhang.customers[0].tags) == ("--apply" in words),
            "day3": lambda: len(corp.contact_ways) > 0,
            "day4": lambda: {each.to for each in corp.sent_messages} == set(his),
            "day5": lambda: not corp.unassigned,
            "day6": lambda: set(only_one(corp.moments).publications) == {"zhangsan", "lisi"},
            "day7": lambda: (tmp_path / "statistics.svg").exists(),
            "day8": lambda: (
                "--reconcile" not in words or mirrored(str(tmp_path / "mirror.db")) == follows(corp)
            ),
        }
        assert left[name[:4]]()


@contextmanager
def serving(corp: Simulator, folder: Path, name: str, *words: str) -> Iterator[None]:
    """An example that takes callbacks, as a process of its own."""
    process = started(corp, folder, name, *words)
    while process.poll() is not None:  # another test was faster to take the port
        process = started(corp, folder, name, *words)
    try:
        yield
        corp.callbacks.wait()
    finally:
        process.terminate()
        process.wait()


def started(corp: Simulator, folder: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    """The process, when it can be reached or has ended."""
    with make_server("127.0.0.1", 0, lambda *_: []) as free:
        port = free.server_port
    token = token_hex(8)  # so that nobody else answers
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / name), *words],
        cwd=folder,
        env=environment(corp, PORT=str(port), WECOM_TOKEN=token),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    corp.callback_to(f"http://127.0.0.1:{port}", token=token, aes_key=AES_KEY)
    until(lambda: process.poll() is not None or corp.callbacks.verify())
    return process


def test_channels_on_the_command_line(tmp_path: Path) -> None:
    with Simulator() as corp:
        corp.add_member("zhangsan")
        with serving(corp, tmp_path, "day3_channels.py", "zhangsan"):
            way = next(way for way in corp.contact_ways.values() if way.state == "fair")
            customer = corp.customer_scans(way).customer
            until(lambda: customer.tags == ["展会"])
        assert len(corp.messages_to(customer)) == 1


def test_mirror_on_the_command_line(tmp_path: Path) -> None:
    with Simulator() as corp:
        corp.add_member("zhangsan")
        with serving(corp, tmp_path, "day8_mirror.py", "sqlite:///mirror.db"):
            corp.customer_adds("zhangsan", name="李四")
            until(lambda: mirrored(str(tmp_path / "mirror.db")) == follows(corp))


# The demo.


@pytest.mark.parametrize("customers", [400])
def test_the_demo_tells_its_story(customers: int) -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "demo.py"), "--customers", str(customers)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "generated", "PYTHONWARNINGS": "error"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = done.stdout
    assert "\r" not in said
    assert "\x1b" not in said
    assert "token has ended (42001) and is renewed" in said
    assert "busy (45033), again in" in said
    assert max(map(len, said.splitlines())) <= 100
    assert time.monotonic() - begun < 60
