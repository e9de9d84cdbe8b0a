"""What does a limiter cost a call, and how much does it keep? A call stands under four limits: a minute's and an hour's, of its
corp and of its address.

The peers decide four limits one after the other; those of Redis ask it four times.
"""

import atexit
import gc
import shutil
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

from measure import OURS, Rounds, Target, Turn, ask, outcome, tell

RATES = ((10_000, 60), (150_000, 3600), (20_000, 60), (600_000, 3600))
KEY = "ww1:customer.get"
CALLS = 9_000


def redis_url() -> str:
    """A redis-server of our own."""
    program = shutil.which("redis-server") or "/usr/sbin/redis-server"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    atexit.register(server.wait)
    atexit.register(server.terminate)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.02)
    return f"redis://127.0.0.1:{port}/0"


def ours(url: str | None = None) -> Turn:
    from wecom_contact.limits import CallKey, MemoryLimiter, RedisLimiter

    limiter = MemoryLimiter() if url is None else RedisLimiter(url)
    key = CallKey("customer.get", "/cgi-bin/externalcontact/get", corp="ww1", app="a")
    return lambda: limiter.take(key)


def throttled(url: str | None = None) -> Turn:
    from throttled import Throttled, rate_limiter, store

    kept: Any = store.MemoryStore() if url is None else store.RedisStore(server=url)
    per = {60: rate_limiter.per_min, 3600: rate_limiter.per_hour}
    limiters = [
        Throttled(using="gcra", quota=per[seconds](calls, burst=calls // 20), store=kept)
        for calls, seconds in RATES
    ]
    return lambda: [one.limit(f"{KEY}:{at}") for at, one in enumerate(limiters)]


def limits(url: str | None = None) -> Turn:
    from limits import RateLimitItemPerSecond, storage, strategies

    kept = storage.MemoryStorage() if url is None else storage.RedisStorage(url)
    strategy = strategies.MovingWindowRateLimiter(kept)
    items = [RateLimitItemPerSecond(calls, seconds) for calls, seconds in RATES]
    return lambda: [strategy.hit(item, KEY) for item in items]


def pyrate() -> Turn:
    from pyrate_limiter import InMemoryBucket, Rate, RateItem

    bucket = InMemoryBucket([Rate(calls, seconds * 1000) for calls, seconds in RATES[:2]])
    return lambda: bucket.put(RateItem(KEY, bucket.now()))


IN_MEMORY: dict[str, Callable[[], Turn]] = {
    OURS: ours,
    "throttled-py, GCRA": throttled,
    "limits, moving window": limits,
    "pyrate-limiter": pyrate,
}
IN_REDIS: dict[str, Callable[[str], Turn]] = {
    OURS: ours,
    "throttled-py, GCRA": throttled,
    "limits, moving window": limits,
}
NOTES = {"pyrate-limiter": "two limits only"}


def memory() -> Mapping[str, Turn]:
    return {name: make() for name, make in IN_MEMORY.items()}


def redis() -> Mapping[str, Turn]:
    url = redis_url()
    return {name: make(url) for name, make in IN_REDIS.items()}


def kept_in_memory(make: Callable[[], Turn]) -> float:
    """Bytes for one endpoint of one corp, after many calls; the limiter itself does not count."""
    turn = make()
    tracemalloc.start()
    for _ in range(CALLS):
        turn()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(size)


def kept_in_redis(make: Callable[[str], Turn]) -> float:
    import redis as library

    url = redis_url()
    turn = make(url)
    for _ in range(CALLS):
        turn()
    with library.Redis.from_url(url) as client:
        return float(sum(client.memory_usage(key) or 0 for key in client.scan_iter()))


question = sys.argv[1]
if question == "memory":
    ask(
        "One take of a limiter in memory",
        memory,
        reference=OURS,
        targets=[Target("throttled-py, GCRA", at_least=1)],
        repeat=20,
        notes=NOTES,
    )
elif question == "redis":
    ask(
        "One take of a limiter in Redis",
        redis,
        reference=OURS,
        targets=[Target("throttled-py, GCRA", at_least=1)],
        rounds=20,
        repeat=10,
        processes=3,
        notes={OURS: "one question; CPU of the client alone"},
    )
else:
    taken: Rounds = {name: [kept_in_memory(make)] for name, make in IN_MEMORY.items()}
    taken |= {f"{name}, Redis": [kept_in_redis(make)] for name, make in IN_REDIS.items()}
    title = f"What a limiter keeps of {CALLS:,} calls of one endpoint"
    fixed = [Target(OURS, fixed=8192), Target(OURS, ours=f"{OURS}, Redis", fixed=8192)]
    tell(outcome(title, "bytes", OURS, taken, fixed, NOTES))
