"""企业群发: Mass sends, messages of the company that members confirm and send to customers or
customer groups.

Generated from spec/group_msg.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import define, evolve, field

from ._runtime.model import (
    Call,
    Endpoint,
    Model,
    OpenInt,
    OpenStr,
    PagedCall,
    Paginate,
    SequenceNotStr,
    wire,
)
from .errors import raise_partial
from .types import (
    Attachment,
    ChatId,
    CreatorFilter,
    CreatorType,
    ExternalUserId,
    MessageText,
    TagId,
    UserId,
)

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


class GroupMsgChatType(OpenStr):
    """Whom a mass send is for."""

    SINGLE = "single"
    """Customers."""
    GROUP = "group"
    """Customer groups."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgTagGroup(Model):
    """Tags of which one is enough."""

    tag_list: SequenceNotStr[TagId] = field(metadata=wire(max_items=100))
    """Corp tags or strategy tags; one of them must match. At most 100 items."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgTagFilter(Model):
    """Chooses customers by tags. A customer must have a tag of every group of tags."""

    group_list: SequenceNotStr[GroupMsgTagGroup]
    """Groups of tags; all of them must match."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgRecord(Model):
    """One mass send, of the company or of a member."""

    msgid: str
    """The mass send."""
    creator: UserId | None = None
    """Who created it; missing when an API did."""
    create_time: datetime = field(metadata=wire(also=str))
    """When it was created."""
    create_type: CreatorType
    """Whether the company or a member created it."""
    text: MessageText | None = None
    """The text."""
    attachments: list[Attachment] | None = None
    """The media. An image has media_id or pic_url, not both; WeCom prefers media_id. Download
    media with `media.get`.
    """


class GroupMsgTaskStatus(OpenInt):
    """Whether a member sent a mass send. There is no 1, though the sample of the page shows one."""

    UNSENT = 0
    SENT = 2


@define(kw_only=True, eq=False, repr=False)
class GroupMsgTask(Model):
    """What one member did about a mass send."""

    userid: UserId
    """The member."""
    status: GroupMsgTaskStatus
    """Whether the member sent it."""
    send_time: datetime | None = None
    """When; missing while it is unsent."""


class GroupMsgDeliveryStatus(OpenInt):
    """What became of a mass send for one customer or group. Counts otherwise than the status of
    a task.
    """

    UNSENT = 0
    SENT = 1
    NOT_FRIEND = 2
    """Failed; the customer is no friend of the member any more."""
    QUOTA_USED = 3
    """Failed; the customer has received another mass send already."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgDelivery(Model):
    """What became of a mass send for one customer or group."""

    external_userid: ExternalUserId | None = None
    """The customer; missing in a mass send to groups."""
    chat_id: ChatId | None = None
    """The group; missing in a mass send to customers."""
    userid: UserId
    """The member who sends."""
    status: GroupMsgDeliveryStatus
    """What became of it."""
    send_time: datetime | None = None
    """When; only if it was sent."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgAddTemplateResult(Model):
    """What `group_msg.add_template` returns."""

    fail_list: list[str] | None = None
    """Ids (external_userid or chat_id) that are wrong or cannot be reached."""
    msgid: str
    """The mass send."""

    @property
    def failures(self) -> list[str]:
        """What WeCom did not do, although it said yes."""
        failed: list[str] = []
        if self.fail_list:
            failed += self.fail_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("group_msg.add_template", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class GroupMsgAddTemplate(Call[GroupMsgAddTemplateResult]):
    """Create a mass send; members must confirm before anything is sent."""

    endpoint: ClassVar[Endpoint[GroupMsgAddTemplateResult]] = Endpoint(
        name="group_msg.add_template",
        method="POST",
        path="/cgi-bin/externalcontact/add_msg_template",
        title="创建企业群发",
        page=92135,
        readonly=False,
        result=GroupMsgAddTemplateResult,
        errors=(40007, 41048, 41064, 41065, 41072, 45002, 84061, 86214),
    )
    __any_of__: ClassVar = (("text", "attachments"), ("external_userid", "sender", "tag_filter"))
    chat_type: GroupMsgChatType | None = None
    external_userid: SequenceNotStr[ExternalUserId] | None = field(
        default=None, metadata=wire(max_items=10000)
    )
    chat_id_list: SequenceNotStr[ChatId] | None = field(default=None, metadata=wire(max_items=2000))
    tag_filter: GroupMsgTagFilter | None = None
    sender: UserId | None = None
    allow_select: bool | None = None
    text: MessageText | None = None
    attachments: SequenceNotStr[Attachment] | None = field(default=None, metadata=wire(max_items=9))


@define(kw_only=True, eq=False, repr=False)
class GroupMsgRemindSend(Call[None]):
    """Remind the members who have not sent yet."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_msg.remind_send",
        method="POST",
        path="/cgi-bin/externalcontact/remind_groupmsg_send",
        title="提醒成员群发",
        page=97610,
        readonly=False,
        result=None,
        errors=(41046, 41047, 41093, 41094),
    )
    msgid: str


@define(kw_only=True, eq=False, repr=False)
class GroupMsgCancelSend(Call[None]):
    """Stop the members who have not sent yet."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_msg.cancel_send",
        method="POST",
        path="/cgi-bin/externalcontact/cancel_groupmsg_send",
        title="停止企业群发",
        page=97611,
        readonly=False,
        result=None,
        errors=(41046, 41047, 41093),
    )
    msgid: str


@define(kw_only=True, eq=False, repr=False)
class GroupMsgListResult(Model):
    """What `group_msg.list` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    group_msg_list: list[GroupMsgRecord]
    """The mass sends."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgList(PagedCall[GroupMsgListResult, GroupMsgRecord]):
    """Walk the mass sends of a period, of the company and of its members."""

    endpoint: ClassVar[Endpoint[GroupMsgListResult]] = Endpoint(
        name="group_msg.list",
        method="POST",
        path="/cgi-bin/externalcontact/get_groupmsg_list_v2",
        title="获取群发记录列表",
        page=93338,
        readonly=True,
        result=GroupMsgListResult,
        paginate=Paginate(items="group_msg_list", cursor="cursor", next="next_cursor"),
        errors=(41063, 50100),
    )
    chat_type: GroupMsgChatType
    start_time: datetime
    end_time: datetime
    creator: UserId | None = None
    filter_type: CreatorFilter | None = None
    limit: int | None = field(default=None, metadata=wire(max=100))
    cursor: str | None = None

    def items_of(self, page: GroupMsgListResult) -> list[GroupMsgRecord]:
        return page.group_msg_list

    def after(self, page: GroupMsgListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class GroupMsgGetTaskResult(Model):
    """What `group_msg.get_task` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    task_list: list[GroupMsgTask]
    """One entry for each member who was asked."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgGetTask(PagedCall[GroupMsgGetTaskResult, GroupMsgTask]):
    """Walk which members have sent a mass send."""

    endpoint: ClassVar[Endpoint[GroupMsgGetTaskResult]] = Endpoint(
        name="group_msg.get_task",
        method="POST",
        path="/cgi-bin/externalcontact/get_groupmsg_task",
        title="获取群发成员发送任务列表",
        page=93338,
        readonly=True,
        result=GroupMsgGetTaskResult,
        paginate=Paginate(items="task_list", cursor="cursor", next="next_cursor"),
        errors=(41046, 41047, 41063, 50100),
    )
    msgid: str
    limit: int | None = field(default=None, metadata=wire(max=1000))
    cursor: str | None = None

    def items_of(self, page: GroupMsgGetTaskResult) -> list[GroupMsgTask]:
        return page.task_list

    def after(self, page: GroupMsgGetTaskResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class GroupMsgGetSendResultResult(Model):
    """What `group_msg.get_send_result` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    send_list: list[GroupMsgDelivery]
    """One entry for each customer or group."""


@define(kw_only=True, eq=False, repr=False)
class GroupMsgGetSendResult(PagedCall[GroupMsgGetSendResultResult, GroupMsgDelivery]):
    """Walk whom one member's part of a mass send has reached."""

    endpoint: ClassVar[Endpoint[GroupMsgGetSendResultResult]] = Endpoint(
        name="group_msg.get_send_result",
        method="POST",
        path="/cgi-bin/externalcontact/get_groupmsg_send_result",
        title="获取企业群发成员执行结果",
        page=93338,
        readonly=True,
        result=GroupMsgGetSendResultResult,
        paginate=Paginate(items="send_list", cursor="cursor", next="next_cursor"),
        errors=(41046, 41047, 41063, 50100),
    )
    msgid: str
    userid: UserId
    limit: int | None = field(default=None, metadata=wire(max=1000))
    cursor: str | None = None

    def items_of(self, page: GroupMsgGetSendResultResult) -> list[GroupMsgDelivery]:
        return page.send_list

    def after(self, page: GroupMsgGetSendResultResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


class GroupMsgCalls:
    """企业群发: the calls of `Client.group_msg`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add_template(
        self,
        *,
        chat_type: GroupMsgChatType | None = None,
        external_userid: SequenceNotStr[ExternalUserId] | None = None,
        chat_id_list: SequenceNotStr[ChatId] | None = None,
        tag_filter: GroupMsgTagFilter | None = None,
        sender: UserId | None = None,
        allow_select: bool | None = None,
        text: MessageText | None = None,
        attachments: SequenceNotStr[Attachment] | None = None,
    ) -> GroupMsgAddTemplateResult:
        """Create a mass send; members must confirm before anything is sent.

        创建企业群发: https://developer.work.weixin.qq.com/document/path/92135

        - A customer or a group receives at most as many mass messages a month as the month has
          days; the company may choose 7 a week or 1 a day.
        - Only the member who talked to a customer last is asked to send to that customer.
        - A mass send to groups needs `sender`; one to customers needs at least one of
          `external_userid`, `sender` and `tag_filter`. A sender alone means all customers of that
          member.
        - Success is partial; whoever cannot be reached is in `fail_list`. When nobody can be
          reached, WeCom answers 41048.
        - Right afterwards queries about it may give 41063, still being dispatched; ask again later.
        - Calling twice creates two mass sends. Never repeat it blindly after a timeout; look into
          `list` first.

        Args:
            chat_type: To customers or to customer groups. "single" by default.
            external_userid: Customers to reach; only for chat_type single. Makes WeCom ignore
                tag_filter. At most 10,000 items.
            chat_id_list: Groups to reach; only for chat_type group. The owner need not choose any
                more, from client 4.1.10 on. At most 2,000 items.
            tag_filter: Customers to reach, by their tags; ignored when external_userid is given.
            sender: The member who sends; required for chat_type group.
            allow_select: Whether the member may choose among the customers again; only for
                chat_type single. False by default.
            text: The text.
            attachments: Media sent after the text; from `media.upload`, not from
                `media.upload_attachment`. At most 9 items.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 45002, 86214.
            NotFound: 41048, 84061.
        """
        return self._client.send(
            GroupMsgAddTemplate(
                chat_type=chat_type,
                external_userid=external_userid,
                chat_id_list=chat_id_list,
                tag_filter=tag_filter,
                sender=sender,
                allow_select=allow_select,
                text=text,
                attachments=attachments,
            )
        )

    def remind_send(self, *, msgid: str) -> None:
        """Remind the members who have not sent yet.

        提醒成员群发: https://developer.work.weixin.qq.com/document/path/97610

        - At most 3 times in 24 hours for each mass send, then 41094.

        Args:
            msgid: The mass send.

        Raises:
            Conflict: 41093.
            InvalidArgument: 41046.
            NotFound: 41047.
            RateLimited: 41094.
        """
        return self._client.send(GroupMsgRemindSend(msgid=msgid))

    def cancel_send(self, *, msgid: str) -> None:
        """Stop the members who have not sent yet.

        停止企业群发: https://developer.work.weixin.qq.com/document/path/97611

        - What is sent already stays. Afterwards calls about this mass send give 41093, which here
          means it is done.

        Args:
            msgid: The mass send.

        Raises:
            Conflict: 41093.
            InvalidArgument: 41046.
            NotFound: 41047.
        """
        return self._client.send(GroupMsgCancelSend(msgid=msgid))

    def list(
        self,
        *,
        chat_type: GroupMsgChatType,
        start_time: datetime,
        end_time: datetime,
        creator: UserId | None = None,
        filter_type: CreatorFilter | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "Pager[GroupMsgListResult, GroupMsgRecord]":
        """Walk the mass sends of a period, of the company and of its members.

        获取群发记录列表: https://developer.work.weixin.qq.com/document/path/93338

        - The period spans at most one month.
        - Clients before 3.1.6 know one attachment only; their mass sends are in the retired
          get_groupmsg_list.

        Args:
            chat_type: Those to customers or those to customer groups; must be said.
            start_time: Mass sends from this time on.
            end_time: Mass sends up to this time, at most one month after the start.
            creator: Only mass sends of this member.
            filter_type: Mass sends of the company, of members, or both. 2 by default.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 100. 50 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 50100.
        """
        return self._client.pager(
            GroupMsgList(
                chat_type=chat_type,
                start_time=start_time,
                end_time=end_time,
                creator=creator,
                filter_type=filter_type,
                limit=limit,
                cursor=cursor,
            )
        )

    def get_task(
        self,
        *,
        msgid: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "Pager[GroupMsgGetTaskResult, GroupMsgTask]":
        """Walk which members have sent a mass send.

        获取群发成员发送任务列表: https://developer.work.weixin.qq.com/document/path/93338

        - Mass sends from before 2020-11-17 have no such list; their results are in the retired
          get_group_msg_result.

        Args:
            msgid: The mass send.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 41046, 50100.
            NotFound: 41047.
        """
        return self._client.pager(GroupMsgGetTask(msgid=msgid, limit=limit, cursor=cursor))

    def get_send_result(
        self,
        *,
        msgid: str,
        userid: UserId,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "Pager[GroupMsgGetSendResultResult, GroupMsgDelivery]":
        """Walk whom one member's part of a mass send has reached.

        获取企业群发成员执行结果: https://developer.work.weixin.qq.com/document/path/93338

        - A mass send to groups lists only what was sent, for the member chooses the groups while
          sending.
        - Mass sends from before 2020-11-17 are not in it, only in the retired get_group_msg_result.

        Args:
            msgid: The mass send.
            userid: The member who sends, from `get_task`.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 41046, 50100.
            NotFound: 41047.
        """
        return self._client.pager(
            GroupMsgGetSendResult(msgid=msgid, userid=userid, limit=limit, cursor=cursor)
        )


class AsyncGroupMsgCalls:
    """企业群发: the calls of `AsyncClient.group_msg`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add_template(
        self,
        *,
        chat_type: GroupMsgChatType | None = None,
        external_userid: SequenceNotStr[ExternalUserId] | None = None,
        chat_id_list: SequenceNotStr[ChatId] | None = None,
        tag_filter: GroupMsgTagFilter | None = None,
        sender: UserId | None = None,
        allow_select: bool | None = None,
        text: MessageText | None = None,
        attachments: SequenceNotStr[Attachment] | None = None,
    ) -> GroupMsgAddTemplateResult:
        """Create a mass send; members must confirm before anything is sent.

        创建企业群发: https://developer.work.weixin.qq.com/document/path/92135

        - A customer or a group receives at most as many mass messages a month as the month has
          days; the company may choose 7 a week or 1 a day.
        - Only the member who talked to a customer last is asked to send to that customer.
        - A mass send to groups needs `sender`; one to customers needs at least one of
          `external_userid`, `sender` and `tag_filter`. A sender alone means all customers of that
          member.
        - Success is partial; whoever cannot be reached is in `fail_list`. When nobody can be
          reached, WeCom answers 41048.
        - Right afterwards queries about it may give 41063, still being dispatched; ask again later.
        - Calling twice creates two mass sends. Never repeat it blindly after a timeout; look into
          `list` first.

        Args:
            chat_type: To customers or to customer groups. "single" by default.
            external_userid: Customers to reach; only for chat_type single. Makes WeCom ignore
                tag_filter. At most 10,000 items.
            chat_id_list: Groups to reach; only for chat_type group. The owner need not choose any
                more, from client 4.1.10 on. At most 2,000 items.
            tag_filter: Customers to reach, by their tags; ignored when external_userid is given.
            sender: The member who sends; required for chat_type group.
            allow_select: Whether the member may choose among the customers again; only for
                chat_type single. False by default.
            text: The text.
            attachments: Media sent after the text; from `media.upload`, not from
                `media.upload_attachment`. At most 9 items.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 45002, 86214.
            NotFound: 41048, 84061.
        """
        return await self._client.send(
            GroupMsgAddTemplate(
                chat_type=chat_type,
                external_userid=external_userid,
                chat_id_list=chat_id_list,
                tag_filter=tag_filter,
                sender=sender,
                allow_select=allow_select,
                text=text,
                attachments=attachments,
            )
        )

    async def remind_send(self, *, msgid: str) -> None:
        """Remind the members who have not sent yet.

        提醒成员群发: https://developer.work.weixin.qq.com/document/path/97610

        - At most 3 times in 24 hours for each mass send, then 41094.

        Args:
            msgid: The mass send.

        Raises:
            Conflict: 41093.
            InvalidArgument: 41046.
            NotFound: 41047.
            RateLimited: 41094.
        """
        return await self._client.send(GroupMsgRemindSend(msgid=msgid))

    async def cancel_send(self, *, msgid: str) -> None:
        """Stop the members who have not sent yet.

        停止企业群发: https://developer.work.weixin.qq.com/document/path/97611

        - What is sent already stays. Afterwards calls about this mass send give 41093, which here
          means it is done.

        Args:
            msgid: The mass send.

        Raises:
            Conflict: 41093.
            InvalidArgument: 41046.
            NotFound: 41047.
        """
        return await self._client.send(GroupMsgCancelSend(msgid=msgid))

    def list(
        self,
        *,
        chat_type: GroupMsgChatType,
        start_time: datetime,
        end_time: datetime,
        creator: UserId | None = None,
        filter_type: CreatorFilter | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "AsyncPager[GroupMsgListResult, GroupMsgRecord]":
        """Walk the mass sends of a period, of the company and of its members.

        获取群发记录列表: https://developer.work.weixin.qq.com/document/path/93338

        - The period spans at most one month.
        - Clients before 3.1.6 know one attachment only; their mass sends are in the retired
          get_groupmsg_list.

        Args:
            chat_type: Those to customers or those to customer groups; must be said.
            start_time: Mass sends from this time on.
            end_time: Mass sends up to this time, at most one month after the start.
            creator: Only mass sends of this member.
            filter_type: Mass sends of the company, of members, or both. 2 by default.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 100. 50 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 50100.
        """
        return self._client.pager(
            GroupMsgList(
                chat_type=chat_type,
                start_time=start_time,
                end_time=end_time,
                creator=creator,
                filter_type=filter_type,
                limit=limit,
                cursor=cursor,
            )
        )

    def get_task(
        self,
        *,
        msgid: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "AsyncPager[GroupMsgGetTaskResult, GroupMsgTask]":
        """Walk which members have sent a mass send.

        获取群发成员发送任务列表: https://developer.work.weixin.qq.com/document/path/93338

        - Mass sends from before 2020-11-17 have no such list; their results are in the retired
          get_group_msg_result.

        Args:
            msgid: The mass send.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 41046, 50100.
            NotFound: 41047.
        """
        return self._client.pager(GroupMsgGetTask(msgid=msgid, limit=limit, cursor=cursor))

    def get_send_result(
        self,
        *,
        msgid: str,
        userid: UserId,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> "AsyncPager[GroupMsgGetSendResultResult, GroupMsgDelivery]":
        """Walk whom one member's part of a mass send has reached.

        获取企业群发成员执行结果: https://developer.work.weixin.qq.com/document/path/93338

        - A mass send to groups lists only what was sent, for the member chooses the groups while
          sending.
        - Mass sends from before 2020-11-17 are not in it, only in the retired get_group_msg_result.

        Args:
            msgid: The mass send.
            userid: The member who sends, from `get_task`.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.
            cursor: Where to go on.

        Raises:
            Conflict: 41063.
            InvalidArgument: 41046, 50100.
            NotFound: 41047.
        """
        return self._client.pager(
            GroupMsgGetSendResult(msgid=msgid, userid=userid, limit=limit, cursor=cursor)
        )
