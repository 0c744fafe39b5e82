"""How much a new source may send to one provider on one day, and how that is spread over the day.

Plans are data; nothing here knows an IP. Whether a step is taken is decided elsewhere, by the
replies.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class WarmupPlan:
    """Accepted messages per day, day 1 first. After the last step growth continues by `growth`."""

    slug: str
    steps: tuple[int, ...]
    growth: float = 1.4
    ceiling: int = 2_000_000

    def __post_init__(self) -> None:
        if not self.steps or any(step < 1 for step in self.steps):
            raise ValueError(f"warmup plan {self.slug}: steps must be whole numbers from 1")
        if self.growth < 1:
            raise ValueError(f"warmup plan {self.slug}: growth={self.growth}, expected 1 or more")


# Per IP and provider; between the cautious per-provider tables and the usual per-IP ones.
DEFAULT_PLAN: Final = WarmupPlan(
    "default",
    (
        50,
        100,
        200,
        400,
        700,
        1_000,
        1_500,
        2_000,
        3_000,
        4_000,
        6_000,
        8_000,
        11_000,
        15_000,
        20_000,
    ),
)


def allowance(plan: WarmupPlan, day_number: int) -> int:
    """Return how many messages may be accepted on this day of the plan (day 1 is the first)."""
    if day_number < 1:
        return 0
    if day_number <= len(plan.steps):
        return min(plan.steps[day_number - 1], plan.ceiling)
    # Bounded exponent: past the ceiling the number of days no longer matters.
    extra = min(day_number - len(plan.steps), 200)
    return int(min(plan.steps[-1] * plan.growth**extra, plan.ceiling))


def days_to_send(plan: WarmupPlan, day_number: int, volume: int, max_days: int = 400) -> int | None:
    """Return on how many days from `day_number` on `volume` messages fit; None beyond
    `max_days`.
    """
    left = volume
    for offset in range(max_days):
        left -= allowance(plan, day_number + offset)
        if left <= 0:
            return offset + 1
    return None


def spread_share(
    allowed: int, now: dt.datetime, window_start: dt.datetime, window_end: dt.datetime
) -> int:
    """Return how much of the day's allowance may be used up by `now` when spread over the window.

    At least one message may go from the window's start on, and everything at its end.
    """
    if allowed <= 0 or now < window_start:
        return 0
    if now >= window_end:
        return allowed
    share = (now - window_start) / (window_end - window_start)
    return min(allowed, int(allowed * share) + 1)


def smallest(allowances: Sequence[int]) -> int:
    """The limit that binds: an IP's and a sending domain's allowance hold side by side."""
    return min(allowances) if allowances else 0
