"""Build `.venv` from the lock: `python3 tools/bootstrap.py`. Needs only Python 3.11 or newer.

Does nothing, quickly, when the lock has not changed since the last time. Every package is checked
against the hashes of requirements/dev.txt. Where packages come from is decided by pip's own
configuration on this machine, never by this project.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "todoku-lock.sha256"
OLDEST = (3, 11)


class SetupError(Exception):
    """The environment cannot be built; the message says what is missing."""


def say(message: str) -> None:
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


def run(command: list[str], env: dict[str, str] | None = None) -> bool:
    return subprocess.run(command, check=False, env=env).returncode == 0  # noqa: S603 - our own


def wanted_stamp() -> str:
    version = ".".join(map(str, sys.version_info[:2]))
    return hashlib.sha256(LOCK.read_bytes() + version.encode()).hexdigest()


def is_current(stamp: str) -> bool:
    """Say whether the environment was built completely, from this lock, and still runs."""
    if not STAMP.exists() or STAMP.read_text(encoding="ascii") != stamp:
        return False
    return PYTHON.exists() and run([str(PYTHON), "-c", "import django"])


def make_venv() -> None:
    """Make an empty environment with pip in it, by whichever tool this machine has."""
    if PYTHON.exists() and run([str(PYTHON), "-c", "import pip"]):
        return
    for make in (with_venv, with_virtualenv, with_uv, with_system_package):
        if VENV.exists():
            shutil.rmtree(VENV)
        if make():
            return
    version = ".".join(map(str, sys.version_info[:2]))
    raise SetupError(
        f"This Python cannot make virtual environments. Install the package python{version}-venv "
        "(or virtualenv, or uv) and run the command again."
    )


def with_venv() -> bool:
    return importlib.util.find_spec("ensurepip") is not None and run(
        [sys.executable, "-m", "venv", str(VENV)]
    )


def with_virtualenv() -> bool:
    return importlib.util.find_spec("virtualenv") is not None and run(
        [sys.executable, "-m", "virtualenv", "--quiet", str(VENV)]
    )


def with_uv() -> bool:
    return shutil.which("uv") is not None and run(
        ["uv", "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)]
    )


def with_system_package() -> bool:
    """As root on Debian or Ubuntu, install what they split from Python, and try again."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say("Installing python3-venv with apt-get ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], environment)
    if not run(["apt-get", "install", "-y", "-qq", "python3-venv"], environment):
        return False
    return run([sys.executable, "-m", "venv", str(VENV)])


def install() -> None:
    """Install the lock: by uv, itself taken from the lock, or by pip where uv does not work."""
    say("Installing the packages of requirements/dev.txt ...")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"]
    only_uv = VENV / "uv.txt"
    only_uv.write_text(block_of("uv"), encoding="utf-8")
    by_uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--require-hashes"]
    by_uv += ["--python", str(PYTHON), "--requirement", str(LOCK), *uv_options()]
    if run([*pip, str(only_uv)]) and run(by_uv, uv_environment()):
        return
    say("uv could not install them; trying pip, which takes longer ...")
    if not run([*pip, str(LOCK)]):
        raise SetupError(
            "The packages could not be installed (see above). "
            "Check the network and pip's configuration (`pip config list`)."
        )


def block_of(name: str) -> str:
    """Return one package's lines of the lock, with its hashes."""
    found = re.search(
        rf"^{name}==[^\n]*\\\n(?:    --hash=[^\n]*\n)+", LOCK.read_text(), re.MULTILINE
    )
    if found is None:
        raise SetupError(f"{LOCK.name} does not pin {name}; run `make lock`.")
    return found[0]


def pip_settings() -> dict[str, str]:
    """Return pip's configuration of this machine by plain name: `index-url`, `find-links` ..."""
    listed = subprocess.run(  # noqa: S603 - our own interpreter
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'\"")
    return settings


def uv_options() -> list[str]:
    """Tell uv, which does not read pip's configuration, where pip would look."""
    names = {"index-url": "--index-url", "extra-index-url": "--extra-index-url"}
    names |= {"find-links": "--find-links"}
    options = []
    for name, value in pip_settings().items():
        if name in names:
            options += [part for item in value.split() for part in (names[name], item)]
    return options


def uv_environment() -> dict[str, str]:
    certificates = pip_settings().get("cert")
    extra = {"SSL_CERT_FILE": certificates} if certificates else {}
    return {**extra, **os.environ}


def main() -> int:
    if sys.version_info < OLDEST:
        say(f"Todoku needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    stamp = wanted_stamp()
    if is_current(stamp):
        return 0
    try:
        STAMP.unlink(missing_ok=True)
        say("Building the virtual environment in .venv ...")
        make_venv()
        install()
    except SetupError as error:
        say(str(error))
        return 1
    STAMP.write_text(stamp, encoding="ascii")
    say("The environment is ready.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
