"""However WeCom cuts a list into pages, a walk gives the list, in every style and from every stop."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wecom_contact import AsyncClient, Client, errors
from wecom_contact.group_chat import GroupChatList, GroupChatListResult, GroupChatSummary
from wecom_contact.resigned_transfer import (
    ResignedTransferListUnassigned,
    ResignedTransferListUnassignedResult,
    UnassignedCustomer,
)
from wecom_contact.statistics import (
    GroupStatistics,
    OwnerGroupStatistics,
    StatisticsGroupChat,
    StatisticsGroupChatResult,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = st.lists(st.lists(st.integers(0, 999), max_size=4), min_size=1, max_size=8)
NOTHING = {
    "new_chat_cnt": 0, "chat_total": 0, "chat_has_msg": 0, "new_member_cnt": 0, "member_total": 0,
    "member_has_msg": 0, "msg_total": 0,
}  # fmt: skip


class ByCursor:
    """Opaque cursors; the last page has an empty one, or none."""

    call = GroupChatList(limit=10)

    def __init__(self, pages: list[list[int]]) -> None:
        self.pages = pages

    def answer(self, call: GroupChatList) -> GroupChatListResult:
        at = int((call.cursor or "c0")[1:])
        last = at + 1 == len(self.pages)
        return GroupChatListResult(
            group_chat_list=[GroupChatSummary(chat_id=str(n), status=0) for n in self.pages[at]],
            next_cursor=("" if at % 2 else None) if last else f"c{at + 1}",
        )

    def item(self, item: GroupChatSummary) -> int:
        return int(item.chat_id)


class ByPage:
    """Page numbers until `is_last`; from the middle on, with a cursor, as WeCom does when there is much."""

    call = ResignedTransferListUnassigned()

    def __init__(self, pages: list[list[int]]) -> None:
        self.pages = pages

    def answer(self, call: ResignedTransferListUnassigned) -> ResignedTransferListUnassignedResult:
        if call.cursor:
            assert call.page_id is None
            at = int(call.cursor)
        else:
            at = call.page_id or 0
        last = at + 1 == len(self.pages)
        return ResignedTransferListUnassignedResult(
            info=[
                UnassignedCustomer(handover_userid="z", external_userid=str(n), dimission_time=NOW)
                for n in self.pages[at]
            ],
            is_last=last and not call.cursor,
            next_cursor=None if last else str(at + 1) if at >= 2 else None,
        )

    def item(self, item: UnassignedCustomer) -> int:
        return int(item.external_userid)


class ByOffset:
    """Offsets up to a total; a page without items could lead nowhere, so there is none."""

    def __init__(self, pages: list[list[int]]) -> None:
        self.pages = [page for page in pages if page] or [[]]
        self.whole = [n for page in self.pages for n in page]
        self.call = StatisticsGroupChat(day_begin_time=NOW)

    def answer(self, call: StatisticsGroupChat) -> StatisticsGroupChatResult:
        offset = call.offset or 0
        sizes = [len(page) for page in self.pages]
        starts = [sum(sizes[:n]) for n in range(len(sizes))]
        page = self.pages[starts.index(offset)]
        data = GroupStatistics(**NOTHING)
        return StatisticsGroupChatResult(
            total=len(self.whole),
            next_offset=offset + len(page),
            items=[OwnerGroupStatistics(owner=str(n), data=data) for n in page],
        )

    def item(self, item: OwnerGroupStatistics) -> int:
        return int(item.owner)


def clients(book: Any) -> tuple[Client, AsyncClient]:
    class Reader(Client):
        def send(self, call: Any) -> Any:
            return book.answer(call)

    class AsyncReader(AsyncClient):
        async def send(self, call: Any) -> Any:
            return book.answer(call)

    return Reader(corp_id="ww", secret="s"), AsyncReader(corp_id="ww", secret="s")


@pytest.mark.parametrize("style", [ByCursor, ByPage, ByOffset])
def test_any_split_into_pages(style: Any) -> None:
    @settings(max_examples=60, deadline=None, database=None)
    @given(PAGES, st.integers(0, 8))
    def check(pages: list[list[int]], stop: int) -> None:
        book = style(pages)
        whole = [n for page in book.pages for n in page]
        sync, aio = clients(book)
        assert [book.item(each) for each in sync.pager(book.call)] == whole

        async def walk() -> list[int]:
            async with aio:
                return [book.item(each) async for each in aio.pager(book.call)]

        assert asyncio.run(walk()) == whole

        # Stopped after some pages, and resumed by somebody else.
        first = sync.pager(book.call)
        taken: list[int] = []
        for number, page in enumerate(first.pages()):
            if number == stop:
                break
            taken += [book.item(each) for each in book.call.items_of(page)]
        rest = [] if first.call is None else [book.item(each) for each in sync.pager(first.call)]
        assert taken + rest == whole

    check()


@pytest.mark.parametrize("leads_to", [["c1", "c1"], ["c1", "c2", "c1"], ["c0"]])
def test_pages_that_lead_back_stop_the_walk(leads_to: list[str]) -> None:
    class Circle(ByCursor):
        def answer(self, call: GroupChatList) -> GroupChatListResult:
            steps = dict(zip(["c0", *leads_to], leads_to, strict=False))
            cursor = steps[call.cursor or "c0"]
            return GroupChatListResult(group_chat_list=[], next_cursor=cursor)

    sync, aio = clients(Circle([[]]))
    call = GroupChatList(limit=10, cursor="c0")
    with pytest.raises(errors.PaginationStalled, match="leads back"):
        list(sync.pager(call))

    async def walk() -> None:
        async with aio:
            async for _ in aio.pager(call):
                pass

    with pytest.raises(errors.PaginationStalled, match="leads back"):
        asyncio.run(walk())
