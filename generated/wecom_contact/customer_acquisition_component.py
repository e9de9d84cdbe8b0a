"""获客助手组件: The acquisition component of a service provider (获客助手组件), which lets
companies publish their links in the provider's scenes.

Generated from spec/customer_acquisition_component.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import define, evolve, field

from ._runtime.model import Call, Endpoint, Model, OpenInt, PagedCall, Paginate, wire

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


class AcquisitionPayMode(OpenInt):
    """Whose quota a component uses."""

    CORP = 0
    """The company pays."""
    PROVIDER = 1
    """The service provider pays."""


class AcquisitionLinkAuthMode(OpenInt):
    """Which links of a company a component may use."""

    CHOSEN_LINKS = 0
    """Links that the company has chosen."""
    APP_LINKS = 1
    """Links made by the associated apps."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionAuthApp(Model):
    """An app whose acquisition links a component may use."""

    agentid: int
    """The app."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionBill(Model):
    """One use of an acquisition link that the provider paid for."""

    timestamp: datetime
    """When it was used."""
    link_id: str | None = None
    """The link; absent once it is deleted."""
    state: str | None = None
    """The `customer_channel` of the URL; absent when empty."""
    price: int
    """What the provider paid, in cents (分)."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentGetAuthInfoResult(Model):
    """What `customer_acquisition_component.get_auth_info` returns."""

    pay_mode: AcquisitionPayMode
    """Whose quota is used."""
    price: int | None = None
    """What the provider pays for one use, in cents (分); only if the provider pays."""
    link_auth_mode: AcquisitionLinkAuthMode
    """Which links the component may use."""
    auth_apps: list[AcquisitionAuthApp] | None = None
    """The apps whose links the component may use; only with link_auth_mode 1."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentGetAuthInfo(Call[CustomerAcquisitionComponentGetAuthInfoResult]):
    """Read how a company has authorised the component."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionComponentGetAuthInfoResult]] = Endpoint(
        name="customer_acquisition_component.get_auth_info",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/get_comp_auth_info",
        title="获取组件授权信息",
        page=99610,
        readonly=True,
        result=CustomerAcquisitionComponentGetAuthInfoResult,
    )


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentCreateOnceKeyResult(Model):
    """What `customer_acquisition_component.create_once_key` returns."""

    keys: list[str]
    """The keys."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentCreateOnceKey(
    Call[CustomerAcquisitionComponentCreateOnceKeyResult]
):
    """Create keys that make the provider pay for one use of a link each."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionComponentCreateOnceKeyResult]] = Endpoint(
        name="customer_acquisition_component.create_once_key",
        method="POST",
        path="/cgi-bin/externalcontact/customer_acquisition/create_once_key",
        title="生成代支付key",
        page=99603,
        readonly=False,
        result=CustomerAcquisitionComponentCreateOnceKeyResult,
        errors=(41099,),
    )
    link_id: str
    key_num: int | None = field(default=None, metadata=wire(max=1000, min=1))


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentListBillsResult(Model):
    """What `customer_acquisition_component.list_bills` returns."""

    bill_list: list[AcquisitionBill]
    """One use each."""
    next_cursor: str | None = None
    """Where the next page begins; absent at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAcquisitionComponentListBills(
    PagedCall[CustomerAcquisitionComponentListBillsResult, AcquisitionBill]
):
    """Walk the uses of a company's links that the provider has paid for."""

    endpoint: ClassVar[Endpoint[CustomerAcquisitionComponentListBillsResult]] = Endpoint(
        name="customer_acquisition_component.list_bills",
        method="POST",
        path="/cgi-bin/service/customer_acquisition/get_bill_list",
        title="获取代支付流水",
        page=99602,
        readonly=True,
        result=CustomerAcquisitionComponentListBillsResult,
        token="suite_access_token",
        paginate=Paginate(items="bill_list", cursor="cursor", next="next_cursor"),
        errors=(50100,),
    )
    auth_corpid: str
    begin_time: datetime
    end_time: datetime
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: CustomerAcquisitionComponentListBillsResult) -> list[AcquisitionBill]:
        return page.bill_list

    def after(self, page: CustomerAcquisitionComponentListBillsResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


class CustomerAcquisitionComponentCalls:
    """获客助手组件: the calls of `Client.customer_acquisition_component`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def get_auth_info(self) -> CustomerAcquisitionComponentGetAuthInfoResult:
        """Read how a company has authorised the component.

        获取组件授权信息: https://developer.work.weixin.qq.com/document/path/99610

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - A POST without fields, with the access token of the authorised company.
        """
        return self._client.send(CustomerAcquisitionComponentGetAuthInfo())

    def create_once_key(
        self,
        *,
        link_id: str,
        key_num: int | None = None,
    ) -> CustomerAcquisitionComponentCreateOnceKeyResult:
        """Create keys that make the provider pay for one use of a link each.

        生成代支付key: https://developer.work.weixin.qq.com/document/path/99603

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Append a key to the component's URL of the link as `&once_key=KEY`.
        - A key works once and lives 14 days.

        Args:
            link_id: The link.
            key_num: How many keys. 1 to 1,000. 100 by default.

        Raises:
            Forbidden: 41099.
        """
        return self._client.send(
            CustomerAcquisitionComponentCreateOnceKey(link_id=link_id, key_num=key_num)
        )

    def list_bills(
        self,
        *,
        auth_corpid: str,
        begin_time: datetime,
        end_time: datetime,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerAcquisitionComponentListBillsResult, AcquisitionBill]":
        """Walk the uses of a company's links that the provider has paid for.

        获取代支付流水: https://developer.work.weixin.qq.com/document/path/99602

        - Unlike its siblings it takes the suite token, and its path begins with /cgi-bin/service/.
        - The span is at most 31 days.
        - The company sees its orders the next day; to match its days ask from 00:00:01 to 00:00:00
          of the day after.

        Args:
            auth_corpid: The authorised company.
            begin_time: Where the span begins.
            end_time: Where the span ends.
            cursor: Where to go on.
            limit: Page size. At most 1,000. 100 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            CustomerAcquisitionComponentListBills(
                auth_corpid=auth_corpid,
                begin_time=begin_time,
                end_time=end_time,
                cursor=cursor,
                limit=limit,
            )
        )


class AsyncCustomerAcquisitionComponentCalls:
    """获客助手组件: the calls of `AsyncClient.customer_acquisition_component`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def get_auth_info(self) -> CustomerAcquisitionComponentGetAuthInfoResult:
        """Read how a company has authorised the component.

        获取组件授权信息: https://developer.work.weixin.qq.com/document/path/99610

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - A POST without fields, with the access token of the authorised company.
        """
        return await self._client.send(CustomerAcquisitionComponentGetAuthInfo())

    async def create_once_key(
        self,
        *,
        link_id: str,
        key_num: int | None = None,
    ) -> CustomerAcquisitionComponentCreateOnceKeyResult:
        """Create keys that make the provider pay for one use of a link each.

        生成代支付key: https://developer.work.weixin.qq.com/document/path/99603

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Append a key to the component's URL of the link as `&once_key=KEY`.
        - A key works once and lives 14 days.

        Args:
            link_id: The link.
            key_num: How many keys. 1 to 1,000. 100 by default.

        Raises:
            Forbidden: 41099.
        """
        return await self._client.send(
            CustomerAcquisitionComponentCreateOnceKey(link_id=link_id, key_num=key_num)
        )

    def list_bills(
        self,
        *,
        auth_corpid: str,
        begin_time: datetime,
        end_time: datetime,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerAcquisitionComponentListBillsResult, AcquisitionBill]":
        """Walk the uses of a company's links that the provider has paid for.

        获取代支付流水: https://developer.work.weixin.qq.com/document/path/99602

        - Unlike its siblings it takes the suite token, and its path begins with /cgi-bin/service/.
        - The span is at most 31 days.
        - The company sees its orders the next day; to match its days ask from 00:00:01 to 00:00:00
          of the day after.

        Args:
            auth_corpid: The authorised company.
            begin_time: Where the span begins.
            end_time: Where the span ends.
            cursor: Where to go on.
            limit: Page size. At most 1,000. 100 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            CustomerAcquisitionComponentListBills(
                auth_corpid=auth_corpid,
                begin_time=begin_time,
                end_time=end_time,
                cursor=cursor,
                limit=limit,
            )
        )
