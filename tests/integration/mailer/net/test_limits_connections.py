"""Connections as leases: a dead worker's free themselves, and only theirs."""

import asyncio

from mailer.net.limits import ConnectionLimit

IP = ConnectionLimit("ip", 3)
PROVIDER = ConnectionLimit("provider", 2)


async def test_the_smaller_limit_holds_and_is_named(shared_limits):
    both = [IP, PROVIDER]
    assert await shared_limits.acquire_connection(both, "a", 60) is None
    assert await shared_limits.acquire_connection(both, "b", 60) is None
    assert await shared_limits.acquire_connection(both, "c", 60) == PROVIDER
    assert await shared_limits.acquire_connection([IP], "d", 60) is None


async def test_a_refusal_leases_nothing(shared_limits):
    await shared_limits.acquire_connection([PROVIDER], "a", 60)
    await shared_limits.acquire_connection([PROVIDER], "b", 60)
    await shared_limits.acquire_connection([IP, PROVIDER], "c", 60)
    for owner in "def":
        assert await shared_limits.acquire_connection([IP], owner, 60) is None


async def test_a_released_connection_is_free_at_once(shared_limits):
    one = [ConnectionLimit("x", 1)]
    await shared_limits.acquire_connection(one, "a", 60)
    assert await shared_limits.acquire_connection(one, "b", 60) is not None
    await shared_limits.release_connection(one, "a")
    assert await shared_limits.acquire_connection(one, "b", 60) is None


async def test_a_dead_owner_frees_its_connection_by_time(shared_limits):
    one = [ConnectionLimit("x", 1)]
    await shared_limits.acquire_connection(one, "dead", 0.05)
    assert await shared_limits.acquire_connection(one, "next", 60) is not None
    await asyncio.sleep(0.1)
    assert await shared_limits.acquire_connection(one, "next", 60) is None


async def test_a_failed_attempt_does_not_keep_the_dead_alive(shared_limits):
    one = [ConnectionLimit("x", 1)]
    await shared_limits.acquire_connection(one, "dead", 0.15)
    for _ in range(3):
        await asyncio.sleep(0.06)
        await shared_limits.acquire_connection(one, "next", 0.01)
    await asyncio.sleep(0.03)
    assert await shared_limits.acquire_connection(one, "other", 60) is None


async def test_a_lease_that_ran_out_is_not_revived(shared_limits):
    one = [ConnectionLimit("x", 1)]
    await shared_limits.acquire_connection(one, "slow", 0.05)
    assert await shared_limits.renew_connection(one, "slow", 0.05)
    await asyncio.sleep(0.1)
    assert not await shared_limits.renew_connection(one, "slow", 60)
    assert await shared_limits.acquire_connection(one, "next", 60) is None


async def test_many_at_once_never_pass_the_cap(shared_limits):
    cap = [ConnectionLimit("x", 7)]
    results = await asyncio.gather(
        *(shared_limits.acquire_connection(cap, str(n), 60) for n in range(50))
    )
    assert results.count(None) == 7
