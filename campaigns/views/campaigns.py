"""The list of campaigns and what is done with a whole campaign: make, rename, copy, delete."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, member_required
from campaigns.forms import NameForm
from campaigns.selectors.campaigns import TAB_STATES, campaign_page, tab_counts
from campaigns.services import drafts
from campaigns.views.lookup import find_campaign, number_of, to_page

_TAB_NAMES: dict[str, str | Promise] = {
    "all": gettext_lazy("All"),
    "draft": gettext_lazy("Drafts"),
    "scheduled": gettext_lazy("Scheduled"),
    "sending": gettext_lazy("Sending"),
    "sent": gettext_lazy("Finished"),
}


@dataclass(frozen=True)
class Tab:
    href: str
    label: str | Promise
    count: int
    current: bool


@require_GET
@member_required()
def campaign_list(request: MemberRequest) -> HttpResponse:
    tab = request.GET.get("tab", "all")
    return _list_page(request, tab if tab in TAB_STATES else "all", "campaigns/list.html")


@require_GET
@member_required()
def reports(request: MemberRequest) -> HttpResponse:
    """Finished campaigns, each leading to its report."""
    return _list_page(request, "sent", "campaigns/reports.html")


@member_required("edit")
def new(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        campaign = drafts.create_campaign(
            organisation=request.organisation,
            name=form.cleaned_data["name"],
            actor=request.user,
            now=timezone.now(),
        )
        return to_page(campaign, "campaigns:hub")
    status = 422 if form.is_bound else 200
    return render(request, "campaigns/new.html", {"form": form}, status=status)


@member_required("edit")
def rename(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    form = NameForm(request.POST or None, initial={"name": campaign.name})
    if request.method == "POST" and form.is_valid():
        drafts.rename_campaign(
            organisation=request.organisation,
            campaign_id=pk,
            name=form.cleaned_data["name"],
            actor=request.user,
            now=timezone.now(),
        )
        return to_page(campaign, "campaigns:hub")
    status = 422 if form.is_bound else 200
    context = {"form": form, "campaign": campaign}
    return render(request, "campaigns/new.html", context, status=status)


@require_POST
@member_required("edit")
def duplicate(request: MemberRequest, pk: int) -> HttpResponse:
    find_campaign(request, pk)
    copy = drafts.duplicate_campaign(
        organisation=request.organisation, campaign_id=pk, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("The copy is a draft. The original has not changed."))
    return to_page(copy, "campaigns:hub")


@member_required("edit")
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask first; delete on POST."""
    campaign = find_campaign(request, pk)
    if request.method != "POST":
        return render(request, "campaigns/delete.html", {"campaign": campaign})
    try:
        drafts.delete_draft(
            organisation=request.organisation,
            campaign_id=pk,
            actor=request.user,
            now=timezone.now(),
        )
    except drafts.CampaignLocked as error:
        messages.error(request, str(error))
        return to_page(campaign, "campaigns:hub")
    messages.success(request, _("The draft “%s” was deleted.") % campaign.name)
    return redirect("campaigns:list", organisation=request.organisation.slug)


def _list_page(request: MemberRequest, tab: str, template: str) -> HttpResponse:
    search = request.GET.get("q", "")[:200]
    page = campaign_page(
        request.organisation,
        tab=tab,
        search=search,
        before=number_of(request.GET.get("before")),
        after=number_of(request.GET.get("after")),
    )
    counts = tab_counts(request.organisation)
    base = reverse("campaigns:list", args=[request.organisation.slug])
    context = {
        "page": page,
        "search": search,
        "tab": tab,
        "has_any": counts["all"] > 0,
        "tabs": [
            Tab(f"{base}?{urlencode({'tab': key})}", name, counts[key], key == tab)
            for key, name in _TAB_NAMES.items()
        ],
        "newer_href": _page_href(tab, search, "after", page.newer),
        "older_href": _page_href(tab, search, "before", page.older),
    }
    return render(request, template, context)


def _page_href(tab: str, search: str, direction: str, cursor: int | None) -> str:
    if cursor is None:
        return ""
    query = {"tab": tab, "q": search, direction: cursor}
    return "?" + urlencode({name: value for name, value in query.items() if value})
