"""Find Chromium, or install it: `CHROMIUM=$(python tools/chromium.py)`.

Prints the path, or nothing when there is none and it cannot be installed; the browser tests then say
so themselves. Everything else goes to stderr.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
# The second one has the letters of the Japanese pages.
PACKAGES = ("chromium", "fonts-noto-cjk")


def find() -> str | None:
    """Return the browser named by CHROMIUM, or the first one on this machine."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> None:
    """Let the system's package manager install it, where we may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.stderr.write("Chromium is not installed; install the package chromium.\n")
        return
    sys.stderr.write("Installing Chromium with apt-get ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", *PACKAGES]):
        subprocess.run(  # noqa: S603 - fixed arguments
            ["apt-get", *command],  # noqa: S607 - wherever the system keeps it
            check=False,
            env=environment,
            stdout=sys.stderr,
        )


def main() -> int:
    if find() is None and not os.environ.get("CHROMIUM"):
        install()
    sys.stdout.write(find() or "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
