"""Calls as messages, for queues: a name and plain JSON data. Written from a call, and read back strictly.

A message holds what WeCom would be sent, so another program can write one. What is not in the spec but was put into
the call on purpose (`.extra`, an `Unknown`, a value of an open enum) is named under `unknown`, so that a reader
can tell it from a typing error.

Hand-written: edit codegen/runtime/_runtime/messages.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import orjson

from ..errors import RefusedArgument, brief
from .codec import a_call, shared
from .faults import DecodeError, Fault
from .model import BESIDE, Call, Endpoint, Model, OpenInt, OpenStr, Unknown
from .policy import Policy
from .reading import Decoding
from .shapes import tagged, wire_fields

C = TypeVar("C", bound=Call[Any])

# A path in a message would have whoever writes to the queue read files of whoever reads it.
NO_FILE = "a file does not travel in a message; upload it where it is, and send the media_id or address in a call"


class AsWritten(Policy):
    """Takes what a writer of ours makes, and nothing that only resembles it."""

    zero_is_never = False

    def __init__(self) -> None:
        super().__init__(True, None)

    def drift(self, where: str, what: str, value: Any, fault: Fault = Fault.TYPE) -> None:
        """Refuse what is missing or of another type. What is unknown is looked at when all has been read."""
        if fault is Fault.MISSING:
            raise DecodeError("is required", fault=fault)
        if fault is Fault.TYPE:
            super().drift(where, what, value, fault)


as_written = Decoding(AsWritten())


def dump_call(call: Call[Any], *, check: bool = True) -> dict[str, Any]:
    """Turn a call into a message, plain JSON data: `{"call": "customer.get", "data": {"external_userid": "wm…"}}`.

    Fit as an argument of a task of Celery, Dramatiq, Taskiq or RQ; `load_call` makes the call of it. Corp id, secret
    and token belong to the client and are not in it; a `welcome_code` or `chat_key` is part of its call, and is.
    What the spec does not know, such as keys of `.extra`, is named under `"unknown"`.

    Raises `RefusedArgument` with a path for what WeCom would refuse (limits only with `check`), and for uploads: a file
    does not travel.
    """
    endpoint = a_call(call).endpoint
    name = type(call).__name__
    if endpoint.upload:
        raise RefusedArgument(NO_FILE, f"{name}.{endpoint.upload}")
    message = {"call": endpoint.name, "data": orjson.loads(shared.body(call, check))}
    try:
        written = read(type(call), message["data"])
    except DecodeError as error:
        raise RefusedArgument(error.what, error.path, error.fault) from None
    unknown = [stranger.path for stranger in strangers(written, name)]
    return {**message, "unknown": unknown} if unknown else message


def load_call(
    message: Mapping[str, Any], calls: Mapping[str, Endpoint[Any]], check: bool
) -> Call[Any]:
    """Make the call of a message; `wecom_contact.codec.load_call` says how."""
    if not isinstance(message, Mapping):
        raise DecodeError(f"{brief(message)} is not an object", "message")
    for key in message:
        if key not in ("call", "data", "unknown"):
            hint = did_you_mean(key, ("call", "data"))
            raise DecodeError(f"unknown field{hint}", f"message.{key}", Fault.UNKNOWN_FIELD)
    for key in ("call", "data"):
        if message.get(key) is None:
            raise DecodeError("is required", f"message.{key}", Fault.MISSING)
    name, data, vouched = message["call"], message["data"], message.get("unknown", [])
    if not isinstance(name, str):
        raise DecodeError(f"{brief(name)} is not a string", "message.call")
    if name not in calls:
        what = f"unknown call {brief(name)}{did_you_mean(name, calls)}"
        raise DecodeError(what, "message.call", Fault.UNKNOWN_VALUE)
    if not isinstance(vouched, list) or not all(isinstance(path, str) for path in vouched):
        raise DecodeError(f"{brief(vouched)} is not a list of paths", "message.unknown")
    endpoint = calls[name]
    cls = endpoint.call.__name__
    if endpoint.upload:
        raise DecodeError(NO_FILE, f"{cls}.{endpoint.upload}")
    call = read(endpoint.call, data)
    for stranger in strangers(call, cls):
        if stranger.path not in vouched:
            raise DecodeError(stranger.what, stranger.path, stranger.fault)
    # What its fields may hold is known by now; their limits and what goes with what are not.
    if check:
        shared.encode(call)
    return call


def read(cls: type[C], data: Any) -> C:
    """Read the data of a call, every field of it."""
    try:
        call: C = as_written.model(cls)(data)
    except DecodeError as error:
        raise error.under(cls.__name__) from None
    return call


class Stranger(NamedTuple):
    """Something in a call that the spec does not know."""

    path: str
    what: str
    fault: Fault


def strangers(value: Any, path: str, inner: Any = None) -> Iterator[Stranger]:
    """Everything in a value of some type that the spec does not know."""
    union = tagged(inner)
    if isinstance(value, Unknown):
        hint = did_you_mean(value.tag, union.variants if union is not None else ())
        what = f"unknown tag {brief(value.tag)}{hint}"
        yield Stranger(path, what, Fault.UNKNOWN_VALUE)
    elif isinstance(value, (OpenInt, OpenStr)):
        if value.name not in type(value).__members__:
            what = f"unknown {type(value).__name__} {brief(value.value)}"
            known = [member.value for member in type(value)]
            yield Stranger(path, f"{what}{did_you_mean(value.value, known)}", Fault.UNKNOWN_VALUE)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strangers(item, f"{path}[{index}]", inner)
    elif isinstance(value, Model):
        extra = dict(value.extra)
        if union is not None:
            beside = extra.pop(BESIDE, None)
            for key in beside if isinstance(beside, dict) else ():
                yield Stranger(f"{path}.{key}", "unknown field", Fault.UNKNOWN_FIELD)
            keys = {cls: key for key, cls in union.variants.values()}
            path = f"{path}.{keys[type(value)]}"
        shaped = list(wire_fields(type(value)))
        for key in extra:
            hint = did_you_mean(key, [known for _, known, _ in shaped])
            yield Stranger(f"{path}.{key}", f"unknown field{hint}", Fault.UNKNOWN_FIELD)
        for attribute, key, shape in shaped:
            yield from strangers(getattr(value, attribute.name), f"{path}.{key}", shape.inner)


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """A hint, if one of the words that are known is much like it."""
    from difflib import get_close_matches  # only for those who err

    words = [word for word in known if isinstance(word, str)]
    close = get_close_matches(str(name), words, 1)
    return f"; did you mean {close[0]!r}?" if close else ""
