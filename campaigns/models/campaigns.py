"""A campaign: what a marketer writes, checks, schedules and sends to one list."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from lists.models import ReaderList
from mailer.models import Mailing, SendingDomain


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    PREPARING = "preparing", _("Preparing")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class Timing(models.TextChoices):
    """When the campaign starts, as its author decided; undecided is an empty string."""

    NOW = "now", _("Right away")
    AT = "at", _("At a chosen time")


class Campaign(models.Model):
    """One newsletter. From PREPARING on its content is frozen in `mailing`."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="campaigns"
    )
    name = models.CharField(_("Name"), max_length=120)
    list = models.ForeignKey(ReaderList, null=True, blank=True, on_delete=models.PROTECT)
    sending_domain = models.ForeignKey(
        SendingDomain, null=True, blank=True, on_delete=models.PROTECT
    )
    from_name = models.CharField(_("Sender name"), max_length=100, blank=True)
    from_local = models.CharField(_("Sender address"), max_length=64, blank=True)  # before the @
    reply_to = models.CharField(_("Replies go to"), max_length=254, blank=True)
    subject = models.CharField(_("Subject"), max_length=400, blank=True)
    preheader = models.CharField(_("Preview text"), max_length=400, blank=True)
    html = models.TextField(_("HTML"), blank=True)
    text = models.TextField(_("Text version"), blank=True)
    tracks_opens = models.BooleanField(_("Measure opens"), default=True)
    tracks_clicks = models.BooleanField(_("Measure clicks"), default=True)
    state = models.CharField(max_length=9, choices=CampaignState, default=CampaignState.DRAFT)
    failure = models.CharField(
        max_length=60, blank=True
    )  # a stable word; the page says it in words
    failure_detail = models.TextField(blank=True)
    timing = models.CharField(max_length=3, choices=Timing, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    mailing = models.OneToOneField(
        Mailing, null=True, on_delete=models.PROTECT, related_name="campaign"
    )
    revision = models.PositiveIntegerField(default=1)  # grows with every saved change
    content_revision = models.PositiveIntegerField(default=1)  # … of subject, preview text or body
    tested_revision = models.PositiveIntegerField(default=0)  # content_revision of the last test
    tested_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CampaignState.values), name="campaign_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="scheduled") | models.Q(scheduled_at__isnull=False),
                name="campaign_scheduled_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-updated_at"], name="campaign_newest"),
            models.Index(
                fields=["scheduled_at"],
                condition=models.Q(state="scheduled"),
                name="campaign_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def from_address(self) -> str:
        if self.sending_domain is None or not self.from_local:
            return ""
        return f"{self.from_local}@{self.sending_domain.name}"

    @property
    def is_editable(self) -> bool:
        return self.state in {CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.FAILED}

    @property
    def state_is_final(self) -> bool:
        return self.state in {CampaignState.SENT, CampaignState.CANCELLED}

    @property
    def test_is_current(self) -> bool:
        """Somebody got the mail in an inbox as it is now."""
        return self.tested_revision == self.content_revision

    @property
    def is_running(self) -> bool:
        return self.state in {CampaignState.PREPARING, CampaignState.SENDING, CampaignState.PAUSED}
