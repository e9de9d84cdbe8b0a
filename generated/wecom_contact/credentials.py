"""Who the client speaks for, and the tokens it gets for that.

    Corp(corp_id, secret)                           a company's own app; `Client(corp_id, secret)` for short
    Corp(corp_id, permanent_code)                   an app that a provider developed for a company (代开发)
    Suite(suite_id, secret, ticket)                 a third-party suite, for the calls about the suite itself
    AuthorizedCorp(suite, corp_id, permanent_code)  a suite acting for a company that authorised it
    Provider(corp_id, secret)                       a provider, for the few calls that want its own token
    an object with a method `token`                 a company's own token centre; see `TokenProvider`

No repr shows a secret, and nothing that holds one is pickled: a queue, a cache or another process is given the strings,
or reads them from where they are kept.

Hand-written: edit codegen/runtime/credentials.py.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import orjson
from attrs import define, field, fields, frozen

from ._runtime.secrets import HIDDEN, Secret
from ._runtime.values import Value, is_number
from .errors import RefusedArgument

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
LONGEST_LIFE = 86_400.0
"""No token is believed to last longer: what says so was written by a wrong clock."""


def as_secret(value: str | Secret) -> Secret:
    return Secret(value)


def check_secret(owner: object, field: Any, value: Secret) -> None:
    """Refuse a secret that is not a string, or an empty one, without showing it."""
    path = f"{type(owner).__name__}.{field.name}"
    if not isinstance(value.reveal(), str):
        raise RefusedArgument(f"a string, not {type(value.reveal()).__name__}", path)
    if not value:
        raise RefusedArgument("a string that is not empty", path)


def check_unix_time(owner: object, field: Any, value: Any) -> None:
    """Refuse what is not a Unix time."""
    if not is_number(value):
        path = f"{type(owner).__name__}.{field.name}"
        raise RefusedArgument(f"Unix time in seconds, not {value!r}", path)


@frozen(eq=False, repr=False)
class Token(Value):
    """A token, when it ends, and when to get the next one."""

    value: Secret = field(converter=as_secret, validator=check_secret)
    expires_at: float = field(validator=check_unix_time)
    """Unix time."""
    renew_at: float = field(validator=check_unix_time)
    quoted: Secret = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "quoted", self.value.quoted())

    @classmethod
    def lasting(cls, value: str | Secret, seconds: float, now: float) -> "Token":
        """A token got at `now`, in Unix time, that lasts some seconds."""
        for name, given in (("seconds", seconds), ("now", now)):
            if not is_number(given):
                raise RefusedArgument(
                    f"seconds as a number, not {given!r}", f"Token.lasting.{name}"
                )
        return cls(value, now + seconds, now + seconds - min(EARLY, seconds / 10))

    def dump(self) -> bytes:
        """Turn it into bytes for a store. The same token gives the same bytes."""
        return orjson.dumps([self.value.reveal(), self.expires_at, self.renew_at])

    @classmethod
    def load(cls, data: "bytes | str | None") -> "Token | None":
        """Read it from a store's bytes; None if there is nothing, or nothing of ours."""
        try:
            value, expires_at, renew_at = orjson.loads(data or b"")
            return cls(value, expires_at, renew_at)
        except (ValueError, TypeError):
            return None


def fingerprint(*parts: str | Secret) -> str:
    """Tells secrets apart without showing them."""
    digest = hashlib.blake2b(digest_size=12, person=b"wecom")
    for part in parts:
        digest.update((part.reveal() if isinstance(part, Secret) else part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def not_blank(owner: object, field: Any, value: Any) -> None:
    """Refuse an id or a secret that cannot be one, without showing it."""
    # Never in a variable of its own: tracebacks show those, too.
    kept, value = Secret(value), None
    refuse_unusual(kept, f"{type(owner).__name__}.{field.name}")


def refuse_unusual(kept: Secret, path: str) -> None:
    """Refuse what is not a string, is empty, or has something around or in it that nobody can see.

    WeCom would refuse it, too, and after some wrong secrets the whole IP address.
    """
    if not isinstance(kept.reveal(), str):
        raise RefusedArgument(f"a string, not {type(kept.reveal()).__name__}", path)
    if not kept.reveal().strip():
        raise RefusedArgument("a string that is not empty; is a variable not set?", path)
    if kept.reveal() != kept.reveal().strip():
        what = "a string without blanks or line breaks around it; strip() what was read from a file"
        raise RefusedArgument(what, path)
    if not kept.reveal().isprintable():
        raise RefusedArgument("a string without invisible characters in it", path)


SECRET_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What the secrets of WeCom's apps look like."""
CORP_ID_SHAPE = re.compile(r"w[wx][0-9a-f]{16}")
"""What most corp ids look like. Ids may look otherwise, but no secret looks like this."""
ID_SHAPE = re.compile(r"(?:ww|wx|wp|wo|ws|dk|tj)[A-Za-z0-9_-]{1,40}")


def not_swapped(owner: Any, field: Any, value: Secret) -> None:
    """Refuse an id where a secret belongs, and a secret where the id does, without showing either."""
    names = [attribute.name for attribute in fields(type(owner))]
    before = names[names.index(field.name) - 1]
    first = Secret(getattr(owner, before))
    reverse = SECRET_SHAPE.fullmatch(first.reveal()) and (
        first == value or ID_SHAPE.fullmatch(value.reveal())
    )
    if reverse or CORP_ID_SHAPE.fullmatch(value.reveal()):
        what = f"looks like an id, or {before} like a secret: are they swapped?"
        raise RefusedArgument(what, f"{type(owner).__name__}.{field.name}")


def shown_id(value: str) -> str:
    """An id for people to see. One that looks like a secret may be one."""
    return repr(value) if SECRET_SHAPE.fullmatch(value) is None else f"'{HIDDEN}'"


@frozen(eq=False, repr=False)
class Corp(Value):
    """An app of a company: corp id and the app's secret."""

    corp_id: str = field(validator=not_blank, repr=shown_id)
    secret: Secret = field(converter=as_secret, validator=[not_blank, not_swapped])


Ticket: TypeAlias = "Secret | Callable[[], str | Secret | Awaitable[str | Secret]]"


def as_ticket(value: Any) -> Any:
    return value if callable(value) else Secret(value)


def check_ticket(suite: object, field: Any, value: Ticket) -> None:
    """Refuse a ticket that cannot be one; what a function returns is looked at when it is asked."""
    if isinstance(value, Secret):
        refuse_unusual(value, "Suite.ticket")


@define(eq=False)
class Suite:
    """A third-party suite. WeCom sends the ticket to the suite's callback every ten minutes.

    `ticket` is the latest one (set `suite.ticket` when the next arrives), or a function that reads it from
    where the callback has put it; a coroutine function will do for an AsyncClient. It is asked only when
    a token is needed.
    """

    suite_id: str = field(validator=not_blank, repr=shown_id)
    secret: Secret = field(converter=as_secret, validator=[not_blank, not_swapped])
    ticket: Ticket = field(converter=as_ticket, validator=check_ticket, repr=False)


def check_suite(owner: object, field: Any, value: Any) -> None:
    """Refuse what is not a Suite, without showing it."""
    if not isinstance(value, Suite):
        what = f"a Suite, not {type(value).__name__}"
        raise RefusedArgument(what, f"{type(owner).__name__}.{field.name}")


@frozen(eq=False, repr=False)
class AuthorizedCorp(Value):
    """A company that authorised a suite: the corp id and the permanent code of that authorisation."""

    suite: Suite = field(validator=check_suite)
    corp_id: str = field(validator=not_blank, repr=shown_id)
    permanent_code: Secret = field(converter=as_secret, validator=[not_blank, not_swapped])


@frozen(eq=False, repr=False)
class Provider(Value):
    """A service provider: its corp id and provider secret."""

    corp_id: str = field(validator=not_blank, repr=shown_id)
    secret: Secret = field(converter=as_secret, validator=[not_blank, not_swapped])


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
