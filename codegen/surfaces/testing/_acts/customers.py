"""Customers come and go, write, and agree to the archive.

Hand-written: edit codegen/surfaces/testing/_acts/customers.py.
"""

from collections.abc import Callable, Iterable
from functools import partial

from ... import events
from .._corp import Who, Whom, locked
from .._things import ContactWay, Customer, Follow, Member, Tag
from .._tokens import SUITE
from .telling import Telling

HANDED = (201, 202)
"""Ways by which a colleague or an admin hands a customer to a member; the customer does nothing for it."""


class Customers(Telling):
    """Customers and the members they have."""

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
