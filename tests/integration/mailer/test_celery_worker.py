"""The production way: tasks through the broker, a forked pool, and an orderly end on SIGTERM."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from mailer.models import Delivery, DeliveryState, MailingState, Node, Slot
from mailer.services.tick import tick
from tests.factories.mailer import make_mailing, plan_addresses
from tests.integration.mailer.sending import limit_lane, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(practice_net, receiver, redis_db, settings, transactional_db):
    names = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    found = connection.settings_dict
    conninfo = make_conninfo("", **{pq: found[name] for name, pq in names.items() if found[name]})
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": conninfo,
        "TODOKU_SANDBOX_DNS_PORT": str(practice_net.port),
        "TODOKU_SANDBOX_SMTP_PORT": str(receiver.port),
        "TODOKU_JOURNAL_DIR": str(settings.JOURNAL_DIR),
        "TODOKU_SPOOL_DIR": str(settings.SPOOL_DIR),
        "TODOKU_SLOTS": "2",
    }
    process = subprocess.Popen(  # noqa: S603 our own command
        [
            sys.executable, "-m", "celery", "-A", "config.celery", "worker",
            "-Q", "default,plan,deliver.node1", "-c", "2", "-n", f"test{os.getpid()}@%h",
            "-I", "tests.integration.mailer.plain_parts", "--without-gossip", "--without-mingle",
            "--loglevel", "WARNING",
        ],
        cwd=django_settings.BASE_DIR,
        env=environment,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def test_planned_rows_are_resolved_and_sent_by_tasks_alone(worker, receiver):
    wait_until(Node.objects.exists, 90)
    now = timezone.now()
    mailing = make_mailing(now=now)
    limit_lane()
    plan_addresses(mailing, [f"reader{n}@one.example" for n in range(100)], now)
    receiver.wait_for(100, 60)
    wait_until(
        lambda: Delivery.objects.filter(mailing_id=mailing.pk, state__lt=10).count() == 0, 30
    )
    mailing.refresh_from_db()
    assert (mailing.state, mailing.accepted) == (MailingState.FINISHED, 100)


def test_a_terminated_worker_gives_its_leases_back_and_ends_its_life(worker, receiver):
    wait_until(Node.objects.exists, 90)
    now = timezone.now()
    mailing = make_mailing(now=now)
    limit_lane(rate_per_s=20)
    plan_addresses(mailing, [f"reader{n}@one.example" for n in range(400)], now)
    tick(now=timezone.now())
    receiver.wait_for(10, 60)

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0

    rows = Delivery.objects.filter(mailing_id=mailing.pk)
    assert not rows.filter(state__in=[DeliveryState.LEASED, DeliveryState.IN_FLIGHT]).exists()
    assert rows.filter(state=DeliveryState.ACCEPTED).count() == len(receiver.script.log)
    assert not Slot.objects.filter(ended_at__isnull=True).exists()
