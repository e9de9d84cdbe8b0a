"""What several resources share.

Generated from spec/types.yaml by `make gen`. Do not edit.
"""

from typing import Annotated, ClassVar, TypeAlias

from attrs import define, field

from ._runtime.model import Model, OpenInt, Tagged, Unknown, wire

UserId: TypeAlias = str
"""A member of the company (userid)."""


ExternalUserId: TypeAlias = str
"""A person outside the company (external_userid)."""


DepartmentId: TypeAlias = int
"""A department of the company (partyid)."""


ChatId: TypeAlias = str
"""A customer group chat (chat_id)."""


TagId: TypeAlias = str
"""A corp tag or a strategy tag (tag_id)."""


MediaId: TypeAlias = str
"""An uploaded file; lives three days."""


@define(kw_only=True, eq=False, repr=False)
class MessageText(Model):
    """The text of a message."""

    content: str = field(metadata=wire(max_bytes=4000))
    """The text; a Chinese character takes three bytes. At most 4,000 bytes."""


@define(kw_only=True, eq=False, repr=False)
class ImageAttachment(Model):
    """An image. Give `media_id` or `pic_url`; when both are given WeCom takes `media_id`."""

    __any_of__: ClassVar = (("media_id", "pic_url"),)

    media_id: MediaId | None = None
    """An image from `media.upload`; one from `media.upload_attachment` is refused (40007)."""
    pic_url: str | None = None
    """Address of an image from `media.upload_image`; no other address is taken."""


@define(kw_only=True, eq=False, repr=False)
class LinkAttachment(Model):
    """A card that opens a web page."""

    title: str = field(metadata=wire(max_bytes=128))
    """Title of the card. At most 128 bytes."""
    picurl: str | None = field(default=None, metadata=wire(max_bytes=2048))
    """Address of the cover image. It is `picurl` here and `pic_url` in an image. At most 2,048
    bytes.
    """
    desc: str | None = field(default=None, metadata=wire(max_bytes=512))
    """Description below the title. At most 512 bytes."""
    url: str = field(metadata=wire(max_bytes=2048))
    """The page to open. At most 2,048 bytes."""


@define(kw_only=True, eq=False, repr=False)
class MiniProgramAttachment(Model):
    """A card that opens a mini program."""

    title: str = field(metadata=wire(max_bytes=64))
    """Title of the card. At most 64 bytes."""
    pic_media_id: MediaId
    """Cover image from `media.upload`, best 520 by 416 pixels. The reply table of the mass-send
    list lacks it, its sample has it.
    """
    appid: str
    """The mini program, which must be linked to the company."""
    page: str
    """Path of the page to open."""


@define(kw_only=True, eq=False, repr=False)
class VideoAttachment(Model):
    """A video."""

    media_id: MediaId
    """A video from `media.upload`; group welcome templates also take one from
    `media.upload_by_url`.
    """


@define(kw_only=True, eq=False, repr=False)
class FileAttachment(Model):
    """A file of any kind."""

    media_id: MediaId
    """A file from `media.upload`; group welcome templates also take one from
    `media.upload_by_url`.
    """


Attachment: TypeAlias = Annotated[
    ImageAttachment
    | LinkAttachment
    | MiniProgramAttachment
    | VideoAttachment
    | FileAttachment
    | Unknown,
    Tagged(
        "msgtype",
        {
            "image": ("image", ImageAttachment),
            "link": ("link", LinkAttachment),
            "miniprogram": ("miniprogram", MiniProgramAttachment),
            "video": ("video", VideoAttachment),
            "file": ("file", FileAttachment),
        },
    ),
]
"""A piece of media sent along with a message."""


class CreatorFilter(OpenInt):
    """Whose records are wanted."""

    CORP = 0
    """Created for the company, by an admin or an API."""
    MEMBER = 1
    """Created by a member."""
    ALL = 2
    """Both."""


class CreatorType(OpenInt):
    """Who created a mass send or a moment."""

    CORP = 0
    """The company: an admin or an API."""
    MEMBER = 1
    """A member."""
