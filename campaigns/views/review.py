"""The last look before a campaign goes out, and the decision."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, member_required
from campaigns.check_words import check_fix, check_sentence, check_title
from campaigns.models import Campaign, CampaignState, Timing
from campaigns.preflight import Check, Preflight, preflight
from campaigns.services import schedule
from campaigns.services.drafts import CampaignConflict, CampaignLocked
from campaigns.steps import steps_of
from campaigns.views.lookup import find_campaign, href, number_of, to_page


@dataclass(frozen=True)
class CheckRow:
    """A finding in words, with the page where it is put right (empty for those who may not)."""

    level: str
    title: str
    text: str
    href: str
    fix: str


@require_GET
@member_required()
def review(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    if not campaign.is_editable:
        return to_page(campaign, "campaigns:hub")
    return _page(request, campaign)


@require_POST
@member_required("send")
def schedule_it(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    try:
        scheduled = schedule.schedule_campaign(
            organisation=request.organisation,
            campaign_id=pk,
            revision=number_of(request.POST.get("revision")) or 0,
            actor=request.user,
            now=timezone.now(),
            confirmed=_typed_number(request.POST.get("confirmed", "")),
        )
    except schedule.NotReady:
        return _page(request, campaign, status=422)
    except (schedule.NumberNotConfirmed, CampaignConflict) as error:
        return _page(request, find_campaign(request, pk), error=str(error), status=422)
    except CampaignLocked as error:
        messages.info(request, str(error))
        return to_page(campaign, "campaigns:hub")
    if campaign.timing == Timing.NOW:
        messages.success(request, _("The campaign is starting."))
    else:
        messages.success(
            request, _("The campaign is scheduled. Until it starts you can take it back.")
        )
    return to_page(scheduled, "campaigns:sending")


@require_POST
@member_required("send")
def unschedule(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    try:
        schedule.unschedule_campaign(
            organisation=request.organisation,
            campaign_id=pk,
            actor=request.user,
            now=timezone.now(),
        )
    except CampaignLocked as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The campaign is a draft again. Nothing was sent."))
    return to_page(campaign, "campaigns:hub")


def _page(
    request: MemberRequest, campaign: Campaign, *, error: str = "", status: int = 200
) -> HttpResponse:
    result = preflight(campaign, now=timezone.now())
    is_scheduled = campaign.state == CampaignState.SCHEDULED
    context = {
        "campaign": campaign,
        "steps": steps_of(campaign, now="review"),
        "result": result,
        "title": _title(result, is_scheduled=is_scheduled),
        "blocking": [_row(request, campaign, check) for check in result.of("block")],
        "warnings": [_row(request, campaign, check) for check in result.of("warn")],
        "passed": [_row(request, campaign, check) for check in result.of("pass")],
        "size_kb": max(1, result.size_bytes // 1024),
        "must_type": result.recipients > schedule.CONFIRM_ABOVE,
        "is_scheduled": is_scheduled,
        "starts_now": campaign.timing == Timing.NOW,
        "error": error,
        "may_send": request.member.may_send,
    }
    return render(request, "campaigns/review.html", context, status=status)


def _title(result: Preflight, *, is_scheduled: bool) -> str:
    blocking = len(result.of("block"))
    if blocking:
        return ngettext(
            "%(number)d thing is left to correct", "%(number)d things are left to correct", blocking
        ) % {"number": blocking}
    if is_scheduled:
        return _("The campaign is scheduled")
    return _("Everything is ready")


def _row(request: MemberRequest, campaign: Campaign, check: Check) -> CheckRow:
    target = _fix_href(request, campaign, check.fix) if check.fix else ""
    return CheckRow(
        check.level, check_title(check), check_sentence(check), target, check_fix(check)
    )


def _fix_href(request: MemberRequest, campaign: Campaign, fix: str) -> str:
    """Return where this person can put it right: settings and domains are for those who manage."""
    elsewhere = {"profile": "accounts:settings", "domains": "mailer:domains"}
    if fix in elsewhere:
        if not request.member.may_manage:
            return ""
        try:
            return reverse(elsewhere[fix], args=[request.organisation.slug])
        except NoReverseMatch:
            return ""
    if fix != "preview" and not request.member.may_edit:
        return ""
    return href(campaign, fix)


def _typed_number(text: str) -> int | None:
    """Read what people type: full-width digits and separators are fine."""
    plain = text.translate(_DIGITS).replace(",", "").strip()
    return number_of(plain)


_DIGITS = str.maketrans("０１２３４５６７８９，、　", "0123456789,, ")
