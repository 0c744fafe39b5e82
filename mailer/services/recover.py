"""After a crash: what a dead slot left behind is settled from its journal, or without one.

With the journal: replies are committed as outcomes, a dot without a reply becomes `uncertain`, every other row of
that slot goes back to `ready`. Without it (the machine is gone) only rows marked `in_flight` may have been sent:
they become `uncertain`. `uncertain` is parked and shown; measured, such messages had arrived.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.engine.vocabulary import Stage
from mailer.models import DeliveryState
from mailer.program import Program, Statement
from mailer.services.lease import Lease, give_back
from mailer.services.outcome import AttemptFacts, MailingFacts, Outcome, record_outcomes

# A slot that has not been seen for longer than any lease lasts will not come back.
SILENCE_OF_THE_DEAD = timedelta(minutes=22)

_IN_DOUBT = "no reply after the final dot: the receiver may have the message"

_ROWS = """
SELECT d.mailing_id, d.id, d.recipient_ref, d.address, d.address_key, d.domain, d.provider, d.attempts,
    d.source_id, d.lease_until, d.state, m.organisation_id, m.kind, m.expires_at
FROM mailer_delivery d JOIN mailer_mailing m ON m.id = d.mailing_id
WHERE d.lease_slot = %(slot)s AND d.state IN (2, 3)
"""

_END = "UPDATE mailer_slot SET ended_at = coalesce(ended_at, %(now)s) WHERE id = %(slot)s"

_SILENT = """
SELECT id, node FROM mailer_slot WHERE ended_at IS NULL AND seen_at < %(before)s ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A row that a dead slot held."""

    lease: Lease
    is_in_flight: bool
    facts: MailingFacts
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a dead slot's rows."""

    recorded: int
    uncertain: int
    given_back: int


def rows_left_by(slot_id: int) -> Program[list[LeftRow]]:
    """Return the rows that are still leased to a slot."""
    rows = yield Statement(_ROWS, {"slot": slot_id})
    return [
        LeftRow(
            Lease(mailing_id, id, ref, address, bytes(key), domain, provider, attempts, source, until),
            state == DeliveryState.IN_FLIGHT,
            MailingFacts(organisation_id, kind),
            expires_at,
        )
        for (
            mailing_id, id, ref, address, key, domain, provider, attempts, source, until, state,
            organisation_id, kind, expires_at,
        ) in rows
    ]  # fmt: skip


def settle_slot(
    *,
    slot_id: int,
    left: Sequence[LeftRow],
    answered: Sequence[Outcome],
    in_doubt: Collection[tuple[int, int]],
    now: datetime,
) -> Program[Settled]:
    """Settle a dead slot's rows: `answered` from its journal, `in_doubt` parked, the rest given back."""
    told = {(o.lease.mailing_id, o.lease.id) for o in answered}
    parked = [
        uncertain_outcome(row.lease, now)
        for row in left
        if _key(row.lease) in in_doubt and _key(row.lease) not in told
    ]
    facts: Mapping[int, MailingFacts] = {row.lease.mailing_id: row.facts for row in left}
    recorded = yield from record_outcomes(
        slot_id=slot_id, outcomes=[*answered, *parked], mailings=facts, now=now
    )
    settled = told | {(o.lease.mailing_id, o.lease.id) for o in parked}
    rest = [row.lease for row in left if _key(row.lease) not in settled]
    given_back = yield from give_back(slot_id=slot_id, leases=rest)
    yield Statement(_END, {"slot": slot_id, "now": now})
    return Settled(recorded - len(parked), len(parked), len(given_back))


def settle_without_journal(*, slot_id: int, now: datetime) -> Program[Settled]:
    """Settle the rows of a slot whose machine does not answer any more."""
    left = yield from rows_left_by(slot_id)
    in_doubt = {_key(row.lease) for row in left if row.is_in_flight}
    return (
        yield from settle_slot(slot_id=slot_id, left=left, answered=(), in_doubt=in_doubt, now=now)
    )


def silent_slots(now: datetime) -> Program[list[tuple[int, str]]]:
    """Return (slot id, node) of slots that have been silent for longer than a lease."""
    rows = yield Statement(_SILENT, {"before": now - SILENCE_OF_THE_DEAD})
    return [(row[0], row[1]) for row in rows]


def uncertain_outcome(lease: Lease, now: datetime, attempt: AttemptFacts | None = None) -> Outcome:
    """Return the outcome of a message whose final dot was sent and whose reply is unknown."""
    return Outcome(
        lease=lease,
        state=DeliveryState.UNCERTAIN,
        at=now,
        attempt=attempt or AttemptFacts(stage=Stage.DOT, reply_text=_IN_DOUBT),
    )


def _key(lease: Lease) -> tuple[int, int]:
    return lease.mailing_id, lease.id
