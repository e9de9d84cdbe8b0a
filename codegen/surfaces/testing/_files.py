"""What a file is, by its first bytes: pictures, voices and videos as WeCom takes them.

Hand-written: edit codegen/surfaces/testing/_files.py.
"""

PNG = b"\x89PNG\r\n\x1a\n"
JPG = b"\xff\xd8\xff"
AMR = b"#!AMR\n"
FRAMES = (12, 13, 15, 17, 19, 20, 26, 31, 5)
"""Bytes of a frame of AMR after its first, by its mode; a frame is 20 milliseconds."""
SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The segments of a JPG that say how large it is."""


def is_picture(content: bytes) -> bool:
    """Whether a file is a PNG or a JPG."""
    return content.startswith((PNG, JPG))


def is_voice(content: bytes) -> bool:
    """Whether a file is an AMR."""
    return content.startswith(AMR)


def is_video(content: bytes) -> bool:
    """Whether a file is an MP4."""
    return content[4:8] == b"ftyp"


def picture_size(content: bytes) -> tuple[int, int] | None:
    """The width and height of a picture in pixels; None if it does not say."""
    if content.startswith(PNG):
        said = content[12:16] == b"IHDR" and len(content) >= 24
        return (number(content[16:20]), number(content[20:24])) if said else None
    place = 2
    # Segments of a JPG: a mark of two bytes, a length, and what is in it.
    while content[place : place + 1] == b"\xff" and len(content) >= place + 9:
        if content[place + 1] in SIZED:
            return number(content[place + 7 : place + 9]), number(content[place + 5 : place + 7])
        place += 2 + number(content[place + 2 : place + 4])
    return None


def video_seconds(content: bytes) -> float | None:
    """How long an MP4 lasts; None if it does not say."""
    place = content.find(b"mvhd") + 4
    # Dates and durations have four bytes each, in the newer version eight.
    wide = content[place : place + 1] == b"\1"
    scale = place + (20 if wide else 12)
    length = content[scale + 4 : scale + (12 if wide else 8)]
    if place < 4 or len(length) < (8 if wide else 4) or not number(content[scale : scale + 4]):
        return None
    return number(length) / number(content[scale : scale + 4])


def voice_seconds(content: bytes) -> float:
    """How long an AMR lasts."""
    place, frames = len(AMR), 0
    while place < len(content):
        mode = content[place] >> 3 & 15
        place += 1 + (FRAMES[mode] if mode < len(FRAMES) else 0)
        frames += 1
    return frames / 50


def number(content: bytes) -> int:
    """Bytes as a number, the highest first."""
    return int.from_bytes(content, "big")
