"""离职继承: Handing on the customers and groups of members who have left the company.

Generated from spec/resigned_transfer.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import define, evolve, field

from ._runtime.model import Call, Endpoint, Model, PagedCall, Paginate, SequenceNotStr, wire
from .errors import raise_partial
from .transfer import CustomerTransfer, FailedGroupTransfer, TransferStart
from .types import ChatId, ExternalUserId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class UnassignedCustomer(Model):
    """A customer whose member has left."""

    handover_userid: UserId
    """The member who left."""
    external_userid: ExternalUserId
    """The customer."""
    dimission_time: datetime
    """When the member left."""


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferListUnassignedResult(Model):
    """What `resigned_transfer.list_unassigned` returns."""

    info: list[UnassignedCustomer]
    """Customers whose member has left."""
    is_last: bool
    """Whether this is the last page."""
    next_cursor: str | None = None
    """Where the next page begins, empty at the end; not sent when the page was asked for by
    page_id.
    """


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferListUnassigned(
    PagedCall[ResignedTransferListUnassignedResult, UnassignedCustomer]
):
    """Walk the customers of members who have left."""

    endpoint: ClassVar[Endpoint[ResignedTransferListUnassignedResult]] = Endpoint(
        name="resigned_transfer.list_unassigned",
        method="POST",
        path="/cgi-bin/externalcontact/get_unassigned_list",
        title="获取待分配的离职成员列表",
        page=92124,
        readonly=True,
        result=ResignedTransferListUnassignedResult,
        paginate=Paginate(items="info", cursor="page_id", until="is_last"),
    )
    page_id: int | None = field(default=None, metadata=wire(min=0))
    page_size: int | None = field(default=None, metadata=wire(max=1000))
    cursor: str | None = None

    def items_of(self, page: ResignedTransferListUnassignedResult) -> list[UnassignedCustomer]:
        return page.info

    def after(self, page: ResignedTransferListUnassignedResult) -> Self | None:
        if page.is_last:
            return None
        if page.next_cursor:
            return evolve(self, cursor=page.next_cursor, page_id=None)
        if self.cursor:
            return None
        return evolve(self, page_id=(self.page_id or 0) + 1)


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferCustomerResult(Model):
    """What `resigned_transfer.customer` returns."""

    customer: list[TransferStart]
    """What was started for each customer."""

    @property
    def failures(self) -> list[TransferStart]:
        """What WeCom did not do, although it said yes."""
        return [each for each in self.customer if each.errcode]

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("resigned_transfer.customer", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferCustomer(Call[ResignedTransferCustomerResult]):
    """Start handing customers of a member who has left to another."""

    endpoint: ClassVar[Endpoint[ResignedTransferCustomerResult]] = Endpoint(
        name="resigned_transfer.customer",
        method="POST",
        path="/cgi-bin/externalcontact/resigned/transfer_customer",
        title="分配离职成员的客户",
        page=94081,
        readonly=False,
        result=ResignedTransferCustomerResult,
        errors=(40096, 40097, 40098, 40099, 40100, 40129, 40130, 40131, 40143),
    )
    handover_userid: UserId
    takeover_userid: UserId
    external_userid: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=100))


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferResultResult(Model):
    """What `resigned_transfer.result` returns."""

    customer: list[CustomerTransfer]
    """How far each handover is."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferResult(PagedCall[ResignedTransferResultResult, CustomerTransfer]):
    """Walk the state of the handovers from a member who has left to another."""

    endpoint: ClassVar[Endpoint[ResignedTransferResultResult]] = Endpoint(
        name="resigned_transfer.result",
        method="POST",
        path="/cgi-bin/externalcontact/resigned/transfer_result",
        title="查询客户接替状态",
        page=94082,
        readonly=True,
        result=ResignedTransferResultResult,
        paginate=Paginate(items="customer", cursor="cursor", next="next_cursor"),
    )
    handover_userid: UserId
    takeover_userid: UserId
    cursor: str | None = None

    def items_of(self, page: ResignedTransferResultResult) -> list[CustomerTransfer]:
        return page.customer

    def after(self, page: ResignedTransferResultResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferGroupChatResult(Model):
    """What `resigned_transfer.group_chat` returns."""

    failed_chat_list: list[FailedGroupTransfer]
    """Groups that stayed with their owner."""

    @property
    def failures(self) -> list[FailedGroupTransfer]:
        """What WeCom did not do, although it said yes."""
        return [each for each in self.failed_chat_list if each.errcode]

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("resigned_transfer.group_chat", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class ResignedTransferGroupChat(Call[ResignedTransferGroupChatResult]):
    """Give customer groups of members who have left a new owner."""

    endpoint: ClassVar[Endpoint[ResignedTransferGroupChatResult]] = Endpoint(
        name="resigned_transfer.group_chat",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/transfer",
        title="分配离职成员的客户群",
        page=92127,
        readonly=False,
        result=ResignedTransferGroupChatResult,
        errors=(90500, 90501, 90503, 90504, 90507, 90508, 90509),
    )
    chat_id_list: SequenceNotStr[ChatId] = field(metadata=wire(max_items=100, min_items=1))
    new_owner: UserId


class ResignedTransferCalls:
    """离职继承: the calls of `Client.resigned_transfer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list_unassigned(
        self,
        *,
        page_id: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> "Pager[ResignedTransferListUnassignedResult, UnassignedCustomer]":
        """Walk the customers of members who have left.

        获取待分配的离职成员列表: https://developer.work.weixin.qq.com/document/path/92124

        - WeCom pages by `page_id`, which counts from 0 and works while page_id * page_size is below
          50,000, or by `cursor`, the only way on newer pages; a call with a cursor leaves page_id
          out. The walk follows what the reply offers.
        - By page_id the end is told by `is_last`, by cursor by an empty `next_cursor`.
        - A member who left groups but no customers is not listed; `group_chat.list` finds the
          groups, with the status owner_resigned and an `owner_filter` that names who has left.

        Args:
            page_id: Number of the page, from 0; 1 skips the first page. At least 0. 0 by default.
            page_size: Page size. At most 1,000. 1000 by default.
            cursor: Where to go on, from the reply before; takes the place of page_id.
        """
        return self._client.pager(
            ResignedTransferListUnassigned(page_id=page_id, page_size=page_size, cursor=cursor)
        )

    def customer(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        external_userid: SequenceNotStr[ExternalUserId],
    ) -> ResignedTransferCustomerResult:
        """Start handing customers of a member who has left to another.

        分配离职成员的客户: https://developer.work.weixin.qq.com/document/path/94081

        - A reply without an error only says that the handovers were asked for: look at the errcode
          of every customer.
        - A handover takes effect by itself after 24 hours; ask `resigned_transfer.result` how it
          went.
        - The handover member must have left (40097); for members who stay use `transfer.customer`.
        - The takeover member needs 客户联系, an activated account, a verified real name, and must
          be visible to the app.
        - The handover member must have left less than a year ago and have logged in within the year
          before leaving; the takeover member must have logged in within the last year.
        - Unlike `transfer.customer` this call has no transfer_success_msg.
        - It replaced /cgi-bin/externalcontact/transfer, which took one customer and is no longer
          maintained.

        Args:
            handover_userid: The member who has left.
            takeover_userid: The member who gets the customers.
            external_userid: Customers of the handover member; a list in spite of its name. At most
                100 items.

        Raises:
            Conflict: 40097, 40100, 40129.
            Forbidden: 40098, 40143.
            InvalidArgument: 40130.
            NotFound: 40096, 40131.
            QuotaExceeded: 40099.
        """
        return self._client.send(
            ResignedTransferCustomer(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                external_userid=external_userid,
            )
        )

    def result(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        cursor: str | None = None,
    ) -> "Pager[ResignedTransferResultResult, CustomerTransfer]":
        """Walk the state of the handovers from a member who has left to another.

        查询客户接替状态: https://developer.work.weixin.qq.com/document/path/94082

        - A page has at most 1000 customers; its size cannot be chosen.
        - The status is never no_record here.
        - It replaced /cgi-bin/externalcontact/get_transfer_result, which is no longer maintained.

        Args:
            handover_userid: The member who has left.
            takeover_userid: The member who gets the customers.
            cursor: Where to go on; absent or empty for the first page.
        """
        return self._client.pager(
            ResignedTransferResult(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                cursor=cursor,
            )
        )

    def group_chat(
        self,
        *,
        chat_id_list: SequenceNotStr[ChatId],
        new_owner: UserId,
    ) -> ResignedTransferGroupChatResult:
        """Give customer groups of members who have left a new owner.

        分配离职成员的客户群: https://developer.work.weixin.qq.com/document/path/92127

        - A reply without an error may still name groups that stayed with their owner: look at
          `failed_chat_list`.
        - For groups of a member who stays use `transfer.group_chat` (90500).
        - The new owner needs 客户联系, an activated account and a verified real name, and must have
          logged in within the last year.
        - The old owner must have left less than a year ago and have logged in within the year
          before leaving, and the app must see them.
        - At most 300 groups of one owner can be handed over a day.

        Args:
            chat_id_list: Groups that get a new owner. 1 to 100 items.
            new_owner: Who shall own them.

        Raises:
            Conflict: 90500, 90503, 90504, 90507, 90508.
            InvalidArgument: 90501, 90509.
        """
        return self._client.send(
            ResignedTransferGroupChat(chat_id_list=chat_id_list, new_owner=new_owner)
        )


class AsyncResignedTransferCalls:
    """离职继承: the calls of `AsyncClient.resigned_transfer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    def list_unassigned(
        self,
        *,
        page_id: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> "AsyncPager[ResignedTransferListUnassignedResult, UnassignedCustomer]":
        """Walk the customers of members who have left.

        获取待分配的离职成员列表: https://developer.work.weixin.qq.com/document/path/92124

        - WeCom pages by `page_id`, which counts from 0 and works while page_id * page_size is below
          50,000, or by `cursor`, the only way on newer pages; a call with a cursor leaves page_id
          out. The walk follows what the reply offers.
        - By page_id the end is told by `is_last`, by cursor by an empty `next_cursor`.
        - A member who left groups but no customers is not listed; `group_chat.list` finds the
          groups, with the status owner_resigned and an `owner_filter` that names who has left.

        Args:
            page_id: Number of the page, from 0; 1 skips the first page. At least 0. 0 by default.
            page_size: Page size. At most 1,000. 1000 by default.
            cursor: Where to go on, from the reply before; takes the place of page_id.
        """
        return self._client.pager(
            ResignedTransferListUnassigned(page_id=page_id, page_size=page_size, cursor=cursor)
        )

    async def customer(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        external_userid: SequenceNotStr[ExternalUserId],
    ) -> ResignedTransferCustomerResult:
        """Start handing customers of a member who has left to another.

        分配离职成员的客户: https://developer.work.weixin.qq.com/document/path/94081

        - A reply without an error only says that the handovers were asked for: look at the errcode
          of every customer.
        - A handover takes effect by itself after 24 hours; ask `resigned_transfer.result` how it
          went.
        - The handover member must have left (40097); for members who stay use `transfer.customer`.
        - The takeover member needs 客户联系, an activated account, a verified real name, and must
          be visible to the app.
        - The handover member must have left less than a year ago and have logged in within the year
          before leaving; the takeover member must have logged in within the last year.
        - Unlike `transfer.customer` this call has no transfer_success_msg.
        - It replaced /cgi-bin/externalcontact/transfer, which took one customer and is no longer
          maintained.

        Args:
            handover_userid: The member who has left.
            takeover_userid: The member who gets the customers.
            external_userid: Customers of the handover member; a list in spite of its name. At most
                100 items.

        Raises:
            Conflict: 40097, 40100, 40129.
            Forbidden: 40098, 40143.
            InvalidArgument: 40130.
            NotFound: 40096, 40131.
            QuotaExceeded: 40099.
        """
        return await self._client.send(
            ResignedTransferCustomer(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                external_userid=external_userid,
            )
        )

    def result(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        cursor: str | None = None,
    ) -> "AsyncPager[ResignedTransferResultResult, CustomerTransfer]":
        """Walk the state of the handovers from a member who has left to another.

        查询客户接替状态: https://developer.work.weixin.qq.com/document/path/94082

        - A page has at most 1000 customers; its size cannot be chosen.
        - The status is never no_record here.
        - It replaced /cgi-bin/externalcontact/get_transfer_result, which is no longer maintained.

        Args:
            handover_userid: The member who has left.
            takeover_userid: The member who gets the customers.
            cursor: Where to go on; absent or empty for the first page.
        """
        return self._client.pager(
            ResignedTransferResult(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                cursor=cursor,
            )
        )

    async def group_chat(
        self,
        *,
        chat_id_list: SequenceNotStr[ChatId],
        new_owner: UserId,
    ) -> ResignedTransferGroupChatResult:
        """Give customer groups of members who have left a new owner.

        分配离职成员的客户群: https://developer.work.weixin.qq.com/document/path/92127

        - A reply without an error may still name groups that stayed with their owner: look at
          `failed_chat_list`.
        - For groups of a member who stays use `transfer.group_chat` (90500).
        - The new owner needs 客户联系, an activated account and a verified real name, and must have
          logged in within the last year.
        - The old owner must have left less than a year ago and have logged in within the year
          before leaving, and the app must see them.
        - At most 300 groups of one owner can be handed over a day.

        Args:
            chat_id_list: Groups that get a new owner. 1 to 100 items.
            new_owner: Who shall own them.

        Raises:
            Conflict: 90500, 90503, 90504, 90507, 90508.
            InvalidArgument: 90501, 90509.
        """
        return await self._client.send(
            ResignedTransferGroupChat(chat_id_list=chat_id_list, new_owner=new_owner)
        )
