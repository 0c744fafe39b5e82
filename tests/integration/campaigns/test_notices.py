"""Members are told what happened to a campaign while nobody looked; not what they did themselves."""

import pytest

from accounts.models import Notification
from campaigns.models import CampaignState
from campaigns.services.running import follow_mailings, pause_campaign
from mailer.models import Mailing
from tests.factories.campaigns import NOW, make_campaign, make_sender_organisation
from tests.factories.mailer import make_mailing

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    organisation = make_sender_organisation()
    mailing = make_mailing(organisation)
    Mailing.objects.filter(pk=mailing.pk).update(state="running", accepted=12)
    return make_campaign(organisation, state=CampaignState.SENDING, mailing=mailing)


def kinds() -> list[str]:
    return list(Notification.objects.values_list("kind", flat=True))


def test_the_end_is_told_once_with_its_number(campaign):
    Mailing.objects.update(state="finished")
    follow_mailings(now=NOW)
    follow_mailings(now=NOW)
    (notice,) = Notification.objects.all()
    assert notice.kind == "campaign.finished"
    assert notice.params == {"name": campaign.name, "accepted": 12}
    assert notice.url == f"/o/{campaign.organisation.slug}/campaigns/{campaign.pk}/report/"
    assert (notice.organisation_id, notice.user_id) == (campaign.organisation_id, None)


def test_a_pause_by_the_system_is_told(campaign):
    Mailing.objects.update(state="paused", pause_reason="authentication")
    follow_mailings(now=NOW)
    assert kinds() == ["campaign.paused"]


def test_a_pause_by_a_person_is_not(campaign):
    pause_campaign(organisation=campaign.organisation, campaign_id=campaign.pk, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert kinds() == []
