"""How much a cold source may send."""

import datetime as dt
import itertools

import pytest

from mailer.engine.warmup import (
    DEFAULT_PLAN,
    WarmupPlan,
    allowance,
    days_to_send,
    smallest,
    spread_share,
)

PLAN = WarmupPlan("short", (50, 100), growth=2.0, ceiling=1000)
START = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
END = START + dt.timedelta(hours=10)


def test_steps_then_growth_then_the_ceiling():
    assert [allowance(PLAN, day) for day in (0, 1, 2, 3, 4, 5, 6, 10_000)] == [
        0, 50, 100, 200, 400, 800, 1000, 1000,
    ]  # fmt: skip


def test_the_default_ramp_never_more_than_doubles():
    days = [allowance(DEFAULT_PLAN, day) for day in range(1, 60)]
    assert days[0] == 50
    assert all(before <= after <= 2 * before for before, after in itertools.pairwise(days))


def test_the_day_of_completion_can_be_told():
    assert [days_to_send(PLAN, 1, volume) for volume in (1, 50, 51, 150, 151)] == [1, 1, 2, 2, 3]
    assert days_to_send(PLAN, 1, 10**9) is None


@pytest.mark.parametrize(
    ("hours", "share"), [(-1, 0), (0, 1), (1, 11), (5, 51), (9.99, 100), (10, 100), (20, 100)]
)
def test_the_allowance_is_spread_over_the_window(hours, share):
    assert spread_share(100, START + dt.timedelta(hours=hours), START, END) == share


def test_no_allowance_is_none_at_any_time():
    assert spread_share(0, END, START, END) == 0


def test_the_smaller_limit_holds():
    assert smallest([300, 50]) == 50
    assert smallest([]) == 0


def test_a_plan_that_is_none_is_refused():
    with pytest.raises(ValueError, match="steps"):
        WarmupPlan("x", ())
    with pytest.raises(ValueError, match="growth"):
        WarmupPlan("x", (1,), growth=0.5)
