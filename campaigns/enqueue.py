"""Asks Celery to look at campaigns, by the names of tasks. A broker that is down is no error: beat asks again."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def start_due_on_commit() -> None:
    transaction.on_commit(request_start_due)


def request_start_due() -> None:
    try:
        current_app.send_task(
            "campaigns.start_due", queue="plan", expires=60, retry=False, ignore_result=True
        )
    except OperationalError as error:
        logger.warning("enqueue.failed task=campaigns.start_due error=%s", error)
