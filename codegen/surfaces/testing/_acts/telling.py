"""How what happens is told, and whether who does it is there.

Hand-written: edit codegen/surfaces/testing/_acts/telling.py.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ... import BEIJING, events
from ...events import Event
from .._arrange import Arranging
from .._corp import Who, Whom
from .._things import Customer, Follow, Member


class Telling(Arranging):
    """A corp that tells what happens in it."""

    def _present(self, who: Who) -> Member:
        """A member who acts; `ValueError` if they have left."""
        member = self.member(who)
        if member.resigned:
            raise ValueError(f"{member.userid} has left the corp")
        return member

    def tell(self, event: Event) -> None:
        """Push any event you like, whether anything happened or not."""
        self.callbacks.push(event)

    def _tell(self, kind: type[Event], but: Collection[str] = (), **words: Any) -> None:
        member = self.members.get(words.get("userid", ""))
        if member is not None and not member.customer_contact:
            return  # whom such members know is no customer
        chat = self.group_chats.get(words.get("chat_id", ""))
        if chat is not None and not self.members[chat.owner].customer_contact:
            return  # nor are their groups customer groups
        time = datetime.fromtimestamp(self.clock.seconds(), BEIJING)
        self.callbacks.push(kind(corp_id=self.corp_id, time=time, **words), but)

    def _person(self, who: Member | Whom) -> str:
        """The id of a member or a customer; `KeyError` if there is no such person, `ValueError` if they have left."""
        if isinstance(who, str):
            who = self.members.get(who) or self.customers[who]
        return userid_of(self._present(who) if isinstance(who, Member) else who)

    def _told_added(
        self, follow: Follow, code: str | None, kind: type[Event] = events.CustomerAdded
    ) -> None:
        self._tell(
            kind,
            userid=follow.member.userid,
            external_userid=follow.customer.external_userid,
            state=follow.state,
            welcome_code=code,
        )


def userid_of(who: Member | Customer) -> str:
    """The id by which a group or a moment knows somebody."""
    return who.userid if isinstance(who, Member) else who.external_userid
