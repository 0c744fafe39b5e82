"""An installation of its own for tests that kill its servers."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config.embedded import addresses, are_kept, stop_servers
from config.embedded.holding import _status
from config.embedded.leftovers import processes_in
from config.embedded.places import Places, find_places
from config.paths import BASE_DIR

HOLD = """
import sys
from pathlib import Path
from config.embedded import hold_servers
hold_servers(Path(sys.argv[1]), needed=frozenset(sys.argv[2].split(",")))
print("held", flush=True)
sys.stdin.read()
"""


@dataclass
class Installation:
    """A data directory, and processes that hold its servers."""

    var: Path
    holders: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def places(self) -> Places:
        return find_places(self.var)

    def hold(self, needed: str = "postgres,valkey") -> subprocess.Popen[str]:
        """Start a process that holds the servers; returns when it says so."""
        holder = self.start_holder(needed)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        return holder

    def start_holder(self, needed: str = "postgres,valkey") -> subprocess.Popen[str]:
        holder = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", HOLD, str(self.var), needed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=BASE_DIR,
            env={**os.environ, "TODOKU_EMBEDDED_FSYNC": "yes"},
        )
        self.holders.append(holder)
        return holder

    def end_holders(self) -> None:
        for holder in self.holders:
            holder.kill()
            holder.communicate()
        self.holders.clear()

    def sql(self, statement: str) -> list[Any]:
        with psycopg.connect(addresses.database_url(self.var), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

    @property
    def redis_url(self) -> str:
        return addresses.redis_url(self.var)

    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.redis_url)

    def status(self) -> dict[str, Any]:
        return _status(self.places)

    def pid(self, server: str) -> int:
        return int(self.status()["servers"][server]["pid"])

    def server_processes(self) -> list[int]:
        return processes_in(self.places.postgres) + processes_in(self.places.valkey)

    def is_kept(self) -> bool:
        return are_kept(self.var)


@pytest.fixture
def installation() -> Iterator[Installation]:
    var = Path(tempfile.mkdtemp(prefix="todoku-keep-"))
    var.chmod(0o711)
    installation = Installation(var)
    yield installation
    installation.end_holders()
    assert stop_servers(var)
    assert installation.server_processes() == []
    shutil.rmtree(installation.places.home, ignore_errors=True)
    if installation.places.sockets.exists():
        shutil.rmtree(installation.places.sockets)
    shutil.rmtree(var)


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until a condition holds, and fail with its name when it does not within a minute."""

    def wait(condition: Callable[[], object], patience_s: float = 60) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, f"{condition} did not come true"
            time.sleep(0.05)

    return wait
