"""The unprivileged account under which the servers run when we are root.

PostgreSQL refuses to run as root, and nothing that listens should. An ordinary user runs the
servers as himself.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedServerError


@dataclass(frozen=True)
class Servant:
    """The account of the servers; `is_other` says that it is not the account we run under."""

    name: str
    uid: int
    gid: int
    is_other: bool


def find_servant() -> Servant:
    """Return the account the servers run under.

    Raises EmbeddedServerError when it has no passwd entry (initdb looks it up) or is root itself.
    """
    if os.geteuid() != 0:
        return _ourselves()
    name = os.environ.get("TODOKU_EMBEDDED_USER") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedServerError(
            f"TODOKU_EMBEDDED_USER={name}: there is no such user. "
            "The embedded servers do not run as root; name an unprivileged user."
        ) from None
    if entry.pw_uid == 0:
        raise EmbeddedServerError(
            f"TODOKU_EMBEDDED_USER={name}: the embedded servers do not run as root."
        )
    return Servant(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=True)


def _ourselves() -> Servant:
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedServerError(
            f"The user id {uid} has no entry in /etc/passwd, and PostgreSQL's initdb needs one. "
            "Run as a named user, or set DATABASE_URL and REDIS_URL."
        ) from None
    return Servant(entry.pw_name, uid, os.getegid(), is_other=False)


def can_reach(servant: Servant, path: Path) -> bool:
    """Say whether the account may walk to `path` and read it, judged by owner, group and mode.

    A directory must also be enterable, an executable file stays executable only if its mode says
    so.
    """
    if not servant.is_other:
        return True
    resolved = path.resolve()
    if not all(_may(servant, parent, 0o1) for parent in resolved.parents):
        return False
    return _may(servant, resolved, 0o5 if resolved.is_dir() else 0o4)


def _may(servant: Servant, path: Path, bits: int) -> bool:
    try:
        state = path.stat()
    except OSError:
        return False
    mode = stat.S_IMODE(state.st_mode)
    if state.st_uid == servant.uid:
        return (mode >> 6) & bits == bits
    if state.st_gid == servant.gid:
        return (mode >> 3) & bits == bits
    return mode & bits == bits
