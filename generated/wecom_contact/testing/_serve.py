"""From a request to an answer: token, spec, limits, the call itself, and the trouble that was ordered.

Hand-written: edit codegen/surfaces/testing/_serve.py.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import orjson
from attrs import frozen
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ..catalog import Endpoint
from . import _calls
from ._answers import ANSWERS, EXAMPLES, Ask, Upload, example_of, lists_of, sparse
from ._check import FORMS
from ._refusals import Refusal, errmsg
from ._sight import (
    Sight,
    check_address,
    check_permitted,
    check_sight,
    check_userids,
    from_provider,
    to_provider,
)
from ._things import CallMade, Data, Media
from ._tokens import CODES, METHODS, PATHS, SECRETS, SUITE, Tokens
from ._trouble import Trouble
from ._world import World

JSON = "application/json; charset=UTF-8"
TOKENS = frozenset(CODES)
Kind: TypeAlias = str | tuple[str, ...]
MOST_AT_ONCE = 20 * 1024 * 1024
"""Bytes of a file that one answer may have."""
ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u")


@frozen
class Request:
    """What came over the wire."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = b""
    address: str = "127.0.0.1"


@frozen
class Reply:
    """What goes back, and what is broken about it."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = {}
    cut: bool = False
    truncated: bool = False


class Serving:
    """Answers requests for a corp."""

    def __init__(self, corp: World, on_call: Callable[[CallMade], object] | None = None) -> None:
        _calls.load()
        self.corp = corp
        self.tokens = Tokens(corp)
        self.on_call = on_call
        self._under_way: Counter[Kind] = Counter()

    def answer(self, request: Request) -> Reply:
        """Answer a request."""
        corp = self.corp
        begun = time.perf_counter()
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        endpoint = None
        name = PATHS.get(request.path)
        if name is None:
            endpoint = FORMS.find(request.path)
            name = request.path if endpoint is None else endpoint.name
        call = CallMade(name, request.method, request.path, {}, None, None, corp.clock.time())
        kinds = self._kinds(name, request)
        with corp.lock:
            # What was under way when a call came counts, not what came while it waited.
            crowded = self._crowded(endpoint, kinds)
            self._under_way.update(kinds)
        trouble = corp.trouble.take(name, endpoint is None or endpoint.readonly)
        try:
            if trouble is not None and trouble.latency:
                time.sleep(trouble.latency)
            reply = self._troubled(request, query, endpoint, call, trouble, crowded)
        finally:
            with corp.lock:
                self._under_way -= Counter(kinds)
        call.trouble = "" if trouble is None else str(trouble)
        call.seconds = time.perf_counter() - begun
        with corp.lock:
            corp.calls.append(call)
            corp.call_counts[name] += 1
        if self.on_call is not None:
            self.on_call(call)
        return reply

    def _troubled(
        self,
        request: Request,
        query: dict[str, str],
        endpoint: Endpoint[Any] | None,
        call: CallMade,
        trouble: Trouble | None,
        crowded: int,
    ) -> Reply:
        if trouble is None:
            return self._reply(request, query, endpoint, call, crowded)
        if trouble.errcode is not None:
            call.errcode = trouble.errcode
            refusal = Refusal(trouble.errcode)
            return self._refused(refusal, request, trouble.errmsg)
        broken = trouble.cut or trouble.status is not None
        reply = Reply(b"")
        if trouble.done or not broken:
            reply = self._reply(request, query, endpoint, call, crowded)
        if trouble.cut:
            return Reply(b"", cut=True)
        if trouble.status is not None:
            page = f"<html><body><h1>{trouble.status}</h1></body></html>".encode()
            return Reply(page, trouble.status, "text/html")
        if trouble.truncated:
            return Reply(reply.body, content_type=reply.content_type, truncated=True)
        return reply

    def _reply(
        self,
        request: Request,
        query: dict[str, str],
        endpoint: Endpoint[Any] | None,
        call: CallMade,
        crowded: int,
    ) -> Reply:
        try:
            with self.corp.lock:
                self.corp.clock.settle()
                said = self._said(request, query, endpoint, call, crowded)
            reply = file_reply(said, request) if isinstance(said, Media) else json_reply(said)
        except Refusal as refusal:
            call.errcode = refusal.code
            return self._refused(refusal, request)
        call.errcode = 0
        return reply

    def _refused(self, refusal: Refusal, request: Request, words: str | None = None) -> Reply:
        corp = self.corp
        with corp.lock:
            hint = f"{corp.clock.seconds()}_{corp.ids.number('hint')}_{corp.ids.hex('hint')}"
        message = errmsg(refusal.code, words or refusal.words, hint, request.address)
        empty: Data = {name: [] for name in refusal.lists}
        return Reply(orjson.dumps({"errcode": refusal.code, "errmsg": message, **empty}))

    def _said(
        self,
        request: Request,
        query: dict[str, str],
        endpoint: Endpoint[Any] | None,
        call: CallMade,
        crowded: int,
    ) -> "Data | Media | None":
        corp = self.corp
        if call.name in PATHS.values():
            check_method(METHODS.get(call.name, "POST"), request)
            # Secrets count where they belong, a token in the address and all else in the body.
            ask = query
            if request.method == "POST":
                body = read_json(request.body)
                ask = {key: query[key] for key in TOKENS & query.keys()}
                ask |= {key: body[key] for key in body if key not in TOKENS}
            call.data = {k: v for k, v in ask.items() if k not in SECRETS and k not in TOKENS}
            return self.tokens.fetch(call.name, ask, request.address)
        if endpoint is None:
            raise Refusal(40066)
        call.app = app = self.tokens.check(endpoint.token, query.get(endpoint.token))
        caller = self.tokens.caller(app)
        check_address(caller, request.address)
        check_permitted(caller, endpoint, own=app != SUITE)
        rest = {key: value for key, value in query.items() if key not in TOKENS and key != "debug"}
        file = None
        check_method(endpoint.method, request)
        if endpoint.upload:
            data: Data = rest
            file = read_file(request, endpoint.upload)
        elif endpoint.method == "GET":
            data = rest
        else:
            data = read_json(request.body)
        call.data = data
        if crowded:
            raise Refusal(crowded)
        self._ration(endpoint, query)
        data = FORMS.of(endpoint, not corp.manner.unknown_fields_refused).read(data)
        # The calls that convert ids are about those of both.
        foreign = app == SUITE and not endpoint.name.startswith("id_convert.")
        if foreign:
            data = from_provider(corp, data)
        check_userids(endpoint.name, data)
        sight = Sight.of(corp, caller)
        if sight is not None:
            check_sight(corp, sight, endpoint.name, data)
        answer = ANSWERS.get(endpoint.name)
        if answer is None:
            said: Data | Media | None = EXAMPLES.get(endpoint.name) or example_of(endpoint)
        else:
            try:
                said = answer(Ask(corp, endpoint.name, data, app, file, sight))
            except Refusal as refusal:
                refusal.lists = lists_of(endpoint)
                raise
        if foreign and isinstance(said, dict):
            said = to_provider(corp, said)
        if isinstance(said, dict) and (corp.manner.sparse_replies or caller.hidden_fields):
            hidden = None if corp.manner.sparse_replies else caller.hidden_fields
            said = sparse(endpoint, said, hidden)
        return said

    def _kinds(self, name: str, request: Request) -> list[Kind]:
        """What a call is counted as while it is under way: by its name, and by what it is about."""
        _, fields = self.corp.limits.one_at_a_time.get(name, (0, ()))
        try:
            data = read_json(request.body) if fields else {}
        except Refusal:
            data = {}
        if not data:
            return [name]
        return [name, (name, *(str(data.get(field)) for field in fields))]

    def _crowded(self, endpoint: Endpoint[Any] | None, kinds: list[Kind]) -> int:
        """The code for a call that comes while too many of its kind are under way; 0 if it may go on."""
        if endpoint is None:
            return 0
        limits, name = self.corp.limits, endpoint.name
        if any(self._under_way[kind] for kind in kinds[1:]):
            return limits.one_at_a_time[name][0]
        most = limits.parallel_per_call.get(name, limits.parallel)
        if endpoint.serial and limits.serial:
            most = 1
        return 45033 if most is not None and self._under_way[name] >= most else 0

    def _ration(self, endpoint: Endpoint[Any], query: dict[str, str]) -> None:
        """Count the call, if calls are counted."""
        limits, name = self.corp.limits, endpoint.name
        if limits.rates:
            now = self.corp.clock.time()
            rates = limits.per_call.get(name, limits.per_api)
            if not self.corp.rates.take(name, rates, now):
                raise Refusal(45009)
            if query.get("debug") == "1" and not self.corp.rates.take(
                "debug", ((limits.debug_a_minute, 60),), now
            ):
                raise Refusal(45009, "debug=1")


def check_method(wanted: str, request: Request) -> None:
    """Refuse a call that was made by another method."""
    if request.method != wanted:
        raise Refusal(40058, f"{request.method} instead of {wanted}")


def read_json(body: bytes) -> Data:
    """The object in a body; no body is no field."""
    if not body:
        return {}
    if b"\\u" in body and ESCAPE.search(body):
        raise Refusal(40033)
    try:
        data = orjson.loads(body)
    except ValueError:
        raise Refusal(40058, "wrong json format") from None
    if not isinstance(data, dict):
        raise Refusal(40058, "wrong json format")
    return data


def in_memory(*_: object, **__: object) -> BytesIO:
    """Where an uploaded file is kept while it is read; werkzeug's own choice wants to be closed."""
    return BytesIO()


def read_file(request: Request, part: str) -> Upload:
    """The file of a multipart body."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    _, _, files = FormDataParser(stream_factory=in_memory).parse(
        BytesIO(request.body), kind, len(request.body), options
    )
    found = files.get(part)
    if found is None:
        raise Refusal(44001, f"no part named {part}")
    if not found.filename:
        # Without a name a part is a field of a form, not a file; so WeCom finds no file either.
        raise Refusal(44001, f"the part named {part} has no filename")
    return Upload(found.filename, found.mimetype, found.read())


def json_reply(said: "Data | None") -> Reply:
    """The usual answer to a call that went well."""
    return Reply(orjson.dumps({"errcode": 0, "errmsg": "ok", **(said or {})}))


def file_reply(media: Media, request: Request) -> Reply:
    """A file, or the part of it that is asked for; refused if that is too much for one answer."""
    name = in_header(media.name.replace("\\", r"\\").replace('"', r"\""))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kind = in_header(media.content_type)
    size = len(media.content)
    asked = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", request.headers.get("range", ""))
    begin = 0 if asked is None else int(asked[1])
    end = size - 1 if asked is None else min(int(asked[2] or size), size - 1)
    if asked is not None and begin > end:
        return Reply(b"", 416, content_type=kind, headers={"Content-Range": f"bytes */{size}"})
    if end - begin >= MOST_AT_ONCE:
        raise Refusal(830002)
    if asked is None:
        return Reply(media.content, content_type=kind, headers=headers)
    headers["Content-Range"] = f"bytes {begin}-{end}/{size}"
    return Reply(media.content[begin : end + 1], 206, content_type=kind, headers=headers)


def in_header(text: str) -> str:
    """A text as the bytes of a header, which has one line."""
    text = text.replace("\r", "%0D").replace("\n", "%0A")
    return text.encode("utf-8", "replace").decode("latin-1")
