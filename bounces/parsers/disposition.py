"""Read receipts: RFC 8098. The mail arrived, whatever the person did with it."""

from bounces.parsers.mime import Mail
from bounces.parsers.model import MailKind, Parsed


def parse_disposition(mail: Mail) -> Parsed | None:
    has_receipt = any(
        True
        for _ in mail.own_parts(
            "message/disposition-notification", "message/global-disposition-notification"
        )
    )
    return Parsed(MailKind.MDN) if has_receipt else None
