"""Day 1: copy all customers, with their tags by name, into SQLite. Broken off, it goes on where it was.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day1_sync_customers.py customers.db

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from wecom_contact import Client
from wecom_contact.customer import CustomerRecord
from wecom_contact.errors import APIError, NotFound

SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    userid TEXT, external_userid TEXT, name TEXT, remark TEXT, tags TEXT, state TEXT, added TEXT,
    seen INTEGER, PRIMARY KEY (userid, external_userid)
);
CREATE TABLE IF NOT EXISTS todo (userids TEXT PRIMARY KEY, cursor TEXT);
"""
NO_CUSTOMERS, OLD_CURSOR, MEMBER_GONE = 84061, 50100, 60111


@dataclass
class Synced:
    """What a sync did."""

    pages: int = 0
    rows: int = 0
    """Rows in the table now: one for each member and customer."""
    removed: int = 0
    """Rows of customers who are gone."""
    unlicensed: list[str] = field(default_factory=list)
    """Members whose customers WeCom does not show."""


def main(wecom: Client, path: str, progress: Callable[[int], object] = lambda rows: None) -> Synced:
    """Bring a database up to date; `progress` is told how many customers each page had."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
        try:
            return sync(wecom, db, progress)
        except APIError as error:
            # What the last run left undone may be too old to go on with. Then begin again, once.
            if error.code not in (OLD_CURSOR, MEMBER_GONE):
                raise
            with db:
                db.execute("DELETE FROM todo")
            return sync(wecom, db, progress)


def sync(wecom: Client, db: sqlite3.Connection, progress: Callable[[int], object]) -> Synced:
    """Begin a sync, or go on with the one that was broken off."""
    if not db.execute("SELECT count(*) FROM todo").fetchone()[0]:
        plan(wecom, db)
    groups = wecom.corp_tag.list().tag_group
    tags = {tag.id: f"{group.group_name}/{tag.name}" for group in groups for tag in group.tag}
    synced = Synced()
    for userids, cursor in db.execute("SELECT userids, cursor FROM todo").fetchall():
        copy(wecom, db, json.loads(userids), cursor, tags, synced, progress)
    # A walk may miss somebody while the list changes, so who was not met is looked for.
    for key in db.execute("SELECT userid, external_userid FROM customer WHERE NOT seen").fetchall():
        if not follows(wecom, *key):
            with db:
                db.execute("DELETE FROM customer WHERE userid = ? AND external_userid = ?", key)
            synced.removed += 1
    (synced.rows,) = db.execute("SELECT count(*) FROM customer").fetchone()
    return synced


def plan(wecom: Client, db: sqlite3.Connection) -> None:
    """Note what is to be read: all members, a hundred at a time."""
    members = wecom.follow_user.list().follow_user
    with db:
        db.execute("UPDATE customer SET seen = 0")
        for begin in range(0, len(members), 100):
            db.execute("INSERT INTO todo VALUES (?, NULL)", [json.dumps(members[begin:][:100])])


def copy(
    wecom: Client,
    db: sqlite3.Connection,
    userids: list[str],
    cursor: str | None,
    tags: dict[str, str],
    synced: Synced,
    progress: Callable[[int], object],
) -> None:
    """Copy the customers of some members, page by page."""
    key = json.dumps(userids)
    pager = wecom.customer.batch_get(userid_list=userids, cursor=cursor, limit=100)
    try:
        for page in pager.pages():
            rows = [row(record, tags) for record in page.external_contact_list]
            with db:  # a page and where it stands: both or neither
                db.executemany(
                    "INSERT OR REPLACE INTO customer VALUES (?, ?, ?, ?, ?, ?, ?, 1)", rows
                )
                db.execute("UPDATE todo SET cursor = ? WHERE userids = ?", [pager.cursor, key])
            synced.pages += 1
            synced.unlicensed += page.failures
            progress(len(rows))
    except NotFound as error:
        if error.code != NO_CUSTOMERS:  # none of these members has any
            raise
    with db:
        db.execute("DELETE FROM todo WHERE userids = ?", [key])


def follows(wecom: Client, userid: str, external_userid: str) -> bool:
    """Whether a member still has a customer."""
    try:
        followers = wecom.customer.get(external_userid=external_userid)
        return any(each.userid == userid for each in followers)
    except NotFound:
        return False


def row(record: CustomerRecord, tags: dict[str, str]) -> tuple[str | None, ...]:
    """A row of the table. Tags without a name are those of a strategy, which the tag library lacks."""
    customer, follow = record.external_contact, record.follow_info
    names = [tags.get(each, each) for each in follow.tag_id or ()]
    return (
        follow.userid,
        customer.external_userid,
        customer.name,
        follow.remark,
        json.dumps(names, ensure_ascii=False),
        follow.state,
        follow.createtime.isoformat(),
    )


if __name__ == "__main__":
    from connecting import connect

    with connect() as wecom:
        done = main(wecom, sys.argv[1] if len(sys.argv) > 1 else "customers.db")
    print(f"{done.rows} customers on {done.pages} pages, {done.removed} removed")
    if done.unlicensed:
        print("without a licence, so not shown:", ", ".join(done.unlicensed))
