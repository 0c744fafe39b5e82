"""Delivery status notifications: RFC 3464, and RFC 6533 for addresses in UTF-8.

The report must be the mail's own: one that somebody forwards as an attachment says nothing about us.
"""

import re
from collections.abc import Sequence
from typing import Final

from bounces.parsers.mime import Mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.report_fields import Fields, field_groups, typed_address, typed_text
from bounces.parsers.returned_message import original_headers

_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ACTIONS: Final = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_ACTION_OF_DIGIT: Final = {"5": "failed", "4": "delayed", "2": "delivered"}


def parse_delivery_status(mail: Mail) -> Parsed | None:
    """Return what the report says, or None where there is none."""
    parts = list(mail.own_parts(*_TYPES))
    if not parts:
        return None
    recipients = tuple(
        _recipient(fields)
        for part in parts
        for fields in field_groups(part)
        if _is_recipient(fields)
    )
    return Parsed(
        kind=_kind(recipients), recipients=recipients, original_headers=original_headers(mail)
    )


def _is_recipient(fields: Fields) -> bool:
    """A group about a recipient, in contrast to the first one about the message (RFC 3464 §2.2)."""
    return bool({"final-recipient", "original-recipient", "action"} & fields.keys())


def _recipient(fields: Fields) -> ReportedRecipient:
    diagnostic = typed_text(fields.get("diagnostic-code", ""))
    status = _STATUS.search(fields.get("status", ""))
    return ReportedRecipient(
        address=typed_address(fields.get("final-recipient", fields.get("original-recipient", ""))),
        original=typed_address(fields.get("original-recipient", "")),
        action=_action(fields, status[0] if status else ""),
        status=status[0] if status else "",
        diagnostic=diagnostic,
        remote_mta=typed_text(fields.get("remote-mta", ""))[:253],
    )


def _action(fields: Fields, status: str) -> str:
    """Return the Action field, or what the status implies: some servers leave it out or write it differently."""
    word = re.match(r"[a-z]*", fields.get("action", "").strip().lower())
    if word and word[0] in _ACTIONS:
        return word[0]
    return _ACTION_OF_DIGIT.get(status[:1], "failed")


def _kind(recipients: Sequence[ReportedRecipient]) -> MailKind:
    actions = {recipient.action for recipient in recipients}
    if "failed" in actions or not actions:
        return MailKind.DSN
    return MailKind.DELAY_WARNING if "delayed" in actions else MailKind.DSN_SUCCESS
