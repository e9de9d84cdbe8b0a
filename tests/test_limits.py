"""Limiters that wait instead of being refused, in process and over Redis, for both clients."""

import asyncio
import importlib.util
import logging
import os
import re
import subprocess
import sys
import threading
import time
import tracemalloc
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import CORP, OK, SECRET, Aio, Server, Sync, WeCom, says, serving
from test_stores import Redis, connections
from wecom_contact import AsyncClient, Client, catalog, limits
from wecom_contact._runtime.telemetry import LOG
from wecom_contact.errors import APIError, Busy, RateLimited, RefusedArgument, Throttled
from wecom_contact.limits import (
    DOCUMENTED,
    DOCUMENTED_ELSEWHERE,
    DOCUMENTED_PER_IP,
    DOCUMENTED_PER_PROVIDER_IP,
    AsyncRedisLimiter,
    CallKey,
    Limit,
    MemoryLimiter,
    RedisLimiter,
)
from wecom_contact.testing import Simulator
from wecom_contact.testing._limits import Rates

READ = ("GET", "/read")
FAST = (Limit(5, 1),)
GET = CallKey("customer.get", "/cgi-bin/externalcontact/get", corp="ww1", app="a")
TOO_OFTEN = RateLimited(45009, "api freq out of limit")
TOO_MANY = Busy(45033, "too many at once")


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def fill(limiter: Any, clock: Clock, call: CallKey, until: float) -> list[float]:
    """Call as often as the limiter lets one, until some time; when it did."""
    times = []
    while clock.now < until:
        wait = limiter.take(call)
        if wait:
            clock.now += wait
        else:
            times.append(clock.now)
    return times


def fullest(times: list[float], seconds: float) -> int:
    """How many of these times are in the fullest window, over all alignments; its ends count."""
    return max(at - bisect_left(times, when - seconds) + 1 for at, when in enumerate(times))


# No window holds too much.

LIMITS = st.lists(
    st.builds(Limit, st.integers(1, 300), st.sampled_from([0.5, 1, 7, 60, 600])),
    min_size=1,
    max_size=3,
)
PATTERN = st.lists(
    st.tuples(st.floats(0, 40) | st.just(0.0), st.integers(1, 200)), min_size=1, max_size=40
)


@settings(max_examples=150, deadline=None)
@given(limits=LIMITS, pattern=PATTERN, delays=st.randoms(use_true_random=False))
def test_no_window_of_any_alignment_sees_more_than_the_limit(
    limits: list[Limit], pattern: list[tuple[float, int]], delays: Any
) -> None:
    clock = Clock()
    limiter = MemoryLimiter(limits, per_ip=(), clock=clock)
    late = min(min(1.0, limit.seconds / 25) for limit in limits)
    arrived = []
    for gap, burst in pattern:
        clock.now += gap
        for _ in range(burst):
            if not limiter.take(GET):
                # On its way for as long as the margin allows, and calls may overtake each other.
                arrived.append(clock.now + late * delays.random())
    arrived.sort()
    for calls, seconds, _ in limits:
        assert fullest(arrived, seconds) <= calls


def test_without_headroom_the_limit_is_used_to_the_last_call() -> None:
    clock = Clock()
    limiter = MemoryLimiter([Limit(100, 60)], per_ip=(), share=1, margin=0, clock=clock)
    times = fill(limiter, clock, GET, clock.now + 599.999)
    assert len(times) == 1000
    assert fullest(times, 59.999) == 100


@settings(max_examples=60, deadline=None)
@given(limit=st.builds(Limit, st.integers(1, 3000), st.sampled_from([1, 10, 60, 3600])))
def test_who_always_calls_gets_nine_tenths_of_what_is_possible(limit: Limit) -> None:
    clock = Clock()
    limiter = MemoryLimiter([limit], per_ip=(), clock=clock)
    times = fill(limiter, clock, GET, clock.now + 12 * limit.seconds - 0.001)
    assert fullest(times, limit.seconds) <= limit.calls
    assert len(times) >= 0.9 * 12 * limit.calls


def test_a_minute_and_an_hour_together_allow_nine_tenths_of_what_is_possible() -> None:
    clock = Clock(0.0)
    scaled = [Limit(calls // 10, seconds) for calls, seconds, _ in DOCUMENTED]
    limiter = MemoryLimiter(scaled, per_ip=(), clock=clock)
    times = fill(limiter, clock, GET, 2 * 3600)
    assert len(times) >= 0.9 * 30_000
    # Not held to the hour's pace: the first quarter of an hour goes by the minute's.
    assert sum(when < 900 for when in times) >= 0.9 * 15_000


@settings(max_examples=40, deadline=None)
@given(calls=st.integers(1, 2000), rounds=st.integers(1, 3))
def test_who_calls_steadily_below_the_limit_never_waits(calls: int, rounds: int) -> None:
    clock = Clock()
    limiter = MemoryLimiter([Limit(calls, 60)], per_ip=(), clock=clock)
    for _ in range(rounds * calls):
        assert limiter.take(GET) == 0.0
        clock.now += 60 / calls / 0.9


def test_whoever_waits_as_long_as_told_may_go() -> None:
    clock = Clock()
    limiter = MemoryLimiter([Limit(100, 60)], per_ip=(), clock=clock)
    assert [limiter.take(GET) for _ in range(97)] == [0.0] * 97
    clock.now += limiter.take(GET)
    assert limiter.take(GET) == 0.0


def test_ten_thousand_calls_are_not_refused_once() -> None:
    # A window of the simulator begins with the first call that finds none.
    for late in (0.0, 0.3, 0.9):
        clock, rates, refused = Clock(), Rates(), 0
        limiter = MemoryLimiter(clock=clock)
        began = clock.now
        for number in range(10_400):
            while wait := limiter.take(GET):
                clock.now += wait
            arrival = clock.now + (late if number % 2 else 0.0)
            refused += not rates.take("get", [limit[:2] for limit in DOCUMENTED], arrival)
            clock.now += 0.001
        assert refused == 0
        assert clock.now - began < 75


def test_a_client_is_not_refused_by_the_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    with Simulator() as corp:
        corp.limits.rates = True
        corp.limits.per_api = ((100, 60), (150, 3600))
        corp.clock.freeze()
        monkeypatch.setattr(time, "sleep", lambda pause: corp.clock.advance(seconds=pause))
        limits = [Limit(100, 60), Limit(150, 3600)]
        limiter = MemoryLimiter(limits, per_ip=(), clock=corp.clock.time)
        records: list[Any] = []
        with corp.client(limiter=limiter, on_call=records.append) as wecom:
            for _ in range(310):
                wecom.server.api_ips()
        assert [record.code for record in records if record.code] == []


def test_memory_does_not_grow_with_the_calls() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock=clock)
    fill(limiter, clock, GET, clock.now + 70)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20_000):
            clock.now += limiter.take(GET) or 0.003
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 10_000


def test_corps_that_no_longer_call_are_forgotten() -> None:
    clock = Clock()
    limiter = MemoryLimiter([Limit(10, 60)], per_ip=(), clock=clock)
    for number in range(500):
        limiter.take(CallKey("customer.get", corp=f"ww{number}"))
    limiter.refused(GET, TOO_OFTEN)
    assert len(limiter._ledger._windows) == 500
    clock.now += 200
    limiter.take(GET)
    assert len(limiter._ledger._windows) == 1
    assert limiter._ledger._closed == {}


# Who is counted together.


def used_up(limiter: MemoryLimiter, call: CallKey) -> int:
    """How many calls there are until one must wait."""
    taken = 0
    while not limiter.take(call):
        taken += 1
    return taken


def test_each_corp_and_each_endpoint_is_counted_for_itself() -> None:
    limiter = MemoryLimiter(FAST, per_ip=(), clock=Clock())
    assert used_up(limiter, CallKey("a", "/a", corp="ww1", app="x")) == 5
    assert used_up(limiter, CallKey("a", "/a", corp="ww1", app="y")) == 0, "two apps of a corp"
    assert used_up(limiter, CallKey("POST /a", "/a", corp="ww1", app="x")) == 0, "raw, too"
    assert used_up(limiter, CallKey("a", "/a", corp="ww2", app="x")) == 5
    assert used_up(limiter, CallKey("b", "/b", corp="ww1", app="x")) == 5
    assert used_up(limiter, CallKey("a", "/a", app="a suite")) == 5


def test_scopes_of_limits() -> None:
    others = {"/a": [Limit(3, 60, "app"), Limit(5, 60, "provider"), Limit(8, 60, "corp")]}
    limiter = MemoryLimiter(others=others, per_ip=[Limit(16, 60)], clock=Clock())
    key = lambda corp, app, provider: CallKey("a", "/a", corp=corp, app=app, provider=provider)  # noqa: E731  (a short word for a long one)
    assert used_up(limiter, key("ww1", "x", "p1")) == 3, "its app"
    assert used_up(limiter, key("ww1", "y", "p1")) == 2, "its provider"
    assert used_up(limiter, key("ww1", "y", "p2")) == 1, "its app again"
    assert used_up(limiter, key("ww1", "z", "p2")) == 2, "its corp"
    assert used_up(limiter, key("ww2", "x", "")) == 3, "an app of the same name, of another corp"
    assert used_up(limiter, key("ww2", "y", "")) == 2, "a corp is its own provider"
    assert used_up(limiter, key("ww3", "x", "p3")) == 3
    assert used_up(limiter, key("ww4", "x", "p4")) == 0, "the address"


def test_who_has_no_name_of_the_scope_is_counted_by_the_next_best() -> None:
    limits_ = [Limit(10, 60), Limit(7, 60, "provider")]
    limiter = MemoryLimiter(limits_, per_ip=(), share=1, clock=Clock())
    for key, taken in (
        ({"app": "suite1"}, 7),
        ({"app": "suite2"}, 7),
        ({"corp": "ww1"}, 7),
        ({"corp": "ww2", "app": "a"}, 7),
        ({"corp": "ww2", "app": "b"}, 0),
        ({"corp": "ww3", "provider": "p"}, 7),
        ({"corp": "ww4", "provider": "p"}, 0),
    ):
        assert used_up(limiter, CallKey("a", "/a", **key)) == taken


def test_an_endpoint_may_have_limits_per_address_of_its_own() -> None:
    others = {"/a": [Limit(30, 60), Limit(40, 60, "ip"), Limit(50, 60, "ip")]}
    limiter = MemoryLimiter(others=others, per_ip=[Limit(8, 60)], clock=Clock())
    assert used_up(limiter, CallKey("a", "/a", corp="ww1")) == 29
    assert used_up(limiter, CallKey("a", "/a", corp="ww2")) == 10, "of several, the least"
    assert used_up(limiter, CallKey("b", "/b", corp="ww2")) == 8


@pytest.mark.parametrize(
    ("provider", "limits"), [("", DOCUMENTED_PER_IP), ("dk1", DOCUMENTED_PER_PROVIDER_IP)]
)
def test_an_address_has_limits_of_its_own(provider: str, limits: Any) -> None:
    limiter = MemoryLimiter(share=1, clock=Clock())
    taken = 0
    for number in range(6):
        taken += used_up(limiter, CallKey("a", "/a", corp=f"ww{number}", provider=provider))
    assert taken == limits[0].calls


# What the official pages say (90312 of every API, of images and of tickets; 95878, 97108 and others of
# one API): calls a minute, an hour, a day and 30 days.
OFFICIAL: dict[str, dict[str, tuple[int, ...]]] = {
    "": {"corp": (10_000, 150_000), "ip": (20_000, 600_000), "provider's ip": (40_000, 1_200_000)},
    "add_moment_task": {"corp": (10, 0, 0, 100_000)},
    "unionid_to_external_userid_3rd": {"provider": (10_000, 50_000, 240_000)},
    "idconvert/unionid_to_external_userid": {
        "corp": (10_000, 100_000, 480_000, 7_500_000),
        "provider": (0, 100_000, 480_000, 7_500_000),
    },
    "corpgroup/unionid_to_external_userid": {"corp": (10_000, 20_000, 240_000)},
    "uploadimg": {"corp": (10_000, 150_000, 1_000, 3_000)},
    "get_jsapi_ticket": {"corp": (0, 400), "app": (0, 100)},
    "ticket/get": {"app": (0, 100)},
}


def test_the_limits_are_those_of_the_official_pages() -> None:
    found: dict[str, set[tuple[Any, ...]]] = {
        "": {*DOCUMENTED, *DOCUMENTED_PER_IP}
        | {(*limit[:2], "provider's ip") for limit in DOCUMENTED_PER_PROVIDER_IP}
    }
    for path, elsewhere in DOCUMENTED_ELSEWHERE.items():
        (name,) = [name for name in OFFICIAL if name and path.endswith(f"/{name}")]
        found[name] = set(elsewhere)
        assert len(found[name]) == len(elsewhere)
    lasting = (60, 3600, 86_400, 30 * 86_400)
    assert found == {
        name: {
            (calls, seconds, whose)
            for whose, numbers in scopes.items()
            for calls, seconds in zip(numbers, lasting, strict=False)
            if calls
        }
        for name, scopes in OFFICIAL.items()
    }


@pytest.mark.parametrize("guide", ["docs/production.md", "docs/zh/production.md"])
def test_the_guide_states_the_general_limits(guide: str) -> None:
    text = (Path(__file__).parent.parent / guide).read_text("utf-8")
    (line,) = [line for line in text.splitlines() if "600,000" in line]
    general = (*DOCUMENTED, *DOCUMENTED_PER_IP, *DOCUMENTED_PER_PROVIDER_IP)
    numbers = re.findall(r"\d[\d,]*(?:000)", line.partition("45009")[0])
    assert [f"{limit.calls:,}" for limit in general] == numbers[: len(general)]


def test_the_table_names_calls_of_the_package_or_those_said_to_be_others() -> None:
    paths = {endpoint.path for endpoint in catalog.CALLS.values()}
    others = {"/cgi-bin/get_jsapi_ticket", "/cgi-bin/ticket/get"}
    assert set(DOCUMENTED_ELSEWHERE) - paths == others


def test_calls_with_limits_of_their_own() -> None:
    path = catalog.CALLS["moment.add_task"].path
    limiter = MemoryLimiter(clock=Clock())
    assert used_up(limiter, CallKey("moment.add_task", path, corp="ww1")) == 10
    named = MemoryLimiter(others={"customer.get": FAST, "moment.add_task": FAST}, clock=Clock())
    assert used_up(named, GET) == 5
    assert used_up(named, CallKey("moment.add_task", path, corp="ww1")) == 5
    assert used_up(named, CallKey("POST", path, corp="ww2")) == 10, "what is documented stays"


def test_a_name_alone_will_do() -> None:
    limiter = MemoryLimiter(FAST, per_ip=(), clock=Clock())
    assert used_up(limiter, "customer.get") == 5  # type: ignore[arg-type]  # either colour


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limits": [(0, 60)]}, r"limits\[0\]\.calls: a whole number, 1 or more, not 0"),
        ({"limits": [(True, 60)]}, r"limits\[0\]\.calls: .*not True"),
        ({"limits": [(5, 0)]}, r"limits\[0\]\.seconds: seconds, more than 0, not 0"),
        ({"limits": [(5, 1), (5, 1, "shop")]}, r"limits\[1\]\.per: corp, app, .*not 'shop'"),
        ({"limits": [()]}, r"limits\[0\]: a Limit\(calls, seconds\), not \(\)"),
        ({"limits": [(5,)]}, r"limits\[0\]: a Limit\(calls, seconds\), not \(5,\)"),
        ({"limits": [[5, 60]]}, r"limits\[0\]: a Limit\(calls, seconds\), not \[5, 60\]"),
        ({"limits": [7]}, r"limits\[0\]: a Limit\(calls, seconds\), not 7"),
        ({"limits": [(1, 2, "ip", 4)]}, r"limits\[0\]: a Limit"),
        ({"others": {"/a": [(5, "m")]}}, r"others\['/a'\]\[0\]\.seconds: .*not 'm'"),
        ({"per_ip": [(-1, 1)]}, r"per_ip\[0\]\.calls: .*not -1"),
        ({"per_ip": [3]}, r"per_ip\[0\]: a Limit\(calls, seconds\), not 3"),
        ({"share": 0}, r"share: a number, more than 0, at most 1, not 0"),
        ({"share": 1.1}, r"share: .*not 1\.1"),
        ({"share": "95%"}, r"share: .*not '95%'"),
        ({"margin": -1}, r"margin: seconds, 0 or more, or None, not -1"),
        ({"margin": True}, r"margin: .*not True"),
        ({"max_wait": -1}, r"max_wait: seconds, 0 or more, or None, not -1"),
        ({"max_wait": "60"}, r"max_wait: .*not '60'"),
    ],
)
def test_what_is_no_limit_is_refused_with_its_path(options: Any, words: str) -> None:
    for make in (
        MemoryLimiter,
        lambda **options: RedisLimiter("redis://localhost", **options),
        lambda **options: AsyncRedisLimiter("redis://localhost", **options),
    ):
        with pytest.raises(RefusedArgument, match=rf"^\w+Limiter\.{words}"):
            make(**options)


def test_the_same_limiter_may_be_more_or_less_patient() -> None:
    limiter = MemoryLimiter(FAST, per_ip=(), clock=Clock())
    hasty = limiter.with_max_wait(0.5)
    assert (limiter.max_wait, hasty.max_wait) == (None, 0.5)
    assert used_up(limiter, GET) == 5
    assert used_up(hasty, GET) == 0
    with pytest.raises(RefusedArgument, match=r"^MemoryLimiter\.max_wait"):
        limiter.with_max_wait(-2)


def test_a_client_tells_its_limiter() -> None:
    limiter = MemoryLimiter()
    for make in (Client, AsyncClient):
        client = make(CORP, SECRET, limiter=limiter)
        assert client.limiter is limiter
        assert client.with_options(limiter=None).limiter is None
        assert client.for_corp("ww2", "code" * 8).limiter is limiter


# What WeCom refuses nevertheless.


def test_a_refusal_closes_the_endpoint_until_the_window_ends() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock=clock)
    limiter.refused(GET, TOO_OFTEN)
    assert 60 < limiter.take(GET) <= 61.1
    assert limiter.with_max_wait(3).take(GET) > 60
    assert limiter.take(CallKey("customer.get", GET.path, corp="ww2")) == 0.0
    assert limiter.take(CallKey("customer.list", "/list", corp="ww1")) == 0.0
    clock.now += 30
    limiter.refused(GET, TOO_OFTEN)
    assert limiter.take(GET) < 31.1, "one that was under way"
    clock.now += limiter.take(GET)
    assert limiter.take(GET) == 0.0


def test_a_refusal_as_soon_as_the_endpoint_opens_was_for_a_longer_window() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock=clock)
    waits = []
    for _ in range(3):
        limiter.refused(GET, TOO_OFTEN)
        waits.append(limiter.take(GET))
        clock.now += waits[-1]
    assert [round(wait / 60) for wait in waits] == [1, 60, 60]
    clock.now += 10_000
    limiter.refused(GET, TOO_OFTEN)
    assert round(limiter.take(GET) / 60) == 1, "long ago"


def test_a_refusal_is_for_the_shortest_window_of_a_corp_and_none_of_an_address() -> None:
    for limits_, per_ip, seconds in (
        ([Limit(5, 60), Limit(50, 600)], [Limit(5, 10)], 61),
        ([Limit(50, 600), Limit(5, 60)], [Limit(5, 10)], 61),
        ([Limit(5, 60)], [Limit(50, 600)], 61),
        ([Limit(5, 600), Limit(5, 120, "app")], (), 121),
    ):
        limiter = MemoryLimiter(limits_, per_ip=per_ip, clock=Clock())
        limiter.refused(GET, TOO_OFTEN)
        assert limiter.take(GET) == pytest.approx(seconds)


def test_a_refusal_that_names_its_window_closes_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_790_000_000 // 86400 * 86400 + 4 * 3600.0)
    for words, seconds in (("hour", 3600), ("month", 30 * 86400), ("day", 12 * 3600)):
        limiter = MemoryLimiter(clock=Clock())
        limiter.refused(GET, RateLimited(45009, f"{words} limit"))
        assert limiter.take(GET) == pytest.approx(seconds, abs=2)


def test_too_many_at_a_time_is_a_breather_for_all_that_grows() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock=clock)
    waits = []
    for _ in range(7):
        limiter.refused(GET, TOO_MANY)
        waits.append(limiter.take(GET))
        clock.now += waits[-1]
    assert waits == pytest.approx([0.5, 1, 2, 4, 8, 8, 8])
    limiter.refused(GET, TOO_OFTEN)
    assert limiter.take(GET) > 60, "a window is longer than any breather"
    limiter.refused(GET, TOO_MANY)
    assert limiter.take(GET) > 60


def test_a_window_may_end_after_a_breather_that_began_before() -> None:
    limiter = MemoryLimiter(clock=Clock())
    limiter.refused(GET, TOO_MANY)
    limiter.refused(GET, TOO_OFTEN)
    assert limiter.take(GET) > 60


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(WeCom()) as server:
        yield server


@pytest.mark.parametrize("colour", [Sync, Aio])
def test_a_refused_call_goes_again_after_the_window_and_so_do_others(colour: Any) -> None:
    wecom = WeCom()
    wecom.answers["/read"] = [says(45009), says(0)]
    limiter = MemoryLimiter([Limit(10, 0.3)], per_ip=())
    told: list[Any] = []
    with serving(wecom) as server, colour(server.url, limiter=limiter) as other:
        with colour(server.url, limiter=limiter, on_retry=told.append) as client:
            other.raw("GET", "/another")
            began = time.monotonic()
            assert client.raw(*READ)["errcode"] == 0
            assert time.monotonic() - began >= 0.3
    assert len(server.asked("/read")) == 2
    assert [type(retry.error) for retry in told] == [RateLimited]


@pytest.mark.parametrize("colour", [Sync, Aio])
def test_one_client_is_refused_and_another_waits(colour: Any) -> None:
    wecom = WeCom()
    wecom.answers["/read"] = [says(45009), says(0)]
    limiter = MemoryLimiter([Limit(10, 60)], per_ip=(), max_wait=5)
    with serving(wecom) as server:
        with colour(server.url, limiter=limiter, retry=None) as client:
            with pytest.raises(RateLimited):
                client.raw(*READ)
        with colour(server.url, limiter=limiter) as other:
            with pytest.raises(Throttled, match="longer than 5 s") as caught:
                other.raw(*READ)
    assert not caught.value.sent
    assert 55 < caught.value.seconds < 62
    assert len(server.asked("/read")) == 1


def test_a_limiter_of_old_goes_on_working(server: Server) -> None:
    class Old:
        longest = 1.0
        waits = [0.0, 0.01, 0.0, 5.0]

        def take(self, name: str, /) -> float:
            assert name in ("gettoken", "GET /read")
            return self.waits.pop(0)

    for colour in (Sync, Aio):
        limiter = Old()
        limiter.waits = list(Old.waits)
        with colour(server.url, limiter=limiter) as client:
            client.raw(*READ)
            with pytest.raises(Throttled, match="longer than 1 s"):
                client.raw(*READ)


@pytest.mark.parametrize("colour", [Sync, Aio])
def test_without_being_told_a_limiter_lets_45009_through(colour: Any) -> None:
    class Old:
        longest = 1.0

        def take(self, name: str, /) -> float:
            return 0.0

    wecom = WeCom()
    wecom.answers["/read"] = says(45009)
    with serving(wecom) as server, colour(server.url, limiter=Old()) as client:
        with pytest.raises(RateLimited):
            client.raw(*READ)
    assert len(server.asked("/read")) == 1


def test_a_limiter_that_blocks_is_kept_off_the_event_loop() -> None:
    threads = set()

    class Blocking:
        blocking = True
        max_wait = None

        def take(self, call: CallKey, /) -> float:
            threads.add(("take", threading.current_thread() is threading.main_thread()))
            return 0.0

        def refused(self, call: CallKey, error: APIError, /) -> None:
            threads.add(("refused", threading.current_thread() is threading.main_thread()))

    wecom = WeCom()
    wecom.answers["/read"] = [says(45033), says(0)]

    async def main(url: str) -> None:
        async with AsyncClient(CORP, SECRET, base_url=url, limiter=Blocking()) as client:
            await client.raw(*READ)

    with serving(wecom) as server:
        asyncio.run(main(server.url))
    assert threads == {("take", False), ("refused", False)}


# In Redis.


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.close()


class Asked:
    """A Redis that lets every call go, and counts how often it is asked."""

    def __init__(self) -> None:
        self.count = 0
        self.keys: set[str] = set()

    def execute_command(self) -> None: ...

    def register_script(self, text: str) -> Any:
        def run(keys: list[str], arguments: list[Any]) -> list[Any]:
            self.count += 1
            self.keys |= set(keys)
            return [b"0", b"1.0", [1] * (len(keys) - 2)]

        return run


class AskedLater(Asked):
    """The same for asyncio."""

    async def execute_command(self) -> None: ...  # type: ignore[override]  # as redis.asyncio has it

    def register_script(self, text: str) -> Any:
        at_once = super().register_script(text)

        async def run(keys: list[str], arguments: list[Any]) -> list[Any]:
            return list(at_once(keys, arguments))

        return run


class Silent(Asked):
    """A Redis that fails, and counts how often it is asked."""

    def register_script(self, text: str) -> Any:
        def run(keys: list[str], arguments: list[Any]) -> None:
            self.count += 1
            raise OSError("no answer")

        return run


class SilentLater(Silent):
    """The same for asyncio."""

    async def execute_command(self) -> None: ...  # type: ignore[override]  # as redis.asyncio has it

    def register_script(self, text: str) -> Any:
        at_once = super().register_script(text)

        async def run(keys: list[str], arguments: list[Any]) -> None:
            at_once(keys, arguments)

        return run


@pytest.mark.parametrize(
    ("make", "kind"), [(RedisLimiter, Silent), (AsyncRedisLimiter, SilentLater)]
)
def test_a_redis_that_failed_a_moment_ago_is_asked_nothing(make: Any, kind: Any) -> None:
    redis = kind()
    limiter = make(redis, FAST, per_ip=())
    hasty = limiter.with_max_wait(1)

    async def asked(answer: Any) -> int:
        if answer is not None and not isinstance(answer, float):
            await answer
        return int(redis.count)

    async def main() -> None:
        for number, first in enumerate(
            (limiter.take, hasty.take, lambda call: limiter.refused(call, TOO_MANY))
        ):
            call = CallKey("any", f"/{number}", corp="ww1")
            redis.count = 0
            limiter._state._again_at = 0.0
            assert await asked(first(call)) == 1
            for again in (limiter, hasty):
                assert await asked(again.take(call)) == 1
                assert await asked(again.refused(call, TOO_MANY)) == 1

    asyncio.run(main())


def test_what_a_process_has_used_up_alone_it_knows_without_asking_redis() -> None:
    given: Any = {"limits": [Limit(2, 60)], "per_ip": (), "share": 1.0}
    redis, later = Asked(), AskedLater()
    limiter = RedisLimiter(redis, **given)  # type: ignore[arg-type]  # as far as it is used
    waits = [limiter.take(GET) for _ in range(4)]
    assert waits[:2] == [0.0, 0.0]
    assert all(59 < wait <= 61 for wait in waits[2:])
    assert redis.count == 2

    async def main() -> list[float]:
        limiter = AsyncRedisLimiter(later, **given)  # type: ignore[arg-type]  # as far as it is used
        return [await limiter.take(GET) for _ in range(4)]

    waits = asyncio.run(main())
    assert waits[:2] == [0.0, 0.0]
    assert all(59 < wait <= 61 for wait in waits[2:])
    assert later.count == 2


def test_all_keys_begin_with_the_prefix() -> None:
    redis = Asked()
    limiter = RedisLimiter(redis, prefix="{mine}:")  # type: ignore[arg-type]  # as far as it is used
    limiter.take(GET)
    limiter.refused(GET, TOO_OFTEN)
    assert len(redis.keys) > 4
    assert all(key.startswith("{mine}:") for key in redis.keys)
    assert len({key.removeprefix("{mine}:") for key in redis.keys} - {""}) == len(redis.keys)


class OnClock:
    """A Redis whose scripts go by a clock of the test's."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        import redis as library

        self.client: Any = library.Redis.from_url(redis.url)
        self.clock = clock

    def register_script(self, text: str) -> Callable[..., Any]:
        script = self.client.register_script(
            text.replace("redis.call('TIME')", "redis.call('HMGET', 'clock', 's', 'u')")
        )

        def run(keys: list[str], arguments: list[Any]) -> Any:
            whole, part = f"{self.clock.now:.6f}".split(".")
            self.client.hset("clock", mapping={"s": whole, "u": part})
            return script(keys, arguments)

        return run

    def close(self) -> None:
        self.client.close()


@pytest.fixture
def on_clock(redis: Redis) -> Iterator[OnClock]:
    made = OnClock(redis, Clock())
    made.client.flushall()
    yield made
    made.close()


def sharing(on_clock: OnClock, *limits: Limit, count: int = 2, **options: Any) -> list[Any]:
    """Limiters of several processes, as it were, that count in one Redis."""
    made = []
    for _ in range(count):
        limiter = RedisLimiter(on_clock, limits, per_ip=(), **options)  # type: ignore[arg-type]  # options of a table
        limiter._clock = on_clock.clock
        made.append(limiter)
    return made


@settings(max_examples=25, deadline=None)
@given(
    limits=st.lists(
        st.builds(Limit, st.integers(1, 150), st.sampled_from([60, 100, 600])),
        min_size=1,
        max_size=2,
        unique_by=lambda limit: limit.seconds,
    ),
    pattern=st.lists(
        st.tuples(st.integers(0, 40_000), st.integers(1, 60), st.integers(0, 1)), max_size=12
    ),
)
def test_redis_counts_as_memory_does(
    redis: Redis, limits: list[Limit], pattern: list[tuple[int, int, int]]
) -> None:
    clock = Clock()
    on_clock = OnClock(redis, clock)
    on_clock.client.flushall()
    two = sharing(on_clock, *limits)
    memory = MemoryLimiter(limits, per_ip=(), clock=clock)
    for gap, burst, who in pattern:
        clock.now += gap / 1000
        for _ in range(burst):
            # What one of the two knows by itself it need not ask, so it may know a later piece.
            assert bool(two[who].take(GET)) == bool(memory.take(GET))
    on_clock.close()


def test_machines_with_addresses_of_their_own_say_so(on_clock: OnClock) -> None:
    made = []
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.2"):
        limiter: Any = RedisLimiter(on_clock, per_ip=[Limit(20, 60)], address=address)  # type: ignore[arg-type]  # a Redis with a clock of ours
        limiter._clock = on_clock.clock
        made.append(limiter)
    assert [used_up(limiter, GET) for limiter in made] == [19, 19, 0]


def test_two_processes_share_one_limit_and_none_is_refused(on_clock: OnClock) -> None:
    one, two = sharing(on_clock, Limit(100, 60))
    assert [one.take(GET) or two.take(GET) for _ in range(48)] == [0.0] * 48
    assert used_up(two, GET) == 1
    assert 0 < one.take(GET) <= 61


@pytest.mark.parametrize("lose", ["flushall", "script_flush"])
def test_a_redis_that_was_flushed_is_told_what_was_counted(
    on_clock: OnClock, lose: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = sharing(on_clock, Limit(100, 60))
    for _ in range(40):
        assert (one.take(GET), two.take(GET)) == (0.0, 0.0)
    getattr(on_clock.client, lose)()
    on_clock.clock.now += 0.001
    assert used_up(one, GET) + used_up(two, GET) == pytest.approx(17, abs=2)
    on_clock.clock.now += 130
    assert used_up(one, GET) + used_up(two, GET) == 97
    assert caplog.records == []


def test_without_redis_each_process_keeps_to_its_part(
    on_clock: OnClock,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, "wecom_contact")
    one, two = sharing(on_clock, Limit(1000, 60))
    for _ in range(100):
        assert (one.take(GET), two.take(GET)) == (0.0, 0.0)
    redis.stop()
    monkeypatch.setattr(limits, "OUTAGE", 0.0)
    assert used_up(one, GET) == pytest.approx(385, abs=5), "its half of 970, without what it had"
    assert used_up(two, GET) == pytest.approx(385, abs=5)
    one.refused(GET, TOO_OFTEN)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "the limiter's Redis is down (ConnectionError)" in caplog.text
    redis.start()
    on_clock.clock.now += 20
    other = CallKey("other", "/other", corp="ww1")
    assert (one.take(other), two.take(other)) == (0.0, 0.0)
    backs = ["the limiter's Redis is back"] * 2
    assert [record.getMessage() for record in caplog.records[2:]] == backs
    three = sharing(on_clock, Limit(1000, 60), count=1)[0]
    assert two.take(GET) == three.take(GET) == pytest.approx(61), "it has said what all have used"
    on_clock.clock.now += 61
    assert (two.take(GET), three.take(GET)) == (0.0, 0.0)


def test_a_redis_that_was_not_there_at_first_is_told_what_was_counted(
    on_clock: OnClock, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTAGE", 0.0)
    one, two = sharing(on_clock, Limit(100, 60))
    redis.stop()
    assert [one.take(GET) for _ in range(40)] == [0.0] * 40
    redis.start()
    assert one.take(GET) == 0.0
    assert used_up(two, GET) == 97 - 41


def test_a_clock_of_redis_that_was_set_back_costs_one_window_at_most(on_clock: OnClock) -> None:
    one, two = sharing(on_clock, Limit(10, 60))
    on_clock.clock.now += 100_000
    assert used_up(one, GET) == 10
    on_clock.clock.now -= 100_000
    assert 0 < two.take(GET) <= 61.1
    on_clock.clock.now += 61.1
    assert used_up(two, GET) == 10


def test_a_refusal_closes_for_all_who_share_redis_as_it_does_in_memory(on_clock: OnClock) -> None:
    for error, waits in (
        (TOO_OFTEN, [61, 3601, 3601]),
        (TOO_MANY, [0.5, 1, 2, 4, 8, 8]),
    ):
        on_clock.client.flushall()
        one, two, three = sharing(on_clock, *DOCUMENTED, count=3)
        for seconds in waits:
            one.refused(GET, error)
            two.refused(GET, error)
            assert three.take(GET) == pytest.approx(seconds)
            two.refused(GET, TOO_MANY)
            assert three.take(GET) == pytest.approx(seconds), "a moment is within it"
            on_clock.clock.now += seconds
        on_clock.clock.now += 10_000
        one.refused(GET, error)
        assert three.take(GET) == pytest.approx(waits[0]), "long ago"


@pytest.mark.parametrize("where", ["memory", "redis"])
def test_a_refusal_is_for_a_longer_window_if_it_comes_within_the_time_it_was_closed_for(
    on_clock: OnClock, where: str
) -> None:
    for late, seconds in ((0.0, 3601), (61.0, 3601), (61.1, 61)):
        on_clock.client.flushall()
        limiter: Any
        if where == "memory":
            limiter = MemoryLimiter(per_ip=(), clock=on_clock.clock)
        else:
            # Another one hears of it, so that Redis has to say it.
            limiter, other = sharing(on_clock, *DOCUMENTED)
        limiter.refused(GET, TOO_OFTEN)
        on_clock.clock.now += 61 + late
        (limiter if where == "memory" else other).refused(GET, TOO_OFTEN)
        assert limiter.take(GET) == pytest.approx(seconds)


def test_a_refusal_told_by_one_process_keeps_every_other_waiting(redis: Redis) -> None:
    prefix = f"{time.time_ns()}:"
    made: list[Any] = [
        make(redis.url, FAST, per_ip=(), prefix=prefix)
        for make in (RedisLimiter, AsyncRedisLimiter)
        for _ in range(2)
    ]
    calls = [CallKey(name, f"/{name}", corp="ww1") for name in "abcd"]

    async def main() -> None:
        for limiter, call in zip(made, calls, strict=True):
            told = limiter.refused(call, RateLimited(45009, "hour limit"))
            if told is not None:
                await told
        for limiter in made:
            for call in calls:
                wait = limiter.take(call)
                wait = wait if isinstance(wait, float) else await wait
                assert 3500 < wait <= 3600
        for limiter in made:
            await limiter.aclose() if isinstance(limiter, AsyncRedisLimiter) else limiter.close()

    asyncio.run(main())


# Both clients, over a Redis as it is.


def limiter_of(kind: str, redis: Redis, *limits_: Limit, **options: Any) -> Any:
    if kind == "memory":
        return MemoryLimiter(limits_, per_ip=(), **options)
    make = AsyncRedisLimiter if kind == "async redis" else RedisLimiter
    prefix = f"{time.time_ns()}:"
    return make(redis.url, limits_, per_ip=(), prefix=prefix, **options)


def close(client: Any, limiter: Any) -> None:
    if isinstance(limiter, AsyncRedisLimiter):
        client.run(limiter.aclose())
    elif isinstance(limiter, RedisLimiter):
        limiter.close()


KINDS = [
    (Sync, "memory"),
    (Aio, "memory"),
    (Sync, "redis"),
    (Aio, "redis"),
    (Aio, "async redis"),
]


@pytest.mark.parametrize(("colour", "kind"), KINDS)
def test_twelve_calls_at_five_in_a_while(
    colour: Any, kind: str, server: Server, redis: Redis
) -> None:
    limiter = limiter_of(kind, redis, Limit(5, 0.4))
    began = time.monotonic()
    with colour(server.url, limiter=limiter) as client:
        assert client.together("raw", [READ] * 12) == [OK] * 12
        assert 0.8 < time.monotonic() - began < 4
        began = time.monotonic()
        assert client.raw("GET", "/other") == OK
        assert time.monotonic() - began < 0.5, "each endpoint is counted for itself"
        close(client, limiter)


@pytest.mark.parametrize(("colour", "kind"), KINDS)
def test_a_refusal_is_waited_out_by_every_limiter(colour: Any, kind: str, redis: Redis) -> None:
    wecom = WeCom()
    wecom.answers["/read"] = [says(45033), says(45009), says(0)]
    limiter = limiter_of(kind, redis, Limit(10, 0.2))
    began = time.monotonic()
    with serving(wecom) as server, colour(server.url, limiter=limiter) as client:
        assert client.raw(*READ)["errcode"] == 0
        close(client, limiter)
    assert 0.7 < time.monotonic() - began < 4
    assert len(server.asked("/read")) == 3


@pytest.mark.parametrize(("colour", "kind"), KINDS[2:])
def test_a_redis_that_is_not_there_costs_one_warning_and_no_call(
    colour: Any, kind: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    class Nowhere:
        url = "redis://127.0.0.1:1/0"

    limiter: Any = limiter_of(kind, Nowhere, *FAST)  # type: ignore[arg-type]  # a class that refuses
    with colour(server.url, limiter=limiter) as client:
        assert [client.raw(*READ) for _ in range(3)] == [OK] * 3
        refusing = limiter.refused(GET, TOO_OFTEN)
        if kind == "async redis":
            client.run(refusing)
        limiter._state._again_at = 0.0
        refusing = limiter.refused(GET, TOO_OFTEN)
        if kind == "async redis":
            client.run(refusing)
        close(client, limiter)
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1


@pytest.mark.parametrize(("colour", "kind"), KINDS[2:])
def test_a_redis_that_goes_and_comes_back_is_used_again(
    colour: Any,
    kind: str,
    server: Server,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, LOG.name)
    monkeypatch.setattr(limits, "OUTAGE", 0.0)
    limiter = limiter_of(kind, redis, Limit(1000, 60))
    with colour(server.url, limiter=limiter) as client:
        for change in (None, redis.stop, redis.start):
            if change is not None:
                change()
            assert [client.raw(*READ) for _ in range(3)] == [OK] * 3
        close(client, limiter)
    told = [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()]
    assert len(told) == 2
    assert "is down" in told[0]
    assert "is back" in told[1]


def test_an_async_limiter_serves_one_event_loop_after_another(redis: Redis) -> None:
    limiter = limiter_of("async redis", redis, *FAST)

    async def main() -> list[float]:
        try:
            return [await limiter.take(GET) for _ in range(3)]
        finally:
            await limiter.aclose()

    assert asyncio.run(main()) == [0.0] * 3
    assert [bool(wait) for wait in asyncio.run(main())] == [False, False, True]


def test_a_limiter_that_is_closed_has_no_connections_and_opens_new_ones(redis: Redis) -> None:
    blocking = limiter_of("redis", redis, *FAST)
    awaited = limiter_of("async redis", redis, *FAST)

    async def main() -> None:
        before = connections(redis)
        for _ in range(2):
            assert blocking.take(GET) == await awaited.take(GET) == 0.0
            assert connections(redis) == before + 2
            blocking.close()
            assert connections(redis) == before + 1
            await awaited.aclose()
            assert connections(redis) == before

    asyncio.run(main())


def test_an_async_limiter_takes_a_client_of_yours(redis: Redis) -> None:
    import redis.asyncio as library

    async def main() -> None:
        async with library.Redis.from_url(redis.url, decode_responses=True) as client:
            limiter = AsyncRedisLimiter(client, FAST, per_ip=(), prefix=f"{time.time_ns()}:")
            waits = [await limiter.take(GET) for _ in range(6)]
            assert [bool(wait) for wait in waits] == [False] * 5 + [True]

    asyncio.run(main())


WORKER = """
import sys
from wecom_contact import Client
from wecom_contact.limits import Limit, RedisLimiter
url, redis = sys.argv[1:]
limiter = RedisLimiter(redis, [Limit(60, 0.5)], per_ip=(), margin=0.5)
with Client("ww0123456789abcdef", "s3cr3t-Of-The-App-0123456789", base_url=url, limiter=limiter) as wecom:
    for _ in range(45):
        wecom.raw("GET", "/read")
limiter.close()
"""


def test_four_processes_that_share_a_limiter_are_not_refused(redis: Redis) -> None:
    wecom, rates, lock = WeCom(), Rates(), threading.Lock()
    refusals, times = [], []

    def read(request: Any) -> Any:
        with lock:
            now = time.monotonic()
            times.append(now)
            if rates.take("read", [(60, 0.5)], now):
                return says(0)
            refusals.append(now)
            return says(45009)

    wecom.answers["/read"] = read
    with serving(wecom) as server:
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, server.url, redis.url],
                env={**os.environ, "PYTHONPATH": GENERATED},
            )
            for _ in range(4)
        ]
        assert [worker.wait(60) for worker in workers] == [0] * 4
    assert refusals == []
    assert len(times) == 180


GENERATED = str(Path(limits.__file__).parents[1])

FORK = """
import os, threading
from wecom_contact.limits import CallKey, Limit, MemoryLimiter
limiter = MemoryLimiter([Limit(2, 60)], per_ip=())
limiter.take("a")
taken, go_on = threading.Event(), threading.Event()
def hold():
    with limiter._ledger._lock:
        taken.set()
        go_on.wait(20)
thread = threading.Thread(target=hold)
thread.start()
taken.wait(20)
child = os.fork()
if not child:
    os._exit(0 if limiter.take("a") == 0.0 and limiter.take("a") > 0 else 3)
for _ in range(500):
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid:
        break
    go_on.wait(0.02)
go_on.set()
thread.join()
print(os.waitstatus_to_exitcode(status) if pid else "stuck")
"""


def test_a_fork_finds_the_counts_and_no_lock_of_a_parents_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK],
        env={**os.environ, "PYTHONPATH": GENERATED},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "0"


def test_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")
    spec = importlib.util.spec_from_file_location("wecom_contact._limits_again", limits.__file__)
    assert spec
    assert spec.loader
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_fork_leaves_the_connections_of_the_parents_loop_alone(redis: Redis) -> None:
    limiter = limiter_of("async redis", redis, *FAST)

    async def main() -> None:
        await limiter.take(GET)
        kept = limiter._scripts[0]
        limits.after_fork()
        assert limiter._scripts[0] is not kept
        running = asyncio.get_running_loop()
        assert kept in [loops[running][0] for loops in limits.ABANDONED if running in loops]
        await limiter.aclose()
        await kept.aclose()
        limits.ABANDONED.clear()

    asyncio.run(main())


def test_a_loop_that_goes_on_keeps_its_client_while_another_begins(redis: Redis) -> None:
    limiter = limiter_of("async redis", redis, *FAST)

    async def used() -> Any:
        return limiter._scripts[0]

    with asyncio.Runner() as one, asyncio.Runner() as two:
        first, second = one.run(used()), two.run(used())
        assert first is not second
        assert (one.run(used()), two.run(used())) == (first, second)


def test_loops_that_have_ended_are_forgotten(redis: Redis) -> None:
    limiter = limiter_of("async redis", redis, *FAST)

    async def main() -> None:
        await limiter.take(GET)
        await limiter.aclose()

    for _ in range(3):
        asyncio.run(main())
    assert len(limiter._state.loops) == 1


def test_a_call_of_nobody_in_particular_names_nobody() -> None:
    key = CallKey("a.b")
    assert (key, key.path, key.corp, key.app, key.provider) == ("a.b", "a.b", "", "", "")
