"""Whom a campaign goes to: counts, samples, and readers whose merge fields are empty."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Length

from accounts.models import Organisation
from campaigns.models import Campaign
from lists.models import Reader, ReaderState, SubscriptionState
from lists.selectors import excluded_counts, merge_fields, recipient_count, recipients_query

BUILT_IN = frozenset({"name", "email"})


@dataclass(frozen=True)
class Audience:
    """How many get the campaign, and who is left out for which reason."""

    recipients: int
    excluded: dict[str, int]

    @property
    def total(self) -> int:
        return self.recipients + sum(self.excluded.values())

    @property
    def left_out(self) -> int:
        return sum(self.excluded.values())


def audience_of(campaign: Campaign) -> Audience:
    """Return the counts as of now; empty while no list is chosen."""
    if campaign.list_id is None:
        return Audience(0, {})
    return Audience(recipient_count(campaign.list_id), excluded_counts(campaign.list_id))


def recipients_of(campaign: Campaign) -> tuple[str, list[object]]:
    """Return the query of the ledger's rows. The campaign has a list by then."""
    if campaign.list_id is None:
        raise ValueError(f"campaign {campaign.pk} has no list")
    return recipients_query(campaign.list_id)


def field_keys(organisation: Organisation) -> frozenset[str]:
    return frozenset(field.key for field in merge_fields(organisation))


def empty_counts(campaign: Campaign, fields: Iterable[str]) -> dict[str, int]:
    """Return how many recipients have nothing in each field; fields that nobody lacks are left out."""
    names = sorted(set(fields) - {"email"})
    if not names or campaign.list_id is None:
        return {}
    counted: list[str] = []
    params: list[Any] = []
    for name in names:
        if name == "name":
            counted.append("count(*) FILTER (WHERE reader.name !~ '[^[:space:]　]')")
        else:
            counted.append(
                "count(*) FILTER (WHERE coalesce(reader.fields ->> %s, '') !~ '[^[:space:]　]')"
            )
            params.append(name)
    sql, recipients = recipients_of(campaign)
    params += recipients
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(counted)} FROM ({sql}) AS recipient"  # noqa: S608  # fixed words and a query with parameters
            " JOIN lists_reader AS reader ON reader.id = recipient.recipient_ref",
            params,
        )
        row = cursor.fetchone()
    return {name: count for name, count in zip(names, row or (), strict=False) if count}


def preview_readers(campaign: Campaign, search: str = "", limit: int = 8) -> list[Reader]:
    """Return readers to preview with: those that fit the search, else the newest of the list."""
    readers = _readers_of(campaign)
    if search.strip():
        readers = readers.filter(address__icontains=search.strip()) | readers.filter(
            name__icontains=search.strip()
        )
    return list(readers.order_by("-id")[:limit])


def worst_readers(campaign: Campaign) -> list[Reader]:
    """Return the readers most likely to break the mail: one without a name, one with the longest."""
    readers = _readers_of(campaign)
    nameless = readers.filter(name="").order_by("-id").first()
    longest = readers.annotate(size=Length("name")).order_by(F("size").desc(), "-id").first()
    found = [reader for reader in (nameless, longest) if reader is not None]
    return list({reader.id: reader for reader in found}.values())


def reader_by_address(campaign: Campaign, address: str) -> Reader | None:
    """Find any reader of the organisation by the address as stored, whatever its state."""
    return Reader.objects.filter(
        organisation_id=campaign.organisation_id, address__iexact=address.strip()
    ).first()


def _readers_of(campaign: Campaign) -> QuerySet[Reader]:
    readers = Reader.objects.filter(
        organisation_id=campaign.organisation_id, state=ReaderState.ACTIVE
    )
    if campaign.list_id is not None:
        readers = readers.filter(
            subscriptions__list_id=campaign.list_id,
            subscriptions__state=SubscriptionState.SUBSCRIBED,
        )
    return readers
