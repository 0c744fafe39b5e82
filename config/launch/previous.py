"""Processes of an earlier launch on the same data that still live, because it was killed.

The kernel tells them to end when their launcher dies; the next launch waits for them, and after a
while kills them. They are known by a mark in their environment, so nobody else's are touched.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from config.embedded.holding import LAUNCH_MARK

PATIENCE_S = 30.0


def survivors(var: Path) -> list[int]:
    """Return the ids of processes that a launcher of this data directory started."""
    wanted = f"{LAUNCH_MARK}={var}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_ours = wanted in path.read_bytes().split(b"\0")
        except OSError:
            continue
        pid = int(path.parent.name)
        if is_ours and pid != os.getpid():
            found.append(pid)
    return found


def wait_for_survivors(
    var: Path, say: Callable[[str], None], patience_s: float = PATIENCE_S
) -> None:
    """Return when no process of an earlier launch lives; ask, wait, then kill."""
    deadline = time.monotonic() + patience_s
    asked: set[int] = set()
    while pids := survivors(var):
        if not asked:
            say(f"Waiting for {len(pids)} processes of an earlier launch to end ...")
        is_late = time.monotonic() > deadline
        for pid in pids:
            if is_late or pid not in asked:
                asked.add(pid)
                _send(pid, signal.SIGKILL if is_late else signal.SIGTERM)
        time.sleep(0.1)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
