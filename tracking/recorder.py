"""Takes events after the reader has been answered, and writes them in groups: to Redis, else to the spool."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracking import spool
from tracking.net.redis_link import RedisAway, RedisLink
from tracking.raw_event import RawEvent

logger = logging.getLogger(__name__)

WAITING_MAX: Final = 20_000  # then answered requests wait for their event to find room
GROUP_MAX: Final = 1_000


class Recorder:
    """One background task of one process."""

    def __init__(self, *, redis: RedisLink, directory: Path) -> None:
        self._redis = redis
        self._directory = directory
        self._waiting: asyncio.Queue[RawEvent | None] = asyncio.Queue(WAITING_MAX)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="tracking recorder")

    async def record(self, event: RawEvent) -> None:
        await self._waiting.put(event)

    async def stop(self) -> None:
        """Write what is waiting, then end."""
        await self._waiting.put(None)
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = await self._next_group()
            if group:
                await self._write(group)

    async def _next_group(self) -> tuple[list[RawEvent], bool]:
        first = await self._waiting.get()
        if first is None:
            return [], True
        group = [first]
        while len(group) < GROUP_MAX and not self._waiting.empty():
            event = self._waiting.get_nowait()
            if event is None:
                return group, True
            group.append(event)
        return group, False

    async def _write(self, group: Sequence[RawEvent]) -> None:
        try:
            await self._redis.add_events([event.to_json() for event in group])
        except RedisAway as error:
            logger.warning("tracking.recorder.redis_away events=%d %s", len(group), error)
            await self._spool(group)

    async def _spool(self, group: Sequence[RawEvent]) -> None:
        try:
            await asyncio.to_thread(spool.put_events, self._directory, group)
        except OSError:
            logger.exception("tracking.recorder.events_lost %d", len(group))
