"""What holds a lane back after a reply: only the thing that the reply blamed, and only for a time."""

import time
from dataclasses import dataclass, field

from mailer.engine.replies import Verdict
from mailer.engine.vocabulary import Scope

FIRST_S = 30.0
MAX_S = 3_600.0

# Replies of these scopes speak about everything that goes through the lane.
LANE_SCOPES = frozenset({Scope.SOURCE_IP, Scope.PROVIDER, Scope.CONNECTION})


@dataclass
class Brake:
    """Pauses of one lane, in monotonic seconds. Repeated refusals lengthen them, an acceptance forgets them."""

    until: float = 0.0
    reason: str = ""
    _last_s: float = 0.0
    _domains: dict[str, float] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self.until

    def apply(self, verdict: Verdict, sending_domain: str, words: str) -> bool:
        """Act on a refusal; True when the whole lane is held now."""
        if verdict.scope in LANE_SCOPES:
            self.hold(verdict.retry_after_s, words)
            return True
        if verdict.scope is Scope.SENDING_DOMAIN:
            self._domains[sending_domain] = time.monotonic() + (verdict.retry_after_s or FIRST_S)
        return False

    def hold(self, seconds: float | None, words: str) -> None:
        """Hold the lane; without a wish of the receiver each pause is twice as long as the last."""
        pause_s = seconds or min(MAX_S, max(FIRST_S, self._last_s * 2))
        if not self.is_on:
            self._last_s = pause_s
        self.until = max(self.until, time.monotonic() + pause_s)
        self.reason = words

    def holds_domain(self, sending_domain: str) -> bool:
        if not self._domains:
            return False
        return time.monotonic() < self._domains.get(sending_domain, 0.0)

    def release(self) -> None:
        """An acceptance: the next refusal starts from a short pause again."""
        self._last_s = 0.0
