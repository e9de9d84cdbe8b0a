"""All customers of a company in a database, read by as many machines as you like; none is lost when one of them dies.

    celery -A fleet worker          # on each machine
    python fleet.py                 # once, or every night: a task for every ten members

WECOM_CORP_ID, WECOM_SECRET, REDIS_URL and DATABASE_URL are the same everywhere. docs/scale.md explains each line.
"""

import os

from celery import Celery
from sqlalchemy import create_engine, text
from wecom_contact import Client, RedisLimiter, RedisStore, codec
from wecom_contact.celery import Page, RedisCheckpoints, register
from wecom_contact.customer import CustomerBatchGet

REDIS = os.environ["REDIS_URL"]
app = Celery("fleet", broker=REDIS)
app.conf.update(worker_prefetch_multiplier=1, broker_transport_options={"visibility_timeout": 600})
database = create_engine(os.environ["DATABASE_URL"])
SAVE = text("INSERT INTO follows (page, userid, external_userid) VALUES (:page, :who, :whom)")


def save(page: Page) -> None:
    rows = [(row.follow_info.userid, row.external_contact.external_userid) for row in page.rows]
    with database.begin() as db:  # a page that comes twice is there once
        db.execute(text("DELETE FROM follows WHERE page = :page"), {"page": page.key})
        db.execute(SAVE, [{"page": page.key, "who": who, "whom": whom} for who, whom in rows])


def connect() -> Client:
    return Client.from_env(token_store=RedisStore(REDIS), limiter=RedisLimiter(REDIS))


wecom = register(app, connect, pages={"save": save}, checkpoints=RedisCheckpoints(REDIS))

if __name__ == "__main__":
    members = connect().follow_user.list().follow_user
    for n in range(0, len(members), 10):
        call = CustomerBatchGet(userid_list=members[n : n + 10], limit=100)
        wecom.walk.delay(codec.dump_call(call), into="save")
