"""What the home page says about campaigns: what runs, what comes next, what came of the last ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.home_panels import Attention, Panel
from accounts.models import Member, Organisation
from campaigns.models import Campaign, CampaignState, Timing
from campaigns.selectors.campaigns import CampaignRow, with_figures
from lists.selectors.recipients import recipient_count
from mailer.words import pause_words
from tracking.selectors import click_rhythm

RECENT: Final = 5
# Counting the recipients of a large list takes a moment; the home page may be a minute old.
COUNT_KEPT_S: Final = 60
DRAFT_SOON: Final = timedelta(days=3)
FAILED_SINCE: Final = timedelta(days=7)
_RUNNING: Final = (CampaignState.PREPARING, CampaignState.SENDING, CampaignState.PAUSED)


@dataclass(frozen=True)
class Next:
    """The campaign that goes out next. `recipients` may be a minute old."""

    campaign: Campaign
    recipients: int | None


@dataclass(frozen=True)
class Recent:
    """A finished campaign; `rhythm` counts first clicks by six hours over two days."""

    row: CampaignRow
    rhythm: list[int]


def now_panel(member: Member, _now: datetime) -> Panel | None:
    """Running campaigns and the next one that is scheduled."""
    alive = list(
        member.organisation.campaigns.filter(state__in=[*_RUNNING, CampaignState.SCHEDULED])
        .select_related("mailing")
        .defer("html", "text", "mailing__content")
        .order_by("scheduled_at", "pk")
    )
    running = [CampaignRow(each, None) for each in alive if each.is_running]
    waiting = [each for each in alive if not each.is_running]
    if not alive:
        return None
    coming = Next(waiting[0], _recipients(waiting[0])) if waiting else None
    return Panel(
        "campaigns/home_now.html",
        {
            "organisation": member.organisation,
            "running": running[:2],
            "next": coming,
            "more": max(0, len(waiting) - 1),
            "is_pair": len(running[:2]) + bool(coming) > 1,
        },
    )


def recent_panel(member: Member, _now: datetime) -> Panel | None:
    """The last campaigns with their clicks."""
    campaigns = list(
        member.organisation.campaigns.filter(state=CampaignState.SENT, mailing__isnull=False)
        .select_related("mailing", "list")
        .defer("html", "text", "mailing__content")
        .order_by("-finished_at")[:RECENT]
    )
    if not campaigns:
        return None
    rhythm = click_rhythm([each.mailing_id for each in campaigns if each.mailing_id])
    rows = [
        Recent(row, rhythm.get(row.campaign.mailing_id or 0, [])) for row in with_figures(campaigns)
    ]
    return Panel("campaigns/home_recent.html", {"organisation": member.organisation, "rows": rows})


def campaign_attention(member: Member, now: datetime) -> list[Attention]:
    """Campaigns that stopped by themselves, and drafts whose day is near."""
    organisation = member.organisation
    candidates = (
        organisation.campaigns.filter(
            state__in=[CampaignState.DRAFT, CampaignState.FAILED, CampaignState.PAUSED]
        )
        .select_related("mailing")
        .defer("html", "text", "mailing__content")
        .order_by("-updated_at")[:50]
    )
    found = [_attention(each, organisation, now) for each in candidates]
    return [each for each in found if each is not None]


def _attention(campaign: Campaign, organisation: Organisation, now: datetime) -> Attention | None:
    def href(name: str) -> str:
        return reverse(f"campaigns:{name}", args=[organisation.slug, campaign.pk])

    if campaign.state == CampaignState.PAUSED:
        reason = campaign.mailing.pause_reason if campaign.mailing else ""
        if not reason or reason == "staff":
            return None
        title = _("“%s” was paused by the system") % campaign.name
        return Attention(title, pause_words(reason), href("sending"), _("Look at it"), "danger")
    if campaign.state == CampaignState.FAILED:
        if campaign.updated_at < now - FAILED_SINCE:
            return None
        title = _("“%s” could not start") % campaign.name
        text = _("Nobody has got it. The checks say what is missing.")
        return Attention(title, text, href("review"), _("Look at the checks"), "danger")
    if campaign.timing != Timing.AT or not campaign.scheduled_at:
        return None
    if campaign.scheduled_at > now + DRAFT_SOON:
        return None
    title = _("“%s” is not scheduled yet") % campaign.name
    text = _("Its time is set, but it does not go out by itself until you confirm it.")
    if campaign.scheduled_at < now:
        text = _("The time that was chosen has passed. Choose another one.")
    return Attention(title, text, href("hub"), _("Go on"), "")


def _recipients(campaign: Campaign) -> int | None:
    if campaign.list_id is None:
        return None
    list_id = campaign.list_id
    return cache.get_or_set(
        f"home-recipients:{list_id}", lambda: recipient_count(list_id), COUNT_KEPT_S
    )
