"""客户联系规则组管理: Strategies (规则组) that give administrators rights over the customer contact
of some members.

Generated from spec/customer_strategy.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

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
from .types import DepartmentId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver

CustomerStrategyId: TypeAlias = int
"""A customer strategy, 客户联系规则组 (strategy_id)."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyRef(Model):
    """A customer strategy by its id."""

    strategy_id: CustomerStrategyId
    """The strategy."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyPrivilege(Model):
    """What the administrators of a customer strategy may do."""

    view_customer_list: bool | None = None
    """See the list of customers; basic and cannot be withdrawn."""
    view_customer_data: bool | None = None
    """See the statistics of customers; basic and cannot be withdrawn."""
    view_room_list: bool | None = None
    """See the list of group chats; basic and cannot be withdrawn."""
    contact_me: bool | None = None
    """Use contact ways; basic and cannot be withdrawn."""
    join_room: bool | None = None
    """Use group join ways; basic and cannot be withdrawn."""
    share_customer: bool | None = None
    """Share customers with other members. True by default."""
    oper_resign_customer: bool | None = None
    """Hand over the customers of members who left. True by default."""
    oper_resign_group: bool | None = None
    """Hand over the customer groups of members who left. True by default."""
    send_customer_msg: bool | None = None
    """Send messages to the company's customers. True by default."""
    edit_welcome_msg: bool | None = None
    """Set up welcome messages. True by default."""
    view_behavior_data: bool | None = None
    """See the statistics of members' customer contact. True by default."""
    view_room_data: bool | None = None
    """See the statistics of group chats. True by default."""
    send_group_msg: bool | None = None
    """Send messages to the company's customer groups. True by default."""
    room_deduplication: bool | None = None
    """Remove customers who are in several groups. True by default."""
    rapid_reply: bool | None = None
    """Set up quick replies. True by default."""
    onjob_customer_transfer: bool | None = None
    """Hand over the customers of members still employed. True by default."""
    edit_anti_spam_rule: bool | None = None
    """Edit the rules against spam. True by default."""
    export_customer_list: bool | None = None
    """Export the list of customers. True by default."""
    export_customer_data: bool | None = None
    """Export the members' customer statistics. True by default."""
    export_customer_group_list: bool | None = None
    """Export the list of customer groups. True by default."""
    manage_customer_tag: bool | None = None
    """Set up customer tags. True by default."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategy(Model):
    """A customer strategy."""

    strategy_id: CustomerStrategyId
    """The strategy."""
    parent_id: CustomerStrategyId
    """The strategy above; 0 for none."""
    strategy_name: str
    """The name."""
    create_time: datetime
    """When it was created."""
    admin_list: list[UserId]
    """The administrators."""
    privilege: CustomerStrategyPrivilege
    """The rights of the administrators."""


class StrategyNodeType(OpenInt):
    """What a strategy covers."""

    MEMBER = 1
    DEPARTMENT = 2


@define(kw_only=True, eq=False, repr=False)
class StrategyNode(Model):
    """A member or a department in the range of a customer strategy or moment strategy."""

    __one_of__: ClassVar = (("userid", "partyid"),)

    type: StrategyNodeType
    """Which of the two it is."""
    userid: UserId | None = None
    """The member; for type member only."""
    partyid: DepartmentId | None = None
    """The department; for type department only."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyListResult(Model):
    """What `customer_strategy.list` returns."""

    strategy: list[CustomerStrategyRef]
    """The strategies, by id only."""
    next_cursor: str | None = None
    """Where the next page begins; not sent at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyList(PagedCall[CustomerStrategyListResult, CustomerStrategyRef]):
    """Walk the ids of all customer strategies."""

    endpoint: ClassVar[Endpoint[CustomerStrategyListResult]] = Endpoint(
        name="customer_strategy.list",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/list",
        title="获取规则组列表",
        page=94883,
        readonly=True,
        result=CustomerStrategyListResult,
        paginate=Paginate(items="strategy", cursor="cursor", next="next_cursor"),
    )
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: CustomerStrategyListResult) -> list[CustomerStrategyRef]:
        return page.strategy

    def after(self, page: CustomerStrategyListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyGetResult(Model):
    """What `customer_strategy.get` returns."""

    strategy: CustomerStrategy
    """The strategy."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyGet(Call[CustomerStrategyGetResult]):
    """Get the details of a customer strategy."""

    endpoint: ClassVar[Endpoint[CustomerStrategyGetResult]] = Endpoint(
        name="customer_strategy.get",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/get",
        title="获取规则组详情",
        page=94883,
        readonly=True,
        result=CustomerStrategyGetResult,
        errors=(60030,),
    )
    strategy_id: CustomerStrategyId


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyGetRangeResult(Model):
    """What `customer_strategy.get_range` returns."""

    range: list[StrategyNode]
    """Members and departments in the range."""
    next_cursor: str | None = None
    """Where the next page begins; not sent at the end."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyGetRange(PagedCall[CustomerStrategyGetRangeResult, StrategyNode]):
    """Walk the members and departments that a customer strategy covers."""

    endpoint: ClassVar[Endpoint[CustomerStrategyGetRangeResult]] = Endpoint(
        name="customer_strategy.get_range",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/get_range",
        title="获取规则组管理范围",
        page=94883,
        readonly=True,
        result=CustomerStrategyGetRangeResult,
        paginate=Paginate(items="range", cursor="cursor", next="next_cursor"),
        errors=(60030,),
    )
    strategy_id: CustomerStrategyId
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: CustomerStrategyGetRangeResult) -> list[StrategyNode]:
        return page.range

    def after(self, page: CustomerStrategyGetRangeResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyCreateResult(Model):
    """What `customer_strategy.create` returns."""

    strategy_id: CustomerStrategyId
    """The new strategy."""


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyCreate(Call[CustomerStrategyCreateResult]):
    """Create a customer strategy."""

    endpoint: ClassVar[Endpoint[CustomerStrategyCreateResult]] = Endpoint(
        name="customer_strategy.create",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/create",
        title="创建新的规则组",
        page=94883,
        readonly=False,
        result=CustomerStrategyCreateResult,
        errors=(6000, 45033, 60030, 60111, 60123),
        serial=True,
    )
    parent_id: CustomerStrategyId | None = None
    strategy_name: str
    admin_list: SequenceNotStr[UserId] = field(metadata=wire(max_items=20))
    privilege: CustomerStrategyPrivilege | None = None
    range: SequenceNotStr[StrategyNode] = field(metadata=wire(max_items=100))


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyEdit(Call[None]):
    """Change a customer strategy and its range."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer_strategy.edit",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/edit",
        title="编辑规则组及其管理范围",
        page=94883,
        readonly=False,
        result=None,
        errors=(6000, 45033, 60030, 60111, 60123),
        serial=True,
    )
    strategy_id: CustomerStrategyId
    strategy_name: str | None = None
    admin_list: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=20))
    privilege: CustomerStrategyPrivilege | None = None
    range_add: SequenceNotStr[StrategyNode] | None = field(
        default=None, metadata=wire(max_items=100)
    )
    range_del: SequenceNotStr[StrategyNode] | None = field(
        default=None, metadata=wire(max_items=100)
    )


@define(kw_only=True, eq=False, repr=False)
class CustomerStrategyDelete(Call[None]):
    """Delete a customer strategy."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer_strategy.delete",
        method="POST",
        path="/cgi-bin/externalcontact/customer_strategy/del",
        title="删除规则组",
        page=94883,
        readonly=False,
        result=None,
        errors=(60030,),
    )
    strategy_id: CustomerStrategyId


class CustomerStrategyCalls:
    """客户联系规则组管理: the calls of `Client.customer_strategy`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerStrategyListResult, CustomerStrategyRef]":
        """Walk the ids of all customer strategies.

        获取规则组列表: https://developer.work.weixin.qq.com/document/path/94883

        - Apps see only the strategies they created; third-party ones need the permission
          管理客户联系规则组.
        - Since 1 December 2023 the secret of the system app 客户联系 is not taken, but for
          companies that used it before.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 1,000. 1000 by default.
        """
        return self._client.pager(CustomerStrategyList(cursor=cursor, limit=limit))

    def get(self, *, strategy_id: CustomerStrategyId) -> CustomerStrategyGetResult:
        """Get the details of a customer strategy.

        获取规则组详情: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return self._client.send(CustomerStrategyGet(strategy_id=strategy_id))

    def get_range(
        self,
        *,
        strategy_id: CustomerStrategyId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[CustomerStrategyGetRangeResult, StrategyNode]":
        """Walk the members and departments that a customer strategy covers.

        获取规则组管理范围: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.
            cursor: Where to go on.
            limit: Page size, in members and departments. At most 1,000. 1000 by default.

        Raises:
            Forbidden: 60030.
        """
        return self._client.pager(
            CustomerStrategyGetRange(strategy_id=strategy_id, cursor=cursor, limit=limit)
        )

    def create(
        self,
        *,
        strategy_name: str,
        admin_list: SequenceNotStr[UserId],
        range: SequenceNotStr[StrategyNode],
        parent_id: CustomerStrategyId | None = None,
        privilege: CustomerStrategyPrivilege | None = None,
    ) -> CustomerStrategyCreateResult:
        """Create a customer strategy.

        创建新的规则组: https://developer.work.weixin.qq.com/document/path/94883

        - WeCom forbids parallel calls; create strategies one after the other.
        - The range of a strategy with a parent must lie within the parent's.
        - Strategies go five levels deep, and a range holds at most 3,000 members and departments in
          all.

        Args:
            strategy_name: The name.
            admin_list: The administrators; the super administrator may not be one. At most 20
                items.
            range: Members and departments to cover; edit can add more. At most 100 items.
            parent_id: The strategy above; 0 for none. 0 by default.
            privilege: The rights; ignored with a parent, whose rights are inherited whole.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return self._client.send(
            CustomerStrategyCreate(
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
        strategy_id: CustomerStrategyId,
        strategy_name: str | None = None,
        admin_list: SequenceNotStr[UserId] | None = None,
        privilege: CustomerStrategyPrivilege | None = None,
        range_add: SequenceNotStr[StrategyNode] | None = None,
        range_del: SequenceNotStr[StrategyNode] | None = None,
    ) -> None:
        """Change a customer strategy and its range.

        编辑规则组及其管理范围: https://developer.work.weixin.qq.com/document/path/94883

        - WeCom forbids parallel calls; edit strategies one after the other.
        - `admin_list` and `privilege` replace what was there; `range_add` and `range_del` change
          the range by a difference.
        - WeCom ignores an empty `admin_list` and an empty `privilege`, so neither can be cleared.
        - One call takes 20 administrators and 100 members and departments; a range holds at most
          3,000.
        - The range of a strategy with a parent must lie within the parent's.

        Args:
            strategy_id: The strategy.
            strategy_name: The new name.
            admin_list: The administrators from now on; ignored when empty. At most 20 items.
            privilege: The rights from now on, all of them; ignored when empty, and with a parent.
            range_add: Members and departments to add to the range. At most 100 items.
            range_del: Members and departments to take out of the range. At most 100 items.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return self._client.send(
            CustomerStrategyEdit(
                strategy_id=strategy_id,
                strategy_name=strategy_name,
                admin_list=admin_list,
                privilege=privilege,
                range_add=range_add,
                range_del=range_del,
            )
        )

    def delete(self, *, strategy_id: CustomerStrategyId) -> None:
        """Delete a customer strategy.

        删除规则组: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return self._client.send(CustomerStrategyDelete(strategy_id=strategy_id))


class AsyncCustomerStrategyCalls:
    """客户联系规则组管理: the calls of `AsyncClient.customer_strategy`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerStrategyListResult, CustomerStrategyRef]":
        """Walk the ids of all customer strategies.

        获取规则组列表: https://developer.work.weixin.qq.com/document/path/94883

        - Apps see only the strategies they created; third-party ones need the permission
          管理客户联系规则组.
        - Since 1 December 2023 the secret of the system app 客户联系 is not taken, but for
          companies that used it before.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 1,000. 1000 by default.
        """
        return self._client.pager(CustomerStrategyList(cursor=cursor, limit=limit))

    async def get(self, *, strategy_id: CustomerStrategyId) -> CustomerStrategyGetResult:
        """Get the details of a customer strategy.

        获取规则组详情: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return await self._client.send(CustomerStrategyGet(strategy_id=strategy_id))

    def get_range(
        self,
        *,
        strategy_id: CustomerStrategyId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[CustomerStrategyGetRangeResult, StrategyNode]":
        """Walk the members and departments that a customer strategy covers.

        获取规则组管理范围: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.
            cursor: Where to go on.
            limit: Page size, in members and departments. At most 1,000. 1000 by default.

        Raises:
            Forbidden: 60030.
        """
        return self._client.pager(
            CustomerStrategyGetRange(strategy_id=strategy_id, cursor=cursor, limit=limit)
        )

    async def create(
        self,
        *,
        strategy_name: str,
        admin_list: SequenceNotStr[UserId],
        range: SequenceNotStr[StrategyNode],
        parent_id: CustomerStrategyId | None = None,
        privilege: CustomerStrategyPrivilege | None = None,
    ) -> CustomerStrategyCreateResult:
        """Create a customer strategy.

        创建新的规则组: https://developer.work.weixin.qq.com/document/path/94883

        - WeCom forbids parallel calls; create strategies one after the other.
        - The range of a strategy with a parent must lie within the parent's.
        - Strategies go five levels deep, and a range holds at most 3,000 members and departments in
          all.

        Args:
            strategy_name: The name.
            admin_list: The administrators; the super administrator may not be one. At most 20
                items.
            range: Members and departments to cover; edit can add more. At most 100 items.
            parent_id: The strategy above; 0 for none. 0 by default.
            privilege: The rights; ignored with a parent, whose rights are inherited whole.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return await self._client.send(
            CustomerStrategyCreate(
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
        strategy_id: CustomerStrategyId,
        strategy_name: str | None = None,
        admin_list: SequenceNotStr[UserId] | None = None,
        privilege: CustomerStrategyPrivilege | None = None,
        range_add: SequenceNotStr[StrategyNode] | None = None,
        range_del: SequenceNotStr[StrategyNode] | None = None,
    ) -> None:
        """Change a customer strategy and its range.

        编辑规则组及其管理范围: https://developer.work.weixin.qq.com/document/path/94883

        - WeCom forbids parallel calls; edit strategies one after the other.
        - `admin_list` and `privilege` replace what was there; `range_add` and `range_del` change
          the range by a difference.
        - WeCom ignores an empty `admin_list` and an empty `privilege`, so neither can be cleared.
        - One call takes 20 administrators and 100 members and departments; a range holds at most
          3,000.
        - The range of a strategy with a parent must lie within the parent's.

        Args:
            strategy_id: The strategy.
            strategy_name: The new name.
            admin_list: The administrators from now on; ignored when empty. At most 20 items.
            privilege: The rights from now on, all of them; ignored when empty, and with a parent.
            range_add: Members and departments to add to the range. At most 100 items.
            range_del: Members and departments to take out of the range. At most 100 items.

        Raises:
            Busy: 6000, 45033.
            Forbidden: 60030.
            InvalidArgument: 60123.
            NotFound: 60111.
        """
        return await self._client.send(
            CustomerStrategyEdit(
                strategy_id=strategy_id,
                strategy_name=strategy_name,
                admin_list=admin_list,
                privilege=privilege,
                range_add=range_add,
                range_del=range_del,
            )
        )

    async def delete(self, *, strategy_id: CustomerStrategyId) -> None:
        """Delete a customer strategy.

        删除规则组: https://developer.work.weixin.qq.com/document/path/94883

        Args:
            strategy_id: The strategy.

        Raises:
            Forbidden: 60030.
        """
        return await self._client.send(CustomerStrategyDelete(strategy_id=strategy_id))
