"""The person's own settings: name, language, colours, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import SignedInRequest, signed_in_required
from accounts.forms import OwnPasswordForm, ProfileForm
from accounts.services.people import change_password, update_preferences


@signed_in_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user, initial=_shown(request))
    if request.method == "POST" and form.is_valid():
        update_preferences(user=request.user, **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your settings are saved."))
        return redirect("profile")
    status = 422 if form.errors else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


def _shown(request: SignedInRequest) -> dict[str, str]:
    """Show the language of the screen to those who never chose one."""
    return {} if request.user.language else {"language": translation.get_language() or "en"}


@sensitive_post_parameters()
@signed_in_required
def password(request: SignedInRequest) -> HttpResponse:
    """Change the password; this browser stays signed in, all others are signed out."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(
            user=request.user, password=form.cleaned_data["new_password1"], now=timezone.now()
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Other browsers are signed out."))
        return redirect("profile")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)
