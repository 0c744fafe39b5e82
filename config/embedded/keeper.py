"""The keeper: one detached process per `<var>` that runs the embedded servers while somebody uses
them.

    python -m config.embedded.keeper /path/to/var

Users are processes that hold a shared lock on `run/users.lock` (see `holding`). The keeper starts
the servers that `run/want-*` name, starts them again when they die, and stops them in order when
nobody has held the lock for two seconds. It holds `run/keeper.lock`, so there is one, and its
servers die with it, whatever kills it.
"""

import contextlib
import json
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from config import env
from config.embedded import servers
from config.embedded.binaries import find_binaries
from config.embedded.errors import EmbeddedServerError
from config.embedded.locks import try_lock, unlock
from config.embedded.places import Places, find_places
from config.embedded.servant import find_servant
from config.embedded.servers import Ground, Postgres, Running, Server, Valkey

logger = logging.getLogger(__name__)

POLL_S = 0.1
IDLE_S = 2.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# A server that dies this often without ever having been ready will not start by trying again.
HOPELESS_STARTS = 3
# After this long in good health an earlier death no longer counts.
HEALTHY_S = 60.0


@dataclass
class Charge:
    """One server in the keeper's care."""

    server: Server
    running: Running | None = None
    is_ready: bool = False
    was_ever_ready: bool = False
    deaths: int = 0
    started_at: float = 0.0
    start_again_at: float = 0.0


@dataclass
class Keeper:
    """State of the keeper's loop; all times are of the monotonic clock."""

    places: Places
    ground: Ground
    charges: dict[str, Charge] = field(default_factory=dict)
    is_told_to_stop: bool = False
    reported: str = ""

    def run(self) -> None:
        """Keep until nobody needs the servers, or until told to stop."""
        idle_since: float | None = None
        while not self.is_told_to_stop:
            self._take_on()
            for charge in self.charges.values():
                self._tend(charge)
            self._report()
            now = time.monotonic()
            users_lock = try_lock(self.places.users_lock, "exclusive")
            if users_lock is None:
                idle_since = None
            elif idle_since is None:
                idle_since = now
            elif now - idle_since >= IDLE_S:
                # Kept until we are gone: whoever comes now waits, and then starts a keeper of his
                # own.
                break
            if users_lock is not None:
                unlock(users_lock)
            time.sleep(POLL_S)
        self._stop()

    def _take_on(self) -> None:
        kinds: dict[str, type[Valkey] | type[Postgres]] = {"valkey": Valkey, "postgres": Postgres}
        for name, kind in kinds.items():
            if name not in self.charges and self.places.want(name).exists():
                self.charges[name] = Charge(kind(self.ground))

    def _tend(self, charge: Charge) -> None:
        now = time.monotonic()
        if charge.running is None:
            if now >= charge.start_again_at:
                charge.running = servers.start(charge.server, self.ground)
                charge.started_at = time.monotonic()
        elif charge.running.process.poll() is not None:
            self._mourn(charge, now)
        elif not charge.is_ready and charge.server.is_ready():
            charge.is_ready = charge.was_ever_ready = True
            logger.info("embedded_server_ready %s", charge.server.name)
        elif charge.is_ready and charge.deaths and now - charge.started_at > HEALTHY_S:
            charge.deaths = 0

    def _mourn(self, charge: Charge, now: float) -> None:
        """Note a death and set the time of the next start: half a second, doubling up to half a
        minute.
        """
        code = charge.running.process.returncode if charge.running else None
        charge.running, charge.is_ready = None, False
        charge.deaths += 1
        logger.warning(
            "embedded_server_died %s code=%s deaths=%s", charge.server.name, code, charge.deaths
        )
        if charge.deaths >= HOPELESS_STARTS and not charge.was_ever_ready:
            log = self.places.log / f"{charge.server.name}.log"
            raise EmbeddedServerError(
                f"{charge.server.label} does not start. Its last words ({log}):\n"
                f"{servers.last_lines(log)}"
            )
        charge.start_again_at = now + min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (charge.deaths - 1))

    def _report(self) -> None:
        states = {
            name: {
                "ready": charge.is_ready,
                "pid": charge.running.process.pid if charge.running else None,
            }
            for name, charge in self.charges.items()
        }
        self._write({"state": "running", "pid": os.getpid(), "servers": states})

    def _write(self, status: dict[str, object]) -> None:
        content = json.dumps(status)
        if content != self.reported:
            draft = self.places.status.with_suffix(".draft")
            draft.write_text(content, encoding="utf-8")
            draft.replace(self.places.status)
            self.reported = content

    def fail(self, reason: str) -> None:
        self._write({"state": "failed", "pid": os.getpid(), "reason": reason, "servers": {}})

    def _stop(self) -> None:
        logger.info("embedded_servers_stopping")
        self._write({"state": "stopping", "pid": os.getpid(), "servers": {}})
        for charge in self.charges.values():
            if charge.running is not None:
                servers.stop(charge.running)
            self.places.want(charge.server.name).unlink(missing_ok=True)
        self.places.status.unlink(missing_ok=True)


def _detach(places: Places) -> None:
    """Leave the starter's session, in a child, so that no Ctrl-C of a terminal and no wait()
    concerns us.
    """
    if os.fork():
        os._exit(0)
    os.setsid()
    with servers.log_file(places, "keeper").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def main(arguments: list[str]) -> int:
    var = Path(arguments[0])
    places = find_places(var)
    _detach(places)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    lock = _lock_ourselves_in(places)
    if lock is None:
        return 0
    places.status.unlink(missing_ok=True)
    keeper = None
    try:
        servant = find_servant()
        ground = Ground(
            places,
            servant,
            find_binaries(servant, places.home),
            fsync=env.boolean("TODOKU_EMBEDDED_FSYNC", default=True),
        )
        keeper = Keeper(places, ground)
        signal.signal(signal.SIGTERM, lambda *_: setattr(keeper, "is_told_to_stop", True))
        keeper.run()
    except (EmbeddedServerError, env.SettingError, OSError) as error:
        logger.exception("keeper_failed")
        reporter = keeper or Keeper(places, Ground.__new__(Ground))
        for charge in reporter.charges.values():
            if charge.running is not None:
                servers.stop(charge.running)
        reporter.fail(str(error))
        return 1
    finally:
        unlock(lock)
    return 0


def _lock_ourselves_in(places: Places) -> int | None:
    """Take the keeper's lock; a client that only looks whether there is a keeper holds it for an
    instant.
    """
    for _attempt in range(20):
        lock = try_lock(places.keeper_lock, "exclusive")
        if lock is not None:
            return lock
        with contextlib.suppress(InterruptedError):
            time.sleep(0.05)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
