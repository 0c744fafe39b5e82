"""The hub of a campaign and one page for each of its parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, member_required
from campaigns.forms import ContentForm, PartForm, RecipientsForm, SenderForm, WhenForm
from campaigns.models import Campaign
from campaigns.selectors.audience import audience_of
from campaigns.services.drafts import CampaignConflict, CampaignLocked, change_campaign
from campaigns.steps import step_after, steps_of
from campaigns.views.lookup import find_campaign, to_page
from campaigns.words import excluded_rows
from lists.selectors import merge_fields
from mailer.models import DomainState, SendingDomain


@dataclass(frozen=True)
class Part:
    """One page of the wizard."""

    key: str
    form: type[PartForm]
    context: Callable[[Campaign], dict[str, Any]]

    @property
    def template(self) -> str:
        return f"campaigns/{self.key}.html"


@require_GET
@member_required()
def hub(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    if campaign.is_running:
        return to_page(campaign, "campaigns:sending")
    if campaign.state_is_final:
        return to_page(campaign, "campaigns:report")
    audience = audience_of(campaign)
    context = {
        "campaign": campaign,
        "steps": steps_of(campaign),
        "audience": audience,
        "excluded": excluded_rows(audience.excluded),
        "may_edit": request.member.may_edit,
        "may_send": request.member.may_send,
        "can_delete": request.member.may_edit and campaign.mailing_id is None,
    }
    return render(request, "campaigns/hub.html", context)


@member_required("edit")
def recipients(request: MemberRequest, pk: int) -> HttpResponse:
    return _part_page(request, pk, Part("recipients", RecipientsForm, _recipients_context))


@member_required("edit")
def sender(request: MemberRequest, pk: int) -> HttpResponse:
    return _part_page(request, pk, Part("sender", SenderForm, _sender_context))


@member_required("edit")
def content(request: MemberRequest, pk: int) -> HttpResponse:
    return _part_page(request, pk, Part("content", ContentForm, _content_context))


@member_required("edit")
def when(request: MemberRequest, pk: int) -> HttpResponse:
    return _part_page(request, pk, Part("when", WhenForm, _when_context))


def _part_page(request: MemberRequest, pk: int, part: Part) -> HttpResponse:
    campaign = find_campaign(request, pk)
    if not campaign.is_editable:
        messages.info(request, _("The campaign has been started, so it can no longer be changed."))
        return to_page(campaign, "campaigns:hub")
    if request.method != "POST":
        return _render_part(request, campaign, part, part.form(campaign=campaign))
    form = part.form(request.POST, request.FILES, campaign=campaign)
    if not form.is_valid():
        return _render_part(request, campaign, part, form, status=422)
    try:
        changed = change_campaign(
            organisation=request.organisation,
            campaign_id=pk,
            revision=form.seen_revision,
            changes=form.changes(),
            actor=request.user,
            now=timezone.now(),
        )
    except (CampaignConflict, CampaignLocked) as refusal:
        return _refused(request, pk, part, form, str(refusal))
    if campaign.state == "scheduled":
        messages.warning(
            request,
            _(
                "The campaign is a draft again, because it was changed. Review and schedule it again."
            ),
        )
    if "preview" in request.POST:
        return to_page(changed, "campaigns:preview")
    return to_page(changed, step_after(part.key))


def _refused(
    request: MemberRequest, pk: int, part: Part, form: PartForm, sentence: str
) -> HttpResponse:
    """Show what was typed beside what is saved now. Saving again replaces the saved version knowingly."""
    campaign = find_campaign(request, pk)
    form.add_error(None, sentence)
    form.with_revision(campaign.revision)
    saved = part.form(campaign=campaign)
    differing = [
        (field.label, saved.initial.get(field.name))
        for field in form
        if field.name != "revision"
        and field.name in saved.initial
        and str(saved.initial[field.name] or "") != str(field.value() or "")
    ]
    return _render_part(request, campaign, part, form, status=409, saved=differing)


def _render_part(
    request: MemberRequest,
    campaign: Campaign,
    part: Part,
    form: PartForm,
    *,
    status: int = 200,
    saved: list[tuple[Any, Any]] | None = None,
) -> HttpResponse:
    context = {
        "campaign": campaign,
        "form": form,
        "saved": saved or [],
        "steps": steps_of(campaign, now=part.key),
        **part.context(campaign),
    }
    return render(request, part.template, context, status=status)


def _recipients_context(campaign: Campaign) -> dict[str, Any]:
    audience = audience_of(campaign)
    return {"audience": audience, "excluded": excluded_rows(audience.excluded)}


def _sender_context(campaign: Campaign) -> dict[str, Any]:
    domains = SendingDomain.objects.filter(organisation=campaign.organisation)
    return {
        "unverified": list(domains.exclude(state=DomainState.VERIFIED).order_by("name")),
        "has_verified": domains.filter(state=DomainState.VERIFIED).exists(),
        "fields": merge_fields(campaign.organisation),
    }


def _content_context(campaign: Campaign) -> dict[str, Any]:
    return {
        "fields": merge_fields(campaign.organisation),
        "size_kb": len(campaign.html.encode()) // 1024,
    }


@dataclass(frozen=True)
class QuickTime:
    label: str
    date: str
    time: str


def _when_context(campaign: Campaign) -> dict[str, Any]:
    zone = ZoneInfo(campaign.organisation.time_zone)
    local = timezone.now().astimezone(zone)
    return {"zone": campaign.organisation.time_zone, "quick": _quick_times(local)}


def _quick_times(local: datetime) -> list[QuickTime]:
    """Offer this evening, tomorrow morning and Monday morning, as far as they lie ahead."""
    tomorrow = local + timedelta(days=1)
    monday = local + timedelta(days=7 - local.weekday())
    offers: list[QuickTime] = []
    if local.hour < 17:
        offers.append(QuickTime(_("Today 18:00"), f"{local:%Y-%m-%d}", "18:00"))
    offers.append(QuickTime(_("Tomorrow 10:00"), f"{tomorrow:%Y-%m-%d}", "10:00"))
    if monday.date() != tomorrow.date():
        offers.append(QuickTime(_("Monday 10:00"), f"{monday:%Y-%m-%d}", "10:00"))
    return offers
