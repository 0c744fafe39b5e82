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
