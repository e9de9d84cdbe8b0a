"""统计管理: Daily numbers on how members serve customers and groups.

Generated from spec/statistics.yaml by `make gen`. Do not edit.
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
from .group_chat import GroupOwnerFilter
from .types import DepartmentId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class UserBehaviorDay(Model):
    """How members dealt with their customers on one day."""

    stat_time: datetime
    """The day, as its midnight in Beijing."""
    chat_cnt: int
    """One-to-one chats in which a member wrote of their own accord."""
    message_cnt: int
    """Messages the members sent in one-to-one chats."""
    reply_percentage: float | None = None
    """Of the one-to-one chats that customers began, how many in a hundred got an answer the same
    day; only on days with chats.
    """
    avg_reply_time: int | None = None
    """Minutes until the first answer, on average over the answered chats; only on days with
    chats.
    """
    negative_feedback_cnt: int
    """Customers who deleted or blocked a member."""
    new_apply_cnt: int
    """Requests the members sent to become a contact, by any channel."""
    new_contact_cnt: int
    """Customers the members gained."""


class GroupStatisticsOrder(OpenInt):
    """What the owners are sorted by."""

    NEW_GROUPS = 1
    """New groups."""
    GROUPS = 2
    """All groups."""
    NEW_MEMBERS = 3
    """People who joined."""
    MEMBERS = 4
    """All people in the groups."""


@define(kw_only=True, eq=False, repr=False)
class GroupStatistics(Model):
    """Numbers on customer groups; totals are as of the day."""

    new_chat_cnt: int
    """New groups."""
    chat_total: int
    """All groups."""
    chat_has_msg: int
    """Groups in which somebody has written."""
    new_member_cnt: int
    """People who joined."""
    member_total: int
    """All people in the groups."""
    member_has_msg: int
    """People who have written."""
    msg_total: int
    """All messages."""
    migrate_trainee_chat_cnt: int | None = None
    """Groups newly moved over; only for companies in education and training."""


@define(kw_only=True, eq=False, repr=False)
class OwnerGroupStatistics(Model):
    """The numbers of one owner's groups."""

    owner: UserId
    """The owner."""
    data: GroupStatistics
    """The numbers."""


@define(kw_only=True, eq=False, repr=False)
class DayGroupStatistics(Model):
    """The numbers of one day."""

    stat_time: datetime
    """The day, as its midnight in Beijing."""
    data: GroupStatistics
    """The numbers."""


@define(kw_only=True, eq=False, repr=False)
class StatisticsUserBehaviorResult(Model):
    """What `statistics.user_behavior` returns."""

    behavior_data: list[UserBehaviorDay]
    """One record a day."""


@define(kw_only=True, eq=False, repr=False)
class StatisticsUserBehavior(Call[StatisticsUserBehaviorResult]):
    """Read how members dealt with their customers, day by day."""

    endpoint: ClassVar[Endpoint[StatisticsUserBehaviorResult]] = Endpoint(
        name="statistics.user_behavior",
        method="POST",
        path="/cgi-bin/externalcontact/get_user_behavior_data",
        title="获取「联系客户统计」数据",
        page=92132,
        readonly=True,
        result=StatisticsUserBehaviorResult,
    )
    __any_of__: ClassVar = (("userid", "partyid"),)
    userid: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=100))
    partyid: SequenceNotStr[DepartmentId] | None = field(default=None, metadata=wire(max_items=100))
    start_time: datetime
    end_time: datetime


@define(kw_only=True, eq=False, repr=False)
class StatisticsGroupChatResult(Model):
    """What `statistics.group_chat` returns."""

    total: int
    """How many records there are in all."""
    next_offset: int
    """Where the next page begins; equal to total at the end."""
    items: list[OwnerGroupStatistics]
    """One record an owner."""


@define(kw_only=True, eq=False, repr=False)
class StatisticsGroupChat(PagedCall[StatisticsGroupChatResult, OwnerGroupStatistics]):
    """Walk the numbers on customer groups, added up by owner."""

    endpoint: ClassVar[Endpoint[StatisticsGroupChatResult]] = Endpoint(
        name="statistics.group_chat",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/statistic",
        title="获取「群聊数据统计」数据（按群主聚合的方式）",
        page=92133,
        readonly=True,
        result=StatisticsGroupChatResult,
        paginate=Paginate(items="items", cursor="offset", next="next_offset", total="total"),
        errors=(81017,),
    )
    day_begin_time: datetime
    day_end_time: datetime | None = None
    owner_filter: GroupOwnerFilter | None = None
    order_by: GroupStatisticsOrder | None = None
    order_asc: bool | None = field(default=None, metadata=wire(flag=True))
    offset: int | None = field(default=None, metadata=wire(min=0))
    limit: int | None = field(default=None, metadata=wire(max=1000, min=1))

    def items_of(self, page: StatisticsGroupChatResult) -> list[OwnerGroupStatistics]:
        return page.items

    def after(self, page: StatisticsGroupChatResult) -> Self | None:
        if page.next_offset >= page.total:
            return None
        return evolve(self, offset=page.next_offset)


@define(kw_only=True, eq=False, repr=False)
class StatisticsGroupChatByDayResult(Model):
    """What `statistics.group_chat_by_day` returns."""

    items: list[DayGroupStatistics]
    """One record a day."""


@define(kw_only=True, eq=False, repr=False)
class StatisticsGroupChatByDay(Call[StatisticsGroupChatByDayResult]):
    """Read the numbers on customer groups, added up by day."""

    endpoint: ClassVar[Endpoint[StatisticsGroupChatByDayResult]] = Endpoint(
        name="statistics.group_chat_by_day",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/statistic_group_by_day",
        title="获取「群聊数据统计」数据（按自然日聚合的方式）",
        page=92133,
        readonly=True,
        result=StatisticsGroupChatByDayResult,
        errors=(81017,),
    )
    day_begin_time: datetime
    day_end_time: datetime | None = None
    owner_filter: GroupOwnerFilter | None = None


class StatisticsCalls:
    """统计管理: the calls of `Client.statistics`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def user_behavior(
        self,
        *,
        start_time: datetime,
        end_time: datetime,
        userid: SequenceNotStr[UserId] | None = None,
        partyid: SequenceNotStr[DepartmentId] | None = None,
    ) -> StatisticsUserBehaviorResult:
        """Read how members dealt with their customers, day by day.

        获取「联系客户统计」数据: https://developer.work.weixin.qq.com/document/path/92132

        - Several members or departments are added up: the reply has one record a day, not one a
          member.
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, and goes back at most 180 days.
        - Yesterday's numbers are said to be all 0 in the small hours.
        - The app must see the members and departments.

        Args:
            start_time: First day.
            end_time: Last day, included.
            userid: Members; a list in spite of its name. At most 100 items.
            partyid: Departments; a list in spite of its name. At most 100 items.
        """
        return self._client.send(
            StatisticsUserBehavior(
                start_time=start_time,
                end_time=end_time,
                userid=userid,
                partyid=partyid,
            )
        )

    def group_chat(
        self,
        *,
        day_begin_time: datetime,
        day_end_time: datetime | None = None,
        owner_filter: GroupOwnerFilter | None = None,
        order_by: GroupStatisticsOrder | None = None,
        order_asc: bool | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> "Pager[StatisticsGroupChatResult, OwnerGroupStatistics]":
        """Walk the numbers on customer groups, added up by owner.

        获取「群聊数据统计」数据（按群主聚合的方式）:
        https://developer.work.weixin.qq.com/document/path/92133

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, from yesterday back to 180 days ago.
        - Paged by offset: the end is where `next_offset` equals `total`.

        Args:
            day_begin_time: First day.
            day_end_time: Last day, included; the first day when absent.
            owner_filter: Only groups of these owners; give it, the page marks it as required.
            order_by: What to sort by. 1 by default.
            order_asc: Whether the smallest comes first; the largest does when absent. False by
                default.
            offset: Where to begin. At least 0. 0 by default.
            limit: Page size. 1 to 1,000. 500 by default.

        Raises:
            QuotaExceeded: 81017.
        """
        return self._client.pager(
            StatisticsGroupChat(
                day_begin_time=day_begin_time,
                day_end_time=day_end_time,
                owner_filter=owner_filter,
                order_by=order_by,
                order_asc=order_asc,
                offset=offset,
                limit=limit,
            )
        )

    def group_chat_by_day(
        self,
        *,
        day_begin_time: datetime,
        day_end_time: datetime | None = None,
        owner_filter: GroupOwnerFilter | None = None,
    ) -> StatisticsGroupChatByDayResult:
        """Read the numbers on customer groups, added up by day.

        获取「群聊数据统计」数据（按自然日聚合的方式）:
        https://developer.work.weixin.qq.com/document/path/92133

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, from yesterday back to 180 days ago.
        - There is no paging.

        Args:
            day_begin_time: First day.
            day_end_time: Last day, included; the first day when absent.
            owner_filter: Only groups of these owners; give it, the page marks it as required.

        Raises:
            QuotaExceeded: 81017.
        """
        return self._client.send(
            StatisticsGroupChatByDay(
                day_begin_time=day_begin_time,
                day_end_time=day_end_time,
                owner_filter=owner_filter,
            )
        )


class AsyncStatisticsCalls:
    """统计管理: the calls of `AsyncClient.statistics`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def user_behavior(
        self,
        *,
        start_time: datetime,
        end_time: datetime,
        userid: SequenceNotStr[UserId] | None = None,
        partyid: SequenceNotStr[DepartmentId] | None = None,
    ) -> StatisticsUserBehaviorResult:
        """Read how members dealt with their customers, day by day.

        获取「联系客户统计」数据: https://developer.work.weixin.qq.com/document/path/92132

        - Several members or departments are added up: the reply has one record a day, not one a
          member.
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, and goes back at most 180 days.
        - Yesterday's numbers are said to be all 0 in the small hours.
        - The app must see the members and departments.

        Args:
            start_time: First day.
            end_time: Last day, included.
            userid: Members; a list in spite of its name. At most 100 items.
            partyid: Departments; a list in spite of its name. At most 100 items.
        """
        return await self._client.send(
            StatisticsUserBehavior(
                start_time=start_time,
                end_time=end_time,
                userid=userid,
                partyid=partyid,
            )
        )

    def group_chat(
        self,
        *,
        day_begin_time: datetime,
        day_end_time: datetime | None = None,
        owner_filter: GroupOwnerFilter | None = None,
        order_by: GroupStatisticsOrder | None = None,
        order_asc: bool | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[StatisticsGroupChatResult, OwnerGroupStatistics]":
        """Walk the numbers on customer groups, added up by owner.

        获取「群聊数据统计」数据（按群主聚合的方式）:
        https://developer.work.weixin.qq.com/document/path/92133

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, from yesterday back to 180 days ago.
        - Paged by offset: the end is where `next_offset` equals `total`.

        Args:
            day_begin_time: First day.
            day_end_time: Last day, included; the first day when absent.
            owner_filter: Only groups of these owners; give it, the page marks it as required.
            order_by: What to sort by. 1 by default.
            order_asc: Whether the smallest comes first; the largest does when absent. False by
                default.
            offset: Where to begin. At least 0. 0 by default.
            limit: Page size. 1 to 1,000. 500 by default.

        Raises:
            QuotaExceeded: 81017.
        """
        return self._client.pager(
            StatisticsGroupChat(
                day_begin_time=day_begin_time,
                day_end_time=day_end_time,
                owner_filter=owner_filter,
                order_by=order_by,
                order_asc=order_asc,
                offset=offset,
                limit=limit,
            )
        )

    async def group_chat_by_day(
        self,
        *,
        day_begin_time: datetime,
        day_end_time: datetime | None = None,
        owner_filter: GroupOwnerFilter | None = None,
    ) -> StatisticsGroupChatByDayResult:
        """Read the numbers on customer groups, added up by day.

        获取「群聊数据统计」数据（按自然日聚合的方式）:
        https://developer.work.weixin.qq.com/document/path/92133

        - Without `owner_filter` WeCom looks at every owner the app can see, and refuses when these
          are more than 1000 (81017).
        - Days are WeCom's, from midnight to midnight in Beijing; times are rounded down to
          midnight.
        - A query spans at most 30 days, both ends included, from yesterday back to 180 days ago.
        - There is no paging.

        Args:
            day_begin_time: First day.
            day_end_time: Last day, included; the first day when absent.
            owner_filter: Only groups of these owners; give it, the page marks it as required.

        Raises:
            QuotaExceeded: 81017.
        """
        return await self._client.send(
            StatisticsGroupChatByDay(
                day_begin_time=day_begin_time,
                day_end_time=day_end_time,
                owner_filter=owner_filter,
            )
        )
