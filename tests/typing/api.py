"""Never run: what a user's editor and type checkers must make of the SDK. Both must agree on every line."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_type, overload

from wecom_contact import (
    BEIJING,
    APIError,
    AsyncClient,
    AsyncPager,
    AsyncRedisLimiter,
    Callback,
    CallbackRejected,
    CallKey,
    Client,
    Download,
    Event,
    Limit,
    MemoryLimiter,
    Pager,
    RedisLimiter,
    Unknown,
    UnknownEvent,
    catalog,
    codec,
    errors,
    reference,
)
from wecom_contact.contact_way import (
    ContactWay,
    ContactWayAdd,
    ContactWayAddResult,
    ContactWayGetResult,
    ContactWayType,
    Scene,
)
from wecom_contact.customer import (
    CustomerBatchGet,
    CustomerBatchGetResult,
    CustomerGetResult,
    CustomerRecord,
    Follower,
)
from wecom_contact.customer_tag import CustomerTagMark
from wecom_contact.events import CustomerAdded, GroupChatUpdated, UpdateDetail
from wecom_contact.intercept_rule import (
    InterceptExtraRule,
    InterceptRange,
    InterceptSemantics,
    InterceptType,
)
from wecom_contact.resigned_transfer import ResignedTransferListUnassignedResult, UnassignedCustomer
from wecom_contact.statistics import OwnerGroupStatistics
from wecom_contact.transfer import TransferCustomerResult, TransferStart
from wecom_contact.types import (
    Attachment,
    FileAttachment,
    ImageAttachment,
    LinkAttachment,
    MiniProgramAttachment,
    VideoAttachment,
)


def calls_and_results(wecom: Client) -> None:
    way = wecom.contact_way.add(
        type=ContactWayType.SINGLE, scene=Scene.QR_CODE, user=["zhangsan"], skip_verify=True
    )
    assert_type(way, ContactWayAddResult)
    assert_type(way.config_id, str)
    assert_type(way.qr_code, str | None)
    got = wecom.contact_way.get(config_id=way.config_id)
    assert_type(got, ContactWayGetResult)
    assert_type(got.contact_way, ContactWay)
    assert_type(got.extra, dict[str, Any])
    assert_type(
        wecom.send(ContactWayAdd(type=ContactWayType.SINGLE, scene=Scene.QR_CODE)),
        ContactWayAddResult,
    )
    assert_type(
        wecom.raw("POST", "/cgi-bin/externalcontact/brand_new_api", json={}), dict[str, Any]
    )
    assert_type(codec.dump_call(CustomerBatchGet(userid_list=["zhangsan"])), dict[str, Any])
    wecom.send(codec.load_call({"call": "customer.get", "data": {}}, check=False))
    assert_type(wecom.media.get(media_id="m"), Download)
    assert_type(wecom.media.get(media_id="m", to="photo.jpg"), Download)


def nothing_comes_back(wecom: Client) -> None:
    # A call that only says yes returns None; to use it is a mistake that checkers see.
    wecom.customer_tag.mark(userid="u", external_userid="e", add_tag=["t"])
    wecom.send(CustomerTagMark(userid="u", external_userid="e", add_tag=["t"]))


def pages(wecom: Client) -> None:
    pager = wecom.customer.batch_get(userid_list=["zhangsan"])
    assert_type(pager, Pager[CustomerBatchGetResult, CustomerRecord])
    for record in pager:
        assert_type(record, CustomerRecord)
        assert_type(record.external_contact.name, str)
        assert_type(record.follow_info.createtime, datetime)
        assert_type(record.follow_info.tag_id, list[str] | None)
    for page in wecom.customer.batch_get(userid_list=["zhangsan"]).pages():
        assert_type(page, CustomerBatchGetResult)
        assert_type(page.next_cursor, str | None)
    one = wecom.send(CustomerBatchGet(userid_list=["zhangsan"], cursor="c"))
    assert_type(one, CustomerBatchGetResult)
    followers = wecom.customer.get(external_userid="e")
    assert_type(followers, Pager[CustomerGetResult, Follower])
    assert_type(followers.first(), CustomerGetResult)
    for statistic in wecom.statistics.group_chat(day_begin_time=datetime.now(BEIJING)):
        assert_type(statistic, OwnerGroupStatistics)
    unassigned = wecom.resigned_transfer.list_unassigned()
    assert_type(unassigned, Pager[ResignedTransferListUnassignedResult, UnassignedCustomer])


class Members(Sequence[str]):
    """A sequence of somebody's own."""

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return "zhangsan"

    def __len__(self) -> int:
        return 1


def lists(wecom: Client, some: Sequence[str], links: list[LinkAttachment]) -> None:
    # Any sequence but a text will do, of items of a narrower type, too.
    wecom.customer.batch_get(userid_list=[])
    wecom.customer.batch_get(userid_list=["a"])
    wecom.customer.batch_get(userid_list=("a", "b"))
    wecom.customer.batch_get(userid_list=some)
    wecom.customer.batch_get(userid_list=deque(["a"]))
    wecom.customer.batch_get(userid_list=Members())
    CustomerBatchGet(userid_list=some)
    wecom.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, party=range(2))
    wecom.intercept_rule.add(
        rule_name="r",
        word_list=["w"],
        intercept_type=InterceptType.WARN,
        applicable_range=InterceptRange(user_list=list(some)),
        semantics_list=[InterceptSemantics.MOBILE],
    )
    wecom.welcome.send(welcome_code="c", attachments=links)
    wecom.welcome.send(
        welcome_code="c",
        attachments=[ImageAttachment(media_id="m"), LinkAttachment(title="t", url="u")],
    )
    attachments: Sequence[Attachment] = links
    wecom.welcome.send(welcome_code="c", attachments=attachments)
    wecom.welcome.send(welcome_code="c", attachments=(Unknown("vote"),))


async def the_same_awaited(wecom: AsyncClient) -> None:
    way = await wecom.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE)
    assert_type(way, ContactWayAddResult)
    pager = wecom.customer.batch_get(userid_list=["zhangsan"])
    assert_type(pager, AsyncPager[CustomerBatchGetResult, CustomerRecord])
    async for record in pager:
        assert_type(record, CustomerRecord)
    async for page in wecom.customer.batch_get(userid_list=["zhangsan"]).pages():
        assert_type(page, CustomerBatchGetResult)
    assert_type(await wecom.customer.get(external_userid="e").first(), CustomerGetResult)
    await wecom.customer_tag.mark(userid="u", external_userid="e", add_tag=["t"])
    assert_type(await wecom.media.get(media_id="m"), Download)
    assert_type(await wecom.raw("GET", "/cgi-bin/externalcontact/brand_new_api"), dict[str, Any])


def partial_failures(wecom: Client) -> None:
    result = wecom.transfer.customer(
        handover_userid="a", takeover_userid="b", external_userid=["e"]
    )
    assert_type(result, TransferCustomerResult)
    assert_type(result.failures, list[TransferStart])
    result.raise_for_failures()


def unions(attachment: Attachment) -> str:
    match attachment:
        case ImageAttachment(media_id=str(media_id)):
            return media_id
        case LinkAttachment(title=title):
            return title
        case Unknown(tag=tag):
            assert_type(tag, str | int)
            return str(tag)
        case ImageAttachment() | MiniProgramAttachment() | VideoAttachment() | FileAttachment():
            return ""


def what_happened(callback: Callback, query: str, body: bytes) -> str:
    event = callback.read(query, body)
    assert_type(event, Event)
    match event:
        case CustomerAdded(welcome_code=str(code), userid=userid):
            assert_type(userid, str)
            return code
        case CustomerAdded(state=state):
            assert_type(state, str | None)
            return state or ""
        case GroupChatUpdated(update_detail=UpdateDetail.ADD_MEMBER, members=[*members]):
            assert_type(members, list[str])
            return members[0]
        case UnknownEvent(family=family, change=change, data=data):
            assert_type(family, str)
            assert_type(change, str | None)
            assert_type(data, dict[str, Any])
            return family
        case _:
            assert_type(event.time, datetime)
            return event.corp_id


def refused(error: CallbackRejected) -> int:
    if error.reason == "signature":
        return error.status
    return 200


def failures(wecom: Client) -> None:
    try:
        wecom.welcome.send(welcome_code="c", attachments=[ImageAttachment(media_id="m")])
    except errors.NotFound as error:
        assert_type(error.code, int)
        assert_type(error.from_ip, str | None)
        assert_type(error.advice, str)


class OldLimiter:
    longest = 60.0

    def take(self, name: str, /) -> float:
        return float(len(name))


class OwnLimiter:
    async def take(self, call: CallKey, /) -> float:
        return float(len(call.corp))

    async def refused(self, call: CallKey, error: APIError, /) -> None:
        assert_type(error.code, int)


def limiters() -> None:
    Client("ww1", "secret", limiter=OldLimiter())
    AsyncClient("ww1", "secret", limiter=OwnLimiter())
    AsyncClient("ww1", "secret", limiter=AsyncRedisLimiter("redis://host", [Limit(1, 60)]))
    assert_type(MemoryLimiter().with_max_wait(3), MemoryLimiter)
    assert_type(RedisLimiter("redis://host").take(CallKey("a")), float)


def data() -> None:
    assert_type(codec.structure({}, CustomerRecord), CustomerRecord)
    codec.unstructure(CustomerRecord)
    for name, endpoint in catalog.CALLS.items():
        assert_type(name, str)
        assert_type(endpoint.title, str)


def what_is_known() -> str:
    found = reference.call("contact_way.add")
    assert_type(found.request, tuple[reference.Field, ...])
    assert_type(found.paging, reference.Paging | None)
    assert_type(reference.search("标签", kinds=["call"]), tuple[reference.Found, ...])
    assert_type(reference.error(84061).retryable, bool)
    kind = reference.type("Attachment", language="zh")
    if kind.kind == "union":
        return assert_type(kind.tag, str)
    if isinstance(kind, reference.Enum):
        return kind.values[0].name
    return assert_type(kind, reference.Record | reference.Alias).doc


def misuse(wecom: Client) -> None:
    reference.call("contact_way.add", language="fr")  # type: ignore  # not a language of ours
    reference.search("x", kinds=["call", "field"])  # type: ignore  # nothing that is searched
    reference.call("contact_way.add").doc = ""  # type: ignore  # frozen
    # Each of these lines must be refused by both checkers; an accepted one is an unused ignore.
    wecom.contact_way.add("zhangsan")  # type: ignore  # positional
    wecom.contact_way.add(type=ContactWayType.SINGLE)  # type: ignore  # scene is missing
    wecom.contact_way.add(type="single", scene=Scene.QR_CODE)  # type: ignore  # a word for an enum
    wecom.contact_way.get(config="x")  # type: ignore  # no such parameter
    wecom.contact_wey.get(config_id="x")  # type: ignore  # no such resource
    wecom.customer.batch_get(userid_list=5)  # type: ignore  # no list
    wecom.customer.batch_get(userid_list="zhangsan")  # type: ignore  # a text for a list
    wecom.customer.batch_get(userid_list=b"zhangsan")  # type: ignore  # bytes for a list
    wecom.customer.batch_get(userid_list={"zhangsan"})  # type: ignore  # a set has no order
    wecom.customer.batch_get(userid_list={"zhangsan": 1})  # type: ignore  # a dict for a list
    wecom.customer.batch_get(userid_list=(each for each in "ab"))  # type: ignore  # a generator
    wecom.customer.batch_get(userid_list=[1])  # type: ignore  # numbers for names
    CustomerBatchGet(userid_list="zhangsan")  # type: ignore  # a text for a list
    wecom.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, user="z")  # type: ignore  # a text
    wecom.contact_way.add(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, party=["1"])  # type: ignore  # no numbers
    wecom.intercept_rule.update(rule_id="r", word_list="w")  # type: ignore  # a text for a list
    InterceptRange(user_list="zhangsan")  # type: ignore  # a text for a list
    InterceptExtraRule(semantics_list="phone")  # type: ignore  # a text for a list of enums
    wecom.welcome.send(welcome_code="c", attachments="image")  # type: ignore  # a text for a list
    wecom.welcome.send(welcome_code="c", attachments=["x"])  # type: ignore  # no attachment
    for _ in wecom.contact_way.get(config_id="x"):  # type: ignore  # not paged
        pass
    pager = wecom.customer.get(external_userid="e")
    print(pager.follow_user)  # type: ignore  # the reply has it
    pager[0]  # type: ignore  # no index
    next(pager)  # type: ignore  # no iterator
    len(pager)  # type: ignore  # no length


async def misuse_awaited(wecom: AsyncClient) -> None:
    pager = wecom.customer.get(external_userid="e")
    await pager  # type: ignore  # nothing to await
    for _ in pager:  # type: ignore  # async for
        pass
    await anext(pager)  # type: ignore  # no iterator


def light_clients(wecom: Client, provider: AsyncClient) -> None:
    assert_type(Client.from_env(pool_size=3), Client)
    assert_type(wecom.with_options(timeout=3, retry=None, on_call=None, limiter=None), Client)
    assert_type(wecom.with_options(strict=True).for_corp("ww…", "code"), Client)
    assert_type(provider.for_corp("ww…", "code").with_options(check=False), AsyncClient)
    assert_type(AsyncClient.from_env(credential=None), AsyncClient)
    wecom.with_options(timeout=None)  # type: ignore  # None means something elsewhere
    Client.from_env(timeout="3")  # type: ignore  # seconds
