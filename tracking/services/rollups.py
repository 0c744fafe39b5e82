"""The counters of a report: written with the events, in one transaction, recipients counted once.

Rows are locked in the order of their keys, deliveries before mailings, by everybody who writes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection


@dataclass(slots=True)
class DeliveryTally:
    """What new events say about one delivery. Times are the earliest of the batch."""

    recipient_ref: int
    opens: int = 0
    clicks: int = 0
    first_open_at: datetime | None = None
    human_open_at: datetime | None = None
    first_click_at: datetime | None = None
    human_click_at: datetime | None = None
    unsubscribed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FirstTimes:
    """What a delivery did now for the first time."""

    mailing_id: int
    delivery_id: int
    recipient_ref: int
    opened: bool
    human_opened: bool
    clicked: bool
    human_clicked: bool
    unsubscribed: bool


_COUNTERS: Final = ("opened", "human_opened", "clicked", "human_clicked", "unsubscribed")

_MAKE = """
INSERT INTO tracking_deliveryengagement (mailing_id, delivery_id, recipient_ref, opens, clicks)
SELECT w.mailing_id, w.delivery_id, w.recipient_ref, 0, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(mailing_id, delivery_id, recipient_ref)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT 1 FROM tracking_deliveryengagement e
JOIN unnest(%s::bigint[], %s::bigint[]) AS w(mailing_id, delivery_id) USING (mailing_id, delivery_id)
ORDER BY e.mailing_id, e.delivery_id FOR UPDATE OF e
"""
# LEAST passes over NULL, so the earliest known time stays.
_ADD = """
WITH w AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[],
                         %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
        AS w(mailing_id, delivery_id, opens, clicks, open_at, human_open_at, click_at, human_click_at, left_at)
), old AS (
    SELECT e.* FROM tracking_deliveryengagement e JOIN w USING (mailing_id, delivery_id)
)
UPDATE tracking_deliveryengagement e SET
    opens = e.opens + w.opens,
    clicks = e.clicks + w.clicks,
    first_open_at = LEAST(e.first_open_at, w.open_at),
    human_open_at = LEAST(e.human_open_at, w.human_open_at),
    first_click_at = LEAST(e.first_click_at, w.click_at),
    human_click_at = LEAST(e.human_click_at, w.human_click_at),
    unsubscribed_at = LEAST(e.unsubscribed_at, w.left_at)
FROM w JOIN old USING (mailing_id, delivery_id)
WHERE e.mailing_id = w.mailing_id AND e.delivery_id = w.delivery_id
RETURNING e.mailing_id, e.delivery_id, e.recipient_ref,
    old.first_open_at IS NULL AND e.first_open_at IS NOT NULL,
    old.human_open_at IS NULL AND e.human_open_at IS NOT NULL,
    old.first_click_at IS NULL AND e.first_click_at IS NOT NULL,
    old.human_click_at IS NULL AND e.human_click_at IS NOT NULL,
    old.unsubscribed_at IS NULL AND e.unsubscribed_at IS NOT NULL
"""
_COUNT = """
INSERT INTO tracking_mailingengagement AS t
    (mailing_id, opened, human_opened, clicked, human_clicked, unsubscribed)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[]) ORDER BY 1
ON CONFLICT (mailing_id) DO UPDATE SET
    opened = t.opened + EXCLUDED.opened,
    human_opened = t.human_opened + EXCLUDED.human_opened,
    clicked = t.clicked + EXCLUDED.clicked,
    human_clicked = t.human_clicked + EXCLUDED.human_clicked,
    unsubscribed = t.unsubscribed + EXCLUDED.unsubscribed
"""
_COUNT_LINKS = """
INSERT INTO tracking_linkcount AS t (mailing_id, link_index, clicks, human_clicks)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) ORDER BY 1, 2
ON CONFLICT (mailing_id, link_index) DO UPDATE SET
    clicks = t.clicks + EXCLUDED.clicks, human_clicks = t.human_clicks + EXCLUDED.human_clicks
"""
_TAKE_BACK = """
UPDATE tracking_deliveryengagement SET unsubscribed_at = NULL
WHERE mailing_id = %s AND delivery_id = %s AND unsubscribed_at IS NOT NULL
"""


def add_tallies(tallies: Mapping[tuple[int, int], DeliveryTally]) -> list[FirstTimes]:
    """Add to the counters of deliveries and mailings, in the caller's transaction; return what was new."""
    if not tallies:
        return []
    keys = sorted(tallies)
    rows = [tallies[key] for key in keys]
    mailings, deliveries = [key[0] for key in keys], [key[1] for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [mailings, deliveries, [row.recipient_ref for row in rows]])
        cursor.execute(_LOCK, [mailings, deliveries])
        cursor.execute(
            _ADD,
            [
                mailings,
                deliveries,
                [row.opens for row in rows],
                [row.clicks for row in rows],
                [row.first_open_at for row in rows],
                [row.human_open_at for row in rows],
                [row.first_click_at for row in rows],
                [row.human_click_at for row in rows],
                [row.unsubscribed_at for row in rows],
            ],
        )
        firsts = [FirstTimes(*row) for row in cursor.fetchall()]
    _count_recipients(firsts)
    return firsts


def add_link_clicks(clicks: Mapping[tuple[int, int], tuple[int, int]]) -> None:
    """Add (all, human) clicks by (mailing id, link index)."""
    if not clicks:
        return
    keys = sorted(clicks)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_LINKS,
            [
                [key[0] for key in keys],
                [key[1] for key in keys],
                [clicks[key][0] for key in keys],
                [clicks[key][1] for key in keys],
            ],
        )


def take_back_unsubscribe(mailing_id: int, delivery_id: int) -> None:
    """Count this recipient no longer among those who left."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [mailing_id, delivery_id])
        if cursor.rowcount:
            cursor.execute(
                "UPDATE tracking_mailingengagement SET unsubscribed = greatest(unsubscribed - 1, 0)"
                " WHERE mailing_id = %s",
                [mailing_id],
            )


def _count_recipients(firsts: Sequence[FirstTimes]) -> None:
    mailings = sorted({first.mailing_id for first in firsts if _is_new(first)})
    if not mailings:
        return
    columns = [
        [
            sum(1 for first in firsts if first.mailing_id == mailing and getattr(first, name))
            for mailing in mailings
        ]
        for name in _COUNTERS
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [mailings, *columns])


def _is_new(first: FirstTimes) -> bool:
    return any(getattr(first, name) for name in _COUNTERS)
