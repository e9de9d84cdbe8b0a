"""客户联系「联系我」管理: QR codes and mini program buttons by which a customer adds a member
(联系我).

Generated from spec/contact_way.yaml by `make gen`. Do not edit.
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
from .types import DepartmentId, ExternalUserId, MediaId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


class ContactWayType(OpenInt):
    """Whom a contact way leads to."""

    SINGLE = 1
    """One member."""
    MULTIPLE = 2
    """Several members or whole departments."""


class Scene(OpenInt):
    """Where a contact way or a group join way is used."""

    MINI_PROGRAM = 1
    """A button in a mini program."""
    QR_CODE = 2
    """A QR code."""


@define(kw_only=True, eq=False, repr=False)
class ConclusionText(Model):
    """The text of a farewell."""

    content: str = field(metadata=wire(max_bytes=4000))
    """The text. At most 4,000 bytes."""


@define(kw_only=True, eq=False, repr=False)
class ConclusionImageRead(Model):
    """The image of a farewell, as WeCom gives it back."""

    pic_url: str
    """URL of the image."""


@define(kw_only=True, eq=False, repr=False)
class ConclusionLink(Model):
    """A card that opens a web page."""

    title: str = field(metadata=wire(max_bytes=128))
    """Title of the card. At most 128 bytes."""
    picurl: str | None = None
    """URL of the cover image; spelt without an underscore."""
    desc: str | None = field(default=None, metadata=wire(max_bytes=512))
    """Text of the card. At most 512 bytes."""
    url: str
    """The page to open."""


@define(kw_only=True, eq=False, repr=False)
class ConclusionMiniProgram(Model):
    """A card that opens a mini program."""

    title: str = field(metadata=wire(max_bytes=64))
    """Title of the card. At most 64 bytes."""
    pic_media_id: MediaId
    """The uploaded cover image, 520 by 416 pixels."""
    appid: str
    """The mini program; it must be linked to the company."""
    page: str
    """Path of the page to open."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayConclusionsRead(Model):
    """Farewell of a temporary chat, as WeCom gives it back."""

    text: ConclusionText | None = None
    """A text."""
    image: ConclusionImageRead | None = None
    """An image; has a URL now, not the media_id it was made from."""
    link: ConclusionLink | None = None
    """A card that opens a web page."""
    miniprogram: ConclusionMiniProgram | None = None
    """A card that opens a mini program."""


@define(kw_only=True, eq=False, repr=False)
class ContactWay(Model):
    """A way to add a member."""

    config_id: str
    """Handle of the contact way."""
    type: ContactWayType
    """For one member or for several."""
    scene: Scene
    """A mini program button or a QR code."""
    style: int | None = None
    """Look of the mini program button; only for that scene."""
    remark: str
    """Note to oneself."""
    skip_verify: bool
    """Whether a customer is added without confirmation."""
    state: str
    """Your own word for the channel."""
    qr_code: str | None = None
    """URL of the QR code; only for that scene."""
    user: list[UserId]
    """Members it leads to."""
    party: list[DepartmentId]
    """Departments it leads to."""
    is_temp: bool
    """Whether it opens a temporary chat."""
    expires_in: int | None = None
    """Seconds the temporary QR code lives."""
    chat_expires_in: int | None = None
    """Seconds the temporary chat lives."""
    unionid: str | None = None
    """The only customer who may open the temporary chat."""
    mark_source: bool | None = None
    """Whether the customer is marked as brought by this app; acquisition apps (营销获客) only."""
    conclusions: ContactWayConclusionsRead | None = None
    """Farewell sent when the temporary chat ends."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayEntry(Model):
    """A contact way in a list."""

    config_id: str
    """Handle of the contact way."""


@define(kw_only=True, eq=False, repr=False)
class ConclusionImage(Model):
    """The image of a farewell."""

    media_id: MediaId
    """The uploaded image."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayConclusions(Model):
    """Farewell of a temporary chat: a text, a piece of media, or both, as two messages. Of
    several pieces of media WeCom takes the first of image, link, miniprogram.
    """

    __any_of__: ClassVar = (("text", "image", "link", "miniprogram"),)

    text: ConclusionText | None = None
    """A text."""
    image: ConclusionImage | None = None
    """An image; wins over link and miniprogram."""
    link: ConclusionLink | None = None
    """A card that opens a web page; wins over miniprogram."""
    miniprogram: ConclusionMiniProgram | None = None
    """A card that opens a mini program."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayAddResult(Model):
    """What `contact_way.add` returns."""

    config_id: str
    """Handle of the contact way."""
    qr_code: str | None = None
    """URL of the QR code; only for the QR code scene."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayAdd(Call[ContactWayAddResult]):
    """Create a QR code or a mini program button."""

    endpoint: ClassVar[Endpoint[ContactWayAddResult]] = Endpoint(
        name="contact_way.add",
        method="POST",
        path="/cgi-bin/externalcontact/add_contact_way",
        title="配置客户联系「联系我」方式",
        page=92228,
        readonly=False,
        result=ContactWayAddResult,
        errors=(
            40007,
            40058,
            40098,
            41037,
            41038,
            41039,
            41040,
            41041,
            41042,
            41045,
            41054,
            41057,
            60011,
        ),
    )
    type: ContactWayType
    scene: Scene
    style: int | None = None
    remark: str | None = field(default=None, metadata=wire(max_chars=30))
    skip_verify: bool | None = None
    state: str | None = field(default=None, metadata=wire(max_chars=30))
    user: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=100))
    party: SequenceNotStr[DepartmentId] | None = None
    is_temp: bool | None = None
    expires_in: int | None = field(default=None, metadata=wire(max=1209600))
    chat_expires_in: int | None = field(default=None, metadata=wire(max=1209600))
    unionid: str | None = None
    is_exclusive: bool | None = None
    mark_source: bool | None = None
    conclusions: ContactWayConclusions | None = None


@define(kw_only=True, eq=False, repr=False)
class ContactWayGetResult(Model):
    """What `contact_way.get` returns."""

    contact_way: ContactWay
    """The contact way; a record here, a list in contact_way.list."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayGet(Call[ContactWayGetResult]):
    """Read one contact way."""

    endpoint: ClassVar[Endpoint[ContactWayGetResult]] = Endpoint(
        name="contact_way.get",
        method="POST",
        path="/cgi-bin/externalcontact/get_contact_way",
        title="获取企业已配置的「联系我」方式",
        page=92228,
        readonly=True,
        result=ContactWayGetResult,
        errors=(41043, 41044),
    )
    config_id: str


@define(kw_only=True, eq=False, repr=False)
class ContactWayListResult(Model):
    """What `contact_way.list` returns."""

    contact_way: list[ContactWayEntry]
    """Handles only; contact_way.get has the rest."""
    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""


@define(kw_only=True, eq=False, repr=False)
class ContactWayList(PagedCall[ContactWayListResult, ContactWayEntry]):
    """Walk the handles of the contact ways made in a time span."""

    endpoint: ClassVar[Endpoint[ContactWayListResult]] = Endpoint(
        name="contact_way.list",
        method="POST",
        path="/cgi-bin/externalcontact/list_contact_way",
        title="获取企业已配置的「联系我」列表",
        page=92228,
        readonly=True,
        result=ContactWayListResult,
        paginate=Paginate(items="contact_way", cursor="cursor", next="next_cursor"),
        errors=(50100,),
    )
    start_time: datetime | None = None
    end_time: datetime | None = None
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: ContactWayListResult) -> list[ContactWayEntry]:
        return page.contact_way

    def after(self, page: ContactWayListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class ContactWayUpdate(Call[None]):
    """Change a contact way."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="contact_way.update",
        method="POST",
        path="/cgi-bin/externalcontact/update_contact_way",
        title="更新企业已配置的「联系我」方式",
        page=92228,
        readonly=False,
        result=None,
        errors=(40007, 40058, 40098, 41041, 41042, 41043, 41044, 41054, 41057, 60011),
    )
    config_id: str
    remark: str | None = field(default=None, metadata=wire(max_chars=30))
    skip_verify: bool | None = None
    style: int | None = None
    state: str | None = field(default=None, metadata=wire(max_chars=30))
    user: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=100))
    party: SequenceNotStr[DepartmentId] | None = None
    expires_in: int | None = field(default=None, metadata=wire(max=1209600))
    chat_expires_in: int | None = field(default=None, metadata=wire(max=1209600))
    unionid: str | None = None
    mark_source: bool | None = None
    conclusions: ContactWayConclusions | None = None


@define(kw_only=True, eq=False, repr=False)
class ContactWayDelete(Call[None]):
    """Delete a contact way for good."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="contact_way.delete",
        method="POST",
        path="/cgi-bin/externalcontact/del_contact_way",
        title="删除企业已配置的「联系我」方式",
        page=92228,
        readonly=False,
        result=None,
        errors=(41043, 41044),
    )
    config_id: str


@define(kw_only=True, eq=False, repr=False)
class ContactWayCloseTempChat(Call[None]):
    """End a temporary chat; the customer gets the farewell first."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="contact_way.close_temp_chat",
        method="POST",
        path="/cgi-bin/externalcontact/close_temp_chat",
        title="结束临时会话",
        page=92228,
        readonly=False,
        result=None,
        errors=(41009, 41035),
    )
    userid: UserId
    external_userid: ExternalUserId


class ContactWayCalls:
    """客户联系「联系我」管理: the calls of `Client.contact_way`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add(
        self,
        *,
        type: ContactWayType,
        scene: Scene,
        style: int | None = None,
        remark: str | None = None,
        skip_verify: bool | None = None,
        state: str | None = None,
        user: SequenceNotStr[UserId] | None = None,
        party: SequenceNotStr[DepartmentId] | None = None,
        is_temp: bool | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        is_exclusive: bool | None = None,
        mark_source: bool | None = None,
        conclusions: ContactWayConclusions | None = None,
    ) -> ContactWayAddResult:
        """Create a QR code or a mini program button.

        配置客户联系「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        - Keep the config_id, it is the only handle and the admin console does not show what the API
          made.
        - A company may have 500,000 contact ways and group join ways made by the API.
        - Temporary chats do not count towards these, but 100,000 a day is the limit; they take a
          single member, the QR code dies once used, and only companies of the medical industry may
          use them.
        - A contact way covers 100 members at most, departments expanded.
        - The members must be activated, verified by real name and have the customer-contact
          feature, and be in the visible range of the app.
        - Calling again makes another contact way.
        - A mini program needs the WeCom plugin to show the button.
        - Third-party and provider-developed apps need the permission 配置「联系我」二维码.

        Args:
            type: For one member or for several.
            scene: A mini program button or a QR code.
            style: Look of the mini program button, see the appendix of the page: 1 to 3 for one
                member, 1 or 2 for several. Leave it out with a QR code.
            remark: Note to oneself. At most 30 characters.
            skip_verify: Whether a customer is added without confirmation. True by default.
            state: Your own word for the channel; comes back in customer.get and in the event. At
                most 30 characters.
            user: Members to add; exactly one, and required, for a single contact way. At most 100
                items.
            party: Departments to add; only for several members.
            is_temp: Whether it opens a temporary chat. False by default.
            expires_in: Seconds the temporary QR code lives. At most 1,209,600. 604800 by default.
            chat_expires_in: Seconds the temporary chat lives, counted from the adding. At most
                1,209,600. 86400 by default.
            unionid: The only customer who may open the temporary chat; absent, anybody may. Needs a
                bound WeChat developer account (41057).
            is_exclusive: Whether customers of one company go to the same member if possible. Cannot
                be changed later. False by default.
            mark_source: Whether the customer is marked as brought by this app; acquisition apps
                (营销获客) only. True by default.
            conclusions: Farewell sent when the temporary chat ends; temporary chats only.

        Raises:
            Forbidden: 40098, 41054, 41057, 60011.
            InvalidArgument: 40007, 40058, 41037, 41038, 41039, 41040, 41042.
            QuotaExceeded: 41041, 41045.
        """
        return self._client.send(
            ContactWayAdd(
                type=type,
                scene=scene,
                style=style,
                remark=remark,
                skip_verify=skip_verify,
                state=state,
                user=user,
                party=party,
                is_temp=is_temp,
                expires_in=expires_in,
                chat_expires_in=chat_expires_in,
                unionid=unionid,
                is_exclusive=is_exclusive,
                mark_source=mark_source,
                conclusions=conclusions,
            )
        )

    def get(self, *, config_id: str) -> ContactWayGetResult:
        """Read one contact way.

        获取企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        Args:
            config_id: Handle of the contact way.

        Raises:
            InvalidArgument: 41043.
            NotFound: 41044.
        """
        return self._client.send(ContactWayGet(config_id=config_id))

    def list(
        self,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[ContactWayListResult, ContactWayEntry]":
        """Walk the handles of the contact ways made in a time span.

        获取企业已配置的「联系我」列表: https://developer.work.weixin.qq.com/document/path/92228

        - Only contact ways made after 2021-07-10 are known, and no temporary ones.

        Args:
            start_time: Made from here on; 90 days ago when absent.
            end_time: Made until here; now when absent.
            cursor: Where to go on.
            limit: Page size. At most 1,000. 100 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            ContactWayList(start_time=start_time, end_time=end_time, cursor=cursor, limit=limit)
        )

    def update(
        self,
        *,
        config_id: str,
        remark: str | None = None,
        skip_verify: bool | None = None,
        style: int | None = None,
        state: str | None = None,
        user: SequenceNotStr[UserId] | None = None,
        party: SequenceNotStr[DepartmentId] | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        mark_source: bool | None = None,
        conclusions: ContactWayConclusions | None = None,
    ) -> None:
        """Change a contact way.

        更新企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        - The type, the scene, is_temp and is_exclusive stay as they were made.
        - A temporary contact way that has expired cannot be changed.
        - What is given replaces the old value; whether an empty value clears it the page does not
          say.

        Args:
            config_id: Handle of the contact way.
            remark: Note to oneself; replaces the old one. At most 30 characters.
            skip_verify: Whether a customer is added without confirmation.
            style: Look of the mini program button.
            state: Your own word for the channel. At most 30 characters.
            user: Members; replace the old list. At most 100 items.
            party: Departments; replace the old list. Only for several members.
            expires_in: Seconds the temporary QR code lives. At most 1,209,600.
            chat_expires_in: Seconds the temporary chat lives. At most 1,209,600.
            unionid: The only customer who may open the temporary chat; absent, anybody may.
            mark_source: Whether the customer is marked as brought by this app; acquisition apps
                (营销获客) only, and only the app that made the contact way. True by default.
            conclusions: Farewell sent when the temporary chat ends; temporary chats only.

        Raises:
            Forbidden: 40098, 41054, 41057, 60011.
            InvalidArgument: 40007, 40058, 41042, 41043.
            NotFound: 41044.
            QuotaExceeded: 41041.
        """
        return self._client.send(
            ContactWayUpdate(
                config_id=config_id,
                remark=remark,
                skip_verify=skip_verify,
                style=style,
                state=state,
                user=user,
                party=party,
                expires_in=expires_in,
                chat_expires_in=chat_expires_in,
                unionid=unionid,
                mark_source=mark_source,
                conclusions=conclusions,
            )
        )

    def delete(self, *, config_id: str) -> None:
        """Delete a contact way for good.

        删除企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        Args:
            config_id: Handle of the contact way.

        Raises:
            InvalidArgument: 41043.
            NotFound: 41044.
        """
        return self._client.send(ContactWayDelete(config_id=config_id))

    def close_temp_chat(self, *, userid: UserId, external_userid: ExternalUserId) -> None:
        """End a temporary chat; the customer gets the farewell first.

        结束临时会话: https://developer.work.weixin.qq.com/document/path/92228

        - The temporary chat must be alive; customers added in another way have none.

        Args:
            userid: The member.
            external_userid: The customer.

        Raises:
            InvalidArgument: 41009, 41035.
        """
        return self._client.send(
            ContactWayCloseTempChat(userid=userid, external_userid=external_userid)
        )


class AsyncContactWayCalls:
    """客户联系「联系我」管理: the calls of `AsyncClient.contact_way`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add(
        self,
        *,
        type: ContactWayType,
        scene: Scene,
        style: int | None = None,
        remark: str | None = None,
        skip_verify: bool | None = None,
        state: str | None = None,
        user: SequenceNotStr[UserId] | None = None,
        party: SequenceNotStr[DepartmentId] | None = None,
        is_temp: bool | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        is_exclusive: bool | None = None,
        mark_source: bool | None = None,
        conclusions: ContactWayConclusions | None = None,
    ) -> ContactWayAddResult:
        """Create a QR code or a mini program button.

        配置客户联系「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        - Keep the config_id, it is the only handle and the admin console does not show what the API
          made.
        - A company may have 500,000 contact ways and group join ways made by the API.
        - Temporary chats do not count towards these, but 100,000 a day is the limit; they take a
          single member, the QR code dies once used, and only companies of the medical industry may
          use them.
        - A contact way covers 100 members at most, departments expanded.
        - The members must be activated, verified by real name and have the customer-contact
          feature, and be in the visible range of the app.
        - Calling again makes another contact way.
        - A mini program needs the WeCom plugin to show the button.
        - Third-party and provider-developed apps need the permission 配置「联系我」二维码.

        Args:
            type: For one member or for several.
            scene: A mini program button or a QR code.
            style: Look of the mini program button, see the appendix of the page: 1 to 3 for one
                member, 1 or 2 for several. Leave it out with a QR code.
            remark: Note to oneself. At most 30 characters.
            skip_verify: Whether a customer is added without confirmation. True by default.
            state: Your own word for the channel; comes back in customer.get and in the event. At
                most 30 characters.
            user: Members to add; exactly one, and required, for a single contact way. At most 100
                items.
            party: Departments to add; only for several members.
            is_temp: Whether it opens a temporary chat. False by default.
            expires_in: Seconds the temporary QR code lives. At most 1,209,600. 604800 by default.
            chat_expires_in: Seconds the temporary chat lives, counted from the adding. At most
                1,209,600. 86400 by default.
            unionid: The only customer who may open the temporary chat; absent, anybody may. Needs a
                bound WeChat developer account (41057).
            is_exclusive: Whether customers of one company go to the same member if possible. Cannot
                be changed later. False by default.
            mark_source: Whether the customer is marked as brought by this app; acquisition apps
                (营销获客) only. True by default.
            conclusions: Farewell sent when the temporary chat ends; temporary chats only.

        Raises:
            Forbidden: 40098, 41054, 41057, 60011.
            InvalidArgument: 40007, 40058, 41037, 41038, 41039, 41040, 41042.
            QuotaExceeded: 41041, 41045.
        """
        return await self._client.send(
            ContactWayAdd(
                type=type,
                scene=scene,
                style=style,
                remark=remark,
                skip_verify=skip_verify,
                state=state,
                user=user,
                party=party,
                is_temp=is_temp,
                expires_in=expires_in,
                chat_expires_in=chat_expires_in,
                unionid=unionid,
                is_exclusive=is_exclusive,
                mark_source=mark_source,
                conclusions=conclusions,
            )
        )

    async def get(self, *, config_id: str) -> ContactWayGetResult:
        """Read one contact way.

        获取企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        Args:
            config_id: Handle of the contact way.

        Raises:
            InvalidArgument: 41043.
            NotFound: 41044.
        """
        return await self._client.send(ContactWayGet(config_id=config_id))

    def list(
        self,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[ContactWayListResult, ContactWayEntry]":
        """Walk the handles of the contact ways made in a time span.

        获取企业已配置的「联系我」列表: https://developer.work.weixin.qq.com/document/path/92228

        - Only contact ways made after 2021-07-10 are known, and no temporary ones.

        Args:
            start_time: Made from here on; 90 days ago when absent.
            end_time: Made until here; now when absent.
            cursor: Where to go on.
            limit: Page size. At most 1,000. 100 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            ContactWayList(start_time=start_time, end_time=end_time, cursor=cursor, limit=limit)
        )

    async def update(
        self,
        *,
        config_id: str,
        remark: str | None = None,
        skip_verify: bool | None = None,
        style: int | None = None,
        state: str | None = None,
        user: SequenceNotStr[UserId] | None = None,
        party: SequenceNotStr[DepartmentId] | None = None,
        expires_in: int | None = None,
        chat_expires_in: int | None = None,
        unionid: str | None = None,
        mark_source: bool | None = None,
        conclusions: ContactWayConclusions | None = None,
    ) -> None:
        """Change a contact way.

        更新企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        - The type, the scene, is_temp and is_exclusive stay as they were made.
        - A temporary contact way that has expired cannot be changed.
        - What is given replaces the old value; whether an empty value clears it the page does not
          say.

        Args:
            config_id: Handle of the contact way.
            remark: Note to oneself; replaces the old one. At most 30 characters.
            skip_verify: Whether a customer is added without confirmation.
            style: Look of the mini program button.
            state: Your own word for the channel. At most 30 characters.
            user: Members; replace the old list. At most 100 items.
            party: Departments; replace the old list. Only for several members.
            expires_in: Seconds the temporary QR code lives. At most 1,209,600.
            chat_expires_in: Seconds the temporary chat lives. At most 1,209,600.
            unionid: The only customer who may open the temporary chat; absent, anybody may.
            mark_source: Whether the customer is marked as brought by this app; acquisition apps
                (营销获客) only, and only the app that made the contact way. True by default.
            conclusions: Farewell sent when the temporary chat ends; temporary chats only.

        Raises:
            Forbidden: 40098, 41054, 41057, 60011.
            InvalidArgument: 40007, 40058, 41042, 41043.
            NotFound: 41044.
            QuotaExceeded: 41041.
        """
        return await self._client.send(
            ContactWayUpdate(
                config_id=config_id,
                remark=remark,
                skip_verify=skip_verify,
                style=style,
                state=state,
                user=user,
                party=party,
                expires_in=expires_in,
                chat_expires_in=chat_expires_in,
                unionid=unionid,
                mark_source=mark_source,
                conclusions=conclusions,
            )
        )

    async def delete(self, *, config_id: str) -> None:
        """Delete a contact way for good.

        删除企业已配置的「联系我」方式: https://developer.work.weixin.qq.com/document/path/92228

        Args:
            config_id: Handle of the contact way.

        Raises:
            InvalidArgument: 41043.
            NotFound: 41044.
        """
        return await self._client.send(ContactWayDelete(config_id=config_id))

    async def close_temp_chat(self, *, userid: UserId, external_userid: ExternalUserId) -> None:
        """End a temporary chat; the customer gets the farewell first.

        结束临时会话: https://developer.work.weixin.qq.com/document/path/92228

        - The temporary chat must be alive; customers added in another way have none.

        Args:
            userid: The member.
            external_userid: The customer.

        Raises:
            InvalidArgument: 41009, 41035.
        """
        return await self._client.send(
            ContactWayCloseTempChat(userid=userid, external_userid=external_userid)
        )
