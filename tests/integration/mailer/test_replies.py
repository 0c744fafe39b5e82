"""What receivers say decides about rows, lanes and mailings, and about nothing else."""

import pytest
from django.utils import timezone

from mailer.models import Attempt, Delivery, DeliveryState, MailingState, Suppression
from mailer.selectors import failure_counts, state_counts
from mailer.services.tick import tick
from tests.integration.mailer.sending import limit_lane, ready_mailing

pytestmark = pytest.mark.django_db(transaction=True)

AUTHENTICATION = (
    "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all"
    " senders to authenticate with either SPF or DKIM."
)


def unknown(letter):
    return "550 5.1.1 <x> User unknown" if letter.rcpt.startswith("reader0@") else "250 OK"


def test_an_unknown_user_fails_alone_and_is_suppressed(runtime, receiver):
    mailing = ready_mailing(10)
    limit_lane()
    receiver.script.rcpt = unknown
    runtime.work(10)

    assert len(receiver.script.log) == 9
    assert failure_counts(mailing.pk) == [("invalid-recipient", 1)]
    assert Suppression.objects.count() == 1
    attempt = Attempt.objects.get(mailing_id=mailing.pk, reply_code=550)
    assert (attempt.stage, attempt.enhanced_code, attempt.reply_text) == (
        "rcpt",
        "5.1.1",
        "<x> User unknown",
    )


def test_a_greylisted_row_is_tried_again_and_arrives_once(runtime, receiver, settings):
    settings.RETRY_FACTOR_PERCENT = 1
    mailing = ready_mailing(3)
    limit_lane()
    seen = set()

    def greylist(letter):
        if letter.rcpt in seen:
            return "250 OK"
        seen.add(letter.rcpt)
        return "451 4.7.1 Greylisted, please try again in 300 seconds"

    receiver.script.rcpt = greylist
    runtime.work(5)
    counts = state_counts(mailing.pk)
    assert (counts[DeliveryState.DEFERRED], len(receiver.script.log)) == (3, 0)

    Delivery.objects.filter(mailing_id=mailing.pk).update(next_at=timezone.now())
    tick(now=timezone.now())
    runtime.work(5)
    assert len(receiver.script.log) == 3
    assert set(
        Delivery.objects.filter(mailing_id=mailing.pk).values_list("attempts", flat=True)
    ) == {2}


def test_a_rate_reply_holds_the_lane_and_gives_the_other_rows_back(runtime, receiver):
    mailing = ready_mailing(200)
    limit_lane(connections=1)
    receiver.script.rcpt = (
        "421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address"
    )
    runtime.work(3)

    counts = state_counts(mailing.pk)
    assert counts[DeliveryState.ACCEPTED] == 0
    assert counts[DeliveryState.DEFERRED] == len(receiver.script.offered) == 1
    assert counts[DeliveryState.READY] == 199
    assert Delivery.objects.filter(mailing_id=mailing.pk, attempts=0).count() == 199


def test_the_first_authentication_refusal_pauses_the_mailing_and_blames_nobody(runtime, receiver):
    mailing = ready_mailing(200)
    limit_lane(connections=1)
    receiver.script.dot = AUTHENTICATION
    runtime.work(3)

    mailing.refresh_from_db()
    assert (mailing.state, mailing.pause_reason) == (MailingState.PAUSED, "authentication")
    assert "unauthenticated" in mailing.pause_detail
    counts = state_counts(mailing.pk)
    assert (counts[DeliveryState.DEFERRED], counts[DeliveryState.READY]) == (1, 199)
    assert not Suppression.objects.exists()


def test_a_connection_lost_after_the_dot_is_parked_and_not_sent_again(runtime, receiver):
    mailing = ready_mailing(3)
    limit_lane(connections=1)
    receiver.script.dot = lambda letter: None if letter.rcpt.startswith("reader1@") else "250 OK"
    runtime.work(5)

    counts = state_counts(mailing.pk)
    assert (counts[DeliveryState.ACCEPTED], counts[DeliveryState.UNCERTAIN]) == (2, 1)
    assert [letter.rcpt for letter in receiver.script.offered].count("reader1@one.example") == 1
    mailing.refresh_from_db()
    assert mailing.state == MailingState.FINISHED


def test_a_quiet_close_at_the_receivers_limit_costs_nobody_an_attempt(runtime, receiver):
    mailing = ready_mailing(20)
    limit_lane(connections=1)
    receiver.script.messages_per_connection = 3
    runtime.work(10)
    assert len(receiver.script.log) == 20
    assert set(
        Delivery.objects.filter(mailing_id=mailing.pk).values_list("attempts", flat=True)
    ) == {1}


def test_a_deleted_reader_is_skipped(runtime, receiver, plain_source):
    mailing = ready_mailing(3)
    limit_lane()
    plain_source.deleted = {2}
    runtime.work(5)
    assert len(receiver.script.log) == 2
    skipped = Delivery.objects.get(mailing_id=mailing.pk, state=DeliveryState.SKIPPED)
    assert (skipped.recipient_ref, skipped.reply_class) == (2, "gone")


def test_what_cannot_be_rendered_pauses_the_mailing_and_loses_nothing(runtime, receiver):
    mailing = ready_mailing(3)
    limit_lane()
    mailing.sending_domain.keys.update(state="retired")
    runtime.work(3)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.pause_reason) == (MailingState.PAUSED, "render")
    assert "DKIM" in mailing.pause_detail
    assert state_counts(mailing.pk)[DeliveryState.READY] == 3
    assert receiver.script.log == []


def test_a_receiver_that_is_down_defers_and_later_gets_its_mail(runtime, receiver, practice_net):
    practice_net.records["mx1.one.example", "A"] = ["127.10.0.99"]
    mailing = ready_mailing(3)
    limit_lane()
    runtime.work(3)
    assert state_counts(mailing.pk)[DeliveryState.DEFERRED] == 3
    attempt = Attempt.objects.filter(mailing_id=mailing.pk)[0]
    assert (attempt.stage, attempt.reply_class) == ("connect", "network")


def test_the_next_mx_is_tried_when_the_first_cannot_be_reached(runtime, receiver, practice_net):
    practice_net.records["one.example", "MX"] = ["5 mx9.one.example.", "10 mx1.one.example."]
    practice_net.records["mx9.one.example", "A"] = ["127.10.0.99"]
    ready_mailing(3)
    limit_lane()
    runtime.work(5)
    assert len(receiver.script.log) == 3
