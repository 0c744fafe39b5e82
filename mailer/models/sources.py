"""Where mail leaves from: pools of source IPs, their limits per provider, and what they used today."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import OrganisationKind


class Pool(models.Model):
    """Source IPs that stand in for each other. A practice pool serves practice organisations only."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=OrganisationKind)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_default=True),
                name="pool_one_default_per_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SourceIP(models.Model):
    """One address that we connect from. `node` is the machine that owns it."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="sources")
    address = models.GenericIPAddressField(_("IP address"), unique=True)
    ehlo_name = models.CharField(_("EHLO name"), max_length=253)
    node = models.CharField(max_length=60)
    daily_cap = models.PositiveIntegerField(
        _("Daily limit per provider"),
        null=True,
        blank=True,
        help_text=_("Messages a provider may accept from this IP on one day. Empty: no limit."),
    )
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.address)


class LaneLimit(models.Model):
    """An administrator's override for one source IP × provider. Empty columns fall back."""

    source = models.ForeignKey(SourceIP, on_delete=models.CASCADE, related_name="limits")
    provider = models.CharField(max_length=80)
    daily_cap = models.PositiveIntegerField(null=True, blank=True)
    rate_per_s = models.FloatField(null=True, blank=True)
    connections = models.PositiveSmallIntegerField(null=True, blank=True)
    messages_per_connection = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "provider"], name="lane_limit_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} × {self.provider}"


class LaneDay(models.Model):
    """Messages that a provider accepted from a source IP on one day of the installation's zone."""

    source = models.ForeignKey(SourceIP, on_delete=models.CASCADE, related_name="days")
    provider = models.CharField(max_length=80)
    day = models.DateField()
    accepted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "provider", "day"], name="lane_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} × {self.provider} {self.day}"
