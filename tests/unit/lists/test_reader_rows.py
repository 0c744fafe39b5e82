"""The quick way to an address says what the thorough one says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists.parsers.columns import Column, ColumnPlan
from lists.parsers.reader_rows import ReaderRow, RowError, RowReader, quick_clean_address
from lists.parsers.records import Record
from mailer.engine.address import AddressError, CleanAddress, clean_address

pieces = st.text(st.sampled_from("aZ09._+-@ 、＠<>\"'gmail"), max_size=12)
domains = st.sampled_from(
    [
        "example.jp",
        "GMAIL.com",
        "docomo.ne.jp",
        "a-b.co.jp",
        "-a.jp",
        "xn--a.jp",
        "1.2.3.4",
        "日本.jp",
    ]
)


def outcome(read: object, text: str) -> CleanAddress | str:
    try:
        return read(text)  # type: ignore[operator, no-any-return]  # one of two functions
    except (RowError, AddressError) as error:
        return error.reason


@settings(max_examples=500, deadline=None)
@given(local=pieces, domain=domains | pieces, around=st.sampled_from(["", " ", "\u3000"]))
def test_both_ways_agree(local: str, domain: str, around: str) -> None:
    text = f"{around}{local}@{domain}{around}"
    assert outcome(quick_clean_address, text) == outcome(clean_address, text)


PLAN = ColumnPlan(
    header=("メール", "氏名", "姓", "名", "メモ"),
    skip=1,
    columns=(
        Column(0, "email", "メール"),
        Column(1, "name", "氏名"),
        Column(2, "family_name", "姓"),
        Column(3, "given_name", "名"),
        Column(4, "memo", "メモ"),
    ),
)


def row(*cells: str, problem: str = "") -> ReaderRow:
    return RowReader(PLAN).read(Record(7, list(cells), problem))


def test_family_and_given_name_make_the_name_and_stay_fields() -> None:
    found = row("a@example.jp", "", " 佐藤 ", "美咲")
    assert (found.line, found.name) == (7, "佐藤 美咲")
    assert found.fields == {"family_name": "佐藤", "given_name": "美咲"}


def test_a_full_name_wins_and_a_name_beside_the_address_is_the_last_resort() -> None:
    assert row("X <a@example.jp>", "佐藤　美咲", "佐", "美").name == "佐藤 美咲"
    assert row("X <a@example.jp>").name == "X"


def test_short_rows_are_rows_and_long_ones_are_errors() -> None:
    assert row("a@example.jp").fields == {}
    assert row("a@example.jp", "", "", "", "", "", " ").fields == {}
    for cells, reason in (
        (("a@example.jp", "", "", "", "", "shifted"), "too-many-cells"),
        (("a@example.jp", "x" * 201), "name-too-long"),
        (("a@example.jp", "", "", "", "a\x07"), "control-character"),
        ((" ",), "empty"),
    ):
        with pytest.raises(RowError) as caught:
            row(*cells)
        assert caught.value.reason == reason


def test_a_row_that_could_not_be_split_keeps_its_reason() -> None:
    with pytest.raises(RowError, match="broken-quotes"):
        row('"a@example.jp', problem="broken-quotes")
