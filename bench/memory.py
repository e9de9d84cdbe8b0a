"""How much memory do an imported SDK and 100,000 decoded customers take, and does a walk over them grow?

What a process holds (private memory, in MB), over that of a Python that does nothing.
"""

import subprocess
import sys
from statistics import median

from measure import OURS, Rounds, Target, outcome, tell
from server import start

RUNS = 2
HELD = """
def held():
    with open("/proc/self/smaps_rollup") as file:
        lines = dict(line.split(":") for line in file if "Private" in line)
    return sum(int(lines[key].split()[0]) for key in lines) / 1024
"""
RESOURCES = """
import wecom_contact
client = wecom_contact.Client("ww1", "secret")
resources = [getattr(client, name.partition(".")[0]) for name in wecom_contact.catalog.CALLS]
"""
IMPORTS = {
    OURS: RESOURCES,
    f"{OURS}, everything": "import wecom_contact as w; [getattr(w, name) for name in w.__all__]",
    "wechatpy": "import wechatpy.enterprise",
    "openai": "import openai; openai.OpenAI(api_key='k').chat.completions",
    "stripe": "import stripe",
    "lark-oapi": "import lark_oapi",
}
DECODE = """
import models, orjson
from samples import page
decode = {decode}
kept = []
for number in range(1000):
    kept.append(decode(page(number * 100)))
"""
OUR_DECODE = """
from wecom_contact import codec
from wecom_contact.customer import CustomerBatchGetResult
"""
CUSTOMERS = {
    OURS: OUR_DECODE
    + DECODE.format(
        decode="lambda data: codec.structure(orjson.loads(data), CustomerBatchGetResult)"
    ),
    "msgspec Struct": DECODE.format(decode="models.msgspec_struct(models.PAGE).decode"),
    "orjson": DECODE.format(decode="orjson.loads"),
    "cattrs + orjson": DECODE.format(decode="models.cattrs_orjson(models.PAGE).decode"),
    "pydantic v2": DECODE.format(decode="models.pydantic_v2(models.PAGE).decode"),
    "mashumaro": DECODE.format(decode="models.mashumaro_orjson(models.PAGE).decode"),
}
WALK = """
import itertools
from wecom_contact import Client
with Client("ww1", "secret", base_url="{url}") as wecom:
    records = iter(wecom.customer.batch_get(userid_list=["zhangsan"]))
    for record in itertools.islice(records, {count}):
        pass
"""


def measure(programs: dict[str, str], base: dict[str, str] | None = None) -> Rounds:
    """Megabytes over a process that does only `base`, in turns."""
    taken: Rounds = {name: [] for name in programs}
    for _ in range(RUNS):
        bare = held("")
        for name, program in programs.items():
            less = held(base[name]) if base else bare
            taken[name].append(held(program) - less)
    return taken


def held(program: str) -> float:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{HELD}{program}\nprint(held())"],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return float(done.stdout)


question = sys.argv[1]
if question == "import":
    tell(
        outcome(
            "Memory of the imported package",
            "MB",
            OURS,
            measure(IMPORTS),
            [Target(OURS, fixed=25)],
            {
                OURS: "a client and all its resources",
                f"{OURS}, everything": "both clients (aiohttp), callbacks (cryptography)",
            },
        )
    )
elif question == "customers":
    empty = {name: each.replace("range(1000)", "range(1)") for name, each in CUSTOMERS.items()}
    tell(outcome("Memory of 100,000 decoded customers", "MB", OURS, measure(CUSTOMERS, empty), []))
else:
    url = start()
    walks = {
        f"{count:,} customers": WALK.format(url=url, count=count)
        for count in (1_000, 10_000, 100_000)
    }
    taken = measure(walks)
    first, *_, last = taken
    growth = [b - a for a, b in zip(taken[first], taken[last], strict=True)]
    answer = outcome("Memory of a walk over customers, page by page", "MB", first, taken, [])
    answer.targets.append(
        {
            "target": "100,000 customers take at most 1 MB more than 1,000",
            "measured": round(median(growth), 3),
            "met": median(growth) <= 1,
        }
    )
    tell(answer)
