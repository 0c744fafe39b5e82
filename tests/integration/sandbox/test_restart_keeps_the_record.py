"""The process is killed or refused; what it had answered for is still there."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.conftest import letter
from tests.sandbox_client import Ports, SandboxClient
from tests.sandbox_fixture import free_ports, start_sandbox, stop_sandbox

TO = "late.a@kaisha.example"
Running = tuple[SandboxClient, subprocess.Popen[bytes]]
Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a process on `tmp_path`; none outlives the test."""
    running: list[Running] = []

    def start_here(ports: Ports, *arguments: str) -> Running:
        started = start_sandbox(tmp_path, ports, *arguments)
        assert started is not None, (tmp_path / "sandbox.log").read_text()
        running.append(started)
        return started

    yield start_here
    for client, process in running:
        if process.poll() is None:
            stop_sandbox(client, process)


def test_killed_and_started_again(start: Start) -> None:
    ports = free_ports()
    client, process = start(ports, "--speed", "1", "--no-authentication")
    client.publish("shop", ("track.shop.example", "A", "127.0.0.1"))
    with smtplib.SMTP("127.10.2.1", ports.smtp, timeout=10) as smtp:
        smtp.sendmail("b@bounce.shop.example", [TO], letter(TO))
    client.wait_for(lambda: client.counts()["errands"] == {"bounce": 1})
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGKILL)
    process.wait()
    client.http.close()

    # The verifier sees its pipe close and ends by itself.
    assert children
    client.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    again = start(ports, "--speed", "1")
    client = again[0]
    assert [row["rcpt_to"] for row in client.messages()] == [[TO]]
    assert client.counts()["errands"] == {"bounce": 1}
    assert client.http.get("/records").json()["records"]["shop"][0]["name"] == "track.shop.example"
    stop_sandbox(*again)
    assert again[1].returncode == 0


def test_a_taken_port_is_named(sandbox: SandboxClient, tmp_path: Path) -> None:
    refused = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "sandbox", "--data-dir", str(tmp_path)],
        env={**os.environ, **sandbox.environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert refused.returncode == 1
    assert f"TODOKU_SANDBOX_HTTP_PORT={sandbox.ports.http}: cannot listen there" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "sandbox", "--data-dir", str(tmp_path)],
        env={**os.environ, "TODOKU_SANDBOX_TOKEN": "t", "TODOKU_SANDBOX_SMTP_PORT": "mail"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert refused.returncode == 1
    assert "TODOKU_SANDBOX_SMTP_PORT=mail: expected a number from 1 to 65535" in refused.stderr


def test_the_first_start_makes_a_token_for_its_owner_only(tmp_path: Path) -> None:
    ports = free_ports()
    environment = {
        name: value for name, value in os.environ.items() if name != "TODOKU_SANDBOX_TOKEN"
    }
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", "sandbox", f"--dns-port={ports.dns}", f"--smtp-port={ports.smtp}",
         f"--http-port={ports.http}", f"--inbound-port={ports.inbound}"],
        env={**environment, "TODOKU_VAR": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    token = tmp_path / "sandbox.token"
    deadline = time.monotonic() + 20
    while not token.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    process.wait(timeout=15)

    assert token.stat().st_mode & 0o777 == 0o600
    assert len(token.read_text()) >= 40


def test_a_verifier_that_dies_is_replaced(start: Start, tmp_path: Path) -> None:
    ports = free_ports()
    client, process = start(ports, "--no-authentication")
    for number in (1, 2):
        with smtplib.SMTP("127.10.2.1", ports.smtp, timeout=10) as smtp:
            smtp.sendmail("b@bounce.shop.example", ["a@kaisha.example"], letter("a"))
        _wait_until_judged(client, number)
        (verifier,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(verifier), signal.SIGKILL)
    stop_sandbox(client, process)

    assert "verifier_failed" in (tmp_path / "sandbox.log").read_text()


def _wait_until_judged(client: SandboxClient, number: int) -> None:
    client.wait_for(lambda: sum(row["dkim"] == [] for row in client.messages()) == number)
