"""Tasks of this app, sent by name once the caller's transaction has committed."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def enqueue_import(import_id: int) -> None:
    """Ask a worker to run an import. A lost request is made up for by `lists.retry_imports`."""
    transaction.on_commit(partial(_send, "lists.run_import", {"import_id": import_id}))


def _send(name: str, kwargs: dict[str, int]) -> None:
    try:
        current_app.send_task(name, kwargs=kwargs, queue="default")
    except OperationalError:
        log.warning("task.not_sent name=%s %s", name, kwargs)
