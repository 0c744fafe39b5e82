"""The consent ledger: append-only evidence for 特定電子メール法 §3."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class ConsentBasis(models.TextChoices):
    CONSENT = "consent", _("Asked for or agreed beforehand")
    WRITTEN = "written", _("Gave the address in writing (business card)")
    BUSINESS = "business", _("In a business relationship")
    PUBLISHED = "published", _("Publishes the address of a business")
    UNKNOWN = "unknown", _("Unknown")


# Only these may get advertising mail (特定電子メール法 §3-1, 規則 §2–3).
BASES_FOR_ADVERTISING = frozenset(
    {ConsentBasis.CONSENT, ConsentBasis.WRITTEN, ConsentBasis.BUSINESS, ConsentBasis.PUBLISHED}
)


class ConsentAct(models.TextChoices):
    GIVEN = "given", _("Consent given")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")


class ConsentRecord(models.Model):
    """One act of one person. Outlives the reader: the key is a keyed hash of the address."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    reader_id = models.BigIntegerField(null=True)
    address_key = models.BinaryField()
    list_id = models.BigIntegerField(null=True)
    act = models.CharField(max_length=10, choices=ConsentAct)
    basis = models.CharField(max_length=16, choices=ConsentBasis)
    route = models.CharField(max_length=60)  # "import:12", "staff:3", "one-click:5/77", "page:5/77"
    evidence = models.TextField(blank=True)  # in the words of the person who recorded it
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "address_key", "at"], name="consent_by_key")
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.basis} {self.at}"
