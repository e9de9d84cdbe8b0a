"""The tag library: corp tags, and the tags of strategies.

Hand-written: edit codegen/surfaces/testing/_calls/tags.py.
"""

from collections.abc import Iterable

from .._answers import Ask, answers
from .._corp import Corp
from .._refusals import Refusal
from .._things import Data, Strategy, Tag, TagGroup


def show_tag(tag: Tag, deleted: bool) -> Data:
    shown: Data = {
        "id": tag.id,
        "name": tag.name,
        "create_time": tag.create_time,
        "order": tag.order,
    }
    if deleted:
        shown["deleted"] = tag.deleted
    return shown


def show_group(
    group: TagGroup, tags: Iterable[Tag], *, deleted: bool = False, group_deleted: bool = False
) -> Data:
    """A group with some of its tags, the greatest order first, and whether they or it were deleted."""
    shown: Data = {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": [show_tag(tag, deleted) for tag in sorted(tags, key=lambda tag: -tag.order)],
    }
    if group_deleted:
        shown["deleted"] = group.deleted
    return shown


def listed(group: TagGroup, tags: Iterable[Tag], **words: bool) -> Data:
    """The same in a list, where a group of a strategy names it."""
    shown = show_group(group, tags, **words)
    return shown if group.strategy_id is None else {**shown, "strategy_id": group.strategy_id}


def live(group: TagGroup) -> list[Tag]:
    return [tag for tag in group.tags if not tag.deleted]


def library(ask: Ask, groups: list[TagGroup], deleted: bool) -> Data:
    """Groups by group_id, or else by tag_id, or else all. Only a filter shows what is deleted."""
    groups.sort(key=lambda group: -group.order)
    by_id = {group.id: group for group in groups}
    if ask.get("group_id"):
        for each in ask["group_id"]:
            if each not in by_id:
                raise Refusal(40068, f"groupid: {each}")
        wanted = [group for group in groups if group.id in ask["group_id"]]
        if not deleted:
            wanted = [group for group in wanted if not group.deleted]
        shown = [listed(g, g.tags if deleted else live(g), deleted=deleted) for g in wanted]
    elif ask.get("tag_id"):
        ids = ask["tag_id"]
        for each in ids:
            tag = ask.corp.tags.get(each)
            if tag is None or tag.group.id not in by_id:
                raise Refusal(40068, f"tagid: {each}")
        shown = []
        for group in groups:
            tags = [tag for tag in group.tags if tag.id in ids and (deleted or not tag.deleted)]
            if tags:
                shown.append(listed(group, tags, deleted=deleted, group_deleted=deleted))
    else:
        shown = [listed(group, live(group)) for group in groups if not group.deleted]
    return {"tag_group": shown}


def strategy_for(ask: Ask, strategy_id: int) -> Strategy:
    """The strategy a call means; an app sees only its own."""
    strategy = ask.corp.strategies.get(("customer", strategy_id))
    if strategy is None or strategy.app != ask.app:
        raise Refusal(60030)
    return strategy


@answers("corp_tag.list")
def list_corp_tags(ask: Ask) -> Data:
    groups = [each for each in ask.corp.tag_groups.values() if each.strategy_id is None]
    return library(ask, groups, deleted=True)


@answers("strategy_tag.list")
def list_strategy_tags(ask: Ask) -> Data:
    if ask.get("strategy_id"):
        strategy_for(ask, ask["strategy_id"])
    mine = {
        each.id
        for each in ask.corp.strategies.values()
        if each.kind == "customer" and each.app == ask.app
    }
    wanted = ask.get("strategy_id")
    groups = [
        each
        for each in ask.corp.tag_groups.values()
        if each.strategy_id in mine and wanted in (None, 0, each.strategy_id)
    ]
    return library(ask, groups, deleted=False)


def add(ask: Ask, strategy: Strategy | None) -> Data:
    corp = ask.corp
    strategy_id = None if strategy is None else strategy.id
    group = None
    if ask.get("group_id"):
        group = corp.tag_groups.get(ask["group_id"])
        if group is None or group.deleted or group.strategy_id != strategy_id:
            raise Refusal(40068, f"groupid: {ask['group_id']}")
    elif not ask["group_name"]:
        raise Refusal(40058, "group_name is empty")
    else:
        for each in corp.tag_groups.values():
            if (
                each.name == ask["group_name"]
                and not each.deleted
                and each.strategy_id == strategy_id
            ):
                group = each
    taken = set() if group is None else {tag.name for tag in live(group)}
    # The same name twice in one call is one tag.
    wanted = {each["name"]: each.get("order") or 0 for each in ask["tag"]}
    if taken & wanted.keys():
        raise Refusal(40071)
    if corp.limits.quotas and live_tags(corp) + len(wanted) > corp.limits.tags:
        raise Refusal(40126)
    if group is None:
        group = corp.add_tag_group(
            ask["group_name"], app=corp.apps.get(ask.app), order=ask.get("order", 0)
        )
        group.app = ask.app
        group.strategy_id = strategy_id
    made = []
    for name, order in wanted.items():
        tag = corp.add_tag(name, group, order=order)
        tag.app = ask.app
        made.append(tag)
    return {"tag_group": show_group(group, made)}


def live_tags(corp: Corp) -> int:
    return sum(not tag.deleted for tag in corp.tags.values())


@answers("corp_tag.add")
def add_corp_tag(ask: Ask) -> Data:
    return add(ask, None)


@answers("strategy_tag.add")
def add_strategy_tag(ask: Ask) -> Data:
    strategy = strategy_for(ask, ask["strategy_id"])
    if strategy.parent:
        raise Refusal(60030, "only a strategy of the first level has tags")
    return add(ask, strategy)


def named(ask: Ask, id: str, of_strategies: bool) -> Tag | TagGroup:
    """The tag or group that an id means."""
    thing = ask.corp.tags.get(id) or ask.corp.tag_groups.get(id)
    if thing is None or thing.deleted:
        raise Refusal(40068, f"id: {id}")
    group = thing.group if isinstance(thing, Tag) else thing
    if (group.strategy_id is not None) != of_strategies:
        raise Refusal(40068, f"id: {id}")
    return thing


def edit(ask: Ask, thing: Tag | TagGroup) -> None:
    corp = ask.corp
    name = ask.get("name")
    if name is not None and name != thing.name:
        if isinstance(thing, Tag):
            others = [tag.name for tag in live(thing.group)]
        else:
            others = [
                group.name
                for group in corp.tag_groups.values()
                if not group.deleted and group.strategy_id == thing.strategy_id
            ]
        if name in others:
            raise Refusal(40071)
        thing.name = name
    if ask.get("order") is not None:
        thing.order = ask["order"]


@answers("corp_tag.edit")
def edit_corp_tag(ask: Ask) -> None:
    thing = named(ask, ask["id"], False)
    ask.mine(thing.app, 81011)
    edit(ask, thing)


@answers("strategy_tag.edit")
def edit_strategy_tag(ask: Ask) -> None:
    thing = named(ask, ask["id"], True)
    ask.mine(thing.app, 60030)
    edit(ask, thing)


def delete(ask: Ask, of_strategies: bool) -> None:
    ids = [*ask.get("tag_id", []), *ask.get("group_id", [])]
    if not ids:
        raise Refusal(40068)
    things = [named(ask, each, of_strategies) for each in ids]
    groups = [thing for thing in things if isinstance(thing, TagGroup)]
    tags = [thing for thing in things if isinstance(thing, Tag)]
    for group in groups:
        tags += live(group)
    # A group goes with all its tags, so all of them must be the app's own.
    for app in {thing.app for thing in groups} | {thing.app for thing in tags}:
        ask.mine(app, 60030 if of_strategies else 81011)
    for group in groups:
        group.deleted = True
    ask.corp.delete_tags(tags)


@answers("corp_tag.delete")
def delete_corp_tag(ask: Ask) -> None:
    delete(ask, False)


@answers("strategy_tag.delete")
def delete_strategy_tag(ask: Ask) -> None:
    delete(ask, True)
