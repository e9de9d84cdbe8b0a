"""Who the client speaks for, and the tokens it gets for that.

    Corp(corp_id, secret)                           a company's own app; `Client(corp_id, secret)` for short
    Corp(corp_id, permanent_code)                   an app that a provider developed for a company (代开发)
    Suite(suite_id, secret, ticket)                 a third-party suite, for the calls about the suite itself
    AuthorizedCorp(suite, corp_id, permanent_code)  a suite acting for a company that authorised it
    Provider(corp_id, secret)                       a provider, for the few calls that want its own token
    an object with a method `token`                 a company's own token centre; see `TokenProvider`

No repr shows a secret.

Hand-written: edit codegen/runtime/credentials.py.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import orjson
from attrs import define, field, frozen

from ._secrets import Secret
from ._values import Value

__all__ = [
    "AuthorizedCorp",
    "Corp",
    "Credential",
    "Provider",
    "Secret",
    "Suite",
    "Token",
    "TokenKind",
    "TokenProvider",
]

TokenKind: TypeAlias = Literal["access_token", "suite_access_token", "provider_access_token"]

EARLY = 300.0
"""Seconds before its end at which a token is renewed; a tenth of its life, if that is shorter."""


def as_secret(value: str | Secret) -> Secret:
    return Secret(value)


@frozen(eq=False, repr=False)
class Token(Value):
    """A token, when it ends, and when to get the next one."""

    value: Secret = field(converter=as_secret)
    expires_at: float
    """Unix time."""
    renew_at: float
    quoted: Secret = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "quoted", self.value.quoted())

    @classmethod
    def lasting(cls, value: str | Secret, seconds: float, now: float) -> "Token":
        """A token got at `now` that lasts some seconds."""
        return cls(value, now + seconds, now + seconds - min(EARLY, seconds / 10))

    def dump(self) -> bytes:
        """For a store. The same token gives the same bytes."""
        return orjson.dumps([self.value.reveal(), self.expires_at, self.renew_at])

    @classmethod
    def load(cls, data: "bytes | str | None") -> "Token | None":
        """From a store; None if there is nothing, or nothing of ours."""
        try:
            value, expires_at, renew_at = orjson.loads(data or b"")
            return cls(str(value), float(expires_at), float(renew_at))
        except (ValueError, TypeError):
            return None


def fingerprint(*parts: str | Secret) -> str:
    """Tells secrets apart without showing them."""
    digest = hashlib.blake2b(digest_size=12, person=b"wecom-contact")
    for part in parts:
        digest.update((part.reveal() if isinstance(part, Secret) else part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def filled(credential: object, field: Any, value: Any) -> None:
    """Refuse an id or a secret that is empty or no string, without showing it."""
    # Never in a variable of its own: tracebacks show those, too.
    kept: Any = Secret(value)
    if not isinstance(kept.reveal(), str):
        raise TypeError(f"{field.name}: a string, not {type(kept.reveal()).__name__}")
    if not kept.reveal().strip():
        raise ValueError(f"{field.name}: a string that is not empty; is a variable not set?")


@frozen(eq=False, repr=False)
class Corp(Value):
    """An app of a company: corp id and the app's secret."""

    corp_id: str = field(validator=filled)
    secret: Secret = field(converter=as_secret, validator=filled)


Ticket: TypeAlias = "Secret | Callable[[], str | Secret | Awaitable[str | Secret]]"


def as_ticket(value: Any) -> Any:
    return value if callable(value) else Secret(value)


@define(eq=False)
class Suite:
    """A third-party suite. WeCom sends the ticket to the suite's callback every ten minutes.

    `ticket` is the latest one (set `suite.ticket` when the next arrives), or a function that reads it from
    where the callback has put it; a coroutine function will do for an AsyncClient. It is asked only when
    a token is needed.
    """

    suite_id: str = field(validator=filled)
    secret: Secret = field(converter=as_secret, validator=filled)
    ticket: Ticket = field(converter=as_ticket, repr=False)


@frozen(eq=False, repr=False)
class AuthorizedCorp(Value):
    """A company that authorised a suite: the corp id and the permanent code of that authorisation."""

    suite: Suite
    corp_id: str = field(validator=filled)
    permanent_code: Secret = field(converter=as_secret, validator=filled)


@frozen(eq=False, repr=False)
class Provider(Value):
    """A service provider: its corp id and provider secret."""

    corp_id: str = field(validator=filled)
    secret: Secret = field(converter=as_secret, validator=filled)


@runtime_checkable
class TokenProvider(Protocol):
    """A company's own token centre, in place of corp id and secret.

    Only the centre talks to WeCom's token endpoints, and it keeps the tokens: no token store is used.
    """

    def token(
        self, kind: TokenKind, stale: Secret | None, /
    ) -> "Token | str | Awaitable[Token | str]":
        """The token to use now; a coroutine will do for an AsyncClient.

        `stale` is the one that WeCom has just refused, so that the centre can get another. A `Token` says how
        long it may be kept (`Token.lasting(value, seconds, time.time())`); a plain string is asked for again
        after a minute.
        """
        ...


Credential: TypeAlias = Corp | Suite | AuthorizedCorp | Provider | TokenProvider


class Kinds:
    """The names of the three tokens, which are their keys in the query, too."""

    ACCESS: ClassVar[TokenKind] = "access_token"
    SUITE: ClassVar[TokenKind] = "suite_access_token"
    PROVIDER: ClassVar[TokenKind] = "provider_access_token"
