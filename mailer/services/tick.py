"""What the clock brings: beat calls this every two seconds, and nothing else keeps the engine going.

Everything is an index probe when there is nothing to do, is bounded when there is, and may run twice.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from mailer.engine.vocabulary import ReplyClass
from mailer.enqueue import request_resolve, request_slices
from mailer.models import DeliveryState, Mailing, MailingKind, MailingState
from mailer.program import run
from mailer.selectors.work import NODE_SILENCE
from mailer.services.control import cancel_waiting
from mailer.services.lease import Lease
from mailer.services.outcome import AttemptFacts, MailingFacts, Outcome, record_outcomes
from mailer.services.recover import settle_without_journal, silent_slots
from mailer.services.schedule import promote_due

logger = logging.getLogger(__name__)

EXPIRE_BATCH = 2_000
EXPIRE_BATCHES = 10
CANCEL_BATCHES = 5
# A campaign whose limits leave rows untried for days gets more time before those rows would expire.
EXTEND_BEFORE = timedelta(hours=24)

_FINISH = """
UPDATE mailer_mailing SET state = 'finished', finished_at = %(now)s
WHERE state IN ('planning', 'running', 'paused') AND state = 'running'
    AND planned <= accepted + failed + skipped + cancelled + uncertain
"""

_END_CANCELLED = """
UPDATE mailer_mailing SET finished_at = %(now)s
WHERE state = 'cancelled' AND finished_at IS NULL
    AND planned <= accepted + failed + skipped + cancelled + uncertain
"""

_EXPIRED_ROWS = """
SELECT id, recipient_ref, address, address_key, domain, provider, attempts, coalesce(source_id, 0)
FROM mailer_delivery WHERE mailing_id = %(mailing)s AND state = %(state)s
LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""

_UNTRIED = """
SELECT EXISTS (SELECT 1 FROM mailer_delivery
               WHERE mailing_id = %(mailing)s AND state = 1 AND attempts = 0)
"""

_TO_RESOLVE = """
SELECT m.id FROM mailer_mailing m JOIN accounts_organisation o ON o.id = m.organisation_id
WHERE m.state IN ('planning', 'running', 'paused') AND m.state = 'running' AND EXISTS (
    SELECT 1 FROM mailer_delivery d
    LEFT JOIN mailer_destination t ON t.realm = o.kind AND t.domain = d.domain
    WHERE d.mailing_id = m.id AND d.state = 0 AND (t.id IS NULL OR t.expires_at <= %(now)s))
"""

DUE_NODES_SQL = """
SELECT n.name, n.slots FROM mailer_node n
WHERE n.seen_at > %(since)s AND EXISTS (
    SELECT 1 FROM mailer_sourceip s JOIN mailer_mailing m ON m.pool_id = s.pool_id
    WHERE s.node = n.name AND s.is_enabled
        AND m.state IN ('planning', 'running', 'paused') AND m.state = 'running'
        AND EXISTS (SELECT 1 FROM mailer_delivery d WHERE d.mailing_id = m.id AND d.state = 1))
"""


def tick(*, now: datetime) -> None:
    """Do everything that is due."""
    _execute(_FINISH, now)
    run(promote_due(now=now))
    _end_cancelled(now)
    _expire(now)
    _resolve_again(now)
    _settle_silent_slots(now)
    request_slices(due_nodes(now=now))


def due_nodes(*, now: datetime) -> dict[str, Iterable[int]]:
    """Return the living nodes for which rows are ready, with their slot numbers."""
    with connection.cursor() as cursor:
        cursor.execute(DUE_NODES_SQL, {"since": now - NODE_SILENCE})
        return {name: range(slots) for name, slots in cursor.fetchall()}


def _end_cancelled(now: datetime) -> None:
    ending = Mailing.objects.filter(state=MailingState.CANCELLED, finished_at__isnull=True)
    for mailing_id in list(ending.values_list("pk", flat=True)):
        for _ in range(CANCEL_BATCHES):
            if not cancel_waiting(mailing_id=mailing_id, now=now):
                break
    _execute(_END_CANCELLED, now)


def _expire(now: datetime) -> None:
    running = Mailing.objects.filter(state=MailingState.RUNNING)
    for mailing in running.filter(expires_at__lte=now + EXTEND_BEFORE).defer("content"):
        if mailing.kind == MailingKind.CAMPAIGN and _has_untried_rows(mailing.pk):
            Mailing.objects.filter(pk=mailing.pk).update(expires_at=now + settings.MESSAGE_EXPIRY)
        elif mailing.expires_at <= now:
            for _ in range(EXPIRE_BATCHES):
                if not _expire_some(mailing, now):
                    break


def _has_untried_rows(mailing_id: int) -> bool:
    """True when rows wait for their first attempt: held back by a limit, not refused by anybody."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTRIED, {"mailing": mailing_id})
        row = cursor.fetchone()
    return bool(row and row[0])


def _expire_some(mailing: Mailing, now: datetime) -> int:
    facts = {mailing.pk: MailingFacts(mailing.organisation_id, mailing.kind)}
    expired = AttemptFacts(reply_class=ReplyClass.EXPIRED)
    total = 0
    for state in (DeliveryState.UNRESOLVED, DeliveryState.READY, DeliveryState.DEFERRED):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _EXPIRED_ROWS, {"mailing": mailing.pk, "state": state.value, "limit": EXPIRE_BATCH}
            )
            outcomes = [
                Outcome(
                    Lease(
                        mailing.pk,
                        id,
                        ref,
                        address,
                        bytes(key),
                        domain,
                        provider,
                        tries,
                        source,
                        now,
                    ),
                    DeliveryState.FAILED,
                    now,
                    expired,
                )
                for id, ref, address, key, domain, provider, tries, source in cursor.fetchall()
            ]
            if outcomes:
                total += run(
                    record_outcomes(slot_id=None, outcomes=outcomes, mailings=facts, now=now)
                )
    return total


def _resolve_again(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TO_RESOLVE, {"now": now})
        ids = [row[0] for row in cursor.fetchall()]
    for mailing_id in ids:
        request_resolve(mailing_id)


def _settle_silent_slots(now: datetime) -> None:
    for slot_id, node in run(silent_slots(now)):
        settled = run(settle_without_journal(slot_id=slot_id, now=now))
        logger.warning(
            "slot.given_up slot=%s node=%s uncertain=%s given_back=%s",
            slot_id,
            node,
            settled.uncertain,
            settled.given_back,
        )


def _execute(sql: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"now": now})
