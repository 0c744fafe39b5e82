"""Limits hold whoever sends: the daily cap exactly, rates and connections across slots, also without Redis."""

import random
from datetime import timedelta

import pytest
import redis.asyncio
from django.utils import timezone

from mailer.models import DeliveryState, LaneDay, SourceIP
from mailer.selectors import state_counts
from mailer.slots.runtime import Runtime
from mailer.slots.slice import runtime_options
from tests.integration.mailer.sending import (
    PROVIDER,
    keep_working,
    limit_lane,
    ready_mailing,
    working,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(runtime):
    other = Runtime(runtime_options())
    other.start()
    yield other
    other.drain(5.0)


def test_the_daily_cap_is_used_up_exactly_by_two_slots_with_refusals_and_a_flushed_redis(
    runtime, second, receiver, redis_db
):
    mailing = ready_mailing(600)
    limit_lane(daily_cap=100, connections=6)
    dice = random.Random(7)
    receiver.script.dot = lambda letter: "451 4.3.0 try later" if dice.random() < 0.3 else "250 OK"
    with working(lambda: keep_working(runtime, 10)), working(lambda: keep_working(second, 10)):
        receiver.wait_for(30)
        redis_db.flushdb()
        receiver.wait_for(60)
        redis_db.flushdb()
        receiver.wait_for(100)

    assert len(receiver.script.log) == 100
    assert LaneDay.objects.get(provider=PROVIDER).accepted == 100
    assert state_counts(mailing.pk)[DeliveryState.ACCEPTED] == 100


def test_connections_stay_within_the_limit_over_two_slots(runtime, second, receiver):
    ready_mailing(120)
    limit_lane(connections=3)
    receiver.script.dot_delay_s = 0.02
    with working(lambda: runtime.work(8)), working(lambda: second.work(8)):
        receiver.wait_for(120)
    assert receiver.script.open_most <= 3


def test_the_rate_is_shared_by_two_slots(runtime, second, receiver):
    ready_mailing(200)
    limit_lane(rate_per_s=10)
    with working(lambda: runtime.work(3)), working(lambda: second.work(3)):
        pass
    # Three seconds at ten a second, the burst of the first moment, and what was begun at the end.
    assert 20 <= len(receiver.script.log) <= 36


def test_without_redis_a_slot_goes_on_with_its_share(runtime, receiver, monkeypatch):
    from redis.exceptions import ConnectionError as Unreachable

    async def fail(*_args, **_kwargs):
        raise Unreachable("gone")

    ready_mailing(20)
    limit_lane(rate_per_s=20)
    monkeypatch.setattr(redis.asyncio.Redis, "execute_command", fail)
    runtime.work(5)
    assert len(receiver.script.log) == 20


def test_a_disabled_source_sends_nothing(runtime, receiver):
    ready_mailing(5)
    SourceIP.objects.update(is_enabled=False)
    assert runtime.work(1) is False
    assert receiver.script.offered == []


def test_a_new_day_opens_the_cap_again(runtime, receiver):
    mailing = ready_mailing(10)
    source = SourceIP.objects.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    LaneDay.objects.create(source=source, provider=PROVIDER, day=yesterday, accepted=5)
    limit_lane(daily_cap=5)
    runtime.work(2)
    assert state_counts(mailing.pk)[DeliveryState.ACCEPTED] == 5
