"""When the next attempt is due."""

import datetime as dt

import pytest

from mailer.engine.retry import Expired, next_attempt

FIRST = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


def minutes(attempts, **changes):
    due = next_attempt(attempts=attempts, first_at=FIRST, now=FIRST, **changes)
    assert isinstance(due, dt.datetime)
    return (due - FIRST).total_seconds() / 60


def test_the_waits_grow_and_stay_within_their_jitter():
    for attempts, least in enumerate((5, 10, 20, 40, 60, 90, 120, 180, 240, 240, 240), start=1):
        assert least <= minutes(attempts, seed=attempts) <= least * 1.2


def test_the_receivers_own_wish_is_a_lower_bound():
    assert minutes(1, retry_after_s=1800) >= 30
    assert minutes(9, retry_after_s=60) >= 240
    assert minutes(1, retry_after_s=10**9) <= 6 * 60 * 1.2


def test_two_messages_do_not_come_back_at_the_same_moment():
    assert len({minutes(3, seed=seed) for seed in range(50)}) > 40


def test_nothing_is_tried_after_expiry():
    now = FIRST + dt.timedelta(hours=71, minutes=59)
    assert next_attempt(attempts=20, first_at=FIRST, now=now) == Expired(
        FIRST + dt.timedelta(hours=72)
    )


def test_a_faster_practice_internet_waits_and_expires_sooner():
    assert 0.5 <= minutes(1, speed=10) <= 0.6
    now = FIRST + dt.timedelta(hours=7)
    due = next_attempt(attempts=20, first_at=FIRST, now=now, speed=10)
    assert due == Expired(FIRST + dt.timedelta(hours=7.2))


def test_a_retry_without_a_first_try_is_our_mistake():
    with pytest.raises(ValueError, match="attempts=0"):
        minutes(0)
