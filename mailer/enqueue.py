"""Asks Celery to look, by the names of tasks. A broker that is down is no error: beat asks again."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A request that nobody took in this time is repeated by the tick; queues never pile up.
SLICE_EXPIRES_S = 10


def resolve_on_commit(mailing_id: int) -> None:
    transaction.on_commit(partial(request_resolve, mailing_id))


def request_resolve(mailing_id: int) -> bool:
    return _send("mailer.resolve", "plan", {"mailing_id": mailing_id}, expires_s=300)


def request_slices(nodes: Mapping[str, Iterable[int]]) -> None:
    """Ask each node's slots for one slice of work."""
    for node, slots in nodes.items():
        for slot in slots:
            request_slice(node, slot)


def request_slice(node: str, slot: int) -> bool:
    """Return False when the broker cannot be reached."""
    return _send("mailer.run_slice", f"deliver.{node}", {"slot": slot}, expires_s=SLICE_EXPIRES_S)


def _send(name: str, queue: str, kwargs: dict[str, Any], *, expires_s: int) -> bool:
    try:
        current_app.send_task(
            name, kwargs=kwargs, queue=queue, expires=expires_s, retry=False, ignore_result=True
        )
    except OperationalError as error:
        logger.warning("enqueue.failed task=%s queue=%s error=%s", name, queue, error)
        return False
    return True
