"""Where it is written how far a work has come, so that a message that is delivered twice does not do it twice.

Hand-written: edit codegen/surfaces/celery/_checkpoints.py.
"""

from typing import Any, Protocol

from redis import Redis

PATIENCE = 5.0
"""Seconds to wait for Redis."""
WEEK = 7 * 24 * 3600

ENTER = """
local found = redis.call('GET', KEYS[1])
if found then
  local step, owner = string.match(found, '^(%d+) (.*)$')
  step = tonumber(step)
  local asked = tonumber(ARGV[1])
  if step > asked or (step == asked and owner ~= ARGV[2]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'EX', ARGV[3])
return 1
"""


class Checkpoints(Protocol):
    """Knows how far each work has come. Any object with such a method will do, a table of your database for instance."""

    def enter(self, work: str, step: int, owner: str, /) -> bool:
        """Begin a step of a work: False if a later one was begun, or this one by another owner.

        The same owner may begin its step again: its worker was killed.
        """
        ...


class RedisCheckpoints:
    """Checkpoints in Redis: one key for each walk, whatever its length, for a week after its last page."""

    def __init__(self, redis: "str | Redis", *, prefix: str = "wecom:step:") -> None:
        self._prefix = prefix
        self._redis: Any = redis
        if isinstance(redis, str):
            self._redis = Redis.from_url(
                redis, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
            )

    def enter(self, work: str, step: int, owner: str, /) -> bool:
        """See `Checkpoints`."""
        return bool(self._redis.eval(ENTER, 1, f"{self._prefix}{work}", step, owner, WEEK))
