"""JSON that is not quite JSON: what nicknames and gateways do to it. Read once more where the fast parser refuses.

Hand-written: edit codegen/runtime/_runtime/forgiving.py.
"""

import codecs
import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half of a character as CESU-8 writes it; UTF-8 has no such bytes."""
AROUND = "\ufeff\0 \t\r\n"
"""What may stand around the data without being part of it."""


class TooDeep(ValueError):
    """JSON that is nested deeper than Python can follow."""


def read(content: bytes | str, unlike: Callable[[str], Any] = lambda _: None) -> Any:
    """The data: control characters are taken, what is not UTF-8 and lone surrogates become U+FFFD.

    NaN, and what is too great to be a number, becomes what `unlike` makes of its text: None by default.
    Raises `ValueError` that says where it is not JSON at all; `TooDeep` if that is why.
    """
    text = content if isinstance(content, str) else content.decode("utf-8", "wecom_contact.halves")
    text = join_surrogates(text).strip(AROUND)

    def finite(digits: str) -> Any:
        number = float(digits)
        return number if isfinite(number) else unlike(json.dumps(number))

    def integer(digits: str) -> Any:
        try:
            return int(digits)
        except ValueError:  # thousands of digits
            return unlike(digits)

    try:
        return without_surrogates(
            json.loads(
                text, strict=False, parse_constant=unlike, parse_float=finite, parse_int=integer
            )
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise TooDeep("nested too deep") from None


def join_surrogates(text: str) -> str:
    """The text with pairs of surrogates joined, and U+FFFD for those that are alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def without_surrogates(data: Any) -> Any:
    """The same data without lone surrogates, which escapes can bring in."""
    if isinstance(data, str):
        return data if data.isascii() else join_surrogates(data)
    if isinstance(data, list):
        return [without_surrogates(item) for item in data]
    if isinstance(data, dict):
        return {without_surrogates(key): without_surrogates(value) for key, value in data.items()}
    return data


def halves(error: UnicodeError) -> tuple[str, int]:
    """A handler for decoding: halves of characters are kept to be joined, all else is replaced."""
    assert isinstance(error, UnicodeDecodeError)
    if half := SURROGATE.match(error.object, error.start):
        return half[0].decode("utf-8", "surrogatepass"), half.end()
    return "\ufffd", error.end


codecs.register_error("wecom_contact.halves", halves)
