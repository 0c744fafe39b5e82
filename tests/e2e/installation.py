"""A whole installation of its own for browser tests: its own data, ports and practice internet."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox_client import Ports, SandboxClient

ROOT = Path(__file__).resolve().parents[2]
# Two cores that test other things at the same time need minutes.
START_TIMEOUT_S = 240
_PORT_NAMES = (
    "TODOKU_WEB_PORT",
    "TODOKU_TRACKER_PORT",
    "TODOKU_INBOUND_PORT",
    "TODOKU_SANDBOX_DNS_PORT",
    "TODOKU_SANDBOX_SMTP_PORT",
    "TODOKU_SANDBOX_HTTP_PORT",
)


@dataclass(frozen=True)
class Installation:
    """A running `python -m config.launch` and the ways to look at it from outside."""

    var: Path
    environment: Mapping[str, str] = field(repr=False)
    sandbox: SandboxClient = field(repr=False)
    launcher: "subprocess.Popen[str]" = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['TODOKU_WEB_PORT']}"

    @property
    def tracker_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['TODOKU_TRACKER_PORT']}"

    def manage(self, *arguments: str, check: bool = True, timeout_s: int = 120) -> str:
        """Run `manage.py …` against this installation and return what it printed."""
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {arguments}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def manage_json(self, *arguments: str, timeout_s: int = 120) -> Any:
        return json.loads(self.manage(*arguments, timeout_s=timeout_s))

    def evaluate(self, code: str) -> Any:
        """Run Python inside this installation's Django; it assigns what is wanted to `result`."""
        script = f"import json\nresult = None\n{code}\nprint('RESULT:' + json.dumps(result))"
        out = self.manage("shell", "--no-imports", "-c", script)
        return json.loads(out.rsplit("RESULT:", 1)[1])


@contextmanager
def running_installation(
    var: Path, log: Path, extra: Mapping[str, str] | None = None, only: str | None = None
) -> Iterator[Installation]:
    """Start the launcher without the demo on free ports, wait for the web process, stop it at the end.

    `extra` are environment variables beside or instead of the usual ones of these tests; `only` names the
    processes to start (with commas), instead of all.
    """
    environment = {**os.environ, **_environment(var), **(extra or {})}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with ExitStack() as stack:
        output = stack.enter_context(log.open("w"))
        launcher = subprocess.Popen(  # noqa: S603  our own program
            [
                sys.executable,
                "-m",
                "config.launch",
                "--no-demo",
                *(["--only", only] if only else []),
            ],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        stack.callback(_stop, launcher)
        client = stack.enter_context(_sandbox_client(environment))
        installation = Installation(var, environment, client, launcher)
        _wait_until_up(installation, log)
        yield installation


def _environment(var: Path) -> dict[str, str]:
    ports = dict(zip(_PORT_NAMES, map(str, _free_ports(len(_PORT_NAMES))), strict=True))
    return {
        **ports,
        "TODOKU_VAR": str(var),
        "TODOKU_BASE_URL": f"http://127.0.0.1:{ports['TODOKU_WEB_PORT']}",
        "TODOKU_SANDBOX_TOKEN": "practice-token-of-the-browser-tests",
        "TODOKU_EMBEDDED_FSYNC": "no",
        "TODOKU_RETRY_FACTOR_PERCENT": "1",
    }


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]


@contextmanager
def _sandbox_client(environment: Mapping[str, str]) -> Iterator[SandboxClient]:
    ports = Ports(
        dns=int(environment["TODOKU_SANDBOX_DNS_PORT"]),
        smtp=int(environment["TODOKU_SANDBOX_SMTP_PORT"]),
        http=int(environment["TODOKU_SANDBOX_HTTP_PORT"]),
        inbound=int(environment["TODOKU_INBOUND_PORT"]),
    )
    token = environment["TODOKU_SANDBOX_TOKEN"]
    with httpx.Client(
        base_url=f"http://127.0.0.1:{ports.http}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as http:
        yield SandboxClient(ports, token, http)


def _wait_until_up(installation: Installation, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    wanted = [f"{installation.url}/healthz", f"{installation.tracker_url}/healthz"]
    while time.monotonic() < deadline:
        if installation.launcher.poll() is not None:
            raise AssertionError(f"the launcher stopped:\n{log.read_text()}")
        try:
            if all(httpx.get(url, timeout=2).is_success for url in wanted):
                installation.sandbox.counts()
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not up after {START_TIMEOUT_S} s:\n{log.read_text()}")


def _stop(launcher: "subprocess.Popen[str]") -> None:
    launcher.send_signal(signal.SIGINT)
    try:
        launcher.wait(40)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()
