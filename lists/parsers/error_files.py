"""The file that gives back the rows that could not be read, for people to correct in Excel."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from lists.parsers.encodings import encoding_named

# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets (OWASP, CSV injection).
_FORMULA: Final = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?\d[\d,.]*")


class ErrorRow(NamedTuple):
    line: int
    reason: str  # in words
    cells: Sequence[str]


def error_file(
    *,
    encoding: str,
    delimiter: str,
    header: Sequence[str],
    titles: tuple[str, str],
    rows: Iterable[ErrorRow],
) -> Iterator[bytes]:
    """Yield the file: the original columns, then line and reason. Workbooks come back as CSV.

    `titles` head the two new columns. The encoding is that of the upload; what it cannot write (in
    a reason) becomes a question mark.
    """
    known = encoding_named(encoding)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter or ",", lineterminator="\r\n")
    yield known.bom
    width = len(header)
    if header:
        writer.writerow([*map(guarded, header), *titles])
    for row in rows:
        cells = [*map(guarded, row.cells)]
        cells += [""] * (width - len(cells))
        writer.writerow([*cells, row.line, row.reason])
        if buffer.tell() > 65_536:
            yield _taken(buffer).encode(known.codec, known.encode_errors)
    yield _taken(buffer).encode(known.codec, known.encode_errors)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula. Plain numbers stay as they are."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
