"""A real launch of real processes: the second one is told, and a killed one does not block the next."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx
import pytest

from config.launch import previous
from config.paths import BASE_DIR


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Launches:
    """Launches of one installation, all of them ended at the end."""

    var: str
    port: int
    running: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self) -> "subprocess.Popen[str]":
        launcher = subprocess.Popen(
            [sys.executable, "-m", "config.launch", "--no-demo", "--only", "web,worker"],
            cwd=BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "TODOKU_VAR": self.var,
                "TODOKU_WEB_PORT": str(self.port),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(launcher)
        return launcher


def read_until(launcher: "subprocess.Popen[str]", words: str) -> str:
    assert launcher.stdout is not None
    seen = ""
    for line in launcher.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(seen)


@pytest.fixture
def launches(installation):
    launches = Launches(str(installation.var), free_port())
    yield launches
    for launcher in launches.running:
        if launcher.poll() is None:
            launcher.terminate()
        launcher.communicate(timeout=60)


def test_launch_answers_refuses_a_second_and_comes_back_after_a_kill(
    launches, installation, eventually
):
    first = launches.start()
    read_until(first, "Ctrl-C")
    address = f"http://127.0.0.1:{launches.port}"
    assert httpx.get(f"{address}/healthz").status_code == 200

    second = launches.start()
    words = second.communicate(timeout=120)[0]
    assert second.returncode == 1
    assert f"already running: {address} (process {first.pid})" in words
    assert httpx.get(f"{address}/healthz").status_code == 200

    keeper = installation.status()["pid"]
    os.kill(keeper, signal.SIGKILL)
    read_until(first, "starting it again")
    eventually(lambda: httpx.get(f"{address}/healthz", timeout=30).status_code == 200)
    assert installation.status()["pid"] != keeper

    first.send_signal(signal.SIGKILL)
    third = launches.start()
    read_until(third, "Ctrl-C")
    assert httpx.get(f"{address}/healthz").status_code == 200

    started = time.monotonic()
    third.send_signal(signal.SIGINT)
    words = third.communicate(timeout=60)[0]
    assert time.monotonic() - started < 30
    assert "Stopped after" in words
    assert "Killed" not in words
    assert third.returncode == 0
    assert previous.survivors(installation.var) == []
