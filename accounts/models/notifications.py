"""What happened while nobody looked: the notices behind the bell."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models.organisations import Organisation
from accounts.models.users import User


class Notification(models.Model):
    """One notice for one person, or for all members (`user` empty).

    `kind` is a key of accounts/notices.py, which turns it and `params` into a sentence in the reader's
    language. `url` is a path of ours. Who has read what is kept with the member, so that one notice
    serves everybody.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="notifications"
    )
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-id"], name="notification_newest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.organisation_id})"
