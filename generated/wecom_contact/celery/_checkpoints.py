"""Where it is written how far a work has come, so that no message of it counts twice, and none is missed.

Hand-written: edit codegen/surfaces/celery/_checkpoints.py.
"""

from inspect import iscoroutinefunction
from typing import Any, Protocol

from redis import Redis

from ..errors import RefusedArgument

PATIENCE = 5.0
"""Seconds to wait for Redis."""
WEEK = 7 * 24 * 3600
SOME = 100
"""How many messages are sent again at a time."""

# A work is at a turn, which an owner has begun. What waits to be begun has its message in a hash, after the number of
# times it was sent again, and when to do so in a sorted set.
ENTER = """
local found = redis.call('GET', KEYS[1])
if found then
  local turn, owner = string.match(found, '^(%d+) (.*)$')
  turn = tonumber(turn)
  local asked = tonumber(ARGV[1])
  if turn > asked or (turn == asked and owner ~= ARGV[2]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'EX', ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[4])
redis.call('HDEL', KEYS[3], ARGV[4])
return 1
"""
KEEP = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], '0 ' .. ARGV[2])
"""
MISSED = """
local now = tonumber(redis.call('TIME')[1])
local messages = {}
for _, work in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local times, message = string.match(redis.call('HGET', KEYS[2], work), '^(%d+) (.*)$')
  messages[#messages + 1] = message
  times = tonumber(times) + 1
  if times < 10 then
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]) * 2 ^ times, work)
    redis.call('HSET', KEYS[2], work, times .. ' ' .. message)
  else
    redis.call('ZREM', KEYS[1], work)
    redis.call('HDEL', KEYS[2], work)
  end
end
return messages
"""


def client_of(redis: object) -> Any:
    """The client that was given, or one for a URL; refuses what is neither, as the other users of Redis do."""
    if not isinstance(redis, str):
        awaits = iscoroutinefunction(getattr(redis, "execute_command", None))
        if isinstance(redis, type) or awaits or not callable(getattr(redis, "eval", None)):
            what = f"a URL, or a client of redis, not {type(redis).__name__}"
            raise RefusedArgument(what, "RedisCheckpoints.redis")
        return redis
    try:
        return Redis.from_url(redis, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    except ValueError:
        # Without the library's words, which may hold a part of the password.
        what = (
            "is not a URL that redis takes, such as redis://host:6379/0; "
            "signs such as / and @ in a password are written %2F and %40"
        )
        raise RefusedArgument(what, "RedisCheckpoints.redis") from None


class Checkpoints(Protocol):
    """Knows how far each work has come. Any object with such a method will do, over a table of your database for instance.

    It may have `keep(work, message, seconds)`, `missed()` and `resend` as well, see `RedisCheckpoints`.
    """

    def enter(self, work: str, turn: int, owner: str, /) -> bool:
        """Begin a turn of a work: False if a later one was begun, or this one by another owner.

        The same owner may begin its turn again: its worker was killed.
        """
        ...


class RedisCheckpoints:
    """Checkpoints in Redis: a key of 150 bytes for each walk, whatever its length, and each write that is sent, for a week.

    A broker may lose the message that a worker was just fetching when it was killed (Celery's Redis transport does). So each
    message of a walk is kept here until a worker begins it, and workers send it again if that takes longer than `resend`
    seconds, then twice as long, and so on, ten times. A message that was only late is not worked off a second time.

    Args:
        redis: A URL, or a client.
        resend: Seconds after which a message that nobody has begun is sent again.
        prefix: What all keys begin with. The braces keep them together in a Redis Cluster.
    """

    def __init__(
        self, redis: "str | Redis", *, resend: float = 600.0, prefix: str = "{wecom:work}:"
    ) -> None:
        if not isinstance(prefix, str):
            raise RefusedArgument(f"text, not {type(prefix).__name__}", "RedisCheckpoints.prefix")
        self.resend = resend
        self._prefix = prefix
        self._keys = [f"{prefix}waiting", f"{prefix}messages"]
        self._redis: Any = client_of(redis)

    def enter(self, work: str, turn: int, owner: str, /) -> bool:
        """See `Checkpoints`."""
        key = f"{self._prefix}at:{work}"
        return bool(self._redis.eval(ENTER, 3, key, *self._keys, turn, owner, WEEK, work))

    def keep(self, work: str, message: str, seconds: float, /) -> None:
        """Keep the message that goes on with a work, in so many seconds, until it is begun."""
        self._redis.eval(KEEP, 2, *self._keys, work, message, seconds + self.resend)

    def missed(self) -> list[str]:
        """Messages that are to be sent again, because nobody has begun them; each is told once in its time."""
        found = self._redis.eval(MISSED, 2, *self._keys, self.resend, SOME)
        return [each.decode() if isinstance(each, bytes) else each for each in found]
