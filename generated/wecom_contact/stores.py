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
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import orjson

from ._secrets import Secret
from .credentials import Token

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


class MemoryStore:
    """Tokens shared by the clients of one process that are given this store."""

    blocking = False

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

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
            if self._locks.get(key, ("", 0.0))[0] == owner:
                del self._locks[key]


if sys.platform == "win32":  # pragma: no cover  (the tests run on Linux)
    import msvcrt

    def hold(descriptor: int) -> None:
        """Lock a file until it is closed."""
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def hold(descriptor: int) -> None:
        """Lock a file until it is closed."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)


class FileStore:
    """Tokens shared by the processes of one machine, in a file that only its owner can read.

    The file is JSON and replaced as a whole; changes are made under a lock on a second file, `<name>.lock`.
    A file that is damaged counts as empty.
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
            holder, until = entry.get("lock") or (owner, 0.0)
            if holder != owner and time.time() < until:
                return False
            entry["lock"] = [owner, time.time() + seconds]
            return True

    def unlock(self, key: str, owner: str, /) -> None:
        with self._changing(key) as entry:
            if (entry.get("lock") or [""])[0] == owner:
                del entry["lock"]

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            data = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {key: entry for key, entry in data.items() if isinstance(entry, dict)}

    @contextmanager
    def _changing(self, key: str) -> Iterator[dict[str, Any]]:
        """An entry to change; written back if it was changed."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        guard = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            hold(guard)
            entries = self._read()
            entry = entries.get(key, {})
            before = dict(entry)
            yield entry
            if entry != before:
                self._write({**entries, key: entry})
        finally:
            os.close(guard)

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        beside = f"{self._path}.{os.getpid()}.{threading.get_ident()}"
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                # The mode above does not count for a file that a crash has left behind.
                os.chmod(beside, 0o600)
                out.write(orjson.dumps(entries))
            os.replace(beside, self._path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


REPLACE = """
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"

PATIENCE = 2.0
"""Seconds to wait for Redis: a store must not make a call hang."""


def lasting(token: Token) -> int:
    """For how many milliseconds Redis keeps a token."""
    return max(1, int((token.expires_at - time.time()) * 1000))


def expected(token: Token | None) -> bytes:
    """What must be there, for the script."""
    return token.dump() if token is not None else b""


class RedisStore:
    """Tokens shared by machines, in Redis: `RedisStore("redis://host/0")`, or with a client of your own.

    With a URL, it connects for each question and hangs up: it is asked when a token is renewed and no more, and
    so there is nothing to close.
    """

    blocking = True

    def __init__(self, redis: "str | redis.Redis", *, prefix: str = "wecom:token:") -> None:
        self._prefix = prefix
        self._connect = connecting("redis", redis)

    def get(self, key: str, /) -> Token | None:
        with self._connect() as client:
            return Token.load(client.get(f"{self._prefix}{key}"))

    def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        name = f"{self._prefix}{key}"
        with self._connect() as client:
            return bool(client.eval(REPLACE, 1, name, expected(old), new.dump(), lasting(new)))

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        name = f"{self._prefix}{key}:lock"
        with self._connect() as client:
            return bool(client.set(name, owner, nx=True, px=int(seconds * 1000)))

    def unlock(self, key: str, owner: str, /) -> None:
        with self._connect() as client:
            client.eval(UNLOCK, 1, f"{self._prefix}{key}:lock", owner)


class AsyncRedisStore:
    """The same for an AsyncClient, over `redis.asyncio`. Given a URL, it is bound to no event loop."""

    blocking = False

    def __init__(self, redis: "str | redis.asyncio.Redis", *, prefix: str = "wecom:token:") -> None:
        self._prefix = prefix
        self._connect = connecting("redis.asyncio", redis)

    async def get(self, key: str, /) -> Token | None:
        async with self._connect() as client:
            return Token.load(await client.get(f"{self._prefix}{key}"))

    async def replace(self, key: str, old: Token | None, new: Token, /) -> bool:
        name = f"{self._prefix}{key}"
        async with self._connect() as client:
            done = client.eval(REPLACE, 1, name, expected(old), new.dump(), lasting(new))
            return bool(await done)

    async def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        name = f"{self._prefix}{key}:lock"
        async with self._connect() as client:
            return bool(await client.set(name, owner, nx=True, px=int(seconds * 1000)))

    async def unlock(self, key: str, owner: str, /) -> None:
        async with self._connect() as client:
            await client.eval(UNLOCK, 1, f"{self._prefix}{key}:lock", owner)


def connecting(module: str, redis: Any) -> Callable[[], Any]:
    """Makes a client to be used in a `with`: one that gives up soon, or the one that was given."""
    if not isinstance(redis, str):
        return lambda: nullcontext(redis)
    try:
        library: Any = import_module(module)
    except ImportError:
        raise ImportError('a Redis store needs: pip install "wecom-contact[redis]"') from None
    url = Secret(redis)  # it may hold a password

    def connect() -> Any:
        return library.Redis.from_url(
            url.reveal(), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )

    connect()  # a wrong URL is found now
    return connect
