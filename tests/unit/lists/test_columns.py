"""Columns are found by their headings, and where those say nothing by their values."""

import pytest

from lists.parsers.columns import plan_columns
from lists.parsers.faults import NoAddressColumnError
from lists.parsers.headers import SYNONYMS, key_from_heading, meaning
from lists.parsers.records import Record


def plan(*rows: list[str], known: dict[str, str] | None = None) -> list[tuple[int, str]]:
    records = [Record(number, cells) for number, cells in enumerate(rows, start=1)]
    return [(c.index, c.key) for c in plan_columns(records, known or {}).columns]


def test_every_heading_has_one_meaning() -> None:
    words = [word for line in SYNONYMS.values() for word in line.split()]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("メールアドレス", "email"),
        ("Ｅ－Ｍａｉｌ", "email"),
        ("E-mail Address", "email"),
        ("メールアドレス（必須）", "email"),
        ("アドレス", "email"),
        ("お名前", "name"),
        ("姓", "family_name"),
        ("First Name", "given_name"),
        ("ﾌﾘｶﾞﾅ", "kana"),
        ("氏名(カナ)", "kana"),
        ("会社名", "company"),
        ("TEL", "phone"),
        ("〒", "postal_code"),
        ("性別", "gender"),
        ("会員ランク", ""),
    ],
)
def test_usual_headings_are_understood(heading: str, meant: str) -> None:
    assert meaning(heading) == meant


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Member rank", "member_rank"),
        ("会員ランク", "会員ランク"),
        ("好みの焙煎（深/浅）", "好みの焙煎_深_浅"),
        ("2024年来店", "field_2024年来店"),
        ("Not", "not_"),
        ("※", ""),
        ("長" * 60, "長" * 40),
    ],
)
def test_own_headings_become_merge_words(heading: str, key: str) -> None:
    assert key_from_heading(heading) == key


def test_a_heading_row_below_a_title_is_found() -> None:
    rows = [["会員名簿 2026年秋"], [""], ["No", "氏名", "メール"], ["1", "佐藤", "a@example.jp"]]
    assert plan(*rows) == [(0, "no"), (1, "name"), (2, "email")]


def test_values_decide_between_two_columns_of_addresses() -> None:
    rows = [["アドレス", "メールアドレス"], ["岩手県盛岡市", "a@example.jp"]]
    assert plan(*rows) == [(0, "email_2"), (1, "email")]


def test_an_unusual_heading_is_found_by_its_values() -> None:
    assert plan(["連絡先", "x"], ["a@example.jp", "1"], ["b@example.jp", ""]) == [
        (0, "email"),
        (1, "x"),
    ]


def test_a_file_without_headings_works() -> None:
    assert plan(["a@example.jp"], ["b@example.jp"]) == [(0, "email")]
    assert plan(["佐藤", "a@example.jp"], ["高橋", "b@"]) == [(0, "name"), (1, "email")]


def test_fields_that_are_known_keep_their_keys() -> None:
    rows = [["email", "お得意様番号", "ランク"], ["a@example.jp", "1", "A"]]
    assert plan(*rows, known={"お得意様番号": "customer_no", "customer_no": "customer_no"}) == [
        (0, "email"),
        (1, "customer_no"),
        (2, "ランク"),
    ]


def test_two_columns_never_share_a_key() -> None:
    rows = [["email", "電話", "電話番号", "TEL", ""], ["a@example.jp", "1", "2", "3", "4"]]
    assert plan(*rows) == [(0, "email"), (1, "phone"), (2, "phone_2"), (3, "phone_3")]


@pytest.mark.parametrize(
    ("rows", "headers"),
    [
        ([["名前", "会社"], ["佐藤", "甲"]], ("名前", "会社")),
        ([["名前"], ["佐藤"]], ("名前",)),
        ([["1", "2"], ["3", "4"]], ("1", "2")),
        ([], ()),
    ],
)
def test_without_addresses_the_headings_are_named(
    rows: list[list[str]], headers: tuple[str, ...]
) -> None:
    with pytest.raises(NoAddressColumnError) as caught:
        plan(*rows)
    assert caught.value.headers == headers


def test_a_heading_alone_is_an_empty_list() -> None:
    assert plan(["メールアドレス"]) == [(0, "email")]
