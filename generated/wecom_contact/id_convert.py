"""账号ID转换: Conversions between the ids that WeChat, a company, its apps and service providers
give to the same person, tag or group.

Generated from spec/id_convert.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, OpenInt, SequenceNotStr, wire
from .errors import raise_partial
from .types import ChatId, ExternalUserId, TagId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


class OpenIdSubject(OpenInt):
    """Whose mini program or official account an openid belongs to."""

    CORP = 0
    """The company's."""
    PROVIDER = 1
    """The service provider's."""


@define(kw_only=True, eq=False, repr=False)
class CorpExternalUser(Model):
    """A person as one company knows them."""

    corpid: str
    """The company."""
    external_userid: ExternalUserId
    """The person."""


@define(kw_only=True, eq=False, repr=False)
class PendingExternalUser(Model):
    """A customer, and the pending_id from before."""

    external_userid: ExternalUserId
    """The customer."""
    pending_id: str
    """What the unionid was converted to."""


@define(kw_only=True, eq=False, repr=False)
class ConvertedTag(Model):
    """A customer tag, as the company and as the provider know it."""

    external_tagid: TagId
    """The company's id."""
    open_external_tagid: TagId
    """The provider's id."""


class TmpUserSource(OpenInt):
    """Where a temporary id of a person comes from."""

    MEETING = 1
    """Details of a meeting."""
    FORM = 2
    """Answers to a form (收集表)."""
    SMART_TABLE = 3
    """Records of a smart table or document (智能表)."""


class TmpUserKind(OpenInt):
    """What a person with a temporary id is to the company."""

    CUSTOMER = 1
    """A customer; the app needs the permission 客户联系."""
    LINKED_CORP = 2
    """A member of a linked company (企业互联)."""
    CHAIN = 3
    """A member upstream or downstream (上下游)."""
    CIRCLE = 4
    """A member of a company of the circle (互联企业)."""


@define(kw_only=True, eq=False, repr=False)
class ConvertedTmpUser(Model):
    """A person who had a temporary id: an external_userid for customers, corpid and userid for
    others.
    """

    tmp_external_userid: str
    """The temporary id."""
    external_userid: ExternalUserId | None = None
    """The customer; for user_type 1."""
    corpid: str | None = None
    """Company of the member; for user_type 2, 3 and 4."""
    userid: UserId | None = None
    """The member; for user_type 2, 3 and 4."""


@define(kw_only=True, eq=False, repr=False)
class ConvertedExternalUser(Model):
    """A person, as the company and as the provider know them."""

    external_userid: ExternalUserId
    """The company's id."""
    new_external_userid: ExternalUserId
    """The provider's id."""


@define(kw_only=True, eq=False, repr=False)
class ConvertedChat(Model):
    """A customer group, as the company and as the provider know it."""

    chat_id: ChatId
    """The company's id."""
    new_chat_id: ChatId
    """The provider's id."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToExternalUseridResult(Model):
    """What `id_convert.unionid_to_external_userid` returns."""

    external_userid: ExternalUserId
    """The person as the app knows them."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToExternalUserid(Call[IdConvertUnionidToExternalUseridResult]):
    """Find the external_userid of somebody who uses the company's own mini program."""

    endpoint: ClassVar[Endpoint[IdConvertUnionidToExternalUseridResult]] = Endpoint(
        name="id_convert.unionid_to_external_userid",
        method="POST",
        path="/cgi-bin/externalcontact/unionid_to_external_userid",
        title="企业主体unionid转换为第三方external_userid",
        page=93274,
        readonly=True,
        result=IdConvertUnionidToExternalUseridResult,
        errors=(40073, 40096, 610014, 610015, 610016, 610017, 610018, 845001, 845002, 845003),
    )
    unionid: str
    openid: str


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToExternalUserid3rdResult(Model):
    """What `id_convert.unionid_to_external_userid_3rd` returns."""

    external_userid_info: list[CorpExternalUser]
    """The person, once for each company."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToExternalUserid3rd(Call[IdConvertUnionidToExternalUserid3rdResult]):
    """Find the external_userids of somebody who uses the service provider's mini program or
    official account.
    """

    endpoint: ClassVar[Endpoint[IdConvertUnionidToExternalUserid3rdResult]] = Endpoint(
        name="id_convert.unionid_to_external_userid_3rd",
        method="POST",
        path="/cgi-bin/service/externalcontact/unionid_to_external_userid_3rd",
        title="第三方主体unionid转换为第三方external_userid",
        page=95878,
        readonly=True,
        result=IdConvertUnionidToExternalUserid3rdResult,
        token="suite_access_token",
        errors=(40073, 45009, 610014, 610015, 610018, 845001, 845002, 845003),
    )
    unionid: str
    openid: str
    corpid: str | None = None


@define(kw_only=True, eq=False, repr=False)
class IdConvertIdconvertUnionidToExternalUseridResult(Model):
    """What `id_convert.idconvert_unionid_to_external_userid` returns."""

    external_userid: ExternalUserId | None = None
    """The person as the app knows them."""
    pending_id: str | None = None
    """What to recognise the person by for 90 days."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertIdconvertUnionidToExternalUserid(
    Call[IdConvertIdconvertUnionidToExternalUseridResult]
):
    """Find the external_userid of a WeChat user, or get a pending_id to recognise the person
    later.
    """

    endpoint: ClassVar[Endpoint[IdConvertIdconvertUnionidToExternalUseridResult]] = Endpoint(
        name="id_convert.idconvert_unionid_to_external_userid",
        method="POST",
        path="/cgi-bin/idconvert/unionid_to_external_userid",
        title="unionid转换为第三方external_userid",
        page=97108,
        readonly=True,
        result=IdConvertIdconvertUnionidToExternalUseridResult,
        errors=(40073, 45009, 845001, 845002, 845003),
    )
    unionid: str
    openid: str
    subject_type: OpenIdSubject | None = None
    mass_call_ticket: str | None = None


@define(kw_only=True, eq=False, repr=False)
class IdConvertBatchExternalUseridToPendingIdResult(Model):
    """What `id_convert.batch_external_userid_to_pending_id` returns."""

    result: list[PendingExternalUser]
    """Those who were found."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertBatchExternalUseridToPendingId(Call[IdConvertBatchExternalUseridToPendingIdResult]):
    """Find the pending_ids that customers had before they became customers."""

    endpoint: ClassVar[Endpoint[IdConvertBatchExternalUseridToPendingIdResult]] = Endpoint(
        name="id_convert.batch_external_userid_to_pending_id",
        method="POST",
        path="/cgi-bin/idconvert/batch/external_userid_to_pending_id",
        title="external_userid查询pending_id",
        page=97108,
        readonly=True,
        result=IdConvertBatchExternalUseridToPendingIdResult,
    )
    external_userid: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=100))
    chat_id: ChatId | None = None


@define(kw_only=True, eq=False, repr=False)
class IdConvertExternalTagidResult(Model):
    """What `id_convert.external_tagid` returns."""

    items: list[ConvertedTag]
    """Those that were converted."""
    invalid_external_tagid_list: list[TagId] | None = None
    """Those that were not."""

    @property
    def failures(self) -> list[TagId]:
        """What WeCom did not do, although it said yes."""
        failed: list[TagId] = []
        if self.invalid_external_tagid_list:
            failed += self.invalid_external_tagid_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("id_convert.external_tagid", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class IdConvertExternalTagid(Call[IdConvertExternalTagidResult]):
    """Convert the company's customer tag ids to the provider's."""

    endpoint: ClassVar[Endpoint[IdConvertExternalTagidResult]] = Endpoint(
        name="id_convert.external_tagid",
        method="POST",
        path="/cgi-bin/idconvert/external_tagid",
        title="客户标签ID的转换",
        page=96169,
        readonly=True,
        result=IdConvertExternalTagidResult,
    )
    external_tagid_list: SequenceNotStr[TagId] = field(metadata=wire(max_items=1000))


@define(kw_only=True, eq=False, repr=False)
class IdConvertConvertTmpExternalUseridResult(Model):
    """What `id_convert.convert_tmp_external_userid` returns."""

    results: list[ConvertedTmpUser]
    """Those who were found."""
    invalid_tmp_external_userid_list: list[str] | None = None
    """Ids that are wrong, or whose people the app may not see."""

    @property
    def failures(self) -> list[str]:
        """What WeCom did not do, although it said yes."""
        failed: list[str] = []
        if self.invalid_tmp_external_userid_list:
            failed += self.invalid_tmp_external_userid_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("id_convert.convert_tmp_external_userid", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class IdConvertConvertTmpExternalUserid(Call[IdConvertConvertTmpExternalUseridResult]):
    """Convert the temporary ids of people in meetings, forms and documents."""

    endpoint: ClassVar[Endpoint[IdConvertConvertTmpExternalUseridResult]] = Endpoint(
        name="id_convert.convert_tmp_external_userid",
        method="POST",
        path="/cgi-bin/idconvert/convert_tmp_external_userid",
        title="tmp_external_userid的转换",
        page=98729,
        readonly=True,
        result=IdConvertConvertTmpExternalUseridResult,
        errors=(710006,),
    )
    business_type: TmpUserSource
    user_type: TmpUserKind
    tmp_external_userid_list: SequenceNotStr[str] = field(metadata=wire(max_items=100))


@define(kw_only=True, eq=False, repr=False)
class IdConvertConvertToOpenidResult(Model):
    """What `id_convert.convert_to_openid` returns."""

    openid: str
    """The customer's openid for the company."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertConvertToOpenid(Call[IdConvertConvertToOpenidResult]):
    """Find the openid of a WeChat user among the customers, for payments."""

    endpoint: ClassVar[Endpoint[IdConvertConvertToOpenidResult]] = Endpoint(
        name="id_convert.convert_to_openid",
        method="POST",
        path="/cgi-bin/externalcontact/convert_to_openid",
        title="外部联系人openid转换",
        page=92323,
        readonly=True,
        result=IdConvertConvertToOpenidResult,
        errors=(40096,),
    )
    external_userid: ExternalUserId


@define(kw_only=True, eq=False, repr=False)
class IdConvertToServiceExternalUseridResult(Model):
    """What `id_convert.to_service_external_userid` returns."""

    external_userid: ExternalUserId
    """The customer as the third-party app knows them."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertToServiceExternalUserid(Call[IdConvertToServiceExternalUseridResult]):
    """Convert a customer id of a provider-developed app to that of the provider's third-party
    app.
    """

    endpoint: ClassVar[Endpoint[IdConvertToServiceExternalUseridResult]] = Endpoint(
        name="id_convert.to_service_external_userid",
        method="POST",
        path="/cgi-bin/externalcontact/to_service_external_userid",
        title="代开发应用external_userid转换",
        page=95195,
        readonly=True,
        result=IdConvertToServiceExternalUseridResult,
        errors=(40096, 610019, 610020, 610021),
    )
    external_userid: ExternalUserId


@define(kw_only=True, eq=False, repr=False)
class IdConvertFromServiceExternalUseridResult(Model):
    """What `id_convert.from_service_external_userid` returns."""

    external_userid: ExternalUserId
    """The customer as the company knows them."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertFromServiceExternalUserid(Call[IdConvertFromServiceExternalUseridResult]):
    """Convert a customer id of a provider's app to that of the company's own apps."""

    endpoint: ClassVar[Endpoint[IdConvertFromServiceExternalUseridResult]] = Endpoint(
        name="id_convert.from_service_external_userid",
        method="POST",
        path="/cgi-bin/externalcontact/from_service_external_userid",
        title="第三方external_userid转换为自建应用external_userid",
        page=95884,
        readonly=True,
        result=IdConvertFromServiceExternalUseridResult,
        errors=(40056, 40096),
    )
    external_userid: ExternalUserId
    source_agentid: int


@define(kw_only=True, eq=False, repr=False)
class IdConvertGetNewExternalUseridResult(Model):
    """What `id_convert.get_new_external_userid` returns."""

    items: list[ConvertedExternalUser]
    """Old and new ids."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertGetNewExternalUserid(Call[IdConvertGetNewExternalUseridResult]):
    """Convert the company's customer ids to the provider's."""

    endpoint: ClassVar[Endpoint[IdConvertGetNewExternalUseridResult]] = Endpoint(
        name="id_convert.get_new_external_userid",
        method="POST",
        path="/cgi-bin/externalcontact/get_new_external_userid",
        title="转换客户external_userid",
        page=97107,
        readonly=True,
        result=IdConvertGetNewExternalUseridResult,
        errors=(40096,),
    )
    external_userid_list: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=1000))


@define(kw_only=True, eq=False, repr=False)
class IdConvertGroupchatGetNewExternalUseridResult(Model):
    """What `id_convert.groupchat_get_new_external_userid` returns."""

    items: list[ConvertedExternalUser]
    """Old and new ids."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertGroupchatGetNewExternalUserid(Call[IdConvertGroupchatGetNewExternalUseridResult]):
    """Convert the ids of group members who are nobody's customer to the provider's."""

    endpoint: ClassVar[Endpoint[IdConvertGroupchatGetNewExternalUseridResult]] = Endpoint(
        name="id_convert.groupchat_get_new_external_userid",
        method="POST",
        path="/cgi-bin/externalcontact/groupchat/get_new_external_userid",
        title="转换客户群成员external_userid",
        page=97107,
        readonly=True,
        result=IdConvertGroupchatGetNewExternalUseridResult,
        errors=(40096,),
    )
    chat_id: ChatId
    external_userid_list: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=1000))


@define(kw_only=True, eq=False, repr=False)
class IdConvertFinishExternalUseridMigration(Call[None]):
    """Declare that all customer ids of a company have been converted."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="id_convert.finish_external_userid_migration",
        method="POST",
        path="/cgi-bin/service/externalcontact/finish_external_userid_migration",
        title="设置迁移完成",
        page=96516,
        readonly=False,
        result=None,
        token="provider_access_token",
        errors=(610022,),
    )
    corpid: str


@define(kw_only=True, eq=False, repr=False)
class IdConvertApplyToUpgradeChatid(Call[None]):
    """Set the time from which a provider-developed app gets the provider's chat ids."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="id_convert.apply_to_upgrade_chatid",
        method="POST",
        path="/cgi-bin/idconvert/apply_to_upgrade_chatid",
        title="申请群ID的升级",
        page=99601,
        readonly=False,
        result=None,
        errors=(40165, 40167),
    )
    upgrade_time: datetime


@define(kw_only=True, eq=False, repr=False)
class IdConvertChatidResult(Model):
    """What `id_convert.chatid` returns."""

    items: list[ConvertedChat]
    """Those that were converted."""
    invalid_chat_id_list: list[ChatId] | None = None
    """Those that were not."""

    @property
    def failures(self) -> list[ChatId]:
        """What WeCom did not do, although it said yes."""
        failed: list[ChatId] = []
        if self.invalid_chat_id_list:
            failed += self.invalid_chat_id_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("id_convert.chatid", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class IdConvertChatid(Call[IdConvertChatidResult]):
    """Convert the company's chat ids to the provider's before the upgrade takes effect."""

    endpoint: ClassVar[Endpoint[IdConvertChatidResult]] = Endpoint(
        name="id_convert.chatid",
        method="POST",
        path="/cgi-bin/idconvert/chatid",
        title="群ID转换接口",
        page=99601,
        readonly=True,
        result=IdConvertChatidResult,
        errors=(40165, 40166),
    )
    chat_id_list: SequenceNotStr[ChatId] = field(metadata=wire(max_items=100))


@define(kw_only=True, eq=False, repr=False)
class IdConvertUpgradeChatidForNewCorp(Call[None]):
    """Give the provider's chat ids to all companies that authorise the template from now on."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="id_convert.upgrade_chatid_for_new_corp",
        method="GET",
        path="/cgi-bin/idconvert/upgrade_chatid_for_new_corp",
        title="对所有新授权企业升级群ID",
        page=99601,
        readonly=False,
        result=None,
        token="suite_access_token",
    )


@define(kw_only=True, eq=False, repr=False)
class IdConvertCorpgroupUnionidToExternalUseridResult(Model):
    """What `id_convert.corpgroup_unionid_to_external_userid` returns."""

    external_userid_info: list[CorpExternalUser]
    """The person, once for each company."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertCorpgroupUnionidToExternalUserid(
    Call[IdConvertCorpgroupUnionidToExternalUseridResult]
):
    """Find the external_userids that somebody has in the companies downstream."""

    endpoint: ClassVar[Endpoint[IdConvertCorpgroupUnionidToExternalUseridResult]] = Endpoint(
        name="id_convert.corpgroup_unionid_to_external_userid",
        method="POST",
        path="/cgi-bin/corpgroup/unionid_to_external_userid",
        title="通过unionid和openid查询external_userid",
        page=95818,
        readonly=True,
        result=IdConvertCorpgroupUnionidToExternalUseridResult,
        errors=(40073, 45009, 845001, 845002, 845003),
    )
    unionid: str
    openid: str
    corpid: str | None = None
    mass_call_ticket: str | None = None


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToPendingIdResult(Model):
    """What `id_convert.unionid_to_pending_id` returns."""

    pending_id: str
    """What to recognise the person by for 90 days."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertUnionidToPendingId(Call[IdConvertUnionidToPendingIdResult]):
    """Get a pending_id by which to recognise a WeChat user who becomes a customer downstream."""

    endpoint: ClassVar[Endpoint[IdConvertUnionidToPendingIdResult]] = Endpoint(
        name="id_convert.unionid_to_pending_id",
        method="POST",
        path="/cgi-bin/corpgroup/unionid_to_pending_id",
        title="unionid查询pending_id",
        page=97357,
        readonly=True,
        result=IdConvertUnionidToPendingIdResult,
        errors=(40073, 845001, 845002, 845003),
    )
    unionid: str
    openid: str


@define(kw_only=True, eq=False, repr=False)
class IdConvertCorpgroupBatchExternalUseridToPendingIdResult(Model):
    """What `id_convert.corpgroup_batch_external_userid_to_pending_id` returns."""

    result: list[PendingExternalUser]
    """Those who were found."""


@define(kw_only=True, eq=False, repr=False)
class IdConvertCorpgroupBatchExternalUseridToPendingId(
    Call[IdConvertCorpgroupBatchExternalUseridToPendingIdResult]
):
    """Find the pending_ids that customers upstream or downstream had before they became
    customers.
    """

    endpoint: ClassVar[Endpoint[IdConvertCorpgroupBatchExternalUseridToPendingIdResult]] = Endpoint(
        name="id_convert.corpgroup_batch_external_userid_to_pending_id",
        method="POST",
        path="/cgi-bin/corpgroup/batch/external_userid_to_pending_id",
        title="external_userid查询pending_id",
        page=97357,
        readonly=True,
        result=IdConvertCorpgroupBatchExternalUseridToPendingIdResult,
    )
    external_userid: SequenceNotStr[ExternalUserId] = field(metadata=wire(max_items=100))
    chat_id: ChatId | None = None


class IdConvertCalls:
    """账号ID转换: the calls of `Client.id_convert`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
    ) -> IdConvertUnionidToExternalUseridResult:
        """Find the external_userid of somebody who uses the company's own mini program.

        企业主体unionid转换为第三方external_userid:
        https://developer.work.weixin.qq.com/document/path/93274

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - `unionid` and `openid` must come from the same mini program, whose subject is the company;
          `openid` is needed since 2022.
        - The company must be verified, and a follower or the group owner visible to the app.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.

        Raises:
            Forbidden: 610015, 610016, 610017, 845002, 845003.
            InvalidArgument: 40073, 610018, 845001.
            NotFound: 40096, 610014.
        """
        return self._client.send(IdConvertUnionidToExternalUserid(unionid=unionid, openid=openid))

    def unionid_to_external_userid_3rd(
        self,
        *,
        unionid: str,
        openid: str,
        corpid: str | None = None,
    ) -> IdConvertUnionidToExternalUserid3rdResult:
        """Find the external_userids of somebody who uses the service provider's mini program or
        official account.

        第三方主体unionid转换为第三方external_userid:
        https://developer.work.weixin.qq.com/document/path/95878

        - It takes the suite token, and its path has the segment /service/.
        - `unionid` and `openid` must come from the same mini program or official account, whose
          subject is the provider.
        - At most 50,000 calls an hour and 240,000 a day for a provider; bulk conversion is
          forbidden and gets the permission withdrawn.
        - `corpid` is required for members of customer groups.
        - Of 微信客服 only the sessions of the last 48 hours count.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            corpid: The company to look in, which is faster; all companies if absent.

        Raises:
            Forbidden: 610015, 845002, 845003.
            InvalidArgument: 40073, 610018, 845001.
            NotFound: 610014.
            RateLimited: 45009.
        """
        return self._client.send(
            IdConvertUnionidToExternalUserid3rd(unionid=unionid, openid=openid, corpid=corpid)
        )

    def idconvert_unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
        subject_type: OpenIdSubject | None = None,
        mass_call_ticket: str | None = None,
    ) -> IdConvertIdconvertUnionidToExternalUseridResult:
        """Find the external_userid of a WeChat user, or get a pending_id to recognise the person
        later.

        unionid转换为第三方external_userid: https://developer.work.weixin.qq.com/document/path/97108

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - A pending_id comes instead of an external_userid when the person is no customer yet, or no
          follower or group owner is visible to the app.
        - A pending_id lives 90 days and only links ids; no other call takes it for an
          external_userid.
        - 100,000 calls an hour, 480,000 a day, 7,500,000 a month: for a company, shared by all
          providers, with subject_type 0; for a provider with 1.
        - `unionid` and `openid` must come from the same mini program or official account.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            subject_type: Whose mini program or official account it is. 0 by default.
            mass_call_ticket: Ticket that lifts the limits above, for the first load of a company's
                data.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
            RateLimited: 45009.
        """
        return self._client.send(
            IdConvertIdconvertUnionidToExternalUserid(
                unionid=unionid,
                openid=openid,
                subject_type=subject_type,
                mass_call_ticket=mass_call_ticket,
            )
        )

    def batch_external_userid_to_pending_id(
        self,
        *,
        external_userid: SequenceNotStr[ExternalUserId],
        chat_id: ChatId | None = None,
    ) -> IdConvertBatchExternalUseridToPendingIdResult:
        """Find the pending_ids that customers had before they became customers.

        external_userid查询pending_id: https://developer.work.weixin.qq.com/document/path/97108

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Only those are found whose unionid was converted in the last 90 days.
        - With `chat_id` only the visibility of the group owner counts, and people outside the group
          are left out without a word.

        Args:
            external_userid: The customers; a list in spite of its name. At most 100 items.
            chat_id: The group they are in.
        """
        return self._client.send(
            IdConvertBatchExternalUseridToPendingId(
                external_userid=external_userid,
                chat_id=chat_id,
            )
        )

    def external_tagid(
        self,
        *,
        external_tagid_list: SequenceNotStr[TagId],
    ) -> IdConvertExternalTagidResult:
        """Convert the company's customer tag ids to the provider's.

        客户标签ID的转换: https://developer.work.weixin.qq.com/document/path/96169

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Tag groups are converted too.
        - An id that is the provider's already comes back unchanged.

        Args:
            external_tagid_list: Tags or tag groups as the company knows them. At most 1,000 items.
        """
        return self._client.send(IdConvertExternalTagid(external_tagid_list=external_tagid_list))

    def convert_tmp_external_userid(
        self,
        *,
        business_type: TmpUserSource,
        user_type: TmpUserKind,
        tmp_external_userid_list: SequenceNotStr[str],
    ) -> IdConvertConvertTmpExternalUseridResult:
        """Convert the temporary ids of people in meetings, forms and documents.

        tmp_external_userid的转换: https://developer.work.weixin.qq.com/document/path/98729

        - The app must be the one that got the ids.
        - These are not the `tmp_openid`s of customer.list_served.

        Args:
            business_type: Where the ids come from.
            user_type: Whom to look for.
            tmp_external_userid_list: Temporary ids. At most 100 items.

        Raises:
            InvalidArgument: 710006.
        """
        return self._client.send(
            IdConvertConvertTmpExternalUserid(
                business_type=business_type,
                user_type=user_type,
                tmp_external_userid_list=tmp_external_userid_list,
            )
        )

    def convert_to_openid(
        self,
        *,
        external_userid: ExternalUserId,
    ) -> IdConvertConvertToOpenidResult:
        """Find the openid of a WeChat user among the customers, for payments.

        外部联系人openid转换: https://developer.work.weixin.qq.com/document/path/92323

        - Customers who use WeCom themselves (ids that begin with wo) have no openid here.
        - The page stands among the school calls but serves all companies.

        Args:
            external_userid: The customer.

        Raises:
            NotFound: 40096.
        """
        return self._client.send(IdConvertConvertToOpenid(external_userid=external_userid))

    def to_service_external_userid(
        self,
        *,
        external_userid: ExternalUserId,
    ) -> IdConvertToServiceExternalUseridResult:
        """Convert a customer id of a provider-developed app to that of the provider's third-party
        app.

        代开发应用external_userid转换: https://developer.work.weixin.qq.com/document/path/95195

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Not needed once the provider-developed app is upgraded; the ids are then the same.
        - The company must have authorised a third-party app of the provider.

        Args:
            external_userid: The customer as the provider-developed app knows them.

        Raises:
            Forbidden: 610019, 610020, 610021.
            NotFound: 40096.
        """
        return self._client.send(IdConvertToServiceExternalUserid(external_userid=external_userid))

    def from_service_external_userid(
        self,
        *,
        external_userid: ExternalUserId,
        source_agentid: int,
    ) -> IdConvertFromServiceExternalUseridResult:
        """Convert a customer id of a provider's app to that of the company's own apps.

        第三方external_userid转换为自建应用external_userid:
        https://developer.work.weixin.qq.com/document/path/95884

        - Only the company's own apps (自建应用) may call this.
        - One id a call.
        - A follower or the group owner must be visible to both apps.

        Args:
            external_userid: The customer as the app of `source_agentid` knows them; it must be from
                that app.
            source_agentid: The provider's app that the company has authorised.

        Raises:
            InvalidArgument: 40056.
            NotFound: 40096.
        """
        return self._client.send(
            IdConvertFromServiceExternalUserid(
                external_userid=external_userid,
                source_agentid=source_agentid,
            )
        )

    def get_new_external_userid(
        self,
        *,
        external_userid_list: SequenceNotStr[ExternalUserId],
    ) -> IdConvertGetNewExternalUseridResult:
        """Convert the company's customer ids to the provider's.

        转换客户external_userid: https://developer.work.weixin.qq.com/document/path/97107

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - 200 ids a call are recommended.
        - An id that is the provider's already comes back unchanged.
        - A third-party app may no longer call it after finish_external_userid_migration.
        - Of 微信客服 only the sessions of the last 48 hours count.

        Args:
            external_userid_list: Customers as the company knows them. At most 1,000 items.

        Raises:
            NotFound: 40096.
        """
        return self._client.send(
            IdConvertGetNewExternalUserid(external_userid_list=external_userid_list)
        )

    def groupchat_get_new_external_userid(
        self,
        *,
        chat_id: ChatId,
        external_userid_list: SequenceNotStr[ExternalUserId],
    ) -> IdConvertGroupchatGetNewExternalUseridResult:
        """Convert the ids of group members who are nobody's customer to the provider's.

        转换客户群成员external_userid: https://developer.work.weixin.qq.com/document/path/97107

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - 200 ids a call are recommended.
        - An id that is the provider's already comes back unchanged.
        - The group owner must be visible to the app.
        - A third-party app may no longer call it after finish_external_userid_migration.

        Args:
            chat_id: The group.
            external_userid_list: Members of the group as the company knows them. At most 1,000
                items.

        Raises:
            NotFound: 40096.
        """
        return self._client.send(
            IdConvertGroupchatGetNewExternalUserid(
                chat_id=chat_id,
                external_userid_list=external_userid_list,
            )
        )

    def finish_external_userid_migration(self, *, corpid: str) -> None:
        """Declare that all customer ids of a company have been converted.

        设置迁移完成: https://developer.work.weixin.qq.com/document/path/96516

        - It cannot be undone; from then on the company's third-party apps get the new ids, and no
          unionid any more.
        - Page 99375 has a newer call for all kinds of ids,
          /cgi-bin/service/finish_openid_migration, which can be sent with `raw`.
        - It takes the provider's token, and its path has the segment /service/.

        Args:
            corpid: The company.

        Raises:
            Conflict: 610022.
        """
        return self._client.send(IdConvertFinishExternalUseridMigration(corpid=corpid))

    def apply_to_upgrade_chatid(self, *, upgrade_time: datetime) -> None:
        """Set the time from which a provider-developed app gets the provider's chat ids.

        申请群ID的升级: https://developer.work.weixin.qq.com/document/path/99601

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Until then both kinds are taken, and the old kind is returned; afterwards only the new
          kind exists.
        - Only for provider-developed apps.

        Args:
            upgrade_time: When the upgrade takes effect; not in the past, at most 7 days ahead.

        Raises:
            Conflict: 40165.
            InvalidArgument: 40167.
        """
        return self._client.send(IdConvertApplyToUpgradeChatid(upgrade_time=upgrade_time))

    def chatid(self, *, chat_id_list: SequenceNotStr[ChatId]) -> IdConvertChatidResult:
        """Convert the company's chat ids to the provider's before the upgrade takes effect.

        群ID转换接口: https://developer.work.weixin.qq.com/document/path/99601

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Ask for the upgrade first; once it has taken effect the call is refused.
        - An id that is new already comes back unchanged.

        Args:
            chat_id_list: Groups as the company knows them. At most 100 items.

        Raises:
            Conflict: 40165, 40166.
        """
        return self._client.send(IdConvertChatid(chat_id_list=chat_id_list))

    def upgrade_chatid_for_new_corp(self) -> None:
        """Give the provider's chat ids to all companies that authorise the template from now on.

        对所有新授权企业升级群ID: https://developer.work.weixin.qq.com/document/path/99601

        - A GET that changes something: it is not sent again after a broken connection.
        - It takes the suite token of the provider-developed template.
        - Companies that have authorised it before stay as they are.
        """
        return self._client.send(IdConvertUpgradeChatidForNewCorp())

    def corpgroup_unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
        corpid: str | None = None,
        mass_call_ticket: str | None = None,
    ) -> IdConvertCorpgroupUnionidToExternalUseridResult:
        """Find the external_userids that somebody has in the companies downstream.

        通过unionid和openid查询external_userid:
        https://developer.work.weixin.qq.com/document/path/95818

        - The same person has another external_userid in each downstream company and for each
          upstream company.
        - At most 20,000 calls an hour and 240,000 a day.
        - `unionid` and `openid` must come from the same mini program, whose subject is the calling
          company.
        - For self-built and provider-developed apps shared with the chain (上下游).

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            corpid: The company to look in; all companies if absent.
            mass_call_ticket: Ticket that lifts the limits above, for the first load of data.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
            RateLimited: 45009.
        """
        return self._client.send(
            IdConvertCorpgroupUnionidToExternalUserid(
                unionid=unionid,
                openid=openid,
                corpid=corpid,
                mass_call_ticket=mass_call_ticket,
            )
        )

    def unionid_to_pending_id(
        self,
        *,
        unionid: str,
        openid: str,
    ) -> IdConvertUnionidToPendingIdResult:
        """Get a pending_id by which to recognise a WeChat user who becomes a customer downstream.

        unionid查询pending_id: https://developer.work.weixin.qq.com/document/path/97357

        - A pending_id lives 90 days and is unique within the shared app.
        - `unionid` and `openid` must come from the same mini program, whose subject is the upstream
          company.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
        """
        return self._client.send(IdConvertUnionidToPendingId(unionid=unionid, openid=openid))

    def corpgroup_batch_external_userid_to_pending_id(
        self,
        *,
        external_userid: SequenceNotStr[ExternalUserId],
        chat_id: ChatId | None = None,
    ) -> IdConvertCorpgroupBatchExternalUseridToPendingIdResult:
        """Find the pending_ids that customers upstream or downstream had before they became
        customers.

        external_userid查询pending_id: https://developer.work.weixin.qq.com/document/path/97357

        - The upstream app must have called unionid_to_pending_id for them in the last 90 days.
        - With `chat_id` only the visibility of the group owner counts, and people outside the group
          are left out without a word.

        Args:
            external_userid: The customers; a list in spite of its name. At most 100 items.
            chat_id: The group they are in.
        """
        return self._client.send(
            IdConvertCorpgroupBatchExternalUseridToPendingId(
                external_userid=external_userid,
                chat_id=chat_id,
            )
        )


class AsyncIdConvertCalls:
    """账号ID转换: the calls of `AsyncClient.id_convert`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
    ) -> IdConvertUnionidToExternalUseridResult:
        """Find the external_userid of somebody who uses the company's own mini program.

        企业主体unionid转换为第三方external_userid:
        https://developer.work.weixin.qq.com/document/path/93274

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - `unionid` and `openid` must come from the same mini program, whose subject is the company;
          `openid` is needed since 2022.
        - The company must be verified, and a follower or the group owner visible to the app.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.

        Raises:
            Forbidden: 610015, 610016, 610017, 845002, 845003.
            InvalidArgument: 40073, 610018, 845001.
            NotFound: 40096, 610014.
        """
        return await self._client.send(
            IdConvertUnionidToExternalUserid(unionid=unionid, openid=openid)
        )

    async def unionid_to_external_userid_3rd(
        self,
        *,
        unionid: str,
        openid: str,
        corpid: str | None = None,
    ) -> IdConvertUnionidToExternalUserid3rdResult:
        """Find the external_userids of somebody who uses the service provider's mini program or
        official account.

        第三方主体unionid转换为第三方external_userid:
        https://developer.work.weixin.qq.com/document/path/95878

        - It takes the suite token, and its path has the segment /service/.
        - `unionid` and `openid` must come from the same mini program or official account, whose
          subject is the provider.
        - At most 50,000 calls an hour and 240,000 a day for a provider; bulk conversion is
          forbidden and gets the permission withdrawn.
        - `corpid` is required for members of customer groups.
        - Of 微信客服 only the sessions of the last 48 hours count.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            corpid: The company to look in, which is faster; all companies if absent.

        Raises:
            Forbidden: 610015, 845002, 845003.
            InvalidArgument: 40073, 610018, 845001.
            NotFound: 610014.
            RateLimited: 45009.
        """
        return await self._client.send(
            IdConvertUnionidToExternalUserid3rd(unionid=unionid, openid=openid, corpid=corpid)
        )

    async def idconvert_unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
        subject_type: OpenIdSubject | None = None,
        mass_call_ticket: str | None = None,
    ) -> IdConvertIdconvertUnionidToExternalUseridResult:
        """Find the external_userid of a WeChat user, or get a pending_id to recognise the person
        later.

        unionid转换为第三方external_userid: https://developer.work.weixin.qq.com/document/path/97108

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - A pending_id comes instead of an external_userid when the person is no customer yet, or no
          follower or group owner is visible to the app.
        - A pending_id lives 90 days and only links ids; no other call takes it for an
          external_userid.
        - 100,000 calls an hour, 480,000 a day, 7,500,000 a month: for a company, shared by all
          providers, with subject_type 0; for a provider with 1.
        - `unionid` and `openid` must come from the same mini program or official account.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            subject_type: Whose mini program or official account it is. 0 by default.
            mass_call_ticket: Ticket that lifts the limits above, for the first load of a company's
                data.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
            RateLimited: 45009.
        """
        return await self._client.send(
            IdConvertIdconvertUnionidToExternalUserid(
                unionid=unionid,
                openid=openid,
                subject_type=subject_type,
                mass_call_ticket=mass_call_ticket,
            )
        )

    async def batch_external_userid_to_pending_id(
        self,
        *,
        external_userid: SequenceNotStr[ExternalUserId],
        chat_id: ChatId | None = None,
    ) -> IdConvertBatchExternalUseridToPendingIdResult:
        """Find the pending_ids that customers had before they became customers.

        external_userid查询pending_id: https://developer.work.weixin.qq.com/document/path/97108

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Only those are found whose unionid was converted in the last 90 days.
        - With `chat_id` only the visibility of the group owner counts, and people outside the group
          are left out without a word.

        Args:
            external_userid: The customers; a list in spite of its name. At most 100 items.
            chat_id: The group they are in.
        """
        return await self._client.send(
            IdConvertBatchExternalUseridToPendingId(
                external_userid=external_userid,
                chat_id=chat_id,
            )
        )

    async def external_tagid(
        self,
        *,
        external_tagid_list: SequenceNotStr[TagId],
    ) -> IdConvertExternalTagidResult:
        """Convert the company's customer tag ids to the provider's.

        客户标签ID的转换: https://developer.work.weixin.qq.com/document/path/96169

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Tag groups are converted too.
        - An id that is the provider's already comes back unchanged.

        Args:
            external_tagid_list: Tags or tag groups as the company knows them. At most 1,000 items.
        """
        return await self._client.send(
            IdConvertExternalTagid(external_tagid_list=external_tagid_list)
        )

    async def convert_tmp_external_userid(
        self,
        *,
        business_type: TmpUserSource,
        user_type: TmpUserKind,
        tmp_external_userid_list: SequenceNotStr[str],
    ) -> IdConvertConvertTmpExternalUseridResult:
        """Convert the temporary ids of people in meetings, forms and documents.

        tmp_external_userid的转换: https://developer.work.weixin.qq.com/document/path/98729

        - The app must be the one that got the ids.
        - These are not the `tmp_openid`s of customer.list_served.

        Args:
            business_type: Where the ids come from.
            user_type: Whom to look for.
            tmp_external_userid_list: Temporary ids. At most 100 items.

        Raises:
            InvalidArgument: 710006.
        """
        return await self._client.send(
            IdConvertConvertTmpExternalUserid(
                business_type=business_type,
                user_type=user_type,
                tmp_external_userid_list=tmp_external_userid_list,
            )
        )

    async def convert_to_openid(
        self,
        *,
        external_userid: ExternalUserId,
    ) -> IdConvertConvertToOpenidResult:
        """Find the openid of a WeChat user among the customers, for payments.

        外部联系人openid转换: https://developer.work.weixin.qq.com/document/path/92323

        - Customers who use WeCom themselves (ids that begin with wo) have no openid here.
        - The page stands among the school calls but serves all companies.

        Args:
            external_userid: The customer.

        Raises:
            NotFound: 40096.
        """
        return await self._client.send(IdConvertConvertToOpenid(external_userid=external_userid))

    async def to_service_external_userid(
        self,
        *,
        external_userid: ExternalUserId,
    ) -> IdConvertToServiceExternalUseridResult:
        """Convert a customer id of a provider-developed app to that of the provider's third-party
        app.

        代开发应用external_userid转换: https://developer.work.weixin.qq.com/document/path/95195

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Not needed once the provider-developed app is upgraded; the ids are then the same.
        - The company must have authorised a third-party app of the provider.

        Args:
            external_userid: The customer as the provider-developed app knows them.

        Raises:
            Forbidden: 610019, 610020, 610021.
            NotFound: 40096.
        """
        return await self._client.send(
            IdConvertToServiceExternalUserid(external_userid=external_userid)
        )

    async def from_service_external_userid(
        self,
        *,
        external_userid: ExternalUserId,
        source_agentid: int,
    ) -> IdConvertFromServiceExternalUseridResult:
        """Convert a customer id of a provider's app to that of the company's own apps.

        第三方external_userid转换为自建应用external_userid:
        https://developer.work.weixin.qq.com/document/path/95884

        - Only the company's own apps (自建应用) may call this.
        - One id a call.
        - A follower or the group owner must be visible to both apps.

        Args:
            external_userid: The customer as the app of `source_agentid` knows them; it must be from
                that app.
            source_agentid: The provider's app that the company has authorised.

        Raises:
            InvalidArgument: 40056.
            NotFound: 40096.
        """
        return await self._client.send(
            IdConvertFromServiceExternalUserid(
                external_userid=external_userid,
                source_agentid=source_agentid,
            )
        )

    async def get_new_external_userid(
        self,
        *,
        external_userid_list: SequenceNotStr[ExternalUserId],
    ) -> IdConvertGetNewExternalUseridResult:
        """Convert the company's customer ids to the provider's.

        转换客户external_userid: https://developer.work.weixin.qq.com/document/path/97107

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - 200 ids a call are recommended.
        - An id that is the provider's already comes back unchanged.
        - A third-party app may no longer call it after finish_external_userid_migration.
        - Of 微信客服 only the sessions of the last 48 hours count.

        Args:
            external_userid_list: Customers as the company knows them. At most 1,000 items.

        Raises:
            NotFound: 40096.
        """
        return await self._client.send(
            IdConvertGetNewExternalUserid(external_userid_list=external_userid_list)
        )

    async def groupchat_get_new_external_userid(
        self,
        *,
        chat_id: ChatId,
        external_userid_list: SequenceNotStr[ExternalUserId],
    ) -> IdConvertGroupchatGetNewExternalUseridResult:
        """Convert the ids of group members who are nobody's customer to the provider's.

        转换客户群成员external_userid: https://developer.work.weixin.qq.com/document/path/97107

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - 200 ids a call are recommended.
        - An id that is the provider's already comes back unchanged.
        - The group owner must be visible to the app.
        - A third-party app may no longer call it after finish_external_userid_migration.

        Args:
            chat_id: The group.
            external_userid_list: Members of the group as the company knows them. At most 1,000
                items.

        Raises:
            NotFound: 40096.
        """
        return await self._client.send(
            IdConvertGroupchatGetNewExternalUserid(
                chat_id=chat_id,
                external_userid_list=external_userid_list,
            )
        )

    async def finish_external_userid_migration(self, *, corpid: str) -> None:
        """Declare that all customer ids of a company have been converted.

        设置迁移完成: https://developer.work.weixin.qq.com/document/path/96516

        - It cannot be undone; from then on the company's third-party apps get the new ids, and no
          unionid any more.
        - Page 99375 has a newer call for all kinds of ids,
          /cgi-bin/service/finish_openid_migration, which can be sent with `raw`.
        - It takes the provider's token, and its path has the segment /service/.

        Args:
            corpid: The company.

        Raises:
            Conflict: 610022.
        """
        return await self._client.send(IdConvertFinishExternalUseridMigration(corpid=corpid))

    async def apply_to_upgrade_chatid(self, *, upgrade_time: datetime) -> None:
        """Set the time from which a provider-developed app gets the provider's chat ids.

        申请群ID的升级: https://developer.work.weixin.qq.com/document/path/99601

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Until then both kinds are taken, and the old kind is returned; afterwards only the new
          kind exists.
        - Only for provider-developed apps.

        Args:
            upgrade_time: When the upgrade takes effect; not in the past, at most 7 days ahead.

        Raises:
            Conflict: 40165.
            InvalidArgument: 40167.
        """
        return await self._client.send(IdConvertApplyToUpgradeChatid(upgrade_time=upgrade_time))

    async def chatid(self, *, chat_id_list: SequenceNotStr[ChatId]) -> IdConvertChatidResult:
        """Convert the company's chat ids to the provider's before the upgrade takes effect.

        群ID转换接口: https://developer.work.weixin.qq.com/document/path/99601

        - Only apps that a service provider made (第三方应用、代开发应用) may call this.
        - Ask for the upgrade first; once it has taken effect the call is refused.
        - An id that is new already comes back unchanged.

        Args:
            chat_id_list: Groups as the company knows them. At most 100 items.

        Raises:
            Conflict: 40165, 40166.
        """
        return await self._client.send(IdConvertChatid(chat_id_list=chat_id_list))

    async def upgrade_chatid_for_new_corp(self) -> None:
        """Give the provider's chat ids to all companies that authorise the template from now on.

        对所有新授权企业升级群ID: https://developer.work.weixin.qq.com/document/path/99601

        - A GET that changes something: it is not sent again after a broken connection.
        - It takes the suite token of the provider-developed template.
        - Companies that have authorised it before stay as they are.
        """
        return await self._client.send(IdConvertUpgradeChatidForNewCorp())

    async def corpgroup_unionid_to_external_userid(
        self,
        *,
        unionid: str,
        openid: str,
        corpid: str | None = None,
        mass_call_ticket: str | None = None,
    ) -> IdConvertCorpgroupUnionidToExternalUseridResult:
        """Find the external_userids that somebody has in the companies downstream.

        通过unionid和openid查询external_userid:
        https://developer.work.weixin.qq.com/document/path/95818

        - The same person has another external_userid in each downstream company and for each
          upstream company.
        - At most 20,000 calls an hour and 240,000 a day.
        - `unionid` and `openid` must come from the same mini program, whose subject is the calling
          company.
        - For self-built and provider-developed apps shared with the chain (上下游).

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.
            corpid: The company to look in; all companies if absent.
            mass_call_ticket: Ticket that lifts the limits above, for the first load of data.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
            RateLimited: 45009.
        """
        return await self._client.send(
            IdConvertCorpgroupUnionidToExternalUserid(
                unionid=unionid,
                openid=openid,
                corpid=corpid,
                mass_call_ticket=mass_call_ticket,
            )
        )

    async def unionid_to_pending_id(
        self,
        *,
        unionid: str,
        openid: str,
    ) -> IdConvertUnionidToPendingIdResult:
        """Get a pending_id by which to recognise a WeChat user who becomes a customer downstream.

        unionid查询pending_id: https://developer.work.weixin.qq.com/document/path/97357

        - A pending_id lives 90 days and is unique within the shared app.
        - `unionid` and `openid` must come from the same mini program, whose subject is the upstream
          company.

        Args:
            unionid: The unionid of the WeChat user.
            openid: The openid of the WeChat user.

        Raises:
            Forbidden: 845002, 845003.
            InvalidArgument: 40073, 845001.
        """
        return await self._client.send(IdConvertUnionidToPendingId(unionid=unionid, openid=openid))

    async def corpgroup_batch_external_userid_to_pending_id(
        self,
        *,
        external_userid: SequenceNotStr[ExternalUserId],
        chat_id: ChatId | None = None,
    ) -> IdConvertCorpgroupBatchExternalUseridToPendingIdResult:
        """Find the pending_ids that customers upstream or downstream had before they became
        customers.

        external_userid查询pending_id: https://developer.work.weixin.qq.com/document/path/97357

        - The upstream app must have called unionid_to_pending_id for them in the last 90 days.
        - With `chat_id` only the visibility of the group owner counts, and people outside the group
          are left out without a word.

        Args:
            external_userid: The customers; a list in spite of its name. At most 100 items.
            chat_id: The group they are in.
        """
        return await self._client.send(
            IdConvertCorpgroupBatchExternalUseridToPendingId(
                external_userid=external_userid,
                chat_id=chat_id,
            )
        )
