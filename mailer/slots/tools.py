"""What every conversation of a slot works with."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailer.net.journal import Journal
from mailer.net.smtp_client import Timeouts
from mailer.slots.desk import Desk
from mailer.slots.exchange import Exchange
from mailer.slots.group_sync import GroupSync
from mailer.slots.guard import Guard
from mailer.slots.held import Held, Key, Row
from mailer.slots.pacer import Pacer
from mailer.slots.recorder import Recorder
from mailer.slots.renderers import OrmDesk, Renderers

# Connections of one slot at the same time, over all lanes.
SEATS = 200


@dataclass(slots=True)
class Tools:
    slot_id: int
    clock: Callable[[], datetime]
    held: Held
    guard: Guard
    recorder: Recorder
    journal: Journal
    sync: GroupSync
    pacer: Pacer
    renderers: Renderers
    orm: OrmDesk
    marks: Desk[list[Row], set[Key]]
    exchanges: Mapping[str, Exchange]  # by organisation kind: live or practice
    timeouts: Timeouts = field(default_factory=Timeouts)
    seats: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SEATS))
    pauses: set[asyncio.Task[None]] = field(default_factory=set)
