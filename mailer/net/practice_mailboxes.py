"""What the practice receivers got: a reader of the practice internet's control address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailer.net.practice_control import PracticeControl

NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Receiver:
    """A provider of the practice internet: its key in queries and its name for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What the receiver found of one DKIM signature (RFC 6376)."""

    domain: str
    selector: str
    algorithm: str
    is_valid: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One accepted message. `signatures` is None until the receiver has judged them."""

    id: int
    received_at: datetime
    receiver: str
    source_ip: str
    helo: str
    tls: str
    mail_from: str
    recipients: tuple[str, ...]
    size_bytes: int
    header_from: str  # as in the header, RFC 2047 encoded
    subject: str  # the same
    spf: str
    dmarc: str
    signatures: tuple[SignatureVerdict, ...] | None


def receivers(control: PracticeControl) -> list[Receiver]:
    """Return the providers of the practice internet. Raises PracticeInternetError."""
    rows = control.call("GET", "/receivers").json()["receivers"]
    return [Receiver(row["name"], row["title"]) for row in rows]


def received_messages(
    control: PracticeControl,
    *,
    return_hosts: Sequence[str],
    receiver: str = "",
    recipient_part: str = "",
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> list[ReceivedMessage]:
    """Return messages whose envelope sender is at one of the hosts, none for no hosts.

    Newest first below `before`; or, with `after`, oldest first above it. Raises PracticeInternetError.
    """
    if not return_hosts:
        return []
    query = {
        "return_hosts": " ".join(return_hosts),
        "receiver": receiver,
        "recipient_part": recipient_part,
        "limit": str(limit),
    }
    query |= {"before": str(before or NEWEST)} if after is None else {"after": str(after)}
    rows = control.call("GET", "/messages", query=query).json()["messages"]
    return [_message(row) for row in rows]


def received_message(control: PracticeControl, number: int) -> ReceivedMessage:
    """Raises PracticeNotFoundError for one that was never there or was dropped."""
    return _message(control.call("GET", f"/messages/{number}").json())


def raw_message(control: PracticeControl, number: int) -> bytes:
    return control.call("GET", f"/messages/{number}/raw").content


def _message(row: Mapping[str, Any]) -> ReceivedMessage:
    return ReceivedMessage(
        id=row["id"],
        received_at=datetime.fromtimestamp(row["received_at"], UTC),
        receiver=row["receiver"],
        source_ip=row["source_ip"],
        helo=row["helo"],
        tls=row["tls"],
        mail_from=row["mail_from"],
        recipients=tuple(row["rcpt_to"]),
        size_bytes=row["size"],
        header_from=row["header_from"],
        subject=row["subject"],
        spf=row["spf"],
        dmarc=row["dmarc"] or "",
        signatures=_signatures(row["dkim"]),
    )


def _signatures(rows: Sequence[Mapping[str, Any]] | None) -> tuple[SignatureVerdict, ...] | None:
    if rows is None:
        return None
    return tuple(
        SignatureVerdict(
            domain=row["domain"],
            selector=row["selector"],
            algorithm=row["algorithm"],
            is_valid=row["valid"],
            reason=row["reason"],
        )
        for row in rows
    )
