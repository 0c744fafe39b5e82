"""Running an import: claim, stage, merge, write down; in one transaction, all or nothing.

A claim is a conditional UPDATE and a lock that dies with its connection: a worker that was killed
is told apart from one that is slow, and its import is run again from the start.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from accounts.services.notifications import notify
from lists.models import ImportState, ReaderImport
from lists.parsers.faults import UnreadableFileError
from lists.services.imports.fields import ensure_fields, known_fields
from lists.services.imports.merging import MergeResult, merge_stage
from lists.services.imports.staging import Progress, StagedFile, stage_file

log = logging.getLogger(__name__)

MAX_CLAIMS: Final = 3
_STALE_AFTER: Final = timedelta(minutes=1)
_COUNTS: Final = (
    "read",
    "created",
    "updated",
    "unchanged",
    "duplicates",
    "errors",
    "excluded",
)


def run_import(import_id: int, now: datetime, progress: Progress = lambda rows: None) -> bool:
    """Run a waiting import, or one whose worker died. False when there was nothing to do here.

    A file that cannot be read ends as failed, with the reason; no reader is changed then.
    """
    if not _claim(import_id, now):
        return False
    try:
        with transaction.atomic():
            if not _lock(import_id):
                return False  # another worker was quicker
            row = ReaderImport.objects.select_related("organisation").get(pk=import_id)
            _run(row, now, progress)
            _tell(row, "import.finished", now, created=row.created, errors=row.errors)
    except UnreadableFileError as error:
        _fail(import_id, now, error.reason, error.detail)
    except FileNotFoundError:
        _fail(import_id, now, "file-lost")
    return True


def unfinished_imports(now: datetime) -> list[int]:
    """Return imports that somebody should look at: requests that were lost, workers that died."""
    long_ago = now - _STALE_AFTER
    waiting = Q(state=ImportState.WAITING, created_at__lt=long_ago)
    stale = Q(state=ImportState.RUNNING, claimed_at__lt=long_ago)
    return list(
        ReaderImport.objects.filter(waiting | stale).order_by("pk").values_list("pk", flat=True)
    )


def _claim(import_id: int, now: datetime) -> bool:
    """Mark the import as running. After a number of deaths it is given up instead."""
    stale = Q(state=ImportState.RUNNING, claimed_at__lt=now - _STALE_AFTER)
    mine = ReaderImport.objects.filter(Q(state=ImportState.WAITING) | stale, pk=import_id)
    with transaction.atomic():
        if not _lock(import_id):
            return False  # its worker is alive
        if mine.filter(claims__gte=MAX_CLAIMS).exists():
            _fail(import_id, now, "crashed")
            return False
        is_claimed = mine.update(state=ImportState.RUNNING, claimed_at=now, claims=F("claims") + 1)
    return bool(is_claimed)


def _lock(import_id: int) -> bool:
    """Take the lock that shows that somebody is at work. It ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('lists.import', %s))", [import_id]
        )
        return bool(cursor.fetchone()[0])


def _run(row: ReaderImport, now: datetime, progress: Progress) -> None:
    with row.file.open("rb") as file:
        staged = stage_file(file.file.file, known_fields(row.organisation), progress)
        ensure_fields(row.organisation, staged.plan)
        result = merge_stage(row, now)
    _write_down(row, staged, result)
    log.info(
        "import.done id=%s read=%s created=%s errors=%s",
        row.pk,
        result.read,
        result.created,
        result.errors,
    )


def _write_down(row: ReaderImport, staged: StagedFile, result: MergeResult) -> None:
    row.encoding, row.delimiter = staged.encoding, staged.delimiter
    row.header, row.mapping = list(staged.plan.header), staged.plan.mapping()
    for name in _COUNTS:
        setattr(row, name, getattr(result, name))
    row.state, row.finished_at = ImportState.DONE, Now()
    row.save(
        update_fields=[
            *("encoding", "delimiter", "header", "mapping", "state", "finished_at"),
            *_COUNTS,
        ]
    )


def _fail(import_id: int, now: datetime, reason: str, detail: str = "") -> None:
    """Write down why nothing was imported. The transaction of the run has been rolled back."""
    log.info("import.failed id=%s reason=%s", import_id, reason)
    with transaction.atomic():
        ReaderImport.objects.filter(pk=import_id).update(
            state=ImportState.FAILED, failure=reason, failure_detail=detail[:300], finished_at=Now()
        )
        row = ReaderImport.objects.select_related("organisation").get(pk=import_id)
        _tell(row, "import.failed", now)


def _tell(row: ReaderImport, kind: str, now: datetime, **params: int) -> None:
    notify(
        organisation=row.organisation,
        kind=kind,
        params={"file": row.file_name, **params},
        url=reverse("lists:import_result", args=[row.organisation.slug, row.pk]),
        now=now,
    )
