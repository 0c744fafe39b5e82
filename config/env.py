"""Typed readers for environment variables. A wrong value stops the start with a clear sentence."""

import os
from collections.abc import Sequence
from pathlib import Path


class SettingError(Exception):
    """An environment variable has a value that cannot be used."""


def text(name: str, default: str) -> str:
    """Return `NAME`, or the content of the file that `NAME_FILE` points to, or the default."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE={file}: cannot be read ({error.strerror})") from error
    return os.environ.get(name, default)


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise SettingError(f"{name}={raw}: expected a whole number") from None
    if not low <= value <= high:
        raise SettingError(f"{name}={raw}: expected a number from {low} to {high}")
    return value


def boolean(name: str, *, default: bool) -> bool:
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name}={raw}: expected yes or no")


def words(name: str, default: str) -> list[str]:
    """Return a comma-separated list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise SettingError(f"{name}={value}: expected one of {', '.join(allowed)}")
    return value
