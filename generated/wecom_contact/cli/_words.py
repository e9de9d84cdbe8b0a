"""Words of a command line as data: `@file`, `-`, JSON, times, members of enums.

Hand-written: edit codegen/surfaces/cli/_words.py.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._session import say

if TYPE_CHECKING:
    from ..reference import Enum

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0")


def text_of(word: str, option: str) -> str:
    """The word, or what is in the file it names: `@file`, `-` for standard input, `@@…` for a word with an @."""
    if word == "-":
        return sys.stdin.read()
    if word.startswith("@@"):
        return word[1:]
    if word.startswith("@"):
        try:
            return Path(word[1:]).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise click.BadParameter(f"{word[1:]}: {reason(error)}", param_hint=option) from None
    return word


def reason(error: Exception) -> str:
    """Why a file cannot be read."""
    return getattr(error, "strerror", None) or str(error)


def read_data(word: str, option: str) -> Any:
    """JSON data, from the word itself, a file or standard input."""
    text = text_of(word, option)
    try:
        return json.loads(text)
    except ValueError as error:
        words = say("is not JSON: {fault}", fault=error)
        raise click.BadParameter(words, param_hint=option) from None


def seconds(word: str) -> int:
    """A time as Unix seconds; one without a zone is Beijing's, as WeCom's are."""
    # Eight digits are a date: 20261125.
    if word.isascii() and word.isdigit() and len(word) != 8:
        return int(word)
    try:
        when = datetime.fromisoformat(word.strip())
    except ValueError:
        words = say(
            "{word} is not a time such as 2026-11-25 10:00 (Beijing), 2026-11-25T10:00+09:00, "
            "or Unix seconds",
            word=repr(word),
        )
        raise ValueError(words) from None
    if when.tzinfo is None:
        from .. import BEIJING

        when = when.replace(tzinfo=BEIJING)
    return int(when.timestamp())


def boolean(word: str) -> bool:
    """Yes or no."""
    if word.lower() in TRUE + FALSE:
        return word.lower() in TRUE
    raise ValueError(say("{word} is neither true nor false", word=repr(word)))


def member(enum: "Enum", word: str) -> int | str:
    """A member of an enum, by its name or its value; the reader of the data refuses a number it does not know."""
    names = {value.name.lower(): value.value for value in enum.values}
    values = {str(value.value): value.value for value in enum.values}
    if word.lower() in names:
        return names[word.lower()]
    if word in values:
        return values[word]
    numeric = all(isinstance(value, int) for value in values.values())
    if numeric and word.removeprefix("-").isdecimal():
        return int(word)
    raise ValueError(say("{word} is none of {names}", word=repr(word), names=", ".join(names)))
