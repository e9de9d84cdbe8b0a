"""客户群「加入群聊」管理: QR codes and mini program buttons by which customers join a group.

Generated from spec/group_join_way.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, SequenceNotStr, wire
from .contact_way import Scene
from .types import ChatId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayDetail(Model):
    """A way to join groups."""

    config_id: str
    """Id of the join way."""
    scene: Scene
    """Mini program button or QR code."""
    remark: str | None = None
    """A note of the company."""
    auto_create_room: bool = field(metadata=wire(flag=True))
    """Whether a new group is made when all are full."""
    room_base_name: str | None = None
    """Name of the groups made so, before their number."""
    room_base_id: int | None = None
    """Number of the first group made so."""
    chat_id_list: list[ChatId]
    """Groups that customers join."""
    qr_code: str | None = None
    """Address of the QR code; only with the QR code scene."""
    state: str | None = None
    """The company's mark for the channel."""
    mark_source: bool | None = None
    """Whether customers are marked as coming from the app's join way."""


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayAddResult(Model):
    """What `group_join_way.add` returns."""

    config_id: str
    """Id of the join way."""


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayAdd(Call[GroupJoinWayAddResult]):
    """Create a way to join groups."""

    endpoint: ClassVar[Endpoint[GroupJoinWayAddResult]] = Endpoint(
        name="group_join_way.add",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/add_join_way",
        title="配置客户群进群方式",
        page=92229,
        readonly=False,
        result=GroupJoinWayAddResult,
        errors=(41045, 41091, 701170),
    )
    scene: Scene
    remark: str | None = None
    auto_create_room: bool | None = field(default=None, metadata=wire(flag=True))
    room_base_name: str | None = field(default=None, metadata=wire(max_chars=40))
    room_base_id: int | None = None
    chat_id_list: SequenceNotStr[ChatId] = field(metadata=wire(max_items=5))
    state: str | None = field(default=None, metadata=wire(max_chars=30))
    mark_source: bool | None = None


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayGetResult(Model):
    """What `group_join_way.get` returns."""

    join_way: GroupJoinWayDetail
    """The join way."""


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayGet(Call[GroupJoinWayGetResult]):
    """Read a way to join groups."""

    endpoint: ClassVar[Endpoint[GroupJoinWayGetResult]] = Endpoint(
        name="group_join_way.get",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/get_join_way",
        title="获取客户群进群方式配置",
        page=92229,
        readonly=True,
        result=GroupJoinWayGetResult,
    )
    config_id: str


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayUpdate(Call[None]):
    """Overwrite a way to join groups."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_join_way.update",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/update_join_way",
        title="更新客户群进群方式配置",
        page=92229,
        readonly=False,
        result=None,
        errors=(41091,),
    )
    config_id: str
    scene: Scene
    remark: str | None = None
    auto_create_room: bool | None = field(default=None, metadata=wire(flag=True))
    room_base_name: str | None = field(default=None, metadata=wire(max_chars=40))
    room_base_id: int | None = None
    chat_id_list: SequenceNotStr[ChatId] = field(metadata=wire(max_items=5))
    state: str | None = field(default=None, metadata=wire(max_chars=30))
    mark_source: bool | None = None


@define(kw_only=True, eq=False, repr=False)
class GroupJoinWayDelete(Call[None]):
    """Delete a way to join groups."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_join_way.delete",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/del_join_way",
        title="删除客户群进群方式配置",
        page=92229,
        readonly=False,
        result=None,
    )
    config_id: str


class GroupJoinWayCalls:
    """客户群「加入群聊」管理: the calls of `Client.group_join_way`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add(
        self,
        *,
        scene: Scene,
        chat_id_list: SequenceNotStr[ChatId],
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> GroupJoinWayAddResult:
        """Create a way to join groups.

        配置客户群进群方式: https://developer.work.weixin.qq.com/document/path/92229

        - The reply has no QR code; `group_join_way.get` has.
        - Join ways made here do not show in the admin console, and an app sees only its own.
        - Join ways and contact ways made by API together are at most 500,000 a company (41045).
        - Third-party and provider-developed apps need the paid add-on 「加入群聊」.
        - A mini program needs the WeCom plugin to show the button.

        Args:
            scene: Mini program button or QR code.
            chat_id_list: Groups that customers join. At most 5 items.
            remark: A note for yourselves; WeCom cuts it after 30 characters.
            auto_create_room: Whether a new group is made when all are full; it is when absent. True
                by default.
            room_base_name: Name of the groups made so, before their number; only with
                auto_create_room. At most 40 characters.
            room_base_id: Number of the first group made so, 10 gives room_base_name and 10, then
                11; only with auto_create_room.
            state: Your mark for the channel; `group_chat.get` has it for everybody who came this
                way. At most 30 characters.
            mark_source: Whether customers are marked as coming from this app's join way; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 701170.
            QuotaExceeded: 41045, 41091.
        """
        return self._client.send(
            GroupJoinWayAdd(
                scene=scene,
                chat_id_list=chat_id_list,
                remark=remark,
                auto_create_room=auto_create_room,
                room_base_name=room_base_name,
                room_base_id=room_base_id,
                state=state,
                mark_source=mark_source,
            )
        )

    def get(self, *, config_id: str) -> GroupJoinWayGetResult:
        """Read a way to join groups.

        获取客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
        """
        return self._client.send(GroupJoinWayGet(config_id=config_id))

    def update(
        self,
        *,
        config_id: str,
        scene: Scene,
        chat_id_list: SequenceNotStr[ChatId],
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Overwrite a way to join groups.

        更新客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - Everything is overwritten: fields left out are reset, so give all of them again.
        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
            scene: Mini program button or QR code.
            chat_id_list: Groups that customers join. At most 5 items.
            remark: A note for yourselves; WeCom cuts it after 30 characters.
            auto_create_room: Whether a new group is made when all are full; it is when absent. True
                by default.
            room_base_name: Name of the groups made so, before their number; only with
                auto_create_room. At most 40 characters.
            room_base_id: Number of the first group made so, 10 gives room_base_name and 10, then
                11; only with auto_create_room.
            state: Your mark for the channel; `group_chat.get` has it for everybody who came this
                way. At most 30 characters.
            mark_source: Whether customers are marked as coming from this app's join way; only for
                营销获客 apps, and only the app that made the join way may change it. True by
                default.

        Raises:
            QuotaExceeded: 41091.
        """
        return self._client.send(
            GroupJoinWayUpdate(
                config_id=config_id,
                scene=scene,
                chat_id_list=chat_id_list,
                remark=remark,
                auto_create_room=auto_create_room,
                room_base_name=room_base_name,
                room_base_id=room_base_id,
                state=state,
                mark_source=mark_source,
            )
        )

    def delete(self, *, config_id: str) -> None:
        """Delete a way to join groups.

        删除客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
        """
        return self._client.send(GroupJoinWayDelete(config_id=config_id))


class AsyncGroupJoinWayCalls:
    """客户群「加入群聊」管理: the calls of `AsyncClient.group_join_way`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add(
        self,
        *,
        scene: Scene,
        chat_id_list: SequenceNotStr[ChatId],
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> GroupJoinWayAddResult:
        """Create a way to join groups.

        配置客户群进群方式: https://developer.work.weixin.qq.com/document/path/92229

        - The reply has no QR code; `group_join_way.get` has.
        - Join ways made here do not show in the admin console, and an app sees only its own.
        - Join ways and contact ways made by API together are at most 500,000 a company (41045).
        - Third-party and provider-developed apps need the paid add-on 「加入群聊」.
        - A mini program needs the WeCom plugin to show the button.

        Args:
            scene: Mini program button or QR code.
            chat_id_list: Groups that customers join. At most 5 items.
            remark: A note for yourselves; WeCom cuts it after 30 characters.
            auto_create_room: Whether a new group is made when all are full; it is when absent. True
                by default.
            room_base_name: Name of the groups made so, before their number; only with
                auto_create_room. At most 40 characters.
            room_base_id: Number of the first group made so, 10 gives room_base_name and 10, then
                11; only with auto_create_room.
            state: Your mark for the channel; `group_chat.get` has it for everybody who came this
                way. At most 30 characters.
            mark_source: Whether customers are marked as coming from this app's join way; only for
                营销获客 apps. True by default.

        Raises:
            Forbidden: 701170.
            QuotaExceeded: 41045, 41091.
        """
        return await self._client.send(
            GroupJoinWayAdd(
                scene=scene,
                chat_id_list=chat_id_list,
                remark=remark,
                auto_create_room=auto_create_room,
                room_base_name=room_base_name,
                room_base_id=room_base_id,
                state=state,
                mark_source=mark_source,
            )
        )

    async def get(self, *, config_id: str) -> GroupJoinWayGetResult:
        """Read a way to join groups.

        获取客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
        """
        return await self._client.send(GroupJoinWayGet(config_id=config_id))

    async def update(
        self,
        *,
        config_id: str,
        scene: Scene,
        chat_id_list: SequenceNotStr[ChatId],
        remark: str | None = None,
        auto_create_room: bool | None = None,
        room_base_name: str | None = None,
        room_base_id: int | None = None,
        state: str | None = None,
        mark_source: bool | None = None,
    ) -> None:
        """Overwrite a way to join groups.

        更新客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - Everything is overwritten: fields left out are reset, so give all of them again.
        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
            scene: Mini program button or QR code.
            chat_id_list: Groups that customers join. At most 5 items.
            remark: A note for yourselves; WeCom cuts it after 30 characters.
            auto_create_room: Whether a new group is made when all are full; it is when absent. True
                by default.
            room_base_name: Name of the groups made so, before their number; only with
                auto_create_room. At most 40 characters.
            room_base_id: Number of the first group made so, 10 gives room_base_name and 10, then
                11; only with auto_create_room.
            state: Your mark for the channel; `group_chat.get` has it for everybody who came this
                way. At most 30 characters.
            mark_source: Whether customers are marked as coming from this app's join way; only for
                营销获客 apps, and only the app that made the join way may change it. True by
                default.

        Raises:
            QuotaExceeded: 41091.
        """
        return await self._client.send(
            GroupJoinWayUpdate(
                config_id=config_id,
                scene=scene,
                chat_id_list=chat_id_list,
                remark=remark,
                auto_create_room=auto_create_room,
                room_base_name=room_base_name,
                room_base_id=room_base_id,
                state=state,
                mark_source=mark_source,
            )
        )

    async def delete(self, *, config_id: str) -> None:
        """Delete a way to join groups.

        删除客户群进群方式配置: https://developer.work.weixin.qq.com/document/path/92229

        - An app sees only the join ways it made.

        Args:
            config_id: Id of the join way.
        """
        return await self._client.send(GroupJoinWayDelete(config_id=config_id))
