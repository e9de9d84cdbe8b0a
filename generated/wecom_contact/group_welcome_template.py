"""入群欢迎语素材管理: Welcome messages for people who join a customer group; at most 100 in the
company.

Generated from spec/group_welcome_template.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, wire
from .types import (
    FileAttachment,
    ImageAttachment,
    LinkAttachment,
    MessageText,
    MiniProgramAttachment,
    VideoAttachment,
)

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeText(Model):
    """The text of a new welcome message for customer groups."""

    content: str = field(metadata=wire(max_bytes=3000))
    """The text; a Chinese character takes three bytes. Each %NICKNAME%, in capitals, becomes the
    customer's name. At most 3,000 bytes.
    """


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateAddResult(Model):
    """What `group_welcome_template.add` returns."""

    template_id: str
    """The template."""


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateAdd(Call[GroupWelcomeTemplateAddResult]):
    """Add a welcome message for customer groups."""

    endpoint: ClassVar[Endpoint[GroupWelcomeTemplateAddResult]] = Endpoint(
        name="group_welcome_template.add",
        method="POST",
        path="/cgi-bin/externalcontact/group_welcome_template/add",
        title="添加入群欢迎语素材",
        page=92366,
        readonly=False,
        result=GroupWelcomeTemplateAddResult,
        errors=(40007, 41055, 45002),
    )
    __any_of__: ClassVar = (("text", "image", "link", "miniprogram", "file", "video"),)
    text: GroupWelcomeText | None = None
    image: ImageAttachment | None = None
    link: LinkAttachment | None = None
    miniprogram: MiniProgramAttachment | None = None
    file: FileAttachment | None = None
    video: VideoAttachment | None = None
    agentid: int | None = None
    notify: bool | None = field(default=None, metadata=wire(flag=True))


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateEdit(Call[None]):
    """Overwrite a welcome message for customer groups."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_welcome_template.edit",
        method="POST",
        path="/cgi-bin/externalcontact/group_welcome_template/edit",
        title="编辑入群欢迎语素材",
        page=92366,
        readonly=False,
        result=None,
        errors=(40007, 41058, 45002),
    )
    template_id: str
    text: MessageText | None = None
    image: ImageAttachment | None = None
    link: LinkAttachment | None = None
    miniprogram: MiniProgramAttachment | None = None
    file: FileAttachment | None = None
    video: VideoAttachment | None = None
    agentid: int | None = None


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateGetResult(Model):
    """What `group_welcome_template.get` returns."""

    text: MessageText | None = None
    """The text."""
    image: ImageAttachment | None = None
    """An image, with pic_url only."""
    link: LinkAttachment | None = None
    """A card that opens a web page."""
    miniprogram: MiniProgramAttachment | None = None
    """A card that opens a mini program."""
    file: FileAttachment | None = None
    """A file, with the kind of media_id it was given."""
    video: VideoAttachment | None = None
    """A video, with the kind of media_id it was given."""


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateGet(Call[GroupWelcomeTemplateGetResult]):
    """Read a welcome message for customer groups."""

    endpoint: ClassVar[Endpoint[GroupWelcomeTemplateGetResult]] = Endpoint(
        name="group_welcome_template.get",
        method="POST",
        path="/cgi-bin/externalcontact/group_welcome_template/get",
        title="获取入群欢迎语素材",
        page=92366,
        readonly=True,
        result=GroupWelcomeTemplateGetResult,
    )
    template_id: str


@define(kw_only=True, eq=False, repr=False)
class GroupWelcomeTemplateDelete(Call[None]):
    """Delete a welcome message for customer groups."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="group_welcome_template.delete",
        method="POST",
        path="/cgi-bin/externalcontact/group_welcome_template/del",
        title="删除入群欢迎语素材",
        page=92366,
        readonly=False,
        result=None,
        errors=(41058,),
    )
    template_id: str
    agentid: int | None = None


class GroupWelcomeTemplateCalls:
    """入群欢迎语素材管理: the calls of `Client.group_welcome_template`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add(
        self,
        *,
        text: GroupWelcomeText | None = None,
        image: ImageAttachment | None = None,
        link: LinkAttachment | None = None,
        miniprogram: MiniProgramAttachment | None = None,
        file: FileAttachment | None = None,
        video: VideoAttachment | None = None,
        agentid: int | None = None,
        notify: bool | None = None,
    ) -> GroupWelcomeTemplateAddResult:
        """Add a welcome message for customer groups.

        添加入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Content stands at the root of the request, not in a list of attachments.
        - Besides the text only one part is used; of several WeCom takes the first in the order
          image, link, miniprogram, file, video and drops the others in silence.
        - Text and the other part arrive as two messages.
        - The 101st template gives 41055. Only the app that added a template may edit or delete it.

        Args:
            text: The text.
            image: An image.
            link: A card that opens a web page.
            miniprogram: A card that opens a mini program.
            file: A file, also one from `media.upload_by_url`.
            video: A video, also one from `media.upload_by_url`.
            agentid: The app; only old third-party suites of several apps need it.
            notify: Whether members are told to use it in their groups. True by default.

        Raises:
            InvalidArgument: 40007, 45002.
            QuotaExceeded: 41055.
        """
        return self._client.send(
            GroupWelcomeTemplateAdd(
                text=text,
                image=image,
                link=link,
                miniprogram=miniprogram,
                file=file,
                video=video,
                agentid=agentid,
                notify=notify,
            )
        )

    def edit(
        self,
        *,
        template_id: str,
        text: MessageText | None = None,
        image: ImageAttachment | None = None,
        link: LinkAttachment | None = None,
        miniprogram: MiniProgramAttachment | None = None,
        file: FileAttachment | None = None,
        video: VideoAttachment | None = None,
        agentid: int | None = None,
    ) -> None:
        """Overwrite a welcome message for customer groups.

        编辑入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Only the app that added a template may edit it (41058).
        - Besides the text only one part is used; of several WeCom takes the first in the order
          image, link, miniprogram, file, video and drops the others in silence.

        Args:
            template_id: The template.
            text: The text. Here the page allows 4000 bytes, in `add` 3000. Each %NICKNAME%, in
                capitals, becomes the customer's name.
            image: An image.
            link: A card that opens a web page.
            miniprogram: A card that opens a mini program.
            file: A file, also one from `media.upload_by_url`.
            video: A video, also one from `media.upload_by_url`.
            agentid: The app; only old third-party suites of several apps need it.

        Raises:
            Forbidden: 41058.
            InvalidArgument: 40007, 45002.
        """
        return self._client.send(
            GroupWelcomeTemplateEdit(
                template_id=template_id,
                text=text,
                image=image,
                link=link,
                miniprogram=miniprogram,
                file=file,
                video=video,
                agentid=agentid,
            )
        )

    def get(self, *, template_id: str) -> GroupWelcomeTemplateGetResult:
        """Read a welcome message for customer groups.

        获取入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Content stands at the root of the reply. An image comes back as pic_url, whatever was
          given.

        Args:
            template_id: The template.
        """
        return self._client.send(GroupWelcomeTemplateGet(template_id=template_id))

    def delete(self, *, template_id: str, agentid: int | None = None) -> None:
        """Delete a welcome message for customer groups.

        删除入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Only the app that added a template may delete it (41058).

        Args:
            template_id: The template.
            agentid: The app; only old third-party suites of several apps need it.

        Raises:
            Forbidden: 41058.
        """
        return self._client.send(
            GroupWelcomeTemplateDelete(template_id=template_id, agentid=agentid)
        )


class AsyncGroupWelcomeTemplateCalls:
    """入群欢迎语素材管理: the calls of `AsyncClient.group_welcome_template`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add(
        self,
        *,
        text: GroupWelcomeText | None = None,
        image: ImageAttachment | None = None,
        link: LinkAttachment | None = None,
        miniprogram: MiniProgramAttachment | None = None,
        file: FileAttachment | None = None,
        video: VideoAttachment | None = None,
        agentid: int | None = None,
        notify: bool | None = None,
    ) -> GroupWelcomeTemplateAddResult:
        """Add a welcome message for customer groups.

        添加入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Content stands at the root of the request, not in a list of attachments.
        - Besides the text only one part is used; of several WeCom takes the first in the order
          image, link, miniprogram, file, video and drops the others in silence.
        - Text and the other part arrive as two messages.
        - The 101st template gives 41055. Only the app that added a template may edit or delete it.

        Args:
            text: The text.
            image: An image.
            link: A card that opens a web page.
            miniprogram: A card that opens a mini program.
            file: A file, also one from `media.upload_by_url`.
            video: A video, also one from `media.upload_by_url`.
            agentid: The app; only old third-party suites of several apps need it.
            notify: Whether members are told to use it in their groups. True by default.

        Raises:
            InvalidArgument: 40007, 45002.
            QuotaExceeded: 41055.
        """
        return await self._client.send(
            GroupWelcomeTemplateAdd(
                text=text,
                image=image,
                link=link,
                miniprogram=miniprogram,
                file=file,
                video=video,
                agentid=agentid,
                notify=notify,
            )
        )

    async def edit(
        self,
        *,
        template_id: str,
        text: MessageText | None = None,
        image: ImageAttachment | None = None,
        link: LinkAttachment | None = None,
        miniprogram: MiniProgramAttachment | None = None,
        file: FileAttachment | None = None,
        video: VideoAttachment | None = None,
        agentid: int | None = None,
    ) -> None:
        """Overwrite a welcome message for customer groups.

        编辑入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Only the app that added a template may edit it (41058).
        - Besides the text only one part is used; of several WeCom takes the first in the order
          image, link, miniprogram, file, video and drops the others in silence.

        Args:
            template_id: The template.
            text: The text. Here the page allows 4000 bytes, in `add` 3000. Each %NICKNAME%, in
                capitals, becomes the customer's name.
            image: An image.
            link: A card that opens a web page.
            miniprogram: A card that opens a mini program.
            file: A file, also one from `media.upload_by_url`.
            video: A video, also one from `media.upload_by_url`.
            agentid: The app; only old third-party suites of several apps need it.

        Raises:
            Forbidden: 41058.
            InvalidArgument: 40007, 45002.
        """
        return await self._client.send(
            GroupWelcomeTemplateEdit(
                template_id=template_id,
                text=text,
                image=image,
                link=link,
                miniprogram=miniprogram,
                file=file,
                video=video,
                agentid=agentid,
            )
        )

    async def get(self, *, template_id: str) -> GroupWelcomeTemplateGetResult:
        """Read a welcome message for customer groups.

        获取入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Content stands at the root of the reply. An image comes back as pic_url, whatever was
          given.

        Args:
            template_id: The template.
        """
        return await self._client.send(GroupWelcomeTemplateGet(template_id=template_id))

    async def delete(self, *, template_id: str, agentid: int | None = None) -> None:
        """Delete a welcome message for customer groups.

        删除入群欢迎语素材: https://developer.work.weixin.qq.com/document/path/92366

        - Only the app that added a template may delete it (41058).

        Args:
            template_id: The template.
            agentid: The app; only old third-party suites of several apps need it.

        Raises:
            Forbidden: 41058.
        """
        return await self._client.send(
            GroupWelcomeTemplateDelete(template_id=template_id, agentid=agentid)
        )
