"""Arranging a corp before the test begins: nothing here tells anybody that something happened.

Hand-written: edit codegen/surfaces/testing/_arrange.py.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Literal

from ._corp import Corp, Who, Whom, locked
from ._ids import digest
from ._things import (
    AcquisitionLink,
    App,
    Behavior,
    ContactWay,
    Customer,
    Data,
    Department,
    Follow,
    GroupBehavior,
    GroupChat,
    GroupMember,
    InterceptRule,
    JoinWay,
    MassMessage,
    MassTask,
    Media,
    Member,
    Moment,
    Product,
    Publication,
    RemoteFile,
    Strategy,
    Tag,
    TagGroup,
    Unassigned,
    WelcomeTemplate,
    granted,
)
from ._tokens import SUITE


class Arranging(Corp):
    """A corp one can fill by hand."""

    @locked
    def add_app(
        self,
        name: str,
        secret: str | None = None,
        *,
        visible: "Sequence[Department | Member | int | str] | None" = None,
        listed: bool = True,
        trusted_ips: Sequence[str] | None = None,
        hidden_fields: Collection[str] = (),
        denied: Collection[str] = (),
    ) -> App:
        """Give the corp another app, with a secret of its own: `corp.client(app=…)`.

        What it may do and see can be changed later, and that of `corp.app` and `corp.suite` too; see `App`.
        """
        if name in self.apps or name in (SUITE, "provider"):
            raise ValueError(f"{name} is there already")
        app = App(
            name,
            secret or digest(self.seed, "secret", name, length=43),
            visible=visible,
            listed=listed,
            trusted_ips=trusted_ips,
            hidden_fields=hidden_fields,
            denied=denied,
        )
        app.agent_id += len(self.apps)
        self.apps[name] = app
        return app

    @locked
    def add_department(self, name: str, *, parent: "Department | int" = 1) -> Department:
        """Make a department below another."""
        above = parent.id if isinstance(parent, Department) else parent
        department = Department(max(self.departments) + 1, name, above)
        self.departments[department.id] = department
        return department

    @locked
    def add_member(
        self,
        userid: str,
        name: str | None = None,
        *,
        department: "Department | int" = 1,
        customer_contact: bool = True,
        active: bool = True,
        verified: bool = True,
        licensed: bool = True,
        console_welcome: bool = False,
        customer_limit: int = 20_000,
        archived: bool = False,
        last_login: int | None = None,
        super_admin: bool = False,
    ) -> Member:
        """Employ somebody. The words are explained at `Member`."""
        if userid in self.members:
            raise ValueError(f"{userid} is there already")
        at = department.id if isinstance(department, Department) else department
        member = Member(
            userid,
            name or userid,
            (at,),
            customer_contact=customer_contact,
            active=active,
            verified=verified,
            licensed=licensed,
            console_welcome=console_welcome,
            customer_limit=customer_limit,
            archived=archived,
            last_login=last_login,
            super_admin=super_admin,
        )
        self.members[userid] = member
        return member

    @locked
    def add_customer(
        self,
        name: str,
        *,
        follow: Who | Iterable[Who] = (),
        state: str | None = None,
        tags: Iterable[Tag | str] = (),
        add_way: int = 1,
        remark: str | None = None,
        description: str = "",
        mobiles: Sequence[str] = (),
        gender: int = 0,
        corp_name: str | None = None,
        position: str | None = None,
        unionid: str | None = None,
        external_userid: str | None = None,
        external_profile: Data | None = None,
        hidden_fields: Collection[str] = (),
        when: int | None = None,
    ) -> Customer:
        """Let there be a customer, followed by some members, who noted all this about them.

        With a `corp_name` the customer uses WeCom, not WeChat, and may have an `external_profile`, in WeCom's words,
        and `hidden_fields`: `{"position"}`. Tags are objects, names, or `group/name`. `when` is the Unix time since
        which they are followed.
        """
        if corp_name is None and external_profile is not None:
            raise ValueError(
                "external_profile: only those who use WeCom have one; say their corp_name"
            )
        when = self.clock.since(when)
        marks = self._tags(tags)
        followers = [follow] if isinstance(follow, (Member, str)) else list(follow)
        members = [self.member(who) for who in followers]
        kind = 1 if corp_name is None else 2
        customer = Customer(
            external_userid or self.ids.next("wm" if kind == 1 else "wo"),
            name,
            kind,
            gender,
            corp_name,
            position,
            unionid,
            external_profile,
            hidden_fields,
        )
        self.register(customer)
        for member in members:
            relation = self.befriend(member, customer, add_way=add_way, state=state, when=when)
            relation.remark = name if remark is None else remark
            relation.description = description
            relation.remark_mobiles = tuple(mobiles)
            relation.tags = marks
        return customer

    @locked
    def add_follow(
        self,
        who: Who,
        whom: Whom,
        *,
        state: str | None = None,
        tags: Iterable[Tag | str] = (),
        add_way: int = 1,
        remark: str | None = None,
        when: int | None = None,
        half: bool = False,
    ) -> Follow:
        """Let one more member follow a customer. With `half`, the member has not added back yet."""
        customer = self.customer(whom)
        marks = self._tags(tags)
        relation = self.befriend(
            self.member(who), customer, add_way=add_way, state=state, when=when, half=half
        )
        relation.remark = customer.name if remark is None else remark
        relation.tags = marks
        return relation

    def _tags(self, tags: Iterable[Tag | str]) -> tuple[Tag, ...]:
        marks = tuple(self.tag(each) if isinstance(each, str) else each for each in tags)
        for tag in marks:
            if tag.deleted:
                raise ValueError(f"the tag {tag.name} was deleted")
        return marks

    @locked
    def add_tag_group(
        self,
        name: str,
        tags: Iterable[str] = (),
        *,
        app: App | None = None,
        strategy: Strategy | None = None,
        order: int = 0,
    ) -> TagGroup:
        """Make a group of tags. Without an `app` an admin made it, and no app may edit or delete it."""
        group = TagGroup(
            self.ids.next("et"),
            name,
            order,
            self.clock.seconds(),
            None if app is None else app.name,
            None if strategy is None else strategy.id,
        )
        self.tag_groups[group.id] = group
        for each in tags:
            self.add_tag(each, group)
        return group

    @locked
    def add_tag(self, name: str, group: "TagGroup | str", *, order: int = 0) -> Tag:
        """Make a tag in a group, which is made if there is none of that name."""
        if isinstance(group, str):
            wanted = group
            found = [g for g in self.tag_groups.values() if g.name == wanted and not g.deleted]
            group = found[0] if found else self.add_tag_group(wanted)
        if group.deleted:
            raise ValueError(f"the group {group.name} was deleted")
        tag = Tag(self.ids.next("et"), name, order, self.clock.seconds(), group, group.app)
        group.tags.append(tag)
        self.tags[tag.id] = tag
        return tag

    @locked
    def add_contact_way(
        self,
        users: Iterable[Who],
        *,
        state: str = "",
        remark: str = "",
        scene: int = 2,
        skip_verify: bool = True,
        is_exclusive: bool = False,
    ) -> ContactWay:
        """Make a contact way, as the app would by API."""
        userids = [self.member(each).userid for each in users]
        way = ContactWay(
            self.ids.hex("config"),
            self.app.name,
            self.clock.seconds(),
            type=1 if len(userids) == 1 else 2,
            scene=scene,
            state=state,
            remark=remark,
            skip_verify=skip_verify,
            users=userids,
            is_exclusive=is_exclusive,
        )
        self.contact_ways[way.config_id] = way
        return way

    @locked
    def add_group_chat(
        self,
        name: str,
        owner: Who,
        members: Iterable["Member | Customer | str"] = (),
        *,
        notice: str = "",
        admins: Iterable[Who] = (),
        when: int | None = None,
    ) -> GroupChat:
        """Make a customer group; its owner is in it."""
        begin = self.clock.since(when)
        chat = GroupChat(
            self.ids.next("wr"),
            name,
            self.member(owner).userid,
            begin,
            notice=notice,
            admins=[self.member(each).userid for each in admins],
        )
        for each in (self.member(owner), *members):
            self.join(chat, each, when=begin, invitor=chat.owner)
        self.group_chats[chat.chat_id] = chat
        return chat

    @locked
    def join(
        self,
        chat: GroupChat,
        who: "Member | Customer | str",
        *,
        scene: int = 1,
        when: int | None = None,
        invitor: str | None = None,
        state: str | None = None,
    ) -> GroupMember:
        """Put somebody into a group; who is in it already stays as they are."""
        begin = self.clock.since(when)
        if isinstance(who, str):
            who = self.members.get(who) or self.customers[who]
        userid = who.userid if isinstance(who, Member) else who.external_userid
        for person in chat.members:
            if person.userid == userid:
                return person
        joined = GroupMember(
            userid,
            1 if isinstance(who, Member) else 2,
            who.name,
            begin,
            scene,
            # Nobody invites the first, who makes the group, nor those who scan a QR code.
            None if not chat.members or scene == 3 else invitor or chat.owner,
            state=state,
        )
        chat.members.append(joined)
        return joined

    @locked
    def add_join_way(
        self,
        chats: Iterable[GroupChat],
        *,
        state: str = "",
        scene: int = 2,
        auto_create_room: bool = True,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
    ) -> JoinWay:
        """Make a way to join groups, as the app would by API."""
        way = JoinWay(
            self.ids.hex("config"),
            self.app.name,
            self.clock.seconds(),
            scene,
            [chat.chat_id for chat in chats],
            state=state,
            auto_create_room=auto_create_room,
            room_base_name=room_base_name,
            room_base_id=room_base_id,
        )
        self.join_ways[way.config_id] = way
        return way

    @locked
    def add_mass_message(
        self,
        text: str | None,
        *,
        creator: Who,
        to: Iterable[Whom] | None = None,
        groups: Iterable[GroupChat] | None = None,
        attachments: Iterable[Media | Data] = (),
        when: int | None = None,
    ) -> MassMessage:
        """Let a member have made a mass message in a client: to customers, or to groups; without both, to all their customers.

        Attachments are media (`add_media`), or what WeCom calls so: `{"msgtype": "link", "link": {…}}`.
        """
        if to is not None and groups is not None:
            raise ValueError("to and groups exclude each other")
        begin = self.clock.since(when)
        member = self.member(creator)
        if groups is not None:
            targets = [each.chat_id for each in groups]
        else:
            customers = member.customers if to is None else map(self.customer, to)
            targets = [each.external_userid for each in customers]
        message = MassMessage(
            f"msg{self.ids.body('msg', 25)}",
            None,
            begin,
            "single" if groups is None else "group",
            text,
            [attached(each) for each in attachments],
            member.userid,
            {member.userid: MassTask(member.userid, targets)},
        )
        self.mass_messages[message.msgid] = message
        return message

    @locked
    def add_moment(
        self,
        text: str | None,
        *,
        creator: Who,
        attachments: Iterable[Media | Data] = (),
        location: Data | None = None,
        published: bool = True,
        when: int | None = None,
    ) -> Moment:
        """Let a member have made a moment in a client.

        Attachments are media (`add_media`), or what WeCom calls so: `{"msgtype": "link", "link": {…}}`. A location has
        `latitude`, `longitude` and `name`.
        """
        member = self.member(creator)
        begin = self.clock.since(when)
        moment = Moment(
            f"mom{self.ids.body('mom', 29)}",
            None,
            begin,
            text,
            [attached(each) for each in attachments],
            member.userid,
            location=location,
        )
        moment.publications[member.userid] = Publication(member.userid)
        if published:
            self.publish(moment, member.userid, begin)
        self.moments[moment.moment_id] = moment
        return moment

    @locked
    def add_strategy(
        self,
        name: str,
        *,
        kind: str = "customer",
        admins: Iterable[Who] = (),
        members: Iterable[Who] = (),
        departments: Iterable[int] = (),
        app: App | None = None,
        parent: int = 0,
    ) -> Strategy:
        """Make a rule group of customer contact, or of moments with `kind="moment"`; yours, if no `app` is said."""
        nodes: list[Data] = [{"type": 1, "userid": self.member(each).userid} for each in members]
        nodes += [{"type": 2, "partyid": each} for each in departments]
        if kind not in ("customer", "moment"):
            raise ValueError("kind: customer or moment")
        of: Literal["customer", "moment"] = "customer" if kind == "customer" else "moment"
        strategy = Strategy(
            self.ids.number(f"{kind} strategy"),
            of,
            (app or self.app).name,
            self.clock.seconds(),
            name,
            parent,
            [self.member(each).userid for each in admins],
            granted(of, {}),
            nodes,
        )
        self.strategies[strategy.kind, strategy.id] = strategy
        return strategy

    @locked
    def add_welcome_template(self, text: str, *, app: App | None = None) -> WelcomeTemplate:
        """Make a group welcome template; yours, if no `app` is said."""
        template = WelcomeTemplate(
            f"msg{self.ids.body('template', 25)}",
            (app or self.app).name,
            {"text": {"content": text}},
        )
        self.welcome_templates[template.template_id] = template
        return template

    @locked
    def add_acquisition_link(
        self, name: str, users: Iterable[Who], *, app: App | None = None
    ) -> AcquisitionLink:
        """Make an acquisition link; yours, if no `app` is said."""
        link = AcquisitionLink(
            f"caw{self.ids.body('link', 29)}",
            (app or self.app).name,
            self.clock.seconds(),
            name,
            [self.member(each).userid for each in users],
            [],
        )
        self.acquisition_links[link.link_id] = link
        return link

    @locked
    def add_product(
        self, description: str, price: int, *, product_sn: str | None = None, app: App | None = None
    ) -> Product:
        """Put a product into the album; yours, if no `app` is said. The price is in cents."""
        picture = self.add_media(b"\x89PNG\r\n\x1a\n simulated", "picture.png", use=2)
        attachments = [{"type": "image", "image": {"media_id": picture.media_id}}]
        return self.keep_product(
            (app or self.app).name, description, price, product_sn, attachments
        )

    @locked
    def add_intercept_rule(
        self, name: str, words: Iterable[str], *, users: Iterable[Who] = (), warn: bool = False
    ) -> InterceptRule:
        """Forbid words, or with `warn` only warn of them; without `users`, for the whole corp."""
        userids = [self.member(each).userid for each in users]
        parties = [] if userids else [1]
        return self.keep_rule(
            self.app.name, name, list(words), [], 2 if warn else 1, userids, parties
        )

    @locked
    def add_media(
        self,
        content: bytes,
        name: str = "file.bin",
        *,
        type: str = "image",
        content_type: str = "image/png",
        use: int = 0,
    ) -> Media:
        """Have a file uploaded: for messages, for moments (`use=1`), or for the album (2)."""
        media = Media(
            f"3{self.ids.body('media', 43)}",
            type,
            name,
            content_type,
            content,
            self.clock.seconds(),
            use,
        )
        self.media[media.media_id] = media
        return media

    @locked
    def add_remote_file(
        self, url: str, content: bytes | None, *, ranges: bool = True
    ) -> RemoteFile:
        """Let a file lie at a URL, for `media.upload_by_url`, which compares its size and MD5.

        With None there is nothing to download (830003), without `ranges` the server answers no Range requests (830001).
        """
        self.remote_files[url] = RemoteFile(url, content, ranges)
        return self.remote_files[url]

    @locked
    def set_behavior(self, who: Who, day: date, **numbers: Any) -> Behavior:
        """Say what a member did on a day: `chat_cnt=3, message_cnt=40, reply_percentage=98.5 …`."""
        behavior = Behavior(**numbers)
        self.behavior[self.member(who).userid, day] = behavior
        return behavior

    @locked
    def set_group_behavior(self, owner: Who, day: date, **numbers: int) -> GroupBehavior:
        """Say what happened in the groups of an owner on a day: `chat_total=5, msg_total=40 …`."""
        behavior = GroupBehavior(**numbers)
        self.group_behavior[self.member(owner).userid, day] = behavior
        return behavior

    @locked
    def resign(self, who: Who) -> list[Unassigned]:
        """Let a member leave the corp; their customers and groups wait for somebody else."""
        member = self.member(who)
        member.resigned_at = self.clock.seconds()
        member.active = False
        waiting = [
            Unassigned(member.userid, each, member.resigned_at)
            for each, follow in member.follows.items()
            if follow.is_customer
        ]
        self.unassigned += waiting
        for chat in self.group_chats.values():
            if chat.owner == member.userid and not chat.dismissed:
                chat.status = 1
        return waiting


def attached(thing: Media | Data) -> Data:
    """An attachment as WeCom writes it."""
    if isinstance(thing, Media):
        return {"msgtype": thing.type, thing.type: {"media_id": thing.media_id}}
    kind = str(thing.get("msgtype"))
    if not isinstance(thing.get(kind), dict):
        raise ValueError(f"attachments: {{'msgtype': 'link', 'link': {{…}}}}, not {thing!r}")
    return thing
