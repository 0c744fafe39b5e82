"""A mailing from the plan to the receiver's own record, through resolver, slot, SMTP and outcome."""

import dkim
import pytest
from django.utils import timezone

from mailer.models import Attempt, Delivery, DeliveryState, LaneDay, MailingState
from mailer.services.resolve import resolve_mailing
from tests.factories.mailer import make_mailing, plan_addresses

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_recipient_gets_one_signed_message_and_the_ledger_knows(runtime, receiver):
    now = timezone.now()
    mailing = make_mailing(now=now)
    addresses = [f"reader{n}@one.example" for n in range(30)]
    plan_addresses(mailing, addresses, now)
    assert resolve_mailing(mailing_id=mailing.pk, now=now) == 30

    assert runtime.work(10) is False

    assert sorted(letter.rcpt for letter in receiver.script.log) == sorted(addresses)
    assert len({letter.message_id for letter in receiver.script.log}) == 30
    mailing.refresh_from_db()
    assert (mailing.state, mailing.accepted) == (MailingState.FINISHED, 30)
    assert set(
        Delivery.objects.filter(mailing_id=mailing.pk).values_list(
            "state", "attempts", "reply_code"
        )
    ) == {(DeliveryState.ACCEPTED, 1, 250)}
    assert (
        Attempt.objects.filter(
            mailing_id=mailing.pk, stage="dot", mx_host="mx1.one.example"
        ).count()
        == 30
    )
    assert LaneDay.objects.get().accepted == 30
    letter = receiver.script.log[0]
    assert letter.source == "127.20.0.1"
    assert letter.mail_from.endswith("@bounce.sender.example")


def test_the_signature_verifies_on_the_octets_as_received(runtime, receiver):
    now = timezone.now()
    mailing = make_mailing(now=now)
    plan_addresses(mailing, ["reader@one.example"], now)
    resolve_mailing(mailing_id=mailing.pk, now=now)
    runtime.work(10)

    key = mailing.sending_domain.keys.get(algorithm="rsa")
    record = f"v=DKIM1; k=rsa; p={key.public_key}".encode()
    message = receiver.script.log[0].message
    assert message.count(b"DKIM-Signature:") == 2
    assert dkim.DKIM(message).verify(0, dnsfunc=lambda name, timeout=5: record)
