"""Children that are forked from the launcher instead of started anew.

Seven of our processes are Django. Loading it takes two seconds of a core each; the launcher loads it
once, and a fork has it at once and shares its memory. What then runs is the program that the
command names, with the same arguments. The launcher has one thread and no open connection when it
forks; `multiprocessing` lets libraries mend in the child what they kept from the parent.
"""

import contextlib
import gc
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.context import ForkProcess
from pathlib import Path

from config.embedded.offspring import die_with_parent
from config.launch.titles import show_as
from config.paths import BASE_DIR

# What our programs load besides Django and our tasks: loaded once, before the first fork.
PROGRAMS = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "kombu.transport.redis",
    "tracking.asgi",
    "uvicorn.main",
    "uvicorn.protocols.http.auto",
)
RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def warm_up() -> None:
    """Load what forked children need. Django is set up already."""
    from config.celery import app

    app.loader.import_default_modules()
    for name in PROGRAMS:
        import_module(name)
    # Collecting garbage would write into every page that children share with us.
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Fork:
    """A forked child, with the part of `subprocess.Popen` that the supervisor uses."""

    process: ForkProcess

    @property
    def pid(self) -> int:
        return int(self.process.pid or 0)

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass(frozen=True)
class Plan:
    """What a forked child does before it runs its program. Descriptors are those of the parent."""

    name: str
    command: tuple[str, ...]
    stdout: int
    stderr: int
    environment: Mapping[str, str] = field(repr=False)
    # The launcher's lock must end with the launcher, not with its last child.
    closes: Iterable[int] = ()


def fork(plan: Plan) -> Fork:
    """Start `plan.command` in a fork that leads its own process group and ends with us."""
    prepare = die_with_parent(signal.SIGTERM)
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(plan, prepare), name=plan.name
    )
    # A signal between the fork and the child's own handlers would only be noted, in a copy.
    signal.pthread_sigmask(signal.SIG_BLOCK, RESET)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, RESET)
    child = Fork(process)
    # Both sides do it: whoever comes second changes nothing.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(child.pid, child.pid)
    return child


def _run(plan: Plan, prepare: Callable[[], None]) -> None:
    os.setpgid(0, 0)
    prepare()
    for number in RESET:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, RESET)
    for descriptor in plan.closes:
        os.close(descriptor)
    os.dup2(plan.stdout, 1)
    os.dup2(plan.stderr, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real stream here
    os.environ.clear()
    os.environ.update(plan.environment)
    os.chdir(BASE_DIR)
    show_as(plan.name, plan.command)
    script, arguments = program(plan.command)
    sys.argv = [str(script), *arguments]
    runpy.run_path(str(script), run_name="__main__")


def program(command: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """Return the Python file that a command runs, and its arguments.

    `python FILE …` runs a file of ours; another word is a script beside our interpreter.
    """
    first, *rest = command
    if first == "python":
        return BASE_DIR / rest[0], tuple(rest[1:])
    return Path(sys.executable).with_name(first), tuple(rest)
