"""One provider at work: its hosts listen on their loopback addresses and share limits and faults."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.faults import Fault, Faults
from sandbox.limits import Gauge
from sandbox.mailboxes import Mailbox, mailbox_of
from sandbox.profiles.profile import Host, Limits, Profile, Stage
from sandbox.record import Received, Record
from sandbox.session import IDLE_S, Session
from sandbox.settings import Switches
from sandbox.wire import Wire
from sandbox.zone import Zone

log = logging.getLogger(__name__)

MAX_GREY_MEMORY = 100_000
_NUMBERS = frozenset(
    {"connections", "messages_per_minute", "messages_per_connection", "recipients", "size_bytes"}
)


class KnobError(ValueError):
    """A receiver has no such knob, or the value does not fit."""


@dataclass(frozen=True)
class World:
    """What all receivers share."""

    zone: Zone
    record: Record
    switches: Switches
    tls: ssl.SSLContext
    broken_tls: ssl.SSLContext
    kept: Callable[[int], None]  # called with the id of each message taken


class Receiver:
    """Implements the questions a session asks; see session.py for the conversation itself."""

    def __init__(self, profile: Profile, world: World) -> None:
        self.profile = profile
        self.world = world
        self.limits: Limits = profile.limits
        self.gauge = Gauge()
        self.faults = Faults()
        self.reply_delay_s = 0.0
        self._grey_since: dict[tuple[str, str], float] = {}
        self._servers: list[asyncio.Server] = []
        self._sessions = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        for host in self.profile.all_hosts():
            server = await loop.create_server(self._factory(host), host.address, port)
            self._servers.append(server)

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _factory(self, host: Host) -> Callable[[], Wire]:
        def converse(wire: Wire) -> None:
            self._sessions += 1
            task = asyncio.create_task(Session(self, host, self._sessions, wire).run())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

        return lambda: Wire(converse, IDLE_S)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("session_failed receiver=%s", self.profile.name, exc_info=error)

    # --- Questions of a session -------------------------------------------------------------------
    def mailbox(self, address: str) -> Mailbox:
        switches = self.world.switches
        ambient = self.profile.ambient if switches.ambient else None
        return mailbox_of(address, seed=switches.seed, ambient=ambient)

    def is_too_fast(self, source_ip: str) -> bool:
        window_s = self.world.switches.real_s(60.0)
        allowed = self.limits.messages_per_minute
        return self.gauge.is_too_fast(source_ip, allowed, window_s, time.monotonic())

    def is_grey(self, source_ip: str, address: str) -> bool:
        """Greylist by source and recipient: the return path differs with every message."""
        now = time.monotonic()
        if len(self._grey_since) > MAX_GREY_MEMORY:
            self._grey_since.clear()
        first = self._grey_since.setdefault((source_ip, address.lower()), now)
        return now - first < self.world.switches.real_s(self.profile.grey_wait_s)

    def fault(self, stage: Stage, recipient: str, source_ip: str) -> Fault | None:
        return self.faults.take(stage, recipient, source_ip)

    def keep(self, message: Received) -> int:
        number = self.world.record.keep(message, time.time())
        self.world.kept(number)
        return number

    # --- Control ----------------------------------------------------------------------------------
    def describe(self) -> dict[str, Any]:
        limits = self.limits
        return {
            "name": self.profile.name,
            "title": self.profile.title,
            "domains": sorted(self.profile.all_domains()),
            "hosts": [
                {"name": host.name, "address": host.address} for host in self.profile.all_hosts()
            ],
            **{name: getattr(limits, name) for name in sorted(_NUMBERS)},
            "reply_delay_s": self.reply_delay_s,
            "faults": [
                {**vars(fault), "stage": fault.stage.value} for fault in self.faults.listed()
            ],
            "connections_open": dict(+self.gauge.open),
            "connections_peak": dict(self.gauge.peak),
            "connections_total": dict(self.gauge.total),
            "connections_turned_away": dict(self.gauge.turned_away),
        }

    def adjust(self, name: str, value: object) -> None:
        """Turn one knob; raises KnobError."""
        if name == "reply_delay_s":
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value <= 600
            ):
                raise KnobError(f"reply_delay_s {value!r}: expected 0 to 600 seconds")
            self.reply_delay_s = float(value)
            return
        if name not in _NUMBERS:
            raise KnobError(f"{name}: no such knob; known are {', '.join(sorted(_NUMBERS))}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise KnobError(f"{name} {value!r}: expected a whole number, 0 or more")
        self.limits = replace(self.limits, **{name: value})  # type: ignore[arg-type]  # _NUMBERS

    def reset(self) -> None:
        """Back to the profile's own character, with an empty memory."""
        self.limits = self.profile.limits
        self.reply_delay_s = 0.0
        self.faults.replace([])
        self.gauge.forget()
        self._grey_since.clear()
