"""管理企业规则组下的客户标签: Tags of one customer strategy, for the members in its range only.

Generated from spec/strategy_tag.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, SequenceNotStr, wire
from .corp_tag import NewTag, TagGroupId
from .customer_strategy import CustomerStrategyId
from .types import TagId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class StrategyTag(Model):
    """A tag of a strategy."""

    id: TagId
    """The tag; requests call it `tag_id`."""
    name: str
    """Its name."""
    create_time: datetime
    """When it was created."""
    order: int
    """Its place in the group, from 0 to 4294967295; the greater the further ahead."""


@define(kw_only=True, eq=False, repr=False)
class StrategyTagGroup(Model):
    """A group of tags that belongs to a strategy."""

    group_id: TagGroupId
    """The tag group."""
    group_name: str
    """Its name."""
    create_time: datetime
    """When it was created."""
    order: int
    """Its place, from 0 to 4294967295; the greater the further ahead."""
    strategy_id: CustomerStrategyId | None = None
    """The strategy it belongs to; not sent back when tags are added."""
    tag: list[StrategyTag]
    """Its tags."""


@define(kw_only=True, eq=False, repr=False)
class StrategyTagListResult(Model):
    """What `strategy_tag.list` returns."""

    tag_group: list[StrategyTagGroup]
    """The tag groups with their tags."""


@define(kw_only=True, eq=False, repr=False)
class StrategyTagList(Call[StrategyTagListResult]):
    """List the tags of the strategies, or the part that a strategy or some ids name."""

    endpoint: ClassVar[Endpoint[StrategyTagListResult]] = Endpoint(
        name="strategy_tag.list",
        method="POST",
        path="/cgi-bin/externalcontact/get_strategy_tag_list",
        title="获取指定规则组下的企业客户标签",
        page=94882,
        readonly=True,
        result=StrategyTagListResult,
        errors=(40068, 60030),
    )
    strategy_id: CustomerStrategyId | None = None
    tag_id: SequenceNotStr[TagId] | None = None
    group_id: SequenceNotStr[TagGroupId] | None = None


@define(kw_only=True, eq=False, repr=False)
class StrategyTagAddResult(Model):
    """What `strategy_tag.add` returns."""

    tag_group: StrategyTagGroup
    """The group, one object here and without `strategy_id`; its tag list holds the new tags."""


@define(kw_only=True, eq=False, repr=False)
class StrategyTagAdd(Call[StrategyTagAddResult]):
    """Add tags to a tag group of a strategy, or create a group with its first tags."""

    endpoint: ClassVar[Endpoint[StrategyTagAddResult]] = Endpoint(
        name="strategy_tag.add",
        method="POST",
        path="/cgi-bin/externalcontact/add_strategy_tag",
        title="为指定规则组创建企业客户标签",
        page=94882,
        readonly=False,
        result=StrategyTagAddResult,
        errors=(40058, 40068, 40071, 40072, 40126, 60030),
    )
    __any_of__: ClassVar = (("group_id", "group_name"),)
    strategy_id: CustomerStrategyId
    group_id: TagGroupId | None = None
    group_name: str | None = field(default=None, metadata=wire(max_chars=30))
    order: int | None = field(default=None, metadata=wire(max=4294967295, min=0))
    tag: SequenceNotStr[NewTag] = field(metadata=wire(min_items=1))


@define(kw_only=True, eq=False, repr=False)
class StrategyTagEdit(Call[None]):
    """Rename or move a tag or a tag group of a strategy."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="strategy_tag.edit",
        method="POST",
        path="/cgi-bin/externalcontact/edit_strategy_tag",
        title="编辑指定规则组下的企业客户标签",
        page=94882,
        readonly=False,
        result=None,
        errors=(40068, 40071, 40072, 60030),
    )
    id: str
    name: str | None = field(default=None, metadata=wire(max_chars=30, min_chars=1))
    order: int | None = field(default=None, metadata=wire(max=4294967295, min=0))


@define(kw_only=True, eq=False, repr=False)
class StrategyTagDelete(Call[None]):
    """Delete tags of a strategy, whole tag groups, or both."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="strategy_tag.delete",
        method="POST",
        path="/cgi-bin/externalcontact/del_strategy_tag",
        title="删除指定规则组下的企业客户标签",
        page=94882,
        readonly=False,
        result=None,
        errors=(40068, 60030),
    )
    __any_of__: ClassVar = (("tag_id", "group_id"),)
    tag_id: SequenceNotStr[TagId] | None = None
    group_id: SequenceNotStr[TagGroupId] | None = None


class StrategyTagCalls:
    """管理企业规则组下的客户标签: the calls of `Client.strategy_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        strategy_id: CustomerStrategyId | None = None,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> StrategyTagListResult:
        """List the tags of the strategies, or the part that a strategy or some ids name.

        获取指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - There is no paging; without `tag_id` and `group_id` all tags come in one reply.
        - WeCom takes an empty list for no filter and sends all.
        - Apps see only the strategies they created, and need the permission 管理客户联系规则组.

        Args:
            strategy_id: The strategy whose tags are wanted.
            tag_id: Tags wanted; ignored when `group_id` is given.
            group_id: Tag groups wanted, each with all its tags.

        Raises:
            Forbidden: 60030.
            NotFound: 40068.
        """
        return self._client.send(
            StrategyTagList(strategy_id=strategy_id, tag_id=tag_id, group_id=group_id)
        )

    def add(
        self,
        *,
        strategy_id: CustomerStrategyId,
        tag: SequenceNotStr[NewTag],
        group_id: TagGroupId | None = None,
        group_name: str | None = None,
        order: int | None = None,
    ) -> StrategyTagAddResult:
        """Add tags to a tag group of a strategy, or create a group with its first tags.

        为指定规则组创建企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - Only a strategy of the first level, one without a parent, takes tags.
        - A `group_name` that the strategy has already adds the tags to that group.
        - There are no empty groups.
        - An empty `group_id` is refused with 40058; leave it out to create a group.
        - Tags of the same name within one call become one.
        - A company has at most 10,000 tags, corp tags and strategy tags together; older pages say
          3,000.

        Args:
            strategy_id: The strategy that gets the tags.
            tag: The tags to add. At least 1 item.
            group_id: The group that gets the tags; when absent, `group_name` says which.
            group_name: The group by name; ignored when `group_id` is given. At most 30 characters.
            order: Place of a new group, the greater the further ahead; ignored when `group_id` is
                given. 0 to 4,294,967,295.

        Raises:
            Conflict: 40071.
            Forbidden: 60030.
            InvalidArgument: 40058, 40072.
            NotFound: 40068.
            QuotaExceeded: 40126.
        """
        return self._client.send(
            StrategyTagAdd(
                strategy_id=strategy_id,
                tag=tag,
                group_id=group_id,
                group_name=group_name,
                order=order,
            )
        )

    def edit(self, *, id: str, name: str | None = None, order: int | None = None) -> None:
        """Rename or move a tag or a tag group of a strategy.

        编辑指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - A tag or group cannot be given to another strategy.
        - An app may edit only tags of strategies it created.
        - A group may not get the name of another group, nor a tag that of another tag in its group.

        Args:
            id: The `tag_id` of a tag or the `group_id` of a group.
            name: The new name, of a tag and of a group alike. 1 to 30 characters.
            order: The new place, the greater the further ahead. 0 to 4,294,967,295.

        Raises:
            Conflict: 40071.
            Forbidden: 60030.
            InvalidArgument: 40072.
            NotFound: 40068.
        """
        return self._client.send(StrategyTagEdit(id=id, name=name, order=order))

    def delete(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> None:
        """Delete tags of a strategy, whole tag groups, or both.

        删除指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - A group vanishes with its last tag.
        - An app may delete only tags of strategies it created.

        Args:
            tag_id: Tags to delete.
            group_id: Tag groups to delete with all their tags.

        Raises:
            Forbidden: 60030.
            NotFound: 40068.
        """
        return self._client.send(StrategyTagDelete(tag_id=tag_id, group_id=group_id))


class AsyncStrategyTagCalls:
    """管理企业规则组下的客户标签: the calls of `AsyncClient.strategy_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def list(
        self,
        *,
        strategy_id: CustomerStrategyId | None = None,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> StrategyTagListResult:
        """List the tags of the strategies, or the part that a strategy or some ids name.

        获取指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - There is no paging; without `tag_id` and `group_id` all tags come in one reply.
        - WeCom takes an empty list for no filter and sends all.
        - Apps see only the strategies they created, and need the permission 管理客户联系规则组.

        Args:
            strategy_id: The strategy whose tags are wanted.
            tag_id: Tags wanted; ignored when `group_id` is given.
            group_id: Tag groups wanted, each with all its tags.

        Raises:
            Forbidden: 60030.
            NotFound: 40068.
        """
        return await self._client.send(
            StrategyTagList(strategy_id=strategy_id, tag_id=tag_id, group_id=group_id)
        )

    async def add(
        self,
        *,
        strategy_id: CustomerStrategyId,
        tag: SequenceNotStr[NewTag],
        group_id: TagGroupId | None = None,
        group_name: str | None = None,
        order: int | None = None,
    ) -> StrategyTagAddResult:
        """Add tags to a tag group of a strategy, or create a group with its first tags.

        为指定规则组创建企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - Only a strategy of the first level, one without a parent, takes tags.
        - A `group_name` that the strategy has already adds the tags to that group.
        - There are no empty groups.
        - An empty `group_id` is refused with 40058; leave it out to create a group.
        - Tags of the same name within one call become one.
        - A company has at most 10,000 tags, corp tags and strategy tags together; older pages say
          3,000.

        Args:
            strategy_id: The strategy that gets the tags.
            tag: The tags to add. At least 1 item.
            group_id: The group that gets the tags; when absent, `group_name` says which.
            group_name: The group by name; ignored when `group_id` is given. At most 30 characters.
            order: Place of a new group, the greater the further ahead; ignored when `group_id` is
                given. 0 to 4,294,967,295.

        Raises:
            Conflict: 40071.
            Forbidden: 60030.
            InvalidArgument: 40058, 40072.
            NotFound: 40068.
            QuotaExceeded: 40126.
        """
        return await self._client.send(
            StrategyTagAdd(
                strategy_id=strategy_id,
                tag=tag,
                group_id=group_id,
                group_name=group_name,
                order=order,
            )
        )

    async def edit(self, *, id: str, name: str | None = None, order: int | None = None) -> None:
        """Rename or move a tag or a tag group of a strategy.

        编辑指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - A tag or group cannot be given to another strategy.
        - An app may edit only tags of strategies it created.
        - A group may not get the name of another group, nor a tag that of another tag in its group.

        Args:
            id: The `tag_id` of a tag or the `group_id` of a group.
            name: The new name, of a tag and of a group alike. 1 to 30 characters.
            order: The new place, the greater the further ahead. 0 to 4,294,967,295.

        Raises:
            Conflict: 40071.
            Forbidden: 60030.
            InvalidArgument: 40072.
            NotFound: 40068.
        """
        return await self._client.send(StrategyTagEdit(id=id, name=name, order=order))

    async def delete(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> None:
        """Delete tags of a strategy, whole tag groups, or both.

        删除指定规则组下的企业客户标签: https://developer.work.weixin.qq.com/document/path/94882

        - A group vanishes with its last tag.
        - An app may delete only tags of strategies it created.

        Args:
            tag_id: Tags to delete.
            group_id: Tag groups to delete with all their tags.

        Raises:
            Forbidden: 60030.
            NotFound: 40068.
        """
        return await self._client.send(StrategyTagDelete(tag_id=tag_id, group_id=group_id))
