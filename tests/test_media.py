"""Files out and in: what stands on the wire, and what stays on the disk when something breaks."""

import io
import os
import re
import tempfile
from encodings.aliases import aliases
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from serving import OK, Cut, Reply, Request, Server, Sync, WeCom, says
from wecom_contact import Upload
from wecom_contact._runtime.media import PEEK, Download, Multipart, Sink, filename, safe_filename
from wecom_contact.errors import (
    APIError,
    Busy,
    NotFound,
    ProtocolError,
    RefusedArgument,
    StaleToken,
    TransportError,
)
from wecom_contact.media import MediaGet, MediaType, MediaUpload, MediaUploadImage

UPLOAD = "/cgi-bin/media/upload"
GET = "/cgi-bin/media/get"
DONE = Reply({**OK, "type": "file", "media_id": "M", "created_at": "1380000000"})


@pytest.fixture
def wecom() -> WeCom:
    made = WeCom()
    made.answers[UPLOAD] = DONE
    return made


def parts(request: Request) -> tuple[str, bytes]:
    """The head and the content of the one part; the rest is checked."""
    found = re.fullmatch(r"multipart/form-data; boundary=(\S+)", request.headers["content-type"])
    assert found
    boundary = found[1].encode()
    assert request.body.startswith(b"--" + boundary + b"\r\n")
    assert request.body.endswith(b"\r\n--" + boundary + b"--\r\n")
    assert "transfer-encoding" not in request.headers
    inner = request.body[len(boundary) + 4 : -len(boundary) - 8]
    head, _, content = inner.partition(b"\r\n\r\n")
    return head.decode(), content


def send(colour: Any, server: Server, media: Any) -> tuple[str, bytes]:
    with colour(server.url) as client:
        found = client.send(MediaUpload(type=MediaType.FILE, media=media))
        assert found.media_id == "M"
    request = server.requests[-1]
    assert (request.query["type"], request.path) == ("file", UPLOAD)
    return parts(request)


def test_a_file_is_sent_by_its_path_with_its_name(
    colour: Any, server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "中文 报告.pdf"
    content = os.urandom(3_000_000)
    path.write_bytes(content)
    for given in (path, str(path)):
        head, sent = send(colour, server, given)
        assert sent == content
        assert 'name="media"; filename="中文 报告.pdf"; filelength=3000000' in head
        assert head.endswith("Content-Type: application/pdf")


def test_bytes_and_files(colour: Any, server: Server, tmp_path: Path) -> None:
    for kind in (bytes, bytearray, memoryview):
        head, sent = send(colour, server, Upload(kind(b"bytes!"), "a"))
        assert (sent, head.endswith("Content-Type: application/octet-stream")) == (b"bytes!", True)
    head, sent = send(colour, server, Upload(b"bytes!", 'a"b\r\n\\c.PNG', "x/y"))
    assert 'filename="a%22b%0D%0A\\c.PNG"' in head
    assert head.endswith("Content-Type: x/y")
    path = tmp_path / "file.amr"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        file.read(4)
        head, sent = send(colour, server, file)
        assert (sent, 'filename="file.amr"' in head) == (b"456789", True)
        assert not file.closed
    head, sent = send(colour, server, Upload(str(path), "other.txt"))
    assert (sent, 'filename="other.txt"' in head) == (b"0123456789", True)
    assert send(colour, server, Upload(io.BytesIO(b"memory"), "a"))[1] == b"memory"


def test_a_pipe_is_sent_though_its_length_is_unknown(colour: Any, server: Server) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        assert send(colour, server, Upload(file, "a"))[1] == b"through a pipe"


def test_an_upload_begins_again(colour: Any, wecom: WeCom, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(os.urandom(700_000))
    wecom.answers[UPLOAD] = [says(-1), DONE]
    with colour(server.url) as client, path.open("rb") as file:
        client.raw("GET", "/warm")
        wecom.expire()
        client.send(MediaUpload(type=MediaType.FILE, media=file))
    uploads = server.asked(UPLOAD)
    assert len(uploads) == 3, "a stale token, a busy server, and a success"
    assert {parts(each) for each in uploads} == {parts(uploads[0])}
    assert parts(uploads[0])[1] == path.read_bytes()


def test_an_upload_that_broke_is_not_repeated(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[UPLOAD] = Cut()
    with colour(server.url) as client, pytest.raises(TransportError):
        client.send(MediaUpload(type=MediaType.FILE, media=Upload(b"123456", "a")))
    assert len(server.asked(UPLOAD)) == 1


def test_files_that_cannot_be_read(colour: Any, server: Server, tmp_path: Path) -> None:
    class Bad(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("bad sector")

    class Short(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b""

    with colour(server.url) as client:
        client.raw("GET", "/warm")
        for media, error in (
            (Upload(Bad(b"123456"), "a"), "bad sector"),
            (Upload(Short(b"123456"), "a"), "shorter"),
            (tmp_path / "none", "none"),
        ):
            with pytest.raises(OSError, match=error) as caught:
                client.send(MediaUploadImage(media=media))
            assert not isinstance(caught.value, TransportError)
        assert client.raw("GET", "/warm") == OK


class Sought:
    """Part of a file, which can be neither read nor written."""

    def seekable(self) -> bool:
        return True


def test_what_is_no_file(colour: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("123456", "utf-8")
    with (
        colour(server.url) as client,
        path.open(encoding="utf-8") as text,
        tempfile.NamedTemporaryFile("w+", encoding="utf-8") as temporary,
    ):
        none: Any = None
        only_read = SimpleNamespace(read=lambda: b"123456", name="a.txt")
        strange: list[Any] = [("a.txt", b"123456"), 3, none, Upload(none), object()]
        strange += [only_read, Sought()]
        for media in strange:
            with pytest.raises(
                RefusedArgument,
                match=r"^MediaUploadImage\.media: .* or Upload\(content, name=…\), not ",
            ):
                client.send(MediaUploadImage(media=media))
        as_text: Any = text
        strange = [text, temporary, io.StringIO("123456"), Upload(as_text)]
        for media in strange:
            with pytest.raises(RefusedArgument, match=r"Image\.media: .*open it in binary mode"):
                client.send(MediaUploadImage(media=media))
        with tempfile.SpooledTemporaryFile() as spooled:
            spooled.write(b"123456")
            spooled.seek(0)
            unnamed: Any = spooled
            Multipart("media", Upload(unnamed, "a")).close()
    assert not server.asked(UPLOAD)


def test_a_file_of_ours_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"123456")
    form = Multipart("media", path)
    assert len(b"".join(form)) == form.length
    form.close()
    with pytest.raises(ValueError, match="closed"):
        b"".join(form)


class Locked(io.BytesIO):
    """Open, but not for reading."""

    name = "a"

    def readable(self) -> bool:
        return False


def refused_uploads(folder: Path) -> dict[str, Any]:
    path = folder / "a.txt"
    path.write_bytes(b"123456")
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    closed = path.open("rb")
    closed.close()
    numbered = os.fdopen(os.open(path, os.O_RDONLY), "rb")
    angled = io.BytesIO(b"123456")
    angled.name = "<stdin>"
    return {
        "has no name, and WeCom wants one": b"123456",
        "has no name, and": bytearray(b"123456"),
        "has no name,": Upload(b"123456", ""),
        "has no name": io.BytesIO(b"123456"),
        "has no": numbered,
        "has ": angled,
        "the path of a file, not of a folder": folder,
        "the path of a file, not of a device": "/dev/null",
        "the path of a file, not of a device or pipe": Upload(pipe, "a"),
        "cannot be a path": "a\0b",
        "cannot be a": "\ud83d.txt",
        "an open file, not a closed one": closed,
        "a file to read": Locked(b"123456"),
        "not open for it": path.open("ab"),
        "not BytesIO": io.BytesIO,
        "name: text, not 3": Upload(b"123456", name=3),  # type: ignore[arg-type]  # refused
        "name: text, not b": Upload(b"123456", name=b"a"),  # type: ignore[arg-type]  # refused
        "name: half a character": Upload(b"123456", "\ud83d.txt"),
        **{
            f"content_type: such as .*, not {re.escape(repr(kind))}": Upload(b"123456", "a", kind)  # type: ignore[arg-type]  # refused
            for kind in (
                "image/png\r\nX-Injected: 1",
                "a/b\n",
                "a/b\r",
                "图/片",
                "image",
                "",
                "/",
                "a/",
                5,
                "a/b\0",
                "é/b",
                b"a/b",
                "a/b\x85",
                "a/b\ud83d",
                " a/b",
            )
        },
    }


def test_an_upload_that_cannot_be_is_refused_with_its_path_before_anything_is_sent(
    colour: Any, server: Server, tmp_path: Path
) -> None:
    with colour(server.url) as client:
        for words, media in refused_uploads(tmp_path).items():
            with pytest.raises(RefusedArgument, match=words) as caught:
                client.send(MediaUpload(type=MediaType.FILE, media=media))
            assert caught.value.path == "MediaUpload.media"
            for file in (media, getattr(media, "content", None)):
                if isinstance(file, io.IOBase):
                    file.close()
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (os.fsdecode("报价单.pdf".encode("gbk")), "报价单.pdf"),
        (os.fsdecode(b"a\xff.pdf"), "a\ufffd.pdf"),
        ("a\r\nContent-Type: x/y\r\n\r\n.pdf", "a%0D%0AContent-Type: x/y%0D%0A%0D%0A.pdf"),
        ('a"; name="b.pdf', "a%22; name=%22b.pdf"),
        ("a\0\x1b\x7f.pdf", "a%00%1B%7F.pdf"),
        ("长" * 20_000 + ".pdf", "长" * 20_000 + ".pdf"),
        ("\U0001f600\u2028.pdf", "\U0001f600\u2028.pdf"),
    ],
)
def test_no_file_name_breaks_out_of_its_header(name: str, sent: str) -> None:
    form = Multipart("media", Upload(b"123456", name))
    body = b"".join(form)
    assert len(body) == form.length
    lines = body.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[1:] == [
        f'Content-Disposition: form-data; name="media"; filename="{sent}"; filelength=6',
        "Content-Type: application/pdf",
    ]


def test_a_path_that_is_not_utf_8_is_sent_under_a_name_people_can_read(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/" + "报价单.pdf".encode("gbk")
    with open(raw, "wb") as file:
        file.write(b"123456")
    with open(raw, "rb") as opened:
        for given in (os.fsdecode(raw), Path(os.fsdecode(raw)), opened):
            form = Multipart("media", given)
            assert 'filename="报价单.pdf"' in next(iter(form)).decode()
            form.close()


FILE = b"\x89PNG" + bytes(range(256)) * 2000


def attachment(name: str = "photo.png", **more: str) -> Reply:
    return Reply(
        FILE,
        headers={
            "Content-Type": "image/png",
            "Content-Disposition": f'attachment; filename="{name}"',
            **more,
        },
    )


def test_a_download_is_content_or_a_file_that_overwrites_nothing(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    wecom.answers[GET] = attachment()
    call = MediaGet(media_id="M")
    folder = tmp_path / "folder"
    folder.mkdir()
    with colour(server.url) as client:
        assert client.download(call) == Download(FILE, None, "photo.png", "image/png", len(FILE))
        for place, expected in (
            (folder, folder / "photo.png"),
            (str(folder), folder / "photo (1).png"),
            (f"{tmp_path}/new/", tmp_path / "new" / "photo.png"),
            (tmp_path / "here.png", tmp_path / "here.png"),
            (tmp_path / "here.png", tmp_path / "here.png"),
        ):
            found = client.download(call, place)
            assert (found.content, found.path) == (None, expected)
            assert expected.read_bytes() == FILE
        out = io.BytesIO(b"before")
        out.seek(6)
        found = client.download(call, out)
        assert (found.content, found.path, found.size) == (None, None, len(FILE))
        assert out.getvalue() == b"before" + FILE
        with pytest.raises(FileNotFoundError):
            client.download(call, tmp_path / "nowhere" / "x")
        generated = client.client.media.get(media_id="M")
        assert (generated if colour is Sync else client.run(generated)).size == len(FILE)
    assert sorted(os.listdir(folder)) == ["photo (1).png", "photo.png"]
    assert server.requests[-1].query["media_id"] == "M"


@pytest.mark.parametrize("size", [1, PEEK, PEEK + 1, 3 * PEEK])
def test_a_download_of_any_size_is_whole_and_no_error(
    size: int, colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    content = b"{" * size
    wecom.answers[GET] = Reply(content, headers={"Content-Type": "text/plain"})
    with colour(server.url) as client:
        found = client.download(MediaGet(media_id="M"))
        assert (found.content, found.name, found.content_type) == (content, None, "text/plain")
        path = client.download(MediaGet(media_id="M"), tmp_path).path
        assert path == tmp_path / "download.txt"
        assert path.read_bytes() == content


def test_an_error_instead_of_a_file(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    out = io.BytesIO()
    call = MediaGet(media_id="M")
    with colour(server.url) as client:
        client.raw("GET", "/warm")
        wecom.expire()
        wecom.answers[GET] = [
            says(45033),
            Reply(b"oops", 502),
            Cut(3000, attachment()),
            attachment(),
        ]
        assert client.download(call, out).size == len(FILE)
        assert out.getvalue() == FILE
        for answer, error in (
            (says(84061), NotFound),
            (Reply(b"x" * 100_000, 404), ProtocolError),
            (says(-1), Busy),
            (Cut(3000, attachment()), TransportError),
            (Cut(200_000, attachment()), TransportError),
        ):
            wecom.answers[GET] = answer
            for place in (None, tmp_path, tmp_path / "file", io.BytesIO()):
                with pytest.raises(Exception) as caught:
                    client.download(call, place)
                assert isinstance(caught.value, error)
        assert os.listdir(tmp_path) == [], "nothing half-written"


def test_a_json_file_is_a_file(colour: Any, wecom: WeCom, server: Server) -> None:
    call = MediaGet(media_id="M")
    with colour(server.url) as client:
        for body, headers in (
            (b'{"errcode": 40007}', {"Content-Disposition": "attachment; filename=a.json"}),
            (b'{"errcode": 0}', {}),
            (b"[1]", {}),
            (b"{not json}", {}),
        ):
            wecom.answers[GET] = Reply(body, headers=headers)
            assert client.download(call).content == body


PAGE = b"<html><head><title>Sign in</title></head><body>?access_token=tOkEn-1</body></html>"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PAGE, "text/html"),
        (PAGE, "Text/HTML; charset=utf-8"),
        (PAGE * 2000, "text/html"),
        (b"Please sign in", "text/html"),
        (b"Please sign in", "application/xhtml+xml"),
        (b"\n <!DOCTYPE HTML>" + PAGE, "application/octet-stream"),
        (PAGE * 2000, "image/png"),
        (b"", "text/html"),
        (b"", "image/png"),
    ],
)
def test_a_page_of_a_gateway_or_nothing_is_not_a_file(
    body: bytes, kind: str, colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    wecom.answers[GET] = Reply(body, headers={"Content-Type": kind})
    before = tmp_path / "before"
    before.write_bytes(b"before")
    with colour(server.url) as client:
        for place in (None, tmp_path, before, tmp_path / "new", io.BytesIO(), OneWay()):
            with pytest.raises(ProtocolError, match="no file") as caught:
                client.download(MediaGet(media_id="M"), place)
            assert caught.value.status == 200
            assert "tOkEn" not in str(caught.value)
            assert ("Sign in" in str(caught.value)) == (b"Sign in" in body)
            assert not isinstance(place, OneWay) or place.got == b""
    assert os.listdir(tmp_path) == ["before"]
    assert before.read_bytes() == b"before"


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("kind", ["text/html", "image/png"])
def test_of_an_endless_page_only_the_beginning_is_kept(status: int, kind: str) -> None:
    sink = Sink(None)
    sink.start(status, {"content-type": kind})
    for _ in range(100):
        sink.write(PAGE * 100)
    kept = sink.message()
    assert kept is not None
    assert kept.startswith(PAGE)
    assert len(kept) < 100_000, "of 820,000"


@pytest.mark.parametrize("more", [0, 1])
def test_an_error_has_its_most_bytes_and_what_has_one_more_is_a_file(more: int) -> None:
    said = b'{"errcode": 40007, "errmsg": "%s"}'
    said %= b"x" * (PEEK + more - len(said) + 2)
    assert len(said) == PEEK + more
    sink = Sink(None)
    sink.start(200, {"content-type": "application/json"})
    sink.write(said)
    assert sink.message() == (None if more else said)


def test_a_page_that_a_customer_sent_is_a_file(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    with colour(server.url) as client:
        for body in (PAGE, PAGE * 2000, b""):
            headers = {"Content-Type": "text/html"}
            wecom.answers[GET] = attachment("a.html", **headers)
            wecom.answers[GET].body = body
            assert client.download(MediaGet(media_id="M")).content == body
            found = client.download(MediaGet(media_id="M"), tmp_path)
            assert found.path
            assert found.path.read_bytes() == body
        wecom.answers[GET] = Reply(says(40007).body, headers={"Content-Type": "text/html"})
        with pytest.raises(APIError, match="40007"):
            client.download(MediaGet(media_id="M"))


def test_a_place_that_cannot_take_a_file_is_refused_before_anything_is_sent(
    colour: Any, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"before")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a pipe").symlink_to("pipe")
    closed = io.BytesIO()
    closed.close()
    places: dict[str, Any] = {
        "a file or a folder, not a device or pipe": tmp_path / "pipe",
        "a file or a folder, not a device": tmp_path / "link to a pipe",
        "a file or a folder, not a": "/dev/null",
        "a folder, and there is a file in its place": f"{file}/",
        "a folder, and there is a file": file / "below",
        "cannot be a path": "a\0b",
        "cannot be a": "\ud83d",
        "a path, a folder, an open binary file or None, not int": 3,
        "a path, a folder, an open binary file or None, not Sought": Sought(),
        "not of text; open it in binary mode": io.StringIO(),
        "not a closed one": closed,
        "a file to write": file.open("rb"),
    }
    with colour(server.url) as client:
        for words, place in places.items():
            with pytest.raises(RefusedArgument, match=words) as caught:
                client.download(MediaGet(media_id="M"), place)
            assert caught.value.path == "to"
        places["a file to write"].close()
    assert server.requests == []
    assert file.read_bytes() == b"before"
    assert sorted(os.listdir(tmp_path)) == ["file", "link to a pipe", "pipe"]


def test_a_symbolic_link_is_followed(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    wecom.answers[GET] = attachment()
    disk, home = tmp_path / "disk", tmp_path / "home"
    disk.mkdir()
    home.mkdir()
    (disk / "old").write_bytes(b"before")
    for target in ("old", "not there yet"):
        link = home / target
        link.symlink_to(disk / target)
        with colour(server.url) as client:
            assert client.download(MediaGet(media_id="M"), link).path == link
        assert link.is_symlink()
        assert (disk / target).read_bytes() == FILE
    # A name of WeCom's never goes through a link.
    (home / "photo.png").symlink_to(disk / "old")
    with colour(server.url) as client:
        found = client.download(MediaGet(media_id="M"), home)
    assert found.path == home / "photo (1).png"
    assert sorted(os.listdir(disk)) == ["not there yet", "old"]


def test_a_file_has_the_mode_that_the_umask_gives(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    wecom.answers[GET] = attachment()
    (tmp_path / "old").touch(0o777)
    before = os.umask(0o027)
    try:
        with colour(server.url) as client:
            for place in (tmp_path / "old", tmp_path / "new", tmp_path):
                path = client.download(MediaGet(media_id="M"), place).path
                assert path.stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_a_place_lost_on_the_way_leaves_nothing_behind(
    colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    def lose(request: Request) -> Reply:
        (tmp_path / "file").mkdir()
        return attachment()

    wecom.answers[GET] = lose
    with colour(server.url) as client, pytest.raises(IsADirectoryError):
        client.download(MediaGet(media_id="M"), tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_cannot_be_moved_to_its_place_leaves_that_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Any, target: Any) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", fail)
    (tmp_path / "before").write_bytes(b"before")
    for place in (tmp_path, tmp_path / "new", tmp_path / "before"):
        sink = Sink(place)
        sink.start(200, {"content-disposition": "attachment; filename=a"})
        sink.write(b"x")
        with pytest.raises(PermissionError):
            sink.finish()
        sink.close()
        assert os.listdir(tmp_path) == ["before"]
        assert (tmp_path / "before").read_bytes() == b"before"


@pytest.mark.parametrize("codec", sorted({*aliases.values(), "idna", "punycode", "undefined"}))
def test_no_codec_of_python_breaks_the_name_in_a_header(codec: str) -> None:
    for name in ("%E4%B8%AD.txt", "xn--%ff%00%0a.txt", "a" * 300):
        found = filename({"content-disposition": f"attachment; filename*={codec}''{name}"})
        assert isinstance(found, str)
        found.encode()


class OneWay(io.RawIOBase):
    """A target that cannot be rewound."""

    def __init__(self) -> None:
        self.got = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.got += bytes(data)
        return len(data)


def test_a_target_that_cannot_begin_again(colour: Any, wecom: WeCom, server: Server) -> None:
    call = MediaGet(media_id="M")
    with colour(server.url) as client:
        wecom.answers[GET] = [says(-1), attachment()]
        out = OneWay()
        assert client.download(call, out).size == len(FILE)
        assert out.got == FILE
        wecom.answers[GET] = [Cut(400_000, attachment()), attachment()]
        with pytest.raises(TransportError):
            client.download(call, OneWay())


@pytest.mark.parametrize("place", ["bytes", "a path", "a file that can be rewound"])
def test_a_download_that_broke_off_begins_again_where_what_came_can_be_thrown_away(
    place: str, colour: Any, wecom: WeCom, server: Server, tmp_path: Path
) -> None:
    wecom.answers[GET] = [Cut(400_000, attachment()), attachment()]
    path, out = tmp_path / "photo.png", io.BytesIO()
    to = {"bytes": None, "a path": path, "a file that can be rewound": out}[place]
    with colour(server.url) as client:
        found = client.download(MediaGet(media_id="M"), to)
    content = {"bytes": found.content, "a path": found.path and path.read_bytes()}
    assert content.get(place, out.getvalue()) == FILE
    assert found.size == len(FILE)
    assert len(server.asked(GET)) == 2


def test_a_target_that_failed_once_is_written_to_no_more(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    class Hiccup(OneWay):
        """A disk that is full for a moment."""

        writes = 0

        def write(self, data: Any) -> int:
            self.writes += 1
            if self.writes == 2:
                raise OSError(28, "No space left on device")
            return super().write(data)

    wecom.answers[GET] = Reply(FILE * 4)
    out = Hiccup()
    with colour(server.url) as client, pytest.raises(OSError, match="No space"):
        client.download(MediaGet(media_id="M"), out)
    assert out.writes == 2


def test_a_full_disk_is_no_broken_connection(colour: Any, wecom: WeCom, server: Server) -> None:
    class Full(OneWay):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    wecom.answers[GET] = attachment()
    with colour(server.url) as client:
        with pytest.raises(OSError, match="No space"):
            client.download(MediaGet(media_id="M"), Full())
        wecom.answers[GET] = Reply(b"small")
        with pytest.raises(OSError, match="No space"):
            client.download(MediaGet(media_id="M"), Full())
        assert client.raw("GET", "/read") == OK


def test_a_download_by_post(colour: Any, wecom: WeCom, server: Server) -> None:
    from typing import ClassVar

    from attrs import define
    from wecom_contact._runtime.model import Call, Endpoint

    @define(kw_only=True)
    class Export(Call[Download]):
        """Export something."""

        endpoint: ClassVar[Endpoint[Download]] = Endpoint(
            name="toy.export",
            method="POST",
            path="/cgi-bin/toy/export",
            title="导出",
            page=1,
            readonly=True,
            result=Download,
            download=True,
        )
        key: str

    wecom.answers["/cgi-bin/toy/export"] = attachment()
    with colour(server.url) as client:
        assert client.download(Export(key="k")).content == FILE
        assert client.send(Export(key="k")).content == FILE
    for request in server.requests[-2:]:
        assert (request.json, request.query.keys()) == ({"key": "k"}, {"access_token"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename=a.txt; size=3", "a.txt"),
        ("attachment; FileName = a.txt", "a.txt"),
        (r'attachment; filename="a\"b.txt"', 'a"b.txt'),
        ("attachment; filename*=UTF-8''%E4%B8%AD%E6%96%87.txt", "中文.txt"),
        ("attachment; filename=\"x\"; filename*=utf-8'zh'%E4%B8%AD.txt", "中.txt"),
        ("attachment; filename*=nonsense''a%20b", "a b"),
        ("attachment; filename*=nonsense''%E4%B8%AD.txt", "中.txt"),
        ("attachment; filename*=''%E4%B8%AD.txt", "中.txt"),
        ('attachment; filename="中文.txt"', "中文.txt"),
        ('attachment; filename="' + "中文.txt".encode().decode("latin-1") + '"', "中文.txt"),
        (
            'attachment; filename="' + "中文.txt".encode().decode("ascii", "surrogateescape") + '"',
            "中文.txt",
        ),
        ('attachment; filename="é.txt"', "é.txt"),
        ('attachment; filename="a\udce9.txt"', "aé.txt"),
        ('attachment; filename="' + "中文.txt".encode("gbk").decode("latin-1") + '"', "中文.txt"),
        ("attachment; filename*=GBK''%D6%D0%CE%C4.txt", "中文.txt"),
        ("attachment; filename*=gb2312''%D6%D0%CE%C4.txt", "中文.txt"),
        ("attachment; filename*=gb18030''%D6%D0%CE%C4%95%32%82%36.txt", "中文𠀀.txt"),
        ("attachment; filename*=Big5''%A4%A4%A4%E5.txt", "中文.txt"),
        ("attachment; filename*=ISO-8859-1''caf%E9.txt", "café.txt"),
        ("attachment; filename*=US-ASCII''caf%E9.txt", "caf\ufffd.txt"),
        ("inline", None),
        ("", None),
    ],
)
def test_names_in_headers(header: str, expected: str | None) -> None:
    assert filename({"content-disposition": header}) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "download.png"),
        ("..", "download.png"),
        (".bashrc", "bashrc"),
        (" . .a", "a"),
        ("a\x00\n<b>:c?.txt", "abc.txt"),
        (None, "download.png"),
        ("中" * 200 + ".pdf", "中" * 65 + ".pdf"),
        ("a" * 196 + ".pdf", "a" * 196 + ".pdf"),
        ("a" * 197 + ".pdf", "a" * 196 + ".pdf"),
    ],
)
def test_a_name_from_the_server_stays_in_the_folder(name: str | None, expected: str) -> None:
    assert safe_filename(name, "image/png; x=y") == expected
    assert safe_filename(None, "no/such") == "download"


def test_a_name_of_any_length_costs_no_more_than_its_length() -> None:
    long = "名" * 1_000_000
    assert safe_filename(long + ".pdf", "x/y") == "名" * 65 + ".pdf"
    for header in (f'filename="{long}"', f"filename={long}", f"filename*=utf-8''{long}"):
        assert filename({"content-disposition": header}) == long
    for header in ("filename=" * 100_000, 'filename="' * 99_999, "filename*='" * 100_000):
        filename({"content-disposition": header})


def test_a_sink_that_is_given_up(tmp_path: Path) -> None:
    sink = Sink(tmp_path / "a")
    sink.start(200, {})
    sink.write(b"x" * (PEEK + 1))
    assert len(os.listdir(tmp_path)) == 1
    sink.close()
    assert os.listdir(tmp_path) == []


def test_a_permanently_stale_token_for_a_file(colour: Any, wecom: WeCom, server: Server) -> None:
    wecom.answers[GET] = says(40014)
    with colour(server.url) as client, pytest.raises(StaleToken):
        client.download(MediaGet(media_id="M"))


def test_the_content_of_a_file_is_not_shown() -> None:
    for content in (b"cOnTeNt", "cOnTeNt", io.BytesIO(b"cOnTeNt")):
        shown = repr(Upload(content, "a.txt", "text/plain"))
        assert shown == "Upload(name='a.txt', content_type='text/plain')"
    assert "cOnTeNt" not in repr(Download(b"cOnTeNt", None, "a.txt", "text/plain", 7))
