"""Workbooks are read as people see them, and bombs are refused before they are opened."""

import io
import struct
import zipfile
from datetime import date, datetime, time

import pytest

from lists.parsers import workbooks
from lists.parsers.faults import UnreadableFileError
from lists.parsers.tables import open_table
from lists.parsers.workbooks import as_text
from tests.factories.lists import workbook

ROWS: list[list[str | int | float]] = [
    ["メール", "電話", "会員番号"],
    ["a@example.jp", 9012345678, 7.0],
    ["b@example.jp", "090-0000-0000", 1.5],
]


def read(data: bytes) -> list[list[str]]:
    return [record.cells for record in open_table(io.BytesIO(data)).records]


def rewritten(data: bytes, change: dict[str, bytes]) -> bytes:
    """The workbook with other content in some parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read(data)
    return caught.value.reason


def test_whole_numbers_lose_their_point() -> None:
    table = open_table(io.BytesIO(workbook(ROWS)))
    assert (table.encoding, table.delimiter) == ("xlsx", "")
    assert list(table.records) == [
        (1, ["メール", "電話", "会員番号"], ""),
        (2, ["a@example.jp", "9012345678", "7"], ""),
        (3, ["b@example.jp", "090-0000-0000", "1.5"], ""),
    ]


def test_the_first_visible_sheet_is_read() -> None:
    assert read(workbook(ROWS, hidden_first=True))[0] == ["メール", "電話", "会員番号"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 0, 0), "2026-11-24"),  # noqa: DTZ001 - cells know no zone
        (datetime(2026, 11, 24, 9, 30), "2026-11-24 09:30"),  # noqa: DTZ001 - cells know no zone
        (time(9, 30), "09:30:00"),
        (True, "TRUE"),
        (1e20, "1e+20"),
    ],
)
def test_dates_are_iso_and_the_rest_is_plain(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_sheet_of_far_corners_is_refused_before_it_is_opened() -> None:
    def sheet(*references: str) -> bytes:
        found = "".join(f'<row><c r="{at}"><v>1</v></c></row>' for at in references)
        return f"<worksheet><sheetData>{found}</sheetData></worksheet>".encode()

    wide = rewritten(workbook(ROWS), {"xl/worksheets/sheet1.xml": sheet("A1", "XFD1")})
    assert refusal(wide) == "too-many-columns"
    high = rewritten(workbook(ROWS), {"xl/worksheets/sheet1.xml": sheet("A1", "AZ1048576")})
    assert refusal(high) == "workbook-too-large"


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_WORKBOOK_BYTES", 1_000_000)
    bomb = rewritten(workbook(ROWS), {"xl/workbook.xml": b"<a>" + b" " * 2_000_000})
    assert len(bomb) < 20_000
    assert refusal(bomb) == "workbook-too-large"


def test_a_directory_that_lies_about_sizes_is_no_way_around() -> None:
    bomb = bytearray(rewritten(workbook(ROWS), {"xl/workbook.xml": b"<a>" + b" " * 2_000_000}))
    entry = bomb.index(b"xl/workbook.xml", bomb.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", bomb, entry + 24, 100)  # the unpacked size
    assert refusal(bytes(bomb)) == "broken-workbook"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 cut off",
        workbook(ROWS)[:700],
        rewritten(workbook(ROWS), {"xl/workbook.xml": b"<not xml"}),
        rewritten(workbook(ROWS), {"xl/worksheets/sheet1.xml": b"\x00\xff"}),
    ],
)
def test_a_damaged_workbook_is_said_to_be_so(data: bytes) -> None:
    assert refusal(data) in {"broken-workbook", "no-sheet"}


def test_a_zip_of_something_else_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("photo.txt", "hello")
    assert refusal(buffer.getvalue()) == "broken-workbook"
