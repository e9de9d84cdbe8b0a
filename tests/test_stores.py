"""Tokens shared: between threads, between clients, between processes; and what happens when a store fails."""

import asyncio
import errno
import json
import logging
import multiprocessing
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import wecom_contact
from servers_support import redis_program
from serving import CORP, OK, QUICK, SECRET, Aio, Hang, Server, Sync, WeCom, says, serving
from wecom_contact import AsyncClient, Client, stores
from wecom_contact.credentials import Token, fingerprint
from wecom_contact.errors import TransportError
from wecom_contact.stores import LEASE, AsyncRedisStore, FileStore, MemoryStore, RedisStore

READ = ("GET", "/read")
KEY = f"{CORP}:{fingerprint(SECRET)}"


class Redis:
    """A redis-server of our own, without persistence."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._program = redis_program()
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                self._program,
                *("--port", str(self.port), "--bind", "127.0.0.1", "--save", ""),
                *("--appendonly", "no", "--dir", self._folder.name),
            ],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("redis-server does not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        self._folder.cleanup()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


class Awaited:
    """An async store in the clothes of a blocking one."""

    def __init__(self, store: AsyncRedisStore) -> None:
        self.store = store
        self.runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.runner.run(getattr(self.store, name)(*args))

    def close(self) -> None:
        self.runner.run(self.store.aclose())
        self.runner.close()


@pytest.fixture(params=["memory", "file", "redis", "async redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path, redis: Redis) -> Iterator[Any]:
    made: Any
    prefix = f"{time.time_ns()}:"
    if request.param == "memory":
        made = MemoryStore()
    elif request.param == "file":
        made = FileStore(tmp_path / "deep" / "tokens.json")
    elif request.param == "redis":
        made = RedisStore(redis.url, prefix=prefix)
    else:
        made = Awaited(AsyncRedisStore(redis.url, prefix=prefix))
    yield made
    if hasattr(made, "close"):
        made.close()


def lasting(value: str, seconds: float = 60) -> Token:
    return Token.lasting(value, seconds, time.time())


def test_compare_and_replace(store: Any) -> None:
    first, second, third = (lasting(each) for each in "abc")
    assert store.get("k") is None
    assert store.replace("k", None, first)
    assert store.get("k") == first
    assert not store.replace("k", None, second)
    assert not store.replace("k", third, second)
    assert store.get("k") == first
    assert store.replace("k", first, second)
    assert store.get("k") == second
    assert store.get("other") is None
    assert store.replace("other", third, first), "what was expected may have expired"


def test_the_lock_expires(store: Any) -> None:
    assert store.lock("k", "me", 0.2)
    assert not store.lock("k", "you", 5)
    assert store.lock("other", "you", 5)
    store.unlock("k", "you")
    assert not store.lock("k", "you", 5)
    store.unlock("k", "me")
    assert store.lock("k", "you", 0.2)
    time.sleep(0.3)
    assert store.lock("k", "me", 5)
    store.unlock("k", "you")
    assert not store.lock("k", "you", 5)
    store.unlock("k", "me")
    store.unlock("k", "me")


def test_a_file_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "tokens.json"
    store = FileStore(path)
    assert store.replace("k", None, lasting("a"))
    for each in path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(os.listdir(path.parent)) == ["tokens.json", "tokens.json.lock"]
    assert repr(store) == f"FileStore({os.fspath(path)!r})"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"k": 1}', '{"k": {"token": "x"}}'])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(damage)
    store = FileStore(path)
    assert store.get("k") is None
    token = lasting("a")
    assert store.replace("k", None, token)
    assert store.get("k") == token


def test_a_file_that_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path / "tokens.json")

    def refuse(*args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        store.replace("k", None, lasting("a"))
    assert os.listdir(tmp_path) == ["tokens.json.lock"]


def test_a_file_store_leaves_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path / "tokens.json")
    store.replace("k", None, lasting("a"))

    def use() -> None:
        store.get("k")
        store.lock("k", "me", 5)
        store.unlock("k", "me")
        store.replace("k", store.get("k"), lasting("b"))

    def refuse(*args: object) -> None:
        raise PermissionError

    def open_files() -> list[str]:
        links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
        places = [os.readlink(link) for link in links if os.path.lexists(link)]
        return [place for place in places if place.startswith(str(tmp_path))]

    use()
    assert open_files() == []
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        use()
    assert open_files() == []


def written(path: Path, lock: Any) -> FileStore:
    path.write_text(json.dumps({"k": {"lock": lock}}))
    return FileStore(path)


@pytest.mark.parametrize(
    "lock",
    [None, "x", 5, [], ["dead"], ["dead", 9e9, 1], [1, 9e9], ["dead", "9e9"], {"dead": 9e9}]
    + [["dead", None], ["dead", [9e9]], [None, None], ["dead", True], [["dead"], 9e9]],
    ids=repr,
)
def test_a_damaged_lock_is_none(tmp_path: Path, lock: Any) -> None:
    store = written(tmp_path / "tokens.json", lock)
    store.unlock("k", "me")
    assert store.lock("k", "me", 5)
    assert not store.lock("k", "you", 5)
    store.unlock("k", "me")
    assert store.lock("k", "you", 5)


@pytest.mark.parametrize(
    ("ahead", "free"), [(86_000, True), (LEASE + 2, True), (LEASE - 2, False), (-1, True)]
)
def test_a_lock_that_ends_later_than_any_lease_has_ended(
    tmp_path: Path, ahead: float, free: bool
) -> None:
    store = written(tmp_path / "tokens.json", ["dead", time.time() + ahead])
    assert store.lock("k", "me", 5) is free


def test_no_lock_of_a_file_is_lent_for_longer_than_a_lease(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "tokens.json")
    assert store.lock("k", "me", 3600)
    assert not store.lock("k", "you", 5)
    until = json.loads((tmp_path / "tokens.json").read_text())["k"]["lock"][1]
    assert until <= time.time() + LEASE


def python(script: str, *args: object) -> "subprocess.Popen[str]":
    """Another process."""
    folder = os.path.dirname(os.path.dirname(wecom_contact.__file__))
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": folder},
    )


KILLED = """
import os, signal, sys, time
from wecom_contact.credentials import Token
from wecom_contact.stores import FileStore
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
FileStore(sys.argv[1]).replace("k", None, Token.lasting("half", 60, time.time()))
"""


def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    with python(KILLED, path) as killed:
        assert killed.wait() == -signal.SIGKILL
    assert sorted(os.listdir(tmp_path)) == ["tokens.json.lock", "tokens.json.new"]
    store = FileStore(path)
    assert store.get("k") is None
    assert store.replace("k", None, lasting("a"))
    assert sorted(os.listdir(tmp_path)) == ["tokens.json", "tokens.json.lock"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_keeps_a_file_from_being_replaced_is_told_and_not_what_cleaning_up_meets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        source.unlink()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        FileStore(tmp_path / "tokens.json").replace("a", None, lasting("T"))


def test_a_file_store_follows_no_link_that_somebody_laid(tmp_path: Path) -> None:
    path, victim = tmp_path / "tokens.json", tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "tokens.json.new").symlink_to(victim)
    store = FileStore(path)
    assert store.replace("k", None, lasting("a"))
    assert victim.read_text() == "mine"
    assert not path.is_symlink()
    (tmp_path / "tokens.json.lock").unlink()
    (tmp_path / "tokens.json.lock").symlink_to(tmp_path / "made")
    with pytest.raises(OSError, match="symbolic link"):
        store.lock("k", "me", 1)
    assert not (tmp_path / "made").exists()


def test_a_file_store_writes_to_no_file_that_somebody_else_has_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "tokens.json.new"
    theirs.write_text("theirs")
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # made again in that moment
    with pytest.raises(FileExistsError):
        FileStore(tmp_path / "tokens.json").replace("k", None, lasting("a"))
    assert theirs.read_text() == "theirs"


def test_a_child_that_has_the_locked_file_open_too_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that was forked in the middle of a change."""
    take, children = stores.take, []

    def forked(descriptor: int) -> None:
        take(descriptor)
        children.append(os.dup(descriptor))

    monkeypatch.setattr(stores, "take", forked)
    monkeypatch.setattr(stores, "FILE_PATIENCE", 0.0)
    store = FileStore(tmp_path / "tokens.json")
    assert store.lock("k", "me", 5)
    assert not store.lock("k", "you", 5)
    assert len(children) == 2
    for child in children:
        os.close(child)


def test_a_disk_that_knows_no_locks_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def take(descriptor: int) -> None:
        asked.append(descriptor)
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(stores, "take", take)
    with pytest.raises(OSError, match="No locks"):
        FileStore(tmp_path / "tokens.json").lock("k", "me", 1)
    assert len(asked) == 1


STOPPED = """
import fcntl, os, signal, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    """A store whose file is held by a process that was stopped."""
    monkeypatch.setattr(stores, "FILE_PATIENCE", 0.2)
    with python(STOPPED, tmp_path / "tokens.json.lock") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield FileStore(tmp_path / "tokens.json")
        process.kill()


@pytest.mark.parametrize("colour", [Sync, Aio], ids=["sync", "async"])
def test_a_stopped_process_that_holds_the_file_costs_a_moment_and_one_warning(
    colour: Any,
    stopped: FileStore,
    wecom: WeCom,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with colour(server.url, token_store=stopped) as client:
        began = time.monotonic()
        assert client.raw(*READ) == OK
        assert client.raw(*READ) == OK
        assert time.monotonic() - began < 5
    warned = [each for each in caplog.records if each.levelname == "WARNING"]
    assert [each.getMessage().partition(" (")[0] for each in warned] == ["the token store is down"]


def test_a_stopped_process_that_holds_the_file_does_not_hold_up_cancellation(
    stopped: FileStore, server: Server
) -> None:
    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url, token_store=stopped) as client:
            task = asyncio.create_task(client.raw(*READ))
            await asyncio.sleep(0.05)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=5)
            assert done
            assert task.cancelled()

    asyncio.run(main())


FORKED = """
import os, sys, time
from wecom_contact import stores
store = stores.FileStore(sys.argv[1])
with store._changing("k"):
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
began = time.monotonic()
assert store.lock("k", "me", 5)
print(time.monotonic() - began < stores.FILE_PATIENCE / 2)
os.kill(child, 9)
os.waitpid(child, 0)
"""


def test_a_child_forked_in_the_middle_of_a_change_does_not_keep_the_file(tmp_path: Path) -> None:
    with python(FORKED, tmp_path / "tokens.json") as process:
        assert process.communicate()[0] == "True\n"


WINDOWS = """
import errno, fcntl, os, sys, time, types
import attrs, orjson, pathlib, tempfile, threading

msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_UNLCK, msvcrt.LK_NBLCK = 1000, 1002

def locking(descriptor, mode, size):
    assert size == 1
    modes = {1000: fcntl.LOCK_UN, 1002: fcntl.LOCK_EX | fcntl.LOCK_NB}
    try:
        fcntl.flock(descriptor, modes[mode])
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None

msvcrt.locking = locking
sys.modules["msvcrt"], sys.modules["fcntl"] = msvcrt, None
for name in ("O_CLOEXEC", "O_NOFOLLOW", "register_at_fork", "fork", "fchmod", "getuid"):
    delattr(os, name)
sys.platform = "win32"

from wecom_contact import stores
from wecom_contact.credentials import Token

really, read = os.replace, pathlib.Path.read_bytes
busy = {"replace": 2, "read": 2}

def replace(*args):
    if busy["replace"]:
        busy["replace"] -= 1
        raise PermissionError(errno.EACCES, "Access is denied")
    really(*args)

def read_bytes(path):
    if busy["read"] and path.exists():
        busy["read"] -= 1
        raise PermissionError(errno.EACCES, "Access is denied")
    return read(path)

os.replace, pathlib.Path.read_bytes = replace, read_bytes
stores.FILE_PATIENCE = 0.5
store = stores.FileStore(sys.argv[1])
token = Token.lasting("a", 60, time.time())
assert store.replace("k", None, token)
assert store.get("k") == token
assert busy == {"replace": 0, "read": 0}
assert store.lock("k", "me", 5)
assert not store.lock("k", "you", 5)
store.unlock("k", "me")
with store._changing("other"):
    try:
        store.lock("k", "you", 5)
    except PermissionError:
        print("held")
busy["replace"] = 10**9
try:
    store.lock("k", "you", 5)
except PermissionError:
    print(sorted(os.listdir(os.path.dirname(sys.argv[1]))))
"""


def test_the_file_store_of_windows_with_a_stand_in_for_its_system_calls(tmp_path: Path) -> None:
    """What the standard library lacks there is taken away; whether Windows itself plays along is not known."""
    with python(WINDOWS, tmp_path / "tokens.json") as process:
        said = process.communicate()[0]
    assert said == "held\n['tokens.json', 'tokens.json.lock']\n"


def test_a_file_store_is_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert FileStore("~/t.json").replace("k", None, lasting("a"))
    assert (tmp_path / "t.json").exists()


def test_a_redis_client_of_your_own(redis: Redis) -> None:
    import redis as library

    with library.Redis.from_url(redis.url) as client:
        store = RedisStore(client, prefix="mine:")
        assert store.replace("k", None, lasting("a", 100))
        assert 90_000 < client.pttl("mine:k") <= 100_000

    async def main() -> None:
        import redis.asyncio

        async with redis.asyncio.Redis.from_url(url) as client:
            store = AsyncRedisStore(client, prefix="mine:")
            assert await store.get("k")

    url = redis.url
    asyncio.run(main())


def connections(redis: Redis) -> int:
    """How many programs are connected, beside this question."""
    import redis as library

    with library.Redis.from_url(redis.url) as client:
        return len(client.client_list()) - 1


def test_an_async_store_keeps_its_connection_until_its_client_is_closed(
    redis: Redis, wecom: WeCom, server: Server
) -> None:
    store = AsyncRedisStore(redis.url, prefix=f"{time.time_ns()}:")

    async def main() -> None:
        before = connections(redis)
        async with AsyncClient(CORP, SECRET, base_url=server.url, token_store=store) as client:
            await client.raw(*READ)
            kept = store._redis
            for _ in range(5):
                wecom.expire()
                await client.raw(*READ)
            assert connections(redis) == before + 1
            await client.for_corp("ww2", SECRET).aclose()
            assert connections(redis) == before + 1, "a light one is closed alone"
            assert store._redis is kept
        assert connections(redis) == before
        assert await store.get("k") is None, "it connects again"
        await store.aclose()
        assert connections(redis) == before

    for _ in range(3):  # each in a loop of its own
        asyncio.run(main())
    assert len(store._loops) == 1, "loops that have ended are forgotten"


@pytest.mark.parametrize("given", [False, True], ids=["URL", "client"])
def test_a_loop_that_goes_on_keeps_its_client_while_another_begins(
    redis: Redis, given: bool
) -> None:
    from redis.asyncio import Redis as Library

    mine = Library.from_url(redis.url)
    store = AsyncRedisStore(mine if given else redis.url)

    async def used() -> Any:
        return store._redis

    with asyncio.Runner() as one, asyncio.Runner() as two:
        first, second = one.run(used()), two.run(used())
        assert (one.run(used()), two.run(used())) == (first, second)
        assert (first is mine, second is mine) == (given, given)
        assert (first is second) == given


def test_a_client_that_is_closed_leaves_the_questions_of_another_alone(redis: Redis) -> None:
    store = AsyncRedisStore(redis.url, prefix=f"{time.time_ns()}:")

    async def main() -> None:
        questions = [asyncio.create_task(store.get("k")) for _ in range(5)]
        await asyncio.sleep(0)
        pool = store._redis.connection_pool
        busy = await pool.get_connection()
        await AsyncClient(CORP, SECRET, token_store=store).aclose()
        assert busy.is_connected
        await pool.release(busy)
        assert await asyncio.gather(*questions) == [None] * 5
        await store.aclose()

    asyncio.run(main())


def test_a_redis_client_of_your_own_is_yours_to_close(redis: Redis) -> None:
    from redis.asyncio import Redis as Library

    async def main() -> None:
        async with Library.from_url(redis.url) as client:
            store = AsyncRedisStore(client)
            await store.get("k")
            before = connections(redis)
            await AsyncClient(CORP, SECRET, token_store=store).aclose()
            await store.aclose()
            assert connections(redis) == before

    asyncio.run(main())


def test_a_fork_leaves_the_async_stores_connections_to_its_parent(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = AsyncRedisStore(redis.url)

    async def main() -> None:
        await store.get("k")
        kept = store._redis
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            assert store._redis is not kept
            await store.get("k")
            await store.aclose()
        assert stores.ABANDONED[-1][asyncio.get_running_loop()] is kept
        await kept.aclose()
        stores.ABANDONED.clear()
        await store.aclose()

    asyncio.run(main())


def test_redis_keeps_no_token_for_longer_than_a_day() -> None:
    assert stores.lasting(Token("T", 1e12, 1e12)) == 86_400_000
    assert stores.lasting(Token("T", 1, 1)) == 1


def test_redis_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    for make in (RedisStore, AsyncRedisStore):
        with pytest.raises(ImportError, match=r'pip install "wecom-contact\[redis\]"'):
            make("redis://localhost")


def colours(store: Any) -> list[Any]:
    """The clients that can use a store."""
    return [Aio] if isinstance(store, Awaited) else [Sync, Aio]


def real(store: Any) -> Any:
    return store.store if isinstance(store, Awaited) else store


def test_clients_share_a_token(store: Any, wecom: WeCom, server: Server) -> None:
    for colour in colours(store) * 2:
        with colour(server.url, token_store=real(store)) as client:
            assert client.raw(*READ) == OK
    assert len(wecom.issued) == 1


def test_a_key_is_more_than_the_corp(store: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[wecom.GETTOKEN] = lambda request: says(
        0, access_token=wecom.token(), expires_in=7200
    )
    for colour in colours(store):
        for secret in ("one", "two", "one"):
            with colour(server.url, secret=secret, token_store=real(store)) as client:
                client.raw(*READ)
    assert len(wecom.issued) == 2


def test_a_stale_token_is_replaced_for_all(store: Any, wecom: WeCom, server: Server) -> None:
    for colour in colours(store):
        with (
            colour(server.url, token_store=real(store)) as one,
            colour(server.url, token_store=real(store)) as two,
        ):
            one.raw(*READ), two.raw(*READ)
            wecom.expire()
            count = len(wecom.issued)
            one.raw(*READ), two.raw(*READ)
            assert len(wecom.issued) == count + 1


def test_who_waits_for_another_process(store: Any, wecom: WeCom, server: Server) -> None:
    """Another holds the lock; its token arrives a little later, and nobody fetches."""
    for colour in colours(store):
        token = wecom.token()
        assert store.lock(KEY, "another", 5)

        def bring(token: str = token) -> None:
            time.sleep(0.3)
            found = store.get(KEY)
            assert store.replace(KEY, found, lasting(token))
            store.unlock(KEY, "another")

        with colour(server.url, token_store=real(store)) as client:
            if isinstance(store, Awaited):
                # Its runner and the client's are in one thread: bring it first.
                bring()
                client.raw(*READ)
            else:
                thread = threading.Thread(target=bring)
                thread.start()
                client.raw(*READ)
                thread.join()
        assert server.requests[-1].query["access_token"] == token
        wecom.expire()
        store.replace(KEY, store.get(KEY), lasting("spoilt", 0.001))
    assert not server.asked(wecom.GETTOKEN)


def test_an_early_renewal_does_not_wait_for_another(
    wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "tokens.json")
    wecom.life = 5
    with Sync(server.url, token_store=store) as client:
        client.raw(*READ)
        time.sleep(4.6)
        assert store.lock(KEY, "another", 5)
        began = time.monotonic()
        client.raw(*READ)
        assert time.monotonic() - began < 0.3
        assert len(wecom.issued) == 1


class Flaky(MemoryStore):
    """A store that can be down, or lie."""

    def __init__(self, *down: str) -> None:
        super().__init__()
        self.down = set(down)
        self.asked: list[str] = []

    def _maybe(self, name: str) -> None:
        self.asked.append(name)
        if name in self.down:
            raise ConnectionError("redis://:password@host is down")

    def get(self, key: str, /) -> Token | None:
        self._maybe("get")
        return super().get(key)

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        self._maybe("replace")
        return super().replace(key, old, new)

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        self._maybe("lock")
        return super().lock(key, owner, seconds)

    def unlock(self, key: str, owner: str, /) -> None:
        self._maybe("unlock")
        super().unlock(key, owner)


@pytest.mark.parametrize("down", ["get", "lock", "replace", "unlock"])
@pytest.mark.parametrize("colour", [Sync, Aio], ids=["sync", "async"])
def test_a_store_that_is_down_costs_one_warning(
    colour: Any, down: str, wecom: WeCom, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wecom_contact")
    store = Flaky(down)
    with colour(server.url, token_store=store) as client:
        now = [0.0]
        shelf = client.client._engine.store
        shelf._timer = lambda: now[0]
        for _ in range(3):
            wecom.expire()
            assert client.raw(*READ) == OK
        warned = [each for each in caplog.records if each.levelname == "WARNING"]
        assert len(warned) == 1
        assert "the token store is down (ConnectionError)" in warned[0].getMessage()
        assert "password" not in caplog.text
        asked = len(store.asked)
        wecom.expire()
        assert client.raw(*READ) == OK
        assert len(store.asked) == asked, "not asked again so soon"
        now[0] += 6
        store._locks.clear()
        wecom.expire()
        assert client.raw(*READ) == OK
        warned = [each for each in caplog.records if each.levelname == "WARNING"]
        assert len(warned) == 1, "still the same outage"
        store.down.clear()
        now[0] += 6
        store._locks.clear()
        wecom.expire()
        assert client.raw(*READ) == OK
        assert "the token store is back" in caplog.text
        assert store.get(KEY)
        store.down.add(down)
        wecom.expire()
        assert client.raw(*READ) == OK
        warned = [each for each in caplog.records if each.levelname == "WARNING"]
        assert len(warned) == 2, "another outage, another warning"


def test_somebody_was_faster_yet(wecom: WeCom, server: Server) -> None:
    """A token arrives between our look and our lock."""

    class Store(MemoryStore):
        def lock(self, key: str, owner: str, seconds: float, /) -> bool:
            assert self.replace(key, None, lasting(wecom.token()))
            return super().lock(key, owner, seconds)

    with Sync(server.url, token_store=Store()) as client:
        assert client.raw(*READ) == OK
    assert not server.asked(wecom.GETTOKEN)


def test_somebody_was_faster(wecom: WeCom, server: Server) -> None:
    """Our lock expired while we fetched; the token that is there by now counts."""
    store = MemoryStore()
    theirs = wecom.token()

    def slow(_: Any) -> Any:
        assert store.replace(KEY, store.get(KEY), lasting(theirs))
        return says(0, access_token=wecom.token(), expires_in=7200)

    wecom.answers[wecom.GETTOKEN] = slow
    with Sync(server.url, token_store=store) as client:
        client.raw(*READ)
        assert server.requests[-1].query["access_token"] == theirs


def test_somebody_was_faster_with_a_bad_token(wecom: WeCom, server: Server) -> None:
    store = MemoryStore()

    def slow(_: Any) -> Any:
        assert store.replace(KEY, store.get(KEY), lasting("bad", 0.0001))
        return says(0, access_token=wecom.token(), expires_in=7200)

    wecom.answers[wecom.GETTOKEN] = slow
    with Sync(server.url, token_store=store) as client:
        assert client.raw(*READ) == OK


def test_a_store_that_loses_a_token_as_it_is_replaced_costs_nothing(
    wecom: WeCom, server: Server
) -> None:
    """Another was there when ours came, and is gone when we look."""

    class Forgetful(MemoryStore):
        def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
            return False

    with Sync(server.url, token_store=Forgetful()) as client:
        assert client.raw(*READ) == OK
        assert client.raw(*READ) == OK
    assert len(wecom.issued) == 1


@pytest.mark.parametrize("blocking", [True, False])
def test_a_store_is_asked_in_a_thread_if_it_blocks_and_only_then(
    blocking: bool, wecom: WeCom, server: Server
) -> None:
    class Watched(MemoryStore):
        threads: ClassVar[set[int]] = set()

        def get(self, key: str, /) -> Token | None:
            self.threads.add(threading.get_ident())
            return super().get(key)

    store = Watched()
    store.blocking = blocking
    with Aio(server.url, token_store=store) as client:
        assert client.raw(*READ) == OK
    assert (threading.get_ident() in store.threads) == (not blocking)


@pytest.mark.parametrize("colour", [Sync, Aio], ids=["sync", "async"])
def test_a_fetch_that_fails_gives_the_lock_back(colour: Any, wecom: WeCom, server: Server) -> None:
    store = MemoryStore()
    wecom.answers[wecom.GETTOKEN] = Hang(0, says(45009))
    with colour(server.url, token_store=store) as client:
        with pytest.raises(Exception, match="45009"):
            client.raw(*READ)
    assert store.lock(KEY, "another", 1)


def test_cancelled_while_it_holds_the_lock(tmp_path: Path, wecom: WeCom, server: Server) -> None:
    wecom.answers[wecom.GETTOKEN] = Hang(1)
    store = FileStore(tmp_path / "tokens.json")

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url, token_store=store) as client:
            for wait in (0.0, 0.001, 0.002, 0.004, 0.1):
                task = asyncio.create_task(client.raw(*READ))
                await asyncio.sleep(wait)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert store.lock(KEY, "another", 1)
                store.unlock(KEY, "another")

    asyncio.run(main())


def test_an_abandoned_coroutine(tmp_path: Path, wecom: WeCom, server: Server) -> None:
    """Nobody is left to give the lock back: it expires."""
    wecom.answers[wecom.GETTOKEN] = Hang(0.5)
    store = MemoryStore()

    async def main() -> None:
        client = AsyncClient(CORP, SECRET, base_url=server.url, token_store=store)
        coroutine = client.raw(*READ)
        coroutine.send(None)
        coroutine.close()
        assert not store.lock(KEY, "another", 1)
        await client.aclose()

    asyncio.run(main())


def worker(place: int, url: str, kind: str, where: str, ready: Any, told: Any) -> None:
    """One of many processes: eight threads that call until the time is up."""
    store: Any = FileStore(where) if kind == "file" else RedisStore(where, prefix="many:")
    failures: list[str] = []
    calls = [0] * 8
    ready.wait()
    until = time.time() + 5
    with Client(CORP, SECRET, base_url=url, token_store=store, pool_size=8, retry=QUICK) as client:

        def run(thread: int) -> None:
            while time.time() < until:
                try:
                    client.raw(*READ)
                    calls[thread] += 1
                except Exception as error:
                    failures.append(f"{type(error).__name__}: {error}")
                time.sleep(0.04)

        threads = [threading.Thread(target=run, args=(each,)) for each in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    told.put((place, sum(calls), failures))


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_eight_processes_of_eight_threads(kind: str, tmp_path: Path, redis: Redis) -> None:
    """Tokens die every second: one gettoken for each, and nobody notices."""
    wecom = WeCom(life=1.0)
    fetched: list[float] = []
    wecom.answers[wecom.GETTOKEN] = lambda _: (
        fetched.append(time.time()) or says(0, access_token=wecom.token(), expires_in=1)
    )
    where = str(tmp_path / "tokens.json") if kind == "file" else redis.url
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    with serving(wecom) as server:
        ready = context.Barrier(8)
        workers = [
            context.Process(target=worker, args=(place, server.url, kind, where, ready, told))
            for place in range(8)
        ]
        for each in workers:
            each.start()
        found = [told.get(timeout=60) for _ in workers]
        for each in workers:
            each.join()
    failures = [failure for _, _, failures in found for failure in failures]
    assert failures == []
    assert sum(calls for _, calls, _ in found) > 500
    gaps = [later - sooner for sooner, later in zip(fetched, fetched[1:], strict=False)]
    assert len(fetched) >= 4
    assert min(gaps) > 0.75, "a token was fetched while another was good"


def test_a_store_is_asked_only_for_renewals(wecom: WeCom, server: Server) -> None:
    store = Flaky()
    with Sync(server.url, token_store=store) as client:
        for _ in range(5):
            client.raw(*READ)
    assert store.asked == ["get", "lock", "get", "replace", "unlock"]


def test_nothing_is_kept_when_wecom_is_away(server: Server) -> None:
    store = MemoryStore()
    server.close()
    with Sync(server.url, token_store=store) as client, pytest.raises(TransportError):
        client.raw(*READ)
    assert store.get(KEY) is None


def test_the_folders_of_a_file_store_are_made_and_are_its_owners_alone(tmp_path: Path) -> None:
    for _ in range(2):
        FileStore(tmp_path / "one" / "two" / "tokens.json").replace("k", None, lasting("a"))
    assert stat.S_IMODE((tmp_path / "one" / "two").stat().st_mode) == 0o700
