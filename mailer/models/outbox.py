"""What happened, for everybody who wants to know: written with the outcome, read in order."""

from django.db import models


class OutcomeKind(models.IntegerChoices):
    ACCEPTED = 1
    FAILED = 2
    UNCERTAIN = 3
    SKIPPED = 4


class OutboxEntry(models.Model):
    """One final outcome. The hidden column `xid` (xid8) orders entries by transaction."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.SmallIntegerField(choices=OutcomeKind)
    organisation_id = models.BigIntegerField()
    mailing_id = models.BigIntegerField()
    mailing_kind = models.TextField()
    delivery_id = models.BigIntegerField()
    recipient_ref = models.BigIntegerField()
    address_key = models.BinaryField()
    provider = models.TextField(blank=True)
    reply_class = models.TextField(blank=True)
    suppressed = models.BooleanField(default=False)  # the cleaning policy stopped this address

    class Meta:
        db_table = "mailer_outbox"
        managed = False

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.delivery_id} {self.kind}"


class OutboxCursor(models.Model):
    """How far one reader of the outbox has come."""

    name = models.CharField(max_length=40, primary_key=True)
    xid = models.DecimalField(max_digits=20, decimal_places=0, default=0)
    entry_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
