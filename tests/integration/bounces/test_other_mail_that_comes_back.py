"""Complaints, mail to the unsubscribe address, answers, and mail that cannot be handled."""

import logging

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bounces.models import InboundMail
from bounces.services import process
from bounces.services.process import process_waiting
from lists.models import ConsentRecord, Subscription
from mailer.engine.tokens import TokenKind
from mailer.models import Suppression
from tests.factories.bounces import make_answer, make_complaint, make_dsn
from tests.factories.tracking import ACCEPTED_AT, make_sent_mail
from tracking.models import DeliveryEngagement, Event


def test_complaint_stops_everything_in_the_organisation(mail, bring_back):
    row = bring_back(make_complaint(mail.token(TokenKind.HEADER)), f"abuse@{mail.host}")
    assert (row.state, row.kind, row.delivery_id) == ("done", "arf", mail.delivery_id)
    mail.reader.refresh_from_db()
    assert mail.reader.state == "complained"
    stop = Suppression.objects.get()
    assert (stop.scope, stop.reason) == (f"org:{mail.organisation.pk}", "complaint")
    assert row.reports.get().acted


@pytest.mark.parametrize(("kind", "reasons"), [("api", ["complaint"]), ("test", [])])
def test_complaint_about_other_mail_stops_no_reader(db, bring_back, kind, reasons):
    mail = make_sent_mail(kind=kind)
    bring_back(make_complaint(mail.token(TokenKind.HEADER)), f"abuse@{mail.host}")
    mail.reader.refresh_from_db()
    assert mail.reader.state == "active"
    assert list(Suppression.objects.values_list("reason", flat=True)) == reasons


def test_complaint_without_our_token_changes_nothing(mail, bring_back):
    row = bring_back(make_complaint("AAAA"), f"abuse@{mail.host}")
    assert (row.state, row.note) == ("review", "no-token")
    assert not Suppression.objects.exists()


def test_report_about_authentication_is_no_complaint(mail, bring_back):
    raw = make_complaint(mail.token(TokenKind.HEADER), feedback_type="auth-failure")
    assert bring_back(raw, f"abuse@{mail.host}").state == "review"
    assert not Suppression.objects.exists()


def test_mail_to_the_unsubscribe_address_ends_the_subscription(mail, bring_back):
    address = f"{mail.token(TokenKind.UNSUBSCRIBE_MAIL)}@{mail.host}"
    row = bring_back(make_answer(), address)
    assert (row.state, row.kind) == ("done", "unsubscribe")
    assert Subscription.objects.get(reader=mail.reader).state == "unsubscribed"
    consent = ConsentRecord.objects.get(act="withdrawn")
    assert consent.route == f"mailto:{mail.mailing.pk}/{mail.delivery_id}"
    assert (Event.objects.get().kind, DeliveryEngagement.objects.get().unsubscribed_at) == (
        3,
        ACCEPTED_AT,
    )


@pytest.mark.parametrize(("auto", "kind"), [(False, "not-a-bounce"), (True, "autoreply")])
def test_answers_wait_for_a_person(mail, return_path, bring_back, auto, kind):
    row = bring_back(make_answer(auto=auto), return_path)
    assert (row.state, row.kind, row.note) == ("review", kind, "answer")
    assert not Suppression.objects.exists()


def test_mail_that_cannot_be_handled_does_not_hold_up_the_others(
    mail, return_path, bring_back, monkeypatch, caplog
):
    def broken(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(process, "record_late_failure", broken)
    with caplog.at_level(logging.CRITICAL):
        row = bring_back(make_dsn(mail.reader.address), return_path)
    assert (row.state, row.note) == ("failed", "ZeroDivisionError()")
    assert process_waiting(now=ACCEPTED_AT) == 0


def test_file_is_the_third_door(mail, return_path, tmp_path, capsys):
    file = tmp_path / "bounce.eml"
    file.write_bytes(
        make_dsn(mail.reader.address).replace(b"whoever@bounce.example", return_path.encode())
    )
    call_command("process_inbound", str(file))
    assert capsys.readouterr().out == (
        f"done dsn\n  {mail.reader.address} failed 5.1.1 invalid-recipient acted\n"
    )
    assert InboundMail.objects.get().door == "file"


def test_missing_file_is_a_clear_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("process_inbound", str(tmp_path / "none.eml"))
