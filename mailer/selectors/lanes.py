"""What each lane may send today and what it has sent."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from mailer.models import LaneDay, LaneLimit, Pool, SourceIP


@dataclass(frozen=True, slots=True)
class Lane:
    """One source IP × provider on one day. `cap` is None where nothing limits it."""

    provider: str
    accepted: int
    cap: int | None

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(self.cap - self.accepted, 0)


@dataclass(slots=True)
class SourceLanes:
    source: SourceIP
    lanes: list[Lane] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return sum(lane.accepted for lane in self.lanes)


@dataclass(slots=True)
class PoolLanes:
    pool: Pool
    sources: list[SourceLanes] = field(default_factory=list)


def lanes_of_today(*, day: date) -> list[PoolLanes]:
    """Return every pool with its sources and, for each, the providers used or limited on `day`."""
    accepted: dict[int, dict[str, int]] = defaultdict(dict)
    for source_id, provider, count in LaneDay.objects.filter(day=day).values_list(
        "source_id", "provider", "accepted"
    ):
        accepted[source_id][provider] = count
    caps: dict[int, dict[str, int | None]] = defaultdict(dict)
    for source_id, provider, cap in LaneLimit.objects.values_list(
        "source_id", "provider", "daily_cap"
    ):
        caps[source_id][provider] = cap
    pools: dict[int, PoolLanes] = {}
    for source in SourceIP.objects.select_related("pool").order_by("pool__name", "pk"):
        used, limited = accepted[source.pk], caps[source.pk]
        lanes = [
            Lane(provider, used.get(provider, 0), limited.get(provider) or source.daily_cap)
            for provider in sorted(used.keys() | limited.keys())
        ]
        pool = pools.setdefault(source.pool_id, PoolLanes(source.pool))
        pool.sources.append(SourceLanes(source, lanes))
    return list(pools.values())
