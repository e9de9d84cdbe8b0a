"""The tasks, and how one of them ends: with a result, or with a message that goes on where it stopped.

A walk is one message at a time, a page each, so it needs no worker of its own and no memory; the message after a page
is sent when the page was handled and before its own is acknowledged. So whatever kills a worker, a page may be handled
twice and never not at all. Each message is a turn of its work; checkpoints see to it that of two messages for one turn
one goes on, and that a message that a broker has lost is sent again.

Hand-written: edit codegen/surfaces/celery/_tasks.py.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from logging import getLogger
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import uuid4
from weakref import WeakSet

from attrs import asdict, evolve, frozen
from celery import Celery, Task
from celery.exceptions import Ignore, Reject, TaskPredicate
from celery.signals import worker_ready
from celery.utils.time import maybe_make_aware
from kombu.utils.json import dumps, loads

from .. import Client
from ..codec import dump_call, load_call, unstructure
from ..errors import (
    APIError,
    PaginationStalled,
    ProtocolError,
    RateLimited,
    RefusedArgument,
    Throttled,
    TransportError,
    WeComError,
)
from ._checkpoints import Checkpoints

if TYPE_CHECKING:
    from ..mirror import Mirror

    AnyTask: TypeAlias = Task[Any, Any]
else:
    AnyTask = Task  # which takes no types when it runs

LOG = getLogger("wecom_contact")
HOLD = 10.0
"""Seconds for which a task waits for the limiter, its worker with it."""
LONGEST = 60.0
"""Seconds after which a task that was handed back asks again, at the latest: a message that a worker keeps for later must
not stay longer than the broker waits for an acknowledgement."""
SOON = 0.1
"""And at the earliest."""
FAILURES = 10
"""How often in a row a task is tried that fails, with pauses of 1, 2, 4 … 60 s: about six minutes."""
LOOK_EVERY = 2.0
"""Seconds after which a sync looks for shards that have come of others."""
STALLED = 2 * 3600.0
"""Seconds after which a sync gives up if no shard gets on; WeCom's longest usual limit is an hour's."""
SWEEP = 30.0
"""Seconds after which a worker looks for messages that were lost."""
DELIVERY = (
    *("queue", "priority", "expires", "time_limit", "soft_time_limit", "root_id", "parent_id"),
    *("group_id", "group_index", "chord", "chain", "link", "link_error", "ignore_result"),
)
"""What of a message's options goes with it when it is sent again."""
SHARD_PAGES = 100
"""How many pages of a shard a task reads."""
REGISTERED: "WeakSet[Celery]" = WeakSet()
"""The apps that have the tasks."""


@frozen(kw_only=True)
class Page:
    """A page of a walk, as its handler gets it."""

    walk: str
    """The walk's id: that of its first task."""
    number: int
    """Which page it is, from 0 on."""
    rows: list[Any]
    """The items of the page."""
    reply: Any
    """The whole reply."""
    call: Any
    """The call that was answered."""
    corp: str | None
    """The corp that the task named."""
    last: bool
    """Whether it is the last page."""

    @property
    def key(self) -> str:
        """The same for a page that comes again, and for no other: `<walk>/<number>`."""
        return f"{self.walk}/{self.number}"


class Tasks(NamedTuple):
    """The tasks, with all that Celery can do with one: `delay`, `apply_async(queue=…)`, `s` in a group or chord."""

    send: AnyTask
    """`send(message, corp=None)` sends a call; its result is the reply as plain JSON data."""
    walk: AnyTask
    """`walk(message, into, corp=None)` reads all pages of a call; its result is `{"pages": …, "rows": …}`."""
    sync: AnyTask
    """`sync(corp=None)` walks a mirror's shards and ends the run; its result is the report as plain data."""
    shard: AnyTask
    """`shard(shard_id, corp=None)` walks one shard; `sync` sends these."""


class Again(NamedTuple):
    """A task is not done: it goes on with these arguments."""

    arguments: dict[str, Any]
    seconds: float = 0.0
    """When."""


@frozen
class Standing:
    """How far a task is, in its own messages."""

    work: str
    """The id of the first message."""
    turn: int = 0
    """How many messages there were before."""
    owner: str = ""
    """Tells two messages apart that were sent for the same turn."""
    pages: int = 0
    rows: int = 0
    failures: int = 0
    mark: str = ""
    """A request of earlier, to see whether a walk comes back to it."""

    @classmethod
    def of(cls, state: Mapping[str, Any] | None, task: AnyTask) -> "Standing":
        """Read it from a message; a first message has none."""
        if state is not None:
            return cls(**state)
        # A message that is delivered again has the same id, so it is the same owner.
        work = str(task.request.id or uuid4().hex)
        return cls(work, owner=work)

    def next(self, **changed: Any) -> dict[str, Any]:
        """The next turn, for its message."""
        return asdict(evolve(self, turn=self.turn + 1, owner=uuid4().hex, **changed))


@frozen
class Sight:
    """What a sync saw when it looked at its shards last."""

    run: int | None = None
    newest: int = 0
    """The last shard that was sent."""
    shards: int = 0
    pages: int = 0
    since: float = 0.0
    """Since when it has looked like this."""


class Kept(AnyTask):
    """A task whose messages are kept by the checkpoints until a worker begins them."""

    abstract = True
    checkpoints: Any = None

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        task_id: str | None = None,
        *others: Any,
        **options: Any,
    ) -> Any:
        """Send the message, and keep it before."""
        if hasattr(self.checkpoints, "keep") and not self.app.conf.task_always_eager:
            task_id = task_id or str(uuid4())
            own = Standing(task_id, owner=uuid4().hex)
            kwargs = {"state": asdict(own), **(kwargs or {})}
            delivery = {name: options[name] for name in DELIVERY if options.get(name) is not None}
            if isinstance(delivery.get("expires"), (int, float)):
                delivery["expires"] = datetime.now(UTC) + timedelta(seconds=delivery["expires"])
            message = {
                "task": self.name,
                "args": args or (),
                "kwargs": kwargs,
                "options": {**delivery, "task_id": task_id},
            }
            seconds = delay(options.get("countdown"), options.get("eta"))
            self.checkpoints.keep(kwargs["state"]["work"], dumps(message), seconds)
        return super().apply_async(args, kwargs, task_id, *others, **options)

    def send_again(self, message: dict[str, Any]) -> None:
        """Send a kept message again, as another one for its turn."""
        kwargs = message["kwargs"]
        kwargs["state"]["owner"] = uuid4().hex
        super().apply_async(message["args"], kwargs, **message["options"])


def delay(countdown: float | None, eta: datetime | None) -> float:
    """In how many seconds a message is to be begun at the earliest."""
    if eta is not None:
        return max(0.0, (maybe_make_aware(eta) - datetime.now(UTC)).total_seconds())
    return countdown or 0.0


class Clients:
    """The client of this process, and those of other corps that are made from it."""

    def __init__(
        self,
        make: Callable[[], Client],
        permanent_code: Callable[[str], str] | None,
        hold: float,
    ) -> None:
        self._make = make
        self._permanent_code = permanent_code
        self._hold = hold
        self._lock = Lock()
        self._made: tuple[Client, Client] | None = None

    def of(self, corp: str | None, *, patient: bool = False) -> Client:
        """A client that waits for the limiter no longer than a task should, or one as it was made."""
        with self._lock:
            if self._made is None:
                client = self._make()
                self._made = self._hasty(client), client
        client = self._made[patient]
        if corp is None:
            return client
        if self._permanent_code is None:
            what = "the task names a corp, so register() needs permanent_code="
            raise RefusedArgument(what, "corp")
        return client.for_corp(corp, self._permanent_code(corp))

    def _hasty(self, client: Client) -> Client:
        limiter: Any = client.limiter
        if not hasattr(limiter, "with_max_wait"):
            return client  # no limiter, or somebody's own, which knows how long it has calls wait
        if limiter.max_wait is not None and limiter.max_wait <= self._hold:
            return client
        return client.with_options(limiter=limiter.with_max_wait(self._hold))


class Work:
    """What the tasks do: each a step, whose outcome is a result, or `Again`."""

    def __init__(
        self,
        clients: Clients,
        pages: Mapping[str, Callable[[Page], object]],
        mirror: Callable[[Client, str | None], "Mirror"] | None,
        checkpoints: Checkpoints | None,
    ) -> None:
        self._clients = clients
        self._pages = dict(pages)
        self._mirror = mirror
        self._checkpoints = checkpoints

    def send(
        self,
        task: AnyTask,
        message: dict[str, Any],
        corp: str | None,
        state: dict[str, Any] | None,
    ) -> Any:
        """Send a call."""
        call = load_call(message)
        readonly = call.endpoint.readonly
        if call.endpoint.download:
            raise RefusedArgument("a file does not travel in a result", type(call).__name__)
        standing = Standing.of(state, task)
        arguments = {"message": message, "corp": corp}
        try:
            client = self._clients.of(corp)
            if not readonly:
                self._begin_once(task, call.endpoint.path, standing)
        except Exception as error:
            return later(error, standing, arguments, harmless=True)
        try:
            reply = client.send(call)
        except Exception as error:
            return later(error, standing, arguments, harmless=readonly)
        return None if reply is None else unstructure(reply)

    def walk(
        self,
        task: AnyTask,
        message: dict[str, Any],
        into: str,
        corp: str | None,
        state: dict[str, Any] | None,
    ) -> Any:
        """Read a page and have it handled."""
        call: Any = load_call(message)
        if call.endpoint.paginate is None:
            what = f"a paged call such as CustomerBatchGet(…), not {type(call).__name__}"
            raise RefusedArgument(what, "walk.message")
        if into not in self._pages:
            known = ", ".join(sorted(self._pages)) or "none"
            raise RefusedArgument(
                f"a name of register(pages=…): {known}; not {into!r}", "walk.into"
            )
        standing = Standing.of(state, task)
        arguments = {"message": message, "into": into, "corp": corp}
        try:
            self._enter(standing)
            reply = self._clients.of(corp).send(call)
            after, rows = call.after(reply), call.items_of(reply)
            following = None if after is None else dump_call(after)
            mark = standing.mark if following is None else self._mark(standing, following)
            self._pages[into](
                Page(
                    walk=standing.work,
                    number=standing.pages,
                    rows=rows,
                    reply=reply,
                    call=call,
                    corp=corp,
                    last=following is None,
                )
            )
        except Exception as error:
            return later(error, standing, arguments, harmless=True)
        read = {"pages": standing.pages + 1, "rows": standing.rows + len(rows)}
        if following is None:
            return read
        state = standing.next(**read, mark=mark, failures=0)
        return Again({**arguments, "message": following, "state": state})

    def shard(
        self,
        task: AnyTask,
        shard_id: int,
        corp: str | None,
        state: dict[str, Any] | None,
    ) -> Any:
        """Walk a shard of a mirror, some pages of it."""
        standing = Standing.of(state, task)
        arguments = {"shard_id": shard_id, "corp": corp}
        try:
            self._enter(standing)
            with closing(self._mirror_of(corp)) as mirror:
                more = mirror.walk(shard_id, pages=SHARD_PAGES)
        except Exception as error:
            return later(error, standing, arguments, harmless=True)
        # What has come of it is sent by the sync, which looks for it.
        if all(shard.id != shard_id for shard in more):
            return None
        return Again({**arguments, "state": standing.next(failures=0)})

    def sync(
        self,
        task: AnyTask,
        send_shard: AnyTask,
        corp: str | None,
        state: dict[str, Any] | None,
        sight: dict[str, Any] | None,
    ) -> Any:
        """Look at the shards of a mirror: send those that are new, and end the run when all were walked."""
        standing = Standing.of(state, task)
        seen = Sight(**(sight or {}))
        try:
            self._enter(standing)
            with closing(self._mirror_of(corp, patient=True)) as mirror:
                shards, report = mirror.plan(run=seen.run), None
                if not shards:
                    report = mirror.finish()
                    shards = mirror.plan(run=seen.run) if report is None else []
        except Exception as error:
            arguments = {"corp": corp, "sight": asdict(seen)}
            return later(error, standing, arguments, harmless=True)
        if not shards:
            # Without a report, another message has ended the run.
            return None if report is None else asdict(report)
        now = time.time()
        looks = Sight(
            shards[0].run_id,
            max([seen.newest, *(shard.id for shard in shards)]),
            len(shards),
            sum(shard.pages for shard in shards),
            seen.since or now,
        )
        if looks != seen:
            looks = evolve(looks, since=now)
        elif now - looks.since > STALLED:
            words = f"no shard got on for two hours; {len(shards)} are left. The next sync goes on"
            raise TimeoutError(words)
        for shard in shards:
            if shard.id > seen.newest:
                # Its id is of this sync, so that one that is sent twice is walked once.
                work = f"{standing.work}/{shard.id}"
                own = asdict(Standing(work, owner=uuid4().hex))
                send_shard.apply_async((shard.id, corp), {"state": own})
        state = standing.next(failures=0)
        arguments = {"corp": corp, "state": state, "sight": asdict(looks)}
        return Again(arguments, LOOK_EVERY)

    def _enter(self, standing: Standing) -> None:
        """Begin a turn, unless another message has."""
        if self._checkpoints is not None and not self._checkpoints.enter(
            standing.work, standing.turn, standing.owner
        ):
            LOG.info("%s: turn %d is another message's", standing.work, standing.turn)
            raise Ignore

    def _begin_once(self, task: AnyTask, path: str, standing: Standing) -> None:
        """Refuse to begin a write that may have been sent by a worker that is lost."""
        if self._checkpoints is not None:
            # An owner of its own each time, so that a message that is delivered again is another.
            first = self._checkpoints.enter(standing.work, standing.turn, uuid4().hex)
        else:
            first = not (task.request.delivery_info or {}).get("redelivered")
        if not first:
            words = "a worker was lost when it may have sent this; look whether it happened"
            raise TransportError(words, path, sent=True, transient=False)

    def _mirror_of(self, corp: str | None, *, patient: bool = False) -> "Mirror":
        if self._mirror is None:
            raise RefusedArgument("this needs register(mirror=…)", "sync")
        return self._mirror(self._clients.of(corp, patient=patient), corp)

    @staticmethod
    def _mark(standing: Standing, following: dict[str, Any]) -> str:
        """Remember every request whose number is a power of two, and find that one of them comes again (Brent)."""
        digest = blake2b(dumps(following, sort_keys=True).encode(), digest_size=16).hexdigest()
        if digest == standing.mark:
            name, page = following["call"], standing.pages
            raise PaginationStalled(f"{name}: page {page} leads back to one that was read")
        return standing.mark if (standing.pages + 1) & standing.pages else digest


def later(
    error: Exception, standing: Standing, arguments: dict[str, Any], *, harmless: bool
) -> Again:
    """Try again after an error; raises it if that does not help, or may do something twice."""
    match error:
        case Throttled():
            seconds = min(max(error.seconds, SOON), LONGEST)
            return Again({**arguments, "state": standing.next()}, seconds)
        case RateLimited():
            seconds = min(error.window.total_seconds(), LONGEST)
            return Again({**arguments, "state": standing.next()}, seconds)
        case APIError():
            again = error.retryable
        case TransportError():
            again = error.transient and (harmless or not error.sent)
        case ProtocolError():
            again = error.transient and harmless
        case WeComError() | RefusedArgument() | TaskPredicate():
            again = False
        case _:
            again = harmless
    if not again or standing.failures >= FAILURES:
        raise error
    state = standing.next(failures=standing.failures + 1)
    return Again({**arguments, "state": state}, min(2.0**standing.failures, LONGEST))


def run(task: AnyTask, step: Callable[..., Any], arguments: dict[str, Any], *fixed: Any) -> Any:
    """Do a step, and send the message that goes on. Called without a worker, a task goes on by itself."""
    while True:
        outcome = step(task, *fixed, **arguments)
        if not isinstance(outcome, Again):
            return outcome
        arguments, seconds = outcome
        if seconds >= 1:
            LOG.info("%s[%s] goes on in %.0f s", task.name, task.request.id, seconds)
        if task.request.is_eager or task.request.called_directly:
            time.sleep(seconds)
            continue
        following = task.signature_from_request(
            args=(), kwargs=arguments, countdown=seconds or None
        )
        try:
            following.apply_async()
        except Exception as error:
            # The broker is away, or the checkpoints are: this message must not be acknowledged, nor come back at once.
            time.sleep(SOON)
            raise Reject(error, requeue=True) from error
        raise Ignore


def register(
    app: Celery,
    make_client: Callable[[], Client],
    *,
    pages: Mapping[str, Callable[[Page], object]] | None = None,
    permanent_code: Callable[[str], str] | None = None,
    mirror: Callable[[Client, str | None], "Mirror"] | None = None,
    checkpoints: Checkpoints | None = None,
    hold: float = HOLD,
) -> Tasks:
    """Give an app of Celery's the tasks `wecom_contact.send`, `.walk`, `.sync` and `.shard`.

    Whoever sends tasks and whoever works them off register alike. A task is acknowledged when it is done, and goes to another
    worker when its own is lost. What may be better later is tried again from the queue: after the limiter or 45009 as often
    as it takes, after no connection, `Busy` or a page handler that raises ten times in a row. A write is never sent again when
    it may have been sent: its task fails with a `TransportError`, `.sent` true.

    Args:
        make_client: Makes the client, once in each process. With a `RedisStore` and a `RedisLimiter`, all processes share
            the token and the limits.
        pages: What is done with the pages of walks, by the names that tasks give as `into`. A page comes again when its
            worker was lost: write it and its `key` in one transaction, or so that twice is once.
        permanent_code: Tells the permanent code (or secret) of a corp, for tasks with `corp=`; asked for each task.
        mirror: Makes the mirror for `sync` and `shard`, of a client and the corp that the task names (None if none).
        checkpoints: Where tasks note how far they are, such as `RedisCheckpoints(url)`. Without, a worker that is lost at the
            wrong moment may leave a walk that goes on twice, or, with Redis as the broker, one that does not go on.
        hold: Seconds for which a task may wait for the limiter. If it is to wait longer, it goes back to the queue.

    Raises ValueError if the app has these tasks already.
    """
    if app in REGISTERED:
        raise ValueError("this app has the tasks of wecom_contact already: register them once")
    REGISTERED.add(app)
    work = Work(Clients(make_client, permanent_code, hold), pages or {}, mirror, checkpoints)

    def task(name: str) -> Callable[[Callable[..., Any]], AnyTask]:
        # Any, because what is known of its types makes a function of a task.
        make: Any = app.task
        made: Callable[[Callable[..., Any]], AnyTask] = make(
            name=f"wecom_contact.{name}",
            base=AnyTask if name == "send" else Kept,
            checkpoints=checkpoints,
            bind=True,
            acks_late=True,
            reject_on_worker_lost=True,
            shared=False,  # with other apps of this process
        )
        return made

    @task("send")
    def send(
        self: AnyTask,
        message: dict[str, Any],
        corp: str | None = None,
        *,
        state: dict[str, Any] | None = None,
    ) -> Any:
        return run(self, work.send, {"message": message, "corp": corp, "state": state})

    @task("walk")
    def walk(
        self: AnyTask,
        message: dict[str, Any],
        into: str,
        corp: str | None = None,
        *,
        state: dict[str, Any] | None = None,
    ) -> Any:
        arguments = {"message": message, "into": into, "corp": corp, "state": state}
        return run(self, work.walk, arguments)

    @task("shard")
    def shard(
        self: AnyTask,
        shard_id: int,
        corp: str | None = None,
        *,
        state: dict[str, Any] | None = None,
    ) -> Any:
        return run(self, work.shard, {"shard_id": shard_id, "corp": corp, "state": state})

    @task("sync")
    def sync(
        self: AnyTask,
        corp: str | None = None,
        *,
        state: dict[str, Any] | None = None,
        sight: dict[str, Any] | None = None,
    ) -> Any:
        return run(self, work.sync, {"corp": corp, "state": state, "sight": sight}, shard)

    if hasattr(checkpoints, "missed"):
        look_after(app, checkpoints)
    return Tasks(send, walk, sync, shard)


def look_after(app: Celery, checkpoints: Any) -> None:
    """Have each worker of an app look for messages that were lost."""

    def begin(sender: Any, **_: object) -> None:
        # In the worker's own timer: a thread might hold a lock when the worker forks.
        if sender.app is app:
            period = min(SWEEP, checkpoints.resend / 2)
            sender.timer.call_repeatedly(period, sweep, (app, checkpoints))

    worker_ready.connect(begin, weak=False)


def sweep(app: Celery, checkpoints: Any) -> None:
    """Send again what nobody has begun."""
    try:
        for text in checkpoints.missed():
            message = loads(text)
            LOG.warning("sent again, as nobody has begun it: %s", message["options"]["task_id"])
            kept: Any = app.tasks[message["task"]]
            kept.send_again(message)
    except Exception as error:
        LOG.warning("could not look for lost messages (%s)", type(error).__name__)
