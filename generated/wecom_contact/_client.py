"""The sync client.

Generated from spec/ by `make gen`. Do not edit.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from ._runtime.sync_driver import SyncDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .agent import AgentCalls
    from .contact_way import ContactWayCalls
    from .corp_tag import CorpTagCalls
    from .customer import CustomerCalls
    from .customer_acquisition import CustomerAcquisitionCalls
    from .customer_acquisition_component import CustomerAcquisitionComponentCalls
    from .customer_strategy import CustomerStrategyCalls
    from .customer_tag import CustomerTagCalls
    from .errors import ErrorFact
    from .follow_user import FollowUserCalls
    from .group_chat import GroupChatCalls
    from .group_join_way import GroupJoinWayCalls
    from .group_msg import GroupMsgCalls
    from .group_welcome_template import GroupWelcomeTemplateCalls
    from .id_convert import IdConvertCalls
    from .intercept_rule import InterceptRuleCalls
    from .media import MediaCalls
    from .moment import MomentCalls
    from .moment_strategy import MomentStrategyCalls
    from .product_album import ProductAlbumCalls
    from .resigned_transfer import ResignedTransferCalls
    from .server import ServerCalls
    from .statistics import StatisticsCalls
    from .strategy_tag import StrategyTagCalls
    from .transfer import TransferCalls
    from .welcome import WelcomeCalls


class Client(SyncDriver):
    """WeCom's customer-contact API, sync: every resource is an attribute.

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
        token_store: Where tokens are shared: `FileStore`, `RedisStore`. In memory by default.
        retry: How often and how long to try again; None for never.
        limiter: Waits rather than be refused for too many calls: `MemoryLimiter()`, or `RedisLimiter(url)`.
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
    def agent(self) -> "AgentCalls":
        """应用授权: What a company lets the app of a service provider do."""
        from .agent import AgentCalls

        return AgentCalls(self)

    @cached_property
    def contact_way(self) -> "ContactWayCalls":
        """客户联系「联系我」管理: QR codes and mini program buttons by which a customer adds a
        member (联系我).
        """
        from .contact_way import ContactWayCalls

        return ContactWayCalls(self)

    @cached_property
    def corp_tag(self) -> "CorpTagCalls":
        """管理企业标签: Tags that the company defines and its members put on customers."""
        from .corp_tag import CorpTagCalls

        return CorpTagCalls(self)

    @cached_property
    def customer(self) -> "CustomerCalls":
        """客户管理: Customers (external contacts) and the members who follow them."""
        from .customer import CustomerCalls

        return CustomerCalls(self)

    @cached_property
    def customer_acquisition(self) -> "CustomerAcquisitionCalls":
        """获客助手: Acquisition links (获客助手), the customers they brought and what is left of
        the quota. The system app 客户联系 may not call any of this.
        """
        from .customer_acquisition import CustomerAcquisitionCalls

        return CustomerAcquisitionCalls(self)

    @cached_property
    def customer_acquisition_component(self) -> "CustomerAcquisitionComponentCalls":
        """获客助手组件: The acquisition component of a service provider (获客助手组件), which
        lets companies publish their links in the provider's scenes.
        """
        from .customer_acquisition_component import CustomerAcquisitionComponentCalls

        return CustomerAcquisitionComponentCalls(self)

    @cached_property
    def customer_strategy(self) -> "CustomerStrategyCalls":
        """客户联系规则组管理: Strategies (规则组) that give administrators rights over the
        customer contact of some members.
        """
        from .customer_strategy import CustomerStrategyCalls

        return CustomerStrategyCalls(self)

    @cached_property
    def customer_tag(self) -> "CustomerTagCalls":
        """编辑客户企业标签: The tags on a customer of one member."""
        from .customer_tag import CustomerTagCalls

        return CustomerTagCalls(self)

    @cached_property
    def follow_user(self) -> "FollowUserCalls":
        """企业服务人员管理: Members who may serve customers (客户联系)."""
        from .follow_user import FollowUserCalls

        return FollowUserCalls(self)

    @cached_property
    def group_chat(self) -> "GroupChatCalls":
        """客户群管理: Groups that members and customers chat in."""
        from .group_chat import GroupChatCalls

        return GroupChatCalls(self)

    @cached_property
    def group_join_way(self) -> "GroupJoinWayCalls":
        """客户群「加入群聊」管理: QR codes and mini program buttons by which customers join a
        group.
        """
        from .group_join_way import GroupJoinWayCalls

        return GroupJoinWayCalls(self)

    @cached_property
    def group_msg(self) -> "GroupMsgCalls":
        """企业群发: Mass sends, messages of the company that members confirm and send to
        customers or customer groups.
        """
        from .group_msg import GroupMsgCalls

        return GroupMsgCalls(self)

    @cached_property
    def group_welcome_template(self) -> "GroupWelcomeTemplateCalls":
        """入群欢迎语素材管理: Welcome messages for people who join a customer group; at most 100
        in the company.
        """
        from .group_welcome_template import GroupWelcomeTemplateCalls

        return GroupWelcomeTemplateCalls(self)

    @cached_property
    def id_convert(self) -> "IdConvertCalls":
        """账号ID转换: Conversions between the ids that WeChat, a company, its apps and service
        providers give to the same person, tag or group.
        """
        from .id_convert import IdConvertCalls

        return IdConvertCalls(self)

    @cached_property
    def intercept_rule(self) -> "InterceptRuleCalls":
        """管理聊天敏感词: Rules that stop or flag sensitive words in chats with customers."""
        from .intercept_rule import InterceptRuleCalls

        return InterceptRuleCalls(self)

    @cached_property
    def media(self) -> "MediaCalls":
        """素材管理: Files for messages, moments and product albums."""
        from .media import MediaCalls

        return MediaCalls(self)

    @cached_property
    def moment(self) -> "MomentCalls":
        """客户朋友圈: Customer moments, what the company or its members post for their
        customers.
        """
        from .moment import MomentCalls

        return MomentCalls(self)

    @cached_property
    def moment_strategy(self) -> "MomentStrategyCalls":
        """客户朋友圈规则组管理: Strategies (规则组) that give administrators rights over the
        customer moments of some members.
        """
        from .moment_strategy import MomentStrategyCalls

        return MomentStrategyCalls(self)

    @cached_property
    def product_album(self) -> "ProductAlbumCalls":
        """管理商品图册: The product album, whose products members send to customers."""
        from .product_album import ProductAlbumCalls

        return ProductAlbumCalls(self)

    @cached_property
    def resigned_transfer(self) -> "ResignedTransferCalls":
        """离职继承: Handing on the customers and groups of members who have left the company."""
        from .resigned_transfer import ResignedTransferCalls

        return ResignedTransferCalls(self)

    @cached_property
    def server(self) -> "ServerCalls":
        """开发指南: Addresses of WeCom's servers, for firewalls."""
        from .server import ServerCalls

        return ServerCalls(self)

    @cached_property
    def statistics(self) -> "StatisticsCalls":
        """统计管理: Daily numbers on how members serve customers and groups."""
        from .statistics import StatisticsCalls

        return StatisticsCalls(self)

    @cached_property
    def strategy_tag(self) -> "StrategyTagCalls":
        """管理企业规则组下的客户标签: Tags of one customer strategy, for the members in its
        range only.
        """
        from .strategy_tag import StrategyTagCalls

        return StrategyTagCalls(self)

    @cached_property
    def transfer(self) -> "TransferCalls":
        """在职继承: Handing the customers and groups of a member who stays in the company to
        another member.
        """
        from .transfer import TransferCalls

        return TransferCalls(self)

    @cached_property
    def welcome(self) -> "WelcomeCalls":
        """发送新客户欢迎语: Welcome messages for new customers."""
        from .welcome import WelcomeCalls

        return WelcomeCalls(self)
