"""Deciding, watching, stopping, and the people behind the numbers."""

import pytest
from django.urls import reverse

from campaigns.services import schedule
from campaigns.services.start import start_due_campaigns
from mailer.models import Attempt, Delivery, DeliveryState, Mailing, MailingState
from tests.factories.campaigns import NOW, client_of, make_colleague, make_subscriber
from tracking.models import DeliveryEngagement, LinkCount, MailingEngagement


@pytest.fixture
def client(campaign):
    return client_of(make_colleague(campaign.organisation, language="en"))


@pytest.fixture
def running(campaign):
    for number in range(4):
        make_subscriber(campaign.organisation, f"reader{number}@one.example")
    campaign.state, campaign.scheduled_at = "scheduled", NOW
    campaign.save()
    start_due_campaigns(now=NOW)
    campaign.refresh_from_db()
    return campaign


def address(campaign, name, *more):
    return reverse(f"campaigns:{name}", args=[campaign.organisation.slug, campaign.pk, *more])


def test_the_number_has_to_be_typed_above_the_limit(campaign, client, monkeypatch):
    make_subscriber(campaign.organisation)
    monkeypatch.setattr(schedule, "CONFIRM_ABOVE", 1)

    assert (
        "Type the number of recipients" in client.get(address(campaign, "review")).content.decode()
    )
    for typed in ("", "1", "two"):
        refused = client.post(address(campaign, "schedule"), {"revision": 1, "confirmed": typed})
        assert refused.status_code == 422
    client.post(address(campaign, "schedule"), {"revision": 1, "confirmed": " ２ "})

    campaign.refresh_from_db()
    assert campaign.state == "scheduled"


def test_what_is_not_ready_cannot_be_forced_by_a_post(campaign, client):
    campaign.organisation.sender_profile.delete()

    page = client.post(address(campaign, "schedule"), {"revision": 1})

    assert page.status_code == 422
    assert "特定電子メール法" in page.content.decode()
    campaign.refresh_from_db()
    assert campaign.state == "draft"
    assert not Mailing.objects.exists()


def test_pause_resume_and_cancel_reach_the_mailing(running, client):
    client.post(address(running, "pause"))
    running.refresh_from_db()
    assert (running.state, running.mailing.state) == ("paused", MailingState.PAUSED)
    page = client.get(address(running, "sending")).content.decode()
    assert "Paused by a person" in page

    client.post(address(running, "resume"))
    running.refresh_from_db()
    assert (running.state, running.mailing.state) == ("sending", MailingState.RUNNING)

    client.post(address(running, "cancel"))
    running.refresh_from_db()
    assert (running.state, running.mailing.state) == ("cancelled", MailingState.CANCELLED)
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {DeliveryState.CANCELLED}


def test_a_late_pause_is_refused_in_words(running, client):
    Mailing.objects.update(state=MailingState.FINISHED)

    page = client.post(address(running, "pause"), follow=True).content.decode()

    assert "has already come to its end" in page


def test_the_progress_is_polled_until_the_end(running, client):
    assert client.get(address(running, "progress")).status_code == 200

    running.state = "sent"
    running.save()
    last = client.get(address(running, "progress"))

    assert last.status_code == 286
    assert "hx-get" not in last.content.decode()


def test_the_system_says_why_it_paused(running, client):
    Mailing.objects.update(
        state=MailingState.PAUSED, pause_reason="authentication", pause_detail="550 5.7.26 no"
    )
    running.state = "paused"
    running.save()

    page = client.get(address(running, "sending")).content.decode()

    assert "could not confirm your sending domain" in page
    assert "550 5.7.26 no" in page


def test_each_number_of_the_report_opens_its_people(running, client):
    rows = list(Delivery.objects.order_by("id"))
    for row, (state, reply_class) in zip(
        rows,
        [(10, ""), (10, ""), (11, "invalid-recipient"), (11, "mailbox-full"), (4, "rate-limited")],
        strict=True,
    ):
        Delivery.objects.filter(mailing_id=row.mailing_id, id=row.id).update(
            state=state,
            reply_class=reply_class,
            provider="docomo",
            done_at=NOW if state > 9 else None,
        )
    Mailing.objects.update(accepted=2, failed=2)
    gone = rows[2]
    Attempt.objects.create(
        id=1, at=NOW, mailing_id=gone.mailing_id, delivery_id=gone.id, stage="rcpt",
        reply_code=550, reply_text="Unknown user",
    )  # fmt: skip
    MailingEngagement.objects.create(
        mailing_id=gone.mailing_id, opened=2, human_opened=1, clicked=1, human_clicked=1
    )
    LinkCount.objects.create(mailing_id=gone.mailing_id, link_index=0, clicks=3, human_clicks=1)
    DeliveryEngagement.objects.create(
        mailing_id=gone.mailing_id, delivery_id=rows[0].id, recipient_ref=rows[0].recipient_ref,
        human_open_at=NOW, first_open_at=NOW, human_click_at=NOW, first_click_at=NOW,
    )  # fmt: skip

    report = client.get(address(running, "report")).content.decode()
    assert "1 people clicked a link" in report
    assert "No such recipient" in report
    assert "https://shop.example/winter" in report
    assert "NTT docomo" in report

    def people(kind, query=""):
        page = client.get(address(running, "people", kind) + query).content.decode()
        return {row.address for row in rows if row.address in page}, page

    assert people("accepted")[0] == {rows[0].address, rows[1].address}
    failed, page = people("failed")
    assert failed == {gone.address, rows[3].address}
    assert "550 Unknown user" in page
    assert people("failed", "?class=full")[0] == {rows[3].address}
    assert people("on-hold")[0] == {rows[4].address}
    assert people("clicked")[0] == {rows[0].address}
    assert people("opened")[0] == {rows[0].address}
    assert people("unsubscribed")[0] == set()


def test_a_deleted_reader_still_has_a_row(running, client):
    running.organisation.readers.all().delete()

    page = client.get(address(running, "people", "all")).content.decode()

    assert "reader0@one.example" in page
    assert "deleted since" in page
