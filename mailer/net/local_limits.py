"""What one process allows itself while Redis is gone: its share, so that all together stay
within the limit.

A limit smaller than the number of processes leaves nobody a whole share: that lane waits until
Redis is back. The day's remainder is what the last successful look at PostgreSQL left.
"""

from dataclasses import dataclass, field


@dataclass
class LocalLimits:
    """`shares`: how many processes may be sending at the same time. Times are seconds of a
    monotonic clock.
    """

    shares: int
    _due_at: dict[str, float] = field(default_factory=dict)
    _connections: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.shares < 1:
            raise ValueError(f"shares={self.shares}: expected at least one sending process")

    def acquire_rate(self, key: str, rate_per_s: float, now_s: float) -> float:
        """Return 0 when one message may go now, else the seconds to wait. No bursts."""
        due_at = self._due_at.get(key, now_s)
        if due_at > now_s:
            return due_at - now_s
        self._due_at[key] = now_s + self.shares / rate_per_s
        return 0.0

    def acquire_connection(self, key: str, cap: int) -> bool:
        """Take one of this process's share of connections: a whole one only if the share
        reaches one.
        """
        if self._connections.get(key, 0) >= cap // self.shares:
            return False
        self._connections[key] = self._connections.get(key, 0) + 1
        return True

    def release_connection(self, key: str) -> None:
        held = self._connections.get(key, 0)
        if held < 1:
            raise ValueError(f"no connection of {key} is held")
        self._connections[key] = held - 1

    def day_share(self, cap: int, accepted: int) -> int:
        """Return how many acceptances of the day this process may still use."""
        return max(0, cap - accepted) // self.shares
