"""A machine-readable report and the words beside it, read together.

The fields lead. The words help where the fields name nobody, name a file or a pipe instead of an address, or give no
reason.
"""

from dataclasses import replace

from bounces.parsers.delivery_status import REPORT_TYPES, parse_delivery_status
from bounces.parsers.mime import Mail
from bounces.parsers.model import Parsed, ReportedRecipient
from bounces.parsers.report_text import ReportText, report_text
from bounces.parsers.reporter import Reporter, reporter_of
from bounces.parsers.text_recipients import nameless, text_recipients, words_about


def parse_full_report(mail: Mail) -> Parsed | None:
    report = parse_delivery_status(mail)
    if report is None:
        inner = _wrapped(mail)
        return parse_full_report(inner) if inner is not None else None
    words = report_text(mail)
    is_single = len(report.recipients) <= 1
    if not any(_is_address(r.address) for r in report.recipients):
        found = text_recipients(words)
        report = replace(report, recipients=_merged(words, report.recipients, found))
    return replace(
        report, recipients=tuple(_with_words(words, r, is_single) for r in report.recipients)
    )


def _merged(
    words: ReportText, fields: tuple[ReportedRecipient, ...], found: list[ReportedRecipient]
) -> tuple[ReportedRecipient, ...]:
    """The address from the words, everything else from the fields if there are any."""
    if not fields:
        return tuple(replace(r, action=r.action or "failed") for r in found or [nameless(words)])
    if len(found) != len(fields):
        found = found[:1] * len(fields)
    return (
        tuple(
            replace(
                f, address=r.address, original=r.original, diagnostic=f.diagnostic or r.diagnostic
            )
            for f, r in zip(fields, found, strict=False)
        )
        or fields
    )


def _with_words(
    words: ReportText, recipient: ReportedRecipient, is_single: bool
) -> ReportedRecipient:
    said = " ".join(words.words.split()) if is_single else words_about(words, recipient.address)
    return replace(recipient, context=said[:2_000])


def _is_address(address: str) -> bool:
    return "@" in address and not address.startswith(("|", "/")) and " " not in address


def _wrapped(mail: Mail) -> Mail | None:
    """A mail server's report that a filter on the way wrapped into another mail of that server."""
    if reporter_of(mail) is not Reporter.SERVER:
        return None
    inner = [replace(p, is_embedded=False) for p in mail.parts if p.is_embedded]
    has_report = any(p.content_type in REPORT_TYPES for p in inner)
    return (
        Mail(mail.headers, mail.root_type, mail.parameters, inner, mail.problem)
        if has_report
        else None
    )
