"""Checks requests against the spec of their call, and chooses the code WeCom has for what is wrong.

The catalog says what a call takes; a strict codec reads it and checks the limits, with the path to what does not fit.

Hand-written: edit codegen/runtime/testing/_check.py.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import catalog
from .._model import Endpoint, OpenInt
from .._paths import AtPath
from ..codec import Codec, wire_fields
from ._pages import SIZES, page_size
from ._refusals import Refusal
from ._things import Data

STRICT = Codec(strict=True)

MISSING: Mapping[str, int] = {
    "config_id": 41043,
    "external_userid": 41035,
    "media_id": 41006,
    "moment_id": 41059,
    "msgid": 41046,
    "userid": 41009,
    "welcome_code": 41049,
    "contact_way.add:type": 41037,
    "contact_way.add:scene": 41038,
    "media.upload:type": 40005,
    "product_album.add:attachments": 41088,
}
"""Codes for a field that is not there, by name, or by call and name."""

BEYOND: Sequence[tuple[str, int]] = (
    (r"contact_way\.\w+:user", 41041),
    (r"contact_way\.\w+:style", 41042),
    (r"group_join_way\.\w+:chat_id_list", 41091),
    (r"(corp|strategy)_tag\.\w+:(.*\.)?(name|group_name)", 40072),
    (r"product_album\.\w+:description", 41073),
    (r"product_album\.\w+:price", 41086),
    (r"product_album\.\w+:product_sn", 41085),
    (r"product_album\.add:attachments", 41088),
    (r"intercept_rule\.\w+:word_list\[.*", 41083),
    (r"intercept_rule\.\w+:word_list", 41068),
    (r"intercept_rule\.\w+:.*range.*", 41076),
    (r"customer\.batch_get:userid_list", 40032),
    (r"(group_chat|statistics)\.\w+:owner_filter.*", 81017),
    (r"[\w.]+:attachments", 41064),
    (r"(group_msg|welcome|group_welcome_template)\.\w+:text\.content", 45002),
)
"""Codes for a value that is too long, too short, too large or too small, by call and path."""

UNKNOWN: Sequence[tuple[str, int]] = (
    (r"contact_way\.add:type", 41039),
    (r"\w+_way\.\w+:scene", 41040),
    (r"[\w.]+:attachments.*", 41065),
    (r"group_msg\.\w+:chat_type", 86214),
    (r"media\.\w+:(type|media_type|attachment_type)", 40005),
    (r"intercept_rule\.\w+:.*semantics.*", 41084),
)
"""Codes for a value that WeCom does not know."""

NOTHING: Mapping[str, int] = {
    "moment.add_task": 41089,
}
"""Codes for a call that gives none of what it might."""


class Form:
    """What one call takes."""

    def __init__(self, endpoint: Endpoint[Any], lenient: bool = False) -> None:
        self.endpoint = endpoint
        self.lenient = lenient
        self.integers: set[str] = set()
        self.texts: list[str] = []
        self.known: set[str] = set()
        for _, key, shape in wire_fields(endpoint.call):
            self.known.add(key)
            inner = shape.inner
            if not shape.many and isinstance(inner, type):
                if issubclass(inner, (int, OpenInt, datetime)):
                    self.integers.add(key)
                elif issubclass(inner, str) and not shape.optional:
                    self.texts.append(key)
        sized = endpoint.name in SIZES and SIZES[endpoint.name].beyond != "refused"
        self.size = ("page_size" if "page_size" in self.known else "limit") if sized else None

    def read(self, data: Data) -> Data:
        """The same data if it is as it should be; `Refusal` if not."""
        endpoint = self.endpoint
        if self.lenient:
            data = {key: value for key, value in data.items() if key in self.known}
        if endpoint.method == "GET" or endpoint.upload:
            data = {
                key: int(value) if key in self.integers and _is_number(value) else value
                for key, value in data.items()
            }
        if self.size and isinstance(data.get(self.size), int):
            data = {**data, self.size: page_size(endpoint.name, data[self.size])}
        for key in self.texts:
            if data.get(key) == "":
                raise Refusal(self._missing(key, 40063), f"{key} is empty")
        try:
            call = STRICT.structure(data, endpoint.call)
            STRICT.encode(call)
        except AtPath as error:
            raise self._refusal(error) from None
        return data

    def _missing(self, key: str, other: int) -> int:
        return MISSING.get(f"{self.endpoint.name}:{key}", MISSING.get(key, other))

    def _refusal(self, error: AtPath) -> Refusal:
        path = error.path.partition(".")[2]
        where, what = f"{self.endpoint.name}:{path}", error.what
        words = f"{path}: {what}" if path else what
        if what.startswith("missing"):
            return Refusal(self._missing(path, 40058), f"missing {path}")
        if what.startswith("unknown field"):
            return Refusal(40058, f"unknown field {path}")
        if what.startswith("unknown "):
            return Refusal(code_for(UNKNOWN, where), words)
        if "WeCom takes at" in what:
            return Refusal(code_for(BEYOND, where), words)
        if what.startswith("give "):
            return Refusal(NOTHING.get(self.endpoint.name, 40058), words)
        return Refusal(40058, words)


def code_for(table: Sequence[tuple[str, int]], where: str) -> int:
    """The code of the first pattern that fits; 40058 if none does."""
    return next((code for pattern, code in table if re.fullmatch(pattern, where)), 40058)


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value) is not None


class Forms:
    """The calls by method and path, and what each takes."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._forms: dict[tuple[str, bool], Form] = {}

    def find(self, path: str) -> Endpoint[Any] | None:
        """The call of a path, or None."""
        if not self._paths:
            self._paths = {endpoint.path: name for name, endpoint in catalog.CALLS.items()}
        name = self._paths.get(path)
        return None if name is None else catalog.CALLS[name]

    def of(self, endpoint: Endpoint[Any], lenient: bool) -> Form:
        """What a call takes."""
        key = (endpoint.name, lenient)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = Form(endpoint, lenient)
        return form


FORMS = Forms()
"""Made once in a process; what is in it depends on the catalog alone."""
