"""Customers and groups are handed to other members.

Hand-written: edit codegen/surfaces/testing/_acts/handovers.py.
"""

from ... import events
from .._corp import Who, Whom, locked
from .._things import GroupChat, Member, Transfer, Unassigned
from .telling import Telling


class Handovers(Telling):
    """Handovers on their way."""

    @locked
    def customer_refuses(self, customer: Whom, takeover: Who | None = None) -> Transfer:
        """Let a customer refuse to be handed over. Tells `CustomerTransferFailed`."""
        whom = self.customer(customer)
        for transfer in self.transfers:
            if (
                transfer.customer is whom
                and transfer.status == 2
                and (takeover is None or transfer.takeover is self.member(takeover))
            ):
                self.fail_transfer(transfer, 3)
                return transfer
        raise ValueError(f"{whom.external_userid} is not being handed over")

    def fail_transfer(self, transfer: Transfer, status: int) -> None:
        """End a handover: 3 refused, 4 the takeover member has too many customers."""
        self._stays(transfer, status)
        self._tell(
            events.CustomerTransferFailed,
            userid=transfer.takeover.userid,
            external_userid=transfer.customer.external_userid,
            fail_reason=events.TransferFailReason(
                "customer_refused" if status == 3 else "customer_limit_exceed"
            ),
        )

    def _stays(self, transfer: Transfer, status: int) -> None:
        """Let a customer stay where they were; if that member has left, they wait for another again."""
        transfer.status, transfer.takeover_time = status, 0
        old, whom = transfer.handover, transfer.customer.external_userid
        if transfer.resigned and whom in old.follows:
            assert old.resigned_at is not None
            self.unassigned.append(Unassigned(old.userid, whom, old.resigned_at))

    def finish_group_transfer(self, chat: GroupChat, owner: Member, status: int = 3) -> None:
        """Let a group have its new owner."""
        chat.owner = owner.userid
        chat.status = status
        if not chat.has(owner.userid):
            self.join(chat, owner)
            chat.version += 1

    def finish_transfer(self, transfer: Transfer) -> None:
        """Let a handover take effect, 24 hours after it was asked for."""
        if transfer.status != 2:
            return
        whom, old = transfer.customer, transfer.handover
        before = old.follows.get(whom.external_userid)
        mine = transfer.takeover.follows.get(whom.external_userid)
        if transfer.takeover.resigned:
            self._stays(transfer, 4)  # nobody is told
            return
        if mine is None and len(transfer.takeover.follows) >= transfer.takeover.customer_limit:
            self.fail_transfer(transfer, 4)
            return
        transfer.status = 1
        known = mine is not None and not mine.half
        follow = self.befriend(transfer.takeover, whom, add_way=202, oper_userid=old.userid)
        if before is not None:
            if not known:
                # What was noted goes along; the channel stays with the first member.
                follow.remark, follow.description = before.remark, before.description
                follow.remark_mobiles, follow.tags = before.remark_mobiles, before.tags
            self.part(before)
            if not transfer.resigned:
                self._tell(
                    events.CustomerDeleted,
                    userid=old.userid,
                    external_userid=whom.external_userid,
                    source=events.DeletionSource.TRANSFER,
                )
        if transfer.message:
            self.deliver(
                "transfer", transfer.takeover.userid, whom.external_userid, transfer.message
            )
        handed_on = any(
            each.customer is whom and each.handover is transfer.takeover and each.status == 1
            for each in self.transfers
        )
        if not known and not handed_on:
            self._told_added(follow, None)
