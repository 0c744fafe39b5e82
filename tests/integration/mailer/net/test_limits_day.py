"""A day's acceptances: never over the cap, whatever happens to Redis."""

import asyncio
import datetime as dt
import random

DAY = dt.date(2026, 11, 24)


async def rebuilt(limits, used=0):
    ticket = await limits.begin_rebuild("lane", DAY)
    assert ticket is not None
    assert await limits.finish_rebuild("lane", DAY, ticket, used)


async def reserve(limits, n, cap=100, accepted=0):
    return await limits.reserve_day("lane", DAY, n, cap, accepted)


async def test_an_unknown_day_grants_nothing(shared_limits):
    assert await reserve(shared_limits, 10) is None


async def test_reservations_stop_at_the_cap(shared_limits):
    await rebuilt(shared_limits, used=70)
    assert [(await reserve(shared_limits, 20)).granted for _ in range(3)] == [20, 10, 0]


async def test_what_comes_back_can_be_granted_again(shared_limits):
    await rebuilt(shared_limits, used=90)
    grant = await reserve(shared_limits, 10)
    assert await shared_limits.return_day(grant, 4)
    assert (await reserve(shared_limits, 10)).granted == 4


async def test_what_postgresql_counts_raises_the_count(shared_limits):
    await rebuilt(shared_limits)
    assert (await reserve(shared_limits, 100, accepted=95)).granted == 5
    assert (await reserve(shared_limits, 100, accepted=0)).granted == 0


async def test_a_flush_denies_until_rebuilt(shared_limits, redis_db):
    await rebuilt(shared_limits)
    grant = await reserve(shared_limits, 10)
    assert await shared_limits.is_current(grant)
    redis_db.flushdb()
    assert not await shared_limits.is_current(grant)
    assert await reserve(shared_limits, 10) is None
    await rebuilt(shared_limits, used=100)
    assert not await shared_limits.return_day(grant, 10)
    assert (await reserve(shared_limits, 10)).granted == 0


async def test_one_rebuilds_at_a_time(shared_limits):
    first = await shared_limits.begin_rebuild("lane", DAY)
    assert await shared_limits.begin_rebuild("lane", DAY) is None
    assert await shared_limits.finish_rebuild("lane", DAY, first, 5)
    assert await shared_limits.begin_rebuild("lane", DAY) is not None


async def test_a_count_read_before_a_flush_is_not_used(shared_limits, redis_db):
    stale = await shared_limits.begin_rebuild("lane", DAY)
    redis_db.flushdb()
    fresh = await shared_limits.begin_rebuild("lane", DAY)
    assert not await shared_limits.finish_rebuild("lane", DAY, stale, 0)
    assert await reserve(shared_limits, 1) is None
    assert await shared_limits.finish_rebuild("lane", DAY, fresh, 0)


async def test_days_and_lanes_are_apart(shared_limits):
    await rebuilt(shared_limits)
    tomorrow = DAY + dt.timedelta(days=1)
    assert await shared_limits.reserve_day("lane", tomorrow, 1, 10, 0) is None
    assert await shared_limits.reserve_day("other", DAY, 1, 10, 0) is None


async def test_ten_times_the_demand_with_deferrals_and_flushes_hits_the_cap_exactly(
    shared_limits, redis_db
):
    cap, state = 200, {"accepted": 0, "leased": 0}
    chance = random.Random(5)

    async def slot():
        while state["accepted"] < cap:
            grant = await reserve(shared_limits, 7, cap, state["accepted"])
            if grant is None or (grant.granted == 0 and state["leased"] == 0):
                ticket = await shared_limits.begin_rebuild("lane", DAY)
                if ticket is not None:
                    used = state["accepted"] + state["leased"]
                    await shared_limits.finish_rebuild("lane", DAY, ticket, used)
            elif grant.granted == 0:
                await asyncio.sleep(0.001)
            else:
                await send(grant)

    async def send(grant):
        state["leased"] += grant.granted
        if not await shared_limits.is_current(grant):
            state["leased"] -= grant.granted
            return
        await asyncio.sleep(0.002)
        taken = sum(chance.random() > 0.3 for _ in range(grant.granted))
        state["leased"] -= grant.granted
        state["accepted"] += taken
        assert state["accepted"] <= cap
        await shared_limits.return_day(grant, grant.granted - taken)

    async def flush():
        for _ in range(2):
            await asyncio.sleep(0.02)
            redis_db.flushdb()

    async with asyncio.timeout(30):
        await asyncio.gather(*(slot() for _ in range(8)), flush())
    assert state == {"accepted": cap, "leased": 0}
