"""Hold the embedded servers while this process lives: they run as long as anybody holds them.

`hold_servers()` takes a shared lock on `<var>/run/users.lock` that is released by the end of the
process, however it ends; starts a keeper if none lives; and returns when the servers answer, which
after a crash of the machine may take as long as PostgreSQL's recovery takes.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config import env
from config.embedded import addresses
from config.embedded.errors import EmbeddedServerError
from config.embedded.locks import try_lock, unlock
from config.embedded.places import Places, find_places
from config.embedded.servers import last_lines, valkey_answers
from config.paths import BASE_DIR, var_dir

POLL_S = 0.03
# In the environment of every process that the launcher starts (config.launch.previous).
LAUNCH_MARK = "TODOKU_LAUNCHED_FROM"
PATIENT_AFTER_S = 4.0
SPAWNS = 3

_held: dict[Path, int] = {}


def needed_servers() -> frozenset[str]:
    """Return the names of the servers that no environment variable replaces."""
    variables = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(name for name, variable in variables.items() if not env.text(variable, ""))


def hold_servers(
    var: Path | None = None,
    *,
    needed: frozenset[str] | None = None,
    say: Callable[[str], None] | None = None,
    waits: bool = True,
) -> None:
    """Make sure that the embedded servers run and stay while this process lives. Idempotent.

    Without `waits` it only sets them going, for somebody who has other things to do meanwhile and
    asks again.

    Raises EmbeddedServerError with a sentence for the terminal when they cannot be started.
    """
    needed = needed_servers() if needed is None else needed
    if not needed:
        return
    places = find_places(var or var_dir())
    tell = say or _say
    places.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if places.var not in _held:
        _held[places.var] = _take_users_lock(places, tell)
    if waits:
        _wait(places, needed, tell)
        return
    for name in needed:
        places.want(name).touch()
    _start_keeper_if_none(places, first=True)


def are_kept(var: Path | None = None) -> bool:
    """Say whether a keeper lives. Without one, dead servers stay dead until the next hold."""
    lock = try_lock(find_places(var or var_dir()).keeper_lock, "shared")
    if lock is not None:
        unlock(lock)
    return lock is None


def release_servers(var: Path | None = None) -> None:
    """Give the servers up before the process ends (tests and the launcher's end)."""
    descriptor = _held.pop((var or var_dir()).absolute(), None)
    if descriptor is not None:
        unlock(descriptor)


def stop_servers(var: Path | None = None, *, patience_s: float = 60) -> bool:
    """Ask the keeper to stop now, and wait; return whether it has gone.

    Other users lose their servers.
    """
    places = find_places(var or var_dir())
    deadline = time.monotonic() + patience_s
    is_asked = False
    while (lock := try_lock(places.keeper_lock, "shared")) is None:
        pid = _status(places).get("pid")
        if pid and not is_asked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)
            is_asked = True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    unlock(lock)
    return True


def _take_users_lock(places: Places, tell: Callable[[str], None]) -> int:
    """Wait while a keeper that found nobody stops: it keeps the lock until it has gone."""
    started = time.monotonic()
    is_told = False
    while (lock := try_lock(places.users_lock, "shared")) is None:
        if not is_told and time.monotonic() - started > PATIENT_AFTER_S:
            tell("Waiting until the embedded servers have stopped, to start them again ...")
            is_told = True
        time.sleep(POLL_S)
    return lock


def _wait(places: Places, needed: frozenset[str], tell: Callable[[str], None]) -> None:
    started = time.monotonic()
    spawned = 0
    is_told = False
    while True:
        # Again and again: a keeper that is told to stop takes the marks away.
        for name in needed:
            places.want(name).touch()
        if _start_keeper_if_none(places, first=spawned == 0):
            spawned += 1
        status = _status(places)
        if status.get("state") == "failed":
            raise EmbeddedServerError(str(status["reason"]))
        if spawned > SPAWNS:
            log = places.log / "keeper.log"
            raise EmbeddedServerError(
                f"The embedded servers' keeper ends at once. Its last words ({log}):\n"
                f"{last_lines(log)}"
            )
        if _are_ready(places, status, needed):
            return
        if not is_told and time.monotonic() - started > PATIENT_AFTER_S:
            tell("Waiting for the embedded servers; after a crash PostgreSQL has to recover.")
            is_told = True
        time.sleep(POLL_S)


def _start_keeper_if_none(places: Places, *, first: bool) -> bool:
    """Start a keeper unless one lives; return whether one was started.

    While we hold the lock to look, no keeper can hold it: a status that lies there is a dead
    keeper's.
    """
    lock = try_lock(places.keeper_lock, "shared")
    if lock is None:
        return False
    if not first and _status(places).get("state") == "failed":
        unlock(lock)
        return False
    places.status.unlink(missing_ok=True)
    unlock(lock)
    result = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "config.embedded.keeper", str(places.var)],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # The keeper outlives a launch; the launcher's mark on its processes is not for it.
        env={name: value for name, value in os.environ.items() if name != LAUNCH_MARK},
        text=True,
        check=False,
    )
    if result.returncode:
        raise EmbeddedServerError(
            f"The embedded servers cannot be started: {result.stderr.strip()}"
        )
    # It needs a moment to take its lock; looking again at once would start a second one in vain.
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not places.status.exists():
        time.sleep(POLL_S)
    return True


def _status(places: Places) -> dict[str, Any]:
    try:
        status: dict[str, Any] = json.loads(places.status.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return status


def _are_ready(places: Places, status: dict[str, Any], needed: frozenset[str]) -> bool:
    servers = status.get("servers", {})
    if not all(servers.get(name, {}).get("ready") for name in needed):
        return False
    if "valkey" in needed and not valkey_answers(
        places.valkey_socket, addresses.valkey_password(places.var)
    ):
        return False
    return "postgres" not in needed or _postgres_answers(places)


def _postgres_answers(places: Places) -> bool:
    # Imported late: a process that needs no database never loads libpq.
    import psycopg

    try:
        psycopg.connect(addresses.database_url(places.var), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")
