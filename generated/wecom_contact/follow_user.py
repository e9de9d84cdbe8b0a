"""企业服务人员管理: Members who may serve customers (客户联系).

Generated from spec/follow_user.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define

from ._runtime.model import Call, Endpoint, Model, SequenceNotStr
from .types import DepartmentId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class FollowUserScope(Model):
    """Some of the members and departments asked about."""

    userid: list[UserId] | None = None
    """Members; absent when there are none."""
    partyid: list[DepartmentId] | None = None
    """Departments; absent when there are none."""


@define(kw_only=True, eq=False, repr=False)
class FollowUserListResult(Model):
    """What `follow_user.list` returns."""

    follow_user: list[UserId]
    """Members with the feature; strings here, records in customer.get."""


@define(kw_only=True, eq=False, repr=False)
class FollowUserList(Call[FollowUserListResult]):
    """List the members who have the customer-contact feature."""

    endpoint: ClassVar[Endpoint[FollowUserListResult]] = Endpoint(
        name="follow_user.list",
        method="GET",
        path="/cgi-bin/externalcontact/get_follow_user_list",
        title="获取配置了客户联系功能的成员列表",
        page=92571,
        readonly=True,
        result=FollowUserListResult,
        errors=(48002,),
    )


@define(kw_only=True, eq=False, repr=False)
class FollowUserCheckResult(Model):
    """What `follow_user.check` returns."""

    authorized: FollowUserScope | None = None
    """Those who may use the feature."""
    unauthorized: FollowUserScope | None = None
    """Those who may not."""


@define(kw_only=True, eq=False, repr=False)
class FollowUserCheck(Call[FollowUserCheckResult]):
    """Tell which of the given members and departments may use the customer-contact feature."""

    endpoint: ClassVar[Endpoint[FollowUserCheckResult]] = Endpoint(
        name="follow_user.check",
        method="POST",
        path="/cgi-bin/externalcontact/check_follow_user",
        title="检查用户是否配置了客户联系功能使用权限",
        page=96312,
        readonly=True,
        result=FollowUserCheckResult,
    )
    userid: SequenceNotStr[UserId] | None = None
    partyid: SequenceNotStr[DepartmentId] | None = None


class FollowUserCalls:
    """企业服务人员管理: the calls of `Client.follow_user`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def list(self) -> FollowUserListResult:
        """List the members who have the customer-contact feature.

        获取配置了客户联系功能的成员列表: https://developer.work.weixin.qq.com/document/path/92571

        - Only members inside the visible range of the app come back.
        - There is no paging.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(FollowUserList())

    def check(
        self,
        *,
        userid: SequenceNotStr[UserId] | None = None,
        partyid: SequenceNotStr[DepartmentId] | None = None,
    ) -> FollowUserCheckResult:
        """Tell which of the given members and departments may use the customer-contact feature.

        检查用户是否配置了客户联系功能使用权限:
        https://developer.work.weixin.qq.com/document/path/96312

        - Only the pages for provider-developed apps (服务商代开发) list it; the page itself names
          self-built and third-party apps, too.

        Args:
            userid: Members to check; a list under a singular name.
            partyid: Departments to check; a list under a singular name.
        """
        return self._client.send(FollowUserCheck(userid=userid, partyid=partyid))


class AsyncFollowUserCalls:
    """企业服务人员管理: the calls of `AsyncClient.follow_user`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def list(self) -> FollowUserListResult:
        """List the members who have the customer-contact feature.

        获取配置了客户联系功能的成员列表: https://developer.work.weixin.qq.com/document/path/92571

        - Only members inside the visible range of the app come back.
        - There is no paging.
        - The app must stand under 客户联系 > 可调用接口的应用; since 2023-12-01 the secret of the
          system app is refused for new companies.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(FollowUserList())

    async def check(
        self,
        *,
        userid: SequenceNotStr[UserId] | None = None,
        partyid: SequenceNotStr[DepartmentId] | None = None,
    ) -> FollowUserCheckResult:
        """Tell which of the given members and departments may use the customer-contact feature.

        检查用户是否配置了客户联系功能使用权限:
        https://developer.work.weixin.qq.com/document/path/96312

        - Only the pages for provider-developed apps (服务商代开发) list it; the page itself names
          self-built and third-party apps, too.

        Args:
            userid: Members to check; a list under a singular name.
            partyid: Departments to check; a list under a singular name.
        """
        return await self._client.send(FollowUserCheck(userid=userid, partyid=partyid))
