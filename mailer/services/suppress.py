"""Closing and opening addresses. Every path that sends checks what is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mailer.models import Suppression, SuppressionEvent


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """One address to close in one scope. `actor` is a stable word: "user:3", "reader", "delivery:5/77"."""

    scope: str
    address_key: bytes
    reason: str
    actor: str
    organisation_id: int | None = None
    mailing_id: int | None = None
    delivery_id: int | None = None
    note: str = ""


def suppress(
    *,
    scope: str,
    address_key: bytes,
    reason: str,
    actor: str,
    now: datetime,
    organisation_id: int | None = None,
    mailing_id: int | None = None,
    delivery_id: int | None = None,
    note: str = "",
) -> bool:
    """Close one address. False when it was closed in that scope already; the first reason stays."""
    row = SuppressionRow(
        scope, address_key, reason, actor, organisation_id, mailing_id, delivery_id, note
    )
    return suppress_many(rows=[row], now=now) == 1


def suppress_many(*, rows: Sequence[SuppressionRow], now: datetime) -> int:
    """Close many addresses in two statements and return how many were open before."""
    wanted = {(row.scope, row.address_key): row for row in rows}
    if not wanted:
        return 0
    with transaction.atomic():
        known = {
            (scope, bytes(key))
            for scope, key in Suppression.objects.select_for_update()
            .filter(
                scope__in={scope for scope, _ in wanted},
                address_key__in=[key for _, key in wanted],
            )
            .values_list("scope", "address_key")
        }
        new = [row for pair, row in wanted.items() if pair not in known]
        Suppression.objects.bulk_create(
            [
                Suppression(
                    scope=row.scope,
                    address_key=row.address_key,
                    reason=row.reason,
                    organisation_id=row.organisation_id,
                    mailing_id=row.mailing_id,
                    delivery_id=row.delivery_id,
                    note=row.note,
                    created_at=now,
                )
                for row in new
            ],
            ignore_conflicts=True,  # another transaction may close the same address meanwhile
        )
        SuppressionEvent.objects.bulk_create(
            [
                SuppressionEvent(
                    scope=row.scope,
                    address_key=row.address_key,
                    action="added",
                    reason=row.reason,
                    actor=row.actor,
                    note=row.note,
                    created_at=now,
                )
                for row in new
            ]
        )
    return len(new)


def release(*, scope: str, address_key: bytes, actor: str, now: datetime, note: str = "") -> bool:
    """Open an address again in one scope. False when it was open."""
    with transaction.atomic():
        row = (
            Suppression.objects.select_for_update()
            .filter(scope=scope, address_key=address_key)
            .first()
        )
        if row is None:
            return False
        SuppressionEvent.objects.create(
            scope=scope,
            address_key=address_key,
            action="removed",
            reason=row.reason,
            actor=actor,
            note=note,
            created_at=now,
        )
        row.delete()
    return True
