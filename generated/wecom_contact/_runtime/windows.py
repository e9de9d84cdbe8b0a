"""Counts calls so that no window of any alignment holds more than its limit, in memory and Redis.

A window is kept as pieces, each with a number of calls and the time of its last one, and a piece is
forgotten when that is older than the window. So a call may be counted a little too long, and never
too short. A piece takes up to a 64th of the limit; so there are about 64 of them at most, however
many calls are made, and at most a 64th of the limit is counted too long. Limits below 128 are
counted call by call.

A call stands under several limits at once: a minute's and an hour's, its corp's and the address's.
It is counted in all of them or in none, in one step: of memory under one lock, of Redis in one
script, by Redis's clock.

Hand-written: edit codegen/runtime/_runtime/windows.py.
"""

from array import array
from collections.abc import Sequence
from math import ceil
from threading import Lock
from typing import Any, NamedTuple

PIECES = 64
LEAST = 0.001
"""Seconds to wait, at least, lest asking again becomes a busy loop."""


class Rule(NamedTuple):
    """A limit as it is counted: with its headroom."""

    seconds: float
    most: int
    grain: int
    """Calls in a piece."""


def rule(calls: int, seconds: float, share: float, margin: float | None) -> Rule:
    """Leave a part of the calls, and some seconds after the window's end: 1, if nobody says."""
    if margin is None:
        margin = min(1.0, seconds / 25)
    most = max(1, round(calls * share))
    return Rule(seconds + margin, most, max(1, most // PIECES))


class Window:
    """The calls of the last seconds."""

    __slots__ = ("_pieces", "began", "part", "total")

    def __init__(self) -> None:
        # Time, number, time, number …: 16 bytes a piece.
        self._pieces = array("d")
        self.total = 0
        self.part = 1.0
        """Which part of the calls of all processes are this one's, as far as it has heard."""
        self.began: Any = ""
        """When the counting in Redis began, when it was asked last."""

    def forget(self, until: float) -> None:
        """Forget what was counted up to a time."""
        pieces = self._pieces
        gone = 0
        while gone < len(pieces) and pieces[gone] <= until:
            self.total -= int(pieces[gone + 1])
            gone += 2
        del pieces[:gone]

    def wait(self, now: float, rule: Rule, alone: bool) -> float:
        """Seconds until there may be room for one more call; 0 if there is.

        `alone`: room within this process's part.
        """
        self.forget(now - rule.seconds)
        most = max(1, int(rule.most * self.part)) if alone else rule.most
        if self.total < most:
            return 0.0
        return max(LEAST, self._pieces[0] + rule.seconds - now)

    def add(self, now: float, grain: int) -> None:
        """Count a call."""
        pieces = self._pieces
        self.total += 1
        if pieces and pieces[-1] < grain:
            pieces[-2] = now
            pieces[-1] += 1
        else:
            pieces.extend((now, 1))


class Closure(NamedTuple):
    """An endpoint that WeCom has closed."""

    until: float
    seconds: float
    """How long it was closed."""


Place = tuple[str, str]
"""Whose endpoint: corp and path."""
Counted = tuple[tuple[str, ...], Rule]
"""What a window is kept under, and its limit."""


class Ledger:
    """The windows of all calls of a process. It grows with the corps and endpoints called lately."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, ...], tuple[Window, float]] = {}
        self._closed: dict[Place, Closure] = {}
        self._lock = Lock()
        self._sweep_at = 0.0

    def after_fork(self) -> None:
        """For a forked child: a thread of the parent may have held the lock."""
        self._lock = Lock()

    def wait(self, now: float, place: Place, counted: Sequence[Counted], alone: bool) -> float:
        """Seconds until a call may go; 0 if it may now. Nothing is counted."""
        with self._lock:
            return self._wait(now, place, counted, alone)

    def take(self, now: float, place: Place, counted: Sequence[Counted], alone: bool) -> float:
        """The same, and count the call if it may go."""
        with self._lock:
            wait = self._wait(now, place, counted, alone)
            if not wait:
                for key, rule in counted:
                    self._window(key, rule).add(now, rule.grain)
            return wait

    def heard(
        self, now: float, counted: Sequence[Counted], began: Any, totals: Sequence[int], go: bool
    ) -> None:
        """Take note of what Redis has said of a call, and count it if it may go."""
        with self._lock:
            for (key, rule), total in zip(counted, totals, strict=True):
                window = self._window(key, rule)
                window.began = began
                if go:
                    window.add(now, rule.grain)
                    window.part = min(1.0, window.total / total)

    def known(self, now: float, counted: Sequence[Counted]) -> list[tuple[int, Any]]:
        """What Redis should know of each window: about how many calls of all, and since when."""
        with self._lock:
            known = []
            for key, rule in counted:
                window = self._window(key, rule)
                window.forget(now - rule.seconds)
                known.append((min(rule.most, ceil(window.total / window.part)), window.began))
            return known

    def close(self, now: float, place: Place, seconds: float, longer: Sequence[float]) -> None:
        """Close an endpoint; for the next longer time, if it is refused as soon as it has opened."""
        with self._lock:
            old = self._closed.get(place)
            if old is not None and now < old.until:
                if seconds <= old.seconds:
                    return
            elif old is not None and now <= old.until + old.seconds and old.seconds in longer:
                seconds = next((time for time in longer if time > old.seconds), longer[-1])
            self._closed[place] = Closure(now + seconds, seconds)

    def _window(self, key: tuple[str, ...], rule: Rule) -> Window:
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = Window(), rule.seconds
        return found[0]

    def _wait(self, now: float, place: Place, counted: Sequence[Counted], alone: bool) -> float:
        if now >= self._sweep_at:
            self._sweep(now)
        closed = self._closed.get(place)
        wait = 0.0 if closed is None else max(0.0, closed.until - now)
        for key, rule in counted:
            wait = max(wait, self._window(key, rule).wait(now, rule, alone))
        return wait

    def _sweep(self, now: float) -> None:
        """Forget who has not called for long."""
        self._sweep_at = now + 60
        for key, (window, seconds) in list(self._windows.items()):
            window.forget(now - seconds)
            if not window.total:
                del self._windows[key]
        for place, closed in list(self._closed.items()):
            if now > closed.until + closed.seconds:
                del self._closed[place]


# The same in Redis. A window is a string: the total, then time and number of each piece, as doubles.
# `KEYS[1]` holds when the counting began: who knows another beginning, or none, says how much it
# believes was counted, for Redis has lost it or was away. What lies in the future was written before the clock was set back,
# and counts as now.
NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
"""
TAKE = f"""{NOW}
local began = redis.call('GET', KEYS[1])
if not began then
  began = clock[1] .. '.' .. clock[2]
  redis.call('SET', KEYS[1], began)
end
local wait = 0
local closed = redis.call('GET', KEYS[2])
if closed then wait = math.max(0, tonumber(string.match(closed, '^%S+')) - now) end
local totals, bodies = {{}}, {{}}
local changed = false
for i = 3, #KEYS do
  local a = 5 * (i - 3)
  local seconds, most, guess = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 4])
  local kept = redis.call('GET', KEYS[i]) or ''
  local total, at = 0, 9
  if #kept > 8 then
    total = struct.unpack('<d', kept)
    if struct.unpack('<d', kept, #kept - 15) > now then
      changed = true
      local pieces = {{string.sub(kept, 1, 8)}}
      for p = 9, #kept, 16 do
        local time, count = struct.unpack('<dd', kept, p)
        pieces[#pieces + 1] = struct.pack('<dd', math.min(time, now), count)
      end
      kept = table.concat(pieces)
    end
    while at < #kept do
      local time, count = struct.unpack('<dd', kept, at)
      if time > now - seconds then break end
      total = total - count
      at = at + 16
    end
  end
  local body = string.sub(kept, at)
  if ARGV[a + 5] ~= began and total < guess then
    changed = true
    body = body .. struct.pack('<dd', now, guess - total)
    total = guess
  end
  if total >= most then
    wait = math.max(wait, struct.unpack('<d', body) + seconds - now, {LEAST})
  end
  totals[i - 2], bodies[i - 2] = total, body
end
if wait == 0 or changed then
  for i = 1, #totals do
    local a = 5 * (i - 1)
    local body = bodies[i]
    if wait == 0 then
      local count = 0
      if #body > 0 then count = struct.unpack('<d', body, #body - 7) end
      if count > 0 and count < tonumber(ARGV[a + 3]) then
        body = string.sub(body, 1, #body - 16)
      else
        count = 0
      end
      body = body .. struct.pack('<dd', now, count + 1)
      totals[i] = totals[i] + 1
    end
    local life = math.ceil(tonumber(ARGV[a + 1]) * 1000)
    redis.call('SET', KEYS[i + 2], struct.pack('<d', totals[i]) .. body, 'PX', life)
  end
end
return {{tostring(wait), began, totals}}
"""
CLOSE = f"""{NOW}
local seconds = ARGV[1]
local kept = redis.call('GET', KEYS[1])
if kept then
  local till, last = string.match(kept, '^(%S+) (%S+)$')
  if now < tonumber(till) then
    if tonumber(seconds) <= tonumber(last) then return end
  elseif now <= till + tonumber(last) then
    for i = 2, #ARGV do
      if ARGV[i] == last then seconds = ARGV[math.min(i + 1, #ARGV)] end
    end
  end
end
local value = string.format('%.6f %s', now + tonumber(seconds), seconds)
redis.call('SET', KEYS[1], value, 'PX', math.ceil(2000 * tonumber(seconds)))
"""
