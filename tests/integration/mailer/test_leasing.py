"""Leasing gives each row to one slot, and never a row whose address is closed."""

from datetime import timedelta

import pytest

from mailer.models import Delivery, DeliveryState, LaneDay, OutboxEntry
from mailer.program import run
from mailer.services.bookkeeping import day_of
from mailer.services.lease import Lease, LeaseRequest, give_back, lease_rows, mark_in_flight
from mailer.services.suppress import suppress
from tests.factories.mailer import NOW, make_ready_mailing, make_source

pytestmark = pytest.mark.django_db

UNTIL = NOW + timedelta(minutes=15)


def take(mailing, number, *, slot=1, source=1, caps=None, provider="mx:one.example") -> list[Lease]:
    request = LeaseRequest(
        mailing.pk,
        mailing.organisation_id,
        mailing.kind,
        mailing.suppression_scopes,
        {provider: number},
    )
    return run(
        lease_rows(
            slot_id=slot,
            source_id=source,
            requests=[request],
            caps=caps or {},
            day=day_of(NOW),
            until=UNTIL,
            now=NOW,
        )
    )


def test_leased_rows_carry_slot_source_and_deadline():
    mailing = make_ready_mailing(3)
    leases = take(mailing, 2, slot=7, source=5)

    assert len(leases) == 2
    rows = Delivery.objects.filter(mailing_id=mailing.pk, state=DeliveryState.LEASED)
    assert {(r.id, r.lease_slot, r.source_id, r.lease_until) for r in rows} == {
        (lease.id, 7, 5, UNTIL) for lease in leases
    }


def test_the_most_engaged_readers_are_leased_first():
    mailing = make_ready_mailing(3)
    rows = Delivery.objects.filter(mailing_id=mailing.pk).order_by("id")
    for rank, row in zip([30, 10, 20], list(rows), strict=True):
        rows.filter(id=row.id).update(rank=rank)
    taken = {lease.id for lease in take(mailing, 2)}
    assert taken == set(
        Delivery.objects.filter(mailing_id=mailing.pk, rank__in=[10, 20]).values_list(
            "id", flat=True
        )
    )


def test_a_suppressed_address_is_skipped_counted_and_told():
    mailing = make_ready_mailing(2)
    victim = Delivery.objects.filter(mailing_id=mailing.pk)[0]
    suppress(
        scope="list:1",
        address_key=bytes(victim.address_key),
        reason="unsubscribed",
        actor="reader",
        now=NOW,
    )

    leases = take(mailing, 10)

    assert victim.id not in {lease.id for lease in leases}
    assert len(leases) == 1
    row = Delivery.objects.get(mailing_id=mailing.pk, id=victim.id)
    assert (row.state, row.reply_class, row.lease_slot) == (
        DeliveryState.SKIPPED,
        "suppressed",
        None,
    )
    mailing.refresh_from_db()
    assert mailing.skipped == 1
    entry = OutboxEntry.objects.raw(
        "SELECT * FROM mailer_outbox WHERE mailing_id = %s", [mailing.pk]
    )[0]
    assert (entry.kind, entry.delivery_id, entry.reply_class) == (4, victim.id, "suppressed")


def test_a_stop_in_another_list_does_not_skip():
    mailing = make_ready_mailing(1)
    row = Delivery.objects.get(mailing_id=mailing.pk)
    suppress(
        scope="list:2",
        address_key=bytes(row.address_key),
        reason="unsubscribed",
        actor="reader",
        now=NOW,
    )
    assert len(take(mailing, 10)) == 1


def test_a_daily_cap_counts_what_was_accepted_and_what_is_leased():
    mailing = make_ready_mailing(20)
    source = make_source(mailing.pool, "127.20.0.9")
    LaneDay.objects.create(source=source, provider="mx:one.example", day=day_of(NOW), accepted=4)
    caps = {"mx:one.example": 10}

    assert len(take(mailing, 5, source=source.pk, caps=caps)) == 5
    assert len(take(mailing, 5, source=source.pk, caps=caps)) == 1
    assert len(take(mailing, 5, source=source.pk, caps=caps)) == 0


def test_only_rows_still_leased_by_the_slot_are_marked():
    mailing = make_ready_mailing(2)
    leases = take(mailing, 2, slot=1)
    Delivery.objects.filter(mailing_id=mailing.pk, id=leases[0].id).update(lease_slot=2)

    marked = run(mark_in_flight(slot_id=1, leases=leases, until=UNTIL))

    assert marked == {(mailing.pk, leases[1].id)}
    assert (
        Delivery.objects.get(mailing_id=mailing.pk, id=leases[0].id).state == DeliveryState.LEASED
    )


def test_given_back_rows_are_ready_again_without_an_attempt():
    mailing = make_ready_mailing(1)
    leases = take(mailing, 1)
    run(mark_in_flight(slot_id=1, leases=leases, until=UNTIL))
    run(give_back(slot_id=1, leases=leases))
    row = Delivery.objects.get(mailing_id=mailing.pk)
    assert (row.state, row.attempts, row.lease_slot, row.lease_until) == (
        DeliveryState.READY,
        0,
        None,
        None,
    )
