"""What every outcome changes beside its own row: day counters, mailing counters, suppressions.

Transactions that touch several of these take them in this order (lane days, mailings, suppressions), each sorted
by its key, so that two of them wait for each other but never in a circle.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.models import DeliveryState
from mailer.ports import NewSuppression
from mailer.program import Program, Statement

COUNTERS: Mapping[int, str] = {
    DeliveryState.ACCEPTED: "accepted",
    DeliveryState.FAILED: "failed",
    DeliveryState.SKIPPED: "skipped",
    DeliveryState.CANCELLED: "cancelled",
    DeliveryState.UNCERTAIN: "uncertain",
}


@dataclass(frozen=True, slots=True)
class LaneDayKey:
    source_id: int
    provider: str
    day: date


_ADD_LANE_DAYS = """
INSERT INTO mailer_laneday (source_id, provider, day, accepted)
SELECT source_id, provider, day, n
FROM json_to_recordset(%(rows)s::json) AS g(source_id bigint, provider text, day date, n int)
ORDER BY source_id, provider, day
ON CONFLICT (source_id, provider, day) DO UPDATE SET accepted = mailer_laneday.accepted + excluded.accepted
"""

_LOCK_MAILINGS = """
SELECT id FROM mailer_mailing WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""

_ADD_COUNTERS = """
UPDATE mailer_mailing m SET
    accepted = m.accepted + g.accepted, failed = m.failed + g.failed, skipped = m.skipped + g.skipped,
    cancelled = m.cancelled + g.cancelled, uncertain = m.uncertain + g.uncertain,
    state = CASE WHEN g.is_last AND m.state = 'running' THEN 'finished' ELSE m.state END,
    finished_at = CASE WHEN g.is_last AND m.state IN ('running', 'cancelled')
                       THEN coalesce(m.finished_at, %(now)s) ELSE m.finished_at END
FROM (
    SELECT n.*, m2.planned <= m2.accepted + m2.failed + m2.skipped + m2.cancelled + m2.uncertain
        + n.accepted + n.failed + n.skipped + n.cancelled + n.uncertain AS is_last
    FROM json_to_recordset(%(rows)s::json)
        AS n(id bigint, accepted int, failed int, skipped int, cancelled int, uncertain int)
    JOIN mailer_mailing m2 ON m2.id = n.id
) g
WHERE m.id = g.id
"""

_ADD_SUPPRESSIONS = """
WITH added AS (
    INSERT INTO mailer_suppression
        (scope, address_key, reason, organisation_id, mailing_id, delivery_id, note, created_at)
    SELECT scope, decode(key, 'hex'), reason, organisation_id, mailing_id, delivery_id, '', %(now)s
    FROM json_to_recordset(%(rows)s::json) AS g(
        scope text, key text, reason text, organisation_id bigint, mailing_id bigint, delivery_id bigint)
    ORDER BY key, scope
    ON CONFLICT (address_key, scope) DO NOTHING
    RETURNING scope, address_key, reason, mailing_id, delivery_id
)
INSERT INTO mailer_suppressionevent (scope, address_key, action, reason, actor, note, created_at)
SELECT scope, address_key, 'added', reason, 'delivery:' || mailing_id || '/' || delivery_id, '', %(now)s
FROM added
"""


def day_of(at: datetime) -> date:
    """Return the day a moment belongs to, in the installation's zone: warmup allowances count by it."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def add_lane_days(counts: Mapping[LaneDayKey, int]) -> Program[None]:
    """Add messages to what a provider took from a source IP on a day."""
    if not counts:
        return
    rows = [
        {"source_id": k.source_id, "provider": k.provider, "day": k.day.isoformat(), "n": n}
        for k, n in counts.items()
    ]
    yield Statement(_ADD_LANE_DAYS, {"rows": json.dumps(rows)})


def add_counters(changes: Mapping[tuple[int, int], int], now: datetime) -> Program[None]:
    """Add to mailings' counters; `changes` maps (mailing id, state) to a number, negative when undone.

    A running mailing whose last delivery this was is finished.
    """
    rows: dict[int, dict[str, Any]] = {}
    for (mailing_id, state), number in changes.items():
        if state in COUNTERS:
            row = rows.setdefault(
                mailing_id, {"id": mailing_id, **dict.fromkeys(COUNTERS.values(), 0)}
            )
            row[COUNTERS[state]] += number
    if not rows:
        return
    if len(rows) > 1:
        yield Statement(_LOCK_MAILINGS, {"ids": sorted(rows)})
    yield Statement(_ADD_COUNTERS, {"rows": json.dumps(list(rows.values())), "now": now})


def add_suppressions(wanted: Sequence[NewSuppression], now: datetime) -> Program[None]:
    """Close addresses as the cleaning policy decided; those that are closed already stay as they are."""
    if not wanted:
        return
    yield Statement(
        _ADD_SUPPRESSIONS, {"rows": json.dumps(list(_suppression_rows(wanted))), "now": now}
    )


def _suppression_rows(wanted: Iterable[NewSuppression]) -> Iterable[dict[str, Any]]:
    for new in wanted:
        yield {
            "scope": new.scope,
            "key": new.outcome.address_key.hex(),
            "reason": new.reason,
            "organisation_id": new.outcome.organisation_id,
            "mailing_id": new.outcome.mailing_id,
            "delivery_id": new.outcome.delivery_id,
        }
