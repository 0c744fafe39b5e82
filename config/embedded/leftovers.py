"""Servers of an earlier life that still use our data directory, found through /proc.

A killed keeper's servers are told by the kernel to stop, and need a moment; a killed postmaster's
backends too. A process counts only if both its program and its working directory are ours.
"""

import os
import signal
import time
from pathlib import Path

PROGRAMS = {"postgres", "valkey-server"}


def processes_in(directory: Path) -> list[int]:
    """Return the ids of server processes that work in `directory` (PostgreSQL and Valkey change to
    theirs).
    """
    wanted = str(directory.resolve())
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inside = os.readlink(entry / "cwd") == wanted
            program = os.readlink(entry / "exe").removesuffix(" (deleted)")
        except OSError:
            continue
        if inside and Path(program).name in PROGRAMS:
            found.append(int(entry.name))
    return found


def clear(directory: Path, polite: signal.Signals, patience_s: float) -> None:
    """Wait until no server works in `directory`: ask politely first, and kill after `patience_s`
    seconds.
    """
    asked: set[int] = set()
    deadline = time.monotonic() + patience_s
    while remaining := processes_in(directory):
        late = time.monotonic() > deadline
        for pid in remaining:
            if late or pid not in asked:
                _send(pid, signal.SIGKILL if late else polite)
                asked.add(pid)
        time.sleep(0.05)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
