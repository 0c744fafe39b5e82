"""Delivery status notifications: RFC 3464, and RFC 6533 for addresses in UTF-8.

The report must be the mail's own: one that somebody forwards as an attachment says nothing about us.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bounces.parsers.mime import Mail, Part
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.quoted_reply import quoted_stage
from bounces.parsers.report_fields import Fields, field_groups, typed_address, typed_text
from bounces.parsers.returned_message import original_headers

REPORT_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ACTION_OF_DIGIT: Final = {"5": "failed", "4": "delayed", "2": "delivered"}
# Words that other implementations use: (how it begins, what RFC 3464 §2.3.3 calls it).
_OTHER_WORDS: Final = (
    ("fail", "failed"),
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "relayed"),
    ("expand", "expanded"),
)
# In order of trust; the X- fields are Sendmail's and Apple's.
_FINAL: Final = (
    "final-recipient",
    "x-actual-recipient",
    "original-recipient",
    "x-original-recipient",
)
_ORIGINAL: Final = ("original-recipient", "x-original-recipient", "final-recipient")
_LEADS: Final = frozenset({"final-recipient", "original-recipient", "action"})
_MAX_RECIPIENTS: Final = 200


def parse_delivery_status(mail: Mail) -> Parsed | None:
    """Return what the report says, or None where there is none."""
    parts = list(mail.own_parts(*REPORT_TYPES))
    if not parts:
        return None
    recipients = recipients_of_fields(parts)
    return Parsed(
        kind=_kind(recipients),
        recipients=tuple(recipients),
        original_headers=original_headers(mail),
    )


def recipients_of_fields(parts: Iterable[Part]) -> list[ReportedRecipient]:
    """Return the recipients of a report's parts; several groups about one address are one entry."""
    found: dict[tuple[str, str], ReportedRecipient] = {}
    groups = (
        fields
        for part in parts
        for fields in field_groups(part, leads=_LEADS)
        if _is_recipient(fields)
    )
    for fields in groups:
        recipient = _recipient(fields)
        key = (recipient.address.lower(), recipient.action)
        if key not in found or (recipient.diagnostic and not found[key].diagnostic):
            found[key] = recipient
        if len(found) >= _MAX_RECIPIENTS:
            break
    return list(found.values())


def _is_recipient(fields: Fields) -> bool:
    """A group about a recipient, in contrast to the first one about the message (RFC 3464 §2.2)."""
    return bool(
        {"final-recipient", "original-recipient", "action", "x-actual-recipient"} & fields.keys()
    )


def _recipient(fields: Fields) -> ReportedRecipient:
    diagnostic = typed_text(fields.get("diagnostic-code", ""))
    comment = re.search(r"\(([^()]{3,200})\)", fields.get("status", ""))
    if not diagnostic and comment:  # "4.0.0 (host name lookup failure)"
        diagnostic = comment[1]
    status = _STATUS.search(fields.get("status", ""))
    address, original = _address(fields, _FINAL), _address(fields, _ORIGINAL)
    stage = quoted_stage(diagnostic)
    return ReportedRecipient(
        address=address,
        original=original
        if original.lower() != address.lower() or "original-recipient" in fields
        else "",
        action=_action(fields, status[0] if status else ""),
        status=status[0] if status else "",
        diagnostic=diagnostic,
        remote_mta=typed_text(fields.get("remote-mta", ""))[:253],
        stage=stage.value if stage else "",
    )


def _address(fields: Fields, names: Sequence[str]) -> str:
    """Return the first that is an address; a local user's name or a pipe only where there is nothing else."""
    values = [typed_address(fields[name]) for name in names if name in fields]
    return next(
        (value for value in values if "@" in value and "|" not in value),
        values[0] if values else "",
    )


def _action(fields: Fields, status: str) -> str:
    """Return the Action field, or what the status implies: some servers leave it out or write it differently."""
    word = fields.get("action", "").strip().lower()
    known = next((name for start, name in _OTHER_WORDS if word.startswith(start)), "")
    return known or _ACTION_OF_DIGIT.get(status[:1], "failed")


def _kind(recipients: Sequence[ReportedRecipient]) -> MailKind:
    actions = {recipient.action for recipient in recipients}
    if "failed" in actions or not actions:
        return MailKind.DSN
    return MailKind.DELAY_WARNING if "delayed" in actions else MailKind.DSN_SUCCESS
