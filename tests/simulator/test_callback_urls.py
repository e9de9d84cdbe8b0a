"""Several apps, each with its own URL, and a suite: who is told what, over real HTTP."""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from wecom_contact import events
from wecom_contact.callback import Callback, wsgi
from wecom_contact.testing import Member, Simulator

from simulator.asking import Asker, HttpAsker
from simulator.rules import rule

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Door:
    """A callback URL, and what came to it."""

    def __init__(self, *receive_ids: str) -> None:
        self.events: list[Any] = []
        self.bodies: list[bytes] = []
        # Before the answer, so that what is acknowledged is there to be looked at.
        callback = Callback(TOKEN, AES_KEY, receive_ids)
        good = wsgi(callback, before_answer=self.events.append)

        def app(environ: Any, start_response: Any) -> Any:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            self.bodies.append(body)
            return good({**environ, "wsgi.input": BytesIO(body)}, start_response)

        self.server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
        self.words = {
            "url": f"http://127.0.0.1:{self.server.server_port}/",
            "token": TOKEN,
            "aes_key": AES_KEY,
            "verify": True,
        }
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def doors(corp: Simulator) -> Iterator[list[Door]]:
    """The URLs of two of the corp's own apps, and that of the suite."""
    suite = corp.suite
    made = [Door(corp.corp_id), Door(corp.corp_id), Door(suite.suite_id, suite.provider_id)]
    corp.callback_to(**made[0].words)
    corp.callback_to(**made[1].words, app=corp.add_app("crm"))
    corp.callback_to(**made[2].words, app=suite)
    yield made
    for door in made:
        door.close()


@pytest.fixture
def zhang(corp: Simulator) -> Member:
    return corp.add_member("zhangsan", department=corp.add_department("销售部"))


@rule(
    "92277",
    "A suite is told in its own envelope, and knows customers by the ids of its provider.",
    "应用套件收到的是第三方格式的事件，其中的客户 id 属于服务商。",
)
def test_a_suite_is_told_in_its_own_words(
    corp: Simulator, zhang: Member, doors: list[Door], ask: Asker
) -> None:
    follow = corp.customer_adds(zhang, state="poster")
    chat = corp.member_creates_group(zhang, "群", [follow.customer])
    corp.customer_leaves(chat, follow.customer)
    corp.admin_adds_tag("甲", corp.add_tag_group("规则", strategy=corp.add_strategy("华东")))
    corp.callbacks.wait()
    own, _, suites = (door.events for door in doors)
    converted = ask.good(
        "id_convert.to_service_external_userid", external_userid=follow.customer.external_userid
    )["external_userid"]
    assert converted != follow.customer.external_userid
    added, _, left, tag = suites
    assert (added.suite_id, added.receiver) == (corp.suite.suite_id,) * 2
    assert (added.corp_id, added.userid, added.state) == (corp.corp_id, "zhangsan", "poster")
    assert added.external_userid == converted
    assert left.members == [converted]
    assert (own[0].suite_id, own[0].external_userid) == (None, follow.customer.external_userid)
    assert own[2].members == [follow.customer.external_userid]
    assert (own[3].strategy_id, tag.strategy_id) == ("1", None)
    assert [type(event) for event in own] == [type(event) for event in suites]


@rule(
    "92130",
    "Only the app 客户联系 is told which rule group a tag belongs to.",
    "只有“客户联系”应用收到的标签事件带规则组 id（StrategyId）。",
)
def test_another_app_is_told_of_no_rule_group(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    strategy = corp.add_strategy("华东", members=[zhang])
    corp.admin_adds_tag("甲", corp.add_tag_group("规则", strategy=strategy))
    corp.callbacks.wait()
    own, crm, suite = (door.events[0] for door in doors)
    assert (own.strategy_id, crm.strategy_id, suite.strategy_id) == ("1", None, None)
    assert own.id == crm.id == suite.id


@rule(
    "92277",
    "A suite is not told of a change of nothing but phone numbers.",
    "仅修改备注手机号时，应用套件收不到事件。",
)
def test_a_suite_is_not_told_of_numbers_alone(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    corp.manner.mobiles_told = True
    customer = corp.add_customer("王五", follow=zhang)
    corp.member_edits(zhang, customer, mobiles=["13800000001"])
    corp.clock.advance(seconds=1)  # or it is taken for a repeat
    corp.member_edits(zhang, customer, mobiles=["13800000002"], remark="老王")
    corp.callbacks.wait()
    assert [len(door.events) for door in doors] == [2, 2, 1]


@rule(
    "99485",
    "Where a provider pays for a customer by a once_key, its suite alone is told, and the key works once.",
    "服务商以代支付 key 付费时，只有应用套件收到事件，每个 key 只能用一次。",
)
def test_a_provider_pays_and_is_told(
    corp: Simulator, zhang: Member, doors: list[Door], ask: Asker
) -> None:
    corp.manner.provider_pays = True
    corp.limits.provider_balance, corp.limits.acquisition_balance = 20, 0
    link = corp.add_acquisition_link("春季", [zhang])
    other = corp.add_acquisition_link("夏季", [zhang])
    call = "customer_acquisition_component.create_once_key"
    keys = ask.good(call, link_id=link.link_id, key_num=21)["keys"]
    assert corp.customer_clicks(link) is None, "the corp has no uses of its own"
    with pytest.raises(ValueError, match="once_key: one of this link"):
        corp.customer_clicks(other, once_key=keys[0])
    follow = corp.customer_clicks(link, state="s1", once_key=keys[0])
    assert follow is not None
    with pytest.raises(ValueError, match="once_key: one of this link"):
        corp.customer_clicks(link, once_key=keys[0])
    corp.customer_clicks(link, follow.customer, once_key=keys[1])  # a friend already: unused
    for key in keys[1:20]:
        corp.clock.advance(seconds=1)
        corp.customer_clicks(link, once_key=key)
    assert corp.customer_clicks(link, once_key=keys[20]) is None, "the provider has no more"
    assert ask.good("customer_acquisition.quota")["total"] == 0
    corp.callbacks.wait()
    own, _, suites = (door.events for door in doors)
    paid = [event for event in suites if "Service" in type(event).__name__]
    assert [type(event) for event in paid] == [
        events.AcquisitionServiceBalanceConsumed,
        events.AcquisitionServiceBalanceLow,
        *[events.AcquisitionServiceBalanceConsumed] * 19,
        events.AcquisitionServiceBalanceExhausted,
    ]
    first = paid[0]
    assert (first.link_id, first.state, first.once_key) == (link.link_id, "s1", keys[0])
    assert [event for event in own if "Balance" in type(event).__name__] == []


def test_what_is_said_to_a_suite_is_said_to_nobody_else(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    ticket = corp.push_suite_ticket()
    corp.tell(
        events.AuthChanged(
            corp_id=corp.corp_id, suite_id=corp.suite.suite_id, time=corp.clock.now()
        )
    )
    corp.tell(events.AuthCancelled(corp_id="wwOTHER", suite_id="wwOTHER", time=corp.clock.now()))
    corp.callbacks.wait()
    assert [door.events for door in doors[:2]] == [[], []]
    pushed, changed = doors[2].events
    assert (pushed.suite_ticket, pushed.corp_id) == (ticket, "")
    assert isinstance(changed, events.AuthChanged)
    assert len(corp.callbacks.events) == 3
    assert corp.callbacks.deliveries[-1].outcome == "nobody"


@rule(
    "92130",
    "Each app has its own URL, and is told of members in its visible range; an app that may not call is told nothing.",
    "每个应用各有自己的回调 URL，只收到可见范围内成员的事件；未列入「可调用接口的应用」的应用收不到任何事件。",
)
def test_each_app_is_told_of_what_it_sees(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    corp.apps["crm"].visible = [2]
    lisi = corp.add_member("lisi")
    corp.customer_adds(zhang)
    corp.customer_adds(lisi)
    corp.member_creates_group(zhang, "甲")
    corp.member_creates_group(lisi, "乙")
    corp.admin_adds_tag_group("等级")
    corp.callbacks.wait()
    everything = ["CustomerAdded"] * 2 + ["GroupChatCreated"] * 2 + ["TagCreated"]
    seen = ["CustomerAdded", "GroupChatCreated", "TagCreated"]
    names = [[type(event).__name__ for event in door.events] for door in doors]
    assert names == [everything, seen, everything]
    assert doors[1].events[0].userid == "zhangsan"
    assert [type(event).__name__ for event in corp.callbacks.events] == everything
    by_app = [each.app for each in corp.callbacks.deliveries[:5]]
    assert by_app == ["customer-contact", "crm", "suite", "customer-contact", "suite"]
    corp.apps["crm"].listed = corp.suite.listed = False
    corp.customer_adds(zhang)
    corp.callbacks.wait()
    assert [len(door.events) for door in doors] == [6, 3, 5]


@rule(
    "92137",
    "Every app gets the welcome code, and the first wins: while it sends, others get 41096, then all get 41051.",
    "每个应用都收到欢迎语 code，最先调用者成功：发送期间其他应用得到 41096，之后一律 41051。",
    does=(
        "a welcome is under way for a second; `corp.lifetimes.welcome_sending`",
        "欢迎语的发送持续一秒；由 `corp.lifetimes.welcome_sending` 设定",
    ),
)
def test_two_welcomes_race(corp: Simulator, zhang: Member, doors: list[Door]) -> None:
    corp.clock.freeze()
    follow = corp.customer_adds(zhang)
    corp.callbacks.wait()
    first, second, _ = (door.events[0].welcome_code for door in doors)
    assert first == second
    text = {"content": "您好"}
    with corp:
        winner, loser = HttpAsker(corp), HttpAsker(corp, corp.apps["crm"])
        winner.good("welcome.send", welcome_code=first, text=text)
        assert loser.code("welcome.send", welcome_code=second, text=text) == 41096
        assert winner.code("welcome.send", welcome_code=first, text=text) == 41051
        corp.clock.advance(seconds=1)
        assert loser.code("welcome.send", welcome_code=second, text=text) == 41051
    assert len(corp.messages_to(follow.customer)) == 1


def test_a_listener_hears_each_event_once_as_the_corp_knows_it(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    heard: list[Any] = []
    corp.callbacks.listen(heard.append)
    follow = corp.customer_adds(zhang)
    corp.push_suite_ticket()
    corp.callbacks.wait()
    added, pushed = heard
    assert (added.external_userid, added.suite_id) == (follow.customer.external_userid, None)
    assert isinstance(pushed, events.SuiteTicketPushed)
    assert [each.outcome for each in corp.callbacks.deliveries] == ["delivered"] * 4
    corp.callback_to("http://127.0.0.1:1/", token=TOKEN, aes_key=AES_KEY, tries=1)
    corp.push_suite_ticket()
    corp.customer_adds(zhang)
    corp.callbacks.wait()
    outcomes = [each.outcome for each in corp.callbacks.deliveries[-4:]]
    assert outcomes == ["delivered", "failed", "delivered", "delivered"], "heard is not taken"
    assert len(heard) == 4


def test_every_url_is_lost_repeated_and_verified(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    corp.callbacks.lose()
    corp.customer_adds(zhang)
    corp.callbacks.repeat()
    corp.customer_adds(zhang)
    corp.callbacks.wait()
    assert [len(door.events) for door in doors] == [1, 1, 1], "the application knows a repeat"
    outcomes = [(each.outcome, each.tries) for each in corp.callbacks.deliveries]
    assert outcomes == [("lost", 0)] * 3 + [("delivered", 2)] * 3
    assert corp.callbacks.verify()
    corp.callback_to("http://127.0.0.1:1/", token=TOKEN, aes_key=AES_KEY, app=corp.apps["crm"])
    assert not corp.callbacks.verify()


def test_the_envelope_names_the_agent_and_the_console_the_provider(
    corp: Simulator, zhang: Member, doors: list[Door]
) -> None:
    corp.customer_adds(zhang)
    corp.callbacks.wait()
    agents = [door.bodies[-1].partition(b"<AgentID>")[2] for door in doors]
    assert [agent[: agent.index(b"<", 1)] for agent in agents] == [
        b"<![CDATA[%d]]>" % corp.app.agent_id,
        b"<![CDATA[%d]]>" % corp.apps["crm"].agent_id,
        b"<![CDATA[]]>",
    ]
    suite = corp.suite
    for receive_id, takes in ((suite.provider_id, True), (suite.suite_id, False)):
        door = Door(receive_id)
        try:
            if takes:
                corp.callback_to(**door.words, app=suite)
            else:
                with pytest.raises(ValueError, match="did not answer the verification"):
                    corp.callback_to(**door.words, app=suite)
        finally:
            door.close()
