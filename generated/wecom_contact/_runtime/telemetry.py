"""Tells what happened: one record per call, to the log, to OpenTelemetry, and to whoever listens.

There is one mechanism, `on_call`: a function that is given a `CallRecord` when a call has ended, well or not. The
logger `wecom_contact` gets the same record (DEBUG when all went well, INFO otherwise; the fields are on the log
record as `wecom_call`, `wecom_outcome`, `wecom_code`, `wecom_tries`, `wecom_ms`).

If the application has imported `opentelemetry.trace` before it made the client, a span begins and ends with the
call. It is current meanwhile, so what hooks log and trace stands below it. Spans of HTTP libraries would hold the
URL, token and all, so their instrumentation is suppressed while a request is under way.

Hand-written: edit codegen/runtime/_runtime/telemetry.py.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import APIError

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


def record_of(call: str, tries: int, ms: float, error: BaseException | None) -> CallRecord:
    """The record of a call that has ended."""
    if error is None:
        return CallRecord(call, "ok", 0, tries, ms)
    code = error.code if isinstance(error, APIError) else None
    return CallRecord(call, type(error).__name__, code, tries, ms)


class Telemetry:
    """Reports calls to the log, to a hook and to OpenTelemetry; `active` is False if only the log is there."""

    __slots__ = ("_on_call", "active", "tracing")

    def __init__(
        self, on_call: Callable[[CallRecord], None] | None, address: str, port: int
    ) -> None:
        self._on_call = on_call
        self.tracing = tracing(address, port)
        self.active = on_call is not None or self.tracing is not None

    def report(self, record: CallRecord) -> None:
        """Log a record, and pass it to `on_call`."""
        LOG.log(
            DEBUG if record.outcome == "ok" else INFO,
            "%s: %s, tries: %d, %.1f ms",
            record.call,
            record.outcome if not record.code else f"{record.outcome} {record.code}",
            record.tries,
            record.ms,
            extra={f"wecom_{key}": value for key, value in record._asdict().items()},
        )
        if self._on_call is not None:
            call_hook(self._on_call, record)


def call_hook(hook: Callable[[Any], None], record: object) -> None:
    """Call a user's function; what it raises is logged, for a call that WeCom carried out must not look failed."""
    try:
        hook(record)
    except Exception:
        LOG.warning("a hook failed on %s", type(record).__name__, exc_info=True)


class Tracing:
    """OpenTelemetry, as far as the application uses it. Spans follow its conventions for RPC."""

    def __init__(self, trace: Any, context: Any, address: str, port: int) -> None:
        self._trace = trace
        self._context = context
        self._tracer = trace.get_tracer("wecom_contact")
        self._attributes = {
            "rpc.system.name": "wecom",
            "server.address": address,
            "server.port": port,
        }
        # What `opentelemetry.instrumentation.utils.suppress_http_instrumentation` sets; its package need not be there.
        self._suppress_key = getattr(
            context, "_SUPPRESS_HTTP_INSTRUMENTATION_KEY", "suppress_http_instrumentation"
        )

    def begin(self, call: str) -> "tuple[Any, Any]":
        """A span for a call, current from now on in this thread or task."""
        span = self._tracer.start_span(
            call,
            kind=self._trace.SpanKind.CLIENT,
            attributes={**self._attributes, "rpc.method": call},
        )
        return span, self._context.attach(self._trace.set_span_in_context(span))

    def end(self, begun: "tuple[Any, Any]", record: CallRecord) -> None:
        """End a span, with the outcome of its call."""
        span, before = begun
        self._context.detach(before)
        span.set_attribute("wecom.tries", record.tries)
        if record.code is not None:
            span.set_attribute("rpc.response.status_code", str(record.code))
        if record.outcome != "ok":
            # The names of errors are few; WeCom's codes are not.
            span.set_attribute("error.type", record.outcome)
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()

    def suppress_http(self) -> Any:
        """Suppress the instrumentation of HTTP libraries; returns what `restore_http` wants."""
        return self._context.attach(self._context.set_value(self._suppress_key, True))

    def restore_http(self, before: Any) -> None:
        """End what `suppress_http` began."""
        self._context.detach(before)


def tracing(address: str, port: int) -> Tracing | None:
    """OpenTelemetry, if the application uses it."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    context: Any = sys.modules.get("opentelemetry.context")
    if trace is None or context is None:
        return None
    return Tracing(trace, context, address, port)
