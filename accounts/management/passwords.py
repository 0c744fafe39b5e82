"""How commands are given a password."""

import getpass
import sys
from pathlib import Path

from django.core.management.base import CommandError


def read_password(file: Path | None) -> str:
    """Read the password from a file, a pipe, or twice from the terminal; never from an argument."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise CommandError("The two passwords differ. Nothing was changed.")
    return first
