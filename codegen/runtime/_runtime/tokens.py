"""How a client comes by its tokens and keeps them: when to fetch, who fetches, and what to do when it fails. No I/O.

A token is renewed when a tenth of its life is left (at most five minutes), by one caller while the others go on
with the old one; when it has ended, or WeCom calls it stale, all wait for one. With a store, the same holds between
processes: whoever holds the store's lock fetches, the others find the new token there. Nobody fetches a token that
somebody else has just renewed, callers who waited for a fetch that failed share its failure, and a credential
that WeCom refused is left alone for a minute, then two, up to an hour: repeated wrong secrets get an IP banned.

A call is never sent again with a token it was refused with. WeCom may hand out that very token again, as long as it
believes in it; then one caller asks again after half a second, one, two, and the others wait for what comes of it.

How long something lasts is told by a clock that nobody sets. When a token ends is told by both clocks, whichever is
first: the store knows it only by the time of day, which may be set back, and a laptop's timer stops while it sleeps.

Hand-written: edit codegen/runtime/_runtime/tokens.py.
"""

import copy
import inspect
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote
from weakref import WeakKeyDictionary

import orjson

from ..credentials import (
    LONGEST_LIFE,
    AuthorizedCorp,
    Corp,
    Credential,
    Kinds,
    Provider,
    Suite,
    Token,
    TokenKind,
    TokenProvider,
    fingerprint,
    refuse_unusual,
    shown_id,
)
from ..errors import (
    APIError,
    ProtocolError,
    RefusedArgument,
    WeComError,
)
from ..stores import LEASE, AnyStore, MemoryStore
from .gates import Turn
from .secrets import NO_SECRET, Secret
from .steps import Effort, Flow, Invoke, Plan, Sleep, Wait
from .telemetry import LOG
from .token_state import TokenState, is_same

if TYPE_CHECKING:
    from .flow import Engine

T = TypeVar("T")

POLL = 0.05
"""Seconds between looks at a store while another process fetches."""
OUTAGE = 5.0
"""Seconds for which a store that failed is not asked."""
UNKNOWN_LIFE = 60.0
"""Seconds for which a token of unknown life is kept."""
LIFE = 7200.0
"""WeCom's tokens live two hours."""


class TokenSource(ABC):
    """Where one kind of token comes from."""

    key: str | None = None
    """Under which a store keeps the token; None for one that no store keeps."""
    where = ""
    """How an exception calls it: the path of the endpoint, and the credential without its secret."""

    def mark(self) -> Flow[Secret]:
        """What may change about the credential by itself: a suite's ticket."""
        yield from ()
        return NO_SECRET

    @property
    def plans(self) -> tuple[Plan[Any], ...]:
        """The endpoints it asks."""
        return ()

    @abstractmethod
    def fetch(
        self, engine: "Engine", effort: Effort, mark: Secret, stale: Token | None
    ) -> Flow[Token]:
        """Get a token."""


class Grant(NamedTuple):
    """What a token endpoint answers: a token, and its life in seconds."""

    value: Secret
    seconds: float


class HiddenBody(bytes):
    """A body that does not show itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"HiddenBody({len(self)} bytes)"

    __str__ = __repr__


class TokenEndpoint(TokenSource):
    """Gets a token from one of WeCom's endpoints."""

    def __init__(
        self,
        engine: "Engine",
        key: str,
        path: str,
        label: str,
        gives: TokenKind,
        *,
        method: str = "POST",
        needs: TokenKind | None = None,
        state: TokenState | None = None,
    ) -> None:
        self.key = key
        self.where = where = f"{path} ({label})"

        def read(structure: object, data: dict[str, Any]) -> Grant:
            # Nothing is raised while `data` holds a token.
            if not isinstance(data.get(gives), str) or not data[gives]:
                raise ProtocolError(f"no {gives} in the answer", where)
            return Grant(Secret(data[gives]), life_of(data.get("expires_in")))

        self._plan: Plan[Grant] = engine.plan(
            path.rpartition("/")[2],
            path,
            where,
            state,
            read,
            method=method,
            in_query=method == "GET",
            token=needs,
        )

    @property
    def plans(self) -> tuple[Plan[Any], ...]:
        return (self._plan,)

    def _query(self) -> Secret:
        return NO_SECRET

    def _body(self, mark: Secret) -> HiddenBody | None:
        return None

    def fetch(
        self, engine: "Engine", effort: Effort, mark: Secret, stale: Token | None
    ) -> Flow[Token]:
        grant = yield from engine.attempts(
            self._plan, effort, "", self._body(mark), None, self._query()
        )
        return Token.lasting(grant.value, grant.seconds, effort.asked)


def label(value: str) -> str:
    """An id, as an exception calls it."""
    return shown_id(value)[1:-1]


def life_of(value: object) -> float:
    """The life of a token in seconds, from a number or text; two hours for what is neither, 0 for less than that."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return LIFE
    try:
        life = float(value)
    except (ValueError, OverflowError):
        return LIFE
    return min(max(life, 0.0), LONGEST_LIFE) if isfinite(life) else LIFE


class CorpSource(TokenEndpoint):
    """`gettoken`, with the secret in the query."""

    def __init__(self, engine: "Engine", corp: Corp) -> None:
        self._corp = corp
        mark = fingerprint(corp.secret)
        super().__init__(
            engine,
            f"{corp.corp_id}:{mark}",
            "/cgi-bin/gettoken",
            f"corp {label(corp.corp_id)}, secret #{mark[:8]}",
            Kinds.ACCESS,
            method="GET",
        )

    def _query(self) -> Secret:
        corp_id = quote(self._corp.corp_id, safe="")
        return Secret(f"?corpid={corp_id}&corpsecret={self._corp.secret.quoted().reveal()}")


class SuiteSource(TokenEndpoint):
    """`get_suite_token`, with the ticket that WeCom sends every ten minutes."""

    def __init__(self, engine: "Engine", suite: Suite) -> None:
        self._suite = suite
        mark = fingerprint(suite.secret)
        super().__init__(
            engine,
            f"{suite.suite_id}:{mark}:suite",
            "/cgi-bin/service/get_suite_token",
            f"suite {label(suite.suite_id)}, secret #{mark[:8]}",
            Kinds.SUITE,
        )

    def mark(self) -> Flow[Secret]:
        ticket = self._suite.ticket
        if isinstance(ticket, Secret):
            return ticket
        secret: Secret = yield Invoke(ask_ticket, (ticket,))
        return secret

    def _body(self, mark: Secret) -> HiddenBody:
        return HiddenBody(
            orjson.dumps(
                {
                    "suite_id": self._suite.suite_id,
                    "suite_secret": self._suite.secret.reveal(),
                    "suite_ticket": mark.reveal(),
                }
            )
        )


class AuthorizedCorpSource(TokenEndpoint):
    """`get_corp_token`, which itself needs the suite's token."""

    def __init__(self, engine: "Engine", corp: AuthorizedCorp, suite: TokenState) -> None:
        self._corp = corp
        mark = fingerprint(corp.permanent_code)
        suite_id = corp.suite.suite_id
        super().__init__(
            engine,
            f"{corp.corp_id}:{mark}:{suite_id}",
            "/cgi-bin/service/get_corp_token",
            f"corp {label(corp.corp_id)} of suite {label(suite_id)}, permanent code #{mark[:8]}",
            Kinds.ACCESS,
            needs=Kinds.SUITE,
            state=suite,
        )

    def _body(self, mark: Secret) -> HiddenBody:
        return HiddenBody(
            orjson.dumps(
                {
                    "auth_corpid": self._corp.corp_id,
                    "permanent_code": self._corp.permanent_code.reveal(),
                }
            )
        )


class ProviderSource(TokenEndpoint):
    """`get_provider_token`, with the provider's secret."""

    def __init__(self, engine: "Engine", provider: Provider) -> None:
        self._provider = provider
        mark = fingerprint(provider.secret)
        super().__init__(
            engine,
            f"{provider.corp_id}:{mark}:provider",
            "/cgi-bin/service/get_provider_token",
            f"provider {label(provider.corp_id)}, secret #{mark[:8]}",
            Kinds.PROVIDER,
        )

    def _body(self, mark: Secret) -> HiddenBody:
        return HiddenBody(
            orjson.dumps(
                {
                    "corpid": self._provider.corp_id,
                    "provider_secret": self._provider.secret.reveal(),
                }
            )
        )


class CentreSource(TokenSource):
    """A company's own token centre, which is asked and keeps the tokens."""

    def __init__(self, kind: TokenKind, centre: TokenProvider) -> None:
        self._kind = kind
        self._centre = centre

    def fetch(
        self, engine: "Engine", effort: Effort, mark: Secret, stale: Token | None
    ) -> Flow[Token]:
        refused = None if stale is None else stale.value
        token: Token = yield Invoke(ask_provider, (self._centre, self._kind, refused, engine.clock))
        return token


def ask_ticket(ask: Callable[[], Any]) -> "Secret | Pending":
    """What a user's function returns, out of sight at once."""
    return converted(ask(), as_ticket)


def as_ticket(value: Any) -> Secret:
    """A ticket that is one. An empty one would cost a refusal of WeCom's."""
    ticket = Secret(value)
    value = None
    refuse_unusual(ticket, "Suite.ticket")
    return ticket


def ask_provider(
    centre: TokenProvider, kind: TokenKind, stale: Secret | None, clock: Callable[[], float]
) -> "Token | Pending":
    """What a token centre returns, out of sight at once."""

    def token(value: Any) -> Token:
        if isinstance(value, Token):
            return value
        kept, value = Secret(value), None
        if not isinstance(kept.reveal(), str) or not kept:
            what = "nothing" if not kept else type(kept.reveal()).__name__
            raise RefusedArgument(f"a Token or a string, not {what}", "TokenProvider.token")
        return Token.lasting(kept, UNKNOWN_LIFE, clock())

    return converted(centre.token(kind, stale), token)


def converted(value: Any, make: Callable[[Any], T]) -> "T | Pending":
    """What `make` makes of a value, now or when it is awaited."""
    return Pending(value, make) if inspect.isawaitable(value) else make(value)


class Pending:
    """An awaitable, and what to make of its result before anybody sees it."""

    __slots__ = ("_make", "_value")

    def __init__(self, value: Awaitable[Any], make: Callable[[Any], Any]) -> None:
        self._value = value
        self._make = make

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._make((yield from self._value.__await__()))

    def close(self) -> None:
        """For a client that cannot await it."""
        if inspect.iscoroutine(self._value):
            self._value.close()


def token_states(
    engine: "Engine",
    credential: Credential | None,
    provider: Provider | None,
    known: Mapping[str, TokenState],
) -> dict[str, TokenState]:
    """A state for every kind of token that these credentials can get; `known` are those of the suite and the provider."""
    found: dict[str, TokenState] = {}
    match credential:
        case None:
            pass
        case Corp():
            found[Kinds.ACCESS] = TokenState(CorpSource(engine, credential))
        case Suite():
            found[Kinds.SUITE] = suite_state(engine, credential)
        case AuthorizedCorp():
            suite = known.get(Kinds.SUITE) or suite_state(engine, credential.suite)
            found[Kinds.SUITE] = suite
            found[Kinds.ACCESS] = TokenState(AuthorizedCorpSource(engine, credential, suite))
        case Provider():
            found[Kinds.PROVIDER] = TokenState(ProviderSource(engine, credential))
        case _:
            for kind in (Kinds.ACCESS, Kinds.SUITE, Kinds.PROVIDER):
                found[kind] = TokenState(CentreSource(kind, credential))
    if Kinds.PROVIDER in known:
        found[Kinds.PROVIDER] = known[Kinds.PROVIDER]
    elif provider is not None:
        found[Kinds.PROVIDER] = TokenState(ProviderSource(engine, provider))
    return found


SUITES: "WeakKeyDictionary[Suite, dict[str, MemoryStore]]" = WeakKeyDictionary()
"""Where clients without a store share the tokens of a suite, by WeCom's address."""
SUITES_LOCK = Lock()


def suite_state(engine: "Engine", suite: Suite) -> TokenState:
    """The state of a suite's token, which all clients made from the same `Suite` share."""
    state = TokenState(SuiteSource(engine, suite))
    if engine.store is None:
        with SUITES_LOCK:
            memory = SUITES.setdefault(suite, {}).setdefault(engine.address, MemoryStore())
        state.store = FallibleStore(memory, engine.timer)
    return state


class FallibleStore:
    """The token store, as a client sees it: one that may be down."""

    __slots__ = ("_again_at", "_down", "_name", "_store", "_timer", "_trouble")

    def __init__(self, store: AnyStore, timer: Callable[[], float]) -> None:
        self._store = store
        self._timer = timer
        self._name = secrets.token_hex(8)
        self._down = False
        self._trouble = False
        self._again_at = 0.0

    @property
    def owner(self) -> str:
        """Who holds a lock: this client in this process, and not in one that was forked from it."""
        return f"{self._name}-{os.getpid()}"

    def after_fork(self) -> None:
        """Let a store that lives in this process forget what the parent's threads were about to do."""
        if isinstance(self._store, MemoryStore):
            self._store.after_fork()

    def begin(self) -> None:
        """A conversation begins."""
        self._trouble = False

    def end(self) -> None:
        """A conversation is over; if all of it went well, the store is back."""
        if self._down and not self._trouble:
            self._down = False
            LOG.info("the token store is back")

    def _ask(self, function: Callable[..., Any], *args: Any) -> Flow[Any]:
        if self._down and self._timer() < self._again_at:
            return None
        try:
            return (yield Invoke(function, args, self._store.blocking))
        except Exception as error:
            if not self._down:
                LOG.warning(
                    "the token store is down (%s); tokens stay in memory until it is back",
                    type(error).__name__,
                )
            self._down = self._trouble = True
            self._again_at = self._timer() + OUTAGE
            return None

    def get(self, key: str) -> Flow[Token | None]:
        found: Token | None = yield from self._ask(self._store.get, key)
        return found

    def replace(self, key: str, old: Token | None, new: Token) -> Flow[bool | None]:
        """Put `new` in the place of `old`; False if another is there by now, None when the store is down."""
        done: bool | None = yield from self._ask(self._store.replace, key, old, new)
        return done

    def lock(self, key: str) -> Flow[bool | None]:
        """Take the key's lock; False if another owner has it, None when the store is down."""
        done: bool | None = yield from self._ask(self._store.lock, key, self.owner, LEASE)
        return done

    def unlock(self, key: str) -> Flow[None]:
        yield from self._ask(self._store.unlock, key, self.owner)


def renew(engine: "Engine", state: TokenState, effort: Effort, *refused: Token) -> Flow[Token]:
    """A token to use now: from whoever has it, or from WeCom.

    It is one of those that were refused only if WeCom gave no other, now or a moment ago.
    """
    now, at = engine.clock(), engine.timer()
    held = state.token
    if held is not None and not refused and at < state.rest_until:
        return held
    if among(held, refused) or state.ended(now, at):
        held = None
    if held is not None and (refused or not state.due(now, at)):
        return held
    renewed, known = state.renewed, state.failure
    # While the old one serves, only the first comer renews.
    turn = Turn(state.gate)
    try:
        if held is not None and not turn.enter_at_once():
            return held
        if held is None:
            turn.enter()
        if not turn.granted:
            yield Wait(turn)
        token = state.token
        if token is not None and among(token, refused):
            if engine.timer() < state.again_at:
                return token
        elif token is not None and state.renewed != renewed:
            return token
        failure = state.failure
        if failure is not None and failure is not known:
            raise copy.copy(failure)
        try:
            token = yield from obtain(engine, state, effort, refused, held)
        except WeComError as error:
            if held is None:
                state.fail(error)
                raise
            LOG.info("a token could not be renewed early (%s)", type(error).__name__)
            return state.put_off(held, engine.clock(), engine.timer())
        if among(token, refused):
            state.insists(engine.timer())
        if token is not held:
            state.accept(token, engine.clock(), engine.timer())
        return token
    finally:
        turn.over = True
        turn.leave()


def exchange(engine: "Engine", state: TokenState, effort: Effort, error: APIError) -> Flow[Token]:
    """Another token in exchange for those that WeCom has refused; or the error, when patience ends."""
    refused = effort.refused
    waits = 0
    while True:
        token = yield from renew(engine, state, effort, *refused)
        if not among(token, refused):
            return token
        waits += 1
        # A little more, because a sleep may end a little early.
        pause = max(0.0, state.again_at - engine.timer()) + 0.01
        if waits >= engine.retry.tries or effort.slept + pause > engine.retry.total:
            raise error
        effort.slept += pause
        yield Sleep(pause)


def among(token: Token | None, refused: Sequence[Token]) -> bool:
    """Whether a token is one of those that were refused."""
    return any(is_same(token, other) for other in refused)


def obtain(
    engine: "Engine",
    state: TokenState,
    effort: Effort,
    refused: Sequence[Token],
    held: Token | None,
) -> Flow[Token]:
    """The token that another process has put into the store, or one from WeCom, put there for the others."""
    store, key = state.store or engine.store, state.source.key
    if store is None or key is None:
        return (yield from fetch(engine, state, effort, refused))
    store.begin()
    # Whoever holds the lock brings a token or gives it up before that, if the store's clock can be trusted.
    until = engine.timer() + LEASE + 1
    while True:
        found = yield from store.get(key)
        if found is not None and serves(found, refused, engine.clock()):
            store.end()
            return found
        try:
            locked = yield from store.lock(key)
            if locked or (locked is False and engine.timer() >= until):
                return (yield from fetch_for_all(engine, state, effort, refused, store, key))
        except GeneratorExit:
            raise  # nobody is left to unlock for us; the lock expires by itself
        except BaseException:
            yield from store.unlock(key)
            raise
        if locked is None:
            return (yield from fetch(engine, state, effort, refused))
        if held is not None:
            return held
        yield Sleep(POLL)


def serves(token: Token, refused: Sequence[Token], now: float) -> bool:
    """Whether a token from a store is worth taking: a store that was away may have an old one."""
    if among(token, refused) or (refused and token.expires_at <= refused[-1].expires_at):
        return False
    return now < token.renew_at and token.expires_at - now <= LONGEST_LIFE


def fetch_for_all(
    engine: "Engine",
    state: TokenState,
    effort: Effort,
    refused: Sequence[Token],
    store: FallibleStore,
    key: str,
) -> Flow[Token]:
    """Under the store's lock: look once more, then fetch and put it there."""
    found = yield from store.get(key)
    if found is None or not serves(found, refused, engine.clock()):
        token = yield from fetch(engine, state, effort, refused)
        replaced = yield from store.replace(key, found, token)
        found = token
        if replaced is False:
            # Our lock had expired, and somebody was faster: theirs counts.
            theirs = yield from store.get(key)
            if theirs is not None and serves(theirs, refused, engine.clock()):
                found = theirs
    yield from store.unlock(key)
    store.end()
    return found


def fetch(
    engine: "Engine", state: TokenState, effort: Effort, refused: Sequence[Token]
) -> Flow[Token]:
    """A token from WeCom, unless WeCom has refused the credential a moment ago."""
    mark = yield from state.source.mark()
    if (
        state.refusal is not None
        and state.refused_mark == mark
        and engine.timer() < state.refused_until
    ):
        raise copy.copy(state.refusal)
    inner = Effort(effort.started)
    inner.slept = effort.slept
    try:
        stale = refused[-1] if refused else None
        token = yield from state.source.fetch(engine, inner, mark, stale)
        held = state.token
        effort.renewed = not is_same(token, held)
        if held is None or refused or effort.renewed or token.renew_at > held.expires_at:
            return token
        # WeCom gives the old one until its end, so it is of no use to ask again before that.
        end = max(token.expires_at, held.expires_at)
        return Token(token.value, end, end)
    except APIError as error:
        # A suite's refusal is the suite's, and not that of the corp it acts for.
        if not error.retryable and error.path == state.source.where:
            state.refuse(copy.copy(error), mark, engine.timer())
        raise
    finally:
        effort.slept = inner.slept
