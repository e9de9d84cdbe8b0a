"""Every decision about a call, without a socket, a lock or a clock of its own; the drivers do as they are told.

A flow is a generator. It yields what it wants (`Send`, `Wait`, `Sleep`, `Invoke`) and is sent what came of it, as a
value. What is done when something fails:

    what happened                               readonly call   write
    ------------------------------------------  --------------  --------------
    no connection: refused, no route, DNS       again           again
    TLS handshake failed                        again           again
    certificate not trusted                     TransportError  TransportError
    the proxy refuses (407, 403)                TransportError  TransportError
    no connection in time                       again           again
    no answer in time                           again           Timeout
    connection lost, answer cut off             again           TransportError
    HTTP 5xx                                    again           ProtocolError
    any other status but 200                    ProtocolError   ProtocolError
    not JSON                                    once more       ProtocolError
    JSON, but not an object                     ProtocolError   ProtocolError
    more than 64 MiB of it                      ProtocolError   ProtocolError
    Busy (-1, 6000, 45033, 45035)               again           again
    StaleToken (40014, 42001, 41001 …)          renew, again    renew, again
    RateLimited (45009)                         raised          raised
    the same, told to a limiter                 wait, again     wait, again
    every other code                            raised          raised

"Again" is after a pause, as often and as long as `Retry` allows; then the error is raised. Renewal happens at most
once in a call, and not at all while a token just fetched has been refused like the one before. A token is never tried twice
by a call that was refused with it: when WeCom gives that very one again, the call waits for another as long as `Retry`
allows. So a write is sent twice only if WeCom refused it or nothing of it had left this machine. There are no idempotency keys in this API.

Each `Busy` also halves the number of calls of that endpoint that may be under way at once; it grows again call by call.

A limiter is asked last, when there is a connection to send on, so that what it lets go is sent at
once. Calls of an endpoint that it keeps waiting stand in line behind the first of them, which alone
asks again; each takes its token after the wait.

Hand-written: edit codegen/runtime/_runtime/flow.py.
"""

import copy
import hashlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar, cast
from urllib.parse import quote, urlsplit
from weakref import WeakValueDictionary

from attrs import fields_dict, has

from ..credentials import (
    AuthorizedCorp,
    Corp,
    Credential,
    Kinds,
    Provider,
    Suite,
    Token,
    TokenKind,
    fingerprint,
)
from ..errors import (
    APIError,
    Busy,
    ErrorFact,
    PaginationStalled,
    ProtocolError,
    RateLimited,
    RefusedArgument,
    Throttled,
    Timeout,
    TransportError,
    WeComError,
    api_error,
    brief,
)
from ..limits import CallKey, Limiter
from ..retry import Retry, Retrying
from ..stores import AnyStore
from . import tokens
from .codec import Codec, a_call, codec_of, dumps, query, refuse_under
from .faults import DecodeError
from .gates import Gate, Turn
from .media import Download, FileContent, Multipart, Sink
from .model import Call, PagedCall
from .policy import to_integer
from .secrets import NO_SECRET, Secret, clean, redact
from .shapes import Shape
from .steps import (
    Answer,
    Break,
    Broken,
    Effort,
    Flow,
    Invoke,
    Plan,
    Read,
    Send,
    Sleep,
    Wait,
)
from .telemetry import LOG, CallRecord, Telemetry, call_hook, record_of
from .token_state import TokenState

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")

DEBUG = logging.DEBUG
INFO = logging.INFO

HEADERS = {"User-Agent": "wecom-contact", "Accept-Encoding": "gzip, deflate"}
JSON = {"Content-Type": "application/json"}

NO_RETRY = Retry(tries=1)
TOO_MANY = 45033
"""The code of `Busy` that means too many calls at a time."""
WORTH_TELLING = 1.0
"""Seconds of waiting for the limiter from which on `on_retry` is told."""
NAP = 5.0
"""Seconds after which a call that waits for the limiter sees that its client was closed."""
RAW_PLANS = 1000
"""How many paths of raw calls are remembered, with the room they leave each other."""
PROXY_WANTS_PASSWORD = 407
ADOPTIONS = 5
"""How often a call may take up a token that others have renewed, before it renews by itself."""

WHICH_CREDENTIAL = {
    "access_token": "corp_id and secret, or credential=",
    "suite_access_token": "credential=AuthorizedCorp(...) or credential=Suite(...)",
    "provider_access_token": "provider=Provider(...)",
}


class Family:
    """What is known to a client and all that were made from it."""

    __slots__ = ("apart", "closed", "corps")

    def __init__(self) -> None:
        self.closed = False
        """Whether the first one was closed, and so all of them."""
        self.corps: dict[Credential, Engine] = {}
        """One for each company, so that one asked for again still knows its token."""
        self.apart: WeakValueDictionary[int, Engine] = WeakValueDictionary()
        """Those that wait for a limiter of their own."""

    def engines(self) -> "list[Engine]":
        """Those that have tokens or lines of their own."""
        apart = (reference() for reference in self.apart.valuerefs())
        return [*self.corps.copy().values(), *(engine for engine in apart if engine is not None)]


class Postponed(NamedTuple):
    """Not sent yet: the limiter says to wait."""

    seconds: float


class Engine:
    """What a client knows and decides; the drivers add sockets and sleep."""

    def __init__(
        self,
        *,
        errors: Callable[[], Mapping[int, ErrorFact]],
        credential: Credential | None,
        provider: Provider | None = None,
        base_url: str = "https://qyapi.weixin.qq.com",
        proxy: str = "",
        absolute_urls: bool = False,
        headers: Mapping[str, str] = HEADERS,
        store: AnyStore | None = None,
        retry: Retry | None = None,
        codec: Codec,
        check: bool = True,
        limiter: Limiter | None = None,
        room: int = 10,
        on_call: Callable[[CallRecord], None] | None = None,
        on_retry: Callable[[Retrying], None] | None = None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        chance: Callable[[], float] = random.random,
    ) -> None:
        parts = urlsplit(base_url)
        self.address = base_url
        # A host's own pool wants the path alone; aiohttp, and a proxy for http://, the whole URL.
        origin = f"{parts.scheme}://{parts.netloc}" if absolute_urls else ""
        self.host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self.proxy = proxy
        """How a message calls the proxy, if there is one: host and port, no password."""
        self.base = origin + quote(parts.path.rstrip("/"), safe="/%")
        self.errors = errors
        self._headers = dict(headers)
        self._json_headers = {**headers, **JSON}
        self.store = None if store is None else tokens.FallibleStore(store, timer)
        self.retry = retry or NO_RETRY
        self.codec = codec
        self.check = check
        self.lines: dict[Plan[Any], Gate] = {}
        """Who waits for the limiter, by endpoint. The first of a line asks it."""
        self._use_limiter(limiter)
        self.room = room
        self.pool_gate = Gate(room)
        """Who sends, and who waits for a connection."""
        self._server = str(parts.hostname), parts.port or (80 if parts.scheme == "http" else 443)
        self.telemetry = Telemetry(on_call, *self._server)
        self.on_retry = on_retry
        self.clock = clock
        self.timer = timer
        self.chance = chance
        self.closed = False
        self.family = Family()
        self._light = False
        """Whether it was made from another one."""
        self._credential = credential
        self._provider = provider
        self._whose = whose(provider if credential is None else credential)
        self._callers = callers(credential, provider)
        self._plans: dict[type[Call[Any]], Plan[Any]] = {}
        self._raw_plans: dict[tuple[Any, ...], Plan[dict[str, Any]]] = {}
        self.token_states = tokens.token_states(self, credential, provider, {})
        if isinstance(credential, (Corp, AuthorizedCorp)):
            self.family.corps[credential] = self

    def show(self, client: object) -> str:
        """How a client shows itself."""
        state = "closed" if self.closed or self.family.closed else "open"
        return f"<{type(client).__name__} {self._whose} at {self.host}, {state}>"

    # What can be asked of it: flows.

    def call(self, call: Call[R]) -> Flow[R]:
        """Send a call and read its reply."""
        plan = self._plans.get(call.__class__) or self._planned(call)
        if plan.in_query:
            if plan.upload:
                return self._upload(plan, call)
            text, body = self.codec.query(call, self.check), None
        else:
            text, body = "", self.codec.body(call, self.check)
        if plan.download:
            return cast(Flow[R], self._download(plan, text, body, Sink(None)))
        return self._run(plan, text, body)

    def download(self, call: Call[Any], to: Any = None) -> Flow[Download]:
        """Send a call whose reply is a file."""
        plan = self._plans.get(call.__class__) or self._planned(call)
        if not plan.download:
            what = f"a call whose reply is a file, such as MediaGet(…), not {type(call).__name__}"
            raise RefusedArgument(what, "download.call")
        sink = Sink(to)
        if plan.in_query:
            return self._download(plan, self.codec.query(call, self.check), None, sink)
        return self._download(plan, "", self.codec.body(call, self.check), sink)

    def raw(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query_: Mapping[str, object] | None = None,
        token: TokenKind | None = "access_token",
        readonly: bool | None = None,
    ) -> Flow[dict[str, Any]]:
        """Send what the spec does not know."""
        if method not in ("GET", "POST"):
            raise RefusedArgument(f"GET or POST, not {brief(method)}", "raw.method")
        if token is not None and (not isinstance(token, str) or token not in WHICH_CREDENTIAL):
            words = f"{', '.join(WHICH_CREDENTIAL)} or None, not {brief(token)}"
            raise RefusedArgument(words, "raw.token")
        if readonly not in (True, False, None):
            raise RefusedArgument(f"True, False or None, not {brief(readonly)}", "raw.readonly")
        if not isinstance(path, str) or not path.startswith("/") or "?" in path:
            words = f"/cgi-bin/…, and parameters in query=, not {brief(path)}"
            raise RefusedArgument(words, "raw.path")
        readonly = method == "GET" if readonly is None else readonly
        key = (method, path, token, readonly, json is None)
        plan = self._raw_plans.get(key)
        if plan is None:
            refuse_under("raw.path", path, plain=True)
            plan = self.plan(
                f"{method} {path}",
                path,
                path,
                None if token is None else self._token_state(token, path),
                as_it_is,
                method=method,
                readonly=readonly,
                in_query=json is None and method == "GET",
                token=token,
            )
            if len(self._raw_plans) >= RAW_PLANS:
                self._raw_plans.clear()
            self._raw_plans[key] = plan
        body = None if plan.in_query else dumps({} if json is None else json, "raw.json")
        return self._run(plan, raw_query(query_ or {}), body)

    # What happens to it.

    def close(self) -> None:
        """Begin nothing new. Who waits in line is told at once; what is under way comes to its end.

        One that was made from another leaves the others alone: who waits in their line is told at the end of it.
        """
        self.closed = True
        if not self._light:
            self.family.closed = True
            for gate in self._gates():
                gate.open()

    def after_fork(self) -> None:
        """For a forked child: nobody in it is under way or holds a lock, whatever the parent's threads did."""
        for gate in self._gates():
            gate.clear()
        for engine in (self, *self.family.engines()):
            engine.lines.clear()
        stores = [self.store, *(state.store for state in self.token_states.values())]
        for store in stores:
            if store is not None:
                store.after_fork()

    def _gates(self) -> set[Gate]:
        """All gates of the family."""
        gates = {self.pool_gate}
        for engine in (self, *self.family.engines()):
            gates |= set(engine.lines.copy().values())
            gates |= {state.gate for state in engine.token_states.values()}
            gates |= {plan.gate for plan in engine._all_plans() if plan.gate is not None}
        return gates

    def _all_plans(self) -> list[Plan[Any]]:
        tokens = [plan for state in self.token_states.values() for plan in state.source.plans]
        return [*self._plans.copy().values(), *self._raw_plans.copy().values(), *tokens]

    def refusal(self) -> RuntimeError:
        """What a call is told when the client is closed."""
        if self._light and self.family.closed:
            return RuntimeError("the client that this one was made from is closed")
        return RuntimeError("the client is closed")

    def _use_limiter(self, limiter: Limiter | None) -> None:
        self.limiter = limiter
        self._limiter_blocks: bool = getattr(limiter, "blocking", False)
        self._refused = getattr(limiter, "refused", None)

    def _wait_apart(self) -> None:
        self.lines = {}
        self.family.apart[id(self)] = self

    # Others that are made from it.

    def light(self) -> "Engine":
        """One that shares all with this one; closing it closes nothing else."""
        if self.closed or self.family.closed:
            raise self.refusal()
        other = copy.copy(self)
        other._light = True
        if id(self) in self.family.apart:
            self.family.apart[id(other)] = other
        return other

    def with_options(self, changed: Mapping[str, Any]) -> "Engine":
        """One that does some things differently; what is given was checked."""
        other = self.light()
        if "retry" in changed:
            other.retry = changed["retry"] or NO_RETRY
        if "check" in changed:
            other.check = changed["check"]
        policy = self.codec.policy
        if changed.get("strict", policy.strict) != policy.strict:
            other.codec = codec_of(changed["strict"], policy.on_drift)
        if "limiter" in changed:
            other._use_limiter(changed["limiter"])
            other._wait_apart()
        if "on_call" in changed:
            other.telemetry = Telemetry(changed["on_call"], *self._server)
        return other

    def for_corp(self, corp_id: str, permanent_code: Secret) -> "Engine":
        """One that speaks for another company, with plans and tokens of its own; the suite's token is the same."""
        credential: Credential
        match self._credential:
            case Suite() as suite:
                credential = AuthorizedCorp(suite, corp_id, permanent_code)
            case AuthorizedCorp(suite=suite):
                credential = AuthorizedCorp(suite, corp_id, permanent_code)
            case Corp() | Provider() | None:
                credential = Corp(corp_id, permanent_code)
            case _:
                what = "a token centre speaks for whom it likes; make a client with another one"
                raise RefusedArgument(what)
        other = self.light()
        known = self.family.corps.get(credential)
        if known is None:
            other._credential, other._whose = credential, whose(credential)
            other._callers = callers(credential, self._provider)
            other._plans, other._raw_plans, other.lines = {}, {}, {}
            other.token_states = tokens.token_states(other, credential, None, self.token_states)
            known = self.family.corps.setdefault(credential, other)
        other._credential, other._whose = known._credential, known._whose
        other._callers, other.token_states = known._callers, known.token_states
        other._plans, other._raw_plans = known._plans, known._raw_plans
        if other.limiter is known.limiter:
            other.lines = known.lines  # else that of all who have this limiter, this client's
        return other

    # How they are made.

    def plan(
        self,
        name: str,
        path: str,
        where: str,
        state: TokenState | None,
        read: Read[R],
        *,
        method: str,
        in_query: bool,
        readonly: bool = True,
        token: TokenKind | None = None,
        serial: bool = False,
        upload: str = "",
        download: bool = False,
    ) -> Plan[R]:
        """What can be known about an endpoint beforehand."""
        caller = self._callers.get(token or Kinds.ACCESS, {})
        return Plan(
            name=name,
            key=CallKey(name, path, **caller),
            method=method,
            target=f"{self.base}{quote(path, safe='/%')}{f'?{token}=' if token else ''}",
            where=where,
            headers=self._headers if in_query else self._json_headers,
            token_state=state,
            readonly=readonly,
            in_query=in_query,
            joint="&" if token else "?",
            gate=Gate(1) if serial else None,
            read=read,
            upload=upload,
            download=download,
        )

    def _token_state(self, token: str, name: str) -> TokenState:
        state = self.token_states.get(token)
        if state is None:
            article = "an" if token[0] == "a" else "a"
            words = f"{name} needs {article} {token}: give the client {WHICH_CREDENTIAL[token]}"
            where = "provider" if token == "provider_access_token" else "credential"
            raise RefusedArgument(words, f"Client.{where}")
        return state

    def _planned(self, call: Call[R]) -> Plan[Any]:
        endpoint = a_call(call).endpoint
        result = endpoint.result
        plan: Plan[Any] = self.plan(
            endpoint.name,
            endpoint.path,
            endpoint.path,
            self._token_state(endpoint.token, endpoint.name),
            nothing if result is None else partial(structured, result),
            method=endpoint.method,
            readonly=endpoint.readonly,
            in_query=endpoint.method == "GET" or endpoint.upload is not None,
            token=endpoint.token,
            serial=endpoint.serial,
            upload=endpoint.upload or "",
            download=endpoint.download,
        )
        return self._plans.setdefault(type(call), plan)

    # The flows.

    def _run(
        self,
        plan: Plan[R],
        text: str,
        body: bytes | Multipart | None,
        sink: Sink | None = None,
    ) -> Flow[R]:
        """A call from its beginning to its record."""
        effort = Effort(self.timer())
        tracing = self.telemetry.tracing
        span = None if tracing is None else tracing.begin(plan.name)
        try:
            query = f"{plan.joint}{text}" if text else ""
            result = yield from self.attempts(plan, effort, query, body, sink)
        except BaseException as error:
            if self.telemetry.active or LOG.isEnabledFor(INFO):
                self._report(plan, effort, error, span)
            raise
        if self.telemetry.active or LOG.isEnabledFor(DEBUG):
            self._report(plan, effort, None, span)
        return result

    def _upload(self, plan: Plan[R], call: Call[R]) -> Flow[R]:
        text = self.codec.query(call, self.check)
        given: FileContent = getattr(call, plan.upload)
        # The part's name on the wire is the field's.
        try:
            form = Multipart(plan.upload, given)
        except RefusedArgument as error:
            raise error.under(type(call).__name__) from None
        try:
            return (yield from self._run(plan, text, form))
        finally:
            form.close()

    def _download(
        self, plan: Plan[Any], text: str, body: bytes | None, sink: Sink
    ) -> Flow[Download]:
        try:
            result: Download = yield from self._run(plan, text, body, sink)
            return result
        finally:
            sink.close()

    def attempts(
        self,
        plan: Plan[R],
        effort: Effort,
        query: str,
        body: bytes | Multipart | None,
        sink: Sink | None = None,
        token: Secret = NO_SECRET,
    ) -> Flow[R]:
        """Take a token, try, recover, until there is a result or no hope. The table above is here."""
        headers = plan.headers
        if isinstance(body, Multipart):
            headers = {
                **headers,
                "Content-Type": body.content_type,
                "Content-Length": str(body.length),
            }
        state = plan.token_state
        try:
            while True:
                if self.closed or self.family.closed:
                    raise self.refusal()
                if self.lines and effort.line is None and plan in self.lines:
                    yield from self._line_up(effort, self.lines[plan])
                effort.asked = self.clock()
                if state is not None:
                    # Once refused, it keeps to the token that it was given for it.
                    held = effort.given or state.token
                    if held is None or (
                        (effort.asked >= held.renew_at or effort.started >= state.renew_by)
                        and not effort.early
                        and effort.given is None
                    ):
                        held = yield from self._renew_early(state, effort)
                    effort.held = held
                    token = held.quoted
                send = Send(plan, token, query, headers, body, sink)
                outcome = yield from self._send(effort, send)
                if isinstance(outcome, Postponed):
                    yield from self._stand_by(plan, effort, outcome.seconds)
                    continue
                result = self._read(plan, outcome, token, body, sink)
                if not isinstance(result, WeComError):
                    turn = effort.turn
                    if turn is not None and turn.gate.faster() and plan.gate is turn.gate:
                        plan.gate = None
                    if state is not None and state.patience:
                        state.patience = 0.0
                    return result
                if self._refused is not None and is_too_many(result):
                    yield Invoke(self._refused, (plan.key, result), self._limiter_blocks)
                if not self._goes_again(plan, effort, result, sink):
                    raise result
                if isinstance(result, APIError) and result.renews:
                    yield from self._exchange_token(state, effort, result)
                    pause = 0.0
                else:
                    pause = self._back_off(plan, effort, result)
                if self.on_retry is not None:
                    call_hook(self.on_retry, Retrying(plan.name, effort.tries, result, pause))
                if pause:
                    effort.slept += pause
                    yield Sleep(pause)
        finally:
            if effort.line is not None:
                self._leave_line(plan, effort.line)

    def _renew_early(self, state: TokenState, effort: Effort) -> Flow[Token]:
        """The first token, or the next one before the old one ends."""
        token = yield from tokens.renew(self, state, effort)
        effort.early = effort.tries > 0
        effort.spent = effort.early and effort.renewed
        return token

    def _send(self, effort: Effort, send: Send) -> Flow[Answer | Broken | Postponed]:
        """Send once there is room: at the gate of the endpoint, on a connection, and for the limiter."""
        gate, tracing = send.plan.gate, self.telemetry.tracing
        turn = effort.turn = None if gate is None else Turn(gate)
        pool_turn = Turn(self.pool_gate)
        suppressed = None
        try:
            if turn is not None:
                turn.enter()
                if not turn.granted:
                    yield Wait(turn)
            pool_turn.enter()
            if not pool_turn.granted:
                yield Wait(pool_turn)
            if self.closed or self.family.closed:
                raise self.refusal()
            if self.limiter is not None:
                ask = Invoke(self.limiter.take, (send.plan.key,), self._limiter_blocks)
                pause: float = yield ask
                if pause > 0:
                    return Postponed(pause)
                effort.waited = 0.0
                line, effort.line = effort.line, None
                if line is not None:
                    self._leave_line(send.plan, line)
            if tracing is not None:
                suppressed = tracing.suppress_http()
            effort.tries += 1
            outcome: Answer | Broken = yield send
            return outcome
        finally:
            pool_turn.over = True
            if tracing is not None and suppressed is not None:
                tracing.restore_http(suppressed)
            if turn is not None:
                turn.over = True
                turn.leave()
            pool_turn.leave()

    # Waiting for the limiter.

    def _line_up(self, effort: Effort, line: Gate) -> Flow[bool]:
        """Get in line behind those of this endpoint that wait already. Whether there were any."""
        turn = effort.line = Turn(line)
        turn.enter()
        if turn.granted:
            return False
        began = self.timer()
        yield Wait(turn)
        effort.waited += self.timer() - began
        return True

    def _stand_by(self, plan: Plan[Any], effort: Effort, pause: float) -> Flow[None]:
        """Wait as long as the limiter says, as the first in line."""
        if effort.line is None:
            line = self.lines.setdefault(plan, Gate(1))
            if (yield from self._line_up(effort, line)):
                return  # what it said is long ago
        effort.waited += pause
        longest = patience_of(self.limiter)
        if longest is not None and effort.waited > longest:
            words = f"the limiter asks to wait longer than {longest:g} s"
            raise Throttled(words, plan.where, pause)
        if self.on_retry is not None and pause >= WORTH_TELLING:
            error = Throttled(f"the limiter asks to wait {pause:.1f} s", plan.where, pause)
            call_hook(self.on_retry, Retrying(plan.name, effort.tries, error, pause))
        while pause > 0 and not (self.closed or self.family.closed):
            yield Sleep(min(pause, NAP))
            pause -= NAP

    def _leave_line(self, plan: Plan[Any], turn: Turn) -> None:
        """Let the next one ask the limiter."""
        turn.leave()
        if not turn.gate.active:
            self.lines.pop(plan, None)

    def _exchange_token(
        self, state: TokenState | None, effort: Effort, error: APIError
    ) -> Flow[None]:
        """Another token in the place of the one that WeCom refused; raises the error if that would not help."""
        if state is None or effort.held is None:
            raise error
        effort.refused = (*effort.refused, effort.held)
        effort.given = state.token
        if not tokens.among(effort.given, effort.refused) and effort.adoptions < ADOPTIONS:
            pass  # somebody has renewed it while this call was under way
        elif effort.spent:
            state.useless(self.timer())
            raise error
        elif self.timer() < state.stale_until:
            raise error
        else:
            effort.renewed = False
            effort.given = yield from tokens.exchange(self, state, effort, error)
            effort.spent = effort.renewed or effort.adoptions >= ADOPTIONS
        effort.adoptions += 1

    def _back_off(self, plan: Plan[Any], effort: Effort, error: WeComError) -> float:
        """How long to wait before the next try; raises the error when patience ends."""
        effort.failed += 1
        pause = self.retry.pause(effort.failed, effort.slept, self.chance())
        if pause is None:
            raise error
        if isinstance(error, Busy):
            self._narrow(plan, effort.turn)
        return pause

    def _goes_again(
        self, plan: Plan[Any], effort: Effort, error: WeComError, sink: Sink | None
    ) -> bool:
        """Whether sending again can help and cannot harm."""
        if sink is not None and sink.dirty:
            return False
        if isinstance(error, APIError):
            told = self._refused is not None and isinstance(error, RateLimited)
            return error.retryable or error.renews or told
        # Most reads are POST here, so the method says nothing about repeating a call; the spec does.
        if isinstance(error, TransportError):
            return error.transient and (plan.readonly or not error.sent)
        if not isinstance(error, ProtocolError) or not error.transient or not plan.readonly:
            return False
        # What is not JSON now may have been cut off by chance, but hardly twice.
        effort.garbled += error.status == 200
        return effort.garbled <= 1

    def _narrow(self, plan: Plan[Any], turn: Turn | None) -> None:
        """Let fewer calls of this endpoint be under way at once."""
        if turn is not None:
            turn.gate.slower(turn)
        elif plan.gate is None:
            plan.gate = Gate(max(1, self.room // 2), most=self.room)

    # What an answer means.

    def _read(
        self,
        plan: Plan[R],
        outcome: Answer | Broken,
        token: Secret,
        body: bytes | Multipart | None,
        sink: Sink | None,
    ) -> R | WeComError:
        """The result, or the error as a value."""
        if isinstance(outcome, Broken):
            if isinstance(body, Multipart) and body.failure is not None:
                raise body.failure
            how = outcome.how
            if how is Break.TOO_LARGE:
                return ProtocolError(how.words, plan.where)
            cls = Timeout if how.timed_out else TransportError
            peer = self.host
            if self.proxy and not how.sent:
                peer = self.proxy if outcome.at_proxy else f"{self.host} through {self.proxy}"
            words = f"{how.words} ({peer}, {outcome.reason})"
            return caused(cls(words, plan.where, how.sent, how.transient), outcome.cause)
        content = outcome.body
        if sink is not None:
            foreign = outcome.status == 200 and sink.foreign
            message = sink.message()
            if sink.failure is not None:
                raise sink.failure
            if message is None:
                return cast(R, sink.finish())
            if foreign:
                return self._foreign_answer(plan, outcome, message, token, "no file")
            content = message
        if outcome.status != 200:
            what = f"HTTP status {outcome.status}"
            if outcome.status == PROXY_WANTS_PASSWORD and self.proxy:
                what += f" from {self.proxy}"
            return self._foreign_answer(plan, outcome, content, token, what)
        try:
            data = self.codec.loads(content, plan.name)
        except ValueError as error:
            return self._foreign_answer(plan, outcome, content, token, f"not JSON, {error}")
        if data.__class__ is not dict:
            return ProtocolError("not a JSON object", plan.where)
        if given := data.get("errcode"):
            code = None if given is True else to_integer(given)
            if code is None:
                return ProtocolError("errcode is not a number", plan.where)
            if code:
                words = redact(str(data.get("errmsg") or ""), token)
                return api_error(code, words, plan.where, self.errors())
        try:
            return plan.read(self.codec.structure, data)
        except DecodeError as error:
            return caused(ProtocolError(str(error), plan.where), clean(error))

    def _foreign_answer(
        self, plan: Plan[Any], outcome: Answer, content: bytes, token: Secret, what: str
    ) -> ProtocolError:
        """An answer of somebody else's: a gateway, a proxy, a captive portal."""
        kind = outcome.headers.get("content-type") or "no content type"
        begin = redact(content[:2000].decode("utf-8", "replace"), token)
        begin = " ".join(begin.split())[:120]
        transient = outcome.status == 200 or outcome.status >= 500
        return ProtocolError(f"{what} ({kind}): {begin!r}", plan.where, outcome.status, transient)

    def _report(
        self, plan: Plan[Any], effort: Effort, error: BaseException | None, span: Any
    ) -> None:
        ms = (self.timer() - effort.started) * 1000
        record = record_of(plan.name, effort.tries, ms, error)
        tracing = self.telemetry.tracing
        try:
            self.telemetry.report(record)
        finally:
            if tracing is not None:
                tracing.end(span, record)


def whose(credential: object) -> str:
    """Who a client speaks for, without a secret."""
    match credential:
        case Corp(corp_id=corp_id):
            return f"of corp {corp_id}"
        case AuthorizedCorp(suite=Suite(suite_id=suite_id), corp_id=corp_id):
            return f"of corp {corp_id}, which authorised suite {suite_id}"
        case Suite(suite_id=suite_id):
            return f"of suite {suite_id}"
        case Provider(corp_id=corp_id):
            return f"of provider {corp_id}"
        case _:
            return f"with tokens of {type(credential).__name__}"


def callers(
    credential: Credential | None, provider: Provider | None
) -> dict[TokenKind, dict[str, str]]:
    """Whose calls they are, for a limiter, by the token that they take."""
    access: dict[str, str] = {}
    found: dict[TokenKind, dict[str, str]] = {Kinds.ACCESS: access}
    suite: Suite | None = None
    match credential:
        case Corp(corp_id=corp_id, secret=secret):
            access.update(corp=corp_id, app=fingerprint(secret)[:8])
        case AuthorizedCorp(corp_id=corp_id, suite=suite):
            access.update(corp=corp_id, app=suite.suite_id)
        case Suite():
            suite = credential
        case Provider():
            provider = credential
        case _:
            corp_id = getattr(credential, "corp_id", "")
            access.update(corp=corp_id if isinstance(corp_id, str) else "")
    if suite is not None:
        access["provider"] = suite.suite_id if provider is None else provider.corp_id
        found[Kinds.SUITE] = {"app": suite.suite_id, "provider": access["provider"]}
    if provider is not None:
        found[Kinds.PROVIDER] = {"corp": provider.corp_id, "provider": provider.corp_id}
    return found


def patience_of(limiter: object) -> float | None:
    """How long a call may be kept waiting; None for as long as it takes."""
    longest: float | None = getattr(limiter, "max_wait", getattr(limiter, "longest", None))
    return longest


def is_too_many(error: WeComError) -> bool:
    """Whether WeCom refused a call because there were too many, in a while or at a time."""
    return isinstance(error, RateLimited) or (
        isinstance(error, APIError) and error.code == TOO_MANY
    )


def structured(cls: type[R], structure: Callable[[Any, type[R]], R], data: dict[str, Any]) -> R:
    """A reply without its envelope, as its class."""
    data.pop("errcode", None)
    data.pop("errmsg", None)
    return structure(data, cls)


def nothing(structure: object, data: dict[str, Any]) -> None:
    """The reply of a call that only says yes."""


def as_it_is(structure: object, data: dict[str, Any]) -> dict[str, Any]:
    """The reply of a raw call."""
    return data


def caused(error: WeComError, cause: BaseException | None) -> WeComError:
    """`raise error from cause`, without raising."""
    error.__cause__ = cause
    return error


def raw_query(data: object) -> str:
    """Parameters for a query that a user wrote; raises `RefusedArgument` with the path to what does not fit in one."""
    if not isinstance(data, Mapping):
        raise RefusedArgument(f"a mapping, not {type(data).__name__}", "raw.query")
    refuse_under("raw.query", dict(data), plain=True)
    for key, value in data.items():
        many = isinstance(value, (list, tuple))
        for index, part in enumerate(value if many else [value]):
            if part is None or isinstance(part, (dict, list, tuple)):
                where = f"raw.query.{key}[{index}]" if many else f"raw.query.{key}"
                raise RefusedArgument(f"{brief(part)} does not fit into a query", where)
    return query(data)


class Paging(Generic[P, T]):
    """Where a walk over pages stands."""

    _LOOP = "for item in pager"
    _FIRST = "next(iter(pager), None)"
    _WHOLE = "list(pager)"
    _REPLY = "pager.first()"
    """How to get the items, the first of them, all of them, and the first reply."""

    def __init__(self, engine: Engine, call: PagedCall[P, T]) -> None:
        if not isinstance(a_call(call), PagedCall):
            what = f"a paged call such as CustomerBatchGet(…), not {type(call).__name__}"
            raise RefusedArgument(what, "pager.call")
        self._engine = engine
        self._first = call
        self._call: PagedCall[P, T] | None = call
        self._field = call.endpoint.paginate.cursor if call.endpoint.paginate else ""
        self._seen = {self._mark(call)}

    @property
    def call(self) -> PagedCall[P, T] | None:
        """The request for the page to be read next; None when all were read. `client.pager(call)` resumes."""
        return self._call

    @property
    def cursor(self) -> Any:
        """Where to resume: the cursor, offset or page number of `call`; None at the beginning and at the end.

        It moves on when all items of a page have been taken, so whoever resumes repeats a page rather than lose one.
        """
        return getattr(self._call, self._field, None)

    def __repr__(self) -> str:
        if self._call is None:
            state = "all read"
        else:
            state = "nothing read yet" if self._call is self._first else "some read"
            if self.cursor is not None:
                state += f", to go on at {self._field} {brief(self.cursor)}"
        return (
            f"<{type(self).__name__} of {self._first.endpoint.name}, {state}: "
            f"`{self._LOOP}` for items, .pages() for replies, .first() for the first reply>"
        )

    # What newcomers try, and what to do instead. Type checkers refuse all of it by themselves, so they see none of it.
    # There is no `__len__`: who finds one, such as `Pool.map`, makes no list.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            words = f"{type(self).__name__!r} object has no attribute {name!r}"
            if not name.startswith("_"):
                words += f"; {self._where_is(name)}"
            raise AttributeError(words, name=name, obj=self)

        def __bool__(self) -> NoReturn:
            self._refuse("does not know before it is read whether there is anything", self._WHOLE)

        def __getitem__(self, index: object) -> NoReturn:
            self._refuse("has no index", f"{self._FIRST}, or {self._WHOLE}")

        def __next__(self) -> NoReturn:
            self._refuse("is not an iterator", self._FIRST)

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TypeError(f"{type(self).__name__!r} object {what}; write {instead}")

    def _where_is(self, name: str) -> str:
        """Where an attribute is that somebody looks for on the pager."""
        result, paginate = self._first.endpoint.result, self._first.endpoint.paginate
        reply = fields_dict(result) if result else {}
        if name in reply:
            return f"a reply has it: {self._REPLY}.{name}; items: {self._LOOP}"
        if paginate and paginate.items in reply:
            item = Shape.of(reply[paginate.items].type).inner
            if has(item) and name in fields_dict(item):
                return f"an item has it: {self._LOOP}: item.{name}"
        return f"items: {self._LOOP}; the first reply: {self._REPLY}"

    def _mark(self, call: PagedCall[P, T]) -> bytes:
        # Within a walk requests differ in the fields that lead on: a cursor, a page number, or both. A digest of
        # them, because a walk may be long.
        where = (getattr(call, self._field, None), getattr(call, "cursor", None))
        return hashlib.blake2b(repr(where).encode(), digest_size=16).digest()

    def _advance(self, call: PagedCall[P, T], page: P) -> None:
        after = call.after(page)
        if after is not None:
            mark = self._mark(after)
            if mark in self._seen:
                raise PaginationStalled(
                    f"{call.endpoint.name}: a page leads back to one that was read, {self._field} "
                    f"{getattr(after, self._field, None)!r}"
                )
            self._seen.add(mark)
        self._call = after
