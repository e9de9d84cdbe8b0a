"""Day 8: keep a local database in step with WeCom by callbacks; a full sync finds what was lost on the way.

    WECOM_CORP_ID=ww… WECOM_SECRET=… WECOM_TOKEN=… WECOM_AES_KEY=… python day8_mirror.py mirror.db
    WECOM_CORP_ID=ww… WECOM_SECRET=… python day8_mirror.py mirror.db --reconcile

The first takes callbacks, at PORT (8000); the second is for every night, from cron. WeCom tries three times to tell
something and then forgets it, so callbacks alone are never enough.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias
from wsgiref.simple_server import make_server

from wecom_contact import Client
from wecom_contact.callback import Callback, Event, wsgi
from wecom_contact.customer import Customer, Follower, FollowInfo
from wecom_contact.errors import NotFound
from wecom_contact.events import (
    CustomerAdded,
    CustomerDeleted,
    CustomerEdited,
    FollowerDeleted,
    TagCreated,
    TagDeleted,
    TagShuffled,
    TagUpdated,
)

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS customer (
    userid TEXT, external_userid TEXT, name TEXT, remark TEXT, tags TEXT, state TEXT,
    left INTEGER DEFAULT 0, run INTEGER, PRIMARY KEY (userid, external_userid)
);
CREATE TABLE IF NOT EXISTS tag (id TEXT PRIMARY KEY, name TEXT, tag_group TEXT, place INTEGER);
CREATE TABLE IF NOT EXISTS run (number INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, userid TEXT, external_userid TEXT
);
"""
KNOWN = """
SELECT userid, external_userid, name, remark, tags, state FROM customer
WHERE (userid, external_userid) = (?, ?)
"""
UPSERT = """
INSERT INTO customer (userid, external_userid, name, remark, tags, state, run)
VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(number), 0) FROM run))
ON CONFLICT DO UPDATE SET
    name = excluded.name, remark = excluded.remark, tags = excluded.tags, state = excluded.state,
    run = excluded.run
"""
FORGET_TAG = """
UPDATE customer SET tags = trim(replace(' ' || tags || ' ', :word, ' '))
WHERE instr(' ' || tags || ' ', :word)
"""

Row: TypeAlias = tuple[str, str, str, str, str, str | None]


@dataclass
class Drift:
    """What a full sync found to be different: changes that no callback told of."""

    missing: int = 0
    changed: int = 0
    gone: int = 0


class Mirror:
    """A copy of all customers and tags. One process takes the callbacks; any may reconcile, and read."""

    def __init__(self, wecom: Client, path: str) -> None:
        self.wecom = wecom
        self.path = path
        # One event after the other: of two readings of a customer, the later must be written last.
        self.lock = threading.Lock()
        with closing(self.open()) as db:
            db.executescript(SCHEMA)

    def open(self) -> sqlite3.Connection:
        """A connection; SQLite wants one for each thread."""
        return sqlite3.connect(self.path, timeout=30)

    # In step, by callbacks.

    def handle(self, event: Event) -> None:
        """Bring up to date what an event is about.

        Events come twice, late and in any order, and seldom say what changed. So they only tell where to look.
        """
        with self.lock:
            match event:
                case CustomerEdited() | CustomerDeleted():
                    self.refresh(event.userid, event.external_userid)
                case CustomerAdded():
                    self.refresh(event.userid, event.external_userid, left=False)
                case FollowerDeleted():
                    # The member still sees the customer, so only this event says that they left.
                    self.refresh(event.userid, event.external_userid, left=True)
                case TagCreated() | TagUpdated() | TagDeleted() | TagShuffled():
                    self.refresh_tags()

    def refresh(self, userid: str, external_userid: str, left: bool | None = None) -> bool:
        """Read one member's customer again; False if there is none any more.

        `left` says whether the customer has deleted the member, if that is known.
        """
        row = self.read(userid, external_userid)
        with closing(self.open()) as db, db:
            key = userid, external_userid
            db.execute("INSERT INTO event (userid, external_userid) VALUES (?, ?)", key)
            if row is None:
                db.execute("DELETE FROM customer WHERE (userid, external_userid) = (?, ?)", key)
                return False
            db.execute(UPSERT, row)
            if left is not None:
                db.execute(
                    "UPDATE customer SET left = ? WHERE (userid, external_userid) = (?, ?)",
                    (left, *key),
                )
        return True

    def read(self, userid: str, external_userid: str) -> Row | None:
        """A row as it is at WeCom; None if the member does not follow the customer."""
        try:
            # A customer whom more than 500 members follow takes several pages.
            for page in self.wecom.customer.get(external_userid=external_userid).pages():
                for follow in page.follow_user:
                    if follow.userid == userid:
                        # Personal tags have no id; nobody but the member knows them.
                        tags = (tag.tag_id for tag in follow.tags or () if tag.tag_id)
                        return row_of(page.external_contact, follow, tags)
        except NotFound:
            pass  # nobody follows them any more
        return None

    def refresh_tags(self) -> None:
        """Read the tag library again."""
        groups = self.wecom.corp_tag.list().tag_group
        tags = [(t.id, t.name, g.group_name, t.order) for g in groups for t in g.tag]
        with closing(self.open()) as db, db:
            gone = {id for (id,) in db.execute("SELECT id FROM tag")} - {tag[0] for tag in tags}
            db.execute("DELETE FROM tag")
            db.executemany("INSERT INTO tag VALUES (?, ?, ?, ?)", tags)
            # A tag that is deleted goes from all customers, and no event tells of them.
            db.executemany(FORGET_TAG, [{"word": f" {id} "} for id in gone])

    # Reconciled, by a full sync.

    def reconcile(self, progress: Callable[[int], object] = lambda customers: None) -> Drift:
        """Read everything, put right what is different, and say how much that was. Callbacks may go on."""
        drift = Drift()
        with self.lock:
            self.refresh_tags()
        with closing(self.open()) as db:
            with db:
                run = db.execute("INSERT INTO run DEFAULT VALUES").lastrowid
            members = self.wecom.follow_user.list().follow_user
            for begin in range(0, len(members), 100):
                self.copy(db, members[begin : begin + 100], drift, progress)
            # A walk may miss somebody while the list changes, so who was not met is looked for.
            missed = "SELECT userid, external_userid FROM customer WHERE run < ?"
            for key in db.execute(missed, [run]).fetchall():
                with self.lock:
                    drift.gone += not self.refresh(*key)
            with db:
                db.execute("DELETE FROM run WHERE number < ?", [run])
                db.execute("DELETE FROM event")
        return drift

    def copy(
        self,
        db: sqlite3.Connection,
        userids: list[str],
        drift: Drift,
        progress: Callable[[int], object],
    ) -> None:
        """Copy the customers of some members."""
        pages = self.wecom.customer.batch_get(userid_list=userids, limit=100).pages()
        while True:
            (last_event,) = db.execute("SELECT max(number) FROM event").fetchone()
            try:
                page = next(pages, None)
            except NotFound:
                return  # none of these members has a customer
            if page is None:
                return
            with db:
                db.execute("BEGIN IMMEDIATE")
                # What an event brought since the page was asked for is newer than the page.
                newer = db.execute(
                    "SELECT userid, external_userid FROM event WHERE number > ?", [last_event or 0]
                ).fetchall()
                for record in page.external_contact_list:
                    follow = record.follow_info
                    row = row_of(record.external_contact, follow, follow.tag_id or ())
                    if row[:2] not in newer:
                        known = db.execute(KNOWN, row[:2]).fetchone()
                        drift.missing += known is None
                        drift.changed += known is not None and known != row
                        db.execute(UPSERT, row)
            progress(len(page.external_contact_list))


def row_of(customer: Customer, follow: Follower | FollowInfo, tags: Iterable[str]) -> Row:
    """What is kept of a customer."""
    return (
        follow.userid,
        customer.external_userid,
        customer.name,
        follow.remark,
        " ".join(sorted(tags)),
        follow.state,
    )


def main(wecom: Client, path: str) -> Mirror:
    """A mirror that is complete: the first time, a full sync fills it."""
    mirror = Mirror(wecom, path)
    with closing(mirror.open()) as db:
        (begun,) = db.execute("SELECT count(*) FROM run").fetchone()
    if not begun:
        mirror.reconcile()
    return mirror


if __name__ == "__main__":
    from connecting import connect

    with connect() as wecom:
        mirror = main(wecom, sys.argv[1])
        if "--reconcile" in sys.argv[2:]:
            print(mirror.reconcile())
        else:
            # To read something twice does no harm, and two edits within a second look like one told twice:
            # so nothing is remembered to be left out.
            callback = Callback(
                os.environ["WECOM_TOKEN"],
                os.environ["WECOM_AES_KEY"],
                os.environ["WECOM_CORP_ID"],
                seen=None,
            )
            port = int(os.environ.get("PORT", "8000"))
            make_server("", port, wsgi(callback, mirror.handle)).serve_forever()
