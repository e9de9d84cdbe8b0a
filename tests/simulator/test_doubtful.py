"""Where pages and observations disagree: the simulator does the stricter, and can do the other."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest
from wecom_contact import events
from wecom_contact.testing import Customer, Follow, Member, Simulator, _serve

from simulator.asking import HttpAsker
from simulator.rules import rule

CHINA = timezone(timedelta(hours=8))
DAY = 86_400
MARK, REMARK = "customer_tag.mark", "customer.remark"
MARK_PATH = "/cgi-bin/externalcontact/mark_tag"
Call: TypeAlias = Callable[[], int]


@pytest.fixture
def ask(corp: Simulator) -> HttpAsker:
    return HttpAsker(corp.start())


@pytest.fixture
def wang(corp: Simulator, zhang: Member) -> Customer:
    return corp.add_customer("王五", follow=zhang)


class TestUserids:
    """A userid that is not there: 40003 and 60111 are both said."""

    def codes(self, ask: HttpAsker, wang: Customer) -> dict[str, int]:
        whom = {"userid": "nobody", "external_userid": wang.external_userid}
        both = {"handover_userid": "zhangsan", "takeover_userid": "nobody"}
        turned = {"handover_userid": "nobody", "takeover_userid": "zhangsan"}
        moved = {"external_userid": [wang.external_userid]}
        return {
            "customer.list": ask.code("customer.list", userid="nobody"),
            "customer.remark": ask.code("customer.remark", **whom, remark="x"),
            MARK: ask.code(MARK, **whom, remove_tag=["etno"]),
            "customer.batch_get": ask.code("customer.batch_get", userid_list=["nobody"]),
            "transfer.customer": ask.code("transfer.customer", **both, **moved),
            "transfer.customer of nobody": ask.code("transfer.customer", **turned, **moved),
            "statistics.user_behavior": ask.code(
                "statistics.user_behavior", userid=["nobody"], start_time=1, end_time=1
            ),
        }

    @rule(
        "90313",
        "A userid that is not there is refused with 40003 or with 60111.",
        "不存在的 userid 报 40003 或 60111。",
        does=(
            "40003 in `customer.list`, `customer.remark` and `customer_tag.mark`, 60111 elsewhere; "
            "`corp.manner.unknown_userid = 60111` makes all alike",
            "`customer.list`、`customer.remark`、`customer_tag.mark` 报 40003，其余报 60111；"
            "`corp.manner.unknown_userid = 60111` 可统一",
        ),
    )
    def test_an_application_must_know_both_codes(
        self, corp: Simulator, wang: Customer, ask: HttpAsker
    ) -> None:
        codes = self.codes(ask, wang)
        assert {codes.pop(name) for name in ("customer.list", "customer.remark", MARK)} == {40003}
        assert set(codes.values()) == {60111}
        for code in (60111, 40003):
            corp.manner.unknown_userid = code
            assert set(self.codes(ask, wang).values()) == {code}


class TestMassMessages:
    """Who has deleted the member, and what was cancelled."""

    def send(self, ask: HttpAsker, wang: Customer) -> str:
        whom = [wang.external_userid]
        said = ask.good("group_msg.add_template", external_userid=whom, text={"content": "x"})
        return str(said["msgid"])

    @rule(
        "93338",
        "A mass message does not reach a customer who has deleted the member.",
        "客户删除成员后，收不到其企业群发。",
        does=(
            "status 2, not a friend; `corp.manner.lost_customer_status` sets what you observed",
            "发送状态为 2（不是好友）；实测为其他值时用 `corp.manner.lost_customer_status` 设定",
        ),
    )
    @pytest.mark.parametrize("status", [2, 0, 1, 3])
    def test_the_status_of_a_customer_who_deleted_the_member(
        self, status: int, corp: Simulator, wang: Customer, ask: HttpAsker
    ) -> None:
        if status != 2:
            corp.manner.lost_customer_status = status
        msgid = self.send(ask, wang)
        corp.customer_deletes(wang, "zhangsan")
        assert corp.member_sends(msgid) == 0
        (sent,) = ask.good("group_msg.get_send_result", msgid=msgid, userid="zhangsan")["send_list"]
        assert (sent["status"], sent["external_userid"]) == (status, wang.external_userid)
        assert ("send_time" in sent) == (status == 1)
        assert corp.messages_to(wang) == []

    def test_whom_the_member_deleted_is_no_friend_in_any_case(
        self, corp: Simulator, wang: Customer, ask: HttpAsker
    ) -> None:
        corp.manner.lost_customer_status = 1
        msgid = self.send(ask, wang)
        corp.member_deletes("zhangsan", wang)
        corp.member_sends(msgid)
        (sent,) = ask.good("group_msg.get_send_result", msgid=msgid, userid="zhangsan")["send_list"]
        assert sent["status"] == 2

    @rule(
        "97611",
        "A mass message that was cancelled is cancelled: doing so again changes nothing.",
        "已停止的企业群发再次停止，不会有变化。",
        does=(
            "41093 the second time; `corp.manner.second_cancel_refused = False` lets it pass",
            "第二次报 41093；`corp.manner.second_cancel_refused = False` 时返回成功",
        ),
    )
    def test_cancelling_twice(self, corp: Simulator, wang: Customer, ask: HttpAsker) -> None:
        msgid = self.send(ask, wang)
        call = "group_msg.cancel_send"
        assert [ask.code(call, msgid=msgid) for _ in range(3)] == [0, 41093, 41093]
        corp.manner.second_cancel_refused = False
        assert ask.code(call, msgid=msgid) == 0
        assert ask.code("group_msg.remind_send", msgid=msgid) == 41093
        assert corp.member_sends(msgid) == 0


def deleted_by_customer(corp: Simulator, follow: Follow) -> None:
    corp.customer_deletes(follow.customer, follow.member)


def deleted_by_member(corp: Simulator, follow: Follow) -> None:
    corp.member_deletes(follow.member, follow.customer)


class TestWelcomeCodes:
    """For whom there is one."""

    def code(self, corp: Simulator) -> str | None:
        event = corp.callbacks.events[-1]
        assert isinstance(event, events.CustomerAdded)
        return event.welcome_code

    @rule(
        "92130",
        "A customer who adds the member again is told by `CustomerAdded`, with or without a "
        "welcome code.",
        "客户重新添加成员时会回调添加客户事件（`CustomerAdded`），可能有也可能没有欢迎语 code。",
        does=(
            "without; with one after `corp.manner.welcome_code_again = True`",
            "没有；设 `corp.manner.welcome_code_again = True` 后有",
        ),
    )
    @pytest.mark.parametrize("parted", [deleted_by_customer, deleted_by_member])
    @pytest.mark.parametrize("again", [False, True])
    def test_of_a_customer_who_comes_back(
        self,
        parted: Callable[[Simulator, Follow], None],
        again: bool,
        corp: Simulator,
        zhang: Member,
        ask: HttpAsker,
    ) -> None:
        corp.manner.welcome_code_again = again
        follow = corp.customer_adds(zhang)
        assert self.code(corp) is not None
        for _ in range(2):
            parted(corp, follow)
            follow = corp.customer_scans(corp.add_contact_way([zhang]), follow.customer)
            code = self.code(corp)
            assert (code is not None) == again
        if code is not None:
            ask.good("welcome.send", welcome_code=code, text={"content": "x"})
            assert len(corp.messages_to(follow.customer)) == 1
        other = corp.add_member("lisi")
        corp.customer_adds(other, follow.customer)
        assert self.code(corp) is not None, "to another member they are new"

    @rule(
        "92130",
        "There is no welcome code where the two are chatting already.",
        "外部联系人和成员已经开始聊天时，不会返回欢迎语 code。",
    )
    def test_none_where_the_two_are_chatting(self, corp: Simulator, zhang: Member) -> None:
        follow = corp.customer_adds(zhang, half=True)
        corp.customer_writes(zhang, follow.customer)
        corp.member_accepts(zhang, follow.customer)
        assert self.code(corp) is None
        corp.manner.welcome_code_again = True
        corp.customer_deletes(follow.customer, zhang)
        corp.customer_adds(zhang, follow.customer)
        assert self.code(corp) is None


class TestParallelCalls:
    """Five calls of a corp tag at once, and one at a time changes one customer."""

    @pytest.fixture
    def late(
        self, corp: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Callable[[str, list[Call]], Callable[[], list[int]]]]:
        """Begins calls of a name; they are not answered until their codes are asked for."""
        gate = threading.Event()
        waits = SimpleNamespace(
            perf_counter=time.perf_counter, sleep=lambda _: gate.wait(timeout=30)
        )
        monkeypatch.setattr(_serve, "time", waits)

        with ThreadPoolExecutor(8) as pool:

            def late(name: str, calls: list[Call]) -> Callable[[], list[int]]:
                corp.trouble.next(name, latency=1.0, times=len(calls))
                begun = [pool.submit(call) for call in calls]
                end = time.monotonic() + 30
                while corp.trouble.made < len(calls) and time.monotonic() < end:
                    time.sleep(0.002)
                assert corp.trouble.made == len(calls)

                def codes() -> list[int]:
                    gate.set()
                    return [call.result() for call in begun]

                return codes

            yield late
            gate.set()

    @pytest.fixture
    def call(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> Callable[..., Call]:
        """Makes calls about the customer of a number: to tag, or with words to note them."""
        corp.add_member("lisi")
        (tag,) = corp.add_tag_group("g", ["t"]).tags
        people = [corp.add_customer(f"c{number}", follow=[zhang, "lisi"]) for number in range(7)]

        def call(number: int, userid: str = "zhangsan", **words: Any) -> Call:
            whom = {"userid": userid, "external_userid": people[number].external_userid}
            if words:
                return partial(ask.code, REMARK, **whom, **words)
            return partial(ask.code, MARK, **whom, add_tag=[tag.id])

        return call

    @rule(
        "92118",
        "Tagging takes a few calls of a corp at once; one more is refused as busy.",
        "打标签接口同一企业可同时调用的次数有限，超出报 45033。",
        does=(
            "five, as WeCom's staff said; `corp.limits.parallel_per_call = {}` takes any number",
            "5 个（官方客服的答复）；`corp.limits.parallel_per_call = {}` 则不限",
        ),
    )
    def test_five_calls_that_tag_run_at_once(
        self, corp: Simulator, late: Any, call: Callable[..., Call]
    ) -> None:
        codes = late(MARK, [call(number) for number in range(5)])
        assert call(5)() == 45033
        assert call(5, remark="x")() == 0
        corp.limits.parallel_per_call = {}
        assert call(5)() == 0
        assert codes() == [0] * 5, "those that came first are served"
        corp.limits.parallel_per_call = {MARK: 5}
        assert call(6)() == 0

    @rule(
        "92118",
        "Calls that tag one customer of one member at the same time get in each other's way "
        "(45035).",
        "并发给同一成员的同一客户打标签会报 45035。",
    )
    def test_one_call_at_a_time_tags_one_customer_of_one_member(
        self, corp: Simulator, late: Any, call: Callable[..., Call], ask: HttpAsker
    ) -> None:
        codes = late(MARK, [call(0)])
        assert call(0)() == 45035
        assert [call(1)(), call(0, "lisi")(), call(0, remark="x")()] == [0, 0, 0]
        # Who sends nonsense meanwhile is told so.
        reply = ask.send("POST", MARK_PATH, {"access_token": ask.token}, b"{")
        assert b'"errcode":40058' in reply.body
        corp.limits.one_at_a_time = {}
        assert call(0)() == 0
        assert codes() == [0]

    @rule(
        "",
        "Two calls at once that change the remark of one customer are too many (45033).",
        "同时两次修改同一客户的备注会报 45033。",
    )
    def test_one_call_at_a_time_changes_the_remark_of_one_customer(
        self, corp: Simulator, late: Any, call: Callable[..., Call]
    ) -> None:
        codes = late(REMARK, [call(0, remark="a")])
        for userid in ("zhangsan", "lisi"):
            assert call(0, userid, remark="b")() == 45033
        assert [call(1, remark="b")(), call(0)()] == [0, 0]
        assert codes() == [0]
        assert call(0, remark="b")() == 0


class TestStatistics:
    """Yesterday's numbers in the small hours."""

    @pytest.fixture
    def corp(self) -> Iterator[Simulator]:
        corp = Simulator(now=datetime(2026, 3, 31, 0, 1, tzinfo=CHINA))
        corp.clock.freeze()
        yield corp
        corp.stop()

    @pytest.fixture
    def numbers(self, corp: Simulator, zhang: Member, ask: HttpAsker) -> Callable[[], list[Any]]:
        """The numbers of the day before yesterday, and of yesterday."""
        yesterday = corp.today() - DAY
        for day in (1, 2):
            when = corp.today() - day * DAY + 60
            wang = corp.add_customer("王五", follow=zhang, when=when)
            corp.add_group_chat("群", zhang, [wang], when=when)
            at = datetime.fromtimestamp(when, CHINA).date()
            corp.set_behavior(
                zhang, at, chat_cnt=1, message_cnt=3, reply_percentage=50.0, avg_reply_time=2
            )

        def numbers() -> list[Any]:
            span = {"start_time": yesterday - DAY, "end_time": yesterday}
            days = ask.good("statistics.user_behavior", userid=["zhangsan"], **span)
            chats = {"day_begin_time": yesterday - DAY, "day_end_time": yesterday}
            by_day = ask.good("statistics.group_chat_by_day", **chats)
            last = ask.good("statistics.group_chat", day_begin_time=yesterday)["items"]
            both = ask.good("statistics.group_chat", **chats)["items"]
            return [
                *(
                    (day["chat_cnt"], day["new_contact_cnt"], "avg_reply_time" in day)
                    for day in days["behavior_data"]
                ),
                *(
                    (item["data"]["new_chat_cnt"], item["data"]["chat_total"])
                    for item in (*by_day["items"], *last, *both)
                ),
            ]

        return numbers

    COUNTED = [(1, 1, True), (1, 1, True), (1, 1), (1, 2), (1, 2), (2, 2)]
    NOT_YET = [(1, 1, True), (0, 0, False), (1, 1), (0, 0), (0, 0), (1, 1)]

    @rule(
        "92132",
        "In the small hours yesterday's statistics are all 0; they are counted later in the night.",
        "凌晨时昨天的统计数据全为 0，夜里晚些时候才会算出。",
        does=(
            "until four in the morning, Beijing time; `corp.manner.statistics_hour = 0` counts at "
            "midnight",
            "北京时间凌晨四点前为 0；`corp.manner.statistics_hour = 0` 则零点就有",
        ),
    )
    def test_yesterdays_numbers_come_later_in_the_night(
        self, corp: Simulator, numbers: Callable[[], list[Any]]
    ) -> None:
        assert numbers() == self.NOT_YET
        corp.manner.statistics_hour = 0
        assert numbers() == self.COUNTED
        corp.manner.statistics_hour = 4
        corp.clock.advance(hours=3, minutes=58, seconds=59)
        assert numbers() == self.NOT_YET
        corp.clock.advance(seconds=1)
        assert numbers() == self.COUNTED


@rule(
    "97299",
    "Deleting an acquisition link by API is told, or not.",
    "通过接口删除获客链接，可能有也可能没有回调。",
    does=(
        "not; told with `corp.manner.link_deletion_told = True`",
        "没有；设 `corp.manner.link_deletion_told = True` 后有",
    ),
)
@pytest.mark.parametrize("told", [False, True])
def test_a_link_deleted_by_api(told: bool, corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
    corp.manner.link_deletion_told = told
    link = corp.add_acquisition_link("链接", [zhang])
    ask.good("customer_acquisition.delete_link", link_id=link.link_id)
    assert [type(each) for each in corp.callbacks.events] == [events.AcquisitionLinkDeleted] * told
    assert ask.code("customer_acquisition.get_link", link_id=link.link_id) == 40058


@rule(
    "92130",
    "A change of nothing but phone numbers is told (page 92130), or not (page 92277).",
    "仅修改备注手机号时，92130 页称有回调，92277 页称没有。",
    does=(
        "not; told with `corp.manner.mobiles_told = True`",
        "没有；设 `corp.manner.mobiles_told = True` 后有",
    ),
)
@pytest.mark.parametrize("told", [False, True])
def test_a_change_of_phone_numbers_alone(
    told: bool, corp: Simulator, wang: Customer, ask: HttpAsker
) -> None:
    corp.manner.mobiles_told = told
    corp.member_edits("zhangsan", wang, mobiles=["13800000001"])
    assert [type(each) for each in corp.callbacks.events] == [events.CustomerEdited] * told
    (shown,) = ask.good("customer.get", external_userid=wang.external_userid)["follow_user"]
    assert shown["remark_mobiles"] == ["13800000001"]
    corp.member_edits("zhangsan", wang)
    assert len(corp.callbacks.events) == told, "nothing was changed"


@rule(
    "92113",
    "A member without customers is refused with 84061, or has an empty list.",
    "没有客户的成员，报 84061 或返回空列表。",
    does=(
        "84061; `corp.manner.empty_list_refused = False` gives the list",
        "报 84061；`corp.manner.empty_list_refused = False` 则返回空列表",
    ),
)
def test_a_member_without_customers(corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
    assert ask.code("customer.list", userid="zhangsan") == 84061
    assert ask.code("customer.batch_get", userid_list=["zhangsan"]) == 84061
    corp.manner.empty_list_refused = False
    assert ask.good("customer.list", userid="zhangsan")["external_userid"] == []
    said = ask.good("customer.batch_get", userid_list=["zhangsan"])
    assert (said["external_contact_list"], said["next_cursor"]) == ([], "")
    corp.add_customer("王五", follow=zhang)
    assert len(ask.good("customer.list", userid="zhangsan")["external_userid"]) == 1


@rule(
    "92228",
    "A contact way is read as a record (the page), or as a list of one (seen).",
    "获取「联系我」返回一个对象（文档），也见过只含一项的列表。",
    does=(
        "a record; a list with `corp.manner.contact_way_in_list = True`",
        "返回对象；设 `corp.manner.contact_way_in_list = True` 后返回列表",
    ),
)
def test_a_contact_way_may_come_in_a_list(corp: Simulator, zhang: Member, ask: HttpAsker) -> None:
    way = corp.add_contact_way([zhang], state="poster")
    record = ask.good("contact_way.get", config_id=way.config_id)["contact_way"]
    assert record["state"] == "poster"
    corp.manner.contact_way_in_list = True
    assert ask.good("contact_way.get", config_id=way.config_id)["contact_way"] == [record]
    with corp.client() as wecom:
        assert wecom.contact_way.get(config_id=way.config_id).contact_way.state == "poster"
