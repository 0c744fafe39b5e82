"""`manage.py import_readers FILE --organisation SLUG --consent BASIS`: what the upload does, waited for."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from accounts.models import Organisation, OrganisationKind
from lists.models import ConsentBasis, ImportErrorRow, ReaderImport, ReaderList
from lists.services.default_list import ensure_default_list
from lists.services.imports import FileTooLargeError, create_import, run_import
from lists.words import excluded_reason, file_reason, nothing_changed, row_reason


class Command(BaseCommand):
    help = "Import readers from a CSV, TSV or Excel (.xlsx) file, exactly as the upload does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument(
            "--create", action="store_true", help="make a practice organisation if there is none"
        )
        parser.add_argument(
            "--consent",
            required=True,
            choices=ConsentBasis.values,
            metavar="BASIS",
            help="how these people agreed: " + ", ".join(ConsentBasis.values),
        )
        parser.add_argument("--evidence", default="", help="where the consent can be seen")
        parser.add_argument("--list", metavar="NAME", help="default: the list that came first")
        parser.add_argument("--json", action="store_true")

    @translation.override("en")
    def handle(self, *args: Any, **options: Any) -> None:
        organisation = _organisation(options["organisation"], may_create=options["create"])
        row = _import(options["file"], organisation, options)
        if not row.is_done:
            happened, to_do = file_reason(row.failure, row.failure_detail)
            raise CommandError(f"{options['file']}: {happened} {nothing_changed()} {to_do}")
        errors = ImportErrorRow.objects.filter(reader_import=row).order_by("line", "pk")
        lines = list(errors.values_list("line", "reason"))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(row, lines), ensure_ascii=False))
        else:
            self._summarise(row, lines)

    def _summarise(self, row: ReaderImport, lines: list[tuple[int, str]]) -> None:
        self.stdout.write(
            f"{row.file_name} ({row.encoding}): {row.read:,} rows read = {row.created:,} new"
            f" + {row.updated:,} updated + {row.unchanged:,} unchanged"
            f" + {row.duplicates:,} twice in the file + {row.excluded_total:,} left alone"
            f" + {row.errors:,} with errors"
        )
        for word, count in row.excluded.items():
            self.stdout.write(f"  left alone: {count:,} ({excluded_reason(word)})")
        for line, word in lines[:20]:
            self.stdout.write(f"  line {line:,}: {row_reason(word)}")
        if row.errors > 20:
            self.stdout.write(f"  … and {row.errors - 20:,} more")


def _organisation(slug: str, *, may_create: bool) -> Organisation:
    found = Organisation.objects.filter(slug=slug).first()
    if found is not None:
        return found
    if not may_create:
        raise CommandError(f"{slug}: there is no such organisation. Use --create to make one.")
    organisation = Organisation(name=slug, slug=slug, kind=OrganisationKind.PRACTICE)
    organisation.clean_fields()
    organisation.save()
    return organisation


def _list(organisation: Organisation, name: str | None) -> ReaderList:
    default = ensure_default_list(organisation)
    if name is None:
        return default
    found, _created = ReaderList.objects.get_or_create(organisation=organisation, name=name)
    return found


def _import(path: Path, organisation: Organisation, options: dict[str, Any]) -> ReaderImport:
    try:
        with path.open("rb") as file:
            row = create_import(
                organisation=organisation,
                reader_list=_list(organisation, options["list"]),
                file=File(file, name=path.name),
                file_name=path.name,
                basis=ConsentBasis(options["consent"]),
                evidence=options["evidence"],
                actor=None,
                now=timezone.now(),
                in_background=False,
            )
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({error.strerror}).") from error
    except FileTooLargeError as error:
        happened, to_do = file_reason("too-large")
        raise CommandError(
            f"{path}: {happened} {error.size_bytes:,} bytes, the limit is"
            f" {error.limit_bytes:,}. {nothing_changed()} {to_do}"
        ) from error
    run_import(row.pk, timezone.now())
    row.refresh_from_db()
    return row


def _as_json(row: ReaderImport, lines: list[tuple[int, str]]) -> dict[str, Any]:
    return {
        "encoding": row.encoding,
        "read": row.read,
        "created": row.created,
        "updated": row.updated,
        "unchanged": row.unchanged,
        "duplicates": row.duplicates,
        "excluded": row.excluded,
        "errors": row.errors,
        "error_rows": [{"line": line, "reason": reason} for line, reason in lines],
    }
