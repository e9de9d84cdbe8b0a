"""Uploads, which live three days, and what is made of them.

Hand-written: edit codegen/surfaces/testing/_calls/media.py.
"""

from collections.abc import Mapping

from .._answers import Ask, Upload, answers
from .._ids import digest
from .._limits import DAY
from .._refusals import Refusal
from .._things import Data, Job, Media
from .moments import job_of, look, start

MB = 1024 * 1024
LARGEST: Mapping[str, int] = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
VOICE = b"#!AMR\n"
FRAMES = (12, 13, 15, 17, 19, 20, 26, 31, 5)
"""Bytes of a frame of AMR after its first, by its mode; a frame is 20 milliseconds."""
LONGEST = 60_000 // 20
"""Frames of the longest voice."""


def file_of(ask: Ask) -> Upload:
    """The file of an upload, which must not be tiny."""
    if ask.file is None or not ask.file.content:
        raise Refusal(44001)
    if len(ask.file.content) <= 5:
        raise Refusal(40006)
    return ask.file


def check_image(file: Upload) -> None:
    if not file.content.startswith(IMAGES):
        raise Refusal(40123)


def check_voice(file: Upload) -> None:
    if not file.content.startswith(VOICE):
        raise Refusal(301017)
    at, frames = len(VOICE), 0
    while at < len(file.content):
        mode = file.content[at] >> 3 & 15
        at += 1 + (FRAMES[mode] if mode < len(FRAMES) else 0)
        frames += 1
    if frames > LONGEST:
        raise Refusal(45007)


def keep(ask: Ask, kind: str, use: int, too_large: int, no_video: int) -> Media:
    file = file_of(ask)
    if len(file.content) > LARGEST[kind]:
        raise Refusal(too_large)
    if kind == "image":
        check_image(file)
    elif kind == "voice":
        check_voice(file)
    elif kind == "video" and file.content[4:8] != b"ftyp":
        raise Refusal(no_video)
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


@answers("media.upload_by_url")
def upload_by_url(ask: Ask) -> Data:
    corp = ask.corp
    kind = ask["type"]
    job = Job(f"job{corp.ids.body('job', 40)}", "upload", corp.clock.seconds(), {})
    start(corp, job)
    code = corp.manner.upload_errcode
    if code:
        job.result = {"errcode": code, "errmsg": Refusal(code).words}
        return {"jobid": job.id}
    # Nothing is fetched: the simulator talks to nobody but those who call it.
    job.media = Media(
        f"3*1*{corp.ids.body('media', 40)}",
        kind,
        ask["filename"],
        "video/mp4" if kind == "video" else "application/octet-stream",
        f"simulated content of {ask['url']}".encode(),
        corp.clock.seconds(),
        3,
    )
    return {"jobid": job.id}


@answers("media.get_upload_by_url_result")
def get_upload_by_url_result(ask: Ask) -> Data:
    job = job_of(ask, "upload")
    if look(ask.corp, job) < 3:
        return {"status": 1}
    if job.media is None:
        return {"status": 3, "detail": job.result}
    detail = {
        "errcode": 0,
        "errmsg": "ok",
        "media_id": job.media.media_id,
        "created_at": str(job.media.created_at),
    }
    return {"status": 2, "detail": detail}
