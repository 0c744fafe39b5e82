"""Where the program lies and where it keeps its data. Read before Django's settings exist."""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent


def var_dir() -> Path:
    """Return the directory of everything this installation stores (`TODOKU_VAR`), absolute."""
    return Path(env.text("TODOKU_VAR", "") or BASE_DIR / "var").absolute()
