"""Leasing: rows of the ledger become one slot's business, for a time, if their addresses are still open.

A lease transaction is short and set-wise. For lanes with a daily cap it locks the lane's day first and counts what
is leased already, so that accepted + leased never exceeds the cap, whichever processes ask and whatever Redis knows.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailer.models import DeliveryState, OutcomeKind, SkipReason
from mailer.program import Program, Statement
from mailer.services.bookkeeping import add_counters


@dataclass(frozen=True, slots=True)
class Lease:
    """One leased delivery: what the slot needs to send it and to account for it."""

    mailing_id: int
    id: int
    recipient_ref: int
    address: str
    address_key: bytes
    domain: str
    provider: str
    attempts: int
    source_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """How many rows of one mailing each provider's lane can take now."""

    mailing_id: int
    organisation_id: int
    mailing_kind: str
    scopes: Sequence[str]
    wants: Mapping[str, int]


LEASE_SQL = """
WITH wanted AS (
    SELECT w.provider, w.n FROM json_to_recordset(%(wants)s::json) AS w(provider text, n int)
    WHERE EXISTS (SELECT 1 FROM mailer_mailing m WHERE m.id = %(mailing)s AND m.state = 'running')
), picked AS MATERIALIZED (
    SELECT r.id, r.address_key FROM wanted w CROSS JOIN LATERAL (
        SELECT d.id, d.address_key FROM mailer_delivery d
        WHERE d.mailing_id = %(mailing)s AND d.provider = w.provider AND d.state = 1
        ORDER BY d.priority, d.rank, d.id LIMIT w.n FOR NO KEY UPDATE SKIP LOCKED
    ) r
), checked AS MATERIALIZED (
    SELECT p.id, EXISTS (
        SELECT 1 FROM mailer_suppression s
        WHERE s.address_key = p.address_key AND s.scope = ANY(%(scopes)s)
    ) AS is_closed
    FROM picked p
), changed AS (
    UPDATE mailer_delivery d SET
        state = CASE WHEN c.is_closed THEN 12 ELSE 2 END,
        lease_slot = CASE WHEN c.is_closed THEN NULL ELSE %(slot)s END,
        lease_until = CASE WHEN c.is_closed THEN NULL ELSE %(until)s::timestamptz END,
        source_id = CASE WHEN c.is_closed THEN d.source_id ELSE %(source)s END,
        reply_class = CASE WHEN c.is_closed THEN %(suppressed)s ELSE d.reply_class END,
        done_at = CASE WHEN c.is_closed THEN %(now)s::timestamptz END,
        next_at = NULL
    FROM checked c WHERE d.mailing_id = %(mailing)s AND d.id = c.id AND d.state = 1
    RETURNING d.id, d.recipient_ref, d.address, d.address_key, d.domain, d.provider, d.attempts, d.state
), told AS (
    INSERT INTO mailer_outbox (at, organisation_id, mailing_id, delivery_id, recipient_ref, kind,
        address_key, mailing_kind, provider, reply_class)
    SELECT %(now)s, %(organisation)s, %(mailing)s, id, recipient_ref, %(skipped_kind)s, address_key,
        %(mailing_kind)s, provider, %(suppressed)s
    FROM changed WHERE state = 12
)
SELECT id, recipient_ref, address, address_key, domain, provider, attempts, state FROM changed
"""

_OPEN_DAYS = """
INSERT INTO mailer_laneday (source_id, provider, day, accepted)
SELECT %(source)s, provider, %(day)s, 0 FROM unnest(%(providers)s::text[]) AS p(provider)
ORDER BY provider ON CONFLICT (source_id, provider, day) DO NOTHING
"""

_LOCK_DAYS = """
SELECT provider, accepted FROM mailer_laneday
WHERE source_id = %(source)s AND day = %(day)s AND provider = ANY(%(providers)s)
ORDER BY provider FOR NO KEY UPDATE
"""

OUTSTANDING_SQL = """
SELECT provider, count(*) FROM mailer_delivery
WHERE state IN (2, 3) AND source_id = %(source)s AND provider = ANY(%(providers)s) GROUP BY provider
"""

MARK_SQL = """
UPDATE mailer_delivery SET state = 3, lease_until = %(until)s
WHERE mailing_id = %(mailing)s AND id = ANY(%(ids)s) AND lease_slot = %(slot)s AND state = 2
RETURNING id
"""

GIVE_BACK_SQL = """
UPDATE mailer_delivery SET state = 1, lease_slot = NULL, lease_until = NULL, next_at = NULL
WHERE mailing_id = %(mailing)s AND id = ANY(%(ids)s) AND lease_slot = %(slot)s AND state IN (2, 3)
RETURNING id
"""


def lease_rows(
    *,
    slot_id: int,
    source_id: int,
    requests: Sequence[LeaseRequest],
    caps: Mapping[str, int],
    day: date,
    until: datetime,
    now: datetime,
) -> Program[list[Lease]]:
    """Lease for one source IP, one request after the other; `caps` are the lanes' daily limits.

    Rows of suppressed addresses are skipped in the same statement. May return fewer rows than asked.
    """
    room: dict[str, int] = {}
    if caps:
        room = yield from _room_today(source_id, caps, day)
    leases: list[Lease] = []
    skipped: Counter[tuple[int, int]] = Counter()
    for request in requests:
        wants = {
            provider: min(number, room.get(provider, number))
            for provider, number in request.wants.items()
        }
        wants = {provider: number for provider, number in wants.items() if number > 0}
        if not wants:
            continue
        taken, closed = yield from _lease_of_mailing(slot_id, source_id, request, wants, until, now)
        leases += taken
        if closed:
            skipped[request.mailing_id, DeliveryState.SKIPPED] += closed
        for lease in taken:
            if lease.provider in room:
                room[lease.provider] -= 1
    yield from add_counters(skipped, now)
    return leases


def _lease_of_mailing(
    slot_id: int,
    source_id: int,
    request: LeaseRequest,
    wants: Mapping[str, int],
    until: datetime,
    now: datetime,
) -> Program[tuple[list[Lease], int]]:
    rows = yield Statement(
        LEASE_SQL,
        {
            "wants": json.dumps([{"provider": p, "n": n} for p, n in wants.items()]),
            "mailing": request.mailing_id,
            "scopes": list(request.scopes),
            "slot": slot_id,
            "source": source_id,
            "until": until,
            "now": now,
            "suppressed": SkipReason.SUPPRESSED.value,
            "organisation": request.organisation_id,
            "mailing_kind": request.mailing_kind,
            "skipped_kind": OutcomeKind.SKIPPED.value,
        },
    )
    leases = [
        Lease(
            request.mailing_id, id, ref, address, key, domain, provider, attempts, source_id, until
        )
        for id, ref, address, key, domain, provider, attempts, state in rows
        if state == DeliveryState.LEASED
    ]
    return leases, len(rows) - len(leases)


def _room_today(source_id: int, caps: Mapping[str, int], day: date) -> Program[dict[str, int]]:
    """Return what each capped lane may still lease today. Its day stays locked until the commit.

    The count comes after the lock: an outcome that turns a lease into an acceptance updates the day in the
    same transaction, and therefore happened before both or will happen after both.
    """
    names = {"source": source_id, "day": day, "providers": sorted(caps)}
    yield Statement(_OPEN_DAYS, names)
    accepted: dict[str, int] = dict((yield Statement(_LOCK_DAYS, names)))
    outstanding: dict[str, int] = dict((yield Statement(OUTSTANDING_SQL, names)))
    return {
        provider: max(0, cap - accepted.get(provider, 0) - outstanding.get(provider, 0))
        for provider, cap in caps.items()
    }


def mark_in_flight(
    *, slot_id: int, leases: Iterable[Lease], until: datetime
) -> Program[set[tuple[int, int]]]:
    """Write down which rows are about to enter a conversation, and return those that are still ours."""
    return (yield from _for_each_mailing(MARK_SQL, slot_id, leases, {"until": until}))


def give_back(*, slot_id: int, leases: Iterable[Lease]) -> Program[set[tuple[int, int]]]:
    """Return rows to `ready` as if they had never been leased. Only for rows whose dot was not sent."""
    return (yield from _for_each_mailing(GIVE_BACK_SQL, slot_id, leases, {}))


def _for_each_mailing(
    sql: str, slot_id: int, leases: Iterable[Lease], extra: Mapping[str, object]
) -> Program[set[tuple[int, int]]]:
    ids: dict[int, list[int]] = {}
    for lease in leases:
        ids.setdefault(lease.mailing_id, []).append(lease.id)
    changed: set[tuple[int, int]] = set()
    for mailing_id in sorted(ids):
        rows = yield Statement(
            sql, {"mailing": mailing_id, "ids": sorted(ids[mailing_id]), "slot": slot_id, **extra}
        )
        changed |= {(mailing_id, row[0]) for row in rows}
    return changed
