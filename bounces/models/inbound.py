"""Mail that reached us, stored before it is acknowledged."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InboundState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REVIEW = "review", _("Needs a look")
    FAILED = "failed", _("Could not be read")


class InboundMail(models.Model):
    """One mail exactly as received. `door` says how it came: smtp, imap or file."""

    received_at = models.DateTimeField(default=timezone.now)
    door = models.CharField(max_length=8)
    peer = models.CharField(max_length=60, blank=True)
    mail_from = models.CharField(max_length=320, blank=True)
    rcpt_to = models.CharField(max_length=320)
    mailing_id = models.BigIntegerField(null=True)  # of the token in the return path
    delivery_id = models.BigIntegerField(null=True)
    raw = models.BinaryField()
    state = models.CharField(max_length=8, choices=InboundState, default=InboundState.WAITING)
    kind = models.CharField(max_length=16, blank=True)  # dsn, arf, autoreply …
    note = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state="waiting"), name="inbound_waiting"
            ),
            models.Index(fields=["received_at"], name="inbound_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.rcpt_to} {self.kind}"
