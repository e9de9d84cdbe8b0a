"""A company's customers, groups and tags in a database, read by as many machines as you like.

    celery -A fleet worker --pool threads --concurrency 16      # on each machine
    python fleet.py                                             # every night, on one of them

WECOM_CORP_ID, WECOM_SECRET, REDIS_URL and WECOM_MIRROR_DB are the same everywhere; docs/scale.md explains the rest. A
machine that dies loses nothing: the others go on with its shards.
"""

import os

from celery import Celery
from wecom_contact import Client, RedisLimiter, RedisStore
from wecom_contact.celery import RedisCheckpoints, register
from wecom_contact.mirror import Mirror

REDIS = os.environ["REDIS_URL"]
app = Celery("fleet", broker=REDIS)
app.conf.update(worker_prefetch_multiplier=1, broker_transport_options={"visibility_timeout": 3600})


def connect() -> Client:
    return Client.from_env(token_store=RedisStore(REDIS), limiter=RedisLimiter(REDIS))


def mirror(wecom: Client, corp: str | None) -> Mirror:
    return Mirror(os.environ["WECOM_MIRROR_DB"], wecom)


tasks = register(app, connect, mirror=mirror, checkpoints=RedisCheckpoints(REDIS))

if __name__ == "__main__":
    tasks.sync.delay()
