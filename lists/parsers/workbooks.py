"""Rows of an .xlsx workbook: its first visible sheet, read by calamine.

calamine holds a sheet in memory as the rectangle around its filled cells, and believes the sizes
that the zip directory claims. So the parts are unpacked here first, counted, and given to it in a
new container of known size.
"""

import datetime
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

import python_calamine

from lists.parsers.faults import UnreadableFileError
from lists.parsers.limits import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_WORKBOOK_BYTES,
    MAX_WORKBOOK_CELLS,
)
from lists.parsers.records import Record

NAME: Final = "xlsx"
ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx with a password
_CHUNK_BYTES: Final = 1024 * 1024
_OVERLAP_BYTES: Final = 512
_MAX_PARTS: Final = 2_000
_SHEET_PART: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_NEEDED_PART: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/[^/]+\.xml|xl/_rels/[^/]+\.rels|xl/worksheets/[^/]+\.xml"
    r"|xl/worksheets/_rels/[^/]+\.rels",
    re.IGNORECASE,
)
_CELL: Final = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Za-z]{1,4})([0-9]{1,8})")


def read_workbook(file: BinaryIO) -> Iterator[Record]:
    """Return the rows of the first visible sheet as text.

    Raises UnreadableFileError before the first row: broken-workbook, workbook-too-large,
    too-many-columns, no-sheet.
    """
    with tempfile.TemporaryFile() as unpacked:
        _unpack(file, unpacked)
        unpacked.seek(0)
        try:
            workbook = python_calamine.CalamineWorkbook.from_filelike(unpacked)
            sheet = workbook.get_sheet_by_name(_first_visible(workbook))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise UnreadableFileError("broken-workbook", str(error)[:200]) from error
    return _rows(sheet)


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[Record]:
    first_row, first_column = sheet.start or (0, 0)
    padding = [""] * first_column
    for number, row in enumerate(sheet.iter_rows(), start=first_row + 1):
        cells = padding + [as_text(value) for value in row]
        if any(len(cell) > MAX_CELL_CHARS for cell in cells):
            yield Record(number, [cell[:200] for cell in cells], "cell-too-long")
        else:
            yield Record(number, cells)


def as_text(value: object) -> str:
    """Return a cell as a person would have typed it: whole numbers plain, dates as ISO."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(" ", "minutes")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


def _first_visible(workbook: python_calamine.CalamineWorkbook) -> str:
    for sheet in workbook.sheets_metadata:
        is_table = sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        if is_table and sheet.visible == python_calamine.SheetVisibleEnum.Visible:
            return str(sheet.name)
    raise UnreadableFileError("no-sheet")


def _unpack(packed: BinaryIO, unpacked: BinaryIO) -> None:
    """Copy the parts that hold cells and strings into a new container, within bounds."""
    packed.seek(0)
    try:
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(unpacked, "w") as target:
            parts = [part for part in source.infolist() if _NEEDED_PART.fullmatch(part.filename)]
            if sum(part.file_size for part in parts) > MAX_WORKBOOK_BYTES:
                raise UnreadableFileError("workbook-too-large")
            if len(parts) > _MAX_PARTS or "xl/workbook.xml" not in source.namelist():
                raise UnreadableFileError("broken-workbook")
            for part in parts:
                _copy_part(source, part, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError: an unknown compression; RuntimeError: an encrypted part.
        raise UnreadableFileError("broken-workbook", str(error)[:200]) from error


def _copy_part(source: zipfile.ZipFile, part: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """Copy one part. zipfile reads no more than the directory claims and checks the sum of it."""
    area = _Area() if _SHEET_PART.fullmatch(part.filename) else None
    with source.open(part) as reader, target.open(part.filename, "w", force_zip64=True) as writer:
        tail = b""
        while chunk := reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            if area is not None:
                area.look_at(tail + chunk)
                tail = chunk[-_OVERLAP_BYTES:]


class _Area:
    """The rectangle around the cells of one sheet."""

    def __init__(self) -> None:
        self._last_row = 0
        self._last_column = 0

    def look_at(self, markup: bytes) -> None:
        cells = set(_CELL.findall(markup))
        if not cells:
            return
        self._last_column = max(self._last_column, max(map(_column, {c for c, _ in cells})))
        self._last_row = max(self._last_row, max(int(row) for _, row in cells))
        if self._last_column > MAX_COLUMNS:
            raise UnreadableFileError("too-many-columns", str(self._last_column))
        if self._last_row * self._last_column > MAX_WORKBOOK_CELLS:
            raise UnreadableFileError("workbook-too-large")


def _column(letters: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
