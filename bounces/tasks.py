"""Celery's way in."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from bounces.enqueue import PROCESS_INBOUND, process_inbound_soon
from bounces.services.process import process_waiting

BATCH = 200


@shared_task(name=PROCESS_INBOUND)
def process_inbound(**_later_arguments: Any) -> None:
    """Work on the mails that wait; ask for another round when there may be more."""
    if process_waiting(now=timezone.now(), limit=BATCH) == BATCH:
        process_inbound_soon()
