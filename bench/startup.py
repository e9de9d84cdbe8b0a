"""What does it cost to import an SDK, and to make the first call in a new process?

What a new Python spends on it beyond starting up.
"""

import subprocess
import sys

from measure import OURS, Rounds, Target, outcome, tell
from server import start

URL = start()
THIRD_PARTIES = "import attrs, cattrs, orjson, urllib3"
WARN = "import warnings; warnings.simplefilter('ignore')"

IMPORTS = {
    OURS: "import wecom_contact",
    "wechatpy": f"{WARN}; import wechatpy.enterprise",
    "openai": "import openai",
    "stripe": "import stripe",
    "lark-oapi": "import lark_oapi",
    "urllib3": "import urllib3",
}
FIRST = {
    "third parties": THIRD_PARTIES,
    "Client() + first resource": "import wecom_contact; wecom_contact.Client('ww1', 's').customer",
    "AsyncClient() + first resource": "import wecom_contact; wecom_contact.AsyncClient('ww1', 's').customer",
    "Client() + every resource": "import wecom_contact as w; client = w.Client('ww1', 's'); "
    "[getattr(client, name.partition('.')[0]) for name in w.catalog.CALLS]",
}
RUN = "import sys; from wecom_contact.cli._app import run; run({words!r})"
COMPLETE = """
import os
os.environ.update(_WECOM_CONTACT_COMPLETE="bash_complete", COMP_WORDS="wecom-contact call cus", COMP_CWORD="2")
from wecom_contact.cli._app import run
try:
    run([])
except SystemExit:
    pass
"""
COMMANDS = {
    "click": "import click",
    "--help": RUN.format(words=["--help"]),
    "call contact_way.add --help": RUN.format(words=["call", "contact_way.add", "--help"]),
    "completion": COMPLETE,
    "explain 84061": RUN.format(words=["explain", "84061"]),
    "the server for agents": "from wecom_contact import Client; from wecom_contact.mcp import make_server; "
    "make_server(Client('ww1', 's'))",
    "mcp": "from mcp.server.mcpserver import MCPServer",
    "typer": "import typer",
    "cyclopts": "import cyclopts",
}
CALLS = {
    OURS: f"""
from wecom_contact import Client
from wecom_contact.contact_way import ContactWayType, Scene
with Client("ww1", "secret", base_url="{URL}") as wecom:
    wecom.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, user=["zhangsan"])
""",
    "wechatpy": f"""
{WARN}
from wechatpy.enterprise import WeChatClient
WeChatClient.API_BASE_URL = "{URL}/cgi-bin/"
client = WeChatClient("ww1", "secret", access_token="TOKEN")
client.external_contact.add_contact_way(1, 2, user=["zhangsan"])
""",
    "openai": f"""
import openai
openai.OpenAI(api_key="k", base_url="{URL}/v1").models.retrieve("m")
""",
    "stripe": f"""
import stripe
client = stripe.StripeClient("sk_test_1", base_addresses={{"api": "{URL}"}})
client.v1.customers.retrieve("cus_1")
""",
    "lark-oapi": f"""
import lark_oapi
from lark_oapi.api.im.v1 import CreateMessageRequest, CreateMessageRequestBody
client = lark_oapi.Client.builder().app_id("a").app_secret("s").domain("{URL}").build()
body = CreateMessageRequestBody.builder().receive_id("ou_1").msg_type("text").content("x").build()
request = CreateMessageRequest.builder().receive_id_type("open_id").request_body(body).build()
assert client.im.v1.message.create(request).success()
""",
}


TIMED = """
import time
start = time.process_time()
{program}
print((time.process_time() - start) * 1000)
"""


def measure(programs: dict[str, str], runs: int = 5) -> Rounds:
    """Milliseconds of CPU, in turns, each in a process of its own."""
    spent: Rounds = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, program in programs.items():
            command = [sys.executable, "-c", TIMED.format(program=program)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            if number:  # the first time, bytecode is written
                spent[name].append(float(done.stdout.split()[-1]))
    return spent


question = sys.argv[1]
if question == "import":
    tell(
        outcome(
            "Import",
            "ms CPU",
            "urllib3",
            measure(IMPORTS, runs=9),
            [Target(OURS, fixed=5)],
            {OURS: "nothing but itself", "urllib3": "for comparison"},
        )
    )
elif question == "first":
    tell(
        outcome(
            "Ready to call",
            "ms CPU",
            "third parties",
            measure(FIRST, runs=25),
            [Target("third parties", at_most=1.25, ours="Client() + first resource")],
            {"third parties": THIRD_PARTIES},
        )
    )
elif question == "command":
    tell(
        outcome(
            "Start of the command",
            "ms CPU",
            "click",
            measure(COMMANDS, runs=9),
            [
                Target("click", ours="--help", fixed=120),
                Target("click", ours="call contact_way.add --help", fixed=150),
                Target("click", ours="completion", fixed=100),
            ],
            {
                "click": "imported, nothing else",
                "mcp": "likewise",
                "typer": "likewise",
                "cyclopts": "likewise",
            },
        )
    )
else:
    tell(
        outcome(
            "Import and first call",
            "ms CPU",
            OURS,
            measure(CALLS),
            [],
            {OURS: "a token is fetched, too", "wechatpy": "a token is given"},
        )
    )
