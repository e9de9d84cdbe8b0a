"""在职继承: Handing the customers and groups of a member who stays in the company to another
member.

Generated from spec/transfer.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import define, evolve, field

from ._runtime.model import (
    Call,
    Endpoint,
    Model,
    OpenInt,
    PagedCall,
    Paginate,
    SequenceNotStr,
    wire,
)
from .errors import raise_partial
from .types import ChatId, ExternalUserId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class TransferStart(Model):
    """Whether the handover of one customer was started."""

    external_userid: ExternalUserId
    """The customer."""
    errcode: int
    """0 when the handover was started, which does not mean that it will succeed; else an error
    code. There is no errmsg.
    """


class TransferStatus(OpenInt):
    """How far a handover is."""

    DONE = 1
    """The takeover member has the customer."""
    WAITING = 2
    """The handover takes effect by itself at takeover_time."""
    REFUSED = 3
    """The customer refused."""
    TAKEOVER_FULL = 4
    """The takeover member has as many customers as allowed."""
    NO_RECORD = 5
    """There was no such handover; only transfer.result says so."""


@define(kw_only=True, eq=False, repr=False)
class CustomerTransfer(Model):
    """How far the handover of one customer is."""

    external_userid: ExternalUserId
    """The customer."""
    status: TransferStatus
    """How far the handover is."""
    takeover_time: datetime | None = None
    """When the customer changed hands; in the future while waiting, never when refused."""


@define(kw_only=True, eq=False, repr=False)
class FailedGroupTransfer(Model):
    """A group that stayed with its owner, and why."""

    chat_id: ChatId
    """The group."""
    errcode: int
    """Why it failed."""
    errmsg: str
    """The same in words."""


@define(kw_only=True, eq=False, repr=False)
class TransferCustomerResult(Model):
    """What `transfer.customer` returns."""

    customer: list[TransferStart]
    """What was started for each customer."""

    @property
    def failures(self) -> list[TransferStart]:
        """What WeCom did not do, although it said yes."""
        return [each for each in self.customer if each.errcode]

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("transfer.customer", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class TransferCustomer(Call[TransferCustomerResult]):
    """Start handing customers of one member to another."""

    endpoint: ClassVar[Endpoint[TransferCustomerResult]] = Endpoint(
        name="transfer.customer",
        method="POST",
        path="/cgi-bin/externalcontact/transfer_customer",
        title="分配在职成员的客户",
        page=92125,
        readonly=False,
        result=TransferCustomerResult,
        errors=(40096, 40098, 40099, 40100, 40128, 40129, 40130, 40131, 40143),
    )
    handover_userid: UserId
    takeover_userid: UserId
    external_userid: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=100))
    transfer_success_msg: str | None = field(default=None, metadata=wire(max_chars=200))


@define(kw_only=True, eq=False, repr=False)
class TransferResultResult(Model):
    """What `transfer.result` returns."""

    customer: list[CustomerTransfer]
    """How far each handover is."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class TransferResult(PagedCall[TransferResultResult, CustomerTransfer]):
    """Walk the state of the handovers between two members."""

    endpoint: ClassVar[Endpoint[TransferResultResult]] = Endpoint(
        name="transfer.result",
        method="POST",
        path="/cgi-bin/externalcontact/transfer_result",
        title="查询客户接替状态",
        page=94088,
        readonly=True,
        result=TransferResultResult,
        paginate=Paginate(items="customer", cursor="cursor", next="next_cursor"),
    )
    handover_userid: UserId
    takeover_userid: UserId
    cursor: str | None = None

    def items_of(self, page: TransferResultResult) -> list[CustomerTransfer]:
        return page.customer

    def after(self, page: TransferResultResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class TransferGroupChatResult(Model):
    """What `transfer.group_chat` returns."""

    failed_chat_list: list[FailedGroupTransfer]
    """Groups that stayed with their owner."""

    @property
    def failures(self) -> list[FailedGroupTransfer]:
        """What WeCom did not do, although it said yes."""
        return [each for each in self.failed_chat_list if each.errcode]

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("transfer.group_chat", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class TransferGroupChat(Call[TransferGroupChatResult]):
    """Give customer groups of members who stay a new owner."""

    endpoint: ClassVar[Endpoint[TransferGroupChatResult]] = Endpoint(
        name="transfer.group_chat",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/onjob_transfer",
        title="分配在职成员的客户群",
        page=95703,
        readonly=False,
        result=TransferGroupChatResult,
        errors=(90501, 90502, 90503, 90504, 90509),
    )
    chat_id_list: SequenceNotStr[ChatId] = field(metadata=wire(max_items=100, min_items=1))
    new_owner: UserId


class TransferCalls:
    """在职继承: the calls of `Client.transfer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def customer(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        external_userid: SequenceNotStr[ExternalUserId],
        transfer_success_msg: str | None = None,
    ) -> TransferCustomerResult:
        """Start handing customers of one member to another.

        分配在职成员的客户: https://developer.work.weixin.qq.com/document/path/92125

        - A reply without an error only says that the handovers were asked for: look at the errcode
          of every customer.
        - A handover takes effect after 24 hours unless the customer refuses; ask `transfer.result`
          how it went. Refusals also arrive as transfer_fail events.
        - The takeover member needs 客户联系, an activated account, a verified real name, and must
          be visible to the app.
        - Both members must have logged in within the last year.
        - No add_external_contact event comes when the takeover member had the customer already, or
          once handed them on.
        - A customer can be handed over at most twice in 90 calendar days (40128).
        - It replaced /cgi-bin/externalcontact/transfer, which took one customer and is no longer
          maintained.

        Args:
            handover_userid: The member who gives the customers away.
            takeover_userid: The member who gets them.
            external_userid: Customers of the handover member; a list in spite of its name. At most
                100 items.
            transfer_success_msg: Told to the customer when the handover is done; WeCom has a text
                of its own when absent. At most 200 characters.

        Raises:
            Conflict: 40100, 40129.
            Forbidden: 40098, 40143.
            InvalidArgument: 40130.
            NotFound: 40096, 40131.
            QuotaExceeded: 40099, 40128.
        """
        return self._client.send(
            TransferCustomer(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                external_userid=external_userid,
                transfer_success_msg=transfer_success_msg,
            )
        )

    def result(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        cursor: str | None = None,
    ) -> "Pager[TransferResultResult, CustomerTransfer]":
        """Walk the state of the handovers between two members.

        查询客户接替状态: https://developer.work.weixin.qq.com/document/path/94088

        - A page has at most 1000 customers; its size cannot be chosen.
        - It replaced /cgi-bin/externalcontact/get_transfer_result, which is no longer maintained.

        Args:
            handover_userid: The member who gave the customers away.
            takeover_userid: The member who gets them.
            cursor: Where to go on; absent or empty for the first page.
        """
        return self._client.pager(
            TransferResult(
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
    ) -> TransferGroupChatResult:
        """Give customer groups of members who stay a new owner.

        分配在职成员的客户群: https://developer.work.weixin.qq.com/document/path/95703

        - A reply without an error may still name groups that stayed with their owner: look at
          `failed_chat_list`.
        - For groups of a member who has left use `resigned_transfer.group_chat` (90502).
        - The new owner needs 客户联系, an activated account and a verified real name.
        - Both owners must have logged in within the last year, and the app must see the old one.
        - At most 300 groups of one owner can be handed over a day, and each group at most twice in
          90 calendar days.

        Args:
            chat_id_list: Groups that get a new owner. 1 to 100 items.
            new_owner: Who shall own them.

        Raises:
            Conflict: 90502, 90503, 90504.
            InvalidArgument: 90501, 90509.
        """
        return self._client.send(TransferGroupChat(chat_id_list=chat_id_list, new_owner=new_owner))


class AsyncTransferCalls:
    """在职继承: the calls of `AsyncClient.transfer`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def customer(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        external_userid: SequenceNotStr[ExternalUserId],
        transfer_success_msg: str | None = None,
    ) -> TransferCustomerResult:
        """Start handing customers of one member to another.

        分配在职成员的客户: https://developer.work.weixin.qq.com/document/path/92125

        - A reply without an error only says that the handovers were asked for: look at the errcode
          of every customer.
        - A handover takes effect after 24 hours unless the customer refuses; ask `transfer.result`
          how it went. Refusals also arrive as transfer_fail events.
        - The takeover member needs 客户联系, an activated account, a verified real name, and must
          be visible to the app.
        - Both members must have logged in within the last year.
        - No add_external_contact event comes when the takeover member had the customer already, or
          once handed them on.
        - A customer can be handed over at most twice in 90 calendar days (40128).
        - It replaced /cgi-bin/externalcontact/transfer, which took one customer and is no longer
          maintained.

        Args:
            handover_userid: The member who gives the customers away.
            takeover_userid: The member who gets them.
            external_userid: Customers of the handover member; a list in spite of its name. At most
                100 items.
            transfer_success_msg: Told to the customer when the handover is done; WeCom has a text
                of its own when absent. At most 200 characters.

        Raises:
            Conflict: 40100, 40129.
            Forbidden: 40098, 40143.
            InvalidArgument: 40130.
            NotFound: 40096, 40131.
            QuotaExceeded: 40099, 40128.
        """
        return await self._client.send(
            TransferCustomer(
                handover_userid=handover_userid,
                takeover_userid=takeover_userid,
                external_userid=external_userid,
                transfer_success_msg=transfer_success_msg,
            )
        )

    def result(
        self,
        *,
        handover_userid: UserId,
        takeover_userid: UserId,
        cursor: str | None = None,
    ) -> "AsyncPager[TransferResultResult, CustomerTransfer]":
        """Walk the state of the handovers between two members.

        查询客户接替状态: https://developer.work.weixin.qq.com/document/path/94088

        - A page has at most 1000 customers; its size cannot be chosen.
        - It replaced /cgi-bin/externalcontact/get_transfer_result, which is no longer maintained.

        Args:
            handover_userid: The member who gave the customers away.
            takeover_userid: The member who gets them.
            cursor: Where to go on; absent or empty for the first page.
        """
        return self._client.pager(
            TransferResult(
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
    ) -> TransferGroupChatResult:
        """Give customer groups of members who stay a new owner.

        分配在职成员的客户群: https://developer.work.weixin.qq.com/document/path/95703

        - A reply without an error may still name groups that stayed with their owner: look at
          `failed_chat_list`.
        - For groups of a member who has left use `resigned_transfer.group_chat` (90502).
        - The new owner needs 客户联系, an activated account and a verified real name.
        - Both owners must have logged in within the last year, and the app must see the old one.
        - At most 300 groups of one owner can be handed over a day, and each group at most twice in
          90 calendar days.

        Args:
            chat_id_list: Groups that get a new owner. 1 to 100 items.
            new_owner: Who shall own them.

        Raises:
            Conflict: 90502, 90503, 90504.
            InvalidArgument: 90501, 90509.
        """
        return await self._client.send(
            TransferGroupChat(chat_id_list=chat_id_list, new_owner=new_owner)
        )
