"""Recipient domains: their MX set and the provider that really receives for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OrganisationKind


class DestinationState(models.TextChoices):
    RESOLVED = "resolved", _("Receives mail")
    NO_MAIL = "no_mail", _("Accepts no mail")  # RFC 7505 null MX
    NOT_FOUND = "not_found", _("Does not exist")  # NXDOMAIN, or neither MX nor address
    FORBIDDEN = "forbidden", _("Leads outside the allowed network")
    FAILING = "failing", _("DNS does not answer")  # retried


class Destination(models.Model):
    """What DNS of one realm said about one domain. Realms never share an answer."""

    realm = models.CharField(max_length=8, choices=OrganisationKind)
    domain = models.CharField(max_length=253)
    state = models.CharField(max_length=10, choices=DestinationState)
    provider = models.CharField(max_length=80, blank=True)
    mx = models.JSONField(default=list)  # [[preference, host], …] lowest first
    detail = models.CharField(max_length=200, blank=True)  # the resolver's own words
    failures = models.PositiveSmallIntegerField(default=0)
    resolved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["realm", "domain"], name="destination_once")]

    def __str__(self) -> str:
        return self.domain
