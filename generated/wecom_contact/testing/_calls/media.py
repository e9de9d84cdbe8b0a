"""Uploads, which live three days, and what is made of them.

Hand-written: edit codegen/surfaces/testing/_calls/media.py.
"""

import hashlib
from collections.abc import Mapping

from .._answers import Ask, Upload, answers
from .._files import (
    is_picture,
    is_video,
    is_voice,
    picture_size,
    video_seconds,
    voice_seconds,
)
from .._ids import digest
from .._limits import DAY
from .._refusals import Refusal
from .._things import Data, Job, Media, RemoteFile
from .moments import job_of, look, start

MB = 1024 * 1024
LARGEST: Mapping[str, int] = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
LARGEST_BY_URL = 200 * MB
LONG_SIDE, SHORT_SIDE = 10_800, 1080
"""Pixels of a picture for moments."""
LONGEST = 30
"""Seconds of a video for moments."""
LONGEST_VOICE = 60
"""Seconds of a voice."""


def file_of(ask: Ask) -> Upload:
    """The file of an upload, which must not be tiny."""
    if ask.file is None or not ask.file.content:
        raise Refusal(44001)
    if len(ask.file.content) <= 5:
        raise Refusal(40006)
    return ask.file


def check_image(file: Upload) -> None:
    if not is_picture(file.content):
        raise Refusal(40123)


def check_format(file: Upload, kind: str, no_video: int) -> None:
    """Refuse a file that is not of the kind that it is uploaded as."""
    if kind == "image":
        check_image(file)
    elif kind == "voice":
        if not is_voice(file.content):
            raise Refusal(301017)
        if voice_seconds(file.content) > LONGEST_VOICE:
            raise Refusal(45007)
    elif kind == "video" and not is_video(file.content):
        raise Refusal(no_video)


def check_for_moments(file: Upload, kind: str) -> None:
    """Refuse a picture with too many pixels and a video that is too long."""
    if kind == "image":
        sides = sorted(picture_size(file.content) or (0, 0))
        if sides[0] > SHORT_SIDE or sides[1] > LONG_SIDE:
            raise Refusal(41081, f"{sides[1]} by {sides[0]} pixels")
    elif (video_seconds(file.content) or 0) > LONGEST:
        raise Refusal(41082)


def keep(ask: Ask, kind: str, use: int, too_large: int, no_video: int) -> Media:
    file = file_of(ask)
    if len(file.content) > LARGEST[kind]:
        raise Refusal(too_large)
    check_format(file, kind, no_video)
    if use == 1:
        check_for_moments(file, kind)
    return ask.corp.add_media(
        file.content, file.name, type=kind, content_type=file.content_type, use=use
    )


@answers("media.upload")
def upload(ask: Ask) -> Data:
    media = keep(ask, ask["type"], 0, 45001, 40004)
    # A string here, a number in upload_attachment.
    return {"type": media.type, "media_id": media.media_id, "created_at": str(media.created_at)}


@answers("media.upload_attachment")
def upload_attachment(ask: Ask) -> Data:
    if ask["attachment_type"] == 1 and ask["media_type"] == "file":
        raise Refusal(40005, "moments have images and videos")
    media = keep(ask, ask["media_type"], ask["attachment_type"], 41080, 41090)
    return {"type": media.type, "media_id": media.media_id, "created_at": media.created_at}


@answers("media.upload_image")
def upload_image(ask: Ask) -> Data:
    corp = ask.corp
    file = file_of(ask)
    if len(file.content) > 2 * MB:
        raise Refusal(40009)
    check_image(file)
    now = corp.clock.seconds()
    limits = corp.limits
    today = sum(each > now - DAY for each in corp.image_times)
    month = sum(each > now - 30 * DAY for each in corp.image_times)
    if limits.quotas and (today >= limits.images_a_day or month >= limits.images_a_month):
        raise Refusal(45009)
    corp.image_times.append(now)
    url = f"https://wework.qpic.cn/wwpic/{digest(file.content, length=24)}/0"
    corp.image_urls.add(url)
    return {"url": url}


@answers("media.get")
def get(ask: Ask) -> Media:
    media = ask.corp.media.get(ask["media_id"])
    return ask.corp.media_of(ask["media_id"], 0 if media is None else media.use)


def fault_of(file: RemoteFile, md5: str) -> int:
    """Why a file cannot be fetched from its server; 0 if it can."""
    if not file.ranges:
        return 830001
    if file.content is None:
        return 830003
    if not 5 < len(file.content) <= LARGEST_BY_URL:
        return 45001
    same = hashlib.md5(file.content, usedforsecurity=False).hexdigest() == md5.lower()
    return 0 if same else 301019


@answers("media.upload_by_url")
def upload_by_url(ask: Ask) -> Data:
    corp = ask.corp
    kind = ask["type"]
    job = Job(f"job{corp.ids.body('job', 40)}", "upload", corp.clock.seconds(), {}, app=ask.app)
    # Nothing is fetched: the simulator talks to nobody but those who call it.
    content: bytes | None = f"simulated content of {ask['url']}".encode()
    file = corp.remote_files.get(ask["url"])
    if file is not None:
        content, job.fault = file.content, fault_of(file, ask["md5"])
    if content is not None and not job.fault:
        job.media = Media(
            f"3*1*{corp.ids.body('media', 40)}",
            kind,
            ask["filename"],
            "video/mp4" if kind == "video" else "application/octet-stream",
            content,
            corp.clock.seconds(),
            3,
        )
    start(corp, job)
    return {"jobid": job.id}


@answers("media.get_upload_by_url_result")
def get_upload_by_url_result(ask: Ask) -> Data:
    job = job_of(ask, "upload")
    if look(ask.corp, job) < 3:
        return {"status": 1}
    if job.media is None:
        failed = Refusal(job.fault)
        return {"status": 3, "detail": {"errcode": failed.code, "errmsg": failed.words}}
    detail = {
        "errcode": 0,
        "errmsg": "ok",
        "media_id": job.media.media_id,
        "created_at": str(job.media.created_at),
    }
    return {"status": 2, "detail": detail}
