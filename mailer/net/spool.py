"""The unsubscribe spool: what the tracker could not write to PostgreSQL waits there, one file per person."""

import os
from pathlib import Path


def spool_is_empty(directory: Path) -> bool:
    """False while any unsubscribe waits in `directory`; nobody may be mailed until it is written."""
    try:
        with os.scandir(directory) as entries:
            return not any(entry.name.endswith(".json") for entry in entries)
    except FileNotFoundError:
        return True
