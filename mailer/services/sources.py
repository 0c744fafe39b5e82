"""Pools and source IPs."""

from datetime import datetime

from django.db import transaction

from accounts.models import OrganisationKind
from mailer.models import Pool, SourceIP

PRACTICE_ADDRESSES = ("127.20.0.1", "127.20.0.2")


class NoSourceError(Exception):
    """There is no enabled source IP for this kind of organisation."""


def default_pool(kind: str) -> Pool:
    """Return the pool that mailings of this kind leave from. Raises NoSourceError."""
    pool = Pool.objects.filter(kind=kind, is_default=True, sources__is_enabled=True).first()
    if pool is None:
        raise NoSourceError(kind)
    return pool


def ensure_practice_pool(*, node: str, daily_cap: int | None, now: datetime) -> Pool:
    """Make the pool of the practice internet with its loopback addresses, once."""
    with transaction.atomic():
        pool, _ = Pool.objects.get_or_create(
            kind=OrganisationKind.PRACTICE, is_default=True, defaults={"name": "practice"}
        )
        for number, address in enumerate(PRACTICE_ADDRESSES, start=1):
            SourceIP.objects.get_or_create(
                address=address,
                defaults={
                    "pool": pool,
                    "ehlo_name": f"out{number}.todoku.example",
                    "node": node,
                    "daily_cap": daily_cap,
                    "created_at": now,
                },
            )
    return pool
