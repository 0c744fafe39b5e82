"""Start a child that dies with us, also when we are killed without warning."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # prctl(2)


def _load_libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


# Loaded before any fork: a child between fork and exec must not import or allocate much.
_LIBC = _load_libc()


def die_with_parent(signal_number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return a `preexec_fn` that asks the kernel to send `signal_number` to the child when its
    parent dies.

    subprocess runs it after the change of user id, which would clear the wish (prctl(2),
    PR_SET_PDEATHSIG). Only the thread that forks counts as parent: call from the main thread.
    Elsewhere than on Linux it does nothing.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal_number)
        # The parent may have died between fork and prctl; then nobody would ever tell us.
        if os.getppid() != parent:
            os._exit(1)

    return prepare
