"""Rule groups of customer contact and of moments: they work alike."""

from typing import Any

import pytest
from wecom_contact.testing import Simulator

from simulator.asking import Asker, HttpAsker
from simulator.rules import rule

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
    assert (shown["parent_id"], shown["strategy_name"]) == (0, "华东")
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


def granted(ask: Asker, kind: str, id: int) -> dict[str, bool]:
    """The rights of a strategy's administrators."""
    found: dict[str, bool] = ask.good(f"{kind}.get", strategy_id=id)["strategy"]["privilege"]
    return found


BASIC = {"view_customer_list", "view_customer_data", "view_room_list", "contact_me", "join_room"}


@rule(
    "94883",
    "A strategy grants what is not taken away; five basic rights cannot be.",
    "规则组的权限默认为 true；五项基础权限不可取消。",
)
@pytest.mark.parametrize("changed", ["create", "edit"])
def test_rights_are_granted_unless_taken_away(changed: str, corp: Simulator) -> None:
    with corp:
        ask = HttpAsker(corp)
        for kind, count, basic in (("customer_strategy", 21, BASIC), ("moment_strategy", 3, set())):
            id = create(ask, kind)["strategy_id"]
            default = granted(ask, kind, id)
            assert len(default) == count
            assert set(default.values()) == {True}
            nothing = dict.fromkeys(default, False)
            if changed == "create":
                id = create(ask, kind, privilege=nothing)["strategy_id"]
            else:
                ask.good(f"{kind}.edit", strategy_id=id, privilege=nothing)
            assert {name for name, right in granted(ask, kind, id).items() if right} == basic
            # What is given replaces all of it.
            first = sorted(default.keys() - basic)[0]
            ask.good(f"{kind}.edit", strategy_id=id, privilege={first: False})
            assert granted(ask, kind, id) == {**default, first: False}


def test_privileges_come_from_above(corp: Simulator, ask: Asker, kind: str) -> None:
    right = {"customer_strategy": "share_customer", "moment_strategy": "send_moment"}[kind]
    top = create(ask, kind, privilege={right: False})["strategy_id"]
    child = create(ask, kind, parent_id=top, privilege={right: True})["strategy_id"]
    assert granted(ask, kind, child) == granted(ask, kind, top)
    ask.good(f"{kind}.edit", strategy_id=child, privilege={right: True})
    assert granted(ask, kind, child)[right] is False
    ask.good(f"{kind}.edit", strategy_id=top, privilege={right: True})
    assert granted(ask, kind, top)[right] is True


@rule(
    "94883",
    "A strategy below another has all its privileges, also those it is given later.",
    "子规则组完全继承父规则组的权限配置，父规则组之后的修改也随之生效。",
)
def test_privileges_follow_those_above(corp: Simulator, kind: str) -> None:
    right = {"customer_strategy": "share_customer", "moment_strategy": "send_moment"}[kind]
    with corp:
        ask = HttpAsker(corp)
        top = create(ask, kind)["strategy_id"]
        child = create(ask, kind, parent_id=top)["strategy_id"]
        below = create(ask, kind, parent_id=child)["strategy_id"]
        for wanted in (False, True, False):
            ask.good(f"{kind}.edit", strategy_id=top, privilege={right: wanted})
            shown = [granted(ask, kind, id)[right] for id in (top, child, below)]
            assert shown == [wanted] * 3
        # What came from above stays when it is gone, and can be changed then.
        ask.good(f"{kind}.delete", strategy_id=top)
        assert granted(ask, kind, below)[right] is False
        ask.good(f"{kind}.edit", strategy_id=child, privilege={right: True})
        assert granted(ask, kind, below)[right] is True


@rule(
    "94883",
    "A node of a range is a member (type 1, userid) or a department (type 2, partyid); others are refused, and the same "
    "one twice is one.",
    "管理范围的节点是成员（type 为 1，填 userid）或部门（type 为 2，填 partyid），不符的会被拒绝；重复的只算一个。",
)
def test_a_node_is_what_its_type_says(corp: Simulator, kind: str) -> None:
    with corp:
        ask = HttpAsker(corp)
        wrong = ({"type": 1, "partyid": 1}, {"type": 2, "userid": "zhangsan"})
        for node in wrong:
            assert create(ask, kind, range=[node])["errcode"] == 40058
        id = {"strategy_id": create(ask, kind, range=[*RANGE, *RANGE])["strategy_id"]}
        assert ask.good(f"{kind}.get_range", **id)["range"] == RANGE
        for node in wrong:
            for key in ("range_add", "range_del"):
                assert ask.code(f"{kind}.edit", **id, **{key: [node]}) == 40058
        corp.resign("zhangsan")
        ask.good(f"{kind}.edit", **id, range_del=RANGE[:1])
        assert ask.good(f"{kind}.get_range", **id)["range"] == RANGE[1:]


@rule(
    "94883",
    "The super administrator is no administrator of a strategy.",
    "规则组管理员不可配置超级管理员。",
    does=("40058; the page names no code", "返回 40058；官方页面没有写明错误码"),
)
def test_the_super_administrator_administers_no_strategy(corp: Simulator, kind: str) -> None:
    corp.add_member("boss", super_admin=True)
    with corp:
        ask = HttpAsker(corp)
        assert create(ask, kind, admin_list=["lisi", "boss"])["errcode"] == 40058
        id = {"strategy_id": create(ask, kind)["strategy_id"]}
        assert ask.code(f"{kind}.edit", **id, admin_list=["boss"]) == 40058
        assert ask.good(f"{kind}.get", **id)["strategy"]["admin_list"] == ["lisi"]


@rule(
    "94883",
    "A range is not cut below that of a strategy under it, which must lie within.",
    "父规则组的管理范围不能缩小到不再包含子规则组的范围。",
    does=(
        "refuses that with 60030; the page says only that the child lies within its parent",
        "返回 60030；官方页面只写明子规则组的范围必须是父规则组的子集",
    ),
)
def test_a_range_holds_those_of_the_strategies_below(corp: Simulator, kind: str) -> None:
    with corp:
        ask = HttpAsker(corp)
        both = [{"type": 1, "userid": userid} for userid in ("zhangsan", "lisi")]
        top = {"strategy_id": create(ask, kind, range=both)["strategy_id"]}
        child = create(ask, kind, parent_id=top["strategy_id"], range=both[1:])
        assert ask.code(f"{kind}.edit", **top, range_del=both[1:]) == 60030
        assert ask.good(f"{kind}.get_range", **top)["range"] == both
        ask.good(f"{kind}.edit", **top, range_del=both[:1])
        ask.good(f"{kind}.delete", strategy_id=child["strategy_id"])
        ask.good(f"{kind}.edit", **top, range_add=both[:1], range_del=both[1:])


@rule(
    "94882",
    "The tags of a strategy go with it, and from its customers.",
    "规则组被删除后，其标签也被删除，并从客户身上移除。",
    does=("the pages do not say", "官方页面没有写明"),
)
def test_a_strategy_takes_its_tags_along(corp: Simulator) -> None:
    wang = corp.add_customer("王五", follow="zhangsan")
    with corp:
        ask = HttpAsker(corp)
        groups = []
        for name in ("华东", "华北"):
            id = create(ask, "customer_strategy", strategy_name=name)["strategy_id"]
            added = ask.good(
                "strategy_tag.add", strategy_id=id, group_name=name, tag=[{"name": "甲"}]
            )
            groups.append(added["tag_group"])
        pair = {"userid": "zhangsan", "external_userid": wang.external_userid}
        ids = [group["tag"][0]["id"] for group in groups]
        ask.good("customer_tag.mark", **pair, add_tag=ids)
        moments = create(ask, "moment_strategy")["strategy_id"]
        ask.good("moment_strategy.delete", strategy_id=moments)
        assert len(corp.follow("zhangsan", wang).tags) == 2, "those of moments have none"
        ask.good("customer_strategy.delete", strategy_id=1)
        assert [tag.id for tag in corp.follow("zhangsan", wang).tags] == ids[1:]
        listed = ask.good("strategy_tag.list")["tag_group"]
        assert [group["group_name"] for group in listed] == ["华北"]
        assert ask.code("strategy_tag.edit", id=groups[0]["group_id"], name="新") == 40068
        assert ask.code("customer_tag.mark", **pair, remove_tag=ids[:1]) == 40068


@rule(
    "94883",
    "A strategy whose parent was deleted lives on, and no range is above it any more.",
    "父规则组被删除后，子规则组继续存在，其管理范围不再受父规则组限制。",
    does=(
        "the pages do not say; nothing refuses the child",
        "官方页面没有写明；子规则组仍可编辑",
    ),
)
def test_a_child_outlives_its_parent(corp: Simulator, kind: str) -> None:
    with corp:
        ask = HttpAsker(corp)
        own = [{"type": 1, "userid": "lisi"}]
        top = create(ask, kind, range=own)["strategy_id"]
        child = create(ask, kind, parent_id=top, range=own)["strategy_id"]
        below = create(ask, kind, parent_id=child, range=own)["strategy_id"]
        more = {"range_add": [{"type": 1, "userid": "zhangsan"}]}
        assert ask.code(f"{kind}.edit", strategy_id=child, **more) == 60030
        ask.good(f"{kind}.delete", strategy_id=top)
        ask.good(f"{kind}.edit", strategy_id=child, **more, strategy_name="新")
        assert ask.good(f"{kind}.get", strategy_id=child)["strategy"]["strategy_name"] == "新"
        assert len(ask.good(f"{kind}.get_range", strategy_id=child)["range"]) == 2
        # Within the parent that is still there.
        corp.add_member("wangwu")
        other = [{"type": 1, "userid": "wangwu"}]
        assert ask.code(f"{kind}.edit", strategy_id=below, range_add=other) == 60030


def test_a_strategy_is_of_one_of_two_kinds(corp: Simulator) -> None:
    with pytest.raises(ValueError, match="customer or moment"):
        corp.add_strategy("x", kind="other")


@rule(
    "94890",
    "In a range a member is named by `userid` and a department by `partyid`, as its `type` says.",
    "管理范围节点须与 `type` 一致：成员填 `userid`，部门填 `partyid`。",
)
@pytest.mark.parametrize("node", [{"type": 1, "partyid": 1}, {"type": 2, "userid": "zhangsan"}])
def test_a_node_is_of_the_type_that_it_says(
    corp: Simulator, ask: Asker, kind: str, node: dict[str, Any]
) -> None:
    assert create(ask, kind, range=[node])["errcode"] == 40058
    id = {"strategy_id": create(ask, kind)["strategy_id"]}
    assert ask.code(f"{kind}.edit", **id, range_add=[node]) == 40058
    assert ask.code(f"{kind}.edit", **id, range_del=[node]) == 40058
    assert ask.good(f"{kind}.get_range", **id)["range"] == RANGE
