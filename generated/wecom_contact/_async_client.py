"""The async client.

Generated from spec/ by `make gen`. Do not edit.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from ._runtime.async_driver import AsyncDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .agent import AsyncAgentCalls
    from .contact_way import AsyncContactWayCalls
    from .corp_tag import AsyncCorpTagCalls
    from .customer import AsyncCustomerCalls
    from .customer_acquisition import AsyncCustomerAcquisitionCalls
    from .customer_acquisition_component import AsyncCustomerAcquisitionComponentCalls
    from .customer_strategy import AsyncCustomerStrategyCalls
    from .customer_tag import AsyncCustomerTagCalls
    from .errors import ErrorFact
    from .follow_user import AsyncFollowUserCalls
    from .group_chat import AsyncGroupChatCalls
    from .group_join_way import AsyncGroupJoinWayCalls
    from .group_msg import AsyncGroupMsgCalls
    from .group_welcome_template import AsyncGroupWelcomeTemplateCalls
    from .id_convert import AsyncIdConvertCalls
    from .intercept_rule import AsyncInterceptRuleCalls
    from .media import AsyncMediaCalls
    from .moment import AsyncMomentCalls
    from .moment_strategy import AsyncMomentStrategyCalls
    from .product_album import AsyncProductAlbumCalls
    from .resigned_transfer import AsyncResignedTransferCalls
    from .server import AsyncServerCalls
    from .statistics import AsyncStatisticsCalls
    from .strategy_tag import AsyncStrategyTagCalls
    from .transfer import AsyncTransferCalls
    from .welcome import AsyncWelcomeCalls


class AsyncClient(AsyncDriver):
    """WeCom's customer-contact API, async: every resource is an attribute.

    Args:
        corp_id: Id of the company.
        secret: The secret of the app.
        credential: In place of the two: `Corp`, `AuthorizedCorp`, `Suite`, or a token centre of your own.
        provider: For the few calls that want a service provider's token.
        base_url: Where WeCom is; a gateway's path prefix is kept.
        timeout: Seconds to connect and for each piece of the answer, or `Timeouts(connect=5, read=30, total=120)`.
        proxy: `http://user:password@host:port`; the environment's proxies are not used.
        ssl_context: A TLS context of your own.
        ca_certs: A file of certificates to trust.
        pool_size: Connections, and never more.
        token_store: Where tokens are shared: `FileStore`, `AsyncRedisStore`. In memory by default.
        retry: How often and how long to try again; None for never.
        limiter: Waits rather than be refused for too many calls: `MemoryLimiter()`, or `AsyncRedisLimiter(url)`.
        check: Whether limits of arguments are checked before sending.
        strict: Whether a reply that the spec does not fully describe is an error.
        on_call: Told of each call when it has ended.
        on_retry: Told before each new try.
        on_drift: Told once of each thing in replies that the spec does not know.
    """

    def _error_table(self) -> "Mapping[int, ErrorFact]":
        from ._errcodes import ERRORS

        return ERRORS

    @cached_property
    def agent(self) -> "AsyncAgentCalls":
        """应用授权: What a company lets the app of a service provider do."""
        from .agent import AsyncAgentCalls

        return AsyncAgentCalls(self)

    @cached_property
    def contact_way(self) -> "AsyncContactWayCalls":
        """客户联系「联系我」管理: QR codes and mini program buttons by which a customer adds a
        member (联系我).
        """
        from .contact_way import AsyncContactWayCalls

        return AsyncContactWayCalls(self)

    @cached_property
    def corp_tag(self) -> "AsyncCorpTagCalls":
        """管理企业标签: Tags that the company defines and its members put on customers."""
        from .corp_tag import AsyncCorpTagCalls

        return AsyncCorpTagCalls(self)

    @cached_property
    def customer(self) -> "AsyncCustomerCalls":
        """客户管理: Customers (external contacts) and the members who follow them."""
        from .customer import AsyncCustomerCalls

        return AsyncCustomerCalls(self)

    @cached_property
    def customer_acquisition(self) -> "AsyncCustomerAcquisitionCalls":
        """获客助手: Acquisition links (获客助手), the customers they brought and what is left of
        the quota. The system app 客户联系 may not call any of this.
        """
        from .customer_acquisition import AsyncCustomerAcquisitionCalls

        return AsyncCustomerAcquisitionCalls(self)

    @cached_property
    def customer_acquisition_component(self) -> "AsyncCustomerAcquisitionComponentCalls":
        """获客助手组件: The acquisition component of a service provider (获客助手组件), which
        lets companies publish their links in the provider's scenes.
        """
        from .customer_acquisition_component import AsyncCustomerAcquisitionComponentCalls

        return AsyncCustomerAcquisitionComponentCalls(self)

    @cached_property
    def customer_strategy(self) -> "AsyncCustomerStrategyCalls":
        """客户联系规则组管理: Strategies (规则组) that give administrators rights over the
        customer contact of some members.
        """
        from .customer_strategy import AsyncCustomerStrategyCalls

        return AsyncCustomerStrategyCalls(self)

    @cached_property
    def customer_tag(self) -> "AsyncCustomerTagCalls":
        """编辑客户企业标签: The tags on a customer of one member."""
        from .customer_tag import AsyncCustomerTagCalls

        return AsyncCustomerTagCalls(self)

    @cached_property
    def follow_user(self) -> "AsyncFollowUserCalls":
        """企业服务人员管理: Members who may serve customers (客户联系)."""
        from .follow_user import AsyncFollowUserCalls

        return AsyncFollowUserCalls(self)

    @cached_property
    def group_chat(self) -> "AsyncGroupChatCalls":
        """客户群管理: Groups that members and customers chat in."""
        from .group_chat import AsyncGroupChatCalls

        return AsyncGroupChatCalls(self)

    @cached_property
    def group_join_way(self) -> "AsyncGroupJoinWayCalls":
        """客户群「加入群聊」管理: QR codes and mini program buttons by which customers join a
        group.
        """
        from .group_join_way import AsyncGroupJoinWayCalls

        return AsyncGroupJoinWayCalls(self)

    @cached_property
    def group_msg(self) -> "AsyncGroupMsgCalls":
        """企业群发: Mass sends, messages of the company that members confirm and send to
        customers or customer groups.
        """
        from .group_msg import AsyncGroupMsgCalls

        return AsyncGroupMsgCalls(self)

    @cached_property
    def group_welcome_template(self) -> "AsyncGroupWelcomeTemplateCalls":
        """入群欢迎语素材管理: Welcome messages for people who join a customer group; at most 100
        in the company.
        """
        from .group_welcome_template import AsyncGroupWelcomeTemplateCalls

        return AsyncGroupWelcomeTemplateCalls(self)

    @cached_property
    def id_convert(self) -> "AsyncIdConvertCalls":
        """账号ID转换: Conversions between the ids that WeChat, a company, its apps and service
        providers give to the same person, tag or group.
        """
        from .id_convert import AsyncIdConvertCalls

        return AsyncIdConvertCalls(self)

    @cached_property
    def intercept_rule(self) -> "AsyncInterceptRuleCalls":
        """管理聊天敏感词: Rules that stop or flag sensitive words in chats with customers."""
        from .intercept_rule import AsyncInterceptRuleCalls

        return AsyncInterceptRuleCalls(self)

    @cached_property
    def media(self) -> "AsyncMediaCalls":
        """素材管理: Files for messages, moments and product albums."""
        from .media import AsyncMediaCalls

        return AsyncMediaCalls(self)

    @cached_property
    def moment(self) -> "AsyncMomentCalls":
        """客户朋友圈: Customer moments, what the company or its members post for their
        customers.
        """
        from .moment import AsyncMomentCalls

        return AsyncMomentCalls(self)

    @cached_property
    def moment_strategy(self) -> "AsyncMomentStrategyCalls":
        """客户朋友圈规则组管理: Strategies (规则组) that give administrators rights over the
        customer moments of some members.
        """
        from .moment_strategy import AsyncMomentStrategyCalls

        return AsyncMomentStrategyCalls(self)

    @cached_property
    def product_album(self) -> "AsyncProductAlbumCalls":
        """管理商品图册: The product album, whose products members send to customers."""
        from .product_album import AsyncProductAlbumCalls

        return AsyncProductAlbumCalls(self)

    @cached_property
    def resigned_transfer(self) -> "AsyncResignedTransferCalls":
        """离职继承: Handing on the customers and groups of members who have left the company."""
        from .resigned_transfer import AsyncResignedTransferCalls

        return AsyncResignedTransferCalls(self)

    @cached_property
    def server(self) -> "AsyncServerCalls":
        """开发指南: Addresses of WeCom's servers, for firewalls."""
        from .server import AsyncServerCalls

        return AsyncServerCalls(self)

    @cached_property
    def statistics(self) -> "AsyncStatisticsCalls":
        """统计管理: Daily numbers on how members serve customers and groups."""
        from .statistics import AsyncStatisticsCalls

        return AsyncStatisticsCalls(self)

    @cached_property
    def strategy_tag(self) -> "AsyncStrategyTagCalls":
        """管理企业规则组下的客户标签: Tags of one customer strategy, for the members in its
        range only.
        """
        from .strategy_tag import AsyncStrategyTagCalls

        return AsyncStrategyTagCalls(self)

    @cached_property
    def transfer(self) -> "AsyncTransferCalls":
        """在职继承: Handing the customers and groups of a member who stays in the company to
        another member.
        """
        from .transfer import AsyncTransferCalls

        return AsyncTransferCalls(self)

    @cached_property
    def welcome(self) -> "AsyncWelcomeCalls":
        """发送新客户欢迎语: Welcome messages for new customers."""
        from .welcome import AsyncWelcomeCalls

        return AsyncWelcomeCalls(self)
