"""People and safety stops act on a mailing here. Slots see it within a second, before the next MAIL."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from mailer.enqueue import resolve_on_commit
from mailer.models import DeliveryState, Mailing, MailingState

_STOPPABLE = {MailingState.PLANNING, MailingState.RUNNING, MailingState.PAUSED}

# Rows cancelled in one statement: the page that asked answers at once, the tick does the rest.
CANCEL_BATCH = 10_000

_CANCEL_WAITING = """
WITH waiting AS (
    SELECT id FROM mailer_delivery
    WHERE mailing_id = %(mailing)s AND state IN (%(unresolved)s, %(ready)s, %(deferred)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE mailer_delivery d
SET state = %(cancelled)s, done_at = %(now)s, next_at = NULL
FROM waiting WHERE d.mailing_id = %(mailing)s AND d.id = waiting.id
"""


class ControlError(Exception):
    """The mailing is in a state that this act does not fit."""


def pause_mailing(*, mailing_id: int, reason: str, detail: str = "", now: datetime) -> Mailing:
    """Stop leasing for this mailing; nothing is lost. `reason` is a stable word ("staff", "authentication").

    Pausing a paused mailing keeps the first reason. Raises ControlError for a finished one.
    """
    with transaction.atomic():
        mailing = _locked(mailing_id)
        if mailing.state == MailingState.PAUSED:
            return mailing
        if mailing.state != MailingState.RUNNING:
            raise ControlError(
                f"mailing {mailing_id} is {mailing.state}: only a running one pauses"
            )
        mailing.state = MailingState.PAUSED
        mailing.pause_reason = reason[:60]
        mailing.pause_detail = detail
        mailing.stop_generation += 1
        mailing.save(update_fields=["state", "pause_reason", "pause_detail", "stop_generation"])
    return mailing


def resume_mailing(*, mailing_id: int, now: datetime) -> Mailing:
    """Let a paused mailing go on. Time spent paused does not count against its expiry."""
    with transaction.atomic():
        mailing = _locked(mailing_id)
        if mailing.state == MailingState.RUNNING:
            return mailing
        if mailing.state != MailingState.PAUSED:
            raise ControlError(
                f"mailing {mailing_id} is {mailing.state}: only a paused one resumes"
            )
        mailing.state = MailingState.RUNNING
        mailing.pause_reason = mailing.pause_detail = ""
        mailing.expires_at = max(mailing.expires_at, now + settings.MESSAGE_EXPIRY)
        mailing.save(update_fields=["state", "pause_reason", "pause_detail", "expires_at"])
        resolve_on_commit(mailing_id)
    return mailing


def cancel_mailing(*, mailing_id: int, now: datetime) -> Mailing:
    """End a mailing. What is in conversation finishes; everything else is cancelled, the last by the tick."""
    with transaction.atomic():
        mailing = _locked(mailing_id)
        if mailing.state == MailingState.CANCELLED:
            return mailing
        if mailing.state not in _STOPPABLE:
            raise ControlError(
                f"mailing {mailing_id} is {mailing.state}: there is nothing to cancel"
            )
        mailing.state = MailingState.CANCELLED
        mailing.stop_generation += 1
        mailing.save(update_fields=["state", "stop_generation"])
    cancel_waiting(mailing_id=mailing_id, now=now)
    mailing.refresh_from_db()
    return mailing


def cancel_waiting(*, mailing_id: int, now: datetime, limit: int = CANCEL_BATCH) -> int:
    """Cancel up to `limit` waiting rows of a cancelled mailing and return how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _CANCEL_WAITING,
            {
                "mailing": mailing_id,
                "limit": limit,
                "now": now,
                "unresolved": DeliveryState.UNRESOLVED,
                "ready": DeliveryState.READY,
                "deferred": DeliveryState.DEFERRED,
                "cancelled": DeliveryState.CANCELLED,
            },
        )
        cancelled = int(cursor.rowcount)
        if cancelled:
            cursor.execute(
                "UPDATE mailer_mailing SET cancelled = cancelled + %s WHERE id = %s",
                [cancelled, mailing_id],
            )
    return cancelled


def _locked(mailing_id: int) -> Mailing:
    return Mailing.objects.select_for_update().get(pk=mailing_id)
