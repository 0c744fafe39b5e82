"""The organisations of this installation, for its system administrator: names, never their data."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.access import SignedInRequest, system_admin_required
from accounts.forms import NewOrganisationForm
from accounts.models import User
from accounts.services.organisations import SlugTakenError, create_organisation


@system_admin_required
def organisations(request: SignedInRequest) -> HttpResponse:
    found = selectors.organisations_by_name()
    return render(request, "accounts/organisations.html", {"organisations": found})


@system_admin_required
def new(request: SignedInRequest) -> HttpResponse:
    form = NewOrganisationForm(request.POST or None, initial={"owner": request.user.email})
    if request.method == "POST" and form.is_valid():
        owner = User.objects.filter(email=form.cleaned_data["owner"].lower()).first()
        if owner is None:
            form.add_error(
                "owner", _("Nobody signs in with this address. Start with yourself, then add them.")
            )
        else:
            try:
                created = create_organisation(
                    name=form.cleaned_data["name"],
                    slug=form.cleaned_data["slug"],
                    kind=form.cleaned_data["kind"],
                    owner=owner,
                    actor=request.user,
                    now=timezone.now(),
                )
            except SlugTakenError:  # between the form's look and the insert
                form.add_error("slug", _("Another organisation has this short name."))
            else:
                messages.success(request, _("%s is created.") % created)
                if owner == request.user:
                    return redirect("home", organisation=created.slug)
                return redirect("organisations")
    status = 422 if form.errors else 200
    return render(request, "accounts/organisation_new.html", {"form": form}, status=status)
