"""Following the outcomes of sending: what was sent, what failed, and whose address is gone.

The handler of the outbox reader "lists". `consume_outbox` calls it in the transaction that moves
the cursor, which makes the counts exact: an outcome is added up once or not at all.
"""

from collections.abc import Sequence

from django.db import connection

from lists.models import ReaderState
from mailer.models import MailingKind, OutboxEntry, OutcomeKind
from mailer.scopes import INSTALLATION, organisation_scope

_ADD_UP = """
INSERT INTO lists_readeractivity AS a
    (reader_id, sent, opened, clicked, failed, last_sent_at, last_failed_at)
SELECT r.id, count(*) FILTER (WHERE e.kind = %(accepted)s), 0, 0,
       count(*) FILTER (WHERE e.kind = %(failed)s),
       max(e.at) FILTER (WHERE e.kind = %(accepted)s),
       max(e.at) FILTER (WHERE e.kind = %(failed)s)
  FROM unnest(%(refs)s::bigint[], %(organisations)s::bigint[], %(kinds)s::int[],
              %(times)s::timestamptz[]) AS e (ref, organisation_id, kind, at)
  JOIN lists_reader r ON r.id = e.ref AND r.organisation_id = e.organisation_id
 GROUP BY r.id ORDER BY r.id
ON CONFLICT (reader_id) DO UPDATE SET
    sent = a.sent + excluded.sent,
    failed = a.failed + excluded.failed,
    last_sent_at = greatest(a.last_sent_at, excluded.last_sent_at),
    last_failed_at = greatest(a.last_failed_at, excluded.last_failed_at)
"""

# In the order in which an import locks its readers, so that the two wait instead of deadlocking.
_LOCK = """
SELECT id FROM lists_reader WHERE id = ANY(%(refs)s) ORDER BY id FOR NO KEY UPDATE
"""

# The suppression was written with the outcome. If staff have opened the address since, the entry is
# old news and the reader stays active.
_STOP = """
UPDATE lists_reader r
   SET state = e.state, state_detail = e.detail, state_changed_at = e.at, updated_at = e.at
  FROM (SELECT DISTINCT ON (ref) * FROM unnest(
            %(refs)s::bigint[], %(organisations)s::bigint[], %(states)s::text[],
            %(details)s::text[], %(times)s::timestamptz[], %(scopes)s::text[])
            AS t (ref, organisation_id, state, detail, at, scope)
         ORDER BY ref, at DESC) e
 WHERE r.id = e.ref AND r.organisation_id = e.organisation_id
   AND r.state IN ('active', 'unconfirmed')
   AND EXISTS (SELECT 1 FROM mailer_suppression s
                WHERE s.address_key = r.address_key AND s.scope IN (e.scope, %(installation)s))
"""

_STATE_OF_CLASS = {"complaint": ReaderState.COMPLAINED}


def apply_outcomes(entries: Sequence[OutboxEntry]) -> None:
    """Add outcomes of campaigns to the activity of their readers and mark who is stopped.

    Tests and other kinds of mailings never touch readers. Readers that were erased are passed over.
    """
    mine = [entry for entry in entries if entry.mailing_kind == MailingKind.CAMPAIGN]
    counted = [e for e in mine if e.kind in {OutcomeKind.ACCEPTED, OutcomeKind.FAILED}]
    stopped = [e for e in mine if e.suppressed and e.kind == OutcomeKind.FAILED]
    with connection.cursor() as cursor:
        if counted:
            cursor.execute(
                _ADD_UP,
                {
                    "accepted": OutcomeKind.ACCEPTED,
                    "failed": OutcomeKind.FAILED,
                    "refs": [e.recipient_ref for e in counted],
                    "organisations": [e.organisation_id for e in counted],
                    "kinds": [e.kind for e in counted],
                    "times": [e.at for e in counted],
                },
            )
        if stopped:
            cursor.execute(_LOCK, {"refs": [e.recipient_ref for e in stopped]})
            cursor.execute(
                _STOP,
                {
                    "refs": [e.recipient_ref for e in stopped],
                    "organisations": [e.organisation_id for e in stopped],
                    "states": [
                        _STATE_OF_CLASS.get(e.reply_class, ReaderState.BOUNCED).value
                        for e in stopped
                    ],
                    "details": [e.reply_class for e in stopped],
                    "times": [e.at for e in stopped],
                    "scopes": [organisation_scope(e.organisation_id) for e in stopped],
                    "installation": INSTALLATION,
                },
            )
