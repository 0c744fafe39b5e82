"""Advisory locks on files. The kernel releases them when a process dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import Literal

Kind = Literal["shared", "exclusive"]
_FLAGS = {"shared": fcntl.LOCK_SH, "exclusive": fcntl.LOCK_EX}


def try_lock(path: Path, kind: Kind) -> int | None:
    """Return a descriptor that holds the lock, or None when another process stands in the way.

    The descriptor is not inherited by programs that we start; children made by fork share it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, _FLAGS[kind] | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def unlock(descriptor: int) -> None:
    os.close(descriptor)
