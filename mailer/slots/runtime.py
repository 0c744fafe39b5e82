"""The sending machine of one process: an event loop in a thread, alive between slices.

A Celery slice only says "lease for the next seconds"; conversations, connections and outcomes live on in the loop,
so that a receiver that needs ten minutes to answer keeps nobody waiting. `drain` ends everything in order.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from mailer.net.journal import Journal
from mailer.net.limits import SharedLimits
from mailer.net.smtp_client import Timeouts
from mailer.realms import realm_for
from mailer.services.lease import mark_in_flight
from mailer.slots.channel import PASSING, Channel
from mailer.slots.desk import Desk
from mailer.slots.dispatcher import ROUND_S, Dispatcher
from mailer.slots.exchange import Exchange
from mailer.slots.group_sync import GroupSync
from mailer.slots.guard import Guard
from mailer.slots.held import BEGIN_WITHIN_S, LEASE, Held, Key, Row
from mailer.slots.life import begin_life, end_life, show_life
from mailer.slots.pacer import Pacer
from mailer.slots.recorder import Recorder
from mailer.slots.recovery import journal_name, recover_orphans
from mailer.slots.renderers import OrmDesk, Renderers
from mailer.slots.tools import Tools

logger = logging.getLogger(__name__)

R = TypeVar("R")

HEARTBEAT_S = 10.0
DRAIN_S = 30.0
# Between two slices a lane keeps what it has leased this long; then rows that were not begun go back.
GRACE_S = 2.0
IDLE_ENDS_S = 0.5
REDIS_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    node: str
    conninfo: str
    redis_url: str
    journal_dir: Path
    unsubscribe_spool: Path
    clock: Callable[[], datetime]
    timeouts: Timeouts = field(default_factory=Timeouts)


class Runtime:
    """Start it once per process; `work` from any thread, `drain` before the process ends."""

    def __init__(self, options: RuntimeOptions) -> None:
        self.options = options
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="todoku-slot", daemon=True)
        self._active_until = float("-inf")
        self._channels: list[Channel] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._redis: Redis | None = None
        self._tools: Tools | None = None
        self._dispatcher: Dispatcher | None = None

    def start(self) -> None:
        """Recover what died before us and begin this life. Raises what `PASSING` names, then leaves nothing."""
        self._thread.start()
        try:
            self._wait(self._begin())
        except BaseException:
            self._stop_loop()
            raise

    def work(self, seconds: float) -> bool:
        """Lease and send for up to `seconds`, less when nothing is due; True while work remains due."""
        return self._wait(self._slice(seconds))

    def recover(self) -> None:
        """Settle journals of other slots of this node that died since."""
        self._wait(self._recover())

    def drain(self, seconds: float = DRAIN_S) -> None:
        """Stop leasing, let conversations end, give the rest back, write everything down, end the thread."""
        self._wait(self._end(seconds))
        self._stop_loop()

    @property
    def slot_id(self) -> int:
        return self.tools.slot_id

    @property
    def tools(self) -> Tools:
        assert self._tools is not None, "the runtime has not been started"  # noqa: S101 misuse, not input
        return self._tools

    # --- in the thread

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wait(self, act: Coroutine[Any, Any, R]) -> R:
        future: Future[R] = asyncio.run_coroutine_threadsafe(act, self._loop)
        return future.result()

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        if not self._thread.is_alive():
            self._loop.close()

    def _channel(self) -> Channel:
        channel = Channel(self.options.conninfo)
        self._channels.append(channel)
        return channel

    async def _begin(self) -> None:
        options = self.options
        lease_channel = self._channel()
        await recover_orphans(
            directory=options.journal_dir, channel=lease_channel, now=options.clock()
        )
        slot_id = await lease_channel.run(begin_life(options.node, options.clock()))
        journal = Journal.open(options.journal_dir, journal_name(options.node, slot_id))
        self._redis = Redis.from_url(
            options.redis_url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        held = Held()
        orm = OrmDesk()
        record_channel, mark_channel = self._channel(), self._channel()
        self._tools = Tools(
            slot_id=slot_id,
            clock=options.clock,
            held=held,
            guard=Guard(self._channel(), held, options.unsubscribe_spool),
            recorder=Recorder(
                channel=record_channel,
                slot_id=slot_id,
                held=held,
                forget=journal.committed,
                clock=options.clock,
            ),
            journal=journal,
            sync=GroupSync(journal),
            pacer=Pacer(SharedLimits(self._redis)),
            renderers=Renderers(orm),
            orm=orm,
            marks=Desk(self._marker(mark_channel, slot_id)),
            exchanges={kind: Exchange(realm_for(kind), slot_id) for kind in ("live", "practice")},
            timeouts=options.timeouts,
        )
        self._dispatcher = Dispatcher(
            node=options.node,
            tools=self._tools,
            channel=lease_channel,
            merge_channel=self._channel(),
        )
        self._tasks = [
            asyncio.create_task(_for_ever(name, act), name=name)
            for name, act in (
                ("recorder", self._tools.recorder.work),
                ("guard", self._tools.guard.watch),
                ("renew", self._tools.pacer.renew),
                ("heartbeat", self._show_life),
                ("dispatch", self._dispatch),
            )
        ]

    def _marker(
        self, channel: Channel, slot_id: int
    ) -> Callable[[Sequence[list[Row]]], Coroutine[Any, Any, list[set[Key]]]]:
        async def mark(windows: Sequence[list[Row]]) -> list[set[Key]]:
            rows = [row for window in windows for row in window]
            until = self.options.clock() + LEASE
            deadline = time.monotonic() + BEGIN_WITHIN_S
            ours = await channel.run(
                mark_in_flight(slot_id=slot_id, leases=[row.lease for row in rows], until=until)
            )
            for row in rows:
                row.deadline = deadline
            return [{row.key for row in window if row.key in ours} for window in windows]

        return mark

    async def _dispatch(self) -> None:
        """Lease while a slice lasts; between slices give back what lanes do not begin."""
        assert self._dispatcher is not None  # noqa: S101 set before this task
        while True:
            if time.monotonic() < self._active_until:
                leased = await self._dispatcher.round()
                await asyncio.sleep(0 if leased else ROUND_S)
            else:
                for lane in self._dispatcher.lanes:
                    if time.monotonic() > self._active_until + GRACE_S:
                        lane.give_all_back()
                    else:
                        lane.staff()
                await asyncio.sleep(ROUND_S)

    async def _slice(self, seconds: float) -> bool:
        assert self._dispatcher is not None  # noqa: S101 `start` was called
        began = time.monotonic()
        self._active_until = began + seconds
        idle_since: float | None = None
        while time.monotonic() < self._active_until:
            await asyncio.sleep(ROUND_S)
            has_looked = self._dispatcher.looked_at >= began
            if not has_looked or self._dispatcher.is_busy or self._dispatcher.has_offers:
                idle_since = None
            else:
                idle_since = idle_since or time.monotonic()
                if time.monotonic() - idle_since > IDLE_ENDS_S:
                    break
        return self._dispatcher.is_busy or self._dispatcher.has_offers

    async def _recover(self) -> None:
        try:
            await recover_orphans(
                directory=self.options.journal_dir,
                channel=self._channels[0],
                now=self.options.clock(),
            )
        except PASSING as error:
            logger.warning("slot.recovery_waits error=%s", error)

    async def _show_life(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            try:
                await self._channels[0].run(show_life(self.slot_id, self.options.clock()))
            except PASSING as error:
                logger.warning("slot.heartbeat_failed error=%s", error)

    async def _end(self, seconds: float) -> None:
        assert self._dispatcher is not None  # noqa: S101 `start` was called
        deadline = time.monotonic() + seconds
        self._active_until = float("-inf")
        for task in self._tasks:
            if task.get_name() in {"dispatch", "heartbeat", "renew"}:
                task.cancel()
        await asyncio.gather(*(lane.drain(deadline - 2.0) for lane in self._dispatcher.lanes))
        await asyncio.gather(*self.tools.pauses, return_exceptions=True)
        try:
            await self.tools.recorder.flush()
            if not len(self.tools.held):
                await self._channels[0].run(end_life(self.slot_id, self.options.clock()))
        except PASSING as error:
            # The journal stays; the next slot of this node settles it.
            logger.warning(
                "slot.ended_unrecorded waiting=%s error=%s", self.tools.recorder.waiting, error
            )
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._close()

    async def _close(self) -> None:
        if len(self.tools.held):
            # What is still leased must be found by the next slot: an empty journal would be removed.
            self.tools.journal.dot_sent(0, 0)
        self.tools.journal.close()
        for channel in self._channels:
            await channel.close()
        await self.tools.orm.close()
        if self._redis is not None:
            await self._redis.aclose()


async def _for_ever(name: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run an endless task; a surprise in it is logged, and it begins again instead of ending the slot silently."""
    while True:
        try:
            await act()
        except Exception:
            logger.exception("slot.task_broke task=%s", name)
            await asyncio.sleep(1.0)
