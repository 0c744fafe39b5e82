"""RFC 3464 fields that a server wrote into its words instead of a part of their own."""

import re
from typing import Final

from bounces.parsers.delivery_status import recipients_of_fields
from bounces.parsers.mime import Part
from bounces.parsers.model import ReportedRecipient

_START: Final = re.compile(
    r"^[ \t]*(?:Reporting-MTA|Final-Recipient|Original-Recipient|Action)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FAILED: Final = re.compile(r"^[ \t]*Action[ \t]*:[ \t]*failed\b", re.IGNORECASE | re.MULTILINE)


def has_failed_fields(text: str) -> bool:
    return bool(_FAILED.search(text)) and bool(_START.search(text))


def quoted_recipients(text: str) -> list[ReportedRecipient]:
    """Return the recipients of such fields, or nothing."""
    start = _START.search(text)
    if start is None or "recipient" not in text[start.start() :].lower():
        return []
    fields = re.sub(r"(?m)^[ \t]+(?=[A-Za-z-]{3,30}:)", "", text[start.start() :])
    part = Part((), "message/delivery-status", {}, fields.encode("utf-8", "replace"), False)
    return recipients_of_fields([part])
