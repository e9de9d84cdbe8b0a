"""A callback URL that loses nothing: WeCom hears `success` when Celery has the event.

    gunicorn callback_celery:receiver             # answers WeCom, with the console's values in the environment
    celery -A callback_celery worker              # handles the events, on as many machines as you like

A broker that is away, or a process that is killed, costs no event: WeCom pushes it again. It may come twice, as with any
queue that loses nothing. Several web processes share what they have seen through Redis.
"""

import os

from celery import Celery
from handling import handle
from wecom_contact import events
from wecom_contact.callback import Callback, Event, RedisSeen, wsgi

BROKER = os.environ.get("BROKER_URL", "redis://localhost:6379/0")

app = Celery("callback_celery", broker=BROKER)
app.conf.update(
    # A worker that dies in the middle gives its event back.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # WeCom waits five seconds: better tell it soon that the broker is away.
    task_publish_retry=False,
    broker_transport_options={"max_retries": 0, "socket_timeout": 2, "socket_connect_timeout": 2},
)


@app.task(autoretry_for=(Exception,), retry_backoff=True, max_retries=5)
def handle_later(message: str) -> None:
    """What is done with an event, in a worker."""
    handle(events.parse(message))


def enqueue(event: Event) -> None:
    """Put an event into the queue; it raises if that is not possible."""
    handle_later.delay(events.dump(event))


callback = Callback(
    os.environ["WECOM_TOKEN"],
    os.environ["WECOM_AES_KEY"],
    os.environ["WECOM_CORP_ID"],
    seen=RedisSeen(BROKER) if BROKER.startswith("redis") else "memory",
)
receiver = wsgi(callback, before_answer=enqueue)
