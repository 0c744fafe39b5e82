"""`python -m config.launch`: the whole system on one machine, until Ctrl-C.

A second launch on the same data says where the first one is. A taken port is named before anything
starts. A launcher that was killed leaves nothing behind that would block the next one.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from config import embedded
from config.embedded.holding import LAUNCH_MARK
from config.embedded.locks import try_lock
from config.env import SettingError
from config.launch import demo, logs, ports, previous
from config.launch.supervisor import POLL_S, Child, Supervisor
from config.paths import var_dir
from config.processes import Process

# A small machine that does other things too may need minutes; dying again and again is hopeless.
HEALTH_PATIENCE_S = 240.0
HOPELESS_DEATHS = 4
WORD_EVERY_S = 20.0
CARE_EVERY_S = 2.0
LOGS_EVERY_S = 30.0


class LaunchError(Exception):
    """The launch cannot go on; the message is for the person at the terminal."""


class StopWishedError(Exception):
    """Somebody pressed Ctrl-C while we waited."""


def say(message: str) -> None:
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


@dataclass
class Wish:
    """What signals have asked for since the start."""

    started: float = field(default_factory=time.monotonic)
    stops: int = 0
    # A signal may break off what the launcher does itself; the processes it stops in order.
    may_interrupt: bool = True

    def note(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1
        if self.may_interrupt:
            raise StopWishedError

    def is_stopping(self) -> bool:
        return self.stops > 0

    def is_hurried(self) -> bool:
        """A second Ctrl-C: no more patience."""
        return self.stops > 1


def lock_launch(var: Path) -> int:
    """Take the launch lock, or say who has it. The kernel frees it when we die."""
    path = var / "run" / "launch.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = try_lock(path, "exclusive")
    if lock is None:
        holder = _holder(var)
        raise LaunchError(
            f"Todoku is already running: {holder.get('address', 'it is just starting')} "
            f"(process {holder.get('pid', 'unknown')}). / すでに動いています。"
        )
    return lock


def _holder(var: Path) -> dict[str, Any]:
    try:
        holder: dict[str, Any] = json.loads((var / "run" / "launch.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return holder


def wait_until_well(supervisor: Supervisor, wish: Wish) -> None:
    """Return when every child has passed its health check."""
    deadline = time.monotonic() + HEALTH_PATIENCE_S
    word_at = time.monotonic() + WORD_EVERY_S
    waiting = list(supervisor.children)
    while waiting:
        supervisor.tend()
        faults = {child.process.name: _fault(child) for child in waiting}
        waiting = [child for child in waiting if faults[child.process.name] is not None]
        if wish.is_stopping():
            raise StopWishedError
        is_hopeless = any(child.deaths >= HOPELESS_DEATHS for child in waiting)
        if waiting and (is_hopeless or time.monotonic() > deadline):
            raise LaunchError(_unwell(waiting, faults))
        if waiting and time.monotonic() > word_at:
            word_at = time.monotonic() + WORD_EVERY_S
            say(f"Still waiting for {', '.join(child.process.name for child in waiting)} ...")
        time.sleep(POLL_S)


def _fault(child: Child) -> str | None:
    return child.process.health.fault() if child.is_alive else "it is not running"


def _unwell(waiting: list[Child], faults: dict[str, str | None]) -> str:
    lines = []
    for child in waiting:
        lines.append(f"{child.process.name} did not become ready: {faults[child.process.name]}")
        lines += [f"    {line}" for line in logs.last_lines(child.log)]
    return "\n".join(lines)


def run_demo(supervisor: Supervisor, wish: Wish) -> str:
    """Let `manage.py demo` make the practice organisation; return what it has to say."""
    wish.may_interrupt = True
    try:
        return demo.run(supervisor.var, supervisor.own_descriptors)
    except demo.DemoError as error:
        raise LaunchError(str(error)) from error
    finally:
        wish.may_interrupt = False


def greet(var: Path, address: str, words: str, after_s: float) -> None:
    rows = [("開く / Open", address), ("データ / Data", str(var)), ("止める / Stop", "Ctrl-C")]
    say("")
    say(f"届く Todoku が動いています / Todoku is running ({after_s:.0f} s)")
    say("")
    for line in [*(f"{name}: {value}" for name, value in rows), *words.splitlines()]:
        say(f"  {line}".rstrip())


def keep(supervisor: Supervisor, var: Path, wish: Wish) -> None:
    """Look after children and embedded servers until somebody wishes the end."""
    care_at = logs_at = 0.0
    while not wish.is_stopping():
        supervisor.tend()
        now = time.monotonic()
        if now >= care_at:
            care_at = now + CARE_EVERY_S
            if embedded.needed_servers() and not embedded.are_kept(var):
                say("The embedded servers' keeper has gone; starting it again.")
                embedded.hold_servers(var, say=say)
        if now >= logs_at:
            logs_at = now + LOGS_EVERY_S
            supervisor.rotate_logs()
        time.sleep(POLL_S)


def launch(
    processes: list[Process], supervisor: Supervisor, wish: Wish, options: argparse.Namespace
) -> None:
    """Start everything, say so, and stay until the wish to stop; then stop everything."""
    from django.conf import settings

    var = supervisor.var
    previous.wait_for_survivors(var, say)
    taken = ports.taken(processes)
    if taken:
        raise LaunchError("\n".join(taken))
    say("Starting PostgreSQL and Valkey ..." if embedded.needed_servers() else "Starting ...")
    embedded.hold_servers(var, say=say, waits=False)
    wish.may_interrupt = False
    try:
        # Those that are not Django start while we load it.
        supervisor.start([process for process in processes if not process.is_forked])
        load(var, wish)
        say(f"Starting {', '.join(process.name for process in processes)} ...")
        supervisor.start([process for process in processes if process.is_forked])
        wait_until_well(supervisor, wish)
        words = run_demo(supervisor, wish) if options.demo and settings.PRACTICE_ENABLED else ""
        greet(var, settings.BASE_URL, words, time.monotonic() - wish.started)
        keep(supervisor, var, wish)
    except StopWishedError:
        pass
    finally:
        _stop(supervisor, wish)


def load(var: Path, wish: Wish) -> None:
    """Load Django and bring tables and files up to date; Ctrl-C may break it off."""
    from config.launch.prepare import prepare

    wish.may_interrupt = True
    try:
        prepare(var, say)
    finally:
        wish.may_interrupt = False


def _stop(supervisor: Supervisor, wish: Wish) -> None:
    say("Stopping ... / 止めています ...")
    started = time.monotonic()
    killed = supervisor.stop(is_hurried=wish.is_hurried)
    if killed:
        say(f"Killed, because they did not end by themselves: {', '.join(killed)}")
    say(f"Stopped after {time.monotonic() - started:.0f} s. / 止まりました。")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.launch", description=__doc__)
    parser.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="make the practice organisation and its first campaign if there is none",
    )
    parser.add_argument("--only", help="start only these processes (names with commas)")
    return parser.parse_args(arguments)


def chosen(processes: list[Process], only: str | None) -> list[Process]:
    if only is None:
        return processes
    names = only.split(",")
    unknown = set(names) - {process.name for process in processes}
    if unknown:
        known = ", ".join(process.name for process in processes)
        raise LaunchError(f"--only {only}: no such process; there are {known}")
    return [process for process in processes if process.name in names]


def main(arguments: list[str], read_table: Callable[[], list[Process]] | None = None) -> int:
    options = parse(arguments)
    wish = Wish()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, wish.note)
    try:
        var = var_dir()
        var.mkdir(parents=True, exist_ok=True)
        lock = lock_launch(var)
        from config.processes import configured_table

        processes = chosen((read_table or configured_table)(), options.only)
        _announce(var)
        launch(processes, Supervisor(var, say, own_descriptors=(lock,)), wish, options)
        os.close(lock)
    except StopWishedError:
        say("Stopped. / 止めました。")
    except (LaunchError, SettingError, embedded.EmbeddedServerError) as error:
        say(str(error))
        return 1
    return 0


def _announce(var: Path) -> None:
    from django.conf import settings

    content = json.dumps({"pid": os.getpid(), "address": settings.BASE_URL})
    (var / "run" / "launch.json").write_text(content, encoding="utf-8")


def mark(var: Path) -> None:
    """Put the launcher's mark into our own environment, which forked children show as theirs.

    Only a program's start writes what others can read of its environment, so it starts again.
    """
    if os.environ.get(LAUNCH_MARK) != str(var):
        environment = os.environ | {LAUNCH_MARK: str(var)}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - the same command again


if __name__ == "__main__":
    mark(var_dir())
    sys.exit(main(sys.argv[1:]))
