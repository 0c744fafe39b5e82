"""`explain_delivery` says in words what holds a delivery."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mailer.models import Delivery, LaneDay, SourceIP
from mailer.services.bookkeeping import day_of
from mailer.services.control import pause_mailing
from tests.factories.mailer import make_ready_mailing

pytestmark = pytest.mark.django_db


def explain(mailing) -> str:
    row = Delivery.objects.filter(mailing_id=mailing.pk)[0]
    out = StringIO()
    call_command("explain_delivery", str(mailing.pk), str(row.id), stdout=out)
    return out.getvalue()


def test_a_paused_mailing_is_named_as_the_reason():
    mailing = make_ready_mailing(1)
    pause_mailing(mailing_id=mailing.pk, reason="staff", now=timezone.now())
    assert "the mailing is paused: staff" in explain(mailing)


def test_a_used_up_day_is_named_with_its_lane():
    mailing = make_ready_mailing(1)
    SourceIP.objects.update(daily_cap=5)
    LaneDay.objects.create(
        source=SourceIP.objects.get(),
        provider="mx:one.example",
        day=day_of(timezone.now()),
        accepted=5,
    )
    assert "127.20.0.1 × mx:one.example: today's 5 are used up" in explain(mailing)


def test_an_unknown_delivery_is_an_error_that_names_it():
    with pytest.raises(CommandError, match="mailing 77 has no delivery 88"):
        call_command("explain_delivery", "77", "88")
