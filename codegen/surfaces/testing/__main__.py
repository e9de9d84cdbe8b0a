"""The simulator alone: `python -m wecom_contact.testing --port 8000 --customers 1000`.

Hand-written: edit codegen/surfaces/testing/__main__.py.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import CallbackRejected, brief
from ._things import CallMade

if TYPE_CHECKING:
    from ._callbacks import Delivery
    from ._simulator import Simulator


def parser() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    made = argparse.ArgumentParser(
        prog="python -m wecom_contact.testing",
        description="Run a WeCom of your own: a corp in memory, served over HTTP.",
    )
    made.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    made.add_argument("--port", type=int, default=8000, help="0 for any free one (%(default)s)")
    made.add_argument("--corp-id", default="ww5e1f0a2b3c4d5e6f")
    made.add_argument("--secret", default="simulated-secret-of-a-corp-that-is-not-real")
    made.add_argument("--callback", metavar="URL", help="where to push what happens")
    made.add_argument("--token", help="the token of the callback")
    made.add_argument("--aes-key", help="the EncodingAESKey of the callback, 43 characters")
    made.add_argument("--seed-data", metavar="FILE", help="a JSON file with members, customers …")
    made.add_argument("--customers", type=int, default=0, help="invent so many customers")
    made.add_argument("--members", type=int, help="and so many members to serve them")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same corp")
    made.add_argument(
        "--busy",
        type=float,
        default=0,
        metavar="EVERY",
        help="a customer scans every so many seconds",
    )
    made.add_argument("--trouble", type=float, default=0, help="share of troubled answers: 0.1")
    made.add_argument("--rates", action="store_true", help="count calls as WeCom does (45009)")
    made.add_argument("--quiet", action="store_true", help="do not log calls and callbacks")
    return made


def line(call: CallMade) -> str:
    """A call in one line."""
    data = ", ".join(f"{key}={brief(value)}" for key, value in call.data.items())
    outcome = "—" if call.errcode is None else str(call.errcode)
    if call.trouble:
        outcome += f" ({call.trouble})"
    clock = time.strftime("%H:%M:%S", time.localtime(call.time))
    return f"{clock}  {outcome:<6} {call.seconds * 1000:6.1f} ms  {call.name}({data})"


def push_line(delivery: "Delivery") -> str:
    """A try to push a callback in one line."""
    outcome = "—" if delivery.status is None else str(delivery.status)
    clock = time.strftime("%H:%M:%S")
    name = type(delivery.event).__name__
    return f"{clock}  {outcome:<6} callback {name}, try {delivery.tries}"


@contextmanager
def saying(made: argparse.ArgumentParser, option: str) -> Iterator[None]:
    """Tell what is wrong with an option in one line."""
    try:
        yield
    except (OSError, ValueError, CallbackRejected) as error:
        made.error(f"{option}: {error}")


def build(argv: Sequence[str] | None = None) -> "tuple[Simulator, argparse.Namespace]":
    """The corp that a command line asks for, not yet running."""
    made = parser()
    asked = made.parse_args(argv)
    if asked.callback and not (asked.token and asked.aes_key):
        made.error("--callback needs --token and --aes-key")
    try:
        # Imported here, so that there is a word for who has not installed what it needs.
        from . import Simulator
    except ModuleNotFoundError:
        raise
    except ImportError as error:
        made.exit(1, f"{error}\n")
    corp = Simulator(
        asked.corp_id,
        asked.secret,
        host=asked.host,
        port=asked.port,
        seed=asked.seed,
        on_call=None if asked.quiet else lambda call: print(line(call), flush=True),
        on_push=None if asked.quiet else lambda push: print(push_line(push), flush=True),
    )
    if asked.seed_data is not None:
        with saying(made, "--seed-data"):
            corp.load(asked.seed_data)
    if asked.customers or asked.members is not None:
        with saying(made, "--customers, --members"):
            corp.populate(asked.customers, members=asked.members)
    with saying(made, "--trouble"):
        corp.trouble.mix(asked.trouble, seed=asked.seed)
    corp.limits.rates = asked.rates
    if asked.callback:
        with saying(made, "--aes-key"):
            corp.callback_to(asked.callback, token=asked.token, aes_key=asked.aes_key)
    return corp, asked


def greeting(corp: "Simulator") -> str:
    """What a client needs to know."""
    return "\n".join(
        (
            f"A WeCom of your own: {len(corp.members)} members, {len(corp.customers)} customers",
            f"  base_url  {corp.url}",
            f"  corp_id   {corp.corp_id}",
            f"  secret    {corp.secret}",
            "",
            f'  Client("{corp.corp_id}", "{corp.secret}", base_url="{corp.url}")',
            "",
        )
    )


def run(corp: "Simulator", busy: float, ended: threading.Event) -> None:
    """Let things happen until the end."""
    ways = list(corp.contact_ways.values())
    if busy and not ways:
        serving = list(corp.serving())[:5] or [corp.add_member("zhangsan", "张三")]
        ways = [corp.add_contact_way([each], state=f"channel-{each.userid}") for each in serving]
    number = 0
    while not ended.wait(busy or 3600):
        number += 1
        corp.customer_scans(ways[number % len(ways)], name=f"新客户{number}")


def main(argv: Sequence[str] | None = None, ended: threading.Event | None = None) -> int:
    """Run until interrupted."""
    corp, asked = build(argv)
    with corp:
        print(greeting(corp), flush=True)
        try:
            run(corp, asked.busy, ended or threading.Event())
        except KeyboardInterrupt:
            print(f"{sum(corp.call_counts.values())} calls", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
