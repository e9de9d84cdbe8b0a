"""管理企业标签: Tags that the company defines and its members put on customers.

Generated from spec/corp_tag.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, SequenceNotStr, wire
from .types import TagId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver

TagGroupId: TypeAlias = str
"""A group of corp tags or of strategy tags (group_id)."""


@define(kw_only=True, eq=False, repr=False)
class CorpTag(Model):
    """A tag that the company defined."""

    id: TagId
    """The tag; requests call it `tag_id`."""
    name: str
    """Its name."""
    create_time: datetime
    """When it was created."""
    order: int
    """Its place in the group, from 0 to 4294967295; the greater the further ahead."""
    deleted: bool | None = None
    """Whether it was deleted; sent only when `tag_id` or `group_id` is the filter."""


@define(kw_only=True, eq=False, repr=False)
class CorpTagGroup(Model):
    """A group of corp tags."""

    group_id: TagGroupId
    """The tag group."""
    group_name: str
    """Its name."""
    create_time: datetime
    """When it was created."""
    order: int
    """Its place, from 0 to 4294967295; the greater the further ahead."""
    deleted: bool | None = None
    """Whether it was deleted; sent only when `tag_id` is the filter."""
    tag: list[CorpTag]
    """Its tags."""


@define(kw_only=True, eq=False, repr=False)
class NewTag(Model):
    """A corp tag or strategy tag to be added."""

    name: str = field(metadata=wire(max_chars=30, min_chars=1))
    """Its name. 1 to 30 characters."""
    order: int | None = field(default=None, metadata=wire(max=4294967295, min=0))
    """Its place in the group, the greater the further ahead. 0 to 4,294,967,295."""


@define(kw_only=True, eq=False, repr=False)
class CorpTagListResult(Model):
    """What `corp_tag.list` returns."""

    tag_group: list[CorpTagGroup]
    """The tag groups with their tags."""


@define(kw_only=True, eq=False, repr=False)
class CorpTagList(Call[CorpTagListResult]):
    """List the tag library, or the part of it that some ids name."""

    endpoint: ClassVar[Endpoint[CorpTagListResult]] = Endpoint(
        name="corp_tag.list",
        method="POST",
        path="/cgi-bin/externalcontact/get_corp_tag_list",
        title="获取企业标签库",
        page=92117,
        readonly=True,
        result=CorpTagListResult,
        errors=(40068,),
    )
    tag_id: SequenceNotStr[TagId] | None = None
    group_id: SequenceNotStr[TagGroupId] | None = None


@define(kw_only=True, eq=False, repr=False)
class CorpTagAddResult(Model):
    """What `corp_tag.add` returns."""

    tag_group: CorpTagGroup
    """The group, one object here; its tag list holds the new tags."""


@define(kw_only=True, eq=False, repr=False)
class CorpTagAdd(Call[CorpTagAddResult]):
    """Add tags to a tag group, or create a group with its first tags."""

    endpoint: ClassVar[Endpoint[CorpTagAddResult]] = Endpoint(
        name="corp_tag.add",
        method="POST",
        path="/cgi-bin/externalcontact/add_corp_tag",
        title="添加企业客户标签",
        page=92117,
        readonly=False,
        result=CorpTagAddResult,
        errors=(40058, 40068, 40071, 40072, 40126),
    )
    __any_of__: ClassVar = (("group_id", "group_name"),)
    group_id: TagGroupId | None = None
    group_name: str | None = field(default=None, metadata=wire(max_chars=30))
    order: int | None = field(default=None, metadata=wire(max=4294967295, min=0))
    tag: SequenceNotStr[NewTag] = field(metadata=wire(min_items=1))
    agentid: int | None = None


@define(kw_only=True, eq=False, repr=False)
class CorpTagEdit(Call[None]):
    """Rename or move a tag or a tag group."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="corp_tag.edit",
        method="POST",
        path="/cgi-bin/externalcontact/edit_corp_tag",
        title="编辑企业客户标签",
        page=92117,
        readonly=False,
        result=None,
        errors=(40068, 40071, 40072, 60011, 81011),
    )
    id: str
    name: str | None = field(default=None, metadata=wire(max_chars=30, min_chars=1))
    order: int | None = field(default=None, metadata=wire(max=4294967295, min=0))
    agentid: int | None = None


@define(kw_only=True, eq=False, repr=False)
class CorpTagDelete(Call[None]):
    """Delete tags, whole tag groups, or both."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="corp_tag.delete",
        method="POST",
        path="/cgi-bin/externalcontact/del_corp_tag",
        title="删除企业客户标签",
        page=92117,
        readonly=False,
        result=None,
        errors=(40068, 60011, 81011),
    )
    __any_of__: ClassVar = (("tag_id", "group_id"),)
    tag_id: SequenceNotStr[TagId] | None = None
    group_id: SequenceNotStr[TagGroupId] | None = None
    agentid: int | None = None


class CorpTagCalls:
    """管理企业标签: the calls of `Client.corp_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> CorpTagListResult:
        """List the tag library, or the part of it that some ids name.

        获取企业标签库: https://developer.work.weixin.qq.com/document/path/92117

        - There is no paging; without a filter the whole library comes in one reply.
        - WeCom takes an empty list for no filter and sends the whole library.
        - A tag's id is `id` in the reply and `tag_id` in requests.

        Args:
            tag_id: Tags wanted; ignored when `group_id` is given.
            group_id: Tag groups wanted, each with all its tags.

        Raises:
            NotFound: 40068.
        """
        return self._client.send(CorpTagList(tag_id=tag_id, group_id=group_id))

    def add(
        self,
        *,
        tag: SequenceNotStr[NewTag],
        group_id: TagGroupId | None = None,
        group_name: str | None = None,
        order: int | None = None,
        agentid: int | None = None,
    ) -> CorpTagAddResult:
        """Add tags to a tag group, or create a group with its first tags.

        添加企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A `group_name` that exists already adds the tags to that group.
        - There are no empty groups.
        - An empty `group_id` is refused with 40058; leave it out to create a group.
        - Tags of the same name within one call become one; a name the group has already is refused
          with 40071.
        - A company has at most 10,000 tags, strategy tags included; older pages say 3,000.
        - Needs the permission 管理企业客户标签; an app may later edit and delete only what it
          added.

        Args:
            tag: The tags to add. At least 1 item.
            group_id: The group that gets the tags; when absent, `group_name` says which.
            group_name: The group by name; ignored when `group_id` is given. At most 30 characters.
            order: Place of a new group, the greater the further ahead; ignored when `group_id` is
                given. 0 to 4,294,967,295.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Conflict: 40071.
            InvalidArgument: 40058, 40072.
            NotFound: 40068.
            QuotaExceeded: 40126.
        """
        return self._client.send(
            CorpTagAdd(
                tag=tag,
                group_id=group_id,
                group_name=group_name,
                order=order,
                agentid=agentid,
            )
        )

    def edit(
        self,
        *,
        id: str,
        name: str | None = None,
        order: int | None = None,
        agentid: int | None = None,
    ) -> None:
        """Rename or move a tag or a tag group.

        编辑企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A group may not get the name of another group, nor a tag that of another tag in its group.
        - An app may edit only the tags it added.

        Args:
            id: The `tag_id` of a tag or the `group_id` of a group.
            name: The new name, of a tag and of a group alike. 1 to 30 characters.
            order: The new place, the greater the further ahead. 0 to 4,294,967,295.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Conflict: 40071.
            Forbidden: 60011, 81011.
            InvalidArgument: 40072.
            NotFound: 40068.
        """
        return self._client.send(CorpTagEdit(id=id, name=name, order=order, agentid=agentid))

    def delete(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
        agentid: int | None = None,
    ) -> None:
        """Delete tags, whole tag groups, or both.

        删除企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A group vanishes with its last tag.
        - Deleting a group sends one event for the group and none for its tags.
        - An app may delete only the tags it added.

        Args:
            tag_id: Tags to delete.
            group_id: Tag groups to delete with all their tags.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Forbidden: 60011, 81011.
            NotFound: 40068.
        """
        return self._client.send(CorpTagDelete(tag_id=tag_id, group_id=group_id, agentid=agentid))


class AsyncCorpTagCalls:
    """管理企业标签: the calls of `AsyncClient.corp_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def list(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
    ) -> CorpTagListResult:
        """List the tag library, or the part of it that some ids name.

        获取企业标签库: https://developer.work.weixin.qq.com/document/path/92117

        - There is no paging; without a filter the whole library comes in one reply.
        - WeCom takes an empty list for no filter and sends the whole library.
        - A tag's id is `id` in the reply and `tag_id` in requests.

        Args:
            tag_id: Tags wanted; ignored when `group_id` is given.
            group_id: Tag groups wanted, each with all its tags.

        Raises:
            NotFound: 40068.
        """
        return await self._client.send(CorpTagList(tag_id=tag_id, group_id=group_id))

    async def add(
        self,
        *,
        tag: SequenceNotStr[NewTag],
        group_id: TagGroupId | None = None,
        group_name: str | None = None,
        order: int | None = None,
        agentid: int | None = None,
    ) -> CorpTagAddResult:
        """Add tags to a tag group, or create a group with its first tags.

        添加企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A `group_name` that exists already adds the tags to that group.
        - There are no empty groups.
        - An empty `group_id` is refused with 40058; leave it out to create a group.
        - Tags of the same name within one call become one; a name the group has already is refused
          with 40071.
        - A company has at most 10,000 tags, strategy tags included; older pages say 3,000.
        - Needs the permission 管理企业客户标签; an app may later edit and delete only what it
          added.

        Args:
            tag: The tags to add. At least 1 item.
            group_id: The group that gets the tags; when absent, `group_name` says which.
            group_name: The group by name; ignored when `group_id` is given. At most 30 characters.
            order: Place of a new group, the greater the further ahead; ignored when `group_id` is
                given. 0 to 4,294,967,295.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Conflict: 40071.
            InvalidArgument: 40058, 40072.
            NotFound: 40068.
            QuotaExceeded: 40126.
        """
        return await self._client.send(
            CorpTagAdd(
                tag=tag,
                group_id=group_id,
                group_name=group_name,
                order=order,
                agentid=agentid,
            )
        )

    async def edit(
        self,
        *,
        id: str,
        name: str | None = None,
        order: int | None = None,
        agentid: int | None = None,
    ) -> None:
        """Rename or move a tag or a tag group.

        编辑企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A group may not get the name of another group, nor a tag that of another tag in its group.
        - An app may edit only the tags it added.

        Args:
            id: The `tag_id` of a tag or the `group_id` of a group.
            name: The new name, of a tag and of a group alike. 1 to 30 characters.
            order: The new place, the greater the further ahead. 0 to 4,294,967,295.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Conflict: 40071.
            Forbidden: 60011, 81011.
            InvalidArgument: 40072.
            NotFound: 40068.
        """
        return await self._client.send(CorpTagEdit(id=id, name=name, order=order, agentid=agentid))

    async def delete(
        self,
        *,
        tag_id: SequenceNotStr[TagId] | None = None,
        group_id: SequenceNotStr[TagGroupId] | None = None,
        agentid: int | None = None,
    ) -> None:
        """Delete tags, whole tag groups, or both.

        删除企业客户标签: https://developer.work.weixin.qq.com/document/path/92117

        - A group vanishes with its last tag.
        - Deleting a group sends one event for the group and none for its tags.
        - An app may delete only the tags it added.

        Args:
            tag_id: Tags to delete.
            group_id: Tag groups to delete with all their tags.
            agentid: Only for old third-party suites of several apps; the app that the company
                installed.

        Raises:
            Forbidden: 60011, 81011.
            NotFound: 40068.
        """
        return await self._client.send(
            CorpTagDelete(tag_id=tag_id, group_id=group_id, agentid=agentid)
        )
