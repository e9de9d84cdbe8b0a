"""The outside world: what customers, members and admins do in their clients. Everything here is told by callback.

What an application does through the API tells nobody, as in reality; so does what `_arrange` arranges.

Hand-written: edit codegen/surfaces/testing/_world.py.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from attrs import evolve

from .. import BEIJING, events
from ..events import Event
from ._arrange import Arranging
from ._corp import Who, Whom, locked
from ._limits import DAY
from ._things import (
    AcquisitionLink,
    AcquisitionQuota,
    Bill,
    ContactWay,
    Customer,
    Follow,
    GroupChat,
    Job,
    JoinWay,
    MassMessage,
    Member,
    Moment,
    Reaction,
    SentMessage,
    Tag,
    TagGroup,
    Transfer,
    Unassigned,
    WelcomeTemplate,
)
from ._tokens import SUITE

EXPIRY_TOLD = (14, 7, 3, 2, 1)
"""How many days before uses of acquisition links end it is told."""
HANDED = (201, 202)
"""Ways by which a colleague or an admin hands a customer to a member; the customer does nothing for it."""
CHANNEL = 64
"""Bytes of a `customer_channel`."""


class World(Arranging):
    """A corp in which things happen."""

    # Customers come and go.

    @locked
    def customer_scans(
        self,
        way: "ContactWay | str",
        customer: Whom | None = None,
        *,
        name: str = "新客户",
        member: Who | None = None,
    ) -> Follow:
        """Let a customer, new or known, scan a contact way; the member is the next in turn, or the one you say.

        Tells `CustomerAdded` with the state of the way and a welcome code, unless the member has the customer already.
        Where members confirm who adds them (`skip_verify` is false), nothing is told before `member_accepts`.
        `ValueError` says why nobody can come: the way was deleted, a temporary one has expired, was used or is for
        another unionid, or all its members have left.
        """
        found = self.contact_ways[way] if isinstance(way, str) else way
        if self.contact_ways.get(found.config_id) is not found:
            raise ValueError("the contact way was deleted")
        known = None if customer is None else self.customer(customer)
        if found.is_temp:
            known = self._of_temporary(found, known)
        candidates = self._addable(found.users, found.parties)
        if member is not None:
            self._present(member)
        elif not candidates:
            raise ValueError("nobody of the contact way can be added any more")
        whom = known or self.add_customer(name, unionid=found.unionid)
        chosen = self.member(
            member
            or self._exclusive(found, whom, candidates)
            or candidates[found.scans % len(candidates)]
        )
        found.scans += 1
        then = partial(self._came_by_way, found)
        return self._asked(chosen, whom, 1, found.state or None, found.skip_verify, then)

    def _asked(
        self,
        member: Member,
        customer: Customer,
        add_way: int,
        state: str | None,
        at_once: bool,
        then: Callable[[Follow], None],
    ) -> Follow:
        """Let a customer be added, at once or when the member accepts, and go on then; not if they have each other."""
        pair = (member.userid, customer.external_userid)
        known = member.follows.get(customer.external_userid)
        if not at_once and (known is None or known.half):
            self.requests[pair] = then
            return self.befriend(member, customer, add_way=add_way, state=state, half=True)
        new = known is None or known.half or known.deleted
        follow = self._added(member, customer, add_way, state)
        self.requests.pop(pair, None)
        if new:
            then(follow)
        return follow

    def _came_by_way(self, way: ContactWay, follow: Follow) -> None:
        if not way.is_temp:
            return
        pair = (follow.member.userid, follow.customer.external_userid)
        self.temp_chats[pair] = way
        end = follow.createtime + (way.chat_expires_in or 0)
        self.clock.at(end, partial(self.end_temp_chat, pair, way))

    def end_temp_chat(self, pair: tuple[str, str], way: ContactWay) -> None:
        """End the temporary chat of a member and a customer, if it still is, with the farewell of its way."""
        if self.temp_chats.get(pair) is not way:
            return
        del self.temp_chats[pair]
        if way.conclusions and not self.follow(*pair).deleted:
            media = [
                {"msgtype": key, key: way.conclusions[key]}
                for key in ("image", "link", "miniprogram")
                if key in way.conclusions
            ]
            text = (way.conclusions.get("text") or {}).get("content")
            self.deliver("conclusion", *pair, text, media)

    def _of_temporary(self, way: ContactWay, customer: Customer | None) -> Customer | None:
        """Who opens a temporary chat, if they are known: it is for one use, and perhaps for one person."""
        if way.scans:
            raise ValueError("the temporary contact way was used")
        if self.clock.time() >= way.create_time + (way.expires_in or 0):
            raise ValueError("the temporary contact way has expired")
        if not way.unionid:
            return customer
        meant = self.customer_by_unionid(way.unionid)
        if customer not in (None, meant):
            raise ValueError("the temporary contact way is for another unionid")
        return meant

    def _addable(self, users: Iterable[str], parties: Iterable[int]) -> list[str]:
        """Who of the members of a way or a link can be added: not those who have left."""
        everybody = dict.fromkeys([*users, *(each.userid for each in self.within(parties))])
        members = [self.members[userid] for userid in everybody]
        return [
            member.userid
            for member in members
            if member.active and member.customer_contact and not member.resigned
        ]

    def _present(self, who: Who) -> Member:
        """A member who acts; `ValueError` if they have left."""
        member = self.member(who)
        if member.resigned:
            raise ValueError(f"{member.userid} has left the corp")
        return member

    def _exclusive(
        self, way: ContactWay, customer: Customer, candidates: Iterable[str]
    ) -> str | None:
        """Who has a customer of the same company already, if that counts."""
        if not way.is_exclusive or customer.corp_name is None:
            return None
        for userid in candidates:
            if any(each.corp_name == customer.corp_name for each in self.members[userid].customers):
                return userid
        return None

    @locked
    def customer_adds(
        self,
        member: Who,
        customer: Whom | None = None,
        *,
        name: str = "新客户",
        add_way: int = 2,
        state: str | None = None,
        half: bool = False,
    ) -> Follow:
        """Let a customer, new or known, and a member become friends. Tells `CustomerAdded`.

        With `half`, the customer added a member who need not confirm and has not added back: `CustomerHalfAdded`.
        """
        return self._added(
            self._present(member), self._somebody(customer, name), add_way, state, half
        )

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
    def customer_writes(self, member: Who, customer: Whom, times: int = 1) -> str | None:
        """Let a customer write to a member; ends the right to a welcome message.

        Who came by an acquisition link is told of: `AcquisitionChatStarted` at the first message, and at the third,
        fifth and tenth `AcquisitionMessagesReceived`, whose chat_key is returned. `ValueError` if the customer deleted the
        member.
        """
        follow = self._friend(member, customer)
        key = None
        for _ in range(times):
            follow.messages += 1
            follow.last_message = self.ids.number("message")
            if follow.link_id is None or follow.customer.type != 1:
                continue
            if follow.messages == 1:
                self._tell(
                    events.AcquisitionChatStarted,
                    userid=follow.member.userid,
                    external_userid=follow.customer.external_userid,
                    link_id=follow.link_id,
                    state=follow.state,
                )
            elif follow.messages in (3, 5, 10):
                key = self.ids.body("chat_key", 40)
                self.chat_keys[key] = (follow, self.clock.time())
                self._tell(
                    events.AcquisitionMessagesReceived,
                    chat_key=key,
                    link_id=follow.link_id,
                    state=follow.state,
                )
        return key

    @locked
    def customer_deletes(self, customer: Whom, member: Who) -> None:
        """Let a customer delete a member, who goes on seeing the customer. Tells `FollowerDeleted`; once, then `ValueError`."""
        follow = self._friend(member, customer)
        follow.deleted = True
        self.deletions.append((follow.member.userid, self.clock.seconds()))
        self._tell(
            events.FollowerDeleted,
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
        )
        if follow.link_id is not None:
            self._tell(
                events.AcquisitionFollowerDeleted,
                userid=follow.member.userid,
                external_userid=follow.customer.external_userid,
                link_id=follow.link_id,
                state=follow.state,
            )

    def _friend(self, member: Who, customer: Whom) -> Follow:
        """The relation of a customer who has not deleted the member."""
        follow = self.follow(self._present(member), customer)
        if follow.deleted:
            raise ValueError(f"{follow.customer.external_userid} has deleted the member")
        return follow

    @locked
    def member_deletes(self, member: Who, customer: Whom) -> None:
        """Let a member delete a customer. Tells `CustomerDeleted`."""
        follow = self.follow(self._present(member), customer)
        self.part(follow)
        self._tell(
            events.CustomerDeleted,
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
        )

    @locked
    def member_edits(
        self,
        member: Who,
        customer: Whom,
        *,
        remark: str | None = None,
        description: str | None = None,
        add_tags: Iterable[Tag | str] = (),
        remove_tags: Iterable[Tag | str] = (),
        mobiles: Iterable[str] | None = None,
    ) -> Follow:
        """Let a member change what they noted about a customer. Tells `CustomerEdited`, but not of mobiles alone."""
        follow = self.follow(self._present(member), customer)
        if mobiles is not None:
            follow.remark_mobiles = tuple(mobiles)
        more, less = self._tags(add_tags), self._tags(remove_tags)
        others = remark is not None or description is not None or more or less
        if not others and not (mobiles is not None and self.manner.mobiles_told):
            return follow
        if remark is not None:
            follow.remark = remark
        if description is not None:
            follow.description = description
        kept = [tag for tag in follow.tags if tag not in less]
        follow.tags = (*kept, *(tag for tag in more if tag not in kept))
        self._tell(
            events.CustomerEdited,
            but=() if others else (SUITE,),
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
        )
        return follow

    @locked
    def member_accepts(self, member: Who, customer: Whom) -> Follow:
        """Let a member add back a customer who had added them, or accept one who asked for it. Tells `CustomerAdded`.

        `ValueError` if they have each other already.
        """
        follow = self.follow(self._present(member), customer)
        if not follow.half:
            raise ValueError("the member has the customer already")
        used = any(each.follow is follow and each.used for each in self.welcome_codes.values())
        follow.half = False
        then = self.requests.pop((follow.member.userid, follow.customer.external_userid), None)
        if then is not None:
            follow.createtime = self.clock.seconds()
            follow.remark = follow.remark or follow.customer.name
        self._told_added(follow, None if used else self.welcome_code(follow))
        if then is not None:
            then(follow)
        return follow

    @locked
    def member_resigns(self, member: Who) -> None:
        """Let a member leave the corp. There is no customer-contact callback for that."""
        self.resign(self._present(member))

    # Handovers.

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

    # Groups.

    @locked
    def member_creates_group(
        self, owner: Who, name: str, members: "Iterable[Member | Customer | str]" = ()
    ) -> GroupChat:
        """Let a member make a customer group. Tells `GroupChatCreated`."""
        chat = self.add_group_chat(name, self._present(owner), members)
        self._tell(events.GroupChatCreated, chat_id=chat.chat_id)
        return chat

    @locked
    def customer_joins(
        self,
        group: "GroupChat | JoinWay | str",
        customer: "Member | Whom | Iterable[Member | Whom] | None" = None,
        *,
        name: str = "新客户",
        welcome: "WelcomeTemplate | str | None" = None,
        invitor: Member | Whom | None = None,
        by_link: bool = False,
    ) -> GroupChat:
        """Let somebody, or several at once, join a group by invitation, or one of the groups of a join way by its QR code.

        Tells `GroupChatUpdated`, once for all of them, unless they are in it already. With `welcome`, the group has
        that template, and whoever joins is greeted. Who invites is the owner, unless you say another `invitor`: a
        member or a customer; with `by_link` by a link. If all groups of a join way are full, it opens another one,
        told as `GroupChatCreated`. `ValueError` if there is no room, or if the group was dissolved or the join way deleted.
        """
        state = None
        way = self.join_ways.get(group) if isinstance(group, str) else group
        if isinstance(way, JoinWay):
            if self.join_ways.get(way.config_id) is not way:
                raise ValueError("the join way was deleted")
            state = way.state or None
            rooms = [self.group_chats[each] for each in way.chat_ids]
            rooms = [each for each in rooms if not each.dismissed]
            if not rooms:
                raise ValueError("all groups of the join way were dissolved")
            turn = self._turn(way.config_id)
            rooms = [rooms[(turn + place) % len(rooms)] for place in range(len(rooms))]
        else:
            rooms = [self._chat(way or group)]
        inviting = None if invitor is None else self._person(invitor)
        template = self.welcome_templates[welcome] if isinstance(welcome, str) else welcome
        if template is not None and template.template_id not in self.welcome_templates:
            raise ValueError("the welcome template was deleted")
        people = [] if customer is None else self._people(customer)
        for who in people:
            if isinstance(who, Member):
                self._present(who)
        for room in () if customer is None else rooms:
            if all(room.has(userid_of(who)) for who in people):
                return room
        free = (room for room in rooms if self.has_room(room, max(1, len(people))))
        chat = next(free, None) or self._open_room(way)
        scene = 3 if isinstance(way, JoinWay) else 2 if by_link else 1
        people = [who for who in people if not chat.has(userid_of(who))]
        if customer is None:
            people = [self.add_customer(name)]
        self._changes(chat)
        for who in people:
            self.join(chat, who, scene=scene, state=state, invitor=inviting)
        self._told_members(chat, "add_member", [userid_of(who) for who in people], join=scene)
        if template is not None:
            for who in people:
                self.greet(chat, template, who.name)
        return chat

    def _people(self, who: "Member | Whom | Iterable[Member | Whom]") -> list[Member | Customer]:
        """One or several people, each once."""
        several = [who] if isinstance(who, (Member, Customer, str)) else who
        found = (
            (self.members.get(each) or self.customers[each]) if isinstance(each, str) else each
            for each in several
        )
        return list(dict.fromkeys(found))

    def _open_room(self, way: object) -> GroupChat:
        """Make the group that a join way opens when its groups are full."""
        if not isinstance(way, JoinWay):
            raise ValueError("the group is full")
        if not way.auto_create_room:
            raise ValueError("all groups of the join way are full, and it opens no other")
        last = self.group_chats[way.chat_ids[-1]]
        name = last.name if way.room_base_name is None else way.room_base_name
        number = (1 if way.room_base_id is None else way.room_base_id) + way.rooms_made
        way.rooms_made += 1
        chat = self.add_group_chat(f"{name}{number}", last.owner)
        way.chat_ids.append(chat.chat_id)
        self._tell(events.GroupChatCreated, chat_id=chat.chat_id)
        return chat

    def _turn(self, config_id: str) -> int:
        count = self.way_counts[config_id]
        self.way_counts[config_id] += 1
        return count

    def greet(self, chat: GroupChat, template: WelcomeTemplate, name: str) -> SentMessage:
        """Let a group say its welcome to somebody."""
        content = template.content
        attachments = [
            {"msgtype": key, key: content[key]}
            for key in ("image", "link", "miniprogram", "file", "video")
            if content.get(key)
        ][:1]
        text = (content.get("text") or {}).get("content")
        if text is not None:
            text = text.replace("%NICKNAME%", name)
        return self.deliver("group_welcome", chat.owner, chat.chat_id, text, attachments)

    @locked
    def customer_leaves(
        self,
        group: "GroupChat | str",
        who: "Member | Whom | Iterable[Member | Whom]",
        *,
        removed: bool = False,
    ) -> GroupChat:
        """Let somebody, or several at once, leave a group, or be removed. Tells `GroupChatUpdated` once."""
        chat = self._chat(group)
        people = [who] if isinstance(who, (Member, Customer, str)) else who
        userids = [each if isinstance(each, str) else userid_of(each) for each in people]
        userids = list(dict.fromkeys(userids))
        for userid in userids:
            if not chat.has(userid):
                raise ValueError(f"{userid} is not in the group")
        self._changes(chat)
        chat.members = [each for each in chat.members if each.userid not in userids]
        chat.admins = [each for each in chat.admins if each not in userids]
        self._told_members(chat, "del_member", userids, quit=1 if removed else 0)
        return chat

    @locked
    def group_renamed(self, group: "GroupChat | str", name: str) -> None:
        """Give a group another name. Tells `GroupChatUpdated`."""
        chat = self._chat(group)
        self._changes(chat)
        chat.name = name
        self._told_group(chat, "change_name")

    @locked
    def group_notice_changed(self, group: "GroupChat | str", notice: str) -> None:
        """Give a group another notice. Tells `GroupChatUpdated`."""
        chat = self._chat(group)
        self._changes(chat)
        chat.notice = notice
        self._told_group(chat, "change_notice")

    @locked
    def group_owner_changed(self, group: "GroupChat | str", owner: Who) -> None:
        """Give a group another owner, a member who is in it. Tells `GroupChatUpdated`."""
        chat = self._chat(group)
        userid = self._present(owner).userid
        if not chat.has(userid):
            raise ValueError(f"{userid} is not in the group")
        self._changes(chat)
        chat.owner = userid
        self._told_group(chat, "change_owner")

    @locked
    def group_dismissed(self, group: "GroupChat | str") -> None:
        """Dissolve a group. Tells `GroupChatDismissed`."""
        chat = self._chat(group)
        chat.dismissed = True
        self._tell(events.GroupChatDismissed, chat_id=chat.chat_id)

    # Admins and their tags.

    @locked
    def admin_adds_tag(self, name: str, group: "TagGroup | str") -> Tag:
        """Let an admin make a tag, and its group if need be. Tells `TagCreated`."""
        for each in self.tag_groups.values():
            if each is group or (each.name == group and not each.deleted):
                self._free(name, (tag for tag in each.tags if not tag.deleted))
        before = set(self.tag_groups)
        tag = self.add_tag(name, group)
        if tag.group.id not in before:
            self._told_tag(events.TagCreated, tag.group)
        self._told_tag(events.TagCreated, tag)
        return tag

    @locked
    def admin_adds_tag_group(self, name: str, tags: Iterable[str] = ()) -> TagGroup:
        """Let an admin make a group of tags. Tells `TagCreated` of the group, and of each tag."""
        self._free(name, self._live_groups())
        group = self.add_tag_group(name, tags)
        self._told_tag(events.TagCreated, group)
        for tag in group.tags:
            self._told_tag(events.TagCreated, tag)
        return group

    @locked
    def admin_edits_tag(
        self, tag: "Tag | TagGroup | str", *, name: str | None = None, order: int | None = None
    ) -> None:
        """Let an admin rename or move a tag or a group. Tells `TagUpdated`."""
        thing = self._tag(tag)
        if name is not None and name != thing.name:
            if isinstance(thing, Tag):
                self._free(name, (tag for tag in thing.group.tags if not tag.deleted))
            else:
                self._free(name, self._live_groups(thing.strategy_id))
        thing.name = thing.name if name is None else name
        thing.order = thing.order if order is None else order
        self._told_tag(events.TagUpdated, thing)

    @locked
    def admin_deletes_tag(self, tag: "Tag | TagGroup | str") -> None:
        """Let an admin delete a tag or a group. Tells `TagDeleted`, and nothing of the tags of a group."""
        thing = self._tag(tag)
        if isinstance(thing, Tag):
            self.delete_tags([thing])
        else:
            self.delete_tags(thing.tags)
            thing.deleted = True
        self._told_tag(events.TagDeleted, thing)

    def _live_groups(self, strategy_id: int | None = None) -> list[TagGroup]:
        """The groups of corp tags, or of a strategy, without those that were deleted."""
        groups = self.tag_groups.values()
        return [each for each in groups if not each.deleted and each.strategy_id == strategy_id]

    def _free(self, name: str, others: "Iterable[Tag | TagGroup]") -> None:
        if any(each.name == name for each in others):
            raise ValueError(f"there is a {name} already")

    def _tag(self, tag: "Tag | TagGroup | str") -> "Tag | TagGroup":
        thing = self.tag(tag) if isinstance(tag, str) else tag
        if thing.deleted:
            raise ValueError(f"{thing.name} was deleted")
        return thing

    @locked
    def admin_reorders_tags(self, group: TagGroup, names: Iterable[str]) -> None:
        """Let an admin put the tags of a group in another order, first to last. Tells `TagShuffled`."""
        self._tag(group)
        tags = [group.tag(name) for name in names]
        for place, tag in enumerate(reversed(tags)):
            tag.order = place
        self._tell(events.TagShuffled, id=group.id, strategy_id=named_strategy(group))

    @locked
    def admin_reorders_tag_groups(self, names: Iterable[str]) -> None:
        """Let an admin put the groups of corp tags in another order, first to last. Tells `TagShuffled`, without an id."""
        groups = {group.name: group for group in self._live_groups()}
        for place, group in enumerate(reversed([groups[name] for name in names])):
            group.order = place
        self._tell(events.TagShuffled)

    def delete_tags(self, tags: Iterable[Tag]) -> None:
        """Take tags away, from their customers too; a group goes with its last tag."""
        gone = set(tags)
        for tag in gone:
            tag.deleted = True
            if all(each.deleted for each in tag.group.tags):
                tag.group.deleted = True
        for member in self.members.values():
            for follow in member.follows.values():
                if follow.tags and not gone.isdisjoint(follow.tags):
                    follow.tags = tuple(tag for tag in follow.tags if tag not in gone)

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

    @locked
    def customer_agrees(self, customer: Whom, member: Who) -> Follow:
        """Let a customer agree to have the chat with a member archived. Tells `ChatArchiveApproved`.

        It brings a welcome code if a welcome was tried before, and had to wait for it (41053). `ValueError` if the
        member's chats are not archived, or the customer has agreed before.
        """
        follow = self.follow(self._present(member), customer)
        if not follow.member.archived:
            raise ValueError(f"the chats of {follow.member.userid} are not archived")
        if follow.agreed:
            raise ValueError("the customer has agreed already")
        follow.agreed = True
        held = any(each.follow is follow and each.held for each in self.welcome_codes.values())
        self._tell(
            events.ChatArchiveApproved,
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
            welcome_code=self.welcome_code(follow) if held else None,
        )
        return follow

    # What members do with messages and moments; there are no callbacks for these.

    @locked
    def member_sends(self, message: "MassMessage | str", member: Who | None = None) -> int:
        """Let a member confirm a mass message, or all who are asked; returns how many messages were delivered."""
        found = self.mass_messages[message] if isinstance(message, str) else message
        userids = list(found.tasks) if member is None else [self._present(member).userid]
        return sum(self._send(found, userid) for userid in userids)

    def _send(self, message: MassMessage, userid: str) -> int:
        task = message.tasks[userid]
        if task.sent_at is not None or message.cancelled or self.members[userid].resigned:
            return 0
        task.sent_at = self.clock.seconds()
        sent = 0
        for target in task.targets:
            if message.chat_type == "single":
                follow = self.members[userid].follows.get(target)
                if follow is None:
                    task.results[target] = 2
                    continue
                if follow.deleted:
                    task.results[target] = self.manner.lost_customer_status
                    continue
                if self.message_quota_used(target):
                    task.results[target] = 3
                    continue
            elif self.group_chats[target].dismissed or self.message_quota_used(target):
                continue
            task.results[target] = 1
            self.deliver("mass", userid, target, message.text, message.attachments)
            sent += 1
        return sent

    def message_quota_used(self, target: str) -> bool:
        """Whether a customer or a group has had all the mass messages of the period."""
        if not self.limits.quotas:
            return False
        today = datetime.fromtimestamp(self.clock.seconds(), BEIJING)
        days, past = {
            "month": (monthrange(today.year, today.month)[1], today.day - 1),
            "week": (7, today.weekday()),
            "day": (1, 0),
        }[self.limits.messages_per]
        begin = self.today() - past * DAY
        most = days if self.limits.messages is None else self.limits.messages
        return sum(time >= begin for time in self.mass_times.get(target, ())) >= most

    @locked
    def member_publishes(self, moment: "Moment | str", member: Who | None = None) -> None:
        """Let a member publish a moment, or all who are asked and have not yet."""
        found = self._moment(moment)
        userids = list(found.publications) if member is None else [self._present(member).userid]
        for userid in userids:
            publication = found.publications[userid]
            gone = found.cancelled or self.members[userid].resigned
            if publication.published_at is None and not gone:
                self.publish(found, userid, self.clock.seconds())

    @locked
    def member_deletes_moment(self, moment: "Moment | str") -> None:
        """Let a moment be deleted in a client: nobody finds it any more."""
        self._moment(moment).deleted = True

    def _moment(self, moment: "Moment | str") -> Moment:
        found = self.moments[moment] if isinstance(moment, str) else moment
        if found.deleted:
            raise ValueError("the moment was deleted")
        return found

    def comments(self, moment: "Moment | str", member: Who, who: Member | Whom) -> None:
        """Let somebody comment on the moment that a member published."""
        self._reacts(moment, member, who, like=False)

    def likes(self, moment: "Moment | str", member: Who, who: Member | Whom) -> None:
        """Let somebody like the moment that a member published."""
        self._reacts(moment, member, who, like=True)

    @locked
    def _reacts(
        self, moment: "Moment | str", member: Who, who: Member | Whom, *, like: bool
    ) -> None:
        found, poster = self._moment(moment), self.member(member)
        publication = found.publications[poster.userid]
        if publication.published_at is None:
            raise ValueError("the member has not published the moment")
        userid = self._person(who)
        # What is public is seen by those, too, who became customers later.
        public = not found.tags and userid in poster.follows
        if userid in self.customers and userid not in publication.chosen and not public:
            raise ValueError("the customer cannot see the moment")
        reaction = Reaction(userid, userid in self.members, self.clock.seconds())
        (publication.likes if like else publication.comments).append(reaction)

    def finish_job(self, job: Job) -> None:
        """Let a job end: a moment is there for its members, a file is fetched (`MediaUploadFinished`)."""
        if job.done:
            return
        job.done = True
        if job.moment is not None:
            self.moments[job.moment.moment_id] = job.moment
        if job.media is not None:
            self.media[job.media.media_id] = job.media
        if job.kind == "upload":
            others = [app for app in (*self.apps, SUITE) if app != job.app]
            self._tell(events.MediaUploadFinished, but=others, job_id=job.id)

    # How it is told.

    def tell(self, event: Event) -> None:
        """Push any event you like, whether anything happened or not."""
        self.callbacks.push(event)

    def _tell(self, kind: type[Event], but: Collection[str] = (), **words: Any) -> None:
        member = self.members.get(words.get("userid", ""))
        if member is not None and not member.customer_contact:
            return  # whom such members know is no customer
        chat = self.group_chats.get(words.get("chat_id", ""))
        if chat is not None and not self.members[chat.owner].customer_contact:
            return  # nor are their groups customer groups
        time = datetime.fromtimestamp(self.clock.seconds(), BEIJING)
        self.callbacks.push(kind(corp_id=self.corp_id, time=time, **words), but)

    def _chat(self, group: object) -> GroupChat:
        chat = group if isinstance(group, GroupChat) else self.group_chats[str(group)]
        if chat.dismissed:
            raise ValueError("the group was dissolved")
        return chat

    def _person(self, who: Member | Whom) -> str:
        """The id of a member or a customer; `KeyError` if there is no such person, `ValueError` if they have left."""
        if isinstance(who, str):
            who = self.members.get(who) or self.customers[who]
        return userid_of(self._present(who) if isinstance(who, Member) else who)

    def _somebody(self, customer: Whom | None, name: str) -> Customer:
        return self.add_customer(name) if customer is None else self.customer(customer)

    def _added(
        self,
        member: Member,
        customer: Customer,
        add_way: int,
        state: str | None,
        half: bool = False,
    ) -> Follow:
        known = member.follows.get(customer.external_userid)
        if known is not None and not known.half and not known.deleted:
            return known
        returns = known is not None and known.deleted
        returns = returns or (member.userid, customer.external_userid) in self.parted
        follow = self.befriend(
            member,
            customer,
            add_way=add_way,
            state=state,
            oper_userid=None if add_way in HANDED else customer.external_userid,
            half=half,
        )
        if not follow.remark:
            follow.remark = customer.name
        welcome = self.manner.welcome_code_again if returns else known is None
        code = self.welcome_code(follow) if welcome else None
        if half:
            self._told_added(follow, code, events.CustomerHalfAdded)
        else:
            self._told_added(follow, code)
        return follow

    def _told_added(
        self, follow: Follow, code: str | None, kind: type[Event] = events.CustomerAdded
    ) -> None:
        self._tell(
            kind,
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
            state=follow.state,
            welcome_code=code,
        )

    def _changes(self, chat: GroupChat) -> None:
        """Let a group be read for a while as it is now, just before it changes."""
        now = self.clock.time()
        if self.lifetimes.group_lag and (chat.before is None or now >= chat.before[1]):
            was = evolve(chat, members=list(chat.members), admins=list(chat.admins), before=None)
            chat.before = (was, now + self.lifetimes.group_lag)

    def _told_group(self, chat: GroupChat, detail: str) -> None:
        self._tell(
            events.GroupChatUpdated,
            chat_id=chat.chat_id,
            update_detail=events.UpdateDetail(detail),
        )

    def _told_members(
        self,
        chat: GroupChat,
        detail: str,
        userids: list[str],
        *,
        join: int | None = None,
        quit: int | None = None,
    ) -> None:
        before = self.member_version(chat)
        chat.version += 1
        self._tell(
            events.GroupChatUpdated,
            chat_id=chat.chat_id,
            update_detail=events.UpdateDetail(detail),
            # The event's scale is not the one of groupchat/get: 0 for every invitation.
            join_scene=None if join is None else events.JoinScene(3 if join == 3 else 0),
            quit_scene=None if quit is None else events.QuitScene(quit),
            change_count=len(userids),
            members=userids,
            last_version=before,
            current_version=self.member_version(chat),
        )

    def member_version(self, chat: GroupChat) -> str:
        """What stands for the state of a member list."""
        return f"{chat.version:08x}{chat.chat_id.encode().hex()[:24]}"

    def _told_tag(self, kind: type[Event], thing: Tag | TagGroup) -> None:
        group = thing.group if isinstance(thing, Tag) else thing
        self._tell(
            kind,
            id=thing.id,
            tag_type=events.TagType("tag" if isinstance(thing, Tag) else "tag_group"),
            strategy_id=named_strategy(group),
        )


def named_strategy(group: TagGroup) -> str | None:
    """The strategy of a group of tags, as events name it."""
    return None if group.strategy_id is None else str(group.strategy_id)


def userid_of(who: Member | Customer) -> str:
    """The id by which a group or a moment knows somebody."""
    return who.userid if isinstance(who, Member) else who.external_userid
