"""开发指南: Addresses of WeCom's servers, for firewalls.

Generated from spec/server.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define

from ._runtime.model import Call, Endpoint, Model

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class ServerApiIpsResult(Model):
    """What `server.api_ips` returns."""

    ip_list: list[str]
    """Addresses or address ranges."""


@define(kw_only=True, eq=False, repr=False)
class ServerApiIps(Call[ServerApiIpsResult]):
    """List the addresses that qyapi.weixin.qq.com resolves to, for outgoing connections."""

    endpoint: ClassVar[Endpoint[ServerApiIpsResult]] = Endpoint(
        name="server.api_ips",
        method="GET",
        path="/cgi-bin/get_api_domain_ip",
        title="获取企业微信接口IP段",
        page=92520,
        readonly=True,
        result=ServerApiIpsResult,
        errors=(60020,),
    )


@define(kw_only=True, eq=False, repr=False)
class ServerCallbackIpsResult(Model):
    """What `server.callback_ips` returns."""

    ip_list: list[str]
    """Addresses or address ranges."""


@define(kw_only=True, eq=False, repr=False)
class ServerCallbackIps(Call[ServerCallbackIpsResult]):
    """List the addresses from which WeCom calls your callback URL."""

    endpoint: ClassVar[Endpoint[ServerCallbackIpsResult]] = Endpoint(
        name="server.callback_ips",
        method="GET",
        path="/cgi-bin/getcallbackip",
        title="获取企业微信回调IP段",
        page=90930,
        readonly=True,
        result=ServerCallbackIpsResult,
    )


class ServerCalls:
    """开发指南: the calls of `Client.server`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def api_ips(self) -> ServerApiIpsResult:
        """List the addresses that qyapi.weixin.qq.com resolves to, for outgoing connections.

        获取企业微信接口IP段: https://developer.work.weixin.qq.com/document/path/92520

        - Ask once a day; when the addresses change, old and new ones are valid together for a
          while.
        - Callbacks come from other addresses, see callback_ips.

        Raises:
            Forbidden: 60020.
        """
        return self._client.send(ServerApiIps())

    def callback_ips(self) -> ServerCallbackIpsResult:
        """List the addresses from which WeCom calls your callback URL.

        获取企业微信回调IP段: https://developer.work.weixin.qq.com/document/path/90930

        - Ask once a day; when the addresses change, old and new ones are valid together for a
          while.
        - Callbacks from addresses outside the list have been seen: take it as a hint and rely on
          the signature.
        - Calls to the API go to other addresses, see api_ips.
        """
        return self._client.send(ServerCallbackIps())


class AsyncServerCalls:
    """开发指南: the calls of `AsyncClient.server`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def api_ips(self) -> ServerApiIpsResult:
        """List the addresses that qyapi.weixin.qq.com resolves to, for outgoing connections.

        获取企业微信接口IP段: https://developer.work.weixin.qq.com/document/path/92520

        - Ask once a day; when the addresses change, old and new ones are valid together for a
          while.
        - Callbacks come from other addresses, see callback_ips.

        Raises:
            Forbidden: 60020.
        """
        return await self._client.send(ServerApiIps())

    async def callback_ips(self) -> ServerCallbackIpsResult:
        """List the addresses from which WeCom calls your callback URL.

        获取企业微信回调IP段: https://developer.work.weixin.qq.com/document/path/90930

        - Ask once a day; when the addresses change, old and new ones are valid together for a
          while.
        - Callbacks from addresses outside the list have been seen: take it as a hint and rely on
          the signature.
        - Calls to the API go to other addresses, see api_ips.
        """
        return await self._client.send(ServerCallbackIps())
