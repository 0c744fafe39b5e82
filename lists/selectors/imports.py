"""Imports for their screens."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.charts import BarPart
from accounts.models import Organisation
from lists.models import Field, ImportErrorRow, ReaderImport
from lists.words import excluded_reason, row_reason

SHOWN_ERRORS: Final = 50
_HISTORY: Final = 50
_MAX_SHOWN_CHARS: Final = 120


@dataclass(frozen=True)
class Term:
    """One number of the equation; `series` is its colour key."""

    label: str
    value: int
    series: int = 0
    kind: str = ""


@dataclass(frozen=True)
class ShownError:
    line: int
    value: str
    reason: str


def import_history(
    organisation: Organisation, before: int | None = None
) -> tuple[list[ReaderImport], int | None]:
    """Return a page of imports, newest first, and the id to ask for older ones behind."""
    rows = ReaderImport.objects.filter(organisation=organisation).select_related(
        "list", "created_by"
    )
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: _HISTORY + 1])
    page = found[:_HISTORY]
    return page, page[-1].pk if len(found) > _HISTORY else None


def equation(row: ReaderImport) -> list[Term]:
    """Return the sum first, then its parts."""
    return [
        Term(_("Rows read"), row.read),
        Term(_("New"), row.created, 1),
        Term(_("Updated"), row.updated, 3),
        Term(_("Unchanged"), row.unchanged, 6),
        Term(_("Twice in the file"), row.duplicates, 4),
        Term(_("Left alone"), row.excluded_total, 5),
        Term(_("Errors"), row.errors, 2, "danger" if row.errors else ""),
    ]


def equation_bar(row: ReaderImport) -> list[BarPart]:
    return [BarPart(series=term.series, value=term.value) for term in equation(row)[1:]]


def excluded_words(row: ReaderImport) -> list[tuple[str, int]]:
    return [(excluded_reason(word), count) for word, count in row.excluded.items()]


def shown_errors(row: ReaderImport) -> list[ShownError]:
    """Return the first error rows, with the cell that matters or else the beginning of the row."""
    email = _email_index(row)
    found = ImportErrorRow.objects.filter(reader_import=row).order_by("line", "pk")[:SHOWN_ERRORS]
    return [
        ShownError(error.line, _shown(error, email), row_reason(error.reason)) for error in found
    ]


def mapped_columns(row: ReaderImport) -> list[tuple[str, str]]:
    """Return (heading, what it became) for the columns that were imported."""
    labels = dict(
        Field.objects.filter(organisation_id=row.organisation_id).values_list("key", "label")
    )
    names = {"email": _("E-mail address"), "name": _("Name"), **labels}
    return [(heading, str(names.get(key, key))) for heading, key in row.mapping.items()]


def _email_index(row: ReaderImport) -> int | None:
    """Return the position of the address column in a file with headings."""
    heading = next((heading for heading, key in row.mapping.items() if key == "email"), None)
    return row.header.index(heading) if heading in row.header else None


def _shown(error: ImportErrorRow, email: int | None) -> str:
    cells = error.cells
    is_about_address = error.reason not in {"too-many-cells", "broken-quotes", "cell-too-long"}
    if is_about_address and email is not None and email < len(cells):
        return str(cells[email])[:_MAX_SHOWN_CHARS]
    return " ".join(cell for cell in cells if cell.strip())[:_MAX_SHOWN_CHARS]
