"""Reading the outbox: each reader sees every outcome once, in order, and none is jumped over.

Ids alone would not do: a transaction that took a lower id may commit later. Entries carry the id of their
transaction (xid8), and a reader goes no further than the oldest transaction that is still running.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction

from mailer.models import OutboxCursor, OutboxEntry

_COLUMNS = (
    "id, at, kind, organisation_id, mailing_id, mailing_kind, delivery_id, recipient_ref,"
    " address_key, provider, reply_class, suppressed, xid::text::numeric AS xid_number"
)


def consume_outbox(
    *, reader: str, limit: int, handle: Callable[[Sequence[OutboxEntry]], None]
) -> int:
    """Give up to `limit` new entries to `handle` and move the reader's cursor, in one transaction.

    Returns how many there were. When `handle` raises, nothing moves and the entries come again.
    """
    OutboxCursor.objects.get_or_create(name=reader)
    with transaction.atomic():
        cursor = OutboxCursor.objects.select_for_update().get(name=reader)
        entries = list(
            OutboxEntry.objects.raw(
                f"SELECT {_COLUMNS} FROM mailer_outbox"  # noqa: S608 own column names
                " WHERE (xid, id) > (%s::text::xid8, %s)"
                " AND xid < pg_snapshot_xmin(pg_current_snapshot())"
                " ORDER BY xid, id LIMIT %s",
                [str(int(cursor.xid)), cursor.entry_id, limit],
            )
        )
        if not entries:
            return 0
        handle(entries)
        last = entries[-1]
        cursor.xid = last.xid_number  # type: ignore[attr-defined]  # annotated by the raw query
        cursor.entry_id = last.id
        cursor.save(update_fields=["xid", "entry_id"])
    return len(entries)


def forget_read_entries(*, before: datetime) -> int:
    """Delete old entries that every reader has passed. Returns how many were deleted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mailer_outbox o WHERE at < %s AND NOT EXISTS (SELECT 1 FROM"
            " mailer_outboxcursor c WHERE (o.xid, o.id) > (c.xid::text::xid8, c.entry_id))"
            " AND EXISTS (SELECT 1 FROM mailer_outboxcursor)",
            [before],
        )
        return int(cursor.rowcount)
