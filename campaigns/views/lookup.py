"""Finding a campaign for a page: always through the organisation, else 404."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import MemberRequest
from campaigns.models import Campaign
from lists.models import Reader
from mailer.models import Mailing


def find_campaign(request: MemberRequest, pk: int) -> Campaign:
    """Return the organisation's campaign with what pages show beside it. Raises Http404."""
    campaign = (
        Campaign.objects.select_related("organisation", "list", "sending_domain", "mailing")
        .filter(organisation=request.organisation, pk=pk)
        .first()
    )
    if campaign is None:
        raise Http404("no such campaign in this organisation")
    return campaign


def find_reader(request: MemberRequest, text: str) -> Reader | None:
    """Return the organisation's reader with this id. Raises Http404 for a strange one."""
    if not text:
        return None
    reader = (
        Reader.objects.filter(organisation=request.organisation, pk=int(text)).first()
        if text.isascii() and text.isdigit() and len(text) < 19
        else None
    )
    if reader is None:
        raise Http404("no such reader in this organisation")
    return reader


def mailing_of(campaign: Campaign) -> Mailing:
    """Return the mailing of a started campaign. Raises Http404."""
    if campaign.mailing is None:
        raise Http404("this campaign was never started")
    return campaign.mailing


def to_page(campaign: Campaign, name: str) -> HttpResponse:
    return redirect(name, organisation=campaign.organisation.slug, pk=campaign.pk)


def href(campaign: Campaign, name: str, *more: object) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.organisation.slug, campaign.pk, *more])


def number_of(text: str | None) -> int | None:
    """Return a page's cursor; anything that is no number is no cursor."""
    if text and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    return None
