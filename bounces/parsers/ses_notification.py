"""Amazon SES by way of SNS: one JSON object as text, perhaps with words behind it."""

import json
import re
from typing import Final

from bounces.parsers.mime import Mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.report_fields import bare_address

_START: Final = re.compile(r'\{\s*"(?:notificationType|eventType)"\s*:\s*"(Bounce|Complaint)"')
_MAX_TEXT: Final = 100_000
_MAX_RECIPIENTS: Final = 100


def parse_ses_notification(mail: Mail) -> Parsed | None:
    part = next(mail.own_parts("text/plain", "application/json"), None)
    if part is None or not (
        "amazon" in mail.header("from").lower() or mail.header("x-amz-sns-message-id")
    ):
        return None
    text = re.sub(r"\s*\n\s*", "", part.text()[:_MAX_TEXT])  # lines are folded anywhere
    match = _START.search(text)
    data = _object(text[match.start() :]) if match else None
    if match is None or data is None:
        return None
    if match[1] == "Complaint":
        addresses = [address for address, _ in _rows(data.get("complaint"), "complainedRecipients")]
        return Parsed(
            MailKind.ARF,
            tuple(ReportedRecipient(a, a, "complaint") for a in addresses),
            feedback_type="abuse",
        )
    rows = _rows(data.get("bounce"), "bouncedRecipients")
    return Parsed(MailKind.TEXT_BOUNCE, tuple(_bounced(address, row) for address, row in rows))


def _bounced(address: str, row: dict[str, object]) -> ReportedRecipient:
    return ReportedRecipient(
        address=address,
        action=str(row.get("action") or "failed")[:12],
        status=str(row.get("status") or "")[:11],
        diagnostic=str(row.get("diagnosticCode") or "")[:2_000],
    )


def _object(text: str) -> dict[str, object] | None:
    try:
        data, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _rows(section: object, key: str) -> list[tuple[str, dict[str, object]]]:
    listed = section.get(key) if isinstance(section, dict) else None
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [
        (bare_address(str(row["emailAddress"])), row)
        for row in rows[:_MAX_RECIPIENTS]
        if row.get("emailAddress")
    ]
