"""Many callers and one token, stepped in every order: WeCom retires tokens when it likes, and nobody notices.

No I/O: flows are generators, stepped by a scheduler that draws who comes next. Time passes only when it says so.
"""

import heapq
import logging
import random
from collections import Counter
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_flow import BREAKS, FINE, READ, WRITE, Clock, Played, Serial, engine, says, token
from wecom_contact._runtime.flow import Engine
from wecom_contact._runtime.gates import Turn
from wecom_contact._runtime.secrets import NO_SECRET
from wecom_contact._runtime.steps import Answer, Effort, Invoke, Send, Sleep, Wait
from wecom_contact._runtime.telemetry import LOG
from wecom_contact._runtime.token_state import TokenState
from wecom_contact._runtime.tokens import renew
from wecom_contact.credentials import Token, fingerprint
from wecom_contact.errors import APIError, InvalidCredential, StaleToken
from wecom_contact.retry import Retry
from wecom_contact.stores import MemoryStore

KEY = f"ww1:{fingerprint('secret')}"


class FakeWeCom:
    """Changes its token at given times. For a while after each, `gettoken` still gives the old one.

    It says when the token ends, or it retires the token without a word.
    """

    def __init__(self, clock: Clock, changes: list[float], lag: float, told: bool) -> None:
        self.clock = clock
        self.changes = changes
        self.lag = lag
        self.told = told
        self.fetched: list[str] = []

    def generation(self, at: float) -> int:
        return sum(each <= at for each in self.changes)

    def gettoken(self) -> Answer:
        generation = self.generation(self.clock.now - self.lag)
        self.fetched.append(f"T{generation}")
        left = 7200.0
        if self.told and generation < len(self.changes):
            left = max(0.0, self.changes[generation] - self.clock.now)
        return says(0, access_token=f"T{generation}", expires_in=left)

    def call(self, send: Send) -> Answer:
        good = send._token.reveal() == f"T{self.generation(self.clock.now)}"
        return FINE if good else says(42001)


class Caller:
    """One call on its way."""

    def __init__(self, made: Engine, write: bool) -> None:
        self.flow = made.call(WRITE if write else READ)
        self.refused: set[str] = set()
        self.done = False


def run(
    seed: int,
    wecom: FakeWeCom,
    clock: Clock,
    engines: list[Engine],
    starts: list[float],
) -> list[Caller]:
    """Step all callers to their ends, in an order drawn from the seed."""
    chance = random.Random(seed)
    order: list[tuple[float, float, int, Any]] = []  # when, drawn, number, what
    numbers = iter(range(10_000_000))

    def later(seconds: float, what: Any) -> None:
        heapq.heappush(order, (clock.now + seconds, chance.random(), next(numbers), what))

    def proceed(caller: Caller, outcome: Any) -> None:
        try:
            step = caller.flow.send(outcome)
        except StopIteration:
            caller.done = True
            return
        if isinstance(step, Send):
            if step.plan.name != "gettoken":
                value = step._token.reveal()
                assert value not in caller.refused, "sent again with a token it was refused with"
            later(chance.uniform(0.001, 0.2), lambda: arrive(caller, step))
        elif isinstance(step, Sleep):
            later(step.seconds, lambda: proceed(caller, None))
        elif isinstance(step, Invoke):
            later(chance.uniform(0, 0.01), lambda: ask(caller, step))
        else:
            assert isinstance(step, Wait)
            step.turn.notify(lambda: later(0, lambda: proceed(caller, None)))

    def ask(caller: Caller, step: Invoke) -> None:
        proceed(caller, step.function(*step.args))

    def arrive(caller: Caller, step: Send) -> None:
        if step.plan.name == "gettoken":
            answer = wecom.gettoken()
        else:
            answer = wecom.call(step)
            if answer is not FINE:
                caller.refused.add(step._token.reveal())
        later(chance.uniform(0.001, 0.2), lambda: proceed(caller, answer))

    callers = []
    for number, start in enumerate(starts):
        caller = Caller(engines[number % len(engines)], write=number % 3 == 0)
        callers.append(caller)
        heapq.heappush(
            order,
            (clock.now + start, chance.random(), next(numbers), lambda c=caller: proceed(c, None)),
        )
    while order:
        when, _, _, what = heapq.heappop(order)
        clock.now = max(clock.now, when)
        what()
    return callers


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    processes=st.integers(1, 4),
    shared=st.booleans(),
    gaps=st.lists(st.floats(6.0, 20.0), min_size=1, max_size=4),
    lag=st.sampled_from([0.0, 0.3, 1.0, 2.5]),
    told=st.booleans(),
)
@example(seed=1, processes=3, shared=True, gaps=[6.0, 6.0, 9.0], lag=2.5, told=True)
@example(seed=2, processes=1, shared=False, gaps=[6.0, 6.0, 9.0], lag=1.0, told=False)
def test_no_caller_raises_while_wecom_is_well(
    seed: int, processes: int, shared: bool, gaps: list[float], lag: float, told: bool
) -> None:
    clock = Clock()
    store = MemoryStore() if shared else None
    wecom = FakeWeCom(clock, list(accumulate(gaps, initial=clock.now))[1:], lag, told)
    engines = [engine(clock=clock, store=store) for _ in range(processes)]
    chance = random.Random(seed)
    span = sum(gaps) + 5
    starts = [chance.uniform(0, span) for _ in range(int(4 * span * processes))]
    done = run(seed, wecom, clock, engines, starts)  # raises what a caller raises
    assert all(each.done for each in done)
    assert sum(len(each.refused) for each in done) >= len(gaps) or told
    for value, times in Counter(wecom.fetched).items():
        # Once; thrice more while WeCom insists; on its way to a known end, each time half of the rest is over.
        assert times <= processes * (4 + 12 * told), f"{value}: {times}"


@pytest.mark.parametrize("early", [token(0, 200), BREAKS["LOST"]], ids=["same", "failed"])
def test_a_refused_call_does_not_take_up_the_token_it_was_refused_with(early: Any) -> None:
    """Another renews early, and comes back with the old token, or with none."""
    clock = Clock()
    made = engine(clock=clock, retry=Retry(tries=1))
    assert Played(made.call(READ), token(0), FINE).asked == "gc"
    refused = made.call(READ)
    assert isinstance(next(refused), Send)
    clock.now += 7000
    renewing = made.call(READ)
    assert isinstance(next(renewing), Send)
    waiting = refused.send(says(42001))
    assert isinstance(waiting, Wait)
    assert "T0" in renewing.send(early).target()
    assert waiting.turn.granted
    step = refused.send(None)
    assert step.plan.name == "gettoken", "it asks for itself"
    assert "T1" in refused.send(token(1)).target()
    assert Played(made.call(READ), FINE).tokens == ["T1"], "and nobody else is bothered"


def test_while_wecom_insists_it_is_asked_after_growing_pauses_and_others_are_served() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    played = Played(made.call(READ), says(42001), *[token(0)] * 4, clock=clock)
    assert played.asked == "cg.g.g.g"
    assert isinstance(played.error, StaleToken)
    assert played.slept == pytest.approx(3.5, abs=0.1)
    assert Played(made.call(WRITE), FINE).tokens == ["T0"], "it may be good for other calls"


def test_pauses_begin_anew_with_another_token_and_another_time() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    first = Played(made.call(READ), says(42001), token(0), token(0), token(1), FINE, clock=clock)
    assert first.slept == pytest.approx(1.5, abs=0.1)
    second = Played(made.call(READ), says(42001), token(1), token(2), FINE, clock=clock)
    assert second.slept == pytest.approx(0.5, abs=0.1), "another token"
    Played(made.call(READ), says(42001), *[token(2)] * 4, clock=clock)
    clock.now += 70
    later = Played(made.call(READ), says(42001), token(2), token(3), FINE, clock=clock)
    assert later.slept == pytest.approx(0.5, abs=0.1), "another time"


def test_a_token_given_again_is_asked_for_again_when_its_pause_is_over() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    state = made.token_states["access_token"]
    refused = state.token
    assert refused is not None
    for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0):
        flow = renew(made, state, Effort(0.0), refused)
        assert next(flow).plan.name == "gettoken"
        again = attempt(flow, token(0))
        assert again is refused or again.value == refused.value
        assert state.again_at == clock.now + pause
        clock.now += pause - 0.25
        assert attempt(renew(made, state, Effort(0.0), refused)).value == refused.value
        clock.now += 0.25
    clock.now += 60
    flow = renew(made, state, Effort(0.0), refused)
    next(flow)
    attempt(flow, token(0))
    assert state.again_at == clock.now + 60, "it is not another time yet"
    clock.now += 60 + 60.5
    flow = renew(made, state, Effort(0.0), refused)
    next(flow)
    attempt(flow, token(0))
    assert state.again_at == clock.now + 0.5, "that was another time"


def attempt(flow: Any, outcome: Any = None) -> Any:
    """What a flow comes to with the next outcome."""
    with pytest.raises(StopIteration) as done:
        flow.send(outcome)
    return done.value.value


def test_waiting_for_another_token_counts_as_waiting() -> None:
    clock = Clock()
    made = engine(clock=clock, retry=Retry(tries=10, total=2))
    Played(made.call(READ), token(0), FINE)
    played = Played(made.call(READ), says(42001), *[token(0)] * 3, clock=clock)
    assert isinstance(played.error, StaleToken)
    assert played.slept <= 2


def test_a_token_taken_up_is_used_though_it_is_to_be_renewed_soon() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    flow = made.call(READ)
    next(flow)
    box = made.token_states["access_token"]
    box.accept(Token("N1", clock.now + 100, clock.now - 1), clock.now, made.timer())
    assert "N1" in flow.send(says(42001)).target()


def test_tokens_taken_up_after_waiting_for_others_are_counted_too() -> None:
    made = engine()
    Played(made.call(READ), token(0), FINE)
    box = made.token_states["access_token"]
    flow = made.call(READ)
    assert isinstance(next(flow), Send)
    taken: list[str] = []

    def take_up_others() -> None:
        while len(taken) < 50:
            take_up_another()

    def take_up_another() -> None:
        renewing = Turn(box.gate)
        renewing.enter()
        assert isinstance(flow.send(says(42001)), Wait)
        taken.append(f"N{len(taken)}")
        box.accept(Token.lasting(taken[-1], 7200, made.clock()), made.clock(), made.timer())
        renewing.leave()
        assert taken[-1] in flow.send(None).target()

    with pytest.raises(StaleToken):
        take_up_others()
    assert len(taken) <= 7


def test_a_token_of_a_centre_is_asked_for_again_after_a_day() -> None:
    clock, timer = Clock(), Clock()

    class Centre:
        asked = 0

        def token(self, kind: str, stale: Any) -> Token:
            self.asked += 1
            return Token.lasting("T", 30 * 86_400, clock.now)

    centre = Centre()
    made = engine(clock=clock, timer=timer, credential=centre)
    Played(made.call(READ), FINE)
    timer.now += 86_399
    Played(made.call(READ), FINE)
    assert centre.asked == 1
    timer.now += 1
    Played(made.call(READ), FINE)
    assert centre.asked == 2


def test_who_is_refused_meanwhile_waits_for_the_same_answer() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    first, second = made.call(READ), made.call(READ)
    next(first), next(second)
    assert first.send(says(42001)).plan.name == "gettoken"
    assert isinstance(first.send(token(0)), Sleep)
    pause = second.send(says(42001))
    assert isinstance(pause, Sleep)
    clock.now += pause.seconds
    assert first.send(None).plan.name == "gettoken"
    assert isinstance(second.send(None), Wait)
    assert "T1" in first.send(token(1)).target()
    assert "T1" in second.send(None).target()


def test_a_thousand_calls_refused_for_good_ask_for_few_tokens() -> None:
    clock = Clock()
    made = engine(clock=clock)
    Played(made.call(READ), token(0), FINE)
    fetched = 0
    for _ in range(1000):
        flow = made.call(READ)
        step = next(flow)
        try:
            while True:
                if isinstance(step, Sleep):
                    clock.now += step.seconds
                    step = flow.send(None)
                elif step.plan.name == "gettoken":
                    fetched += 1
                    step = flow.send(token(0))
                else:
                    step = flow.send(says(40014))
        except StaleToken:
            clock.now += 0.1
    assert fetched <= 10 + (clock.now - 1_000_000) / 30


def test_without_retry_a_token_given_again_is_an_error_at_once() -> None:
    made = engine(retry=None)
    Played(made.call(READ), token(0), FINE)
    played = Played(made.call(READ), says(42001), token(0))
    assert (played.asked, type(played.error)) == ("cg", StaleToken)
    assert Played(made.call(READ), FINE).asked == "c"


def test_a_call_that_has_taken_up_many_tokens_gives_up() -> None:
    """Others renew all the time, and each of their tokens is refused."""
    made = engine()
    Played(made.call(READ), token(0), FINE)
    box = made.token_states["access_token"]
    sent: list[str] = []

    def refuse() -> Answer:
        sent.append(f"N{len(sent)}")
        assert len(sent) < 50
        box.accept(Token.lasting(sent[-1], 7200, made.clock()), made.clock(), made.timer())
        return says(42001)

    played = Played(made.call(READ), more=refuse)
    assert isinstance(played.error, StaleToken)
    assert played.asked == "ccccccc"


@pytest.mark.parametrize("jump", [-86_000.0, 86_000.0, -3600.0, 3600.0])
def test_a_clock_that_is_set_makes_no_duration_longer_or_shorter(jump: float) -> None:
    clock, timer = Clock(), Clock()
    timer.now = 5.0
    made = engine(clock=clock, timer=timer)
    assert Played(made.call(READ), says(40001)).asked == "g"
    clock.now += jump
    timer.now += 59
    assert Played(made.call(READ)).asked == "", "refused for a minute"
    timer.now += 1
    assert Played(made.call(READ), token(0), FINE).asked == "gc"


@pytest.mark.parametrize("jump", [-86_000.0, 3600.0])
def test_a_useless_renewal_is_remembered_for_a_second_by_the_timer(jump: float) -> None:
    clock, timer = Clock(), Clock()
    made = engine(clock=clock, timer=timer)
    Played(made.call(READ), token(0), FINE)
    assert Played(made.call(READ), says(40014), token(1), says(40014)).asked == "cgc"
    clock.now += jump
    assert Played(made.call(READ), says(40014)).asked == "c"
    timer.now += 0.9
    assert Played(made.call(READ), says(40014)).asked == "c"
    timer.now += 1.0 - 0.9
    assert Played(made.call(READ), says(40014), token(2), FINE).asked == "cgc"


@pytest.mark.parametrize("jump", [-86_000.0, -3600.0])
def test_a_clock_set_back_does_not_keep_a_token_for_longer(jump: float) -> None:
    clock, timer = Clock(), Clock()
    timer.now = 5.0
    made = engine(clock=clock, timer=timer)
    Played(made.call(READ), token(0), FINE)
    clock.now += jump
    timer.now += 6899
    clock.now += 6899
    assert Played(made.call(READ), FINE).asked == "c"
    timer.now += 1
    assert Played(made.call(READ), BREAKS["UNREACHABLE"], token(1), FINE).asked == "g.gc"
    timer.now += 7201
    assert Played(made.call(READ), token(2), FINE).tokens == ["T2"]


def test_pauses_after_refusals_grow_up_to_a_bound() -> None:
    state: Any = TokenState(None)  # type: ignore[arg-type]  # nobody asks the source here
    useless, refused, rests = [], [], []
    for number in range(1100):
        at = 1000.0 * number
        state.useless(at)
        useless.append(state.stale_until - at)
        state.refuse(InvalidCredential(40001, "no"), NO_SECRET, at)
        refused.append(state.refused_until - at)
    for number in range(1100):
        at = 1000.0 * number
        state.accept(Token("T", 0, 0), 0.0, at)
        rests.append(state.rest_until - at)
    assert useless[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert refused[:8] == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert rests[:10] == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert (useless[-1], refused[-1], rests[-1]) == (60, 3600, 60)
    state.accept(Token("T", 1, 1), 0.0, 0.0)
    assert (state.rest_until, state.refusal, state.refused_for) == (0, None, 0)


@pytest.mark.parametrize(("code", "again"), [(-1, "g"), (45033, "g"), (40001, ""), (48002, "")])
def test_a_credential_that_was_refused_is_left_alone_and_one_that_was_not_is_asked_for(
    code: int, again: str
) -> None:
    made = engine(retry=None)
    assert Played(made.call(READ), says(code)).asked == "g"
    answers = [token(1), FINE] if again else []
    played = Played(made.call(READ), *answers)
    assert played.asked == ("gc" if again else "")
    assert isinstance(played.error, APIError) == (not again)


def test_a_clock_set_back_does_not_put_a_renewal_off_beyond_the_end() -> None:
    clock, timer = Clock(), Clock()
    made = engine(clock=clock, timer=timer, retry=None)
    Played(made.call(READ), token(0), FINE)
    clock.now -= 86_000
    timer.now += 7000
    assert Played(made.call(READ), BREAKS["LOST"], FINE).tokens == ["T0"]
    timer.now += 99
    assert Played(made.call(READ), FINE).asked == "c"
    timer.now += 1
    assert Played(made.call(READ), token(1), FINE).tokens == ["T1"]


@pytest.mark.parametrize(
    ("clocked", "timed", "asked"),
    [
        (6899.5, 6899.5, "c"),
        (6900, 0, "gc"),
        (0, 6900, "gc"),
        (7199.5, 7199.5, "gc"),
        (7200, 0, "g"),
        (0, 7200, "g"),
        (7200, 7200, "g"),
    ],
)
def test_a_token_is_due_and_ends_by_the_clock_or_the_timer_whichever_comes_first(
    clocked: float, timed: float, asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOG.name)
    clock, timer = Clock(), Clock()
    timer.now = 5.0
    made = engine(clock=clock, timer=timer, retry=None)
    Played(made.call(READ), token(0), FINE)
    clock.now += clocked
    timer.now += timed
    answers = {"c": [FINE], "gc": [BREAKS["LOST"], FINE], "g": [BREAKS["LOST"]]}[asked]
    played = Played(made.call(READ), *answers)
    assert played.asked == asked
    assert (played.error is None) == played.asked.endswith("c")
    early = ["a token could not be renewed early (TransportError)"]
    assert [record.getMessage() for record in caplog.records if "early" in record.msg] == (
        early if asked == "gc" else []
    )


def test_a_clock_set_ahead_costs_one_token() -> None:
    clock, timer = Clock(), Clock()
    made = engine(clock=clock, timer=timer)
    Played(made.call(READ), token(0), FINE)
    clock.now += 86_000
    assert Played(made.call(READ), token(0), FINE).asked == "gc"
    assert Played(made.call(READ), FINE).asked == "c"


class Held(MemoryStore):
    """Its lock is never to be had: whoever had it is dead, and the clock was set back."""

    def lock(self, key: str, owner: str, seconds: float, /) -> bool:
        return False


def test_a_lock_that_is_never_given_back_is_waited_for_no_longer_than_a_lease() -> None:
    clock, timer = Clock(), Clock()
    store = Held()
    made = engine(clock=clock, timer=timer, store=store)
    flow = made.call(READ)
    step = next(flow)
    began = timer.now
    while not isinstance(step, Send):
        if isinstance(step, Sleep):
            timer.now += step.seconds
            step = flow.send(None)
        else:
            assert isinstance(step, Invoke)
            step = flow.send(step.function(*step.args))
        assert timer.now - began < 20
    assert timer.now - began >= 15
    assert step.plan.name == "gettoken"
    step = flow.send(token(0))
    while isinstance(step, Invoke):
        step = flow.send(step.function(*step.args))
    assert "T0" in step.target()
    assert store.get(KEY), "and put there for the others"


@pytest.mark.parametrize("ends", [86_500.0, 1e12])
def test_a_token_in_the_store_that_ends_too_late_is_not_believed(ends: float) -> None:
    clock = Clock()
    store = MemoryStore()
    store.replace(KEY, None, Token("old", clock.now + ends, clock.now + ends))
    played = Played(engine(clock=clock, store=store).call(READ), token(1), FINE)
    assert played.tokens == ["T1"]


def test_a_token_of_the_store_that_was_refused_is_not_taken_up() -> None:
    clock = Clock()
    store = MemoryStore()
    made = engine(clock=clock, store=store)
    Played(made.call(READ), token(0), FINE)
    renewed = Token("T0", clock.now + 7300, clock.now + 7000)
    assert store.replace(KEY, store.get(KEY), renewed), "another process got the same"
    played = Played(made.call(READ), says(42001), token(1), FINE)
    assert (played.asked, played.tokens) == ("cgc", ["T0", "T1"])


def test_two_that_were_refused_are_both_remembered() -> None:
    clock = Clock()
    store = MemoryStore()
    made = engine(clock=clock, store=store)
    Played(made.call(READ), token(0), FINE)
    adopted = Token("N1", clock.now + 7300, clock.now + 7000)
    store.replace(KEY, store.get(KEY), adopted)
    played = Played(
        made.call(READ), says(42001), says(42001), token(0), token(2), FINE, clock=clock
    )
    assert played.tokens == ["T0", "N1", "T2"]
    assert played.asked == "ccg.gc"


def test_a_forked_child_waits_for_nobody_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    made = engine(store=store)
    parent = made.call(READ)
    step = next(parent)
    while isinstance(step, Invoke):
        step = parent.send(step.function(*step.args))
    assert step.plan.name == "gettoken"
    assert isinstance(next(made.call(READ)), Wait)
    monkeypatch.setattr("os.getpid", lambda: -1)
    store._lock.acquire()
    made.after_fork()
    assert Played(made.call(READ), token(0), FINE).asked == "gc"
    made.after_fork()
    assert store.get(KEY), "what it knows, it keeps"


def test_a_forked_child_has_its_own_gates() -> None:
    made = engine()
    Played(made.call(READ), token(0), FINE)
    serial = made.call(Serial())
    assert isinstance(next(serial), Send)
    assert isinstance(next(made.call(Serial())), Wait)
    busy = made.call(READ)
    next(busy)
    busy.send(says(45033))
    assert made._plans[type(READ)].gate is not None
    gettoken = made.token_states["access_token"].source.plans[0]
    Played(made.call(READ), says(42001), says(-1), token(1), FINE)
    assert gettoken.gate is not None
    made.after_fork()
    assert Played(made.call(Serial()), FINE).asked == "c"
    gates = [gettoken.gate, made._plans[type(READ)].gate, made._plans[Serial].gate]
    assert [gate.active for gate in gates if gate is not None] == [0, 0, 0]
    assert made._plans[Serial].gate.limit == 1, "it still goes one at a time"


def test_a_forked_child_goes_on_with_any_store_and_any_token_centre() -> None:
    class Centre:
        def token(self, kind: str, stale: Any) -> str:
            return "T"

    class Elsewhere:
        """It lives in no process, so there is nothing to forget."""

        blocking = False
        get = replace = lock = unlock = lambda *_: None

    for options in ({"credential": Centre()}, {"store": Elsewhere()}):
        made = engine(**options)
        made.after_fork()
        played = Played(made.call(READ), more=lambda: says(0, access_token="T", names=[]))
        assert played.tokens == ["T"]


def test_each_process_holds_locks_in_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = engine(store=MemoryStore()).store
    assert shelf is not None
    parent = shelf.owner
    assert parent == shelf.owner
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert shelf.owner != parent


def test_a_store_that_was_down_is_asked_again_whatever_the_clock_says() -> None:
    class Down(MemoryStore):
        asked = 0

        def get(self, key: str, /) -> Token | None:
            self.asked += 1
            raise OSError

    clock, timer = Clock(), Clock()
    store = Down()
    made = engine(clock=clock, timer=timer, store=store)
    Played(made.call(READ), token(0), FINE)
    assert store.asked == 1
    clock.now -= 86_000
    timer.now += 4
    Played(made.call(READ), says(42001), token(1), FINE)
    assert store.asked == 1
    timer.now += 1
    Played(made.call(READ), says(42001), token(2), FINE)
    assert store.asked == 2
