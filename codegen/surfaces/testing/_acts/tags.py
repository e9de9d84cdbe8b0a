"""Admins and the tags of the corp.

Hand-written: edit codegen/surfaces/testing/_acts/tags.py.
"""

from collections.abc import Iterable

from ... import events
from ...events import Event
from .._corp import locked
from .._things import Tag, TagGroup
from .telling import Telling


class Tags(Telling):
    """Tags, as admins change them."""

    @locked
    def admin_adds_tag(self, name: str, group: "TagGroup | str") -> Tag:
        """Let an admin make a tag, and its group if need be. Tells `TagCreated`."""
        for each in self.tag_groups.values():
            if each is group or (each.name == group and not each.deleted):
                self._free(name, (tag for tag in each.tags if not tag.deleted))
        before = set(self.tag_groups)
        tag = self.add_tag(name, group)
        if tag.group.id not in before:
            self._told_tag(events.TagCreated, tag.group)
        self._told_tag(events.TagCreated, tag)
        return tag

    @locked
    def admin_adds_tag_group(self, name: str, tags: Iterable[str] = ()) -> TagGroup:
        """Let an admin make a group of tags. Tells `TagCreated` of the group, and of each tag."""
        self._free(name, self._live_groups())
        group = self.add_tag_group(name, tags)
        self._told_tag(events.TagCreated, group)
        for tag in group.tags:
            self._told_tag(events.TagCreated, tag)
        return group

    @locked
    def admin_edits_tag(
        self, tag: "Tag | TagGroup | str", *, name: str | None = None, order: int | None = None
    ) -> None:
        """Let an admin rename or move a tag or a group. Tells `TagUpdated`."""
        thing = self._tag(tag)
        if name is not None and name != thing.name:
            if isinstance(thing, Tag):
                self._free(name, (tag for tag in thing.group.tags if not tag.deleted))
            else:
                self._free(name, self._live_groups(thing.strategy_id))
        thing.name = thing.name if name is None else name
        thing.order = thing.order if order is None else order
        self._told_tag(events.TagUpdated, thing)

    @locked
    def admin_deletes_tag(self, tag: "Tag | TagGroup | str") -> None:
        """Let an admin delete a tag or a group. Tells `TagDeleted`, and nothing of the tags of a group."""
        thing = self._tag(tag)
        if isinstance(thing, Tag):
            self.delete_tags([thing])
        else:
            self.delete_tags(thing.tags)
            thing.deleted = True
        self._told_tag(events.TagDeleted, thing)

    def _live_groups(self, strategy_id: int | None = None) -> list[TagGroup]:
        """The groups of corp tags, or of a strategy, without those that were deleted."""
        groups = self.tag_groups.values()
        return [each for each in groups if not each.deleted and each.strategy_id == strategy_id]

    def _free(self, name: str, others: "Iterable[Tag | TagGroup]") -> None:
        if any(each.name == name for each in others):
            raise ValueError(f"there is a {name} already")

    def _tag(self, tag: "Tag | TagGroup | str") -> "Tag | TagGroup":
        thing = self.tag(tag) if isinstance(tag, str) else tag
        if thing.deleted:
            raise ValueError(f"{thing.name} was deleted")
        return thing

    @locked
    def admin_reorders_tags(self, group: TagGroup, names: Iterable[str]) -> None:
        """Let an admin put the tags of a group in another order, first to last. Tells `TagShuffled`."""
        self._tag(group)
        tags = [group.tag(name) for name in names]
        for place, tag in enumerate(reversed(tags)):
            tag.order = place
        self._tell(events.TagShuffled, id=group.id, strategy_id=named_strategy(group))

    @locked
    def admin_reorders_tag_groups(self, names: Iterable[str]) -> None:
        """Let an admin put the groups of corp tags in another order, first to last. Tells `TagShuffled`, without an id."""
        groups = {group.name: group for group in self._live_groups()}
        for place, group in enumerate(reversed([groups[name] for name in names])):
            group.order = place
        self._tell(events.TagShuffled)

    def delete_tags(self, tags: Iterable[Tag]) -> None:
        """Take tags away, from their customers too; a group goes with its last tag."""
        gone = set(tags)
        for tag in gone:
            tag.deleted = True
            if all(each.deleted for each in tag.group.tags):
                tag.group.deleted = True
        for member in self.members.values():
            for follow in member.follows.values():
                if follow.tags and not gone.isdisjoint(follow.tags):
                    follow.tags = tuple(tag for tag in follow.tags if tag not in gone)

    def _told_tag(self, kind: type[Event], thing: Tag | TagGroup) -> None:
        group = thing.group if isinstance(thing, Tag) else thing
        self._tell(
            kind,
            id=thing.id,
            tag_type=events.TagType("tag" if isinstance(thing, Tag) else "tag_group"),
            strategy_id=named_strategy(group),
        )


def named_strategy(group: TagGroup) -> str | None:
    """The strategy of a group of tags, as events name it."""
    return None if group.strategy_id is None else str(group.strategy_id)
