"""Watching a campaign go out: progress, pause, resume, cancel. Works without JavaScript; with it, by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, member_required
from accounts.charts import BarPart
from campaigns.models import Campaign, CampaignState
from campaigns.selectors.progress import Progress, ProviderProgress, progress_of, provider_progress
from campaigns.services import running
from campaigns.services.drafts import CampaignLocked
from campaigns.views.lookup import find_campaign, to_page
from mailer.words import pause_words

# htmx stops polling when it gets this status (htmx documentation, hx-trigger "every").
STOP_POLLING = 286

_DONE_WORDS: dict[str, Callable[[], str]] = {
    "pause": lambda: _("Sending is paused. Nothing more leaves until somebody resumes it."),
    "resume": lambda: _("Sending goes on."),
    "cancel": lambda: _("The rest was cancelled. What had been accepted stays accepted."),
}


@require_GET
@member_required()
def sending(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    if campaign.state in {CampaignState.DRAFT, CampaignState.FAILED}:
        return to_page(campaign, "campaigns:hub")
    return render(request, "campaigns/sending.html", _context(request, campaign))


@require_GET
@member_required()
def progress(request: MemberRequest, pk: int) -> HttpResponse:
    """The part of the page that changes."""
    campaign = find_campaign(request, pk)
    context = _context(request, campaign)
    status = 200 if context["polls"] else STOP_POLLING
    return render(request, "campaigns/_progress.html", context, status=status)


@require_POST
@member_required("send")
def pause(request: MemberRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "pause", running.pause_campaign)


@require_POST
@member_required("send")
def resume(request: MemberRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "resume", running.resume_campaign)


@require_POST
@member_required("send")
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "cancel", running.cancel_campaign)


def _act(request: MemberRequest, pk: int, name: str, act: Callable[..., Campaign]) -> HttpResponse:
    campaign = find_campaign(request, pk)
    try:
        act(
            organisation=request.organisation,
            campaign_id=pk,
            actor=request.user,
            now=timezone.now(),
        )
    except CampaignLocked as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _DONE_WORDS[name]())
    return to_page(campaign, "campaigns:sending")


def _context(request: MemberRequest, campaign: Campaign) -> dict[str, object]:
    mailing = campaign.mailing
    context: dict[str, object] = {
        "campaign": campaign,
        "may_send": request.member.may_send,
        "polls": campaign.is_running or campaign.state == CampaignState.SCHEDULED,
        "is_paused": campaign.state == CampaignState.PAUSED,
    }
    if mailing is None:
        return context
    figures = progress_of(mailing)
    return context | {
        "mailing": mailing,
        "figures": figures,
        "bar": _bar(figures),
        "providers": [(row, _provider_bar(row)) for row in provider_progress(mailing)],
        "pause_words": pause_words(mailing.pause_reason) if mailing.pause_reason else "",
        "ends_at": _ends_at(campaign, figures, timezone.now()),
    }


def _bar(figures: Progress) -> list[BarPart]:
    return [
        BarPart(1, figures.accepted),
        BarPart(5, figures.on_hold),
        BarPart(2, figures.failed + figures.uncertain),
    ]


def _provider_bar(row: ProviderProgress) -> list[BarPart]:
    return [BarPart(1, row.accepted), BarPart(5, row.on_hold), BarPart(2, row.failed)]


def _ends_at(campaign: Campaign, figures: Progress, now: datetime) -> datetime | None:
    """Guess the end from the speed so far; no guess in the first minute or while nothing moves."""
    started = campaign.started_at
    if started is None or campaign.state != CampaignState.SENDING:
        return None
    elapsed = (now - started).total_seconds()
    if elapsed < 60 or not figures.processed or not figures.waiting:
        return None
    return now + timedelta(seconds=figures.waiting * elapsed / figures.processed)
