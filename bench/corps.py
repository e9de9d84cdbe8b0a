"""What does each company of a service provider cost: its client, its token and one call?

A process that has done so for 500 companies, over one that has for none.
"""

import subprocess
import sys

from measure import OURS, Rounds, Target, outcome, tell
from server import start

CORPS = 500
RUNS = 3
PROGRAM = """
import resource, sys, warnings
from wecom_contact import AuthorizedCorp, Client, ContactWayType, Scene, Suite

URL, COUNT = sys.argv[1], int(sys.argv[2])
suite = Suite("ws1", "suite-secret", "ticket")
first = Client(credential=suite, base_url=URL)
kept = []
for number in range(COUNT):
    CLIENT
    kept.append(client)
    client.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, user=["zhangsan"])
used = resource.getrusage(resource.RUSAGE_SELF)
with open("/proc/self/smaps_rollup") as file:
    lines = dict(line.split(":") for line in file if "Private" in line)
with open("/proc/self/net/tcp") as file:
    port = ":%04X" % int(URL.rpartition(":")[2])
    connections = sum(line.split()[2].endswith(port) and line.split()[3] == "01" for line in file)
private = sum(int(lines[key].split()[0]) for key in lines)
print((used.ru_utime + used.ru_stime) * 1000, private, connections)
"""
KINDS = {
    f"{OURS}, for_corp": "client = first.for_corp(f'ww{number}', 'permanent-code')",
    f"{OURS}, a client each": "corp = AuthorizedCorp(suite, f'ww{number}', 'permanent-code'); "
    "client = Client(credential=corp, base_url=URL)",
}
QUESTIONS = {
    "cpu": ("Companies: CPU for each of 500", "ms", 3.0),
    "memory": ("Companies: memory for each of 500", "KB", 6.0),
    "connections": ("Companies: connections for 500", "connections", 50.0),
}


def run(url: str, client: str, count: int) -> list[float]:
    """Milliseconds, KB and connections of a process that has spoken for so many companies."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("CLIENT", client), url, str(count)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [float(word) for word in done.stdout.split()]


def main(question: str) -> None:
    url, place = start(), list(QUESTIONS).index(question)
    words, unit, most = QUESTIONS[question]
    taken: Rounds = {name: [] for name in KINDS}
    for _ in range(RUNS):
        for name, client in KINDS.items():
            # One company warms up: it imports and compiles what all need.
            few, many = run(url, client, 1)[place], run(url, client, CORPS + 1)[place]
            each = many if question == "connections" else (many - few) / CORPS
            taken[name].append(each)
    light, _ = KINDS
    tell(outcome(words, unit, light, taken, [Target(light, ours=light, fixed=most)]))


main(sys.argv[1])
