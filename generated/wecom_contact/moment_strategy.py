"""客户朋友圈规则组管理: Strategies (规则组) that give administrators rights over the customer
moments of some members.

Generated from spec/moment_strategy.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

from attrs import define, evolve, field

from ._runtime.model import Call, Endpoint, Model, PagedCall, Paginate, SequenceNotStr, wire
from .customer_strategy import StrategyNode
from .types import UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver

MomentStrategyId: TypeAlias = int
"""A moment strategy, 客户朋友圈规则组 (strategy_id); not the same as a customer strategy."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyRef(Model):
    """A moment strategy by its id."""

    strategy_id: MomentStrategyId
    """The strategy."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyPrivilege(Model):
    """What the administrators of a moment strategy may do."""

    view_moment_list: bool | None = None
    """See all customer moments of the members. True by default."""
    send_moment: bool | None = None
    """Let members publish customer moments. True by default."""
    manage_moment_cover_and_sign: bool | None = None
    """Set up cover and signature. True by default."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategy(Model):
    """A moment strategy."""

    strategy_id: MomentStrategyId
    """The strategy."""
    parent_id: MomentStrategyId
    """The strategy above; 0 for none."""
    strategy_name: str
    """The name."""
    create_time: datetime
    """When it was created."""
    admin_list: list[UserId]
    """The administrators."""
    privilege: MomentStrategyPrivilege
    """The rights of the administrators."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyListResult(Model):
    """What `moment_strategy.list` returns."""

    strategy: list[MomentStrategyRef]
    """The strategies, by id only."""
    next_cursor: str | None = None
    """Where the next page begins; not sent at the end."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyList(PagedCall[MomentStrategyListResult, MomentStrategyRef]):
    """Walk the ids of all moment strategies."""

    endpoint: ClassVar[Endpoint[MomentStrategyListResult]] = Endpoint(
        name="moment_strategy.list",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/list",
        title="获取规则组列表",
        page=94890,
        readonly=True,
        result=MomentStrategyListResult,
        paginate=Paginate(items="strategy", cursor="cursor", next="next_cursor"),
    )
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: MomentStrategyListResult) -> list[MomentStrategyRef]:
        return page.strategy

    def after(self, page: MomentStrategyListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyGetResult(Model):
    """What `moment_strategy.get` returns."""

    strategy: MomentStrategy
    """The strategy."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyGet(Call[MomentStrategyGetResult]):
    """Get the details of a moment strategy."""

    endpoint: ClassVar[Endpoint[MomentStrategyGetResult]] = Endpoint(
        name="moment_strategy.get",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/get",
        title="获取规则组详情",
        page=94890,
        readonly=True,
        result=MomentStrategyGetResult,
        errors=(60030,),
    )
    strategy_id: MomentStrategyId


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyGetRangeResult(Model):
    """What `moment_strategy.get_range` returns."""

    range: list[StrategyNode]
    """Members and departments in the range."""
    next_cursor: str | None = None
    """Where the next page begins; not sent at the end."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyGetRange(PagedCall[MomentStrategyGetRangeResult, StrategyNode]):
    """Walk the members and departments that a moment strategy covers."""

    endpoint: ClassVar[Endpoint[MomentStrategyGetRangeResult]] = Endpoint(
        name="moment_strategy.get_range",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/get_range",
        title="获取规则组管理范围",
        page=94890,
        readonly=True,
        result=MomentStrategyGetRangeResult,
        paginate=Paginate(items="range", cursor="cursor", next="next_cursor"),
        errors=(60030,),
    )
    strategy_id: MomentStrategyId
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: MomentStrategyGetRangeResult) -> list[StrategyNode]:
        return page.range

    def after(self, page: MomentStrategyGetRangeResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyCreateResult(Model):
    """What `moment_strategy.create` returns."""

    strategy_id: MomentStrategyId
    """The new strategy."""


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyCreate(Call[MomentStrategyCreateResult]):
    """Create a moment strategy."""

    endpoint: ClassVar[Endpoint[MomentStrategyCreateResult]] = Endpoint(
        name="moment_strategy.create",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/create",
        title="创建新的规则组",
        page=94890,
        readonly=False,
        result=MomentStrategyCreateResult,
        errors=(6000, 45033, 60030, 60111, 60123),
        serial=True,
    )
    parent_id: MomentStrategyId | None = None
    strategy_name: str
    admin_list: SequenceNotStr[UserId] = field(metadata=wire(max_items=20))
    privilege: MomentStrategyPrivilege | None = None
    range: SequenceNotStr[StrategyNode] = field(metadata=wire(max_items=3000))


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyEdit(Call[None]):
    """Change a moment strategy and its range."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="moment_strategy.edit",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/edit",
        title="编辑规则组及其管理范围",
        page=94890,
        readonly=False,
        result=None,
        errors=(6000, 45033, 60030, 60111, 60123),
        serial=True,
    )
    strategy_id: MomentStrategyId
    strategy_name: str | None = None
    admin_list: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=20))
    privilege: MomentStrategyPrivilege | None = None
    range_add: SequenceNotStr[StrategyNode] | None = field(
        default=None, metadata=wire(max_items=3000)
    )
    range_del: SequenceNotStr[StrategyNode] | None = None


@define(kw_only=True, eq=False, repr=False)
class MomentStrategyDelete(Call[None]):
    """Delete a moment strategy."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="moment_strategy.delete",
        method="POST",
        path="/cgi-bin/externalcontact/moment_strategy/del",
        title="删除规则组",
        page=94890,
        readonly=False,
        result=None,
        errors=(60030,),
    )
    strategy_id: MomentStrategyId


class MomentStrategyCalls:
    """客户朋友圈规则组管理: the calls of `Client.moment_strategy`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentStrategyListResult, MomentStrategyRef]":
        """Walk the ids of all moment strategies.

        获取规则组列表: https://developer.work.weixin.qq.com/document/path/94890

        - Apps see only the strategies they created; third-party ones need the permission
          管理客户朋友圈规则组.
        - Since 1 December 2023 the secret of the system app 客户联系 is not taken, but for
          companies that used it before.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 1,000. 1000 by default.
        """
        return self._client.pager(MomentStrategyList(cursor=cursor, limit=limit))

    def get(self, *, strategy_id: MomentStrategyId) -> MomentStrategyGetResult:
        """Get the details of a moment strategy.

        获取规则组详情: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return self._client.send(MomentStrategyGet(strategy_id=strategy_id))

    def get_range(
        self,
        *,
        strategy_id: MomentStrategyId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentStrategyGetRangeResult, StrategyNode]":
        """Walk the members and departments that a moment strategy covers.

        获取规则组管理范围: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.
            cursor: Where to go on.
            limit: Page size, in members and departments. At most 1,000. 1000 by default.

        Raises:
            Forbidden: 60030.
        """
        return self._client.pager(
            MomentStrategyGetRange(strategy_id=strategy_id, cursor=cursor, limit=limit)
        )

    def create(
        self,
        *,
        strategy_name: str,
        admin_list: SequenceNotStr[UserId],
        range: SequenceNotStr[StrategyNode],
        parent_id: MomentStrategyId | None = None,
        privilege: MomentStrategyPrivilege | None = None,
    ) -> MomentStrategyCreateResult:
        """Create a moment strategy.

        创建新的规则组: https://developer.work.weixin.qq.com/document/path/94890

        - WeCom forbids parallel calls; create strategies one after the other.
        - The range of a strategy with a parent must lie within the parent's.
        - Strategies go five levels deep, and a range holds at most 3,000 members and departments in
          all.

        Args:
            strategy_name: The name.
            admin_list: The administrators; the super administrator may not be one. At most 20
                items.
            range: Members and departments to cover. At most 3,000 items.
            parent_id: The strategy above; 0 for none. 0 by default.
            privilege: The rights; ignored with a parent, whose rights are inherited whole.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return self._client.send(
            MomentStrategyCreate(
                strategy_name=strategy_name,
                admin_list=admin_list,
                range=range,
                parent_id=parent_id,
                privilege=privilege,
            )
        )

    def edit(
        self,
        *,
        strategy_id: MomentStrategyId,
        strategy_name: str | None = None,
        admin_list: SequenceNotStr[UserId] | None = None,
        privilege: MomentStrategyPrivilege | None = None,
        range_add: SequenceNotStr[StrategyNode] | None = None,
        range_del: SequenceNotStr[StrategyNode] | None = None,
    ) -> None:
        """Change a moment strategy and its range.

        编辑规则组及其管理范围: https://developer.work.weixin.qq.com/document/path/94890

        - WeCom forbids parallel calls; edit strategies one after the other.
        - `admin_list` and `privilege` replace what was there; `range_add` and `range_del` change
          the range by a difference.
        - WeCom ignores an empty `admin_list` and an empty `privilege`, so neither can be cleared.
        - A range holds at most 3,000 members and departments.
        - The range of a strategy with a parent must lie within the parent's.

        Args:
            strategy_id: The strategy.
            strategy_name: The new name.
            admin_list: The administrators from now on; ignored when empty. At most 20 items.
            privilege: The rights from now on, all of them; ignored when empty, and with a parent.
            range_add: Members and departments to add to the range. At most 3,000 items.
            range_del: Members and departments to take out of the range.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return self._client.send(
            MomentStrategyEdit(
                strategy_id=strategy_id,
                strategy_name=strategy_name,
                admin_list=admin_list,
                privilege=privilege,
                range_add=range_add,
                range_del=range_del,
            )
        )

    def delete(self, *, strategy_id: MomentStrategyId) -> None:
        """Delete a moment strategy.

        删除规则组: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return self._client.send(MomentStrategyDelete(strategy_id=strategy_id))


class AsyncMomentStrategyCalls:
    """客户朋友圈规则组管理: the calls of `AsyncClient.moment_strategy`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentStrategyListResult, MomentStrategyRef]":
        """Walk the ids of all moment strategies.

        获取规则组列表: https://developer.work.weixin.qq.com/document/path/94890

        - Apps see only the strategies they created; third-party ones need the permission
          管理客户朋友圈规则组.
        - Since 1 December 2023 the secret of the system app 客户联系 is not taken, but for
          companies that used it before.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 1,000. 1000 by default.
        """
        return self._client.pager(MomentStrategyList(cursor=cursor, limit=limit))

    async def get(self, *, strategy_id: MomentStrategyId) -> MomentStrategyGetResult:
        """Get the details of a moment strategy.

        获取规则组详情: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return await self._client.send(MomentStrategyGet(strategy_id=strategy_id))

    def get_range(
        self,
        *,
        strategy_id: MomentStrategyId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentStrategyGetRangeResult, StrategyNode]":
        """Walk the members and departments that a moment strategy covers.

        获取规则组管理范围: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.
            cursor: Where to go on.
            limit: Page size, in members and departments. At most 1,000. 1000 by default.

        Raises:
            Forbidden: 60030.
        """
        return self._client.pager(
            MomentStrategyGetRange(strategy_id=strategy_id, cursor=cursor, limit=limit)
        )

    async def create(
        self,
        *,
        strategy_name: str,
        admin_list: SequenceNotStr[UserId],
        range: SequenceNotStr[StrategyNode],
        parent_id: MomentStrategyId | None = None,
        privilege: MomentStrategyPrivilege | None = None,
    ) -> MomentStrategyCreateResult:
        """Create a moment strategy.

        创建新的规则组: https://developer.work.weixin.qq.com/document/path/94890

        - WeCom forbids parallel calls; create strategies one after the other.
        - The range of a strategy with a parent must lie within the parent's.
        - Strategies go five levels deep, and a range holds at most 3,000 members and departments in
          all.

        Args:
            strategy_name: The name.
            admin_list: The administrators; the super administrator may not be one. At most 20
                items.
            range: Members and departments to cover. At most 3,000 items.
            parent_id: The strategy above; 0 for none. 0 by default.
            privilege: The rights; ignored with a parent, whose rights are inherited whole.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return await self._client.send(
            MomentStrategyCreate(
                strategy_name=strategy_name,
                admin_list=admin_list,
                range=range,
                parent_id=parent_id,
                privilege=privilege,
            )
        )

    async def edit(
        self,
        *,
        strategy_id: MomentStrategyId,
        strategy_name: str | None = None,
        admin_list: SequenceNotStr[UserId] | None = None,
        privilege: MomentStrategyPrivilege | None = None,
        range_add: SequenceNotStr[StrategyNode] | None = None,
        range_del: SequenceNotStr[StrategyNode] | None = None,
    ) -> None:
        """Change a moment strategy and its range.

        编辑规则组及其管理范围: https://developer.work.weixin.qq.com/document/path/94890

        - WeCom forbids parallel calls; edit strategies one after the other.
        - `admin_list` and `privilege` replace what was there; `range_add` and `range_del` change
          the range by a difference.
        - WeCom ignores an empty `admin_list` and an empty `privilege`, so neither can be cleared.
        - A range holds at most 3,000 members and departments.
        - The range of a strategy with a parent must lie within the parent's.

        Args:
            strategy_id: The strategy.
            strategy_name: The new name.
            admin_list: The administrators from now on; ignored when empty. At most 20 items.
            privilege: The rights from now on, all of them; ignored when empty, and with a parent.
            range_add: Members and departments to add to the range. At most 3,000 items.
            range_del: Members and departments to take out of the range.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return await self._client.send(
            MomentStrategyEdit(
                strategy_id=strategy_id,
                strategy_name=strategy_name,
                admin_list=admin_list,
                privilege=privilege,
                range_add=range_add,
                range_del=range_del,
            )
        )

    async def delete(self, *, strategy_id: MomentStrategyId) -> None:
        """Delete a moment strategy.

        删除规则组: https://developer.work.weixin.qq.com/document/path/94890

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return await self._client.send(MomentStrategyDelete(strategy_id=strategy_id))
