"""What lost callbacks missed is found for the least calls."""

import random
from collections.abc import Callable

import pytest
from wecom_contact.errors import InvalidArgument, QuotaExceeded
from wecom_contact.mirror import Mirror, Report
from wecom_contact.testing import CallMade, Simulator

from .mirror_support import PATIENT, calls_of, expected, fill, found

Make = Callable[..., Mirror]


def unnoticed(corp: Simulator, chance: random.Random, times: int) -> None:
    """Things happen, and half of the callbacks get lost."""
    for _ in range(times):
        member = chance.choice([each for each in corp.serving() if each.follows])
        customer = chance.choice(member.customers)
        chat = chance.choice([each for each in corp.group_chats.values() if not each.dismissed])
        corp.callbacks.lose(chance.randrange(2))
        match chance.randrange(9):
            case 0:
                corp.customer_adds(member, name="新来的")
            case 1:
                corp.member_deletes(member, customer)
            case 2:
                corp.member_edits(member, customer, remark=f"备注{chance.random()}")
            case 3:
                corp.admin_adds_tag(f"标签{chance.random()}", "活动")
            case 4:
                corp.admin_edits_tag("意向/高意向", order=chance.randrange(1000))
            case 5:
                corp.member_creates_group(member, "新群", [customer])
            case 6:
                corp.group_dismissed(chat)
            case 7:
                corp.customer_joins(chat)
            case 8:
                corp.group_renamed(chat, f"群{chance.random()}")
    corp.callbacks.lose(0)
    corp.callbacks.wait()


def test_after_a_bad_night_everything_is_equal_again(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 150, members=5, groups=30)
    mirror = make(db)
    mirror.sync()
    corp.trouble.mix(0.1, seed=5)
    corp.callbacks.listen(mirror.apply)
    unnoticed(corp, random.Random(db.partition(":")[0]), 60)
    assert found(mirror) != expected(corp)
    report = mirror.reconcile()
    assert corp.trouble.made > 0
    assert report.differs
    assert found(mirror) == expected(corp)
    assert not mirror.reconcile().differs


def big(corp: Simulator, make: Make, db: str) -> Mirror:
    """A corp whose full sync takes many calls, and its mirror."""
    fill(corp, 600, members=4, groups=110)
    mirror = make(db)
    mirror.sync()
    corp.calls.clear()
    return mirror


def test_one_percent_of_changes_takes_less_than_a_tenth_of_the_calls(
    corp: Simulator, db: str, make: Make
) -> None:
    fill(corp, 600, members=4, groups=250)
    mirror = make(db)
    # Later ones make a few calls less: only the first compares all ids at its end.
    whole = calls_of(corp, mirror.sync) - corp.call_counts["customer.list"]
    staff = list(corp.serving())
    chance = random.Random(1)
    for number in range(6):
        corp.add_customer(f"没人知道{number}", follow=chance.choice(staff))
        member = chance.choice(staff)
        corp.part(corp.follow(member, chance.choice(member.customers)))
    for chat in chance.sample(list(corp.group_chats.values()), 2):
        corp.group_dismissed(chat)
    corp.add_group_chat("没人知道的群", staff[0])
    corp.add_tag_group("没人知道", ["标签"])
    reports: list[Report] = []
    calls = calls_of(corp, lambda: reports.append(mirror.reconcile()))
    assert found(mirror) == expected(corp)
    (report,) = reports
    assert report.calls == calls
    assert calls < whole / 10
    assert report.run is None
    # In no more calls than: members, tags, groups, each member's ids, and one for each that is new or gone.
    assert calls <= 3 + len(staff) + 6 + 3
    assert report.missing["follows"] == report.gone["follows"] == 6
    assert report.missing["group_chats"] == 1
    assert report.gone["group_chats"] == 2
    assert report.missing["tags"] == 1
    assert not mirror.reconcile().differs


def test_a_member_of_whom_much_is_new_is_read_page_by_page(
    corp: Simulator, file: str, make: Make
) -> None:
    mirror = big(corp, make, file)
    staff = list(corp.serving())
    for number in range(30):
        corp.add_customer(f"没人知道{number}", follow=staff[1])
    corp.follow(staff[1], staff[1].customers[0]).remark = "顺便看到"
    both = corp.add_customer("两个人的", follow=staff[:2])
    report = mirror.reconcile()
    assert found(mirror) == expected(corp)
    assert report.missing["follows"] == 32
    assert report.changed == {"follows": 1}
    assert len(corp.calls_of("customer.batch_get")) == -(-len(staff[1].follows) // 100)
    # Those pages tell of one member only; the other is asked for.
    asked = [made.data["external_userid"] for made in corp.calls_of("customer.get")]
    assert asked == [both.external_userid]


def test_members_who_come_and_go_are_found(corp: Simulator, file: str, make: Make) -> None:
    mirror = big(corp, make, file)
    staff = list(corp.serving())
    corp.member_resigns(staff[0])
    new = corp.add_member("new")
    corp.add_customer("新同事的客户", follow=new)
    report = mirror.reconcile()
    assert found(mirror) == expected(corp)
    assert report.gone["members"] == report.missing["members"] == 1
    assert report.gone["follows"] == len(staff[0].follows)
    # The groups of who has left are noted for their new state.
    assert report.changed["group_chats"] > 30


def test_what_ids_do_not_show_takes_reading_everything(
    corp: Simulator, file: str, make: Make
) -> None:
    mirror = big(corp, make, file)
    zhang = next(corp.serving())
    corp.follow(zhang, zhang.customers[0]).remark = "改了"
    assert not mirror.reconcile().differs
    assert not mirror.reconcile(deep=False).differs
    assert found(mirror) != expected(corp)
    report = mirror.reconcile(deep=True)
    assert report.changed == {"follows": 1}
    assert found(mirror) == expected(corp)


def test_a_company_that_a_hundred_calls_read_is_read(
    corp: Simulator, file: str, make: Make
) -> None:
    staff = fill(corp, 300, members=3, groups=20)
    mirror = make(file)
    mirror.sync()
    corp.follow(staff[0], staff[0].customers[0]).remark = "改了"
    assert not mirror.reconcile(deep=False).differs
    report = mirror.reconcile()
    assert report.changed == {"follows": 1}
    assert report.run == 2


def test_a_mirror_that_is_not_complete_is_made_complete(
    corp: Simulator, file: str, make: Make
) -> None:
    fill(corp, 1200, members=4, groups=120)
    mirror = make(file)
    mirror.plan()
    mirror.reconcile()
    assert found(mirror) == expected(corp)
    # Also if a later sync was broken off.
    mirror.plan()
    assert mirror.reconcile(deep=False).run == 2


def test_members_who_cannot_be_compared_are_noted_and_keep_their_customers(
    corp: Simulator, file: str, make: Make
) -> None:
    mirror = big(corp, make, file)
    before = found(mirror)
    corp.trouble.next("customer.list", errcode=84074)
    corp.trouble.next("customer.list", errcode=40003)
    report = mirror.reconcile()
    assert sorted(report.notes.values()) == [40003, 84074]
    assert found(mirror) == before
    assert not report.differs


def test_a_member_whose_last_customer_is_gone_is_not_unreadable(
    corp: Simulator, file: str, make: Make
) -> None:
    alone = corp.add_member("alone")
    customer = corp.add_customer("唯一", follow=alone)
    mirror = big(corp, make, file)
    corp.part(corp.follow(alone, customer))
    report = mirror.reconcile()
    assert report.gone == {"customers": 1, "follows": 1}
    assert report.notes == {}
    assert found(mirror) == expected(corp)


def test_pages_that_are_refused_for_one_member_do_not_lose_the_others(
    corp: Simulator, file: str, make: Make
) -> None:
    mirror = big(corp, make, file)
    staff = list(corp.serving())
    for member in staff[:3]:
        for number in range(30):
            corp.add_customer(f"{member.userid}{number}", follow=member)
    # The three together, then the first alone.
    corp.trouble.next("customer.batch_get", errcode=60111, times=2)
    report = mirror.reconcile()
    assert list(report.notes.values()) == [60111]
    lacking = set(expected(corp)["follows"]) - set(found(mirror)["follows"])
    assert {userid for userid, _ in lacking} == set(report.notes)
    assert not mirror.reconcile().notes
    assert found(mirror) == expected(corp)
    corp.add_customer("又一个", follow=staff[0])
    for number in range(30):
        corp.add_customer(f"还有{number}", follow=staff[0])
    corp.trouble.next("customer.batch_get", errcode=40058)
    with pytest.raises(InvalidArgument):
        mirror.reconcile()


def test_groups_are_listed_by_owner_where_that_is_needed(
    corp: Simulator, file: str, make: Make
) -> None:
    corp.limits.owners_unfiltered = 1
    mirror = big(corp, make, file)
    staff = list(corp.serving())
    corp.member_resigns(staff[0])
    corp.add_group_chat("没人知道的群", staff[1])
    mirror.reconcile()
    assert found(mirror) == expected(corp)
    # Owners who have left may be refused: their groups are looked for one by one, and stay.
    corp.trouble.next("group_chat.list", errcode=40003)
    corp.calls.clear()
    mirror.reconcile()
    assert found(mirror) == expected(corp)
    owned = sum(chat.owner == staff[0].userid for chat in corp.group_chats.values())
    assert len(corp.calls_of("group_chat.get")) == owned
    corp.limits.owners_unfiltered = 1000
    corp.member_resigns(staff[1])
    for code, error in ((40058, InvalidArgument), (41045, QuotaExceeded)):
        corp.trouble.next("group_chat.list", errcode=code, times=None)
        with pytest.raises(error):
            mirror.reconcile()
        corp.trouble.clear()


def test_a_group_that_cannot_be_read_is_noted(corp: Simulator, file: str, make: Make) -> None:
    mirror = big(corp, make, file)
    chat = corp.add_group_chat("看不到的群", next(corp.serving()))
    corp.trouble.next("group_chat.get", errcode=60011)
    report = mirror.reconcile()
    assert report.notes == {chat.chat_id: 60011}
    assert f"not readable: {chat.chat_id} (60011)" in str(report)


def test_a_report_says_what_was_different(corp: Simulator, file: str, make: Make) -> None:
    staff = fill(corp, 30, members=3)
    mirror = make(file)
    mirror.sync()
    assert "missing: nothing\nchanged: nothing\ngone: nothing\n" in str(mirror.reconcile())
    corp.add_customer("没人知道", follow=staff[0])
    text = str(mirror.reconcile())
    assert text.startswith("missing: 1 customers, 1 follows\nchanged: nothing\ngone: nothing\n")


def test_an_event_during_a_reconciliation_is_not_undone(file: str) -> None:
    def meanwhile(made: CallMade) -> None:
        """The ids were answered, and are not compared yet."""
        if comparing and made.name == "customer.list" and not corp.callbacks.events:
            corp.customer_adds(zhang, name="同时来的")
            corp.member_deletes(zhang, zhang.customers[0])
            for event in tuple(corp.callbacks.events):
                mirror.apply(event)

    comparing = False
    with Simulator(on_call=meanwhile) as corp, corp.client(retry=PATIENT) as wecom:
        fill(corp, 300, members=2, groups=5)
        (zhang,) = corp.serving()
        with Mirror(file, wecom) as mirror:
            mirror.sync()
            comparing = True
            mirror.reconcile(deep=False)
            assert corp.callbacks.events
            assert found(mirror) == expected(corp)
