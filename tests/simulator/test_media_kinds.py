"""Uploads are of a kind: their bytes must be of it, and only it may stand where it is asked for."""

from collections.abc import Iterator
from typing import Any

import pytest
from wecom_contact.testing import Customer, Simulator

from simulator.asking import MP4, PNG, HttpAsker, voice
from simulator.rules import rule

KINDS = ("image", "voice", "video", "file")


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def wang(corp: Simulator) -> Customer:
    corp.add_member("zhangsan")
    return corp.customer_adds("zhangsan", name="王五").customer


def places(corp: Simulator, wang: Customer) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    """Where a media_id may stand: the call, the kind it must be of, its use, and the request."""
    text = {"content": "您好"}
    card = {"title": "t", "appid": "wx1", "page": "p"}
    wanted = {
        "image": ("image", {"media_id": ""}),
        "video": ("video", {"media_id": ""}),
        "file": ("file", {"media_id": ""}),
        "miniprogram": ("image", {**card, "pic_media_id": ""}),
    }
    for part, (kind, payload) in wanted.items():
        attachment = {"attachments": [{"msgtype": part, part: payload}]}
        corp.customer_adds("zhangsan")
        yield "welcome.send", kind, 0, {"welcome_code": [*corp.welcome_codes][-1], **attachment}
        yield "group_msg.add_template", kind, 0, {"text": text, "sender": "zhangsan", **attachment}
        yield "group_welcome_template.add", kind, 0, {part: payload}
        if part in ("image", "miniprogram"):
            way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
            yield "contact_way.add", kind, 0, {**way, "conclusions": {part: payload}}
    for part, payload in (
        ("image", {"media_id": ""}),
        ("video", {"media_id": ""}),
        ("link", {"url": "https://example.com", "media_id": ""}),
    ):
        kind = "video" if part == "video" else "image"
        yield "moment.add_task", kind, 1, {"attachments": [{"msgtype": part, part: payload}]}
    product = {"description": "茶", "price": 1}
    picture = {"type": "image", "image": {"media_id": ""}}
    yield "product_album.add", "image", 2, {**product, "attachments": [picture]}
    pair = {"userid": "zhangsan", "external_userid": wang.external_userid}
    yield "customer.remark", "image", 0, {**pair, "remark_pic_mediaid": ""}


def filled(data: Any, media_id: str) -> Any:
    """The same request with a media_id where there was none."""
    if isinstance(data, dict):
        return {key: filled(value, media_id) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, media_id) for value in data]
    return data or media_id


@rule(
    "90313",
    "A media_id is of the kind that is asked for: no voice as an image, no image as a file, no video "
    "as a cover (40007; 41072 in moments and products).",
    "media_id 的类型须符合要求：不能把语音当图片、把图片当文件、把视频当封面（40007；朋友圈和商品图册为 41072）。",
)
def test_a_media_id_of_another_kind_is_refused_everywhere(
    corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    for name, wanted, use, request in places(corp, wang):
        for kind in sorted(KINDS, key=lambda kind: kind == wanted):
            media_id = corp.add_media(b"content", type=kind, use=use).media_id
            code = ask.code(name, **filled(request, media_id))
            refused = 41072 if use else 40007
            assert code == (0 if kind == wanted else refused), (name, wanted, kind)


def test_a_file_that_was_fetched_by_url_is_of_its_kind_too(corp: Simulator, ask: HttpAsker) -> None:
    fetched = corp.add_media(b"content", type="file", use=3).media_id
    assert ask.code("group_welcome_template.add", video={"media_id": fetched}) == 40007
    ask.good("group_welcome_template.add", file={"media_id": fetched})
    card = {"title": "t", "appid": "wx1", "page": "p", "pic_media_id": fetched}
    assert ask.code("group_welcome_template.add", miniprogram=card) == 40007


@rule(
    "90253",
    "An image is a JPG or PNG (40123), a voice an AMR (301017) of at most 60 seconds (45007), a video an MP4 "
    "(40004, of `media.upload_attachment` 41090); a file may be anything.",
    "图片须为 JPG 或 PNG（40123），语音须为 AMR（301017）且不超过 60 秒（45007），视频须为 MP4"
    "（40004，`media.upload_attachment` 为 41090），普通文件不限。",
    does=("40004 is a guess for a video", "视频的 40004 为推测"),
)
def test_an_upload_is_what_it_says_it_is(ask: HttpAsker) -> None:
    files = {"image": PNG, "voice": voice(60), "video": MP4, "file": b"anything"}
    wrong = {"image": 40123, "voice": 301017, "video": 40004}
    for kind in KINDS:
        for other, content in files.items():
            code = 0 if other == kind else wrong.get(kind, 0)
            assert ask.code("media.upload", content, type=kind) == code, (kind, other)
    assert ask.code("media.upload", voice(60.02), type="voice") == 45007
    assert ask.code("media.upload", voice(4000), type="voice") == 45001, "more than 2 MB"
    assert ask.code("media.upload", b"#!AMR\n" + b"\x7c" * 3000, type="voice") == 0, "no data"
    call = "media.upload_attachment"
    for use in (1, 2):
        words = {"media_type": "video", "attachment_type": use}
        assert ask.code(call, PNG, **words) == 41090
        ask.good(call, MP4, **words)
