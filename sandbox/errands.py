"""Things that happen to a message after receipt, each at its time: reports, openings, clicks.

Errands are rows, so a restart loses none; each is tried again while the other side is unreachable.
"""

import asyncio
import contextlib
import logging
import smtplib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from sandbox.record import Errand, Record

log = logging.getLogger(__name__)

AT_ONCE = 16
MAX_ATTEMPTS = 8
_LOOK_EVERY_S = 0.2

Run = Callable[[Errand], Awaitable[None]]


class TryLater(Exception):
    """The errand could not be done now; the text is the reason."""


class Errands:
    """Runs due errands, `AT_ONCE` at a time, by the function registered for their kind."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._kinds: dict[str, Run] = {}
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._loop_task: asyncio.Task[None] | None = None
        self._new = asyncio.Event()

    def register(self, kind: str, run: Run) -> None:
        self._kinds[kind] = run

    def start(self) -> None:
        self._loop_task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        tasks = [task for task in (self._loop_task, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def add(self, errands: list[tuple[float, str, int, Mapping[str, Any]]]) -> None:
        """Store (due_at, kind, message, detail) rows; times are seconds since 1970."""
        if errands:
            self._record.add_errands(errands)
            self._new.set()

    async def _look(self) -> None:
        while True:
            self._new.clear()
            free = AT_ONCE - len(self._busy)
            for errand in self._record.due_errands(time.time(), free, self._busy):
                task = asyncio.create_task(self._do(errand))
                self._busy[errand.id] = task
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._new.wait()

    async def _do(self, errand: Errand) -> None:
        try:
            await self._kinds[errand.kind](errand)
            self._record.errand_done(errand.id)
        except (TryLater, OSError, httpx.TransportError, smtplib.SMTPException) as error:
            self._again(errand, str(error) or type(error).__name__)
        except Exception:
            # A surprise must not come back for ever: it is logged with its traceback and dropped.
            log.exception("errand_failed kind=%s message=%d", errand.kind, errand.message)
            self._record.errand_done(errand.id)
        finally:
            self._busy.pop(errand.id, None)
            self._new.set()

    def _again(self, errand: Errand, reason: str) -> None:
        attempts = int(errand.detail.get("attempts", 0)) + 1
        about = {"message": errand.message, "kind": errand.kind, "reason": reason}
        if attempts >= MAX_ATTEMPTS:
            self._record.log(time.time(), "errand_given_up", about)
            self._record.errand_done(errand.id)
            return
        self._record.log(time.time(), "errand_postponed", {**about, "attempts": attempts})
        # Real time: the other side is a process that restarts, not a practice clock.
        due_at = time.time() + min(0.5 * 2**attempts, 30.0)
        self._record.postpone_errand(errand.id, due_at, {**errand.detail, "attempts": attempts})
