"""What the workers of `scale.py` run: `celery -A scale_app worker`."""

import os
import sqlite3

from celery import Celery
from wecom_contact import Client, RedisLimiter, RedisStore
from wecom_contact.celery import Page, RedisCheckpoints, register
from wecom_contact.limits import Limit

REDIS = os.environ["SCALE_REDIS"]
CALLS, SECONDS = os.environ["SCALE_LIMIT"].split("/")

app = Celery("scale", broker=REDIS)
app.conf.update(
    worker_prefetch_multiplier=1,
    # As short as may be, because a run is: longer than a task waits for the window of ten seconds.
    broker_transport_options={
        "visibility_timeout": 14,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    },
    broker_connection_retry_on_startup=True,
)


def save(page: Page) -> None:
    """Write a page: its key once, and its rows with it, without looking whether they are there."""
    db = sqlite3.connect(os.environ["SCALE_DATABASE"], timeout=60)
    try:
        with db:
            db.execute("INSERT OR IGNORE INTO pages VALUES (?)", (page.key,))
            if db.execute("SELECT changes()").fetchone() == (1,):
                db.executemany(
                    "INSERT INTO follows VALUES (?, ?)",
                    [
                        (row.follow_info.userid, row.external_contact.external_userid)
                        for row in page.rows
                    ],
                )
    finally:
        db.close()


def connect() -> Client:
    """A client of the simulator, with its limits."""
    return Client.from_env(
        token_store=RedisStore(REDIS),
        limiter=RedisLimiter(REDIS, [Limit(int(CALLS), float(SECONDS))], per_ip=()),
    )


checkpoints = RedisCheckpoints(REDIS, resend=12)
tasks = register(app, connect, pages={"save": save}, checkpoints=checkpoints, hold=2)
