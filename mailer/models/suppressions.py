"""Addresses that must not be mailed, checked by every path just before sending."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class SuppressionReason(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    RECIPIENT_GONE = "recipient_gone", _("Address does not exist")
    SOFT_FAILURES = "soft_failures", _("Errors again and again")
    COMPLAINT = "complaint", _("Reported as spam")
    STAFF = "staff", _("Stopped by staff")
    TRASHED = "trashed", _("Deleted")


class Suppression(models.Model):
    """An address key that is closed in one scope: `installation`, `org:<id>` or `list:<id>`.

    The address itself is not kept: the key is a keyed hash, so that the row survives deletion.
    """

    scope = models.CharField(max_length=40)
    address_key = models.BinaryField()
    reason = models.CharField(max_length=16, choices=SuppressionReason)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE)
    mailing_id = models.BigIntegerField(null=True)  # what it came from
    delivery_id = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_key", "scope"], name="suppression_once")
        ]
        indexes = [models.Index(fields=["scope", "-created_at"], name="suppression_by_scope")]

    def __str__(self) -> str:
        return f"{self.scope} {self.reason}"


class SuppressionEvent(models.Model):
    """The trail: every stop and every release, append-only."""

    scope = models.CharField(max_length=40)
    address_key = models.BinaryField()
    action = models.CharField(max_length=8, choices=[("added", "added"), ("removed", "removed")])
    reason = models.CharField(max_length=16)
    actor = models.CharField(max_length=120, blank=True)  # "user:3", "delivery:5/77", "reader"
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["address_key"], name="suppression_event_by_key")]

    def __str__(self) -> str:
        return f"{self.action} {self.scope} {self.reason}"
