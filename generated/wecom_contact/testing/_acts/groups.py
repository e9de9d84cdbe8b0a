"""Customer groups, and who joins and leaves them.

Hand-written: edit codegen/surfaces/testing/_acts/groups.py.
"""

from collections.abc import Iterable

from attrs import evolve

from ... import events
from .._corp import Who, Whom, locked
from .._things import Customer, GroupChat, JoinWay, Member, SentMessage, WelcomeTemplate
from .telling import Telling, userid_of


class Groups(Telling):
    """Customer groups."""

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

    def _chat(self, group: object) -> GroupChat:
        chat = group if isinstance(group, GroupChat) else self.group_chats[str(group)]
        if chat.dismissed:
            raise ValueError("the group was dissolved")
        return chat

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
