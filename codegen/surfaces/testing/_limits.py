"""WeCom's limits as data: what a corp may have, and how often it may call.

Hand-written: edit codegen/surfaces/testing/_limits.py.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import Factory, define

from ..catalog import CALLS
from ..limits import DOCUMENTED, DOCUMENTED_ELSEWHERE, Limit

MINUTE = 60
HOUR = 3600
DAY = 86_400


def pairs(limits: Sequence[Limit]) -> tuple[tuple[int, float], ...]:
    """Calls and seconds of each window. The corp's provider calls for this corp alone."""
    return tuple({limit.seconds: (limit.calls, limit.seconds) for limit in limits}.values())


@define(kw_only=True)
class Limits:
    """The limits of a corp; change them as you like: `corp.limits.contact_ways = 3`."""

    quotas: bool = True
    """Whether the numbers below count at all."""
    contact_ways: int = 500_000
    """Contact ways and join ways together (41045)."""
    contact_way_members: int = 100
    """Members of a contact way, departments expanded (41041)."""
    temporary_ways_a_day: int = 100_000
    tags: int = 10_000
    """Corp tags and strategy tags together (40126); the error page still says 3,000."""
    tags_of_customer: int = 3000
    """Tags of one member on one customer (40058)."""
    welcome_templates: int = 100
    """Group welcome templates (41055)."""
    intercept_rules: int = 100
    """Intercept rules (41069)."""
    acquisition_links: int = 100_000
    """Acquisition links (41095)."""
    acquisition_members: int = 500
    """Members of an acquisition link."""
    strategy_nodes: int = 3000
    strategy_levels: int = 5
    messages_per: Literal["month", "week", "day"] = "month"
    """The period of the calendar in which mass messages are counted (群发规则): an admin may choose a week or a day."""
    messages: int | None = None
    """Mass messages a customer or group gets in that period; None: as many as it has days."""
    reminders_a_day: int = 3
    """Reminders of one mass message in 24 hours (41094)."""
    moment_jobs: int = 100
    """Moment jobs that may run at once (41078)."""
    transfers_in_90_days: int = 2
    """Handovers of one customer (40128)."""
    group_transfers_a_day: int = 300
    """Groups of one owner that may be handed over."""
    images_a_day: int = 1000
    images_a_month: int = 3000
    group_members: int = 500
    """People in a group; then it is full."""
    owners_unfiltered: int = 1000
    """Members with customer groups beyond which an owner_filter must be given (81017)."""
    acquisition_balance: int = 1000
    """Customers who may come by acquisition links, beside what `add_acquisition_quota` adds."""
    provider_balance: int = 1000
    """Customers for whom the provider of the acquisition component may still pay."""
    provider_price: int = 100
    """What the provider pays for one of them, in cents (分)."""
    wrong_secrets_an_hour: int = 2000
    """Refused token requests after which an hour of 45009 begins."""

    rates: bool = False
    """Whether calls are counted; off, because the simulator is meant to be called faster than WeCom."""
    per_api: Sequence[tuple[int, float]] = Factory(lambda: pairs(DOCUMENTED))
    """Calls and seconds, for each API."""
    per_call: Mapping[str, Sequence[tuple[int, float]]] = Factory(
        lambda: {
            name: pairs(DOCUMENTED_ELSEWHERE[endpoint.path])
            for name, endpoint in CALLS.items()
            if endpoint.path in DOCUMENTED_ELSEWHERE
        }
    )
    """Calls whose own page says otherwise."""
    debug_a_minute: int = 5
    """Calls with debug=1 in the address."""
    parallel: int | None = None
    """Calls of one API that may be under way at once (45033); WeCom does not say how many."""
    parallel_per_call: Mapping[str, int] = Factory(lambda: {"customer_tag.mark": 5})
    """Calls of which WeCom's staff said how many may be under way at once (45033)."""
    one_at_a_time: Mapping[str, tuple[int, Sequence[str]]] = Factory(
        lambda: {
            "customer_tag.mark": (45035, ("userid", "external_userid")),
            "customer.remark": (45033, ("external_userid",)),
        }
    )
    """Calls that get in each other's way while some fields of theirs are the same: the code, and the fields."""
    serial: bool = True
    """Whether those calls that WeCom wants one after the other are refused when they overlap (45033)."""


@define(kw_only=True)
class Lifetimes:
    """How long things live, in seconds."""

    token: int = 7200
    welcome_code: int = 20
    welcome_sending: float = 1.0
    """While a welcome is under way, other apps are refused with 41096; afterwards everybody with 41051."""
    media: int = 3 * DAY
    job: int = DAY
    """A job that makes a moment."""
    upload_job: int = HOUR
    """A job that fetches a file by its URL."""
    takeover: int = DAY
    """Until a handover takes effect."""
    group_lag: int = 0
    """While a group that has changed is read as it was before; its event is told at once."""
    group_takeover: int = 0
    """Until the group of a departed owner has its new one; meanwhile its status is 2, and it is refused (90507)."""
    login: int = 365 * DAY
    """After which a member must have logged in to take customers and groups over, or to greet (40205)."""
    departed: int = 365 * DAY
    """After which the groups of a member who has left are not handed over any more (40205)."""
    tmp_openid: int = 4 * HOUR
    chat_key: int = 30 * MINUTE
    pending_id: int = 90 * DAY
    once_key: int = 14 * DAY
    suite_ticket: int = 30 * MINUTE
    cursor: int = 4 * HOUR
    """A cursor of `customer.list_served`; the page says that it ends, and an SDK when. The ids there live as long."""


@define(kw_only=True)
class Manner:
    """How the simulator behaves where WeCom may go either way."""

    job_polls: int = 2
    """How often a job is found unfinished before it is done."""
    dispatch_polls: int = 0
    """How often a new mass message is found being dispatched (41063), and a new moment (41079)."""
    empty_list_refused: bool = True
    """Members without customers are answered with 84061, not with an empty list."""
    unknown_fields_refused: bool = True
    """A request field the spec does not know is refused (40058); WeCom itself mostly ignores it."""
    sparse_replies: bool = False
    """What is read comes without its optional fields and lists, as WeCom answers an app that may not see them."""
    invent_statistics: bool = True
    """Numbers that the corp cannot know, such as messages, are invented; else they are 0. `set_behavior` sets them."""
    provider_pays: bool = False
    """The provider of the acquisition component pays; without that there are no once_keys (41099)."""

    # Official pages and observations disagree on these; the stricter for an application is set.
    unknown_userid: int | None = None
    """The code for a userid that is not there: 40003 in some calls and 60111 in others, or the one you set in all."""
    lost_customer_status: int = 2
    """The status of a mass message to a customer who has deleted the member."""
    second_cancel_refused: bool = True
    """A mass message that is cancelled again is answered with 41093."""
    welcome_code_again: bool = False
    """A customer who comes back to a member brings a welcome code."""
    statistics_hour: int = 4
    """The hour in Beijing at which yesterday's statistics are counted; until then they are 0."""
    link_deletion_told: bool = False
    """An acquisition link that is deleted by API is told by callback."""
    mobiles_told: bool = False
    """A change of nothing but phone numbers is told by callback."""
    contact_way_in_list: bool = False
    """A contact way is read as a list of one, not as a record."""


class Rates:
    """Counts calls in windows."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, float], tuple[float, int]] = {}
        self._blocked: dict[tuple[str, float], float] = {}

    def take(self, name: str, rates: Sequence[tuple[int, float]], now: float) -> bool:
        """Count a call; False if it is one too many. A block lasts as long as the window that was exceeded."""
        for most, seconds in rates:
            key = (name, seconds)
            if now < self._blocked.get(key, 0.0):
                return False
            begin, count = self._windows.get(key, (now, 0))
            if now - begin >= seconds:
                begin, count = now, 0
            if count >= most:
                self._blocked[key] = now + seconds
                return False
            self._windows[key] = (begin, count + 1)
        return True
