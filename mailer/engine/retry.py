"""When to try again. Pure arithmetic: the caller passes the time and a seed."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

# Minutes after the first, second, … attempt; the last one repeats. Greylisting servers usually
# ask for 5.
SCHEDULE_MIN: Final = (5, 10, 20, 40, 60, 90, 120, 180, 240)
JITTER: Final = 0.2
MAX_RETRY_AFTER_S: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class Expired:
    """No further attempt fits before the message expires."""

    at: dt.datetime


def next_attempt(
    *,
    attempts: int,
    first_at: dt.datetime,
    now: dt.datetime,
    retry_after_s: int | None = None,
    expiry_s: int = 72 * 3600,
    seed: int = 0,
    speed: float = 1.0,
) -> dt.datetime | Expired:
    """Return when attempt number `attempts + 1` is due.

    `retry_after_s` is what the receiver asked for and is a lower bound. `speed` > 1 makes a
    practice internet run faster than the clock; it divides waiting and expiry alike.
    """
    if attempts < 1:
        raise ValueError(f"attempts={attempts}: expected at least one made")
    expires_at = first_at + dt.timedelta(seconds=expiry_s / speed)
    wait_s = SCHEDULE_MIN[min(attempts, len(SCHEDULE_MIN)) - 1] * 60.0
    if retry_after_s:
        wait_s = max(wait_s, min(retry_after_s, MAX_RETRY_AFTER_S))
    # Only later, never sooner: a receiver that said "in five minutes" must not be asked before.
    wait_s *= 1 + JITTER * random.Random(seed * 1_000_003 + attempts).random()  # noqa: S311 - spreads load
    due = now + dt.timedelta(seconds=wait_s / speed)
    return due if due <= expires_at else Expired(expires_at)
