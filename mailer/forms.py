"""Forms of the delivery screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mailer.models import LaneLimit, SourceIP


class DomainForm(forms.Form):
    name = forms.CharField(
        label=_("Domain"),
        max_length=253,
        help_text=_("A subdomain used only for newsletters is best, such as mail.example.jp."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}
        ),
    )


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    class Meta:
        model = SourceIP
        fields = ["daily_cap", "is_enabled"]
        labels = {"is_enabled": _("Send from this IP")}


class LaneLimitForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """An override for one provider: "google", "docomo", or the slug shown in the table."""

    class Meta:
        model = LaneLimit
        fields = ["provider", "daily_cap"]
        labels = {"provider": _("Provider"), "daily_cap": _("Daily limit")}
