"""Raw facts: every open, click and unsubscribe as it came, with our verdict beside it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.IntegerChoices):
    OPEN = 1, _("Open")
    CLICK = 2, _("Click")
    UNSUBSCRIBE = 3, _("Unsubscribe")
    RESUBSCRIBE = 4, _("Unsubscribe undone")


class Verdict(models.TextChoices):
    HUMAN = "human", _("A person")
    PROXY = "proxy", _("An image proxy")
    SCANNER = "scanner", _("A security scanner")
    PRIVACY_RELAY = "privacy_relay", _("A privacy relay")


class Event(models.Model):
    """One request. Partitioned by month; made by SQL in the first migrations.

    The tracker gives `id` and `at`; as the key of the row they make a second delivery of the same event harmless.
    """

    pk = models.CompositePrimaryKey("at", "id")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.SmallIntegerField(choices=EventKind)
    mailing_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    link_index = models.IntegerField(null=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(blank=True)
    verdict = models.TextField(choices=Verdict)
    rule = models.TextField(blank=True)

    class Meta:
        db_table = "tracking_event"
        managed = False

    def __str__(self) -> str:
        return f"{self.kind} {self.mailing_id}/{self.delivery_id}"
