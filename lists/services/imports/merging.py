"""Merging staged rows into an organisation's readers: a handful of statements, whatever the size.

Every staged row ends in exactly one count. Somebody who left, bounced, complained or lies in the
trash is left as they are: an import never revives.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from lists.models import ConsentBasis, ReaderImport
from lists.services.turns import wait_for_turn
from mailer.scopes import INSTALLATION, list_scope, organisation_scope

MAX_ERROR_ROWS: Final = 100_000

# The strongest first; a weaker one never replaces it.
BASES_BY_STRENGTH: Final = (
    ConsentBasis.CONSENT,
    ConsentBasis.WRITTEN,
    ConsentBasis.BUSINESS,
    ConsentBasis.PUBLISHED,
    ConsentBasis.UNKNOWN,
)

# The later row of a file wins.
_WINNERS: Final = """
CREATE TEMPORARY TABLE import_winner ON COMMIT DROP AS
SELECT DISTINCT ON (key) key, line, address, normalised, domain, name, fields
  FROM import_stage WHERE error IS NULL ORDER BY key, line DESC
"""

# Locked in one order, so that two transactions over the same readers wait instead of deadlocking.
# What a reader does from here on (leaving by one click) waits for us and then has the last word.
_LOCK: Final = """
SELECT count(*) FROM (
    SELECT r.id FROM lists_reader r JOIN import_winner w ON w.key = r.address_key
     WHERE r.organisation_id = %(organisation)s ORDER BY r.id FOR NO KEY UPDATE OF r) AS locked
"""

_VERDICTS: Final = """
CREATE TEMPORARY TABLE import_verdict ON COMMIT DROP AS
SELECT w.key, r.id AS reader_id, s.id AS subscription_id,
       CASE WHEN r.state = 'unsubscribed' AND r.state_detail = 'staff' THEN 'stopped'
            WHEN r.state <> 'active' THEN r.state
            WHEN s.state = 'unsubscribed' THEN 'unsubscribed'
            ELSE x.word END AS excluded,
       r.id IS NOT NULL AND ((w.name <> '' AND w.name <> r.name) OR NOT r.fields @> w.fields)
           AS is_changed,
       s.id IS NOT NULL AND array_position(%(bases)s, s.basis)
           > array_position(%(bases)s, %(basis)s) AS is_better_basis
  FROM import_winner w
  LEFT JOIN lists_reader r ON r.organisation_id = %(organisation)s AND r.address_key = w.key
  LEFT JOIN lists_subscription s ON s.reader_id = r.id AND s.list_id = %(list)s
  LEFT JOIN LATERAL (
      SELECT CASE reason WHEN 'recipient_gone' THEN 'bounced' WHEN 'soft_failures' THEN 'bounced'
                         WHEN 'complaint' THEN 'complained' WHEN 'staff' THEN 'stopped'
                         ELSE reason END AS word
        FROM mailer_suppression WHERE address_key = w.key AND scope = ANY(%(scopes)s)
       ORDER BY id LIMIT 1) x ON true
"""

_CREATE_READERS: Final = """
INSERT INTO lists_reader (organisation_id, address, normalised, address_key, domain, name, state,
                          state_detail, fields, source, created_at, updated_at, state_changed_at)
SELECT %(organisation)s, w.address, w.normalised, w.key, w.domain, w.name, 'active', '', w.fields,
       %(route)s, %(now)s, %(now)s, %(now)s
  FROM import_winner w JOIN import_verdict v USING (key)
 WHERE v.reader_id IS NULL AND v.excluded IS NULL
 ORDER BY w.line
"""

_UPDATE_READERS: Final = """
UPDATE lists_reader r
   SET name = CASE WHEN w.name = '' THEN r.name ELSE w.name END,
       fields = r.fields || w.fields, updated_at = %(now)s
  FROM import_winner w JOIN import_verdict v USING (key)
 WHERE r.id = v.reader_id AND v.excluded IS NULL AND v.is_changed
"""

# Everybody who was not excluded and whose consent on the list is new or better than before.
_CONSENTING: Final = """
  FROM import_verdict v
  JOIN lists_reader r ON r.organisation_id = %(organisation)s AND r.address_key = v.key
 WHERE v.excluded IS NULL AND (v.subscription_id IS NULL OR v.is_better_basis)
"""

_SUBSCRIBE: Final = f"""
INSERT INTO lists_subscription (reader_id, list_id, state, basis, since)
SELECT r.id, %(list)s, 'subscribed', %(basis)s, %(now)s {_CONSENTING} ORDER BY r.id
ON CONFLICT (list_id, reader_id) DO UPDATE SET basis = excluded.basis, since = excluded.since
"""

_RECORD_CONSENT: Final = f"""
INSERT INTO lists_consentrecord (organisation_id, reader_id, address_key, list_id, act, basis,
                                 route, evidence, user_agent, actor_id, at)
SELECT %(organisation)s, r.id, v.key, %(list)s, 'given', %(basis)s, %(route)s, %(evidence)s, '',
       %(actor)s, %(now)s {_CONSENTING} ORDER BY r.id
"""

_COUNT: Final = """
SELECT CASE WHEN excluded IS NOT NULL THEN excluded
            WHEN reader_id IS NULL THEN '+created'
            WHEN is_changed OR subscription_id IS NULL OR is_better_basis THEN '+updated'
            ELSE '+unchanged' END AS outcome, count(*)
  FROM import_verdict GROUP BY outcome
"""

_KEEP_ERRORS: Final = """
INSERT INTO lists_importerrorrow (reader_import_id, line, reason, cells)
SELECT %(import)s, line, error, cells FROM import_stage
 WHERE error IS NOT NULL ORDER BY line LIMIT %(most_errors)s
"""


@dataclass
class MergeResult:
    """read = created + updated + unchanged + duplicates + Σ excluded + errors."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    errors: int = 0
    excluded: dict[str, int] = field(default_factory=dict)


def merge_stage(row: ReaderImport, now: datetime) -> MergeResult:
    """Merge `import_stage` into the organisation's readers, inside the caller's transaction.

    Two imports of one organisation take turns here.
    """
    parameters: dict[str, Any] = {
        "organisation": row.organisation_id,
        "list": row.list_id,
        "import": row.pk,
        "basis": row.basis,
        "bases": [basis.value for basis in BASES_BY_STRENGTH],
        "scopes": [
            INSTALLATION,
            organisation_scope(row.organisation_id),
            list_scope(row.list_id),
        ],
        "route": f"import:{row.pk}",
        "evidence": row.evidence,
        "actor": row.created_by_id,
        "now": now,
        "most_errors": MAX_ERROR_ROWS,
    }
    with connection.cursor() as cursor:
        wait_for_turn(row.organisation_id)
        for table in ("import_winner", "import_verdict"):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(_WINNERS)
        cursor.execute("ANALYZE import_winner")
        cursor.execute(_LOCK, parameters)
        cursor.execute(_VERDICTS, parameters)
        cursor.execute("ANALYZE import_verdict")
        result = _count(cursor)
        for statement in (_CREATE_READERS, _UPDATE_READERS, _RECORD_CONSENT, _SUBSCRIBE):
            cursor.execute(statement, parameters)
        cursor.execute(_KEEP_ERRORS, parameters)
    return result


def _count(cursor: Any) -> MergeResult:
    cursor.execute("SELECT count(*), count(error) FROM import_stage")
    read, errors = cursor.fetchone()
    cursor.execute(_COUNT)
    outcomes = dict(cursor.fetchall())
    result = MergeResult(read=read, errors=errors)
    result.duplicates = read - errors - sum(outcomes.values())
    result.created = outcomes.pop("+created", 0)
    result.updated = outcomes.pop("+updated", 0)
    result.unchanged = outcomes.pop("+unchanged", 0)
    result.excluded = dict(sorted(outcomes.items()))
    return result
