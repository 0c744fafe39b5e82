"""The encoding of a file is found by its bytes, and what was written comes back."""

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lists.parsers.encodings import detect_encoding, encoding_named
from lists.parsers.faults import UnreadableFileError
from lists.parsers.tables import open_table

HARD = "①㈱髙﨑～－∥"
HEADER = "メールアドレス,氏名,会社名"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp932", "euc-jp"]

names = st.text(
    st.sampled_from("佐藤鈴木髙橋田中渡邉﨑健美咲翔太アイウエオさしすせそ㈱①ｱｲｳｶﾞﾊﾟ－～"),
    min_size=1,
    max_size=12,
)


def written(text: str, encoding: str) -> bytes:
    known = encoding_named(encoding)
    return known.bom + text.encode(known.codec, known.encode_errors)


def read(data: bytes) -> list[list[str]]:
    return [record.cells for record in open_table(io.BytesIO(data)).records]


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)  # the time of one example says nothing on a busy machine
@given(rows=st.lists(names, min_size=1, max_size=20))
@example(rows=[HARD])
def test_text_comes_back_from_every_encoding(encoding: str, rows: list[str]) -> None:
    lines = [HEADER, *(f"r{number}@example.jp,{name},{HARD}" for number, name in enumerate(rows))]
    if encoding == "euc-jp":  # half-width voiced kana take two bytes there; all of them exist
        lines = [line.replace("－", "−").replace("～", "〜").replace("∥", "‖") for line in lines]
    data = written("\r\n".join(lines) + "\r\n", encoding)

    table = open_table(io.BytesIO(data))

    assert table.encoding == encoding
    assert [record.cells for record in table.records] == [line.split(",") for line in lines]


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "utf-8"])
@settings(deadline=None)
@given(rows=st.lists(names, min_size=8, max_size=20))
def test_names_without_a_japanese_heading_are_enough(encoding: str, rows: list[str]) -> None:
    kanji = [f"株式会社山田{name.replace('－', '').replace('～', '')}" for name in rows]
    lines = ["email,name", *(f"r{number}@example.jp,{name}" for number, name in enumerate(kanji))]

    table = open_table(io.BytesIO(written("\n".join(lines), encoding)))

    assert table.encoding == encoding


@pytest.mark.parametrize("byte_order", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read_without_it(byte_order: str) -> None:
    data = ("\ufeff" + HEADER + "\na@example.jp,佐藤,会社").encode(byte_order)
    table = open_table(io.BytesIO(data))
    assert table.encoding == byte_order
    assert next(table.records).cells == HEADER.split(",")


def test_japanese_far_down_the_file_is_seen() -> None:
    ascii_part = "".join(f"reader{n}@example.jp,Reader\n" for n in range(60_000))
    data = (ascii_part + "last@example.jp,髙橋さくら\n").encode("cp932")
    assert detect_encoding(io.BytesIO(data)).name == "cp932"


def test_half_width_katakana_alone_is_cp932() -> None:
    rows = "a@example.jp,ﾔﾏﾀﾞ ﾀﾛｳ\nb@example.jp,ｻﾄｳ ﾐｻｷ\nc@example.jp,ｽｽﾞｷ ｹﾝｲﾁﾛｳ\n"
    assert detect_encoding(io.BytesIO(rows.encode("cp932"))).name == "cp932"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"email\na@example.jp\x00\n", "binary"),
        (b"email\n" + b"a@example.jp\n" * 40_000 + b"\x00", "binary"),
        (b"\x01\x02\x03\x04" * 100, "binary"),
        (b"%PDF-1.7 ...", "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-excel"),
        ("email,name\na@example.fr,Andrés Müllerß\n".encode("latin-1"), "encoding"),
        ("メール,氏名\na@example.jp,佐藤\n".encode("iso2022_jp"), "encoding"),
        ("メール,氏名\na@example.jp,佐藤".encode() + b"\xff\xff", "encoding"),
        ("почта,имя\na@example.ru,Алексей\n".encode("koi8-r"), "encoding"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(data)
    assert caught.value.reason == reason
