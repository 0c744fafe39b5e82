"""Partitions of the big tables, made before they are needed."""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

MAILINGS_PER_PARTITION = 500
_LOCK = 7_301_011  # advisory lock: two planners never make the same partition at once


def ensure_delivery_partition(mailing_id: int) -> None:
    """Make the ledger partition that holds this mailing, if it does not exist."""
    low = mailing_id - mailing_id % MAILINGS_PER_PARTITION
    name = f"mailer_delivery_{low}"
    with transaction.atomic(), connection.cursor() as cursor:
        if _exists(cursor, name):
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        # Hot updates need room on the page; vacuum must not wait for a fifth of a million rows.
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF mailer_delivery"
            f" FOR VALUES FROM ({low}) TO ({low + MAILINGS_PER_PARTITION})"
            " WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_analyze_scale_factor = 0.02)"
        )


def ensure_month_partitions(*, table: str, now: datetime) -> None:
    """Make this month's and next month's partition of a table that is partitioned by `at`.

    Rows that came before their partition stay in `<table>_default`; nothing is moved under load.
    """
    first = date(now.year, now.month, 1)
    with transaction.atomic(), connection.cursor() as cursor:
        for start in (first, _next_month(first)):
            name = f"{table}_{start:%Y_%m}"
            if _exists(cursor, name):
                continue
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            if not _exists(cursor, name):
                _make_month(cursor, table, name, start)


def _make_month(cursor: CursorWrapper, table: str, name: str, start: date) -> None:
    end = _next_month(start)
    cursor.execute(f"LOCK TABLE {table}_default IN EXCLUSIVE MODE")
    cursor.execute(
        f"SELECT EXISTS (SELECT 1 FROM {table}_default WHERE at >= %s AND at < %s)",  # noqa: S608 own names
        [start, end],
    )
    row = cursor.fetchone()
    if row is not None and not row[0]:
        cursor.execute(
            f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{start}') TO ('{end}')"
        )


def _exists(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    row = cursor.fetchone()
    return bool(row and row[0])


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
