"""Every decision about a call, without a socket, a lock or a clock of its own; the drivers do as they are told.

A flow is a generator. It yields what it wants (`Send`, `Wait`, `Sleep`, `Ask`) and is sent what came of it, as a
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
    no JSON                                     again           ProtocolError
    JSON of a wrong shape                       ProtocolError   ProtocolError
    more than 64 MiB of it                      ProtocolError   ProtocolError
    Busy (-1, 6000, 45033)                      again           again
    StaleToken (40014, 42001, 41001 …)          renew, again    renew, again
    RateLimited (45009)                         raised          raised
    every other code                            raised          raised

"Again" is after a pause, as often and as long as `Retry` allows; then the error is raised. Renewal happens at most
once in a call, and not at all while a token just fetched has been refused like the one before. So a write is sent twice only
if WeCom refused it or nothing of it had left this machine. There are no idempotency keys in this API.

Each `Busy` also halves the number of calls of that endpoint that may be under way at once; it grows again call by call.

Hand-written: edit codegen/runtime/_flow.py.
"""

import hashlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

import orjson

from . import _tokens
from ._gates import Gate, Turn
from ._media import Download, FileContent, Multipart, Sink
from ._model import Call, Endpoint, PagedCall
from ._observe import LOG, CallRecord, Watch, call_hook, record
from ._secrets import Secret, clean, redact
from ._steps import (
    NO_SECRET,
    Answer,
    Ask,
    Break,
    Broken,
    Effort,
    Flow,
    Plan,
    Send,
    Sleep,
    Wait,
)
from .codec import Codec, DecodeError
from .credentials import Credential, Provider, TokenKind
from .errors import (
    APIError,
    ErrorFact,
    PaginationStalled,
    ProtocolError,
    Timeout,
    TransportError,
    WeComError,
    api_error,
)
from .limits import Limiter
from .retry import Retry, Retrying
from .stores import AnyStore

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")

DEBUG = logging.DEBUG
INFO = logging.INFO

HEADERS = {"User-Agent": "wecom-contact", "Accept-Encoding": "gzip, deflate"}
JSON = {"Content-Type": "application/json"}

NO_RETRY = Retry(tries=1)
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
        whole_url: bool = False,
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
        # A host's own pool wants the path alone; aiohttp, and a proxy for http://, the whole URL.
        origin = f"{parts.scheme}://{parts.netloc}" if whole_url else ""
        self.host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self.proxy = proxy
        """How a message calls the proxy, if there is one: host and port, no password."""
        self.base = origin + quote(parts.path.rstrip("/"), safe="/%")
        self.errors = errors
        self._headers = dict(headers)
        self._json_headers = {**headers, **JSON}
        self.shelf = None if store is None else _tokens.Shelf(store, clock)
        self.retry = retry or NO_RETRY
        self.codec = codec
        self.check = check
        self.limiter = limiter
        self.room = room
        self.seats = Gate(room)
        """Who sends, and who waits for a connection."""
        self.watch = Watch(on_call)
        self.on_retry = on_retry
        self.clock = clock
        self.timer = timer
        self.chance = chance
        self.closed = False
        self._plans: dict[Endpoint[Any], Plan[Any]] = {}
        self._raw_plans: dict[tuple[Any, ...], Plan[dict[str, Any]]] = {}
        self.boxes = _tokens.boxes(self, credential, provider)

    # What can be asked of it: flows.

    def call(self, call: Call[R]) -> Flow[R]:
        """Send a call and read its reply."""
        plan = self._plans.get(call.endpoint) or self._planned(call.endpoint)
        data = self.codec.encode(call, self.check)
        if call.endpoint.upload is not None:
            return self._upload(plan, query(data), call.endpoint.upload, call)
        if call.endpoint.download:
            return cast(Flow[R], self.download(call))
        if plan.in_query:
            return self._run(plan, query(data), None)
        return self._run(plan, "", orjson.dumps(data))

    def download(self, call: Call[Any], to: Any = None) -> Flow[Download]:
        """Send a call whose reply is a file."""
        plan = self._plans.get(call.endpoint) or self._planned(call.endpoint)
        data = self.codec.encode(call, self.check)
        text, body = (query(data), None) if plan.in_query else ("", orjson.dumps(data))
        return self._download(plan, text, body, Sink(to))

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
        if not path.startswith("/") or "?" in path:
            raise ValueError(f"path: /cgi-bin/…, and parameters in query=, not {path!r}")
        readonly = method == "GET" if readonly is None else readonly
        key = (method, path, token, readonly, json is None)
        plan = self._raw_plans.get(key)
        if plan is None:
            plan = self.plan(
                f"{method} {path}",
                path,
                path,
                None if token is None else self._box(token, path),
                dict,
                method=method,
                readonly=readonly,
                in_query=json is None and method == "GET",
                token=token,
            )
            if len(self._raw_plans) >= RAW_PLANS:
                self._raw_plans.clear()
            self._raw_plans[key] = plan
        body = None if plan.in_query else orjson.dumps({} if json is None else json)
        text = query(query_ or {})
        return self._run(plan, text if token else text.replace("&", "?", 1), body)

    # What happens to it.

    def close(self) -> None:
        """Begin nothing new. Who waits in line is told at once; what is under way comes to its end."""
        self.closed = True
        for gate in self._gates():
            gate.open()

    def start_anew(self) -> None:
        """Forget who was under way: this process was forked, and they stayed in the other."""
        self.seats = self.seats.anew()
        for box in self.boxes.values():
            box.gate = box.gate.anew()
        for plan in self._all_plans():
            if plan.gate is not None:
                plan.gate = plan.gate.anew()

    def _gates(self) -> list[Gate]:
        gates = [box.gate for box in self.boxes.values()]
        gates += [plan.gate for plan in self._all_plans() if plan.gate is not None]
        return [*gates, self.seats]

    def _all_plans(self) -> list[Plan[Any]]:
        return [*self._plans.copy().values(), *self._raw_plans.copy().values()]

    def refusal(self) -> RuntimeError:
        """What a call is told when the client is closed."""
        return RuntimeError("the client is closed")

    # How they are made.

    def plan(
        self,
        name: str,
        path: str,
        where: str,
        box: "_tokens.Box | None",
        read: Callable[[dict[str, Any]], R],
        *,
        method: str | None = None,
        readonly: bool = True,
        in_query: bool | None = None,
        token: str | None = None,
        serial: bool = False,
        upload: bool = False,
    ) -> Plan[R]:
        """What can be known about an endpoint beforehand."""
        in_query = box is None if in_query is None else in_query
        return Plan(
            name=name,
            method=method or ("GET" if in_query else "POST"),
            target=f"{self.base}{quote(path, safe='/%')}{f'?{token}=' if token else ''}",
            where=where,
            headers=self._headers if in_query or upload else self._json_headers,
            box=box,
            readonly=readonly,
            in_query=in_query,
            gate=Gate(1) if serial else None,
            read=read,
        )

    def _box(self, token: str, name: str) -> "_tokens.Box":
        box = self.boxes.get(token)
        if box is None:
            raise ValueError(
                f"{name} needs {'an' if token[0] == 'a' else 'a'} {token}: give the client {WHICH_CREDENTIAL[token]}"
            )
        return box

    def _planned(self, endpoint: Endpoint[R]) -> Plan[Any]:
        result = endpoint.result
        in_query = endpoint.method == "GET"
        plan: Plan[Any] = self.plan(
            endpoint.name,
            endpoint.path,
            endpoint.path,
            self._box(endpoint.token, endpoint.name),
            nothing if result is None else partial(structured, self.codec.structure, result),
            method=endpoint.method,
            readonly=endpoint.readonly,
            in_query=in_query,
            token=endpoint.token,
            serial=endpoint.serial,
            upload=endpoint.upload is not None,
        )
        return self._plans.setdefault(endpoint, plan)

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
        try:
            result = yield from self.attempts(plan, effort, text, body, sink)
        except BaseException as error:
            if self.watch.active or LOG.isEnabledFor(INFO):
                self._tell(plan, effort, error)
            raise
        if self.watch.active or LOG.isEnabledFor(DEBUG):
            self._tell(plan, effort, None)
        return result

    def _upload(self, plan: Plan[R], text: str, part: str, call: Call[R]) -> Flow[R]:
        given: FileContent = getattr(call, part)
        # The part's name on the wire is the field's.
        form = Multipart(part, given)
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
        text: str,
        body: bytes | Multipart | None,
        sink: Sink | None = None,
        token: Secret = NO_SECRET,
    ) -> Flow[R]:
        """Send until there is a result or no hope. The table above is here."""
        box: _tokens.Box | None = plan.box
        held = None
        adoptions = 0
        tried = 0
        renewed = False
        headers = plan.headers
        if isinstance(body, Multipart):
            headers = {
                **headers,
                "Content-Type": body.content_type,
                "Content-Length": str(body.length),
            }
        while True:
            if self.closed:
                raise self.refusal()
            effort.asked = self.clock()
            if box is not None:
                held = box.token
                if held is None or (effort.asked >= held.renew_at and not renewed):
                    renewed = effort.tries > 0
                    held = yield from _tokens.renew(self, box, effort, None)
                token = held.quoted
            if self.limiter is not None:
                yield from self._ration(self.limiter, plan)
            effort.tries += 1
            turn = None if plan.gate is None else Turn(plan.gate)
            seat = Turn(self.seats)
            try:
                if turn is not None:
                    turn.enter()
                    if not turn.granted:
                        yield Wait(turn)
                seat.enter()
                if not seat.granted:
                    yield Wait(seat)
                if self.closed:
                    raise self.refusal()
                outcome = yield Send(plan, token, text, headers, body, sink)
            finally:
                seat.over = True
                if turn is not None:
                    turn.over = True
                    turn.leave()
                seat.leave()
            result = self._read(plan, outcome, token, body, sink)
            if not isinstance(result, WeComError):
                if turn is not None and turn.gate.faster() and plan.gate is turn.gate:
                    plan.gate = None
                if box is not None and box.patience:
                    box.patience = 0.0
                return result
            error = result
            if not self._goes_again(plan, error, sink):
                raise error
            pause = 0.0
            if isinstance(error, APIError) and error.renews:
                if box is None or held is None:
                    raise error
                if not _tokens.same(box.token, held) and adoptions < ADOPTIONS:
                    adoptions += 1  # somebody has renewed it while this call was under way
                elif renewed:
                    box.useless(self.clock())
                    raise error
                elif self.clock() < box.stale_until:
                    raise error
                else:
                    renewed = True
                    yield from _tokens.renew(self, box, effort, held)
            else:
                tried += 1
                again = self.retry.pause(tried, effort.slept, self.chance())
                if again is None:
                    raise error
                pause = again
                if isinstance(error, APIError):
                    self._narrow(plan, turn)
            if self.on_retry is not None:
                call_hook(self.on_retry, Retrying(plan.name, effort.tries, error, pause))
            if pause:
                effort.slept += pause
                yield Sleep(pause)

    def _goes_again(self, plan: Plan[Any], error: WeComError, sink: Sink | None) -> bool:
        """Whether sending again can help and cannot harm."""
        if sink is not None and sink.dirty:
            return False
        if isinstance(error, APIError):
            return error.repeats or error.renews
        # Most reads are POST here, so the method says nothing about repeating a call; the spec does.
        if isinstance(error, TransportError):
            return error.passing and (plan.readonly or not error.sent)
        return plan.readonly and isinstance(error, ProtocolError) and error.passing

    def _narrow(self, plan: Plan[Any], turn: Turn | None) -> None:
        """Let fewer calls of this endpoint be under way at once."""
        if turn is not None:
            turn.gate.slower(turn)
        elif plan.gate is None:
            plan.gate = Gate(max(1, self.room // 2), most=self.room)

    def _ration(self, limiter: Limiter, plan: Plan[Any]) -> Flow[None]:
        """Wait as long as the limiter says."""
        waited = 0.0
        while True:
            pause: float = yield Ask(limiter.take, (plan.name,))
            if pause <= 0:
                return
            waited += pause
            if waited > limiter.longest:
                words = f"the limiter asks to wait longer than {limiter.longest:g} s"
                raise Timeout(words, plan.where, sent=False)
            yield Sleep(pause)

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
            cls = Timeout if how.late else TransportError
            peer = self.host
            if self.proxy and not how.sent:
                peer = self.proxy if outcome.at_proxy else f"{self.host} through {self.proxy}"
            words = f"{how.words} ({peer}, {outcome.reason})"
            return caused(cls(words, plan.where, how.sent, how.passing), outcome.cause)
        content = outcome.body
        if sink is not None:
            message = sink.message()
            if sink.failure is not None:
                raise sink.failure
            if message is None:
                return cast(R, sink.finish())
            content = message
        if outcome.status != 200:
            what = f"HTTP status {outcome.status}"
            if outcome.status == PROXY_WANTS_PASSWORD and self.proxy:
                what += f" from {self.proxy}"
            return self._strange(plan, outcome, content, token, what)
        try:
            data = orjson.loads(content)
        except orjson.JSONDecodeError:
            return self._strange(plan, outcome, content, token, "no JSON")
        if data.__class__ is not dict:
            return ProtocolError("no JSON object", plan.where)
        if code := data.get("errcode"):
            try:
                code = int(code)
            except (TypeError, ValueError):
                return ProtocolError("errcode is no number", plan.where)
            if code:
                words = redact(str(data.get("errmsg") or ""), token)
                return api_error(code, words, plan.where, self.errors())
        try:
            return plan.read(data)
        except DecodeError as error:
            return caused(ProtocolError(str(error), plan.where), clean(error))

    def _strange(
        self, plan: Plan[Any], outcome: Answer, content: bytes, token: Secret, what: str
    ) -> ProtocolError:
        """An answer of somebody else's: a gateway, a proxy, a captive portal."""
        kind = outcome.headers.get("content-type") or "no content type"
        begin = redact(content[:2000].decode("utf-8", "replace"), token)
        begin = " ".join(begin.split())[:120]
        passing = outcome.status == 200 or outcome.status >= 500
        return ProtocolError(f"{what} ({kind}): {begin!r}", plan.where, outcome.status, passing)

    def _tell(self, plan: Plan[Any], effort: Effort, error: BaseException | None) -> None:
        ms = (self.timer() - effort.started) * 1000
        self.watch.tell(record(plan.name, effort.tries, ms, error))


def structured(structure: Callable[[Any, type[R]], R], cls: type[R], data: dict[str, Any]) -> R:
    """A reply without its envelope, as its class."""
    data.pop("errcode", None)
    data.pop("errmsg", None)
    return structure(data, cls)


def nothing(data: dict[str, Any]) -> None:
    """The reply of a call that only says yes."""


def caused(error: WeComError, cause: BaseException | None) -> WeComError:
    """`raise error from cause`, without raising."""
    error.__cause__ = cause
    return error


def query(data: Mapping[str, object]) -> str:
    """Parameters for the query, to follow the token: `&type=image`."""
    if not data:
        return ""
    return "&" + urlencode({key: word(value) for key, value in data.items()})


def word(value: object) -> object:
    """A value in a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(word(each)) for each in value)
    return value


class Paging(Generic[P, T]):
    """Where a walk over pages stands."""

    def __init__(self, engine: Engine, call: PagedCall[P, T]) -> None:
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

    def _mark(self, call: PagedCall[P, T]) -> bytes:
        # Requests are compared whole, by digest: some carry a page number and a cursor, and a walk may be long.
        data = self._engine.codec.encode(call, False)
        return hashlib.blake2b(orjson.dumps(data), digest_size=16).digest()

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
