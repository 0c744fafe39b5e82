from hypothesis import given
from hypothesis import strategies as st

from accounts.charts import BarPart, BarSlice, line_path, slices


def test_parts_lie_side_by_side_and_empty_ones_are_left_out():
    parts = [BarPart(1, 50), BarPart(2, 0), BarPart(3, 25)]
    assert slices(parts, 100) == [BarSlice(1, "0.00%", "50.00%"), BarSlice(3, "50.00%", "25.00%")]


def test_nothing_of_nothing_is_an_empty_bar():
    assert slices([BarPart(1, 0)]) == []
    assert slices([], 0) == []


@given(st.lists(st.integers(0, 10**9), max_size=6))
def test_a_bar_is_never_longer_than_itself(values):
    found = slices([BarPart(1, value) for value in values])
    assert sum(float(piece.width.rstrip("%")) for piece in found) <= 100.05


def test_a_line_needs_two_points_and_hangs_from_its_highest():
    assert line_path([3]) == ""
    assert line_path([0, 10, 5]) == "M0.00 100.00L50.00 0.00L100.00 50.00"
    assert line_path([0, 0]) == "M0.00 100.00L100.00 100.00"
