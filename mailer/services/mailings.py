"""Mailings are made and planned here: one INSERT … SELECT puts every recipient into the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Organisation
from mailer.engine.content import CompiledContent
from mailer.enqueue import resolve_on_commit
from mailer.models import DeliveryState, Mailing, MailingState, Pool, SendingDomain
from mailer.services.partitions import MAILINGS_PER_PARTITION, ensure_delivery_partition
from mailer.services.sources import default_pool

BULK_PRIORITY = 50
# A plan of this size changes what the planner should know about the partition.
_ANALYSE_FROM = 5_000


class PlanError(Exception):
    """The mailing cannot be planned: it is not new any more."""


def create_mailing(
    *,
    organisation: Organisation,
    kind: str,
    reference: str,
    source: str,
    content: CompiledContent,
    sending_domain: SendingDomain,
    from_name: str,
    from_address: str,
    reply_to: str,
    list_id: str,
    suppression_scopes: Sequence[str],
    unsubscribe_scope: str,
    tracks_opens: bool,
    tracks_clicks: bool,
    now: datetime,
    priority: int = BULK_PRIORITY,
    pool: Pool | None = None,
    expires_at: datetime | None = None,
) -> Mailing:
    """Store what is to be delivered. Raises NoSourceError when no pool can send for this organisation."""
    return Mailing.objects.create(
        organisation=organisation,
        kind=kind,
        reference=reference,
        source=source,
        priority=priority,
        pool=pool or default_pool(organisation.kind),
        sending_domain=sending_domain,
        from_name=from_name,
        from_address=from_address,
        reply_to=reply_to,
        list_id=list_id,
        content=content.to_json(),
        tracks_opens=tracks_opens,
        tracks_clicks=tracks_clicks,
        suppression_scopes=list(suppression_scopes),
        unsubscribe_scope=unsubscribe_scope,
        created_at=now,
        expires_at=expires_at or now + settings.MESSAGE_EXPIRY,
    )


def plan_mailing(
    *, mailing: Mailing, recipients_sql: str, params: Sequence[object], now: datetime
) -> int:
    """Write the recipients of `recipients_sql` into the ledger, start the mailing, return their number.

    The query has the columns recipient_ref, address, address_key, domain, rank, merge_version. An address
    that comes twice is planned once. Raises PlanError when the mailing was planned before.
    """
    ensure_delivery_partition(mailing.pk)
    with transaction.atomic():
        locked = Mailing.objects.select_for_update().get(pk=mailing.pk)
        if locked.state != MailingState.PLANNING:
            raise PlanError(f"mailing {mailing.pk} is {locked.state}, not planning")
        planned = _insert_deliveries(locked, recipients_sql, params)
        locked.planned = planned
        locked.started_at = now
        locked.state = MailingState.RUNNING if planned else MailingState.FINISHED
        locked.finished_at = None if planned else now
        locked.save(update_fields=["planned", "started_at", "state", "finished_at"])
        if planned:
            resolve_on_commit(locked.pk)
    if planned >= _ANALYSE_FROM:
        _analyse_partition(locked.pk)
    mailing.refresh_from_db()
    return planned


def _insert_deliveries(mailing: Mailing, recipients_sql: str, params: Sequence[object]) -> int:
    values: list[Any] = [mailing.pk, mailing.priority, DeliveryState.UNRESOLVED, *params]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mailer_delivery (mailing_id, priority, state, recipient_ref, address,"  # noqa: S608 the caller's query, with parameters
            " address_key, domain, rank, merge_version)"
            " SELECT %s, %s, %s, r.recipient_ref, r.address, r.address_key, r.domain, r.rank,"
            # Ids follow the rank, so that whoever walks the rows by id meets the most engaged readers first.
            f" r.merge_version FROM ({recipients_sql}) AS r ORDER BY r.rank"
            " ON CONFLICT (mailing_id, address_key, occurrence) DO NOTHING",
            values,
        )
        return int(cursor.rowcount)


def _analyse_partition(mailing_id: int) -> None:
    """Without this the planner believes the partition empty and may read all of it for one row."""
    low = mailing_id - mailing_id % MAILINGS_PER_PARTITION
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE mailer_delivery_{low}")
