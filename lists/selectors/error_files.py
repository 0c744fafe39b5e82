"""The rows of an import that could not be read, as a file of the same kind."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lists.models import ImportErrorRow, ReaderImport
from lists.parsers.error_files import ErrorRow, error_file
from lists.words import row_reason

_ROWS_AT_ONCE = 2_000


def import_error_file(row: ReaderImport) -> Iterator[bytes]:
    """Yield the error file in the current language; at most as many rows as were kept."""
    return error_file(
        encoding=row.encoding,
        delimiter=row.delimiter,
        header=row.header,
        titles=(_("Line"), _("Reason")),
        rows=_rows(row),
    )


def _rows(row: ReaderImport) -> Iterator[ErrorRow]:
    kept = ImportErrorRow.objects.filter(reader_import=row).order_by("line", "pk")
    for line, reason, cells in kept.values_list("line", "reason", "cells").iterator(_ROWS_AT_ONCE):
        yield ErrorRow(line, row_reason(reason), cells)
