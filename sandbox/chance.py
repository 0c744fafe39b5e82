"""Chance that repeats: every draw is a function of the seed and of what is being decided."""

import hashlib
import math
from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()


def draw(seed: int, *about: object) -> float:
    """Return a number in [0, 1) that depends on the seed and on `about` only."""
    text = "\x1f".join(str(part) for part in (seed, *about))
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def happens(probability: float, seed: int, *about: object) -> bool:
    return draw(seed, *about) < probability


def delay_s(median_s: float, seed: int, *about: object, spread: float = 1.0) -> float:
    """Return a log-normal waiting time in seconds: half of the readers are faster than the median."""
    uniform = min(max(draw(seed, *about), 1e-6), 1 - 1e-6)
    return median_s * math.exp(spread * _STANDARD_NORMAL.inv_cdf(uniform))
