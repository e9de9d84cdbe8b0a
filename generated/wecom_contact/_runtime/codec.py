"""A way of decoding and encoding: one compiled function for every class, found through cattrs. `wecom_contact.codec`
shows it to users, and says what is forgiven.

Hand-written: edit codegen/runtime/_runtime/codec.py.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, overload
from urllib.parse import urlencode

import orjson
from cattrs import Converter

from ..errors import RefusedArgument
from . import forgiving
from .faults import DecodeError
from .model import Call, OpenInt, OpenStr
from .policy import Drift, Policy
from .reading import Decoding
from .shapes import Shape, is_model, is_scalar
from .writing import Encoding, Writer, refusal, unsendable

T = TypeVar("T")


class Codec:
    """A way of decoding and encoding; a client has one."""

    def __init__(
        self, *, strict: bool = False, on_drift: Callable[[Drift], None] | None = None
    ) -> None:
        self.policy = Policy(strict, on_drift)
        decoding = Decoding(self.policy)
        forgiven = decoding if not strict else Decoding(Policy(False, None))
        plain = Encoding(False, False, forgiven)
        self._unchecked = Encoding(False, True, forgiven)
        self._checked = Encoding(True, True, forgiven)
        self.converter = ours = Converter()

        @cache
        def decode(annotation: Any) -> Callable[[Any, Any], Any]:
            read = decoding.reader(Shape.of(annotation), getattr(annotation, "__name__", "union"))
            return lambda data, _: read(data)

        def encode(annotation: Any) -> Writer:
            return plain.writer(Shape.of(annotation))

        def record(annotation: Any) -> Callable[[Any, Any], Any]:
            # What is compiled takes the second argument that cattrs gives, so nothing lies between.
            read: Callable[..., Any] = decoding.model(annotation)
            return read

        ours.register_structure_hook_factory(is_scalar, decode)
        for base in (OpenInt, OpenStr):
            # cattrs has a hook for Enum, and asks for classes before it asks predicates.
            ours.register_structure_hook(base, lambda value, cls: decode(cls)(value, cls))
        ours.register_structure_hook_factory(is_model, record)
        ours.register_unstructure_hook_factory(is_scalar, encode)
        ours.register_unstructure_hook_factory(is_model, plain.model)

    def structure(self, data: Any, cls: Any) -> Any:
        """Build a `cls` from JSON data; raises `DecodeError` with the path to what does not fit.

        For a record a forgiving codec raises only if `data` is not an object.
        """
        try:
            return self.converter.structure(data, cls)
        except DecodeError as error:
            raise error.under(getattr(cls, "__name__", "union")) from None
        except RecursionError:
            name = getattr(cls, "__name__", "union")
            raise DecodeError("nested too deep", name) from None

    def unstructure(self, value: Any) -> Any:
        """Turn a record into JSON data, unknown fields included; limits are not checked."""
        try:
            return self.converter.unstructure(value)
        except RefusedArgument as error:
            raise error.under(type(value).__name__) from None

    def encode(self, call: Call[Any], check: bool = True) -> dict[str, Any]:
        """Turn a call into its wire parameters; raises `RefusedArgument` with the path to what WeCom would refuse."""
        encoding = self._checked if check else self._unchecked
        write = encoding.models.get(call.__class__) or encoding.model(a_call(call).__class__)
        try:
            wire: dict[str, Any] = write(call)
        except RefusedArgument as error:
            raise error.under(type(call).__name__) from None
        except RecursionError:
            raise RefusedArgument("nested too deep, or in a circle", type(call).__name__) from None
        return wire

    def body(self, call: Call[Any], check: bool = True) -> bytes:
        """The parameters of a call as JSON."""
        data = self.encode(call, check)
        try:
            return orjson.dumps(data)
        except TypeError:
            return slowly(data, call, type(call).__name__)

    def query(self, call: Call[Any], check: bool = True) -> str:
        """The parameters of a call for a query: `type=image`."""
        data = self.encode(call, check)
        try:
            return query(data)
        except ValueError as error:
            found = refusal(call, plain=False) or RefusedArgument(str(error))
            raise found.under(type(call).__name__) from None

    def loads(self, content: bytes, where: str) -> Any:
        """JSON data out of bytes; raises `ValueError` that says where it is not JSON.

        What the fast parser refuses is read once more, by one that forgives; `on_drift` hears of it.
        """
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            data = forgiving.read(content)
            self.policy.drift(where, "JSON with faults", str(error))
            return data


def a_call(value: Any) -> Call[Any]:
    """The value, if it is a call."""
    if isinstance(value, Call) and hasattr(value, "endpoint"):
        return value
    if isinstance(value, type) and issubclass(value, Call):
        raise RefusedArgument(f"{value.__name__}(…), not the class {value.__name__}", "call")
    raise RefusedArgument(f"a call such as ContactWayGet(…), not {type(value).__name__}", "call")


def refuse_under(name: str, value: Any, plain: bool) -> None:
    """Raise `RefusedArgument` with the path, which begins with a name, to what cannot be sent."""
    fault = refusal(value, plain)
    if fault is not None:
        raise fault.under(name)


def slowly(data: Any, value: Any, name: str) -> bytes:
    """JSON out of what the fast writer refuses: the path to the fault, or what only the slow one writes.

    Only that one writes tuples with names, and names and floats of a subclass.
    """
    refuse_under(name, value, plain=data is value)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def dumps(data: Any, name: str) -> bytes:
    """JSON out of what a user gave; raises `RefusedArgument` with the path to what is none."""
    refuse_under(name, data, plain=True)
    try:
        return orjson.dumps(data)
    except TypeError:
        return slowly(data, data, name)


def query(data: Mapping[str, Any]) -> str:
    """Parameters for a query; raises `ValueError` for what does not fit in one."""
    return urlencode({key: word(value) for key, value in data.items()})


def word(value: Any) -> str:
    """A value as it stands in a query: `true` or `false`, a list joined by commas."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(word(item) for item in value)
    if isinstance(value, int):
        if what := unsendable(value, True):
            raise ValueError(what)
        return int.__repr__(value)
    return str(value)


shared = Codec()
"""The forgiving codec every client uses unless told otherwise."""

converter = shared.converter
"""The cattrs converter behind `structure` and `unstructure`."""


@overload
def structure(data: Any, cls: type[T]) -> T: ...
@overload
def structure(data: Any, cls: Any) -> Any: ...
def structure(data: Any, cls: Any) -> Any:
    """Build a `cls` from JSON data, forgiving what this version does not know."""
    return shared.structure(data, cls)


def unstructure(value: Any) -> Any:
    """Turn a record into JSON data, unknown fields included."""
    return shared.unstructure(value)


def codec_of(strict: bool, on_drift: Callable[[Drift], None] | None) -> Codec:
    """A client's codec: one of two, whose functions are compiled once, unless somebody wants to hear of drift."""
    if on_drift is not None:
        return Codec(strict=strict, on_drift=on_drift)
    return shared_strict() if strict else shared


@cache
def shared_strict() -> Codec:
    """The strict codec of all clients that want one."""
    return Codec(strict=True)
