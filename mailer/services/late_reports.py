"""A receiver that accepted a message and later says it could not be delivered changes the truth here."""

from datetime import datetime

from mailer.engine.vocabulary import ReplyClass
from mailer.models import DeliveryState, OutcomeKind
from mailer.ports import FailedOutcome, cleaning_policy
from mailer.program import Program, Statement, run
from mailer.services.bookkeeping import add_counters, add_suppressions
from mailer.services.outcome import MAX_REPLY_CHARS

_ROW = """
SELECT d.state, d.recipient_ref, d.address_key, d.provider, m.organisation_id, m.kind
FROM mailer_delivery d JOIN mailer_mailing m ON m.id = d.mailing_id
WHERE d.mailing_id = %(mailing)s AND d.id = %(delivery)s FOR NO KEY UPDATE OF d
"""

_KNOWN = """
SELECT 1 FROM mailer_attempt
WHERE mailing_id = %(mailing)s AND delivery_id = %(delivery)s AND stage = 'report'
    AND enhanced_code = %(enhanced)s AND reply_text = %(text)s
"""

_NOTE = """
INSERT INTO mailer_attempt (at, mailing_id, delivery_id, source_id, stage, reply_code, enhanced_code,
    reply_text, reply_class)
SELECT %(now)s, mailing_id, id, source_id, 'report', %(code)s, %(enhanced)s, %(text)s, %(class)s
FROM mailer_delivery WHERE mailing_id = %(mailing)s AND id = %(delivery)s
"""

_FAIL = """
UPDATE mailer_delivery
SET state = 11, done_at = %(now)s, reply_code = %(code)s, enhanced_code = %(enhanced)s, reply_class = %(class)s
WHERE mailing_id = %(mailing)s AND id = %(delivery)s AND state IN (10, 14)
"""

_TELL = """
INSERT INTO mailer_outbox (at, organisation_id, mailing_id, delivery_id, recipient_ref, kind, suppressed,
    address_key, mailing_kind, provider, reply_class)
VALUES (%(now)s, %(organisation)s, %(mailing)s, %(delivery)s, %(recipient)s, %(failed)s, %(suppressed)s,
    %(key)s, %(kind)s, %(provider)s, %(class)s)
"""


def record_late_failure(
    *,
    mailing_id: int,
    delivery_id: int,
    reply_class: ReplyClass | str,
    reply_code: int | None,
    enhanced_code: str,
    text: str,
    permanent: bool,
    may_suppress: bool,
    now: datetime,
) -> bool:
    """Note a report about an accepted delivery; a permanent one makes it failed. Returns True when it did.

    The same report twice is noted once. A delivery that is not accepted (or uncertain) keeps its state: a
    report cannot overtake what the ledger saw.
    """
    return run(
        _late_failure(
            mailing_id=mailing_id,
            delivery_id=delivery_id,
            reply_class=str(reply_class),
            reply_code=reply_code,
            enhanced_code=enhanced_code,
            text=text[:MAX_REPLY_CHARS].replace("\0", " "),
            permanent=permanent,
            may_suppress=may_suppress,
            now=now,
        )
    )


def _late_failure(
    *,
    mailing_id: int,
    delivery_id: int,
    reply_class: str,
    reply_code: int | None,
    enhanced_code: str,
    text: str,
    permanent: bool,
    may_suppress: bool,
    now: datetime,
) -> Program[bool]:
    names = {
        "mailing": mailing_id,
        "delivery": delivery_id,
        "code": reply_code,
        "enhanced": enhanced_code,
        "text": text,
        "class": reply_class,
        "now": now,
    }
    rows = yield Statement(_ROW, names)
    if not rows or (yield Statement(_KNOWN, names)):
        return False
    state, recipient_ref, address_key, provider, organisation_id, kind = rows[0]
    yield Statement(_NOTE, names)
    if not permanent or state not in {DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN}:
        return False
    failure = FailedOutcome(
        organisation_id=organisation_id,
        mailing_id=mailing_id,
        mailing_kind=kind,
        delivery_id=delivery_id,
        recipient_ref=recipient_ref,
        address_key=bytes(address_key),
        provider=provider,
        reply_class=reply_class,
        may_suppress=may_suppress,
    )
    wanted = cleaning_policy().suppressions([failure])
    yield Statement(_FAIL, names)
    told = {
        "organisation": organisation_id,
        "recipient": recipient_ref,
        "key": failure.address_key,
        "kind": kind,
        "provider": provider,
        "failed": OutcomeKind.FAILED.value,
        "suppressed": bool(wanted),
    }
    yield Statement(_TELL, names | told)
    changes = {(mailing_id, int(state)): -1, (mailing_id, int(DeliveryState.FAILED)): 1}
    yield from add_counters(changes, now)
    yield from add_suppressions(wanted, now)
    return True
