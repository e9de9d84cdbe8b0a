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
from .model import Call, Endpoint, Model, OpenInt, OpenStr, Tagged, Unknown
from .policy import Policy
from .reading import Decoding, beside_key
from .shapes import Shape, contents, tagged, tags_of, wire_fields

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
        _, unknown = read(type(call), message["data"])
    except DecodeError as error:
        raise RefusedArgument(error.what, error.path, error.fault) from None
    paths = [stranger.path for stranger in unknown]
    return {**message, "unknown": paths} if paths else message


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
    call, unknown = read(endpoint.call, data)
    for stranger in unknown:
        if stranger.path not in vouched:
            raise DecodeError(stranger.what, stranger.path, stranger.fault)
    # What its fields may hold is known by now; their limits and what goes with what are not.
    if check:
        shared.encode(call)
    return call


def read(cls: type[C], data: Any) -> "tuple[C, list[Stranger]]":
    """Read the data of a call, every field of it, and what in it the spec does not know."""
    try:
        call: C = as_written.model(cls)(data)
        return call, list(strangers(call, cls.__name__))
    except DecodeError as error:
        raise error.under(cls.__name__) from None
    except RecursionError:
        raise DecodeError("nested too deep", cls.__name__) from None


class Stranger(NamedTuple):
    """Something in a call that the spec does not know."""

    path: str
    what: str
    fault: Fault


def strangers(value: Any, path: str, shape: Shape | None = None) -> Iterator[Stranger]:
    """Everything in a value of some type that the spec does not know."""
    inner = shape.inner if shape is not None else None
    union, held = tagged(inner), contents(inner)
    if isinstance(value, Unknown):
        hint = did_you_mean(value.tag, union.variants if union is not None else ())
        what = f"unknown tag {brief(value.tag)}{hint}"
        yield Stranger(path, what, Fault.UNKNOWN_VALUE)
    elif isinstance(value, (OpenInt, OpenStr)):
        if value.name not in type(value).__members__:
            what = f"unknown {type(value).__name__} {brief(value.value)}"
            known = [member.value for member in type(value)]
            yield Stranger(path, f"{what}{did_you_mean(value.value, known)}", Fault.UNKNOWN_VALUE)
    elif isinstance(value, Model):
        extra = dict(value.extra)
        for level, key in enumerate(way(union, value) if union is not None else ()):
            beside = extra.pop(beside_key(range(level)), None)
            for other in beside if isinstance(beside, dict) else ():
                yield Stranger(f"{path}.{other}", "unknown field", Fault.UNKNOWN_FIELD)
            path = path if key is None else f"{path}.{key}"
        shaped = list(wire_fields(type(value)))
        for key in extra:
            hint = did_you_mean(key, [known for _, known, _ in shaped])
            yield Stranger(f"{path}.{key}", f"unknown field{hint}", Fault.UNKNOWN_FIELD)
        for attribute, key, each in shaped:
            place = path if each.wire.flat else f"{path}.{key.lstrip('#')}"
            yield from strangers(getattr(value, attribute.name), place, each)
    elif shape is not None and (shape.many or held is not None):
        item = shape._replace(many=False) if shape.many or held is None else held[1]
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield from strangers(each, f"{path}[{index}]", item)
        elif isinstance(value, dict):
            for key, each in value.items():
                yield from strangers(each, f"{path}.{key}", item)


def way(union: Tagged, record: Model) -> list[str | None]:
    """The keys under which a record stands in a union; None where its fields stand beside the tag."""
    for payload, keys in tags_of(union).items():
        inner = tagged(payload)
        if payload is type(record):
            # A record of several tags tells its own.
            own = {key: attribute.name for attribute, key, _ in wire_fields(payload)}
            tag = getattr(record, own[union.tag]) if len(keys) > 1 else next(iter(keys))
            return [keys[tag]]
        if inner is not None and (rest := way(inner, record)):
            return [next(iter(keys.values())), *rest]
    return []


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """A hint, if one of the words that are known is much like it."""
    from difflib import get_close_matches  # only for those who err

    words = [word for word in known if isinstance(word, str)]
    close = get_close_matches(str(name), words, 1)
    return f"; did you mean {close[0]!r}?" if close else ""
