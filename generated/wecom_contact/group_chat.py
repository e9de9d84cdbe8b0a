"""客户群管理: Groups that members and customers chat in.

Generated from spec/group_chat.yaml by `make gen`. Do not edit.
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
from .types import ChatId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class GroupOwnerFilter(Model):
    """Which owners' groups are meant."""

    userid_list: SequenceNotStr[UserId] = field(metadata=wire(max_items=100))
    """The owners. At most 100 items."""


class GroupChatStatusFilter(OpenInt):
    """Which groups to list, by what became of their owner."""

    ALL = 0
    """No filter."""
    OWNER_RESIGNED = 1
    """The owner has left and the group waits for a new one."""
    TRANSFERRING = 2
    """The group of an owner who left is being handed over."""
    TRANSFERRED = 3
    """The group of an owner who left has been handed over."""


class GroupChatStatus(OpenInt):
    """Whether a group has an owner who looks after it."""

    NORMAL = 0
    """The owner is in the company."""
    OWNER_RESIGNED = 1
    """The owner has left."""
    TRANSFERRING = 2
    """The group of an owner who left is being handed over."""
    TRANSFERRED = 3
    """The group of an owner who left has been handed over."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatSummary(Model):
    """A customer group in a list."""

    chat_id: ChatId
    """The group."""
    status: GroupChatStatus
    """Whether its owner is in the company."""


class GroupMemberType(OpenInt):
    """Who somebody in a group is."""

    MEMBER = 1
    """A member of the company."""
    EXTERNAL = 2
    """An external contact."""


class GroupMemberJoinScene(OpenInt):
    """How somebody joined a group; the JoinScene of group events has another scale."""

    INVITED = 1
    """Invited directly by somebody in the group."""
    INVITE_LINK = 2
    """By an invitation link of somebody in the group."""
    QR_CODE = 3
    """By scanning the QR code of the group."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatInvitor(Model):
    """Who invited somebody into a group."""

    userid: UserId
    """The member."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatMember(Model):
    """Somebody in a customer group."""

    userid: str
    """The userid of a member, the external_userid of an external contact: see `type`."""
    type: GroupMemberType
    """Who it is."""
    unionid: str | None = None
    """WeChat unionid; only of WeChat users, when the company has bound a WeChat developer
    account, and never for third-party apps or for customers of a downstream company.
    """
    join_time: datetime
    """When they joined."""
    join_scene: GroupMemberJoinScene
    """How they joined."""
    invitor: GroupChatInvitor | None = None
    """Who invited them (so spelt); only when it was a member of this company."""
    group_nickname: str
    """Nickname in the group."""
    name: str | None = None
    """Name, only with need_name: of WeChat users their WeChat name, of WeCom users the alias or
    real name they show outside.
    """
    state: str | None = None
    """The state of the join way they came by."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatAdmin(Model):
    """Who administers a group."""

    userid: UserId
    """The member."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatDetail(Model):
    """A customer group and its members."""

    chat_id: ChatId
    """The group."""
    name: str
    """Name of the group."""
    owner: UserId
    """The owner."""
    create_time: datetime
    """When the group was created."""
    notice: str | None = None
    """Announcement of the group."""
    member_list: list[GroupChatMember]
    """Everybody in the group."""
    admin_list: list[GroupChatAdmin]
    """Members who administer the group."""
    member_version: str | None = None
    """Version of the member list; the same as in group events (LastMemVer, CurMemVer), which
    spares calls.
    """


@define(kw_only=True, eq=False, repr=False)
class GroupChatListResult(Model):
    """What `group_chat.list` returns."""

    group_chat_list: list[GroupChatSummary]
    """The groups."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatList(PagedCall[GroupChatListResult, GroupChatSummary]):
    """Walk the customer groups."""

    endpoint: ClassVar[Endpoint[GroupChatListResult]] = Endpoint(
        name="group_chat.list",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/list",
        title="获取客户群列表",
        page=92120,
        readonly=True,
        result=GroupChatListResult,
        paginate=Paginate(items="group_chat_list", cursor="cursor", next="next_cursor"),
        errors=(81017,),
    )
    status_filter: GroupChatStatusFilter | None = None
    owner_filter: GroupOwnerFilter | None = None
    cursor: str | None = None
    limit: int = field(metadata=wire(max=1000, min=1))

    def items_of(self, page: GroupChatListResult) -> list[GroupChatSummary]:
        return page.group_chat_list

    def after(self, page: GroupChatListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class GroupChatGetResult(Model):
    """What `group_chat.get` returns."""

    group_chat: GroupChatDetail
    """The group."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatGet(Call[GroupChatGetResult]):
    """Read a customer group and its members."""

    endpoint: ClassVar[Endpoint[GroupChatGetResult]] = Endpoint(
        name="group_chat.get",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/get",
        title="获取客户群详情",
        page=92122,
        readonly=True,
        result=GroupChatGetResult,
        errors=(40050,),
    )
    chat_id: ChatId
    need_name: bool | None = field(default=None, metadata=wire(flag=True))


@define(kw_only=True, eq=False, repr=False)
class GroupChatOpengidToChatidResult(Model):
    """What `group_chat.opengid_to_chatid` returns."""

    chat_id: ChatId
    """The same group for `group_chat.get`."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatOpengidToChatid(Call[GroupChatOpengidToChatidResult]):
    """Turn the group id that a mini program sees into a chat_id."""

    endpoint: ClassVar[Endpoint[GroupChatOpengidToChatidResult]] = Endpoint(
        name="group_chat.opengid_to_chatid",
        method="POST",
        path="/cgi-bin/externalcontact/opengid_to_chatid",
        title="客户群opengid转换",
        page=94822,
        readonly=True,
        result=GroupChatOpengidToChatidResult,
        errors=(90511,),
    )
    opengid: str


class GroupChatCalls:
    """客户群管理: the calls of `Client.group_chat`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        limit: int,
        status_filter: GroupChatStatusFilter | None = None,
        owner_filter: GroupOwnerFilter | None = None,
        cursor: str | None = None,
    ) -> "Pager[GroupChatListResult, GroupChatSummary]":
        """Walk the customer groups.

        获取客户群列表: https://developer.work.weixin.qq.com/document/path/92120

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Groups whose owner has left come only when `owner_filter` names that owner.
        - Paging by offset, of older clients, is deprecated and left out here.

        Args:
            limit: Page size; WeCom has no default. 1 to 1,000.
            status_filter: Only groups in this state; all when absent. 0 by default.
            owner_filter: Only groups of these owners; needed for groups whose owner has left.
            cursor: Where to go on.

        Raises:
            QuotaExceeded: 81017.
        """
        return self._client.pager(
            GroupChatList(
                limit=limit,
                status_filter=status_filter,
                owner_filter=owner_filter,
                cursor=cursor,
            )
        )

    def get(self, *, chat_id: ChatId, need_name: bool | None = None) -> GroupChatGetResult:
        """Read a customer group and its members.

        获取客户群详情: https://developer.work.weixin.qq.com/document/path/92122

        - After a change of the group, which an event tells at once, this call may show the old
          state for a few seconds.
        - The app must see the owner of the group.

        Args:
            chat_id: The group.
            need_name: Whether members come with their names; they do not when absent.

        Raises:
            NotFound: 40050.
        """
        return self._client.send(GroupChatGet(chat_id=chat_id, need_name=need_name))

    def opengid_to_chatid(self, *, opengid: str) -> GroupChatOpengidToChatidResult:
        """Turn the group id that a mini program sees into a chat_id.

        客户群opengid转换: https://developer.work.weixin.qq.com/document/path/94822

        - Works for groups of the same company that a service member created, and whose owner the
          app can see.

        Args:
            opengid: Group id from wx.getGroupEnterInfo.

        Raises:
            NotFound: 90511.
        """
        return self._client.send(GroupChatOpengidToChatid(opengid=opengid))


class AsyncGroupChatCalls:
    """客户群管理: the calls of `AsyncClient.group_chat`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        limit: int,
        status_filter: GroupChatStatusFilter | None = None,
        owner_filter: GroupOwnerFilter | None = None,
        cursor: str | None = None,
    ) -> "AsyncPager[GroupChatListResult, GroupChatSummary]":
        """Walk the customer groups.

        获取客户群列表: https://developer.work.weixin.qq.com/document/path/92120

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Groups whose owner has left come only when `owner_filter` names that owner.
        - Paging by offset, of older clients, is deprecated and left out here.

        Args:
            limit: Page size; WeCom has no default. 1 to 1,000.
            status_filter: Only groups in this state; all when absent. 0 by default.
            owner_filter: Only groups of these owners; needed for groups whose owner has left.
            cursor: Where to go on.

        Raises:
            QuotaExceeded: 81017.
        """
        return self._client.pager(
            GroupChatList(
                limit=limit,
                status_filter=status_filter,
                owner_filter=owner_filter,
                cursor=cursor,
            )
        )

    async def get(self, *, chat_id: ChatId, need_name: bool | None = None) -> GroupChatGetResult:
        """Read a customer group and its members.

        获取客户群详情: https://developer.work.weixin.qq.com/document/path/92122

        - After a change of the group, which an event tells at once, this call may show the old
          state for a few seconds.
        - The app must see the owner of the group.

        Args:
            chat_id: The group.
            need_name: Whether members come with their names; they do not when absent.

        Raises:
            NotFound: 40050.
        """
        return await self._client.send(GroupChatGet(chat_id=chat_id, need_name=need_name))

    async def opengid_to_chatid(self, *, opengid: str) -> GroupChatOpengidToChatidResult:
        """Turn the group id that a mini program sees into a chat_id.

        客户群opengid转换: https://developer.work.weixin.qq.com/document/path/94822

        - Works for groups of the same company that a service member created, and whose owner the
          app can see.

        Args:
            opengid: Group id from wx.getGroupEnterInfo.

        Raises:
            NotFound: 90511.
        """
        return await self._client.send(GroupChatOpengidToChatid(opengid=opengid))
