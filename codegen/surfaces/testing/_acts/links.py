"""Customers come by acquisition links (获客助手), which have so many uses.

Hand-written: edit codegen/surfaces/testing/_acts/links.py.
"""

from datetime import datetime
from functools import partial

from ... import BEIJING, events
from .._corp import Who, Whom, locked
from .._limits import DAY
from .._things import AcquisitionLink, AcquisitionQuota, Bill, Customer, Follow
from .customers import Customers

EXPIRY_TOLD = (14, 7, 3, 2, 1)
"""How many days before uses of acquisition links end it is told."""
CHANNEL = 64
"""Bytes of a `customer_channel`."""


class Links(Customers):
    """Acquisition links, their uses, and whom they bring."""

    @locked
    def customer_clicks(
        self,
        link: "AcquisitionLink | str",
        customer: Whom | None = None,
        *,
        name: str = "新客户",
        state: str | None = None,
        member: Who | None = None,
        adds: bool = True,
        once_key: str | None = None,
    ) -> Follow | None:
        """Let a customer open an acquisition link, whose URL has `customer_channel=state`, and add the member.

        Tells `AcquisitionProfileOpened`, with a state `AcquisitionFriendRequested`, and `CustomerAdded`; of who uses
        WeCom only the last, and of who has the member already only the first. A link that was deleted, is unavailable,
        or for which no use or no member is left, leads nowhere: None, and nothing is told. With a `once_key` in its
        URL the provider pays, and the suite is told: `AcquisitionServiceBalanceConsumed`. Where members confirm who
        adds them (`skip_verify` is false), `CustomerAdded` waits for `member_accepts`, and so does the use.
        """
        found = self.acquisition_links[link] if isinstance(link, str) else link
        if member is not None:
            self._present(member)
        if once_key is not None:
            self._check_once_key(once_key, found)
        left = self.acquisition_left() if once_key is None else self._provider_left()
        candidates = self._addable(found.users, found.parties)
        spent = self.limits.quotas and left <= 0
        if not found.available or found.deleted or not candidates or spent:
            return None
        if state is not None:
            # Cut by bytes, and not within a character.
            state = state.encode()[:CHANNEL].decode(errors="ignore")
        whom = self._somebody(customer, name) if adds or customer is not None else None
        found.clicks.append(self.clock.seconds())
        found.visitors.append("" if whom is None else whom.external_userid)
        on_wechat = whom is None or whom.type == 1
        if on_wechat:
            self._tell(events.AcquisitionProfileOpened, link_id=found.link_id, state=state)
        if not adds or whom is None:
            return None
        chosen = self.member(
            member
            or self._preferred(found, whom)
            or candidates[len(found.clicks) % len(candidates)]
        )
        known = chosen.follows.get(whom.external_userid)
        if known is not None and not known.half and not known.deleted:
            return known
        if state and on_wechat:
            self._tell(events.AcquisitionFriendRequested, link_id=found.link_id, state=state)
        then = partial(self._came_by_link, found, once_key)
        return self._asked(chosen, whom, 16, state, found.skip_verify, then)

    def _came_by_link(self, link: AcquisitionLink, once_key: str | None, follow: Follow) -> None:
        if follow.link_id is not None:
            return
        follow.link_id = link.link_id
        if once_key in self.once_keys:
            self._use_once_key(once_key, link, follow.state)
        else:
            self._use_quota()

    def _preferred(self, link: AcquisitionLink, customer: Customer) -> str | None:
        """Who of the members that a link prefers has the customer already."""
        if link.priority is None:
            return None
        whole = link.priority["priority_type"] == 1
        among = self.members if whole else link.priority["priority_userid_list"]
        friends = (f for f in customer.follows if not f.half and not f.deleted)
        userids = [f.member.userid for f in friends if f.member.userid in among]
        return next(iter(self._addable(userids, ())), None)

    def _use_quota(self) -> None:
        live = self.live_quotas()
        if live:
            live[0].used += 1
        self.acquisition_used += 1
        left = self.acquisition_left()
        if left == 19:
            self._tell(events.AcquisitionBalanceLow)
        elif left == 0:
            self._tell(events.AcquisitionBalanceExhausted)

    def _provider_left(self) -> int:
        return self.limits.provider_balance - self.provider_used

    def _check_once_key(self, once_key: str, link: AcquisitionLink) -> None:
        link_id, since = self.once_keys.get(once_key, ("", 0.0))
        over = self.clock.time() >= since + self.lifetimes.once_key
        if link_id != link.link_id or over:
            raise ValueError("once_key: one of this link, unused and not over")

    def _use_once_key(self, once_key: str, link: AcquisitionLink, state: str | None) -> None:
        """Let the provider pay; its suite alone is told."""
        del self.once_keys[once_key]
        self.provider_used += 1
        price = self.limits.provider_price
        self.bills.append(Bill(self.clock.seconds(), link.link_id, state, price))
        self._tell(
            events.AcquisitionServiceBalanceConsumed,
            but=self.apps,
            link_id=link.link_id,
            state=state,
            once_key=once_key,
        )
        left = self._provider_left()
        if left == 19:
            self._tell(events.AcquisitionServiceBalanceLow, but=self.apps)
        elif left == 0:
            self._tell(events.AcquisitionServiceBalanceExhausted, but=self.apps)

    @locked
    def admin_deletes_link(self, link: "AcquisitionLink | str") -> None:
        """Let an admin delete an acquisition link. Tells `AcquisitionLinkDeleted`."""
        found = self._link(link)
        found.deleted = True
        self._tell(events.AcquisitionLinkDeleted, link_id=found.link_id)

    def _link(self, link: "AcquisitionLink | str") -> AcquisitionLink:
        found = self.acquisition_links[link] if isinstance(link, str) else link
        if found.deleted:
            raise ValueError("the acquisition link was deleted")
        return found

    @locked
    def link_unavailable(self, link: "AcquisitionLink | str") -> None:
        """Let an acquisition link stop working. Tells `AcquisitionLinkUnavailable`."""
        found = self._link(link)
        found.available = False
        self._tell(events.AcquisitionLinkUnavailable, link_id=found.link_id)

    @locked
    def admin_buys_quota(self, count: int, *, days: int = 365) -> AcquisitionQuota:
        """Let an admin buy uses of acquisition links. Tells `AcquisitionBalanceIncreased` if there were none left."""
        none_left = not self.acquisition_left()
        bought = self.add_acquisition_quota(count, days=days)
        if none_left:
            self._tell(events.AcquisitionBalanceIncreased)
        return bought

    @locked
    def add_acquisition_quota(self, count: int, *, days: int = 365) -> AcquisitionQuota:
        """Have uses of acquisition links bought, which end at midnight in so many days.

        Those that end first are used first. 14, 7, 3, 2 and 1 days before, what is left is told: `AcquisitionQuotaExpiring`.
        """
        bought = AcquisitionQuota(count, self.today() + days * DAY)
        self.acquisition_quotas.append(bought)
        for before in EXPIRY_TOLD:
            if before < days:
                when = bought.expires_at - before * DAY
                self.clock.at(when, partial(self._quota_expires, bought))
        return bought

    def _quota_expires(self, quota: AcquisitionQuota) -> None:
        if quota.left:
            self._tell(
                events.AcquisitionQuotaExpiring,
                expire_time=datetime.fromtimestamp(quota.expires_at, BEIJING),
                expire_count=quota.left,
            )
