"""Pages: opaque cursors that only fit the query they came from, and what a limit beyond the maximum means.

Hand-written: edit codegen/surfaces/testing/_pages.py.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, Literal, TypeVar

from attrs import frozen

from ._refusals import Refusal
from ._things import Data

T = TypeVar("T")


@frozen
class PageSize:
    """How large a page is, and what more than the maximum gets."""

    default: int
    most: int
    beyond: Literal["default", "most", "refused"] = "default"


SIZES: Mapping[str, PageSize] = {
    "contact_way.list": PageSize(100, 1000),
    "customer.batch_get": PageSize(50, 100, "most"),
    "customer.list_served": PageSize(1000, 1000),
    "customer_acquisition.list_customers": PageSize(1000, 1000),
    "customer_acquisition.list_links": PageSize(100, 100),
    "customer_acquisition_component.list_bills": PageSize(100, 1000),
    "customer_strategy.get_range": PageSize(1000, 1000),
    "customer_strategy.list": PageSize(1000, 1000),
    "group_chat.list": PageSize(1000, 1000, "refused"),
    "group_msg.get_send_result": PageSize(500, 1000),
    "group_msg.get_task": PageSize(500, 1000),
    "group_msg.list": PageSize(50, 100),
    "moment.get_customer_list": PageSize(500, 1000),
    "moment.get_send_result": PageSize(3000, 5000),
    "moment.get_task": PageSize(500, 1000),
    "moment.list": PageSize(20, 20),
    "moment_strategy.get_range": PageSize(1000, 1000),
    "moment_strategy.list": PageSize(1000, 1000),
    "product_album.list": PageSize(50, 100),
    "resigned_transfer.list_unassigned": PageSize(1000, 1000),
    "statistics.group_chat": PageSize(500, 1000, "refused"),
}
"""Page sizes of the official pages; the spec has the same numbers as limits for clients."""


def page_size(name: str, asked: int | None) -> int:
    """How many items a page has."""
    size = SIZES[name]
    if asked is None or (asked <= 0 and size.beyond != "refused"):
        return size.default
    if asked > size.most:
        return size.most if size.beyond == "most" else size.default
    return asked


def cursor_for(query: object, offset: int) -> str:
    """What a client gets to go on with; it cannot read it, and it fits no other query."""
    place = str(offset)
    mark = blake2b(f"{query}\0{place}".encode(), digest_size=9).digest()
    return urlsafe_b64encode(mark + place.encode()).rstrip(b"=").decode()


def offset_of(query: object, cursor: str) -> int:
    """Where a cursor points to; 50100 if it is not one of ours for this query."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        offset = int(raw[9:])
    except ValueError:
        raise Refusal(50100) from None
    if offset < 0 or cursor_for(query, offset) != cursor:
        raise Refusal(50100)
    return offset


def paged(
    name: str,
    ask: Data,
    items: Sequence[T],
    show: Callable[[T], Any],
    *,
    size: int | None = None,
    query: object = "",
    missing_at_end: bool = False,
) -> tuple[list[Any], Data]:
    """The items of the page that is asked for, and `next_cursor` for the reply."""
    offset = offset_of((name, query), ask["cursor"]) if ask.get("cursor") else 0
    size = size or page_size(name, ask.get("limit"))
    shown = [show(item) for item in islice(items, offset, offset + size)]
    if offset + size < len(items):
        return shown, {"next_cursor": cursor_for((name, query), offset + size)}
    return shown, {} if missing_at_end else {"next_cursor": ""}
