"""However WeCom cuts a list into pages, a walk gives the list, in every style and from every stop."""

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.pool import ThreadPool
from typing import Any, ClassVar, get_args, get_type_hints

import attrs
import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st
from wecom_contact import AsyncClient, AsyncPager, Client, Pager, catalog, codec, errors
from wecom_contact._runtime.model import Endpoint, PagedCall
from wecom_contact.credentials import AuthorizedCorp, Corp, Provider, Suite
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


LOST = {
    # What is looked for on a pager, and where it is.
    "follow_user": "a reply has it: pager.first().follow_user; items: for item in pager",
    "external_contact": "a reply has it: pager.first().external_contact; items: for item in pager",
    "remark": "an item has it: for item in pager: item.remark",
    "nothing": "items: for item in pager; the first reply: pager.first()",
}


@pytest.mark.parametrize("name", LOST)
def test_a_pager_says_where_an_attribute_is(name: str) -> None:
    sync, aio = clients(None)
    with pytest.raises(AttributeError) as told:
        getattr(sync.customer.get(external_userid="e"), name)
    assert str(told.value) == f"'Pager' object has no attribute {name!r}; {LOST[name]}"
    with pytest.raises(AttributeError) as told:
        getattr(aio.customer.get(external_userid="e"), name)
    where = LOST[name].replace("for item", "async for item")
    where = where.replace("pager.first()", "(await pager.first())")
    assert str(told.value) == f"'AsyncPager' object has no attribute {name!r}; {where}"


def test_every_field_of_every_reply_and_item_is_found_from_its_pager() -> None:
    paged = [each for each in catalog.CALLS.values() if each.paginate]
    assert len(paged) > 15
    for endpoint in paged:
        pager = clients(None)[0].pager(codec.structure({}, endpoint.call))
        with pytest.raises(AttributeError, match="; items: for item in pager; the first reply: "):
            pager.nothing_of_that_name  # noqa: B018  (reading it is what is tried)
        reply = attrs.fields_dict(endpoint.result).keys() - {"_extra"}
        for name in reply:
            with pytest.raises(AttributeError, match=rf"pager\.first\(\)\.{name};"):
                getattr(pager, name)
        (item,) = get_args(get_type_hints(endpoint.call.items_of)["return"])
        fields = attrs.fields_dict(item).keys() if attrs.has(item) else set()
        for name in fields - reply - {"_extra"}:
            with pytest.raises(AttributeError, match=rf"for item in pager: item\.{name}$"):
                getattr(pager, name)


@define(kw_only=True)
class OwnPages(PagedCall[Any, int]):
    """A paged call of somebody's own, of which nothing more is known."""

    endpoint: ClassVar[Endpoint[Any]] = Endpoint(
        name="own.pages", method="POST", path="/own", title="", page=0, readonly=True, result=None
    )

    def items_of(self, page: Any) -> list[int]:
        return [1]

    def after(self, page: Any) -> None:
        return None


def test_a_pager_of_a_call_of_ones_own_tells_what_it_can() -> None:
    pager: Any = clients(None)[0].pager(OwnPages())
    with pytest.raises(AttributeError, match="; items: for item in pager; the first reply"):
        pager.userid  # noqa: B018  (reading it is what is tried)
    assert repr(pager).startswith("<Pager of own.pages, nothing read yet: ")


def test_a_pager_of_a_call_of_ones_own_knows_the_fields_of_its_reply() -> None:
    class Known(OwnPages):
        endpoint: ClassVar[Endpoint[Any]] = Endpoint(
            name="own.pages",
            method="POST",
            path="/own",
            title="",
            page=0,
            readonly=True,
            result=GroupChatListResult,
        )

    pager: Any = clients(None)[0].pager(Known())
    with pytest.raises(AttributeError, match=r"a reply has it: pager\.first\(\)\.group_chat_list;"):
        pager.group_chat_list  # noqa: B018  (reading it is what is tried)
    with pytest.raises(AttributeError, match="; items: for item in pager; the first reply"):
        pager.userid  # noqa: B018  (reading it is what is tried)


def test_python_can_tell_which_method_was_meant() -> None:
    pager: Any = clients(None)[0].pager(ByCursor.call)
    with pytest.raises(AttributeError) as told:
        pager.frist()
    assert (told.value.name, told.value.obj) == ("frist", pager)
    with pytest.raises(AttributeError, match="has no attribute '_x'$"):
        pager._x  # noqa: B018  (reading it is what is tried)


def test_a_pager_that_was_never_made_has_no_attributes() -> None:
    with pytest.raises(AttributeError, match="has no attribute '_first'$"):
        Pager.__new__(Pager).name  # noqa: B018  (reading it is what is tried)


def misused(action: Callable[[Any], Any], pager: Any) -> str:
    async def run() -> None:
        result = action(pager)
        if inspect.isawaitable(result):
            await result

    with pytest.raises(TypeError) as told:
        asyncio.run(run())
    return str(told.value)


NOT_YET = "does not know before it is read whether there is anything"
FIRST, WHOLE = "next(iter(pager), None)", "list(pager)"
ASYNC_FIRST, ASYNC_WHOLE = "await anext(aiter(pager), None)", "[item async for item in pager]"
MISUSE: list[tuple[Callable[[Any], Any], str, str, str]] = [
    (bool, NOT_YET, WHOLE, ASYNC_WHOLE),
    (lambda pager: pager or [], NOT_YET, WHOLE, ASYNC_WHOLE),
    (lambda pager: pager[0], "has no index", f"{FIRST}, or {WHOLE}", f"{ASYNC_FIRST}, or {ASYNC_WHOLE}"),
    (lambda pager: pager[:5], "has no index", f"{FIRST}, or {WHOLE}", f"{ASYNC_FIRST}, or {ASYNC_WHOLE}"),
    (next, "is not an iterator", FIRST, ASYNC_FIRST),
]  # fmt: skip


@pytest.mark.parametrize(("action", "what", "sync", "aio"), MISUSE)
def test_a_pager_says_what_it_is_not_and_what_to_do_instead(
    action: Callable[[Any], Any], what: str, sync: str, aio: str
) -> None:
    reader, async_reader = clients(None)
    said = misused(action, reader.pager(ByCursor.call))
    assert said == f"'Pager' object {what}; write {sync}"
    said = misused(action, async_reader.pager(ByCursor.call))
    assert said == f"'AsyncPager' object {what}; write {aio}"


async def awaits(pager: Any) -> None:
    await pager


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (list, "is for asyncio; write async for item in pager"),
        (awaits, "is not awaited; write async for item in pager, or (await pager.first())"),
        (anext, f"is not an iterator; write {ASYNC_FIRST}"),
    ],
)
def test_an_async_pager_says_how_it_is_read(action: Callable[[Any], Any], said: str) -> None:
    assert misused(action, clients(None)[1].pager(ByCursor.call)) == f"'AsyncPager' object {said}"


def test_what_a_pager_tells_to_write_can_be_written() -> None:
    book = ByCursor([[1, 2], [3]])
    sync, aio = clients(book)

    def read(words: str) -> Any:
        return eval(words, {"pager": sync.pager(book.call)})

    async def read_async(words: str) -> Any:
        scope: dict[str, Any] = {"pager": aio.pager(book.call)}
        exec(f"async def read():\n    return {words}", scope)
        return await scope["read"]()

    first, *_ = whole = [GroupChatSummary(chat_id=str(n), status=0) for n in (1, 2, 3)]
    for kind, run in ((Pager, read), (AsyncPager, lambda words: asyncio.run(read_async(words)))):
        assert run(kind._FIRST) == first
        assert run(kind._WHOLE) == whole
        assert run(f"[{kind._LOOP.replace('for', 'item for')}]".replace("async item", "item async"))
        assert run(f"{kind._REPLY}.next_cursor") == "c1"


def test_a_pager_still_is_what_list_takes_and_has_no_length() -> None:
    # `multiprocessing` asks for `__len__` before it makes a list.
    book = ByCursor([[1, 2], [3]])
    pager = clients(book)[0].pager(book.call)
    assert not hasattr(pager, "__len__")
    with ThreadPool(1) as pool:
        assert pool.map(book.item, pager) == [1, 2, 3]


def test_a_pager_shows_where_it_stands() -> None:
    book = ByCursor([[1, 2], [3]])
    how = ": `for item in pager` for items, .pages() for replies, .first() for the first reply>"
    pager = clients(book)[0].pager(book.call)
    assert repr(pager) == f"<Pager of group_chat.list, nothing read yet{how}"
    pages = pager.pages()
    next(pages)
    next(pages)
    assert repr(pager) == f"<Pager of group_chat.list, some read, to go on at cursor 'c1'{how}"
    assert list(pages) == []
    assert repr(pager) == f"<Pager of group_chat.list, all read{how}"
    resumed = clients(book)[1].pager(GroupChatList(limit=10, cursor="c" * 100))
    assert repr(resumed).startswith(
        "<AsyncPager of group_chat.list, nothing read yet, to go on at cursor 'cccc"
    )
    assert "..." in repr(resumed)
    assert "`async for item in pager`" in repr(resumed)


SUITE = Suite("ww-suite", "hidden", ticket="hidden")


class Centre:
    """A token centre."""

    def token(self, kind: str, stale: object, /) -> str:
        return "hidden"


SPEAKERS: list[tuple[dict[str, Any], str]] = [
    ({"corp_id": "ww1", "secret": "hidden"}, "of corp ww1"),
    ({"credential": Corp("ww1", "hidden")}, "of corp ww1"),
    ({"credential": SUITE}, "of suite ww-suite"),
    (
        {"credential": AuthorizedCorp(SUITE, "ww1", "hidden")},
        "of corp ww1, which authorised suite ww-suite",
    ),
    ({"provider": Provider("ww2", "hidden")}, "of provider ww2"),
    ({"credential": Corp("ww1", "hidden"), "provider": Provider("ww2", "hidden")}, "of corp ww1"),
    ({"credential": Centre()}, "with tokens of Centre"),
]


@pytest.mark.parametrize(("given", "who"), SPEAKERS)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_shows_for_whom_it_speaks_and_no_secret(kind: Any, given: Any, who: str) -> None:
    url = "https://gateway.example:8443/hidden"
    client = kind(**given, base_url=url, proxy="http://user:hidden@proxy:8080")
    assert repr(client) == f"<{kind.__name__} {who} at gateway.example:8443, open>"
    assert repr(kind(**given)) == f"<{kind.__name__} {who} at qyapi.weixin.qq.com, open>"
    if kind is Client:
        client.close()
    else:
        asyncio.run(client.aclose())
    assert repr(client) == f"<{kind.__name__} {who} at gateway.example:8443, closed>"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_that_was_never_made_can_be_shown(kind: Any) -> None:
    # A traceback with local variables shows `self` while the constructor is running.
    assert repr(kind.__new__(kind)).startswith(f"<wecom_contact._{kind.__name__.lower()[:5]}")
