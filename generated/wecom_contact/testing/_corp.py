"""The state of a corp, and what everything that changes it has in common.

Hand-written: edit codegen/surfaces/testing/_corp.py.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import wraps
from math import inf
from threading import RLock
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar

from attrs import evolve

from .. import BEIJING
from ._callbacks import Callbacks
from ._clock import Clock
from ._ids import CORP_PART, SERVICE_PART, Ids, service_id_of, unionid_of
from ._limits import DAY, Lifetimes, Limits, Manner, Rates
from ._refusals import Refusal
from ._things import (
    AcquisitionLink,
    AcquisitionQuota,
    App,
    Behavior,
    Bill,
    CallMade,
    ContactWay,
    Customer,
    Data,
    Department,
    Follow,
    GroupBehavior,
    GroupChat,
    InterceptRule,
    Job,
    JoinWay,
    MassMessage,
    Media,
    Member,
    Moment,
    Product,
    RemoteFile,
    SentMessage,
    ServedWalk,
    Strategy,
    Tag,
    TagGroup,
    Transfer,
    Unassigned,
    WelcomeCode,
    WelcomeTemplate,
)
from ._trouble import Troubles

Who: TypeAlias = Member | str
Whom: TypeAlias = Customer | str

P = ParamSpec("P")
R = TypeVar("R")

CALLS_KEPT = 10_000
MEDIA_IDS = ("media_id", "pic_media_id")
"""The fields that name an upload."""
PLAYED = ("image", "video", "file")
"""Attachments that are a file themselves; of all others it is the cover."""
BY_CUSTOMER = (1, 7, 10, 16)
"""Ways by which customers come of their own accord: a QR code, a request, WeChat Channels, an acquisition link."""


def locked(method: Callable[P, R]) -> Callable[P, R]:
    """Hold the corp's lock during a method: calls are answered in other threads."""

    @wraps(method)
    def held(*args: P.args, **kwargs: P.kwargs) -> R:
        corp: Any = args[0]
        with corp.lock:
            return method(*args, **kwargs)

    return held


class Corp:
    """A corp and all that is in it, by id."""

    def __init__(
        self,
        corp_id: str = "ww5e1f0a2b3c4d5e6f",
        secret: str = "simulated-secret-of-a-corp-that-is-not-real",
        *,
        seed: int = 0,
        now: datetime | None = None,
    ) -> None:
        self.corp_id = corp_id
        self.seed = seed
        self.lock = RLock()
        """Held while a call is answered, and while you change things by hand from another thread."""
        self.clock = Clock(now, self.lock)
        self.trouble = Troubles()
        self.limits = Limits()
        self.lifetimes = Lifetimes()
        self.manner = Manner()
        self.rates = Rates()
        self.ids = Ids(seed)
        self.app = App("customer-contact", secret)
        """The app whose secret the simulator was made with."""
        self.apps: dict[str, App] = {self.app.name: self.app}
        self.callbacks = Callbacks(self.lock)

        self.departments: dict[int, Department] = {1: Department(1, "总公司", 0)}
        self.members: dict[str, Member] = {}
        self.customers: dict[str, Customer] = {}
        self.tag_groups: dict[str, TagGroup] = {}
        """Groups of corp tags and of strategy tags, deleted ones too."""
        self.tags: dict[str, Tag] = {}
        self.contact_ways: dict[str, ContactWay] = {}
        self.group_chats: dict[str, GroupChat] = {}
        self.join_ways: dict[str, JoinWay] = {}
        self.mass_messages: dict[str, MassMessage] = {}
        self.moments: dict[str, Moment] = {}
        self.jobs: dict[str, Job] = {}
        self.strategies: dict[tuple[str, int], Strategy] = {}
        """By kind (`customer` or `moment`) and id."""
        self.welcome_templates: dict[str, WelcomeTemplate] = {}
        self.acquisition_links: dict[str, AcquisitionLink] = {}
        self.products: dict[str, Product] = {}
        self.intercept_rules: dict[str, InterceptRule] = {}
        self.transfers: list[Transfer] = []
        self.unassigned: list[Unassigned] = []
        self.media: dict[str, Media] = {}
        self.renewed_media: dict[str, str] = {}
        """Under which ids the files of old records can be downloaded now."""
        self.remote_files: dict[str, RemoteFile] = {}
        """What `media.upload_by_url` fetches, by URL; what lies at others is invented."""
        self.welcome_codes: dict[str, WelcomeCode] = {}
        self.parted: set[tuple[str, str]] = set()
        """Members and customers who once had each other."""
        self.requests: dict[tuple[str, str], Callable[[Follow], None]] = {}
        """What happens when a member accepts a customer who asked to be added, by member and customer."""
        self.ended: list[Follow] = []
        """Relations that members ended, or that were handed on."""
        self.deletions: list[tuple[str, int]] = []
        """Members whom customers deleted, and when."""
        self.temp_chats: dict[tuple[str, str], ContactWay] = {}
        """Temporary chats that are open, by member and customer."""
        self.behavior: dict[tuple[str, date], Behavior] = {}
        self.group_behavior: dict[tuple[str, date], GroupBehavior] = {}
        """By owner and day."""
        self.group_moves: list[tuple[str, str, int]] = []
        """Groups handed over: chat_id, old owner, time."""
        self.image_times: list[int] = []
        self.image_urls: set[str] = set()
        """Addresses that `media.upload_image` gave."""
        self.chat_keys: dict[str, tuple[Follow, float]] = {}
        self.pending_ids: dict[str, float] = {}
        self.cursors: dict[str, tuple[ServedWalk, float]] = {}
        """Cursors that end: of which walk, and when each was given."""
        self.chatid_upgrade_at: int | None = None
        self.migrated = False
        """The provider declared that the new external_userids are in use."""
        self.developer_account = True
        """A WeChat developer account is bound; without it there are no unionids, and naming one is refused (41057)."""
        self.medical = True
        """The corp is of the medical industry; others may not have temporary chats (48002)."""
        self.acquisition_used = 0
        self.once_keys: dict[str, tuple[str, float]] = {}
        """Keys with which the provider pays for a customer: for which link, and since when."""
        self.provider_used = 0
        """Customers for whom the provider has paid."""
        self.bills: list[Bill] = []
        """The customers for whom the provider has paid, in order."""
        self.acquisition_quotas: list[AcquisitionQuota] = []
        """What was bought beside `limits.acquisition_balance`."""
        self.mass_times: dict[str, list[int]] = {}
        """When mass messages reached whom."""
        self.way_counts: Counter[str] = Counter()
        self.by_unionid: dict[str, Customer] = {}
        """Customers whose unionid was given by hand."""
        self.by_service_id: dict[str, str] = {}
        """External_userids that were given by hand, by the id that a service provider knows."""

        self.sent_messages: list[SentMessage] = []
        """What really reached customers and groups, in order."""
        self.calls: deque[CallMade] = deque(maxlen=CALLS_KEPT)
        """The last 10,000 calls; `call_counts` counts all."""
        self.call_counts: Counter[str] = Counter()

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.corp_id}: {len(self.members)} members, "
            f"{len(self.customers)} customers>"
        )

    # Looking things up.

    def member(self, who: Who) -> Member:
        """The member of a userid; `KeyError` if there is none."""
        return who if isinstance(who, Member) else self.members[who]

    def customer(self, whom: Whom) -> Customer:
        """The customer of an external_userid; `KeyError` if there is none."""
        return whom if isinstance(whom, Customer) else self.customers[whom]

    def follow(self, who: Who, whom: Whom) -> Follow:
        """The relation of a member and a customer; `KeyError` if there is none."""
        return self.member(who).follows[self.customer(whom).external_userid]

    def tag(self, name: str) -> Tag:
        """The first tag of that name, or `group/name`; `KeyError` if there is none."""
        group_name, _, tag_name = name.rpartition("/")
        for group in self.tag_groups.values():
            if not group.deleted and group_name in ("", group.name):
                for tag in group.tags:
                    if tag.name == tag_name and not tag.deleted:
                        return tag
        raise KeyError(name)

    def calls_of(self, name: str) -> list[CallMade]:
        """The calls of a name, `customer.get`, among those kept."""
        with self.lock:
            return [call for call in self.calls if call.name == name]

    def messages_to(self, to: "Customer | GroupChat | str") -> list[SentMessage]:
        """What reached a customer or a group."""
        if isinstance(to, Customer):
            to = to.external_userid
        elif isinstance(to, GroupChat):
            to = to.chat_id
        return [message for message in self.sent_messages if message.to == to]

    # The same for what a call names: refused if it is not there.

    def member_of(self, userid: str, code: int = 60111) -> Member:
        """The member a call means; one who has left is none."""
        member = self.members.get(userid)
        if member is None or member.resigned:
            raise self.no_member(userid, code)
        return member

    def no_member(self, userid: str, code: int = 60111) -> Refusal:
        """How a userid is refused that is not there."""
        return Refusal(self.manner.unknown_userid or code, f"userid: {userid}")

    def check_known(self, userids: Iterable[str]) -> None:
        """Refuse a filter with a userid that never was in the corp; who has left may be named."""
        for userid in userids:
            if userid not in self.members:
                raise self.no_member(userid, 40003)

    def follow_of(self, userid: str, external_userid: str) -> Follow:
        """The relation a call means."""
        member = self.member_of(userid, 40003)
        if not member.customer_contact:
            raise Refusal(84074)
        customer = self.customers.get(external_userid)
        if customer is None:
            raise Refusal(40096)
        follow = member.follows.get(customer.external_userid)
        if follow is None or follow.half:
            raise Refusal(84061)
        return follow

    def is_customer_group(self, chat: GroupChat) -> bool:
        """Whether a group counts as a customer group: not dissolved, and of an owner with the feature."""
        return not chat.dismissed and self.members[chat.owner].customer_contact

    def as_read(self, chat: GroupChat) -> GroupChat:
        """A group as it is read: for a while after a change, what it was before."""
        before, until = chat.before or (chat, 0)
        return before if self.clock.time() < until else chat

    def customer_group(self, chat_id: str) -> GroupChat | None:
        """The customer group of an id, if there is one."""
        chat = self.group_chats.get(chat_id)
        return chat if chat is not None and self.is_customer_group(chat) else None

    def media_of(self, media_id: str, use: int = 0, kind: str | None = None) -> Media:
        """The upload a call means; it must be alive, made for this, and of the kind that is wanted."""
        media = self.media.get(media_id)
        if media is None or self._is_over(media):
            raise Refusal(40007)
        if media.use != use:
            # The wrong upload endpoint is 40007; the right one with another purpose is 41072.
            raise Refusal(41072 if media.use and use else 40007)
        if kind is not None and media.type != kind:
            # An attachment was uploaded with another media_type, which has a code of its own.
            raise Refusal(41072 if use in (1, 2) else 40007, f"{media.type} instead of {kind}")
        return media

    def _is_over(self, media: Media) -> bool:
        return self.clock.time() >= media.created_at + self.lifetimes.media

    def with_live_media(self, data: Any) -> Any:
        """A record with ids under which its media can be downloaded now, for three days again."""
        if isinstance(data, dict):
            return {
                key: self._renewed(value) if key in MEDIA_IDS else self.with_live_media(value)
                for key, value in data.items()
            }
        return [self.with_live_media(each) for each in data] if isinstance(data, list) else data

    def _renewed(self, media_id: str) -> str:
        media = self.media.get(self.renewed_media.get(media_id, media_id))
        if media is None:
            return media_id
        if self._is_over(media):
            now = self.clock.seconds()
            media = evolve(media, media_id=f"3{self.ids.body('media', 43)}", created_at=now)
            self.media[media.media_id] = media
            self.renewed_media[media_id] = media.media_id
        return media.media_id

    def checked(
        self, attachments: Iterable[Data], tag: str = "msgtype", use: int = 0
    ) -> list[Data]:
        """The attachments as they will be sent; refused if their media are not there."""
        kept = []
        for attachment in attachments:
            kind = attachment[tag]
            payload = attachment[kind]
            if kind == "image":
                payload = self.picture(payload)
            self.check_media(kind, payload, use)
            kept.append({**attachment, kind: payload})
        return kept

    def picture(self, payload: Data) -> Data:
        """What counts of an image: an upload, or else an address that was given for one."""
        if payload.get("media_id"):
            return {"media_id": payload["media_id"]}
        address = payload.get("pic_url")
        if not address:
            raise Refusal(40058, "media_id and pic_url are both empty")
        if address not in self.image_urls:
            raise Refusal(40058, "pic_url is not an address that uploading an image gave")
        return {"pic_url": address}

    def check_media(self, kind: str, payload: Data, use: int = 0) -> None:
        """Refuse a piece of media that is not there, or of another kind; a cover is an image."""
        for key in MEDIA_IDS:
            if payload.get(key):
                self.media_of(payload[key], use, kind if kind in PLAYED else "image")

    def check_departments(self, ids: Iterable[int], code: int = 60123) -> None:
        """Refuse unknown departments."""
        for each in ids:
            if each not in self.departments:
                raise Refusal(code, f"party: {each}")

    # What several things need.

    def below(self, parties: Iterable[int]) -> set[int]:
        """Departments and all below them."""
        wanted = set(parties)
        grown = True
        while grown:
            below = {each.id for each in self.departments.values() if each.parent in wanted}
            grown = not below <= wanted
            wanted |= below
        return wanted

    def within(self, parties: Iterable[int]) -> Iterator[Member]:
        """The members of departments and all below them, who have not left."""
        wanted = self.below(parties)
        for member in self.members.values():
            if not member.resigned and wanted.intersection(member.departments):
                yield member

    def serving(self) -> Iterator[Member]:
        """The members with the customer-contact feature."""
        return (
            each
            for each in self.members.values()
            if each.customer_contact and each.active and not each.resigned
        )

    def befriend(
        self,
        member: Member,
        customer: Customer,
        *,
        add_way: int = 1,
        state: str | None = None,
        when: int | None = None,
        oper_userid: str | None = None,
        half: bool = False,
    ) -> Follow:
        """Make a member follow a customer, or find that they do."""
        known = member.follows.get(customer.external_userid)
        if known is not None:
            known.half = known.half and half
            known.deleted = False
            return known
        if oper_userid is None:
            oper_userid = customer.external_userid if add_way in BY_CUSTOMER else member.userid
        follow = Follow(
            member,
            customer,
            self.clock.since(when),
            add_way=add_way,
            state=state,
            oper_userid=oper_userid,
            half=half,
        )
        member.follows[customer.external_userid] = follow
        customer.follows.append(follow)
        return follow

    def part(self, follow: Follow) -> None:
        """Make a member follow a customer no longer."""
        pair = (follow.member.userid, follow.customer.external_userid)
        self.parted.add(pair)
        if follow.member.resigned:
            self.assigned(*pair)
        self.temp_chats.pop(pair, None)
        self.requests.pop(pair, None)
        self.ended.append(follow)
        del follow.member.follows[follow.customer.external_userid]
        follow.customer.follows.remove(follow)

    def assigned(self, userid: str, external_userid: str) -> None:
        """Let a customer wait no longer for somebody in place of a member who has left."""
        self.unassigned = [
            each
            for each in self.unassigned
            if (each.handover_userid, each.external_userid) != (userid, external_userid)
        ]

    def keep_product(
        self,
        app: str,
        description: str,
        price: int,
        product_sn: str | None,
        attachments: list[Data],
    ) -> Product:
        """Put a new product into the album."""
        id = f"pAJ2GCAAA{self.ids.body('product', 23)}"
        product = Product(
            id, app, self.clock.seconds(), description, price, product_sn, attachments
        )
        self.products[id] = product
        return product

    def keep_rule(
        self,
        app: str,
        name: str,
        words: list[str],
        semantics: list[int],
        type: int,
        users: list[str],
        parties: list[int],
    ) -> InterceptRule:
        """Keep a new rule about words nobody may say."""
        id = f"rul{self.ids.body('rule', 25)}"
        now = self.clock.seconds()
        rule = InterceptRule(id, app, now, name, words, semantics, type, users, parties)
        self.intercept_rules[id] = rule
        return rule

    def register(self, customer: Customer) -> Customer:
        """Take a customer in."""
        if customer.external_userid in self.customers:
            raise ValueError(f"{customer.external_userid} is there already")
        self.customers[customer.external_userid] = customer
        service_id = service_id_of(customer.external_userid)
        if service_id[10:] != customer.external_userid[10:]:
            self.by_service_id[service_id] = customer.external_userid
        if customer.unionid is not None:
            self.by_unionid[customer.unionid] = customer
        elif (
            customer.type == 1
            and unionid_of(customer.external_userid)[6:] != (customer.external_userid[10:])
        ):
            self.by_unionid[unionid_of(customer.external_userid)] = customer
        return customer

    def moment_audience(self, member: Member, tags: Collection[str]) -> list[str]:
        """The customers of a member for whom a moment is: those on WeChat, with one of the tags if there are any."""
        return [
            follow.customer.external_userid
            for follow in member.follows.values()
            if follow.customer.type == 1
            and not follow.half
            and (not tags or any(tag.id in tags for tag in follow.tags))
        ]

    def publish(self, moment: Moment, userid: str, when: int) -> None:
        """Let a member publish a moment, for those who are customers then."""
        publication = moment.publications[userid]
        publication.published_at = when
        publication.chosen = self.moment_audience(self.members[userid], moment.tags)

    def unionid(self, customer: Customer) -> str | None:
        """The unionid of a customer who uses WeChat, if the corp may know it."""
        if customer.type != 1 or not self.developer_account:
            return None
        return customer.unionid or unionid_of(customer.external_userid)

    def customer_by_unionid(self, unionid: str) -> Customer | None:
        """The customer of a unionid."""
        known = self.by_unionid.get(unionid)
        if known is not None or not unionid.startswith("ozynqs"):
            return known
        return self.customers.get(f"wm{CORP_PART}{unionid[6:]}")

    def customer_of_provider(self, external_userid: str) -> str | None:
        """The external_userid of a customer whom a provider names by an id of its own."""
        if external_userid[2:10] != SERVICE_PART:
            return None
        own = f"{external_userid[:2]}{CORP_PART}{external_userid[10:]}"
        own = self.by_service_id.get(external_userid, own)
        return own if own in self.customers else None

    def has_room(self, chat: GroupChat, people: int = 1) -> bool:
        """Whether somebody else can come into a group."""
        most = self.limits.group_members
        return not chat.full and (not self.limits.quotas or len(chat.members) + people <= most)

    def lately_in(self, member: Member) -> bool:
        """Whether a member logged in within the last year.

        Who has left must have left within it, and have logged in within the year before.
        """
        year, now = self.lifetimes.login, self.clock.time()
        until = now if member.resigned_at is None else member.resigned_at
        lately = member.last_login is None or until - member.last_login < year
        return lately and now - until < year

    def live_quotas(self) -> list[AcquisitionQuota]:
        """What was bought of acquisition links and has uses left, the first to end first."""
        now = self.clock.time()
        live = [each for each in self.acquisition_quotas if each.left and each.expires_at > now]
        return sorted(live, key=lambda each: each.expires_at)

    def plain_balance(self) -> int:
        """The uses of acquisition links left of `limits.acquisition_balance`."""
        bought = sum(each.used for each in self.acquisition_quotas)
        return max(0, self.limits.acquisition_balance - (self.acquisition_used - bought))

    def acquisition_left(self) -> int:
        """How many customers may still come by acquisition links."""
        return self.plain_balance() + sum(each.left for each in self.live_quotas())

    def tmp_openid(self, person: str, walk: ServedWalk) -> str:
        """An id that tells within a walk who is the same, for as long as it lives."""
        now = self.clock.time()
        id, given_at = walk.tmp_openids.get(person, ("", -inf))
        if now - given_at >= self.lifetimes.tmp_openid:
            id = self.ids.body("tmp", 28)
            walk.tmp_openids[person] = (id, now)
        return id

    def welcome_code(self, follow: Follow) -> str | None:
        """The code that lets an app greet a new customer; None where WeCom gives none."""
        if follow.member.console_welcome or follow.customer.type != 1 or follow.messages:
            return None
        code = f"CALLBACK{self.ids.body('welcome', 40)}"
        self.welcome_codes[code] = WelcomeCode(code, follow, self.clock.time())
        return code

    def deliver(
        self,
        kind: Literal["welcome", "mass", "group_welcome", "conclusion", "transfer"],
        member: str,
        to: str,
        text: str | None,
        attachments: list[Data] | None = None,
    ) -> SentMessage:
        """Let a message reach somebody."""
        message = SentMessage(
            kind,
            member,
            to,
            text,
            list(attachments or ()),
            self.clock.seconds(),
        )
        self.sent_messages.append(message)
        if kind == "mass":
            self.mass_times.setdefault(to, []).append(message.time)
        return message

    def today(self) -> int:
        """Midnight in Beijing, in Unix seconds."""
        return midnight(self.clock.seconds())


def midnight(seconds: float) -> int:
    """The beginning of a day of WeCom's calendar."""
    whole = int(seconds) + 8 * 3600
    return whole - whole % DAY - 8 * 3600


def day_of(seconds: float) -> date:
    """The day of WeCom's calendar."""
    return datetime.fromtimestamp(seconds, BEIJING).date()
