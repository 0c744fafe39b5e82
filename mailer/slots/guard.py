"""The last look before MAIL: does the mailing still run, is the address still open, may this node send at all?

One pair of queries a second for everything the slot holds, so that a pause, a cancellation or an unsubscribe acts
within two seconds. When the answer is older than a second nothing is said until there is a new one: fail closed.
"""

import asyncio
import logging
import time
from enum import Enum, auto
from pathlib import Path

from mailer.net.spool import spool_is_empty
from mailer.program import Program, Statement
from mailer.slots.channel import PASSING, Channel
from mailer.slots.held import Held, Row

logger = logging.getLogger(__name__)

REFRESH_S = 0.5
STALE_S = 1.0
# Writing a pause takes far less; if it fails the next refusal tries again.
PAUSE_TAKES_S = 5.0

_STATES = "SELECT id, state, stop_generation FROM mailer_mailing WHERE id = ANY(%(ids)s)"

_CLOSED = "SELECT address_key, scope FROM mailer_suppression WHERE address_key = ANY(%(keys)s)"


class Stop(Enum):
    """Why a row may not be sent now."""

    MAILING = auto()  # paused, cancelled: give the row back
    SUPPRESSED = auto()  # skip it
    SPOOL = auto()  # somebody's unsubscribe waits to be written: give it back


class Guard:
    def __init__(self, channel: Channel, held: Held, unsubscribe_spool: Path) -> None:
        self._channel = channel
        self._held = held
        self._spool = unsubscribe_spool
        self._running: dict[int, int] = {}
        self._stopped: dict[int, float] = {}
        self._closed: set[tuple[bytes, str]] = set()
        self._is_spool_empty = True
        self._looked_at = float("-inf")
        self._looked = asyncio.Event()

    @property
    def is_spool_empty(self) -> bool:
        """Look at the spool itself: leasing asks this, and it costs one directory read."""
        self._is_spool_empty = spool_is_empty(self._spool)
        return self._is_spool_empty

    async def watch(self) -> None:
        """Look again and again, while anything is held."""
        while True:
            began = time.monotonic()
            if len(self._held):
                try:
                    await self.look()
                except PASSING as error:
                    logger.warning("guard.database_unreachable error=%s", error)
            await asyncio.sleep(max(0.05, REFRESH_S - (time.monotonic() - began)))

    async def look(self) -> None:
        """Read the truth about everything held now."""
        began = time.monotonic()
        self._is_spool_empty = spool_is_empty(self._spool)
        rows = list(self._held)
        ids = sorted({row.lease.mailing_id for row in rows})
        keys = list({row.lease.address_key for row in rows})
        running, closed = await self._channel.run(_look(ids, keys))
        # A mailing leased while the question was under way was checked by its lease.
        self._running = running | {i: g for i, g in self._running.items() if i not in ids}
        self._closed = closed
        self._looked_at = began
        self._looked.set()
        self._looked = asyncio.Event()

    async def fresh(self) -> None:
        """Wait until what is known is at most a second old."""
        while self.is_stale:
            await self._looked.wait()

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._looked_at > STALE_S

    def admit(self, row: Row) -> None:
        """A row leased just now was checked by the lease itself; know its mailing until the next look."""
        self._running.setdefault(row.mailing.id, row.mailing.stop_generation)

    def stop_mailing(self, mailing_id: int) -> None:
        """Stop a mailing at once in this slot, until its pause is in the database."""
        self._stopped[mailing_id] = time.monotonic() + PAUSE_TAKES_S

    def is_stopped_here(self, mailing_id: int) -> bool:
        if not self._stopped:
            return False
        return time.monotonic() < self._stopped.get(mailing_id, 0.0)

    def stop_for(self, row: Row) -> Stop | None:
        """Return why this row must not be sent, by what was seen last."""
        if not self._is_spool_empty:
            return Stop.SPOOL
        if self._running.get(row.mailing.id) != row.mailing.stop_generation or self.is_stopped_here(
            row.mailing.id
        ):
            return Stop.MAILING
        key = row.lease.address_key
        if self._closed and any((key, scope) in self._closed for scope in row.mailing.scopes):
            return Stop.SUPPRESSED
        return None


def _look(
    ids: list[int], keys: list[bytes]
) -> Program[tuple[dict[int, int], set[tuple[bytes, str]]]]:
    states = yield Statement(_STATES, {"ids": ids})
    closed = yield Statement(_CLOSED, {"keys": keys})
    running = {id: generation for id, state, generation in states if state == "running"}
    return running, {(bytes(key), scope) for key, scope in closed}
