"""One request as the tracker saw it, in the form that travels through the stream and the spool.

The id and the time are given once, by the tracker. Together they are the primary key of the stored event, so an
event that is delivered twice (a drain that died between its commit and its acknowledgement, a spool file that was
read by two processes) is stored and counted once.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final, Self

MAX_USER_AGENT_CHARS: Final = 300
IP_KINDS: Final = ("prefix", "full", "none")

OPEN, CLICK, UNSUBSCRIBE, RESUBSCRIBE = 1, 2, 3, 4
_KINDS: Final = {kind: kind for kind in (OPEN, CLICK, UNSUBSCRIBE, RESUBSCRIBE)}


class RawEventError(ValueError):
    """A stream entry or a spool line is not an event of ours."""


@dataclass(frozen=True, slots=True)
class RawEvent:
    """`at` is UTC; `kind` is one of the numbers above; `ip` is already cut as the settings ask."""

    id: int
    at: datetime
    kind: int
    mailing_id: int
    delivery_id: int
    link_index: int | None = None
    ip: str = ""
    user_agent: str = ""
    is_head: bool = False

    def to_json(self) -> bytes:
        return json.dumps(
            [
                self.id,
                int(self.at.timestamp()),
                self.at.microsecond,
                self.kind,
                self.mailing_id,
                self.delivery_id,
                self.link_index,
                self.ip,
                self.user_agent,
                int(self.is_head),
            ],
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the event, or raise RawEventError. The text may come from a damaged file."""
        try:
            row = json.loads(text)
            number, second, microsecond, kind, mailing, delivery, link, ip, agent, is_head = row
            if (
                not all(0 <= int(n) < 2**63 for n in (number, mailing, delivery, link or 0))
                or int(link or 0) > 0xFFFF
            ):
                raise RawEventError("a number that no column holds")
            return cls(
                id=int(number),
                at=datetime.fromtimestamp(int(second), UTC).replace(microsecond=int(microsecond)),
                kind=_KINDS[int(kind)],
                mailing_id=int(mailing),
                delivery_id=int(delivery),
                link_index=None if link is None else int(link),
                ip=clean_ip(str(ip)),
                user_agent=clean_user_agent(str(agent)),
                is_head=bool(is_head),
            )
        except (
            ValueError,
            TypeError,
            LookupError,
            OverflowError,
            OSError,
            RecursionError,
        ) as error:
            raise RawEventError(f"not an event: {text[:80]!r}") from error


def new_event_id() -> int:
    """Return a random positive 63-bit number."""
    return secrets.randbits(63) or 1


def clean_ip(text: str) -> str:
    """Return the address in its usual form, or nothing for what is not an address."""
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def kept_ip(text: str, how: str) -> str:
    """Return what may be kept of a reader's address: the /24 or /48 it lies in, all of it, or nothing."""
    address = clean_ip(text)
    if not address or how == "none":
        return ""
    if how == "full":
        return address
    bits = 24 if ip_address(address).version == 4 else 48
    return str(ip_network(f"{address}/{bits}", strict=False).network_address)


def clean_user_agent(text: str) -> str:
    """Return at most 300 printable characters."""
    return "".join(c for c in text[:MAX_USER_AGENT_CHARS] if c.isprintable())
