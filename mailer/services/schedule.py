"""What becomes due by the clock: deferred rows, expired mailings, finished ones. Set-wise and bounded."""

from datetime import datetime

from mailer.models import DeliveryState
from mailer.program import Program, Statement

PROMOTE_BATCH = 5_000

PROMOTE_SQL = """
WITH due AS (
    SELECT mailing_id, id FROM mailer_delivery
    WHERE state = 4 AND next_at <= %(now)s
    ORDER BY next_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE mailer_delivery d SET state = %(ready)s, next_at = NULL
FROM due WHERE d.mailing_id = due.mailing_id AND d.id = due.id AND d.state = 4
RETURNING d.id
"""


def promote_due(*, now: datetime, limit: int = PROMOTE_BATCH) -> Program[int]:
    """Make deferred rows ready whose time has come, and return how many."""
    rows = yield Statement(
        PROMOTE_SQL, {"now": now, "limit": limit, "ready": DeliveryState.READY.value}
    )
    return len(rows)
