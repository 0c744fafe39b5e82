"""Where people arrive: the organisation used last; its path to the first campaign, then its news."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import home_panels, selectors, setup_steps
from accounts.access import MemberRequest, SignedInRequest, member_required, signed_in_required
from accounts.setup_steps import PathStep


@signed_in_required
def start(request: SignedInRequest) -> HttpResponse:
    """Lead to the organisation opened last, else to any, else say what is missing."""
    known = selectors.memberships(request.user)
    if known:
        last = [m for m in known if m.organisation_id == request.user.last_organisation_id]
        return redirect("home", organisation=(last or known)[0].organisation.slug)
    if request.user.is_system_admin:
        return redirect("organisations")
    return render(request, "accounts/no_organisation.html")


@member_required()
def home(request: MemberRequest) -> HttpResponse:
    path = setup_steps.path_of(request.organisation)
    # Who has sent before is not a beginner again because a DNS record is missing today.
    if path[-1].state == "done":
        return _news(request)
    return _path(request, path)


def _path(request: MemberRequest, path: list[PathStep]) -> HttpResponse:
    context = {"path": path, "minutes_left": setup_steps.minutes_left(path)}
    return render(request, "accounts/home_path.html", context)


def _news(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "now": now,
        "attention": home_panels.attention_for(request.member, now),
        "panels": home_panels.panels_for(request.member, now),
    }
    return render(request, "accounts/home.html", context)
