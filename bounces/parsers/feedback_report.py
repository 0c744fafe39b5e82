"""Complaints in the Abuse Reporting Format: RFC 5965. A redacted report (RFC 6590) has no address, but our token."""

from bounces.parsers.mime import Mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.report_fields import Fields, field_groups, typed_address
from bounces.parsers.returned_message import original_headers


def parse_feedback_report(mail: Mail) -> Parsed | None:
    part = next(mail.own_parts("message/feedback-report"), None)
    if part is None:
        return None
    fields: Fields = {}
    for group in field_groups(part):  # a blank line inside the report is a common mistake
        fields = group | fields
    address = typed_address(fields.get("original-rcpt-to", fields.get("redacted-address", "")))
    recipients = (ReportedRecipient(address, address, "complaint"),) if "@" in address else ()
    return Parsed(
        kind=MailKind.ARF,
        recipients=recipients,
        original_headers=original_headers(mail),
        feedback_type=fields.get("feedback-type", "abuse").strip().lower()[:40],
    )
