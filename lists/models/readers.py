"""Readers: one per address and organisation."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class ReaderState(models.TextChoices):
    ACTIVE = "active", _("Active")
    UNCONFIRMED = "unconfirmed", _("Waiting for confirmation")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    BOUNCED = "bounced", _("Stopped after an error")
    COMPLAINED = "complained", _("Reported as spam")
    TRASHED = "trashed", _("In the trash")


class Reader(models.Model):
    """A person who may get mail. `state` sums up what suppressions and subscriptions enforce."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="readers")
    address = models.CharField(_("E-mail address"), max_length=254)  # the form that is sent to
    normalised = models.CharField(max_length=254)  # the form that makes two addresses one reader
    address_key = models.BinaryField()
    domain = models.CharField(max_length=253)
    name = models.CharField(_("Name"), max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=ReaderState, default=ReaderState.ACTIVE)
    state_detail = models.CharField(
        max_length=200, blank=True
    )  # reply class or route, stable words
    fields = models.JSONField(default=dict)  # Field.key → value
    source = models.CharField(max_length=60, blank=True)  # "import:12", "staff:3", "form:4"
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    state_changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "address_key"], name="reader_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=ReaderState.values), name="reader_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="reader_newest"),
            models.Index(fields=["organisation", "state", "-id"], name="reader_by_state"),
            models.Index(fields=["address_key"], name="reader_by_key"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_active(self) -> bool:
        return self.state == ReaderState.ACTIVE
