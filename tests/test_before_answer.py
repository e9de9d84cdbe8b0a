"""What an app does before it says "success", how many handlers work at a time, and in what order."""

import asyncio
import contextvars
import functools
import importlib
import io
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import pytest
from callback_support import AES_KEY, CORP, ROOT, TOKEN, callback, redis_server, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from test_callback_web import EVENT, Distant, Recorder, Wire, until
from wecom_contact._runtime.callback_web import AsgiApp, WsgiApp
from wecom_contact._runtime.events import Event, UnknownEvent
from wecom_contact.callback import (
    Callback,
    Forged,
    MemorySeen,
    RedisSeen,
    asgi,
    customer_or_chat,
    wsgi,
)
from wecom_contact.errors import RefusedArgument
from wecom_contact.events import GroupChatDismissed, TagShuffled

APPS = {"asgi": asgi, "wsgi": wsgi}
MEMORIES: dict[str, Callable[[], Any]] = {"memory": MemorySeen, "elsewhere": Distant}
KINDS = ["sync", "coroutine", "partial", "lazy", "callable"]


@pytest.fixture(params=APPS)
def make(request: pytest.FixtureRequest) -> Any:
    """Either app."""
    return APPS[request.param]


def deliver(app: AsgiApp | WsgiApp, request: Forged, said: Callable[[int], None]) -> None:
    """Push a request to an app as a server does; `said` is told of the status as it goes out."""
    if isinstance(app, AsgiApp):

        async def receive() -> Any:
            return {"type": "http.request", "body": request.body}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                said(message["status"])

        query = urlencode(request.query).encode()
        scope = {"type": "http", "method": "POST", "query_string": query}
        asyncio.run(app(scope, receive, send))
    else:
        environ = {
            "REQUEST_METHOD": "POST",
            "QUERY_STRING": urlencode(request.query),
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }
        app(environ, lambda status, headers: said(int(status[:3])))


def status_of(app: AsgiApp | WsgiApp, request: Forged) -> int:
    said: list[int] = []
    deliver(app, request, said.append)
    (status,) = said
    return status


def finish(app: AsgiApp | WsgiApp) -> None:
    """Wait until the app is done."""
    if isinstance(app, AsgiApp):
        asyncio.run(app.aclose())
    else:
        app.close()


def kinds(function: Callable[[Event], None]) -> dict[str, Any]:
    """A function in every form that an app takes."""

    async def coroutine(event: Event) -> None:
        await asyncio.sleep(0)
        function(event)

    class Handler:
        async def __call__(self, event: Event) -> None:
            await coroutine(event)

    return {
        "sync": function,
        "coroutine": coroutine,
        "partial": functools.partial(coroutine),
        "lazy": lambda event: coroutine(event),
        "callable": Handler(),
    }


def in_sequence(found: list[Event]) -> list[Event]:
    """Events by their numbers."""
    return sorted(found, key=lambda event: event.change)


def events(count: int) -> list[Event]:
    return [
        UnknownEvent(corp_id=CORP, time=EVENT.time, family="x", change=str(number))
        for number in range(count)
    ]


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_success_is_said_after_the_event_is_in_good_hands(
    make: Any, kind: str, memory: str
) -> None:
    order: list[str] = []
    wecom = callback(seen=MEMORIES[memory]())
    app = make(
        wecom,
        kinds(lambda event: order.append("handled"))[kind],
        before_answer=kinds(lambda event: order.append("queued"))[kind],
    )
    deliver(app, wecom.forge(EVENT), lambda status: order.append(f"said {status}"))
    finish(app)
    assert sorted(order) == ["handled", "queued", "said 200"]
    # A WSGI app cannot know when its answer has gone out, so the handler may be earlier than that.
    assert order[0] == "queued"
    assert make is wsgi or order[1] == "said 200"


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_event_that_could_not_be_queued_comes_again(
    make: Any, kind: str, memory: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue: list[Event] = []
    broken = True

    def enqueue(event: Event) -> None:
        if broken:
            raise ConnectionError("the broker is away")
        queue.append(event)

    wecom, recorder = callback(seen=MEMORIES[memory]()), Recorder()
    app = make(wecom, recorder.sync, before_answer=kinds(enqueue)[kind])
    request = wecom.forge(EVENT)
    assert status_of(app, request) == 500
    assert f"could not be taken, so WeCom tries again: {EVENT.key}" in caplog.text
    assert "the broker is away" in caplog.text
    assert "CODE" not in caplog.text
    broken = False
    assert status_of(app, request) == 200
    # Neither the very request nor another try of its event is taken twice.
    assert status_of(app, request) == 200
    assert status_of(app, wecom.forge(EVENT)) == 200
    finish(app)
    assert queue == recorder.events == [EVENT]


@pytest.mark.parametrize("kind", KINDS)
def test_an_app_needs_no_handler_beside_it(make: Any, kind: str) -> None:
    queue: list[Event] = []
    wecom = callback()
    app = make(wecom, before_answer=kinds(queue.append)[kind], workers=1, queue=0)
    for event in events(3):
        assert status_of(app, wecom.forge(event)) == 200
    finish(app)
    assert queue == events(3)
    assert status_of(app, wecom.forge(EVENT)) == 503


def test_without_a_memory_every_try_is_taken(make: Any) -> None:
    queue: list[Event] = []
    wecom = callback(seen=None)
    app = make(wecom, before_answer=queue.append)
    assert [status_of(app, wecom.forge(EVENT)) for _ in range(2)] == [200, 200]
    assert queue == [EVENT, EVENT]


class Killed(BaseException):
    """What happens to a process in the middle of anything."""


class Machine:
    """A process with its memory and queue elsewhere, which ends, or has trouble, at its n-th step."""

    def __init__(self, at: int, trouble: BaseException) -> None:
        self.at = at
        self.trouble = trouble
        self.steps = 0
        self.running = True
        self.keys: set[str] = set()
        self.queue: list[Event] = []
        self.said: list[int] = []

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.running = isinstance(self.trouble, Exception)
            raise self.trouble
        if not self.running:
            raise Killed  # who is dead does nothing, in no `finally` either

    def around(self, act: Callable[[], Any]) -> Any:
        """Do something that cannot be half done: the end may come just before or just after it."""
        self.step()
        done = act()
        self.step()
        return done

    # The memory of the callback.

    def add(self, key: str, seconds: float) -> bool:
        def add() -> bool:
            new = key not in self.keys
            self.keys.add(key)
            return new

        return bool(self.around(add))

    def has(self, key: str) -> bool:
        return bool(self.around(lambda: key in self.keys))

    def discard(self, key: str) -> None:
        self.around(lambda: self.keys.discard(key))

    def enqueue(self, event: Event) -> None:
        self.around(lambda: self.queue.append(event))

    def say(self, status: int) -> None:
        self.around(lambda: self.said.append(status))

    def push(self, make: Any, kind: str, same: bool) -> None:
        """Push an event as WeCom does: three times, or until it hears a success."""
        wecom = callback(seen=self)
        first = wecom.forge(EVENT)
        app = make(wecom, before_answer=kinds(self.enqueue)[kind])
        for _ in range(3):
            try:
                deliver(app, first if same else wecom.forge(EVENT), self.say)
            except (Killed, OSError):
                pass
            if self.said[-1:] == [200]:
                break
            if not self.running:
                # Another process takes its place.
                self.running, self.at = True, 0
                app = make(wecom, before_answer=kinds(self.enqueue)[kind])
        finish(app)


@pytest.mark.parametrize("same", [True, False], ids=["the very request", "another try"])
@pytest.mark.parametrize("kind", ["sync", "coroutine", "lazy"])
@pytest.mark.parametrize("trouble", [Killed(), OSError("out of order")], ids=["killed", "trouble"])
def test_no_event_is_lost_whatever_step_goes_wrong(
    make: Any, trouble: BaseException, kind: str, same: bool
) -> None:
    undisturbed = Machine(0, trouble)
    undisturbed.push(make, kind, same)
    assert (undisturbed.said, undisturbed.queue) == ([200], [EVENT])
    assert undisturbed.steps == 12
    for at in range(1, undisturbed.steps + 1):
        machine = Machine(at, trouble)
        machine.push(make, kind, same)
        # At least once, and twice only if the end came between the queue and the memory.
        assert machine.said[-1] == 200
        assert machine.queue in ([EVENT], [EVENT, EVENT])


def test_a_memory_that_fails_after_the_queue_costs_no_success(
    make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen, queue = Distant(), []
    seen.broken = "event:"
    wecom = callback(seen=seen)
    app = make(wecom, before_answer=queue.append)
    assert status_of(app, wecom.forge(EVENT)) == 200
    assert queue == [EVENT]
    assert f"taken, but not remembered: {EVENT.key}" in caplog.text


@pytest.mark.parametrize("fails", [False, True])
def test_tries_at_the_same_time_are_queued_once_and_told_the_same(make: Any, fails: bool) -> None:
    wecom, calls, go = callback(), [], threading.Event()

    def enqueue(event: Event) -> None:
        calls.append(event)
        go.wait(20)
        if fails:
            raise OSError

    app = make(wecom, before_answer=enqueue)
    if make is asgi:

        async def scene() -> list[int]:
            wires = [Wire(wecom) for _ in range(4)]
            tasks = [
                asyncio.create_task(app(each.scope, each.receive, each.send)) for each in wires
            ]
            await asyncio.sleep(0.05)
            go.set()
            await asyncio.gather(*tasks)
            return [wire.status for wire in wires]

        statuses = asyncio.run(scene())
    else:
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(status_of, app, wecom.forge(EVENT)) for _ in range(4)]
            wait_for(lambda: app._places._value == 4 + 1_000 - 4)
            threading.Timer(0.05, go.set).start()
            statuses = [answer.result() for answer in answers]
    assert statuses == [500 if fails else 200] * 4
    assert calls == [EVENT]


def test_a_request_cancelled_before_its_answer_costs_no_event() -> None:
    async def scene(kind: str) -> None:
        asked, go, queue, recorder = threading.Event(), threading.Event(), [], Recorder()

        def enqueue(event: Event) -> None:
            asked.set()
            go.wait(20)
            queue.append(event)

        async def enqueue_later(event: Event) -> None:
            asked.set()
            await until(go.is_set)
            queue.append(event)

        before = {"sync": enqueue, "coroutine": enqueue_later}[kind]
        wecom = callback()
        app, wire = asgi(wecom, recorder.sync, before_answer=before), Wire(wecom)
        task = asyncio.create_task(app(wire.scope, wire.receive, wire.send))
        await until(asked.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        await app.aclose()
        assert (queue, recorder.events, wire.sent) == ([EVENT], [EVENT], [])
        assert wecom.knows(Wire(wecom).scope["query_string"], EVENT)

    for kind in ("sync", "coroutine"):
        asyncio.run(scene(kind))


def test_a_loop_that_ends_before_the_event_is_queued_remembers_nothing() -> None:
    wecom, queue = callback(), []

    async def endless(event: Event) -> None:
        await asyncio.sleep(60)

    async def scene() -> None:
        wire = Wire(wecom)
        asyncio.create_task(asgi(wecom, before_answer=endless)(wire.scope, wire.receive, wire.send))
        await asyncio.sleep(0.01)

    asyncio.run(scene())
    assert status_of(asgi(wecom, before_answer=queue.append), wecom.forge(EVENT)) == 200
    assert queue == [EVENT]


# How many, and in what order.


class Workshop:
    """Handlers that wait until they are told to go on, and what they saw."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.lock = threading.Lock()
        self.working = self.most = 0
        self.begun: list[Event] = []
        self.ended: list[Event] = []

    def enter(self, event: Event) -> None:
        with self.lock:
            self.begun.append(event)
            self.working += 1
            self.most = max(self.most, self.working)

    def leave(self, event: Event) -> None:
        with self.lock:
            self.working -= 1
            self.ended.append(event)

    def block(self, event: Event) -> None:
        self.enter(event)
        self.go.wait(20)
        self.leave(event)

    async def sleep(self, event: Event) -> None:
        self.enter(event)
        await until(self.go.is_set)
        self.leave(event)


@pytest.mark.parametrize("kind", ["block", "sleep"])
def test_so_many_handlers_work_at_a_time_and_so_many_events_wait(kind: str) -> None:
    async def scene() -> None:
        wecom, workshop = callback(), Workshop()
        app = asgi(wecom, getattr(workshop, kind), workers=2, queue=3)
        wires = [Wire(wecom, event) for event in events(7)]
        tasks = [asyncio.create_task(app(wire.scope, wire.receive, wire.send)) for wire in wires]
        await until(lambda: workshop.working == 2 and all(wire.sent for wire in wires))
        assert [wire.status for wire in wires] == [200] * 5 + [503] * 2
        workshop.go.set()
        await asyncio.gather(*tasks)
        assert workshop.most == 2
        assert in_sequence(workshop.ended) == events(7)[:5]
        # There is room again, and what was refused was not remembered.
        for wire in wires[5:]:
            wire.sent.clear()
            await app(wire.scope, wire.receive, wire.send)
            assert wire.status == 200
        await app.aclose()
        assert in_sequence(workshop.ended) == events(7)

    asyncio.run(scene())


def test_what_needs_no_handler_takes_no_place_for_good() -> None:
    async def scene() -> None:
        wecom, recorder = callback(), Recorder()
        app = asgi(wecom, recorder.coroutine, workers=1, queue=0)
        broken = Wire(wecom)
        broken.body = b"x"
        for _ in range(3):
            for wire in (broken, Wire(wecom)):
                await app(wire.scope, wire.receive, wire.send)
                assert wire.status != 503
        assert recorder.events == [EVENT]

    asyncio.run(scene())


def test_a_memory_that_breaks_takes_no_place_for_good() -> None:
    seen = Distant()
    seen.broken = "request:"
    wecom, recorder = callback(seen=seen), Recorder()
    app = asgi(wecom, recorder.coroutine, workers=1, queue=0)
    for _ in range(2):
        with pytest.raises(OSError, match="out of order"):
            status_of(app, wecom.forge(EVENT))
    seen.broken = ""
    assert status_of(app, wecom.forge(EVENT)) == 200
    assert recorder.events == [EVENT]


def test_handlers_that_block_delay_no_answer() -> None:
    async def scene() -> None:
        wecom, workshop = callback(seen=Distant()), Workshop()
        app = asgi(wecom, workshop.block, workers=40)
        wires = [Wire(wecom, event) for event in events(60)]
        tasks = [asyncio.create_task(app(wire.scope, wire.receive, wire.send)) for wire in wires]
        # All are answered while every thread of the handlers is busy.
        await until(lambda: all(wire.sent for wire in wires))
        assert workshop.ended == []
        workshop.go.set()
        await asyncio.gather(*tasks)
        await app.aclose()
        assert workshop.most == 40

    asyncio.run(scene())


def test_a_handler_in_a_thread_sees_the_context_of_its_request() -> None:
    variable = contextvars.ContextVar("variable", default="")
    found: list[str] = []

    async def scene() -> None:
        wecom = callback()
        app, wire = asgi(wecom, lambda event: found.append(variable.get())), Wire(wecom)
        variable.set("request 1")
        await app(wire.scope, wire.receive, wire.send)

    asyncio.run(scene())
    assert found == ["request 1"]


def keyed(plan: list[int]) -> Iterator[tuple[Event, int]]:
    """Events, each with the number of its key; 0 stands for no key."""
    yield from zip(events(len(plan)), plan, strict=True)


@pytest.mark.parametrize("kind", ["block", "sleep", "wsgi"])
def test_events_of_one_key_are_handled_one_after_the_other(kind: str) -> None:
    @settings(
        max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(st.integers(0, 3), max_size=14), st.integers(1, 4))
    def in_order(plan: list[int], workers: int) -> None:
        keys = {event.key: number or None for event, number in keyed(plan)}
        lock, working, done = threading.Lock(), Counter(), []

        def begin(event: Event) -> None:
            with lock:
                working[keys[event.key]] += 1
                assert keys[event.key] is None or working[keys[event.key]] == 1
                assert sum(working.values()) <= workers

        def end(event: Event) -> None:
            with lock:
                working[keys[event.key]] -= 1
                done.append(event)
            if keys[event.key] == 2:
                raise RuntimeError("a handler that fails does not stop its key")

        def block(event: Event) -> None:
            begin(event)
            end(event)

        async def sleep(event: Event) -> None:
            begin(event)
            await asyncio.sleep(0)
            end(event)

        wecom = callback()
        if kind == "wsgi":
            app = wsgi(wecom, block, key=lambda event: keys[event.key], workers=workers)
            assert {status_of(app, wecom.forge(event)) for event, _ in keyed(plan)} <= {200}
            app.close()
            assert app._lanes._lanes == {}
        else:

            async def scene() -> None:
                handler: Any = block if kind == "block" else sleep
                app = asgi(wecom, handler, key=lambda event: keys[event.key], workers=workers)
                wires = [Wire(wecom, event) for event, _ in keyed(plan)]
                await asyncio.gather(*(app(each.scope, each.receive, each.send) for each in wires))
                await app.aclose()
                assert app._line is None or app._line._last == {}

            asyncio.run(scene())
        assert len(done) == len(plan)
        for number in {1, 2, 3} & set(plan):
            mine = [event for event, key in keyed(plan) if key == number]
            assert [event for event in done if keys[event.key] == number] == mine

    in_order()


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_a_key_that_waits_holds_up_no_other(kind: str) -> None:
    wecom, workshop = callback(), Workshop()
    first, second, other = events(3)
    keys = {first.key: "a", second.key: "a", other.key: "b"}

    def handle(event: Event) -> None:
        if event == other:
            workshop.go.set()
        else:
            workshop.block(event)

    app: Any = APPS[kind](wecom, handle, key=lambda event: keys[event.key], workers=2)
    if isinstance(app, WsgiApp):
        for event in (first, second, other):
            assert status_of(app, wecom.forge(event)) == 200
        app.close()
    else:

        async def scene() -> None:
            wires = [Wire(wecom, event) for event in (first, second, other)]
            await asyncio.gather(*(app(each.scope, each.receive, each.send) for each in wires))

        asyncio.run(scene())
    assert workshop.ended == [first, second]


def test_events_that_wait_when_a_loop_ends_may_come_again() -> None:
    wecom, recorder = callback(), Recorder()

    async def endless(event: Event) -> None:
        await asyncio.sleep(60)

    app = asgi(wecom, endless, key=lambda event: "one", workers=1)
    requests = [wecom.forge(event) for event in events(3)]

    async def scene() -> None:
        for query, body in requests:
            wire = Wire(wecom)
            wire.body, wire.scope["query_string"] = body, urlencode(query).encode()
            asyncio.create_task(app(wire.scope, wire.receive, wire.send))
        await asyncio.sleep(0.01)

    asyncio.run(scene())
    assert (app._held, app._line._last if app._line else None) == (0, {})
    again = asgi(wecom, recorder.coroutine)
    assert [status_of(again, request) for request in requests] == [200] * 3
    assert recorder.events == events(3)


@pytest.mark.parametrize("before", [True, False])
def test_a_key_that_cannot_be_made_lets_the_event_come_again(make: Any, before: bool) -> None:
    wecom, recorder, keys = callback(), Recorder(), [["not hashable"], "fine"]
    options: Any = {"before_answer": lambda event: None} if before else {}
    app = make(wecom, recorder.sync, key=lambda event: keys.pop(0), **options)
    request = wecom.forge(EVENT)
    if before:
        assert status_of(app, request) == 500
    else:
        with pytest.raises(TypeError, match="unhashable"):
            status_of(app, request)
    assert status_of(app, request) == 200
    finish(app)
    assert recorder.events == [EVENT]


def test_a_customer_or_a_chat_is_told_apart_by_its_company() -> None:
    assert customer_or_chat(EVENT) == (CORP, "wm1")
    chat = GroupChatDismissed(corp_id=CORP, time=EVENT.time, chat_id="wr1")
    assert customer_or_chat(chat) == (CORP, "wr1")
    assert customer_or_chat(TagShuffled(corp_id=CORP, time=EVENT.time, id="t")) is None


# What is refused, and what a memory must know.


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "handler: give a function that takes an event, or before_answer=, or both"),
        ({"handler": 5}, "handler: a function that takes an event, not int"),
        ({"before_answer": "f"}, "before_answer: a function that takes an event, not str"),
        ({"handler": print, "key": "k"}, "key: a function that takes an event, not str"),
        (
            {"before_answer": print, "key": customer_or_chat},
            "key: gives handlers their order, and there is no handler",
        ),
        ({"handler": print, "workers": 0}, "workers: a whole number, at least 1, not 0"),
        ({"handler": print, "workers": True}, "workers: a whole number, at least 1, not True"),
        ({"handler": print, "queue": -1}, "queue: a whole number, at least 0, not -1"),
    ],
)
def test_what_an_app_cannot_work_with_is_refused(
    make: Any, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(RefusedArgument) as refusal:
        make(callback(), **given)
    assert str(refusal.value) == f"{make.__name__}.{words}"


class Forgetful:
    """A memory of somebody's own, with the two methods that there were first."""

    def add(self, key: str, seconds: float) -> bool:
        return True

    def discard(self, key: str) -> None:
        pass


def test_a_memory_that_cannot_be_asked_is_refused_only_where_it_is_asked(make: Any) -> None:
    wecom, recorder = callback(seen=Forgetful()), Recorder()
    with pytest.raises(RefusedArgument, match="before_answer: .* Forgetful has no method `has`"):
        make(wecom, before_answer=print)
    with pytest.raises(RefusedArgument, match="Callback.seen: Forgetful has no method `has`"):
        wecom.knows({}, EVENT)
    app = make(wecom, recorder.sync)
    assert status_of(app, wecom.forge(EVENT)) == 200
    finish(app)
    assert recorder.events == [EVENT]


def test_peek_remembers_nothing_and_remember_does() -> None:
    wecom = callback()
    request = wecom.forge(EVENT)
    for _ in range(2):
        assert wecom.peek(*request) == EVENT
        assert not wecom.knows(request.query, EVENT)
    wecom.remember(request.query, EVENT)
    assert wecom.knows(request.query, EVENT)
    # Another try of the event, and the very request with another event in the place of its own.
    assert wecom.knows(wecom.forge(EVENT).query, EVENT)
    assert wecom.knows(request.query, events(1)[0])
    assert not wecom.knows(wecom.forge(EVENT).query, events(1)[0])
    wecom.forget(request.query, EVENT)
    assert not wecom.knows(request.query, EVENT)


def test_every_memory_has_what_was_added_until_it_ends() -> None:
    now = 0.0
    seen = MemorySeen(clock=lambda: now)
    assert not seen.has("a")
    seen.add("a", 10)
    assert seen.has("a")
    now = 10.0
    assert not seen.has("a")
    once = Retry(NoBackoff(), 0)
    with redis_server() as port, Redis(port=port, retry=once) as redis:
        first, second = RedisSeen(redis), RedisSeen(redis)
        assert not second.has("a")
        first.add("a", 10)
        assert second.has("a")
        first.discard("a")
        assert not second.has("a")
        first.add("b", 10)
    with pytest.warns(RuntimeWarning, match="out of reach"):
        assert not second.has("b")
    # What this process took it knows without Redis.
    assert first.has("b")
    assert not Callback.knows(callback(seen=second), {}, EVENT)


# The example.


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of the example, with a broker in memory."""
    for name, value in {
        "WECOM_TOKEN": TOKEN, "WECOM_AES_KEY": AES_KEY, "WECOM_CORP_ID": CORP, "BROKER_URL": "memory://",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    yield importlib.import_module("callback_celery")
    sys.modules.pop("callback_celery")


def queued(example: Any) -> list[Any]:
    """The arguments of the tasks that wait at the broker, taken from there."""
    found = []
    with example.app.connection() as connection, connection.SimpleQueue("celery") as queue:
        while queue.qsize():
            message = queue.get()
            message.ack()
            found.append(message.decode()[0])
    return found


def test_the_example_hands_an_event_to_celery_before_it_answers(
    example: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom, receiver = example.callback, example.receiver
    request = wecom.forge(EVENT)
    with monkeypatch.context() as away:
        away.setattr(example.handle_later, "apply_async", Mock(side_effect=OperationalError))
        assert status_of(receiver, request) == 500
    assert [status_of(receiver, request) for _ in range(2)] == [200, 200]
    assert capsys.readouterr().out == ""
    (arguments,) = queued(example)
    # What a worker does with them.
    example.handle_later.apply(arguments).get()
    assert capsys.readouterr().out.startswith("greet wm1 with CODE until ")
    assert queued(example) == []
