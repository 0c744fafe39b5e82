"""What an inbound report said about one of our deliveries."""

from django.db import models
from django.utils import timezone

from bounces.models.inbound import InboundMail


class BounceReport(models.Model):
    """One recipient in one report. `acted` tells whether it changed the ledger or the list."""

    inbound = models.ForeignKey(InboundMail, on_delete=models.CASCADE, related_name="reports")
    mailing_id = models.BigIntegerField(null=True)
    delivery_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=320, blank=True)
    action = models.CharField(max_length=12, blank=True)  # failed, delayed, delivered …
    status = models.CharField(max_length=11, blank=True)
    reply_text = models.TextField(blank=True)
    reply_class = models.CharField(max_length=24, blank=True)
    is_verified = models.BooleanField(default=False)  # our token was genuine
    acted = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["mailing_id", "delivery_id"], name="report_of_delivery")]

    def __str__(self) -> str:
        return f"{self.address} {self.reply_class}"
