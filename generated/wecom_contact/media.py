"""素材管理: Files for messages, moments and product albums.

Generated from spec/media.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.media import Destination, Download, FileContent
from ._runtime.model import Call, Endpoint, Model, OpenInt, OpenStr, wire
from .types import MediaId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


class MediaType(OpenStr):
    """What a file is."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    """Anything else."""


class AttachmentMediaType(OpenStr):
    """What a file for a moment or a product album is."""

    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    """Anything else; not for moments."""


class AttachmentUse(OpenInt):
    """What an attachment is for."""

    MOMENT = 1
    PRODUCT_ALBUM = 2


class UrlMediaType(OpenStr):
    """What a file fetched from a web server is."""

    VIDEO = "video"
    """MP4."""
    FILE = "file"
    """Anything else."""


class UploadScene(OpenInt):
    """What a file fetched from a web server is for."""

    GROUP_WELCOME_TEMPLATE = 1


class UploadJobStatus(OpenInt):
    """How far the job of `upload_by_url` is."""

    RUNNING = 1
    FINISHED = 2
    FAILED = 3


@define(kw_only=True, eq=False, repr=False)
class UploadJobDetail(Model):
    """What the job of `upload_by_url` did."""

    errcode: int | None = None
    """Error code of the job; not 0 when it failed. Missing now and then after success, against
    the page.
    """
    errmsg: str | None = None
    """Words for the error code."""
    media_id: MediaId | None = None
    """The file, for three days; only of a finished job."""
    created_at: datetime | None = field(default=None, metadata=wire(also=str))
    """When the file was stored; only of a finished job. A string."""


@define(kw_only=True, eq=False, repr=False)
class MediaUploadResult(Model):
    """What `media.upload` returns."""

    type: MediaType
    """What the file is."""
    media_id: MediaId
    """The uploaded file, for three days."""
    created_at: datetime = field(metadata=wire(also=str))
    """When it was uploaded. A string here, a number in `upload_attachment`."""


@define(kw_only=True, eq=False, repr=False)
class MediaUpload(Call[MediaUploadResult]):
    """Upload a file for messages; it lives three days."""

    endpoint: ClassVar[Endpoint[MediaUploadResult]] = Endpoint(
        name="media.upload",
        method="POST",
        path="/cgi-bin/media/upload",
        title="上传临时素材",
        page=90253,
        readonly=False,
        result=MediaUploadResult,
        errors=(40004, 40005, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016, 301017),
        upload="media",
    )
    type: MediaType
    media: FileContent


@define(kw_only=True, eq=False, repr=False)
class MediaUploadImageResult(Model):
    """What `media.upload_image` returns."""

    url: str
    """Address of the image; does not expire."""


@define(kw_only=True, eq=False, repr=False)
class MediaUploadImage(Call[MediaUploadImageResult]):
    """Upload an image for good and get its address."""

    endpoint: ClassVar[Endpoint[MediaUploadImageResult]] = Endpoint(
        name="media.upload_image",
        method="POST",
        path="/cgi-bin/media/uploadimg",
        title="上传图片",
        page=90256,
        readonly=False,
        result=MediaUploadImageResult,
        errors=(40006, 40009, 40123, 44001, 45001),
        upload="media",
    )
    media: FileContent


@define(kw_only=True, eq=False, repr=False)
class MediaUploadAttachmentResult(Model):
    """What `media.upload_attachment` returns."""

    type: MediaType
    """What the file is."""
    media_id: MediaId
    """The uploaded file, for three days."""
    created_at: datetime
    """When it was uploaded. A number here, a string in `upload`."""


@define(kw_only=True, eq=False, repr=False)
class MediaUploadAttachment(Call[MediaUploadAttachmentResult]):
    """Upload a file for moments or product albums; it lives three days."""

    endpoint: ClassVar[Endpoint[MediaUploadAttachmentResult]] = Endpoint(
        name="media.upload_attachment",
        method="POST",
        path="/cgi-bin/media/upload_attachment",
        title="上传附件资源",
        page=95098,
        readonly=False,
        result=MediaUploadAttachmentResult,
        errors=(40004, 40005, 40006, 40123, 41072, 41080, 41081, 41082, 41090, 44001, 45001, 48002),
        upload="media",
    )
    media_type: AttachmentMediaType
    attachment_type: AttachmentUse
    media: FileContent


@define(kw_only=True, eq=False, repr=False)
class MediaGet(Call[Download]):
    """Download an uploaded file."""

    endpoint: ClassVar[Endpoint[Download]] = Endpoint(
        name="media.get",
        method="GET",
        path="/cgi-bin/media/get",
        title="获取临时素材",
        page=90254,
        readonly=True,
        result=Download,
        errors=(40007, 41006, 45033, 830002),
        download=True,
    )
    media_id: MediaId


@define(kw_only=True, eq=False, repr=False)
class MediaUploadByUrlResult(Model):
    """What `media.upload_by_url` returns."""

    jobid: str
    """The job."""


@define(kw_only=True, eq=False, repr=False)
class MediaUploadByUrl(Call[MediaUploadByUrlResult]):
    """Have WeCom fetch a large file from a web server."""

    endpoint: ClassVar[Endpoint[MediaUploadByUrlResult]] = Endpoint(
        name="media.upload_by_url",
        method="POST",
        path="/cgi-bin/media/upload_by_url",
        title="生成异步上传任务",
        page=96219,
        readonly=False,
        result=MediaUploadByUrlResult,
        errors=(48002,),
    )
    scene: UploadScene
    type: UrlMediaType
    filename: str = field(metadata=wire(max_bytes=128))
    url: str = field(metadata=wire(max_bytes=1024))
    md5: str = field(metadata=wire(max_bytes=32))


@define(kw_only=True, eq=False, repr=False)
class MediaGetUploadByUrlResultResult(Model):
    """What `media.get_upload_by_url_result` returns."""

    status: UploadJobStatus
    """How far the job is."""
    detail: UploadJobDetail | None = None
    """What the job did."""


@define(kw_only=True, eq=False, repr=False)
class MediaGetUploadByUrlResult(Call[MediaGetUploadByUrlResultResult]):
    """Ask what became of a job started by `upload_by_url`."""

    endpoint: ClassVar[Endpoint[MediaGetUploadByUrlResultResult]] = Endpoint(
        name="media.get_upload_by_url_result",
        method="POST",
        path="/cgi-bin/media/get_upload_by_url_result",
        title="查询异步任务结果",
        page=96219,
        readonly=True,
        result=MediaGetUploadByUrlResultResult,
        errors=(40088,),
    )
    jobid: str = field(metadata=wire(max_bytes=128))


class MediaCalls:
    """素材管理: the calls of `Client.media`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def upload(self, *, type: MediaType, media: FileContent) -> MediaUploadResult:
        """Upload a file for messages; it lives three days.

        上传临时素材: https://developer.work.weixin.qq.com/document/path/90253

        - For mass sends, welcome messages, group welcome templates and contact ways. Moments and
          product albums need `upload_attachment`; the ids are not interchangeable (40007).
        - An image (JPG, PNG) may have 10 MB, a voice (AMR) 2 MB and 60 seconds, a video (MP4) 10
          MB, a file 20 MB; every file must be larger than 5 bytes. Older pages say 2 MB or 5 MB for
          an image.
        - All apps of the company may use the media_id.

        Args:
            type: What the file is.
            media: The file. Its name is what customers see.

        Raises:
            InvalidArgument: 40004, 40005, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016,
            301017.
        """
        return self._client.send(MediaUpload(type=type, media=media))

    def upload_image(self, *, media: FileContent) -> MediaUploadImageResult:
        """Upload an image for good and get its address.

        上传图片: https://developer.work.weixin.qq.com/document/path/90256

        - The address is what `pic_url` of an image wants; there is no media_id. Outside WeCom's own
          pages the image is blocked.
        - The image must have more than 5 bytes and at most 2 MB. The company may upload 1000 a day
          and 3000 a month; older pages say 100 a day.

        Args:
            media: The image, JPG or PNG.

        Raises:
            InvalidArgument: 40006, 40009, 40123, 44001, 45001.
        """
        return self._client.send(MediaUploadImage(media=media))

    def upload_attachment(
        self,
        *,
        media_type: AttachmentMediaType,
        attachment_type: AttachmentUse,
        media: FileContent,
    ) -> MediaUploadAttachmentResult:
        """Upload a file for moments or product albums; it lives three days.

        上传附件资源: https://developer.work.weixin.qq.com/document/path/95098

        - The parameters are `media_type` and `attachment_type`, not `type` as in `upload`.
        - Only apps under 客户联系 > 可调用接口的应用 may call this; `upload` is for every app.
        - Messages need `upload`; the ids are not interchangeable (40007, 41072).
        - Moments take images (10 MB, long side 10800 and short side 1080 pixels at most) and videos
          (10 MB, 30 seconds) only. JS-SDK and mini programs need client 4.0.2 to post them.

        Args:
            media_type: What the file is.
            attachment_type: What the file is for.
            media: The file. Its name is what customers see.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 40004, 40005, 40006, 40123, 41072, 41080, 41081, 41082, 41090, 44001,
            45001.
        """
        return self._client.send(
            MediaUploadAttachment(
                media_type=media_type,
                attachment_type=attachment_type,
                media=media,
            )
        )

    def get(self, *, media_id: MediaId, to: Destination = None) -> Download:
        """Download an uploaded file.

        获取临时素材: https://developer.work.weixin.qq.com/document/path/90254

        - Success is the file itself, failure is JSON with status 200.
        - A file of more than 20 MB from `upload_by_url`, or another very large one, gives 830002;
          WeCom wants it fetched in parts of at most 20 MB, with a Range header, which this call
          does not send.
        - Fetching one media_id over and over gives 45033.

        Args:
            media_id: A file of the last three days, of any app of the company; also one named in a
                moment, a mass send or a product album.
            to: A path, a folder or a binary file to write to; None for bytes in the result.

        Raises:
            Busy: 45033.
            InvalidArgument: 40007, 41006, 830002.
        """
        return self._client.download(MediaGet(media_id=media_id), to)

    def upload_by_url(
        self,
        *,
        scene: UploadScene,
        type: UrlMediaType,
        filename: str,
        url: str,
        md5: str,
    ) -> MediaUploadByUrlResult:
        """Have WeCom fetch a large file from a web server.

        生成异步上传任务: https://developer.work.weixin.qq.com/document/path/96219

        - For files of up to 200 MB, for group welcome templates only. The server must answer Range
          requests.
        - Only apps under 客户联系 > 可调用接口的应用 may call this.
        - Starts a job; the event upload_media_job_finish or `get_upload_by_url_result` tells its
          end.

        Args:
            scene: What the file is for.
            type: What the file is.
            filename: Name that customers see. At most 128 bytes.
            url: Address of the file. A file in Tencent's COS must be readable by everybody. At most
                1,024 bytes.
            md5: MD5 of the file, in hex; WeCom compares. At most 32 bytes.

        Raises:
            Forbidden: 48002.
        """
        return self._client.send(
            MediaUploadByUrl(scene=scene, type=type, filename=filename, url=url, md5=md5)
        )

    def get_upload_by_url_result(self, *, jobid: str) -> MediaGetUploadByUrlResultResult:
        """Ask what became of a job started by `upload_by_url`.

        查询异步任务结果: https://developer.work.weixin.qq.com/document/path/96219

        - A failed job is a success of this call; read `status` and `detail.errcode`: 830001 no
          Range requests, 830003 download failed, 45001 not between 5 bytes and 200 MB, 301019
          another MD5.

        Args:
            jobid: The job; valid for 60 minutes. At most 128 bytes.

        Raises:
            NotFound: 40088.
        """
        return self._client.send(MediaGetUploadByUrlResult(jobid=jobid))


class AsyncMediaCalls:
    """素材管理: the calls of `AsyncClient.media`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def upload(self, *, type: MediaType, media: FileContent) -> MediaUploadResult:
        """Upload a file for messages; it lives three days.

        上传临时素材: https://developer.work.weixin.qq.com/document/path/90253

        - For mass sends, welcome messages, group welcome templates and contact ways. Moments and
          product albums need `upload_attachment`; the ids are not interchangeable (40007).
        - An image (JPG, PNG) may have 10 MB, a voice (AMR) 2 MB and 60 seconds, a video (MP4) 10
          MB, a file 20 MB; every file must be larger than 5 bytes. Older pages say 2 MB or 5 MB for
          an image.
        - All apps of the company may use the media_id.

        Args:
            type: What the file is.
            media: The file. Its name is what customers see.

        Raises:
            InvalidArgument: 40004, 40005, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016,
            301017.
        """
        return await self._client.send(MediaUpload(type=type, media=media))

    async def upload_image(self, *, media: FileContent) -> MediaUploadImageResult:
        """Upload an image for good and get its address.

        上传图片: https://developer.work.weixin.qq.com/document/path/90256

        - The address is what `pic_url` of an image wants; there is no media_id. Outside WeCom's own
          pages the image is blocked.
        - The image must have more than 5 bytes and at most 2 MB. The company may upload 1000 a day
          and 3000 a month; older pages say 100 a day.

        Args:
            media: The image, JPG or PNG.

        Raises:
            InvalidArgument: 40006, 40009, 40123, 44001, 45001.
        """
        return await self._client.send(MediaUploadImage(media=media))

    async def upload_attachment(
        self,
        *,
        media_type: AttachmentMediaType,
        attachment_type: AttachmentUse,
        media: FileContent,
    ) -> MediaUploadAttachmentResult:
        """Upload a file for moments or product albums; it lives three days.

        上传附件资源: https://developer.work.weixin.qq.com/document/path/95098

        - The parameters are `media_type` and `attachment_type`, not `type` as in `upload`.
        - Only apps under 客户联系 > 可调用接口的应用 may call this; `upload` is for every app.
        - Messages need `upload`; the ids are not interchangeable (40007, 41072).
        - Moments take images (10 MB, long side 10800 and short side 1080 pixels at most) and videos
          (10 MB, 30 seconds) only. JS-SDK and mini programs need client 4.0.2 to post them.

        Args:
            media_type: What the file is.
            attachment_type: What the file is for.
            media: The file. Its name is what customers see.

        Raises:
            Forbidden: 48002.
            InvalidArgument: 40004, 40005, 40006, 40123, 41072, 41080, 41081, 41082, 41090, 44001,
            45001.
        """
        return await self._client.send(
            MediaUploadAttachment(
                media_type=media_type,
                attachment_type=attachment_type,
                media=media,
            )
        )

    async def get(self, *, media_id: MediaId, to: Destination = None) -> Download:
        """Download an uploaded file.

        获取临时素材: https://developer.work.weixin.qq.com/document/path/90254

        - Success is the file itself, failure is JSON with status 200.
        - A file of more than 20 MB from `upload_by_url`, or another very large one, gives 830002;
          WeCom wants it fetched in parts of at most 20 MB, with a Range header, which this call
          does not send.
        - Fetching one media_id over and over gives 45033.

        Args:
            media_id: A file of the last three days, of any app of the company; also one named in a
                moment, a mass send or a product album.
            to: A path, a folder or a binary file to write to; None for bytes in the result.

        Raises:
            Busy: 45033.
            InvalidArgument: 40007, 41006, 830002.
        """
        return await self._client.download(MediaGet(media_id=media_id), to)

    async def upload_by_url(
        self,
        *,
        scene: UploadScene,
        type: UrlMediaType,
        filename: str,
        url: str,
        md5: str,
    ) -> MediaUploadByUrlResult:
        """Have WeCom fetch a large file from a web server.

        生成异步上传任务: https://developer.work.weixin.qq.com/document/path/96219

        - For files of up to 200 MB, for group welcome templates only. The server must answer Range
          requests.
        - Only apps under 客户联系 > 可调用接口的应用 may call this.
        - Starts a job; the event upload_media_job_finish or `get_upload_by_url_result` tells its
          end.

        Args:
            scene: What the file is for.
            type: What the file is.
            filename: Name that customers see. At most 128 bytes.
            url: Address of the file. A file in Tencent's COS must be readable by everybody. At most
                1,024 bytes.
            md5: MD5 of the file, in hex; WeCom compares. At most 32 bytes.

        Raises:
            Forbidden: 48002.
        """
        return await self._client.send(
            MediaUploadByUrl(scene=scene, type=type, filename=filename, url=url, md5=md5)
        )

    async def get_upload_by_url_result(self, *, jobid: str) -> MediaGetUploadByUrlResultResult:
        """Ask what became of a job started by `upload_by_url`.

        查询异步任务结果: https://developer.work.weixin.qq.com/document/path/96219

        - A failed job is a success of this call; read `status` and `detail.errcode`: 830001 no
          Range requests, 830003 download failed, 45001 not between 5 bytes and 200 MB, 301019
          another MD5.

        Args:
            jobid: The job; valid for 60 minutes. At most 128 bytes.

        Raises:
            NotFound: 40088.
        """
        return await self._client.send(MediaGetUploadByUrlResult(jobid=jobid))
