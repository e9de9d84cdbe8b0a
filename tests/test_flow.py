"""Every decision about a call, without a socket: scripts of outcomes, and random ones by the thousand."""

import json
import logging
import os
import pickle
import re
import sys
from collections.abc import Callable
from itertools import groupby
from typing import Any, ClassVar

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from wecom_contact import codec
from wecom_contact._errcodes import ERRORS
from wecom_contact._runtime import tokens as _tokens
from wecom_contact._runtime.codec import query
from wecom_contact._runtime.flow import Engine
from wecom_contact._runtime.model import Call, Endpoint, Model, PagedCall, Paginate
from wecom_contact._runtime.steps import (
    Answer,
    Break,
    Broken,
    Effort,
    Flow,
    Invoke,
    Plan,
    Send,
    Sleep,
    Wait,
    broken,
)
from wecom_contact._runtime.telemetry import LOG
from wecom_contact.credentials import AuthorizedCorp, Corp, Provider, Secret, Suite, fingerprint
from wecom_contact.errors import (
    APIError,
    Busy,
    Forbidden,
    InvalidCredential,
    NotFound,
    PaginationStalled,
    ProtocolError,
    RateLimited,
    StaleToken,
    Throttled,
    Timeout,
    TransportError,
    WeComError,
)
from wecom_contact.limits import CallKey
from wecom_contact.retry import Retry, Retrying
from wecom_contact.stores import MemoryStore

BREAKS = {each.name: broken(each, OSError("cable")) for each in Break}


@define(kw_only=True)
class Names(Model):
    names: list[str]
    next_cursor: str | None = None


@define(kw_only=True)
class Read(PagedCall[Names, str]):
    """Read some names."""

    endpoint: ClassVar[Endpoint[Names]] = Endpoint(
        name="toy.read",
        method="POST",
        path="/cgi-bin/toy/read",
        title="读",
        page=1,
        readonly=True,
        result=Names,
        paginate=Paginate(items="names", cursor="cursor", next="next_cursor"),
    )
    cursor: str | None = None

    def items_of(self, page: Names) -> list[str]:
        return page.names

    def after(self, page: Names) -> "Read | None":
        return Read(cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True)
class Write(Call[None]):
    """Write a name."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="toy.write",
        method="POST",
        path="/cgi-bin/toy/write",
        title="写",
        page=2,
        readonly=False,
        result=None,
    )
    name: str


@define(kw_only=True)
class Serial(Call[None]):
    """Write, one at a time."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="toy.serial",
        method="POST",
        path="/cgi-bin/toy/serial",
        title="排队",
        page=3,
        readonly=False,
        result=None,
        serial=True,
    )


def says(code: int, **more: Any) -> Answer:
    return Answer(200, {}, json.dumps({"errcode": code, "errmsg": "words", **more}).encode())


def http(status: int, body: bytes = b"<h1>Gateway</h1>") -> Answer:
    return Answer(status, {"content-type": "text/html"}, body)


def token(number: int = 1, life: Any = 7200) -> Answer:
    return says(0, access_token=f"T{number}", expires_in=life)


FINE = says(0, names=["a"])
READ, WRITE = Read(), Write(name="n")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def engine(**options: Any) -> Engine:
    clock = options.pop("clock", Clock())
    return Engine(
        errors=lambda: ERRORS,
        credential=options.pop("credential", Corp("ww1", "secret")),
        codec=options.pop("codec", codec.shared),
        retry=options.pop("retry", Retry()),
        clock=clock,
        timer=options.pop("timer", clock),
        chance=lambda: 0.5,
        **options,
    )


class Played:
    """A flow, played to its end with a script of answers to its requests."""

    def __init__(
        self,
        flow: Flow[Any],
        *answers: Answer | Broken,
        more: Callable[[], Any] | None = None,
        clock: Any = None,
    ) -> None:
        script = list(answers)
        self.steps: list[Any] = []
        self.slept = 0.0
        self.result: Any = None
        self.error: BaseException | None = None
        try:
            step = next(flow)
            while True:
                self.steps.append(step)
                outcome: Any = None
                if isinstance(step, Send):
                    outcome = script.pop(0) if script or more is None else more()
                elif isinstance(step, Sleep):
                    self.slept += step.seconds
                    if clock is not None:
                        clock.now += step.seconds
                elif isinstance(step, Invoke):
                    try:
                        outcome = step.function(*step.args)
                    except Exception as error:
                        step = flow.throw(error)
                        continue
                else:
                    assert isinstance(step, Wait)
                    assert step.turn.granted
                step = flow.send(outcome)
        except StopIteration as done:
            self.result = done.value
        except Exception as error:
            self.error = error
        assert not script, "not all was asked for"

    @property
    def asked(self) -> str:
        """What was sent: `g` a gettoken, `c` the call; `.` a pause."""
        letters = []
        for step in self.steps:
            if isinstance(step, Send):
                letters.append("g" if step.plan.name == "gettoken" else "c")
            elif isinstance(step, Sleep):
                letters.append(".")
        return "".join(letters)

    @property
    def tokens(self) -> list[str]:
        """The tokens that the call went with."""
        return [
            step._token.reveal()
            for step in self.steps
            if isinstance(step, Send) and step.plan.name != "gettoken"
        ]


def warm(**options: Any) -> Engine:
    """An engine that has its first token."""
    made = engine(**options)
    assert Played(made.call(READ), token(0), FINE).asked == "gc"
    return made


# The failure table, row by row: what happened, for a readonly call, for a write.
# A letter sequence is what is sent when the thing happens once; an error is raised.
AGAIN = "c.c"
TABLE: dict[str, tuple[Any, Any, Any]] = {
    "no connection": (BREAKS["UNREACHABLE"], AGAIN, AGAIN),
    "certificate not trusted": (BREAKS["UNTRUSTED"], TransportError, TransportError),
    "no connection in time": (BREAKS["NO_CONNECTION"], AGAIN, AGAIN),
    "no answer in time": (BREAKS["SLOW"], AGAIN, Timeout),
    "connection lost": (BREAKS["LOST"], AGAIN, TransportError),
    "500": (http(500), AGAIN, ProtocolError),
    "502": (http(502), AGAIN, ProtocolError),
    "503": (http(503, b""), AGAIN, ProtocolError),
    "404": (http(404), ProtocolError, ProtocolError),
    "429": (http(429), ProtocolError, ProtocolError),
    "302": (http(302), ProtocolError, ProtocolError),
    "201": (http(201, b'{"errcode":0}'), ProtocolError, ProtocolError),
    "not JSON": (http(200), AGAIN, ProtocolError),
    "JSON cut off": (http(200, b'{"errcode":0,"na'), AGAIN, ProtocolError),
    "nothing": (http(200, b""), AGAIN, ProtocolError),
    "a JSON list": (http(200, b"[]"), ProtocolError, ProtocolError),
    "errcode is a word": (http(200, b'{"errcode":"oops"}'), ProtocolError, ProtocolError),
    "errcode is a list": (http(200, b'{"errcode":[1]}'), ProtocolError, ProtocolError),
    "-1": (says(-1), AGAIN, AGAIN),
    "6000": (says(6000), AGAIN, AGAIN),
    "45033": (says(45033), AGAIN, AGAIN),
    "45035": (says(45035), AGAIN, AGAIN),
    "0 as a string": (http(200, b'{"errcode":"0","names":[]}'), "c", "c"),
    "-1 as a string": (http(200, b'{"errcode":"-1"}'), AGAIN, AGAIN),
    "40014": (says(40014), "cgc", "cgc"),
    "42001": (says(42001), "cgc", "cgc"),
    "41001": (says(41001), "cgc", "cgc"),
    "45009": (says(45009), RateLimited, RateLimited),
    "40001": (says(40001), InvalidCredential, InvalidCredential),
    "40013": (says(40013), InvalidCredential, InvalidCredential),
    "84061": (says(84061), NotFound, NotFound),
    "48002": (says(48002), Forbidden, Forbidden),
    "987654": (says(987654), APIError, APIError),
}


NOT_SENT = {"no connection", "certificate not trusted", "no connection in time"}


@pytest.mark.parametrize("row", TABLE)
@pytest.mark.parametrize("kind", ["readonly", "write"])
def test_the_failure_table(row: str, kind: str) -> None:
    answer, readonly, write = TABLE[row]
    call: Call[Any] = READ if kind == "readonly" else WRITE
    expected = readonly if kind == "readonly" else write
    rest = () if isinstance(expected, type) or expected == "c" else (FINE,)
    rest = (token(1), *rest) if expected == "cgc" else rest
    played = Played(warm().call(call), answer, *rest)
    if isinstance(expected, type):
        assert type(played.error) is expected
        assert played.asked == "c"
        assert getattr(played.error, "path", None) == call.endpoint.path
        assert getattr(played.error, "sent", True) == (row not in NOT_SENT)
    else:
        assert played.error is None
        assert played.asked == expected


@pytest.mark.parametrize(
    ("headers", "kind"), [({"content-type": "text/html"}, "text/html"), ({}, "no content type")]
)
def test_an_answer_that_is_not_wecoms_is_named_with_its_status_and_kind(
    headers: dict[str, str], kind: str
) -> None:
    played = Played(warm().call(WRITE), Answer(502, headers, b"<h1>Bad  Gateway</h1>"))
    assert str(played.error).endswith(f"HTTP status 502 ({kind}): '<h1>Bad Gateway</h1>'")
    played = Played(warm().call(WRITE), Answer(200, headers, b"x" * 1000))
    assert re.search(rf": not JSON, .* \({kind}\): '{'x' * 120}'$", str(played.error))


@pytest.mark.parametrize("proxy", ["", "the proxy p:1"])
@pytest.mark.parametrize("status", [201, 404, 406, 407, 408, 502])
def test_a_status_is_a_proxys_own_only_if_it_wants_a_password(status: int, proxy: str) -> None:
    played = Played(warm(proxy=proxy, retry=None).call(WRITE), http(status))
    place = f" from {proxy}" if proxy and status == 407 else ""
    assert f": HTTP status {status}{place} (text/html)" in str(played.error)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("UNREACHABLE", "could not connect (qyapi.weixin.qq.com, OSError)"),
        ("UNTRUSTED", "the server's certificate is not trusted (qyapi.weixin.qq.com, OSError)"),
        ("NO_CONNECTION", "could not connect in time (qyapi.weixin.qq.com, OSError)"),
        ("SLOW", "no answer in time (qyapi.weixin.qq.com, OSError)"),
        (
            "LOST",
            "the connection broke before the answer was complete (qyapi.weixin.qq.com, OSError)",
        ),
        ("REFUSED_BY_PROXY", "the proxy refuses to connect (qyapi.weixin.qq.com, OSError)"),
        ("TOO_LARGE", "an answer of more than 64 MiB"),
    ],
)
def test_what_broke_is_said_in_words(how: str, words: str) -> None:
    error = Played(warm(retry=None).call(WRITE), BREAKS[how]).error
    assert str(error) == f"/cgi-bin/toy/write: {words}"
    assert isinstance(error, TransportError) == (how != "TOO_LARGE")
    assert isinstance(error, Timeout) == (how in ("NO_CONNECTION", "SLOW"))
    assert isinstance(error, (TransportError, ProtocolError))
    assert error.sent == (how in ("SLOW", "LOST", "TOO_LARGE"))
    assert error.__cause__ is BREAKS[how].cause or how == "TOO_LARGE"


def test_a_strict_client_raises_a_wrong_shape_with_a_path() -> None:
    strict = warm(codec=codec.Codec(strict=True))
    played = Played(strict.call(READ), says(0, names="a"))
    assert isinstance(played.error, ProtocolError)
    assert "names" in str(played.error)
    assert played.asked == "c"


@pytest.mark.parametrize("between", [(), (says(-1),)], ids=["at once", "later"])
def test_what_is_not_json_twice_is_not_asked_for_again(between: tuple[Answer, ...]) -> None:
    odd = http(200, b"<h1>Portal</h1>")
    played = Played(warm().call(READ), odd, *between, odd)
    assert isinstance(played.error, ProtocolError)
    assert played.asked == "c.c" + ".c" * len(between)


def test_patience_ends_with_the_last_error() -> None:
    played = Played(warm().call(READ), *[says(-1)] * 4)
    assert isinstance(played.error, Busy)
    assert played.asked == "c.c.c.c"
    assert played.slept == pytest.approx(0.375 + 0.75 + 1.5)


def test_retry_may_be_switched_off_or_stretched() -> None:
    assert Played(warm(retry=None).call(READ), says(-1)).asked == "c"
    played = Played(warm(retry=Retry(tries=9, total=3)).call(READ), *[says(-1)] * 4)
    assert played.asked == "c.c.c.c", "the next pause would be more than three seconds in all"
    assert played.slept < 3


def test_pauses_are_doubled_from_half_a_second_to_eight() -> None:
    pauses = [Retry(tries=9).pause(tried, 0, 0.0) for tried in range(1, 8)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_a_failure_is_logged_without_any_hook(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "wecom_contact")
    Played(warm().call(READ), says(40058))
    assert "40058" in caplog.text


def test_a_huge_number_of_tries_does_not_overflow() -> None:
    retry = Retry(tries=10_000, total=1e9)
    assert retry.pause(9_999, 0, 0.0) == retry.longest
    with pytest.raises(ValueError, match="tries"):
        Retry(tries=0)


def test_the_first_token_and_its_reuse() -> None:
    made = engine()
    assert Played(made.call(READ), token(1), FINE).tokens == ["T1"]
    assert Played(made.call(WRITE), FINE).tokens == ["T1"]


def test_a_stale_token_is_renewed_once_and_then_it_is_an_error() -> None:
    played = Played(warm().call(READ), says(42001), token(1), says(40014))
    assert played.asked == "cgc"
    assert isinstance(played.error, StaleToken)
    assert played.error.code == 40014


def test_a_permanent_40014_does_not_fetch_a_token_for_each_call() -> None:
    clock = Clock()
    made = warm(clock=clock)
    Played(made.call(READ), says(40014), token(1), says(40014))
    for _ in range(100):
        assert Played(made.call(READ), says(40014)).asked == "c"
    clock.now += 1  # the patience of one failure is over, and doubles
    assert Played(made.call(READ), says(40014), token(2), says(40014)).asked == "cgc"
    clock.now += 1.5
    assert Played(made.call(READ), says(40014)).asked == "c"
    clock.now += 0.5
    assert Played(made.call(READ), says(40014), token(3), FINE).asked == "cgc"
    assert Played(made.call(READ), says(40014), token(4), FINE).asked == "cgc", "forgiven"


def test_a_stale_token_that_somebody_has_renewed_is_not_renewed_again() -> None:
    made = warm()
    flow = made.call(READ)
    first = next(flow)
    assert isinstance(first, Send)
    Played(made.call(READ), says(42001), token(1), FINE)  # meanwhile, somebody else
    again = flow.send(says(42001))
    assert isinstance(again, Send)
    assert again.plan.name == "toy.read"
    assert "T1" in again.target()
    with pytest.raises(StopIteration):
        flow.send(FINE)


def test_renewals_by_others_do_not_keep_a_call_going_for_ever() -> None:
    made = warm()
    flow = made.call(READ)
    step = next(flow)
    for number in range(1, 7):
        assert isinstance(step, Send)
        assert step.plan.name == "toy.read"
        if number < 6:
            Played(made.call(READ), says(42001), token(number), FINE)
        step = flow.send(says(42001))
    assert isinstance(step, Send)
    assert step.plan.name == "gettoken"


@pytest.mark.parametrize("refused", [True, False])
def test_a_token_that_was_renewed_in_the_last_moment_is_taken(refused: bool) -> None:
    timer = Clock()
    timer.now = 5.0
    made = warm(timer=timer)
    box = made.token_states["access_token"]
    stale = box.token
    Played(made.call(READ), says(42001), token(1), FINE)
    with pytest.raises(StopIteration) as done:
        next(_tokens.renew(made, box, Effort(0.0), *[stale] * refused))
    assert done.value.value is box.token


def test_a_refused_secret_is_left_alone() -> None:
    clock = Clock()
    made = engine(clock=clock)
    played = Played(made.call(READ), says(40001))
    assert isinstance(played.error, InvalidCredential)
    assert "corp ww1, secret #" in str(played.error)
    for _ in range(50):
        again = Played(made.call(READ))
        assert again.asked == ""
        assert isinstance(again.error, InvalidCredential)
        assert again.error is not played.error
    clock.now += 60
    assert Played(made.call(READ), says(40001)).asked == "g"
    clock.now += 119
    assert Played(made.call(READ)).asked == "", "twice as long, the second time"
    clock.now += 1
    assert Played(made.call(READ), token(), FINE).asked == "gc"


def test_a_secret_that_was_accepted_meanwhile_is_left_alone_for_a_minute_again() -> None:
    clock = Clock()
    made = engine(clock=clock)
    for pause in (60, 120):
        assert Played(made.call(READ), says(40001)).asked == "g"
        clock.now += pause + 1
    assert Played(made.call(READ), token(life=600), FINE).asked == "gc"
    clock.now += 601
    assert Played(made.call(READ), says(40001)).asked == "g"
    clock.now += 59
    assert Played(made.call(READ)).asked == ""
    clock.now += 2
    assert Played(made.call(READ), token(2), FINE).asked == "gc"


# What suites, their tickets and the codes of their companies are refused with.
@pytest.mark.parametrize("code", [40077, 40078, 40080, 40083, 41021, 41023, 41024, 41025, 48003])
def test_a_refused_suite_is_left_alone_twice_as_long_each_time(code: int) -> None:
    clock = Clock()
    made = engine(clock=clock)
    for pause in (60, 120, 240, 480, 960):
        played = Played(made.call(READ), says(code))
        assert played.asked == "g"
        assert isinstance(played.error, InvalidCredential)
        assert played.error.advice
        clock.now += pause - 1
        assert Played(made.call(READ)).asked == ""
        clock.now += 1
    assert Played(made.call(READ), token(), FINE).asked == "gc"


@pytest.mark.parametrize(
    ("code", "words", "seconds"),
    [
        (45009, "api freq out of limit", 60),
        (45009, "api freq out of limit of this hour", 3600),
        (45009, "api daily quota reached", 3600),
        (60020, "not allow to access from your ip, try in an hour", 60),
    ],
)
def test_other_refusals_of_a_token_are_left_alone_for_a_minute_or_as_long_as_they_say(
    code: int, words: str, seconds: int
) -> None:
    clock = Clock()
    made = engine(clock=clock)
    assert Played(made.call(READ), says(code, errmsg=words)).asked == "g"
    clock.now += seconds - 1
    assert Played(made.call(READ)).asked == ""
    clock.now += 1
    assert Played(made.call(READ), token(), FINE).asked == "gc"


def test_gettoken_is_tried_again_like_any_read() -> None:
    played = Played(engine().call(WRITE), says(-1), BREAKS["LOST"], token(1), FINE)
    assert played.asked == "g.g.gc"


def test_pauses_for_the_token_count_for_the_call() -> None:
    retry = Retry(tries=10, first=4, longest=4, total=10)
    played = Played(engine(retry=retry).call(READ), says(-1), says(-1), token(1), *[says(-1)] * 2)
    assert played.asked == "g.g.gc.c"
    assert played.slept <= 10


def test_a_token_endpoint_without_a_token() -> None:
    played = Played(engine().call(READ), says(0))
    assert isinstance(played.error, ProtocolError)
    assert "no access_token" in str(played.error)


@pytest.mark.parametrize(
    ("life", "seconds"),
    [(None, 7200), ("soon", 7200), ([7200], 7200), (True, 7200), ("NaN", 7200), ("inf", 7200)]
    + [("600", 600), (" 600.0 ", 600), (600.5, 600.5), (10**400, 7200), (1e12, 86_400)],
)
def test_the_life_of_a_token_is_read_from_whatever_says_it(life: Any, seconds: float) -> None:
    clock = Clock()
    made = engine(clock=clock)
    assert _tokens.life_of(life) == seconds
    if isinstance(life, int) and life > 2**64:
        return  # no such number gets through the parser
    Played(made.call(READ), token(1, life), FINE)
    clock.now += seconds - 301 if seconds > 3000 else seconds * 0.89
    assert Played(made.call(READ), FINE).asked == "c"
    clock.now += seconds * 0.1 if seconds < 3000 else 300
    assert Played(made.call(READ), token(2), FINE).tokens == ["T2"]


@pytest.mark.parametrize("life", [0, -5, "0", 0.0, "-1"])
def test_a_token_that_ends_as_it_comes_serves_the_calls_that_waited_for_it(life: Any) -> None:
    made = engine()
    first, second = made.call(READ), made.call(WRITE)
    next(first)
    waiting = next(second)
    assert isinstance(waiting, Wait)
    assert "T1" in first.send(token(1, life)).target()
    assert "T1" in second.send(None).target()
    assert Played(made.call(READ), token(2, life), FINE).tokens == ["T2"], "fetched for the next"


def test_tokens_that_end_as_they_come_make_no_storm() -> None:
    clock = Clock()
    made = engine(clock=clock)
    fetched = 0
    for number in range(1000):
        flow = made.call(READ)
        step = next(flow)
        if isinstance(step, Send) and step.plan.name == "gettoken":
            fetched += 1
            step = flow.send(token(number, 0))
        assert isinstance(step, Send)
        with pytest.raises(StopIteration):
            flow.send(FINE)
        clock.now += 0.1
    assert 5 <= fetched <= 12, "in 100 seconds"
    clock.now += 60
    assert Played(made.call(READ), token(1), FINE).asked == "gc"
    clock.now += 7201
    for number in range(3):
        assert Played(made.call(READ), token(number, 0), FINE).asked == "gc", "forgotten"


def test_after_three_tokens_that_ended_as_they_came_the_next_is_fetched_after_growing_pauses() -> (
    None
):
    clock = Clock()
    made = engine(clock=clock)
    for _ in range(3):
        assert Played(made.call(READ), token(1, 0), FINE).asked == "gc"
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.now += pause - 0.5
        assert Played(made.call(READ), FINE).asked == "c"
        clock.now += 0.5
        assert Played(made.call(READ), token(1, 0), FINE).asked == "gc"


def test_a_token_is_renewed_before_its_end() -> None:
    clock = Clock()
    made = warm(clock=clock)
    clock.now += 7200 - 301
    assert Played(made.call(READ), FINE).asked == "c"
    clock.now += 1
    assert Played(made.call(READ), token(1), FINE).tokens == ["T1"]


@pytest.mark.parametrize("ahead", ["clock", "timer"])
@pytest.mark.parametrize(("seconds", "asked"), [(6898, "c"), (6901, "gc"), (7201, "gc")])
def test_a_token_ends_by_the_time_of_day_or_by_the_timer_whichever_is_ahead(
    ahead: str, seconds: float, asked: str
) -> None:
    clocks = {"clock": Clock(), "timer": Clock()}
    made = warm(**clocks)
    clocks[ahead].now += seconds
    assert Played(made.call(READ), *[token(1)] * (len(asked) - 1), FINE).asked == asked


def test_others_go_on_with_the_old_token_while_one_renews() -> None:
    clock = Clock()
    made = warm(clock=clock)
    clock.now += 7200 - 200
    flow = made.call(READ)
    step = next(flow)
    assert isinstance(step, Send)
    assert step.plan.name == "gettoken"
    assert Played(made.call(READ), FINE).tokens == ["T0"]
    step = flow.send(token(1))
    assert "T1" in step.target()


def test_an_early_renewal_that_fails_does_no_harm() -> None:
    clock = Clock()
    made = warm(clock=clock, retry=None)
    clock.now += 7200 - 200
    assert Played(made.call(READ), BREAKS["LOST"], FINE).tokens == ["T0"]
    clock.now += 99
    assert Played(made.call(READ), FINE).asked == "c", "and is not tried on each call"
    clock.now += 1
    assert Played(made.call(READ), token(1), FINE).tokens == ["T1"]


def renewing_between_tries(answer: Answer) -> Any:
    """A call whose first try was lost, and that was given a token early before its second, which it waits for."""
    clock = Clock()
    made = warm(clock=clock)
    clock.now += 7200 - 301
    flow = made.call(READ)
    assert isinstance(next(flow), Send)
    assert isinstance(flow.send(BREAKS["LOST"]), Sleep)
    clock.now += 60
    assert name_of(flow.send(None)) == "gettoken"
    assert name_of(flow.send(answer)) == "toy.read"
    return flow


def name_of(step: Any) -> str:
    """The call that a request is for."""
    assert isinstance(step, Send)
    name: str = step.plan.name
    return name


def test_a_call_that_has_renewed_early_between_its_tries_takes_no_third_token() -> None:
    flow = renewing_between_tries(token(1))
    with pytest.raises(StaleToken):
        flow.send(says(42001))


def test_a_call_that_has_renewed_early_in_vain_between_its_tries_may_take_another_token() -> None:
    flow = renewing_between_tries(token(0, 241))
    assert name_of(flow.send(says(42001))) == "gettoken"
    step = flow.send(token(1))
    assert name_of(step) == "toy.read"
    assert "T1" in step.target()


@pytest.mark.parametrize("left", [300, 250])
def test_a_token_that_wecom_gives_until_its_end_is_asked_for_early_once(left: int) -> None:
    """The later end counts, should WeCom say another one than before."""
    clock = Clock()
    made = warm(clock=clock, store=MemoryStore())
    sent = []
    for second in range(6890, 7210):
        clock.now = Clock.now + second
        given = {6900: token(0, left), 7200: token(1)}.get(second)
        answers = [FINE] if given is None else [given, FINE]
        sent += Played(made.call(READ), *answers).tokens
    assert sent == ["T0"] * 310 + ["T1"] * 10


def test_a_token_that_is_prolonged_is_asked_for_early_again() -> None:
    clock = Clock()
    made = warm(clock=clock)
    for _ in range(3):
        clock.now += 6901
        assert Played(made.call(READ), token(0), FINE).asked == "gc"
        assert Played(made.call(READ), FINE).asked == "c"


def test_an_ended_token_is_not_sent() -> None:
    clock = Clock()
    made = warm(clock=clock, retry=None)
    clock.now += 7200
    broken_off = Played(made.call(READ), BREAKS["LOST"])
    assert (broken_off.asked, type(broken_off.error)) == ("g", TransportError)
    assert Played(made.call(READ), token(1), FINE).tokens == ["T1"]


def test_callers_who_waited_share_a_failure() -> None:
    made = engine(retry=None)
    first, second, third = (made.call(READ) for _ in range(3))
    assert isinstance(next(first), Send)
    waiting = [next(second), next(third)]
    assert all(isinstance(step, Wait) for step in waiting)
    with pytest.raises(TransportError):
        first.send(BREAKS["LOST"])
    for flow in (second, third):
        with pytest.raises(TransportError):
            flow.send(None)


def test_callers_who_waited_share_a_token() -> None:
    made = engine()
    first, second = made.call(READ), made.call(WRITE)
    next(first)
    step = next(second)
    assert isinstance(step, Wait)
    assert not step.turn.granted
    first.send(token(1))
    assert step.turn.granted
    sent = second.send(None)
    assert isinstance(sent, Send)
    assert "T1" in sent.target()


def test_an_early_renewal_by_another_process_renews_nothing_here() -> None:
    """Who waits for a new token must not be given the old one."""
    clock = Clock()
    store = MemoryStore()
    made = warm(clock=clock, store=store)
    refused = made.call(READ)
    assert isinstance(next(refused), Send)
    clock.now += 7000
    assert store.lock("ww1:" + fingerprint("secret"), "another process", 60)
    early = made.call(READ)
    asked = next(early)
    assert isinstance(asked, Invoke)
    waiting = refused.send(says(42001))
    assert isinstance(waiting, Wait)
    while isinstance(asked, Invoke):
        asked = early.send(asked.function(*asked.args))
    assert isinstance(asked, Send)
    assert "T0" in asked.target()
    assert waiting.turn.granted
    assert isinstance(refused.send(None), Invoke), "it asks for a new token itself"


def test_a_fetch_that_was_cancelled_is_taken_over() -> None:
    made = engine()
    first, second = made.call(READ), made.call(READ)
    next(first)
    step = next(second)
    with pytest.raises(KeyboardInterrupt):
        first.throw(KeyboardInterrupt())
    assert isinstance(step, Wait)
    assert step.turn.granted
    assert isinstance(second.send(None), Send)


def test_waiting_for_a_token_may_be_given_up() -> None:
    made = engine()
    first, second, third = (made.call(READ) for _ in range(3))
    next(first), next(second), next(third)
    with pytest.raises(KeyboardInterrupt):
        second.throw(KeyboardInterrupt())
    assert isinstance(first.send(token(1)), Send)
    assert isinstance(third.send(None), Send)


def test_serial_calls_go_one_at_a_time() -> None:
    made = warm()
    first, second = made.call(Serial()), made.call(Serial())
    assert isinstance(next(first), Send)
    step = next(second)
    assert isinstance(step, Wait)
    with pytest.raises(StopIteration):
        first.send(FINE)
    assert step.turn.granted
    assert isinstance(second.send(None), Send)


def test_a_busy_serial_call_keeps_its_gate() -> None:
    made = warm()
    assert Played(made.call(Serial()), says(45033), FINE).asked == "c.c"
    assert made._plans[Serial].gate is not None


def test_concurrency_shrinks_and_grows() -> None:
    made = warm(room=8)
    plan: Plan[Any] = made._plans[type(READ)]
    under_way = [made.call(READ) for _ in range(8)]
    for flow in under_way:
        assert isinstance(next(flow), Send)
    for flow in under_way:
        assert isinstance(flow.send(says(45033)), Sleep)
    assert plan.gate is not None
    assert plan.gate.limit == 4, "halved once for all of them"
    steps = [flow.send(None) for flow in under_way]
    assert [type(step) for step in steps] == [Send] * 4 + [Wait] * 4
    assert isinstance(under_way[0].send(says(45033)), Sleep)
    assert plan.gate.limit == 2
    for flow in under_way[1:4]:
        with pytest.raises(StopIteration):
            flow.send(FINE)
    for flow, step in zip(under_way[4:], steps[4:], strict=True):
        assert isinstance(step, Wait)
        assert step.turn.granted
        flow.send(None)
        with pytest.raises(StopIteration):
            flow.send(FINE)
    assert isinstance(under_way[0].send(None), Send)
    for _ in range(200):
        assert Played(made.call(READ), FINE).asked == "c"
    assert plan.gate is None, "all is well again"
    with pytest.raises(StopIteration):
        under_way[0].send(FINE)


def test_the_limiter_is_asked_before_each_sending() -> None:
    class Limiter:
        longest = 10.0
        waits = [0.0, 3.0, 4.0, 0.0, 5.0, 5.0, 5.0]
        names: list[str] = []

        def take(self, name: str) -> float:
            self.names.append(name)
            return self.waits.pop(0)

    limiter = Limiter()
    made = engine(limiter=limiter)
    played = Played(made.call(READ), token(0), FINE)
    assert (played.asked, played.slept) == ("g..c", 7.0)
    assert limiter.names == ["gettoken", "toy.read", "toy.read", "toy.read"]
    slow = Played(made.call(READ))
    assert isinstance(slow.error, Timeout)
    assert not slow.error.sent


class Waits:
    """A limiter that says these waits, one after the other, and then none."""

    max_wait: float | None = None

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.keys: list[Any] = []
        self.refusals: list[int] = []

    def take(self, call: CallKey) -> float:
        self.keys.append(call)
        return self.waits.pop(0) if self.waits else 0.0


class Told(Waits):
    def refused(self, call: CallKey, error: APIError) -> None:
        self.refusals.append(error.code)


def limited(limiter: Waits, **options: Any) -> Engine:
    """A warm engine with that limiter."""
    waits, limiter.waits = limiter.waits, []
    made = warm(limiter=limiter, **options)
    limiter.waits = waits
    limiter.keys = []
    return made


def stepped(flow: Flow[Any], outcome: Any = None) -> Any:
    """What a flow wants next of the network or the clock; the limiter is asked on the way."""
    step = flow.send(outcome)
    while isinstance(step, Invoke):
        step = flow.send(step.function(*step.args))
    return step


def test_calls_that_the_limiter_keeps_waiting_stand_in_line_and_one_asks() -> None:
    limiter = Waits(3.0)
    made = limited(limiter)
    flows = [made.call(READ) for _ in range(3)]
    first, second, third = flows
    assert isinstance(stepped(first), Sleep)
    waiting = [stepped(second), stepped(third)]
    assert [type(step) for step in waiting] == [Wait, Wait]
    assert len(limiter.keys) == 1
    assert isinstance(made.call(WRITE).send(None), Invoke), "another endpoint has a line of its own"
    assert isinstance(stepped(first), Send)
    assert [step.turn.granted for step in waiting] == [True, False]
    assert isinstance(stepped(second), Send)
    assert waiting[1].turn.granted
    assert isinstance(stepped(third), Send)
    assert made.lines == {}
    for flow in flows:
        with pytest.raises(StopIteration):
            flow.send(FINE)


def test_calls_for_a_company_stand_in_one_line_if_they_have_one_limiter() -> None:
    limiter = Waits()
    first = limited(limiter)
    code = Secret("code")
    one, two = first.for_corp("ww2", code), first.for_corp("ww2", code)
    Played(one.call(READ), token(1), FINE)
    limiter.waits = [5.0]
    kept_waiting = one.call(READ)
    assert isinstance(stepped(kept_waiting), Sleep)
    assert isinstance(stepped(two.call(READ)), Wait), "behind the other"
    assert isinstance(stepped(first.call(READ)), Send), "another company has a line of its own"
    apart = first.with_options({"limiter": Waits(5.0)}).for_corp("ww2", code)
    assert isinstance(stepped(apart.call(READ)), Sleep), "it asks its own limiter"
    assert apart in first.family.apart.values()


def test_calls_told_to_wait_at_the_same_time_are_put_in_line() -> None:
    limiter = Waits(3.0, 3.0)
    made = limited(limiter)
    first, second = made.call(READ), made.call(READ)
    asks = [flow.send(None) for flow in (first, second)]
    assert isinstance(first.send(asks[0].function(*asks[0].args)), Sleep)
    waiting = second.send(asks[1].function(*asks[1].args))
    assert isinstance(waiting, Wait)
    assert isinstance(stepped(first), Send)
    assert waiting.turn.granted
    assert isinstance(stepped(second), Send), "without waiting for what it was told long ago"


def test_whoever_gives_up_waiting_for_the_limiter_makes_room_for_the_next() -> None:
    made = limited(Waits(3.0))
    first, second = made.call(READ), made.call(READ)
    assert isinstance(stepped(first), Sleep)
    waiting = stepped(second)
    with pytest.raises(KeyboardInterrupt):
        first.throw(KeyboardInterrupt())
    assert waiting.turn.granted
    assert isinstance(stepped(second), Send)
    second.close()
    assert made.lines == {}


def test_waiting_for_the_limiter_holds_no_connection() -> None:
    made = limited(Waits(3.0), room=1)
    waiting, other = made.call(READ), made.call(WRITE)
    assert isinstance(stepped(waiting), Sleep)
    assert isinstance(stepped(other), Send)


def test_the_limiter_is_asked_when_there_is_a_connection() -> None:
    limiter = Waits()
    made = limited(limiter, room=1)
    first, second = made.call(READ), made.call(WRITE)
    assert isinstance(stepped(first), Send)
    assert isinstance(stepped(second), Wait)
    assert [*limiter.keys] == ["toy.read"]


def test_a_long_wait_is_said_and_may_be_as_long_as_it_takes() -> None:
    told: list[Retrying] = []
    limiter = Waits(0.5, 7000.0)
    played = Played(limited(limiter, on_retry=told.append).call(READ), FINE)
    assert played.slept == 7000.5
    (waiting,) = told
    assert (waiting.call, waiting.tries, waiting.pause) == ("toy.read", 0, 7000.0)
    assert isinstance(waiting.error, Throttled)
    assert str(waiting.error) == "/cgi-bin/toy/read: the limiter asks to wait 7000.0 s"


@pytest.mark.parametrize(("pause", "said"), [(0.99, False), (1.0, True), (1.01, True)])
def test_a_wait_of_a_second_is_worth_telling(pause: float, said: bool) -> None:
    told: list[Retrying] = []
    Played(limited(Waits(pause), on_retry=told.append).call(READ), FINE)
    assert [each.pause for each in told] == [pause] * said


def test_who_comes_when_the_first_in_line_has_gone_stands_behind_the_next() -> None:
    made = limited(Waits(3.0))
    first, second, late, later = (made.call(READ) for _ in range(4))
    assert isinstance(stepped(first), Sleep)
    assert isinstance(stepped(second), Wait)
    assert isinstance(stepped(first), Send)
    waiting = [stepped(late), stepped(later)]
    assert [type(step) for step in waiting] == [Wait, Wait]
    assert isinstance(stepped(second), Send)
    assert [step.turn.granted for step in waiting] == [True, False]


def test_the_token_is_taken_after_the_wait() -> None:
    clock = Clock()
    made = limited(Waits(8000.0), clock=clock)
    played = Played(made.call(READ), token(1), FINE, clock=clock)
    assert played.tokens == ["T1"]


@pytest.mark.parametrize("waits", [(4.0,), (2.0, 2.0), (0.5, 1e9)])
def test_who_would_wait_longer_than_max_wait_is_told_how_long(waits: tuple[float, ...]) -> None:
    limiter = Waits(*waits)
    limiter.max_wait = 3.0
    made = limited(limiter)
    played = Played(made.call(READ))
    assert isinstance(played.error, Throttled)
    assert isinstance(played.error, Timeout)
    assert (played.error.seconds, played.error.sent) == (waits[-1], False)
    assert str(played.error) == "/cgi-bin/toy/read: the limiter asks to wait longer than 3 s"
    assert played.error.path == "/cgi-bin/toy/read"
    assert played.slept == sum(waits[:-1])
    assert pickle.loads(pickle.dumps(played.error)).seconds == waits[-1]
    assert made.lines == {}


@pytest.mark.parametrize("waits", [(3.0,), (1.0, 2.0), (0.5, 2.5)])
def test_who_waits_as_long_as_max_wait_says_goes(waits: tuple[float, ...]) -> None:
    limiter = Waits(*waits)
    limiter.max_wait = 3.0
    played = Played(limited(limiter).call(READ), FINE)
    assert (played.error, played.slept) == (None, 3.0)


def test_each_try_may_wait_for_the_limiter_anew() -> None:
    limiter = Waits(2.0, 0.0, 2.0)
    limiter.max_wait = 3.0
    played = Played(limited(limiter).call(READ), says(-1), FINE)
    assert (played.error, played.asked) == (None, ".c..c")


def test_time_in_line_counts_as_waiting() -> None:
    clock = Clock()
    limiter = Waits(2.0, 0.0, 2.0)
    limiter.max_wait = 3.0
    made = limited(limiter, clock=clock)
    first, second = made.call(READ), made.call(READ)
    assert isinstance(stepped(first), Sleep)
    assert isinstance(stepped(second), Wait)
    clock.now += 2.0
    assert isinstance(stepped(first), Send)
    with pytest.raises(Throttled):
        stepped(second)


def test_a_closed_client_tells_those_whom_the_limiter_keeps_waiting() -> None:
    made = limited(Waits(3600.0))
    first, second = made.call(READ), made.call(READ)
    nap = stepped(first)
    assert nap.seconds <= 5, "it looks up now and then"
    waiting = stepped(second)
    made.close()
    assert waiting.turn.granted
    for flow in (first, second):
        with pytest.raises(RuntimeError, match="closed"):
            flow.send(None)


@pytest.mark.parametrize("closes", ["itself", "the first"])
def test_a_call_of_a_light_client_that_is_closed_naps_no_more(closes: str) -> None:
    first = limited(Waits(3600.0))
    light = first.light()
    flow = light.call(READ)
    assert isinstance(stepped(flow), Sleep)
    (light if closes == "itself" else first).close()
    with pytest.raises(RuntimeError, match="closed"):
        flow.send(None)


def test_the_limiter_is_told_of_too_many_calls_and_of_nothing_else() -> None:
    limiter = Told()
    made = limited(limiter)
    for code in (-1, 45033, 45035, 84061, 45009):
        Played(made.call(READ), says(code), more=lambda: FINE)
    assert limiter.refusals == [45033, 45009]


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_call_refused_for_too_many_in_a_while_goes_again_if_the_limiter_knows(call: Any) -> None:
    limiter = Told(0.0, 60.0)
    played = Played(limited(limiter).call(call), says(45009), FINE)
    assert played.slept == pytest.approx(60.375)
    for_ever = Played(limited(Told()).call(call), *[says(45009)] * 4)
    assert isinstance(for_ever.error, RateLimited)
    once = Played(limited(Told(), retry=None).call(call), says(45009))
    assert isinstance(once.error, RateLimited)
    assert isinstance(Played(limited(Waits()).call(call), says(45009)).error, RateLimited)


def test_too_many_in_a_while_do_not_narrow_the_gate() -> None:
    made = limited(Told())
    Played(made.call(READ), says(45009), FINE)
    assert made._plans[type(READ)].gate is None


@pytest.mark.parametrize(
    "row", ["no connection", "no answer in time", "connection lost", "502", "not JSON"]
)
def test_only_wecom_itself_can_narrow_the_gate(row: str) -> None:
    made = warm(room=8)
    assert Played(made.call(READ), TABLE[row][0], FINE).asked == "c.c"
    assert made._plans[type(READ)].gate is None
    assert Played(made.call(READ), says(45033), FINE).asked == "c.c"
    assert made._plans[type(READ)].gate is not None


class Centre:
    corp_id: Any = "ww7"

    def token(self, kind: str, stale: Any) -> str:
        return "T"


class Nameless(Centre):
    corp_id = 7


SUITE = Suite("dk1", "suite secret", "ticket")
OF_SUITE = AuthorizedCorp(SUITE, "ww2", "permanent code")
PROVIDER = Provider("wp1", "provider secret")


@pytest.mark.parametrize(
    ("credential", "provider", "kind", "expected"),
    [
        (Corp("ww1", "s"), None, "access_token", ("ww1", fingerprint("s")[:8], "")),
        (Corp("ww1", "s"), PROVIDER, "access_token", ("ww1", fingerprint("s")[:8], "")),
        (Corp("ww1", "s"), PROVIDER, "provider_access_token", ("wp1", "", "wp1")),
        (OF_SUITE, None, "access_token", ("ww2", "dk1", "dk1")),
        (OF_SUITE, PROVIDER, "access_token", ("ww2", "dk1", "wp1")),
        (OF_SUITE, None, "suite_access_token", ("", "dk1", "dk1")),
        (SUITE, PROVIDER, "suite_access_token", ("", "dk1", "wp1")),
        (PROVIDER, None, "provider_access_token", ("wp1", "", "wp1")),
        (Centre(), None, "access_token", ("ww7", "", "")),
        (Nameless(), None, "access_token", ("", "", "")),
    ],
)
def test_a_limiter_is_told_whose_call_it_is(
    credential: Any, provider: Any, kind: str, expected: tuple[str, str, str]
) -> None:
    made = engine(credential=credential, provider=provider)
    state = made.token_states.get(kind)
    key = made.plan(
        "toy.read", "/toy", "/toy", state, dict, method="POST", in_query=False, token=kind
    ).key
    assert (key, key.path) == ("toy.read", "/toy")
    assert (key.corp, key.app, key.provider) == expected


def test_a_store_that_is_down_is_left_alone_for_a_while_and_is_back_once_it_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    clock = Clock()
    asked = 0
    down = True

    class Failing(MemoryStore):
        def get(self, key: str, /) -> Any:
            nonlocal asked
            asked += 1
            if down:
                raise OSError("no store")
            return super().get(key)

    made = engine(clock=clock, store=Failing())
    number = 0

    def renewed(seconds: float) -> tuple[int, list[str]]:
        """How often the store is asked for a token in a renewal after some time, and what is said of it."""
        nonlocal asked, number
        asked, number = 0, number + 1
        clock.now += seconds
        caplog.clear()
        made.token_states["access_token"].token = None
        assert Played(made.call(READ), token(number), FINE).asked == "gc"
        return asked, [
            line.partition(" (")[0] for line in caplog.messages if "the token store" in line
        ]

    assert renewed(0) == (1, ["the token store is down"])
    assert renewed(1) == (0, [])
    assert renewed(3.9) == (0, [])
    assert renewed(0.1) == (1, [])
    assert renewed(4.9) == (0, [])
    down = False
    assert renewed(0.1) == (2, ["the token store is back"])


def test_hooks_are_told_and_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = []

    def on_retry(what: Retrying) -> None:
        told.append(what)
        raise RuntimeError("hook")

    made = warm(on_retry=on_retry, on_call=told.append)
    told.clear()
    Played(made.call(READ), says(-1), says(42001), token(1), FINE)
    assert [type(each).__name__ for each in told] == ["Retrying", "Retrying", "CallRecord"]
    busy, stale, record = told
    assert (busy.call, busy.tries, type(busy.error), busy.pause) == ("toy.read", 1, Busy, 0.375)
    assert (stale.tries, type(stale.error), stale.pause) == (2, StaleToken, 0.0)
    assert (record.outcome, record.code, record.tries) == ("ok", 0, 3)
    failed = [line for line in caplog.records if line.levelname == "WARNING"]
    assert [line.getMessage() for line in failed] == ["a hook failed on Retrying"] * 2
    assert all(line.exc_info and line.exc_info[0] is RuntimeError for line in failed)
    Played(made.call(READ), says(84061))
    assert told[-1][:4] == ("toy.read", "NotFound", 84061, 1)
    Played(made.call(WRITE), BREAKS["LOST"])
    assert told[-1][1:4] == ("TransportError", None, 1)


def test_a_closed_client_says_so() -> None:
    made = warm()
    made.closed = True
    assert "closed" in str(Played(made.call(READ)).error)


def test_a_refused_argument_passes_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match=r"Write\.name"):
        engine().call(Write(name=3))
    assert Played(warm(check=False).call(WRITE), FINE).asked == "c"


def test_raw_calls_are_sent_and_retried_as_they_say() -> None:
    made = warm()
    played = Played(made.raw("POST", "/cgi-bin/new", json={"a": 1}), says(0, x=1))
    assert played.result == {"errcode": 0, "errmsg": "words", "x": 1}
    sent = played.steps[0]
    assert (sent.target(), sent.body) == ("/cgi-bin/new?access_token=T0", b'{"a":1}')
    assert Played(made.raw("POST", "/new"), BREAKS["LOST"]).asked == "c"
    assert Played(made.raw("POST", "/new", readonly=True), BREAKS["LOST"], FINE).asked == "c.c"
    assert Played(made.raw("GET", "/new"), BREAKS["LOST"], FINE).asked == "c.c"
    assert Played(made.raw("GET", "/new", readonly=False), BREAKS["LOST"]).asked == "c"
    got = Played(made.raw("GET", "/new", query_={"a": True, "b": [1, 2], "c": "名"}), FINE)
    assert got.steps[0].target() == "/new?access_token=T0&a=true&b=1%2C2&c=%E5%90%8D"
    assert got.steps[0].body is None
    bare = Played(made.raw("GET", "/new", query_={"a": 0}, token=None), FINE)
    assert bare.steps[0].target() == "/new?a=0"
    assert Played(made.raw("GET", "/new", token=None), FINE).steps[0].target() == "/new"
    assert Played(made.raw("GET", "/new", token=None), says(42001)).asked == "c"
    with pytest.raises(ValueError, match=r"provider_access_token.*provider=Provider"):
        made.raw("POST", "/new", token="provider_access_token")


def test_a_raw_get_carries_json_if_it_is_given_some() -> None:
    made = warm()
    for json_, body in (({"a": 1}, b'{"a":1}'), (None, None), ([], b"[]")):
        (sent,) = Played(made.raw("GET", "/new", json=json_), FINE).steps
        assert (sent.plan.method, sent.body) == ("GET", body)
        assert ("Content-Type" in sent.headers) == (body is not None)


def test_a_raw_path_goes_as_a_url_takes_it() -> None:
    made = warm()
    for path, sent in (("/a b", "/a%20b"), ("/标签", "/%E6%A0%87%E7%AD%BE"), ("/a%20b", "/a%20b")):
        (step,) = Played(made.raw("GET", path), FINE).steps
        assert step.target() == f"{sent}?access_token=T0"


def test_the_gates_of_calls_of_every_kind_open_when_the_client_is_closed() -> None:
    made = engine(room=8)
    busy = says(45033)
    Played(made.call(READ), busy, token(0), busy, FINE)
    Played(made.raw("GET", "/new"), busy, FINE)
    plans = [
        made._plans[Read],
        *made._raw_plans.values(),
        *made.token_states["access_token"].source.plans,
    ]
    gates = [plan.gate for plan in plans]
    assert [gate.limit < 8 for gate in gates if gate is not None] == [True] * 3
    made.close()
    assert [gate.limit > 1000 for gate in gates if gate is not None] == [True] * 3


def test_a_limiter_is_told_of_the_provider_of_those_a_client_speaks_for() -> None:
    for credential in (SUITE, OF_SUITE):
        made = engine(credential=credential, provider=PROVIDER)
        made = made.for_corp("ww2", Secret("code"))
        key = made._planned(READ).key
        assert (key.corp, key.app, key.provider) == ("ww2", "dk1", "wp1")


def test_a_child_does_not_wait_for_the_locks_on_a_suite_that_its_parent_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = engine(credential=Suite("dk1", "suite secret", "ticket"))
    store: Any = made.token_states["suite_access_token"].store
    assert store._store.lock("k", "parent", 60)
    assert not store._store.lock("k", "child", 60)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    made.after_fork()
    assert store._store.lock("k", "child", 60)


def test_few_raw_calls_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    from wecom_contact._runtime import flow as _flow

    monkeypatch.setattr(_flow, "RAW_PLANS", 2)
    made = warm()
    kept = []
    for number in range(5):
        Played(made.raw("GET", f"/{number}"), FINE)
        kept.append(len(made._raw_plans))
    assert kept == [1, 2, 1, 2, 1]


def test_turns_are_woken_in_order() -> None:
    from wecom_contact._runtime.gates import Gate, Turn

    gate = Gate(1)
    first, second = Turn(gate), Turn(gate)
    first.enter()
    second.enter()
    woken: list[int] = []
    first.notify(lambda: woken.append(1))
    second.notify(lambda: woken.append(2))
    assert woken == [1]
    assert not Turn(gate).enter_at_once()
    first.leave()
    first.leave()
    assert woken == [1, 2]
    second.leave()
    assert gate.active == 0


def test_there_is_room_for_one_more_after_four_rounds_that_went_well() -> None:
    from wecom_contact._runtime.gates import Gate

    gate = Gate(2, most=4)
    for limit in (2, 3):
        for _ in range(4 * limit - 1):
            assert not gate.faster()
            assert gate.limit == limit
        assert gate.faster() == (limit == 3), "at the most, nobody need wait"
    assert gate.limit == 4


def test_who_was_too_many_begins_to_count_anew() -> None:
    from wecom_contact._runtime.gates import Gate, Turn

    gate = Gate(4, most=8)
    turn = Turn(gate)
    turn.enter()
    for _ in range(5):
        gate.faster()
    gate.slower(turn)
    for _ in range(7):
        gate.faster()
        assert gate.limit == 2
    gate.faster()
    assert gate.limit == 3


def test_a_gate_without_a_most_is_as_wide_as_it_was_made() -> None:
    from wecom_contact._runtime.gates import Gate, Turn

    gates = [Gate(4), Gate(4, most=8)]
    gates[1].open()
    for gate, limit in zip(gates, (4, 1 << 62), strict=True):
        turn = Turn(gate)
        turn.enter()
        gate.slower(turn)
        assert gate.limit == limit
        assert not any(gate.faster() for _ in range(100))
        assert gate.limit == limit


def test_a_query_has_words_for_truth_and_lists() -> None:
    assert query({}) == ""
    assert query({"flag": False, "n": 3, "many": [1, "a"]}) == "flag=false&n=3&many=1%2Ca"


@pytest.mark.parametrize(
    ("base_url", "whole", "begins"),
    [
        ("https://qyapi.weixin.qq.com", False, "/cgi-bin/"),
        ("https://proxy.example/wecom/", False, "/wecom/cgi-bin/"),
        ("https://proxy.example:8443/we com", True, "https://proxy.example:8443/we%20com/cgi-bin/"),
    ],
)
def test_a_base_url_may_have_a_path(base_url: str, whole: bool, begins: str) -> None:
    played = Played(engine(base_url=base_url, absolute_urls=whole).call(READ), token(), FINE)
    assert all(step.target().startswith(begins) for step in played.steps)


def test_paging_remembers_the_cursor_and_sees_it_stall() -> None:
    from wecom_contact._runtime.flow import Paging

    paging = Paging(engine(), Read(cursor="c0"))
    assert paging.cursor == "c0"
    paging._advance(Read(), Names(names=[], next_cursor="c1"))
    assert paging.cursor == "c1"
    with pytest.raises(PaginationStalled, match="'c0'"):
        paging._advance(Read(), Names(names=[], next_cursor="c0"))
    paging._advance(Read(), Names(names=[]))
    assert (paging.call, paging.cursor) == (None, None)


outcomes = st.one_of(
    st.sampled_from(list(BREAKS.values())),
    st.sampled_from([200, 200, 302, 404, 500, 503]).map(http),
    st.sampled_from([-1, 6000, 45033, 40014, 42001, 41001, 45009, 40001, 84061, 0, 0]).map(says),
    st.integers(-2, 90_000).map(says),
    st.just(FINE),
    st.just(http(200, b"[]")),
    st.tuples(st.integers(1, 99), st.sampled_from([0, 1, 7200, None, "x"])).map(
        lambda pair: says(0, access_token=f"T{pair[0]}", expires_in=pair[1], names=[])
    ),
)


@settings(max_examples=2000, deadline=None)
@given(
    script=st.lists(outcomes, max_size=30),
    last=outcomes,
    readonly=st.booleans(),
    began=st.booleans(),
    ticks=st.lists(st.sampled_from([0.0, 700.0, 8000.0]), max_size=10),
)
def test_any_sequence_of_outcomes_comes_to_an_end(
    script: list[Any], last: Any, readonly: bool, began: bool, ticks: list[float]
) -> None:
    clock = Clock()
    retry = Retry(tries=5, total=20)
    made = (warm if began else engine)(clock=clock, retry=retry)
    sent: list[tuple[str, Any]] = []
    slept = 0.0
    flow: Flow[Any] = made.call(READ if readonly else WRITE)
    error: BaseException | None = None
    try:
        step = next(flow)
        for _ in range(1000):
            if isinstance(step, Send):
                outcome = script.pop(0) if script else last
                clock.now += ticks.pop() if ticks else 0
                sent.append((step.plan.name, outcome))
                step = flow.send(outcome)
            else:
                assert isinstance(step, Sleep)
                slept += step.seconds
                clock.now += step.seconds
                step = flow.send(None)
        raise AssertionError("it never ends")
    except StopIteration:
        pass
    except WeComError as raised:
        error = raised

    given = [
        json.loads(outcome.body)["access_token"]
        for name, outcome in sent
        if name == "gettoken" and b"access_token" in getattr(outcome, "body", b"")
    ]
    # WeCom may give the very token that it refuses; that one is not sent again.
    renewals = len([each for each, _ in groupby(given)])
    assert renewals <= 1 + (not began), "once after the first token"
    assert len(given) <= renewals + 2 * retry.tries
    assert slept <= retry.total
    assert sum(name != "gettoken" for name, _ in sent) <= retry.tries + 1 + renewals
    if not readonly:
        for name, outcome in sent[:-1]:
            if name == "toy.write":
                refused = (
                    isinstance(outcome, Answer)
                    and outcome.status == 200
                    and (json.loads(outcome.body)["errcode"] != 0)
                )
                unsent = isinstance(outcome, Broken) and not outcome.how.sent
                assert refused or unsent, "a write went twice"
    if error is None:
        assert sent[-1][1].status == 200


def test_no_record_is_made_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the log off and no hooks, a call makes no record, well or not."""
    made = warm()
    made.telemetry.active = False  # another test may have loaded OpenTelemetry
    monkeypatch.setattr(LOG, "disabled", True)
    monkeypatch.setattr(Engine, "_report", lambda *_: pytest.fail("nobody asked"))
    assert Played(made.call(READ), FINE).result == Names(names=["a"])
    assert isinstance(Played(made.call(WRITE), says(84061)).error, NotFound)


@pytest.mark.parametrize("path", ["cgi-bin/x", "https://elsewhere/x", "/x?y=1"])
def test_raw_paths_are_paths(path: str) -> None:
    with pytest.raises(ValueError, match="parameters in query="):
        engine().raw("GET", path)


def test_an_interrupt_in_a_hook_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whether another test has brought spans in or not.
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    flow = engine(on_call=interrupted).call(READ)
    next(flow)
    flow.send(token())
    with pytest.raises(KeyboardInterrupt):
        flow.send(FINE)


def test_a_call_begins_with_nothing_behind_it() -> None:
    effort = Effort(5.0)
    assert (effort.started, effort.slept, effort.tries, effort.failed, effort.garbled) == (
        5,
        0,
        0,
        0,
        0,
    )
    assert (effort.asked, effort.waited, effort.adoptions, effort.refused) == (0, 0, 0, ())
    assert (effort.renewed, effort.early, effort.spent) == (False, False, False)
