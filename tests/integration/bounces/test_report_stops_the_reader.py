"""A verified report of a gone recipient fails the delivery and stops the reader; anything less does not."""

import pytest

from bounces.models import BounceReport, InboundMail
from bounces.services.process import process_inbound, process_waiting
from bounces.services.store import Envelope, store_inbound
from lists.services.cleaning import apply_outcomes
from mailer.engine.tokens import TokenKind
from mailer.models import Delivery, DeliveryState, Mailing, Suppression
from mailer.services.outbox import consume_outbox
from tests.factories.bounces import make_dsn
from tests.factories.tracking import ACCEPTED_AT, make_sent_mail

FULL = "smtp; 552 5.2.2 Mailbox full"
BLOCKED = "smtp; 550 5.7.1 Message rejected due to local policy"


def delivery_of(mail):
    return Delivery.objects.get(mailing_id=mail.mailing.pk, id=mail.delivery_id)


def test_unknown_user_stops_the_reader(mail, return_path, bring_back):
    row = bring_back(make_dsn(mail.reader.address), return_path)
    assert (row.state, row.kind, row.mailing_id, row.delivery_id) == (
        "done",
        "dsn",
        mail.mailing.pk,
        mail.delivery_id,
    )
    assert delivery_of(mail).state == DeliveryState.FAILED
    stop = Suppression.objects.get()
    assert (stop.scope, bytes(stop.address_key), stop.reason) == (
        f"org:{mail.organisation.pk}",
        bytes(mail.reader.address_key),
        "recipient_gone",
    )
    report = BounceReport.objects.get()
    assert (report.is_verified, report.acted, report.reply_class, report.status) == (
        True,
        True,
        "invalid-recipient",
        "5.1.1",
    )


@pytest.mark.django_db(transaction=True)
def test_stopped_reader_shows_why(mail, return_path, bring_back):
    bring_back(make_dsn(mail.reader.address), return_path)
    consume_outbox(reader="lists", limit=10, handle=apply_outcomes)
    mail.reader.refresh_from_db()
    assert (mail.reader.state, mail.reader.state_detail) == ("bounced", "invalid-recipient")


@pytest.mark.parametrize("diagnostic", [FULL, BLOCKED])
def test_other_failures_leave_the_reader_alone(mail, return_path, bring_back, diagnostic):
    bring_back(make_dsn(mail.reader.address, status="5.0.0", diagnostic=diagnostic), return_path)
    assert delivery_of(mail).state == DeliveryState.FAILED
    assert not Suppression.objects.exists()


def test_delay_warning_changes_no_state(mail, return_path, bring_back):
    row = bring_back(make_dsn(mail.reader.address, action="delayed", status="4.4.1"), return_path)
    assert (row.state, row.kind) == ("done", "delay-warning")
    assert delivery_of(mail).state == DeliveryState.ACCEPTED
    assert not Suppression.objects.exists()


def test_report_without_a_token_changes_nothing(mail, bring_back):
    row = bring_back(make_dsn(mail.reader.address), f"postmaster@{mail.host}")
    assert (row.state, row.note) == ("review", "no-token")
    assert delivery_of(mail).state == DeliveryState.ACCEPTED
    assert not BounceReport.objects.get().is_verified
    assert not Suppression.objects.exists()


def test_token_in_the_returned_message_is_enough(mail, bring_back):
    headers = f"X-Todoku-Token: {mail.token(TokenKind.HEADER)}"
    bring_back(make_dsn(mail.reader.address, original_headers=headers), f"postmaster@{mail.host}")
    assert delivery_of(mail).state == DeliveryState.FAILED


def test_forged_token_changes_nothing(mail, bring_back):
    real = mail.token(TokenKind.RETURN_PATH)
    forged = real[:-1] + ("e" if real.endswith("a") else "a")
    row = bring_back(make_dsn(mail.reader.address), f"{forged}@{mail.host}")
    assert row.state == "review"
    assert delivery_of(mail).state == DeliveryState.ACCEPTED


def test_failure_of_a_test_mail_touches_no_reader(db, bring_back):
    mail = make_sent_mail(kind="test")
    bring_back(make_dsn(mail.reader.address), f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}")
    assert delivery_of(mail).state == DeliveryState.FAILED
    assert not Suppression.objects.exists()


def test_same_report_twice_counts_once(mail, return_path, bring_back):
    bring_back(make_dsn(mail.reader.address), return_path)
    row = bring_back(make_dsn(mail.reader.address), return_path)
    assert process_inbound(inbound_id=row.pk, now=ACCEPTED_AT) is False
    mailing = Mailing.objects.get(pk=mail.mailing.pk)
    assert (mailing.accepted, mailing.failed) == (0, 1)
    assert Suppression.objects.count() == 1


def test_report_that_overtakes_its_delivery_waits(db):
    mail = make_sent_mail(state=DeliveryState.IN_FLIGHT)
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    [number] = store_inbound(
        envelope=Envelope("smtp", "", "", [address]),
        raw=make_dsn(mail.reader.address),
        now=ACCEPTED_AT,
    )
    assert process_waiting(now=ACCEPTED_AT) == 0
    assert InboundMail.objects.get(pk=number).state == "waiting"
    Delivery.objects.filter(mailing_id=mail.mailing.pk, id=mail.delivery_id).update(
        state=DeliveryState.ACCEPTED, done_at=ACCEPTED_AT, lease_slot=None
    )
    Mailing.objects.filter(pk=mail.mailing.pk).update(accepted=1)
    assert process_waiting(now=ACCEPTED_AT) == 1
    assert delivery_of(mail).state == DeliveryState.FAILED
