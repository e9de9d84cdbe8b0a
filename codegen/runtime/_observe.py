"""Tells what happened: one record per call, to the log, to OpenTelemetry, and to whoever listens.

There is one mechanism, `on_call`: a function that is given a `CallRecord` when a call has ended, well or not. The
logger `wecom_contact` gets the same record (DEBUG when all went well, INFO otherwise; the fields are on the log
record as `wecom_call`, `wecom_outcome`, `wecom_code`, `wecom_tries`, `wecom_ms`), and so does OpenTelemetry as a
span, if the application has imported `opentelemetry.trace` before it made the client.

Hand-written: edit codegen/runtime/_observe.py.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .errors import APIError

LOG = logging.getLogger("wecom_contact")
DEBUG = logging.DEBUG
INFO = logging.INFO


class CallRecord(NamedTuple):
    """What became of one call."""

    call: str
    """Resource and call: `contact_way.add`."""
    outcome: str
    """`ok`, or the name of the exception's class."""
    code: int | None
    """WeCom's errcode; None when there was none."""
    tries: int
    """How often the request was sent, renewals of the token not counted."""
    ms: float
    """Milliseconds from the first try to the end, with all pauses."""


def record(call: str, tries: int, ms: float, error: BaseException | None) -> CallRecord:
    """The record of a call that has ended."""
    if error is None:
        return CallRecord(call, "ok", 0, tries, ms)
    code = error.code if isinstance(error, APIError) else None
    return CallRecord(call, type(error).__name__, code, tries, ms)


class Watch:
    """All who want to know. `active` is False when nobody does but the log."""

    __slots__ = ("_listeners", "active")

    def __init__(self, on_call: Callable[[CallRecord], None] | None) -> None:
        self._listeners = [each for each in (on_call, spans()) if each is not None]
        self.active = bool(self._listeners)

    def tell(self, told: CallRecord) -> None:
        """Pass a record on."""
        LOG.log(
            DEBUG if told.outcome == "ok" else INFO,
            "%s: %s, tries: %d, %.1f ms",
            told.call,
            told.outcome if not told.code else f"{told.outcome} {told.code}",
            told.tries,
            told.ms,
            extra={f"wecom_{key}": value for key, value in told._asdict().items()},
        )
        for listener in self._listeners:
            call_hook(listener, told)


def call_hook(hook: Callable[[Any], None], told: object) -> None:
    """Call a user's function; what it raises is logged, for a call that WeCom carried out must not look failed."""
    try:
        hook(told)
    except Exception:
        LOG.warning("a hook failed on %s", type(told).__name__, exc_info=True)


def spans() -> Callable[[CallRecord], None] | None:
    """A listener that makes OpenTelemetry spans, if the application uses it."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    tracer = trace.get_tracer("wecom_contact")

    def span(told: CallRecord) -> None:
        # Made when all is over: the parent is the same, for flows run in the caller's thread or task.
        end = time.time_ns()
        made = tracer.start_span(
            told.call,
            kind=trace.SpanKind.CLIENT,
            start_time=end - int(told.ms * 1_000_000),
            attributes={
                "rpc.system": "wecom",
                "rpc.method": told.call,
                "wecom.outcome": told.outcome,
                "wecom.tries": told.tries,
                **({} if told.code is None else {"wecom.errcode": told.code}),
            },
        )
        if told.outcome != "ok":
            made.set_status(trace.StatusCode.ERROR, told.outcome)
        made.end(end)

    return span
