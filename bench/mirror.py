"""A full sync of a company into each database: `make -C bench mirror`, or `python mirror.py --customers 10000`.

The simulator and the mirror are processes of their own; the database servers are those of the tests, which do not wait
for the disk. Shows the wall clock, the CPU time and the memory of the mirror's process alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "mirror")]

from databases import free_port, mariadb, new_database, postgres  # noqa: E402  (after the path to it)

SIMULATOR = """
import sys
from wecom_contact.testing import Simulator

corp = Simulator(port=int(sys.argv[1]))
corp.populate(int(sys.argv[2]))
with corp:
    print("ready", flush=True)
    sys.stdin.read()
    print(sum(call.seconds for call in corp.calls), flush=True)
"""
SYNC = """
import json, resource, sys, time
from wecom_contact import Client
from wecom_contact.mirror import Mirror

port, db = sys.argv[1:]
client = Client("ww5e1f0a2b3c4d5e6f", "simulated-secret-of-a-corp-that-is-not-real", base_url=f"http://127.0.0.1:{port}")
with client as wecom, Mirror(db, wecom) as mirror:
    begun = time.perf_counter()
    report = mirror.sync()
    seconds = time.perf_counter() - begun
    rows = mirror.status().rows
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": seconds,
    "cpu": used.ru_utime + used.ru_stime,
    "memory": used.ru_maxrss / 1024,
    "calls": report.calls,
    "customers": rows["customers"],
    "follows": rows["follows"],
}))
"""


@contextmanager
def simulated(customers: int) -> Iterator[int]:
    """A corp in a process of its own; its port."""
    port = free_port()
    command = [sys.executable, "-c", SIMULATOR, str(port), str(customers)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield port
        answering, _ = process.communicate("")
        print(f"the simulator spent {float(answering):.1f} s on its answers", file=sys.stderr)


def measured(db: str, customers: int) -> dict[str, float]:
    """One full sync, in a new process."""
    with simulated(customers) as port:
        done = subprocess.run(
            [sys.executable, "-c", SYNC, str(port), db], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL", "MariaDB"])
    asked = parser.parse_args()
    print("| database | wall, s | CPU of the mirror, s | memory, MB | customers a second |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        servers = {"SQLite": nullcontext(""), "PostgreSQL": postgres(), "MariaDB": mariadb()}
        for name, server in servers.items():
            if asked.only in (None, name):
                with server as url:
                    db = new_database(url, "crm") if url else f"sqlite:///{folder}/crm.db"
                    found = measured(db, asked.customers)
                assert found["customers"] == asked.customers
                print(
                    f"| {name} | {found['seconds']:.1f} | {found['cpu']:.1f} | "
                    f"{found['memory']:.0f} | {found['follows'] / found['seconds']:,.0f} |",
                    flush=True,
                )
                time.sleep(1)


if __name__ == "__main__":
    main()
