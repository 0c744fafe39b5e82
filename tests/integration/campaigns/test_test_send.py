"""Tests go to the staff and leave the readers alone."""

from unittest.mock import Mock

import pytest
from psycopg import AsyncConnection

from accounts.models import AuditEntry
from campaigns.services.rendering import render_campaign_message
from campaigns.services.send_test import TestNotSent, send_test
from campaigns.source import NOBODY, CampaignSource
from lists.models import ReaderActivity
from mailer.engine.content import TemplateProblem
from mailer.models import Delivery, DomainState, Mailing
from mailer.ports import MailingSnapshot
from tests.factories.campaigns import NOW, make_campaign, make_subscriber

pytestmark = pytest.mark.django_db


def send(campaign, addresses=("staff@shop.example",), reader=None):
    return send_test(
        organisation=campaign.organisation,
        campaign_id=campaign.pk,
        addresses=addresses,
        reader=reader,
        actor=None,
        now=NOW,
    )


def test_a_test_is_a_mailing_of_its_own_with_the_chosen_readers_fields():
    campaign = make_campaign()
    reader = make_subscriber(campaign.organisation, "reader@one.example")

    mailing = send(campaign, ["staff@shop.example", "Other <other@shop.example>", ""], reader)

    assert (mailing.kind, mailing.priority, mailing.planned) == ("test", 10, 2)
    rows = Delivery.objects.filter(mailing_id=mailing.pk).order_by("address")
    assert [(row.address, row.recipient_ref) for row in rows] == [
        ("other@shop.example", reader.pk),
        ("staff@shop.example", reader.pk),
    ]
    organisation = campaign.organisation_id
    assert mailing.suppression_scopes == ["installation", f"org:{organisation}"]
    assert mailing.content["subject"][0].startswith("[テスト] ")


def test_a_test_touches_neither_readers_nor_the_campaign_that_is_sent():
    campaign = make_campaign()
    reader = make_subscriber(campaign.organisation)
    before = (reader.state, reader.updated_at)

    send(campaign, reader=reader)

    reader.refresh_from_db()
    campaign.refresh_from_db()
    assert (reader.state, reader.updated_at) == before
    assert not ReaderActivity.objects.exists()
    assert (campaign.state, campaign.mailing) == ("draft", None)
    assert campaign.test_is_current
    entry = AuditEntry.objects.get(verb="campaign.test_sent")
    assert entry.data["addresses"] == ["staff@shop.example"]


@pytest.mark.parametrize(
    "addresses",
    [[], ["no address"], [f"a{n}@shop.example" for n in range(11)], ["a@b\r\nBcc: x@y.example"]],
)
def test_addresses_that_cannot_be_used_send_nothing(addresses):
    with pytest.raises(TestNotSent):
        send(make_campaign(), addresses)

    assert not Mailing.objects.exists()


def test_only_a_verified_domain_sends_tests():
    campaign = make_campaign()
    campaign.organisation.sending_domains.update(state=DomainState.FAILING)

    with pytest.raises(TestNotSent):
        send(campaign)


def test_a_broken_template_sends_no_test():
    with pytest.raises(TemplateProblem):
        send(make_campaign(html="{{ nobody }}"))

    assert not Mailing.objects.exists()


def test_the_reader_of_another_organisation_is_never_merged():
    strange = make_subscriber(make_campaign().organisation)

    with pytest.raises(ValueError, match="another organisation"):
        send(make_campaign(), reader=strange)


async def test_without_any_reader_the_fields_are_empty_but_only_in_tests():
    test, real = (MailingSnapshot(1, 1, kind, "campaign:1") for kind in ("test", "campaign"))

    connection = Mock(spec=AsyncConnection)

    in_test = await CampaignSource().merge_data(connection, test, [NOBODY])
    in_earnest = await CampaignSource().merge_data(connection, real, [NOBODY])

    assert in_test[NOBODY].values == {}
    assert in_earnest == {}
    assert connection.mock_calls == []


def test_the_message_of_a_draft_is_rendered_without_writing_anything():
    campaign = make_campaign(reply_to="shop@shop.example")
    reader = make_subscriber(campaign.organisation, "reader@one.example")

    raw = render_campaign_message(campaign=campaign, reader=reader, now=NOW).raw

    assert raw.count(b"DKIM-Signature:") == 2
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    assert not Mailing.objects.exists()
    assert not Delivery.objects.exists()
