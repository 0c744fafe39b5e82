"""The two commands of the campaign: look at one message, send and watch."""

import json
from io import BytesIO, StringIO, TextIOWrapper

import dkim
import pytest
from django.core.management import CommandError, call_command

from campaigns.management.commands import send_campaign
from campaigns.services.rendering import merged_for
from campaigns.services.start import start_due_campaigns
from mailer.models import Delivery, Mailing
from mailer.services.render import Renderer
from tests.factories.campaigns import NOW, make_subscriber


def rendered(campaign, address):
    out = TextIOWrapper(BytesIO(), encoding="utf-8", newline="")
    call_command("render_message", str(campaign.pk), "--reader", address, stdout=out)
    return out.buffer.getvalue()


def test_the_message_of_a_draft_is_printed_as_signed_octets(campaign):
    raw = rendered(campaign, "hanako@one.example")

    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    keys = {
        f"{key.selector}._domainkey.{campaign.sending_domain.name}.".encode(): (
            f"v=DKIM1; k={key.algorithm}; p={key.public_key}".encode()
        )
        for key in campaign.sending_domain.keys.all()
    }
    verifier = dkim.DKIM(raw)
    signatures = [value for name, value in verifier.headers if name.lower() == b"dkim-signature"]
    assert sorted(b"a=rsa-sha256" in value for value in signatures) == [False, True]
    rsa = next(n for n, value in enumerate(signatures) if b"a=rsa-sha256" in value)
    assert verifier.verify(rsa, dnsfunc=lambda name, timeout=5: keys.get(name))
    assert not Mailing.objects.exists()


def test_the_message_of_a_started_campaign_is_that_of_the_readers_delivery(campaign):
    call_command("send_campaign", str(campaign.pk), stdout=StringIO())
    campaign.refresh_from_db()
    delivery = Delivery.objects.get(mailing_id=campaign.mailing_id)
    reader = campaign.organisation.readers.get()

    printed = rendered(campaign, "hanako@one.example")
    sent = Renderer.for_mailing(campaign.mailing).render(
        recipient_ref=reader.pk,
        address=delivery.address,
        delivery_id=delivery.id,
        merged=merged_for(reader),
        now=NOW,
    )

    def without_date(raw):
        _signatures, _date, rest = raw.partition(b"\r\nFrom:")
        lines = (_date + rest).split(b"\r\n")
        return [line for line in lines if not line.startswith(b"Date:")]

    assert without_date(printed) == without_date(sent.raw)


@pytest.mark.parametrize(
    ("address", "words"),
    [("nobody@one.example", "is not a reader"), ("late@one.example", "not among the recipients")],
)
def test_a_reader_without_this_mail_is_refused_in_words(campaign, address, words):
    call_command("send_campaign", str(campaign.pk), stdout=StringIO())
    make_subscriber(campaign.organisation, "late@one.example")

    with pytest.raises(CommandError, match=words):
        rendered(campaign, address)


def test_sending_plans_and_prints_counts_but_delivers_nothing_itself(campaign):
    out = StringIO()

    call_command("send_campaign", str(campaign.pk), "--json", stdout=out)

    result = json.loads(out.getvalue())
    assert (result["state"], result["planned"], result["counts"]["accepted"]) == ("sending", 1, 0)
    assert result["counts"]["unresolved"] == 1


def test_without_a_worker_it_says_so_and_gives_up_in_time(campaign, monkeypatch):
    monkeypatch.setattr(send_campaign, "QUIET_S", 0.1)
    monkeypatch.setattr(send_campaign, "POLL_S", 0.05)
    monkeypatch.setattr(send_campaign, "PING_TIMEOUT_S", 0.1)
    out, errors = StringIO(), StringIO()

    with pytest.raises(SystemExit) as stop:
        call_command(
            "send_campaign", str(campaign.pk), "--wait", "--json", "--timeout", "1",
            stdout=out, stderr=errors,
        )  # fmt: skip

    assert stop.value.code == send_campaign.TIMED_OUT
    assert "no worker answers" in errors.getvalue()
    assert json.loads(out.getvalue())["counts"]["accepted"] == 0


def test_a_worker_that_was_faster_is_waited_for(campaign, monkeypatch):
    monkeypatch.setattr(send_campaign, "POLL_S", 0.01)
    looks = []

    def held_by_another_worker_at_first(*, now):
        looks.append(now)
        if len(looks) == 1:
            campaign.__class__.objects.update(state="preparing")
            return 0
        return start_due_campaigns(now=now)

    monkeypatch.setattr(send_campaign, "start_due_campaigns", held_by_another_worker_at_first)
    out = StringIO()

    call_command("send_campaign", str(campaign.pk), "--json", stdout=out)

    assert json.loads(out.getvalue())["planned"] == 1
    assert len(looks) == 2


def test_what_is_not_ready_is_refused_with_every_reason(campaign):
    campaign.organisation.sender_profile.delete()
    campaign.organisation.readers.all().delete()

    with pytest.raises(CommandError) as refusal:
        call_command("send_campaign", str(campaign.pk))

    assert len(str(refusal.value).splitlines()) == 2
    assert not Mailing.objects.exists()
