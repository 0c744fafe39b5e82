"""What a reader's timeline calls the mailings of campaigns."""

from collections.abc import Sequence
from typing import Final

from django.urls import reverse

from campaigns.models import Campaign
from lists.ports import MailingName

_PREFIX: Final = "campaign:"


def campaign_names(organisation_id: int, references: Sequence[str]) -> dict[str, MailingName]:
    """Return reference → subject and page, for the organisation's own campaigns."""
    ids = [
        int(reference.removeprefix(_PREFIX))
        for reference in references
        if reference.startswith(_PREFIX) and reference.removeprefix(_PREFIX).isdigit()
    ]
    campaigns = Campaign.objects.filter(organisation_id=organisation_id, pk__in=ids)
    return {
        f"{_PREFIX}{campaign.pk}": MailingName(
            campaign.subject or campaign.name,
            reverse("campaigns:hub", args=[campaign.organisation.slug, campaign.pk]),
        )
        for campaign in campaigns.select_related("organisation")
    }
