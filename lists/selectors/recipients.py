"""Who a mailing to a list goes to, who is left out, and why.

The three answers are made from the same conditions, so that the number shown is the number mailed.
"""

from typing import Any, Final

from django.db import connection

from lists.models import ReaderList
from lists.models.consents import BASES_FOR_ADVERTISING
from mailer.scopes import INSTALLATION, list_scope, organisation_scope

# Lower goes first. Recent clicks, then recent opens, then readers who were never mailed, then
# those whose interest is old; last those who never reacted, the least tried of them first.
_RANK: Final = """
CASE WHEN a.last_clicked_at > now() - interval '90 days'
          THEN extract(day FROM now() - a.last_clicked_at)
     WHEN a.last_opened_at > now() - interval '90 days'
          THEN 100 + extract(day FROM now() - a.last_opened_at)
     WHEN coalesce(a.sent, 0) = 0 THEN 300
     WHEN coalesce(a.last_clicked_at, a.last_opened_at) IS NOT NULL
          THEN 400 + least(1500, extract(day FROM
               now() - greatest(a.last_clicked_at, a.last_opened_at)))
     ELSE 2000 + least(500, a.sent) END::integer
"""

_FROM: Final = """
  FROM lists_subscription s
  JOIN lists_reader r ON r.id = s.reader_id
"""

_IS_RECIPIENT: Final = """
   s.list_id = %s AND s.state = 'subscribed' AND s.basis = ANY(%s) AND r.state = 'active'
   AND NOT EXISTS (SELECT 1 FROM mailer_suppression x
                    WHERE x.address_key = r.address_key AND x.scope = ANY(%s))
"""


def recipients_query(list_id: int) -> tuple[str, list[Any]]:
    """Return SQL and parameters for `plan_mailing`.

    Columns: recipient_ref, address, address_key, domain, rank, merge_version.
    """
    columns = f"r.id AS recipient_ref, r.address, r.address_key, r.domain, {_RANK} AS rank"
    return (
        f"SELECT {columns}, 0 AS merge_version {_FROM}"
        " LEFT JOIN lists_readeractivity a ON a.reader_id = r.id"
        f" WHERE {_IS_RECIPIENT}",
        _parameters(list_id),
    )


def recipient_count(list_id: int) -> int:
    """Return how many readers a mailing to this list would go to now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) {_FROM} WHERE {_IS_RECIPIENT}",
            _parameters(list_id),
        )
        return int(cursor.fetchone()[0])


def excluded_counts(list_id: int) -> dict[str, int]:
    """Return reason → readers of the list who would get nothing.

    Reasons: the reader's state (unconfirmed, unsubscribed, bounced, complained, trashed), a
    suppression that is newer than the state (suppressed), or a consent that does not allow
    advertising (no-consent).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN r.state <> 'active' THEN r.state"
            "  WHEN s.state <> 'subscribed' THEN 'unsubscribed'"
            "  WHEN NOT s.basis = ANY(%s) THEN 'no-consent' ELSE 'suppressed' END AS reason,"
            f" count(*) {_FROM} WHERE s.list_id = %s AND NOT ({_IS_RECIPIENT})"
            " GROUP BY reason ORDER BY reason",
            [_bases(), list_id, *_parameters(list_id)],
        )
        return dict(cursor.fetchall())


def _parameters(list_id: int) -> list[Any]:
    organisation_id = ReaderList.objects.values_list("organisation_id", flat=True).get(pk=list_id)
    scopes = [INSTALLATION, organisation_scope(organisation_id), list_scope(list_id)]
    return [list_id, _bases(), scopes]


def _bases() -> list[str]:
    return sorted(str(basis.value) for basis in BASES_FOR_ADVERTISING)
