"""Redis, for whatever is kept there: a URL or a client, looked at when it is given, and clients that give up soon.

Hand-written: edit codegen/runtime/_runtime/redis_client.py.
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, TypeAlias

from ..errors import RefusedArgument
from .secrets import Secret

Library: TypeAlias = Literal["redis", "redis.asyncio"]

PATIENCE = 2.0
"""Seconds to wait for Redis: it must not make a call hang, and WeCom waits five for the answer to a callback."""


def connecting(
    owner: str,
    redis: object,
    prefix: object,
    *,
    library: Library = "redis",
    extra: str = "redis",
    needs: tuple[str, ...] = ("eval",),
) -> Callable[[], Any]:
    """Makes a client of a URL, or gives the one that was given; what is neither would pass for a Redis that is down.

    Args:
        owner: The class that was given it.
        redis: A URL, or a client of the library that has what is needed.
        prefix: What its keys begin with.
        library: Whether the client is awaited.
        extra: What to install, should the library be missing.
        needs: The methods that the owner uses.
    """
    if not isinstance(prefix, str):
        raise RefusedArgument(f"text, not {type(prefix).__name__}", f"{owner}.prefix")
    if not isinstance(redis, str):
        awaits = inspect.iscoroutinefunction(getattr(redis, "execute_command", None))
        callables = all(callable(getattr(redis, name, None)) for name in needs)
        if isinstance(redis, type) or not callables or awaits != (library == "redis.asyncio"):
            # Without its words: a URL may hold a password.
            what = f"a URL, or a client of {library}, not {type(redis).__name__}"
            raise RefusedArgument(what, f"{owner}.redis")
        return lambda: redis
    try:
        package: Any = import_module(library)
        backoff: Any = import_module("redis.backoff")
        retry: Any = import_module(f"{library}.retry")
    except ImportError:
        raise ImportError(f'{owner} needs redis: pip install "wecom-contact[{extra}]"') from None
    url = Secret(redis)

    def connect() -> Any:
        # Once more, because a connection that was idle may have been closed.
        return package.Redis.from_url(
            url.reveal(),
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=retry.Retry(backoff.NoBackoff(), 1),
        )

    try:
        connect()  # it connects when it is asked first, but a wrong URL is found now
    except ValueError:
        # Without the library's words, which may hold a part of the password.
        what = (
            "is not a URL that redis takes, such as redis://host:6379/0; "
            "signs such as / and @ in a password are written %2F and %40"
        )
        raise RefusedArgument(what, f"{owner}.redis") from None
    return connect
