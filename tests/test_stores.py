"""Tokens shared: between threads, between clients, between processes; and what happens when a store fails."""

import asyncio
import logging
import multiprocessing
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import CORP, OK, QUICK, SECRET, Aio, Hang, Server, Sync, WeCom, says, serving
from wecom_contact import AsyncClient, Client
from wecom_contact.credentials import Token, fingerprint
from wecom_contact.errors import TransportError
from wecom_contact.stores import AsyncRedisStore, FileStore, MemoryStore, RedisStore

READ = ("GET", "/read")
KEY = f"{CORP}:{fingerprint(SECRET)}"


class Redis:
    """A redis-server of our own, without persistence."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: `make` installs it"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._program = program
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


@pytest.fixture
def server(wecom: WeCom) -> Iterator[Server]:
    with serving(wecom) as server:
        yield server


class Awaited:
    """An async store in the clothes of a blocking one."""

    def __init__(self, store: AsyncRedisStore) -> None:
        self.store = store
        self.runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.runner.run(getattr(self.store, name)(*args))

    def close(self) -> None:
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
        shelf = client.client._engine.shelf
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
