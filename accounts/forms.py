"""Forms of the accounts screens. Fields bring label and hint; ui/field.html draws them."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, OrganisationKind, Role, SenderProfile, User

ROLE_CHOICES = (
    (Role.EDITOR, _("Editor\nWrites campaigns, keeps readers, sends")),
    (Role.APPROVER, _("Approver\nChecks campaigns and sends them")),
    (Role.VIEWER, _("Viewer\nReads campaigns and reports")),
    (Role.OWNER, _("Administrator\nEverything, with members, domains and settings")),
)
KIND_CHOICES = (
    (OrganisationKind.LIVE, _("Live\nSends to real people")),
    (
        OrganisationKind.PRACTICE,
        _("Practice\nReaches only the practice internet of this installation"),
    ),
)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's form with our words; browsers may fill both fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "type": "email"}
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["remember"] = forms.BooleanField(
            required=False, initial=True, widget=forms.HiddenInput
        )


class InvitationForm(SetPasswordForm):  # type: ignore[type-arg]  # generic only in the stubs
    """The first password of an invited person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = _(
            "At least 10 characters; a sentence is easy to remember."
        )


class OwnPasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].help_text = _(
            "At least 10 characters; a sentence is easy to remember."
        )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language", "theme")


class MemberForm(forms.Form):
    """One more person."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, help_text=_("The address to sign in with.")
    )
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLE_CHOICES, initial=Role.EDITOR, widget=forms.RadioSelect
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class SenderProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """The items of 特定電子メール法 §4 that only the sender can know."""

    class Meta:
        model = SenderProfile
        fields = SenderProfile.REQUIRED
        help_texts = {
            "legal_name": _("The name that is responsible for the mail, for example the company."),
            "postal_address": _("With prefecture or country, as on a letter."),
            "contact": _("Somebody answers here."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of the footer and of the pages that readers see."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones())],
        help_text=_("Times on the screens and of scheduled campaigns."),
    )

    class Meta:
        model = Organisation
        fields = ("name", "language", "time_zone")


class NewOrganisationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """An organisation with its first administrator; the kind is chosen once and for good."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=KIND_CHOICES,
        widget=forms.RadioSelect,
        help_text=_("This cannot be changed later."),
    )
    owner = forms.EmailField(
        label=_("E-mail address of its administrator"),
        help_text=_("Leave your own address to administer it yourself."),
    )

    class Meta:
        model = Organisation
        fields = ("name", "slug", "kind")
        labels = {"slug": _("Short name")}
        help_texts = {"slug": _("For addresses: lower-case letters, digits and hyphens.")}
