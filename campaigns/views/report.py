"""What became of a campaign, and the people behind each number."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, member_required
from accounts.charts import FunnelStep
from campaigns.models import Campaign
from campaigns.selectors.progress import provider_progress
from campaigns.selectors.report import (
    LEDGER_KINDS,
    TRACKING_KINDS,
    Report,
    average_click_rate,
    ledger_people,
    report_of,
    tracking_people,
)
from campaigns.views.lookup import find_campaign, href, mailing_of, number_of, to_page
from mailer.words import plain_class, reply_classes_of

PEOPLE_TITLES: dict[str, str | Promise] = {
    "all": gettext_lazy("Recipients of this campaign"),
    "accepted": gettext_lazy("Accepted by the receiving server"),
    "on-hold": gettext_lazy("On hold, will be tried again"),
    "failed": gettext_lazy("Not delivered"),
    "uncertain": gettext_lazy("Arrival not confirmed"),
    "skipped": gettext_lazy("Left out at the last moment"),
    "cancelled": gettext_lazy("Cancelled"),
    "waiting": gettext_lazy("Waiting to be sent"),
    "opened": gettext_lazy("Opened by a person"),
    "opened-by-machine": gettext_lazy("Opened, by a person or a machine"),
    "clicked": gettext_lazy("Clicked a link"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
}


@require_GET
@member_required()
def report(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = find_campaign(request, pk)
    if campaign.mailing is None:
        return to_page(campaign, "campaigns:hub")
    found = report_of(campaign.mailing)
    average = average_click_rate(campaign)
    context = {
        "campaign": campaign,
        "mailing": campaign.mailing,
        "report": found,
        "headline": _headline(campaign, found, average),
        "average": average,
        "funnel": _funnel(campaign, found),
        "links": [
            (row, f"{href(campaign, 'people', 'clicked')}?link={row.index}") for row in found.links
        ],
        "providers": provider_progress(campaign.mailing),
        "tabs": _tabs(campaign, found),
    }
    return render(request, "campaigns/report.html", context)


@require_GET
@member_required()
def people(request: MemberRequest, pk: int, kind: str) -> HttpResponse:
    """The recipients behind one number, page by page."""
    campaign = find_campaign(request, pk)
    mailing_of(campaign)
    after = number_of(request.GET.get("after"))
    failure = request.GET.get("class", "")[:40]
    link = number_of(request.GET.get("link"))
    if kind in LEDGER_KINDS:
        page = ledger_people(campaign, kind, failure=failure, after=after)
    elif kind in TRACKING_KINDS:
        page = tracking_people(campaign, kind, link=link, after=after)
    else:
        raise Http404("no such number in a report")
    context = {
        "campaign": campaign,
        "kind": kind,
        "title": PEOPLE_TITLES[kind],
        "narrowed": _narrowed(campaign, failure, link),
        "page": page,
        "is_first": after is None,
        "shows_replies": kind in LEDGER_KINDS,
        "next_href": _next_href(page.next_after, failure, link),
        "first_href": href(campaign, "people", kind),
    }
    return render(request, "campaigns/people.html", context)


def _headline(campaign: Campaign, found: Report, average: float | None) -> str:
    numbers = {
        "planned": f"{found.progress.planned:,}",
        "accepted": f"{found.progress.accepted:,}",
        "clicked": f"{found.engagement.human_clicked:,}",
    }
    if not found.progress.accepted:
        return _("No mail has been accepted yet")
    if not campaign.tracks_clicks:
        return _("%(accepted)s of %(planned)s mails were accepted") % numbers
    if average is None:
        return _("%(clicked)s people clicked a link") % numbers
    rate = 100 * found.engagement.human_clicked / found.progress.accepted
    words = {**numbers, "points": f"{abs(rate - average):.1f}"}
    if rate >= average:
        return _("%(clicked)s people clicked, %(points)s points more than your average") % words
    return _("%(clicked)s people clicked, %(points)s points less than your average") % words


def _funnel(campaign: Campaign, found: Report) -> list[FunnelStep]:
    planned, engagement = found.progress.planned, found.engagement

    def people_href(kind: str) -> str:
        return href(campaign, "people", kind)

    return [
        FunnelStep(_("Recipients"), planned, planned, 1, people_href("all")),
        FunnelStep(_("Accepted"), found.progress.accepted, planned, 1, people_href("accepted")),
        FunnelStep(
            _("Opened by a person"), engagement.human_opened, planned, 1, people_href("opened")
        ),
        FunnelStep(_("Clicked"), engagement.human_clicked, planned, 2, people_href("clicked")),
    ]


def _tabs(campaign: Campaign, found: Report) -> list[dict[str, object]]:
    return [
        {"href": href(campaign, "report"), "label": _("Overview"), "current": True},
        {
            "href": href(campaign, "people", "all"),
            "label": _("Recipients"),
            "count": found.progress.planned,
        },
        {
            "href": href(campaign, "people", "failed"),
            "label": _("Errors"),
            "count": found.progress.failed,
        },
    ]


def _narrowed(campaign: Campaign, failure: str, link: int | None) -> str:
    if failure:
        return str(plain_class(reply_classes_of(failure)[0]).title)
    if link is None:
        return ""
    rows = report_of(mailing_of(campaign)).links
    return next((row.url for row in rows if row.index == link), "")


def _next_href(after: int | None, failure: str, link: int | None) -> str:
    if after is None:
        return ""
    query = {"after": after, "class": failure, "link": link if link is not None else ""}
    return "?" + urlencode({name: value for name, value in query.items() if value != ""})
