"""Adding up what readers do with their mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection


class Engagement(NamedTuple):
    """One open or click. `first_in_mailing`: the reader's first of its kind in that mailing."""

    reader_id: int
    kind: str  # "open" or "click"
    at: datetime
    first_in_mailing: bool


_COLUMNS: Final = {
    "open": ("opened", "last_opened_at"),
    "click": ("clicked", "last_clicked_at"),
}

_ADD_UP: Final = """
INSERT INTO lists_readeractivity AS a (reader_id, sent, opened, clicked, failed, {last})
SELECT r.id, 0, {opened}, {clicked}, 0, max(e.at)
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::boolean[]) AS e (ref, at, is_first)
  JOIN lists_reader r ON r.id = e.ref
 GROUP BY r.id ORDER BY r.id
ON CONFLICT (reader_id) DO UPDATE SET
    {count} = a.{count} + excluded.{count},
    {last} = greatest(a.{last}, excluded.{last})
"""
_FIRSTS: Final = "count(*) FILTER (WHERE e.is_first)"


def record_engagement(*, rows: Sequence[Engagement | tuple[int, str, datetime, bool]]) -> None:
    """Add opens and clicks to the readers' activity: one statement per kind."""
    for kind, (count, last) in _COLUMNS.items():
        mine = [Engagement(*row) for row in rows if row[1] == kind]
        if not mine:
            continue
        statement = _ADD_UP.format(
            count=count,
            last=last,
            opened=_FIRSTS if kind == "open" else "0",
            clicked=_FIRSTS if kind == "click" else "0",
        )
        with connection.cursor() as cursor:
            cursor.execute(
                statement,
                [
                    [row.reader_id for row in mine],
                    [row.at for row in mine],
                    [row.first_in_mailing for row in mine],
                ],
            )
