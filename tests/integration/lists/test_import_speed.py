"""A large file is imported at the speed of COPY, not of rows. Prints what it measured."""

import time

import pytest

from lists.services.imports import run_import
from tests.factories.lists import make_import, make_organisation, outcome_of

pytestmark = pytest.mark.django_db

ROWS = 50_000


def big_file(suffix: str = "") -> bytes:
    lines = ["メールアドレス,氏名,フリガナ,会社名,部署,役職,電話番号,郵便番号,都道府県,会員ランク"]
    lines += [
        f"reader.{n}@example{n % 50}.co.jp,佐藤 美咲{n},サトウ ミサキ,㈱髙橋商店{suffix},営業部,課長,"
        f"0{n:09d},{n:07d},岩手県,A"
        for n in range(ROWS)
    ]
    return "\r\n".join(lines).encode("cp932")


def test_fifty_thousand_rows_take_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    organisation = make_organisation()
    speeds = {}
    outcomes = []
    for label, data in (
        ("new", big_file()),
        ("changed", big_file("本店")),
        ("same", big_file("本店")),
    ):
        row = make_import(organisation, data)
        started = time.perf_counter()
        run_import(row.pk, row.created_at)
        speeds[label] = ROWS / (time.perf_counter() - started)
        row.refresh_from_db()
        outcomes.append(outcome_of(row))
    with capsys.disabled():
        words = ", ".join(f"{label} {speed:,.0f} rows/s" for label, speed in speeds.items())
        print(f"\n  import of {ROWS:,} rows: {words}")  # noqa: T201 - the figure is for people
    assert outcomes == [
        {"read": ROWS, "created": ROWS},
        {"read": ROWS, "updated": ROWS},
        {"read": ROWS, "unchanged": ROWS},
    ]
    # A bound that only a loop over rows would miss, on any machine and under any load.
    assert min(speeds.values()) > 2_000
