"""Where the embedded servers keep their files, and where they listen.

Normally everything is in `<var>/servers`. Two things can make that impossible: as root, the
unprivileged account of the servers may not be able to walk to `<var>` (a clone below /root, mode
0700), and a unix socket's path must fit 107 bytes. Nothing outside our own directories is ever
given another mode or owner to get around that; the files go to another directory instead, and
`<var>/servers.location` says which.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedServerError
from config.embedded.servant import Servant, can_reach, find_servant

POSTGRES_PORT = 5432
SOCKET_NAMES = (f".s.PGSQL.{POSTGRES_PORT}", "valkey.sock")
# sizeof(sockaddr_un.sun_path) is 108 with the closing NUL (unix(7)).
SOCKET_PATH_LIMIT = 107
ROOT_HOME = Path("/var/lib/todoku")
# Not TMPDIR: processes with different environments must compute the same address.
# The directory below it is 0700 and its owner is checked.
SHARED_TEMPORARY = Path("/tmp")  # noqa: S108 - a private directory below it


@dataclass(frozen=True)
class Places:
    """All paths of one installation's servers."""

    var: Path
    home: Path
    sockets: Path

    @property
    def run(self) -> Path:
        """Locks and status of our own processes (not the servers')."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def users_lock(self) -> Path:
        return self.run / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.run / "keeper.lock"

    @property
    def status(self) -> Path:
        return self.run / "keeper.json"

    def want(self, server: str) -> Path:
        """Return the mark that asks the keeper for this server."""
        return self.run / f"want-{server}"


def find_places(var: Path) -> Places:
    """Return the places of `var`, the same in every process; makes `var` and starts nothing."""
    var = var.absolute()
    var.mkdir(parents=True, exist_ok=True)
    home = _home(var)
    return Places(var, home, _sockets(var, home))


def _home(var: Path) -> Path:
    pointer = var / "servers.location"
    inside = var / "servers"
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    if inside.exists() or os.geteuid() != 0:
        return inside
    servant = find_servant()
    if can_reach(servant, var) and _fits(inside / "sockets"):
        return inside
    home = ROOT_HOME / _digest(var)
    _write_once(pointer, f"{home}\n")
    return home


def _sockets(var: Path, home: Path) -> Path:
    inside = home / "sockets"
    if _fits(inside):
        return inside
    return SHARED_TEMPORARY / f"todoku-{os.geteuid()}-{_digest(var)}"


def _fits(directory: Path) -> bool:
    longest = max(len(os.fsencode(directory / name)) for name in SOCKET_NAMES)
    return longest <= SOCKET_PATH_LIMIT


def _digest(var: Path) -> str:
    return hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]


def _write_once(path: Path, content: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)


def make_private(directory: Path, servant: Servant) -> None:
    """Make a 0700 directory of the servers' account, refusing one that somebody else made."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        state = directory.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid not in {servant.uid, os.geteuid()}:
            raise EmbeddedServerError(
                f"{directory} belongs to somebody else (user id {state.st_uid}); "
                "the embedded servers will not use it. Remove it or choose another TODOKU_VAR."
            ) from None
    directory.chmod(0o700)
    if servant.is_other:
        os.chown(directory, servant.uid, servant.gid, follow_symlinks=False)
