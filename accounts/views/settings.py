"""Settings of an organisation: its name and place, and its sender profile."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.access import MemberRequest, member_required
from accounts.forms import OrganisationForm, SenderProfileForm
from accounts.services.organisations import update_organisation, update_sender_profile


@member_required("manage")
def settings(request: MemberRequest) -> HttpResponse:
    """Two forms on one page; the pressed button says which was sent."""
    sent = request.POST.get("form") if request.method == "POST" else ""
    profile = selectors.sender_profile_of(request.organisation)
    sender = SenderProfileForm(request.POST if sent == "sender" else None, instance=profile)
    # A copy: an invalid form must not change the organisation that the shell shows.
    copy = type(request.organisation).objects.get(pk=request.organisation.pk) if sent else None
    organisation = OrganisationForm(
        request.POST if sent == "organisation" else None, instance=copy or request.organisation
    )
    if sent == "sender" and sender.is_valid():
        update_sender_profile(
            organisation=request.organisation, actor=request.user, **sender.cleaned_data
        )
        messages.success(request, _("The sender is saved. Every mail from now on shows it."))
        return redirect("accounts:settings", organisation=request.organisation.slug)
    if sent == "organisation" and organisation.is_valid():
        update_organisation(
            organisation=request.organisation, actor=request.user, **organisation.cleaned_data
        )
        messages.success(request, _("The settings are saved."))
        return redirect("accounts:settings", organisation=request.organisation.slug)
    return render(
        request,
        "accounts/settings.html",
        {
            "sender": sender,
            "form": organisation,
            "forms": [sender, organisation],
            "kind_facts": [(_("Kind"), request.organisation.get_kind_display())],
        },
        status=422 if sender.errors or organisation.errors else 200,
    )
