"""Feed received messages to the verifier process, one after the other, and store its verdicts."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.dmarc import Dmarc, check_dmarc
from sandbox.headers import header_block
from sandbox.record import Record
from sandbox.verifier import FRAME
from sandbox.zone import Zone

log = logging.getLogger(__name__)

RESTART_AFTER_S = 1.0
_MAX_LINE = 1 << 20


class Verification:
    """A queue of message ids. A verifier that dies is started again with the same message.

    A message that kills it twice is given up with an empty verdict, so that it blocks nobody.
    """

    def __init__(
        self, record: Record, zone: Zone, dns_port: int, verified: Callable[[int], None]
    ) -> None:
        self._record = record
        self._zone = zone
        self._dns_port = dns_port
        self._verified = verified
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        for number in self._record.unverified():
            self._queue.put_nowait(number)
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._end_process()

    def add(self, number: int) -> None:
        self._queue.put_nowait(number)

    async def _work(self) -> None:
        while True:
            number = await self._queue.get()
            try:
                await self._verify(number)
            except Exception:
                # One message that surprises us must not leave all later ones unjudged.
                log.exception("verification_failed message=%d", number)
                self._record.verified(number, [], Dmarc.NONE.value)

    async def _verify(self, number: int) -> None:
        raw = self._record.raw(number)
        if raw is None:
            return  # forgotten by a reset meanwhile
        verdicts = await self._verdicts(raw)
        row = self._record.message(number)
        if row is not None:
            self._record.verified(number, verdicts, self._dmarc(row, raw, verdicts).value)
            self._verified(number)

    def _dmarc(self, row: Mapping[str, Any], raw: bytes, verdicts: list[dict[str, Any]]) -> Dmarc:
        return check_dmarc(
            self._zone,
            from_domain=header_block(raw).from_domain,
            mail_from=row["mail_from"],
            spf=row["spf"],
            verdicts=verdicts,
        )

    async def _verdicts(self, raw: bytes) -> list[dict[str, Any]]:
        for _attempt in range(2):
            try:
                return await self._ask(raw)
            # RuntimeError is what uvloop raises for a pipe that has closed.
            except (OSError, ValueError, RuntimeError) as error:
                log.warning("verifier_failed error=%s", error)
                await self._end_process()
                await asyncio.sleep(RESTART_AFTER_S)
        return []

    async def _ask(self, raw: bytes) -> list[dict[str, Any]]:
        if self._process is not None and self._process.returncode is not None:
            log.warning("verifier_failed exit=%d", self._process.returncode)
            self._process = None
        process = self._process or await self._start_process()
        assert process.stdin is not None  # noqa: S101  # asked for pipes
        assert process.stdout is not None  # noqa: S101 - for the type checker
        process.stdin.write(FRAME.pack(len(raw)) + raw)
        await process.stdin.drain()
        verdicts: list[dict[str, Any]] = json.loads(await process.stdout.readline())
        return verdicts

    async def _start_process(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sandbox.verifier",
            str(self._dns_port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_MAX_LINE,
        )
        return self._process

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()
