"""docker-compose.yml names the commands of config/processes.py, and each of them becomes well."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.launch.supervisor import Supervisor
from config.paths import BASE_DIR
from config.processes import Options, table, web

SERVICES: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text("utf-8"))[
    "services"
]
NOT_OURS = {"postgres", "redis", "migrate"}
PATIENCE_S = 150


def free_ports(count: int) -> list[int]:
    """Return ports that are free in TCP and, an instant later, most likely in UDP too."""
    holders = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [int(holder.getsockname()[1]) for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def test_compose_names_the_commands_of_the_table():
    options = Options(bind="0.0.0.0", var=Path("/data"))  # noqa: S104 - inside a container

    assert {
        name: service["command"] for name, service in SERVICES.items() if name not in NOT_OURS
    } == {process.name: " ".join(process.command) for process in table(options)}


def test_image_runs_the_pages_unless_told_otherwise():
    options = Options(bind="0.0.0.0")  # noqa: S104 - inside a container
    last_line = (BASE_DIR / "Dockerfile").read_text("utf-8").splitlines()[-1]

    assert json.loads(last_line.removeprefix("CMD ")) == list(web(options).command)


def test_compose_asks_each_process_for_its_health():
    assert {
        name: service["healthcheck"]["test"]
        for name, service in SERVICES.items()
        if name not in NOT_OURS
    } == {
        process.name: ["CMD", "python", "-m", "config.health", process.name]
        for process in table(Options())
    }


def test_compose_has_a_redis_that_loses_nothing():
    command = SERVICES["redis"]["command"]

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_operations_page_names_every_command_and_port():
    page = (BASE_DIR / "docs/operations/README.md").read_text("utf-8")

    for process in table(Options()):
        assert " ".join(process.command) in page
        assert f"| {process.name} | {process.does}" in page
        for port in process.ports:
            assert str(port.number) in page


@pytest.fixture
def environment(installation, monkeypatch):
    """The environment of one whole installation on free ports, its tables made."""
    names = ("WEB", "TRACKER", "INBOUND", "SANDBOX_DNS", "SANDBOX_SMTP", "SANDBOX_HTTP")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    monkeypatch.setenv("TODOKU_VAR", str(installation.var))
    for name, port in zip(names, free_ports(len(names)), strict=True):
        monkeypatch.setenv(f"TODOKU_{name}_PORT", str(port))
    installation.hold()
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([*manage, *command], cwd=BASE_DIR, check=True)  # noqa: S603 - our own
    return os.environ


def test_every_command_becomes_well(environment, installation):
    options = Options(
        web_port=int(environment["TODOKU_WEB_PORT"]),
        tracker_port=int(environment["TODOKU_TRACKER_PORT"]),
        var=installation.var,
    )
    said: list[str] = []
    supervisor = Supervisor(installation.var, said.append)
    # As programs of their own, as compose runs them; only the launcher forks some.
    processes = [replace(process, is_forked=False) for process in table(options)]
    supervisor.start(processes)
    waiting = {process.name for process in processes}
    deadline = time.monotonic() + PATIENCE_S
    try:
        while waiting and time.monotonic() < deadline:
            waiting -= {name for name in waiting if is_well(name)}
    finally:
        killed = supervisor.stop(is_hurried=lambda: False)

    assert waiting == set(), "\n".join(said)
    assert killed == []


def is_well(name: str) -> bool:
    """Ask the way a container is asked."""
    command = [sys.executable, "-m", "config.health", name]
    result = subprocess.run(command, cwd=BASE_DIR, check=False, capture_output=True)  # noqa: S603 - our own
    return result.returncode == 0
