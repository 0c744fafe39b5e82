"""Members of an organisation: list, add, change role, remove, one-time link."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import selectors
from accounts.access import MemberRequest, member_required
from accounts.forms import MemberForm, RoleForm
from accounts.models import Member, Role
from accounts.services import members as services
from accounts.services.invitations import NotPendingError, invitation_path


@dataclass(frozen=True)
class Ability:
    """One row of the table of roles."""

    words: str | Promise
    roles: tuple[Role, ...]

    @property
    def cells(self) -> list[tuple[str | Promise, bool]]:
        order = (Role.VIEWER, Role.EDITOR, Role.APPROVER, Role.OWNER)
        return [(role.label, role in self.roles) for role in order]


ABILITIES = (
    Ability(gettext_lazy("See campaigns and reports"), tuple(Role)),
    Ability(
        gettext_lazy("Write and change e-mails, keep and import readers"), (Role.EDITOR, Role.OWNER)
    ),
    Ability(
        gettext_lazy("Send, pause and cancel campaigns"), (Role.EDITOR, Role.APPROVER, Role.OWNER)
    ),
    Ability(gettext_lazy("Change domains, members and settings"), (Role.OWNER,)),
)
LAST_OWNER = gettext_lazy(
    "%(name)s is the only administrator. Make somebody else an administrator first."
)


@member_required("manage")
def members(request: MemberRequest) -> HttpResponse:
    found = selectors.members_of(request.organisation)
    return render(
        request,
        "accounts/members.html",
        {"members": found, "roles": Role.choices, "abilities": ABILITIES},
    )


@member_required("manage")
def add(request: MemberRequest) -> HttpResponse:
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            joined = services.add_member(
                organisation=request.organisation,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
                actor=request.user,
                now=timezone.now(),
            )
        except services.AlreadyMemberError:
            form.add_error("email", _("This person is a member already."))
        except services.PendingElsewhereError:
            form.add_error(
                "email",
                _(
                    "Another organisation has invited this person. Try again after their first sign-in."
                ),
            )
        else:
            if joined.needs_password:
                return _link_page(request, joined.member)
            messages.success(request, _("%s can now sign in here.") % joined.member.user)
            return redirect("accounts:members", organisation=request.organisation.slug)
    status = 422 if form.errors else 200
    return render(request, "accounts/member_add.html", {"form": form}, status=status)


@member_required("manage")
@require_POST
def new_link(request: MemberRequest, pk: int) -> HttpResponse:
    """Make another one-time link for a person who has not come in yet."""
    return _link_page(request, _member(request, pk))


def _link_page(request: MemberRequest, member: Member) -> HttpResponse:
    """Show the link once, in the answer to the post: it is never stored and never in an address."""
    try:
        path = invitation_path(member=member)
    except NotPendingError:
        messages.error(request, _("%s has a password already.") % member.user)
        return redirect("accounts:members", organisation=request.organisation.slug)
    link = request.build_absolute_uri(path)
    return render(request, "accounts/member_link.html", {"added": member, "link": link})


@member_required("manage")
@require_POST
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This role does not exist. Nothing was changed."))
    else:
        try:
            role = Role(form.cleaned_data["role"])
            services.change_role(member=member, role=role, actor=request.user)
        except services.LastOwnerError:
            messages.error(request, LAST_OWNER % {"name": member.user})
        else:
            words = {"name": member.user, "role": role.label}
            messages.success(request, _("%(name)s is now: %(role)s.") % words)
    return _to_list_or_home(request, member)


@member_required("manage")
@require_POST
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    try:
        services.remove_member(member=member, actor=request.user)
    except services.LastOwnerError:
        messages.error(request, LAST_OWNER % {"name": member.user})
        return redirect("accounts:members", organisation=request.organisation.slug)
    messages.success(request, _("%s no longer belongs to this organisation.") % member.user)
    return redirect("start") if member.user == request.user else _to_list_or_home(request, member)


def _member(request: MemberRequest, pk: int) -> Member:
    return get_object_or_404(selectors.members_of(request.organisation), pk=pk)


def _to_list_or_home(request: MemberRequest, member: Member) -> HttpResponse:
    """Owners who gave up their own role no longer see the list."""
    stays = member.user != request.user or member.role == Role.OWNER
    where = "accounts:members" if stays else "home"
    return redirect(where, organisation=request.organisation.slug)
