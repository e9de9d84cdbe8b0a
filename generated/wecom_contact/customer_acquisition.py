"""获客助手: Acquisition links (获客助手), the customers they brought and what is left of the quota.
The system app 客户联系 may not call any of this.

Generated from spec/customer_acquisition.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import define, evolve, field

from ._runtime.model import Call, Endpoint, Model, OpenInt, PagedCall, Paginate, wire
from .types import DepartmentId, ExternalUserId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class AcquisitionLink(Model):
    """An acquisition link as it is read."""

    link_id: str | None = None
    """The id; not documented here and normally absent."""
    link_name: str
    """Name of the link."""
    url: str
    """Address to publish."""
    create_time: datetime | None = None
    """When it was made; absent for a component."""
    skip_verify: bool | None = None
    """Whether customers are added without a confirmation; absent for a component."""
    mark_source: bool | None = None
    """Whether customers are marked as brought by this app's link; only for 营销获客 apps."""


@define(kw_only=True, eq=False, repr=False)
class CreatedAcquisitionLink(Model):
    """An acquisition link that was just created."""

    link_id: str
    """The id of the link."""
    link_name: str
    """Name of the link."""
    url: str
    """Address to publish."""
    create_time: datetime
    """When it was made."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionRange(Model):
    """The members behind an acquisition link; together with the members of the departments at
    most 500 people.
    """

    __any_of__: ClassVar = (("user_list", "department_list"),)

    user_list: list[UserId] | None = field(default=None, metadata=wire(max_items=500))
    """Members. At most 500 items."""
    department_list: list[DepartmentId] | None = None
    """Departments; their members count towards the 500."""


class AcquisitionPriorityType(OpenInt):
    """Among whom an acquisition link looks for an acquaintance of the customer."""

    WHOLE_CORP = 1
    """Among all members of the company."""
    LISTED_MEMBERS = 2
    """Among the listed members."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionPriority(Model):
    """Which member gets a customer who already knows somebody here."""

    priority_type: AcquisitionPriorityType
    """Among whom to look."""
    priority_userid_list: list[UserId] | None = field(default=None, metadata=wire(max_items=1000))
    """The members to look among; needed for priority_type 2. At most 1,000 items."""


class AcquisitionChatStatus(OpenInt):
    """Whether a customer whom a link brought has written."""

    SILENT = 0
    """The customer has sent no message."""
    WRITTEN = 1
    """The customer has sent a message."""
    UNKNOWN = 2
    """WeCom cannot tell."""


@define(kw_only=True, eq=False, repr=False)
class AcquiredCustomer(Model):
    """A customer whom an acquisition link brought, with the member who was added."""

    external_userid: ExternalUserId
    """The customer."""
    userid: UserId
    """The member."""
    chat_status: AcquisitionChatStatus
    """Whether the customer has written."""
    state: str | None = None
    """The `customer_channel` of the URL that was opened."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionQuota(Model):
    """The part of the acquisition quota that expires on one day."""

    expire_date: datetime
    """Midnight of the day of expiry; the hour depends on the purchase."""
    balance: int
    """Uses that expire."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionChat(Model):
    """A chat that began with an acquisition link."""

    recv_msg_cnt: int
    """Messages the member received from the customer."""
    link_id: str
    """The link that brought the customer."""
    state: str | None = None
    """The `customer_channel` of the URL that was opened."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionListLinksResult(Model):
    """What `customer_acquisition.list_links` returns."""

    link_id_list: list[str]
    """Link ids, plain strings."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionListLinks(PagedCall[CustomerAcquisitionListLinksResult, str]):
    """Walk the ids of the acquisition links that still work."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionListLinksResult]] = Endpoint(
        name="customer_acquisition.list_links",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/list_link",
        title="获取获客链接列表",
        page=97297,
        readonly=True,
        result=CustomerAcquisitionListLinksResult,
        paginate=Paginate(items="link_id_list", cursor="cursor", next="next_cursor"),
        errors=(48002, 50100),
    )
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=100))

    def items_of(self, page: CustomerAcquisitionListLinksResult) -> list[str]:
        return page.link_id_list

    def after(self, page: CustomerAcquisitionListLinksResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetLinkResult(Model):
    """What `customer_acquisition.get_link` returns."""

    link: AcquisitionLink
    """The link itself."""
    range: AcquisitionRange | None = None
    """Who receives the customers."""
    priority_option: AcquisitionPriority | None = None
    """Who is preferred among them."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetLink(Call[CustomerAcquisitionGetLinkResult]):
    """Read one acquisition link."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionGetLinkResult]] = Endpoint(
        name="customer_acquisition.get_link",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/get",
        title="获取获客链接详情",
        page=97297,
        readonly=True,
        result=CustomerAcquisitionGetLinkResult,
        errors=(48002,),
    )
    link_id: str


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionCreateLinkResult(Model):
    """What `customer_acquisition.create_link` returns."""

    link: CreatedAcquisitionLink
    """The new link."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionCreateLink(Call[CustomerAcquisitionCreateLinkResult]):
    """Create an acquisition link."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionCreateLinkResult]] = Endpoint(
        name="customer_acquisition.create_link",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/create_link",
        title="创建获客链接",
        page=97297,
        readonly=False,
        result=CustomerAcquisitionCreateLinkResult,
        errors=(41095, 48002),
    )
    link_name: str = field(metadata=wire(max_chars=30))
    range: AcquisitionRange
    skip_verify: bool | None = None
    priority_option: AcquisitionPriority | None = None
    mark_source: bool | None = None


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionUpdateLink(Call[None]):
    """Change the name, the range or the options of an acquisition link."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer_acquisition.update_link",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/update_link",
        title="编辑获客链接",
        page=97297,
        readonly=False,
        result=None,
        errors=(48002,),
    )
    link_id: str
    link_name: str | None = field(default=None, metadata=wire(max_chars=30))
    range: AcquisitionRange | None = None
    skip_verify: bool | None = None
    priority_option: AcquisitionPriority | None = None
    mark_source: bool | None = None


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionDeleteLink(Call[None]):
    """Delete an acquisition link, which stops working at once."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer_acquisition.delete_link",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/delete_link",
        title="删除获客链接",
        page=97297,
        readonly=False,
        result=None,
        errors=(48002,),
    )
    link_id: str


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionListCustomersResult(Model):
    """What `customer_acquisition.list_customers` returns."""

    customer_list: list[AcquiredCustomer]
    """One customer and one member each."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionListCustomers(
    PagedCall[CustomerAcquisitionListCustomersResult, AcquiredCustomer]
):
    """Walk the customers that one acquisition link brought."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionListCustomersResult]] = Endpoint(
        name="customer_acquisition.list_customers",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/customer",
        title="获取由获客链接添加的客户信息",
        page=97298,
        readonly=True,
        result=CustomerAcquisitionListCustomersResult,
        paginate=Paginate(items="customer_list", cursor="cursor", next="next_cursor"),
        errors=(48002, 50100),
    )
    link_id: str
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: CustomerAcquisitionListCustomersResult) -> list[AcquiredCustomer]:
        return page.customer_list

    def after(self, page: CustomerAcquisitionListCustomersResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionQuotaResult(Model):
    """What `customer_acquisition.quota` returns."""

    total: int
    """Uses so far, over all time; not the size of the quota."""
    balance: int
    """Uses left."""
    quota_list: list[AcquisitionQuota]
    """What is left, by day of expiry."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionQuota(Call[CustomerAcquisitionQuotaResult]):
    """Read how much of the acquisition quota is used and left."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionQuotaResult]] = Endpoint(
        name="customer_acquisition.quota",
        method="GET",
        path="/cgi-bin/externalcontact/customer_acquisition_quota",
        title="查询剩余使用量",
        page=97375,
        readonly=True,
        result=CustomerAcquisitionQuotaResult,
        errors=(48002,),
    )


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionStatisticResult(Model):
    """What `customer_acquisition.statistic` returns."""

    click_link_customer_cnt: int
    """Customers who opened the link."""
    new_customer_cnt: int
    """Customers who were added."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionStatistic(Call[CustomerAcquisitionStatisticResult]):
    """Count the clicks and the new customers of one acquisition link."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionStatisticResult]] = Endpoint(
        name="customer_acquisition.statistic",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/statistic",
        title="查询链接使用详情",
        page=97375,
        readonly=True,
        result=CustomerAcquisitionStatisticResult,
        errors=(48002,),
    )
    link_id: str
    start_time: datetime
    end_time: datetime


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetChatInfoResult(Model):
    """What `customer_acquisition.get_chat_info` returns."""

    userid: UserId | None = None
    """The member."""
    external_userid: ExternalUserId | None = None
    """The customer."""
    chat_info: AcquisitionChat
    """What is known of the chat."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetChatInfo(Call[CustomerAcquisitionGetChatInfoResult]):
    """Read how often a member heard from a customer whom a link brought."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionGetChatInfoResult]] = Endpoint(
        name="customer_acquisition.get_chat_info",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/get_chat_info",
        title="获取成员多次收消息详情",
        page=100130,
        readonly=True,
        result=CustomerAcquisitionGetChatInfoResult,
        errors=(48002,),
    )
    chat_key: str = field(repr=False)


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetPermitResult(Model):
    """What `customer_acquisition.get_permit` returns."""

    user_list: list[UserId]
    """Members."""
    department_list: list[DepartmentId]
    """Departments; their members are permitted too. The sample has a 0."""
    tag_list: list[int]
    """Address-book tags, numbers; not the customer tags of corp_tag."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionGetPermit(Call[CustomerAcquisitionGetPermitResult]):
    """List the members whom a 营销获客 app may connect with customers."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionGetPermitResult]] = Endpoint(
        name="customer_acquisition.get_permit",
        method="GET",
        path="/cgi-bin/externalcontact/customer_acquisition_app/get_permit",
        title="获取客户可建联成员",
        page=101146,
        readonly=True,
        result=CustomerAcquisitionGetPermitResult,
        errors=(48002,),
    )


class CustomerAcquisitionCalls:
    """获客助手: the calls of `Client.customer_acquisition`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list_links(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerAcquisitionListLinksResult, str]":
        """Walk the ids of the acquisition links that still work.

        获取获客链接列表: https://developer.work.weixin.qq.com/document/path/97297

        - An app sees the links it made itself; a component (获客助手组件) sees the links authorised
          to it.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 100.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(CustomerAcquisitionListLinks(cursor=cursor, limit=limit))

    def get_link(self, *, link_id: str) -> CustomerAcquisitionGetLinkResult:
        """Read one acquisition link.

        获取获客链接详情: https://developer.work.weixin.qq.com/document/path/97297

        - `range` and `priority_option` stand beside `link`, not inside it, and `link` does not
          repeat its id.
        - A component (获客助手组件) gets only the name and the URL of the link, and the URL carries
          `comp_scene`.

        Args:
            link_id: The link; the calling app must have made it.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(CustomerAcquisitionGetLink(link_id=link_id))

    def create_link(
        self,
        *,
        link_name: str,
        range: AcquisitionRange,
        skip_verify: bool | None = None,
        priority_option: AcquisitionPriority | None = None,
        mark_source: bool | None = None,
    ) -> CustomerAcquisitionCreateLinkResult:
        """Create an acquisition link.

        创建获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - To tell channels apart append `?customer_channel=STATE` to the URL; it comes back as
          `state`, cut after 64 bytes.
        - As a scheme the link opens faster: `weixin://biz/ww/profile/` followed by the URL-encoded
          URL with its customer_channel.

        Args:
            link_name: Name of the link. At most 30 characters.
            range: Who receives the customers.
            skip_verify: Whether customers are added without a confirmation. True by default.
            priority_option: Who is preferred; only for some business categories.
            mark_source: Whether customers are marked as brought by this app's link; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 48002.
            QuotaExceeded: 41095.
        """
        return self._client.send(
            CustomerAcquisitionCreateLink(
                link_name=link_name,
                range=range,
                skip_verify=skip_verify,
                priority_option=priority_option,
                mark_source=mark_source,
            )
        )

    def update_link(
        self,
        *,
        link_id: str,
        link_name: str | None = None,
        range: AcquisitionRange | None = None,
        skip_verify: bool | None = None,
        priority_option: AcquisitionPriority | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Change the name, the range or the options of an acquisition link.

        编辑获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - `range` and `priority_option` replace what was there; they are not added to it.
        - The page calls `skip_verify` true by default even here: send it again if it was false.
        - An app may change only its own links.

        Args:
            link_id: The link.
            link_name: New name. At most 30 characters.
            range: Who receives the customers from now on.
            skip_verify: Whether customers are added without a confirmation. True by default.
            priority_option: Who is preferred; only for some business categories.
            mark_source: Whether customers are marked as brought by this app's link; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(
            CustomerAcquisitionUpdateLink(
                link_id=link_id,
                link_name=link_name,
                range=range,
                skip_verify=skip_verify,
                priority_option=priority_option,
                mark_source=mark_source,
            )
        )

    def delete_link(self, *, link_id: str) -> None:
        """Delete an acquisition link, which stops working at once.

        删除获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - Deleting by API is said to send no delete_link callback; one source says the opposite, so
          rely on neither.

        Args:
            link_id: The link.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(CustomerAcquisitionDeleteLink(link_id=link_id))

    def list_customers(
        self,
        *,
        link_id: str,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerAcquisitionListCustomersResult, AcquiredCustomer]":
        """Walk the customers that one acquisition link brought.

        获取由获客链接添加的客户信息: https://developer.work.weixin.qq.com/document/path/97298

        - A customer appears once for each member who was added.
        - Third-party and provider-developed apps get data only while an admin of the company grants
          them the data permission (数据权限), 90 days at a time. `agent.get_permissions` tells when
          it ends, and the event `DataPermissionExpiring` comes 7 days before.

        Args:
            link_id: The link; the calling app must have made it.
            cursor: Where to go on.
            limit: Page size. At most 1,000.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(
            CustomerAcquisitionListCustomers(link_id=link_id, cursor=cursor, limit=limit)
        )

    def quota(self) -> CustomerAcquisitionQuotaResult:
        """Read how much of the acquisition quota is used and left.

        查询剩余使用量: https://developer.work.weixin.qq.com/document/path/97375

        - The path has an underscore, customer_acquisition_quota, and the method is GET, unlike all
          its siblings.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(CustomerAcquisitionQuota())

    def statistic(
        self,
        *,
        link_id: str,
        start_time: datetime,
        end_time: datetime,
    ) -> CustomerAcquisitionStatisticResult:
        """Count the clicks and the new customers of one acquisition link.

        查询链接使用详情: https://developer.work.weixin.qq.com/document/path/97375

        - Days of the Beijing calendar, both ends included; at most 30 days apart and not older than
          180 days.
        - A POST with a JSON body, although some public clients send a GET.

        Args:
            link_id: The link.
            start_time: First day; any moment of it.
            end_time: Last day; any moment of it.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(
            CustomerAcquisitionStatistic(link_id=link_id, start_time=start_time, end_time=end_time)
        )

    def get_chat_info(self, *, chat_key: str) -> CustomerAcquisitionGetChatInfoResult:
        """Read how often a member heard from a customer whom a link brought.

        获取成员多次收消息详情: https://developer.work.weixin.qq.com/document/path/100130

        - The key lives 30 minutes from the callback that carried it.
        - A component (获客助手组件) does not learn who the member and the customer are.
        - Third-party and provider-developed apps get data only while an admin of the company grants
          them the data permission (数据权限), 90 days at a time. `agent.get_permissions` tells when
          it ends, and the event `DataPermissionExpiring` comes 7 days before.

        Args:
            chat_key: ChatKey of the callback message_from_customer.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(CustomerAcquisitionGetChatInfo(chat_key=chat_key))

    def get_permit(self) -> CustomerAcquisitionGetPermitResult:
        """List the members whom a 营销获客 app may connect with customers.

        获取客户可建联成员: https://developer.work.weixin.qq.com/document/path/101146

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Only third-party apps of the class 营销获客 may call this.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(CustomerAcquisitionGetPermit())


class AsyncCustomerAcquisitionCalls:
    """获客助手: the calls of `AsyncClient.customer_acquisition`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    def list_links(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerAcquisitionListLinksResult, str]":
        """Walk the ids of the acquisition links that still work.

        获取获客链接列表: https://developer.work.weixin.qq.com/document/path/97297

        - An app sees the links it made itself; a component (获客助手组件) sees the links authorised
          to it.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 100.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(CustomerAcquisitionListLinks(cursor=cursor, limit=limit))

    async def get_link(self, *, link_id: str) -> CustomerAcquisitionGetLinkResult:
        """Read one acquisition link.

        获取获客链接详情: https://developer.work.weixin.qq.com/document/path/97297

        - `range` and `priority_option` stand beside `link`, not inside it, and `link` does not
          repeat its id.
        - A component (获客助手组件) gets only the name and the URL of the link, and the URL carries
          `comp_scene`.

        Args:
            link_id: The link; the calling app must have made it.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(CustomerAcquisitionGetLink(link_id=link_id))

    async def create_link(
        self,
        *,
        link_name: str,
        range: AcquisitionRange,
        skip_verify: bool | None = None,
        priority_option: AcquisitionPriority | None = None,
        mark_source: bool | None = None,
    ) -> CustomerAcquisitionCreateLinkResult:
        """Create an acquisition link.

        创建获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - To tell channels apart append `?customer_channel=STATE` to the URL; it comes back as
          `state`, cut after 64 bytes.
        - As a scheme the link opens faster: `weixin://biz/ww/profile/` followed by the URL-encoded
          URL with its customer_channel.

        Args:
            link_name: Name of the link. At most 30 characters.
            range: Who receives the customers.
            skip_verify: Whether customers are added without a confirmation. True by default.
            priority_option: Who is preferred; only for some business categories.
            mark_source: Whether customers are marked as brought by this app's link; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 48002.
            QuotaExceeded: 41095.
        """
        return await self._client.send(
            CustomerAcquisitionCreateLink(
                link_name=link_name,
                range=range,
                skip_verify=skip_verify,
                priority_option=priority_option,
                mark_source=mark_source,
            )
        )

    async def update_link(
        self,
        *,
        link_id: str,
        link_name: str | None = None,
        range: AcquisitionRange | None = None,
        skip_verify: bool | None = None,
        priority_option: AcquisitionPriority | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Change the name, the range or the options of an acquisition link.

        编辑获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - `range` and `priority_option` replace what was there; they are not added to it.
        - The page calls `skip_verify` true by default even here: send it again if it was false.
        - An app may change only its own links.

        Args:
            link_id: The link.
            link_name: New name. At most 30 characters.
            range: Who receives the customers from now on.
            skip_verify: Whether customers are added without a confirmation. True by default.
            priority_option: Who is preferred; only for some business categories.
            mark_source: Whether customers are marked as brought by this app's link; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(
            CustomerAcquisitionUpdateLink(
                link_id=link_id,
                link_name=link_name,
                range=range,
                skip_verify=skip_verify,
                priority_option=priority_option,
                mark_source=mark_source,
            )
        )

    async def delete_link(self, *, link_id: str) -> None:
        """Delete an acquisition link, which stops working at once.

        删除获客链接: https://developer.work.weixin.qq.com/document/path/97297

        - Deleting by API is said to send no delete_link callback; one source says the opposite, so
          rely on neither.

        Args:
            link_id: The link.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(CustomerAcquisitionDeleteLink(link_id=link_id))

    def list_customers(
        self,
        *,
        link_id: str,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerAcquisitionListCustomersResult, AcquiredCustomer]":
        """Walk the customers that one acquisition link brought.

        获取由获客链接添加的客户信息: https://developer.work.weixin.qq.com/document/path/97298

        - A customer appears once for each member who was added.
        - Third-party and provider-developed apps get data only while an admin of the company grants
          them the data permission (数据权限), 90 days at a time. `agent.get_permissions` tells when
          it ends, and the event `DataPermissionExpiring` comes 7 days before.

        Args:
            link_id: The link; the calling app must have made it.
            cursor: Where to go on.
            limit: Page size. At most 1,000.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 50100.
        """
        return self._client.pager(
            CustomerAcquisitionListCustomers(link_id=link_id, cursor=cursor, limit=limit)
        )

    async def quota(self) -> CustomerAcquisitionQuotaResult:
        """Read how much of the acquisition quota is used and left.

        查询剩余使用量: https://developer.work.weixin.qq.com/document/path/97375

        - The path has an underscore, customer_acquisition_quota, and the method is GET, unlike all
          its siblings.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(CustomerAcquisitionQuota())

    async def statistic(
        self,
        *,
        link_id: str,
        start_time: datetime,
        end_time: datetime,
    ) -> CustomerAcquisitionStatisticResult:
        """Count the clicks and the new customers of one acquisition link.

        查询链接使用详情: https://developer.work.weixin.qq.com/document/path/97375

        - Days of the Beijing calendar, both ends included; at most 30 days apart and not older than
          180 days.
        - A POST with a JSON body, although some public clients send a GET.

        Args:
            link_id: The link.
            start_time: First day; any moment of it.
            end_time: Last day; any moment of it.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(
            CustomerAcquisitionStatistic(link_id=link_id, start_time=start_time, end_time=end_time)
        )

    async def get_chat_info(self, *, chat_key: str) -> CustomerAcquisitionGetChatInfoResult:
        """Read how often a member heard from a customer whom a link brought.

        获取成员多次收消息详情: https://developer.work.weixin.qq.com/document/path/100130

        - The key lives 30 minutes from the callback that carried it.
        - A component (获客助手组件) does not learn who the member and the customer are.
        - Third-party and provider-developed apps get data only while an admin of the company grants
          them the data permission (数据权限), 90 days at a time. `agent.get_permissions` tells when
          it ends, and the event `DataPermissionExpiring` comes 7 days before.

        Args:
            chat_key: ChatKey of the callback message_from_customer.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(CustomerAcquisitionGetChatInfo(chat_key=chat_key))

    async def get_permit(self) -> CustomerAcquisitionGetPermitResult:
        """List the members whom a 营销获客 app may connect with customers.

        获取客户可建联成员: https://developer.work.weixin.qq.com/document/path/101146

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Only third-party apps of the class 营销获客 may call this.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(CustomerAcquisitionGetPermit())
