"""Planning writes the ledger in one statement, once."""

import time

import pytest
from django.db import connection

from mailer.models import Delivery, DeliveryState, MailingState
from mailer.services.mailings import PlanError, plan_mailing
from tests.factories.mailer import NOW, make_mailing, plan_addresses

pytestmark = pytest.mark.django_db


def test_planned_recipients_are_unresolved_and_the_mailing_runs():
    mailing = make_mailing(priority=20)
    planned = plan_addresses(mailing, ["a@one.example", "b@two.example"])

    assert (planned, mailing.planned, mailing.state) == (2, 2, MailingState.RUNNING)
    rows = Delivery.objects.filter(mailing_id=mailing.pk).order_by("address")
    assert [(r.address, r.domain, r.state, r.priority) for r in rows] == [
        ("a@one.example", "one.example", DeliveryState.UNRESOLVED, 20),
        ("b@two.example", "two.example", DeliveryState.UNRESOLVED, 20),
    ]


def test_an_address_that_comes_twice_is_planned_once():
    mailing = make_mailing()
    assert plan_addresses(mailing, ["a@one.example", "a@one.example"]) == 1


def test_an_empty_audience_finishes_at_once():
    mailing = make_mailing()
    assert plan_addresses(mailing, []) == 0
    assert (mailing.state, mailing.finished_at) == (MailingState.FINISHED, NOW)


def test_a_mailing_is_never_planned_twice():
    mailing = make_mailing()
    plan_addresses(mailing, ["a@one.example"])
    with pytest.raises(PlanError):
        plan_addresses(mailing, ["b@one.example"])
    assert Delivery.objects.filter(mailing_id=mailing.pk).count() == 1


def test_a_hundred_thousand_recipients_take_seconds():
    mailing = make_mailing()
    began = time.monotonic()
    planned = plan_mailing(
        mailing=mailing,
        recipients_sql=(
            "SELECT n AS recipient_ref, 'r' || n || '@d' || n %% 50 || '.example' AS address,"
            " decode(md5(n::text), 'hex') AS address_key, 'd' || n %% 50 || '.example' AS domain,"
            " n AS rank, 0 AS merge_version FROM generate_series(1, %s) AS n"
        ),
        params=[100_000],
        now=NOW,
    )
    assert planned == 100_000
    assert time.monotonic() - began < 15
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(reltuples) FROM pg_class WHERE relname LIKE 'mailer_delivery_%%'"
            " AND relkind = 'r'"
        )
        assert cursor.fetchone()[0] >= 100_000  # the planner knows how many there are
