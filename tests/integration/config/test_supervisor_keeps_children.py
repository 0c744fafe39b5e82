"""The launcher's supervisor: restarts what dies, stops everything, leaves no grandchild."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.health import Present
from config.launch import logs, previous
from config.launch.supervisor import Supervisor
from config.paths import BASE_DIR
from config.processes import Process

# Writes its process id and its child's; both would live for a minute.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "a").write(f"{os.getpid()} {child.pid}\\n")
print("hello from the child", flush=True)
time.sleep(60)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\n"
)
STUBBORN += "time.sleep(60)"


def process(name: str, *command: str, stops_in: int = 1) -> Process:
    return Process(name, "a test", command, Present(()), stops_in)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@dataclass
class Team:
    """A supervisor with what it said, and the families' process ids."""

    supervisor: Supervisor
    said: list[str]
    pids_file: Path

    def start_family(self) -> list[int]:
        self.supervisor.start([process("family", "python", "-c", FAMILY, str(self.pids_file))])
        return self.family(1)

    def family(self, generation: int) -> list[int]:
        """Wait for the nth start, tending meanwhile; return leader and grandchild."""
        deadline = time.monotonic() + 20
        while True:
            self.supervisor.tend()
            lines = self.pids_file.read_text().splitlines() if self.pids_file.exists() else []
            if len(lines) >= generation:
                return [int(pid) for pid in lines[generation - 1].split()]
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def team(tmp_path):
    said: list[str] = []
    team = Team(Supervisor(tmp_path, said.append), said, tmp_path / "pids")
    yield team
    team.supervisor.stop(patience_s=0, is_hurried=lambda: True)


def test_killed_child_starts_again_with_its_last_words_shown(team, eventually):
    leader, grandchild = team.start_family()

    os.kill(leader, signal.SIGKILL)
    second, _ = team.family(2)

    assert second != leader
    eventually(lambda: not is_running(grandchild))
    assert "killed by SIGKILL" in team.said[0]
    assert team.said[1] == "    hello from the child"


def test_stop_ends_children_and_grandchildren(team, eventually):
    pids = team.start_family()

    assert team.supervisor.stop(patience_s=10, is_hurried=lambda: False) == []

    eventually(lambda: not any(is_running(pid) for pid in pids))


def test_child_that_ignores_the_stop_is_killed_and_named(team, eventually):
    team.supervisor.start([process("stubborn", "python", "-c", STUBBORN)])
    log = logs.log_path(team.supervisor.var, "stubborn")
    eventually(lambda: logs.last_lines(log) == ["up"])

    assert team.supervisor.stop(patience_s=0.5, is_hurried=lambda: False) == ["stubborn"]


def test_stages_stop_one_after_the_other(team, tmp_path, eventually):
    ending = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True)\n"
        "while True: time.sleep(0.05)"
    )
    order = tmp_path / "order"
    for name, stage in (("late", 2), ("early", 1)):
        team.supervisor.start(
            [process(name, "python", "-c", ending, str(order), name, stops_in=stage)]
        )
        log = logs.log_path(tmp_path, name)
        eventually(lambda log=log: logs.last_lines(log) == ["up"])

    team.supervisor.stop(patience_s=10, is_hurried=lambda: False)

    assert order.read_text() == "earlylate"


def test_grown_log_is_put_aside_while_it_is_written(tmp_path):
    path = tmp_path / "web.log"
    with path.open("a") as writer:
        writer.write("x" * 2000)
        writer.flush()
        logs.rotate(path, limit_bytes=1000)
        writer.write("after")

    assert path.read_text() == "after"
    assert (tmp_path / "web.log.1").read_text() == "x" * 2000


def test_children_of_a_killed_launcher_end_and_the_next_launch_waits_for_them(tmp_path):
    launcher = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from config.launch.supervisor import Supervisor\n"
        "from config.processes import Process\n"
        "from config.health import Present\n"
        "s = Supervisor(Path(sys.argv[1]), print)\n"
        "s.start([Process('slow', '', ('python', '-c', sys.argv[2]), Present(()), 1)])\n"
        "time.sleep(1); print('up', flush=True); time.sleep(60)"
    )
    slow = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), sys.exit()))\n"
        "while True: time.sleep(0.05)"
    )
    killed = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", launcher, str(tmp_path), slow],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"up\n"
    assert len(previous.survivors(tmp_path)) == 1
    killed.kill()
    killed.communicate()
    said: list[str] = []

    previous.wait_for_survivors(tmp_path, said.append)

    assert said == ["Waiting for 1 processes of an earlier launch to end ..."]
    assert previous.survivors(tmp_path) == []
