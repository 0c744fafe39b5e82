"""What workers do for readers. Every task may run twice harmlessly."""

import logging
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from lists.progress import remember_progress
from lists.services.cleaning import apply_outcomes
from lists.services.imports import run_import, unfinished_imports
from mailer.services.outbox import consume_outbox

log = logging.getLogger(__name__)

_ENTRIES_AT_ONCE: Final = 2_000
_BATCHES_A_RUN: Final = 100


@shared_task(name="lists.run_import")
def run_import_task(*, import_id: int, **_: Any) -> None:
    run_import(import_id, timezone.now(), progress=lambda rows: remember_progress(import_id, rows))


@shared_task(name="lists.retry_imports")
def retry_imports(**_: Any) -> None:
    """Run imports whose request was lost or whose worker died."""
    for import_id in unfinished_imports(timezone.now()):
        log.warning("import.retried id=%s", import_id)
        run_import_task(import_id=import_id)


@shared_task(name="lists.apply_outbox")
def apply_outbox(**_: Any) -> None:
    """Read the outbox until it is empty, or until this run has done its share."""
    for _batch in range(_BATCHES_A_RUN):
        if not consume_outbox(reader="lists", limit=_ENTRIES_AT_ONCE, handle=apply_outcomes):
            return
