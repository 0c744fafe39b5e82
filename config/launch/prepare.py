"""What must be true before the first process starts: tables, static files, message catalogues."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from config import embedded
from config.launch.forks import warm_up
from config.messages import catalogues
from config.paths import BASE_DIR


def prepare(var: Path, say: Callable[[str], None]) -> None:
    """Bring database, catalogues and static files up to this version of the program, and load what
    our processes share. Loading Django takes as long as the servers take to start.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    compile_catalogues()
    django.setup()
    warm_up()
    embedded.hold_servers(var, say=say)
    # Both need a set-up Django.
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    stamp = static_stamp(BASE_DIR)
    stamp_file = var / "static.stamp"
    if not stamp_file.exists() or stamp_file.read_text(encoding="ascii") != stamp:
        say("Collecting static files ...")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp_file.write_text(stamp, encoding="ascii")


def compile_catalogues() -> None:
    for language in catalogues.languages(BASE_DIR):
        path = catalogues.path_of(BASE_DIR, language)
        if path.exists():
            catalogues.compile_catalogue(path, language)


def static_stamp(root: Path) -> str:
    """Return a digest of everything collectstatic reads: our files, and the packages' versions."""
    digest = hashlib.sha256((root / "requirements" / "base.txt").read_bytes())
    for path in sorted((root / "static").rglob("*")):
        state = path.stat()
        digest.update(f"{path.relative_to(root)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
