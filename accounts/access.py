"""Who may open which page. Every view carries exactly one of these decorators.

    member_required(may)     pages of an organisation, under /o/<organisation>/
    system_admin_required    pages of the installation
    signed_in_required       pages of the person
    public_page(reason)      everybody, with the reason written down

An outsider gets 404 (the organisation does not exist for them), a member whose role is not enough
gets 403 and a page that says who can grant it, a stranger is sent to sign in. System administrators
see organisations' data only where they are members. A test walks all addresses and refuses a view
without a mark.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts import selectors
from accounts.models import Member, Organisation, User
from accounts.services.people import remember_organisation

Right = Literal["view", "edit", "send", "manage"]
P = ParamSpec("P")

RIGHTS: dict[Right, Callable[[Member], bool]] = {
    "view": lambda member: True,
    "edit": lambda member: member.may_edit,
    "send": lambda member: member.may_send,
    "manage": lambda member: member.may_manage,
}


class SignedInRequest(HttpRequest):
    """A request whose user is known. For type checkers; at run time Django's own request."""

    user: User


class MemberRequest(SignedInRequest):
    """A request to a page of an organisation, by one of its members."""

    organisation: Organisation
    member: Member
    memberships: list[Member]


@dataclass(frozen=True)
class Access:
    """The mark that a decorator leaves on its view, read by the test that walks all addresses."""

    kind: Literal["member", "system_admin", "signed_in", "public"]
    may: Right = "view"
    reason: str = ""


View = Callable[..., HttpResponseBase]


def _marked(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]  # functions take attributes
    return view


def member_required(
    may: Right = "view",
) -> Callable[[Callable[Concatenate[MemberRequest, P], HttpResponseBase]], View]:
    """Let members with the right in; set `request.organisation`, `request.member`.

    The view does not receive the `organisation` of the address: it uses `request.organisation`.
    """

    def decorate(view: Callable[Concatenate[MemberRequest, P], HttpResponseBase]) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Any, organisation: str, **kwargs: Any
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            known = _with_membership(request, slug=organisation)
            if not RIGHTS[may](known.member):
                return _refuse_role(known, may)
            return view(known, *args, **kwargs)

        return _marked(guarded, Access("member", may))

    return decorate


def _with_membership(request: HttpRequest, *, slug: str) -> MemberRequest:
    """Find the organisation through the person's own memberships; raise Http404 for outsiders.

    From here on times are shown in the organisation's zone (PreferencesMiddleware switches back).
    """
    known = cast(MemberRequest, request)
    known.memberships = selectors.memberships(known.user)
    for member in known.memberships:
        if member.organisation.slug == slug:
            known.member, known.organisation = member, member.organisation
            remember_organisation(user=known.user, organisation=member.organisation)
            timezone.activate(ZoneInfo(member.organisation.time_zone))
            return known
    raise Http404("no such organisation among the memberships")


def _refuse_role(request: MemberRequest, may: Right) -> HttpResponseBase:
    owners = selectors.owners_of(request.organisation)
    return render(request, "errors/role.html", {"owners": owners, "may": may}, status=403)


def signed_in_required(view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase]) -> View:
    """Let everybody in who has signed in; for pages about the person."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return _marked(guarded, Access("signed_in"))


def system_admin_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> View:
    """Let system administrators in; for addresses, pools, providers, warmup, organisations."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        known = cast(SignedInRequest, request)
        if not known.user.is_system_admin:
            return render(request, "errors/system_admin.html", status=403)
        return view(known, *args, **kwargs)

    return _marked(guarded, Access("system_admin"))


def public_page(reason: str) -> Callable[[View], View]:
    """Mark a page that needs no sign-in; the reason is for the next person who reads the code."""

    def decorate(view: View) -> View:
        @wraps(view)
        def open_to_all(*args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(*args, **kwargs)

        return _marked(open_to_all, Access("public", reason=reason))

    return decorate
