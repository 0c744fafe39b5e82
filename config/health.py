"""Is a process well? One check for each kind, used by the launcher and by `python -m config.health`.

    python -m config.health web

ends with 0 when the process answers, else with 1 and a sentence: the health checks of containers.
"""

import http.client
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TIMEOUT_S = 5.0
# A worker answers at once or is not there yet; the launcher asks all of them again and again.
PING_S = 1.0


class Check(Protocol):
    """A question to a process; `fault` answers None when it is well."""

    def fault(self) -> str | None: ...


@dataclass(frozen=True)
class Http:
    """GET answers 200. `named` goes into the Host header: Django refuses names it does not know."""

    host: str
    port: int
    named: str = ""
    path: str = "/healthz"

    def fault(self) -> str | None:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", self.path, headers={"Host": self.named or self.host})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"no answer on port {self.port} ({error})"
        finally:
            connection.close()
        return None if status == 200 else f"{self.path} answered {status}"


@dataclass(frozen=True)
class Banner:
    """A mail server greets with 220 (RFC 5321 §3.1)."""

    host: str
    port: int

    def fault(self) -> str | None:
        try:
            with socket.create_connection((self.host, self.port), TIMEOUT_S) as connection:
                connection.settimeout(TIMEOUT_S)
                greeting = connection.recv(512)
                connection.sendall(b"QUIT\r\n")
        except OSError as error:
            return f"no greeting on port {self.port} ({error})"
        return None if greeting.startswith(b"220") else f"greeted with {greeting!r}"


@dataclass(frozen=True)
class CeleryPing:
    """A worker answers a ping through the broker."""

    node_name: str

    def fault(self) -> str | None:
        # Imported late: the other checks need neither Celery nor settings.
        from kombu.exceptions import OperationalError
        from redis.exceptions import RedisError

        from config.celery import app

        try:
            answers = app.control.ping(destination=[self.node_name], timeout=PING_S)
        except (OperationalError, RedisError, OSError) as error:
            return f"the broker does not answer ({error})"
        return None if answers else f"{self.node_name} does not answer a ping"


@dataclass(frozen=True)
class FreshFile:
    """A file that the process writes regularly is not older than `age_s` seconds."""

    path: Path
    age_s: int

    def fault(self) -> str | None:
        # dbm adds a suffix of its own choice to the name.
        found = list(self.path.parent.glob(f"{self.path.name}*"))
        if not found:
            return f"{self.path} does not exist"
        age = time.time() - max(path.stat().st_mtime for path in found)
        return None if age <= self.age_s else f"{self.path} was last written {age:.0f} s ago"


@dataclass(frozen=True)
class Present:
    """A process with these words in its command line exists in this process namespace."""

    words: tuple[str, ...]

    def fault(self) -> str | None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                parts = path.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if set(self.words) <= set(parts):
                return None
        return f"no process `… {' '.join(self.words)}`"


def main(arguments: list[str], say: Callable[[str], object] = sys.stdout.write) -> int:
    from config.processes import configured_table

    checks = {process.name: process.health for process in configured_table()}
    if len(arguments) != 1 or arguments[0] not in checks:
        say(f"usage: python -m config.health {{{'|'.join(checks)}}}\n")
        return 2
    fault = checks[arguments[0]].fault()
    say(f"{arguments[0]}: {fault or 'well'}\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
