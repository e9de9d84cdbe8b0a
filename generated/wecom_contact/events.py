"""变更回调: What WeCom pushes to a callback URL when something changes in customer contact.

Generated from spec/events.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import Any

from attrs import define, field

from ._runtime.events import Event, UnknownEvent, dump_event, read_event
from ._runtime.model import OpenInt, OpenStr, wire
from .types import ChatId, ExternalUserId, UserId

__all__ = [
    "TABLE",
    "AcquisitionBalanceExhausted",
    "AcquisitionBalanceIncreased",
    "AcquisitionBalanceLow",
    "AcquisitionChatStarted",
    "AcquisitionFollowerDeleted",
    "AcquisitionFriendRequested",
    "AcquisitionLinkDeleted",
    "AcquisitionLinkUnavailable",
    "AcquisitionMessagesReceived",
    "AcquisitionPermitChanged",
    "AcquisitionPriceChanged",
    "AcquisitionProfileOpened",
    "AcquisitionQuotaExpiring",
    "AcquisitionServiceBalanceConsumed",
    "AcquisitionServiceBalanceExhausted",
    "AcquisitionServiceBalanceLow",
    "AuthCancelled",
    "AuthChanged",
    "AuthCreated",
    "ChatArchiveApproved",
    "CustomerAdded",
    "CustomerDeleted",
    "CustomerEdited",
    "CustomerHalfAdded",
    "CustomerTransferFailed",
    "DataPermissionExpiring",
    "DataPermissionGranted",
    "DataPermissionType",
    "DeletionSource",
    "Event",
    "ExternalUserIdMigrationAgreed",
    "FollowerDeleted",
    "GroupChatCreated",
    "GroupChatDismissed",
    "GroupChatUpdated",
    "JoinScene",
    "MediaUploadFinished",
    "PermanentCodeReset",
    "QuitScene",
    "SpecialAuthApproved",
    "SpecialAuthCancelled",
    "SpecialAuthType",
    "SuiteTicketPushed",
    "TagCreated",
    "TagDeleted",
    "TagShuffled",
    "TagType",
    "TagUpdated",
    "TransferFailReason",
    "UnknownEvent",
    "UpdateDetail",
    "dump",
    "parse",
]


class DeletionSource(OpenStr):
    """What made a customer disappear, where it was not the member."""

    TRANSFER = "DELETE_BY_TRANSFER"
    """The customer was handed over to another member."""


class TransferFailReason(OpenStr):
    """Why a customer was not handed over."""

    REFUSED = "customer_refused"
    """The customer refused."""
    LIMIT_EXCEEDED = "customer_limit_exceed"
    """The member who was to take over has too many customers."""


class UpdateDetail(OpenStr):
    """What changed in a customer group."""

    ADD_MEMBER = "add_member"
    """Members came."""
    DEL_MEMBER = "del_member"
    """Members went."""
    CHANGE_OWNER = "change_owner"
    """Another owner."""
    CHANGE_NAME = "change_name"
    """Another name."""
    CHANGE_NOTICE = "change_notice"
    """Another notice."""


class JoinScene(OpenInt):
    """How a member came into a customer group. The scale is not the one of
    `GroupMemberJoinScene`; a sample of the page for suites has a 1, which its table does not
    know.
    """

    INVITED = 0
    """Invited by a member, directly or by a link."""
    QR_CODE = 3
    """Scanned the QR code of the group."""


class QuitScene(OpenInt):
    """How a member left a customer group."""

    LEFT = 0
    """Left."""
    REMOVED = 1
    """Removed by the owner or an admin."""


class TagType(OpenStr):
    """Whether an id is of a tag or of a group of tags."""

    TAG = "tag"
    """A tag."""
    TAG_GROUP = "tag_group"
    """A group of tags."""


class SpecialAuthType(OpenStr):
    """A right that an admin of the company confirms beside the authorisation."""

    CUSTOMER_ACQUISITION = "customer_acquisition"
    """The acquisition assistant (获客助手)."""


class DataPermissionType(OpenStr):
    """What the data permission of an app covers. Data of acquisition links, knowledge sets and
    documents have words of their own, which the copies of the page do not show.
    """

    DATA_ZONE_CHAT = "data_zone_chat"
    """Chats in the data zone (数据专区)."""


@define(kw_only=True, eq=False, repr=False)
class CustomerAdded(Event):
    """A member added a customer, or a customer joined through a contact way or an acquisition link.

    添加企业客户事件: https://developer.work.weixin.qq.com/document/path/92130

    - A welcome code works once and dies 20 seconds after the event; `welcome_deadline` is that
      moment.
    - Acknowledge first, then send the welcome from a worker.
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member; the acquisition component may not be told and gets an empty string."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `state` of the contact way, or the `customer_channel` of the acquisition link; only
    when the customer came through one that has it.
    """
    welcome_code: str | None = field(default=None, repr=False, metadata=wire("WelcomeCode"))
    """For `welcome.send`; absent when the console has a welcome message, when the two are
    chatting already, when the code of `CustomerHalfAdded` was used, and for members of other
    companies.
    """
    link_id: str | None = field(default=None, metadata=wire("LinkId"))
    """The acquisition link; only the acquisition component is told."""


@define(kw_only=True, eq=False, repr=False)
class CustomerEdited(Event):
    """A member changed the remark, the phone numbers or the tags of a customer.

    编辑企业客户事件: https://developer.work.weixin.qq.com/document/path/92130

    - What changed is not said, so read the customer again.
    - Suites are not told when nothing but the phone numbers changed.
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""


@define(kw_only=True, eq=False, repr=False)
class CustomerHalfAdded(Event):
    """A customer added a member who takes everybody, and the member has not added the customer back
    yet.

    外部联系人免验证添加成员事件: https://developer.work.weixin.qq.com/document/path/92130

    - Until the member does, several calls answer 84061.
    - A welcome code works once and dies 20 seconds after the event; `welcome_deadline` is that
      moment.
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `state` of the contact way, or the `customer_channel` of the acquisition link; only
    when the customer came through one that has it.
    """
    welcome_code: str | None = field(default=None, repr=False, metadata=wire("WelcomeCode"))
    """For `welcome.send`; once it is used, `CustomerAdded` brings no other."""


@define(kw_only=True, eq=False, repr=False)
class CustomerDeleted(Event):
    """A member deleted a customer.

    删除企业客户事件: https://developer.work.weixin.qq.com/document/path/92130
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    source: DeletionSource | None = field(default=None, metadata=wire("Source"))
    """What made it happen, where it was not the member."""


@define(kw_only=True, eq=False, repr=False)
class FollowerDeleted(Event):
    """A customer deleted a member.

    删除跟进成员事件: https://developer.work.weixin.qq.com/document/path/92130

    - The member still has the customer, so calls about the two still work.
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""


@define(kw_only=True, eq=False, repr=False)
class CustomerTransferFailed(Event):
    """A customer was not handed over to another member.

    客户接替失败事件: https://developer.work.weixin.qq.com/document/path/92130

    - The app needs the right to hand over customers of present or former members.
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member, presumably the one who was to take over: the page does not say."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    fail_reason: TransferFailReason = field(metadata=wire("FailReason"))
    """Why."""


@define(kw_only=True, eq=False, repr=False)
class ChatArchiveApproved(Event):
    """A customer agreed to have the chat archived.

    客户同意进行聊天内容存档事件: https://developer.work.weixin.qq.com/document/path/92005
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    welcome_code: str | None = field(default=None, repr=False, metadata=wire("WelcomeCode"))
    """For `welcome.send`; only when the welcome message had to wait for the consent."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatCreated(Event):
    """A customer group was created.

    客户群创建事件: https://developer.work.weixin.qq.com/document/path/92130
    """

    chat_id: ChatId = field(metadata=wire("ChatId"))
    """The group."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatUpdated(Event):
    """The members, the owner, the name or the notice of a customer group changed.

    客户群变更事件: https://developer.work.weixin.qq.com/document/path/92130

    - Keep `current_version` with your copy of the members. If `last_version` is not what you kept,
      callbacks were lost or came out of order: read the group again.
    - Reading the group may give the old state for some two seconds.
    """

    chat_id: ChatId = field(metadata=wire("ChatId"))
    """The group."""
    update_detail: UpdateDetail = field(metadata=wire("UpdateDetail"))
    """What changed."""
    join_scene: JoinScene | None = field(default=None, metadata=wire("JoinScene", also=str))
    """How the new members came. Read it only with `add_member`: WeCom may send it with other
    changes too.
    """
    quit_scene: QuitScene | None = field(default=None, metadata=wire("QuitScene", also=str))
    """How the members went. Read it only with `del_member`: WeCom may send it with other changes
    too.
    """
    change_count: int | None = field(default=None, metadata=wire("MemChangeCnt", also=str))
    """How many members came or went."""
    members: list[str] | None = field(default=None, metadata=wire("MemChangeList", item="Item"))
    """Who came or went: userids and external_userids."""
    last_version: str | None = field(default=None, metadata=wire("LastMemVer"))
    """Version of the member list before the change."""
    current_version: str | None = field(default=None, metadata=wire("CurMemVer"))
    """Version of the member list after the change."""


@define(kw_only=True, eq=False, repr=False)
class GroupChatDismissed(Event):
    """The owner dissolved a customer group.

    客户群解散事件: https://developer.work.weixin.qq.com/document/path/92130
    """

    chat_id: ChatId = field(metadata=wire("ChatId"))
    """The group."""


@define(kw_only=True, eq=False, repr=False)
class TagCreated(Event):
    """A tag or a group of tags was created.

    企业客户标签创建事件: https://developer.work.weixin.qq.com/document/path/92130
    """

    id: str = field(metadata=wire("Id"))
    """The tag or the group."""
    tag_type: TagType = field(metadata=wire("TagType"))
    """Which of the two."""
    strategy_id: str | None = field(default=None, metadata=wire("StrategyId", also=int))
    """The rule group (规则组) the tag belongs to; only the customer contact app (客户联系) is
    told.
    """


@define(kw_only=True, eq=False, repr=False)
class TagUpdated(Event):
    """A tag or a group of tags was renamed or changed otherwise.

    企业客户标签变更事件: https://developer.work.weixin.qq.com/document/path/92130
    """

    id: str = field(metadata=wire("Id"))
    """The tag or the group."""
    tag_type: TagType = field(metadata=wire("TagType"))
    """Which of the two."""
    strategy_id: str | None = field(default=None, metadata=wire("StrategyId", also=int))
    """The rule group (规则组) the tag belongs to; only the customer contact app (客户联系) is
    told.
    """


@define(kw_only=True, eq=False, repr=False)
class TagDeleted(Event):
    """A tag or a group of tags was deleted.

    企业客户标签删除事件: https://developer.work.weixin.qq.com/document/path/92130

    - A deleted group is told once; nothing is said of its tags.
    """

    id: str = field(metadata=wire("Id"))
    """The tag or the group."""
    tag_type: TagType = field(metadata=wire("TagType"))
    """Which of the two."""
    strategy_id: str | None = field(default=None, metadata=wire("StrategyId", also=int))
    """The rule group (规则组) the tag belongs to; only the customer contact app (客户联系) is
    told.
    """


@define(kw_only=True, eq=False, repr=False)
class TagShuffled(Event):
    """Tags or groups of tags were put in another order.

    企业客户标签重排事件: https://developer.work.weixin.qq.com/document/path/92130

    - The new order is not said, so read the tags again.
    """

    id: str | None = field(default=None, metadata=wire("Id"))
    """The group whose tags moved; absent or empty when the groups themselves did."""
    strategy_id: str | None = field(default=None, metadata=wire("StrategyId", also=int))
    """The rule group (规则组) the tags belong to; only the customer contact app (客户联系) is
    told.
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionBalanceLow(Event):
    """Fewer than 20 uses of the acquisition links are left.

    企业使用量即将耗尽事件: https://developer.work.weixin.qq.com/document/path/97299
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionBalanceExhausted(Event):
    """No use of the acquisition links is left.

    使用量已经耗尽事件: https://developer.work.weixin.qq.com/document/path/97299
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionBalanceIncreased(Event):
    """There are uses of the acquisition links again where none had been left.

    使用量增加事件: https://developer.work.weixin.qq.com/document/path/97299
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionLinkUnavailable(Event):
    """An acquisition link stopped working.

    获客链接异常事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    link_id: str = field(metadata=wire("LinkId"))
    """The link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionLinkDeleted(Event):
    """Somebody deleted an acquisition link in the admin console.

    删除获客链接事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    link_id: str = field(metadata=wire("LinkId"))
    """The link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionQuotaExpiring(Event):
    """Uses of the acquisition links expire in 14, 7, 3, 2 or 1 days.

    获客使用量即将过期事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    expire_time: datetime = field(metadata=wire("ExpireTime", also=str))
    """When they expire."""
    expire_count: int = field(metadata=wire("ExpireQuotaNum", also=str))
    """How many expire."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionProfileOpened(Event):
    """A WeChat user opened an acquisition link and sees the profile of the member.

    微信客户打开获客链接事件: https://developer.work.weixin.qq.com/document/path/97299

    - Only companies of some trades are told; the admin console says whether yours is.
    """

    link_id: str = field(metadata=wire("LinkId"))
    """The link."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `customer_channel` of the link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionFriendRequested(Event):
    """A WeChat user asked to be added through an acquisition link that has a `customer_channel`.

    通过获客链接发起好友请求事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    link_id: str = field(metadata=wire("LinkId"))
    """The link."""
    state: str = field(metadata=wire("State"))
    """The `customer_channel` of the link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionChatStarted(Event):
    """A member got the first message of a WeChat user who came through an acquisition link.

    成员首次收消息事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    userid: UserId = field(metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId = field(metadata=wire("ExternalUserID"))
    """The customer."""
    link_id: str | None = field(default=None, metadata=wire("LinkId"))
    """The link."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `customer_channel` of the link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionMessagesReceived(Event):
    """A member got several messages of a WeChat user who came through an acquisition link.

    成员多次收消息事件: https://developer.work.weixin.qq.com/document/path/97299
    """

    chat_key: str = field(repr=False, metadata=wire("ChatKey"))
    """For `customer_acquisition.get_chat_info`; lives 30 minutes, and is a credential: do not
    log it.
    """
    link_id: str | None = field(default=None, metadata=wire("LinkId"))
    """The link."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `customer_channel` of the link."""
    userid: UserId | None = field(default=None, metadata=wire("UserID"))
    """The member. Deprecated: Not sent since 19 December 2024."""
    external_userid: ExternalUserId | None = field(default=None, metadata=wire("ExternalUserID"))
    """The customer. Deprecated: Not sent since 19 December 2024."""
    chat_seq: int | None = field(default=None, metadata=wire("ChatSeq", also=str))
    """Which message it was. Deprecated: Not sent since 19 December 2024."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionFollowerDeleted(Event):
    """A customer who came through an acquisition link deleted the member.

    客户删除成员事件: https://developer.work.weixin.qq.com/document/path/97299

    - Known from another SDK, not from the official page.
    """

    userid: UserId | None = field(default=None, metadata=wire("UserID"))
    """The member."""
    external_userid: ExternalUserId | None = field(default=None, metadata=wire("ExternalUserID"))
    """The customer."""
    link_id: str | None = field(default=None, metadata=wire("LinkId"))
    """The link."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `customer_channel` of the link."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionServiceBalanceLow(Event):
    """Few of the uses that the service provider pays for are left.

    服务商获客使用量即将耗尽事件: https://developer.work.weixin.qq.com/document/path/99485

    - Only the acquisition component of a service provider is told.
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionServiceBalanceExhausted(Event):
    """None of the uses that the service provider pays for is left.

    服务商获客使用量已经耗尽事件: https://developer.work.weixin.qq.com/document/path/99485

    - Only the acquisition component of a service provider is told.
    """


@define(kw_only=True, eq=False, repr=False)
class AcquisitionServiceBalanceConsumed(Event):
    """A customer was added and the service provider paid for it.

    消耗服务商使用量事件: https://developer.work.weixin.qq.com/document/path/99485

    - Only the acquisition component of a service provider is told.
    """

    link_id: str = field(metadata=wire("LinkId"))
    """The link."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `customer_channel` of the link."""
    once_key: str | None = field(default=None, repr=False, metadata=wire("OnceKey"))
    """The key of `customer_acquisition_component.create_once_key` that was used."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionPriceChanged(Event):
    """What the service provider pays for one use changed.

    获客链接服务商代付价格调整事件: https://developer.work.weixin.qq.com/document/path/99485

    - Only the acquisition component of a service provider is told.
    """

    price: int = field(metadata=wire("Price", also=str))
    """The new price in cents (分)."""
    effective_time: datetime = field(metadata=wire("EffectiveTime", also=str))
    """When it begins to count."""


@define(kw_only=True, eq=False, repr=False)
class AcquisitionPermitChanged(Event):
    """The range of members whom customers of an acquisition app (营销获客) can reach changed.

    客户可建联成员范围变动事件: https://developer.work.weixin.qq.com/document/path/92277

    - The new range is not said, so call `customer_acquisition.get_permit`.
    - Only suites are told.
    """


@define(kw_only=True, eq=False, repr=False)
class SpecialAuthApproved(Event):
    """An admin of the company confirmed that the app may use the acquisition assistant (获客助手).

    获客助手权限确认事件: https://developer.work.weixin.qq.com/document/path/98959
    """

    auth_type: SpecialAuthType = field(metadata=wire("AuthType"))
    """What was confirmed."""


@define(kw_only=True, eq=False, repr=False)
class SpecialAuthCancelled(Event):
    """An admin of the company took back the confirmation that the app may use the acquisition
    assistant (获客助手).

    获客助手权限取消事件: https://developer.work.weixin.qq.com/document/path/98959
    """

    auth_type: SpecialAuthType = field(metadata=wire("AuthType"))
    """What was taken back."""


@define(kw_only=True, eq=False, repr=False)
class DataPermissionGranted(Event):
    """An admin of the company granted the app a permission to read data, for the first time or once
    more.

    数据权限授权成功事件: https://developer.work.weixin.qq.com/document/path/101587

    - The permission lasts 90 days; `agent.get_permissions` tells when it ends.
    - One event comes for each permission.
    """

    auth_type: DataPermissionType = field(metadata=wire("AuthType"))
    """What may be read."""


@define(kw_only=True, eq=False, repr=False)
class DataPermissionExpiring(Event):
    """A permission to read data ends in 7 days.

    数据权限即将到期事件: https://developer.work.weixin.qq.com/document/path/101587

    - It is said once; an admin of the company must grant the permission again.
    - The end itself is told by another event, which arrives as `UnknownEvent`.
    """

    auth_type: DataPermissionType = field(metadata=wire("AuthType"))
    """What may be read."""


@define(kw_only=True, eq=False, repr=False)
class ExternalUserIdMigrationAgreed(Event):
    """A company agreed that the service provider may convert its external_userids.

    同意授权转换external_userid事件: https://developer.work.weixin.qq.com/document/path/95327

    - It names no suite: `suite_id` is empty.
    """

    service_corp_id: str = field(metadata=wire("ServiceCorpId"))
    """The corp id of the service provider."""


@define(kw_only=True, eq=False, repr=False)
class AuthCreated(Event):
    """A company authorised the suite.

    授权成功通知: https://developer.work.weixin.qq.com/document/path/90642

    - The company is not named: `corp_id` is empty until the permanent code is fetched.
    - WeCom waits one second for the answer.
    - It does not come when the authorisation was begun on the provider's own site.
    """

    auth_code: str = field(repr=False, metadata=wire("AuthCode"))
    """Temporary code for fetching the permanent one; lives 10 minutes."""
    state: str | None = field(default=None, metadata=wire("State"))
    """The `state` of the authorisation link."""
    extra_info: Any | None = field(default=None, metadata=wire("ExtraInfo"))
    """More, in some scenes: text, or elements by their names."""


@define(kw_only=True, eq=False, repr=False)
class AuthChanged(Event):
    """A company changed what the suite may see and do.

    变更授权通知: https://developer.work.weixin.qq.com/document/path/90642

    - What changed is not said, so read the authorisation again.
    - WeCom waits one second for the answer.
    """

    state: str | None = field(default=None, metadata=wire("State"))
    """The `state` of the authorisation link."""
    extra_info: Any | None = field(default=None, metadata=wire("ExtraInfo"))
    """More, in some scenes: text, or elements by their names."""


@define(kw_only=True, eq=False, repr=False)
class AuthCancelled(Event):
    """A company took its authorisation of the suite back.

    取消授权通知: https://developer.work.weixin.qq.com/document/path/90642

    - The service provider must delete everything of that company.
    - WeCom waits one second for the answer.
    """


@define(kw_only=True, eq=False, repr=False)
class PermanentCodeReset(Event):
    """Somebody asked for a new secret of a provider-developed app in the provider's console.

    重置永久授权码通知: https://developer.work.weixin.qq.com/document/path/97175

    - Fetch the new permanent code with `auth_code`; it is the secret of the app from now on.
    - The company is not named: `corp_id` is empty until the permanent code is fetched.
    - WeCom waits one second for the answer.
    """

    auth_code: str = field(repr=False, metadata=wire("AuthCode"))
    """Temporary code for fetching the permanent one; lives 10 minutes."""


@define(kw_only=True, eq=False, repr=False)
class SuiteTicketPushed(Event):
    """WeCom pushed the ticket that a suite needs for its access token, as it does every ten
    minutes.

    推送suite_ticket: https://developer.work.weixin.qq.com/document/path/90628

    - It belongs to the suite, not to a company: `corp_id` is empty.
    """

    suite_ticket: str = field(repr=False, metadata=wire("SuiteTicket"))
    """The ticket; lives 30 minutes. A credential: do not log it."""


@define(kw_only=True, eq=False, repr=False)
class MediaUploadFinished(Event):
    """WeCom finished fetching a file that `media.upload_by_url` named.

    回调异步任务结果: https://developer.work.weixin.qq.com/document/path/96219

    - Whether it worked is not said, so call `media.get_upload_by_url_result`.
    """

    job_id: str = field(metadata=wire("JobId"))
    """The job, as `media.upload_by_url` named it."""


TABLE: dict[tuple[str, str | None], type[Event]] = {
    ("change_external_contact", "add_external_contact"): CustomerAdded,
    ("change_external_contact", "edit_external_contact"): CustomerEdited,
    ("change_external_contact", "add_half_external_contact"): CustomerHalfAdded,
    ("change_external_contact", "del_external_contact"): CustomerDeleted,
    ("change_external_contact", "del_follow_user"): FollowerDeleted,
    ("change_external_contact", "transfer_fail"): CustomerTransferFailed,
    ("change_external_contact", "msg_audit_approved"): ChatArchiveApproved,
    ("change_external_chat", "create"): GroupChatCreated,
    ("change_external_chat", "update"): GroupChatUpdated,
    ("change_external_chat", "dismiss"): GroupChatDismissed,
    ("change_external_tag", "create"): TagCreated,
    ("change_external_tag", "update"): TagUpdated,
    ("change_external_tag", "delete"): TagDeleted,
    ("change_external_tag", "shuffle"): TagShuffled,
    ("customer_acquisition", "balance_low"): AcquisitionBalanceLow,
    ("customer_acquisition", "balance_exhausted"): AcquisitionBalanceExhausted,
    ("customer_acquisition", "balance_increased"): AcquisitionBalanceIncreased,
    ("customer_acquisition", "link_unavailable"): AcquisitionLinkUnavailable,
    ("customer_acquisition", "delete_link"): AcquisitionLinkDeleted,
    ("customer_acquisition", "quota_expire_soon"): AcquisitionQuotaExpiring,
    ("customer_acquisition", "open_profile"): AcquisitionProfileOpened,
    ("customer_acquisition", "friend_request"): AcquisitionFriendRequested,
    ("customer_acquisition", "customer_start_chat"): AcquisitionChatStarted,
    ("customer_acquisition", "message_from_customer"): AcquisitionMessagesReceived,
    ("customer_acquisition", "del_follow_user"): AcquisitionFollowerDeleted,
    ("customer_acquisition", "service_balance_low"): AcquisitionServiceBalanceLow,
    ("customer_acquisition", "service_balance_exhausted"): AcquisitionServiceBalanceExhausted,
    ("customer_acquisition", "service_balance_consumed"): AcquisitionServiceBalanceConsumed,
    ("customer_acquisition", "change_price"): AcquisitionPriceChanged,
    ("customer_acquisition_permit_change", None): AcquisitionPermitChanged,
    ("approve_special_auth", None): SpecialAuthApproved,
    ("cancel_special_auth", None): SpecialAuthCancelled,
    ("auth_data_permission", None): DataPermissionGranted,
    ("expire_remind_data_permission", None): DataPermissionExpiring,
    ("agree_external_userid_migration", None): ExternalUserIdMigrationAgreed,
    ("create_auth", None): AuthCreated,
    ("change_auth", None): AuthChanged,
    ("cancel_auth", None): AuthCancelled,
    ("reset_permanent_code", None): PermanentCodeReset,
    ("suite_ticket", None): SuiteTicketPushed,
    ("upload_media_job_finish", None): MediaUploadFinished,
}
"""Family and change of a message, and the class of the event."""


def parse(xml: str | bytes) -> Event:
    """Read a decrypted message; an event this version does not know is an `UnknownEvent`."""
    return read_event(xml, TABLE)


def dump(event: Event) -> str:
    """Write an event as a message, in JSON, which `parse` reads: to hand it on through a queue.

    All of it travels, `.extra` and `.receiver` included, and welcome codes, chat keys and tickets
    as well.
    """
    return dump_event(event, TABLE)
