"""Pause, cancel, unsubscribe and the spool stop a run within two seconds, and lose nothing."""

import time

import pytest
from django.utils import timezone

from mailer.models import Delivery, DeliveryState, MailingState
from mailer.selectors import state_counts
from mailer.services.control import cancel_mailing, pause_mailing, resume_mailing
from mailer.services.suppress import suppress
from mailer.services.tick import tick
from tests.integration.mailer.sending import limit_lane, ready_mailing, working

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_paused_mailing_sends_nothing_more_within_two_seconds(runtime, receiver):
    mailing = ready_mailing(400)
    limit_lane(rate_per_s=50)
    with working(lambda: runtime.work(4)):
        receiver.wait_for(20)
        pause_mailing(mailing_id=mailing.pk, reason="staff", now=timezone.now())
        time.sleep(2)
        sent = len(receiver.script.log)
        time.sleep(1)
        assert len(receiver.script.log) == sent
    runtime.work(1)

    counts = state_counts(mailing.pk)
    assert counts[DeliveryState.ACCEPTED] == sent
    assert counts[DeliveryState.READY] == 400 - sent

    resume_mailing(mailing_id=mailing.pk, now=timezone.now())
    limit_lane()
    runtime.work(10)
    assert len({letter.rcpt for letter in receiver.script.log}) == len(receiver.script.log) == 400


def test_a_cancelled_mailing_ends_with_every_row_accounted_for(runtime, receiver):
    mailing = ready_mailing(300)
    limit_lane(rate_per_s=50)
    with working(lambda: runtime.work(3)):
        receiver.wait_for(20)
        cancel_mailing(mailing_id=mailing.pk, now=timezone.now())
    tick(now=timezone.now())

    mailing.refresh_from_db()
    assert mailing.state == MailingState.CANCELLED
    assert mailing.finished_at is not None
    assert mailing.accepted == len(receiver.script.log) < 300
    assert mailing.accepted + mailing.cancelled == 300
    assert not Delivery.objects.filter(mailing_id=mailing.pk, state__lt=10).exists()


def test_who_leaves_after_the_lease_gets_nothing(runtime, receiver):
    mailing = ready_mailing(60)
    limit_lane(rate_per_s=10)
    rows = Delivery.objects.filter(mailing_id=mailing.pk)
    with working(lambda: runtime.work(5)):
        receiver.wait_for(5)
        # Leased but not offered yet: the lane holds two seconds of rows.
        offered = {letter.rcpt for letter in receiver.script.offered}
        leaver = next(
            row
            for row in rows.filter(state__in=[2, 3]).order_by("-id")
            if row.address not in offered
        )
        suppress(
            scope="list:1",
            address_key=bytes(leaver.address_key),
            reason="unsubscribed",
            actor="reader",
            now=timezone.now(),
        )
    limit_lane()
    runtime.work(5)

    assert leaver.address not in {letter.rcpt for letter in receiver.script.offered}
    row = rows.get(id=leaver.id)
    assert (row.state, row.reply_class) == (DeliveryState.SKIPPED, "suppressed")
    assert len(receiver.script.log) == 59


def test_nothing_is_leased_while_an_unsubscribe_waits_in_the_spool(runtime, receiver, settings):
    mailing = ready_mailing(5)
    limit_lane()
    spool = settings.SPOOL_DIR / "unsubscribe"
    spool.mkdir(parents=True)
    waiting = spool / "one.json"
    waiting.write_text("{}")

    runtime.work(1)
    assert receiver.script.offered == []
    assert state_counts(mailing.pk)[DeliveryState.READY] == 5

    waiting.unlink()
    runtime.work(5)
    assert len(receiver.script.log) == 5
