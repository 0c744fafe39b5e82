"""The resolver asks once per domain, and says the truth about domains that take no mail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Attempt, Delivery, DeliveryState, Destination, MailingState, Suppression
from mailer.services.resolve import resolve_mailing
from mailer.services.tick import tick
from tests.factories.mailer import make_mailing, plan_addresses

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def planned(practice_net, redis_db):
    def plan(*addresses):
        now = timezone.now()
        mailing = make_mailing(now=now)
        plan_addresses(mailing, list(addresses), now)
        return mailing

    return plan


def states(mailing):
    rows = Delivery.objects.filter(mailing_id=mailing.pk).order_by("address")
    return [(row.address, row.state, row.reply_class) for row in rows]


def test_rows_of_a_domain_are_released_with_its_provider_after_one_question(planned, practice_net):
    mailing = planned(*(f"r{n}@one.example" for n in range(50)))
    assert resolve_mailing(mailing_id=mailing.pk, now=timezone.now()) == 50
    row = Delivery.objects.filter(mailing_id=mailing.pk)[0]
    assert (row.state, row.provider) == (DeliveryState.READY, "mx:mx#.one.example")
    assert practice_net.asked.count(("one.example", "MX")) == 1


def test_a_known_domain_is_not_asked_again(planned, practice_net):
    first, second = planned("a@one.example"), None
    resolve_mailing(mailing_id=first.pk, now=timezone.now())
    practice_net.asked.clear()
    second = planned("b@one.example")
    assert resolve_mailing(mailing_id=second.pk, now=timezone.now()) == 1
    assert practice_net.asked == []


def test_domains_that_take_no_mail_fail_in_the_resolvers_words(planned, practice_net):
    practice_net.records["null.example", "MX"] = ["0 ."]
    mailing = planned("a@missing.example", "b@null.example", "c@one.example")
    resolve_mailing(mailing_id=mailing.pk, now=timezone.now())

    assert states(mailing) == [
        ("a@missing.example", DeliveryState.FAILED, "bad-domain"),
        ("b@null.example", DeliveryState.FAILED, "bad-domain"),
        ("c@one.example", DeliveryState.READY, ""),
    ]
    words = set(Attempt.objects.filter(mailing_id=mailing.pk).values_list("stage", "reply_text"))
    assert words == {
        ("dns", "NXDOMAIN: the domain does not exist"),
        ("dns", "null MX: the domain accepts no mail (RFC 7505)"),
    }
    mailing.refresh_from_db()
    assert mailing.failed == 2
    assert Suppression.objects.count() == 2


def test_an_address_outside_the_practice_network_is_skipped(planned, practice_net):
    practice_net.add_domain("real.example", "192.0.2.7")
    mailing = planned("a@real.example")
    resolve_mailing(mailing_id=mailing.pk, now=timezone.now())
    assert states(mailing) == [("a@real.example", DeliveryState.SKIPPED, "forbidden")]


def test_a_silent_dns_leaves_rows_waiting_until_it_answers(planned, practice_net):
    practice_net.failing.add("later.example")
    mailing = planned("a@later.example")
    now = timezone.now()
    assert resolve_mailing(mailing_id=mailing.pk, now=now) == 0
    assert states(mailing) == [("a@later.example", DeliveryState.UNRESOLVED, "")]
    destination = Destination.objects.get(domain="later.example")
    assert (destination.state, destination.failures) == ("failing", 1)

    practice_net.failing.clear()
    practice_net.add_domain("later.example", "127.10.0.1")
    asked = len(practice_net.asked)
    resolve_mailing(mailing_id=mailing.pk, now=now + timedelta(seconds=1))
    assert len(practice_net.asked) == asked  # it backs off
    assert resolve_mailing(mailing_id=mailing.pk, now=now + timedelta(minutes=5)) == 1


def test_rows_that_never_resolve_expire_with_the_mailing(planned, practice_net):
    practice_net.failing.add("never.example")
    mailing = planned("a@never.example")
    resolve_mailing(mailing_id=mailing.pk, now=timezone.now())
    tick(now=mailing.expires_at + timedelta(seconds=1))
    assert states(mailing) == [("a@never.example", DeliveryState.FAILED, "expired")]
    mailing.refresh_from_db()
    assert mailing.state == MailingState.FINISHED
