"""Forms of the campaign's parts. Each carries the revision it was opened with."""

import unicodedata
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from campaigns.models import Campaign, Timing
from lists.models import ReaderList
from mailer.engine.address import AddressError, clean_address
from mailer.models import DomainState, SendingDomain

MAX_HTML_CHARS: Final = 500_000
MAX_TEXT_CHARS: Final = 200_000
MAX_FILE_BYTES: Final = 1024 * 1024
# RFC 5321's local part without what mail programs and people stumble over.
_LOCAL_PART: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_+-])){0,63}$"


def one_line(value: str) -> None:
    """Refuse line breaks and other control characters: they would begin a new header."""
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in value):
        raise ValidationError(_("Write this in one line, without control characters."))


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the campaign"),
        max_length=120,
        validators=[one_line],
        help_text=gettext_lazy("Only you and your colleagues see it."),
    )


class PartForm(forms.Form):
    """A form of some fields of a campaign: `initial_of` reads them, `changes` gives them back."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any = None, files: Any = None, *, campaign: Campaign) -> None:
        self.campaign = campaign
        self.organisation: Organisation = campaign.organisation
        initial = {"revision": campaign.revision, **self.initial_of(campaign)}
        super().__init__(data, files, initial=initial)

    def initial_of(self, campaign: Campaign) -> dict[str, Any]:
        names = [name for name in self.base_fields if hasattr(campaign, name)]
        return {name: getattr(campaign, name) for name in names}

    def changes(self) -> dict[str, Any]:
        """Return the fields of the campaign as they are to be saved; valid forms only."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    @property
    def seen_revision(self) -> int:
        return int(self.cleaned_data["revision"])

    def with_revision(self, revision: int) -> None:
        """After a conflict: the next save is meant to come after the version that is shown beside it."""
        data = QueryDict(mutable=True)
        data.update({name: value for name, value in self.data.items() if name != "revision"})
        data["revision"] = str(revision)
        self.data = data


class RecipientsForm(PartForm):
    list = forms.ModelChoiceField(
        queryset=ReaderList.objects.none(),
        label=gettext_lazy("List"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a list.")},
    )

    def __init__(self, data: Any = None, files: Any = None, *, campaign: Campaign) -> None:
        super().__init__(data, files, campaign=campaign)
        choices = self.fields["list"]
        if isinstance(choices, forms.ModelChoiceField):
            choices.queryset = ReaderList.objects.filter(
                organisation=self.organisation, archived_at=None
            ).order_by("-is_default", "name")


class SenderForm(PartForm):
    from_name = forms.CharField(
        label=gettext_lazy("Sender name"),
        max_length=100,
        validators=[one_line],
        help_text=gettext_lazy(
            "What people see first in the inbox: your shop, your company, your name."
        ),
    )
    from_local = forms.CharField(
        label=gettext_lazy("Address before the @"),
        max_length=64,
        validators=[
            RegexValidator(
                _LOCAL_PART, gettext_lazy("Use letters, digits, dots, hyphens; for example “news”.")
            )
        ],
    )
    sending_domain = forms.ModelChoiceField(
        queryset=SendingDomain.objects.none(),
        label=gettext_lazy("Domain"),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a verified domain.")},
        help_text=gettext_lazy("Only verified domains can be chosen."),
    )
    reply_to = forms.CharField(
        label=gettext_lazy("Replies go to"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("An inbox that somebody reads. Empty: the sender's own address."),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=400,
        validators=[one_line],
        help_text=gettext_lazy("Phones show about the first 20 full-width characters."),
    )
    preheader = forms.CharField(
        label=gettext_lazy("Preview text"),
        max_length=400,
        required=False,
        validators=[one_line],
        help_text=gettext_lazy("Stands after the subject in the inbox and goes on where it stops."),
    )

    def __init__(self, data: Any = None, files: Any = None, *, campaign: Campaign) -> None:
        super().__init__(data, files, campaign=campaign)
        choices = self.fields["sending_domain"]
        if isinstance(choices, forms.ModelChoiceField):
            choices.queryset = SendingDomain.objects.filter(
                organisation=self.organisation, state=DomainState.VERIFIED
            ).order_by("name")

    def clean_reply_to(self) -> str:
        text = str(self.cleaned_data["reply_to"]).strip()
        if not text:
            return ""
        one_line(text)
        try:
            return clean_address(text).address
        except AddressError as error:
            raise ValidationError(_("This is not an e-mail address.")) from error


class ContentForm(PartForm):
    html = forms.CharField(
        label=gettext_lazy("HTML"),
        required=False,
        strip=False,
        max_length=MAX_HTML_CHARS,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "data-insert": "html"}),
    )
    html_file = forms.FileField(
        label=gettext_lazy("HTML file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".html,.htm,text/html"}),
        help_text=gettext_lazy("A .html file up to 1 MB replaces the HTML below when you save."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text version"),
        required=False,
        strip=False,
        max_length=MAX_TEXT_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "data-insert": "text"}),
        help_text=gettext_lazy("For mail programs without HTML. Empty: it is made from the HTML."),
    )
    tracks_opens = forms.BooleanField(
        label=gettext_lazy("Measure opens"),
        required=False,
        help_text=gettext_lazy("An invisible picture tells that the mail was opened."),
    )
    tracks_clicks = forms.BooleanField(
        label=gettext_lazy("Measure clicks"),
        required=False,
        help_text=gettext_lazy("Links lead over this system and on to their target."),
    )

    def clean_html_file(self) -> str | None:
        upload = self.cleaned_data["html_file"]
        return html_of_upload(upload) if isinstance(upload, UploadedFile) else None

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        uploaded = changes.pop("html_file", None)
        if uploaded is not None:
            changes["html"] = uploaded
        for name in ("html", "text"):
            changes[name] = changes[name].replace("\r\n", "\n")
        return changes


def html_of_upload(upload: "UploadedFile[bytes]") -> str:
    """Return the file's text. UTF-8 (with or without BOM), else what Japanese editors save: CP932."""
    if (upload.size or 0) > MAX_FILE_BYTES:
        raise ValidationError(_("The file is larger than 1 MB. Nothing was changed."))
    content: bytes = upload.read(MAX_FILE_BYTES + 1)
    if b"\0" in content:
        raise ValidationError(_("This is not an HTML file. Nothing was changed."))
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "<" not in text or len(text) > MAX_HTML_CHARS:
            break
        return text
    raise ValidationError(
        _(
            "The file cannot be read as HTML. Save it as UTF-8 and choose it again. Nothing was changed."
        )
    )


_TIMINGS: Final[tuple[tuple[str, str | Promise], ...]] = (
    (Timing.NOW, gettext_lazy("Right away\nStarts after the review, as soon as you confirm")),
    (Timing.AT, gettext_lazy("At a chosen time\nStarts by itself when the time has come")),
)


class WhenForm(PartForm):
    timing = forms.ChoiceField(
        label=gettext_lazy("When the campaign starts"),
        choices=_TIMINGS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    date = forms.DateField(
        label=gettext_lazy("Date"), required=False, widget=forms.DateInput(format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=gettext_lazy("Time of day"), required=False, widget=forms.TimeInput(format="%H:%M")
    )

    def initial_of(self, campaign: Campaign) -> dict[str, Any]:
        initial: dict[str, Any] = {"timing": campaign.timing}
        if campaign.scheduled_at is not None and campaign.timing == Timing.AT:
            local = campaign.scheduled_at.astimezone(self.zone)
            initial |= {"date": local.date(), "time": local.time().replace(microsecond=0)}
        return initial

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.organisation.time_zone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("timing") == Timing.AT:
            for name in ("date", "time"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Choose a date and a time."))
        return cleaned

    def changes(self) -> dict[str, Any]:
        timing = self.cleaned_data["timing"]
        if timing == Timing.NOW:
            return {"timing": timing, "scheduled_at": None}
        at = datetime.combine(self.cleaned_data["date"], self.cleaned_data["time"], self.zone)
        return {"timing": timing, "scheduled_at": at}


class TestForm(forms.Form):
    """Up to ten addresses, one a line or separated by commas."""

    __test__ = False  # not a test case

    addresses = forms.CharField(
        label=gettext_lazy("Addresses"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Up to 10, one a line. The subject begins with a mark that says test."
        ),
    )
    reader = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_addresses(self) -> list[str]:
        text = str(self.cleaned_data["addresses"]).replace(",", "\n").replace("、", "\n")
        return [line.strip() for line in text.splitlines() if line.strip()]
