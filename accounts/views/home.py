"""Where people arrive: the organisation used last, and its path to the first campaign."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import selectors, setup_steps
from accounts.access import MemberRequest, SignedInRequest, member_required, signed_in_required


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
    return render(
        request,
        "accounts/home.html",
        {
            "path": path,
            "minutes_left": setup_steps.minutes_left(path),
            "is_ready": all(step.state == "done" for step in path),
        },
    )
