"""Campaigns for the search over everything."""

from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member
from accounts.search import Hit, HitGroup
from campaigns.models import CampaignState

_WITH_REPORT = {CampaignState.SENT, CampaignState.CANCELLED}


def search_campaigns(member: Member, query: str, limit: int) -> HitGroup:
    """Find by a part of name or subject, the newest first."""
    organisation = member.organisation
    rows = (
        organisation.campaigns.filter(Q(name__icontains=query) | Q(subject__icontains=query))
        .only("pk", "name", "subject", "state")
        .order_by("-pk")[: limit + 1]
    )
    found = list(rows)
    more = f"{reverse('campaigns:list', args=[organisation.slug])}?{urlencode({'q': query})}"
    return HitGroup(
        "campaigns",
        pgettext_lazy("navigation", "Campaigns"),
        [
            Hit(
                title=each.name,
                href=reverse(f"campaigns:{_page(each.state)}", args=[organisation.slug, each.pk]),
                icon="send",
                note=each.subject or _("(no subject yet)"),
            )
            for each in found[:limit]
        ],
        more if len(found) > limit else "",
    )


def _page(state: str) -> str:
    return "report" if state in _WITH_REPORT else "hub"
