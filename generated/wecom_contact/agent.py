"""应用授权: What a company lets the app of a service provider do.

Generated from spec/agent.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from attrs import define

from ._runtime.model import Call, Endpoint, Model

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class ExpiringPermission(Model):
    """A permission that ends."""

    permission_name: str
    """The permission, in a word of app_permissions."""
    expire_time: datetime | None = None
    """When it ends; None if it does not."""


@define(kw_only=True, eq=False, repr=False)
class AgentGetPermissionsResult(Model):
    """What `agent.get_permissions` returns."""

    app_permissions: list[str]
    """The permissions, in words like contact:base:base; the page lists them."""
    app_permissions_ext: list[ExpiringPermission] | None = None
    """Those of them that end; only for apps that work outside WeCom (外部服务应用)."""


@define(kw_only=True, eq=False, repr=False)
class AgentGetPermissions(Call[AgentGetPermissionsResult]):
    """List what the company lets the app do, and until when."""

    endpoint: ClassVar[Endpoint[AgentGetPermissionsResult]] = Endpoint(
        name="agent.get_permissions",
        method="POST",
        path="/cgi-bin/agent/get_permissions",
        title="获取应用权限详情",
        page=99052,
        readonly=True,
        result=AgentGetPermissionsResult,
    )


class AgentCalls:
    """应用授权: the calls of `Client.agent`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def get_permissions(self) -> AgentGetPermissionsResult:
        """List what the company lets the app do, and until when.

        获取应用权限详情: https://developer.work.weixin.qq.com/document/path/99052

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Data permissions (数据权限), of acquisition links for instance, last 90 days; then an
          admin of the company must grant them again.
        """
        return self._client.send(AgentGetPermissions())


class AsyncAgentCalls:
    """应用授权: the calls of `AsyncClient.agent`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def get_permissions(self) -> AgentGetPermissionsResult:
        """List what the company lets the app do, and until when.

        获取应用权限详情: https://developer.work.weixin.qq.com/document/path/99052

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Data permissions (数据权限), of acquisition links for instance, last 90 days; then an
          admin of the company must grant them again.
        """
        return await self._client.send(AgentGetPermissions())
