"""Command line and environment of the practice internet. A wrong value stops it with one sentence."""

import argparse
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent


class OptionError(Exception):
    """An option or environment variable cannot be used."""


@dataclass(frozen=True)
class Options:
    dns_port: int
    smtp_port: int
    http_port: int
    inbound_port: int
    data_dir: Path
    token: str
    seed: int = 1
    speed: float = 60.0  # practice seconds per real second
    ambient: bool = False  # ordinary addresses fail at their provider's base rates
    readers: bool = False  # readers open, click and leave
    authentication: bool = True  # providers refuse what is neither signed nor covered by SPF
    keep_messages: int = 200_000


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Combine arguments over environment over defaults; create the token file if there is none."""
    var = Path(environment.get("TODOKU_VAR") or _PROJECT / "var")
    given = _parser().parse_args(arguments)
    options = Options(
        dns_port=given.dns_port or _number(environment, "TODOKU_SANDBOX_DNS_PORT", 5354),
        smtp_port=given.smtp_port or _number(environment, "TODOKU_SANDBOX_SMTP_PORT", 2525),
        http_port=given.http_port or _number(environment, "TODOKU_SANDBOX_HTTP_PORT", 8020),
        inbound_port=given.inbound_port or _number(environment, "TODOKU_INBOUND_PORT", 2526),
        data_dir=given.data_dir or var / "sandbox",
        token=_token(environment, var),
        seed=given.seed,
        speed=given.speed,
        ambient=given.ambient,
        readers=given.readers,
        authentication=given.authentication,
        keep_messages=given.keep_messages,
    )
    if options.speed <= 0:
        raise OptionError(f"--speed {options.speed}: expected a number above 0")
    if options.keep_messages < 1:
        raise OptionError(f"--keep-messages {options.keep_messages}: expected a number above 0")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--dns-port", type=int)
    parser.add_argument("--smtp-port", type=int)
    parser.add_argument("--http-port", type=int)
    parser.add_argument("--inbound-port", type=int, help="where late bounces are sent")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=60.0, help="practice seconds per second")
    parser.add_argument("--ambient", action=switch, default=False)
    parser.add_argument("--readers", action=switch, default=False)
    parser.add_argument("--authentication", action=switch, default=True)
    parser.add_argument("--keep-messages", type=int, default=200_000)
    return parser


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    raw = environment.get(name) or str(default)
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise OptionError(f"{name}={raw}: expected a number from 1 to 65535")
    return int(raw)


def _token(environment: Mapping[str, str], var: Path) -> str:
    """Return the control token: from the environment, from a file, or from the file made now.

    The product makes the same file when it starts first; whoever links it first wins.
    """
    if token := environment.get("TODOKU_SANDBOX_TOKEN"):
        return token
    path = Path(environment.get("TODOKU_SANDBOX_TOKEN_FILE") or var / "sandbox.token")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was faster: its token is the one
        finally:
            draft.unlink()
    token = path.read_text(encoding="ascii").strip()
    if not token:
        raise OptionError(f"{path}: the control token is empty; delete the file to get a new one")
    return token
