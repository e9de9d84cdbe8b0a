"""Day 2: tag customers in bulk from a CSV file, after a dry run. Doing it twice does no harm.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day2_tag_from_csv.py tags.csv            # says what would happen
    WECOM_CORP_ID=ww… WECOM_SECRET=… python day2_tag_from_csv.py tags.csv --apply    # does it

The file:

    userid,external_userid,tags
    zhangsan,wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw,等级/VIP;活动/双十一

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import asyncio
import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from wecom_contact import AsyncClient, NewTag
from wecom_contact.errors import NotFound, WeComError

AT_ONCE = 8
"""Calls under way; WeCom refuses too many at a time (45033), and the client then slows down by itself."""


@dataclass
class Change:
    """Tags that one member's customer does not have yet."""

    userid: str
    external_userid: str
    add: list[str]
    """By name: `group/tag`."""


@dataclass
class Plan:
    """What a file asks for, compared with what there is."""

    changes: list[Change] = field(default_factory=list)
    new_tags: list[str] = field(default_factory=list)
    """Tags that the library lacks."""
    done: int = 0
    """Lines that ask for nothing new."""
    problems: list[str] = field(default_factory=list)
    """Lines that cannot be done, and why."""
    tag_ids: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass
class Report:
    """What was planned, and what came of it."""

    plan: Plan
    tagged: int = 0
    failed: list[tuple[Change, WeComError]] = field(default_factory=list)


async def main(
    wecom: AsyncClient,
    path: str,
    *,
    apply: bool = False,
    progress: Callable[[int], object] = lambda customers: None,
) -> Report:
    """Read a file and say what it would change; with `apply`, change it."""
    # Excel begins a UTF-8 file with a byte order mark.
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    report = Report(await make_plan(wecom, lines))
    if apply:
        await create_tags(wecom, report.plan)
        await mark(wecom, report, progress)
    return report


async def make_plan(wecom: AsyncClient, lines: list[dict[str, str]]) -> Plan:
    """Compare the lines with the corp; nothing is changed."""
    library = await wecom.corp_tag.list()
    plan = Plan()
    plan.tag_ids = {f"{g.group_name}/{t.name}": t.id for g in library.tag_group for t in g.tag}
    members = set((await wecom.follow_user.list()).follow_user)
    wanted = sorted({line["userid"] for line in lines} & members)
    has: dict[tuple[str, str], set[str]] = {}
    for begin in range(0, len(wanted), 100):
        # A walk over the members' customers takes fewer calls than a look at each.
        pager = wecom.customer.batch_get(userid_list=wanted[begin : begin + 100], limit=100)
        try:
            async for record in pager:
                key = record.follow_info.userid, record.external_contact.external_userid
                has[key] = set(record.follow_info.tag_id or ())
        except NotFound:
            pass  # none of them has a customer
    for number, line in enumerate(lines, 2):
        key = line["userid"], line["external_userid"]
        names = [name.strip() for name in line["tags"].split(";") if name.strip()]
        bad = [name for name in names if not all(name.partition("/"))]
        if key[0] not in members:
            plan.problems.append(f"line {number}: {key[0]} does not serve customers")
        elif key not in has:
            plan.problems.append(f"line {number}: {key[1]} is not a customer of {key[0]}")
        elif bad:
            plan.problems.append(f"line {number}: {bad[0]} is not written as group/tag")
        else:
            add = [name for name in names if plan.tag_ids.get(name) not in has[key]]
            plan.new_tags += [n for n in add if n not in plan.tag_ids and n not in plan.new_tags]
            if add:
                plan.changes.append(Change(*key, add))
            else:
                plan.done += 1
    return plan


async def create_tags(wecom: AsyncClient, plan: Plan) -> None:
    """Create the tags that are missing. A group that is there gets them; one that is not is made."""
    for group in dict.fromkeys(name.partition("/")[0] for name in plan.new_tags):
        tags = [name.partition("/")[2] for name in plan.new_tags if name.startswith(f"{group}/")]
        made = await wecom.corp_tag.add(group_name=group, tag=[NewTag(name=each) for each in tags])
        plan.tag_ids |= {f"{group}/{tag.name}": tag.id for tag in made.tag_group.tag}


async def mark(wecom: AsyncClient, report: Report, progress: Callable[[int], object]) -> None:
    """Put the tags on, several customers at a time. What fails is noted, and the others go on."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(change: Change) -> None:
        async with room:
            try:
                await wecom.customer_tag.mark(
                    userid=change.userid,
                    external_userid=change.external_userid,
                    add_tag=[report.plan.tag_ids[name] for name in change.add],
                )
            except WeComError as error:
                report.failed.append((change, error))
            else:
                report.tagged += 1
            progress(1)

    async with asyncio.TaskGroup() as tasks:
        for change in report.plan.changes:
            tasks.create_task(one(change))


async def run(path: str, apply: bool) -> None:
    """Do it, and say so."""
    async with connect_async() as wecom:
        report = await main(wecom, path, apply=apply)
    plan = report.plan
    print(*plan.problems, sep="\n", end="\n" if plan.problems else "")
    if plan.new_tags:
        print("new tags:", ", ".join(plan.new_tags))
    print(f"{len(plan.changes)} customers to tag, {plan.done} have all their tags already")
    if apply:
        print(f"{report.tagged} tagged, {len(report.failed)} failed")
        for change, error in report.failed:
            print(f"{change.userid} {change.external_userid}: {error}")
    elif plan.changes:
        print("nothing is changed yet; --apply does it")


if __name__ == "__main__":
    from connecting import connect_async

    asyncio.run(run(sys.argv[1], "--apply" in sys.argv[2:]))
