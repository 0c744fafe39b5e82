"""An organisation with one reader and a campaign that could go out."""

import pytest

from tests.factories.campaigns import make_campaign, make_subscriber


@pytest.fixture
def campaign(db):
    campaign = make_campaign()
    make_subscriber(campaign.organisation, "hanako@one.example", name="佐藤 花子")
    return campaign
