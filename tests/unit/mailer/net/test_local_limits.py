"""Without Redis: a safe share for each process."""

import pytest

from mailer.net.local_limits import LocalLimits


def test_the_pace_is_a_share_of_the_rate():
    local = LocalLimits(shares=4)
    assert local.acquire_rate("a", 2.0, now_s=100.0) == 0
    assert local.acquire_rate("a", 2.0, now_s=100.5) == 1.5
    assert local.acquire_rate("a", 2.0, now_s=102.0) == 0
    assert local.acquire_rate("b", 2.0, now_s=100.5) == 0


def test_time_gone_by_is_not_saved_up():
    local = LocalLimits(shares=1)
    local.acquire_rate("a", 1.0, now_s=0.0)
    assert local.acquire_rate("a", 1.0, now_s=1000.0) == 0
    assert local.acquire_rate("a", 1.0, now_s=1000.0) == 1.0


def test_connections_are_a_share_rounded_down():
    local = LocalLimits(shares=3)
    assert [local.acquire_connection("a", 7) for _ in range(3)] == [True, True, False]
    local.release_connection("a")
    assert local.acquire_connection("a", 7)
    assert not local.acquire_connection("small", 2)
    with pytest.raises(ValueError, match="no connection"):
        local.release_connection("small")


def test_the_day_is_shared_too():
    local = LocalLimits(shares=3)
    assert [local.day_share(100, accepted) for accepted in (0, 90, 99, 100, 150)] == [
        33,
        3,
        0,
        0,
        0,
    ]


def test_a_share_of_nobody_is_refused():
    with pytest.raises(ValueError, match="shares=0"):
        LocalLimits(shares=0)
