"""Count connections and messages per source address against a receiver's limits."""

from collections import Counter, defaultdict, deque


class Gauge:
    """Connections open now and at most, and messages in the last practice minute, per source."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self.total: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    def connected(self, source_ip: str) -> int:
        """Count a connection in and return how many are open now."""
        self.open[source_ip] += 1
        self.total[source_ip] += 1
        self.peak[source_ip] = max(self.peak[source_ip], self.open[source_ip])
        return self.open[source_ip]

    def disconnected(self, source_ip: str) -> None:
        self.open[source_ip] -= 1

    def is_too_fast(self, source_ip: str, allowed: int, window_s: float, now: float) -> bool:
        sent = self._sent[source_ip]
        while sent and sent[0] <= now - window_s:
            sent.popleft()
        return len(sent) >= allowed

    def sent(self, source_ip: str, now: float) -> None:
        self._sent[source_ip].append(now)

    def forget(self) -> None:
        """Clear history; connections that are open stay counted."""
        self.peak = Counter(self.open)
        self.total.clear()
        self.turned_away.clear()
        self._sent.clear()
