"""Shares of a whole as positions for SVG bars: pure arithmetic, no drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BarPart:
    """One piece of a stacked bar. `series` 0–6 picks the colour class k0–k6; `label` is for people."""

    series: int
    value: int
    label: str = ""


@dataclass(frozen=True)
class BarSlice:
    """A piece with its place, in percent of the bar as SVG text such as "12.50%"."""

    series: int
    x: str
    width: str


@dataclass(frozen=True)
class FunnelStep:
    """One row of a funnel: how many of `of` reached it. `href` opens the people behind it."""

    label: str
    value: int
    of: int
    series: int = 1
    href: str = ""


def slices(parts: Iterable[BarPart], total: int | None = None) -> list[BarSlice]:
    """Lay parts side by side. `total` is the whole bar; without it the parts fill the bar."""
    parts = list(parts)
    whole = total or sum(part.value for part in parts)
    placed: list[BarSlice] = []
    left = 0.0
    for part in parts:
        if whole <= 0 or part.value <= 0:
            continue
        width = 100 * part.value / whole
        placed.append(BarSlice(part.series, f"{left:.2f}%", f"{width:.2f}%"))
        left += width
    return placed


def line_path(values: Sequence[float], *, top: float | None = None) -> str:
    """Return an SVG path through the values in a 100×100 box; `top` is the value at its upper edge.

    Fewer than two values make no line: an empty string.
    """
    if len(values) < 2:
        return ""
    highest = top or max(values) or 1
    step = 100 / (len(values) - 1)
    points = [f"{i * step:.2f} {100 - 100 * value / highest:.2f}" for i, value in enumerate(values)]
    return "M" + "L".join(points)


@dataclass(frozen=True)
class Bar:
    """A bar of a growth chart in a 100×100 box, as SVG text."""

    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class GrowthPlot:
    """`ticks` are evenly spaced words beside the plot, `lines` their heights, `zero` that of the axis."""

    bars: list[Bar]
    ticks: list[str]
    lines: list[str]
    zero: str


def growth_plot(up: Sequence[int], down: Sequence[int]) -> GrowthPlot:
    """Lay out what came (series 1, upwards) and what went (series 2, downwards) day by day."""
    step = _nice_step(max([*up, *down, 1]))
    above, below = _steps(up, step) or 1, _steps(down, step)
    rows = above + below
    unit = 100 / (rows * step)
    zero = 100 * above / rows
    slot = 100 / max(len(up), 1)
    bars = []
    for index, (came, went) in enumerate(zip(up, down, strict=True)):
        x, width = f"{(index + 0.15) * slot:.2f}", f"{0.7 * slot:.2f}"
        if came:
            bars.append(Bar(1, x, f"{zero - came * unit:.2f}", width, f"{came * unit:.2f}"))
        if went:
            bars.append(Bar(2, x, f"{zero:.2f}", width, f"{went * unit:.2f}"))
    ticks = [_tick(step * number) for number in range(above, -below - 1, -1)]
    return GrowthPlot(
        bars, ticks, [f"{100 * row / rows:.2f}" for row in range(rows + 1)], f"{zero:.2f}"
    )


def _nice_step(highest: int) -> int:
    """Return 1, 2, 5, 10, 20 …: the smallest that needs at most two steps."""
    magnitude = 1
    while True:
        for factor in (1, 2, 5):
            if 2 * factor * magnitude >= highest:
                return factor * magnitude
        magnitude *= 10


def _steps(values: Sequence[int], step: int) -> int:
    return -(-max([*values, 0]) // step)


def _tick(value: int) -> str:
    return f"−{-value:,}" if value < 0 else f"{value:,}"
