"""Runs pytest in a copy of the tree, for `mutants.py`: in a process of its own, or in a fork of one that has collected all tests.

To import a few tests takes longer than to run them. So pytest is started once in each copy and collects everything. For
each change it forks: the child puts the changed code into the functions of the file, runs the tests that it is told to, and is
gone with all that they did. What stands outside of functions has happened before the fork; a change there needs a
process of its own.

It is a plugin of pytest, too, where it chooses tests, notes how long they take, serves `Forks` (as `Server`), and spares
Hypothesis the search for the smallest example.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.changing import all_functions, change

PATIENCE, TEST_PATIENCE = 30.0, 10.0
"""Seconds that tests, or one of them, may take longer than thrice the usual: then it is an endless loop, which counts as failed."""
COLLECTING = 300.0
"""Seconds to collect all tests."""
IMPOSSIBLE = 99
"""The status of a fork that cannot make a change."""

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "tools.running", "-p", "no:cacheprovider")
ONE_BY_ONE = ("-x", "--hypothesis-seed=0")
PASSED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)

NOTES = "MUTANTS_NOTES"
"""The variable that says where to write how long tests took, if they are to be noted."""
CHOSEN = "MUTANTS_CHOSEN"
"""The variable that says where the tests to run are listed, with the seconds that each may take; if not all are to be run."""
LINE = "MUTANTS_LINE"
"""The variable that says which descriptor is the line to `Forks`, if there is one."""


def file_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]


def limits_of(seconds: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """The seconds that each test may take, and all, by those that they usually take."""
    most = {test: 3 * usual + TEST_PATIENCE for test, usual in seconds.items()}
    return most, 3 * sum(seconds.values()) + PATIENCE


def surroundings(tree: Path) -> dict[str, str]:
    """The variables for a run of pytest in a copy of the tree."""
    inherited = {name: os.environ[name] for name in os.environ.keys() - {NOTES, CHOSEN, LINE}}
    # What a test leaves when it is ended is beside the tree, and goes with it. Databases run as others.
    temporary = tree.with_name(f"{tree.name}-tmp")
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o1777)
    given = {"PYTHONPATH": "generated", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(temporary)}
    return {**inherited, **given}


def run_pytest(tree: Path, words: Sequence[str], timeout: float, **variables: str) -> int | None:
    """Run pytest in a process of its own: its exit status, or None if it took too long."""
    process = subprocess.Popen(
        [*PYTEST, *words],
        cwd=tree,
        env={**surroundings(tree), **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end_all(process.pid)  # with all that the tests have started
        process.wait()


def passes(tree: Path, seconds: Mapping[str, float]) -> bool:
    """Whether tests pass, in a process of their own."""
    limits, most = limits_of(seconds)
    listed = tree / ".chosen"
    listed.write_text(json.dumps(limits))
    words = [*ONE_BY_ONE, *sorted(set(map(file_of, limits)))]
    return run_pytest(tree, words, most, **{CHOSEN: str(listed)}) in PASSED


def end_all(leader: int) -> None:
    """End the processes of a session."""
    try:
        if sys.platform != "win32":
            os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def fork() -> int:
    """A child in a session of its own, or 0 in the child."""
    if sys.platform == "win32":
        raise OSError("there is no fork")
    child = os.fork()
    if not child:
        os.setsid()
    return child


class Forks:
    """The process of one copy that forks, and what it is asked."""

    def __init__(self, tree: Path) -> None:
        self._line, theirs = socket.socketpair()
        self._said = b""
        with theirs:
            self._process = subprocess.Popen(
                [*PYTEST, *ONE_BY_ONE],
                cwd=tree,
                env={**surroundings(tree), LINE: str(theirs.fileno())},
                pass_fds=[theirs.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def passes(self, file: str, was: bytes, seconds: Mapping[str, float]) -> bool | None:
        """Whether tests pass after a change to a file; None if it cannot be made in a fork."""
        limits, most = limits_of(seconds)
        asked = json.dumps({"file": file, "was": was.decode(), "limits": limits})
        try:
            self._line.sendall(asked.encode() + b"\n")
            child = int(self._hear(COLLECTING))
            try:
                status = int(self._hear(most))
            except TimeoutError:
                end_all(child)
                status = int(self._hear(COLLECTING))
            end_all(child)  # what the tests have left
        except ConnectionError:
            return None  # the process is gone
        return None if status == IMPOSSIBLE else status in PASSED

    def close(self) -> None:
        """End the process."""
        self._line.close()
        self._process.wait()

    def _hear(self, seconds: float) -> bytes:
        self._line.settimeout(seconds)
        while b"\n" not in self._said:
            piece = self._line.recv(1 << 16)
            if not piece:
                raise ConnectionError("the process that forks has ended")
            self._said += piece
        said, _, self._said = self._said.partition(b"\n")
        return said


# The plugin.


def pytest_configure(config: Any) -> None:
    """Fail at the first example, whichever it is, and do what the variables say."""
    from hypothesis import Phase, settings

    phases = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
    settings.register_profile("mutants", phases=phases, database=None)
    settings.load_profile("mutants")
    if NOTES in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Notes(Path(os.environ[NOTES])))
    if CHOSEN in os.environ:
        config.pluginmanager.register(Choice(json.loads(Path(os.environ[CHOSEN]).read_text())))
    if LINE in os.environ:
        line = socket.socket(fileno=int(os.environ.pop(LINE)))
        config.pluginmanager.register(Server(line))


class Notes:
    """Notes what each test took, and which failed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: dict[str, float] = defaultdict(float)
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps([self._seconds, sorted(self._failed)]))


class Choice:
    """Runs some tests alone, in their order, and ends at the first that takes too long."""

    def __init__(self, limits: Mapping[str, float]) -> None:
        self._places = {test: place for place, test in enumerate(limits)}
        self._limits = limits

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [item for item in items if item.nodeid in self._places]
        items[:] = sorted(kept, key=lambda item: self._places[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if sys.platform != "win32":
            # Nobody takes this signal, so it ends the process.
            signal.setitimer(signal.ITIMER_REAL, self._limits[nodeid])


class Server:
    """Forks for each change, and says what became of its tests."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._in_fork = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> object:
        """Serve until the line ends. In a fork, let pytest go on with the tests that are asked for."""
        functions = all_functions()
        gc.freeze()
        for asked in self._line.makefile("rb"):
            child = fork()
            if not child:
                self._in_fork = True
                said = json.loads(asked)
                if not change(Path(said["file"]).absolute(), said["was"].encode(), functions):
                    os._exit(IMPOSSIBLE)
                choice = Choice(said["limits"])
                session.config.pluginmanager.register(choice)
                choice.pytest_collection_modifyitems(session.items)
                return None
            self._line.sendall(f"{child}\n".encode())
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            self._line.sendall(f"{status}\n".encode())
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """End a fork at once: to take everything apart takes long."""
        if self._in_fork:
            os._exit(exitstatus)
