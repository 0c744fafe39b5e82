"""One compiled content with its sender, ready to be delivered to the rows of its ledger."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from mailer.models.domains import SendingDomain
from mailer.models.sources import Pool


class MailingKind(models.TextChoices):
    CAMPAIGN = "campaign", _("Campaign")
    TEST = "test", _("Test")
    API = "api", _("API")


class MailingState(models.TextChoices):
    PLANNING = "planning", _("Preparing")
    RUNNING = "running", _("Sending")
    PAUSED = "paused", _("Paused")
    CANCELLED = "cancelled", _("Cancelled")
    FINISHED = "finished", _("Sent")


class Mailing(models.Model):
    """What a campaign, a test send or the API hands to the delivery engine.

    `content` is the JSON of `mailer.engine.content.CompiledContent`; `source` names the registered
    `MessageSource` that fills it; `reference` is the caller's own word for it ("campaign:42").
    A delivery is skipped when its address key is suppressed in any of `suppression_scopes`;
    leaving through the mail's own link suppresses it in `unsubscribe_scope`.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="mailings"
    )
    kind = models.CharField(max_length=8, choices=MailingKind)
    reference = models.CharField(max_length=60)
    source = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=MailingState, default=MailingState.PLANNING)
    priority = models.SmallIntegerField(default=50)  # lower goes first: test 10, API 20, bulk 50
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="mailings")
    sending_domain = models.ForeignKey(
        SendingDomain, on_delete=models.PROTECT, related_name="mailings"
    )
    from_name = models.CharField(max_length=100, blank=True)
    from_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    list_id = models.CharField(max_length=200, blank=True)
    content = models.JSONField()
    tracks_opens = models.BooleanField(default=True)
    tracks_clicks = models.BooleanField(default=True)
    suppression_scopes = ArrayField(models.CharField(max_length=40))
    unsubscribe_scope = models.CharField(max_length=40, blank=True)
    pause_reason = models.CharField(
        max_length=60, blank=True
    )  # a stable word; detail in pause_detail
    pause_detail = models.TextField(blank=True)
    stop_generation = models.PositiveIntegerField(default=0)  # grows with pause, cancel, stop

    planned = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    uncertain = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["planning", "running", "paused"]),
                name="mailing_alive",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="cancelled", finished_at__isnull=True),
                name="mailing_being_cancelled",
            ),
            models.Index(fields=["organisation", "reference"], name="mailing_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.state})"

    @property
    def is_finished(self) -> bool:
        return self.state in {MailingState.FINISHED, MailingState.CANCELLED}

    @property
    def remaining(self) -> int:
        """Deliveries without a final outcome."""
        done = self.accepted + self.failed + self.skipped + self.cancelled + self.uncertain
        return self.planned - done
