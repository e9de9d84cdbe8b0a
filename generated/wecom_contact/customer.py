"""客户管理: Customers (external contacts) and the members who follow them.

Generated from spec/customer.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

from attrs import define, evolve, field

from ._runtime.model import (
    Call,
    Endpoint,
    Model,
    OpenInt,
    PagedCall,
    Paginate,
    SequenceNotStr,
    Tagged,
    Unknown,
    wire,
)
from .errors import raise_partial
from .types import ChatId, ExternalUserId, MediaId, TagId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


class CustomerType(OpenInt):
    """Which app a customer uses."""

    WECHAT = 1
    """A WeChat user."""
    WECOM = 2
    """A WeCom user of another company."""


class Gender(OpenInt):
    """Gender of a customer."""

    UNKNOWN = 0
    """Unknown or withheld."""
    MALE = 1
    FEMALE = 2


@define(kw_only=True, eq=False, repr=False)
class TextAttribute(Model):
    """A text in a profile."""

    name: str
    """Caption."""
    value: str
    """The text."""


@define(kw_only=True, eq=False, repr=False)
class WebAttribute(Model):
    """A web page in a profile."""

    name: str
    """Caption."""
    url: str
    """The page."""
    title: str
    """Title of the page."""


@define(kw_only=True, eq=False, repr=False)
class MiniProgramAttribute(Model):
    """A mini program in a profile."""

    name: str
    """Caption."""
    appid: str
    """The mini program."""
    pagepath: str
    """Path of the page; called page in messages."""
    title: str
    """Title of the mini program."""


ExternalAttribute: TypeAlias = Annotated[
    TextAttribute | WebAttribute | MiniProgramAttribute | Unknown,
    Tagged(
        "type",
        {
            0: ("text", TextAttribute),
            1: ("web", WebAttribute),
            2: ("miniprogram", MiniProgramAttribute),
        },
        ("name",),
    ),
]
"""One attribute of a profile."""


@define(kw_only=True, eq=False, repr=False)
class ExternalProfile(Model):
    """What a WeCom user shows to people outside."""

    external_corp_name: str | None = None
    """Short name of the company."""
    external_attr: list[ExternalAttribute] | None = None
    """Further attributes."""


@define(kw_only=True, eq=False, repr=False)
class Customer(Model):
    """A person outside the company."""

    external_userid: ExternalUserId
    """The customer."""
    name: str
    """WeChat nickname; for WeCom users the alias or the real name they show."""
    position: str | None = None
    """Position; WeCom users who do not hide it."""
    avatar: str | None = None
    """URL of the picture; withheld from third-party apps, from provider-developed ones since
    2025-12-18, and from upstream companies.
    """
    corp_name: str | None = None
    """Short name of their company; WeCom users only."""
    corp_full_name: str | None = None
    """Registered name of their company; WeCom users only, and only for the company's own apps."""
    type: CustomerType
    """Which app they use."""
    gender: Gender | None = None
    """Gender; third-party apps, since 2025-12-18 provider-developed ones too, and upstream
    companies always get 0, unknown.
    """
    unionid: str | None = None
    """WeChat unionid; WeChat users only, and only if a WeChat developer account is bound.
    Withheld from third-party apps and upstream companies, and provider-developed apps had
    better not count on it either.
    """
    external_profile: ExternalProfile | None = None
    """What they show of themselves; WeCom users only."""


class FollowTagType(OpenInt):
    """Who made a tag."""

    CORP = 1
    """The company."""
    PERSONAL = 2
    """The member."""
    STRATEGY = 3
    """A rule group (规则组); only the system app sees these."""


@define(kw_only=True, eq=False, repr=False)
class FollowTag(Model):
    """A tag that a member put on a customer."""

    group_name: str
    """Name of the tag group."""
    tag_name: str
    """Name of the tag."""
    tag_id: TagId | None = None
    """Personal tags have none."""
    type: FollowTagType
    """Who made the tag."""


class AddWay(OpenInt):
    """How a customer was added."""

    UNKNOWN = 0
    SCAN_QRCODE = 1
    """By scanning a QR code."""
    SEARCH_MOBILE = 2
    """By searching a phone number."""
    SHARE_CARD = 3
    """From a shared contact card."""
    GROUP_CHAT = 4
    """From a group chat."""
    PHONE_CONTACTS = 5
    """From the contacts of the phone."""
    WECHAT_CONTACTS = 6
    """From the contacts of WeChat."""
    WECHAT_REQUEST = 7
    """By a friend request from WeChat; pages no longer list it."""
    APP_SERVICE = 8
    """The service person whom installing a third-party app adds."""
    SEARCH_EMAIL = 9
    """By searching an email address."""
    CHANNELS = 10
    """From WeChat Channels (视频号)."""
    CALENDAR = 11
    """As a participant of a calendar entry."""
    MEETING = 12
    """As a participant of a meeting."""
    WECHAT_FRIEND = 13
    """By adding the WeCom account of a WeChat friend."""
    SMART_HARDWARE = 14
    """Through the service person of a smart device."""
    HOME_SERVICE = 15
    """Through the service person of a visit at home."""
    ACQUISITION_LINK = 16
    """Through a customer acquisition link (获客链接)."""
    CUSTOM_DEVELOPMENT = 17
    """Through custom development (定制开发)."""
    DEMAND_REPLY = 18
    """Through the reply to a demand (需求回复)."""
    PRESALES_SERVICE = 21
    """Through a third-party pre-sales service."""
    BUSINESS_PARTNER = 22
    """As a possible business partner."""
    ACCEPTED_REQUEST = 24
    """By accepting a friend request that the WeChat account got."""
    MEMBER_SHARE = 201
    """Shared by another member."""
    ADMIN_ASSIGNMENT = 202
    """Assigned by an admin or a superior."""


class WeChatChannelsSource(OpenInt):
    """Where on a WeChat Channels account a customer came from."""

    UNKNOWN = 0
    PROFILE = 1
    """The home page."""
    LIVE = 2
    """A live stream."""
    LEAD_SERVICE = 3
    """The service that collects contacts (留资服务)."""


@define(kw_only=True, eq=False, repr=False)
class WeChatChannels(Model):
    """The WeChat Channels account (视频号) a customer came from."""

    nickname: str
    """Name of the account."""
    source: WeChatChannelsSource | None = None
    """Where on the account; unknown before 2022-04-21 and with older WeChat versions."""


@define(kw_only=True, eq=False, repr=False)
class Follower(Model):
    """A member who follows a customer, and what they noted."""

    userid: UserId
    """The member."""
    remark: str
    """What the member calls the customer."""
    description: str
    """A longer note."""
    createtime: datetime
    """When the customer was added; without the underscore other calls have."""
    tags: list[FollowTag] | None = None
    """Tags the member put on the customer."""
    remark_corp_name: str | None = None
    """Company of the customer; customer.remark calls it remark_company. WeChat users only."""
    remark_mobiles: list[str] | None = None
    """Phone numbers; withheld from third-party apps, from provider-developed ones since
    2025-12-18, and from upstream companies.
    """
    oper_userid: str | None = None
    """Who began it: the member, the customer (an external_userid), or the member or admin who
    shared or assigned the customer.
    """
    add_way: AddWay
    """How the customer was added."""
    wechat_channels: WeChatChannels | None = None
    """The WeChat Channels account; only when added through one."""
    state: str | None = None
    """State of the contact way or acquisition link used."""


@define(kw_only=True, eq=False, repr=False)
class FollowInfo(Model):
    """A member who follows a customer, and what they noted, with ids of tags only."""

    userid: UserId
    """The member."""
    remark: str
    """What the member calls the customer."""
    description: str
    """A longer note."""
    createtime: datetime
    """When the customer was added; without the underscore other calls have."""
    tag_id: list[TagId] | None = None
    """Corp and strategy tags; personal tags are left out."""
    remark_corp_name: str | None = None
    """Company of the customer; customer.remark calls it remark_company. WeChat users only."""
    remark_mobiles: list[str] | None = None
    """Phone numbers; withheld from third-party apps, from provider-developed ones since
    2025-12-18, and from upstream companies.
    """
    oper_userid: str | None = None
    """Who began it: the member, the customer (an external_userid), or the member or admin who
    shared or assigned the customer.
    """
    add_way: AddWay
    """How the customer was added."""
    wechat_channels: WeChatChannels | None = None
    """The WeChat Channels account; only when added through one."""
    state: str | None = None
    """State of the contact way or acquisition link used."""


@define(kw_only=True, eq=False, repr=False)
class CustomerRecord(Model):
    """One customer and one member who follows them."""

    external_contact: Customer
    """The customer."""
    follow_info: FollowInfo
    """The member; one record here, a list follow_user in customer.get."""


@define(kw_only=True, eq=False, repr=False)
class CustomerFailInfo(Model):
    """What a batch could not read."""

    unlicensed_userid_list: list[UserId] | None = None
    """Members without an interoperability licence."""


@define(kw_only=True, eq=False, repr=False)
class ServedContact(Model):
    """Somebody the company has served."""

    is_customer: bool
    """Whether a member marked them as a customer."""
    tmp_openid: str
    """Temporary id; lives four hours."""
    external_userid: ExternalUserId | None = None
    """Customers only."""
    name: str | None = None
    """Masked nickname; only of those who are no customers."""
    follow_userid: UserId | None = None
    """The member who added them, or the owner of the group chat."""
    chat_id: ChatId | None = None
    """The group chat they are in; customer groups only."""
    chat_name: str | None = None
    """The group chat they are in; other groups only."""
    add_time: datetime
    """When they were first added or joined; createtime elsewhere."""


@define(kw_only=True, eq=False, repr=False)
class CustomerListResult(Model):
    """What `customer.list` returns."""

    external_userid: list[ExternalUserId]
    """The customers; a list under a singular name."""


@define(kw_only=True, eq=False, repr=False)
class CustomerList(Call[CustomerListResult]):
    """List the customers one member follows."""

    endpoint: ClassVar[Endpoint[CustomerListResult]] = Endpoint(
        name="customer.list",
        method="GET",
        path="/cgi-bin/externalcontact/list",
        title="获取客户列表",
        page=92113,
        readonly=True,
        result=CustomerListResult,
        errors=(40003, 60111, 84061, 84083),
    )
    userid: UserId


@define(kw_only=True, eq=False, repr=False)
class CustomerGetResult(Model):
    """What `customer.get` returns."""

    external_contact: Customer
    """The customer."""
    follow_user: list[Follower]
    """Members who follow the customer."""
    next_cursor: str | None = None
    """Where the next page begins; absent or empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerGet(PagedCall[CustomerGetResult, Follower]):
    """Read a customer and walk the members who follow them."""

    endpoint: ClassVar[Endpoint[CustomerGetResult]] = Endpoint(
        name="customer.get",
        method="GET",
        path="/cgi-bin/externalcontact/get",
        title="获取客户详情",
        page=92114,
        readonly=True,
        result=CustomerGetResult,
        paginate=Paginate(items="follow_user", cursor="cursor", next="next_cursor"),
        errors=(40096, 41035, 50100, 84061),
    )
    external_userid: ExternalUserId
    cursor: str | None = None

    def items_of(self, page: CustomerGetResult) -> list[Follower]:
        return page.follow_user

    def after(self, page: CustomerGetResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerBatchGetResult(Model):
    """What `customer.batch_get` returns."""

    external_contact_list: list[CustomerRecord]
    """One customer and one follower each."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    fail_info: CustomerFailInfo | None = None
    """What could not be read."""

    @property
    def failures(self) -> list[UserId]:
        """What WeCom did not do, although it said yes."""
        failed: list[UserId] = []
        if self.fail_info and self.fail_info.unlicensed_userid_list:
            failed += self.fail_info.unlicensed_userid_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("customer.batch_get", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class CustomerBatchGet(PagedCall[CustomerBatchGetResult, CustomerRecord]):
    """Walk the details of every customer that the given members follow."""

    endpoint: ClassVar[Endpoint[CustomerBatchGetResult]] = Endpoint(
        name="customer.batch_get",
        method="POST",
        path="/cgi-bin/externalcontact/batch/get_by_user",
        title="批量获取客户详情",
        page=92994,
        readonly=True,
        result=CustomerBatchGetResult,
        paginate=Paginate(items="external_contact_list", cursor="cursor", next="next_cursor"),
        errors=(40031, 50100, 60111, 84061, 701008),
    )
    userid_list: SequenceNotStr[UserId] = field(metadata=wire(max_items=100))
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=100))

    def items_of(self, page: CustomerBatchGetResult) -> list[CustomerRecord]:
        return page.external_contact_list

    def after(self, page: CustomerBatchGetResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerRemark(Call[None]):
    """Change what a member noted about a customer."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer.remark",
        method="POST",
        path="/cgi-bin/externalcontact/remark",
        title="修改客户备注信息",
        page=92115,
        readonly=False,
        result=None,
        errors=(40007, 40058, 40096, 45033, 84061),
    )
    __any_of__: ClassVar = (
        ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid"),
    )
    userid: UserId
    external_userid: ExternalUserId
    remark: str | None = field(default=None, metadata=wire(max_chars=20))
    description: str | None = field(default=None, metadata=wire(max_chars=150))
    remark_company: str | None = field(default=None, metadata=wire(max_chars=20))
    remark_mobiles: SequenceNotStr[str] | None = None
    remark_pic_mediaid: MediaId | None = None


@define(kw_only=True, eq=False, repr=False)
class CustomerListServedResult(Model):
    """What `customer.list_served` returns."""

    info_list: list[ServedContact]
    """One person and one member or group chat each."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerListServed(PagedCall[CustomerListServedResult, ServedContact]):
    """Walk everybody the company has served, customers and other external contacts."""

    endpoint: ClassVar[Endpoint[CustomerListServedResult]] = Endpoint(
        name="customer.list_served",
        method="POST",
        path="/cgi-bin/externalcontact/contact_list",
        title="获取已服务的外部联系人",
        page=99434,
        readonly=True,
        result=CustomerListServedResult,
        paginate=Paginate(items="info_list", cursor="cursor", next="next_cursor"),
        errors=(48002, 50100),
    )
    cursor: str | None = None
    limit: int | None = None

    def items_of(self, page: CustomerListServedResult) -> list[ServedContact]:
        return page.info_list

    def after(self, page: CustomerListServedResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


class CustomerCalls:
    """客户管理: the calls of `Client.customer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(self, *, userid: UserId) -> CustomerListResult:
        """List the customers one member follows.

        获取客户列表: https://developer.work.weixin.qq.com/document/path/92113

        - There is no paging; a member with many customers gets one big reply.
        - A member without customers is said to be answered with error 84061, not with an empty
          list.
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            userid: The member.

        Raises:
            Forbidden: 84083.
            InvalidArgument: 40003.
            NotFound: 60111, 84061.
        """
        return self._client.send(CustomerList(userid=userid))

    def get(
        self,
        *,
        external_userid: ExternalUserId,
        cursor: str | None = None,
    ) -> "Pager[CustomerGetResult, Follower]":
        """Read a customer and walk the members who follow them.

        获取客户详情: https://developer.work.weixin.qq.com/document/path/92114

        - A page holds 500 followers, and there is no limit parameter; the customer comes with every
          page.
        - Only followers inside the visible range of the app come back.
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            external_userid: The customer, not a member.
            cursor: Where to go on.

        Raises:
            InvalidArgument: 41035, 50100.
            NotFound: 40096, 84061.
        """
        return self._client.pager(CustomerGet(external_userid=external_userid, cursor=cursor))

    def batch_get(
        self,
        *,
        userid_list: SequenceNotStr[UserId],
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerBatchGetResult, CustomerRecord]":
        """Walk the details of every customer that the given members follow.

        批量获取客户详情: https://developer.work.weixin.qq.com/document/path/92994

        - A page may hold fewer items than `limit`, even none, and still have a next one.
        - Members without customers are said to be answered with error 84061.
        - A customer comes once for each member who follows them.
        - Members without an interoperability licence (互通账号) are named in fail_info and their
          customers left out; if none has one, the call fails with 701008.
        - Tags of rule groups come only with the secret of the system app (客户联系).
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            userid_list: Members whose customers are wanted. At most 100 items.
            cursor: Where to go on.
            limit: Page size. At most 100. 50 by default.

        Raises:
            Forbidden: 701008.
            InvalidArgument: 40031, 50100.
            NotFound: 60111, 84061.
        """
        return self._client.pager(
            CustomerBatchGet(userid_list=userid_list, cursor=cursor, limit=limit)
        )

    def remark(
        self,
        *,
        userid: UserId,
        external_userid: ExternalUserId,
        remark: str | None = None,
        description: str | None = None,
        remark_company: str | None = None,
        remark_mobiles: SequenceNotStr[str] | None = None,
        remark_pic_mediaid: MediaId | None = None,
    ) -> None:
        """Change what a member noted about a customer.

        修改客户备注信息: https://developer.work.weixin.qq.com/document/path/92115

        - What is given replaces the old value.
        - The five fields may not all be empty; whether a single empty text clears the old one the
          page does not say.
        - Two calls at once for one customer are enough for 45033; change one customer in one call
          at a time.
        - The change sends no edit_external_contact event.
        - The app must stand under 客户联系 > 可调用接口的应用, and reaches customers of members in
          its visible range only.

        Args:
            userid: The member.
            external_userid: The customer.
            remark: What the member calls the customer. At most 20 characters.
            description: A longer note. At most 150 characters.
            remark_company: Company of the customer; WeChat users only. Read back as
                remark_corp_name. At most 20 characters.
            remark_mobiles: Phone numbers; replace the old list. The page says that an empty string
                clears them; [""] is the reading that fits a list, and has not been tried. An empty
                list is said to change nothing.
            remark_pic_mediaid: An uploaded image; spelt without an underscore before id.

        Raises:
            Busy: 45033.
            InvalidArgument: 40007, 40058.
            NotFound: 40096, 84061.
        """
        return self._client.send(
            CustomerRemark(
                userid=userid,
                external_userid=external_userid,
                remark=remark,
                description=description,
                remark_company=remark_company,
                remark_mobiles=remark_mobiles,
                remark_pic_mediaid=remark_pic_mediaid,
            )
        )

    def list_served(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerListServedResult, ServedContact]":
        """Walk everybody the company has served, customers and other external contacts.

        获取已服务的外部联系人: https://developer.work.weixin.qq.com/document/path/99434

        - Only the company's own apps (自建应用) may call this.
        - One person comes once for each member who added them and for each group chat; the
          tmp_openid tells who is the same.
        - Go through the pages at once, the cursor expires.

        Args:
            cursor: Where to go on; it expires.
            limit: Page size. 1000 by default.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(CustomerListServed(cursor=cursor, limit=limit))


class AsyncCustomerCalls:
    """客户管理: the calls of `AsyncClient.customer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def list(self, *, userid: UserId) -> CustomerListResult:
        """List the customers one member follows.

        获取客户列表: https://developer.work.weixin.qq.com/document/path/92113

        - There is no paging; a member with many customers gets one big reply.
        - A member without customers is said to be answered with error 84061, not with an empty
          list.
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            userid: The member.

        Raises:
            Forbidden: 84083.
            InvalidArgument: 40003.
            NotFound: 60111, 84061.
        """
        return await self._client.send(CustomerList(userid=userid))

    def get(
        self,
        *,
        external_userid: ExternalUserId,
        cursor: str | None = None,
    ) -> "AsyncPager[CustomerGetResult, Follower]":
        """Read a customer and walk the members who follow them.

        获取客户详情: https://developer.work.weixin.qq.com/document/path/92114

        - A page holds 500 followers, and there is no limit parameter; the customer comes with every
          page.
        - Only followers inside the visible range of the app come back.
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            external_userid: The customer, not a member.
            cursor: Where to go on.

        Raises:
            InvalidArgument: 41035, 50100.
            NotFound: 40096, 84061.
        """
        return self._client.pager(CustomerGet(external_userid=external_userid, cursor=cursor))

    def batch_get(
        self,
        *,
        userid_list: SequenceNotStr[UserId],
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerBatchGetResult, CustomerRecord]":
        """Walk the details of every customer that the given members follow.

        批量获取客户详情: https://developer.work.weixin.qq.com/document/path/92994

        - A page may hold fewer items than `limit`, even none, and still have a next one.
        - Members without customers are said to be answered with error 84061.
        - A customer comes once for each member who follows them.
        - Members without an interoperability licence (互通账号) are named in fail_info and their
          customers left out; if none has one, the call fails with 701008.
        - Tags of rule groups come only with the secret of the system app (客户联系).
        - Acquisition apps (营销获客) see only the customers they brought.
        - Since 2025-12-18 apps of service providers see fewer customers while they are on trial,
          little used or long unused.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Args:
            userid_list: Members whose customers are wanted. At most 100 items.
            cursor: Where to go on.
            limit: Page size. At most 100. 50 by default.

        Raises:
            Forbidden: 701008.
            InvalidArgument: 40031, 50100.
            NotFound: 60111, 84061.
        """
        return self._client.pager(
            CustomerBatchGet(userid_list=userid_list, cursor=cursor, limit=limit)
        )

    async def remark(
        self,
        *,
        userid: UserId,
        external_userid: ExternalUserId,
        remark: str | None = None,
        description: str | None = None,
        remark_company: str | None = None,
        remark_mobiles: SequenceNotStr[str] | None = None,
        remark_pic_mediaid: MediaId | None = None,
    ) -> None:
        """Change what a member noted about a customer.

        修改客户备注信息: https://developer.work.weixin.qq.com/document/path/92115

        - What is given replaces the old value.
        - The five fields may not all be empty; whether a single empty text clears the old one the
          page does not say.
        - Two calls at once for one customer are enough for 45033; change one customer in one call
          at a time.
        - The change sends no edit_external_contact event.
        - The app must stand under 客户联系 > 可调用接口的应用, and reaches customers of members in
          its visible range only.

        Args:
            userid: The member.
            external_userid: The customer.
            remark: What the member calls the customer. At most 20 characters.
            description: A longer note. At most 150 characters.
            remark_company: Company of the customer; WeChat users only. Read back as
                remark_corp_name. At most 20 characters.
            remark_mobiles: Phone numbers; replace the old list. The page says that an empty string
                clears them; [""] is the reading that fits a list, and has not been tried. An empty
                list is said to change nothing.
            remark_pic_mediaid: An uploaded image; spelt without an underscore before id.

        Raises:
            Busy: 45033.
            InvalidArgument: 40007, 40058.
            NotFound: 40096, 84061.
        """
        return await self._client.send(
            CustomerRemark(
                userid=userid,
                external_userid=external_userid,
                remark=remark,
                description=description,
                remark_company=remark_company,
                remark_mobiles=remark_mobiles,
                remark_pic_mediaid=remark_pic_mediaid,
            )
        )

    def list_served(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerListServedResult, ServedContact]":
        """Walk everybody the company has served, customers and other external contacts.

        获取已服务的外部联系人: https://developer.work.weixin.qq.com/document/path/99434

        - Only the company's own apps (自建应用) may call this.
        - One person comes once for each member who added them and for each group chat; the
          tmp_openid tells who is the same.
        - Go through the pages at once, the cursor expires.

        Args:
            cursor: Where to go on; it expires.
            limit: Page size. 1000 by default.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(CustomerListServed(cursor=cursor, limit=limit))
