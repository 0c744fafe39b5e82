"""Rates shared by processes, on the clock of Redis."""

import asyncio
import time

import pytest

from mailer.net.limits import RateLimit


async def send(limits, rates, count):
    """Send as fast as the limits allow; return the seconds it took."""
    started = time.monotonic()
    for _ in range(count):
        while wait_s := await limits.acquire_rate(rates):
            await asyncio.sleep(wait_s)
    return time.monotonic() - started


async def test_an_even_pace_without_bursts(shared_limits):
    took = await send(shared_limits, [RateLimit("a", 100.0)], 21)
    assert 0.2 <= took < 0.6


async def test_two_processes_share_one_rate(shared_limits):
    rates = [RateLimit("a", 100.0)]
    took = max(await asyncio.gather(*(send(shared_limits, rates, 10) for _ in range(3))))
    assert 0.29 <= took < 0.9


async def test_a_burst_is_pinned(shared_limits):
    limit = RateLimit("a", 0.5, burst=3)
    waits = [await shared_limits.acquire_rate([limit]) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 1.5 < waits[3] <= 2.0


async def test_a_day_rate_never_leaves_at_once(shared_limits):
    limit = RateLimit("a", 100 / 86_400)
    assert await shared_limits.acquire_rate([limit]) == 0
    assert 800 < await shared_limits.acquire_rate([limit]) <= 864


async def test_a_refusal_takes_nothing_from_the_other_limits(shared_limits):
    tight, wide = RateLimit("tight", 0.001), RateLimit("wide", 0.001)
    assert await shared_limits.acquire_rate([tight]) == 0
    assert await shared_limits.acquire_rate([wide, tight]) > 0
    assert await shared_limits.acquire_rate([wide]) == 0


async def test_more_than_the_burst_at_once_is_held_to_the_rate(shared_limits):
    limit = RateLimit("a", 10.0)
    assert await shared_limits.acquire_rate([limit], n=5) == 0
    assert await shared_limits.acquire_rate([limit]) == pytest.approx(0.5, abs=0.05)


async def test_a_rate_leaves_nothing_behind_when_idle(shared_limits, redis_db):
    await shared_limits.acquire_rate([RateLimit("a", 100.0)])
    assert 0 < redis_db.pttl("todoku:limits:rate:a") <= 2000
