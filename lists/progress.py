"""How far a running import has read, kept in the cache: its transaction shows nothing yet."""

from django.core.cache import cache

_KEEP_S = 3600


def remember_progress(import_id: int, rows: int) -> None:
    cache.set(_key(import_id), rows, _KEEP_S)


def read_progress(import_id: int) -> int | None:
    """Return the rows read so far, or None when nothing is known."""
    rows = cache.get(_key(import_id))
    return int(rows) if rows is not None else None


def _key(import_id: int) -> str:
    return f"import-progress:{import_id}"
