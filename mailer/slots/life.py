"""The row that stands for this life of a slot process."""

import os
from datetime import datetime

from mailer.program import Program, Statement


def begin_life(node: str, now: datetime) -> Program[int]:
    """Return the new incarnation's id, which its leases carry."""
    rows = yield Statement(
        "INSERT INTO mailer_slot (node, pid, started_at, seen_at) VALUES (%(node)s, %(pid)s, %(now)s, %(now)s)"
        " RETURNING id",
        {"node": node, "pid": os.getpid(), "now": now},
    )
    return int(rows[0][0])


def show_life(slot_id: int, now: datetime) -> Program[None]:
    """Say that we live; a slot that was given up for dead and is not takes its word back."""
    yield Statement(
        "UPDATE mailer_slot SET seen_at = %(now)s, ended_at = NULL WHERE id = %(slot)s",
        {"slot": slot_id, "now": now},
    )


def end_life(slot_id: int, now: datetime) -> Program[None]:
    yield Statement(
        "UPDATE mailer_slot SET seen_at = %(now)s, ended_at = %(now)s WHERE id = %(slot)s",
        {"slot": slot_id, "now": now},
    )


def show_node(node: str, slots: int, now: datetime) -> Program[None]:
    """Say that this node takes slices."""
    yield Statement(
        "INSERT INTO mailer_node (name, slots, seen_at) VALUES (%(node)s, %(slots)s, %(now)s)"
        " ON CONFLICT (name) DO UPDATE SET slots = excluded.slots, seen_at = excluded.seen_at",
        {"node": node, "slots": slots, "now": now},
    )
