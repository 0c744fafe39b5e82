"""Lists are what people signed up for; a subscription is one reader's consent on one list."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from lists.models.readers import Reader


class ReaderList(models.Model):
    """A list (リスト). Every organisation is born with a default one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="lists")
    name = models.CharField(_("Name"), max_length=100)
    is_default = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(is_default=True),
                name="list_one_default",
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="list_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SubscriptionState(models.TextChoices):
    SUBSCRIBED = "subscribed", _("Subscribed")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")


class Subscription(models.Model):
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="subscriptions")
    list = models.ForeignKey(ReaderList, on_delete=models.CASCADE, related_name="subscriptions")
    state = models.CharField(
        max_length=12, choices=SubscriptionState, default=SubscriptionState.SUBSCRIBED
    )
    basis = models.CharField(max_length=16)  # ConsentBasis of the newest consent
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "reader"], name="subscription_once")]
        indexes = [models.Index(fields=["list", "state"], name="subscription_by_state")]

    def __str__(self) -> str:
        return f"{self.reader_id} on {self.list_id}: {self.state}"
