"""A slot that is killed at any moment loses nothing, sends nothing twice, and parks only what it was saying."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from mailer.models import Delivery, DeliveryState, Slot
from mailer.selectors import state_counts
from mailer.services.tick import tick
from mailer.slots.runtime import Runtime
from mailer.slots.slice import runtime_options
from tests.integration.mailer.sending import limit_lane, ready_mailing, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS = 5


@pytest.fixture
def slot_process(practice_net, receiver, redis_db, settings, tmp_path, plain_source):
    processes = []

    def start(**options):
        words = {
            "dns_port": practice_net.port,
            "smtp_port": receiver.port,
            "journal_dir": str(settings.JOURNAL_DIR),
            "spool_dir": str(settings.SPOOL_DIR),
            "database": connection.settings_dict["NAME"],
            **options,
        }
        process = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", "tests.integration.mailer.crash_slot", json.dumps(words)],
            cwd=django_settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("started")
        return process

    def kill(process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        # A dead slot's places at the receiver free themselves after 20 s; the tests do not wait for that.
        redis_db.flushdb()

    yield SimpleNamespace(start=start, kill=kill)
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def finish(seconds: float = 20.0) -> None:
    """Let a new slot settle what the dead one left and send the rest."""
    runtime = Runtime(runtime_options())
    runtime.start()
    try:
        end = time.monotonic() + seconds
        while runtime.work(2) and time.monotonic() < end:
            pass
    finally:
        runtime.drain(5.0)


def assert_nothing_lost_or_doubled(mailing, receiver, number, parked_at_most) -> None:
    counts = state_counts(mailing.pk)
    times = Counter(letter.rcpt for letter in receiver.script.log)
    assert max(times.values()) == 1
    assert counts[DeliveryState.UNCERTAIN] <= parked_at_most
    assert counts[DeliveryState.ACCEPTED] + counts[DeliveryState.UNCERTAIN] == number
    parked = set(
        Delivery.objects.filter(mailing_id=mailing.pk, state=DeliveryState.UNCERTAIN).values_list(
            "address", flat=True
        )
    )
    assert set(times) | parked == {f"reader{n}@one.example" for n in range(number)}


def test_killed_in_the_middle_of_conversations(slot_process, receiver):
    mailing = ready_mailing(300)
    limit_lane(connections=CONNECTIONS)
    receiver.script.dot_delay_s = 0.01
    for progress in (40, 120):
        process = slot_process.start()
        receiver.wait_for(progress)
        slot_process.kill(process)
    finish()
    assert_nothing_lost_or_doubled(mailing, receiver, 300, 2 * CONNECTIONS)


def test_killed_between_the_lease_and_the_first_word(slot_process, receiver):
    receiver.script.greeting = (
        ""  # the receiver says nothing: rows are leased and marked, never offered
    )
    mailing = ready_mailing(30)
    limit_lane(connections=CONNECTIONS)
    process = slot_process.start()
    rows = Delivery.objects.filter(mailing_id=mailing.pk)
    wait_until(lambda: rows.filter(state=DeliveryState.IN_FLIGHT).exists())
    slot_process.kill(process)
    receiver.script.greeting = "220 receiver.example"
    finish()
    assert_nothing_lost_or_doubled(mailing, receiver, 30, 0)


def test_killed_after_the_dot_and_before_the_reply(slot_process, receiver):
    mailing = ready_mailing(30)
    limit_lane(connections=CONNECTIONS)
    receiver.script.dot_delay_s = 30.0
    process = slot_process.start()
    wait_until(lambda: len(receiver.script.offered) == CONNECTIONS)
    time.sleep(0.5)
    slot_process.kill(process)
    receiver.script.dot_delay_s = 0.0
    finish()
    counts = state_counts(mailing.pk)
    assert counts[DeliveryState.UNCERTAIN] == CONNECTIONS
    assert_nothing_lost_or_doubled(mailing, receiver, 30, CONNECTIONS)


def test_killed_after_the_reply_and_before_the_commit(slot_process, receiver):
    mailing = ready_mailing(50)
    limit_lane(connections=CONNECTIONS)
    process = slot_process.start(no_outcomes=True)
    receiver.wait_for(50)
    time.sleep(0.3)
    assert state_counts(mailing.pk)[DeliveryState.ACCEPTED] == 0
    slot_process.kill(process)
    finish()
    assert len(receiver.script.log) == 50
    assert state_counts(mailing.pk)[DeliveryState.ACCEPTED] == 50


def test_a_machine_that_never_comes_back_parks_only_what_was_marked(
    slot_process, receiver, settings, tmp_path
):
    mailing = ready_mailing(100)
    limit_lane(connections=CONNECTIONS)
    receiver.script.dot_delay_s = 30.0
    process = slot_process.start()
    wait_until(lambda: len(receiver.script.offered) == CONNECTIONS)
    slot_process.kill(process)
    settings.JOURNAL_DIR = tmp_path / "another-machine"
    receiver.script.dot_delay_s = 0.0
    marked = Delivery.objects.filter(mailing_id=mailing.pk, state=DeliveryState.IN_FLIGHT).count()
    Slot.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    tick(now=timezone.now())
    assert state_counts(mailing.pk)[DeliveryState.UNCERTAIN] == marked
    finish()
    assert_nothing_lost_or_doubled(mailing, receiver, 100, marked)


def test_a_slot_stopped_past_its_lease_sends_nothing_that_was_taken_over(slot_process, receiver):
    mailing = ready_mailing(60)
    limit_lane(connections=1, rate_per_s=10)
    process = slot_process.start()
    receiver.wait_for(5)
    process.send_signal(signal.SIGSTOP)
    Slot.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    tick(now=timezone.now())
    limit_lane(connections=CONNECTIONS)
    finish()
    process.send_signal(signal.SIGCONT)
    time.sleep(3)
    slot_process.kill(process)
    finish(2)
    counts = state_counts(mailing.pk)
    times = Counter(letter.rcpt for letter in receiver.script.log)
    assert max(times.values()) == 1
    assert counts[DeliveryState.ACCEPTED] + counts[DeliveryState.UNCERTAIN] == 60
