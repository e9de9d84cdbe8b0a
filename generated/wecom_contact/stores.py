"""Where clients share their tokens: in memory, in a file, in Redis, or wherever you say.

    Client(corp_id, secret, token_store=FileStore("~/.cache/wecom/tokens.json"))     # processes of one machine
    Client(corp_id, secret, token_store=RedisStore("redis://…"))                     # machines; extra [redis]
    AsyncClient(corp_id, secret, token_store=AsyncRedisStore("redis://…"))

A store keeps tokens under a key made of the corp id and a hash of the secret, replaces a token only if it is still
the one expected, and lends a lock that expires by itself. A store that is down costs one warning: the client
keeps its tokens in memory until it is back.

Hand-written: edit codegen/runtime/stores.py.
"""

import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import orjson

from ._runtime.redis_client import connecting
from .credentials import LONGEST_LIFE, Token

if TYPE_CHECKING:
    import redis
    import redis.asyncio

__all__ = [
    "AsyncRedisStore",
    "AsyncTokenStore",
    "FileStore",
    "MemoryStore",
    "RedisStore",
    "TokenStore",
]


class TokenStore(Protocol):
    """What a store can do. Whatever it raises means that it is down."""

    blocking: bool
    """Whether it waits for a disk or a network: an AsyncClient then asks it in a thread."""

    def get(self, key: str, /) -> Token | None:
        """The token kept under a key, even if it has expired."""
        ...

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        """Put `new` in the place of `old`; False if another is there by now."""
        ...

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        """Take the key's lock for some seconds, without waiting; False if another owner has it."""
        ...

    def unlock(self, key: str, owner: str, /) -> None:
        """Give the lock back, if this owner has it."""
        ...


class AsyncTokenStore(Protocol):
    """The same for an AsyncClient."""

    blocking: bool

    def get(self, key: str, /) -> Awaitable[Token | None]: ...

    def replace(self, key: str, old: Token | None, new: Token, /) -> Awaitable[bool]: ...

    def lock(self, key: str, owner: str, seconds: float, /) -> Awaitable[bool]: ...

    def unlock(self, key: str, owner: str, /) -> Awaitable[None]: ...


AnyStore: TypeAlias = TokenStore | AsyncTokenStore
T = TypeVar("T")


class MemoryStore:
    """Tokens shared by the clients of one process that are given this store."""

    blocking = False

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def get(self, key: str, /) -> Token | None:
        return self._tokens.get(key)

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        with self._lock:
            if self._tokens.get(key, old) != old:
                return False
            self._tokens[key] = new
            return True

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        with self._lock:
            holder, until = self._locks.get(key, (owner, 0.0))
            if holder != owner and time.monotonic() < until:
                return False
            self._locks[key] = owner, time.monotonic() + seconds
            return True

    def unlock(self, key: str, owner: str, /) -> None:
        with self._lock:
            held = self._locks.get(key)
            if held is not None and held[0] == owner:
                del self._locks[key]

    def after_fork(self) -> None:
        """Keep the tokens, and forget the locks of threads that are not in this process. Once is enough."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._locks = {}
            self._lock = threading.Lock()


LEASE = 15.0
"""Seconds after which another process may fetch, should the one that was about to have died."""
FILE_PATIENCE = 1.0
"""Seconds to wait for a file that another process holds. It takes milliseconds, unless that process was stopped."""

if (
    sys.platform == "win32"
):  # pragma: no cover  (the tests run on Linux, and play this with a stand-in)
    import msvcrt

    NOFOLLOW = 0
    HELD: type[OSError] = PermissionError
    IN_USE: tuple[type[OSError], ...] = (PermissionError,)

    def take(descriptor: int) -> None:
        """Lock a file; `HELD` if another has it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def give(descriptor: int) -> None:
        """Unlock it."""
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    NOFOLLOW = os.O_NOFOLLOW
    HELD: type[OSError] = BlockingIOError
    IN_USE: tuple[type[OSError], ...] = ()

    def take(descriptor: int) -> None:
        """Lock a file; `HELD` if another has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def give(descriptor: int) -> None:
        """Unlock it. Closing alone would not do: a child forked meanwhile has it open, too."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def patiently(act: Callable[[], T], busy: tuple[type[OSError], ...]) -> T:
    """Do what another process may be in the way of, for a second at most."""
    until = time.monotonic() + FILE_PATIENCE
    pause = 0.001
    while True:
        try:
            return act()
        except busy:
            if time.monotonic() >= until:
                raise
        time.sleep(pause)
        pause = min(0.02, 2 * pause)


class FileStore:
    """Tokens shared by the processes of one machine, in a file that only its owner can read.

    The file is JSON and replaced as a whole; changes are made under a lock on a second file, `<name>.lock`. What is
    damaged counts as absent. The key's lock is lent for 15 seconds at most. A process that is stopped in the middle
    of a change makes the others wait for a second; then the store is down for them.

    On Windows, who may read the file is decided by the permissions of its folder.
    """

    blocking = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).expanduser()

    def __repr__(self) -> str:
        return f"FileStore({os.fspath(self._path)!r})"

    def get(self, key: str, /) -> Token | None:
        return Token.load(self._read().get(key, {}).get("token"))

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        with self._changing(key) as entry:
            found = Token.load(entry.get("token"))
            if found is not None and found != old:
                return False
            entry["token"] = new.dump().decode()
            return True

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        with self._changing(key) as entry:
            now = time.time()
            holder, until = held_by(entry.get("lock"))
            # One that ends later than any lease was taken before the clock was set back.
            if holder != owner and now < until <= now + LEASE:
                return False
            entry["lock"] = [owner, now + min(seconds, LEASE)]
            return True

    def unlock(self, key: str, owner: str, /) -> None:
        with self._changing(key) as entry:
            if held_by(entry.get("lock"))[0] == owner:
                del entry["lock"]

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            data = orjson.loads(patiently(self._path.read_bytes, IN_USE))
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {key: entry for key, entry in data.items() if isinstance(entry, dict)}

    @contextmanager
    def _changing(self, key: str) -> Iterator[dict[str, Any]]:
        """An entry to change; written back if it was changed."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Python opens files so that no other program inherits them.
        guard = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | NOFOLLOW, 0o600)
        try:
            patiently(partial(take, guard), (HELD,))
            try:
                entries = self._read()
                entry = entries.get(key, {})
                before = dict(entry)
                yield entry
                if entry != before:
                    self._write({**entries, key: entry})
            finally:
                give(guard)
        finally:
            os.close(guard)

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        # One name will do, under the lock; what is there was left by a process that was killed.
        beside = Path(f"{self._path}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb") as out:
                out.write(orjson.dumps(entries))
            patiently(partial(os.replace, beside, self._path), IN_USE)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def held_by(lock: object) -> tuple[str, float]:
    """Who has a key's lock, and until when; nobody, if what is written there makes no sense."""
    match lock:
        case [str(owner), int() | float() as until]:
            return owner, until
        case _:
            return "", 0.0


REPLACE = """
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


def lasting(token: Token) -> int:
    """For how many milliseconds Redis keeps a token."""
    return max(1, int(min(token.expires_at - time.time(), LONGEST_LIFE) * 1000))


def expected(token: Token | None) -> bytes:
    """What must be there, for the script."""
    return token.dump() if token is not None else b""


class RedisStore:
    """Tokens shared by machines, in Redis: `RedisStore("redis://host/0")`, or with a client of your own.

    With a URL, it connects when it is asked first and keeps its connections, one for each thread that asks at a time; they end
    with the store, so there is nothing to close. A forked process has its own.
    """

    blocking = True

    def __init__(self, redis: "str | redis.Redis", *, prefix: str = "wecom:token:") -> None:
        self._prefix = prefix
        self._redis: Any = connecting("RedisStore", redis, prefix)()

    def get(self, key: str, /) -> Token | None:
        return Token.load(self._redis.get(f"{self._prefix}{key}"))

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        name = f"{self._prefix}{key}"
        return bool(self._redis.eval(REPLACE, 1, name, expected(old), new.dump(), lasting(new)))

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        name = f"{self._prefix}{key}:lock"
        return bool(self._redis.set(name, owner, nx=True, px=int(seconds * 1000)))

    def unlock(self, key: str, owner: str, /) -> None:
        self._redis.eval(UNLOCK, 1, f"{self._prefix}{key}:lock", owner)


class AsyncRedisStore:
    """The same for an AsyncClient, over `redis.asyncio`.

    Given a URL, it keeps connections of its own for each event loop. An AsyncClient closes them with itself, unless another
    is using them; `await store.aclose()` does so without one.
    """

    blocking = False

    def __init__(self, redis: "str | redis.asyncio.Redis", *, prefix: str = "wecom:token:") -> None:
        self._prefix = prefix
        self._connect = connecting("AsyncRedisStore", redis, prefix, library="redis.asyncio")
        self._given = not isinstance(redis, str)
        self._loops: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        self._pid = os.getpid()

    @property
    def _redis(self) -> Any:
        """The client of this event loop, which connects when it is asked first."""
        import asyncio  # not for those who use a Client alone

        if self._pid != os.getpid():
            # To take the connections down would be felt by the loop of the process that forked this one.
            ABANDONED.append(self._loops)
            self._loops, self._pid = WeakKeyDictionary(), os.getpid()
        loop = asyncio.get_running_loop()
        client = self._loops.get(loop)
        if client is None:
            # A client holds on to its loop, so neither would ever be forgotten.
            for ended in [each for each in self._loops if each.is_closed()]:
                del self._loops[ended]
            client = self._loops[loop] = self._connect()
        return client

    async def get(self, key: str, /) -> Token | None:
        return Token.load(await self._redis.get(f"{self._prefix}{key}"))

    async def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        name = f"{self._prefix}{key}"
        done = self._redis.eval(REPLACE, 1, name, expected(old), new.dump(), lasting(new))
        return bool(await done)

    async def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        name = f"{self._prefix}{key}:lock"
        return bool(await self._redis.set(name, owner, nx=True, px=int(seconds * 1000)))

    async def unlock(self, key: str, owner: str, /) -> None:
        await self._redis.eval(UNLOCK, 1, f"{self._prefix}{key}:lock", owner)

    async def aclose(self) -> None:
        """Close the connections of this event loop that are at rest. A later question opens new ones."""
        if not self._given:
            await self._redis.connection_pool.disconnect(inuse_connections=False)


ABANDONED: list[Any] = []
"""Connections of a process that forked this one, kept for ever."""
