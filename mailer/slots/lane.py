"""A lane: one source IP × one provider, with its rows, its workers, its limits and its brake.

Rows come in leased, are marked `in_flight` in small windows, and are served by as many workers as the lane may have
connections. A lane that may not send keeps nothing: what it holds goes back to the ledger, and other lanes go on.
"""

import asyncio
import heapq
import logging
import secrets
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from mailer.net.smtp_client import ClientOptions
from mailer.selectors.work import WorkSource
from mailer.slots.brake import Brake
from mailer.slots.channel import PASSING
from mailer.slots.conversation import Session
from mailer.slots.exchange import Exchange
from mailer.slots.held import Row
from mailer.slots.tools import Tools

logger = logging.getLogger(__name__)

AHEAD_S = 2.0  # a lane leases what it can send in this time
FIRST_WINDOW = 40
MAX_WINDOW = 1_000
MARK_WINDOW = 50
IDLE_S = 3.0
# A place that was taken is asked for again after this.
STAFF_AGAIN_S = 0.5
AFFINITY = 40  # how far a worker looks for a row of the hosts it is connected to


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What binds this lane: the administrator's override, else the provider's rule."""

    connections: int
    messages_per_connection: int
    rate_per_s: float
    daily_cap: int | None
    pauses_on_reset: bool = False


class Lane:
    def __init__(
        self,
        *,
        source: WorkSource,
        provider: str,
        limits: LaneLimits,
        tools: Tools,
        exchange: Exchange,
    ) -> None:
        self.source = source
        self.provider = provider
        self.limits = limits
        self.brake = Brake()
        self.not_before = (
            0.0  # monotonic; set when the ledger had nothing for us or the day is used up
        )
        self._tools = tools
        self._exchange = exchange
        self._queue: list[tuple[int, int, Row]] = []
        self._order = count()
        self._marked: deque[Row] = deque()
        self._is_closing = False
        self._arrived = asyncio.Event()  # rows are here, or the lane closes
        self._room = asyncio.Event()  # the next window may be marked
        self._signal()
        self._marking: asyncio.Task[None] | None = None
        self._workers: set[asyncio.Task[None]] = set()
        self._open = 0
        self._window = FIRST_WINDOW
        self._tokens = 0
        self._token_turn = asyncio.Lock()
        self._staff_at = 0.0

    @property
    def name(self) -> str:
        return f"{self.source.id}:{self.provider}"

    @property
    def waiting(self) -> int:
        return len(self._queue) + len(self._marked)

    @property
    def is_idle(self) -> bool:
        return not self.waiting and not self._workers and self._marking is None

    @property
    def may_lease(self) -> bool:
        return not self.brake.is_on and time.monotonic() >= self.not_before

    def appetite(self) -> int:
        """Return how many rows to lease now: what goes out in about two seconds, less what is here."""
        if not self.may_lease:
            return 0
        ahead = min(self._window, max(1, round(self.limits.rate_per_s * AHEAD_S)))
        wanted = ahead - self.waiting
        # Ask again at half: leases come in batches worth a statement.
        return wanted if wanted * 2 >= ahead else 0

    def add(self, rows: Iterable[Row]) -> None:
        """Take leased rows; urgent mailings overtake what is here already."""
        if not self.waiting:
            # It ran dry before the next lease: take more at once, as long as the rate allows it.
            self._window = min(MAX_WINDOW, self._window * 2)
        for row in rows:
            heapq.heappush(self._queue, (row.mailing.priority, next(self._order), row))
        self.staff()

    def staff(self) -> None:
        """See that rows are being marked and that workers are there for them."""
        if self._is_closing:
            return
        if self.brake.is_on:
            self.give_all_back()
            return
        if self._queue and self._marking is None:
            self._marking = asyncio.create_task(self._mark())
            self._marking.add_done_callback(self._marked_all)
        if time.monotonic() < self._staff_at:
            return
        wanted = min(self.limits.connections, len(self._marked) + len(self._queue))
        while len(self._workers) < wanted:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._worked)

    def give_all_back(self) -> None:
        """Return every row that no worker has begun."""
        for _, _, row in self._queue:
            self._tools.recorder.return_row(row)
        self._queue.clear()
        while self._marked:
            self._tools.recorder.return_row(self._marked.popleft())
        self._signal()

    async def drain(self, deadline: float) -> None:
        """Give back what was not begun, let conversations end until `deadline`, then break them off."""
        self._is_closing = True
        self._signal()
        if self._marking is not None:
            self._marking.cancel()
            await asyncio.gather(self._marking, return_exceptions=True)
        self.give_all_back()
        if self._workers:
            await asyncio.wait(self._workers, timeout=max(0.0, deadline - time.monotonic()))
        for worker in list(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _mark(self) -> None:
        """Mark windows of rows `in_flight` until nothing waits, at most one window ahead of the workers."""
        while self._queue:
            await self._room.wait()
            window = [
                heapq.heappop(self._queue)[2] for _ in range(min(MARK_WINDOW, len(self._queue)))
            ]
            try:
                ours = await self._tools.marks.ask(window)
            except PASSING as error:
                logger.warning("lane.marking_failed lane=%s error=%s", self.name, error)
                self._return(window)
                self.not_before = time.monotonic() + 1.0
                return
            except asyncio.CancelledError:
                self._return(window)
                raise
            lost = [row for row in window if row.key not in ours]
            self._tools.held.drop(lost)  # leased by somebody else meanwhile
            self._marked.extend(row for row in window if row.key in ours)
            self._signal()

    def _return(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._tools.recorder.return_row(row)

    def _marked_all(self, task: "asyncio.Task[None]") -> None:
        self._marking = None
        if not task.cancelled() and task.exception() is not None:
            logger.error("lane.marking_broke lane=%s", self.name, exc_info=task.exception())

    def _worked(self, task: "asyncio.Task[None]") -> None:
        self._workers.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("lane.worker_broke lane=%s", self.name, exc_info=task.exception())

    async def _work(self) -> None:
        """Serve rows over one connection while there are any."""
        owner = f"{self._tools.slot_id}:{secrets.token_hex(6)}"
        async with self._tools.seats:
            limits = self.limits
            may_open = await self._tools.pacer.open_connection(
                self.name, limits.connections, owner, self._open
            )
            if not may_open:
                self._staff_at = time.monotonic() + STAFF_AGAIN_S
                if not self._open:
                    # Other slots have all connections: they shall have the rows, too.
                    self.not_before = time.monotonic() + 2 * STAFF_AGAIN_S
                    self.give_all_back()
                return
            self._open += 1
            session = self._session(limits)
            try:
                while (row := await self._next(session.domain)) is not None:
                    await session.serve(row)
            finally:
                self._open -= 1
                await session.close()
                await self._tools.pacer.close_connection(owner)

    async def _next(self, domain: str) -> Row | None:
        """Wait for a row and for permission to send it; None when this worker is not needed any more."""
        while True:
            if not self._marked and not await self._rows_come():
                return None
            if self._is_closing or self.brake.is_on:
                return None
            if self._marked and await self._take_token():
                row = self._pop(domain)
                if row is not None:
                    return row
                self._tokens += 1  # another worker was faster

    async def _rows_come(self) -> bool:
        """False when nothing came for a while, or others need the seat more."""
        try:
            async with asyncio.timeout(0 if self._tools.seats.locked() else IDLE_S):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _take_token(self) -> bool:
        """Take permission for one message, waiting up to a second for it; False: look again."""
        async with self._token_turn:
            if not self._tokens:
                number, wait_s = await self._tools.pacer.messages(self.name, self.limits.rate_per_s)
                self._tokens += number
                if not number:
                    await asyncio.sleep(min(wait_s, 1.0))
                    return False
            self._tokens -= 1
            return True

    def _pop(self, domain: str) -> Row | None:
        """Take the next row, preferring one of the domain that the worker is connected to."""
        if not self._marked:
            return None
        if self._marked[0].lease.domain != domain:
            for position in range(min(AFFINITY, len(self._marked))):
                if self._marked[position].lease.domain == domain:
                    row = self._marked[position]
                    del self._marked[position]
                    self._signal()
                    return row
        row = self._marked.popleft()
        self._signal()
        return row

    def _signal(self) -> None:
        """Let events say what the deque of marked rows says."""
        if self._marked or self._is_closing:
            self._arrived.set()
        else:
            self._arrived.clear()
        if len(self._marked) < MARK_WINDOW // 2:
            self._room.set()
        else:
            self._room.clear()

    def _session(self, limits: LaneLimits) -> Session:
        return Session(
            tools=self._tools,
            exchange=self._exchange,
            options=ClientOptions(
                ehlo_name=self.source.ehlo_name,
                port=self._exchange.realm.smtp_port,
                source_address=self.source.address,
                max_messages=limits.messages_per_connection,
                timeouts=self._tools.timeouts,
            ),
            brake=self.brake,
            pauses_on_reset=limits.pauses_on_reset,
            on_braked=self.give_all_back,
        )
