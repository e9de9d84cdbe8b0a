"""What both clients make of their arguments.

Hand-written: edit codegen/runtime/_runtime/setup.py.
"""

import inspect
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, get_args
from urllib.parse import urlsplit
from weakref import WeakSet

from ..credentials import Corp, Credential, Provider
from ..errors import RefusedArgument
from ..retry import Retry, Timeouts
from .codec import Codec, shared
from .policy import Drift
from .secrets import Secret, chain
from .values import is_integer, is_seconds

BASE_URL = "https://qyapi.weixin.qq.com"
TIMEOUTS = Timeouts()
RETRY = Retry()
STORE = ("get", "replace", "lock", "unlock", "blocking")
"""What a token store has."""
LIMITER = ("take",)
"""What a limiter has."""


class Setup(NamedTuple):
    """What the arguments of a client come to."""

    credential: Credential | None
    timeouts: Timeouts
    context: ssl.SSLContext | None
    """The TLS context; None for the library's own."""
    proxy: str
    """How a message calls the proxy: host and port, no password."""


def setup(
    client: str,
    *,
    corp_id: str | None,
    secret: Secret | None,
    credential: Credential | None,
    provider: Provider | None,
    base_url: object,
    timeout: object,
    proxy: Secret | None,
    ssl_context: ssl.SSLContext | None,
    ca_certs: object,
    pool_size: object,
    token_store: object,
    retry: object,
    limiter: object,
    hooks: Mapping[str, object],
    awaits: bool,
) -> Setup:
    """Refuse what cannot work before a call needs it, without showing what nobody may see."""
    try:
        check_base_url(base_url)
        check_proxy(proxy)
        check_retry(retry)
        check_pool_size(pool_size)
        check_store(token_store, awaits)
        check_limiter(limiter, awaits)
        for name, hook in hooks.items():
            check_hook(name, hook)
        check_credential(corp_id, secret, credential, provider)
        timeouts = timeouts_of(timeout)
        context = context_of(ssl_context, ca_certs)
    except RefusedArgument as error:
        raise error.under(client) from error.__cause__
    if credential is None and corp_id is not None and secret is not None:
        credential = Corp(corp_id, secret)
    return Setup(credential, timeouts, context, "" if proxy is None else name_of(proxy))


def check_credential(
    corp_id: str | None, secret: Secret | None, credential: object, provider: object
) -> None:
    """Refuse what says twice who is calling, or not at all."""
    if provider is not None and not isinstance(provider, Provider):
        raise RefusedArgument(f"a Provider(corp_id, secret), not {kind(provider)}", "provider")
    if credential is None:
        if (corp_id is None) != (secret is None) or (corp_id is None and provider is None):
            raise RefusedArgument("who is calling? corp_id and secret, or credential=")
    elif corp_id is not None or secret is not None:
        raise RefusedArgument("either this, or corp_id and secret, not both", "credential")
    elif isinstance(credential, type) or not isinstance(credential, get_args(Credential)):
        raise RefusedArgument(
            "Corp(…), AuthorizedCorp(…), Suite(…), Provider(…) or an object with a method "
            f"`token`, not {kind(credential)}",
            "credential",
        )


def check_base_url(url: object) -> None:
    """Refuse what is not the URL of a host."""
    words = "https://host, perhaps with a path"
    if not isinstance(url, str):
        raise RefusedArgument(f"{words}, not {kind(url)}", "base_url")
    # Without its own words: it may hold a password, or a secret that was put in the wrong place.
    if not is_url(url):
        raise RefusedArgument(words, "base_url")
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise RefusedArgument(f"{words}; no user, query or fragment", "base_url")


def check_proxy(proxy: Secret | None) -> None:
    """Refuse what is not a proxy, without showing it."""
    if proxy is None:
        return
    words = "http://host:port, perhaps with user:password@ before the host"
    if not isinstance(proxy.reveal(), str):
        raise RefusedArgument(f"{words}, not {kind(proxy.reveal())}", "proxy")
    if not is_url(proxy.reveal()):
        raise RefusedArgument(words, "proxy")


def is_url(url: str) -> bool:
    """Whether this is the URL of a host, one that sockets can take."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")
        url.encode()
        return parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        return False


def name_of(proxy: Secret) -> str:
    """How a message calls a proxy."""
    parts = urlsplit(proxy.reveal())
    return f"the proxy {parts.hostname}" + (f":{parts.port}" if parts.port else "")


def check_retry(retry: object) -> None:
    """Refuse what is not a Retry."""
    if retry is not None and not isinstance(retry, Retry):
        raise RefusedArgument(f"a Retry, such as Retry(tries=3), or None, not {retry!r}", "retry")


def check_pool_size(size: object) -> None:
    """Refuse what does not count connections."""
    if not is_integer(size) or size < 1:
        raise RefusedArgument(f"a whole number, 1 or more, not {size!r}", "pool_size")


def check_store(store: object, awaits: bool) -> None:
    """Refuse what is not a store, and a store for asyncio where nobody awaits it."""
    check_members(store, "token_store", "TokenStore", "FileStore(path)", STORE, awaits)


def check_limiter(limiter: object, awaits: bool) -> None:
    """Refuse what is not a limiter, and a limiter for asyncio where nobody awaits it."""
    check_members(limiter, "limiter", "Limiter", "MemoryLimiter()", LIMITER, awaits)


def check_members(
    value: object, path: str, protocol: str, example: str, members: Sequence[str], awaits: bool
) -> None:
    """Refuse what lacks a member of a protocol, and a coroutine function where nobody awaits it."""
    if value is None:
        return
    if isinstance(value, type) or not all(hasattr(value, name) for name in members):
        # Without its words: a URL may hold a password.
        words = f"a {protocol}, such as {example}, with {', '.join(members)}, not {kind(value)}"
        raise RefusedArgument(words, path)
    if not awaits and any(inspect.iscoroutinefunction(getattr(value, name)) for name in members):
        words = f"a {protocol}; {kind(value)} is for asyncio: use AsyncClient"
        raise RefusedArgument(words, path)


def check_hook(name: str, hook: object) -> None:
    """Refuse what cannot be called, and what would have to be awaited."""
    if hook is None:
        return
    if not callable(hook):
        raise RefusedArgument(f"a function of one argument, not {kind(hook)}", name)
    if inspect.iscoroutinefunction(hook):
        raise RefusedArgument("a plain function, not a coroutine function", name)


def timeouts_of(timeout: object) -> Timeouts:
    """What `timeout=` says: one number for both, or all of them."""
    if isinstance(timeout, Timeouts):
        return timeout
    if is_seconds(timeout):
        return Timeouts.of(timeout)
    raise RefusedArgument(
        f"seconds, more than 0, or Timeouts(connect=…, read=…, total=…), not {timeout!r}", "timeout"
    )


def codec_of(strict: bool, on_drift: Callable[[Drift], None] | None) -> Codec:
    """The codec: the shared one, whose functions are compiled once, unless something else is wanted."""
    if not strict and on_drift is None:
        return shared
    return Codec(strict=strict, on_drift=on_drift)


def context_of(ssl_context: object, ca_certs: object) -> ssl.SSLContext | None:
    """The TLS context; None for the library's own."""
    if ssl_context is not None:
        if not isinstance(ssl_context, ssl.SSLContext):
            raise RefusedArgument(f"an ssl.SSLContext, not {kind(ssl_context)}", "ssl_context")
        if ca_certs is not None:
            raise RefusedArgument("either this or ssl_context, not both", "ca_certs")
        return ssl_context
    if ca_certs is None:
        return None
    words = "the path of a file of certificates (PEM)"
    if not isinstance(ca_certs, (str, os.PathLike)):
        raise RefusedArgument(f"{words}, not {kind(ca_certs)}", "ca_certs")
    try:
        return ssl.create_default_context(cafile=ca_certs)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RefusedArgument(f"{words}: {reason}: {ca_certs!r}", "ca_certs") from error


def kind(value: object) -> str:
    """What a refused argument is, without showing it."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def untrusted(error: BaseException) -> bool:
    """Whether a certificate was refused, somewhere down the chain of causes."""
    return any(isinstance(link, ssl.SSLCertVerificationError) for link in chain(error))


def refused_await(result: Any) -> RefusedArgument:
    """For the blocking client, when it is handed a coroutine."""
    if hasattr(result, "close"):
        result.close()
    return RefusedArgument(
        "a coroutine function, a store or limiter for asyncio: use AsyncClient", "Client"
    )


# Processes.


class Forked(Protocol):
    """A client, as far as a fork is concerned."""

    def _after_fork(self) -> None: ...


CLIENTS: "WeakSet[Forked]" = WeakSet()
"""All clients of this process."""


def after_fork() -> None:
    """In a child: connections, locks and places in line belong to the parent, whose threads go on with them."""
    for client in list(CLIENTS):
        client._after_fork()


# Windows has no fork.
register_at_fork = getattr(os, "register_at_fork", None)
if register_at_fork is not None:
    register_at_fork(after_in_child=after_fork)
