"""What a reader did last, summed up from the outbox and from tracking."""

from django.db import models

from lists.models.readers import Reader


class ReaderActivity(models.Model):
    """One row per reader who was ever mailed. Counts of distinct mailings, not of events."""

    reader = models.OneToOneField(
        Reader, on_delete=models.CASCADE, primary_key=True, related_name="activity"
    )
    sent = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    last_clicked_at = models.DateTimeField(null=True)
    last_failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"activity of {self.reader_id}"
