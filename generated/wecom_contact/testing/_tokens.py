"""Tokens: who gets one, and whether the one in a query still holds.

Hand-written: edit codegen/surfaces/testing/_tokens.py.
"""

import hmac
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

from ._limits import HOUR
from ._refusals import Refusal
from ._things import Caller, Data, check_hidden

if TYPE_CHECKING:
    from ._corp import Corp

Kind: TypeAlias = Literal["access_token", "suite_access_token", "provider_access_token"]

PATHS: Mapping[str, str] = {
    "/cgi-bin/gettoken": "gettoken",
    "/cgi-bin/service/get_suite_token": "get_suite_token",
    "/cgi-bin/service/get_corp_token": "get_corp_token",
    "/cgi-bin/service/get_provider_token": "get_provider_token",
}
METHODS: Mapping[str, str] = {"gettoken": "GET"}
"""All others are POST."""
CODES: Mapping[str, tuple[int, int, int]] = {
    "access_token": (41001, 40014, 42001),
    "suite_access_token": (41022, 40082, 42009),
    "provider_access_token": (41001, 40014, 42001),
}
"""Codes for a token that is missing, unknown or over."""
SUITE = "suite"
"""What the suite is called among the apps."""
WRONG_SECRETS = frozenset((40001, 40080))
TICKET_EVERY = 600
"""Seconds between two suite tickets."""
SECRETS = frozenset(
    ("corpsecret", "suite_secret", "suite_ticket", "permanent_code", "provider_secret")
)


@define(eq=False)
class Issued:
    """A token that was given out."""

    value: str
    kind: Kind
    app: str
    ends_at: float


@define(eq=False)
class SuiteOf(Caller):
    """The third-party suite that the corp has authorised, and its provider."""

    corp: "Corp" = field(repr=False)
    suite_id: str = "ww5u17e0000000000a"
    secret: str = field(default="simulated-suite-secret", repr=False)
    permanent_code: str = field(default="simulated-permanent-code", repr=False)
    hidden_fields: Collection[str] = field(
        default=("avatar", "corp_full_name", "remark_mobiles", "unionid"),
        validator=check_hidden,
        kw_only=True,
    )
    provider_id: str = "ww9r0v1de40000000b"
    provider_secret: str = field(default="simulated-provider-secret", repr=False)
    _tickets: dict[str, float] = field(init=False, factory=dict, repr=False)
    """When each ticket was given out, the newest last."""

    @property
    def ticket(self) -> str:
        """The latest ticket; ten minutes after it, or at the end of its life, there is another one."""
        with self.corp.lock:
            now = self.corp.clock.time()
            newest = next(reversed(self._tickets), None)
            every = min(TICKET_EVERY, self.corp.lifetimes.suite_ticket)
            if newest is None or now - self._tickets[newest] >= every:
                newest = f"simulated-suite-ticket-{len(self._tickets) + 1}"
                self._tickets[newest] = now
            return newest

    def takes(self, ticket: object) -> bool:
        """Whether a ticket was given out less than its lifetime ago."""
        given_after = self.corp.clock.time() - self.corp.lifetimes.suite_ticket
        return any(
            is_secret(ticket, known)
            for known, given_at in self._tickets.items()
            if given_at > given_after
        )


class Tokens:
    """The tokens a corp has given out."""

    def __init__(self, corp: "Corp") -> None:
        self._corp = corp
        self._issued: dict[str, Issued] = {}
        self._current: dict[tuple[str, str], Issued] = {}
        self._refused: dict[str, list[float]] = {}
        self._banned: dict[str, float] = {}
        self.suite = SuiteOf(corp)

    def check(self, kind: str, value: object) -> str:
        """The app whose token it is."""
        missing, unknown, over = CODES[kind]
        if not value:
            raise Refusal(missing)
        # In the body of a request it may be of any kind.
        token = self._issued.get(value) if isinstance(value, str) else None
        if token is None or token.kind != kind:
            raise Refusal(unknown)
        if self._corp.clock.time() >= token.ends_at:
            raise Refusal(over)
        return token.app

    def caller(self, app: str) -> Caller:
        """What the app of a token may do and see."""
        known = self._corp.apps.get(app)
        return self.suite if known is None else known

    def expire(self) -> None:
        """End all tokens now, as WeCom does when it likes."""
        now = self._corp.clock.time()
        for token in self._issued.values():
            token.ends_at = min(token.ends_at, now)

    def fetch(self, name: str, ask: Mapping[str, str], address: str) -> Data:
        """Answer one of the four token endpoints."""
        endpoints: Mapping[str, Callable[[Mapping[str, str]], Data]] = {
            "gettoken": self._own,
            "get_suite_token": self._suite,
            "get_corp_token": self._authorized,
            "get_provider_token": self._provider,
        }
        now = self._corp.clock.time()
        if now < self._banned.get(address, 0.0):
            raise Refusal(45009)
        try:
            return endpoints[name](ask)
        except Refusal as refusal:
            if refusal.code in WRONG_SECRETS:
                recent = [each for each in self._refused.get(address, ()) if each > now - HOUR]
                self._refused[address] = [*recent, now]
                if len(recent) + 1 >= self._corp.limits.wrong_secrets_an_hour:
                    self._banned[address] = now + HOUR
            raise

    def _own(self, ask: Mapping[str, str]) -> Data:
        require(ask, corpid=41002, corpsecret=41004)
        if ask["corpid"] != self._corp.corp_id:
            raise Refusal(40013)
        if is_secret(ask["corpsecret"], self.suite.permanent_code):
            # An app that a provider developed for the corp (代开发) has this for its secret.
            return self._grant("access_token", SUITE)
        for app in self._corp.apps.values():
            if is_secret(ask["corpsecret"], app.secret):
                return self._grant("access_token", app.name)
        raise Refusal(40001)

    def _suite(self, ask: Mapping[str, str]) -> Data:
        require(ask, suite_id=41021, suite_secret=41024, suite_ticket=41023)
        if ask["suite_id"] != self.suite.suite_id:
            raise Refusal(40083)
        if not is_secret(ask["suite_secret"], self.suite.secret):
            raise Refusal(40080)
        if not self.suite.takes(ask["suite_ticket"]):
            raise Refusal(40085)
        return self._grant("suite_access_token", SUITE)

    def _authorized(self, ask: Mapping[str, str]) -> Data:
        self.check("suite_access_token", ask.get("suite_access_token"))
        require(ask, auth_corpid=41002, permanent_code=41025)
        if ask["auth_corpid"] != self._corp.corp_id:
            raise Refusal(40013)
        if not is_secret(ask["permanent_code"], self.suite.permanent_code):
            raise Refusal(40084)
        return self._grant("access_token", SUITE)

    def _provider(self, ask: Mapping[str, str]) -> Data:
        require(ask, corpid=41002, provider_secret=41004)
        if ask["corpid"] != self.suite.provider_id:
            raise Refusal(40013)
        if not is_secret(ask["provider_secret"], self.suite.provider_secret):
            raise Refusal(40001)
        return self._grant("provider_access_token", "provider")

    def _grant(self, kind: Kind, app: str) -> Data:
        now = self._corp.clock.time()
        token = self._current.get((kind, app))
        if token is None or now >= token.ends_at:
            life = self._corp.lifetimes.token
            token = Issued(self._corp.ids.body(kind, 64), kind, app, now + life)
            self._issued[token.value] = token
            self._current[kind, app] = token
        return {kind: token.value, "expires_in": int(token.ends_at - now)}


def require(ask: Mapping[str, str], **codes: int) -> None:
    """Refuse a request that lacks a field, each with its code."""
    for key, code in codes.items():
        if not ask.get(key):
            raise Refusal(code)


def is_secret(given: object, known: str) -> bool:
    """Whether a secret is right."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), known.encode())
