"""Signing in and out by django-allauth, and the first password of an invited person."""

from allauth.account import views as allauth_views
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import public_page
from accounts.forms import InvitationForm
from accounts.services.invitations import InvalidInvitationError, accept_invitation, invited_user

sign_in = public_page("This is where strangers come in.")(allauth_views.login)
sign_out = public_page("Signing out twice is harmless.")(allauth_views.logout)


@public_page("Who forgot the password cannot sign in to read how to get a new one.")
def password_help(request: HttpRequest) -> HttpResponse:
    """No mail can be sent before a sender exists, so a person helps."""
    return render(request, "account/password_help.html")


@public_page("Says that people come by invitation.")
def sign_up(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html")


@public_page("Somebody whose account is switched off is signed out.")
def inactive(request: HttpRequest) -> HttpResponse:
    return render(request, "account/inactive.html")


@public_page("An invited person has no password yet; the token in the address is the proof.")
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Set the first password through a one-time link."""
    try:
        user = invited_user(key=key, token=token)
    except InvalidInvitationError:
        return render(request, "account/invitation_invalid.html", status=410)
    form = InvitationForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(
                key=key,
                token=token,
                password=form.cleaned_data["new_password1"],
                now=timezone.now(),
            )
        except InvalidInvitationError:
            return render(request, "account/invitation_invalid.html", status=410)
        messages.success(request, _("Your password is set. Sign in with it now."))
        return redirect("account_login")
    status = 422 if form.errors else 200
    return render(
        request, "account/invitation.html", {"form": form, "invited": user}, status=status
    )
