"""Rule groups of customer contact and of moments: they work alike."""

from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import Asker

RANGE = [{"type": 1, "userid": "zhangsan"}, {"type": 2, "partyid": 1}]


@pytest.fixture
def corp(corp: Simulator) -> Simulator:
    corp.add_member("zhangsan")
    corp.add_member("lisi", department=corp.add_department("销售部"))
    return corp


@pytest.fixture(params=["customer_strategy", "moment_strategy"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def create(ask: Asker, kind: str, **words: Any) -> dict[str, Any]:
    data = {"strategy_name": "华东", "admin_list": ["lisi"], "range": RANGE, **words}
    return ask(f"{kind}.create", **data)


def test_a_strategy_lives(corp: Simulator, ask: Asker, kind: str) -> None:
    id = {"strategy_id": create(ask, kind)["strategy_id"]}
    shown = ask.good(f"{kind}.get", **id)["strategy"]
    assert (shown["parent_id"], shown["strategy_name"], shown["privilege"]) == (0, "华东", {})
    assert ask.good(f"{kind}.get_range", **id)["range"] == RANGE
    more, less = [{"type": 1, "userid": "lisi"}], RANGE[1:]
    ask.good(
        f"{kind}.edit",
        **id,
        range_add=more,
        range_del=less,
        admin_list=["zhangsan"],
        strategy_name="华北",
    )
    assert ask.good(f"{kind}.get_range", **id)["range"] == [RANGE[0], more[0]]
    shown = ask.good(f"{kind}.get", **id)["strategy"]
    assert (shown["admin_list"], shown["strategy_name"]) == (["zhangsan"], "华北")
    assert ask.good(f"{kind}.list")["strategy"] == [id]
    other = Asker(corp, corp.add_app("other"))
    assert other.good(f"{kind}.list")["strategy"] == []
    for call in ("get", "get_range", "edit", "delete"):
        assert other.code(f"{kind}.{call}", **id) == 60030
    ask.good(f"{kind}.delete", **id)
    assert ask.code(f"{kind}.get", **id) == 60030


def test_what_is_refused(corp: Simulator, ask: Asker, kind: str) -> None:
    assert create(ask, kind, admin_list=["nobody"])["errcode"] == 60111
    assert create(ask, kind, range=[{"type": 1, "userid": "nobody"}])["errcode"] == 60111
    assert create(ask, kind, range=[{"type": 2, "partyid": 99}])["errcode"] == 60123
    assert create(ask, kind, range=[{"type": 2}])["errcode"] == 40058
    assert create(ask, kind, parent_id=99)["errcode"] == 60030
    corp.limits.strategy_nodes = 1
    assert create(ask, kind)["errcode"] == 40058
    corp.limits.quotas = False
    assert create(ask, kind)["errcode"] == 0


def test_a_strategy_stays_within_its_parent_five_levels_deep(
    corp: Simulator, ask: Asker, kind: str
) -> None:
    top = create(ask, kind, range=[{"type": 2, "partyid": 2}], privilege={})["strategy_id"]
    assert create(ask, kind, parent_id=top)["errcode"] == 60030, "not within the parent's range"
    own = [{"type": 1, "userid": "lisi"}]
    parent = top
    for _ in range(4):
        parent = create(ask, kind, parent_id=parent, range=own)["strategy_id"]
    assert create(ask, kind, parent_id=parent, range=own)["errcode"] == 40058, "five levels"
    assert ask.code(f"{kind}.edit", strategy_id=parent, range_add=[RANGE[0]]) == 60030


def test_privileges_come_from_above(corp: Simulator, ask: Asker) -> None:
    top = create(ask, "customer_strategy", privilege={"contact_me": True})["strategy_id"]
    child = create(ask, "customer_strategy", parent_id=top, privilege={"contact_me": False})[
        "strategy_id"
    ]
    ask.good("customer_strategy.edit", strategy_id=child, privilege={"join_room": True})
    assert ask.good("customer_strategy.get", strategy_id=child)["strategy"]["privilege"] == {
        "contact_me": True
    }
    ask.good("customer_strategy.edit", strategy_id=top, privilege={"join_room": True})
    assert ask.good("customer_strategy.get", strategy_id=top)["strategy"]["privilege"] == {
        "join_room": True
    }
    with pytest.raises(ValueError, match="customer or moment"):
        corp.add_strategy("x", kind="other")
