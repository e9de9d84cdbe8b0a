"""Tells an application what happened: signed, encrypted requests to its URL, with WeCom's repeats.

Requests are sent one after the other by a thread, so that what happens in the corp waits for nobody. A push that is
not answered with 200 within five seconds is repeated at once, three tries in all; then it is lost, as at WeCom.

Hand-written: edit codegen/surfaces/testing/_callbacks.py.
"""

import queue
import time
from collections.abc import Callable, Collection, Sequence
from threading import Condition, RLock, Thread
from typing import Literal
from urllib.parse import urlencode

import urllib3
from attrs import define, field

from ..callback import Callback
from ..events import Event


@define(eq=False)
class Delivery:
    """An event and what became of it."""

    event: Event
    outcome: Literal["waiting", "delivered", "failed", "lost", "nobody"] = "waiting"
    """`failed` was never acknowledged, `lost` was lost on command, `nobody` had no URL to go to."""
    tries: int = 0
    status: int | None = None
    """The last HTTP status; None if there was no answer in time."""
    answer: str = ""
    app: str | None = None
    """The app whose URL it goes to; None if it goes to none."""


@define(eq=False)
class Target:
    """Where the callbacks of an app go."""

    app: str
    url: str
    callback: Callback = field(repr=False)
    timeout: float
    tries: int
    agent_id: int | None
    told: Callable[[Event], Event | None]
    """What the app is told of an event; None if nothing."""


@define(eq=False)
class Push:
    """What the thread has to do: tell a URL of an event, the listeners, or both."""

    delivery: Delivery
    target: Target | None
    heard: Event | None
    """What the listeners hear: every event once, however many URLs there are."""


class Callbacks:
    """The callbacks of a corp: `corp.callbacks.to(url, token=…, aes_key=…)`, then `corp.callbacks.wait()`."""

    def __init__(self, lock: RLock) -> None:
        self.deliveries: list[Delivery] = []
        """Every event of the outside world, in order; one for each URL that is told."""
        self.events: list[Event] = []
        """What happened, whether anybody was told or not."""
        self._targets: dict[str, Target] = {}
        self._listeners: list[Callable[[Event], object]] = []
        self.on_push: Callable[[Delivery], object] | None = None
        """Called after every try to push, in the thread that pushes. What it raises comes out of `wait`."""
        self._lose = 0
        self._twice = 0
        self._queue: queue.SimpleQueue[Push | None] = queue.SimpleQueue()
        self._open = 0
        self._raised: list[Exception] = []
        self._changed = Condition(lock)
        self._thread: Thread | None = None
        self._pool: urllib3.PoolManager | None = None

    def to(
        self,
        url: str,
        *,
        token: str,
        aes_key: str,
        receive_ids: Sequence[str],
        app: str,
        told: Callable[[Event], Event | None],
        timeout: float = 5.0,
        tries: int = 3,
        agent_id: int | None = None,
        verify: bool = False,
    ) -> None:
        """Push to a URL of an app from now on. See `Simulator.callback_to`, which knows what the app is told."""
        callback = Callback(token, aes_key, receive_ids, max_age=None, seen=None)
        target = Target(app, url, callback, timeout, tries, agent_id, told)
        wrong = self._verification_error(target) if verify else ""
        if wrong:
            raise ValueError(f"{url} did not answer the verification as WeCom wants it: {wrong}")
        with self._changed:
            self._targets[app] = target

    def listen(self, listener: Callable[[Event], object]) -> None:
        """Call a function with every event, without HTTP and encryption, in the thread that pushes.

        What it raises comes out of `wait`.
        """
        self._listeners.append(listener)

    def lose(self, times: int = 1) -> None:
        """Lose the next pushes: they happen, and nobody is told."""
        self._lose = times

    def repeat(self, times: int = 1) -> None:
        """Push the next ones twice, as when an acknowledgement got lost."""
        self._twice = times

    def verify(self) -> bool:
        """Ask every URL to prove itself, as the console does when it is saved."""
        targets = list(self._targets.values())
        if not targets:
            raise ValueError("there is no URL yet; call `callback_to`")
        return not any(self._verification_error(target) for target in targets)

    def _verification_error(self, target: Target) -> str:
        """What is wrong with the answer to a verification, or nothing."""
        echo = "1616140317555161061"
        query = urlencode(target.callback.forge_url(echo))
        try:
            # The console waits one second only.
            response = self._http().request(
                "GET", f"{target.url}{joint(target.url)}{query}", timeout=1.0, retries=False
            )
        except urllib3.exceptions.HTTPError as error:
            return f"no answer within a second: {error}"
        if response.status == 200 and response.data == echo.encode():
            return ""
        location = response.headers.get("Location", "").partition("?")[0]
        words = f"HTTP {response.status}"
        if location:
            words += f" to {location}"
        begin = response.data.decode("utf-8", "replace")[:100]
        return f"{words}, {begin!r} instead of the decrypted echostr"

    def push(self, event: Event, but: Collection[str] = ()) -> None:
        """Tell everybody of an event, but for some apps."""
        with self._changed:
            self.events.append(event)
            pushes: list[Push] = []
            for target in self._targets.values():
                told = None if target.app in but else target.told(event)
                if told is not None:
                    heard = None if pushes else event
                    pushes.append(Push(Delivery(told, app=target.app), target, heard))
            if not pushes:
                pushes = [Push(Delivery(event), None, event)]
            self.deliveries += [push.delivery for push in pushes]
            if self._lose > 0:
                self._lose -= 1
                for push in pushes:
                    push.delivery.outcome = "lost"
            elif pushes[0].target is None and not self._listeners:
                pushes[0].delivery.outcome = "nobody"
            else:
                if self._thread is None:
                    self._thread = Thread(target=self._work, name="wecom-callbacks", daemon=True)
                    self._thread.start()
                twice = self._twice > 0
                self._twice -= twice
                for push in pushes * (1 + twice):
                    self._open += 1
                    self._queue.put(push)

    def wait(self, timeout: float = 60.0) -> None:
        """Wait until everything pushed is acknowledged or given up; `TimeoutError` if that takes too long."""
        end = time.monotonic() + timeout
        with self._changed:
            while self._open:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{self._open} callbacks are still under way")
                self._changed.wait(left)
            if self._raised:
                raise self._raised.pop(0)

    def close(self) -> None:
        """Stop pushing, after the push that is under way."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()
        if self._pool is not None:
            self._pool.clear()
            self._pool = None

    def _http(self) -> urllib3.PoolManager:
        if self._pool is None:
            self._pool = urllib3.PoolManager()
        return self._pool

    def _work(self) -> None:
        while (push := self._queue.get()) is not None:
            delivery = push.delivery
            if push.target is not None:
                self._deliver(delivery, push.target)
            if push.heard is not None:
                self._hear(push.heard, delivery)
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _hear(self, event: Event, delivery: Delivery) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:
                self._raised.append(error)
            else:
                if delivery.app is None:
                    delivery.outcome = "delivered"

    def _deliver(self, delivery: Delivery, target: Target) -> None:
        for _ in range(target.tries):
            # Signed anew each time: an application may refuse the same request twice, but not the same event.
            query, body = target.callback.forge(delivery.event, agent_id=target.agent_id)
            delivery.tries += 1
            delivery.status = None
            try:
                response = self._http().request(
                    "POST",
                    f"{target.url}{joint(target.url)}{urlencode(query)}",
                    body=body,
                    headers={"Content-Type": "text/xml; charset=UTF-8"},
                    timeout=target.timeout,
                    retries=False,
                )
            except urllib3.exceptions.HTTPError:
                pass
            else:
                delivery.status = response.status
                delivery.answer = response.data.decode("utf-8", "replace")[:200]
            if delivery.status == 200:
                delivery.outcome = "delivered"
            self._pushed(delivery)
            if delivery.status == 200:
                return
        if delivery.outcome == "waiting":
            delivery.outcome = "failed"

    def _pushed(self, delivery: Delivery) -> None:
        if self.on_push is not None:
            try:
                self.on_push(delivery)
            except Exception as error:
                self._raised.append(error)


def joint(url: str) -> str:
    """What stands between a URL and its query."""
    return "&" if "?" in url else "?"
