"""PostgreSQL goes away in the middle of a run: finished outcomes wait, nothing is sent twice, all end well."""

import time
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from mailer.models import DeliveryState, MailingState
from mailer.selectors import state_counts
from mailer.slots.runtime import Runtime
from mailer.slots.slice import runtime_options
from tests.integration.mailer.gate import Gate
from tests.integration.mailer.sending import keep_working, limit_lane, ready_mailing, working

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gate():
    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"] or 5432
    if not str(host).startswith("/"):
        pytest.skip("PostgreSQL is not on a Unix socket")
    gate = Gate(f"{host}/.s.PGSQL.{port}")
    yield gate
    gate.stop()


@pytest.fixture
def slot(gate, practice_net, plain_source, redis_db, transactional_db):
    options = runtime_options()
    direct = conninfo_to_dict(options.conninfo)
    through_gate = make_conninfo(
        "", **(direct | {"host": "127.0.0.1", "port": gate.port, "sslmode": "disable"})
    )
    runtime = Runtime(replace(options, conninfo=through_gate))
    runtime.start()
    yield runtime
    runtime.drain(5.0)


def test_outcomes_survive_a_database_that_is_away_for_seconds(slot, gate, receiver):
    mailing = ready_mailing(300)
    limit_lane(rate_per_s=100)
    with working(lambda: keep_working(slot, 12)):
        receiver.wait_for(50)
        gate.shut()
        time.sleep(2.5)
        sent = len(receiver.script.log)
        time.sleep(0.5)
        assert len(receiver.script.log) == sent  # the guard is blind: nothing more is said
        assert state_counts(mailing.pk)[DeliveryState.ACCEPTED] < sent or sent == 300
        gate.open()
        receiver.wait_for(300, 12)

    mailing.refresh_from_db()
    assert (mailing.accepted, mailing.uncertain, mailing.state) == (300, 0, MailingState.FINISHED)
    assert max(Counter(letter.rcpt for letter in receiver.script.log).values()) == 1
