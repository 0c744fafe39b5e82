"""Sending domains and their DKIM keys."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class DomainState(models.TextChoices):
    UNVERIFIED = "unverified", _("Not checked yet")
    VERIFIED = "verified", _("Ready to send")
    FAILING = "failing", _("Records are missing or wrong")


class SendingDomain(models.Model):
    """A domain that an organisation sends from, with the hosts that carry its bounces and links."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="sending_domains"
    )
    name = models.CharField(_("Domain"), max_length=253)  # lower-case A-labels
    return_path_host = models.CharField(max_length=253)  # bounce.<name>
    state = models.CharField(max_length=10, choices=DomainState, default=DomainState.UNVERIFIED)
    check_result = models.JSONField(default=dict)  # record → {state, found, reason}
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="sending_domain_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.state == DomainState.VERIFIED


class KeyState(models.TextChoices):
    PUBLISHED = "published", _("Waiting for DNS")
    ACTIVE = "active", _("Signing")
    RETIRED = "retired", _("Retired")


class DkimKey(models.Model):
    """One DKIM key pair. The private half is sealed with the installation's master key."""

    domain = models.ForeignKey(SendingDomain, on_delete=models.CASCADE, related_name="keys")
    algorithm = models.CharField(
        max_length=8, choices=[("rsa", "RSA-2048"), ("ed25519", "Ed25519")]
    )
    selector = models.CharField(max_length=63)
    private_sealed = models.BinaryField()
    public_key = models.TextField()  # base64 of the p= tag
    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.PUBLISHED)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_once")
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain.name}"
