"""Tells the workers that mail is waiting. Losing the word is harmless: beat repeats it."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PROCESS_INBOUND = "bounces.process_inbound"


def process_inbound_soon() -> None:
    """Ask for one round over the waiting mails; call it after they are committed."""
    try:
        current_app.send_task(PROCESS_INBOUND, queue="default", retry=False)
    except OperationalError as error:
        logger.warning("bounces.enqueue.broker_away %s", error)
