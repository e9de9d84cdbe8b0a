"""Files on their way: multipart bodies out, downloads in. No socket; the drivers pull and push the bytes.

Multipart is written by hand, because WeCom reads `filename="中文.pdf"` in raw UTF-8 and not the `filename*=` of
RFC 2231 that HTTP libraries write.

Hand-written: edit codegen/runtime/_runtime/media.py.
"""

import io
import mimetypes
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast
from urllib.parse import unquote

import orjson
from attrs import field, frozen

from ..errors import RefusedArgument
from .values import Value

CHUNK = 256 * 1024
"""How much of a file is in memory at a time."""
PEEK = 64 * 1024
"""An answer longer than this is a file and no error message."""


@frozen(eq=False, repr=False)
class Upload(Value):
    """A file to send, where its name or type must be told: bytes have no name, and customers see it."""

    content: "bytes | str | os.PathLike[str] | BinaryIO" = field(repr=False)
    """The bytes, a path, or an open binary file."""
    name: str | None = None
    content_type: str | None = None


FileContent: TypeAlias = Upload | str | os.PathLike[str] | BinaryIO
"""What a `file` parameter takes: a path, an open binary file with a name, or an Upload."""

Destination: TypeAlias = str | os.PathLike[str] | BinaryIO | None
"""Where a download goes: a path, a folder, an open binary file; None for bytes."""


@frozen(eq=False, repr=False)
class Download(Value):
    """A file that came: its bytes, or where it was put."""

    content: bytes | None = field(repr=False)
    """The bytes, if no place was named."""
    path: Path | None
    """The file written, if the place was a path."""
    name: str | None
    """The name WeCom gave it."""
    content_type: str
    size: int


class Multipart:
    """A multipart body with one file. It comes in pieces, knows its length and can begin again."""

    def __init__(self, part: str, given: FileContent) -> None:
        upload = given if isinstance(given, Upload) else Upload(given)
        content = upload.content
        check_upload(part, upload)
        name = upload.name
        self._owned: BinaryIO | None = None
        if isinstance(content, (str, os.PathLike)):
            name = name or os.path.basename(os.fsdecode(content))
        else:
            name = name or name_of(content)
        if not name:
            raise RefusedArgument(
                'has no name, and WeCom wants one, which customers see: Upload(content, name="…")',
                part,
            )
        name = legible(part, name)
        if isinstance(content, (str, os.PathLike)):
            content = self._owned = open(content, "rb")  # noqa: SIM115  (closed by `close`)
        if isinstance(content, (bytes, bytearray, memoryview)):
            self._file: BinaryIO = io.BytesIO(content)
        elif content.seekable():
            self._file = content
        else:
            # A pipe cannot begin again, nor does it know its length; WeCom takes 20 MB at most.
            self._file = io.BytesIO(content.read())
        self._start = self._file.tell()
        size = self._file.seek(0, os.SEEK_END) - self._start
        kind = upload.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        boundary = f"wecom-{secrets.token_hex(16)}"
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{quoted(part)}"; filename="{quoted(name)}"; '
            f"filelength={size}\r\n"
            f"Content-Type: {kind}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.length = len(self._head) + size + len(self._tail)
        self._size = size
        self.failure: OSError | None = None
        """Why the file could not be read, if so: not the network's fault."""

    def __iter__(self) -> Iterator[bytes]:
        """The body in pieces, from the beginning each time."""
        yield self._head
        left = self._size
        try:
            self._file.seek(self._start)
            while left:
                piece = self._file.read(min(CHUNK, left))
                if not piece:
                    raise OSError("the file became shorter while it was sent")
                left -= len(piece)
                yield piece
        except OSError as error:
            self.failure = error
            raise
        yield self._tail

    async def pieces(self) -> AsyncIterator[bytes]:
        """The same for aiohttp. Reading a local file takes too little time for a thread to pay."""
        for piece in self:
            yield piece

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned is not None:
            self._owned.close()


def check_upload(part: str, upload: Upload) -> None:
    """Refuse what is not a file of bytes, before anything is sent. A file that is missing stays an OSError."""
    content = upload.content
    if upload.name is not None and not isinstance(upload.name, str):
        raise RefusedArgument(f"name: text, not {upload.name!r}", part)
    kind = upload.content_type
    if kind is not None and not (isinstance(kind, str) and MEDIA_TYPE.fullmatch(kind)):
        raise RefusedArgument(f'content_type: such as "image/png", not {kind!r}', part)
    if isinstance(content, (str, os.PathLike)):
        try:
            mode = os.stat(content).st_mode
        except ValueError:
            raise RefusedArgument(f"cannot be a path: {content!r}", part) from None
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a device or pipe (give it opened)"
            raise RefusedArgument(f"the path of a file, not of {what}", part)
    elif not isinstance(content, (bytes, bytearray, memoryview)):
        check_file(part, content, "read", "a path, an open binary file or Upload(content, name=…)")


def check_file(part: str, file: object, verb: str, wanted: str) -> None:
    """Refuse what is not an open binary file to `read` from or to `write` to."""
    if isinstance(file, type) or not (hasattr(file, verb) and hasattr(file, "seekable")):
        kind = file.__name__ if isinstance(file, type) else type(file).__name__
        raise RefusedArgument(f"{wanted}, not {kind}", part)
    # Only a file of text has an encoding.
    if hasattr(file, "encoding"):
        mode = f"{verb[0]}b"
        raise RefusedArgument(
            f'a file of bytes, not of text; open it in binary mode, "{mode}"', part
        )
    if getattr(file, "closed", False):
        raise RefusedArgument("an open file, not a closed one", part)
    able = getattr(file, "readable" if verb == "read" else "writable", None)
    if callable(able) and not able():
        raise RefusedArgument(f"a file to {verb}; this one is not open for it", part)


MEDIA_TYPE = re.compile(r"[!#-~]+/[!#-~][ -~]*")


def name_of(file: object) -> str | None:
    """The name of an open file; None for a number, and for `<stdin>`."""
    name = getattr(file, "name", None)
    if not isinstance(name, (str, bytes)):
        return None
    last = os.path.basename(os.fsdecode(name))
    return None if last.startswith("<") else last


def legible(part: str, name: str) -> str:
    """A name that is text: Python keeps bytes of a file name that are not UTF-8 as surrogates."""
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise RefusedArgument(f"name: half a character in it, {name!r}", part) from None
    return decoded(raw, "utf-8")


def decoded(raw: bytes, otherwise: str) -> str:
    """Text in UTF-8, or in Chinese as old programs write it, or else as far as it goes."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode(otherwise, "replace")


def quoted(name: str) -> str:
    """A name inside the quotes of a multipart header, escaped as browsers do; the rest stays raw UTF-8."""
    return re.sub(r"[\x00-\x1f\"\x7f]", lambda found: f"%{ord(found[0]):02X}", name)


FILENAME = re.compile(r"filename\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;\s]+))", re.IGNORECASE)
FILENAME_STAR = re.compile(r"filename\*\s*=\s*([\w-]*)'[^']*'([^;\s]+)", re.IGNORECASE)
CHARSETS = ("utf-8", "iso-8859-1", "gb2312", "gbk", "gb18030", "big5")
"""What a header may say a name is written in. Python knows more, and some of those are not charsets."""


def filename(headers: Mapping[str, str]) -> str | None:
    """The name in a Content-Disposition header, whatever way it is written."""
    text = headers.get("content-disposition") or ""
    # HTTP libraries read headers as Latin-1 or keep raw bytes as surrogates; WeCom writes UTF-8.
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "surrogateescape")
    text = decoded(raw, "latin-1")
    if star := FILENAME_STAR.search(text):
        charset = star[1].lower()
        return unquote(star[2], encoding=charset if charset in CHARSETS else "utf-8")
    if plain := FILENAME.search(text):
        return re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2]
    return None


def safe_filename(name: str | None, content_type: str) -> str:
    """A file name that stays in its directory: no separators, no leading dots, nothing invisible."""
    last = re.split(r"[/\\]", name or "")[-1]
    last = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*')
    # The end of a long name is kept, for its suffix.
    last = last.strip().lstrip(". ").encode()[-200:].decode("utf-8", "ignore")
    return last or f"download{mimetypes.guess_extension(content_type.partition(';')[0]) or ''}"


class Sink:
    """Where a download goes. Nothing is written before it is sure that the answer is a file.

    The driver says `start`, then `write` for each piece; the flow asks what came. A `write` never raises: the
    driver could not tell a full disk from a broken connection. The flow looks at `failure`.
    """

    def __init__(self, to: "str | os.PathLike[str] | BinaryIO | None") -> None:
        self._path: Path | None = None
        self._folder = False
        self._to: BinaryIO | None = None
        if isinstance(to, (str, os.PathLike)):
            self._path = Path(os.fsdecode(to))
            self._folder = is_folder(os.fsdecode(to))
            # A symbolic link stays: the file it leads to is replaced.
            self._file = Path(os.path.realpath(self._path))
        elif to is not None:
            check_file("to", to, "write", "a path, a folder, an open binary file or None")
            self._to = to
        self._begin = self._to.tell() if self._to is not None and self._to.seekable() else None
        self.failure: OSError | None = None
        self._temporary: Path | None = None
        self._out: BinaryIO | None = None
        self.dirty = False
        """Whether bytes have gone into an object that cannot be rewound: then there is no second try."""
        self.start(0, {})

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """A new answer begins; what an earlier one left is thrown away."""
        self._discard()
        self._status = status
        # No more of the headers: a redirect's may repeat the request, token and all.
        self._named = "content-disposition" in headers
        self._name = filename(headers)
        self._kind = headers.get("content-type") or "application/octet-stream"
        kind = self._kind.partition(";")[0].strip().lower()
        self._page = not self._named and kind in ("text/html", "application/xhtml+xml")
        self._head = b""
        self._sure = False
        self._size = 0

    def write(self, piece: bytes) -> None:
        """The next piece of the answer."""
        if self.failure is not None:
            return
        if not self._sure:
            if self._status != 200 or self._page:
                # An endless error page is read to its end, but only its beginning is kept.
                self._head += piece[: PEEK - len(self._head)]
                return
            self._head += piece
            if len(self._head) <= PEEK:
                return
            if self.foreign:
                self._page = True
                return
            self._sure = True
            piece, self._head = self._head, b""
        try:
            self._keep(piece)
        except OSError as error:
            self.failure = error

    @property
    def foreign(self) -> bool:
        """Whether a gateway's page came with status 200, or nothing. WeCom names its files, customers' pages too."""
        if self._named or self._sure:
            return False
        head = self._head.lstrip()
        looks = not self._head or head[:14].lower().startswith((b"<!doctype html", b"<html"))
        return (self._page or looks) and not self._speaks()

    def message(self) -> bytes | None:
        """The answer as text, if it is not a file: an error page, or JSON with an errcode."""
        if self._status != 200 or self.foreign or (not self._sure and self._speaks()):
            text, self._head = self._head, b""  # it may repeat the request, token and all
            return text
        return None

    def _speaks(self) -> bool:
        # Success is a file and failure is JSON, but a customer's file may be JSON, too.
        if self._named or not self._head.lstrip().startswith(b"{"):
            return False
        try:
            return bool(orjson.loads(self._head).get("errcode"))
        except orjson.JSONDecodeError:
            return False

    def _keep(self, piece: bytes) -> None:
        if self._out is None:
            self._out = self._open()
        self._out.write(piece)
        self._size += len(piece)
        self.dirty = self._to is not None and self._begin is None

    def _open(self) -> BinaryIO:
        if self._path is None:
            return self._to if self._to is not None else io.BytesIO()
        if self._folder:
            self._path.mkdir(parents=True, exist_ok=True)
        beside = self._path if self._folder else self._file.parent
        self._temporary = beside / f".{secrets.token_hex(8)}.part"
        return cast(BinaryIO, open(self._temporary, "xb"))

    def finish(self) -> Download:
        """Put the file in its place."""
        self._keep(self._head)
        out = cast(BinaryIO, self._out)
        name, kind = self._name, self._kind
        content = None
        path = None
        if isinstance(out, io.BytesIO) and self._to is None:
            content = out.getvalue()
        elif self._temporary is not None and self._path is not None:
            out.close()
            path = (
                unused_path(self._path / safe_filename(name, kind)) if self._folder else self._path
            )
            try:
                os.replace(self._temporary, path if self._folder else self._file)
            except OSError:
                if self._folder:
                    path.unlink(missing_ok=True)
                raise
            self._temporary = None
        self._out = None
        return Download(content, path, name, kind, self._size)

    def _discard(self) -> None:
        if self._temporary is not None:
            if self._out is not None:
                self._out.close()
            self._temporary.unlink(missing_ok=True)
            self._temporary = None
        elif self._out is not None and self._to is not None and self._begin is not None:
            self._to.seek(self._begin)
            self._to.truncate()
        self._out = None

    def close(self) -> None:
        """Leave nothing half-written."""
        self._discard()


def is_folder(place: str) -> bool:
    """Whether a download goes into a folder; what a file cannot replace is refused before anything is sent."""
    try:
        mode = os.stat(place).st_mode
    except ValueError:
        raise RefusedArgument(f"cannot be a path: {place!r}", "to") from None
    except NotADirectoryError:
        raise RefusedArgument("a folder, and there is a file in its place", "to") from None
    except OSError:
        # Nothing is there yet, or the system will say what is wrong when it is written.
        return place.endswith(("/", os.sep))
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise RefusedArgument("a file or a folder, not a device or pipe (give it opened)", "to")
    return stat.S_ISDIR(mode)


def unused_path(path: Path) -> Path:
    """The path, or the first of `name (1).pdf`, `name (2).pdf`, … that is free: WeCom names the file, not we."""
    candidate, number = path, 0
    while True:
        try:
            # Taken at once and replaced a moment later, so that two downloads do not choose the same.
            os.close(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            number += 1
            candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        else:
            return candidate
