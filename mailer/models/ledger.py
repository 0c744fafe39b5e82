"""The ledger: one row per recipient of a mailing, and one row per conversation about it.

The tables are partitioned and made by SQL in the first migrations. The slots read and write them with
SQL of their own; these classes serve screens, reports and tests.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.IntegerChoices):
    """unresolved → ready → leased → in_flight → accepted | deferred → ready … | a final state."""

    UNRESOLVED = 0, _("Looking up the receiver")
    READY = 1, _("Waiting")
    LEASED = 2, _("About to be sent")
    IN_FLIGHT = 3, _("Being sent")
    DEFERRED = 4, _("On hold, will be retried")
    ACCEPTED = 10, _("Accepted")
    FAILED = 11, _("Error")
    SKIPPED = 12, _("Excluded")
    CANCELLED = 13, _("Cancelled")
    UNCERTAIN = 14, _("Arrival not confirmed")


FINAL_STATES = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.FAILED,
        DeliveryState.SKIPPED,
        DeliveryState.CANCELLED,
        DeliveryState.UNCERTAIN,
    }
)


class SkipReason(models.TextChoices):
    SUPPRESSED = "suppressed", _("Left or stopped before sending")
    FORBIDDEN = "forbidden", _("The address leads outside the allowed network")
    GONE = "gone", _("Deleted before sending")


class Delivery(models.Model):
    """One recipient of one mailing. `recipient_ref` is opaque here: the source knows whose it is."""

    pk = models.CompositePrimaryKey("mailing_id", "id")
    mailing_id = models.BigIntegerField()
    id = models.BigIntegerField()
    recipient_ref = models.BigIntegerField()
    address = models.TextField()
    address_key = models.BinaryField()
    domain = models.TextField()
    provider = models.TextField(blank=True)
    occurrence = models.BigIntegerField(default=0)
    rank = models.IntegerField(default=0)  # lower goes first: the most engaged readers
    merge_version = models.IntegerField(default=0)
    priority = models.SmallIntegerField(default=50)
    state = models.SmallIntegerField(choices=DeliveryState, default=DeliveryState.UNRESOLVED)
    next_at = models.DateTimeField(null=True)
    lease_slot = models.BigIntegerField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    source_id = models.BigIntegerField(null=True)
    reply_code = models.SmallIntegerField(null=True)
    enhanced_code = models.TextField(blank=True)
    reply_class = models.TextField(blank=True)  # of the last reply; a SkipReason for skipped rows
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "mailer_delivery"
        managed = False

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.id}"


class Attempt(models.Model):
    """One conversation with one MX about one delivery, in the server's own words."""

    pk = models.CompositePrimaryKey("at", "id")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    mailing_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    source_id = models.BigIntegerField(null=True)
    mx_host = models.TextField(blank=True)
    mx_address = models.TextField(blank=True)
    stage = models.TextField()  # connect, ehlo, starttls, mail, rcpt, data, dot, report
    tls = models.TextField(blank=True)
    reply_code = models.SmallIntegerField(null=True)
    enhanced_code = models.TextField(blank=True)
    reply_text = models.TextField(blank=True)
    reply_class = models.TextField(blank=True)
    rule = models.TextField(blank=True)
    duration_ms = models.IntegerField(default=0)
    slot = models.BigIntegerField(null=True)

    class Meta:
        db_table = "mailer_attempt"
        managed = False

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.delivery_id} {self.stage} {self.reply_code}"
