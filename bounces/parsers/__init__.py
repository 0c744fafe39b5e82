"""Reads mail that came back. Bytes in, facts out; any input whatever, within fixed bounds of time and memory.

A format is a function `Mail -> Parsed | None` in a file of its own; they are asked in the order below, the strict and
machine-readable ones first. The first that knows the mail answers.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bounces.parsers.auto_reply import parse_auto_reply
from bounces.parsers.disposition import parse_disposition
from bounces.parsers.feedback_report import parse_feedback_report
from bounces.parsers.full_report import parse_full_report
from bounces.parsers.mime import Mail, decode_words, read_mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.report_fields import typed_address
from bounces.parsers.returned_message import original_headers
from bounces.parsers.ses_notification import parse_ses_notification
from bounces.parsers.text_bounce import parse_text_bounce

__all__ = ["MailKind", "Parsed", "ReportedRecipient", "parse"]

MANY, MOST, SHORT = 5, 50, 300  # recipients, recipients, characters

FORMATS: Final[tuple[Callable[[Mail], Parsed | None], ...]] = (
    parse_feedback_report,
    parse_full_report,
    parse_disposition,
    parse_ses_notification,
    parse_auto_reply,
    parse_text_bounce,
)


def parse(raw: bytes) -> Parsed:
    """Return what the mail is. Never raises; what could not be read is named in `problem`."""
    mail = read_mail(raw)
    found = next(
        (parsed for parsed in (known(mail) for known in FORMATS) if parsed is not None), None
    )
    if found is None:
        found = Parsed(MailKind.NOT_A_BOUNCE, original_headers=original_headers(mail))
    return replace(
        found,
        recipients=_bounded(found.recipients),
        subject=decode_words(mail.header("subject"))[:400],
        sender=typed_address(decode_words(mail.header("from"))),
        problem=mail.problem,
    )


def _bounded(recipients: tuple[ReportedRecipient, ...]) -> tuple[ReportedRecipient, ...]:
    """We write to one person a message: of a report about a crowd the beginnings will do, or judging takes long."""
    if len(recipients) <= MANY:
        return recipients
    return tuple(replace(r, diagnostic=r.diagnostic[:SHORT], context="") for r in recipients[:MOST])
