"""Keeps tokens and secrets out of what others collect about your program.

    sentry_sdk.init(before_send=scrub, before_send_transaction=scrub, before_breadcrumb=scrub)

OpenTelemetry needs nothing: the client makes spans of its own, without secrets, and keeps the instrumentation of
HTTP libraries from recording its URLs.

Hand-written: edit codegen/runtime/observe.py.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from ._runtime.secrets import HIDDEN, NAMES, redact

__all__ = ["scrub"]

E = TypeVar("E")

MAX_DEPTH = 100
"""Levels that are looked at; what is deeper is hidden whole."""
KEYS = re.compile(
    "|".join(
        [
            *(name.replace("_", "[_-]?") for name in NAMES),
            "secret",
            "aes_?key",
            "proxy-authorization",
        ]
    ),
    re.IGNORECASE,
)
"""Keys and names of variables whose values are hidden whole."""


def scrub(event: E, hint: object = None) -> E:
    """A copy of an event of Sentry's, or of a breadcrumb, without WeCom's tokens and secrets.

    Give it to `sentry_sdk.init` as `before_send`, `before_send_transaction` and `before_breadcrumb`. Every text at
    any depth is searched (URLs, queries, request bodies, messages, variables of stack frames), and the values of
    `secret`, `corpsecret`, `access_token`, `suite_ticket` and the like are replaced by `***`. The event itself stays as it is.
    It never raises: what cannot be looked at is hidden.
    """
    cleaned: E = copied(event, {}, 0)
    return cleaned


def copied(value: Any, done: dict[int, tuple[Any, Any]], depth: int) -> Any:
    """A copy without secrets; a container that is met again, in itself or elsewhere, is copied once.

    `done` keeps what was copied alive, for another object might get its id.
    """
    if isinstance(value, (int, float)):
        return value
    try:
        if isinstance(value, str):
            return redact(value)
        if isinstance(value, (bytes, bytearray)):
            text = bytes(value).decode("latin-1")
            cleaned = redact(text)
            return value if cleaned == text else cleaned.encode("latin-1")
        if id(value) in done:
            return done[id(value)][1]
        if depth > MAX_DEPTH:
            return HIDDEN
        if isinstance(value, Mapping):
            mapping: dict[Any, Any] = {}
            done[id(value)] = value, mapping
            for key, item in value.items():
                name = redact(key) if isinstance(key, str) else key
                mapping[name] = pair(key, item, done, depth)
            return mapping
        if isinstance(value, (list, tuple, set, frozenset)):
            items: list[Any] = []
            if isinstance(value, list):
                done[id(value)] = value, items
            if len(value) == 2 and isinstance(value, (list, tuple)):
                # A header or a parameter: ("access_token", "…").
                items += [copied(value[0], done, depth + 1), pair(value[0], value[1], done, depth)]
            else:
                items += [copied(item, done, depth + 1) for item in value]
            if isinstance(value, list):
                return items
            rebuilt = tuple(items) if isinstance(value, tuple) else type(value)(items)
            done[id(value)] = value, rebuilt
            return rebuilt
        text = repr(value)
        cleaned = redact(text)
        return value if cleaned == text else cleaned
    except Exception:
        return HIDDEN


def pair(key: Any, item: Any, done: dict[int, tuple[Any, Any]], depth: int) -> Any:
    """The value that belongs to a key."""
    name = key.decode("latin-1") if isinstance(key, bytes) else key
    if isinstance(name, str) and item and KEYS.fullmatch(name):
        return HIDDEN
    return copied(item, done, depth + 1)
