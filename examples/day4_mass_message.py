"""Day 4: send a mass message: once, whatever happens; remind who forgets it; see what reached whom.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day4_mass_message.py friday.msgid "周五全场八折" customers.txt

The first file remembers the message: broken off or run again, it follows that one and makes no other. The last file
has one external_userid a line. Members must confirm a mass message before anything is sent, so it says every half hour
for whom it waits, a day long.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wecom_contact import Client, MessageText
from wecom_contact.errors import APIError, Conflict, RateLimited, TransportError, WeComError
from wecom_contact.group_msg import (
    GroupMsgChatType,
    GroupMsgDeliveryStatus,
    GroupMsgTask,
    GroupMsgTaskStatus,
)

DISPATCHING = 41063
PAUSE = timedelta(minutes=30)
REMIND_AFTER = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=24)


@dataclass
class Outcome:
    """What became of a mass message."""

    msgid: str
    unreachable: list[str] = field(default_factory=list)
    """Whom WeCom took out at once."""
    reminders: int = 0
    forgotten: list[str] = field(default_factory=list)
    """Members who did not confirm it."""
    deliveries: Counter[GroupMsgDeliveryStatus] = field(default_factory=Counter)
    """How many customers it reached, and why not the others."""


def main(
    wecom: Client,
    memory: Path,
    text: str,
    customers: Sequence[str],
    wait: Callable[[float], object] = time.sleep,
    say: Callable[[str], object] = lambda words: None,
) -> Outcome:
    """Send a message and follow it to its end, for a day at most; `say` is told what it waits for."""
    if memory.exists():
        msgid, *unreachable = memory.read_text("utf-8").split()
    else:
        msgid, unreachable = create(wecom, text, customers)
        # There is no other way to know that it was sent, so it is noted before anything else.
        memory.write_text("\n".join([msgid, *unreachable]), "utf-8")
    outcome = Outcome(msgid, unreachable)
    follow(wecom, outcome, wait, say)
    return outcome


def create(wecom: Client, text: str, customers: Sequence[str]) -> tuple[str, list[str]]:
    """Create the message; returns its id and the customers whom it cannot reach."""
    begun = datetime.now(UTC)
    try:
        made = wecom.group_msg.add_template(
            chat_type=GroupMsgChatType.SINGLE,
            external_userid=customers,
            text=MessageText(content=text),
        )
    except WeComError as error:
        refused = isinstance(error, APIError)
        unsent = isinstance(error, TransportError) and not error.sent
        if refused or unsent:
            raise
        # The answer got lost: WeCom may have it. To call again might send it twice, so look first.
        for record in wecom.group_msg.list(
            chat_type=GroupMsgChatType.SINGLE,
            start_time=begun - timedelta(minutes=1),
            end_time=datetime.now(UTC) + timedelta(minutes=1),
        ):
            if record.text is not None and record.text.content == text:
                return record.msgid, []
        raise
    return made.msgid, made.failures


def follow(
    wecom: Client,
    outcome: Outcome,
    wait: Callable[[float], object],
    say: Callable[[str], object],
) -> None:
    """Wait until all members have sent it; remind them, and stop those who have not after a day."""
    waited = timedelta()
    tasks = tasks_of(wecom, outcome.msgid, wait, say)
    while unsent := [each.userid for each in tasks if each.status == GroupMsgTaskStatus.UNSENT]:
        try:
            if waited >= GIVE_UP_AFTER:
                wecom.group_msg.cancel_send(msgid=outcome.msgid)
                break
            if waited >= REMIND_AFTER * (outcome.reminders + 1):
                wecom.group_msg.remind_send(msgid=outcome.msgid)
                outcome.reminders += 1
                say(f"reminder {outcome.reminders} is sent")
        except RateLimited:
            pass  # three reminders a day is the most
        except Conflict:
            break  # it was stopped before
        say(
            f"{len(unsent)} of {len(tasks)} members have not confirmed it ({', '.join(unsent)}); "
            f"looking again in {PAUSE.total_seconds() / 60:.0f} minutes"
        )
        wait(PAUSE.total_seconds())
        waited += PAUSE
        tasks = tasks_of(wecom, outcome.msgid, wait, say)
    for task in tasks:
        if task.status == GroupMsgTaskStatus.UNSENT:
            outcome.forgotten.append(task.userid)
        results = wecom.group_msg.get_send_result(msgid=outcome.msgid, userid=task.userid)
        outcome.deliveries.update(each.status for each in results)


def tasks_of(
    wecom: Client, msgid: str, wait: Callable[[float], object], say: Callable[[str], object]
) -> list[GroupMsgTask]:
    """Which members have sent it. A new message cannot be asked about while it is dispatched."""
    while True:
        try:
            return list(wecom.group_msg.get_task(msgid=msgid, limit=1000))
        except Conflict as error:
            if error.code != DISPATCHING:
                raise
        say("WeCom is still dispatching it; asking again in 10 seconds")
        wait(10)


if __name__ == "__main__":
    from connecting import connect

    with connect() as wecom:
        memory, text, customers = sys.argv[1:4]
        people = Path(customers).read_text("utf-8").split()
        done = main(wecom, Path(memory), text, people, say=lambda words: print(words, flush=True))
    for status, count in done.deliveries.items():
        print(f"{status.name.lower()}: {count}")
    print(f"not reachable: {len(done.unreachable)}; reminders: {done.reminders}")
    if done.forgotten:
        print("never confirmed by:", ", ".join(done.forgotten))
