"""A bad day: six in ten requests fail, each in its own way, and a hundred thousand records arrive whole."""

import json
import random
from typing import Any

import pytest
from serving import OK, Aio, Cut, Reply, Request, Sync, WeCom, says, serving
from wecom_contact.customer import CustomerBatchGet
from wecom_contact.errors import WeComError
from wecom_contact.retry import Retry

BATCH = "/cgi-bin/externalcontact/batch/get_by_user"
PAGES, SIZE = 1000, 100
PATIENT = Retry(tries=60, first=0.0005, longest=0.002, total=10)


class Chaos(WeCom):
    """One in ten: connection cut, answer truncated, 500, -1, 45033, token expired."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.counts: dict[str, int] = {}
        self.expired: set[bytes] = set()
        self.bodies = [self.page(number) for number in range(PAGES)]

    @staticmethod
    def page(number: int) -> bytes:
        records = [
            {
                "external_contact": {
                    "external_userid": f"wm{number}-{n}",
                    "name": "李四",
                    "type": 1,
                },
                "follow_info": {"userid": "z", "createtime": 1600000000, "add_way": 1},
            }
            for n in range(SIZE)
        ]
        page: dict[str, Any] = {**OK, "external_contact_list": records}
        if number + 1 < PAGES:
            page["next_cursor"] = f"c{number + 1}"
        return json.dumps(page).encode()

    def __call__(self, request: Request) -> Any:
        with self.lock:
            draw = self.chance.random()
        kinds = ["cut", "truncated", "500", "-1", "45033", "expired"]
        kind = kinds[int(draw * 10)] if draw < 0.6 else "fine"
        if kind == "expired":
            if request.path == self.GETTOKEN:
                kind = "fine"
            else:
                # Once for a page: to lose a token that was renewed for this very page is another test.
                token = request.query["access_token"]
                if request.body in self.expired:
                    kind = "fine"
                else:
                    self.expired.add(request.body)
                    self.dead.add(token)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        match kind:
            case "cut":
                return Cut(reset=draw < 0.05)
            case "truncated":
                return Cut(random.randrange(60, 110), super().__call__(request))
            case "500":
                return Reply(b"<h1>Bad Gateway</h1>", 502)
            case "-1" | "45033":
                return says(int(kind))
        return super().__call__(request)


@pytest.mark.parametrize("colour", [Sync, Aio], ids=["sync", "async"])
def test_a_bad_day(colour: Any) -> None:
    wecom = Chaos(seed=7)

    def batch(request: Request) -> Reply:
        return Reply(wecom.bodies[int((request.json.get("cursor") or "c0")[1:])])

    wecom.answers[BATCH] = batch
    with serving(wecom) as server, colour(server.url, retry=PATIENT) as client:
        pager = client.client.pager(CustomerBatchGet(userid_list=["z"], limit=SIZE))
        found = [each.external_contact.external_userid for each in client.items(pager)]
    assert found == [f"wm{number}-{n}" for number in range(PAGES) for n in range(SIZE)]
    assert min(wecom.counts.values()) > 50, wecom.counts
    assert len(wecom.counts) == 7
    # One renewal for each token that died, and not one more.
    assert len(wecom.issued) <= wecom.counts["expired"] + wecom.counts["truncated"] + 1


@pytest.mark.parametrize("colour", [Sync, Aio], ids=["sync", "async"])
def test_a_bad_day_for_writes(colour: Any) -> None:
    """Each write is done at most once, and exactly once if the client says so."""
    wecom = Chaos(seed=11)
    done: dict[int, int] = {}

    def write(request: Request) -> Reply:
        number = request.json["n"]
        with wecom.lock:
            done[number] = done.get(number, 0) + 1
        return Reply(OK)

    wecom.answers["/write"] = write
    with serving(wecom) as server, colour(server.url, retry=PATIENT, pool_size=4) as client:
        writes = [("POST", "/write", number) for number in range(400)]
        send = client.client.raw

        def one(method: str, path: str, number: int) -> Any:
            return send(method, path, json={"n": number})

        client.client.one = one
        found = client.together("one", writes)
    for number, result in enumerate(found):
        assert done.get(number, 0) <= 1, "a write was done twice"
        if isinstance(result, BaseException):
            assert isinstance(result, WeComError), result
        else:
            assert done[number] == 1
    assert 0 < sum(not isinstance(each, BaseException) for each in found) < 400
