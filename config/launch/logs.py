"""One log file a process below `<var>/log`, bounded in size."""

import os
import shutil
from pathlib import Path

LIMIT_BYTES = 10 * 1024 * 1024


def log_path(var: Path, name: str) -> Path:
    return var / "log" / f"{name}.log"


def rotate(path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Move the content of a grown log to `.1`. The writer appends, so it need not reopen the file.

    What is written between copying and cutting is lost; a log may be so, a ledger may not.
    """
    if path.exists() and path.stat().st_size > limit_bytes:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


def last_lines(path: Path, count: int = 8) -> list[str]:
    """Return the end of a log."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8192))
        return file.read().decode(errors="replace").splitlines()[-count:]
