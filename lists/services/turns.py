"""Turns among transactions that make readers of one organisation.

An import decides for thousands of addresses at once which are new. Nobody may make one of them
between the decision and the insert.
"""

from django.db import connection


def wait_for_turn(organisation_id: int) -> None:
    """Be alone with the organisation's readers until the transaction ends (imports)."""
    _lock("pg_advisory_xact_lock", organisation_id)


def wait_for_imports(organisation_id: int) -> None:
    """Keep imports from merging until the transaction ends (everything that makes one reader)."""
    _lock("pg_advisory_xact_lock_shared", organisation_id)


def _lock(function: str, organisation_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(hashtextextended('lists.readers', %s))", [organisation_id]
        )
