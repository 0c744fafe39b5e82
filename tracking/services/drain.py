"""Carries events from the stream and the spools into PostgreSQL, and survives either server going away.

An entry is acknowledged and deleted after its transaction has committed. A drain that dies in between is followed by
one that records the same entries again, which changes nothing.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from redis import Redis
from redis.exceptions import ResponseError

from mailer.services.partitions import ensure_month_partitions
from tracking import spool
from tracking.leave import Leave
from tracking.net.redis_link import FIELD, GROUP, STREAM
from tracking.raw_event import RawEvent, RawEventError, kept_ip
from tracking.services.record_events import record_events
from tracking.services.unsubscribe import unsubscribe

logger = logging.getLogger(__name__)

BATCH: Final = 1_000
BLOCK_MS: Final = 1_000
# Another drain that has held entries this long without acknowledging them is dead.
DEAD_AFTER_MS: Final = 60_000

Entries = Sequence[tuple[bytes, dict[bytes, bytes]]]


class Drain:
    """One member of the stream's consumer group. `consumer` is stable for a node, so that a restart goes on."""

    def __init__(self, *, redis: Redis, consumer: str, directory: Path, ip_kept: str) -> None:
        self._redis = redis
        self._consumer = consumer
        self._directory = directory
        self._ip_kept = ip_kept
        self._has_own_pending = True
        self._month = 0

    def run_once(self, *, now: datetime, block_ms: int | None = None) -> int:
        """Do one round and return how many events and wishes it carried. Redis and database errors pass through."""
        if self._month != now.month:
            ensure_month_partitions(table="tracking_event", now=now)
            self._month = now.month
        done = drain_spools(directory=self._directory, ip_kept=self._ip_kept)
        entries = self._next_entries(block_ms)
        if entries:
            self._record(entries)
        return done + len(entries)

    def after_failure(self) -> None:
        """Whatever was read and not acknowledged is read again."""
        self._has_own_pending = True

    def _record(self, entries: Entries) -> None:
        record_events(events=_events(entries))
        ids = [number for number, _ in entries]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xack(STREAM, GROUP, *ids)
            pipe.xdel(STREAM, *ids)
            pipe.execute()

    def _next_entries(self, block_ms: int | None) -> Entries:
        try:
            return self._read(block_ms)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
        # A first start, or a Redis that came back empty.
        self._make_group()
        return self._read(block_ms)

    def _read(self, block_ms: int | None) -> Entries:
        if self._has_own_pending:
            own = self._read_group("0", None)
            if own:
                return own
            self._has_own_pending = False
        abandoned = self._claim()
        return abandoned or self._read_group(">", block_ms)

    def _read_group(self, since: str, block_ms: int | None) -> Entries:
        answer: Any = self._redis.xreadgroup(
            GROUP, self._consumer, {STREAM: since}, count=BATCH, block=block_ms
        )
        return cast(Entries, answer[0][1]) if answer else []

    def _claim(self) -> Entries:
        answer: Any = self._redis.xautoclaim(
            STREAM, GROUP, self._consumer, min_idle_time=DEAD_AFTER_MS, count=BATCH
        )
        return cast(Entries, answer[1])

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def drain_spools(*, directory: Path, ip_kept: str) -> int:
    """Carry the spools of this machine into PostgreSQL: wishes to leave first."""

    def act(leave: Leave) -> None:
        outcome = unsubscribe(leave=leave, kept_ip=kept_ip(leave.ip, ip_kept))
        logger.info(
            "tracking.spool.unsubscribe %s/%s %s", leave.mailing_id, leave.delivery_id, outcome
        )

    left = spool.drain_leaves(directory, act)
    return left + spool.drain_events(directory, lambda events: record_events(events=events))


def _events(entries: Entries) -> list[RawEvent]:
    """Return what can be read; what cannot is logged here and acknowledged with the rest."""
    events = []
    for number, fields in entries:
        try:
            events.append(RawEvent.from_json((fields or {}).get(FIELD.encode(), b"")))
        except RawEventError:
            logger.exception("tracking.drain.broken_entry %s", number)
    return events
