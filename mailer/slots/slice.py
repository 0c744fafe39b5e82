"""One slice of work, as a Celery task runs it, and what the process keeps between slices."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mailer.enqueue import request_slice
from mailer.slots.channel import PASSING, slot_conninfo
from mailer.slots.runtime import Runtime, RuntimeOptions

logger = logging.getLogger(__name__)

SLICE_S = 10.0

_runtime: Runtime | None = None


def run_slice(*, slot: int) -> bool:
    """Work for one slice as slot number `slot` of this node; True when the next slice was asked for.

    A redelivered twin finds the slot's lock taken and does nothing.
    """
    with _slot_lock(Path(settings.JOURNAL_DIR), settings.NODE, slot) as is_ours:
        if not is_ours:
            return False
        try:
            runtime = _living_runtime()
        except PASSING as error:
            logger.warning("slot.database_unreachable error=%s", error)
            return False
        while runtime.work(SLICE_S):
            if request_slice(settings.NODE, slot):
                return True
            # No broker: nobody else will ask us, and there is work.
            time.sleep(0)
    return False


def drain_runtime() -> None:
    """End this process's runtime in order, if it has one."""
    global _runtime
    runtime, _runtime = _runtime, None
    if runtime is not None:
        runtime.drain()


def runtime_options() -> RuntimeOptions:
    return RuntimeOptions(
        node=settings.NODE,
        conninfo=slot_conninfo(connection.settings_dict),
        redis_url=settings.REDIS_URL,
        journal_dir=Path(settings.JOURNAL_DIR),
        unsubscribe_spool=Path(settings.SPOOL_DIR) / "unsubscribe",
        clock=timezone.now,
    )


def _living_runtime() -> Runtime:
    global _runtime
    if _runtime is None:
        runtime = Runtime(runtime_options())
        runtime.start()
        _runtime = runtime
    else:
        _runtime.recover()
    return _runtime


@contextmanager
def _slot_lock(directory: Path, node: str, slot: int) -> Iterator[bool]:
    """Hold the slot's lock file; it frees itself when the process dies, and needs no server."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(
        directory / f"{node}-slot{slot}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
