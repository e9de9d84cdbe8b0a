"""Day 5: hand the customers and groups of a member who has left to others, and follow it to its end.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day5_hand_over.py zhangsan lisi wangwu

From zhangsan to lisi and wangwu, in turn. A handover of a customer takes effect by itself after 24 hours; until then
it says every hour how many are waiting. Broken off, run it again: what is under way is followed, what is left is
handed over, also who was not taken the first time.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from wecom_contact import Client
from wecom_contact.errors import NotFound
from wecom_contact.group_chat import GroupChatStatusFilter, GroupOwnerFilter
from wecom_contact.transfer import TransferStatus

PAUSE = timedelta(hours=1)
SETTLED = (TransferStatus.DONE, TransferStatus.WAITING)


@dataclass
class HandedOver:
    """How it went."""

    customers: Counter[TransferStatus] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    """Customers who did not want to, or for whom nobody had room: somebody has to look after them."""
    not_started: dict[str, int] = field(default_factory=dict)
    """Customers that WeCom did not begin with, and its error code."""
    groups: int = 0
    groups_left: dict[str, str] = field(default_factory=dict)
    """Groups that stayed with their owner, and why."""

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to hand over."""
        found = self.customers.total() + len(self.not_started)
        return not (found or self.groups or self.groups_left)


def main(
    wecom: Client,
    left: str,
    takers: Sequence[str],
    wait: Callable[[float], object] = time.sleep,
    progress: Callable[[int], object] = lambda customers: None,
    say: Callable[[str], object] = lambda words: None,
) -> HandedOver:
    """Hand over everything that a member had, and wait until it is done; `say` is told what it waits for."""
    done = HandedOver()
    start_customers(wecom, left, takers, done, progress)
    move_groups(wecom, left, takers, done)
    follow(wecom, left, takers, done, wait, say)
    return done


def start_customers(
    wecom: Client,
    left: str,
    takers: Sequence[str],
    done: HandedOver,
    progress: Callable[[int], object],
) -> None:
    """Start the handovers, a hundred customers in a call."""
    # The list shrinks while customers are handed over, so it is read to its end first.
    unassigned = wecom.resigned_transfer.list_unassigned()
    customers = [each.external_userid for each in unassigned if each.handover_userid == left]
    for number, begin in enumerate(range(0, len(customers), 100)):
        started = wecom.resigned_transfer.customer(
            handover_userid=left,
            takeover_userid=takers[number % len(takers)],
            external_userid=customers[begin : begin + 100],
        )
        # WeCom says yes to the whole and no to some of it.
        done.not_started |= {each.external_userid: each.errcode for each in started.failures}
        progress(len(started.customer))


def move_groups(wecom: Client, left: str, takers: Sequence[str], done: HandedOver) -> None:
    """Give the groups new owners; that happens at once."""
    waiting = wecom.group_chat.list(
        limit=1000,
        status_filter=GroupChatStatusFilter.OWNER_RESIGNED,
        owner_filter=GroupOwnerFilter(userid_list=[left]),
    )
    chats = [each.chat_id for each in waiting]
    for number, taker in enumerate(takers):
        mine = chats[number :: len(takers)]
        for begin in range(0, len(mine), 100):
            part = mine[begin : begin + 100]
            moved = wecom.resigned_transfer.group_chat(chat_id_list=part, new_owner=taker)
            done.groups += len(part) - len(moved.failures)
            done.groups_left |= {each.chat_id: each.errmsg for each in moved.failures}


def follow(
    wecom: Client,
    left: str,
    takers: Sequence[str],
    done: HandedOver,
    wait: Callable[[float], object],
    say: Callable[[str], object],
) -> None:
    """Ask how far the handovers are until none is waiting."""
    while True:
        states: dict[str, TransferStatus] = {}
        for taker in takers:
            try:
                for each in wecom.resigned_transfer.result(
                    handover_userid=left, takeover_userid=taker
                ):
                    # Who did not want to go to one may have gone to another, or be on the way.
                    known = states.get(each.external_userid)
                    if known not in SETTLED or each.status is TransferStatus.DONE:
                        states[each.external_userid] = each.status
            except NotFound:
                pass  # nothing went from the one to the other
        done.customers = Counter(states.values())
        done.refused = [each for each, state in states.items() if state not in SETTLED]
        waiting = done.customers[TransferStatus.WAITING]
        if not waiting:
            return
        say(f"{waiting} customers are being handed over; asking again in an hour")
        wait(PAUSE.total_seconds())


if __name__ == "__main__":
    from connecting import connect

    with connect() as wecom:
        left, *takers = sys.argv[1:]
        done = main(wecom, left, takers, say=lambda words: print(words, flush=True))
    if done.nothing:
        sys.exit(
            f"{left} has left nobody to hand over: WeCom lists customers and groups of members "
            "only after they have left the company. Of those who stay, see wecom.transfer."
        )
    for status, count in done.customers.items():
        print(f"{status.name.lower()}: {count} customers")
    print(f"{done.groups} groups have a new owner, {len(done.groups_left)} have not")
    for customer, code in done.not_started.items():
        print(f"not started: {customer} ({code})")
    for customer in done.refused:
        print(f"needs a person: {customer}")
