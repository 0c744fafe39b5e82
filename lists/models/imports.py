"""Imports of reader files and the rows that could not be read."""

import builtins

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from lists.models.consents import ConsentBasis
from lists.models.subscriptions import ReaderList


class ImportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Importing")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ReaderImport(models.Model):
    """One file and what became of it.

    The result is an equation:
    read = created + updated + unchanged + duplicates + Σ excluded + errors.
    A worker claims the row by a conditional UPDATE; a claim that is never finished is taken over.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="imports")
    list = models.ForeignKey(ReaderList, on_delete=models.CASCADE)
    file_name = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports/", blank=True)
    sha256 = models.CharField(max_length=64)
    basis = models.CharField(max_length=16, choices=ConsentBasis)
    evidence = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.WAITING)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    mapping = models.JSONField(default=dict)  # column header → field key
    # "list" is a column of this class, so the builtin has to be named in full.
    header = models.JSONField(default=builtins.list)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    excluded = models.JSONField(default=dict)  # reason → rows
    errors = models.PositiveIntegerField(default=0)
    failure = models.CharField(
        max_length=40, blank=True
    )  # a stable word; the page says it in words
    failure_detail = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    claims = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="import_newest"),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="import_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_finished(self) -> bool:
        return self.state in {ImportState.DONE, ImportState.FAILED}

    @property
    def is_done(self) -> bool:
        return self.state == ImportState.DONE

    @property
    def excluded_total(self) -> int:
        return sum(self.excluded.values())


class ImportErrorRow(models.Model):
    """One row that was left out, with its original cells, for the error file."""

    reader_import = models.ForeignKey(
        ReaderImport, on_delete=models.CASCADE, related_name="error_rows"
    )
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)  # a stable word
    cells = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["reader_import", "line"], name="import_error_by_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
