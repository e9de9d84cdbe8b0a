"""客户朋友圈: Customer moments, what the company or its members post for their customers.

Generated from spec/moment.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

from attrs import define, evolve, field

from ._runtime.model import (
    Call,
    Endpoint,
    Model,
    OpenInt,
    PagedCall,
    Paginate,
    SequenceNotStr,
    Tagged,
    Unknown,
    wire,
)
from .errors import raise_partial
from .types import CreatorFilter, CreatorType, DepartmentId, ExternalUserId, MediaId, TagId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class MomentText(Model):
    """The text of a moment."""

    content: str = field(metadata=wire(max_chars=2000))
    """The text. A longer one is refused as "invalid text size". At most 2,000 characters."""


@define(kw_only=True, eq=False, repr=False)
class MomentImageAttachment(Model):
    """An image to post; up to nine of them."""

    media_id: MediaId
    """From `media.upload_attachment`: at most 10 MB, long side at most 10800 and short side at
    most 1080 pixels.
    """


@define(kw_only=True, eq=False, repr=False)
class MomentVideoAttachment(Model):
    """A video to post, at most one."""

    media_id: MediaId
    """From `media.upload_attachment`: at most 10 MB and 30 seconds, best 1280 by 720 at 30
    frames a second.
    """


@define(kw_only=True, eq=False, repr=False)
class MomentLinkAttachment(Model):
    """A web page to post, at most one. Its cover is a media_id, not a picurl."""

    title: str | None = field(default=None, metadata=wire(max_chars=64))
    """Title of the link. At most 64 characters."""
    url: str
    """The page to open."""
    media_id: MediaId
    """Cover from `media.upload_attachment`: long side at most 10800 and short side at most 1080
    pixels.
    """


MomentAttachment: TypeAlias = Annotated[
    MomentImageAttachment | MomentVideoAttachment | MomentLinkAttachment | Unknown,
    Tagged(
        "msgtype",
        {
            "image": ("image", MomentImageAttachment),
            "video": ("video", MomentVideoAttachment),
            "link": ("link", MomentLinkAttachment),
        },
    ),
]
"""A piece of media in a moment. Not the attachment of a message; the link differs and every
media_id comes from `media.upload_attachment`.
"""


@define(kw_only=True, eq=False, repr=False)
class MomentSenders(Model):
    """Members and departments asked to post. Those outside the app's range are left out in
    silence.
    """

    user_list: SequenceNotStr[UserId] | None = field(default=None, metadata=wire(max_items=100000))
    """Members who post. At most 100,000 items."""
    department_list: SequenceNotStr[DepartmentId] | None = None
    """Departments whose members post."""


@define(kw_only=True, eq=False, repr=False)
class MomentAudience(Model):
    """The customers who see a moment."""

    tag_list: SequenceNotStr[TagId] | None = None
    """Corp tags of the customers; strategy tags are not taken."""


@define(kw_only=True, eq=False, repr=False)
class MomentVisibleRange(Model):
    """Who posts a moment and who sees it. Naming customers makes it partly visible, otherwise it
    is public.
    """

    sender_list: MomentSenders | None = None
    """Who posts. Alone: for all of their customers."""
    external_contact_list: MomentAudience | None = None
    """Who sees it. Alone: every member in the app's range who follows one of them is asked to
    post.
    """


class MomentJobStatus(OpenInt):
    """How far the job of `add_task` is."""

    STARTED = 1
    RUNNING = 2
    FINISHED = 3
    """Done; now the result counts."""


@define(kw_only=True, eq=False, repr=False)
class MomentInvalidSenders(Model):
    """Senders that do not exist or are outside the app's range."""

    user_list: list[UserId] | None = None
    """Members left out."""
    department_list: list[DepartmentId] | None = None
    """Departments left out."""


@define(kw_only=True, eq=False, repr=False)
class MomentInvalidAudience(Model):
    """Parts of the audience that do not exist."""

    tag_list: list[TagId] | None = None
    """Tags left out."""


@define(kw_only=True, eq=False, repr=False)
class MomentTaskOutcome(Model):
    """What the job of `add_task` did."""

    errcode: int | None = None
    """Error code of the job itself; 0 when it went well."""
    errmsg: str | None = None
    """Words for the error code."""
    moment_id: str | None = None
    """The new moment; feed it to `get_task`."""
    invalid_sender_list: MomentInvalidSenders | None = None
    """Who will not be asked."""
    invalid_external_contact_list: MomentInvalidAudience | None = None
    """What was wrong in the audience."""


class MomentVisibility(OpenInt):
    """Whether everybody may see a moment."""

    PARTIAL = 0
    """Only chosen customers."""
    PUBLIC = 1
    """Everybody."""


@define(kw_only=True, eq=False, repr=False)
class MomentImage(Model):
    """An image that was posted."""

    media_id: MediaId
    """Download it with `media.get`."""


@define(kw_only=True, eq=False, repr=False)
class MomentVideo(Model):
    """A video that was posted."""

    media_id: MediaId
    """Download it with `media.get`."""
    thumb_media_id: MediaId | None = None
    """Its cover; download it with `media.get`."""


@define(kw_only=True, eq=False, repr=False)
class MomentLink(Model):
    """A web page that was posted. No cover comes back."""

    title: str | None = None
    """Title of the link."""
    url: str
    """The page."""


@define(kw_only=True, eq=False, repr=False)
class MomentLocation(Model):
    """A place that was posted."""

    latitude: str
    """Latitude in degrees, as a string."""
    longitude: str
    """Longitude in degrees, as a string."""
    name: str
    """Name of the place."""


@define(kw_only=True, eq=False, repr=False)
class MomentRecord(Model):
    """One moment, of the company or of a member."""

    moment_id: str
    """The moment."""
    creator: UserId | None = None
    """Who created it; missing when an API did."""
    create_time: datetime = field(metadata=wire(also=str))
    """When it was created."""
    create_type: CreatorType
    """Whether the company or a member created it."""
    visible_type: MomentVisibility
    """Whether everybody may see it."""
    text: MomentText | None = None
    """What it says."""
    image: list[MomentImage] | None = None
    """The images; a list, unlike the other parts."""
    video: MomentVideo | None = None
    """The video."""
    link: MomentLink | None = None
    """The web page."""
    location: MomentLocation | None = None
    """The place."""


class MomentPublishStatus(OpenInt):
    """Whether a member posted a moment of the company."""

    UNPUBLISHED = 0
    PUBLISHED = 1


@define(kw_only=True, eq=False, repr=False)
class MomentTask(Model):
    """What one member did about a moment of the company."""

    userid: UserId
    """The member."""
    publish_status: MomentPublishStatus
    """Whether the member posted it."""


@define(kw_only=True, eq=False, repr=False)
class MomentCustomer(Model):
    """A customer a member chose to show a moment to."""

    userid: UserId
    """The member who posted it."""
    external_userid: ExternalUserId
    """The customer."""


@define(kw_only=True, eq=False, repr=False)
class MomentViewer(Model):
    """A customer who can see a moment. Has no userid, unlike the customers of
    `get_customer_list`.
    """

    external_userid: ExternalUserId
    """The customer."""


@define(kw_only=True, eq=False, repr=False)
class MomentInteraction(Model):
    """A comment or a like. It is of a customer or of a member, never of both."""

    external_userid: ExternalUserId | None = None
    """The customer; missing when it was a member."""
    userid: UserId | None = None
    """The member; missing when it was a customer."""
    create_time: datetime
    """When."""


@define(kw_only=True, eq=False, repr=False)
class MomentAddTaskResult(Model):
    """What `moment.add_task` returns."""

    jobid: str
    """The job, at most 64 bytes; valid for 24 hours."""


@define(kw_only=True, eq=False, repr=False)
class MomentAddTask(Call[MomentAddTaskResult]):
    """Ask members to post something to their customers' moments."""

    endpoint: ClassVar[Endpoint[MomentAddTaskResult]] = Endpoint(
        name="moment.add_task",
        method="POST",
        path="/cgi-bin/externalcontact/add_moment_task",
        title="创建发表任务",
        page=95094,
        readonly=False,
        result=MomentAddTaskResult,
        errors=(40007, 41064, 41065, 41072, 41078, 41080, 41081, 41082, 41088, 41089, 41090, 45009),
    )
    __any_of__: ClassVar = (("text", "attachments"),)
    text: MomentText | None = None
    attachments: SequenceNotStr[MomentAttachment] | None = field(
        default=None, metadata=wire(max_items=9)
    )
    visible_range: MomentVisibleRange | None = None


@define(kw_only=True, eq=False, repr=False)
class MomentGetTaskOutcomeResult(Model):
    """What `moment.get_task_result` returns."""

    status: MomentJobStatus
    """How far the job is."""
    type: str
    """Kind of the job, always add_moment_task."""
    result: MomentTaskOutcome | None = None
    """What the job did; counts only when it is finished."""

    @property
    def failures(self) -> list[UserId | DepartmentId | TagId]:
        """What WeCom did not do, although it said yes."""
        failed: list[UserId | DepartmentId | TagId] = []
        if (
            self.result
            and self.result.invalid_sender_list
            and self.result.invalid_sender_list.user_list
        ):
            failed += self.result.invalid_sender_list.user_list
        if (
            self.result
            and self.result.invalid_sender_list
            and self.result.invalid_sender_list.department_list
        ):
            failed += self.result.invalid_sender_list.department_list
        if (
            self.result
            and self.result.invalid_external_contact_list
            and self.result.invalid_external_contact_list.tag_list
        ):
            failed += self.result.invalid_external_contact_list.tag_list
        return failed

    def raise_for_failures(self) -> None:
        """Raise `PartialFailure` if there are failures."""
        raise_partial("moment.get_task_result", self, self.failures)


@define(kw_only=True, eq=False, repr=False)
class MomentGetTaskOutcome(Call[MomentGetTaskOutcomeResult]):
    """Ask what became of a job started by `add_task`."""

    endpoint: ClassVar[Endpoint[MomentGetTaskOutcomeResult]] = Endpoint(
        name="moment.get_task_result",
        method="GET",
        path="/cgi-bin/externalcontact/get_moment_task_result",
        title="获取任务创建结果",
        page=95094,
        readonly=True,
        result=MomentGetTaskOutcomeResult,
        errors=(40088,),
    )
    jobid: str = field(metadata=wire(max_bytes=64))


@define(kw_only=True, eq=False, repr=False)
class MomentCancelTask(Call[None]):
    """Stop the members who have not posted yet."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="moment.cancel_task",
        method="POST",
        path="/cgi-bin/externalcontact/cancel_moment_task",
        title="停止发表企业朋友圈",
        page=97612,
        readonly=False,
        result=None,
        errors=(41059, 41060, 41067),
    )
    moment_id: str


@define(kw_only=True, eq=False, repr=False)
class MomentListResult(Model):
    """What `moment.list` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    moment_list: list[MomentRecord]
    """The moments."""


@define(kw_only=True, eq=False, repr=False)
class MomentList(PagedCall[MomentListResult, MomentRecord]):
    """Walk what the company and its members posted in a period."""

    endpoint: ClassVar[Endpoint[MomentListResult]] = Endpoint(
        name="moment.list",
        method="POST",
        path="/cgi-bin/externalcontact/get_moment_list",
        title="获取企业全部的发表列表",
        page=93333,
        readonly=True,
        result=MomentListResult,
        paginate=Paginate(items="moment_list", cursor="cursor", next="next_cursor"),
        errors=(50100,),
    )
    start_time: datetime
    end_time: datetime
    creator: UserId | None = None
    filter_type: CreatorFilter | None = None
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=20))

    def items_of(self, page: MomentListResult) -> list[MomentRecord]:
        return page.moment_list

    def after(self, page: MomentListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentGetTaskResult(Model):
    """What `moment.get_task` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    task_list: list[MomentTask]
    """One entry for each member who was asked."""


@define(kw_only=True, eq=False, repr=False)
class MomentGetTask(PagedCall[MomentGetTaskResult, MomentTask]):
    """Walk which members have posted a moment of the company."""

    endpoint: ClassVar[Endpoint[MomentGetTaskResult]] = Endpoint(
        name="moment.get_task",
        method="POST",
        path="/cgi-bin/externalcontact/get_moment_task",
        title="获取客户朋友圈企业发表的列表",
        page=93333,
        readonly=True,
        result=MomentGetTaskResult,
        paginate=Paginate(items="task_list", cursor="cursor", next="next_cursor"),
        errors=(41059, 41060, 41067, 41079, 50100),
    )
    moment_id: str
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: MomentGetTaskResult) -> list[MomentTask]:
        return page.task_list

    def after(self, page: MomentGetTaskResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentGetCustomerListResult(Model):
    """What `moment.get_customer_list` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    customer_list: list[MomentCustomer]
    """The customers chosen."""


@define(kw_only=True, eq=False, repr=False)
class MomentGetCustomerList(PagedCall[MomentGetCustomerListResult, MomentCustomer]):
    """Walk the customers a member chose to show a moment to."""

    endpoint: ClassVar[Endpoint[MomentGetCustomerListResult]] = Endpoint(
        name="moment.get_customer_list",
        method="POST",
        path="/cgi-bin/externalcontact/get_moment_customer_list",
        title="获取客户朋友圈发表时选择的可见范围",
        page=93333,
        readonly=True,
        result=MomentGetCustomerListResult,
        paginate=Paginate(items="customer_list", cursor="cursor", next="next_cursor"),
        errors=(41059, 41060, 41061, 41062, 50100),
    )
    moment_id: str
    userid: UserId
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=1000))

    def items_of(self, page: MomentGetCustomerListResult) -> list[MomentCustomer]:
        return page.customer_list

    def after(self, page: MomentGetCustomerListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentGetSendResultResult(Model):
    """What `moment.get_send_result` returns."""

    next_cursor: str | None = None
    """Where the next page begins; empty at the end."""
    customer_list: list[MomentViewer]
    """The customers it reached."""


@define(kw_only=True, eq=False, repr=False)
class MomentGetSendResult(PagedCall[MomentGetSendResultResult, MomentViewer]):
    """Walk the customers who can see a moment after a member posted it."""

    endpoint: ClassVar[Endpoint[MomentGetSendResultResult]] = Endpoint(
        name="moment.get_send_result",
        method="POST",
        path="/cgi-bin/externalcontact/get_moment_send_result",
        title="获取客户朋友圈发表后的可见客户列表",
        page=93333,
        readonly=True,
        result=MomentGetSendResultResult,
        paginate=Paginate(items="customer_list", cursor="cursor", next="next_cursor"),
        errors=(41059, 41060, 41061, 41062, 50100),
    )
    moment_id: str
    userid: UserId
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=5000))

    def items_of(self, page: MomentGetSendResultResult) -> list[MomentViewer]:
        return page.customer_list

    def after(self, page: MomentGetSendResultResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class MomentGetCommentsResult(Model):
    """What `moment.get_comments` returns."""

    comment_list: list[MomentInteraction]
    """Who commented."""
    like_list: list[MomentInteraction]
    """Who liked it."""


@define(kw_only=True, eq=False, repr=False)
class MomentGetComments(Call[MomentGetCommentsResult]):
    """Read the comments and likes below a moment."""

    endpoint: ClassVar[Endpoint[MomentGetCommentsResult]] = Endpoint(
        name="moment.get_comments",
        method="POST",
        path="/cgi-bin/externalcontact/get_moment_comments",
        title="获取客户朋友圈的互动数据",
        page=93333,
        readonly=True,
        result=MomentGetCommentsResult,
        errors=(41059, 41060, 41061, 41062),
    )
    moment_id: str
    userid: UserId


class MomentCalls:
    """客户朋友圈: the calls of `Client.moment`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add_task(
        self,
        *,
        text: MomentText | None = None,
        attachments: SequenceNotStr[MomentAttachment] | None = None,
        visible_range: MomentVisibleRange | None = None,
    ) -> MomentAddTaskResult:
        """Ask members to post something to their customers' moments.

        创建发表任务: https://developer.work.weixin.qq.com/document/path/95094

        - Starts a job that lives 24 hours; ask `get_task_result` what became of it. Nothing is
          posted until a member confirms.
        - Attachments are up to nine images, or one video, or one link, never mixed; a mixture is
          refused as "invalid attachments msgtype".
        - Every media_id must come from `media.upload_attachment` with attachment_type 1; one from
          `media.upload` is refused (40007).
        - The company may create 10 a minute and 100,000 a month; too many running jobs give 41078.
        - Calling twice creates two tasks.

        Args:
            text: What it says.
            attachments: Images, or one video, or one link. At most 9 items.
            visible_range: Who posts and who sees it. Without it every member in the app's range
                posts, for all of their customers.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41080, 41081, 41082, 41088, 41089, 41090.
            QuotaExceeded: 41078.
            RateLimited: 45009.
        """
        return self._client.send(
            MomentAddTask(text=text, attachments=attachments, visible_range=visible_range)
        )

    def get_task_result(self, *, jobid: str) -> MomentGetTaskOutcomeResult:
        """Ask what became of a job started by `add_task`.

        获取任务创建结果: https://developer.work.weixin.qq.com/document/path/95094

        - `result` counts only when `status` is finished; its errcode is the job's own, apart from
          that of this call.
        - Senders that do not exist or are outside the app's range are left out in silence; they are
          listed in `result.invalid_sender_list`.

        Args:
            jobid: The job, from `add_task`. At most 64 bytes.

        Raises:
            NotFound: 40088.
        """
        return self._client.send(MomentGetTaskOutcome(jobid=jobid))

    def cancel_task(self, *, moment_id: str) -> None:
        """Stop the members who have not posted yet.

        停止发表企业朋友圈: https://developer.work.weixin.qq.com/document/path/97612

        - What is posted already stays.

        Args:
            moment_id: A moment of the company, from `get_task_result` or `list`.

        Raises:
            InvalidArgument: 41059, 41067.
            NotFound: 41060.
        """
        return self._client.send(MomentCancelTask(moment_id=moment_id))

    def list(
        self,
        *,
        start_time: datetime,
        end_time: datetime,
        creator: UserId | None = None,
        filter_type: CreatorFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentListResult, MomentRecord]":
        """Walk what the company and its members posted in a period.

        获取企业全部的发表列表: https://developer.work.weixin.qq.com/document/path/93333

        - The period is open at both ends and spans at most 30 days.
        - Deleted moments are not returned, though the admin site still shows them.

        Args:
            start_time: Moments after this time.
            end_time: Moments before this time, at most 30 days after the start.
            creator: Only moments of this member.
            filter_type: Moments of the company, of members, or both. 2 by default.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 20. 20 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            MomentList(
                start_time=start_time,
                end_time=end_time,
                creator=creator,
                filter_type=filter_type,
                cursor=cursor,
                limit=limit,
            )
        )

    def get_task(
        self,
        *,
        moment_id: str,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentGetTaskResult, MomentTask]":
        """Walk which members have posted a moment of the company.

        获取客户朋友圈企业发表的列表: https://developer.work.weixin.qq.com/document/path/93333

        - Only for moments the company created; one of a member gives 41067.

        Args:
            moment_id: A moment of the company.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.

        Raises:
            Conflict: 41079.
            InvalidArgument: 41059, 41067, 50100.
            NotFound: 41060.
        """
        return self._client.pager(MomentGetTask(moment_id=moment_id, cursor=cursor, limit=limit))

    def get_customer_list(
        self,
        *,
        moment_id: str,
        userid: UserId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentGetCustomerListResult, MomentCustomer]":
        """Walk the customers a member chose to show a moment to.

        获取客户朋友圈发表时选择的可见范围: https://developer.work.weixin.qq.com/document/path/93333

        - These may see it; who can really see it says `get_send_result`.

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059, 50100.
            NotFound: 41060, 41061.
        """
        return self._client.pager(
            MomentGetCustomerList(moment_id=moment_id, userid=userid, cursor=cursor, limit=limit)
        )

    def get_send_result(
        self,
        *,
        moment_id: str,
        userid: UserId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[MomentGetSendResultResult, MomentViewer]":
        """Walk the customers who can see a moment after a member posted it.

        获取客户朋友圈发表后的可见客户列表: https://developer.work.weixin.qq.com/document/path/93333

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 5,000. 3000 by default.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059, 50100.
            NotFound: 41060, 41061.
        """
        return self._client.pager(
            MomentGetSendResult(moment_id=moment_id, userid=userid, cursor=cursor, limit=limit)
        )

    def get_comments(self, *, moment_id: str, userid: UserId) -> MomentGetCommentsResult:
        """Read the comments and likes below a moment.

        获取客户朋友圈的互动数据: https://developer.work.weixin.qq.com/document/path/93333

        - The reply tells who and when, not what was said. There are no pages.

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059.
            NotFound: 41060, 41061.
        """
        return self._client.send(MomentGetComments(moment_id=moment_id, userid=userid))


class AsyncMomentCalls:
    """客户朋友圈: the calls of `AsyncClient.moment`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add_task(
        self,
        *,
        text: MomentText | None = None,
        attachments: SequenceNotStr[MomentAttachment] | None = None,
        visible_range: MomentVisibleRange | None = None,
    ) -> MomentAddTaskResult:
        """Ask members to post something to their customers' moments.

        创建发表任务: https://developer.work.weixin.qq.com/document/path/95094

        - Starts a job that lives 24 hours; ask `get_task_result` what became of it. Nothing is
          posted until a member confirms.
        - Attachments are up to nine images, or one video, or one link, never mixed; a mixture is
          refused as "invalid attachments msgtype".
        - Every media_id must come from `media.upload_attachment` with attachment_type 1; one from
          `media.upload` is refused (40007).
        - The company may create 10 a minute and 100,000 a month; too many running jobs give 41078.
        - Calling twice creates two tasks.

        Args:
            text: What it says.
            attachments: Images, or one video, or one link. At most 9 items.
            visible_range: Who posts and who sees it. Without it every member in the app's range
                posts, for all of their customers.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41080, 41081, 41082, 41088, 41089, 41090.
            QuotaExceeded: 41078.
            RateLimited: 45009.
        """
        return await self._client.send(
            MomentAddTask(text=text, attachments=attachments, visible_range=visible_range)
        )

    async def get_task_result(self, *, jobid: str) -> MomentGetTaskOutcomeResult:
        """Ask what became of a job started by `add_task`.

        获取任务创建结果: https://developer.work.weixin.qq.com/document/path/95094

        - `result` counts only when `status` is finished; its errcode is the job's own, apart from
          that of this call.
        - Senders that do not exist or are outside the app's range are left out in silence; they are
          listed in `result.invalid_sender_list`.

        Args:
            jobid: The job, from `add_task`. At most 64 bytes.

        Raises:
            NotFound: 40088.
        """
        return await self._client.send(MomentGetTaskOutcome(jobid=jobid))

    async def cancel_task(self, *, moment_id: str) -> None:
        """Stop the members who have not posted yet.

        停止发表企业朋友圈: https://developer.work.weixin.qq.com/document/path/97612

        - What is posted already stays.

        Args:
            moment_id: A moment of the company, from `get_task_result` or `list`.

        Raises:
            InvalidArgument: 41059, 41067.
            NotFound: 41060.
        """
        return await self._client.send(MomentCancelTask(moment_id=moment_id))

    def list(
        self,
        *,
        start_time: datetime,
        end_time: datetime,
        creator: UserId | None = None,
        filter_type: CreatorFilter | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentListResult, MomentRecord]":
        """Walk what the company and its members posted in a period.

        获取企业全部的发表列表: https://developer.work.weixin.qq.com/document/path/93333

        - The period is open at both ends and spans at most 30 days.
        - Deleted moments are not returned, though the admin site still shows them.

        Args:
            start_time: Moments after this time.
            end_time: Moments before this time, at most 30 days after the start.
            creator: Only moments of this member.
            filter_type: Moments of the company, of members, or both. 2 by default.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 20. 20 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(
            MomentList(
                start_time=start_time,
                end_time=end_time,
                creator=creator,
                filter_type=filter_type,
                cursor=cursor,
                limit=limit,
            )
        )

    def get_task(
        self,
        *,
        moment_id: str,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentGetTaskResult, MomentTask]":
        """Walk which members have posted a moment of the company.

        获取客户朋友圈企业发表的列表: https://developer.work.weixin.qq.com/document/path/93333

        - Only for moments the company created; one of a member gives 41067.

        Args:
            moment_id: A moment of the company.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.

        Raises:
            Conflict: 41079.
            InvalidArgument: 41059, 41067, 50100.
            NotFound: 41060.
        """
        return self._client.pager(MomentGetTask(moment_id=moment_id, cursor=cursor, limit=limit))

    def get_customer_list(
        self,
        *,
        moment_id: str,
        userid: UserId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentGetCustomerListResult, MomentCustomer]":
        """Walk the customers a member chose to show a moment to.

        获取客户朋友圈发表时选择的可见范围: https://developer.work.weixin.qq.com/document/path/93333

        - These may see it; who can really see it says `get_send_result`.

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 1,000. 500 by default.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059, 50100.
            NotFound: 41060, 41061.
        """
        return self._client.pager(
            MomentGetCustomerList(moment_id=moment_id, userid=userid, cursor=cursor, limit=limit)
        )

    def get_send_result(
        self,
        *,
        moment_id: str,
        userid: UserId,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[MomentGetSendResultResult, MomentViewer]":
        """Walk the customers who can see a moment after a member posted it.

        获取客户朋友圈发表后的可见客户列表: https://developer.work.weixin.qq.com/document/path/93333

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.
            cursor: Where to go on.
            limit: Page size. WeCom takes the default in place of a number that is too large. At
                most 5,000. 3000 by default.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059, 50100.
            NotFound: 41060, 41061.
        """
        return self._client.pager(
            MomentGetSendResult(moment_id=moment_id, userid=userid, cursor=cursor, limit=limit)
        )

    async def get_comments(self, *, moment_id: str, userid: UserId) -> MomentGetCommentsResult:
        """Read the comments and likes below a moment.

        获取客户朋友圈的互动数据: https://developer.work.weixin.qq.com/document/path/93333

        - The reply tells who and when, not what was said. There are no pages.

        Args:
            moment_id: A moment.
            userid: The member who posted it: one from `get_task` for a moment of the company, its
                creator for one of a member.

        Raises:
            Conflict: 41062.
            InvalidArgument: 41059.
            NotFound: 41060, 41061.
        """
        return await self._client.send(MomentGetComments(moment_id=moment_id, userid=userid))
