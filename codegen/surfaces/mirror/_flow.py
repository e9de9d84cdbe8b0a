"""What is asked of WeCom and what is done with the answers: generators without I/O of their own but the database's.

They yield calls, and get replies or errors; `Together` is work that may be done at the same time, `Pause` is a wait. The
two drivers in `_mirror.py` obey, one for each client.

Hand-written: edit codegen/surfaces/mirror/_flow.py.
"""

import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from math import ceil
from threading import Lock
from typing import Any, NamedTuple, TypeAlias, TypeVar

from attrs import Factory, define, field, frozen

from ..callback import Event, UnknownEvent
from ..codec import Model
from ..corp_tag import CorpTagList
from ..customer import CustomerBatchGet, CustomerGet, CustomerList
from ..errors import (
    APIError,
    Forbidden,
    InvalidArgument,
    NotFound,
    PaginationStalled,
    QuotaExceeded,
)
from ..events import (
    AcquisitionFollowerDeleted,
    CustomerAdded,
    CustomerDeleted,
    CustomerEdited,
    CustomerHalfAdded,
    CustomerTransferFailed,
    FollowerDeleted,
    GroupChatCreated,
    GroupChatDismissed,
    GroupChatUpdated,
    TagCreated,
    TagDeleted,
    TagShuffled,
    TagUpdated,
)
from ..follow_user import FollowUserList
from ..group_chat import GroupChatGet, GroupChatList, GroupOwnerFilter
from ._database import Counts, add_counts, chunks
from ._rows import rows_of_customer, rows_of_group, rows_of_library, rows_of_page
from ._runs import GROUPS, MovedOn, Progress, Shard
from ._store import Store

R = TypeVar("R")


class Together(NamedTuple):
    """Flows that may run at the same time; what they return comes back in their order."""

    flows: "Sequence[Flow[Any]]"


class Pause(NamedTuple):
    """Seconds to wait."""

    seconds: float


Flow: TypeAlias = Generator[Model | Together | Pause, Any, R]
"""What is yielded is a call, if it is none of the two."""

NO_CUSTOMERS = 84061
"""None of these members has a customer; or, for all the page says, one of them has none."""
NOT_A_MEMBER = (40003, 60111)
"""One of these members has left, or never was."""
UNLICENSED = 701008
"""None of these members has a licence (互通账号)."""
BAD_CURSOR = 50100
TOO_MANY_OWNERS = 81017

PAGE = 100
"""Customers on a page."""
CHEAP = 100
"""Calls that are spent on reading everything without looking first whether that is needed."""
STALE = 2.0
"""Seconds for which WeCom may show a group as it was before an event."""
READINGS = 3
"""How often a group is read that is shown as it was."""
REPORT_EVERY = 0.5
"""Seconds between two words on progress."""


@frozen(kw_only=True)
class Report:
    """What a sync or a reconciliation did, and what it found to be different."""

    run: int | None
    """The run that was finished; None where nothing but the differences was read."""
    calls: int
    """Calls of this process."""
    customers: int
    """Rows of customers this process read."""
    seconds: float
    missing: Mapping[str, int] = field(factory=dict)
    """By table: rows that were not there."""
    changed: Mapping[str, int] = field(factory=dict)
    """By table: rows that said something else."""
    gone: Mapping[str, int] = field(factory=dict)
    """By table: rows of what does not exist any more."""
    notes: Mapping[str, int] = field(factory=dict)
    """Members and groups that could not be read, and WeCom's code for it."""

    @property
    def differs(self) -> bool:
        """Whether anything was different."""
        return bool(self.missing or self.changed or self.gone)

    def __str__(self) -> str:
        lines = [
            f"{name}: " + (", ".join(f"{n:,} {table}" for table, n in found.items()) or "nothing")
            for name, found in (
                ("missing", self.missing),
                ("changed", self.changed),
                ("gone", self.gone),
            )
        ]
        if self.notes:
            named = ", ".join(f"{name} ({code})" for name, code in self.notes.items())
            lines.append(f"not readable: {named}")
        lines.append(f"{self.calls:,} calls in {self.seconds:.1f} s")
        return "\n".join(lines)


@define
class Tally:
    """What this process has done so far in a run, and who wants to know."""

    store: Store
    progress: Callable[[Progress], object] | None = None
    calls: int = 0
    customers: int = 0
    counts: list[Counts] = Factory(list)
    notes: dict[str, int] = Factory(dict)
    begun: float = Factory(time.monotonic)
    expected: tuple[int, int] = (0, 0)
    run: int | None = None
    _told: float = 0.0
    _lock: Lock = Factory(Lock)

    def call(self) -> None:
        """A call is made."""
        with self._lock:
            self.calls += 1

    def read(self, customers: int, counts: Counts | None = None) -> None:
        """A reply was written."""
        with self._lock:
            self.customers += customers
            if counts:
                self.counts.append(counts)
            now = time.monotonic()
            due = now - self._told >= REPORT_EVERY
            if due:
                self._told = now
        if due:
            self.tell()

    def tell(self) -> None:
        """Say how far the run is."""
        if self.progress is not None and self.run is not None:
            self.progress(self.standing(self.run))

    def standing(self, run: int) -> Progress:
        """How far a run is."""
        kinds = self.store.standing(run)
        read = kinds.get("customers")
        rows = 0 if read is None else read.records
        seconds = time.monotonic() - self.begun
        # Without a run before, the members that are done tell how many customers the others may have.
        whole: float | None = None
        if self.expected[0]:
            whole = max(self.expected[0], rows)
        elif read is not None and read.done:
            whole = max(read.records_of_done / read.done * read.shards, rows)
        left = None
        if whole is not None and self.calls:
            groups = kinds.get("groups")
            more = self.expected[1] if groups is None else groups.shards * GROUPS - groups.pages
            left = ((whole - rows) / PAGE + max(more, 0)) * seconds / self.calls
        if kinds and all(kind.done == kind.shards for kind in kinds.values()):
            left = 0.0
        return Progress(
            shards=sum(kind.shards for kind in kinds.values()),
            shards_done=sum(kind.done for kind in kinds.values()),
            pages=sum(kind.pages for kind in kinds.values()),
            customers=rows,
            customers_per_second=self.customers / seconds if seconds else 0.0,
            seconds_left=left,
        )

    def report(self, run: int | None, counts: Counts, notes: Mapping[str, int]) -> Report:
        """What came of it."""

        def by_table(name: str) -> dict[str, int]:
            return {table: n[name] for table, n in sorted(counts.items()) if n.get(name)}

        return Report(
            run=run,
            calls=self.calls,
            customers=self.customers,
            seconds=time.monotonic() - self.begun,
            missing=by_table("missing"),
            changed=by_table("changed"),
            gone=by_table("gone"),
            notes={name: code for name, code in notes.items() if code != NO_CUSTOMERS},
        )


# A full sync.


def sync(store: Store, tally: Tally) -> Flow[Report]:
    """Read everything: go on with the run that is not finished, or begin one."""
    while True:
        planned = yield from plan(store)
        tally.run = planned.run
        tally.expected = store.expected()
        while open_shards := store.shards_of(planned.run, undone=True):
            yield Together([walk(store, shard.id, tally) for shard in open_shards])
        report = yield from finish(store, planned.run, tally)
        if report is not None:
            tally.tell()
            return report


class Plan(NamedTuple):
    """A run and its shards."""

    run: int
    shards: list[Shard]


def plan(store: Store, wanted: int | None = None) -> Flow[Plan]:
    """The run that is not finished, or a new one, and the shards that are to be walked; none of a run that is finished."""
    run = store.open_run()
    if wanted is not None and wanted != run:
        return Plan(wanted, [])
    if run is None:
        userids, counts = yield from read_members(store)
        # Before the customers: of a tag that was deleted since, the mirror must know that it is one of the library.
        counts = add_counts(counts, (yield from read_library(store)))
        run = store.begin(userids, store.former_owners(), counts)
    return Plan(run, store.shards_of(run, undone=True))


def read_members(store: Store) -> Flow[tuple[list[str], Counts]]:
    """Read who serves customers; whoever does not any more has left their customers."""
    begun = store.now()
    reply = yield FollowUserList()
    userids = list(dict.fromkeys(reply.follow_user))
    return userids, store.put_members(userids, begun)


def walk(store: Store, shard_id: int, tally: Tally, pages: int | None = None) -> Flow[list[Shard]]:
    """Walk a shard to its end, from where it stands, or for so many pages. Returns what is to be walked after it."""
    planned: list[Shard] = []
    cursors: set[str] = set()
    steps = 0
    while not (shard := store.shard(shard_id)).done:
        if steps == pages:
            return [*planned, shard]
        steps += 1
        if not shard.cursor:
            cursors.clear()
        elif shard.cursor in cursors:
            raise PaginationStalled(f"{shard.kind}: a page leads back to one that was read")
        else:
            cursors.add(shard.cursor)
        step = STEPS[shard.kind]
        try:
            planned += yield from step(store, shard, tally)
        except MovedOn:
            pass  # somebody else walks it, too; the page is theirs
    tally.read(0)
    return planned


def walk_customers(store: Store, shard: Shard, tally: Tally) -> Flow[list[Shard]]:
    """Read a page of some members' customers."""
    call = CustomerBatchGet(userid_list=shard.subject, cursor=shard.cursor, limit=PAGE)
    begun = store.now()
    try:
        page = yield call
    except APIError as error:
        return (yield from refused(store, shard, error, tally))
    after = call.after(page)
    read = rows_of_page(page.external_contact_list)
    unlicensed = [] if page.fail_info is None else page.fail_info.unlicensed_userid_list or []
    notes = dict.fromkeys(unlicensed, UNLICENSED)
    store.put_page(read, begun, shard, None if after is None else after.cursor, notes)
    tally.read(len(read.follows))
    return []


def refused(store: Store, shard: Shard, error: APIError, tally: Tally) -> Flow[list[Shard]]:
    """Drop from a shard the members for whose sake WeCom refused it; the others go on."""
    if error.code == BAD_CURSOR and shard.cursor:
        store.restart(shard, shard.subject, {})
        return []
    if error.code == UNLICENSED:
        return store.split(shard, [], dict.fromkeys(shard.subject, error.code))
    if error.code not in (NO_CUSTOMERS, *NOT_A_MEMBER):
        raise error
    if error.code in NOT_A_MEMBER and shard.kind == "customers":
        there, counts = yield from read_members(store)
        tally.read(0, counts)
        left = [userid for userid in shard.subject if userid not in there]
        if 0 < len(left) < len(shard.subject):
            kept = [userid for userid in shard.subject if userid in there]
            store.restart(shard, kept, dict.fromkeys(left, error.code))
            return []
    if len(shard.subject) > 1:
        # It does not say who is meant, so halves are asked for until one alone is refused.
        half = len(shard.subject) // 2
        return store.split(shard, [shard.subject[:half], shard.subject[half:]], {})
    return store.split(shard, [], dict.fromkeys(shard.subject, error.code))


def walk_chats(store: Store, shard: Shard, tally: Tally) -> Flow[list[Shard]]:
    """Read a page of the list of groups."""
    call = group_list(shard.subject, shard.cursor)
    try:
        page = yield call
    except QuotaExceeded as error:
        if error.code != TOO_MANY_OWNERS or shard.subject:
            raise
        return store.split(shard, list(chunks(store.members(), 100)), {})
    except APIError as error:
        if not shard.subject and error.code != BAD_CURSOR:
            raise
        return (yield from refused(store, shard, error, tally))
    after = call.after(page)
    found = [(chat.chat_id, int(chat.status)) for chat in page.group_chat_list]
    planned = store.put_list(shard, found, None if after is None else after.cursor)
    tally.read(0)
    return planned


def group_list(owners: list[str], cursor: str | None = None) -> GroupChatList:
    """The call for a page of the list of groups; of all owners, if none are named."""
    only = GroupOwnerFilter(userid_list=owners) if owners else None
    return GroupChatList(owner_filter=only, cursor=cursor, limit=1000)


def walk_groups(store: Store, shard: Shard, tally: Tally) -> Flow[list[Shard]]:
    """Read one of some groups."""
    chat_id, status = shard.subject[shard.pages]
    try:
        yield from read_group(store, chat_id, status, shard)
    except Forbidden as error:
        # The owner is out of the app's sight, so only the list told of it.
        store.skip(shard, chat_id, error.code)
    tally.read(0)
    return []


def read_group(
    store: Store, chat_id: str, status: int | None, shard: Shard | None = None, before: str = ""
) -> Flow[Counts]:
    """Read a group, or find that there is none. `before` is the version of its members that is known to be old."""
    call = GroupChatGet(chat_id=chat_id, need_name=True)
    readings = 0
    while True:
        begun = store.now()
        try:
            reply = yield call
        except NotFound:
            return store.forget_group(chat_id, begun, shard)
        readings += 1
        if not before or reply.group_chat.member_version != before or readings == READINGS:
            break
        yield Pause(STALE)
    group, people = rows_of_group(reply.group_chat)
    return store.put_group(group, people, status, begun, shard)


def read_library(store: Store) -> Flow[Counts]:
    """Read the tag library as a whole."""
    begun = store.now()
    reply = yield CorpTagList()
    return store.put_library(*rows_of_library(reply.tag_group), begun)


STEPS: Mapping[str, Callable[[Store, Shard, Tally], Flow[list[Shard]]]] = {
    "customers": walk_customers,
    "chats": walk_chats,
    "groups": walk_groups,
}


def finish(store: Store, run: int, tally: Tally) -> Flow[Report | None]:
    """End a run that was walked: mark what it did not meet. None if there is more to walk.

    A walk over pages may miss somebody while the list changes. So the ids of members are compared of whose customers some
    were not met or have gone meanwhile, and after the first run, when nobody could know who is missing, those of all.
    """
    walked = store.shards_of(run)
    if not all(shard.done for shard in walked):
        return None
    since, before = store.run(run)
    notes = {name: code for shard in walked for name, code in shard.notes.items()}
    userids, counts = yield from read_members(store)
    tally.read(0, counts)
    planned = {userid for shard in walked if shard.kind == "customers" for userid in shard.subject}
    if new := [userid for userid in userids if userid not in planned and userid not in notes]:
        store.plan_more(run, "customers", chunks(new, 100))
        return None
    tally.read(0, (yield from read_library(store)))
    unlicensed = {name for name, code in notes.items() if code == UNLICENSED}
    doubtful = store.unsettled_members(since) if store.synced() else userids
    compared = yield Together(
        [compare(store, userid, tally, since) for userid in doubtful if userid not in unlicensed]
    )
    jobs = read_missing(store, compared, tally)
    jobs += [read_lost_group(store, chat_id, tally) for chat_id in store.unseen_groups(since)]
    yield Together(jobs)
    counts = add_counts(before, *(shard.counts for shard in walked), *tally.counts)
    notes |= tally.notes
    store.finish(run, counts, unlicensed)
    return tally.report(run, counts, notes)


class Compared(NamedTuple):
    """A member's customers at WeCom, against those of the mirror."""

    userid: str
    customers: int
    missing: set[str]


def compare(store: Store, userid: str, tally: Tally, since: Any = None) -> Flow[Compared]:
    """Compare the ids of a member's customers; who is gone is marked. Who was not read since then counts as missing."""
    begun = store.now()
    try:
        reply = yield CustomerList(userid=userid)
        there = set(reply.external_userid)
    except (NotFound, InvalidArgument, Forbidden) as error:
        if error.code != NO_CUSTOMERS:
            tally.notes[userid] = error.code
            return Compared(userid, 0, set())
        there = set()
    known = store.customers_of(userid)
    tally.read(0, store.forget(userid, known - there, begun))
    missing = there - known
    if since is not None:
        missing |= there & store.unseen_customers(userid, since)
    return Compared(userid, len(there), missing)


def read_customer(
    store: Store, external_userid: str, asked: tuple[str, str] | None, tally: Tally
) -> Flow[None]:
    """Read a customer with all who follow them, or find that nobody does."""
    begun = store.now()
    pages = []
    call: CustomerGet | None = CustomerGet(external_userid=external_userid)
    try:
        while call is not None:
            page = yield call
            pages.append(page)
            call = call.after(page)
    except NotFound:
        pages = []
    read = rows_of_customer(pages)
    tally.read(len(read.follows), store.put_customer(read, asked, external_userid, begun))


def read_lost_group(
    store: Store, chat_id: str, tally: Tally, status: int | None = None
) -> Flow[None]:
    """Read a group that a list has or lacks."""
    try:
        tally.read(0, (yield from read_group(store, chat_id, status)))
    except Forbidden as error:
        tally.notes[chat_id] = error.code


# What lost callbacks missed.


def reconcile(store: Store, deep: bool | None, tally: Tally) -> Flow[Report]:
    """Find what is different for the least calls, and put it right.

    Ids are compared first, and only what differs is read. What ids do not show, an edited remark for instance, takes
    reading everything: with `deep`, and without being asked where that is cheap.
    """
    follows, groups = store.expected()
    whole = ceil(follows / PAGE) + groups
    if deep or (deep is None and whole <= CHEAP) or not store.synced() or store.open_run():
        return (yield from sync(store, tally))
    userids, counts = yield from read_members(store)
    tally.read(0, counts)
    tally.read(0, (yield from read_library(store)))
    compared: list[Compared] = yield Together([compare(store, userid, tally) for userid in userids])
    jobs = read_missing(store, compared, tally)
    there = yield from list_groups(store)
    known = store.statuses()
    odd = [chat for chat, status in there.items() if chat not in known or known[chat] != status]
    jobs += [read_lost_group(store, chat, tally, there[chat]) for chat in odd]
    jobs += [read_lost_group(store, chat, tally) for chat in known if chat not in there]
    yield Together(jobs)
    return tally.report(None, add_counts(*tally.counts), tally.notes)


def read_missing(store: Store, compared: Collection[Compared], tally: Tally) -> list[Flow[Any]]:
    """Read who is missing: one by one, or all of a member's customers where that takes fewer calls."""
    members: list[str] = []
    customers: set[str] = set()
    for member in compared:
        if ceil(member.customers / PAGE) < len(member.missing):
            members.append(member.userid)
        else:
            customers |= member.missing
    jobs: list[Flow[Any]] = [read_all(store, some, tally) for some in chunks(members, 100)]
    return jobs + [read_customer(store, name, None, tally) for name in sorted(customers)]


def read_all(store: Store, userids: list[str], tally: Tally) -> Flow[None]:
    """Read all customers of some members."""
    call: CustomerBatchGet | None = CustomerBatchGet(userid_list=userids, limit=PAGE)
    try:
        while call is not None:
            begun = store.now()
            page = yield call
            read = rows_of_page(page.external_contact_list)
            tally.read(len(read.follows), store.put_page(read, begun))
            call = call.after(page)
    except APIError as error:
        if error.code not in (NO_CUSTOMERS, *NOT_A_MEMBER):
            raise
        if len(userids) == 1:
            tally.notes[userids[0]] = error.code
            return
        half = len(userids) // 2
        for some in (userids[:half], userids[half:]):
            yield from read_all(store, some, tally)


def list_groups(store: Store) -> Flow[dict[str, int]]:
    """The groups that WeCom has, and what became of their owners."""
    found: dict[str, int] = {}
    filters: list[list[str]] = [[], *chunks(store.former_owners(), 100)]
    while filters:
        owners = filters.pop()
        call: GroupChatList | None = group_list(owners)
        try:
            while call is not None:
                page = yield call
                found |= {chat.chat_id: int(chat.status) for chat in page.group_chat_list}
                call = call.after(page)
        except QuotaExceeded as error:
            if error.code != TOO_MANY_OWNERS or owners:
                raise
            filters += chunks(store.members(), 100)
        except (InvalidArgument, NotFound) as error:
            # Owners who have left may be refused. Their groups are asked for one by one then, as are all that are missing.
            if error.code not in NOT_A_MEMBER or not owners:
                raise
    return found


# In step, by events.


def apply(store: Store, event: Event, tally: Tally) -> Flow[bool]:
    """Read what an event is about once more. False if it is about nothing that is mirrored."""
    match event:
        case FollowerDeleted() | AcquisitionFollowerDeleted():
            yield from changed(store, event.userid, event.external_userid, tally)
            # The member still sees the customer, so only this event says that they left.
            pair = (event.userid or "", event.external_userid or "")
            store.customer_left(pair, event.time, left=True)
        case CustomerAdded():
            yield from changed(store, event.userid, event.external_userid, tally)
            store.customer_left((event.userid, event.external_userid), event.time, left=False)
        case CustomerEdited() | CustomerDeleted() | CustomerTransferFailed():
            yield from changed(store, event.userid, event.external_userid, tally)
        case CustomerHalfAdded():
            # There is nothing to be read of the pair yet.
            yield from changed(store, "", event.external_userid, tally)
        case TagCreated() | TagUpdated() | TagDeleted() | TagShuffled():
            yield from read_library(store)
        case GroupChatUpdated():
            before = event.last_version or ""
            known = before if before != event.current_version else ""
            yield from read_group(store, event.chat_id, None, before=known)
        case GroupChatCreated():
            yield from read_group(store, event.chat_id, None)
        case GroupChatDismissed():
            # WeCom may still show it for a moment.
            store.forget_group(event.chat_id, store.now())
        case UnknownEvent():
            return (yield from apply_unknown(store, event, tally))
        case _:
            return False
    return True


def changed(
    store: Store, userid: str | None, external_userid: str | None, tally: Tally
) -> Flow[None]:
    """Read a customer that an event names."""
    if external_userid:
        asked = (userid, external_userid) if userid else None
        yield from read_customer(store, external_userid, asked, tally)


def apply_unknown(store: Store, event: UnknownEvent, tally: Tally) -> Flow[bool]:
    """Read what an event without a class may be about. `change_contact` comes to who takes the directory's callbacks."""

    def word(name: str) -> str:
        value = event.data.get(name)
        return value if isinstance(value, str) else ""

    match event.family:
        case "change_external_contact" if word("ExternalUserID"):
            yield from changed(store, "", word("ExternalUserID"), tally)
        case "change_external_chat" if word("ChatId"):
            yield from read_group(store, word("ChatId"), None)
        case "change_external_tag":
            yield from read_library(store)
        case "change_contact":
            yield from read_members(store)
        case _:
            return False
    return True
