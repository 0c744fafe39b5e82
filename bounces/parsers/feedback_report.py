"""Complaints: the Abuse Reporting Format of RFC 5965, and Microsoft's JMRP, which sends no report part.

A redacted report (RFC 6590) has no address, but our token. Reports about failed authentication (RFC 6591) come in the
same format and are complaints about nobody.
"""

import re
from typing import Final

from bounces.parsers.addresses import ADDRESS_PATTERN
from bounces.parsers.mime import Headers, Mail, decode_words
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.report_fields import Fields, bare_address, field_groups, typed_address
from bounces.parsers.returned_message import original_headers

_REPORT: Final = "message/feedback-report"
# Who was written to, in order of trust. The X- fields are Microsoft's, in the returned message.
_IN_REPORT: Final = (
    "original-rcpt-to",
    "removal-recipient",
    "redacted-address",
    "x-original-rcpt-to",
)
_IN_MESSAGE: Final = ("x-hmxmroriginalrecipient", "to", "x-original-to", "delivered-to")
_JMRP_SUBJECT: Final = re.compile(r"\s*complaint about message from\b", re.IGNORECASE)
_FOR: Final = re.compile(r"\bfor\s+<?([^\s<>;@]{1,64}@[\w.-]{1,253})>?\s*;")
_MAX_RECIPIENTS: Final = 100


def parse_feedback_report(mail: Mail) -> Parsed | None:
    returned = original_headers(mail)
    part = next(mail.own_parts(_REPORT), None)
    if part is not None:
        groups = field_groups(part)  # a blank line inside the report is a common mistake
    elif _is_jmrp(mail, returned):
        groups = []
    else:
        return None
    fields: Fields = {}
    for group in groups:
        fields = group | fields
    return Parsed(
        kind=MailKind.ARF,
        recipients=tuple(
            ReportedRecipient(address, address, "complaint")
            for address in _in_report(part.content().decode("utf-8", "replace") if part else "")
            or _in_message(returned)
        ),
        original_headers=returned,
        feedback_type=(fields.get("feedback-type") or "abuse").strip().lower()[:40],
    )


def _is_jmrp(mail: Mail, returned: Headers) -> bool:
    has_mark = any(key == "x-hmxmroriginalrecipient" for key, _ in returned)
    return bool(returned) and (
        has_mark or bool(_JMRP_SUBJECT.match(decode_words(mail.header("subject"))))
    )


def _in_report(report: str) -> list[str]:
    """Every address of the first field that has one: a field may be repeated (RFC 5965 §3.2)."""
    for name in _IN_REPORT:
        values = re.findall(rf"(?im)^{name}[ \t]*:[ \t]*(\S[^\n]*)", report)
        found = [typed_address(value) for value in values if "@" in value]
        if found:
            return list(dict.fromkeys(found))[:_MAX_RECIPIENTS]
    return []


def _in_message(returned: Headers) -> list[str]:
    """Whom the reported message was for: only when that is a single address."""
    for name in _IN_MESSAGE:
        found = {
            bare_address(m[1])
            for k, v in returned
            if k == name
            for m in ADDRESS_PATTERN.finditer(v[:2_000])
        }
        if found:
            return sorted(found) if len(found) == 1 else []
    hops = [m[1] for key, value in returned if key == "received" for m in _FOR.finditer(value)]
    return hops[:1]
