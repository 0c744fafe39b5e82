"""Who did what, append-only."""

from django.db import models
from django.utils import timezone

from accounts.models.organisations import Organisation
from accounts.models.users import User


class AuditEntry(models.Model):
    """One act. `organisation` is empty for acts on the installation."""

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    verb = models.CharField(max_length=60)  # stable names: "campaign.started"
    target = models.CharField(max_length=120)  # "campaign:42"
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-created_at"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target}"
