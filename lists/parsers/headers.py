"""The words that people put above the columns of a reader list, and what they mean."""

import re
import unicodedata
from typing import Final

EMAIL: Final = "email"
NAME: Final = "name"
FAMILY_NAME: Final = "family_name"
GIVEN_NAME: Final = "given_name"

# Meaning → headings, in the form that `plain` gives them. A meaning other than the first two is
# also the key of the field that keeps the values.
SYNONYMS: Final[dict[str, str]] = {
    EMAIL: (
        "メールアドレス eメールアドレス 電子メールアドレス メール eメール 電子メール "
        "メアド メルアド アドレス email emailaddress mail mailaddress mailaddr pcメール "
        "pcメールアドレス 配信先アドレス 配信先 送信先 宛先"
    ),
    NAME: (
        "氏名 お名前 名前 姓名 ご氏名 フルネーム 顧客名 会員名 担当者 担当者名 ご担当者名 "
        "宛名 name fullname yourname contactname displayname 漢字氏名 氏名漢字"
    ),
    FAMILY_NAME: "姓 苗字 名字 氏 姓漢字 lastname familyname surname",
    GIVEN_NAME: "名 名漢字 firstname givenname",
    "kana": (
        "フリガナ ふりがな カナ かな 氏名カナ 氏名かな 氏名フリガナ 名前カナ カナ氏名 "
        "よみがな ヨミガナ 読み仮名 kana furigana namekana"
    ),
    "family_kana": "セイ せい 姓カナ 姓かな 姓フリガナ 姓ふりがな",
    "given_kana": "メイ めい 名カナ 名かな 名フリガナ 名ふりがな",
    "honorific": "敬称",
    "company": (
        "会社名 会社 企業名 法人名 勤務先 勤務先名 貴社名 御社名 社名 団体名 組織名 "
        "会社団体名 company companyname organization organisation"
    ),
    "department": "部署 部署名 所属 所属部署 部課名 department division",
    "position": "役職 役職名 肩書 肩書き position jobtitle title",
    "phone": "電話番号 電話 tel telno phone phonenumber telephone 連絡先電話番号",
    "mobile": "携帯電話 携帯電話番号 携帯番号 携帯 mobile mobilephone cellphone",
    "fax": "fax fax番号 ファックス ファクス",
    "postal_code": "郵便番号 〒 郵便 zip zipcode postalcode postcode",
    "prefecture": "都道府県 都道府県名 県 県名 prefecture state",
    "city": "市区町村 市町村 市区郡 city",
    "address": "住所 ご住所 所在地 address streetaddress postaladdress",
    "birthday": "生年月日 誕生日 birthday birthdate dateofbirth",
    "gender": "性別 gender sex",
}

_MEANING: Final = {word: meaning for meaning, words in SYNONYMS.items() for word in words.split()}
_REMARKS: Final = re.compile(r"必須|任意|半角|全角|required|optional")
_PUNCTUATION: Final = re.compile(r"[\W_]+")

# Words that the merge language keeps for itself, and the built-in fields.
_TAKEN_WORDS: Final = (
    "name email unsubscribe_url true false none and or not if else elif endif in is for set loop"
)
_TAKEN: Final = frozenset(_TAKEN_WORDS.split())
MAX_KEY_CHARS: Final = 40


def plain(heading: str) -> str:
    """Return a heading without case, width, blanks, punctuation and remarks such as 必須."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    if "〒" in text and len(text.strip()) == 1:
        return "〒"
    return _REMARKS.sub("", _PUNCTUATION.sub("", text))


def meaning(heading: str) -> str:
    """Return what a heading means, or an empty string when it is nobody's usual word."""
    return _MEANING.get(plain(heading), "")


def key_from_heading(heading: str) -> str:
    """Return a merge word for a heading of the user's own: ASCII joined, or Japanese as it is.

    "Member rank" → member_rank; 会員ランク stays; 2024年来店 → field_2024年来店. May be empty.
    """
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    key = re.sub(r"[\W_]+", "_", text).strip("_")[:MAX_KEY_CHARS].rstrip("_")
    if not key:
        return ""
    if not key.isidentifier():
        key = f"field_{key}"[:MAX_KEY_CHARS]
    if key in _TAKEN:
        key = f"{key}_"
    return key if key.isidentifier() else ""
