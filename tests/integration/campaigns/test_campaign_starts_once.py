"""From the schedule to the ledger, with crashes in between."""

import pytest

from accounts.models import AuditEntry
from campaigns.models import CampaignState
from campaigns.services import start
from campaigns.services.running import follow_mailings
from campaigns.services.schedule import schedule_campaign
from mailer.models import Delivery, Mailing, MailingState
from tests.factories.campaigns import NOW, make_campaign, make_subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    campaign = make_campaign()
    for number in range(3):
        make_subscriber(campaign.organisation, f"reader{number}@one.example")
    return campaign


def schedule(campaign):
    return schedule_campaign(
        organisation=campaign.organisation,
        campaign_id=campaign.pk,
        revision=campaign.revision,
        actor=None,
        now=NOW,
    )


def test_a_due_campaign_becomes_one_mailing_with_a_row_for_every_reader(campaign):
    schedule(campaign)

    assert start.start_due_campaigns(now=NOW) == 1

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING
    assert campaign.mailing.planned == 3
    assert Delivery.objects.filter(mailing_id=campaign.mailing_id).count() == 3
    organisation, own = campaign.organisation_id, campaign.list_id
    assert campaign.mailing.suppression_scopes == [
        "installation",
        f"org:{organisation}",
        f"list:{own}",
    ]
    assert campaign.mailing.unsubscribe_scope == f"list:{own}"
    assert campaign.mailing.list_id == f"list-{own}.{campaign.sending_domain.name}"


def test_starting_twice_makes_one_mailing(campaign):
    schedule(campaign)

    start.start_due_campaigns(now=NOW)
    start.start_due_campaigns(now=NOW)
    start.prepare_campaign(campaign_id=campaign.pk, now=NOW)

    assert Mailing.objects.filter(reference=f"campaign:{campaign.pk}").count() == 1
    assert AuditEntry.objects.filter(verb="campaign.started").count() == 1


def test_a_worker_that_died_after_making_the_mailing_is_carried_on(campaign, monkeypatch):
    schedule(campaign)

    def dies(**_anything):
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "plan_mailing", dies)
    with pytest.raises(KeyboardInterrupt):
        start.start_due_campaigns(now=NOW)
    monkeypatch.undo()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.mailing.state) == ("preparing", "planning")

    start.start_due_campaigns(now=NOW)

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING
    assert Mailing.objects.count() == 1
    assert Delivery.objects.filter(mailing_id=campaign.mailing_id).count() == 3


def test_a_campaign_that_was_planned_but_not_marked_is_only_marked(campaign):
    schedule(campaign)
    start.start_due_campaigns(now=NOW)
    campaign.refresh_from_db()
    campaign.state = CampaignState.PREPARING
    campaign.save(update_fields=["state"])

    start.start_due_campaigns(now=NOW)

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING
    assert Delivery.objects.filter(mailing_id=campaign.mailing_id).count() == 3


def test_what_no_longer_holds_at_the_start_fails_the_campaign_with_a_reason(campaign):
    schedule(campaign)
    campaign.organisation.sender_profile.delete()

    assert start.start_due_campaigns(now=NOW) == 0

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FAILED
    assert campaign.failure == "no-profile"
    assert campaign.failure_detail
    assert campaign.mailing is None
    assert not Mailing.objects.exists()


def test_a_campaign_without_recipients_fails_and_leaves_no_mailing_behind_it(campaign):
    schedule(campaign)
    campaign.organisation.readers.update(state="unsubscribed")

    start.start_due_campaigns(now=NOW)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.failure) == (CampaignState.FAILED, "no-recipients")
    assert not Delivery.objects.exists()


def test_the_campaign_follows_its_mailing_to_the_end(campaign):
    schedule(campaign)
    start.start_due_campaigns(now=NOW)
    Mailing.objects.update(state=MailingState.FINISHED, finished_at=NOW, accepted=3)

    assert follow_mailings(now=NOW) == 1
    assert follow_mailings(now=NOW) == 0

    campaign.refresh_from_db()
    assert (campaign.state, campaign.finished_at) == (CampaignState.SENT, NOW)
    assert AuditEntry.objects.filter(verb="campaign.finished").count() == 1
