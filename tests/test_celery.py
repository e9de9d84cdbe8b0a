"""Tasks of Celery: calls, walks and the mirror's shards, with workers that are lost at any moment."""

import importlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as library
import wecom_contact
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Ignore, Reject
from celery.signals import setup_logging, worker_ready
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError
from serving import CORP, OK, SECRET, Cut, Reply, Server, WeCom, says
from test_stores import Redis
from wecom_contact import Client, MemoryLimiter, catalog, codec
from wecom_contact.celery import Page, RedisCheckpoints, Tasks, _tasks, register
from wecom_contact.customer import CustomerBatchGet, CustomerGet, CustomerRemark
from wecom_contact.errors import (
    Busy,
    Forbidden,
    PaginationStalled,
    ProtocolError,
    TransportError,
)
from wecom_contact.limits import Limit
from wecom_contact.media import MediaGet
from wecom_contact.mirror import Mirror
from wecom_contact.testing import Simulator

ROOT = Path(__file__).parent.parent
PAGES = "/cgi-bin/externalcontact/batch/get_by_user"
REMARK = "/cgi-bin/externalcontact/remark"
WALK = codec.dump_call(CustomerBatchGet(userid_list=["zhangsan"], limit=2))
WRITE = codec.dump_call(CustomerRemark(userid="zhangsan", external_userid="wm1", remark="VIP"))
READ = codec.dump_call(CustomerGet(external_userid="wm1"))


class Steps:
    """Checkpoints in a dict."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[int, str]] = {}

    def enter(self, work: str, turn: int, owner: str, /) -> bool:
        known, holder = self.taken.get(work, (turn, owner))
        if known > turn or (known == turn and holder != owner):
            return False
        self.taken[work] = turn, owner
        return True


class Fleet:
    """An app whose messages are worked off by hand, so that a test says what happens to a worker, and when."""

    def __init__(self, make_client: Callable[[], Client], **options: Any) -> None:
        self.app = Celery(f"fleet{time.time_ns()}", broker="memory://", backend="cache+memory://")
        # A queue of its own, for the memory is that of the process.
        self.app.conf.task_default_queue = self.app.main
        self.tasks: Tasks = register(self.app, make_client, **options)

    def take(self) -> dict[str, Any] | None:
        """The next message of the queue."""
        with self.app.connection_for_read() as connection:
            message = connection.default_channel.basic_get(str(self.app.main), no_ack=True)
        if message is None:
            return None
        args, kwargs, embedded = json.loads(message.body)
        callbacks = embedded["callbacks"]
        return {"headers": message.headers, "args": args, "kwargs": kwargs, "callbacks": callbacks}

    def messages(self) -> list[dict[str, Any]]:
        """All messages that wait."""
        return list(iter(self.take, None))

    def deliver(self, message: dict[str, Any], *, redelivered: bool = False) -> Any:
        """Work a message off as a worker does, but for acknowledging it."""
        headers = message["headers"]
        task = self.app.tasks[headers["task"]]
        task.push_request(
            id=headers["id"],
            args=message["args"],
            kwargs=message["kwargs"],
            is_eager=False,
            called_directly=False,
            delivery_info={
                "exchange": "",
                "routing_key": self.app.main,
                "redelivered": redelivered,
            },
        )
        try:
            return task.run(*message["args"], **message["kwargs"])
        finally:
            task.pop_request()

    def finish(self) -> list[Any]:
        """Work off all messages, in their order; what came of those that ended."""
        ended = []
        while (message := self.take()) is not None:
            try:
                ended.append(self.deliver(message))
            except Ignore:
                pass
        return ended


def delay(message: dict[str, Any] | None) -> float:
    """In how many seconds a message is to be worked off."""
    assert message is not None
    eta = message["headers"]["eta"]
    return 0.0 if eta is None else (datetime.fromisoformat(eta) - datetime.now(UTC)).total_seconds()


def page(number: int, last: int) -> dict[str, Any]:
    people = [{"external_contact": {"external_userid": f"wm{number}{n}"}} for n in "ab"]
    cursor = {"next_cursor": str(number + 1)} if number < last else {}
    return {**OK, "external_contact_list": people, **cursor}


@pytest.fixture
def wecom() -> WeCom:
    wecom = WeCom()
    wecom.answers[PAGES] = lambda request: Reply(page(int(request.json.get("cursor") or 0), 4))
    return wecom


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(CORP, SECRET, base_url=server.url, retry=None) as client:
        yield client


def names(pages: list[Page]) -> list[str]:
    return [record.external_contact.external_userid for page in pages for record in page.rows]


EVERYBODY = [f"wm{number}{n}" for number in range(5) for n in "ab"]


# One call.


def test_a_call_is_sent_and_its_reply_is_plain_data(client: Client, wecom: WeCom) -> None:
    record = {"external_contact": {"external_userid": "wm1"}, "follow_user": []}
    wecom.answers["/cgi-bin/externalcontact/get"] = Reply({**OK, **record})
    fleet = Fleet(lambda: client)
    fleet.tasks.send.delay(READ)
    (reply,) = fleet.finish()
    assert json.loads(json.dumps(reply))["external_contact"]["external_userid"] == "wm1"
    fleet.tasks.send.delay(WRITE)
    assert fleet.finish() == [None]


def test_a_client_is_made_once_and_by_the_worker(client: Client) -> None:
    made: list[int] = []

    def make() -> Client:
        made.append(1)
        return client

    fleet = Fleet(make)
    for _ in range(3):
        fleet.tasks.send.delay(WRITE)
    assert made == []
    assert fleet.finish() == [None] * 3
    assert made == [1]


def test_a_message_holds_no_secret(client: Client) -> None:
    fleet = Fleet(lambda: client, pages={"save": print}, permanent_code=lambda corp: "c0de" * 8)
    fleet.tasks.send.delay(WRITE, corp="ww1")
    fleet.tasks.walk.delay(WALK, "save", corp="ww1")
    for message in fleet.messages():
        assert SECRET not in json.dumps(message)
        assert "c0de" not in json.dumps(message)
        assert CORP not in json.dumps(message)


@pytest.mark.parametrize(
    ("send", "words"),
    [
        (lambda tasks: tasks.send.delay({"call": "customer.gett", "data": {}}), "did you mean"),
        (
            lambda tasks: tasks.send.delay({"call": "customer.get", "data": {}}),
            "CustomerGet.extern",
        ),
        (
            lambda tasks: tasks.send.delay(codec.dump_call(MediaGet(media_id="m"))),
            "MediaGet: a file",
        ),
        (
            lambda tasks: tasks.walk.delay({"call": "follow_user.list", "data": {}}, "save"),
            r"walk\.message: a paged call .*FollowUserList",
        ),
        (lambda tasks: tasks.walk.delay(WRITE, "save"), r"walk\.message: .*not CustomerRemark"),
        (lambda tasks: tasks.walk.delay(WALK, "sav"), r"walk\.into: .*: save; not 'sav'"),
        (lambda tasks: tasks.send.delay(READ, corp="ww1"), "corp: .* needs permanent_code="),
        (lambda tasks: tasks.sync.delay(), r"sync: this needs register\(mirror=…\)"),
        (lambda tasks: tasks.shard.delay(1), r"sync: this needs register\(mirror=…\)"),
    ],
)
def test_a_task_that_cannot_work_fails_at_once_and_says_why(
    send: Callable[[Tasks], object], words: str, client: Client, server: Server
) -> None:
    fleet = Fleet(lambda: client, pages={"save": print})
    send(fleet.tasks)
    with pytest.raises(ValueError, match=words):
        fleet.finish()
    assert fleet.take() is None
    assert server.requests == []


def test_an_app_registers_once(client: Client) -> None:
    fleet = Fleet(lambda: client)
    with pytest.raises(ValueError, match="once"):
        register(fleet.app, lambda: client)


# Many corps.


def test_a_task_may_name_its_corp(server: Server, wecom: WeCom) -> None:
    secrets = {"ww1": "a" * 32, "ww2": "b" * 32}
    asked: list[str] = []
    pages: list[Page] = []

    def code(corp: str) -> str:
        asked.append(corp)
        return secrets[corp]

    wecom.answers[wecom.GETTOKEN] = lambda request: says(
        0, access_token=wecom.token(), expires_in=7200
    )
    with Client(CORP, SECRET, base_url=server.url) as client:
        fleet = Fleet(lambda: client, pages={"save": pages.append}, permanent_code=code)
        for corp in ("ww1", "ww2", "ww1", None):
            fleet.tasks.send.delay(WRITE, corp=corp)
        fleet.tasks.walk.delay(WALK, "save", corp="ww2")
        fleet.finish()
    tokens = [
        (each.query["corpid"], each.query["corpsecret"]) for each in server.asked(wecom.GETTOKEN)
    ]
    assert tokens == [*secrets.items(), (CORP, SECRET)], "each corp's token is fetched once"
    assert asked == ["ww1", "ww2", "ww1", *["ww2"] * 5]
    assert [page.corp for page in pages] == ["ww2"] * 5


# A walk.


def test_a_walk_handles_every_page_once_and_in_order(client: Client, server: Server) -> None:
    pages: list[Page] = []
    fleet = Fleet(lambda: client, pages={"save": pages.append})
    first = fleet.tasks.walk.delay(WALK, into="save")
    assert fleet.finish() == [{"pages": 5, "rows": 10}]
    assert names(pages) == EVERYBODY
    assert [page.number for page in pages] == [0, 1, 2, 3, 4]
    assert [page.last for page in pages] == [False] * 4 + [True]
    assert {page.walk for page in pages} == {first.id}
    assert pages[1].key == f"{first.id}/1"
    assert pages[1].reply.external_contact_list == pages[1].rows
    assert pages[1].call.cursor == "1"
    assert len(server.asked(PAGES)) == 5


def test_a_page_is_a_message_of_its_own_that_keeps_id_and_queue(client: Client) -> None:
    fleet = Fleet(lambda: client, pages={"save": lambda page: None})
    first = fleet.tasks.walk.apply_async((WALK, "save"), priority=3)
    message = fleet.take()
    assert message is not None
    with pytest.raises(Ignore):
        fleet.deliver(message)
    (following,) = fleet.messages()
    assert following["headers"]["id"] == first.id
    assert following["kwargs"]["message"]["data"]["cursor"] == "1"
    assert following["kwargs"]["into"] == "save"
    assert delay(following) == 0


def test_a_task_called_without_a_worker_goes_to_its_end(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(_tasks.time, "sleep", slept.append)
    pages: list[Page] = []
    trouble = [OSError("the database is away")]

    def save(page: Page) -> None:
        pages.append(page)
        if page.number == 1 and trouble:
            raise trouble.pop()

    fleet = Fleet(lambda: client, pages={"save": save})
    assert fleet.tasks.walk(WALK, "save") == {"pages": 5, "rows": 10}
    fleet.app.conf.task_always_eager = True
    assert fleet.tasks.walk.delay(WALK, "save").get() == {"pages": 5, "rows": 10}
    assert [page.number for page in pages] == [0, 1, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert len({page.walk for page in pages}) == 2
    assert [seconds for seconds in slept if seconds] == [1.0]


@pytest.mark.parametrize(("start", "around"), [(0, 1), (0, 2), (3, 1), (1, 5), (6, 7)])
def test_a_walk_that_goes_round_ends(start: int, around: int, client: Client, wecom: WeCom) -> None:
    def circle(request: Any) -> Any:
        number = int(request.json.get("cursor") or 0)
        following = number + 1 if number < start + around else start + 1
        return Reply({**page(number, 99), "next_cursor": str(following)})

    wecom.answers[PAGES] = circle
    fleet = Fleet(lambda: client, pages={"save": lambda page: None})
    fleet.tasks.walk.delay(WALK, "save")
    with pytest.raises(PaginationStalled, match=r"customer\.batch_get: page \d+ leads back"):
        fleet.finish()


def test_all_paged_calls_are_reads() -> None:
    # A page is read again after its worker was lost.
    paged = [endpoint for endpoint in catalog.CALLS.values() if endpoint.paginate]
    assert [endpoint.name for endpoint in paged if not endpoint.readonly] == []


# Workers that are lost.


def lose(fleet: Fleet, message: dict[str, Any], moment: str, monkeypatch: Any) -> None:
    """Work a message off in a worker that is killed at some moment."""

    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    task = fleet.app.tasks[message["headers"]["task"]]
    with monkeypatch.context() as patch:
        if moment == "before":
            patch.setattr(Client, "send", kill)
        elif moment == "handled":
            patch.setattr(type(task), "signature_from_request", kill)
        try:
            fleet.deliver(message)
        except (Killed, Ignore):
            pass


MOMENTS = ("before", "handled", "followed")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chance=st.randoms(use_true_random=False))
def test_whatever_kills_workers_every_row_is_there_once(
    chance: random.Random, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: dict[str, list[str]] = {}
    handled: Counter[str] = Counter()

    def save(page: Page) -> None:
        handled[page.key] += 1
        saved[page.key] = names([page])

    fleet = Fleet(lambda: client, pages={"save": save}, checkpoints=Steps())
    for _ in range(2):
        fleet.tasks.walk.delay(WALK, "save")
    lost: list[dict[str, Any]] = []
    results: list[Any] = []
    kills = 12
    while waiting := [*lost, *fleet.messages()]:
        message = chance.choice(waiting)
        lost = [other for other in waiting if other is not message]
        if kills and chance.random() < 0.6:
            kills -= 1
            lose(fleet, message, chance.choice(MOMENTS), monkeypatch)
            lost.append(message)
        else:
            try:
                results.append(fleet.deliver(message, redelivered=True))
            except Ignore:
                pass
    assert sorted(name for rows in saved.values() for name in rows) == sorted(EVERYBODY * 2)
    assert {"pages": 5, "rows": 10} in results
    assert sum(handled.values()) <= 10 + 12 - kills, "no walk went on twice"


def test_without_checkpoints_a_lost_worker_may_leave_two_walks(client: Client) -> None:
    """What `checkpoints=` is for, and why a page has a key."""
    for checkpoints, readings in ((None, [1, 2, 2, 2, 2]), (Steps(), [1, 1, 1, 1, 1])):
        seen: Counter[int] = Counter()
        fleet = Fleet(
            lambda: client,
            pages={"save": lambda page, seen=seen: seen.update([page.number])},
            checkpoints=checkpoints,
        )
        fleet.tasks.walk.delay(WALK, "save")
        message = fleet.take()
        assert message is not None
        for again in (False, True):
            with pytest.raises(Ignore):
                fleet.deliver(message, redelivered=again)
        seen[0] -= 1
        fleet.finish()
        assert [seen[number] for number in range(5)] == readings


def test_a_write_is_not_sent_again_when_its_worker_was_lost(client: Client, server: Server) -> None:
    for checkpoints in (None, Steps()):
        fleet = Fleet(lambda: client, checkpoints=checkpoints)
        fleet.tasks.send.delay(WRITE)
        message = fleet.take()
        assert message is not None
        before = len(server.asked(REMARK))
        fleet.deliver(message)
        with pytest.raises(
            TransportError, match="a worker was lost when it may have sent"
        ) as caught:
            fleet.deliver(message, redelivered=True)
        assert caught.value.sent
        assert caught.value.path == REMARK
        assert len(server.asked(REMARK)) == before + 1
        assert fleet.take() is None


def test_with_checkpoints_a_write_that_was_not_begun_is_sent(
    client: Client, server: Server
) -> None:
    """A worker that is shut down gives back what it has fetched and not begun."""
    fleet = Fleet(lambda: client, checkpoints=Steps())
    fleet.tasks.send.delay(WRITE)
    message = fleet.take()
    assert message is not None
    assert fleet.deliver(message, redelivered=True) is None
    assert len(server.asked(REMARK)) == 1


def test_a_read_is_sent_again_when_its_worker_was_lost(client: Client, server: Server) -> None:
    fleet = Fleet(lambda: client, checkpoints=Steps())
    fleet.tasks.send.delay(READ)
    message = fleet.take()
    assert message is not None
    for again in (False, True):
        fleet.deliver(message, redelivered=again)
    assert len(server.asked("/cgi-bin/externalcontact/get")) == 2


@pytest.mark.parametrize("task", ["send", "walk"])
def test_a_message_is_kept_if_the_broker_does_not_take_the_next(
    task: str, client: Client, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the broker is away")

    wecom.answers["/cgi-bin/externalcontact/get"] = says(-1)
    fleet = Fleet(lambda: client, pages={"save": lambda page: None})
    arguments = (READ,) if task == "send" else (WALK, "save")
    getattr(fleet.tasks, task).delay(*arguments)
    message = fleet.take()
    assert message is not None
    with monkeypatch.context() as patch:
        patch.setattr(fleet.app, "send_task", away)
        patch.setattr(fleet.app.amqp, "send_task_message", away)
        with pytest.raises(Reject) as caught:
            fleet.deliver(message)
    assert caught.value.requeue


# The limiter, and what may be better later.


def limited(server: Server, limiter: Any) -> Client:
    return Client(CORP, SECRET, base_url=server.url, limiter=limiter, retry=None)


def test_a_task_goes_back_to_the_queue_rather_than_wait_for_long(server: Server) -> None:
    pages: list[Page] = []
    limiter = MemoryLimiter([Limit(2, 30)], per_ip=(), share=1)
    with limited(server, limiter) as client:
        fleet = Fleet(lambda: client, pages={"save": pages.append}, checkpoints=Steps())
        first = fleet.tasks.walk.delay(WALK, "save")
        for _ in range(3):
            message = fleet.take()
            assert message is not None
            with pytest.raises(Ignore):
                fleet.deliver(message)
        message = fleet.take()
    assert message is not None
    assert 25 < delay(message) <= 32
    assert message["headers"]["id"] == first.id
    assert message["kwargs"]["message"]["data"]["cursor"] == "2"
    assert [page.number for page in pages] == [0, 1]


def test_a_task_is_never_put_off_for_longer_than_a_minute(server: Server) -> None:
    with limited(server, MemoryLimiter([Limit(1, 3600)], per_ip=())) as client:
        fleet = Fleet(lambda: client)
        for _ in range(2):
            fleet.tasks.send.delay(WRITE)
        message, second = fleet.messages()
        fleet.deliver(message)
        for _ in range(30):
            with pytest.raises(Ignore):
                fleet.deliver(second)
            (second,) = fleet.messages()
            assert 55 < delay(second) <= 60
    assert len(server.asked(REMARK)) == 1


def test_a_wait_that_is_short_is_waited(server: Server) -> None:
    with limited(server, MemoryLimiter([Limit(2, 0.2)], per_ip=(), share=1)) as client:
        fleet = Fleet(lambda: client)
        for _ in range(5):
            fleet.tasks.send.delay(WRITE)
        assert fleet.finish() == [None] * 5


def test_hold_is_the_longest_that_a_task_waits(server: Server) -> None:
    def waits(limiter: Any, **options: Any) -> Any:
        with limited(server, limiter) as client:
            return _tasks.Clients(lambda: client, None, options.get("hold", 10.0)).of(None).limiter

    patient, hasty = MemoryLimiter(), MemoryLimiter(max_wait=2)
    assert waits(patient).max_wait == 10
    assert waits(patient, hold=3).max_wait == 3
    assert waits(MemoryLimiter(max_wait=30)).max_wait == 10
    assert waits(hasty) is hasty
    assert waits(None) is None

    class Own:
        def take(self, call: object) -> float:
            return 0.0

    own = Own()
    assert waits(own) is own


def test_45009_is_waited_for_in_the_queue(client: Client, wecom: WeCom, server: Server) -> None:
    wecom.answers[REMARK] = [says(45009, "api freq out of limit"), says(0)]
    fleet = Fleet(lambda: client)
    fleet.tasks.send.delay(WRITE)
    message = fleet.take()
    assert message is not None
    with pytest.raises(Ignore):
        fleet.deliver(message)
    (message,) = fleet.messages()
    assert 55 < delay(message) <= 60
    assert fleet.deliver(message) is None
    assert len(server.asked(REMARK)) == 2


AGAIN = {
    "busy": (Busy(-1, "system busy"), True, True),
    "unsent": (TransportError("no connection", "/x", sent=False), True, True),
    "lost": (TransportError("lost", "/x"), True, False),
    "not trusted": (TransportError("no", "/x", sent=False, transient=False), False, False),
    "a gateway's page": (ProtocolError("HTTP status 502", "/x", 502, True), True, False),
    "not WeCom": (ProtocolError("HTTP status 404", "/x", 404), False, False),
    "forbidden": (Forbidden(48002, "no"), False, False),
    "an exception": (OSError("disk full"), True, False),
}


@pytest.mark.parametrize(("error", "read", "write"), AGAIN.values(), ids=AGAIN)
def test_what_is_tried_again_helps_and_harms_not(
    error: Exception, read: bool, write: bool, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Client, "send", fail)
    fleet = Fleet(lambda: client, checkpoints=Steps())
    for message, again in ((READ, read), (WRITE, write)):
        fleet.tasks.send.delay(message)
        delays = []
        while (waiting := fleet.take()) is not None:
            delays.append(round(delay(waiting)))
            with pytest.raises((Ignore, type(error))) as caught:
                fleet.deliver(waiting)
        assert caught.value is error
        assert delays == ([0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60] if again else [0])


def test_a_call_that_broke_on_the_way_is_tried_again_as_a_read_only(
    client: Client, wecom: WeCom, server: Server
) -> None:
    for path in ("/cgi-bin/externalcontact/get", REMARK):
        wecom.answers[path] = [Cut(), Reply({**OK, "external_contact": {}})]
    fleet = Fleet(lambda: client)
    fleet.tasks.send.delay(READ)
    assert len(fleet.finish()) == 1
    fleet.tasks.send.delay(WRITE)
    with pytest.raises(TransportError):
        fleet.finish()
    assert len(server.asked(REMARK)) == 1


def test_a_page_whose_handler_fails_comes_again(client: Client) -> None:
    pages: list[Page] = []

    def save(page: Page) -> None:
        pages.append(page)
        if len(pages) in (2, 3, 5):
            raise sqlite3.OperationalError("database is locked")

    fleet = Fleet(lambda: client, pages={"save": save}, checkpoints=Steps())
    fleet.tasks.walk.delay(WALK, "save")
    assert fleet.finish() == [{"pages": 5, "rows": 10}]
    assert [page.number for page in pages] == [0, 1, 1, 1, 2, 2, 3, 4]
    assert len({page.key for page in pages}) == 5


def test_failures_are_counted_page_by_page(client: Client) -> None:
    seen: Counter[int] = Counter()

    def save(page: Page) -> None:
        seen[page.number] += 1
        if seen[page.number] < 8:
            raise OSError("the database is away")

    fleet = Fleet(lambda: client, pages={"save": save})
    fleet.tasks.walk.delay(WALK, "save")
    assert fleet.finish() == [{"pages": 5, "rows": 10}]
    assert set(seen.values()) == {8}


def test_a_write_waits_for_checkpoints_that_are_away(client: Client, server: Server) -> None:
    class Away(Steps):
        def enter(self, work: str, turn: int, owner: str, /) -> bool:
            if turn < 2:
                raise ConnectionError("Redis is away")
            return super().enter(work, turn, owner)

    fleet = Fleet(lambda: client, checkpoints=Away())
    fleet.tasks.send.delay(WRITE)
    assert fleet.finish() == [None]
    assert len(server.asked(REMARK)) == 1


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    """An empty Redis: a new simulator gives out the tokens of the one before."""
    with library.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server


# The mirror.


class Company:
    """A simulated company, and a fleet with a mirror of it."""

    def __init__(self, folder: Path, customers: int = 250, **options: Any) -> None:
        self.corp = Simulator().start()
        self.corp.populate(customers)
        self.path = folder / "crm.db"
        self.client = self.corp.client(retry=None)
        self.fleet = Fleet(
            lambda: self.client,
            mirror=lambda client, corp: Mirror(f"sqlite:///{self.path}", client),
            **options,
        )

    def follows(self) -> Counter[tuple[str, str]]:
        """What the database has."""
        with closing(sqlite3.connect(self.path)) as db:
            query = "SELECT userid, external_userid FROM follows WHERE vanished_at IS NULL"
            return Counter(db.execute(query).fetchall())

    def expected(self) -> Counter[tuple[str, str]]:
        """What it should have."""
        return Counter(
            (member.userid, customer.external_userid)
            for member in self.corp.serving()
            for customer in member.customers
        )

    def close(self) -> None:
        self.client.close()
        self.corp.stop()


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(_tasks, "SHARD_PAGES", 2)
    company = Company(tmp_path, checkpoints=Steps())
    yield company
    company.close()


def test_a_sync_is_walked_by_shards_on_any_worker(company: Company) -> None:
    company.fleet.tasks.sync.delay()
    ended = company.fleet.finish()
    (report,) = [each for each in ended if each is not None]
    assert json.loads(json.dumps(report))["missing"]["follows"] == len(company.expected())
    assert company.follows() == company.expected()
    counts = company.corp.call_counts
    assert counts["group_chat.get"] == len(company.corp.group_chats)
    assert counts["follow_user.list"] == 2
    with Mirror(f"sqlite:///{company.path}", company.client) as mirror:
        assert mirror.status().open_run is None


@pytest.mark.parametrize("seed", range(4))
def test_a_sync_whose_workers_are_lost_reads_no_page_in_vain(
    seed: int, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Mirror(f"sqlite:///{tmp_path}/other.db", company.client) as other:
        calls = other.sync().calls
    company.fleet.tasks.sync.delay()
    reports: list[Any] = []
    chance = random.Random(seed)
    lost: list[dict[str, Any]] = []
    kills = 10
    before = sum(company.corp.call_counts.values())
    while waiting := [*lost, *company.fleet.messages()]:
        message = chance.choice(waiting)
        lost = [other for other in waiting if other is not message]
        if kills and chance.random() < 0.5:
            kills -= 1
            lose(company.fleet, message, chance.choice(MOMENTS[1:]), monkeypatch)
            lost.append(message)
        else:
            try:
                reports.append(company.fleet.deliver(message, redelivered=True))
            except Ignore:
                pass
    assert company.follows() == company.expected()
    assert {report["run"] for report in reports if report is not None} <= {1}
    with Mirror(f"sqlite:///{company.path}", company.client) as mirror:
        status = mirror.status()
    assert (status.open_run, status.synced_at is None) == (None, False)
    assert sum(company.corp.call_counts.values()) - before == calls


def test_a_shard_that_is_sent_twice_is_walked_once(company: Company) -> None:
    company.fleet.tasks.sync.delay()
    message = company.fleet.take()
    assert message is not None
    for again in (False, True):
        with pytest.raises(Ignore):
            company.fleet.deliver(message, redelivered=again)
    sent = [each for each in company.fleet.messages() if "shard" in each["headers"]["task"]]
    shards = [each["args"][0] for each in sent]
    assert Counter(shards) == dict.fromkeys(shards, 2)
    reads: list[int] = []
    for each in sent:
        before = sum(company.corp.call_counts.values())
        try:
            company.fleet.deliver(each)
        except Ignore:
            pass
        reads.append(sum(company.corp.call_counts.values()) - before)
    half = len(reads) // 2
    assert all(reads[:half])
    assert not any(reads[half:])


def test_a_sync_that_another_message_has_ended_ends(company: Company) -> None:
    company.fleet.tasks.sync.delay()
    message = company.fleet.take()
    assert message is not None
    with pytest.raises(Ignore):
        company.fleet.deliver(message)
    *_, look = company.fleet.messages()
    with Mirror(f"sqlite:///{company.path}", company.client) as mirror:
        mirror.sync()
    before = sum(company.corp.call_counts.values())
    assert company.fleet.deliver(look) is None
    assert sum(company.corp.call_counts.values()) == before


def test_the_end_of_a_sync_waits_for_the_limiter_rather_than_begin_again(tmp_path: Path) -> None:
    company = Company(tmp_path, 100, hold=0.01)
    members = len(list(company.corp.serving()))
    limits = {"customer.list": [Limit(members - 3, 0.4)]}
    limiter = MemoryLimiter(others=limits, per_ip=(), share=1)
    company.client = company.corp.client(retry=None, limiter=limiter)
    company.fleet.tasks.sync.delay()
    company.fleet.finish()
    assert company.follows() == company.expected()
    assert company.corp.call_counts["customer.list"] == members
    company.close()


EXAMPLES = ROOT / "examples"


def test_the_example_of_a_fleet_syncs_a_company_in_few_lines(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (EXAMPLES / "fleet.py").read_text("utf-8")
    code = source.split('"""', 2)[2]
    assert len([line for line in code.splitlines() if line.strip()]) < 25
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(_tasks, "LOOK_EVERY", 0.05)

    def leave_alone(**_: object) -> None:
        """Keep Celery from setting up the log of the tests."""

    setup_logging.connect(leave_alone)
    with Simulator() as corp:
        corp.populate(300)
        values = {
            "WECOM_CORP_ID": corp.corp_id,
            "WECOM_SECRET": corp.secret,
            "WECOM_BASE_URL": corp.url,
            "REDIS_URL": redis.url,
            "WECOM_MIRROR_DB": f"sqlite:///{tmp_path}/crm.db",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        fleet = importlib.import_module("fleet")
        monkeypatch.delitem(sys.modules, "fleet")
        fleet.app.conf.task_default_queue = f"fleet{time.time_ns()}"
        fleet.app.conf.result_backend = "cache+memory://"
        with start_worker(fleet.app, pool="threads", concurrency=4, perform_ping_check=False):
            report = fleet.tasks.sync.delay().get(timeout=30)
        setup_logging.disconnect(leave_alone)
        assert len(corp.calls_of("gettoken")) == 1
        expected = sum(len(member.customers) for member in corp.serving())
    assert report["missing"]["follows"] == expected
    with closing(sqlite3.connect(tmp_path / "crm.db")) as db:
        assert db.execute("SELECT count(*) FROM follows").fetchone() == (expected,)


def test_a_shard_waits_for_the_limiter_in_the_queue(tmp_path: Path) -> None:
    company = Company(tmp_path, 250)
    limiter = MemoryLimiter(others={"customer.batch_get": [Limit(2, 60)]}, per_ip=(), share=1)
    company.client = company.corp.client(retry=None, limiter=limiter)
    with Mirror(f"sqlite:///{company.path}", company.client) as mirror:
        shard = next(shard for shard in mirror.plan() if shard.kind == "customers")
    company.fleet.tasks.shard.delay(shard.id)
    message = company.fleet.take()
    assert message is not None
    with pytest.raises(Ignore):
        company.fleet.deliver(message)
    (message,) = company.fleet.messages()
    assert 50 < delay(message) <= 60
    assert company.follows(), "what was read is there"
    company.close()


def test_a_sync_that_gets_nowhere_says_so(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.fleet.tasks.sync.delay()
    message = company.fleet.take()
    assert message is not None
    clock = time.time()
    monkeypatch.setattr(_tasks.time, "time", lambda: clock)
    for passed in (0, 3600, 2 * 3600):
        with pytest.raises(Ignore):
            company.fleet.deliver(message)
        *_, message = company.fleet.messages()
        clock = clock + passed
    with pytest.raises(TimeoutError, match=r"no shard got on for two hours; \d+ are left"):
        company.fleet.deliver(message)


def test_a_database_that_is_away_is_waited_for(company: Company) -> None:
    trouble: list[Exception] = [OSError("the database is away") for _ in range(3)]

    def mirror(client: Client, corp: str | None) -> Mirror:
        if trouble:
            raise trouble.pop()
        return Mirror(f"sqlite:///{company.path}", client)

    fleet = Fleet(lambda: company.client, mirror=mirror)
    fleet.tasks.sync.delay()
    message = fleet.take()
    assert message is not None
    delays = []
    for _ in range(3):
        with pytest.raises(Ignore):
            fleet.deliver(message)
        (message,) = fleet.messages()
        delays.append(round(delay(message)))
    assert delays == [1, 2, 4]
    with pytest.raises(Ignore):
        fleet.deliver(message)
    assert len(fleet.messages()) > 1, "the shards"


# Redis, and real workers.


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.sampled_from("xyz"))))
def test_checkpoints_in_redis_are_those_in_a_dict(asked: list[Any], redis: Redis) -> None:
    shared = RedisCheckpoints(redis.url, prefix=f"{time.time_ns()}:")
    model = Steps()
    assert [shared.enter(*each) for each in asked] == [model.enter(*each) for each in asked]


def test_checkpoints_are_kept_for_a_week_and_take_a_client(redis: Redis) -> None:
    with library.Redis.from_url(redis.url) as client:
        assert RedisCheckpoints(client).enter("walk", 3, "me")
        assert 600_000 < client.ttl("{wecom:work}:at:walk") <= 604_800
        assert not RedisCheckpoints(redis.url).enter("walk", 3, "you")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chance=st.randoms(use_true_random=False))
def test_messages_that_the_broker_loses_are_sent_again(
    chance: random.Random, redis: Redis, client: Client, server: Server, caplog: Any
) -> None:
    pages: list[Page] = []
    # What is not begun counts as lost at once.
    checkpoints = RedisCheckpoints(redis.url, resend=0, prefix=f"{time.time_ns()}:")
    fleet = Fleet(lambda: client, pages={"save": pages.append}, checkpoints=checkpoints)
    before = len(server.asked(PAGES))
    fleet.tasks.walk.delay(WALK, "save")
    losses = 10
    while True:
        message = fleet.take()
        if message is None:
            _tasks.sweep(fleet.app, checkpoints)
            message = fleet.take()
        if message is None:
            break
        if losses and chance.random() < 0.5:
            losses -= 1
            continue
        try:
            fleet.deliver(message)
        except Ignore:
            pass
    assert names(pages) == EVERYBODY
    assert len(server.asked(PAGES)) - before == 5
    assert checkpoints.missed() == []


def test_a_message_that_was_only_late_is_worked_off_once(
    redis: Redis, client: Client, server: Server
) -> None:
    pages: list[Page] = []
    checkpoints = RedisCheckpoints(redis.url, resend=0, prefix=f"{time.time_ns()}:")
    fleet = Fleet(lambda: client, pages={"save": pages.append}, checkpoints=checkpoints)
    fleet.tasks.walk.apply_async((WALK, "save"), priority=3)
    for _ in range(5):
        _tasks.sweep(fleet.app, checkpoints)
        messages = fleet.messages()
        assert len({each["headers"]["id"] for each in messages}) == 1
        assert len({each["kwargs"]["state"]["owner"] for each in messages}) == len(messages) == 2
        late, first = messages
        for message in (first, late):
            try:
                fleet.deliver(message)
            except Ignore:
                pass
    assert names(pages) == EVERYBODY
    assert len(server.asked(PAGES)) == 5


def test_a_message_is_sent_again_with_all_that_belongs_to_it(redis: Redis, client: Client) -> None:
    checkpoints = RedisCheckpoints(redis.url, resend=0, prefix=f"{time.time_ns()}:")
    fleet = Fleet(lambda: client, pages={"save": print}, checkpoints=checkpoints)
    until = datetime(2030, 1, 1, tzinfo=UTC)
    fleet.tasks.walk.apply_async(
        (WALK, "save"), link=fleet.tasks.send.si(WRITE), expires=until, queue=fleet.app.main
    )
    _tasks.sweep(fleet.app, checkpoints)
    sent, again = fleet.messages()
    assert again["args"] == sent["args"]
    same = ("id", "expires", "task", "root_id")
    assert {name: again["headers"][name] for name in same} == {
        name: sent["headers"][name] for name in same
    }
    assert again["callbacks"] == sent["callbacks"]
    assert sent["callbacks"][0]["args"] == [WRITE]


def test_a_message_is_kept_until_it_is_begun_and_sent_again_after_growing_times(
    redis: Redis,
) -> None:
    prefix = f"{time.time_ns()}:"
    checkpoints = RedisCheckpoints(redis.url, resend=100, prefix=prefix)
    with library.Redis.from_url(redis.url, decode_responses=True) as client:
        checkpoints.keep("walk", "a b", 0.0)
        assert checkpoints.missed() == []
        due = client.zscore(f"{prefix}waiting", "walk")
        now = client.time()[0]
        assert 98 <= due - now <= 100
        for times in (1, 2, 3, 4):
            client.zadd(f"{prefix}waiting", {"walk": now - 1})
            assert RedisCheckpoints(client, resend=100, prefix=prefix).missed() == ["a b"]
            assert checkpoints.missed() == []
            due = client.zscore(f"{prefix}waiting", "walk")
            assert 0 <= due - client.time()[0] - 100 * 2**times + 5 <= 6
        checkpoints.keep("walk", "c", 0.0)
        assert checkpoints.enter("walk", 2, "me")
        assert not client.exists(f"{prefix}waiting", f"{prefix}messages")
        checkpoints.keep("walk", "d", 5000.0)
        assert not checkpoints.enter("walk", 1, "late")
        assert client.hget(f"{prefix}messages", "walk") == "0 d", "what is refused begins nothing"
        assert client.zscore(f"{prefix}waiting", "walk") - client.time()[0] > 5000
        for times in range(12):
            client.zadd(f"{prefix}waiting", {"walk": 1})
            assert checkpoints.missed() == (["d"] if times < 10 else [])
            if times == 9:
                assert not client.exists(f"{prefix}waiting", f"{prefix}messages")
                break


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 0),
        ({"countdown": 7200}, 7200),
        ({"eta": timedelta(hours=3)}, 10800),
        ({"eta": datetime(2020, 1, 1)}, 0),
    ],
)
def test_a_message_for_later_is_not_sent_again_before(
    options: dict[str, Any], seconds: float, client: Client
) -> None:
    kept: list[float] = []

    class Keeping(Steps):
        def keep(self, work: str, message: str, seconds: float, /) -> None:
            kept.append(seconds)

    if isinstance(options.get("eta"), timedelta):
        options = {"eta": datetime.now(UTC) + options["eta"]}
    fleet = Fleet(lambda: client, pages={"save": print}, checkpoints=Keeping())
    fleet.tasks.walk.apply_async((WALK, "save"), **options)
    assert seconds - 60 < kept[0] <= seconds
    assert len(fleet.messages()) == 1


def test_a_task_that_expires_does_so_at_the_same_time_when_it_is_sent_again(
    redis: Redis, client: Client
) -> None:
    checkpoints = RedisCheckpoints(redis.url, resend=0, prefix=f"{time.time_ns()}:")
    fleet = Fleet(lambda: client, pages={"save": print}, checkpoints=checkpoints)
    fleet.tasks.walk.apply_async((WALK, "save"), expires=600)
    time.sleep(1.1)
    _tasks.sweep(fleet.app, checkpoints)
    sent, again = (datetime.fromisoformat(each["headers"]["expires"]) for each in fleet.messages())
    assert abs((again - sent).total_seconds()) < 0.5


def test_a_worker_looks_for_lost_messages_by_its_own_timer(
    redis: Redis, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    timers: list[Any] = []

    class Consumer:
        def __init__(self, app: Celery) -> None:
            self.app = app
            self.timer = self

        def call_repeatedly(self, seconds: float, function: Any, arguments: Any) -> None:
            timers.append((self.app, seconds, function, arguments))

    fleets = [
        Fleet(lambda: client, checkpoints=RedisCheckpoints(redis.url, resend=resend))
        for resend in (600, 10)
    ]
    plain = Fleet(lambda: client, checkpoints=Steps())
    for fleet in (*fleets, plain):
        worker_ready.send(sender=Consumer(fleet.app))
    assert [(app, seconds) for app, seconds, *_ in timers] == [
        (fleets[0].app, 30),
        (fleets[1].app, 5),
    ]
    for _, _, function, arguments in timers:
        function(*arguments)

    class Away:
        def missed(self) -> None:
            raise ConnectionError("no Redis")

    _tasks.sweep(plain.app, Away())
    assert "could not look for lost messages (ConnectionError)" in caplog.text


CRM = """
import os, sqlite3, time
from celery import Celery
from celery.contrib.testing.worker import start_worker
from wecom_contact import Client, RedisLimiter, RedisStore
from wecom_contact.celery import Page, RedisCheckpoints, register

URL = os.environ["REDIS"]
app = Celery("crm", broker=URL)
app.conf.update(
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 1, "unacked_restore_interval": 1, "unacked_restore_throttle": 1,
    },
)

def save(page: Page):
    if page.number == 2 and not os.path.exists("pid"):
        with open("pid.new", "w") as file:
            file.write(str(os.getpid()))
        os.rename("pid.new", "pid")
        time.sleep(60)
    with sqlite3.connect("crm.db", timeout=30) as db:
        db.execute("INSERT OR IGNORE INTO pages VALUES (?)", (page.key,))
        if db.execute("SELECT changes()").fetchone() == (1,):
            rows = [(each.external_contact.external_userid, os.getpid()) for each in page.rows]
            db.executemany("INSERT INTO customers VALUES (?, ?)", rows)

def connect():
    store, limiter = RedisStore(URL), RedisLimiter(URL)
    return Client.from_env(token_store=store, limiter=limiter, retry=None)

tasks = register(app, connect, pages={"save": save}, checkpoints=RedisCheckpoints(URL))
"""


def until(ready: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_of_a_page_costs_no_row(
    redis: Redis, server: Server, wecom: WeCom, tmp_path: Path
) -> None:
    def count() -> int:
        with closing(sqlite3.connect(tmp_path / "crm.db", timeout=30)) as db:
            return int(db.execute("SELECT count(*) FROM customers").fetchone()[0])

    (tmp_path / "crm.py").write_text(CRM)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as db:
        db.execute("CREATE TABLE pages (key TEXT PRIMARY KEY)")
        db.execute("CREATE TABLE customers (external_userid TEXT, pid INT)")
        db.commit()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'generated'}{os.pathsep}{tmp_path}",
        "REDIS": redis.url,
        "WECOM_CORP_ID": CORP,
        "WECOM_SECRET": SECRET,
        "WECOM_BASE_URL": server.url,
    }
    command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--pool", "solo"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    workers = [
        subprocess.Popen([*command, "-n", f"{name}@here"], cwd=tmp_path, env=environment, **quiet)
        for name in ("one", "other")
    ]
    try:
        sending = (
            "import json, sys, crm; crm.tasks.walk.delay(json.loads(sys.argv[1]), into='save')"
        )
        subprocess.run(
            [sys.executable, "-c", sending, json.dumps(WALK)],
            cwd=tmp_path,
            env=environment,
            check=True,
            timeout=15,
        )
        until((tmp_path / "pid").exists)
        killed = int((tmp_path / "pid").read_text())
        assert killed in [worker.pid for worker in workers]
        os.kill(killed, signal.SIGKILL)
        until(lambda: count() == 10)
        time.sleep(0.2)
        with closing(sqlite3.connect(tmp_path / "crm.db")) as db:
            rows = db.execute("SELECT external_userid, pid FROM customers").fetchall()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert sorted(name for name, _ in rows) == EVERYBODY
    assert {pid for name, pid in rows if name > "wm2"} == {
        worker.pid for worker in workers if worker.pid != killed
    }
    assert len(server.asked(wecom.GETTOKEN)) == 1, "the processes share a token"


@pytest.mark.parametrize("guide", ["docs/scale.md", "docs/zh/scale.md"])
def test_the_guide_works_as_it_stands(
    guide: str, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / guide).read_text("utf-8"), re.S)
    at = next(number for number, block in enumerate(blocks) if "def save(page" in block)
    with Simulator() as corp:
        corp.populate(200)
        values = {
            "WECOM_CORP_ID": corp.corp_id,
            "WECOM_SECRET": corp.secret,
            "WECOM_BASE_URL": corp.url,
            "REDIS_URL": redis.url,
            "DATABASE_URL": f"sqlite:///{tmp_path}/crm.db",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        with closing(sqlite3.connect(tmp_path / "crm.db")) as db:
            db.execute("CREATE TABLE follows (page TEXT, userid TEXT, external_userid TEXT)")
        names: dict[str, Any] = {}
        exec(compile(blocks[at], guide, "exec"), names)
        names["app"].conf.task_always_eager = True
        names["app"].conf.task_eager_propagates = True
        exec(compile(blocks[at + 1], guide, "exec"), names)
        names["database"].dispose()
        expected = sum(len(member.customers) for member in corp.serving())
    with closing(sqlite3.connect(tmp_path / "crm.db")) as db:
        (rows,) = db.execute("SELECT count(*) FROM follows").fetchone()
    assert rows == expected


@pytest.mark.parametrize(
    ("missing", "words"),
    [("celery", r'pip install "wecom-contact\[celery\]"'), ("wecom_contact.errors", "errors")],
)
def test_tasks_are_an_extra(missing: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("wecom_contact.celery")]:
        monkeypatch.delitem(sys.modules, name)
    # The package has it as an attribute, too.
    monkeypatch.delattr(wecom_contact, "celery", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=words) as caught:
        importlib.import_module("wecom_contact.celery")
    assert ("wecom-contact" in str(caught.value)) == (missing == "celery")


def test_celery_is_imported_by_nobody_else() -> None:
    program = "import sys, wecom_contact, wecom_contact.mirror; print('celery' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "generated", capture_output=True, check=True
    )
    assert done.stdout.split() == [b"False"]
