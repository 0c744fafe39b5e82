"""Brings journal lines to the disk for many conversations at once.

A sync takes a fraction of a millisecond of disk and a trip through a thread; shared by whoever sends a dot within
the same few milliseconds it costs each of them next to nothing, and a receiver's round trip is longer anyway.
"""

import asyncio

from mailer.net.journal import Journal

GATHER_S = 0.003


class GroupSync:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._next: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Return when every line written before this call is on the disk."""
        if self._next is None:
            self._next = asyncio.create_task(self._sync())
        await asyncio.shield(self._next)

    async def _sync(self) -> None:
        await asyncio.sleep(GATHER_S)
        self._next = None  # whoever writes from now on belongs to the next group
        await self._journal.sync()
