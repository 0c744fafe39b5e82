"""Finds work and leases it: which lanes have rows, how many each can take, and whose turn it is.

Fair: the most urgent mailings first; among equally urgent ones organisations take equal shares, and within an
organisation its mailings do. One transaction per source IP and round, whatever the number of lanes.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import TypeVar

from mailer.engine.providers import shipped_rules
from mailer.ports import MailingSnapshot, message_source
from mailer.selectors.work import (
    WorkLimit,
    WorkMailing,
    WorkSource,
    node_limits,
    node_sources,
    ready_providers,
    running_mailings,
    sending_slots,
)
from mailer.services.bookkeeping import day_of
from mailer.services.lease import Lease, LeaseRequest, lease_rows
from mailer.services.schedule import promote_due
from mailer.slots.channel import PASSING, Channel
from mailer.slots.held import BEGIN_WITHIN_S, LEASE, Row
from mailer.slots.lane import Lane, LaneLimits
from mailer.slots.renderers import pause
from mailer.slots.tools import Tools

logger = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY_S = 0.5  # how often the ledger is asked where work is
ROUND_S = 0.05
PROVIDERS_AT_ONCE = 500
MAX_HELD = 4_000
MAX_UNRECORDED = 2_000
FULL_DAY_AGAIN_S = 1.0


class Dispatcher:
    """Feeds the lanes of one slot while it is told to."""

    def __init__(
        self, *, node: str, tools: Tools, channel: Channel, merge_channel: Channel
    ) -> None:
        self._node = node
        self._tools = tools
        self._channel = channel
        self._merge_channel = merge_channel
        self._lanes: dict[tuple[int, str], Lane] = {}
        self._sources: list[WorkSource] = []
        self._limits: dict[tuple[int, str], WorkLimit] = {}
        self._mailings: list[WorkMailing] = []
        self._offers: dict[str, list[WorkMailing]] = {}  # provider → mailings with rows ready
        self._after: dict[int, str] = {}  # how far the walk over a mailing's providers has come
        self.looked_at = float("-inf")  # monotonic; when the last look began
        self._turn = 0

    @property
    def lanes(self) -> Sequence[Lane]:
        return list(self._lanes.values())

    @property
    def is_busy(self) -> bool:
        """True while any lane holds rows or speaks."""
        return bool(len(self._tools.held)) or any(lane.waiting for lane in self._lanes.values())

    @property
    def has_offers(self) -> bool:
        """True while a lane that may send now has rows ready in the ledger."""
        return any(
            lane.may_lease for lane in self._lanes.values() if self._offers.get(lane.provider)
        )

    async def round(self) -> int:
        """Look where work is if it is time to, lease what the lanes can take, and return how many rows."""
        try:
            if time.monotonic() - self.looked_at >= LOOK_EVERY_S:
                await self.look()
            return await self._lease_all()
        except PASSING as error:
            logger.warning("dispatcher.database_unreachable error=%s", error)
            await asyncio.sleep(1.0)
            return 0
        finally:
            for lane in self._lanes.values():
                lane.staff()

    async def look(self) -> None:
        """Ask the ledger for sources, limits, mailings and receivers with rows ready."""
        began, now = time.monotonic(), self._tools.clock()
        await self._channel.run(promote_due(now=now))
        self._sources = await self._channel.run(node_sources(self._node))
        self._limits = await self._channel.run(node_limits(self._node))
        self._tools.pacer.set_shares(await self._channel.run(sending_slots(now)))
        pools = sorted({source.pool_id for source in self._sources})
        self._mailings = await self._channel.run(running_mailings(pools))
        offers: dict[str, list[WorkMailing]] = defaultdict(list)
        for mailing in self._mailings:
            for provider in await self._providers_of(mailing):
                offers[provider].append(mailing)
        self._offers = offers
        self._arrange_lanes()
        self.looked_at = began

    async def _providers_of(self, mailing: WorkMailing) -> list[str]:
        """Return the next receivers of a mailing: all of them, or in turns when there are very many."""
        after = self._after.pop(mailing.id, "")
        found = await self._channel.run(
            ready_providers(mailing.id, after=after, limit=PROVIDERS_AT_ONCE)
        )
        if len(found) == PROVIDERS_AT_ONCE:
            self._after[mailing.id] = found[-1]
        elif after:
            found += await self._channel.run(
                ready_providers(mailing.id, limit=PROVIDERS_AT_ONCE - len(found))
            )
        return list(dict.fromkeys(found))

    def _arrange_lanes(self) -> None:
        """Make lanes for what is offered, bring limits up to date, drop lanes that rest."""
        pools = {mailing.pool_id for mailing in self._mailings}
        for source in self._sources:
            if source.pool_id not in pools:
                continue
            for provider, mailings in self._offers.items():
                if any(mailing.pool_id == source.pool_id for mailing in mailings):
                    self._lane(source, provider)
        for key, lane in list(self._lanes.items()):
            lane.limits = self._limits_of(lane.source, lane.provider)
            if lane.is_idle and lane.may_lease and lane.provider not in self._offers:
                del self._lanes[key]

    def _lane(self, source: WorkSource, provider: str) -> Lane:
        key = (source.id, provider)
        if key not in self._lanes:
            self._lanes[key] = Lane(
                source=source,
                provider=provider,
                limits=self._limits_of(source, provider),
                tools=self._tools,
                exchange=self._tools.exchanges[source.kind],
            )
        return self._lanes[key]

    def _limits_of(self, source: WorkSource, provider: str) -> LaneLimits:
        rule = shipped_rules().by_slug(provider)
        override = self._limits.get((source.id, provider), WorkLimit(None, None, None, None))
        return LaneLimits(
            connections=_first(override.connections, rule.connections),
            messages_per_connection=_first(
                override.messages_per_connection, rule.messages_per_connection
            ),
            rate_per_s=_first(override.rate_per_s, rule.rate_per_s),
            daily_cap=source.daily_cap if override.daily_cap is None else override.daily_cap,
            pauses_on_reset=rule.connection_pause_on_reset,
        )

    async def _lease_all(self) -> int:
        if not self._may_hold_more() or not self._tools.guard.is_spool_empty:
            return 0
        leased = 0
        self._turn += 1
        # Lanes of one provider share its rows: the source that asks first changes every round.
        for source in _rotated(self._sources, self._turn):
            lanes = {
                lane.provider: lane
                for lane in self._lanes.values()
                if lane.source.id == source.id and self._offers.get(lane.provider)
            }
            appetites = {provider: lane.appetite() for provider, lane in lanes.items()}
            hungry = {provider: number for provider, number in appetites.items() if number}
            if hungry:
                leased += await self._lease_for(source, lanes, hungry)
        return leased

    def _may_hold_more(self) -> bool:
        recorder = self._tools.recorder
        return (
            not recorder.is_failing
            and recorder.waiting < MAX_UNRECORDED
            and len(self._tools.held) < MAX_HELD
        )

    async def _lease_for(
        self, source: WorkSource, lanes: Mapping[str, Lane], hungry: Mapping[str, int]
    ) -> int:
        requests = self._requests(source, lanes, hungry)
        if not requests:
            return 0
        now = self._tools.clock()
        caps = {
            provider: cap
            for provider in hungry
            if (cap := lanes[provider].limits.daily_cap) is not None
        }
        leases = await self._channel.run(
            lease_rows(
                slot_id=self._tools.slot_id,
                source_id=source.id,
                requests=requests,
                caps=caps,
                day=day_of(now),
                until=now + LEASE,
                now=now,
            )
        )
        self._note_empty(lanes, requests, leases, caps)
        await self._hand_out(lanes, leases)
        return len(leases)

    def _requests(
        self, source: WorkSource, lanes: Mapping[str, Lane], hungry: Mapping[str, int]
    ) -> list[LeaseRequest]:
        """Divide each lane's appetite among the mailings whose turn it is."""
        wants: dict[int, dict[str, int]] = defaultdict(dict)
        known: dict[int, WorkMailing] = {}
        for provider, number in hungry.items():
            candidates = [
                mailing
                for mailing in self._offers[provider]
                if mailing.pool_id == source.pool_id
                and not self._tools.guard.is_stopped_here(mailing.id)
                and not lanes[provider].brake.holds_domain(mailing.sending_domain)
            ]
            for mailing, share in fair_shares(candidates, number, self._turn):
                wants[mailing.id][provider] = share
                known[mailing.id] = mailing
        return [
            LeaseRequest(id, known[id].organisation_id, known[id].kind, known[id].scopes, wanted)
            for id, wanted in wants.items()
        ]

    def _note_empty(
        self,
        lanes: Mapping[str, Lane],
        requests: Sequence[LeaseRequest],
        leases: Sequence[Lease],
        caps: Mapping[str, int],
    ) -> None:
        """Remember who had less than asked for, until the next look; a used-up day waits longer."""
        got: dict[tuple[int, str], int] = defaultdict(int)
        for lease in leases:
            got[lease.mailing_id, lease.provider] += 1
        took: dict[str, int] = defaultdict(int)
        for request in requests:
            for provider, wanted in request.wants.items():
                number = got[request.mailing_id, provider]
                took[provider] += number
                if number < wanted and provider not in caps:
                    self._offers[provider] = [
                        mailing
                        for mailing in self._offers[provider]
                        if mailing.id != request.mailing_id
                    ]
        for provider in caps:
            if not took[provider]:
                # The day is used up, or others hold what is left of it.
                lanes[provider].not_before = time.monotonic() + FULL_DAY_AGAIN_S

    async def _hand_out(self, lanes: Mapping[str, Lane], leases: Sequence[Lease]) -> None:
        """Look up what to fill in, and give the rows to their lanes."""
        mailings = {mailing.id: mailing for mailing in self._mailings}
        deadline = time.monotonic() + BEGIN_WITHIN_S
        rows = [Row(lease, mailings[lease.mailing_id], deadline=deadline) for lease in leases]
        self._tools.held.add(rows)
        for row in rows:
            self._tools.guard.admit(row)
        if self._tools.guard.is_stale and rows:
            await self._tools.guard.look()
        by_mailing: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_mailing[row.mailing.id].append(row)
        for group in by_mailing.values():
            if not await self._fill(group):
                for row in group:
                    self._tools.recorder.return_row(row)
                continue
            by_provider: dict[str, list[Row]] = defaultdict(list)
            for row in group:
                by_provider[row.lease.provider].append(row)
            for provider, part in by_provider.items():
                lanes[provider].add(part)

    async def _fill(self, rows: Sequence[Row]) -> bool:
        """Ask the mailing's source for the values of these rows; False when it cannot say."""
        mailing = rows[0].mailing
        snapshot = MailingSnapshot(
            mailing.id, mailing.organisation_id, mailing.kind, mailing.reference
        )
        refs = [row.lease.recipient_ref for row in rows]
        try:
            source = message_source(mailing.source)
            async with self._merge_channel.connection() as connection:
                merged = await source.merge_data(connection, snapshot, refs)
        except PASSING as error:
            logger.warning("dispatcher.merge_failed mailing=%s error=%s", mailing.id, error)
            return False
        except Exception as error:
            logger.exception("dispatcher.source_broke mailing=%s", mailing.id)
            self._tools.guard.stop_mailing(mailing.id)
            await pause(self._tools.orm, mailing.id, "render", f"{type(error).__name__}: {error}")
            return False
        for row in rows:
            row.merged = merged.get(row.lease.recipient_ref)
        return True


def fair_shares(
    mailings: Sequence[WorkMailing], number: int, turn: int
) -> list[tuple[WorkMailing, int]]:
    """Divide `number` rows among the most urgent mailings: organisations take turns, then their mailings.

    Whoever has fewer rows than its share leaves the rest to the next round.
    """
    if not mailings:
        return []
    urgent = [m for m in mailings if m.priority == mailings[0].priority]
    urgent.sort(key=lambda mailing: (mailing.organisation_id, mailing.id))
    groups = [
        _rotated(list(group), turn) for _, group in groupby(urgent, lambda m: m.organisation_id)
    ]
    order = [m for tier in zip_longest(*_rotated(groups, turn)) for m in tier if m is not None]
    organisations = len(groups)
    sizes = {group[0].organisation_id: len(group) for group in groups}
    shares: list[tuple[WorkMailing, int]] = []
    left = number
    for mailing in order:
        fair = -(-number // (organisations * sizes[mailing.organisation_id]))
        share = min(left, fair)
        if share <= 0:
            break
        shares.append((mailing, share))
        left -= share
    return shares


def _rotated(items: Sequence[T], turn: int) -> list[T]:
    if not items:
        return []
    first = turn % len(items)
    return [*items[first:], *items[:first]]


def _first(override: T | None, fallback: T) -> T:
    return fallback if override is None else override
