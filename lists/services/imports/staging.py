"""Reading a file into a temporary table by COPY, one row of the file a row of the table."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, BinaryIO, Final

from django.db import connection

from lists.parsers.columns import SAMPLE_ROWS, ColumnPlan, plan_columns
from lists.parsers.faults import UnreadableFileError
from lists.parsers.limits import MAX_ROWS
from lists.parsers.reader_rows import ReaderRow, RowError, RowReader
from lists.parsers.records import Record
from lists.parsers.tables import Table, open_table
from mailer.engine.address import address_key
from mailer.keys import address_hash_key

_CREATE: Final = """
CREATE TEMPORARY TABLE import_stage (
    line integer NOT NULL, error text, key bytea, address text, normalised text, domain text,
    name text, fields jsonb, cells jsonb
) ON COMMIT DROP
"""
_COPY: Final = (
    "COPY import_stage (line, error, key, address, normalised, domain, name, fields, cells)"
    " FROM STDIN"
)
# COPY's text format: backslash, tab and line ends are escaped.
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_LINES_A_WRITE: Final = 500
_ROWS_A_REPORT: Final = 5_000

Progress = Callable[[int], None]


class StagedFile:
    """What was found out about a file while it was staged."""

    def __init__(self, table: Table, plan: ColumnPlan) -> None:
        self.encoding = table.encoding
        self.delimiter = table.delimiter
        self.plan = plan
        self.rows = 0


def stage_file(file: BinaryIO, known: Mapping[str, str], progress: Progress) -> StagedFile:
    """Fill `import_stage` from the file, inside the caller's transaction.

    Raises UnreadableFileError. Blank rows are passed over; every other row becomes one staged row,
    with an error or without.
    """
    table = open_table(file)
    head = list(islice(table.records, SAMPLE_ROWS))
    plan = plan_columns(head, known)
    staged = StagedFile(table, plan)
    records = islice(chain(head, table.records), plan.skip, None)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_stage")
        cursor.execute(_CREATE)
        _copy(cursor, _staged_lines(records, RowReader(plan), staged, progress))
        cursor.execute("ANALYZE import_stage")
    progress(staged.rows)
    return staged


def _staged_lines(
    records: Iterator[Record], reader: RowReader, staged: StagedFile, progress: Progress
) -> Iterator[str]:
    key = address_hash_key()
    for record in records:
        if not record.problem and record.is_blank:
            continue
        staged.rows += 1
        if staged.rows > MAX_ROWS:
            raise UnreadableFileError("too-many-rows", str(MAX_ROWS))
        if staged.rows % _ROWS_A_REPORT == 0:
            progress(staged.rows)
        try:
            yield _reader_line(reader.read(record), key)
        except RowError as error:
            yield _error_line(record, error.reason)


def _copy(cursor: Any, lines: Iterator[str]) -> None:
    """Send the lines in pieces; `cursor` is Django's wrapper around psycopg's."""
    with cursor.copy(_COPY) as copy:
        while piece := "".join(islice(lines, _LINES_A_WRITE)):
            copy.write(piece)


def _reader_line(row: ReaderRow, key: bytes) -> str:
    address = row.address
    digest = address_key(address.normalised, key).hex()
    fields = _json(row.fields) if row.fields else "{}"
    return (
        f"{row.line}\t\\N\t\\\\x{digest}\t{_escaped(address.address)}\t"
        f"{_escaped(address.normalised)}\t{address.domain}\t{_escaped(row.name)}\t{fields}\t\\N\n"
    )


def _error_line(record: Record, reason: str) -> str:
    cells = [cell.replace("\0", "") for cell in record.cells]
    return f"{record.line}\t{reason}\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t{_json(cells)}\n"


def _json(value: object) -> str:
    return _escaped(json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text
