"""The list of campaigns: tabs with counts, keyset pages, the figures beside each."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet

from accounts.models import Organisation
from campaigns.models import Campaign, CampaignState
from tracking.models import MailingEngagement

PAGE_SIZE: Final = 25

# Tab → states; the first one shows everything.
TAB_STATES: Final[dict[str, tuple[CampaignState, ...]]] = {
    "all": tuple(CampaignState),
    "draft": (CampaignState.DRAFT, CampaignState.FAILED),
    "scheduled": (CampaignState.SCHEDULED,),
    "sending": (CampaignState.PREPARING, CampaignState.SENDING, CampaignState.PAUSED),
    "sent": (CampaignState.SENT, CampaignState.CANCELLED),
}


@dataclass(frozen=True)
class CampaignRow:
    """One line of the list. Unknown figures are None, not 0."""

    campaign: Campaign
    clicked: int | None

    @property
    def processed(self) -> int | None:
        mailing = self.campaign.mailing
        return None if mailing is None else mailing.planned - mailing.remaining

    @property
    def planned(self) -> int | None:
        mailing = self.campaign.mailing
        return None if mailing is None else mailing.planned

    @property
    def accepted(self) -> int | None:
        mailing = self.campaign.mailing
        return None if mailing is None else mailing.accepted


@dataclass(frozen=True)
class CampaignPage:
    """`newer` and `older` are the ids to ask for the neighbouring pages, empty at the ends."""

    rows: list[CampaignRow]
    newer: int | None
    older: int | None


def campaign_page(
    organisation: Organisation,
    *,
    tab: str = "all",
    search: str = "",
    before: int | None = None,
    after: int | None = None,
) -> CampaignPage:
    """Return one page, newest first. `before` and `after` are ids of the rows at its edges."""
    found = _fitting(organisation, tab, search)
    if after is not None:
        newest_first = list(found.filter(id__gt=after).order_by("id")[: PAGE_SIZE + 1])[::-1]
        has_newer = len(newest_first) > PAGE_SIZE
        campaigns = newest_first[-PAGE_SIZE:]
        has_older = True
    else:
        if before is not None:
            found = found.filter(id__lt=before)
        older_too = list(found.order_by("-id")[: PAGE_SIZE + 1])
        campaigns = older_too[:PAGE_SIZE]
        has_newer, has_older = before is not None, len(older_too) > PAGE_SIZE
    return CampaignPage(
        rows=with_figures(campaigns),
        newer=campaigns[0].pk if campaigns and has_newer else None,
        older=campaigns[-1].pk if campaigns and has_older else None,
    )


def tab_counts(organisation: Organisation) -> dict[str, int]:
    counted = Campaign.objects.filter(organisation=organisation).aggregate(
        **{tab: Count("id", filter=Q(state__in=states)) for tab, states in TAB_STATES.items()}
    )
    return {tab: int(number) for tab, number in counted.items()}


def _fitting(organisation: Organisation, tab: str, search: str) -> QuerySet[Campaign]:
    found = Campaign.objects.filter(organisation=organisation).select_related("mailing", "list")
    if tab != "all":
        found = found.filter(state__in=TAB_STATES[tab])
    if search.strip():
        found = found.filter(
            Q(name__icontains=search.strip()) | Q(subject__icontains=search.strip())
        )
    return found


def with_figures(campaigns: list[Campaign]) -> list[CampaignRow]:
    """Put the clicks beside each campaign; one query."""
    mailings = [campaign.mailing_id for campaign in campaigns if campaign.mailing_id]
    clicked = dict(
        MailingEngagement.objects.filter(mailing_id__in=mailings).values_list(
            "mailing_id", "human_clicked"
        )
    )
    return [CampaignRow(each, _clicked(each, clicked)) for each in campaigns]


def _clicked(campaign: Campaign, clicked: dict[int, int]) -> int | None:
    if campaign.mailing_id is None or not campaign.tracks_clicks:
        return None
    return clicked.get(campaign.mailing_id, 0)
