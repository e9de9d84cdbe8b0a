"""Day 6: let members publish a moment, and collect who published it, who sees it and who answered.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python day6_moment.py launch.job "新品上市" poster.png zhangsan lisi

The first file remembers the job: broken off or run again, it follows that one and makes no other moment. Members must
publish it themselves, so it says every half hour for whom it waits, a day long.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wecom_contact import (
    AsyncClient,
    Conflict,
    MomentImageAttachment,
    MomentSenders,
    MomentText,
    MomentVisibleRange,
)
from wecom_contact.media import AttachmentMediaType, AttachmentUse
from wecom_contact.moment import (
    MomentJobStatus,
    MomentPublishStatus,
    MomentTask,
    MomentTaskOutcome,
)

DISPATCHING = 41079
POLL = timedelta(seconds=15)
PAUSE = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(hours=24)

Sleep = Callable[[float], Awaitable[object]]


@dataclass
class Echo:
    """What came of one member's moment."""

    userid: str
    viewers: int
    comments: list[str]
    """Ids of the customers (and members) who wrote something."""
    likes: list[str]


@dataclass
class Published:
    """What came of the moment."""

    moment_id: str
    left_out: list[str] = field(default_factory=list)
    """Members whom WeCom does not ask: they left, or have no customer contact."""
    echoes: list[Echo] = field(default_factory=list)
    not_published: list[str] = field(default_factory=list)


async def main(
    wecom: AsyncClient,
    memory: Path,
    text: str,
    picture: Path,
    userids: Sequence[str],
    sleep: Sleep = asyncio.sleep,
    say: Callable[[str], object] = lambda words: None,
) -> Published:
    """Publish, wait for the members for a day at most, and collect; `say` is told what it waits for."""
    if not memory.exists():
        memory.write_text(await start(wecom, text, picture, userids), "utf-8")
    outcome, left_out = await result_of(wecom, memory.read_text("utf-8"), sleep, say)
    if not outcome.moment_id:
        raise RuntimeError(f"no moment: {outcome.errcode} {outcome.errmsg}")
    published = Published(outcome.moment_id, left_out)
    done = await wait_for_members(wecom, published, sleep, say)
    # Every member has customers of their own, so each is asked about.
    echoes = [echo_of(wecom, published.moment_id, userid) for userid in done]
    published.echoes = list(await asyncio.gather(*echoes))
    return published


async def start(wecom: AsyncClient, text: str, picture: Path, userids: Sequence[str]) -> str:
    """Start the job that asks the members to publish; returns its id."""
    # The media of moments come from upload_attachment; those of messages from upload.
    image = await wecom.media.upload_attachment(
        media_type=AttachmentMediaType.IMAGE, attachment_type=AttachmentUse.MOMENT, media=picture
    )
    job = await wecom.moment.add_task(
        text=MomentText(content=text),
        attachments=[MomentImageAttachment(media_id=image.media_id)],
        visible_range=MomentVisibleRange(sender_list=MomentSenders(user_list=userids)),
    )
    return job.jobid


async def result_of(
    wecom: AsyncClient, jobid: str, sleep: Sleep, say: Callable[[str], object]
) -> tuple[MomentTaskOutcome, list[str]]:
    """Wait for the job; its result counts only when it is finished, and lives a day."""
    while True:
        job = await wecom.moment.get_task_result(jobid=jobid)
        if job.status == MomentJobStatus.FINISHED and job.result is not None:
            return job.result, [str(each) for each in job.failures]
        say(f"WeCom is making the moment; asking again in {POLL.total_seconds():.0f} seconds")
        await sleep(POLL.total_seconds())


async def wait_for_members(
    wecom: AsyncClient, published: Published, sleep: Sleep, say: Callable[[str], object]
) -> list[str]:
    """Who has published the moment, once all have, or after a day."""
    waited = timedelta()
    while True:
        tasks = await tasks_of(wecom, published.moment_id, sleep, say)
        status = {each.userid: each.publish_status for each in tasks}
        done = [each for each in status if status[each] == MomentPublishStatus.PUBLISHED]
        published.not_published = [each for each in status if each not in done]
        if not published.not_published or waited >= GIVE_UP_AFTER:
            return done
        say(
            f"{len(published.not_published)} of {len(status)} members have not published it "
            f"({', '.join(published.not_published)}); "
            f"looking again in {PAUSE.total_seconds() / 60:.0f} minutes"
        )
        await sleep(PAUSE.total_seconds())
        waited += PAUSE


async def tasks_of(
    wecom: AsyncClient, moment_id: str, sleep: Sleep, say: Callable[[str], object]
) -> list[MomentTask]:
    """Which members have published it. A new moment cannot be asked about while it is dispatched."""
    while True:
        try:
            return [task async for task in wecom.moment.get_task(moment_id=moment_id)]
        except Conflict as error:
            if error.code != DISPATCHING:
                raise
        say(f"WeCom is still dispatching it; asking again in {POLL.total_seconds():.0f} seconds")
        await sleep(POLL.total_seconds())


async def echo_of(wecom: AsyncClient, moment_id: str, userid: str) -> Echo:
    """Who sees one member's moment, and who answered."""
    viewers = wecom.moment.get_send_result(moment_id=moment_id, userid=userid)
    count = len([each async for each in viewers])
    said = await wecom.moment.get_comments(moment_id=moment_id, userid=userid)
    comments = [each.external_userid or each.userid or "" for each in said.comment_list]
    likes = [each.external_userid or each.userid or "" for each in said.like_list]
    return Echo(userid, count, comments, likes)


async def run(memory: str, text: str, picture: str, *userids: str) -> None:
    """Do it, and say so."""
    async with connect_async() as wecom:
        published = await main(
            wecom,
            Path(memory),
            text,
            Path(picture),
            userids,
            say=lambda words: print(words, flush=True),
        )
    for echo in published.echoes:
        print(
            f"{echo.userid}: {echo.viewers} customers see it, "
            f"{len(echo.comments)} comments, {len(echo.likes)} likes"
        )
    for userid in published.not_published:
        print(f"{userid}: did not publish it")
    if published.left_out:
        print("left out:", ", ".join(published.left_out))


if __name__ == "__main__":
    from connecting import connect_async

    asyncio.run(run(*sys.argv[1:]))
