"""The notices behind the bell."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import selectors
from accounts.access import MemberRequest, member_required
from accounts.notices import notice
from accounts.services.notifications import mark_all_seen

PAGE_SIZE = 50


@require_GET
@member_required()
def notifications(request: MemberRequest) -> HttpResponse:
    member = request.member
    rows = selectors.notifications_for(member)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: PAGE_SIZE + 1])
    notices = [notice(row, is_new=row.pk > member.seen_notification) for row in page[:PAGE_SIZE]]
    context = {
        "notices": notices,
        "has_new": any(each.is_new for each in notices),
        "older_href": f"?before={page[PAGE_SIZE - 1].pk}" if len(page) > PAGE_SIZE else "",
        "newer_href": "?" if before else "",
    }
    return render(request, "accounts/notifications.html", context)


@require_POST
@member_required()
def mark_seen(request: MemberRequest) -> HttpResponse:
    mark_all_seen(member=request.member)
    return redirect("accounts:notifications", organisation=request.organisation.slug)
