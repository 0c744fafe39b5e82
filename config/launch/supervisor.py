"""Start child processes, start them again when they die, and stop them in order.

Each child leads its own process group (a Ctrl-C in the terminal reaches the launcher alone) and is
ended by the kernel when the launcher dies. One thread, no signals for children: the loop polls.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.holding import LAUNCH_MARK
from config.embedded.offspring import die_with_parent
from config.launch import logs
from config.launch.forks import Fork, Plan, fork
from config.paths import BASE_DIR
from config.processes import Process

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
# A child that lived this long is well; its earlier deaths are forgotten.
HEALTHY_S = 60.0
STOP_S = 28.0
RESERVE_SHARE = 0.12
POLL_S = 0.1


@dataclass
class Child:
    """A process of the table and its present incarnation. Times are of the monotonic clock."""

    process: Process
    log: Path
    popen: subprocess.Popen[bytes] | Fork | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0

    @property
    def is_alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None


@dataclass
class Supervisor:
    """All children of one launch."""

    var: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    # Descriptors that forked children must not keep open.
    own_descriptors: tuple[int, ...] = ()

    def start(self, processes: Iterable[Process]) -> None:
        for process in processes:
            child = Child(process, logs.log_path(self.var, process.name))
            self.children.append(child)
            self._spawn(child)

    def tend(self) -> None:
        """Note deaths, and start again what is due. Call often."""
        now = time.monotonic()
        for child in self.children:
            if child.popen is None:
                if now >= child.start_again_at:
                    self._spawn(child)
            elif child.popen.poll() is not None:
                self._mourn(child, now)
            elif child.deaths and now - child.started_at > HEALTHY_S:
                child.deaths = 0

    def rotate_logs(self) -> None:
        for child in self.children:
            logs.rotate(child.log)

    def stop(self, *, patience_s: float = STOP_S, is_hurried: Callable[[], bool]) -> list[str]:
        """Stop all, stage by stage; return the names of those that had to be killed."""
        deadline = time.monotonic() + patience_s
        killed = []
        stages = sorted({child.process.stops_in for child in self.children})
        for position, stage in enumerate(stages):
            members = [child for child in self.children if child.process.stops_in == stage]
            for child in members:
                _signal_leader(child, signal.SIGTERM)
            # A slow stage leaves the later ones some time to end by themselves.
            reserve_s = RESERVE_SHARE * patience_s * (len(stages) - 1 - position)
            killed += self._wait(members, deadline - reserve_s, is_hurried)
        return killed

    def _wait(
        self, members: list[Child], deadline: float, is_hurried: Callable[[], bool]
    ) -> list[str]:
        while any(child.is_alive for child in members):
            if time.monotonic() > deadline or is_hurried():
                break
            time.sleep(POLL_S)
        late = [child for child in members if child.is_alive]
        for child in members:
            _kill_group(child)
        return [child.process.name for child in late]

    def _spawn(self, child: Child) -> None:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        logs.rotate(child.log)
        with child.log.open("ab") as log:
            start = self._fork if child.process.is_forked else self._execute
            child.popen = start(child.process, log.fileno())
        child.started_at = time.monotonic()

    def _fork(self, process: Process, log: int) -> Fork:
        return fork(
            Plan(
                process.name,
                process.command,
                stdout=log,
                stderr=log,
                environment=environment(self.var),
                closes=self.own_descriptors,
            )
        )

    def _execute(self, process: Process, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - commands of our own table
            resolve(process.command),
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment(self.var),
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def _mourn(self, child: Child, now: float) -> None:
        code = child.popen.returncode if child.popen is not None else None
        # Grandchildren of a dead leader (a worker's pool) would compete with the next incarnation.
        _kill_group(child)
        child.popen = None
        child.deaths += 1
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (child.deaths - 1))
        child.start_again_at = now + pause_s
        self.say(
            f"{child.process.name} ended ({_ending(code)}); it starts again in {pause_s:.0f} s. "
            f"Its last words ({child.log}):"
        )
        for line in logs.last_lines(child.log):
            self.say(f"    {line}")


def resolve(command: tuple[str, ...]) -> list[str]:
    """Return the command with its program looked up in our own environment first."""
    program, *arguments = command
    if program == "python":
        return [sys.executable, *arguments]
    beside = Path(sys.executable).with_name(program)
    return [str(beside) if beside.exists() else program, *arguments]


def environment(var: Path) -> dict[str, str]:
    """Return the environment of our processes; `var` is absolute, wherever the launcher stood."""
    ours = {LAUNCH_MARK: str(var), "TODOKU_VAR": str(var), "PYTHONUNBUFFERED": "1"}
    return os.environ | ours


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _signal_leader(child: Child, number: signal.Signals) -> None:
    if child.popen is not None and child.popen.poll() is None:
        child.popen.send_signal(number)


def _kill_group(child: Child) -> None:
    """Kill what is left of a child's process group; the group's number is the child's."""
    if child.popen is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.popen.pid, signal.SIGKILL)
    child.popen.wait()
