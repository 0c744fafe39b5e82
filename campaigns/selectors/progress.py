"""How far a mailing is: counters kept by the engine, and the picture by receiving provider."""

from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.db import connection

from mailer.engine.providers import shipped_rules
from mailer.models import DeliveryState, Mailing
from mailer.selectors import state_counts

# Counting the ledger by provider takes about 0.1 s for 100,000 rows; watchers share one answer.
_ROWS_PER_CACHE_SECOND: Final = 10_000
_UNRESOLVED: Final = ""


@dataclass(frozen=True)
class Progress:
    """Figures of one mailing. `waiting` has not been tried, `on_hold` has and will be again."""

    planned: int
    accepted: int
    on_hold: int
    failed: int
    uncertain: int
    skipped: int
    cancelled: int

    @property
    def remaining(self) -> int:
        done = self.accepted + self.failed + self.uncertain + self.skipped + self.cancelled
        return max(0, self.planned - done)

    @property
    def waiting(self) -> int:
        return max(0, self.remaining - self.on_hold)

    @property
    def processed(self) -> int:
        return self.planned - self.remaining


@dataclass(frozen=True)
class ProviderProgress:
    name: str
    accepted: int
    on_hold: int
    failed: int
    waiting: int

    @property
    def total(self) -> int:
        return self.accepted + self.on_hold + self.failed + self.waiting


def progress_of(mailing: Mailing) -> Progress:
    counts = state_counts(mailing.pk)
    return Progress(
        planned=mailing.planned,
        accepted=counts[DeliveryState.ACCEPTED],
        on_hold=counts[DeliveryState.DEFERRED],
        failed=counts[DeliveryState.FAILED],
        uncertain=counts[DeliveryState.UNCERTAIN],
        skipped=counts[DeliveryState.SKIPPED],
        cancelled=counts[DeliveryState.CANCELLED],
    )


def provider_progress(mailing: Mailing) -> list[ProviderProgress]:
    """Return the receiving providers, the largest first; a big mailing's answer may be seconds old."""
    seconds = mailing.planned // _ROWS_PER_CACHE_SECOND
    if not seconds:
        return _count_by_provider(mailing.pk)
    key = f"campaign-providers:{mailing.pk}"
    found: list[ProviderProgress] | None = cache.get(key)
    if found is None:
        found = _count_by_provider(mailing.pk)
        cache.set(key, found, timeout=min(60, max(2, seconds)))
    return found


def provider_name(slug: str) -> str:
    return shipped_rules().by_slug(slug).name if slug else _UNRESOLVED


def _count_by_provider(mailing_id: int) -> list[ProviderProgress]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT provider,"
            " count(*) FILTER (WHERE state = %(accepted)s),"
            " count(*) FILTER (WHERE state = %(deferred)s),"
            " count(*) FILTER (WHERE state IN (%(failed)s, %(uncertain)s)),"
            " count(*) FILTER (WHERE state IN (0, 1, 2, 3))"
            " FROM mailer_delivery WHERE mailing_id = %(mailing)s"
            " GROUP BY provider ORDER BY count(*) DESC, provider",
            {
                "mailing": mailing_id,
                "accepted": DeliveryState.ACCEPTED,
                "deferred": DeliveryState.DEFERRED,
                "failed": DeliveryState.FAILED,
                "uncertain": DeliveryState.UNCERTAIN,
            },
        )
        return [
            ProviderProgress(provider_name(slug), *numbers) for slug, *numbers in cursor.fetchall()
        ]
