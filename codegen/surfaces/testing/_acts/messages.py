"""What members do with mass messages and moments, which is told to nobody, and jobs that end.

Hand-written: edit codegen/surfaces/testing/_acts/messages.py.
"""

from calendar import monthrange
from datetime import datetime

from ... import BEIJING, events
from .._corp import Who, Whom, locked
from .._limits import DAY
from .._things import Job, MassMessage, Member, Moment, Reaction
from .._tokens import SUITE
from .telling import Telling


class Messages(Telling):
    """Mass messages, moments and jobs."""

    @locked
    def member_sends(self, message: "MassMessage | str", member: Who | None = None) -> int:
        """Let a member confirm a mass message, or all who are asked; returns how many messages were delivered."""
        found = self.mass_messages[message] if isinstance(message, str) else message
        userids = list(found.tasks) if member is None else [self._present(member).userid]
        return sum(self._send(found, userid) for userid in userids)

    def _send(self, message: MassMessage, userid: str) -> int:
        task = message.tasks[userid]
        if task.sent_at is not None or message.cancelled or self.members[userid].resigned:
            return 0
        task.sent_at = self.clock.seconds()
        sent = 0
        for target in task.targets:
            if message.chat_type == "single":
                follow = self.members[userid].follows.get(target)
                if follow is None:
                    task.results[target] = 2
                    continue
                if follow.deleted:
                    task.results[target] = self.manner.lost_customer_status
                    continue
                if self.message_quota_used(target):
                    task.results[target] = 3
                    continue
            elif self.group_chats[target].dismissed or self.message_quota_used(target):
                continue
            task.results[target] = 1
            self.deliver("mass", userid, target, message.text, message.attachments)
            sent += 1
        return sent

    def message_quota_used(self, target: str) -> bool:
        """Whether a customer or a group has had all the mass messages of the period."""
        if not self.limits.quotas:
            return False
        today = datetime.fromtimestamp(self.clock.seconds(), BEIJING)
        days, past = {
            "month": (monthrange(today.year, today.month)[1], today.day - 1),
            "week": (7, today.weekday()),
            "day": (1, 0),
        }[self.limits.messages_per]
        begin = self.today() - past * DAY
        most = days if self.limits.messages is None else self.limits.messages
        return sum(time >= begin for time in self.mass_times.get(target, ())) >= most

    @locked
    def member_publishes(self, moment: "Moment | str", member: Who | None = None) -> None:
        """Let a member publish a moment, or all who are asked and have not yet."""
        found = self._moment(moment)
        userids = list(found.publications) if member is None else [self._present(member).userid]
        for userid in userids:
            publication = found.publications[userid]
            gone = found.cancelled or self.members[userid].resigned
            if publication.published_at is None and not gone:
                self.publish(found, userid, self.clock.seconds())

    @locked
    def member_deletes_moment(self, moment: "Moment | str") -> None:
        """Let a moment be deleted in a client: nobody finds it any more."""
        self._moment(moment).deleted = True

    def _moment(self, moment: "Moment | str") -> Moment:
        found = self.moments[moment] if isinstance(moment, str) else moment
        if found.deleted:
            raise ValueError("the moment was deleted")
        return found

    def comments(self, moment: "Moment | str", member: Who, who: Member | Whom) -> None:
        """Let somebody comment on the moment that a member published."""
        self._reacts(moment, member, who, like=False)

    def likes(self, moment: "Moment | str", member: Who, who: Member | Whom) -> None:
        """Let somebody like the moment that a member published."""
        self._reacts(moment, member, who, like=True)

    @locked
    def _reacts(
        self, moment: "Moment | str", member: Who, who: Member | Whom, *, like: bool
    ) -> None:
        found, poster = self._moment(moment), self.member(member)
        publication = found.publications[poster.userid]
        if publication.published_at is None:
            raise ValueError("the member has not published the moment")
        userid = self._person(who)
        # What is public is seen by those, too, who became customers later.
        public = not found.tags and userid in poster.follows
        if userid in self.customers and userid not in publication.chosen and not public:
            raise ValueError("the customer cannot see the moment")
        reaction = Reaction(userid, userid in self.members, self.clock.seconds())
        (publication.likes if like else publication.comments).append(reaction)

    def finish_job(self, job: Job) -> None:
        """Let a job end: a moment is there for its members, a file is fetched (`MediaUploadFinished`)."""
        if job.done:
            return
        job.done = True
        if job.moment is not None:
            self.moments[job.moment.moment_id] = job.moment
        if job.media is not None:
            self.media[job.media.media_id] = job.media
        if job.kind == "upload":
            others = [app for app in (*self.apps, SUITE) if app != job.app]
            self._tell(events.MediaUploadFinished, but=others, job_id=job.id)
