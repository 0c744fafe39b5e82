"""Redis as the tracker sees it: quick, or away.

After one failure nothing is tried for two seconds, so that a dead Redis costs one time-out and not one per reader.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_S: Final = 1.0
REST_S: Final = 2.0
STREAM: Final = "tracking:events"
GROUP: Final = "drain"
FIELD: Final = "e"

_Result = TypeVar("_Result")


class RedisAway(Exception):
    """Redis did not take or give what was asked. Keep it somewhere else."""


class RedisLink:
    """One connection pool of one process."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._rests_until = 0.0

    async def get(self, key: str) -> bytes | None:
        value = await self._try(lambda: self._redis.get(key))
        return value.encode() if isinstance(value, str) else value

    async def set(self, key: str, value: bytes, *, keep_s: int) -> None:
        await self._try(lambda: self._redis.set(key, value, ex=keep_s))

    async def add_events(self, events: Sequence[bytes]) -> None:
        """Append to the event stream in one round trip; all or, when RedisAway is raised, perhaps some."""

        async def add() -> Any:
            async with self._redis.pipeline(transaction=True) as pipe:
                for event in events:
                    pipe.xadd(STREAM, {FIELD: event})
                return await pipe.execute()

        await self._try(add)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _try(self, ask: Callable[[], Awaitable[_Result]]) -> _Result:
        if time.monotonic() < self._rests_until:
            raise RedisAway("resting after a failure")
        try:
            return await ask()
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = time.monotonic() + REST_S
            raise RedisAway(str(error)) from error
