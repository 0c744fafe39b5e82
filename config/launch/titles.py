"""Write what `ps` shows of a process that was forked and never executed a program of its own.

Linux keeps the words of the command line in the memory of the process (proc(5), `arg_start`); they
may be overwritten. Only that room is used, never the environment behind it, so a long command is
cut. The short name (prctl(2), PR_SET_NAME) is the one that `top` shows.
"""

import ctypes
import sys
from pathlib import Path

_PR_SET_NAME = 15
_NAME_BYTES = 15
# Fields of /proc/self/stat behind the closing bracket of the name: 48 and 49 counted from 1.
_ARG_START, _ARG_END = 45, 46


def show_as(name: str, command: tuple[str, ...]) -> None:
    """Show this process under a short name and with the words of a command."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:_NAME_BYTES])
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    room = end - start
    # Where the numbers are hidden from us they are 0. The last byte stays NUL: else Linux takes the
    # environment for more of the command line.
    if room > 1:
        words = "\0".join(command).encode()[: room - 1]
        ctypes.memmove(start, words.ljust(room, b"\0"), room)
