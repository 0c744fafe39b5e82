"""Keeps mail exactly as it came, before anybody is told that we have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bounces.models import InboundMail
from mailer.engine.tokens import Token, TokenError, TokenKind
from mailer.keys import token_codec

MAIL_KINDS = (TokenKind.RETURN_PATH, TokenKind.UNSUBSCRIBE_MAIL)


@dataclass(frozen=True, slots=True)
class Envelope:
    """`door` is smtp, imap or file; `peer` the address that delivered it."""

    door: str
    peer: str
    mail_from: str
    recipients: Sequence[str]


def token_of_address(address: str) -> Token | None:
    """Return the genuine token that an address carries as its local part, or None."""
    local_part = address.rpartition("@")[0] or address
    for kind in MAIL_KINDS:
        try:
            return token_codec().decode(local_part, kind)
        except TokenError:
            continue
    return None


def store_inbound(*, envelope: Envelope, raw: bytes, now: datetime) -> list[int]:
    """Store one row per recipient in one statement and return their ids. Committed when it returns."""
    rows = []
    for address in envelope.recipients:
        token = token_of_address(address)
        rows.append(
            InboundMail(
                received_at=now,
                door=envelope.door,
                peer=envelope.peer[:60],
                mail_from=_printable(envelope.mail_from),
                rcpt_to=_printable(address),
                mailing_id=token.mailing_id if token else None,
                delivery_id=token.delivery_id if token else None,
                raw=raw,
            )
        )
    return [row.pk for row in InboundMail.objects.bulk_create(rows)]


def _printable(address: str) -> str:
    """PostgreSQL keeps no NUL, and nobody needs control characters."""
    return "".join(c for c in address if c.isprintable())[:320]
