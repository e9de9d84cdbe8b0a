"""Clients made from a client: what they share, what they do not, and when they end. Who fetches a suite's token."""

import asyncio
import gc
import os
import ssl
import threading
import time
import warnings
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from callback_support import redis_server
from serving import (
    CORP,
    OK,
    QUICK,
    SECRET,
    Aio,
    Hang,
    Reply,
    Request,
    Server,
    Sync,
    WeCom,
    certificate,
    says,
    serving,
)
from test_flow import Serial
from wecom_contact import AsyncClient, Client
from wecom_contact._runtime import setup
from wecom_contact._runtime.gates import Gate, Turn
from wecom_contact._runtime.setup import UNCHANGED, default_context
from wecom_contact._runtime.sync_driver import pool
from wecom_contact.codec import Drift
from wecom_contact.contact_way import ContactWayGet
from wecom_contact.credentials import AuthorizedCorp, Corp, Provider, Secret, Suite
from wecom_contact.customer import CustomerBatchGet
from wecom_contact.errors import Busy, ProtocolError, RefusedArgument, Timeout
from wecom_contact.limits import Limiter
from wecom_contact.retry import Retry, Timeouts
from wecom_contact.stores import FileStore, MemoryStore, RedisStore

READ = ("GET", "/read")
CODE = "PERMANENT-CODE"
LONG_WAIT = Timeouts(connect=2, read=20, total=30)


class Provided(WeCom):
    """Tokens for suites, for the companies that authorised them, and for providers."""

    def __init__(self) -> None:
        super().__init__()
        self.suite_tokens = 0
        self.asked_for: list[str] = []
        self.slow = 0.0
        self.answers["/cgi-bin/service/get_suite_token"] = self.suite_token
        self.answers["/cgi-bin/service/get_corp_token"] = self.corp_token
        self.answers["/cgi-bin/service/get_provider_token"] = Reply(
            {**OK, "provider_access_token": "P", "expires_in": 7200}
        )
        self.answers[self.GETTOKEN] = self.own_token

    def suite_token(self, request: Request) -> Hang:
        with self.lock:
            self.suite_tokens += 1
        token = f"SUITE-{self.suite_tokens}"
        return Hang(self.slow, says(0, suite_access_token=token, expires_in=7200))

    def corp_token(self, request: Request) -> Reply:
        assert request.query["suite_access_token"].startswith("SUITE-")
        self.asked_for.append(request.json["auth_corpid"])
        return says(0, access_token=self.token(), expires_in=7200)

    def own_token(self, request: Request) -> Reply:
        self.asked_for.append(request.query["corpid"])
        return says(0, access_token=self.token(), expires_in=7200)


@pytest.fixture
def wecom() -> Provided:
    return Provided()


def suite() -> Suite:
    return Suite("ws1", "SUITE-SECRET", "TICKET")


def dressed(client: Sync, light: Any) -> Any:
    """A light client in the clothes of the one that it was made from."""
    made = object.__new__(type(client))
    vars(made).update(vars(client))
    made.client = light
    return made


def options(client: Sync, **changed: Any) -> Any:
    return dressed(client, client.client.with_options(**changed))


def for_corp(client: Sync, corp_id: str, code: str = CODE) -> Any:
    return dressed(client, client.client.for_corp(corp_id, code))


# One client in many ways.


def test_a_light_client_uses_the_connections_and_the_token_of_the_first(
    colour: Any, wecom: Provided, server: Server
) -> None:
    with colour(server.url) as client:
        client.raw(*READ)
        light = options(client, timeout=3, check=False)
        assert light.raw(*READ) == OK
        assert options(light, strict=True).raw(*READ) == OK
        assert (server.connections, len(wecom.issued)) == (1, 1)


def test_a_token_that_one_renews_is_everybodys(
    colour: Any, wecom: Provided, server: Server
) -> None:
    with colour(server.url) as client:
        light = options(client, retry=None)
        light.raw(*READ)
        wecom.expire()
        for each in (client, light, client):
            assert each.raw(*READ) == OK
        assert len(wecom.issued) == 2


def test_each_has_its_own_patience(colour: Any, wecom: Provided, server: Server) -> None:
    wecom.answers["/slow"] = Hang(0.4)
    with colour(server.url, timeout=LONG_WAIT, retry=None) as client:
        hasty = options(client, timeout=Timeouts(connect=2, read=0.05))
        with pytest.raises(Timeout):
            hasty.raw("GET", "/slow")
        assert client.raw("GET", "/slow") == OK
        # On the connection that the hasty one would take again.
        with pytest.raises(Timeout):
            options(client, timeout=Timeouts(connect=2, read=20, total=0.1)).raw("GET", "/slow")
        assert options(hasty, timeout=LONG_WAIT).raw("GET", "/slow") == OK


def test_an_attempt_with_less_time_ends_before_those_that_were_there(wecom: Provided) -> None:
    wecom.answers["/slow"] = Hang(0.5)

    async def main(url: str) -> None:
        async with AsyncClient(CORP, SECRET, base_url=url, timeout=LONG_WAIT) as client:
            await client.raw(*READ)
            long = asyncio.create_task(client.raw("GET", "/slow"))
            await asyncio.sleep(0.01)
            short = client.with_options(timeout=Timeouts(read=20, total=0.05), retry=None)
            with pytest.raises(Timeout):
                await short.raw("GET", "/slow")
            assert not long.done()
            assert await long == OK

    with serving(wecom) as server:
        asyncio.run(main(server.url))


def test_retry_check_strict_limiter_and_on_call_are_changed_alone(
    colour: Any, wecom: Provided, server: Server
) -> None:
    class Never:
        longest = 0.0

        def take(self, name: str, /) -> float:
            return 5.0

    heard: list[str] = []
    wecom.answers["/busy"] = says(-1, "system busy")
    wecom.answers["/cgi-bin/externalcontact/get_contact_way"] = Reply({**OK, "contact_way": 5})
    wecom.answers["/cgi-bin/externalcontact/batch/get_by_user"] = Reply(
        {**OK, "external_contact_list": [], "next_cursor": ""}
    )
    many = CustomerBatchGet(userid_list=["u"] * 101)
    odd = ContactWayGet(config_id="c")
    told: list[Drift] = []
    retry = Retry(tries=3, first=0.001)
    with colour(server.url, retry=retry, on_drift=told.append) as client:
        once, twice = options(client, retry=None), Retry(tries=2, first=0.001)
        for light, tries in (
            (client, 3),
            (once, 1),
            (options(client, retry=twice), 2),
            (options(once, retry=twice), 2),
            (options(once, timeout=9), 1),
            (client, 3),
        ):
            with pytest.raises(Busy):
                light.raw("GET", "/busy")
            assert len(server.asked("/busy")) == tries
            server.requests.clear()

        assert options(client, check=False).send(many).external_contact_list == []
        for light in (client, options(options(client, check=False), check=True)):
            with pytest.raises(RefusedArgument):
                light.send(many)

        with pytest.raises(ProtocolError):
            options(client, strict=True).send(odd)
        drifts = []
        for light in (client, options(options(client, strict=True), strict=False)):
            told.clear()
            assert light.send(odd).contact_way.config_id == ""
            drifts.append(list(told))
        assert drifts[0] == drifts[1] != [], "whoever is told of drift is told of that of all"

        limited = options(client, limiter=Never())
        for light in (limited, options(limited, timeout=3)):
            with pytest.raises(Timeout, match="the limiter asks to wait longer"):
                light.raw(*READ)
        assert options(limited, limiter=None).raw(*READ) == client.raw(*READ) == OK

        loud = options(client, on_call=lambda record: heard.append(record.call))
        loud.raw(*READ)
        client.raw(*READ)
        options(loud, on_call=None).raw(*READ)
        assert heard == ["GET /read"]


def test_calls_that_must_not_meet_do_not_meet_in_a_light_client(
    wecom: Provided, server: Server
) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def serial(_: Request) -> Reply:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return Reply(OK)

    wecom.answers[Serial.endpoint.path] = serial
    with Client(CORP, SECRET, base_url=server.url) as client:
        clients = [client, client.with_options(timeout=9), client.with_options(strict=True)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda each: each.send(Serial()), clients * 2))
    assert most == 1


def test_all_light_clients_together_take_no_more_than_the_room_there_is(
    wecom: Provided, server: Server
) -> None:
    wecom.answers["/slow"] = Hang(0.02)
    with Client(credential=suite(), base_url=server.url, pool_size=2) as client:
        clients = [client.for_corp(f"ww{number}", CODE) for number in range(4)]
        clients += [each.with_options(timeout=9) for each in clients]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda each: each.raw("GET", "/slow"), clients * 2)) == [OK] * 16
    assert server.connections == 2


def test_resources_speak_through_the_light_client_they_are_taken_from(
    colour: Any, server: Server
) -> None:
    with colour(server.url) as client:
        first = client.client.customer
        light = client.client.with_options(timeout=3)
        assert light.customer is not first
        assert light.customer._client is light
        assert light.customer is light.customer
        assert client.client.customer is first


def test_what_a_subclass_keeps_is_kept() -> None:
    class Ours(Client):
        """A client of somebody's own."""

        def __init__(self) -> None:
            super().__init__(CORP, SECRET)
            self.shop = "north"

    with Ours() as client:
        light = client.with_options(timeout=3)
        assert isinstance(light, Ours)
        assert light.shop == "north"


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"timeout": 0}, "timeout: seconds, more than 0"),
        ({"timeout": None}, "timeout: seconds, more than 0"),
        ({"retry": 3}, "retry: a Retry, such as"),
        ({"limiter": 5}, "limiter: a Limiter, such as"),
        ({"on_call": "f"}, "on_call: a function of one argument"),
    ],
)
def test_options_are_checked_as_a_constructor_does(
    make: Any, given: dict[str, Any], words: str
) -> None:
    client = make(CORP, SECRET)
    with pytest.raises(RefusedArgument) as refusal:
        client.with_options(**given)
    assert str(refusal.value).startswith(f"{make.__name__}.with_options.{words}")
    assert repr(UNCHANGED) == "UNCHANGED"


def test_a_limiter_for_asyncio_is_refused_where_nobody_awaits_it() -> None:
    class Later:
        longest = 1.0

        async def take(self, name: str, /) -> float:
            return 0.0

    with Client(CORP, SECRET) as client, pytest.raises(RefusedArgument, match="use AsyncClient"):
        client.with_options(limiter=Later())
    assert AsyncClient(CORP, SECRET).with_options(limiter=Later())


# Closing.


def test_a_light_client_that_is_closed_closes_nothing_else(colour: Any, server: Server) -> None:
    with colour(server.url) as client:
        light = options(client, timeout=3)
        assert light.raw(*READ) == OK
        light.close()
        with pytest.raises(RuntimeError, match=r"^the client is closed$"):
            light.raw(*READ)
        assert ", closed>" in repr(light.client)
        other = options(client, timeout=3)
        assert other.raw(*READ) == client.raw(*READ) == OK
        assert server.connections == 1
        with pytest.raises(RuntimeError, match=r"^the client is closed$"):
            light.client.with_options(timeout=3)
        with pytest.raises(RuntimeError, match=r"^the client is closed$"):
            light.client.for_corp("ww2", CODE)


def test_the_end_of_the_first_client_is_the_end_of_all(colour: Any, server: Server) -> None:
    client = colour(server.url)
    with client:
        light, corp = options(client, timeout=3), for_corp(client, "ww2")
        assert light.raw(*READ) == corp.raw(*READ) == OK
    for each in (light, corp):
        with pytest.raises(RuntimeError, match="the client that this one was made from is closed"):
            each.client.with_options(timeout=5)
        assert ", closed>" in repr(each.client)
    with pytest.raises(RuntimeError, match=r"^the client is closed$"):
        client.client.with_options(timeout=5)


def test_a_call_of_a_light_client_is_told_that_the_first_is_closed(server: Server) -> None:
    client = Client(CORP, SECRET, base_url=server.url)
    light = client.with_options(timeout=3)
    client.close()
    with pytest.raises(RuntimeError, match="the client that this one was made from is closed"):
        light.raw(*READ)

    async def main() -> None:
        async with AsyncClient(CORP, SECRET, base_url=server.url) as client:
            light = client.with_options(timeout=3)
        with pytest.raises(RuntimeError, match="the client that this one was made from is closed"):
            await light.raw(*READ)

    asyncio.run(main())


def test_who_waits_in_a_light_client_is_told_at_once_when_the_first_is_closed(
    wecom: Provided, server: Server
) -> None:
    wecom.answers["/slow"] = Hang(0.3)
    client = Client(credential=suite(), base_url=server.url, pool_size=1)
    corp = client.for_corp("ww2", CODE)
    corp.raw(*READ)
    with ThreadPoolExecutor(2) as pool:
        under_way = pool.submit(corp.raw, "GET", "/slow")
        while not server.asked("/slow"):
            time.sleep(0.002)
        waiting = pool.submit(corp.with_options(timeout=9).raw, *READ)
        while not client._engine.pool_gate._line:
            time.sleep(0.002)
        client.close()
        with pytest.raises(RuntimeError, match="is closed"):
            waiting.result(timeout=10)
        assert not under_way.done()
        assert under_way.result() == OK


def test_the_last_answer_of_a_light_client_closes_the_connections(
    wecom: Provided, server: Server
) -> None:
    wecom.answers["/slow"] = Hang(0.1)

    async def main() -> None:
        client = AsyncClient(CORP, SECRET, base_url=server.url)
        light = client.with_options(timeout=9)
        task = asyncio.create_task(light.raw("GET", "/slow"))
        while not server.asked("/slow"):
            await asyncio.sleep(0.002)
        await light.aclose()
        assert client._connections.session is not None
        await client.aclose()
        assert await task == OK
        assert client._connections.session is None

    asyncio.run(main())


def test_a_light_client_keeps_the_first_alive_and_only_the_first_warns(server: Server) -> None:
    async def main() -> None:
        client = AsyncClient(CORP, SECRET, base_url=server.url)
        light = client.with_options(timeout=9)
        await light.raw(*READ)
        first = weakref.ref(client)
        session = light._connections.session
        assert session is not None
        del client
        gc.collect()
        assert first() is not None
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            del light
            gc.collect()
        assert ["AsyncClient was not closed" in str(each.message) for each in found].count(
            True
        ) == 1
        await session.close()

    asyncio.run(main())


@pytest.mark.parametrize("make", [Client, AsyncClient])
def test_a_light_client_made_from_another_keeps_the_first_alive_and_not_the_one_between(
    make: Any,
) -> None:
    client = make(CORP, SECRET)
    between = client.with_options(timeout=9)
    light = between.with_options(timeout=8)
    first, second = weakref.ref(client), weakref.ref(between)
    del client, between
    gc.collect()
    assert (first() is not None, second() is None) == (True, True)
    light.for_corp("ww2", SECRET)
    del light
    gc.collect()
    assert first() is None


# Other companies.


def test_a_provider_speaks_for_many_companies_with_one_token_of_its_suite(
    colour: Any, wecom: Provided, server: Server
) -> None:
    with colour(server.url, credential=suite()) as client:
        names = [f"ww{number}" for number in range(5)]
        for name in names:
            corp = for_corp(client, name)
            assert corp.raw(*READ) == OK
            assert options(corp, timeout=3).raw(*READ) == OK
            # Asked for again, from a client of another company: its token is known.
            assert for_corp(for_corp(client, "ww0"), name).raw(*READ) == OK
        assert wecom.suite_tokens == 1
        assert wecom.asked_for == names
        assert server.connections == 1
        assert "of corp ww3, which authorised suite ws1" in repr(for_corp(client, "ww3").client)


def test_the_company_of_the_first_client_is_not_asked_for_twice(
    colour: Any, wecom: Provided, server: Server
) -> None:
    own = AuthorizedCorp(suite(), "ww1", CODE)
    with colour(server.url, credential=own) as client:
        client.raw(*READ)
        other = for_corp(client, "ww2")
        assert other.raw(*READ) == for_corp(other, "ww1").raw(*READ) == OK
        assert wecom.asked_for == ["ww1", "ww2"]
        # Another code is another authorisation.
        assert for_corp(client, "ww1", "ANOTHER-CODE").raw(*READ) == OK
        assert (wecom.asked_for, wecom.suite_tokens) == (["ww1", "ww2", "ww1"], 1)


@pytest.mark.parametrize("credential", [Corp("ww9", "SECRET-9"), Provider("ww9", "SECRET-9"), None])
def test_an_app_developed_for_companies_has_no_suite(
    colour: Any, wecom: Provided, server: Server, credential: Any
) -> None:
    provider = Provider("ww9", "PROVIDER-SECRET") if credential is None else None
    with colour(server.url, credential=credential, provider=provider) as client:
        corp = for_corp(client, "ww2")
        assert corp.raw(*READ) == OK
        assert wecom.asked_for == ["ww2"]
        if not isinstance(credential, Corp):
            # The provider's token is the same.
            wecom.strict = False
            for each in (client, corp):
                each.raw("POST", "/about", token="provider_access_token")
            assert len(server.asked("/cgi-bin/service/get_provider_token")) == 1


def test_tokens_of_companies_are_not_mixed_up(wecom: Provided, server: Server) -> None:
    with Client(credential=suite(), base_url=server.url) as client:
        corps = [client.for_corp(f"ww{number}", CODE) for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda corp: corp.raw(*READ), corps * 4))
        tokens = {corp._engine.token_states["access_token"].token.value.reveal() for corp in corps}
    assert len(tokens) == len(wecom.issued) == 8
    assert sorted(wecom.asked_for) == [f"ww{number}" for number in range(8)]
    assert wecom.suite_tokens == 1


def test_a_limiter_hears_whose_call_it_is(wecom: Provided, server: Server) -> None:
    heard: list[tuple[str, str]] = []

    class Listening:
        longest = 1.0

        def take(self, key: Any, /) -> float:
            heard.append((str(key), key.corp))
            return 0.0

    limiter: Limiter = Listening()
    with Client(credential=suite(), base_url=server.url, limiter=limiter) as client:
        for name in ("ww1", "ww2", "ww1"):
            client.for_corp(name, CODE).raw(*READ)
            client.for_corp(name, CODE).with_options(limiter=Listening()).raw(*READ)
        other = client.with_options(limiter=Listening())
        other.for_corp("ww2", CODE).raw(*READ)
        other.for_corp("ww3", CODE).raw(*READ)
    reads = [corp for name, corp in heard if name == "GET /read"]
    assert reads == ["ww1", "ww1", "ww2", "ww2", "ww1", "ww1", "ww2", "ww3"]


def test_a_wrong_permanent_code_is_refused_without_being_shown() -> None:
    with Client(credential=suite()) as client:
        with pytest.raises(RefusedArgument, match=r"^Client\.for_corp\.AuthorizedCorp\.corp_id: "):
            client.for_corp("", CODE)
        with pytest.raises(RefusedArgument, match="permanent_code") as refusal:
            client.for_corp("ww2", f"{CODE} ")
        assert CODE not in repr(refusal.getrepr(showlocals=True))
        assert CODE not in repr(client.for_corp("ww2", CODE))


def test_a_token_centre_is_not_asked_to_speak_for_somebody_else() -> None:
    class Centre:
        def token(self, kind: str, stale: object) -> str:
            return "T"

    for client in (Client(credential=Centre()), AsyncClient(credential=Centre())):
        with pytest.raises(RefusedArgument, match="for_corp: a token centre speaks for"):
            client.for_corp("ww2", CODE)


# Two clients of one suite.


@pytest.fixture(params=["none", "memory", "file", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Where clients share their tokens: nowhere, or in a store of each kind."""
    if request.param == "redis":
        with redis_server() as port:
            url = f"redis://127.0.0.1:{port}"
            yield lambda: RedisStore(url)
    else:
        memory = MemoryStore()
        yield {
            "none": lambda: None,
            "memory": lambda: memory,
            "file": lambda: FileStore(tmp_path / "tokens.json"),
        }[request.param]


def test_clients_of_one_suite_fetch_its_token_once(
    colour: Any, wecom: Provided, server: Server, store: Any
) -> None:
    theirs = suite()
    for number in range(3):
        credential = AuthorizedCorp(theirs, f"ww{number}", CODE)
        with colour(server.url, credential=credential, token_store=store()) as client:
            assert client.raw(*READ) == OK
    assert wecom.suite_tokens == 1
    assert wecom.asked_for == ["ww0", "ww1", "ww2"]


def test_a_suite_made_again_finds_its_token_in_the_store(
    wecom: Provided, server: Server, store: Any
) -> None:
    shared = store() is not None
    for number in range(3):
        credential = AuthorizedCorp(suite(), f"ww{number}", CODE)
        with Sync(server.url, credential=credential, token_store=store()) as client:
            assert client.raw(*READ) == OK
    assert wecom.suite_tokens == (1 if shared else 3)


@pytest.mark.parametrize("make", [Sync, Aio])
def test_clients_of_one_suite_that_begin_together_fetch_its_token_once(
    make: Any, wecom: Provided, server: Server
) -> None:
    wecom.slow = 0.1
    theirs = suite()

    def one(number: int) -> Any:
        with make(server.url, credential=AuthorizedCorp(theirs, f"ww{number}", CODE)) as client:
            return client.raw(*READ)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(one, range(6))) == [OK] * 6
    assert wecom.suite_tokens == 1


def test_the_token_of_a_suite_is_not_taken_elsewhere(wecom: Provided) -> None:
    theirs, other = suite(), Provided()
    with serving(wecom) as here, serving(other) as there:
        for server in (here, there, here):
            credential = AuthorizedCorp(theirs, "ww1", CODE)
            with Client(credential=credential, base_url=server.url) as client:
                client.raw(*READ)
    assert (wecom.suite_tokens, other.suite_tokens) == (1, 1)


def test_a_suite_that_nobody_has_any_more_leaves_no_token_behind() -> None:
    from wecom_contact._runtime import tokens

    theirs = suite()
    gc.collect()
    before = len(tokens.SUITES)
    Client(credential=theirs).close()
    assert len(tokens.SUITES) == before + 1
    del theirs
    gc.collect()
    assert len(tokens.SUITES) == before


# Forks.


class Free:
    """A limiter that lets everybody go."""

    longest = 1.0

    def take(self, name: str, /) -> float:
        return 0.0


@pytest.mark.parametrize("known", ["the first", "the other", "neither"])
def test_who_waits_for_the_same_limiter_stands_in_the_same_line(known: str, server: Server) -> None:
    with Client(credential=suite(), base_url=server.url) as client:
        apart = client.with_options(limiter=Free())
        if known != "neither":
            (client if known == "the first" else apart).for_corp("ww2", CODE)
        lines, others = (
            [each.for_corp("ww2", CODE)._engine.lines for _ in range(2)] for each in (client, apart)
        )
        assert lines[0] is lines[1]
        assert others[0] is others[1]
        assert lines[0] is not others[0]


def test_a_line_is_known_to_the_family_when_nobody_keeps_the_client_in_between(
    server: Server,
) -> None:
    with Client(credential=suite(), base_url=server.url) as client:
        client.for_corp("ww2", CODE)
        engine = client.with_options(limiter=Free()).for_corp("ww2", CODE)._engine
        gc.collect()
        plan: Any = "any"
        gate = engine.lines[plan] = Gate(1)
        assert gate in client._engine._gates()


def test_a_fork_empties_the_lines_of_all_that_were_made_from_a_client(
    wecom: Provided, server: Server
) -> None:
    with Client(credential=suite(), base_url=server.url) as client:
        corp = client.for_corp("ww2", CODE)
        apart = client.with_options(limiter=Free()).with_options(timeout=9)
        corp.send(Serial())
        # One client's calls stand in line for its own limiter, although nobody but the light one below has it.
        (plan,) = corp._engine._plans.values()
        apart._engine.lines[plan] = Gate(1)
        gates = client._engine._gates()
        for gate in gates:
            Turn(gate).enter()
        pool = client._connections.pool
        setup.after_fork()
        assert {gate.active for gate in gates} == {0}
        assert apart._engine.lines == {}
        assert client._connections.pool is not pool
        assert corp._connections.pool is apart._connections.pool is client._connections.pool
        assert corp.raw(*READ) == apart.for_corp("ww3", CODE).raw(*READ) == OK
        assert wecom.suite_tokens == 1
        pool.close()


def test_a_child_goes_on_with_every_light_client(wecom: Provided, server: Server) -> None:
    with Client(credential=suite(), base_url=server.url, retry=QUICK) as client:
        corp = client.for_corp("ww2", CODE)
        corp.raw(*READ)
        pid = os.fork()
        if pid == 0:
            good = False
            try:
                light = corp.with_options(timeout=9)
                good = light.raw(*READ) == corp.raw(*READ) == OK
            finally:
                os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        connections = server.connections
        assert corp.raw(*READ) == OK
        assert server.connections == connections == 2
    assert (wecom.suite_tokens, wecom.asked_for) == (1, ["ww2"])


# TLS.


def test_all_connections_share_one_default_context(
    tmp_path: Path, wecom: Provided, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    made: list[ssl.SSLContext] = []
    create = ssl.create_default_context

    def counted(*args: Any, **options: Any) -> ssl.SSLContext:
        made.append(create(*args, cafile=trusted))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    setup.default_context.cache_clear()
    try:
        with serving(wecom, context) as server:
            for _ in range(3):
                with Client(credential=suite(), base_url=server.url, pool_size=3) as client:
                    with ThreadPoolExecutor(3) as pool:
                        corps = [client.for_corp(f"ww{number}", CODE) for number in range(3)]
                        assert list(pool.map(lambda corp: corp.raw(*READ), corps)) == [OK] * 3
        assert len(made) == 1
    finally:
        setup.default_context.cache_clear()


def test_the_default_context_trusts_what_the_system_trusts() -> None:
    context = setup.default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context is setup.default_context()


# The environment.


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, server: Server) -> pytest.MonkeyPatch:
    monkeypatch.setenv("WECOM_CORP_ID", CORP)
    monkeypatch.setenv("WECOM_SECRET", SECRET)
    monkeypatch.setenv("WECOM_BASE_URL", server.url)
    return monkeypatch


def test_a_client_of_the_environment(
    environment: pytest.MonkeyPatch, wecom: Provided, server: Server
) -> None:
    with Client.from_env(timeout=3) as client:
        assert client.raw(*READ) == OK
        assert client._timeout.read_timeout == 3
    (asked,) = server.asked(wecom.GETTOKEN)
    assert asked.query == {"corpid": CORP, "corpsecret": SECRET}

    async def main() -> None:
        async with AsyncClient.from_env() as client:
            assert await client.raw(*READ) == OK

    asyncio.run(main())


def test_what_is_given_counts_more_than_the_environment(
    environment: pytest.MonkeyPatch, wecom: Provided, server: Server
) -> None:
    with Client.from_env(corp_id="ww7", secret="ANOTHER") as client:
        client.raw(*READ)
    with Client.from_env(credential=AuthorizedCorp(suite(), "ww8", CODE)) as client:
        client.raw(*READ)
    assert wecom.asked_for == ["ww7", "ww8"]
    environment.delenv("WECOM_CORP_ID")
    environment.delenv("WECOM_SECRET")
    with Client.from_env(credential=suite(), base_url="https://example.com") as client:
        assert "example.com" in repr(client)
    environment.delenv("WECOM_BASE_URL")
    with Client.from_env(corp_id="ww7", secret="ANOTHER") as client:
        assert "qyapi.weixin.qq.com" in repr(client)


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", ["WECOM_CORP_ID", "WECOM_SECRET"])
def test_a_variable_that_is_not_set_is_named(
    environment: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    environment.delenv(name) if value is None else environment.setenv(name, value)
    for make in (Client, AsyncClient):
        with pytest.raises(RefusedArgument) as refusal:
            make.from_env()
        words = f"{make.__name__}.from_env: the environment variable {name} is not set"
        assert str(refusal.value) == words
        assert SECRET not in str(refusal.getrepr(showlocals=True))


# Redis.


def test_a_redis_store_keeps_its_connection() -> None:
    with redis_server() as port:
        store = RedisStore(f"redis://127.0.0.1:{port}")
        assert store.get("none") is None
        served = store._redis.info("stats")["total_connections_received"]
        for _ in range(20):
            store.lock("k", "me", 1)
            store.unlock("k", "me")
        assert store._redis.info("stats")["total_connections_received"] == served
        # One that Redis has closed meanwhile is replaced.
        store._redis.client_kill_filter(_type="normal", skipme=False)
        assert store.get("none") is None


def test_a_proxy_that_speaks_tls_is_met_with_the_one_context_and_its_password_is_not_shown() -> (
    None
):
    proxy = Secret("https://user:hunter2@127.0.0.1:1")
    made: Any = pool("http://wecom.invalid", proxy, None, 1)
    assert made.proxy_config.ssl_context is default_context()
    assert "hunter2" not in repr(made.proxy_headers)
    assert repr(made.proxy_headers["proxy-authorization"]) == "'***'"
