"""The mirror as people use it, for each of the clients; both do what the flows ask for.

Hand-written: edit codegen/surfaces/mirror/_mirror.py.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from os import PathLike
from threading import Event as Flag
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from attrs import frozen
from sqlalchemy import Engine, func, select
from sqlalchemy.engine import URL

from .. import AsyncClient, Client
from ..callback import Event
from ..errors import WeComError
from . import _export, _flow
from ._flow import Flow, Pause, Report, Tally, Together
from ._runs import Progress, Shard
from ._store import Store
from ._tables import TABLES, runs

R = TypeVar("R")
CONCURRENCY = 4


@frozen(kw_only=True)
class Status:
    """What is in the database."""

    rows: dict[str, int]
    """By table: what is there."""
    vanished: dict[str, int]
    """By table: what was there and is not any more."""
    synced_at: datetime | None
    """When a full sync was finished last."""
    open_run: Progress | None
    """How far the sync is that is not finished."""


class Base:
    """What both mirrors have in common."""

    def __init__(self, db: str | URL | Engine, concurrency: int) -> None:
        if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
            raise ValueError(f"concurrency: a whole number, 1 or more, not {concurrency!r}")
        self._store = Store(db)
        self._concurrency = concurrency

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.engine.url.render_as_string(hide_password=True)}>"

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, for questions of your own."""
        return self._store.engine

    def _status(self) -> Status:
        rows, vanished = {}, {}
        with self._store.reading() as connection:
            for name, table in TABLES.items():
                gone = table.c.vanished_at.is_not(None)
                count = select(func.count()).select_from(table)
                rows[name] = connection.scalar(count.where(~gone)) or 0
                vanished[name] = connection.scalar(count.where(gone)) or 0
            synced_at = connection.scalar(select(func.max(runs.c.finished_at)))
        run = self._store.open_run()
        standing = None if run is None else Tally(self._store).standing(run)
        return Status(rows=rows, vanished=vanished, synced_at=synced_at, open_run=standing)

    def _export(self, to: str | PathLike[str], table: str | None) -> int:
        return _export.export(self._store, to, table)


class Mirror(Base):
    """A company's customers in a database of your own.

        with Client(corp_id, secret) as wecom, Mirror("sqlite:///crm.db", wecom) as mirror:
            mirror.sync()

    `db` is a URL (`sqlite:///crm.db`, `postgresql+psycopg://…`, `mysql+pymysql://…`) or an engine of SQLAlchemy; its
    tables are made at once. The client may be left out if nothing is asked of WeCom. `concurrency` is how many calls
    are under way at a time. One mirror serves many threads, and many processes may have one of the same database.

    Raises `MirrorError` if the database does not fit, and `ImportError` if its driver is missing.
    """

    def __init__(
        self,
        db: str | URL | Engine,
        client: Client | None = None,
        *,
        concurrency: int = CONCURRENCY,
    ) -> None:
        super().__init__(db, concurrency)
        self._client = client

    def sync(self, progress: Callable[[Progress], object] | None = None) -> Report:
        """Read everything, and mark what has vanished.

        What was broken off, at whatever moment, goes on where it was. What raises is a `WeComError`; call it again.
        `progress` is told twice a second, in any thread, how far it is.
        """
        tally = Tally(self._store, progress)
        return self._run(_flow.sync(self._store, tally), tally)

    def reconcile(
        self, *, deep: bool | None = None, progress: Callable[[Progress], object] | None = None
    ) -> Report:
        """Find what lost callbacks missed, for the least calls, and put it right.

        One call for each member compares ids, and only what differs is read. What ids do not show (an edited remark,
        who is in a group) is found with `deep`, which reads everything. Left out, it is chosen where 100 calls are
        enough for it, and where no sync was finished yet.
        """
        tally = Tally(self._store, progress)
        return self._run(_flow.reconcile(self._store, deep, tally), tally)

    def apply(self, event: Event) -> bool:
        """Read what an event is about once more; False if it is about nothing that is mirrored.

        Events may come in any order, and however often. This is the handler of a callback app:
        `wsgi(callback, mirror.apply)`.
        """
        tally = Tally(self._store)
        return self._run(_flow.apply(self._store, event, tally), tally)

    # A sync in pieces, for several machines.

    def plan(self, *, run: int | None = None) -> list[Shard]:
        """Begin a full sync, or go on with the one that is not finished: the shards that are to be walked.

        With `run`, a shard's `run_id`, nothing is begun: of a run that is finished there are none.
        """
        return self._run(_flow.plan(self._store, run), Tally(self._store)).shards

    def walk(self, shard_id: int, *, pages: int | None = None) -> list[Shard]:
        """Walk a shard to its end, or for so many pages. Returns the shards that came of it, which are to be walked, too.

        If its end was not reached, it is itself the last of them.
        """
        tally = Tally(self._store)
        return self._run(_flow.walk(self._store, shard_id, tally, pages), tally)

    def finish(self) -> Report | None:
        """End a sync that was walked: what it did not meet is marked as vanished. None if there is more to walk."""
        run = self._store.open_run()
        if run is None:
            return None
        tally = Tally(self._store)
        return self._run(_flow.finish(self._store, run, tally), tally)

    # The database.

    def status(self) -> Status:
        """What is in the database, and how far a sync is."""
        return self._status()

    def export(self, to: str | PathLike[str], table: str | None = None) -> int:
        """Write a table or view into a file, `.parquet`, `.csv` or `.jsonl`; returns the number of rows.

        Without a table, the one that the file is named after.
        """
        return self._export(to, table)

    def close(self) -> None:
        """Close the connections; an engine that was given stays open."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # The driver.

    def _run(self, flow: Flow[R], tally: Tally, stop: Flag | None = None) -> R:
        value: Any = None
        raised: WeComError | None = None
        with closing(flow):
            while stop is None or not stop.is_set():
                try:
                    step = flow.send(value) if raised is None else flow.throw(raised)
                except StopIteration as end:
                    done: R = end.value
                    return done
                value = raised = None
                match step:
                    case Together(flows):
                        value = self._together(flows, tally)
                    case Pause(seconds):
                        time.sleep(seconds)
                    case _:
                        tally.call()
                        call: Any = step
                        try:
                            value = client_of(self._client).send(call)
                        except WeComError as error:
                            raised = error
        raise Stopped

    def _together(self, flows: Sequence[Flow[Any]], tally: Tally) -> list[Any]:
        waiting: Iterator[tuple[int, Flow[Any]]] = iter(enumerate(flows))
        results: list[Any] = [None] * len(flows)
        errors: list[BaseException] = []
        lock, stop = Lock(), Flag()

        def work() -> None:
            while not stop.is_set():
                with lock:
                    number, flow = next(waiting, (-1, None))
                if flow is None:
                    return
                try:
                    results[number] = self._run(flow, tally, stop)
                except Stopped:
                    return
                except BaseException as error:
                    errors.append(error)
                    stop.set()

        workers = min(self._concurrency, len(flows))
        if workers < 2:
            work()
        else:
            with ThreadPoolExecutor(workers, "wecom-mirror") as pool:
                try:
                    for job in [pool.submit(work) for _ in range(workers)]:
                        job.result()
                except BaseException:
                    stop.set()
                    raise
        if errors:
            raise errors[0]
        return results


class AsyncMirror(Base):
    """The same for an `AsyncClient`. What is done to the database is done in threads.

    async with AsyncClient(corp_id, secret) as wecom, AsyncMirror("sqlite:///crm.db", wecom) as mirror:
        await mirror.sync()
    """

    def __init__(
        self,
        db: str | URL | Engine,
        client: AsyncClient | None = None,
        *,
        concurrency: int = CONCURRENCY,
    ) -> None:
        super().__init__(db, concurrency)
        self._client = client
        self._pool = ThreadPoolExecutor(concurrency, "wecom-mirror")

    async def sync(self, progress: Callable[[Progress], object] | None = None) -> Report:
        """See `Mirror.sync`."""
        tally = Tally(self._store, progress)
        return await self._run(_flow.sync(self._store, tally), tally)

    async def reconcile(
        self, *, deep: bool | None = None, progress: Callable[[Progress], object] | None = None
    ) -> Report:
        """See `Mirror.reconcile`."""
        tally = Tally(self._store, progress)
        return await self._run(_flow.reconcile(self._store, deep, tally), tally)

    async def apply(self, event: Event) -> bool:
        """See `Mirror.apply`; the handler of `asgi(callback, mirror.apply)`."""
        tally = Tally(self._store)
        return await self._run(_flow.apply(self._store, event, tally), tally)

    async def plan(self, *, run: int | None = None) -> list[Shard]:
        """See `Mirror.plan`."""
        return (await self._run(_flow.plan(self._store, run), Tally(self._store))).shards

    async def walk(self, shard_id: int, *, pages: int | None = None) -> list[Shard]:
        """See `Mirror.walk`."""
        tally = Tally(self._store)
        return await self._run(_flow.walk(self._store, shard_id, tally, pages), tally)

    async def finish(self) -> Report | None:
        """See `Mirror.finish`."""
        run = await self._thread(self._store.open_run)
        if run is None:
            return None
        tally = Tally(self._store)
        return await self._run(_flow.finish(self._store, run, tally), tally)

    async def status(self) -> Status:
        """See `Mirror.status`."""
        return await self._thread(self._status)

    async def export(self, to: str | PathLike[str], table: str | None = None) -> int:
        """See `Mirror.export`."""
        return await self._thread(lambda: self._export(to, table))

    async def aclose(self) -> None:
        """Close the connections; an engine that was given stays open."""
        self._pool.shutdown()
        self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    # The driver.

    async def _thread(self, work: Callable[[], R]) -> R:
        """Do something in a thread. Who is cancelled waits for its end, lest it go on behind their back."""
        job = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            await asyncio.wait([job])
            raise

    async def _run(self, flow: Flow[R], tally: Tally) -> R:
        value: Any = None
        raised: WeComError | None = None
        with closing(flow):
            while True:
                step, done = await self._thread(partial(advance, flow, value, raised))
                if step is None:
                    result: R = done
                    return result
                value = raised = None
                match step:
                    case Together(flows):
                        value = await self._together(flows, tally)
                    case Pause(seconds):
                        await asyncio.sleep(seconds)
                    case _:
                        tally.call()
                        call: Any = step
                        try:
                            value = await client_of(self._client).send(call)
                        except WeComError as error:
                            raised = error

    async def _together(self, flows: Sequence[Flow[Any]], tally: Tally) -> list[Any]:
        room = asyncio.Semaphore(self._concurrency)

        async def work(flow: Flow[Any]) -> Any:
            async with room:
                return await self._run(flow, tally)

        tasks = [asyncio.ensure_future(work(flow)) for flow in flows]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            # Of several that fail the first is told; the others end with it.
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)


class Stopped(Exception):
    """Another flow has failed, so this one ends, too."""


def advance(flow: Flow[R], value: Any, raised: WeComError | None) -> tuple[Any, Any]:
    """The next step of a flow, or what it returns: a `StopIteration` cannot come out of a thread."""
    try:
        return (flow.send(value) if raised is None else flow.throw(raised)), None
    except StopIteration as end:
        return None, end.value


C = TypeVar("C")


def client_of(client: C | None) -> C:
    """The client, if there is one."""
    if client is None:
        raise ValueError(
            "client: this asks WeCom, so the mirror needs a client: Mirror(db, client)"
        )
    return client
