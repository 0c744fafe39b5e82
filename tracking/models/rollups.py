"""Counters kept by the drain, so that reports never count events."""

from django.db import models


class DeliveryEngagement(models.Model):
    """What one recipient did with one mail.

    `human_…` leaves out scanners and privacy relays, which fetch without anybody reading. An image proxy fetches
    when its user opens the mail, so its opens are a person's.
    """

    pk = models.CompositePrimaryKey("mailing_id", "delivery_id")
    mailing_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    recipient_ref = models.BigIntegerField()
    opens = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    first_open_at = models.DateTimeField(null=True)
    human_open_at = models.DateTimeField(null=True)
    first_click_at = models.DateTimeField(null=True)
    human_click_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["recipient_ref"], name="engagement_of_recipient")]

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.delivery_id}"


class MailingEngagement(models.Model):
    """Recipients of one mailing who did something at least once."""

    mailing_id = models.BigIntegerField(primary_key=True)
    opened = models.PositiveIntegerField(default=0)
    human_opened = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    human_clicked = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"engagement of mailing {self.mailing_id}"


class LinkCount(models.Model):
    """Clicks on one link of one mailing."""

    mailing_id = models.BigIntegerField()
    link_index = models.IntegerField()
    clicks = models.PositiveIntegerField(default=0)
    human_clicks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing_id", "link_index"], name="link_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id} link {self.link_index}: {self.clicks}"
