"""Changing, scheduling and taking back: who was first, what is refused, what is written down."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from campaigns.models import Campaign, CampaignState, Timing
from campaigns.services import drafts, schedule
from lists.models import ReaderList
from mailer.models import Mailing
from tests.factories.campaigns import (
    NOW,
    make_campaign,
    make_sender_organisation,
    make_subscriber,
)

pytestmark = pytest.mark.django_db


def change(campaign, revision=1, **changes):
    return drafts.change_campaign(
        organisation=campaign.organisation,
        campaign_id=campaign.pk,
        revision=revision,
        changes=changes,
        actor=None,
        now=NOW,
    )


def schedule_it(campaign, **more):
    return schedule.schedule_campaign(
        organisation=campaign.organisation,
        campaign_id=campaign.pk,
        revision=campaign.revision,
        actor=None,
        now=NOW,
        **more,
    )


def test_a_new_campaign_takes_over_the_newest_sender():
    organisation = make_sender_organisation()
    first = drafts.create_campaign(organisation=organisation, name="一", actor=None, now=NOW)
    change(first, from_name="花子の店", from_local="hanako", reply_to="hanako@shop.example")

    second = drafts.create_campaign(organisation=organisation, name="二", actor=None, now=NOW)

    assert first.list == organisation.lists.get(is_default=True)
    assert first.sending_domain == organisation.sending_domains.get()
    assert (second.from_name, second.from_local, second.html) == ("花子の店", "hanako", "")


def test_the_second_of_two_savers_is_told_and_overwrites_nothing():
    campaign = make_campaign()
    change(campaign, subject="先に")

    with pytest.raises(drafts.CampaignConflict):
        change(campaign, subject="後から")

    campaign.refresh_from_db()
    assert (campaign.subject, campaign.revision, campaign.content_revision) == ("先に", 2, 2)


def test_a_list_of_another_organisation_never_gets_in():
    campaign = make_campaign()
    strange = ReaderList.objects.filter(organisation=make_sender_organisation()).get()

    with pytest.raises(ValueError, match="another organisation"):
        change(campaign, list=strange)


@pytest.mark.parametrize("state", ["preparing", "sending", "paused", "sent", "cancelled"])
def test_a_started_campaign_cannot_be_changed_or_deleted(state):
    campaign = make_campaign(state=state)

    with pytest.raises(drafts.CampaignLocked):
        change(campaign, subject="x")
    with pytest.raises(drafts.CampaignLocked):
        drafts.delete_draft(
            organisation=campaign.organisation, campaign_id=campaign.pk, actor=None, now=NOW
        )

    assert Campaign.objects.get(pk=campaign.pk).subject == campaign.subject


def test_changing_a_scheduled_campaign_makes_it_a_draft_again():
    campaign = make_campaign(state=CampaignState.SCHEDULED, scheduled_at=NOW + timedelta(hours=1))

    assert change(campaign, subject="x").state == CampaignState.DRAFT


def test_a_copy_has_the_content_but_neither_time_nor_mailing():
    campaign = make_campaign(timing=Timing.AT, scheduled_at=NOW)

    copy = drafts.duplicate_campaign(
        organisation=campaign.organisation, campaign_id=campaign.pk, actor=None, now=NOW
    )

    assert (copy.html, copy.subject, copy.from_local) == (
        campaign.html,
        campaign.subject,
        campaign.from_local,
    )
    assert (copy.state, copy.timing, copy.scheduled_at, copy.mailing) == ("draft", "", None, None)


def test_what_is_not_ready_is_not_scheduled():
    campaign = make_campaign()

    with pytest.raises(schedule.NotReady) as refusal:
        schedule_it(campaign)

    assert [check.code for check in refusal.value.blocking] == ["no-recipients"]
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT


def test_a_page_that_is_out_of_date_schedules_nothing():
    campaign = make_campaign()
    make_subscriber(campaign.organisation)
    change(campaign, subject="x")

    with pytest.raises(drafts.CampaignConflict):
        schedule_it(campaign)


def test_more_than_a_thousand_recipients_need_the_typed_number(monkeypatch):
    campaign = make_campaign()
    for _ in range(3):
        make_subscriber(campaign.organisation)
    monkeypatch.setattr(schedule, "CONFIRM_ABOVE", 2)

    for typed in (None, 2, 4):
        with pytest.raises(schedule.NumberNotConfirmed):
            schedule_it(campaign, confirmed=typed)

    assert schedule_it(campaign, confirmed=3).state == CampaignState.SCHEDULED


def test_scheduling_and_taking_back_are_written_down():
    campaign = make_campaign(timing=Timing.AT, scheduled_at=NOW + timedelta(hours=1))
    make_subscriber(campaign.organisation)

    scheduled = schedule_it(campaign)
    assert (scheduled.state, scheduled.scheduled_at) == ("scheduled", NOW + timedelta(hours=1))
    taken_back = schedule.unschedule_campaign(
        organisation=campaign.organisation, campaign_id=campaign.pk, actor=None, now=NOW
    )

    assert taken_back.state == CampaignState.DRAFT
    verbs = AuditEntry.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["campaign.scheduled", "campaign.unscheduled"]
    assert not Mailing.objects.exists()
