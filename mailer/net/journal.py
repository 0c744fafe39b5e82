"""A slot's local journal: what must not be forgotten between the final dot and the commit.

One line before the dot, one with the reply. A line is in the kernel when the call returns, so
it survives the death of the process; `sync` makes everything written so far survive a loss of
power, one fdatasync for all who wait together. The file is locked while its slot lives: a lock
that can be had means the slot is gone.

Line: CRC-32 of the rest in hex, kind (D dot, R reply), mailing id, delivery id and, for R, JSON
of the reply. A torn or damaged line is skipped and counted; what it would have said is then
decided like a crash before it.
"""

import asyncio
import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

SUFFIX: Final = ".journal"
COMPACT_BYTES: Final = 1_000_000
MAX_TEXT_CHARS: Final = 1_000

Key = tuple[int, int]  # mailing id, delivery id


class JournalBusy(Exception):
    """Another living process holds this journal."""


@dataclass(frozen=True, slots=True)
class JournalReply:
    """What the receiver said; `code` 0 stands for a loss after the dot (`text` says how)."""

    code: int
    enhanced: str
    text: str
    stage: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """`reply` None: the dot was about to be sent and nothing is known of the answer."""

    mailing_id: int
    delivery_id: int
    reply: JournalReply | None


@dataclass(frozen=True, slots=True)
class JournalContents:
    """The last word on each delivery, in order of its first line."""

    entries: tuple[JournalEntry, ...]
    damaged_lines: int


class Journal:
    """The journal of one living slot. Calls come from one thread."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._open: dict[Key, bytes] = {}
        self._size = 0
        self._syncing: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, directory: Path, incarnation: str) -> Self:
        """Create and lock the journal of a new incarnation; raises JournalBusy, FileExistsError
        for an old name.
        """
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{incarnation}{SUFFIX}"
        descriptor = _create_locked(path)
        _sync_directory(directory)
        return cls(path, descriptor)

    def dot_sent(self, mailing_id: int, delivery_id: int) -> None:
        """Write down that the final dot is about to be sent."""
        self._append((mailing_id, delivery_id), f"D {mailing_id} {delivery_id}")

    def replied(self, mailing_id: int, delivery_id: int, reply: JournalReply) -> None:
        words = [reply.code, reply.enhanced, reply.text[:MAX_TEXT_CHARS], reply.stage]
        self._append((mailing_id, delivery_id), f"R {mailing_id} {delivery_id} {json.dumps(words)}")

    def committed(self, keys: Iterable[Key]) -> None:
        """Forget deliveries whose outcome is in PostgreSQL; empties or compacts the file when
        it is worth it.
        """
        for key in keys:
            self._open.pop(key, None)
        if not self._size or (self._size < COMPACT_BYTES and self._open):
            return
        if self._open:
            self._compact()
        else:
            os.ftruncate(self._descriptor, 0)
            self._size = 0

    async def sync(self) -> None:
        """Return when all lines written before the call are on the disk. Callers share one
        fdatasync.
        """
        # The sync that is running may have begun before our line; the next one has not.
        if self._syncing is not None and self._waiting is None:
            self._waiting = asyncio.ensure_future(self._sync_after(self._syncing))
        elif self._syncing is None:
            self._syncing = asyncio.ensure_future(self._sync_now())
        await asyncio.shield(self._waiting or self._syncing)

    def close(self) -> None:
        """Unlock. The file stays for recovery unless everything in it is committed."""
        if not self._open:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    async def _sync_now(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, os.fdatasync, self._descriptor)
        finally:
            self._syncing = None

    async def _sync_after(self, earlier: "asyncio.Task[None]") -> None:
        await asyncio.wait((earlier,))
        self._syncing, self._waiting = self._waiting, None
        await self._sync_now()

    def _append(self, key: Key, words: str) -> None:
        line = _line(words)
        written = os.write(self._descriptor, line)
        if written != len(line):
            raise OSError(f"{self.path}: wrote {written} of {len(line)} octets")
        self._size += written
        self._open[key] = line

    def _compact(self) -> None:
        """Write the open entries to a new file and put it in the place of the old one."""
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        descriptor = _create_locked(draft)
        data = b"".join(self._open.values())
        os.write(descriptor, data)
        os.fdatasync(descriptor)
        draft.replace(self.path)
        _sync_directory(self.path.parent)
        # A sync that runs on the old descriptor has nothing left to save: the new file is on
        # the disk.
        os.dup2(descriptor, self._descriptor, inheritable=False)
        os.close(descriptor)
        self._size = len(data)


class OrphanedJournal:
    """The journal of a slot that is gone, locked by us while we act on it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.incarnation = path.name.removesuffix(SUFFIX)
        self._descriptor = descriptor
        self.contents = read(path)

    def discard(self) -> None:
        """Remove the file: every entry has been acted on and committed."""
        self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        os.close(self._descriptor)


def adopt_orphans(directory: Path) -> Iterator[OrphanedJournal]:
    """Yield the journals whose slots are gone, each locked; call `discard` or `release` on
    every one.
    """
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not _lock(descriptor) or not _is_same_file(descriptor, path):
            os.close(descriptor)
            continue
        yield OrphanedJournal(path, descriptor)


def read(path: Path) -> JournalContents:
    entries: dict[Key, JournalEntry] = {}
    damaged = 0
    for line in path.read_bytes().split(b"\n"):
        if not line:
            continue
        entry = _entry(line)
        if entry is None:
            damaged += 1
        else:
            entries[entry.mailing_id, entry.delivery_id] = entry
    return JournalContents(tuple(entries.values()), damaged)


def _line(words: str) -> bytes:
    octets = words.encode()
    return b"%08x %b\n" % (zlib.crc32(octets), octets)


def _entry(line: bytes) -> JournalEntry | None:
    checksum, _, octets = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(octets):
        return None
    kind, mailing_id, delivery_id, *rest = octets.decode().split(" ", 3)
    reply = JournalReply(*json.loads(rest[0])) if kind == "R" else None
    return JournalEntry(int(mailing_id), int(delivery_id), reply)


def _create_locked(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if not _lock(descriptor):
        os.close(descriptor)
        raise JournalBusy(str(path))
    return descriptor


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same_file(descriptor: int, path: Path) -> bool:
    """False when the file was replaced (compacted) or removed between opening and locking."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
