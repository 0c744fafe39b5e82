"""Limits that all processes and nodes share, in Redis, on the server's clock. Scripts: `lua/`.

- Rates: GCRA over several limits at once with a pinned burst ("100 a day" never leaves at once).
- Connection leases: sorted sets with owner and end; a dead worker's connections free themselves.
- Day reservations: how many more acceptances a lane may have today. PostgreSQL counts the
  acceptances; Redis keeps concurrent slots from overshooting. The count lives under an epoch:
  where it is missing (flushed, lost) nothing is granted until it is rebuilt from PostgreSQL.

How to use day reservations so that the cap is never exceeded:

1. `reserve_day` → lease at most that many rows → `is_current(grant)`; if not, give the rows back.
2. Acceptance: nothing to do here. Deferral, failure or unused: `return_day`.
3. `reserve_day` says None: `begin_rebuild`; then count in PostgreSQL what is accepted, leased or in
   flight of that lane and day; then `finish_rebuild`. The same heals a count that is too high.

When Redis cannot be reached the calls raise `redis.exceptions.RedisError`; `net/local_limits.py`
then allows a safe fraction.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

_LUA: Final = Path(__file__).with_name("lua")
DAY_KEPT_S: Final = 3 * 86_400
REBUILD_MS: Final = 10_000


class Script(Protocol):
    async def __call__(self, *, keys: Sequence[str], args: Sequence[Any]) -> Any: ...


class RedisClient(Protocol):
    """The part of `redis.asyncio.Redis` used here."""

    def register_script(self, script: str) -> Any: ...

    def zrem(self, name: str, *values: str) -> Any: ...

    def hget(self, name: str, key: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`burst` messages may go at once; 1 keeps an even pace."""

    key: str
    rate_per_s: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class ConnectionLimit:
    key: str
    cap: int


@dataclass(frozen=True, slots=True)
class DayGrant:
    """`granted` acceptances reserved under `epoch`; may be 0 when the day is used up."""

    lane: str
    day: dt.date
    granted: int
    epoch: str


class SharedLimits:
    def __init__(self, client: RedisClient, prefix: str = "todoku:limits") -> None:
        self._client = client
        self._prefix = prefix
        self._rate = self._script("acquire_rate")
        self._lease = self._script("acquire_leases")
        self._renew = self._script("renew_leases")
        self._reserve = self._script("reserve_day")
        self._return = self._script("return_day")
        self._begin = self._script("begin_rebuild")
        self._finish = self._script("finish_rebuild")

    async def acquire_rate(self, limits: Sequence[RateLimit], n: int = 1) -> float:
        """Take `n` messages from every limit; return 0, or the seconds to wait (nothing is
        taken then).
        """
        arguments: list[object] = [n]
        for limit in limits:
            arguments += (1_000_000 / limit.rate_per_s, limit.burst)
        keys = [self._key("rate", limit.key) for limit in limits]
        return int(await self._rate(keys=keys, args=arguments)) / 1_000_000

    async def acquire_connection(
        self, limits: Sequence[ConnectionLimit], owner: str, ttl_s: float
    ) -> ConnectionLimit | None:
        """Lease one connection of `owner` (unique per connection) from all; return the limit
        that is full.
        """
        ordered = sorted(limits, key=lambda limit: limit.cap)
        keys = [self._key("connections", limit.key) for limit in ordered]
        arguments = [owner, int(ttl_s * 1000), *(limit.cap for limit in ordered)]
        full = int(await self._lease(keys=keys, args=arguments))
        return ordered[full - 1] if full else None

    async def renew_connection(
        self, limits: Sequence[ConnectionLimit], owner: str, ttl_s: float
    ) -> bool:
        """Lengthen the lease; False when it had run out, and the connection must be closed."""
        keys = [self._key("connections", limit.key) for limit in limits]
        return bool(await self._renew(keys=keys, args=[owner, int(ttl_s * 1000)]))

    async def release_connection(self, limits: Sequence[ConnectionLimit], owner: str) -> None:
        for limit in limits:
            await self._client.zrem(self._key("connections", limit.key), owner)

    async def reserve_day(
        self, lane: str, day: dt.date, n: int, cap: int, accepted: int
    ) -> DayGrant | None:
        """Reserve up to `n`; None when the day's count must be rebuilt first (see the module)."""
        granted, epoch = await self._reserve(keys=[self._day(lane, day)], args=[n, cap, accepted])
        return DayGrant(lane, day, int(granted), _text(epoch)) if int(granted) >= 0 else None

    async def return_day(self, grant: DayGrant, n: int) -> bool:
        """Give back `n` of a grant; False when the count has been rebuilt since."""
        key = self._day(grant.lane, grant.day)
        return bool(await self._return(keys=[key], args=[n, grant.epoch]))

    async def is_current(self, grant: DayGrant) -> bool:
        """True while the count that the grant was taken from still stands."""
        epoch = await self._client.hget(self._day(grant.lane, grant.day), "epoch")
        return epoch is not None and _text(epoch) == grant.epoch

    async def begin_rebuild(self, lane: str, day: dt.date) -> str | None:
        """Return the ticket for rebuilding; None while another process holds it. From now on
        nothing is granted.
        """
        ticket = secrets.token_hex(8)
        key = self._day(lane, day)
        taken = await self._begin(keys=[key, f"{key}:rebuild"], args=[ticket, REBUILD_MS])
        return ticket if taken else None

    async def finish_rebuild(self, lane: str, day: dt.date, ticket: str, used: int) -> bool:
        """Set the count (accepted + leased + in flight, read after `begin_rebuild`); False:
        begin again.
        """
        key = self._day(lane, day)
        arguments = [ticket, used, DAY_KEPT_S]
        return bool(await self._finish(keys=[key, f"{key}:rebuild"], args=arguments))

    def _script(self, name: str) -> Script:
        script: Script = self._client.register_script(
            (_LUA / f"{name}.lua").read_text(encoding="utf-8")
        )
        return script

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}:{kind}:{name}"

    def _day(self, lane: str, day: dt.date) -> str:
        return self._key("day", f"{lane}:{day.isoformat()}")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
