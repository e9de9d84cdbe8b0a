"""A full sync: every row equals the corp's state, whatever happens on the way."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from mirror_support import (
    ask,
    expected,
    fill,
    found,
    sync_and_die_whenever,
)
from wecom_contact.mirror import Mirror
from wecom_contact.testing import Simulator

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


def test_a_sync_killed_at_any_moment_goes_on(corp: Simulator, db: str, make: Make) -> None:
    chance = random.Random(f"kill {db.partition(':')[0]}")
    fill(corp, 1000, members=5, groups=45)
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["__main__", "mirror_support"])
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
    report = mirror.sync()
    assert report.run == 1
    assert found(mirror) == expected(corp)
    follows = len(expected(corp)["follows"])
    ((counted,),) = ask(mirror, "SELECT sum(records) FROM shards WHERE kind = 'customers'")
    assert counted == follows
    assert report.customers < follows
