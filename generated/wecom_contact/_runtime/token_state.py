"""What a client knows about one of its tokens, and what it does with what it learns. No I/O.

Times of day and times by the timer go side by side: see `tokens.py`.

Hand-written: edit codegen/runtime/_runtime/token_state.py.
"""

import copy
from typing import TYPE_CHECKING

from ..credentials import LONGEST_LIFE, Token
from ..errors import APIError, InvalidCredential, RateLimited, WeComError
from .gates import Gate
from .secrets import NO_SECRET, Secret

if TYPE_CHECKING:
    from .tokens import FallibleStore, TokenSource

LONGEST_REFUSAL = 3600.0
AGAIN = 0.5
"""Seconds until WeCom is asked again, after it gave the very token that it refuses; doubled each time."""
LONGEST_AGAIN = 60.0
SOON_ENDED = 3
"""How many tokens in a row may have ended as they came, before the next is fetched only after a pause."""


def is_same(token: Token | None, other: Token | None) -> bool:
    """Whether two tokens are one, for WeCom."""
    return token is not None and other is not None and token.value == other.value


class TokenState:
    """What a client knows about one of its tokens."""

    __slots__ = (
        "again",
        "again_at",
        "ended_at_once",
        "ends_by",
        "failure",
        "gate",
        "patience",
        "refusal",
        "refused_for",
        "refused_mark",
        "refused_until",
        "renew_by",
        "renewed",
        "rest_until",
        "source",
        "stale_until",
        "store",
        "token",
    )

    def __init__(self, source: "TokenSource") -> None:
        self.source = source
        self.store: FallibleStore | None = None
        """A store of its own, in place of the client's."""
        self.token: Token | None = None
        self.renew_by = 0.0
        """When to renew it, by the timer; the token says it by the time of day."""
        self.ends_by = 0.0
        self.gate = Gate(1)
        self.renewed = 0
        """How often a token was got."""
        self.failure: WeComError | None = None
        """Why there was none, the last time; each time another one."""
        self.refusal: APIError | None = None
        self.refused_mark = NO_SECRET
        self.refused_until = 0.0
        self.refused_for = 0.0
        self.patience = 0.0
        self.stale_until = 0.0
        self.again = 0.0
        self.again_at = 0.0
        self.ended_at_once = 0
        self.rest_until = 0.0

    def due(self, now: float, at: float) -> bool:
        """Whether the token is to be renewed: `now` by the time of day, `at` by the timer."""
        return self.token is None or now >= self.token.renew_at or at >= self.renew_by

    def ended(self, now: float, at: float) -> bool:
        """Whether the token has ended."""
        return self.token is None or now >= self.token.expires_at or at >= self.ends_by

    def useless(self, at: float) -> None:
        """A new token was refused like the old one: renewing does not help, so leave it for a while."""
        self.patience = min(60.0, 2 * self.patience or 1.0)
        self.stale_until = at + self.patience

    def insists(self, at: float) -> None:
        """WeCom gave the very token that it refuses: asking again at once would not help."""
        if at > self.again_at + LONGEST_AGAIN:
            self.again = 0.0  # that was another time
        self.again = min(LONGEST_AGAIN, 2 * self.again or AGAIN)
        self.again_at = at + self.again

    def refuse(self, error: APIError, mark: Secret, at: float) -> None:
        """Remember that WeCom does not take this credential."""
        if isinstance(error, InvalidCredential):
            self.refused_for = min(LONGEST_REFUSAL, 2 * self.refused_for or 60.0)
        elif isinstance(error, RateLimited):
            self.refused_for = min(LONGEST_REFUSAL, error.window.total_seconds())
        else:
            self.refused_for = 60.0
        self.refusal, self.refused_mark, self.refused_until = error, mark, at + self.refused_for

    def fail(self, error: WeComError) -> None:
        """Remember why there is no token, for those who wait."""
        self.failure = copy.copy(error)

    def accept(self, token: Token, now: float, at: float) -> None:
        """Keep a token."""
        left = min(token.expires_at - now, LONGEST_LIFE)
        if not is_same(token, self.token):
            self.again = 0.0
        # Before the token, which other threads look at first.
        self.ends_by = at + left
        self.renew_by = at + min(token.renew_at - now, left)
        self.token = token
        self.renewed += 1
        self.refusal = None
        self.refused_for = 0.0
        # One that ends as it comes is good for the calls that waited for it. A server that gives no others
        # is not asked for each call: a few times, then after a second, two, four.
        self.ended_at_once = 0 if left > 0 else self.ended_at_once + 1
        over = self.ended_at_once - SOON_ENDED
        self.rest_until = at + min(LONGEST_AGAIN, 2.0 ** min(over, 10)) if over >= 0 else at

    def put_off(self, held: Token, now: float, at: float) -> Token:
        """Keep the old token, to be renewed half of its remaining life later."""
        left = min(held.expires_at - now, self.ends_by - at) / 2
        self.renew_by = at + left
        self.token = Token(held.value, held.expires_at, now + left)
        return self.token
