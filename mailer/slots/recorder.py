"""Writes outcomes in batches, and keeps them until the database has them.

A batch goes every 200 ms or with 200 outcomes. While PostgreSQL is away outcomes wait in memory (and in the
journal), and leasing stops when too many wait. Journal entries are dropped only after the commit.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import psycopg

from mailer.services.lease import give_back
from mailer.services.outcome import MailingFacts, Outcome, record_outcomes
from mailer.slots.channel import PASSING, Channel
from mailer.slots.held import Held, Key, Row

logger = logging.getLogger(__name__)

BATCH = 200
EVERY_S = 0.2
MAX_RETRY_S = 5.0


class Recorder:
    def __init__(
        self,
        *,
        channel: Channel,
        slot_id: int,
        held: Held,
        forget: Callable[[Sequence[Key]], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._slot_id = slot_id
        self._held = held
        self._forget = forget
        self._clock = clock
        self._outcomes: list[tuple[Row, Outcome]] = []
        self._returned: list[Row] = []
        self._full = asyncio.Event()
        self._something = asyncio.Event()
        self._turn = asyncio.Lock()
        self.is_failing = False
        self.recorded = 0

    @property
    def waiting(self) -> int:
        return len(self._outcomes) + len(self._returned)

    def add(self, row: Row, outcome: Outcome) -> None:
        self._outcomes.append((row, outcome))
        self._something.set()
        if len(self._outcomes) >= BATCH:
            self._full.set()

    def return_row(self, row: Row) -> None:
        """Give a row back, unsent and without an attempt."""
        self._returned.append(row)
        self._something.set()

    async def work(self) -> None:
        """Write batches for ever; the pause grows while the database is away."""
        pause_s = EVERY_S
        while True:
            await self._something.wait()
            if not self.is_failing:
                await self._gather()
            try:
                await self.flush()
            except PASSING as error:
                self.is_failing = True
                pause_s = min(MAX_RETRY_S, pause_s * 2)
                logger.warning("outcomes.waiting number=%s error=%s", self.waiting, error)
                await asyncio.sleep(pause_s)
            else:
                self.is_failing = False
                pause_s = EVERY_S

    async def _gather(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._full.wait()
        except TimeoutError:
            pass

    async def flush(self) -> None:
        """Write everything that waits now. Raises what `PASSING` names, having lost nothing."""
        async with self._turn:
            self._full.clear()
            # What arrives meanwhile makes the next batch: following it would mean a commit for each few.
            left = len(self._outcomes)
            while left > 0:
                batch = self._outcomes[: min(left, BATCH * 2)]
                await self._write(batch)
                del self._outcomes[: len(batch)]
                left -= len(batch)
            if self._returned:
                rows = list(self._returned)
                await self._channel.run(
                    give_back(slot_id=self._slot_id, leases=[row.lease for row in rows])
                )
                self._held.drop(rows)
                del self._returned[: len(rows)]
            if not self._outcomes and not self._returned:
                self._something.clear()

    async def _write(self, batch: Sequence[tuple[Row, Outcome]]) -> None:
        try:
            await self._commit(batch)
        except PASSING:
            raise
        except psycopg.Error:
            if len(batch) == 1:
                # The row stays leased and in the journal: whoever recovers this slot settles it.
                logger.exception("outcomes.refused delivery=%s", batch[0][0].key)
                return
            for one in batch:
                await self._write([one])
            return
        self._settle([row for row, _ in batch])

    async def _commit(self, batch: Sequence[tuple[Row, Outcome]]) -> None:
        facts = {
            row.mailing.id: MailingFacts(row.mailing.organisation_id, row.mailing.kind)
            for row, _ in batch
        }
        self.recorded += await self._channel.run(
            record_outcomes(
                slot_id=self._slot_id,
                outcomes=[outcome for _, outcome in batch],
                mailings=facts,
                now=self._clock(),
            )
        )

    def _settle(self, rows: Sequence[Row]) -> None:
        self._forget([row.key for row in rows])
        self._held.drop(rows)
