"""The home page of an organisation that has sent: what needs attention, what runs, what came of it."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Role
from campaigns.models import CampaignState, Timing
from mailer.models import DomainState, Mailing
from tests.factories.campaigns import (
    client_of,
    make_campaign,
    make_colleague,
    make_sender_organisation,
    make_subscriber,
)
from tests.factories.mailer import make_mailing
from tracking.models import DeliveryEngagement, MailingEngagement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def organisation():
    organisation = make_sender_organisation()
    make_subscriber(organisation)
    return organisation


def send(organisation, name: str, *, accepted: int = 1000, clicked: int = 84, days: int = 1):
    now = timezone.now()
    started = now - timedelta(days=days)
    mailing = make_mailing(organisation)
    Mailing.objects.filter(pk=mailing.pk).update(
        planned=accepted, accepted=accepted, started_at=started, state="finished"
    )
    MailingEngagement.objects.create(mailing_id=mailing.pk, human_clicked=clicked)
    return make_campaign(
        organisation,
        name=name,
        state=CampaignState.SENT,
        mailing=mailing,
        started_at=started,
        finished_at=started,
    )


def home(organisation, role: Role = Role.OWNER) -> str:
    client = client_of(make_colleague(organisation, role, language="en"))
    return client.get(f"/o/{organisation.slug}/").content.decode()


def test_before_the_first_campaign_the_path_is_shown(organisation):
    assert "minutes to the first e-mail" in home(organisation)


def test_the_last_five_campaigns_stand_with_their_clicks(organisation):
    for number in range(7, 0, -1):
        send(organisation, f"Letter {number}", days=number)
    html = home(organisation)
    assert re.findall(r"Letter \d", html) == [f"Letter {n}" for n in range(1, 6)]
    assert "8.4%" in html
    assert "Nothing needs your attention" in html


def test_the_rhythm_counts_first_clicks_of_people_in_the_first_two_days(organisation):
    campaign = send(organisation, "Letter", days=3)

    def click(number: int, hours: float | None, at: datetime = campaign.started_at) -> None:
        DeliveryEngagement.objects.create(
            mailing_id=campaign.mailing_id,
            delivery_id=number,
            recipient_ref=number,
            first_click_at=at,
            human_click_at=None if hours is None else at + timedelta(hours=hours),
        )

    for number, hours in enumerate([0, 5.9, 6, 47.9, 48.1, None]):
        click(number, hours)
    from tracking.selectors import click_rhythm

    assert click_rhythm([campaign.mailing_id]) == {campaign.mailing_id: [2, 1, 0, 0, 0, 0, 0, 1]}
    assert 'class="spark"' in home(organisation)


def test_what_runs_and_what_comes_next_stand_on_top(organisation):
    send(organisation, "Old letter")
    mailing = make_mailing(organisation)
    Mailing.objects.filter(pk=mailing.pk).update(planned=3186, accepted=2104)
    make_campaign(organisation, name="Now", state=CampaignState.SENDING, mailing=mailing)
    soon = timezone.now() + timedelta(days=2, hours=1)
    for name, at in (("Later", soon + timedelta(days=1)), ("Next one", soon)):
        make_campaign(organisation, name=name, state=CampaignState.SCHEDULED, scheduled_at=at)
    html = home(organisation)
    assert "2,104" in html
    assert "of 3,186 mails" in html
    assert "Next one" in html
    assert "To 1 reader." in html
    assert "1 more is scheduled" in html
    assert ">Later<" not in html


def test_what_stopped_by_itself_needs_attention_and_what_a_person_paused_does_not(organisation):
    send(organisation, "Old letter")
    for name, reason in (("Broken", "authentication"), ("On purpose", "staff")):
        mailing = make_mailing(organisation)
        Mailing.objects.filter(pk=mailing.pk).update(state="paused", pause_reason=reason)
        make_campaign(organisation, name=name, state=CampaignState.PAUSED, mailing=mailing)
    make_campaign(organisation, name="Failed", state=CampaignState.FAILED)
    organisation.sending_domains.update(state=DomainState.FAILING)
    html = home(organisation)
    assert "“Broken” was paused by the system" in html
    assert "“On purpose” was paused" not in html
    assert "“Failed” could not start" in html
    assert "Records of mail" in html
    assert "3 things need your attention" in html
    # A viewer can do nothing about the domain.
    assert "2 things need your attention" in home(organisation, Role.VIEWER)


def test_a_draft_asks_for_attention_when_its_day_is_near(organisation):
    send(organisation, "Old letter")
    now = timezone.now()
    for name, days in (("Soon", 1), ("Far", 9), ("Over", -1)):
        make_campaign(
            organisation, name=name, timing=Timing.AT, scheduled_at=now + timedelta(days=days)
        )
    html = home(organisation)
    assert "“Soon” is not scheduled yet" in html
    assert "“Far” is not" not in html
    assert "“Over” is not scheduled yet" in html
    assert html.count("has passed") == 1


def test_only_who_may_write_is_offered_to(organisation):
    send(organisation, "Old letter")
    new = f"/o/{organisation.slug}/campaigns/new/"
    assert new in home(organisation, Role.EDITOR)
    assert new not in home(organisation, Role.VIEWER)


def test_another_organisations_campaigns_are_not_there(organisation):
    send(organisation, "Mine")
    other = make_sender_organisation()
    send(other, "Theirs")
    assert "Theirs" not in home(organisation)


def test_it_asks_little_however_much_there_is(organisation, django_assert_max_num_queries):
    for number in range(12):
        send(organisation, f"Letter {number}")
        make_campaign(organisation, name=f"Draft {number}")
    client = client_of(make_colleague(organisation))
    client.get(f"/o/{organisation.slug}/")
    with django_assert_max_num_queries(20):
        client.get(f"/o/{organisation.slug}/")
