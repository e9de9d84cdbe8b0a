"""Time and trouble on command."""

import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
from wecom_contact import Client
from wecom_contact.errors import Busy, ProtocolError, RateLimited, TransportError
from wecom_contact.retry import Retry
from wecom_contact.testing import CallMade, Simulator, Trouble
from wecom_contact.testing._http import Server, unused
from wecom_contact.testing._serve import Serving

from simulator.asking import Asker, send

NOW = datetime(2026, 3, 31, 15, tzinfo=timezone(timedelta(hours=8)))


class TestClock:
    """Runs, stands, and is moved ahead."""

    def test_the_clock_runs_from_where_it_was_set(self) -> None:
        clock = Simulator(now=NOW).clock
        before = clock.time()
        assert clock.now().replace(second=0, microsecond=0) == NOW
        time.sleep(0.01)
        assert 0.01 <= clock.time() - before < 5

    def test_it_stands_still(self) -> None:
        clock = Simulator(now=NOW).clock
        clock.freeze()
        before = clock.time()
        time.sleep(0.01)
        assert clock.time() == before
        clock.advance(days=1, hours=1, minutes=1, seconds=1)
        assert clock.time() == before + 90_061
        clock.run()
        clock.run()
        time.sleep(0.01)
        assert clock.time() > before + 90_061

    def test_only_forwards_and_only_aware(self) -> None:
        with pytest.raises(ValueError, match="backwards"):
            Simulator().clock.advance(hours=-1)
        with pytest.raises(ValueError, match="time zone"):
            Simulator(now=datetime(2026, 1, 1))

    def test_what_is_due_happens_at_its_time(self) -> None:
        clock = Simulator(now=NOW).clock
        begin = clock.time()
        happened: list[tuple[str, int]] = []
        for name, hours in (("later", 3), ("sooner", 1), ("never", 9)):
            clock.at(
                begin + hours * 3600,
                lambda name=name: happened.append((name, round(clock.time() - begin) // 3600)),
            )
        clock.advance(hours=4)
        assert happened == [("sooner", 1), ("later", 3)]

    def test_what_is_due_happens_by_itself(self, corp: Simulator, ask: Asker) -> None:
        happened: list[int] = []
        corp.clock.at(corp.clock.time(), lambda: happened.append(1))
        ask.good("follow_user.list")
        assert happened == [1]


class TestOrders:
    """One by one."""

    def test_a_code_some_times(self, corp: Simulator, ask: Asker) -> None:
        corp.trouble.next("follow_user.list", errcode=45033, times=2)
        assert [ask.code("follow_user.list") for _ in range(3)] == [45033, 45033, 0]
        assert corp.trouble.made == 2
        said = corp.calls_of("follow_user.list")
        assert [call.errcode for call in said] == [45033, 45033, 0]

    def test_words_of_ones_own(self, corp: Simulator, ask: Asker) -> None:
        corp.trouble.next("follow_user.list", errcode=12345, errmsg="out of order")
        assert ask("follow_user.list")["errmsg"].startswith("out of order, hint: [")
        corp.trouble.next("follow_user.list", errcode=12345)
        assert ask("follow_user.list")["errmsg"].startswith("request refused, hint: [")

    def test_in_their_order_and_for_all(self, corp: Simulator, ask: Asker) -> None:
        token = ask.token
        corp.trouble.next("*", errcode=-1, times=None)
        corp.trouble.next("server.api_ips", errcode=6000)
        path, query = "/cgi-bin/get_api_domain_ip", {"access_token": token}

        def code() -> int:
            return int(json.loads(send(corp, "GET", path, query).body)["errcode"])

        assert [code(), code(), code()] == [6000, -1, -1]
        corp.trouble.clear()
        assert code() == 0

    def test_trouble_says_which(self, corp: Simulator) -> None:
        with pytest.raises(ValueError, match="say which"):
            corp.trouble.next("customer.get")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("customer.lst", "not 'customer.lst'; did you mean 'customer.list'?"),
            ("get_token", "did you mean 'gettoken'?"),
            ("/cgi-bin/gettoken", "did you mean 'gettoken'?"),
            ("/cgi-bin/externalcontact/list", "did you mean 'customer.list'?"),
            ("☃", "'gettoken' or '*', not '☃'"),
        ],
    )
    def test_names_that_are_none(self, name: str, words: str, corp: Simulator) -> None:
        with pytest.raises(ValueError, match=re.escape(words) + "$"):
            corp.trouble.next(name, errcode=-1)

    def test_names_of_tokens_and_paths_nobody_knows(self, corp: Simulator) -> None:
        corp.trouble.next("get_suite_token", errcode=-1)
        corp.trouble.next("/cgi-bin/new", errcode=-1)
        assert json.loads(send(corp, "GET", "/cgi-bin/new").body)["errcode"] == -1

    def test_over_the_wire(self, wecom_corp: Simulator) -> None:
        corp = wecom_corp
        corp.add_member("zhangsan")
        with corp.client(retry=None) as wecom:
            wecom.follow_user.list()
            corp.trouble.next("follow_user.list", status=502)
            with pytest.raises(ProtocolError):
                wecom.follow_user.list()
            corp.trouble.next("follow_user.list", cut=True)
            with pytest.raises(TransportError):
                wecom.follow_user.list()
            corp.trouble.next("follow_user.list", truncated=True)
            with pytest.raises(TransportError):
                wecom.follow_user.list()
            corp.trouble.next("follow_user.list", latency=0.05)
            begun = time.perf_counter()
            wecom.follow_user.list()
            assert time.perf_counter() - begun >= 0.05
            corp.trouble.next("follow_user.list", errcode=45009)
            with pytest.raises(RateLimited):
                wecom.follow_user.list()
        words = [call.trouble for call in corp.calls_of("follow_user.list")]
        assert words == ["", "HTTP 502", "cut", "truncated", "slow", ""]

    def test_a_token_endpoint_too(self, wecom_corp: Simulator, wecom: Client) -> None:
        wecom_corp.trouble.next("gettoken", errcode=-1)
        wecom.follow_user.list()
        assert wecom_corp.call_counts["gettoken"] == 2

    @pytest.mark.parametrize(("done", "tags"), [(False, 0), (True, 1)])
    def test_whether_it_was_done(self, done: bool, tags: int, wecom_corp: Simulator) -> None:
        with wecom_corp.client() as wecom:
            wecom_corp.trouble.next("corp_tag.add", cut=True, done=done)
            with pytest.raises(TransportError):
                wecom.raw(
                    "POST",
                    "/cgi-bin/externalcontact/add_corp_tag",
                    json={"group_name": "g", "tag": [{"name": "t"}]},
                )
            wecom_corp.trouble.next("corp_tag.add", status=500, done=done)
            with pytest.raises(ProtocolError):
                wecom.raw(
                    "POST",
                    "/cgi-bin/externalcontact/add_corp_tag",
                    json={"group_name": "h", "tag": [{"name": "t"}]},
                )
        assert len(wecom_corp.tags) == 2 * tags


class TestMixture:
    """By chance, but the same chance."""

    def outcomes(self, seed: int, name: str, readonly: bool, **words: bool) -> list[str]:
        corp = Simulator()
        corp.trouble.mix(0.3, seed=seed, break_writes=words.get("break_writes", False))
        taken = [corp.trouble.take(name, readonly) for _ in range(400)]
        return [
            "fine" if each is None else "busy" if each.errcode is not None else str(each)
            for each in taken
        ]

    def test_the_same_for_the_same_seed(self) -> None:
        reads = self.outcomes(1, "customer.get", True)
        assert (
            reads
            == self.outcomes(1, "customer.get", True)
            != self.outcomes(2, "customer.get", True)
        )
        counts = Counter(reads)
        assert set(counts) == {"fine", "busy", "cut", "truncated", "HTTP 502"}
        assert 80 < 400 - counts["fine"] < 160

    def test_writes_are_only_refused(self) -> None:
        assert set(self.outcomes(1, "corp_tag.add", False)) == {"fine", "busy"}
        broken = set(self.outcomes(1, "corp_tag.add", False, break_writes=True))
        assert {"cut", "truncated"} <= broken

    def test_latency_comes_alone_or_with_trouble(self) -> None:
        corp = Simulator()
        corp.trouble.mix(0.0, latency=0.001)
        trouble = corp.trouble.take("customer.get", True)
        assert trouble is not None
        assert 0 < trouble.latency <= 0.001
        corp.trouble.mix(1.0, kinds=["busy"], latency=0.001)
        trouble = corp.trouble.take("customer.get", True)
        assert trouble is not None
        assert trouble.errcode in (-1, 6000, 45033)
        assert trouble.latency > 0
        assert str(Trouble(latency=1.0, cut=True)) == "slow, cut"

    def test_kinds_of_trouble_are_some_and_known(self) -> None:
        for kinds in ([], ["other"]):
            with pytest.raises(ValueError, match="kinds"):
                Simulator().trouble.mix(0.1, kinds=kinds)

    @pytest.mark.parametrize("rate", [-0.1, 1.1, 20, float("nan")])
    def test_a_rate_of_trouble_is_a_share(self, rate: float) -> None:
        with pytest.raises(ValueError, match="rate: a share from 0 to 1, not"):
            Simulator().trouble.mix(rate)

    def test_a_client_gets_through(self, wecom_corp: Simulator) -> None:
        for number in range(120):
            userid = f"m{number // 30}"
            if userid not in wecom_corp.members:
                wecom_corp.add_member(userid)
            wecom_corp.add_customer(f"c{number}", follow=userid)
        wecom_corp.trouble.mix(0.2, seed=3)
        quick = Retry(tries=12, first=0.001, longest=0.005)
        with wecom_corp.client(retry=quick) as wecom:
            records = list(wecom.customer.batch_get(userid_list=list(wecom_corp.members), limit=5))
            group = wecom.corp_tag.add(group_name="g", tag=[]) if not records else None
        assert [each.external_contact.name for each in records] == [f"c{n}" for n in range(120)]
        assert group is None
        assert wecom_corp.trouble.made


class TestLimits:
    """How often, and how many at once."""

    def test_each_api_has_its_own_rate(self, corp: Simulator) -> None:
        corp.limits.rates = True
        corp.limits.per_api = ((2, 60),)
        ask = Asker(corp)
        assert [ask.code("follow_user.list") for _ in range(3)] == [0, 0, 45009]
        assert ask.code("corp_tag.list") == 0, "each API for itself"
        corp.clock.advance(seconds=61)
        assert ask.code("follow_user.list") == 0
        corp.clock.advance(seconds=61)
        assert ask.code("follow_user.list") == 0

    def test_blocked_as_long_as_the_window(self, corp: Simulator) -> None:
        corp.limits.rates = True
        corp.limits.per_api = ((1, 60),)
        ask = Asker(corp)
        ask.good("follow_user.list")
        corp.clock.advance(seconds=50)
        assert ask.code("follow_user.list") == 45009
        corp.clock.advance(seconds=50)
        assert ask.code("follow_user.list") == 45009, (
            "the block began with the call that was too many"
        )
        corp.clock.advance(seconds=11)
        ask.good("follow_user.list")

    def test_calls_with_rates_of_their_own(self, corp: Simulator) -> None:
        corp.limits.rates = True
        corp.add_member("zhangsan")
        ask = Asker(corp)
        codes = [ask.code("moment.add_task", text={"content": "x"}) for _ in range(11)]
        assert codes == [0] * 10 + [45009]

    def test_calls_with_debug_have_a_rate_of_their_own(self, corp: Simulator) -> None:
        corp.limits.rates = True
        ask = Asker(corp)
        path = "/cgi-bin/externalcontact/get_follow_user_list"
        query = {"access_token": ask.token, "debug": "1"}
        codes = [json.loads(send(corp, "GET", path, query).body)["errcode"] for _ in range(6)]
        assert codes == [0] * 5 + [45009]

    @pytest.mark.parametrize("name", ["customer_strategy.create", "follow_user.list"])
    def test_only_so_many_calls_run_at_once(self, name: str, corp: Simulator) -> None:
        corp.add_member("zhangsan")
        corp.limits.parallel = 1
        ask = Asker(corp)
        data = (
            {}
            if name.endswith("list")
            else {
                "strategy_name": "x",
                "admin_list": ["zhangsan"],
                "range": [{"type": 1, "userid": "zhangsan"}],
            }
        )
        corp.trouble.next(name, latency=0.3, times=2)
        codes: list[int] = []
        threads = [
            threading.Thread(target=lambda: codes.append(ask.code(name, **data))) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [0, 45033] or codes == [45033, 45033]
        assert ask.code(name, **data) == 0

    def test_busy_is_an_error_of_the_client(self, wecom_corp: Simulator) -> None:
        wecom_corp.trouble.next("follow_user.list", errcode=45033)
        with wecom_corp.client(retry=None) as wecom, pytest.raises(Busy):
            wecom.follow_user.list()


class TestWire:
    """HTTP as any client may speak it."""

    @pytest.fixture
    def connection(self, wecom_corp: Simulator) -> socket.socket:
        parts = urlsplit(wecom_corp.url)
        return socket.create_connection((parts.hostname, parts.port or 0), timeout=5)

    def exchange(self, connection: socket.socket, request: bytes) -> bytes:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def test_connections_stay_open(self, connection: socket.socket) -> None:
        with connection:
            for _ in range(3):
                answer = self.exchange(connection, b"\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 200 OK")
                assert b'"errcode":40066' in answer

    @pytest.mark.parametrize(
        ("head", "closes"),
        [
            (b"GET /x HTTP/1.0", True),
            (b"GET /x HTTP/1.0\r\nConnection: Keep-Alive", False),
            (b"GET /x HTTP/1.1\r\nConnection: close", True),
            (b"GET http://other/x HTTP/1.1", False),
        ],
    )
    def test_when_they_close(self, head: bytes, closes: bool, connection: socket.socket) -> None:
        with connection:
            answer = self.exchange(connection, head + b"\r\n\r\n")
            assert (b"Connection: close" in answer) == closes
            if closes:
                assert connection.recv(1) == b""

    def test_bodies_in_chunks(self, connection: socket.socket, wecom_corp: Simulator) -> None:
        with connection:
            head = b"POST /cgi-bin/service/get_provider_token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            body = b'{"corpid": "wrong", "provider_secret": "x"}'
            chunks = b"%x;name=value\r\n%s\r\n%x\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (
                5, body[:5], len(body) - 5, body[5:]
            )  # fmt: skip
            assert b'"errcode":40013' in self.exchange(connection, head + chunks)
            assert b"40066" in self.exchange(connection, b"GET /x HTTP/1.1\r\n\r\n")
        assert wecom_corp.calls[0].data == {"corpid": "wrong"}

    def test_who_asks_first_is_told_to_go_on(self, connection: socket.socket) -> None:
        with connection:
            connection.sendall(
                b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            assert b"40066" in self.exchange(connection, b"{}")

    @pytest.mark.parametrize(
        "request_",
        [
            b"nonsense\r\n\r\n",
            b"GET /x SPDY/3\r\n\r\n",
            b"GET /x HTTP/1.1\r\nno colon\r\n\r\n",
            b"POST /x HTTP/1.1\r\nContent-Length: many\r\n\r\n",
            b"POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST /x HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n",
            b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
            b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ],
    )
    def test_what_is_not_http(self, request_: bytes, connection: socket.socket) -> None:
        with connection:
            assert self.exchange(connection, request_).startswith(b"HTTP/1.1 400 ")

    def test_who_leaves_in_the_middle(self, connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")

    def test_who_leaves_rudely(self, connection: socket.socket, wecom_corp: Simulator) -> None:
        self.exchange(connection, b"GET /x HTTP/1.1\r\n\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        with wecom_corp.client() as wecom:
            wecom.follow_user.list()

    def test_a_mistake_of_ours_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        def fail(call: CallMade) -> None:
            raise LookupError("no such thing")

        with Simulator(on_call=fail) as corp, corp.client(retry=None) as wecom:
            with pytest.raises(ProtocolError):
                wecom.follow_user.list()
        assert "no such thing" in caplog.text

    def test_a_call_is_told_with_the_seconds_it_took(self) -> None:
        made: list[CallMade] = []
        with Simulator(on_call=made.append) as corp, corp.client(retry=None) as wecom:
            wecom.follow_user.list()
            corp.trouble.next("follow_user.list", latency=0.05)
            began = time.perf_counter()
            wecom.follow_user.list()
            took = time.perf_counter() - began
        *quick, slow = (call.seconds for call in made)
        assert all(seconds > 0 for seconds in quick)
        assert 0.05 <= slow <= took

    def test_a_connection_that_ends_while_it_stops(self) -> None:
        server = Server(Serving(Simulator()), "127.0.0.1", 0)
        with socket.socket() as ended:
            server._connections.add(ended)
            server.close()
        with pytest.raises(RuntimeError, match="by itself"):
            unused({}, None)

    def test_stopping_ends_open_connections(
        self, wecom_corp: Simulator, connection: socket.socket
    ) -> None:
        with connection:
            self.exchange(connection, b"GET /x HTTP/1.1\r\n\r\n")
            wecom_corp.start()
            wecom_corp.stop()
            assert connection.recv(1) == b""
        with pytest.raises(RuntimeError, match="not running"):
            _ = wecom_corp.url
        wecom_corp.stop()
