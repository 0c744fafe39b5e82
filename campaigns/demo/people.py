"""Demo readers: believable names and addresses, the same ones every time.

Every address leads into the practice internet. A few carry a local part that its receivers know: people who
left their company, full mailboxes, servers that ask to come back later.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass

_FAMILIES = (
    ("佐藤", "サトウ", "sato"), ("鈴木", "スズキ", "suzuki"), ("高橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"), ("伊藤", "イトウ", "ito"), ("渡辺", "ワタナベ", "watanabe"),
    ("山本", "ヤマモト", "yamamoto"), ("中村", "ナカムラ", "nakamura"), ("小林", "コバヤシ", "kobayashi"),
    ("加藤", "カトウ", "kato"), ("吉田", "ヨシダ", "yoshida"), ("山田", "ヤマダ", "yamada"),
    ("佐々木", "ササキ", "sasaki"), ("松本", "マツモト", "matsumoto"), ("井上", "イノウエ", "inoue"),
    ("木村", "キムラ", "kimura"), ("斎藤", "サイトウ", "saito"), ("清水", "シミズ", "shimizu"),
    ("山﨑", "ヤマザキ", "yamazaki"), ("森", "モリ", "mori"), ("池田", "イケダ", "ikeda"),
    ("橋本", "ハシモト", "hashimoto"), ("石川", "イシカワ", "ishikawa"), ("前田", "マエダ", "maeda"),
    ("藤田", "フジタ", "fujita"), ("後藤", "ゴトウ", "goto"), ("岡田", "オカダ", "okada"),
    ("長谷川", "ハセガワ", "hasegawa"), ("村上", "ムラカミ", "murakami"), ("近藤", "コンドウ", "kondo"),
)  # fmt: skip
_GIVEN = (
    ("陽菜", "ヒナ", "hina"), ("蓮", "レン", "ren"), ("美咲", "ミサキ", "misaki"), ("大輔", "ダイスケ", "daisuke"),
    ("彩", "アヤ", "aya"), ("健太", "ケンタ", "kenta"), ("さくら", "サクラ", "sakura"), ("翔", "ショウ", "sho"),
    ("由美子", "ユミコ", "yumiko"), ("浩二", "コウジ", "koji"), ("真理", "マリ", "mari"), ("直樹", "ナオキ", "naoki"),
    ("恵子", "ケイコ", "keiko"), ("拓也", "タクヤ", "takuya"), ("千尋", "チヒロ", "chihiro"), ("誠", "マコト", "makoto"),
    ("あかり", "アカリ", "akari"), ("修", "オサム", "osamu"), ("奈々", "ナナ", "nana"), ("隆", "タカシ", "takashi"),
    ("結衣", "ユイ", "yui"), ("和也", "カズヤ", "kazuya"), ("香織", "カオリ", "kaori"), ("悠斗", "ユウト", "yuto"),
)  # fmt: skip
_PREFECTURES = (
    "東京都", "東京都", "東京都", "神奈川県", "神奈川県", "大阪府", "大阪府", "愛知県", "埼玉県", "千葉県", "兵庫県",
    "北海道", "福岡県", "京都府", "宮城県", "長野県", "広島県", "石川県",
)  # fmt: skip
# Roughly how Japanese consumer lists divide: two fifths Gmail, a quarter carriers, the rest spread.
_DOMAINS = (
    ("gmail.com", 40), ("docomo.ne.jp", 11), ("yahoo.co.jp", 14), ("icloud.com", 9), ("au.com", 4),
    ("ezweb.ne.jp", 4), ("softbank.ne.jp", 5), ("outlook.jp", 3), ("hotmail.co.jp", 2),
    ("aozora-shoji.example", 4), ("hoshizora-design.example", 4),
)  # fmt: skip
_PLANS = ("豆の定期便", "豆の定期便", "店頭", "店頭", "オンライン", "ギフト")
# What the practice receivers do with these local parts; about one reader in fifty.
_TROUBLES = ("gone-", "full.", "grey.", "late.")
HEADER = ("メールアドレス", "姓", "名", "フリガナ", "都道府県", "ご利用")


@dataclass(frozen=True, slots=True)
class Person:
    address: str
    family: str
    given: str
    kana: str
    prefecture: str
    plan: str


def people(count: int, seed: int = 7) -> Iterator[Person]:
    """Yield `count` people with distinct addresses."""
    chance = random.Random(seed)  # noqa: S311  a story, not a secret
    domains = [name for name, weight in _DOMAINS for _ in range(weight)]
    for number in range(count):
        family, given = chance.choice(_FAMILIES), chance.choice(_GIVEN)
        local = f"{given[2]}.{family[2]}{number + 11}"
        if number % 50 == 23:
            local = f"{_TROUBLES[number // 50 % len(_TROUBLES)]}{local}"
        yield Person(
            address=f"{local}@{chance.choice(domains)}",
            family=family[0],
            given=given[0],
            kana=f"{family[1]} {given[1]}",
            prefecture=chance.choice(_PREFECTURES),
            plan=chance.choice(_PLANS),
        )


def readers_csv(count: int) -> bytes:
    """Return the demo readers as the file that a shop would export: CSV in CP932."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(
        (p.address, p.family, p.given, p.kana, p.prefecture, p.plan) for p in people(count)
    )
    return out.getvalue().encode("cp932")
