"""A file that somebody uploaded, as rows: the kind is found by its bytes, never by its name."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from lists.parsers.delimited import detect_delimiter, first_lines, read_records
from lists.parsers.encodings import Encoding, detect_encoding
from lists.parsers.faults import UnreadableFileError
from lists.parsers.records import Record
from lists.parsers.workbooks import NAME, OLE_MAGIC, ZIP_MAGIC, read_workbook

# What people mistake for a table; the rest of the binary world is found by its control bytes.
_BINARY_MAGICS: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
)


@dataclass(frozen=True)
class Table:
    """`encoding` is "xlsx" for workbooks, whose delimiter is empty. `records` is read once."""

    encoding: str
    delimiter: str
    records: Iterator[Record]


def open_table(file: BinaryIO) -> Table:
    """Return the table in the file, which belongs to the table from now on.

    Raises UnreadableFileError. Memory does not grow with the length of a text file.
    """
    file.seek(0)
    head = file.read(8)
    if head.startswith(OLE_MAGIC):
        raise UnreadableFileError("old-excel")
    if head.startswith(ZIP_MAGIC):
        return Table(NAME, "", read_workbook(file))
    if head.startswith(_BINARY_MAGICS):
        raise UnreadableFileError("binary")
    encoding = detect_encoding(file)
    start = file.tell()
    looked_at = _as_text(file, encoding)
    delimiter = detect_delimiter(first_lines(looked_at))
    looked_at.detach()
    file.seek(start)
    return Table(encoding.name, delimiter, _records(_as_text(file, encoding), delimiter))


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[Record]:
    with text:  # and so the file
        yield from read_records(text, delimiter)


def _as_text(file: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        file, encoding=encoding.codec, errors=encoding.decode_errors, newline=""
    )
