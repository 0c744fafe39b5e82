"""Organisations: the owners of readers, campaigns and sending domains."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    LIVE = "live", _("Live")
    PRACTICE = "practice", _("Practice")


class Organisation(models.Model):
    """A company or a team. Its kind is set at birth: a practice one can never reach real people."""

    name = models.CharField(_("Name"), max_length=100)
    slug = models.CharField(
        max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")]
    )
    kind = models.CharField(max_length=8, choices=OrganisationKind)
    language = models.CharField(_("Language"), max_length=8, default="ja")
    time_zone = models.CharField(_("Time zone"), max_length=64, default="Asia/Tokyo")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganisationKind.values), name="organisation_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_practice(self) -> bool:
        return self.kind == OrganisationKind.PRACTICE


class SenderProfile(models.Model):
    """What 特定電子メール法 §4 asks every advertising mail to show about its sender."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, related_name="sender_profile"
    )
    legal_name = models.CharField(_("Company or person responsible"), max_length=120, blank=True)
    postal_address = models.CharField(_("Postal address"), max_length=240, blank=True)
    contact = models.CharField(
        _("Where complaints and questions go (phone, e-mail or web address)"),
        max_length=200,
        blank=True,
    )
    updated_at = models.DateTimeField(auto_now=True)

    REQUIRED: ClassVar[tuple[str, ...]] = ("legal_name", "postal_address", "contact")

    def __str__(self) -> str:
        return self.legal_name

    @property
    def is_complete(self) -> bool:
        return all(getattr(self, name).strip() for name in self.REQUIRED)
