"""Looking at the mail as a reader gets it, and sending it to oneself.

The author's HTML is shown only in a frame of its own: another address, without scripts, without our origin.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, member_required
from campaigns.content.campaign_content import compose_campaign
from campaigns.forms import TestForm
from campaigns.models import Campaign
from campaigns.selectors.audience import field_keys, preview_readers, worst_readers
from campaigns.services.rendering import (
    SenderMissing,
    filled_for,
    render_campaign_message,
)
from campaigns.services.send_test import TestNotSent, send_test
from campaigns.steps import steps_of
from campaigns.template_words import problem_sentence
from campaigns.views.lookup import find_campaign, find_reader, href, to_page
from lists.models import Reader
from mailer.engine.content import OutputTooLarge, TemplateProblem
from mailer.services.render import RenderError
from mailer.services.sources import NoSourceError

VIEWS = ("desktop", "phone", "text", "headers")

# Nothing may run or be reached from the author's HTML but pictures and its own styles.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; font-src data:;"
    " frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"
)
_EMPTY_FRAME = "<!doctype html><title>-</title>"


@require_GET
@member_required()
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    return _page(request, campaign, TestForm(initial=_test_initial(request)))


@require_GET
@xframe_options_sameorigin
@member_required()
def preview_frame(request: MemberRequest, pk: int) -> HttpResponse:
    """Return the filled HTML part alone."""
    campaign = find_campaign(request, pk)
    reader = find_reader(request, request.GET.get("reader", ""))
    try:
        body = filled_for(composition=compose_campaign(campaign), reader=reader).html
    except (TemplateProblem, OutputTooLarge):
        body = ""
    response = HttpResponse(body or _EMPTY_FRAME)
    response["Content-Security-Policy"] = FRAME_POLICY
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@member_required("send")
def test(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    form = TestForm(request.POST)
    reader = find_reader(request, request.POST.get("reader", ""))
    if not form.is_valid():
        return _page(request, campaign, form, status=422)
    addresses = form.cleaned_data["addresses"]
    try:
        send_test(
            organisation=request.organisation,
            campaign_id=pk,
            addresses=addresses,
            reader=reader,
            actor=request.user,
            now=timezone.now(),
        )
    except TestNotSent as error:
        form.add_error("addresses", str(error))
    except TemplateProblem as problem:
        form.add_error(None, problem_sentence(problem, field_keys(request.organisation)))
    except NoSourceError:
        form.add_error(None, _("The system has no sending IP yet. Ask your administrator."))
    if form.errors:
        return _page(request, campaign, form, status=422)
    messages.success(request, _("The test is on its way. It should arrive within a minute."))
    return to_page(campaign, "campaigns:preview")


def _page(
    request: MemberRequest, campaign: Campaign, form: TestForm, *, status: int = 200
) -> HttpResponse:
    reader = _chosen_reader(request, campaign)
    shown = request.GET.get("view", "desktop")
    context = {
        "campaign": campaign,
        "steps": steps_of(campaign, now="content"),
        "form": form,
        "reader": reader,
        "worst": worst_readers(campaign),
        "readers": preview_readers(campaign, request.GET.get("q", "")[:200]),
        "search": request.GET.get("q", "")[:200],
        "view": shown if shown in VIEWS else "desktop",
        "tabs": _tabs(campaign, reader, shown),
        "frame_href": href(campaign, "preview_frame") + (f"?reader={reader.pk}" if reader else ""),
        "may_test": request.member.may_send,
        **_filled(campaign, reader),
    }
    if context["view"] == "headers":
        context["headers"] = _headers(campaign, reader)
    return render(request, "campaigns/preview.html", context, status=status)


def _filled(campaign: Campaign, reader: Reader | None) -> dict[str, object]:
    try:
        return {"filled": filled_for(composition=compose_campaign(campaign), reader=reader)}
    except TemplateProblem as problem:
        return {"problem": problem_sentence(problem, field_keys(campaign.organisation))}
    except OutputTooLarge:
        return {"problem": _("With this reader's fields the mail becomes too large to send.")}


def _headers(campaign: Campaign, reader: Reader | None) -> str:
    """Return the header block exactly as it would be sent, or a sentence why there is none."""
    if reader is None:
        return _("Choose a reader; then the headers of this reader's mail can be shown.")
    try:
        message = render_campaign_message(campaign=campaign, reader=reader, now=timezone.now())
    except SenderMissing:
        return _("Choose the sender first.")
    except RenderError:
        return _("The sending domain has no active key yet, so nothing can be signed.")
    except (TemplateProblem, OutputTooLarge):
        return ""
    return message.raw.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").replace("\r\n", "\n")


def _chosen_reader(request: MemberRequest, campaign: Campaign) -> Reader | None:
    chosen = find_reader(request, request.GET.get("reader") or request.POST.get("reader") or "")
    return chosen or next(iter(preview_readers(campaign, limit=1)), None)


def _tabs(campaign: Campaign, reader: Reader | None, shown: str) -> list[dict[str, object]]:
    names = {
        "desktop": _("Computer"),
        "phone": _("Phone"),
        "text": _("Text"),
        "headers": _("Headers"),
    }
    base = href(campaign, "preview")
    suffix = f"&reader={reader.pk}" if reader else ""
    return [
        {"href": f"{base}?view={key}{suffix}", "label": names[key], "current": key == shown}
        for key in VIEWS
    ]


def _test_initial(request: HttpRequest) -> dict[str, object]:
    return {"addresses": getattr(request.user, "email", "")}
