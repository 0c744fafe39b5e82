"""The fixture `sandbox`: a practice internet of its own for each test worker, forgetful per test.

A conftest makes it known: `pytest_plugins = ["tests.sandbox_fixture"]`. Base rates, readers and the
refusal of unauthenticated mail are off; a test switches on what it is about.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox_client import Ports, SandboxClient

_ROOT = Path(__file__).resolve().parent.parent
_ATTEMPTS = 3
_QUIET = {"ambient": False, "readers": False, "authentication": False, "seed": 1, "speed": 60.0}


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """Start the process once per worker; ports found free may be lost to a neighbour, so retry."""
    for _attempt in range(_ATTEMPTS):
        directory = tmp_path_factory.mktemp("sandbox")
        started = start_sandbox(directory, free_ports())
        if started is not None:
            yield started[0]
            stop_sandbox(*started)
            return
    pytest.fail((directory / "sandbox.log").read_text())


@pytest.fixture
def sandbox(sandbox_process: SandboxClient) -> SandboxClient:
    sandbox_process.reset()
    sandbox_process.world(**_QUIET, complaint_address="")
    return sandbox_process


def start_sandbox(
    directory: Path, ports: Ports, *arguments: str
) -> tuple[SandboxClient, subprocess.Popen[bytes]] | None:
    """Start a process with its data in `directory`; None when it ended at once."""
    token = secrets.token_urlsafe(16)
    http = httpx.Client(
        base_url=f"http://127.0.0.1:{ports.http}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
        trust_env=False,
    )
    client = SandboxClient(ports, token, http)
    with (directory / "sandbox.log").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", "sandbox", "--data-dir", str(directory / "data"), *arguments],
            cwd=_ROOT,
            env={**os.environ, **client.environment},
            stdout=output,
            stderr=output,
        )
    if _is_healthy(client, process):
        return client, process
    stop_sandbox(client, process)
    return None


def stop_sandbox(client: SandboxClient, process: subprocess.Popen[bytes]) -> None:
    client.http.close()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_healthy(client: SandboxClient, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return client.http.get("/healthz").is_success
        except httpx.TransportError:
            time.sleep(0.05)
    return False


def free_ports() -> Ports:
    sockets = [socket.socket() for _ in range(4)]
    for index, sock in enumerate(sockets):
        # The receivers share one port on many addresses; the first stands for all of them.
        sock.bind(("127.10.0.1" if index == 1 else "127.0.0.1", 0))
    numbers = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return Ports(*numbers)
