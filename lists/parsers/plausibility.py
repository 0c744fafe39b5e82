"""How much a decoded text looks like what Japanese people write in a table.

CP932 and EUC-JP accept each other's bytes now and then. What gives the wrong one away are rare
kanji, half-width katakana in odd places and private-use characters.
"""

from collections import Counter
from typing import Final

_COMMON_KANJI: Final = frozenset(
    "一二三四五六七八九十百千年月日火水木金土人男女子山川田中村上下大小本井石林森高橋木佐藤鈴木渡辺伊東西南北"
    "斎加吉松清近遠古岡島原野田池坂内外前後長谷部藤口崎安平和中久保美代千葉宮城秋青岩手福形茨群埼玉神奈新潟富"
    "福梨岐阜静愛知三重滋賀京都大阪兵庫奈良歌鳥取根広島徳香媛佐賀熊分沖縄鹿児県府道市区町村丁目番号地住所氏名"
    "姓様電話郵便会社株式有限所属部署役職生性別備考登録同意希望明太郎健真由紀恵智優花彩香陽翔蓮悠菜咲結衣和也"
    "雄介亮浩誠正義弘秀樹直幸光豊博文昭隆洋治学勝進豪茂実修啓康哲武英俊元信成利典章徹剛仁志夫彦司郎次合同営業"
    "総務経理人事開発企画支店業課係長取締代表主任担当先方配信停止読者項目東桜海林森北南港中央区西新宿谷"
)
# Every kanji of level 1 (JIS X 0208 rows 16–47) and of level 2 (rows 48–84).
_LEVEL_1: Final = frozenset(
    "".join(
        bytes([row, column]).decode("euc_jp", "ignore")
        for row in range(0xB0, 0xD0)
        for column in range(0xA1, 0xFF)
    )
)
_LEVEL_2: Final = frozenset(
    "".join(
        bytes([row, column]).decode("euc_jp", "ignore")
        for row in range(0xD0, 0xF5)
        for column in range(0xA1, 0xFF)
    )
)
# Half-width katakana after which a voicing mark can stand.
_VOICEABLE: Final = frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ")
_MARKS: Final = "ﾞﾟ"

# (first, last, weight): the first row that holds the character gives its weight.
_RANGES: Final = (
    ("\u3041", "\u30ff", 1.0),  # hiragana, katakana
    ("\uff66", "\uff9d", 0.45),  # half-width katakana
    ("\uff61", "\uff65", 0.1),  # half-width punctuation
    ("\uff9e", "\uff9f", 0.45),  # half-width voicing marks
    ("\u3000", "\u303f", 0.8),  # Japanese punctuation
    ("\uff01", "\uff5e", 0.8),  # full-width Latin
    ("\u2460", "\u24ff", 0.8),  # ①
    ("\u3200", "\u33ff", 0.8),  # ㈱ ㍻
    ("\u2010", "\u2312", 0.5),  # dashes, arrows, ※
    ("\u25a0", "\u266f", 0.5),  # ■ ★ ♪
    ("\u4e00", "\u9fff", 0.6),  # kanji beyond JIS X 0208: 髙
    ("\uf900", "\ufaff", 0.6),  # 﨑
    ("\u0080", "\u00a0", -3.0),  # what CP932 makes of stray bytes
    ("\ue000", "\uf8ff", -3.0),  # private use
)
_OTHERWISE: Final = 0.1


def plausibility(text: str) -> float:
    """Return the mean weight of the characters beyond ASCII: about 0.9 for good Japanese.

    Below 0.4 it is hardly Japanese at all. A text of ASCII alone is 1.
    """
    counts = Counter(text)
    total = score = 0.0
    for character, count in counts.items():
        if character > "\x7f":
            total += count
            score += count * _weight(character)
    if not total:
        return 1.0
    return (score - _misplaced_marks(text)) / total


def _weight(character: str) -> float:
    if character in _COMMON_KANJI:
        return 1.0
    if character in _LEVEL_1:
        return 0.6
    if character in _LEVEL_2:
        return 0.2
    for first, last, weight in _RANGES:
        if first <= character <= last:
            return weight
    return _OTHERWISE


def _misplaced_marks(text: str) -> int:
    """Count half-width voicing marks that stand after nothing that can be voiced."""
    if not any(mark in text for mark in _MARKS):
        return 0
    return sum(
        before not in _VOICEABLE
        for before, character in zip(" " + text, text, strict=False)
        if character in _MARKS
    )
