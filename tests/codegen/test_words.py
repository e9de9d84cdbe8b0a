"""What the words of the format do, in the package that is made of the toy spec."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packages import generate

TOY = Path(__file__).parent / "toy/spec"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package of the toy spec."""
    return generate(TOY, tmp_path_factory.mktemp("toy"), "toy_market")


# Paging. A book answers the requests for its pages: what was asked, and the reply to it.

ITEMS = ["a", "b", "c", "d", "e"]


def by_cursor(call: Any) -> dict[str, Any]:
    at = int(call.cursor or 0)
    more = at + 2 < len(ITEMS)
    # WeCom gives a cursor on the last page as well, to come back with.
    return {"stalls": ITEMS[at : at + 2], "next_cursor": str(at + 2), "has_more": int(more)}


def by_page(call: Any) -> dict[str, Any]:
    at = call.page or 1
    more = {"has_more": True} if at < 3 else {}
    return {"days": ITEMS[2 * at - 2 : 2 * at], **more}


def by_told_offset(call: Any) -> dict[str, Any]:
    at = call.offset or 0
    return {"prices": ITEMS[at : at + 2], "next": at + 2, "has_more": at + 2 < len(ITEMS)}


def by_short_page(size: int) -> Callable[[Any], dict[str, Any]]:
    def answer(call: Any) -> dict[str, Any]:
        at = call.offset or 0
        return {"baskets": ITEMS[at : at + (call.limit or size)]}

    return answer


def by_own_size(call: Any) -> dict[str, Any]:
    return {"guards": ITEMS[call.start or 0 :][: call.size]}


def by_total(call: Any) -> dict[str, Any]:
    at = call.offset or 0
    return {"carts": ITEMS[at : at + 2], "total": len(ITEMS)}


def by_counted_offset(call: Any) -> dict[str, Any]:
    at = call.offset or 0
    # A page that is short, or empty for a filter's sake, is not the last while more is said.
    return {"coins": ITEMS[at : at + 1], "has_more": at + 1 < len(ITEMS)}


BOOKS: list[tuple[str, dict[str, Any], Callable[[Any], dict[str, Any]], int]] = [
    ("stalls", {}, by_cursor, 3),
    ("days", {}, by_page, 3),
    ("prices", {}, by_told_offset, 3),
    ("baskets", {"limit": 2}, by_short_page(2), 3),
    ("baskets", {"limit": 5}, by_short_page(5), 2),
    ("baskets", {}, by_short_page(100), 1),
    ("guards", {"size": 3}, by_own_size, 2),
    ("carts", {}, by_total, 3),
    ("coins", {"limit": 2}, by_counted_offset, 5),
]


@pytest.mark.parametrize(("name", "given", "answer", "pages"), BOOKS)
def test_every_way_of_paging_reads_each_item_once_and_no_page_too_many(
    name: str, given: dict[str, Any], answer: Callable[[Any], dict[str, Any]], pages: int, toy: Any
) -> None:
    asked: list[Any] = []

    def reply(call: Any) -> Any:
        asked.append(call)
        return toy.codec.structure(answer(call), call.endpoint.result)

    class Reader(toy.Client):  # type: ignore[misc]  # made while the test runs
        def send(self, call: Any) -> Any:
            return reply(call)

    class AsyncReader(toy.AsyncClient):  # type: ignore[misc]  # made while the test runs
        async def send(self, call: Any) -> Any:
            return reply(call)

    with Reader(corp_id="ww", secret="s") as wecom:
        items = list(getattr(wecom.market, name)(**given))
    assert items == ITEMS
    assert len(asked) == pages

    async def walk() -> list[Any]:
        async with AsyncReader(corp_id="ww", secret="s") as wecom:
            return [item async for item in getattr(wecom.market, name)(**given)]

    assert asyncio.run(walk()) == items
    assert asked[pages:] == asked[:pages]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("stalls", {"stalls": [], "has_more": 1}),
        ("stalls", {"stalls": [], "next_cursor": "", "has_more": 1}),
        ("prices", {"prices": ["a"], "next": 0, "has_more": True}),
        ("carts", {"carts": [], "total": 9}),
    ],
)
def test_a_page_that_promises_more_and_leads_nowhere_stops_the_walk(
    name: str, reply: dict[str, Any], toy: Any
) -> None:
    class Reader(toy.Client):  # type: ignore[misc]  # made while the test runs
        def send(self, call: Any) -> Any:
            return toy.codec.structure(reply, call.endpoint.result)

    with (
        Reader(corp_id="ww", secret="s") as wecom,
        pytest.raises(toy.errors.PaginationStalled, match="leads back"),
    ):
        list(getattr(wecom.market, name)())
