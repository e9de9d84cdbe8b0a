"""Where tokens come from: a corp, a suite for a corp that authorised it, a provider, a company's token centre."""

import copy
import json
import pickle
import time
from collections import Counter
from typing import Any, ClassVar

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from serving import (
    CORP,
    OK,
    QUICK,
    SECRET,
    Aio,
    Reply,
    Request,
    Server,
    Sync,
    WeCom,
    says,
    serving,
)
from wecom_contact import AsyncClient, Client
from wecom_contact._runtime import token_state, tokens
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
from wecom_contact.errors import (
    APIError,
    InvalidCredential,
    RefusedArgument,
    StaleToken,
    WeComError,
)
from wecom_contact.stores import MemoryStore

READ = ("GET", "/read")
SUITE_TOKEN = "/cgi-bin/service/get_suite_token"
CORP_TOKEN = "/cgi-bin/service/get_corp_token"
PROVIDER_TOKEN = "/cgi-bin/service/get_provider_token"


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
        assert request.headers["content-type"] == "application/json"
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
        assert request.headers["content-type"] == "application/json"
        if token not in self.suite_tokens or token in self.bad_suite_tokens:
            return says(42009, "suite_access_token expired")
        if request.json != {"auth_corpid": "ww2", "permanent_code": "PERMANENT"}:
            return says(40084, "invalid permanent code")
        return says(0, access_token=self.token(), expires_in=7200)

    def provider_token(self, request: Request) -> Reply:
        assert request.json == {"corpid": "wwP", "provider_secret": "PROVIDER-SECRET"}
        assert request.headers["content-type"] == "application/json"
        return says(0, provider_access_token="PROVIDER-TOKEN", expires_in=7200)


@pytest.fixture
def wecom() -> Suites:
    return Suites()


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


def test_a_wrong_secret_of_a_provider(colour: Any, wecom: Suites, server: Server) -> None:
    wecom.answers[PROVIDER_TOKEN] = lambda _: says(40001, "invalid secret")
    with colour(server.url, credential=Provider("wwP", "WRONG")) as client:
        for _ in range(3):
            with pytest.raises(InvalidCredential, match="provider wwP, secret #"):
                client.raw("POST", "/finish", token="provider_access_token")
    assert paths(server) == ["get_provider_token"]


def test_a_suite_alone(colour: Any, wecom: Suites, server: Server) -> None:
    wecom.strict = False
    with colour(server.url, credential=suite()) as client:
        assert client.raw(*READ, token="suite_access_token") == OK
        with pytest.raises(ValueError, match="needs an access_token"):
            client.raw(*READ)


def test_a_provider_is_a_credential_or_stands_beside_one(
    colour: Any, wecom: Suites, server: Server
) -> None:
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
            plan = engine._planned(endpoint.call.__new__(endpoint.call))
            assert plan.target.endswith(f"{endpoint.path}?{endpoint.token}=")
            assert plan.token_state is engine.token_states[endpoint.token]


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


def test_a_token_of_a_centre_that_does_not_say_its_life_is_kept_for_a_minute() -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            return "T"

    kept = tokens.ask_provider(Centre(), "access_token", None, lambda: 1000.0)
    assert isinstance(kept, Token)
    assert kept.expires_at == 1060.0


def test_a_token_centre_is_asked_for_its_tokens_and_no_store_is(
    colour: Any, wecom: Suites, server: Server
) -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            return wecom.token()

    class Recording(MemoryStore):
        keys: ClassVar[list[object]] = []

        def get(self, key: str, /) -> Token | None:
            self.keys.append(key)
            return super().get(key)

        def lock(self, key: str, owner: str, seconds: float, /) -> bool:
            self.keys.append(key)
            return super().lock(key, owner, seconds)

    store = Recording()
    with colour(server.url, credential=Centre(), token_store=store) as client:
        client.raw(*READ)
        wecom.expire()
        client.raw(*READ)
    assert len(wecom.issued) == 2
    assert store.keys == []


def of_suite(suite_id: str, secret: str) -> AuthorizedCorp:
    return AuthorizedCorp(Suite(suite_id, secret, "TICKET-1"), "ww2", "PERMANENT")


CALLERS: tuple[tuple[str, Any], ...] = (
    ("access_token", Corp("ww1", "A")),
    ("access_token", Corp("ww1", "B")),
    ("access_token", Corp("ww2", "A")),
    ("access_token", of_suite("ws1", "A")),
    ("access_token", of_suite("ws2", "A")),
    ("suite_access_token", Suite("ws1", "A", "TICKET-1")),
    ("suite_access_token", Suite("ws1", "B", "TICKET-1")),
    ("suite_access_token", Suite("ws2", "A", "TICKET-1")),
    ("provider_access_token", Provider("ww1", "A")),
    ("provider_access_token", Provider("ww1", "B")),
    ("provider_access_token", Provider("ww2", "A")),
)


KINDS = {
    Suites.GETTOKEN: "access_token",
    CORP_TOKEN: "access_token",
    SUITE_TOKEN: "suite_access_token",
    PROVIDER_TOKEN: "provider_access_token",
}


def test_whoever_shares_a_store_has_a_place_of_their_own_in_it(
    colour: Any, wecom: Suites, server: Server
) -> None:
    def token(request: Request) -> Reply:
        kind = KINDS[request.path]
        return says(0, **{kind: f"TOKEN-{len(server.requests)}"}, expires_in=7200)

    wecom.strict = False
    wecom.answers = dict.fromkeys(KINDS, token)
    store = MemoryStore()
    given = []
    for _ in range(2):
        for kind, credential in CALLERS:
            with colour(server.url, credential=credential, token_store=store) as client:
                client.raw("POST", "/any", token=kind)
            given.append(server.requests[-1].query[kind])
    first, again = given[: len(CALLERS)], given[len(CALLERS) :]
    assert len(set(first)) == len(CALLERS)
    assert again == first, "and finds its token there"


def test_a_centre_that_insists(
    colour: Any, wecom: Suites, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_state, "AGAIN", 0.01)
    asked: list[Secret | None] = []

    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            asked.append(stale)
            return "always the same"

    with colour(server.url, credential=Centre()) as client, pytest.raises(StaleToken):
        client.raw(*READ)
    assert len(server.requests) == 1, "what was refused is not sent again"
    assert asked == [None, *[Secret("always the same")] * QUICK.tries]


def test_what_a_centre_raises_is_its_own_affair(colour: Any, server: Server) -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            raise LookupError("no token today")

    with colour(server.url, credential=Centre()) as client:
        for _ in range(2):
            with pytest.raises(LookupError, match="today"):
                client.raw(*READ)


def test_many_calls_outlast_a_wecom_that_insists_on_a_dead_token(
    colour: Any, wecom: Suites, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_state, "AGAIN", 0.05)
    again: list[int] = []

    def gettoken(_: Request) -> Reply:
        again.append(1)
        value = wecom.issued[-1][0] if 1 < len(again) < 4 else wecom.token()
        return says(0, access_token=value, expires_in=7200)

    wecom.answers[wecom.GETTOKEN] = gettoken
    with colour(server.url) as client:
        client.raw(*READ)
        wecom.expire()
        assert client.together("raw", [READ] * 20) == [OK] * 20
    assert len(server.asked(wecom.GETTOKEN)) == 4, "the dead one twice more, then the new one"
    sent = Counter(each.query["access_token"] for each in server.asked("/read"))
    first, second = (value for value, _ in wecom.issued)
    assert sent[first] <= 21
    assert sent[second] == 20


def test_strange_characters_of_secrets_and_tokens_arrive_as_they_are(
    colour: Any, wecom: Suites, server: Server
) -> None:
    strange = "a+b/c=&d 中"
    wecom.strict = False
    wecom.answers[wecom.GETTOKEN] = says(0, access_token=strange, expires_in=7200)
    with colour(server.url, corp_id="w w&", secret=strange) as client:
        client.raw(*READ)
    assert server.requests[0].query == {"corpid": "w w&", "corpsecret": strange}
    assert "content-type" not in server.requests[0].headers, "there is no body"
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
    for damaged in (["", 1, 2], [None, 1, 2], [5, 1, 2], ["T", "Infinity", 1], ["T", 1, "NaN"]):
        assert Token.load(json.dumps(damaged)) is None
    assert Token.load('["T",true,1]') is None
    assert Token.load('["T",1,2]') == Token("T", 1, 2)


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


def test_an_error_that_is_told_nothing_more_assumes_what_is_safe() -> None:
    """That WeCom may have done it; and only a broken connection may be better next time."""
    from wecom_contact.errors import ProtocolError, Throttled, Timeout, TransportError

    for error in (TransportError("x"), Timeout("x")):
        assert (error.path, error.sent, error.transient) == ("", True, True)
    assert (Throttled("x").path, Throttled("x").sent, Throttled("x").seconds) == ("", False, 0)
    odd = ProtocolError("x")
    assert (odd.path, odd.sent, odd.status, odd.transient) == ("", True, 200, False)
    assert (APIError.retryable, APIError.renews) == (False, False)


def test_a_value_is_shown_whole_or_by_its_first_57_characters() -> None:
    from wecom_contact.errors import brief

    for length in (1, 59, 60):
        assert brief("x" * (length - 2)) == repr("x" * (length - 2))
    assert brief("x" * 59) == "'" + "x" * 56 + "..."


def test_words_of_errors() -> None:
    from wecom_contact.errors import PartialFailure, ProtocolError, Timeout, raise_partial

    class Item:
        def __init__(self, external_userid: str, errcode: int) -> None:
            self.external_userid = external_userid
            self.errcode = errcode

    class Odd:
        _grid = "its own"

    raise_partial("transfer.customer", None, [])
    with pytest.raises(PartialFailure) as caught:
        raise_partial("transfer.customer", "reply", [Item("wm1", 40096)])
    assert str(caught.value) == "transfer.customer: 1 item failed: wm1 (40096)"
    with pytest.raises(PartialFailure) as caught:
        raise_partial("x.y", "reply", ["u1", 7, Odd(), "u4"])
    assert str(caught.value) == "x.y: 4 items failed: u1, 7, ?, …"
    assert (caught.value.result, len(caught.value.failures)) == ("reply", 4)
    with pytest.raises(PartialFailure) as caught:
        raise_partial("x.y", "reply", ["u1", "u2", "u3"])
    assert str(caught.value) == "x.y: 3 items failed: u1, u2, u3"
    assert str(APIError(1, "words")) == "1: words"
    assert str(Timeout("late")) == "late"
    assert str(ProtocolError("odd")) == "odd"


CORP_ID = "ww0123456789abcdef"
APP_SECRET = "Hq3-Zt9_kLmN0pQrStUvWxYzAbCdEfGhIjKlMnOpQ12"
assert len(APP_SECRET) == 43
MAKERS: dict[str, tuple[Any, str, str]] = {
    "Client": (lambda one, two: Client(one, two), "Corp.corp_id", "Corp.secret"),
    "AsyncClient": (lambda one, two: AsyncClient(one, two), "Corp.corp_id", "Corp.secret"),
    "Corp": (Corp, "Corp.corp_id", "Corp.secret"),
    "Provider": (Provider, "Provider.corp_id", "Provider.secret"),
    "Suite": (lambda one, two: Suite(one, two, "TICKET"), "Suite.suite_id", "Suite.secret"),
    "AuthorizedCorp": (
        lambda one, two: AuthorizedCorp(suite(), one, two),
        "AuthorizedCorp.corp_id",
        "AuthorizedCorp.permanent_code",
    ),
}
BAD = {
    "a line break after": "{}\n",
    "a Windows line break after": "{}\r\n",
    "a blank before": " {}",
    "a tab after": "{}\t",
    "a wide blank after": "{}\u3000",
    "a byte order mark before": "\ufeff{}",
    "a zero-width space after": "{}\u200b",
    "a line break within": "{0}\n{0}",
    "a lone surrogate": "{}\ud83d",
    "nul": "{}\0",
}


@pytest.mark.parametrize("how", BAD)
@pytest.mark.parametrize("maker", MAKERS)
def test_what_nobody_sees_around_an_id_or_a_secret_is_refused(maker: str, how: str) -> None:
    make, first, second = MAKERS[maker]
    for path, one, two in (
        (first, BAD[how].format(CORP_ID), APP_SECRET),
        (second, CORP_ID, BAD[how].format(APP_SECRET)),
    ):
        with pytest.raises(RefusedArgument) as caught:
            make(one, two)
        assert caught.value.path == path
        assert "string without" in caught.value.what
        assert CORP_ID not in str(caught.value)
        assert APP_SECRET not in str(caught.value)


@pytest.mark.parametrize("maker", MAKERS)
def test_an_id_and_a_secret_in_each_other_s_place_are_refused_and_not_shown(maker: str) -> None:
    make, _, second = MAKERS[maker]
    for one, two in (
        (APP_SECRET, CORP_ID),
        (APP_SECRET, "wx0123456789abcdef"),
        (APP_SECRET, "wpTHIRD-party-ID_of_a_corp_0123"),
        (APP_SECRET, "ww-unusual"),
        (APP_SECRET, APP_SECRET),
        ("permanent code of some other length" * 3, CORP_ID),
        (CORP_ID, CORP_ID),
    ):
        with pytest.raises(RefusedArgument, match="swapped") as caught:
            make(one, two)
        assert caught.value.path == second
        assert one not in str(caught.value)
        assert two not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (CORP_ID, APP_SECRET),
        ("corp 1", "s3cr3t"),
        ("1", "x" * 512),
        ("wpTHIRD-party-ID_of_a_corp_0123", "wwSECRET"),
        ("企业", "密 码"),
        ("A" * 43, "s3cr3t"),
        (CORP_ID, "a+b/c=&d 中"),
    ],
)
@pytest.mark.parametrize("maker", ["Corp", "Provider", "Suite", "AuthorizedCorp"])
def test_ids_and_secrets_of_unusual_shape_pass(maker: str, one: str, two: str) -> None:
    assert MAKERS[maker][0](one, two)


@given(one=st.text(), two=st.text(min_size=12))
def test_no_message_about_a_credential_shows_one(one: str, two: str) -> None:
    for first, second in ((one, two), (two, one), (two, two)):
        words = ""
        try:
            Corp(first, second)
        except RefusedArgument as error:
            words = str(error)
        assert two not in words


def test_an_id_that_looks_like_a_secret_is_not_shown(colour: Any, wecom: Suites) -> None:
    with serving(lambda _: says(40001)) as server:
        with colour(server.url, corp_id=APP_SECRET, secret="s3cr3t") as client:
            with pytest.raises(InvalidCredential) as caught:
                client.raw(*READ)
    shown = f"{caught.value} {Corp(APP_SECRET, 's')} {Suite(APP_SECRET, 's', 't')}"
    shown += f"{Provider(APP_SECRET, 's')} {AuthorizedCorp(suite(), APP_SECRET, 's')}"
    assert APP_SECRET not in shown
    assert "Corp(corp_id='***', secret=Secret('***'))" in shown
    assert repr(Corp("w'w", "s")) == """Corp(corp_id="w'w", secret=Secret('***'))"""
    for ticket in ("t", Secret("t"), lambda: "t"):
        assert repr(Suite("su1", "s", ticket)) == "Suite(suite_id='su1', secret=Secret('***'))"


class Dressed:
    """What a settings library makes of a secret."""

    def __str__(self) -> str:
        return APP_SECRET

    __repr__ = __str__


@pytest.mark.parametrize("given", [b"bytes", 5, None, ["s"], Dressed(), {"s": 1}], ids=type)
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda given: Corp(given, "s"), "Corp.corp_id"),
        (lambda given: Corp("w", given), "Corp.secret"),
        (lambda given: Provider("w", given), "Provider.secret"),
        (lambda given: Suite("w", given, "t"), "Suite.secret"),
        (lambda given: Suite("w", "s", given), "Suite.ticket"),
        (lambda given: setattr(suite(), "ticket", given), "Suite.ticket"),
        (lambda given: setattr(suite(), "secret", given), "Suite.secret"),
        (lambda given: AuthorizedCorp(given, "w", "p"), "AuthorizedCorp.suite"),
        (lambda given: AuthorizedCorp(suite(), given, "p"), "AuthorizedCorp.corp_id"),
        (lambda given: AuthorizedCorp(suite(), "w", given), "AuthorizedCorp.permanent_code"),
        (lambda given: Token(given, 1, 1), "Token.value"),
        (lambda given: Client(credential=given or "x"), "Client.credential"),
        (lambda given: AsyncClient(credential=given or "x"), "AsyncClient.credential"),
        (lambda given: Client(CORP, SECRET, provider=given or "x"), "Client.provider"),
    ],
)
def test_a_credential_of_another_kind_is_refused(make: Any, path: str, given: Any) -> None:
    with pytest.raises(RefusedArgument) as caught:
        make(given)
    assert caught.value.path == path
    assert type(given).__name__ in caught.value.what or given is None
    assert APP_SECRET not in str(caught.value)


def test_a_class_is_no_credential() -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> str:
            return "T"

    classes: list[Any] = [Centre, Corp]
    for cls in classes:
        with pytest.raises(RefusedArgument, match=f"the class {cls.__name__}"):
            Client(credential=cls)


@pytest.mark.parametrize("field", ["expires_at", "renew_at"])
@pytest.mark.parametrize("given", [float("nan"), float("inf"), "1", None, True])
def test_a_token_ends_at_a_time(field: str, given: Any) -> None:
    with pytest.raises(RefusedArgument, match=f"Token.{field}: Unix time"):
        Token("T", **{"expires_at": 1, "renew_at": 1, field: given})


@pytest.mark.parametrize("given", [float("nan"), float("-inf"), "7200", None, True])
def test_a_token_lasts_for_a_number_of_seconds(given: Any) -> None:
    with pytest.raises(RefusedArgument, match=r"Token\.lasting\.seconds: seconds as a number"):
        Token.lasting("T", given, 1)
    with pytest.raises(RefusedArgument, match=r"Token\.lasting\.now: seconds as a number"):
        Token.lasting("T", 1, given)


def test_a_token_is_not_empty() -> None:
    with pytest.raises(RefusedArgument, match=r"Token\.value: a string that is not empty"):
        Token("", 1, 1)


@pytest.mark.parametrize("given", [None, "", " ", "TICKET-1\n", b"TICKET-1", 5], ids=repr)
def test_a_ticket_function_that_has_none_costs_no_refusal(
    colour: Any, server: Server, given: Any
) -> None:
    async def later() -> Any:
        return given

    ask: Any = later if colour is Aio else lambda: given
    with colour(server.url, credential=authorized(ask)) as client:
        with pytest.raises(RefusedArgument, match=r"^Suite\.ticket: a string"):
            client.raw(*READ)
    assert server.requests == []


@pytest.mark.parametrize(
    ("given", "what"),
    [(None, "nothing"), ("", "nothing"), (b"T", "bytes"), (5, "int"), (True, "bool")],
)
def test_a_token_centre_that_has_none_says_so(
    colour: Any, server: Server, given: Any, what: str
) -> None:
    class Centre:
        def token(self, kind: str, stale: Secret | None) -> Any:
            return given

    with colour(server.url, credential=Centre()) as client:
        words = rf"^TokenProvider\.token: a Token or a string, not {what}$"
        with pytest.raises(RefusedArgument, match=words):
            client.raw(*READ)
    assert server.requests == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_that_holds_a_secret_is_pickled(protocol: int) -> None:
    for kept in (
        Secret("s3cr3t"),
        Token("s3cr3t", 1, 1),
        Corp("w", "s3cr3t"),
        Provider("w", "s3cr3t"),
        suite(),
        authorized(),
        {"credential": [Corp("w", "s3cr3t")]},
    ):
        with pytest.raises(TypeError, match="a secret is not pickled"):
            pickle.dumps(kept, protocol)


def test_what_holds_a_secret_can_be_copied() -> None:
    for kept in (Secret("s3cr3t"), Token("s3cr3t", 1, 1), Corp("w", "s3cr3t"), authorized().suite):
        for way in (copy.copy, copy.deepcopy):
            again = way(kept)
            assert repr(again) == repr(kept)
            if not isinstance(kept, Suite):
                assert again == kept
    assert evolve(Corp("w", "s3cr3t"), corp_id="v") == Corp("v", "s3cr3t")
