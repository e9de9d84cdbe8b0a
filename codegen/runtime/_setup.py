"""What both clients make of their arguments.

Hand-written: edit codegen/runtime/_setup.py.
"""

import inspect
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from . import codec
from ._secrets import Secret, chain
from .credentials import Corp, Credential, Provider
from .retry import Retry, Timeouts, is_seconds

BASE_URL = "https://qyapi.weixin.qq.com"
TIMEOUTS = Timeouts()
RETRY = Retry()
STORE = ("get", "replace", "lock", "unlock", "blocking")
"""What a token store has."""


def credential_of(
    corp_id: str | None,
    secret: Secret | None,
    credential: Credential | None,
    provider: Provider | None,
) -> Credential | None:
    """The one credential that was given, one way or the other."""
    if credential is not None:
        if corp_id is not None or secret is not None:
            raise TypeError("either corp_id and secret, or credential=, not both")
        return credential
    if corp_id is not None and secret is not None:
        return Corp(corp_id, secret)
    if provider is None or corp_id is not None or secret is not None:
        raise TypeError("who is calling? corp_id and secret, or credential=")
    return None


def check_retry(retry: object) -> None:
    """Refuse what is no Retry, before a call needs it."""
    if retry is not None and not isinstance(retry, Retry):
        raise TypeError(f"retry: a Retry, such as Retry(tries=3), or None, not {retry!r}")


def check_store(store: object, awaits: bool) -> None:
    """Refuse what is no store, before a call needs it, and a store for asyncio where nobody awaits it."""
    if store is None:
        return
    if isinstance(store, type) or not all(hasattr(store, name) for name in STORE):
        # Without its words: a URL may hold a password.
        raise TypeError(
            f"token_store: a TokenStore, such as FileStore(path), with {', '.join(STORE)}, "
            f"not {store.__name__ if isinstance(store, type) else type(store).__name__}"
        )
    if not awaits and any(inspect.iscoroutinefunction(getattr(store, name)) for name in STORE):
        raise TypeError(
            f"token_store: a TokenStore; {type(store).__name__} is for asyncio: use AsyncClient"
        )


def timeouts_of(timeout: object) -> Timeouts:
    """What `timeout=` says: one number for both, or both."""
    if isinstance(timeout, Timeouts):
        return timeout
    if isinstance(timeout, (int, float)) and is_seconds(timeout):
        return Timeouts.of(timeout)
    kind = ValueError if isinstance(timeout, (int, float)) else TypeError
    raise kind(f"timeout: seconds, more than 0, or Timeouts(connect=…, read=…), not {timeout!r}")


def check_proxy(proxy: Secret | None) -> None:
    """Refuse what is no proxy, without showing it."""
    if proxy is not None and not is_proxy(proxy):
        raise ValueError("proxy: http://host:port, perhaps with user:password@ before the host")


def is_proxy(proxy: Secret) -> bool:
    try:
        parts = urlsplit(proxy.reveal())
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def codec_of(strict: bool, on_drift: Callable[[codec.Drift], None] | None) -> codec.Codec:
    """The codec: the shared one, whose functions are compiled once, unless something else is wanted."""
    if not strict and on_drift is None:
        return codec.shared
    return codec.Codec(strict=strict, on_drift=on_drift)


def context_of(ssl_context: ssl.SSLContext | None, ca_certs: str | None) -> ssl.SSLContext | None:
    """The TLS context; None for the library's own."""
    if ssl_context is not None or ca_certs is None:
        return ssl_context
    return ssl.create_default_context(cafile=ca_certs)


def untrusted(error: BaseException) -> bool:
    """Whether a certificate was refused, somewhere down the chain of causes."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in chain(error))


def refused_await(result: Any) -> TypeError:
    """For the blocking client, when it is handed a coroutine."""
    if hasattr(result, "close"):
        result.close()
    return TypeError("a coroutine function, a store or limiter for asyncio: use AsyncClient")
