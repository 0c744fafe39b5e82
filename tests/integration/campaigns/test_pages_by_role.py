"""Who sees and does what: strangers, other organisations, and each role, in both languages."""

import pytest
from django.urls import reverse

from accounts.models import Role
from campaigns.services.start import start_due_campaigns
from tests.factories.campaigns import (
    NOW,
    client_of,
    make_campaign,
    make_colleague,
    make_sender_organisation,
    make_subscriber,
)

PAGES = [
    "hub", "recipients", "sender", "content", "when", "preview", "preview_frame", "review",
    "rename", "delete",
]  # fmt: skip
RUNNING_PAGES = ["sending", "progress", "report"]
READS = {"hub", "preview", "preview_frame", "review"}
EDITS = ["duplicate"]
SENDS = ["schedule", "unschedule", "pause", "resume", "cancel", "test"]


def address(campaign, name, *more):
    return reverse(f"campaigns:{name}", args=[campaign.organisation.slug, campaign.pk, *more])


def start(campaign):
    campaign.state, campaign.scheduled_at = "scheduled", NOW
    campaign.save()
    start_due_campaigns(now=NOW)
    campaign.refresh_from_db()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_for_an_owner(campaign, language):
    client = client_of(make_colleague(campaign.organisation, language=language))

    for name in PAGES:
        assert client.get(address(campaign, name)).status_code == 200, name
    slug = campaign.organisation.slug
    for name in ("list", "new", "reports"):
        page = client.get(reverse(f"campaigns:{name}", args=[slug]))
        assert page.status_code == 200, name
        assert f'<html lang="{language}"' in page.content.decode()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_of_a_running_campaign_opens(campaign, language):
    start(campaign)
    client = client_of(make_colleague(campaign.organisation, Role.VIEWER, language=language))

    for name in RUNNING_PAGES:
        assert client.get(address(campaign, name)).status_code == 200, name
    for kind in ("all", "accepted", "failed", "waiting", "opened", "clicked", "unsubscribed"):
        assert client.get(address(campaign, "people", kind)).status_code == 200, kind
    assert client.get(address(campaign, "people", "nonsense")).status_code == 404
    assert client.get(address(campaign, "hub")).headers["Location"] == address(campaign, "sending")


def test_strangers_sign_in_first_and_other_organisations_find_nothing(client, campaign):
    outsider = client_of(make_colleague(make_sender_organisation()))

    for name in [*PAGES, *RUNNING_PAGES]:
        assert client.get(address(campaign, name)).status_code == 302, name
        assert outsider.get(address(campaign, name)).status_code == 404, name
    for name in [*EDITS, *SENDS]:
        assert outsider.post(address(campaign, name)).status_code == 404, name


def test_the_ids_of_another_organisation_lead_nowhere(campaign):
    strange = make_campaign()
    strange_reader = make_subscriber(strange.organisation)
    client = client_of(make_colleague(campaign.organisation))
    slug = campaign.organisation.slug

    for name in [*PAGES, *RUNNING_PAGES]:
        url = reverse(f"campaigns:{name}", args=[slug, strange.pk])
        assert client.get(url).status_code == 404, name
    for name in ("preview", "preview_frame"):
        url = f"{address(campaign, name)}?reader={strange_reader.pk}"
        assert client.get(url).status_code == 404, name
    taken = client.post(address(campaign, "recipients"), {"revision": 1, "list": strange.list_id})
    assert taken.status_code == 422
    domain = {"sending_domain": strange.sending_domain_id, "from_name": "x", "from_local": "x"}
    taken = client.post(address(campaign, "sender"), {"revision": 1, "subject": "x", **domain})
    assert taken.status_code == 422
    campaign.refresh_from_db()
    assert campaign.sending_domain.organisation_id == campaign.organisation_id


def test_viewers_read_but_change_and_send_nothing(campaign):
    client = client_of(make_colleague(campaign.organisation, Role.VIEWER))

    for name in PAGES:
        expected = 200 if name in READS else 403
        assert client.get(address(campaign, name)).status_code == expected, name
    for name in [*EDITS, *SENDS]:
        assert client.post(address(campaign, name)).status_code == 403, name
    assert "/schedule/" not in client.get(address(campaign, "review")).content.decode()


def test_approvers_send_but_do_not_write(campaign):
    client = client_of(make_colleague(campaign.organisation, Role.APPROVER))

    assert client.get(address(campaign, "content")).status_code == 403
    assert "/schedule/" in client.get(address(campaign, "review")).content.decode()
    posted = client.post(address(campaign, "schedule"), {"revision": campaign.revision})
    assert posted.status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == "scheduled"


def test_acts_need_a_post(campaign):
    client = client_of(make_colleague(campaign.organisation))

    for name in [*EDITS, *SENDS]:
        assert client.get(address(campaign, name)).status_code == 405, name
