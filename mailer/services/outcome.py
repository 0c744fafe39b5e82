"""Outcomes: what became of leased rows, written in batches, in one transaction with everything that follows.

Fenced: a row changes only while it is leased to the slot that reports. So an outcome may be committed twice, or
by the slot's successor from its journal, and counts once.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailer.models import DeliveryState
from mailer.ports import FailedOutcome, NewSuppression, cleaning_policy
from mailer.program import Program, Statement
from mailer.services.bookkeeping import (
    LaneDayKey,
    add_counters,
    add_lane_days,
    add_suppressions,
    day_of,
)
from mailer.services.lease import Lease

# Reply words are kept verbatim, within reason.
MAX_REPLY_CHARS = 2_000

# The provider took it, or most probably did: both use up the lane's day.
_USES_THE_DAY = {DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """One conversation. An empty `stage` means that there was none (a skipped row)."""

    stage: str = ""
    mx_host: str = ""
    mx_address: str = ""
    tls: str = ""
    reply_code: int | None = None
    enhanced_code: str = ""
    reply_text: str = ""
    reply_class: str = ""
    rule: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one leased row."""

    lease: Lease
    state: DeliveryState
    at: datetime
    attempt: AttemptFacts
    next_at: datetime | None = None
    may_suppress: bool = False


@dataclass(frozen=True, slots=True)
class MailingFacts:
    organisation_id: int
    kind: str


_RECORD = """
WITH given AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS g(
        id bigint, state smallint, at timestamptz, next_at timestamptz, stage text, mx_host text,
        mx_address text, tls text, reply_code smallint, enhanced_code text, reply_text text,
        reply_class text, rule text, duration_ms int, suppressed boolean)
), changed AS (
    UPDATE mailer_delivery d SET
        state = g.state, next_at = g.next_at, lease_slot = NULL, lease_until = NULL,
        attempts = d.attempts + (g.stage <> '')::int, reply_code = g.reply_code,
        enhanced_code = g.enhanced_code, reply_class = g.reply_class,
        done_at = CASE WHEN g.state >= 10 THEN g.at END
    FROM given g
    WHERE d.mailing_id = %(mailing)s AND d.id = g.id AND {guard}
    RETURNING d.id, d.recipient_ref, d.address_key, d.provider, d.state, d.source_id
), noted AS (
    INSERT INTO mailer_attempt (at, mailing_id, delivery_id, source_id, slot, duration_ms, reply_code,
        mx_host, mx_address, stage, tls, enhanced_code, reply_text, reply_class, rule)
    SELECT g.at, %(mailing)s, g.id, c.source_id, %(slot)s::bigint, g.duration_ms, g.reply_code, g.mx_host,
        g.mx_address, g.stage, g.tls, g.enhanced_code, g.reply_text, g.reply_class, g.rule
    FROM given g JOIN changed c ON c.id = g.id WHERE g.stage <> ''
), told AS (
    INSERT INTO mailer_outbox (at, organisation_id, mailing_id, delivery_id, recipient_ref, kind,
        suppressed, address_key, mailing_kind, provider, reply_class)
    SELECT g.at, %(organisation)s, %(mailing)s, g.id, c.recipient_ref,
        CASE c.state WHEN 10 THEN 1 WHEN 11 THEN 2 WHEN 14 THEN 3 WHEN 12 THEN 4 END,
        g.suppressed, c.address_key, %(mailing_kind)s, c.provider, g.reply_class
    FROM given g JOIN changed c ON c.id = g.id WHERE c.state IN (10, 11, 12, 14)
)
SELECT id FROM changed
"""

# Leased to the slot that reports; or not leased at all: found undeliverable, or expired, before any slot had it.
OUTCOME_SQL = _RECORD.replace("{guard}", "d.lease_slot = %(slot)s AND d.state IN (2, 3)")
UNLEASED_SQL = _RECORD.replace("{guard}", "d.state IN (0, 1, 4)")


def record_outcomes(
    *,
    slot_id: int | None,
    outcomes: Sequence[Outcome],
    mailings: Mapping[int, MailingFacts],
    now: datetime,
) -> Program[int]:
    """Commit outcomes of one slot and return how many counted; the others had been recorded before.

    Without a slot the outcomes are of rows that are not leased: unresolved, ready or deferred.
    """
    by_mailing: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        by_mailing.setdefault(outcome.lease.mailing_id, []).append(outcome)
    counters: Counter[tuple[int, int]] = Counter()
    lane_days: Counter[LaneDayKey] = Counter()
    suppressions: list[NewSuppression] = []
    recorded = 0
    for mailing_id in sorted(by_mailing):
        batch = by_mailing[mailing_id]
        facts = mailings[mailing_id]
        wanted = _policy_on(batch, facts)
        rows = yield Statement(
            UNLEASED_SQL if slot_id is None else OUTCOME_SQL,
            _outcome_params(slot_id, mailing_id, batch, facts, wanted),
        )
        changed = {row[0] for row in rows}
        recorded += len(changed)
        suppressions += [new for new in wanted if new.outcome.delivery_id in changed]
        for outcome in batch:
            if outcome.lease.id in changed:
                counters[mailing_id, outcome.state] += 1
                if outcome.state in _USES_THE_DAY:
                    lane_days[_lane_day(outcome)] += 1
    yield from add_lane_days(lane_days)
    yield from add_counters(counters, now)
    yield from add_suppressions(suppressions, now)
    return recorded


def _policy_on(batch: Sequence[Outcome], facts: MailingFacts) -> Sequence[NewSuppression]:
    failures = [
        FailedOutcome(
            organisation_id=facts.organisation_id,
            mailing_id=outcome.lease.mailing_id,
            mailing_kind=facts.kind,
            delivery_id=outcome.lease.id,
            recipient_ref=outcome.lease.recipient_ref,
            address_key=outcome.lease.address_key,
            provider=outcome.lease.provider,
            reply_class=outcome.attempt.reply_class,
            may_suppress=outcome.may_suppress,
        )
        for outcome in batch
        if outcome.state == DeliveryState.FAILED
    ]
    return cleaning_policy().suppressions(failures) if failures else ()


def _outcome_params(
    slot_id: int | None,
    mailing_id: int,
    batch: Sequence[Outcome],
    facts: MailingFacts,
    wanted: Sequence[NewSuppression],
) -> dict[str, Any]:
    suppressed = {new.outcome.delivery_id for new in wanted}
    return {
        "rows": json.dumps([_outcome_row(outcome, suppressed) for outcome in batch]),
        "mailing": mailing_id,
        "slot": slot_id,
        "organisation": facts.organisation_id,
        "mailing_kind": facts.kind,
    }


def _outcome_row(outcome: Outcome, suppressed: set[int]) -> dict[str, Any]:
    attempt = outcome.attempt
    return {
        "id": outcome.lease.id,
        "state": int(outcome.state),
        "at": outcome.at.isoformat(),
        "next_at": outcome.next_at.isoformat() if outcome.next_at else None,
        "stage": attempt.stage,
        "mx_host": attempt.mx_host,
        "mx_address": attempt.mx_address,
        "tls": attempt.tls,
        "reply_code": attempt.reply_code,
        "enhanced_code": attempt.enhanced_code,
        # PostgreSQL has no NUL in texts.
        "reply_text": attempt.reply_text[:MAX_REPLY_CHARS].replace("\0", " "),
        "reply_class": attempt.reply_class,
        "rule": attempt.rule,
        "duration_ms": attempt.duration_ms,
        "suppressed": outcome.lease.id in suppressed,
    }


def _lane_day(outcome: Outcome) -> LaneDayKey:
    return LaneDayKey(outcome.lease.source_id, outcome.lease.provider, day_of(outcome.at))
