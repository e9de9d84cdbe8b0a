"""A whole day of customer care on this machine, no account needed: `make demo`.

    python demo.py --customers 3000

Starts the simulated WeCom of `wecom_contact.testing`, and does the work of the eight examples beside this file with it.
"""

import argparse
import asyncio
import csv
import io
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal
from wsgiref.simple_server import WSGIRequestHandler, make_server

import day1_sync_customers
import day2_tag_from_csv
import day3_channels
import day4_mass_message
import day5_hand_over
import day6_moment
import day7_statistics
import day8_mirror
from sqlalchemy import text
from wecom_contact import AsyncClient, Client
from wecom_contact.callback import Callback, Event, wsgi
from wecom_contact.errors import StaleToken
from wecom_contact.retry import Retrying
from wecom_contact.testing import Simulator

TOKEN, AES_KEY = "demo", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PICTURE = b"\x89PNG\r\n\x1a\n (a picture)"
SPARKS = "▁▂▃▄▅▆▇█"
CHANNELS = """
SELECT channel, sum(customers) AS customers FROM new_customers
GROUP BY channel ORDER BY customers DESC LIMIT 5
"""


class Screen:
    """Headings, lines and progress bars; into a file, a bar is written once, when it is full."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.bar_line = ""
        self.lock = threading.RLock()
        self.said: set[str] = set()

    def heading(self, clock: str, text: str) -> None:
        """What comes next."""
        self.said.clear()
        print(f"\n\033[1m{clock}  {text}\033[0m" if self.live else f"\n{clock}  {text}", flush=True)

    def line(self, text: str) -> None:
        """A result. A bar that is being drawn moves down."""
        with self.lock:
            if self.bar_line:
                print("\r\033[K", end="")
            print(f"       {text}")
            print(self.bar_line, end="", flush=True)

    def once(self, text: str) -> None:
        """The same as `line`, once under each heading."""
        if text not in self.said:
            self.said.add(text)
            self.line(text)

    @contextmanager
    def bar(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar; call what you get with how much more is done."""
        begun = drawn = time.monotonic()
        done = 0

        def step(more: int) -> None:
            nonlocal done, drawn
            done += more
            if self.live and time.monotonic() - drawn > 0.05:
                drawn = time.monotonic()
                with self.lock:
                    self.bar_line = drawing()
                    print(f"\r{self.bar_line}", end="", flush=True)

        def drawing() -> str:
            full = 24 * min(done, total) // max(1, total)
            return f"       {'█' * full}{'░' * (24 - full)} {done:,} {what}"

        try:
            yield step
        finally:
            with self.lock:
                self.bar_line = ""
                print("\r\033[K" if self.live else "", end="")
                print(f"{drawing()} in {time.monotonic() - begun:.1f} s", flush=True)


screen = Screen()


def told(retrying: Retrying) -> None:
    """Say why a call is made again; the client does so by itself."""
    error = retrying.error
    if isinstance(error, StaleToken):
        screen.once(f"! the token has ended ({error.code}) and is renewed")
    else:
        code = getattr(error, "code", type(error).__name__)
        screen.line(f"! {retrying.call}: busy ({code}), again in {retrying.pause:.1f} s")


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def listening(
    corp: Simulator, handle: Callable[[Event], object], seen: Literal["memory"] | None = "memory"
) -> Iterator[None]:
    """A callback server; at the end all events are handled."""
    app = wsgi(Callback(TOKEN, AES_KEY, corp.corp_id, seen=seen), handle)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        corp.callback_to(url, token=TOKEN, aes_key=AES_KEY)
        try:
            yield
            corp.callbacks.wait()
        finally:
            server.shutdown()
            thread.join()
            app.close()


def morning(corp: Simulator, wecom: Client, folder: Path) -> None:
    """The sync client: members, customers, QR codes, welcome messages."""
    screen.heading("09:00", "Who serves customers?")
    members = wecom.follow_user.list().follow_user
    screen.line(f"{len(members)} members: {', '.join(members[:5])} …")
    some = wecom.customer.batch_get(userid_list=members[:1], limit=20)
    for record in list(some)[:3]:
        customer, follow = record.external_contact, record.follow_info
        screen.line(f"{follow.userid} serves {customer.name} since {follow.createtime:%Y-%m-%d}")

    screen.heading(
        "09:10", "Sync all customers with their tags into SQLite, page by page (sync client)"
    )
    with screen.bar("customers", sum(len(m.follows) for m in corp.members.values())) as step:
        pages = 0

        def progress(rows: int) -> None:
            nonlocal pages
            pages += 1
            if pages == 2:
                corp.expire_tokens()  # as WeCom does when it likes
            elif pages == 4:
                corp.trouble.next("customer.batch_get", errcode=45033, times=2)
            step(rows)

        synced = day1_sync_customers.main(wecom, str(folder / "customers.db"), progress)
    screen.line(f"{synced.rows:,} rows from {synced.pages} pages; broken off, it would go on there")

    screen.heading("10:00", "A QR code for each channel; whoever scans it is greeted and tagged")
    codes, handle = day3_channels.main(wecom, members[:3])
    for state, code in codes.items():
        screen.line(f"{state:7} {code[:72]}…")
    ways = {way.state: way for way in corp.contact_ways.values() if way.state in codes}
    with listening(corp, handle):
        scans = [corp.customer_scans(ways[state]) for state in [*codes, *codes]]
    greeted = [corp.messages_to(each.customer)[0] for each in scans]
    screen.line(f"{len(scans)} customers scanned one, {len(greeted)} were greeted at once:")
    screen.line(f"“{greeted[0].text}” → tagged {scans[0].customer.tags[0]}")


async def noon(corp: Simulator, wecom: AsyncClient, folder: Path) -> None:
    """The async client: many calls at a time."""
    screen.heading("11:00", "Tag customers from a CSV file, eight calls at a time (async client)")
    path = folder / "tags.csv"
    people = [follow for member in corp.serving() for follow in list(member.follows.values())[:8]]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [
            (each.member.userid, each.customer.external_userid, "活动/双十一") for each in people
        ]
        csv.writer(file).writerows([("userid", "external_userid", "tags"), *rows])
    plan = (await day2_tag_from_csv.main(wecom, str(path))).plan
    screen.line(f"dry run: {len(plan.changes)} customers, new tags {', '.join(plan.new_tags)}")
    with screen.bar("customers", len(plan.changes)) as step:
        report = await day2_tag_from_csv.main(wecom, str(path), apply=True, progress=step)
    screen.line(f"{report.tagged} tagged, {len(report.failed)} failed")

    screen.heading("12:00", "A moment: asked of five members, a day until it is counted")
    picture = folder / "poster.png"
    picture.write_bytes(PICTURE)

    async def sleep(seconds: float) -> None:
        """Time in the corp is ours."""
        corp.clock.advance(seconds=seconds)
        for moment in corp.moments.values():
            for userid in list(moment.publications)[:4]:
                corp.member_publishes(moment, userid)
                publication = moment.publications[userid]
                for customer in corp.members[userid].customers[: 3 - len(publication.likes)]:
                    corp.likes(moment, userid, customer)

    userids = [member.userid for member in corp.serving()][:5]
    moment = await day6_moment.main(
        wecom, folder / "jobid", "新品上市，欢迎围观", picture, userids, sleep
    )
    viewers = sum(echo.viewers for echo in moment.echoes)
    likes = sum(len(echo.likes) for echo in moment.echoes)
    screen.line(
        f"{len(moment.echoes)} members published it, {len(moment.not_published)} forgot; "
        f"{viewers:,} customers see it, {likes} likes"
    )

    screen.heading("14:00", "Statistics of two months, in windows of 30 days")
    last = corp.clock.now().date() - timedelta(days=1)
    first = last - timedelta(days=60)
    count = len(list(corp.serving())) * len(list(day7_statistics.windows(first, last)))
    with screen.bar("windows", count) as step:
        month = await day7_statistics.main(wecom, first, last, folder, step)
    for row in month.members[:3]:
        screen.line(
            f"{row.userid}: {row.chats:,} chats, {row.messages:,} messages, "
            f"{row.new_customers} new customers, {row.replied}% answered the same day"
        )
    most = max(1, *month.messages.values())
    sparks = "".join(SPARKS[7 * each // most] for each in month.messages.values())
    screen.line(f"messages a day {sparks}")


def afternoon(corp: Simulator, wecom: Client, folder: Path) -> None:
    """The sync client again: messages, handovers, a mirror of it all."""
    serving = list(corp.serving())

    screen.heading("15:00", "A mass message: members must confirm it, and some need a reminder")
    some = [each.external_userid for member in serving[:6] for each in member.customers[:50]]

    def wait(seconds: float) -> None:
        """Members send it, some at once and others when reminded."""
        corp.clock.advance(seconds=seconds)
        message = list(corp.mass_messages.values())[-1]
        for number, userid in enumerate(message.tasks):
            if number % 3 or message.reminders:
                corp.member_sends(message, userid)

    corp.customer_deletes(some[0], corp.customer(some[0]).members[0])
    outcome = day4_mass_message.main(
        wecom, folder / "msgid", "周五全场八折，欢迎选购", [*some, "wmGONE"], wait
    )
    counts = ", ".join(f"{n} {status.name.lower()}" for status, n in outcome.deliveries.items())
    screen.line(
        f"{counts}; not reachable: {len(outcome.unreachable)}; reminders: {outcome.reminders}"
    )

    screen.heading("16:00", "A member has left: hand over the customers and groups")
    owners = [chat.owner for chat in corp.group_chats.values()]
    left = max(serving, key=lambda member: owners.count(member.userid))
    takers = [member.userid for member in serving if member is not left][:2]
    customers = left.customers
    corp.member_resigns(left)
    hours = 0.0

    def pause(seconds: float) -> None:
        nonlocal hours
        if not hours:
            corp.customer_refuses(customers[0])
        hours += seconds / 3600
        corp.clock.advance(seconds=seconds)

    done = day5_hand_over.main(wecom, left.userid, takers, pause)
    counts = ", ".join(f"{n} {status.name.lower()}" for status, n in done.customers.items() if n)
    screen.line(f"{left.userid} to {' and '.join(takers)}: {counts}, after {hours:.0f} hours")
    screen.line(f"groups that have a new owner: {done.groups}")

    screen.heading("17:00", "A database kept in step by callbacks, some of which get lost")
    rows = sum(len(member.follows) for member in corp.members.values() if not member.resigned)
    with screen.bar("customers", rows) as step:
        mirror = day8_mirror.main(wecom, f"sqlite:///{folder}/mirror.db")
        step(mirror.status().rows["follows"])
    staff = list(corp.serving())
    with listening(corp, mirror.apply, seen=None):
        for number, member in enumerate(staff[:12]):
            corp.member_edits(member, member.customers[0], remark=f"老朋友{number}")
        corp.callbacks.lose(5)
        for member in staff[:3]:
            corp.member_deletes(member, member.customers[1])
            corp.customer_adds(member, name="没人知道的客户")
    screen.line("18 things happened, 5 callbacks got lost; they are found by comparing:")
    with mirror:
        for line in str(mirror.reconcile()).splitlines():
            screen.line(line)
        with mirror.engine.connect() as database:
            channels = database.execute(text(CHANNELS)).all()
    screen.line("new customers per channel, asked by SQL:")
    for channel, customers in channels:
        screen.line(f"{channel:14} {'█' * (24 * customers // channels[0][1])} {customers:,}")


def summary(corp: Simulator, seconds: float) -> None:
    """What came of the day."""
    kinds = [message.kind for message in corp.sent_messages]
    delivered = [each for each in corp.callbacks.deliveries if each.outcome == "delivered"]
    lines = {
        "calls": f"{sum(corp.call_counts.values()):,} to {len(corp.call_counts)} endpoints, in "
        f"{seconds:.1f} s; {corp.trouble.made} were refused as busy",
        "tokens": f"{corp.call_counts['gettoken']} fetched: here, hours pass in no time",
        "callbacks": f"{len(delivered)} signed, encrypted and delivered",
        "messages": f"{kinds.count('welcome')} welcomes, {kinds.count('mass')} of the mass message",
        "customers": f"{len(corp.customers):,}, of whom "
        f"{sum('双十一' in each.tags for each in corp.customers.values())} have the new tag",
        "moments": f"{len(corp.moments)}, handovers {len(corp.transfers)}",
    }
    screen.heading("18:00", "The day")
    for name, words in lines.items():
        screen.line(f"{name:10} {words}")


def main(customers: int) -> None:
    """Run the day."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="replace"
        )  # a terminal that knows no Chinese is no reason to fail
    begun = time.monotonic()
    with Simulator() as corp, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corp.populate(customers)
        print(
            f"A WeCom of our own at {corp.url}: {len(corp.members)} members, {customers:,} customers"
        )
        with corp.client(on_retry=told) as wecom:
            morning(corp, wecom, folder)

        async def inside() -> None:
            async with corp.async_client(on_retry=told) as wecom:
                await noon(corp, wecom, folder)

        asyncio.run(inside())
        with corp.client(on_retry=told) as wecom:
            afternoon(corp, wecom, folder)
        summary(corp, time.monotonic() - begun)
    print("\nThe code of each step is in examples/; test your own like this: docs/testing.md")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A whole day of customer care on this machine.")
    parser.add_argument("--customers", type=int, default=3000)
    main(parser.parse_args().customers)
