"""Taking an uploaded file in. Nothing of it is believed yet."""

import hashlib
import uuid
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.core.files import File
from django.db import transaction

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from lists.enqueue import enqueue_import
from lists.models import ConsentBasis, ReaderImport, ReaderList


class FileTooLargeError(Exception):
    """The file is larger than IMPORT_MAX_BYTES."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} of {limit_bytes} bytes")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


def create_import(
    *,
    organisation: Organisation,
    reader_list: ReaderList,
    file: File,  # type: ignore[type-arg]  # generic only in the stubs
    file_name: str,
    basis: ConsentBasis,
    evidence: str,
    actor: User | None,
    now: datetime,
    in_background: bool = True,
) -> ReaderImport:
    """Store a file with the consent that its people gave; a worker reads it soon.

    With `in_background=False` the caller runs it. Raises FileTooLargeError.
    """
    if reader_list.organisation_id != organisation.pk:
        raise ValueError(f"list {reader_list.pk} is not one of organisation {organisation.pk}")
    if file.size > settings.IMPORT_MAX_BYTES:
        raise FileTooLargeError(file.size, settings.IMPORT_MAX_BYTES)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    with transaction.atomic():
        row = ReaderImport(
            organisation=organisation,
            list=reader_list,
            file_name=_shown_name(file_name),
            sha256=digest.hexdigest(),
            basis=ConsentBasis(basis),
            evidence=evidence.strip(),
            created_by=actor,
            created_at=now,
        )
        # The name that people gave is only shown; the name on disk is ours.
        row.file.save(uuid.uuid4().hex, file, save=False)
        row.save()
        record_act(
            organisation=organisation,
            actor=actor,
            verb="import.created",
            target=f"import:{row.pk}",
            data={"file": row.file_name, "sha256": row.sha256, "basis": row.basis},
        )
        if in_background:
            enqueue_import(row.pk)
    return row


def _shown_name(name: str) -> str:
    plain = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable())
    return plain[:200] or "?"
