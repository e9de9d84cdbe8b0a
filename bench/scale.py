"""From one worker to many, against limits that are held to: `make scale`.

First a simulator with 100,000 customers and its rate limits on, a redis-server, and 1, 2 and 4 workers of Celery that read
all customers into a database, one of which is killed on the way. Then 2,000,000 customers, one process and a server with
canned answers that holds to WeCom's documented rate, at twice WeCom's speed. Under five minutes; whatever happens,
nothing is left running.
"""

import argparse
import asyncio
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import ceil
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "generated")]

from servers_support import redis_program  # noqa: E402  (after the path to it)

BOUND = 300
"""Seconds for everything."""
CUSTOMERS = 100_000
MEMBERS = 10
"""In a walk."""
LIMIT = (264, 10.0)
"""Calls and seconds of the simulator's window, so that a run takes four windows and a bit."""
TOKEN = 15
"""Seconds that a token lasts."""

PAGES = 20_200
"""Of 100 customers each."""
WALKS = 40
SPEED = 2
RATE = ((10_000, 60.0 / SPEED), (150_000, 3600.0 / SPEED))

CORP, SECRET = "ww5e1f0a2b3c4d5e6f", "simulated-secret-of-a-corp-that-is-not-real"
BATCH = "/cgi-bin/externalcontact/batch/get_by_user"


class Run(NamedTuple):
    """What a run came to."""

    workers: int
    killed: int
    calls: int
    refused: int
    """45009 and 45033."""
    tokens: int
    """How often gettoken was called."""
    tokens_needed: int
    """For how many tokens, one after the other."""
    rows: int
    twice: int
    missing: int
    wall: float
    ideal: float

    def faults(self) -> list[str]:
        """What is not as it should be."""
        wrong = []
        if self.refused:
            wrong.append(f"{self.refused} calls were refused")
        if self.twice or self.missing:
            wrong.append(f"{self.twice} rows twice, {self.missing} missing")
        # Until its end WeCom gives out the old one, so asking early is in vain once for each.
        if self.tokens > 2 * self.tokens_needed:
            wrong.append(f"gettoken {self.tokens} times for {self.tokens_needed} tokens")
        if self.wall > 1.1 * self.ideal:
            wrong.append(f"{self.wall / self.ideal:.2f} times as long as the limit takes")
        return [f"{self.workers} workers: {each}" for each in wrong]


# Processes.

RUNNING: list[subprocess.Popen[Any]] = []


def start(*command: str, **options: Any) -> subprocess.Popen[Any]:
    """Start a process with a group of its own, so that it can be ended with all that it started."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    RUNNING.append(process)
    return process


def end(process: subprocess.Popen[Any], how: int = signal.SIGKILL) -> None:
    """End a process and all that it started."""
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        pass
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if process in RUNNING:
        RUNNING.remove(process)


def give_up(number: int, frame: FrameType | None) -> NoReturn:
    """End by the way that cleans up."""
    raise SystemExit(f"not done after {BOUND} s" if number == signal.SIGALRM else "interrupted")


@contextmanager
def tidy() -> Iterator[Path]:
    """A folder, and the end of all processes, whatever happens."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(BOUND)
    folder = Path(tempfile.mkdtemp(prefix="wecom-scale-"))
    try:
        yield folder
    finally:
        signal.alarm(0)
        # Not to be interrupted once more: a second Ctrl-C would leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in RUNNING[::-1]:
            end(process)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def redis_server(folder: Path) -> str:
    """A redis-server of our own."""
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    start(redis_program(), *options, stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return f"redis://127.0.0.1:{port}/0"
        except OSError:
            time.sleep(0.02)
    raise SystemExit("redis-server does not start")


# 100,000 customers, Celery.


def simulate(port: int) -> None:
    """A simulator that says on demand what it was asked."""
    from wecom_contact.testing import Simulator

    seen: list[Any] = []
    corp = Simulator(CORP, SECRET, port=port, on_call=seen.append)
    corp.populate(CUSTOMERS)
    corp.limits.rates = True
    corp.limits.per_api = (LIMIT,)
    corp.lifetimes.token = TOKEN
    with corp:
        members = [member.userid for member in corp.serving()]
        follows = sum(len(member.follows) for member in corp.serving())
        print(json.dumps({"members": members, "follows": follows}), flush=True)
        for _ in sys.stdin:
            calls = seen[:]
            seen.clear()
            corp.expire_tokens()
            times = [call.time for call in calls if call.name == "customer.batch_get"]
            told = {
                "calls": len(times),
                "wall": max(times) - min(times) if times else 0.0,
                "tokens": sum(call.name == "gettoken" for call in calls),
                "refused": sum(call.errcode in (45009, 45033) for call in calls),
            }
            print(json.dumps(told), flush=True)


def ask(process: subprocess.Popen[Any]) -> dict[str, Any]:
    """What the simulator was asked since it was asked last."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def read_all(
    workers: int,
    kill: bool,
    redis: str,
    url: str,
    simulator: Any,
    corp: dict[str, Any],
    folder: Path,
) -> Run:
    """Have all customers read by some workers."""
    import redis as library

    path = folder / f"{workers}.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE pages (key TEXT PRIMARY KEY)")
        db.execute("CREATE TABLE follows (userid TEXT, external_userid TEXT)")
    # The simulator remembers the calls of the run before, and the limiter is about to forget them.
    time.sleep(LIMIT[1])
    with closing(library.Redis.from_url(redis)) as client:
        client.flushall()
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'generated'}{os.pathsep}{HERE}",
        "PYTHONWARNINGS": "ignore",  # of being root
        "SCALE_REDIS": redis,
        "SCALE_LIMIT": "{}/{:g}".format(*LIMIT),
        "SCALE_DATABASE": str(path),
        "WECOM_CORP_ID": CORP,
        "WECOM_SECRET": SECRET,
        "WECOM_BASE_URL": url,
    }
    os.environ.update(environment)
    sys.path.insert(0, str(HERE))
    import scale_app
    from wecom_contact import codec
    from wecom_contact.customer import CustomerBatchGet

    ask(simulator)
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "scale_app", "worker")
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "ERROR")
    crew = [
        start(*celery, *quiet, "-c", "2", "-n", f"{number}@scale", cwd=folder, env=environment)
        for number in range(workers)
    ]
    members = corp["members"]
    for number in range(0, len(members), MEMBERS):
        some = members[number : number + MEMBERS]
        call = CustomerBatchGet(userid_list=some, limit=100)
        scale_app.tasks.walk.delay(codec.dump_call(call), into="save")
    killed = 0
    begun = time.monotonic()
    with closing(sqlite3.connect(path, timeout=60)) as db:

        def rows() -> int:
            return int(db.execute("SELECT count(*) FROM follows").fetchone()[0])

        while (read := rows()) < corp["follows"] and time.monotonic() - begun < 90:
            if kill and not killed and read > 0.25 * corp["follows"]:
                end(crew.pop())
                killed = 1
            if any(worker.poll() is not None for worker in crew):
                raise SystemExit("a worker has ended")
            time.sleep(0.1)
        time.sleep(1)  # for what should not come any more
        read = rows()
        query = "SELECT count(*) FROM (SELECT DISTINCT * FROM follows)"
        distinct = int(db.execute(query).fetchone()[0])
    for worker in crew:
        end(worker)
    told = ask(simulator)
    limit, seconds = LIMIT
    return Run(
        workers=workers,
        killed=killed,
        calls=told["calls"],
        refused=told["refused"],
        tokens=told["tokens"],
        tokens_needed=1 + int(told["wall"] / TOKEN),
        rows=distinct,
        twice=read - distinct,
        missing=corp["follows"] - distinct,
        wall=told["wall"],
        ideal=(ceil(told["calls"] / limit) - 1) * seconds,
    )


def celery_runs(folder: Path) -> Iterator[Run]:
    """1, 2 and 4 workers; one of several is killed."""
    redis = redis_server(folder)
    port = free_port()
    simulator = start(
        *(sys.executable, __file__, "--simulate", str(port)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert simulator.stdout is not None
    corp = json.loads(simulator.stdout.readline())
    for workers in (1, 2, 4):
        url = f"http://127.0.0.1:{port}"
        yield read_all(workers, workers > 1, redis, url, simulator, corp, folder)
    end(simulator)


# 2,000,000 customers, one process.

CURSOR = re.compile(rb'"cursor": ?"(\d+):(\d+)"')
FIRST = re.compile(rb'"userid_list": ?\["(\d+)"\]')
REFUSED = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
GIVEN = b'{"errcode":0,"errmsg":"ok","access_token":"TOKEN","expires_in":7200}'


class Canned:
    """Answers walks of canned pages, and refuses what is too often in any window."""

    def __init__(self) -> None:
        from samples import page

        self.page = page(cursor="@")
        self.windows = [(calls, seconds, deque[float]()) for calls, seconds in RATE]
        self.refused = 0
        self.tokens = 0
        self.served: Counter[tuple[int, int]] = Counter()
        self.first = self.last = 0.0

    def answer(self, path: bytes, body: bytes) -> bytes:
        """The answer to a request."""
        if path == b"/told":
            return json.dumps(
                {
                    "calls": sum(self.served.values()),
                    "pages": len(self.served),
                    "refused": self.refused,
                    "tokens": self.tokens,
                    "wall": self.last - self.first,
                }
            ).encode()
        if path != BATCH.encode():
            self.tokens += 1
            return GIVEN
        now = time.monotonic()
        for calls, seconds, times in self.windows:
            while times and times[0] <= now - seconds:
                times.popleft()
            if len(times) >= calls:
                self.refused += 1
                return REFUSED
        for _, _, times in self.windows:
            times.append(now)
        self.first, self.last = self.first or now, now
        if found := CURSOR.search(body):
            walk, number = int(found[1]), int(found[2])
        else:
            first = FIRST.search(body)
            assert first is not None
            walk, number = int(first[1]), 0
        self.served[walk, number] += 1
        more = number + 1 < PAGES // WALKS
        return self.page.replace(b'"@"', b'"%d:%d"' % (walk, number + 1) if more else b'""')


async def serve(port: int) -> None:
    """The server of canned answers."""
    import server

    canned = Canned()
    server.answer = canned.answer
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server.Connection, "127.0.0.1", port, backlog=1024)
    print("ready", flush=True)
    await listening.serve_forever()


def memory() -> float:
    """Megabytes that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def walk_all(url: str) -> None:
    """2,000,000 customers in one process; prints what it has read, and its memory on the way."""
    from wecom_contact import AsyncClient, MemoryLimiter
    from wecom_contact.customer import CustomerBatchGet
    from wecom_contact.limits import Limit

    limits = [Limit(calls, seconds) for calls, seconds in RATE]
    # The margin of a second is scaled as well; the limits per address would not be reached.
    limiter = MemoryLimiter(limits, per_ip=(), margin=1 / SPEED)
    rows = pages = 0
    used: list[float] = []

    async def walk(wecom: Any, number: int) -> None:
        nonlocal rows, pages
        call = CustomerBatchGet(userid_list=[str(number)], limit=100)
        async for page in wecom.pager(call).pages():
            rows += len(page.external_contact_list)
            pages += 1
            if pages % (PAGES // 20) == 0:
                used.append(memory())

    async with AsyncClient(CORP, SECRET, base_url=url, limiter=limiter) as wecom:
        async with asyncio.TaskGroup() as group:
            for number in range(WALKS):
                group.create_task(walk(wecom, number))
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    told = {"rows": rows, "memory": used, "cpu": cpu.ru_utime + cpu.ru_stime}
    print(json.dumps(told), flush=True)


def internet() -> list[str]:
    """Walk 2,000,000 customers, and say what it took and what was not as it should be."""
    from urllib.request import urlopen

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    canned = start(
        sys.executable, __file__, "--serve", str(port), stdout=subprocess.PIPE, text=True
    )
    assert canned.stdout is not None
    canned.stdout.readline()
    walking = start(sys.executable, __file__, "--walk", url, stdout=subprocess.PIPE, text=True)
    said, _ = walking.communicate()
    if walking.returncode:
        raise SystemExit("the walk failed")
    walked = json.loads(said)
    with urlopen(f"{url}/told") as reply:
        told = json.load(reply)
    end(canned)
    limit, seconds = RATE[0]
    ideal = (ceil(PAGES / limit) - 1) * seconds
    early, late = walked["memory"][1], walked["memory"][-1]
    print(
        f"\n2,000,000 customers and more in one process, at {SPEED} times WeCom's speed\n"
        f"  rows       {walked['rows']:>10,}\n"
        f"  calls      {told['calls']:>10,}, each page once: {told['pages'] == PAGES}\n"
        f"  refused    {told['refused']:>10,}\n"
        f"  gettoken   {told['tokens']:>10,}\n"
        f"  wall       {told['wall']:>10.1f} s, the limit's own time {ideal:.1f} s: "
        f"{told['wall'] / ideal:.3f}\n"
        f"  memory     {early:>10.1f} MB after a tenth, {late:.1f} MB at the end\n"
        f"  CPU        {walked['cpu']:>10.1f} s of the client"
    )
    wrong = []
    if told["refused"]:
        wrong.append(f"{told['refused']} calls were refused")
    if walked["rows"] != 100 * PAGES or told["pages"] != PAGES or told["calls"] != PAGES:
        wrong.append("not every page was read once")
    if told["wall"] > 1.05 * ideal:
        wrong.append(f"{told['wall'] / ideal:.3f} times as long as the limit takes")
    if late - early > 5:
        wrong.append(f"memory grew by {late - early:.1f} MB")
    if told["tokens"] != 1:
        wrong.append(f"{told['tokens']} tokens were fetched")
    return [f"2,000,000 customers: {each}" for each in wrong]


def show(run: Run) -> None:
    """A row of the table."""
    ratio = run.wall / run.ideal if run.ideal else 0.0
    print(
        f"{run.workers:>7} {run.killed:>7} {run.calls:>7,} {run.refused:>12} "
        f"{run.tokens:>5} for {run.tokens_needed} {run.rows:>9,} {run.twice:>6} {run.missing:>8} "
        f"{run.wall:>7.1f} s {run.ideal:>7.1f} s {ratio:>6.2f}",
        flush=True,
    )


def main() -> int:
    """Everything, and whether it was as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulate", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--walk", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.simulate:
        simulate(asked.simulate)
        return 0
    if asked.serve:
        asyncio.run(serve(asked.serve))
        return 0
    if asked.walk:
        asyncio.run(walk_all(asked.walk))
        return 0
    wrong: list[str] = []
    with tidy() as folder:
        begun = time.monotonic()
        calls, seconds = LIMIT
        print(f"{CUSTOMERS:,} customers, {calls} calls in {seconds:g} s, two processes a worker\n")
        print(
            "workers  killed   calls  45009+45033  gettoken       rows  twice  missing"
            "      wall     limit  ratio"
        )
        for run in celery_runs(folder):
            show(run)
            wrong += run.faults()
        wrong += internet()
        took, load = time.monotonic() - begun, os.getloadavg()[0]
        print(f"\n{took:.0f} s in all; load {load:.1f} at the end, on {os.cpu_count()} cores")
    for line in wrong:
        print(f"NOT AS IT SHOULD BE: {line}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
