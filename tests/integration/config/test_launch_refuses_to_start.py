"""A launch that cannot work says why before it starts anything."""

import os
import socket
import subprocess
import sys

import pytest

from config.launch import ports
from config.paths import BASE_DIR
from config.processes import Options, table


def launch(var, **variables):
    return subprocess.run(
        [sys.executable, "-m", "config.launch", "--no-demo", "--only", "web"],
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "TODOKU_VAR": str(var)}
        | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_taken_port_is_named_with_its_process_and_variable(tmp_path, taken_port):
    result = launch(tmp_path, TODOKU_WEB_PORT=str(taken_port))

    assert result.returncode == 1
    assert (
        f"Port {taken_port} for web (the pages) is taken by another program. "
        "Set TODOKU_WEB_PORT to another number"
    ) in result.stdout
    assert not (tmp_path / "servers").exists()


def test_wrong_setting_is_one_sentence(tmp_path):
    result = launch(tmp_path, TODOKU_WEB_PORT="eighty")

    assert (result.returncode, result.stdout, result.stderr) == (
        1,
        "TODOKU_WEB_PORT=eighty: expected a whole number\n",
        "",
    )


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_taken_port_of_the_practice_dns_is_seen_in_both_protocols(kind):
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        number = holder.getsockname()[1]
        sandbox = table(Options(sandbox_dns_port=number))[0]

        faults = [fault for fault in ports.taken([sandbox]) if str(number) in fault]

    assert len(faults) == 1
    assert "TODOKU_SANDBOX_DNS_PORT" in faults[0]
