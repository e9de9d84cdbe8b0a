"""Moves records between plain JSON data and our classes: forgiving on the way in, strict on the way out.

    codec.structure({"title": "…", "url": "…"}, LinkAttachment)    # JSON data → record
    codec.unstructure(record)                                      # record → JSON data
    codec.converter                                                # the cattrs Converter behind both

    codec.dump_call(CustomerGet(external_userid="wm…"))            # a call → a message for a queue
    codec.load_call({"call": "customer.get", "data": {…}})         # and back, strict

For every class one function is compiled that builds (or takes apart) a record without looking at
types again; cattrs finds it. Decoding forgives what WeCom may change or get wrong:

    absent, null, or something empty of another kind    the zero value; None for what is optional
    "1" for 1, 1 for "1", milliseconds for seconds      what it stands for
    a list of one for a record, and the other way       what it stands for
    an unknown enum value, an unknown union tag         an open member, an `Unknown`
    an unknown key                                      in `.extra`
    anything else                                       the zero value, and the original in `.extra`

So nothing is lost: what is in `.extra` goes back when the record is encoded, the original of a
field unless the field was set meanwhile. A strict `Codec` raises `DecodeError` instead. Limits are
checked when a call is encoded.

For tools that look at classes: `wire_fields(cls)` gives attribute, wire name and `Shape` of each
field; `is_model`, `is_enum` and `tagged` tell what a shape's inner type is.

Generated from spec/ by `make gen`. Do not edit.
"""

from collections.abc import Mapping
from typing import Any

from ._runtime import messages
from ._runtime.codec import Codec, converter, shared, structure, unstructure
from ._runtime.faults import DecodeError, Fault
from ._runtime.messages import dump_call
from ._runtime.model import Call, Model
from ._runtime.policy import Drift
from ._runtime.shapes import Shape, is_enum, is_model, tagged, wire_fields
from .catalog import CALLS

__all__ = [
    "Codec",
    "DecodeError",
    "Drift",
    "Fault",
    "Model",
    "Shape",
    "converter",
    "dump_call",
    "is_enum",
    "is_model",
    "load_call",
    "shared",
    "structure",
    "tagged",
    "unstructure",
    "wire_fields",
]


def load_call(message: Mapping[str, Any], *, check: bool = True) -> Call[Any]:
    """Make the call of a message that `dump_call` or another program wrote; only its resource is imported.

    Strict and complete, unlike `structure`: a required field that is missing, a value of another
    type, an unknown call, field, value or tag, and what breaks a limit are errors with a path, such
    as `CustomerGet.external_userid`. What the message names under `unknown` is taken: there the
    sender says that it means it. With `check=False`, limits are not looked at.

    Raises `DecodeError` for what is not the call, `RefusedArgument` for what breaks a limit; both
    are a `ValueError` with `what`, `path` and `fault`.
    """
    return messages.load_call(message, CALLS, check)
