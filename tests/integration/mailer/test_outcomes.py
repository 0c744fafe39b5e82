"""An outcome is written once, with everything that follows from it, and only by the lease's owner."""

from datetime import timedelta

import pytest

from mailer.models import (
    Attempt,
    Delivery,
    DeliveryState,
    LaneDay,
    MailingState,
    OutboxEntry,
    Suppression,
)
from mailer.program import run
from mailer.services.bookkeeping import day_of
from mailer.services.outcome import AttemptFacts, MailingFacts, Outcome, record_outcomes
from tests.factories.mailer import NOW, make_ready_mailing
from tests.integration.mailer.test_leasing import take

pytestmark = pytest.mark.django_db


def record(mailing, outcomes, *, slot=1) -> int:
    facts = {mailing.pk: MailingFacts(mailing.organisation_id, mailing.kind)}
    return run(record_outcomes(slot_id=slot, outcomes=outcomes, mailings=facts, now=NOW))


def accepted(lease) -> Outcome:
    facts = AttemptFacts(
        stage="dot", mx_host="mx1.one.example", reply_code=250, reply_text="2.0.0 OK"
    )
    return Outcome(lease, DeliveryState.ACCEPTED, NOW, facts)


def gone(lease) -> Outcome:
    facts = AttemptFacts(
        stage="rcpt", reply_code=550, enhanced_code="5.1.1", reply_class="invalid-recipient"
    )
    return Outcome(lease, DeliveryState.FAILED, NOW, facts, may_suppress=True)


def outbox(mailing):
    return list(
        OutboxEntry.objects.raw(
            "SELECT * FROM mailer_outbox WHERE mailing_id = %s ORDER BY delivery_id", [mailing.pk]
        )
    )


def test_an_acceptance_counts_on_its_mailing_its_lane_and_its_day(source_row):
    mailing = make_ready_mailing(2)
    first, second = take(mailing, 2, source=source_row.pk)

    assert record(mailing, [accepted(first)]) == 1

    row = Delivery.objects.get(mailing_id=mailing.pk, id=first.id)
    assert (row.state, row.done_at, row.attempts, row.lease_slot) == (
        DeliveryState.ACCEPTED,
        NOW,
        1,
        None,
    )
    mailing.refresh_from_db()
    assert (mailing.accepted, mailing.state) == (1, MailingState.RUNNING)
    day = LaneDay.objects.get()
    assert (day.source_id, day.provider, day.day, day.accepted) == (
        source_row.pk, "mx:one.example", day_of(NOW), 1,
    )  # fmt: skip
    attempt = Attempt.objects.get(mailing_id=mailing.pk)
    assert (attempt.delivery_id, attempt.reply_code, attempt.reply_text) == (
        first.id,
        250,
        "2.0.0 OK",
    )
    assert [(entry.kind, entry.delivery_id) for entry in outbox(mailing)] == [(1, first.id)]
    assert Delivery.objects.get(mailing_id=mailing.pk, id=second.id).state == DeliveryState.LEASED


def test_the_last_outcome_finishes_the_mailing(source_row):
    mailing = make_ready_mailing(1)
    record(mailing, [accepted(lease) for lease in take(mailing, 1, source=source_row.pk)])
    mailing.refresh_from_db()
    assert (mailing.state, mailing.finished_at) == (MailingState.FINISHED, NOW)


def test_the_same_outcome_again_changes_nothing(source_row):
    mailing = make_ready_mailing(1)
    outcomes = [accepted(lease) for lease in take(mailing, 1, source=source_row.pk)]
    record(mailing, outcomes)
    assert record(mailing, outcomes) == 0
    mailing.refresh_from_db()
    assert (mailing.accepted, len(outbox(mailing)), Attempt.objects.count()) == (1, 1, 1)
    assert LaneDay.objects.get().accepted == 1


def test_a_slot_that_lost_its_lease_records_nothing(source_row):
    mailing = make_ready_mailing(1)
    outcomes = [accepted(lease) for lease in take(mailing, 1, slot=1, source=source_row.pk)]
    Delivery.objects.filter(mailing_id=mailing.pk).update(lease_slot=2)
    assert record(mailing, outcomes, slot=1) == 0
    assert Delivery.objects.get(mailing_id=mailing.pk).state == DeliveryState.LEASED
    assert outbox(mailing) == []


def test_who_is_gone_is_suppressed_in_the_same_transaction(source_row):
    mailing = make_ready_mailing(1)
    record(mailing, [gone(lease) for lease in take(mailing, 1, source=source_row.pk)])
    stop = Suppression.objects.get()
    assert (stop.scope, stop.reason, stop.mailing_id) == (
        f"org:{mailing.organisation_id}", "recipient_gone", mailing.pk,
    )  # fmt: skip
    assert [(e.kind, e.suppressed, e.reply_class) for e in outbox(mailing)] == [
        (2, True, "invalid-recipient")
    ]
    assert not LaneDay.objects.exists()


def test_a_deferral_keeps_the_row_open_and_tells_nobody(source_row):
    mailing = make_ready_mailing(1)
    due = NOW + timedelta(minutes=5)
    facts = AttemptFacts(stage="rcpt", reply_code=451, reply_class="rate-limited")
    record(
        mailing,
        [
            Outcome(lease, DeliveryState.DEFERRED, NOW, facts, next_at=due)
            for lease in take(mailing, 1)
        ],
    )
    row = Delivery.objects.get(mailing_id=mailing.pk)
    assert (row.state, row.next_at, row.attempts, row.done_at) == (
        DeliveryState.DEFERRED,
        due,
        1,
        None,
    )
    assert outbox(mailing) == []
    mailing.refresh_from_db()
    assert mailing.state == MailingState.RUNNING
