"""What the ledger says about a mailing, a delivery, a person."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Count

from mailer.models import Attempt, Delivery, DeliveryState, Mailing

# Only the states that pass quickly or are exceptional are counted; the large numbers are kept by the mailing.
_OPEN_COUNTS = """
SELECT
    (SELECT count(*) FROM mailer_delivery WHERE mailing_id = %(m)s AND state = 0),
    (SELECT count(*) FROM mailer_delivery WHERE mailing_id = %(m)s AND state IN (2, 3) AND state = 2),
    (SELECT count(*) FROM mailer_delivery WHERE mailing_id = %(m)s AND state IN (2, 3) AND state = 3),
    (SELECT count(*) FROM mailer_delivery WHERE mailing_id = %(m)s AND state = 4),
    m.planned, m.accepted, m.failed, m.skipped, m.cancelled, m.uncertain
FROM mailer_mailing m WHERE m.id = %(m)s
"""


def state_counts(mailing_id: int) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state. Raises Mailing.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_COUNTS, {"m": mailing_id})
        row = cursor.fetchone()
    if row is None:
        raise Mailing.DoesNotExist(f"mailing {mailing_id}")
    unresolved, leased, in_flight, deferred, planned, *final = row
    # The slots' transactions go on meanwhile; one that falls between two counts must not show as -1.
    ready = max(0, planned - sum(final) - unresolved - leased - in_flight - deferred)
    return dict(
        zip(
            (
                DeliveryState.UNRESOLVED,
                DeliveryState.READY,
                DeliveryState.LEASED,
                DeliveryState.IN_FLIGHT,
                DeliveryState.DEFERRED,
                DeliveryState.ACCEPTED,
                DeliveryState.FAILED,
                DeliveryState.SKIPPED,
                DeliveryState.CANCELLED,
                DeliveryState.UNCERTAIN,
            ),
            (unresolved, ready, leased, in_flight, deferred, *final),
            strict=True,
        )
    )


def failure_counts(mailing_id: int) -> list[tuple[str, int]]:
    """Return (reply class, number) of the failed deliveries, the most frequent first."""
    return list(
        Delivery.objects.filter(mailing_id=mailing_id, state=DeliveryState.FAILED)
        .values_list("reply_class")
        .annotate(number=Count("*"))
        .order_by("-number", "reply_class")
    )


def deliveries_page(
    mailing_id: int,
    *,
    states: Collection[DeliveryState] | None = None,
    reply_class: str | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Return deliveries in the order of their ids, beginning behind the id `after`."""
    rows = Delivery.objects.filter(mailing_id=mailing_id)
    if states is not None:
        rows = rows.filter(state__in=states)
    if reply_class is not None:
        rows = rows.filter(reply_class=reply_class)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id")[:limit])


def delivery_timeline(mailing_id: int, delivery_id: int) -> list[Attempt]:
    """Return every conversation about one delivery, oldest first."""
    return list(
        Attempt.objects.filter(mailing_id=mailing_id, delivery_id=delivery_id).order_by("at", "id")
    )


def deliveries_of_recipient(
    organisation_id: int, recipient_ref: int, limit: int = 50
) -> list[Delivery]:
    """Return what one recipient was sent by this organisation's campaigns, newest mailing first."""
    mailings = Mailing.objects.filter(organisation_id=organisation_id).values("pk")
    return list(
        Delivery.objects.filter(recipient_ref=recipient_ref, mailing_id__in=mailings).order_by(
            "-mailing_id", "-id"
        )[:limit]
    )
