"""Celery's way to the campaigns. Both tasks may run twice at once: rows are claimed, not counted on.

Who asks for a task names its queue: `campaigns.enqueue` and beat (config.schedule).
"""

from typing import Any

from celery import shared_task
from django.utils import timezone

from campaigns.services.running import follow_mailings
from campaigns.services.start import start_due_campaigns


@shared_task(name="campaigns.start_due")
def start_due(**_newer: Any) -> None:
    """Start what is due and take up what a dead worker left in preparation."""
    start_due_campaigns(now=timezone.now())


@shared_task(name="campaigns.follow_mailings")
def follow(**_newer: Any) -> None:
    follow_mailings(now=timezone.now())
