"""Files out and in: what stands on the wire, and what stays on the disk when something breaks."""

import io
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import OK, Aio, Cut, Reply, Request, Server, Sync, WeCom, says, serving
from wecom_contact import Upload
from wecom_contact._media import PEEK, Download, Multipart, Sink, filename, harmless
from wecom_contact.errors import Busy, NotFound, ProtocolError, StaleToken, TransportError
from wecom_contact.media import MediaGet, MediaType, MediaUpload, MediaUploadImage

UPLOAD = "/cgi-bin/media/upload"
GET = "/cgi-bin/media/get"
DONE = Reply({**OK, "type": "file", "media_id": "M", "created_at": "1380000000"})


@pytest.fixture(params=[Sync, Aio], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def wecom() -> WeCom:
    made = WeCom()
    made.answers[UPLOAD] = DONE
    return made


@pytest.fixture
def server(wecom: WeCom) -> Iterator[Server]:
    with serving(wecom) as server:
        yield server


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


def test_a_path(colour: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "中文 报告.pdf"
    content = os.urandom(3_000_000)
    path.write_bytes(content)
    for given in (path, str(path)):
        head, sent = send(colour, server, given)
        assert sent == content
        assert 'name="media"; filename="中文 报告.pdf"; filelength=3000000' in head
        assert head.endswith("Content-Type: application/pdf")


def test_bytes_and_files(colour: Any, server: Server, tmp_path: Path) -> None:
    assert send(colour, server, b"bytes!")[1] == b"bytes!"
    assert 'filename="file"' in send(colour, server, b"bytes!")[0]
    assert send(colour, server, bytearray(b"bytes!"))[1] == b"bytes!"
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
    assert send(colour, server, Upload(str(path), "other.txt"))[1] == b"0123456789"
    assert send(colour, server, io.BytesIO(b"memory"))[1] == b"memory"
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as nameless:
        assert 'filename="file"' in send(colour, server, nameless)[0]


def test_a_pipe(colour: Any, server: Server) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        assert send(colour, server, file)[1] == b"through a pipe"


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
        client.send(MediaUpload(type=MediaType.FILE, media=b"123456"))
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
            (Bad(b"123456"), "bad sector"),
            (Short(b"123456"), "shorter"),
            (tmp_path / "none", "none"),
        ):
            with pytest.raises(OSError, match=error) as caught:
                client.send(MediaUploadImage(media=media))
            assert not isinstance(caught.value, TransportError)
        assert client.raw("GET", "/warm") == OK


def test_what_is_no_file(colour: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("123456", "utf-8")
    with (
        colour(server.url) as client,
        path.open(encoding="utf-8") as text,
        tempfile.NamedTemporaryFile("w+", encoding="utf-8") as temporary,
    ):
        none: Any = None
        strange: list[Any] = [("a.txt", b"123456"), 3, none, Upload(none), object()]
        for media in strange:
            with pytest.raises(TypeError, match=r"media: .* or Upload\(content, name=…\), not "):
                client.send(MediaUploadImage(media=media))
        as_text: Any = text
        strange = [text, temporary, io.StringIO("123456"), Upload(as_text)]
        for media in strange:
            with pytest.raises(TypeError, match="media: .*open it in binary mode"):
                client.send(MediaUploadImage(media=media))
        with tempfile.SpooledTemporaryFile() as spooled:
            spooled.write(b"123456")
            spooled.seek(0)
            unnamed: Any = spooled
            Multipart("media", unnamed).close()
    assert not server.asked(UPLOAD)


def test_a_file_of_ours_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"123456")
    form = Multipart("media", path)
    assert len(b"".join(form)) == form.length
    form.close()
    with pytest.raises(ValueError, match="closed"):
        b"".join(form)


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


def test_downloads(colour: Any, wecom: WeCom, server: Server, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("size", [0, 1, PEEK, PEEK + 1, 3 * PEEK])
def test_sizes(size: int, colour: Any, wecom: WeCom, server: Server, tmp_path: Path) -> None:
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
    from wecom_contact._model import Call, Endpoint

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
    assert server.requests[-1].json == {"key": "k"}


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
        ('attachment; filename="中文.txt"', "中文.txt"),
        ('attachment; filename="' + "中文.txt".encode().decode("latin-1") + '"', "中文.txt"),
        (
            'attachment; filename="' + "中文.txt".encode().decode("ascii", "surrogateescape") + '"',
            "中文.txt",
        ),
        ('attachment; filename="é.txt"', "é.txt"),
        ('attachment; filename="a\udce9.txt"', "a\udce9.txt"),
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
    ],
)
def test_harmless_names(name: str | None, expected: str) -> None:
    assert harmless(name, "image/png; x=y") == expected
    assert harmless(None, "no/such") == "download"


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
