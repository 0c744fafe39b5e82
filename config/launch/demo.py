"""Run `manage.py demo` beside the processes and read what it has to say to the newcomer."""

import os
from pathlib import Path

from config.launch import logs
from config.launch.forks import Plan, fork
from config.launch.supervisor import environment

# How long a first start watches its first newsletter leave before it greets.
WATCH_S = 8


class DemoError(Exception):
    """The practice organisation could not be made; the message says why."""


def run(var: Path, closes: tuple[int, ...] = ()) -> str:
    """Return the words of the command. What it logs goes into its log, not onto the terminal."""
    path = logs.log_path(var, "demo")
    reader, writer = os.pipe()
    with path.open("ab") as log:
        child = fork(
            Plan(
                "demo",
                ("python", "manage.py", "demo", "--wait", str(WATCH_S)),
                stdout=writer,
                stderr=log.fileno(),
                environment=environment(var),
                closes=(*closes, reader),
            )
        )
    os.close(writer)
    try:
        with os.fdopen(reader, encoding="utf-8") as words:
            said = words.read()
    except BaseException:
        child.process.terminate()
        raise
    finally:
        child.wait()
    if child.returncode:
        raise DemoError("\n".join(["`manage.py demo` failed:", *logs.last_lines(path)]))
    return said
