"""The statements of the hot path find their rows by index, on a ledger with many other rows in it."""

import json

import pytest
from django.db import connection

from mailer.selectors.work import PROVIDERS_SQL
from mailer.services.lease import GIVE_BACK_SQL, LEASE_SQL, MARK_SQL, OUTSTANDING_SQL
from mailer.services.mailings import plan_mailing
from mailer.services.outcome import OUTCOME_SQL
from mailer.services.schedule import PROMOTE_SQL
from tests.factories.mailer import NOW, make_mailing

pytestmark = pytest.mark.django_db

ROW = {"id": 1, "state": 10, "at": NOW.isoformat(), "stage": "dot", "suppressed": False}


@pytest.fixture
def large():
    mailing = make_mailing()
    plan_mailing(
        mailing=mailing,
        recipients_sql=(
            "SELECT n AS recipient_ref, 'r' || n || '@d.example' AS address,"
            " decode(md5(n::text), 'hex') AS address_key, 'd.example' AS domain,"
            " n AS rank, 0 AS merge_version FROM generate_series(1, 20000) AS n"
        ),
        params=[],
        now=NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailer_delivery SET state = 1, provider = 'p' || id %% 3 WHERE mailing_id = %s",
            [mailing.pk],
        )
    return mailing


def params(mailing):
    return {
        "mailing": mailing.pk, "slot": 1, "source": 1, "ids": [1, 2, 3], "until": NOW, "now": NOW,
        "wants": json.dumps([{"provider": "p1", "n": 50}]), "scopes": ["list:1"],
        "suppressed": "suppressed", "organisation": 1, "mailing_kind": "campaign", "skipped_kind": 4,
        "rows": json.dumps([ROW]), "providers": ["p1"], "after": "", "limit": 100, "ready": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [LEASE_SQL, MARK_SQL, GIVE_BACK_SQL, OUTCOME_SQL, OUTSTANDING_SQL, PROVIDERS_SQL, PROMOTE_SQL],
    ids=["lease", "mark", "give-back", "outcome", "outstanding", "providers", "promote"],
)
def test_no_statement_of_a_slot_reads_the_ledger_from_end_to_end(large, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # as the slots' sessions do
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params(large))
        plan = cursor.fetchone()[0]
    assert [node for node in nodes(plan[0]["Plan"]) if is_full_read(node)] == []


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def is_full_read(node) -> bool:
    """A sequential scan of the ledger, or an index read without a condition that narrows it to a few rows."""
    if not node.get("Relation Name", "").startswith("mailer_delivery_"):
        return False
    if node["Node Type"] == "Seq Scan":
        return True
    narrow = {"mailer_delivery_leased", "mailer_delivery_deferred", "lease_slot", "next_at"}
    index = node.get("Index Name", "")
    return "Index Cond" not in node and not any(name in index for name in narrow)
