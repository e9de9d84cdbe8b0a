"""What is uploaded: formats, sizes, kinds, and what is fetched from a web server."""

import hashlib
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from wecom_contact import events
from wecom_contact.testing import Reply, Simulator

from simulator.asking import MP4, PNG, Asker, send, suite_app
from simulator.rules import rule

MB = 1024 * 1024
PDF = b"%PDF-1.7 and so on"
TEXT = {"content": "上新了"}


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(5)


def jpg(width: int, height: int, mark: int = 0xC0) -> bytes:
    """With a segment before the one that says how large it is."""
    head = b"\xff\xd8\xff\xe0" + struct.pack(">H", 6) + b"JFIF"
    return head + bytes((0xFF, mark)) + struct.pack(">HBHH", 11, 8, height, width) + bytes(4)


def mp4(seconds: float, wide: bool = False) -> bytes:
    if wide:
        head = b"\1\0\0\0" + bytes(16) + struct.pack(">IQ", 1000, round(seconds * 1000))
    else:
        head = bytes(12) + struct.pack(">II", 1000, round(seconds * 1000))
    return MP4 + b"mvhd" + head


def uploaded(ask: Asker, kind: str, use: int = 0) -> str:
    content = {"image": PNG, "video": MP4, "file": PDF}[kind]
    if use:
        words = {"media_type": kind, "attachment_type": use}
        said = ask.good("media.upload_attachment", content, **words)
    else:
        said = ask.good("media.upload", content, type=kind)
    return str(said["media_id"])


@rule(
    "95098",
    "A picture for moments has at most 10,800 by 1,080 pixels (41081), a video lasts at most 30 "
    "seconds (41082).",
    "朋友圈图片长边不超过 10800 像素、短边不超过 1080 像素（41081），视频不超过 30 秒（41082）。",
)
@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (png(10_800, 1080), "image", 0),
        (png(1080, 10_800), "image", 0),
        (png(10_801, 1080), "image", 41081),
        (png(1081, 1081), "image", 41081),
        (png(10_801, 1)[:23], "image", 0),
        (PNG, "image", 0),
        (jpg(10_800, 1080), "image", 0),
        (jpg(1080, 10_801), "image", 41081),
        (jpg(10_801, 1080, mark=0xC2), "image", 41081),
        (jpg(10_801, 1080, mark=0xC4), "image", 0),
        (mp4(30), "video", 0),
        (mp4(30.001), "video", 41082),
        (mp4(30, wide=True), "video", 0),
        (mp4(30.001, wide=True), "video", 41082),
        (mp4(31)[:-1], "video", 0),
        (mp4(31).replace(struct.pack(">I", 1000), bytes(4)), "video", 0),
    ],
)
def test_pictures_and_videos_for_moments_have_limits(
    ask: Asker, content: bytes, kind: str, code: int
) -> None:
    words = {"media_type": kind, "attachment_type": 1}
    assert ask.code("media.upload_attachment", content, **words) == code
    album = {"media_type": kind, "attachment_type": 2}
    assert ask.code("media.upload_attachment", content, **album) == 0


@pytest.mark.parametrize(
    ("call", "words", "head", "most", "code"),
    [
        ("media.upload", {"type": "image"}, PNG, 10 * MB, 45001),
        ("media.upload", {"type": "video"}, MP4, 10 * MB, 45001),
        ("media.upload", {"type": "file"}, PDF, 20 * MB, 45001),
        ("media.upload_image", {}, PNG, 2 * MB, 40009),
        (
            "media.upload_attachment",
            {"media_type": "image", "attachment_type": 1},
            PNG,
            10 * MB,
            41080,
        ),
    ],
)
def test_a_file_may_have_its_largest_size_and_no_byte_more(
    ask: Asker, call: str, words: dict[str, Any], head: bytes, most: int, code: int
) -> None:
    whole = head + bytes(most - len(head))
    assert ask.code(call, whole, **words) == 0
    assert ask.code(call, whole + b"\0", **words) == code
    assert ask.code(call, b"12345", **words) == 40006


def message(kind: str, media_id: str) -> dict[str, Any]:
    if kind == "miniprogram":
        card = {"title": "t", "pic_media_id": media_id, "appid": "wx", "page": "p"}
        return {"msgtype": kind, kind: card}
    return {"msgtype": kind, kind: {"media_id": media_id}}


@rule(
    "95098",
    "An attachment that was uploaded with another media_type is refused (41072).",
    "附件资源的 media_type 与使用场景不符会被拒绝（41072）。",
)
def test_attachments_are_of_the_kind_that_is_posted(corp: Simulator, ask: Asker) -> None:
    corp.add_member("zhangsan")
    picture, film = (uploaded(ask, kind, use=1) for kind in ("image", "video"))

    def posted(kind: str, media_id: str, **more: str) -> int:
        attachment = {"msgtype": kind, kind: {"media_id": media_id, **more}}
        return ask.code("moment.add_task", attachments=[attachment])

    assert (posted("image", picture), posted("video", film)) == (0, 0)
    assert (posted("image", film), posted("video", picture)) == (41072, 41072)
    assert posted("link", film, url="https://a.example") == 41072, "a cover is an image"
    document = [{"type": "image", "image": {"media_id": uploaded(ask, "file", use=2)}}]
    product = {"description": "好东西", "price": 1}
    assert ask.code("product_album.add", **product, attachments=document) == 41072


class TestDownload:
    """Large files come in parts."""

    def get(self, corp: Simulator, ask: Asker, size: int, range_: str = "") -> Reply:
        media = corp.add_media(bytes(size), "large.bin", type="file", use=3)
        query = {"access_token": ask.token, "media_id": media.media_id}
        headers = {"range": range_} if range_ else {}
        return send(corp, "GET", "/cgi-bin/media/get", query, headers=headers)

    @rule(
        "90254",
        "A file of more than 20 MB is downloaded by Range, in parts of at most 20 MB (830002).",
        "超过 20M 的文件须用 Range 分块下载，分块不超过 20M（830002）。",
    )
    @pytest.mark.parametrize(
        ("size", "range_", "length"),
        [
            (20 * MB, "", 20 * MB),
            (20 * MB + 1, "", None),
            (20 * MB + 1, "bytes=0-20971519", 20 * MB),
            (20 * MB + 1, "bytes=0-20971520", None),
            (20 * MB + 1, "bytes=1-", 20 * MB),
            (20 * MB + 1, "bytes=0-", None),
        ],
    )
    def test_at_most_20_megabytes_come_at_once(
        self, corp: Simulator, ask: Asker, size: int, range_: str, length: int | None
    ) -> None:
        reply = self.get(corp, ask, size, range_)
        if length is None:
            assert json.loads(reply.body)["errcode"] == 830002
            assert corp.calls[-1].errcode == 830002
        else:
            assert (len(reply.body), reply.status) == (length, 206 if range_ else 200)

    def test_a_part_that_begins_after_the_end_is_none(self, corp: Simulator, ask: Asker) -> None:
        reply = self.get(corp, ask, 10, "bytes=10-")
        assert (reply.status, reply.body) == (416, b"")
        assert reply.headers["Content-Range"] == "bytes */10"


class TestByUrl:
    """Files on somebody's web server."""

    URL = "https://files.example/film.mp4"

    def job(self, ask: Asker, content: bytes = b"") -> str:
        words = {"scene": 1, "type": "file", "filename": "a.mp4", "url": self.URL}
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
        return str(ask.good("media.upload_by_url", **words, md5=md5)["jobid"])

    @rule(
        "96219",
        "A file that cannot be fetched ends in status 3 and its code: 830001, 830003, 45001, "
        "301019.",
        "异步上传失败时 status 为 3，并给出错误码：830001、830003、45001、301019。",
        does=(
            "what `corp.add_remote_file` put there is fetched, what lies at other URLs is invented",
            "拉取 `corp.add_remote_file` 给定的文件，其他 URL 的内容为虚构",
        ),
    )
    @pytest.mark.parametrize(
        ("arrange", "code"),
        [
            (lambda corp, url: corp.add_remote_file(url, PDF), 0),
            (lambda corp, url: corp.add_remote_file(url, PDF, ranges=False), 830001),
            (lambda corp, url: corp.add_remote_file(url, None), 830003),
            (lambda corp, url: corp.add_remote_file(url, PDF[:5]), 45001),
            (lambda corp, url: corp.add_remote_file(url, PDF + b"!"), 301019),
        ],
    )
    def test_what_went_wrong_is_told(
        self,
        corp: Simulator,
        ask: Asker,
        arrange: Callable[[Simulator, str], object],
        code: int,
    ) -> None:
        arrange(corp, self.URL)
        id = {"jobid": self.job(ask, PDF)}
        corp.clock.advance(minutes=1)
        said = ask.good("media.get_upload_by_url_result", **id)
        assert (said["status"], said["detail"]["errcode"]) == (3 if code else 2, code)
        assert ("media_id" in said["detail"]) == (code == 0)
        if not code:
            assert ask.reply("media.get", media_id=said["detail"]["media_id"]).body == PDF
        assert isinstance(corp.callbacks.events[-1], events.MediaUploadFinished)

    @rule(
        "96219",
        "The end of an upload by URL is told to the app that asked for it alone.",
        "异步上传的结果只回调给发起任务的应用。",
    )
    def test_its_end_is_told_to_the_app_that_asked(self, corp: Simulator, ask: Asker) -> None:
        key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        crm = corp.add_app("crm")
        for app in (corp.app, crm, corp.suite):
            corp.callback_to("http://127.0.0.1:9/", token="t", aes_key=key, app=app, tries=1)
        for app, name in ((corp.app, corp.app.name), (crm, "crm"), (suite_app(corp), "suite")):
            self.job(Asker(corp, app))
            corp.clock.advance(minutes=1)
            assert corp.callbacks.deliveries[-1].app == name
        assert len(corp.callbacks.deliveries) == 3
