"""What processes do to a client: forks, and signal handlers that raise."""

import asyncio
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from serving import CORP, OK, SECRET, Reply, Request, Server, WeCom, certificate, serving
from wecom_contact import AsyncClient, Client
from wecom_contact._runtime import async_driver as _aio
from wecom_contact._runtime import setup as _setup
from wecom_contact._runtime.gates import Gate, Turn
from wecom_contact._runtime.sync_driver import wait

READ = ("GET", "/read")
CHILDREN, CALLS = 6, 25


@pytest.fixture
def wecom() -> WeCom:
    wecom = WeCom()
    wecom.answers["/read"] = lambda request: Reply({**OK, "id": request.query["id"]})
    return wecom


class Child:
    """A forked process that works, says what came of it, and ends without cleaning up."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._read, write = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 and later: this process has threads. That is what is tested.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            try:
                try:
                    result = work()
                except BaseException as error:
                    result = repr(error)
                os.write(write, json.dumps(result).encode())
            finally:
                os._exit(0)
        os.close(write)

    def result(self) -> Any:
        said = b""
        end = time.monotonic() + 20
        try:
            while select.select([self._read], [], [], max(0, end - time.monotonic()))[0]:
                piece = os.read(self._read, 65536)
                if not piece:
                    return json.loads(said)
                said += piece
            raise AssertionError("a child hangs")
        finally:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._read)


def echoes(client: Any, name: str) -> list[str]:
    """The ids that come back, in a child or in the parent."""
    ids = [f"{name}-{number}" for number in range(CALLS)]
    if isinstance(client, Client):
        return [client.raw(*READ, query={"id": each})["id"] for each in ids]

    async def work() -> list[str]:
        found = await asyncio.gather(*[client.raw(*READ, query={"id": each}) for each in ids])
        return [each["id"] for each in found]

    return asyncio.run(work())


def expected(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(CALLS)]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_answer_belongs_to_another_process(
    scheme: str, colour: Any, wecom: WeCom, tmp_path: Path
) -> None:
    context, trusted = certificate(tmp_path) if scheme == "https" else (None, None)
    with (
        serving(wecom, context) as server,
        colour(server.url, ca_certs=trusted, pool_size=4) as client,
    ):
        client.raw(*READ, query={"id": "warm"})
        children = [
            Child(lambda name=f"child {n}": echoes(client.client, name)) for n in range(CHILDREN)
        ]
        before = server.connections
        for number in range(CALLS):
            assert client.raw(*READ, query={"id": f"parent-{number}"})["id"] == f"parent-{number}"
        for number, child in enumerate(children):
            assert child.result() == expected(f"child {number}")
        # The parent's connection is as it was: nobody has said goodbye on it.
        warm = {"id": "after"}
        assert client.raw(*READ, query=warm)["id"] == "after"
        assert server.connections - before <= 4 * CHILDREN
    assert len(wecom.issued) == 1, "a child keeps the token"


def test_the_parents_connection_outlives_its_children(colour: Any, server: Server) -> None:
    with colour(server.url) as client:
        client.raw(*READ, query={"id": "warm"})
        child = Child(lambda: echoes(client.client, "child"))
        assert child.result() == expected("child")
        connections = server.connections
        client.raw(*READ, query={"id": "after"})
        assert server.connections == connections


def test_a_fork_in_the_middle_of_a_call(wecom: WeCom, server: Server) -> None:
    """Another thread has the only connection, and a third one the lock; neither is in the child."""
    answered = threading.Event()

    def slowly(_: Request) -> Reply:
        answered.wait(20)
        return Reply(OK)

    wecom.answers["/slow"] = slowly
    with Client(CORP, SECRET, base_url=server.url, pool_size=1) as client:
        client.raw(*READ, query={"id": "warm"})
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(client.raw("GET", "/slow")))
        thread.start()
        while not server.asked("/slow"):
            time.sleep(0.002)
        with client._engine.pool_gate._lock, client._engine.token_states["access_token"].gate._lock:
            child = Child(lambda: echoes(client, "child"))
        assert child.result() == expected("child")
        answered.set()
        thread.join(20)
        assert found == [OK]


def test_a_fork_in_the_middle_of_an_async_call(wecom: WeCom, server: Server) -> None:
    answered = threading.Event()

    def slowly(_: Request) -> Reply:
        answered.wait(20)
        return Reply(OK)

    wecom.answers["/slow"] = slowly

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url, pool_size=1) as client:
            await client.raw(*READ, query={"id": "warm"})
            task = asyncio.create_task(client.raw("GET", "/slow"))
            while not server.asked("/slow"):
                await asyncio.sleep(0.002)
            # A thread, for the child of a running loop has none of its own to start.
            child = await asyncio.to_thread(lambda: Child(lambda: echoes(client, "child")))
            assert await asyncio.to_thread(child.result) == expected("child")
            answered.set()
            assert await task == OK

    asyncio.run(main())


def test_a_closed_client_stays_closed_in_a_child(colour: Any, server: Server) -> None:
    with colour(server.url) as client:
        client.close()
        child = Child(lambda: echoes(client.client, "child"))
        assert "the client is closed" in child.result()


def test_what_a_child_does_first(wecom: WeCom, server: Server) -> None:
    """The same as in a fork, where nobody can look: gates, pools and sessions are new, tokens are kept."""
    from test_flow import Serial
    from wecom_contact._runtime.gates import Turn

    async def main() -> None:
        with Client(CORP, SECRET, base_url=server.url) as client:
            async with AsyncClient(CORP, SECRET, base_url=server.url) as other:
                client.send(Serial())
                await other.send(Serial())
                pool, session = client._connections.pool, other._connections.session
                assert session is not None
                gates = client._engine._gates() | other._engine._gates()
                locks = [gate._lock for gate in gates]
                for gate in gates:
                    Turn(gate).enter()
                with warnings.catch_warnings():
                    # Here nobody else has the sockets.
                    warnings.simplefilter("ignore", ResourceWarning)
                    _setup.after_fork()
                assert client._connections.pool is not pool
                assert other._connections.session is None
                assert _aio.ABANDONED.pop() is session
                assert gates == client._engine._gates() | other._engine._gates()
                assert {gate.active for gate in gates} == {0}
                assert not any(gate._lock in locks for gate in gates)
                client.send(Serial())
                await other.send(Serial())
                await session.close()
        client._after_fork()
        assert client._connections.pool.pool is None, "closed is closed"

    asyncio.run(main())
    assert len(wecom.issued) == 2


STORM = """
import faulthandler, random, signal, sys, threading, time
from serving import CORP, OK, SECRET, Reply, WeCom, serving
from test_flow import Serial
from wecom_contact import Client
from wecom_contact.retry import Retry

faulthandler.dump_traceback_later(25, exit=True)


class Stop({base}):
    pass


again = 0


def stop(*_):
    global again
    if again:
        again -= 1
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)
    raise Stop


signal.signal(signal.SIGALRM, stop)
sys.unraisablehook = lambda _: None  # a handler that raises in a finalizer is not heard, by Python's own rules
chance = random.Random(7)
wecom = WeCom()
both = threading.Barrier(2)


def meet(_):
    both.wait(15)
    return Reply(OK)


wecom.answers["/both"] = meet
with serving(wecom) as server:
    client = Client(CORP, SECRET, base_url=server.url, pool_size=2, retry=Retry(first=0))
    client.raw("GET", "/read")
    ended = threading.Event()

    def others():
        while not ended.is_set():
            client.raw("GET", "/read")
            client.send(Serial())

    crowd = [threading.Thread(target=others) for _ in range(2)]
    for each in crowd:
        each.start()
    interrupts, end = 0, time.monotonic() + 4
    while interrupts < 400 and time.monotonic() < end:
        again = chance.choice([0, 0, 3])
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00002, 0.003), 0.00003)
                for n in range(20):
                    if n % 5 == 4:
                        wecom.expire()
                    client.raw("GET", "/read")
                    client.send(Serial())
            except Stop:
                interrupts += 1
                time.sleep(0.0005)
        except Stop:
            interrupts += 1
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                time.sleep(0.0005)  # for one that is on its way
                break
            except Stop:
                interrupts += 1
    signal.signal(signal.SIGALRM, lambda *_: None)
    ended.set()
    for each in crowd:
        each.join(15)
        assert not each.is_alive()
    assert interrupts > 50, interrupts
    # Both connections are there to be used, and at once.
    found = []
    pair = [threading.Thread(target=lambda: found.append(client.raw("GET", "/both"))) for _ in "12"]
    for each in pair:
        each.start()
    for each in pair:
        each.join(20)
    assert found == [OK, OK], found
    client.send(Serial())
    assert server.most <= 2 + interrupts
    assert [gate.active for gate in client._engine._gates()] == [0, 0, 0]
print("well", interrupts)
"""


@pytest.mark.parametrize("base", ["Exception", "BaseException"])
def test_a_storm_of_interrupts_loses_nothing(base: str) -> None:
    """Signal handlers that raise at any moment, some of them again while the first is cleaned up."""
    done = subprocess.run(
        [sys.executable, "-c", STORM.format(base=base)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.stdout.startswith("well"), done.stdout + done.stderr[-3000:]


def test_a_flow_that_is_interrupted_outside_lets_go(server: Server) -> None:
    """Between two steps the exception does not pass through the flow; what it holds is free all the same."""
    with Client(CORP, SECRET, base_url=server.url, pool_size=1) as client:
        flow = client._engine.raw("GET", "/read", query_={"id": "x"})
        kept: list[Any] = []

        class Stop(BaseException):
            pass

        class Flow:
            """A flow, and a signal when it has said what it wants."""

            def __next__(self) -> Any:
                return next(flow)

            def send(self, outcome: Any) -> Any:
                flow.send(outcome)
                raise Stop

            def throw(self, error: BaseException) -> Any:
                return flow.throw(error)

            def close(self) -> None:
                flow.close()

        interrupted: Any = Flow()
        try:
            client._run(interrupted)
        except Stop as stop:
            kept.append(stop)  # and its traceback, which holds all frames
        assert kept
        assert client.raw(*READ, query={"id": "y"})["id"] == "y"


def test_a_wake_up_that_was_lost_is_made_up_for() -> None:
    """A turn that is over makes room, even if its end was interrupted before it could tell the next."""
    gate = Gate(1)
    first, second, late = Turn(gate), Turn(gate), Turn(gate)
    first.enter()
    second.enter()
    assert (first.granted, second.granted) == (True, False)
    waiting = threading.Thread(target=wait, args=(second,))
    waiting.start()
    first.over = True
    waiting.join(20)
    assert second.granted
    second.over = True
    assert late.enter_at_once(), "nor need it be waited for"


def test_one_who_is_let_in_twice_is_woken_once_more_and_no_harm_done() -> None:
    gate = Gate(1)
    turn = Turn(gate)
    gate._line.append(turn)
    gate._inside.add(turn)  # an interrupt struck between the two
    wait(turn)
    assert turn.granted
    assert gate.active == 1

    class Twice(Turn):
        def notify(self, wake: Callable[[], None]) -> None:
            wake()
            wake()

    wait(Twice(gate))


def test_a_turn_that_is_over_is_not_let_in() -> None:
    gate = Gate(1)
    first, second, third = Turn(gate), Turn(gate), Turn(gate)
    for turn in (first, second, third):
        turn.enter()
    second.over = True
    first.leave()
    assert (second.granted, third.granted) == (False, True)


def test_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")
    spec = importlib.util.spec_from_file_location("wecom_contact._runtime._again", _setup.__file__)
    assert spec
    assert spec.loader
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
