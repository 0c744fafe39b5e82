"""Secrets that a first start makes for itself, so that a laptop needs no configuration."""

import os
import secrets
from pathlib import Path


def read_or_create(path: Path) -> str:
    """Return the secret kept in `path`, making a new one (0600) when the file does not exist.

    Two processes may start at once: the file appears complete or not at all, and the first one
    wins.
    """
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
