"""A full sync: every row equals the corp's state, whatever happens on the way."""

import _thread
import asyncio
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from wecom_contact import Client, PaginationStalled, TransportError
from wecom_contact.errors import InvalidArgument, QuotaExceeded
from wecom_contact.mirror import AsyncMirror, Mirror, MirrorError, Progress
from wecom_contact.mirror._flow import Flow, Pause, Tally
from wecom_contact.testing import CallMade, Simulator

from .mirror_support import (
    PATIENT,
    ask,
    expected,
    fill,
    found,
    sync_and_die_whenever,
)

Make = Callable[..., Mirror]


def test_every_row_equals_the_corps_state(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 300, members=6, groups=45)
    mirror = make(db)
    report = mirror.sync()
    assert found(mirror) == expected(corp)
    assert report.run == 1
    assert report.missing["follows"] == report.customers == len(expected(corp)["follows"])
    assert not report.changed
    assert not report.gone
    # A second one finds nothing to be different, and changes nothing.
    again = mirror.sync()
    assert (again.run, again.differs) == (2, False)
    assert found(mirror) == expected(corp)


def test_one_in_the_morning_in_beijing_is_that_day(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 5, members=3, groups=1)
    mirror = make(db)
    mirror.sync()
    days = ask(mirror, "SELECT added_on, added_at FROM follows WHERE remark LIKE '夜里来的%'")
    assert len(days) == 1
    assert str(days[0][0]) == "2026-11-01"
    # The instant is 17:00 of the day before in UTC.
    stored = str(days[0][1])
    if db.startswith("postgresql"):
        assert days[0][1] == datetime(2026, 10, 31, 17, tzinfo=UTC)
    else:
        assert stored.startswith("2026-10-31 17:00:00")
    (joined,) = ask(
        mirror,
        "SELECT DISTINCT joined_on FROM group_members JOIN group_chats g USING (chat_id) WHERE g.name = '群0'",
    )
    assert str(joined[0]) == "2026-11-01"
    view = ask(mirror, "SELECT customers FROM new_customers WHERE day = '2026-11-01'")
    assert sum(row[0] for row in view) >= 1


def test_what_has_vanished_is_marked_and_kept(corp: Simulator, db: str, make: Make) -> None:
    staff = fill(corp, 60, members=4, groups=3)
    mirror = make(db)
    mirror.sync()
    zhang, li = staff[0], staff[1]
    gone = zhang.customers[0]
    corp.part(corp.follow(zhang, gone))
    alone = corp.add_customer("只有李四", follow=li)
    mirror.sync()
    corp.part(corp.follow(li, alone))
    corp.resign(staff[2])
    chat = next(iter(corp.group_chats.values()))
    corp.group_dismissed(chat)
    left = list(corp.group_chats.values())[1]
    leaver = left.members[-1].userid
    corp.customer_leaves(left, leaver)
    tag = corp.tag("意向/高意向")
    corp.admin_deletes_tag(tag)
    report = mirror.sync()
    assert found(mirror) == expected(corp)
    assert report.gone["follows"] == 1 + len(staff[2].follows)
    assert (report.gone["members"], report.gone["tags"]) == (1, 1)
    assert report.gone["group_chats"] == 1
    day = datetime.now(UTC).astimezone().date()
    for query in (
        f"SELECT vanished_at FROM follows WHERE external_userid = '{alone.external_userid}'",
        f"SELECT vanished_at FROM customers WHERE external_userid = '{alone.external_userid}'",
        f"SELECT vanished_at FROM members WHERE userid = '{staff[2].userid}'",
        f"SELECT vanished_at FROM group_chats WHERE chat_id = '{chat.chat_id}'",
        f"SELECT vanished_at FROM group_members WHERE userid = '{leaver}' AND chat_id = '{left.chat_id}'",
        f"SELECT vanished_at FROM tags WHERE tag_id = '{tag.id}'",
    ):
        ((at,),) = ask(mirror, query)
        assert at is not None, query
    names = ask(
        mirror, f"SELECT name FROM customers WHERE external_userid = '{alone.external_userid}'"
    )
    assert names == [("只有李四",)]
    ((on,),) = ask(
        mirror, f"SELECT vanished_on FROM follows WHERE external_userid = '{alone.external_userid}'"
    )
    assert abs(date.fromisoformat(str(on)) - day) <= timedelta(days=1)
    # Who comes back is there again.
    corp.add_follow(li, alone, remark="又来了")
    mirror.sync()
    assert found(mirror) == expected(corp)


def test_a_sync_killed_at_any_moment_goes_on(
    corp: Simulator, db: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(f"kill {db.partition(':')[0]}")
    fill(corp, 1000, members=5, groups=45)
    # A server that has imported everything forks the processes, which takes a hundredth of starting them.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["__main__", "mirror.mirror_support"])
    make(db).close()
    killed = 0
    for _ in range(20):
        calls = sum(corp.call_counts.values())
        process = forks.Process(
            target=sync_and_die_whenever, args=(db, corp.corp_id, corp.secret, corp.url)
        )
        process.start()
        enough = calls + 2 + chance.randrange(4)
        while sum(corp.call_counts.values()) < enough and process.is_alive():
            time.sleep(0.001)
        time.sleep(chance.random() * 0.02)
        assert process.pid is not None
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
    mirror = make(db)
    unfinished = mirror.status().open_run
    assert killed >= 15
    assert unfinished is not None, "the kills came too late to say anything"
    assert unfinished.pages > 0
    counting = "SELECT coalesce(sum(records), 0) FROM shards WHERE kind = 'customers'"
    ((kept,),) = ask(mirror, counting)
    report = mirror.sync()
    assert ask(mirror, "SELECT count(*) FROM runs") == [(1,)]
    assert found(mirror) == expected(corp)
    follows = len(expected(corp)["follows"])
    ((counted,),) = ask(mirror, counting)
    assert counted == follows
    # What was written before it was killed is not read again, and nothing else is left out.
    assert kept + report.customers == follows


def notes_of(mirror: Mirror) -> dict[str, int]:
    notes: dict[str, int] = {}
    for shard in mirror._store.shards_of(1):
        notes |= shard.notes
    return notes


def test_a_member_who_resigns_in_the_middle_is_dropped_and_the_others_go_on(
    file: str,
) -> None:
    def meanwhile(made: CallMade) -> None:
        if made.name == "customer.batch_get" and not staff[1].resigned:
            corp.member_resigns(staff[1])

    staff: list[Any] = []
    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        staff += fill(corp, 400, members=5)
        with Mirror(file, wecom) as mirror:
            report = mirror.sync()
            assert found(mirror) == expected(corp)
            assert report.notes == {staff[1].userid: 60111}
            assert notes_of(mirror) == {staff[1].userid: 60111}
            # One more list of members tells who it is; the others are not asked for one by one.
            refused = [made for made in corp.calls_of("customer.batch_get") if made.errcode]
            assert len(refused) == 1


def test_members_without_customers_do_not_hide_the_others(
    corp: Simulator, file: str, make: Make
) -> None:
    people = [corp.add_member(f"m{number}") for number in range(7)]
    corp.add_customer("李四", follow=people[3])
    # The page says so, and means perhaps any of them, perhaps all.
    corp.trouble.next("customer.batch_get", errcode=84061)
    mirror = make(file)
    report = mirror.sync()
    assert found(mirror) == expected(corp)
    # Halves were asked for until it was clear who has none; m3 shares a half with others.
    assert set(notes_of(mirror).items()) >= {("m0", 84061), ("m1", 84061), ("m2", 84061)}
    assert report.notes == {}


def test_a_company_without_customers(corp: Simulator, db: str, make: Make) -> None:
    for number in range(3):
        corp.add_member(f"m{number}")
    mirror = make(db)
    assert mirror.sync().missing == {"members": 3}
    assert found(mirror) == expected(corp)
    assert notes_of(mirror) == {"m0": 84061, "m1": 84061, "m2": 84061}


def test_a_company_without_members(corp: Simulator, file: str, make: Make) -> None:
    mirror = make(file)
    assert not mirror.sync().differs
    assert found(mirror) == expected(corp)


def test_who_is_refused_although_there_is_looked_for(
    corp: Simulator, file: str, make: Make
) -> None:
    staff = fill(corp, 30, members=3)
    mirror = make(file, concurrency=1)
    mirror.sync()
    corp.follow(staff[0], staff[0].customers[0]).remark = "改了"
    # Both are in the list of members, and refused together and alone.
    corp.trouble.next("customer.batch_get", errcode=60111, times=3)
    report = mirror.sync()
    assert report.notes == {staff[0].userid: 60111, staff[1].userid: 60111}
    assert found(mirror) == expected(corp)
    assert report.changed == {"follows": 1}


def test_customers_of_members_without_a_licence_stay(
    corp: Simulator, file: str, make: Make
) -> None:
    staff = fill(corp, 60, members=4)
    mirror = make(file)
    mirror.sync()
    before = found(mirror)
    staff[1].licensed = False
    report = mirror.sync()
    assert found(mirror) == before
    assert report.notes == {staff[1].userid: 701008}
    licensed = dict(ask(mirror, "SELECT userid, licensed FROM members"))
    assert {userid for userid, yes in licensed.items() if not yes} == {staff[1].userid}
    for member in staff:
        member.licensed = False
    assert mirror.sync().notes.keys() == {member.userid for member in staff}
    assert found(mirror) == before
    for member in staff:
        member.licensed = True
    mirror.sync()
    assert {yes for (yes,) in ask(mirror, "SELECT licensed FROM members")} == {1}


def test_a_cursor_that_has_expired_begins_its_shard_again(
    corp: Simulator, file: str, make: Make
) -> None:
    fill(corp, 350, members=3, groups=3)
    mirror = make(file)
    corp.trouble.next("group_chat.list", cut=True, times=20)
    with pytest.raises(TransportError):
        mirror.sync()
    with mirror.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE shards SET cursor = 'old', done_at = NULL WHERE kind = 'customers'"
        )
        connection.exec_driver_sql("UPDATE shards SET cursor = 'old' WHERE kind = 'chats'")
    corp.trouble.clear()
    mirror.sync()
    assert found(mirror) == expected(corp)
    codes = {made.errcode for made in corp.calls_of("customer.batch_get")}
    assert 50100 in codes
    assert 50100 in {made.errcode for made in corp.calls_of("group_chat.list")}


def test_groups_of_more_owners_than_a_list_takes_are_asked_for_by_owner(
    corp: Simulator, file: str, make: Make
) -> None:
    fill(corp, 40, members=6, groups=9)
    corp.limits.owners_unfiltered = 3
    mirror = make(file)
    mirror.sync()
    assert found(mirror) == expected(corp)
    assert len(found(mirror)["group_chats"]) >= 9


def test_a_refused_list_of_groups_is_an_error(corp: Simulator, file: str, make: Make) -> None:
    fill(corp, 5, members=3, groups=1)
    mirror = make(file)
    corp.trouble.next("group_chat.list", errcode=40058)
    with pytest.raises(InvalidArgument):
        mirror.sync()
    corp.trouble.next("group_chat.list", errcode=41045)  # a quota of another kind
    with pytest.raises(QuotaExceeded):
        mirror.sync()
    mirror.sync()
    assert found(mirror) == expected(corp)


def test_groups_whose_owner_has_left_are_asked_for_by_their_owner(
    corp: Simulator, file: str, make: Make
) -> None:
    staff = fill(corp, 20, members=4, groups=6)
    mirror = make(file)
    mirror.sync()
    corp.member_resigns(staff[1])
    mirror.sync()
    assert found(mirror) == expected(corp)
    without = ask(mirror, "SELECT owner, status FROM groups_without_owner")
    assert without == [(staff[1].userid, 1)] * 2
    mirror.sync()
    asked = [made.data.get("owner_filter") for made in corp.calls_of("group_chat.list")]
    assert {"userid_list": [staff[1].userid]} in asked
    assert found(mirror) == expected(corp)


def test_a_group_that_cannot_be_read_is_noted_and_stays(
    corp: Simulator, file: str, make: Make
) -> None:
    fill(corp, 5, members=3, groups=3)
    mirror = make(file, concurrency=1)
    mirror.sync()
    before = found(mirror)
    corp.trouble.next("group_chat.get", errcode=60011, times=2)
    report = mirror.sync()
    assert set(report.notes.values()) == {60011}
    assert found(mirror) == before
    # Nor is one whose list is silent about it.
    corp.trouble.next("group_chat.get", errcode=60011, times=None)
    report = mirror.sync()
    assert report.notes.keys() == corp.group_chats.keys()
    assert found(mirror) == before


def test_a_group_that_is_dissolved_during_a_sync_is_gone(file: str) -> None:
    def meanwhile(made: CallMade) -> None:
        if made.name == "group_chat.list":
            corp.group_dismissed(next(iter(corp.group_chats.values())))

    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        fill(corp, 20, members=3, groups=3)
        with Mirror(file, wecom) as mirror:
            mirror.sync()
            assert found(mirror) == expected(corp)


def test_who_comes_during_a_sync_is_there_at_its_end(file: str) -> None:
    def meanwhile(made: CallMade) -> None:
        if made.name == "corp_tag.list" and "new" not in corp.members:
            member = corp.add_member("new")
            corp.add_customer("新同事的客户", follow=member)

    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        fill(corp, 20, members=3)
        with Mirror(file, wecom) as mirror:
            mirror.sync()
            assert found(mirror) == expected(corp)


def test_who_is_missed_while_the_list_changes_is_looked_for(file: str) -> None:
    def meanwhile(made: CallMade) -> None:
        # Each page moves the others up, so some customers stand on no page.
        if changing and made.name == "customer.batch_get" and len(zhang.follows) > 290:
            corp.part(corp.follow(zhang, zhang.customers[0]))

    changing = False
    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        fill(corp, 300, members=2)
        (zhang,) = corp.serving()
        with Mirror(file, wecom) as mirror:
            mirror.sync()
            changing = True
            mirror.sync()
            assert found(mirror) == expected(corp)


def test_what_events_brought_is_not_undone_by_an_older_page(db: str) -> None:
    applying = threading.local()

    def meanwhile(made: CallMade) -> None:
        """The page was answered, and is not written yet; what happens now is told at once."""
        if made.name != "customer.batch_get" or getattr(applying, "now", False):
            return
        applying.now = True
        number = len(corp.callbacks.events)
        first, second, third, *_ = zhang.customers
        tag = corp.follow(zhang, first).tags
        corp.member_edits(
            zhang, first, remark=f"第{number}次", add_tags=["来源/官网"], remove_tags=tag
        )
        corp.member_deletes(zhang, second)
        corp.admin_deletes_tag(next(t for t in corp.tags.values() if not t.deleted))
        came = corp.customer_adds(zhang, name="来了又走").customer
        corp.member_deletes(zhang, came)
        corp.customer_deletes(third, zhang)
        for event in corp.callbacks.events[number:]:
            assert mirror.apply(event)
        applying.now = False

    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        corp.populate(250, members=2)
        corp.add_tag_group("备用", [f"标签{number}" for number in range(20)])
        (zhang,) = corp.serving()
        with Mirror(db, wecom) as mirror:
            mirror.sync()
            assert corp.callbacks.events
            assert found(mirror) == expected(corp)
            left = ask(
                mirror,
                "SELECT external_userid FROM follows WHERE left_on IS NOT NULL AND vanished_at IS NULL",
            )
            deleted = {
                follow.customer.external_userid
                for follow in zhang.follows.values()
                if follow.deleted
            }
            assert {row[0] for row in left} == deleted


def test_a_tenth_of_all_answers_is_trouble(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 600, members=8, groups=20)
    corp.trouble.mix(0.1, seed=3)
    mirror = make(db)
    mirror.sync()
    assert corp.trouble.made > 0
    assert found(mirror) == expected(corp)


def test_what_fails_is_raised_and_goes_on_the_next_time(
    corp: Simulator, file: str, make: Make
) -> None:
    fill(corp, 500, members=4, groups=5)
    mirror = make(file)
    corp.trouble.next("group_chat.get", errcode=40058, times=None)
    with pytest.raises(InvalidArgument):
        mirror.sync()
    status = mirror.status()
    assert status.synced_at is None
    assert status.open_run is not None
    assert status.open_run.shards_done < status.open_run.shards
    before = corp.call_counts["customer.batch_get"]
    corp.trouble.clear()
    mirror.sync()
    assert mirror.status().synced_at is not None
    assert found(mirror) == expected(corp)
    assert corp.call_counts["customer.batch_get"] - before <= 6


def test_what_is_raised_by_progress_ends_the_sync(corp: Simulator, file: str, make: Make) -> None:
    class Stopped(Exception):
        pass

    def stop(progress: Progress) -> None:
        raise Stopped

    fill(corp, 500, members=4, groups=5)
    mirror = make(file)
    with pytest.raises(Stopped):
        mirror.sync(stop)
    mirror.sync()
    assert found(mirror) == expected(corp)


def test_an_interrupt_ends_a_sync_that_goes_on_the_next_time(file: str) -> None:
    def meanwhile(made: CallMade) -> None:
        if made.name == "group_chat.get" and not interrupted:
            interrupted.append(made.name)
            _thread.interrupt_main()

    interrupted: list[str] = []
    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        fill(corp, 100, members=4, groups=100)
        with Mirror(file, wecom) as mirror:
            with pytest.raises(KeyboardInterrupt):
                mirror.sync()
            assert mirror.status().open_run is not None
            mirror.sync()
            assert found(mirror) == expected(corp)


def test_two_who_begin_at_once_walk_the_same_run(db: str, corp: Simulator, make: Make) -> None:
    fill(corp, 20, members=3)
    mirrors = [make(db), make(db), make(db)]
    for mirror in mirrors:
        assert mirror._store.open_run() is None
    numbers = {mirror._store.begin(["zhangsan", "lisi"], [], {}) for mirror in mirrors}
    assert len(numbers) == 1
    assert len(mirrors[0].plan()) == 2
    for mirror in mirrors:
        mirror.sync()
    assert found(mirrors[0]) == expected(corp)


def test_a_list_that_was_read_earlier_undoes_nothing(db: str, corp: Simulator, make: Make) -> None:
    fill(corp, 20, members=4, groups=1)
    store = make(db)._store
    early, late = store.now(), store.now() + timedelta(seconds=1)
    group = {"group_id": "g", "name": "n", "sort_order": 0, "created_at": early, "digest": "d"}
    assert store.put_members(["zhangsan"], late)["members"]["missing"] == 1
    assert store.put_members(["zhangsan", "lisi"], early) == {}
    assert store.members() == ["zhangsan"]
    assert store.put_library([group], [], late)["tag_groups"]["missing"] == 1
    assert store.put_library([], [], early) == {}
    assert store.forget_group("wr1", late) == {"group_chats": {"gone": 0}}
    row = {"chat_id": "wr1", "name": "old", "digest": "d"}
    store.put_group(row, [{"chat_id": "wr1", "userid": "u"}], None, early)
    rows = found(make(db))
    assert rows["group_chats"] == rows["group_members"] == {}


def test_progress_tells_how_far_it_is(
    corp: Simulator, file: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_contact.mirror._flow.REPORT_EVERY", 0)
    fill(corp, 350, members=3, groups=30)
    mirror = make(file, concurrency=1)
    said: list[Progress] = []
    mirror.sync(said.append)
    follows = len(expected(corp)["follows"])
    assert said[0].seconds_left is None
    assert all(
        a.pages <= b.pages and a.customers <= b.customers
        for a, b in zip(said, said[1:], strict=False)
    )
    last = said[-1]
    assert (last.shards_done, last.customers, last.seconds_left) == (last.shards, follows, 0)
    assert last.customers_per_second > 0
    assert f"{last.shards} of {last.shards} shards" in str(last)
    assert f"{follows:,} customers" in str(last)
    assert "about 0:00:00 left" in str(last)
    assert "left" not in str(said[0])
    # A second run knows how many there are from the beginning.
    said.clear()
    mirror.sync(said.append)
    assert all(each.seconds_left is not None for each in said[1:])


def test_pages_that_lead_in_a_circle_are_an_error(
    corp: Simulator, wecom: Client, file: str
) -> None:
    class Circle:
        def send(self, call: Any) -> Any:
            cursor = getattr(call, "cursor", None)
            if hasattr(call, "userid_list"):
                call.cursor = None
            reply = wecom.send(call)
            if hasattr(call, "userid_list"):
                call.cursor = cursor
                reply.next_cursor = "b" if cursor == "a" else "a"
            return reply

    fill(corp, 5, members=3)
    client: Any = Circle()
    with Mirror(file, client) as mirror, pytest.raises(PaginationStalled):
        mirror.sync()


def test_shards_are_walked_by_several_at_once_and_each_page_is_written_once(
    corp: Simulator, db: str, make: Make
) -> None:
    fill(corp, 500, members=4, groups=25)
    mirrors = [make(db), make(db), make(db)]
    shards = mirrors[0].plan()
    assert [shard.id for shard in mirrors[1].plan()] == [shard.id for shard in shards]
    assert mirrors[0].finish() is None

    def work(mirror: Mirror) -> None:
        todo = [shard.id for shard in shards]
        while todo:
            todo += [shard.id for shard in mirror.walk(todo.pop(0))]

    threads = [threading.Thread(target=work, args=(mirror,)) for mirror in mirrors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = [shard.id for shard in mirrors[0].plan()]
    for number in left:
        mirrors[0].walk(number)
    report = mirrors[2].finish()
    assert report is not None
    assert report.run == 1
    assert mirrors[1].finish() is None
    assert found(mirrors[0]) == expected(corp)
    follows = len(expected(corp)["follows"])
    ((counted,),) = ask(mirrors[0], "SELECT sum(records) FROM shards WHERE kind = 'customers'")
    assert counted == follows
    with pytest.raises(MirrorError, match="there is no shard 12345"):
        mirrors[0].walk(12345)


def test_a_shard_is_walked_for_so_many_pages(corp: Simulator, file: str, make: Make) -> None:
    fill(corp, 350, members=1, groups=3)
    mirror = make(file)
    shards = {shard.kind: shard for shard in mirror.plan()}
    walks = [mirror.walk(shards["customers"].id, pages=pages) for pages in (0, 1, 2, 5, 5)]
    assert [[(shard.id, shard.pages) for shard in walked] for walked in walks] == [
        [(shards["customers"].id, 0)],
        [(shards["customers"].id, 1)],
        [(shards["customers"].id, 3)],
        [],
        [],
    ]
    assert corp.call_counts["customer.batch_get"] == 4
    (groups,) = mirror.walk(shards["chats"].id, pages=1)
    assert groups.kind == "groups", "what came of it is walked, too"


def test_a_run_that_is_finished_has_nothing_to_walk(
    corp: Simulator, file: str, make: Make, tmp_path: Path
) -> None:
    fill(corp, 50, members=2, groups=1)
    mirror = make(file)
    shards = mirror.plan()
    run = shards[0].run_id
    assert mirror.plan(run=run) == shards
    mirror.sync()
    calls = sum(corp.call_counts.values())
    assert mirror.plan(run=run) == []
    assert sum(corp.call_counts.values()) == calls
    assert mirror.plan()[0].run_id == run + 1
    assert mirror.plan(run=run) == []

    async def main() -> None:
        async with corp.async_client() as wecom, AsyncMirror(file, wecom) as twin:
            assert await twin.plan(run=run) == []
            (first, *_) = await twin.plan(run=run + 1)
            assert [shard.id for shard in await twin.walk(first.id, pages=0)] == [first.id]

    asyncio.run(main())


def test_the_async_mirror_does_the_same(corp: Simulator, db: str, tmp_path: Path) -> None:
    staff = fill(corp, 300, members=4, groups=15)

    async def day() -> None:
        async with corp.async_client(retry=PATIENT, strict=True) as wecom:
            async with AsyncMirror(db, wecom) as mirror:
                said: list[Progress] = []
                report = await mirror.sync(said.append)
                assert report.customers == len(expected(corp)["follows"])
                assert said[-1].shards_done == said[-1].shards
                corp.customer_adds(staff[0], name="新来的")
                assert await mirror.apply(corp.callbacks.events[-1])
                corp.add_customer("没人知道", follow=staff[1])
                drift = await mirror.reconcile(progress=said.append)
                assert drift.missing == {"customers": 1, "follows": 1}
                for shard in await mirror.plan():
                    for more in await mirror.walk(shard.id):
                        await mirror.walk(more.id)
                assert await mirror.finish() is not None
                assert await mirror.finish() is None
                assert (await mirror.status()).rows["follows"] == len(expected(corp)["follows"])
                count = len(expected(corp)["members"])
                assert await mirror.export(tmp_path / "members.csv") == count

    asyncio.run(day())
    with Mirror(db) as mirror:
        assert found(mirror) == expected(corp)
        assert not mirror.status().open_run


def test_an_async_sync_that_fails_or_is_cancelled_goes_on(corp: Simulator, file: str) -> None:
    fill(corp, 500, members=4, groups=25)

    async def broken() -> None:
        async with corp.async_client(retry=PATIENT) as wecom:
            async with AsyncMirror(file, wecom) as mirror:
                corp.trouble.next("group_chat.get", errcode=40058, times=None)
                with pytest.raises(InvalidArgument):
                    await mirror.sync()
                corp.trouble.clear()
                corp.trouble.next("group_chat.get", latency=0.5, times=None)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await mirror.sync()
                corp.trouble.clear()
                await mirror.sync()

    asyncio.run(broken())
    with Mirror(file) as mirror:
        assert found(mirror) == expected(corp)


def test_a_mirror_without_a_client_says_so(file: str) -> None:
    with Mirror(file) as mirror:
        with pytest.raises(ValueError, match=r"client: .*Mirror\(db, client\)"):
            mirror.sync()
        assert mirror.status().rows["members"] == 0


@pytest.mark.parametrize("odd", [0, -1, True, 1.5, "4"])
def test_an_odd_concurrency_is_refused(odd: Any, file: str) -> None:
    with pytest.raises(ValueError, match="concurrency: a whole number, 1 or more, not"):
        Mirror(file, concurrency=odd)


def test_what_fails_in_one_thread_ends_the_work_of_the_others(file: str) -> None:
    begun = threading.Event()

    def works_on() -> Flow[None]:
        begun.set()
        while True:
            yield Pause(0.001)

    def fails() -> Flow[None]:
        assert begun.wait(20)
        raise MirrorError("broken")
        yield Pause(0)

    with Mirror(file, concurrency=2) as mirror:
        tally = Tally(mirror._store)
        with pytest.raises(MirrorError, match="broken"):
            mirror._together([works_on(), fails()], tally)


def test_who_is_cancelled_waits_for_what_is_done_in_a_thread(file: str) -> None:
    begun, go, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert go.wait(20)
        done.append(True)

    async def cancelled() -> None:
        async with AsyncMirror(file) as mirror:
            task = asyncio.create_task(mirror._thread(work))
            while not begun.is_set():
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.sleep(0)
            go.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert done

    asyncio.run(cancelled())
