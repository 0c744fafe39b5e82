"""The timeline names campaigns and shows what other apps know, newest first."""

from datetime import timedelta

import pytest

from lists.models import Reader
from lists.selectors.timeline import reader_timeline
from mailer.models import Mailing
from tests.factories.campaigns import make_campaign
from tests.factories.lists import NOW, make_organisation, make_subscriber
from tests.factories.mailer import make_mailing
from tracking.models import DeliveryEngagement

pytestmark = pytest.mark.django_db


def engaged(reader: Reader, mailing: Mailing) -> None:
    DeliveryEngagement.objects.create(
        mailing_id=mailing.pk,
        delivery_id=1,
        recipient_ref=reader.pk,
        human_open_at=NOW + timedelta(minutes=1),
        human_click_at=NOW + timedelta(minutes=2),
    )


def test_opens_and_clicks_carry_the_campaigns_subject() -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation, source="import:1")
    campaign = make_campaign(organisation, subject="11月のたより")
    mailing = make_mailing(organisation, reference=f"campaign:{campaign.pk}")
    engaged(reader, mailing)
    entries = reader_timeline(reader)
    assert [(entry.icon, entry.at) for entry in entries] == [
        ("mouse-pointer-click", NOW + timedelta(minutes=2)),
        ("mail-open", NOW + timedelta(minutes=1)),
        ("user-plus", NOW),
    ]
    assert "11月のたより" in entries[0].text
    assert entries[0].href.endswith(f"/campaigns/{campaign.pk}/")


def test_tests_and_other_organisations_are_not_told() -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation)
    engaged(reader, make_mailing(organisation, kind="test"))
    engaged(reader, make_mailing(make_organisation()))
    assert [entry.icon for entry in reader_timeline(reader)] == ["user-plus"]
