"""Checks requests against the spec of their call, and chooses the code WeCom has for what is wrong.

The catalog says what a call takes; a strict codec reads it and checks the limits, with the path to what does not fit.

Hand-written: edit codegen/surfaces/testing/_check.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from .. import catalog
from ..catalog import Endpoint
from ..codec import Codec, DecodeError, Fault, Model, contents, is_model, tagged, wire_fields
from ..errors import RefusedArgument
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


EMPTY_ALLOWED: Mapping[str, str] = {
    r"[\w.]+:(conclusions\.)?text\.content": "the page does not ask for it: the call refuses if "
    "nothing stands beside it",
    r"customer\.remark:remark_mobiles\[\d+\]": "an empty number clears the numbers",
}
"""Required strings and items of lists that may be empty, and why; all others may not."""

EMPTY_REFUSED: Mapping[str, str] = {
    r"(corp|strategy)_tag\.add:group_id": "taken for an id, not for a field left out",
    r"[\w.]+:(.*\.)?media_id": "the same",
    r"customer_acquisition\.update_link:link_name": "a name can be changed, not taken away",
    r"intercept_rule\.update:rule_name": "the same",
    r"(customer|moment)_strategy\.edit:strategy_name": "the same",
    r"(customer|moment)_strategy\.\w+:range\w*\[\d+\]\.userid": "a node is a member or a department",
}
"""Optional strings that may not be empty, and why. In all others an empty string clears, or is as good as nothing."""


EMPTY_LISTS: Mapping[str, int] = {
    "customer.batch_get:userid_list": 40031,
}
"""Codes for a required list with nothing in it, where they differ from those for one that is not there."""


@frozen
class Strings:
    """The strings of a record that are refused when they are empty, at any depth."""

    required: frozenset[str]
    optional: frozenset[str]
    items: frozenset[str]
    """Lists of strings."""
    records: Mapping[str, "Strings"]
    """Records and lists of records."""
    unions: Mapping[str, "Variants"]
    flat: "list[Variants]"
    """The union whose keys stand among those of the record, if there is one."""

    @classmethod
    def of(cls, model: type[Model], known: "dict[type[Model], Strings] | None" = None) -> "Strings":
        """Those of a class; `known` are those around it, which may be inside again."""
        known = {} if known is None else known
        if model in known:
            return known[model]
        required, optional, items = set[str](), set[str](), set[str]()
        records: dict[str, Strings] = {}
        unions: dict[str, Variants] = {}
        flat: list[Variants] = []
        for _, key, shape in wire_fields(model):
            if contents(shape.inner) is None and not is_model(shape.inner):
                chosen = items if shape.many else optional if shape.optional else required
                # What has a least length is refused for that, with a code of its own.
                limited = "min_chars" in shape.wire.limits
                if tagged(shape.inner) is None and not limited and issubclass(shape.inner, str):
                    chosen.add(key)
        found = known[model] = cls(
            frozenset(required), frozenset(optional), frozenset(items), records, unions, flat
        )
        for _, key, shape in wire_fields(model):
            union = tagged(shape.inner)
            if union is not None and shape.wire.flat:
                flat.append(Variants.of(shape.inner, known))
            elif union is not None:
                unions[key] = Variants.of(shape.inner, known)
            elif is_model(shape.inner):
                records[key] = cls.of(shape.inner, known)
        return found

    def empty(self, data: Any, path: str = "") -> Iterator[tuple[str, bool]]:
        """Where `data` has an empty string, and whether one is required there.

        What is of another kind than it should be is passed over: the codec refuses that.
        """
        if not isinstance(data, dict):
            return
        for variants in self.flat:
            yield from variants.empty(data, path)
        for key, value in data.items():
            where = f"{path}{key}"
            if value == "":
                if key in self.required or key in self.optional:
                    yield where, key in self.required
            elif key in self.items and isinstance(value, list):
                yield from ((f"{where}[{i}]", True) for i, each in enumerate(value) if each == "")
            elif key in self.records:
                for place, record in each_of(value, where):
                    yield from self.records[key].empty(record, f"{place}.")
            elif key in self.unions:
                for place, record in each_of(value, where):
                    yield from self.unions[key].empty(record, f"{place}.")


@frozen
class Variants:
    """The same for a union, by its tag."""

    tag: str
    payloads: Mapping[object, "tuple[str | None, Strings | Variants]"]
    """The key of the payload; None where its fields stand beside the tag."""

    @classmethod
    def of(cls, annotation: Any, known: dict[type[Model], Strings]) -> "Variants":
        """Those of a union."""
        union = tagged(annotation)
        assert union is not None
        return cls(
            union.tag,
            {
                tag: (
                    key,
                    Strings.of(payload, known) if is_model(payload) else cls.of(payload, known),
                )
                for tag, (key, payload) in union.variants.items()
            },
        )

    def empty(self, data: Any, path: str) -> Iterator[tuple[str, bool]]:
        """Where an object of the union has an empty string, and whether one is required there."""
        named = data.get(self.tag) if isinstance(data, dict) else None
        if isinstance(named, (str, int)) and named in self.payloads:
            key, strings = self.payloads[named]
            if key is None:
                yield from strings.empty(data, path)
            else:
                yield from strings.empty(data.get(key), f"{path}{key}.")


def each_of(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A record, or those of a list, and where they stand."""
    if isinstance(value, list):
        yield from ((f"{path}[{i}]", each) for i, each in enumerate(value))
    else:
        yield path, value


class Form:
    """What one call takes."""

    def __init__(self, endpoint: Endpoint[Any], lenient: bool = False) -> None:
        self.endpoint = endpoint
        self.lenient = lenient
        self.integers: set[str] = set()
        self.lists: list[str] = []
        """Those that are required."""
        self.strings = Strings.of(endpoint.call)
        self.known: set[str] = set()
        for _, key, shape in wire_fields(endpoint.call):
            self.known.add(key)
            # Any key may be one of a union that stands flat.
            self.lenient = self.lenient and not shape.wire.flat
            inner = shape.inner
            kind = inner if isinstance(inner, type) else object
            if issubclass(kind, (int, datetime)) and not shape.many:
                self.integers.add(key)
            if shape.many and not shape.optional:
                self.lists.append(key)
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
        for path, required in self.strings.empty(data):
            self._check_empty(path, required)
        try:
            call = STRICT.structure(data, endpoint.call)
            STRICT.encode(call)
        except (DecodeError, RefusedArgument) as error:
            raise self._refusal(error, data) from None
        for key in self.lists:
            if data[key] == []:
                code = EMPTY_LISTS.get(f"{endpoint.name}:{key}", self._missing(key, 40063))
                raise Refusal(code, f"{key} is empty")
        return data

    def _check_empty(self, path: str, required: bool) -> None:
        """Refuse an empty string that stands where there must be something."""
        where = f"{self.endpoint.name}:{path}"
        if required and not fits(EMPTY_ALLOWED, where):
            raise Refusal(self._missing(path, 40063), f"{path} is empty")
        if not required and fits(EMPTY_REFUSED, where):
            raise Refusal(40058, f"{path} is empty")

    def _missing(self, key: str, other: int) -> int:
        return MISSING.get(f"{self.endpoint.name}:{key}", MISSING.get(key, other))

    def _refusal(self, error: DecodeError | RefusedArgument, data: Data) -> Refusal:
        path = error.path.partition(".")[2]
        where, what = f"{self.endpoint.name}:{path}", error.what
        words = f"{path}: {what}" if path else what
        match error.fault:
            case Fault.MISSING:
                return Refusal(self._missing(path, 40058), f"missing {path}")
            case Fault.UNKNOWN_FIELD:
                return Refusal(40058, f"unknown field {path}")
            case Fault.UNKNOWN_VALUE:
                return Refusal(code_for(UNKNOWN, where), words)
            case Fault.LIMIT:
                # A list that is empty is as good as missing.
                code = self._missing(path, 0) if data.get(path) == [] else 0
                return Refusal(code or code_for(BEYOND, where), words)
            case Fault.RELATION:
                return Refusal(NOTHING.get(self.endpoint.name, 40058), words)
            case _:
                return Refusal(40058, words)


def fits(table: Mapping[str, str], where: str) -> bool:
    """Whether one of the patterns fits."""
    return any(re.fullmatch(pattern, where) for pattern in table)


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
