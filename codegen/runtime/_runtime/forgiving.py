"""JSON that is not quite JSON: what nicknames and gateways do to it. Read once more where the fast parser refuses.

Hand-written: edit codegen/runtime/_runtime/forgiving.py.
"""

import codecs
import json
import re
from math import isfinite
from typing import Any

SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half of a character as CESU-8 writes it; UTF-8 has no such bytes."""
AROUND = "\ufeff\0 \t\r\n"
"""What may stand around the data without being part of it."""


def read(content: bytes | str) -> Any:
    """The data: control characters are taken, what is not UTF-8 and lone surrogates become U+FFFD; NaN, and what is
    too great to be a number, becomes None.

    Raises `ValueError` that says where it is no JSON at all, or that it is nested too deep.
    """
    text = content if isinstance(content, str) else content.decode("utf-8", "wecom_contact.halves")
    text = whole(text).strip(AROUND)
    try:
        return mended(
            json.loads(
                text,
                strict=False,
                parse_constant=lambda _: None,
                parse_float=finite,
                parse_int=integer,
            )
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None


def finite(digits: str) -> float | None:
    """A number, if it is not too great for a float."""
    number = float(digits)
    return number if isfinite(number) else None


def integer(digits: str) -> int | None:
    """A whole number of any size that Python reads."""
    try:
        return int(digits)
    except ValueError:  # thousands of digits
        return None


def whole(text: str) -> str:
    """The text with pairs of surrogates joined, and U+FFFD for each that is alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def mended(data: Any) -> Any:
    """The same data without lone surrogates, which escapes can bring in."""
    if isinstance(data, str):
        return data if data.isascii() else whole(data)
    if isinstance(data, list):
        return [mended(item) for item in data]
    if isinstance(data, dict):
        return {mended(key): mended(value) for key, value in data.items()}
    return data


def halves(error: UnicodeError) -> tuple[str, int]:
    """A handler for decoding: halves of characters are kept to be joined, all else is replaced."""
    assert isinstance(error, UnicodeDecodeError)
    if half := SURROGATE.match(error.object, error.start):
        return half[0].decode("utf-8", "surrogatepass"), half.end()
    return "\ufffd", error.end


codecs.register_error("wecom_contact.halves", halves)
