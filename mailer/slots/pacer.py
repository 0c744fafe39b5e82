"""Permission to speak: messages per second and connections at once, shared by all slots through Redis.

When Redis is away each slot goes on with its own share of rate and connections: slower, never more.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from redis.exceptions import RedisError

from mailer.net.limits import ConnectionLimit, RateLimit, SharedLimits
from mailer.net.local_limits import LocalLimits

logger = logging.getLogger(__name__)

LEASE_TTL_S = 20.0
RENEW_EVERY_S = 5.0
# After a failure Redis is left alone this long, so that its time-outs do not slow every message.
AWAY_S = 2.0
# A fast lane asks once for a tenth of a second's messages.
CHUNK_S = 0.1
MAX_CHUNK = 50


class Pacer:
    def __init__(self, shared: SharedLimits, shares: int = 1) -> None:
        self._shared = shared
        self._local = LocalLimits(shares)
        self._away_until = float("-inf")
        self._held: dict[str, ConnectionLimit] = {}

    def set_shares(self, shares: int) -> None:
        """How many slots send at the same time, this one included."""
        if shares != self._local.shares:
            self._local = LocalLimits(max(1, shares))

    @property
    def is_alone(self) -> bool:
        """True while Redis is away."""
        return time.monotonic() < self._away_until

    async def messages(self, lane: str, rate_per_s: float) -> tuple[int, float]:
        """Return (how many messages may go now, else 0; seconds to wait for the next ones)."""
        if not self.is_alone:
            chunk = max(1, min(MAX_CHUNK, int(rate_per_s * CHUNK_S)))
            try:
                limit = RateLimit(lane, rate_per_s, burst=chunk)
                wait_s = await self._shared.acquire_rate([limit], chunk)
            except RedisError as error:
                self._lost(error)
            else:
                return (0, wait_s) if wait_s else (chunk, 0.0)
        wait_s = self._local.acquire_rate(lane, rate_per_s, time.monotonic())
        return (0, wait_s) if wait_s else (1, 0.0)

    async def open_connection(self, lane: str, cap: int, owner: str, already_open: int) -> bool:
        """Take one of the lane's connections; `already_open` is how many this slot has there."""
        limit = ConnectionLimit(lane, cap)
        if not self.is_alone:
            try:
                full = await self._shared.acquire_connection([limit], owner, LEASE_TTL_S)
            except RedisError as error:
                self._lost(error)
            else:
                if full is None:
                    self._held[owner] = limit
                return full is None
        return already_open < cap // self._local.shares

    async def close_connection(self, owner: str) -> None:
        limit = self._held.pop(owner, None)
        if limit is None or self.is_alone:
            return  # never leased, or it frees itself when its time is up
        try:
            await self._shared.release_connection([limit], owner)
        except RedisError as error:
            self._lost(error)

    async def renew(self) -> None:
        """Lengthen all connection leases, for ever; take them again where Redis has forgotten them."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            for owner, limit in list(self._held.items()):
                if self.is_alone:
                    break
                await self._renew_one(owner, [limit])

    async def _renew_one(self, owner: str, limits: Sequence[ConnectionLimit]) -> None:
        try:
            if not await self._shared.renew_connection(limits, owner, LEASE_TTL_S):
                # A flushed Redis: others may have taken the places, but ours is open and counts.
                await self._shared.acquire_connection(limits, owner, LEASE_TTL_S)
        except RedisError as error:
            self._lost(error)

    def _lost(self, error: RedisError) -> None:
        if not self.is_alone:
            logger.warning("limits.redis_unreachable error=%s", error)
        self._away_until = time.monotonic() + AWAY_S
