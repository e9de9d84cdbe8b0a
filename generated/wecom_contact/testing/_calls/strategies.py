"""Rule groups of customer contact and of moments; they work alike.

Hand-written: edit codegen/surfaces/testing/_calls/strategies.py.
"""

from typing import Literal, TypeAlias

from .._answers import Ask, answers
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, Strategy, granted

Kind: TypeAlias = Literal["customer", "moment"]


def strategy_of(ask: Ask, kind: Kind, key: str = "strategy_id") -> Strategy:
    """The strategy a call means; an app sees only what it created."""
    strategy = ask.corp.strategies.get((kind, ask[key]))
    if strategy is None or strategy.app != ask.app:
        raise Refusal(60030)
    return strategy


KEYS = {1: "userid", 2: "partyid"}
"""What a node of each type is named by."""


def check_types(nodes: list[Data]) -> None:
    for node in nodes:
        key = KEYS[node["type"]]
        if node.get(key) is None:
            raise Refusal(40058, f"range: a node of type {node['type']} has a {key}")


def check_nodes(ask: Ask, nodes: list[Data]) -> None:
    check_types(nodes)
    for node in nodes:
        if node["type"] == 1:
            ask.corp.member_of(node["userid"])
        else:
            ask.corp.check_departments([node["partyid"]])


def check_admins(ask: Ask, userids: list[str]) -> None:
    for userid in userids:
        if ask.corp.member_of(userid).super_admin:
            raise Refusal(40058, f"admin_list: {userid} is the super administrator")


def key_of(node: Data) -> tuple[str, object]:
    key = KEYS[node["type"]]
    return key, node.get(key)


def below(ask: Ask, strategy: Strategy) -> list[Strategy]:
    """The strategies right below one."""
    everything = ask.corp.strategies.values()
    return [s for s in everything if (s.kind, s.parent) == (strategy.kind, strategy.id)]


def rights(ask: Ask, strategy: Strategy) -> Data:
    """The privileges: below another strategy those of the one at the top, whatever was asked."""
    above = ask.corp.strategies.get((strategy.kind, strategy.parent))
    return strategy.privilege if above is None else rights(ask, above)


def covered(ask: Ask, nodes: list[Data]) -> set[str]:
    """The members within a range."""
    parties = [node["partyid"] for node in nodes if node.get("partyid") is not None]
    users = {node["userid"] for node in nodes if node.get("userid") is not None}
    return users | {member.userid for member in ask.corp.within(parties)}


def check_range(ask: Ask, strategy: Strategy, nodes: list[Data]) -> None:
    """A range has an end, and lies within that of the strategy above."""
    limits = ask.corp.limits
    if limits.quotas and len(nodes) > limits.strategy_nodes:
        raise Refusal(40058, f"range: {len(nodes)} nodes")
    # The strategy above may have been deleted; then nothing is above.
    above = ask.corp.strategies.get((strategy.kind, strategy.parent))
    if above is not None and not covered(ask, nodes) <= covered(ask, above.range):
        raise Refusal(60030, "the range is not within the parent's")
    for child in below(ask, strategy):
        if not covered(ask, child.range) <= covered(ask, nodes):
            raise Refusal(60030, f"the range of strategy {child.id} is not within it")


def create(ask: Ask, kind: Kind) -> Data:
    corp = ask.corp
    parent = strategy_of(ask, kind, "parent_id") if ask.get("parent_id") else None
    check_admins(ask, ask["admin_list"])
    check_nodes(ask, ask["range"])
    level = 1
    above = parent
    while above is not None:
        level += 1
        above = corp.strategies.get((kind, above.parent))
    if corp.limits.quotas and level > corp.limits.strategy_levels:
        raise Refusal(40058, f"parent_id: level {level}")
    strategy = Strategy(
        corp.ids.number(f"{kind} strategy"),
        kind,
        ask.app,
        corp.clock.seconds(),
        ask["strategy_name"],
        0 if parent is None else parent.id,
        list(ask["admin_list"]),
        granted(kind, ask.get("privilege", {})),
        list({key_of(node): node for node in ask["range"]}.values()),
    )
    check_range(ask, strategy, strategy.range)
    corp.strategies[kind, strategy.id] = strategy
    return {"strategy_id": strategy.id}


def edit(ask: Ask, kind: Kind) -> None:
    strategy = strategy_of(ask, kind)
    admins = ask.get("admin_list", [])
    check_admins(ask, admins)
    more, less = ask.get("range_add", []), ask.get("range_del", [])
    check_nodes(ask, more)
    check_types(less)  # who is not there any more can still be taken out
    gone = {key_of(node) for node in less}
    nodes = {key_of(node): node for node in (*strategy.range, *more)}
    kept = [node for key, node in nodes.items() if key not in gone]
    check_range(ask, strategy, kept)
    strategy.range = kept
    strategy.name = ask.get("strategy_name", strategy.name)
    strategy.admins = list(admins) or strategy.admins
    if (kind, strategy.parent) not in ask.corp.strategies and ask.get("privilege"):
        strategy.privilege = granted(kind, ask["privilege"])


def delete(ask: Ask, kind: Kind) -> None:
    corp, strategy = ask.corp, strategy_of(ask, kind)
    for child in below(ask, strategy):
        child.privilege = dict(rights(ask, strategy))  # what they had of it stays
    del corp.strategies[kind, strategy.id]
    for group in corp.tag_groups.values() if kind == "customer" else ():
        if group.strategy_id == strategy.id:
            corp.delete_tags(group.tags)
            group.deleted = True


def register(kind: Kind) -> None:
    """Both kinds have the same six calls."""
    resource = f"{kind}_strategy"

    @answers(f"{resource}.list")
    def list_(ask: Ask) -> Data:
        own = [s for s in ask.corp.strategies.values() if s.kind == kind and s.app == ask.app]
        shown, end = paged(
            ask.name,
            ask.data,
            own,
            lambda strategy: {"strategy_id": strategy.id},
            missing_at_end=True,
        )
        return {"strategy": shown, **end}

    @answers(f"{resource}.get")
    def get(ask: Ask) -> Data:
        strategy = strategy_of(ask, kind)
        return {
            "strategy": {
                "strategy_id": strategy.id,
                "parent_id": strategy.parent,
                "strategy_name": strategy.name,
                "create_time": strategy.create_time,
                "admin_list": strategy.admins,
                "privilege": rights(ask, strategy),
            }
        }

    @answers(f"{resource}.get_range")
    def get_range(ask: Ask) -> Data:
        strategy = strategy_of(ask, kind)
        shown, end = paged(
            ask.name,
            ask.data,
            strategy.range,
            lambda node: node,
            query=strategy.id,
            missing_at_end=True,
        )
        return {"range": shown, **end}

    @answers(f"{resource}.create")
    def create_(ask: Ask) -> Data:
        return create(ask, kind)

    @answers(f"{resource}.edit")
    def edit_(ask: Ask) -> None:
        edit(ask, kind)

    @answers(f"{resource}.delete")
    def delete_(ask: Ask) -> None:
        delete(ask, kind)


register("customer")
register("moment")
