"""Text tables of every kind are split into rows; a broken row costs itself only."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists.parsers.delimited import detect_delimiter, read_records
from lists.parsers.error_files import ErrorRow, error_file, guarded
from lists.parsers.faults import UnreadableFileError
from lists.parsers.limits import MAX_LINE_CHARS
from lists.parsers.tables import open_table

cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t"), max_size=8
)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8)


def read(text: str, delimiter: str = ",") -> list[tuple[int, list[str], str]]:
    stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    with stream:
        return [tuple(record) for record in read_records(stream, delimiter)]  # type: ignore[misc]  # a Record is such a tuple


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@settings(deadline=None)
@given(rows=tables)
def test_what_a_spreadsheet_writes_is_read_back(delimiter: str, rows: list[list[str]]) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    text = "\r\n".join(delimiter.join(row) for row in quoted)
    assert [cells for _, cells, problem in read(text, delimiter) if not problem] == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_line_numbers(end: str) -> None:
    text = end.join(["a,b", '"x', 'y",z', "", "c,d"])
    assert read(text) == [
        (1, ["a", "b"], ""),
        (2, [f"x{end}y", "z"], ""),
        (4, [""], ""),
        (5, ["c", "d"], ""),
    ]


@pytest.mark.parametrize("broken", ['"never closed,x', '"closed"badly,x'])
def test_a_broken_quotation_mark_costs_one_row(broken: str) -> None:
    rows = read("\n".join(["a,b", broken, *(f"r{n},x" for n in range(400))]))
    assert [number for number, _, problem in rows if problem] == [2]
    assert len(rows) == 402


def test_a_quotation_mark_inside_a_plain_cell_is_text() -> None:
    assert read('5" pipe,x\na,b')[0] == (1, ['5" pipe', "x"], "")


def test_rows_beyond_bounds_are_errors_and_endless_lines_stop_the_file() -> None:
    assert read("x," * 300)[0][2] == "too-many-cells"
    assert read("x" * 40_000)[0][2] == "cell-too-long"
    with pytest.raises(UnreadableFileError, match="row-too-long"):
        read("x" * (MAX_LINE_CHARS + 1))


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b,c", "1,2,3"], ","),
        (["a;b", '"x,y,z";2'], ";"),
        (["a\tb", "x, y\tz"], "\t"),
        (["only", "one"], ","),
        ([], ","),
    ],
)
def test_the_delimiter_is_the_one_that_splits_evenly(lines: list[str], delimiter: str) -> None:
    assert detect_delimiter(lines) == delimiter


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|x", "'+cmd|x"),
        ("-2+3", "'-2+3"),
        ("＝1", "'＝1"),
        ("-12.5", "-12.5"),
        ("+81312345678", "+81312345678"),
        ("佐藤", "佐藤"),
    ],
)
def test_no_spreadsheet_runs_a_cell_of_the_error_file(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "cp932", "euc-jp"])
def test_the_error_file_can_be_uploaded_again(encoding: str) -> None:
    header = ["メール", "氏名"]
    wave = "〜" if encoding == "euc-jp" else "～"  # one sign, two ways to map it
    row = ["x@@example.jp", f"①㈱髙﨑{wave}"]
    written = error_file(
        encoding=encoding,
        delimiter="\t",
        header=header,
        titles=("行", "理由"),
        rows=[ErrorRow(7, "＠が2つあります", row)],
    )
    table = open_table(io.BytesIO(b"".join(written)))
    assert table.encoding == encoding
    assert [record.cells for record in table.records] == [
        [*header, "行", "理由"],
        [*row, "7", "＠が2つあります"],
    ]
