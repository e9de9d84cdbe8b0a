"""What a corp is made of: members, customers and all they have, as plain objects to look at.

Times are Unix seconds, ids are WeCom's. There may be a hundred thousand customers, so what every customer has is small.

Hand-written: edit codegen/surfaces/testing/_things.py.
"""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_network
from typing import Any, Literal, TypeAlias

from attrs import Factory, define, field

from .. import reference

Data: TypeAlias = dict[str, Any]
"""A JSON object."""


def check_networks(caller: object, attribute: object, value: Sequence[str] | None) -> None:
    """Refuse what is no list of addresses and networks."""
    if isinstance(value, str):
        raise ValueError(f"trusted_ips: a list of addresses, not {value!r}")
    for each in value or ():
        ip_network(each)


@cache
def optional_fields() -> frozenset[str]:
    """The names of all fields of records that may be absent."""
    return frozenset(
        field.wire
        for record in reference.types()
        if isinstance(record, reference.Record)
        for field in record.fields
        if field.optional
    )


def check_hidden(caller: object, attribute: object, value: Collection[str]) -> None:
    """Refuse names that no optional field of a record has."""
    check_names("hidden_fields", value, optional_fields(), "no reply has an optional field")


def check_names(what: str, value: Collection[str], known: Collection[str], wrong: str) -> None:
    """Refuse names that are not known."""
    if isinstance(value, str):
        raise ValueError(f"{what}: a set of names, not {value!r}")
    for name in value:
        if name not in known:
            meant = get_close_matches(name, known, 1)
            hint = f"; did you mean {meant[0]!r}?" if meant else ""
            raise ValueError(f"{what}: {wrong} {name!r}{hint}")


@cache
def permissions() -> frozenset[str]:
    """What an app may lack: the resources, and each of their calls."""
    calls = reference.calls()
    return frozenset({call.name for call in calls} | {call.resource for call in calls})


def check_denied(caller: object, attribute: object, value: Collection[str]) -> None:
    """Refuse names that no resource and no call has."""
    check_names("denied", value, permissions(), "there is no resource and no call")


@define(eq=False, kw_only=True)
class Caller:
    """What an application may do and see. All of it may be changed at any time."""

    listed: bool = True
    """Under 客户联系 > 可调用接口的应用; without it calls of customer contact are refused (48002), and nothing is told."""
    visible: "Sequence[Department | Member | int | str] | None" = None
    """The visible range (可见范围): departments with all below them, and members, as objects or by id. None: everybody."""
    trusted_ips: Sequence[str] | None = field(default=None, validator=check_networks)
    """The addresses it may call from (企业可信IP), or networks: `10.0.0.0/8`; others are refused (60020). None: any."""
    hidden_fields: Collection[str] = field(default=(), validator=check_hidden)
    """Optional fields of replies that it is not shown, at any depth: `{"unionid", "avatar", "remark_mobiles"}`."""
    denied: Collection[str] = field(default=(), validator=check_denied)
    """Resources and calls for which it has no permission (48002): `{"customer_acquisition", "group_msg.add_template"}`."""


@define(eq=False)
class App(Caller):
    """An application of the corp: what a secret stands for."""

    name: str
    secret: str = field(repr=False)
    agent_id: int = 1000002


@define(eq=False)
class Department:
    """A department; 1 is the whole corp."""

    id: int
    name: str
    parent: int = 1


@define(eq=False)
class Member:
    """A member of the corp."""

    userid: str
    name: str
    departments: tuple[int, ...] = (1,)
    customer_contact: bool = True
    """Has the customer-contact feature (客户联系)."""
    active: bool = True
    verified: bool = True
    """Verified by real name."""
    licensed: bool = True
    """Has an interoperability licence (互通账号)."""
    super_admin: bool = False
    """The super administrator of the corp, whom no strategy may have for an administrator."""
    console_welcome: bool = False
    """The admins set a welcome message in the console, so events bring no welcome code."""
    customer_limit: int = 20_000
    """How many customers the member may have; a takeover beyond it fails."""
    archived: bool = False
    """Chats are archived (会话内容存档), and nobody is greeted before they agree to that (41053)."""
    last_login: int | None = None
    """When the member last logged in, in Unix seconds; None: lately. After a year there is no taking over (40205)."""
    resigned_at: int | None = None
    """When the member left the corp."""
    follows: dict[str, "Follow"] = field(factory=dict, repr=False)
    """By external_userid, in the order of their beginning."""

    @property
    def resigned(self) -> bool:
        """Whether the member has left the corp."""
        return self.resigned_at is not None

    @property
    def customers(self) -> list["Customer"]:
        """The customers the member follows."""
        return [follow.customer for follow in self.follows.values()]


@define(eq=False)
class Customer:
    """A person outside the corp."""

    external_userid: str
    name: str
    type: int = 1
    """1 uses WeChat, 2 uses WeCom."""
    gender: int = 0
    corp_name: str | None = None
    """The customer's own company; only of those who use WeCom."""
    position: str | None = None
    unionid: str | None = None
    """Given by hand; without it, one made of the external_userid is used."""
    external_profile: Data | None = None
    """What they show of themselves, in WeCom's words; only of those who use WeCom."""
    hidden_fields: Collection[str] = field(default=(), validator=check_hidden)
    """What they or their company hide from everybody: `{"position"}`."""
    follows: list["Follow"] = field(factory=list, repr=False)
    """One for each member who follows the customer."""

    @property
    def is_customer(self) -> bool:
        """Whether they are a customer of any member, or only an external contact."""
        return any(follow.is_customer for follow in self.follows)

    @property
    def members(self) -> list[Member]:
        """The members who follow the customer."""
        return [follow.member for follow in self.follows]

    @property
    def tags(self) -> list[str]:
        """The names of all tags the members put on the customer, each once."""
        return list(dict.fromkeys(name for follow in self.follows for name in follow.tag_names))


@define(eq=False)
class Follow:
    """One member following one customer: the relation, and what the member noted about the customer."""

    member: Member
    customer: Customer
    createtime: int
    add_way: int = 1
    state: str | None = None
    """The channel: of the contact way or the acquisition link."""
    remark: str = ""
    description: str = ""
    remark_company: str = ""
    remark_mobiles: tuple[str, ...] = ()
    remark_picture: str | None = None
    tags: tuple["Tag", ...] = ()
    personal_tags: tuple[str, ...] = ()
    """Tags only this member knows; they have no id."""
    oper_userid: str | None = None
    """Who made the relation: a userid, or the external_userid of the customer."""
    half: bool = False
    """The customer added the member, or asked to, and the member has not added back or accepted."""
    deleted: bool = False
    """The customer deleted the member; the member still sees the customer."""
    link_id: str | None = None
    """The acquisition link that brought the customer."""
    messages: int = 0
    """How many messages the customer wrote."""
    last_message: int = 0
    """The place of the last of them among all that were written in the corp; 0 if there is none."""
    agreed: bool = False
    """The customer agreed to have the chat archived."""

    @property
    def is_customer(self) -> bool:
        """Whether it makes a customer: the member has added back, and has the customer-contact feature."""
        return not self.half and self.member.customer_contact

    @property
    def tag_names(self) -> list[str]:
        """The names of the tags, in the order they were put on."""
        return [tag.name for tag in self.tags] + list(self.personal_tags)


@define(eq=False)
class Tag:
    """A tag of the corp or of a strategy."""

    id: str
    name: str
    order: int
    create_time: int
    group: "TagGroup" = field(repr=False)
    app: str | None = None
    """The app that made it; None if an admin did, and then no app may change it."""
    deleted: bool = False


@define(eq=False)
class TagGroup:
    """A group of tags."""

    id: str
    name: str
    order: int
    create_time: int
    app: str | None = None
    """The app that made it; None if an admin did, and then no app may change it."""
    strategy_id: int | None = None
    """The strategy it belongs to; None for a group of corp tags."""
    tags: list[Tag] = field(factory=list)
    deleted: bool = False

    def tag(self, name: str) -> Tag:
        """The tag of that name; `KeyError` if there is none."""
        for tag in self.tags:
            if tag.name == name and not tag.deleted:
                return tag
        raise KeyError(name)


@define(eq=False)
class ContactWay:
    """A way to add a member: QR code or button (联系我)."""

    config_id: str
    app: str | None
    create_time: int
    type: int = 1
    scene: int = 2
    style: int | None = None
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    users: list[str] = Factory(list)
    parties: list[int] = Factory(list)
    is_temp: bool = False
    expires_in: int | None = None
    chat_expires_in: int | None = None
    unionid: str | None = None
    mark_source: bool | None = None
    conclusions: Data | None = None
    is_exclusive: bool = False
    """Customers of one company come to the same member if possible."""
    scans: int = 0
    """How often it was used."""

    @property
    def qr_code(self) -> str:
        """Where the QR code is."""
        return f"https://open.work.weixin.qq.com/wwopen/userQRCode?vcode={self.config_id}"


@define(eq=False)
class GroupMember:
    """Somebody in a customer group."""

    userid: str
    """A userid, or an external_userid."""
    type: int
    """1 is a member of the corp, 2 is not."""
    name: str
    join_time: int
    join_scene: int = 1
    """1 invited, 2 by an invitation link, 3 by a QR code."""
    invitor: str | None = None
    nickname: str = ""
    state: str | None = None


@define(eq=False)
class GroupChat:
    """A customer group."""

    chat_id: str
    name: str
    owner: str
    create_time: int
    notice: str = ""
    members: list[GroupMember] = Factory(list)
    admins: list[str] = Factory(list)
    version: int = 1
    """Counts the changes of the member list."""
    status: int = 0
    """0 normal, 1 the owner left, 2 being handed over, 3 handed over."""
    dismissed: bool = False
    full: bool = False
    """Nobody else can come in, however few are in it. A group with `limits.group_members` is full anyway."""
    before: "tuple[GroupChat, float] | None" = field(default=None, repr=False)
    """What it was before it changed, and until when it is read so; see `lifetimes.group_lag`."""

    @property
    def opengid(self) -> str:
        """What a mini program in the group knows it by."""
        return f"og{self.chat_id[2:]}"

    def has(self, userid: str) -> bool:
        """Whether somebody is in the group."""
        return any(each.userid == userid for each in self.members)


@define(eq=False)
class JoinWay:
    """A way to join a customer group (加入群聊)."""

    config_id: str
    app: str | None
    create_time: int
    scene: int
    chat_ids: list[str]
    remark: str = ""
    auto_create_room: bool = True
    room_base_name: str | None = None
    room_base_id: int | None = None
    state: str = ""
    mark_source: bool | None = None
    rooms_made: int = 0
    """How many groups it opened because the others were full."""

    @property
    def qr_code(self) -> str:
        """Where the QR code is."""
        return f"https://wework.qpic.cn/wwpic/nothing/{self.config_id}"


@define(eq=False)
class SentMessage:
    """Something that really reached a customer or a group."""

    kind: Literal["welcome", "mass", "group_welcome", "conclusion", "transfer"]
    member: str
    to: str
    """An external_userid or a chat_id."""
    text: str | None
    attachments: list[Data]
    time: int


@define(eq=False)
class MassTask:
    """What one member has to do for a mass message."""

    userid: str
    targets: list[str]
    """Whom it is for: external_userids or chat_ids."""
    sent_at: int | None = None
    results: dict[str, int] = Factory(dict)
    """By target: 0 unsent, 1 sent, 2 no friend, 3 has had enough."""


@define(eq=False)
class MassMessage:
    """A mass message (企业群发), which members must confirm."""

    msgid: str
    app: str | None
    create_time: int
    chat_type: str
    text: str | None
    attachments: list[Data]
    creator: str | None = None
    """The member who made it in a client; None for one made by API."""
    tasks: dict[str, MassTask] = Factory(dict)
    reminders: list[int] = Factory(list)
    cancelled: bool = False
    asked: int = 0
    """How often it was asked about while it was being dispatched."""


@define(eq=False)
class Reaction:
    """A comment on a moment, or a like."""

    who: str
    member: bool
    """Of the corp, not a customer."""
    time: int


@define(eq=False)
class Publication:
    """A moment as one member published it, or is asked to."""

    userid: str
    published_at: int | None = None
    comments: list[Reaction] = Factory(list)
    likes: list[Reaction] = Factory(list)
    chosen: list[str] = Factory(list)
    """The customers who were chosen to see it when it was published, by external_userid."""


@define(eq=False)
class Moment:
    """A post (客户朋友圈)."""

    moment_id: str
    app: str | None
    create_time: int
    text: str | None
    attachments: list[Data]
    creator: str | None = None
    """The member who made it in a client; None for one the corp made by API."""
    tags: list[str] = Factory(list)
    """Ids of the tags whose customers may see it; none: all."""
    publications: dict[str, Publication] = Factory(dict)
    cancelled: bool = False
    location: Data | None = None
    """`latitude`, `longitude` and `name`; only of those that members made."""
    deleted: bool = False
    asked: int = 0
    """How often its tasks were asked for while it was being dispatched."""


@define(eq=False)
class Job:
    """Something that takes WeCom a while."""

    id: str
    kind: Literal["moment", "upload"]
    create_time: int
    result: Data
    """What is answered at the end."""
    asked: int = 0
    moment: "Moment | None" = None
    media: "Media | None" = None
    done: bool = False
    app: str | None = None
    """The app that began it, which alone is told of its end."""
    fault: int = 0
    """The code with which it will fail."""


@define(eq=False)
class ServedWalk:
    """A walk through all whom the corp serves; each has ids and cursors of its own."""

    number: int
    tmp_openids: dict[str, tuple[str, float]] = Factory(dict)
    """The temporary id of each person who was shown, and when it was first given out."""


@define(eq=False)
class Strategy:
    """A rule group (规则组) of customer contact or of moments."""

    id: int
    kind: Literal["customer", "moment"]
    app: str | None
    create_time: int
    name: str
    parent: int
    admins: list[str]
    privilege: Data
    range: list[Data]


@cache
def privileges(kind: Literal["customer", "moment"]) -> dict[str, bool | None]:
    """The rights of a strategy's administrators and their defaults; None for basic ones, which nobody loses."""
    fields = reference.call(f"{kind}_strategy.create").request
    record = reference.type(next(field.type for field in fields if field.wire == "privilege"))
    assert isinstance(record, reference.Record)
    return {field.wire: field.default for field in record.fields}


def granted(kind: Literal["customer", "moment"], asked: Data) -> Data:
    """The rights that administrators have after some were asked for."""
    return {
        name: True if default is None else asked.get(name, default)
        for name, default in privileges(kind).items()
    }


@define(eq=False)
class WelcomeTemplate:
    """What a group says to those who join (入群欢迎语)."""

    template_id: str
    app: str | None
    content: Data


@define(eq=False)
class AcquisitionLink:
    """A link by which customers add members (获客链接)."""

    link_id: str
    app: str | None
    create_time: int
    name: str
    users: list[str]
    parties: list[int]
    skip_verify: bool = True
    mark_source: bool = True
    priority: Data | None = None
    clicks: list[int] = Factory(list)
    """When it was clicked."""
    visitors: list[str] = Factory(list)
    """Who clicked each time: an external_userid, or nothing for a stranger who added nobody."""
    deleted: bool = False
    available: bool = True

    @property
    def url(self) -> str:
        """Where it leads."""
        return f"https://work.weixin.qq.com/ca/{self.link_id}"


@define(eq=False)
class Bill:
    """A use of an acquisition link that the provider paid for (代支付流水)."""

    time: int
    link_id: str
    state: str | None
    price: int
    """In cents (分)."""


@define(eq=False)
class AcquisitionQuota:
    """Uses of acquisition links that were bought together, and end together."""

    count: int
    expires_at: int
    used: int = 0

    @property
    def left(self) -> int:
        """How many are left."""
        return self.count - self.used


@define(eq=False)
class Product:
    """A product of the album (商品图册)."""

    product_id: str
    app: str | None
    create_time: int
    description: str
    price: int
    """In cents (分)."""
    product_sn: str | None
    attachments: list[Data]
    deleted: bool = False


@define(eq=False)
class InterceptRule:
    """Words that members must not use (敏感词)."""

    rule_id: str
    app: str | None
    create_time: int
    name: str
    words: list[str]
    semantics: list[int]
    type: int
    users: list[str]
    parties: list[int]
    deleted: bool = False


@define(eq=False)
class Transfer:
    """A customer on the way from one member to another."""

    customer: Customer
    handover: Member
    takeover: Member
    takeover_time: int
    """When it happens, or happened; 0 if it will not."""
    resigned: bool
    """The handover member has left."""
    status: int = 2
    """1 done, 2 waiting, 3 the customer refused, 4 the takeover member has too many customers."""
    message: str | None = None


@define(eq=False)
class Unassigned:
    """A customer whose member has left, and who belongs to nobody yet."""

    handover_userid: str
    external_userid: str
    dimission_time: int


@define(eq=False)
class Media:
    """An uploaded file."""

    media_id: str
    type: str
    name: str
    content_type: str
    content: bytes = field(repr=False)
    created_at: int
    use: int = 0
    """0 for messages, 1 for moments, 2 for the product album, 3 for group welcome templates."""


@define(eq=False)
class RemoteFile:
    """A file on somebody's web server, for WeCom to fetch."""

    url: str
    content: bytes | None = field(repr=False)
    """None if it cannot be downloaded."""
    ranges: bool = True
    """The server answers Range requests."""


@define(eq=False)
class WelcomeCode:
    """The right to greet a new customer, once, within 20 seconds."""

    code: str
    follow: Follow
    created_at: float
    used: bool = False
    sent_by: str | None = None
    """The app that used it."""
    sent_at: float = 0.0
    held: bool = False
    """It was tried before the customer agreed to have the chat archived."""


@define(eq=False)
class Behavior:
    """What a member did with customers on one day."""

    chat_cnt: int = 0
    message_cnt: int = 0
    reply_percentage: float | None = None
    avg_reply_time: int | None = None
    negative_feedback_cnt: int | None = None
    """Without it, the customers who deleted the member that day are counted."""
    new_apply_cnt: int | None = None
    """Without it, the relations that the member began that day are counted."""
    new_contact_cnt: int | None = None
    """Without it, all relations that began that day are counted."""


@define(eq=False)
class GroupBehavior:
    """What happened in the groups of an owner on one day. What is None is counted or invented."""

    new_chat_cnt: int | None = None
    chat_total: int | None = None
    chat_has_msg: int | None = None
    new_member_cnt: int | None = None
    member_total: int | None = None
    member_has_msg: int | None = None
    msg_total: int | None = None
    migrate_trainee_chat_cnt: int | None = None
    """Not answered without it: only companies in education and training have it."""


@define(eq=False)
class CallMade:
    """A call that reached the simulator."""

    name: str
    """`customer.get`, `gettoken`, or the path of what WeCom does not know."""
    method: str
    path: str
    data: Data
    """What was asked, without tokens and secrets."""
    errcode: int | None
    """None if there was no answer, or no JSON."""
    app: str | None
    time: float
    seconds: float = 0.0
    trouble: str = ""
    """What was made of the answer on purpose: `cut`, `truncated`, `HTTP 500`, `slow`."""
