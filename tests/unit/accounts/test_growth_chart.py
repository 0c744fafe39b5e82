"""The bars of growth: what came above the line, what went below, on a scale people can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.charts import growth_plot


def test_bars_stand_on_the_line_in_their_day():
    plot = growth_plot([2, 0], [0, 1])
    assert plot.ticks == ["2", "1", "0", "−1"]
    assert plot.zero == "66.67"
    came, went = plot.bars
    assert (came.series, came.x, came.y, came.height) == (1, "7.50", "0.00", "66.67")
    assert (went.series, went.x, went.y, went.height) == (2, "57.50", "66.67", "33.33")


@pytest.mark.parametrize(
    ("up", "down", "ticks"),
    [
        ([0], [0], ["1", "0"]),
        ([1200], [3], ["2,000", "1,000", "0", "−1,000"]),
        ([0], [30], ["20", "0", "−20", "−40"]),
    ],
)
def test_the_scale_is_round(up, down, ticks):
    assert growth_plot(up, down).ticks == ticks


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=40))
def test_no_bar_leaves_the_box(days):
    plot = growth_plot([up for up, _ in days], [down for _, down in days])
    assert 2 <= len(plot.ticks) == len(plot.lines) <= 5
    for bar in plot.bars:
        assert -0.02 <= float(bar.y) <= 100
        assert float(bar.y) + float(bar.height) <= 100.02
        assert float(bar.x) + float(bar.width) <= 100
