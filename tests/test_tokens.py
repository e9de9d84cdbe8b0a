"""Where tokens come from: a corp, a suite for a corp that authorised it, a provider, a company's token centre."""

import copy
import pickle
import time
from collections.abc import Iterator
from typing import Any

import pytest
from serving import CORP, OK, SECRET, Aio, Reply, Request, Server, Sync, WeCom, says, serving
from wecom_contact.credentials import (
    AuthorizedCorp,
    Corp,
    Provider,
    Secret,
    Suite,
    Token,
    TokenProvider,
    fingerprint,
)
from wecom_contact.errors import APIError, InvalidCredential, StaleToken, WeComError

READ = ("GET", "/read")
SUITE_TOKEN = "/cgi-bin/service/get_suite_token"
CORP_TOKEN = "/cgi-bin/service/get_corp_token"
PROVIDER_TOKEN = "/cgi-bin/service/get_provider_token"


@pytest.fixture(params=[Sync, Aio], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Any:
    return request.param


class Suites(WeCom):
    """WeCom's endpoints for suites and providers."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket = "TICKET-1"
        self.suite_tokens: list[str] = []
        self.bad_suite_tokens: set[str] = set()
        self.answers = {
            SUITE_TOKEN: self.suite_token,
            CORP_TOKEN: self.corp_token,
            PROVIDER_TOKEN: self.provider_token,
        }

    def suite_token(self, request: Request) -> Reply:
        assert request.query == {}
        if request.json != {
            "suite_id": "ws1",
            "suite_secret": "SUITE-SECRET",
            "suite_ticket": self.ticket,
        }:
            return says(40085, "invalid suite ticket")
        self.suite_tokens.append(f"SUITE-{len(self.suite_tokens)}")
        return says(0, suite_access_token=self.suite_tokens[-1], expires_in=7200)

    def corp_token(self, request: Request) -> Reply:
        token = request.query.pop("suite_access_token")
        assert request.query == {}
        if token not in self.suite_tokens or token in self.bad_suite_tokens:
            return says(42009, "suite_access_token expired")
        if request.json != {"auth_corpid": "ww2", "permanent_code": "PERMANENT"}:
            return says(40084, "invalid permanent code")
        return says(0, access_token=self.token(), expires_in=7200)

    def provider_token(self, request: Request) -> Reply:
        assert request.json == {"corpid": "wwP", "provider_secret": "PROVIDER-SECRET"}
        return says(0, provider_access_token="PROVIDER-TOKEN", expires_in=7200)


@pytest.fixture
def wecom() -> Suites:
    return Suites()


@pytest.fixture
def server(wecom: Suites) -> Iterator[Server]:
    with serving(wecom) as server:
        yield server


def suite(ticket: Any = "TICKET-1") -> Suite:
    return Suite("ws1", "SUITE-SECRET", ticket)


def authorized(ticket: Any = "TICKET-1", code: str = "PERMANENT") -> AuthorizedCorp:
    return AuthorizedCorp(suite(ticket), "ww2", code)


def paths(server: Server) -> list[str]:
    return [each.path.rpartition("/")[2] for each in server.requests]


def test_a_suite_for_a_corp(colour: Any, wecom: Suites, server: Server) -> None:
    with colour(server.url, credential=authorized()) as client:
        assert client.raw(*READ) == OK
        assert paths(server) == ["get_suite_token", "get_corp_token", "read"]
        wecom.strict = False
        assert client.raw("POST", "/about", token="suite_access_token") == OK
        assert server.requests[-1].query == {"suite_access_token": "SUITE-0"}
        wecom.strict = True
        wecom.expire()
        assert client.raw(*READ) == OK
        assert paths(server)[4:] == ["read", "get_corp_token", "read"], "the suite's is still good"


def test_a_stale_suite_token_on_the_way_to_a_corp_token(
    colour: Any, wecom: Suites, server: Server
) -> None:
    with colour(server.url, credential=authorized()) as client:
        client.raw(*READ)
        wecom.expire()
        wecom.bad_suite_tokens.add("SUITE-0")
        client.raw(*READ)
    assert paths(server)[3:] == [
        "read",
        "get_corp_token",
        "get_suite_token",
        "get_corp_token",
        "read",
    ]


def test_a_new_ticket_ends_a_refusal(colour: Any, wecom: Suites, server: Server) -> None:
    credential = authorized("OLD")
    with colour(server.url, credential=credential) as client:
        for _ in range(10):
            with pytest.raises(InvalidCredential, match=r"suite ws1, secret #"):
                client.raw(*READ)
        assert paths(server) == ["get_suite_token"]
        credential.suite.ticket = "TICKET-1"
        assert isinstance(credential.suite.ticket, Secret)
        assert client.raw(*READ) == OK


def test_a_ticket_that_is_asked_for(colour: Any, server: Server) -> None:
    asked: list[int] = []

    def ticket() -> str:
        asked.append(1)
        return "TICKET-1"

    async def ticket_later() -> Secret:
        return Secret(ticket())

    ask = ticket_later if colour is Aio else ticket
    with colour(server.url, credential=authorized(ask)) as client:
        client.raw(*READ)
        client.raw(*READ)
    assert asked == [1], "only when a token is needed"


def test_a_ticket_from_a_coroutine_is_for_asyncio(server: Server) -> None:
    async def ticket() -> str:
        return "TICKET-1"

    with Sync(server.url, credential=authorized(ticket)) as client:
        with pytest.raises(ValueError, match="AsyncClient"):
            client.raw(*READ)


def test_a_wrong_permanent_code(colour: Any, server: Server) -> None:
    with colour(server.url, credential=authorized(code="WRONG")) as client:
        for _ in range(3):
            with pytest.raises(InvalidCredential, match="corp ww2 of suite ws1, permanent code #"):
                client.raw(*READ)
    assert paths(server) == ["get_suite_token", "get_corp_token"]


def test_a_suite_alone(colour: Any, wecom: Suites, server: Server) -> None:
    wecom.strict = False
    with colour(server.url, credential=suite()) as client:
        assert client.raw(*READ, token="suite_access_token") == OK
        with pytest.raises(ValueError, match="needs an access_token"):
            client.raw(*READ)


def test_a_provider(colour: Any, wecom: Suites, server: Server) -> None:
    wecom.strict = False
    provider = Provider("wwP", "PROVIDER-SECRET")
    for options in (
        {"credential": provider},
        {"credential": Corp(CORP, SECRET), "provider": provider},
        {"credential": None, "provider": provider},
    ):
        with colour(server.url, **options) as client:
            client.raw("POST", "/finish", token="provider_access_token")
        assert server.requests[-1].query == {"provider_access_token": "PROVIDER-TOKEN"}


def test_each_call_knows_its_token(colour: Any, wecom: Suites, server: Server) -> None:
    from wecom_contact import catalog

    wecom.strict = False
    provider = Provider("wwP", "PROVIDER-SECRET")
    with colour(server.url, credential=authorized(), provider=provider) as client:
        engine = client.client._engine
        for endpoint in catalog.CALLS.values():
            plan = engine._planned(endpoint)
            assert plan.target.endswith(f"{endpoint.path}?{endpoint.token}=")
            assert plan.box is engine.boxes[endpoint.token]


def test_a_token_centre(colour: Any, wecom: Suites, server: Server) -> None:
    class Centre:
        """Gives each token out until it is told that it is stale."""

        def __init__(self) -> None:
            self.asked: list[tuple[str, Secret | None]] = []
            self.held = wecom.token()

        def token(self, kind: str, stale: Secret | None) -> str | Token:
            self.asked.append((kind, stale))
            if stale == Secret(self.held):
                self.held = wecom.token()
            if len(self.asked) > 1:
                return Token.lasting(self.held, 7200, time.time())
            return self.held

    class Later(Centre):
        async def token(self, kind: str, stale: Secret | None) -> str | Token:
            return super().token(kind, stale)

    centre = Later() if colour is Aio else Centre()
    assert isinstance(centre, TokenProvider)
    with colour(server.url, credential=centre) as client:
        client.raw(*READ)
        client.raw(*READ)
        wecom.expire()
        client.raw(*READ)
    first, second = (value for value, _ in wecom.issued)
    assert centre.asked == [("access_token", None), ("access_token", Secret(first))]
    assert server.requests[-1].query["access_token"] == second
    assert set(paths(server)) == {"read"}


def test_a_centre_that_insists(colour: Any, wecom: Suites, server: Server) -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            return "always the same"

    with colour(server.url, credential=Centre()) as client, pytest.raises(StaleToken):
        client.raw(*READ)
    assert len(server.requests) == 2


def test_what_a_centre_raises_is_its_own_affair(colour: Any, server: Server) -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            raise LookupError("no token today")

    with colour(server.url, credential=Centre()) as client:
        for _ in range(2):
            with pytest.raises(LookupError, match="today"):
                client.raw(*READ)


def test_quoting(colour: Any, wecom: Suites, server: Server) -> None:
    strange = "a+b/c=&d 中"
    wecom.strict = False
    wecom.answers[wecom.GETTOKEN] = says(0, access_token=strange, expires_in=7200)
    with colour(server.url, corp_id="w w&", secret=strange) as client:
        client.raw(*READ)
    assert server.requests[0].query == {"corpid": "w w&", "corpsecret": strange}
    assert server.requests[1].query == {"access_token": strange}


def test_secrets_do_not_show() -> None:
    secret = Secret("s3cr3t")
    shown = f"{secret} {secret!r} {[secret]} {Corp('ww1', 's3cr3t')} {suite()} {authorized()}"
    shown += f"{Provider('ww1', 's3cr3t')} {Token.lasting('s3cr3t', 1, 1)}"
    assert "s3cr3t" not in shown
    assert "SECRET" not in shown
    assert "TICKET" not in shown
    assert secret
    assert not Secret("")
    assert secret == Secret(secret)
    assert hash(secret) == hash(Secret("s3cr3t"))
    assert secret != "s3cr3t"
    assert fingerprint("a", secret) == fingerprint(Secret("a"), "s3cr3t") != fingerprint("as3cr3t")


def test_tokens_in_a_store_s_words() -> None:
    token = Token.lasting("T", 100, 1000.5)
    assert (token.expires_at, token.renew_at) == (1100.5, 1090.5)
    assert Token.load(token.dump()) == token
    assert Token.lasting("T", 7200, 0).renew_at == 6900
    for nothing in (None, b"", b"{", b"[1]", b'{"a":1}', b'["T","x",1]', b"3"):
        assert Token.load(nothing) is None


@pytest.mark.parametrize("way", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_may_be_copied_and_pickled(way: Any) -> None:
    from wecom_contact import errors

    for error in (
        errors.NotFound(84061, "words", "/path", "1", "1.2.3.4", "advice", "title", "doc"),
        errors.Timeout("late", "/path", False, True),
        errors.ProtocolError("odd", "/path", 502, True),
        errors.PartialFailure("2 items failed", "a.b", {"x": 1}, ["u"]),
        errors.PaginationStalled("circle"),
    ):
        again: WeComError = way(error)
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_the_windows_of_a_rate_limit() -> None:
    from wecom_contact.errors import RateLimited

    seconds = {
        "api freq out of limit": 60,
        "reach the hour limit": 3600,
        "reach max api daily quota limit": 86400,
        "day limit": 86400,
        "month quota": 30 * 86400,
    }
    for words, expected in seconds.items():
        assert RateLimited(45009, words).window.total_seconds() == expected


def test_words_of_errors() -> None:
    from wecom_contact.errors import PartialFailure, ProtocolError, Timeout, raise_partial

    class Item:
        def __init__(self, external_userid: str, errcode: int) -> None:
            self.external_userid = external_userid
            self.errcode = errcode

    class Odd:
        pass

    raise_partial("transfer.customer", None, [])
    with pytest.raises(PartialFailure) as caught:
        raise_partial("transfer.customer", "reply", [Item("wm1", 40096)])
    assert str(caught.value) == "transfer.customer: 1 item failed: wm1 (40096)"
    with pytest.raises(PartialFailure) as caught:
        raise_partial("x.y", "reply", ["u1", 7, Odd(), "u4"])
    assert str(caught.value) == "x.y: 4 items failed: u1, 7, ?, …"
    assert (caught.value.result, len(caught.value.failures)) == ("reply", 4)
    assert str(APIError(1, "words")) == "1: words"
    assert str(Timeout("late")) == "late"
    assert str(ProtocolError("odd")) == "odd"
