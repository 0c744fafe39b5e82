"""The two embedded servers: how each is prepared, started, asked for its health, and stopped."""

import logging
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypedDict

from config.embedded import addresses, leftovers
from config.embedded.binaries import Binaries
from config.embedded.errors import EmbeddedServerError
from config.embedded.offspring import die_with_parent
from config.embedded.places import POSTGRES_PORT, Places, make_private
from config.embedded.servant import Servant

logger = logging.getLogger(__name__)

STOP_PATIENCE_S = 60.0
LOG_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Ground:
    """What both servers stand on."""

    places: Places
    servant: Servant
    binaries: Binaries
    fsync: bool = True


class Server(Protocol):
    """One server as the keeper sees it."""

    name: str
    label: str
    stop_signal: signal.Signals

    @property
    def directory(self) -> Path: ...

    def prepare(self) -> None: ...

    def command(self) -> list[str]: ...

    def is_ready(self) -> bool: ...


@dataclass
class Valkey:
    """Valkey with an append-only file and without eviction, on a unix socket only."""

    ground: Ground
    name: str = "valkey"
    label: str = "Valkey"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def directory(self) -> Path:
        return self.ground.places.valkey

    @property
    def _configuration(self) -> Path:
        return self.directory / "valkey.conf"

    def prepare(self) -> None:
        places, servant = self.ground.places, self.ground.servant
        make_private(self.directory, servant)
        options = {
            "port": "0",
            "unixsocket": f'"{places.valkey_socket}"',
            "unixsocketperm": "700",
            "dir": f'"{self.directory}"',
            "daemonize": "no",
            "databases": "64",
            "requirepass": addresses.valkey_password(places.var),
            "appendonly": "yes",
            "appendfsync": "everysec" if self.ground.fsync else "no",
            "maxmemory-policy": "noeviction",
            "save": '""',
        }
        _write_private(
            self._configuration,
            "".join(f"{name} {value}\n" for name, value in options.items()),
            servant,
        )

    def command(self) -> list[str]:
        return [str(self.ground.binaries.valkey_server), str(self._configuration)]

    def is_ready(self) -> bool:
        """Say whether it answers PING; while it reads its append-only file it answers LOADING."""
        places = self.ground.places
        return valkey_answers(places.valkey_socket, addresses.valkey_password(places.var))


def valkey_answers(path: Path, password: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(os.fsencode(path))
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(512)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return answer.endswith(b"+PONG\r\n")


@dataclass
class Postgres:
    """PostgreSQL on a unix socket only, with passwords, tuned for a small machine."""

    ground: Ground
    name: str = "postgres"
    label: str = "PostgreSQL"
    # Fast shutdown: sessions are ended, everything is flushed (PostgreSQL manual, "Shutting Down
    # the Server").
    stop_signal: signal.Signals = signal.SIGINT
    _is_furnished: bool = field(default=False, init=False)

    @property
    def directory(self) -> Path:
        return self.ground.places.postgres

    def prepare(self) -> None:
        make_private(self.directory, self.ground.servant)
        if not (self.directory / "PG_VERSION").exists():
            self._create_cluster()
        # Nobody works in the directory any more, so a lock file is a leftover, whoever has that
        # process id today.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _create_cluster(self) -> None:
        """Run initdb beside the final place and move the result there: an interrupted one leaves no
        half cluster.
        """
        places, servant = self.ground.places, self.ground.servant
        for old in (*places.home.glob("initdb-*"), self.directory):
            _remove_tree(old)
        draft = places.home / f"initdb-{os.getpid()}"
        make_private(draft, servant)
        password_file = draft / "password"
        _write_private(password_file, addresses.superuser_password(places.var) + "\n", servant)
        command = [
            str(self.ground.binaries.initdb), "--pgdata", str(draft / "data"),
            "--username", addresses.SUPERUSER, "--pwfile", str(password_file),
            "--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
            *([] if self.ground.fsync else ["--no-sync"]),
        ]  # fmt: skip
        result = subprocess.run(  # noqa: S603 - our own program and arguments
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=draft,
            env=server_environment(),
            umask=0o077,
            **account(servant),
        )
        if result.returncode:
            raise EmbeddedServerError(f"PostgreSQL's initdb failed: {result.stdout}{result.stderr}")
        (draft / "data").replace(self.directory)
        _remove_tree(draft)

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.ground.places.sockets}"',
            "unix_socket_permissions": "0700",
            "port": str(POSTGRES_PORT),
            "max_connections": "200",
            "shared_buffers": "128MB",
            "effective_cache_size": "1GB",
            "jit": "off",
            "fsync": "on" if self.ground.fsync else "off",
            "synchronous_commit": "on" if self.ground.fsync else "off",
            "full_page_writes": "on" if self.ground.fsync else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] ",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.ground.binaries.postgres), "-D", str(self.directory), *settings]

    def is_ready(self) -> bool:
        """Say whether it accepts sessions; the first time also make our role and database."""
        # Imported late so that a keeper of Valkey alone never loads libpq.
        import psycopg

        url = addresses.superuser_url(self.ground.places.var)
        try:
            with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
                if not self._is_furnished:
                    _furnish(connection, addresses.role_password(self.ground.places.var))
                    self._is_furnished = True
        except psycopg.OperationalError as error:
            logger.debug("postgres_not_ready %s", error)
            return False
        return True


def _furnish(connection: object, password: str) -> None:
    import psycopg
    from psycopg import sql

    if not isinstance(connection, psycopg.Connection):
        raise TypeError(connection)
    role, database = sql.Identifier(addresses.ROLE), sql.Identifier(addresses.DATABASE)
    known = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", [addresses.ROLE]
    ).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    # CREATEDB: the test command makes its own databases on such a server.
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(verb, role, sql.Literal(password))
    )
    if not connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", [addresses.DATABASE]
    ).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


@dataclass
class Running:
    """A server and its process."""

    server: Server
    process: subprocess.Popen[bytes]


def start(server: Server, ground: Ground) -> Running:
    """Clear what an earlier life left behind, prepare and start; returns before the server is
    ready.
    """
    leftovers.clear(server.directory, server.stop_signal, STOP_PATIENCE_S)
    make_private(ground.places.sockets, ground.servant)
    server.prepare()
    with log_file(ground.places, server.name).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program and arguments
            server.command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=server.directory,
            env=server_environment(),
            umask=0o077,
            process_group=0,
            preexec_fn=die_with_parent(server.stop_signal),
            **account(ground.servant),
        )
    return Running(server, process)


def stop(running: Running) -> None:
    """Stop in order; a server that does not follow within a minute is killed (its data survives
    that).
    """
    if running.process.poll() is None:
        running.process.send_signal(running.server.stop_signal)
    try:
        running.process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        logger.warning("embedded_server_killed %s", running.server.name)
        running.process.kill()
        running.process.wait()


def log_file(places: Places, name: str) -> Path:
    """Return the server's log, put aside first when it has grown."""
    places.log.mkdir(parents=True, exist_ok=True)
    path = places.log / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path


def last_lines(path: Path, count: int = 5) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def server_environment() -> dict[str, str]:
    """Return a small environment: no PG* variable of the caller may change what the server does."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


class Account(TypedDict, total=False):
    """Arguments of subprocess that choose the account."""

    user: int
    group: int
    extra_groups: list[int]


def account(servant: Servant) -> Account:
    """Return subprocess arguments that change to the servers' account."""
    if not servant.is_other:
        return {}
    return {"user": servant.uid, "group": servant.gid, "extra_groups": []}


def _write_private(path: Path, content: str, servant: Servant) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if servant.is_other:
            os.fchown(descriptor, servant.uid, servant.gid)
        file.write(content)


def _remove_tree(path: Path) -> None:
    import shutil

    if path.exists():
        shutil.rmtree(path)


def wait_until_ready(running: Running, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and running.process.poll() is None:
        if running.server.is_ready():
            return True
        time.sleep(0.05)
    return False
