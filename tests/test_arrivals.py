"""How often a request arrives, for every call there is, whatever goes wrong: as the table in `_flow.py` says."""

import re
import threading
from typing import Any

import attrs
import pytest
from serving import OK, Cut, Reply, Request, says, serving, unused
from wecom_contact import Upload, catalog, codec
from wecom_contact._runtime import flow as _flow
from wecom_contact.errors import WeComError
from wecom_contact.retry import Retry, Timeouts

TRIES = 3
AT_ONCE = Retry(tries=TRIES, first=0)

ROW = re.compile(r"^    (\S.*?)  +(\S.*?)  +(\S.*)$", re.MULTILINE)
TABLE = {row[1]: (row[2], row[3]) for row in ROW.finditer(_flow.__doc__ or "")}

FINE = Reply({**OK, "x": "y" * 2000})
FAILURES: dict[str, tuple[str, Any]] = {
    "closed without an answer": ("connection lost, answer cut off", Cut()),
    "reset without an answer": ("connection lost, answer cut off", Cut(reset=True)),
    "cut in the head": ("connection lost, answer cut off", Cut(30, FINE)),
    "cut in the body": ("connection lost, answer cut off", Cut(500, FINE)),
    "reset in the body": ("connection lost, answer cut off", Cut(500, FINE, reset=True)),
    "broken gzip": (
        "connection lost, answer cut off",
        Reply(b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
    ),
    "an error of a gateway": ("HTTP 5xx", Reply(b"<h1>Bad Gateway</h1>", 502)),
    "a redirect": ("any other status but 200", Reply(b"", 302, {"Location": "/elsewhere"})),
    "not found": ("any other status but 200", Reply(b"", 404)),
    "busy": ("Busy (-1, 6000, 45033, 45035)", says(-1)),
    "too many calls": ("RateLimited (45009)", says(45009)),
    "a refusal": ("every other code", says(84061)),
    "a stale token": ("StaleToken (40014, 42001, 41001 …)", says(42001)),
}


class Centre:
    """Tokens without a request."""

    count = 0

    def token(self, kind: str, stale: object) -> str:
        self.count += 1
        return f"T{self.count}"


def calls() -> list[tuple[Any, Any]]:
    """Every call of the catalog, empty; an upload has a file."""
    found = []
    for entry in catalog.CALLS.values():
        part = entry.call.endpoint.upload
        if part is None:
            call = codec.structure({}, entry.call)
        else:
            values: dict[str, Any] = {part: Upload(b"content", "a.txt")}
            for each in attrs.fields(attrs.resolve_types(entry.call)):
                if each.default is attrs.NOTHING and each.name != part:
                    values[each.name] = next(iter(each.type))  # an enum
            call = entry.call(**values)
        found.append((entry, call))
    return found


def expected(row: str, readonly: bool) -> int:
    words = TABLE[row][0 if readonly else 1]
    return {"again": TRIES, "renew, again": 2}.get(words, 1)


def client_of(colour: Any, url: str, **options: Any) -> Any:
    options = {"credential": Centre(), "check": False, "retry": AT_ONCE} | options
    return colour(url, **options)


def test_the_table_is_read() -> None:
    assert TABLE["HTTP 5xx"] == ("again", "ProtocolError")
    assert {row for row, _ in FAILURES.values()} <= TABLE.keys()
    assert {entry.readonly for entry, _ in calls() if entry.method == "GET"} == {True, False}


@pytest.mark.parametrize("name", FAILURES)
def test_a_request_arrives_as_often_as_the_table_says(name: str, colour: Any) -> None:
    row, action = FAILURES[name]

    def answer(request: Request) -> Any:
        before = server.requests[-2].path if len(server.requests) > 1 else ""
        if request.path == "/warm" or (name == "a stale token" and before == request.path):
            # With a new token all is well: what happens when it is not is for the tests of tokens.
            return Reply(OK)
        return action

    wrong = []
    with serving(answer) as server, client_of(colour, server.url) as client:
        for entry, call in calls():
            client.raw("GET", "/warm")  # so that there is a connection to be lost
            before = len(server.requests)
            try:
                client.send(call)
            except WeComError:
                pass
            arrived = len(server.requests) - before
            if arrived != expected(row, entry.readonly):
                wrong.append((entry.name, entry.method, entry.readonly, arrived))
    assert wrong == []


def test_a_request_without_an_answer_arrives_as_often_as_the_table_says(colour: Any) -> None:
    lock = threading.Lock()
    arrived: dict[str, int] = {}
    over = threading.Event()

    def answer(request: Request) -> Any:
        with lock:
            arrived[request.path] = arrived.get(request.path, 0) + 1
        over.wait(20)
        return Cut()

    known = calls()
    timeout = Timeouts(connect=20, read=0.4)
    with (
        serving(answer) as server,
        client_of(colour, server.url, timeout=timeout, pool_size=len(known)) as client,
    ):
        found = client.together("send", [(call,) for _, call in known])
        over.set()
    assert all(isinstance(each, WeComError) for each in found)
    paths: dict[str, int] = {}
    for entry, _ in known:
        times = expected("no answer in time", entry.readonly)
        paths[entry.path] = paths.get(entry.path, 0) + times
    assert arrived == paths


def test_what_cannot_be_sent_is_tried_again_and_never_arrives(colour: Any) -> None:
    told: list[Any] = []
    with client_of(colour, unused(), on_retry=told.append) as client:
        for entry, call in calls():
            told.clear()
            with pytest.raises(WeComError) as caught:
                client.send(call)
            assert not getattr(caught.value, "sent", True), entry.name
            row = "no connection: refused, no route, DNS"
            assert len(told) == expected(row, entry.readonly) - 1, entry.name
