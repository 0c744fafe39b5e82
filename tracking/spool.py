"""Files that keep what PostgreSQL or Redis could not take, until they can.

`unsubscribe/*.json`: one wish to leave per file, on disk (fsync of file and directory) before the reader sees the
answer. Sender slots lease nothing while such a file exists: a person who has left is out before the next message.
`events/*.jsonl`: opens and clicks of a time without Redis, one per line, synced in groups.

Files appear whole or not at all (written beside, then renamed) and are removed only after the database has committed.
Two processes may drain at once: whatever is done twice has the same event id and counts once.
"""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tracking.leave import Leave, LeaveError
from tracking.raw_event import RawEvent, RawEventError

logger = logging.getLogger(__name__)


def put_leave(spool: Path, leave: Leave) -> Path:
    """Keep one wish on disk. Returns when it would survive a power cut; raises OSError when it cannot."""
    return _write(spool / "unsubscribe", ".json", leave.to_json())


def put_events(spool: Path, events: Sequence[RawEvent]) -> Path:
    """Keep a group of events on disk with one sync."""
    return _write(spool / "events", ".jsonl", b"".join(e.to_json() + b"\n" for e in events))


def has_leaves(spool: Path) -> bool:
    return next(_files(spool / "unsubscribe", ".json"), None) is not None


def has_any(spool: Path) -> bool:
    """Is anything waiting, wishes or events?"""
    return has_leaves(spool) or next(_files(spool / "events", ".jsonl"), None) is not None


def drain_leaves(spool: Path, handle: Callable[[Leave], object]) -> int:
    """Hand every wish to `handle`, oldest first, and remove its file afterwards. Returns how many.

    An exception of `handle` (the database is still away) passes through and leaves the file. A file that is not a
    wish is put aside with the ending `.broken` and logged: nobody can act upon it, and it must not stop all mail.
    """
    done = 0
    for file in sorted(_files(spool / "unsubscribe", ".json")):
        try:
            leave = Leave.from_json(file.read_bytes())
        except FileNotFoundError:
            continue  # another process was faster
        except LeaveError:
            logger.exception("tracking.spool.broken_leave %s", file.name)
            file.replace(file.with_suffix(".broken"))
            continue
        handle(leave)
        _remove(file)
        done += 1
    return done


def drain_events(spool: Path, handle: Callable[[Sequence[RawEvent]], object]) -> int:
    """Hand the events of every file to `handle`, file by file, and remove each file afterwards."""
    done = 0
    for file in sorted(_files(spool / "events", ".jsonl")):
        try:
            lines = file.read_bytes().splitlines()
        except FileNotFoundError:
            continue
        events = list(_readable(lines, file.name))
        handle(events)
        _remove(file)
        done += len(events)
    return done


def _readable(lines: Sequence[bytes], name: str) -> Iterator[RawEvent]:
    for line in lines:
        try:
            yield RawEvent.from_json(line)
        except RawEventError:
            logger.exception("tracking.spool.broken_event %s", name)


def _files(directory: Path, ending: str) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(ending)]
    except FileNotFoundError:
        return
    yield from (directory / name for name in names)


def _write(directory: Path, ending: str, content: bytes) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    draft, file = directory / f"{name}.draft", directory / f"{name}{ending}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_directory(directory)
    return file


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    _sync_directory(file.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
