"""Runs Django's ORM beside the event loop: few threads, a time limit, and no broken connection is kept."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from django.db import Error, close_old_connections, connections

THREADS: Final = 4
TIMEOUT_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 2.0

_Result = TypeVar("_Result")


class DatabaseAway(Exception):
    """PostgreSQL refused, broke off or did not answer in time. The work may still be done later."""


class DatabaseThreads:
    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="orm")

    async def run(self, work: Callable[..., _Result], **arguments: Any) -> _Result:
        """Return what `work(**arguments)` returns, or raise DatabaseAway."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, lambda: _with_fresh_connection(work, arguments))
        try:
            # Not wait_for: before Python 3.12 it can swallow the caller's cancellation.
            async with asyncio.timeout(TIMEOUT_S):
                return await future
        except (Error, TimeoutError) as error:
            raise DatabaseAway(str(error)) from error

    async def close(self) -> None:
        """Let every thread close its own connection. One that hangs on a dead server is left alone."""
        everybody = threading.Barrier(THREADS + 1)
        for _ in range(THREADS):
            self._pool.submit(_close_connections, everybody)
        with contextlib.suppress(threading.BrokenBarrierError):
            await asyncio.to_thread(everybody.wait, CLOSE_TIMEOUT_S)
        self._pool.shutdown(wait=False, cancel_futures=True)


def _close_connections(everybody: threading.Barrier) -> None:
    connections.close_all()
    # Waiting here keeps this thread from taking the turn of another.
    with contextlib.suppress(threading.BrokenBarrierError):
        everybody.wait(CLOSE_TIMEOUT_S)


def _with_fresh_connection(work: Callable[..., _Result], arguments: dict[str, Any]) -> _Result:
    close_old_connections()
    try:
        return work(**arguments)
    finally:
        close_old_connections()
