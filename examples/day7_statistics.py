"""Day 7: how the members served their customers in a month, or any time: a table (CSV) and a chart (SVG).

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day7_statistics.py 2026-10-01 2026-10-31

WeCom answers for 30 days at a time, and knows the last 180.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import asyncio
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from wecom_contact import AsyncClient
from wecom_contact.statistics import UserBehaviorDay

BEIJING = timezone(timedelta(hours=8))
"""WeCom's days begin at midnight there."""
WINDOW = 30
AT_ONCE = 8


@dataclass(frozen=True)
class Row:
    """A member's month."""

    userid: str
    chats: int
    messages: int
    new_customers: int
    lost_customers: int
    replied: float | None
    """Of a hundred chats that customers began, how many were answered the same day."""
    minutes: float | None
    """Until the first answer."""


@dataclass(frozen=True)
class Month:
    """What the members did, each and all."""

    members: list[Row]
    messages: dict[date, int]
    """How many messages all of them sent on each day."""


async def main(
    wecom: AsyncClient,
    first: date,
    last: date,
    folder: Path = Path(),
    progress: Callable[[int], object] = lambda windows: None,
) -> Month:
    """Read the numbers of all members, write `statistics.csv` and `statistics.svg`."""
    members = (await wecom.follow_user.list()).follow_user
    room = asyncio.Semaphore(AT_ONCE)

    async def read(userid: str, begin: date, end: date) -> list[UserBehaviorDay]:
        # Several members in one call would be added up.
        async with room:
            said = await wecom.statistics.user_behavior(
                userid=[userid], start_time=midnight(begin), end_time=midnight(end)
            )
        progress(1)
        return said.behavior_data

    async def read_all(userid: str) -> list[UserBehaviorDay]:
        parts = await asyncio.gather(*(read(userid, *each) for each in windows(first, last)))
        return [day for part in parts for day in part]

    months = await asyncio.gather(*map(read_all, members))
    rows = [row_of(*each) for each in zip(members, months, strict=True)]
    rows.sort(key=lambda row: -row.messages)
    write_table(folder / "statistics.csv", rows)
    messages = {first + timedelta(days=n): 0 for n in range((last - first).days + 1)}
    for day in (day for month in months for day in month):
        messages[day.stat_time.astimezone(BEIJING).date()] += day.message_cnt
    chart = draw(messages, f"Messages to customers, {first} to {last}")
    (folder / "statistics.svg").write_text(chart, "utf-8")
    return Month(rows, messages)


def windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Split a time into pieces that WeCom takes; both ends count."""
    while first <= last:
        end = min(last, first + timedelta(days=WINDOW - 1))
        yield first, end
        first = end + timedelta(days=1)


def midnight(day: date) -> datetime:
    """The beginning of a day of WeCom's."""
    return datetime.combine(day, time(), BEIJING)


def row_of(userid: str, days: Sequence[UserBehaviorDay]) -> Row:
    """Add up the days. Averages count as much as the chats of their day; days without chats have none."""
    chats = sum(day.chat_cnt for day in days)

    def average(values: Iterator[tuple[float | None, int]]) -> float | None:
        known = [(value, weight) for value, weight in values if value is not None]
        whole = sum(weight for _, weight in known)
        return round(sum(v * weight for v, weight in known) / whole, 1) if whole else None

    return Row(
        userid,
        chats,
        messages=sum(day.message_cnt for day in days),
        new_customers=sum(day.new_contact_cnt for day in days),
        lost_customers=sum(day.negative_feedback_cnt for day in days),
        replied=average((day.reply_percentage, day.chat_cnt) for day in days),
        minutes=average((day.avg_reply_time, day.chat_cnt) for day in days),
    )


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write the table, with the byte order mark that lets Excel read names as they are."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Row.__dataclass_fields__)
        writer.writerows([getattr(row, name) for name in Row.__dataclass_fields__] for row in rows)


def draw(days: dict[date, int], title: str, width: int = 800, height: int = 240) -> str:
    """A bar for each day."""
    step, most = (width - 80) / len(days), max(1, *days.values())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + 70}" '
        'font-family="sans-serif" font-size="12" fill="#444">',
        f'<text x="60" y="20" font-size="15">{title}</text>',
        f'<path d="M60 {height + 40}H{width - 20}" stroke="#999"/>',
        f'<text x="52" y="46" text-anchor="end">{most:,}</text>',
        f'<text x="52" y="{height + 44}" text-anchor="end">0</text>',
    ]
    for number, (day, count) in enumerate(days.items()):
        x, tall = 60 + number * step, height * count / most
        parts.append(
            f'<rect x="{x:.1f}" y="{height + 40 - tall:.1f}" width="{step * 0.8:.1f}" '
            f'height="{tall:.1f}" fill="#2f7de1"><title>{day}: {count:,}</title></rect>'
        )
        if number % max(1, len(days) // 8) == 0:
            parts.append(f'<text x="{x:.1f}" y="{height + 58}">{day:%m-%d}</text>')
    return "\n".join([*parts, "</svg>\n"])


async def run(first: date, last: date) -> None:
    """Do it, and say so."""
    async with connect_async() as wecom:
        month = await main(wecom, first, last)
    for row in month.members:
        print(f"{row.userid:20} {row.chats:6,} chats {row.messages:8,} messages")
    print("written to statistics.csv and statistics.svg")


if __name__ == "__main__":
    from connecting import connect_async

    asyncio.run(run(date.fromisoformat(sys.argv[1]), date.fromisoformat(sys.argv[2])))
