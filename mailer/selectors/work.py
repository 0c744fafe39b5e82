"""What a slot looks up before it leases: its sources, the running mailings, which receivers have rows ready.

Programs, because slots ask on their own connection. Everything here is an index probe; nothing counts the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.program import Program, Statement


@dataclass(frozen=True, slots=True)
class WorkSource:
    """An enabled source IP of this node."""

    id: int
    pool_id: int
    kind: str
    address: str
    ehlo_name: str
    daily_cap: int | None


@dataclass(frozen=True, slots=True)
class WorkLimit:
    """An administrator's override for one lane; None falls back."""

    daily_cap: int | None
    rate_per_s: float | None
    connections: int | None
    messages_per_connection: int | None


@dataclass(frozen=True, slots=True)
class WorkMailing:
    """A running mailing as the slots need it."""

    id: int
    organisation_id: int
    kind: str
    reference: str
    source: str
    priority: int
    pool_id: int
    sending_domain: str
    scopes: Sequence[str]
    stop_generation: int
    expires_at: datetime


# A node that has not been seen for this long sends nothing.
NODE_SILENCE = timedelta(seconds=60)

_SOURCES = """
SELECT s.id, s.pool_id, p.kind, host(s.address), s.ehlo_name, s.daily_cap
FROM mailer_sourceip s JOIN mailer_pool p ON p.id = s.pool_id
WHERE s.node = %(node)s AND s.is_enabled ORDER BY s.id
"""

_LIMITS = """
SELECT l.source_id, l.provider, l.daily_cap, l.rate_per_s, l.connections, l.messages_per_connection
FROM mailer_lanelimit l JOIN mailer_sourceip s ON s.id = l.source_id WHERE s.node = %(node)s
"""

_MAILINGS = """
SELECT m.id, m.organisation_id, m.kind, m.reference, m.source, m.priority, m.pool_id, d.name,
    m.suppression_scopes, m.stop_generation, m.expires_at
FROM mailer_mailing m JOIN mailer_sendingdomain d ON d.id = m.sending_domain_id
WHERE m.state = 'running' AND m.state IN ('planning', 'running', 'paused') AND m.pool_id = ANY(%(pools)s)
ORDER BY m.priority, m.id
"""

# A walk from provider to provider along the index: as many probes as there are receivers, however many rows.
PROVIDERS_SQL = """
WITH RECURSIVE ready AS (
    (SELECT provider FROM mailer_delivery
     WHERE mailing_id = %(mailing)s AND state = 1 AND provider > %(after)s
     ORDER BY provider LIMIT 1)
    UNION ALL
    SELECT (SELECT d.provider FROM mailer_delivery d
            WHERE d.mailing_id = %(mailing)s AND d.state = 1 AND d.provider > r.provider
            ORDER BY d.provider LIMIT 1)
    FROM ready r WHERE r.provider IS NOT NULL
)
SELECT provider FROM ready WHERE provider IS NOT NULL LIMIT %(limit)s
"""


def node_sources(node: str) -> Program[list[WorkSource]]:
    rows = yield Statement(_SOURCES, {"node": node})
    return [WorkSource(*row) for row in rows]


def node_limits(node: str) -> Program[dict[tuple[int, str], WorkLimit]]:
    """Return the overrides by (source id, provider)."""
    rows = yield Statement(_LIMITS, {"node": node})
    return {(row[0], row[1]): WorkLimit(*row[2:]) for row in rows}


def running_mailings(pools: Sequence[int]) -> Program[list[WorkMailing]]:
    """Return the mailings that may be sent from these pools, the most urgent first."""
    rows = yield Statement(_MAILINGS, {"pools": list(pools)})
    return [WorkMailing(*row) for row in rows]


def ready_providers(mailing_id: int, *, after: str = "", limit: int = 500) -> Program[list[str]]:
    """Return receivers for whom this mailing has rows ready, in order, beginning behind `after`."""
    rows = yield Statement(PROVIDERS_SQL, {"mailing": mailing_id, "after": after, "limit": limit})
    return [row[0] for row in rows]


def sending_slots(now: datetime) -> Program[int]:
    """Return how many slots send at this time, over all nodes; at least the one that asks."""
    rows = yield Statement(
        "SELECT coalesce(sum(slots), 0) FROM mailer_node WHERE seen_at > %(since)s",
        {"since": now - NODE_SILENCE},
    )
    return max(1, int(rows[0][0]))
