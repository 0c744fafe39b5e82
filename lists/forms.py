"""Forms of the readers' screens."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from lists.models import ConsentBasis, Field, Reader, ReaderList
from lists.services.default_list import ensure_default_list
from lists.services.stops import StopReason
from lists.words import BASES, row_reason
from mailer.engine.address import AddressError, clean_address

_EVIDENCE_EXAMPLE: Final = gettext_lazy(
    "For example “Application forms at the shop, September 2026”. The law asks you to keep it: it is"
    " stored with every reader."
)
_FIELD_PREFIX: Final = "field_"
_MAX_VALUE_CHARS: Final = 2_000
_MAX_NAME_CHARS: Final = 200


def _basis_choices(values: Iterable[str]) -> list[tuple[str, str | Promise]]:
    """Return the choices as radio cards show them: a title, and below it an explanation."""
    return [(value, format_lazy("{}\n{}", *BASES[value])) for value in values]


class ConsentMixin(forms.Form):
    """The basis of consent with its evidence, and the list when there is more than one."""

    list = forms.ModelChoiceField(
        label=gettext_lazy("List"), queryset=ReaderList.objects.none(), empty_label=None
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("How did they agree to get your mails?"),
        choices=_basis_choices(BASES),
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("Where can that be seen?"),
        help_text=format_lazy(
            "{} {}", gettext_lazy("Required unless the basis is unknown."), _EVIDENCE_EXAMPLE
        ),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default_list = ensure_default_list(organisation)
        lists = ReaderList.objects.filter(organisation=organisation, archived_at=None)
        self.has_several_lists = lists.count() > 1
        choice = self.fields["list"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        choice.queryset = lists.order_by("-is_default", "name")
        choice.initial = self.default_list
        choice.required = self.has_several_lists

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.has_several_lists:
            cleaned["list"] = self.default_list
        basis = cleaned.get("basis")
        if basis and basis != ConsentBasis.UNKNOWN and not cleaned.get("evidence", "").strip():
            self.add_error("evidence", _("Write down where the consent can be seen."))
        return cleaned


class FieldsMixin(forms.Form):
    """One text input for every field of the organisation."""

    def __init__(
        self, *args: Any, own_fields: Sequence[Field], values: dict[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own_fields = own_fields
        for field in own_fields:
            self.fields[_FIELD_PREFIX + field.key] = forms.CharField(
                label=field.label,
                required=False,
                max_length=_MAX_VALUE_CHARS,
                initial=values.get(field.key, ""),
            )

    def bound_fields(self) -> list[forms.BoundField]:
        return [self[_FIELD_PREFIX + field.key] for field in self.own_fields]

    def field_values(self) -> dict[str, str]:
        """Return field key → value, after validation."""
        return {
            field.key: self.cleaned_data[_FIELD_PREFIX + field.key] for field in self.own_fields
        }


class UploadForm(ConsentMixin):
    """A file of readers."""

    file = forms.FileField(
        label=gettext_lazy("File of readers"),
        help_text=gettext_lazy("CSV, TSV or Excel (.xlsx), with e-mail addresses in one column"),
        error_messages={"required": gettext_lazy("Choose a file.")},
        allow_empty_file=True,
    )
    field_order = ("file", "list", "basis", "evidence")


class ReaderForm(ConsentMixin, FieldsMixin):
    """One new reader."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=1_000,
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=_MAX_NAME_CHARS)
    field_order = ("address", "name")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        try:
            clean_address(address)
        except AddressError as error:
            raise forms.ValidationError(row_reason(error.reason)) from error
        return address


class EditForm(FieldsMixin):
    """Name and fields of a reader. The address stays: another address is another person."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=_MAX_NAME_CHARS)


class StopForm(forms.Form):
    """Why staff stop a reader."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"), choices=StopReason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("For example when and to whom the person said so."),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoteForm(forms.Form):
    """Resuming somebody whom only an error or our own decision had stopped."""

    evidence = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NewConsentForm(ConsentMixin):
    """Resuming somebody who had left: only with a new consent."""

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, **kwargs)
        basis = self.fields["basis"]
        assert isinstance(basis, forms.ChoiceField)  # noqa: S101 - for the type checker
        known = [value for value in BASES if value != ConsentBasis.UNKNOWN]
        basis.choices = _basis_choices(known)
        self.fields["evidence"].help_text = _EVIDENCE_EXAMPLE


def resume_form(
    reader: Reader, *, needs_consent: bool, data: Any = None
) -> NewConsentForm | NoteForm:
    """Return the form that fits what stopped the reader."""
    if needs_consent:
        return NewConsentForm(data, organisation=reader.organisation)
    return NoteForm(data)
