"""What answers a call: the table of all that have real state, and how the others are answered.

Hand-written: edit codegen/surfaces/testing/_answers.py.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from attrs import define, frozen

from ..catalog import Endpoint
from ..codec import Model, contents, is_enum, is_model, tagged, wire_fields
from ._refusals import Refusal
from ._sight import Sight
from ._things import Data, Media, Member
from ._world import World

T = TypeVar("T")


@frozen
class Upload:
    """The file of a multipart request."""

    name: str
    content_type: str
    content: bytes


@define(eq=False)
class Ask:
    """A call that has been checked."""

    corp: World
    name: str
    data: Data
    """What was asked, in wire shape."""
    app: str
    """The app whose token it came with."""
    file: Upload | None = None
    sight: Sight | None = None
    """The visible range of the app; None if it sees everybody."""

    def sees(self, userid: str) -> bool:
        """Whether a member is in the visible range of the app."""
        return self.sight is None or userid in self.sight.userids

    def get(self, key: str, other: Any = None) -> Any:
        """A field, or something else if it is not there; null counts as not there."""
        value = self.data.get(key)
        return other if value is None else value

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def member(self, key: str = "userid", code: int = 60111) -> Member:
        """The member that a field names."""
        return self.corp.member_of(self.data[key], code)

    def mine(self, app: str | None, code: int) -> None:
        """Refuse what another app made, or an admin."""
        if app != self.app:
            raise Refusal(code)


Answer: TypeAlias = Callable[[Ask], "Data | Media | None"]

ANSWERS: dict[str, Answer] = {}
"""Every call with real state, and what answers it."""


EXAMPLES: Mapping[str, Data] = {
    # WeCom's own addresses; there is nothing in a corp that could change them.
    "server.api_ips": {"ip_list": ["182.254.11.176", "182.254.78.66"]},
    "server.callback_ips": {"ip_list": ["101.226.103.0/25", "140.207.54.0/25"]},
    # What an administrator granted to a provider's app, in WeCom's own console.
    "agent.get_permissions": {
        "app_permissions": ["contact:base:base"],
        "app_permissions_ext": [
            {"permission_name": "contact:base:base", "expire_time": 1_770_100_000}
        ],
    },
    # A switch for corps that come later; nothing of this corp changes.
    "id_convert.upgrade_chatid_for_new_corp": {},
}
"""The few calls that are answered with the example of their official page, and why."""


def answers(name: str) -> Callable[[Answer], Answer]:
    """Make a function the answer to a call."""

    def register(answer: Answer) -> Answer:
        ANSWERS[name] = answer
        return answer

    return register


def text(data: Data) -> str | None:
    """The text of a message."""
    content = (data.get("text") or {}).get("content")
    return None if content is None else str(content)


KEPT: Mapping[str, str] = {
    r"[\w.]+:next_cursor": "where the next page begins",
    r"(moment\.get_task_result|media\.get_upload_by_url_result):.*": "how far a job is",
    r"customer\.batch_get:fail_info.*": "what was left out",
    r"id_convert\.\w+:invalid_\w+": "what was left out",
    r"id_convert\.\w+:(external_userid|pending_id)": "the answer itself, one or the other",
    r"id_convert\.\w+:results\..*": "the answer itself, after the kind of the id",
    r"follow_user\.check:.*": "the answer itself",
    r"customer\.list_served:info_list\..*": "for customers one set, for others another",
    r"\w+_strategy\.get_range:range\.(userid|partyid)": "one or the other",
    r"group_msg\.get_send_result:send_list\.(external_userid|chat_id)": "one or the other",
    r"moment\.get_comments:\w+\.(userid|external_userid)": "one or the other",
}
"""Optional fields that are no matter of permission: an app sees them all the same."""


def lists_of(endpoint: Endpoint[Any]) -> list[str]:
    """The lists that the reply of a call that reads always has."""
    if not endpoint.readonly or endpoint.result is None or not is_model(endpoint.result):
        return []
    fields = wire_fields(endpoint.result)
    return [key for _, key, shape in fields if shape.many and not shape.optional]


def sparse(endpoint: Endpoint[Any], reply: Data, hidden: Collection[str] | None = None) -> Data:
    """The reply of a call that reads, without its optional fields, or without those that are hidden."""
    if not endpoint.readonly or endpoint.result is None:
        return reply
    return _sparse(endpoint.result, reply, f"{endpoint.name}:", hidden)


def _sparse(cls: type[Model], data: Data, path: str, hidden: Collection[str] | None) -> Data:
    kept: Data = {}
    own = {key for _, key, shape in wire_fields(cls) if not shape.wire.flat}
    for _, key, shape in wire_fields(cls):
        here = f"{path}{key}"
        seen = not shape.optional or any(re.fullmatch(pattern, here) for pattern in KEPT)
        if hidden is not None:
            seen = seen or key not in hidden
        if not seen or key not in data:
            continue
        value = kept[key] = data[key]
        if shape.wire.flat:
            kept |= {name: data[name] for name in data.keys() - own}
        if is_model(shape.inner):
            if shape.many:
                kept[key] = [_sparse(shape.inner, each, f"{here}.", hidden) for each in value]
            else:
                kept[key] = _sparse(shape.inner, value, f"{here}.", hidden)
    return kept


def example_of(endpoint: Endpoint[Any]) -> Data | Media:
    """A reply made after the class of the reply: for calls without state, and for those the spec gains tomorrow."""
    if endpoint.download:
        return Media("EXAMPLE", "file", "example.txt", "text/plain", b"An example.", 0)
    if endpoint.result is None or not is_model(endpoint.result):
        return {}
    example = _example(endpoint.result)
    if endpoint.paginate is not None:
        # One page is all there is, however small the pages that are asked for.
        if endpoint.paginate.more in example:
            example[endpoint.paginate.more] = type(example[endpoint.paginate.more])(False)
        if endpoint.paginate.limit and endpoint.paginate.items in example:
            example[endpoint.paginate.items] = []
    return example


def _example(cls: type[Model], around: Sequence[Any] = ()) -> Data:
    """A record with what is required; `around` are the classes and unions that it is inside of."""
    example: Data = {}
    for attribute, key, shape in wire_fields(cls):
        if shape.optional:
            continue
        if shape.many and (shape.inner in around or shape.inner is cls):
            example[key] = []
            continue
        if shape.wire.flat:
            example |= _union(shape.inner, (*around, cls))
            continue
        value = _value(shape.inner, attribute.name, (*around, cls))
        if shape.wire.flag:
            value = 0
        example[key] = [value] if shape.many else value
    return example


def _union(annotation: Any, around: Sequence[Any], above: Sequence[str] = ()) -> Data:
    """An object of a union; `above` are keys of its record that unions around it move out."""
    union = tagged(annotation)
    assert union is not None
    payloads = union.variants.items()
    tag, (key, payload) = next(
        (each for each in payloads if each[1][1] not in around), next(iter(payloads))
    )
    given = [*above, *union.common]
    around = (*around, annotation)
    inside = _example(payload, around) if is_model(payload) else _union(payload, around, given)
    inside.pop(union.tag, None)  # a record of several tags
    if key is None:
        return {union.tag: tag, **inside}
    beside = {name: inside.pop(name) for name in given if name in inside}
    own = {name.lstrip("#") if name in union.common else name: beside[name] for name in beside}
    return {union.tag: tag, **own, key: inside}


def _value(inner: Any, name: str, around: Sequence[Any]) -> Any:
    held = contents(inner)
    if held is not None:
        return held[0]()
    if tagged(inner) is not None:
        return _union(inner, around)
    if is_model(inner):
        return _example(inner, around)
    if is_enum(inner):
        return next(iter(inner)).value
    samples = {str: name.upper(), int: 1, float: 1.0, bool: True, datetime: 1_600_000_000}
    return samples.get(inner)
